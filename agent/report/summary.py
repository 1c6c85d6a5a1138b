"""A report: its lines, and what they come to in counts and money."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from agent.report.lessons import Lesson
from agent.report.lines import Disagreement, Line, People, Would
from connectors.contract import Money

WAITS = (1, 4, 24, 48, 96, 168)
"""Hours by which people's refunds are grouped."""


@dataclass(frozen=True)
class Report:
    source: Literal["live", "past"]
    since: datetime
    until: datetime
    made_at: datetime
    policy: str
    """By which policy was decided, in words."""
    lines: tuple[Line, ...]
    tickets: int
    """How many tickets on which a customer had written."""
    silent: Counter[str] = field(default_factory=Counter)
    """Tickets on which Deskhand would have kept silent, by the reason."""
    unread: tuple[tuple[str, str], ...] = ()
    lessons: tuple[Lesson, ...] = ()
    """What colleagues declined, and why."""
    estimate: tuple[str, ...] = ()
    """Why the numbers are an estimate, each in a sentence."""
    stopped: str = ""
    """Said when it was stopped before all tickets were read."""

    def refunds(self) -> list[Line]:
        """What was asked for and could be named as a refund of one charge."""
        return [line for line in self.lines if line.kind == "refund"]

    def disagreements(self) -> list[tuple[Disagreement, list[Line]]]:
        """What must be read first before anything else, the largest amount first."""
        return [(kind, sorted((line for line in self.lines if line.disagreement() is kind), key=_largest_first))
                for kind in Disagreement]

    def cells(self) -> dict[tuple[Would, str | None], dict[People, Sum]]:
        """Refunds by what Deskhand would have done, with the role it would have asked, and what people did."""
        rows: dict[tuple[Would, str | None], dict[People, Sum]] = {}
        for line in sorted(self.refunds(), key=lambda one: (list(Would).index(one.would), one.approve_by or "")):
            row = rows.setdefault((line.would, line.approve_by), {})
            row[line.people] = row.get(line.people, Sum()).plus(line)
        return rows

    def by_claim(self) -> dict[str, Sums]:
        return self._by(lambda line: (line.claim or "none",))

    def by_rule(self) -> dict[str, Sums]:
        """A refund that several rules decided stands under each."""
        return self._by(lambda line: line.rules or ("no rule: a person reads it first",))

    def _by(self, names: Callable[[Line], Iterable[str]]) -> dict[str, Sums]:
        groups: dict[str, list[Line]] = {}
        for line in self.refunds():
            for name in names(line):
                groups.setdefault(name, []).append(line)
        return {name: Sums.of(lines) for name, lines in sorted(groups.items(), key=lambda one: (-len(one[1]), one[0]))}

    def waits(self) -> list[timedelta]:
        """How long people took, for each ask they answered with a refund, the shortest first."""
        return sorted(line.took for line in self.lines if line.took is not None)

    def waits_by_length(self) -> list[tuple[str, int]]:
        bounds = [timedelta(hours=hours) for hours in WAITS]
        names = [f"up to {lasted(bound)}" for bound in bounds]
        found = Counter(next(name for name, bound in zip(names, bounds, strict=True) if took <= bound)
                        for took in self.waits())
        return [(name, found[name]) for name in names]


@dataclass(frozen=True)
class Sum:
    """How many, for how much Deskhand would have refunded, and how much people refunded, per currency."""

    count: int = 0
    asked: tuple[Money, ...] = ()
    paid: tuple[Money, ...] = ()

    def plus(self, line: Line) -> Sum:
        return Sum(self.count + 1, added(self.asked, line.money), added(self.paid, line.paid))


def total(lines: Iterable[Line]) -> Sum:
    found = Sum()
    for line in lines:
        found = found.plus(line)
    return found


def added(moneys: tuple[Money, ...], one: Money | None) -> tuple[Money, ...]:
    if one is None:
        return moneys
    found = {money.currency: money.amount for money in moneys}
    found[one.currency] = found.get(one.currency, 0) + one.amount
    return tuple(Money(amount=amount, currency=currency) for currency, amount in sorted(found.items()))


@dataclass(frozen=True)
class Sums:
    """Of one claim or rule: all refunds asked for, those Deskhand would have paid, and what people refunded."""

    asked: Sum
    would_pay: Sum
    people_paid: Sum
    agree: int
    """Deskhand would have paid, and people refunded the same."""
    disagree: int

    @classmethod
    def of(cls, lines: list[Line]) -> Sums:
        paid = [line for line in lines if line.would is Would.DONE]
        return cls(total(lines), total(paid), total(line for line in lines if line.paid),
                   sum(line.people is People.SAME for line in paid),
                   sum(line.disagreement() is not None for line in lines))


def _largest_first(line: Line) -> tuple[int, datetime, str]:
    money = line.money or line.paid
    return (-money.amount if money else 0, line.asked_at, line.ref)


def middle(waits: list[timedelta]) -> timedelta | None:
    return timedelta(seconds=statistics.median(one.total_seconds() for one in waits)) if waits else None


def lasted(span: timedelta) -> str:
    """"40 min", "5 h", "3 days"."""
    minutes = round(span.total_seconds() / 60)
    if minutes < 60:
        return f"{minutes} min"
    hours = round(minutes / 60)
    return f"{hours} h" if hours < 48 else f"{round(hours / 24)} days"


def as_json(report: Report) -> dict[str, Any]:
    waits = report.waits()
    half = middle(waits)
    return {
        "source": report.source, "since": report.since.isoformat(), "until": report.until.isoformat(),
        "made_at": report.made_at.isoformat(), "policy": report.policy, "tickets": report.tickets,
        "estimate": list(report.estimate), "stopped_early": report.stopped or None,
        "disagreements": {str(kind): [_line(line) for line in lines] for kind, lines in report.disagreements()},
        "refunds": {
            "total": _sum(total(report.refunds())),
            "would_people": [{"would": would, "approve_by": role, "people": people, **_sum(cell)}
                             for (would, role), row in report.cells().items() for people, cell in row.items()],
            "by_claim": {name: _sums(sums) for name, sums in report.by_claim().items()},
            "by_rule": {name: _sums(sums) for name, sums in report.by_rule().items()},
        },
        "people_took_seconds": {"count": len(waits), "median": half.total_seconds() if half else None,
                                "longest": waits[-1].total_seconds() if waits else None,
                                "by_length": dict(report.waits_by_length())},
        "other_asks": dict(Counter(f"{line.kind}: {line.would}" for line in report.lines
                                   if line.kind in ("contact_change", "status_answer", "unclear"))),
        "silent": dict(report.silent), "not_read": dict(report.unread),
        "declined": [{**asdict(one), "at": one.at.isoformat(), "rules": list(one.rules)} for one in report.lessons],
        "lines": [_line(line) for line in report.lines],
    }


def _line(line: Line) -> dict[str, Any]:
    disagreement = line.disagreement()
    return {
        "ticket": line.ref, "link": line.link, "asked_at": line.asked_at.isoformat(), "kind": line.kind,
        "would": line.would, "approve_by": line.approve_by, "rules": list(line.rules), "because": line.because,
        "claim": line.claim, "charge": line.charge, "money": _money(line.money), "people": line.people,
        "paid": _money(line.paid), "paid_on": line.paid_on,
        "took_seconds": line.took.total_seconds() if line.took is not None else None,
        "disagreement": disagreement}


def _money(money: Money | None) -> dict[str, Any] | None:
    return {"amount": money.amount, "currency": money.currency} if money else None


def _sum(one: Sum) -> dict[str, Any]:
    return {"count": one.count, "asked": {money.currency: money.amount for money in one.asked},
            "paid": {money.currency: money.amount for money in one.paid}}


def _sums(one: Sums) -> dict[str, Any]:
    return {"asked": _sum(one.asked), "would_pay": _sum(one.would_pay), "people_paid": _sum(one.people_paid),
            "agree": one.agree, "disagree": one.disagree}
