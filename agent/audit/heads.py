"""The chain's head, signed: who has one can tell later that nothing before it was changed or cut off.

A chain alone can be built anew by whoever may write to the database. Its head, kept elsewhere and signed with a key
that is not in the database, cannot.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import BigInteger, Connection, any_, cast, insert, select, text
from sqlalchemy.dialects.postgresql import ARRAY

from agent.audit import chain
from agent.tables import audit, audit_heads

EVERY_ROWS = 100
EVERY = timedelta(minutes=10)
_SIGNED = "deskhand audit head 1"
_SIGNED_FILE = "deskhand audit export 1"
_LOCK = 0x6465736B68656164


@dataclass(frozen=True)
class Head:
    """Where the chain stood."""

    position: int
    hash: bytes
    at: datetime
    signatures: Mapping[str, str]
    """Public key → signature, both in hex; two while the secret is being changed."""

    def line(self) -> str:
        """As keepers write it: one JSON object."""
        return json.dumps({"position": self.position, "hash": self.hash.hex(), "at": _moment(self.at),
                           "signatures": dict(self.signatures)}, sort_keys=True)

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> Self:
        """Raises KeyError, TypeError and ValueError for what is none."""
        signatures = {str(key): str(value) for key, value in dict(told["signatures"]).items()}
        return cls(int(told["position"]), bytes.fromhex(told["hash"]), datetime.fromisoformat(told["at"]), signatures)

    def signed_by(self, keys: Iterable[str]) -> bool:
        """One of these keys signed exactly this."""
        return any(_verifies(key, self.signatures[key], self._text()) for key in keys if key in self.signatures)

    def _text(self) -> bytes:
        return signed_text(self.position, self.hash, self.at)


def signed_text(position: int, hash: bytes, at: datetime) -> bytes:
    """What a signature is over: four lines, the last one without an end."""
    return f"{_SIGNED}\n{position}\n{hash.hex()}\n{_moment(at)}".encode()


class Signing:
    """The keys that sign heads (Ed25519, RFC 8032), derived from DESKHAND_SECRET_KEY by HKDF-SHA-256."""

    def __init__(self, secret_key: str) -> None:
        """Takes one or two secrets, comma-separated, newest first, as the vault does; each of them signs."""
        self._keys = [_derive(part.strip()) for part in secret_key.split(",") if part.strip()]

    @property
    def public(self) -> list[str]:
        """In hex, newest first."""
        return [_public(key) for key in self._keys]

    def head(self, position: int, hash: bytes, at: datetime) -> Head:
        told = signed_text(position, hash, at)
        return Head(position, hash, at, self._signatures(told))

    def file(self, sha256: str) -> dict[str, str]:
        """For an export whose SHA-256 in hex is this: public key → signature, both in hex."""
        return self._signatures(f"{_SIGNED_FILE}\n{sha256}".encode())

    def _signatures(self, told: bytes) -> dict[str, str]:
        return {_public(key): key.sign(told).hex() for key in self._keys}


def make_due(c: Connection, signing: Signing, now: datetime) -> Head | None:
    """A head where the last one is 100 rows or, with anything new, 10 minutes away; None where none is due.

    Asked with every round of a worker, every two seconds. Of several processes that ask at once one makes it.
    """
    position, _ = chain.head(c)
    last = c.execute(select(audit_heads.c.position, audit_heads.c.at).order_by(audit_heads.c.id.desc()).limit(1)
                     ).first()
    if last is None:
        due = position > 0
    else:
        due = position != last.position and (position - last.position >= EVERY_ROWS or abs(now - last.at) >= EVERY
                                             or position < last.position)
    if not due or not c.execute(text("select pg_try_advisory_xact_lock(:lock)"), {"lock": _LOCK}).scalar():
        return None
    return make(c, signing, now)


def make(c: Connection, signing: Signing, now: datetime) -> Head:
    """Signs where the chain stands now, and keeps it for the keepers. Raises NoResultFound where it is not stored."""
    position, hash = chain.head(c)
    made = signing.head(position, hash, now)
    c.execute(insert(audit_heads).values(position=position, hash=hash, at=now, signatures=dict(made.signatures))
              .returning(audit_heads.c.id)).one()
    return made


def kept(c: Connection, after: int = 0) -> Iterator[tuple[int, Head]]:
    """Each head that was made here, with its number, from the one after this number on."""
    rows = c.execute(select(audit_heads).where(audit_heads.c.id > after).order_by(audit_heads.c.id))
    for row in rows:
        yield row.id, Head(row.position, row.hash, row.at, row.signatures)


def read_lines(lines: Iterable[str]) -> tuple[list[Head], int]:
    """Heads as a keeper has them, one in a line, and how many lines are none."""
    heads, broken = [], 0
    for line in lines:
        if line.strip():
            try:
                heads.append(Head.read(json.loads(line)))
            except (KeyError, TypeError, ValueError):
                broken += 1
    return heads, broken


def compare(c: Connection, heads: Iterable[Head], keys: Iterable[str]) -> Compared:
    """Sets heads against the chain as it stands in the database."""
    known, given = list(keys), list(heads)
    found = Compared()
    places = sorted({head.position for head in given})
    hashes = {row.position: row.hash for row in c.execute(select(audit.c.position, audit.c.hash).where(
        audit.c.position == any_(cast(places, ARRAY(BigInteger)))))}
    for head in given:
        if not head.signed_by(known):
            forged = any(key in head.signatures for key in known)
            if forged:
                found.problems.append(f"the head at row {head.position} of {_moment(head.at)} has a wrong signature")
            found.unknown += not forged
            continue
        found.used += 1
        found.upto = max(found.upto, head.position)
        there = hashes.get(head.position)
        if there is None:
            found.problems.append(f"the head of {_moment(head.at)} says {head.position} rows, and row {head.position} "
                                  "is not there: rows were cut off")
        elif there != head.hash:
            found.problems.append(f"row {head.position} is another than the head of {_moment(head.at)} says: the chain "
                                  "was built anew")
    return found


class Compared:
    """What came of setting heads against a chain."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self.used = 0
        self.unknown = 0
        """Signed by a key that is not known here: they prove nothing, for or against."""
        self.upto = 0
        """The last row that a head vouches for."""


def _verifies(public: str, signature: str, told: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public)).verify(bytes.fromhex(signature), told)
    except (InvalidSignature, ValueError):
        return False
    return True


def _derive(secret: str) -> Ed25519PrivateKey:
    seed = HKDF(SHA256(), 32, salt=b"deskhand", info=b"signs the audit's heads").derive(secret.encode())
    return Ed25519PrivateKey.from_private_bytes(seed)


def _public(key: Ed25519PrivateKey) -> str:
    return key.public_key().public_bytes_raw().hex()


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()
