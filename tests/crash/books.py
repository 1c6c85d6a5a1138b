"""What must stand in the vendors' books, what stands there, and every difference by name. Ours are not asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True)
class Due:
    """What one ticket must have come to; by itself nothing at all."""

    refunds: Mapping[str, int] = field(default_factory=dict)
    """Cents by charge."""
    notes: int = 0
    replies: int = 0
    activities: int = 0
    phone: str | None = None
    """The contact's new number; None: as it was."""


@dataclass(frozen=True)
class Ticket:
    """One ticket of the run, by whom it was written, and what is due to it."""

    helpdesk: str
    id: str
    email: str
    due: Due
    old_phone: str

    @property
    def name(self) -> str:
        return f"{self.helpdesk} ticket {self.id}"


@dataclass
class Compared:
    """Every difference as a sentence: what is missing, what is there twice, and what nobody asked for."""

    tickets: int = 0
    asked: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    beyond: list[str] = field(default_factory=list)
    cents_due: int = 0
    cents_paid: int = 0

    @property
    def same(self) -> bool:
        return not (self.lost or self.doubled or self.beyond) and self.cents_due == self.cents_paid

    def differences(self) -> list[str]:
        return [*(f"lost: {one}" for one in self.lost), *(f"doubled: {one}" for one in self.doubled),
                *(f"beyond: {one}" for one in self.beyond)]


class Books:
    """The vendors' books, so arranged that what belongs to one ticket is found at once."""

    def __init__(self, books: Json) -> None:
        self._tickets = {name: books[name]["tickets"] for name in ("zendesk", "salesforce")}
        self.refunds: dict[str, list[Json]] = {}
        for refund in books["stripe"]["refunds"]:
            self.refunds.setdefault(refund["charge"], []).append(refund)
        self._contacts = {one["Email"]: one for one in books["salesforce"]["contacts"].values()}
        self._activities = Counter(one["WhoId"] for one in books["salesforce"]["activities"])

    def ticket(self, of: Ticket) -> Json:
        return dict(self._tickets[of.helpdesk][of.id])

    def activities(self, of: Ticket) -> int:
        return self._activities[self._contacts[of.email]["Id"]]

    def phone(self, of: Ticket) -> str:
        return str(self._contacts[of.email]["Phone"])


def compare(tickets: Iterable[Ticket], books: Json) -> Compared:
    """Sets every ticket against the books, and the books' money against every ticket."""
    found, read = Compared(), Books(books)
    expected: set[str] = set()
    for ticket in tickets:
        found.tickets += 1
        found.asked += ticket.due != Due()
        found.cents_due += sum(ticket.due.refunds.values())
        expected |= ticket.due.refunds.keys()
        _refunds(found, ticket, read)
        _words(found, ticket, read)
        if read.phone(ticket) != (ticket.due.phone or ticket.old_phone):
            _sort(found, f"{ticket.name}: the phone number is {read.phone(ticket)!r}, not "
                         f"{ticket.due.phone or ticket.old_phone!r}", missing=read.phone(ticket) == ticket.old_phone)
    for charge in read.refunds.keys() - expected:
        found.beyond += [f"refund {one['id']} of {one['amount']} cents on {charge}, for which nothing was due"
                         for one in read.refunds[charge]]
    found.cents_paid = sum(one["amount"] for one in _paid(read.refunds.values()))
    return found


def _refunds(found: Compared, ticket: Ticket, read: Books) -> None:
    for charge, cents in ticket.due.refunds.items():
        made = list(_paid([read.refunds.get(charge, [])]))
        if not made:
            found.lost.append(f"{ticket.name}: the refund of {cents} cents on {charge} is missing")
        if len(made) > 1:
            found.doubled.append(f"{ticket.name}: {len(made)} refunds on {charge}")
        found.beyond += [f"{ticket.name}: refund {one['id']} on {charge} is {one['amount']} cents, not {cents}"
                         for one in made if one["amount"] != cents]


def _words(found: Compared, ticket: Ticket, read: Books) -> None:
    book = read.ticket(ticket)
    counts = {"notes": (len(book["notes"]), ticket.due.notes), "replies": (len(book["replies"]), ticket.due.replies),
              "activities": (read.activities(ticket), ticket.due.activities)}
    for what, (there, due) in counts.items():
        if there != due:
            _sort(found, f"{ticket.name}: {there} {what}, not {due}", missing=there < due, twice=due > 0)
    found.lost += [f"{ticket.name}: the customer was not told" for one in book["replies"] if one["notified"] is False]


def _sort(found: Compared, words: str, *, missing: bool, twice: bool = False) -> None:
    (found.lost if missing else found.doubled if twice else found.beyond).append(words)


def _paid(refunds: Iterable[Iterable[Json]]) -> Iterator[Json]:
    return (one for some in refunds for one in some if one["status"] not in ("failed", "canceled"))
