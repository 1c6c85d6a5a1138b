"""One decision of the shipped policy, on the facts of a proven duplicate, and the proof of all of never.yaml."""

from __future__ import annotations

import time

from agent.policy import FactValue, decide, load_file, read_text, shipped_policy_path
from agent.policy.never import load_never, shipped_never_path
from agent.policy.proof import prove
from scripts.benches.rows import NotMeasured, Row, Say, centile, middle

FACTS: dict[str, FactValue] = {
    "evidence": "E2", "flags": frozenset(), "signals": frozenset(), "channel": "email", "brand": "main",
    "tags": frozenset(), "language": "en", "category": "billing", "crm_match": "match", "planner": "model",
    "attempts": 0, "several_asks": False, "order_mentioned": True, "recent_contact_change": False,
    "older_money_ticket": False, "same_again": False, "match": "by_email", "other_payer": False,
    "charge_age_days": 3, "charge_state": "paid", "payment_kind": "card", "pays_invoice": False, "connect": False,
    "currency": "USD", "amount": 1800, "claim": "duplicate", "claim_proven": True, "customer_day_total": 1800,
    "customer_30d_total": 1800, "customer_30d_refunds": 1, "customer_day_refunds": 1, "desk_day_total": 1800,
    "desk_day_home": 18, "planner_confidence": "high", "other_open_tickets": 0, "exceeds_remaining": False,
}


def measure(quick: bool, say: Say) -> list[Row]:
    return [_deciding(quick, say), _proving(quick, say)]


def _deciding(quick: bool, say: Say) -> Row:
    say("policy: deciding again and again")
    shipped = load_file(shipped_policy_path())
    if not decide("refund", FACTS, shipped).unattended:
        raise NotMeasured("the shipped policy does not let a proven duplicate through; these facts do not fit it")
    took = []
    for _ in range(2_000 if quick else 20_000):
        began = time.perf_counter_ns()
        decide("refund", FACTS, shipped)
        took.append((time.perf_counter_ns() - began) / 1000)
    return Row("one policy decision, p50", middle(took), "µs", 50, "at most", more={"p99 µs": centile(took, 0.99)})


def _proving(quick: bool, say: Say) -> Row:
    """Each proof starts from the loaded files, as each publication does."""
    say("policy: proving again and again")
    shipped, never = load_file(shipped_policy_path()), load_never(read_text(shipped_never_path()))
    took = []
    for _ in range(20 if quick else 200):
        began = time.perf_counter_ns()
        if prove(shipped, never):
            raise NotMeasured("the shipped policy breaks the shipped never.yaml")
        took.append((time.perf_counter_ns() - began) / 1e6)
    return Row("proof of all invariants, p50", middle(took), "ms", 50, "at most",
               more={"p99 ms": centile(took, 0.99), "entries": len(never.entries)})
