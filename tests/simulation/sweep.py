"""Which histories are lived, by which process, and what came of them; a sweep that was stopped goes on where it was."""

from __future__ import annotations

import gc
import hashlib
import json
import logging
import multiprocessing
import os
import random
import shutil
import signal
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass, field, replace
from itertools import accumulate
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any

from tests.conftest import a_server
from tests.simulation.history import History, Lived, Place
from tests.simulation.lives import LATES, LIVES
from tests.simulation.places import LASTING, At

HELPDESKS = ("zendesk", "salesforce")
MISHAPS = ("lost", "twice", "late")
LOST = ("timeout_after", "reset_after", "500_after", "malformed_200", "truncated_200", "html_200", "empty_200")
AWAY = ("stale_read", "stale_read~25", "stale_read~49", "timeout_before~25", "day_passes")
THEN = ("", "day_passes", "auth_lost~25", "429~25", "reset_before")
"""An answer that is lost, a look that does not show it, and perhaps a key that is forgotten: the classic way to pay
twice."""
A_WRITES = "timeout_after"
"""A fault that only calls which write can meet."""
LASTS = ("timeout_before", "reset_before", "500_before", "429", "auth_lost", "stale_read")
"""Faults that a vendor can have for hours: in drawn histories every fifth of them lasts."""
HOURS = (2,) * 19 + (25,)
"""For how long: a day of it costs as much as twenty other histories."""
PAID_TWICE = ("approve_less", "zendesk")
"""Where the payment provider would not refuse a second payment; other lives meet every nineteenth of these."""
ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "var" / "simulation"
SEED = 7
SHORT = 3000


@dataclass(frozen=True)
class Scout:
    """What an undisturbed life asks of vendors, and how many places and events it has."""

    life: str
    helpdesk: str
    late: str
    kinds: tuple[tuple[str, ...], ...]
    """Of each vendor call, the faults it can meet."""
    refund: int
    """Which call sends the refund; -1 for none."""
    places: int
    events: int

    @classmethod
    def of(cls, lived: Lived) -> Scout:
        sends = [n for n, call in enumerate(lived.calls) if call.vendor == "stripe" and call.writes]
        return cls(lived.history.life, lived.history.helpdesk, lived.history.late,
                   tuple(call.kinds for call in lived.calls), sends[0] if sends else -1, lived.places, lived.events)

    @property
    def first_write(self) -> int:
        """Which call writes first; 0 where none does."""
        return next((n for n, kinds in enumerate(self.kinds) if A_WRITES in kinds), 0)

    def history(self, **more: Any) -> History:
        return History(self.life, self.helpdesk, self.late, **more)


Draw = Callable[[random.Random, Scout], History]


def _a_fault(rng: random.Random, scout: Scout, first: bool = True) -> At:
    """At any call of the life, or at one of the next twelve calls after an earlier fault; some last for hours."""
    n = rng.randrange(len(scout.kinds))
    kind = rng.choice(scout.kinds[n])
    if kind in LASTS and rng.random() < 1 / 5:
        kind = f"{kind}{LASTING}{rng.choice(HOURS)}"
    return At(n if first else rng.choice((0, 0, 0, 1, 1, 2, 3, 5, 8, 12)), kind)


def _faults(rng: random.Random, scout: Scout, count: int) -> tuple[At, ...]:
    return tuple(_a_fault(rng, scout, n == 0) for n in range(count))


def _crash(rng: random.Random, scout: Scout) -> int:
    return rng.randint(1, scout.places)


def _crash_later(rng: random.Random, scout: Scout) -> int:
    """At a place of the life, which is longer when something else disturbs it, too."""
    return rng.randint(1, scout.places * 3 // 2)


def _again(rng: random.Random) -> int:
    return rng.choice((1, 2, 3, 4, 5, 6, 8, 10, 13, 17, 22, 30, 40))


def _mishap(rng: random.Random, scout: Scout) -> str:
    return f"{rng.randrange(scout.events)}:{rng.choice(MISHAPS)}"


DRAWN: dict[str, Draw] = {
    "crash, crash": lambda r, s: s.history(crash=_crash(r, s), crash_again=_again(r)),
    "crash, event": lambda r, s: s.history(crash=_crash_later(r, s), mishap=_mishap(r, s)),
    "1 fault, crash": lambda r, s: s.history(faults=_faults(r, s, 1), crash=_crash_later(r, s)),
    "1 fault, crash, event": lambda r, s: s.history(
        faults=_faults(r, s, 1), crash=_crash_later(r, s), mishap=_mishap(r, s)),
    "1 fault, crash, crash": lambda r, s: s.history(
        faults=_faults(r, s, 1), crash=_crash_later(r, s), crash_again=_again(r)),
    "2 faults": lambda r, s: s.history(faults=_faults(r, s, 2)),
    "2 faults, crash": lambda r, s: s.history(faults=_faults(r, s, 2), crash=_crash_later(r, s)),
    "2 faults, crash, crash": lambda r, s: s.history(
        faults=_faults(r, s, 2), crash=_crash_later(r, s), crash_again=_again(r)),
    "3 faults": lambda r, s: s.history(faults=_faults(r, s, 3)),
    "3 faults, crash": lambda r, s: s.history(faults=_faults(r, s, 3), crash=_crash_later(r, s)),
}
"""Levels too wide to be lived in full: drawn by the seed."""
SHARES = {"crash, crash": 20, "crash, event": 12, "1 fault, crash": 20, "1 fault, crash, event": 12,
          "1 fault, crash, crash": 20, "2 faults": 10, "2 faults, crash": 10, "2 faults, crash, crash": 10,
          "3 faults": 6, "3 faults, crash": 4}
AT_WRITES, AT_READS = "1 fault at a write", "1 fault at a read"


def every_single(scouts: Sequence[Scout]) -> dict[str, list[History]]:
    """Each fault, each crash and each mishap of an event by itself, and the classic way to pay twice."""
    found: dict[str, list[History]] = {"undisturbed": [s.history() for s in scouts], "event": [], "crash": [],
                                       "1 fault": [], "answer lost": []}
    for lates in _by_life(scouts).values():
        found["1 fault"] += _each_fault(lates)
        for n in range(1, max(one.places for one in lates) + 1):
            scout = lates[n % len(lates)]
            scout = scout if n <= scout.places else max(lates, key=lambda one: one.places)
            found["crash"].append(scout.history(crash=n))
        for scout in lates:
            found["event"] += [scout.history(mishap=f"{n}:{how}") for n in range(scout.events) for how in MISHAPS]
        found["answer lost"] += _answers_lost([one for one in lates if one.refund >= 0])
    return found


def _each_fault(lates: Sequence[Scout]) -> Iterator[History]:
    """Each fault at each call of one life, with the late truths in turn, as long as they make the same calls.

    Where a late truth is looked for by polling, the same calls come later.
    """
    soonest = min(one.first_write for one in lates)
    longest = max((one for one in lates if one.first_write == soonest), key=lambda one: len(one.kinds))
    for n, kinds in enumerate(longest.kinds):
        turns = [(one, n + later) for one in lates for later in [one.first_write - soonest]
                 if one.kinds[later:later + n + 1] == longest.kinds[:n + 1]]
        for m, kind in enumerate(kinds):
            scout, at = turns[(n + m) % len(turns)]
            yield scout.history(faults=(At(at, kind),))


def _answers_lost(paid: Sequence[Scout]) -> Iterator[History]:
    """The answer to the refund of one life is lost, a look does not show it, and the key is forgotten."""
    every = [(a, b, c) for a in LOST for b in AWAY for c in THEN]
    if paid and (paid[0].life, paid[0].helpdesk) != PAID_TWICE:
        every = every[max(len(one.kinds) for one in paid) % 19::19]
    for n, (lost, away, then) in enumerate(every if paid else ()):
        scout = paid[n % len(paid)]
        yield scout.history(faults=(At(scout.refund, lost), At(0, away), *([At(0, then)] if then else [])))


def _by_life(scouts: Sequence[Scout]) -> dict[tuple[str, str], list[Scout]]:
    found: dict[tuple[str, str], list[Scout]] = {}
    for scout in scouts:
        found.setdefault((scout.life, scout.helpdesk), []).append(scout)
    return found


def singles(scouts: Sequence[Scout]) -> dict[str, list[History]]:
    """`every_single`, with faults at calls that write apart from those at calls that only read."""
    kinds = {(one.life, one.helpdesk, one.late): one.kinds for one in scouts}

    def at_a_write(one: History) -> bool:
        return A_WRITES in kinds[one.life, one.helpdesk, one.late][one.faults[0].after]

    found = every_single(scouts)
    faults = found.pop("1 fault")
    return found | {AT_WRITES: [one for one in faults if at_a_write(one)],
                    AT_READS: [one for one in faults if not at_a_write(one)]}


def chosen(scouts: Sequence[Scout], count: int, seed: int) -> dict[str, list[History]]:
    """`count` histories by level, up to seven in ten from `singles` and the others drawn.

    Single faults at reads are thinned when there are too many of them. Where there is no room even for all others, an
    even part of each level is lived, with another seed another part.
    The same scouts, count and seed give the same histories.
    """
    rng = random.Random(f"simulation {seed}")
    most = max(count * 7 // 10, min(count, 200))
    alone = _fitted(singles(scouts), most, rng)
    rest = count - sum(map(len, alone.values()))
    known = {one.key for level in alone.values() for one in level}
    drawn = {level: list(_drawn(rng, scouts, level, rest * SHARES[level] // sum(SHARES.values()), known))
             for level in DRAWN}
    short = count - sum(map(len, [*alone.values(), *drawn.values()]))
    drawn["1 fault, crash, crash"] += _drawn(rng, scouts, "1 fault, crash, crash", short, known)
    return {level: some for level, some in (alone | drawn).items() if some}


def _fitted(levels: dict[str, list[History]], most: int, rng: random.Random) -> dict[str, list[History]]:
    total, reads = sum(map(len, levels.values())), levels[AT_READS]
    if total <= most:
        return levels
    if total - len(reads) <= most:
        return levels | {AT_READS: _evenly(reads, most - total + len(reads), rng)}
    undisturbed = levels["undisturbed"]
    if len(undisturbed) > most // 2:
        shuffled = rng.sample(undisturbed, len(undisturbed))
        undisturbed = list({(one.life, one.helpdesk): one for one in shuffled}.values())[:most]
    left, total = most - len(undisturbed), total - len(levels["undisturbed"])
    return {"undisturbed": undisturbed} | {
        level: _evenly(some, max(1, len(some) * left // total) if left else 0, rng)
        for level, some in levels.items() if level != "undisturbed"}


def _evenly(histories: list[History], count: int, rng: random.Random) -> list[History]:
    """So many of them, as large a part of each kind as of each life and each call."""
    if count >= len(histories):
        return histories
    kinds: dict[str, list[History]] = {}
    for one in histories:
        kinds.setdefault(one.faults[-1].kind if one.faults else one.mishap.partition(":")[2], []).append(one)
    step, first, found = len(histories) / max(1, count), rng.random(), []
    for n, some in enumerate(kinds.values()):
        at = (first + n / len(kinds)) % 1 * step  # no two kinds begin at the same call
        while at < len(some):
            found.append(some[int(at)])
            at += step
    return found[:count]


def _drawn(rng: random.Random, scouts: Sequence[Scout], level: str, count: int, known: set[str]) -> Iterator[History]:
    made = tries = 0
    scouts = [one for one in scouts if one.events] if "event" in level else scouts
    weights = list(accumulate(1 / scout.places for scout in scouts))  # short lives more often: they cost less
    while made < count and tries < count * 50:
        tries += 1
        history = DRAWN[level](rng, rng.choices(scouts, cum_weights=weights)[0])
        if history.key not in known:
            known.add(history.key)
            made += 1
            yield history


def space(scouts: Sequence[Scout]) -> int:
    """How many histories with up to two faults and two crashes there are, a second crash anywhere after the first."""
    total = 0
    for scout in scouts:
        faults, places = 1 + sum(map(len, scout.kinds)), 1 + scout.places
        total += faults * faults * places * places
    return total


def scouted(live: Callable[[History], Lived], lives: Iterable[str] = LIVES, helpdesks: Iterable[str] = HELPDESKS,
            lates: Iterable[str] = LATES) -> list[Scout]:
    return [Scout.of(live(History(life, helpdesk, late))) for life in lives for helpdesk in helpdesks
            for late in lates]


def first(live: Callable[[History], Lived], histories: Iterable[History],
          wanted: Callable[[Lived], bool]) -> tuple[int, Lived | None]:
    """Lives them until one is such; how many were lived, and that one."""
    count = 0
    for history in histories:
        count += 1
        lived = live(history)
        if wanted(lived):
            return count, lived
    return count, None


def shrunk(live: Callable[[History], Lived], failing: History, fails: Callable[[Lived], bool],
           most: int = 30) -> History:
    """The same failure with fewer disturbances: one at a time is left out as long as it still fails."""
    fewer = _one_less(failing)
    for _ in range(most):
        if (tried := next(fewer, None)) is None:
            break
        if fails(live(tried)):
            failing, fewer = tried, _one_less(tried)
    return failing


def _one_less(history: History) -> Iterator[History]:
    """Without each of its disturbances; the others stay at their calls."""
    if history.mishap:
        yield replace(history, mishap="")
    if history.crash_again:
        yield replace(history, crash_again=0)
    elif history.crash:
        yield replace(history, crash=0)
    for n, fault in enumerate(history.faults):
        later = history.faults[n + 1:]
        next_one = tuple(At(fault.after + 1 + one.after, one.kind) for one in later[:1])
        yield replace(history, faults=history.faults[:n] + next_one + later[1:])


@contextmanager
def a_place() -> Iterator[Place]:
    """A database of this process's own, gone afterwards."""
    with a_server() as server:
        place = Place(server)
        yield place
        place.close()


@dataclass(frozen=True)
class Result:
    """One line of what a sweep keeps."""

    key: str
    level: str
    ok: bool
    end: str
    why: str
    broken: list[list[str]]
    errors: list[str]
    met: int
    killed: int
    places: int
    ms: int
    as_planned: bool
    struck: bool = False
    """There was something for the late truth to happen to."""
    kinds: list[str] = field(default_factory=list)
    """Of each fault that it met; of a look that was to lag, only where it did."""

    @property
    def fails(self) -> bool:
        return not self.ok or bool(self.errors)

    @property
    def size(self) -> tuple[int, int]:
        """How much disturbs it, then how many places it has."""
        return History.of(self.key).disturbances, self.places


def result(lived: Lived, level: str, ms: float) -> Result:
    verdict = lived.verdict
    return Result(lived.history.key, level, lived.ok, verdict.end, verdict.why, [list(one) for one in verdict.broken],
                  lived.errors[:2], len(lived.met), len(lived.killed), lived.places, round(ms), lived.as_planned,
                  lived.struck, lived.kinds_met())


def timed(place: Place, history: History, level: str) -> Result:
    began = time.perf_counter()
    lived = place.live(history)
    return result(lived, level, (time.perf_counter() - began) * 1000)


@dataclass
class Sweep:
    """The histories of one seed, lived by `workers` processes."""

    count: int
    seed: int = SEED
    workers: int = 2
    folder: Path = FOLDER
    lates: Sequence[str] = tuple(LATES)
    every: bool = False
    """Whatever `count` says, all of `singles` but those at reads, and nothing drawn."""
    results: dict[str, Result] = field(default_factory=dict)

    @property
    def home(self) -> Path:
        return self.folder / f"{self.seed}-{'every' if self.every else self.count}"

    def begin(self, *, fresh: bool = False) -> int:
        """Takes up what an earlier run of the same code has lived; how much that is."""
        about = self.home / "about.json"
        mine = json.dumps({"seed": self.seed, "count": self.count, "code": code_digest()})
        if fresh or not about.exists() or about.read_text() != mine:
            shutil.rmtree(self.home, ignore_errors=True)
        self.home.mkdir(parents=True, exist_ok=True)
        about.write_text(mine)
        for file in sorted(self.home.glob("lived-*.jsonl")):
            whole, end, _ = file.read_text().rpartition("\n")
            file.write_text(whole + end)  # what is lived next would else be written behind half a line
            for line in whole.splitlines():
                found = Result(**json.loads(line))
                self.results[found.key] = found
        return len(self.results)

    def scouts(self) -> list[Scout]:
        """Of every life that is lived undisturbed, kept for the next time."""
        kept = self.home / "scouts.json"
        if kept.exists():
            return [Scout(**{**one, "kinds": tuple(map(tuple, one["kinds"]))}) for one in json.loads(kept.read_text())]
        wanted = [(life, helpdesk, late) for n, life in enumerate(LIVES) for m, helpdesk in enumerate(HELPDESKS)
                  for late in ([self.lates[(m - n) % len(self.lates)]] if self.quick else self.lates)]
        found = list(in_processes(self.workers, _scout, wanted, self.home))
        order = {one: n for n, one in enumerate(wanted)}
        found.sort(key=lambda one: order[one.life, one.helpdesk, one.late])
        new = kept.with_suffix(".new")
        new.write_text(json.dumps([asdict(one) for one in found]))
        new.replace(kept)
        return found

    @property
    def quick(self) -> bool:
        """Too few histories for each life to be lived with each late truth."""
        return self.count < SHORT and not self.every

    def chosen(self, scouts: Sequence[Scout]) -> dict[str, list[History]]:
        if self.every:
            return {level: some for level, some in singles(scouts).items() if level != AT_READS}
        return chosen(scouts, self.count, self.seed)

    def run(self, levels: dict[str, list[History]]) -> Iterator[Result]:
        """Lives what is not lived yet; every result is on disk before it is told."""
        todo = [(one.key, level) for level, some in levels.items() for one in some if one.key not in self.results]
        random.Random(self.seed).shuffle(todo)
        for found in in_processes(self.workers, _live, todo, self.home):
            self.results[found.key] = found
            yield found


def code_digest(root: Path = ROOT) -> str:
    """Names the code whose histories these are, the policy it decides by, and the packages it runs on."""
    whole = hashlib.sha256()
    folders = ("agent", "connectors", "webhooks", "tests/simulation", "tests/journeys", "manifests/policy")
    files = (file for folder in folders for file in (root / folder).rglob("*") if file.suffix in (".py", ".yaml"))
    for file in (root / "uv.lock", *sorted(files)):
        whole.update(file.read_bytes())
    return whole.hexdigest()[:16]


Work = Callable[[Place, Any, Path, int], Any]


def _scout(place: Place, item: tuple[str, str, str], home: Path, number: int) -> Scout:
    return Scout.of(place.live(History(*item)))


def _live(place: Place, item: tuple[str, str], home: Path, number: int) -> Result:
    key, level = item
    found = timed(place, History.of(key), level)
    with (home / f"lived-{number}.jsonl").open("a") as file:
        file.write(json.dumps(asdict(found)) + "\n")
    return found


def in_processes(count: int, work: Work, items: Sequence[Any], home: Path, *,
                 where: Callable[[], AbstractContextManager[Any]] = a_place) -> Iterator[Any]:
    """Results as they come; each process has a place of its own and takes every count-th item.

    Raises RuntimeError once a process fails, or is killed by the system: then with its exit code.
    """
    context = multiprocessing.get_context("spawn")
    processes: dict[Connection, SpawnProcess] = {}
    for n in range(min(count, len(items))):
        heard, tells = context.Pipe(duplex=False)
        processes[heard] = context.Process(target=_work, args=(work, list(items[n::count]), home, n, tells, where),
                                           daemon=True)
        processes[heard].start()
        tells.close()  # the process alone has it, so that we hear when the process is gone
    left = set(processes)
    try:
        while left:
            for one in wait(list(left)):
                assert isinstance(one, Connection)
                kind, found = _heard(one, processes[one])
                if kind == "failed":
                    raise RuntimeError(found)
                if kind == "ended":
                    left.remove(one)
                else:
                    yield found
    finally:
        for one, process in processes.items():
            process.terminate() if process.is_alive() and one in left else None
            process.join(20)
            one.close()


def _heard(one: Connection, process: SpawnProcess) -> tuple[str, Any]:
    try:
        return tuple(one.recv())
    except EOFError:
        process.join(20)
        return "failed", f"process {process.pid} ended in the middle of its work, with exit code {process.exitcode}"


def _work(work: Work, items: list[Any], home: Path, number: int, tells: Connection,
          where: Callable[[], AbstractContextManager[Any]]) -> None:
    logging.disable(logging.ERROR)  # what vendors refuse is the point here
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _stop)
    parent = os.getppid()
    gc.set_threshold(100_000, 20, 100)  # a history makes little that only the collector finds
    with where() as place:
        for item in items:
            if os.getppid() != parent:
                return
            try:
                found = work(place, item, home, number)
            except Exception as error:  # noqa: BLE001 - the parent tells it and fails
                tells.send(("failed", f"{item}: {type(error).__name__}: {error}"))
                return
            tells.send(("result", found))
    tells.send(("ended", number))


def _stop(*_: Any) -> None:
    raise SystemExit(1)
