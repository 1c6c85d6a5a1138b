"""Who waits for one thing has one wake: whatever else has the ticket looked at adds none for good."""

from __future__ import annotations

from tests.journeys.office import Office
from tests.journeys.test_kill_switch import pause
from tests.journeys.test_unlogged import LOGS, calls_in_an_hour, twice


def test_each_message_while_the_log_is_paused_adds_no_wakes_for_good(office: Office) -> None:
    twice(office, then={"nothing_asked": True})
    pause(office, "log_activity")
    ticket = office.handle()
    office.settle(hours=2, step=20)
    calls = calls_in_an_hour(office)
    for n in range(8):
        office.customer_answers(ticket, f"Thanks {n}.")
        office.settle(hours=0.2, step=20)
    office.settle(hours=2, step=20)
    assert calls_in_an_hour(office) <= calls * 2


def test_who_writes_meanwhile_shortens_no_patience(office: Office) -> None:
    twice(office, then={"nothing_asked": True})
    office.fault_at(LOGS, "429", times=1_000_000)
    ticket = office.handle()
    for n in range(3):
        office.customer_answers(ticket, f"Thanks {n}.")
        office.settle(hours=0.1, step=20)
    office.settle(hours=3, step=20)
    office.doors["salesforce"].faults.clear()
    office.settle(hours=10)
    assert len(office.activities()) == 1


def test_passes_that_fail_are_as_rare_whoever_writes_meanwhile(office: Office) -> None:
    twice(office, then={"unsure": "a person reads it"})
    ticket = office.handle()
    office.settle()
    office.fault("zendesk", "500_before", "GET", "audits", times=1_000_000)
    office.writes("And now?", ticket=ticket)
    office.event(ticket)
    office.settle(hours=2, step=20)
    calls = calls_in_an_hour(office)
    for _ in range(8):
        office.event(ticket)
        office.settle(hours=0.2, step=20)
    office.settle(hours=2, step=20)
    assert calls_in_an_hour(office) <= calls * 2
