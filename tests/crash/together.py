"""Three workers on one database of their own: now this one is killed under load, now that one, now the database."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from random import Random
from typing import TypeVar

from scripts.processes import wait_for
from tests.crash.load import Load
from tests.crash.running import Installed, Say, Stuck, folder
from tests.figures import Figures

WORKERS = 3
LONGEST_TAKEOVER = 15.0
MISSED = 180.0
"""Seconds after which a ticket that nobody went on with is given up on."""
AWAY = (2.0, 6.0)
"""Seconds for which the database stays away, at least and at most."""
LONGEST_LIFE = 0.5
AT_ONCE = 20
"""Tickets that are written before each kill, so that all three workers have something to do."""
BUSY, BUSY_WITHIN = 6, 5.0
"""Tickets under way at the three of them, for which a kill waits so many seconds."""
Found = TypeVar("Found")


def measure(kills: int, losses: int, seed: int, say: Say) -> Figures:
    """Kills a worker so often, and the database now and then, and compares. Raises Stuck or DidNotStart."""
    figures = Figures("three workers")
    with folder() as place, Installed(place, seed, own_database=True, workers=WORKERS) as installed:
        began = time.monotonic()
        for process in (installed.serve, *installed.workers):
            process.start()
        installed.until_ready()
        _until_back(installed)
        took, lost = _killed(installed, kills, losses, Random(seed), say)
        stuck = installed.quiet(say)
        figures.add("kills -9 of a worker with tickets under way", len(took), at_least=kills)
        figures.add("tickets it had under way, over all kills", sum(held for held, _ in took))
        figures.add("losses of the database", lost, at_least=losses)
        figures.add("longest takeover, in seconds", max((seconds for _, seconds in took), default=0.0),
                    at_most=LONGEST_TAKEOVER)
        least = AT_ONCE * (kills + losses)
        installed.tell(figures, stuck, events=least, tickets=least)
        figures.also |= {"takeovers": [round(seconds, 1) for _, seconds in took],
                         "seconds": round(time.monotonic() - began)}
    return figures


def _killed(installed: Installed, kills: int, losses: int, by: Random, say: Say) -> tuple[list[tuple[int, float]], int]:
    """Of each kill how many tickets were under way and how long until the last of them went on; and the losses."""
    took: list[tuple[int, float]] = []
    lost = 0
    due = [kills * (n + 1) // (losses + 1) for n in range(losses)]
    with Load(installed) as load:
        while len(took) < kills:
            if due and len(took) >= due[0]:
                due.pop(0)
                lost += 1
                _lose(installed, load, by, hard=lost % 2 == 1)
                say(f"the database was away, {lost} of {losses} times")
                continue
            if held := _kill_one(installed, load, by):
                took.append(held)
                say(f"{len(took)} of {kills} workers killed, the last one's {held[0]} tickets went on after "
                    f"{held[1]:.1f} s; {load.acknowledged:,} events acknowledged")
            load.check()
            installed.check()
    return took, lost


def _lose(installed: Installed, load: Load, by: Random, *, hard: bool) -> None:
    """The database goes away under everybody's hands, and comes back after a while; nobody is restarted."""
    _busy(installed, load, by)
    if hard:
        installed.postgres.kill()
    else:
        installed.postgres.immediate()
    time.sleep(by.uniform(*AWAY))
    installed.postgres.start()
    _until_back(installed)


def _kill_one(installed: Installed, load: Load, by: Random) -> tuple[int, float] | None:
    """How many tickets the killed worker held, and the seconds until the last went on elsewhere; None: it held none.

    The worker is started again at once, as whoever runs it would. Which tickets were its own is known afterwards: of
    those that held one at the kill it is the one that beats no more.
    """
    victim = by.choice(installed.workers)
    _busy(installed, load, by)
    victim.kill()
    killed, rows = time.monotonic(), installed.ask(_HELD)
    victim.start()
    if rows is None:
        raise Stuck("the database does not answer")
    held = {row.id: row.worker_id for row in rows if row.id is not None}
    on: dict[int, float] = {}

    def all_on() -> set[int] | None:
        """The jobs of the killed one, once all of them went on and three workers beat again."""
        for job in held.keys() - on.keys() - _not_yet_on(installed, held):
            on[job] = time.monotonic() - killed
        living = _beating(installed, rows[0].now)
        its = {job for job, worker in held.items() if worker not in living}
        return its if len(living) >= WORKERS and its <= on.keys() else None

    its = _until(all_on, "going on with the tickets of a killed worker", installed)
    return (len(its), max(on[job] for job in its)) if its else None


def _busy(installed: Installed, load: Load, by: Random) -> None:
    """Tickets are written, and a moment chosen at which several of them are under way."""
    load.write(AT_ONCE)
    with suppress(TimeoutError):  # whoever holds nothing then is killed in vain
        wait_for("work at several workers", lambda: _doing(installed) >= BUSY or None, BUSY_WITHIN, every=0.01)
    time.sleep(by.uniform(0, LONGEST_LIFE))


def _doing(installed: Installed) -> int:
    return len(installed.ask("select id from procrastinate_jobs where status = 'doing'") or [])


def _not_yet_on(installed: Installed, held: dict[int, int]) -> set[int]:
    """Of these jobs those that nobody but their first worker has begun; a finished one is there no more."""
    rows = installed.ask(_STILL, jobs=list(held))
    if rows is None:
        return set(held)
    return {row.id for row in rows if row.status == "todo" or row.worker_id in (None, held[row.id])}


def _beating(installed: Installed, since: datetime) -> set[int]:
    return {row.id for row in installed.ask(_BEATING, since=since) or []}


def _until_back(installed: Installed) -> None:
    """Until all workers beat again."""
    [moment] = _until(lambda: installed.ask("select now() as now"), "an answer of the database", installed)
    _until(lambda: len(_beating(installed, moment.now)) >= WORKERS or None, "a sign of all workers", installed)


def _until(look: Callable[[], Found | None], what: str, installed: Installed) -> Found:
    try:
        return wait_for(what, look, MISSED, every=0.05)
    except TimeoutError as late:
        raise Stuck("\n".join([str(late), *(worker.tail(5) for worker in installed.workers)])) from late


_HELD = """
    select moment.now, job.id, job.worker_id from (select clock_timestamp() as now) moment
      left join procrastinate_jobs job on job.status = 'doing'
"""
_STILL = "select id, status, worker_id from procrastinate_jobs where id = any(:jobs) and status in ('todo', 'doing')"
_BEATING = "select id from procrastinate_workers where last_heartbeat > :since"
