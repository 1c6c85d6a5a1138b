"""`deskhand doctor`: one page that says what is wrong, and what to do."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import click
from rich.console import Console

from scripts.doctor.checkup import checkup
from scripts.doctor.examining import PATIENCE
from scripts.doctor.page import Hiding, as_json, counts, show
from scripts.doctor.premises import look_around
from scripts.doctor.readiness import rate


@click.command()
@click.option("--seconds", default=PATIENCE, show_default=True, type=click.FloatRange(1, 600),
              help="How long a check may take.")
@click.option("--json", "as_one", is_flag=True, help="Print one JSON object.")
def doctor(seconds: float, as_one: bool) -> None:
    """Ask this installation and its vendors what is wrong, and say what to do about each.

    Nothing is changed, but for one tiny question to the model, which costs about a hundred tokens, and one test call
    that Zendesk sends to our webhook. Ends with 0 when nothing is red, with 1 when something is, with 2 for a mistake
    in the command.
    """
    logging.getLogger("alembic").setLevel(logging.WARNING)
    with look_around(Path()) as premises:
        results = checkup(premises, seconds)
        hide = Hiding(premises.env)
    rated = rate(results)
    if as_one:
        click.echo(json.dumps(as_json(results, rated, hide)))
    else:
        show(Console(soft_wrap=False, highlight=False), results, rated, hide)
    raise SystemExit(1 if counts(results)["red"] else 0)
