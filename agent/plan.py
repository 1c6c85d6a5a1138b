"""What was decided for a ticket: kept whole before anything is done, so that a crash forgets nothing of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Connection

from agent import audit, scope
from agent.act import NOBODY, Actor, may_go, switched_on
from agent.case import Handles
from agent.compiled import Row
from agent.consent import waits
from agent.consent.agreement import lowered
from agent.desk import Desk
from agent.facts import Facts
from agent.ground import SEEN_TO, Ask, Found, Summary, Ungrounded, ground
from agent.ledger import AFTER_WHAT_CAN_BE_UNDONE, Operation, TicketRow
from agent.policy import WHY_PRESSED, Decision, FactValue, Policy, decide
from agent.proposal import Planned
from agent.vault import PersonKey
from connectors.contract import Comment, TicketUpdate

How = Literal["go", "answer", "parked", "refused", "escalated", "draft", "off", "shadow", "ungrounded", "uncovered",
              "unsure", "repeat"]

SILENT = ("off", "uncovered", "repeat")
"""With nothing but these a ticket asks for nothing that we do."""
AWAITING = ("parked", "draft")
"""What somebody must agree to first, or press."""
MOST_ASKED = 5
"""Things of one plan that people are asked to agree to; more of them are a person's to read first."""


class Item(BaseModel):
    """One thing asked, and what was decided about it."""

    model_config = ConfigDict(frozen=True)

    how: How
    words: str
    summary: Summary | None = None
    decision: Decision | None = None
    operation: str | None = None
    unsure: bool = False
    """The planner asked for a person to read the message first."""
    found: Found | None = None
    """What it was matched to, where nothing can be done about that; `words` say why."""
    pressed: bool = False
    """A colleague is asked whatever the rules say: it is in draft, or outside the rollout."""

    def why_pressed(self) -> str:
        """Why a colleague is asked whom no rule asks for; empty where none is."""
        decision = self.decision
        if decision is None or not self.pressed or decision.outcome != "go_ahead" or decision.approve_by is not None:
            return ""
        return WHY_PRESSED[decision.mode]


class Plan(BaseModel):
    """The plan of one generation of a ticket, as it lies sealed in its proposal row."""

    model_config = ConfigDict(frozen=True)

    planned: Planned | None
    handles: dict[str, str] = {}
    comments: tuple[str, ...]
    """Ids of the customer's comments it answers."""
    seen_before: str | None
    """How far the helpdesk's records had been looked at before it."""
    given_back: str | None = None
    """Up to which of them colleagues had given the ticket back."""
    items: tuple[Item, ...]
    read: str
    """What was read, in words for a handoff."""

    def asks(self, desk: Desk, facts: Facts, new: tuple[Comment, ...]) -> list[Ask | Ungrounded]:
        """What the proposal means on the facts given, item by item."""
        if self.planned is None:
            return []
        return ground(self.planned.proposal, self.handles, facts, new, self.planned.planner, desk.choices,
                      self.given_back)

    def told(self, operations: Iterable[Operation]) -> set[int]:
        """The items that a reply which was sent tells as done or answered."""
        places = [n for n, item in enumerate(self.items) if item.how != "repeat"]
        return {places[n] for one in operations if isinstance(one.action, TicketUpdate)
                and one.state not in ("planned", "dropped", "rejected") for n in one.action.tells}


@dataclass(frozen=True)
class Open:
    """A plan that is being carried out."""

    proposal_id: int
    digest: str
    generation: int
    plan: Plan

    @classmethod
    def of(cls, row: Row, person: PersonKey) -> Open:
        return cls(row["id"], row["digest"], row["generation"], Plan.model_validate(person.open(row["sealed"])))


@dataclass(frozen=True)
class Drawn:
    """A plan just made, with the asks it stands on; not yet kept."""

    plan: Plan
    asks: list[Ask | Ungrounded]
    facts: list[dict[str, FactValue]]
    """What each ask was decided on."""
    digest: str
    in_shadow: bool

    def silent(self) -> bool:
        return all(item.how in SILENT for item in self.plan.items)

    def theirs(self) -> bool:
        """Nothing but what the colleagues on the ticket have seen to, or were asked about."""
        return all(item.how in SILENT or item.words == SEEN_TO for item in self.plan.items)

    def grounded(self) -> dict[int, Ask]:
        return {n: one for n, one in enumerate(self.asks) if isinstance(one, Ask)}


def draw(c: Connection, desk: Desk, actor: Actor, seen: str | None, facts: Facts, new: tuple[Comment, ...],
         planned: Planned | None, handles: Handles, unsure: str, read: str, given_back: str | None = None) -> Drawn:
    """Decides each thing proposed; `unsure` is why there is no proposal, `read` tells a colleague what was read.

    `seen` is how far the helpdesk's records had been looked at before.
    """
    bare = Plan(planned=planned, handles=handles, comments=tuple(comment.id for comment in new),
                seen_before=seen, given_back=given_back, items=(), read=read)
    asks = bare.asks(desk, facts, new)
    known = [actor.facts_of(c, one) if isinstance(one, Ask) else {} for one in asks]
    policy = desk.policy(c)
    items = _once((_item(policy, actor, one, facts) for one, facts in zip(asks, known, strict=True)), asks)
    items += [*_twice(items), *_rest(planned, unsure)]
    if sum(item.how in AWAITING for item in items) > MOST_ASKED:
        items.append(Item(how="unsure", words="it asks for more at once than anybody can agree to with care"))
    if any(item.how == "unsure" for item in items):
        items = [_for_a_person(item) for item in items]
    said = [one.identity() if isinstance(one, Ask) else str(one) for one in asks]
    rest = [planned.proposal.uncovered, planned.proposal.unsure] if planned else []
    made = bare.model_copy(update={"items": tuple(items)})
    return Drawn(made, asks, known, desk.ledger.vault.digest([said, rest, unsure]), in_shadow(desk, policy, made))


def _item(policy: Policy | None, actor: Actor, one: Ask | Ungrounded, facts: dict[str, FactValue]) -> Item:
    if isinstance(one, Ungrounded):
        return Item(how="ungrounded", words=str(one), found=one.found)
    decision = decide(one.kind, facts, policy)
    pressed = decision.mode in WHY_PRESSED and not switched_on(decision, policy, actor.customer, one.kind)
    return Item(how=how(decision, one, policy, actor.customer), words=one.words, summary=one.summary(),
                decision=decision, operation=actor.operation_of(one) or None, pressed=pressed)


def _once(items: Iterable[Item], asks: Iterable[Ask | Ungrounded]) -> list[Item]:
    """The same proposed twice is asked once, unless it may be meant twice: a part of a charge stands, for `_twice`."""
    known: set[str] = set()
    once = []
    for item, ask in zip(items, asks, strict=True):
        name = item.operation or item.words
        again = name in known and not (isinstance(ask, Ask) and ask.of_a_part())
        once.append(item.model_copy(update={"how": "repeat"}) if again else item)
        known.add(name)
    return once


def _twice(items: list[Item]) -> list[Item]:
    """Why a person says whether both are meant of what is asked for twice."""
    times = Counter(item.operation for item in items if item.operation and item.how not in SILENT)
    return [Item(how="unsure", words="the same is asked for twice in one message, and it is not clear whether both are "
                                     "meant")] if max(times.values(), default=1) > 1 else []


def _for_a_person(item: Item) -> Item:
    """An unsure planner's actions are shown to a person and none is done."""
    how = "unsure" if item.how in ("go", "answer", "parked", "draft") else item.how
    return item.model_copy(update={"how": how, "unsure": True})


def how(decision: Decision, ask: Ask, policy: Policy | None, customer: str) -> How:
    """What a decision makes of an ask, mode and rollout included; they never make it looser."""
    if decision.mode == "shadow":
        return "shadow"
    if policy is not None and decision.mode == "off":
        return "off"
    if decision.outcome != "go_ahead":
        return "escalated" if decision.outcome == "escalate" else "refused"
    if not decision.unattended:
        return "parked"
    if not may_go(decision, NOBODY, switched_on=switched_on(decision, policy, customer, ask.kind)):
        return "draft"
    return "go" if ask.action else "answer"


def _rest(planned: Planned | None, unsure: str) -> list[Item]:
    if planned is None:
        return [Item(how="unsure", words=unsure)]
    proposal = planned.proposal
    free = planned.planner == "model"  # whose words may be anybody's: they end where the quotation marks say
    rest = [Item(how="uncovered", words="also asked, and not something Deskhand does: "
                 + (f"“{phrase}”" if free else phrase)) for phrase in proposal.uncovered]
    return rest + ([Item(how="unsure", words=proposal.unsure)] if proposal.unsure else [])


def in_shadow(desk: Desk, policy: Policy | None, plan: Plan) -> bool:
    """Any part in shadow keeps the whole ticket silent; so does a desk where nothing is switched on."""
    if desk.crossed_modes or any(item.how == "shadow" for item in plan.items):
        return True
    return policy is not None and all(row.mode in ("off", "shadow") for row in policy.actions.values())


def would(item: Item) -> str:
    """How an item would have ended, of a ticket that is only watched."""
    decision = item.decision
    if item.unsure:
        return "unsure"
    if decision is None or item.how in ("off", "draft"):
        return item.how
    if decision.outcome != "go_ahead":
        return "escalated" if decision.outcome == "escalate" else "refused"
    if not decision.unattended:
        return "parked"
    return "done" if item.summary and item.summary.changes_something else "answered"


def keep(c: Connection, desk: Desk, actor: Actor, row: TicketRow, facts: Facts,
         drawn: Drawn) -> tuple[Open, list[Operation]]:
    """Writes proposal, decisions, operations and waits in the caller's transaction."""
    ledger, now, made, generation = desk.ledger, desk.now(), drawn.plan, row.generation + 1
    planned, sealed, read = made.planned, made.model_dump(mode="json"), facts.model_dump(mode="json")
    if row.generation > 0:
        waits.alone(c, row.id)
    proposal_id = ledger.propose(
        c, ticket_id=row.id, person_id=actor.person.id, generation=generation, digest=drawn.digest,
        planner=planned.planner if planned else "none", version=planned.version if planned else "",
        model=planned.model if planned else None, facts_digest=ledger.vault.digest(read),
        sealed=actor.person.seal(sealed), created_at=now, customer=actor.customer)
    if row.generation > 0:
        _waits_go_on(c, actor, proposal_id, drawn)
    kept = [_keep_item(c, actor, proposal_id, position, made.items[position], ask, drawn.facts[position])
            for position, ask in drawn.grounded().items()]
    public = {"generation": generation, "planner": planned.planner if planned else None,
              "items": [{"how": item.how, "action": item.summary.kind if item.summary else None,
                         "operation": item.operation} for item in made.items]}
    audit.record(c, kind="ticket.planned", ticket=row.id, operation=None, at=now, public=public,
                 sealed=actor.person.seal({"plan": sealed, "facts": read}))
    entries = facts.conversation.entries
    ledger.taken_up(c, row.id, scope.mark(entries), generation, now,
                    money=any(ask.kind != "contact_change" for ask in drawn.grounded().values()))
    open_ = Open(proposal_id, drawn.digest, generation, made)
    return open_, [op for op in kept if op and op.proposal_id == proposal_id]


def _waits_go_on(c: Connection, actor: Actor, proposal_id: int, drawn: Drawn) -> None:
    """Whoever was asked for exactly this before, or for what a colleague approved of it, goes on being asked; what else
    was waited for is replaced."""
    asks = drawn.grounded()
    awaiting = {actor.digest(ask): n for n, ask in asks.items() if drawn.plan.items[n].how in AWAITING}
    found = waits.of_ticket(c, actor.ticket_id)
    agreed = {(wait.position, actor.digest(lowered(asks[awaiting[wait.digest]], wait))): awaiting[wait.digest]
              for wait in found if wait.digest in awaiting}
    for wait in found:
        theirs = waits.whose(c, wait) == actor.person.id
        position = agreed.get((wait.position, wait.digest), awaiting.get(wait.digest))
        if position is not None and theirs:
            waits.move(c, wait, proposal_id, position)
        else:
            waits.end(c, [wait.id], "replaced" if theirs else "moved", actor.desk.now())


def _keep_item(c: Connection, actor: Actor, proposal_id: int, position: int, item: Item, ask: Ask,
               facts: dict[str, FactValue]) -> Operation | None:
    now = actor.desk.now()
    decision_id = actor.decided(c, proposal_id, ask, item.decision, facts) if item.decision else None
    if item.how != "go" or ask.action is None:
        return None
    last = 0 if ask.action.undo else AFTER_WHAT_CAN_BE_UNDONE
    return actor.ledger.plan(c, ref=actor.ref, ticket_id=actor.ticket_id, proposal_id=proposal_id, action=ask.action,
                             position=position + last, person=actor.person, now=now, decision_id=decision_id)
