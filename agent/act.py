"""Carries out one operation exactly once: lock, decide again, write the intent, call, read back, keep the receipt."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from agent import breaker, restored
from agent.consent import waits
from agent.consent.bound import more_than, since_shown
from agent.consent.consents import Consents
from agent.desk import Desk
from agent.endings import GONE
from agent.ground import Ask
from agent.ledger import Bearing, Counted, Ledger, Operation, hour_of
from agent.patience import patiently
from agent.policy import Decision, FactValue, Policy, in_rollout
from agent.policy import decide as decide_by_policy
from agent.policy.facts import plain
from agent.statements import CHANGES
from agent.switch import Gate, Paused, on_file
from agent.vault import PersonKey
from connectors.contract import (
    ActionBase,
    Altered,
    Charge,
    Conflict,
    Money,
    NotFound,
    NotUndoable,
    OutcomeUnknown,
    Performs,
    Receipt,
    Refund,
    Rejected,
    TicketUpdate,
    Unavailable,
    VendorError,
    writing,
)

log = logging.getLogger("deskhand.act")

LAST_RESEND = timedelta(hours=23)
"""Vendors may forget an idempotency key after 24 h; past 23 h only a person may send again."""
FRESH = timedelta(seconds=60)
"""Facts older than this are read again before anything is begun on them."""
ANOTHER_PASS = timedelta(seconds=20)
"""By then another pass that has an operation has most likely settled it."""
IN_FLIGHT = timedelta(seconds=45)
"""A request whose answer was lost may still be at work at a vendor without idempotency keys."""
STARTS_WITHIN = timedelta(seconds=30)
"""Of the decision: a worker that slept longer is taken for dead, and another one sends soon what is not found. Longer
than a slow vendor takes to be looked at before it is written to."""
LISTED_BY = timedelta(minutes=2)
"""A vendor's list may lag so long behind what it has done."""
NOT_ALLOWED = timedelta(hours=4)
"""So long it is tried what the vendor does not allow us: whoever changes a key needs less."""
NOT_NOW = timedelta(days=1)
"""As before where the vendor says that it will pass."""
SENDS_IN_A_PASS = 2
PAUSED_LOOK = 1800
"""Seconds until a paused operation looks at the kill switch again; `deskhand resume` wakes it at once."""
FILE_LOOK = 300
"""As before where a file holds it back, which goes away without a word."""
LONGEST_PAUSE = 3600.0
PAUSES = (20, 60, 300, 900, 1800, 3600)
"""Seconds until the next look, by how often it was tried."""


OFF = "this action was switched off meanwhile"
OVERTAKEN = "other words were written since"
STANDS_NO_MORE = "what it tells of stands no more"
NOT_AGAIN = "sent without an answer, not found at the vendor, and not sent again"
PRESSED = "it is not done without a colleague any more"


def is_off(desk: Desk, policy: Policy | None, kind: str) -> bool:
    """Nothing of this kind is executed here: the admin has left it off or to watching."""
    row = policy.actions.get(kind) if policy else None
    return desk.crossed_modes is not None or row is None or row.mode not in ("draft", "execute")


class Later(Exception):
    """Not now: the ticket is woken again in `seconds`."""

    def __init__(self, why: str, seconds: float) -> None:
        super().__init__(why)
        self.seconds = seconds


class NewsCame(Exception):
    """Something happened on the ticket since it was read: look again before acting."""


NOBODY = Consents()


def may_go(decision: Decision, consents: Consents, *, switched_on: bool) -> bool:
    """Everybody whom it needs has agreed, and the admin has not left the action off or to watching."""
    return (decision.outcome == "go_ahead" and decision.mode in ("draft", "execute")
            and consents.still_needed(decision, switched_on=switched_on) is None)


def switched_on(decision: Decision, policy: Policy | None, customer: str, kind: str) -> bool:
    """Done without a person's press: in execute mode, for a customer within the rollout."""
    return decision.mode == "execute" and policy is not None and in_rollout(policy, kind, customer)


def why_not_begun(desk: Desk, decision: Decision) -> str:
    """Why what was planned is not begun after all, for a colleague."""
    if desk.crossed_modes or decision.mode not in ("draft", "execute"):
        return why_off(desk)
    return PRESSED if decision.unattended else decision.in_words()


def why_off(desk: Desk) -> str:
    return f"nothing is executed here: {desk.crossed_modes}" if desk.crossed_modes else OFF


@dataclass(frozen=True)
class Actor:
    """Carries out the operations of one ticket for one requester."""

    desk: Desk
    ticket_id: int
    ref: str
    person: PersonKey
    customer: str
    """Whose totals a refund counts for."""
    read_upto: int
    """The ticket's `wanted` when the facts were read."""
    read_at: datetime
    look_first: bool = False
    """A backup was put back: what is new to our rows may have been done all the same."""
    stop: Callable[[Operation], str] = lambda _: ""
    """Why what was sent for a customer, and is not found, is not sent again; "" where nothing stops it."""
    blind: bool = False
    """What it would be decided on could not be read: what is not found is looked for again."""
    moved: bool = False
    """The ticket has another requester by now."""

    @property
    def ledger(self) -> Ledger:
        return self.desk.ledger

    def carry_out(self, operation: Operation, ask: Ask | None,
                  consents: Consents = NOBODY) -> tuple[Operation, Decision | None]:
        """Ends in done, rejected, held or dropped (with the decision that dropped it); raises Later or NewsCame.

        `ask` is what the policy decides on again, beside who agreed to it; None for our own bookkeeping (activity,
        note, reply).
        """
        if operation.state in ("sent", "unknown"):
            return self._look(operation, ask, consents), None
        if operation.state != "planned":
            return operation, None
        if self.look_first and (found := self.done_before(operation)):
            return found, None
        gate = self._gate(operation.held_back_with)
        with self.ledger.begin() as c:
            started, decision = self._start(c, operation, ask, consents)
            gate.until = self.desk.now() + STARTS_WITHIN
            later = self._held_back(c, started) if started.state == "planned" else None
        if later is not None:
            raise later
        if started.state == "dropped" and decision is None:
            raise NewsCame
        return (self._send(started, gate, ask, consents) if started.state == "sent" else started), decision

    def write_down(self, action: ActionBase, proposal_id: int, position: int) -> Operation:
        """Carries out our own bookkeeping (activity, note, reply): planned and marked as sent in one transaction."""
        with self.ledger.begin() as c:
            operation = self.ledger.plan(c, ref=self.ref, ticket_id=self.ticket_id, proposal_id=proposal_id,
                                         action=action, position=position, person=self.person, now=self.desk.now())
            new = operation.state == "planned" and not self.look_first
            gate = self._gate(operation.held_back_with)
            started = self._intend(c, operation, None) if new else operation
            gate.until = self.desk.now() + STARTS_WITHIN
            later = self._held_back(c, started) if new and started.state == "planned" else None
        if later is not None:
            raise later
        return self._send(started, gate) if new else self.carry_out(operation, None)[0]

    def overtaken(self, operation: Operation, why: str = OVERTAKEN) -> Operation:
        """Words that may not stand where they were sent and are not sent again: found they are done, else dropped.

        Raises Later while the vendor is away, or a lost request may still arrive there.
        """
        try:
            receipt = patiently(lambda: self._performer(operation).find(operation.action, operation.key),
                                self.desk.sleep)
        except (Unavailable, OutcomeUnknown) as away:
            self._looked(operation)
            raise Later(_words(away), pause(operation.attempts)) from away
        if receipt is not None:
            return self._verify_found(operation, receipt)
        self._may_send_again(operation)
        return self._settle(lambda c: self.ledger.not_done(c, operation, "dropped", why, self.desk.now()))

    def let_go(self, operation: Operation, why: str) -> Operation:
        """What shall not be logged any more: what was sent is looked for, where there is a CRM, and not sent again.

        Raises Later as `overtaken` does.
        """
        never = operation.state == "planned" or self.desk.records is None
        return self.give_up(operation, why) if never else self.overtaken(operation, why)

    def give_up(self, operation: Operation, why: str) -> Operation:
        """Never sent it may be taken up again; what may have been written, and was not looked for, may not."""
        state = "dropped" if operation.state == "planned" else "rejected"
        return self._settle(lambda c: self.ledger.not_done(c, operation, state, why, self.desk.now()))

    def stands(self, operation: Operation) -> bool:
        """Whether the vendor still shows what it confirmed, asked by its own id: a list may lag behind that."""
        receipt = operation.receipt
        try:
            if receipt is not None:
                patiently(lambda: self._performer(operation).read_back(operation.action, receipt), self.desk.sleep)
        except (OutcomeUnknown, NotFound):
            return False
        return receipt is not None

    def done_before(self, operation: Operation) -> Operation | None:
        """Takes up what stands at the vendor under this operation's id although our rows know of no sending."""
        try:
            receipt = patiently(lambda: self._performer(operation).find(operation.action, operation.key),
                                self.desk.sleep)
        except (Unavailable, OutcomeUnknown) as away:
            if operation.kind not in CHANGES:  # of these the policy counts the tries
                with self.ledger.begin() as c:
                    self.ledger.tried_again(c, operation, self.desk.now(), operation.state)
            lasts = isinstance(away, Unavailable) and away.lasting
            raise Later(_words(away), LONGEST_PAUSE if lasts else pause(operation.attempts)) from away
        if receipt is None:
            return None
        with self.ledger.begin() as c:
            self._lock(c, operation)
            now = self.desk.now()
            sent = self.ledger.sent(c, operation, now, self._counted(operation, now, attended=False),
                                    {"rule": restored.RULE})
        if sent is None:
            raise self._held_back(c, operation)
        return self._verify_found(sent, receipt)

    def _start(self, c: Connection, operation: Operation, ask: Ask | None,
               consents: Consents) -> tuple[Operation, Decision | None]:
        """Decides under the locks and writes the intent, or drops the operation: undecided if it must be read anew.

        What is held back stays planned.
        """
        self._lock(c, operation)
        now = self.desk.now()
        operation = self.ledger.as_it_stands(c, operation)
        if operation.state != "planned":
            raise Later("another pass has this operation", ANOTHER_PASS.total_seconds())
        if ask is None:
            return self._intend(c, operation, None), None
        if ask.action != operation.action:
            return self.ledger.not_done(c, operation, "dropped", "conflict: what it stood on has changed", now), None
        decision, facts, unpressed, why_not = self._decide(c, operation, ask, consents, now)
        if why_not:
            return self.ledger.not_done(c, operation, "dropped", why_not, now), decision
        started = self._intend(c, operation, self._counted(operation, now, attended=consents.any), {
            "rules": [hit.id for hit in decision.by], "rule": decision.in_words(pressed=not unpressed),
            "policy": decision.digest, "version": decision.version, "facts": plain(facts), **consents.told(),
            **({} if unpressed else {"pressed": True})})
        if started.state == "sent" and not waits.use(c, consents.ids()):
            raise NewsCame
        return started, decision

    def _lock(self, c: Connection, operation: Operation) -> None:
        """A refund is decided on, and begun, alone of all that count for its charge, its customer or the desk."""
        if isinstance(operation.action, Refund):
            self.ledger.lock_totals(c, operation.target, self.customer, operation.action.money.currency)

    def _decide(self, c: Connection, operation: Operation, ask: Ask, consents: Consents,
                now: datetime) -> tuple[Decision, dict[str, FactValue], bool, str]:
        """Whether it may be sent now, for the first time or once more: the decision, the facts it was made on, whether
        nobody need press, and why it may not; "" where it may.

        Raises NewsCame where what it stands on must be read anew.
        """
        facts, wanted = self._facts_and_reasons(c, ask, operation, now)
        if wanted > self.read_upto or now - self.read_at > FRESH:
            raise NewsCame
        policy = self.desk.policy(c)
        decision = decide_by_policy(ask.kind, facts, policy)
        unpressed = switched_on(decision, policy, self.customer, ask.kind)
        may = not self.desk.crossed_modes and not more_than(consents.decided, decision) and may_go(
            decision, consents, switched_on=unpressed)
        return decision, facts, unpressed, "" if may else why_not_begun(self.desk, decision)

    def _intend(self, c: Connection, operation: Operation, counted: Counted | None,
                decided: Mapping[str, object] | None = None) -> Operation:
        """Marks the operation as sent, unless it is held back: then it comes back as it was."""
        if on_file(self.desk.stop_file) is not None or (counted and self._trips(c, operation, counted)):
            return operation
        return self.ledger.sent(c, operation, self.desk.now(), counted, decided) or operation

    def _trips(self, c: Connection, operation: Operation, counted: Counted) -> bool:
        """Whether with this refund too much would go out in this hour: then refunds are paused."""
        choices, now = self.desk.choices, self.desk.now()
        why = breaker.trips(c, choices.breaker, choices.rates, counted.money, now)
        if why is not None and self.ledger.paused(c, operation.kind) is None:
            breaker.throw(c, why, counted.money, now, ticket=self.ticket_id, operation=operation.id)
        return why is not None

    def _held_back(self, c: Connection, operation: Operation) -> Later:
        """Why an intent was not written."""
        reason = on_file(self.desk.stop_file) or self.ledger.paused(c, operation.held_back_with)
        if reason is None:
            return Later("another pass has this operation", ANOTHER_PASS.total_seconds())
        return self._paused(operation, reason)

    def _paused(self, operation: Operation, reason: str) -> Later:
        return Later(f"{operation.held_back_with} is paused: {reason}",
                     FILE_LOOK if on_file(self.desk.stop_file) else PAUSED_LOOK)

    def _gate(self, kind: str) -> Gate:
        """For the writes of one operation; made before the transaction that marks it as sent."""
        def look() -> str | None:
            with self.ledger.begin() as c:
                return self.ledger.paused(c, kind)
        return Gate(look, self.desk.stop_file, self.desk.now)

    def operation_of(self, ask: Ask) -> str:
        """The id of what would do it for the first time; "" for an answer that changes nothing."""
        return self.ledger.operation_id(self.ref, ask.action) if ask.action else ""

    def decided(self, c: Connection, proposal_id: int, ask: Ask, decision: Decision,
                facts: Mapping[str, FactValue]) -> int:
        """Keeps a decision with the facts it was made on; returns its row's id."""
        return self.ledger.decided(
            c, ticket_id=self.ticket_id, proposal_id=proposal_id,
            operation_id=self.operation_of(ask), action=ask.kind,
            outcome=decision.outcome, confirm=decision.confirm, approve_by=decision.approve_by, mode=decision.mode,
            rules=[hit.model_dump(mode="json") for hit in (*decision.by, *decision.also)],
            missing=list(decision.missing), facts=plain(facts), policy=decision.policy,
            policy_version=decision.version, policy_digest=decision.digest, customer=self.customer,
            decided_at=self.desk.now())

    def digest(self, ask: Ask) -> str:
        """Names exactly what is asked: a yes is to this and nothing else."""
        return self.ledger.vault.digest(ask.identity())

    def facts_of(self, c: Connection, ask: Ask) -> dict[str, FactValue]:
        """What the policy decides on; totals include this request and are exact when they were locked before."""
        return self._facts_and_reasons(c, ask, None, self.desk.now())[0]

    def _facts_and_reasons(self, c: Connection, ask: Ask, operation: Operation | None,
                           now: datetime) -> tuple[dict[str, FactValue], int]:
        """The facts, and how many reasons to look the ticket has had when they were read."""
        known = self.ledger.bearing(
            c, ref=self.ref, ticket_id=self.ticket_id, person=self.person, customer=self.customer, kind=ask.kind,
            action=ask.action, rests_on=ask.proof.rests_on, contact=ask.contact.id if ask.contact else None,
            asking=operation.id if operation else "", now=now)
        if operation is not None and operation.state in ("sent", "unknown"):
            known = known.without(operation, today=now.date(),
                                  same=operation.id == self.ledger.operation_id(self.ref, operation.action))
        facts: dict[str, FactValue] = dict(ask.facts)
        if ask.action is not None:
            facts |= {"same_again": known.same_here or known.same_elsewhere, "attempts": known.attempts}
        facts["older_money_ticket"] = known.older_money_ticket
        facts["other_open_tickets"] = known.other_open_tickets
        if hours := self.desk.choices.hours:
            facts["business_hours"] = hours.at(now)
        if ask.contact and not facts.get("recent_contact_change"):
            facts["recent_contact_change"] = known.contact_changed
        if isinstance(ask.action, Refund):
            facts |= self._spent(known, ask.action.money)
            if known.begun_refund:
                # Refunded by us since, or perhaps: the books that were read do not show it yet.
                facts["claim_proven"] = False
                if facts.get("charge_state") == "paid":
                    facts["charge_state"] = "part_refunded"
        return facts, known.wanted

    def _spent(self, known: Bearing, money: Money) -> dict[str, FactValue]:
        """What refunds without anyone come to with this one."""
        desk_day = [Money(amount=amount, currency=currency) for currency, amount in known.desk_day.items()]
        return {
            "customer_day_total": known.customer_day + money.amount,
            "customer_30d_total": known.customer_30d + money.amount,
            "customer_day_refunds": known.customer_day_refunds + 1,
            "customer_30d_refunds": known.customer_30d_refunds + 1,
            "desk_day_total": known.desk_day.get(money.currency, 0) + money.amount,
            "desk_day_home": self.desk.choices.rates.sum((money, *desk_day)),
        }

    def _counted(self, operation: Operation, now: datetime, *, attended: bool) -> Counted | None:
        """On the day that was decided on."""
        if not isinstance(operation.action, Refund):
            return None
        return Counted(charge=operation.target, customer=self.customer, day=now.date(),
                       money=operation.action.money, attended=attended, hour=hour_of(now))

    def _performer(self, operation: Operation) -> Performs:
        if operation.role == "helpdesk":
            return self.desk.helpdesk(self.ref)
        found = self.desk.payments if operation.role == "payments" else self.desk.records
        if found is None:
            raise Unavailable(f"no {operation.role} connector is configured", vendor=operation.role,
                              reason="not_configured", lasting=True)
        return found

    def _send(self, operation: Operation, gate: Gate, ask: Ask | None = None, consents: Consents = NOBODY, *,
              again: bool = False) -> Operation:
        """Calls the vendor; `again` says that an earlier call may have happened, so a refusal now proves nothing."""
        try:
            performer = self._performer(operation)
            with writing(gate):
                receipt = patiently(lambda: performer.perform(_as_released(operation), operation.key), self.desk.sleep)
        except Unavailable as away:
            refused = away.lasting and not isinstance(away, Paused)
            if refused:
                log.warning("operation %s is refused: %s", operation.id, _words(away))
            if refused and not again and self._refused_for_long(operation, away):
                return self._not_done(operation, "rejected", away)
            if again:
                self._unknown(operation, away)
            else:
                self._not_done(operation, "planned", away)
            if isinstance(away, Paused):
                raise self._paused(operation, str(away)) from away
            asked = min(away.retry_after or 0, LONGEST_PAUSE)
            raise Later(_words(away), max(asked, pause(operation.attempts))) from away
        except NotUndoable as never:
            return self._not_done(operation, "rejected", never)
        except Rejected as refusal:
            if again and operation.role == "payments":
                return self._hold(operation, f"sent before without an answer, and refused now ({_words(refusal)})",
                                  said=f"sent before without an answer, and refused now ({_said(refusal)})")
            if again and operation.role == "records" and refusal.reason == "changed":
                return self._hold(operation, f"sent before without an answer, and {refusal.plain}")
            if again and operation.role == "records" and refusal.reason == "already":
                return self._look(self._unknown(operation, refusal))  # what was lost has arrived since the last look
            if isinstance(refusal, Conflict) and operation.released and operation.kind == "ticket_update":
                return self._hold(operation, f"released, and not written: {refusal.plain}")
            if isinstance(refusal, Conflict):
                self._not_done(operation, "dropped", refusal)
                raise NewsCame from refusal
            return self._not_done(operation, "rejected", refusal)
        except Altered as other:
            return self._hold(operation, _words(other), other.receipt)
        except OutcomeUnknown as unknown:
            return self._look(self._unknown(operation, unknown), ask, consents)
        return self._verify(operation, receipt, ask, consents)

    def _refused_for_long(self, operation: Operation, away: Unavailable) -> bool:
        """It is for a customer or a colleague who pressed Undo, and its plan met the same refusal hours ago.

        Our own words wait, and are written once they may be: nobody could be told of them in their place.
        """
        if operation.kind not in (*CHANGES, "undo"):
            return False
        long = NOT_ALLOWED if away.retry_after is None else NOT_NOW
        with self.ledger.begin() as c:
            return self.ledger.put_off(c, operation, _words(away), self.desk.now() - long, long)

    def _verify(self, operation: Operation, receipt: Receipt, ask: Ask | None, consents: Consents) -> Operation:
        """Only what was read back is done."""
        if receipt.seen:
            return self._settle(lambda c: self.ledger.done(
                c, operation, receipt, self.person, self.desk.now()))
        performer = self._performer(operation)
        try:
            seen = patiently(lambda: performer.read_back(operation.action, receipt), self.desk.sleep)
        except OutcomeUnknown as unknown:
            return self._look(self._unknown(operation, unknown), ask, consents)
        except (Unavailable, NotFound) as away:
            self._unknown(operation, away)
            raise Later(_words(away), pause(operation.attempts)) from away
        return self._settle(lambda c: self.ledger.done(c, operation, seen, self.person, self.desk.now()))

    def _look(self, operation: Operation, ask: Ask | None = None, consents: Consents = NOBODY) -> Operation:
        """As `look_for`; what is not there is sent again, once that is decided on anew where it is for a customer.

        Where a person has decided that, what they knew speaks no more against it.
        """
        if (settled := self.look_for(operation)) is not None:
            return settled
        self._may_send_again(operation)
        decides = operation.kind in CHANGES
        shown = self._shown_since(operation) if decides and operation.released else ""
        gate = self._gate(operation.held_back_with)
        with self.ledger.begin() as c:
            if on_file(self.desk.stop_file) or self.ledger.paused(c, operation.held_back_with):
                raise self._held_back(c, operation)
            if decides and (why := shown or (self._against_release(c, operation) if operation.released else
                                             self._against(c, operation, ask, consents))):
                self._may_be_listed_late(operation)
                log.error("operation %s is held: %s", operation.id, why)
                return self.ledger.unknown(c, operation, "held", f"{NOT_AGAIN}: {why}", self.desk.now())
            trying = self.ledger.tried_again(c, operation, self.desk.now())
            gate.until = self.desk.now() + STARTS_WITHIN
        if trying is None:
            raise Later("another pass has this operation", ANOTHER_PASS.total_seconds())
        if trying.first_sent_at:
            gate.until = min(gate.until, trying.first_sent_at + LAST_RESEND)
        return self._send(trying, gate, ask, consents, again=True)

    def look_for(self, operation: Operation) -> Operation | None:
        """What was sent is looked for at its vendor: found is done, and too old is held; None for what is not there.

        Raises Later while the vendor is away.
        """
        try:
            performer = self._performer(operation)
            receipt = patiently(lambda: performer.find(operation.action, operation.key), self.desk.sleep)
        except (Unavailable, OutcomeUnknown, Rejected) as away:
            if self._too_old(operation):
                return self._hold(operation, f"sent over 23 hours ago, and it cannot be looked for: {_words(away)}")
            self._looked(operation)
            raise Later(_words(away), pause(operation.attempts)) from away
        if receipt is not None:
            return self._verify_found(operation, receipt)
        if self._too_old(operation):
            return self._hold(operation, "sent more than 23 hours ago, and nothing found at the vendor")
        if operation.reason.startswith("stored_failure"):
            return self._hold(operation, "the vendor answers with the same failure each time, and nothing was found")
        return None

    def _against(self, c: Connection, operation: Operation, ask: Ask | None, consents: Consents) -> str:
        """What speaks against sending it once more, by what is true now; "" for nothing.

        Raises NewsCame where that must be read anew, and Later where it cannot be read.
        """
        if stopped := self.stop(operation):
            return stopped
        if self.blind:
            raise Later(f"what {operation.id} stands on cannot be read", pause(operation.attempts))
        if ask is None:
            return GONE
        self._lock(c, operation)
        if paid := ask.charge and _refunded_since(operation, ask.charge, self.desk.now()):
            return paid
        if isinstance(operation.action, Refund) and ask.action != operation.action:
            return "what it stood on has changed"
        decision, _, _, why_not = self._decide(c, operation, ask, consents, self.desk.now())
        if not why_not and (yes := consents.colleague) and (
                found := since_shown(c, yes, self.person, ask.summary(), decision)):
            return f"it was approved, and something changed since: {'; '.join(found)}"
        return why_not

    def _against_release(self, c: Connection, operation: Operation) -> str:
        """What speaks against it since a person has released it; "" for nothing. Raises NewsCame as `_against` does."""
        now = self.desk.now()
        if stopped := self.stop(operation):
            return stopped
        if self.ledger.ticket(c, self.ticket_id, now).wanted > self.read_upto or now - self.read_at > FRESH:
            raise NewsCame
        return why_off(self.desk) if is_off(self.desk, self.desk.policy(c), operation.kind) else ""

    def _shown_since(self, operation: Operation) -> str:
        """What the charge shows that came after a person had released this; "" for nothing.

        Raises Later where that cannot be read.
        """
        payments, since = self.desk.payments, operation.first_sent_at
        if payments is None or not isinstance(operation.action, Refund):
            return ""
        try:
            charge = patiently(lambda: payments.charge(operation.target), self.desk.sleep)
            disputes = patiently(lambda: payments.disputes(charge.id), self.desk.sleep) if charge.disputed else ()
        except NotFound:
            return ""  # then nothing can be refunded either, and the provider says so
        except (Unavailable, OutcomeUnknown) as away:
            self._looked(operation)
            raise Later(_words(away), pause(operation.attempts)) from away
        later = [one for one in disputes if since and (one.created is None or one.created > since)]
        return _refunded_since(operation, charge, self.desk.now()) or ("the charge is disputed since" if later else "")

    def _may_be_listed_late(self, operation: Operation) -> None:
        """Raises Later while the vendor may have it, and not list it yet."""
        listed = (operation.first_sent_at or self.desk.now()) + LISTED_BY - self.desk.now()
        if listed > timedelta():
            raise Later("the vendor may list it yet", max(1.0, listed.total_seconds()))

    def _verify_found(self, operation: Operation, receipt: Receipt) -> Operation:
        """What was found is ours; it is done once it reads as the action asked."""
        try:
            seen = receipt if receipt.seen else patiently(
                lambda: self._performer(operation).read_back(operation.action, receipt), self.desk.sleep)
        except (OutcomeUnknown, Unavailable, NotFound) as away:
            if self._too_old(operation):
                return self._hold(operation, f"found, but not as it was asked for: {_words(away)}")
            self._looked(operation)
            raise Later(_words(away), pause(operation.attempts)) from away
        return self._settle(lambda c: self.ledger.done(c, operation, seen, self.person, self.desk.now()))

    def _looked(self, operation: Operation) -> None:
        """Counts a look that settled nothing, so that the next one waits longer."""
        with self.ledger.begin() as c:
            self.ledger.tried_again(c, operation, self.desk.now(), "unknown")

    def _may_send_again(self, operation: Operation) -> None:
        """A vendor with idempotency keys is asked again at once; elsewhere a lost request gets time to arrive."""
        now = self.desk.now()
        if operation.role == "payments":
            tried_enough = operation.state == "unknown" and operation.attempts % SENDS_IN_A_PASS == 0
            if tried_enough and not self.rested(operation):
                raise Later(f"outcome unknown: {operation.reason}", pause(operation.attempts))
            return
        with self.ledger.begin() as c:
            changed = self.ledger.changed_at(c, operation.id)
        rest = max(IN_FLIGHT, timedelta(seconds=pause(operation.attempts)))
        if now - changed < rest:
            raise Later(f"outcome unknown: {operation.reason}", max(1.0, (changed + rest - now).total_seconds()))

    def rested(self, operation: Operation) -> bool:
        """Its last try is as long ago as its number says."""
        with self.ledger.begin() as c:
            changed = self.ledger.changed_at(c, operation.id)
        return self.desk.now() - changed >= timedelta(seconds=pause(operation.attempts) - 1)

    def _too_old(self, operation: Operation) -> bool:
        return operation.first_sent_at is not None and self.desk.now() - operation.first_sent_at > LAST_RESEND

    def _hold(self, operation: Operation, why: str, receipt: Receipt | None = None, said: str = "") -> Operation:
        """For a person; with a receipt it was surely written, and is not as it was asked for."""
        log.error("operation %s is held: %s", operation.id, why)
        sealed = self.person.seal(receipt.model_dump(mode="json")) if receipt else None
        after = self._settle(lambda c: self.ledger.unknown(c, operation, "held", why, self.desk.now(), sealed,
                                                           (said, self.person) if said else None))
        return replace(after, receipt=receipt or after.receipt)

    def _not_done(self, operation: Operation, state: str, error: VendorError) -> Operation:
        """What may be begun yet keeps the yes it was to be begun on, to be weighed anew as one that was not used; what
        is given up has used it."""
        with self.ledger.begin() as c:
            after = self.ledger.not_done(c, operation, state, _words(error), self.desk.now(),
                                         (_said(error), self.person))
            if after.state in ("planned", "dropped") and not after.given_up and after.item is not None:
                waits.free_item(c, after.proposal_id, after.item)
            return after

    def _unknown(self, operation: Operation, error: VendorError) -> Operation:
        return self._settle(lambda c: self.ledger.unknown(
            c, operation, "unknown", _words(error), self.desk.now()))

    def _settle(self, write: Callable[[Connection], Operation]) -> Operation:
        with self.ledger.begin() as c:
            return write(c)


def _refunded_since(operation: Operation, charge: Charge, now: datetime) -> str:
    """What went back of the charge otherwise since this was sent, by hand or on another ticket; "" for nothing.

    Raises Later where the charge names this one, or more of it went back than its refunds account for.
    """
    since, standing = operation.first_sent_at, [one for one in charge.refunds if one.stands]
    others = [one for one in standing if one.operation != operation.id]
    if other := next((one for one in others if since and one.created > since), None):
        how = f"as {other.operation}" if other.operation else "by hand"
        return f"{other.money} of this charge was refunded {how} since ({other.id})"
    more = charge.refunds_complete and charge.refunded.amount > sum(one.money.amount for one in standing)
    if more or len(others) < len(standing):
        raise Later("the charge shows what the list of refunds does not", _ever_longer(since or now, now))
    return ""


def _as_released(operation: Operation) -> ActionBase:
    """Words that a person has released are written whatever has changed on the ticket since they were made."""
    action = operation.action
    released = isinstance(action, TicketUpdate) and operation.released
    return action.model_copy(update={"unless_changed_since": None}) if released else action


def _ever_longer(since: datetime, now: datetime) -> float:
    """Seconds until the next look at what no try of ours changes: a quarter of the time that it has been so."""
    return min(max((now - since).total_seconds() / 4, PAUSES[1]), PAUSES[-1])


def _words(error: VendorError) -> str:
    """For the ledger, in the clear."""
    return _named(error, error.plain)


def _said(error: VendorError) -> str:
    """The same in the vendor's own words, for the note."""
    return _named(error, str(error))


def _named(error: VendorError, words: str) -> str:
    reason = "conflict" if isinstance(error, Conflict) else error.reason
    return f"{reason}: {words}" if reason else words


def pause(attempts: int) -> float:
    """Seconds until the next look, after this many tries."""
    return float(PAUSES[min(max(attempts, 1), len(PAUSES)) - 1])
