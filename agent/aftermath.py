"""What becomes of a refund after it was done: it falls through, its charge is disputed, or a colleague refunds more.

Each is told once, by what the payment provider says when it is read anew, never by what an event said.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import Connection, select, update

from agent import audit, engine, note, noted, replying
from agent.act import Actor
from agent.case import paid_with
from agent.consent import waits
from agent.consent.asked import asked_of
from agent.consent.waits import Wait
from agent.desk import Handoff
from agent.endings import Told
from agent.ledger import Operation
from agent.patience import patiently
from agent.plan import Open
from agent.reply import Reply, language_for
from agent.statements import NEWS
from agent.tables import audit as trail
from agent.tables import proposals, tickets
from agent.vault import PersonKey
from connectors.contract import (
    Charge,
    Conversation,
    NotFound,
    OutcomeUnknown,
    PaidRefund,
    Payments,
    RefundReceipt,
    TicketUpdate,
    Unavailable,
    UpdateReceipt,
    VendorError,
)

log = logging.getLogger("deskhand.aftermath")

LOOK_LATER, LATEST = timedelta(minutes=15), timedelta(days=1)
"""Until the next look at what cannot be looked at: at first, and where that lasts, at most."""
GIVEN_UP = timedelta(days=14)
"""After it was sent; the last look is due days before that."""
POSITION = 700
"""Of a reply, after everything else of its plan."""
ENDED = {"failed": "failed", "canceled": "was cancelled"}
BACK = "Deskhand steps back from this ticket; give it back in the sidebar if it is to go on"
SETTLED = ("solved", "pending")
"""A ticket in one of these is opened again where a person is needed."""

BY_HAND = "a colleague refunded this charge by hand"
What = Literal["fell through", "disputed", "refunded by hand", "not there"]
STATES: dict[What, str] = {
    "fell through": "a refund fell through after it was done", "disputed": "the charge is disputed",
    "refunded by hand": BY_HAND, "not there": "a refund cannot be found any more"}
NEXT: dict[What, str] = {
    "fell through": "agree with the customer on another way, and pay it by hand",
    "disputed": "answer the dispute in the payment provider's dashboard, and refund no more of this charge before",
    "refunded by hand": BACK, "not there": "look at the charge in the payment provider's dashboard"}
"""What a colleague is to do about it."""


@dataclass(frozen=True)
class News:
    """One thing that happened to a refund since."""

    what: What
    name: str
    """Of the thing at the provider, as it stands: the same is told once."""
    words: str


MOVED = "the ticket has another requester by now"


def recheck(actor: Actor, operation: Operation, conversation: Conversation, looked: datetime, why_not: str) -> None:
    """Looks again at what was done, tells what changed, and says when to look next, as of `looked`.

    Colleagues alone are told where there is a reason `why_not` the customer. A provider that cannot be read is looked
    at later, and keeps nothing else waiting. Raises Later and NewsCame; nothing is lost then, and nothing told twice.
    """
    try:
        receipt, found = _look(actor, operation)
    except VendorError as away:
        if not _lasts(away) or operation.first_sent_at is None or looked - operation.first_sent_at < GIVEN_UP:
            return _look_later(actor, operation, away, looked)
        receipt, found = None, [_not_read(operation, away)]
    with actor.ledger.begin() as c:
        told = _told_before(c, actor)
    fresh = [news for news in found if news.name not in told]
    for news in fresh:
        _tell(actor, operation, receipt, news, conversation, why_not)
    return _keep(actor, operation, receipt, fresh, looked)


def _look_later(actor: Actor, operation: Operation, away: VendorError, looked: datetime) -> None:
    now, age = actor.desk.now(), looked - (operation.first_sent_at or looked)
    again = now + (min(max(age / 10, LOOK_LATER), LATEST) if _lasts(away) else LOOK_LATER)
    log.warning("operation %s cannot be looked at again: %s is away (%s)", operation.id, away.vendor, away.reason)
    with actor.ledger.begin() as c:
        actor.ledger.not_looked(c, operation, actor.person, looked, again)
        engine.wake(c, actor.ticket_id, "recheck", again)


def _lasts(away: VendorError) -> bool:
    """It does not pass by itself: a key lacks a right, or nothing is connected."""
    return not isinstance(away, Unavailable) or away.lasting


def _not_read(operation: Operation, away: VendorError) -> News:
    was = operation.receipt
    what = f"refund {was.id} of {was.money}" if isinstance(was, RefundReceipt) else f"operation {operation.id}"
    return News("not there", f"{operation.id}:not read", f"whether {what} still stands cannot be read any more: "
                f"{away.vendor} ({away.reason})")


def _look(actor: Actor, operation: Operation) -> tuple[RefundReceipt | None, list[News]]:
    """The refund's receipt as it now reads, and everything that is not as it was."""
    payments, was = actor.desk.payments, operation.receipt
    if payments is None or not isinstance(was, RefundReceipt):
        return None, []
    try:
        charge = patiently(lambda: payments.charge(operation.target), actor.desk.sleep)
        receipt = _now(actor, operation, was, charge, payments)
    except (NotFound, OutcomeUnknown) as unknown:
        return None, [News("not there", f"{was.id}:not there",
                           f"refund {was.id} of {was.money} does not read any more as it was made: {unknown}")]
    news = [*_fallen(was, receipt), *_more(operation, receipt, charge)]
    if charge.disputed:
        disputes = patiently(lambda: payments.disputes(charge.id), actor.desk.sleep)
        news += [_disputed(receipt, one.id, one.status) for one in disputes if one.open]
    return receipt, news


def _now(actor: Actor, operation: Operation, was: RefundReceipt, charge: Charge, payments: Payments) -> RefundReceipt:
    listed = next((one for one in charge.refunds if one.id == was.id), None)
    if listed is None:
        read = patiently(lambda: payments.read_back(operation.action, was), actor.desk.sleep)
        if not isinstance(read, RefundReceipt):
            raise TypeError(f"not the receipt of a refund: {read.kind}")
        return read
    return RefundReceipt.model_validate({
        **was.model_dump(), "status": listed.status, "reference": listed.reference, "refunded_in_all": charge.refunded,
        "at": actor.desk.now()})


def _fallen(was: RefundReceipt, receipt: RefundReceipt) -> list[News]:
    if receipt.status not in ENDED or was.status in ENDED:
        return []
    return [News("fell through", f"{receipt.id}:{receipt.status}",
                 f"the refund of {receipt.money} to {paid_with(receipt.method)} {ENDED[receipt.status]} after it had "
                 f"been sent: the customer does not have this money ({receipt.id}, charge {receipt.charge})")]


def asked_about(actor: Actor, conversation: Conversation) -> list[Wait]:
    """Looks where the money is at what somebody is asked about, since the provider told of it or it was given back.

    A colleague who refunded it there has the ticket from now on, and nobody is asked any more. Otherwise these waits
    are to be decided on anew. Raises Later, NewsCame, or what reading the provider raises.
    """
    with actor.ledger.begin() as c:
        found = waits.stirred(c, actor.ticket_id)
    for wait in found:
        charge = _charge(actor, wait)
        if charge is not None and (made := by_hand(charge, [wait], actor.person)):
            _done_elsewhere(actor, wait, charge, made[0], conversation)
            return []
    return found


def _charge(actor: Actor, wait: Wait) -> Charge | None:
    payments, target = actor.desk.payments, wait.target
    if payments is None or target is None:
        return None
    try:
        return patiently(lambda: payments.charge(target), actor.desk.sleep)
    except NotFound:
        return None


def by_hand(charge: Charge | None, known: Sequence[Wait], person: PersonKey) -> list[PaidRefund]:
    """Refunds of the charge without a mark of ours, made since one of these waits was opened."""
    if charge is None:
        return []
    asked = [asked_of(wait, person) for wait in known if wait.state in (*waits.STANDING, "elsewhere")]
    were = [{refund.id for refund in one.charge.refunds} for one in asked if one and one.charge]
    return [refund for refund in charge.refunds if refund.operation is None and refund.stands
            and any(refund.id not in before for before in were)]


def refunded_words(charge: Charge, refund: PaidRefund) -> str:
    """What a colleague did, for another one."""
    return f"a colleague refunded {refund.money} of charge {charge.id} by hand at the payment provider ({refund.id})"


def _done_elsewhere(actor: Actor, wait: Wait, charge: Charge, refund: PaidRefund, conversation: Conversation) -> None:
    news = News("refunded by hand", refund.id, f"{refunded_words(charge, refund)} while somebody was asked for a yes "
                "here: nobody is asked any more")
    noted.write(actor, _update(actor, refund.id, news, None, conversation), wait.proposal_id, NEWS)
    now = actor.desk.now()
    with actor.ledger.begin() as c:
        waits.alone(c, actor.ticket_id)
        waits.end(c, [one.id for one in waits.of_ticket(c, actor.ticket_id) if one.target == charge.id], "elsewhere",
                  now)
        audit.record(c, kind="refund.changed", ticket=actor.ticket_id, operation=None, at=now,
                     public={"what": news.what, "name": news.name})
        actor.ledger.ended(c, actor.ticket_id, "handed_over", BY_HAND, now)
        step_back(c, actor)


def _more(operation: Operation, receipt: RefundReceipt, charge: Charge) -> list[News]:
    """Refunds without a mark of ours, made after this one was sent."""
    return [News("refunded by hand", one.id,
                 f"someone refunded {one.money} of charge {charge.id} by hand ({one.id}), after Deskhand had refunded "
                 f"{receipt.money} ({receipt.id})")
            for one in charge.refunds
            if one.operation is None and one.id != receipt.id and one.stands
            and operation.first_sent_at is not None and one.created > operation.first_sent_at]


def _disputed(receipt: RefundReceipt, id: str, status: str) -> News:
    return News("disputed", id,
                f"the customer's bank disputes charge {receipt.charge} ({id}, {status.replace('_', ' ')}), of which "
                f"Deskhand had refunded {receipt.money} ({receipt.id})")


def step(why: str) -> str:
    """What a colleague is to do about a ticket that was handed over for one of these STATES; empty for any other."""
    return next((NEXT[what] for what, state in STATES.items() if state == why), "")


def _told_before(c: Connection, actor: Actor) -> set[str]:
    return set(c.execute(select(trail.c.public["name"].astext).where(
        trail.c.ticket_id == actor.ticket_id, trail.c.kind == "refund.changed")).scalars())


def _tell(actor: Actor, operation: Operation, receipt: RefundReceipt | None, news: News, conversation: Conversation,
          why_not: str) -> None:
    """The note; and where the customer was told of a refund that fell through, the reply that corrects it before."""
    told = None
    if news.what == "fell through" and receipt is not None:
        told = _correct(actor, operation, receipt, news, conversation, why_not)
    noted.write(actor, _update(actor, operation.id, news, told, conversation), operation.proposal_id, NEWS)


def _correct(actor: Actor, operation: Operation, receipt: RefundReceipt, news: News, conversation: Conversation,
             why_not: str) -> Told:
    with actor.ledger.begin() as c:
        open_ = Open.of(dict(c.execute(select(proposals).where(
            proposals.c.id == operation.proposal_id)).mappings().one()), actor.person)
        others = actor.ledger.operations_of(c, operation.proposal_id, actor.person)
    if not any(isinstance(one.receipt, UpdateReceipt) and one.receipt.public for one in others):
        return Told(wanted=False, proven=False)
    name = f"later:{news.name}:reply"
    if why_not:  # nothing is written any more; it may have been before that
        sent = replying.already(replying.looked_for(actor, {one.id: one for one in others}, "").values(), name)
        proven = sent is not None and actor.stands(sent)
        return Told(wanted=True, proven=proven, why_not="" if proven else why_not)
    choices, requester, planned = actor.desk.choices.replies, conversation.requester(), open_.plan.planned
    reply = Reply(language_for(planned.proposal.language if planned else "en", choices.languages),
                  requester.name if requester else None, choices.disclosure)
    reply.fell_through(receipt)
    update = TicketUpdate(ref=actor.ref, about=name, text=reply.text(), public=True,
                          unless_changed_since=conversation.ticket.updated_at)  # it may have another requester by now
    written = actor.write_down(replying.firm(actor, update, {one.id: one for one in others}), operation.proposal_id,
                               POSITION)
    if written.state == "done" and not actor.stands(written):  # nobody looks at these words again
        return Told(wanted=True, proven=False, why_not="the helpdesk confirmed the reply and does not have it")
    proven = isinstance(written.receipt, UpdateReceipt) and written.receipt.notified
    why = "" if proven else written.why or "the helpdesk recorded no notification"
    return Told(wanted=True, proven=proven, why_not=why)


def _update(actor: Actor, about: str, news: News, told: Told | None,
            conversation: Conversation) -> TicketUpdate:
    """It moves the ticket to those who take over, unless a colleague is on it already, as one who refunds by hand."""
    choices, ticket = actor.desk.choices, conversation.ticket
    prefix = choices.replies.tag_prefix
    customer = "not told anything of it"
    if told is not None and told.wanted:
        customer = ("told, the helpdesk recorded the notification" if told.proven
                    else f"NOT told ({told.why_not}): please tell them")
    lines = [f"Deskhand: {news.words}", f"Evidence: read anew where the money is. Customer {customer}",
             f"Next: {NEXT[news.what]} ({about})"]
    handoff = choices.handoff if news.what != "refunded by hand" else Handoff()
    reopened = choices.replies.reopen_on_failure and news.what != "refunded by hand" and ticket.status in SETTLED
    gone = tuple(tag for tag in (f"{prefix}_done", f"{prefix}_waiting") if tag in ticket.tags)
    return TicketUpdate(
        ref=actor.ref, about=f"later:{news.name}:note", public=False, status="open" if reopened else None,
        text=note.joined(lines), remove_tags=gone,
        add_tags=(f"{prefix}_handed_over", *handoff.tags), group=handoff.group, priority=handoff.priority)


def _keep(actor: Actor, operation: Operation, receipt: RefundReceipt | None, told: list[News],
          looked: datetime) -> None:
    """The receipt as it now reads, where the ticket stands, and that it was told, in one transaction."""
    now, ledger = actor.desk.now(), actor.ledger
    with ledger.begin() as c:
        waits.alone(c, actor.ticket_id)
        fell = next((one for one in told if one.what == "fell through"), None)
        if fell is not None and receipt is not None:
            ledger.fell_through(c, operation, receipt, actor.person, f"{receipt.status} after it was done", now)
        else:
            ledger.rechecked(c, operation, receipt, actor.person, looked)
        for one in told:
            audit.record(c, kind="refund.changed", ticket=actor.ticket_id, operation=operation.id, at=now,
                         public={"what": one.what, "name": one.name})
        if told:
            ledger.ended(c, actor.ticket_id, "handed_over", STATES[told[0].what], now)
        if any(one.what == "refunded by hand" for one in told):
            step_back(c, actor)


def step_back(c: Connection, actor: Actor) -> None:
    """A colleague settles it where the money is: nothing is begun here until the ticket is given back."""
    now = actor.desk.now()
    c.execute(update(tickets).where(tickets.c.id == actor.ticket_id, tickets.c.taken_at.is_(None)).values(taken_at=now))
    waits.end(c, [wait.id for wait in waits.of_ticket(c, actor.ticket_id, ("open",))], "away", now)
