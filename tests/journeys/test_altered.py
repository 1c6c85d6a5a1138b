"""The org's automation, or somebody, makes something else of what we wrote: a person sees before and now."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent import held
from agent.ledger import Operation
from tests.journeys.office import Office, refund
from tests.journeys.test_undo import NEW, OLD, PHONE, kept, phone, someone_edits, undo

PLAIN = "+49307654321"


def wants_a_new_number(office: Office) -> Any:
    office.planner.always = lambda case: {"actions": [PHONE], "category": "contact_details"} if (
        "new number" in case.asked()) else {"nothing_asked": True}
    return office.writes(f"Hi, my new number is {NEW}.")


def normalized(office: Office) -> Any:
    """A flow keeps telephone numbers without blanks; one is written."""
    office.happens("salesforce", "add_flow", field="Phone", do="set", value=PLAIN)
    ticket = wants_a_new_number(office)
    office.event(ticket)
    office.settle(hours=2)
    assert phone(office) == PLAIN
    return ticket


def change(office: Office) -> Operation:
    return kept(office, "contact_change")[0]


def test_what_automation_made_of_it_is_held_with_before_and_now(office: Office) -> None:
    ticket = normalized(office)
    assert change(office).state == "held"
    [note] = office.notes(ticket)
    assert f"changed the contact's phone from “{OLD}” to “{PLAIN}”" in note
    assert "Nothing was changed" not in note
    assert f"`deskhand held resolve {change(office).id} --found 003" in note
    assert NEW not in change(office).reason
    assert PLAIN not in change(office).reason
    assert len(office.salesforce.books()["changes"]) == 1
    assert office.replies(ticket) == []


def test_found_good_by_a_person_it_is_done_as_it_stands_and_can_be_taken_back(office: Office) -> None:
    ticket = normalized(office)
    [contact] = office.salesforce.books()["contacts"]
    held.found(office.desk, change(office).id, contact, "Lea")
    office.settle(hours=1)
    assert f"We have changed your phone number to {PLAIN}." in office.replies(ticket)[0]
    office.salesforce.state.flows.clear()
    undo(office)
    assert phone(office) == OLD


def test_money_asked_for_while_nobody_knows_of_a_change_is_a_leads_to_approve(office: Office) -> None:
    """First the details, then the money: the account may be taken over all the same."""
    normalized(office)
    office.clock.forward(hours=1)
    office.double_charge()
    office.planner.always = lambda case: {"actions": [refund("c2", quote="please refund the second one")]}
    ticket = office.handle()
    assert change(office).state == "held"
    assert office.refunded() == {}
    assert "contact details changed within 30 days" in office.notes(ticket)[0]


def test_changed_once_more_it_is_not_found_good(office: Office) -> None:
    normalized(office)
    office.salesforce.state.flows.clear()
    someone_edits(office, Phone="+49 30 999")
    [contact] = office.salesforce.books()["contacts"]
    with pytest.raises(held.CannotResolve):
        held.found(office.desk, change(office).id, contact, "Lea")


def test_sent_again_it_is_held_again(office: Office) -> None:
    ticket = normalized(office)
    held.send_again(office.desk, change(office).id, "Lea")
    office.settle(hours=2)
    assert change(office).state == "held"
    assert not any("Nothing was changed" in note for note in office.notes(ticket))


def test_a_lost_write_that_reads_otherwise_now_is_held_too(office: Office) -> None:
    """Nobody knows whether it was our write that the flow, or somebody, has changed since."""
    office.happens("salesforce", "add_flow", field="Phone", do="set", value=PLAIN)
    ticket = wants_a_new_number(office)
    office.fault("salesforce", "timeout_after", "POST", "/composite$", body="PATCH")
    office.event(ticket)
    office.settle(hours=2)
    assert change(office).state == "held"
    [note] = office.notes(ticket)
    assert f"before it was “{OLD}”" in note
    assert "Whether it happened is NOT known" in note
    assert "Nothing was changed" not in note


def test_a_lost_write_that_arrives_after_the_look_is_done_and_can_be_taken_back(
        office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    ticket = wants_a_new_number(office)
    office.fault("salesforce", "timeout_before", "POST", "/composite$", body="PATCH")
    find: Callable[..., Any] = office.desk.records.find  # type: ignore[union-attr]
    looks: list[Any] = []

    def arrives_after(action: Any, key: Any) -> Any:
        found = find(action, key)
        if action.kind == "contact_change":
            looks.append(found)
            if len(looks) == 2:
                someone_edits(office, Phone=NEW)
        return found

    monkeypatch.setattr(office.desk.records, "find", arrives_after)
    office.event(ticket)
    office.settle(step=60, hours=2)
    assert looks[:2] == [None, None]
    assert change(office).state == "done"
    assert "We have changed your phone number" in office.replies(ticket)[0]
    undo(office)
    assert phone(office) == OLD
