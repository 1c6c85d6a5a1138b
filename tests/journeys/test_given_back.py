"""What a colleague gives back is asked for again, however long they had it."""

from __future__ import annotations

from typing import Any

from agent.consent import taking_over
from tests.journeys.conftest import on_both
from tests.journeys.office import Office, refund
from tests.journeys.test_consent import AGENT, LEAD, approve, asks, waiting
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
