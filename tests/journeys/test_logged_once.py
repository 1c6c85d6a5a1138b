"""What the CRM could not take at once is logged once at most, keeps nobody busy, and nothing false is said of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent import switch
from agent.database import Database
from tests.journeys.office import Office, refund
from tests.journeys.sides import Call
from tests.journeys.test_restored import backup, put_back
from tests.journeys.test_undo import NEW, PHONE, approved, kept, undo
from webhooks.inbox import About, keep_about

FOREVER = 1_000_000
SECOND = refund("c2", quote="please refund the second one")
LOGS = Call("salesforce", "POST", "/composite", "/sobjects/Task")
LOOKS = Call("salesforce", "POST", "/composite", "FROM%20Task")
BOTH = f"I was charged twice for order 1042, please refund the second one. my new number is {NEW}"


def about_phone(office: Office) -> list[Any]:
    op = kept(office, "contact_change")[0].id
    mine = {one.id for one in kept(office, "log_activity") if one.action.about == op}
    return [one for one in office.activities() if any(one["Subject"].endswith(id) for id in mine)]


def provider_tells(office: Office) -> None:
    about = About(delivery_id="evt_late", kind="refund.failed", vendor="stripe", account="acct_sbx",
                  target=office.refunds()[0]["charge"], occurred_at=office.clock(), sha256=b"\0" * 32)
    with office.engine.begin() as c:
        assert keep_about(c.connection.driver_connection, about, office.clock()) == "kept"


def hours(office: Office, n: float, step: int = 10) -> None:
    for _ in range(int(n * 60 / step)):
        office.clock.forward(minutes=step)
        office.sweep()
        office.run()


def calls_in_an_hour(office: Office) -> int:
    before = len(office.calls())
    office.settle(hours=1, step=20)
    return len(office.calls()) - before


@pytest.mark.parametrize("how", ["given up", "no crm"])
def test_what_may_have_been_logged_and_was_not_looked_for_is_not_logged_again(office: Office, how: str) -> None:
    office.double_charge()
    office.planner.always = lambda case: {"actions": [SECOND, PHONE]} if "twice" in case.asked() else {
        "nothing_asked": True}
    office.fault_at(LOGS, "timeout_after", times=1)
    office.fault_at(LOOKS, "500_before", times=FOREVER)
    office.handle(BOTH)
    assert kept(office, "log_activity")[0].state == "unknown"
    print([(o.kind, o.state) for o in kept(office, "contact_change")], office.states())
    if how == "given up":
        hours(office, 10)
    else:
        records = office.desk.records
        office.desk = replace(office.desk, records=None)
        hours(office, 1)
        office.desk = replace(office.desk, records=records)
    print([(o.state, o.reason, o.attempts) for o in kept(office, "log_activity")])
    print(office.activities())
    office.doors["salesforce"].faults.clear()
    assert len(about_phone(office)) == 1
    approved(office)
    office.settle(hours=3)
    print([(o.state, o.reason, o.attempts) for o in kept(office, "log_activity")], office.activities())
    assert len(about_phone(office)) == 1


def test_of_what_stands_no_note_says_that_it_stands_no_more(office: Office) -> None:
    office.double_charge()
    office.planner.always = lambda case: {"actions": [SECOND, PHONE]} if "twice" in case.asked() else {
        "nothing_asked": True}
    office.fault_at(LOGS, "429", times=4, params={"retry_after": 600})
    ticket = office.handle(BOTH)
    office.desk = replace(office.desk, records=None)
    hours(office, 24)
    print([(o.state, o.reason, o.attempts) for o in kept(office, "log_activity")])
    for n in office.notes(ticket):
        print(n)
        print("--")
    hours(office, 80)
    for n in office.notes(ticket):
        print(n)
        print("--")
    assert not any("stands no more" in n for n in office.notes(ticket))


def test_what_was_undone_and_may_be_logged_is_not_looked_for_without_end(office: Office) -> None:
    office.planner.always = lambda case: {"actions": [PHONE], "category": "contact_details"} if (
        "new number" in case.asked()) else {"nothing_asked": True}
    office.fault_at(LOGS, "timeout_before", times=1)
    office.fault_at(LOOKS, "500_before", times=FOREVER)
    office.handle(f"Hi, my new number is {NEW}.")
    assert kept(office, "log_activity")[0].state == "unknown"
    undo(office)
    office.settle(hours=60)
    print([(o.state, o.reason, o.attempts) for o in kept(office, "log_activity")])
    before = len(office.calls())
    office.settle(hours=48)
    print(len(office.calls()) - before)
    assert len(office.calls()) == before


def test_after_a_restore_an_undo_without_the_crm_is_looked_at_now_and_then(
        own_database: Database, tmp_path: Path) -> None:
    office = Office(own_database.engine)
    office.planner.always = lambda case: {"actions": [PHONE], "category": "contact_details"} if (
        "new number" in case.asked()) else {"nothing_asked": True}
    ticket = office.handle(f"Hi, my new number is {NEW}.")
    office.settle()
    put_back(office, backup(office, tmp_path))
    switch.resume(office.engine, switch.ALL, "Lea", office.clock())
    office.settle()
    office.desk = replace(office.desk, records=None)
    undo(office)
    office.settle(hours=2, step=20)
    n = calls_in_an_hour(office)
    print("calls", n, [(o.state, o.attempts, o.reason) for o in kept(office, "undo")], len(office.notes(ticket)))
    assert n < 60


@pytest.mark.parametrize("day", [13, 20])
def test_a_late_failure_behind_a_short_fault_is_told_all_the_same(office: Office, day: int) -> None:
    office.double_charge()
    office.planner.always = lambda case: {"actions": [SECOND]} if "twice" in case.asked() else {"nothing_asked": True}
    ticket = office.handle()
    office.days_pass(day)
    assert len(office.notes(ticket)) == 1
    office.happens("stripe", "fail_refund", refund=office.refunds()[0]["id"])
    provider_tells(office)
    office.fault("stripe", "500_before", "GET", "/charges/.*", times=3)
    office.sweep()
    office.settle(hours=30)
    for n in office.notes(ticket):
        print(n)
    print(office.replies(ticket), office.states(), kept(office, "refund")[0].state)
    assert kept(office, "refund")[0].state == "rejected"
    assert len(office.replies(ticket)) == 2


def test_after_a_restore_and_without_the_crm_the_customer_is_read(own_database: Database, tmp_path: Path) -> None:
    office = Office(own_database.engine)
    office.double_charge()
    office.planner.always = lambda case: {"actions": [SECOND]} if "twice" in case.asked() else {"unsure": "read it"}
    office.fault_at(LOGS, "429", times=4, params={"retry_after": 600})
    ticket = office.handle()
    assert kept(office, "log_activity")[0].state == "planned"
    saved = backup(office, tmp_path)
    office.clock.forward(minutes=30)
    office.customer_answers(ticket, "And please tell me more about your company.")
    assert len(office.notes(ticket)) == 2
    office.clock.forward(hours=3)
    put_back(office, saved)
    switch.resume(office.engine, switch.ALL, "Lea", office.clock())
    office.desk = replace(office.desk, records=None)
    office.event(ticket)
    office.settle(hours=10)
    office.customer_answers(ticket, "Now my account is locked, I cannot log in.")
    office.settle(hours=40)
    print([(o.state, o.attempts, o.reason) for o in kept(office, "log_activity")], office.states())
    assert len(office.notes(ticket)) == 3
