"""Finds what no event told: what changed at the helpdesk and happened to payments since it was last looked for.

What is found goes the way of an event: kept once, its ticket woken, and the pass decides on facts read anew. So it may
be found twice, told later, or looked for by two at once, and has one result. The place up to where all was looked at
lies in the ledger and moves after each page.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal, Protocol

from pydantic import Field
from sqlalchemy import text

from agent import scope
from agent.desk import Chosen, Desk, Scope
from agent.places import Place, Places
from agent.report.reading import gently
from connectors.contract import (
    Changes,
    Conversation,
    Happened,
    Helpdesk,
    NotFound,
    Payments,
    Rejected,
    Ticket,
    Unavailable,
    VendorError,
)

PAGE = 100
"""Tickets after which the place moves: as many may be looked at again after a kill."""
OVERLAP = timedelta(minutes=10)
"""Looked at again each time where a vendor gives no cursor, or has forgotten it: what is late is then not missed."""
KIND = "catchup"
"""Of an event that nobody sent."""
OF_ITS_OWN = ("unreadable", "lagging")
"""Why one ticket cannot be read although its helpdesk answers."""


class Catching(Chosen):
    """The table [catchup] of deskhand.toml."""

    every_minutes: int = Field(5, ge=0, le=1440)
    """0: never by itself."""
    oldest_days: int = Field(7, ge=1, le=90)
    """A message that is found later than that is left to people: they will have dealt with it in some way."""
    per_minute: int = Field(100, ge=1, le=2000)
    """At most so many tickets are read a minute: the helpdesk's limits are for everybody who works there."""


@dataclass(frozen=True)
class Found:
    """What a helpdesk recorded on a ticket, and no event told."""

    ref: str
    entry: str
    """The helpdesk's record, or a word for what leaves none: the same is kept once."""
    at: datetime


Heard = Literal["kept", "seen", "not ours"]


class Hearing(Protocol):
    """Keeps what was found as the doors keep an event, and wakes the ticket."""

    @property
    def keeps(self) -> bool:
        """False: it only says what it would do, and the place stays."""
        ...

    def ticket(self, found: Found) -> Heard: ...
    def payment(self, happened: Happened) -> Heard: ...


@dataclass
class Tally:
    """What became of what was looked at."""

    looked: int = 0
    woken: int = 0
    known: int = 0
    """An event had told, or there was nothing that was not looked at before."""
    not_ours: int = 0
    too_old: list[str] = field(default_factory=list)
    """Tickets left to people."""

    def add(self, heard: Heard) -> None:
        self.woken += heard == "kept"
        self.known += heard == "seen"
        self.not_ours += heard == "not ours"


class Overtaken(Exception):
    """Another process has gone on from the same place."""


@dataclass(frozen=True)
class Known:
    """What the ledger knows of a ticket; nothing of one that no event ever told of."""

    heard_at: datetime | None = None
    """The latest moment an event told of, by the helpdesk's clock."""
    seen_entry: str | None = None
    given_back: str | None = None
    taken_at: datetime | None = None
    in_hand: bool = False
    """A plan is under way, or somebody's answer is waited for."""


@dataclass
class Tickets:
    """A helpdesk's changed tickets since a place, in the order of their changes."""

    desk: Desk
    helpdesk: Helpdesk
    hearing: Hearing
    choices: Catching
    places: Places
    place: Place
    tally: Tally = field(default_factory=Tally)

    def look(self) -> Iterator[str]:
        """Yields each ticket once it was looked at, until nothing more has changed.

        Raises VendorError when a vendor is away, or may be, and Overtaken; what was looked at stays so.
        """
        while True:
            changes = self._page()
            for ticket in changes.tickets:
                self._look(ticket, changes.said.get(ticket.ref, {}))
                self.tally.looked += 1
                yield ticket.ref
            self._move(changes)
            if changes.last:
                return

    def _page(self) -> Changes:
        """The next page; from the latest moment looked at, where the helpdesk does not know the cursor any more."""
        place = self.place
        begin = place.upto - OVERLAP if place.upto else place.since
        try:
            return gently(lambda: self.helpdesk.changed_since(begin, after=place.cursor, most=PAGE), self.desk.sleep)
        except Rejected:
            if place.cursor is None:
                raise
            return gently(lambda: self.helpdesk.changed_since(begin, most=PAGE), self.desk.sleep)

    def _move(self, changes: Changes) -> None:
        moved = replace(self.place, cursor=changes.after, upto=changes.upto or self.place.upto)
        if self.hearing.keeps and not self.places.move(self.place, moved, ended=changes.last):
            raise Overtaken
        self.place = moved

    def _look(self, ticket: Ticket, said: Mapping[str, datetime]) -> None:
        known = self._known(ticket.ref)
        if ticket.status == "deleted":
            return self._gone(ticket, known)
        if _told(known, ticket, said):
            self.tally.known += 1
        elif scope.not_ours(ticket, self.desk.choices.scope):
            self._left(ticket, known)
        elif ticket.updated_at < self.place.since:
            self.tally.known += 1
        else:
            self._read(ticket, known)
        return None

    def _gone(self, ticket: Ticket, known: Known) -> None:
        """What was begun on it is settled, so that nothing stays unknown."""
        if not known.in_hand:
            self.tally.not_ours += 1
        else:
            self._hear(Found(ticket.ref, "deleted", ticket.updated_at))

    def _left(self, ticket: Ticket, known: Known) -> None:
        """Closed, merged or out of scope: only what Deskhand has in hand there is looked at."""
        if not known.in_hand:
            self.tally.not_ours += 1
        else:
            self._hear(_by_time(ticket))

    def _read(self, ticket: Ticket, known: Known) -> None:
        began = self.desk.now()
        try:
            conversation = gently(lambda: self.helpdesk.read(ticket.ref, upto=ticket.updated_at), self.desk.sleep)
        except NotFound:
            return self._gone(ticket, known)
        except VendorError as away:
            # One ticket that cannot be read must not stop all others: its pass tries again in its own time, and the
            # next look goes on after it. This one ends, in case the helpdesk is away as a whole.
            if self._take_up(_by_time(ticket)) and isinstance(away, Unavailable) and away.reason not in OF_ITS_OWN:
                raise
            return None
        found = unheard(conversation, self.desk.choices.scope, known)
        if found is None or found.at < self.place.since:
            self.tally.known += 1
        else:
            self._take_up(found)
        rest = 60 / self.choices.per_minute - (self.desk.now() - began).total_seconds()
        if rest > 0:
            self.desk.sleep(rest)
        return None

    def _take_up(self, found: Found) -> bool:
        """False where it is left to people, or was taken up before."""
        if found.at < self.desk.now() - timedelta(days=self.choices.oldest_days):
            self.tally.too_old.append(found.ref)
            return False
        return self._hear(found)

    def _hear(self, found: Found) -> bool:
        heard = self.hearing.ticket(found)
        self.tally.add(heard)
        return heard == "kept"

    def _known(self, ref: str) -> Known:
        with self.desk.ledger.begin() as c:
            row = c.execute(_KNOWN, {"ref": ref}).mappings().first()
        return Known(**row) if row else Known()


_KNOWN = text("""
    select heard_at, seen_entry, given_back, taken_at,
           exists (select from proposals p where p.ticket_id = t.id and p.closed_at is null)
        or exists (select from waits w where w.ticket_id = t.id and w.state = 'open') as in_hand
      from tickets t where ref = :ref
""")


def _told(known: Known, ticket: Ticket, said: Mapping[str, datetime]) -> bool:
    """Whoever was told of the latest change read the ticket after it, with all that came before; what was not among
    that may have come to light later."""
    heard = known.heard_at
    return heard is not None and heard >= ticket.updated_at and all(
        heard - at > scope.LATE or scope.was_seen(id, known.seen_entry) for id, at in said.items())


def _by_time(ticket: Ticket) -> Found:
    return Found(ticket.ref, f"{ticket.updated_at:%Y-%m-%dT%H:%M:%SZ}", ticket.updated_at)


def unheard(conversation: Conversation, ours: Scope, known: Known) -> Found | None:
    """The newest record that a pass should look at and has not: a customer's message, and on a ticket with something
    in hand anything that is not our own."""
    look = scope.look(conversation, ours, known.seen_entry, known.given_back, known.taken_at)
    new = {comment.id for comment in look.new}
    for entry in reversed(scope.since(conversation.entries, known.seen_entry)):
        if (known.in_hand and not entry.operation) or any(comment.id in new for comment in entry.comments):
            return Found(conversation.ticket.ref, entry.id, entry.at)
    return None


@dataclass
class Happenings:
    """What happened at the payment provider since a place: all of it at once, it takes one call per hundred."""

    desk: Desk
    payments: Payments
    kinds: tuple[str, ...]
    """The events that the provider's door acts upon, in its own words."""
    hearing: Hearing
    places: Places
    place: Place
    tally: Tally = field(default_factory=Tally)

    def look(self) -> Iterator[str]:
        """Yields the id of each event once it was looked at. Raises VendorError and Overtaken."""
        begin = self.place.upto - OVERLAP if self.place.upto else self.place.since
        happened = gently(lambda: self.payments.happened_since(begin, self.kinds), self.desk.sleep)
        for one in happened:
            self.tally.add(self._heard(one))
            self.tally.looked += 1
            yield one.id
        moved = replace(self.place, upto=happened[-1].at if happened else self.place.upto)
        if self.hearing.keeps and not self.places.move(self.place, moved, ended=True):
            raise Overtaken

    def _heard(self, one: Happened) -> Heard:
        if one.by_us or one.charge is None:
            return "not ours"
        return self.hearing.payment(one)
