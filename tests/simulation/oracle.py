"""Judges a life by the vendors' books and by what customers were told. It never looks at our own rows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.simulation.lives import NEW, OLD, Right
from tests.simulation.stage import People, Said

SENT = re.compile(r"We have sent ([A-Z]{3}) ([\d,]+\.\d\d) back|Your refund of ([A-Z]{3}) ([\d,]+\.\d\d) was sent")
CHANGED = re.compile(
    r"We have changed your phone number to ([+\d ]+)|changed the contact's phone from \S.*? to “(.*?)”")
NOTED = re.compile(r"refunded [A-Z]{3} [\d.,]+ to [^()]*\((re_\w+), (\w+), charge")
FAILED = re.compile(r"did not go through")
FELL_THROUGH = ("failed", "canceled")
HELD = re.compile(r"deskhand held resolve|is held")
TO_A_PERSON = re.compile(
    r"please take over|steps back|by hand, or decline|NOT told|please tell them|the customer said no|did not answer in|"
    r"asks for a person|declined|handed (it )?over|check it and do it by hand|deskhand held resolve|for a person|"
    r"a person takes over|not done|not undone|failed after", re.IGNORECASE)
HAS_IT = frozenset(("agent_replies", "merge", "close", "delete", "change_requester", "refund", "dispute"))
"""After one of these a person has the ticket in hand."""


@dataclass(frozen=True)
class Books:
    """What the vendors' books show at the end of a life."""

    refunds: tuple[Mapping[str, Any], ...] = ()
    notes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    replies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    activities: tuple[Mapping[str, Any], ...] = ()
    changes: tuple[Mapping[str, Any], ...] = ()
    """Our writes of the contact's phone."""
    written_over: tuple[Mapping[str, Any], ...] = ()
    """Those of them that replaced what a colleague had written a moment before."""
    phone: str = OLD
    writable: frozenset[str] = frozenset()
    """Tickets that a note can still be written on."""

    def all_notes(self) -> list[str]:
        return [note for notes in self.notes.values() for note in notes]

    def all_replies(self) -> list[str]:
        return [reply for replies in self.replies.values() for reply in replies]

    def ours(self) -> list[Mapping[str, Any]]:
        return [one for one in self.refunds if one["metadata"].get("op_id")]


@dataclass(frozen=True)
class Verdict:
    """Broken promises by their class, and how the life ended where none is broken."""

    broken: tuple[tuple[str, str], ...]
    end: str
    """done · fell through · held · handed over · silent"""
    why: str = ""

    @property
    def ok(self) -> bool:
        return not self.broken


CLASSES = ("lost", "doubled", "stuck", "false_done", "beyond")


def judge(books: Books, right: Right, said: tuple[Said, ...], people: People, *, spins: bool = False,
          blind: bool = False) -> Verdict:
    """Compares the books with what this life says is right, allowing for what people did meanwhile.

    `blind`: the CRM told of a write that it had not made; an activity is no promise, and may then be missing.
    """
    broken = [*_doubled(books, right, people), *_beyond(books, right), *_false_done(books, said),
              *_lost(books, right, people), *_stuck(books, right, people)]
    if not blind:
        broken += _unlogged(books)
    if spins:
        broken.append(("stuck", "pass after pass, and no end"))
    return Verdict(tuple(broken), *_end(books, right, people))


Broken = list[tuple[str, str]]


def _doubled(books: Books, right: Right, people: People) -> Broken:
    found: Broken = []
    for charge, count in Counter(one["charge"] for one in books.ours()).items():
        if count > 1:
            found.append(("doubled", f"{count} refunds of {charge}"))
    times = max(people.asked.values(), default=1)
    for ticket in {*books.notes, *books.replies}:
        for what, texts in (("note", books.notes.get(ticket, ())), ("reply", books.replies.get(ticket, ()))):
            found += [("doubled", f"the same {what} {count} times on {ticket}: {text[:80]!r}")
                      for text, count in Counter(_bare(text) for text in texts).items() if count > times]
        claims = Counter("".join(part for part in match if part) for reply in books.replies.get(ticket, ())
                         for match in SENT.findall(reply) if match[0])
        found += [("doubled", f"{claim} was told as sent {count} times") for claim, count in claims.items()
                  if count > 1 and len(books.ours()) < count]
    subjects = Counter(re.sub(r" op-\w+$", "", str(one["Subject"])) for one in books.activities)
    found += [("doubled", f"{count} activities {subject!r}") for subject, count in subjects.items() if count > 1]
    if len(books.changes) > right.changes:
        found.append(("doubled", f"the contact was written {len(books.changes)} times, {right.changes} were asked for"))
    return found


def _bare(text: str) -> str:
    """Without what differs between two of the same: links, times, and ids of operations."""
    return re.sub(r"https?://\S+|\d\d:\d\d|op-\w+", "", text)


def _beyond(books: Books, right: Right) -> Broken:
    asked: Counter[str] = Counter()
    for one in books.ours():
        asked[one["charge"]] += one["amount"] if one["status"] not in ("failed", "canceled") else 0
    found = [("beyond", f"{cents} of {charge} went back, {right.refunds.get(charge, 0)} was allowed")
             for charge, cents in asked.items() if cents > right.refunds.get(charge, 0)]
    return found + [("beyond", f"{one['new']} was written over {one['old']}, a colleague's of a moment before")
                    for one in books.written_over]


def _false_done(books: Books, said: tuple[Said, ...]) -> Broken:
    found: Broken = []
    for one in said:
        for match in SENT.findall(one.body):
            cents = int((match[1] or match[3]).replace(",", "").replace(".", ""))
            if not any(r["amount"] == cents and r["status"] == "succeeded" for r in one.refunds):
                found.append(("false_done", f"told of {cents} sent, at {one.at:%d %b %H:%M:%S} the books had none"))
        for groups in CHANGED.findall(one.body):
            phone = "".join(groups).strip()
            if phone not in one.phones:
                found.append(("false_done", f"told of {phone}, the record had {one.phones}"))
        for id, status in NOTED.findall(one.body):
            if not any(r["id"] == id and r["status"] in (status, "failed") for r in one.refunds):
                found.append(("false_done", f"noted {id} as {status}, the books had it not"))
    failed = [one for one in books.ours() if one["status"] == "failed"]
    told = any(SENT.search(reply) for reply in books.all_replies())
    if failed and told and not any(FAILED.search(text) for text in books.all_replies()) and not any(
            "failed after it had been sent" in note or HELD.search(note) for note in books.all_notes()):
        found.append(("false_done", "the refund fell through later, and nobody was told"))
    return found


def _a_person_knows(books: Books, people: People) -> bool:
    return bool(people.did & HAS_IT) or any(TO_A_PERSON.search(note) for note in books.all_notes())


def _lost(books: Books, right: Right, people: People) -> Broken:
    found: Broken = []
    made = Counter({one["charge"]: one["amount"] for one in books.ours()})
    for charge, cents in right.refunds.items():
        if made[charge] < cents and not _a_person_knows(books, people):
            found.append(("lost", f"{cents} of {charge} was asked for and allowed; {made[charge]} went back, and no "
                                  f"person was told"))
    if right.phone == NEW and books.phone == OLD and not _a_person_knows(books, people):
        found.append(("lost", "the new number was not written, and no person was told"))
    for ticket in books.writable if not right.silent and not people.did & HAS_IT else ():
        if not books.notes.get(ticket):
            found.append(("lost", f"nothing was ever noted on {ticket}, and somebody had asked for something there"))
    if right.person and not right.refunds and not _a_person_knows(books, people):
        found.append(("lost", f"{right.person}, and no person was told"))
    return found


def _unlogged(books: Books) -> Broken:
    """What was done and told stands in the CRM, too, or the note says that it does not yet."""
    return [("lost", f"refund {one['id']} has no activity in the CRM, and no note says so") for one in books.ours()
            if one["status"] not in FELL_THROUGH and any(one["id"] in note for note in books.all_notes())
            and not any(one["id"] in str(activity["Subject"]) for activity in books.activities)
            and not any("activity is not written" in note or HELD.search(note) for note in books.all_notes())]


def _stuck(books: Books, right: Right, people: People) -> Broken:
    found: Broken = []
    for one in books.ours():
        held = any(HELD.search(note) for note in books.all_notes())
        if books.writable and not held and not any(one["id"] in note for note in books.all_notes()):
            found.append(("stuck", f"refund {one['id']} stands in no note"))
        told = any(SENT.search(reply) or FAILED.search(reply) for reply in books.all_replies())
        if one["status"] in FELL_THROUGH and not told and _a_person_knows(books, people):
            continue  # it fell through before anybody could be told of it
        if books.writable and not told and not any("NOT told" in note for note in books.all_notes()) \
                and not people.did & HAS_IT and not held:
            found.append(("stuck", f"refund {one['id']} was told to nobody"))
    if right.phone == OLD and right.changes and books.phone == NEW and not _a_person_knows(books, people):
        found.append(("stuck", "what was to be undone still stands"))
    return found


WHY = re.compile(r"Why it stopped: ([^.(]*)")


def _end(books: Books, right: Right, people: People) -> tuple[str, str]:
    held = next((note for note in books.all_notes() if "deskhand held resolve" in note), None)
    if held:
        reason = WHY.search(held)
        return "held", reason[1].strip() if reason else "no reason was told"
    if any(one["status"] in FELL_THROUGH for one in books.ours()):
        return "fell through", "and somebody was told"
    if right.refunds and {one["charge"]: one["amount"] for one in books.ours()} == dict(right.refunds):
        return "done", ""
    if right.changes and not right.refunds and len(books.changes) == right.changes:
        return "done", ""
    if any(TO_A_PERSON.search(note) for note in books.all_notes()):
        return "handed over", right.person or "a person was told"
    return "silent", ", ".join(sorted(people.did))
