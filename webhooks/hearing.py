"""What catching up has found is kept as the doors keep what they are told."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from sqlalchemy import Connection, Engine

from agent.catchup import KIND, Found, Heard
from connectors.contract import Happened
from webhooks.inbox import About, Event, keep, keep_about, would_keep, would_keep_about


@dataclass(frozen=True)
class Hearing:
    engine: Engine
    now: Callable[[], datetime]
    account: Callable[[], str]
    """The payment provider's account, as its door names it: an event that both hear of is kept once."""
    keeps: bool = True
    """False: only says what would be kept."""

    def ticket(self, found: Found) -> Heard:
        vendor, account, ticket = found.ref.split(":", 2)
        event = Event(delivery_id=f"{KIND}:{ticket}:{found.entry}", kind=KIND, ticket_id=ticket, occurred_at=found.at,
                      sha256=_digest(found.ref, found.entry), account=account, vendor=vendor)
        with self.engine.begin() as c:
            return keep(_driver(c), event, self.now()) if self.keeps else would_keep(_driver(c), event)

    def payment(self, happened: Happened) -> Heard:
        """Under the event's own id, which the provider's webhook carries too."""
        about = About(delivery_id=happened.id, kind=happened.kind, target=happened.charge or "", vendor="stripe",
                      account=self.account(), occurred_at=happened.at, sha256=_digest(happened.id))
        with self.engine.begin() as c:
            return keep_about(_driver(c), about, self.now()) if self.keeps else would_keep_about(_driver(c), about)


def _driver(c: Connection) -> psycopg.Connection[Any]:
    driver: psycopg.Connection[Any] = c.connection.driver_connection  # type: ignore[assignment]
    return driver


def _digest(*parts: str) -> bytes:
    """There was no body; this stands for it."""
    return hashlib.sha256("\n".join(parts).encode()).digest()
