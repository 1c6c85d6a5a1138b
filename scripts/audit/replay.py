"""`deskhand audit replay`: every recorded decision made again, from the database or from an export."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from agent.audit.replay import NotAnExport, Replay, exported, kept_in, replayed, texts_in, texts_of
from agent.policy import PolicyUnusable, read_text
from scripts.audit.unchecked import or_not_checked
from scripts.database import reached

MOST_SHOWN = 20


@click.command()
@click.argument("export", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--policy", "drafts", multiple=True, metavar="FILE",
              type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="A policy that was never published, for decisions that were made by it; may be repeated.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def replay(export: Path | None, drafts: tuple[Path, ...], as_json: bool) -> None:
    """Decide everything again that was ever decided, and compare.

    Each decision in the database, or in an EXPORT of it, is made on the facts that were recorded with it and by the
    policy version it names. No vendor is asked and nothing is written.

    Exit codes: 0 every decision came out as it was recorded, 1 one did not or could not be made again, 2 the options
    are wrong, 4 none could be read.
    """
    try:
        texts = [read_text(path) for path in drafts]
    except PolicyUnusable as error:
        raise click.UsageError(f"--policy: {error.mistakes[0]}") from error
    with or_not_checked():
        made = _of_export(export, texts) if export else _of_database(texts)
    if as_json:
        click.echo(json.dumps(told(made), default=str))
    else:
        for line in lines(made):
            click.echo(line)
        if export and not made.ok:
            click.echo(f"Is the export as it was written? deskhand audit verify {export} says.")
    if not made.ok:
        raise SystemExit(1)


def _of_database(texts: list[str]) -> Replay:
    with (reached(otherwise="No decision could be read") as engine,
          engine.connect().execution_options(isolation_level="REPEATABLE READ") as c):
        return replayed(texts_of(c, texts), kept_in(c))


def _of_export(export: Path, texts: list[str]) -> Replay:
    try:
        return replayed(texts_in(export, texts), exported(export))
    except NotAnExport as error:
        raise click.ClickException(f"{export} cannot be read: {error}.") from error
    except (KeyError, TypeError, ValueError) as error:
        raise click.ClickException(f"{export} holds a line of another shape; check it with deskhand audit verify.") \
            from error


def told(made: Replay) -> dict[str, object]:
    return {"decisions": made.decisions, "planned": made.planned, "sent": made.sent,
            "policies": sorted(made.versions), "differences": made.differing,
            "not_decidable": len(made.undecidable), "why_not": dict(made.reasons()),
            "found": [*map(asdict, made.differences), *map(asdict, made.undecidable)]}


def lines(made: Replay) -> list[str]:
    found = [*(one.in_words() for one in made.differences),
             *(f"{one.where} ({one.ticket}) cannot be decided again: {one.why}" for one in made.undecidable)]
    more = [f"… and {len(found) - MOST_SHOWN} more: --json shows all."] if len(found) > MOST_SHOWN else []
    why = "; ".join(f"{why} ({count})" for why, count in made.reasons().most_common())
    return [
        f"{made.decisions:,} decisions were made again: {made.planned:,} of plans and {made.sent:,} of actions that "
        f"were sent, by {len(made.versions):,} {'policy' if len(made.versions) == 1 else 'policies'}.",
        f"Came out otherwise:      {made.differing:,}",
        f"Could not be made again: {len(made.undecidable):,}{f': {why}' if why else ''}",
        *found[:MOST_SHOWN], *more]
