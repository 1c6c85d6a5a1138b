"""`deskhand audit reconcile`: every refund of a month at the payment provider against the ledger and the tickets."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import click
from rich.console import Console
from rich.status import Status
from rich.table import Table

from agent.audit.month import Month
from agent.audit.reconcile import BESIDE, WORDS, Line, Reconciled, Sum, Totals
from agent.audit.sides import CannotList, both_sides
from agent.desk import Desk
from connectors.contract import Money, Unavailable, VendorError
from scripts.audit.export import private
from scripts.audit.unchecked import NotChecked, or_not_checked
from scripts.installation import opened

MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])", re.ASCII)
COLUMNS = ("created", "refund", "charge", "minor_units", "currency", "status", "partial", "kind", "operation", "ticket",
           "ledger_minor_units", "ledger_state", "written", "words", "do")


@click.command()
@click.option("--month", "written", required=True, metavar="YYYY-MM", help="Which month, as in 2026-11.")
@click.option("--zone", metavar="ZONE", help="Whose midnights it begins and ends with, as in Europe/Berlin. [default: "
              "the zone of [hours] in deskhand.toml, else UTC]")
@click.option("--tickets", is_flag=True, help="Also read each ticket in the helpdesk and look for what Deskhand wrote "
              "there; some calls for each.")
@click.option("--csv", "table", type=click.Path(dir_okay=False, writable=True, path_type=Path),
              help="Also write each refund as a line of this file.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def reconcile(written: str, zone: str | None, tickets: bool, table: Path | None, as_json: bool) -> None:
    """Set every refund of a month, Deskhand's or a person's, against the ledger and the tickets, to the cent.

    Reads the payment provider and writes nothing there. A refund belongs to the month in which the provider dates it.

    Exit codes: 0 every refund is explained, 1 one is not, 2 the options are wrong, 4 they could not be compared: the
    database or the provider could not be read, or the file of --csv not written.
    """
    with or_not_checked(), opened() as installation:
        month = _month(written, zone or _home(installation.desk), installation.desk.now())
        made = _read(installation.desk, month, tickets=tickets, quiet=as_json)
    if as_json:
        click.echo(json.dumps(as_told(made)))
    else:
        show(made, Console(highlight=False))
    if table is not None:
        try:
            _write(table, made)
        except OSError as error:
            raise NotChecked(f"{table} cannot be written ({error.strerror}).") from error
        if not as_json:
            click.echo(f"The refunds are in {table}.")
    if not made.ok:
        raise SystemExit(1)


def _home(desk: Desk) -> str:
    return desk.choices.hours.zone if desk.choices.hours else "UTC"


def _month(written: str, zone: str, now: datetime) -> Month:
    """Raises click.UsageError."""
    found = MONTH.fullmatch(written.strip())
    if found is None or int(found[1]) < 2000:
        raise click.UsageError(f"--month {written}: write a year and a month, as in 2026-11.")
    if zone not in available_timezones():
        raise click.UsageError(f"--zone {zone}: write a region and a city, as in Europe/Berlin, or UTC.")
    month = Month(int(found[1]), int(found[2]), ZoneInfo(zone))
    if month.begins > now:
        raise click.UsageError(f"{month} is still to come.")
    return month


def _read(desk: Desk, month: Month, *, tickets: bool, quiet: bool) -> Reconciled:
    """Raises click.ClickException where a vendor cannot be read."""
    try:
        with _telling(f"Reading the refunds of {month}", quiet=quiet) as status:
            return both_sides(desk, month, lambda day: status.update(f"Reading the refunds of {month}: {day}"),
                              read_tickets=tickets)
    except CannotList as cannot:
        raise click.ClickException(str(cannot)) from cannot
    except VendorError as away:
        lasting = isinstance(away, Unavailable) and away.lasting
        mend = ("the key must be permitted to read refunds and charges; deskhand doctor says what it lacks" if lasting
                and desk.payments is not None and away.vendor == desk.payments.vendor else "try again later, or see "
                "deskhand doctor")
        raise click.ClickException(f"{away}. Nothing was compared; {mend}.") from away


@contextmanager
def _telling(words: str, *, quiet: bool) -> Iterator[Status]:
    with Console(stderr=True, quiet=quiet).status(words) as status:
        yield status


def show(made: Reconciled, console: Console) -> None:
    """What there is, what it comes to, and first of all what is not explained."""
    over = "" if made.until == made.month.ends else f", so far (up to {made.until:%d %b %Y %H:%M} UTC)"
    console.print(f"[bold]Refunds of {made.month}{over}, account {made.account}[/bold]")
    totals = made.totals()
    if not totals:
        console.print("There are none.")
    else:
        console.print(_sums(totals), "")
    for kind, count in made.kinds().most_common():
        if kind != "unexplained":
            console.print(f"{count:6,}  {WORDS[kind]}", markup=False)
    partial = sum(line.partial for line in made.lines if line.kind not in BESIDE)
    if partial:
        console.print(f"{partial:6,}  of all these gave back only part of a charge")
    _not_explained(made, console)


def _sums(totals: dict[str, Totals]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    table.add_column("")
    for name in ("at the provider", "Deskhand's", "people's", "other systems'", "not explained", "of all, came back"):
        table.add_column(name, justify="right", overflow="fold")
    for currency, one in totals.items():
        table.add_row(currency, *(f"{_amount(sum.amount, currency)} ({sum.count:,})" for sum in (
            one.provider, one.ours, one.people, one.systems)), _amount(one.difference - one.missing.amount, currency),
            f"{_amount(one.came_back.amount, currency)} ({one.came_back.count:,})")
    return table


def _amount(amount: int, currency: str) -> str:
    return str(Money(amount=amount, currency=currency)).removeprefix(f"{currency} ")


def _not_explained(made: Reconciled, console: Console) -> None:
    found = made.unexplained()
    console.print(f"\n[bold]Not explained: {len(found):,}[/bold]")
    for line in found:
        console.print(f"  {_name(line)}", markup=False, soft_wrap=True)
        console.print(f"      {line.words}\n      Do: {line.do}", markup=False, soft_wrap=True)


def _name(line: Line) -> str:
    of = [f"{line.refund.id} of {line.refund.money}, charge {line.refund.charge}, {line.refund.status}"
          if line.refund else "no refund"]
    of += [line.entry.operation] if line.entry else []
    return ", ".join([*of, *([f"ticket {line.ticket}"] if line.ticket else [])])


def as_told(made: Reconciled) -> dict[str, Any]:
    return {
        "month": f"{made.month.year}-{made.month.month:02}", "zone": made.month.zone.key, "account": made.account,
        "begins": _iso(made.month.begins), "ends": _iso(made.month.ends), "until": _iso(made.until),
        "refunds": sum(one.provider.count for one in made.totals().values()), "unexplained": len(made.unexplained()),
        "ok": made.ok, "kinds": dict(made.kinds()),
        "totals": {currency: {
            **{name: _sum(getattr(one, name)) for name in (
                "provider", "ours", "people", "systems", "came_back", "missing")}, "difference": one.difference}
            for currency, one in made.totals().items()},
        "lines": [row(line, made.month) for line in made.lines]}


def _sum(one: Sum) -> dict[str, int]:
    return {"count": one.count, "minor_units": one.amount}


def row(line: Line, month: Month) -> dict[str, Any]:
    """By COLUMNS; amounts in minor units, times in the month's zone."""
    made, entry = line.refund, line.entry
    values = (
        made.created.astimezone(month.zone).isoformat() if made else None, made.id if made else None,
        made.charge if made else entry.charge if entry else None, made.money.amount if made else None,
        made.money.currency if made else entry.money.currency if entry and entry.money else None,
        made.status if made else None, line.partial, line.kind, entry.operation if entry else None, line.ticket or None,
        entry.money.amount if entry and entry.money else None, entry.state if entry else None,
        entry.written if entry else None, line.words, line.do)
    return dict(zip(COLUMNS, values, strict=True))


def _write(path: Path, made: Reconciled) -> None:
    lines = io.StringIO(newline="")
    table = csv.DictWriter(lines, COLUMNS)
    table.writeheader()
    table.writerows(row(line, made.month) for line in made.lines)
    with private(path) as file:
        file.write(lines.getvalue().encode())


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()
