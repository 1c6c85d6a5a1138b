"""What is told is told once, and another thing is told as well: no note or reply is taken for an earlier one."""

from __future__ import annotations

from typing import Any

import pytest

from agent.consent import taking_over
from agent.proposal import Case
from tests.journeys.conftest import on_both
from tests.journeys.office import AGENT as AGENT_MAIL
from tests.journeys.office import Office, refund
from tests.journeys.test_consent import AGENT, asks
from tests.journeys.test_told_once import loses_the_answer_to_its_reply

DUPLICATE = {"actions": [refund("c2", quote="please refund the second one")]}
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


def test_a_colleague_who_comes_onto_the_ticket_makes_no_second_note_of_the_same(office: Office) -> None:
    """The CRM activity is not written yet, so the plan is still told; what was handed over before is theirs by now."""
    office.double_charge()
    office.planner.next = [{"unsure": "No charge carries the order number given."}]  # type: ignore[attr-defined]
    office.planner.always = lambda case: DUPLICATE if "twice" in case.asked() else {"nothing_asked": True}  # type: ignore[attr-defined]
    ticket = office.handle("Please refund order 77.")
    office.fault("salesforce", "503", "POST", "composite", body="Deskhand: ", times=40)
    office.customer_answers(ticket, "Sorry: I was charged twice for order 1042, please refund the second one.")
    answers(office, ticket)
    assert sum("refunded USD 18.00" in note for note in office.notes(ticket)) == 1


def test_who_was_told_is_called_told_also_where_a_colleague_came_before_the_note(office: Office) -> None:
    office.double_charge()

    def plan(case: Case) -> dict[str, Any]:
        loses_the_answer_to_its_reply(office)
        return DUPLICATE
    office.planner.always = plan  # type: ignore[attr-defined]
    ticket = office.handle()
    assert (len(office.replies(ticket)), office.notes(ticket)) == (1, [])
    answers(office, ticket)
    [note] = office.notes(ticket)
    assert "Customer told: yes" in note


def answers(office: Office, ticket: Any) -> None:
    office.clock.forward(minutes=1)
    office.at_desk("agent_replies", ticket=ticket, agent=AGENT_MAIL, body="Hello, I look at it.")
    office.event(ticket)
    office.settle(hours=6)


@on_both
def test_what_goes_round_is_handed_over_once_and_again_after_a_colleague_wrote_or_gave_it_back(office: Office) -> None:
    charge = office.charge(3000)
    office.happens("stripe", "dashboard_refund", charge=charge, amount=1000)
    office.planner.always = lambda _: WHERE  # type: ignore[attr-defined]
    ticket = office.handle("Where is my money?")
    for _ in range(5):
        office.customer_answers(ticket, "Jag har semester, where is my money?")
    assert (len(office.replies(ticket)), len(office.notes(ticket))) == (3, 4)
    answers(office, ticket)
    for _ in range(2):
        office.customer_answers(ticket, "Thank you. And where is my money by now?")
    assert len(office.notes(ticket)) == 5
    taking_over.give_back(office.desk, office.ref(ticket), AGENT)
    office.customer_answers(ticket, "Nothing yet. Where is my money by now?")
    assert len(office.notes(ticket)) == 6


@on_both
def test_what_a_colleague_has_run_again_is_answered_again(office: Office) -> None:
    charge = office.charge(3000)
    office.happens("stripe", "dashboard_refund", charge=charge, amount=1000)
    office.planner.always = lambda _: WHERE  # type: ignore[attr-defined]
    ticket = office.handle("Where is my money?")
    office.clock.forward(days=1)
    office.happens("stripe", "dashboard_refund", charge=charge, amount=500)
    taking_over.run_again(office.desk, office.ref(ticket), AGENT)
    office.settle(hours=1)
    assert [("USD 10.00" in reply, "USD 5.00" in reply) for reply in office.replies(ticket)] == [
        (True, False), (False, True)]
