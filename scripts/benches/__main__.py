"""Measures Deskhand beside its peers: door, tickets, parked, killed, finished, policy, people, planner, or all."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Callable

import click
from rich.console import Console

from scripts.benches.rows import NotMeasured, Row, Say, show

BENCHES = ("policy", "people", "door", "tickets", "parked", "killed", "finished")
PLANNER = "planner"


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("what", type=click.Choice([*BENCHES, PLANNER, "all"]), default="all")
@click.argument("rest", nargs=-1, type=click.UNPROCESSED)
@click.option("--quick", is_flag=True, help="Smaller numbers: minutes instead of half an hour, and rougher figures.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def bench(what: str, rest: tuple[str, ...], quick: bool, as_json: bool) -> None:
    """Each figure beside its peer in the same run. Ends with 0 when everything could be measured, reached or not.

    Further words go to the planner's bench.
    """
    if what == PLANNER:
        raise SystemExit(_planner([*rest, *(["--json"] if as_json else [])]))
    if rest:
        raise click.UsageError(f"Not understood: {' '.join(rest)}")
    rows, unmeasured = _rows(BENCHES if what == "all" else (what,), quick, as_json)
    if as_json:
        click.echo(json.dumps({"rows": [row.as_json() for row in rows], "not_measured": unmeasured}))
    for name, why in unmeasured.items():
        click.echo(f"{name} was not measured: {why}", err=True)
    if what == "all" and not as_json:
        _planner([])
    raise SystemExit(1 if unmeasured else 0)


def _rows(names: tuple[str, ...], quick: bool, as_json: bool) -> tuple[list[Row], dict[str, str]]:
    rows: list[Row] = []
    unmeasured: dict[str, str] = {}
    for name in names:
        measure: Callable[[bool, Say], list[Row]] = importlib.import_module(f"scripts.benches.{name}").measure
        found: list[Row] = []
        with Console(stderr=True).status(f"{name} …") as status:
            try:
                found = measure(quick, _saying(status.update, Console(stderr=True)))
            except NotMeasured as why:
                unmeasured[name] = str(why)
        rows += found
        if found and not as_json:
            show(found, Console(width=None if sys.stdout.isatty() else 120))
    return rows, unmeasured


def _saying(update: Callable[[str], None], console: Console) -> Say:
    """On a terminal one line that changes; elsewhere a line for each thing that is done."""
    told = [""]

    def say(words: str) -> None:
        update(words)
        if not console.is_terminal and words != told[0]:
            told[0] = words
            print(words, file=sys.stderr, flush=True)
    return say


def _planner(words: list[str]) -> int:
    main: Callable[[list[str]], int] = importlib.import_module("scripts.bench_planner").main
    return main(words)


if __name__ == "__main__":
    bench()
