"""Keeps Deskhand busy: tickets are written as fast as it comes along with them, and go on while it is dead."""

from __future__ import annotations

import threading
from typing import Any

from tests.crash.running import Installed

Json = dict[str, Any]

EVERY = 0.2
AT_ONCE = 10
BEHIND, UNHEARD = 60, 200
"""Tickets not looked at, and events not acknowledged, up to which more tickets are written."""


class Load:
    """Writes tickets in a thread of its own until told to stop. Nobody else talks to the vendors meanwhile."""

    def __init__(self, installed: Installed) -> None:
        self._installed = installed
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._live, daemon=True)
        self.state: Json = {"acknowledged": 0, "tickets": 0, "waiting": 0}
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

    @property
    def acknowledged(self) -> int:
        return int(self.state["acknowledged"])

    def _live(self) -> None:
        try:
            while not self._stop.wait(EVERY):
                more = self._more()
                self.state = self._installed.vendors.ask(**({"do": "open", "count": more} if more else {"do": "state"}))
        except Exception as error:  # noqa: BLE001 - whatever it is, who waits for the load must hear of it
            self._failed = error

    def _more(self) -> int:
        due = self._installed.due()
        return AT_ONCE if (due or 0) < BEHIND and self.state["waiting"] < UNHEARD else 0
