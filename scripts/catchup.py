"""`deskhand catchup`: finds what no webhook told since a time, and has it looked at."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta

import click
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from agent.catchup import Overtaken, Tally
from agent.desk import Desk
from agent.places import Places
from agent.polling import sources
from agent.report.words import count
from connectors.contract import Unavailable, VendorError
from scripts.installation import opened
from scripts.since import MOMENT, Since
from webhooks.app import Installation

ASKED = "asked"
MOST_SHOWN = 15
WORTH_SAYING = 2.0
"""Seconds of a pause that a vendor asks for."""


@dataclass
class Outcome:
    tickets: Tally = field(default_factory=Tally)
    payments: Tally = field(default_factory=Tally)
    went_on: bool = False
    """From where an earlier run was stopped."""
    problems: list[str] = field(default_factory=list)


@click.command()
@click.option("--since", type=MOMENT, required=True, help="As in 2d, 2026-11-20 or 2026-11-20T10:00Z.")
@click.option("--dry-run", is_flag=True, help="Only count what would be woken.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def catchup(since: Since, dry_run: bool, as_json: bool) -> None:
    """Find what no webhook told since then, and have it looked at.

    The worker of deskhand serve does the same every few minutes, from where it stopped. Nothing is handled twice. A run
    that was stopped goes on where it was when you say the same again. A message older than oldest_days in [catchup] is
    left to people, and its ticket is named.

    Exit code: 0 everything was looked at, 1 it could not be, or was stopped early, 2 usage.
    """
    with opened() as installation:
        begin = since(installation.desk.now())
        if begin >= installation.desk.now():
            raise click.UsageError(f"{begin:%d %b %Y %H:%M} UTC is still to come; write a time that is past.")
        outcome = caught_up(installation, begin, dry_run=dry_run)
        lines = _lines(outcome, installation, begin, dry_run=dry_run)
    if as_json:
        click.echo(json.dumps({"since": begin.isoformat(), "dry_run": dry_run, **asdict(outcome)}))
    else:
        click.echo("\n".join(lines))
    if outcome.problems:
        raise SystemExit(1)


def caught_up(installation: Installation, since: datetime, *, dry_run: bool = False) -> Outcome:
    """Looks through every vendor; one that is away leaves its reason, and its place to go on from."""
    outcome, choices = Outcome(), installation.config.catchup
    hearing = replace(installation.hearing(), keeps=not dry_run)
    with _progress() as progress:
        desk = _telling(installation.desk, progress)
        places = Places(desk.ledger, desk.now, timedelta())
        for name, source in sources(desk, hearing, choices, installation.payment_events(), places).items():
            tally = outcome.tickets if name.split(":")[0] in desk.helpdesks else outcome.payments
            task = progress.add_task(f"Looking through {name.split(':')[0]}", total=None, found="")
            try:
                place, resumed = places.asked(f"{name} {ASKED}", since, keep=not dry_run)
                outcome.went_on |= resumed
                for _ in source(place, tally).look():
                    progress.update(task, advance=1, found=f"{tally.looked} looked at, {tally.woken} found")
            except Overtaken:
                outcome.problems.append(f"{name}: another deskhand catchup goes on with this.")
            except VendorError as away:
                outcome.problems.append(f"{away}. {_mend(away)}")
            except KeyboardInterrupt:
                outcome.problems.append("Stopped. Say the same again to go on.")
                break
    return outcome


MENDS = {
    "zendesk": "Zendesk lets its export be read by admins only: make Deskhand's user one; the OAuth scopes keep it "
               "from changing anything but tickets.",
    "stripe": "Give the restricted key the permission to read events.",
}


def _mend(away: VendorError) -> str:
    if isinstance(away, Unavailable) and away.lasting and away.vendor in MENDS:
        return MENDS[away.vendor]
    return "Say the same again to go on."


@contextmanager
def _progress() -> Iterator[Progress]:
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TextColumn("{task.fields[found]}"),
               TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        yield progress


def _telling(desk: Desk, progress: Progress) -> Desk:
    """The same desk, which says when it has to wait."""
    def sleep(seconds: float) -> None:
        if seconds > WORTH_SAYING:
            progress.console.print(f"The vendor asks us to wait {seconds:.0f} s.")
        desk.sleep(seconds)

    return replace(desk, sleep=sleep)


def _lines(outcome: Outcome, installation: Installation, since: datetime, *, dry_run: bool) -> list[str]:
    tickets, payments = outcome.tickets, outcome.payments
    would = "would wake" if dry_run else "woke"
    lines = ["An earlier run was stopped; this one went on from there."] if outcome.went_on else []
    lines.append(f"Looked at {count(tickets.looked, 'ticket')} changed since {since:%d %b %Y %H:%M} UTC: {would} "
                 f"{tickets.woken}, {tickets.known} were known already, {tickets.not_ours} are not Deskhand's.")
    if payments.looked:
        lines.append(f"Looked at {count(payments.looked, 'payment event')}: {would} the tickets of {payments.woken}, "
                     f"{payments.known} were known already, {payments.not_ours} concern no refund of Deskhand's.")
    if tickets.too_old:
        days = installation.config.catchup.oldest_days
        lines.append(f"Left to people, because the message is older than {days} days:")
        lines += [f"  {installation.desk.helpdesk(ref).link(ref)}" for ref in tickets.too_old[:MOST_SHOWN]]
        if len(tickets.too_old) > MOST_SHOWN:
            lines.append(f"  … and {len(tickets.too_old) - MOST_SHOWN} more: --json shows all.")
    if tickets.woken and not dry_run:
        lines.append("The workers look at them now.")
    return lines + outcome.problems
