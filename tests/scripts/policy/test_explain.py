"""`deskhand policy explain`, on facts that are typed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.scripts.policy.drafts import Say, flat


def test_facts_are_explained_with_deciding_rules_and_weaker_hits(policy: Say) -> None:
    said = policy("explain", "--action", "refund", "--calm", "--fact", "amount=USD 40", "--fact", "flags=vip")
    assert said.exit_code == 0
    assert "refund of USD 40.00: needs the customer's yes and a lead's approval" in flat(said)
    assert "decides vip approve by lead VIP customers are seen by a lead" in flat(said)
    said = policy("explain", "--action", "refund", "--calm", "--fact", "amount=USD 40", "--fact", "claim_proven=false",
                  "--fact", "flags=vip", "--json")
    told = json.loads(said.output)
    assert [hit["id"] for hit in told["by"]] == ["limit.refund.confirm", "vip"]
    assert [hit["id"] for hit in told["also"]] == ["claim-unproven"]


def test_facts_that_are_not_given_are_missing_and_named(policy: Say) -> None:
    told = json.loads(policy("explain", "--action", "status_answer", "--fact", "evidence=E2", "--json").output)
    assert told["outcome"] == "escalate"
    assert {"flags", "signals"} <= set(told["missing"])
    assert "evidence" not in told["not_given"]
    said = policy("explain", "--action", "status_answer", "--fact", "evidence=E2")
    assert "Not known, and so counted as a match:" in said.output
    assert "With --calm they are as in an ordinary case." in said.output


@pytest.mark.parametrize(("fact", "words"), [
    ("amuont=USD 40", '"amuont" is not a fact; did you mean "amount"?'),
    ("amount=40", 'amount: "40" has no currency; write it as in USD 40'),
    ("amount=USD 40.001", "amount: USD cannot be 40.001, that is finer than its smallest unit"),
    ("amount=a lot", 'amount: "a lot" is not an amount; write it as in USD 40 or USD 12.50'),
    ("amount=USX 40", 'amount: "USX" is not a currency Deskhand knows; did you mean'),
    ("amount=USD 0", "amount: 0 (in minor units) is out of range; write one from 1 to 10000000000000"),
    ("claim_proven=yes", 'claim_proven: "yes" is neither true nor false; write true or false'),
    ("charge_state=disputd", 'charge_state: "disputd" is not one of its values; did you mean "disputed"?'),
    ("flags=vip,fruad", 'flags: "fruad" is not one of its values; did you mean "fraud"?'),
    ("charge_age_days=22:30", 'charge_age_days: "22:30" is not a whole number; write digits only, as in 30'),
    ("contact_field=phone", "contact_field is not known for refund, only for contact_change; leave it out"),
    ("claim_proven", "--fact claim_proven: write NAME=VALUE, as in claim_proven=true"),
])
def test_a_fact_that_is_none_is_told_with_the_mend(policy: Say, fact: str, words: str) -> None:
    said = policy("explain", "--action", "refund", "--fact", fact)
    assert said.exit_code == 2
    assert words in flat(said)


def test_money_of_two_currencies_is_no_decision(policy: Say) -> None:
    said = policy("explain", "--action", "refund", "--fact", "amount=USD 40", "--fact", "desk_day_total=EUR 50")
    assert said.exit_code == 2
    assert "desk_day_total: it is in EUR and the rest in USD; write all money in one currency" in flat(said)


def test_facts_printed_for_machines_can_be_given_again(policy: Say) -> None:
    given = ["--fact", "amount=12.50 EUR", "--fact", "flags=", "--fact", "signals=anger, press"]
    first = json.loads(policy("explain", "--action", "refund", "--calm", *given, "--json").output)
    facts = first["facts"]
    assert (facts["amount"], facts["currency"], facts["desk_day_total"]) == (1250, "EUR", 1250)
    Path("facts.json").write_text(json.dumps(first["facts"]))
    assert json.loads(policy("explain", "--action", "refund", "--facts", "facts.json", "--json").output) == first


@pytest.mark.parametrize(("arguments", "words"), [
    ([], "Name a ticket, or an action with --action and its facts."),
    (["12", "--action", "refund"], "Name a ticket, or an action"),
    (["12", "--calm"], "a ticket has its own facts"),
    (["--action", "payout"], "'payout' is not one of"),
])
def test_explain_needs_a_ticket_or_facts(policy: Say, arguments: list[str], words: str) -> None:
    said = policy("explain", *arguments)
    assert said.exit_code == 2
    assert words in flat(said)


@pytest.mark.parametrize(("text", "words"), [("{", "is not JSON"), ("[]", "is not one JSON object")])
def test_a_file_of_facts_that_is_none_is_told(policy: Say, text: str, words: str) -> None:
    Path("facts.json").write_text(text)
    said = policy("explain", "--action", "refund", "--facts", "facts.json")
    assert said.exit_code == 2
    assert words in flat(said)
