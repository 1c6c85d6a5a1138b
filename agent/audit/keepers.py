"""Where signed heads are kept outside the database, and the chore that brings them there.

A keeper that is away is tried again and named by `deskhand doctor`; nothing else waits for it.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal, Protocol, Self
from urllib.parse import urlsplit

import requests
from pydantic import Field, model_validator
from sqlalchemy import Connection, Engine, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import NoResultFound, SQLAlchemyError

from agent.audit import heads
from agent.audit.heads import Head, Signing
from agent.desk import Chosen
from agent.tables import audit_heads, audit_keepers
from connectors.contract import KeepsHeads, Surroundings, VendorError
from connectors.http import ForbiddenAddress, check_address, session

FILE = "audit-heads.jsonl"
AGAIN = timedelta(minutes=1)
"""How long one that is away is left alone; and how long another process that is at it is waited for."""
AT_ONCE = 100
"""Heads brought in one go."""

log = logging.getLogger("deskhand.audit")


class AuditChoices(Chosen):
    """Where the signed heads of the audit are kept."""

    keepers: tuple[Literal["file", "url", "helpdesk"], ...] = ("file",)
    file: str = FILE
    """In the data folder, unless it is a whole path."""
    url: str | None = Field(None, description="https; each head is posted there as JSON")

    @model_validator(mode="after")
    def _address(self) -> Self:
        if "url" in self.keepers and not self.url:
            raise ValueError('the keeper "url" needs an address: url = "https://…"')
        if self.url:
            try:
                check_address(self.url, [(urlsplit(self.url).hostname or "").lower()])
            except ForbiddenAddress as error:
                raise ValueError(f"url must be an https address without a user name in it: {self.url}") from error
        return self


class KeeperAway(Exception):
    """It could not be kept now; the words say why."""


class Keeper(Protocol):
    @property
    def name(self) -> str: ...

    def keep(self, head: Head) -> None:
        """Puts it away for good. Keeping one twice does no harm. Raises KeeperAway."""

    def lines(self) -> Sequence[str]:
        """Those it holds, as far as it can be asked. Raises KeeperAway."""


@dataclass(frozen=True)
class FileKeeper:
    """Lines added to a file that only its owner may read, each on the disk before it counts."""

    path: Path
    name: str = "file"

    def keep(self, head: Head) -> None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                os.write(handle, f"{_unfinished(handle)}{head.line()}\n".encode())
                os.fsync(handle)
            finally:
                os.close(handle)
        except OSError as error:
            raise KeeperAway(f"{self.path} cannot be written ({error.strerror})") from error


    def lines(self) -> Sequence[str]:
        try:
            return self.path.read_text(encoding="utf-8", errors="replace").splitlines() if self.path.exists() else ()
        except OSError as error:
            raise KeeperAway(f"{self.path} cannot be read ({error.strerror})") from error


def _unfinished(handle: int) -> str:
    """An end for a line that a crash left without one."""
    size = os.fstat(handle).st_size
    return "\n" if size and os.pread(handle, 1, size - 1) != b"\n" else ""


@dataclass(frozen=True)
class UrlKeeper:
    """Posts each head as JSON to one https address; any 2xx means that it is kept."""

    url: str
    around: Surroundings = field(default_factory=Surroundings)
    name: str = "url"

    def keep(self, head: Head) -> None:
        made = session("audit-keeper", [(urlsplit(self.url).hostname or "").lower()], self.around)
        try:
            answer = made.post(self.url, data=head.line().encode(), headers={"Content-Type": "application/json"})
        except (requests.RequestException, ForbiddenAddress) as error:
            raise KeeperAway(f"it does not answer ({type(error).__name__})") from error
        finally:
            made.close()
        if not 200 <= answer.status_code < 300:
            raise KeeperAway(f"it answered with {answer.status_code}")

    def lines(self) -> Sequence[str]:
        """It is given heads and never asked."""
        return ()


@dataclass(frozen=True)
class HelpdeskKeeper:
    """Writes each head as a record of its own in the helpdesk, where nobody is notified; who wrote it and when, the
    helpdesk says itself."""

    helpdesk: KeepsHeads
    name: str

    def keep(self, head: Head) -> None:
        try:
            self.helpdesk.keep_head(head.line())
        except VendorError as away:
            raise KeeperAway(away.plain[:300]) from away

    def lines(self) -> Sequence[str]:
        try:
            return self.helpdesk.kept_heads()
        except VendorError as away:
            raise KeeperAway(away.plain[:300]) from away


def held_by(keepers: Iterable[Keeper]) -> tuple[list[str], list[str]]:
    """The lines that these hold together, and in words who could not be asked."""
    lines: list[str] = []
    away = []
    for keeper in keepers:
        try:
            lines += keeper.lines()
        except KeeperAway as why:
            away.append(f"the keeper {keeper.name} could not be asked: {why}")
    return lines, away


@dataclass
class Keeping:
    """`tick` is a chore of the worker: it signs a head when one is due, and never waits for a keeper."""

    engine: Engine
    signing: Signing
    keepers: Sequence[Keeper]
    now: Callable[[], datetime]
    bringing: threading.Thread | None = field(default=None, init=False)

    def tick(self, connection: Connection) -> None:
        """Signs, and begins to bring what is not everywhere yet, in a thread of its own."""
        try:
            heads.make_due(connection, self.signing, self.now())
        except NoResultFound:
            log.error("heads of the audit: the database does not store them")
        busy = self.bringing is not None and self.bringing.is_alive()
        if not busy and self.keepers and self._behind(connection):
            self.bringing = threading.Thread(target=self.bring, name="deskhand-audit-heads", daemon=True)
            self.bringing.start()

    def _behind(self, c: Connection) -> bool:
        last = c.execute(select(func.max(audit_heads.c.id))).scalar()
        if last is None:
            return False
        names = [one.name for one in self.keepers]
        rows = c.execute(select(audit_keepers).where(audit_keepers.c.name.in_(names))).all()
        waits = [row for row in rows if row.upto >= last or (row.due_at is not None and row.due_at > self.now())]
        return len(waits) < len(self.keepers)

    def bring(self) -> None:
        """Every head that a keeper lacks, oldest first; of several processes one at a time."""
        for keeper in self.keepers:
            try:
                self._bring(keeper)
            except SQLAlchemyError as error:
                log.warning("heads of the audit: the database is away: %s", type(error).__name__)
                return

    def _bring(self, keeper: Keeper) -> None:
        upto = self._claimed(keeper.name)
        if upto is None:
            return
        with self.engine.connect() as c:
            lacking = list(heads.kept(c, upto))[:AT_ONCE]
        try:
            for number, head in lacking:
                keeper.keep(head)
                self._note(keeper.name, upto=number, kept_at=self.now())
        except KeeperAway as away:
            self._failed(keeper.name, str(away))
        else:
            self._note(keeper.name, due_at=None, problem="", failing_since=None)

    def _claimed(self, name: str) -> int | None:
        """The last head it has; None while it rests, or another process is at it. A new one begins with the newest."""
        newest = select(func.greatest(func.max(audit_heads.c.id) - 1, 0)).scalar_subquery()
        free = audit_keepers.c.due_at.is_(None) | (audit_keepers.c.due_at <= self.now())
        with self.engine.begin() as c:
            c.execute(insert(audit_keepers).values(name=name, upto=func.coalesce(newest, 0)).on_conflict_do_nothing())
            upto: int | None = c.execute(update(audit_keepers).where(audit_keepers.c.name == name, free).values(
                due_at=self.now() + AGAIN).returning(audit_keepers.c.upto)).scalar()
        return upto

    def _note(self, name: str, **values: object) -> None:
        with self.engine.begin() as c:
            c.execute(update(audit_keepers).where(audit_keepers.c.name == name).values(**values))

    def _failed(self, name: str, why: str) -> None:
        with self.engine.begin() as c:
            was = c.execute(select(audit_keepers.c.problem).where(audit_keepers.c.name == name)).scalar_one()
            c.execute(update(audit_keepers).where(audit_keepers.c.name == name).values(
                problem=why, due_at=self.now() + AGAIN,
                failing_since=func.coalesce(audit_keepers.c.failing_since, self.now())))
        if not was:
            log.warning("the audit's head is not kept by %s: %s; it is tried again every minute", name, why)
