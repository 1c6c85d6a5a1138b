"""The card of one waiting action: everything a colleague needs to say yes or no to it, from the ledger alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, select

from agent.case import paid_with
from agent.consent import approval, undoing, waits
from agent.consent.approval import Colleague
from agent.consent.asked import Asked, asked_for, asked_of
from agent.consent.shown import Card, Sum
from agent.consent.waits import CUSTOMER, WHO, Wait, Whom
from agent.courtesy import courtesy
from agent.desk import Desk
from agent.endings import sentence
from agent.evidence import WHY, Evidence
from agent.ground import Summary, latest_refund
from agent.masking import mask_cards
from agent.plan import Plan
from agent.policy import WHY_PRESSED
from agent.proposal import Claim
from agent.reply import ADDRESS, Reply, in_order, language_for
from agent.tables import decisions
from agent.vault import PersonKey
from connectors.contract import ContactChange, ContactReceipt, Money, Refund, RefundReceipt, User
from connectors.money import step

FOR_WHOM: dict[Whom, str] = {
    "customer": "The customer was asked for a yes", "agent": "A colleague must approve it",
    "lead": "A lead must approve it", "finance": "Finance must approve it"}
COLLEAGUES = {whom: words for whom, words in WHO.items() if whom != CUSTOMER}
DUTIES = {"confirm": "the customer must say yes", "go ahead": "nobody needs to be asked",
          **{f"approve by {role}": f"{whom} must approve" for role, whom in COLLEAGUES.items()},
          **{f"confirm and approve by {role}": f"{whom} must approve, then the customer must say yes"
             for role, whom in COLLEAGUES.items()}}
"""What a rule asks for, by its effect in the policy."""
NOBODY_BY_THE_RULES = "nobody would need to be asked"
CLAIMS = {Claim.DUPLICATE: "charged twice", Claim.NOT_RECEIVED: "it did not arrive", Claim.DAMAGED: "it is damaged",
          Claim.RETURN: "it was sent back", Claim.CANCELLED: "it was cancelled", Claim.GOODWILL: "a favour",
          Claim.OTHER: "another reason"}
"""What the customer says, as the card heads it: "Not proven: it did not arrive"."""
MISSING = {
    "flags": "whether they are a VIP, or marked for fraud or a legal hold", "claim_proven": "whether the claim is true",
    "business_hours": "whether the desk is open", "pays_invoice": "whether the payment belongs to an invoice",
    "crm_match": "what the CRM says of them", "match": "which payer this is", "charge_state": "how the payment stands",
    "desk_day_home": "what was refunded today in all currencies", "language": "the language of the message",
    "older_money_ticket": "whether an older ticket about money is open",
}
"""Facts that could not be read, by their names in the policy."""
ON_TIMEOUT = "If nobody answers in time, nothing is done and a person takes over."
WHO_ASKS = {
    "same address paid": "They wrote from the e-mail address that this payment was made with.",
    "same address in the CRM": "They wrote from the contact’s own e-mail address, unchanged for 30 days.",
    "authenticated sender": "They wrote from their own e-mail address, but no record ties it to this.",
}
"""By the name of the reason, where there is more to say to a colleague than the note says."""


@dataclass(frozen=True)
class Holding:
    """What cards are made from: one ticket's requester, key and newest plan, and who looks."""

    c: Connection
    desk: Desk
    person: PersonKey
    requester: User | None
    plan: Plan | None
    by: Colleague


def cards(holding: Holding, ticket_id: int) -> tuple[Card, ...]:
    """One for each open wait, oldest first."""
    found = waits.of_ticket(holding.c, ticket_id)
    made = (_card(holding, wait, found) for wait in found if wait.state == "open")
    return tuple(card for card in made if card is not None)


def _card(holding: Holding, wait: Wait, known: list[Wait]) -> Card | None:
    asked = asked_of(wait, holding.person)
    if asked is None:
        return None
    c, desk, by = holding.c, holding.desk, holding.by
    decision = c.execute(select(decisions).where(decisions.c.id == wait.decision_id)).mappings().one()
    colleague = next((one for one in known if one.state == "given" and one.for_whom != CUSTOMER
                      and (one.proposal_id, one.position) == (wait.proposal_id, wait.position)), None)
    money = asked.action.money if isinstance(asked.action, Refund) else None
    why_not = approval.why_not(c, desk, wait, by)
    most = _most(holding, wait, money, why_not)
    can, undo = _undo(asked)
    summary, before = asked.summary, _before(holding, wait, asked)
    return Card(
        wait=wait.id, digest=wait.shown, kind=summary.kind, title=title(asked),
        details=(*((sentence(asked.changed),) if asked.changed else ()), *_details(asked),
                 *(f"Refunded on this ticket before: {one}" for one in before)),
        charge=asked.charge.id if asked.charge else None, whose=whose(holding.requester),
        amount=Sum.of(money) if money else None,
        lowest=Sum.of(Money(amount=step(money.currency), currency=money.currency)) if money and most else None,
        highest=Sum.of(most) if most else None, claim=claim(summary),
        proven=summary.proof.proven, why_proven=why_proven(summary), quote=summary.quote,
        evidence=WHO_ASKS.get(summary.evidence_why) or f"{sentence(WHY[summary.evidence_why])}.",
        missing=tuple(MISSING.get(fact) or fact.replace("_", " ") for fact in decision["missing"]),
        rule=rules(decision["rules"], _pressed(wait, decision)), risk=_risk(asked, _worries(decision), before),
        can_be_undone=can, undo=undo, on_no=_on_no(wait), on_timeout=ON_TIMEOUT,
        reply_preview=_preview(holding, asked, wait, decision, colleague), for_whom=wait.for_whom,
        for_whom_words=_for_whom(wait, decision),
        approved_by=answered_by(colleague, holding.person) if colleague else None,
        wrote_again=wait.wrote is not None or decision["proposal_id"] != wait.proposal_id,
        may_i=why_not is None,
        may_decline=by.role is not None and (why_not is None or why_not.name == "role"),
        why_not=str(why_not) if why_not else None, expires_at=wait.expires_at, waiting_since=wait.created_at)


def _most(holding: Holding, wait: Wait, money: Money | None, why_not: approval.NotNow | None) -> Money | None:
    if money is None or holding.by.role is None or (why_not is not None and why_not.name != "role"):
        return None
    return approval.most_for(holding.c, holding.desk, wait, holding.by, money)


def whose(requester: User | None) -> str:
    """"Dana Customer (d•••@example.com)"."""
    if requester is None:
        return "unknown"
    return f"{requester.name} ({masked(requester.email)})" if requester.email else requester.name


def masked(email: str) -> str:
    name, _, domain = email.rpartition("@")
    return f"{name[:1]}•••@{domain}"


def title(asked: Asked) -> str:
    return in_short(asked.action) if asked.action else "Tell the customer where the money is"


def in_short(action: Refund | ContactChange) -> str:
    if isinstance(action, Refund):
        return f"Refund {action.money}"
    names = list(in_order(action.changes))
    if len(names) > 1 and all(name in ADDRESS for name in names):
        return "Change the contact’s postal address"
    return f"Change the contact’s {', '.join(name.replace('_', ' ') for name in names)}"


def claim(summary: Summary) -> str | None:
    return CLAIMS[summary.claim] if summary.claim else None


def why_proven(summary: Summary) -> str:
    """Without the vendor's numbers: those stand behind "More about this"."""
    if summary.claim is None:
        return ""
    return f"{sentence(without(summary.proof.words, summary.proof.rests_on))}."


def without(words: str, ids: Iterable[str]) -> str:
    """Words of a note, without the vendor's numbers that only a note needs."""
    for id in ids:
        for told in (f", as {id}", f" of charge {id}", f" ({id})"):
            words = words.replace(told, "")
    return words


def _details(asked: Asked) -> tuple[str, ...]:
    action, charge = asked.action, asked.charge
    if isinstance(action, ContactChange):
        return tuple(f"{sentence(name.replace('_', ' '))}: {value(action.expected.get(name))} → {value(now)}"
                     for name, now in in_order(action.changes).items())
    if charge is None:
        return ()
    paid = f"{charge.money} paid with {paid_with(charge.method)} on {day(charge.created)}"
    back = f", {charge.refunded} of it refunded already" if charge.refunded.amount else ""
    return (f"Payment: {paid}{back}", *((f"For: {mask_cards(charge.description)}",) if charge.description else ()))


def _before(holding: Holding, wait: Wait, asked: Asked) -> tuple[Money, ...]:
    """Refunds of earlier plans of this ticket that stand: a second one may be the same wish told again."""
    if not isinstance(asked.action, Refund):
        return ()
    done = holding.desk.ledger.done_on(holding.c, wait.ticket_id)
    return tuple(one.receipt.money for one, _ in done
                 if one.state == "done" and one.proposal_id != wait.proposal_id
                 and isinstance(one.receipt, RefundReceipt)
                 and one.receipt.stands)


def value(held: str | bool | None) -> str:
    if isinstance(held, bool):
        return "yes" if held else "no"
    return f"“{mask_cards(held)}”" if held else "empty"


def rules(hits: Sequence[Mapping[str, Any]], pressed: str = "") -> tuple[str, ...]:
    """A limit that lets it go ahead is told only where no rule asks for more; `pressed`: why a colleague is asked
    whom no rule asks for."""
    asking = [hit for hit in hits if hit["effect"] != "go ahead"]
    duties = {**DUTIES, "go ahead": NOBODY_BY_THE_RULES} if pressed else DUTIES
    told = (f"{sentence(hit['because'])}: {duties.get(hit['effect'], hit['effect'])}" for hit in asking or hits)
    return (*((f"{sentence(pressed)}: {DUTIES['approve by agent']}",) if pressed else ()), *told)


def _pressed(wait: Wait, decision: RowMapping) -> str:
    """Why a colleague is asked whom no rule asks for."""
    by_rule = wait.for_whom == CUSTOMER or decision["approve_by"]
    return "" if by_rule else WHY_PRESSED.get(decision["mode"], "")


def _worries(decision: RowMapping) -> list[str]:
    """Why a colleague is asked, besides the amount."""
    return [hit["because"] for hit in decision["rules"]
            if "approve" in hit["effect"] and not hit["id"].startswith("limit.")]


def _for_whom(wait: Wait, decision: RowMapping) -> str:
    then = ", then the customer is asked" if decision["confirm"] and wait.for_whom != CUSTOMER else ""
    return FOR_WHOM[wait.for_whom] + then


def _undo(asked: Asked) -> tuple[bool, str]:
    if asked.action is None:
        return False, "Nothing is changed, so there is nothing to undo."
    can, words = undoing.beforehand(asked.action, asked.charge.method if asked.charge else None)
    return can, f"{sentence(words)}."


def _risk(asked: Asked, worries: list[str], before: tuple[Money, ...]) -> str:
    """The one sentence on what could go wrong."""
    action, summary = asked.action, asked.summary
    unsure = summary.evidence in (Evidence.E0, Evidence.E1)
    if isinstance(action, Refund):
        if before:
            return f"{before[-1]} was refunded on this ticket already; this may be the same wish told again."
        if unsure:
            return (f"Nothing proves that the payer is asking; {action.money} would go back the way it was paid, to "
                    "nobody else.")
        if summary.proof.proven is not True:
            return f"If it is not true, {action.money} is lost."
        if worries:
            return f"The payments prove it, but {worries[0]}."
        return "Low: the payments prove it, and the money goes back the way it was paid."
    if isinstance(action, ContactChange):
        if unsure:
            return "Nothing proves that the contact is asking; a stranger could take over their details."
        if worries:
            return f"The earlier values are kept, but {worries[0]}."
        return "Low: the contact asks from their own address, and the earlier values are kept."
    return "None: nothing is changed."


def _on_no(wait: Wait) -> str:
    if wait.for_whom == CUSTOMER:
        return "If the customer says no, nothing is done and a person takes over."
    return "Nothing is done. Your reason becomes a note on the ticket, and a person answers the customer."


def day(at: datetime) -> str:
    """"8 Nov 2026"."""
    return f"{at.day} {at:%b %Y}"


def answered_by(wait: Wait, person: PersonKey) -> str:
    """Who answered, by the name they had then."""
    if wait.by == CUSTOMER:
        return "the customer"
    return str((person.read(wait.sealed) or {}).get("name", "somebody"))


def _preview(holding: Holding, asked: Asked, wait: Wait, decision: RowMapping, approved: Wait | None) -> str:
    """The reply as it would be, if all goes as asked; what is told in the end comes from the receipt."""
    planned = holding.plan.planned if holding.plan else None
    choices = holding.desk.choices.replies
    language = language_for(planned.proposal.language if planned else "en", choices.languages)
    reply = Reply(language, holding.requester.name if holding.requester else None, choices.disclosure)
    if decision["confirm"] and wait.for_whom != CUSTOMER:
        _asks(reply, asked)
    else:
        _says(reply, asked, wait, asked_for(approved, holding.person) if wait.for_whom == CUSTOMER else None)
    if planned and reply.facts:
        reply.warm = courtesy(planned.proposal.reply, language, reply.name).words
    return reply.text() if reply.facts else ""


def _asks(reply: Reply, asked: Asked) -> None:
    if isinstance(asked.action, Refund) and asked.charge:
        reply.asks_refund(asked.action.money, asked.charge.method, "question", "")
    elif isinstance(asked.action, ContactChange):
        reply.asks_change(asked.action.changes, "question", "")


def _says(reply: Reply, asked: Asked, wait: Wait, whole: Money | None) -> None:
    action, charge = asked.action, asked.charge
    if isinstance(action, Refund) and charge:
        reply.refunded(RefundReceipt(operation="", vendor="", at=wait.created_at, id="", charge=charge.id,
                                     money=action.money, status="succeeded", method=charge.method), whole)
    elif isinstance(action, ContactChange):
        reply.changed(ContactReceipt(operation="", vendor="", at=wait.created_at, contact=action.contact, before={},
                                     after={str(name): value for name, value in action.changes.items()}))
    elif charge and (refund := latest_refund(charge)):
        reply.where_is(charge, refund)
