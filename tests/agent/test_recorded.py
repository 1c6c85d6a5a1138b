"""Decisions come out of the ledger as they went in."""

from __future__ import annotations

import random

from agent.policy import decide, load
from agent.recorded import decided
from tests.agent.policy.proof.tables import random_facts, random_policy, written


def test_a_decision_that_was_kept_is_the_one_that_was_made() -> None:
    """The ledger keeps all hits in one list; which of them decided follows from what they ask for."""
    rng = random.Random(71)
    for _ in range(60):
        policy = load(written(random_policy(rng)), version=4)
        for _ in range(40):
            action = rng.choice(("refund", "contact_change", "status_answer"))
            made = decide(action, random_facts(rng, action), policy)
            kept = decided([hit.model_dump() for hit in (*made.by, *made.also)], **made.model_dump(
                exclude={"by", "also"}))
            assert set(kept.by) == set(made.by)
            assert set(kept.also) == set(made.also)
            assert kept.model_dump(exclude={"by", "also"}) == made.model_dump(exclude={"by", "also"})
