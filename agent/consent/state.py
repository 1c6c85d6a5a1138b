"""A ticket at a glance, for the colleague who looks at it: read from the ledger, without asking any vendor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, RowMapping, select

from agent import note, switch
from agent.case import paid_with
from agent.consent import undoing, waits
from agent.consent.approval import Colleague
from agent.consent.card import Holding, answered_by, cards, sentence
from agent.consent.shown import (
    Card,
    CrmContact,
    Customer,
    Done,
    Me,
    Payment,
    ShadowItem,
    State,
    Status,
    Sum,
    Undoing,
)
from agent.consent.trail import trail
from agent.consent.waits import Wait
from agent.desk import Desk
from agent.facts import Facts
from agent.ledger import Operation
from agent.plan import AFTER_WHAT_CAN_BE_UNDONE, Item, Plan, would
from agent.policy import Policy
from agent.scope import PERSON
from agent.tables import audit as records
from agent.tables import operations, proposals, tickets
from agent.tables import waits as asked
from agent.vault import Erased, PersonKey
from connectors.contract import Charge, ContactField, RefundReceipt, digest

MATCH = {
    "by_email": "Matched by e-mail only: not verified",
    "guest_checkouts": "Several guest checkouts under this e-mail address: not verified",
    "by_order": "Found by the order number only: nothing says that it is theirs",
    "ambiguous": "Several customers with this e-mail address: not clear which one",
    "none": "No customer with this e-mail address was found",
}
MODES = ("off", "shadow", "draft", "execute")
MOST_PAYMENTS = 5
ERASED = "The requester was erased. What they asked, and what was done for them, cannot be shown any more."


@dataclass(frozen=True)
class Viewer:
    """Who looks, as the helpdesk says."""

    colleague: Colleague
    admin: bool

    def me(self) -> Me:
        return Me(name=self.colleague.name, role=self.colleague.role, admin=self.admin)


def state_of(desk: Desk, ref: str, viewer: Viewer) -> State:
    """The whole of it, as of now."""
    with desk.ledger.glance() as c:
        state = _Reading(c, desk, ref, viewer).state()
    return state.model_copy(update={"digest": digest(state.model_dump(mode="json"))})


class _Reading:
    """One look at the rows of one ticket."""

    def __init__(self, c: Connection, desk: Desk, ref: str, viewer: Viewer) -> None:
        self.c, self.desk, self.ref, self.viewer = c, desk, ref, viewer
        self.row = c.execute(select(tickets).where(tickets.c.ref == ref)).mappings().first()
        self.pauses = [*switch.of_file(desk.stop_file), *switch.pauses(c)]
        self.policy = desk.policy(c)

    def state(self) -> State:
        common: dict[str, Any] = {
            "ticket": self.ref, "link": self.desk.helpdesk(self.ref).link(self.ref), "me": self.viewer.me(),
            "mode": _mode(self.policy), "paused": "; ".join(one.in_words() for one in self.pauses) or None}
        if self.row is None:
            return State(**common, status="idle", words="Deskhand has not looked at this ticket yet.")
        if self.row["person_id"] is None:
            return State(**common, **self._plain(self.row), trail=trail(self.c, self.row["id"], None))
        try:
            person = self.desk.ledger.vault.person_by_id(self.c, self.row["person_id"])
        except Erased:
            return State(**common, status="idle", words=ERASED, trail=trail(self.c, self.row["id"], None))
        return State(**common, **self._whole(self.row, person))

    def _plain(self, row: RowMapping) -> dict[str, Any]:
        """Of a ticket whose requester was not read: nothing personal is kept."""
        if row["taken_at"] is not None or _is_a_persons(row):
            return {"status": "taken_over", "words": TAKEN}
        if row["state"] == "new":
            return {"status": "working", "words": "Deskhand is about to look at this ticket."}
        return {"status": "idle", "words": _idle(row["why"])}

    def _whole(self, row: RowMapping, person: PersonKey) -> dict[str, Any]:
        proposal = self.c.execute(select(proposals).where(proposals.c.ticket_id == row["id"]).order_by(
            proposals.c.id.desc()).limit(1)).mappings().first()
        kept = person.read(proposal["sealed"]) if proposal else None
        plan = Plan.model_validate(kept) if kept else None
        facts = self._facts(row, person) if proposal else None
        requester = facts.conversation.requester() if facts else None
        shown = cards(Holding(self.c, self.desk, person, requester, plan, self.viewer.colleague), row["id"])
        done = self._done(row, person)
        status = self._status(row, proposal, shown)
        return {"status": status, "words": self._words(status, row, plan, shown, done, person), "cards": shown,
                "done": done, "customer": _customer(facts) if facts else None,
                "trail": trail(self.c, row["id"], person),
                "shadow": _shadow(plan) if plan and row["shadow"] else ()}

    def _facts(self, row: RowMapping, person: PersonKey) -> Facts | None:
        """What the newest plan was made on."""
        sealed = self.c.execute(select(records.c.sealed).where(
            records.c.ticket_id == row["id"], records.c.kind == "ticket.planned",
            records.c.sealed.is_not(None)).order_by(records.c.id.desc()).limit(1)).scalar()
        kept = person.read(sealed)
        return Facts.model_validate(kept["facts"]) if kept else None

    # --- what stands ---

    def _status(self, row: RowMapping, proposal: RowMapping | None, shown: tuple[Card, ...]) -> Status:
        if self._held(row):
            return "held"
        if row["taken_at"] is not None:
            return "taken_over"
        if proposal is not None and proposal["closed_at"] is None:
            return "paused" if self._is_held_back(row) else "working"
        if shown:
            return "waiting"
        if _is_a_persons(row) or (row["state"] == "parked" and self._rests(row)):
            return "taken_over"
        if row["shadow"]:
            return "shadow"
        return ENDED.get(row["state"], "idle")

    def _held(self, row: RowMapping) -> list[str]:
        return list(self.c.execute(select(operations.c.kind).where(
            operations.c.ticket_id == row["id"], operations.c.state == "held")).scalars())

    def _is_held_back(self, row: RowMapping) -> bool:
        kinds = set(self.c.execute(select(operations.c.kind).where(
            operations.c.ticket_id == row["id"], operations.c.state.in_(("planned", "sent", "unknown")))).scalars())
        return any(one.action == switch.ALL or one.action in kinds for one in self.pauses)

    def _rests(self, row: RowMapping) -> bool:
        """What was waited for ended because a person took over."""
        return bool(waits.of_ticket(self.c, row["id"], ("away",)))

    def _words(self, status: Status, row: RowMapping, plan: Plan | None, shown: tuple[Card, ...],
               done: tuple[Done, ...], person: PersonKey) -> str:
        if status == "waiting":
            return "; ".join(f"{card.for_whom_words}: {card.title}" for card in shown) + "."
        if status == "shadow" and plan:
            return ("Deskhand only watches here and did nothing. It would have "
                    + "; ".join(f"{_would(item)}: {item.words}" for item in _told(plan)) + ".")
        if status == "done" and done:
            return "Done: " + "; ".join(one.words for one in done) + "."
        if status in ("handed_over", "refused"):
            return f"A person goes on: {self._stopped(row, plan, person)}."
        if status == "paused":
            return "Paused: " + "; ".join(one.in_words() for one in self.pauses) + "."
        return WORDS.get(status) or _idle(row["why"])

    def _stopped(self, row: RowMapping, plan: Plan | None, person: PersonKey) -> str:
        """Why, in the words of whoever ended it, or of the decision."""
        if row["why"]:
            return str(row["why"])
        ended = [wait for wait in waits.of_ticket(self.c, row["id"], ENDED_BY) if wait.state in ENDED_BY]
        if ended:
            return _ended(ended[-1], person)
        items = plan.items if plan else ()
        reasons = [item.decision.in_words() if item.decision and not item.unsure else item.words for item in items
                   if item.how != "repeat"]
        return "; ".join(dict.fromkeys(reasons)).rstrip(".") or "somebody should look"

    # --- what was done ---

    def _done(self, row: RowMapping, person: PersonKey) -> tuple[Done, ...]:
        found = self.desk.ledger.done_on(self.c, row["id"], person)
        agreed = [Wait(**one) for one in self.c.execute(select(asked).where(
            asked.c.ticket_id == row["id"], asked.c.state == "used")).mappings()]
        return tuple(_one_done(one, agreed, person) for one in found)


TAKEN = "A colleague has taken this ticket over. Deskhand does nothing here until it is given back."
ENDED: Mapping[str, Status] = {"done": "done", "answered": "answered", "handed_over": "handed_over",
                               "refused": "refused", "acting": "working", "new": "working"}
WORDS: Mapping[str, str] = {
    "working": "Deskhand is working on this ticket.", "answered": "The customer’s question was answered.",
    "done": "Done.", "taken_over": TAKEN,
    "held": "Nobody knows yet whether it happened. Look at the vendor before you do it again; an administrator then "
            "releases it with deskhand held resolve.",
}
ENDED_BY = ("declined", "expired", "unclear", "person")


def _is_a_persons(row: RowMapping) -> bool:
    """A colleague was on it before anything was done."""
    return (row["state"], row["why"]) == ("ignored", PERSON)


def _idle(why: str) -> str:
    return f"Deskhand has nothing to do here: {why}." if why else "Deskhand has nothing to do here."


def _ended(wait: Wait, person: PersonKey) -> str:
    whom = "the customer" if wait.for_whom == waits.CUSTOMER else note.COLLEAGUE[wait.for_whom]
    if wait.state == "declined" and wait.by != waits.CUSTOMER:
        said = person.read(wait.sealed) or {}
        return f"{said.get('name', 'somebody')} declined it: {said.get('reason', 'no reason was given')}"
    return {"declined": "the customer said no", "expired": f"{whom} did not answer in time",
            "unclear": "the customer’s answer was neither yes nor no"}.get(
        wait.state, "the customer asks for a person")


def _mode(policy: Policy | None) -> str:
    """The most that any action may do."""
    return max((row.mode for row in policy.actions.values()), key=MODES.index, default="off") if policy else "off"


def _one_done(operation: Operation, agreed: list[Wait], person: PersonKey) -> Done:
    mine = [wait for wait in agreed if wait.proposal_id == operation.proposal_id
            and wait.position == operation.position % AFTER_WHAT_CAN_BE_UNDONE]
    can, words = undoing.possible(operation)
    receipt = operation.receipt
    name = f"Refund {receipt.money}" if isinstance(receipt, RefundReceipt) else operation.kind.replace("_", " ")
    return Done(operation=operation.id, title=sentence(name), words=note.done_words(operation),
                state="undone" if operation.state == "undone" else "done",
                at=receipt.at if receipt else operation.first_sent_at,
                by=tuple(answered_by(wait, person) for wait in mine),
                undo=Undoing(possible=can, words=f"{sentence(words)}.",
                             digest=undoing.receipt_digest(operation) if can else None))


# ---------------------------------------------------------------- the customer, and what would have been done


def _customer(facts: Facts) -> Customer:
    requester, contact = facts.conversation.requester(), facts.contact()
    values = contact.values if contact else {}
    return Customer(
        name=requester.name if requester else "unknown", email=facts.email(), match_words=MATCH[facts.match],
        payments=tuple(_payment(charge) for charge in facts.charges[:MOST_PAYMENTS]),
        contact=CrmContact(id=contact.id, name=contact.name, account=contact.account_name,
                           phone=_text(values.get(ContactField.PHONE)), mobile=_text(values.get(ContactField.MOBILE)),
                           ) if contact else None,
        read_at=facts.read_at)


def _text(value: str | bool | None) -> str | None:
    return value if isinstance(value, str) else None


def _payment(charge: Charge) -> Payment:
    state: str = "disputed" if charge.disputed else "paid" if charge.status == "succeeded" else charge.status
    if charge.refunded.amount:
        state = "refunded" if charge.left().amount <= 0 else "partly refunded"
    return Payment(charge=charge.id, amount=Sum.of(charge.money), date=charge.created, state=state,
                   refunded=Sum.of(charge.refunded) if charge.refunded.amount else None,
                   method=paid_with(charge.method))


def _told(plan: Plan) -> list[Item]:
    return [item for item in plan.items if item.how != "repeat"]


def _would(item: Item) -> str:
    return note.WOULD_HAVE.get(would(item), note.HANDED_OVER)


def _shadow(plan: Plan) -> tuple[ShadowItem, ...]:
    return tuple(ShadowItem(
        title=sentence(item.words), words=f"It would have {_would(item)}.",
        quote=item.summary.quote if item.summary else "", rule=item.decision.in_words() if item.decision else "",
        claim=item.summary.claim.replace("_", " ") if item.summary and item.summary.claim else None,
        proven=item.summary.proof.proven if item.summary else None,
        why_proven=item.summary.proof.words if item.summary else "") for item in _told(plan))
