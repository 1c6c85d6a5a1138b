"""Looks every few minutes for what no event told, beside the work; of many processes one at a time."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

import psycopg
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from agent.catchup import Catching, Happenings, Hearing, Overtaken, Tally, Tickets
from agent.desk import Desk
from agent.places import Place, Places
from connectors.contract import VendorError

A_LITTLE = timedelta(minutes=10)
"""How far back the first look ever goes: what lies before the installation is not Deskhand's."""

MOST_NAMED = 20

log = logging.getLogger("deskhand.catchup")


@dataclass
class Poll:
    """`tick` is a chore of the worker; it never waits for a vendor."""

    desk: Desk
    hearing: Hearing
    choices: Catching
    kinds: tuple[str, ...]
    _next: datetime | None = None
    _stopped: threading.Event = field(default_factory=threading.Event)
    looking: threading.Thread | None = field(default=None, init=False)

    def tick(self, connection: Connection) -> None:
        """Begins a look, in a thread of its own, when it is time for one."""
        now = self.desk.now()
        rests = self._next is not None and self._next - self._every <= now < self._next  # before: a clock was set back
        if not self.choices.every_minutes or rests or self._stopped.is_set():
            return
        if self.looking is None or not self.looking.is_alive():
            self._next = now + self._every
            self.looking = threading.Thread(target=self.look, name="deskhand-catchup", daemon=True)
            self.looking.start()

    def stop(self) -> None:
        """The look under way ends after the ticket it is at; the next one goes on from there."""
        self._stopped.set()

    @property
    def _every(self) -> timedelta:
        return timedelta(minutes=self.choices.every_minutes)

    def look(self) -> Tally:
        """One look at every vendor that is due and that no other process is looking at; what it came to in all."""
        tally, places = Tally(), Places(self.desk.ledger, self.desk.now, self._every)
        for name, source in sources(self.desk, self.hearing, self.choices, self.kinds, places).items():
            self._look(name, source, tally, places)
        if tally.woken:
            log.warning("caught up: %s of %s were told by no event", tally.woken, tally.looked)
        if tally.too_old:
            log.warning("left to people, found more than %s days late: %s", self.choices.oldest_days,
                        ", ".join(tally.too_old[:MOST_NAMED]))
        return tally

    def _look(self, name: str, source: Source, tally: Tally, places: Places) -> None:
        try:
            place = places.claim(name, self.desk.now() - A_LITTLE)
            if place is None:
                return
            for _ in source(place, tally).look():
                if self._stopped.is_set():
                    return
        except Overtaken:
            log.info("%s: another process is catching up", name)
        except VendorError as away:
            if places.failed(name, away.plain[:500]):
                log.warning("%s: not caught up: %s", name, away.plain)
        except (SQLAlchemyError, psycopg.Error) as error:  # what was found is kept past SQLAlchemy
            log.warning("%s: not caught up, the database is away: %s", name, type(error).__name__)


Source = Callable[[Place, Tally], Tickets | Happenings]


def sources(desk: Desk, hearing: Hearing, choices: Catching, kinds: tuple[str, ...],
            places: Places) -> dict[str, Source]:
    """What can be looked through, by the name of its place."""
    found: dict[str, Source] = {}
    for helpdesk in desk.helpdesks.values():
        found[f"{helpdesk.vendor}:{helpdesk.account}"] = partial(Tickets, desk, helpdesk, hearing, choices, places)
    if desk.payments is not None and kinds:
        found[desk.payments.vendor] = partial(Happenings, desk, desk.payments, kinds, hearing, places)
    return found
