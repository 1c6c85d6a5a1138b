"""What cannot be looked for or carried out any more ends, and with a person: nobody looks for ever, and nothing is left
that nobody is told of."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from agent import switch
from agent.database import Database
from agent.tables import operations
from tests.journeys.office import Office, refund
from tests.journeys.test_later import fails, told
from tests.journeys.test_one_vendor_away import answer_is_lost
from tests.journeys.test_restored import backup, put_back, resume
from tests.journeys.test_undo import NEW, OLD, phone, undo
from tests.journeys.test_unlogged import (
    FOREVER,
    SECOND,
    calls_in_an_hour,
    new_number,
    pause,
    rests,
    twice,
    without_the_crm,
)


def test_without_the_payment_provider_what_was_sent_is_a_persons_after_a_day(office: Office) -> None:
    office.double_charge(600)
    ticket = answer_is_lost(office, SECOND)
    office.desk = replace(office.desk, payments=None)
    office.settle(hours=60)
    assert "sent over 23 hours ago, and it cannot be looked for" in office.notes(ticket)[-1]


def test_a_charge_that_the_provider_does_not_know_any_more_is_a_persons_after_a_day(office: Office) -> None:
    office.double_charge(600)
    ticket = answer_is_lost(office, SECOND, kind="timeout_before")
    office.stripe.state.charges.clear()
    office.settle(hours=60)
    assert "sent over 23 hours ago, and it cannot be looked for" in office.notes(ticket)[-1]


def number_changed(office: Office) -> Any:
    new_number(office)
    ticket = office.handle(f"Hi, my new number is {NEW}.")
    office.settle()
    return ticket


def test_an_undo_without_the_crm_is_told_of(office: Office) -> None:
    ticket = number_changed(office)
    without_the_crm(office)
    undo(office)
    office.settle(hours=60)
    assert phone(office) == NEW
    assert "no records connector is configured" in office.notes(ticket)[-1]


def test_after_a_restore_an_undo_without_the_crm_is_looked_at_now_and_then(
        own_database: Database, tmp_path: Path) -> None:
    office = Office(own_database.engine)
    number_changed(office)
    put_back(office, backup(office, tmp_path))
    resume(office)
    without_the_crm(office)
    undo(office)
    office.settle(hours=2, step=20)
    assert calls_in_an_hour(office) < 60


def test_an_undo_that_is_pressed_after_a_restore_is_done(own_database: Database, tmp_path: Path) -> None:
    office = Office(own_database.engine)
    ticket = number_changed(office)
    office.planner.always = lambda case: {"unsure": "a person reads it"}  # type: ignore[attr-defined]
    office.clock.forward(hours=3)
    saved = backup(office, tmp_path)
    office.customer_answers(ticket, "And please tell me more about your company.")
    office.clock.forward(hours=3)
    put_back(office, saved)
    resume(office)
    undo(office)
    office.settle()
    assert phone(office) == OLD
    assert "undone by Mia" in office.notes(ticket)[-1]


def test_a_refund_that_may_not_be_looked_at_again_is_told_of_once(office: Office) -> None:
    twice(office, then={"nothing_asked": True})
    ticket = office.handle()
    office.settle()
    office.fault("stripe", "auth_lost", "GET", "/charges/.*", times=FOREVER, params={"how": "permission"})
    office.days_pass(30)
    assert rests(office)
    [_, note] = office.notes(ticket)
    assert "cannot be read any more" in note


@pytest.mark.parametrize("day", [13, 20])
def test_a_late_failure_behind_a_short_fault_is_told_all_the_same(office: Office, day: int) -> None:
    twice(office, then={"nothing_asked": True})
    ticket = office.handle()
    office.days_pass(day)
    assert len(office.notes(ticket)) == 1
    fails(office)
    assert told(office) == "kept"
    office.fault("stripe", "500_before", "GET", "/charges/.*", times=3)
    office.sweep()
    office.settle(hours=1)
    assert len(office.replies(ticket)) == 2


def test_a_plan_that_ended_leaves_nothing_planned(office: Office) -> None:
    """What is left over would keep the person from being forgotten."""
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
        assert c.execute(select(operations.c.id).where(operations.c.state == "planned")).all() == []
