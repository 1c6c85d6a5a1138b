"""Facts as people type them become facts."""

from __future__ import annotations

import pytest

from agent.policy import FactValue
from agent.policy.facts import known
from agent.policy.typed import FactsUnusable, typed
from tests.agent.policy.calm import REFUND

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
