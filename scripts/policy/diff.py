"""`deskhand policy diff`: what one version of the policy would do otherwise than another."""

from __future__ import annotations

import json
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from agent.policy.facts import plain
from agent.policy.proof import Change, difference, never_difference
from scripts.policy.sources import source


@click.command()
@click.argument("old")
@click.argument("new", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_context
def diff(ctx: click.Context, old: str, new: str | None, as_json: bool) -> None:
    """Say everything that NEW decides otherwise than OLD, each with one example; exact over all inputs.

    OLD and NEW are files, folders, version numbers, or: published. Without NEW: the folder in DESKHAND_POLICY, else
    what is shipped. Edits of texts, names and order change nothing. Modes, rollout and never.yaml are compared too.
    Exit codes: 0 nothing becomes looser, 1 something does, 2 wrong usage.
    """
    before, after = source(old), source(new)
    found = (*difference(before.policy(), after.policy()), *never_difference(before.never(), after.never()))
    if as_json:
        click.echo(json.dumps({"old": before.name, "new": after.name, "looser": any(one.looser for one in found),
                               "changes": [_told(change) for change in found]}))
    elif found:
        _show(before.name, after.name, found)
    else:
        click.echo(f"{after.name} decides nothing otherwise than {before.name}.")
    ctx.exit(1 if any(change.looser for change in found) else 0)


def _show(old: str, new: str, found: tuple[Change, ...]) -> None:
    table = Table("", "for example", "was", "would be", title=escape(f"{old} → {new}"), title_justify="left",
                  show_lines=True)
    for change in found:
        table.add_row("[red]looser[/red]" if change.looser else "stricter",
                      *map(escape, (change.example, change.was, change.becomes)))
    Console().print(table)
    looser = sum(change.looser for change in found)
    click.echo(f"{looser} looser, {len(found) - looser} stricter."
               + (" Publishing what is looser needs a second person." if looser else ""))


def _told(change: Change) -> dict[str, Any]:
    facts = None if change.facts is None else plain(change.facts)
    return {"action": change.action, "what": change.what, "was": change.was, "becomes": change.becomes,
            "looser": change.looser, "words": change.words, "facts": facts}
