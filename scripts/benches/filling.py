"""Fills a database with tickets that were handled before, by bulk SQL: what a year of work leaves behind."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection, Engine, text

from agent.engine import WAKE

CHUNK = 20_000

STATEMENTS = {
    "people": """
        insert into people (id, wrapped, created_at)
        select 'person-' || n, decode(repeat('ab', 61), 'hex'), now()""",
    "tickets": """
        insert into tickets (id, ref, vendor, account, vendor_id, person_id, generation, state, wanted, served,
                             seen_entry, about_money, is_open, first_seen_at, last_pass_at)
        select n, 'zendesk:earlier:' || n, 'zendesk', 'earlier', n, 'person-' || n, 1, state, 1, 1, n, true,
               is_open, now() - interval '10 days', now() - interval '9 days'""",
    "events": """
        insert into events (vendor, account, delivery_id, kind, sha256, occurred_at, received_at, ticket_ref)
        select 'zendesk', 'earlier', 'delivery-' || n, 'ticket.created', sha256(n::text::bytea), now(), now(),
               'zendesk:earlier:' || n""",
    "proposals": """
        insert into proposals (id, ticket_id, person_id, generation, digest, planner, version, facts_digest, sealed,
                               created_at, closed_at, ending)
        select n, n, 'person-' || n, 1, encode(sha256(n::text::bytea), 'hex'), 'rules', '1',
               encode(sha256(n::text::bytea), 'hex'), decode(repeat('ab', 600), 'hex'), now() - interval '10 days',
               now() - interval '10 days', state""",
    "decisions": """
        insert into decisions (id, ticket_id, proposal_id, operation_id, action, outcome, confirm, mode, rules, missing,
                               facts, policy, policy_version, policy_digest, decided_at)
        select n, n, n, 'op-' || substr(encode(sha256(n::text::bytea), 'hex'), 1, 24), 'refund', 'go_ahead', false,
               'execute', '[{"id": "limits"}]', '[]', '{"amount": 1800}', 'deskhand', 1, 'digest',
               now() - interval '10 days'""",
    "operations": """
        insert into operations (id, ticket_id, proposal_id, decision_id, position, kind, role, target, digest, state,
                                attempts, first_sent_at, sealed, receipt, created_at, changed_at)
        select 'op-' || substr(encode(sha256((n || kind || place)::bytea), 'hex'), 1, 24), n, n, n, place, kind, role,
               kind || '-' || n, 'digest', 'done', 1, now(), decode(repeat('ab', 300), 'hex'),
               decode(repeat('ab', 300), 'hex'), now() - interval '10 days', now() - interval '10 days'""",
    "audit": """
        insert into audit (at, kind, ticket_id, public, sealed)
        select now(), kind, n, '{"action": "refund", "target": "ch"}', decode(repeat('ab', 300), 'hex')""",
    "totals": """
        insert into totals (kind, subject, day, currency, attended, amount, count)
        select kind, kind || '-' || n, day, 'USD', false, 1800, 1""",
    "waits": """
        insert into waits (ticket_id, proposal_id, decision_id, for_whom, digest, expires_at, created_at)
        select n, n, n, 'agent', 'digest', now() + interval '72 hours', now()""",
    "wakes": "select " + WAKE.format(ticket="n", why="'expires'::text",
                                     at="now() + interval '1 day' + n * interval '1 s'"),
}

SEVERAL = {
    "operations": """(values (0, 'refund', 'payments'), (200, 'log_activity', 'records'),
                             (300, 'ticket_update', 'helpdesk'), (400, 'ticket_update', 'helpdesk')
                     ) several (place, kind, role)""",
    "audit": """(values ('ticket.planned'), ('operation.done'), ('operation.done'), ('operation.done'),
                        ('operation.done'), ('ticket.told')) several (kind)""",
    "totals": """(values ('charge', date '1970-01-01'), ('customer', date '1970-01-01'),
                         ('customer', current_date - 10)) several (kind, day)""",
}
"""Of these each ticket has several rows."""

FINISHED = ("people", "tickets", "events", "proposals", "decisions", "operations", "audit", "totals")
PARKED = ("people", "tickets", "events", "proposals", "decisions", "audit", "waits", "wakes")


def finished(engine: Engine, count: int, progress: Callable[[int], None]) -> None:
    """That many tickets that were refunded, logged, answered and noted."""
    _fill(engine, FINISHED, count, progress, "'done'::text as state, false as is_open")


def parked(engine: Engine, count: int, progress: Callable[[int], None]) -> None:
    """That many tickets that wait for a colleague, each with a timed wake of its own."""
    _fill(engine, PARKED, count, progress, "'parked'::text as state, true as is_open")


def _fill(engine: Engine, names: tuple[str, ...], count: int, progress: Callable[[int], None], same: str) -> None:
    for first in range(1, count + 1, CHUNK):
        last = min(first + CHUNK - 1, count)
        with engine.begin() as connection:
            # Foreign keys hold by how the rows are made; checking each would take most of the time.
            connection.execute(text("set local session_replication_role = replica"))
            connection.execute(text("set local synchronous_commit = off"))
            for name in names:
                of_each = f", {SEVERAL[name]}" if name in SEVERAL else ""
                rows = f"from (select n, {same} from generate_series({first}, {last}) n) each{of_each}"  # noqa: S608 - our own
                connection.exec_driver_sql(f"{STATEMENTS[name]} {rows}")
        progress(last)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        _tidy(connection, count)


def _tidy(connection: Connection, count: int) -> None:
    """What a database that lives for long has done by itself: statistics are there, and pages are written."""
    for table in ("tickets", "proposals", "decisions"):
        connection.exec_driver_sql(f"alter table {table} alter column id restart with {count + 1}")
    connection.exec_driver_sql("vacuum (analyze)")
    connection.exec_driver_sql("checkpoint")
