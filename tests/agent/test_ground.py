"""What of a proposal stands on what was read: a model's own details, flags, orders and currencies do not."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from agent.desk import Choices, Flags
from agent.ground import Ask, Ungrounded, ground
from agent.proposal import Proposal
from connectors.contract import ContactChange, Money, Payer, Refund, flagged
from tests.agent.test_safety_properties import CHOICES, CONTACT, DANA, honest_proposal, honest_world
from tests.journeys.office import CHECKED, proposal


def grounded(text: str, action: Mapping[str, Any]) -> Ask | Ungrounded:
    """The one thing proposed on this message of Dana's, who has two charges of USD 18 and a contact."""
    facts, (comment,) = honest_world()
    handles = {"c1": "ch_1", "c2": "ch_2", "k1": CONTACT.id}
    new = (comment.model_copy(update={"text": text}),)
    (one,) = ground(proposal(actions=[action]), handles, facts, new, "model", CHOICES)
    return one


def change(text: str, field: str, value: str, quote: str | None = None) -> dict[str, str | bool] | None:
    """What would be written; None where the change does not stand."""
    one = grounded(text, {"kind": "contact_change", "contact": "k1", "field": field, "value": value,
                          "quote": text if quote is None else quote})
    if isinstance(one, Ungrounded):
        return None
    assert isinstance(one.action, ContactChange)
    return {str(name): new for name, new in one.action.changes.items()}


@pytest.mark.parametrize(("field", "value"), [
    ("last_name", "Total Fool 1234567"), ("first_name", "1234567 Fool"), ("street", "Fool Street 1234567"),
    ("phone", "fool 1234567"), ("mobile", "1234567 x")])
def test_digits_that_stand_in_the_message_do_not_carry_other_words(field: str, value: str) -> None:
    assert change("Hello, when does order 1234567 arrive?", field, value) is None


@pytest.mark.parametrize(("text", "value"), [
    ("I paid order 11223344 and then another 5566.", "+33445566"),
    ("I paid order 11223344 5566.", "+33445566"), ("Orders 112233, 445566", "112233445566"),
    ("My number is +49 30 1234567", "+49 30 123456"), ("My number is +49 30 1234567", "9301234567"),
    ("Reach me on 030 1234567 or +49 40 765432", "030 1234567 49 40 765432")])
def test_a_telephone_number_of_digits_that_stand_apart_is_not_the_customers(text: str, value: str) -> None:
    assert change(text, "phone", value) is None


@pytest.mark.parametrize(("text", "value"), [
    ("My new number is +49 170 555-12.34", "+491705551234"), ("My new number: (0170) 555 1234.", "0170 5551234"),
    ("Neue Nummer 0049 170 5551234", "+49 170 5551234"), ("Call 0170/5551234 from now on", "0170 5551234"),
    ("My new number is \u202a+49 170 5551234\u202c", "+491705551234"),
    ("My new number is +49 170 5551234 ext 12", "+49 170 5551234 ext 12")])
def test_a_telephone_number_may_be_separated_otherwise_than_the_customer_did(text: str, value: str) -> None:
    assert change(text, "phone", value) == {"phone": value}


@pytest.mark.parametrize(("text", "field", "value"), [
    ("I cannot believe it, please help", "last_name", "Lie"), ("Thanks for the reply", "first_name", "Thank"),
    ("My new address is 15 New Road", "street", "5 New Road")])
def test_a_part_of_a_word_is_not_what_the_customer_wrote(text: str, field: str, value: str) -> None:
    assert change(text, field, value) is None


@pytest.mark.parametrize(("text", "field", "value"), [
    ("I married, my last name is Müller-Lüdenscheidt.", "last_name", "Müller-Lüdenscheidt"),
    ("please put O’Brien down", "last_name", "O'Brien"), ("We moved: 5 New Road.", "street", "5 New Road")])
def test_whole_words_of_the_customers_stand(text: str, field: str, value: str) -> None:
    assert change(text, field, value) == {field: value}


@pytest.mark.parametrize(("text", "value"), [
    ("I sent you an email yesterday about my parcel.", "yes"), ("I sent you an email yesterday about my parcel.", "no"),
    ("Your newsletter promised ten percent off.", "yes"), ("Why did you unsubscribe me?", "no"),
    ("Please do not unsubscribe me from the newsletter.", "yes"),
    ("I never wanted to unsubscribe from the newsletter", "no"),
    ("I no longer receive your newsletter, please help", "yes"),
    ("There were no more emails about my order", "yes"), ("Please unsubscribe me from the newsletter", "no"),
    ("Please sign me up for the newsletter again", "yes"), ("Ich habe keinen Newsletter bekommen", "yes"),
    ("Please remove me from the list of approvers, I wrote an e-mail. Sign me up!", "yes")])
def test_nobody_is_put_on_or_off_our_mailings_who_did_not_ask(text: str, value: str) -> None:
    assert change(text, "opt_out", value) is None


def test_a_quote_that_is_not_the_customers_asks_for_nothing() -> None:
    text = "I sent you an email. Please unsubscribe me from your newsletter."
    assert change(text, "opt_out", "yes", quote="take me off your mailing list") is None
    assert change(text, "opt_out", "yes", quote="I sent you an email") is None
    assert change(text, "opt_out", "yes", quote="") is None


@pytest.mark.parametrize("text", [
    "Please unsubscribe me from your newsletter.", "I don’t want any more marketing emails", "Bitte keine Werbung mehr",
    "Bitte melden Sie mich vom Newsletter ab, ich möchte keine Werbung mehr.", "No more newsletters please",
    "Je souhaite me désabonner de votre newsletter, merci", "Quiero darme de baja del boletín por favor",
    "Non voglio più ricevere la vostra newsletter", "Não quero mais receber e-mails",
    "Ik wil me afmelden voor de nieuwsbrief", "Geen reclame meer graag",
    "Proszę wypisać mnie z newslettera", "Nie chcę więcej otrzymywać reklam"])
def test_who_asks_to_be_spared_our_mailings_is_taken_off_in_each_language(text: str) -> None:
    assert change(text, "opt_out", "yes") == {"opt_out": True}


@pytest.mark.parametrize("text", [
    "Please sign me up for the newsletter", "Ich möchte den Newsletter wieder bekommen",
    "Je voudrais recevoir à nouveau la newsletter", "Quiero suscribirme al boletín",
    "Proszę zapisać mnie na newsletter", "Graag wil ik me aanmelden voor de nieuwsbrief"])
def test_who_asks_for_our_mailings_is_put_on(text: str) -> None:
    assert change(text, "opt_out", "no") == {"opt_out": False}


@pytest.mark.parametrize(("value", "is_one"), [
    ("suspected", True), ("confirmed", True), ("high", True), ("2026-114", True), ("y", True), ("on", True),
    ("true", True), ("Yes", True), ("1", True), ("fraud", True), ("no longer", True), ("?", True),
    ("", False), ("  ", False), ("no", False), ("None", False), ("FALSE", False), (" 0 ", False), ("n", False),
    ("off", False)])
def test_any_text_but_a_word_for_no_is_a_flag_wherever_it_stands(value: str, is_one: bool) -> None:
    facts, new = honest_world()
    marked = facts.model_copy(update={"payers": (Payer(id="cus_dana", email=DANA, metadata={"fraud": value}),)})
    choices = Choices(senders_checked=CHECKED, flags=Flags(fraud="stripe:metadata:fraud"))
    (ask,) = ground(honest_proposal(), {"c2": "ch_2"}, marked, new, "model", choices)
    assert isinstance(ask, Ask)
    assert ask.facts["flags"] == (frozenset({"fraud"}) if is_one else frozenset())
    assert flagged(value) == is_one


def test_a_ticked_box_is_a_flag_and_an_empty_one_is_none() -> None:
    assert (flagged(True), flagged(2), flagged(False), flagged(None), flagged(0), flagged(0.0)) == (
        True, True, False, False, False, False)


def order_mentioned(text: str) -> bool:
    one = grounded(f"{text}. I moved, please change my address to 5 New Road.",
                   {"kind": "contact_change", "contact": "k1", "field": "street", "value": "5 New Road", "quote": text})
    assert isinstance(one, Ask)
    return bool(one.facts["order_mentioned"])


@pytest.mark.parametrize("text", [
    "My order is on its way", "My orders are on their way", "Two parcels are on their way", "I ordered a lamp",
    "It has not been delivered", "It ships tomorrow", "The packages are late", "You shipped it", "I bought a lamp",
    "Meine Bestellung kommt bald", "Meine Bestellungen sind unterwegs", "Meine Pakete kommen", "Ich habe bestellt",
    "Meine Lampenbestellung fehlt", "Die Lieferungen fehlen", "Es wurde nicht geliefert", "Es wurde schon versandt",
    "Mes commandes sont en route", "J’ai commandé une lampe", "Mon colis arrive", "Il n’a pas été livré",
    "Elle a été expédiée", "Mis pedidos están en camino", "Los paquetes no llegan", "Lo enviaron ayer", "Los envíos",
    "As minhas encomendas", "Foi entregue ontem", "Mijn bestellingen", "Mijn pakketten", "Het is niet geleverd",
    "I miei ordini", "I pacchi", "Non è stato consegnato", "È stato spedito",
    "Moje zamówienia są w drodze", "Zamówiłam lampę", "Paczki nie doszły", "Gdzie są paczki", "Moja przesyłka",
    "Dostawa jest jutro", "Wysłali ją wczoraj"])
def test_an_order_on_its_way_is_heard_in_plurals_and_verbs_and_each_language(text: str) -> None:
    assert order_mentioned(text)


@pytest.mark.parametrize("text", ["Hello", "Ich bin umgezogen", "Nous avons déménagé", "Me he mudado", "Dzień dobry",
                                  "In friendship"])
def test_a_plain_move_speaks_of_no_order(text: str) -> None:
    assert not order_mentioned(text)


def refunded(text: str, amount: str | None, currency: str | None = None, paid: str = "USD") -> str:
    """What would be refunded of USD 600, or in another currency, or why nothing is."""
    facts, (comment,) = honest_world()
    money = Money(amount=60_000, currency=paid)
    charge = facts.charges[0].model_copy(update={"money": money, "captured": money,
                                                 "refunded": Money(amount=0, currency=paid)})
    asked = {"kind": "refund", "charge": "c1", "amount": amount, "currency": currency, "claim": "goodwill",
             "quote": text}
    (one,) = ground(proposal(actions=[asked]), {"c1": "ch_1"}, facts.model_copy(update={"charges": (charge,)}),
                    (comment.model_copy(update={"text": text}),), "model", CHOICES)
    if isinstance(one, Ungrounded):
        return str(one)
    assert isinstance(one.action, Refund)
    return str(one.action.money)


@pytest.mark.parametrize(("text", "amount", "currency", "paid"), [
    ("Please refund 500 yen", "500", "JPY", "USD"), ("Please refund 500 yen", "500", None, "USD"),
    ("Please refund $20", "20", None, "GBP"), ("Please refund $20", "20", "USD", "GBP"),
    ("Please refund all of it, in euros", None, "EUR", "USD"), ("Please refund 20 EUR", "20.00", "EUR", "USD"),
    ("Please refund CA$20", "20", "CAD", "USD"), ("Please refund it", "20", "JPY", "USD")])
def test_an_amount_in_another_currency_than_the_charges_is_a_persons_to_read(
        text: str, amount: str | None, currency: str | None, paid: str) -> None:
    assert "paid" in refunded(text, amount, currency, paid)


@pytest.mark.parametrize(("text", "amount", "currency", "paid", "back"), [
    ("Please refund $20", "20", "USD", "USD", "USD 20.00"), ("Please refund $20", "20", None, "CAD", "CAD 20.00"),
    ("Please refund $20", "20", "USD", "CAD", "CAD 20.00"), ("Please refund 20", "20", None, "GBP", "GBP 20.00"),
    ("Please refund 20 pounds", "20", "gbp", "GBP", "GBP 20.00"), ("Please refund it", None, None, "EUR", "EUR 600.00"),
    ("I paid 500 yen for shipping and want $20 back", "20", None, "USD", "USD 20.00")])
def test_an_amount_that_can_be_the_charges_is_refunded_in_its_currency(
        text: str, amount: str | None, currency: str | None, paid: str, back: str) -> None:
    assert refunded(text, amount, currency, paid) == back


def test_a_proposal_from_before_there_was_a_currency_is_still_read() -> None:
    kept = honest_proposal().model_dump(mode="json")
    del kept["actions"][0]["currency"]
    assert Proposal.model_validate_json(json.dumps(kept)) == honest_proposal()
