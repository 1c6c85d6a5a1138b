"""What a write to a case stands on: how the case was when it was last looked at, and whether that still counts."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from connectors.contract import User
from connectors.salesforce.conversation import Rows
from connectors.salesforce.people import requester
from connectors.salesforce.records import SETTLED
from connectors.salesforce.rows import CaseRow

KEPT = 2_000
"""Cases remembered at a time."""
LATE = timedelta(minutes=10)
"""A row may become visible so long after the time it bears: until then its transaction had not ended."""
FRESH = timedelta(seconds=5)
"""A look so recent need not be made again before a reply is sent."""
PEOPLES = ("Status", "OwnerId", "Priority")
"""Fields that people change, too."""


@dataclass(frozen=True)
class Basis:
    """One look at a case, by this process."""

    id: str
    tagged: str | None
    """Our field for tags as it stands, people's and flows' words in it, too."""
    held: Mapping[str, Any]
    """What the fields held that people change, too, and the org's own ones."""
    shown: Mapping[str, Any]
    """The same when the case was last read for a pass, or since then written by us: what was decided on."""
    record_type: str | None
    modified: datetime
    heard: datetime
    """Salesforce's clock when it told how the case is."""
    looked: datetime
    """Ours, before it was asked."""
    told: datetime
    """Ours, once the answer was here."""
    said: Mapping[str, datetime]
    """Mails that came in and published comments, by id and time: what was seen of the customer."""
    asks: User
    subject: str
    changed: datetime

    @property
    def tags(self) -> tuple[str, ...]:
        return tuple((self.tagged or "").split())

    def settled(self) -> bool:
        """The case was not changed in the two seconds before: a change that comes now will bear another second."""
        return self.heard - self.modified >= SETTLED

    def settles_in(self, now: datetime) -> float:
        """Seconds until a change that comes then bears another second than the last one; `now` by our clock."""
        return max(0.0, (SETTLED - (self.heard - self.modified) - (now - self.told)).total_seconds())

    def moved(self, fields: Iterable[str]) -> bool:
        """Somebody changed one of these, or what belongs together with them, since it was decided on."""
        return any(not same(self.shown.get(name), self.held.get(name)) for name in (*PEOPLES, *fields))

    def known_since(self, moment: datetime) -> list[str]:
        return sorted(id for id, at in self.said.items() if at >= moment)


def basis(rows: Rows, looked: datetime, told: datetime, before: Basis | None = None) -> Basis:
    """`before`: this is a look in between, and what was shown then still counts."""
    case = rows.case
    said = {one.id: one.created for one in rows.mails if one.incoming}
    said |= {one.id: one.created for one in rows.comments if one.published}
    held = held_by(case)
    return Basis(id=case.id, tagged=case.tags, record_type=case.record_type, held=held,
                 shown=before.shown if before else held, modified=case.modified, heard=rows.heard, looked=looked,
                 told=told, said=said, asks=requester(case, rows.person), subject=case.subject or "",
                 changed=rows.changed())


def held_by(case: CaseRow) -> dict[str, Any]:
    return {"Status": case.status, "OwnerId": case.owner, "Priority": case.priority, **case.custom()}


def same(one: Any, other: Any) -> bool:
    """Salesforce keeps an empty text as none, and no blanks around a text."""
    return (str(one).strip() if one is not None else "") == (str(other).strip() if other is not None else "")


class Memory:
    """The last look at each case; another process's looks are not known here, and then the case is looked at again."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Basis] = OrderedDict()
        self._addresses: OrderedDict[str, str | None] = OrderedDict()
        self._lock = threading.Lock()

    def keep(self, seen: Basis) -> Basis:
        with self._lock:
            _put(self._kept, seen.id, seen)
            _put(self._addresses, seen.asks.id, seen.asks.email)
        return seen

    def of(self, id: str) -> Basis | None:
        with self._lock:
            return self._kept.get(id)

    def drop(self, id: str) -> None:
        with self._lock:
            self._kept.pop(id, None)

    def address(self, user: str) -> str | None:
        """The address of whoever asks on a case that was looked at."""
        with self._lock:
            return self._addresses.get(user)


def _put(kept: OrderedDict[str, Any], key: str, value: Any) -> None:
    kept[key] = value
    kept.move_to_end(key)
    while len(kept) > KEPT:
        kept.popitem(last=False)
