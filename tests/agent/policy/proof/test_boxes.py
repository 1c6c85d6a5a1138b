"""The boxes say what the decision says, and knowing less or ruling more never asks for less."""

from __future__ import annotations

import random

import pytest

from agent.policy import ACTIONS, FactValue, Policy, decide, load
from agent.policy.duties import Scale, rank
from agent.policy.facts import known
from agent.policy.proof.boxes import boxes_of
from agent.policy.proof.space import Space, holds
from tests.agent.policy.proof.tables import random_facts, random_policy, random_rule, written

SCALE: tuple[Scale, ...] = ("customer", "colleague")


def random_policies(seed: int, number: int) -> list[Policy]:
    rng = random.Random(seed)
    return [load(written(random_policy(rng))) for _ in range(number)]


def test_boxes_and_decisions_agree_on_thousands_of_inputs(is_whole: bool) -> None:
    """On 10,000, and on 50,000 with `--whole`."""
    rng = random.Random(31)
    for policy in random_policies(30, 250 if is_whole else 50):
        space = Space([policy])
        ruled = {action: boxes_of(policy, action, space) for action in ACTIONS}
        for _ in range(200):
            action = rng.choice(("refund", "refund", "refund", "contact_change", "status_answer"))
            facts = random_facts(rng, action)
            decision, place = decide(action, facts, policy), space.place(facts)
            for scale in SCALE:
                strictest = max((rank(one.effect, scale) for one in ruled[action] if holds(one.box, place)), default=0)
                assert strictest == rank(decision, scale), (action, facts, decision.in_words())


def test_dropping_facts_from_thousands_of_inputs_never_makes_a_duty_weaker(is_whole: bool) -> None:
    """From 10,000, and from 50,000 with `--whole`."""
    rng = random.Random(41)
    for policy in random_policies(40, 100):
        for _ in range(500 if is_whole else 100):
            action = rng.choice(("refund", "refund", "refund", "contact_change", "status_answer"))
            facts = known(random_facts(rng, action))
            fewer = {name: value for name, value in facts.items() if rng.random() < 0.7}
            decision, less = decide(action, facts, policy), decide(action, fewer, policy)
            for scale in SCALE:
                assert rank(less, scale) >= rank(decision, scale), (action, facts, fewer)


def test_a_further_rule_never_takes_a_duty_away(is_whole: bool) -> None:
    rng = random.Random(51)
    for _ in range(100 if is_whole else 30):
        table = random_policy(rng)
        policy = load(written(table))
        currencies = tuple(table["actions"]["refund"]["limits"])
        table["rules"].insert(rng.randint(0, len(table["rules"])), random_rule(rng, "further", currencies))
        more = load(written(table))
        for _ in range(50):
            facts = random_facts(rng, "refund")
            for scale in SCALE:
                assert rank(decide("refund", facts, more), scale) >= rank(decide("refund", facts, policy), scale)


@pytest.mark.parametrize("total", ["customer_30d_total", "desk_day_total"])
def test_a_total_smaller_than_the_customers_day_is_read_as_that(total: str) -> None:
    """Such facts cannot be; the proof leaves them out, so the decision must not tell them apart."""
    policy = load(f"""\
policy: totals
actions: {{refund: {{mode: execute, limits: {{USD: {{auto: 100}}}}}}}}
rules:
  - {{id: budget, actions: [refund], when: {{{total}: {{over: {{USD: 50}}}}}}, then: approve by lead, because: used up}}
""")
    facts: dict[str, FactValue] = {"currency": "USD", "amount": 1000, "customer_day_total": 5001, total: 3000}
    assert decide("refund", facts, policy).approve_by == "lead"
    assert decide("refund", {**facts, "customer_day_total": 5000}, policy).unattended


def test_a_count_smaller_than_the_days_is_read_as_that() -> None:
    policy = load("""\
policy: counts
actions: {refund: {mode: execute, limits: {USD: {auto: 100}}}}
rules:
  - {id: often, actions: [refund], when: {customer_30d_refunds: {over: 2}}, then: approve by lead, because: often}
""")
    facts: dict[str, FactValue] = {"currency": "USD", "amount": 1000, "customer_30d_refunds": 1}
    assert decide("refund", {**facts, "customer_day_refunds": 3}, policy).approve_by == "lead"
    assert decide("refund", {**facts, "customer_day_refunds": 2}, policy).unattended


def test_the_word_unknown_is_no_brand() -> None:
    policy = load("""\
policy: brands
actions: {status_answer: {mode: execute, allow: go ahead}}
rules:
  - {id: brand, actions: all, when: {brand: {is_not: [unknown, main]}}, then: confirm, because: another brand}
""")
    brands: tuple[FactValue, ...] = ("unknown", "Unknown", "main", "other", None)
    space = Space([policy])
    ruled = boxes_of(policy, "status_answer", space)
    for brand in brands:
        place = space.place({"brand": brand})
        asked = any(holds(one.box, place) for one in ruled if one.effect.confirm)
        assert asked == decide("status_answer", {"brand": brand}, policy).confirm == (brand != "main")
