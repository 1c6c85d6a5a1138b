"""Where one ask of a plan stands with those who must agree: it goes ahead, waits for somebody, or is for a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import Connection

from agent.act import NOBODY, Actor, switched_on
from agent.consent import waits
from agent.consent.asked import Asked
from agent.consent.asking import why_not_ask
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
                           "away": "escalated", "unasked": "escalated", "anew": "escalated",
                           "late": "expired"}


def stand(c: Connection, actor: Actor, proposal_id: int, position: int, ask: Ask, facts: Facts,
          known: Sequence[Wait]) -> Standing:
    """Decides with what is true now, and opens the next wait where somebody's yes is still missing.

    `known` are the waits of this item. In the caller's transaction.
    """
    if ended := next((one for one in reversed(known) if one.state in ENDINGS), None):
        return Standing(ENDINGS[ended.state], ask, ended=ended)
    consents = Consents.of(known)
    agreed = lowered(ask, consents.colleague)
    if stale := _of_something_else(known, ask, agreed):
        waits.end(c, [one.id for one in stale], "void", actor.desk.now())
        consents = Consents.of(one for one in known if one not in stale)
        agreed = lowered(ask, consents.colleague)
    policy = actor.desk.policy(c)
    told = actor.facts_of(c, agreed)
    decision = decide(agreed.kind, told, policy)
    off = decision.mode not in ("draft", "execute")
    if off or decision.outcome != "go_ahead":
        waits.end(c, [one.id for one in known], "void", actor.desk.now())
        why = "this action was switched off meanwhile" if off and decision.outcome == "go_ahead" else ""
        return Standing("escalated", agreed, consents, decision=decision, why=why)
    whom = consents.still_needed(
        decision, switched_on=switched_on(decision, policy, actor.customer, agreed.kind))
    given = [one for one in (consents.colleague, consents.customer) if one]
    if whom is None and given and all(one.expires_at <= actor.desk.now() for one in given):
        waits.end(c, [one.id for one in given], "late", actor.desk.now())
        return Standing("expired", agreed, consents, decision=decision, ended=replace(given[-1], state="late"))
    if whom is None:
        return Standing("go", agreed, consents, decision=decision)
    asked = agreed if whom == CUSTOMER else ask
    waiting = next((one for one in known if one.state == "open" and one.for_whom == whom
                    and one.digest == asked.digest()), None)
    if waiting is None and whom == CUSTOMER and (why := why_not_ask(c, actor, agreed, facts)):
        return Standing("escalated", agreed, consents, decision=decision, why=why)
    if waiting is None:
        waits.end(c, [one.id for one in known if one.state == "open"], "void", actor.desk.now())
        decision_id = (actor.ledger.last_decision(c, proposal_id, agreed.kind, decision)
                       or actor.decided(c, proposal_id, agreed, decision, told))
        waiting = _ask(c, actor, proposal_id, position, decision_id, whom, asked, agreed)
    return Standing("parked", agreed, consents, waiting=waiting, decision=decision)


def _of_something_else(known: Sequence[Wait], ask: Ask, agreed: Ask) -> list[Wait]:
    """What was agreed to, or is asked for, and is not this any more."""
    return [one for one in known if one.state in ("open", "given")
            and one.digest != (agreed if one.for_whom == CUSTOMER else ask).digest()]


def _ask(c: Connection, actor: Actor, proposal_id: int, position: int, decision_id: int, whom: Whom, asked: Ask,
         agreed: Ask) -> Wait:
    now, choices = actor.desk.now(), actor.desk.choices.approvals
    hours = choices.customer_remind_after if whom == CUSTOMER else choices.remind_after
    lower = agreed.action.money if agreed.action != asked.action and isinstance(agreed.action, Refund) else None
    opened = waits.wait_for(
        c, ticket_id=actor.ticket_id, proposal_id=proposal_id, position=position, decision_id=decision_id,
        for_whom=whom, digest=asked.digest(), to_say="question" if whom == CUSTOMER else None,
        amount=lower.amount if lower else None, currency=lower.currency if lower else None,
        remind_at=_in_hours(now, hours), expires_at=now + timedelta(hours=choices.expire_after), created_at=now,
        asked=Asked.of(asked).sealed(actor.person))
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
