"""A process with the real worker in it, as `deskhand work` is: it says when it is ready and which pass has ended."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from sqlalchemy import Connection

from agent import audit, workflow
from agent.database import open_database
from agent.desk import Desk
from agent.engine import State, Worker
from scripts.benches.office import Office, Run
from scripts.benches.place import answer, questions

SLOW_STEP, SLOW_STEPS = 0.5, 6


def _real(desk: Desk) -> Run:
    def run(ticket: int, why: str) -> None:
        workflow.run(desk, ticket, why)
        answer(ended=ticket, at=time.time())
    return run


def _slow(desk: Desk) -> Run:
    """A pass of some seconds that writes down who began it and who ended it."""
    def run(ticket: int, why: str) -> None:
        with desk.ledger.begin() as c:
            row = desk.ledger.ticket(c, ticket, desk.now())
            _mark(c, desk, ticket, "began")
        for _ in range(SLOW_STEPS):
            time.sleep(SLOW_STEP)
        with desk.ledger.begin() as c:
            _mark(c, desk, ticket, "ended")
            desk.ledger.ended(c, ticket, "done", "", desk.now())
            desk.ledger.served(c, ticket, row.wanted)
    return run


def _mark(c: Connection, desk: Desk, ticket: int, what: str) -> None:
    audit.record(c, kind=f"pass.{what}", ticket=ticket, operation=None, at=desk.now(), public={"process": os.getpid()})


def main(url: str, kind: str) -> None:
    database = open_database(url, Path("unused"))
    run = {"real": _real, "slow": _slow}[kind](Office.open().desk(database.engine))

    def say(state: State) -> None:
        if state == "running":
            answer(ready=True)

    worker = Worker(database.url, run, concurrency=4, on_state=say)
    worker.start()
    for _ in questions():
        break
    worker.stop()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
