"""What was decided for a ticket: kept whole before anything is done, so that a crash forgets nothing of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Connection, RowMapping

from agent import audit
from agent.act import Actor, may_go
from agent.desk import Desk
from agent.facts import Facts
from agent.ground import Ask, Summary, Ungrounded
from agent.ledger import TicketRow
from agent.policy import Decision
from agent.policy.facts import FactValue
from agent.proposal import Planned
from agent.vault import PersonKey
from connectors.contract import digest, operation_id

How = Literal["go", "answer", "parked", "refused", "escalated", "draft", "off", "shadow", "ungrounded", "uncovered",
              "unsure"]

WAIT_FOR = timedelta(hours=72)


class Item(BaseModel):
    """One thing asked, and what was decided about it."""

    model_config = ConfigDict(frozen=True)

    how: How
    words: str
    summary: Summary | None = None
    decision: Decision | None = None
    operation: str | None = None


class Plan(BaseModel):
    """The plan of one generation of a ticket, as it lies sealed in its proposal row."""

    model_config = ConfigDict(frozen=True)

    planned: Planned | None
    handles: dict[str, str] = {}
    comments: tuple[str, ...]
    """Ids of the customer's comments it answers."""
    seen_before: str | None
    """How far the helpdesk's records had been looked at before it."""
    items: tuple[Item, ...]
    read: str
    """What was read, in words for a handoff."""


@dataclass(frozen=True)
class Open:
    """A plan that is being carried out."""

    proposal_id: int
    digest: str
    generation: int
    plan: Plan

    @classmethod
    def of(cls, row: RowMapping, person: PersonKey) -> Open:
        return cls(row["id"], row["digest"], row["generation"], Plan.model_validate(person.open(row["sealed"])))


def how(decision: Decision, ask: Ask) -> How:
    """What a decision makes of an ask, mode included; the mode never makes it looser."""
    if decision.mode in ("shadow",):
        return "shadow"
    if decision.outcome == "escalate":
        return "escalated"
    if decision.mode == "off":
        return "off"
    if decision.outcome == "refuse":
        return "refused"
    if not decision.unattended:
        return "parked"
    if not may_go(decision):
        return "draft"
    return "go" if ask.action else "answer"


def digest_of(asks: list[Ask | Ungrounded], planned: Planned | None, why: str) -> str:
    """What is proposed, grounded in what was read; the same again has the same digest."""
    said = [ask.digest() if isinstance(ask, Ask) else str(ask) for ask in asks]
    rest = [planned.proposal.uncovered, planned.proposal.unsure] if planned else []
    return digest([said, rest, why])


def keep(c: Connection, desk: Desk, actor: Actor, row: TicketRow, facts: Facts, plan: Plan,
         asks: Sequence[Ask | None], generation: int, plan_digest: str, now: datetime) -> Open:
    """Writes proposal, decisions, operations and waits in the caller's transaction."""
    ledger = desk.ledger
    planned = plan.planned
    proposal_id = ledger.propose(
        c, ticket_id=row.id, generation=generation, digest=plan_digest,
        planner=planned.planner if planned else "none", version=planned.version if planned else "",
        model=planned.model if planned else None, facts_digest=digest(facts.model_dump(mode="json")),
        sealed=actor.person.seal(plan.model_dump(mode="json")), created_at=now)
    for position, (item, ask) in enumerate(zip(plan.items, asks, strict=False)):
        if ask is None:
            continue
        decision_id = _decided(c, actor, proposal_id, item, ask, now)
        if item.how == "go" and ask.action:
            # What cannot be taken back comes last.
            ledger.plan(c, ref=row.ref, ticket_id=row.id, proposal_id=proposal_id, action=ask.action,
                        position=position if ask.action.undo else 100 + position, person=actor.person, now=now,
                        decision_id=decision_id)
        if item.how in ("parked", "draft"):
            _wait(c, actor, proposal_id, decision_id, item, ask, now)
    public = {"generation": generation, "planner": planned.planner if planned else None,
              "items": [{"how": item.how, "action": item.summary.kind if item.summary else None,
                         "operation": item.operation} for item in plan.items]}
    audit.record(c, kind="ticket.planned", ticket=row.id, operation=None, at=now, public=public,
                 sealed=actor.person.seal({"plan": plan.model_dump(mode="json"),
                                           "facts": facts.model_dump(mode="json")}))
    return Open(proposal_id, plan_digest, generation, plan)


__all__ = ["Item", "Open", "Plan", "digest_of", "how", "keep", "operation_id"]


def _decided(c: Connection, actor: Actor, proposal_id: int, item: Item, ask: Ask, now: datetime) -> int | None:
    decision = item.decision
    if decision is None:
        return None
    known = {name: _plain(value) for name, value in actor.facts_of(c, ask).items()}
    return actor.ledger.decided(
        c, ticket_id=actor.ticket_id, proposal_id=proposal_id, operation_id=item.operation or "", action=ask.kind,
        outcome=decision.outcome, confirm=decision.confirm, approve_by=decision.approve_by, mode=decision.mode,
        rules=[hit.model_dump(mode="json") for hit in (*decision.by, *decision.also)], missing=list(decision.missing),
        facts=known, policy=decision.policy, policy_version=decision.version, policy_digest=decision.digest,
        decided_at=now)


def _wait(c: Connection, actor: Actor, proposal_id: int, decision_id: int | None, item: Item, ask: Ask,
          now: datetime) -> None:
    decision = item.decision
    if decision is None or decision_id is None:
        return
    # With both duties the colleague is asked first: "People on the ticket".
    whom = decision.approve_by or ("customer" if decision.confirm else "agent")
    actor.ledger.wait(c, ticket_id=actor.ticket_id, proposal_id=proposal_id, decision_id=decision_id, for_whom=whom,
                      digest=ask.digest(), created_at=now, expires_at=now + WAIT_FOR)


def _plain(value: FactValue) -> object:
    return sorted(value) if isinstance(value, (set, frozenset)) else value
