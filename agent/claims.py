"""Why the customer is owed money, proven from the vendors' books or not proven."""

from __future__ import annotations

from datetime import timedelta

from pydantic import BaseModel, ConfigDict

from agent.desk import PaymentChoices
from agent.facts import Facts
from agent.masking import mask_cards
from agent.proposal import Claim
from agent.text import order_number
from connectors.contract import Charge

APART = timedelta(hours=48)


class Proof(BaseModel):
    """Whether a claim holds; `proven` is None when the books could not tell."""

    model_config = ConfigDict(frozen=True)

    proven: bool | None
    words: str
    rests_on: tuple[str, ...] = ()
    """Ids of the charges it was read from: a refund of one of them undoes the proof."""


WHAT_NO_BOOK_HOLDS = {
    Claim.NOT_RECEIVED: "the payments do not show whether it arrived",
    Claim.DAMAGED: "the payments do not show whether it was damaged",
    Claim.RETURN: "the payments do not show whether it was sent back",
    Claim.CANCELLED: "the payments do not show whether it was cancelled in time",
    Claim.GOODWILL: "a favour is owed to nobody",
}


def unproven(claim: Claim) -> Proof:
    """What cannot be proven from payments alone, and why."""
    return Proof(proven=False, words=WHAT_NO_BOOK_HOLDS.get(claim, "the payments do not show it"))


def duplicate(facts: Facts, charge: Charge, payments: PaymentChoices) -> Proof:
    """Proven when an earlier charge of the same payer paid for the same order with the same card, and neither is
    refunded or disputed.

    The charge given must be the later of the two: that one is refunded. Where only a description is shared the same
    may have been bought twice, and where the cards differ one price may have been split: nobody knows.
    """
    if facts.match not in ("by_email", "guest_checkouts"):
        return Proof(proven=False, words="the payer is not known for certain")
    if not charge.refunds_complete:
        return Proof(proven=None, words="not all refunds of this charge could be read")
    earlier = [c for c in facts.charges if _alike_and_earlier(c, charge, payments)]
    if settled := [c for c in facts.charges if _alike_and_earlier(charge, c, payments) and _touched(c)]:
        return Proof(proven=False, words=_settled(settled[0]))
    if not earlier:
        return Proof(proven=False, words="no earlier charge for the same order within 48 hours was found")
    if any(_touched(c) for c in (charge, *earlier)):
        return Proof(proven=False, words="one of the charges was already refunded or disputed")
    rests_on = (charge.id, *(one.id for one in earlier))
    first = min(earlier, key=lambda c: (not _same_card(c, charge), c.created, c.id))
    order, apart = mask_cards(_order(charge, payments)), _minutes(charge, first)
    if not order:
        return Proof(proven=None, rests_on=rests_on, words=f"an equal payment was made {apart} earlier, as {first.id}, "
                                                           "but no order number says that it was for the same")
    if not _same_card(first, charge):
        return Proof(proven=None, rests_on=rests_on, words=f"an equal payment for order {order} was made {apart} "
                                                           f"earlier, as {first.id}, but not with the same card")
    return Proof(proven=True, rests_on=rests_on,
                 words=f"the same payer paid the same amount for order {order}, {apart} earlier, as {first.id}")


def _settled(other: Charge) -> str:
    """Why what is left of a pair is no duplicate any more."""
    if other.disputed:
        return f"{other.id}, the other one of the pair, was disputed already, so this one is not paid twice any more"
    return f"{other.id}, the other one of the pair, was refunded already, so this one is not paid twice any more"


def _alike_and_earlier(first: Charge, later: Charge, payments: PaymentChoices) -> bool:
    """The same may have been paid twice: equal, close together, and not for orders that are known to differ."""
    return (
        first.id != later.id
        and (first.created, first.id) < (later.created, later.id)
        and later.created - first.created <= APART
        and first.money == later.money
        and all(_whole_card_payment(c) for c in (first, later))
        and _same_reference(first, later, payments)
    )


def _whole_card_payment(charge: Charge) -> bool:
    return charge.status == "succeeded" and charge.method.kind == "card" and charge.captured == charge.money


def _same_reference(first: Charge, later: Charge, payments: PaymentChoices) -> bool:
    one, other = (c.metadata.get(payments.order_metadata_key, "").strip() for c in (first, later))
    if one or other:
        return one == other
    return _description(first) == _description(later) != ""


def _same_card(first: Charge, later: Charge) -> bool:
    return later.method.last4 is not None and first.method == later.method


def _order(charge: Charge, payments: PaymentChoices) -> str:
    """The order that the shop names in the metadata, or the one number that the admin's pattern finds in the
    description; "" for none."""
    if named := charge.metadata.get(payments.order_metadata_key, "").strip():
        return named
    return (payments.order_pattern and order_number(_description(charge), payments.order_pattern)) or ""


def _description(charge: Charge) -> str:
    return (charge.description or "").strip()


def _touched(charge: Charge) -> bool:
    return charge.disputed or charge.refunded.amount > 0 or bool(charge.refunds)


def _minutes(later: Charge, first: Charge) -> str:
    minutes = int((later.created - first.created).total_seconds() // 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h"
