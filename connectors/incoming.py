"""What may come back: one answer of a bounded size in a bounded time, however it is sent.

Bytes are counted where they leave the socket, so that headers, interim answers, trailers and the frames of a chunked
body count too; and once more when they are unpacked.
"""

from __future__ import annotations

import io
import socket
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from http.client import HTTPResponse
from typing import Any


@dataclass(frozen=True)
class Limits:
    """Of one request, whichever vendor's.

    What they really send is far below: some hundred kilobytes for a page of Stripe's lists or of a query, a few
    megabytes for a page of 1,000 tickets (Zendesk docs, "Incremental Exports") or a package that is read back.
    """

    size: int = 32 * 2**20
    """Bytes of the answer, as it is sent and also unpacked."""
    seconds: float = 60.0
    """From the beginning of the request to the end of its answer; longer for a call that is given longer to begin to
    answer."""
    clock: Callable[[], float] = time.monotonic


class TooMuch(OSError):
    """More came than an answer may have; the rest is not read."""


class Exchange:
    """One request and what comes back to it."""

    def __init__(self, limits: Limits, patience: float) -> None:
        """`patience`: seconds that the answer may take to begin."""
        self.limits = limits
        self.until = limits.clock() + max(limits.seconds, patience)
        self.came = 0
        self.sent = False
        """Whether a byte of the request may have left."""

    def left(self) -> float:
        """Seconds, more than none. Raises TimeoutError after the last."""
        left = self.until - self.limits.clock()
        if left <= 0:
            raise TimeoutError("the answer did not end in time")
        return left

    def count(self, came: int) -> None:
        """Raises TooMuch."""
        self.came += came
        self.bound(self.came)

    def bound(self, size: int) -> None:
        """Raises TooMuch."""
        if size > self.limits.size:
            raise TooMuch(f"the answer is longer than {self.limits.size} bytes")

    def whole(self, pieces: Iterable[bytes]) -> bytes:
        """The unpacked answer. Raises TooMuch."""
        kept = bytearray()
        for piece in pieces:
            self.bound(len(kept) + len(piece))
            kept += piece
        return bytes(kept)


_now: ContextVar[Exchange | None] = ContextVar("exchange", default=None)


@contextmanager
def exchanging(exchange: Exchange) -> Iterator[Exchange]:
    """What this thread sends and reads meanwhile belongs to it."""
    before = _now.set(exchange)
    try:
        yield exchange
    finally:
        _now.reset(before)


def sending() -> None:
    """From here on, bytes of the request may leave. Raises TimeoutError where there is no time left for an answer."""
    if (exchange := _now.get()) is not None:
        exchange.left()
        exchange.sent = True


class Measured(io.RawIOBase):
    """What a socket receives, as far as the exchange allows."""

    def __init__(self, received: io.RawIOBase, sock: socket.socket, exchange: Exchange) -> None:
        super().__init__()
        self.received, self.sock, self.exchange = received, sock, exchange
        self.pause = sock.gettimeout()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self.exchange.left()
        self.sock.settimeout(left if self.pause is None else min(self.pause, left))
        came = self.received.readinto(buffer)
        self.exchange.count(came or 0)
        return came

    def close(self) -> None:
        self.received.close()
        super().close()


class Answer(HTTPResponse):
    """Reads a status line, headers and body as the standard library does, within the exchange's bounds."""

    def __init__(self, sock: socket.socket, debuglevel: int = 0, method: str | None = None,
                 url: str | None = None) -> None:
        super().__init__(sock, debuglevel, method, url)
        if (exchange := _now.get()) is not None:
            self.fp = io.BufferedReader(Measured(self.fp.detach(), sock, exchange))
