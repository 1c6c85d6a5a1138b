"""One decision of the shipped policy, on the facts of a proven duplicate, and the proof of all of never.yaml."""

from __future__ import annotations

import time

from agent.policy import decide, load_file, read_text, shipped_policy_path
from agent.policy.never import load_never, shipped_never_path
from agent.policy.proof import prove
from agent.policy.proof.calm import calm_with
from scripts.benches.rows import NotMeasured, Row, Say, centile, middle

FACTS = calm_with("refund", {})


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
