"""Every fault a vendor can show, at every write: one refund, one note, one reply, and never a false "done"."""

from __future__ import annotations

from typing import Any

import pytest

from tests.journeys.office import Office, refund
from tests.journeys.sides import SIDES, Call

BEFORE_OR_AFTER = ("timeout_before", "timeout_after", "reset_before", "reset_after", "500_before", "500_after")
BROKEN = ("malformed_200", "truncated_200", "html_200", "empty_200")
SHARED = {
    "refund": Call("stripe", "POST", "/refunds"),
    "activity": Call("salesforce", "POST", "/composite", "/sobjects/Task"),
}
PAYMENTS = {name: Call("stripe", "GET", path) for name, path in (
    ("customers", "/customers"), ("charges", "/charges"), ("invoices", "/invoices"), ("refund read", "/refunds/"))}
WRITES = [("zendesk", name) for name in (*SHARED, *SIDES["zendesk"].updates)]
WRITES += [("salesforce", name) for name in ("activity", *SIDES["salesforce"].updates)]
LOOKS = [("zendesk", name) for name in (*PAYMENTS, *SIDES["zendesk"].looks)]
LOOKS += [("salesforce", name) for name in SIDES["salesforce"].looks]
"""Faults of the payment provider have nothing to do with which helpdesk it is."""
LOST = ("timeout_after", "reset_before", "500_before", "html_200", "429")
LOST_LOOKS = [(*look, LOST[(n + shift) % len(LOST)]) for n, look in enumerate(LOOKS) for shift in (0, 2)]
"""Each look meets two of them, in turn."""


def asked(office: Office) -> Any:
    office.double_charge()
    office.planner.always = lambda case: {"actions": [refund("c2", quote="please refund the second one")]}
    return office.writes()


def met(office: Office) -> bool:
    """The fault came where it was meant to."""
    return not any(fault.times for door in office.doors.values() for fault in door.faults)


@pytest.mark.parametrize(("helpdesk", "write"), WRITES, indirect=["helpdesk"])
@pytest.mark.parametrize("kind", [*BEFORE_OR_AFTER, *BROKEN, "phantom_200", "429"])
def test_a_fault_at_a_write_changes_nothing_in_the_end(office: Office, write: str, kind: str) -> None:
    ticket = asked(office)
    office.fault_at({**SHARED, **office.side.updates}[write], kind, params={"retry_after": 30, "seconds": 20})
    office.event(ticket)
    office.settle(step=60, hours=2)

    assert met(office)
    if (write, kind) == ("refund", "500_before"):
        # Stripe replays the stored failure for ever: only a person may send again, under another key.
        assert office.refunded() == {}
        assert office.replies(ticket) == []
        assert "held" in office.notes(ticket)[0]
        return
    assert office.refunded() == {"usd": 1800}
    assert len(office.refunds()) == 1
    assert len(office.notes(ticket)) == 1
    # What a transaction shows of its own row is believed; an activity is no promise to anybody.
    assert len(office.activities()) == int((write, kind) != ("activity", "phantom_200"))
    assert len(office.replies(ticket)) == 1
    assert "Customer told: yes" in office.notes(ticket)[0]


@pytest.mark.parametrize(("helpdesk", "look", "kind"), LOST_LOOKS, indirect=["helpdesk"])
def test_a_fault_at_a_read_only_delays(office: Office, look: str, kind: str) -> None:
    ticket = asked(office)
    office.fault_at({**PAYMENTS, **office.side.looks}[look], kind, params={"retry_after": 30, "seconds": 20})
    office.event(ticket)
    office.settle(step=60, hours=2)

    assert met(office)
    assert office.refunded() == {"usd": 1800}
    assert len(office.notes(ticket)) == len(office.replies(ticket)) == 1


def test_an_unanswered_refund_older_than_23_hours_is_held_for_a_person(office: Office) -> None:
    ticket = asked(office)
    office.fault("stripe", "timeout_before", "POST", "/refunds", times=1000)
    office.event(ticket)
    office.settle(hours=40)

    assert office.refunded() == {}
    assert office.replies(ticket) == []
    assert len(office.notes(ticket)) == 1
    assert "deskhand held resolve" in office.notes(ticket)[0]


def test_a_vendor_that_is_away_for_hours_is_waited_for(office: Office) -> None:
    ticket = asked(office)
    office.fault("stripe", "500_before", "GET", "/customers", times=12)
    office.event(ticket)
    office.settle(step=120, hours=5)

    assert office.refunded() == {"usd": 1800}
    assert len(office.notes(ticket)) == 1


@pytest.mark.parametrize("kind", ["429", "auth_lost"])
def test_a_resend_that_is_refused_does_not_forget_the_first_send(office: Office, kind: str) -> None:
    """Lost answer, then a stale list, then a refused resend: after 24 h the same key would pay again."""
    ticket = asked(office)
    office.fault("stripe", "timeout_after", "POST", "/refunds")
    office.fault("stripe", "stale_read", "GET", "/refunds", times=3)
    office.fault("stripe", kind, "POST", "/refunds", times=500, params={"retry_after": 30})
    office.event(ticket)
    office.settle(hours=60)

    assert office.refunded() == {"usd": 1800}
    assert len(office.refunds()) == 1
    assert len(office.notes(ticket)) == len(office.replies(ticket)) == 1


def is_never_listed(office: Office) -> Any:
    """A refund is made, its answer lost; the list does not show it, and the key is lost with the next request."""
    ticket = asked(office)
    office.fault("stripe", "timeout_after", "POST", "/refunds")
    office.fault("stripe", "stale_read", "GET", "/refunds", times=10_000)
    office.fault("stripe", "auth_lost", "POST", "/refunds", times=500)
    office.event(ticket)
    return ticket


def test_a_charge_that_shows_more_than_the_list_is_looked_at_ever_less_often(office: Office) -> None:
    is_never_listed(office)
    office.settle(hours=20, step=60)
    assert len(office.doors["stripe"].calls) < 400


def test_a_stale_list_and_a_lasting_loss_of_the_key_end_with_a_person(office: Office) -> None:
    ticket = is_never_listed(office)
    office.settle(hours=60)

    assert office.refunded() == {"usd": 1800}
    assert office.replies(ticket) == []
    assert "deskhand held resolve" in office.notes(ticket)[0]
