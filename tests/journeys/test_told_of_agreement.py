"""What colleagues read of a yes that was asked for, given or not used: once, whole, and of the one who gave it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import event

from agent.consent import approval
from agent.consent.agreement import ended_by
from tests.journeys.conftest import on_both
from tests.journeys.dying import Boundary, mortal, survived
from tests.journeys.office import Office, refund
from tests.journeys.test_consent import AGENT, LEAD, TWICE, approve, asks, small_needs_agent, waiting
from tests.journeys.test_consent_attacked import paused, says

FIRST, LAST = 20, 36
"""Boundaries of the pass that asks the customer and hands over, from where it has decided to."""


def cannot_notify(office: Office) -> None:
    """The helpdesk tells customers nothing: no notification of a reply is recorded."""
    office.side.tells_nobody()


def approved_and_killed(make: Callable[..., Office], kill_at: int | None) -> tuple[Office, int, Boundary]:
    """180.00 charged twice, approved by a lead; the customer's question reaches nobody."""
    office = make()
    boundary = mortal(office, kill_at)
    cannot_notify(office)
    ticket = asks(office, 18000)
    (wait,) = waiting(office)
    approval.approve(office.desk, wait.id, wait.shown, LEAD)
    survived(office, boundary)
    office.clock.forward(seconds=40)
    office.settle(step=60, hours=1)
    return office, ticket, boundary


@on_both
def test_a_pass_that_asks_in_vain_has_fewer_boundaries_than_are_tried(an_office: Callable[..., Office]) -> None:
    assert FIRST < len(approved_and_killed(an_office, None)[2].passed) < LAST


@pytest.mark.parametrize(("helpdesk", "kill_at"), [*(("zendesk", n) for n in range(FIRST, LAST)),
                                                    *(("salesforce", n) for n in range(FIRST, LAST, 3))],
                         indirect=["helpdesk"])
def test_killed_at_any_boundary_a_question_that_reached_nobody_is_handed_over_once(
        an_office: Callable[..., Office], kill_at: int) -> None:
    office, ticket, boundary = approved_and_killed(an_office, kill_at)
    where = boundary.passed[-1] if len(boundary.passed) == kill_at else "nowhere"
    assert len(office.replies(ticket)) == office.side.untold, where
    assert len(office.notes(ticket)) == 2, where
    assert "the customer could not be asked (the helpdesk recorded no notification)" in office.notes(ticket)[1], where
    assert office.states()[0][0] == "handed_over"


def test_an_approval_that_came_too_long_ago_is_not_told_as_the_customers_yes(office: Office) -> None:
    ticket = small_needs_agent(office)
    paused(office, on=True)
    approve(office, AGENT)
    office.clock.forward(hours=71)
    office.settle(hours=9, step=3600)
    paused(office, on=False)
    office.settle(hours=3)
    note = office.notes(ticket)[-1]
    assert "Why it stopped: the yes was too old by the time it could be done" in note
    assert "\nNext: ask the customer whether it is still wanted; nothing was done on the approval in time (see " in note
    assert "A reply to begin with: “Hello Dana, I am sorry that you had to wait." in note
    assert "Thank you for your answer" not in note


def test_an_approval_and_a_yes_that_came_too_long_ago_are_told_as_the_customers(office: Office) -> None:
    ticket = asks(office, 18000)
    approve(office, LEAD)
    paused(office, on=True)
    office.customer_answers(ticket, "YES")
    office.clock.forward(hours=71)
    office.settle(hours=9, step=3600)
    paused(office, on=False)
    office.settle(hours=3)
    note = office.notes(ticket)[-1]
    assert "\nNext: ask the customer whether it is still wanted; nothing was done on their yes in time (see " in note
    assert "Thank you for your answer. I am sorry that we did not act on it in time" in note


def test_a_colleague_who_was_asked_once_more_after_the_customers_yes_leaves_it_the_customers(office: Office) -> None:
    """Both are too old by then, and a pass that is taken up after a crash reads who ended it from the rows."""
    asks(office, 18000)
    approve(office, LEAD)
    lead, customer = waiting(office, ("given", "open"))
    late = [replace(customer, state="late"), replace(lead, id=customer.id + 1, state="late")]
    assert ended_by(late) == late[0]


@on_both
def test_who_approved_is_told_where_the_customer_could_not_be_asked(office: Office) -> None:
    cannot_notify(office)
    ticket = asks(office, 18000)
    approve(office, LEAD)
    lines = office.notes(ticket)[-1].splitlines()
    assert lines[2].endswith("; approved by Lena Lead but not done")
    assert lines[4].startswith("Why it stopped: the customer could not be asked (the helpdesk recorded no notif")


@on_both
def test_beside_something_that_still_waits_who_approved_is_told_in_a_whole_sentence(office: Office) -> None:
    """The goodwill waits for a colleague; the question about what a lead approved reached nobody."""
    office.double_charge(18000)
    office.charge(3000, order="1077")
    asked = {"actions": [refund("c2", quote="the second one"), refund("c3", claim="goodwill", quote="and a favour")]}
    office.planner.always = lambda case: asked  # type: ignore[attr-defined]
    cannot_notify(office)
    ticket = office.handle()
    lead = next(wait for wait in waiting(office) if wait.for_whom == "lead")
    approval.approve(office.desk, lead.id, lead.shown, LEAD)
    office.run()
    first = office.notes(ticket)[-1].splitlines()[0]
    assert first.startswith("Deskhand: refund USD 180.00 of charge ch_sbx000002 (Visa ending in 4242, 20 Nov 2026), "
                            "approved by Lena Lead but not done: the customer could not be asked "
                            "(the helpdesk recorded no notification); waiting to refund USD 30.00")


def test_a_note_beside_a_question_that_waits_says_when_the_customer_was_asked(office: Office) -> None:
    office.double_charge(4700)
    office.charge(3000, order="1077")
    asked = {"actions": [refund("c2", quote="the second one"), refund("c3", claim="goodwill", quote="and a favour")]}
    office.planner.always = lambda case: asked  # type: ignore[attr-defined]
    ticket = office.handle()
    assert "Customer asked: yes, the helpdesk recorded the notification" in office.notes(ticket)[0]
    office.clock.forward(hours=1)
    agent = next(wait for wait in waiting(office) if wait.for_whom == "agent")
    approval.decline(office.desk, agent.id, agent.shown, AGENT, "no favour is due")
    office.run()
    note = office.notes(ticket)[-1]
    assert "the customer was asked for a yes. If no answer comes by 23 Nov 2026 09:00 UTC, a person takes over" in note
    assert ". Customer asked before, on 20 Nov 09:00 UTC\n" in note
    assert "not told" not in note


@pytest.mark.parametrize("before", ["", "YES"])
@on_both
def test_what_waited_for_an_answer_when_the_customer_wished_for_something_else_is_for_a_person(
        office: Office, before: str) -> None:
    """It may have been their answer: the ticket is not done, nor is the customer left to believe that it is."""
    ticket = asks(office, 4700)
    if before:
        office.clock.forward(minutes=1)
        office.writes(before, ticket=ticket)
    phone = {"kind": "contact_change", "contact": "k1", "field": "phone", "value": "+49 30 7654321",
             "quote": "my new number is +49 30 7654321"}
    office.planner.always = lambda case: {"actions": [phone], "category": "contact_details"}  # type: ignore[attr-defined]
    office.customer_answers(ticket, "Hi, my new number is +49 30 7654321, please change it.")
    lines = office.notes(ticket)[-1].splitlines()
    assert "changed the contact's phone" in lines[0]
    assert lines[0].endswith("; NOT done: refund USD 47.00 of charge ch_sbx000002 (Visa ending in 4242, 20 Nov 2026): "
                             "the customer wrote more than a yes or no")
    assert f"; since then the customer wrote “{before}{' … ' if before else ''}Hi, my new number" in lines[2]
    assert "Next: please take over: read what the customer wrote since: it may be their answer, or they may want " \
           "something else by now (see " in lines[4]
    assert "A colleague will get back to you about the rest" in office.replies(ticket)[-1]
    assert office.states()[0][0] == "handed_over"
    assert office.refunds() == []


def test_what_replaces_a_question_is_asked_instead_of_it(office: Office) -> None:
    ticket = asks(office, 4700)
    office.planner.always = lambda case: {  # type: ignore[attr-defined]
        "actions": [refund("c2", amount="30.00", quote="USD 30 of it is enough")]}
    office.customer_answers(ticket, "USD 30 of it is enough, please refund the second one.")
    lines = office.notes(ticket)[-1].splitlines()
    assert "waiting to refund USD 30.00" in lines[0]
    assert ". A yes was waited for until the customer wrote again: refund USD 47.00 of charge ch_sbx000002" in lines[4]
    assert office.states()[0][0] == "parked"


def test_a_first_plan_is_told_without_looking_for_an_earlier_one(office: Office) -> None:
    looked: list[str] = []
    event.listen(office.engine, "before_cursor_execute", lambda c, cursor, statement, *more: looked.append(statement))
    office.double_charge()
    office.planner.always = lambda case: TWICE  # type: ignore[attr-defined]
    assert "refunded USD 18.00" in office.notes(office.handle())[0]
    assert not [statement for statement in looked if "max(proposals.id)" in statement]


def test_what_is_asked_for_anew_for_another_reason_is_not_told_as_dropped(office: Office) -> None:
    ticket = small_needs_agent(office)
    (before,) = waiting(office)
    says(office, lambda case: {"actions": [refund("c1", claim="not_received", quote="it never came")]})
    office.customer_answers(ticket, "I was charged twice, or rather: it never came.")
    (after,) = waiting(office)
    assert after.id != before.id
    assert "waiting to refund USD 18.00" in office.notes(ticket)[-1]
    assert "“it never came” – not received" in office.notes(ticket)[-1]
    assert "asked any more" not in office.notes(ticket)[-1]
