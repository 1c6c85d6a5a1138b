"""Operations that a person must look at: listed, and resolved as found, not done, or to be sent again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, or_, select, update

from agent import alone, audit, engine, forgotten
from agent.act import is_off
from agent.consent import waits
from agent.desk import Desk
from agent.ledger import LOOKED, Operation
from agent.statements import CHANGES
from agent.tables import operations, tickets
from agent.vault import PersonKey
from connectors.contract import (
    ActionBase,
    ActivityReceipt,
    ContactChange,
    ContactReceipt,
    LogActivity,
    Performs,
    Receipt,
    Refund,
    RefundReceipt,
    TicketUpdate,
    Undo,
    UpdateReceipt,
    VendorError,
)

STANDING = ("succeeded", "pending")


class CannotResolve(RuntimeError):
    """The operation stays held; the message says why and what to do."""


@dataclass(frozen=True)
class Held:
    """A held operation as people see it."""

    operation: str
    ticket: str
    kind: str
    target: str
    first_sent_at: datetime | None
    send: int
    reason: str


def held(c: Connection) -> list[Held]:
    """All held operations, oldest first, those of one plan in its order."""
    rows = c.execute(select(operations, tickets.c.ref).join(tickets, tickets.c.id == operations.c.ticket_id)
                     .where(operations.c.state == "held")
                     .order_by(operations.c.created_at, operations.c.position, operations.c.id))
    return [Held(row.id, row.ref, row.kind, row.target, row.first_sent_at, row.send, row.reason) for row in rows]


def found(desk: Desk, id: str, at_vendor: str, by: str) -> Receipt:
    """It did happen: what stands at the vendor under `at_vendor` is read and becomes the receipt."""
    with desk.ledger.begin() as c:
        operation, ref, person = _held(desk, c, id)
        _nobody_elses(c, operation, at_vendor)
    if isinstance(operation.action, forgotten.NotReadable):
        raise CannotResolve(f"The person {id} was for is forgotten; what was asked cannot be read. Look yourself, and "
                            "say --not-done once nothing is left to do.")
    performer = _performer(desk, operation, ref)
    try:
        receipt = performer.find(operation.action, operation.key)
        if receipt is not None and _id(receipt) == at_vendor:
            seen = performer.read_back(operation.action, receipt)
        else:
            seen = _adopted(desk, operation, at_vendor, performer)
    except VendorError as error:
        raise CannotResolve(f"{at_vendor} was not read as what {id} asks for: {error}") from error
    with desk.ledger.begin() as c:
        operation, _, person = _held(desk, c, id)
        _nobody_elses(c, operation, at_vendor)
        desk.ledger.done(c, operation, seen, person, desk.now())
        _resolved(c, desk, operation, by, {"as": "found", "id": at_vendor})
    return seen


def not_done(desk: Desk, id: str, by: str) -> None:
    """It never happened: it stops counting, and the ticket stays with a person."""
    with desk.ledger.begin() as c:
        operation, _, _ = _held(desk, c, id)
        desk.ledger.not_done(c, operation, "rejected", f"{by} {LOOKED}", desk.now())
        _resolved(c, desk, operation, by, {"as": "not_done"})


def send_again(desk: Desk, id: str, by: str) -> int:
    """It is sent once more under a new vendor key, after one more look for it; returns the new send number."""
    with desk.ledger.begin() as c:
        operation, _, person = _held(desk, c, id)
        if person is None:
            raise CannotResolve(f"The person {id} was for is forgotten, so nothing is sent for them any more.")
        if reason := desk.ledger.paused(c, operation.held_back_with):
            raise CannotResolve(f"{operation.held_back_with} is paused ({reason}). Resume it first.")
        if operation.kind in CHANGES and is_off(desk, desk.policy(c), operation.kind):
            raise CannotResolve(f"{operation.kind} is switched off here. Switch it on first.")
        now = desk.now()
        # A person's release is decision and intent in one; the next pass looks first, and sends if nothing is found.
        c.execute(update(operations).where(operations.c.id == id).values(
            state="sent", send=operation.send + 1, first_sent_at=now, reason="", said=None, changed_at=now))
        _resolved(c, desk, operation, by, {"as": "send_again", "send": operation.send + 1})
    return operation.send + 1


def _held(desk: Desk, c: Connection, id: str) -> tuple[Operation, str, PersonKey | None]:
    """The operation, its ticket and the key it is sealed under, None once it cannot be read; its row is locked."""
    of = c.execute(select(operations.c.ticket_id).where(operations.c.id == id)).scalar()
    if of is not None:
        waits.alone(c, of)
    row = c.execute(select(operations.c.state, tickets.c.ref).join(
        tickets, tickets.c.id == operations.c.ticket_id).where(operations.c.id == id).with_for_update()).first()
    if row is None:
        raise CannotResolve(f"There is no operation {id}. `deskhand held` lists those that are held.")
    if row.state != "held":
        raise CannotResolve(f"{id} is not held, it is {row.state}.")
    operation, person = desk.ledger.opened(c, id) or (forgotten.operation(c, id), None)
    if operation is None:
        raise LookupError(id)
    return operation, row.ref, person


def _nobody_elses(c: Connection, operation: Operation, at_vendor: str) -> None:
    """Raises where this stands for another operation already; until the transaction ends, it becomes no other's.

    A contact may be changed many times, and a refund undone.
    """
    if operation.kind in ("contact_change", "undo"):
        return
    c.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(at_vendor, 0))))
    ids = operations.c.vendor_ids
    other = c.execute(select(operations.c.id).where(
        operations.c.id != operation.id, operations.c.role == operation.role,
        or_(ids["id"].astext == at_vendor, ids["entry"].astext == at_vendor))).scalars().first()
    if other is not None:
        raise CannotResolve(f"{at_vendor} is what {other} did already; {operation.id} needs one of its own.")


def _performer(desk: Desk, operation: Operation, ref: str) -> Performs:
    if operation.role == "helpdesk":
        return desk.helpdesk(ref)
    performer = desk.payments if operation.role == "payments" else desk.records
    if performer is None:
        raise CannotResolve(f"No {operation.role} connector is configured, so nothing can be looked up.")
    return performer


def _resolved(c: Connection, desk: Desk, operation: Operation, by: str, how: dict[str, object]) -> None:
    """Writes who said so, takes the ticket's plan up again, and wakes the ticket.

    Where the ticket was planned anew since, this alone is settled and told; so is what stands beside its plan. Of a
    note that is written by now, or will not be, nothing is left to do.
    """
    now, ended = desk.now(), operation.beside or alone.replaced(c, operation)
    by_itself = ended and operation.kind != "undo"
    audit.record(c, kind="operation.resolved", ticket=operation.ticket_id, operation=operation.id, at=now,
                 public={"by": by, "action": operation.kind, "target": operation.target, **how,
                         **({"alone": True} if by_itself else {})})
    a_note = isinstance(operation.action, TicketUpdate) and not operation.action.public
    if a_note and how["as"] != "send_again":
        return
    open_ = desk.ledger.open_proposal(c, operation.ticket_id)
    words_beside = operation.kind == "ticket_update" and operation.beside
    if open_ is not None and (open_["id"] != operation.proposal_id or words_beside):
        raise CannotResolve("The ticket is being worked on just now. Try again in a minute.")
    (desk.ledger.reopen_ended if ended else desk.ledger.reopen)(c, operation.proposal_id)
    engine.wake(c, operation.ticket_id, f"{operation.id} was resolved")


def _id(receipt: Receipt) -> str:
    """What people call it at the vendor."""
    if isinstance(receipt, UpdateReceipt):
        return receipt.entry
    return receipt.contact if isinstance(receipt, ContactReceipt) else receipt.id


def _adopted(desk: Desk, operation: Operation, id: str, performer: Performs) -> Receipt:
    """What someone else did there, as a receipt: a refund from its charge, anything else by its read-back.

    What the vendor made of our own write is found good as long as it still stands so.
    """
    common: dict[str, Any] = {"operation": operation.id, "vendor": getattr(performer, "vendor", ""), "at": desk.now()}
    action, altered = operation.action, operation.receipt
    if isinstance(altered, ContactReceipt) and altered.contact == id:
        return performer.read_back(action, altered)
    if isinstance(action, Refund):
        return _refund(desk, action, id, common)
    if isinstance(action, Undo):
        raise CannotResolve(f"{id} does not stand as it did before.")
    return performer.read_back(action, _CANDIDATES[type(action)](action, id, common))


def _refund(desk: Desk, action: Refund, id: str, common: dict[str, Any]) -> Receipt:
    """A refund of this charge and amount that carries no other operation's id."""
    if desk.payments is None:
        raise CannotResolve("No payments connector is configured, so nothing can be looked up.")
    charge = desk.payments.charge(action.charge)
    made = next((refund for refund in charge.refunds if refund.id == id), None)
    if made is None:
        raise CannotResolve(f"{id} is no refund of {action.charge}.")
    if made.money != action.money or made.operation not in (None, common["operation"]):
        raise CannotResolve(f"{id} is a refund of {made.money}{f' for {made.operation}' if made.operation else ''}, "
                            f"and asked for was {action.money} for {common['operation']}.")
    if made.status not in STANDING:
        raise CannotResolve(f"{id} is {made.status}: the customer does not get this money.")
    return RefundReceipt(**common, id=id, charge=charge.id, money=made.money, status=made.status,
                         method=charge.method, reference=made.reference, refunded_in_all=charge.refunded, seen=True)


def _change(action: ContactChange, id: str, common: dict[str, Any]) -> Receipt:
    return ContactReceipt.model_validate({
        **common, "contact": id, "before": {str(k): v for k, v in action.expected.items()},
        "after": {str(k): v for k, v in action.changes.items()}})


def _activity(action: LogActivity, id: str, common: dict[str, Any]) -> Receipt:
    return ActivityReceipt.model_validate({**common, "id": id, "contact": action.contact})


def _update(action: TicketUpdate, id: str, common: dict[str, Any]) -> Receipt:
    return UpdateReceipt.model_validate({**common, "entry": id, "comment": None, "public": action.public,
                                         "notified": False, "updated_at": common["at"]})


_CANDIDATES: dict[type[ActionBase], Callable[..., Receipt]] = {
    ContactChange: _change, LogActivity: _activity, TicketUpdate: _update}
"""What a receipt would say; the read-back then shows whether that stands at the vendor."""
