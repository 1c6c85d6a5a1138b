"""Answers that never end, come drop by drop, unpack to far more, or are no answers, from a loopback socket."""

from __future__ import annotations

import gzip
import itertools
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from io import BufferedReader

import requests
from requests.adapters import BaseAdapter

from connectors.http import Guarded
from connectors.incoming import Limits
from tests.loopback import Listener

SIZE = 256 * 2**10
"""Bytes that an answer may have here."""
SMALL = Limits(size=SIZE)
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
Sent = Iterator[bytes]


def fourteen_seconds_later() -> Limits:
    """Whoever looks at the clock finds it fourteen seconds on, which is less than any one read may take."""
    ticks = itertools.count(0.0, 14.0)
    return Limits(clock=lambda: next(ticks))


def _sized(body: bytes, more: bytes = b"") -> bytes:
    return OK + more + b"Content-Length: %d\r\n\r\n" % len(body) + body


@cache
def _packed(times: int) -> bytes:
    body = b"[" + b" " * 64 * SIZE + b"]"
    for _ in range(times):
        body = gzip.compress(body)
    return _sized(body, b"Content-Encoding: " + b", ".join([b"gzip"] * times) + b"\r\n")


def _without_end(first: bytes, then: bytes) -> Sent:
    yield first
    yield from itertools.repeat(then)


def _once(all_of_it: bytes) -> Sent:
    yield all_of_it


TOO_LONG: dict[str, Callable[[], Sent]] = {
    "a body": lambda: _without_end(OK + b"\r\n[", b" " * 4096),
    "a body of a promised length": lambda: _without_end(OK + b"Content-Length: 999999999999\r\n\r\n[", b" " * 4096),
    "chunks": lambda: _without_end(CHUNKED, b"400\r\n" + b" " * 1024 + b"\r\n"),
    "one chunk's length": lambda: _without_end(CHUNKED, b"0" * 4096),
    "a chunk's extension": lambda: _without_end(CHUNKED + b"1;", b"x" * 4096),
    "trailers": lambda: _without_end(CHUNKED + b"2\r\n{}\r\n0\r\n", b"X-More: of it\r\n"),
    "headers": lambda: _without_end(OK, b"X-More: of it\r\n"),
    "a header": lambda: _without_end(OK + b"X-Long: ", b"x" * 4096),
    "a status line": lambda: _without_end(b"HTTP/1.1 200 ", b"x" * 4096),
    "interim answers": lambda: _without_end(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "what is packed": lambda: _once(_packed(1)),
    "what is packed twice": lambda: _once(_packed(2)),
    "empty packages": lambda: _without_end(OK + b"Content-Encoding: gzip\r\n\r\n", gzip.compress(b"") * 100),
}
"""What has no end, or none within what an answer may have."""
NO_ANSWERS: dict[str, Callable[[], Sent]] = {
    "nothing": lambda: _once(b""),
    "half a body": lambda: _once(OK + b"Content-Length: 100\r\n\r\n{"),
    "half a chunk": lambda: _once(CHUNKED + b"64\r\n{"),
    "a chunk without a length": lambda: _once(CHUNKED + b"zz\r\n{}\r\n"),
    "a chunk of less than nothing": lambda: _once(CHUNKED + b"-5\r\n{}\r\n0\r\n\r\n"),
    "two lengths": lambda: _once(OK + b"Content-Length: 2\r\nContent-Length: 7\r\n\r\n{}"),
    "no length": lambda: _once(OK + b"Content-Length: many\r\n\r\n"),
    "no package": lambda: _once(_sized(b"{}", b"Content-Encoding: gzip\r\n")),
    "no HTTP": lambda: _once(b"NewConnectionError NameResolutionError\r\n\r\n"),
    "an odd status": lambda: _once(b"HTTP/1.1 2x0 OK\r\n\r\n{}"),
    "a redirection nowhere": lambda: _once(
        b"HTTP/1.1 302 Found\r\nLocation: http://[\xff\xfe\r\nContent-Length: 0\r\n\r\n"),
    "a redirection to no address": lambda: _once(
        b"HTTP/1.1 307 Moved\r\nLocation: http://[::\r\nContent-Length: 0\r\n\r\n"),
    "depth": lambda: _once(_sized(b"[" * 100_000)),
    "an endless number": lambda: _once(_sized(b"1" * 100_000)),
    "a number, not an object": lambda: _once(_sized(b"7")),
    "a list of lists": lambda: _once(_sized(b"[[]]")),
    "no Unicode": lambda: _once(_sized(b'{"id": "\xff\xfe"}')),
    "bytes": lambda: _once(_sized(bytes(range(256)))),
}
"""What ends, and does not say what became of the request."""
MANNERS = ("a body", "headers", "interim answers", "what is packed")
"""Of those without end, one for each way in which a library learns of it."""
DROPS: dict[str, Callable[[], Sent]] = {
    "a body": lambda: _without_end(OK + b"\r\n", b" "), "chunks": lambda: _without_end(CHUNKED, b"1\r\n \r\n"),
    "headers": lambda: _without_end(b"HTTP/1.1 200 OK\r\nX-Long: ", b"x"),
    "interim answers": lambda: _without_end(b"", b"HTTP/1.1 100 Continue\r\n\r\n")}
"""What comes little by little, by a clock that runs fast."""


class Unruly(Listener):
    """Answers each request with the same; `stays`: for as many as come on a connection."""

    def __init__(self, answer: Callable[[], Sent], stays: bool) -> None:
        self.answer, self.stays = answer, stays
        super().__init__(self._answer_all)

    def _answer_all(self, caller: socket.socket) -> None:
        with caller.makefile("rb") as asked:
            while _read(asked):
                for piece in self.answer():
                    caller.sendall(piece)
                if not self.stays:
                    return


def _read(asked: BufferedReader) -> bool:
    """A whole request; False where none comes any more."""
    length = 0
    while (line := asked.readline()).strip():
        if line.lower().startswith(b"content-length:"):
            length = int(line.partition(b":")[2])
    asked.read(length)
    return bool(line)


@contextmanager
def unruly(answer: Callable[[], Sent], *, stays: bool = False) -> Iterator[Unruly]:
    made = Unruly(answer, stays)
    try:
        yield made
    finally:
        made.stop()


class Beyond(BaseAdapter):
    """Carries each request to its vendor, and for those that are `spoilt` brings the answer of somebody else."""

    def __init__(self, through: BaseAdapter, at: Unruly, limits: Limits) -> None:
        super().__init__()
        self.through, self.at = through, at
        self.guarded = Guarded(("127.0.0.1",), (5.0, 5.0), limits=limits)
        self.spoilt: Callable[[], bool] = lambda: False

    def send(self, request: requests.PreparedRequest, *args: object, **kwargs: object) -> requests.Response:
        given = self.through.send(request, *args, **kwargs)  # type: ignore[arg-type]  # handed on as it came
        if not self.spoilt():
            return given
        asked = requests.Request(request.method, self.at.url, data=b"x").prepare()
        return self.guarded.send(asked)

    def close(self) -> None:
        self.through.close()
