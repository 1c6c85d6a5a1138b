"""One history: a life, the faults it meets, where it is killed, and which truth comes late."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol

from sqlalchemy import Engine

from agent.held import held as held_operations
from connectors.contract import TicketUpdate
from tests.conftest import Reused, Server
from tests.simulation import lost, telling, withheld
from tests.simulation.lives import DONE, LATES, LIVES, NOTHING, Right
from tests.simulation.oracle import DONE_ENDS, UNEXPLAINED, Books, Held, Verdict, judge
from tests.simulation.places import Asked, At, Places
from tests.simulation.stage import Mishap, Spinning, Stage

A_WEEK = timedelta(days=7)
LATE_AFTER = timedelta(hours=50)
A_WHILE = timedelta(hours=6)
"""Until the last look for what no event told of."""
SPARING = ("autovacuum = off", "jit = off", "track_counts = off", "plan_cache_mode = force_generic_plan")
"""What a server spares that keeps a few rows, and those for one history."""
VACUUM_EVERY = 250
UNDISTURBED = "undisturbed"
POLLED = ("unheard", "a_message_unheard")


@dataclass(frozen=True)
class History:
    """`key` names it for ever: the same key is the same history, whatever is added to the simulation later."""

    life: str
    helpdesk: str
    late: str = "any_news"
    faults: tuple[At, ...] = ()
    crash: int = 0
    """The number of the place to die at; 0: never."""
    crash_again: int = 0
    """So many places after the first crash."""
    mishap: str = ""
    """What befalls an event: `0:lost`, `1:twice`, `0:late`."""

    @property
    def key(self) -> str:
        faults = "+".join(map(str, self.faults)) or "-"
        return "/".join((self.life, self.helpdesk, self.late, faults, f"k{self.crash}", f"k{self.crash_again}",
                         self.mishap or "-"))

    @classmethod
    def of(cls, key: str) -> History:
        """Raises ValueError for what is no key."""
        try:
            life, helpdesk, late, faults, crash, again, mishap = key.split("/")
            found = () if faults == "-" else tuple(
                At(int(after), kind) for after, _, kind in (one.partition(":") for one in faults.split("+")))
            made = cls(life, helpdesk, late, found, int(crash[1:]), int(again[1:]), "" if mishap == "-" else mishap)
        except ValueError as wrong:
            raise ValueError(f"no history has the key {key!r}") from wrong
        if made.life not in LIVES or made.late not in LATES or made.helpdesk not in ("zendesk", "salesforce"):
            raise ValueError(f"no history has the key {key!r}")
        return made

    @property
    def level(self) -> str:
        """How it is disturbed: "2 faults, crash, crash" and the like."""
        parts = [f"{len(self.faults)} fault" + "s" * (len(self.faults) > 1)] if self.faults else []
        parts += ["crash"] * (bool(self.crash) + bool(self.crash_again)) + ["event"] * bool(self.mishap)
        return ", ".join(parts) or UNDISTURBED

    @property
    def must_do(self) -> bool:
        """Nothing disturbs it, and all that is asked is allowed and agreed to."""
        return self.life in DONE and self.level == UNDISTURBED

    @property
    def patience(self) -> timedelta:
        """How long after everybody has said all they have to say the last of it may be done."""
        return A_WHILE + sum((fault.lasts for fault in self.faults), timedelta())

    @property
    def disturbances(self) -> int:
        return len(self.faults) + bool(self.crash) + bool(self.crash_again) + bool(self.mishap)


@dataclass
class Lived:
    """How a history went."""

    history: History
    verdict: Verdict
    books: Books
    calls: list[Asked] = field(default_factory=list)
    places: int = 0
    events: int = 0
    met: list[str] = field(default_factory=list)
    killed: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    trail: list[str] = field(default_factory=list)
    struck: bool = False
    """There was something for the late truth to happen to."""
    not_stale: int = 0
    """Of the faults met, looks that were to lag and showed all there was."""

    @property
    def ok(self) -> bool:
        return self.verdict.ok

    def kinds_met(self) -> list[str]:
        """Of each fault, without the looks that were to lag and did not."""
        kinds = [one.partition(" at ")[0] for one in self.met]
        looks = [n for n, kind in enumerate(kinds) if kind.startswith("stale_read")]
        return [kind for n, kind in enumerate(kinds) if n not in looks[:self.not_stale]]

    @property
    def as_planned(self) -> bool:
        """Everything that was to disturb it did: no fault, kill or event was meant for what came no more."""
        planned = self.history
        kills, event = bool(planned.crash) + bool(planned.crash_again), planned.mishap.partition(":")[0]
        return (len(self.met), len(self.killed)) == (len(planned.faults), kills) and int(event or -1) < self.events


class Ended(Protocol):
    """What is kept of a history that was lived."""

    @property
    def key(self) -> str: ...
    @property
    def end(self) -> str: ...
    @property
    def why(self) -> str: ...


def must_not_be(results: Iterable[Ended]) -> dict[str, int]:
    """How many ended as none may, by its name."""
    all_of = list(results)
    return {
        "undisturbed, allowed, and not done": sum(
            History.of(one.key).must_do and one.end not in DONE_ENDS for one in all_of),
        f"held, and {UNEXPLAINED}": sum(one.end == "held" and one.why == UNEXPLAINED for one in all_of)}


def live(history: History, engine: Engine, *, tell: bool = False) -> Lived:
    """Lives it in an empty database to its end, seven days after everything people did; `tell` keeps its trail."""
    places = Places(history.faults, tuple(k for k in (history.crash, history.crash_again) if k),
                    trail=[] if tell else None)
    number, _, how = history.mishap.partition(":")
    stage = Stage(engine, history.helpdesk, places, Mishap(int(number), how) if how else None,
                  polls=bool({history.life, history.late} & set(POLLED)))
    right, came, spins, due, then, asked_on = Right(), NOTHING, False, None, None, stage.tickets
    try:
        right = LIVES[history.life](stage)
        due, asked_on = stage.clock() + history.patience, stage.tickets[:]
        stage.passes_until(max(stage.began + LATE_AFTER, due))
        then = books(stage, asked_on)
        came = LATES[history.late](stage)
        stage.passes_until(stage.clock() + A_WEEK)
    except Spinning:
        spins = True
    finally:
        stage.close()
    shown = books(stage, asked_on)
    verdict = judge(shown, right, tuple(stage.said), stage.people, due=due, then=then, spins=spins,
                    phantoms=tuple(places.phantoms), must_do=history.must_do, came=came,
                    calm=history.level == UNDISTURBED, lagged="stripe" in places.lagged)
    return Lived(history, verdict, shown, places.calls, places.counted, stage.events, places.met,
                 places.killed, stage.errors, places.trail or [], came.struck, places.not_stale)


def books(stage: Stage, asked_on: Iterable[Any]) -> Books:
    """All vendors' books as they stand, and on which tickets something was asked for."""
    ids = [str(one) for one in stage.tickets]
    tickets = {id: stage.ticket(id) for id in ids}
    merged = {act.about for act in stage.people.acts if act.what == "merge"}
    return Books(
        refunds=tuple(stage.refunds()),
        notes={id: tuple(note["body"] for note in one["notes"]) for id, one in tickets.items()},
        replies={id: tuple(reply["body"] for reply in one["replies"]) for id, one in tickets.items()},
        unheard={id: tuple(one.body for one in stage.said if one.ticket == id and not one.heard) for id in ids},
        statuses={id: str(one["status"]) for id, one in tickets.items()},
        activities=tuple(stage.activities()),
        changes=tuple(stage.written()),
        written_over=tuple(stage.written_over()),
        phone=str(stage.phone()),
        asked_on=frozenset(map(str, asked_on)),
        held=held(stage),
        writable=frozenset(id for id, one in tickets.items()
                           if not one["deleted"] and one["status"] != "closed" and id not in merged))


def held(stage: Stage) -> dict[str, Held]:
    """Notes and replies that are held, by their ticket, as `deskhand held` tells of them."""
    with stage.engine.begin() as c:
        opened = [(one, stage.desk.ledger.operation(c, one.operation)) for one in held_operations(c)]
    return {one.ticket.rpartition(":")[2]: Held(one.reason, operation.action.text) for one, operation in opened
            if operation and isinstance(operation.action, TicketUpdate)}


class Place:
    """An embedded database of its own, emptied for each history."""

    def __init__(self, server: Server) -> None:
        server.set(*SPARING)
        self.reused = Reused(server)
        self.lent = 0

    @contextmanager
    def empty(self) -> Iterator[Engine]:
        """The database with empty tables, for one history."""
        self.lent += 1
        if self.lent % VACUUM_EVERY == 0:
            self.reused.vacuum()
        self.reused.empty()
        try:
            yield self.reused.engine
        finally:
            self.reused.taken_back()

    def live(self, history: History, *, tell: bool = False) -> Lived:
        with self.empty() as engine:
            return live(history, engine, tell=tell)

    def close(self) -> None:
        self.reused.close()


__all__ = ["At", "History", "Lived", "Place", "books", "live", "lost", "must_not_be", "telling", "withheld"]
