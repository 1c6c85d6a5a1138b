"""What a colleague says about a waiting action: approve, approve less, or decline. Bound to exactly what they saw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.exc import IntegrityError

from agent import audit, engine
from agent.consent import bound, waits
from agent.consent.consents import rank
from agent.consent.states import STATES
from agent.consent.waits import CUSTOMER, Wait
from agent.desk import Desk
from agent.masking import mask_cards
from agent.policy import ROLES, Role, decide
from agent.tables import decisions, tickets
from agent.vault import Erased
from connectors.contract import Money
from connectors.money import step

LONGEST_REASON = 500
PEOPLE: Mapping[str, str] = {"agent": "an agent", "lead": "a lead", "finance": "finance"}
"""Colleagues by their role, in a sentence."""


@dataclass(frozen=True)
class Colleague:
    """Who presses, as the helpdesk says; never as the browser says."""

    id: str
    name: str
    role: Role | None


class NotNow(Exception):
    """Nothing was done; `name` says by a word why, the message what to do."""

    def __init__(self, name: str, words: str) -> None:
        super().__init__(words)
        self.name = name


class NotAllowed(NotNow):
    """This colleague may not; the message says who can."""


def approve(desk: Desk, wait_id: int, digest: str, by: Colleague, amount: int | None = None) -> None:
    """Approves what was seen, or less of it (minor units); the ticket is woken, and everything decided once more.

    Raises NotNow when it is no longer waited for, or another policy asks for more than was shown; NotAllowed when it
    takes another role.
    """
    with desk.ledger.begin() as c:
        wait, person = _pressed(c, desk, wait_id, digest, by)
        changed = _changed(c, desk, wait)
        if changed:
            sealed = desk.ledger.vault.person_by_id(c, person).seal({"name": by.name})
            go_on(c, desk, wait, "wait.changed", {"by": by.id}, sealed)
    if changed:
        raise NotNow("changed", f"Something changed since this was shown: {changed}. Look at it again.")
    with desk.ledger.begin() as c:
        wait, person = _pressed(c, desk, wait_id, digest, by)
        if amount is not None and amount <= 0:
            raise NotNow("amount", "The amount must be above zero.")
        _within_role(c, desk, wait, by, amount)
        sealed = desk.ledger.vault.person_by_id(c, person).seal({"name": by.name})
        if not waits.answer(c, wait, "given", by.id, desk.now(), role=by.role, amount=amount, sealed=sealed):
            raise NotNow("answered", "Somebody else answered a moment ago.")
        go_on(c, desk, wait, "wait.approved", {"by": by.id, "role": by.role, "amount": amount})


def _changed(c: Connection, desk: Desk, wait: Wait) -> str:
    """What a policy published since asks for beyond what was shown; the vendors are asked in the next pass."""
    shown, policy = bound.recorded(c, wait), desk.policy(c)
    if policy is None or policy.digest == shown["policy_digest"]:
        return ""
    decision = decide(shown["action"], shown["facts"], policy)
    return "; ".join(bound.further(shown, decision)) if decision.outcome == "go_ahead" else ""


def why_not(c: Connection, desk: Desk, wait: Wait, by: Colleague) -> NotNow | None:
    """Why this colleague cannot approve the whole of it now; None when they can."""
    try:
        found, _ = _waiting(c, desk, wait.id, wait.shown, by)
        _within_role(c, desk, found, by, None)
    except NotNow as no:
        return no
    return None


def most_for(c: Connection, desk: Desk, wait: Wait, by: Colleague, asked: Money) -> Money | None:
    """The highest amount of it that this colleague may approve; None when they may approve nothing."""
    if rank(by.role) >= rank(wait.for_whom):
        return asked
    row = c.execute(select(decisions.c.action, decisions.c.facts).where(
        decisions.c.id == wait.decision_id)).mappings().one()
    policy, smallest = desk.policy(c), step(asked.currency)

    def enough(steps: int) -> bool:
        facts = _with(row["facts"], steps * smallest)
        return rank(by.role) >= rank(decide(row["action"], facts, policy).approve_by or "agent")

    low, high = 0, asked.amount // smallest
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if enough(middle) else (low, middle - 1)
    return Money(amount=low * smallest, currency=asked.currency) if low else None


def decline(desk: Desk, wait_id: int, digest: str, by: Colleague, reason: str) -> None:
    """Declines what was seen, with a reason that becomes a note and a lesson. Raises as `approve`."""
    said = mask_cards(" ".join(reason.split()))[:LONGEST_REASON]
    if not said:
        raise NotNow("reason", "Say why in a few words: it becomes the note, and a lesson for the policy.")
    with desk.ledger.begin() as c:
        wait, person = _pressed(c, desk, wait_id, digest, by)
        if by.role is None:
            raise NotAllowed("role", f"Only {who_can('agent')} can decline this.")
        sealed = desk.ledger.vault.person_by_id(c, person).seal({"name": by.name, "reason": said})
        if not waits.answer(c, wait, "declined", by.id, desk.now(), role=by.role, sealed=sealed):
            raise NotNow("answered", "Somebody else answered a moment ago.")
        go_on(c, desk, wait, "wait.declined", {"by": by.id, "role": by.role})


def _pressed(c: Connection, desk: Desk, wait_id: int, digest: str, by: Colleague) -> tuple[Wait, str]:
    """As `_waiting`, and as it stays until the transaction ends."""
    if wait := waits.by_id(c, wait_id):
        waits.alone(c, wait.ticket_id)
    return _waiting(c, desk, wait_id, digest, by)


def _waiting(c: Connection, desk: Desk, wait_id: int, digest: str, by: Colleague) -> tuple[Wait, str]:
    """The wait as it stands, with the id on our rows of whom its plan was made for."""
    wait = waits.by_id(c, wait_id)
    if wait is None:
        raise NotNow("unknown", "This is not waited for.")
    person = waits.whose(c, wait)
    try:
        desk.ledger.vault.person_by_id(c, person)
    except Erased as gone:
        raise NotNow("erased", "The customer was forgotten, so nothing is done for them any more.") from gone
    if wait.state != "open":
        raise NotNow("answered", _already(desk, c, wait))
    if wait.expires_at <= desk.now():
        raise NotNow("expired", STATES["expired"].pressed)
    if wait.shown != digest:
        raise NotNow("changed", "What is waited for has changed. Look at it again.")
    if wait.for_whom == CUSTOMER:
        raise NotNow("customer", "The customer is asked for a yes; nobody can give it for them.")
    if desk.ledger.vault.person_id(c, desk.helpdesk(_ref(c, wait)).account, by.id) in (person, _requester(c, wait)):
        raise NotAllowed("requester", "You wrote this ticket yourself; a colleague must look at it.")
    return wait, person


def _requester(c: Connection, wait: Wait) -> str | None:
    """The id on our rows of whose ticket it is by now."""
    return c.execute(select(tickets.c.person_id).where(tickets.c.id == wait.ticket_id)).scalar()


def _within_role(c: Connection, desk: Desk, wait: Wait, by: Colleague, amount: int | None) -> None:
    """Less money may need a lesser role; decided on the facts that were recorded, and once more before it is done."""
    needed: str = wait.for_whom
    row = c.execute(select(decisions.c.action, decisions.c.facts).where(
        decisions.c.id == wait.decision_id)).mappings().one()
    if amount is not None:
        asked = row["facts"].get("amount")
        if not isinstance(asked, int) or amount > asked:
            raise NotNow("amount", "It can be lowered, not raised.")
        needed = decide(row["action"], _with(row["facts"], amount), desk.policy(c)).approve_by or "agent"
    if rank(by.role) < rank(needed):
        raise NotAllowed("role", f"Only {who_can(needed)} can approve this.")


def _with(facts: Mapping[str, Any], amount: int) -> dict[str, Any]:
    """The recorded facts for a smaller amount; totals shrink with it."""
    less = facts["amount"] - amount
    totals = {name: facts[name] - less for name in ("customer_day_total", "customer_30d_total", "desk_day_total")
              if isinstance(facts.get(name), int)}
    return {**facts, **totals, "amount": amount}


def who_can(role: str) -> str:
    """"a lead or finance"."""
    able = [PEOPLE[one] for one in ROLES[ROLES.index(role):]] if role in ROLES else ["another role"]
    return " or ".join(", ".join(able).rsplit(", ", 1))


def _already(desk: Desk, c: Connection, wait: Wait) -> str:
    if wait.state in ("given", "used", "declined") and wait.sealed:
        said = desk.ledger.vault.person_by_id(c, waits.whose(c, wait)).read(wait.sealed) or {}
        name = said.get("name", "somebody")
        return f"Already {'declined' if wait.state == 'declined' else 'approved'} by {name}."
    return STATES[wait.state].pressed


def go_on(c: Connection, desk: Desk, wait: Wait, kind: str, public: dict[str, Any],
          sealed: bytes | None = None) -> None:
    """After an answer: takes the plan up again and wakes the ticket. Raises NotNow while another plan is under way.

    `sealed`: who pressed, where the wait does not keep it.
    """
    audit.record(c, kind=kind, ticket=wait.ticket_id, operation=None, at=desk.now(), public={
        "wait": wait.id, "digest": wait.digest, **public}, sealed=sealed)
    try:
        with c.begin_nested():
            desk.ledger.reopen(c, wait.proposal_id)
    except IntegrityError as busy:
        raise NotNow("busy", "The ticket is being worked on just now. Try again in a moment.") from busy
    engine.wake(c, wait.ticket_id, kind)


def _ref(c: Connection, wait: Wait) -> str:
    return str(c.execute(select(tickets.c.ref).where(tickets.c.id == wait.ticket_id)).scalar_one())
