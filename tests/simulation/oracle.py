"""Judges a life by the vendors' books and by what people were told.

Of our own rows it knows one thing, which stands in no vendor's book: the notes and replies that `deskhand held` tells
people of.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from tests.simulation.lives import GOODWILL, NEW, NOTHING, OLD, PHONE, TWICE, Came, Right
from tests.simulation.stage import Act, People, Said

SENT = re.compile(r"We have sent ([A-Z]{3}) ([\d,]+\.\d\d) back|Your refund of ([A-Z]{3}) ([\d,]+\.\d\d) was sent")
CHANGED = re.compile(
    r"We have changed your phone number to ([+\d ]+)|"
    r"(?<!undone: )(?<!Done before: )changed the contact's phone from \S.*? to “([^”]*)”(?!, undone since)")
MOVED = re.compile(r"changed the contact's phone from [^;.]*? to “([^”]*)”")
DISPUTES = re.compile(r"disputes charge|is disputed")
NOTED = re.compile(r"refunded [A-Z]{3} [\d.,]+ to [^()]*\((re_\w+), (\w+), charge")
ON_ITS_WAY = re.compile(r"Your refund of ([A-Z]{3}) ([\d,]+\.\d\d) to [^.]*? (?:is on its way and not yet complete|"
                        r"was started on [^.]* and is still on its way)")
FAILED = re.compile(r"refund of [A-Z]{3} ([\d,]+\.\d\d)[^.]* did not go through")
SOMEBODYS = re.compile(r"[A-Z]{3} [\d,]+\.\d\d|ending in \d{4}")
"""Money, or a card: no reply names them to anybody but whose they are."""
NOTED_AS_TOLD = re.compile(r"Customer (?:told|asked): yes|Customer told, the helpdesk recorded")
FELL = "after it had been sent"
STEPS_BACK = re.compile(r"Deskhand steps back from this ticket|give the ticket back in Deskhand's sidebar")
SETTLED = ("solved", "pending")
FELL_THROUGH = ("failed", "canceled")
HELD = re.compile(r"deskhand held resolve|is held")
NOT_LOGGED = re.compile(f"activity is not written|{HELD.pattern}")
HANDS_OVER = re.compile(
    r"hands this over to you|please take over|steps back|deskhand held resolve|after it had been sent")
IF_NOBODY_ANSWERS = re.compile(r"If no answer comes by [^.]*?, a person takes over")
TAKES_THE_TICKET = frozenset(("agent_replies", "agent_sets", "merge", "close", "delete", "change_requester"))
"""After one of these a person has that ticket in hand, and no other."""
SETS_STATUS = ("agent_replies", "agent_sets", "close")
TAKES_THE_CHARGE = "refund"
OUR_TICKET = re.compile(r"^Ticket \S+:(\S+)$", re.MULTILINE)
"""Which ticket an activity in the CRM is of."""
UNEXPLAINED = "no reason was told"
NEVER = datetime.min.replace(tzinfo=UTC)
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
    unheard: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Those of the replies that the helpdesk mailed to nobody."""
    statuses: Mapping[str, str] = field(default_factory=dict)
    """How each ticket stands."""
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
        """Those that reached the customer."""
        return [reply for ticket, replies in self.replies.items() for reply in replies
                if reply not in self.unheard.get(ticket, ())]

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
CLASSES = ("lost", "doubled", "stuck", "false_done", "beyond", "leaked")


def judge(books: Books, right: Right, said: tuple[Said, ...], people: People, *, due: datetime | None = None,
          then: Books | None = None, spins: bool = False, phantoms: tuple[str, ...] = (), must_do: bool = False,
          came: Came = NOTHING, calm: bool = False, lagged: bool = False) -> Verdict:
    """Compares the books with what this life says is right, allowing for what people did meanwhile.

    `due`: by then all must have been done or handed over, as the books of that moment, `then`, must show; what people
    did later explains nothing of it.
    `must_do`: all that is asked is allowed and nothing disturbs it; handing it over is then not enough.
    `phantoms`: what a vendor told of as written and had not; such an activity is no promise, and may be missing.
    `lagged`: a vendor showed at some look what had been before; where a refund is may then be told of as it was.
    `came`: what the late truth makes due; where the life is `calm`, nothing that people did excuses it.
    """
    acts = tuple(act for act in people.acts if due is None or act.at <= due)
    whole, books = books, replace(books, changes=tuple(
        one for one in books.changes if not came.number or one["new"] != came.number))
    broken = [*_doubled(books, right, people), *_beyond(books, right),
              *_false_done(books, said, phantoms, lagged=lagged), *_leaked(said, right),
              *_settled(books, said, people), *_owed(books, right, acts, phantoms),
              *_late(whole, came, said, Hands(() if calm else tuple(people.acts), whole), phantoms, off=right.off)]
    if then is not None:
        broken += [(kind, f"{words}, when it was due") for kind, words in _owed(then, right, acts, phantoms)]
    if spins:
        broken.append(("stuck", "pass after pass, and no end"))
    end, why = _end(books, right, people)
    ended_then, _ = _end(then or books, right, people)
    if must_do:
        broken += _not_done(then or books, right, ended_then)
    if end == "held" and why == UNEXPLAINED:
        broken.append(("lost", f"an operation is held, and {UNEXPLAINED}"))
    return Verdict(tuple(broken), end, why)


def _not_done(books: Books, right: Right, end: str) -> Broken:
    """What is missing where nothing stands in the way: all of it done, and the customer told of it."""
    found: Broken = []
    if end not in DONE_ENDS or right.short:
        found.append(("lost", f"nothing stood in its way, and it ended {end} {right.short}".rstrip()))
    untold = [note for note in books.all_notes() if "NOT told" in note]
    return found + [("stuck", f"nothing stood in its way, and a note says: {note[:200]!r}") for note in untold]


def _owed(books: Books, right: Right, acts: tuple[Act, ...], phantoms: tuple[str, ...]) -> Broken:
    """What was neither done, nor told, nor handed over."""
    return [*_lost(books, right, Hands(acts, books)), *_stuck(books, right), *_unlogged(books, NEW, phantoms)]


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


def _false_done(books: Books, said: tuple[Said, ...], phantoms: tuple[str, ...], *, lagged: bool) -> Broken:
    found: Broken = []
    for n, one in enumerate(said):
        for match in SENT.findall(one.body):
            cents, ours = _cents(match), bool(match[0])  # where a refund is may be told of a colleague's, too
            stands = ("succeeded", "failed") if lagged and not ours else ("succeeded",)
            if not any(r["amount"] == cents and r["status"] in stands for r in one.refunds
                       if not ours or r["metadata"].get("op_id")):
                found.append(("false_done", f"told of {cents} sent, at {one.at:%d %b %H:%M:%S} the books had none"))
        for cents in map(_cents, ON_ITS_WAY.findall(one.body)):
            if not any(r["amount"] == cents and r["status"] in ("pending", "succeeded") for r in one.refunds):
                found.append(("false_done", f"told that {cents} is on its way, and it was not"))
        for phone in _numbers(one.body):
            if phone not in one.phones:
                found.append(("false_done", f"told of {phone}, the record had {one.phones}"))
        for id, status in NOTED.findall(one.body):
            since = ("succeeded", "failed") if status == "pending" else ("failed",)
            if not any(r["id"] == id and r["status"] in (status, *since) for r in one.refunds):
                found.append(("false_done", f"noted {id} as {status}, the books had it not"))
        if one.to == "colleagues" and NOTED_AS_TOLD.search(one.body):
            found += _never_told(one, [*phantoms, *(reply.body for reply in said[:n] if reply.to == "customer"
                                                    and reply.heard and reply.ticket == one.ticket)])
    return found + [("false_done", f"refund {one['id']} fell through later, and nobody was told")
                    for one in books.ours() if one["status"] == "failed"
                    and (_says(SENT, books, one) or _says(ON_ITS_WAY, books, one))
                    and not _says(FAILED, books, one) and not _told_of_failure(books, one)]


def _never_told(note: Said, replies: list[str]) -> Broken:
    """What a note says that the customer was told, and no reply says that reached them there before, or that the
    helpdesk told of as written and had not."""
    told = " ".join(replies)
    found = [] if replies else [("false_done", f"noted that the customer was told by no reply: {note.body[:80]!r}")]
    for refund in note.refunds:
        if refund["id"] not in note.body:
            continue
        as_made = {id for id, _ in NOTED.findall(note.body)}
        what = (FAILED,) if FELL in note.body else (SENT, ON_ITS_WAY) if refund["id"] in as_made else ()
        if what and not any(_cents(match) == refund["amount"] for one in what for match in one.findall(told)):
            found.append(("false_done", f"noted that the customer was told of {refund['id']}, and they were not"))
    return found + [("false_done", f"noted that the customer was told of {number}, and they were not")
                    for number in MOVED.findall(note.body) if number not in _numbers(told)]


def _leaked(said: tuple[Said, ...], right: Right) -> Broken:
    """What was told to somebody whose it is not, or who reads what is another's."""
    found: Broken = []
    for one in said:
        numbers = _numbers(one.body)
        if one.to != "customer" or not (numbers or SOMEBODYS.search(one.body)):
            continue
        if SOMEBODYS.search(one.body) and one.requester != right.whose:
            found.append(("leaked", f"{one.requester} was told of money that is {right.whose}'s"))
        found += [("leaked", f"{one.requester} was told of {number}, which they had not asked for")
                  for number in numbers if not any(number in words for words in one.wrote)]
        found += [("leaked", f"{who} reads what was told to {one.requester}")
                  for who in one.readers if who != one.requester]
    return found


def _settled(books: Books, said: tuple[Said, ...], people: People) -> Broken:
    """What is a person's to go on with does not stand as if there were nothing to do, unless a person has set it so."""
    found: Broken = []
    for ticket, status in books.statuses.items():
        theirs = [one.at for one in said if one.ticket == ticket and one.to == "colleagues"
                  and not STEPS_BACK.search(one.body) and handed_over((one.body,), ("",))]
        set_so = [act.at for act in people.acts if act.about == ticket and act.what in SETS_STATUS]
        if status in SETTLED and ticket in books.writable and theirs and max(theirs) > max(set_so, default=NEVER):
            found.append(("stuck", f"ticket {ticket} was handed over, and is {status}"))
    return found


def _late(books: Books, came: Came, said: tuple[Said, ...], hands: Hands, phantoms: tuple[str, ...], *,
          off: bool) -> Broken:
    """What a late truth made due, and was neither done nor handed over."""
    found: Broken = []
    written = sum(one["new"] == came.number for one in books.changes)
    notes = [*books.notes.get(came.ticket, ()), *(one.text for on, one in books.held.items() if on == came.ticket)]
    if came.number and not written and not off and came.ticket in books.writable and not hands.has(came.ticket):
        since = [one.body for one in said if came.at and one.at >= came.at and one.ticket == came.ticket]
        if not handed_over([*since, *notes], (came.number,)) and not any(STEPS_BACK.search(note) for note in notes):
            found.append(("lost", f"{came.number} was asked for later, and neither written nor handed over"))
    if written > 1:
        found.append(("doubled", f"{came.number} was written {written} times"))
    if written:
        found += _unlogged(replace(books, refunds=()), came.number, phantoms) + _change_untold(books, came.number)
    stands = any(one["charge"] == came.disputed and one["status"] not in FELL_THROUGH for one in books.ours())
    if came.disputed and stands and not any(
            (DISPUTES.search(note) or HELD.search(note)) and came.disputed in note for note in (*books.all_notes(), *(
                one.text for one in books.held.values()))) and books.writable & books.where():
        found.append(("lost", f"{came.disputed}, of which something was refunded, is disputed, and no note says so"))
    return found


def _says(what: re.Pattern[str], books: Books, refund: Mapping[str, Any]) -> bool:
    """A reply says this of the refund's amount."""
    return any(_cents(match) == refund["amount"] for reply in books.all_replies() for match in what.findall(reply))


def _cents(match: str | tuple[str, ...]) -> int:
    """Of what a sentence names: its currency before its amount, or the amount alone."""
    amount = match if isinstance(match, str) else [part for part in match if part][-1]
    return int(amount.replace(",", "").replace(".", ""))


def _told_of_failure(books: Books, refund: Mapping[str, Any]) -> bool:
    """A note says that it failed and that the customer does not know; or what was to say so is held."""
    return books.is_withheld(refund) or any(FELL in note and "NOT told" in note for note in books.notes_of(refund))


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


def _unlogged(books: Books, number: str, phantoms: tuple[str, ...]) -> Broken:
    """What was done and told stands in the CRM, too, or the note says that it does not yet."""
    def missing(name: str) -> bool:
        logged = any(name in str(activity["Subject"]) for activity in books.activities)
        return not logged and not any(name in phantom for phantom in phantoms)

    refunds = [one for one in books.ours() if one["status"] not in FELL_THROUGH
               and any(one["id"] in note for note in books.all_notes()) and missing(one["id"])
               and not books.is_withheld(one)
               and not any(NOT_LOGGED.search(note) for note in books.notes_beside(one))]
    change = (any(f"to “{number}”" in note for note in books.all_notes()) and missing(number)
              and any(one["new"] == number for one in books.changes)
              and not any(NOT_LOGGED.search(note) for note in books.all_notes()))
    return [("lost", f"{what} has no activity in the CRM, and no note says so")
            for what in (*(f"refund {one['id']}" for one in refunds), *(["the new number"] if change else []))]


def _stuck(books: Books, right: Right) -> Broken:
    found = _change_untold(books, NEW)
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


def _change_untold(books: Books, wanted: str) -> Broken:
    """What we wrote of a contact stands in a note; the customer was told of what they wanted, or a note says not."""
    found: Broken = []
    for number in {str(one["new"]) for one in books.changes} if not books.where() <= books.held.keys() else ():
        notes = [note for note in books.all_notes()
                 if f"to “{number}”" in note or (number in note and HELD.search(note))]
        if not notes:
            found.append(("stuck", f"that {number} was written stands in no note"))
        told = any(number in _numbers(reply) for reply in books.all_replies())
        if number == wanted and not told and not any("NOT told" in note or HELD.search(note) for note in notes):
            found.append(("stuck", f"that {number} was written was told to nobody"))
    return found


def _numbers(reply: str) -> list[str]:
    """Those that it tells of as written."""
    return ["".join(groups).strip() for groups in CHANGED.findall(reply)]


def _told_of(books: Books, refund: Mapping[str, Any]) -> bool:
    """The customer was told of it; or a person, where it fell through before anybody could be told of it."""
    if any(_says(what, books, refund) for what in (SENT, ON_ITS_WAY, FAILED)):
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
