"""The vendor a command is about: its connector, an admin's login, and what it must know of this installation."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click

from connectors.contract import Connector, Surroundings, Unavailable, VendorError
from connectors.parts import House, Setup, Taken
from scripts.envfile import EnvFile
from scripts.setup.asking import variables
from webhooks.config import Config, ConfigUnusable, read_config
from webhooks.settings import connectors, environment, read_settings

ENV = ".env"
SPELLED = {"openai": "OpenAI"}


def spelled(vendor: str) -> str:
    """Its name as it spells itself."""
    return SPELLED.get(vendor, vendor.capitalize())


class Vendor(click.ParamType[Connector]):
    """A vendor that can be set up, by its name."""

    name = "vendor"

    def get_missing_message(self, param: click.Parameter, ctx: click.Context | None) -> str:
        return f"Say which: {' or '.join(one.name for one in connectors() if one.setup is not None)}."

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Connector:
        offered = {one.name: one for one in connectors() if one.setup is not None}
        if value not in offered:
            self.fail(f"{value} cannot be set up; there are {', '.join(offered)}.", param, ctx)
        return offered[value]


@dataclass
class Home:
    """This folder's settings. What is written is remembered here, so that what follows sees it."""

    file: EnvFile
    held: dict[str, str]
    overruled: list[str] = field(default_factory=list)
    """Variables that were written and stand in the environment with another value, which counts first."""
    outside: Mapping[str, str] = field(default_factory=dict, repr=False)
    """What stands in the environment, and in `.env` not or otherwise."""

    @classmethod
    def here(cls) -> Home:
        file = EnvFile(Path(ENV))
        held, written = environment(), file.values()
        return cls(file, held, outside={name: value for name, value in held.items() if written.get(name) != value})

    def keep(self, settings: Mapping[str, str]) -> None:
        """Writes them to `.env`; an empty one is taken out."""
        self.file.put(settings)
        for name, value in settings.items():
            if self.outside.get(name, value) != value and name not in self.overruled:
                self.overruled.append(name)
            if value:
                self.held[name] = value
            else:
                self.held.pop(name, None)


def refuse_unready(connector: Connector, home: Home, choices: Mapping[str, str]) -> None:
    """Before a login is asked for. Raises click.ClickException for what no login mends."""
    mended = {one.stands_for for one in connector.admin}
    asked = [name for name in variables(connector.settings) if name not in mended]
    wrong = [one for one in read_settings(home.held).mistakes if re.split("[: ]", one)[0] in asked]
    if wrong:
        raise _unusable(wrong)
    house_of(home, choices)


def setup_of(connector: Connector, home: Home, login: Mapping[str, str], choices: Mapping[str, str],
             told: Callable[[str], object]) -> Setup:
    """Of a vendor that can be set up. Raises click.ClickException with every setting that is missing or wrong."""
    if connector.setup is None:
        raise click.UsageError(f"{connector.name} cannot be set up.")
    house = replace(house_of(home, choices), told=told)
    return connector.setup(settings_of(connector, home, login), Surroundings(), house)


def settings_of(connector: Connector, home: Home, login: Mapping[str, str]) -> Any:
    """The vendor's settings with an admin's login in place of the one Deskhand runs with."""
    read = read_settings({**home.held, **_in_place(connector, login)})
    if connector.name in read.connectors:
        return read.connectors[connector.name][1]
    prefix = connector.name.upper()
    wrong = [one for one in read.mistakes if one.startswith(prefix)]
    raise _unusable(wrong or ([read.off[connector.name]] if connector.name in read.off else read.mistakes))


def _unusable(wrong: Sequence[str]) -> click.ClickException:
    lines = "\n".join(f"  {one}" for one in wrong)
    return click.ClickException(f"Settings are missing or wrong:\n{lines}\ndeskhand init asks for them.")


def _in_place(connector: Connector, login: Mapping[str, str]) -> dict[str, str]:
    return {one.stands_for: login[one.variable] for one in connector.admin if login.get(one.variable)}


def house_of(home: Home, choices: Mapping[str, str]) -> House:
    """Raises click.ClickException for an address or a deskhand.toml that cannot be used."""
    return house_at(_public_url(home), home.held, _config(home), choices)


def house_at(public_url: str, env: Mapping[str, str], config: Config, choices: Mapping[str, str]) -> House:
    """What a vendor must know of the installation with this address, environment and deskhand.toml."""
    return House(public_url, version("deskhand"), env, choices, config.replies.tag_prefix, config.handoff.group,
                 config.roles.model_dump())


def _config(home: Home) -> Config:
    try:
        return read_config(home.held)
    except ConfigUnusable as error:
        raise click.ClickException(str(error)) from error


def _public_url(home: Home) -> str:
    read = read_settings(home.held)
    if read.own is not None and read.own.public_url:
        return read.own.public_url
    wrong = [one for one in read.mistakes if one.startswith("DESKHAND_")]
    raise _unusable(wrong or ["DESKHAND_PUBLIC_URL is missing: the address at which vendors and people reach Deskhand"])


def in_words(error: VendorError | Taken, connector: Connector) -> str:
    """What went wrong, and what to do about it."""
    said = str(error).rstrip(".") + "."
    if isinstance(error, Unavailable) and error.lasting:
        login = " and ".join(one.variable for one in connector.admin)
        how = f": {login} in the environment, or as asked." if login else "."
        return f"{said} Use a login that may do this{how}"
    if isinstance(error, Unavailable) and error.reason == "no answer":
        return f"{said} See whether this machine reaches the internet."
    return said
