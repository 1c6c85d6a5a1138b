"""The frame every vendor stand-in hangs in: one set of rules, reached over HTTP or mounted under an SDK.

A stand-in is pure: it gets a request and the time and answers from its own books. Faults are placed here, before or
after the rules ran, because only the side that keeps the books can know whether something happened.
Nothing of the product is imported here or in any stand-in, so that they cannot agree with its mistakes.
"""

from __future__ import annotations

import copy
import json
import re
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any, Protocol
from urllib.parse import parse_qs, parse_qsl, unquote, urlsplit

Json = dict[str, Any]


@dataclass(frozen=True)
class Request:
    """One HTTP request as the vendor would see it; header names are lower case, `path` is percent-decoded."""

    method: str
    path: str
    query: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    @classmethod
    def to(cls, method: str, url: str, headers: dict[str, str] | None = None, body: bytes = b"") -> Request:
        parts = urlsplit(url)
        lowered = {name.lower(): value for name, value in (headers or {}).items()}
        return cls(method.upper(), unquote(parts.path), parts.query, lowered, body)

    def args(self) -> dict[str, list[str]]:
        return parse_qs(self.query, keep_blank_values=True)

    def arg(self, name: str, default: str = "") -> str:
        return self.args().get(name, [default])[0]

    def pairs(self) -> list[tuple[str, str]]:
        """Query parameters in the order sent."""
        return parse_qsl(self.query, keep_blank_values=True)

    def form(self) -> list[tuple[str, str]]:
        """Form body fields in the order sent."""
        return parse_qsl(self.body.decode(), keep_blank_values=True)

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Answer:
    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, status: int, body: Any = None, headers: dict[str, str] | None = None) -> Answer:
        """A JSON answer; `None` is an empty body."""
        raw = b"" if body is None else json.dumps(body).encode()
        return cls(status, raw, {"Content-Type": "application/json; charset=utf-8", **(headers or {})})

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Lost:
    """No answer reaches the caller: `reset` (connection dropped) or `timeout` (silence for `seconds`)."""

    how: str
    seconds: float = 3600.0


@dataclass
class Delivery:
    """A webhook the vendor wants to send: `sign(now)` gives the headers, because each attempt is signed anew."""

    id: str
    url: str
    body: bytes
    due: datetime
    sign: Callable[[datetime], dict[str, str]]
    attempts: int = 0
    done: bool = False
    statuses: list[int] = field(default_factory=list)
    answer: bytes = b""
    """Body of the newest answer, for a vendor that reads it."""


class Rules(Protocol):
    """What a vendor's stand-in must offer. `state` holds all books and survives a deep copy."""

    name: str
    state: Any

    def answer(self, request: Request, now: datetime) -> Answer: ...
    def fault(self, kind: str, request: Request, now: datetime, params: Json) -> Answer:
        """The vendor's own wording of a refusal (500, 429, 401, 403, 409…), with what the vendor remembers of it."""

    def load(self, world: Json, now: datetime) -> None: ...
    def books(self) -> Json: ...
    def reset(self) -> None: ...


@dataclass
class Fault:
    """One scripted fault: the `skip`-th and following `times` matching requests meet `kind` (reference names).

    `body` is looked for in what the request carries, where many kinds of calls have one address.
    """

    kind: str
    method: str = ".*"
    path: str = ".*"
    times: int = 1
    skip: int = 0
    params: Json = field(default_factory=dict)
    body: str = ""

    def meets(self, request: Request) -> bool:
        if self.times <= 0 or not re.fullmatch(self.method, request.method) or not re.search(self.path, request.path):
            return False
        if self.body and not re.search(self.body.encode(), request.body):
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        self.times -= 1
        return True


@dataclass
class Call:
    """A line of the stand-in's call log; `began` and `ended` are seconds on this process's monotonic clock."""

    vendor: str
    method: str
    path: str
    query: str
    began: float
    ended: float
    status: int | None
    fault: str | None

    def as_json(self) -> Json:
        return dict(self.__dict__)


BROKEN: dict[str, Callable[[Answer], Answer]] = {
    "malformed_200": lambda a: Answer(200, b'{"id": ', a.headers),
    "truncated_200": lambda a: Answer(200, a.body[: len(a.body) // 2], a.headers),
    "html_200": lambda a: Answer(200, b"<html><body>We'll be back soon</body></html>", {"Content-Type": "text/html"}),
    "empty_200": lambda a: Answer(200, b"", {"Content-Type": "application/json"}),
}
"""Broken answers after the work was done."""


class Door:
    """One stand-in behind its fault box and call log. Thread-safe: one request at a time meets the rules."""

    def __init__(self, rules: Rules, clock: Callable[[], datetime], wait: Callable[[float], None] = time.sleep) -> None:
        self.rules = rules
        self.clock = clock
        self.wait = wait
        self.faults: list[Fault] = []
        self.calls: list[Call] = []
        self.latency = 0.0
        self._lock = threading.RLock()
        self._stale: Any = None

    def answer(self, request: Request) -> Answer | Lost:
        began = time.monotonic()
        if self.latency:
            self.wait(self.latency)
        with self._lock:
            fault = next((f for f in self.faults if f.meets(request)), None)
        if fault and fault.kind == "slow":
            self.wait(float(fault.params.get("seconds", 5)))
        with self._lock:
            given = self._under(fault, request) if fault else self._plain(request)
            status = given.status if isinstance(given, Answer) else None
            if isinstance(given, Answer):  # the clock of whoever answers (RFC 9110, "Date")
                given.headers.setdefault("Date", format_datetime(self.clock().astimezone(UTC), usegmt=True))
            line = Call(self.rules.name, request.method, request.path, request.query, began, time.monotonic(), status,
                        fault.kind if fault else None)
            self.calls.append(line)
        return given

    def _plain(self, request: Request) -> Answer:
        before = copy.deepcopy(self.rules.state) if request.method != "GET" and self._keeps_stale() else None
        given = self.rules.answer(request, self.clock())
        if before is not None and given.status < 300:
            self._stale = before
        return given

    def _keeps_stale(self) -> bool:
        return any(f.kind == "stale_read" and f.times > 0 for f in self.faults)

    def _under(self, fault: Fault, request: Request) -> Answer | Lost:
        kind, now = fault.kind, self.clock()
        if kind in ("timeout_before", "reset_before"):
            return Lost(kind.removesuffix("_before"), float(fault.params.get("seconds", 3600)))
        if kind in ("timeout_after", "reset_after"):
            self._plain(request)
            return Lost(kind.removesuffix("_after"), float(fault.params.get("seconds", 3600)))
        if kind in BROKEN:
            return BROKEN[kind](self._plain(request))
        if kind == "phantom_200":
            return self._elsewhere(copy.deepcopy(self.rules.state), request)
        if kind == "stale_read":
            return self._elsewhere(self._stale, request) if self._stale is not None else self._plain(request)
        if kind == "slow":
            return self._plain(request)
        return self.rules.fault(kind, request, now, fault.params)

    def _elsewhere(self, state: Any, request: Request) -> Answer:
        """Answers from another state and leaves the books as they are."""
        real, self.rules.state = self.rules.state, state
        try:
            return self.rules.answer(request, self.clock())
        finally:
            self.rules.state = real

    def alone(self) -> AbstractContextManager[Any]:
        """Keeps requests out meanwhile: for loading a world, and for what people and time do there."""
        return self._lock

    def reset(self) -> None:
        with self._lock:
            self.rules.reset()
            self.faults.clear()
            self.calls.clear()
            self._stale = None

    def __call__(self, environ: Json, start_response: Callable[..., Any]) -> Iterable[bytes]:
        given = self.answer(request_of(environ))
        if isinstance(given, Lost):
            return self._drop(given, environ, start_response)
        headers = [*given.headers.items(), ("Content-Length", str(len(given.body)))]
        start_response(f"{given.status} {'OK' if given.status < 400 else 'Error'}", headers)
        return [given.body]

    def _drop(self, lost: Lost, environ: Json, start_response: Callable[..., Any]) -> Iterable[bytes]:
        if lost.how == "timeout":
            self.wait(lost.seconds)
        sock = environ.get("werkzeug.socket")
        if isinstance(sock, socket.socket):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # close() now sends RST
            sock.close()
        raise ConnectionAbortedError(lost.how)


def request_of(environ: Json) -> Request:
    headers = {k[5:].replace("_", "-").lower(): v for k, v in environ.items() if k.startswith("HTTP_")}
    if environ.get("CONTENT_TYPE"):
        headers["content-type"] = environ["CONTENT_TYPE"]
    length = int(environ.get("CONTENT_LENGTH") or 0)
    path = environ.get("PATH_INFO", "/").encode("latin-1").decode("utf-8", "replace")
    return Request(environ["REQUEST_METHOD"], path, environ.get("QUERY_STRING", ""), headers,
                   environ["wsgi.input"].read(length) if length else b"")


@dataclass
class SandboxClock:
    """Real time plus what `POST /_control/clock` added."""

    ahead: timedelta = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead
