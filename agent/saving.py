"""A backup of everything our rows say, taken while Deskhand runs, and putting it back.

It is made of our own tables' rows, not of the server's files: it goes from the embedded database to one of your own and
back, and into a newer Deskhand. Left out are the engine's tables (wakes; the sweep makes them anew) and sessions.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection, Engine, text

from agent import audit, engine, erasing, restored, switch
from agent.audit import bound, checking
from agent.database import DatabaseError, downgrade_on, revision, revisions, upgrade_on
from agent.tables import metadata

FORMAT = 1
MANIFEST = "manifest.json"
NOT_KEPT = ("alembic_version", "sessions")
BY = "deskhand restore"
LATELY = timedelta(hours=1)
"""Tickets worked on this long before the backup are looked at once more: their timed wakes are not kept."""
CHUNK = 1 << 16
FORGOTTEN = 1_000_000
"""Waits are numbered on from so far ahead: what was told of those asked since the backup bears their numbers."""


class CannotRestore(RuntimeError):
    """Nothing was changed; the message says why and what to do."""


class Table(BaseModel):
    model_config = ConfigDict(frozen=True)

    columns: tuple[str, ...]
    rows: int
    sha256: str


class Manifest(BaseModel):
    """What a backup says of itself."""

    model_config = ConfigDict(frozen=True)

    format: int
    deskhand: str
    revision: str
    saved_at: datetime
    audit_rows: int
    audit_head: str = Field(pattern=r"^([0-9a-f]{2})*$")
    """Hash of the audit's last chained row."""
    tables: dict[str, Table]
    files: dict[str, str]
    """Name → SHA-256."""


@dataclass(frozen=True)
class Restored:
    manifest: Manifest
    upgraded_to: str
    woken: int
    erased_again: int
    """People who were erased after the backup was made."""


def save(database: Engine, file: Path, files: Mapping[str, bytes], version: str, now: datetime) -> Manifest:
    """Writes all rows as they stand at one moment, and these files; readable by its owner alone, never half there.

    Raises DatabaseError where there are no tables of ours, and OSError.
    """
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}-")
    made = Path(name)
    try:
        with os.fdopen(handle, "wb") as out, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            manifest = _rows(database, archive, files, version, now)
            archive.writestr(MANIFEST, manifest.model_dump_json(indent=1))
            archive.close()
            out.flush()
            os.fsync(out.fileno())
        made.replace(file)
    except BaseException:
        made.unlink(missing_ok=True)
        raise
    return manifest


def _rows(database: Engine, archive: zipfile.ZipFile, files: Mapping[str, bytes], version: str,
          now: datetime) -> Manifest:
    with database.connect() as c, c.execution_options(isolation_level="REPEATABLE READ").begin():
        c.execute(text("set transaction read only"))
        _plain_text(c)
        at = revision(c)
        if at is None or at not in revisions():
            raise DatabaseError("There are no tables of this version of Deskhand to back up: deskhand database status")
        head, last = audit.head(c)
        tables = {name: _written(c, archive, name, columns) for name, columns in _columns(c).items()}
    for name, content in files.items():
        archive.writestr(f"files/{name}", content)
    return Manifest(format=FORMAT, deskhand=version, revision=at, saved_at=now, audit_rows=head, audit_head=last.hex(),
                    tables=tables, files={name: _digest(content) for name, content in files.items()})


def _written(c: Connection, archive: zipfile.ZipFile, name: str, columns: tuple[str, ...]) -> Table:
    """In PostgreSQL's text format (PostgreSQL docs, "COPY"): one line per row, the same in every version."""
    rows, digest = 0, hashlib.sha256()
    with _driver(c).cursor() as cursor, archive.open(_member(name), "w", force_zip64=True) as member, \
            cursor.copy(f"copy {_quoted(name)} ({_list(columns)}) to stdout") as copied:
        for chunk in copied:
            data = bytes(chunk)
            rows += data.count(b"\n")
            digest.update(data)
            member.write(data)
    return Table(columns=columns, rows=rows, sha256=digest.hexdigest())


def _columns(c: Connection) -> dict[str, tuple[str, ...]]:
    """Of every table of ours that is kept, in an order in which rows find what they refer to."""
    found: dict[str, list[str]] = {}
    for row in c.execute(text("select table_name, column_name from information_schema.columns join pg_tables "
                              "on schemaname = table_schema and tablename = table_name "
                              "where table_schema = current_schema() order by table_name, ordinal_position")):
        if row.table_name in metadata.tables and row.table_name not in NOT_KEPT:
            found.setdefault(row.table_name, []).append(row.column_name)
    return {name: tuple(found[name]) for name in _in_order(list(found))}


def _in_order(names: list[str]) -> list[str]:
    known = [table.name for table in metadata.sorted_tables]
    return sorted(names, key=lambda name: known.index(name) if name in known else len(known))


def _plain_text(c: Connection) -> None:
    """What is written reads the same whatever the server is set to."""
    for setting in ("datestyle = 'ISO, YMD'", "bytea_output = 'hex'", "timezone = 'UTC'", "client_encoding = 'UTF8'"):
        c.execute(text(f"set local {setting}"))  # nosemgrep: no-built-sql - the four words above


@dataclass(frozen=True)
class Backup:
    """A backup that was read to its end and is whole."""

    file: Path
    manifest: Manifest

    @classmethod
    def read(cls, file: Path) -> Backup:
        """Raises CannotRestore when it is no backup, is damaged, or was made by a newer Deskhand."""
        try:
            with zipfile.ZipFile(file) as archive:
                manifest = Manifest.model_validate_json(archive.read(MANIFEST))
                sums = {_member(name): table.sha256 for name, table in manifest.tables.items()}
                sums |= {f"files/{name}": sum for name, sum in manifest.files.items()}
                damaged = [name for name, sum in sums.items() if _sum(archive, name) != sum]
        except (OSError, zipfile.BadZipFile, zlib.error, KeyError, ValueError, EOFError, RuntimeError) as error:
            raise CannotRestore(f"{file} is no whole backup of Deskhand ({type(error).__name__}).") from error
        if damaged:
            raise CannotRestore(f"{file} is damaged: {', '.join(damaged)} is not what was written.")
        if manifest.format != FORMAT or manifest.revision not in revisions():
            raise CannotRestore(f"{file} was made by Deskhand {manifest.deskhand}, which is newer than this one. "
                                "Install that version first.")
        return cls(file, manifest)

    def files(self) -> dict[str, bytes]:
        with zipfile.ZipFile(self.file) as archive:
            return {name: archive.read(f"files/{name}") for name in self.manifest.files}


def _sum(archive: zipfile.ZipFile, name: str) -> str:
    digest = hashlib.sha256()
    with archive.open(name) as member:
        while chunk := member.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def restore(database: Engine, backup: Backup, now: datetime, *, replace: bool = False,
            check: Callable[[Connection], object] = lambda c: None) -> Restored:
    """Puts the rows back, all or none, brings the tables up to date, and pauses everything.

    `replace` lets what is there go. `check` may refuse by raising, when all rows are in. Raises CannotRestore.
    """
    manifest = backup.manifest
    with database.begin() as c:
        before = revision(c)
        if not replace and before is not None and _in_use(c):
            raise CannotRestore("This database is not empty. Put the backup into an empty one, or say --replace to "
                                "lose what is there; make a backup of it first.")
        erased = _erased(c) if before is not None else []
        held_back = [one for one in switch.pauses(c) if one.by != BY] if before is not None else []
        if before is not None:
            downgrade_on(c, "base")
        upgrade_on(c, manifest.revision)
        _put_back(c, backup)
        upgrade_on(c)
        _whole(c, manifest)
        check(c)
        again = _erase_again(c, erased, now)
        why = f"a backup of {manifest.saved_at:%d %b %Y %H:%M} UTC was put back"
        for one in held_back:
            switch.pause(c, one.action, one.reason, one.by, now)
        switch.pause(c, switch.ALL, why, BY, now)
        restored.mark(c, why, now)
        audit.record(c, kind="database.restored", ticket=None, operation=None, at=now, public={
            "saved_at": manifest.saved_at.isoformat(), "deskhand": manifest.deskhand,
            "audit_rows": manifest.audit_rows, "audit_head": manifest.audit_head})
        woken = _wake(c, manifest.saved_at, now)
        at = revision(c)
    return Restored(manifest, at or "", woken, again)


def _in_use(c: Connection) -> bool:
    """Something was received, published, decided or recorded here."""
    there = set(_columns(c))
    return any(c.execute(text(f"select exists (select from {_quoted(name)})")).scalar_one()  # noqa: S608 - our own
               for name in ("tickets", "events", "policies", "audit") if name in there)


@dataclass(frozen=True)
class _Erased:
    person: str
    tombstone: str
    payer: str | None
    """The address they were named by, as a keyed hash."""


def _erased(c: Connection) -> list[_Erased]:
    """Everybody who was ever erased here, as the audit knows it."""
    if "audit" not in _columns(c):
        return []
    return [_Erased(row.person, row.tombstone, row.payer) for row in c.execute(text(
        "select public ->> 'person' as person, public ->> 'tombstone' as tombstone, public ->> 'payer' as payer "
        "from audit where kind = :kind order by id"), {"kind": erasing.ERASED})]


def _erase_again(c: Connection, erased: list[_Erased], now: datetime) -> int:
    """Those whose erasure the rows that came back know nothing of, whatever any clock said; how many there were."""
    known = {one.tombstone for one in _erased(c)}
    return sum(erasing.forget(c, one.person, by=BY, now=now, payer=one.payer)
               for one in erased if one.tombstone not in known)


def _put_back(c: Connection, backup: Backup) -> None:
    _plain_text(c)
    _fits(backup.manifest, _columns(c))
    with zipfile.ZipFile(backup.file) as archive:
        for name in _in_order(list(backup.manifest.tables)):
            columns = backup.manifest.tables[name].columns
            try:
                with _driver(c).cursor() as cursor, archive.open(_member(name)) as member, \
                        cursor.copy(f"copy {_quoted(name)} ({_list(columns)}) from stdin") as copied:
                    while chunk := member.read(CHUNK):
                        copied.write(chunk)
            except (psycopg.DataError, psycopg.IntegrityError) as error:
                raise CannotRestore(f"The backup's table {name} does not go in ({type(error).__name__}).") from error
    for name, column in c.execute(_NUMBERED).all():
        c.execute(text(f"select setval(pg_get_serial_sequence(:table, :column), "  # noqa: S608 - our own
                       f"coalesce((select max({_quoted(column)}) from {_quoted(name)}), 0) + :next, false)"),
                  {"table": name, "column": column, "next": FORGOTTEN if name == "waits" else 1})


def _fits(manifest: Manifest, there: Mapping[str, tuple[str, ...]]) -> None:
    """It holds every table of its revision whole, and no other: what is left out would be forgotten."""
    for name in sorted({*manifest.tables, *there}):
        if name not in manifest.tables or set(manifest.tables[name].columns) != set(there.get(name, ())):
            raise CannotRestore(f"The backup's table {name} is not that of revision {manifest.revision}.")


_NUMBERED = text("""
    select table_name, column_name from information_schema.columns
     where table_schema = current_schema() and is_identity = 'YES' and table_name not like 'procrastinate%'""")


def _whole(c: Connection, manifest: Manifest) -> None:
    """Every row is in, the audit's chain holds up to where it did, and decisions and policies are those it names."""
    for name, table in manifest.tables.items():
        count = c.execute(text(f"select count(*) from {_quoted(name)}")).scalar_one()  # noqa: S608 - our own
        if count != table.rows:
            raise CannotRestore(f"Of {name}, {count} of {table.rows} rows came back.")
    problems = audit.verify(c)
    if problems or audit.head(c) != (manifest.audit_rows, bytes.fromhex(manifest.audit_head)):
        raise CannotRestore("The audit's chain does not hold: " + ("; ".join(problems[:3]) or "its end is another."))
    changed = [*bound.check(c)[0], *checking.check_policies(c)[0]]
    if changed:
        raise CannotRestore("This backup was changed, or was made of a database that was: "
                            f"{'; '.join(changed[:3])}. Nothing was put back; take an earlier backup.")


def _wake(c: Connection, saved_at: datetime, now: datetime) -> int:
    """Looks once more at what was being worked on; everything else wakes by its rows or by the catch-up."""
    found = c.execute(text("select id from tickets where wanted > served or last_pass_at > :lately or exists "
                           "(select from proposals where ticket_id = tickets.id and closed_at is null)"),
                      {"lately": saved_at - LATELY}).scalars().all()
    engine.wake_each(c, found, "a backup was put back", now)
    return len(found)


def _driver(c: Connection) -> psycopg.Connection[Any]:
    """For COPY, which SQLAlchemy does not know."""
    driver = c.connection.driver_connection
    if not isinstance(driver, psycopg.Connection):
        raise TypeError(f"not a connection of psycopg: {type(driver).__name__}")
    return driver


def _member(table: str) -> str:
    return f"tables/{table}.copy"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _list(names: tuple[str, ...]) -> str:
    return ", ".join(map(_quoted, names))


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
