"""The way of one ticket, in order: consider, plan, act, tell. One pass of it runs whenever the ticket is woken.

A pass does what the rows say and nothing they do not: it may run twice, late, or be killed between any two lines.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection

from agent import audit, engine, plan, scope, tell
from agent.act import Actor, Later, NewsCame
from agent.case import show
from agent.desk import Desk
from agent.facts import Facts, read_facts
from agent.ground import Ask, Ungrounded, ground
from agent.ledger import Operation, TicketRow
from agent.note import Ending
from agent.patience import patiently
from agent.plan import Item, Open, Plan
from agent.policy import Policy, in_rollout
from agent.proposal import Planned, PlannerUnsure
from agent.scope import Look
from agent.text import is_machine_mail, is_small_talk, newest
from agent.vault import Erased
from connectors.contract import Comment, Conversation, NotFound, Unavailable

log = logging.getLogger("deskhand.workflow")

MOST_LOOKS = 4
"""How often one pass starts over because something happened while it looked."""
RECHECK = timedelta(seconds=60)
"""When the helpdesk's records are read once more for what was told: a confirmation alone is no proof."""
MOST_FAILED_PASSES = 8
"""After this many a person is told that the ticket could not be read."""


def run(desk: Desk, ticket_id: int, why: str = "") -> None:
    """One pass: looks at the ticket, and leaves it served or woken for later."""
    for _ in range(MOST_LOOKS):
        with desk.ledger.begin() as c:
            row = desk.ledger.ticket(c, ticket_id)
        try:
            _Pass(desk, row).run()
            _served(desk, row)
            return
        except NewsCame:
            continue
        except Later as later:
            _served(desk, row)
            _wake_at(desk, row, f"later: {later}", later.seconds)
            return
        except Unavailable as away:
            _failed(desk, row, away)
            return
    _wake_at(desk, row, "too much happened at once", 5)


def _served(desk: Desk, row: TicketRow) -> None:
    with desk.ledger.begin() as c:
        desk.ledger.served(c, row.id, row.wanted)


def _wake_at(desk: Desk, row: TicketRow, why: str, seconds: float) -> None:
    with desk.ledger.begin() as c:
        engine.wake(c, row.id, why[:200], desk.now() + timedelta(seconds=seconds))


def _failed(desk: Desk, row: TicketRow, away: Unavailable) -> None:
    """A vendor is away: the ticket rests, longer each time, and after many times a person is told."""
    with desk.ledger.begin() as c:
        attempts = desk.ledger.failed(c, row.id)
        pause = max(engine.delay(attempts).total_seconds(), away.retry_after or 0)
        engine.wake(c, row.id, engine.AGAIN, desk.now() + timedelta(seconds=pause))
    log.warning("ticket %s: %s is away (%s), looking again in %.0f s", row.id, away.vendor, away.reason or away, pause)


@dataclass
class _Pass:
    desk: Desk
    row: TicketRow

    def run(self) -> None:
        conversation = self._read()
        if conversation is None:
            return
        look = scope.look(conversation, self.desk.choices.scope, self.row.seen_entry)
        actor = self._actor(conversation)
        if actor is None:
            self._end("ignored", "the requester was erased", conversation)
            return None
        open_ = self._open(actor, conversation)
        if open_ is not None:
            return self._resume(actor, open_, conversation, look)
        return self._consider(actor, conversation, look)

    # --- looking ---

    def _read(self) -> Conversation | None:
        helpdesk = self.desk.helpdesk(self.row.ref)
        try:
            return patiently(lambda: helpdesk.read(self.row.ref), self.desk.sleep)
        except NotFound:
            self._end("ignored", "deleted", None)
            return None

    def _actor(self, conversation: Conversation) -> Actor | None:
        """Acts for the requester, under whose key everything personal is kept."""
        account = self.desk.helpdesk(self.row.ref).account
        requester = conversation.requester()
        user = requester.id if requester else conversation.ticket.requester
        whose = (requester.email or "").lower() if requester else ""
        try:
            with self.desk.ledger.begin() as c:
                person = self.desk.ledger.person(c, self.row.id, account, user)
                customer = self.desk.ledger.vault.person_id(c, "payer", whose or user)
        except Erased:
            return None
        return Actor(self.desk, self.row.id, self.row.ref, person, customer, self.row.wanted)

    def _open(self, actor: Actor, conversation: Conversation) -> Open | None:
        """The plan under way; also one whose note or reply the helpdesk confirmed and does not have."""
        there = {entry.operation for entry in conversation.entries if entry.operation}
        with self.desk.ledger.begin() as c:
            self.desk.ledger.reopen_untold(c, self.row.id, there, self.desk.now())
            found = self.desk.ledger.open_proposal(c, self.row.id)
        return Open.of(found, actor.person) if found else None

    # --- CONSIDER ---

    def _consider(self, actor: Actor, conversation: Conversation, look: Look) -> None:
        if look.silence:
            return self._ignore(look.silence, conversation)
        if name := self._surely_nothing(conversation, look.new):
            return self._ignore(name, conversation)
        facts = read_facts(self.desk, conversation)
        case, handles = show(facts, look.new, self.desk.choices.payments.order_metadata_key)
        try:
            if self.row.attempts >= MOST_FAILED_PASSES:
                raise PlannerUnsure("the ticket could not be worked on, however often it was tried")
            planned = self.desk.planner.plan(case)
        except PlannerUnsure as unsure:
            return self._go_on(actor, facts, look, None, {}, str(unsure))
        except Unavailable as away:
            return self._go_on(actor, facts, look, None, {}, f"the model could not be reached: {away}")
        proposal = planned.proposal
        if proposal.nothing_asked or not (proposal.actions or proposal.unsure):
            return self._ignore("nothing is asked that we do", conversation)
        return self._go_on(actor, facts, look, planned, handles, "")

    def _surely_nothing(self, conversation: Conversation, new: tuple[Comment, ...]) -> str | None:
        """The fixed filter: every new message is machine-made mail or asks for nothing."""
        names = [self._filtered(conversation, comment) for comment in new]
        return names[0] if all(names) else None

    def _filtered(self, conversation: Conversation, comment: Comment) -> str | None:
        subject = conversation.ticket.subject
        return (is_machine_mail(subject, comment.text, comment.sender, comment.flags, comment.machine_made)
                or is_small_talk(newest(comment.text), subject))

    def _ignore(self, name: str, conversation: Conversation) -> None:
        """Silence: no note, no tag. What an earlier pass reached stands."""
        keeps = self.row.state not in ("new", "ignored")
        self._end(self.row.state if keeps else "ignored", self.row.why if keeps else name, conversation, said=name)

    # --- PLAN ---

    def _go_on(self, actor: Actor, facts: Facts, look: Look, planned: Planned | None, handles: dict[str, str],
               unsure: str) -> None:
        grounded = self._ground(planned, handles, facts, look.new)
        with self.desk.ledger.begin() as c:
            items = [self._item(actor, one, c) for one in grounded]
            items += self._rest(planned, unsure)
            if not any(item.how not in ("off", "uncovered") for item in items):
                seen_only = True
            else:
                seen_only = False
                open_ = self._keep(c, actor, facts, look, planned, handles, items, grounded)
        if seen_only:
            return self._ignore("nothing is asked that we do", facts.conversation)
        asks = {n: one for n, one in enumerate(grounded) if isinstance(one, Ask)}
        if self._in_shadow(items):
            return self._shadow(actor, open_, facts, items)
        return self._carry_out(actor, open_, facts, asks, person_on_it=False)

    def _ground(self, planned: Planned | None, handles: dict[str, str], facts: Facts,
                new: tuple[Comment, ...]) -> list[Ask | Ungrounded]:
        if planned is None:
            return []
        return ground(planned.proposal, handles, facts, new, planned.planner, self.desk.choices)

    def _item(self, actor: Actor, one: Ask | Ungrounded, c: Connection) -> Item:
        if isinstance(one, Ungrounded):
            return Item(how="ungrounded", words=str(one))
        decision = actor.decide(c, one)
        way = plan.how(decision, one)
        policy = self.desk.policy()
        if way in ("go", "answer") and not (policy and _rolled_out(policy, one.kind, actor.customer)):
            way = "draft"
        operation = None
        if one.action is not None:
            operation = plan.operation_id(self.row.ref, one.action)
        return Item(how=way, words=one.words, summary=one.summary(), decision=decision, operation=operation)

    def _rest(self, planned: Planned | None, unsure: str) -> list[Item]:
        if planned is None:
            return [Item(how="unsure", words=unsure)]
        proposal = planned.proposal
        rest = [Item(how="uncovered", words=f"also asked, and not something Deskhand does: {phrase}")
                for phrase in proposal.uncovered]
        return rest + ([Item(how="unsure", words=proposal.unsure)] if proposal.unsure else [])

    def _keep(self, c: Connection, actor: Actor, facts: Facts, look: Look, planned: Planned | None,
              handles: dict[str, str], items: list[Item], grounded: list[Ask | Ungrounded]) -> Open:
        now, entries = self.desk.now(), facts.conversation.entries
        generation = self.row.generation + 1
        self.desk.ledger.void_waits(c, self.row.id)
        made = Plan(planned=planned, handles=handles, comments=tuple(comment.id for comment in look.new),
                    seen_before=self.row.seen_entry, items=tuple(items), read=_read_words(facts))
        asks = [one if isinstance(one, Ask) else None for one in grounded]
        open_ = plan.keep(c, self.desk, actor, self.row, facts, made, asks, generation,
                          plan.digest_of(grounded, planned, items[-1].words if planned is None else ""), now)
        self.desk.ledger.saw(c, self.row.id, entries[-1].id if entries else None, is_open=True, generation=generation)
        if any(ask and ask.kind in ("refund", "status_answer") for ask in asks):
            self.desk.ledger.about_money(c, self.row.id)
        self.desk.ledger.ended(c, self.row.id, "acting", "", now)
        return open_

    def _in_shadow(self, items: list[Item]) -> bool:
        """Any part in shadow keeps the whole ticket silent; so does a desk where nothing is switched on."""
        policy = self.desk.policy()
        if self.desk.crossed_modes or any(item.how == "shadow" for item in items):
            return True
        return policy is not None and all(row.mode in ("off", "shadow") for row in policy.actions.values())

    def _shadow(self, actor: Actor, open_: Open, facts: Facts, items: list[Item]) -> None:
        """Decides and writes nothing outside; what would have been done lies in the ledger."""
        now = self.desk.now()
        would = tell.outcome([Ending(_without_shadow(item), item.words) for item in items])
        with self.desk.ledger.begin() as c:
            for operation in self.desk.ledger.operations_of(c, open_.proposal_id, actor.person):
                self.desk.ledger.not_done(c, operation, "dropped", "shadow mode", now)
            self.desk.ledger.close_proposal(c, open_.proposal_id, "shadow", now)
            self.desk.ledger.ended(c, self.row.id, would, "shadow: nothing was written", now, shadow=True)

    # --- RESUME: a pass was cut short, or something happened while it looked ---

    def _resume(self, actor: Actor, open_: Open, conversation: Conversation, look: Look) -> None:
        person_on_it = look.silence is not None and look.silence != "our own update" and not look.new \
            and look.silence in ("a person is on it", "closed", "deleted", "merged")
        written_anew = any(comment.id not in open_.plan.comments for comment in look.new)
        if person_on_it or written_anew:
            started = self._drop_unsent(actor, open_)
            if not started:
                return self._void(open_, again=written_anew and not person_on_it)
        facts = read_facts(self.desk, conversation)
        new = tuple(c for c in conversation.comments() if c.id in open_.plan.comments)
        grounded = self._ground(open_.plan.planned, open_.plan.handles, facts, new)
        asks = {n: one for n, one in enumerate(grounded) if isinstance(one, Ask)}
        self._carry_out(actor, open_, facts, asks, person_on_it)

    def _drop_unsent(self, actor: Actor, open_: Open) -> bool:
        """Drops what was not begun; True when something was."""
        with self.desk.ledger.begin() as c:
            operations = self.desk.ledger.operations_of(c, open_.proposal_id, actor.person)
            for operation in operations:
                if operation.state == "planned":
                    self.desk.ledger.not_done(c, operation, "dropped", "the ticket moved on", self.desk.now())
        return any(operation.state not in ("planned", "dropped") for operation in operations)

    def _void(self, open_: Open, *, again: bool) -> None:
        """Forgets a plan nothing of which was begun; `again` plans anew with all that it had answered."""
        now = self.desk.now()
        with self.desk.ledger.begin() as c:
            self.desk.ledger.close_proposal(c, open_.proposal_id, "void", now)
            if again:
                self.desk.ledger.looked_back(c, self.row.id, open_.plan.seen_before)
            self.desk.ledger.ended(c, self.row.id, "ignored" if not again else "new",
                                   "a person is on it" if not again else "", now)
        if again:
            raise NewsCame

    # --- ACT and TELL ---

    def _carry_out(self, actor: Actor, open_: Open, facts: Facts, asks: dict[int, Ask], person_on_it: bool) -> None:
        for n, item in enumerate(open_.plan.items):
            if item.how == "go" and item.operation:
                self._act(actor, open_, item.operation, asks.get(n), person_on_it)
        outcome = tell.tell(self.desk, actor, open_, facts, asks, person_on_it)
        now = self.desk.now()
        with self.desk.ledger.begin() as c:
            operations = self.desk.ledger.operations_of(c, open_.proposal_id, actor.person)
            if tell.unwritten_activities(operations):
                raise Later("the CRM activity is not written yet", 60)
            self.desk.ledger.close_proposal(c, open_.proposal_id, outcome, now)
            self.desk.ledger.ended(c, self.row.id, outcome, "", now)
            engine.wake(c, self.row.id, "recheck", now + RECHECK)
            audit.record(c, kind="ticket.told", ticket=self.row.id, operation=None, at=now,
                         public={"outcome": outcome, "generation": open_.generation})

    def _act(self, actor: Actor, open_: Open, id: str, ask: Ask | None, person_on_it: bool) -> None:
        with self.desk.ledger.begin() as c:
            operation = self.desk.ledger.operation(c, id, actor.person)
            if operation is None:
                return
            if operation.state == "dropped" and ask and ask.action and not person_on_it and _may_try(operation):
                # The record had changed under us: the same change is tried on what it holds now.
                self.desk.ledger.plan(c, ref=self.row.ref, ticket_id=self.row.id, proposal_id=open_.proposal_id,
                                      action=ask.action, position=0, person=actor.person, now=self.desk.now())
                operation = self.desk.ledger.operation(c, id, actor.person) or operation
            if operation.state == "planned" and ask is None:
                self.desk.ledger.not_done(c, operation, "dropped", "what it stood on is no longer there",
                                          self.desk.now())
                return
        actor.carry_out(operation, ask)

    # --- ending ---

    def _end(self, state: str, why: str, conversation: Conversation | None, said: str = "") -> None:
        entries = conversation.entries if conversation else ()
        is_open = bool(conversation) and conversation.ticket.status not in ("solved", "closed", "deleted")  # type: ignore[union-attr]
        now = self.desk.now()
        with self.desk.ledger.begin() as c:
            self.desk.ledger.saw(c, self.row.id, entries[-1].id if entries else None, is_open=is_open)
            self.desk.ledger.ended(c, self.row.id, state, why, now)
            audit.record(c, kind="ticket.ignored", ticket=self.row.id, operation=None, at=now,
                         public={"why": said or why})


def _rolled_out(policy: Policy, kind: str, customer: str) -> bool:
    return in_rollout(policy, kind, customer)


def _may_try(operation: Operation) -> bool:
    return operation.reason.startswith("conflict") and operation.attempts < MOST_LOOKS


def _without_shadow(item: Item) -> str:
    decision = item.decision
    if decision is None:
        return item.how
    if decision.outcome != "go_ahead":
        return {"refuse": "refused"}.get(decision.outcome, "escalated")
    if not decision.unattended:
        return "parked"
    return "done" if item.summary and item.summary.changes_something else "answered"


def _read_words(facts: Facts) -> str:
    """What was read, for a handoff; never that nothing was found in words a customer could be told."""
    who = facts.email() or "no address"
    charges = [f"{c.money} {c.created:%d %b} {c.id}" + (f" (refunded {c.refunded})" if c.refunded.amount else "")
               for c in facts.charges[:5]]
    parts = [f"requester {who}", f"payer match: {facts.match.replace('_', ' ')}",
             f"charges: {', '.join(charges) if charges else 'none seen'}"]
    if facts.contacts is not None:
        parts.append(f"CRM contacts: {', '.join(c.name for c in facts.contacts) if facts.contacts else 'none seen'}")
    return "; ".join(parts)

