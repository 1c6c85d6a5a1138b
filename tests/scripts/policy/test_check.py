"""`deskhand policy check`: mistakes with their place and mend, and what a draft without any comes to."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from tests.scripts.policy.drafts import Say, edit, flat

MISTAKES: dict[str, tuple[str, str, str, str]] = {
    "misspelt field": ("charge_age_days: {over: 30}", "charge_age_day: {over: 30}", "12",
        '"charge_age_day" is not a fact; did you mean "charge_age_days"?'),
    "misspelt value": ("[fraud, legal_hold]", "[fruad, legal_hold]", "29",
        'flags: "fruad" is not one of its values; did you mean "fraud"?'),
    "misspelt outcome": ("then: escalate", "then: esclate", "11",
        'then: "esclate" is not possible; did you mean "escalate"?'),
    "missing currency": ("customer_day_total: {over: {USD: 50, EUR: 50, GBP: 50}}",
        "customer_day_total: {over: {USD: 50, EUR: 50}}", "7",
        "customer_day_total has no amount for GBP, which refund allows; add `GBP: ...`"),
    "limits not rising": ("USD: {auto: 25, confirm: 100", "USD: {auto: 25, confirm: 10", "32",
        "limits must rise: confirm USD 10.00 is not above auto USD 25.00; raise confirm or lower auto"),
    "unquoted colon": ("because: someone else paid", "because: payer: someone else", "19",
        "a colon stands inside text without quotes; put the text in quotes (or indent the line as its neighbours)"),
    "a time for a number": ("charge_age_days: {over: 30}", "charge_age_days: {over: 22:30}", "36",
        'charge_age_days: "22:30" is not a whole number from 0 to 1000000; write digits only, as in `30`'),
    "duplicate key": ("    because: someone else paid", "    then: refuse\n    because: someone else paid", "5",
        '"then" is written twice, first in line {before}; keep one of them'),
    "tab": ("    because: someone else paid", "\tbecause: someone else paid", "1", "a tab; use spaces"),
    "duplicate id": ("- id: other-payer", "- id: sender-unknown", "9",
        'the rule id "sender-unknown" is used in line {first} already; rename one'),
    "text after a limit": ("USD: {auto: 25,", "USD: {auto: 25 dollars,", "19",
        '"25 dollars" is not an amount of USD; write the number alone, as in `25` or `12.50`, without currency, words '
        "or separators"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_typical_mistake_is_one_sentence_with_its_line_and_its_mend(policy: Say, name: str) -> None:
    old, new, column, sentence = MISTAKES[name]
    line = edit(old, new)
    first = Path("policy/policy.yaml").read_text().split("\n").index("  - id: sender-unknown") + 1
    said = policy("check")
    told = sentence.format(before=line - 1, first=first)
    assert (said.exit_code, said.output) == (1, f"policy/policy.yaml:{line}:{column}: {told}\n")


def test_no_as_a_language_is_norwegian(policy: Say) -> None:
    edit("language: {is_not: [en, de, fr, es]}", "language: {is_not: [en, de, no]}")
    assert policy("check").exit_code == 0
    found = policy("explain", "--action", "contact_change", "--calm", "--fact", "language=no", "--json")
    assert json.loads(found.output)["unattended"] is True


def test_all_mistakes_of_both_files_are_told_at_once(policy: Say) -> None:
    first = edit("[fraud, legal_hold]", "[fruad]")
    second = edit("at_least: refuse", "at_least: refse", "policy/never.yaml")
    said = policy("check", "--json")
    assert said.exit_code == 1
    told = json.loads(said.output)
    assert told["ok"] is False
    assert [(one["file"], one["line"]) for one in told["mistakes"]] == [
        ("policy/policy.yaml", first), ("policy/never.yaml", second)]
    assert all(one["sentence"].endswith("?") and one["column"] > 1 for one in told["mistakes"])


def test_a_good_draft_is_summed_up(policy: Say) -> None:
    said, told = policy("check"), json.loads(policy("check", "--json").output)
    assert said.exit_code == 0
    assert "policy/policy.yaml can be used: 3 actions and" in flat(said)
    assert "deskhand policy prove" in flat(said)
    assert (told["ok"], told["mistakes"], told["worries"]) == (True, [], [])
    assert told["actions"]["refund"] == {"mode": "shadow", "rollout_percent": 100}
    assert told["rules"] > 30


@pytest.mark.parametrize("path", ["policy", "policy/policy.yaml", "policy/never.yaml"])
def test_a_folder_and_either_of_its_files_name_both(policy: Say, path: str) -> None:
    assert policy("check", path).output == policy("check").output


def test_what_can_never_matter_is_told_and_counts_only_when_strict(policy: Say) -> None:
    line = edit("  - id: vip\n", "  - id: vip-too\n    actions: all\n    when: {flags: {any_of: [vip]}}\n"
                "    then: approve by agent\n    because: again\n\n  - id: vip\n")
    said = policy("check")
    assert (f"policy/policy.yaml:{line}: the rule vip-too can never matter: wherever it applies, vip asks as much or "
            "more; remove it, or change its `when` or `then`\n") in said.output
    assert (said.exit_code, policy("check", "--strict").exit_code) == (0, 1)


@pytest.mark.parametrize("path", ["nowhere", "policy/nowhere.yaml"])
def test_where_there_is_no_draft_it_is_wrong_usage(policy: Say, path: str) -> None:
    said = policy("check", path)
    assert said.exit_code == 2
    assert "is neither a file, nor a folder, nor a published version" in flat(said)


def test_a_policy_folder_that_is_not_there_is_not_taken_for_what_is_shipped(run: Callable[..., Result]) -> None:
    said = run("policy", "check", DESKHAND_POLICY="polciy")
    assert said.exit_code == 2
    assert "DESKHAND_POLICY names polciy, and nothing is there" in " ".join(said.output.split())


def test_a_never_yaml_that_leads_nowhere_is_not_taken_for_the_shipped_one(policy: Say) -> None:
    Path("policy/never.yaml").unlink()
    Path("policy/never.yaml").symlink_to("gone.yaml")
    said = policy("check")
    assert said.exit_code == 2
    assert "There is no never.yaml in policy." in said.output
