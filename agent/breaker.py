"""The circuit breaker: an hour in which far more money leaves than usual pauses refunds, until a person has looked."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from agent import statements, switch
from agent.ledger import hour_of
from agent.rates import Rates
from connectors.contract import Money

log = logging.getLogger("deskhand.breaker")

WEEKS = 4
"""How many weeks back the same hour is looked at."""


class Breaker(BaseModel):
    """The table [breaker], in whole units of the home currency."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    most_an_hour: int = Field(1000, ge=0)
    times_usual: int = Field(5, ge=1)
    """Of the most that went out in the same hour of the week in the last four weeks."""
    never_below: int = Field(250, ge=0)
    """An hour with less than this is never unusual."""

    def why(self, hour: int, usual: int, currency: str, span: str = "in this hour") -> str | None:
        """Why an hour in which so much would go out is too much; None when it is not."""
        would = f"{_money(hour, currency)} would go out {span}"
        if hour > self.most_an_hour:
            return f"{would}, more than the cap of {_money(self.most_an_hour, currency)} an hour"
        if hour > self.never_below and hour > self.times_usual * usual:
            return f"{would}, more than {self.times_usual} times the usual {_money(usual, currency)}"
        return None


@dataclass(frozen=True)
class Hours:
    """Refunds by hour and currency in minor units, attended or not."""

    now: Mapping[str, int]
    """In this hour with the refund asked for, without what a person has already seen when resuming."""
    resumed: bool
    """A person resumed refunds in this hour."""
    before: tuple[Mapping[str, int], ...]
    """In the same hour of the weeks before."""


def trips(c: Connection, breaker: Breaker, rates: Rates, money: Money, now: datetime) -> str | None:
    """Why this refund must not go out any more; None when it may. Exact under `lock_totals`."""
    hours = _hours(c, money, now)
    hour = rates.sum(_moneys(hours.now))
    if hour is None:
        unknown = {one.currency for one in _moneys(hours.now) if rates.home(one) is None}
        return (f"{' and '.join(sorted(unknown))} cannot be counted in {rates.currency}; "
                "write down the rate in [rates] of deskhand.toml")
    usual = max((_known(rates, one) for one in hours.before), default=0)
    span = "in this hour since refunds were resumed" if hours.resumed else "in this hour"
    return breaker.why(hour, usual, rates.currency, span)


def throw(c: Connection, why: str, money: Money, now: datetime, *, ticket: int | None,
          operation: str) -> None:
    """Pauses refunds from this transaction's commit on; what a person has paused stays as they said."""
    if switch.pause(c, "refund", why, switch.BREAKER, now, ticket=ticket, operation=operation) is not None:
        statements.TRIPPED.run(c, hour=hour_of(now), currency=money.currency, amount=money.amount)
        log.error("refunds are paused by the circuit breaker: %s. A person resumes them: deskhand resume --action "
                  "refund --by NAME", why)


def _hours(c: Connection, money: Money, now: datetime) -> Hours:
    this = hour_of(now)
    weeks = [this - timedelta(weeks=n) for n in range(WEEKS + 1)]
    spent: dict[datetime, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    spent[this][money.currency] = money.amount
    seen = 0
    for row in statements.SPENT.all(c, hours=weeks):
        own = row["seen"] if row["hour"] == this else 0
        spent[row["hour"]][row["currency"]] += row["amount"] - own
        seen += own
    return Hours({code: max(amount, 0) for code, amount in spent[this].items()}, seen > 0,
                 tuple(spent[week] for week in weeks[1:]))


def _moneys(amounts: Mapping[str, int]) -> Iterable[Money]:
    return (Money(amount=amount, currency=currency) for currency, amount in amounts.items() if amount)


def _known(rates: Rates, amounts: Mapping[str, int]) -> int:
    """The sum of what has a rate: what cannot be counted makes no hour look usual."""
    return rates.sum(money for money in _moneys(amounts) if rates.home(money) is not None) or 0


def _money(amount: int, currency: str) -> str:
    return f"{currency} {amount:,}"
