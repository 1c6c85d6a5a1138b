"""Over random inputs: knowing less never asks for less, and no rule takes a duty away."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.policy import ACTIONS, FACTS, ROLES, Decision, Effect, Fact, Policy, decide, load_file, shipped_policy_path
from agent.policy.table import EFFECTS

SHIPPED = load_file(shipped_policy_path())
EDGES = {"money": [1, 1800, 2500, 2501, 5000, 5001, 10000, 10001, 50001, 100001, 200000, 200001, 10**13],
         "int": [1, 2, 3, 30, 31, 10**6]}


def values(fact: Fact) -> st.SearchStrategy[Any]:
    if fact.name == "currency":
        return st.sampled_from(["USD", "EUR", "GBP", "JPY"])
    if fact.kind == "bool":
        return st.booleans()
    if fact.kind in EDGES:
        return st.sampled_from(EDGES[fact.kind])
    domain = sorted(fact.domain or {"en", "de", "ja", "main"})
    return st.frozensets(st.sampled_from(domain), max_size=2) if fact.kind == "set" else st.sampled_from(domain)


FACTS_OF_A_TICKET = st.fixed_dictionaries({}, optional={name: values(fact) for name, fact in FACTS.items()})
ACTION = st.sampled_from(sorted(ACTIONS))
RULES = st.frozensets(st.sampled_from([rule.id for rule in SHIPPED.rules]))


def scales(decision: Decision) -> tuple[int, int]:
    """How strict it is towards the customer's and the colleague's duty; refuse and escalate top both."""
    top = {"refuse": 8, "escalate": 9}.get(decision.outcome)
    if top is not None:
        return top, top
    return int(decision.confirm), 0 if decision.approve_by is None else ROLES.index(decision.approve_by) + 1


def at_least(decision: Decision, other: Decision) -> bool:
    return all(one >= two for one, two in zip(scales(decision), scales(other), strict=True))


def keeping(rules: frozenset[str]) -> Policy:
    return SHIPPED.model_copy(update={"rules": tuple(rule for rule in SHIPPED.rules if rule.id in rules)})


@settings(max_examples=500, deadline=None)
@given(ACTION, FACTS_OF_A_TICKET, st.data())
def test_dropping_facts_never_makes_a_duty_weaker(action: str, facts: dict[str, Any], data: st.DataObject) -> None:
    kept = data.draw(st.frozensets(st.sampled_from(sorted(facts)))) if facts else frozenset()
    fewer = {name: facts[name] for name in kept}
    assert at_least(decide(action, fewer, SHIPPED), decide(action, facts, SHIPPED))


@settings(max_examples=200, deadline=None)
@given(ACTION, FACTS_OF_A_TICKET, RULES)
def test_no_rule_takes_a_duty_away(action: str, facts: dict[str, Any], rules: frozenset[str]) -> None:
    assert at_least(decide(action, facts, SHIPPED), decide(action, facts, keeping(rules)))


@settings(max_examples=200, deadline=None)
@given(ACTION, FACTS_OF_A_TICKET)
def test_a_decision_is_the_strictest_of_all_that_was_recorded(action: str, facts: dict[str, Any]) -> None:
    decision = decide(action, facts, SHIPPED)
    effects = [EFFECTS[hit.effect] for hit in (*decision.by, *decision.also)]
    assert decision.outcome == strictest(effects)
    if decision.outcome == "go_ahead":
        assert decision.confirm == any(effect.confirm for effect in effects)
        roles = [effect.approve_by for effect in effects if effect.approve_by]
        assert decision.approve_by == max(roles, key=ROLES.index, default=None)


def strictest(effects: list[Effect]) -> str:
    outcomes = {effect.outcome for effect in effects}
    return "escalate" if "escalate" in outcomes else "refuse" if "refuse" in outcomes else "go_ahead"


@settings(max_examples=300, deadline=None)
@given(ACTION, st.dictionaries(st.sampled_from([*FACTS, "no_such_fact"]),
                               st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5),
                                         st.lists(st.text(max_size=3), max_size=2), st.binary(max_size=2))))
def test_rubbish_is_never_done_unattended(action: str, facts: dict[str, Any]) -> None:
    assert not decide(action, facts, SHIPPED).unattended


@pytest.mark.parametrize("percent", range(0, 101, 20))
@pytest.mark.parametrize("mode", ["off", "shadow", "draft", "execute"])
def test_mode_and_rollout_never_change_the_decision(mode: str, percent: int) -> None:
    row = SHIPPED.actions["refund"].model_copy(update={"mode": mode, "rollout_percent": percent})
    policy = SHIPPED.model_copy(update={"actions": {"refund": row}})
    facts: dict[str, Any] = {"amount": 1800, "currency": "USD"}
    expected = decide("refund", facts, SHIPPED).model_copy(update={"mode": mode})
    assert decide("refund", facts, policy) == expected
