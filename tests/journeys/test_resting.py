"""A look that is due and cannot be made now is made later: the sweep does not repeat it every two seconds."""

from __future__ import annotations

from datetime import timedelta

from agent import switch
from tests.journeys.office import Office, refund
from tests.journeys.test_consent import asks
from tests.journeys.test_later import fails, refunded
from tests.journeys.test_undo import PHONE


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
