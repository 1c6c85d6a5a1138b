"""The speed of whole tickets in a database that is full of finished ones, beside an empty one."""

from __future__ import annotations

from agent.database import connect_engine
from scripts.benches import filling
from scripts.benches.place import Child, server
from scripts.benches.rows import NotMeasured, Row, Say, by_turns, middle

CONCURRENCY = 4


def measure(quick: bool, say: Say) -> list[Row]:
    tickets = 100_000 if quick else 1_000_000
    with server() as place:
        full, empty = place.database(), place.database()
        engine = connect_engine(full)
        filling.finished(engine, tickets, lambda done: say(f"finished: putting in {done:,} of {tickets:,}"))
        engine.dispose()
        with Child("scripts.benches.ours", full) as one, Child("scripts.benches.ours", empty) as other:
            one.hear()
            other.hear()
            count, rounds = (40, 3) if quick else (100, 7)
            for child in (one, other):
                _rate(child, 40, "warming up", say)
            a, b = by_turns(lambda: _rate(one, count, "full", say), lambda: _rate(other, count, "empty", say), rounds)
    return [Row(f"whole tickets beside {tickets:,} finished ones", middle(a), "/s", 0.9, "at least", middle(b), "empty",
                {"rounds": [round(x, 1) for x in a], "rounds empty": [round(x, 1) for x in b]})]


def _rate(child: Child, count: int, words: str, say: Say) -> float:
    say(f"finished: whole tickets, {words}")
    told = child.ask(what="whole", count=count, concurrency=CONCURRENCY)
    if not told["right"]:
        raise NotMeasured("not every ticket ended as it should")
    return count / float(told["seconds"])
