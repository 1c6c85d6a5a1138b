"""The kill switch: rows that hold back every machine, and a file that holds back this one when the database is away."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import SQLAlchemyError

from agent import audit, engine, statements
from agent.ledger import hour_of
from agent.masking import mask_cards
from agent.tables import operations, proposals, switches
from connectors.contract import Unavailable, digest

ALL = "all"
"""Instead of an action's name: everything that is written at a vendor."""
UNSAID = "no reason was given"
FILE = "paused"
"""The file's name in the data folder."""
BREAKER = "circuit breaker"
"""Who throws the switch where no person did."""
FRESH = 0.5
"""Seconds after which the switch is looked at again before a write."""
TOO_OLD = 0.9
"""Seconds: a write that starts on an older look could start a whole second after the switch was thrown."""
LONGEST_REASON = 300
LONGEST_LINE = 4_000
"""Characters of the file: a card number is masked before its line is cut."""
ALSO = " + "
"""Between the words of who paused it first and of who did so, too."""
MOST_REASONS = 2_000
"""Characters; what more people say stands in the audit alone."""


@dataclass(frozen=True)
class Pause:
    """What is held back, and who said so; without a time it is this machine's file that says it."""

    action: str
    reason: str
    by: str
    at: datetime | None

    def in_words(self) -> str:
        what = "Everything" if self.action == ALL else f"The action {self.action}"
        why = f": {self.reason}" if self.reason else ""
        if self.at is None:
            return f"{what} is paused on this machine by {self.by}{why}"
        return f"{what} has been paused since {self.at:%d %b %Y %H:%M} UTC by {self.by}{why}"

    def lifted_by(self) -> str:
        """The command that ends it, where Deskhand runs; a file's ends with it, too."""
        return f"deskhand resume{'' if self.action == ALL else f' --action {self.action}'} --by NAME"

    def for_anyone(self) -> str:
        """In words that any caller may read: who and why may name people, so only the breaker's are told."""
        if self.by == BREAKER:
            return replace(self, reason=self.reason.split(ALSO)[0]).in_words()
        by = "a file" if self.at is None else "a person"
        return f"{replace(self, by=by, reason='').in_words()}; deskhand pauses says more"


def pauses(c: Connection) -> list[Pause]:
    """Everything that is held back on all machines, the oldest first."""
    rows = c.execute(select(switches).where(switches.c.paused).order_by(switches.c.at, switches.c.action))
    return [Pause(row.action, row.reason, row.by, row.at) for row in rows]


def shown(found: Iterable[Pause]) -> str:
    """Names what is held back as people are told of it: one pause more, or another reason, is another name."""
    return digest([one.in_words() for one in found])


def pause(c: Connection, action: str, reason: str, by: str, now: datetime, *, ticket: int | None = None,
          operation: str | None = None) -> Pause | None:
    """Holds the action back from this transaction's commit on.

    None when it was held back before: that stands, and what this person says is added to its reason, so that whoever
    resumes has read both.
    """
    reason = _kept(reason)
    told = {"paused": True, "reason": reason, "by": by, "at": now}
    thrown = c.execute(upsert(switches).values(action=action, **told).on_conflict_do_update(
        index_elements=[switches.c.action], set_=told, where=~switches.c.paused).returning(switches.c.action)).first()
    if thrown is None and not _added(c, action, reason, by):
        return None
    audit.record(c, kind="switch.paused", ticket=ticket, operation=operation, at=now,
                 public={"action": action, "reason": reason, "by": by})
    return Pause(action, reason, by, now) if thrown else None


def _kept(reason: str) -> str:
    """Masked before it is cut: of half a card number nothing could be told."""
    return mask_cards(reason)[:LONGEST_REASON]


def _added(c: Connection, action: str, reason: str, by: str) -> bool:
    """Whether a person who pauses what is paused says anything new; the breaker does not."""
    standing = next(one for one in pauses(c) if one.action == action)
    said = reason if by == standing.by else f"{by}: {reason}" if reason else by
    if by == BREAKER or said in ("", *standing.reason.split(ALSO)):
        return False
    both = ALSO.join(one for one in (standing.reason, said) if one)
    c.execute(update(switches).where(switches.c.action == action).values(reason=both[:MOST_REASONS]))
    return True


def resume(database: Engine, action: str, by: str, now: datetime, *, only: Pause | None = None) -> Pause | None:
    """Lets the action go on and wakes the tickets that waited; returns what had held it back, or None.

    `only`: nothing changes where something else holds it back by now, or somebody has added a reason.
    What went out in this hour is then seen, and so is the refund that tripped the circuit breaker: they do not trip it
    again.
    """
    with database.begin() as c:
        c.execute(select(switches.c.action).where(switches.c.action == action).with_for_update())
        before = next((one for one in pauses(c) if one.action == action), None)
        if before is None or only not in (None, before):
            return None
        if before.by == BREAKER:
            statements.SEEN.run(c, hour=hour_of(now))
            statements.UNTRIPPED.run(c)
        c.execute(update(switches).where(switches.c.action == action).values(paused=False, reason="", by=by, at=now))
        audit.record(c, kind="switch.resumed", ticket=None, operation=None, at=now,
                     public={"action": action, "by": by})
    with database.begin() as c:  # after the commit: a ticket that comes to wait now was not held back by this pause
        wake_held_back(c, action, now)
    return before


def wake_held_back(c: Connection, action: str, now: datetime) -> None:
    """Has every ticket looked at whose open plan has such an action before it, or where one is to be undone, logged or
    told of by itself."""
    waiting = select(operations.c.ticket_id).distinct().join(
        proposals, proposals.c.id == operations.c.proposal_id).where(
        operations.c.state.in_(("planned", "sent", "unknown")),
        or_(proposals.c.closed_at.is_(None), operations.c.kind.in_(("undo", "log_activity")),
            operations.c.position.in_(statements.NOTES_ON_ONE)))
    such = operations.c.kind.in_((action, "undo"))  # an undo rests with what it would undo, and looks for itself
    found = c.execute(waiting if action == ALL else waiting.where(such)).scalars().all()
    engine.wake_each(c, found, f"{action} was resumed", now)


def on_file(file: Path | None) -> str | None:
    """Why everything is held back on this machine; None when no such file is there. What cannot be read holds back."""
    if file is None:
        return None
    try:
        found = os.lstat(file)
    except FileNotFoundError:
        return None
    except OSError as error:
        return f"{file} cannot be looked for ({error.strerror})"
    if not stat.S_ISREG(found.st_mode):
        return UNSAID
    try:
        with file.open(encoding="utf-8", errors="replace") as lines:
            return _kept(lines.readline(LONGEST_LINE)).strip() or UNSAID
    except OSError as error:
        return f"{file} cannot be read ({error.strerror})"


def pause_on_file(file: Path, reason: str) -> None:
    """Holds everything back on this machine. Raises OSError."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(_kept(" ".join(reason.split())) + "\n", encoding="utf-8")


def of_file(file: Path | None) -> list[Pause]:
    """What the file holds back, as the rows are told."""
    reason = on_file(file)
    return [] if reason is None else [Pause(ALL, reason, f"the file {file}", None)]


def file_was_removed(database: Engine, file: Path, by: str, now: datetime) -> None:
    """Writes who ended this machine's pause, and wakes what waited."""
    with database.begin() as c:
        audit.record(c, kind="switch.resumed", ticket=None, operation=None, at=now,
                     public={"action": ALL, "by": by, "file": file.name})
        wake_held_back(c, ALL, now)


class Paused(Unavailable):
    """The switch was thrown before the write started: surely nothing was asked, and the ticket waits."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, vendor="deskhand", reason="paused", lasting=True)


class TooLate(Unavailable):
    """The write would start when another worker may have taken it for dead and sent it, or when the vendor may have
    forgotten its key: surely nothing was asked by this one."""

    def __init__(self) -> None:
        super().__init__("it would start too long after it was decided on", vendor="deskhand", reason="too_late",
                         lasting=True)


class Gate:
    """Lets a write start only when the switch was seen open less than a second before.

    The first look is the one in the transaction that marks the operation as sent: make the gate before it begins.
    """

    until: datetime | None = None
    """Past it nothing starts at all: a process that slept, or was suspended, between its last look and the write knows
    too little by then."""

    def __init__(self, look: Callable[[], str | None], file: Path | None, now: Callable[[], datetime]) -> None:
        """`look` reads the rows: why the action is held back, or None."""
        self._look = look
        self._file = file
        self._now = now
        self._looked = self._moment()

    def __call__(self) -> None:
        if self.until is not None and self._now() > self.until:
            raise TooLate
        if self._age() > FRESH:
            self._looked = self._moment()
            if reason := self._rows():
                raise Paused(reason)
            if self._age() > TOO_OLD:
                raise Paused("the kill switch could not be read in time")
        if reason := on_file(self._file):
            raise Paused(reason)

    def _rows(self) -> str | None:
        try:
            return self._look()
        except SQLAlchemyError as error:
            return f"the kill switch cannot be read ({type(error).__name__})"

    def _moment(self) -> tuple[datetime, float]:
        return self._now(), time.monotonic()

    def _age(self) -> float:
        """By the clock that says more: the wall clock may be set back, the other stands still while we sleep."""
        now, ticks = self._moment()
        return max(abs((now - self._looked[0]).total_seconds()), ticks - self._looked[1])
