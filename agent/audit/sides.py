"""Reads both sides of a month: the payment provider's list, and what our rows say of the same refunds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from agent.audit.entries import Entry, entries, noticed
from agent.audit.month import Month
from agent.audit.reconcile import Books, Line, Reconciled, reconciled
from agent.desk import Desk
from agent.report.reading import gently
from connectors.contract import ListsRefunds, MadeRefund, NotFound, PaidRefund, Payments


class CannotList(RuntimeError):
    """There is no payment provider, or it cannot list its refunds; the message says so."""


def both_sides(desk: Desk, month: Month, each_day: Callable[[str], None] = lambda _: None, *,
               read_tickets: bool = False) -> Reconciled:
    """Nothing is written, here or there. Raises CannotList, or what reading a vendor raises.

    `each_day` is told of each day that was read. `read_tickets`: each ticket is read as well, one call or some more for
    each; else the ledger's word counts, which was read back when it was written.
    """
    payments = desk.payments
    if payments is None:
        raise CannotList("No payment provider is configured, so there is nothing to compare with.")
    if not isinstance(payments, ListsRefunds):
        raise CannotList(f"The connector for {payments.vendor} cannot list refunds by the day they were made.")
    until = min(desk.now(), month.ends)
    account = gently(payments.account, desk.sleep).id
    made = _made(desk, payments, month, each_day)
    with desk.ledger.begin() as c:
        ours = entries(c, desk.ledger.vault, month, {one.operation for one in made if one.operation},
                       {one.id for one in made})
        seen = noticed(c, {one.id for one in made}, {one.charge for one in made if one.charge})
    beside = _beside(desk, payments, ours, {one.id for one in made})
    lately = tuple(one for one in beside.values() if one is not None and one.created in month)
    books = Books(month, (*made, *lately), tuple(ours), beside, seen, _of_charges(desk, payments, ours, made))
    lines = list(books.lines())
    return reconciled(month, account, until, _on_tickets(desk, lines) if read_tickets else lines)


def _made(desk: Desk, payments: ListsRefunds, month: Month,
          each_day: Callable[[str], None]) -> tuple[MadeRefund, ...]:
    """Day by day, so that a limit of the vendor's in between costs one day only."""
    found: dict[str, MadeRefund] = {}
    for begins, ends in month.days():
        if begins > desk.now():
            break
        found |= {one.id: one for one in _day(desk, payments, begins, ends)}
        each_day(f"{begins.astimezone(month.zone):%d %b}")
    return tuple(found.values())


def _day(desk: Desk, payments: ListsRefunds, begins: datetime, ends: datetime) -> tuple[MadeRefund, ...]:
    return gently(lambda: payments.refunds_made(begins, ends), desk.sleep)


def _beside(desk: Desk, payments: ListsRefunds, ours: Iterable[Entry],
            listed: set[str]) -> dict[str, MadeRefund | None]:
    """Refunds that our rows name and the list has not, read one by one; None for what the provider does not know."""
    return {id: _one(desk, payments, id) for id in sorted({one.refund for one in ours if one.refund} - listed)}


def _of_charges(desk: Desk, payments: Payments, ours: Iterable[Entry],
                made: Iterable[MadeRefund]) -> tuple[PaidRefund, ...]:
    """Every refund of the charges whose operation names none, though one of the month stands under its id."""
    standing = {one.operation for one in made if one.stands}
    charges = {one.charge for one in ours if not one.refund and one.operation in standing}
    return tuple(refund for charge in sorted(charges) for refund in _refunds_of(desk, payments, charge))


def _refunds_of(desk: Desk, payments: Payments, charge: str) -> tuple[PaidRefund, ...]:
    try:
        return gently(lambda: payments.charge(charge), desk.sleep).refunds
    except NotFound:
        return ()


WITH_A_NOTE = ("ours", "released", "adopted")
NOT_WRITTEN = "look at the ticket: who removed it, and was the customer told?"


def _on_tickets(desk: Desk, lines: Iterable[Line]) -> Iterator[Line]:
    """The lines, where the helpdesk still has what was written on their tickets."""
    for line in lines:
        entry = line.entry
        if entry is None or entry.note is None or line.kind not in WITH_A_NOTE:
            yield line
        elif (found := _recorded(desk, entry.ticket)) is None:
            yield replace(line, kind="untold", words="the ticket is gone")
        elif entry.note not in found:
            yield replace(line, kind="unexplained", do=NOT_WRITTEN, words=f"the ledger says that {entry.written} was "
                          "written on the ticket, and the helpdesk has no such record")
        else:
            yield line


def _recorded(desk: Desk, ref: str) -> set[str | None] | None:
    """Our operations that the helpdesk has records of on this ticket; None where it is gone."""
    try:
        return {one.operation for one in gently(lambda: desk.helpdesk(ref).read(ref), desk.sleep).entries}
    except NotFound:
        return None


def _one(desk: Desk, payments: ListsRefunds, id: str) -> MadeRefund | None:
    try:
        return gently(lambda: payments.refund(id), desk.sleep)
    except NotFound:
        return None
