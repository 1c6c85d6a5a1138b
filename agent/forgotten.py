"""What is left to do for a requester who was erased: nothing is begun any more, and what was sent is looked up.

What an operation was about lay under the person's key; its row still says at which vendor, on what, under which id.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Connection, select

from agent.consent import waits
from agent.desk import Desk
from agent.ledger import Counted, Operation, TicketRow
from agent.patience import patiently
from agent.tables import operations, proposals, tickets
from agent.vault import Erased
from connectors.contract import (
    ActionBase,
    LogActivity,
    NotFound,
    OutcomeUnknown,
    Receipt,
    Refund,
    TicketUpdate,
    Unavailable,
)

WHY = "the requester was erased"


def is_forgotten(c: Connection, desk: Desk, row: TicketRow) -> bool:
    """The requester, or whom the open plan was made for, was erased."""
    if row.person_id is None:
        return False
    try:
        desk.ledger.vault.person_by_id(c, row.person_id)
    except (Erased, KeyError):
        return True
    return False


def let_go(c: Connection, desk: Desk, ticket_id: int, person: str) -> None:
    """Of what was planned there for this person nobody's yes is waited for any more, nothing that was not sent is sent,
    and nothing is looked at again."""
    now, ledger = desk.now(), desk.ledger
    waits.alone(c, ticket_id)
    waits.end(c, [one.id for one in waits.of_ticket(c, ticket_id) if waits.whose(c, one) == person], "void", now)
    for operation in operations_of(c, ticket_id, person, ("planned",)):
        ledger.not_done(c, operation, "dropped", WHY, now)
    open_ = ledger.open_proposal(c, ticket_id)
    if open_ and open_["person_id"] == person:
        ledger.close_proposal(c, open_["id"], "void", now)
    ledger.look_no_more(c, ticket_id, person)


def look_up(desk: Desk, operation: Operation, because: str = WHY) -> None:
    """Found at the vendor it is done, else it is held: nothing is ever sent again for somebody who was erased."""
    try:
        receipt = _found(desk, operation)
    except (Unavailable, NotFound, OutcomeUnknown) as away:
        receipt, why = None, f"{because}, and it could not be looked up: {away.plain}"
    else:
        why = f"{because}; it was sent, and nothing was found at the vendor"
    with desk.ledger.begin() as c:
        if receipt is None:
            desk.ledger.unknown(c, operation, "held", why, desk.now())
        else:
            desk.ledger.done(c, operation, receipt, None, desk.now())


def operation(c: Connection, id: str) -> Operation | None:
    """One operation, as far as its row tells."""
    rows = c.execute(select(operations, tickets.c.ref).join(tickets).where(operations.c.id == id)).mappings()
    return next((_operation(dict(row)) for row in rows), None)


def operations_of(c: Connection, ticket_id: int, person: str, states: tuple[str, ...]) -> list[Operation]:
    """The ticket's operations for this person in these states, as far as their rows tell."""
    rows = c.execute(select(operations, tickets.c.ref).join(tickets, tickets.c.id == operations.c.ticket_id).join(
        proposals, proposals.c.id == operations.c.proposal_id).where(
        operations.c.ticket_id == ticket_id, operations.c.state.in_(states), proposals.c.person_id == person)
        .order_by(operations.c.created_at))
    return [_operation(dict(row)) for row in rows.mappings()]


def _operation(row: Mapping[str, Any]) -> Operation:
    kept = ("id", "ticket_id", "proposal_id", "position", "kind", "role", "target", "state", "send", "attempts",
            "first_sent_at", "reason", "reserved")
    return Operation(**{name: row[name] for name in kept}, action=_action(row), receipt=None)


def _refund(row: Mapping[str, Any]) -> ActionBase:
    return Refund(charge=row["target"], money=Counted.from_json(row["reserved"]).money, reason="requested_by_customer")


def _update(row: Mapping[str, Any]) -> ActionBase:
    return TicketUpdate(ref=row["ref"], about="", text="", public=False)


def _activity(row: Mapping[str, Any]) -> ActionBase:
    return LogActivity(contact=row["target"], about="", subject="", text="")


class NotReadable(ActionBase):
    """An action of which only its row is left."""

    role = ""
    of: str

    def target(self) -> str:
        return self.of

    def identity(self) -> Mapping[str, Any]:
        return {}


def _action(row: Mapping[str, Any]) -> ActionBase:
    """Enough of it to look for it; a contact change or an undo cannot be told from the row."""
    made: dict[str, Callable[[Mapping[str, Any]], ActionBase]] = {
        "ticket_update": _update, "log_activity": _activity, **({"refund": _refund} if row["reserved"] else {})}
    return made[row["kind"]](row) if row["kind"] in made else NotReadable(of=row["target"])


def _found(desk: Desk, operation: Operation) -> Receipt | None:
    action = operation.action
    if isinstance(action, NotReadable):
        raise OutcomeUnknown("what it was cannot be read any more", vendor=operation.role)
    performer = desk.helpdesk(action.ref) if isinstance(action, TicketUpdate) else (
        desk.payments if operation.role == "payments" else desk.records)
    if performer is None:
        raise Unavailable(f"no {operation.role} connector is configured", vendor=operation.role)
    return patiently(lambda: performer.find(action, operation.key), desk.sleep)
