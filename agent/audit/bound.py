"""Decisions, bound into the chain: each has a row there with the SHA-256 of all that was kept of it, facts included."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import UTC
from typing import Any

from sqlalchemy import Connection, select, text

from agent.audit.chain import canonical
from agent.tables import audit, decisions, tickets

MADE = "decision.made"
"""The kind of such a row. Its `public` names the decision's row, the digest, and its ticket in the helpdesk."""
COLUMNS = tuple(column.name for column in decisions.c if column.name != "id")


def content(row: Mapping[Any, Any]) -> bytes:
    """What is kept of a decision, all but its number, in the chain's canonical form."""
    return canonical({name: row[name] for name in COLUMNS} | {"decided_at": _moment(row["decided_at"])})


def digest(row: Mapping[Any, Any]) -> str:
    return hashlib.sha256(content(row)).hexdigest()


def check(c: Connection) -> tuple[list[str], int, int]:
    """What is wrong with the decisions, in words, how many were looked at, and how many are older than this binding."""
    said: dict[int, str] = {}
    problems, old = _misnamed(c), 0
    for told in c.execute(_SAID):
        if said.setdefault(told.id, told.sha256) != told.sha256:
            problems.append(f"decision {told.id} is named by two rows, and they differ")
    first = min(said, default=None)
    for row in _rows(c):
        if (expected := said.pop(row["id"], None)) is not None:
            if digest(row) != expected:
                problems.append(f"decision {row['id']} was changed")
        elif row["id"] > 0 and (first is None or row["id"] < first):
            old += 1
        else:
            problems.append(f"decision {row['id']} is not in the audit")
    problems += [f"decision {id} is gone" for id in said]
    return problems, c.execute(text("select count(*) from decisions")).scalar_one(), old


def _misnamed(c: Connection) -> list[str]:
    """Tickets that are called otherwise than when something was decided on them."""
    said = audit.c.public["ref"].as_string()
    return [f"ticket {id} is called {ref}, and the trail says {was}" for id, ref, was in c.execute(
        select(tickets.c.id, tickets.c.ref, said).distinct().join(audit, audit.c.ticket_id == tickets.c.id).where(
            audit.c.kind == MADE, said != tickets.c.ref).order_by(tickets.c.id))]


_SAID = select(audit.c.public["decision"].as_integer().label("id"), audit.c.public["sha256"].as_string().label("sha256")
               ).where(audit.c.kind == MADE).order_by(audit.c.id)


def _rows(c: Connection) -> Iterator[Mapping[Any, Any]]:
    yield from c.execute(select(decisions).order_by(decisions.c.id).execution_options(yield_per=1000)).mappings()


def _moment(at: Any) -> str:
    said: str = at.astimezone(UTC).isoformat()
    return said
