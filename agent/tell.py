"""Tells what happened: the customer what was read back, and the colleagues what was done, by which rule and why.

Zendesk takes one comment per update (Zendesk docs, "Update Ticket"), so the reply goes first and the note second:
the note can then say truthfully whether the customer was told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from agent import handoff, named, note, noted, replying, unanswered
from agent.act import STANDS_NO_MORE, Actor, Later
from agent.aftermath import SETTLED
from agent.consent import waits
from agent.consent.agreement import Standing
from agent.consent.waits import CUSTOMER
from agent.desk import Desk, Handoff
from agent.ended import ending_of, rule_of
from agent.endings import DONE, STILL, TOLD, Ending, outcome, quoted
from agent.facts import Facts
from agent.ground import Ask, latest_refund
from agent.ledger import MISSING, Operation
from agent.own_words import words_of
from agent.plan import Open, Plan, would
from agent.prepared import prepared
from agent.reply import Reply, language_for
from connectors.contract import (
    ActionBase,
    LogActivity,
    RefundReceipt,
    TicketUpdate,
)

WATCHING = "watching"
WROTE_SINCE = ("customer_no", "unclear", "person", "anew")
"""Causes that are words of the customer."""
ACTIVITY_POSITION, REPLY_POSITION, NOTE_POSITION, SOLVE_POSITION = 200, 300, 400, 500
LET_GO_POSITION = 800
"""Of the note on a plan that cannot be read: nothing else of it is told."""


def tell(desk: Desk, actor: Actor, open_: Open, facts: Facts, asks: dict[int, Ask],
         operations: Mapping[str, Operation], allowed: Mapping[str, str], standing: Mapping[int, Standing],
         person_on_it: bool) -> str:
    """Writes the CRM activities, the reply and the note, each once; returns the outcome.

    `allowed` says by operation which decision it was done on, `standing` by item how far the agreement on it came.
    """
    items = {n: item for n, item in enumerate(open_.plan.items) if item.how != "repeat"}
    about = [standing[n].ask if n in standing else asks.get(n) for n in items]
    endings = [ending_of(item, ask, standing.get(n), operations, allowed, actor.person, facts.unread)
               for (n, item), ask in zip(items.items(), about, strict=True)]
    left, replaced = unanswered.left_behind(actor, open_, endings, about)
    still = [] if person_on_it else unanswered.still_handed_over(actor, open_)
    endings, about = [*endings, *left, *still], [*about, *(None for _ in (*left, *still))]
    why_not = replying.why_not_told(facts, open_, endings, person_on_it)
    answers = named.answered(actor, facts.conversation, open_)
    name = named.said(open_, answers, endings)
    operations = replying.looked_for(actor, operations, "" if why_not else name)
    endings = replying.never_asked(actor, replying.asked_already(actor, endings, operations, name), operations)
    name = named.said(open_, answers, endings)
    before = replying.told_before(operations.values(), name)
    reply, refused = replying.reply_to(desk, facts, open_, endings, about, before, why_not)
    tells = {n for n, e in enumerate(endings) if e.how in DONE} - before.told
    update = replying.firm(
        actor, _reply_update(actor, name, facts, reply, tells, endings), operations) if reply else None
    logged, told_op = desk.together([
        lambda: _log_activities(desk, actor, open_, facts, endings, operations),
        lambda: actor.write_down(update, open_.proposal_id, REPLY_POSITION) if update
        else replying.already(operations.values(), name)])
    retracted = _retracted(operations, told_op)
    told = replying.was_told(tells, told_op, why_not if tells or replying.to_ask(endings) else "", before)
    told = replace(told, left=bool(tells) and told.wanted and not told.proven)
    if replying.to_ask(endings):
        endings = replying.asked(actor, endings, told)
    endings = [replace(e, cause=TOLD) if e.how == "undone" and n in _known(before, told_op) else e
               for n, e in enumerate(endings)]
    activities = {id: op for id, op in operations.items() if op.kind == "log_activity"} | {op.id: op for op in logged}
    unwritten = [op for op in activities.values() if op.receipt is None and (
        op.state in ("dropped", "rejected") or _stale(op, endings))]
    unlogged = "" if activities and not unwritten else _why_not_logged(desk, actor, facts, endings, unwritten)
    endings = [replace(e, link=e.link or _where(desk, ask, e.charge)) for e, ask in zip(endings, about, strict=True)]
    text = note.write(endings, told, _planner(open_), [op for op in activities.values() if op not in unwritten],
                      refused, open_.plan.read, _since(facts, open_, endings, bool(left)), replaced,
                      _wanted(facts, open_), _prepared(_words_for(desk, facts, open_), endings, about),
                      _trail(desk, actor), before.promised(_words_for(desk, facts, open_)), unlogged)
    what = named.noted(open_, answers, endings, operations.values(), behind=bool(left or replaced))
    words = replying.firm(actor, _note_update(
        desk, actor, f"{what}:note{':again' if retracted else ''}", facts, text, endings, update is not None,
        to_tell=told.left and not person_on_it, person_on_it=person_on_it), operations)
    noted.write(actor, words, open_.proposal_id, NOTE_POSITION)
    _reminded(desk, endings)
    if told.proven and not person_on_it and _may_solve(desk, endings):
        # Alone, because a helpdesk may refuse it (no assignee, a required field) and words must not be lost with it.
        solve = TicketUpdate(ref=actor.ref, about=f"{what}:solve", text="", public=False, status="solved")
        actor.write_down(solve, open_.proposal_id, SOLVE_POSITION)
    return outcome(endings)


def would_be(made: Plan) -> str:
    """The outcome that a plan in shadow would have had."""
    return outcome([Ending(would(item), item.words) for item in made.items])


def watched(actor: Actor, open_: Open) -> None:
    """The note of a ticket in shadow: what would have been done, and that nothing was."""
    endings = [Ending(would(item), item.words, item.summary, rule_of(item, watched=True))
               for item in open_.plan.items if item.how != "repeat"]
    actor.write_down(TicketUpdate(ref=actor.ref, about=f"{open_.digest}:{WATCHING}", public=False,
                                  text=note.watching(endings, _planner(open_))), open_.proposal_id, NOTE_POSITION)


def unreadable(actor: Actor, proposal_id: int) -> None:
    """The note where a plan was let go because it cannot be read any more."""
    lines = ["Deskhand cannot read any more what it had planned on this ticket, and does nothing of it",
             "Next: please read the ticket and answer the customer. What may have been begun `deskhand held` lists",
             "Please tell an administrator: the database was changed from outside, or the ticket had another requester "
             "before an upgrade"]
    tags = (f"{actor.desk.choices.replies.tag_prefix}_handed_over",)
    noted.write(actor, TicketUpdate(ref=actor.ref, about=f"unreadable:{proposal_id}:note", public=False,
                                    text=note.joined(lines), add_tags=tags), proposal_id, LET_GO_POSITION)


def is_watching(action: ActionBase) -> bool:
    """The note of a ticket in shadow, which acts on nothing."""
    return isinstance(action, TicketUpdate) and action.about.endswith(f":{WATCHING}")


def _may_solve(desk: Desk, endings: list[Ending]) -> bool:
    """Switched on, every ask done as it was asked for, and no refund still on its way."""
    receipts = [e.operation.receipt for e in endings if e.operation]
    pending = any(isinstance(one, RefundReceipt) and one.status != "succeeded" for one in receipts)
    to_tell = any(e.asked_for for e in endings)
    return desk.choices.replies.solve_when_done and not (pending or to_tell) and all(e.how in DONE for e in endings)


def _reminded(desk: Desk, endings: list[Ending]) -> None:
    """A colleague's reminder was this note; there is one."""
    due = [e.waiting for e in endings if e.waiting and e.waiting.for_whom != CUSTOMER and e.waiting.to_say]
    if due:
        with desk.ledger.begin() as c:
            for wait in due:
                waits.was_said(c, wait, desk.now(), None)


def _words_for(desk: Desk, facts: Facts, open_: Open) -> Reply:
    """A reply in the customer's language that says nothing yet."""
    planned, requester = open_.plan.planned, facts.conversation.requester()
    language = language_for(planned.proposal.language if planned else "en", desk.choices.replies.languages)
    return Reply(language, requester.name if requester else None, {})


def _prepared(reply: Reply, endings: list[Ending], asks: list[Ask | None]) -> str:
    """A reply for the colleague who takes over to send or change; it says nothing that was not read."""
    cause = handoff.cause(endings)
    charge = next((ask.charge for ask in asks if ask and ask.charge), None)
    if cause == "elsewhere" and charge and (refund := latest_refund(charge)):
        reply.where_is(charge, refund)
    return prepared(reply, cause)


def _wanted(facts: Facts, open_: Open) -> str:
    """The customer's words where no ask could be made of them: what the planner quoted, else all they newly wrote."""
    planned = open_.plan.planned
    if planned and (quotes := [one.quote for one in planned.proposal.actions if one.quote]):
        return " … ".join(dict.fromkeys(quotes))
    comments = facts.conversation.comments()
    asked = [words_of(one, facts.conversation) for one in comments if one.id in open_.plan.comments]
    return " … ".join(text for text in asked if text.strip()) or facts.conversation.ticket.subject


def _since(facts: Facts, open_: Open, endings: list[Ending], replaces: bool) -> str:
    """What the customer has written since, where that is why it stopped: what this plan was made of, if it `replaces`
    another one."""
    if not any(e.cause in WROTE_SINCE for e in endings):
        return ""
    comments = facts.conversation.comments()
    of_plan = [n for n, one in enumerate(comments) if one.id in open_.plan.comments] or [-1]
    written = [words_of(one, facts.conversation) for one in comments[of_plan[0] if replaces else of_plan[-1] + 1:]
               if one.public and one.author == facts.conversation.ticket.requester]
    return f"; since then the customer wrote {quoted(' … '.join(written))}" if any(written) else ""


def _where(desk: Desk, ask: Ask | None, charge: str) -> str:
    """The charge or the contact, where a colleague sees it; "" where there is no address for people."""
    charge = ask.charge.id if ask and ask.charge else charge
    if charge and desk.payments:
        return desk.payments.link(charge)
    return desk.records.link(ask.contact.id) if ask and ask.contact and desk.records else ""


def _trail(desk: Desk, actor: Actor) -> str:
    return f"{desk.helpdesk(actor.ref).link(actor.ref)} (Deskhand's sidebar)" if desk.public_url else ""


def _reply_update(actor: Actor, name: str, facts: Facts, reply: Reply, tells: set[int],
                  endings: list[Ending]) -> TicketUpdate:
    return TicketUpdate(ref=actor.ref, about=name, text=reply.text(), public=True, tells=tuple(sorted(tells)),
                        asks=tuple(wait.id for wait in replying.to_ask(endings)),
                        unless_changed_since=facts.conversation.ticket.updated_at)


def _note_update(desk: Desk, actor: Actor, name: str, facts: Facts, text: str, endings: list[Ending],
                 replied: bool, *, to_tell: bool, person_on_it: bool) -> TicketUpdate:
    """`to_tell`: nobody but who takes the ticket over will tell the customer what was done.

    A settled ticket that goes to a person is opened: Salesforce leaves a case closed when the customer writes on it.
    Where a person has settled it, only somebody's yes that is not used opens it, or what nobody knows whether it
    happened.
    """
    prefix = desk.choices.replies.tag_prefix
    state = "handed_over" if to_tell else {"done": "done", "answered": "done", "parked": "waiting"}.get(
        outcome(endings), "handed_over")
    others = [f"{prefix}_{name}" for name in ("done", "waiting", "handed_over") if name != state]
    ours = set(facts.conversation.ticket.tags)
    theirs = to_tell or outcome([e for e in endings if e.cause != STILL]) in ("handed_over", "refused")
    moves = theirs and not any(e.cause == "elsewhere" for e in endings)
    to = desk.choices.handoff if moves else Handoff()
    tags = (f"{prefix}_{state}", *to.tags)
    settled = facts.conversation.ticket.status in SETTLED
    opens = settled and moves and (not person_on_it or any(e.unused or e.how == "held" for e in endings))
    return TicketUpdate(
        ref=actor.ref, about=name, text=text, public=False, add_tags=tags, group=to.group,
        priority=to.priority, status="open" if opens else None,
        remove_tags=tuple(tag for tag in others if tag in ours),
        unless_changed_since=None if replied else facts.conversation.ticket.updated_at)


def _known(before: replying.Before, told: Operation | None) -> frozenset[int]:
    """The places of all that the customer was told of as done."""
    return before.told.union(told.action.tells if told and isinstance(told.action, TicketUpdate) else ())


def _retracted(operations: Mapping[str, Operation], told: Operation | None) -> bool:
    """A reply that the helpdesk had confirmed is not on the ticket, and is not sent again: what was noted is not so."""
    return any(one.state == "dropped" and one.reason.endswith(MISSING) for one in operations.values()
               if isinstance(one.action, TicketUpdate) and one.action.public and (told is None or one.id != told.id))


def _planner(open_: Open) -> str:
    planned = open_.plan.planned
    if planned is None:
        return "no plan was made"
    return f"read by {planned.model or 'the rules planner'} ({planned.version})"


def _log_activities(desk: Desk, actor: Actor, open_: Open, facts: Facts, endings: list[Ending],
                    operations: Mapping[str, Operation]) -> list[Operation]:
    """Logs each thing done on the customer's contact, once, and never on another requester's.

    A CRM that is away does not keep the customer waiting.
    """
    begun = {one.action.about: one.action for one in operations.values() if isinstance(one.action, LogActivity)}
    done = {e.operation.id: e for e in endings if e.how == "done" and e.operation}
    if desk.records is None or not done:
        return []
    contact = None if actor.moved else facts.contact()
    logged = []
    for id, ending in done.items():
        action = begun.get(id) or (_activity(actor, contact.id, ending, id) if contact else None)
        if action is None:
            continue
        try:
            logged.append(actor.write_down(action, open_.proposal_id, ACTIVITY_POSITION))
        except Later:
            logged += _as_written(actor, action)
    return logged


def _activity(actor: Actor, contact: str, ending: Ending, operation: str) -> LogActivity:
    return LogActivity(contact=contact, about=operation, subject="Deskhand: " + ending.words[:150],
                       text=f"{ending.words}\nTicket {actor.ref}\n{ending.rule}")


def _stale(activity: Operation, endings: list[Ending]) -> bool:
    """What it tells of is not done, or not any more."""
    done = {e.operation.id for e in endings if e.how == "done" and e.operation}
    return isinstance(activity.action, LogActivity) and activity.action.about not in done


def _why_not_logged(desk: Desk, actor: Actor, facts: Facts, endings: list[Ending], unwritten: list[Operation]) -> str:
    """Why these activities are not written and will not be; where there are none, why there is none of what was done,
    "" where none could be."""
    if unwritten:
        why = "the CRM did not take it" if desk.records else "no CRM is connected"
        why = STANDS_NO_MORE if any(_stale(one, endings) for one in unwritten) else why
        return why if all(one.state in ("planned", "dropped") for one in unwritten) else f"far as is known: {why}"
    if desk.records is None:
        return ""
    if not any(e.how == "done" for e in endings):
        return STANDS_NO_MORE if any(e.how == "undone" for e in endings) else ""
    if actor.moved:
        return "the ticket has another requester by now"
    return "the customer's contact could not be read" if facts.unread else ""


def _as_written(actor: Actor, action: ActionBase) -> list[Operation]:
    with actor.ledger.begin() as c:
        operation = actor.ledger.operation(c, actor.ledger.operation_id(actor.ref, action))
    return [operation] if operation else []
