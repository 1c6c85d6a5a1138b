"""`deskhand rotate`: a new secret while the old one goes on counting, and later without it."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import click
from rich.console import Console

from connectors.contract import Connector, Surroundings, VendorError
from connectors.parts import CHANGING, Rotation, Taken
from scripts.installation import opened
from scripts.pause import place
from scripts.setup.command import asked_login
from scripts.setup.vendors import Home, house_of, in_words, refuse_unready, settings_of, spelled
from webhooks.settings import connectors

OUR_OWN = "secret-key"
KEY_VARIABLE = "DESKHAND_SECRET_KEY"
WAIT = {True: "In ten minutes or later", False: "In an hour or later"}
"""Until what was signed with the old secret has arrived, tried anew where it had to be."""


class Rotated(click.ParamType[Connector | None]):
    """A vendor whose signing secret can be changed, or None for our own secret key."""

    name = "what"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Connector | None:
        offered = {one.name: one for one in connectors() if one.rotation is not None}
        if value != OUR_OWN and value not in offered:
            self.fail(f"{value} has no secret to rotate; there are {', '.join([*offered, OUR_OWN])}.", param, ctx)
        return offered.get(value)


@dataclass(frozen=True)
class Turn:
    """One command's part of a rotation: what it says before, what it does, and what is to be done after it."""

    variable: str
    plan: str
    do: Callable[[], None]
    after: str


@click.command()
@click.argument("what", type=Rotated(), metavar="WHAT")
@click.option("--finish", is_flag=True, help="Drop the old secret.")
@click.option("--yes", is_flag=True, help="Do not ask before it is done.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object; needs --yes.")
def rotate(what: Connector | None, finish: bool, yes: bool, as_json: bool) -> None:
    """Change a secret and lose no event: salesforce, stripe, zendesk, or Deskhand's own secret-key.

    First a new secret is made, and the new and the old one both count. Running servers on this machine take a changed
    signing secret from .env by themselves; give other machines the same .env. Later, --finish drops the old one. A run
    that was stopped goes on when you say the same again.

    Exit codes: 0 done or nothing to do, 1 refused or failed, 2 usage.
    """
    if as_json and not yes:
        raise click.UsageError("--json does not ask: add --yes.")
    console = Console(highlight=False, soft_wrap=True, stderr=as_json)
    home = Home.here()
    with failures_in_words(what):
        turn = _own_key(home, finish) if what is None else _of_vendor(what, home, finish, ask=not yes)
        if turn is not None:
            _refuse_overruled(home, turn.variable)
            console.print(turn.plan)
            if not (yes or click.confirm("Do this?", err=True)):
                raise click.ClickException("Nothing was changed.")
            turn.do()
        after = turn.after if turn else "Nothing to do: only one value counts."
    console.print(after)
    if as_json:
        click.echo(json.dumps({"rotated": what.name if what else OUR_OWN, "finish": finish, "done": bool(turn)}))


def _values(home: Home, variable: str) -> list[str]:
    return [one.strip() for one in home.held.get(variable, "").split(",") if one.strip()]


def _of_vendor(connector: Connector, home: Home, finish: bool, *, ask: bool) -> Turn | None:
    refuse_unready(connector, home, {})
    rotation = _rotation(connector, home, asked_login(connector, home, ask=ask))
    values = [one for one in _values(home, rotation.variable) if one != CHANGING]
    half_way = CHANGING in _values(home, rotation.variable)
    name, again = spelled(connector.name), f"deskhand rotate {connector.name} --finish"
    if not values:
        raise click.ClickException(f"{rotation.variable} is not set: run deskhand setup {connector.name} first.")
    if finish and half_way:
        raise click.ClickException(f"The new secret is not known yet: run deskhand rotate {connector.name} first.")
    if finish and not values[1:]:
        return None
    if finish:
        return Turn(rotation.variable, f"{name}'s old signing secret stops counting.",
                    lambda: drop(rotation, home, values[0]), "Done. Only the new secret counts.")
    if values[1:] and not half_way:
        raise click.ClickException(f"Two secrets count already. When the new one is in use everywhere: {again}")
    return Turn(rotation.variable, f"{name} gets a new signing secret; the old one goes on counting.",
                lambda: begin(rotation, home, values), "Done. Both secrets count, and no server has to be started "
                f"again. {WAIT[rotation.at_once]}: {again}")


def begin(rotation: Rotation, home: Home, values: list[str]) -> None:
    """Between the vendor's change and our knowing, what is signed anew is asked for again instead of refused."""
    if rotation.at_once:
        home.keep({rotation.variable: ",".join([CHANGING, *values])})
    new = rotation.begin(values)
    home.keep({rotation.variable: ",".join([new, values[0]])})


def drop(rotation: Rotation, home: Home, newest: str) -> None:
    rotation.finish(newest)
    home.keep({rotation.variable: newest})


def _rotation(connector: Connector, home: Home, login: dict[str, str]) -> Rotation:
    if connector.rotation is None:
        raise click.UsageError(f"{connector.name} has no secret to rotate.")
    return connector.rotation(settings_of(connector, home, login), Surroundings(), house_of(home, {}))


def _own_key(home: Home, finish: bool) -> Turn | None:
    values = _values(home, KEY_VARIABLE)
    again = f"deskhand rotate {OUR_OWN} --finish"
    if not values:
        raise click.ClickException(f"{KEY_VARIABLE} is not set: run deskhand init first.")
    if finish and not values[1:]:
        return None
    if finish:
        place()  # none is made for this: what the right database holds could not be opened any more
        return Turn(KEY_VARIABLE, "Every person's key is wrapped anew, and the old secret key stops counting.\n"
                    "Every deskhand serve and deskhand work must have been started again since the new one was made:\n"
                    "what one that was not still writes could not be read any more.",
                    lambda: _rewrap(home, values[0]), "Done. Only the new key counts. Keep a copy of it outside this "
                    "machine: without it, the database's encrypted texts are lost.")
    if values[1:]:
        raise click.ClickException(f"Two keys count already. When every server was started again: {again}")
    return Turn(KEY_VARIABLE, "Deskhand gets a new secret key; the old one goes on counting.",
                lambda: home.keep({KEY_VARIABLE: f"{secrets.token_urlsafe(36)},{values[0]}"}),
                f"Done. Start every deskhand serve and deskhand work again, then: {again}")


def _rewrap(home: Home, newest: str) -> None:
    with opened() as installation, installation.database.engine.begin() as connection:
        installation.desk.ledger.vault.rewrap(connection)
    home.keep({KEY_VARIABLE: newest})


def _refuse_overruled(home: Home, variable: str) -> None:
    if variable in home.outside:
        raise click.ClickException(f"{variable} stands in the environment, which counts before .env: move it to .env, "
                                   "so that this can change it.")


@contextmanager
def failures_in_words(connector: Connector | None) -> Iterator[None]:
    try:
        yield
    except (VendorError, Taken) as error:
        said = in_words(error, connector) if connector else str(error)
        raise click.ClickException(f"{said}\nThe old secret goes on counting. Say the same again to go on.") from error
