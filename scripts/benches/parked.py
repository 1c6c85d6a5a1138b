"""What 100,000 parked tickets cost: memory, idle CPU with the database's, a restart, and a wake among them."""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime, timedelta

import psutil  # type: ignore[import-untyped]
from sqlalchemy import Engine

from agent import engine as wakes
from agent.database import connect_engine
from scripts.benches import filling
from scripts.benches.place import Child, Server, cpu_seconds, server
from scripts.benches.rows import Row, Say, centile, middle

MB = 1024 * 1024
SETTLE = 5.0
"""Seconds after start before memory and CPU are looked at."""


def measure(quick: bool, say: Say) -> list[Row]:
    tickets = 10_000 if quick else 100_000
    watched = 5.0 if quick else 20.0
    with server() as place:
        say("parked: an idle process with an empty database")
        with _worker(place.database()) as idle:
            idle_memory, idle_share = _idle(place, idle, watched)
        url = place.database()
        engine = connect_engine(url)
        filling.parked(engine, tickets, lambda done: say(f"parked: putting in {done:,} of {tickets:,}"))
        say("parked: an idle process beside them")
        with _worker(url) as child:
            memory, share = _idle(place, child, watched)
            now, timed = _wakes(engine, child, tickets, say, 20 if quick else 100)
        restarts = [_restart(url, say) for _ in range(3 if quick else 5)]
        engine.dispose()
    named = f"{tickets:,} parked: "
    return [
        Row(named + "memory above idle", (memory - idle_memory) / MB, "MB", 60, "at most",
            more={"idle MB": round(idle_memory / MB, 1), "with them MB": round(memory / MB, 1)}),
        Row(named + "of a core, database included", share * 100, "%", 2, "at most",
            more={"with an empty database %": round(idle_share * 100, 2)}),
        Row(named + "restart to ready", middle(restarts), "s", 2, "at most",
            more={"each": [round(one, 2) for one in restarts]}),
        Row(named + "wake to done, p50", middle(now), "ms", 100, "at most",
            more={"p99 ms": centile(now, 0.99), "timed wakes late by, p50 ms": middle(timed)}),
    ]


def _worker(url: str) -> Child:
    child = Child("scripts.benches.working", url, "real")
    child.hear()
    return child


def _idle(place: Server, child: Child, seconds: float) -> tuple[int, float]:
    """Memory of the process, and the share of a core that it and the database take while nothing is due."""
    time.sleep(SETTLE)
    began, used = time.monotonic(), _used(place, child)
    time.sleep(seconds)
    return psutil.Process(child.pid).memory_info().rss, (_used(place, child) - used) / (time.monotonic() - began)


def _used(place: Server, child: Child) -> float:
    return cpu_seconds([psutil.Process(child.pid), *place.processes()])


def _restart(url: str, say: Say) -> float:
    say("parked: killed and started again")
    began = time.monotonic()
    with _worker(url):
        return time.monotonic() - began


def _wakes(engine: Engine, child: Child, tickets: int, say: Say, count: int) -> tuple[list[float], list[float]]:
    """Milliseconds from a wake's commit, and from a timed wake's due time, to the end of the pass."""
    some = random.Random(1).sample(range(1, tickets + 1), 2 * count)  # noqa: S311 - which tickets does not matter
    say("parked: waking some of them")
    now = []
    for ticket in some[:count]:
        with engine.begin() as connection:
            wakes.wake(connection, ticket, "approved")
        began = time.time()
        now.append((float(child.hear()["at"]) - began) * 1000)
    due = {ticket: datetime.now(UTC) + timedelta(seconds=1 + 8 * n / count) for n, ticket in enumerate(some[count:])}
    with engine.begin() as connection:
        for ticket, at in due.items():
            wakes.wake(connection, ticket, "timer", at)
    ended = [child.hear() for _ in due]
    return now, [(float(one["at"]) - due[one["ended"]].timestamp()) * 1000 for one in ended]
