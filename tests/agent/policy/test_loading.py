"""A policy loads whole or not at all, and each mistake is one sentence with its place and its mend."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from agent.policy import PolicyUnusable, decide, load, load_file
from tests.agent.policy.calm import REFUND

GOOD = """\
policy: small
# Files are drafts; publishing numbers them.
actions:
  refund:
    mode: execute
    rollout_percent: 50
    limits:
      USD: {auto: 25, confirm: 100, approve by lead: 500}
      JPY: {auto: 4000, confirm: 14000}
  contact_change: {mode: draft, allow: confirm}
rules:
  - id: day-budget
    actions: [refund]
    when: {customer_day_total: {over: {USD: 50, JPY: 8000}}}
    then: approve by lead
    because: Used up for today
  - id: stop-flags
    actions: all
    when: {flags: {any_of: [fraud, legal_hold]}}
    then: escalate
    because: Fraud flag or legal hold
  - id: language
    actions: all
    when: {language: {is_not: [en, de]}}
    then: approve by agent
    because: Not released yet
"""


def mistakes(text: str) -> list[str]:
    with pytest.raises(PolicyUnusable) as caught:
        load(text)
    return [str(mistake) for mistake in caught.value.mistakes]


def changed(old: str, new: str) -> str:
    assert GOOD.count(old) == 1
    return GOOD.replace(old, new)


def test_a_good_policy_loads_with_every_part() -> None:
    policy = load(GOOD)
    assert (policy.policy, policy.version) == ("small", 0)
    assert {name: (row.mode, row.rollout_percent, row.line) for name, row in policy.actions.items()} == {
        "refund": ("execute", 50, 4), "contact_change": ("draft", 100, 10)}
    assert [(rule.id, rule.actions, rule.then.in_words(), rule.line) for rule in policy.rules] == [
        ("day-budget", ("refund",), "approve by lead", 12),
        ("stop-flags", ("refund", "contact_change"), "escalate", 17),
        ("language", ("refund", "contact_change"), "approve by agent", 22),
    ]


def test_amounts_are_counted_in_the_currencys_own_minor_units() -> None:
    limits = load(GOOD).actions["refund"].limits
    assert limits is not None
    assert {currency: [step.up_to.amount for step in steps] for currency, steps in limits.items()} == {
        "USD": [2500, 10000, 50000], "JPY": [4000, 14000]}


MISTAKES = {
    "misspelt fact": ("customer_day_total: {over", "customer_day_totl: {over",
        'line 14, column 12: "customer_day_totl" is not a fact; did you mean "customer_day_total"?'),
    "misspelt value": ("fraud, legal_hold", "fruad, legal_hold",
        'line 19, column 29: flags: "fruad" is not one of its values; did you mean "fraud"?'),
    "misspelt outcome": ("then: escalate", "then: esclate",
        'line 20, column 11: then: "esclate" is not possible; did you mean "escalate"?'),
    "unknown role": ("then: approve by lead", "then: approve by leed",
        'line 15, column 11: then: "approve by leed" is not possible; did you mean "approve by lead"?'),
    "missing currency": ("{over: {USD: 50, JPY: 8000}}", "{over: {USD: 50}}",
        "line 14, column 12: customer_day_total has no amount for JPY, which refund allows; add `JPY: ...`"),
    "limits not rising": ("confirm: 100, approve", "confirm: 20, approve",
        "line 8, column 32: limits must rise: confirm USD 20.00 is not above auto USD 25.00; "
        "raise confirm or lower auto"),
    "equal limits": ("confirm: 14000", "confirm: 4000",
        "line 9, column 34: limits must rise: confirm JPY 4,000 is not above auto JPY 4,000; "
        "raise confirm or lower auto"),
    "unquoted colon": ("because: Used up for today", "because: Used up: today",
        "line 16, column 21: a colon stands inside text without quotes; put the text in quotes "
        "(or indent the line as its neighbours)"),
    "a time for a percentage": ("rollout_percent: 50", "rollout_percent: 22:30",
        'line 6, column 22: rollout_percent: "22:30" is not a whole number from 0 to 100; '
        "write digits only, as in `30`"),
    "duplicate key": ("    then: escalate\n", "    then: escalate\n    then: confirm\n",
        'line 21, column 5: "then" is written twice, first in line 20; keep one of them'),
    "tab": ("    then: escalate", "\tthen: escalate", "line 20, column 1: a tab; use spaces"),
    "duplicate id": ("id: stop-flags", "id: day-budget",
        'line 17, column 9: the rule id "day-budget" is used in line 12 already; rename one'),
    "text after a limit": ("{auto: 25,", "{auto: 25 dollars,",
        'line 8, column 19: "25 dollars" is not an amount of USD; write the number alone, as in `25` or `12.50`, '
        "without currency, words or separators"),
    "text after the limits": ("approve by lead: 500}", "approve by lead: 500} dollars",
        "line 8, column 59: this line does not fit the ones above; check its indentation, and text after a closing "
        "bracket or quote"),
    "underscored number": ("{auto: 4000,", "{auto: 4_000,",
        'line 9, column 19: "4_000" is not an amount of JPY; write the number alone, as in `25` or `12.50`, '
        "without currency, words or separators"),
    "thousands separator": ("confirm: 14000", "confirm: 14,000",
        'line 9, column 37: "000" (write 1000 and 12.50, not 1,000 and 12,50) is not a limit step; write auto, '
        "confirm, approve by agent, approve by lead or approve by finance"),
    "too many decimals": ("auto: 4000,", "auto: 4000.5,",
        "line 9, column 19: JPY cannot be 4000.5, that is finer than its smallest unit; write 4000"),
    "unknown currency": ("      JPY: {auto", "      JYP: {auto",
        'line 9, column 7: "JYP" is not a currency Deskhand knows; did you mean "JPY"?'),
    "small letters for a currency": ("      JPY: {auto", "      jpy: {auto",
        'line 9, column 7: "jpy" is not a currency Deskhand knows; did you mean "JPY"?'),
    "unknown step": ("confirm: 14000", "approve by boss: 14000",
        'line 9, column 25: "approve by boss" is not a limit step; did you mean "approve by lead"?'),
    "unknown mode": ("mode: execute", "mode: excute",
        'line 5, column 11: mode: "excute" is not possible; did you mean "execute"?'),
    "unknown key": ("mode: execute", "mod: execute",
        'line 5, column 5: "mod" is not a key of refund; did you mean "mode"?'),
    "missing key": ("    because: Not released yet\n", "", "line 22, column 5: a rule has no because; add `because:`"),
    "unknown action": ("  contact_change:", "  contact_chang:",
        'line 10, column 3: "contact_chang" is not an action Deskhand has; did you mean "contact_change"?'),
    "action not in this policy": ("actions: [refund]", "actions: [refnud]",
        'line 13, column 15: "refnud" is not an action of this policy; did you mean "refund"?'),
    "limits without an amount": ("allow: confirm", "limits: {USD: {auto: 1}}",
        "line 10, column 33: contact_change has no amount; write `allow` instead of `limits`"),
    "a rule that takes away": ("then: approve by agent", "then: go ahead",
        'line 25, column 11: then: "go ahead" is not possible; write confirm, approve by agent, '
        "confirm and approve by agent, approve by lead, confirm and approve by lead, approve by finance, "
        "confirm and approve by finance, refuse or escalate"),
    "test that does not fit": ("{flags: {any_of:", "{flags: {is:",
        'line 19, column 20: flags is a set of values and cannot be tested with "is"; write any_of'),
    "yes for true": ("{flags: {any_of: [fraud, legal_hold]}}", "{order_mentioned: yes}",
        'line 19, column 29: order_mentioned is true or false, not "yes"; write `order_mentioned: true` or '
        "`order_mentioned: false`"),
    "a time for a number": ("{flags: {any_of: [fraud, legal_hold]}}", "{attempts: {over: 22:30}}",
        'line 19, column 29: attempts: "22:30" is not a whole number from 0 to 1000000; write digits only, as in `30`'),
    "fact of another action": ("{flags: {any_of: [fraud, legal_hold]}}", "{claim_proven: false}",
        "line 19, column 12: claim_proven is not known for contact_change; write `actions: [refund]`, "
        "or test another fact"),
    "language by name": ("[en, de]", "[english, de]",
        'line 24, column 32: language: "english" is not one of its values; write two small letters, as in `en`'),
    "a point between thousands": ("approve by lead: 500}", "approve by lead: 1.500}",
        "line 8, column 54: 1.500 can be read in two ways; write 1500 or 1.50"),
    "an amount beyond counting": ("approve by lead: 500}", "approve by lead: 9999999999999}",
        "line 8, column 54: 9999999999999 is more USD than can be counted; write less"),
    "empty list": ("[en, de]", "[]",
        "line 24, column 31: language is not a list of values; write it as `[one, another]`"),
    "empty when": ("{language: {is_not: [en, de]}}", "{}",
        "line 24, column 11: when holds no test; write at least one, as in `{evidence: {is: [E0]}}`"),
    "percent above a hundred": ("rollout_percent: 50", "rollout_percent: 101",
        'line 6, column 22: rollout_percent: "101" is not a whole number from 0 to 100; '
        "write digits only, as in `30`"),
    "anchor": ("when: {language: {is_not: [en, de]}}", "when: &all {language: {is_not: [en, de]}}",
        "line 24, column 11: an anchor (&) is not read here; write the value out, or put the text in quotes"),
    "alias": ("because: Not released yet", "because: *reason",
        "line 26, column 14: an alias (*) is not read here; write the value out"),
    "tag": ("policy: small", "policy: !!str small",
        "line 1, column 9: a tag (!) is not read here; leave it out, or put the text in quotes"),
    "version": ("policy: small", "version: 3\npolicy: small",
        "line 1, column 1: a version is given by publishing; leave this line out"),
    "two documents": ("rules:\n", "---\nrules:\n",
        "line 11, column 1: a second document begins (---); keep one"),
    "open quote": ("because: Not released yet", 'because: "Not released yet',
        "line 26, column 14: a quote is opened and not closed; close it"),
    "key without a colon": ("    mode: execute", "    mode execute",
        'line 5, column 5: "mode execute" has no colon with a space after it; write `mode: execute`'),
    "colon without a space": ("    then: escalate", "    then:escalate",
        'line 20, column 5: "then:escalate" has no colon with a space after it; write `then: escalate`'),
    "rule without its dash": ("  - id: stop-flags", "    id: stop-flags",
        'line 17, column 5: "id" is written twice, first in line 12; keep one of them, or begin the next entry with '
        "`- id:`"),
    "role without approve by": ("then: approve by agent", "then: agent",
        'line 25, column 11: then: "agent" is not possible; did you mean "approve by agent"?'),
    "no outcome": ("then: approve by agent", "then:",
        "line 25, column 10: then is empty; write confirm, approve by agent, confirm and approve by agent, approve by "
        "lead, confirm and approve by lead, approve by finance, confirm and approve by finance, refuse or escalate"),
    "a list of outcomes": ("mode: draft, allow: confirm", "mode: [draft], allow: confirm",
        "line 10, column 26: mode is a list or a table, and must be one value; write off, shadow, draft or execute"),
    "star for all": ("    actions: all\n    when: {flags", "    actions: *\n    when: {flags",
        "line 18, column 15: a star (*) alone is not read here; write `all` for all actions, or put text in quotes"),
    "comparison by a sign": ("{flags: {any_of: [fraud, legal_hold]}}", "{attempts: > 3}",
        "line 19, column 22: a comparison is written as in `{over: 30}`; or put the text in quotes"),
    "text that begins with a sign": ("because: Not released yet", "because: @home not yet",
        "line 26, column 14: text cannot begin with this character; put the text in quotes"),
    "no-break space": ("    then: escalate", "\u00a0   then: escalate",
        "line 20, column 1: a no-break or other odd space; use plain spaces"),
    "rule id with spaces": ("id: language", "id: my language",
        'line 22, column 9: "my language" cannot be a rule id; use small letters, digits and hyphens, '
        "as in `desk-budget`"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_one_sentence_with_its_place_and_its_mend(name: str) -> None:
    old, new, expected = MISTAKES[name]
    assert mistakes(changed(old, new)) == [expected]


UNSEEN = ("\u200b", "\u202e", "\u2066", "\u2028", "\x85", "\x1b", "\x7f", "\r", "\ufeff", "\u00ad")


@pytest.mark.parametrize("character", UNSEEN)
def test_a_character_that_does_not_show_is_refused_also_in_a_remark(character: str) -> None:
    expected = [f"line 1, column 18: a character that does not show (U+{ord(character):04X}); delete it"]
    assert mistakes(changed("policy: small", f"policy: small # x{character}y")) == expected


@pytest.mark.parametrize("written", [r"\e[1A\e[2K", r"\u202e", r"\x85", r"\u200B", r"\0", r"\ud800"])
def test_what_would_rewrite_a_terminal_is_refused_also_when_written_with_a_backslash(written: str) -> None:
    """Who agrees to a draft reads its words in a terminal."""
    (only,) = mistakes(changed("because: Not released yet", f'because: "so {written}"'))
    assert only.startswith("line 26, column 14: a character that does not show (U+")


def test_a_name_in_any_script_can_be_written() -> None:
    assert load(changed("because: Not released yet", "because: Käthe, Łódź, 東京, Ελλάδα, لغة, emoji 🙂"))


def test_brackets_without_end_are_refused_soon() -> None:
    before = time.process_time()
    assert mistakes("policy: " + "[" * 100_000) == [
        "line 1, column 28: this is nested too deeply; write the table as the shipped policy does"]
    assert time.process_time() - before < 5


def test_no_is_norwegian_and_not_a_truth_value() -> None:
    policy = load(changed("[en, de]", "[en, no]"))
    assert decide("refund", {**REFUND, "language": "no"}, policy).unattended
    assert not decide("refund", {**REFUND, "language": "de"}, policy).unattended


def test_off_is_a_mode_and_not_a_truth_value() -> None:
    assert load(changed("mode: execute", "mode: off")).actions["refund"].mode == "off"


def test_all_mistakes_are_told_at_once_in_the_order_of_the_lines() -> None:
    text = changed("fraud, legal_hold", "fruad").replace("mode: execute", "mode: on")
    text = text.replace("policy: small", "policy:")
    assert [mistake.split(",")[0] for mistake in mistakes(text)] == ["line 1", "line 5", "line 19"]


@pytest.mark.parametrize("text", [
    "", "# nothing\n", "[]", "just words", "{", "[" * 5000, "a: b: c", "\x00", "? [a]\n: b\n", "<<: {a: 1}\n",
    "policy:\nactions:\nrules:\n", "%YAML 1.1\n---\na: 1\n",
])
def test_what_is_no_policy_at_all_is_refused_with_a_place(text: str) -> None:
    assert all(mistake.startswith("line ") for mistake in mistakes(text))


def test_a_file_that_is_not_utf_8_is_refused_with_the_place(tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    path.write_bytes(GOOD.replace("Used up", "Geb\xfchr").encode("latin-1"))
    with pytest.raises(PolicyUnusable, match=r"^line 16, column 17: the file is not UTF-8; save it as UTF-8$"):
        load_file(path)


def test_the_digest_is_of_the_text_itself() -> None:
    assert load(GOOD).digest != load(GOOD + "# a remark\n").digest
    assert load(GOOD).model_copy(update={"digest": ""}) == load(GOOD + "\n").model_copy(update={"digest": ""})


def test_up_to_auto_follows_the_limit() -> None:
    text = changed("{over: {USD: 50, JPY: 8000}}", "{over: {USD: 50, JPY: 8000}}, amount: {up_to: auto}")
    wider = text.replace("auto: 25", "auto: 40")
    facts = {**REFUND, "amount": 3900, "customer_day_total": 5100}
    assert decide("refund", facts, load(text)).approve_by is None
    assert decide("refund", facts, load(wider)).approve_by == "lead"
