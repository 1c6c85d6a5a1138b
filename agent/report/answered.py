"""What people did about each ask: which of their refunds answers which line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from agent.report.lines import Line, People
from connectors.contract import Money, PaidRefund

WITHIN = timedelta(days=7)
"""What people do later than this after the customer wrote is not their answer to it."""


@dataclass
class _Answered:
    """A line with the refunds that answer it."""

    line: Line
    same: list[PaidRefund] = field(default_factory=list)
    other: list[tuple[str, PaidRefund]] = field(default_factory=list)

    def given(self) -> int:
        return sum(one.money.amount for one in self.same)


def compared(lines: Iterable[Line], now: datetime) -> list[Line]:
    """Each line with what people did; a refund answers one line only.

    A refund of the very charge answers the first ask for it that is not yet answered; any other answers the customer's
    newest ask before it.
    """
    answered = [_Answered(line) for line in lines]
    with_books = [one for one in answered if one.line.books is not None]
    refunds = _refunds_by_people(with_books)
    for charge, refund in refunds:
        if found := _asked_for(charge, refund, with_books):
            found.same.append(refund)
    taken = {refund.id for one in answered for refund in one.same}
    for charge, refund in refunds:
        if refund.id not in taken and (near := _nearest(charge, refund, with_books)):
            near.other.append((charge, refund))
    return [_told(one, now) for one in answered]


def _refunds_by_people(answered: Iterable[_Answered]) -> list[tuple[str, PaidRefund]]:
    """Charge and refund, oldest first; what Deskhand made itself is not people's, and what failed gave nothing."""
    found = {refund.id: (charge.id, refund) for one in answered for charge in one.line.books or ()
             for refund in charge.refunds if refund.stands and not refund.operation}
    return sorted(found.values(), key=lambda pair: (pair[1].created, pair[1].id))


def _asked_for(charge: str, refund: PaidRefund, answered: Iterable[_Answered]) -> _Answered | None:
    asks = [one for one in _in_time(refund, answered) if one.line.charge == charge and one.line.money]
    wanting = [one for one in asks if one.line.money and one.given() < one.line.money.amount]
    exact = [one for one in wanting if one.line.money
             and one.line.money.amount - one.given() == refund.money.amount]
    return next(iter([*exact, *wanting, *reversed(asks)]), None)


def _nearest(charge: str, refund: PaidRefund, answered: Iterable[_Answered]) -> _Answered | None:
    """The newest ask before it of someone who paid this charge; a line nobody has answered, and asks before silence."""
    owners = [one for one in _in_time(refund, answered) if not one.same
              and any(book.id == charge for book in one.line.books or ())
              and all(other == charge for other, _ in one.other)]
    return max(owners, key=lambda one: (one.line.kind == "refund", one.line.kind != "none", one.line.asked_at),
               default=None)


def _in_time(refund: PaidRefund, answered: Iterable[_Answered]) -> Iterator[_Answered]:
    by_time = sorted(answered, key=lambda one: one.line.asked_at)
    return (one for one in by_time if one.line.asked_at <= refund.created <= one.line.asked_at + WITHIN)


def _told(one: _Answered, now: datetime) -> Line:
    line = replace(one.line, books=None)
    refunds = one.same or [refund for _, refund in one.other]
    if refunds:
        on = one.line.charge if one.same else one.other[0][0]
        paid = Money(amount=sum(refund.money.amount for refund in refunds), currency=refunds[0].money.currency)
        whole = People.SAME if paid == line.money else People.OTHER_AMOUNT
        return replace(line, people=whole if one.same else People.OTHER_CHARGE, paid=paid, paid_on=on,
                       took=refunds[-1].created - line.asked_at)
    if one.line.books is None:
        return line
    if _by_deskhand(one.line):
        return replace(line, people=People.BY_DESKHAND)
    return replace(line, people=People.NOTHING if now >= line.asked_at + WITHIN else People.NOT_YET)


def _by_deskhand(line: Line) -> bool:
    return any(refund.operation and refund.stands and line.asked_at <= refund.created <= line.asked_at + WITHIN
               for charge in line.books or () if charge.id == line.charge for refund in charge.refunds)
