"""`/_control`: what people, time and misfortune do in the sandbox, and what its books say. Loopback only."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, field_validator

from connectors.standin import BROKEN, Call, Door, Fault, Json, Request, SandboxClock

LOSSES = ("timeout_before", "timeout_after", "reset_before", "reset_after")
PLACED = (*LOSSES, *BROKEN, "phantom_200", "stale_read", "slow")
"""Faults that every door knows; the others are worded by the vendor's stand-in."""
EVENT_FAULTS = ("dup_event", "reorder", "lost_event")


class Mistaken(ValueError):
    """The control request cannot be carried out; the message says what to do."""


class Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")


class AskedFault(Asked):
    vendor: str
    kind: str
    method: str = ".*"
    path: str = ".*"
    times: int = Field(default=1, ge=1)
    skip: int = Field(default=0, ge=0)
    params: Json = {}


class AskedClock(Asked):
    ahead_seconds: float | None = None
    to: datetime | None = None

    @field_validator("to")
    @classmethod
    def with_a_zone(cls, to: datetime | None) -> datetime | None:
        if to is not None and to.tzinfo is None:
            raise ValueError("give the time with its zone, such as 2026-11-21T09:00:00Z")
        return to


class AskedLatency(Asked):
    vendor: str | None = None
    seconds: float = Field(ge=0, le=60)


class Customer(Asked):
    """A customer writes: a new ticket, or a reply when `ticket` is given. Further fields go to the stand-in."""

    model_config = ConfigDict(extra="allow")

    email: str
    body: str


FAULTS = TypeAdapter(list[AskedFault])
WORLD = TypeAdapter(dict[str, Json])
ANSWERS = TypeAdapter(list[Json])
PARAMS = TypeAdapter(Json)


class Control:
    """Control operations over doors by vendor name."""

    def __init__(self, doors: Mapping[str, Door], clock: SandboxClock, world: Json) -> None:
        self.doors = doors
        self.clock = clock
        self.world = world
        self.posts: dict[str, Callable[[bytes], Json]] = {
            "faults": self._faults, "clock": self._clock, "world": self._world, "tickets": self._tickets,
            "model": self._model, "latency": self._latency, "reset": self._reset}
        self.gets: dict[str, Callable[[], Json]] = {"books": self.books, "calls": self._calls, "": self._contents}

    def answer(self, request: Request) -> tuple[int, Json]:
        """Status and JSON body; 400 for what cannot be understood, 404 for what there is not."""
        name = request.path.strip("/")
        try:
            if request.method == "GET" and name in self.gets:
                return 200, self.gets[name]()
            if request.method == "POST" and name in self.posts:
                return 200, self.posts[name](request.body)
            vendor, _, op = name.partition("/")
            if request.method == "POST" and vendor in self.doors and op:
                return 200, self.happen(vendor, op, _read(PARAMS, request.body or b"{}"))
        except Mistaken as mistake:
            return 400, {"error": str(mistake)}
        return 404, {"error": f"There is no {request.method} /_control/{name}.", **self._contents()}

    def _contents(self) -> Json:
        return {"GET": sorted(f"/_control/{name}" for name in self.gets if name),
                "POST": sorted(f"/_control/{name}" for name in self.posts) + [
                    f"/_control/{vendor}/OPERATION" for vendor in self.doors]}

    def happen(self, vendor: str, op: str, params: Json) -> Json:
        """An operation of one stand-in: what a colleague, a customer or time does there."""
        door = self._door(vendor)
        try:
            with door.alone():
                done: Json = door.rules.control(op, params, self.clock())  # type: ignore[attr-defined]
        except Exception as error:  # each stand-in says no in its own way; who asked must hear it
            raise Mistaken(f"{vendor} cannot do {op} with {json.dumps(params)}: {_words(error)}. Operations and their "
                           f"parameters are listed in connectors/{vendor}/standin.") from error
        return done

    def load(self, world: Mapping[str, Json]) -> None:
        """Adds a world to the books, vendor by vendor."""
        for vendor, part in world.items():
            door = self._door(vendor)
            try:
                with door.alone():
                    door.rules.load(part, self.clock())
            except Exception as error:  # whatever is wrong in a world, who gave it must hear it
                raise Mistaken(f"The world's part for {vendor} cannot be loaded: {_words(error)}. "
                               "scripts/worlds/demo.json is one that can.") from error

    def fault(self, asked: AskedFault) -> None:
        door = self._door(asked.vendor)
        if asked.kind in EVENT_FAULTS:
            self._event_fault(asked)
            return
        if asked.kind not in PLACED:
            _rehearse(door, asked)
        fault = Fault(asked.kind, asked.method, asked.path, asked.times, asked.skip, dict(asked.params))
        with door.alone():
            door.faults.append(fault)

    def _event_fault(self, asked: AskedFault) -> None:
        """Events are lost, doubled or late on their way out, so their faults lie with the sender."""
        if asked.vendor == "zendesk":
            self.happen("zendesk", "webhook_fault", {"kind": asked.kind, "times": asked.times, **asked.params})
            return
        plans: dict[str, Json] = {"dup_event": {"times": 2}, "reorder": {"delay": 2}, "lost_event": {"lost": True}}
        for _ in range(asked.times):
            self.happen(asked.vendor, "next_deliveries", {**plans[asked.kind], **asked.params})

    def _door(self, vendor: str) -> Door:
        if vendor not in self.doors:
            raise Mistaken(f"There is no vendor {vendor!r}; there are {', '.join(sorted(self.doors))}.")
        return self.doors[vendor]

    def books(self) -> Json:
        books = {}
        for vendor, door in self.doors.items():
            with door.alone():
                books[vendor] = door.rules.books()
        return books

    def calls(self) -> list[Call]:
        """Every call of every vendor in the order begun."""
        return sorted((call for door in self.doors.values() for call in list(door.calls)), key=lambda call: call.began)

    def _faults(self, body: bytes) -> Json:
        asked = _read(FAULTS, body)
        for one in asked:
            self.fault(one)
        return {"faults": len(asked)}

    def _clock(self, body: bytes) -> Json:
        asked = _read(TypeAdapter(AskedClock), body)
        if (asked.to is None) == (asked.ahead_seconds is None):
            raise Mistaken('Give either {"ahead_seconds": 3600} or {"to": "2026-11-21T09:00:00Z"}.')
        ahead = asked.to - datetime.now(UTC) if asked.to else timedelta(seconds=asked.ahead_seconds or 0)
        self.clock.ahead = ahead
        return {"now": self.clock().isoformat(), "ahead_seconds": ahead.total_seconds()}

    def _world(self, body: bytes) -> Json:
        world = _read(WORLD, body)
        self.load(world)
        return {"loaded": sorted(world)}

    def _tickets(self, body: bytes) -> Json:
        return self.happen("zendesk", "customer_writes", _read(TypeAdapter(Customer), body).model_dump())

    def _model(self, body: bytes) -> Json:
        return self.happen("openai", "queue", {"answers": _read(ANSWERS, body)})

    def _latency(self, body: bytes) -> Json:
        asked = _read(TypeAdapter(AskedLatency), body)
        for door in [self._door(asked.vendor)] if asked.vendor else self.doors.values():
            door.latency = asked.seconds
        return {vendor: door.latency for vendor, door in self.doors.items()}

    def _reset(self, body: bytes) -> Json:
        """Everything as it was when the sandbox was started, its world loaded anew."""
        self.clock.ahead = timedelta()
        for door in self.doors.values():
            door.reset()
            door.latency = 0.0
        self.load(self.world)
        return {"loaded": sorted(self.world)}

    def _calls(self) -> Json:
        calls = self.calls()
        return {"calls": [call.as_json() for call in calls], "sequential": longest_chain(calls)}


def longest_chain(calls: list[Call]) -> int:
    """How many calls there are at most of which each began only after the one before it had ended."""
    chain, free_from = 0, float("-inf")
    for call in sorted(calls, key=lambda call: call.ended):
        if call.began >= free_from:
            chain, free_from = chain + 1, call.ended
    return chain


def _read(shape: TypeAdapter[Any], body: bytes) -> Any:
    try:
        return shape.validate_json(body)
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in wrong["loc"])
        raise Mistaken(f"The body is not understood: {place + ': ' if place else ''}{wrong['msg']}.") from error


def _rehearse(door: Door, asked: AskedFault) -> None:
    """Tries the kind on a stand-in without any books: an unknown one is refused now instead of when it is met."""
    fresh: Any = type(door.rules)()
    try:
        fresh.fault(asked.kind, Request(asked.method, "/"), datetime.now(UTC), dict(asked.params))
    except (KeyError, ValueError) as error:
        if asked.kind in str(error):
            raise Mistaken(f"{asked.vendor} has no fault {asked.kind!r}. All vendors have {', '.join(PLACED)}; those "
                           f"of its own are listed in connectors/{asked.vendor}/standin.") from error


def _words(error: BaseException) -> str:
    return f"{type(error).__name__} {error}".strip()
