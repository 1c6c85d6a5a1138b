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
from scripts.doctor.premises import Premises, look_around
from scripts.doctor.readiness import rate
from scripts.doctor.rehearse import Refused, Walk, rehearse
from scripts.doctor.rehearsed import show_walk, walk_as_json


@click.command()
@click.option("--seconds", default=PATIENCE, show_default=True, type=click.FloatRange(1, 600),
              help="How long a check may take.")
@click.option("--rehearse", "walks", is_flag=True, help="Also refund, note and reply on a throwaway ticket of its "
              "own, with a test-mode payments key only, and try what our vendor pages could not verify.")
@click.option("--charge", metavar="ID", help="With --rehearse: the test charge of which 1.00 is refunded, where the "
              "key may make none.")
@click.option("--requester", metavar="EMAIL", help="With --rehearse: who is to be mailed; without it nobody is.")
@click.option("--json", "as_one", is_flag=True, help="Print one JSON object.")
def doctor(seconds: float, walks: bool, charge: str | None, requester: str | None, as_one: bool) -> None:
    """Ask this installation and its vendors what is wrong, and say what to do about each.

    Nothing is changed, but for one tiny question to the model, which costs about a hundred tokens, and one test call
    that Zendesk or the Salesforce org sends to us. Ends with 0 when nothing is red, with 1 when something is or the
    rehearsal failed or was refused, with 2 for a mistake in the command.
    """
    if (charge or requester) and not walks:
        raise click.UsageError("--charge and --requester go with --rehearse.")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    with look_around(Path()) as premises:
        results = checkup(premises, seconds)
        hide = Hiding(premises.env)
        given = {name: value for name, value in (("charge", charge), ("requester", requester)) if value}
        walk, refused = _walked(premises, given) if walks else (None, "")
    rated = rate(results)
    if as_one:
        told = as_json(results, rated, hide) | ({"rehearsal": walk_as_json(walk, refused, hide)} if walks else {})
        click.echo(json.dumps(told))
    else:
        console = Console(soft_wrap=False, highlight=False)
        show(console, results, rated, hide)
        if walks:
            show_walk(console, walk, refused, hide)
    failed = walks and (walk is None or not walk.went_well())
    raise SystemExit(1 if counts(results)["red"] or failed else 0)


def _walked(premises: Premises, choices: dict[str, str]) -> tuple[Walk | None, str]:
    try:
        return rehearse(premises, choices), ""
    except Refused as no:
        return None, str(no)
