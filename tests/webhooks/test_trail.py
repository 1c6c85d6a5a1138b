"""What happened on a ticket, line by line: every step has words of ours, and the name of whoever took it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

import agent
from agent.consent.trail import KINDS
from agent.policy import load
from tests.journeys.office import POLICY, execute
from tests.webhooks.opened import KIM, LEO, OpenOffice
from tests.webhooks.situations import looked_at

AGENT = Path(agent.__file__).parent
ON_TICKETS = ("ticket.", "wait.", "undo.", "operation.", "refund.")
OPERATIONS = {f"operation.{state}" for state in (
    "planned", "sent", "done", "rejected", "dropped", "unknown", "held", "undone", "fell_through")}
"""The audit's kind is made of the state (`agent.ledger`)."""


def written() -> Iterator[str]:
    """Every text in the agent's source that reads as a kind of the audit's rows about a ticket."""
    for file in AGENT.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " not in node.value and \
                    node.value.startswith(ON_TICKETS) and file.name != "trail.py":
                yield node.value


def test_every_step_that_is_written_about_a_ticket_has_words() -> None:
    found = {kind for kind in written() if kind not in ON_TICKETS}
    assert {"wait.changed", "wait.approved", "ticket.given_back", "undo.asked", "refund.changed"} <= found
    assert (found | OPERATIONS) - KINDS.keys() == set()


@pytest.fixture
def office(engine: Engine) -> OpenOffice:
    return OpenOffice(engine)


def test_who_pressed_on_what_had_changed_is_named_also_when_somebody_else_approves_later(office: OpenOffice) -> None:
    office.unproven()
    seat = office.seat(KIM)
    office.policy = load(execute(POLICY).replace("then: approve by agent", "then: approve by lead"))
    assert seat.approve().get_json()["name"] == "changed"
    office.run()
    assert office.seat(LEO).approve().status_code == 200
    office.run()
    words = [one["words"] for one in office.seat().state()["trail"]]
    assert [line for line in words if "Kim" in line or "Leo" in line] == [
        "Kim wanted to approve it, and something had changed since it was shown", "Leo approved it"]


def test_what_a_person_looked_for_and_did_not_find_is_not_called_refused_by_the_vendor(office: OpenOffice) -> None:
    looked_at(office)
    words = [one["words"] for one in office.seat().state()["trail"]]
    assert [line for line in words if "Ana" in line] == ["Ana looked at the vendor: the refund was not made"]
    assert not any("efused by the vendor" in line for line in words)
