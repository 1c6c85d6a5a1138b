"""`deskhand policy check`, `explain`, `diff` and `backtest`: what they say to people, to machines and by exit code."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from agent.database import Database
from agent.policy import shipped_policy_path
from agent.published import Published
from tests.journeys.office import DANA, ERIN, Office, execute, refund
from tests.scripts.test_cli import COMPLETE, run  # noqa: F401

SHIPPED = shipped_policy_path()
Say = Callable[..., Result]


@pytest.fixture
def policy(run: Callable[..., Result], tmp_path: Path) -> Say:  # noqa: F811
    """Runs `deskhand policy …` beside a folder of drafts, without any installation."""
    drafts = tmp_path / "policy"
    drafts.mkdir()
    for name in ("policy.yaml", "never.yaml"):
        (drafts / name).write_text((SHIPPED.parent / name).read_text())

    def say(*arguments: str, **settings: str) -> Result:
        return run("policy", *arguments, DESKHAND_POLICY="policy", COLUMNS="200", **settings)
    return say


def edit(old: str, new: str, name: str = "policy/policy.yaml", *, times: int = 1) -> int:
    """Changes a draft; returns the line where it does so first."""
    text = Path(name).read_text()
    assert old in text
    Path(name).write_text(text.replace(old, new, times))
    return text[:text.index(old)].count("\n") + 1


def flat(said: Result) -> str:
    """What was printed, as one line without the lines of tables."""
    return " ".join(said.output.replace("│", " ").split())


# ---------------------------------------------------------------- check


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
    assert "is neither a file or folder nor a published version" in flat(said)


# ---------------------------------------------------------------- diff


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


# ---------------------------------------------------------------- explain: facts


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


# ---------------------------------------------------------------- explain and backtest: what was decided


@pytest.fixture
def admin(policy: Say, database: Database) -> Say:
    """`deskhand policy …` in an installation whose first version runs in execute mode."""
    Path("policy/policy.yaml").write_text(execute(Path("policy/policy.yaml").read_text()))

    def say(*arguments: str) -> Result:
        return policy(*arguments, **COMPLETE, DESKHAND_DATABASE_URL=database.url)
    assert say("publish", "--by", "Ana").exit_code == 0
    return say


@pytest.fixture
def office(admin: Say, database: Database) -> Office:
    made = Office(database.engine)
    made.published = Published()
    made.planner.always = lambda case: (  # type: ignore[attr-defined]
        {"actions": [refund("c2", quote="refund")]} if any(m.new for m in case.messages) else {"nothing_asked": True})
    return made


def asks_for(office: Office, amount: int, email: str = DANA) -> int:
    office.double_charge(amount, email)
    return office.handle(email=email)


@pytest.mark.parametrize("name", ["{}", "#{}", "zendesk:acme:{}"])
def test_a_ticket_is_explained_by_what_was_decided(admin: Say, office: Office, name: str) -> None:
    ticket = asks_for(office, 4000)
    said = admin("explain", name.format(ticket))
    assert said.exit_code == 0, said.output
    assert f"zendesk:acme:{ticket} was planned last on 20 Nov 2026" in flat(said)
    assert "refund of USD 40.00: needs the customer's yes (deskhand version 1, mode execute)" in flat(said)
    assert "decides limit.refund.confirm confirm above USD 25.00, up to USD 100.00, the claim is proven" in flat(said)
    assert "By the policy in force (version 1) it would be the same on these facts." in flat(said)


def test_a_ticket_is_also_explained_by_what_is_in_force_today(admin: Say, office: Office) -> None:
    ticket = asks_for(office, 4000)
    edit("auto: 25", "auto: 50", times=3)
    assert admin("publish", "--by", "Ana", "--second", "Bo").exit_code == 0
    said = admin("explain", str(ticket))
    assert "needs the customer's yes (deskhand version 1, mode execute)" in flat(said)
    assert "By the policy in force (version 2): Done without asking: up to USD 50.00" in flat(said)
    [told] = json.loads(admin("explain", str(ticket), "--json").output)["decisions"]
    assert (told["then"]["confirm"], told["then"]["version"]) == (True, 1)
    assert (told["now"]["unattended"], told["now"]["version"]) == (True, 2)
    assert told["then"]["facts"]["amount"] == 4000
    [old] = json.loads(admin("explain", str(ticket), "--policy", "1", "--json").output)["decisions"]
    assert old["now"]["confirm"] is True


def test_deciding_and_weaker_rules_of_a_ticket_are_told_apart(admin: Say, office: Office) -> None:
    office.charge(4000)
    office.planner.always = lambda case: {  # type: ignore[attr-defined]
        "actions": [refund("c1", claim="damaged", quote="refund")]}
    [one] = json.loads(admin("explain", str(office.handle()), "--json").output)["decisions"]
    assert [hit["id"] for hit in one["then"]["by"]] == ["limit.refund.confirm", "claim-unproven"]
    assert one["then"]["by"] == one["now"]["by"]
    assert one["then"]["also"] == one["now"]["also"]


def test_a_ticket_nobody_has_seen_is_told(admin: Say) -> None:
    said = admin("explain", "4711")
    assert said.exit_code == 1
    assert "Deskhand has not seen a ticket 4711" in flat(said)


def test_a_ticket_on_which_nothing_was_asked_says_so(admin: Say, office: Office) -> None:
    office.planner.always = lambda case: {"nothing_asked": True}  # type: ignore[attr-defined]
    said = admin("explain", str(office.handle("Thank you, all is well.")))
    assert said.exit_code == 0
    assert "othing was" in said.output


def test_the_backtest_counts_what_a_higher_limit_would_have_let_out(admin: Say, office: Office) -> None:
    asks_for(office, 2000)
    tickets = [asks_for(office, 4000, ERIN), asks_for(office, 4500, DANA)]
    edit("auto: 25", "auto: 50", times=3)
    told = json.loads(admin("backtest", "published", "policy", "--json").output)
    # Erin's 40 goes out; Dana's 45 would be 65 with her 20 of today, over the 50 of a day: the lead is asked, and not
    # the customer. A colleague is asked in any case, for her first ticket is still open.
    assert [(one["was"], one["becomes"], one["looser"], one["count"], one["money"], one["tickets"])
            for one in told["changes"]] == [
        ("the customer's yes", "nobody", True, 1, {"USD": 4000}, [f"zendesk:acme:{tickets[0]}"]),
        ("the customer's yes and a colleague's approval", "a lead's approval", True, 1, {"USD": 4500},
         [f"zendesk:acme:{tickets[1]}"]),
    ]
    assert told["unattended"] == {"old": {"count": 1, "money": {"USD": 2000}},
                                  "new": {"count": 2, "money": {"USD": 6000}}}
    assert (told["decisions"], told["operations"], told["estimate"]) == (3, 3, True)
    said = admin("backtest", "published", "policy")
    assert said.exit_code == 0
    assert f"looser refund the customer's yes nobody 1 USD 40.00 zendesk:acme:{tickets[0]}" in flat(said)
    assert "Refunded without anyone, under version 1: 1, USD 20.00" in said.output
    assert "This is an estimate: customers and colleagues may not confirm or approve" in said.output


def test_the_backtest_tells_only_what_was_decided_since(admin: Say, office: Office) -> None:
    asks_for(office, 2000)
    said = admin("backtest", "1", "policy", "--since", "2026-11-21")
    assert (said.exit_code, said.output) == (0, "Nothing was decided in this time, so there is nothing to replay.\n")
    assert json.loads(admin("backtest", "1", "policy", "--since", "2026-11-20", "--json").output)["decisions"] == 1


@pytest.mark.parametrize("since", ["yesterday", "30", "0d", "2026-02-30", "99999d"])
def test_a_time_that_is_none_is_wrong_usage(policy: Say, since: str) -> None:
    said = policy("backtest", "1", "policy", "--since", since)
    assert said.exit_code == 2
    assert f"'--since': {since}: write days, as in 30d, or a date, as in 2026-11-01" in flat(said)
