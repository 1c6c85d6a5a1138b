"""Which word of the org stands for one of ours, by the case's record type ("SObject Layouts", "CaseStatus")."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.contract import Rejected, Unavailable
from connectors.salesforce import words
from connectors.salesforce.cases import FORGET
from connectors.salesforce.endings import VENDOR, cannot_read, refused
from connectors.salesforce.wire import Part, Wire, asking, path

MASTER = "Master"
"""The record type of cases that have none."""


@dataclass(frozen=True)
class Lists:
    """The values that a record type lets Status and Priority have, and which statuses count as closed."""

    status: tuple[str, ...]
    priority: tuple[str, ...]
    closed: frozenset[str]


class Words:
    """Asked when a case's status or priority is to be written for the first time, and believed for an hour."""

    def __init__(self, wire: Wire, version: str, own: Mapping[str, str | None], now: Callable[[], datetime]) -> None:
        self._wire, self._version, self._own, self._now = wire, version, own, now
        self._lists: dict[str, Lists] = {}
        self._since: datetime | None = None
        self._lock = threading.Lock()

    def status(self, ours: str, record_type: str | None) -> str:
        """Rejected where the org has no word for it, with the setting that names one."""
        lists = self._of(record_type)
        fitting = [one for one in lists.status if (one in lists.closed) == (ours == "solved")]
        own = self._own.get(ours)
        found = words.chosen([own.strip().lower()] if own else words.WORDS[ours], fitting)
        if found is None:
            raise Rejected(f"the org has no case status for {ours}; name it in SALESFORCE_{ours.upper()}_STATUS",
                           vendor=VENDOR, reason="no_status")
        return found

    def priority(self, ours: str, record_type: str | None) -> str:
        found = words.chosen(words.PRIORITIES[ours], self._of(record_type).priority)
        if found is None:
            raise Rejected(f"the org has no case priority for {ours}", vendor=VENDOR, reason="no_priority")
        return found

    def _of(self, record_type: str | None) -> Lists:
        with self._lock:
            if self._since is None or self._now() - self._since > FORGET:
                self._lists, self._since = self._ask(), self._now()
            found = self._lists.get(record_type or "") or self._lists.get("")
        if found is None:
            raise Unavailable("Salesforce does not say which statuses a case may have", vendor=VENDOR,
                              reason="unreadable_answer")
        return found

    def _ask(self) -> dict[str, Lists]:
        """By record type id; "" is the one of cases without."""
        layouts, statuses = self._wire.composite(
            [{"method": "GET", "url": path(self._version, "Case") + "/describe/layouts"},
             asking(self._version, "SELECT ApiName, MasterLabel, IsClosed FROM CaseStatus")], writing=False)
        rows = statuses.rows()
        if layouts.status != 200 or rows is None:
            raise self._unreadable(layouts if layouts.status != 200 else statuses)
        closed = frozenset(str(row.get("ApiName") or row.get("MasterLabel")) for row in rows if row.get("IsClosed"))
        found: dict[str, Lists] = {}
        for mapping in layouts.row().get("recordTypeMappings", []):
            lists = {one.get("picklistName"): _values(one) for one in mapping.get("picklistsForRecordType") or []}
            made = Lists(lists.get("Status", ()), lists.get("Priority", ()), closed)
            found[str(mapping.get("recordTypeId"))] = made
            if mapping.get("master") or mapping.get("name") == MASTER or mapping.get("developerName") == MASTER:
                found[""] = made
        return found

    def _unreadable(self, part: Part) -> Unavailable:
        why = refused(part.status, part.body, writing=False, request_id=self._wire.request_id())
        return cannot_read("the statuses of cases", why, "cases_unreadable")


def _values(picklist: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(one["value"]) for one in picklist.get("picklistValues", [])
                 if isinstance(one, dict) and one.get("active", True) and one.get("value"))
