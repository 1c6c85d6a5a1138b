"""Up to where all was looked at, per vendor: rows that any number of processes move on, one after the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text

from agent.ledger import Ledger


@dataclass(frozen=True)
class Place:
    name: str
    since: datetime
    """Nothing from before is taken up."""
    cursor: str | None = None
    upto: datetime | None = None
    """When the last of what was looked at happened."""


@dataclass(frozen=True)
class Places:
    """`hold`: for how long a process keeps a place for itself after each step, in case it dies."""

    ledger: Ledger
    now: Callable[[], datetime]
    hold: timedelta

    def claim(self, name: str, first: datetime) -> Place | None:
        """The place, kept for this process; None while another has it or it is not due. A new one begins at `first`.

        It is due, too, where it is kept for longer than any process does: by a clock that was ahead.
        """
        now = self.now()
        with self.ledger.begin() as c:
            row = c.execute(_CLAIM, {"name": name, "first": first, "now": now, "due": now + self.hold}).first()
        return Place(name, row.since, row.cursor, row.upto) if row else None

    def asked(self, name: str, since: datetime, *, keep: bool = True) -> tuple[Place, bool]:
        """The place of a look that a person asks for, and whether one that ended early goes on; without `keep` anew."""
        if not keep:
            return Place(name, since), False
        with self.ledger.begin() as c:
            row = c.execute(_ASKED, {"name": name, "since": since}).first()
            if row is not None:
                return Place(name, row.since, row.cursor, row.upto), True
            c.execute(_ANEW, {"name": name, "since": since})
        return Place(name, since), False

    def move(self, before: Place, after: Place, *, ended: bool) -> bool:
        """Moves on; False when another process has moved it meanwhile, which goes on from there."""
        now = self.now()
        with self.ledger.begin() as c:
            moved = c.execute(_MOVE, {
                "name": before.name, "since": before.since, "was": before.cursor, "was_upto": before.upto,
                "cursor": after.cursor, "upto": after.upto, "due": now + self.hold, "ended": now if ended else None})
        return moved.rowcount == 1

    def failed(self, name: str, problem: str) -> bool:
        """Keeps why a look ended early; False when that was the reason before, too."""
        with self.ledger.begin() as c:
            return c.execute(_FAILED, {"name": name, "problem": problem}).rowcount == 1


_CLAIM = text("""
    insert into catchups (name, since, due_at) values (:name, :first, :due)
        on conflict (name) do update set due_at = excluded.due_at
            where catchups.due_at <= :now or catchups.due_at > cast(:due as timestamptz) + interval '1 minute'
    returning since, cursor, upto
""")
_ASKED = text("""
    select since, cursor, upto from catchups
     where name = :name and ended_at is null and since <= :since and upto >= :since for update
""")
_ANEW = text("""
    insert into catchups (name, since) values (:name, :since)
        on conflict (name) do update set since = excluded.since, cursor = null, upto = null, ended_at = null,
                                         problem = ''
""")
_MOVE = text("""
    update catchups set cursor = :cursor, upto = :upto, due_at = :due, problem = '',
                        ended_at = coalesce(:ended, ended_at)
     where name = :name and since = :since and cursor is not distinct from cast(:was as text)
       and upto is not distinct from cast(:was_upto as timestamptz)
""")
_FAILED = text("update catchups set problem = :problem where name = :name and problem <> :problem")
