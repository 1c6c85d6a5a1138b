"""The trail's rows and their chain.

The canonical form, as a reader needs it to check a row without us: a row is one JSON object with exactly the members
`at`, `id`, `kind`, `operation`, `position`, `public`, `sealed` and `ticket`. Members of every object are sorted by name
(by code points), nothing is written between tokens, strings stand in UTF-8 and only `"`, `\\` and control characters
are escaped, numbers are whole and in plain digits. That is RFC 8785 for such values, names beyond the Basic
Multilingual Plane aside, of which we have none. `at` is ISO 8601 in UTC, with microseconds where there are any, and
"+00:00" at its end; `sealed` is the SHA-256 of the encrypted bytes in hex, or null. A row's hash is the SHA-256 of the
32 bytes of the hash before it, then these bytes; before the first row stand 32 zero bytes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, text, update

from agent.compiled import Statement
from agent.tables import audit

_CHAIN_LOCK = 0x6465736B61756474
START = bytes(32)
"""Stands before the first row."""


def record(connection: Connection, *, kind: str, ticket: int | None, operation: str | None, at: datetime,
           public: dict[str, Any], sealed: bytes | None = None) -> None:
    """Adds a row in the caller's transaction; `public` holds no personal data, `sealed` is under a person's key."""
    _RECORD.run(connection, kind=kind, ticket_id=ticket, operation_id=operation, at=at, public=public, sealed=sealed)


_RECORD = Statement(insert(audit), columns=("kind", "ticket_id", "operation_id", "at", "public", "sealed"))


def seal_chain(connection: Connection, most: int = 10_000) -> int:
    """Gives committed rows that have none yet their place in the chain, oldest first; says how many got one."""
    connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": _CHAIN_LOCK})
    position, previous = _head(connection)
    rows = connection.execute(select(audit).where(audit.c.position.is_(None)).order_by(audit.c.id).limit(most))
    places = []
    for row in rows.mappings():
        position += 1
        hash = link(previous, position, row)
        places.append({"row": row["id"], "place": position, "before": previous, "sum": hash})
        previous = hash
    if places:
        connection.execute(_PLACE, places)
    return len(places)


_PLACE = (update(audit).where(audit.c.id == bindparam("row"))
          .values(position=bindparam("place"), previous=bindparam("before"), hash=bindparam("sum")))


def head(connection: Connection) -> tuple[int, bytes]:
    """How many rows are chained and the last one's hash: what an outside keeper writes down."""
    return _head(connection)


def verify(connection: Connection) -> list[str]:
    """What is wrong with the chain, in words; empty when every row stands where and as it was put."""
    problems = []
    expected, previous = 1, START
    rows = connection.execute(select(audit).where(audit.c.position.is_not(None)).order_by(audit.c.position)
                              .execution_options(yield_per=1000))
    for row in rows.mappings():
        if row["position"] != expected:
            problems.append(f"rows {expected} to {row['position'] - 1} are missing")
        elif row["previous"] != previous:
            problems.append(f"row {row['position']} does not follow the row before it")
        if row["hash"] != link(row["previous"], row["position"], row):
            problems.append(f"row {row['position']} ({row['kind']}) was changed")
        expected, previous = row["position"] + 1, row["hash"]
    return problems


def link(previous: bytes, position: int, row: Mapping[Any, Any]) -> bytes:
    """The row's hash: over the hash before it, its place, and what it says; sealed text by its SHA-256 only."""
    return hashlib.sha256(previous + content(position, row)).digest()


def content(position: int, row: Mapping[Any, Any]) -> bytes:
    """What the row says at this place, in the canonical form."""
    return canonical({
        "id": row["id"], "position": position, "at": row["at"].astimezone(UTC).isoformat(), "kind": row["kind"],
        "ticket": row["ticket_id"], "operation": row["operation_id"], "public": row["public"],
        "sealed": hashlib.sha256(row["sealed"]).hexdigest() if row["sealed"] is not None else None,
    })


def canonical(value: Mapping[str, Any]) -> bytes:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode("utf-8", "surrogatepass")


def _head(connection: Connection) -> tuple[int, bytes]:
    last = connection.execute(select(audit.c.position, audit.c.hash).where(audit.c.position.is_not(None))
                              .order_by(audit.c.position.desc()).limit(1)).first()
    return (last.position, last.hash) if last else (0, START)
