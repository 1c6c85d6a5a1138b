"""Who resolves a held operation is followed by a note that says what they found, whatever goes on meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from agent import held, tell
from agent.consent import approval
from agent.consent.approval import Colleague
from agent.consent.waits import of_ticket
from connectors.contract import Charge
from tests.journeys.conftest import on_both
from tests.journeys.dying import mortal, run_and_swept
from tests.journeys.office import Office, refund
from tests.journeys.test_consent import waiting
from tests.journeys.test_undo import NEW, PHONE, kept, phone
from tests.journeys.test_undo_attacked import endings, meanwhile, wakes_are_lost

MOST_PLACES = 60
"""Where such a pass may be killed: there are fewer."""


def not_done(office: Office) -> None:
    held.not_done(office.desk, kept(office, "refund")[0].id, "Ana")


def send_again(office: Office) -> None:
    held.send_again(office.desk, kept(office, "refund")[0].id, "Ana")


def found(office: Office) -> None:
    one = kept(office, "refund")[0]
    by_hand = office.happens("stripe", "dashboard_refund", charge=one.target, amount=1800)["id"]
    held.found(office.desk, one.id, by_hand, "Ana")


@on_both
@pytest.mark.parametrize("resolve", [found, send_again])
def test_resolved_while_it_is_told_that_nobody_knows(
        office: Office, monkeypatch: pytest.MonkeyPatch, resolve: Callable[[Office], None]) -> None:
    office.double_charge(1800)
    office.planner.always = lambda case: {"actions": [refund("c2", quote="refund the second one")]} if (  # type: ignore[attr-defined]
        "charged twice" in case.asked()) else {"nothing_asked": True}
    office.fault("stripe", "500_before", "POST", "/v1/refunds")
    meanwhile(monkeypatch, tell, "tell", lambda: resolve(office))
    ticket: Any = office.handle()
    office.settle(hours=3)
    assert "NOT known" in office.notes(ticket)[0]
    assert "refunded USD 18.00" in office.notes(ticket)[-1]
    assert len(office.refunds()) == len(office.replies(ticket)) == 1


def one_is_held_and_the_other_withdrawn(office: Office) -> Any:
    """Of two refunds asked for the proven one is held, and the customer has taken the favour back that waits for a
    colleague."""
    office.double_charge(1800)
    favours = office.charge(1000, order="1043")
    twice, favour = refund("c2", quote="refund the second one"), refund("c3", claim="goodwill", quote="ten as a favour")
    office.planner.always = lambda case: {"actions": [twice, favour]} if "favour" in case.asked() else {  # type: ignore[attr-defined]
        "actions": [twice]} if "only the double charge" in case.asked() else {"nothing_asked": True}
    office.fault("stripe", "500_before", "POST", "/v1/refunds")
    ticket = office.handle("Please refund the second one, and ten as a favour.")
    assert asked_for(office) == [favours]
    assert [one.state for one in kept(office, "refund")] == ["held"]
    office.customer_answers(ticket, "Forget the ten, only the double charge.")
    assert favours not in asked_for(office)
    return ticket


def asked_for(office: Office) -> list[str | None]:
    """The charges about which somebody's yes is waited for."""
    return [wait.target for wait in waiting(office)]


@on_both
@pytest.mark.parametrize(("resolve", "note", "refunded"), [
    (not_done, "Deskhand: NOT done, as Ana found: refund USD 18.00", {}),
    (found, "Deskhand: done, as Ana found: refunded USD 18.00", {"usd": 1800}),
    (send_again, "Deskhand: sent again, as Ana had asked, and done: refunded USD 18.00", {"usd": 1800})])
def test_what_the_customer_has_withdrawn_does_not_come_back(
        office: Office, resolve: Callable[[Office], None], note: str, refunded: dict[str, int]) -> None:
    ticket = one_is_held_and_the_other_withdrawn(office)
    notes, replies, asked = len(office.notes(ticket)), office.replies(ticket), asked_for(office)
    resolve(office)
    office.settle(hours=3)
    assert asked_for(office) == asked
    assert office.refunded() == refunded
    [said] = office.notes(ticket)[notes:]
    assert said.startswith(note)
    assert "favour" not in said
    assert office.replies(ticket) == replies
    assert endings(office)[0] == "handed_over"


@pytest.mark.parametrize("kind", ["503", "timeout_before"])
def test_what_is_sent_again_while_its_vendor_is_away_keeps_no_newer_plan_waiting(office: Office, kind: str) -> None:
    ticket = one_is_held_and_the_other_withdrawn(office)
    office.fault("stripe", kind, "POST|GET", "/v1/refunds", times=9999)
    send_again(office)
    office.planner.always = lambda case: {"actions": [PHONE]} if (  # type: ignore[attr-defined]
        "new number" in case.asked()) else {"nothing_asked": True}
    office.customer_answers(ticket, f"My new number is {NEW}.")
    office.settle(hours=1)
    assert phone(office) == NEW
    office.doors["stripe"].faults.clear()
    wakes_are_lost(office)
    office.clock.forward(hours=1)
    assert office.sweep().woken == 1
    office.settle(hours=3)
    assert office.refunded() == {"usd": 1800}
    assert sum("sent again, as Ana had asked, and done" in note for note in office.notes(ticket)) == 1


@pytest.mark.parametrize("kill_at", range(0, MOST_PLACES, 2))
def test_killed_anywhere_what_was_resolved_alone_is_told_once(office: Office, kill_at: int) -> None:
    ticket = one_is_held_and_the_other_withdrawn(office)
    boundary = mortal(office, kill_at or None)
    send_again(office)
    run_and_swept(office, boundary)
    office.settle(step=60, hours=2)
    if not kill_at:
        assert 10 < len(boundary.passed) < MOST_PLACES
    where = f"killed {boundary.passed[-1]}" if kill_at else ""
    assert office.refunded() == {"usd": 1800}, where
    assert sum("sent again, as Ana had asked" in note for note in office.notes(ticket)) == 1, where
    assert len(asked_for(office)) == 1, where


def two_are_held(office: Office) -> tuple[list[str], str]:
    """Of two tickets that ask for the same of one charge both refunds are held; and one that was made by hand."""
    charge = office.charge(4000)
    office.policy = office.policy_with(claims_proven=False)
    office.planner.always = lambda case: {"actions": [refund("c1", "10.00", "goodwill", "ten back")]}  # type: ignore[attr-defined]
    office.fault("stripe", "500_before", "POST", "/v1/refunds", times=99)
    office.handle("Please give me ten back.")
    office.settle(hours=3)
    office.handle("Please give me ten back, too, for the lamp.")
    with office.engine.begin() as c:
        [asked] = of_ticket(c, 2, ("open",))
    approval.approve(office.desk, asked.id, asked.shown, Colleague("79", "Lena", "finance"), None)
    office.settle(hours=3)
    office.doors["stripe"].faults.clear()
    assert [one.state for one in kept(office, "refund")] == ["held", "held"]
    by_hand: str = office.happens("stripe", "dashboard_refund", charge=charge, amount=1000)["id"]
    return [one.id for one in kept(office, "refund")], by_hand


def test_one_refund_by_hand_is_found_for_one_operation_whoever_else_finds_it_at_the_same_moment(
        office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    ids, by_hand = two_are_held(office)
    payments, both_have_read = office.desk.payments, threading.Barrier(2, timeout=30)
    assert payments is not None
    read = payments.charge

    def charge(id: str) -> Charge:
        seen = read(id)
        both_have_read.wait()
        return seen

    monkeypatch.setattr(payments, "charge", charge)

    def found_by(id: str) -> str:
        try:
            return str(held.found(office.desk, id, by_hand, "Ana").model_dump()["id"])
        except held.CannotResolve as no:
            return str(no)

    with ThreadPoolExecutor(2) as two:
        said = list(two.map(found_by, ids))
    monkeypatch.undo()
    office.settle(hours=3)

    won, lost = ids if said[0] == by_hand else ids[::-1]
    assert f"{by_hand} is what {won} did already; {lost} needs one of its own." in said
    assert {one.id: one.state for one in kept(office, "refund")} == {won: "done", lost: "held"}
    assert [r["id"] for r in office.refunds()] == [by_hand]
