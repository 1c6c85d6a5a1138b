"""What colleagues declined, and why: each is a lesson for the policy, or for what a planner reads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from agent.consent.waits import CUSTOMER
from agent.desk import Desk
from agent.tables import decisions, proposals, tickets, waits
from agent.vault import Erased


@dataclass(frozen=True)
class Lesson:
    """One action that a colleague declined."""

    ref: str
    link: str
    at: datetime
    action: str
    rules: tuple[str, ...]
    """Which had it asked about."""
    by: str
    reason: str


def lessons(c: Connection, desk: Desk, since: datetime, until: datetime) -> tuple[Lesson, ...]:
    """Declined within the time, the newest first; without those whose person was forgotten."""
    rows = c.execute(
        select(waits.c.answered_at, waits.c.sealed, decisions.c.action, decisions.c.rules, tickets.c.ref,
               proposals.c.person_id)
        .join(decisions, decisions.c.id == waits.c.decision_id).join(tickets, tickets.c.id == waits.c.ticket_id)
        .join(proposals, proposals.c.id == waits.c.proposal_id)
        .where(waits.c.state == "declined", waits.c.by != CUSTOMER, waits.c.answered_at >= since,
               waits.c.answered_at < until, waits.c.sealed.is_not(None))
        .order_by(waits.c.answered_at.desc()))
    found = []
    for row in rows:
        try:
            said = desk.ledger.vault.person_by_id(c, row.person_id).read(row.sealed)
        except Erased:
            continue
        if said is not None:
            found.append(Lesson(row.ref, desk.helpdesk(row.ref).link(row.ref), row.answered_at, row.action,
                                tuple(rule["id"] for rule in row.rules), said.get("name", ""), said.get("reason", "")))
    return tuple(found)
