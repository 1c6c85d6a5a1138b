"""Tells what happened: the customer what was read back, and the colleagues what was done, by which rule and why.

Zendesk takes one comment per update (Zendesk docs, "Update Ticket"), so the reply goes first and the note second:
the note can then say truthfully whether the customer was told.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from agent import handoff, note
from agent.act import Actor, Later
from agent.consent import waits
from agent.consent.agreement import Standing
from agent.consent.asked import asked_of
from agent.consent.asking import others_in_copy, was_asked
from agent.consent.waits import CUSTOMER, Wait
from agent.courtesy import courtesy
from agent.desk import Desk, Handoff
from agent.endings import DONE, NEEDS_A_PERSON, Ending, Told, plainly
from agent.evidence import Evidence
from agent.facts import Facts
from agent.ground import NO_PAYMENT, WHICH_REFUND, Ask, latest_refund
from agent.ledger import Operation
from agent.plan import Item, Open, Plan, would
from agent.prepared import prepared
from agent.reply import Reply, language_for
from agent.text import newest
from agent.vault import PersonKey
from connectors.contract import (
    ActionBase,
    ContactChange,
    ContactReceipt,
    Conversation,
    LogActivity,
    Refund,
    RefundReceipt,
    TicketUpdate,
    UpdateReceipt,
    digest,
    operation_id,
)

MOST_TRIES = 10
"""Of an activity, before the ticket is left as it is."""
MOST_CONFLICTS = 5
"""After this many an update is written whatever else changes on the ticket: it was read a second ago."""
WATCHING = "watching"
REPLY_CHANNELS = ("email", "web")
GONE = "what it stood on is no longer there"
NOT_ARRIVED = {"failed": "the payment provider says that the refund failed",
               "canceled": "the payment provider says that the refund was cancelled",
               "requires_action": "the refund was made, and the payment provider waits for the customer's bank "
                                  "details"}
"""A refund was made and the money has not gone, by its status."""
MAIL_WOULD_HELP = ("no address", "not mail", "requester changed", "flagged", "not the requester")
CAUSES = {"declined": ("customer_no", "colleague_no"), "expired": ("customer_silent", "colleague_silent"),
          "late": ("late", "colleague_late")}
"""By the state of the wait that ended an ask: the customer's, and a colleague's."""
WHICH_PAYMENT = (NO_PAYMENT, WHICH_REFUND)
ACTIVITY_POSITION, REPLY_POSITION, NOTE_POSITION, SOLVE_POSITION = 200, 300, 400, 500


def outcome(endings: list[Ending]) -> str:
    """The pass's outcome in the words of the field; what needs a person outweighs what was done."""
    ways = {e.how for e in endings}
    if "refused" in ways and not ways & {"escalated", "rejected", "held"}:
        return "refused"
    if ways & set(NEEDS_A_PERSON):
        return "handed_over"
    for way, name in (("parked", "parked"), ("done", "done"), ("undone", "done"), ("answered", "answered")):
        if way in ways:
            return name
    return "handed_over"


def tell(desk: Desk, actor: Actor, open_: Open, facts: Facts, asks: dict[int, Ask],
         operations: Mapping[str, Operation], allowed: Mapping[str, str], standing: Mapping[int, Standing],
         person_on_it: bool) -> str:
    """Writes the CRM activities, the reply and the note, each once; returns the outcome.

    `allowed` says by operation which decision it was done on, `standing` by item how far the agreement on it came.
    """
    told_of = [(n, item) for n, item in enumerate(open_.plan.items) if item.how != "repeat"]
    about = [standing[n].ask if n in standing else asks.get(n) for n, _ in told_of]
    endings = [_agreed(item, standing[n], allowed, actor) if n in standing else
               _ending(item, operations.get(item.operation or ""), ask, allowed.get(item.operation or "", ""))
               for (n, item), ask in zip(told_of, about, strict=True)]
    reply, refused = _reply(desk, facts, open_, endings, about, person_on_it)
    questions = _questions(endings)
    update = _firm(actor, _reply_update(actor, open_, facts, reply, endings), operations) if reply else None
    logged, told_op = _side_by_side(desk, [
        lambda: _log_activities(desk, actor, open_, facts, endings),
        lambda: actor.write_down(update, open_.proposal_id, REPLY_POSITION) if update else None])
    told = _told(update is not None, told_op, _why_no_reply(desk, facts, endings, person_on_it))
    if questions:
        endings = _asked(actor, endings, told)
    activities = {id: op for id, op in operations.items() if op.kind == "log_activity"} | {op.id: op for op in logged}
    endings = [replace(e, link=_where(desk, ask)) for e, ask in zip(endings, about, strict=True)]
    text = note.write(endings, told, _planner(open_), list(activities.values()), refused, open_.plan.read,
                      _dropped(actor, open_, endings), _wanted(facts, open_),
                      _prepared(desk, facts, open_, endings, about), _trail(desk, actor))
    words = _firm(actor, _note_update(desk, actor, open_, facts, text, endings, update is not None), operations)
    final = actor.write_down(words, open_.proposal_id, NOTE_POSITION)
    _reminded(desk, endings)
    if final.state == "rejected":
        _cannot_tell(desk, actor, final)
    if told.proven and _may_solve(desk, endings):
        # Alone, because a helpdesk may refuse it (no assignee, a required field) and words must not be lost with it.
        name = f"{_told_of(open_, endings, saying=False)}:solve"
        solve = TicketUpdate(ref=actor.ref, about=name, text="", public=False, status="solved")
        actor.write_down(solve, open_.proposal_id, SOLVE_POSITION)
    return outcome(endings)


def would_be(made: Plan) -> str:
    """The outcome that a plan in shadow would have had."""
    return outcome([Ending(would(item), item.words) for item in made.items])


def watched(actor: Actor, open_: Open) -> None:
    """The note of a ticket in shadow: what would have been done, and that nothing was."""
    endings = [Ending(would(item), item.words, item.summary, _rule(item))
               for item in open_.plan.items if item.how != "repeat"]
    actor.write_down(TicketUpdate(ref=actor.ref, about=f"{open_.digest}:{WATCHING}", public=False,
                                  text=note.watching(endings, _planner(open_))), open_.proposal_id, NOTE_POSITION)


def is_watching(action: ActionBase) -> bool:
    """The note of a ticket in shadow, which acts on nothing."""
    return isinstance(action, TicketUpdate) and action.about.endswith(f":{WATCHING}")


def _firm(actor: Actor, update: TicketUpdate, before: Mapping[str, Operation]) -> TicketUpdate:
    """The update, after many conflicts whatever else has changed."""
    tried = before.get(operation_id(actor.ref, update))
    return update.model_copy(update={"unless_changed_since": None}) if tried and tried.attempts >= MOST_CONFLICTS \
        else update


def _may_solve(desk: Desk, endings: list[Ending]) -> bool:
    """Switched on, every ask done, and no refund still on its way."""
    receipts = [e.operation.receipt for e in endings if e.operation]
    pending = any(isinstance(one, RefundReceipt) and one.status != "succeeded" for one in receipts)
    return desk.choices.replies.solve_when_done and not pending and all(e.how in DONE for e in endings)


def _ending(item: Item, operation: Operation | None, ask: Ask | None, allowed: str) -> Ending:
    """How one item ended, from its operation's row where there is one."""
    if item.how == "answer" and ask is None:
        return Ending("ungrounded", item.words, item.summary, why=GONE, cause="gone")
    if item.how == "answer":
        return Ending("answered", "answered where the money is", item.summary, _rule(item))
    if operation is None or item.how != "go":
        return _not_begun(item)
    if operation.state == "undone":
        return Ending("undone", note.done_words(operation), item.summary, allowed or _rule(item), operation)
    if operation.state == "done":
        return _finished(item, operation, allowed)
    how = {"rejected": "rejected", "held": "held"}.get(operation.state, "escalated")
    why = operation.reason or "not done"
    return Ending(how, item.words, item.summary, operation=operation, cause=how,
                  why=f"the vendor refused it ({plainly(why).rstrip('.')})" if how == "rejected" else why)


def _not_begun(item: Item) -> Ending:
    how = {"draft": "parked", "go": "escalated"}.get(item.how, item.how)
    words = item.words if item.decision is None or how != "parked" else f"waiting to {item.words}"
    if item.decision is None or how == "parked":
        cause = "which_payment" if item.words in WHICH_PAYMENT else how
        return Ending(how, words, item.summary, _rule(item), cause=cause)
    why = "" if item.unsure else _rule(item)
    return Ending(how, words, item.summary, _rule(item), why=why, cause=_doubted(item) or how)


def _doubted(item: Item) -> str:
    """It stopped because nothing shows that the customer wrote it, and a mail from their own address would."""
    asked = item.summary
    stopped = asked is not None and item.how in ("refused", "escalated") and asked.evidence_why in MAIL_WOULD_HELP
    return "sender" if stopped and asked and asked.evidence is Evidence.E0 else ""


def _finished(item: Item, operation: Operation, allowed: str) -> Ending:
    """Done, unless the money did not go or waits at the payment provider."""
    rule, receipt, words = allowed or _rule(item), operation.receipt, note.done_words(operation)
    status = receipt.status if isinstance(receipt, RefundReceipt) else ""
    if status not in NOT_ARRIVED:
        return Ending("done", words, item.summary, rule, operation)
    cause = "stands" if status == "requires_action" else "rejected"
    return Ending("rejected", item.words, item.summary, rule, operation, why=NOT_ARRIVED[status], cause=cause,
                  tried=words)


def _rule(item: Item) -> str:
    return item.decision.in_words() if item.decision else ""


def _agreed(item: Item, standing: Standing, allowed: Mapping[str, str], actor: Actor) -> Ending:
    """How an item ended that needed somebody's yes."""
    words = standing.ask.words if standing.ask else item.words
    rule = standing.decision.in_words() if standing.decision else _rule(item)
    by = _who(standing.consents.colleague, actor.person)
    if operation := standing.operation:
        after = _ending(item.model_copy(update={"how": "go", "words": words}), operation, standing.ask,
                        allowed.get(operation.id, rule))
        return replace(after, words=f"{after.words}, approved by {by}" if by else after.words, agreed=True,
                       tried=", ".join(part for part in (_tried(standing, by), after.tried) if part))
    if standing.how == "go":
        return Ending("answered", f"answered where the money is{f', approved by {by}' if by else ''}", item.summary,
                      rule, agreed=True)
    if standing.how == "parked":
        again = f" ({standing.why})" if standing.why else ""
        return Ending("parked", f"waiting to {words}{again}", item.summary, rule, waiting=standing.waiting,
                      approved=by, agreed=True, tried=_tried(standing, by))
    why = standing.why or rule
    return Ending(standing.how, words, item.summary, rule if standing.ended is None else "", agreed=True, why=why,
                  approved=by, tried=_tried(standing, by), cause=_cause(standing),
                  ended_by=standing.ended.id if standing.ended else None)


def _cause(standing: Standing) -> str:
    ended = standing.ended
    if ended is None:
        return standing.cause or "refused"
    by_customer, by_colleague = CAUSES.get(ended.state, (ended.state, ended.state))
    return by_customer if ended.for_whom == CUSTOMER else by_colleague


def _tried(standing: Standing, by: str) -> str:
    """Who agreed, and when the customer was asked."""
    asked = standing.consents.customer or standing.ended or standing.waiting
    parts = [f"approved by {by}" + ("" if standing.operation else " but not done")] if by else []
    if asked is not None and asked.for_whom == CUSTOMER and asked.said_at is not None:
        parts.append(f"the customer was asked for a yes on {asked.said_at:%d %b %H:%M} UTC"
                     + (f" ({'twice' if asked.said == 2 else f'{asked.said} times'} in all)" if asked.said > 1 else ""))
    return ", ".join(parts)


def _who(wait: Wait | None, person: PersonKey) -> str:
    """The colleague's name, as they had it when they answered."""
    return str(person.open(wait.sealed).get("name", "")) if wait and wait.sealed else ""


def _questions(endings: list[Ending]) -> list[Wait]:
    """The customer's yeses that are to be asked for now."""
    return [e.waiting for e in endings if e.waiting and e.waiting.for_whom == CUSTOMER and e.waiting.to_say]


def _asked(actor: Actor, endings: list[Ending], told: Told) -> list[Ending]:
    """Counts a question as asked where the helpdesk recorded it; otherwise a person asks."""
    desk = actor.desk
    now, after = desk.now(), desk.choices.approvals.customer_remind_after
    questions, why = {wait.id for wait in _questions(endings)}, f"the customer could not be asked ({told.why_not})"
    with desk.ledger.begin() as c:
        for wait in _questions(endings):
            if told.proven:
                was_asked(c, desk, wait)
                again = now + timedelta(hours=after) if after and wait.to_say == "question" else None
                waits.was_said(c, wait, now, again)
            else:
                waits.set_aside(c, wait, actor.person.seal({"reason": why}), now, "unasked")
    return endings if told.proven else [
        _could_not_ask(e, e.waiting, why) if e.waiting and e.waiting.id in questions else e for e in endings]


def _could_not_ask(ending: Ending, wait: Wait, why: str) -> Ending:
    return replace(ending, how="escalated", words=ending.words.removeprefix("waiting to "), waiting=None, rule="",
                   why=why, cause="unasked", ended_by=wait.id)


def _reminded(desk: Desk, endings: list[Ending]) -> None:
    """A colleague's reminder was this note; there is one."""
    due = [e.waiting for e in endings if e.waiting and e.waiting.for_whom != CUSTOMER and e.waiting.to_say]
    if due:
        with desk.ledger.begin() as c:
            for wait in due:
                waits.was_said(c, wait, desk.now(), None)


def _side_by_side(desk: Desk, steps: list[Callable[[], Any]]) -> list[Any]:
    return desk.together(steps)


def _why_no_reply(desk: Desk, facts: Facts, endings: list[Ending], person_on_it: bool) -> str:
    if not any(e.how in DONE for e in endings) and not _questions(endings):
        return ""
    return why_no_reply(facts.conversation, person_on_it=person_on_it)


def why_no_reply(conversation: Conversation, *, person_on_it: bool) -> str:
    """Why nothing is written to the customer on this ticket, or an empty text."""
    if person_on_it:
        return "a colleague is on the ticket"
    if conversation.ticket.channel not in REPLY_CHANNELS:
        return f"Deskhand does not answer on {conversation.ticket.channel}"
    return "other people are in copy" if others_in_copy(conversation) else ""


def _prepared(desk: Desk, facts: Facts, open_: Open, endings: list[Ending], asks: list[Ask | None]) -> str:
    """A reply for the colleague who takes over to send or change; it says nothing that was not read."""
    planned, requester = open_.plan.planned, facts.conversation.requester()
    language = language_for(planned.proposal.language if planned else "en", desk.choices.replies.languages)
    reply = Reply(language, requester.name if requester else None, {})
    cause = handoff.cause(endings)
    charge = next((ask.charge for ask in asks if ask and ask.charge), None)
    if cause == "elsewhere" and charge and (refund := latest_refund(charge)):
        reply.where_is(charge, refund)
    return prepared(reply, cause)


def _dropped(actor: Actor, open_: Open, endings: list[Ending]) -> str:
    """What the plan before still waited for when the customer wrote something else, and is not asked for again."""
    if open_.generation == 1:
        return ""
    still = {e.ask.words for e in endings if e.ask and e.how in (*DONE, "parked")}
    with actor.ledger.begin() as c:
        dropped = waits.dropped_by(c, actor.ticket_id, open_.proposal_id)
    before = [one.summary.words for wait in dropped if (one := asked_of(wait, actor.person))]
    asked = dict.fromkeys(words for words in before if words not in still)
    words = f"a yes was waited for until the customer wrote again: {', '.join(asked)}; nobody is asked any more"
    return words if asked else ""


def _wanted(facts: Facts, open_: Open) -> str:
    """The customer's words where no ask could be made of them: what the planner quoted, else the message itself."""
    planned = open_.plan.planned
    if planned and (quotes := [one.quote for one in planned.proposal.actions if one.quote]):
        return quotes[0]
    said = [newest(one.text) for one in facts.conversation.comments() if one.id in open_.plan.comments]
    return next((text for text in said if text.strip()), facts.conversation.ticket.subject)


def _where(desk: Desk, ask: Ask | None) -> str:
    """The charge or the contact, where a colleague sees it; "" where there is no address for people."""
    if ask and ask.charge and desk.payments:
        return desk.payments.link(ask.charge.id)
    return desk.records.link(ask.contact.id) if ask and ask.contact and desk.records else ""


def _trail(desk: Desk, actor: Actor) -> str:
    return f"{desk.helpdesk(actor.ref).link(actor.ref)} (Deskhand's sidebar)" if desk.public_url else ""


def _reply(desk: Desk, facts: Facts, open_: Open, endings: list[Ending], asks: list[Ask | None],
           person_on_it: bool) -> tuple[Reply | None, str | None]:
    """The reply, when something is to be told and may be; with why the model's draft was not used."""
    good = [(n, e) for n, e in enumerate(endings) if e.how in DONE]
    asking = [(n, e.waiting) for n, e in enumerate(endings) if e.waiting in _questions(endings) and e.waiting]
    planned = open_.plan.planned
    if not (good or asking) or planned is None or _why_no_reply(desk, facts, endings, person_on_it):
        return None, None
    requester = facts.conversation.requester()
    choices = desk.choices.replies
    language = language_for(planned.proposal.language, choices.languages)
    reply = Reply(language, requester.name if requester else None, choices.disclosure)
    for n, ending in good:
        _say(reply, ending, asks[n])
    for n, wait in asking:
        _ask(desk, reply, wait, asks[n])
    if not reply.facts:
        return None, None
    if len(good) + len(asking) < len(endings):
        reply.rest_goes_to_a_person()
    draft = courtesy(planned.proposal.reply, language, reply.name)
    reply.warm = draft.words
    return reply, draft.refused


def _say(reply: Reply, ending: Ending, ask: Ask | None) -> None:
    receipt = ending.operation.receipt if ending.operation else None
    if isinstance(receipt, RefundReceipt):
        reply.refunded(receipt)
    elif isinstance(receipt, ContactReceipt):
        reply.changed(receipt)
    elif ask and ask.charge and (refund := latest_refund(ask.charge)):
        reply.where_is(ask.charge, refund)


def _ask(desk: Desk, reply: Reply, wait: Wait, ask: Ask | None) -> None:
    """The exact action, and how to say yes to it."""
    action = ask.action if ask else None
    link = desk.confirmation_link(wait.id, wait.digest) if wait.token_hash else ""
    if isinstance(action, Refund) and ask and ask.charge:
        reply.asks_refund(action.money, ask.charge.method, str(wait.to_say), link)
    elif isinstance(action, ContactChange):
        reply.asks_change(action.changes, str(wait.to_say), link)


def _told_of(open_: Open, endings: list[Ending], *, saying: bool) -> str:
    """Names what is told: the same once, but more when a person's answer or release moved the same plan on.

    `saying`: also what is said to a customer who is asked.
    """
    done = sorted(e.operation.id for e in endings if e.operation and e.how in ("done", "undone"))
    stands = [_stands(n, e, saying=saying) for n, e in enumerate(endings) if e.agreed]
    return f"{open_.digest}:{open_.generation if done else 0}:{digest([*done, *stands])[:8]}"


def _stands(position: int, ending: Ending, *, saying: bool) -> list[Any]:
    """Where one ending stands, never in words: a pass that is taken up after a crash may word the same otherwise."""
    return [position, "done" if ending.how == "undone" else ending.how, ending.cause,
            ending.waiting.id if ending.waiting else ending.ended_by, _mark(ending.waiting, saying=saying),
            ending.operation.send if ending.operation else None]


def _mark(wait: Wait | None, *, saying: bool) -> str | None:
    """A reminder of a colleague is a note of its own; a customer's questions are replies."""
    return wait.to_say if wait and (saying or wait.for_whom != CUSTOMER) else None


def _reply_update(actor: Actor, open_: Open, facts: Facts, reply: Reply, endings: list[Ending]) -> TicketUpdate:
    return TicketUpdate(ref=actor.ref, about=f"{_told_of(open_, endings, saying=True)}:reply", text=reply.text(),
                        public=True, unless_changed_since=facts.conversation.ticket.updated_at)


def _told(wanted: bool, operation: Operation | None, why_not: str) -> Told:
    if not wanted or operation is None:
        return Told(wanted=bool(why_not), proven=False, why_not=why_not)
    receipt = operation.receipt
    if isinstance(receipt, UpdateReceipt) and receipt.notified:
        return Told(wanted=True, proven=True)
    why = "the helpdesk recorded no notification" if receipt else operation.reason or "the reply was not accepted"
    return Told(wanted=True, proven=False, why_not=why)


def _note_update(desk: Desk, actor: Actor, open_: Open, facts: Facts, text: str, endings: list[Ending],
                 replied: bool) -> TicketUpdate:
    prefix = desk.choices.replies.tag_prefix
    state = {"done": "done", "answered": "done", "parked": "waiting"}.get(outcome(endings), "handed_over")
    others = [f"{prefix}_{name}" for name in ("done", "waiting", "handed_over") if name != state]
    ours = set(facts.conversation.ticket.tags)
    moves = state == "handed_over" and not any(e.cause == "elsewhere" for e in endings)
    to = desk.choices.handoff if moves else Handoff()
    tags = (f"{prefix}_{state}", *to.tags)
    more = any(e.how in (*DONE, "undone") or e.agreed for e in endings)
    about = _told_of(open_, endings, saying=False) if more else open_.digest
    return TicketUpdate(
        ref=actor.ref, about=f"{about}:note", text=text, public=False, add_tags=tags, group=to.group,
        priority=to.priority,
        remove_tags=tuple(tag for tag in others if tag in ours),
        unless_changed_since=None if replied else facts.conversation.ticket.updated_at)


def _cannot_tell(desk: Desk, actor: Actor, final: Operation) -> None:
    """What was done is written nowhere on the ticket: a person finds it among the held operations."""
    with desk.ledger.begin() as c:
        desk.ledger.unknown(c, final, "held", f"the note was refused: {final.reason}", desk.now())


def _planner(open_: Open) -> str:
    planned = open_.plan.planned
    if planned is None:
        return "no plan was made"
    return f"read by {planned.model or 'the rules planner'} ({planned.version})"


def _log_activities(desk: Desk, actor: Actor, open_: Open, facts: Facts, endings: list[Ending]) -> list[Operation]:
    """Logs each thing done on the customer's contact; a CRM that is away does not keep the customer waiting."""
    contact = facts.contact()
    if desk.records is None or contact is None:
        return []
    logged = []
    for ending in endings:
        if ending.how != "done" or ending.operation is None:
            continue
        action = LogActivity(contact=contact.id, about=ending.operation.id, subject="Deskhand: " + ending.words[:150],
                             text=f"{ending.words}\nTicket {actor.ref}\n"
                                  + ending.rule)
        try:
            logged.append(actor.write_down(action, open_.proposal_id, ACTIVITY_POSITION))
        except Later:
            logged += _as_written(actor, action)
    return logged


def _as_written(actor: Actor, action: ActionBase) -> list[Operation]:
    with actor.ledger.begin() as c:
        operation = actor.ledger.operation(c, operation_id(actor.ref, action), actor.person)
    return [operation] if operation else []
