"""Every refund of a month at the payment provider, ours or a person's, set against the ledger and the tickets.

The provider's list is one side, read whole; our rows are the other. What both say alike is explained; nothing is
written, and what they say otherwise is for a person.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from agent.audit.entries import Entry
from agent.audit.month import Month
from connectors.contract import MadeRefund, Money, PaidRefund

OUR_ID = re.compile(r"op-[0-9a-f]{24}", re.ASCII)

Kind = Literal["ours", "untold", "released", "adopted", "waiting", "came_back", "taken_back", "earlier", "noticed",
               "person", "system", "other_month", "not_there_yet", "unexplained"]
OURS: Mapping[Kind, str] = {
    "ours": "made by Deskhand, and written on the ticket",
    "untold": "made by Deskhand, and not written on its ticket yet",
    "released": "made by Deskhand, sent again after a person's release",
    "adopted": "made by a person, and taken for Deskhand's by deskhand held resolve",
    "waiting": "made by Deskhand, and a person or its next look has yet to say so",
    "came_back": "made by Deskhand, and came back later",
    "taken_back": "made by Deskhand, and cancelled by an undo",
    "earlier": "sent by Deskhand, and came to nothing",
}
PEOPLE: Mapping[Kind, str] = {
    "noticed": "made by a person, and noticed on a ticket",
    "person": "made by a person",
}
SYSTEMS: Mapping[Kind, str] = {"system": "made by another system"}
BESIDE: Mapping[Kind, str] = {
    "other_month": "Deskhand's, sent or changed in this month, and dated in another one by the provider",
    "not_there_yet": "sent by Deskhand, and not found at the provider so far",
}
"""Told, and in no sum: the provider has no refund in this month for it."""
WORDS: Mapping[Kind, str] = {**OURS, **PEOPLE, **SYSTEMS, **BESIDE, "unexplained": "not explained"}

LOOK = "look at this charge in the provider's dashboard, and at the ticket's trail"
WHOSE = "was a backup put back, or does another Deskhand or a program use this account? Look at it there"
MADE_UP = "somebody may have made up a row of ours: run deskhand audit verify, and look at this charge in the dashboard"
TWICE = "the customer has this money twice: agree with them, and report it to the makers of Deskhand"


@dataclass(frozen=True)
class Line:
    """One refund, or one operation without any, and what it is."""

    kind: Kind
    refund: MadeRefund | None = None
    entry: Entry | None = None
    ticket: str = ""
    words: str = ""
    do: str = ""
    """What a person does about it; only where it is not explained."""

    @property
    def partial(self) -> bool:
        made = self.refund
        return made is not None and made.captured is not None and made.money.amount < made.captured.amount


@dataclass
class Sum:
    count: int = 0
    amount: int = 0

    def add(self, money: Money) -> None:
        self.count += 1
        self.amount += money.amount


@dataclass
class Totals:
    """One currency, in minor units."""

    provider: Sum = field(default_factory=Sum)
    """As the provider lists them."""
    ours: Sum = field(default_factory=Sum)
    """As our ledger names them."""
    people: Sum = field(default_factory=Sum)
    systems: Sum = field(default_factory=Sum)
    came_back: Sum = field(default_factory=Sum)
    """Of the provider's: what failed or was cancelled, and so was given to nobody."""
    missing: Sum = field(default_factory=Sum)
    """Done by our ledger, and not at the provider."""

    @property
    def difference(self) -> int:
        """What the provider lists beyond all that is explained, and what our ledger lists beyond the provider."""
        return self.provider.amount - self.ours.amount - self.people.amount - self.systems.amount


@dataclass(frozen=True)
class Reconciled:
    month: Month
    account: str
    until: datetime
    """Up to when it was looked at: now, while the month lasts."""
    lines: tuple[Line, ...]

    def unexplained(self) -> list[Line]:
        return [line for line in self.lines if line.kind == "unexplained"]

    def kinds(self) -> Counter[Kind]:
        return Counter(line.kind for line in self.lines)

    def totals(self) -> dict[str, Totals]:
        """Per currency, in the order of the alphabet."""
        found: dict[str, Totals] = {}
        for line in self.lines:
            if line.kind in BESIDE:
                continue
            if line.refund is None:
                if line.entry is not None and line.entry.money is not None:
                    found.setdefault(line.entry.money.currency, Totals()).missing.add(line.entry.money)
                continue
            if line.refund.created in self.month:
                _add(found.setdefault(line.refund.money.currency, Totals()), line, line.refund)
        return dict(sorted(found.items()))

    @property
    def ok(self) -> bool:
        return not self.unexplained() and not any(
            one.difference or one.missing.count for one in self.totals().values())


def _add(totals: Totals, line: Line, made: MadeRefund) -> None:
    totals.provider.add(made.money)
    if not made.stands:
        totals.came_back.add(made.money)
    if line.kind in OURS:
        totals.ours.add((line.entry.money if line.entry else None) or made.money)
    elif line.kind in PEOPLE:
        totals.people.add(made.money)
    elif line.kind in SYSTEMS:
        totals.systems.add(made.money)


@dataclass(frozen=True)
class Books:
    """Both sides, as they were read."""

    month: Month
    made: tuple[MadeRefund, ...]
    """Every refund of the month."""
    entries: tuple[Entry, ...]
    beside: Mapping[str, MadeRefund | None] = field(default_factory=dict)
    """Refunds of the ledger that the month's list has not, read one by one; None: the provider knows none."""
    noticed: tuple[Mapping[str, str], Mapping[str, str]] = ({}, {})
    """On which ticket a person's refund was seen: by the refund, and by its charge."""
    of_charges: tuple[PaidRefund, ...] = ()
    """Of any month, of the charges whose operation names no refund: a second one may stand across the month's end."""

    def lines(self) -> Iterator[Line]:
        named = {entry.operation: entry for entry in self.entries}
        holders = {refund: [one for one in self.entries if one.refund == refund]
                   for refund in {entry.refund for entry in self.entries if entry.refund}}
        standing = Counter(one.operation for one in {one.id: one for one in (*self.of_charges, *self.made)}.values()
                           if one.stands)
        for made in self.made:
            yield self._line(made, named, holders.get(made.id, []), standing)
        listed = {made.id for made in self.made}
        met = {made.operation for made in self.made}
        for entry in self.entries:
            if entry.refund and entry.refund not in listed:
                yield self._elsewhere(entry, self.beside.get(entry.refund))
            elif not entry.refund and entry.operation not in met:
                yield from _by_none(entry)

    def _line(self, made: MadeRefund, named: Mapping[str, Entry], holders: list[Entry],
              standing: Mapping[str | None, int]) -> Line:
        if len(holders) > 1:
            return _unexplained(made, holders[0], f"{' and '.join(one.operation for one in holders)} both count it as "
                                "theirs", "find out which of them it is, and refund or tell the customer of the other")
        if made.operation is None or not OUR_ID.fullmatch(made.operation):
            return judged(made, holders[0], adopted=True) if holders else self._foreign(made)
        entry = named.get(made.operation)
        if entry is None:
            return _unexplained(made, None, f"its metadata names {made.operation}, which the ledger does not have",
                                WHOSE)
        if holders and holders[0] != entry:
            return _unexplained(made, entry, f"its metadata names {entry.operation}, and {holders[0].operation} counts "
                                "it as its own", LOOK)
        if entry.refund != made.id and made.stands and (entry.refund or standing[made.operation] > 1):
            return _unexplained(made, entry, f"a second refund for {entry.operation}"
                                + (f", whose refund is {entry.refund}" if entry.refund else ""), TWICE)
        return judged(made, entry)

    def _foreign(self, made: MadeRefund) -> Line:
        """Without a mark of ours. Nobody can tell who pressed; what people refund by hand bears no metadata."""
        by_refund, by_charge = self.noticed
        if made.operation is not None or made.marks:
            marks = ", ".join(made.marks) or "another op_id"
            shown = "".join(letter if letter.isprintable() else "?" for letter in marks)
            return Line("system", made, words=f"its metadata holds {shown}")
        if ticket := by_refund.get(made.id) or by_charge.get(made.charge or ""):
            return Line("noticed", made, ticket=ticket, words="Deskhand stepped back there")
        return Line("person", made)

    def _elsewhere(self, entry: Entry, made: MadeRefund | None) -> Line:
        """An operation whose refund the month's list has not."""
        if made is None:
            return _unexplained(None, entry, f"the ledger says {entry.state} by {entry.refund}, and the provider knows "
                                "no such refund", "the customer may not have this money: " + LOOK)
        judgement = judged(made, entry, adopted=made.operation is None)
        if judgement.kind == "unexplained" or made.created in self.month:
            return judgement
        return _line("other_month", made, entry, f"the provider dates it {made.created:%d %b %Y %H:%M:%S} UTC")


def _by_none(entry: Entry) -> Iterator[Line]:
    """An operation that names no refund, and that no refund of the month names."""
    if entry.state in ("sent", "unknown", "held"):
        yield Line("not_there_yet", None, entry, entry.ticket, _as_it_stands(entry))
    elif entry.state == "done":
        yield _unexplained(None, entry, "the ledger says done, and names no refund",
                           "the customer may not have this money: " + LOOK)


def judged(made: MadeRefund, entry: Entry, *, adopted: bool = False) -> Line:
    """A refund beside the operation it belongs to."""
    if not entry.told_of:
        return _unexplained(made, entry, f"the trail does not tell that {entry.operation} was sent", MADE_UP)
    if made.charge != entry.charge:
        return _unexplained(made, entry, f"it is of charge {made.charge}, and the ledger's is of {entry.charge}", LOOK)
    if len(entry.amounts) > 1:
        named = " and ".join(sorted(str(one) for one in entry.amounts))
        return _unexplained(made, entry, f"our own rows name two amounts, {named}",
                            "run deskhand audit verify: somebody changed a row")
    if entry.money is not None and entry.money != made.money:
        return _unexplained(made, entry, f"it is {made.money}, and the ledger's is {entry.money}", LOOK)
    return _GONE_BY[entry.state](made, entry) if not made.stands else _stands(made, entry, adopted=adopted)


def _stands(made: MadeRefund, entry: Entry, *, adopted: bool) -> Line:
    if entry.state in ("sent", "unknown", "held"):
        return _line("waiting", made, entry, _as_it_stands(entry))
    if entry.state == "undone":
        return _unexplained(made, entry, "the ledger says it was cancelled by an undo", "the customer was told it was "
                            "taken back and has the money: " + LOOK)
    if entry.state != "done":
        why = "it came back" if entry.fell_through else f"it was not done ({entry.state})"
        return _unexplained(made, entry, f"the ledger says {why}{f': {entry.reason}' if entry.reason else ''}",
                            "the customer has this money and may have got it another way as well: " + LOOK)
    if adopted and entry.released != "found":
        return _unexplained(made, entry, f"the ledger says it is the refund of {entry.operation}, and its metadata "
                            "does not name that any more",
                            f"somebody took our mark away; put op_id = {entry.operation} back into its metadata")
    if adopted:
        return _line("adopted", made, entry, "a person said so")
    if entry.released == "send_again" or made.send > 1:
        return _line("released", made, entry, f"sending {made.send}")
    if entry.written is None:
        return _line("untold", made, entry, "the ticket may be gone, or the helpdesk away")
    return _line("ours", made, entry, f"the helpdesk's record {entry.written}")


def _done_and_gone(made: MadeRefund, entry: Entry) -> Line:
    """The ledger still believes in it: until it is looked at again, or for ever where nobody can be told."""
    if entry.refund != made.id:
        return _earlier(made, entry)
    if entry.looks_again or entry.erased:
        return _line("came_back", made, entry, _twice(made) + (
            "; the customer was forgotten" if entry.erased else "; the ticket is told at the next look"))
    return _unexplained(made, entry, f"it {_ended(made)} after it was done, and nobody will look again",
                        "the customer believes to have this money: tell them, and pay it another way")


def _noticed_gone(made: MadeRefund, entry: Entry) -> Line:
    if not entry.fell_through:
        return _earlier(made, entry)
    return _line("came_back", made, entry, _twice(made) + "; the ticket was told")


def _undone(made: MadeRefund, entry: Entry) -> Line:
    return _line("taken_back", made, entry, _twice(made))


def _earlier(made: MadeRefund, entry: Entry) -> Line:
    return _line("earlier", made, entry, f"it {_ended(made)}; the ledger says {entry.state}")


_GONE_BY = {"done": _done_and_gone, "rejected": _noticed_gone, "undone": _undone,
            **dict.fromkeys(("planned", "sent", "unknown", "held", "dropped"), _earlier)}
"""What a refund that gives nothing back is, by the state of its operation."""


def _as_it_stands(entry: Entry) -> str:
    return f"the ledger says {entry.state}{f': {entry.reason}' if entry.reason else ''}"


def _ended(made: MadeRefund) -> str:
    return f"failed ({made.failure or 'no reason given'})" if made.status == "failed" else "was cancelled"


def _twice(made: MadeRefund) -> str:
    """Both its lines in the account's balance: out and back."""
    out_and_back = f", entries {' and '.join(made.entries)}" if made.entries else ""
    return f"it {_ended(made)}{out_and_back}"


def _line(kind: Kind, made: MadeRefund, entry: Entry, words: str) -> Line:
    return Line(kind, made, entry, entry.ticket, words)


def _unexplained(made: MadeRefund | None, entry: Entry | None, words: str, do: str) -> Line:
    return Line("unexplained", made, entry, entry.ticket if entry else "", words, do)


def reconciled(month: Month, account: str, until: datetime, books: Iterable[Line]) -> Reconciled:
    """In the order of the provider's dates, the newest first."""
    order = sorted(books, key=lambda line: line.refund.created.timestamp() if line.refund else 0, reverse=True)
    return Reconciled(month, account, until, tuple(order))
