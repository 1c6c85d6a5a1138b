"""Where a life can be disturbed: every commit, every vendor call before and after it, every call's faults."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import requests

from connectors.http import _pass_the_gate
from connectors.mount import Mounted
from connectors.standin import Door, Fault

READS = ("timeout_before", "reset_before", "500_before", "429", "malformed_200", "truncated_200", "html_200",
         "empty_200", "stale_read", "slow", "auth_lost")
WRITES = ("timeout_before", "timeout_after", "reset_before", "reset_after", "500_before", "500_after", "429",
          "malformed_200", "truncated_200", "html_200", "empty_200", "phantom_200", "slow", "auth_lost", "key_in_use")
KEYED = ("key_mismatch", "late_failure")
"""Only where a vendor has idempotency keys, and where a refund can fall through later. That a key expires needs no
fault: the payment provider's books forget it after 24 hours, and `day_passes` lets them pass."""
ANYWHERE = ("clock_ahead", "day_passes", "clock_behind", "human_refunds", "human_answers", "human_edits")
"""What no vendor does to a call: the clock is set, or a person acts just before it arrives."""
JUMPS = {"clock_ahead": timedelta(hours=1), "day_passes": timedelta(hours=25), "clock_behind": timedelta(hours=-1)}
LASTING = "~"
"""`reset_before~25` stands for all such calls of 25 hours."""
BY_VENDOR = {"zendesk": ("key_in_use",), "salesforce": ("stale_read",)}
"""Kinds that a vendor does not have for what we call there: queries are fresh at Salesforce (SOQL Reference)."""
TOKEN = "oauth2/token"


@dataclass(frozen=True)
class Asked:
    """One vendor call of a life, as the faults see it."""

    vendor: str
    method: str
    path: str
    writes: bool

    @property
    def kinds(self) -> tuple[str, ...]:
        """Every fault that such a call can meet."""
        if TOKEN in self.path:
            return READS[:2] + READS[2:3]
        kinds = tuple(k for k in (WRITES if self.writes else READS) if k not in BY_VENDOR.get(self.vendor, ()))
        return kinds + (KEYED if self.vendor == "stripe" and self.writes else ()) + ANYWHERE

    def __str__(self) -> str:
        return f"{self.vendor} {self.method} {self.path}"


def as_text(body: Any) -> str:
    return body if isinstance(body, str) else bytes(body or b"").decode()


def asked_by(door: Door, request: requests.PreparedRequest) -> Asked:
    body = as_text(request.body).encode()
    method, path = str(request.method), request.path_url.split("?")[0]
    writes = method != "GET" and TOKEN not in path
    if writes and path.endswith(("/composite", "/batch")):
        writes = any(f'"{word}": "{verb}"'.encode() in body or f'"{word}":"{verb}"'.encode() in body
                     for word in ("method",) for verb in ("POST", "PATCH", "DELETE", "PUT"))
    return Asked(door.rules.name, method, path, writes)


@dataclass(frozen=True)
class At:
    """A fault at a vendor call: `after` calls since the last fault (or the beginning) go by, and the first one after
    them that can meet this kind meets it."""

    after: int
    kind: str

    @property
    def lasts(self) -> timedelta:
        """How much later everything may be done because of it."""
        kind, _, hours = self.kind.partition(LASTING)
        return timedelta(hours=float(hours)) if hours else abs(JUMPS.get(kind, timedelta()))

    def __str__(self) -> str:
        return f"{self.after}:{self.kind}"


class Killed(BaseException):
    """kill -9, as far as one process can play it: nothing between here and the top may catch it."""


@dataclass
class Places:
    """Counts the places of one history, kills at those it was told, and has faults met."""

    faults: tuple[At, ...] = ()
    kills: tuple[int, ...] = ()
    """The number of the place to die at, then the number of places after that for the second time."""
    on: bool = False
    passed: int = 0
    """Since the beginning, or since it was killed last."""
    counted: int = 0
    """In all."""
    killed: list[str] = field(default_factory=list)
    calls: list[Asked] = field(default_factory=list)
    answers: list[tuple[Asked, int]] = field(default_factory=list)
    """Each call with its status; 0 where no answer came."""
    phantoms: list[str] = field(default_factory=list)
    """What calls asked for that were told of as done, and were not."""
    met: list[str] = field(default_factory=list)
    lagged: set[str] = field(default_factory=set)
    """Vendors that at some look showed what had been before."""
    not_stale: int = 0
    """Looks that were to lag, and showed all there was."""
    trail: list[str] | None = None
    """Where each step is written down, when somebody wants to read it."""
    now: Callable[[], datetime] | None = None
    meanwhile: tuple[Callable[[Asked], bool], Callable[[], None]] | None = None
    """What a life lets happen just before the first such call."""
    _since: int = 0
    _lasting: list[tuple[datetime, Asked, str]] = field(default_factory=list)

    def boundary(self, where: str) -> None:
        """A crash can fall here."""
        if not self.on:
            return
        self.passed += 1
        self.counted += 1
        if len(self.killed) < len(self.kills) and self.passed == self.kills[len(self.killed)]:
            self.on, self.passed = False, 0
            self.killed.append(where)
            self.say(f"KILLED {where}")
            raise Killed(where)

    def say(self, what: str) -> None:
        if self.trail is not None and self.now is not None:
            self.trail.append(f"{self.now():%d %b %H:%M:%S}  {what}")

    def comes_to(self, asked: Asked) -> bool:
        """Lets happen what the life has for this call; whether it had something."""
        if self.meanwhile is None or not self.meanwhile[0](asked):
            return False
        happens, self.meanwhile, on, self.on = self.meanwhile[1], None, self.on, False
        happens()
        self.on = on
        return True

    def looked(self, asked: Asked, *, lags: bool, first: bool) -> None:
        """A look was to lag; the `first` of those that a fault stands for."""
        if lags:
            self.lagged.add(asked.vendor)
        self.not_stale += first and not lags

    def away_until(self, now: datetime) -> datetime | None:
        """When the last fault that lasts has ended; None when none does."""
        return max((end for end, _, _ in self._lasting if end > now), default=None)

    def kind_for(self, asked: Asked) -> str | None:
        """Which fault this call meets."""
        self.calls.append(asked)
        now = self.now() if self.now else datetime.max.replace(tzinfo=UTC)
        self._lasting = [one for one in self._lasting if one[0] > now]
        if len(self.met) < len(self.faults):
            fault, self._since = self.faults[len(self.met)], self._since + 1
            kind, _, hours = fault.kind.partition(LASTING)
            if self._since > fault.after and kind in asked.kinds:
                self._since = 0
                self.met.append(f"{kind} at {asked}")
                if hours:
                    self._lasting.append((now + timedelta(hours=float(hours)), asked, kind))
                return kind
        return next((kind for _, one, kind in self._lasting if one == asked), None)


PARAMS: dict[str, Any] = {"retry_after": 30, "seconds": 20}


class Carried(Mounted):
    """Carries calls to a stand-in, and may be killed on the way there or back."""

    def __init__(self, mounted: Mounted, places: Places, meets: Callable[[str, Asked], None],
                 after: Callable[[Asked], None]) -> None:
        super().__init__(mounted.door, mounted.prefix)
        self.places, self.meets, self.after = places, meets, after

    def send(self, request: requests.PreparedRequest, *args: Any, **more: Any) -> requests.Response:
        places = self.places
        asked = asked_by(self.door, request)
        places.boundary(f"before {asked}")
        if places.comes_to(asked):
            _pass_the_gate(request.method)  # as each real connection does before its first byte
        met, kind = len(places.met), places.kind_for(asked)
        if kind in ANYWHERE:
            self.meets(str(kind), asked)
            _pass_the_gate(request.method)
        elif kind is not None:
            self.door.faults.insert(0, Fault(kind, params=dict(PARAMS)))
            if kind == "stale_read":
                places.looked(asked, lags=self.door._stale is not None, first=len(places.met) > met)
            if kind == "phantom_200":
                places.phantoms.append(as_text(request.body))
        try:
            response = super().send(request, *args, **more)
        except requests.RequestException:
            places.say(f"{asked} -> no answer ({kind})")
            places.answers.append((asked, 0))
            raise
        finally:
            if asked.writes:
                self.after(asked)
        places.answers.append((asked, response.status_code))
        places.say(f"{asked} -> {response.status_code}" + (f" ({kind})" if kind else ""))
        places.boundary(f"after {asked}")
        return response
