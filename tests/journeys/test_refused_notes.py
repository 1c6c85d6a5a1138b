"""A note that the helpdesk refuses is a person's: `deskhand held` lists it, and each way to resolve it ends it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select, text

from agent import held
from agent.endings import NOTE_REFUSED
from agent.tables import audit
from tests.journeys.conftest import on_both
from tests.journeys.dying import mortal, run_and_swept
from tests.journeys.office import Office, refund
from tests.journeys.test_consent import asks, waiting
from tests.journeys.test_later import fails, refunded, told
from tests.journeys.test_refunded_by_hand import told as told_of
from tests.journeys.test_resolved_attacked import not_done as refund_not_done
from tests.journeys.test_resolved_attacked import one_is_held_and_the_other_withdrawn
from tests.journeys.test_undo import OLD, approved, kept, moved, phone, undo
from tests.journeys.test_undo_attacked import contact_cannot_be_written, endings

MOST_PLACES = 60
"""Where such a pass may be killed: there are fewer."""
TWICE = {"actions": [refund("c2", quote="refund the second one")]}


def refuses_notes(office: Office) -> None:
    """A required field, or a rule of the org, that no note meets."""
    if office.side.vendor == "zendesk":
        office.fault("zendesk", "key_mismatch", "PUT", r"/tickets/\d+", body='"public": false', times=10_000)
    else:
        office.fault_at(office.side.updates["note"], "validation", times=10_000)


def takes_notes(office: Office) -> None:
    office.doors[office.side.vendor].faults.clear()


def holds(office: Office) -> list[held.Held]:
    with office.engine.begin() as c:
        return held.held(c)


def said(office: Office) -> list[tuple[str, str]]:
    """By whom and how the held ones were resolved, as the audit has it."""
    with office.engine.begin() as c:
        return [(row["by"], row["as"]) for row in c.execute(select(audit.c.public).where(
            audit.c.kind == "operation.resolved", audit.c.public["action"].astext == "ticket_update",
        ).order_by(audit.c.id)).scalars()]


def a_refund_is_told(office: Office) -> Any:
    office.double_charge()
    office.planner.always = lambda case: TWICE if "twice" in case.asked() else {"nothing_asked": True}  # type: ignore[attr-defined]
    refuses_notes(office)
    ticket = office.handle()
    office.settle(hours=2)
    return ticket


@on_both
def test_of_a_refund_it_is_resolved_as_not_done_once_and_for_all(office: Office) -> None:
    ticket = a_refund_is_told(office)
    [one] = holds(office)
    held.not_done(office.desk, one.operation, "Ana")
    office.settle(hours=2)
    assert holds(office) == []
    assert said(office) == [("Ana", "not_done")]
    assert office.states() == [("done", "")]
    assert (office.refunded(), len(office.replies(ticket)), office.notes(ticket)) == ({"usd": 1800}, 1, [])

    office.customer_answers(ticket, "Any news?")
    office.settle(hours=30)
    assert holds(office) == []


def test_on_a_closed_ticket_it_is_held_until_a_person_says_that_it_will_not_be_written(office: Office) -> None:
    office.double_charge()
    office.planner.always = lambda case: TWICE if "twice" in case.asked() else {"nothing_asked": True}  # type: ignore[attr-defined]
    office.fault("stripe", "timeout_after", "POST", "/refunds")
    office.fault("stripe", "500_before", "GET", "/refunds", times=9)
    ticket = office.handle()
    office.at_desk("close", ticket=ticket)
    office.settle(hours=20)
    assert office.refunded() == {"usd": 1800}
    [one] = holds(office)
    held.send_again(office.desk, one.operation, "Ana")
    office.settle(hours=2)
    [again] = holds(office)
    assert again.operation == one.operation
    assert again.reason.startswith(NOTE_REFUSED)
    state = office.states()

    held.not_done(office.desk, again.operation, "Ana")
    office.settle(hours=2)
    assert holds(office) == []
    assert said(office) == [("Ana", "send_again"), ("Ana", "not_done")]
    assert (office.states(), office.notes(ticket)) == (state, [])


@on_both
def test_what_is_waited_for_goes_on_beside_it_and_is_told_in_a_note_of_its_own(office: Office) -> None:
    office.charge(2000)
    asked = {"actions": [refund("c1", claim="goodwill", quote="money back")]}
    office.planner.always = lambda case: asked if "money back" in case.asked() else {"nothing_asked": True}  # type: ignore[attr-defined]
    refuses_notes(office)
    ticket = office.handle("I want my money back, please.")
    [one] = holds(office)
    held.not_done(office.desk, one.operation, "Ana")
    office.settle(hours=1)
    assert (holds(office), len(waiting(office)), office.states()[0][0]) == ([], 1, "parked")
    takes_notes(office)
    approved(office)
    assert office.refunded() == {"usd": 2000}
    assert "refunded USD 20.00" in office.notes(ticket)[0]


@on_both
def test_released_after_the_customer_wrote_again_it_is_written_whatever_has_changed(office: Office) -> None:
    office.planner.always = lambda case: {"unsure": "the customer asks for a person"}  # type: ignore[attr-defined]
    refuses_notes(office)
    ticket = office.handle("A person, please.")
    office.settle(hours=1)
    [one] = holds(office)
    office.planner.always = lambda case: {"unsure": "this is about a parcel"}  # type: ignore[attr-defined]
    takes_notes(office)
    office.customer_answers(ticket, "And where is my parcel?")
    office.settle(hours=1)
    before = office.notes(ticket)
    held.send_again(office.desk, one.operation, "Ana")
    office.settle(hours=2)
    assert len(office.notes(ticket)) == len(before) + 1
    assert holds(office) == []


def of_an_undo(office: Office) -> Any:
    ticket = moved(office)
    refuses_notes(office)
    undo(office)
    return ticket


def of_what_is_settled_alone(office: Office) -> Any:
    ticket = one_is_held_and_the_other_withdrawn(office)
    refuses_notes(office)
    refund_not_done(office)
    return ticket


def of_a_refund_by_hand(office: Office) -> Any:
    ticket = asks(office, 18_000)
    refuses_notes(office)
    [wait] = waiting(office)
    office.clock.forward(minutes=10)
    office.happens("stripe", "dashboard_refund", charge=wait.target)
    told_of(office, charge=str(wait.target))  # type: ignore[arg-type]
    return ticket


def of_a_refund_that_fell_through(office: Office) -> Any:
    ticket = refunded(office)
    refuses_notes(office)
    fails(office)
    told(office)
    return ticket


def of_a_plan_that_cannot_be_read(office: Office) -> Any:
    office.double_charge()
    office.planner.always = lambda case: TWICE  # type: ignore[attr-defined]
    office.fault("stripe", "429", "POST", "/refunds", params={"retry_after": 120}, times=3)
    ticket = office.handle()
    refuses_notes(office)
    with office.engine.begin() as c:
        c.execute(text("update proposals set sealed = set_byte(sealed, 40, (get_byte(sealed, 40) + 1) % 256)"))
    return ticket


def not_done(office: Office, id: str) -> None:
    held.not_done(office.desk, id, "Ana")


def send_again(office: Office, id: str) -> None:
    held.send_again(office.desk, id, "Ana")


def found(office: Office, id: str) -> None:
    """The helpdesk had refused it, and kept it all the same."""
    with office.engine.begin() as c:
        one = office.desk.ledger.operation(c, id)
    assert one is not None
    stands = office.desk.helpdesk(one.action.ref).perform(one.action, one.key)
    held.found(office.desk, id, stands.entry, "Ana")


SITUATIONS = [of_an_undo, of_what_is_settled_alone, of_a_refund_by_hand, of_a_refund_that_fell_through,
              of_a_plan_that_cannot_be_read]
WAYS: list[tuple[Callable[[Office, str], None], int]] = [(not_done, 0), (send_again, 1), (found, 1)]
"""How it is resolved, and how many notes stand on the ticket then."""


def stands(office: Office, ticket: Any) -> list[Any]:
    """Everything that resolving a note leaves as it is."""
    with office.engine.begin() as c:
        moved = c.execute(text("select kind, state from operations where kind <> 'ticket_update' order by id")).all()
        waited = c.execute(text("select state from waits order by id")).scalars().all()
    return [office.states(), endings(office), office.replies(ticket), office.refunded(), moved, waited]


@on_both
@pytest.mark.parametrize(("resolve", "written"), WAYS)
@pytest.mark.parametrize("situation", SITUATIONS)
def test_outside_a_plan_it_is_held_and_resolved_without_a_side_effect(
        office: Office, situation: Callable[[Office], Any], resolve: Callable[[Office, str], None],
        written: int) -> None:
    ticket = situation(office)
    notes = len(office.notes(ticket))
    office.settle(step=60, hours=0.5)
    assert len(office.notes(ticket)) == notes
    [one] = holds(office)
    assert (one.kind, one.reason[:len(NOTE_REFUSED)]) == ("ticket_update", NOTE_REFUSED)
    before = stands(office, ticket)

    takes_notes(office)
    resolve(office, one.operation)
    office.settle(step=60, hours=0.5)
    assert holds(office) == []
    assert said(office) == [("Ana", resolve.__name__)]
    assert len(office.notes(ticket)) == notes + written
    assert stands(office, ticket) == before


@pytest.mark.parametrize("situation", SITUATIONS)
def test_refused_again_it_is_held_again(office: Office, situation: Callable[[Office], Any]) -> None:
    situation(office)
    office.settle(step=60, hours=0.5)
    [one] = holds(office)
    send_again(office, one.operation)
    office.settle(step=60, hours=0.5)
    [again] = holds(office)
    assert (again.operation, again.send, again.reason) == (one.operation, 2, one.reason)
    not_done(office, again.operation)
    office.settle(step=60, hours=0.5)
    assert holds(office) == []


@on_both
@pytest.mark.parametrize("situation", SITUATIONS[:2])
def test_while_it_is_held_the_customer_is_heard(office: Office, situation: Callable[[Office], Any]) -> None:
    ticket = situation(office)
    office.settle(step=60, hours=1)
    takes_notes(office)
    office.planner.always = lambda case: {"unsure": "the customer asks for a person"}  # type: ignore[attr-defined]
    office.customer_answers(ticket, "A person please, at once!")
    office.settle(hours=1)
    assert "the customer asks for a person" in office.notes(ticket)[-1]
    assert len(holds(office)) == 1


def test_that_an_undo_is_tried_yet_is_nobodys_to_look_at(office: Office) -> None:
    """Nothing is left to do, and sent again later it would not be true: what became of the undo is told, or held."""
    moved(office)
    contact_cannot_be_written(office, "503")
    refuses_notes(office)
    undo(office)
    office.settle(hours=2)
    assert [one.state for one in kept(office, "undo")] == ["planned"]
    assert holds(office) == []
    office.doors["salesforce"].faults.clear()
    office.settle(hours=5)
    [one] = holds(office)
    assert one.reason.startswith(NOTE_REFUSED)


@pytest.mark.parametrize("kill_at", range(0, MOST_PLACES, 4))
def test_killed_anywhere_it_is_held_once_and_sent_again_written_once(office: Office, kill_at: int) -> None:
    ticket = moved(office)
    refuses_notes(office)
    undo(office, run=False)
    boundary = mortal(office, kill_at or None)
    run_and_swept(office, boundary)
    office.settle(step=60, hours=1)
    where = f"killed {boundary.passed[-1]}" if kill_at else ""
    assert len(holds(office)) == 1, where

    takes_notes(office)
    again = mortal(office, kill_at or None)
    send_again(office, holds(office)[0].operation)
    office.clock.forward(minutes=1)
    run_and_swept(office, again)
    office.settle(step=60, hours=1)
    if not kill_at:
        assert 10 < len(boundary.passed) < MOST_PLACES
        assert 10 < len(again.passed) < MOST_PLACES
    where = f"killed {again.passed[-1]}" if kill_at else ""
    assert holds(office) == [], where
    assert sum("undone by Mia" in note for note in office.notes(ticket)) == 1, where
    assert phone(office) == OLD, where
