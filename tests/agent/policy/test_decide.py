"""Facts in, decision out: duties add up, what is not known counts as a match, and whatever goes wrong escalates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from pydantic import ValidationError

from agent.policy import FACTS, ContactDetail, Policy, contact_detail, decide, in_rollout, load, shipped_policy_path
from agent.proposal import Claim, Signal
from connectors.contract import ContactField
from tests.agent.policy.calm import CONTACT_CHANGE, REFUND


def test_both_duties_are_needed_when_different_rules_ask_for_them(shipped: Policy) -> None:
    decision = decide("refund", {**REFUND, "amount": 6000, "claim_proven": False}, shipped)
    assert (decision.outcome, decision.confirm, decision.approve_by) == ("go_ahead", True, "agent")
    assert not decision.unattended


def test_every_hit_is_recorded_the_weaker_ones_apart(shipped: Policy) -> None:
    decision = decide("refund", {**REFUND, "claim_proven": False, "flags": {"vip"}}, shipped)
    assert [hit.id for hit in decision.by] == ["vip"]
    assert [hit.id for hit in decision.also] == ["limit.refund.auto", "claim-unproven"]


def test_a_refusal_keeps_what_else_applied_and_asks_nobody(shipped: Policy) -> None:
    decision = decide("refund", {**REFUND, "other_payer": True, "claim_proven": False}, shipped)
    assert (decision.outcome, decision.confirm, decision.approve_by) == ("refuse", False, None)
    assert "claim-unproven" in [hit.id for hit in decision.also]


@pytest.mark.parametrize("way", ["absent", None, "unknown"])
def test_a_missing_fact_counts_as_a_match_and_is_named(shipped: Policy, way: str | None) -> None:
    facts = {**REFUND, "claim_proven": way}
    if way == "absent":
        del facts["claim_proven"]
    decision = decide("refund", facts, shipped)
    assert (decision.approve_by, decision.missing) == ("agent", ("claim_proven",))


def test_a_missing_fact_no_rule_asks_about_is_not_named(shipped: Policy) -> None:
    facts = {name: value for name, value in REFUND.items() if name != "brand"}
    assert decide("refund", facts, shipped).missing == ()


def only(shipped: Policy, when: str, then: str = "refuse") -> Policy:
    """The shipped limits with one rule."""
    head = shipped_policy_path().read_text().partition("rules:")[0]
    return load(f"{head}rules:\n  - {{id: one, actions: all, when: {when}, then: {then}, because: so}}\n")


@pytest.mark.parametrize("brand", ["unknown", "Unknown", "UNKNOWN", "ｕｎｋｎｏｗｎ"])
def test_a_brand_whose_name_is_unknown_counts_as_a_match_however_it_is_written(shipped: Policy, brand: str) -> None:
    for when in ("{brand: {is: [main]}}", "{brand: {is_not: [main]}}"):
        decision = decide("refund", {**REFUND, "brand": brand}, only(shipped, when))
        assert (decision.outcome, decision.missing) == ("refuse", ("brand",))


@pytest.mark.parametrize("written", ["Cafe\u0301", "CAF\u00c9", "caf\u00e9", "\uff23af\u00e9"])
def test_names_are_the_same_however_an_accent_was_typed(shipped: Policy, written: str) -> None:
    policy = only(shipped, f'{{brand: {{is: ["{written}"]}}}}')
    assert decide("refund", {**REFUND, "brand": "Caf\u00e9"}, policy).outcome == "refuse"
    policy = only(shipped, '{tags: {any_of: ["caf\u00e9"]}}')
    assert decide("refund", {**REFUND, "tags": {written}}, policy).outcome == "refuse"


@pytest.mark.parametrize("fact", ["amount", "currency"])
def test_without_amount_or_currency_it_is_refused(shipped: Policy, fact: str) -> None:
    decision = decide("refund", {**REFUND, fact: None}, shipped)
    assert (decision.outcome, decision.by[0].id, decision.missing[0]) == ("refuse", "limit.amount", fact)


def test_a_total_below_the_amount_it_includes_is_read_as_the_amount(shipped: Policy) -> None:
    budget = next(rule for rule in shipped.rules if rule.id == "customer-day-budget")
    whatever_the_amount = budget.model_copy(update={"when": budget.when[:1]})
    policy = shipped.model_copy(update={"rules": (whatever_the_amount,)})
    decision = decide("refund", {**REFUND, "amount": 5001, "customer_day_total": 0}, policy)
    assert [hit.id for hit in decision.by] == ["limit.refund.confirm", "customer-day-budget"]


WRONG: list[tuple[str, Any]] = [
    ("amount", 18.0), ("amount", "1800"), ("amount", True), ("amount", 0), ("amount", -1), ("amount", 10**14),
    ("amount", float("nan")), ("customer_day_total", -1), ("customer_30d_refunds", 0), ("charge_age_days", -1),
    ("charge_age_days", 10**7), ("charge_age_days", 3.0), ("currency", "usd"), ("currency", "XYZ"), ("currency", "UGX"),
    ("currency", 840), ("claim_proven", 1), ("claim_proven", "true"), ("evidence", "E5"), ("evidence", 2),
    ("charge_state", "succeeded"), ("charge_state", ""), ("flags", "vip"), ("flags", {"friend"}), ("flags", {1}),
    ("flags", [["vip"]]), ("signals", {"anger": True}), ("tags", [None]), ("language", b"en"), ("brand", 7),
    ("amuont", 1800), ("amuont", None),
]


@pytest.mark.parametrize(("fact", "value"), WRONG)
def test_a_fact_that_cannot_be_right_escalates(shipped: Policy, fact: str, value: Any) -> None:
    decision = decide("refund", {**REFUND, fact: value}, shipped)
    assert (decision.outcome, decision.mode) == ("escalate", "shadow")
    assert [hit.id for hit in decision.by] == ["engine.error"]


def test_an_error_names_the_fact_and_never_its_value(shipped: Policy) -> None:
    decision = decide("refund", {**REFUND, "charge_state": "4242 4242 4242 4242"}, shipped)
    assert decision.in_words() == "Handed to a person: charge_state has a value it cannot have (rule engine.error)"


class Broken(Mapping[str, Any]):
    def __getitem__(self, key: str) -> Any:
        raise ConnectionError(key)

    def __iter__(self) -> Iterator[str]:
        raise ConnectionError("gone")

    def __len__(self) -> int:
        return 1


@pytest.mark.parametrize("facts", [Broken(), None, [("amount", 1)]])
def test_any_error_while_deciding_escalates(shipped: Policy, facts: Any) -> None:
    decision = decide("refund", facts, shipped)
    assert (decision.outcome, [hit.id for hit in decision.by]) == ("escalate", ["engine.error"])


def test_without_a_policy_everything_escalates() -> None:
    decision = decide("refund", REFUND, None)
    assert (decision.outcome, decision.by[0].id, decision.mode) == ("escalate", "engine.no_policy", "off")


@pytest.mark.parametrize("action", ["payout", "", "REFUND"])
def test_an_action_the_policy_does_not_name_is_refused(shipped: Policy, action: str) -> None:
    decision = decide(action, REFUND, shipped)
    assert (decision.outcome, decision.by[0].id, decision.mode) == ("refuse", "engine.no_action", "off")


def test_an_action_that_is_no_name_escalates(shipped: Policy) -> None:
    unusable: Any = ["refund"]
    assert decide(unusable, REFUND, shipped).by[0].id == "engine.error"


def test_words_of_the_proposal_are_facts_as_they_are(shipped: Policy) -> None:
    facts = {**REFUND, "claim": Claim.DUPLICATE, "signals": (Signal.ANGER,)}
    assert [hit.id for hit in decide("refund", facts, shipped).by] == ["anger"]
    assert FACTS["claim"].domain == frozenset(Claim)
    assert FACTS["signals"].domain == frozenset(Signal)


def test_a_change_of_several_details_has_no_single_contact_field(shipped: Policy) -> None:
    assert contact_detail([ContactField.PHONE, ContactField.MOBILE]) is ContactDetail.PHONE
    assert contact_detail([ContactField.STREET, ContactField.CITY]) is ContactDetail.POSTAL_ADDRESS
    mixed = contact_detail([ContactField.PHONE, ContactField.EMAIL])
    assert mixed is None
    assert decide("contact_change", {**CONTACT_CHANGE, "contact_field": mixed}, shipped).outcome == "escalate"
    assert {contact_detail([field]) for field in ContactField} == set(ContactDetail)


WORDS: list[tuple[dict[str, Any], str]] = [
    ({}, "Done without asking: up to USD 25.00, the claim is proven (rule limit.refund.auto)"),
    ({"amount": 6000, "claim_proven": False},
     "Needs the customer's yes and a colleague's approval: above USD 25.00, up to USD 100.00 "
     "(rule limit.refund.confirm); the claim is not proven by the payment provider's books (rule claim-unproven)"),
    ({"amount": 6000},
     "Needs the customer's yes: above USD 25.00, up to USD 100.00, the claim is proven (rule limit.refund.confirm)"),
    ({"flags": None},
     "Handed to a person: fraud flag or legal hold (rule stop-flags); not known, so counted as a match: flags"),
    ({"charge_state": "disputed"}, "Not done, a person answers: the charge is disputed (rule charge-disputed)"),
    ({"amount": 200001},
     "Not done, a person answers: above USD 2,000.00, the highest limit (rule limit.refund.above)"),
]


@pytest.mark.parametrize(("changed", "expected"), WORDS)
def test_a_decision_says_in_one_line_what_is_needed_and_why(
        shipped: Policy, changed: dict[str, Any], expected: str) -> None:
    assert decide("refund", {**REFUND, **changed}, shipped).in_words() == expected


def test_a_decision_carries_the_version_it_was_made_by_and_is_never_changed(shipped: Policy) -> None:
    decision = decide("refund", REFUND, shipped)
    assert (decision.policy, decision.version, decision.digest) == ("deskhand", 0, shipped.digest)
    with pytest.raises(ValidationError):
        decision.outcome = "refuse"  # type: ignore[misc]


def rollout(policy: Policy, percent: int, version: int = 1) -> set[str]:
    row = policy.actions["refund"].model_copy(update={"rollout_percent": percent})
    copy = policy.model_copy(update={"actions": {"refund": row}, "version": version})
    return {f"cus_{n}" for n in range(2000) if in_rollout(copy, "refund", f"cus_{n}")}


def test_rollout_takes_about_its_share_of_customers_and_keeps_them_as_it_grows(shipped: Policy) -> None:
    quarter, half = rollout(shipped, 25), rollout(shipped, 50, version=2)
    assert 400 < len(quarter) < 600
    assert quarter < half
    assert rollout(shipped, 0) == set()
    assert len(rollout(shipped, 100)) == 2000


def test_rollout_leaves_out_nobody_in_particular_and_unknown_actions(shipped: Policy) -> None:
    assert not in_rollout(shipped, "refund", "")
    assert not in_rollout(shipped, "payout", "cus_1")


def test_a_copied_policy_decides_by_its_own_rules(shipped: Policy) -> None:
    assert not decide("refund", {**REFUND, "claim_proven": False}, shipped).unattended
    bare = shipped.model_copy(update={"rules": ()})
    assert decide("refund", {**REFUND, "claim_proven": False}, bare).unattended
