"""One line of a report: what was asked on a ticket, what Deskhand would have done, and what people did about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

from agent.ground import Ask, Ungrounded
from agent.plan import Item, Plan, would
from agent.policy import Decision
from connectors.contract import Charge, Money, Refund


class Would(StrEnum):
    """What Deskhand would have done, the least supervised first."""

    DONE = "done"
    ANSWERED = "answered"
    CONFIRM = "confirm"
    APPROVE = "approve"
    BOTH = "confirm_and_approve"
    DRAFT = "draft"
    REFUSED = "refused"
    HANDED_OVER = "handed_over"
    SILENT = "silent"


class People(StrEnum):
    """What people did within seven days."""

    SAME = "same"
    OTHER_AMOUNT = "other_amount"
    OTHER_CHARGE = "other_charge"
    NOTHING = "nothing"
    NOT_YET = "not_yet"
    """Nothing so far, and the seven days are not over."""
    BY_DESKHAND = "by_deskhand"
    """Deskhand refunded itself, and nobody else did."""
    NOT_KNOWN = "not_known"
    """Nothing was read to compare with."""


class Disagreement(StrEnum):
    """Where the two differ, what must be read first before anything else."""

    WOULD_PAY = "would_pay"
    HELD_BACK = "held_back"
    DIFFERS = "differs"


Kind = Literal["refund", "contact_change", "status_answer", "unclear", "none"]


@dataclass(frozen=True)
class Line:
    ref: str
    asked_at: datetime
    """When the customer's message was written."""
    kind: Kind
    """"unclear": a person would have had to find out what is asked; "none": nothing that Deskhand does."""
    name: str
    """The same name on the same ticket is the same ask."""
    would: Would
    approve_by: str | None = None
    rules: tuple[str, ...] = ()
    """The rules and limit steps that decided."""
    because: str = ""
    claim: str | None = None
    charge: str | None = None
    money: Money | None = None
    people: People = People.NOT_KNOWN
    paid: Money | None = None
    """What people refunded."""
    paid_on: str | None = None
    """The charge they refunded."""
    took: timedelta | None = None
    """From the customer's message to their last refund."""
    link: str = ""
    books: tuple[Charge, ...] | None = field(default=None, repr=False, compare=False)
    """The requester's charges as they stand now; None when they were not read."""

    def disagreement(self) -> Disagreement | None:
        """None also where people did nothing about what Deskhand would have asked them about."""
        if self.would is Would.DONE and self.kind == "refund":
            return self._having_paid()
        if self.people is People.SAME or (self.kind != "refund" and self.people is People.OTHER_CHARGE):
            return Disagreement.HELD_BACK
        return Disagreement.DIFFERS if self.people in (People.OTHER_AMOUNT, People.OTHER_CHARGE) else None

    def _having_paid(self) -> Disagreement | None:
        if self.people in (People.NOTHING, People.OTHER_CHARGE):
            return Disagreement.WOULD_PAY
        if self.people is People.OTHER_AMOUNT and self.paid and self.money:
            return Disagreement.WOULD_PAY if self.paid.amount < self.money.amount else Disagreement.DIFFERS
        return None


def lines_of(ref: str, at: datetime, made: Plan, asks: list[Ask | Ungrounded],
             books: tuple[Charge, ...] | None) -> list[Line]:
    """A line for each thing asked, in the plan's order; one that says why when nothing asked could be made out."""
    reasons = [item.words for item in made.items if item.how == "unsure"]
    unsure = made.planned is None or made.planned.proposal.unsure is not None
    if not asks:
        return [unclear(ref, at, "; ".join(reasons) or "it is not clear what is asked", books)]
    return [line_of(ref, at, made.items[n], ask, unsure=unsure, books=books) for n, ask in enumerate(asks)]


def line_of(ref: str, asked_at: datetime, item: Item, ask: Ask | Ungrounded, *, unsure: bool,
            books: tuple[Charge, ...] | None) -> Line:
    """`unsure`: the planner asked for a person to read first, so nothing would have been done."""
    if isinstance(ask, Ungrounded):
        return unclear(ref, asked_at, str(ask), books)
    decision, action = item.decision, ask.action
    made = Line(ref, asked_at, _kind(ask), item.operation or item.words,
                Would.HANDED_OVER if unsure else what_would_be(item), claim=str(ask.claim) if ask.claim else None,
                because="the planner asked for a person to read it first" if unsure else _because(decision),
                rules=() if unsure or decision is None else tuple(hit.id for hit in decision.by), books=books)
    if made.would in (Would.APPROVE, Would.BOTH) and decision:
        made = replace(made, approve_by=decision.approve_by)
    return replace(made, charge=action.charge, money=action.money) if isinstance(action, Refund) else made


def unclear(ref: str, asked_at: datetime, why: str, books: tuple[Charge, ...] | None) -> Line:
    return Line(ref, asked_at, "unclear", "unclear", Would.HANDED_OVER, because=why, books=books)


def silent(ref: str, asked_at: datetime, why: str, books: tuple[Charge, ...] | None) -> Line:
    return Line(ref, asked_at, "none", "none", Would.SILENT, because=why, books=books)


def _kind(ask: Ask) -> Kind:
    kinds: dict[str, Kind] = {"refund": "refund", "contact_change": "contact_change", "status_answer": "status_answer"}
    return kinds.get(ask.kind, "unclear")


def what_would_be(item: Item) -> Would:
    """As if the action were switched on for everybody, where its mode is shadow; else as mode and rollout say."""
    ending = "handed_over" if item.how == "unsure" else would(item)
    if ending == "parked" and item.decision:
        return _duties(item, item.decision)
    return {"done": Would.DONE, "answered": Would.ANSWERED, "refused": Would.REFUSED, "draft": Would.DRAFT,
            "off": Would.SILENT}.get(ending, Would.HANDED_OVER)


def _duties(item: Item, decision: Decision) -> Would:
    if decision.confirm and (decision.approve_by or item.why_pressed()):
        return Would.BOTH
    return Would.CONFIRM if decision.confirm else Would.APPROVE


def _because(decision: Decision | None) -> str:
    return "; ".join(hit.because for hit in decision.by) if decision else ""


def one_per_ask(lines: Iterable[Line]) -> list[Line]:
    """The same ask on the same ticket once, as Deskhand would have been least supervised in it, and the earliest.

    What was unclear, or no ask, at first goes once the ticket asks for a refund; silence goes once it asks anything.
    """
    kept: dict[tuple[str, str], Line] = {}
    for line in sorted(lines, key=lambda one: (one.asked_at, one.ref)):
        before = kept.get((line.ref, line.name))
        if before is None or _rank(line) < _rank(before):
            kept[line.ref, line.name] = line
    asks = {(line.ref, line.kind) for line in kept.values()}
    return [line for line in kept.values() if not _overtaken(line, asks)]


def _overtaken(line: Line, asks: set[tuple[str, Kind]]) -> bool:
    others: dict[Kind, tuple[Kind, ...]] = {
        "unclear": ("refund",), "none": ("refund", "contact_change", "status_answer", "unclear")}
    return any((line.ref, kind) in asks for kind in others.get(line.kind, ()))


def _rank(line: Line) -> int:
    return list(Would).index(line.would)
