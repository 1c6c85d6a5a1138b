"""Words that had to wait, and that nobody will write any more, keep no person from being forgotten."""

from __future__ import annotations

from typing import Any

from agent.retention import Retention, sweep
from tests.journeys.conftest import on_both
from tests.journeys.office import Office
from tests.journeys.test_consent import small_needs_agent
from tests.journeys.test_kill_switch import pause, resume
from tests.journeys.test_later import befalls, refunded, told
from tests.journeys.test_undo import NEW, approved, undo
from tests.journeys.test_unlogged import new_number


def forgotten_in_time(office: Office) -> int:
    for _ in range(3):
        office.clock.forward(days=500)
        office.sweep()
        office.run()
        office.settle(hours=2)
    office.clock.forward(days=500)
    with office.engine.begin() as c:
        return sweep(c, Retention(), office.clock()).people


def news_waits(office: Office) -> Any:
    ticket = refunded(office)
    office.clock.forward(days=3)
    befalls(office, "dispute")
    pause(office, "ticket_update")
    told(office)
    office.run()
    return ticket


@on_both
def test_news_that_waits_on_a_ticket_that_is_deleted_keeps_nobody_from_being_forgotten(office: Office) -> None:
    ticket = news_waits(office)
    office.at_desk("delete", ticket=ticket)
    resume(office, "ticket_update")
    office.settle(hours=30)
    assert forgotten_in_time(office) == 1


@on_both
def test_news_that_is_none_any_more_keeps_nobody_from_being_forgotten(office: Office) -> None:
    news_waits(office)
    [dispute] = [one["id"] for one in office.stripe.books()["disputes"]]
    office.happens("stripe", "close_dispute", dispute=dispute, status="won")
    resume(office, "ticket_update")
    office.days_pass(20)
    assert forgotten_in_time(office) == 1


def test_a_note_that_had_to_wait_until_somebody_had_approved_keeps_nobody_from_being_forgotten(office: Office) -> None:
    office.fault_at(office.side.reply, "429", times=3, params={"retry_after": 600})
    ticket = small_needs_agent(office)
    assert office.notes(ticket) == []
    approved(office)
    office.settle(hours=30)
    assert office.refunded() == {"usd": 1800}
    assert len(office.notes(ticket)) == 1
    assert forgotten_in_time(office) == 1


def test_that_an_undo_waits_need_not_be_written_once_it_is_done(office: Office) -> None:
    new_number(office)
    office.handle(f"Hi, my new number is {NEW}.")
    office.settle()
    office.fault("salesforce", "500_before", "PATCH", times=12)
    office.fault("salesforce", "500_before", "POST", "composite", body="Contact/", times=12)
    office.fault_at(office.side.reply, "429", times=3, params={"retry_after": 3000})
    undo(office)
    office.settle(hours=10)
    assert forgotten_in_time(office) == 1
