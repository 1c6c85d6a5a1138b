"""Replays recorded decisions under two policies, in the order they were made, and says what would be otherwise.

Totals depend on earlier decisions, so each policy is replayed with totals of its own: what it would have let out
unattended counts for what comes later. Modes and rollout are left out: every action counts as switched on.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from agent.policy import FACTS, Decision, FactValue, Policy, decide
from agent.policy.duties import duties, looser
from agent.recorded import Recorded
from connectors.contract import Money

WARM_UP = timedelta(days=30)
"""Totals reach this far back, so the replay begins so much earlier than what is told."""

WHY_AN_ESTIMATE = (
    "an estimate: customers and colleagues may not confirm or approve, customers may behave differently once limits "
    "change, facts are taken as they were recorded then, and every action counts as switched on")

Home = Callable[[Iterable[Money]], int | None]
"""What money of all currencies counts for in whole units of the home currency; None without a rate."""


@dataclass(frozen=True)
class Sum:
    """How many, and how much per currency in minor units."""

    count: int = 0
    money: Mapping[str, int] = field(default_factory=dict)

    def plus(self, money: Money | None) -> Sum:
        if money is None:
            return Sum(self.count + 1, self.money)
        return Sum(self.count + 1, {**self.money, money.currency: self.money.get(money.currency, 0) + money.amount})

    def in_words(self) -> str:
        return ", ".join(str(Money(amount=amount, currency=code)) for code, amount in sorted(self.money.items()))


@dataclass(frozen=True)
class Moved:
    """All operations that one policy asks this of, and the other that."""

    action: str
    was: str
    becomes: str
    looser: bool
    sum: Sum
    tickets: tuple[str, ...]


@dataclass(frozen=True)
class Backtest:
    """What the new policy would have done otherwise than the old one. `WHY_AN_ESTIMATE` belongs to it."""

    first: datetime | None
    last: datetime | None
    decisions: int
    operations: int
    """Each counts once, however often it was decided."""
    moved: tuple[Moved, ...]
    """What becomes looser first, then by how many."""
    unattended_old: Sum
    unattended_new: Sum
    """Refunds that nobody is asked about."""
    unrecorded: Mapping[str, int]
    """Facts that the new policy asks for and that were not kept then, with how many operations they stopped short."""


def replay(rows: Iterable[Recorded], old: Policy, new: Policy, *, since: datetime | None = None,
           home: Home | None = None) -> Backtest:
    """Rows in the order they were made. What was first decided before `since` only fills the totals.

    An operation that was decided several times is done at the first time when nobody needs to be asked; if that never
    comes, the last decision counts.
    """
    sides = _Side(old, home), _Side(new, home)
    told: dict[str, Recorded] = {}
    early: set[str] = set()
    moments: list[datetime] = []
    for row in rows:
        for side in sides:
            side.decide(row)
        if since is not None and row.at < since:
            early.add(_name(row))
        elif _name(row) not in early:
            told[_name(row)] = row
            moments.append(row.at)
    compared = [(row, sides[0].results[name], sides[1].results[name]) for name, row in told.items()]
    return Backtest(first=min(moments, default=None), last=max(moments, default=None), decisions=len(moments),
                    operations=len(told), moved=_moved(compared),
                    unattended_old=_unattended((row, before) for row, before, _ in compared),
                    unattended_new=_unattended((row, after) for row, _, after in compared),
                    unrecorded=Counter(name for row, _, after in compared for name in after.missing
                                       if name not in row.facts))


def _name(row: Recorded) -> str:
    """An answer is no operation, and counts once per ticket."""
    return row.operation or f"{row.ticket} {row.action}"


class _Side:
    """One policy with the totals that come of it."""

    def __init__(self, policy: Policy, home: Home | None) -> None:
        self.policy = policy
        self.home = home
        self.results: dict[str, Decision] = {}
        self._customers: dict[str, list[tuple[date, Money]]] = defaultdict(list)
        self._desk: dict[date, dict[str, int]] = defaultdict(dict)

    def decide(self, row: Recorded) -> None:
        name, money = _name(row), money_of(row)
        if name in self.results and self.results[name].unattended:
            return
        facts = {fact: value for fact, value in row.facts.items() if fact in FACTS}
        facts |= self._totals(row, money) if money else {}
        decision = self.results[name] = decide(row.action, facts, self.policy)
        if decision.unattended and money:
            self._count(row, money)

    def _count(self, row: Recorded, money: Money) -> None:
        day = row.at.date()
        self._customers[row.customer].append((day, money))
        self._desk[day][money.currency] = self._desk[day].get(money.currency, 0) + money.amount

    def _totals(self, row: Recorded, money: Money) -> dict[str, FactValue]:
        """The totals as they would have been here; one that could not be read then stays not known."""
        day = row.at.date()
        month = [(on, one) for on, one in self._customers[row.customer] if on > day - WARM_UP]
        self._customers[row.customer] = month
        same = [(on, one.amount) for on, one in month if one.currency == money.currency]
        desk = {**self._desk[day], money.currency: self._desk[day].get(money.currency, 0) + money.amount}
        found: dict[str, FactValue] = {
            "customer_day_total": money.amount + sum(amount for on, amount in same if on == day),
            "customer_30d_total": money.amount + sum(amount for _, amount in same),
            "customer_day_refunds": 1 + sum(on == day for on, _ in month),
            "customer_30d_refunds": 1 + len(month),
            "desk_day_total": desk[money.currency],
        }
        if self.home is not None:
            found["desk_day_home"] = self.home(Money(amount=amount, currency=code) for code, amount in desk.items())
        return {fact: value for fact, value in found.items() if row.facts.get(fact, value) is not None}


def money_of(row: Recorded) -> Money | None:
    """What a refund would pay; None where it is not known, or the action has no amount."""
    amount, currency = row.facts.get("amount"), row.facts.get("currency")
    if not isinstance(amount, int) or not isinstance(currency, str):
        return None
    return Money(amount=amount, currency=currency)


def _moved(compared: Iterable[tuple[Recorded, Decision, Decision]]) -> tuple[Moved, ...]:
    found: dict[tuple[str, str, str], Moved] = {}
    for row, before, after in compared:
        key = (row.action, duties(before), duties(after))
        if key[1] == key[2]:
            continue
        so_far = found.get(key) or Moved(*key, looser(after, before), Sum(), ())
        found[key] = replace(so_far, sum=so_far.sum.plus(money_of(row)),
                             tickets=tuple(dict.fromkeys((*so_far.tickets, row.ticket))))
    return tuple(sorted(found.values(), key=lambda moved: (not moved.looser, -moved.sum.count)))


def _unattended(results: Iterable[tuple[Recorded, Decision]]) -> Sum:
    total = Sum()
    for row, decision in results:
        money = money_of(row)
        if decision.unattended and money:
            total = total.plus(money)
    return total
