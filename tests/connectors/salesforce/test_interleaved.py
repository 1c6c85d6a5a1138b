"""A person edits while Deskhand writes, at any moment and within the same second: what they wrote is never lost."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from connectors.contract import Conflict, ContactChange, ContactField, Key, Rejected, TicketUpdate, Unavailable
from connectors.standin import Answer, Door, Lost, Request
from tests.connectors.salesforce.acme import ANNA, counter
from tests.connectors.salesforce.service import Service, note, service

KIM = "kim@acme.example"
STEPS = [timedelta(milliseconds=ms) for ms in (0, 1, 130, 400, 700, 999, 1000, 1500, 2000, 2500, 4000)]
"""How long anything takes: often no whole second passes between a look and a write."""
BLOCKS = [range(at, at + 25) for at in range(0, 250, 25)]
"""Histories of each of the four kinds: 1,000 in all."""


@dataclass
class Between:
    """Lets time pass and a person act before some of the requests, and sees what each edit found and left."""

    chance: random.Random
    edit: Any
    edits: list[str] = field(default_factory=list)
    most: int = 3

    def come(self) -> None:
        if self.most and self.chance.random() < 0.4:
            self.most -= 1
            self.edits.append(self.edit())


def between(door: Door, acts: Between, time: Any) -> None:
    """Puts it before every request of the door that is not for a token, and before every wait of ours."""
    answer, passes = door.answer, time.on

    def passed(**by: float) -> None:
        acts.come()
        passes(**by)

    def answered(request: Request) -> Answer | Lost:
        if not request.path.endswith("token"):
            time.at += acts.chance.choice(STEPS)
            acts.come()
            time.at += acts.chance.choice(STEPS)
        return answer(request)

    door.answer = answered  # type: ignore[method-assign]
    time.on = passed


def trail(at: Service, name: str) -> list[tuple[Any, Any, str]]:
    """Old value, new value and who, for each change of a field, in the order they were made."""
    users = at.rules.state.tables["User"]
    return [(row["OldValue"], row["NewValue"], users[row["CreatedById"]]["Name"]) for row in at.rows("CaseHistory")
            if row["Field"] == name and not str(row["NewValue"]).startswith(("005", "00G"))]


def writes(at: Service, update: TicketUpdate, key: Key) -> bool:
    """As the agent does: on a conflict it reads anew and decides anew, so that the same update is no longer meant."""
    for _ in range(4):
        try:
            at.performs(update, key)
            return True
        except Unavailable as wait:
            at.time.on(seconds=wait.retry_after or 1)
        except Conflict:
            return False
    return False


def _status(seed: int) -> None:
    chance = random.Random(seed)
    at = service({"statuses": ["New", "Working", "Escalated", "Waiting", {"name": "Closed", "closed": True}]})
    ref = at.case()
    at.time.on(seconds=chance.choice((0, 1, 2, 90)))
    seen = at.read(ref)
    acts = Between(chance, lambda: edited(at, ref, chance.choice(("Working", "Escalated", "Waiting"))))
    between(at.door, acts, at.time)
    update = note(ref, status="solved", text=chance.choice(("", "A note.")),
                  unless_changed_since=chance.choice((None, seen.ticket.updated_at)))
    wrote = writes(at, update, Key(operation="op-" + f"{seed:024x}"))
    ours = [change for change in trail(at, "Status") if change[2] == "Deskhand Integration"]
    assert len(ours) == wrote
    # What we replaced is what stood there when the case was first looked at, and no person's later word.
    assert [old for old, _, _ in ours] == ["New"] * wrote
    assert at.row(ref)["Status"] == (acts.edits[-1] if acts.edits and not _ours_is_last(at) else
                                     "Closed" if wrote else "New")
    assert len(at.rows("Deskhand_Action__c")) == wrote


def edited(at: Service, ref: str, status: str) -> str:
    if at.row(ref)["Status"] != status:
        at.does("agent_edits", ticket=ref.rpartition(":")[2], agent=KIM, status=status)
    return status


def _ours_is_last(at: Service) -> bool:
    told = trail(at, "Status")
    return bool(told) and told[-1][2] == "Deskhand Integration"


def _owner(seed: int) -> None:
    chance = random.Random(10_000 + seed)
    at = service()
    ref = at.case()
    at.time.on(seconds=chance.choice((0, 1, 2, 90)))
    at.read(ref)
    first = at.row(ref)["OwnerId"]
    kim, queue = at.id_of("User", "Kim Agent"), at.id_of("Group", "Refunds")

    def take() -> str:
        at.does("agent_takes", ticket=ref.rpartition(":")[2], agent=KIM)
        return kim

    acts = Between(chance, take, most=1)
    between(at.door, acts, at.time)
    update = note(ref, group=queue, add_tags=("deskhand_handed_over",))
    wrote = writes(at, update, Key(operation="op-" + f"{seed:024x}"))
    moved = [row for row in at.rows("CaseHistory") if row["NewValue"] == queue]
    assert [row["OldValue"] for row in moved] == [first] * wrote
    assert at.row(ref)["OwnerId"] == (kim if acts.edits else queue if wrote else first)
    assert at.notes() == ["A note."] * wrote


def _tags(seed: int) -> None:
    chance = random.Random(20_000 + seed)
    at = service()
    ref = at.case(tags=["old"]) if chance.random() < 0.5 else at.case()
    at.time.on(seconds=chance.choice((0, 1, 2, 90)))
    at.read(ref)

    def reword() -> str:
        said = f"tag_{chance.randrange(1000)}"
        held = str(at.row(ref)["Deskhand_Tags__c"] or "").split()
        at.does("agent_edits", ticket=ref.rpartition(":")[2], agent=KIM, subject=said, tags=[*held, said])
        return said

    acts = Between(chance, reword)
    between(at.door, acts, at.time)
    update = note(ref, add_tags=("deskhand_done",), remove_tags=("old",))
    assert any(writes(at, update, Key(operation="op-" + f"{seed:024x}")) for _ in range(3))
    assert set(at.row(ref)["Deskhand_Tags__c"].split()) == {"deskhand_done", *acts.edits}
    assert at.row(ref)["Subject"] == (acts.edits[-1] if acts.edits else "Charged twice")
    assert at.notes() == ["A note."]


def _phone(seed: int) -> None:
    chance = random.Random(30_000 + seed)
    at = counter()
    if chance.random() < 0.5:
        at.rules.control("edit", {"id": ANNA, "fields": {"MobilePhone": "0"}}, at.time())

    def ring() -> str:
        said = f"+49 30 {chance.randrange(100, 999)}"
        at.rules.control("edit", {"id": ANNA, "fields": {"Phone": said}}, at.time())
        return said

    acts = Between(chance, ring)
    between(at.door, acts, at.time)
    change = ContactChange(contact=ANNA, changes={ContactField.PHONE: "+49 30 22"},
                           expected={ContactField.PHONE: "+49 30 1"})
    wrote = False
    for _ in range(4):
        try:
            at.records.perform(change, Key(operation="op-" + "a" * 24))
            wrote = True
            break
        except Unavailable as wait:
            at.time.on(seconds=wait.retry_after or 1)
        except Rejected:
            break
    told = [one for one in at.rules.books()["changes"] if one["field"] == "Phone"]
    ours = [one for one in told if one["new"] == "+49 30 22"]
    assert [one["old"] for one in ours] == ["+49 30 1"] * wrote
    last = told[-1]["new"] if told else "+49 30 1"
    assert at.contact()["Phone"] == last


@pytest.mark.parametrize("seeds", BLOCKS, ids=str)
def test_a_status_that_a_person_set_after_our_look_is_never_overwritten(seeds: range) -> None:
    for seed in seeds:
        _status(seed)


@pytest.mark.parametrize("seeds", BLOCKS, ids=str)
def test_a_case_that_a_person_took_after_our_look_is_never_moved_to_a_queue(seeds: range) -> None:
    for seed in seeds:
        _owner(seed)


@pytest.mark.parametrize("seeds", BLOCKS, ids=str)
def test_our_tags_stand_beside_those_that_a_person_sets_meanwhile(seeds: range) -> None:
    for seed in seeds:
        _tags(seed)


@pytest.mark.parametrize("seeds", BLOCKS, ids=str)
def test_a_contacts_phone_that_a_person_wrote_after_our_look_is_never_overwritten(seeds: range) -> None:
    for seed in seeds:
        _phone(seed)
