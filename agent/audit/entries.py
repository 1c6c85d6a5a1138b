"""What the ledger, the audit and the tickets say of refunds: the side of the books that is ours."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, and_, select

from agent.audit.month import Month
from agent.tables import audit, operations, people, proposals, tickets, waits
from agent.vault import Vault, VaultError
from connectors.contract import Money

T = TypeVar("T")

AT_ONCE = 2000
"""How many ids one question to the database holds."""


@dataclass(frozen=True)
class Entry:
    """One refund, as the ledger has it."""

    operation: str
    ticket: str
    state: str
    charge: str
    amounts: frozenset[Money]
    """What was asked for, as the action and the locked totals name it; one, unless somebody changed one of them."""
    refund: str | None
    """The provider's id, once it was read."""
    reason: str
    first_sent_at: datetime | None
    looks_again: bool
    """It will be looked at again by itself."""
    erased: bool
    """The customer was forgotten since."""
    told_of: bool = True
    """The trail tells that it was sent; it does of everything that we send."""
    released: str = ""
    """What a person said of it when it was held: found, not_done or send_again."""
    fell_through: bool = False
    """It was done, came back later, and that was noticed."""
    written: str | None = None
    """The helpdesk's record of what was written on the ticket after it."""
    note: str | None = None
    """The operation that wrote it."""

    @property
    def money(self) -> Money | None:
        return next(iter(self.amounts)) if len(self.amounts) == 1 else None


def entries(c: Connection, vault: Vault, month: Month, named: Collection[str], made: Collection[str]) -> list[Entry]:
    """All that may bear on the month: what was sent or changed in it, and the operations and refunds named."""
    asked: list[ColumnElement[bool]] = [
        and_(operations.c.first_sent_at < month.ends, operations.c.changed_at >= month.begins),
        *(operations.c.id.in_(ids) for ids in _parts(named)),
        *(operations.c.vendor_ids["id"].astext.in_(ids) for ids in _parts(made))]
    rows = {row["id"]: row for which in asked for row in c.execute(_REFUNDS.where(which)).mappings()}
    told = _trail(c, rows.values())
    written = _written(c, rows.values())
    return [_entry(c, vault, row, told[id], written.get(id)) for id, row in sorted(rows.items())]


_REFUNDS = select(operations, tickets.c.ref, proposals.c.person_id, people.c.erased_at).join(
    tickets, tickets.c.id == operations.c.ticket_id).join(
    proposals, proposals.c.id == operations.c.proposal_id).outerjoin(
    people, people.c.id == proposals.c.person_id).where(operations.c.kind == "refund")
SENT = "operation.sent"
TOLD = (SENT, "operation.resolved", "operation.fell_through")


def _parts(ids: Collection[T]) -> Iterable[list[T]]:
    listed = list(ids)
    return (listed[n:n + AT_ONCE] for n in range(0, len(listed), AT_ONCE))


def _trail(c: Connection, rows: Iterable[Mapping[Any, Any]]) -> dict[str, list[Any]]:
    """Per operation what the audit says of it, oldest first."""
    found: dict[str, list[Any]] = defaultdict(list)
    for part in _parts({row["ticket_id"] for row in rows}):
        for row in c.execute(select(audit.c.operation_id, audit.c.kind, audit.c.public).where(
                audit.c.ticket_id.in_(part), audit.c.kind.in_(TOLD)).order_by(audit.c.id)):
            found[row.operation_id].append(row)
    return found


def _written(c: Connection, rows: Iterable[Mapping[Any, Any]]) -> dict[str, tuple[str, str]]:
    """Per operation the last update of its ticket that the helpdesk has, sent no earlier than the refund: its
    operation, and the helpdesk's record."""
    refund, note = operations.alias("refund"), operations.alias("note")
    found: dict[str, tuple[str, str]] = {}
    for part in _parts([row["id"] for row in rows]):
        for id, by, ids in c.execute(select(refund.c.id, note.c.id, note.c.vendor_ids).join(
                note, and_(note.c.proposal_id == refund.c.proposal_id, note.c.role == "helpdesk",
                           note.c.state == "done", note.c.first_sent_at >= refund.c.first_sent_at))
                .where(refund.c.id.in_(part)).order_by(note.c.first_sent_at, note.c.id)):
            found[id] = (by, str(ids.get("entry") or ids.get("id") or ""))
    return found


def _entry(c: Connection, vault: Vault, row: Mapping[Any, Any], trail: list[Any],
           written: tuple[str, str] | None) -> Entry:
    note, record = written or (None, None)
    entry = Entry(
        operation=row["id"], ticket=row["ref"], state=row["state"], charge=row["target"],
        amounts=_amounts(c, vault, row, trail), refund=row["vendor_ids"].get("id"), reason=row["reason"],
        first_sent_at=row["first_sent_at"], looks_again=row["recheck_at"] is not None,
        erased=row["erased_at"] is not None, told_of=any(told.kind == SENT for told in trail), written=record,
        note=note)
    for told in trail:
        if told.kind == "operation.resolved":
            entry = replace(entry, released=told.public.get("as", ""))
        elif told.kind == "operation.fell_through":
            entry = replace(entry, fell_through=True)
    return entry


def _amounts(c: Connection, vault: Vault, row: Mapping[Any, Any], trail: list[Any]) -> frozenset[Money]:
    """By the action and by the totals; of who was forgotten the action cannot be read, and the audit says it."""
    counted = row["reserved"] or {}
    named = [(counted.get("amount"), counted.get("currency"))]
    try:
        money = (vault.person_by_id(c, row["person_id"]).read(row["sealed"]) or {}).get("money", {})
        named.append((money.get("amount"), money.get("currency")))
    except (VaultError, KeyError):
        pass
    if not any(amount for amount, _ in named):
        facts = [told.public["facts"] for told in trail if "facts" in told.public]
        named = [(one.get("amount"), one.get("currency")) for one in facts[-1:]]
    return frozenset(Money(amount=amount, currency=currency) for amount, currency in named if amount and currency)


def noticed(c: Connection, made: Collection[str], charges: Collection[str]) -> tuple[dict[str, str], dict[str, str]]:
    """On which ticket a person's refund was noticed, by the refund; and by its charge where somebody was asked."""
    name = audit.c.public["name"].astext
    by_refund: dict[str, str] = {}
    by_charge: dict[str, str] = {}
    for part in _parts(made):
        for id, ref in c.execute(select(name, tickets.c.ref).join(tickets, tickets.c.id == audit.c.ticket_id).where(
                audit.c.kind == "refund.changed", name.in_(part))):
            by_refund[id] = ref
    for part in _parts(charges):
        for charge, ref in c.execute(select(waits.c.target, tickets.c.ref).join(
                tickets, tickets.c.id == waits.c.ticket_id).where(
                waits.c.target.in_(part), waits.c.state == "elsewhere")):
            by_charge[charge] = ref
    return by_refund, by_charge
