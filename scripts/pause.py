"""`deskhand pause`, `resume` and `pauses`: the kill switch, for people. No setting but the database's is needed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from agent import switch
from agent.database import DatabaseError, open_database
from agent.switch import ALL, Pause
from scripts.named import NAME
from webhooks.settings import data_path, environment

ACTIONS = click.Choice(["refund", "contact_change", "log_activity", "ticket_update"])
action_option = click.option("--action", type=ACTIONS, help="Only this one; without it everything. Notes and replies "
                                                           "are ticket_update.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


class Away(Exception):
    """The database cannot be reached or used."""


@dataclass(frozen=True)
class Place:
    """Where this installation keeps its rows and its file."""

    url: str | None
    data: Path

    @property
    def file(self) -> Path:
        return self.data / switch.FILE

    @contextmanager
    def database(self) -> Iterator[Engine]:
        """Raises Away."""
        try:
            opened = open_database(self.url, self.data, pool=1, application="deskhand pause", migrate=False)
        except (DatabaseError, SQLAlchemyError, OSError) as error:
            raise Away(str(error)) from error
        try:
            yield opened.engine
        except SQLAlchemyError as error:
            raise Away(f"The database cannot be used ({type(error).__name__}).") from error
        finally:
            opened.close()


def place(*, new: bool = False, otherwise: str = "Nothing was changed") -> Place:
    """The same as of `deskhand serve` in this folder. Raises click.ClickException where none is and none is `new`: its
    words begin with what then is, `otherwise`."""
    env = environment()
    url = env.get("DESKHAND_DATABASE_URL", "").strip() or None
    data = data_path(env)
    if url is None and not new and not (data / "postgres").exists():
        raise click.ClickException(
            f"{otherwise}: there is no Deskhand in {data.resolve()}. Go to the folder where deskhand serve runs, or "
            "set DESKHAND_DATA or DESKHAND_DATABASE_URL.")
    return Place(url, data)


def named(ctx: click.Context, option: click.Parameter, by: str) -> str:
    if not by.strip():
        raise click.BadParameter("it needs a name.")
    if by.strip().casefold() == switch.BREAKER:
        raise click.BadParameter("it needs your own name; the circuit breaker pauses by itself.")
    return by.strip()


by_option = click.option("--by", required=True, type=NAME, callback=named,
                         help="Who says so; it is written to the audit.")


@click.command()
@action_option
@click.option("--reason", default="", metavar="TEXT", help="Why; deskhand pauses and the audit tell it.")
@by_option
@json_option
def pause(action: str | None, reason: str, by: str, as_json: bool) -> None:
    """Stop all writing at the vendors, or one action, within a second.

    Tickets wait and lose nothing. When the database cannot be reached, the file "paused" in the data folder stops this
    machine only; you may also make that file by hand.

    Exit code: 0 it is paused on all machines, 1 it is not, 2 usage.
    """
    at, what = place(), action or ALL
    try:
        with at.database() as engine, engine.begin() as c:
            thrown = switch.pause(c, what, reason.strip(), by, datetime.now(UTC))
            standing = next(one for one in switch.pauses(c) if one.action == what)
    except Away as away:
        return _on_this_machine(at, str(away), f"{by}: {reason.strip()}" if reason.strip() else by, as_json)
    lines = [f"{standing.in_words()}."] if thrown is None else [
        f"{'Everything' if what == ALL else f'The action {what}'} is paused on all machines.",
        f"To go on: {standing.lifted_by()}"]
    _say({"action": what, "paused": True, "everywhere": True, "new": thrown is not None, **_json(standing)}, lines,
         as_json)
    return None


def _on_this_machine(at: Place, away: str, reason: str, as_json: bool) -> None:
    try:
        switch.pause_on_file(at.file, reason)
    except OSError as error:
        raise click.ClickException(f"Nothing is paused. {away} And {at.file} cannot be written ({error.strerror}). "
                                   "Stop deskhand serve and work.") from error
    lines = [away, f"So everything is paused on this machine only, by the file {at.file}. Other machines go on: make "
                   f'that file there too, or say "deskhand pause" again when the database is back.',
             f"To go on: {Pause(ALL, reason, '', None).lifted_by()}"]
    _say({"action": ALL, "paused": True, "everywhere": False, "new": True, "file": str(at.file), "problem": away},
         lines, as_json)
    raise SystemExit(1)


@click.command()
@action_option
@by_option
@json_option
def resume(action: str | None, by: str, as_json: bool) -> None:
    """Let everything go on, or one action; what waited is looked at at once, and decided anew.

    Without --action it ends the pause of everything, and removes this machine's file "paused". Actions that were
    paused by name stay so.

    Exit code: 0 it goes on, 1 something could not be ended, 2 usage.
    """
    at, what, now = place(), action or ALL, datetime.now(UTC)
    ended: list[str] = []
    problems: list[str] = []
    removed = what == ALL and _removed(at.file, ended, problems)
    still = switch.of_file(at.file)
    try:
        with at.database() as engine:
            if before := switch.resume(engine, what, by, now):
                ended.append(f"{before.in_words()}. That has ended.")
            if removed:
                switch.file_was_removed(engine, at.file, by, now)
            with engine.begin() as c:
                still += switch.pauses(c)
    except Away as away:
        problems.append(f"{away} What is paused in the database stays paused.")
    none = [] if problems else ["Nothing changed: no such pause was on."]
    lines = [*(ended or none), *problems,
             *(f"{one.in_words()}. To go on: {one.lifted_by()}" for one in still)]
    _say({"action": what, "ended": ended, "problems": problems, "still": [_json(one) for one in still]}, lines, as_json)
    if problems:
        raise SystemExit(1)


def _removed(file: Path, ended: list[str], problems: list[str]) -> bool:
    if switch.on_file(file) is None:
        return False
    try:
        file.unlink()
    except OSError as error:
        problems.append(f"{file} could not be removed ({error.strerror}); remove it by hand. Until then this machine "
                        "stays paused.")
        return False
    ended.append(f"The file {file} is removed.")
    return True


@click.command()
@json_option
def pauses(as_json: bool) -> None:
    """List what is paused, by whom and why.

    Exit code: 0 nothing is paused, 1 something is, or the database cannot be reached.
    """
    at = place(otherwise="No pause could be looked for")
    found, problems = switch.of_file(at.file), []
    try:
        with at.database() as engine, engine.begin() as c:
            found += switch.pauses(c)
    except Away as away:
        problems = [f"{away} So nothing can be sent at all."]
    lines = [*problems, *(f"{one.in_words()}. To go on: {one.lifted_by()}" for one in found)]
    _say({"paused": [_json(one) for one in found], "problems": problems}, lines or ["Nothing is paused."], as_json)
    if found or problems:
        raise SystemExit(1)


def _json(one: Pause) -> dict[str, Any]:
    return {"action": one.action, "reason": one.reason, "by": one.by, "at": one.at.isoformat() if one.at else None}


def _say(told: dict[str, Any], lines: list[str], as_json: bool) -> None:
    click.echo(json.dumps(told) if as_json else "\n".join(lines))
