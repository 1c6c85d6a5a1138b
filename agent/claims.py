"""Why the customer is owed money, proven from the vendors' books or not proven."""

from __future__ import annotations

from datetime import timedelta

from pydantic import BaseModel, ConfigDict

from agent.facts import Facts
from agent.masking import mask_cards
from agent.proposal import Claim
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


def duplicate(facts: Facts, charge: Charge, order_key: str) -> Proof:
    """Proven when an earlier charge of the same payer is for the same thing, and neither is refunded or disputed.

    The charge given must be the later of the two: that one is refunded.
    """
    if facts.match not in ("by_email", "guest_checkouts"):
        return Proof(proven=False, words="the payer is not known for certain")
    if not charge.refunds_complete:
        return Proof(proven=None, words="not all refunds of this charge could be read")
    earlier = [c for c in facts.charges if _same_thing_earlier(c, charge, order_key)]
    if settled := [c for c in facts.charges if _same_thing_earlier(charge, c, order_key) and _touched(c)]:
        return Proof(proven=False, words=_settled(settled[0]))
    if not earlier:
        return Proof(proven=False, words="no earlier charge for the same order within 48 hours was found")
    if any(_touched(c) for c in (charge, *earlier)):
        return Proof(proven=False, words="one of the charges was already refunded or disputed")
    first = min(earlier, key=lambda c: (c.created, c.id))
    same = _same_reference(first, charge, order_key)
    words = f"the same payer paid the same amount for {same}, {_minutes(charge, first)} earlier, as {first.id}"
    return Proof(proven=True, words=words,
                 rests_on=(charge.id, *(one.id for one in earlier)))


def _settled(other: Charge) -> str:
    """Why what is left of a pair is no duplicate any more."""
    if other.disputed:
        return f"{other.id}, the other one of the pair, was disputed already, so this one is not paid twice any more"
    return f"{other.id}, the other one of the pair, was refunded already, so this one is not paid twice any more"


def _same_thing_earlier(first: Charge, later: Charge, order_key: str) -> bool:
    return (
        first.id != later.id
        and (first.created, first.id) < (later.created, later.id)
        and later.created - first.created <= APART
        and first.money == later.money
        and all(_whole_card_payment(c) for c in (first, later))
        and _same_reference(first, later, order_key) is not None
    )


def _whole_card_payment(charge: Charge) -> bool:
    return charge.status == "succeeded" and charge.method.kind == "card" and charge.captured == charge.money


def _same_reference(first: Charge, later: Charge, order_key: str) -> str | None:
    one, other = (c.metadata.get(order_key, "").strip() for c in (first, later))
    if one or other:
        return f"order {mask_cards(one)}" if one == other else None
    one, other = ((c.description or "").strip() for c in (first, later))
    return f"description “{mask_cards(one)}”" if one and one == other else None


def _touched(charge: Charge) -> bool:
    return charge.disputed or charge.refunded.amount > 0 or bool(charge.refunds)


def _minutes(later: Charge, first: Charge) -> str:
    minutes = int((later.created - first.created).total_seconds() // 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h"
