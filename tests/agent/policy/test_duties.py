"""Who must be asked is told in words, and which of two decisions asks for less."""

from __future__ import annotations

import pytest

from agent.policy import FactValue, Policy, decide
from agent.policy.duties import duties, looser
from tests.agent.policy.calm import CALM, REFUND


@pytest.mark.parametrize("action", sorted(CALM))
def test_where_nobody_is_asked_the_duties_say_so(shipped: Policy, action: str) -> None:
    assert duties(decide(action, CALM[action], shipped)) == "nobody"


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
