"""Wakes come once the transaction commits, one at a time per ticket, and whatever gets lost is found again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, text

from agent import engine as jobs
from agent.engine import AGAIN, LONGEST_DELAY, delay, pending, run_due, sweep, wake

NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)


def ticket(engine: Engine, *, wanted: int = 1, served: int = 0) -> int:
    with engine.begin() as connection:
        return int(connection.execute(text("""
            insert into tickets (ref, vendor, account, vendor_id, wanted, served, first_seen_at)
            values ('zendesk:1:' || (select count(*) from tickets), 'zendesk', '1', '1', :wanted, :served, now())
            returning id"""), {"wanted": wanted, "served": served}).scalar_one())


def woken(engine: Engine, id: int, why: str = "event", at: datetime | None = None) -> None:
    with engine.begin() as connection:
        wake(connection, id, why, at)


def asked(engine: Engine) -> int:
    """A ticket and its wake in one transaction, as the inbox makes them."""
    with engine.begin() as connection:
        id = int(connection.execute(text("""
            insert into tickets (ref, vendor, account, vendor_id, wanted, first_seen_at)
            values ('zendesk:1:' || (select count(*) from tickets), 'zendesk', '1', '1', 1, now())
            returning id""")).scalar_one())
        wake(connection, id, "event")
    return id


Ran = list[tuple[int, str]]


def run_all(engine: Engine, now: datetime = NOW, run: Callable[[int, str], None] | None = None) -> Ran:
    """What ran, in order; each pass serves its ticket."""
    ran: Ran = []

    def serve(id: int, why: str) -> None:
        ran.append((id, why))
        if run is not None:
            run(id, why)
        served(engine, id)

    run_due(engine.begin, serve, now)
    return ran


def served(engine: Engine, id: int) -> None:
    with engine.begin() as connection:
        connection.execute(text("update tickets set served = wanted, attempts = 0 where id = :id"), {"id": id})


def wanted(engine: Engine, id: int) -> None:
    with engine.begin() as connection:
        connection.execute(text("update tickets set wanted = wanted + 1 where id = :id"), {"id": id})


def swept(engine: Engine, now: datetime = NOW) -> jobs.Swept:
    with engine.begin() as connection:
        return sweep(connection, now)


def sql(engine: Engine, statement: str) -> list[tuple[object, ...]]:
    with engine.begin() as connection:
        result = connection.execute(text(statement))
        return [tuple(row) for row in result] if result.returns_rows else []


def test_a_wake_runs_once_its_transaction_commits(engine: Engine) -> None:
    id = ticket(engine)
    with engine.begin() as connection:
        wake(connection, id, "event")
        assert run_all(engine) == []
    assert run_all(engine) == [(id, "event")]
    assert run_all(engine) == []


def test_a_wake_that_was_rolled_back_never_runs(engine: Engine) -> None:
    id = ticket(engine, wanted=0)
    with engine.connect() as connection:
        wake(connection, id, "event")
        connection.rollback()
    assert run_all(engine) == []


def test_a_timed_wake_waits_for_its_time(engine: Engine) -> None:
    id = ticket(engine)
    woken(engine, id, "expired", NOW + timedelta(days=3))
    assert run_all(engine, NOW + timedelta(days=3, seconds=-1)) == []
    assert run_all(engine, NOW + timedelta(days=3)) == [(id, "expired")]


def test_two_wakes_of_one_ticket_in_one_transaction_abort_nothing(engine: Engine) -> None:
    """A queueing lock would raise here and take the caller's own rows down with it."""
    id = ticket(engine)
    with engine.begin() as connection:
        wake(connection, id, "one")
        wake(connection, id, "two")
    assert run_all(engine) == [(id, "one"), (id, "two")]


def test_what_is_due_earlier_runs_first(engine: Engine) -> None:
    late, early = ticket(engine), ticket(engine)
    woken(engine, late, "late", NOW - timedelta(minutes=1))
    woken(engine, early, "early", NOW - timedelta(minutes=2))
    assert run_all(engine) == [(early, "early"), (late, "late")]


def test_a_timer_for_next_week_does_not_hold_back_a_new_message(engine: Engine) -> None:
    """The engine lets a job wait for older ones of its lock whatever their time; only priority comes before that."""
    id = ticket(engine)
    fetch = "select id, args ->> 'why' from procrastinate_fetch_job_v2(null, null) where id is not null"
    sql(engine, f"select {jobs.WAKE.format(ticket=id, why=chr(39) + 'week' + chr(39), at='now() + interval $$7 d$$')}")
    sql(engine, f"select {jobs.WAKE.format(ticket=id, why=chr(39) + 'soon' + chr(39), at='now() + interval $$1 s$$')}")
    assert sql(engine, fetch) == []
    woken(engine, id, "event")
    assert [why for _, why in sql(engine, fetch)] == ["event"]


def test_a_pass_that_runs_holds_back_the_next_of_its_ticket_only(engine: Engine) -> None:
    one, two = ticket(engine), ticket(engine)
    inner: list[tuple[int, str]] = []

    def while_running(id: int, why: str) -> None:
        if why == "first":
            woken(engine, one, "second")
            woken(engine, two, "other")
            run_due(engine.begin, lambda id, why: inner.append((id, why)) or served(engine, id), NOW)

    woken(engine, one, "first")
    assert run_all(engine, run=while_running) == [(one, "first"), (one, "second")]
    assert inner == [(two, "other")]


def test_a_pass_that_fails_is_tried_again_later_and_later(engine: Engine) -> None:
    id = ticket(engine)
    woken(engine, id)
    at, tried = NOW, []

    def fails(id: int, why: str) -> None:
        tried.append((at - NOW).total_seconds())
        raise ValueError("what a customer wrote")

    for _ in range(4):
        run_due(engine.begin, fails, at)
        [(at,)] = sql(engine, "select scheduled_at from procrastinate_jobs where status = 'todo'")
    assert tried == [0, 2, 6, 14]
    assert sql(engine, "select attempts, wanted > served from tickets") == [(4, True)]
    assert run_all(engine, at) == [(id, AGAIN)]
    assert sql(engine, "select attempts, wanted > served from tickets") == [(0, False)]


def test_the_longest_rest_has_an_end() -> None:
    assert [delay(n).total_seconds() for n in (1, 2, 3)] == [2, 4, 8]
    assert delay(1000) == LONGEST_DELAY


def test_a_failing_passs_own_words_are_not_logged(engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    woken(engine, ticket(engine))
    words = f"my card is {42} 42 42"

    def fails(id: int, why: str) -> None:
        raise ValueError(words)

    run_due(engine.begin, fails, NOW)
    assert "ValueError" in caplog.text
    assert "42 42 42" not in caplog.text


def test_a_timed_pass_that_fails_stays_due(engine: Engine) -> None:
    id = ticket(engine, wanted=3, served=3)
    woken(engine, id, "recheck")

    def fails(id: int, why: str) -> None:
        raise ValueError

    run_due(engine.begin, fails, NOW)
    assert sql(engine, "select wanted, served from tickets") == [(4, 3)]
    sql(engine, "delete from procrastinate_jobs")
    assert swept(engine).woken == 1


def test_a_reason_that_comes_during_a_pass_is_looked_at_next(engine: Engine) -> None:
    id = ticket(engine)
    woken(engine, id)
    ran: list[str] = []

    def run(id: int, why: str) -> None:
        ran.append(why)
        served(engine, id)
        if len(ran) == 1:
            wanted(engine, id)

    assert run_due(engine.begin, run, NOW) == 2
    assert ran == ["event", "newer"]


def test_a_parked_tickets_timer_is_no_answer_to_a_reason_that_came_meanwhile(engine: Engine) -> None:
    id = ticket(engine)
    woken(engine, id)
    ran: list[str] = []

    def run(id: int, why: str) -> None:
        ran.append(why)
        served(engine, id)
        woken(engine, id, "expired", NOW + timedelta(days=3))
        if len(ran) == 1:
            wanted(engine, id)

    run_due(engine.begin, run, NOW)
    assert ran == ["event", "newer"]


def test_a_pass_that_serves_nothing_does_not_spin(engine: Engine) -> None:
    woken(engine, ticket(engine))
    assert run_due(engine.begin, lambda id, why: None, NOW) == 2
    assert run_due(engine.begin, lambda id, why: None, NOW) == 0
    assert run_due(engine.begin, lambda id, why: None, NOW + timedelta(seconds=2)) == 2


def test_a_ticket_that_vanished_takes_nothing_down(engine: Engine) -> None:
    woken(engine, 404)

    def fails(id: int, why: str) -> None:
        raise LookupError

    assert run_due(engine.begin, fails, NOW) == 1
    assert run_due(engine.begin, fails, NOW + timedelta(days=1)) == 0


def test_a_due_ticket_without_a_wake_is_found(engine: Engine) -> None:
    due, _, parked = ticket(engine), ticket(engine, wanted=2, served=2), ticket(engine)
    woken(engine, parked, "expired", NOW + timedelta(days=3))
    assert swept(engine).woken == 2
    assert swept(engine).woken == 0
    assert sorted(run_all(engine)) == [(due, "swept"), (parked, "swept")]


def test_a_ticket_that_rests_after_a_failure_is_left_to_rest(engine: Engine) -> None:
    woken(engine, ticket(engine), AGAIN, NOW + timedelta(minutes=5))
    assert swept(engine).woken == 0


def test_trap_1_jobs_of_a_worker_whose_row_was_pruned_are_put_back(engine: Engine) -> None:
    """Pruning deletes the silent worker's row, and the engine's own stalled-job query no longer finds its jobs."""
    id = ticket(engine)
    woken(engine, id)
    sql(engine, "insert into procrastinate_workers (last_heartbeat) values (now() - interval '1 h')")
    assert sql(engine, "select (procrastinate_fetch_job_v2(null, (select id from procrastinate_workers))).status") \
        == [("doing",)]
    sql(engine, "select procrastinate_prune_stalled_workers_v1(6)")
    assert sql(engine, "select status::text, worker_id from procrastinate_jobs") == [("doing", None)]
    assert swept(engine).put_back == 1
    assert run_all(engine) == [(id, "event")]


@pytest.mark.parametrize(("silent_for", "put_back"), [("1 s", 0), ("7 s", 1)])
def test_jobs_of_a_silent_worker_are_put_back_and_those_of_a_living_one_are_not(
        engine: Engine, silent_for: str, put_back: int) -> None:
    woken(engine, ticket(engine))
    sql(engine, "insert into procrastinate_workers default values")
    sql(engine, f"update procrastinate_workers set last_heartbeat = now() - interval '{silent_for}'")  # noqa: S608
    sql(engine, "select procrastinate_fetch_job_v2(null, (select id from procrastinate_workers))")
    found = swept(engine)
    assert (found.put_back, found.woken) == (put_back, 0)


@pytest.mark.parametrize("ending", ["failed", "aborted"])
def test_a_wake_that_nothing_followed_is_put_back(engine: Engine, ending: str) -> None:
    """A timed wake has no due ticket to be found by: its job is all there is of it."""
    id = ticket(engine, wanted=1, served=1)
    woken(engine, id, "recheck")
    sql(engine, "update procrastinate_jobs set status = 'doing'")
    sql(engine, f"update procrastinate_jobs set status = '{ending}'")  # noqa: S608
    assert swept(engine) == jobs.Swept(put_back=1, woken=0, deleted=0)
    assert run_all(engine) == [(id, "recheck")]


def test_trap_2_a_sweep_waits_for_nobody(engine: Engine) -> None:
    """A sweep with a lock could get stuck with it; here a second one goes on while the first has not committed."""
    ticket(engine)
    with engine.begin() as first:
        assert sweep(first, NOW).woken == 1
        assert swept(engine).woken == 1
    assert len(run_all(engine)) == 2


def test_a_simulated_kill_leaves_the_job_for_the_next_sweep(engine: Engine) -> None:
    id = ticket(engine)
    woken(engine, id)

    class Killed(BaseException):
        pass

    def dies(id: int, why: str) -> None:
        raise Killed

    with pytest.raises(Killed):
        run_due(engine.begin, dies, NOW)
    assert run_all(engine) == []
    assert swept(engine).put_back == 1
    assert run_all(engine) == [(id, "event")]


def test_ended_jobs_are_cleared_by_age(engine: Engine) -> None:
    for _ in range(3):
        woken(engine, ticket(engine))
    sql(engine, "update procrastinate_jobs set status = 'doing'")
    sql(engine, "update procrastinate_jobs set status = 'cancelled' where id < 3")
    sql(engine, "update tickets set served = wanted")
    sql(engine, "update procrastinate_events set at = at - interval '2 d' where job_id in (1, 3)")
    assert swept(engine).deleted == 1
    assert sql(engine, "select id from procrastinate_jobs order by id") == [(2,), (3,)]


def test_what_is_pending_is_counted(engine: Engine) -> None:
    one, two = ticket(engine), ticket(engine, wanted=1, served=1)
    woken(engine, one)
    woken(engine, two, "expired", NOW + timedelta(hours=1))
    with engine.connect() as connection:
        assert pending(connection, NOW) == jobs.Pending(waiting=1, running=0, timed=1, due=1)
        assert pending(connection, NOW + timedelta(hours=1)).waiting == 2
        assert not pending(connection, NOW).idle()
    run_all(engine)
    with engine.connect() as connection:
        assert pending(connection, NOW).idle()


def test_a_parked_hundred_thousand_is_not_read_through_at_each_poll(engine: Engine) -> None:
    """The fetch reads by due time: our index is used for its condition, and by lock for older jobs of a ticket."""
    sql(engine, """
        insert into procrastinate_jobs (queue_name, task_name, priority, lock, args, scheduled_at)
        select 'tickets', 'deskhand.wake', -1000 - n, 'ticket:' || n, '{}', now() + interval '1 d' + n * interval '1 s'
          from generate_series(1, 20000) n""")
    sql(engine, "analyze procrastinate_jobs")
    plan = " ".join(str(line) for (line,) in sql(engine, """
        explain select jobs.* from procrastinate_jobs jobs
         where not exists (select 1 from procrastinate_jobs o where jobs.lock is not null and o.lock = jobs.lock
               and (o.status = 'doing' or (o.status = 'todo' and (o.priority > jobs.priority
                    or (o.priority = jobs.priority and o.id < jobs.id)))))
           and jobs.status = 'todo' and (jobs.scheduled_at is null or jobs.scheduled_at <= now())
         order by jobs.priority desc, jobs.id limit 1 for update of jobs skip locked"""))
    assert "deskhand_jobs_due_idx" in plan
    assert "deskhand_jobs_lock_idx" in plan
    assert "Seq Scan" not in plan
