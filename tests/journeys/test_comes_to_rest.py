"""Whatever befalls it, a ticket comes to rest: nobody looks for ever, and nothing is left that nobody is told of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from agent import switch
from agent.database import Database
from agent.retention import Retention, sweep
from agent.tables import operations, proposals
from tests.journeys.office import Office, refund
from tests.journeys.sides import Call
from tests.journeys.test_consent import waiting
from tests.journeys.test_restored import backup, put_back
from tests.journeys.test_undo import NEW, OLD, PHONE, kept, phone, undo

FOREVER = 1_000_000
SECOND = refund("c2", quote="please refund the second one")
LOGS = Call("salesforce", "POST", "/composite", "/sobjects/Task")
LOOKS = Call("salesforce", "POST", "/composite", "FROM%20Task")


def pause(office: Office, action: str) -> None:
    with office.engine.begin() as c:
        switch.pause(c, action, "a look first", "Lea", office.clock())


def twice(office: Office, then: dict[str, Any]) -> None:
    office.double_charge()
    office.planner.always = lambda case: {"actions": [SECOND]} if "twice" in case.asked() else then


def open_plans(office: Office) -> Sequence[Any]:
    with office.engine.begin() as c:
        return c.execute(select(proposals.c.id).where(proposals.c.closed_at.is_(None))).all()


def calls_in_an_hour(office: Office) -> int:
    before = len(office.calls())
    office.settle(hours=1, step=20)
    return len(office.calls()) - before


def test_while_the_crm_log_is_paused_no_ticket_is_read_every_20_seconds(office: Office) -> None:
    twice(office, {"nothing_asked": True})
    pause(office, "log_activity")
    office.handle()
    office.settle(hours=1, step=20)
    assert calls_in_an_hour(office) < 60


def test_what_the_customer_writes_next_is_read(office: Office) -> None:
    twice(office, {"unsure": "a person reads it"})
    pause(office, "log_activity")
    ticket = office.handle()
    office.customer_answers(ticket, "Now my account is locked, I cannot log in.")
    office.settle(hours=30)
    assert len(office.notes(ticket)) == 2


def test_a_refund_that_fails_is_told(office: Office) -> None:
    twice(office, {"nothing_asked": True})
    pause(office, "log_activity")
    ticket = office.handle()
    office.happens("stripe", "fail_refund", refund=office.refunds()[0]["id"])
    office.days_pass(3)
    assert len(office.replies(ticket)) == 2


def test_an_approval_that_nobody_gives_is_reminded_of_and_expires(office: Office) -> None:
    office.double_charge()
    office.planner.always = lambda case: {"actions": [SECOND, PHONE]}
    pause(office, "log_activity")
    ticket = office.handle(f"I was charged twice for order 1042, please refund the second one. my new number is {NEW}")
    office.settle(hours=90)
    assert waiting(office) == []
    assert len(office.notes(ticket)) > 1


@pytest.mark.parametrize("how", ["all", "file"])
def test_pause_now_while_an_activity_is_outstanding(office: Office, how: str, tmp_path: Path) -> None:
    twice(office, {"nothing_asked": True})
    office.fault_at(LOGS, "429", times=3)
    office.handle()
    if how == "all":
        pause(office, switch.ALL)
    else:
        (tmp_path / "paused").write_text("stop\n")
        office.desk = replace(office.desk, stop_file=tmp_path / "paused")
    office.settle(hours=1, step=20)
    assert calls_in_an_hour(office) <= 12 * 6


def unknown(office: Office, kind: str = "timeout_after") -> Any:
    twice(office, {"unsure": "read it"})
    office.fault("stripe", kind, "POST", "/refunds", times=1)
    office.fault("stripe", "500_before", "GET", "/refunds", times=3)
    ticket = office.handle()
    assert kept(office, "refund")[0].state == "unknown"
    return ticket


def test_without_the_payments_connector_what_was_sent_is_a_persons_after_a_day(office: Office) -> None:
    ticket = unknown(office)
    office.desk = replace(office.desk, payments=None)
    office.settle(hours=60)
    assert kept(office, "refund")[0].state == "held"
    assert office.notes(ticket)


def test_a_charge_that_the_provider_does_not_know_any_more(office: Office) -> None:
    ticket = unknown(office, "timeout_before")
    office.stripe.state.charges.clear()
    office.settle(hours=60)
    assert kept(office, "refund")[0].state == "held"
    assert office.notes(ticket)


def test_an_undo_without_the_crm_is_told(office: Office) -> None:
    office.planner.always = lambda case: {"actions": [PHONE], "category": "contact_details"}
    ticket = office.handle(f"Hi, my new number is {NEW}.")
    office.settle()
    office.desk = replace(office.desk, records=None)
    undo(office)
    office.settle(hours=60)
    assert len(office.notes(ticket)) > 1


def test_a_deleted_ticket_whose_activity_has_no_crm_comes_to_rest(office: Office) -> None:
    twice(office, {"nothing_asked": True})
    office.fault_at(LOGS, "timeout_before", times=4)
    ticket = office.handle()
    assert kept(office, "log_activity")[0].state == "unknown"
    office.desk = replace(office.desk, records=None)
    office.at_desk("delete", ticket=ticket)
    office.settle(hours=48)
    assert not open_plans(office)


def test_an_undo_pressed_after_a_restore_is_done_or_told(own_database: Database, tmp_path: Path) -> None:
    office = Office(own_database.engine)
    office.planner.always = lambda case: {"actions": [PHONE], "category": "contact_details"} if (
        "new number" in case.asked()) else {"unsure": "a person reads it"}
    ticket = office.handle(f"Hi, my new number is {NEW}.")
    office.settle()
    office.clock.forward(hours=3)
    saved = backup(office, tmp_path)
    office.customer_answers(ticket, "And please tell me more about your company.")
    office.settle()
    office.clock.forward(hours=3)
    put_back(office, saved)
    switch.resume(office.engine, switch.ALL, "Lea", office.clock())
    office.settle()
    undo(office)
    office.settle()
    assert phone(office) == OLD or len(office.notes(ticket)) > 2


def test_after_a_restore_an_activity_that_cannot_be_looked_for_is_given_up(
        own_database: Database, tmp_path: Path) -> None:
    office = Office(own_database.engine)
    twice(office, {"nothing_asked": True})
    ticket = office.writes()
    put_back(office, backup(office, tmp_path))
    switch.resume(office.engine, switch.ALL, "Lea", office.clock())
    office.fault_at(LOOKS, "500_before", times=FOREVER)
    office.event(ticket)
    office.settle(hours=40)
    assert not open_plans(office)


def test_a_refund_that_may_not_be_looked_at_again_is_told_of(office: Office) -> None:
    twice(office, {"nothing_asked": True})
    ticket = office.handle()
    office.settle()
    office.fault("stripe", "auth_lost", "GET", "/charges/.*", times=FOREVER, params={"how": "permission"})
    for _ in range(30):
        office.clock.forward(days=1)
        office.sweep()
        office.run()
    before = len(office.calls())
    office.settle(hours=24)
    assert len(office.calls()) == before or len(office.notes(ticket)) == 2


def test_what_was_left_unlogged_goes_when_its_time_is_up(office: Office) -> None:
    twice(office, {"nothing_asked": True})
    office.fault_at(LOGS, "429", times=1000)
    office.handle()
    office.settle()
    for days in (2, 4, 6, 500):
        office.clock.forward(days=days)
        office.sweep()
        office.run()
    office.clock.forward(days=500)
    with office.engine.begin() as c:
        assert sweep(c, Retention(), office.clock()).people == 1


def test_a_plan_that_ended_leaves_nothing_planned(office: Office) -> None:
    office.policy = office.policy_with(claims_proven=False)
    charge = office.charge(1800)
    office.planner.always = lambda case: {"actions": [
        refund("c1", claim="goodwill", quote="please refund the second one")]}
    pause(office, "refund")
    office.handle()
    office.clock.forward(minutes=10)
    office.happens("stripe", "dashboard_refund", charge=charge, amount=500)
    switch.resume(office.engine, "refund", "Lea", office.clock())
    office.settle()
    with office.engine.begin() as c:
        assert not c.execute(select(operations.c.id).where(operations.c.state == "planned")).all()
