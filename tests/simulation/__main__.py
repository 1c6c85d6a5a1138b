"""`scripts/simulate`: whole ticket lives in virtual time, disturbed everywhere, judged by the vendors' books.

Exit codes: 0 every promise held, 1 one was broken or too little was lived, 2 a wrong option.
"""

from __future__ import annotations

import importlib
import logging
import os
import time
from collections import Counter
from collections.abc import Mapping

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from tests.figures import Figures
from tests.simulation.history import History, must_not_be
from tests.simulation.oracle import CLASSES
from tests.simulation.places import LASTING
from tests.simulation.story import told
from tests.simulation.sweep import AT_READS, SEED, Result, Sweep, a_place, shrunk, singles, space

WHOLE, QUICK = 50_000, 450
AS_PLANNED = 90
"""Per cent: a fault or kill is drawn before anybody knows how long a life is that something else disturbs, too."""
A_PART = 0.3
"""Of each level of single disturbances but those at reads, so much is in every whole run."""
STRUCK = 1_000
"""Of a whole run, for each late truth: where it is silently nothing, it shows nothing."""
CORES = os.cpu_count() or 2
PARTS: Mapping[str, str] = {name: f"tests.simulation.{name}" for name in ("defects", "race", "disorder")}
out = Console(stderr=True)


@click.command(help=__doc__)
@click.option("--quick", is_flag=True, help=f"{QUICK} histories of every kind, in a minute or two.")
@click.option("--defects", "part", flag_value="defects", help="Whether planted defects are found.")
@click.option("--race", "part", flag_value="race", help="Many workers, two tickets and a person on each charge.")
@click.option("--disorder", "part", flag_value="disorder", help="A life's events in every order, lost and doubled.")
@click.option("--every", is_flag=True, help="Each kill, each fault at a write and each mishap of an event by itself.")
@click.option("--histories", "count", type=click.IntRange(1), help=f"How many histories; {WHOLE:,} unless said.")
@click.option("--seed", default=SEED, show_default=True, help="The same seed gives the same histories.")
@click.option("--only", "key", help="Lives the one history of this key, and tells it step by step.")
@click.option("--fresh", is_flag=True, help="Begins anew instead of going on where a run was stopped.")
@click.option("--workers", default=CORES, type=click.IntRange(1), help="Processes; one for each core unless said.")
@click.option("--json", "as_json", is_flag=True, help="Prints one JSON object.")
def main(quick: bool, part: str | None, every: bool, count: int | None, seed: int, key: str | None, fresh: bool,
         workers: int, as_json: bool) -> None:
    logging.disable(logging.ERROR)  # what vendors refuse is the point here
    if key:
        raise SystemExit(only(key))
    if part:
        raise SystemExit(importlib.import_module(PARTS[part]).main(quick).print(as_json))
    sweep = Sweep(count or (QUICK if quick else WHOLE), seed, workers, every=every)
    raise SystemExit(swept(sweep, fresh=fresh or quick).print(as_json))


def only(key: str) -> int:
    """Lives one history and prints its story."""
    try:
        history = History.of(key)
    except ValueError as wrong:
        raise click.BadParameter(str(wrong), param_hint="--only") from wrong
    with a_place() as place:
        lived = place.live(history, tell=True)
    for line in told(lived):
        print(line)
    return 0 if lived.ok else 1


def swept(sweep: Sweep, *, fresh: bool) -> Figures:
    """Lives all histories with a line of progress, and sums up."""
    before = sweep.begin(fresh=fresh)
    if before:
        out.print(f"{before:,} histories were lived before; going on.")
    with Progress(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
                  TextColumn("{task.fields[rate]}"), TimeElapsedColumn(), TimeRemainingColumn(), console=out) as bar:
        looking = bar.add_task("looking at each life undisturbed", total=None, rate="")
        scouts = sweep.scouts()
        levels = sweep.chosen(scouts)
        total = sum(map(len, levels.values()))
        bar.update(looking, description="histories", total=total, completed=len(sweep.results))
        started, lived, broken = time.monotonic(), 0, sum(not one.ok for one in sweep.results.values())
        for found in sweep.run(levels):
            lived, broken = lived + 1, broken + (not found.ok)
            bar.update(looking, advance=1, rate=f"{lived / (time.monotonic() - started):.0f}/s, {broken} broken")
    wanted = {one.key for level in levels.values() for one in level}
    results = [one for key, one in sweep.results.items() if key in wanted]
    figures = summed(results, total if sweep.every else sweep.count, space(scouts),
                     {level: len(some) for level, some in singles(scouts).items()}, every=sweep.every)
    minutes = sum(one.ms for one in results) / 60_000
    figures.add(f"minutes in each of {sweep.workers} processes", minutes / sweep.workers)
    how = "--every" if sweep.every else f"--histories {sweep.count}"
    figures.also |= {"seed": sweep.seed, "command": f"scripts/simulate {how} --seed {sweep.seed}"}
    tell_shortest(results)
    return figures


def summed(results: list[Result], wanted: int, of: int, there_are: Mapping[str, int], *,
           every: bool = False) -> Figures:
    """Everything by its name, with what it must be; `there_are` so many histories of these levels.

    Of `every` one all must be lived, in the whole A_PART; single faults at reads are only counted.
    """
    figures = Figures("simulation")
    figures.add("histories", len(results), at_least=wanted)
    figures.add("of which everything that was to disturb them did, per cent",
                100 * sum(one.as_planned for one in results) / max(1, len(results)), at_least=AS_PLANNED)
    broken = Counter(kind for one in results for kind in {kind for kind, _ in one.broken})
    for kind in CLASSES:
        figures.add(kind.replace("_", " "), broken[kind], equal=0)
    figures.add("passes that ended with an error of ours", sum(bool(one.errors) for one in results), equal=0)
    for name, number in must_not_be(results).items():
        figures.add(name, number, equal=0)
    for end, number in sorted(Counter(one.end for one in results).items()):
        figures.add(f"ended {end}", number)
    for why, number in Counter(one.why for one in results if one.end == "held").most_common():
        figures.add(f"held: {why}", number)
    levels = Counter(one.level for one in results)
    for level, number in there_are.items():
        part = {"equal": number} if every else {"at_least": int(A_PART * number)} if wanted >= WHOLE else {}
        bound = part if level != AT_READS else {}
        figures.add(f"level: {level}, lived of {number:,}", levels.pop(level, 0), **bound)
    for level, number in levels.items():
        figures.add(f"level: {level}, drawn", number)
    for life, number in Counter("/".join(one.key.split("/")[:2]) for one in results).items():
        figures.add(f"life: {life}", number)
    struck = Counter(History.of(one.key).late for one in results if one.struck)
    for late, number in sorted(Counter(History.of(one.key).late for one in results).items()):
        bound = {"at_least": STRUCK} if wanted >= WHOLE and not every else {}
        figures.add(f"late truth: {late}, had something to happen to, of {number:,}", struck[late], **bound)
    figures.add("faults met", sum(one.met for one in results))
    for kind, number in sorted(Counter(kind.partition(LASTING)[0] for one in results for kind in one.kinds).items()):
        figures.add(f"fault: {kind}, met", number)
    figures.add("kills", sum(one.killed for one in results))
    figures.add("histories there are with up to two faults and two crashes", of)
    if results:
        figures.add("milliseconds a history", round(sum(one.ms for one in results) / len(results), 1))
    return figures


def tell_shortest(results: list[Result]) -> None:
    """The story of the shortest failing history, made shorter still, and the keys of the next ones."""
    failing = sorted((one for one in results if one.fails), key=lambda one: one.size)
    if not failing:
        return
    with a_place() as place:
        shortest = shrunk(place.live, History.of(failing[0].key), lambda lived: not lived.ok or bool(lived.errors))
        for line in told(place.live(shortest, tell=True)):
            out.print(line, markup=False, highlight=False)
    out.print("Tell one: scripts/simulate --only KEY", markup=False)
    for one in failing[:20]:
        what = ": ".join(one.broken[0]) if one.broken else one.errors[0]
        out.print(f"  {one.key}  {what}", markup=False, highlight=False)


if __name__ == "__main__":
    main(prog_name="scripts/simulate")
