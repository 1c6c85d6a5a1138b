"""Rules, limits and tests as boxes.

A decision is as strict, on each of the two scales, as the strictest box that holds its facts; `decide` says the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from agent.policy.duties import Scale, rank
from agent.policy.proof.space import Box, Dimension, Space, meet
from agent.policy.table import EFFECTS, Among, Amounts, Effect, Number, Policy, Step, Test, Truth


class Ruled(NamedTuple):
    """Somewhere in this box the rule or limit with this id applies, and everywhere in it."""

    box: Box
    id: str
    effect: Effect


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
        found += _steps(action, code, steps, space)
    return found


def _steps(action: str, code: str, steps: Iterable[Step], space: Space) -> list[Ruled]:
    currency, amount = space.dimensions["currency"].bits([code]), space.dimensions["amount"]
    found, below = [], 0
    for step in steps:
        id = f"limit.{action}.{step.name.removeprefix('approve by ')}"
        found.append(Ruled({"currency": currency, "amount": amount.above(below)}, id, step.effect()))
        below = step.up_to.amount
    found.append(Ruled({"currency": currency, "amount": amount.above(below)}, f"limit.{action}.above",
                       EFFECTS["refuse"]))
    return [one for one in found if one.box["amount"]]


def may_hold(tests: Iterable[Test], space: Space) -> list[Box]:
    """Where the tests are not certainly false: as a rule applies, a missing fact being a match."""
    return _all_of(_test(test, space, unsure=True) for test in tests)


def surely_hold(tests: Iterable[Test], space: Space) -> list[Box]:
    """Where every fact is known and the tests are true."""
    return _all_of(_test(test, space, unsure=False) for test in tests)


def _all_of(choices: Iterable[list[Box]]) -> list[Box]:
    found: list[Box] = [{}]
    for boxes in choices:
        found = [both for one in found for box in boxes if (both := meet(one, box)) is not None]
    return found


def _test(test: Test, space: Space, *, unsure: bool) -> list[Box]:
    if isinstance(test, Amounts):
        return _amounts(test, space, unsure)
    if isinstance(test, Among) and test.op == "any_of":
        return _members(test, space, unsure)
    dimension = space.dimensions[test.fact]
    bits = _known(test, dimension) | (dimension.unknown if unsure else 0)
    return [{test.fact: bits}] if bits else []


def _known(test: Among | Number | Truth, dimension: Dimension) -> int:
    """The groups for which the test is true."""
    if isinstance(test, Truth):
        return dimension.bits([test.op == "true"])
    if isinstance(test, Number):
        return dimension.above(test.number) if test.op == "over" else dimension.up_to(test.number - 1)
    named = dimension.bits(test.values)
    return named if test.op == "is" else dimension.full & ~dimension.unknown & ~named


def _members(test: Among, space: Space, unsure: bool) -> list[Box]:
    known: list[Box] = [{test.fact: 1, space.members[test.fact][member]: 2} for member in sorted(test.values)]
    return [*known, {test.fact: 2}] if unsure else known


def _amounts(test: Amounts, space: Space, unsure: bool) -> list[Box]:
    """Currencies with the same amount share a box; one that the test does not name cannot be told."""
    money, currency = space.dimensions[test.fact], space.dimensions["currency"]
    codes: dict[int, list[str]] = {}
    for code, amount in test.amounts.items():
        bits = money.above(amount) if test.op == "over" else money.up_to(amount)
        codes.setdefault(bits | (money.unknown if unsure else 0), []).append(code)
    found: list[Box] = [{"currency": currency.bits(same), test.fact: bits} for bits, same in codes.items() if bits]
    strange = currency.full & ~currency.bits(test.amounts)
    return [*found, {"currency": strange}] if unsure and strange else found
