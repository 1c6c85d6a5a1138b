"""Keeps what people wrote under one key per person, so that destroying the key is forgetting the person.

A person's key lies in `people`, wrapped by a key that is derived from DESKHAND_SECRET_KEY and is not in the database.
"""

from __future__ import annotations

import base64
import hmac
import json
import os
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import Connection, Engine, select, update
from sqlalchemy.dialects.postgresql import insert

from agent.compiled import Row, Statement, given
from agent.tables import people
from connectors.contract import digest

INSTALLATION = "installation"
"""The row whose key names people and what is asked: names stay the same when the secret is changed."""

_FORMAT = b"\x01"
_NONCE = 12


class VaultError(RuntimeError):
    """What is sealed cannot be opened."""


class WrongSecret(VaultError):
    """No value of DESKHAND_SECRET_KEY opens this key, or someone exchanged it."""


class Tampered(VaultError):
    """The sealed bytes are not what was sealed here under this key."""


class Erased(VaultError):
    """This person was forgotten; what they wrote cannot be read any more."""


@dataclass(frozen=True)
class PersonKey:
    id: str
    """Keyed hash of account and user; says nothing without the installation's key."""
    _key: bytes = field(repr=False)

    def seal(self, value: dict[str, Any], about: str = "") -> bytes:
        """The value as canonical JSON, encrypted; `about` names the place it may be opened in."""
        return _encrypt(self._key, _canonical(value), self._context(about))

    def open(self, sealed: bytes, about: str = "") -> dict[str, Any]:
        """Raises Tampered when it was sealed for another person, another place, or changed."""
        plain = _decrypt(self._key, sealed, self._context(about))
        if plain is None:
            raise Tampered("these bytes were not sealed here under this person's key")
        opened: dict[str, Any] = json.loads(plain.decode("utf-8", "surrogatepass"))
        return opened

    def read(self, sealed: bytes | None, about: str = "") -> dict[str, Any] | None:
        """As `open`; None when nothing was sealed, or for another person: a ticket's requester may be changed."""
        try:
            return self.open(sealed, about) if sealed is not None else None
        except Tampered:
            return None

    def _context(self, about: str) -> bytes:
        return f"sealed\0{self.id}\0{about}".encode()


class Vault:
    def __init__(self, secret_key: str) -> None:
        """Takes one or two secrets, comma-separated, newest first: the newest wraps, each may open."""
        secrets = [part.strip() for part in secret_key.split(",") if part.strip()]
        if not secrets:
            raise VaultError("DESKHAND_SECRET_KEY is empty; make one with: openssl rand -base64 36")
        self._wrapping = [_derive(secret) for secret in secrets]
        self._naming: bytes | None = None

    def person(self, connection: Connection, account: str, user_id: str) -> PersonKey:
        """The person's key, made at first sight. Raises Erased once they were forgotten."""
        id = self.person_id(connection, account, user_id)
        return PersonKey(id, self._key(connection, id))

    def person_by_id(self, connection: Connection, id: str) -> PersonKey:
        """The key of a person known by the id on our rows. Raises Erased, and KeyError for nobody."""
        stored = _STORED.first(connection, id=id)
        if stored is None:
            raise KeyError(id)
        return PersonKey(id, self._opened(id, stored))

    def prepare(self, engine: Engine) -> None:
        """Makes or reads the installation's key once, at start. Raises WrongSecret for another database's secret."""
        with engine.begin() as connection:
            naming = self._key(connection, INSTALLATION)
        self._naming = naming  # only now is it surely committed

    def person_id(self, connection: Connection, account: str, user_id: str) -> str:
        naming = self._naming or self._key(connection, INSTALLATION)
        named = f"{len(account)}:{account}:{user_id}".encode("utf-8", "surrogatepass")
        return hmac.new(naming, named, "sha256").hexdigest()[:40]

    def token(self, about: str) -> str:
        """256 bits that nobody else can make and that are the same each time; URL-safe. Needs `prepare` first."""
        return base64.urlsafe_b64encode(self._named("token", about)).decode().rstrip("=")

    def digest(self, value: Any) -> str:
        """Names people's words and values: the same in each process, after a restore and under a new secret.

        Without the installation's key nobody counts out of it what was named. Needs `prepare` first.
        """
        return self._named("digest", digest(value)).hex()

    def erase(self, connection: Connection, id: str, now: datetime) -> None:
        """Destroys the person's key; what is sealed under it is gone for good, backups of the database aside."""
        connection.execute(update(people).where(people.c.id == id, people.c.id != INSTALLATION)
                           .values(wrapped=None, erased_at=now))

    def rewrap(self, connection: Connection) -> int:
        """Wraps every key anew under the newest secret, so that an older one can be dropped; says how many."""
        rows = connection.execute(select(people.c.id, people.c.wrapped).where(people.c.wrapped.is_not(None))
                                  .order_by(people.c.id).with_for_update()).all()
        for row in rows:
            wrapped = self._wrap(row.id, self._unwrap(row.id, row.wrapped))
            connection.execute(update(people).where(people.c.id == row.id).values(wrapped=wrapped))
        return len(rows)

    def _named(self, kind: str, what: str) -> bytes:
        if self._naming is None:
            raise VaultError("the vault is not prepared")
        return hmac.new(self._naming, f"{kind}\0{what}".encode(), "sha256").digest()

    def _key(self, connection: Connection, id: str) -> bytes:
        stored = _STORED.first(connection, id=id)
        if stored is None:
            made = AESGCM.generate_key(256)
            now = datetime.now(UTC)  # nosemgrep: own-clock - when it was really made; counted in days
            if _KEEP.first(connection, id=id, wrapped=self._wrap(id, made), created_at=now):
                return made
            stored = _STORED.one(connection, id=id)  # another process was first
        return self._opened(id, stored)

    def _opened(self, id: str, stored: Row) -> bytes:
        if stored["wrapped"] is None:
            raise Erased("this person was forgotten")
        return self._unwrap(id, stored["wrapped"])

    def _wrap(self, id: str, key: bytes) -> bytes:
        return _encrypt(self._wrapping[0], key, b"key\0" + id.encode())

    def _unwrap(self, id: str, wrapped: bytes) -> bytes:
        for wrapping in self._wrapping:
            if (key := _decrypt(wrapping, wrapped, b"key\0" + id.encode())) is not None:
                return key
        raise WrongSecret("DESKHAND_SECRET_KEY does not open what this database holds. Set the value it was used "
                          "with; to change it, set both, newest first, separated by a comma.")


_STORED = Statement(select(people.c.wrapped).where(people.c.id == given("id")))
_KEEP = Statement(insert(people).on_conflict_do_nothing().returning(people.c.id),
                  columns=("id", "wrapped", "created_at"))


def _derive(secret: str) -> bytes:
    return HKDF(SHA256(), 32, salt=b"deskhand", info=b"wraps people's keys").derive(secret.encode())


def _canonical(value: dict[str, Any]) -> bytes:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode("utf-8", "surrogatepass")


def _encrypt(key: bytes, plain: bytes, context: bytes) -> bytes:
    nonce = os.urandom(_NONCE)
    return _FORMAT + nonce + AESGCM(key).encrypt(nonce, plain, _FORMAT + context)


def _decrypt(key: bytes, sealed: bytes, context: bytes) -> bytes | None:
    nonce, body = sealed[1:1 + _NONCE], sealed[1 + _NONCE:]
    if sealed[:1] != _FORMAT or len(body) < 16:
        return None
    try:
        return AESGCM(key).decrypt(nonce, body, _FORMAT + context)
    except InvalidTag:
        return None
