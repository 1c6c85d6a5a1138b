"""A ticket at a glance, for the colleague who looks at it: read from the ledger, without asking any vendor."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, RowMapping, func, select

from agent import note, switch, untold
from agent.aftermath import BY_HAND, step
from agent.case import paid_with
from agent.consent import undoing, waits
from agent.consent.agreement import why_ended
from agent.consent.approval import Colleague
from agent.consent.card import (
    Holding,
    answered_by,
    cards,
    claim,
    day,
    in_short,
    rules,
    value,
    why_proven,
    without,
)
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
from agent.consent.states import ENDINGS
from agent.consent.trail import trail
from agent.consent.waits import Wait
from agent.desk import Desk
from agent.endings import NOTE_REFUSED, RESOLVE, plainly, sentence
from agent.facts import Facts
from agent.ledger import AFTER_WHAT_CAN_BE_UNDONE, Operation
from agent.masking import mask_cards
from agent.plan import Item, Plan, would
from agent.policy import Decision, Policy
from agent.reply import in_order
from agent.scope import PERSON
from agent.statements import CHANGES
from agent.tables import audit as records
from agent.tables import operations, proposals, tickets
from agent.vault import Erased, PersonKey
from connectors.contract import Charge, ContactChange, ContactField, ContactReceipt, Refund, RefundReceipt, Undo, digest

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
            "mode": _mode(self.policy), "paused": self._paused() or None,
            "taken": self.row["taken_at"] if self.row else None}
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

    def _paused(self) -> str:
        return " ".join(_held_back(one) for one in self.pauses)

    def _whole(self, row: RowMapping, person: PersonKey) -> dict[str, Any]:
        proposal = self.c.execute(select(proposals).where(proposals.c.ticket_id == row["id"]).order_by(
            proposals.c.id.desc()).limit(1)).mappings().first()
        kept = person.read(proposal["sealed"]) if proposal else None
        plan = Plan.model_validate(kept) if kept else None
        facts = self._facts(row, person) if proposal else None
        requester = facts.conversation.requester() if facts else None
        shown = cards(Holding(self.c, self.desk, person, requester, plan, self.viewer.colleague), row["id"])
        done = self._done(row)
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

    def _status(self, row: RowMapping, proposal: RowMapping | None, shown: tuple[Card, ...]) -> Status:
        if self._held(row["id"]):
            return "held"
        if row["taken_at"] is not None:
            return "taken_over"
        if proposal is not None and proposal["closed_at"] is None:
            return "paused" if self._is_held_back(row) else "working"
        if shown:
            return "waiting"
        if self._is_to_be_undone(row["id"]):
            return "paused" if self._is_held_back(row) else "working"
        if _is_a_persons(row) or (row["state"] == "parked" and self._rests(row)):
            return "taken_over"
        if row["shadow"]:
            return "shadow"
        if row["state"] == "answered" and not all(map(
                untold.told_of_all, self.desk.ledger.to_be_told(self.c, row["id"])[-1:])):
            return "handed_over"
        return ENDED.get(row["state"], "idle")

    def _held(self, ticket_id: int) -> list[str]:
        return list(self.c.execute(select(operations.c.id).where(
            operations.c.ticket_id == ticket_id, operations.c.state == "held")).scalars())

    def _is_to_be_undone(self, ticket_id: int) -> bool:
        """Somebody asked for an undo that is not done yet, perhaps because its vendor is away."""
        return self.c.execute(select(operations.c.id).where(
            operations.c.ticket_id == ticket_id, operations.c.kind == "undo",
            operations.c.state.in_(("planned", "sent", "unknown"))).limit(1)).first() is not None

    def _is_held_back(self, row: RowMapping) -> bool:
        left = self.c.execute(select(*operations.c["id", "kind"]).where(
            operations.c.ticket_id == row["id"], operations.c.state.in_(("planned", "sent", "unknown")))).all()
        kinds = {self._held_back_with(one.id) if one.kind == "undo" else one.kind for one in left}
        return any(one.action == switch.ALL or one.action in kinds for one in self.pauses)

    def _held_back_with(self, undo: str) -> str:
        operation = self.desk.ledger.operation(self.c, undo)
        return operation.held_back_with if operation else ""

    def _rests(self, row: RowMapping) -> bool:
        """What was waited for ended because a person took over."""
        return bool(waits.of_ticket(self.c, row["id"], ("away",)))

    def _words(self, status: Status, row: RowMapping, plan: Plan | None, shown: tuple[Card, ...],
               done: tuple[Done, ...], person: PersonKey) -> str:
        if status == "waiting":
            whose = list(dict.fromkeys(card.for_whom_words for card in shown))
            return f"{whose[0] if len(whose) == 1 else SEVERAL.format(n=len(shown))}."
        if status == "done" and done:
            return self._all_done(row, done)
        if status == "handed_over" and row["state"] == "answered":
            return ANSWER
        if status in ("handed_over", "refused"):
            then = f"{sentence(step(row['why']))}." if step(row["why"]) else ANSWER
            return f"{self._stopped(row, plan, person)} {then}"
        if status == "paused":
            return self._paused()
        if status == "taken_over" and row["why"] == BY_HAND:
            return TAKEN_BY_REFUND
        if status == "held":
            return self._held_words(self._held(row["id"]))
        return WORDS.get(status) or _idle(row["why"])

    def _stopped(self, row: RowMapping, plan: Plan | None, person: PersonKey) -> str:
        """What was not done, and why: in the words of whoever ended it, or of the decision."""
        if row["why"]:
            return f"{sentence(str(row['why']))}."
        carried = self._carried_out(row)
        items = [item for n, item in enumerate(plan.items) if item.how != "repeat" and carried.get(n) != "" and (
            n in carried or item.how not in ("go", "answer"))] if plan else []
        numbers = (*plan.handles.values(),) if plan else ()
        asked = "; ".join(dict.fromkeys(without(item.words, numbers) for item in items if item.summary))
        latest = waits.of_ticket(self.c, row["id"], ENDED_BY)
        ended = {one.position: why_ended(one, person) for one in latest if one.proposal_id == latest[-1].proposal_id}
        others = [_because(item) for n, item in enumerate(plan.items) if item in items and not (
            n in ended or carried.get(n))] if plan else []
        why = "; ".join(dict.fromkeys(one for one in (
            *ended.values(), *carried.values(), *others, self._still_handed_over(row)) if one))
        return " ".join(f"{sentence(one).rstrip('.')}." for one in (
            f"not done: {asked}" if asked else "", why or "somebody should look") if one)

    def _still_handed_over(self, row: RowMapping) -> str:
        """What a plan before the latest one left to a person."""
        latest = self.c.execute(select(func.max(proposals.c.id)).where(proposals.c.ticket_id == row["id"])).scalar()
        at = untold.handed_over(self.c, self.desk.ledger, row["id"], latest) if latest else None
        return f"still with you: what was handed over on {day(at)} {at:%H:%M} UTC" if at else ""

    def _carried_out(self, row: RowMapping) -> dict[int, str]:
        """By item of the latest plan: "" for what was done, or why it was refused."""
        latest = select(func.max(proposals.c.id)).where(proposals.c.ticket_id == row["id"]).scalar_subquery()
        found = self.c.execute(select(operations.c.position, operations.c.state, operations.c.reason).where(
            operations.c.proposal_id == latest, operations.c.kind.in_(CHANGES),
            operations.c.state.in_(("done", "rejected"))))
        return {one.position % AFTER_WHAT_CAN_BE_UNDONE: "" if one.state == "done" else _refused(one.reason)
                for one in found}

    def _held_words(self, ids: list[str]) -> str:
        found = [one for one in (self.desk.ledger.operation(self.c, id) for id in ids) if one]
        not_known = [one for one in found if not one.reason.startswith(NOTE_REFUSED)]
        said = [NOT_WRITTEN] if len(not_known) < len(found) else []
        if not_known or not found:
            said = [f"Nobody knows whether this happened: {'; '.join(map(_what, not_known))}.", LOOK_FIRST, *said]
        return " ".join((*said, *(f"An administrator then settles it with “{RESOLVE.format(id)}”." for id in ids)))

    def _all_done(self, row: RowMapping, done: tuple[Done, ...]) -> str:
        if all(one.state == "undone" for one in done):
            return "What was done here was taken back."
        return "Done, and the customer was told." if self._told_of_all(row) else "Done. The customer was not told."

    def _told_of_all(self, row: RowMapping) -> bool:
        """The helpdesk recorded that the customer was notified of all that was done and that still stands."""
        done = [one for one in self.desk.ledger.to_be_told(self.c, row["id"]) if one.changed()]
        return bool(done) and all(map(untold.told_of_all, done))

    def _done(self, row: RowMapping) -> tuple[Done, ...]:
        found = self.desk.ledger.done_on(self.c, row["id"])
        agreed = waits.of_ticket(self.c, row["id"], ("used",))
        return tuple(_one_done(self.desk, one, agreed, person) for one, person in found)


TAKEN_BY_REFUND = ("A colleague refunded it by hand at the payment provider. Deskhand does nothing here until the "
                   "ticket is given back.")
TAKEN = "A colleague has taken this ticket over. Deskhand does nothing here until it is given back."
ENDED: Mapping[str, Status] = {"done": "done", "answered": "answered", "handed_over": "handed_over",
                               "refused": "refused", "acting": "working", "new": "working"}
ANSWER = "Please answer the customer."
SEVERAL = "{n} things wait for an answer; each card says whose"
WORDS: Mapping[str, str] = {
    "working": "Deskhand is working on this ticket.", "answered": "The customer’s question was answered.",
    "done": "Done.", "taken_over": TAKEN, "shadow": "Deskhand only watches here, and did nothing.",
}
IDLE = {"nothing is asked that we do": "The customer asks for nothing that Deskhand does.",
        "no new message": "There is no new message from the customer.",
        "thanks": "The customer says thank you and asks for nothing.",
        "newsletter reply": "The customer answers a newsletter and asks for nothing.",
        "auto-reply": "What came is an automatic reply.",
        "bounce": "What came is an e-mail that could not be delivered.",
        "mailing list": "What came was sent to a mailing list.",
        "machine-made mail": "What came was written by a program.",
        "no-reply sender": "What came is from an address that takes no answers.",
        "internal note": "What is new is an internal note.",
        "written by somebody else": "What is new was written by somebody else than the customer."}
NOT_WRITTEN = "The helpdesk refused Deskhand’s note, so what happened stands only below."
LOOK_FIRST = "Look where it would have been done before you do it again."
PAUSED = {switch.ALL: "Everything", "refund": "Refunding", "contact_change": "Changing contact details",
          "log_activity": "Writing activities in the CRM", "ticket_update": "Writing on tickets"}
ENDED_BY = tuple(state for state in ENDINGS if state != "away")
"""A ticket that a person took over says so itself."""


def _is_a_persons(row: RowMapping) -> bool:
    """A colleague was on it before anything was done."""
    return (row["state"], row["why"]) == ("ignored", PERSON)


def _idle(why: str) -> str:
    return IDLE.get(why) or (f"{sentence(why)}." if why else "Deskhand has nothing to do here.")


def still_paused(pauses: Iterable[switch.Pause]) -> str:
    """What is held back yet after somebody resumed, and how each is lifted; empty where nothing is."""
    lifts = [f"{_held_back(one)} On the server “{one.lifted_by()}” lifts it." for one in pauses]
    return " ".join(("Not everything goes on.", *lifts)) if lifts else ""


def _held_back(pause: switch.Pause) -> str:
    """"Refunding has been paused since 20 Nov 2026 09:00 UTC by Ada: “a wrong refund”."."""
    since = (f"has been paused since {day(pause.at)} {pause.at:%H:%M} UTC" if pause.at
             else "is paused on this machine")
    why = f": “{pause.reason}”" if pause.reason else ""
    return f"{PAUSED.get(pause.action, pause.action)} {since} by {pause.by}{why}."


def _because(item: Item) -> str:
    decision = item.decision
    if decision is None or item.unsure or not decision.by:
        return item.words
    return "; ".join(hit.because for hit in decision.by)


def _what(operation: Operation) -> str:
    action = operation.action.action if isinstance(operation.action, Undo) else operation.action
    words = in_short(action) if isinstance(action, Refund | ContactChange) else operation.kind.replace("_", " ")
    words = f"{words[:1].lower()}{words[1:]}"
    return f"taking back: {words}" if isinstance(operation.action, Undo) else words


def _refused(reason: str) -> str:
    said = plainly(reason)
    return f"it was refused: {said}" if said != reason else reason or "it was refused"


def _mode(policy: Policy | None) -> str:
    """The most that any action may do."""
    return max((row.mode for row in policy.actions.values()), key=MODES.index, default="off") if policy else "off"


def _one_done(desk: Desk, operation: Operation, agreed: list[Wait], person: PersonKey) -> Done:
    mine = [wait for wait in agreed if wait.proposal_id == operation.proposal_id
            and wait.position == operation.item]
    can, words = undoing.possible(operation)
    receipt = operation.receipt
    return Done(operation=operation.id, title=sentence(_what(operation)), words=_done_words(operation),
                state="undone" if operation.state == "undone" else "done",
                at=receipt.at if receipt else operation.first_sent_at,
                by=tuple(answered_by(wait, person) for wait in mine),
                receipt=receipt.id if isinstance(receipt, RefundReceipt) else None,
                undo=Undoing(possible=can, words=f"{sentence(words)}.",
                             digest=undoing.receipt_digest(desk, operation) if can else None))


REFUNDED = {"succeeded": "was sent back to", "pending": "is on its way to",
            "requires_action": "waits for the customer’s bank details; it was paid with",
            "failed": "did not reach", "canceled": "was not sent to"}
"""By the receipt's status."""


def _done_words(operation: Operation) -> str:
    """What stands now, from the receipt."""
    receipt = operation.receipt
    if isinstance(receipt, RefundReceipt):
        state = "canceled" if operation.state == "undone" else receipt.status
        return f"{receipt.money} {REFUNDED[state]} {paid_with(receipt.method)}."
    if isinstance(receipt, ContactReceipt):
        before, after = receipt.before, in_order(receipt.after)
        if operation.state == "undone":
            return " ".join(f"{_named(name)}: {value(before.get(name))} again." for name in after)
        return " ".join(f"{_named(name)}: {value(before.get(name))} → {value(now)}." for name, now in after.items())
    return f"{sentence(note.done_words(operation))}."


def _named(name: str) -> str:
    return sentence(name.replace("_", " "))


def _customer(facts: Facts) -> Customer:
    requester, contact = facts.conversation.requester(), facts.contact()
    values = contact.values if contact else {}
    return Customer(
        name=requester.name if requester else "unknown", email=facts.email(), match_words=MATCH[facts.match],
        payments=tuple(_payment(charge) for charge in facts.charges[:MOST_PAYMENTS]),
        contact=CrmContact(id=contact.id, name=mask_cards(contact.name), account=contact.account_name,
                           phone=_text(values.get(ContactField.PHONE)), mobile=_text(values.get(ContactField.MOBILE)),
                           ) if contact else None,
        read_at=facts.read_at)


def _text(value: str | bool | None) -> str | None:
    return mask_cards(value) if isinstance(value, str) else None


def _payment(charge: Charge) -> Payment:
    state: str = "disputed" if charge.disputed else "paid" if charge.status == "succeeded" else charge.status
    if charge.refunded.amount:
        state = "refunded" if charge.left().amount <= 0 else "partly refunded"
    return Payment(charge=charge.id, amount=Sum.of(charge.money), date=charge.created, state=state,
                   refunded=Sum.of(charge.refunded) if charge.refunded.amount else None,
                   method=paid_with(charge.method))


WOULD_HAVE = {"done": "It would have done this without asking anybody.", "answered": "It would have answered this.",
              "draft": "It would have prepared this for a colleague to approve.",
              "off": "It would have left this alone: this action is switched off."}


def _told(plan: Plan) -> list[Item]:
    return [item for item in plan.items if item.how != "repeat"]


def _would(item: Item) -> str:
    """What Deskhand would have done with it, and whom it would have asked."""
    decision, how = item.decision, would(item)
    if how == "parked" and decision:
        role = decision.approve_by or ("agent" if item.why_pressed() else None)
        whom = [waits.WHO[role]] if role else []
        return f"It would have asked {', then '.join([*whom, *(['the customer'] if decision.confirm else [])])}."
    return WOULD_HAVE.get(how, "It would have handed this to a person.")


def _rules(decision: Decision, item: Item) -> tuple[str, ...]:
    return rules([hit.model_dump() for hit in decision.by], item.why_pressed())


def _shadow(plan: Plan) -> tuple[ShadowItem, ...]:
    return tuple(ShadowItem(
        title=sentence(without(item.words, plan.handles.values())), words=_would(item),
        quote=item.summary.quote if item.summary else "",
        rule=_rules(item.decision, item) if item.decision and item.how != "off" else (),
        claim=claim(item.summary) if item.summary else None,
        proven=item.summary.proof.proven if item.summary else None,
        why_proven=why_proven(item.summary) if item.summary else "") for item in _told(plan))
