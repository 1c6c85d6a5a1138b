"""`deskhand erase`: forgets a person, and says what stays and why."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from typing import Any

import click

from agent import erasing
from agent.desk import Desk
from agent.erasing import Found, StillUnderWay
from agent.report.words import count
from scripts.audit.reader import noted
from scripts.installation import opened
from scripts.named import NAME

KEPT = ("Operations stay, for accounting and so that nothing is paid twice: ids, amounts, times and the rule, no name "
        "and no words.",
        "So do the audit's rows, whose chain must hold; what was personal in them can no longer be read.")
ELSEWHERE = ("The vendors' own books are not touched. Erase the person there too: the user and tickets in the "
             "helpdesk, the customer at the payment provider, the contact in the CRM; and in the model provider's "
             "logs, if it keeps any.",
             "Backups made before hold the key still: let them run out, or erase again after putting one back.")
OLDER = ("Texts are kept from before Deskhand noted the address of a ticket that was only handed over. If theirs may "
         "be among them, name their id in the helpdesk, too.")
MOST_SHOWN = 20


@click.command()
@click.argument("who", metavar="EMAIL|USER-ID")
@click.option("--by", default="", type=NAME, help="Who says so; it is written to the audit.")
@click.option("--dry-run", is_flag=True, help="Only say what would be erased and what stays.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def erase(who: str, by: str, dry_run: bool, as_json: bool) -> None:
    """Destroy a person's key, so that what was written about them can never be read again.

    They are named by an e-mail address or by their id in the helpdesk. What waits for them is void, what was begun is
    looked up first, and nothing is begun for them any more. If they write again, they are somebody new. This cannot be
    undone.

    Exit code: 0 they are erased, or were before, 1 nobody was found or something is still under way, 2 usage.
    """
    if not dry_run and not by.strip():
        raise click.UsageError("--by needs a name; it is written to the audit. --dry-run needs none.")
    with opened() as installation:
        desk, email = installation.desk, who if "@" in who else None
        with desk.ledger.begin() as c:
            ids = erasing.by_email(c, desk, who) if email else erasing.by_user(c, desk, who)
            people = [erasing.found(c, id) for id in ids]
            before = None if people else erasing.erased_before(c, desk, who)
            planned = not people and erasing.was_planned(c, desk, who)
            older = [OLDER] if email and erasing.without_address(c, but=ids) else []
        if dry_run and people:
            noted(desk, "erase --dry-run", by, person=people[0].person)
        if not people:
            return _nobody(who, before, older, as_json, planned=planned)
        try:
            gone = people if dry_run else [erasing.erase(desk, one.person, by.strip(), email) for one in people]
        except StillUnderWay as under_way:
            raise click.ClickException(str(under_way)) from under_way
        lines = [line for one in gone for line in _lines(desk, one, dry_run=dry_run)]
    stays = [*KEPT, *ELSEWHERE, *older]
    _say({"erased": not dry_run, "people": [_json(one) for one in gone], "stays": stays}, [*lines, *stays], as_json)


def _nobody(who: str, before: datetime | None, older: list[str], as_json: bool, *, planned: bool) -> None:
    """`planned`: something was, for this address, and nobody's key opens it any more."""
    if before is not None or planned:
        on = f", on {before:%d %b %Y %H:%M} UTC" if before else ""
        return _say({"erased": False, "before": before.isoformat() if before else None, "people": [], "stays": older},
                    [f"This person was erased before{on}. Nothing was kept since.", *older], as_json)
    how = ("Nothing is kept under this address. If they wrote from another one, name their id in the helpdesk."
           if "@" in who else "Nothing is kept for a user of this id.")
    _say({"erased": False, "before": None, "people": [], "stays": older}, [how, *older], as_json)
    raise SystemExit(1)


def _lines(desk: Desk, one: Found, *, dry_run: bool) -> list[str]:
    head = "Would be erased" if dry_run else "Erased"
    lines = [f"{head}: what was written about one person on {count(len(one.tickets), 'ticket')}."]
    lines += [f"  {desk.helpdesk(ref).link(ref)}" for ref in one.tickets[:MOST_SHOWN]]
    if len(one.tickets) > MOST_SHOWN:
        lines.append(f"  … and {len(one.tickets) - MOST_SHOWN} more: --json shows all.")
    if dry_run and (one.waiting or one.planned or one.under_way):
        lines.append(f"Before that, {count(one.waiting, 'open question')} would be void, {one.planned} planned "
                     f"operations dropped, and {len(one.under_way)} that were begun looked up.")
    return lines + [f"Stays: {kept.operation}, {kept.kind} of {kept.target} {kept.id}".rstrip()
                    for kept in one.kept[:MOST_SHOWN]]


def _json(one: Found) -> dict[str, Any]:
    return {"tickets": one.tickets, "waiting": one.waiting, "planned": one.planned, "under_way": one.under_way,
            "kept": [asdict(kept) for kept in one.kept]}


def _say(told: dict[str, Any], lines: list[str], as_json: bool) -> None:
    click.echo(json.dumps(told) if as_json else "\n".join(lines))
