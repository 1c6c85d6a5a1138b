"""What there is of an installation, however little: settings as far as they can be read, and the database if any."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from agent.database import Database, DatabaseError, open_database
from connectors.contract import Helpdesk, Payments, Surroundings
from connectors.contract.connector import Role
from connectors.parts import House
from scripts.setup.vendors import house_at
from webhooks.config import Config, ConfigUnusable, read_config
from webhooks.settings import Reading, data_path, environment, read_settings


class Space(NamedTuple):
    """Of a disk, in bytes."""

    total: int
    free: int


def space_of(folder: Path) -> Space:
    """Of the disk that the folder, or the nearest one above it, is on."""
    there = next(one for one in (folder.resolve(), *folder.resolve().parents) if one.exists())
    usage = shutil.disk_usage(there)
    return Space(usage.total, usage.free)


def resolved(host: str, port: int) -> None:
    """Raises OSError when the name has no address."""
    socket.getaddrinfo(host, port)


@dataclass(frozen=True)
class Premises:
    """What the checks look at."""

    folder: Path
    env: Mapping[str, str] = field(repr=False)
    config: Config
    config_mistakes: tuple[str, ...]
    read: Reading
    around: Surroundings
    database: Database | None = None
    no_database: str = ""
    """Why it cannot be used; empty also where there is none yet."""
    space: Callable[[Path], Space] = space_of
    resolve: Callable[[str, int], None] = resolved

    @property
    def data(self) -> Path:
        return data_path(self.env, self.folder)

    @property
    def public_url(self) -> str:
        """As it is set, usable or not; without a trailing slash."""
        own = self.read.own
        return (own and own.public_url) or self.env.get("DESKHAND_PUBLIC_URL", "").strip().rstrip("/")

    def connected(self, role: Role) -> dict[str, Any]:
        """The connectors that play this role, by name; nothing is called."""
        played = {name: connector.connected(said, self.around)
                  for name, (connector, said) in self.read.connectors.items()}
        return {name: roles[role] for name, roles in played.items() if role in roles}

    def payments(self) -> Payments | None:
        return next(iter(self.connected("payments").values()), None)

    def helpdesks(self) -> dict[str, Helpdesk]:
        return self.connected("helpdesk")

    def house(self, choices: Mapping[str, str] | None = None) -> House:
        return house_at(self.public_url, self.env, self.config, choices or {})


@contextmanager
def look_around(folder: Path, env: Mapping[str, str] | None = None, around: Surroundings | None = None,
                **others: Any) -> Iterator[Premises]:
    """The premises in this folder. Makes no database and no table: what is missing stays missing."""
    given = environment(folder) if env is None else env
    config, mistakes = _config(given, folder)
    premises = Premises(folder, given, config, mistakes, read_settings(given, config), around or Surroundings(),
                        **others)
    database, why = _database(given.get("DESKHAND_DATABASE_URL", "").strip(), premises.data)
    try:
        yield Premises(**{**vars(premises), "database": database, "no_database": why})
    finally:
        if database is not None:
            database.close()


def _config(env: Mapping[str, str], folder: Path) -> tuple[Config, tuple[str, ...]]:
    try:
        return read_config(env, folder), ()
    except ConfigUnusable as error:
        return Config(), tuple(str(error).splitlines())


def _database(url: str, data: Path) -> tuple[Database | None, str]:
    if not url and not (data / "postgres" / "PG_VERSION").exists():
        return None, ""
    try:
        return open_database(url or None, data, pool=4, application="deskhand doctor", migrate=False), ""
    except (DatabaseError, OSError) as error:
        return None, str(error)
