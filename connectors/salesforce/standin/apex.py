"""The package's Apex actions ("Invocable Actions Custom"): the hourly sweep on and off, and the test call."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from connectors.salesforce.standin.asking import GONE, Asked, error
from connectors.salesforce.standin.components import schedule, unschedule
from connectors.salesforce.standin.org import Json, Org
from connectors.standin import Answer

SWITCH, TEST = "DeskhandSweepSwitch", "DeskhandTestCall"


def custom(org: Org, asked: Asked, rest: list[str], now: datetime) -> Answer:
    """One action of the package, where its Apex is in the org."""
    name = rest[-1] if rest else ""
    if rest[:1] != ["apex"] or name not in (SWITCH, TEST) or org.package is None or not org.package.get("triggers"):
        return error(404, "NOT_FOUND", GONE)
    inputs: list[Json] = asked.body.get("inputs") or [{}]
    return Answer.of(200, [_run(org, asked, name, one, now) for one in inputs])


def _run(org: Org, asked: Asked, name: str, given: Json, now: datetime) -> Json:
    if name == SWITCH:
        wanted = given.get("wanted")
        if wanted == "on":
            schedule(org, asked.user, now)
        elif wanted == "off":
            unschedule(org)
        return _outcome(name, {"output": wanted if wanted in ("on", "off") else None})
    return _outcome(name, org.desk.get("test_call", {"status": 200, "problem": None}))


def _outcome(name: str, values: Any) -> Json:
    return {"actionName": name, "errors": None, "invocationId": None, "isSuccess": True, "outcome": None,
            "outputValues": values, "sortOrder": -1, "version": 1}
