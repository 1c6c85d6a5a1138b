"""A decision is explained as it was made, with what was not known."""

from __future__ import annotations

from agent.policy import FACTS, Policy
from agent.policy.explain import explain
from tests.agent.policy.calm import REFUND


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
