"""Rules that can never matter and limits that no one can reach are named, with the line and what to do."""

from __future__ import annotations

import pytest

from agent.policy import Policy, load
from agent.policy.proof import worries

BASE = """\
policy: small
actions:
  refund:
    mode: shadow
    limits:
      USD: {auto: 25, confirm: 100, approve by lead: 500}
      EUR:
        auto: 25
        confirm: 100
  contact_change: {mode: shadow, allow: go ahead}
rules:
"""
VIP = "  - {id: vip, actions: all, when: {flags: {any_of: [vip]}}, then: approve by lead, because: x}\n"


def told(*rules: str) -> list[str]:
    return [str(worry) for worry in worries(load(BASE + "".join(rules) if rules else BASE + "  []\n"))]


def rule(id: str, when: str, then: str, actions: str = "[refund]") -> str:
    return f"  - {{id: {id}, actions: {actions}, when: {{{when}}}, then: {then}, because: x}}\n"


def test_the_shipped_policy_has_no_worries(shipped: Policy) -> None:
    assert worries(shipped) == ()


def test_a_policy_without_rules_has_none() -> None:
    assert told() == []


def test_a_rule_inside_a_stricter_one_can_never_matter() -> None:
    assert told(VIP, rule("vip-large", "flags: {any_of: [vip]}, amount: {over: {USD: 50, EUR: 50}}",
                          "approve by agent")) == [
        "line 13: the rule vip-large can never matter: wherever it applies, vip asks as much or more; remove it, or "
        "change its `when` or `then`"]


def test_of_two_rules_that_say_the_same_the_later_one_is_named() -> None:
    assert told(VIP, VIP.replace("id: vip", "id: vip-again")) == [
        "line 13: the rule vip-again can never matter: wherever it applies, vip asks as much or more; remove it, or "
        "change its `when` or `then`"]


def test_a_rule_that_others_cover_together_names_all_of_them_and_no_more() -> None:
    unclear = rule("unclear", "match: {is: [ambiguous]}", "approve by agent")
    nobody = rule("nobody", "match: {is: [none]}", "refuse")
    either = rule("either", "match: {is: [ambiguous, none]}", "approve by agent")
    assert told(unclear, nobody, VIP, either) == [
        "line 15: the rule either can never matter: wherever it applies, unclear and nobody ask as much or more; "
        "remove it, or change its `when` or `then`"]


def test_a_rule_that_adds_the_other_duty_matters() -> None:
    assert told(VIP, rule("vip-asks", "flags: {any_of: [vip]}", "confirm")) == []
    assert told(VIP, rule("vip-both", "flags: {any_of: [vip]}", "confirm and approve by agent")) == []


def test_a_rule_that_matters_for_one_action_only_is_not_named() -> None:
    refunds = VIP.replace("actions: all", "actions: [refund]")
    assert told(refunds, VIP.replace("id: vip", "id: vip-all")) == [
        "line 12: the rule vip can never matter: wherever it applies, vip-all asks as much or more; remove it, or "
        "change its `when` or `then`"]


def test_a_rule_that_only_repeats_the_limits_names_them() -> None:
    assert told(rule("too-much", "amount: {over: {USD: 500, EUR: 100}}", "refuse")) == [
        "line 12: the rule too-much can never matter: wherever it applies, the limits ask as much or more; remove it, "
        "or change its `when` or `then`"]


def test_totals_count_the_refund_so_a_larger_amount_has_a_larger_total() -> None:
    total = rule("day", "customer_day_total: {over: {USD: 50, EUR: 50}}", "approve by agent")
    amount = rule("amount", "amount: {over: {USD: 60, EUR: 60}}, customer_day_total: {over: {USD: 1, EUR: 1}}",
                  "approve by agent")
    # Where the amount is not known, the limits refuse.
    assert told(total, amount) == [
        "line 13: the rule amount can never matter: wherever it applies, the limits and day ask as much or more; "
        "remove it, or change its `when` or `then`"]


@pytest.mark.parametrize("when", [
    "charge_age_days: {over: 30, under: 10}",
    "amount: {over: {USD: 50, EUR: 50}, up_to: {USD: 50, EUR: 50}}",
    "amount: {over: {USD: 50, EUR: 50}}, customer_day_total: {up_to: {USD: 50, EUR: 50}}",
    "evidence: {is_not: [E0, E1, E2, E3, E4]}",
])
def test_tests_that_exclude_each_other_are_named(when: str) -> None:
    assert told(rule("never", when, "refuse")) == [
        "line 12: the rule never can never apply to facts that are known, for its tests exclude each other; mend its "
        "`when`, or remove the rule"]


def test_a_limit_behind_a_refusal_is_named_in_its_own_line() -> None:
    assert told(rule("small", "amount: {over: {USD: 600, EUR: 25}}", "refuse")) == [
        "line 9: the limit confirm EUR 100.00 of refund cannot be reached: `confirm` is never enough there, for "
        "something stricter always applies; remove it, or the rule that is in the way"]


def test_an_auto_limit_under_which_someone_is_always_asked_is_named() -> None:
    assert told(rule("always", "charge_age_days: {over: 0}", "approve by agent"),
                rule("today", "charge_age_days: {under: 1}", "confirm")) == [
        f"line {line}: the limit auto {code} 25.00 of refund cannot be reached: nothing is ever done without asking "
        "there, for something stricter always applies; remove it, or the rule that is in the way"
        for line, code in ((6, "USD"), (8, "EUR"))]


def test_a_lead_limit_where_finance_is_always_asked_is_named() -> None:
    assert told(rule("finance", "amount: {over: {USD: 100, EUR: 100}}", "approve by finance")) == [
        "line 6: the limit approve by lead USD 500.00 of refund cannot be reached: `approve by lead` is never enough "
        "there, for something stricter always applies; remove it, or the rule that is in the way"]


def test_a_currency_that_is_always_refused_is_named_once() -> None:
    assert told(rule("no-euro", "currency: {is: [EUR]}", "refuse")) == [
        "line 8: no limit of refund in EUR can be reached, for something stricter always applies; remove EUR, or the "
        "rule that is in the way"]


def test_auto_up_to_nothing_is_named() -> None:
    text = BASE.replace("USD: {auto: 25", "USD: {auto: 0") + "  []\n"
    assert [str(worry) for worry in worries(load(text))] == [
        "line 6: auto up to USD 0.00 lets nothing through; raise it, or leave auto away"]


def test_a_confirm_limit_to_which_an_approval_is_always_added_matters() -> None:
    assert told(rule("seen", "amount: {over: {USD: 25, EUR: 25}}", "approve by agent")) == []
