"""`deskhand report`: what Deskhand would have done against what people did, to read before trusting it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import click
from rich.console import Console
from rich.padding import Padding
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from agent.desk import Desk
from agent.policy import Policy
from agent.published import NONE_YET
from agent.report import words
from agent.report.lines import Line, People
from agent.report.live import LiveTickets
from agent.report.making import live_report, past_report
from agent.report.page import page
from agent.report.past import PastTickets
from agent.report.summary import Report, Sums, as_json
from connectors.contract import Unavailable, VendorError
from scripts.audit.export import private
from scripts.audit.reader import noted
from scripts.installation import opened
from scripts.policy.sources import source
from scripts.since import SINCE, Since

MOST_SHOWN = 15
"""Disagreements of one kind in the shell; the page and --json show all."""
USUAL = timedelta(days=30)


@click.command()
@click.option("--past", type=SINCE,
              help="Read older tickets from the helpdesk and decide them now, as they stood then, as in 30d.")
@click.option("--since", type=SINCE, help="Live tickets since then, as in 2026-11-01. [default: 30d]")
@click.option("--policy", "policy_name", metavar="POLICY",
              help="With --past: decide by this file, folder or published version instead of the one in force.")
@click.option("--per-minute", type=click.IntRange(1, 600), default=60, show_default=True,
              help="With --past: read at most so many tickets a minute, to leave the helpdesk's limits to others.")
@click.option("--html", type=click.Path(dir_okay=False, writable=True, path_type=Path),
              help="Also write a page with plots that needs no network; readable by its owner alone.")
@click.option("--json", "as_json_object", is_flag=True, help="Print one JSON object.")
def report(past: Since | None, since: Since | None, policy_name: str | None, per_minute: int, html: Path | None,
           as_json_object: bool) -> None:
    """Compare what Deskhand would have done with what people did within 7 days.

    Live tickets by default: what was decided and recorded when they came in. With --past, older tickets are read from
    the helpdesk; nothing is written there. Ctrl-C stops the reading and reports on what was read. The audit tells who
    asked for a report.

    Exit codes: 0 the report is complete, 1 it could not be made or was stopped early, 2 the options are wrong.
    """
    if past is None and policy_name:
        raise click.UsageError("--policy goes with --past: live tickets were decided when they came in.")
    if past and since:
        raise click.UsageError("Say one of --past and --since.")
    if html is not None and not html.resolve().parent.is_dir():
        raise click.UsageError(f"There is no folder {html.resolve().parent} to write {html.name} into.")
    draft = source(policy_name).policy() if policy_name else None
    with opened() as installation:
        desk = installation.desk
        try:
            if past is None:
                made = _live(desk, _begin(desk, since) if since else desk.now() - USUAL)
            else:
                made = read_past(desk, draft or _in_force(desk), policy_name, _begin(desk, past), per_minute)
        except VendorError as away:
            lasting = isinstance(away, Unavailable) and away.lasting
            mend = "check this vendor's settings in .env, and its limits" if lasting else "try again later"
            raise click.ClickException(f"{away}. Nothing was written; {mend}.") from away
        noted(desk, "report" if past is None else "report --past", since=made.since.isoformat())
    if as_json_object:
        click.echo(json.dumps(as_json(made)))
    else:
        show(made, Console(highlight=False))
    if html is not None:
        _written(made, html)
        if not as_json_object:
            click.echo(f"\nThe page is in {html}.")
    if made.stopped:
        raise SystemExit(1)


def _written(made: Report, html: Path) -> None:
    """Raises click.ClickException when the page cannot be written; what stood there then stays."""
    try:
        with private(html) as file:
            file.write(page(made).encode())
    except OSError as error:
        raise click.ClickException(f"{html} cannot be written ({error.strerror}).") from error


def _begin(desk: Desk, since: Since) -> datetime:
    """Raises click.UsageError for a day that is still to come."""
    now = desk.now()
    begin = since(now)
    if begin >= now:
        raise click.UsageError(f"{begin:%d %b %Y} is still to come; write a day that is past, or days, as in 30d.")
    return begin


def _live(desk: Desk, since: datetime) -> Report:
    with desk.ledger.begin() as c:
        return live_report(c, LiveTickets(desk, since, desk.now()))


def _in_force(desk: Desk) -> Policy:
    """Raises click.ClickException when there is none, with what to do."""
    with desk.ledger.begin() as c:
        found = desk.policy(c)
    if found is None:
        raise click.ClickException(f"{NONE_YET[0].upper()}{NONE_YET[1:]}\nOr name a draft: --policy FILE")
    return found


def read_past(desk: Desk, policy: Policy, name: str | None, since: datetime, per_minute: int) -> Report:
    """Reads and decides the tickets since then; stopped by Ctrl-C, those that were read until then.

    Raises VendorError, and click.ClickException when it is stopped before anything was read.
    """
    reading = PastTickets(desk, since, desk.now(), per_minute)
    refs: list[str] = []
    with _progress() as progress:
        try:
            finding = progress.add_task("Finding the tickets", total=None)
            refs = reading.refs()
            progress.remove_task(finding)
            for _ in progress.track(reading.read_all(refs), total=len(refs), description="Reading tickets"):
                pass
        except KeyboardInterrupt:
            if not reading.tried:
                raise click.ClickException("Stopped before anything was read. Nothing was written.") from None
    version = f"version {policy.version} of the policy" if policy.version else f"the draft {name}"
    with desk.ledger.begin() as c:
        return past_report(c, reading, policy, version, of=len(refs))


@contextmanager
def _progress() -> Iterator[Progress]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        yield progress


def show(made: Report, console: Console) -> None:
    """The report as tables: first where the two disagree."""
    refunds = made.refunds()
    console.print(f"[bold]{words.title(made)}[/bold]")
    if basis := words.basis(made):
        console.print(basis)
    if made.stopped:
        console.print(made.stopped, style="yellow")
    console.print(f"{words.asked(made)}\n")
    _disagreements(made, console)
    if refunds:
        console.print(_would_people(made), "")
        console.print(_sums("By claim", "claim", {words.claim(name): row for name, row in made.by_claim().items()}), "")
        console.print(_sums("By the rule that decided (a refund stands under each that took part)", "rule",
                            made.by_rule()), "")
    for one in made.lessons:
        console.print(f"Declined: {one.action.replace('_', ' ')} on #{one.ref.rsplit(':', 1)[-1]} "
                      f"({', '.join(one.rules)}): {one.reason}", markup=False)
    _rest(made, console)


def _disagreements(made: Report, console: Console) -> None:
    found = made.disagreements()
    if made.refunds() and not any(lines for _, lines in found):
        console.print(f"{words.agreement(made)}\n")
    for kind, lines in found:
        if lines:
            console.print(f"[bold]{words.DISAGREEMENTS[kind]}: {len(lines)}[/bold]")
            for line in lines[:MOST_SHOWN]:
                _listed(line, console)
            if len(lines) > MOST_SHOWN:
                console.print(f"… and {len(lines) - MOST_SHOWN} more: --html FILE or --json show all.")
            console.print()


def _listed(line: Line, console: Console) -> None:
    """The address alone on its line, so that it can be opened in the narrowest terminal too."""
    console.print(f"  {line.link}", soft_wrap=True)
    told = (f"{words.claim(line.claim)}; Deskhand: {words.deskhand(line)}; people: {words.people(line)}; decided by "
            f"{words.why(line)}")
    console.print(Padding(Text(told), (0, 0, 0, 6), expand=False))


def _would_people(made: Report) -> Table:
    table = _table("What Deskhand would have done, and what people did", "Deskhand would", "people refunded")
    for name in ("how many", "Deskhand's amount", "people's amount"):
        table.add_column(name, justify="right")
    for (would, role), row in made.cells().items():
        for people in People:
            if cell := row.get(people):
                table.add_row(words.would(would, role), words.PEOPLE[people], str(cell.count),
                              words.money(cell.asked), words.money(cell.paid))
    return table


def _sums(title: str, name: str, rows: dict[str, Sums]) -> Table:
    table = _table(title, name)
    for column in ("asked for", "Deskhand would pay", "people paid", "both the same", "differ"):
        table.add_column(column, justify="right")
    for key, row in rows.items():
        table.add_row(key, f"{row.asked.count}: {words.money(row.asked.asked)}",
                      f"{row.would_pay.count}: {words.money(row.would_pay.asked)}",
                      f"{row.people_paid.count}: {words.money(row.people_paid.paid)}", str(row.agree),
                      str(row.disagree))
    return table


def _rest(made: Report, console: Console) -> None:
    for kind, name in words.KINDS.items():
        count = sum(line.kind == kind for line in made.lines)
        if count and kind != "refund":
            console.print(f"Also asked, {name}: {count}")
    if made.silent:
        told = "; ".join(f"{reason} ({count})" for reason, count in made.silent.most_common())
        console.print(f"Left alone, {words.count(made.silent.total(), 'ticket')}: {told}")
    if made.unread:
        console.print(f"Not read, {words.count(len(made.unread), 'ticket')}: " + "; ".join(
            f"{ref} ({why})" for ref, why in made.unread[:MOST_SHOWN]), style="yellow")
    console.print("\nThis is an estimate:")
    for reason in made.estimate:
        console.print(Padding(Text(f"– {reason}"), (0, 0, 0, 2), expand=False))


def _table(title: str, *columns: str) -> Table:
    table = Table(*columns, title=title, title_justify="left", title_style="bold", box=None, padding=(0, 2, 0, 0))
    for column in table.columns:
        column.overflow = "fold"
    return table
