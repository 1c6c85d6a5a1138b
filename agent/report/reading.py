"""Vendors as a report sees them: they can be read and nothing else, gently, and the same thing only once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any, TypeVar, cast

from agent.desk import Desk
from agent.patience import patiently
from agent.proposal import Case, Planned, Planner
from connectors.contract import Changed, Conversation, Helpdesk, Identity, Payments, Records, Unavailable

T = TypeVar("T")

MOST_WAITS = 10
LONGEST_WAIT = 300.0
"""Seconds that one Retry-After is waited for."""


def gently(call: Callable[[], T], sleep: Callable[[float], None]) -> T:
    """Waits as long as a vendor's limits ask for. Raises Unavailable when it is away for another reason, or longer."""
    for _ in range(MOST_WAITS):
        try:
            return patiently(call, sleep)
        except Unavailable as away:
            if away.lasting or away.retry_after is None or away.retry_after > LONGEST_WAIT:
                raise
            sleep(away.retry_after)
    return patiently(call, sleep)


class _ReadHelpdesk:
    def __init__(self, helpdesk: Helpdesk, sleep: Callable[[float], None]) -> None:
        self.vendor, self.account, self.production = helpdesk.vendor, helpdesk.account, helpdesk.production
        self._helpdesk, self._sleep = helpdesk, sleep
        self._identities = cache(helpdesk.identities)
        self.link = helpdesk.link

    def read(self, ref: str, *, upto: datetime | None = None) -> Conversation:
        return gently(lambda: self._helpdesk.read(ref, upto=upto), self._sleep)

    def identities(self, user: str) -> tuple[Identity, ...]:
        return gently(lambda: self._identities(user), self._sleep)

    def past(self, since: datetime, until: datetime, *, after: str | None = None) -> Changed:
        return gently(lambda: self._helpdesk.past(since, until, after=after), self._sleep)


class _ReadOnce:
    """The reads named, each remembered by its arguments; what fails is not remembered."""

    def __init__(self, vendor: Any, names: tuple[str, ...], sleep: Callable[[float], None]) -> None:
        self.vendor = vendor.vendor
        for name in names:
            setattr(self, name, cache(_waiting(getattr(vendor, name), sleep)))


class _PatientPlanner:
    def __init__(self, planner: Planner, sleep: Callable[[float], None]) -> None:
        self._planner, self._sleep = planner, sleep

    def plan(self, case: Case) -> Planned:
        return gently(lambda: self._planner.plan(case), self._sleep)


def _waiting(read: Callable[..., T], sleep: Callable[[float], None]) -> Callable[..., T]:
    return lambda *args: gently(lambda: read(*args), sleep)


def only_reading(desk: Desk) -> Desk:
    """The same desk with connectors that have no way to write."""
    helpdesks = {name: cast(Helpdesk, _ReadHelpdesk(one, desk.sleep)) for name, one in desk.helpdesks.items()}
    reads = ("payers", "charges", "charge", "charges_marked", "invoices", "disputes", "subscriptions")
    payments = cast(Payments, _ReadOnce(desk.payments, reads, desk.sleep)) if desk.payments else None
    records = cast(Records, _ReadOnce(desk.records, ("contacts",), desk.sleep)) if desk.records else None
    return replace(desk, helpdesks=helpdesks, payments=payments, records=records,
                   planner=_PatientPlanner(desk.planner, desk.sleep))
