"""What an edit changes is told exactly: every change of a duty, each with an example that `decide` confirms."""

from __future__ import annotations

import copy
import random
from collections.abc import Mapping
from typing import Any

import pytest

from agent.policy import Decision, FactValue, decide, load, shipped_policy_path
from agent.policy.duties import SCALES, Scale, rank
from agent.policy.facts import known
from agent.policy.never import Never, load_never, shipped_never_path
from agent.policy.proof import Change, difference, never_difference
from agent.policy.table import EFFECTS
from tests.agent.policy.proof.tables import random_entry, random_facts, random_policy, random_rule, written

SHIPPED = shipped_policy_path().read_text()
NEVER = shipped_never_path().read_text()
ACTIONS = ("refund", "refund", "refund", "contact_change", "status_answer")


def edited(*edits: tuple[str, str], text: str = SHIPPED) -> str:
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    return text


def without(rule: str) -> str:
    head, _, rest = SHIPPED.partition(f"  - id: {rule}\n")
    assert rest
    return head + "".join(rest.partition("  - id: ")[1:])


def changes(old: str, new: str) -> tuple[Change, ...]:
    return difference(load(old), load(new))


def told(found: tuple[Change, ...]) -> list[tuple[str, str, str, bool]]:
    return [(change.action, change.was, change.becomes, change.looser) for change in found]


def words(found: tuple[Change, ...]) -> list[str]:
    return [change.words for change in found]


def test_raising_the_auto_limit_is_told_at_the_first_cent_above_the_old_one() -> None:
    found = changes(SHIPPED, edited(("auto: 25", "auto: 50")))
    assert words(found)[0] == ("a refund of USD 25.01 with a proven claim: needed the customer's yes, "
                               "would be done without anyone")
    # Within `auto` the daily budget holds, which asks for a lead where the customer was asked before.
    assert told(found) == [
        ("refund", "the customer's yes", "nobody", True),
        ("refund", "the customer's yes", "a lead's approval", True),
        ("refund", "the customer's yes and a colleague's approval", "a lead's approval", True),
    ]


def test_lowering_it_again_is_the_same_the_other_way_round() -> None:
    found = changes(edited(("auto: 25", "auto: 50")), SHIPPED)
    assert ("refund", "nobody", "the customer's yes", False) in told(found)


def test_a_larger_daily_budget_is_told_at_the_first_cent_above_the_old_one() -> None:
    budget = ("customer_day_total: {over: {USD: 50,", "customer_day_total: {over: {USD: 90,")
    assert words(changes(SHIPPED, edited(budget))) == [
        "a refund of USD 18.00 with a proven claim, with USD 50.01 for this customer today: needed a lead's approval, "
        "would be done without anyone",
        "a refund of USD 18.00 with a proven claim, with evidence E1 of who is asking, with USD 50.01 for this "
        "customer today: needed a lead's approval, would need a colleague's approval",
    ]


def test_a_dropped_rule_is_told_as_what_is_no_longer_asked() -> None:
    assert words(changes(SHIPPED, without("claim-unproven"))) == [
        "a refund of USD 18.00 with a claim that is not proven: needed a colleague's approval, "
        "would be done without anyone"]


def test_a_dropped_refusal_is_told_for_every_duty_that_shows_behind_it() -> None:
    assert told(changes(SHIPPED, without("charge-disputed"))) == [
        ("refund", "refused", "nobody", True),
        ("refund", "refused", "the customer's yes", True),
        ("refund", "refused", "a colleague's approval", True),
        ("refund", "refused", "a lead's approval", True),
        ("refund", "refused", "the customer's yes and finance's approval", True),
    ]


def test_a_further_rule_is_stricter_and_nothing_is_looser() -> None:
    found = changes(without("contact-address-with-order"), SHIPPED)
    assert words(found) == [
        "a contact change of the postal address, with an order mentioned: needed the customer's yes, "
        "would need the customer's yes and a colleague's approval"]
    assert not found[0].looser


def test_a_further_currency_is_looser_and_a_dropped_one_stricter() -> None:
    more = edited(("      GBP: {auto: 25", "      CHF: {auto: 25"), ("GBP: 50}", "CHF: 50}"),
                  ("GBP: 100}", "CHF: 100}"), ("GBP: 1000}", "CHF: 1000}"))
    found = changes(SHIPPED, more)
    assert words(found)[0] == "a refund of CHF 18.00 with a proven claim: was refused, would be done without anyone"
    assert ("refund", "nobody", "refused", False) in told(found)
    assert [change.looser for change in found] == sorted((change.looser for change in found), reverse=True)


@pytest.mark.parametrize("text", [
    SHIPPED + "\n# a remark\n",
    edited(("because: someone else paid", "because: another person paid")),
    edited(("- id: vip\n", "- id: very-important\n")),
    edited(("language: {is_not: [en, de, fr, es]}", "language: {is_not: [es, fr, de, en]}")),
], ids=["remark", "reason", "name", "order of values"])
def test_edits_of_texts_and_order_change_nothing(text: str) -> None:
    assert changes(SHIPPED, text) == ()


def test_the_order_of_the_rules_changes_nothing() -> None:
    head, *rules = SHIPPED.split("\n  - id: ")
    rules[-1] += "\n"
    assert changes(SHIPPED, "\n  - id: ".join([head, *reversed(rules)])) == ()


def test_modes_and_rollout_are_told_and_more_of_either_is_looser() -> None:
    refund = "  refund:\n    mode: {}\n    rollout_percent: {}\n"
    old = edited((refund.format("shadow", 100), refund.format("draft", 40)))
    new = edited((refund.format("shadow", 100), refund.format("execute", 25)))
    assert [(change.words, change.looser) for change in changes(old, new)] == [
        ("refund: the mode was draft, and would be execute", True),
        ("refund: 40 % of the customers were in the rollout, and 25 % would be", False),
    ]


@pytest.mark.parametrize(("was", "becomes", "told"), [(10, 10, True), (10, 5, True), (10, 100, True), (0, 1, True),
                                                      (10, 0, False), (100, 100, False), (100, 10, False)])
def test_another_name_of_the_policy_is_looser_where_it_lets_other_customers_into_the_rollout(
        was: int, becomes: int, told: bool) -> None:
    shadow = "  refund:\n    mode: shadow\n    rollout_percent: {}\n"
    old = edited((shadow.format(100), shadow.format(was)))
    new = edited((shadow.format(100), shadow.format(becomes)), ("policy: deskhand", "policy: helping-hand"))
    words = "refund: the policy has another name, so other customers would be in the rollout"
    assert [(change.action, change.looser) for change in changes(old, new) if change.words == words] == (
        [("refund", True)] if told else [])


def test_an_action_that_is_named_anew_is_looser_and_one_left_out_stricter() -> None:
    head, _, rest = SHIPPED.partition("  status_answer:\n")
    less = (head + "rules:" + rest.partition("rules:")[2]).replace("[refund, status_answer]", "[refund]")
    assert [(change.words, change.looser) for change in changes(less, SHIPPED)] == [
        ("status answer: is named now, in mode shadow; it was refused before", True)]
    assert [(change.words, change.looser) for change in changes(SHIPPED, less)] == [
        ("status answer: is no longer named, and so refused", False)]


def edit(rng: random.Random, table: dict[str, Any]) -> dict[str, Any]:
    """The table after one to three edits, as an admin makes them."""
    new = copy.deepcopy(table)
    for _ in range(rng.randint(1, 3)):
        rules, limits = new["rules"], new["actions"]["refund"]["limits"]
        what = rng.choice(("drop", "add", "then", "when", "limits", "allow"))
        if what == "add":
            more = random_rule(rng, f"new-{len(rules)}", tuple(limits))
            rules.insert(rng.randint(0, len(rules)), more)
        elif what == "limits":
            new["actions"]["refund"]["limits"][rng.choice(list(limits))] = rng.choice(
                ({"auto": 7}, {"confirm": 30}, {"auto": 4, "approve by lead": 60}))
        elif what == "allow":
            new["actions"]["contact_change"]["allow"] = rng.choice(("go ahead", "confirm", "approve by lead", "refuse"))
        elif rules and what == "drop":
            rules.remove(rng.choice(rules))
        elif rules:
            other, rule = random_rule(rng, "other", tuple(limits)), rng.choice(rules)
            rule["actions"], rule["when"] = other["actions"], other["when"]
            rule["then"] = other["then"]
    return new


def moves(before: Decision, after: Decision) -> list[tuple[Scale, int, int]]:
    ranks = [(scale, rank(before, scale), rank(after, scale)) for scale in SCALES]
    return [move for move in ranks if move[1] != move[2]]


def test_no_input_changes_in_a_way_that_is_not_told_and_every_change_told_happens() -> None:
    rng = random.Random(61)
    seen = 0
    for _ in range(120):
        table = random_policy(rng)
        old, new = load(written(table)), load(written(edit(rng, table)))
        shown = {(change.action, *move) for change in difference(old, new) if change.facts is not None
                 for move in moves(decide(change.action, change.facts, old), decide(change.action, change.facts, new))}
        for _ in range(150):
            action = rng.choice(ACTIONS)
            facts = random_facts(rng, action)
            for move in moves(decide(action, facts, old), decide(action, facts, new)):
                assert (action, *move) in shown, (facts, shown)
                seen += 1
    assert seen > 1000


def test_each_example_is_what_the_change_says() -> None:
    rng = random.Random(62)
    for _ in range(60):
        table = random_policy(rng)
        old, new = load(written(table)), load(written(edit(rng, table)))
        for change in difference(old, new):
            if change.facts is not None:
                assert (decide(change.action, change.facts, old), decide(change.action, change.facts, new)) == (
                    change.before, change.after)
                assert change.was != change.becomes


def test_a_never_entry_that_is_dropped_is_looser_with_an_example() -> None:
    head, _, rest = NEVER.partition("  - id: charge-disputed\n")
    less = load_never(head + "".join(rest.partition("  - id: ")[1:]))
    found = never_difference(load_never(NEVER), less)
    assert [(change.words, change.looser) for change in found] == [
        ("a refund of USD 18.00 on a disputed charge: never.yaml wanted at least refuse, and would want nothing "
         "(charge-disputed)", True)]
    assert [change.looser for change in never_difference(less, load_never(NEVER))] == [False]


LARGE = "never:\n  - {id: large, actions: [refund], when: {amount: {over: {USD: 100}}}, at_least: AT, because: large}\n"


@pytest.mark.parametrize(("was", "becomes", "words"), [
    ("confirm and approve by lead", "confirm",
     "wanted at least confirm and approve by lead, and would want at least confirm"),
    ("approve by lead", "approve by agent",
     "wanted at least approve by lead, and would want at least approve by agent"),
    ("refuse", "approve by finance", "wanted at least refuse, and would want at least approve by finance"),
    ("confirm", "someone", "wanted at least confirm, and would want someone to be asked"),
])
def test_a_weaker_demand_is_looser(was: str, becomes: str, words: str) -> None:
    old, new = load_never(LARGE.replace("AT", was)), load_never(LARGE.replace("AT", becomes))
    assert [(change.words, change.looser) for change in never_difference(old, new)] == [
        (f"a refund of USD 100.01: never.yaml {words} (large)", True)]
    assert not any(change.looser for change in never_difference(new, old))


def test_a_higher_amount_in_never_yaml_is_looser_and_a_lower_one_stricter() -> None:
    lower, higher = load_never(LARGE.replace("AT", "confirm")), load_never(
        LARGE.replace("AT", "confirm").replace("100", "200"))
    assert [change.looser for change in never_difference(lower, higher)] == [True]
    assert [change.looser for change in never_difference(higher, lower)] == [False]


def test_an_entry_split_in_two_demands_the_same() -> None:
    both = "never:\n  - {id: both, actions: [refund], at_least: confirm and approve by lead, because: x}\n"
    two = ("never:\n  - {id: one, actions: [refund], at_least: confirm, because: x}\n"
           "  - {id: two, actions: [refund], at_least: approve by lead, because: x}\n")
    assert never_difference(load_never(both), load_never(two)) == ()
    assert never_difference(load_never(two), load_never(both)) == ()


def demanded(never: Never, action: str, facts: Mapping[str, FactValue]) -> dict[str, int]:
    """The least rank that the file wants of each duty on these facts, and whether it wants anyone at all."""
    given = known(facts)
    wanted = [entry.at_least for entry in never.entries if action in entry.actions
              and all(test.fires()(given) is not False for test in entry.when)]
    ranks = {str(scale): max((rank(EFFECTS[one], scale) for one in wanted if one in EFFECTS), default=0)
             for scale in SCALES}
    return {**ranks, "anyone": int(bool(wanted))}


def test_no_input_is_demanded_less_of_without_being_told() -> None:
    rng = random.Random(63)
    seen = 0
    for _ in range(80):
        entries = [random_entry(rng, f"n{n}") for n in range(3)]
        edited_entries = [entry for entry in entries if rng.random() < 0.6] + [random_entry(rng, "more")]
        old, new = load_never(written({"never": entries})), load_never(written({"never": edited_entries}))
        looser = {change.action for change in never_difference(old, new) if change.looser}
        for change in never_difference(old, new):
            before, after = (demanded(never, change.action, change.facts or {}) for never in (old, new))
            assert any((before[duty] > after[duty]) is change.looser for duty in before if before[duty] != after[duty])
        for _ in range(100):
            action = rng.choice(ACTIONS)
            facts = random_facts(rng, action)
            before, after = demanded(old, action, facts), demanded(new, action, facts)
            if any(after[duty] < before[duty] for duty in before):
                assert action in looser, facts
                seen += 1
    assert seen > 500


def test_texts_of_never_yaml_may_change() -> None:
    assert never_difference(load_never(NEVER), load_never(NEVER.replace("because: ", "because: indeed ", 1))) == ()
