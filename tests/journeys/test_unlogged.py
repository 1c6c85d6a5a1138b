"""What was done and is not logged in the CRM yet: the ticket comes to rest all the same when it stands no more, or when
there is no CRM."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.journeys.office import Office, refund
from tests.journeys.sides import Call
from tests.journeys.test_undo import NEW, PHONE, kept, undo

SECOND = refund("c2", quote="please refund the second one")
ACTIVITY = Call("salesforce", "POST", "/composite", "/sobjects/Task")


def comes_to_rest(office: Office) -> None:
    """Nobody looks any more, hours later."""
    office.settle(hours=4)
    before = len(office.calls())
    office.settle(hours=10)
    assert len(office.calls()) == before


@pytest.mark.parametrize("kind", ["429", "timeout_before"])
def test_what_was_undone_before_the_crm_could_log_it_keeps_no_ticket_busy(office: Office, kind: str) -> None:
    office.planner.always = lambda case: {"actions": [PHONE], "category": "contact_details"}
    office.fault_at(ACTIVITY, kind, times=4, params={"retry_after": 600})
    ticket = office.handle(f"Hi, my new number is {NEW}.")
    assert len(office.notes(ticket)) == 1
    assert [one.state for one in kept(office, "log_activity")] != ["done"]
    undo(office)
    comes_to_rest(office)
    assert [one.state for one in kept(office, "log_activity")] in (["dropped"], ["done"])


@pytest.mark.parametrize("kind", ["429", "timeout_before"])
def test_a_refund_that_failed_before_the_crm_could_log_it_keeps_no_ticket_busy(office: Office, kind: str) -> None:
    office.double_charge()
    office.planner.always = lambda case: {"actions": [SECOND]} if "twice" in case.asked() else {"nothing_asked": True}
    office.fault_at(ACTIVITY, kind, times=4, params={"retry_after": 600})
    ticket = office.handle()
    assert len(office.notes(ticket)) == 1
    office.happens("stripe", "fail_refund", refund=office.refunds()[0]["id"])
    office.run()
    comes_to_rest(office)
    assert [one.state for one in kept(office, "log_activity")] in (["dropped"], ["done"])


def test_without_the_crm_what_it_was_to_log_keeps_no_ticket_busy(office: Office) -> None:
    office.double_charge()
    office.planner.always = lambda case: {"actions": [SECOND]}
    office.fault_at(ACTIVITY, "429", times=4, params={"retry_after": 600})
    ticket = office.handle()
    office.desk = replace(office.desk, records=None)
    comes_to_rest(office)
    assert len(office.notes(ticket)) == 1
