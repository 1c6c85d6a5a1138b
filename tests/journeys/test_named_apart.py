"""What is told is told once, and another thing is told as well: no note or reply is taken for an earlier one."""

from __future__ import annotations

from typing import Any

import pytest

from agent.consent import taking_over
from tests.journeys.conftest import on_both
from tests.journeys.office import AGENT as AGENT_MAIL
from tests.journeys.office import Office
from tests.journeys.test_consent import AGENT, asks

WHERE = {"actions": [{"kind": "status_answer", "charge": "c1", "quote": "where is my money"}]}


@on_both
def test_where_the_money_is_is_answered_as_often_as_it_is_asked(office: Office) -> None:
    charge = office.charge(3000)
    office.happens("stripe", "dashboard_refund", charge=charge, amount=1000)
    office.planner.always = lambda case: WHERE  # type: ignore[attr-defined]
    ticket = office.handle("Where is my money?")
    assert "USD 10.00" in office.replies(ticket)[-1]
    office.clock.forward(days=2)
    office.happens("stripe", "dashboard_refund", charge=charge, amount=500)
    office.customer_answers(ticket, "And where is my money now?")
    assert len(office.replies(ticket)) == 2
    assert "USD 5.00" in office.replies(ticket)[-1]
    assert len(office.notes(ticket)) == 2


@on_both
def test_another_request_that_needs_a_person_for_the_same_reason_is_handed_over_again(office: Office) -> None:
    office.planner.always = lambda case: {"unsure": "No charge carries the order number given."}  # type: ignore[attr-defined]
    ticket = office.handle("Please refund order 1001.")
    office.clock.forward(minutes=5)
    office.at_desk("agent_replies", ticket=ticket, agent=AGENT_MAIL, body="It is done.")
    office.event(ticket)
    office.run()
    office.customer_answers(ticket, "And order 2002?")
    assert len(office.notes(ticket)) == 2
    assert "And order 2002?" in office.notes(ticket)[-1]


@on_both
@pytest.mark.parametrize("reminded", [False, True])
def test_whom_a_colleague_gives_back_is_asked_again_whether_reminded_before_or_not(
        office: Office, reminded: bool) -> None:
    ticket = asks(office, 4700)
    if reminded:
        office.settle(hours=30)
    before = len(office.replies(ticket))
    assert before == 1 + reminded
    is_had_by_a_colleague(office, ticket)
    assert len(office.replies(ticket)) == before + 1


def is_had_by_a_colleague(office: Office, ticket: Any) -> None:
    taking_over.take_over(office.desk, office.ref(ticket), AGENT)
    office.run()
    office.clock.forward(days=9)
    taking_over.give_back(office.desk, office.ref(ticket), AGENT)
    office.run()
    office.settle(hours=1)
