"""Judges a life by the vendors' books and by what people were told.

Of our own rows it knows one thing, which stands in no vendor's book: the notes and replies that `deskhand held` tells
people of.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.simulation.lives import GOODWILL, NEW, OLD, PHONE, TWICE, Right
from tests.simulation.stage import Act, People, Said

SENT = re.compile(r"We have sent ([A-Z]{3}) ([\d,]+\.\d\d) back|Your refund of ([A-Z]{3}) ([\d,]+\.\d\d) was sent")
CHANGED = re.compile(
    r"We have changed your phone number to ([+\d ]+)|changed the contact's phone from \S.*? to “(.*?)”")
NOTED = re.compile(r"refunded [A-Z]{3} [\d.,]+ to [^()]*\((re_\w+), (\w+), charge")
FAILED = re.compile(r"refund of [A-Z]{3} ([\d,]+\.\d\d)[^.]* did not go through")
FELL_THROUGH = ("failed", "canceled")
HELD = re.compile(r"deskhand held resolve|is held")
NOT_LOGGED = re.compile(f"activity is not written|{HELD.pattern}")
HANDS_OVER = re.compile(
    r"hands this over to you|please take over|steps back|deskhand held resolve|after it had been sent")
IF_NOBODY_ANSWERS = re.compile(r"If no answer comes by [^.]*?, a person takes over")
TAKES_THE_TICKET = frozenset(("agent_replies", "agent_sets", "merge", "close", "delete", "change_requester"))
"""After one of these a person has that ticket in hand, and no other."""
TAKES_THE_CHARGE = "refund"
OUR_TICKET = re.compile(r"^Ticket \S+:(\S+)$", re.MULTILINE)
"""Which ticket an activity in the CRM is of."""
UNEXPLAINED = "no reason was told"
OWN_WORDS = tuple(str(one["quote"]) for one in (TWICE, GOODWILL, PHONE))
"""What names a request where a note could read nothing else: the customer's own words."""


@dataclass(frozen=True)
class Held:
    """A note or reply that may stand on its ticket or not, of which `deskhand held` tells people."""

    why: str
    text: str


@dataclass(frozen=True)
class Books:
    """What the vendors' books show at some moment of a life."""

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
    asked_on: frozenset[str] = frozenset()
    """Tickets on which somebody asked for something; all of them where none is named."""
    held: Mapping[str, Held] = field(default_factory=dict)
    """Tickets on which a note or reply of ours is held."""

    def where(self) -> frozenset[str]:
        """The tickets on which somebody waits to be told."""
        return self.asked_on or frozenset(self.notes)

    def all_notes(self) -> list[str]:
        return [note for notes in self.notes.values() for note in notes]

    def all_replies(self) -> list[str]:
        return [reply for replies in self.replies.values() for reply in replies]

    def ours(self) -> list[Mapping[str, Any]]:
        return [one for one in self.refunds if one["metadata"].get("op_id")]

    def is_withheld(self, refund: Mapping[str, Any]) -> bool:
        """A note or reply is held on the ticket of this refund of ours; on all of them where nothing tells which."""
        held = self.held.keys()
        named = self._logged_for(refund) or {ticket for ticket, notes in self.notes.items()
                                             if any(_names(refund, note) for note in notes)}
        return bool(named & held) if named else bool(held) and self.where() <= held

    def _logged_for(self, refund: Mapping[str, Any]) -> set[str]:
        """The ticket that the CRM's activity of it names."""
        return {ticket for one in self.activities if refund["id"] in str(one["Subject"])
                for ticket in OUR_TICKET.findall(str(one.get("Description", "")))}

    def notes_beside(self, refund: Mapping[str, Any]) -> list[str]:
        """All notes on each ticket of which one names this refund of ours."""
        return [note for notes in self.notes.values() if any(_names(refund, one) for one in notes) for note in notes]

    def notes_of(self, refund: Mapping[str, Any]) -> list[str]:
        """Notes that name this refund of ours, or its operation, which somebody must release."""
        return [note for note in self.all_notes() if _names(refund, note)]


def _names(refund: Mapping[str, Any], note: str) -> bool:
    return refund["id"] in note or refund["metadata"]["op_id"] in note


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


Broken = list[tuple[str, str]]
DONE_ENDS = ("done", "fell through")
CLASSES = ("lost", "doubled", "stuck", "false_done", "beyond")


def judge(books: Books, right: Right, said: tuple[Said, ...], people: People, *, due: datetime | None = None,
          then: Books | None = None, spins: bool = False, blind: bool = False, must_do: bool = False) -> Verdict:
    """Compares the books with what this life says is right, allowing for what people did meanwhile.

    `due`: by then all must have been done or handed over, as the books of that moment, `then`, must show; what people
    did later explains nothing of it.
    `must_do`: all that is asked is allowed and nothing disturbs it; handing it over is then not enough.
    `blind`: the CRM told of a write that it had not made; an activity is no promise, and may then be missing.
    """
    acts = tuple(act for act in people.acts if due is None or act.at <= due)
    broken = [*_doubled(books, right, people), *_beyond(books, right), *_false_done(books, said),
              *_owed(books, right, acts, blind)]
    if then is not None:
        broken += [(kind, f"{words}, when it was due") for kind, words in _owed(then, right, acts, blind)]
    if spins:
        broken.append(("stuck", "pass after pass, and no end"))
    end, why = _end(books, right, people)
    ended_then, _ = _end(then or books, right, people)
    if must_do and (ended_then not in DONE_ENDS or right.short):
        broken.append(("lost", f"nothing stood in its way, and it ended {ended_then} {right.short}".rstrip()))
    if end == "held" and why == UNEXPLAINED:
        broken.append(("lost", f"an operation is held, and {UNEXPLAINED}"))
    return Verdict(tuple(broken), end, why)


def _owed(books: Books, right: Right, acts: tuple[Act, ...], blind: bool) -> Broken:
    """What was neither done, nor told, nor handed over."""
    return [*_lost(books, right, Hands(acts, books)), *_stuck(books, right), *([] if blind else _unlogged(books))]


@dataclass(frozen=True)
class Hands:
    """What people took in hand before it was due, each ticket and each charge by itself."""

    acts: tuple[Act, ...]
    books: Books

    def has(self, ticket: str) -> bool:
        return any(act.what in TAKES_THE_TICKET and act.about == ticket for act in self.acts)

    def paid(self, charge: str) -> bool:
        return any(act.what == TAKES_THE_CHARGE and act.about == charge for act in self.acts)

    def know(self, *names: str) -> bool:
        """On each ticket a person has it in hand, or a note hands over there what has one of these names: one that
        stands there, or that they find among what is held."""
        return all(self.has(ticket) or handed_over(self._noted(ticket), names) for ticket in self.books.where())

    def _noted(self, ticket: str) -> tuple[str, ...]:
        held = self.books.held.get(ticket)
        return (*self.books.notes[ticket], *([held.text] if held else []))


def handed_over(notes: Iterable[str], names: tuple[str, ...]) -> bool:
    """One of these notes hands over what has one of these names; that a person takes over later does not yet."""
    return any(HANDS_OVER.search(note) and any(name in note for name in names)
               for note in (IF_NOBODY_ANSWERS.sub("", note) for note in notes))


def _doubled(books: Books, right: Right, people: People) -> Broken:
    found: Broken = []
    for charge, count in Counter(one["charge"] for one in books.ours()).items():
        if count > 1:
            found.append(("doubled", f"{count} refunds of {charge}"))
    for ticket in {*books.notes, *books.replies}:
        times = people.asked_most(ticket)
        for what, texts in (("note", books.notes.get(ticket, ())), ("reply", books.replies.get(ticket, ()))):
            found += [("doubled", f"the same {what} {count} times on {ticket}: {text[:80]!r}")
                      for text, count in Counter(_bare(text) for text in texts).items()
                      if count > (times if what == "reply" or HANDS_OVER.search(text) else 1)]
        claims = Counter("".join(part for part in match if part) for reply in books.replies.get(ticket, ())
                         for match in SENT.findall(reply) if match[0])
        found += [("doubled", f"{claim} was told as sent {count} times") for claim, count in claims.items()
                  if count > 1 and len(books.ours()) < count]
    written = Counter(one.get("new") for one in books.changes)
    numbers = Counter(number for reply in books.all_replies() for number in _numbers(reply))
    found += [("doubled", f"{number} was told as changed {count} times") for number, count in numbers.items()
              if count > max(1, written[number])]
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
        back = one["status"] == "canceled" or (one["status"] == "failed" and one["charge"] in right.refunds)
        asked[one["charge"]] += 0 if back else one["amount"]
    found = [("beyond", f"{cents} of {charge} went back, {right.refunds.get(charge, 0)} was allowed")
             for charge, cents in asked.items() if cents > right.refunds.get(charge, 0)]
    found += [("beyond", f"{one['field']} was set to {one['new']!r}, which nobody had asked for")
              for one, asked in zip(books.changes, _to_write(books)[:right.changes], strict=False)
              if (one["field"], one["new"]) != asked]
    return found + [("beyond", f"{one['new']} was written over {one['old']}, a colleague's of a moment before")
                    for one in books.written_over]


def _to_write(books: Books) -> tuple[tuple[str, Any], ...]:
    """The new number, and for who takes that back what stood there before it, a colleague's of that time, too."""
    return ("Phone", NEW), *(("Phone", one["old"]) for one in books.changes[:1])


def _false_done(books: Books, said: tuple[Said, ...]) -> Broken:
    found: Broken = []
    for one in said:
        for match in SENT.findall(one.body):
            cents, ours = _cents(match), bool(match[0])  # where a refund is may be told of a colleague's, too
            if not any(r["amount"] == cents and r["status"] == "succeeded" for r in one.refunds
                       if not ours or r["metadata"].get("op_id")):
                found.append(("false_done", f"told of {cents} sent, at {one.at:%d %b %H:%M:%S} the books had none"))
        for phone in _numbers(one.body):
            if phone not in one.phones:
                found.append(("false_done", f"told of {phone}, the record had {one.phones}"))
        for id, status in NOTED.findall(one.body):
            if not any(r["id"] == id and r["status"] in (status, "failed") for r in one.refunds):
                found.append(("false_done", f"noted {id} as {status}, the books had it not"))
    return found + [("false_done", f"refund {one['id']} fell through later, and nobody was told")
                    for one in books.ours() if one["status"] == "failed" and _says(SENT, books, one)
                    and not _says(FAILED, books, one) and not _told_of_failure(books, one)]


def _says(what: re.Pattern[str], books: Books, refund: Mapping[str, Any]) -> bool:
    """A reply says this of the refund's amount."""
    return any(_cents(match) == refund["amount"] for reply in books.all_replies() for match in what.findall(reply))


def _cents(match: str | tuple[str, ...]) -> int:
    """Of what a sentence names: its currency before its amount, or the amount alone."""
    amount = match if isinstance(match, str) else match[1] or match[3]
    return int(amount.replace(",", "").replace(".", ""))


def _told_of_failure(books: Books, refund: Mapping[str, Any]) -> bool:
    return any("failed after it had been sent" in note or HELD.search(note) for note in books.notes_of(refund))


def _lost(books: Books, right: Right, hands: Hands) -> Broken:
    found: Broken = []
    made = Counter({one["charge"]: one["amount"] for one in books.ours()})
    for charge, cents in right.refunds.items():
        if made[charge] < cents and not hands.paid(charge) and not hands.know(charge, *OWN_WORDS):
            found.append(("lost", f"{cents} of {charge} was asked for and allowed; {made[charge]} went back, and no "
                                  f"person was told"))
    if right.phone == NEW and not books.changes and not hands.know(NEW, *OWN_WORDS):
        found.append(("lost", "the new number was not written, and no person was told"))
    for ticket in books.writable & books.where() if not right.silent else ():
        if not books.notes.get(ticket) and ticket not in books.held and not hands.has(ticket):
            found.append(("lost", f"nothing was ever noted on {ticket}, and somebody had asked for something there"))
    if right.person and not right.refunds and not hands.know("charge ch_", *OWN_WORDS):
        found.append(("lost", f"{right.person}, and no person was told"))
    names = () if made else OWN_WORDS
    return found + [("lost", f"{charge} is a person's to decide, and none was told") for charge in right.left
                    if not hands.paid(charge) and not hands.know(charge, *names)]


def _unlogged(books: Books) -> Broken:
    """What was done and told stands in the CRM, too, or the note says that it does not yet."""
    refunds = [one for one in books.ours() if one["status"] not in FELL_THROUGH
               and any(one["id"] in note for note in books.all_notes())
               and not any(one["id"] in str(activity["Subject"]) for activity in books.activities)
               and not any(NOT_LOGGED.search(note) for note in books.notes_beside(one))]
    change = (any(f"to “{NEW}”" in note for note in books.all_notes()) and books.changes
              and not any(NEW in str(activity["Subject"]) for activity in books.activities)
              and not any(NOT_LOGGED.search(note) for note in books.all_notes()))
    return [("lost", f"{what} has no activity in the CRM, and no note says so")
            for what in (*(f"refund {one['id']}" for one in refunds), *(["the new number"] if change else []))]


def _stuck(books: Books, right: Right) -> Broken:
    found = _change_untold(books)
    for one in books.ours():
        if books.is_withheld(one):
            continue
        notes = books.notes_of(one)
        if not notes:
            found.append(("stuck", f"refund {one['id']} stands in no note"))
        if not any("NOT told" in note or HELD.search(note) for note in notes) and not _told_of(books, one):
            found.append(("stuck", f"refund {one['id']} was told to nobody"))
    if right.phone == OLD and right.changes and books.phone == NEW and not any(
            handed_over(notes, (NEW,)) for notes in books.notes.values()):
        found.append(("stuck", "what was to be undone still stands"))
    return found


def _change_untold(books: Books) -> Broken:
    """What we wrote of a contact stands in a note; the customer was told of the new number, or a note says not."""
    found: Broken = []
    for number in {str(one["new"]) for one in books.changes} if not books.where() <= books.held.keys() else ():
        notes = [note for note in books.all_notes()
                 if f"to “{number}”" in note or (number in note and HELD.search(note))]
        if not notes:
            found.append(("stuck", f"that {number} was written stands in no note"))
        told = any(number in _numbers(reply) for reply in books.all_replies())
        if number == NEW and not told and not any("NOT told" in note or HELD.search(note) for note in notes):
            found.append(("stuck", f"that {number} was written was told to nobody"))
    return found


def _numbers(reply: str) -> list[str]:
    """Those that it tells of as written."""
    return ["".join(groups).strip() for groups in CHANGED.findall(reply)]


def _told_of(books: Books, refund: Mapping[str, Any]) -> bool:
    """The customer was told of it; or a person, where it fell through before anybody could be told of it."""
    if _says(SENT, books, refund) or _says(FAILED, books, refund):
        return True
    return refund["status"] in FELL_THROUGH and any(HANDS_OVER.search(note) for note in books.notes_of(refund))


WHY = re.compile(r"Why it stopped: ([^.(]*)|: ((?:sent|found|the vendor) [^;:(]*)")
"""At the end of a note, or where something else was done beside the refund that it names."""


def _end(books: Books, right: Right, people: People) -> tuple[str, str]:
    held = next((note for note in books.all_notes() if "deskhand held resolve" in note), None)
    if held:
        reason = WHY.search(held)
        return "held", (reason[1] or reason[2]).strip() if reason else UNEXPLAINED
    if books.held:
        why = next(iter(books.held.values())).why
        return "held", f"a note or reply, {why}" if why else UNEXPLAINED
    if any(one["status"] in FELL_THROUGH for one in books.ours()):
        return "fell through", "and somebody was told"
    if right.refunds and {one["charge"]: one["amount"] for one in books.ours()} == dict(right.refunds):
        return "done", ""
    if right.changes and not right.refunds and len(books.changes) == right.changes:
        return "done", ""
    if any(handed_over(notes, ("",)) for notes in books.notes.values()):
        return "handed over", right.person or "a person was told"
    return "silent", ", ".join(sorted({act.what for act in people.acts}))
