"""Two workers with tickets under way; one is killed: how long until its tickets go on at the other."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, text

from agent.database import connect_engine
from scripts.benches.office import put
from scripts.benches.place import Child, server, until
from scripts.benches.rows import NotMeasured, Row, Say, middle

TICKETS = 12
LONGEST = 60.0


def measure(quick: bool, say: Say) -> list[Row]:
    with server() as place:
        took = []
        for n in range(1 if quick else 3):
            say(f"killed: two workers with {TICKETS} tickets, round {n + 1}")
            took.append(_round(place.database()))
    return [Row("worker killed: its tickets go on elsewhere", middle([one["on"] for one in took]), "s", 15, "at most",
                more={"rounds": [round(one["on"], 1) for one in took], "under way": [one["held"] for one in took],
                      "all done s": [round(one["all"], 1) for one in took]})]


def _round(url: str) -> dict[str, Any]:
    engine = connect_engine(url)
    try:
        with Child("scripts.benches.working", url, "slow") as victim, \
                Child("scripts.benches.working", url, "slow") as other:
            victim.hear()
            other.hear()
            return _kill(engine, victim, other)
    finally:
        engine.dispose()


def _kill(engine: Engine, victim: Child, other: Child) -> dict[str, Any]:
    """Seconds until everything the killed one held has begun elsewhere, and until everything is done."""
    with engine.begin() as connection:
        put(connection, [f"zendesk:acme:{n}" for n in range(TICKETS)])
    until(lambda: len(_begun(engine, victim.pid)) >= 2 and len(_begun(engine, other.pid)) >= 2, 30,
          "work at both workers")
    victim.kill()
    held = _begun(engine, victim.pid) - _ended(engine)
    if not held:
        raise NotMeasured("the killed worker had no ticket under way")
    on = until(lambda: held <= _begun(engine, other.pid), LONGEST, "going on elsewhere")
    rest = until(lambda: len(_ended(engine)) == TICKETS, LONGEST, "the end of all tickets")
    return {"held": len(held), "on": on, "all": on + rest}


def _begun(engine: Engine, process: int) -> set[int]:
    return _marked(engine, "pass.began", process)


def _ended(engine: Engine) -> set[int]:
    return _marked(engine, "pass.ended")


def _marked(engine: Engine, kind: str, process: int | None = None) -> set[int]:
    with engine.connect() as connection:
        return set(connection.execute(_MARKED, {"kind": kind, "process": process}).scalars())


_MARKED = text("""
    select ticket_id from audit where kind = :kind
       and (cast(:process as int) is null or (public ->> 'process')::int = :process)
""")
