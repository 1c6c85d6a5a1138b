"""What people read later: who did what, on which facts, by which rule. Rows are added, chained, and never changed."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, insert, select, text, update

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


def link(previous: bytes, position: int, row: RowMapping) -> bytes:
    """The row's hash: over the hash before it, its place, and what it says; sealed text by its SHA-256 only."""
    told = {
        "id": row["id"], "position": position, "at": row["at"].astimezone(UTC).isoformat(), "kind": row["kind"],
        "ticket": row["ticket_id"], "operation": row["operation_id"], "public": row["public"],
        "sealed": hashlib.sha256(row["sealed"]).hexdigest() if row["sealed"] is not None else None,
    }
    canonical = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(previous + canonical.encode("utf-8", "surrogatepass")).digest()


def _head(connection: Connection) -> tuple[int, bytes]:
    last = connection.execute(select(audit.c.position, audit.c.hash).where(audit.c.position.is_not(None))
                              .order_by(audit.c.position.desc()).limit(1)).first()
    return (last.position, last.hash) if last else (0, START)
