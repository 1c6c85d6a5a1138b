"""A ticket gets another requester: what was done for the earlier one is still looked after, and told to nobody else."""

from __future__ import annotations

from typing import Any

import pytest

from agent import held
from agent.consent import undoing
from agent.consent.approval import Colleague
from agent.consent.state import State, Viewer, state_of
from tests.journeys.conftest import on_both
from tests.journeys.office import AGENT, ERIN, Office, refund

OLD, NEW = "+49 30 1234567", "+49 30 7654321"
PHONE = {"kind": "contact_change", "contact": "k1", "field": "phone", "value": NEW, "quote": f"my new number is {NEW}"}
MIA = Colleague("79", "Mia", "agent")


def is_erins_now(office: Office, ticket: Any) -> None:
    """A colleague gives the ticket to Erin, who writes on it."""
    office.at_desk("change_requester", ticket=ticket, agent=AGENT, email=ERIN)
    office.customer_answers(ticket, "Hello, this is Erin now.", email=ERIN)
    office.settle()


def refunded(office: Office) -> Any:
    office.double_charge()
    office.planner.always = lambda case: {"actions": [refund("c2", quote="please refund the second one")]} if (
        "charged twice" in case.asked()) else {"nothing_asked": True}
    ticket = office.handle()
    office.settle()
    assert office.refunded() == {"usd": 1800}
    return ticket


def days_pass(office: Office, days: int) -> None:
    for _ in range(days):
        office.clock.forward(days=1)
        office.sweep()
        office.run()
        office.settle(hours=2)


@on_both
def test_a_refund_that_falls_through_later_is_told_to_colleagues_alone(office: Office) -> None:
    ticket = refunded(office)
    replies = office.replies(ticket)
    is_erins_now(office, ticket)
    office.happens("stripe", "fail_refund", refund=office.refunds()[0]["id"])
    days_pass(office, 4)

    note = office.notes(ticket)[-1]
    assert "the refund of USD 18.00 to Visa ending in 4242 failed after it had been sent" in note
    assert "Customer NOT told (the ticket has another requester by now): please tell them" in note
    assert office.replies(ticket) == replies
    assert office.states() == [("handed_over", "a refund fell through after it was done")]


@on_both
def test_what_was_done_is_still_shown_and_can_be_taken_back(office: Office) -> None:
    office.planner.always = lambda case: {"actions": [PHONE], "category": "contact_details"} if (
        "new number" in case.asked()) else {"nothing_asked": True}
    ticket = office.handle(f"Hi, my new number is {NEW}.")
    office.settle()
    replies = office.replies(ticket)
    is_erins_now(office, ticket)

    (done,) = shown(office, ticket).done
    assert done.undo.digest is not None
    undoing.undo(office.desk, done.operation, done.undo.digest, MIA)
    office.run()
    office.settle()

    dana, = (one for one in office.salesforce.books()["contacts"].values() if one["Email"] == "dana@example.com")
    assert dana["Phone"] == OLD
    assert "undone by Mia" in office.notes(ticket)[-1]
    assert office.replies(ticket) == replies


@on_both
def test_a_refund_of_which_nobody_knows_is_shown_and_settled_as_before(office: Office) -> None:
    office.double_charge()
    office.planner.always = lambda case: {"actions": [refund("c2", quote="please refund the second one")]} if (
        "charged twice" in case.asked()) else {"nothing_asked": True}
    office.fault("stripe", "timeout_after", "POST", "/refunds")
    office.fault("stripe", "500_before", "GET", "/refunds", times=10_000)
    ticket = office.handle()
    office.settle(step=3600, hours=60)
    is_erins_now(office, ticket)
    office.doors["stripe"].faults.clear()

    (held_one,) = held_refunds(office)
    assert "USD 18.00" in shown(office, ticket).words
    held.found(office.desk, held_one, office.refunds()[0]["id"], "Lea")
    office.settle()
    assert held_refunds(office) == []
    assert office.refunded() == {"usd": 1800}


def test_a_list_that_lags_after_the_change_of_hands_stops_nothing(office: Office) -> None:
    """Zendesk does not list the note that was confirmed for the earlier requester."""
    ticket = refunded(office)
    is_erins_now(office, ticket)
    notes, replies = office.notes(ticket), office.replies(ticket)
    office.fault("zendesk", "stale_read", "GET", r"/audits\.json", times=3)
    office.customer_answers(ticket, "Any news?", email=ERIN)
    office.settle()

    assert (office.notes(ticket), office.replies(ticket)) == (notes, replies)


@pytest.mark.parametrize("which", [0, 1], ids=["reply", "note"])
def test_of_what_the_helpdesk_lost_only_the_note_is_written_again(office: Office, which: int) -> None:
    """The reply was for somebody else."""
    office.double_charge()
    office.planner.always = lambda case: {"actions": [refund("c2", quote="please refund the second one")]} if (
        "charged twice" in case.asked()) else {"nothing_asked": True}
    office.fault("zendesk", "phantom_200", "PUT", "/tickets/", skip=which)
    ticket = office.handle()
    office.at_desk("change_requester", ticket=ticket, agent=AGENT, email=ERIN)
    office.customer_answers(ticket, "Hello, this is Erin now.", email=ERIN)
    office.settle()

    assert len(office.replies(ticket)) == which
    assert len([one for one in office.notes(ticket) if "refunded USD 18.00" in one]) == 1
    assert office.refunded() == {"usd": 1800}


def shown(office: Office, ticket: Any) -> State:
    return state_of(office.desk, office.ref(ticket), Viewer(MIA, admin=False))


def held_refunds(office: Office) -> list[str]:
    with office.engine.begin() as c:
        return [one.operation for one in held.held(c) if one.kind == "refund"]
