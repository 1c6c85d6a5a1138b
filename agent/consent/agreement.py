"""Where one ask of a plan stands with those who must agree: it goes ahead, waits for somebody, or is for a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import Connection

from agent.act import NOBODY, Actor, switched_on
from agent.consent import bound, waits
from agent.consent.asked import Asked, asked_of
from agent.consent.asking import asked_enough, why_no_yes, why_not_ask
from agent.consent.waits import CUSTOMER, Consents, Wait, Whom
from agent.facts import Facts
from agent.ground import Ask
from agent.ledger import Operation
from agent.policy import Decision, decide
from connectors.contract import Money, Refund

How = Literal["go", "parked", "declined", "expired", "person", "escalated"]


@dataclass(frozen=True)
class Standing:
    """How far the agreement on one ask has come."""

    how: How
    ask: Ask | None
    """As it was agreed to: perhaps of a smaller amount. None: what it stood on is no longer there."""
    consents: Consents = NOBODY
    waiting: Wait | None = None
    decision: Decision | None = None
    ended: Wait | None = None
    """What ended it: declined, expired, or a person was asked for."""
    why: str = ""
    operation: Operation | None = None
    """What was done on it."""


ENDINGS: dict[str, How] = {"declined": "declined", "unclear": "expired", "expired": "expired", "person": "person",
                           "away": "escalated", "unasked": "escalated", "anew": "escalated", "unused": "escalated",
                           "moved": "escalated", "late": "expired"}
MOVED = "the requester was changed"


def stand(c: Connection, actor: Actor, proposal_id: int, position: int, ask: Ask, facts: Facts,
          known: Sequence[Wait], changed: str = "") -> Standing:
    """Decides with what is true now, and opens the next wait where somebody's yes is still missing.

    `known` are the waits of this item; `changed` says why somebody is asked once more. In the caller's transaction.
    """
    if ended := ended_by(known):
        return Standing(ENDINGS[ended.state], ask, ended=ended, why=why_ended(actor, ended))
    consents = Consents.of(known)
    agreed = lowered(ask, consents.colleague)
    if stale := _of_something_else(known, ask, agreed):
        waits.end(c, [one.id for one in stale], "void", actor.desk.now())
        consents = Consents.of(one for one in known if one not in stale)
        agreed = lowered(ask, consents.colleague)
    policy = actor.desk.policy(c)
    told = actor.facts_of(c, agreed)
    decision = decide(agreed.kind, told, policy)
    off = decision.mode not in ("draft", "execute") or actor.desk.crossed_modes is not None
    if off or decision.outcome != "go_ahead":
        waits.end(c, [one.id for one in known], "void", actor.desk.now())
        why = "this action was switched off meanwhile" if off and decision.outcome == "go_ahead" else ""
        return Standing("escalated", agreed, consents, decision=decision, why=why)
    whole = decision if agreed is ask else decide(ask.kind, actor.facts_of(c, ask), policy)
    for one in known:
        if one.for_whom != CUSTOMER and one.state in (*waits.STANDING, "used") and (
                since := _weaker(c, actor, one, ask, whole)):
            waits.free(c, [one.id])
            waits.end(c, [one.id], "void", actor.desk.now())
            return stand(c, actor, proposal_id, position, ask, facts, [w for w in known if w is not one], since)
    consents = replace(consents, decided=decision)
    whom = consents.still_needed(
        decision, switched_on=switched_on(decision, policy, actor.customer, agreed.kind))
    given = [one for one in (consents.colleague, consents.customer) if one]
    if whom is None and given and all(one.expires_at <= actor.desk.now() for one in given):
        waits.end(c, [one.id for one in given], "late", actor.desk.now())
        return Standing("expired", agreed, consents, decision=decision, ended=replace(given[-1], state="late"))
    if whom is None and decision.confirm and consents.customer and (why := why_no_yes(agreed, facts)):
        return _not_used(c, actor, consents.customer, agreed, consents, decision,
                         f"the customer said yes, and it is not used: {why}")
    if whom is None:
        return Standing("go", agreed, consents, decision=decision)
    asked = agreed if whom == CUSTOMER else ask
    waiting = next((one for one in known if one.state == "open" and one.for_whom == whom
                    and one.digest == asked.digest()), None)
    if waiting is not None and whom == CUSTOMER and (why := why_no_yes(agreed, facts)):
        return _not_used(c, actor, waiting, agreed, consents, decision,
                         f"the customer cannot be asked any more: {why}")
    if waiting is not None and waiting.to_say == "clarify" and asked_enough(c, actor, waiting):
        waits.end(c, [waiting.id], "unclear", actor.desk.now())
        return Standing("expired", agreed, consents, decision=decision, ended=replace(waiting, state="unclear"))
    if waiting is None and whom == CUSTOMER and (why := why_not_ask(c, actor, agreed, facts)):
        return Standing("escalated", agreed, consents, decision=decision, why=why)
    upon, on = (decision, told) if asked is agreed else (whole, actor.facts_of(c, asked))
    if waiting is not None and bound.recorded(c, waiting)["policy_digest"] != upon.digest:
        waiting = waits.decided(c, waiting, actor.decided(c, proposal_id, asked, upon, on))
    if waiting is None:
        waits.end(c, [one.id for one in known if one.state == "open"], "void", actor.desk.now())
        decision_id = (actor.ledger.last_decision(c, proposal_id, asked.kind, upon)
                       or actor.decided(c, proposal_id, asked, upon, on))
        waiting = _ask(c, actor, proposal_id, position, decision_id, whom, asked, agreed, changed)
    return Standing("parked", agreed, consents, waiting=waiting, decision=decision, why=changed)


def ended_by(known: Sequence[Wait]) -> Wait | None:
    """The latest of these waits that ended the ask."""
    return next((one for one in reversed(known) if one.state in ENDINGS), None)


def why_ended(actor: Actor, ended: Wait) -> str:
    """In words, where the state alone does not tell."""
    if ended.state == "moved":
        return MOVED
    if ended.state != "unused":
        return ""
    return str((actor.person.read(ended.sealed) or {}).get("reason", "the customer's yes proves nothing any more"))


def _of_something_else(known: Sequence[Wait], ask: Ask, agreed: Ask) -> list[Wait]:
    """What was agreed to, or is asked for, and is not this any more."""
    return [one for one in known if one.state in ("open", "given")
            and one.digest != (agreed if one.for_whom == CUSTOMER else ask).digest()]


def _weaker(c: Connection, actor: Actor, wait: Wait, ask: Ask, decision: Decision) -> str:
    """What has changed for the worse since a colleague was shown this, in words."""
    found = bound.weaker(asked_of(wait, actor.person), bound.recorded(c, wait), ask.summary(), decision)
    if not found:
        return ""
    name = (actor.person.read(wait.sealed) or {}).get("name", "a colleague") if wait.state != "open" else ""
    since = f"{name} approved it, and something changed since" if name else "something changed since it was asked"
    return f"{since}: {'; '.join(found)}"


def _not_used(c: Connection, actor: Actor, yes: Wait, agreed: Ask, consents: Consents, decision: Decision,
              why: str) -> Standing:
    """A yes of the customer would prove nothing any more; it is never used, whatever changes later."""
    unused = waits.set_aside(c, yes, actor.person.seal({"reason": why}), actor.desk.now())
    return Standing("escalated", agreed, consents, decision=decision, ended=unused, why=why)


def _ask(c: Connection, actor: Actor, proposal_id: int, position: int, decision_id: int, whom: Whom, asked: Ask,
         agreed: Ask, changed: str) -> Wait:
    now, choices = actor.desk.now(), actor.desk.choices.approvals
    hours = choices.customer_remind_after if whom == CUSTOMER else choices.remind_after
    lower = agreed.action.money if agreed.action != asked.action and isinstance(agreed.action, Refund) else None
    opened = waits.wait_for(
        c, ticket_id=actor.ticket_id, proposal_id=proposal_id, position=position, decision_id=decision_id,
        for_whom=whom, digest=asked.digest(), to_say="question" if whom == CUSTOMER else None,
        amount=lower.amount if lower else None, currency=lower.currency if lower else None,
        target=asked.action.charge if isinstance(asked.action, Refund) else None,
        remind_at=_in_hours(now, hours), expires_at=now + timedelta(hours=choices.expire_after), created_at=now,
        asked=Asked.of(asked, changed).sealed(actor.person))
    if whom == CUSTOMER and isinstance(asked.action, Refund) and actor.desk.public_url:
        return waits.opened_by(c, opened, actor.desk.confirmation_hash(opened.id, opened.digest))
    return opened


def _in_hours(now: datetime, hours: int) -> datetime | None:
    return now + timedelta(hours=hours) if hours else None


def lowered(ask: Ask, wait: Wait | None) -> Ask:
    """The ask for the smaller amount that a colleague approved; the proof of a whole charge does not hold for it."""
    if wait is None or wait.amount is None or not isinstance(ask.action, Refund):
        return ask
    money = Money(amount=wait.amount, currency=ask.action.money.currency)
    if money.amount >= ask.action.money.amount:
        return ask
    left = ask.charge.left().amount if ask.charge else 0
    return replace(ask, action=ask.action.model_copy(update={"money": money}),
                   words=f"{ask.words}, lowered to {money}",
                   facts={**ask.facts, "amount": money.amount, "exceeds_remaining": money.amount > left})
