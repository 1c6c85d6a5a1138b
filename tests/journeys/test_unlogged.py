"""What was done and the CRM cannot log yet is logged later, once at most; it keeps neither its ticket nor its customer
waiting, and nothing untrue is said of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from agent import switch
from agent.database import Database
from agent.retention import Retention, sweep
from agent.tables import proposals
from tests.journeys.office import Office, refund
from tests.journeys.sides import Call
from tests.journeys.test_consent import waiting
from tests.journeys.test_later import fails, told
from tests.journeys.test_restored import backup, put_back, resume
from tests.journeys.test_undo import NEW, OLD, PHONE, approved, kept, phone, undo

FOREVER = 1_000_000
SECOND = refund("c2", quote="please refund the second one")
TWICE = "I was charged twice for order 1042, please refund the second one."
BOTH = f"{TWICE} my new number is {NEW}"
LOGS = Call("salesforce", "POST", "/composite", "/sobjects/Task")
LOOKS = Call("salesforce", "POST", "/composite", "FROM%20Task")


def twice(office: Office, *more: dict[str, Any], then: dict[str, Any]) -> None:
    """A duplicate is refunded, and `more` is asked for with it; all later messages mean `then`."""
    office.double_charge()
    office.planner.always = lambda case: {"actions": [SECOND, *more]} if "twice" in case.asked() else then


def new_number(office: Office) -> None:
    office.planner.always = lambda case: {"actions": [PHONE], "category": "contact_details"} if (
        "new number" in case.asked()) else {"nothing_asked": True}


def pause(office: Office, action: str) -> None:
    with office.engine.begin() as c:
        switch.pause(c, action, "a look first", "Lea", office.clock())


def without_the_crm(office: Office) -> None:
    office.desk = replace(office.desk, records=None)


def calls_in_an_hour(office: Office) -> int:
    before = len(office.calls())
    office.settle(hours=1, step=20)
    return len(office.calls()) - before


def rests(office: Office) -> bool:
    """Nobody looks any more."""
    before = len(office.calls())
    office.settle(hours=24)
    return len(office.calls()) == before


def of_the_number(office: Office) -> list[str]:
    """What the CRM's books tell of the new number."""
    return [one["Subject"] for one in office.activities() if "phone" in one["Subject"]]


@pytest.mark.parametrize("kind", ["429", "timeout_before"])
def test_what_was_undone_before_it_could_be_logged_is_not_logged(office: Office, kind: str) -> None:
    new_number(office)
    office.fault_at(LOGS, kind, times=4, params={"retry_after": 600})
    ticket = office.handle(f"Hi, my new number is {NEW}.")
    assert len(office.notes(ticket)) == 1
    undo(office)
    office.settle(hours=4)
    assert rests(office)
    assert phone(office) == OLD
    assert office.activities() == []


@pytest.mark.parametrize("kind", ["429", "timeout_before"])
def test_a_refund_that_failed_before_it_could_be_logged_is_not_logged(office: Office, kind: str) -> None:
    twice(office, then={"nothing_asked": True})
    office.fault_at(LOGS, kind, times=FOREVER, params={"retry_after": 600})
    ticket = office.handle()
    assert len(office.notes(ticket)) == 1
    fails(office)
    assert told(office) == "kept"
    office.run()
    office.doors["salesforce"].faults.clear()
    office.settle(hours=4)
    assert rests(office)
    assert len(office.replies(ticket)) == 2
    assert office.activities() == []


def test_what_was_undone_and_may_have_been_logged_is_not_looked_for_without_end(office: Office) -> None:
    new_number(office)
    office.fault_at(LOGS, "timeout_before")
    office.fault_at(LOOKS, "500_before", times=FOREVER)
    office.handle(f"Hi, my new number is {NEW}.")
    undo(office)
    office.settle(hours=60)
    assert rests(office)


def test_without_a_crm_there_is_nothing_to_log_into(office: Office) -> None:
    twice(office, then={"nothing_asked": True})
    office.fault_at(LOGS, "429", times=4, params={"retry_after": 600})
    ticket = office.handle()
    without_the_crm(office)
    office.settle(hours=4)
    assert rests(office)
    assert len(office.notes(ticket)) == 1


@pytest.mark.parametrize("how", ["given up", "no CRM for an hour"])
def test_what_may_have_been_logged_and_was_not_looked_for_is_not_logged_again(office: Office, how: str) -> None:
    twice(office, PHONE, then={"nothing_asked": True})
    office.fault_at(LOGS, "timeout_after")
    office.fault_at(LOOKS, "500_before", times=FOREVER)
    office.handle(BOTH)
    assert len(of_the_number(office)) == 1
    records = office.desk.records
    if how != "given up":
        without_the_crm(office)
    for _ in range(60):
        office.clock.forward(minutes=10)
        office.sweep()
        office.run()
    office.desk = replace(office.desk, records=records)
    office.doors["salesforce"].faults.clear()
    approved(office)
    office.settle(hours=3)
    assert office.refunded() == {"usd": 1800}
    assert len(of_the_number(office)) == 1


def test_of_what_stands_no_note_says_that_it_stands_no_more(office: Office) -> None:
    twice(office, PHONE, then={"nothing_asked": True})
    office.fault_at(LOGS, "429", times=4, params={"retry_after": 600})
    ticket = office.handle(BOTH)
    without_the_crm(office)
    office.settle(hours=104)
    notes = office.notes(ticket)
    assert "The CRM activity is not written yet" in notes[0]
    assert "The CRM activity is not written, as no CRM is connected" in notes[-1]
    assert not any("stands no more" in note for note in notes)


def test_while_the_log_is_paused_no_ticket_is_read_again_and_again(office: Office) -> None:
    twice(office, then={"nothing_asked": True})
    pause(office, "log_activity")
    office.handle()
    office.settle(hours=1, step=20)
    assert calls_in_an_hour(office) < 60
    resume_the_log(office)
    assert len(office.activities()) == 1


def resume_the_log(office: Office) -> None:
    assert switch.resume(office.engine, "log_activity", "Lea", office.clock()) is not None
    office.settle(hours=1)


@pytest.mark.parametrize("how", ["all", "file"])
def test_nor_after_everything_was_paused_while_the_crm_was_busy(office: Office, how: str, tmp_path: Path) -> None:
    twice(office, then={"nothing_asked": True})
    office.fault_at(LOGS, "429", times=3)
    office.handle()
    if how == "all":
        pause(office, switch.ALL)
    else:
        (tmp_path / "paused").write_text("stop\n")
        office.desk = replace(office.desk, stop_file=tmp_path / "paused")
    office.settle(hours=1, step=20)
    assert calls_in_an_hour(office) <= 12 * 6


def test_while_the_log_is_paused_what_the_customer_writes_next_is_read(office: Office) -> None:
    twice(office, then={"unsure": "a person reads it"})
    pause(office, "log_activity")
    ticket = office.handle()
    office.customer_answers(ticket, "Now my account is locked, I cannot log in.")
    assert len(office.notes(ticket)) == 2


def test_while_the_log_is_paused_a_refund_that_fails_is_told(office: Office) -> None:
    twice(office, then={"nothing_asked": True})
    pause(office, "log_activity")
    ticket = office.handle()
    fails(office)
    office.days_pass(3)
    assert len(office.replies(ticket)) == 2


def test_while_the_log_is_paused_who_is_asked_is_reminded_and_not_waited_for_without_end(office: Office) -> None:
    twice(office, PHONE, then={"nothing_asked": True})
    pause(office, "log_activity")
    ticket = office.handle(BOTH)
    office.settle(hours=90)
    assert waiting(office) == []
    assert len(office.notes(ticket)) > 1


def test_on_a_ticket_that_was_deleted_it_is_not_looked_for_without_end(office: Office) -> None:
    twice(office, then={"nothing_asked": True})
    office.fault_at(LOGS, "timeout_before", times=4)
    ticket = office.handle()
    without_the_crm(office)
    office.at_desk("delete", ticket=ticket)
    office.settle(hours=48)
    assert rests(office)


def test_a_person_of_whom_something_was_never_logged_is_forgotten_in_time(office: Office) -> None:
    twice(office, then={"nothing_asked": True})
    office.fault_at(LOGS, "429", times=FOREVER)
    office.handle()
    office.settle()
    for days in (2, 4, 6, 500):
        office.clock.forward(days=days)
        office.sweep()
        office.run()
    office.clock.forward(days=500)
    with office.engine.begin() as c:
        assert sweep(c, Retention(), office.clock()).people == 1


def test_after_a_restore_what_cannot_be_looked_for_is_given_up(own_database: Database, tmp_path: Path) -> None:
    office = Office(own_database.engine)
    twice(office, then={"nothing_asked": True})
    ticket = office.writes()
    put_back(office, backup(office, tmp_path))
    office.fault_at(LOOKS, "500_before", times=FOREVER)
    resume(office, ticket)
    office.settle(hours=40)
    with office.engine.begin() as c:
        assert c.execute(select(proposals.c.id).where(proposals.c.closed_at.is_(None))).all() == []
    assert rests(office)


def test_after_a_restore_and_without_the_crm_what_the_customer_writes_is_read(
        own_database: Database, tmp_path: Path) -> None:
    office = Office(own_database.engine)
    twice(office, then={"unsure": "a person reads it"})
    office.fault_at(LOGS, "429", times=4, params={"retry_after": 600})
    ticket = office.handle()
    assert kept(office, "log_activity")[0].state == "planned"
    saved = backup(office, tmp_path)
    office.clock.forward(minutes=30)
    office.customer_answers(ticket, "And please tell me more about your company.")
    assert len(office.notes(ticket)) == 2
    office.clock.forward(hours=3)
    put_back(office, saved)
    without_the_crm(office)
    resume(office, ticket)
    office.settle(hours=10)
    office.customer_answers(ticket, "Now my account is locked, I cannot log in.")
    office.settle(hours=40)
    assert len(office.notes(ticket)) == 3
