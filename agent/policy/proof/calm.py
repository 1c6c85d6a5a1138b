"""Facts that need no explanation: an example keeps them unless something else is what it shows."""

from __future__ import annotations

from collections.abc import Mapping

from agent.policy.facts import FACTS, INCLUDES, Fact, FactValue

CALM: Mapping[str, FactValue] = {
    "currency": "USD", "amount": 1800, "claim": "duplicate", "claim_proven": True, "evidence": "E2",
    "match": "by_email", "charge_age_days": 3, "charge_state": "paid", "payment_kind": "card", "channel": "email",
    "brand": "main", "language": "en", "category": "billing", "contact_field": "phone", "crm_match": "match",
    "planner": "model", "planner_confidence": "high", "business_hours": True,
}
"""Where it is not simply no, the smallest number, or the first of the values."""


def calm(fact: Fact) -> FactValue:
    """A text, True or False, or a number of the fact's own kind; of a set, the empty one."""
    if fact.name in CALM:
        return CALM[fact.name]
    usual: Mapping[str, FactValue] = {"bool": False, "set": frozenset(), "enum": min(fact.domain or {"other"})}
    return usual.get(fact.kind, fact.least)


def calm_with(action: str, given: Mapping[str, FactValue]) -> dict[str, FactValue]:
    """What is given, and every other fact of the action calm; totals that are not given count only this request."""
    found: dict[str, FactValue] = {}
    for name, fact in FACTS.items():
        if action in fact.actions:
            counted = [value for part in INCLUDES.get(name, ()) if isinstance(value := found[part], int)]
            found[name] = given.get(name, max(counted) if counted else calm(fact))
    return found
