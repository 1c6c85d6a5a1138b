"""The one place where things are put together: connectors, ledger, planner, policy, doors."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Flask, Response, jsonify
from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from agent.desk import Choices, Desk, Threads, Together
from agent.ledger import Ledger
from agent.policy import Policy
from agent.proposal import Planner
from agent.vault import Vault
from connectors.contract import Surroundings

log = logging.getLogger("deskhand.app")

LARGEST_BODY = 256 * 1024


def build_desk(connected: Mapping[str, Any], roles: Mapping[str, str], engine: Engine, vault: Vault,
               planner: Planner, policy: Callable[[], Policy | None], choices: Choices, around: Surroundings,
               together: Together | None = None) -> Desk:
    """The desk over connectors by vendor name; `roles` says which role each plays."""
    def having(role: str) -> dict[str, Any]:
        return {name: one for name, one in connected.items() if roles[name] == role}

    payments = next(iter(having("payments").values()), None)
    records = next(iter(having("records").values()), None)
    return Desk(ledger=Ledger(engine, vault), helpdesks=having("helpdesk"), payments=payments, records=records,
                planner=planner, policy=policy, choices=choices, now=around.now, sleep=around.sleep,
                together=together or Threads())


@dataclass(frozen=True)
class Health:
    """What `/readyz` asks."""

    engine: Engine
    worker: Callable[[], str]
    policy: Callable[[], Policy | None]
    missing: tuple[str, ...] = ()

    def problems(self) -> list[str]:
        found = [f"{name} is not configured" for name in self.missing]
        try:
            with self.engine.connect() as connection:
                connection.execute(text("select 1"))
        except SQLAlchemyError as error:
            found.append(f"the database cannot be reached: {type(error).__name__}")
        if (state := self.worker()) != "running":
            found.append(f"the worker is {state}")
        if self.policy() is None:
            found.append("no policy is in force: everything is handed to a person")
        return found


def create_app(health: Health, doors: tuple[Any, ...] = ()) -> Flask:
    """The Flask application: the vendors' doors, and what operations ask."""
    app = Flask("deskhand", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    for door in doors:
        app.register_blueprint(door)

    @app.get("/healthz")
    def healthz() -> Response:
        return jsonify(ok=True)

    @app.get("/readyz")
    def readyz() -> tuple[Response, int]:
        problems = health.problems()
        return jsonify(ready=not problems, problems=problems), 200 if not problems else 503

    @app.after_request
    def careful(response: Response) -> Response:
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    return app
