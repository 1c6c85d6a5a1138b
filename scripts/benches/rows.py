"""What a bench finds: a figure beside its peer's or its goal, and how it is printed."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from rich.console import Console
from rich.table import Table

Say = Callable[[str], None]
"""Shows on one line what is being measured just now."""


class NotMeasured(RuntimeError):
    """The bench could not do its work; the message says why."""


@dataclass(frozen=True)
class Row:
    """One figure. With a peer the ratio is compared with the goal, otherwise the figure itself."""

    name: str
    value: float
    unit: str
    goal: float
    wanted: Literal["at least", "at most"]
    peer: float | None = None
    peer_name: str = ""
    more: dict[str, Any] = field(default_factory=dict)
    """Figures beside it, by name."""

    @property
    def ratio(self) -> float | None:
        return self.value / self.peer if self.peer else None

    @property
    def reached(self) -> bool:
        compared = self.value if self.peer is None else self.value / self.peer if self.peer else 0.0
        return compared >= self.goal if self.wanted == "at least" else compared <= self.goal

    def as_json(self) -> dict[str, Any]:
        told = {"name": self.name, "value": round(self.value, 4), "unit": self.unit, "goal": self.goal,
                "wanted": self.wanted, "reached": self.reached}
        if self.peer is not None and self.ratio is not None:
            told |= {"peer": round(self.peer, 4), "peer_name": self.peer_name, "ratio": round(self.ratio, 3)}
        return told | ({"more": self.more} if self.more else {})

    def goal_words(self) -> str:
        sign = "≥" if self.wanted == "at least" else "≤"
        return f"{sign} {self.goal:g}" + ("×" if self.peer is not None else f" {self.unit}")


def show(rows: Sequence[Row], console: Console) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("what", "measured", "peer", "ratio", "goal", ""):
        table.add_column(title, justify="left" if title in ("what", "") else "right")
    for row in rows:
        peer = f"{_plain(row.peer)} {row.peer_name}" if row.peer is not None else ""
        table.add_row(row.name, f"{_plain(row.value)} {row.unit}", peer, f"{row.ratio:.2f}×" if row.ratio else "",
                      row.goal_words(), "[green]reached[/]" if row.reached else "[red]missed[/]")
    console.print(table)
    for row in rows:
        if row.more:
            console.print(f"  [dim]{row.name}: " + ", ".join(f"{k} {_word(v)}" for k, v in row.more.items()) + "[/]")


def _word(value: Any) -> str:
    if isinstance(value, list):
        return " ".join(_word(one) for one in value)
    return _plain(value) if isinstance(value, (int, float)) else str(value)


def _plain(number: float) -> str:
    if number == int(number):
        return f"{int(number):,}"
    return f"{number:,.0f}" if abs(number) >= 100 else f"{number:.3g}"


def by_turns(ours: Callable[[], float], peer: Callable[[], float], rounds: int) -> tuple[list[float], list[float]]:
    """Measures A B A B …, so that a machine that slows down slows both."""
    a, b = [], []
    for _ in range(rounds):
        a.append(ours())
        b.append(peer())
    return a, b


def middle(values: Sequence[float]) -> float:
    return statistics.median(values)


def centile(values: Sequence[float], part: float) -> float:
    """The value below which this part of them lies, 0.99 for p99."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]
