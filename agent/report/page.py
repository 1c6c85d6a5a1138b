"""The report as one self-contained HTML page: drawn with inline SVG, without scripts and without anything loaded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from jinja2 import Environment, PackageLoader, StrictUndefined

from agent.report import words
from agent.report.lines import People, Would
from agent.report.summary import Report, Sum, total
from connectors.contract import Money

WIDTH, ROW, LEFT, RIGHT = 860, 30, 250, 50
"""Of a drawing, in its own units: whole width, one bar with its gap, room for names, room for numbers."""


@dataclass(frozen=True)
class Part:
    """One coloured piece of a bar."""

    x: float
    width: float
    style: str
    words: str
    """Shown when pointed at, and read aloud."""


@dataclass(frozen=True)
class Bar:
    name: str
    y: int
    parts: tuple[Part, ...]
    end: float
    told: str
    """Written after the bar."""


@dataclass(frozen=True)
class Plot:
    title: str
    bars: tuple[Bar, ...]

    @property
    def height(self) -> int:
        return len(self.bars) * ROW + 6


def page(report: Report) -> str:
    """The whole page."""
    environment = Environment(loader=PackageLoader("agent.report", "pages"), autoescape=True, trim_blocks=True,
                              lstrip_blocks=True, undefined=StrictUndefined)
    refunds = report.refunds()
    return environment.get_template("report.html.j2").render(
        report=report, words=words, People=People, refunds=refunds, width=WIDTH, left=LEFT,
        by_claim={words.claim(name): row for name, row in report.by_claim().items()},
        would_people=_would_people(report), waits=_waits(report), moneys=_moneys(report),
        legend=[(str(people), words.PEOPLE[people]) for people in People if _any(report, people)])


def _any(report: Report, people: People) -> bool:
    return any(people in row for row in report.cells().values())


def _would_people(report: Report) -> Plot:
    cells = report.cells()
    most = max((sum(cell.count for cell in row.values()) for row in cells.values()), default=1)
    bars = [_stacked(n, words.would(would, role), row, most) for n, ((would, role), row) in enumerate(cells.items())]
    return Plot("Refunds asked for, by what Deskhand would have done and what people did", tuple(bars))


def _stacked(n: int, name: str, row: Mapping[People, Sum], most: int) -> Bar:
    parts, x = [], float(LEFT)
    for people in People:
        if cell := row.get(people):
            width = _scaled(cell.count, most)
            parts.append(Part(x, width, str(people), f"{name}; people: {words.PEOPLE[people]}: {cell.count}"))
            x += width
    return Bar(name, n * ROW, tuple(parts), x, str(sum(cell.count for cell in row.values())))


def _waits(report: Report) -> Plot:
    rows = report.waits_by_length()
    most = max((count for _, count in rows), default=1)
    return Plot("How long people took, from the customer's message to the refund", tuple(
        _plain(n, name, count, most, str(count), "took") for n, (name, count) in enumerate(rows)))


def _moneys(report: Report) -> list[Plot]:
    """One drawing per currency, because amounts of two cannot stand on one scale."""
    asked = total(report.refunds())
    paid = total(line for line in report.refunds() if line.would is Would.DONE)
    return [_money(currency, asked.asked, paid.asked, asked.paid)
            for currency in sorted({one.currency for one in (*asked.asked, *asked.paid)})]


def _money(currency: str, asked: tuple[Money, ...], paid: tuple[Money, ...], people: tuple[Money, ...]) -> Plot:
    zero = Money(amount=0, currency=currency)
    rows = [(name, next((one for one in moneys if one.currency == currency), zero)) for name, moneys in (
        ("asked for", asked), ("Deskhand would have paid", paid), ("people refunded", people))]
    most = max(money.amount for _, money in rows)
    return Plot(f"Money in {currency}", tuple(
        _plain(n, name, money.amount, most, str(money), "money") for n, (name, money) in enumerate(rows)))


def _plain(n: int, name: str, value: int, most: int, told: str, style: str) -> Bar:
    width = _scaled(value, most)
    return Bar(name, n * ROW, (Part(LEFT, width, style, f"{name}: {told}"),), LEFT + width, told)


def _scaled(value: int, most: int) -> float:
    return round((WIDTH - LEFT - RIGHT - 60) * value / max(most, 1), 1)
