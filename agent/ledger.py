"""What must survive a crash: each method is one short step on our rows; the caller opens the transaction."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, Engine, or_, select, update

from agent import statements
from agent.audit import bound
from agent.compiled import Row
from agent.policy import Decision, FactValue
from agent.policy.facts import plain
from agent.tables import audit, decisions, operations, proposals, tickets
from agent.vault import Erased, PersonKey, Vault
from connectors.contract import Action, ActionBase, Key, Money, Receipt, Refund, Undo, operation_id

JUST_CHANGED = timedelta(days=30)
RECHECKS = (timedelta(days=1), timedelta(days=5), timedelta(days=10))
"""How long after a refund was made it is looked at again, unasked; banks send some back after days."""

_action: TypeAdapter[Action] = TypeAdapter(Action)
_receipt: TypeAdapter[Receipt] = TypeAdapter(Receipt)


AFTER_WHAT_CAN_BE_UNDONE = 100
"""Added to the position of what cannot be taken back, which is done last."""
BOOKKEEPING = 200
"""From this position on it is our own: activities, replies, notes, undoing."""
BESIDE_ITS_PLAN = 600
"""From this position on it is settled by itself: undoing, and notes on one thing alone."""
MOST_CONFLICTS = 4
"""How often a change is tried on a record that changes under it, before a person has it."""
MISSING = "not among the helpdesk's records"
"""Of a note or reply that the helpdesk had confirmed."""
LOOKED = "looked: it was not done"
"""Of what was held; the name of the person who looked stands before it."""


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
    heard_at: datetime | None
    """The latest moment an event told of, by the helpdesk's clock."""
    person_id: str | None
    """The requester, once read; while a plan is open, the one it was made for."""
    given_back: str | None
    taken_at: datetime | None
    """Since when a colleague has it, by the button."""
    under_way: bool
    """A plan is open."""
    asking: bool
    """Somebody was asked for a yes and has not answered."""
    stirred: bool
    """The payment provider told of a charge that somebody is asked about."""
    recheck: bool
    """It is time to look whether a refund made here still stands."""
    confirmed: tuple[str, ...]
    """The last plan's updates of the ticket that the helpdesk has confirmed, and all plans' news of refunds."""
    unsettled: tuple[int, ...]
    """Closed plans of which something is to be undone yet, or nobody knows what became of it, the oldest first."""
    restored: datetime | None
    """When a backup was last put back: what was done before may be missing from our rows."""


@dataclass(frozen=True)
class Operation:
    """The durable record of carrying out one action."""

    id: str
    ticket_id: int
    proposal_id: int
    position: int
    """Of the item in its plan; bookkeeping comes after all of them."""
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
    said: str = ""
    """The same as `reason`, in the words of the vendor that refused it."""

    @property
    def why(self) -> str:
        """Why it was not done, for a colleague who reads it now: as its vendor says it, where it said anything."""
        return self.said or self.reason

    @property
    def held_back_with(self) -> str:
        """The action whose pause holds this back: an undo rests with what it would undo."""
        return self.action.action.kind if isinstance(self.action, Undo) else self.kind

    @property
    def key(self) -> Key:
        return Key(operation=self.id, send=self.send)

    @property
    def released(self) -> bool:
        """A person, who knew what spoke against it, had it sent again; `first_sent_at` says when."""
        return self.send > 1

    @property
    def item(self) -> int | None:
        """Which item of its plan it does; None for our own bookkeeping."""
        return self.position % AFTER_WHAT_CAN_BE_UNDONE if self.position < BOOKKEEPING else None

    @property
    def in_conflict(self) -> bool:
        """What it was to change had changed, so nothing happened."""
        return self.state == "dropped" and self.reason.startswith("conflict")

    @property
    def given_up(self) -> bool:
        """So it was, and it had been sent as often as it may be."""
        return self.in_conflict and self.attempts >= MOST_CONFLICTS

    @property
    def beside(self) -> bool:
        """Nothing else of its plan goes on with it."""
        return self.position >= BESIDE_ITS_PLAN


@dataclass(frozen=True)
class Counted:
    """What one refund adds to the locked totals; "attended" money is counted apart."""

    charge: str
    customer: str
    day: date
    money: Money
    attended: bool
    hour: datetime
    """The beginning of the hour it was counted in."""

    def as_json(self) -> dict[str, Any]:
        return {"charge": self.charge, "customer": self.customer, "day": self.day.isoformat(),
                "amount": self.money.amount, "currency": self.money.currency, "attended": self.attended,
                "hour": self.hour.isoformat()}

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> Counted:
        # Older releases counted by the day only.
        hour = row.get("hour") or f"{row['day']}T00:00:00+00:00"
        return cls(row["charge"], row["customer"], date.fromisoformat(row["day"]),
                   Money(amount=row["amount"], currency=row["currency"]), row["attended"],
                   datetime.fromisoformat(hour))


def hour_of(now: datetime) -> datetime:
    """The beginning of its hour, UTC."""
    return now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


@dataclass(frozen=True)
class Bearing:
    """What the ledger knows that bears on an ask; correct under `lock_totals`.

    Sums are unattended, in minor units, without the request itself, and a customer's in the currency asked for;
    refunds are counted in any currency.
    """

    same_here: bool
    """The same was already taken up on this ticket."""
    same_elsewhere: bool
    """Another ticket refunded this charge within 30 days, or may have."""
    older_money_ticket: bool
    """The requester has another open ticket about money, older than this one."""
    other_open_tickets: int
    """How many other tickets of the requester are open."""
    attempts: int
    """How often an action of this kind was tried on this ticket."""
    begun_refund: bool
    """We refunded a charge that the claim rests on, or may have."""
    contact_changed: bool
    """We changed this contact's details within 30 days, or may have."""
    wanted: int
    """How many reasons to look the ticket has had by now."""
    customer_day: int
    customer_30d: int
    customer_day_refunds: int
    customer_30d_refunds: int
    desk_day: Mapping[str, int]
    """Of the whole desk, per currency in which anything was refunded today."""

    def without(self, begun: Operation, *, same: bool, today: date) -> Bearing:
        """As it would be had this operation not been begun; `same`: what was taken up here is its own row."""
        rest = replace(self, attempts=self.attempts - begun.attempts, same_here=self.same_here and not same)
        counted = Counted.from_json(begun.reserved) if begun.reserved else None
        if counted is None or counted.attended:
            return rest
        money, on_the_day = counted.money, counted.day == today
        of_day, times = (money.amount, 1) if on_the_day else (0, 0)
        return replace(rest, customer_day=self.customer_day - of_day, customer_30d=self.customer_30d - money.amount,
                       customer_day_refunds=self.customer_day_refunds - times,
                       customer_30d_refunds=self.customer_30d_refunds - 1,
                       desk_day={**self.desk_day, money.currency: self.desk_day.get(money.currency, 0) - of_day})


@dataclass(frozen=True)
class ToBeTold:
    """A plan that the customer may be to be told of."""

    plan: dict[str, Any]
    operations: tuple[Operation, ...]
    """What it has changed that stands, and the updates of the ticket that the customer was notified of."""
    ending: str | None
    at: datetime | None
    """When it was last told on the ticket."""
    returned: bool
    """A colleague gave the ticket back since, or had it run again."""

    def changed(self) -> set[int]:
        """The items of the plan that have changed something that stands."""
        return {one.item for one in self.operations if one.item is not None}


class Ledger:
    """The rows of one installation."""

    def __init__(self, engine: Engine, vault: Vault) -> None:
        self.engine = engine
        self.vault = vault

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        with self.engine.begin() as connection:
            yield connection

    @contextmanager
    def glance(self) -> Iterator[Connection]:
        """For reading several things as they stood at one moment."""
        with self.engine.connect() as connection, connection.execution_options(
                isolation_level="REPEATABLE READ").begin():
            yield connection

    def ticket(self, c: Connection, id: int, now: datetime) -> TicketRow:
        row = statements.TICKET.one(c, id=id, now=now)
        return TicketRow(**{**row, "confirmed": tuple(row["confirmed"]), "unsettled": tuple(row["unsettled"])})

    def person(self, c: Connection, row: TicketRow, account: str, user: str) -> PersonKey:
        """The requester's key; the ticket remembers whose it is."""
        key = self.vault.person(c, account, user)
        if row.person_id != key.id:
            statements.OF_PERSON.run(c, id=row.id, person=key.id)
        return key

    def saw(self, c: Connection, id: int, entry: str | None, *, is_open: bool) -> None:
        """Remembers how far the helpdesk's records were looked at."""
        statements.SAW.run(c, id=id, entry=entry, is_open=is_open)

    def looked_back(self, c: Connection, id: int, entry: str | None) -> None:
        """Forgets what was looked at after `entry`, so that it is planned anew."""
        c.execute(update(tickets).where(tickets.c.id == id).values(seen_entry=entry))

    def taken_up(self, c: Connection, id: int, entry: str | None, generation: int, now: datetime, *,
                 money: bool) -> None:
        """A plan is kept for all up to `entry`; whether it is about money."""
        statements.TAKEN_UP.run(c, id=id, entry=entry, generation=generation, money=money, now=now)

    def ended(self, c: Connection, id: int, state: str, why: str, now: datetime, *, shadow: bool = False,
              served: int | None = None) -> None:
        """How the pass ended; `served` says which reasons to look are answered with it."""
        statements.ENDED.run(c, id=id, state=state, why=_short(why), now=now, shadow=shadow, served=served)

    def served(self, c: Connection, id: int, upto: int) -> None:
        statements.SERVED.run(c, id=id, upto=upto)

    def failed(self, c: Connection, id: int) -> int:
        """Counts a failed pass and returns how many in a row."""
        return int(c.execute(update(tickets).where(tickets.c.id == id).values(attempts=tickets.c.attempts + 1)
                             .returning(tickets.c.attempts)).scalar_one())

    def about_money(self, c: Connection, id: int) -> None:
        c.execute(update(tickets).where(tickets.c.id == id, ~tickets.c.about_money).values(about_money=True))

    def open_proposal(self, c: Connection, ticket_id: int) -> Row | None:
        return statements.OPEN_PROPOSAL.first(c, ticket=ticket_id)

    def handed_over(self, c: Connection, ticket_id: int, before: int) -> tuple[datetime | None, bool]:
        """Since when a person has what plans `before` this one left to them, or what became of refunds of theirs; and
        whether others of these plans may have done what the customer is to be told.

        Nothing of what was left to them before a colleague gave the ticket back or had it run again.
        """
        row = statements.HANDED_OVER.one(c, ticket=ticket_id, proposal=before)
        return row["at"], row["to_be_told"]

    def to_be_told(self, c: Connection, ticket_id: int, before: int | None = None) -> list[ToBeTold]:
        """Plans of a ticket, or those `before` this one, that the customer may be to be told of, the oldest first; for
        whomever, if they can still be read."""
        found = []
        for _, rows in groupby(statements.TO_BE_TOLD.all(c, ticket=ticket_id, proposal=before),
                               key=lambda row: row["plan_id"]):
            first, *others = rows
            if person := self._key(c, {**first, "sealed": first["plan"]}):
                operations = tuple(self._operation(row, person) for row in (first, *others) if row["id"])
                found.append(ToBeTold(person.open(first["plan"]), operations,
                                      **{name: first[name] for name in ("ending", "at", "returned")}))
        return found

    def propose(self, c: Connection, **values: Any) -> int:
        return int(statements.PROPOSE.one(c, **values)["id"])

    def close_proposal(self, c: Connection, id: int, ending: str, now: datetime) -> None:
        statements.CLOSE_PROPOSAL.run(c, id=id, ending=ending, now=now)

    def reopen_untold(self, c: Connection, lost: set[str], now: datetime) -> None:
        """Takes up again the proposal whose updates the helpdesk had confirmed and its records lack; of a note on what
        became of a refund that note alone."""
        of = c.execute(update(operations).where(operations.c.id.in_(lost), operations.c.state == "done").values(
            state="unknown", receipt=None, reason=MISSING, changed_at=now)
            .returning(operations.c.proposal_id, operations.c.position)).all()
        again = {one.proposal_id for one in of if one.position not in statements.NOTES_ON_ONE}
        c.execute(update(proposals).where(proposals.c.id.in_(again)).values(closed_at=None, ending=None))

    def decided(self, c: Connection, **values: Any) -> int:
        """Keeps a decision; the audit's chain holds its digest."""
        return int(statements.DECIDED.one(c, **values, sha256=bound.digest(values))["id"])

    def last_decision(self, c: Connection, proposal_id: int, operation_id: str, facts: Mapping[str, FactValue],
                      same: Decision) -> int | None:
        """The row of this plan's latest decision about the operation, or with "" about an answer on these facts, where
        it is the same as this one."""
        row = c.execute(select(decisions).where(
            decisions.c.proposal_id == proposal_id, decisions.c.operation_id == operation_id,
            or_(decisions.c.operation_id != "", decisions.c.facts == plain(facts)),
        ).order_by(decisions.c.id.desc()).limit(1)).first()
        alike = row is not None and (row.outcome, row.confirm, row.approve_by, row.policy_version, row.rules) == (
            same.outcome, same.confirm, same.approve_by, same.version,
            [hit.model_dump(mode="json") for hit in (*same.by, *same.also)])
        return row.id if row is not None and alike else None

    def reopen(self, c: Connection, proposal_id: int) -> None:
        """Takes a plan up again. Raises IntegrityError when another one is under way."""
        c.execute(update(proposals).where(proposals.c.id == proposal_id).values(closed_at=None, ending=None))

    def reopen_ended(self, c: Connection, proposal_id: int) -> None:
        """As `reopen`, but a closed plan keeps its ending: on it only what somebody asked to undo, or has resolved, is
        settled."""
        c.execute(update(proposals).where(proposals.c.id == proposal_id).values(closed_at=None))

    def plan(self, c: Connection, *, ref: str, ticket_id: int, proposal_id: int, action: ActionBase, position: int,
             person: PersonKey, now: datetime, decision_id: int | None = None, repeat: int = 1) -> Operation:
        """Writes what shall be done; one dropped before it was sent is taken up again, any other stays as it is."""
        id = self.operation_id(ref, action, repeat)
        body = action.model_dump(mode="json")
        row = statements.PLANNED.first(
            c, id=id, ticket_id=ticket_id, proposal_id=proposal_id, decision_id=decision_id, position=position,
            kind=body["kind"], role=action.role, target=action.target(), repeat=repeat, digest=self.vault.digest(body),
            state="planned", sealed=person.seal(body), created_at=now, changed_at=now)
        if row is None:
            there = statements.OPERATION_LOCKED.one(c, id=id)
            key = self._key(c, there)
            if action.role == "helpdesk" and (key is None or key.id != person.id):  # the same words, to somebody else
                return self.plan(c, ref=ref, ticket_id=ticket_id, proposal_id=proposal_id, action=action,
                                 position=position, person=person, now=now, decision_id=decision_id, repeat=repeat + 1)
            return self._operation(there, key or person)
        return Operation(id=id, ticket_id=ticket_id, position=position, kind=body["kind"], role=action.role,
                         target=action.target(), action=action, receipt=None, **row)

    def operation_id(self, ref: str, action: ActionBase, repeat: int = 1) -> str:
        """Which operation it is, begun or not."""
        return operation_id(ref, action, self.vault.digest, repeat)

    def operation(self, c: Connection, id: str) -> Operation | None:
        """None where there is none, and where it cannot be read any more."""
        found = self.opened(c, id)
        return found[0] if found else None

    def opened(self, c: Connection, id: str) -> tuple[Operation, PersonKey] | None:
        """As `operation`, with the key of whom it was for, who need not be its ticket's requester any more."""
        row = statements.OPERATION.first(c, id=id)
        person = self._key(c, row) if row else None
        return (self._operation(row, person), person) if row and person else None

    def _key(self, c: Connection, row: Row) -> PersonKey | None:
        try:
            person = self.vault.person_by_id(c, row["person_id"])
        except (Erased, KeyError):
            return None
        # Of a ticket that had changed hands before plans knew whose they are, the key is not known.
        return person if person.read(row["sealed"]) is not None else None

    def operations_of(self, c: Connection, proposal_id: int, person: PersonKey) -> list[Operation]:
        return [self._operation(row, person) for row in statements.OPERATIONS_OF.all(c, proposal=proposal_id)]

    def done_on(self, c: Connection, ticket_id: int) -> list[tuple[Operation, PersonKey]]:
        """What was done on a ticket, undone or not, the oldest first; for whomever, if it can still be read, and the
        key of each."""
        ids = c.execute(select(operations.c.id).where(
            operations.c.ticket_id == ticket_id, operations.c.state.in_(("done", "undone")),
            operations.c.kind.in_(statements.CHANGES)).order_by(operations.c.changed_at)).scalars().all()
        return [one for id in ids if (one := self.opened(c, id))]

    def all_held(self, c: Connection, ids: Collection[str]) -> bool:
        """Nobody has resolved one of these by now."""
        return not c.execute(select(operations.c.id).where(
            operations.c.id.in_(ids), operations.c.state != "held").limit(1)).first() if ids else True

    def allowed_by(self, c: Connection, ids: list[str]) -> dict[str, str]:
        """Per operation that was begun, the decision it was last sent on, in words."""
        rows = c.execute(select(audit.c.operation_id, audit.c.public["rule"].astext).where(
            audit.c.operation_id.in_(ids), audit.c.kind == "operation.sent").order_by(audit.c.id))
        return {id: words for id, words in rows if id and words}

    def repeat_for(self, c: Connection, ref: str, action: ActionBase, proposal_id: int, item: int,
                   there: Collection[str]) -> int | None:
        """Which time this is, for an action that somebody agreed to: what an earlier plan did keeps its name, and what
        another item of this plan does.

        So does what was `there` at the vendor when they were asked, although our rows may have forgotten it. None
        while nobody knows whether an earlier time happened.
        """
        repeat = 1
        while (found := statements.OPERATION.first(
                c, id=(id := self.operation_id(ref, action, repeat)))) or id in there:
            if found is None or (id in there and found["state"] in ("planned", "dropped")):
                repeat += 1
                continue
            of_plan = found["proposal_id"] == proposal_id
            beside = of_plan and found["position"] % AFTER_WHAT_CAN_BE_UNDONE != item
            if not beside and (of_plan or found["state"] in ("planned", "dropped")):
                break
            if found["state"] in ("sent", "unknown", "held"):
                return None
            repeat += 1
        return repeat

    def as_it_stands(self, c: Connection, op: Operation) -> Operation:
        """Read again and locked for the rest of the transaction."""
        return replace(op, **statements.AS_IT_STANDS.one(c, id=op.id))

    def unwritten(self, c: Connection, proposal_id: int) -> int | None:
        """How often the CRM activities still to be written were tried, if any is."""
        tried: int | None = statements.UNWRITTEN.one(c, proposal=proposal_id)["attempts"]
        return tried

    def _operation(self, row: Row, person: PersonKey) -> Operation:
        return Operation(
            id=row["id"], ticket_id=row["ticket_id"], proposal_id=row["proposal_id"], position=row["position"],
            kind=row["kind"],
            role=row["role"], target=row["target"], state=row["state"], send=row["send"], attempts=row["attempts"],
            first_sent_at=row["first_sent_at"], reason=row["reason"], reserved=row["reserved"],
            action=_action.validate_python(person.open(row["sealed"])),
            receipt=_receipt.validate_python(person.open(row["receipt"])) if row["receipt"] else None,
            said=person.open(row["said"])["words"] if row["said"] else "",
        )

    def bearing(self, c: Connection, *, ref: str, ticket_id: int, person: PersonKey, customer: str,
                kind: str, action: ActionBase | None, rests_on: tuple[str, ...], contact: str | None, asking: str,
                now: datetime) -> Bearing:
        """What bears on an ask; `asking` is its operation, which does not count as a refund begun."""
        money = action.money if isinstance(action, Refund) else None
        charge = action.target() if action and action.role == "payments" else None
        found = statements.BEARING.one(
            c, id=self.operation_id(ref, action) if action else "", ticket=ticket_id, person=person.id,
            customer=customer, charge=charge, charges=list(rests_on) if money else [], but=asking, contact=contact,
            kind=kind, currency=money.currency if money else "", month_ago=now - timedelta(days=30),
            changed_since=now - JUST_CHANGED, today=now.date(), first_day=now.date() - timedelta(days=29))
        return Bearing(**{**found, "desk_day": found["desk_day"] or {}})

    def paused(self, c: Connection, kind: str) -> str | None:
        """The reason the kill switch gives for this action, or None."""
        row = statements.PAUSED.first(c, kind=kind)
        return None if row is None else (row["reason"] or "paused")

    def sent(self, c: Connection, op: Operation, now: datetime, counted: Counted | None,
             decided: Mapping[str, Any] | None = None) -> Operation | None:
        """Writes the intent, with what allowed it: from here on the operation may have happened.

        None, and nothing is written, when the kill switch holds it back or another pass was first.
        """
        row = statements.SENT.first(c, kind=op.held_back_with, now=now, counted=counted.as_json() if counted else None,
                                    **_told(op, "sent", decided or {}))
        if row is None:
            return None
        if counted:
            self._count(c, counted, +1)
        return replace(op, **row)

    def done(self, c: Connection, op: Operation, receipt: Receipt, person: PersonKey | None,
             now: datetime) -> Operation:
        """Keeps the receipt; what an undo took back is undone with it.

        Without a person, who was erased, only the vendor's ids are kept, and nobody looks at it again.
        """
        body = receipt.model_dump(mode="json")
        ids = {k: body[k] for k in ("id", "entry", "comment", "status", "notified", "request_id") if body.get(k)}
        recheck = now + RECHECKS[0] if isinstance(op.action, Refund) and person else None
        sealed = person.seal(body) if person else None
        row = statements.DONE.first(c, ids=ids, now=now, recheck=recheck, **_told(op, "done", ids, sealed))
        if row is None:
            return self.as_it_stands(c, op)
        if isinstance(op.action, Undo):
            self._undone(c, op.action, op.id, now)
        return replace(op, receipt=receipt, **row)

    def _undone(self, c: Connection, undo: Undo, by: str, now: datetime) -> None:
        """Its money counts no longer."""
        reserved = statements.OPERATION_LOCKED.one(c, id=undo.of)["reserved"]
        public = {"action": undo.action.kind, "target": undo.target(), "by": by}
        gone = statements.UNDONE.first(c, now=now, id=undo.of, told="operation.undone", public=public, sealed=None)
        if gone is not None and reserved:
            self._count(c, Counted.from_json(reserved), -1)

    def to_recheck(self, c: Connection, ticket_id: int, now: datetime) -> list[tuple[Operation, PersonKey]]:
        """Refunds that are to be looked at again, each with the key of whom it was for.

        One that cannot be read any more is left alone from now on.
        """
        found = []
        for row in statements.TO_RECHECK.all(c, ticket=ticket_id, now=now):
            if person := self._key(c, row):
                found.append((self._operation(row, person), person))
            else:
                statements.RECHECKED.run(c, id=row["id"], sealed=row["receipt"], recheck=None, now=now)
        return found

    def rechecked(self, c: Connection, op: Operation, receipt: Receipt | None, person: PersonKey,
                  looked: datetime) -> None:
        """It stood when it was looked at, as its receipt says; the next look follows from when it was sent."""
        first = op.first_sent_at or looked
        later = next((first + after for after in RECHECKS if first + after > looked), None)
        kept = receipt or op.receipt
        sealed = person.seal(kept.model_dump(mode="json")) if kept else None
        statements.RECHECKED.run(c, id=op.id, sealed=sealed, recheck=later, now=looked)

    def not_looked(self, c: Connection, op: Operation, person: PersonKey, looked: datetime, again: datetime) -> None:
        """It could not be looked at, so it is as it was; the next look is at `again`."""
        sealed = person.seal(op.receipt.model_dump(mode="json")) if op.receipt else None
        statements.RECHECKED.run(c, id=op.id, sealed=sealed, recheck=again, now=looked)

    def fell_through(self, c: Connection, op: Operation, receipt: Receipt, person: PersonKey, reason: str,
                     now: datetime) -> None:
        """A refund that was done and was sent back later: its money counts no longer."""
        reserved = statements.OPERATION_LOCKED.one(c, id=op.id)["reserved"]
        body = person.seal(receipt.model_dump(mode="json"))
        gone = statements.FELL_THROUGH.first(c, now=now, reason=_short(reason),
                                             **_told(op, "fell_through", {"reason": _short(reason)}, body))
        if gone is not None and reserved:
            self._count(c, Counted.from_json(reserved), -1)

    def look_no_more(self, c: Connection, ticket_id: int, person: str | None = None) -> None:
        """The ticket is gone, or this person forgotten: nobody could be told."""
        statements.LOOK_NO_MORE.run(c, ticket=ticket_id, person=person)

    def not_done(self, c: Connection, op: Operation, state: str, reason: str, now: datetime,
                 said: tuple[str, PersonKey] | None = None) -> Operation:
        """rejected, dropped, or back to planned: nothing happened at the vendor, so nothing counts.

        What another pass has sent, looked for, finished or freed meanwhile is returned as it stands. `said` is the
        reason in the vendor's own words, which are sealed under this key.
        """
        row = statements.NOT_DONE.first(
            c, state=state, reason=_short(reason), now=now, frees=bool(op.reserved), attempts=op.attempts,
            said=_sealed(said), **_told(op, state, {"reason": _short(reason)}))
        if row is None:
            return self.as_it_stands(c, op)
        if op.reserved:
            self._count(c, Counted.from_json(op.reserved), -1)
        return replace(op, **row, said=said[0] if said else "")

    def put_off(self, c: Connection, op: Operation, reason: str, before: datetime, within: timedelta) -> bool:
        """Something of this kind in its plan was put back to planned for this reason, `within` the time before that."""
        of_plan = select(operations.c.id).where(
            operations.c.proposal_id == op.proposal_id, operations.c.kind == op.kind)
        return c.execute(select(audit.c.id).where(
            audit.c.ticket_id == op.ticket_id, audit.c.kind == "operation.planned", audit.c.operation_id.in_(of_plan),
            audit.c.public["reason"].astext == _short(reason), audit.c.at.between(before - within, before),
        ).limit(1)).first() is not None

    def unknown(self, c: Connection, op: Operation, state: str, reason: str, now: datetime,
                sealed: bytes | None = None, said: tuple[str, PersonKey] | None = None) -> Operation:
        """unknown or held: it may have happened, so it goes on counting; what was finished meanwhile stays so.

        `sealed` is what stands at the vendor instead of what was asked for; `said` as for `not_done`.
        """
        row = statements.NOT_SETTLED.first(c, state=state, reason=_short(reason), now=now, attempts=op.attempts,
                                           said=_sealed(said), **_told(op, state, {"reason": _short(reason)}, sealed))
        return self.as_it_stands(c, op) if row is None else replace(op, **row, said=said[0] if said else "")

    def tried_again(self, c: Connection, op: Operation, now: datetime, state: str = "sent") -> Operation | None:
        """Counts a further look or send; None when another pass has tried or finished it since it was read."""
        row = statements.TRIED.first(c, id=op.id, state=state, now=now, attempts=op.attempts)
        return None if row is None else replace(op, **row)

    def changed_at(self, c: Connection, id: str) -> datetime:
        moment: datetime = c.execute(select(operations.c.changed_at).where(operations.c.id == id)).scalar_one()
        return moment

    def lock_totals(self, c: Connection, charge: str, customer: str, currency: str) -> None:
        """Locks charge, customer and desk, whatever the currency, in that order for the rest of the transaction."""
        statements.LOCK_TOTALS.run(c, charge=charge, customer=customer, currency=currency)

    def _count(self, c: Connection, counted: Counted, sign: int) -> None:
        statements.COUNT.run(
            c, charge=counted.charge, customer=counted.customer, day=counted.day, currency=counted.money.currency,
            attended=counted.attended, hour=counted.hour, amount=sign * counted.money.amount, times=sign)


def _told(op: Operation, became: str, public: Mapping[str, Any], sealed: bytes | None = None) -> dict[str, Any]:
    """What the audit says of an operation's change, as the statements take it."""
    return {"id": op.id, "told": f"operation.{became}", "public": {"action": op.kind, "target": op.target, **public},
            "sealed": sealed}


def _sealed(said: tuple[str, PersonKey] | None) -> bytes | None:
    return said[1].seal({"words": said[0]}) if said else None


_ADDRESS = re.compile(r"[^\s@<>()\[\]:;,\"]{1,64}@[^\s@<>()\[\]:;,\"']{1,255}")


def _short(text: str) -> str:
    """A reason as a column can hold it: vendors and models may say anything, and quote an address that is erased with
    nobody's key."""
    return _ADDRESS.sub("(address)", text.replace("\0", "").encode("utf-8", "replace").decode())[:500]
