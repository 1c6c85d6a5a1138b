"""An undo that was accepted is carried out and told, whatever else goes on at its ticket meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from agent import held, tell, workflow
from agent.consent import undoing
from agent.tables import proposals
from tests.journeys.conftest import on_both
from tests.journeys.dying import mortal, run_and_swept
from tests.journeys.office import AGENT, Office, refund
from tests.journeys.test_undo import LENA, NEW, OLD, PHONE, approved, kept, moved, phone, undo

NAME = {"kind": "contact_change", "contact": "k1", "field": "last_name", "value": "Newname",
        "quote": "my name is Newname now"}

MOST_PLACES = 90
"""Where such a pass may be killed: there are fewer."""


def asks_for_a_new_number(office: Office) -> Any:
    office.planner.always = lambda case: {"actions": [PHONE], "category": "contact_details"} if (  # type: ignore[attr-defined]
        "new number" in case.asked()) else {"nothing_asked": True}
    return office.handle(f"Hi, my new number is {NEW}.")


def meanwhile(monkeypatch: pytest.MonkeyPatch, where: Any, name: str, press: Callable[[], object]) -> None:
    """Somebody presses once, when this step of a pass has just been done."""
    step, pressed = getattr(where, name), []

    def done(*given: Any, **more: Any) -> Any:
        after = step(*given, **more)
        if not pressed:
            pressed.append(press())
        return after

    monkeypatch.setattr(where, name, done)


def endings(office: Office) -> list[str | None]:
    with office.engine.begin() as c:
        return list(c.execute(select(proposals.c.ending).order_by(proposals.c.id)).scalars())


def wakes_are_lost(office: Office) -> None:
    with office.engine.begin() as c:
        c.exec_driver_sql("delete from procrastinate_jobs where status = 'todo'")


@on_both
def test_pressed_while_the_change_is_being_told_it_is_done_and_told(
        office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    meanwhile(monkeypatch, tell, "tell", lambda: undo(office, run=False))
    ticket = asks_for_a_new_number(office)
    office.settle(hours=3)
    assert phone(office) == OLD
    assert office.notes(ticket)[1].startswith("Deskhand: undone by Mia")
    assert [len(office.notes(ticket)), len(office.replies(ticket))] == [2, 1]
    assert endings(office) == ["done"]


def test_pressed_while_the_change_is_being_told_it_is_found_by_the_sweep_where_its_wake_is_lost(
        office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    meanwhile(monkeypatch, tell, "tell", lambda: undo(office, run=False))
    ticket = office.writes(f"Hi, my new number is {NEW}.")
    office.planner.always = lambda case: {"actions": [PHONE], "category": "contact_details"}  # type: ignore[attr-defined]
    workflow.run(office.desk, kept_ticket(office, ticket))
    wakes_are_lost(office)
    office.clock.forward(minutes=1)
    assert office.sweep().woken == 1
    office.run()
    assert phone(office) == OLD
    wakes_are_lost(office)
    assert office.sweep().woken == 0


def kept_ticket(office: Office, ticket: Any) -> int:
    office.event(ticket)
    with office.engine.begin() as c:
        return int(c.exec_driver_sql("select max(id) from tickets").scalar_one())


def test_a_second_undo_pressed_while_the_first_is_told_is_done_too(
        office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.planner.always = lambda case: {"actions": [PHONE, NAME]} if (  # type: ignore[attr-defined]
        "new number" in case.asked()) else {"nothing_asked": True}
    ticket = office.handle(f"My new number is {NEW}, and my name is Newname now.")
    office.settle()
    first, second = kept(office, "contact_change")
    assert {first.state, second.state} == {"done"}
    meanwhile(monkeypatch, undoing, "carry_out", lambda: undoing.undo(
        office.desk, second.id, undoing.receipt_digest(office.desk, second), LENA))
    undo(office)
    office.settle(hours=3)
    assert [one.state for one in kept(office, "contact_change")] == ["undone", "undone"]
    assert ["undone by Mia" in office.notes(ticket)[1], "undone by Lena Lead" in office.notes(ticket)[2]] == [True] * 2


def test_pressed_in_a_pass_that_finds_a_colleague_on_the_ticket_it_is_done_all_the_same(
        office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.fault("zendesk", "timeout_before", "PUT", "/tickets/", times=9)
    ticket = asks_for_a_new_number(office)
    office.clock.forward(minutes=2)
    office.doors["zendesk"].faults.clear()
    office.at_desk("agent_replies", ticket=ticket, agent=AGENT, body="I take care of it.")
    meanwhile(monkeypatch, undoing, "carry_out", lambda: undo(office, run=False))
    office.event(ticket)
    office.settle(hours=5)
    assert phone(office) == OLD
    assert any(note.startswith("Deskhand: undone by Mia") for note in office.notes(ticket))


def test_on_a_ticket_that_is_deleted_meanwhile_it_is_done_and_nobody_looks_for_ever(office: Office) -> None:
    ticket = moved(office)
    undo(office, run=False)
    office.at_desk("delete", ticket=ticket)
    office.settle(hours=3)
    assert phone(office) == OLD
    assert endings(office) == ["done"]
    wakes_are_lost(office)
    assert office.sweep().woken == 0


@on_both
@pytest.mark.parametrize("how", ["not_done", "send_again"])
def test_an_undo_that_is_resolved_while_it_is_told_as_held_is_told_as_resolved(
        office: Office, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    ticket = moved(office)
    office.fault("salesforce", "timeout_before", path=".*composite", times=200, skip=1, body="/sobjects/Contact/003")
    undo(office)
    once_held(office, monkeypatch, lambda: getattr(held, how)(office.desk, kept(office, "undo")[0].id, "Ana"))
    office.settle(hours=30)
    assert any("whether it is undone is NOT known" in note for note in office.notes(ticket))
    if how == "send_again":
        assert phone(office) == OLD
        assert office.notes(ticket)[-1].startswith("Deskhand: undone by Mia")
    else:
        assert "not undone, as Mia had asked: Ana looked: it was not done" in office.notes(ticket)[-1]


def once_held(office: Office, monkeypatch: pytest.MonkeyPatch, press: Callable[[], object]) -> None:
    """Somebody presses when a pass has just told that an undo is held, and the vendor is there again."""
    tell_it, pressed = undoing._told, []

    def told(actor: Any, proposal_id: int, after: Any) -> Any:
        tell_it(actor, proposal_id, after)
        if after.state == "held" and not pressed:
            office.doors["salesforce"].faults.clear()
            pressed.append(press())
        return after

    monkeypatch.setattr(undoing, "_told", told)


AWAY = ["503", "timeout_before"]
"""Nothing happened, and nobody knows whether it did."""


def contact_cannot_be_written(office: Office, kind: str) -> None:
    office.fault("salesforce", kind, path=".*composite", times=9999, body="/sobjects/Contact/003")


def one_is_done_and_one_waits(office: Office) -> Any:
    office.charge(1800)
    both = {"actions": [PHONE, refund("c1", claim="goodwill", quote="some money back")]}
    office.planner.always = lambda case: both if "new number" in case.asked() else {"nothing_asked": True}  # type: ignore[attr-defined]
    ticket = office.handle(f"My new number is {NEW}, and I want some money back.")
    office.settle()
    assert phone(office) == NEW
    return ticket


@on_both
@pytest.mark.parametrize("kind", AWAY)
def test_while_its_vendor_is_away_the_rest_of_its_plan_goes_on(office: Office, kind: str) -> None:
    ticket = one_is_done_and_one_waits(office)
    contact_cannot_be_written(office, kind)
    undo(office)
    approved(office)
    office.settle(hours=2)
    assert office.refunded() == {"usd": 1800}
    assert "We have sent USD 18.00" in office.replies(ticket)[-1]
    office.planner.always = lambda case: {"unsure": "the customer asks for a person"}  # type: ignore[attr-defined]
    office.customer_answers(ticket, "A person please, at once!")
    office.settle(hours=2)
    assert "the customer asks for a person" in office.notes(ticket)[-1]
    office.doors["salesforce"].faults.clear()
    office.settle(hours=4)
    assert phone(office) == OLD
    assert sum("undone by Mia" in note for note in office.notes(ticket)) == 1


@on_both
def test_who_pressed_reads_once_that_it_is_tried_and_not_done_yet(office: Office) -> None:
    ticket = moved(office)
    contact_cannot_be_written(office, "503")
    undo(office)
    office.settle(hours=50)
    [note] = office.notes(ticket)[1:]
    assert note.startswith("Deskhand: not undone yet, as Mia had asked: ")
    assert "Deskhand goes on trying" in note
    assert not [one.attempts for one in kept(office, "undo") if one.attempts > 80]


@on_both
@pytest.mark.parametrize("kind", AWAY)
def test_while_its_vendor_is_away_another_plan_is_made_and_done(office: Office, kind: str) -> None:
    ticket = moved(office)
    contact_cannot_be_written(office, kind)
    undo(office)
    office.double_charge(4700)
    office.planner.always = lambda case: {"actions": [refund("c2", quote="the second one")]} if (  # type: ignore[attr-defined]
        "charged twice" in case.asked()) else {"nothing_asked": True}
    office.customer_answers(ticket, "I was also charged twice, please refund the second one.")
    approved(office)
    office.customer_answers(ticket, "YES")
    assert office.refunded() == {"usd": 4700}
    office.doors["salesforce"].faults.clear()
    office.settle(hours=4)
    assert phone(office) == OLD
    assert endings(office) == ["done", "done"]


def test_where_its_wake_is_lost_the_sweep_finds_what_is_tried_again(office: Office) -> None:
    moved(office)
    contact_cannot_be_written(office, "503")
    undo(office)
    assert office.sweep().woken == 0
    wakes_are_lost(office)
    office.doors["salesforce"].faults.clear()
    office.clock.forward(hours=1)
    assert office.sweep().woken == 1
    office.run()
    assert phone(office) == OLD


@pytest.mark.parametrize("kill_at", range(0, MOST_PLACES, 3))
def test_killed_anywhere_while_its_vendor_is_away_all_is_done_and_told_once(office: Office, kill_at: int) -> None:
    ticket = one_is_done_and_one_waits(office)
    contact_cannot_be_written(office, "503")
    undo(office)
    approved(office, run=False)
    boundary = mortal(office, kill_at or None)
    office.clock.forward(minutes=1)
    run_and_swept(office, boundary)
    office.settle(step=60, hours=1)
    office.doors["salesforce"].faults.clear()
    office.settle(hours=3)
    if not kill_at:
        assert 10 < len(boundary.passed) < MOST_PLACES
    where = f"killed {boundary.passed[-1]}" if kill_at else ""
    assert phone(office) == OLD, where
    assert office.refunded() == {"usd": 1800}, where
    for words in ("yet, as Mia had asked", "undone by Mia"):
        assert sum(words in note for note in office.notes(ticket)) == 1, where
