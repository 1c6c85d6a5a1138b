"""What is done of a plan since everybody has agreed, and who is waited for yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from agent import aftermath, plan, restored
from agent.act import Actor, NewsCame
from agent.consent import waits
from agent.consent.agreement import Standing, ended_by, lowered, stand, why_ended
from agent.consent.asked import asked_of
from agent.consent.consents import Consents
from agent.consent.states import ENDINGS
from agent.consent.waits import Wait
from agent.endings import GONE
from agent.facts import Facts
from agent.ground import UNREAD, Ask
from agent.ledger import AFTER_WHAT_CAN_BE_UNDONE, Operation
from agent.plan import Open
from connectors.contract import ActionBase


def go_on(actor: Actor, open_: Open, facts: Facts, asks: Mapping[int, Ask], operations: Sequence[Operation], *,
          hands_off: bool) -> dict[int, Standing]:
    """Per item that needs somebody's yes: whom it waits for, or what was done since everybody has agreed.

    `hands_off`: a person has the ticket, and nothing is begun. Raises Later and NewsCame as the actor does.
    """
    awaiting = [n for n, item in enumerate(open_.plan.items) if item.how in plan.AWAITING]
    if not awaiting:
        return {}
    with actor.ledger.begin() as c:
        known = waits.of_plan(c, open_.proposal_id)
    told, found = open_.plan.told(operations), {}
    for n in sorted(awaiting, key=lambda one: last_if_final(asks.get(one))):
        item = _Item(actor, open_.proposal_id, n, [wait for wait in known if wait.position == n], n in told, hands_off)
        ask, begun = asks.get(n), _begun(operations, n)
        if begun:
            found[n] = item.settle(begun, ask)
        elif facts.unread:
            found[n] = item.unread(UNREAD + facts.unread)
        else:
            found[n] = item.stand(ask, facts) if ask else item.nothing_left()
    return found


def last_if_final(ask: Ask | None) -> bool:
    """The order in which things are done: what cannot be taken back comes last."""
    return bool(ask and ask.action and not ask.action.undo)


def _begun(operations: Sequence[Operation], position: int) -> Operation | None:
    """What was begun for this item, or given up, beside our own words on it."""
    return next((one for one in operations if one.item == position
                 and (one.given_up or one.state not in ("planned", "dropped"))), None)


@dataclass(frozen=True)
class _Item:
    """One item of the plan, and its waits."""

    actor: Actor
    proposal_id: int
    position: int
    known: list[Wait]
    told: bool
    """A reply that was sent tells of it."""
    hands_off: bool

    def settle(self, begun: Operation, ask: Ask | None) -> Standing:
        """What was begun with everybody's yes is carried to its end."""
        consents = Consents.of(self.known)
        agreed = lowered(ask, consents.colleague) if ask else None
        return Standing("go", agreed, consents, operation=self.actor.carry_out(begun, agreed, consents)[0])

    def nothing_left(self) -> Standing:
        """The books no longer show what it was about."""
        if ended := ended_by(self.known):
            return Standing("escalated", None, ended=ended, why=why_ended(ended, self.actor.person))
        return Standing("escalated", None, why=GONE, cause="gone")

    def unread(self, why: str) -> Standing:
        """What it stands on could not be read: who was asked may still answer, and nothing is begun on a yes."""
        ended, consents = ended_by(self.known), Consents.of(self.known)
        asked = next((one for one in self.known if one.state == "open" and one.to_say in (None, "remind")), None)
        if asked and not ended:
            return Standing("parked", None, consents, waiting=replace(asked, to_say=None))
        with self.actor.ledger.begin() as c:
            waits.end(c, [one.id for one in self.known], "void", self.actor.desk.now())
        if ended:
            return Standing(ENDINGS[ended.state], None, consents, ended=ended,
                            why=why_ended(ended, self.actor.person))
        return Standing("escalated", None, consents, why=why, cause="unread")

    def stand(self, ask: Ask, facts: Facts) -> Standing:
        """Where it stands now; what everybody has agreed to is begun."""
        with self.actor.ledger.begin() as c:
            standing = self._by_hand(c, ask) or stand(c, self.actor, self.proposal_id, self.position, ask, facts,
                                                      self.known)
            if standing.ended and not standing.consents.any:
                standing = replace(standing, consents=Consents.of(self.known))
            if standing.how != "go" or standing.ask is None:
                return standing
            if standing.ask.action is None and self.told:
                return standing
            if self.hands_off:  # whoever has the ticket may settle it, so no yes outlives it
                if standing.ask.action is None:
                    waits.free(c, standing.consents.ids())  # used for an answer that never went out
                waits.end(c, standing.consents.ids(), "away", self.actor.desk.now())
                return replace(standing, how="escalated", why="a person is on the ticket", cause="away")
            if standing.ask.action is None:
                if not waits.use(c, standing.consents.ids()):
                    raise NewsCame
                return standing
            planned = self._planned(c, standing.ask.action, self._there_before(c, standing.ask, facts))
        if planned is None:
            return replace(standing, how="escalated", cause="unknown",
                           why="the same was begun before, and nobody knows yet how it ended")
        after, decision = self.actor.carry_out(planned, standing.ask, standing.consents)
        if after.state == "dropped" and decision is not None:
            raise NewsCame  # decided otherwise under the locks: who must agree now is seen anew
        return replace(standing, operation=after, decision=decision or standing.decision)

    def _planned(self, c: Connection, action: ActionBase, there: set[str]) -> Operation | None:
        """The operation that does it; None while the same, begun before, has no known end."""
        actor, ledger = self.actor, self.actor.ledger
        repeat = ledger.repeat_for(c, actor.ref, action, self.proposal_id, self.position, there)
        if repeat is None:
            return None
        last = 0 if action.undo else AFTER_WHAT_CAN_BE_UNDONE
        return ledger.plan(
            c, ref=actor.ref, ticket_id=actor.ticket_id, proposal_id=self.proposal_id, action=action,
            position=self.position + last, person=actor.person, now=actor.desk.now(), repeat=repeat)

    def _there_before(self, c: Connection, ask: Ask, facts: Facts) -> set[str]:
        """Our marks on refunds of the charge that were told before a backup was put back, and that everybody who was
        asked for this was shown: none of them is of their yes."""
        told = restored.told_upto(c, facts.conversation) if self.actor.look_first else None
        asked = [one.charge for wait in self.known if (one := asked_of(wait, self.actor.person)) and one.charge]
        if told is None or ask.charge is None or not asked:
            return set()
        shown = set.intersection(*({refund.id for refund in one.refunds} for one in asked))
        return {refund.operation for refund in ask.charge.refunds
                if refund.operation and refund.id in shown and refund.created <= told}

    def _by_hand(self, c: Connection, ask: Ask) -> Standing | None:
        """A colleague refunded it where the money is, while somebody was asked for a yes here."""
        made = [] if ended_by(self.known) else aftermath.by_hand(ask.charge, self.known, self.actor.person)
        if not made or ask.charge is None:
            return None
        waits.end(c, [wait.id for wait in self.known], "elsewhere", self.actor.desk.now())
        return Standing("escalated", ask, Consents.of(self.known), ended=replace(self.known[-1], state="elsewhere"),
                        why=aftermath.refunded_words(ask.charge, made[0]))
