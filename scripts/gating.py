"""Gates: each reads something and says what is wrong with it; all of a command's gates are run and told alike."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NoReturn

import click
from rich.console import Console
from rich.markup import escape

MOST_FAULTS = 25


@dataclass(frozen=True)
class Found:
    """What one gate read, and what is wrong with it, in sentences."""

    count: int
    of: str
    faults: tuple[str, ...] = ()
    remark: str = ""


@dataclass(frozen=True)
class Result:
    gate: str
    found: Found
    seconds: float = field(compare=False)

    @property
    def passed(self) -> bool:
        return not self.found.faults

    def told(self) -> dict[str, object]:
        return {"gate": self.gate, "passed": self.passed, "count": self.found.count, "of": self.found.of,
                "remark": self.found.remark, "seconds": round(self.seconds, 1), "faults": list(self.found.faults)}


@dataclass(frozen=True)
class NotAsked:
    """What the gates do not look at, so that nobody takes their word for it."""

    name: str
    words: str


@dataclass(frozen=True)
class Columns:
    """How wide the names of the gates and their counts stand."""

    gate: int
    count: int


Gate = Callable[[], Found]


def check(gates: Mapping[str, Gate], not_asked: NotAsked, columns: Columns, *, as_json: bool) -> NoReturn:
    """Runs the gates, tells each as soon as it is through, and exits: 0 all passed, 1 a gate found something."""
    console, results = Console(highlight=False, stderr=as_json), []
    for name, gate in gates.items():
        began = time.monotonic()
        results.append(Result(name, gate(), time.monotonic() - began))
        if not as_json:
            _show(console, results[-1], columns)
    passed = all(one.passed for one in results)
    if as_json:
        click.echo(json.dumps({"passed": passed, not_asked.name: not_asked.words,
                               "gates": [one.told() for one in results]}))
    else:
        console.print(not_asked.words, soft_wrap=True)
    sys.exit(0 if passed else 1)


def _show(console: Console, one: Result, columns: Columns) -> None:
    word = "[green]passed[/green]" if one.passed else "[red]failed[/red]"
    remark = f" ({one.found.remark})" if one.found.remark else ""
    console.print(f"{one.gate:<{columns.gate}} {word}  {one.found.count:>{columns.count},} {one.found.of}{remark}, "
                  f"{one.seconds:.1f} s", soft_wrap=True)
    for fault in one.found.faults[:MOST_FAULTS]:
        console.print(f"  {escape(fault)}", soft_wrap=True)
    if len(one.found.faults) > MOST_FAULTS:
        console.print(f"  and {len(one.found.faults) - MOST_FAULTS} more")
