"""What a person has released to be sent again is sent on what they knew; what has come since holds it once more."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent import held
from agent.consent import taking_over
from agent.policy import load
from tests.journeys.conftest import on_both
from tests.journeys.office import AGENT as AGENT_MAIL
from tests.journeys.office import POLICY, Office
from tests.journeys.test_consent import AGENT, LEAD
from tests.journeys.test_paid_meanwhile import PART, a_part_is_lost, approve
from tests.journeys.test_resolved_attacked import asked_for, one_is_held_and_the_other_withdrawn, send_again
from tests.journeys.test_sent_again import holds
from tests.journeys.test_undo import kept


def away(office: Office) -> None:
    office.fault("stripe", "503", "POST|GET", "/v1/refunds", times=9999)


def is_back(office: Office) -> None:
    office.doors["stripe"].faults.clear()
    office.settle(hours=20)


def is_held(office: Office, ticket: Any) -> None:
    """As a colleague has answered the customer meanwhile."""
    office.clock.forward(minutes=1)
    answers(office, ticket)
    office.event(ticket)
    is_back(office)
    assert len(holds(office)) == 1


def released_while_stripe_is_away(office: Office) -> Any:
    """A part of a charge that was held is released, and its vendor cannot be reached."""
    ticket = a_part_is_lost(office)
    is_held(office, ticket)
    away(office)
    send_again(office)
    office.run()
    assert [one.state for one in kept(office, "refund")] == ["unknown"]
    office.clock.forward(minutes=5)
    return ticket


def refunds_by_hand(office: Office, ticket: Any) -> None:
    charge = office.stripe.books()["charges"][0]["id"]
    office.happens("stripe", "dashboard_refund", charge=charge, amount=700)


def answers(office: Office, ticket: Any) -> None:
    office.at_desk("agent_replies", ticket=ticket, agent=AGENT_MAIL, body="You have it by now.")


def takes_over(office: Office, ticket: Any) -> None:
    taking_over.take_over(office.desk, office.ref(ticket), AGENT)


def says_no(office: Office, ticket: Any) -> None:
    office.customer_answers(ticket, "No, please do not refund it any more.")


def says_no_and_more(office: Office, ticket: Any) -> None:
    office.customer_answers(ticket, "No")
    office.customer_answers(ticket, "Thank you!")


def disputes(office: Office, ticket: Any) -> None:
    charge = office.stripe.books()["charges"][0]["id"]
    office.happens("stripe", "dispute", charge=charge, status="warning_needs_response")


def switches_off(office: Office, ticket: Any) -> None:
    office.policy = load(POLICY.replace("mode: shadow", "mode: off"))


@on_both
def test_with_nothing_against_it_since_it_is_sent(office: Office) -> None:
    """The colleague who has answered the customer is why it was held, and is no news."""
    released_while_stripe_is_away(office)
    is_back(office)
    assert office.refunded() == {"usd": 1000}
    assert holds(office) == []


@on_both
@pytest.mark.parametrize(("since", "why"), [
    (refunds_by_hand, "was refunded by hand since"), (answers, "a person is on the ticket"),
    (takes_over, "a person is on the ticket"), (says_no, "the customer has called it off"),
    (says_no_and_more, "the customer has called it off"), (disputes, "disputed"),
    (switches_off, "switched off meanwhile")])
def test_what_has_come_since_holds_it(office: Office, since: Callable[[Office, Any], None], why: str) -> None:
    ticket = released_while_stripe_is_away(office)
    before = office.refunded()
    since(office, ticket)
    paid = office.refunded()
    is_back(office)
    assert office.refunded() == paid
    assert before == {}
    (held_with,) = holds(office)
    assert why in held_with


@on_both
def test_a_no_that_nobody_had_read_when_it_was_released_holds_it(office: Office) -> None:
    ticket = a_part_is_lost(office)
    is_held(office, ticket)
    office.writes("No, please do not refund it any more.", ticket=ticket)
    office.clock.forward(seconds=5)
    send_again(office)
    office.event(ticket)
    office.settle(hours=2)
    assert office.refunds() == []
    assert "the customer has called it off" in holds(office)[0]


def test_on_a_charge_with_more_refunds_than_come_with_it_a_released_one_is_sent(office: Office) -> None:
    charge = office.charge(4000)
    for _ in range(12):
        office.happens("stripe", "dashboard_refund", charge=charge, amount=100)
    office.planner.always = lambda case: PART if "ten dollars" in case.asked() else {"nothing_asked": True}  # type: ignore[attr-defined]
    ticket = office.handle("I want ten dollars back for this, please.")
    office.fault("stripe", "timeout_before", "POST", "/refunds", times=2)
    office.fault("stripe", "500_before", "GET", "/v1/refunds", times=40)
    approve(office, 1, LEAD)
    is_held(office, ticket)
    send_again(office)
    office.settle(hours=2)
    assert office.refunded() == {"usd": 2200}


@pytest.mark.parametrize(("since", "why"), [
    (says_no, "the customer has called it off"), (disputes, "disputed"), (takes_over, "a person is on the ticket")])
def test_what_has_come_since_holds_what_is_settled_alone(
        office: Office, since: Callable[[Office, Any], None], why: str) -> None:
    ticket = one_is_held_and_the_other_withdrawn(office)
    assert asked_for(office)
    office.clock.forward(minutes=1)
    away(office)
    send_again(office)
    office.run()
    office.clock.forward(minutes=5)
    if since is disputes:
        office.happens("stripe", "dispute", charge=kept(office, "refund")[0].target, status="warning_needs_response")
    else:
        since(office, ticket)
    is_back(office)
    assert office.refunds() == []
    (held_with,) = holds(office)
    assert why in held_with


def test_what_is_switched_off_is_not_released(office: Office) -> None:
    ticket = a_part_is_lost(office)
    office.clock.forward(minutes=1)
    takes_over(office, ticket)
    is_back(office)
    switches_off(office, ticket)
    with pytest.raises(held.CannotResolve, match="switched off"):
        send_again(office)
    assert len(holds(office)) == 1
