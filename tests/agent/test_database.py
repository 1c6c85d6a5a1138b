"""The database is found or started, checked, and brought up to date, by any number of processes at once."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from agent.database import (
    Database,
    DatabaseError,
    connect_engine,
    downgrade,
    open_database,
    start_server,
    stop_server,
    upgrade,
)
from agent.tables import metadata
from tests.conftest import Server


@pytest.fixture
def folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="deskhand-"))
    yield made
    stop_server(made / "postgres")
    shutil.rmtree(made, ignore_errors=True)


def value(engine: Engine, sql: str) -> object:
    with engine.connect() as connection:
        return connection.execute(text(sql)).scalar()


def test_the_migrations_make_exactly_the_tables_of_the_ledger(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={
            "compare_type": True, "compare_server_default": True,
            "include_name": lambda name, kind, _: not (kind == "table" and str(name).startswith("procrastinate_"))})
        assert compare_metadata(context, metadata) == []


def test_constraints_and_indexes_are_those_of_the_ledger_too(engine: Engine, empty_database_url: str) -> None:
    described = text("""
        select conrelid::regclass::text, conname, pg_get_constraintdef(oid) from pg_constraint
         where connamespace = 'public'::regnamespace and contype <> 'n' and conrelid <> 0
           and conrelid::regclass::text !~ '^(procrastinate_|alembic_)'
        union all
        select tablename, indexname, indexdef from pg_indexes
         where schemaname = 'public' and tablename !~ '^(procrastinate_|alembic_)' order by 1, 2, 3""")
    other = connect_engine(empty_database_url)
    metadata.create_all(other)
    with engine.connect() as migrated, other.connect() as made:
        found = [tuple(row) for row in migrated.execute(described)]
        assert found == [tuple(row) for row in made.execute(described)]
        assert len(found) > 40
    other.dispose()


def test_the_migrations_go_up_down_and_up_again(empty_database_url: str) -> None:
    engine = connect_engine(empty_database_url)
    tables = "select count(*) from pg_tables where schemaname = 'public' and tablename <> 'alembic_version'"
    functions = "select count(*) from pg_proc where pronamespace = 'public'::regnamespace"
    types = "select count(*) from pg_type where typnamespace = 'public'::regnamespace and typtype = 'e'"
    upgrade(engine)
    full = [value(engine, sql) for sql in (tables, functions, types)]
    downgrade(engine, "base")
    assert [value(engine, sql) for sql in (tables, functions, types)] == [0, 0, 0]
    upgrade(engine)
    assert [value(engine, sql) for sql in (tables, functions, types)] == full
    engine.dispose()


def test_eight_that_start_at_once_migrate_once(empty_database_url: str) -> None:
    with ThreadPoolExecutor(8) as together:
        opened = list(together.map(lambda _: open_database(empty_database_url, Path("unused"), pool=1), range(8)))
    assert value(opened[0].engine, "select version_num from alembic_version") == "0017"
    for database in opened:
        database.close()


def test_tables_of_a_newer_version_are_refused_in_words(own_database: Database) -> None:
    with own_database.engine.begin() as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))
    with pytest.raises(DatabaseError, match="made by another version of Deskhand"):
        upgrade(own_database.engine)


def test_connections_name_us_and_speak_utc(server: Server, database: Database) -> None:
    assert value(database.engine, "show application_name") == "deskhand"
    assert value(database.engine, "show timezone") == "UTC"


def test_the_pool_reconnects_after_the_database_went_away(server: Server, database: Database) -> None:
    assert value(database.engine, "select 1") == 1
    other = connect_engine(server.at("postgres"))
    with other.begin() as connection:
        cut = connection.execute(text("select pg_terminate_backend(pid) from pg_stat_activity where datname = :name"),
                                 {"name": database.engine.url.database}).all()
    other.dispose()
    assert cut
    assert value(database.engine, "select 1") == 1


def test_what_people_wrote_does_not_reach_the_words_of_an_error(engine: Engine) -> None:
    with engine.connect() as connection, pytest.raises(SQLAlchemyError) as failure:
        connection.execute(text("select 1 / 0 where :words <> ''"), {"words": "my card is 4242"})
    assert "4242" not in str(failure.value)


@pytest.mark.parametrize(("url", "words"), [
    ("mysql://root@localhost/x", "must name a PostgreSQL database"),
    ("not an address", "DESKHAND_DATABASE_URL is no database address"),
    ("postgresql://nobody@127.0.0.1:9/x", "The database does not answer"),
])
def test_an_address_that_cannot_be_used_is_refused_in_words(url: str, words: str) -> None:
    with pytest.raises(DatabaseError, match=words):
        open_database(url, Path("unused"))


def test_a_password_does_not_reach_the_words_of_an_error() -> None:
    with pytest.raises(DatabaseError) as failure:
        open_database("postgresql://nobody:hunter2hunter2@127.0.0.1:9/x", Path("unused"))
    assert "hunter2" not in str(failure.value)


OPEN_AND_WAIT = """
import sys, json
from pathlib import Path
from agent.database import open_database
from sqlalchemy import text
database = open_database(None, Path(sys.argv[1]))
with database.engine.begin() as c:
    c.execute(text("create table if not exists kept (x int)"))
    c.execute(text("insert into kept values (1)"))
    started = str(c.execute(text("select pg_postmaster_start_time()")).scalar())
print(json.dumps({"started": started}), flush=True)  # after the commit: from here on we may be killed
sys.stdin.read()
"""


def open_elsewhere(folder: Path) -> tuple[subprocess.Popen[str], str]:
    process = subprocess.Popen([sys.executable, "-c", OPEN_AND_WAIT, str(folder)], text=True,  # noqa: S603
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    return process, json.loads(process.stdout.readline())["started"]


def test_killed_and_started_again_it_finds_its_database_still_running(folder: Path) -> None:
    process, started = open_elsewhere(folder)
    process.kill()
    process.communicate()
    database = open_database(None, folder)
    assert str(value(database.engine, "select pg_postmaster_start_time()")) == started
    assert value(database.engine, "select count(*) from kept") == 1
    database.stop()
    assert not (folder / "postgres" / "postmaster.pid").exists()


def test_the_server_outlives_a_process_that_ends_and_stops_when_told(folder: Path) -> None:
    process, _ = open_elsewhere(folder)
    process.communicate("")
    assert stop_server(folder / "postgres") is True
    assert stop_server(folder / "postgres") is False
    database = open_database(None, folder)
    assert value(database.engine, "select count(*) from kept") == 1


def test_a_server_that_was_killed_recovers_at_the_next_start(folder: Path) -> None:
    database = open_database(None, folder)
    with database.engine.begin() as connection:
        connection.execute(text("create table kept as select 1 as x"))
    database.close()
    os.kill(int((folder / "postgres" / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
    again = open_database(None, folder)
    assert value(again.engine, "select count(*) from kept") == 1


def test_a_number_that_now_belongs_to_another_program_is_no_running_server(folder: Path) -> None:
    database = open_database(None, folder)
    pid_file = folder / "postgres" / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    database.stop()
    pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    assert stop_server(folder / "postgres") is False
    again = open_database(None, folder)
    assert value(again.engine, "select 1") == 1


def test_data_of_another_major_version_is_refused_with_what_to_do(folder: Path) -> None:
    (folder / "postgres").mkdir()
    (folder / "postgres" / "PG_VERSION").write_text("15\n")
    with pytest.raises(DatabaseError, match=r"PostgreSQL 15.*pg_dump"):
        start_server(folder / "postgres")


def test_a_folder_with_other_things_in_it_is_left_alone(folder: Path) -> None:
    (folder / "postgres").mkdir()
    (folder / "postgres" / "thesis.txt").write_text("mine")
    with pytest.raises(DatabaseError, match="holds no PostgreSQL data"):
        start_server(folder / "postgres")


def test_killed_while_making_the_data_directory_it_starts_over(folder: Path) -> None:
    half_made = folder / ".postgres.making"
    half_made.mkdir()
    (half_made / "PG_VERSION").write_text("18\n")
    assert start_server(folder / "postgres").startswith("postgresql://")
    assert not half_made.exists()
