"""Keeps Deskhand busy: tickets are written while it works and while it is dead."""

from __future__ import annotations

import threading
from typing import Any

from tests.crash.running import Installed

Json = dict[str, Any]

EVERY = 0.2
AT_ONCE = 10
BEHIND, UNHEARD = 60, 200
"""Tickets not looked at, and events not acknowledged, up to which more tickets are written by itself."""


class Load:
    """Writes tickets in a thread of its own until told to stop. Nobody else talks to the vendors meanwhile."""

    def __init__(self, installed: Installed, events: int = 0) -> None:
        """`events`: by itself, as many tickets as bring so many, as fast as Deskhand comes along."""
        self._installed, self._events = installed, events
        self._wanted = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._live, daemon=True)
        self.state: Json = {"acknowledged": 0, "tickets": 0, "waiting": 0, "steps": 0}
        self._failed: Exception | None = None

    def __enter__(self) -> Load:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._stop.set()
        self._thread.join()

    def check(self) -> None:
        """Raises what ended the load, if anything did."""
        if self._failed:
            raise self._failed

    def write(self, tickets: int) -> None:
        """So many tickets more are written, all at once and soon."""
        self._wanted += tickets

    @property
    def acknowledged(self) -> int:
        return int(self.state["acknowledged"])

    def _live(self) -> None:
        try:
            while not self._stop.wait(EVERY):
                more, self._wanted = self._wanted + self._by_itself(), 0
                self.state = self._installed.vendors.ask(**({"do": "open", "count": more} if more else {"do": "state"}))
        except Exception as error:  # noqa: BLE001 - whatever it is, who waits for the load must hear of it
            self._failed = error

    def _by_itself(self) -> int:
        to_come = sum(self.state[name] for name in ("acknowledged", "waiting", "steps"))
        if to_come >= self._events or self.state["waiting"] >= UNHEARD:
            return 0
        return AT_ONCE if (self._installed.due() or 0) < BEHIND else 0
