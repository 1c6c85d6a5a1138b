"""No revision loses a row: 10,000 tickets at the tables of every earlier release go up to the newest and back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from sqlalchemy import Engine, text

from agent.database import connect_engine, downgrade, revisions, upgrade

TICKETS = 10_000
EARLIER = list(revisions())[:-1]
FIRST = ("people", "tickets", "proposals", "decisions", "operations")
"""What other tables refer to."""
STATES = "array['planned', 'sent', 'done', 'rejected', 'unknown', 'held', 'undone', 'dropped']"
BY_TYPE = {
    "text": "'{name} ' || n", "bytea": "decode(md5('{name}' || n), 'hex')", "integer": "n % 1000 + 1", "bigint": "n",
    "boolean": "n % 2 = 0", "jsonb": "jsonb_build_object('{name}', n, 'said', 'it''s \\ \"so\"')",
    "date": "date '2026-01-01' + n", "timestamp with time zone": "timestamptz '2026-01-01 00:00Z' + n * interval '1 s'",
}
BY_NAME = {"served": "n % 7", "wanted": "n % 7 + 3", "ticket_id": "n", "proposal_id": "n", "decision_id": "n",
           "person_id": "'id ' || n"}
JOBS = """
    insert into procrastinate_jobs (queue_name, task_name, priority, lock, args, status, scheduled_at)
    select 'tickets', 'deskhand.wake', n, 'ticket:' || n, jsonb_build_object('ticket', n, 'why', 'it was due'), 'todo',
           timestamptz '2026-01-01 00:00Z' + n * interval '1 s' from generate_series(1, :n) as n"""

Columns = dict[str, dict[str, str]]
"""Table → column → type."""


@dataclass(frozen=True)
class Kept:
    """One database, and what is in it."""

    engine: Engine

    def columns(self) -> Columns:
        found: Columns = {}
        with self.engine.connect() as c:
            for row in c.execute(text(
                    "select table_name, column_name, data_type from information_schema.columns "
                    "where table_schema = 'public' and table_name not in ('alembic_version', 'procrastinate_events') "
                    "order by table_name, ordinal_position")):
                found.setdefault(row.table_name, {})[row.column_name] = row.data_type
        return found

    def fill(self, tickets: int = TICKETS) -> None:
        """As many rows in each table, with a value in every column."""
        tables = {name: columns for name, columns in self.columns().items() if not name.startswith("procrastinate_")}
        with self.engine.begin() as c:
            for table in (*FIRST, *(name for name in tables if name not in FIRST)):
                names = ", ".join(f'"{name}"' for name in tables[table])
                values = ", ".join(_value(table, name, kind) for name, kind in tables[table].items())
                c.execute(text(f"insert into {table} ({names}) select {values} "  # noqa: S608 - names of our own tables
                               "from generate_series(1, :n) as n").bindparams(n=tickets))
            if "procrastinate_jobs" in self.columns():
                c.execute(text(JOBS), {"n": tickets})

    def rows(self, columns: Columns) -> dict[str, tuple[int, str]]:
        """Per table how many rows there are, and a digest of what they hold in these columns."""
        found = {}
        with self.engine.connect() as c:
            for table, names in columns.items():
                row = ", ".join(f'"{name}"' for name in names)
                counted = c.execute(text(f"select count(*), md5(string_agg(one, '' order by one)) from "  # noqa: S608
                                         f"(select md5(row({row})::text) as one from {table}) as all_of_them")).one()
                found[table] = (int(counted[0]), str(counted[1]))
        return found


def _value(table: str, name: str, kind: str) -> str:
    if (table, name) == ("operations", "state"):
        return f"({STATES})[n % 8 + 1]"
    if (table, name) == ("policies", "version"):
        return "n"
    return BY_NAME.get(name, BY_TYPE[kind].replace("{name}", name))


@pytest.fixture
def kept(empty_database_url: str) -> Iterator[Kept]:
    engine = connect_engine(empty_database_url)
    yield Kept(engine)
    engine.dispose()


@pytest.mark.parametrize("earlier", EARLIER)
def test_ten_thousand_tickets_go_up_to_the_newest_tables_and_back_without_losing_a_row(
        earlier: str, kept: Kept) -> None:
    upgrade(kept.engine, earlier)
    kept.fill()
    columns = kept.columns()
    before = kept.rows(columns)
    assert all(count == TICKETS for table, (count, _) in before.items() if not table.startswith("procrastinate_"))
    upgrade(kept.engine)
    now = kept.columns()
    assert [(table, name) for table, names in columns.items() for name in names if name not in now[table]] == []
    assert kept.rows(columns) == before
    downgrade(kept.engine, earlier)
    assert kept.columns() == columns
    assert kept.rows(columns) == before


def test_each_revision_alone_is_taken_back_without_touching_what_was_there_before_it(kept: Kept) -> None:
    """What a revision brought goes with it; every other row and column stays."""
    upgrade(kept.engine)
    kept.fill(100)
    for below in reversed(EARLIER):
        was = kept.columns()
        everything = kept.rows(was)
        downgrade(kept.engine, below)
        left = kept.columns()
        stayed = {table: names for table, names in left.items() if names == was[table]}
        assert kept.rows(stayed) == {table: everything[table] for table in stayed}
        assert {table: count for table, (count, _) in kept.rows(left).items()} == {
            table: everything[table][0] for table in left}
    downgrade(kept.engine, "base")
    assert kept.columns() == {}


def test_a_lost_row_and_a_changed_value_would_be_seen(kept: Kept) -> None:
    upgrade(kept.engine, EARLIER[0])
    kept.fill(50)
    columns = kept.columns()
    before = kept.rows(columns)
    with kept.engine.begin() as c:
        c.execute(text("delete from events where id = 7"))
        c.execute(text("update operations set reason = 'another' where ticket_id = 9"))
    after = kept.rows(columns)
    assert {table for table in before if before[table] != after[table]} == {"events", "operations"}
