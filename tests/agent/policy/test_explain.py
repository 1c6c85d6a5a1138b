"""Facts as people type them become facts, and a decision is explained as it was made."""

from __future__ import annotations

import random

import pytest

from agent.policy import FACTS, FactValue, Policy, decide, load
from agent.policy.explain import FactsUnusable, duties, explain, looser, recorded, typed
from agent.policy.facts import known
from tests.agent.policy.calm import CALM, REFUND
from tests.agent.policy.proof.tables import random_facts, random_policy, written

TYPED: list[tuple[str, object, FactValue]] = [
    ("amount", "USD 40", 4000), ("amount", "usd 40.50", 4050), ("amount", "40 USD", 4000), ("amount", "JPY 40", 40),
    ("amount", "KWD 1.250", 1250), ("amount", 4000, 4000), ("amount", "unknown", None), ("amount", None, None),
    ("claim_proven", "true", True), ("claim_proven", False, False), ("claim_proven", "unknown", None),
    ("flags", "vip, fraud", frozenset({"vip", "fraud"})), ("flags", "none", frozenset()), ("flags", "", frozenset()),
    ("flags", ["vip"], frozenset({"vip"})), ("flags", "unknown", None), ("tags", "Beta", frozenset({"Beta"})),
    ("charge_age_days", "30", 30), ("charge_age_days", 0, 0), ("charge_state", "disputed", "disputed"),
    ("charge_state", "", None), ("language", "no", "no"), ("currency", "eur", "EUR"),
]


@pytest.mark.parametrize(("fact", "said", "meant"), TYPED, ids=[f"{fact} {said!r}" for fact, said, _ in TYPED])
def test_what_is_typed_becomes_the_fact(fact: str, said: object, meant: FactValue) -> None:
    assert typed("refund", {fact: said})[fact] == meant


def test_the_currency_comes_with_the_first_amount() -> None:
    assert typed("refund", {"amount": "EUR 12.50", "desk_day_total": "900"}) == {
        "amount": 1250, "currency": "EUR", "desk_day_total": 90000}
    assert typed("refund", {"currency": "JPY", "amount": "900"}) == {"amount": 900, "currency": "JPY"}


def test_the_ledgers_own_facts_are_taken_as_they_are() -> None:
    plain = {name: sorted(value) if isinstance(value, frozenset) else value for name, value in REFUND.items()}
    assert typed("refund", plain) == REFUND


def test_everything_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(FactsUnusable) as caught:
        typed("contact_change", {"contact_feld": "phone", "evidence": "E9", "amount": "USD 3", "attempts": "-1"})
    assert caught.value.sentences == (
        '"contact_feld" is not a fact; did you mean "contact_field"?',
        'evidence: "E9" is not one of its values; write E0, E1, E2, E3 or E4',
        "amount is not known for contact_change, only for refund; leave it out",
        'attempts: "-1" is not a whole number; write digits only, as in 30',
    )


@pytest.mark.parametrize(("fact", "said"), [
    ("amount", "USD"), ("amount", "USD 40 EUR"), ("amount", "1,000 USD"), ("amount", True), ("amount", 40.5),
    ("amount", "USD 99999999999999"), ("claim_proven", 1), ("flags", 3), ("flags", [1]), ("flags", "vip fraud"),
    ("charge_age_days", 3.0), ("charge_age_days", True), ("charge_age_days", "9999999"), ("evidence", 2),
])
def test_what_cannot_be_meant_is_refused_in_words(fact: str, said: object) -> None:
    with pytest.raises(FactsUnusable, match=f"^{fact}: "):
        typed("refund", {"currency": "USD", fact: said})


def test_typed_facts_are_ones_that_a_decision_takes() -> None:
    for fact, said, _ in TYPED:
        known(typed("refund", {fact: said}))


def test_facts_without_a_value_are_named(shipped: Policy) -> None:
    facts = {name: value for name, value in REFUND.items() if name not in ("evidence", "brand")} | {"match": None}
    assert set(explain("refund", facts, shipped).not_given()) == {"evidence", "brand", "match"} | (
        {name for name, fact in FACTS.items() if "refund" in fact.actions} - set(REFUND))
    assert set(explain("refund", facts, shipped).decision.missing) == {"evidence", "match"}


def test_an_explanation_for_machines_holds_the_whole_decision(shipped: Policy) -> None:
    told = explain("refund", {**REFUND, "flags": {"vip"}, "claim_proven": False}, shipped).as_json()
    assert (told["outcome"], told["confirm"], told["approve_by"], told["unattended"]) == (
        "go_ahead", False, "lead", False)
    assert told["by"] == [{"id": "vip", "because": "VIP customers are seen by a lead", "effect": "approve by lead"}]
    assert [hit["id"] for hit in told["also"]] == ["limit.refund.auto", "claim-unproven"]
    assert (told["missing"], told["facts"]["flags"], told["version"]) == ([], ["vip"], 0)


@pytest.mark.parametrize("action", sorted(CALM))
def test_where_nobody_is_asked_the_duties_say_so(shipped: Policy, action: str) -> None:
    assert explain(action, CALM[action], shipped).duties == "nobody"


@pytest.mark.parametrize(("changed", "words"), [
    ({"amount": 6000}, "the customer's yes"),
    ({"claim_proven": False}, "a colleague's approval"),
    ({"amount": 20000}, "the customer's yes and a lead's approval"),
    ({"amount": 60000}, "the customer's yes and finance's approval"),
    ({"charge_state": "disputed"}, "refused"),
    ({"flags": {"fraud"}}, "handed to a person"),
])
def test_duties_are_told_in_words(shipped: Policy, changed: dict[str, FactValue], words: str) -> None:
    assert duties(decide("refund", {**REFUND, **changed}, shipped)) == words


def test_a_decision_that_was_kept_is_the_one_that_was_made() -> None:
    """The ledger keeps all hits in one list; which of them decided follows from what they ask for."""
    rng = random.Random(71)
    for _ in range(60):
        policy = load(written(random_policy(rng)), version=4)
        for _ in range(40):
            action = rng.choice(("refund", "contact_change", "status_answer"))
            made = decide(action, random_facts(rng, action), policy)
            kept = recorded([hit.model_dump() for hit in (*made.by, *made.also)], **made.model_dump(
                exclude={"by", "also"}))
            assert set(kept.by) == set(made.by)
            assert set(kept.also) == set(made.also)
            assert kept.model_dump(exclude={"by", "also"}) == made.model_dump(exclude={"by", "also"})


@pytest.mark.parametrize(("before", "after", "is_looser"), [
    ({"claim_proven": False}, {}, True),
    ({}, {"claim_proven": False}, False),
    ({"charge_state": "disputed"}, {"amount": 60000}, True),
    ({"amount": 60000}, {"charge_state": "disputed"}, False),
    ({"flags": {"fraud"}}, {"charge_state": "disputed"}, True),
    ({"amount": 6000}, {"flags": {"vip"}}, True),
    ({"flags": {"vip"}}, {"claim_proven": False}, True),
    ({"amount": 6000}, {"amount": 7000}, False),
], ids=str)
def test_looser_is_what_asks_less_of_anyone(shipped: Policy, before: dict[str, FactValue],
                                            after: dict[str, FactValue], is_looser: bool) -> None:
    old, new = decide("refund", {**REFUND, **before}, shipped), decide("refund", {**REFUND, **after}, shipped)
    assert looser(new, old) is is_looser
