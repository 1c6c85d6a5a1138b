"""The stand-in's keyword reading, asked by the real planner through the real library: valid, repeatable, honest."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from agent.planner.model import ModelPlanner
from agent.proposal import Case, Proposal, SeenCharge, SeenContact, SeenMessage, SeenRefund
from connectors.contract import Surroundings
from connectors.mount import Mounted
from connectors.openai import OpenAIModel, OpenAISettings
from connectors.openai.standin import OpenAIRules
from connectors.standin import Door

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
KEY = "sk-sandbox-0001"


def charge(handle: str, amount: str = "18.00", hours: int = 0, **more: Any) -> SeenCharge:
    fields = {"refundable": amount, "currency": "USD", "paid_with": "visa ending in 4242", "description": None,
              "order": "1042", "status": "succeeded", **more}
    return SeenCharge(handle=handle, amount=amount, on=NOW - timedelta(hours=hours), **fields)


PAIR = (charge("c1", hours=30), charge("c2", hours=29))
ADA = (SeenContact(handle="k1", name="Ada Lovelace", phone="+1 202 555 0100"),)


def read(text: str, charges: tuple[SeenCharge, ...] = PAIR, contacts: tuple[SeenContact, ...] = ADA,
         order: str | None = None) -> Proposal:
    rules = OpenAIRules()
    rules.load({"keys": [KEY]}, NOW)
    settings = OpenAISettings.model_validate({"OPENAI_API_KEY": KEY})
    model = OpenAIModel(settings, Surroundings(transports={"openai": Mounted(Door(rules, lambda: NOW))}))
    case = Case(subject="Help", messages=(SeenMessage(who="customer", at=NOW, text=text, new=True),), charges=charges,
                contacts=contacts, order=order, today=NOW)
    return ModelPlanner(model).plan(case).proposal


@pytest.mark.parametrize(("text", "language"), [
    ("I was charged twice, please refund the second one.", "en"),
    ("Hello, there is a duplicate payment on my card for the tea. Please fix it.", "en"),
    ("Guten Tag, mir wurde die Bestellung doppelt abgebucht, bitte erstatten.", "de"),
    ("Bonjour, j'ai été débité deux fois pour mon achat.", "fr"),
    ("Hola, me han cobrado dos veces por favor.", "es")])
def test_a_double_charge_asks_for_the_later_of_the_pair(text: str, language: str) -> None:
    proposal = read(text)
    [action] = proposal.actions
    assert action.kind == "refund"
    assert (action.charge, action.amount, action.claim) == ("c2", None, "duplicate")
    assert (proposal.language, proposal.category, proposal.unsure, proposal.signals) == (language, "billing", None, ())
    assert proposal.confidence == "high"


def test_a_double_charge_without_a_pair_is_for_a_person() -> None:
    proposal = read("I was charged twice!", charges=(charge("c1"), charge("c2", "25.00", order="7")))
    assert (proposal.actions, proposal.unsure) == ((), "No pair of equal charges.")
    assert proposal.confidence == "low"


def test_of_two_pairs_the_one_of_the_named_order_is_meant() -> None:
    charges = (charge("c1", hours=9, order="7"), charge("c2", hours=8, order="7"), charge("c3", hours=5),
               charge("c4", hours=4))
    [action] = read("I was charged twice for order 7", charges, order="7").actions
    assert action.kind == "refund"
    assert action.charge == "c2"


@pytest.mark.parametrize(("text", "amount", "claim"), [
    ("The cup arrived broken. I would like a refund please.", None, "damaged"),
    ("Please refund $5.00 of it as a gesture.", "5.00", "goodwill"),
    ("It never arrived, I want my money back, all 18.00 USD", None, "not_received"),
    ("Refund please, I sent it back on Monday.", None, "return")])
def test_a_plain_refund_names_its_claim_and_its_part(text: str, amount: str | None, claim: str) -> None:
    [action] = read(text, charges=(charge("c1"),)).actions
    assert action.kind == "refund"
    assert (action.charge, action.amount, action.claim) == ("c1", amount, claim)


def test_a_refund_that_fits_two_charges_is_for_a_person() -> None:
    proposal = read("I want a refund.")
    assert (proposal.actions, proposal.unsure) == ((), "Which payment is meant is not clear.")


@pytest.mark.parametrize(("text", "field", "value"), [
    ("Hi, my new phone number is +1 202 555 0177. Thanks!", "phone", "+1 202 555 0177"),
    ("Please update my mobile number to 0664 123 45 67", "mobile", "0664 123 45 67")])
def test_a_new_number_is_a_contact_change(text: str, field: str, value: str) -> None:
    [action] = read(text).actions
    assert action.kind == "contact_change"
    assert (action.contact, action.field, action.value) == ("k1", field, value)


def test_where_is_my_refund_is_a_question_about_the_refunded_charge() -> None:
    refunded = charge("c1", refunds=(SeenRefund(amount="18.00", status="succeeded", on=NOW),), refundable="0.00")
    [action] = read("Where is my refund? It has not arrived.", (refunded, charge("c2"))).actions
    assert action.kind == "status_answer"
    assert action.charge == "c1"


def test_a_furious_customer_with_a_lawyer_is_signalled() -> None:
    proposal = read("I am furious! Charged twice again. My lawyer will hear of this, get me your manager.")
    assert set(proposal.signals) == {"anger", "legal_threat", "asks_for_manager"}
    assert [action.kind for action in proposal.actions] == ["refund"]


def test_two_asks_are_two_answers_and_the_uncovered_one_is_named() -> None:
    proposal = read("I was charged twice. Also please cancel my subscription.")
    assert [action.kind for action in proposal.actions] == ["refund"]
    assert proposal.uncovered == ("cancel a subscription or order",)


@pytest.mark.parametrize("text", ["Thank you so much, all good now.", "Great newsletter, I love it"])
def test_thanks_ask_for_nothing(text: str) -> None:
    proposal = read(text)
    assert (proposal.nothing_asked, proposal.actions, proposal.unsure) == (True, (), None)


def test_a_question_it_does_not_know_is_for_a_person() -> None:
    proposal = read("Do you sell teapots?")
    assert (proposal.nothing_asked, proposal.unsure) == (False, "It is not clear what is asked.")


def test_a_plain_refund_takes_less_than_3000_tokens() -> None:
    rules = OpenAIRules()
    rules.load({"keys": [KEY]}, NOW)
    settings = OpenAISettings.model_validate({"OPENAI_API_KEY": KEY})
    model = OpenAIModel(settings, Surroundings(transports={"openai": Mounted(Door(rules, lambda: NOW))}))
    said = SeenMessage(who="customer", at=NOW, text="I was charged twice, please refund the second one.", new=True)
    planned = ModelPlanner(model).plan(Case(subject="Charged twice", messages=(said,), charges=PAIR, contacts=ADA,
                                            today=NOW))
    assert 200 < planned.tokens_in < 3_000
