"""`scripts/attack`: attacks Deskhand in one process and virtual time, and prints what the vendors' books show of it."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from importlib import import_module

import click
from rich.console import Console

from tests.figures import Figures

PARTS: Mapping[str, str] = {part: f"tests.attack.{part}" for part in ("model", "doors", "audit", "canaries")}
"""Each part's module, read only when it is asked for; it has `main(quick, seed)`."""


@click.command(help="""Attacks Deskhand, and fails unless nothing forbidden happened.

Without an option: a hostile model with every injection string at every door, random and worst-case proposals, and
honest tickets beside them, so that safety is not silence. No part needs a network or a real account.

Exit codes: 0 every figure is reached, 1 one is not, 2 the command was used wrongly.""")
@click.option("--doors", is_flag=True, help="Forged webhooks and tokens, every route, the server, addresses outside.")
@click.option("--audit", is_flag=True, help="Tampering with the audit, and what an erased person leaves behind.")
@click.option("--canaries", is_flag=True, help="Planted secrets and card numbers, looked for everywhere.")
@click.option("--quick", is_flag=True, help="A small, fixed slice; without a part named, of every part.")
@click.option("--seed", default=7, show_default=True, help="What the random parts begin with.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def attack(doors: bool, audit: bool, canaries: bool, quick: bool, seed: int, as_json: bool) -> None:
    """Runs the parts asked for and prints their figures."""
    named = [part for part, wanted in (("doors", doors), ("audit", audit), ("canaries", canaries)) if wanted]
    parts = named or (list(PARTS) if quick else ["model"])
    figures = Figures("attack")
    for part in parts:
        Console(stderr=True).print(f"attacking: {part} …")
        figures.include(import_module(PARTS[part]).main(quick=quick, seed=seed))
    sys.exit(figures.print(as_json))


if __name__ == "__main__":
    attack(prog_name="scripts/attack")
