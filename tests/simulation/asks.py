"""What a customer asks for, a refund that failed, and whether notes and replies on the tickets answer them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tests.simulation.oracle import FELL_THROUGH, HANDS_OVER, handed_over

Book = Mapping[str, Any]
"""A ticket as the helpdesk's books show it."""
Refund = Mapping[str, Any]
"""As Stripe has it."""
SENT = re.compile(r"We have sent USD ([\d,]+\.\d\d) back")
FAILED = re.compile(r"Unfortunately your refund of USD ([\d,]+\.\d\d)")
WENT = re.compile(rf"{SENT.pattern}|Your refund of USD ([\d,]+\.\d\d)")
"""That it was sent, or where it is."""
CHANGED = re.compile(r"We have changed [^.]* to (\+49 30 \d+)\.")
ON_AN_UNDO = re.compile(r"Deskhand: (?:not )?undone")
NO_PLAN = "no plan was made"
"""In a note that hands over whatever the ticket is about: nothing of it was understood."""
TWO_VALUES = "two different values are given for the same detail"
"""What a note says of two numbers asked for at once; beside another ask it names neither."""


@dataclass
class Ask:
    """A customer asks for money back, or for another phone number."""

    ticket: Any
    who: str
    step: int = 0
    charge: str = ""
    amount: int = 0
    proven: bool = False
    phone: str = ""
    ended: int | None = None
    """The step in which somebody ended it: a no, a refusal, a person erased."""
    at: datetime | None = None
    said_before: tuple[int, int] = (0, 0)
    """So many notes and replies of ours stood on the ticket when it was asked: they answer nothing of it."""
    read_by_a_person: bool = False
    """A colleague was at work on the ticket, and Deskhand had surely not looked at this ask before."""
    too_late: bool = False
    """No event told of it, and it was looked for so late that it is left to people."""
    merged: bool = False
    """Asked on another ticket that a person merged into this one: it may be done here, and need not be."""

    def names(self) -> tuple[str, ...]:
        """What a note must have to be about it: one of these."""
        return (self.phone, TWO_VALUES) if self.phone else (self.charge, f"USD {self.amount / 100:,.2f}")


def is_told(ask: Ask, book: Book, refunds: Iterable[Refund] = ()) -> bool:
    """Of this ask, after it: a note hands it over, or a reply says what became of it. That somebody is asked for a yes
    answers nothing.

    `refunds` of its charge: a reply that one went tells of it while that one stands, and once it failed, a reply that
    it did.
    """
    notes, replies = ([one["body"] for one in book[kind][before:]]
                      for kind, before in zip(("notes", "replies"), ask.said_before, strict=True))
    if handed_over(notes, (*ask.names(), NO_PLAN)) or _was_handed_over(ask, book):
        return True
    if ask.phone:
        return any(ask.phone in CHANGED.findall(body) for body in replies)
    ends = {stands(made) for made in refunds if made["amount"] == ask.amount}
    return any(ask.amount in told(what, body) for body in replies
               for what, stood in ((WENT, True), (FAILED, False)) if stood in ends)


def _was_handed_over(ask: Ask, book: Book) -> bool:
    """A note before it handed over the same, or the last one all that is written there, which stands: it is told once.

    Notes on an undo are between two plans and tell of neither.
    """
    before = [note["body"] for note in book["notes"]][:ask.said_before[0]]
    last = [body for body in before if not ON_AN_UNDO.match(body)][-1:]
    return "deskhand_handed_over" in book.get("tags", ()) and (
        handed_over(before, ask.names()) or handed_over(last, (NO_PLAN,)))


@dataclass(frozen=True)
class Failure:
    """A refund of ours that failed after it had been made."""

    refund: Refund
    said_before: Set[Any]
    """The ids of all notes and replies of ours that stood anywhere when it failed: they tell nothing of it."""

    def is_about(self, note: str) -> bool:
        return self.refund["id"] in note or self.refund["metadata"]["op_id"] in note

    def is_told(self, book: Book) -> bool:
        """After it, on this ticket: a note hands it over by its name, and who was told that the money went is told that
        it did not, or the note says that they were not."""
        notes = [body for body in self._since(book, "notes") if self.is_about(body)]
        if not any(HANDS_OVER.search(note) for note in notes):
            return False
        amount = self.refund["amount"]
        return (any("NOT told" in note for note in notes)
                or any(amount in told(FAILED, body) for body in self._since(book, "replies"))
                or not any(amount in told(WENT, one["body"]) for one in book["replies"]))

    def _since(self, book: Book, kind: str) -> list[str]:
        return [one["body"] for one in book[kind] if one["id"] not in self.said_before]


def said(books: Iterable[Book]) -> set[Any]:
    """The ids of all our notes and replies."""
    return {one["id"] for book in books for kind in ("notes", "replies") for one in book[kind]}


def told(what: re.Pattern[str], body: str) -> set[int]:
    """The cents of which a reply says this."""
    return {cents(next(filter(None, match.groups()))) for match in what.finditer(body)}


def stands(made: Refund) -> bool:
    return made["status"] not in FELL_THROUGH


def cents(amount: str) -> int:
    return int(amount.replace(",", "").replace(".", ""))
