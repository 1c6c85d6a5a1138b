"""Deciding past tickets again comes out as deciding them live did."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine, text

from agent.planner import RulesPlanner
from agent.report.making import past_report
from agent.report.past import PastTickets
from tests.agent.report.things import DAY
from tests.journeys.office import AGENT, DANA, ERIN, Office

Decided = dict[str, tuple[str, str | None, tuple[str, ...]]]
WORDS = {(True, False, None): "done", (True, True, None): "confirm"}


def live(office: Office) -> Decided:
    """What was decided when each ticket came in, as the ledger has it."""
    with office.engine.begin() as c:
        rows = c.execute(text("select t.ref, d.outcome, d.confirm, d.approve_by, d.rules from decisions d "
                              "join tickets t on t.id = d.ticket_id order by d.id desc"))
        return {row.ref: (_would(row), row.approve_by, tuple(sorted(hit["id"] for hit in row.rules))) for row in rows}


def _would(row: Any) -> str:
    if row.outcome != "go_ahead":
        return "refused" if row.outcome == "refuse" else "handed_over"
    return WORDS.get((True, row.confirm, row.approve_by)) or ("confirm_and_approve" if row.confirm else "approve")


def replayed(office: Office) -> Decided:
    reading = PastTickets(office.desk, office.clock() - 20 * DAY, office.clock())
    refs = reading.refs()
    list(reading.read_all(refs))
    with office.engine.begin() as c:
        report = past_report(c, reading, office.policy, "", of=len(refs))
    return {line.ref: (str(line.would), line.approve_by, line.rules) for line in report.lines}


def several_of_one_customer(office: Office) -> None:
    for order in range(4):
        _twice(office, f"10{order}")


def several_one_by_one(office: Office) -> None:
    """Each is solved by a colleague before the next one comes in."""
    for order in range(4):
        ticket = _twice(office, f"10{order}")
        office.happens("zendesk", "agent_sets", ticket=ticket, agent=AGENT, assignee=AGENT)
        office.happens("zendesk", "agent_sets", ticket=ticket, agent=AGENT, status="solved")
        office.event(ticket)
        office.settle(hours=1)


def another_ticket_about_the_same_charge(office: Office) -> None:
    _twice(office, "1042")
    _twice(office, "2000", email=ERIN)
    office.clock.forward(days=2)
    office.handle("I was charged twice for order 1042, please refund the second one.")
    office.settle(hours=1)


def new_details_and_then_money(office: Office) -> None:
    office.handle("Please change my phone number to +49 30 7654321.")
    office.settle(hours=1)
    office.clock.forward(days=3)
    _twice(office, "1042")


def _twice(office: Office, order: str, email: str = DANA) -> int:
    office.charge(1800, email=email, ago="-2h", order=order)
    office.charge(1800, email=email, ago="-110m", order=order)
    ticket = office.handle(f"I was charged twice for order {order}, please refund the second one.", email=email)
    office.settle(hours=1)
    office.clock.forward(minutes=20)
    return ticket


@pytest.mark.parametrize("happens", [several_of_one_customer, several_one_by_one, another_ticket_about_the_same_charge,
                                     new_details_and_then_money])
def test_past_tickets_are_decided_as_they_were_live(engine: Engine, happens: Callable[[Office], None]) -> None:
    office = Office(engine, planner=RulesPlanner())
    happens(office)
    office.clock.forward(days=1)
    decided = live(office)
    assert len(decided) >= 2
    assert any(would == "done" for would, _, _ in decided.values())
    again = replayed(office)
    assert {ref: again[ref][:2] for ref in decided} == {ref: one[:2] for ref, one in decided.items()}
    assert {would for ref, (would, _, _) in again.items() if ref not in decided} <= {"handed_over"}
    for ref, (_, _, rules) in decided.items():
        assert set(again[ref][2]) <= set(rules), ref
