"""`scripts/simulate --defects`: small wrong versions of the product, each of which the simulation must find."""

from __future__ import annotations

from rich.console import Console
from rich.progress import Progress

from tests.figures import Figures
from tests.simulation.defects import agreeing, believing, connecting, gate, keeping, proving, reading, telling, waking
from tests.simulation.defects.hunting import Found, look_for
from tests.simulation.defects.planting import DEFECTS
from tests.simulation.sweep import FOLDER, in_processes

__all__ = ["DEFECTS", "agreeing", "believing", "connecting", "gate", "keeping", "main", "proving", "reading", "telling",
           "waking"]

NEEDED = 25
QUICK = ("nothing_is_swept", "a_refund_is_not_read_back", "nobody_is_asked", "a_note_bears_no_mark",
         "what_fell_through_is_ignored")
WORKERS = 2


def main(quick: bool) -> Figures:
    """Looks for all of them, or for a few."""
    wanted = [name.replace("_", "-") for name in QUICK] if quick else list(DEFECTS)
    out, results = Console(stderr=True), []
    with Progress(console=out) as bar:
        task = bar.add_task("defects", total=len(wanted))
        for one in in_processes(WORKERS, look_for, wanted, FOLDER):
            bar.update(task, advance=1)
            results.append(one)
            out.print(told(one), markup=False, highlight=False, soft_wrap=True)
    return summed(results, len(wanted), len(QUICK) if quick else NEEDED)


def told(one: Found) -> str:
    """Which history showed it, or that none did."""
    anyway = "".join(f"\n    broken without a defect, too: {key}" for key in one.broken)
    if not one.key:
        return f"{one.name}: NOT FOUND in {one.after} histories: {DEFECTS[one.name].words}{anyway}"
    return f"{one.name}: found after {one.after} histories: {one.last}\n    {one.key}{anyway}"


def summed(results: list[Found], wanted: int, needed: int) -> Figures:
    """Every defect must be found, and every history that was lived with one be clean without it."""
    figures = Figures("planted defects")
    figures.add("planted", wanted, at_least=needed)
    figures.add("found", sum(bool(one.key) for one in results), equal=wanted)
    figures.add("histories lived with a defect until it was found", sum(one.after for one in results))
    figures.add("of the same histories, broken without a defect", sum(len(one.broken) for one in results), equal=0)
    figures.also["defects"] = {one.name: {
        "what": DEFECTS[one.name].words, "breaks": DEFECTS[one.name].breaks, "after": one.after, "of": one.of,
        "history": one.key, "found": one.last} for one in sorted(results, key=lambda one: one.name)}
    return figures
