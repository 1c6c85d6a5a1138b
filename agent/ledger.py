"""What must survive a crash: each method is one short step on our rows; the caller opens the transaction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, Engine, RowMapping, and_, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from agent import audit
from agent.tables import decisions, operations, proposals, switches, tickets, totals, waits
from agent.vault import PersonKey, Vault
from connectors.contract import Action, ActionBase, Key, Money, Receipt, digest, operation_id

FOREVER = date(1970, 1, 1)
ANY = "any"
"""The currency of the row that is locked for all of them."""
UNFINISHED = ("planned", "sent", "unknown")
SETTLED = ("done", "rejected", "held", "undone", "dropped")

_action: TypeAdapter[Action] = TypeAdapter(Action)
_receipt: TypeAdapter[Receipt] = TypeAdapter(Receipt)


@dataclass(frozen=True)
class TicketRow:
    id: int
    ref: str
    generation: int
    state: str
    why: str
    wanted: int
    served: int
    attempts: int
    seen_entry: str | None
    person_id: str | None


@dataclass(frozen=True)
class Operation:
    """The durable record of carrying out one action."""

    id: str
    ticket_id: int
    proposal_id: int
    kind: str
    role: str
    target: str
    state: str
    send: int
    attempts: int
    first_sent_at: datetime | None
    reason: str
    reserved: dict[str, Any] | None
    action: ActionBase
    receipt: Receipt | None

    @property
    def key(self) -> Key:
        return Key(operation=self.id, send=self.send)


@dataclass(frozen=True)
class Counted:
    """What one refund adds to the locked totals; "attended" money is counted apart."""

    charge: str
    customer: str
    day: date
    money: Money
    attended: bool

    def as_json(self) -> dict[str, Any]:
        return {"charge": self.charge, "customer": self.customer, "day": self.day.isoformat(),
                "amount": self.money.amount, "currency": self.money.currency, "attended": self.attended}

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> Counted:
        return cls(row["charge"], row["customer"], date.fromisoformat(row["day"]),
                   Money(amount=row["amount"], currency=row["currency"]), row["attended"])


@dataclass(frozen=True)
class Spent:
    """Unattended totals before this request, in minor units of its currency; refunds are counted, too."""

    customer_day: int
    customer_30d: int
    customer_30d_refunds: int
    desk_day: int


class Ledger:
    """The rows of one installation."""

    def __init__(self, engine: Engine, vault: Vault) -> None:
        self.engine = engine
        self.vault = vault

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        with self.engine.begin() as connection:
            yield connection

    # --- tickets ---

    def ticket(self, c: Connection, id: int, *, lock: bool = False) -> TicketRow:
        wanted = select(tickets).where(tickets.c.id == id)
        row = c.execute(wanted.with_for_update() if lock else wanted).mappings().one()
        return TicketRow(**{name: row[name] for name in TicketRow.__dataclass_fields__})

    def person(self, c: Connection, ticket_id: int, account: str, user: str) -> PersonKey:
        """The requester's key; the ticket remembers whose it is."""
        key = self.vault.person(c, account, user)
        c.execute(update(tickets).where(tickets.c.id == ticket_id).values(person_id=key.id))
        return key

    def saw(self, c: Connection, id: int, entry: str | None, *, is_open: bool, generation: int | None = None) -> None:
        """Remembers how far the helpdesk's records were looked at."""
        values: dict[str, Any] = {"is_open": is_open}
        if entry is not None:
            values["seen_entry"] = entry
        if generation is not None:
            values["generation"] = generation
        c.execute(update(tickets).where(tickets.c.id == id).values(**values))

    def looked_back(self, c: Connection, id: int, entry: str | None) -> None:
        """Forgets what was looked at after `entry`, so that it is planned anew."""
        c.execute(update(tickets).where(tickets.c.id == id).values(seen_entry=entry))

    def ended(self, c: Connection, id: int, state: str, why: str, now: datetime, *, shadow: bool = False) -> None:
        c.execute(update(tickets).where(tickets.c.id == id)
                  .values(state=state, why=_short(why), last_pass_at=now, shadow=shadow))

    def served(self, c: Connection, id: int, upto: int) -> None:
        c.execute(update(tickets).where(tickets.c.id == id).values(served=upto, attempts=0))

    def failed(self, c: Connection, id: int) -> int:
        """Counts a failed pass and returns how many in a row."""
        return int(c.execute(update(tickets).where(tickets.c.id == id).values(attempts=tickets.c.attempts + 1)
                             .returning(tickets.c.attempts)).scalar_one())

    def wanted(self, c: Connection, id: int) -> int:
        return int(c.execute(select(tickets.c.wanted).where(tickets.c.id == id)).scalar_one())

    def older_money_ticket(self, c: Connection, id: int, person: str) -> bool:
        """The requester has another open ticket about money, older than this one."""
        hit = c.execute(select(tickets.c.id).where(
            tickets.c.person_id == person, tickets.c.about_money, tickets.c.is_open, tickets.c.id < id).limit(1))
        return hit.first() is not None

    def about_money(self, c: Connection, id: int) -> None:
        c.execute(update(tickets).where(tickets.c.id == id, ~tickets.c.about_money).values(about_money=True))

    # --- what was proposed and decided ---

    def open_proposal(self, c: Connection, ticket_id: int) -> RowMapping | None:
        return c.execute(select(proposals).where(
            proposals.c.ticket_id == ticket_id, proposals.c.closed_at.is_(None))).mappings().first()

    def propose(self, c: Connection, **values: Any) -> int:
        return int(c.execute(insert(proposals).values(**values).returning(proposals.c.id)).scalar_one())

    def close_proposal(self, c: Connection, id: int, ending: str, now: datetime) -> None:
        c.execute(update(proposals).where(proposals.c.id == id).values(closed_at=now, ending=ending))

    def reopen_untold(self, c: Connection, ticket_id: int, there: set[str], now: datetime) -> bool:
        """Takes up again the last proposal when the helpdesk's records, `there`, lack an update it had confirmed."""
        last = select(func.max(proposals.c.id)).where(proposals.c.ticket_id == ticket_id).scalar_subquery()
        rows = c.execute(select(operations.c.id, operations.c.proposal_id).where(
            operations.c.ticket_id == ticket_id, operations.c.proposal_id == last,
            operations.c.kind == "ticket_update", operations.c.state == "done")).all()
        lost = [row for row in rows if row.id not in there]
        for row in lost:
            c.execute(update(operations).where(operations.c.id == row.id).values(
                state="unknown", receipt=None, reason="not among the helpdesk's records", changed_at=now))
        if lost:
            c.execute(update(proposals).where(proposals.c.id == lost[0].proposal_id)
                      .values(closed_at=None, ending=None))
        return bool(lost)

    def last_digest(self, c: Connection, ticket_id: int) -> str | None:
        """Of the plan before, if it was neither forgotten nor only in shadow."""
        found: str | None = c.execute(select(proposals.c.digest).where(
            proposals.c.ticket_id == ticket_id, proposals.c.ending.not_in(("void", "shadow")))
            .order_by(proposals.c.id.desc()).limit(1)).scalar()
        return found

    def decided(self, c: Connection, **values: Any) -> int:
        return int(c.execute(insert(decisions).values(**values).returning(decisions.c.id)).scalar_one())

    def wait(self, c: Connection, **values: Any) -> None:
        c.execute(insert(waits).values(**values))

    def void_waits(self, c: Connection, ticket_id: int) -> None:
        c.execute(update(waits).where(waits.c.ticket_id == ticket_id, waits.c.state == "open").values(state="void"))

    # --- operations ---

    def plan(self, c: Connection, *, ref: str, ticket_id: int, proposal_id: int, action: ActionBase, position: int,
             person: PersonKey, now: datetime, decision_id: int | None = None, repeat: int = 1) -> str:
        """Writes what shall be done; an operation dropped before it was sent is taken up again. Returns its id."""
        id = operation_id(ref, action, repeat)
        body = action.model_dump(mode="json")
        values = {
            "id": id, "ticket_id": ticket_id, "proposal_id": proposal_id, "decision_id": decision_id,
            "position": position, "kind": body["kind"], "role": action.role, "target": action.target(),
            "repeat": repeat, "digest": digest(body), "state": "planned", "sealed": person.seal(body),
            "created_at": now, "changed_at": now,
        }
        again = {k: values[k] for k in ("proposal_id", "decision_id", "position", "digest", "sealed", "state",
                                        "changed_at")}
        c.execute(insert(operations).values(**values).on_conflict_do_update(
            index_elements=[operations.c.id], set_={**again, "reason": ""}, where=operations.c.state == "dropped"))
        return id

    def operation(self, c: Connection, id: str, person: PersonKey, *, lock: bool = False) -> Operation | None:
        wanted = select(operations).where(operations.c.id == id)
        row = c.execute(wanted.with_for_update() if lock else wanted).mappings().first()
        return self._operation(row, person) if row else None

    def operations_of(self, c: Connection, proposal_id: int, person: PersonKey) -> list[Operation]:
        rows = c.execute(select(operations).where(operations.c.proposal_id == proposal_id)
                         .order_by(operations.c.position, operations.c.created_at, operations.c.id)).mappings()
        return [self._operation(row, person) for row in rows]

    def _operation(self, row: RowMapping, person: PersonKey) -> Operation:
        return Operation(
            id=row["id"], ticket_id=row["ticket_id"], proposal_id=row["proposal_id"], kind=row["kind"],
            role=row["role"], target=row["target"], state=row["state"], send=row["send"], attempts=row["attempts"],
            first_sent_at=row["first_sent_at"], reason=row["reason"], reserved=row["reserved"],
            action=_action.validate_python(person.open(row["sealed"])),
            receipt=_receipt.validate_python(person.open(row["receipt"])) if row["receipt"] else None,
        )

    def same_before(self, c: Connection, ref: str, ticket_id: int, action: ActionBase, now: datetime) -> bool:
        """The same was already taken up on this ticket, or another ticket refunded this charge within 30 days."""
        on_this = and_(operations.c.ticket_id == ticket_id, operations.c.id == operation_id(ref, action))
        elsewhere = and_(operations.c.ticket_id != ticket_id, operations.c.target == action.target(),
                         operations.c.kind == "refund", operations.c.created_at > now - timedelta(days=30))
        hit = c.execute(select(operations.c.id).where(
            or_(on_this, elsewhere) if action.role == "payments" else on_this,
            operations.c.state.not_in(("planned", "dropped"))).limit(1))
        return hit.first() is not None

    def begun_refunds(self, c: Connection, charges: tuple[str, ...], but: str) -> bool:
        """We refunded one of these charges within 30 days, or may have; `but` is the operation that asks."""
        return c.execute(select(operations.c.id).where(
            operations.c.kind == "refund", operations.c.target.in_(charges), operations.c.id != but,
            operations.c.state.in_(("sent", "unknown", "held", "done"))).limit(1)).first() is not None

    def contact_changed_since(self, c: Connection, contact: str, moment: datetime) -> bool:
        """We changed this contact's details after the moment given."""
        return c.execute(select(operations.c.id).where(
            operations.c.kind == "contact_change", operations.c.target == contact, operations.c.state == "done",
            operations.c.changed_at > moment).limit(1)).first() is not None

    def paused(self, c: Connection, kind: str) -> str | None:
        """The reason the kill switch gives for this action, or None."""
        row = c.execute(select(switches.c.reason).where(
            switches.c.action.in_((kind, "all")), switches.c.paused).limit(1)).first()
        return None if row is None else (row.reason or "paused")

    def sent(self, c: Connection, op: Operation, now: datetime, counted: Counted | None,
             decided: Mapping[str, Any] | None = None) -> None:
        """Writes the intent, with what allowed it: from here on the operation may have happened."""
        if counted:
            self._count(c, counted, +1)
        c.execute(update(operations).where(operations.c.id == op.id).values(
            state="sent", attempts=operations.c.attempts + 1, changed_at=now,
            first_sent_at=func.coalesce(operations.c.first_sent_at, now),
            reserved=counted.as_json() if counted else operations.c.reserved))
        self._audit(c, "operation.sent", op, now, dict(decided or {}))

    def done(self, c: Connection, op: Operation, receipt: Receipt, person: PersonKey, now: datetime) -> None:
        body = receipt.model_dump(mode="json")
        ids = {k: body[k] for k in ("id", "entry", "comment", "status", "notified", "request_id") if body.get(k)}
        c.execute(update(operations).where(operations.c.id == op.id).values(
            state="done", receipt=person.seal(body), vendor_ids=ids, reason="", changed_at=now))
        self._audit(c, "operation.done", op, now, ids, person.seal(body))

    def not_done(self, c: Connection, op: Operation, state: str, reason: str, now: datetime) -> None:
        """rejected, dropped, or back to planned: nothing happened at the vendor, so nothing counts."""
        if op.reserved:
            self._count(c, Counted.from_json(op.reserved), -1)
        c.execute(update(operations).where(operations.c.id == op.id).values(
            state=state, reason=_short(reason), reserved=None, changed_at=now,
            first_sent_at=None if state in ("planned", "dropped") else operations.c.first_sent_at))
        self._audit(c, f"operation.{state}", op, now, {"reason": _short(reason)})

    def unknown(self, c: Connection, op: Operation, state: str, reason: str, now: datetime) -> None:
        """unknown or held: it may have happened, so it goes on counting."""
        c.execute(update(operations).where(operations.c.id == op.id)
                  .values(state=state, reason=_short(reason), changed_at=now))
        self._audit(c, f"operation.{state}", op, now, {"reason": _short(reason)})

    def tried_again(self, c: Connection, op: Operation, now: datetime, state: str = "sent") -> None:
        c.execute(update(operations).where(operations.c.id == op.id)
                  .values(attempts=operations.c.attempts + 1, changed_at=now, state=state))

    def changed_at(self, c: Connection, id: str) -> datetime:
        moment: datetime = c.execute(select(operations.c.changed_at).where(operations.c.id == id)).scalar_one()
        return moment

    def _audit(self, c: Connection, kind: str, op: Operation, now: datetime, public: Mapping[str, Any],
               sealed: bytes | None = None) -> None:
        audit.record(c, kind=kind, ticket=op.ticket_id, operation=op.id, at=now,
                     public={"action": op.kind, "target": op.target, **public}, sealed=sealed)

    # --- totals ---

    def lock_totals(self, c: Connection, charge: str, customer: str, currency: str) -> None:
        """Locks charge, customer and desk, whatever the currency, in that order for the rest of the transaction."""
        for kind, subject, of in (("charge", charge, currency), ("customer", customer, ANY), ("desk", "desk", ANY)):
            values = {"kind": kind, "subject": subject, "day": FOREVER, "currency": of, "attended": False}
            c.execute(insert(totals).values(**values).on_conflict_do_nothing())
            c.execute(select(totals.c.kind).where(
                *(totals.c[name] == value for name, value in values.items())).with_for_update())

    def spent(self, c: Connection, customer: str, currency: str, today: date) -> Spent:
        """Unattended sums in this currency without the request at hand, and how many refunds in any currency.

        Correct under `lock_totals`.
        """
        month = today - timedelta(days=29)
        rows = c.execute(select(totals.c.kind, totals.c.day, totals.c.attended, totals.c.currency, totals.c.amount,
                                totals.c["count"].label("times")).where(
            or_(and_(totals.c.kind == "customer", totals.c.subject == customer, totals.c.day >= month),
                and_(totals.c.kind == "desk", totals.c.subject == "desk", totals.c.day == today)),
            ~totals.c.attended)).all()
        customers = [r for r in rows if r.kind == "customer"]
        mine = [r for r in customers if r.currency == currency]
        return Spent(
            customer_day=sum(r.amount for r in mine if r.day == today),
            customer_30d=sum(r.amount for r in mine),
            customer_30d_refunds=sum(r.times for r in customers),
            desk_day=sum(r.amount for r in rows if r.kind == "desk" and r.currency == currency),
        )

    def _count(self, c: Connection, counted: Counted, sign: int) -> None:
        for kind, subject, day in (("charge", counted.charge, FOREVER), ("customer", counted.customer, counted.day),
                                   ("desk", "desk", counted.day)):
            start = {"amount": counted.money.amount, "count": 1} if sign > 0 else {"amount": 0, "count": 0}
            c.execute(insert(totals).values(
                kind=kind, subject=subject, day=day, currency=counted.money.currency, attended=counted.attended,
                **start,
            ).on_conflict_do_update(
                index_elements=[totals.c.kind, totals.c.subject, totals.c.day, totals.c.currency, totals.c.attended],
                set_={"amount": totals.c.amount + sign * counted.money.amount, "count": totals.c["count"] + sign}))


def _short(text: str) -> str:
    """A reason as a column can hold it: vendors and models may say anything."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()[:500]
