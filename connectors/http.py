"""The one place for timeouts, sessions, addresses and request ids of every vendor's HTTP."""

from __future__ import annotations

import logging
import socket
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, ClassVar
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError, ReadTimeoutError
from urllib3.exceptions import HTTPError as BelowError

from connectors.incoming import Answer, Exchange, Limits, TooMuch, exchanging, sending
from connectors.outgoing import Bounds, ForbiddenAddress, check_address, check_request, host_of, is_loopback

CONNECT, READ = 3.05, 15.0
"""Seconds. A hung vendor costs one call at most their sum; nothing here tries twice."""
__all__ = ["CONNECT", "HARMLESS", "READ", "ForbiddenAddress", "Gate", "Guarded", "Hear", "Session", "Surroundings",
           "check_address", "hearing", "host_of", "is_loopback", "request_id", "session", "surely_not_sent", "writing"]
PIECE = 64 * 2**10
"""Bytes of an answer that are unpacked at once."""
HARMLESS = ("GET", "HEAD", "OPTIONS")
"""Methods that ask for no change (RFC 9110, "Safe Methods")."""

Gate = Callable[[], None]
"""Asked before a request that may change something; raises what shall come out instead of the request."""

_gate: ContextVar[Gate | None] = ContextVar("gate", default=None)

Hear = Callable[[str, Mapping[str, str]], None]
"""Is told of each answer: which vendor's it is, and its headers."""

_hear: ContextVar[Hear | None] = ContextVar("hear", default=None)

log = logging.getLogger("deskhand.http")


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Surroundings:
    """What a connector takes from outside itself, so that time and transport can be others in a test."""

    now: Callable[[], datetime] = _utc_now
    sleep: Callable[[float], None] = time.sleep
    transports: Mapping[str, BaseAdapter] = field(default_factory=dict)
    """Per vendor, what carries its requests instead of the network."""
    timeout: tuple[float, float] = (CONNECT, READ)
    limits: Limits = field(default_factory=Limits)


@contextmanager
def writing(gate: Gate) -> Iterator[None]:
    """Of all that this thread sends meanwhile, what may change something passes the gate first."""
    before = _gate.set(gate)
    try:
        yield
    finally:
        _gate.reset(before)


@contextmanager
def hearing(hear: Hear) -> Iterator[None]:
    """Of every answer that this thread gets meanwhile, the headers are told."""
    before = _hear.set(hear)
    try:
        yield
    finally:
        _hear.reset(before)


def _pass_the_gate(method: str | None) -> None:
    gate = _gate.get()
    if gate is not None and method not in HARMLESS:
        gate()


class _Bound(HTTPConnection):
    """Connects as its bounds allow, and passes the gate once more when the connection stands: making one may take
    seconds. Certificates are checked against the name, whichever of its addresses is connected to."""

    bounds: ClassVar[Bounds]
    response_class = Answer

    def _new_conn(self) -> socket.socket:
        try:
            return self.bounds.connected(self._dns_host, self.port, self.timeout, self.socket_options or ())
        except socket.gaierror as error:
            raise NameResolutionError(self.host, self, error) from error
        except TimeoutError as error:
            raise ConnectTimeoutError(self, f"{self.host} did not take a connection in time") from error
        except (OSError, ValueError) as error:  # ForbiddenAddress, and the resolver's for a label that cannot be one
            raise NewConnectionError(self, f"No connection was made: {error}") from error

    def request(self, method: str, *args: Any, **kwargs: Any) -> None:
        _pass_the_gate(method)
        super().request(method, *args, **kwargs)

    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()
        sending()
        super().send(data)


class _BoundAndSecret(_Bound, HTTPSConnection):
    """The same with TLS."""


def _pools(bounds: Bounds) -> dict[str, type[HTTPConnectionPool]]:
    """What makes the connections of one connector, by scheme."""
    plain = type("_Connection", (_Bound,), {"bounds": bounds})
    secret = type("_SecretConnection", (_BoundAndSecret,), {"bounds": bounds})
    return {"http": type("_Connections", (HTTPConnectionPool,), {"ConnectionCls": plain}),
            "https": type("_SecretConnections", (HTTPSConnectionPool,), {"ConnectionCls": secret})}


class Guarded(HTTPAdapter):
    """Bounds every request in time and its answer in size, keeps it at the allowed hosts, and tries once. An answer is
    whole or it is none, and an error says `surely_not_sent` only where that is so."""

    def __init__(self, hosts: Sequence[str], timeout: tuple[float, float], *, private: bool = False,
                 limits: Limits | None = None) -> None:
        """`private`: the hosts may have addresses of the own network."""
        super().__init__(max_retries=0, pool_maxsize=16)
        self.poolmanager.pool_classes_by_scheme = _pools(Bounds(tuple(hosts), private))
        self.hosts = hosts
        self.timeout = timeout
        self.limits = limits or Limits()

    def send(self, request: requests.PreparedRequest, stream: bool = False, timeout: Any = None,
             verify: bool | str = True, cert: Any = None, proxies: Any = None) -> requests.Response:
        check_request(request.url or "", self.hosts)
        pauses = timeout or self.timeout
        with exchanging(Exchange(self.limits, _in_all(pauses))) as exchange:
            try:
                given = super().send(request, stream=True, timeout=pauses, verify=verify, cert=cert, proxies=None)
                return _whole(given, exchange)
            except requests.RequestException as error:
                raise _ending(error, exchange) from error
            except (BelowError, ValueError) as error:
                if not exchange.sent:
                    raise
                raise requests.ConnectionError(f"The answer is not HTTP: {type(error).__name__}", request=request
                                               ) from error


def _in_all(timeout: Any) -> float:
    return sum(one or 0.0 for one in timeout) if isinstance(timeout, tuple) else float(timeout)


def _whole(given: requests.Response, exchange: Exchange) -> requests.Response:
    try:
        given._content = exchange.whole(given.iter_content(PIECE))
    except TooMuch as error:
        raise requests.exceptions.ChunkedEncodingError(str(error), request=given.request) from error
    finally:
        given.close()
    return given


def _ending(error: requests.RequestException, exchange: Exchange) -> requests.RequestException:
    """What became of a request without an answer: TLS may break after it was sent, and a body may be late."""
    cause = error.args[0] if error.args else None
    if isinstance(cause, ReadTimeoutError):
        return requests.ReadTimeout(cause, request=error.request)
    if exchange.sent and surely_not_sent(error):
        return requests.ConnectionError(f"It was sent, and then: {type(error).__name__}", request=error.request)
    return error


class Session(requests.Session):
    """The door of every SDK's requests: passes the gate, follows no redirect, and logs vendor, path, status, time and
    request id, never bodies."""

    def __init__(self, vendor: str) -> None:
        super().__init__()
        self.vendor = vendor
        self.trust_env = False
        self.max_redirects = 0

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **kwargs: Any) -> requests.Response:
        kwargs["allow_redirects"] = False
        return super().request(method, url, *args, **kwargs)

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """Where to is not read: nothing goes there, and it may be no address at all."""
        return "elsewhere" if resp.is_redirect else None

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        _pass_the_gate(request.method)
        began = time.monotonic()
        kwargs["allow_redirects"] = False
        response = super().send(request, **kwargs)
        log.info("%s %s %s -> %s in %.0f ms, request id %s", self.vendor, request.method,
                 urlsplit(request.url or "").path, response.status_code, (time.monotonic() - began) * 1000,
                 request_id(response.headers))  # nosemgrep: no-words-in-the-log - one id, which says nothing
        if (hear := _hear.get()) is not None:
            hear(self.vendor, response.headers)
        return response


def session(vendor: str, hosts: Sequence[str], around: Surroundings, *, private: bool = False) -> Session:
    """A session for one thread; `around.transports[vendor]` replaces the network. `private`: as of Guarded."""
    made = Session(vendor)
    adapter = around.transports.get(vendor) or Guarded(hosts, around.timeout, private=private,
                                                               limits=around.limits)
    made.mount("https://", adapter)
    made.mount("http://", adapter)
    return made


def request_id(headers: Mapping[str, str]) -> str | None:
    """The vendor's own id of this request, for its support people."""
    return headers.get("Request-Id") or headers.get("X-Request-Id") or headers.get("x-zendesk-request-id")


def surely_not_sent(error: requests.RequestException) -> bool:
    """True when no byte of the request can have reached the vendor. Judged by class: an error's words may be the
    vendor's."""
    if isinstance(error, requests.ConnectTimeout | requests.exceptions.SSLError):
        return True
    cause = error.args[0] if isinstance(error, requests.ConnectionError) and error.args else None
    return isinstance(getattr(cause, "reason", cause), NewConnectionError)
