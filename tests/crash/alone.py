"""One process with the embedded database, killed again and again under load, now and then with its database.

What a killed process has written the operating system still has, so these kills say nothing of a power failure: that
the database waits for the disk is read from its settings.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from random import Random

from tests.crash.load import Load
from tests.crash.running import Installed, Say, filesystem, folder
from tests.figures import Figures

CAUGHT = 10
"""Kills of which at least one must meet a write under way, or they show nothing."""
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
        self.sent: set[str] = set()
        """Operations under way at a vendor when it was killed, as far as the database lived to tell."""
        self.ways: list[tuple[str, Callable[[], None]]] = [
            ("while it worked", self._at_work), ("while it started", self._starting),
            ("with its database", self._everything), ("while it worked", self._at_work),
            ("after its database", self._database_first), ("while it worked", self._at_work),
            ("while both started", self._everything_starting), ("while it worked", self._at_work),
        ]

    def once(self, number: int) -> None:
        """Starts it, lets it live for a while, and kills it as is this number's turn."""
        name, kill = self.ways[number % len(self.ways)]
        self._installed.serve.start()
        kill()
        self.killed[name] += 1
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

    def _at_work(self) -> None:
        self._lived()
        self._installed.serve.kill()

    def _starting(self) -> None:
        time.sleep(self._by.uniform(0, LONGEST_START))
        self._installed.serve.kill()

    def _everything(self) -> None:
        self._lived()
        self._installed.serve.kill()
        self._installed.postgres.kill()

    def _database_first(self) -> None:
        """The process goes on for a moment without its database, and vendors go on telling it."""
        self._lived()
        self._installed.postgres.kill()
        time.sleep(self._by.uniform(0, 2))
        self._installed.serve.kill()

    def _everything_starting(self) -> None:
        """Killed while the database recovers from the kill before."""
        self._installed.postgres.kill()
        time.sleep(self._by.uniform(0, LONGEST_START))
        self._installed.serve.kill()
        self._installed.postgres.kill()


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
        figures.add("kills -9", killing.killed.total(), at_least=kills)
        for name, count in sorted(killing.killed.items()):
            figures.add(f"of these {name}", count)
        figures.add("writes at a vendor that were under way then", len(killing.sent), at_least=kills // CAUGHT)
        durable = sum(written[name] == "on" for name in ("fsync", "synchronous_commit"))
        figures.add("fsync and synchronous_commit that are on", durable, equal=2)
        installed.tell(figures, stuck, events)
        figures.also |= {"database": written, "seconds": round(time.monotonic() - began)}
    return figures


def _killed(installed: Installed, kills: int, events: int, seed: int, say: Say) -> Killing:
    """Under load until there were so many kills and events; it lives when this returns."""
    with Load(installed, events) as load:
        killing = Killing(installed, load, events / (kills + 1), Random(seed))
        for number in range(kills):
            killing.once(number)
            say(f"{number + 1} of {kills} kills, {load.acknowledged:,} of {events:,} events acknowledged")
        installed.serve.start()
        killing.lived(kills + 1)
    return killing
