"""What the customer is told and asked on a ticket, by what was read back, and why nothing may be said there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from agent.act import OVERTAKEN, Actor
from agent.consent import waits
from agent.consent.asking import others_in_copy, was_asked
from agent.consent.waits import CUSTOMER, Wait
from agent.courtesy import courtesy
from agent.desk import Desk
from agent.endings import DONE, FELL, STILL, Ending, Told
from agent.facts import Facts
from agent.ground import Ask, latest_refund
from agent.ledger import MISSING, Operation
from agent.plan import Open
from agent.reply import Reply, WhyNot, language_for
from connectors.contract import (
    ContactChange,
    ContactReceipt,
    Conversation,
    Money,
    Refund,
    RefundReceipt,
    TicketUpdate,
    UpdateReceipt,
)

REPLY_CHANNELS = ("email", "web")
MOST_CONFLICTS = 5
"""After this many an update is written whatever else changes on the ticket: it was read a second ago."""
WHY_NOT: Mapping[str, WhyNot] = {"customer_no": "no", "customer_silent": "silent"}
"""By cause."""


def reply_to(desk: Desk, facts: Facts, open_: Open, endings: list[Ending], asks: list[Ask | None],
             before: Before, why_not: str) -> tuple[Reply | None, str | None]:
    """The reply, when something is to be told and may be; with why the model's draft was not used."""
    good = [(n, e) for n, e in enumerate(endings) if e.how in DONE]
    asking = [(n, e.waiting) for n, e in enumerate(endings) if e.waiting in to_ask(endings) and e.waiting]
    planned = open_.plan.planned
    if not (good or asking) or planned is None or why_not:
        return None, None
    requester = facts.conversation.requester()
    choices = desk.choices.replies
    language = language_for(planned.proposal.language, choices.languages)
    reply = Reply(language, requester.name if requester else None, choices.disclosure)
    for n, ending in good:
        if n not in before.told:
            _say(reply, ending, asks[n])
    until = min((wait.expires_at for _, wait in asking), default=None)
    for n, wait in asking:
        _ask(desk, reply, wait, asks[n], until, endings[n].asked_for)
    if len(asking) > 1:
        reply.one_yes_for_all()
    promised = before.promised(reply) is not None
    if (reply.facts or before.told) and any(map(_for_a_person, endings)) and (reply.facts or not promised):
        stopped = [(ending, ask) for ending, ask in zip(endings, asks, strict=True) if _for_a_person(ending)]
        _hand_over(reply, stopped if not reply.facts else [])
    if not reply.facts:
        return None, None
    draft = courtesy(planned.proposal.reply, language, reply.name)
    reply.warm = draft.words
    return reply, draft.refused


def _for_a_person(ending: Ending) -> bool:
    """Neither done nor the customer's to answer; what fell through, or was handed over before, was told then."""
    theirs = ending.waiting is not None and ending.waiting.for_whom == CUSTOMER
    return ending.how not in (*DONE, "undone") and not theirs and ending.cause not in (FELL, STILL)


def _hand_over(reply: Reply, stopped: list[tuple[Ending, Ask | None]]) -> None:
    """That a person will write, and about what, where no more than that `stopped` is told."""
    left = [(ending, ask) for ending, ask in stopped if not _not_done(reply, ending, ask)]
    if len(left) < len(stopped):
        reply.a_person_writes_about_it()
    refunds = [ask.action.money for _, ask in left if ask and isinstance(ask.action, Refund)]
    for money in refunds:
        reply.a_person_writes_about_refund(money)
    if not stopped or len(refunds) < len(left):
        reply.rest_goes_to_a_person()


def _not_done(reply: Reply, ending: Ending, ask: Ask | None) -> bool:
    """Tells what was not done for a no, or for want of an answer; False where it stopped otherwise."""
    why, action = WHY_NOT.get(ending.cause), ask.action if ask else None
    if why and isinstance(action, Refund) and ask and ask.charge:
        reply.not_sent(action.money, ask.charge.method, why)
        return True
    return why is not None and isinstance(action, ContactChange) and reply.not_changed(action.changes, why)


def _say(reply: Reply, ending: Ending, ask: Ask | None) -> None:
    receipt = ending.operation.receipt if ending.operation else None
    if isinstance(receipt, RefundReceipt):
        reply.refunded(receipt, ending.asked_for)
    elif isinstance(receipt, ContactReceipt):
        reply.changed(receipt)
    elif ask and ask.charge and (refund := latest_refund(ask.charge)):
        reply.where_is(ask.charge, refund)


def _ask(desk: Desk, reply: Reply, wait: Wait, ask: Ask | None, until: datetime | None,
         asked_for: Money | None) -> None:
    """The exact action, and how and until when to say yes to it."""
    action = ask.action if ask else None
    link = desk.confirmation_link(wait.id, wait.digest) if wait.token_hash else ""
    if isinstance(action, Refund) and ask and ask.charge:
        reply.asks_refund(action.money, ask.charge.method, str(wait.to_say), link, until, asked_for)
    elif isinstance(action, ContactChange):
        reply.asks_change(action.changes, str(wait.to_say), link, until)


def why_not_told(facts: Facts, open_: Open, endings: list[Ending], person_on_it: bool) -> str:
    """Why the customer is not told what they should be, or an empty text: also where there is nothing to tell."""
    if not any(e.how in DONE for e in endings) and not to_ask(endings):
        return ""
    if _wrote_from_elsewhere(facts.conversation, open_):
        return "what they wrote came from another address than the one they have by now"
    return why_no_reply(facts.conversation, person_on_it=person_on_it)


def _wrote_from_elsewhere(conversation: Conversation, open_: Open) -> bool:
    """Whoever asked is not the requester any more: a helpdesk may know them by their address alone."""
    asked = (one for one in conversation.comments() if one.id in open_.plan.comments)
    return any(one.author != conversation.ticket.requester for one in asked)


def why_no_reply(conversation: Conversation, *, person_on_it: bool) -> str:
    """Why nothing is written to the customer on this ticket, or an empty text."""
    if person_on_it:
        return "a colleague is on the ticket"
    if conversation.ticket.channel not in REPLY_CHANNELS:
        return f"Deskhand does not answer on {conversation.ticket.channel}"
    return "other people are in copy" if others_in_copy(conversation) else ""


@dataclass(frozen=True)
class Before:
    """What replies before this one told, as far as the helpdesk recorded that the customer was notified."""

    told: frozenset[int]
    """Places in the plan."""
    texts: tuple[str, ...]
    times: tuple[datetime, ...]
    """When each of them was recorded."""
    last: datetime | None

    def promised(self, reply: Reply) -> datetime | None:
        """When one of them, in the language of `reply`, first said that a colleague will write."""
        return min((at for text, at in zip(self.texts, self.times, strict=True) if reply.promises_a_person(text)),
                   default=None)


def looked_for(actor: Actor, operations: Mapping[str, Operation], but: str) -> dict[str, Operation]:
    """Replies whose answer was lost are looked for before more is told; not the one called `but`, which is told now.

    Raises Later while one may still arrive, or cannot be looked for: the customer is told nothing twice.
    """
    def settled(one: Operation) -> Operation:
        lost = isinstance(one.action, TicketUpdate) and one.action.public and one.state in ("sent", "unknown")
        if not lost or called(one, but):
            return one
        return actor.overtaken(one, MISSING if one.reason.endswith(MISSING) else OVERTAKEN)
    return {id: settled(one) for id, one in operations.items()}


def called(operation: Operation, name: str) -> bool:
    """It is the reply or note of this name."""
    return isinstance(operation.action, TicketUpdate) and operation.action.about == name


def firm(actor: Actor, update: TicketUpdate, before: Mapping[str, Operation]) -> TicketUpdate:
    """The update, after many conflicts whatever else has changed."""
    tried = before.get(actor.ledger.operation_id(actor.ref, update))
    return update.model_copy(update={"unless_changed_since": None}) if tried and tried.attempts >= MOST_CONFLICTS \
        else update


def asked_already(actor: Actor, endings: list[Ending], operations: Mapping[str, Operation],
                  but: str) -> list[Ending]:
    """Counts what a reply has asked, and nobody has counted since it was sent: it is not asked again.

    Its answer had been lost, or a pass was cut short. Not what the reply called `but` asks, which is told now.
    """
    found = [(one.action.asks, one.first_sent_at, actor.desk.now()) for one in operations.values()
             if isinstance(one.action, TicketUpdate) and _reached(one) and not called(one, but) and one.action.asks]
    if not found:
        return endings
    counted = {}
    with actor.ledger.begin() as c:
        for id, sent, now in ((id, sent, now) for asks, sent, now in found for id in asks):
            wait = waits.by_id(c, id)
            if wait and sent and (wait.said_at is None or wait.said_at < sent):
                _count(c, actor.desk, wait, now)
                counted[id] = replace(wait, to_say=None, said=wait.said + 1, said_at=now)
    return [replace(e, waiting=counted[e.waiting.id]) if e.waiting and e.waiting.id in counted else e
            for e in endings]


def never_asked(actor: Actor, endings: list[Ending], operations: Mapping[str, Operation]) -> list[Ending]:
    """Hands over what a reply was to ask that the helpdesk had confirmed and does not have: nobody can answer it."""
    replies = [(one, one.action.asks) for one in operations.values() if isinstance(one.action, TicketUpdate)]
    reached = {id for one, asks in replies if _reached(one) for id in asks}
    gone = {id for one, asks in replies if one.state == "dropped" and one.reason.endswith(MISSING)
            for id in asks} - reached
    untold = [e.waiting for e in endings if e.waiting and e.waiting.id in gone and e.waiting.for_whom == CUSTOMER]
    if not untold:
        return endings
    why = "the customer could not be asked (the reply is not on the ticket any more)"
    with actor.ledger.begin() as c:
        for wait in untold:
            waits.set_aside(c, wait, actor.person.seal({"reason": why}), actor.desk.now(), "unasked")
    return [_could_not_ask(e, e.waiting, why) if e.waiting in untold and e.waiting else e for e in endings]


def _reached(operation: Operation) -> bool:
    """The helpdesk has recorded that the customer was notified of it."""
    return operation.state == "done" and isinstance(operation.receipt, UpdateReceipt) and operation.receipt.notified


def told_before(operations: Iterable[Operation], about: str) -> Before:
    """By all replies of a plan but the one `about` this."""
    found = [(one.action, one.receipt) for one in operations if isinstance(one.action, TicketUpdate)
             and isinstance(one.receipt, UpdateReceipt) and one.action.public and _reached(one)
             and not called(one, about)]
    times = tuple(receipt.updated_at for _, receipt in found)
    return Before(frozenset(n for action, _ in found for n in action.tells), tuple(action.text for action, _ in found),
                  times, max(times, default=None))


def already(operations: Iterable[Operation], name: str) -> Operation | None:
    """The reply of this name that has reached the customer, whatever keeps one from being written now."""
    return next((one for one in operations if called(one, name) and _reached(one)), None)


def was_told(tells: Set[int], operation: Operation | None, why_not: str, before: Before) -> Told:
    """Whether the reply reached the customer, by the helpdesk's own record of it, and `tells` of these."""
    if operation is None and why_not:
        return Told(wanted=True, proven=False, why_not=why_not)
    if operation is None:
        return Told(wanted=bool(before.told), proven=bool(before.told), at=before.last)
    receipt, action = operation.receipt, operation.action
    if isinstance(action, TicketUpdate) and not tells <= set(action.tells):
        return Told(wanted=True, proven=False, why_not=why_not or "an earlier reply is not on the ticket any more")
    if isinstance(receipt, UpdateReceipt) and receipt.notified:
        return Told(wanted=True, proven=True, at=receipt.updated_at)
    why = "the helpdesk recorded no notification" if receipt else operation.why or "the reply was not accepted"
    return Told(wanted=True, proven=False, why_not=why)


def to_ask(endings: list[Ending]) -> list[Wait]:
    """The customer's yeses that are to be asked for now."""
    return [e.waiting for e in endings if e.waiting and e.waiting.for_whom == CUSTOMER and e.waiting.to_say]


def asked(actor: Actor, endings: list[Ending], told: Told) -> list[Ending]:
    """Counts a question as asked where the helpdesk recorded it; otherwise a person asks."""
    now, questions = actor.desk.now(), to_ask(endings)
    why = f"the customer could not be asked ({told.why_not})"
    with actor.ledger.begin() as c:
        for wait in questions:
            if told.proven:
                _count(c, actor.desk, wait, now)
            else:
                waits.set_aside(c, wait, actor.person.seal({"reason": why}), now, "unasked")
    return endings if told.proven else [
        _could_not_ask(e, e.waiting, why) if e.waiting in questions and e.waiting else e for e in endings]


def _count(c: Connection, desk: Desk, wait: Wait, now: datetime) -> None:
    """At the same moment for all that one reply asks: by that they are known as one question."""
    was_asked(c, desk, wait)
    waits.was_said(c, wait, now, _remind_at(desk, wait, now))


def _remind_at(desk: Desk, wait: Wait, now: datetime) -> datetime | None:
    """A question is reminded of once; asking once more what the answer meant is not."""
    after = desk.choices.approvals.customer_remind_after
    return now + timedelta(hours=after) if after and wait.to_say == "question" else None


def _could_not_ask(ending: Ending, wait: Wait, why: str) -> Ending:
    return replace(ending, how="escalated", words=ending.words.removeprefix("waiting to "), waiting=None, rule="",
                   why=why, cause="unasked", ended_by=wait.id)
