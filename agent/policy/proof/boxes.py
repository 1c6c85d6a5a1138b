"""Rules, limits and tests as boxes, and the two scales on which a decision is measured.

A decision is as strict, on each scale, as the strictest box that holds its facts; `decide` says the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple

from agent.policy.decide import Decision
from agent.policy.proof.space import Box, Space, meet
from agent.policy.table import EFFECTS, Among, Amounts, Effect, Number, Policy, Step, Test, Truth

Scale = Literal["customer", "colleague"]

SCALES: Mapping[Scale, tuple[str, ...]] = {
    "customer": ("none", "confirm", "refuse", "escalate"),
    "colleague": ("none", "agent", "lead", "finance", "refuse", "escalate"),
}
"""What each duty can come to, rising; a rank is a place in here."""


class Ruled(NamedTuple):
    """Somewhere in this box the rule or limit with this id applies, and everywhere in it."""

    box: Box
    id: str
    effect: Effect


def rank(strictness: Effect | Decision, scale: Scale) -> int:
    """How strict it is towards one duty; refuse and escalate are above every duty on both scales."""
    names = SCALES[scale]
    if strictness.outcome != "go_ahead":
        return names.index(strictness.outcome)
    if scale == "customer":
        return int(strictness.confirm)
    return names.index(strictness.approve_by or "none")


def boxes_of(policy: Policy, action: str, space: Space) -> tuple[Ruled, ...]:
    """Everything the policy asks for this action. An action it does not name is refused everywhere."""
    row = policy.actions.get(action)
    if row is None:
        return (Ruled({}, "engine.no_action", EFFECTS["refuse"]),)
    granted = _limits(action, row.limits, space) if row.limits is not None else [
        Ruled({}, f"allow.{action}", row.allow or EFFECTS["refuse"])]
    ruled = [Ruled(box, rule.id, rule.then)
             for rule in policy.rules if action in rule.actions for box in may_hold(rule.when, space)]
    return (*granted, *ruled)


def at_least(ruled: Iterable[Ruled], scale: Scale, least: int) -> list[Box]:
    """The boxes in which a decision is at least this strict."""
    return [one.box for one in ruled if rank(one.effect, scale) >= least]


def _limits(action: str, limits: Mapping[str, tuple[Step, ...]], space: Space) -> list[Ruled]:
    """Each step asks for its effect from the step before it upwards; the next step asks for more."""
    refuse = EFFECTS["refuse"]
    currency, amount = space.dimensions["currency"], space.dimensions["amount"]
    found = [Ruled({"currency": currency.unknown}, "limit.amount", refuse),
             Ruled({"amount": amount.unknown}, "limit.amount", refuse)]
    strange = currency.full & ~currency.unknown & ~currency.bits(limits)
    if strange:
        found.append(Ruled({"currency": strange}, "limit.currency", refuse))
    for code, steps in limits.items():
        below = 0
        for id, effect, up_to in [*((f"limit.{action}.{step.name.removeprefix('approve by ')}", step.effect(),
                                     step.up_to.amount) for step in steps),
                                  (f"limit.{action}.above", refuse, None)]:
            box = {"currency": currency.bits([code]), "amount": amount.above(below)}
            if box["amount"]:
                found.append(Ruled(box, id, effect))
            below = below if up_to is None else up_to
    return found


# ---------------------------------------------------------------- tests


def may_hold(tests: Iterable[Test], space: Space) -> list[Box]:
    """Where the tests are not certainly false: as a rule applies, a missing fact being a match."""
    return _all_of([_certain(test, space) + _unsure(test, space) for test in tests])


def surely_hold(tests: Iterable[Test], space: Space) -> list[Box]:
    """Where every fact is known and the tests are true."""
    return _all_of([_certain(test, space) for test in tests])


def _all_of(choices: Iterable[list[Box]]) -> list[Box]:
    found: list[Box] = [{}]
    for boxes in choices:
        found = [both for one in found for box in boxes if (both := meet(one, box)) is not None]
    return found


def _certain(test: Test, space: Space) -> list[Box]:
    dimension = space.dimensions[test.fact]
    if isinstance(test, Amounts):
        return _amounts(test, space)
    if isinstance(test, Among) and test.op == "any_of":
        return [{test.fact: 1, space.members[test.fact][member]: 2} for member in sorted(test.values)]
    if isinstance(test, Among):
        named = dimension.bits(test.values)
        bits = named if test.op == "is" else dimension.full & ~dimension.unknown & ~named
    elif isinstance(test, Number):
        bits = dimension.above(test.number) if test.op == "over" else dimension.up_to(test.number - 1)
    else:
        bits = _truth(test, space)
    return [{test.fact: bits}] if bits else []


def _truth(test: Truth, space: Space) -> int:
    return space.dimensions[test.fact].bits([test.op == "true"])


def _amounts(test: Amounts, space: Space) -> list[Box]:
    money, currency = space.dimensions[test.fact], space.dimensions["currency"]
    bits = {code: money.above(amount) if test.op == "over" else money.up_to(amount)
            for code, amount in test.amounts.items()}
    return [{"currency": currency.bits([code]), test.fact: ranges} for code, ranges in bits.items() if ranges]


def _unsure(test: Test, space: Space) -> list[Box]:
    """Where the test cannot be told: the fact is missing, or it is money in a currency the test does not name."""
    found: list[Box] = [{test.fact: space.dimensions[test.fact].unknown}]
    if isinstance(test, Amounts):
        currency = space.dimensions["currency"]
        strange = currency.full & ~currency.bits(test.amounts)
        found += [{"currency": strange}] if strange else []
    return found
