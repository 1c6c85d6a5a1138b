"""The proof and z3, which is told the meaning of the files in another way, come to the same verdicts."""

from __future__ import annotations

import random

import pytest

from agent.policy import load
from agent.policy.never import load_never
from agent.policy.proof import prove
from tests.agent.policy.proof.solver import SecondOpinion
from tests.agent.policy.proof.tables import random_entry, random_policy, written

SEEDS = range(8)
POLICIES, A_FEW = 250, 50


@pytest.mark.parametrize("seed", SEEDS)
def test_boxes_and_z3_agree_on_random_policies(seed: int, is_whole: bool) -> None:
    """Of each seed 50 policies, so 400 in all, and 2,000 with `--whole`.

    Every example is confirmed by `decide` before it is shown.
    """
    rng, z3 = random.Random(seed), SecondOpinion()
    broken = kept = 0
    policies = POLICIES if is_whole else A_FEW
    for _ in range(policies):
        table, entries = random_policy(rng, rules=5), [random_entry(rng, f"n{n}") for n in range(2)]
        found = prove(load(written(table)), load_never(written({"never": entries})))
        boxes = {(one.entry, one.action, one.duty) for one in found}
        assert boxes == z3.broken(table, entries, surely=False), written({**table, "never": entries})
        surely = {(one.entry, one.action, one.duty) for one in found if not one.uncertain}
        assert surely == z3.broken(table, entries, surely=True), written({**table, "never": entries})
        broken, kept = broken + len(boxes), kept + len(entries) - len({one[0] for one in boxes})
    assert broken > policies * 0.4
    assert kept > policies * 0.1
