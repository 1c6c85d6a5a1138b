"""Where one ask of a plan stands with those who must agree: it goes ahead, waits for somebody, or is for a person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import Connection

from agent.act import NOBODY, OFF, Actor, switched_on
from agent.consent import bound, waits
from agent.consent.asked import Asked, asked_of
from agent.consent.asking import asked_enough, why_no_yes, why_not_ask
from agent.consent.consents import Consents
from agent.consent.states import ENDINGS, STATES, State
from agent.consent.waits import CUSTOMER, WHO, Saying, Wait, Whom
from agent.facts import Facts
from agent.ground import Ask
from agent.ledger import Operation
from agent.policy import Decision, FactValue, Policy, decide
from agent.vault import PersonKey
from connectors.contract import Money, Refund

LESS = "less than was asked for"
"""Behind the words of an ask of which a colleague approved less."""

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
    cause: str = ""
    """Why it went no further, by a name, where no wait ended it."""
    pressed: bool = False
    """A colleague is asked whatever the rules say: it is in draft, or outside the rollout."""


def stand(c: Connection, actor: Actor, proposal_id: int, position: int, ask: Ask, facts: Facts,
          known: Sequence[Wait], changed: str = "") -> Standing:
    """Decides with what is true now, and opens the next wait where somebody's yes is still missing.

    `known` are the waits of this item; `changed` says why somebody is asked once more. In the caller's transaction.
    """
    return _Item(c, actor, proposal_id, position, ask, facts, tuple(known), changed).stand()


def ended_by(known: Sequence[Wait]) -> Wait | None:
    """The latest of these waits that ended the ask; the customer's, where a colleague's ended with it."""
    return max((one for one in known if one.state in ENDINGS), default=None,
               key=lambda one: (one.for_whom == CUSTOMER, one.id))


def why_ended(ended: Wait, person: PersonKey) -> str:
    """Why it went no further, for a colleague: in the words of whoever ended it, or of its state."""
    said = person.read(ended.sealed) or {}
    if ended.state == "declined" and ended.for_whom != CUSTOMER:
        reason = str(said.get("reason", "no reason was given")).rstrip(".")
        return f"{said.get('name', 'somebody')} declined it: “{reason}”"
    if ended.state in ("unused", "unasked") and "reason" in said:
        return str(said["reason"])
    return STATES[ended.state].why.format(who=WHO[ended.for_whom])


@dataclass(frozen=True)
class _Upon:
    """What would be done, and what the policy says of it now."""

    ask: Ask
    decision: Decision
    facts: Mapping[str, FactValue]


@dataclass(frozen=True)
class _Item:
    """One ask of a plan and its waits, in one transaction."""

    c: Connection
    actor: Actor
    proposal_id: int
    position: int
    ask: Ask
    facts: Facts
    known: tuple[Wait, ...]
    changed: str

    def stand(self) -> Standing:
        if ended := ended_by(self.known):
            self._end(self.known, "void")  # no other yes to it outlives that
            return Standing(ENDINGS[ended.state], self._as_put_to(ended), ended=ended,
                            why=why_ended(ended, self.actor.person))
        consents = self._same_ask()
        agreed = lowered(self.ask, consents.colleague)
        policy = self.actor.desk.policy(self.c)
        upon = self._decided(agreed, policy)
        off = upon.decision.mode not in ("draft", "execute") or self.actor.desk.crossed_modes is not None
        if off or upon.decision.outcome != "go_ahead":
            return self._not_allowed(consents, upon)
        whole = upon if agreed is self.ask else self._decided(self.ask, policy)
        if weaker := self._weaker(whole.decision):
            return self._once_more(*weaker)
        consents = replace(consents, decided=upon.decision)
        unpressed = switched_on(upon.decision, policy, self.actor.customer, agreed.kind)
        whom = consents.still_needed(upon.decision, switched_on=unpressed)
        standing = self._agreed(consents, upon) if whom is None else self._wait_for(
            whom, consents, upon, upon if whom == CUSTOMER else whole)
        return replace(standing, pressed=not unpressed)

    def _as_put_to(self, ended: Wait) -> Ask:
        """With the amount that they were asked about."""
        asked = asked_of(ended, self.actor.person)
        money = asked.action.money if asked and isinstance(asked.action, Refund) else None
        return less(self.ask, money.amount if money else None)

    def _decided(self, ask: Ask, policy: Policy | None) -> _Upon:
        told = self.actor.facts_of(self.c, ask)
        return _Upon(ask, decide(ask.kind, told, policy), told)

    def _end(self, ended: Iterable[Wait], state: State) -> None:
        waits.end(self.c, [one.id for one in ended], state, self.actor.desk.now())

    def _same_ask(self) -> Consents:
        """Who agreed to exactly this; what was agreed to, or asked for, and is not this any more is void."""
        consents = Consents.of(self.known)
        agreed = lowered(self.ask, consents.colleague)
        stale = [one for one in self.known if one.state in waits.STANDING
                 and one.digest != self.actor.digest(agreed if one.for_whom == CUSTOMER else self.ask)]
        self._end(stale, "void")
        return Consents.of(one for one in self.known if one not in stale) if stale else consents

    def _not_allowed(self, consents: Consents, upon: _Upon) -> Standing:
        """The policy refuses it by now, or the action is switched off."""
        self._end(self.known, "void")
        if upon.decision.outcome != "go_ahead":
            return Standing("escalated", upon.ask, consents, decision=upon.decision)
        return Standing("escalated", upon.ask, consents, decision=upon.decision, cause="off",
                        why=OFF)

    def _weaker(self, decision: Decision) -> tuple[Wait, str] | None:
        """A colleague's wait, and what has changed for the worse since they were shown this, in words."""
        for one in self.known:
            if one.for_whom == CUSTOMER or one.state not in (*waits.STANDING, "used"):
                continue
            if found := bound.since_shown(self.c, one, self.actor.person, self.ask.summary(), decision):
                return one, f"{self._since(one)}: {'; '.join(found)}"
        return None

    def _since(self, wait: Wait) -> str:
        if wait.state == "open":
            return "something changed since it was asked"
        name = (self.actor.person.read(wait.sealed) or {}).get("name", "a colleague")
        return f"{name} approved it, and something changed since"

    def _once_more(self, wait: Wait, changed: str) -> Standing:
        waits.free(self.c, [wait.id])
        self._end([wait], "void")
        rest = tuple(one for one in self.known if one is not wait)
        return replace(self, known=rest, changed=changed).stand()

    def _agreed(self, consents: Consents, upon: _Upon) -> Standing:
        """Everybody has agreed: it goes ahead, unless that is too long ago or a customer's yes proves nothing now."""
        given = [one for one in (consents.colleague, consents.customer) if one]
        if given and all(one.expires_at <= self.actor.desk.now() for one in given):
            self._end(given, "late")
            return self._over(replace(given[-1], state="late"), consents, upon)
        if upon.decision.confirm and consents.customer and (why := why_no_yes(upon.ask, self.facts)):
            return self._not_used(consents.customer, consents, upon,
                                  f"the customer said yes, and it is not used: {why}")
        return Standing("go", upon.ask, consents, decision=upon.decision)

    def _wait_for(self, whom: Whom, consents: Consents, upon: _Upon, asked: _Upon) -> Standing:
        """On somebody's yes to `asked`, which the wait already stands for or is opened for now."""
        waiting = next((one for one in self.known if one.state == "open" and one.for_whom == whom
                        and one.digest == self.actor.digest(asked.ask)), None)
        if waiting is None:
            return self._ask_now(whom, consents, upon, asked)
        if whom == CUSTOMER and (why := why_no_yes(upon.ask, self.facts)):
            return self._not_used(waiting, consents, upon, f"the customer cannot be asked any more: {why}")
        if waiting.to_say == "clarify" and asked_enough(self.c, self.actor, waiting):
            self._end([waiting], "unclear")
            return self._over(replace(waiting, state="unclear"), consents, upon)
        if bound.recorded(self.c, waiting)["policy_digest"] != asked.decision.digest:
            waiting = waits.decided(self.c, waiting, self._recorded(asked))
        return self._parked(waiting, consents, upon)

    def _ask_now(self, whom: Whom, consents: Consents, upon: _Upon, asked: _Upon) -> Standing:
        if whom == CUSTOMER and (why := why_not_ask(self.c, self.actor, upon.ask, self.facts)):
            return Standing("escalated", upon.ask, consents, decision=upon.decision, why=why, cause="unasked")
        self._end([one for one in self.known if one.state == "open"], "void")
        decision_id = self.actor.ledger.last_decision(
            self.c, self.proposal_id, self.actor.operation_of(asked.ask), asked.facts, asked.decision,
        ) or self._recorded(asked)
        again = whom == CUSTOMER and waits.taken_back(self.c, self.actor.ticket_id, self.actor.digest(asked.ask))
        item = replace(self, changed="asked once more, since they wrote more than their yes") if again else self
        return item._parked(item._opened(whom, asked.ask, upon.ask, decision_id,
                                         "again" if again else "question"), consents, upon)

    def _recorded(self, asked: _Upon) -> int:
        return self.actor.decided(self.c, self.proposal_id, asked.ask, asked.decision, asked.facts)

    def _opened(self, whom: Whom, asked: Ask, agreed: Ask, decision_id: int, saying: Saying) -> Wait:
        now, choices = self.actor.desk.now(), self.actor.desk.choices.approvals
        hours = choices.customer_remind_after if whom == CUSTOMER else choices.remind_after
        lower = agreed.action.money if agreed.action != asked.action and isinstance(agreed.action, Refund) else None
        opened = waits.wait_for(
            self.c, ticket_id=self.actor.ticket_id, proposal_id=self.proposal_id, position=self.position,
            decision_id=decision_id, for_whom=whom, digest=self.actor.digest(asked),
            to_say=saying if whom == CUSTOMER else None,
            amount=lower.amount if lower else None, currency=lower.currency if lower else None,
            target=asked.action.charge if isinstance(asked.action, Refund) else None,
            remind_at=_in_hours(now, hours), expires_at=now + timedelta(hours=choices.expire_after), created_at=now,
            asked=Asked.of(asked, self.changed).sealed(self.actor.person))
        if whom == CUSTOMER and isinstance(asked.action, Refund) and self.actor.desk.public_url:
            return waits.opened_by(self.c, opened, self.actor.desk.confirmation_hash(opened.id, opened.digest))
        return opened

    def _parked(self, waiting: Wait, consents: Consents, upon: _Upon) -> Standing:
        asked = asked_of(waiting, self.actor.person)
        return Standing("parked", upon.ask, consents, waiting=waiting, decision=upon.decision,
                        why=asked.changed if asked else "")

    def _not_used(self, yes: Wait, consents: Consents, upon: _Upon, why: str) -> Standing:
        """A yes of the customer would prove nothing any more; it is never used, whatever changes later."""
        sealed = self.actor.person.seal({"reason": why})
        return self._over(waits.set_aside(self.c, yes, sealed, self.actor.desk.now()), consents, upon)

    def _over(self, ended: Wait, consents: Consents, upon: _Upon) -> Standing:
        self._end(self.known, "void")
        return Standing(ENDINGS[ended.state], upon.ask, consents, decision=upon.decision, ended=ended,
                        why=why_ended(ended, self.actor.person))


def _in_hours(now: datetime, hours: int) -> datetime | None:
    return now + timedelta(hours=hours) if hours else None


def lowered(ask: Ask, wait: Wait | None) -> Ask:
    """The ask for the smaller amount that a colleague approved."""
    return less(ask, wait.amount if wait else None)


def less(ask: Ask, amount: int | None) -> Ask:
    """The ask for a smaller amount, where there is one; the proof of a whole charge does not hold for it.

    Its words name that amount alone: what is left of a charge, once some of it went back, was never what was asked for.
    """
    if amount is None or not isinstance(ask.action, Refund):
        return ask
    money = Money(amount=amount, currency=ask.action.money.currency)
    if money.amount >= ask.action.money.amount:
        return ask
    left = ask.charge.left().amount if ask.charge else 0
    return replace(ask, action=ask.action.model_copy(update={"money": money}),
                   words=ask.words.replace(str(ask.action.money), str(money), 1) + f", {LESS}",
                   facts={**ask.facts, "amount": money.amount, "exceeds_remaining": money.amount > left})
