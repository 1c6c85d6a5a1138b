"""`deskhand policy backtest`: what another policy would have made of the tickets that were decided."""

from __future__ import annotations

import json
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from agent.backtest import WARM_UP, WHY_AN_ESTIMATE, Backtest, Moved, Sum, replay
from agent.recorded import since as decided_since
from scripts.installation import opened
from scripts.policy.sources import source
from scripts.since import SINCE, Since

SHOWN = 5
"""Tickets named per line; --json names all."""


@click.command()
@click.argument("old")
@click.argument("new", required=False)
@click.option("--since", type=SINCE, help="Tell only what was decided since, as in 30d or 2026-11-01.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object, with every ticket by name.")
def backtest(old: str, new: str | None, since: Since | None, as_json: bool) -> None:
    """Replay what was decided under OLD and under NEW, with totals that come of each; an estimate, in counts and money.

    OLD and NEW are files, folders, version numbers, or: published. Without NEW: the folder in DESKHAND_POLICY, else
    what is shipped. Exit codes: 0 replayed, 1 a policy or the ledger cannot be read, 2 wrong usage.
    """
    before, after = source(old), source(new)
    policies = before.policy(), after.policy()
    with opened() as installation, installation.desk.ledger.begin() as c:
        moment = since(installation.desk.now()) if since else None
        rows = decided_since(c, moment - WARM_UP if moment else None)
        found = replay(rows, *policies, since=moment, home=installation.desk.choices.rates.sum)
    if as_json:
        click.echo(json.dumps(_told(before.name, after.name, found)))
    else:
        _show(before.name, after.name, found)


def _show(old: str, new: str, found: Backtest) -> None:
    if found.first is None or found.last is None:
        click.echo("Nothing was decided in this time, so there is nothing to replay.")
        return
    click.echo(f"{found.decisions:,} decisions from {found.first:%d %b %Y} to {found.last:%d %b %Y} about "
               f"{found.operations:,} different asks, replayed in their order under {old} and {new}.")
    if found.moved:
        Console().print(_table(found.moved))
    else:
        click.echo("None would have been decided otherwise.")
    click.echo(f"Refunded without anyone, under {old}: {_sum(found.unattended_old)}\n"
               f"Refunded without anyone, under {new}: {_sum(found.unattended_new)}")
    if found.unrecorded:
        names = ", ".join(f"{name} ({count})" for name, count in found.unrecorded.items())
        click.echo(f"Not recorded then, and so counted as a match: {names}")
    click.echo(f"This is {WHY_AN_ESTIMATE}.")


def _table(moved: tuple[Moved, ...]) -> Table:
    table = Table("", "action", "was", "would be", "how many", "money", "tickets", show_lines=True)
    for one in moved:
        more = f" and {len(one.tickets) - SHOWN} more" if len(one.tickets) > SHOWN else ""
        table.add_row("[red]looser[/red]" if one.looser else "stricter", one.action.replace("_", " "), one.was,
                      one.becomes, f"{one.sum.count:,}", one.sum.in_words(),
                      escape(", ".join(one.tickets[:SHOWN]) + more))
    return table


def _sum(sum: Sum) -> str:
    money = sum.in_words()
    return f"{sum.count:,}{f', {money}' if money else ''}"


def _told(old: str, new: str, found: Backtest) -> dict[str, Any]:
    return {
        "old": old, "new": new, "estimate": True, "why": WHY_AN_ESTIMATE,
        "first": found.first and found.first.isoformat(), "last": found.last and found.last.isoformat(),
        "decisions": found.decisions, "operations": found.operations,
        "changes": [{"action": one.action, "was": one.was, "becomes": one.becomes, "looser": one.looser,
                     **_counted(one.sum), "tickets": list(one.tickets)} for one in found.moved],
        "unattended": {"old": _counted(found.unattended_old), "new": _counted(found.unattended_new)},
        "not_recorded": dict(found.unrecorded),
    }


def _counted(sum: Sum) -> dict[str, Any]:
    """Money in minor units, as everywhere."""
    return {"count": sum.count, "money": dict(sorted(sum.money.items()))}
