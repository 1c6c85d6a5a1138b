"""A reply names what was paid with for what it is, and says what was asked for and what comes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from agent.case import paid_with
from agent.phrases import QUESTIONS
from agent.reply import Reply
from connectors.contract import ContactField, ContactReceipt, Method, Money, RefundReceipt

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


UNTIL = datetime(2026, 11, 23, 9, 5, tzinfo=UTC)


def asked(changes: dict[ContactField, str | bool], language: str = "en") -> list[str]:
    reply = Reply(language, None, {})
    reply.asks_change(changes, "question", "", UNTIL)
    return reply.facts


def test_a_question_says_how_to_decline_and_until_when() -> None:
    reply = Reply("en", None, {})
    reply.asks_refund(Money(amount=4700, currency="USD"), SEPA, "question", "", UNTIL)
    assert reply.facts == [
        "We’re ready to send USD 47.00 back to your bank account ending in 3000.",
        "We do this only with your yes. Please reply YES to go ahead or NO to decline.",
        "We wait for your answer until November 23, 2026, 09:05 UTC."]


@pytest.mark.parametrize(("language", "words"), [
    ("de", "Wir warten auf Ihre Antwort bis zum 23. November 2026, 09:05 UTC."),
    ("fr", "Nous attendons votre réponse jusqu’au 23 novembre 2026, 09:05 UTC."),
    ("pl", "Czekamy na odpowiedź do 23 listopada 2026, 09:05 UTC."),
])
def test_until_when_is_told_as_dates_are_in_that_language(language: str, words: str) -> None:
    assert words in asked({ContactField.PHONE: "1"}, language)


@pytest.mark.parametrize(("changes", "words"), [
    ({ContactField.STREET: "5 Elm Road"}, ["We’re ready to change your street to 5 Elm Road."]),
    ({ContactField.CITY: "Berlin", ContactField.STREET: "Elm 5"},
     ["We’re ready to change your postal address to Elm 5, Berlin."]),
    ({ContactField.PHONE: "1", ContactField.MOBILE: "2"},
     ["We’re ready to change your phone number to 1.", "We’re ready to change your mobile number to 2."]),
    ({ContactField.OPT_OUT: True}, ["We’re ready to take you off our marketing mail."]),
])
def test_a_question_names_exactly_what_changes(changes: dict[ContactField, str | bool], words: list[str]) -> None:
    assert asked(changes)[:-2] == words


def test_what_was_asked_is_told_by_the_same_name() -> None:
    for language in QUESTIONS:
        told = Reply(language, None, {})
        told.changed(ContactReceipt(operation="", vendor="", at=UNTIL, contact="c", before={},
                                    after={"street": "5 Elm Road"}))
        (said,) = told.facts
        for words in (said, asked({ContactField.STREET: "5 Elm Road"}, language)[0]):
            assert QUESTIONS[language]["field_street"] in words


def test_days_of_banks_are_business_days_wherever_they_are_told() -> None:
    days = {"en": "business days", "de": "Werktage", "fr": "jours ouvrés", "es": "días hábiles",
            "it": "giorni lavorativi", "pt": "dias úteis", "nl": "werkdagen", "pl": "robocz"}
    for language, words in QUESTIONS.items():
        assert days[language] in words["arrival"], language
        assert days[language] in words["banks_need"], language


def test_whoever_was_promised_a_person_is_known_by_the_reply() -> None:
    for language in QUESTIONS:
        for promise in ("a_person_writes_about_it", "rest_goes_to_a_person"):
            reply = Reply(language, None, {})
            getattr(reply, promise)()
            assert reply.promises_a_person(reply.text()), (language, promise)
        named = Reply(language, None, {})
        named.a_person_writes_about_refund(Money(amount=4700, currency="USD"))
        assert named.promises_a_person(named.text()), language
        assert not named.promises_a_person(Reply(language, None, {}).text()), language
