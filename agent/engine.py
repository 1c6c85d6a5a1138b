"""Wakes tickets, now or later. The only import of the job engine; our own rows stay the truth.

A wake may be lost, late or repeated: a pass does what the ticket's rows say, and the sweep wakes what was forgotten.
LISTEN/NOTIFY needs a direct connection to PostgreSQL; behind a transaction-pooling proxy wakes come with the next poll.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
import traceback
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import procrastinate
from procrastinate.exceptions import ConnectorException
from procrastinate.schema import SchemaManager
from procrastinate.worker import Worker as EngineWorker
from psycopg import AsyncConnection
from psycopg import OperationalError as PsycopgError
from psycopg_pool import AsyncConnectionPool, PoolTimeout
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError

from agent.compiled import Statement
from agent.database import connect_engine

QUEUE = "tickets"
TASK = "deskhand.wake"
AGAIN = "again"
"""Why a ticket is woken after a pass that failed; its later wake counts as an answer to the reason still there."""
NEWER = "newer"
"""Why a ticket is woken after a pass during which there came another reason to look."""
SWEPT = "swept"
"""Why the sweep wakes a ticket."""

FIRST_DELAY = timedelta(seconds=2)
LONGEST_DELAY = timedelta(minutes=5)
KEEP_FINISHED = timedelta(days=1)

HEARTBEAT = 2.0
SILENT_AFTER = 6.0
SWEEP_EVERY = 2.0
POLL_EVERY = 1.0
LET_GO = 2.0
"""Seconds. A worker that was killed is missed after SILENT_AFTER, and the next sweep hands its tickets on. Threads that
have nothing to do end within LET_GO."""

ITS_OWN, ENGINES, LISTENING = 2, 3, 1
CONNECTIONS = ITS_OWN + ENGINES + LISTENING
"""What one worker opens at most: for passes and the sweep, in the engine's pool, and the one on which it is woken,
which the engine opens beside its pool."""

State = Literal["stopped", "connecting", "running", "disconnected", "stopping"]
Run = Callable[[int, str], None]

log = logging.getLogger("deskhand.engine")
logging.getLogger("procrastinate").setLevel(logging.WARNING)


# Within a lock the engine lets a job wait for every other one of higher priority, or of the same and older, even if
# that one is timed for next week. So the priority is the due time: what is due earlier goes first, and a parked
# ticket's timer never holds back the wake that a new message brings.
WAKE = """procrastinate_defer_jobs_v1(array[row(
    'tickets', 'deskhand.wake',
    -floor(extract(epoch from coalesce({at}, now()) - timestamptz '2020-01-01 00:00Z'))::int,
    'ticket:' || {ticket}, null, jsonb_build_object('ticket', {ticket}, 'why', {why}), {at}
)::procrastinate_job_to_defer_v1])"""
"""The engine's own function (Procrastinate docs, "Defer jobs from SQL"); `at` is null for now."""

_WAKE = Statement(text("select " + WAKE.format(  # nosemgrep: no-built-sql - built from the constants of this page only
    ticket="cast(:ticket as bigint)", why="cast(:why as text)", at="cast(:at as timestamptz)")))


def wake(connection: Connection, ticket_id: int, why: str, at: datetime | None = None) -> None:
    """Has the ticket looked at, now or at `at`, if the caller's transaction commits."""
    _WAKE.run(connection, ticket=ticket_id, why=why, at=at)


def wake_by(connection: Connection, ticket_id: int, why: str, at: datetime) -> None:
    """As `wake`, unless the ticket rests until a moment before that: else each reason to look would add a wake for
    good."""
    _WAKE_BY.run(connection, ticket=ticket_id, why=why, at=at)


def wake_each(connection: Connection, tickets: Sequence[int], why: str, now: datetime) -> None:
    """Has each of the tickets looked at now, but for those that are about to be."""
    _WAKE_EACH.run(connection, tickets=list(tickets), why=why, now=now)


# A pass looked just now and could not finish: it looks again in its own time.
RESTS = "j.args ->> 'why' = 'again' or j.args ->> 'why' like 'later:%'"

_WAKE_BY = Statement(text("select " + WAKE.format(  # noqa: S608 - built from the constants of this page only
    ticket="cast(:ticket as bigint)", why="cast(:why as text)", at="cast(:at as timestamptz)") + """
    where not exists (select from procrastinate_jobs j where j.lock = 'ticket:' || cast(:ticket as bigint)
       and j.status = 'todo' and j.scheduled_at <= :at and (""" + RESTS + "))"))

_WAKE_EACH = Statement(text("select " + WAKE.format(  # noqa: S608 - built from the constants of this page only
    ticket="t.id", why="cast(:why as text)", at="null::timestamptz") + """
    from unnest(cast(:tickets as bigint[])) as t (id) where not exists (
    select from procrastinate_jobs j where j.lock = 'ticket:' || t.id and j.status = 'todo'
       and (j.scheduled_at is null or j.scheduled_at <= :now))"""))


@dataclass(frozen=True)
class Pending:
    waiting: int
    """Wakes due now that no worker has taken yet."""
    running: int
    timed: int
    """Wakes for later."""
    due: int
    """Tickets with a reason to look that no pass has served."""

    def idle(self) -> bool:
        return not (self.waiting or self.running or self.due)


def pending(connection: Connection, now: datetime | None = None) -> Pending:
    """What there is to do, counted; `now` is the database's clock unless given."""
    row = connection.execute(_PENDING, {"now": now}).one()
    return Pending(row.waiting, row.running, row.timed, row.due)


_PENDING = text("""
    select count(*) filter (where status = 'todo' and (scheduled_at is null or scheduled_at <= t.now)) as waiting,
           count(*) filter (where status = 'doing') as running,
           count(*) filter (where status = 'todo' and scheduled_at > t.now) as timed,
           (select count(*) from tickets where wanted > served) as due
      from (select coalesce(cast(:now as timestamptz), now()) as now) t
      left join procrastinate_jobs on status in ('todo', 'doing') and task_name = 'deskhand.wake'
""")


@dataclass(frozen=True)
class Late:
    """What should be under way by now."""

    waiting: int
    oldest: datetime | None
    """Since when the first of them waits."""
    stuck: int
    """Passes whose worker is silent."""


def late(connection: Connection, now: datetime, silent_after: timedelta) -> Late:
    """Wakes that are due and not taken, and those that were taken by a worker of which nothing is heard any more."""
    row = connection.execute(_LATE, {"now": now, "silent": now - silent_after}).one()
    return Late(row.waiting, row.oldest, row.stuck)


_LATE = text("""
    select count(*) filter (where status = 'todo') as waiting,
           min(coalesce(scheduled_at, at)) filter (where status = 'todo') as oldest,
           count(*) filter (where status = 'doing' and coalesce(last_heartbeat, '-infinity') < :silent) as stuck
      from procrastinate_jobs j
      left join procrastinate_workers w on w.id = j.worker_id
      left join lateral (select min(e.at) as at from procrastinate_events e where e.job_id = j.id) e on true
     where task_name = 'deskhand.wake'
       and (status = 'doing' or status = 'todo' and (scheduled_at is null or scheduled_at <= :now))
""")


def heartbeats(connection: Connection) -> list[datetime]:
    """When each worker that did not end in order was heard last."""
    return list(connection.execute(_HEARTBEATS).scalars())


_HEARTBEATS = text("select last_heartbeat from procrastinate_workers")


Connect = Callable[[], AbstractContextManager[Connection]]
"""Opens a transaction of its own: `engine.begin`."""

# What a live wake is: for now, or for a pass that failed. A timer for later answers no reason that is there now.
_WAKE_DUE = ("select " + WAKE.format(ticket="t.id", why="cast(:why as text)", at="cast(:at as timestamptz)")  # noqa: S608 - constants only
             + """ from tickets t where t.wanted > t.served and not exists (
    select from procrastinate_jobs j where j.lock = 'ticket:' || t.id and (j.status = 'doing' and not :within
        or j.status = 'todo' and (j.scheduled_at is null or j.scheduled_at <= :now or j.args ->> 'why' = 'again')))""")
_WAKE_THIS_IF_DUE = Statement(text(_WAKE_DUE + " and t.id = :ticket"))
_WAKE_ALL_DUE = Statement(text(_WAKE_DUE))

# A plan under way whose timed wake was lost: no reason to look is written down, but the work is.
_WAKE_UNDER_WAY = Statement(text("select " + WAKE.format(  # noqa: S608 - built from the constants of this page only
    ticket="t.ticket_id", why="cast(:why as text)", at="null::timestamptz") + """
    from proposals t where t.closed_at is null and not exists (
    select from procrastinate_jobs j where j.lock = 'ticket:' || t.ticket_id and j.status in ('todo', 'doing'))"""))


def _pass(connect: Connect, run: Run, ticket: int, why: str, now: Callable[[], datetime]) -> None:
    """Runs the ticket once. A failing pass is tried again later; a reason that came meanwhile wakes it at once."""
    try:
        run(ticket, why)
    except Exception as error:  # noqa: BLE001 - whatever went wrong in a pass, the ticket must stay due
        # Where, not what: an error's own words may hold what a customer wrote.
        log.error("the pass of ticket %s failed: %s\n%s", ticket, type(error).__name__,
                  "".join(traceback.format_tb(error.__traceback__)))
        _try_later(connect, ticket, now())
    else:
        _wake_if_due(connect, ticket, why, now())


def _wake_if_due(connect: Connect, ticket: int, why: str, now: datetime) -> None:
    # Still due right after a pass for a newer reason: it rests, so that a pass that serves nothing cannot spin.
    again = why == NEWER
    with connect() as connection:
        _WAKE_THIS_IF_DUE.run(connection, ticket=ticket, now=now, within=True, why=AGAIN if again else NEWER,
                              at=now + FIRST_DELAY if again else None)


def _try_later(connect: Connect, ticket: int, now: datetime) -> None:
    with connect() as connection:
        failed = connection.execute(_FAILED, {"ticket": ticket}).scalar()
        if failed is not None:
            wake(connection, ticket, AGAIN, now + delay(failed))


# A failed timed pass had no newer reason; raising `wanted` keeps the ticket due until a pass succeeds.
_FAILED = text("""
    update tickets set attempts = attempts + 1, wanted = greatest(wanted, served + 1)
     where id = :ticket returning attempts
""")


def delay(failed: int) -> timedelta:
    """How long a ticket rests after this many failed passes in a row."""
    doubled: int = 2 ** min(failed - 1, 16)
    return min(FIRST_DELAY * doubled, LONGEST_DELAY)


@dataclass(frozen=True)
class Swept:
    put_back: int
    woken: int
    deleted: int


def sweep(connection: Connection, now: datetime, *, silent_after: float = SILENT_AFTER) -> Swept:
    """Puts back what dead workers held, wakes due tickets that nobody is about to look at, clears finished jobs.

    Any number of processes may sweep at once, and none holds a lock that could get stuck: a ticket woken twice is
    only looked at twice.
    """
    put_back = _PUT_BACK.run(connection, silent=silent_after) + _REVIVE.run(connection)
    woken = (_WAKE_ALL_DUE.run(connection, now=now, why=SWEPT, at=None, within=False)
             + _WAKE_UNDER_WAY.run(connection, why=SWEPT)
             + _WAKE_AWAITED.run(connection, why=SWEPT, now=now)
             + _WAKE_RECHECKS.run(connection, why=SWEPT, now=now)
             + _WAKE_UNSETTLED.run(connection, why=SWEPT, now=now))
    return Swept(put_back, woken, _CLEAR.run(connection, keep=KEEP_FINISHED))


# Their timed wake was lost: somebody's time to answer is up, or a reminder is due.
_WAKE_AWAITED = Statement(text("select " + WAKE.format(  # noqa: S608 - built from the constants of this page only
    ticket="w.ticket_id", why="cast(:why as text)", at="null::timestamptz") + """
    from (select distinct ticket_id from waits
           where state = 'open' and least(expires_at, remind_at) <= :now) as w
   where not exists (select from procrastinate_jobs j where j.lock = 'ticket:' || w.ticket_id and (
         j.status = 'doing' or j.status = 'todo' and (
         j.scheduled_at is null or j.scheduled_at <= :now or """ + RESTS + """)))"""))

# Time to look whether what was done still stands.
_WAKE_RECHECKS = Statement(text("select " + WAKE.format(  # noqa: S608 - built from the constants of this page only
    ticket="o.ticket_id", why="cast(:why as text)", at="null::timestamptz") + """
    from (select distinct ticket_id from operations where recheck_at <= :now and state = 'done') as o
   where not exists (select from procrastinate_jobs j where j.lock = 'ticket:' || o.ticket_id and (
         j.status = 'doing' or j.status = 'todo' and (
         j.scheduled_at is null or j.scheduled_at <= :now or """ + RESTS + """)))"""))

# Somebody asked for an undo while its plan was about to be closed; or it, what a person had sent again, what is to be
# logged in the CRM, or a note (statements.NOTES_ON_ONE) waits for its vendor. A plan under way is woken as such; once
# it is closed, nothing else that was only planned is begun.
_WAKE_UNSETTLED = Statement(text("select " + WAKE.format(  # noqa: S608 - built from the constants of this page only
    ticket="o.ticket_id", why="cast(:why as text)", at="null::timestamptz") + """
    from (select distinct ticket_id from operations
           where state in ('planned', 'sent', 'unknown') and (
                 kind in ('undo', 'log_activity')
                 or (kind in ('refund', 'contact_change') or position in (601, 701)) and state <> 'planned')) as o
   where not exists (select from proposals p where p.ticket_id = o.ticket_id and p.closed_at is null)
     and not exists (select from procrastinate_jobs j where j.lock = 'ticket:' || o.ticket_id and (
         j.status = 'doing' or j.status = 'todo' and (
         j.scheduled_at is null or j.scheduled_at <= :now or """ + RESTS + """)))"""))

# Pruning a silent worker's row clears `worker_id` on its jobs (issue 1518), so either sign will do.
_PUT_BACK = Statement(text("""
    update procrastinate_jobs set status = 'todo', worker_id = null, attempts = attempts + 1, abort_requested = false
     where id in (select job.id from procrastinate_jobs job
                    left join procrastinate_workers worker on worker.id = job.worker_id
                   where job.status = 'doing' and job.task_name = 'deskhand.wake' and (
                         worker.id is null or worker.last_heartbeat < now() - make_interval(secs => :silent))
                     for update of job skip locked)
"""))

# A job ends so only when the database went away around its pass, or when a pass outlasted a stop: nothing followed it.
_REVIVE = Statement(text("""
    update procrastinate_jobs set status = 'todo', worker_id = null, abort_requested = false
     where status in ('failed', 'aborted') and task_name = 'deskhand.wake'
"""))

_CLEAR = Statement(text("""
    delete from procrastinate_jobs where id in (
        select id from procrastinate_jobs job where job.status in ('succeeded', 'failed', 'cancelled', 'aborted')
           and not exists (select from procrastinate_events e where e.job_id = job.id and e.at > now() - :keep)
         limit 1000)
"""))


def run_due(connect: Connect, run: Run, now: datetime | Callable[[], datetime]) -> int:
    """Runs what is due at `now`, one after the other in the calling thread, until nothing is; says how many passes.

    For tests and the simulation: no worker, and a clock of theirs, which may also be set while a pass runs. An
    exception that is no Exception, a simulated kill, leaves its job in `doing` as a dead worker does, for the next
    sweep.
    """
    passes = 0
    clock = now if callable(now) else lambda: now
    while (job := _take(connect, clock())) is not None:
        id, ticket, why = job
        _pass(connect, run, ticket, why, clock)
        with connect() as connection:
            _DONE.run(connection, id=id)
        passes += 1
    return passes


def _take(connect: Connect, now: datetime) -> tuple[int, int, str] | None:
    with connect() as connection:
        row = _TAKE.first(connection, now=now)
    return (row["id"], int(row["ticket"]), row["why"]) if row else None


_TAKE = Statement(text("""
    update procrastinate_jobs set status = 'doing' where id = (
        select j.id from procrastinate_jobs j
         where j.status = 'todo' and j.task_name = 'deskhand.wake'
           and (j.scheduled_at is null or j.scheduled_at <= :now)
           and not exists (select from procrastinate_jobs o where o.lock = j.lock and o.status = 'doing')
         order by coalesce(j.scheduled_at, :now), j.id limit 1)
    returning id, args ->> 'ticket' as ticket, args ->> 'why' as why
"""))


_DONE = Statement(text("delete from procrastinate_jobs where id = :id"))


def _utc_now() -> datetime:
    return datetime.now(UTC)  # nosemgrep: own-clock - a worker's, where its maker gives it no other


class Worker:
    """Runs wakes in threads of this process, beside whatever else it does, and keeps at it when the database goes."""

    def __init__(self, database_url: str, run: Run, *, concurrency: int = 4, heartbeat: float = HEARTBEAT,
                 silent_after: float = SILENT_AFTER, sweep_every: float = SWEEP_EVERY, poll_every: float = POLL_EVERY,
                 patience: float = 25.0, chores: Sequence[Callable[[Connection], object]] = (),
                 on_state: Callable[[State], None] | None = None, now: Callable[[], datetime] = _utc_now,
                 application: str = "deskhand worker") -> None:
        """`patience`: seconds that running passes are given when told to stop; `chores`: done with each sweep."""
        self._url = database_url
        self._run = run
        self._concurrency = concurrency
        self._heartbeat = heartbeat
        self._silent_after = silent_after
        self._sweep_every = sweep_every
        self._chores = chores
        self._poll_every = poll_every
        self._patience = patience
        self._on_state = on_state
        self._now = now
        self._application = application
        self._state: State = "stopped"
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._told_to_stop: asyncio.Event | None = None
        self._started = threading.Event()
        self._pass_name = f"pass of {id(self)}"
        self._inside: set[int] = set()
        """Jobs whose pass runs in this process now."""

    @property
    def state(self) -> State:
        return self._state

    def start(self) -> None:
        """Returns at once; the state says when it runs."""
        if self._thread is not None:
            raise RuntimeError("this worker was started before; make a new one")
        self._thread = threading.Thread(target=self._live, name="deskhand-worker", daemon=True)
        self._thread.start()
        self._started.wait()

    def stop(self) -> bool:
        """Lets running passes end, and takes no new ones; False when one did not end in time and runs still."""
        if self._thread is None or self._loop is None or self._told_to_stop is None:
            return True
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._told_to_stop.set)
        self._thread.join(self._patience + 10)
        return not (self._thread.is_alive() or self._still_running())

    def _still_running(self) -> bool:
        """A pass that outlasted the engine's patience: it was given up, and its thread cannot be ended."""
        passes = [one for one in threading.enumerate() if one.name.startswith(self._pass_name)]
        end = time.monotonic() + LET_GO
        for one in passes:
            one.join(max(0.0, end - time.monotonic()))
        return any(one.is_alive() for one in passes)

    def _live(self) -> None:
        asyncio.run(self._supervise())

    def _say(self, state: State) -> None:
        if state != self._state:
            self._state = state
            log.info("worker %s", state)
            if self._on_state is not None:
                self._on_state(state)

    async def _supervise(self) -> None:
        """Losing the database ends the engine's worker (issue 1116): a new one is made until told to stop."""
        told = asyncio.Event()
        self._loop, self._told_to_stop = asyncio.get_running_loop(), told
        self._started.set()
        threads = ThreadPoolExecutor(self._concurrency, thread_name_prefix=self._pass_name)
        engine = connect_engine(self._url, pool=ITS_OWN, application=self._application)
        rest = 0.2
        try:
            while not told.is_set():
                self._say("connecting")
                try:
                    await self._work(engine, threads, told)
                except (ConnectorException, PsycopgError, PoolTimeout, SQLAlchemyError, OSError) as error:
                    log.warning("the worker lost the database: %s", type(error).__name__)
                rest = 0.2 if self._state == "running" else min(rest * 2, 5.0)
                if not told.is_set():
                    self._say("disconnected")
                    await _wait(told, rest)
        finally:
            threads.shutdown(wait=False)
            engine.dispose()
            self._say("stopped")

    async def _work(self, engine: Engine, threads: ThreadPoolExecutor, told: asyncio.Event) -> None:
        """Works until told to stop or the database goes; each time under a fresh worker id (issue 1408)."""
        await asyncio.to_thread(_answers, engine)
        async with _pool(self._url, self._application) as pool:
            app = procrastinate.App(connector=procrastinate.PsycopgConnector())
            await app.open_async(pool)
            app.task(name=TASK, queue=QUEUE, pass_context=True)(self._task(engine, threads))
            worker = EngineWorker(
                app, queues=[QUEUE], name=self._application, concurrency=self._concurrency,
                fetch_job_polling_interval=self._poll_every, listen_notify=True, delete_jobs="successful",
                install_signal_handlers=False, update_heartbeat_interval=self._heartbeat,
                stalled_worker_timeout=self._silent_after, shutdown_graceful_timeout=self._patience)
            working = asyncio.create_task(worker.run())  # type: ignore[no-untyped-call]
            tending = asyncio.create_task(self._tend(engine, worker))
            stopping = asyncio.create_task(told.wait())
            self._say("running")
            try:
                await asyncio.wait([working, tending, stopping], return_when=asyncio.FIRST_COMPLETED)
                if stopping.done():
                    self._say("stopping")
            finally:
                # Finish what runs, take nothing new. While it connects, a cancelled task may lose that it was.
                worker.stop()  # type: ignore[no-untyped-call]
                tending.cancel()
                stopping.cancel()
                ended = await asyncio.gather(working, return_exceptions=True)
            if isinstance(ended[0], Exception):
                raise ended[0]

    async def _tend(self, engine: Engine, worker: EngineWorker) -> None:
        """Sweeps, and beats beside the engine's own heart; returns when others have given this worker up.

        The engine watches its side tasks only until the first one ends, and the one for periodic jobs ends at once
        where there are none: a heart that stopped would go unnoticed, and others would take over what still runs.
        """
        swept = -self._sweep_every
        not_inside: set[int] = set()
        while True:
            try:
                held = await asyncio.to_thread(_beat, engine, worker.worker_id)
                if held is None:
                    log.warning("this worker was silent for too long and is given up; it starts again")
                    return
                stuck = (held - self._inside) & not_inside
                not_inside = held - self._inside
                if stuck:
                    await asyncio.to_thread(_let_go, engine, stuck)
                if time.monotonic() - swept >= self._sweep_every:
                    swept = time.monotonic()
                    await asyncio.to_thread(self._sweep, engine)
            except SQLAlchemyError as error:
                log.warning("the sweep could not reach the database: %s", type(error).__name__)
            await asyncio.sleep(min(self._heartbeat, self._sweep_every))

    def _sweep(self, engine: Engine) -> None:
        for chore in self._chores:
            with engine.begin() as connection:
                chore(connection)
        with engine.begin() as connection:
            found = sweep(connection, self._now(), silent_after=self._silent_after)
        if found.put_back or found.woken:
            log.warning("swept: %s wakes of silent workers put back, %s tickets woken that nobody was about to look at",
                        found.put_back, found.woken)

    def _task(self, engine: Engine, threads: ThreadPoolExecutor) -> Callable[..., Awaitable[None]]:
        async def woken(context: procrastinate.JobContext, ticket: int, why: str) -> None:
            job = context.job.id or 0
            self._inside.add(job)
            try:
                loop = asyncio.get_running_loop()
                await loop.run_in_executor(threads, _pass, engine.begin, self._run, ticket, why, self._now)
            finally:
                self._inside.discard(job)
        return woken


def _beat(engine: Engine, worker_id: int | None) -> set[int] | None:
    """The jobs this worker holds; None when its row is gone: it was pruned, and its jobs may be someone else's."""
    if worker_id is None:
        return set()
    with engine.begin() as connection:
        if connection.execute(_BEAT, {"id": worker_id}).rowcount == 0:
            return None
        return set(connection.execute(_HELD, {"id": worker_id}).scalars())


_BEAT = text("update procrastinate_workers set last_heartbeat = now() where id = :id")
_HELD = text("select id from procrastinate_jobs where status = 'doing' and worker_id = :id")


def _let_go(engine: Engine, stuck: set[int]) -> None:
    """Puts back jobs whose end could not be written down: held by a living worker, they would block their tickets."""
    log.warning("%s wakes put back whose end could not be written down", len(stuck))
    with engine.begin() as connection:
        connection.execute(_PUT_BACK_THESE, {"ids": sorted(stuck)})


_PUT_BACK_THESE = text("""
    update procrastinate_jobs set status = 'todo', worker_id = null, attempts = attempts + 1
     where status = 'doing' and id = any(:ids)
""")


def _pool(url: str, application: str) -> AsyncConnectionPool[Any]:
    return AsyncConnectionPool(url, min_size=1, max_size=ENGINES, timeout=5.0, open=False,
                               configure=_one_statement_at_a_time,
                               kwargs={"application_name": application, "connect_timeout": 5})


def _answers(engine: Engine) -> None:
    """Raises at once where the pool would wait for its timeout."""
    with engine.connect() as connection:
        connection.execute(text("select 1"))


async def _one_statement_at_a_time(connection: AsyncConnection[Any]) -> None:
    await connection.set_autocommit(True)  # each of the engine's queries is one statement


async def _wait(event: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return


def schema() -> str:
    """The engine's own tables and functions, as its package brings them; for the migration."""
    return SchemaManager.get_schema()


def schema_version() -> str:
    return procrastinate.__version__
