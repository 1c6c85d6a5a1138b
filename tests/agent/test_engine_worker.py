"""The worker runs wakes in threads, ends gracefully, and survives the loss of its database and of itself."""

from __future__ import annotations

import asyncio
import queue
import re
import subprocess
import sys
import threading
import tomllib
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from procrastinate.manager import JobManager
from sqlalchemy import Engine, text

from agent.database import Database
from agent.engine import State, Worker
from scripts.processes import wait_for
from tests.agent.test_engine import asked, served, sql, ticket, wanted, woken

ROOT = Path(__file__).parents[2]
LONG = 10.0
"""Seconds after which something that should have happened has not."""

Start = Callable[..., Worker]


@pytest.fixture
def start(database: Database) -> Iterator[Start]:
    """Starts workers on the test's database, quick to miss each other, and stops them at the end."""
    workers: list[Worker] = []

    def start(run: Callable[[int, str], None], **choices: object) -> Worker:
        quick = {"heartbeat": 0.2, "silent_after": 1.0, "sweep_every": 0.3, "poll_every": 0.1, "patience": 5.0}
        workers.append(Worker(database.url, run, **{**quick, **choices}))  # type: ignore[arg-type]
        workers[-1].start()
        return workers[-1]

    yield start
    for worker in workers:
        assert worker.stop()


class Passes:
    """Serves each ticket and lets the test wait for it."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.ran: queue.Queue[tuple[int, str]] = queue.Queue()

    def __call__(self, id: int, why: str) -> None:
        served(self.engine, id)
        self.ran.put((id, why))

    def next(self) -> tuple[int, str]:
        return self.ran.get(timeout=LONG)


class States:
    def __init__(self) -> None:
        self.said: queue.Queue[State] = queue.Queue()

    def until(self, state: State) -> None:
        while self.said.get(timeout=LONG) != state:
            pass


def test_a_wake_is_run_and_its_job_leaves_no_row(engine: Engine, start: Start) -> None:
    passes = Passes(engine)
    worker = start(passes)
    id = asked(engine)
    assert passes.next() == (id, "event")
    assert worker.stop()
    assert worker.state == "stopped"
    assert sql(engine, "select count(*) from procrastinate_jobs") == [(0,)]
    assert sql(engine, "select count(*) from procrastinate_workers") == [(0,)]


def test_told_to_stop_it_lets_the_running_pass_end_and_takes_no_other(engine: Engine, start: Start) -> None:
    entered, leave = threading.Event(), threading.Event()
    ended = []

    def run(id: int, why: str) -> None:
        entered.set()
        assert leave.wait(LONG)
        served(engine, id)
        ended.append(id)

    states = States()
    worker = start(run, concurrency=1, on_state=states.said.put)
    one = asked(engine)
    assert entered.wait(LONG)
    two = asked(engine)
    stopping = threading.Thread(target=worker.stop)
    stopping.start()
    states.until("stopping")
    leave.set()
    stopping.join(LONG)
    assert ended == [one]
    assert sql(engine, "select args ->> 'ticket', status::text from procrastinate_jobs") == [(str(two), "todo")]


def test_a_reason_that_comes_during_a_pass_is_served_by_another(engine: Engine, start: Start) -> None:
    ran: queue.Queue[str] = queue.Queue()

    def run(id: int, why: str) -> None:
        served(engine, id)
        if why == "event":
            wanted(engine, id)
        ran.put(why)

    start(run, sweep_every=60.0)
    asked(engine)
    assert [ran.get(timeout=LONG), ran.get(timeout=LONG)] == ["event", "newer"]


def test_trap_3_each_life_of_a_worker_has_its_own_id(engine: Engine, start: Start) -> None:
    ids = []
    for _ in range(2):
        passes = Passes(engine)
        worker = start(lambda id, why, passes=passes: (
            ids.extend(sql(engine, "select worker_id from procrastinate_jobs")), passes(id, why)))
        asked(engine)
        passes.next()
        assert worker.stop()
    assert len(set(ids)) == 2


CUT = """select pg_terminate_backend(pid) from pg_stat_activity
          where application_name = 'deskhand worker' and datname = current_database()"""


def test_trap_4_the_worker_comes_back_after_the_database_went_away(
        engine: Engine, database: Database, start: Start) -> None:
    passes = Passes(engine)
    start(passes)
    for _ in range(3):
        id = asked(engine)
        while passes.next()[0] != id:
            pass  # a wake whose end could not be written down comes again
        assert sql(engine, CUT)
    asked(engine)
    passes.next()


def test_a_wake_whose_end_could_not_be_written_down_comes_again(own_database: Database) -> None:
    """Its worker lives, so nobody else would ever put it back, and its ticket would be locked for good."""
    engine, passes = own_database.engine, Passes(own_database.engine)
    worker = Worker(own_database.url, passes, heartbeat=0.1, sweep_every=0.1, poll_every=0.1)
    worker.start()
    sql(engine, "alter function procrastinate_finish_job_v1 rename to gone")
    id = asked(engine)
    assert passes.next() == (id, "event")
    assert passes.next() == (id, "event")
    sql(engine, "alter function gone rename to procrastinate_finish_job_v1")
    again = asked(engine)
    while passes.next()[0] != again:
        pass
    held = "select count(*) from procrastinate_jobs where status = 'doing'"
    wait_for("nothing to be held", lambda: True if sql(engine, held) == [(0,)] else None, 20)
    assert worker.stop()
    assert sql(engine, held) == [(0,)]


def test_a_worker_that_others_gave_up_starts_again_under_a_new_id(engine: Engine, start: Start) -> None:
    states, passes = States(), Passes(engine)
    start(passes, on_state=states.said.put)
    states.until("running")
    asked(engine)
    passes.next()
    [(first,)] = sql(engine, "delete from procrastinate_workers returning id")
    states.until("disconnected")
    states.until("running")
    asked(engine)
    passes.next()
    assert [(first,)] != sql(engine, "select id from procrastinate_workers")


def test_a_heart_of_the_engine_that_stopped_unnoticed_does_not_lose_the_worker(
        own_database: Database) -> None:
    """The engine's own heartbeat fails here at once; ours beside it keeps the worker's row fresh."""
    engine, passes = own_database.engine, Passes(own_database.engine)
    sql(engine, "drop function procrastinate_update_heartbeat_v1")
    worker = Worker(own_database.url, passes, heartbeat=0.1, silent_after=1.0, sweep_every=0.1)
    worker.start()
    asked(engine)
    passes.next()
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        first = connection.execute(text("select last_heartbeat from procrastinate_workers")).scalar_one()
        beats = (connection.execute(text("select last_heartbeat from procrastinate_workers")).scalar_one()
                 for _ in iter(int, 1))
        assert next(beat for beat in beats if beat > first)
    assert worker.stop()


def test_trap_4_without_a_database_at_the_start_it_keeps_trying_until_told_to_stop() -> None:
    states = States()
    worker = Worker("postgresql://nobody@127.0.0.1:9/x", lambda id, why: None, on_state=states.said.put)
    worker.start()
    for _ in range(2):
        states.until("disconnected")
    assert worker.stop()
    assert worker.state == "stopped"


def test_trap_5_a_wake_whose_notification_got_lost_comes_with_the_next_poll(
        own_database: Database) -> None:
    engine, passes = own_database.engine, Passes(own_database.engine)
    sql(engine, "alter table procrastinate_jobs disable trigger procrastinate_jobs_notify_queue_job_inserted_v1")
    worker = Worker(own_database.url, passes, sweep_every=60.0)
    worker.start()
    asked(engine)
    assert passes.ran.get(timeout=3)[1] == "event"
    assert worker.stop()


def test_trap_6_the_engine_is_pinned_and_known_to_one_file_only() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert "procrastinate==3.10.0" in project["dependencies"]
    ours = [file for folder in ("agent", "connectors", "webhooks", "scripts") for file in (ROOT / folder).rglob("*.py")]
    knowing = [f for f in ours if re.search(r"^\s*(from|import) procrastinate", f.read_text(), re.MULTILINE)]
    assert [file.relative_to(ROOT).as_posix() for file in knowing] == ["agent/engine.py"]


SCRIPT = """
import os, sys, threading
threading.Timer(30, os._exit, [1]).start()
from agent.engine import Worker
hang = threading.Event()
def run(ticket, why):
    print(ticket, why, flush=True)
    hang.wait()
worker = Worker(sys.argv[1], run, heartbeat=0.2, silent_after=1.0)
worker.start()
sys.stdin.read()
"""


def test_trap_7_and_a_kill_a_worker_of_a_main_script_runs_and_once_killed_another_goes_on(
        engine: Engine, database: Database, start: Start) -> None:
    """The engine's App must not be made in __main__: it is made in ours, whatever the script."""
    id = asked(engine)
    doomed = subprocess.Popen([sys.executable, "-c", SCRIPT, database.url], cwd=ROOT, text=True,  # noqa: S603
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert doomed.stdout is not None
    assert doomed.stdout.readline() == f"{id} event\n"
    doomed.kill()
    doomed.communicate()
    assert sql(engine, "select status::text from procrastinate_jobs") == [("doing",)]
    passes = Passes(engine)
    start(passes)
    assert passes.next() == (id, "event")


def test_trap_8_as_many_passes_run_at_once_as_were_asked_for(engine: Engine, start: Start) -> None:
    together = threading.Barrier(5)

    def run(id: int, why: str) -> None:
        together.wait(LONG)
        served(engine, id)

    start(run, concurrency=4)
    for _ in range(4):
        asked(engine)
    together.wait(LONG)


def test_passes_of_one_ticket_never_overlap(engine: Engine, start: Start) -> None:
    id = ticket(engine)
    inside, most, ended = [], [], threading.Semaphore(0)

    def run(id: int, why: str) -> None:
        inside.append(why)
        most.append(len(inside))
        served(engine, id)
        inside.remove(why)
        ended.release()

    for number in range(12):
        woken(engine, id, str(number))
    start(run), start(run)
    for _ in range(12):
        assert ended.acquire(timeout=LONG)
    assert most == [1] * 12


def test_told_to_stop_while_it_connects_it_stops(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """A task that is cancelled while a connection is opened may go on as if it were not."""
    began, prune = threading.Event(), JobManager.prune_stalled_workers

    async def connecting(self: JobManager, after: float) -> object:
        began.set()
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(0.3)
        return await prune(self, after)

    monkeypatch.setattr(JobManager, "prune_stalled_workers", connecting)
    worker = start(lambda id, why: None, patience=1.0)
    assert began.wait(LONG)
    assert worker.stop()
    assert worker.state == "stopped"


def test_a_worker_is_started_once(database: Database, start: Start) -> None:
    worker = start(lambda id, why: None)
    with pytest.raises(RuntimeError, match="started before"):
        worker.start()
