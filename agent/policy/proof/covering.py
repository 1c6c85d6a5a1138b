"""Whether boxes cover a box, exactly; if not, the part that is left and one set of facts in it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence

from agent.policy.facts import FACTS, INCLUDES, FactValue
from agent.policy.proof.space import Box, Dimension, Space

COUNTED = tuple(dict.fromkeys(name for total, parts in INCLUDES.items() for name in (*parts, total)))
"""The facts of which some include others, each after what it includes."""


def uncovered(box: Box, rules: Sequence[Box], space: Space) -> Box | None:
    """A part of the box that holds facts and lies in none of the rules; None when they cover it."""
    near = []
    for rule in rules:
        cut = _cut(box, rule, space.full)
        if cut is not None:
            if not cut:
                return None
            near.append((cut, rule))
    if not near:
        return box if _chained(box, space) is not None else None
    cut, chosen = min(near, key=lambda one: len(one[0]))
    rest = [rule for _, rule in near if rule is not chosen]
    narrowed = dict(box)
    for name, bits in cut.items():
        have = narrowed.get(name, space.full[name])
        left = uncovered({**narrowed, name: have & ~bits}, rest, space)
        if left is not None:
            return left
        narrowed[name] = have & bits
    return None


def simplest(box: Box, rules: Sequence[Box], space: Space) -> Box | None:
    """Like `uncovered`, with every dimension calm that can be: what is left calls for attention."""
    left = uncovered(box, rules, space)
    if left is None:
        return None
    near = [rule for rule in rules if _cut(box, rule, space.full) is not None]
    for name in dict.fromkeys(name for part in (box, *near) for name in part):
        calmer = {**box, name: box.get(name, space.full[name]) & space.dimensions[name].calm}
        found = uncovered(calmer, near, space) if calmer[name] else None
        if found is not None:
            box, left = calmer, found
    return left


def _cut(box: Box, rule: Box, full: Mapping[str, int]) -> dict[str, int] | None:
    """The dimensions in which the rule holds only a part of the box; None when they do not touch."""
    cut = {}
    for name, bits in rule.items():
        have = box.get(name, full[name])
        both = have & bits
        if not both:
            return None
        if both != have:
            cut[name] = bits
    return cut


def possible(box: Box, space: Space) -> bool:
    """Whether any facts lie in the box: totals include what they count."""
    return all(box.values()) and _chained(box, space) is not None


def point(box: Box, action: str, space: Space) -> dict[str, FactValue]:
    """The calmest facts in the box, one for every fact of the action; None where the box wants it not known.

    Raises ValueError when the box holds no facts.
    """
    chained = _chained(box, space)
    if chained is None:
        raise ValueError("no facts lie in this box: a total would be smaller than what it includes")
    facts = {}
    for fact in FACTS.values():
        if action in fact.actions:
            dimension = space.dimensions[fact.name]
            facts[fact.name] = chained[fact.name] if fact.name in COUNTED else _calmest(box, dimension, space)
    return facts


def _calmest(box: Box, dimension: Dimension, space: Space) -> FactValue:
    bits = box.get(dimension.name, dimension.full)
    if dimension.fact.kind == "set":
        if not bits & 1:
            return None
        return frozenset(member for member, name in space.members[dimension.name].items()
                         if not space.bits(box, name) & 1)
    return dimension.values[_lowest(bits & dimension.calm or bits)]


def _chained(box: Box, space: Space) -> dict[str, int | None] | None:
    """An amount and totals in the box that include each other as they must; known ones rather than not known."""
    return next(_chains(list(COUNTED), {}, box, space), None)


def _chains(names: list[str], chosen: dict[str, int | None], box: Box, space: Space) -> Iterator[dict[str, int | None]]:
    if not names:
        yield chosen
        return
    name, *others = names
    for value in _choices(space.dimensions[name], chosen, box):
        yield from _chains(others, {**chosen, name: value}, box, space)


def _choices(dimension: Dimension, chosen: Mapping[str, int | None], box: Box) -> Iterable[int | None]:
    """The calm amount, the smallest value that is large enough, and "not known": a larger one never helps more."""
    bits = box.get(dimension.name, dimension.full)
    least = max((chosen[part] or 0 for part in INCLUDES.get(dimension.name, ())), default=0)
    found: list[int | None] = []
    if dimension.name == "amount" and bits & dimension.calm:
        found.append(_whole(dimension.values[_lowest(dimension.calm)]))
    ranges = bits & ~dimension.unknown & dimension.above(least)
    within = 1 << (bisect_right(dimension.starts, least) - 1)
    if bits & within & dimension.full:
        found.append(max(least, dimension.starts[_lowest(within)]))
    elif ranges:
        found.append(dimension.starts[_lowest(ranges)])
    if bits & dimension.unknown:
        found.append(None)
    return found


def _whole(value: FactValue) -> int:
    assert isinstance(value, int), "money is a whole number"  # noqa: S101
    return value


def _lowest(bits: int) -> int:
    return (bits & -bits).bit_length() - 1
