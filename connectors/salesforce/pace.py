"""How much of the org's daily calls is used, and what that means for the next one ("API Request Limits")."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from connectors.contract import Surroundings, Unavailable
from connectors.salesforce.endings import PARKED, VENDOR

SLOW, SPARING = 0.8, 0.9
"""Shares of the calls from which they are spaced, and from which nobody asks who need not."""
LEAST, MOST = 0.25, 2.0
"""Seconds between two calls where spacing begins, and at the end of the calls."""
LONGEST = 5.0
"""Seconds a call waits for its turn; a longer queue sends it to sleep."""
COUNTED = re.compile(r"(?:^|[;\s])(api-usage|per-app-api-usage)=(\d+)/(\d+)")


@dataclass(frozen=True)
class Usage:
    """API calls of the org's rolling 24 hours, as the newest answer told ("Sforce-Limit-Info")."""

    used: int
    total: int

    def share(self) -> float:
        return self.used / self.total if self.total else 0.0


class Pace:
    """Shared by all threads of one connection."""

    def __init__(self, around: Surroundings) -> None:
        self._around = around
        self.usage: Usage | None = None
        """Of the whole org."""
        self._share = 0.0
        self._heard: datetime | None = None
        self._next: datetime | None = None
        self._lock = threading.Lock()

    def heard(self, headers: Mapping[str, str]) -> None:
        """Takes up what an answer says; the tighter of the org's and the app's own limit counts."""
        counts = {name: Usage(int(used), int(total))
                  for name, used, total in COUNTED.findall(headers.get("Sforce-Limit-Info", ""))}
        if counts:
            with self._lock:
                self.usage = counts.get("api-usage", self.usage)
                self._share = max(one.share() for one in counts.values())
                self._heard = self._around.now()

    def wait(self, *, optional: bool) -> None:
        """Before a call: nothing, or its turn. Raises Unavailable where it should not be made now.

        A refused look asks again after a while, or nothing would be heard any more.
        """
        now = self._around.now()
        with self._lock:
            if self._heard is None or now - self._heard > timedelta(seconds=PARKED) or self._share < SLOW:
                return
            if optional and self._share >= SPARING:
                raise Unavailable(f"{self._share:.0%} of Salesforce's calls of 24 hours are used; the rest is for "
                                  "tickets", vendor=VENDOR, reason="calls_spared", retry_after=PARKED, lasting=True)
            turn = max(now, self._next or now)
            if turn - now > timedelta(seconds=LONGEST):
                raise Unavailable("Salesforce's calls are being spaced", vendor=VENDOR, reason="calls_spaced",
                                  retry_after=(turn - now).total_seconds())
            self._next = turn + timedelta(seconds=self._spacing())
        if turn > now:
            self._around.sleep((turn - now).total_seconds())

    def _spacing(self) -> float:
        beyond = min(1.0, (self._share - SLOW) / (1 - SLOW))
        return LEAST + (MOST - LEAST) * beyond
