"""After a backup was put back: what was done since is at the vendors and not in our rows, so look before doing."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert

from agent.ledger import TicketRow
from agent.scope import last_of
from agent.statements import LOOK_FIRST
from agent.tables import operations, switches
from connectors.contract import Conversation, Entry

RULE = "it was done before a backup was put back, and was found at the vendor"
WENT_ON = "the ticket went on before a backup was put back, and how is not known any more"
SKEW = timedelta(minutes=5)
"""By which a vendor's clock may differ from ours."""


def mark(c: Connection, why: str, now: datetime) -> None:
    """From the next pass on, whatever is done on tickets as old as this is looked for at its vendor first."""
    told = {"paused": False, "reason": why, "by": "deskhand restore", "at": now}
    c.execute(insert(switches).values(action=LOOK_FIRST, **told).on_conflict_do_update(
        index_elements=[switches.c.action], set_=told))


def was_there(conversation: Conversation, restored: datetime | None) -> bool:
    """The ticket existed when a backup was put back: things may have been done on it that our rows forgot."""
    return restored is not None and conversation.ticket.created_at < restored + SKEW


def seen(c: Connection, row: TicketRow, conversation: Conversation, waiting_tag: str) -> str | None:
    """Up to which entry the ticket was looked at: also where an update of ours stands that our rows forgot.

    What it answered is not planned again, but what crossed it is: a message that came between a reply of ours and the
    note on it. Where it said that somebody's yes is waited for, that wait is forgotten too, so the ticket is planned
    anew.
    """
    ours = {entry.operation: entry.id for entry in conversation.entries if entry.operation}
    if not ours or waiting_tag in conversation.ticket.tags:
        return row.seen_entry
    known = set(c.execute(select(operations.c.id).where(operations.c.id.in_(list(ours)))).scalars())
    places = {entry.id: n for n, entry in enumerate(conversation.entries)}
    if (crossed := _crossed(conversation, row.seen_entry, known)) is not None:
        return crossed
    forgotten = [entry for operation, entry in ours.items() if operation not in known]
    return max([entry for entry in (row.seen_entry, *forgotten) if entry], default=None,
               key=lambda one: places.get(last_of(one), -1))


def told_upto(c: Connection, conversation: Conversation) -> datetime | None:
    """When the last update of ours was written that our rows forgot: what was done for it was done before."""
    ours = {entry.operation: entry.at for entry in conversation.entries if entry.operation}
    known = set(c.execute(select(operations.c.id).where(operations.c.id.in_(list(ours)))).scalars())
    return max((at for operation, at in ours.items() if operation not in known), default=None)


def _crossed(conversation: Conversation, seen: str | None, known: set[str]) -> str | None:
    """The forgotten reply after which the customer wrote before the note on it stood: nobody is known to have read it.

    A reply goes first and its note second (`agent.tell`); what is written after both is read by a later pass.
    """
    reply, wrote = None, False
    for entry in _from(conversation.entries, seen):
        by_requester = any(one.public and one.author == conversation.ticket.requester for one in entry.comments)
        if entry.operation and entry.operation not in known:
            if reply is not None and wrote:
                return reply
            reply, wrote = entry.id if any(one.public for one in entry.comments) else None, False
        elif not entry.operation and by_requester:
            wrote = True
    return None


def _from(entries: tuple[Entry, ...], seen: str | None) -> tuple[Entry, ...]:
    """The entry that was seen last, and all after it."""
    at = next((n for n, entry in enumerate(entries) if seen and entry.id == last_of(seen)), 0)
    return entries[at:]
