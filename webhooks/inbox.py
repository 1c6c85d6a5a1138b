"""Keeps an event once and wakes its ticket, in one transaction. Never the body: ids, kind, time and a keyed hash."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal, TypeVar

import psycopg
from psycopg import OperationalError
from psycopg_pool import ConnectionPool, PoolTimeout

from agent.engine import WAKE

Kept = Literal["kept", "seen", "not ours"]
T = TypeVar("T")

CONNECTIONS = 8
"""What the doors open at most to keep events."""


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


@dataclass(frozen=True)
class About:
    """Something a payment provider told us about a charge."""

    delivery_id: str
    kind: str
    target: str
    """The charge."""
    vendor: str
    account: str
    occurred_at: datetime | None
    sha256: bytes


E = TypeVar("E", Event, About)


class Inbox:
    """Where the doors leave events: connections of their own, because a vendor waits at the door."""

    def __init__(self, url: str, digest: Callable[[str], str], connections: int = CONNECTIONS,
                 patience: float = 5.0) -> None:
        """`digest`: keyed, for a body may hold a person's words. `patience`: seconds to wait for a connection; a
        vendor gives up on us after ten."""
        self._digest = digest
        self._pool = ConnectionPool(url, min_size=1, max_size=connections, timeout=patience, open=True,
                                    kwargs={"autocommit": True, "prepare_threshold": 1, "connect_timeout": 5,
                                            "application_name": "deskhand door"})

    def keep(self, event: Event, now: datetime) -> Literal["kept", "seen"]:
        """Raises OperationalError while the database is away; connections that died meanwhile are replaced."""
        return self._patiently(lambda connection: keep(connection, self._keyed(event), now))

    def keep_about(self, about: About, now: datetime) -> Kept:
        """As `keep`, for every ticket on which this charge was refunded, or somebody is asked whether it may be."""
        return self._patiently(lambda connection: keep_about(connection, self._keyed(about), now))

    def _keyed(self, told: E) -> E:
        return replace(told, sha256=bytes.fromhex(self._digest(told.sha256.hex())))

    def _patiently(self, do: Callable[[psycopg.Connection[Any]], T]) -> T:
        try:
            with self._pool.connection() as connection:
                return do(connection)
        except PoolTimeout:
            raise
        except OperationalError:
            self._pool.check()
            with self._pool.connection() as connection:
                return do(connection)

    def close(self) -> None:
        self._pool.close()


def keep(connection: psycopg.Connection[Any], event: Event, now: datetime) -> Literal["kept", "seen"]:
    """Wakes the ticket unless a wake is outstanding already; its rows say that there is a reason to look."""
    row = connection.execute(_KEEP, {
        "vendor": event.vendor, "account": event.account, "delivery": event.delivery_id, "kind": event.kind,
        "occurred": event.occurred_at, "received": now, "sha256": event.sha256, "ticket": event.ticket_id,
        "ref": f"{event.vendor}:{event.account}:{event.ticket_id}"}).fetchone()
    return "kept" if row and row[0] else "seen"


# One statement, a transaction by itself: the event is the guard of the ticket's row, a second delivery changes
# neither, and only a ticket that nothing is outstanding for is woken.
_KEEP = f"""
    with event as (
        insert into events (vendor, account, delivery_id, kind, occurred_at, received_at, sha256, ticket_ref)
        values (%(vendor)s, %(account)s, %(delivery)s, %(kind)s, cast(%(occurred)s as timestamptz), %(received)s,
                %(sha256)s, %(ref)s)
        on conflict do nothing returning id
    ), ticket as (
        insert into tickets (ref, vendor, account, vendor_id, first_seen_at, wanted, heard_at)
        select %(ref)s, %(vendor)s, %(account)s, %(ticket)s, %(received)s, 1, cast(%(occurred)s as timestamptz)
          from event
        on conflict (ref) do update set wanted = tickets.wanted + 1,
                                        heard_at = greatest(tickets.heard_at, excluded.heard_at)
        returning id, wanted, served
    ), woken as (
        select {WAKE.format(ticket="ticket.id", why="cast(%(kind)s as text)", at="null::timestamptz")} from ticket
         where ticket.wanted = ticket.served + 1
    )
    select (select count(*) from event) as kept, (select count(*) from woken) as woken
"""  # noqa: S608 - put together from constants


def keep_about(connection: psycopg.Connection[Any], about: About, now: datetime) -> Kept:
    """Has every ticket looked at on which this charge was refunded, or somebody is asked whether it may be.

    An event that concerns none is not kept.
    """
    row = connection.execute(_KEEP_ABOUT, {
        "vendor": about.vendor, "account": about.account, "delivery": about.delivery_id, "kind": about.kind,
        "occurred": about.occurred_at, "received": now, "sha256": about.sha256, "charge": about.target}).fetchone()
    if row is None or not row[0]:
        return "not ours"
    return "kept" if row[1] else "seen"


def would_keep(connection: psycopg.Connection[Any], event: Event) -> Literal["kept", "seen"]:
    """What `keep` would say; nothing is changed."""
    return "seen" if _is_there(connection, event) else "kept"


def would_keep_about(connection: psycopg.Connection[Any], about: About) -> Kept:
    """What `keep_about` would say; nothing is changed."""
    found = f"{_CONCERNED} select from found limit 1"  # nosec B608 - put together from constants
    if connection.execute(found, {"charge": about.target}).fetchone() is None:
        return "not ours"
    return "seen" if _is_there(connection, about) else "kept"


def _is_there(connection: psycopg.Connection[Any], event: Event | About) -> bool:
    return connection.execute(
        "select from events where vendor = %s and account = %s and delivery_id = %s",
        (event.vendor, event.account, event.delivery_id)).fetchone() is not None


_CONCERNED = """
    with made as (
        select o.id, t.id as ticket, t.ref from operations o join tickets t on t.id = o.ticket_id
         where o.target = %(charge)s and o.kind = 'refund' and o.state = 'done'
    ), asked as (
        select w.id, t.id as ticket, t.ref from waits w join tickets t on t.id = w.ticket_id
         where w.target = %(charge)s and w.state = 'open'
    ), found as (
        select ticket, ref from made union select ticket, ref from asked
    )"""
_KEEP_ABOUT = f"""{_CONCERNED}, event as (
        insert into events (vendor, account, delivery_id, kind, occurred_at, received_at, sha256, ticket_ref)
        select %(vendor)s, %(account)s, %(delivery)s, %(kind)s, cast(%(occurred)s as timestamptz), %(received)s,
               %(sha256)s, min(ref) from found having count(*) > 0
        on conflict do nothing returning id
    ), due as (
        update operations set recheck_at = %(received)s
         where exists (select from event) and id in (select id from made)
    ), stirred as (
        update waits set stirred_at = %(received)s
         where exists (select from event) and id in (select id from asked)
    ), ticket as (
        update tickets set wanted = wanted + 1
         where exists (select from event) and id in (select ticket from found)
        returning id, wanted, served
    ), woken as (
        select {WAKE.format(ticket="ticket.id", why="cast(%(kind)s as text)", at="null::timestamptz")} from ticket
         where ticket.wanted = ticket.served + 1
    )
    select (select count(*) from found) as found, (select count(*) from event) as kept,
           (select count(*) from woken) as woken
"""  # noqa: S608 - put together from constants
