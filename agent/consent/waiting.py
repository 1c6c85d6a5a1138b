"""What waits for people over all tickets, found without opening them."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import ColumnElement, Connection, RowMapping, select

from agent.consent.approval import Colleague
from agent.consent.asked import asked_of
from agent.consent.card import FOR_WHOM, title
from agent.consent.consents import rank
from agent.consent.shown import Waiting, WaitingItem
from agent.consent.waits import CUSTOMER, by_id, whose
from agent.desk import Desk
from agent.endings import NOTE_REFUSED, sentence
from agent.tables import operations, tickets, waits
from agent.vault import Erased
from connectors.contract import Helpdesk

MOST = 50
MOST_LOOKED_AT = 150
"""Of these the helpdesk is asked who may see them, some by one call each."""
NOT_KNOWN = "Nobody knows yet whether it happened: look at the vendor"
NOT_WRITTEN = "The helpdesk refused this note: it was not written"


def waiting(desk: Desk, helpdesk: Helpdesk, by: Colleague, sees: Callable[[list[str]], set[str]]) -> Waiting:
    """Held operations and approvals, the oldest first; `sees` says which of these tickets this colleague may see."""
    with desk.ledger.begin() as c:
        rows = sorted([*_held(c, helpdesk), *_open(c, desk, helpdesk)], key=lambda row: row["since"])
    found, rest = _seen(rows, sees)
    with desk.ledger.begin() as c:
        items = tuple(_item(c, desk, helpdesk, by, row) for row in found[:MOST])
    return Waiting(items=items, more=len(found) > MOST or rest)


def _seen(rows: list[RowMapping], sees: Callable[[list[str]], set[str]]) -> tuple[list[RowMapping], bool]:
    """What this colleague may see, at least as much as is listed if it is there; and whether others are not known."""
    found: list[RowMapping] = []
    known: dict[str, bool] = {}
    looked = 0
    while len(found) < MOST and looked < min(len(rows), MOST_LOOKED_AT):
        page = rows[looked:min(looked + MOST, MOST_LOOKED_AT)]
        asked = sorted({row["ref"] for row in page} - known.keys())
        seen = sees(asked) if asked else set()
        known.update({ref: ref in seen for ref in asked})
        found += [row for row in page if known[row["ref"]]]
        looked += len(page)
    return found, looked < len(rows)


def _held(c: Connection, helpdesk: Helpdesk) -> list[RowMapping]:
    return list(c.execute(select(
        operations.c.id.label("operation"), operations.c.kind, operations.c.reason,
        operations.c.changed_at.label("since"), tickets.c.ref,
    ).join(tickets, tickets.c.id == operations.c.ticket_id).where(
        operations.c.state == "held", *_of(helpdesk),
    ).order_by(operations.c.changed_at).limit(MOST_LOOKED_AT + 1)).mappings())


def _open(c: Connection, desk: Desk, helpdesk: Helpdesk) -> list[RowMapping]:
    return list(c.execute(select(
        waits.c.id.label("wait"), waits.c.created_at.label("since"), tickets.c.ref,
    ).join(tickets, tickets.c.id == waits.c.ticket_id).where(
        waits.c.state == "open", waits.c.for_whom != CUSTOMER, waits.c.expires_at > desk.now(), *_of(helpdesk),
    ).order_by(waits.c.created_at).limit(MOST_LOOKED_AT + 1)).mappings())


def _of(helpdesk: Helpdesk) -> tuple[ColumnElement[bool], ...]:
    return (tickets.c.vendor == helpdesk.vendor, tickets.c.account == helpdesk.account)


def _item(c: Connection, desk: Desk, helpdesk: Helpdesk, by: Colleague, row: RowMapping) -> WaitingItem:
    link = helpdesk.link(row["ref"])
    if "operation" in row:
        return WaitingItem(what="held", ticket=row["ref"], link=link, may_i=False, since=row["since"],
                           title=sentence(row["kind"].replace("_", " ")), expires_at=None,
                           for_whom_words=NOT_WRITTEN if row["reason"].startswith(NOTE_REFUSED) else NOT_KNOWN)
    wait = by_id(c, row["wait"])
    if wait is None:
        raise LookupError(row["wait"])
    try:
        asked = asked_of(wait, desk.ledger.vault.person_by_id(c, whose(c, wait)))
    except Erased:
        asked = None
    return WaitingItem(what="approval", ticket=row["ref"], link=link, since=row["since"],
                       title=title(asked) if asked else "Cannot be shown any more", expires_at=wait.expires_at,
                       for_whom_words=FOR_WHOM[wait.for_whom], may_i=rank(by.role) >= rank(wait.for_whom))
