"""What is settled by itself of a plan that has ended: nothing else of it is done, since a newer one may have replaced
it."""

from __future__ import annotations

import logging
from collections.abc import Container

from sqlalchemy import Connection, select

from agent import note, noted
from agent.act import STANDS_NO_MORE, Actor, Later, pause
from agent.consent import waits
from agent.desk import Desk
from agent.endings import RESOLVE, plainly
from agent.ledger import Operation, TicketRow
from agent.statements import CHANGES, NOTES_ON_ONE, RESOLVED
from agent.tables import audit as trail
from agent.tables import proposals
from connectors.contract import ActionBase, ContactChange, LogActivity, Refund, TicketUpdate

log = logging.getLogger("deskhand.alone")

MOST_TRIES = 10
"""Of an activity in the CRM, before it is given up."""
SETTLED = {"found": "done, as {by} found", "not_done": "NOT done, as {by} found",
           "send_again": "sent again, as {by} had asked, and {how}", "": "{how} after all"}


def taken_up(c: Connection, desk: Desk, row: TicketRow, but: Container[int]) -> bool:
    """Opens a closed plan again of which something is to be undone or looked for yet, unless another one is under way;
    `but` not these.

    Whoever pressed while their plan was still open, or while another undo of it was told, is not forgotten with it, nor
    is what had to wait for its vendor.
    """
    due = [id for id in row.unsettled if id not in but]
    if row.under_way or not due:
        return False
    waits.alone(c, row.id)
    if desk.ledger.open_proposal(c, row.id) is None:
        desk.ledger.reopen_ended(c, due[0])
    return True


def replaced(c: Connection, operation: Operation) -> bool:
    """Its ticket was planned anew since: what else its plan asked for the customer may have taken back."""
    return c.execute(select(proposals.c.id).where(
        proposals.c.ticket_id == operation.ticket_id, proposals.c.id > operation.proposal_id).limit(1)
    ).first() is not None


def settle(actor: Actor, proposal_id: int) -> tuple[list[Operation], Later | None]:
    """Carries to its end what was sent, and tells the colleagues of each that a person has resolved; returns each as it
    was told, and when to look again for what cannot be settled yet.

    The customer is told nothing. Raises Later and NewsCame as the actor does.
    """
    with actor.ledger.begin() as c:
        said = _resolved(c, actor.ticket_id)
        found = [one for one in actor.ledger.operations_of(c, proposal_id, actor.person) if one.kind != "undo"
                 and (one.id in said
                      or ((one.kind in CHANGES or one.position in NOTES_ON_ONE) and one.state in ("sent", "unknown"))
                      or (one.kind == "log_activity" and one.state in ("planned", "sent", "unknown")))]
    told, waiting = [], []
    for one in found:
        with actor.ledger.begin() as c:
            operation = actor.ledger.as_it_stands(c, one)  # the note on one of these may be another of them
        try:
            if isinstance(operation.action, LogActivity):
                after = _logged(actor, operation, operation.action)
            elif operation.position == RESOLVED and one.id not in said and operation.state in ("sent", "unknown"):
                after = actor.overtaken(operation)  # what is still so was told anew before
            else:
                after = actor.carry_out(operation, None)[0] if operation.state in ("sent", "unknown") else operation
                after = noted.or_held(actor, after)
        except Later as later:
            if operation.kind not in (*CHANGES, "log_activity") and operation.position not in NOTES_ON_ONE:
                raise
            waiting.append(later)
        else:
            if after.kind in CHANGES:
                _tell(actor, after, *said.get(after.id, (0, "", "")))
            told.append(after)
    return told, min(waiting, key=lambda later: later.seconds, default=None)


def _logged(actor: Actor, operation: Operation, activity: LogActivity) -> Operation:
    """What the CRM could not take when its plan was told, unless it stands no more or was tried often enough.

    Raises Later while the CRM is away.
    """
    if operation.state not in ("planned", "sent", "unknown"):
        return operation
    if operation.attempts >= MOST_TRIES:
        log.warning("operation %s is given up after %s tries: %s", operation.id, operation.attempts, operation.reason)
        return actor.give_up(operation, f"given up: {operation.reason}")
    with actor.ledger.begin() as c:
        done = actor.ledger.operation(c, activity.about)
    if done is None or done.state != "done":
        return actor.let_go(operation, STANDS_NO_MORE)
    if actor.desk.records is None:
        return actor.let_go(operation, "no CRM is configured")
    if operation.attempts and not actor.rested(operation):  # whatever else has the ticket looked at
        raise Later(operation.reason or "the CRM activity is not written yet", pause(operation.attempts))
    return actor.carry_out(operation, None)[0]


def _resolved(c: Connection, ticket_id: int) -> dict[str, tuple[int, str, str]]:
    """Per operation that a person has resolved by itself: the latest row of it in the audit, who, and how."""
    rows = c.execute(select(trail.c.operation_id, trail.c.id, trail.c.public).where(
        trail.c.ticket_id == ticket_id, trail.c.kind == "operation.resolved",
        trail.c.public["alone"].astext == "true").order_by(trail.c.id))
    return {str(row.operation_id): (row.id, row.public["by"], row.public["as"]) for row in rows}


def _tell(actor: Actor, after: Operation, row: int, by: str, how: str) -> None:
    """Once for each time that somebody resolved it."""
    noted.write(actor, TicketUpdate(ref=actor.ref, about=f"{after.id}:{row}:resolved:note", public=False,
                                    text=words(after, by, how)), after.proposal_id, RESOLVED)


def words(after: Operation, by: str, how: str) -> str:
    """The note on one operation that was settled by itself, plain text; `how` it was resolved, and `by` whom."""
    became = {"done": "done", "undone": "done", "held": "whether it happened is NOT known"}.get(after.state, "NOT done")
    what = note.done_words(after) if became == "done" else _asked(after.action)
    next_ = {"done": f"see what the customer has written since, and tell them. Undo: see the sidebar ({after.id})",
             "NOT done": "see what the customer has written since; do it by hand only if they still want it",
             }.get(became, f"look at the vendor, then an administrator releases it with `{RESOLVE.format(after.id)}`")
    return note.joined([
        f"Deskhand: {SETTLED[how].format(by=by, how=became)}: {what}",
        "Why: it was begun before the customer wrote again. Nothing else that was planned then is done" + (
            "" if became == "done" or how == "not_done" else f". It stopped at this: {plainly(after.why)}"),
        f"Next: {next_}. Customer not told of it by Deskhand"])


def _asked(action: ActionBase) -> str:
    if isinstance(action, Refund):
        return f"refund {action.money} of charge {action.charge}"
    changes = action.changes.items() if isinstance(action, ContactChange) else ()
    return "change the contact's " + ", ".join(f"{name.replace('_', ' ')} to “{value}”" for name, value in changes)
