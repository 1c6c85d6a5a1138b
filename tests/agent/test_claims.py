"""What proves that the same was paid twice, and what a colleague must look at."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from agent.claims import Proof, duplicate
from agent.desk import PaymentChoices
from connectors.contract import Method, PaidRefund
from tests.agent.test_safety_properties import NOW, honest_world

PATTERN = PaymentChoices(order_pattern=r"(?i)(?:order|invoice) #?(\d{4,})")


def proof(first: dict[str, Any], second: dict[str, Any], payments: PaymentChoices = PATTERN) -> Proof:
    """Of Dana's two charges of USD 18, an hour apart and both for order 7, each changed as given."""
    facts, _ = honest_world()
    one, other = (charge.model_copy(update=more)
                  for charge, more in zip(facts.charges, (first, second), strict=True))
    return duplicate(facts.model_copy(update={"charges": (one, other)}), other, payments)


def both(payments: PaymentChoices = PATTERN, **more: Any) -> Proof:
    return proof(more, more, payments)


def card(brand: str | None = "visa", last4: str | None = "4242") -> dict[str, Any]:
    return {"method": Method(kind="card", brand=brand, last4=last4)}


def test_the_same_order_paid_twice_with_one_card_is_proven() -> None:
    said = both(**card())
    assert said.proven is True
    assert said.words == "the same payer paid the same amount for order 7, 60 min earlier, as ch_1"


@pytest.mark.parametrize("described", ["Online purchase", "Desk lamp", "Subscription creation", "Order", "Invoice 7"])
@pytest.mark.parametrize("apart", [timedelta(seconds=3), timedelta(hours=10)])
def test_a_shared_description_proves_nothing_however_close_together(described: str, apart: timedelta) -> None:
    """Whoever buys the same thing twice pays twice, and keeps both."""
    alike = {"metadata": {}, "description": described}
    said = proof({**alike, "created": NOW - apart}, {**alike, "created": NOW})
    assert said.proven is None
    assert said.words.endswith("but no order number says that it was for the same")


@pytest.mark.parametrize("described", ["Order 1042", "Lamp shop, order #1042", "Payment for Invoice 20261042 (Dana)"])
def test_a_shared_description_that_names_one_order_number_proves_it(described: str) -> None:
    assert both(metadata={}, description=described).proven is True


def test_an_order_number_is_read_from_a_description_by_the_admins_pattern_alone() -> None:
    assert both(PaymentChoices(), metadata={}, description="Order 1042").proven is None
    assert both(metadata={}, description="Order 1042, order 1043").proven is None
    assert proof({"metadata": {}, "description": "Order 1042"},
                 {"metadata": {}, "description": "Order 1043"}).proven is False


def test_an_order_number_of_one_charge_alone_is_not_shared() -> None:
    assert proof({"metadata": {}, "description": "Order 1042"}, {"description": "Order 1042"}).proven is False


@pytest.mark.parametrize(("first", "second"), [
    (card(), card("mastercard", "5555")), (card(), card(last4="1881")), (card(), card("mastercard")),
    (card(), card(brand=None)), (card(last4=None), card(last4=None))])
def test_an_order_paid_with_two_cards_may_be_split_between_them(first: dict[str, Any], second: dict[str, Any]) -> None:
    said = proof(first, second)
    assert said.proven is None
    assert "for order 7 was made 60 min earlier" in said.words
    assert "not with the same card" in said.words


def test_a_pair_of_one_card_is_found_beside_a_payment_with_another() -> None:
    facts, _ = honest_world()
    first, second = facts.charges
    other = first.model_copy(update={"id": "ch_0", "created": first.created - timedelta(hours=1), **card("amex", "9")})
    said = duplicate(facts.model_copy(update={"charges": (other, first, second)}), second, PATTERN)
    assert said.proven is True
    assert said.rests_on == ("ch_2", "ch_0", "ch_1")


def test_what_may_be_a_pair_and_was_settled_already_is_none_any_more() -> None:
    made = PaidRefund(id="re_1", money=honest_world()[0].charges[0].money, status="succeeded", created=NOW)
    alike = {"metadata": {}, "description": "Online purchase"}
    assert proof({**alike, "refunds": (made,)}, alike).proven is False
    assert proof({**card(), "refunds": (made,)}, card("mastercard", "5555")).proven is False
