"""As a new admin would: raise a limit, read what it means, publish with a second person, see it in the next note."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.journeys.office import DANA, ERIN, Office, without_rule
from tests.scripts.policy.drafts import Say, asks_for, edit


def test_from_25_to_50_with_a_second_person(admin: Say, office: Office) -> None:
    first = admin("publish", "--by", "Ana")
    assert first.exit_code == 0, first.output
    assert "Published as version 1 by Ana." in first.output
    assert "Needs the customer's yes" in note_of(office, 4000, DANA)

    edit("USD: {auto: 25,", "USD: {auto: 50,")
    assert "a refund of USD 25.01" in admin("diff", "published", "policy").output
    replayed = admin("backtest", "published", "policy", "--json")
    assert replayed.exit_code == 0, replayed.output
    assert [(one["was"], one["becomes"], one["money"]) for one in json.loads(replayed.output)["changes"]] == [
        ("the customer's yes", "nobody", {"USD": 4000})]

    alone = admin("publish", "--by", "Ana")
    assert alone.exit_code == 1
    assert "looser" in alone.output
    assert "Not published: It loosens what is in force, so a second person must agree: --second NAME." in alone.output
    both = admin("publish", "--by", "Ana", "--second", "Bo")
    assert both.exit_code == 0, both.output
    assert "Published as version 2 by Ana and Bo. It is in force from the next decision on." in both.output

    note = note_of(office, 4000, ERIN)
    assert "up to USD 50.00, the claim is proven (rule limit.refund.auto); policy version 2" in note
    assert office.refunded() == {"usd": 4000}


def test_what_breaks_never_is_stopped_with_an_example_in_money(admin: Say, office: Office) -> None:
    admin("publish", "--by", "Ana")
    before = Path("policy/policy.yaml").read_text()
    Path("policy/policy.yaml").write_text(without_rule(before, "charge-disputed"))
    said = admin("publish", "--by", "Ana", "--second", "Cleo")

    assert said.exit_code == 1
    assert "disputed charge" in said.output
    assert "USD" in said.output
    assert "Not published: It breaks never.yaml" in said.output
    assert [one["version"] for one in log(admin)] == [1]


def test_a_machine_reads_the_same_changes_and_examples_as_of_diff_and_prove(admin: Say) -> None:
    admin("publish", "--by", "Ana")
    edit("USD: {auto: 25,", "USD: {auto: 50,")
    told = json.loads(admin("publish", "--by", "Ana", "--second", "Bo", "--dry-run", "--json").output)
    assert told["changes"] == json.loads(admin("diff", "published", "policy", "--json").output)["changes"] != []
    before = Path("policy/policy.yaml").read_text()
    Path("policy/policy.yaml").write_text(without_rule(before, "charge-disputed"))
    told = json.loads(admin("publish", "--by", "Ana", "--dry-run", "--json").stdout)
    proof = json.loads(admin("prove", "policy", "--json").output)
    assert told["counterexamples"] == proof["counterexamples"] != []


def test_a_draft_that_does_not_load_is_refused_with_its_line(admin: Say) -> None:
    admin("publish", "--by", "Ana")
    edit("then: approve by lead", "then: aprove by lead")
    said = admin("publish", "--by", "Ana", "--second", "Bo")
    assert said.exit_code == 1
    assert "policy.yaml: line" in said.output
    assert 'did you mean "approve by lead"?' in said.output
    assert [one["version"] for one in log(admin)] == [1]


def test_a_dry_run_says_everything_and_publishes_nothing(admin: Say) -> None:
    admin("publish", "--by", "Ana")
    edit("USD: {auto: 25,", "USD: {auto: 50,")
    said = admin("publish", "--by", "Ana", "--dry-run")
    assert said.exit_code == 0
    assert "Nothing was published (--dry-run)." in said.output
    assert "it would be refused: It loosens what is in force, so a second person must agree" in said.output
    assert "it would be refused" not in admin("publish", "--by", "Ana", "--second", "Bo", "--dry-run").output
    assert [one["version"] for one in log(admin)] == [1]


def test_the_first_version_is_told_with_its_modes(admin: Say) -> None:
    assert "the first version: refund in execute, contact change in execute, status answer in execute." in (
        admin("publish", "--by", "Ana").output)


def test_a_rollback_puts_an_earlier_version_in_force_again(admin: Say) -> None:
    admin("publish", "--by", "Ana")
    edit("USD: {auto: 25,", "USD: {auto: 50,")
    admin("publish", "--by", "Ana", "--second", "Bo")
    assert admin("rollback", "1", "--by", "Ana", "--second", "Bo").exit_code == 0
    listed = log(admin)
    assert [(one["version"], one["rolled_back_to"]) for one in listed] == [(3, 1), (2, None), (1, None)]
    assert listed[0]["digest"] == listed[2]["digest"]
    assert "in force; as version 1" in admin("log").output
    assert "Version 9 was never published" in admin("rollback", "9", "--by", "Ana").output


def test_before_anything_is_published_the_log_says_what_that_means(admin: Say) -> None:
    assert admin("log").output == "Nothing was published yet: every ticket is handed to a person.\n"


def note_of(office: Office, amount: int, email: str) -> str:
    (note,) = office.notes(asks_for(office, amount, email))
    return note


def log(admin: Say) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(admin("log", "--json").output)["versions"]
    return found
