"""What is kept goes when its time is up, a little with each round of the worker, and the audit says so.

A person's texts go as when they are erased: their key is destroyed. Decisions with their facts, operations and the
audit hold no word of anybody and stay, so that nothing is paid twice and the accounts are right.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import Field, ValidationInfo, field_validator
from sqlalchemy import Connection, text

from agent import audit, erasing
from agent.desk import Chosen
from agent.vault import INSTALLATION

SWEPT = "retention.swept"
BY = "retention"
PEOPLE, ROWS = 20, 1_000
"""At most so many go in one transaction, so that nobody waits for it."""
SOON, LATER = timedelta(minutes=1), timedelta(hours=1)
"""When the next look is, where there was a full batch, and where there was none."""
LEAST = {"texts_days": 200, "events_days": 91, "sums_days": 31}
"""Days below which a promise would break: refunds and disputes are looked up for 180 days, the catch-up looks back at
most 90, and a customer's refunds are counted over 30."""


class Retention(Chosen):
    """The table [retention] of deskhand.toml: days; 0 keeps it until it is erased by hand."""

    texts_days: int = Field(400, ge=0, le=36_500)
    """Everything sealed under a person's key, after the last time one of their tickets was worked on."""
    events_days: int = Field(120, ge=0, le=36_500)
    """Ids, kinds and hashes of what vendors told us."""
    sums_days: int = Field(120, ge=0, le=36_500)
    """What was refunded to a customer, per day."""

    @field_validator(*LEAST)
    @classmethod
    def _long_enough(cls, days: int, info: ValidationInfo) -> int:
        least = LEAST[info.field_name or ""]
        if 0 < days < least:
            raise ValueError(f"write {least} or more, or 0 to keep it until it is erased by hand")
        return days


@dataclass(frozen=True)
class Swept:
    people: int = 0
    events: int = 0
    sums: int = 0

    @property
    def full(self) -> bool:
        """There may be more."""
        return self.people == PEOPLE or ROWS in (self.events, self.sums)


class Sweep:
    """A chore of the worker: `tick` looks when it is time to."""

    def __init__(self, periods: Retention, now: Callable[[], datetime]) -> None:
        self._periods = periods
        self._now = now
        self._next: datetime | None = None

    def tick(self, c: Connection) -> None:
        now = self._now()
        if self._next is None or not self._next - LATER <= now < self._next:  # before: a clock was set back
            self._next = now + (SOON if sweep(c, self._periods, now).full else LATER)


def sweep(c: Connection, periods: Retention, now: datetime) -> Swept:
    """One batch of everything whose time is up. Any number of processes may do it at once."""
    found = Swept(_people(c, periods.texts_days, now), _rows(c, _EVENTS, periods.events_days, now),
                  _rows(c, _SUMS, periods.sums_days, now))
    if found != Swept():
        audit.record(c, kind=SWEPT, ticket=None, operation=None, at=now, public={
            "people": found.people, "events": found.events, "sums": found.sums})
    return found


def overdue(c: Connection, periods: Retention, now: datetime) -> int:
    """How many people's texts should have gone by now, two days late or more."""
    if not periods.texts_days:
        return 0
    before = now - timedelta(days=periods.texts_days + 2)
    return len(c.execute(_FINISHED, {"before": before, "most": ROWS, "installation": INSTALLATION}).all())


def _people(c: Connection, days: int, now: datetime) -> int:
    if not days:
        return 0
    asked = {"before": now - timedelta(days=days), "most": PEOPLE, "installation": INSTALLATION}
    found = c.execute(_FINISHED_LOCKED, asked).scalars().all()
    return sum(erasing.forget(c, person, by=BY, now=now, look_again=False) for person in found
               if _alone(c, {**asked, "person": person}))


def _alone(c: Connection, asked: dict[str, object]) -> bool:
    """Nothing more can begin for them before this transaction ends, and nothing has begun since they were chosen."""
    return bool(c.execute(_TICKETS_LOCKED, asked).scalar_one()) and c.execute(_STILL, asked).first() is not None


def _rows(c: Connection, delete: str, days: int, now: datetime) -> int:
    if not days:
        return 0
    return c.execute(text(delete), {"before": now - timedelta(days=days), "most": ROWS}).rowcount


# Nothing is under way, awaited, held, to be looked at again, or as young as that, on a ticket of theirs or on one where
# something was planned for them. Words that were only planned are written with their plan or never. Their tickets stand
# in a FROM of their own, so that each is found by its index.
_QUIET = """
  from people p where {whose} and p.id <> :installation and p.created_at < :before and not exists (
       select from (select id from tickets where person_id = p.id
                    union select ticket_id from proposals where person_id = p.id) theirs
         join tickets t on t.id = theirs.id where (
              coalesce(t.last_pass_at, t.first_seen_at) >= :before or t.heard_at >= :before or t.wanted > t.served
           or exists (select from proposals o where o.ticket_id = t.id and (
                      o.closed_at is null or o.closed_at >= :before))
           or exists (select from waits w where w.ticket_id = t.id and (w.state = 'open' or w.answered_at >= :before))
           or exists (select from operations o where o.ticket_id = t.id and (
                      o.state in ('sent', 'unknown', 'held') or o.recheck_at is not null
                      or o.state = 'planned' and o.kind <> 'ticket_update'
                      or o.changed_at >= :before))))
 order by p.created_at limit :most"""
_FINISHED = text("select p.id" + _QUIET.format(whose="p.wrapped is not null"))
_FINISHED_LOCKED = text(f"{_FINISHED} for update of p skip locked")
_STILL = text("select p.id" + _QUIET.format(whose="p.id = :person"))
# Whoever works on a ticket locks it before the person, so that nobody may be waited for here.
_TICKETS_LOCKED = text("""
with theirs as (
     select id from tickets where person_id = :person union select ticket_id from proposals where person_id = :person)
select (select count(*) from theirs)
     = (select count(*) from (select from tickets where id in (table theirs) for update skip locked) locked)""")

# In the order in which they came: the oldest are found without an index of their own.
_EVENTS = """
delete from events where id in (
    select id from (select id, received_at from events order by id limit :most) oldest where received_at < :before)"""

_SUMS = """
delete from totals where ctid in (
    select ctid from totals where kind = 'customer' and day > '1970-01-01' and day < cast(:before as date)
     limit :most for update skip locked)"""
