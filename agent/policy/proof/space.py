"""All inputs of a policy as boxes: per dimension, the values that behave alike, as the bits of a whole number.

Only what a test mentions can make a difference. So the values of a fact fall into few groups: each text that is
mentioned and all others together, and each range between two mentioned numbers. A dimension is one such list of groups,
with "not known" as its last one; a set is one yes-or-no dimension per mentioned member and one that says whether it
is known at all. A box says, per dimension, which groups it holds; a dimension it does not name holds everything.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from string import ascii_lowercase

from agent.policy.facts import FACTS, Fact, FactValue, known
from agent.policy.proof.calm import calm
from agent.policy.table import Among, Amounts, Number, Policy, Test

Box = Mapping[str, int]
"""Dimension → the bits of the groups it holds."""


@dataclass(frozen=True)
class Dimension:
    """The groups of one dimension; bit n of a box stands for group n."""

    name: str
    fact: Fact
    values: tuple[FactValue, ...]
    """One value per group: the calm one where the group has it, of a range its smallest; None is "not known"."""
    starts: tuple[int, ...] = ()
    """Where the ranges of a number begin."""
    full: int = 0
    calm: int = 0
    """The bit of the group that needs no explanation."""

    @property
    def unknown(self) -> int:
        return 1 << (len(self.values) - 1)

    def bits(self, values: Iterable[object]) -> int:
        """The groups of these values, without "not known"."""
        wanted = frozenset(values)
        return sum(1 << n for n, value in enumerate(self.values[:-1]) if value in wanted)

    def above(self, number: int) -> int:
        """The ranges over this number."""
        first = bisect_right(self.starts, number)
        return (self.full & ~self.unknown) >> first << first

    def up_to(self, number: int) -> int:
        """The ranges up to and including this number."""
        return self.full & ((1 << bisect_right(self.starts, number)) - 1)


@dataclass(frozen=True)
class Mentioned:
    """What the tests of some policies and never-entries name, per fact."""

    texts: dict[str, set[str]]
    numbers: dict[str, set[int]]
    """After each of these a new range begins."""

    @classmethod
    def by(cls, policies: Iterable[Policy], tests: Iterable[Test]) -> Mentioned:
        found = cls({}, {})
        for policy in policies:
            found.add_limits(policy)
            for rule in policy.rules:
                found.add_tests(rule.when)
        found.add_tests(tests)
        return found

    def add_limits(self, policy: Policy) -> None:
        for row in policy.actions.values():
            for currency, steps in (row.limits or {}).items():
                self.texts.setdefault("currency", set()).add(currency)
                self.numbers.setdefault("amount", set()).update(step.up_to.amount for step in steps)

    def add_tests(self, tests: Iterable[Test]) -> None:
        for test in tests:
            if isinstance(test, Among):
                self.texts.setdefault(test.fact, set()).update(test.values)
            elif isinstance(test, Number):
                cut = test.number if test.op == "over" else test.number - 1
                self.numbers.setdefault(test.fact, set()).add(cut)
            elif isinstance(test, Amounts):
                self.texts.setdefault("currency", set()).update(test.amounts)
                self.numbers.setdefault(test.fact, set()).update(test.amounts.values())


class Space:
    """Every input the given policies and tests can tell apart; boxes of one space can be compared."""

    def __init__(self, policies: Iterable[Policy], tests: Iterable[Test] = ()) -> None:
        mentioned = Mentioned.by(policies, tests)
        found = [dimension for fact in FACTS.values() for dimension in _dimensions(fact, mentioned)]
        self.dimensions: Mapping[str, Dimension] = {dimension.name: dimension for dimension in found}
        self.full: Mapping[str, int] = {dimension.name: dimension.full for dimension in found}

    @cached_property
    def members(self) -> Mapping[str, Mapping[str, str]]:
        """Per set, its mentioned members with their dimensions."""
        sets: dict[str, dict[str, str]] = {fact.name: {} for fact in FACTS.values() if fact.kind == "set"}
        for name in self.dimensions:
            fact, _, member = name.partition(":")
            if member:
                sets[fact][member] = name
        return sets

    def bits(self, box: Box, name: str) -> int:
        """The groups of one dimension in this box."""
        return box.get(name, self.full[name])

    def place(self, facts: Mapping[str, FactValue]) -> Box:
        """The smallest box that holds these facts. Raises NotThisFact as `known` does."""
        found = known(facts)
        return {name: _bit(dimension, found) for name, dimension in self.dimensions.items()}


def meet(one: Box, other: Box) -> Box | None:
    """What lies in both boxes; None when nothing does."""
    both = dict(one)
    for name, bits in other.items():
        both[name] = both.get(name, bits) & bits
        if not both[name]:
            return None
    return both


def holds(box: Box, place: Box) -> bool:
    """Whether the box holds this place."""
    return all(place[name] & bits for name, bits in box.items())


def _bit(dimension: Dimension, found: Mapping[str, object]) -> int:
    value = found.get(dimension.fact.name)
    if dimension.fact.kind == "set":
        member = dimension.name.partition(":")[2]
        if not member:
            return 1 if isinstance(value, frozenset) else 2
        return 2 if isinstance(value, frozenset) and member in value else 1
    if value is None:
        return dimension.unknown
    if dimension.starts:
        assert isinstance(value, int), "numbers are read as whole numbers"  # noqa: S101
        return 1 << (bisect_right(dimension.starts, value) - 1)
    return dimension.bits([value]) or 1


def _dimensions(fact: Fact, mentioned: Mentioned) -> list[Dimension]:
    if fact.kind == "set":
        known_or_not = Dimension(fact.name, fact, (True, None), full=3, calm=1)
        members = [Dimension(f"{fact.name}:{member}", fact, (False, True), full=3, calm=1)
                   for member in sorted(mentioned.texts.get(fact.name, ()))]
        return [known_or_not, *members]
    if fact.kind == "bool":
        return [_plain(fact, (calm(fact), not calm(fact)))]
    if fact.kind == "enum":
        return [_plain(fact, _texts(fact, mentioned.texts.get(fact.name, set())))]
    return [_ranges(fact, mentioned.numbers.get(fact.name, set()))]


def _plain(fact: Fact, values: tuple[FactValue, ...]) -> Dimension:
    usual = calm(fact)
    bit = 1 << values.index(usual) if usual in values else 1
    return Dimension(fact.name, fact, (*values, None), full=(1 << len(values) + 1) - 1, calm=bit)


def _texts(fact: Fact, named: set[str]) -> tuple[FactValue, ...]:
    """One text for all that no test names, which comes first, and each one that is named."""
    named = named - {"unknown"}  # the word for a fact that is missing
    return (*_any_other(fact, named), *sorted(named))


def _any_other(fact: Fact, named: set[str]) -> tuple[str, ...]:
    if fact.domain is not None:
        free = fact.domain - named
        return (str(calm(fact)),) if calm(fact) in free else tuple(sorted(free)[:1])
    letters = ("".join(two) for two in product(ascii_lowercase, repeat=2))
    candidates = [str(calm(fact)), *(("it", "pt", "nl", *letters) if fact.pattern else ("other", "another"))]
    candidates += [f"other {number}" for number in range(len(named) + 1)] if not fact.pattern else []
    return tuple(text for text in candidates if text not in named)[:1]


def _ranges(fact: Fact, cuts: set[int]) -> Dimension:
    starts = tuple(sorted({0, fact.least} | {cut + 1 for cut in cuts if 0 <= cut < fact.most}))
    usual = calm(fact)
    assert isinstance(usual, int), "the calm value of a number is a whole number"  # noqa: S101
    at = bisect_right(starts, usual) - 1
    values = tuple(usual if n == at else start for n, start in enumerate(starts))
    full = sum(1 << n for n, start in enumerate(starts) if start >= fact.least) | 1 << len(starts)
    return Dimension(fact.name, fact, (*values, None), starts, full, 1 << at)
