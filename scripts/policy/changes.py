"""What one policy decides otherwise than another, as people and machines read it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from agent.policy.facts import plain
from agent.policy.proof import Change


def show(old: str, new: str, found: Sequence[Change]) -> None:
    """A line of a table for each change, and how many there are."""
    table = Table("", "for example", "was", "would be", title=escape(f"{old} → {new}"), title_justify="left",
                  show_lines=True)
    for change in found:
        table.add_row("[red]looser[/red]" if change.looser else "stricter",
                      *map(escape, (change.example, change.was, change.becomes)))
    Console().print(table)
    looser = sum(change.looser for change in found)
    click.echo(f"{looser} looser, {len(found) - looser} stricter.")


def as_json(change: Change) -> dict[str, Any]:
    return {"action": change.action, "what": change.what, "was": change.was, "becomes": change.becomes,
            "looser": change.looser, "words": change.words,
            "facts": None if change.facts is None else plain(change.facts)}
