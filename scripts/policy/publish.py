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
from scripts.named import NAME
from scripts.policy import changes, prove
from scripts.policy.sources import source, unusable
from webhooks.app import Installation

BY = click.option("--by", required=True, type=NAME, help="Who publishes; it is written to the audit.")
SECOND = click.option("--second", type=NAME, help="A second person who agrees; needed where it loosens.")
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

    Loads it, proves it against never.yaml, shows what it changes, and keeps it in the ledger. Exit codes: 0 published,
    1 refused, and what is in force stays in force, 2 wrong usage.
    """
    drafts = source(path)
    with opened() as installation:
        _put_in_force(installation, drafts.name, lambda c: (publishing.draft(c, drafts.text, drafts.never_text), None),
                      by, second, dry_run, as_json)


@click.command()
@click.argument("version", type=click.IntRange(1, 10**9))
@BY
@SECOND
@DRY
@JSON
def rollback(version: int, by: str, second: str | None, dry_run: bool, as_json: bool) -> None:
    """Put the text of an earlier VERSION in force again, as a new version; proven and compared like any other.

    Exit codes: 0 published, 1 refused, and what is in force stays in force, 2 wrong usage.
    """
    def again(c: Connection) -> tuple[Draft, int | None]:
        found = publishing.earlier(c, version)
        return publishing.draft(c, found.text, found.never), version

    with opened() as installation:
        _put_in_force(installation, f"version {version}", again, by, second, dry_run, as_json)


@click.command()
@JSON
def log(as_json: bool) -> None:
    """List what was published, newest first: when, by whom, and under which digest.

    Exit codes: 0 listed, 1 the ledger cannot be read, 2 wrong usage.
    """
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
    made = refused = None
    with installation.desk.ledger.begin() as c:
        try:
            draft, of = drafted(c)
        except PolicyUnusable as error:
            raise unusable(name, error) from error
        except NotPublished as error:
            raise click.ClickException(f"Not published: {error}") from error
        try:
            if not dry_run:
                made = publishing.publish(c, draft, installation.config.people, by, second, installation.desk.now(),
                                          rolled_back_to=of)
        except NotPublished as error:
            refused = str(error)
    if as_json:
        click.echo(json.dumps(_told(name, draft, made, refused)))
    else:
        _show(name, draft)
        if made is not None:
            agreed = f" and {made.second}" if made.second else ""
            click.echo(f"\nPublished as version {made.version} by {made.published_by}{agreed}. It is in force from "
                       "the next decision on.")
        elif refused is None:
            click.echo("\nNothing was published (--dry-run).")
            if (missing := _missing(draft, installation, by, second)) and not draft.counterexamples:
                click.echo(f"Published so, it would be refused: {missing}")
    if refused is not None or (dry_run and draft.counterexamples):
        raise click.ClickException(f"Not published: {refused}" if refused else "It breaks never.yaml.")


def _missing(draft: Draft, installation: Installation, by: str, second: str | None) -> str:
    """Who else must agree."""
    try:
        publishing.agreed(draft, installation.config.people, by, second)
    except NotPublished as error:
        return str(error)
    return ""


def _show(name: str, draft: Draft) -> None:
    for worry in worries(draft.policy):
        click.echo(f"{name}: {worry}")
    if draft.counterexamples:
        examples = [f"  - {one.words}" for one in draft.counterexamples]
        click.echo("\n".join(["It breaks what never.yaml says:", *examples]))
        return
    click.echo(f"Proven: all {len(draft.never.entries)} entries of never.yaml hold, whatever is asked.")
    found = (*draft.changes, *draft.never_changes)
    if draft.base is None:
        modes = ", ".join(f"{action.replace('_', ' ')} in {row.mode}" for action, row in draft.policy.actions.items())
        click.echo(f"It is the first version: {modes}.")
    elif draft.incomparable:
        click.echo(f"Version {draft.base.version} can no longer be read, so what changes cannot be said.")
    elif found:
        changes.show(f"version {draft.base.version}", name, found)
    else:
        click.echo(f"It changes nothing that version {draft.base.version} decides.")


def _told(name: str, draft: Draft, made: Version | None, refused: str | None) -> dict[str, Any]:
    told: dict[str, Any] = {"draft": name, "published": made.version if made else None, "refused": refused}
    return told | {
        "against": draft.base.version if draft.base else None, "loosens": draft.loosens,
        "counterexamples": [prove.as_json(one) for one in draft.counterexamples],
        "changes": [changes.as_json(change) for change in (*draft.changes, *draft.never_changes)],
        "worries": [worry._asdict() for worry in worries(draft.policy)]}


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
