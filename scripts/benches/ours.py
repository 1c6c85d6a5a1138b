"""Our side of a bench: whole tickets, or five empty steps each, through the real worker and ledger."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine, text

from agent import audit, workflow
from agent.database import connect_engine
from agent.desk import Desk, one_by_one
from agent.engine import Worker
from scripts.benches.office import Office, Run, put
from scripts.benches.place import answer, questions
from scripts.benches.rows import NotMeasured

STEPS = 5


class Counted:
    """Runs passes and times them, from the first one's start to the last expected ticket's end."""

    def __init__(self, run: Run, expected: list[int]) -> None:
        self._run, self._missing = run, set(expected)
        self._lock = threading.Lock()
        self.began = self.finished = 0.0
        self.all = threading.Event()

    def __call__(self, ticket: int, why: str) -> None:
        with self._lock:
            self.began = self.began or time.perf_counter()
        self._run(ticket, why)
        with self._lock:
            self._missing.discard(ticket)
            if not self._missing and not self.all.is_set():
                self.finished = time.perf_counter()
                self.all.set()


def five_empty_steps(desk: Desk) -> Run:
    """Five commits per ticket, each a recorded step, and the pass served; no vendor is called."""
    def run(ticket: int, why: str) -> None:
        with desk.ledger.begin() as c:
            row = desk.ledger.ticket(c, ticket, desk.now())
            audit.record(c, kind="step.1", ticket=ticket, operation=None, at=desk.now(), public={"step": 1})
        for step in range(2, STEPS):
            with desk.ledger.begin() as c:
                audit.record(c, kind=f"step.{step}", ticket=ticket, operation=None, at=desk.now(),
                             public={"step": step})
        with desk.ledger.begin() as c:
            audit.record(c, kind=f"step.{STEPS}", ticket=ticket, operation=None, at=desk.now(),
                         public={"step": STEPS})
            desk.ledger.ended(c, ticket, "done", "", desk.now())
            desk.ledger.served(c, ticket, row.wanted)
    return run


class Side:
    """One office with its database; each round brings new customers."""

    def __init__(self, url: str, side_by_side: bool = True) -> None:
        self.url = url
        self.engine: Engine = connect_engine(url, pool=16, application="bench")
        self.office = Office.open()
        self.desk = self.office.desk(self.engine, **({} if side_by_side else {"together": one_by_one}))
        self._empty = 0

    def whole(self, count: int, concurrency: int) -> dict[str, Any]:
        """Tickets per second when each is read, decided, refunded, logged, answered and noted."""
        refs = self.office.people(count)
        before = self.office.refunds()
        seconds = self._work(refs, lambda id, why: workflow.run(self.desk, id, why), concurrency)
        return {"seconds": seconds, "calls": self.office.vendor_calls() / count,
                "right": self._done(refs) == self.office.refunds() - before == count}

    def empty(self, count: int, concurrency: int) -> dict[str, Any]:
        refs = [f"zendesk:empty:{self._empty + n}" for n in range(count)]
        self._empty += count
        seconds = self._work(refs, five_empty_steps(self.desk), concurrency)
        return {"seconds": seconds, "right": self._done(refs) == count}

    def _work(self, refs: list[str], run: Run, concurrency: int) -> float:
        with self.engine.begin() as connection:
            connection.execute(_NO_RECHECKS)
            counted = Counted(run, put(connection, refs))
        worker = Worker(self.url, counted, concurrency=concurrency)
        worker.start()
        try:
            if not counted.all.wait(60 + len(refs)):
                raise NotMeasured(f"not all of {len(refs)} tickets ended in time")
        finally:
            worker.stop()
        return counted.finished - counted.began

    def _done(self, refs: list[str]) -> int:
        with self.engine.connect() as connection:
            return int(connection.execute(text(
                "select count(*) from tickets where ref = any(:refs) and state = 'done' and served = wanted"),
                {"refs": refs}).scalar_one())


# The second look at an earlier round's tickets, a minute after they were told, is no part of this round.
_NO_RECHECKS = text("delete from procrastinate_jobs where status = 'todo' and args ->> 'why' = 'recheck'")


def main(url: str) -> None:
    side = Side(url)
    measures: dict[str, Callable[[int, int], dict[str, Any]]] = {"whole": side.whole, "empty": side.empty}
    answer(ready=True)
    for asked in questions():
        try:
            answer(**measures[asked["what"]](asked["count"], asked["concurrency"]))
        except NotMeasured as why:
            answer(not_measured=str(why))


if __name__ == "__main__":
    main(sys.argv[1])
