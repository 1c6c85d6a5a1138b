"""The demo's installation: database, sandbox and Deskhand as real processes, in a folder that goes when they go."""

from __future__ import annotations

import base64
import json
import secrets
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import requests
from sqlalchemy import text

from agent.database import Database, open_database
from connectors.standin import Call
from scripts.control import longest_chain
from scripts.homes import HOMES, Home, Seat
from scripts.processes import Process, free_port, wait_for
from scripts.sandbox import settings, world

Json = dict[str, Any]

LATENCY = 0.1
"""Seconds each vendor takes to answer, so that calls made side by side are seen to be."""
TOKENS = "oauth2/token"


@dataclass(frozen=True)
class Counted:
    """Calls for one ticket up to its last write; tokens, other tickets and our own update's echo do not count."""

    vendors: int
    one_after_the_other: int
    model: int
    seconds: float
    """From the first call's beginning to the last one's end."""

    @classmethod
    def of(cls, calls: list[Call], ticket: str, home: Home) -> Counted:
        mine = [call for call in _without_tokens(calls) if home.is_about(call, ticket)]
        writes = [call.ended for call in mine if call.vendor == home.vendor and call.method != "GET"]
        until = max(writes, default=float("inf"))
        inside = [call for call in mine if call.began <= until]
        vendors = [call for call in inside if call.vendor != "openai"]
        return cls(len(vendors), longest_chain(vendors), len(inside) - len(vendors),
                   max(call.ended for call in inside) - min(call.began for call in inside) if inside else 0.0)


@dataclass(frozen=True)
class Seen:
    """What became of a ticket, and what it took."""

    ref: str
    outcome: str
    why: str
    rules: list[str]
    calls: Counted


class Office:
    """One installation. `open` may fail half way: `close` ends whatever there is."""

    def __init__(self, without: tuple[str, ...] = (), helpdesk: str = "zendesk") -> None:
        """`without`: vendors whose settings are left out, by how their variables begin."""
        self.without = without
        self.home = HOMES[helpdesk]()
        self.folder = Path(tempfile.mkdtemp(prefix="deskhand-demo-"))
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.sandbox_url = ""
        self.database: Database | None = None
        self._secret = base64.b64encode(secrets.token_bytes(32)).decode()
        self._http = requests.Session()
        self._http.trust_env = False
        self._sandbox = Process("sandbox", ["sandbox", "--port", "0", "--json", "--world", "world.json"],
                                self.folder, {})
        self.app = Process("deskhand", ["serve", "--port", str(self.port)], self.folder, {})

    def open(self) -> None:
        """Starts everything and returns when Deskhand is ready. Raises DidNotStart or DatabaseError."""
        (self.folder / "world.json").write_text(json.dumps(self._world()))
        self._sandbox.start()
        self.database = open_database(None, self.folder / "var", application="deskhand demo")
        self.sandbox_url = self._sandbox.until(self._sandbox_says)
        self.control("latency", {"seconds": LATENCY})
        self.app.environment = self.environment()
        (self.folder / "settings.env").write_text("".join(
            f"export {name}='{value}'\n" for name, value in self.app.environment.items()))
        Process("publish", ["policy", "publish", "--by", "Demo admin"], self.folder,
                self.app.environment).to_its_end()
        self.start_app()
        wait_for("the first look for what no event told", self._caught_up, 40)

    def start_app(self) -> None:
        self.app.start()
        self.app.until(self._ready)

    def close(self) -> None:
        self._http.close()
        self.app.stop()
        self._sandbox.stop()
        if self.database is not None:
            self.database.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _world(self) -> Json:
        made = world()
        self.home.prepare(made, self.url, self._secret)
        for endpoint in made["stripe"]["webhook_endpoints"]:
            endpoint |= {"url": f"{self.url}/webhooks/stripe", "secret": f"whsec_{self._secret}"}
        return made

    def _sandbox_says(self) -> str | None:
        lines = self._sandbox.log.read_text().splitlines()
        return next((str(json.loads(line)["url"]) for line in lines if line.startswith('{"ready"')), None)

    def _ready(self) -> bool | None:
        try:
            return True if self._http.get(f"{self.url}/readyz", timeout=5).status_code == 200 else None
        except requests.RequestException:
            return None

    def environment(self) -> Mapping[str, str]:
        """The settings of an installation that talks to the sandbox; nothing in Deskhand knows that it does."""
        if self.database is None:
            raise RuntimeError("the database comes first")
        (self.folder / "deskhand.toml").write_text(self.home.roles)
        (self.folder / "policy").mkdir(exist_ok=True)
        shipped = (files("manifests") / "policy" / "policy.yaml").read_text()
        (self.folder / "policy" / "policy.yaml").write_text(shipped.replace("mode: shadow", "mode: execute"))
        said = {
            "DESKHAND_DATA": str(self.folder / "var"), "DESKHAND_CONFIG": str(self.folder / "deskhand.toml"),
            "DESKHAND_DATABASE_URL": self.database.url, "DESKHAND_SECRET_KEY": secrets.token_urlsafe(36),
            "DESKHAND_POLICY": str(self.folder / "policy"), "DESKHAND_PUBLIC_URL": self.url,
            **self.home.settings(self.control, settings(self.sandbox_url, self._world())),
        }
        return {name: value for name, value in said.items() if name.split("_")[0] not in self.without}

    def control(self, name: str, body: Any) -> Json:
        answered = self._http.post(f"{self.sandbox_url}/_control/{name}", json=body, timeout=30)
        answered.raise_for_status()
        done: Json = answered.json()
        return done

    def writes(self, email: str, subject: str, body: str) -> str:
        """A customer's mail becomes a ticket; returns its id."""
        told = {"email": email, "subject": subject, "body": body}
        return str(self.control(f"{self.home.vendor}/customer_writes", told)["ticket"])

    def answers(self, email: str, ticket: str, body: str) -> None:
        """The customer answers on the ticket."""
        self.control(f"{self.home.vendor}/customer_writes", {"email": email, "body": body, "ticket": ticket})

    def sidebar(self, email: str, ticket: str) -> Seat:
        """A colleague opens the ticket, and Deskhand beside it."""
        return self.home.seat(self._http, self.url, self.control, email, ticket)

    def books(self) -> Json:
        books: Json = self._http.get(f"{self.sandbox_url}/_control/books", timeout=30).json()
        return books

    def calls(self) -> list[Call]:
        told = self._http.get(f"{self.sandbox_url}/_control/calls", timeout=30).json()
        return [Call(**call) for call in told["calls"]]

    def look(self, ticket: str, since: int, seconds: float = 40) -> Seen:
        """What became of the ticket, once Deskhand is done with it; `since`: how many calls there were before."""
        ref = self.home.ref(ticket)
        row = wait_for(f"the end of ticket {ticket}", lambda: self._ended(ref), seconds)
        wait_for("a quiet moment", self._quiet, seconds, every=0.1)
        return Seen(ref, row.state, row.why, self._rules(row.id), Counted.of(self.calls()[since:], ticket, self.home))

    def _query(self, sql: str, **values: Any) -> list[Any]:
        if self.database is None:
            return []
        with self.database.engine.connect() as connection:
            return list(connection.execute(text(sql), values))

    def _ended(self, ref: str) -> Any:
        rows = self._query("select id, state, why from tickets where ref = :ref and wanted = served and attempts = 0 "
                           "and state not in ('new', 'acting')", ref=ref)
        return rows[0] if rows else None

    def _caught_up(self) -> bool | None:
        """So that its calls are not counted among those of a ticket."""
        return bool(self._query("select 1 from catchups where name like :vendor and ended_at is not null",
                                vendor=f"{self.home.vendor}:%")) or None

    def _quiet(self) -> bool | None:
        """No ticket is due and no wake is being run."""
        busy = self._query("select 1 from tickets where wanted > served union all select 1 from procrastinate_jobs "
                           "where status = 'doing' or status = 'todo' and coalesce(scheduled_at, now()) <= now()")
        return None if busy else True

    def _rules(self, ticket: int) -> list[str]:
        rows = self._query("select rules from decisions where ticket_id = :id order by id", id=ticket)
        return list(dict.fromkeys(rule["id"] for row in rows for rule in row.rules))


def _without_tokens(calls: list[Call]) -> list[Call]:
    """A call that waited for its token began when the token was asked for."""
    kept: list[Call] = []
    asked: dict[str, float] = {}
    for call in calls:
        if TOKENS in call.path:
            asked[call.vendor] = call.began
        else:
            kept.append(replace(call, began=asked.pop(call.vendor, call.began)))
    return kept
