"""Taking back what was done: whether it can be, who may ask for it, and how it is carried out and told."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, RowMapping, and_, or_, select
from sqlalchemy.exc import IntegrityError

from agent import audit, engine, note, noted
from agent.act import Actor, Later, is_off
from agent.case import paid_with
from agent.consent import waits
from agent.consent.approval import Colleague, NotAllowed, NotNow, who_can
from agent.consent.consents import rank
from agent.desk import Desk
from agent.endings import RESOLVE, plainly
from agent.ledger import Operation
from agent.statements import RESOLVED
from agent.tables import audit as trail
from agent.tables import decisions, operations, tickets
from agent.tables import waits as asked
from agent.vault import PersonKey
from connectors.contract import (
    ActionBase,
    ContactChange,
    ContactReceipt,
    Method,
    Refund,
    RefundReceipt,
    TicketUpdate,
    Undo,
)

POSITION = 600
"""After everything else of its plan."""
TRIES_UNTOLD = 4
"""After this many, within about six minutes, whoever pressed reads that it is not done yet."""

WRITTEN_BACK = "can be taken back: the earlier values are written back, unless someone changed them since"
CANCELED = "can be taken back while the bank details are still awaited: the refund is then cancelled"
NEVER_CARD = "a card refund cannot be undone"
NEVER_REFUND = "a refund that is on its way cannot be undone"


def beforehand(action: ActionBase, method: Method | None = None) -> tuple[bool, str]:
    """What to say before anybody approves: whether it can be taken back, and how. `method`: how it was paid."""
    if isinstance(action, ContactChange):
        return True, WRITTEN_BACK
    if isinstance(action, Refund) and not (method and method.kind == "card"):
        return False, "a refund cannot be undone, unless it still waits for the customer's bank details"
    return False, NEVER_CARD if isinstance(action, Refund) else "it stays as it was written"


def possible(operation: Operation) -> tuple[bool, str]:
    """Whether this can be taken back now, as far as its receipt tells, and how; the vendor has the last word."""
    receipt = operation.receipt
    if operation.state == "undone":
        return False, "it was undone already"
    if operation.state != "done" or receipt is None:
        return False, "nothing was done that could be taken back"
    if isinstance(receipt, RefundReceipt) and isinstance(operation.action, Refund):
        if not receipt.stands:
            return False, "the refund did not go through, so there is nothing to take back"
        if receipt.status == "requires_action":
            return True, CANCELED
        return False, NEVER_CARD if receipt.method.kind == "card" else NEVER_REFUND
    if isinstance(receipt, ContactReceipt) and isinstance(operation.action, ContactChange):
        known = not receipt.after.keys() - receipt.before.keys()
        return known, WRITTEN_BACK if known else "what stood there before is not known"
    return False, "an undo is not undone" if isinstance(operation.action, Undo) else "it stays as it was written"


def receipt_digest(desk: Desk, operation: Operation) -> str:
    """Names exactly what would be taken back."""
    return desk.ledger.vault.digest(operation.receipt.model_dump(mode="json")) if operation.receipt else ""


def undo(desk: Desk, operation_id: str, seen: str, by: Colleague) -> str:
    """Has the operation taken back, whose `receipt_digest` the colleague saw; returns the undo's operation.

    It takes the role that the original decision took, at least agent, and an action that is not off and not only
    watched: an admin who took it back from Deskhand wants nothing written there, so a person does it by hand. While
    the action is paused the undo waits. Raises NotNow when it cannot be, NotAllowed when this colleague may not.
    """
    with desk.ledger.begin() as c:
        _alone(c, operation_id)
        row = c.execute(select(
            *operations.c["proposal_id", "position", "decision_id", "kind"], tickets.c.ref, tickets.c.person_id,
        ).join(tickets, tickets.c.id == operations.c.ticket_id).where(operations.c.id == operation_id)
            .with_for_update(of=operations)).mappings().first()
        if row is None:
            raise NotNow("unknown", "There is no such operation.")
        operation, person = _opened(c, desk, operation_id, row)
        earlier = _undos(c, desk, operation, person)
        _can_be(c, desk, operation, earlier, person, seen)
        _may(c, desk, operation, person, row, by)
        planned = desk.ledger.plan(
            c, ref=row["ref"], ticket_id=operation.ticket_id, proposal_id=operation.proposal_id,
            action=_action(operation), position=POSITION, person=person, now=desk.now(),
            repeat=1 + sum(one.state == "rejected" for one in earlier))
        audit.record(c, kind="undo.asked", ticket=operation.ticket_id, operation=planned.id, at=desk.now(), public={
            "of": operation.id, "digest": seen, "by": by.id, "role": by.role}, sealed=person.seal({"name": by.name}))
        try:
            with c.begin_nested():
                desk.ledger.reopen_ended(c, operation.proposal_id)
        except IntegrityError as busy:
            raise NotNow("busy", "The ticket is being worked on just now. Try again in a moment.") from busy
        engine.wake(c, operation.ticket_id, "undo.asked")
        return planned.id


def _alone(c: Connection, operation_id: str) -> None:
    of = c.execute(select(operations.c.ticket_id).where(operations.c.id == operation_id)).scalar()
    if of is not None:
        waits.alone(c, of)


def _opened(c: Connection, desk: Desk, id: str, row: RowMapping) -> tuple[Operation, PersonKey]:
    if row["kind"] == "undo":
        raise NotNow("final", "An undo is not undone. Ask for the change anew.")
    found = desk.ledger.opened(c, id)
    if found is None:
        raise NotNow("erased", "What was done cannot be read any more, so it cannot be undone here.")
    return found


def _undos(c: Connection, desk: Desk, operation: Operation, person: PersonKey) -> list[Operation]:
    """Every undo of this operation that was ever asked for."""
    found = desk.ledger.operations_of(c, operation.proposal_id, person)
    return [one for one in found if isinstance(one.action, Undo) and one.action.of == operation.id]


def _can_be(c: Connection, desk: Desk, operation: Operation, earlier: list[Operation], person: PersonKey,
            seen: str) -> None:
    under_way = next((one for one in earlier if one.state not in ("dropped", "rejected")), None)
    if under_way is not None:
        done = "Already undone" if under_way.state == "done" else "An undo was already asked for"
        raise NotNow("answered", f"{done} by {_asked_by(c, under_way, person)[1]}.")
    can, words = possible(operation)
    if not can:
        raise NotNow("not_undoable", f"{words[0].upper()}{words[1:]}.")
    if receipt_digest(desk, operation) != seen:
        raise NotNow("changed", "What was done reads differently by now. Look at it again.")
    if (later := _written_over_by(c, desk, operation)) is not None:
        raise NotNow("changed", f"Deskhand changed it again since ({later}). Take that back first.")
    if desk.crossed_modes:
        raise NotNow("off", f"Nothing is executed here: {desk.crossed_modes}.")
    if is_off(desk, desk.policy(c), operation.kind):
        what = operation.kind.replace("_", " ")
        raise NotNow("off", f"By the policy in force Deskhand does no {what} now. Take it back by hand.")


def _written_over_by(c: Connection, desk: Desk, operation: Operation) -> str | None:
    """A later change of ours that stands in the same fields: what is there may read the same and is not this one's.

    One that cannot be read any more counts.
    """
    if not isinstance(operation.action, ContactChange) or operation.first_sent_at is None:
        return None
    rows = c.execute(select(operations.c.id).where(
        operations.c.target == operation.target, operations.c.kind == operation.kind, operations.c.id != operation.id,
        operations.c.first_sent_at >= operation.first_sent_at,
        operations.c.state.in_(("sent", "unknown", "held", "done"))).order_by(operations.c.first_sent_at.desc()))
    for row in rows:
        one = desk.ledger.operation(c, row.id)
        if one is None or not isinstance(one.action, ContactChange) or (
                one.action.changes.keys() & operation.action.changes.keys()):
            return str(row.id)
    return None


def _may(c: Connection, desk: Desk, operation: Operation, person: PersonKey, row: RowMapping, by: Colleague) -> None:
    needed = _role_needed(c, operation, row)
    if rank(by.role) < rank(needed):
        raise NotAllowed("role", f"Only {who_can(needed)} can undo this.")
    account = desk.helpdesk(row["ref"]).account
    if desk.ledger.vault.person_id(c, account, by.id) in (person.id, row["person_id"]):
        raise NotAllowed("requester", "You wrote this ticket yourself; a colleague must look at it.")


def _role_needed(c: Connection, operation: Operation, row: RowMapping) -> str:
    """The highest role that a decision behind it asked for."""
    used = select(asked.c.decision_id).where(
        asked.c.proposal_id == operation.proposal_id, asked.c.state == "used",
        asked.c.position == operation.item)
    roles = c.execute(select(decisions.c.approve_by).where(or_(
        decisions.c.id == row["decision_id"], decisions.c.id.in_(used),
        and_(decisions.c.proposal_id == operation.proposal_id, decisions.c.operation_id == operation.id),
    ))).scalars()
    return max((role for role in roles if role), key=rank, default="agent")


def _action(operation: Operation) -> Undo:
    return Undo.model_validate({"of": operation.id, "action": operation.action, "receipt": operation.receipt})


def carry_out(actor: Actor, proposal_id: int) -> tuple[list[Operation], Later | None]:
    """Does what a colleague asked to undo in this plan, and tells the colleagues; returns each undo as it was told, and
    when to try again what cannot be done yet.

    The customer is told nothing. Raises Later where the colleagues cannot be told yet, and NewsCame as the actor does.
    """
    with actor.ledger.begin() as c:
        found = [one for one in actor.ledger.operations_of(c, proposal_id, actor.person)
                 if isinstance(one.action, Undo)]
    told, waiting = [], []
    for operation in found:
        try:
            after, _ = actor.carry_out(operation, None)
        except Later as later:
            waiting.append(later)
            _tell_that_it_waits(actor, proposal_id, operation.id)
        else:
            told.append(_told(actor, proposal_id, after))
    return told, min(waiting, key=lambda later: later.seconds, default=None)


def _told(actor: Actor, proposal_id: int, after: Operation) -> Operation:
    with actor.ledger.begin() as c:
        press, name = _asked_by(c, after, actor.person)
    noted.write(actor, TicketUpdate(ref=actor.ref, about=f"{after.id}:{press}:{after.state}:{after.send}:note",
                                    public=False, text=words(after, name)), proposal_id, RESOLVED)
    return after


def _tell_that_it_waits(actor: Actor, proposal_id: int, id: str) -> None:
    """Once for each press, after some tries; while it is paused nothing is tried.

    Where the helpdesk refuses it nobody must look: nothing is to be done about it, and sent again later it would not be
    true any more. What becomes of the undo is told, or held.
    """
    with actor.ledger.begin() as c:
        waiting = actor.ledger.operation(c, id)
        if waiting is None or waiting.attempts < TRIES_UNTOLD:
            return
        press, name = _asked_by(c, waiting, actor.person)
    actor.write_down(TicketUpdate(ref=actor.ref, about=f"{id}:{press}:waiting:note", public=False,
                                  text=waiting_words(waiting, name)), proposal_id, RESOLVED)


def _asked_by(c: Connection, operation: Operation, person: PersonKey) -> tuple[int, str]:
    """The latest press for this undo: its row in the audit, and who pressed."""
    row = c.execute(select(trail.c.id, trail.c.sealed).where(
        trail.c.ticket_id == operation.ticket_id, trail.c.operation_id == operation.id, trail.c.kind == "undo.asked",
    ).order_by(trail.c.id.desc()).limit(1)).one()
    said: dict[str, Any] = person.open(row.sealed) if row.sealed else {}
    return row.id, str(said.get("name", "somebody"))


def words(after: Operation, name: str) -> str:
    """The note on one undo, plain text: what became of it, why, and what is left to do."""
    if after.state == "done":
        lines = [f"Deskhand: undone by {name}: {_taken_back(after)}",
                 "Evidence: read back where it was written. Customer not told anything",
                 "Next: if the customer was told of it, tell them that it was taken back. Undo: an undo is not undone "
                 f"({after.id})"]
    elif after.state == "held":
        lines = [f"Deskhand: whether it is undone is NOT known, as {name} had asked: {_why(after)}",
                 f"Done before: {_done_before(after)}",
                 f"Next: look at the vendor, then an administrator releases it with `{RESOLVE.format(after.id)}`"]
    else:
        lines = [f"Deskhand: not undone, as {name} had asked: {_why(after)}",
                 f"Done before: {_done_before(after)}",
                 "Next: please put it right by hand if it is needed. Customer not told anything"]
    return note.joined(lines)


def waiting_words(waiting: Operation, name: str) -> str:
    """The note on one undo that could not be done for some time, plain text."""
    stands = "not undone yet" if waiting.state == "planned" else "whether it is undone is not known yet"
    return note.joined([
        f"Deskhand: {stands}, as {name} had asked: {_why(waiting)}",
        f"Done before: {_done_before(waiting)}",
        "Next: nothing to do. Deskhand goes on trying, and tells here what became of it. Customer not told anything"])


def _taken_back(after: Operation) -> str:
    receipt = after.receipt
    if isinstance(receipt, RefundReceipt):
        return (f"cancelled the refund of {receipt.money} to {paid_with(receipt.method)} "
                f"({receipt.id}, charge {receipt.charge})")
    return note.done_words(after)


def _done_before(after: Operation) -> str:
    action = after.action
    if not isinstance(action, Undo):
        return ""
    what = note.receipt_words(action.receipt)
    return f"{what} ({action.of})"


def _why(after: Operation) -> str:
    return plainly(after.why) or "no reason is known"
