"""Delivers the stand-ins' webhooks, at least once each, to loopback addresses only."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import urlsplit

import requests

from connectors.http import is_loopback
from connectors.standin import Delivery, Rules

PATIENCE = 10.0
"""Seconds a vendor waits for an answer."""
LOOK_EVERY = 0.02


class Outbox(Protocol):
    """A stand-in's deliveries: each attempt is handed out once, and settled with its status or None."""

    def due(self, now: datetime) -> list[Delivery]: ...
    def settled(self, delivery: Delivery, status: int | None, now: datetime) -> None: ...


def outbox(rules: Any) -> Outbox | None:
    """The outbox of a stand-in; None for a vendor that sends nothing."""
    return rules if hasattr(rules, "due") else None


class Sender:
    """Looks for due deliveries in a thread of its own and posts them, each attempt signed anew."""

    def __init__(self, rules: Mapping[str, Rules], clock: Callable[[], datetime]) -> None:
        self._outboxes = [found for each in rules.values() if (found := outbox(each))]
        self._clock = clock
        self._stopping = threading.Event()
        self._pool = ThreadPoolExecutor(8, thread_name_prefix="deliver")
        self._thread = threading.Thread(target=self._live, name="sender", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _live(self) -> None:
        while not self._stopping.wait(LOOK_EVERY):
            for box in self._outboxes:
                for delivery in box.due(self._clock()):
                    self._pool.submit(self._attempt, box, delivery)

    def _attempt(self, box: Outbox, delivery: Delivery) -> None:
        box.settled(delivery, post(delivery, self._clock()), self._clock())


def post(delivery: Delivery, now: datetime) -> int | None:
    """The status of one attempt; None without an answer, 403 for an address that is not on this machine."""
    if not is_loopback(urlsplit(delivery.url).hostname or ""):
        return 403
    with requests.Session() as session:
        session.trust_env = False
        try:
            given = session.post(delivery.url, data=delivery.body, headers=delivery.sign(now), timeout=PATIENCE,
                                 allow_redirects=False)
            delivery.answer = given.content
            return given.status_code
        except requests.RequestException:
            return None
