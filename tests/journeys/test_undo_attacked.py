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
from tests.journeys.office import AGENT, Office
from tests.journeys.test_undo import LENA, NEW, OLD, PHONE, kept, moved, phone, undo

NAME = {"kind": "contact_change", "contact": "k1", "field": "last_name", "value": "Newname",
        "quote": "my name is Newname now"}


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
        office.desk, second.id, undoing.receipt_digest(second), LENA))
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
    assert any("whether it happened is NOT known" in note for note in office.notes(ticket))
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
