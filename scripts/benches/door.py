"""The webhook door: events kept and tickets woken per second beside a bare route, and bodies meant to break it."""

from __future__ import annotations

import base64
import itertools
import json
from pathlib import Path

from sqlalchemy import text

from agent.database import connect_engine
from scripts.benches.callers import call, events, signed
from scripts.benches.place import ROOT, Child, server
from scripts.benches.rows import NotMeasured, Row, Say, by_turns, centile, middle

CONNECTIONS = 8
ATTACKS = ROOT / ".." / "shared" / "data" / "attacks"


def measure(quick: bool, say: Say) -> list[Row]:
    count, rounds = (1_000, 3) if quick else (4_000, 7)
    with server() as place:
        url = place.database()
        with Child("scripts.benches.doors", "ours", url) as ours, \
                Child("scripts.benches.doors", "bare", place.database()) as bare:
            doors = _Doors(ours.hear()["port"], bare.hear()["port"], say)
            for port in (doors.ours, doors.bare):
                doors.rate(port, 300)
            doors.took.clear()
            a, b = by_turns(lambda: doors.rate(doors.ours, count), lambda: doors.rate(doors.bare, count), rounds)
            doors.all_kept(url)
            rows = [
                Row("webhook door, 8 connections", middle(a), "/s", 0.8, "at least", middle(b), "bare Flask",
                    {"rounds": [round(x) for x in a], "rounds bare": [round(x) for x in b]}),
                Row("webhook door, p99", centile(doors.took[doors.ours], 0.99), "ms", 50, "at most",
                    more={"p50 ms": middle(doors.took[doors.ours]),
                          "bare p99 ms": centile(doors.took[doors.bare], 0.99)}),
            ]
            return rows + _attacked(doors.ours, say)


class _Doors:
    def __init__(self, ours: int, bare: int, say: Say) -> None:
        self.ours, self.bare = ours, bare
        self._say = say
        self._tickets = itertools.count(1, 1_000_000)
        self._sent = 0
        self.took: dict[int, list[float]] = {}

    def rate(self, port: int, count: int) -> float:
        """New events kept per second. Raises NotMeasured when one was not."""
        self._say(f"door: {'ours' if port == self.ours else 'bare'}, {count:,} events")
        heard = call(port, events(count, next(self._tickets)), CONNECTIONS)
        if heard.statuses != {202: count}:
            raise NotMeasured(f"not every event was kept: {heard.statuses}")
        self._sent += count if port == self.ours else 0
        self.took.setdefault(port, []).extend(heard.took)
        return count / heard.seconds

    def all_kept(self, url: str) -> None:
        """Every event lies in the ledger, and its ticket has a wake."""
        engine = connect_engine(url)
        with engine.connect() as connection:
            found = connection.execute(text("select (select count(*) from events), (select count(*) from tickets), "
                                            "(select count(*) from procrastinate_jobs)")).one()
        engine.dispose()
        if tuple(found) != (self._sent,) * 3:
            raise NotMeasured(f"{self._sent} events were sent; events, tickets and wakes there are {tuple(found)}")


def _attacked(port: int, say: Say) -> list[Row]:
    """Each body signed as if it came from Zendesk, one after the other."""
    bodies = _bodies(ATTACKS)
    if not bodies:
        say("door: the attack bodies are not beside this checkout")
        return []
    say(f"door: {len(bodies)} bodies meant to break it")
    heard = call(port, [signed(body, f"attack{n:08}") for n, body in enumerate(bodies)], 1)
    broken = sum(count for status, count in heard.statuses.items() if status >= 500)
    return [
        Row(f"{len(bodies)} hostile bodies, the slowest", max(heard.took), "ms", 50, "at most",
            more={str(status): count for status, count in sorted(heard.statuses.items())}),
        Row(f"{len(bodies)} hostile bodies, answered with 5xx", broken, "", 0, "at most"),
    ]


def _bodies(folder: Path) -> list[bytes]:
    if not (folder / "json_bodies.json").exists():
        return []
    parser = [base64.b64decode(one["b64"]) for one in json.loads((folder / "json_bodies.json").read_text())]
    naughty = [one.encode("utf-8", "surrogatepass") for one in json.loads((folder / "blns.json").read_text())]
    return parser + naughty
