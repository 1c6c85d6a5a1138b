"""Decisions as the ledger recorded them, with the facts they were made on; nothing sealed is opened for them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from agent.policy import Decision, Hit
from agent.policy.table import EFFECTS
from agent.tables import decisions, proposals, tickets

BATCH = 2000


@dataclass(frozen=True)
class Recorded:
    """One decision, as it was made then."""

    ticket: str
    """Its reference."""
    customer: str
    """Whose totals it counts for: a keyed hash that says nothing by itself."""
    operation: str
    """The operation it would be or is; empty for an answer."""
    action: str
    facts: Mapping[str, Any]
    decision: Decision
    at: datetime


class NoSuchTicket(LookupError):
    """The message says what to write instead."""


@dataclass(frozen=True)
class LastPlan:
    """What was decided when the ticket was planned last."""

    ticket: str
    generation: int
    at: datetime | None
    ending: str | None
    decisions: tuple[Recorded, ...]


def of_ticket(c: Connection, named: str) -> LastPlan:
    """By its reference ("zendesk:acme:123") or its number. Raises NoSuchTicket."""
    id, ref = _ticket(c, named.strip().lstrip("#"))
    plan = c.execute(select(*proposals.c["id", "generation", "created_at", "ending"]).where(
        proposals.c.ticket_id == id).order_by(proposals.c.id.desc()).limit(1)).first()
    if plan is None:
        return LastPlan(ref, 0, None, None, ())
    rows = c.execute(_DECISIONS.where(decisions.c.proposal_id == plan.id).order_by(decisions.c.id)).mappings()
    return LastPlan(ref, plan.generation, plan.created_at, plan.ending, tuple(_recorded(row) for row in rows))


def since(c: Connection, moment: datetime | None) -> Iterator[Recorded]:
    """Every decision made since then, or ever, in the order they were made."""
    asked = _DECISIONS.order_by(decisions.c.id)
    if moment is not None:
        asked = asked.where(decisions.c.decided_at >= moment)
    for row in c.execute(asked.execution_options(yield_per=BATCH)).mappings():
        yield _recorded(row)


_DECISIONS = select(decisions, tickets.c.ref, func.coalesce(tickets.c.person_id, tickets.c.ref).label("person")).join(
    tickets, tickets.c.id == decisions.c.ticket_id)


def _recorded(row: Mapping[Any, Any]) -> Recorded:
    decision = decided(
        row["rules"], outcome=row["outcome"], confirm=row["confirm"], approve_by=row["approve_by"], mode=row["mode"],
        missing=tuple(row["missing"]), policy=row["policy"], version=row["policy_version"],
        digest=row["policy_digest"])
    return Recorded(ticket=row["ref"], customer=row["customer"] or row["person"], operation=row["operation_id"],
                    action=row["action"], facts=row["facts"], decision=decision, at=row["decided_at"])


def decided(hits: Iterable[Mapping[str, str]], **kept: Any) -> Decision:
    """A decision as the ledger keeps it: which hits decided follows from what each of them asks for."""
    found = [Hit(**hit) for hit in hits]
    by = tuple(hit for hit in found if _decides(hit, kept["outcome"], kept["confirm"], kept["approve_by"]))
    return Decision(by=by, also=tuple(hit for hit in found if hit not in by), **kept)


def _decides(hit: Hit, outcome: str, confirm: bool, approve_by: str | None) -> bool:
    effect = EFFECTS[hit.effect]
    if outcome != "go_ahead":
        return effect.outcome == outcome
    if not confirm and approve_by is None:
        return True
    return (confirm and effect.confirm) or (approve_by is not None and effect.approve_by == approve_by)


def _ticket(c: Connection, named: str) -> tuple[int, str]:
    """A number alone must be one ticket's only."""
    which = tickets.c.ref == named if ":" in named else tickets.c.vendor_id == named
    found = c.execute(select(tickets.c.id, tickets.c.ref).where(which).order_by(tickets.c.ref)).all()
    if not found:
        raise NoSuchTicket(f"Deskhand has not seen a ticket {named}; write its number, or its reference as in "
                           "zendesk:acme:123.")
    if len(found) > 1:
        raise NoSuchTicket(f"There are several tickets {named}; write one of: {', '.join(row.ref for row in found)}.")
    return found[0].id, found[0].ref
