"""`deskhand catchup` from the shell, against the sandbox over loopback."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import Result

from agent.database import Database
from connectors.standin import Json
from scripts.control import AskedFault
from scripts.sandbox import Sandbox, settings
from tests.scripts.test_cli import SECRET, run
from tests.scripts.test_report import WORLD

__all__ = ["run"]

TICKETS = [{"email": "ana@customer.example", "subject": "Charged twice", "created_at": when,
            "body": "I was charged twice for order 1042."} for when in ("-8d", "-3h", "-2h")]
MISSED: dict[str, Any] = {**WORLD, "zendesk": {**WORLD["zendesk"], "tickets": TICKETS}}
Catchup = Callable[..., Result]


@pytest.fixture
def world() -> Json:
    return MISSED


@pytest.fixture
def catchup(run: Callable[..., Result], sandbox: Sandbox, database: Database) -> Catchup:
    told = {name: value for name, value in settings(sandbox.url, MISSED).items() if not name.startswith("OPENAI")}
    told |= {"DESKHAND_SECRET_KEY": SECRET, "DESKHAND_DATABASE_URL": database.url}
    return lambda *arguments: run("catchup", *arguments, **told)


def counts(said: Result) -> dict[str, int]:
    tickets: dict[str, Any] = json.loads(said.stdout)["tickets"]
    return {name: tickets[name] for name in ("looked", "woken", "known")}


def test_what_was_missed_is_counted_first_then_woken_once(catchup: Catchup) -> None:
    assert counts(catchup("--since", "1d", "--dry-run", "--json")) == {"looked": 2, "woken": 2, "known": 0}
    said = catchup("--since", "1d")
    assert said.exit_code == 0
    assert "woke 2, 0 were known already, 0 are not Deskhand's." in said.stdout
    assert counts(catchup("--since", "1d", "--json")) == {"looked": 2, "woken": 0, "known": 2}


def test_what_is_too_old_is_named_and_left_to_people(catchup: Catchup) -> None:
    said = catchup("--since", "30d")
    assert said.exit_code == 0
    assert "Left to people, because the message is older than 7 days:" in said.stdout
    assert "/agent/tickets/1" in said.stdout


def test_a_key_that_may_not_export_is_told_with_its_mend(catchup: Catchup, sandbox: Sandbox) -> None:
    sandbox.control.fault(AskedFault(vendor="zendesk", kind="403", method="GET", path="incremental"))
    said = catchup("--since", "1d")
    assert said.exit_code == 1
    assert "Zendesk lets its export be read by admins only" in said.stdout


@pytest.mark.parametrize(("told", "words"), [
    ("soon", "write days, as in 30d"), ("2026-11-20T10:00", "write a time with its zone, as in 2026-11-01T10:00Z"),
    ("2199-01-01", "is still to come"), ("2199-01-01T10:00Z", "is still to come")])
def test_a_time_that_cannot_be_meant_is_refused(catchup: Catchup, told: str, words: str) -> None:
    said = catchup("--since", told)
    assert said.exit_code == 2
    assert words in " ".join(said.output.split())
