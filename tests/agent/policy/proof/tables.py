"""Random policies and never-files that use every kind of test, and facts to try them on.

They are made as plain tables, as a person would write them, so that the tests can read them in two ways: loaded and
turned into boxes, or given to a solver as they stand.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

import yaml

from agent.policy import ACTIONS, FACTS, FactValue

STEPS = ("auto", "confirm", "approve by agent", "approve by lead", "approve by finance")
ADDS = ("confirm", "approve by agent", "approve by lead", "approve by finance", "confirm and approve by agent",
        "confirm and approve by lead", "confirm and approve by finance", "refuse", "escalate")
CURRENCIES = ("USD", "EUR", "JPY", "CHF")
AMOUNTS = (1, 2, 5, 9, 10, 20, 50, 100)
NUMBERS = (0, 1, 2, 3, 7, 30)
TEXTS: Mapping[str, tuple[str, ...]] = {
    "language": ("en", "de", "no", "ja"), "brand": ("Main", "outlet", "other"), "tags": ("refund", "Beta", "x:y"),
    "currency": (*CURRENCIES, "GBP"),
}
FEW = ("currency", "amount", "customer_day_total", "customer_30d_total", "desk_day_total", "charge_state", "flags",
       "claim_proven", "charge_age_days", "customer_day_refunds", "customer_30d_refunds")
"""Tests meet in these facts often enough to matter to each other."""


def texts(name: str) -> tuple[str, ...]:
    return TEXTS.get(name) or tuple(sorted(FACTS[name].domain or {"aa", "bb"}))


def minor(amount: int, currency: str) -> int:
    return amount if currency == "JPY" else amount * 100


def random_test(rng: random.Random, name: str, must: tuple[str, ...]) -> Any:
    """A test of this fact; money names at least these currencies."""
    kind = FACTS[name].kind
    if kind == "bool":
        return rng.choice((True, False))
    if kind in ("enum", "set"):
        op = "any_of" if kind == "set" else rng.choice(("is", "is_not"))
        chosen = rng.sample(texts(name), rng.randint(1, min(3, len(texts(name)))))
        return {op: chosen}
    if kind == "int":
        ops = rng.sample(("over", "under"), rng.choice((1, 1, 1, 2)))
        return {op: rng.choice(NUMBERS) for op in ops}
    named = dict.fromkeys([*must, *rng.sample(CURRENCIES, rng.randint(0 if must else 1, 2))])
    ops = rng.sample(("over", "up_to"), rng.choice((1, 1, 1, 2)))
    return {op: {currency: rng.choice(AMOUNTS) for currency in named} for op in ops}


def random_when(rng: random.Random, actions: list[str], must: tuple[str, ...], most: int = 3) -> dict[str, Any]:
    able = [name for name, fact in FACTS.items() if fact.actions >= set(actions)]
    few = [name for name in FEW if name in able]
    names = {rng.choice(few if rng.random() < 0.7 else able) for _ in range(rng.randint(1, most))}
    return {name: random_test(rng, name, must) for name in sorted(names)}


def random_actions(rng: random.Random) -> list[str]:
    return ["refund"] if rng.random() < 0.7 else sorted(rng.sample(sorted(ACTIONS), rng.randint(1, 3)))


def random_policy(rng: random.Random, rules: int = 6) -> dict[str, Any]:
    limits: dict[str, Any] = {}
    for currency in rng.sample(CURRENCIES, rng.randint(1, 3)):
        steps = sorted(rng.sample(STEPS, rng.randint(1, 4)), key=STEPS.index)
        limits[currency] = dict(zip(steps, sorted(rng.sample(AMOUNTS, len(steps))), strict=True))
    actions: dict[str, Any] = {"refund": {"mode": "execute", "limits": limits}}
    for name in ("contact_change", "status_answer"):
        actions[name] = {"mode": "execute", "allow": rng.choice(("go ahead", *ADDS))}
    return {"policy": "random", "actions": actions,
            "rules": [random_rule(rng, f"r{n}", tuple(limits)) for n in range(rng.randint(0, rules))]}


def random_rule(rng: random.Random, id: str, currencies: tuple[str, ...]) -> dict[str, Any]:
    actions = random_actions(rng)
    when = random_when(rng, actions, currencies)
    if actions == ["refund"] and rng.random() < 0.1:
        when["amount"] = {"up_to": "auto"}
    return {"id": id, "actions": actions, "when": when, "then": rng.choice(ADDS), "because": "so it is written"}


def random_entry(rng: random.Random, id: str) -> dict[str, Any]:
    actions = random_actions(rng)
    demand = rng.choice((*ADDS, "someone"))
    entry: dict[str, Any] = {"id": id, "actions": actions, "at_least": demand, "because": "never"}
    if rng.random() < 0.9:
        entry["when"] = random_when(rng, actions, ())
    return entry


def written(table: Mapping[str, Any]) -> str:
    return yaml.dump(dict(table), Dumper=_Plain, sort_keys=False)


class _Plain(yaml.SafeDumper):
    """`no` is written in quotes; values used twice are written out."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def random_facts(rng: random.Random, action: str, known: float = 0.9) -> dict[str, FactValue]:
    """As the agent gives them: totals include the amount, and a fact may be missing."""
    facts = {name: random_value(rng, name) for name, fact in FACTS.items() if action in fact.actions}
    if "amount" in facts:
        _count(rng, facts)
    return {name: value for name, value in facts.items() if rng.random() < known}


def _count(rng: random.Random, facts: dict[str, Any]) -> None:
    day = facts["amount"] + rng.choice((0, 0, facts["customer_day_total"]))
    for total in ("customer_30d_total", "desk_day_total"):
        facts[total] = day + rng.choice((0, 0, facts[total]))
    facts["customer_day_total"] = day
    facts["customer_30d_refunds"] = facts["customer_day_refunds"] + rng.choice((0, 0, 1, 5))


def random_value(rng: random.Random, name: str) -> FactValue:
    fact = FACTS[name]
    if fact.kind == "bool":
        return rng.choice((True, False))
    if fact.kind == "int":
        return max(fact.least, rng.choice(NUMBERS) + rng.choice((-1, 0, 1)))
    if fact.kind == "money":
        return max(1, minor(rng.choice(AMOUNTS), rng.choice(("USD", "JPY"))) + rng.choice((-1, 0, 1)))
    more = ("SEK",) if name == "currency" else ("it",) if name == "language" else ("new",) if name == "brand" else ()
    choices = (*texts(name), *more)
    return frozenset(rng.sample(choices, rng.choice((0, 0, 1, 2)))) if fact.kind == "set" else rng.choice(choices)
