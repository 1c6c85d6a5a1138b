"""What many tests share: one embedded PostgreSQL per test process, and a migrated, empty database per test."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.pool import NullPool

from agent.database import Database, connect_engine, open_database, start_server, stop_server, upgrade
from connectors.standin import Json
from scripts.sandbox import Sandbox

DATA = Path(__file__).parents[2] / "shared" / "data"
_numbers = itertools.count(1)
LONG = ("test_shared_limits.py", "test_demo.py", "test_real_crashes.py", "test_kill_switch.py", "test_stopped.py")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--whole", action="store_true", help="storms and random trials at their whole size, "
                                                          "not a part of it")


@pytest.fixture(scope="session")
def is_whole(request: pytest.FixtureRequest) -> bool:
    """Whether the figures are wanted, or only the promise."""
    return bool(request.config.getoption("--whole"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long ones begin first, so that no worker is left alone with one of them at the end."""
    items.sort(key=lambda item: item.path.name not in LONG)


class Server:
    """An embedded PostgreSQL that makes databases from a migrated template; nothing it holds outlives the tests."""

    def __init__(self, pgdata: Path) -> None:
        self.pgdata = pgdata
        self.url: URL = make_url(start_server(pgdata)).set(drivername="postgresql+psycopg")
        self._admin = create_engine(self.url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
        self.set("fsync = off", "synchronous_commit = off", "full_page_writes = off")
        self._run("create database migrated")
        template = connect_engine(self.at("migrated"))
        upgrade(template)
        template.dispose()

    def set(self, *settings: str) -> None:
        for setting in settings:
            self._run(f"alter system set {setting}")
        self._run("select pg_reload_conf()")

    def at(self, name: str) -> str:
        return self.url.set(drivername="postgresql", database=name).render_as_string(hide_password=False)

    def make(self, template: str = "migrated") -> str:
        name = f"test_{next(_numbers)}"
        self._run(f"create database {name} template {template} strategy file_copy")  # a third quicker than wal_log
        return name

    def drop(self, name: str) -> None:
        self._run(f"drop database if exists {name} with (force)")

    def _run(self, sql: str) -> None:
        with self._admin.connect() as connection:
            connection.execute(text(sql))


@contextmanager
def a_server() -> Iterator[Server]:
    """Of its own, and gone afterwards."""
    # A short path: the socket lies in the data directory, and its name has a length limit.
    folder = Path(tempfile.mkdtemp(prefix="deskhand-"))
    try:
        yield Server(folder / "pg")
    finally:
        stop_server(folder / "pg")
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    with a_server() as made:
        yield made


ENDED = text("""
    select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and pid <> pg_backend_pid() and not (pid = any(:ours) and state = 'idle')""")
EMPTIED = text("""
do $$
declare one text;
begin
    set local session_replication_role = replica;  -- triggers off, the audit's too
    for one in select tablename from pg_tables where schemaname = 'public' and tablename <> 'alembic_version' loop
        execute format('delete from %I', one);
    end loop;
    perform setval(cast(format('%I.%I', schemaname, sequencename) as regclass), start_value, false)
       from pg_sequences where schemaname = 'public' and last_value is not null;
end $$""")


class Reused:
    """One database for test after test, with connections that stay: both cost far more to make than to empty."""

    def __init__(self, server: Server) -> None:
        name = server.make()
        self._opened = open_database(server.at(name), Path("unused"), pool=8, migrate=False)
        self._ours: set[int] = set()
        event.listen(self._opened.engine, "connect", self._connected)
        self._opened.engine.dispose()  # what was connected before we listened

    def _connected(self, made: psycopg.Connection[Any], _: object) -> None:
        self._ours.add(made.info.backend_pid)
        made.prepared_max = None  # all of our statements, which are more than the usual hundred

    @property
    def engine(self) -> Engine:
        """For one that takes back what it listens for on it."""
        return self._opened.engine

    def vacuum(self) -> None:
        """Takes what was emptied off the disk, where the server does not do so by itself."""
        with self._opened.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as c:
            c.execute(text("vacuum"))

    def empty(self) -> None:
        """Ends every connection but our own resting ones, empties all tables and starts their numbers at 1 again."""
        with self._opened.engine.begin() as c:
            c.execute(ENDED, {"ours": list(self._ours)})
            c.execute(EMPTIED)

    def lent(self) -> Database:
        """For one test: what it listens for on this engine, it hears of this engine alone."""
        return replace(self._opened, engine=self._opened.engine.execution_options())

    def taken_back(self) -> None:
        """Connections that the test still holds are not counted on again."""
        if self._opened.engine.pool.checkedout():  # type: ignore[attr-defined]
            self._opened.engine.dispose()
            self._ours.clear()

    def close(self) -> None:
        self._opened.close()


@contextmanager
def a_database() -> Iterator[Reused]:
    """On a server of its own; emptied from use to use."""
    with a_server() as server:
        made = Reused(server)
        yield made
        made.close()


@pytest.fixture(scope="session")
def reused(server: Server) -> Iterator[Reused]:
    made = Reused(server)
    yield made
    made.close()


@pytest.fixture
def database(reused: Reused) -> Iterator[Database]:
    """A migrated database with empty tables."""
    reused.empty()
    yield reused.lent()
    reused.taken_back()


@pytest.fixture
def own_database(server: Server) -> Iterator[Database]:
    """A migrated database for a test that changes the tables themselves."""
    name = server.make()
    opened = open_database(server.at(name), Path("unused"), pool=8, migrate=False)
    yield opened
    opened.close()
    server.drop(name)


@pytest.fixture
def engine(database: Database) -> Engine:
    return database.engine


@pytest.fixture
def empty_database_url(server: Server) -> Iterator[str]:
    """A database without any table."""
    name = server.make("template0")
    yield server.at(name)
    server.drop(name)


@pytest.fixture
def sandbox(world: Json) -> Iterator[Sandbox]:
    """The vendors over loopback; their books begin as the test's own fixture `world` says."""
    started = Sandbox(world).start()
    yield started
    started.stop()


SETTINGS = ("DESKHAND_", "ZENDESK_", "STRIPE_", "SALESFORCE_", "OPENAI_")


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, in which the test works, and an environment with none of Deskhand's settings."""
    for name in os.environ:
        if name.startswith(SETTINGS):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="session")
def shared_data() -> Callable[[str], Any]:
    """Reads a file of the test data that lies beside the checkout; skips where there is none."""

    def read(path: str) -> Any:
        file = DATA / path
        if not file.exists():
            pytest.skip(f"the test data is not beside this checkout: ../shared/data/{path}")
        return json.loads(file.read_text()) if file.suffix == ".json" else file.read_text()

    return read
