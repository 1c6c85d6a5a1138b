"""Keeps an event once and wakes its ticket, in one transaction. Never the body: ids, kind, time and SHA-256."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, text

from agent.engine import WAKE


@dataclass(frozen=True)
class Event:
    """Something a vendor told us about a ticket."""

    delivery_id: str
    """The same for every attempt to deliver it."""
    kind: str
    ticket_id: str
    occurred_at: datetime | None
    sha256: bytes
    account: str
    vendor: str = "zendesk"


def keep(connection: Connection, event: Event, now: datetime) -> Literal["kept", "seen"]:
    """Wakes the ticket unless a wake is outstanding already; its rows say that there is a reason to look."""
    row = connection.execute(_KEEP, {
        "vendor": event.vendor, "account": event.account, "delivery": event.delivery_id, "kind": event.kind,
        "occurred": event.occurred_at, "received": now, "sha256": event.sha256, "ticket": event.ticket_id,
        "ref": f"{event.vendor}:{event.account}:{event.ticket_id}"}).one()
    return "kept" if row.kept else "seen"


# One statement, a transaction by itself: the event is the guard of the ticket's row, a second delivery changes
# neither, and only a ticket that nothing is outstanding for is woken.
_KEEP = text(f"""
    with event as (
        insert into events (vendor, account, delivery_id, kind, occurred_at, received_at, sha256, ticket_ref)
        values (:vendor, :account, :delivery, :kind, cast(:occurred as timestamptz), :received, :sha256, :ref)
        on conflict do nothing returning id
    ), ticket as (
        insert into tickets (ref, vendor, account, vendor_id, first_seen_at, wanted)
        select :ref, :vendor, :account, :ticket, :received, 1 from event
        on conflict (ref) do update set wanted = tickets.wanted + 1
        returning id, wanted, served
    ), woken as (
        select {WAKE.format(ticket="ticket.id", why="cast(:kind as text)", at="null::timestamptz")} from ticket
         where ticket.wanted = ticket.served + 1
    )
    select (select count(*) from event) as kept, (select count(*) from woken) as woken
""")  # noqa: S608 - put together from constants
