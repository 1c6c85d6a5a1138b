"""`deskhand policy publish`, `log` and `rollback`: the only way to change what Deskhand may do."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from sqlalchemy import Connection

from agent import publishing
from agent.policy import PolicyUnusable
from agent.policy.proof import worries
from agent.published import Version, versions
from agent.publishing import Draft, NotPublished
from scripts.installation import opened
from scripts.policy.sources import source, unusable
from webhooks.app import Installation

BY = click.option("--by", required=True, metavar="NAME", help="Who publishes; it is written to the audit.")
SECOND = click.option("--second", metavar="NAME", help="A second person who agrees; needed where it loosens.")
DRY = click.option("--dry-run", is_flag=True, help="Prove and compare, and publish nothing.")
JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


@click.command()
@click.argument("path", required=False)
@BY
@SECOND
@DRY
@JSON
def publish(path: str | None, by: str, second: str | None, dry_run: bool, as_json: bool) -> None:
    """Put a draft in force: the folder or policy.yaml at PATH, else the folder in DESKHAND_POLICY, else as shipped.

    Loads it, proves it against never.yaml, shows what it changes, and keeps it in the ledger. Exit code 1: refused,
    and what is in force stays in force.
    """
    drafts = source(path)
    with opened() as installation:
        _put_in_force(installation, drafts.name, lambda c: (publishing.draft(c, drafts.text, drafts.never_text), None),
                      by, second, dry_run, as_json)


@click.command()
@click.argument("version", type=int)
@BY
@SECOND
@DRY
@JSON
def rollback(version: int, by: str, second: str | None, dry_run: bool, as_json: bool) -> None:
    """Put the text of an earlier VERSION in force again, as a new version; proven and compared like any other."""
    def again(c: Connection) -> tuple[Draft, int | None]:
        found = publishing.earlier(c, version)
        return publishing.draft(c, found.text, found.never), version

    with opened() as installation:
        _put_in_force(installation, f"version {version}", again, by, second, dry_run, as_json)


@click.command()
@JSON
def log(as_json: bool) -> None:
    """List what was published, newest first: when, by whom, and under which digest."""
    with opened() as installation, installation.desk.ledger.begin() as c:
        found = versions(c)
    if as_json:
        click.echo(json.dumps({"versions": [_version(one) for one in found]}))
    elif not found:
        click.echo("Nothing was published yet: every ticket is handed to a person.")
    else:
        Console().print(_table(found))


def _put_in_force(installation: Installation, name: str, drafted: Callable[[Connection], tuple[Draft, int | None]],
                  by: str, second: str | None, dry_run: bool, as_json: bool) -> None:
    made = draft = None
    with installation.desk.ledger.begin() as c:
        try:
            draft, of = drafted(c)
            if not dry_run:
                made = publishing.publish(c, draft, installation.config.people, by, second, installation.desk.now(),
                                          rolled_back_to=of)
            refused = None
        except PolicyUnusable as error:
            raise unusable(name, error) from error
        except NotPublished as error:
            refused = str(error)
    if as_json:
        click.echo(json.dumps(_told(name, draft, made, refused)))
    else:
        if draft is not None:
            click.echo("\n".join(_words(name, draft)))
        if made is not None:
            agreed = f" and {made.second}" if made.second else ""
            click.echo(f"\nPublished as version {made.version} by {made.published_by}{agreed}. It is in force from "
                       "the next decision on.")
        elif refused is None:
            click.echo("\nNothing was published (--dry-run).")
    if refused is not None or (dry_run and draft is not None and draft.counterexamples):
        raise click.ClickException(f"Not published: {refused}" if refused else "It breaks never.yaml.")


def _words(name: str, draft: Draft) -> list[str]:
    lines = [f"{name}: {worry}" for worry in worries(draft.policy)]
    if draft.counterexamples:
        lines.append("It breaks what never.yaml says:")
        return lines + [f"  - {one.words}" for one in draft.counterexamples]
    lines.append(f"Proven: all {len(draft.never.entries)} entries of never.yaml hold, whatever is asked.")
    if draft.base is None:
        return [*lines, "It is the first version."]
    against = f"version {draft.base.version}"
    if draft.incomparable:
        return [*lines, f"{against} can no longer be read, so what changes cannot be said."]
    changes = [*draft.changes, *draft.never_changes]
    if not changes:
        return [*lines, f"It changes nothing that {against} decides."]
    return [*lines, f"What it changes against {against}:",
            *(f"  {'looser  ' if change.looser else 'stricter'}  {change.words}" for change in changes)]


def _told(name: str, draft: Draft | None, made: Version | None, refused: str | None) -> dict[str, Any]:
    told: dict[str, Any] = {"draft": name, "published": made.version if made else None, "refused": refused}
    if draft is None:
        return told
    return told | {
        "against": draft.base.version if draft.base else None, "loosens": draft.loosens,
        "counterexamples": [one.words for one in draft.counterexamples],
        "changes": [{"looser": change.looser, "words": change.words}
                    for change in (*draft.changes, *draft.never_changes)],
        "worries": [str(worry) for worry in worries(draft.policy)]}


def _version(one: Version) -> dict[str, Any]:
    return {"version": one.version, "at": one.published_at.isoformat(), "by": one.published_by, "second": one.second,
            "digest": one.digest, "rolled_back_to": one.rolled_back_to}


def _table(found: list[Version]) -> Table:
    table = Table("version", "published (UTC)", "by", "second", "digest", "", title=None)
    for n, one in enumerate(found):
        said = f"as version {one.rolled_back_to}" if one.rolled_back_to else ""
        table.add_row(str(one.version), f"{one.published_at:%d %b %Y %H:%M}", one.published_by, one.second or "",
                      one.digest[:12], "; ".join(filter(None, ["in force" if n == 0 else "", said])))
    return table
