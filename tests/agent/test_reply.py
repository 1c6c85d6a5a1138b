"""A reply names what was paid with for what it is, and says what was asked for and what comes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from agent.case import paid_with
from agent.reply import Reply
from connectors.contract import Method, Money, RefundReceipt

SEPA = Method(kind="sepa_debit", last4="3000")
NAMELESS = Method(kind="card", brand="unknown", last4="3000")


def told(method: Method, language: str) -> str:
    reply = Reply(language, None, {})
    reply.refunded(RefundReceipt(
        operation="", vendor="stripe", at=datetime(2026, 11, 20, tzinfo=UTC), id="re_1", charge="ch_1",
        money=Money(amount=1800, currency="EUR"), status="succeeded", method=method))
    return reply.facts[0]


@pytest.mark.parametrize(("language", "words"), [
    ("en", "to your bank account ending in 3000."),
    ("de", "auf Ihr Bankkonto mit den Endziffern 3000 zurückgezahlt."),
    ("fr", "sur votre compte bancaire se terminant par 3000."),
    ("es", "en su cuenta bancaria terminada en 3000."),
    ("it", "il suo conto bancario che termina con 3000."),
    ("pt", "para a sua conta bancária terminada em 3000."),
    ("nl", "op uw bankrekening die eindigt op 3000."),
    ("pl", "Państwa rachunek bankowy o końcówce 3000."),
])
def test_a_debited_bank_account_is_no_card(language: str, words: str) -> None:
    assert told(SEPA, language).endswith(words)


@pytest.mark.parametrize(("language", "words"), [
    ("en", "to your card ending in 3000."), ("de", "auf Ihre Bankkarte mit den Endziffern 3000 zurückgezahlt."),
    ("nl", "op uw bankkaart die eindigt op 3000."), ("pl", "Państwa karta bankowa o końcówce 3000."),
])
def test_a_card_whose_brand_is_not_known_is_a_card(language: str, words: str) -> None:
    assert told(NAMELESS, language).endswith(words)


@pytest.mark.parametrize(("method", "words"), [
    (Method(kind="card", brand="visa", last4="4242"), "your Visa ending in 4242"),
    (Method(kind="us_bank_account", last4="6789"), "your bank account ending in 6789"),
    (Method(kind="paypal"), "the payment method you used (PayPal)"),
    (Method(kind="something_new", last4="3000"), "the payment method you used"),
    (Method(kind="unknown"), "the payment method you used"),
])
def test_a_service_is_told_by_its_name_and_what_nobody_knows_without_one(method: Method, words: str) -> None:
    assert told(method, "en") == f"We have sent EUR 18.00 back to {words}."


@pytest.mark.parametrize(("method", "words"), [
    (SEPA, "SEPA bank account ending in 3000"), (NAMELESS, "card ending in 3000"),
    (Method(kind="card", brand="girocard", last4="3000"), "girocard ending in 3000"),
    (Method(kind="card"), "card"), (Method(kind="us_bank_account"), "ACH bank account"),
    (Method(kind="paypal"), "PayPal"), (Method(kind="something_new", last4="3000"), "something new ending in 3000"),
])
def test_a_colleague_reads_what_it_is(method: Method, words: str) -> None:
    assert paid_with(method) == words
