"""What a command measured, set against what it must reach: printed with its denominators, and failing below them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from operator import eq, ge, le
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

Number = int | float

BOUNDS: Mapping[str, tuple[str, Callable[[Any, Any], bool]]] = {
    "at_least": ("≥ ", ge), "at_most": ("≤ ", le), "equal": ("", eq)}


@dataclass(frozen=True)
class Figure:
    """One line of a result; `needed` is empty for what is only counted."""

    name: str
    reached: Number | str
    needed: str
    ok: bool


def shown(number: Number | str) -> str:
    """As people write it: 50,000 and 11.25."""
    if isinstance(number, str):
        return number
    return f"{number:,}" if isinstance(number, int) else f"{number:,.2f}".rstrip("0").rstrip(".")


@dataclass
class Figures:
    """The figures of one command, in the order in which they are printed."""

    title: str
    lines: list[Figure] = field(default_factory=list)
    also: dict[str, Any] = field(default_factory=dict)
    """What `--json` tells beyond the figures; its lists of text stand below the table of figures that fall short."""

    def add(self, name: str, reached: Number | str, **bound: Number) -> Figure:
        """Adds a figure with one bound (`at_least`, `at_most` or `equal`), or with none: then it is only counted."""
        if len(bound) > 1 or not bound.keys() <= BOUNDS.keys():
            raise TypeError(f"one of {', '.join(BOUNDS)}, or none")
        needed, ok = "", True
        for name_of_bound, wanted in bound.items():
            sign, holds = BOUNDS[name_of_bound]
            needed, ok = f"{sign}{shown(wanted)}", not isinstance(reached, str) and holds(reached, wanted)
        self.lines.append(Figure(name, reached, needed, ok))
        return self.lines[-1]

    def include(self, other: Figures) -> None:
        """Adds all figures of another part, under that part's title."""
        self.lines += [Figure(f"{other.title}: {line.name}", line.reached, line.needed, line.ok)
                       for line in other.lines]
        self.also |= {other.title: other.also} if other.also else {}

    @property
    def ok(self) -> bool:
        """Whether there are figures, and each reaches what it must: nothing measured is not success."""
        return bool(self.lines) and all(line.ok for line in self.lines)

    @property
    def exit_code(self) -> int:
        return 0 if self.ok else 1

    def as_json(self) -> str:
        """One object on one line."""
        return json.dumps({"title": self.title, "ok": self.ok, **self.also, "figures": [
            {"name": line.name, "reached": line.reached, "needed": line.needed, "ok": line.ok}
            for line in self.lines]}, ensure_ascii=False)

    def print(self, as_json: bool = False, console: Console | None = None) -> int:
        """Prints the figures, and returns the command's exit code."""
        if as_json:
            print(self.as_json(), flush=True)
            return self.exit_code
        table = Table(title=self.title, title_justify="left")
        table.add_column("what")
        table.add_column("reached", justify="right")
        table.add_column("needed", justify="right")
        table.add_column("ok")
        for line in self.lines:
            table.add_row(Text(line.name), shown(line.reached), line.needed,
                          ("yes" if line.ok else Text("NO", style="bold red")) if line.needed else "")
        out = console or Console()
        out.print(table)
        for told in () if self.ok else _lines(self.also):
            out.print(Text(f"  {told}"))
        return self.exit_code


def _lines(also: Mapping[str, Any]) -> Iterator[str]:
    """Whatever is told beside the figures in lines of text: what went wrong, one by one."""
    for told in also.values():
        if isinstance(told, Mapping):
            yield from _lines(told)
        elif isinstance(told, list):
            yield from (line for line in told if isinstance(line, str))
