"""What a colleague gives back is asked for again, however long they had it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.consent import taking_over
from agent.desk import Choices
from tests.journeys.conftest import on_both
from tests.journeys.office import CHECKED, Office, refund
from tests.journeys.test_consent import AGENT, LEAD, TWICE, approve, asks, waiting
from tests.journeys.test_consent_attacked import paused

GOODWILL = {"actions": [refund("c1", claim="goodwill", quote="some money back")]}
LONG = {"days": 9}
"""Longer than anybody is waited for."""


def had_by_a_colleague(office: Office, ticket: Any, **time: float) -> None:
    """Taken over, and given back after that long."""
    taking_over.take_over(office.desk, office.ref(ticket), AGENT)
    office.run()
    office.clock.forward(**time)
    office.settle(hours=1)
    taking_over.give_back(office.desk, office.ref(ticket), AGENT)
    office.run()
    office.settle(hours=1)


@on_both
def test_after_its_time_was_up_a_colleague_is_asked_again_and_has_as_long_as_at_first(office: Office) -> None:
    office.charge(1800)
    office.planner.always = lambda case: GOODWILL if "money" in case.asked() else {"nothing_asked": True}
    ticket = office.handle("I want some money back.")
    [before] = waiting(office)
    had_by_a_colleague(office, ticket, **LONG)
    [again] = waiting(office)
    assert again.expires_at - office.clock() > (before.expires_at - before.created_at) / 2
    approve(office, LEAD)
    assert office.refunded() == {"usd": 1800}
    assert len(office.replies(ticket)) == 1


@on_both
def test_if_nobody_answers_then_either_a_person_is_told(office: Office) -> None:
    office.charge(1800)
    office.planner.always = lambda case: GOODWILL if "money" in case.asked() else {"nothing_asked": True}
    ticket = office.handle("I want some money back.")
    had_by_a_colleague(office, ticket, **LONG)
    office.settle(hours=24 * 9)
    assert "hands this over to you" in office.notes(ticket)[-1]
    assert office.states()[0][0] == "handed_over"


@on_both
def test_a_customer_whose_time_to_answer_was_up_is_reminded_and_has_as_long_as_at_first(office: Office) -> None:
    ticket = asks(office, 4700)
    had_by_a_colleague(office, ticket, **LONG)
    assert len(office.replies(ticket)) == 2
    assert "USD 47.00" in office.replies(ticket)[-1]
    office.clock.forward(days=1)
    office.customer_answers(ticket, "YES")
    assert office.refunded() == {"usd": 4700}


@on_both
def test_of_a_customer_who_does_not_answer_then_either_a_person_is_told(office: Office) -> None:
    ticket = asks(office, 4700)
    had_by_a_colleague(office, ticket, **LONG)
    office.settle(hours=24 * 9)
    assert "the customer did not answer in time" in office.notes(ticket)[-1]
    assert office.states()[0][0] == "handed_over"
    office.customer_answers(ticket, "YES")
    assert office.refunds() == []


@on_both
def test_what_the_customer_answered_meanwhile_counts(office: Office) -> None:
    ticket = asks(office, 4700)
    taking_over.take_over(office.desk, office.ref(ticket), AGENT)
    office.run()
    office.customer_answers(ticket, "YES")
    assert office.refunds() == []
    office.clock.forward(**LONG)
    taking_over.give_back(office.desk, office.ref(ticket), AGENT)
    office.run()
    office.settle(hours=2)
    assert office.refunded() == {"usd": 4700}
    assert not any("in time" in note for note in office.notes(ticket))


@on_both
def test_who_had_said_yes_before_is_asked_to_say_it_again(office: Office) -> None:
    ticket = asks(office, 4700)
    paused(office, on=True)
    office.customer_answers(ticket, "YES")
    had_by_a_colleague(office, ticket, **LONG)
    paused(office, on=False)
    office.settle(hours=2)
    assert not any("in time" in note for note in office.notes(ticket))
    if not office.refunds():
        office.customer_answers(ticket, "YES")
    assert office.refunded() == {"usd": 4700}


def never_asked(office: Office, amount: int) -> Any:
    """The question never gets out before a colleague takes over, who has the ticket for two hours."""
    office.double_charge(amount)
    office.planner.always = lambda case: TWICE if "charged twice" in case.asked() else {"nothing_asked": True}
    office.fault_at(office.side.reply, "503", times=6)
    ticket = office.handle()
    if amount > 10_000:
        approve(office, LEAD)
    taking_over.take_over(office.desk, office.ref(ticket), AGENT)
    office.settle(hours=2)
    assert office.replies(ticket) == []
    office.doors[office.side.vendor].faults.clear()
    taking_over.give_back(office.desk, office.ref(ticket), AGENT)
    office.settle(hours=1)
    return ticket


@on_both
@pytest.mark.parametrize("remind_after", [0, 24])
def test_who_was_never_asked_is_asked_at_once(an_office: Callable[..., Office], remind_after: int) -> None:
    approvals = Choices().approvals.model_copy(update={"customer_remind_after": remind_after})
    office = an_office(choices=Choices(senders_checked=CHECKED, approvals=approvals))
    ticket = never_asked(office, 4700)
    (question,) = office.replies(ticket)
    assert "We’re ready to send USD 47.00 back" in question
    assert not any("in time" in note for note in office.notes(ticket))
    office.customer_answers(ticket, "YES")
    assert office.refunded() == {"usd": 4700}


@on_both
def test_a_lead_whose_approval_fell_with_it_is_asked_at_once_and_then_the_customer(office: Office) -> None:
    ticket = never_asked(office, 18000)
    assert [one.for_whom for one in waiting(office)] == ["lead"]
    assert "a lead approves or declines it" in office.notes(ticket)[-1]
    approve(office, LEAD)
    office.customer_answers(ticket, "YES")
    assert office.refunded() == {"usd": 18000}


@on_both
def test_what_a_colleague_refunded_by_hand_before_giving_back_is_not_asked_for_again(office: Office) -> None:
    ticket = asks(office, 4700)
    taking_over.take_over(office.desk, office.ref(ticket), AGENT)
    office.run()
    charge = office.stripe.books()["charges"][1]["id"]
    office.happens("stripe", "dashboard_refund", charge=charge, amount=4700)
    office.clock.forward(**LONG)
    taking_over.give_back(office.desk, office.ref(ticket), AGENT)
    office.settle(hours=1)
    assert len(office.replies(ticket)) == 1
    assert waiting(office) == []
