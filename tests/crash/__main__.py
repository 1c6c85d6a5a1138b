"""Kills the real processes with -9 again and again, under load, and sets the vendors' books against what was asked."""

from __future__ import annotations

import multiprocessing
import signal
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from types import FrameType

import click

from scripts.processes import DidNotStart
from tests.crash import alone, together
from tests.crash.running import Stuck
from tests.figures import Figures

KILLS, EVENTS = 100, 50_000
WORKER_KILLS, LOSSES = 30, 3
QUICK_KILLS, QUICK_EVENTS, QUICK_WORKER_KILLS, QUICK_LOSSES = 6, 1500, 3, 1
SHOWN = 20
"""Differences that are printed; `--json` has them all."""


PARTS = {"alone": (alone.measure, "one process"), "together": (together.measure, "three workers")}


@click.command()
@click.option("--quick", is_flag=True, help=f"{QUICK_KILLS} kills, {QUICK_EVENTS:,} events, {QUICK_WORKER_KILLS} kills "
              "of a worker: a minute instead of twenty.")
@click.option("--kills", type=click.IntRange(1), help=f"Of the one process.  [default: {KILLS}]")
@click.option("--events", type=click.IntRange(1), help=f"To be acknowledged by it, at least.  [default: {EVENTS:,}]")
@click.option("--worker-kills", type=click.IntRange(1), help=f"Of one of the workers.  [default: {WORKER_KILLS}]")
@click.option("--losses", type=click.IntRange(0), help=f"Of the workers' database.  [default: {LOSSES}]")
@click.option("--only", type=click.Choice(list(PARTS)), help="One part: one process, or three workers.")
@click.option("--seed", default=1, show_default=True, help="The same one makes the same tickets and kills.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def crash(quick: bool, kills: int | None, events: int | None, worker_kills: int | None, losses: int | None,
          only: str | None, seed: int, as_json: bool) -> None:
    """Kill Deskhand with -9 under load, and compare every ticket with the vendors' books.

    One process with its embedded database, and at the same time three workers that share another one. Ends with 0 when
    every figure is reached, with 1 when one is not, with 2 when it is not called rightly.
    """
    wanted = {"alone": (kills or (QUICK_KILLS if quick else KILLS), events or (QUICK_EVENTS if quick else EVENTS)),
              "together": (worker_kills or (QUICK_WORKER_KILLS if quick else WORKER_KILLS),
                           losses if losses is not None else QUICK_LOSSES if quick else LOSSES)}
    figures = Figures("scripts/crash")
    with ProcessPoolExecutor(len(wanted)) as processes:
        running = [processes.submit(measured, name, *numbers, seed) for name, numbers in wanted.items()
                   if only in (None, name)]
        for part in running:
            figures.include(part.result())
    code = figures.print(as_json)
    if not as_json:
        _differences(figures)
    raise SystemExit(code)


def _told_to_stop(number: int, frame: FrameType | None) -> None:
    """Ends both parts, each with the processes that it started; a part is a copy of this process and has this, too."""
    for part in multiprocessing.active_children():
        part.terminate()
    raise SystemExit(128 + number)


def measured(part: str, first: int, second: int, seed: int) -> Figures:
    """The figures of a part; of one that could not go on to its end, that it failed."""
    measure, title = PARTS[part]
    try:
        return measure(first, second, seed, _saying(title))
    except (Stuck, DidNotStart) as why:
        click.echo(f"{title}: {why}", err=True)
        failed = Figures(title)
        failed.add("parts that could not go on to their end", 1, equal=0)
        return failed


def _differences(figures: Figures) -> None:
    for title, part in figures.also.items():
        found = part.get("differences", [])
        for words in found[:SHOWN]:
            click.echo(f"{title}: {words}")
        if len(found) > SHOWN:
            click.echo(f"{title}: and {len(found) - SHOWN:,} more; --json names them all")


def _saying(part: str) -> Callable[[str], None]:
    """A line on stderr whenever something new is to be said, at most one a second."""
    began, last = time.monotonic(), 0.0

    def say(words: str) -> None:
        nonlocal last
        if time.monotonic() - last >= 1:
            last = time.monotonic()
            print(f"{last - began:6.0f} s  {part}: {words}", file=sys.stderr, flush=True)
    return say


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _told_to_stop)
    crash(prog_name="scripts/crash")
