"""`deskhand policy diff`: what becomes looser and what stricter."""

from __future__ import annotations

import json

from tests.scripts.policy.drafts import SHIPPED, Say, edit, flat


def test_diff_tells_what_becomes_looser_and_ends_with_1(policy: Say) -> None:
    edit("auto: 25", "auto: 50", times=3)
    said = policy("diff", str(SHIPPED))
    assert said.exit_code == 1
    assert "looser a refund of USD 25.01 with a proven claim the customer's yes nobody" in flat(said)
    assert "Publishing what is looser needs a second person." in said.output


def test_diff_ends_with_0_when_it_only_becomes_stricter(policy: Say) -> None:
    edit("charge_age_days: {over: 30}", "charge_age_days: {over: 20}")
    said = policy("diff", str(SHIPPED), "policy", "--json")
    told = json.loads(said.output)
    assert (said.exit_code, told["looser"]) == (0, False)
    first = told["changes"][0]
    assert (first["was"], first["becomes"], first["facts"]["charge_age_days"]) == ("nobody", "a lead's approval", 21)


def test_diff_of_texts_alone_says_that_nothing_changes(policy: Say) -> None:
    edit("because: someone else paid", "because: another person paid")
    said = policy("diff", str(SHIPPED))
    assert (said.exit_code, said.output) == (0, f"policy/policy.yaml decides nothing otherwise than {SHIPPED}.\n")


def test_diff_tells_what_never_yaml_no_longer_demands(policy: Say) -> None:
    edit("at_least: refuse", "at_least: approve by finance", "policy/never.yaml")
    said = policy("diff", str(SHIPPED.parent))
    assert said.exit_code == 1
    assert "(never.yaml, sender-unknown) at least refuse" in flat(said)
