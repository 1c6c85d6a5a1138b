"""`deskhand policy diff`: what one version of the policy would do otherwise than another."""

from __future__ import annotations

import json

import click

from agent.policy.proof import difference, never_difference
from scripts.policy.changes import as_json, show
from scripts.policy.sources import source


@click.command()
@click.argument("old")
@click.argument("new", required=False)
@click.option("--json", "as_json_object", is_flag=True, help="Print one JSON object.")
@click.pass_context
def diff(ctx: click.Context, old: str, new: str | None, as_json_object: bool) -> None:
    """Say everything that NEW decides otherwise than OLD, each with one example; exact over all inputs.

    OLD and NEW are files, folders, version numbers, or: published. Without NEW: the folder in DESKHAND_POLICY, else
    what is shipped. Edits of texts, names and order change nothing. Modes, rollout and never.yaml are compared too.
    Exit codes: 0 nothing becomes looser, 1 something does or a policy cannot be read, 2 wrong usage.
    """
    before, after = source(old), source(new)
    found = (*difference(before.policy(), after.policy()), *never_difference(before.never(), after.never()))
    if as_json_object:
        click.echo(json.dumps({"old": before.name, "new": after.name, "looser": any(one.looser for one in found),
                               "changes": [as_json(change) for change in found]}))
    elif found:
        show(before.name, after.name, found)
        if any(change.looser for change in found):
            click.echo("Publishing what is looser needs a second person.")
    else:
        click.echo(f"{after.name} decides nothing otherwise than {before.name}.")
    ctx.exit(1 if any(change.looser for change in found) else 0)
