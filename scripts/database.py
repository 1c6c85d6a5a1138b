"""`deskhand database`: which version the tables are at, and bringing them up or back down."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import click
from sqlalchemy import Connection, Engine, text

from agent.database import DatabaseError, downgrade, revision, revisions, upgrade
from scripts.commands import Commands
from scripts.pause import Away, place

json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


@click.command(cls=Commands, commands_at={name: f"scripts.database:{name}_tables" for name in
                                          ("status", "upgrade", "downgrade")})
def database() -> None:
    """The version of the tables. serve and work bring them up to date by themselves."""


@click.command(name="status")
@json_option
def status_tables(as_json: bool) -> None:
    """Say at which revision the tables are, and which are still to come.

    Exit code: 0 they are up to date, 1 they are not, or the database cannot be reached.
    """
    with reached(otherwise="No tables could be looked at") as engine, engine.begin() as c:
        at = revision(c)
    known = revisions()
    newest = list(known)[-1]
    coming = [name for name in known if at is None or name > at] if at in (None, *known) else []
    newer = at is not None and at not in known
    _say({"revision": at, "newest": newest, "to_come": coming, "newer_than_this_version": newer},
         [_standing(at, newest, newer=newer), *(f"  {name}  {known[name]}" for name in coming),
          *(["To bring them up to date: deskhand database upgrade"] if coming else [])], as_json)
    if coming or newer:
        raise SystemExit(1)


@click.command(name="upgrade")
@json_option
def upgrade_tables(as_json: bool) -> None:
    """Bring the tables up to date, as serve does when it starts.

    Exit code: 0 they are up to date, 1 they cannot be brought there.
    """
    with reached() as engine:
        with engine.begin() as c:
            before = revision(c)
        upgrade(engine)
        with engine.begin() as c:
            after = revision(c)
    words = f"The tables were at {after} already." if before == after else (
        f"The tables are at {after}; they were at {before or 'none'}.")
    _say({"from": before, "to": after}, [words], as_json)


@click.command(name="downgrade")
@click.option("--to", "target", required=True, metavar="REVISION", help="As deskhand database status names it.")
@click.option("--yes", is_flag=True, help="What only the newer revisions keep may be dropped.")
@json_option
def downgrade_tables(target: str, yes: bool, as_json: bool) -> None:
    """Take the tables back to an earlier revision, before an older Deskhand is installed again.

    Make a backup first, and stop every serve and work. No row of an older revision is lost; what only the newer ones
    keep is.

    Exit code: 0 it is done, 1 it was refused, 2 usage.
    """
    known = revisions()
    if target not in known:
        raise click.UsageError(f"There is no revision {target}; there are {', '.join(known)}.")
    with reached() as engine:
        with engine.begin() as c:
            before, at_work = revision(c), connected(c)
        if before is None or before not in known or target > before:
            raise click.ClickException(f"The tables are at {before or 'none'}; they cannot go down to {target}.")
        gone = [f"  {name}  {known[name]}" for name in reversed(known) if target < name <= before]
        if at_work:
            raise click.ClickException("Stop Deskhand first: it is at work on this database.")
        if gone and not yes:
            raise click.ClickException("\n".join(["This takes back, with what only they keep:", *gone,
                                                  "Make a backup, and say it again with --yes."]))
        downgrade(engine, target)
    _say({"from": before, "to": target}, [f"The tables are at {target}; they were at {before}. The next start of this "
                                          "version brings them up again."], as_json)


def connected(c: Connection) -> bool:
    """Another process of Deskhand has this database open, as far as the names of its connections tell."""
    return bool(c.execute(_OTHERS).scalar_one())


_OTHERS = text("""
    select exists (select from pg_stat_activity
     where datname = current_database() and pid <> pg_backend_pid() and application_name like 'deskhand%')""")


def _standing(at: str | None, newest: str, *, newer: bool) -> str:
    if newer:
        return (f"The tables are at {at}, and this version of Deskhand knows them up to {newest}. Start the newest "
                "version you have used with this database.")
    if at is None:
        return "There are no tables yet; the first start of deskhand serve makes them."
    return f"The tables are at {at}, the newest." if at == newest else f"The tables are at {at}; still to come:"


@contextmanager
def reached(*, new: bool = False, otherwise: str = "Nothing was changed") -> Iterator[Engine]:
    """The database of this folder's installation; `new`: an embedded one may be made where there is none yet.

    Raises click.ClickException; where no installation is, its words begin with `otherwise`.
    """
    try:
        with place(new=new, otherwise=otherwise).database() as engine:
            yield engine
    except (Away, DatabaseError) as problem:
        raise click.ClickException(str(problem)) from problem


def _say(told: dict[str, object], lines: list[str], as_json: bool) -> None:
    click.echo(json.dumps(told) if as_json else "\n".join(lines))
