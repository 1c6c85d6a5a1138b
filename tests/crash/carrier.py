"""Carries the stand-ins' signed events to Deskhand as vendors do, only without ever giving up.

An event is acknowledged by a 2xx answer, and by nothing else: whatever else happens it is sent again, signed anew. Some
that were acknowledged are sent a second time, because vendors promise at least once.
"""

from __future__ import annotations

import hashlib
import heapq
import http.client
import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from random import Random
from time import monotonic, sleep
from typing import Any
from urllib.parse import urlsplit

from connectors.salesforce.standin import outbox
from connectors.standin import Delivery, Door

THREADS = 6
LOOK_EVERY = 0.03
PATIENCE = 10.0
"""Seconds a vendor waits for an answer."""
AGAIN = (0.3, 1.5)
"""Seconds, at least and at most, until what was not acknowledged is sent again."""
TWICE = 0.04
"""Of the acknowledged ones, how many are sent once more, within so many seconds:"""
TWICE_WITHIN = 6.0
REST = 0.1
"""Seconds that a thread rests when nobody answered: there will be nobody for some time."""


@dataclass(frozen=True)
class Told:
    """An event on its way; `id` is the one by which Deskhand keeps it once."""

    vendor: str
    id: str
    delivery: Delivery
    repeated: bool = False

    def known_by(self, signed: Mapping[str, str]) -> str:
        """The id of the delivery, which must be signed itself or be made of what is."""
        if self.vendor != "zendesk" or json.loads(self.delivery.body).get("id"):
            return self.id
        return hashlib.sha256(signed["X-Zendesk-Webhook-Signature-Timestamp"].encode() + self.delivery.body).hexdigest()


class Carrier:
    """What the outboxes hold, on its way to Deskhand, and what was acknowledged."""

    def __init__(self, doors: Mapping[str, Door], clock: Callable[[], datetime], by: Random) -> None:
        self._doors, self._clock, self._by = doors, clock, by
        self._queue: list[tuple[float, int, Told]] = []
        self._ready = threading.Condition()
        self._number = 0
        self._held = 0
        self._stopping = False
        self.acknowledged: set[tuple[str, str]] = set()
        self.known_by: set[tuple[str, str]] = set()
        """As Deskhand must hold what it acknowledged: a trigger's call of Zendesk's by what was signed of it."""
        self.tries = 0
        self.repeated = 0
        self.refused: dict[str, int] = {}
        """Answers that were no acknowledgement, by status; `none` where nobody answered."""
        self._threads = [threading.Thread(target=self._collect, daemon=True),
                         *(threading.Thread(target=self._post, daemon=True) for _ in range(THREADS))]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        with self._ready:
            self._stopping = True
            self._ready.notify_all()
        for thread in self._threads:
            thread.join(PATIENCE + 5)

    def waiting(self) -> int:
        """Events, repeated ones too, that still have to be acknowledged."""
        with self._ready:
            return len(self._queue) + self._held

    def take(self) -> None:
        """Empties the outboxes. A world must not be loaded before this: loading forgets what nobody has heard yet."""
        zendesk, salesforce = self._doors["zendesk"], self._doors["salesforce"]
        with zendesk.alone():
            for made in zendesk.rules.due(self._clock()):  # type: ignore[attr-defined]
                self._put(Told("zendesk", json.loads(made.body).get("id") or made.id, made), 0)
        with salesforce.alone():
            org: Any = salesforce.rules.state
            for row in list(org.tables[outbox.TABLE].values()):
                self._put(Told("salesforce", row["Event_Id__c"], outbox.delivery(org, row, self._clock())), 0)
                org.drop(outbox.TABLE, row["Id"])

    def _put(self, told: Told, after: float) -> None:
        with self._ready:
            self._number += 1
            heapq.heappush(self._queue, (monotonic() + after, self._number, told))
            self._ready.notify()

    def _collect(self) -> None:
        while not self._stopping:
            self.take()
            with self._ready:
                self._ready.wait_for(lambda: self._stopping, LOOK_EVERY)

    def _post(self) -> None:
        line = Line()
        while (told := self._next()) is not None:
            signed = told.delivery.sign(self._clock())
            status = line.post(told.delivery.url, told.delivery.body, signed)
            self._settle(told, signed, status)
            if status is None:
                sleep(REST)

    def _next(self) -> Told | None:
        with self._ready:
            while not self._stopping:
                wait = self._queue[0][0] - monotonic() if self._queue else LOOK_EVERY
                if self._queue and wait <= 0:
                    self._held += 1
                    return heapq.heappop(self._queue)[2]
                self._ready.wait(min(wait, 1.0))
        return None

    def _settle(self, told: Told, signed: Mapping[str, str], status: int | None) -> None:
        again = None
        with self._ready:
            self.tries += 1
            if status in (200, 202):
                self.acknowledged.add((told.vendor, told.id))
                self.known_by.add((told.vendor, told.known_by(signed)))
                self.repeated += told.repeated
                if not told.repeated and self._by.random() < TWICE:
                    again = Told(told.vendor, told.id, told.delivery, repeated=True), self._by.uniform(0, TWICE_WITHIN)
            else:
                name = str(status or "none")
                self.refused[name] = self.refused.get(name, 0) + 1
                again = told, self._by.uniform(*AGAIN)
        if again:
            self._put(*again)
        with self._ready:
            self._held -= 1


class Line:
    """One connection, kept open from post to post."""

    def __init__(self) -> None:
        self._open: http.client.HTTPConnection | None = None

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> int | None:
        """The answer's status; None without an answer."""
        parts = urlsplit(url)
        if self._open is None:
            self._open = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=PATIENCE)
        try:
            self._open.request("POST", parts.path, body, dict(headers))
            answer = self._open.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            self._open.close()
            self._open = None
            return None
        return answer.status
