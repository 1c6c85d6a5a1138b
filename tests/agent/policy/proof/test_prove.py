"""The shipped policy keeps every never-entry; each weakening of it is caught, and `decide` confirms the example."""

from __future__ import annotations

import pytest

from agent.policy import Policy, decide, load, shipped_policy_path
from agent.policy.duties import rank
from agent.policy.never import Never, load_never, shipped_never_path
from agent.policy.proof import Counterexample, prove

SHIPPED = shipped_policy_path().read_text()
NEVER = shipped_never_path().read_text()


@pytest.fixture(scope="module")
def never() -> Never:
    return load_never(NEVER)


def changed(*changes: tuple[str, str]) -> Policy:
    text = SHIPPED
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return load(text)


def without(rule: str) -> Policy:
    """The shipped policy with one rule dropped."""
    before, _, after = SHIPPED.partition(f"  - id: {rule}\n")
    assert after
    kept = after.partition("  - id: ")
    return load(before + kept[1] + kept[2])


def entry(text: str) -> Never:
    return load_never("never:\n" + text)


def only(found: tuple[Counterexample, ...]) -> Counterexample:
    assert len(found) == 1, [one.words for one in found]
    return found[0]


def test_the_shipped_policy_keeps_every_entry(shipped: Policy, never: Never) -> None:
    assert prove(shipped, never) == ()


ALL_AUTO_50 = ("auto: 25", "auto: 50")
STEPS = "{auto: 25, confirm: 100, approve by lead: 500, approve by finance: 2000}"

ALLOWED = {
    "auto up to 50": (ALL_AUTO_50,),
    "auto up to 100": (("auto: 25, confirm: 100", "auto: 100"),),
    "unproven refunds up to 10 unattended": (
        ("when: {claim_proven: false}", "when: {claim_proven: false, amount: {over: {USD: 10, EUR: 10, GBP: 10}}}"),),
    "twice the customer's budget": (("over: {USD: 50, EUR: 50, GBP: 50}", "over: {USD: 100, EUR: 100, GBP: 100}"),),
    "a further language": (("[en, de, fr, es]", "[en, de, fr, es, it]"),),
    "angry customers served": (("    then: escalate\n    because: the customer is angry",
                                "    then: approve by agent\n    because: the customer is angry"),),
    "one currency fewer": ((f"      GBP: {STEPS}\n", ""),),
    "executing for all": (("mode: shadow", "mode: execute"),),
}


@pytest.mark.parametrize("name", ALLOWED)
def test_an_admin_has_room(name: str, never: Never) -> None:
    assert prove(changed(*ALLOWED[name]), never) == ()


WEAKENINGS = {
    "an unknown sender is asked for approval only": (
        ("when: {evidence: {is: [E0]}}\n    then: refuse", "when: {evidence: {is: [E0]}}\n    then: approve by lead"),),
    "is turned to is not": (("evidence: {is: [E0]}", "evidence: {is_not: [E0]}"),),
    "a value dropped from a list": (("charge_state: {is: [refunded, failed]}", "charge_state: {is: [failed]}"),),
    "a flag dropped from a list": (("flags: {any_of: [fraud, legal_hold]}", "flags: {any_of: [fraud]}"),),
    "true turned to false": (("other_payer: true", "other_payer: false"),),
    "a limit raised": (("auto: 25, confirm: 100", "auto: 101, confirm: 110"),),
    "a limit raised in one currency": ((f"EUR: {STEPS}", "EUR: {auto: 25, confirm: 100, approve by lead: 2500}"),),
    "the customer asked alone for too much": (
        ("confirm: 100, approve by lead: 500", "confirm: 600, approve by lead: 700"),),
    "over turned to up to": (("when: {claim_proven: false}",
                              "when: {claim_proven: false, amount: {up_to: {USD: 10, EUR: 10, GBP: 10}}}"),),
    "over turned to under": (("customer_30d_refunds: {over: 2}", "customer_30d_refunds: {under: 2}"),),
    "one unit too much": (("when: {claim_proven: false}",
                           "when: {claim_proven: false, amount: {over: {USD: 10, EUR: 10.01, GBP: 10}}}"),),
    "a further currency": (("      GBP: {auto: 25", "      JPY: {auto: 1}\n      GBP: {auto: 25"),
                           ("GBP: 50}", "GBP: 50, JPY: 0}"), ("GBP: 100}", "GBP: 100, JPY: 0}"),
                           ("GBP: 1000}", "GBP: 1000, JPY: 0}")),
    "an approval swallowed by the customer's yes": (
        ("when: {claim_proven: false}\n    then: approve by agent", "when: {claim_proven: false}\n    then: confirm"),),
    "an approval swallowed by a test of the amount": (
        ("when: {same_again: true}", "when: {same_again: true, customer_30d_refunds: {over: 1}}"),
        ("actions: [refund, contact_change]\n    when: {same", "actions: [refund]\n    when: {same")),
    "a refusal softened": (("when: {exceeds_remaining: true}\n    then: refuse",
                            "when: {exceeds_remaining: true}\n    then: confirm and approve by finance"),),
    "an escalation turned to a refusal": (
        ("when: {contact_field: {is: [email]}}\n    then: escalate",
         "when: {contact_field: {is: [email]}}\n    then: refuse"),),
    "a rule for some actions only": (("actions: all\n    when: {flags: {any_of: [fraud, legal_hold]}}",
                                      "actions: [refund]\n    when: {flags: {any_of: [fraud, legal_hold]}}"),),
    "the desk's budget in one currency": (("desk_day_total: {over: {USD: 1000", "desk_day_total: {over: {USD: 6000"),),
    "a further test beside a rule": (("when: {charge_state: {is: [disputed]}}",
                                      "when: {charge_state: {is: [disputed]}, channel: {is: [email]}}"),),
    "a test of a fact that may be missing": (("when: {recent_contact_change: true}",
                                              "when: {recent_contact_change: true, brand: {is: [main]}}"),),
}
CAUGHT_BY = {
    "an unknown sender is asked for approval only": "sender-unknown", "is turned to is not": "sender-unknown",
    "a value dropped from a list": "nothing-to-refund", "a flag dropped from a list": "stop-flags",
    "true turned to false": "other-payer", "a limit raised": "large", "a limit raised in one currency": "huge",
    "the customer asked alone for too much": "very-large", "over turned to up to": "claim-unproven",
    "over turned to under": "customer-month-count", "one unit too much": "claim-unproven",
    "a further currency": "large", "an approval swallowed by the customer's yes": "claim-unproven",
    "an approval swallowed by a test of the amount": "same-again", "a refusal softened": "more-than-is-left",
    "an escalation turned to a refusal": "contact-email", "a rule for some actions only": "stop-flags",
    "the desk's budget in one currency": "desk-day", "a further test beside a rule": "charge-disputed",
    "a test of a fact that may be missing": "details-just-changed",
}
DROPPED = {
    "sender-unknown": "sender-unknown", "sender-not-on-record": "sender-not-on-record", "other-payer": "other-payer",
    "payer-unclear": "payer-unclear", "details-just-changed": "details-just-changed", "stop-flags": "stop-flags",
    "legal-threat": "care-and-law", "care": "care-and-law", "fraud-mentioned": "care-and-law",
    "wants-a-person": "wants-a-person", "claim-unproven": "claim-unproven", "charge-disputed": "charge-disputed",
    "nothing-to-refund": "nothing-to-refund", "more-than-is-left": "more-than-is-left", "same-again": "same-again",
    "customer-day-budget": "customer-day", "customer-month-budget": "customer-month",
    "customer-month-count": "customer-month-count", "desk-day-budget": "desk-day",
    "desk-day-home-budget": "desk-day-home",
    "contact-email": "contact-email",
}


def caught(policy: Policy, never: Never, by: str) -> None:
    found = prove(policy, never)
    assert by in {one.entry for one in found}
    for one in found:
        decision = decide(one.action, one.facts, policy)
        assert decision == one.decision
        assert weaker(one), one.words


def weaker(one: Counterexample) -> bool:
    """By hand: does this decision fall short of what the entry wants?"""
    if one.decision.outcome != "go_ahead":
        return (one.decision.outcome, one.at_least) == ("refuse", "escalate")
    wanted = one.at_least
    if wanted in ("refuse", "escalate"):
        return True
    if wanted == "someone":
        return one.decision.unattended
    role = ["none", "agent", "lead", "finance"].index(wanted.split()[-1]) if "approve" in wanted else 0
    return ("confirm" in wanted and not one.decision.confirm) or rank(one.decision, "colleague") < role


@pytest.mark.parametrize("name", WEAKENINGS)
def test_a_weakening_is_caught(name: str, never: Never) -> None:
    caught(changed(*WEAKENINGS[name]), never, CAUGHT_BY[name])


@pytest.mark.parametrize("rule", DROPPED)
def test_a_dropped_rule_is_caught(rule: str, never: Never) -> None:
    caught(without(rule), never, DROPPED[rule])


def test_an_example_is_told_in_words_and_money() -> None:
    policy = changed(ALL_AUTO_50)
    never = entry("  - {id: n1, actions: [refund], when: {amount: {over: {USD: 40, EUR: 40, GBP: 40}}}, "
                  "at_least: confirm, because: large}")
    assert only(prove(policy, never)).words == ("a refund of USD 40.01 would be done without anyone; "
                                                "never.yaml (n1) wants at least: confirm")


def test_a_disputed_charge_is_named() -> None:
    never = entry("  - {id: n2-disputed, actions: [refund], when: {charge_state: {is: [disputed]}}, at_least: refuse, "
                  "because: the bank decides}")
    found = only(prove(without("charge-disputed"), never))
    assert found.words == ("a refund of USD 18.00 on a disputed charge would be done without anyone; never.yaml "
                           "(n2-disputed) wants at least: refuse")
    assert (found.facts["charge_state"], found.facts["amount"], found.duty, found.uncertain) == (
        "disputed", 1800, "both", False)


def test_a_missing_fact_is_told_where_only_it_breaks_the_entry() -> None:
    """What is over 100 in a day is over 100 in 30 days, which another rule catches; only a day not known is left."""
    never = entry("  - {id: day, actions: [refund], at_least: someone, because: enough, "
                  "when: {customer_day_total: {over: {USD: 100, EUR: 100, GBP: 100}}}}")
    found = only(prove(without("customer-day-budget"), never))
    assert found.words == ("a refund of USD 18.00 with customer day total not known would be done without anyone; "
                           "never.yaml (day) wants at least: someone is asked, also when customer day total is not "
                           "known")
    assert found.uncertain


def test_a_currency_the_entry_does_not_name_counts_as_a_match(shipped: Policy) -> None:
    never = entry("  - {id: large, actions: [refund], when: {amount: {over: {USD: 100, EUR: 100}}}, at_least: confirm, "
                  "because: large}")
    found = only(prove(shipped, never))
    assert (found.facts["currency"], found.facts["amount"]) == ("GBP", 1800)
    assert found.words == ("a refund of GBP 18.00 would be done without anyone; never.yaml (large) wants at least: "
                           "confirm, for it names no amount in GBP")


def test_each_duty_is_proven_by_itself(shipped: Policy) -> None:
    never = entry("  - {id: both, actions: [refund], when: {amount: {over: {USD: 50, EUR: 50, GBP: 50}}}, "
                  "at_least: confirm and approve by agent, because: large}")
    found = only(prove(shipped, never))
    assert found.duty == "colleague"
    assert found.words == ("a refund of USD 50.01 would be done with only the customer's yes; never.yaml (both) wants "
                           "at least: confirm and approve by agent")


def test_without_tests_an_entry_always_holds(shipped: Policy) -> None:
    never = entry("  - {id: asked, actions: [status_answer], at_least: confirm, because: always}")
    assert only(prove(shipped, never)).words == (
        "a status answer would be done without anyone; never.yaml (asked) wants at least: confirm")


def test_a_total_is_never_smaller_than_what_it_includes() -> None:
    """A day over 100 is a month over 100, so the month's rule alone keeps the entry where both are known."""
    policy = load("""\
policy: order
actions: {refund: {mode: execute, limits: {USD: {auto: 1000}}}}
rules:
  - {id: month, actions: [refund], when: {customer_30d_total: {over: {USD: 100}}}, then: confirm, because: month}
  - {id: gap, actions: [refund], when: {customer_day_total: {over: {USD: 1000}}}, then: confirm, because: not known}
""")
    day = entry("  - {id: day, actions: [refund], when: {customer_day_total: {over: {USD: 100}}, "
                "currency: {is: [USD]}}, at_least: confirm, because: day}")
    large = entry("  - {id: large, actions: [refund], when: {amount: {over: {USD: 100}}}, at_least: confirm, "
                  "because: large}")
    assert prove(policy, day) == ()
    assert prove(policy, large) == ()


def test_an_action_the_policy_does_not_name_is_never_done(never: Never) -> None:
    assert prove(load("policy: none\nactions: {status_answer: {mode: off, allow: escalate}}\nrules: []\n"), never) == ()
