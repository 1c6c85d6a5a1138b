"""One process with the embedded database, killed again and again under load, now and then with its database.

What a killed process has written the operating system still has, so these kills say nothing of a power failure: that
the database waits for the disk is read from its settings.
"""

from __future__ import annotations

import itertools
import signal
import time
from collections import Counter
from collections.abc import Callable, Mapping
from random import Random

from scripts.processes import Process
from tests.crash.load import Load
from tests.crash.running import Installed, Say, filesystem, folder
from tests.figures import Figures

CAUGHT = 10
"""Kills of which at least one must meet a write under way, or they show nothing."""
EVENTS_A_TICKET = 40
"""More than any ticket brings, with all that is sent twice."""
AT_WORK = ("while it worked", "with its database", "after its database")
"""Ways by which it is killed once it was ready and its share of the events was acknowledged."""
AT_WORK_LEAST = 70.0
"""Per cent of the kills; whoever is only starting has little to lose."""
LONGEST_LIFE = 3.0
"""Seconds a process is let live on once its share of the events is acknowledged; most live shorter."""
LONGEST_START = 3.0
"""Seconds after which a process is killed that may still be starting, at most."""


class Killing:
    """One installation and how it is killed; each way leaves it dead, and is followed by a start.

    The kills are spread over the events: before each of them its share of the events has been acknowledged.
    """

    def __init__(self, installed: Installed, load: Load, events_a_kill: float, by: Random) -> None:
        self._installed, self._load, self._by = installed, load, by
        self._events_a_kill = events_a_kill
        self.killed: Counter[str] = Counter()
        self.in_vain = 0
        """Kills that met somebody who was not there to be killed."""
        self.sent: set[str] = set()
        """Operations under way at a vendor when it was killed, as far as the database lived to tell."""
        self.ways: list[tuple[str, Callable[[], bool]]] = [
            ("while it worked", self._at_work), ("while it started", self._starting),
            ("with its database", self._everything), ("while it worked", self._at_work),
            ("after its database", self._database_first), ("while it worked", self._at_work),
            ("while both started", self._everything_starting), ("while it worked", self._at_work),
        ]

    def once(self, number: int) -> None:
        """Starts it, lets it live for a while, and kills it as is this number's turn; only a death counts."""
        name, kill = self.ways[number % len(self.ways)]
        self._installed.serve.start()
        if kill():
            self.killed[name] += 1
        else:
            self.in_vain += 1
        self.sent |= {row.id for row in self._installed.ask("select id from operations where state = 'sent'") or []}

    def lived(self, kills: int) -> None:
        """Waits until so many kills' share of the events is acknowledged."""
        self._installed.until_ready()
        while self._load.acknowledged < kills * self._events_a_kill:
            time.sleep(0.05)
            self._load.check()
            self._installed.check()

    def _lived(self) -> None:
        self.lived(self.killed.total())
        time.sleep(self._by.random() ** 2 * LONGEST_LIFE)

    def _at_work(self) -> bool:
        self._lived()
        return dead(self._installed.serve)

    def _starting(self) -> bool:
        time.sleep(self._by.uniform(0, LONGEST_START))
        return dead(self._installed.serve)

    def _everything(self) -> bool:
        self._lived()
        first = dead(self._installed.serve)
        return self._installed.postgres.kill() > 0 and first

    def _database_first(self) -> bool:
        """The process goes on for a moment without its database, and vendors go on telling it."""
        self._lived()
        first = self._installed.postgres.kill()
        time.sleep(self._by.uniform(0, 2))
        return dead(self._installed.serve) and first > 0

    def _everything_starting(self) -> bool:
        """Killed while the database recovers from the kill before."""
        first = self._installed.postgres.kill()
        time.sleep(self._by.uniform(0, LONGEST_START))
        second = dead(self._installed.serve)
        self._installed.postgres.kill()
        return second and first > 0

    def tell(self, figures: Figures, kills: int) -> None:
        """Each way that is among so many kills must have come to a death."""
        told(figures, self.killed, kills, {name for name, _ in self.ways[:kills]})
        figures.add("kills that met nobody alive, and do not count", self.in_vain)


def told(figures: Figures, killed: Mapping[str, int], kills: int, ways: set[str]) -> None:
    """Deaths by their ways, most of them of somebody at work."""
    total = sum(killed.values())
    figures.add("kills -9", total, at_least=kills)
    for name in sorted(ways | killed.keys()):
        figures.add(f"of these {name}", killed.get(name, 0), at_least=1)
    at_work = sum(count for name, count in killed.items() if name in AT_WORK)
    figures.add("per cent of them at work, alone or with its database", 100 * at_work / max(1, total),
                at_least=AT_WORK_LEAST)


def dead(process: Process) -> bool:
    """Kills it, and says whether it died of that: not where it had ended before."""
    running = process.running
    process.kill()
    return running is not None and running.returncode == -signal.SIGKILL


def measure(kills: int, events: int, seed: int, say: Say) -> Figures:
    """Kills so many times under so many acknowledged events, and compares. Raises Stuck or DidNotStart."""
    figures = Figures("one process")
    with folder() as place, Installed(place, seed, own_database=False) as installed:
        written = {**installed.settings(), "file system": filesystem(place)}
        say(f"the database is on {written['file system']}, fsync {written['fsync']}, "
            f"synchronous_commit {written['synchronous_commit']}")
        began = time.monotonic()
        killing = _killed(installed, kills, events, seed, say)
        stuck = installed.quiet(say)
        killing.tell(figures, kills)
        figures.add("writes at a vendor that were under way then", len(killing.sent),
                    at_least=max(1, kills // CAUGHT))
        durable = sum(written[name] == "on" for name in ("fsync", "synchronous_commit"))
        figures.add("fsync and synchronous_commit that are on", durable, equal=2)
        installed.tell(figures, stuck, events, tickets=events // EVENTS_A_TICKET)
        figures.also |= {"database": written, "seconds": round(time.monotonic() - began)}
    return figures


def _killed(installed: Installed, kills: int, events: int, seed: int, say: Say) -> Killing:
    """Under load until there were so many kills and events; it lives when this returns."""
    with Load(installed, events) as load:
        killing = Killing(installed, load, events / (kills + 1), Random(seed))
        for number in itertools.count():
            if killing.killed.total() >= kills:
                break
            killing.once(number)
            say(f"{killing.killed.total()} of {kills} kills, {load.acknowledged:,} of {events:,} events acknowledged")
        installed.serve.start()
        killing.lived(kills + 1)
    return killing
