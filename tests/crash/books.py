"""What must stand in the vendors' books, what stands there, and every difference by name. Ours are not asked."""

from __future__ import annotations

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

    def says(self) -> list[str]:
        """What each reply and note on it must hold: the amounts, or the new number."""
        return [*(f"USD {cents / 100:,.2f}" for cents in self.refunds.values()), *([self.phone] if self.phone else [])]


@dataclass(frozen=True)
class Ticket:
    """One ticket of the run, by whom it was written, and what is due to it."""

    helpdesk: str
    id: str
    email: str
    due: Due
    old_phone: str
    first_name: str
    """By which each reply must greet them."""

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
        self._activities: dict[str, list[str]] = {}
        for activity in books["salesforce"]["activities"]:
            self._activities.setdefault(activity["WhoId"], []).append(str(activity["Subject"]))

    def ticket(self, of: Ticket) -> Json:
        return dict(self._tickets[of.helpdesk][of.id])

    def activities(self, of: Ticket) -> list[str]:
        """The subjects of those on the customer's contact."""
        return self._activities.get(self._contacts[of.email]["Id"], [])

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
              "activities": (len(read.activities(ticket)), ticket.due.activities)}
    for what, (there, due) in counts.items():
        if there != due:
            _sort(found, f"{ticket.name}: {there} {what}, not {due}", missing=there < due, twice=due > 0)
    found.lost += [f"{ticket.name}: the customer was not told" for one in book["replies"] if one["notified"] is False]
    if ticket.due != Due():
        _own(found, ticket, read)


def _own(found: Compared, ticket: Ticket, read: Books) -> None:
    """What is written there is about this customer's own money or number, and about nobody else's."""
    due, book = ticket.due, read.ticket(ticket)
    made = [{one["id"] for one in read.refunds.get(charge, ())} for charge in due.refunds]
    for what, texts in (("reply", [one["body"] for one in book["replies"]]),
                        ("note", [one["body"] for one in book["notes"]]), ("activity", read.activities(ticket))):
        for text in texts:
            wants = [*due.says(), *([f"Hello {ticket.first_name},"] if what == "reply" else due.refunds)]
            missing = [one for one in wants if one not in text]
            if what != "reply":
                missing += [" or ".join(sorted(ids)) for ids in made if ids and not any(id in text for id in ids)]
            found.beyond += [f"{ticket.name}: a {what} is without {one!r}" for one in missing]


def _sort(found: Compared, words: str, *, missing: bool, twice: bool = False) -> None:
    (found.lost if missing else found.doubled if twice else found.beyond).append(words)


def _paid(refunds: Iterable[Iterable[Json]]) -> Iterator[Json]:
    return (one for some in refunds for one in some if one["status"] not in ("failed", "canceled"))
