"""A look that is due and cannot be made now is made later: the sweep does not repeat it every two seconds."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from agent import switch
from agent.consent import undoing
from tests.journeys.conftest import on_both
from tests.journeys.office import Office, refund
from tests.journeys.test_consent import asks
from tests.journeys.test_later import fails, refunded
from tests.journeys.test_undo import MIA, PHONE, kept
from tests.journeys.test_undo_attacked import contact_cannot_be_written, endings


def passes(office: Office, minutes: float = 5) -> int:
    """How many passes there are while the sweep runs every two seconds."""
    until, count = office.clock() + timedelta(minutes=minutes), 0
    while office.clock() < until:
        office.clock.forward(seconds=2)
        office.sweep()
        count += office.run()
    return count


def attempts(office: Office) -> int:
    with office.engine.begin() as c:
        return int(c.exec_driver_sql("select attempts from tickets").scalar_one())


def recheck_is_due(office: Office) -> None:
    with office.engine.begin() as c:
        office.clock.moment = c.exec_driver_sql("select min(recheck_at) from operations").scalar_one()


def test_a_refund_that_cannot_be_looked_at_again_is_tried_four_times_an_hour(office: Office) -> None:
    refunded(office)
    recheck_is_due(office)
    office.fault("stripe", "500_before", "GET", "/charges", times=10**6)
    assert 4 <= passes(office, minutes=60) <= 10
    assert attempts(office) == 0


def test_what_became_of_a_refund_and_may_not_be_written_yet_waits_for_the_switch(office: Office) -> None:
    refunded(office)
    recheck_is_due(office)
    fails(office)
    with office.engine.begin() as c:
        switch.pause(c, switch.ALL, "a look first", "Lea", office.clock())
    assert passes(office, minutes=4) == 1
    switch.resume(office.engine, switch.ALL, "Lea", office.clock())
    office.settle(hours=1)
    assert "failed after it had been sent" in office.notes(1)[-1]


def test_a_number_whose_write_is_cut_each_time_is_written_less_and_less(office: Office) -> None:
    """A day of a vendor's answers being lost is not four thousand calls: there is a daily limit."""
    office.planner.always = lambda case: {"actions": [PHONE], "category": "contact_details"}  # type: ignore[attr-defined]
    office.fault("salesforce", "reset_before", "POST", "/composite$", body="PATCH", times=10**6)
    office.handle("Hi, my new number is +49 30 7654321.")
    assert passes(office, minutes=40) <= 6


def test_under_a_switch_that_stays_thrown_a_ticket_is_looked_at_twice_an_hour(office: Office) -> None:
    with office.engine.begin() as c:
        switch.pause(c, "refund", "audit day", "Lea", office.clock())
    office.planner.always = lambda case: {  # type: ignore[attr-defined]
        "actions": [refund("c2", quote="please refund the second one")]}
    office.double_charge()
    office.handle()
    assert 3 <= passes(office, minutes=120) <= 5
    switch.resume(office.engine, "refund", "Lea", office.clock())
    office.run()
    assert office.refunded() == {"usd": 1800}


def test_a_reminder_that_cannot_be_written_is_tried_less_and_less(office: Office) -> None:
    ticket = asks(office, 4700)
    office.settle(hours=1)
    office.clock.forward(hours=24)
    office.fault("zendesk", "500_before", "GET", ".*", times=10**6)
    assert 3 <= passes(office) <= 10
    office.doors["zendesk"].faults.clear()
    office.settle(hours=1)
    assert len(office.replies(ticket)) == 2


def test_a_helpdesk_that_refuses_for_a_day_is_asked_less_and_less(office: Office) -> None:
    office.double_charge()
    office.planner.always = lambda case: {"actions": [refund("c2", quote="please refund the second one")]}
    office.fault("zendesk", "429", "PUT", "/tickets/", times=10_000, params={"retry_after": 30})
    ticket = office.handle()
    office.settle(hours=24)
    asked = sum(call.startswith("zendesk PUT") for call in office.calls())
    assert 10 < asked < 60

    office.doors["zendesk"].faults.clear()
    office.settle()
    assert (len(office.replies(ticket)), len(office.notes(ticket))) == (1, 1)


FIELDS = {"phone": "+49 30 7654321", "mobile": "+49 170 7654321", "first_name": "Dora", "last_name": "Newname"}


def each_changed_by_a_plan_of_its_own(office: Office) -> Any:
    """As many plans as one pass has looks, a day between them: Deskhand answers no machine that answers it."""
    ticket = None
    for field, value in FIELDS.items():
        office.clock.forward(days=1)
        words = f"My {field} is {value} now."
        change = {**PHONE, "field": field, "value": value, "quote": words}
        office.planner.always = lambda _, change=change: {"actions": [change], "category": "contact_details"}  # type: ignore[attr-defined,misc]
        if ticket is None:
            ticket = office.handle(words)
        else:
            office.customer_answers(ticket, words)
        office.settle(hours=1)
    assert endings(office) == ["done"] * len(FIELDS)
    return ticket


def undo_all(office: Office) -> None:
    for one in kept(office, "contact_change"):
        undoing.undo(office.desk, one.id, undoing.receipt_digest(office.desk, one), MIA)
        office.run()


@on_both
@pytest.mark.parametrize("held_back", ["the CRM is away", "it is paused"])
def test_many_undos_that_must_wait_keep_no_customer_waiting_and_wake_nobody_in_vain(
        office: Office, held_back: str) -> None:
    ticket = each_changed_by_a_plan_of_its_own(office)
    if held_back == "it is paused":
        with office.engine.begin() as c:
            switch.pause(c, "contact_change", "a look first", "Lea", office.clock())
    else:
        contact_cannot_be_written(office, "503")
    undo_all(office)
    assert passes(office, minutes=3) <= 9
    assert attempts(office) == 0
    office.planner.always = lambda _: {"unsure": "the customer asks for a person"}  # type: ignore[attr-defined]
    office.customer_answers(ticket, "A person please, at once!")
    assert "the customer asks for a person" in office.notes(ticket)[-1]

    office.doors["salesforce"].faults.clear()
    if held_back == "it is paused":
        switch.resume(office.engine, "contact_change", "Lea", office.clock())
    office.settle(hours=4)
    assert [one.state for one in kept(office, "contact_change")] == ["undone"] * len(FIELDS)
    assert sum("undone by Mia" in note for note in office.notes(ticket)) == len(FIELDS)
