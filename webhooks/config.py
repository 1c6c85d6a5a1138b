"""deskhand.toml: everything that is neither secret nor an address, as one checked model."""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError, field_validator

from agent.audit.keepers import AuditChoices
from agent.catchup import Catching
from agent.desk import Choices, Chosen
from agent.phrases import PHRASES
from agent.publishing import People
from agent.retention import Retention

FILE = "deskhand.toml"


class Roles(Chosen):
    """Which helpdesk groups hold each role; roles rise."""

    agent: tuple[str, ...] = ()
    lead: tuple[str, ...] = ()
    finance: tuple[str, ...] = ()


class Config(Choices):
    """The whole of deskhand.toml; an absent file is all defaults."""

    roles: Roles = Roles()
    people: People = People()
    catchup: Catching = Catching()
    audit: AuditChoices = AuditChoices()
    retention: Retention = Retention()

    @field_validator("replies")
    @classmethod
    def _languages(cls, replies: Any) -> Any:
        if unknown := [one for one in replies.languages if one not in PHRASES]:
            raise ValueError(f"no replies are written in {', '.join(unknown)}; there are {', '.join(PHRASES)}")
        return replies

    @field_validator("payments")
    @classmethod
    def _pattern(cls, payments: Any) -> Any:
        try:
            re.compile(payments.order_pattern or "")
        except re.error as error:
            raise ValueError(f"order_pattern is not a regular expression: {error}") from error
        return payments


class ConfigUnusable(ValueError):
    """deskhand.toml cannot be used; each line says where and what to do."""


FROM_ENVIRONMENT = ("senders_checked",)
"""Choices that come as settings and not from this file."""


def config_path(env: Mapping[str, str], folder: Path = Path()) -> Path:
    """Where deskhand.toml of the installation in this folder lies, or would lie."""
    return folder / (env.get("DESKHAND_CONFIG", "").strip() or FILE)


def read_config(env: Mapping[str, str], folder: Path = Path()) -> Config:
    """What the admin of the installation in this folder chose: defaults only where no file is named and none is there.

    Raises ConfigUnusable as `load_config`: without the file that is meant, its stop flags and limits would be gone.
    """
    path = config_path(env, folder)
    if not env.get("DESKHAND_CONFIG", "").strip() and not os.path.lexists(path):
        return Config()
    return load_config(path)


def load_config(path: Path) -> Config:
    """Raises ConfigUnusable for a file that cannot be read, and with a line number and a mend for every mistake."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigUnusable(f"{path} cannot be read ({error.strerror}): put the file there, readable for Deskhand, "
                             "or correct DESKHAND_CONFIG") from error
    except UnicodeDecodeError as error:
        raise ConfigUnusable(f"{path} is not text in UTF-8: save it as such") from error
    try:
        told = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigUnusable(f"{path.name}: {error}") from error
    try:
        return Config.model_validate({k: v for k, v in told.items() if k not in FROM_ENVIRONMENT})
    except ValidationError as error:
        raise ConfigUnusable("\n".join(_mistake(path.name, text, one) for one in error.errors())) from error


def _mistake(name: str, text: str, error: Any) -> str:
    place = [str(part) for part in (*error["loc"], *_key(error))]
    where = f"{name}, line {_line(text, place)}: {'.'.join(place)}"
    if error["type"] == "extra_forbidden":
        near = difflib.get_close_matches(place[-1], _known(place[:-1]), 1)
        return f"{where} is not a setting" + (f"; did you mean {near[0]}?" if near else "; remove it")
    return f"{where}: {MENDS.get((place[0], error['type'])) or MENDS.get(('', error['type'])) or _said(error)}"


MENDS = {
    ("flags", "string_pattern_mismatch"): "write zendesk:tag:NAME, stripe:metadata:KEY or salesforce:FIELD",
    ("replies", "string_pattern_mismatch"): "write small letters, digits, - and _",
    ("", "tuple_type"): 'write a list: ["email"]',
    ("", "string_type"): 'write it in quotes: "360001"',
    ("", "bool_parsing"): "write true or false",
    ("", "bool_type"): "write true or false",
    ("", "too_short"): "name at least one",
    ("hours", "missing"): 'write it, as in zone = "Europe/Berlin" and open = ["mon-fri 09:00-18:00"]',
    ("hours", "tuple_type"): 'write a list: ["mon-fri 09:00-18:00"]',
    ("hours", "date_from_datetime_parsing"): 'write the day as in "2026-12-25"',
    ("hours", "date_parsing"): 'write the day as in "2026-12-25"',
    ("breaker", "int_parsing"): "write a whole number of home units: 1000",
    ("breaker", "int_type"): "write a whole number of home units: 1000",
    ("breaker", "int_from_float"): "write a whole number of home units: 1000",
    ("rates", "greater_than"): "write what one unit of it is in home units, more than 0",
    ("rates", "decimal_parsing"): 'write a number: EUR = "1.08"',
    ("rates", "decimal_type"): 'write a number: EUR = "1.08"',
}
"""What to do, by table and kind of mistake."""


def _key(error: Any) -> tuple[str, ...]:
    """The key that a check of a whole table names."""
    return (error["ctx"]["key"],) if "key" in error.get("ctx", {}) else ()


def _said(error: Any) -> str:
    words: str = error["msg"].removeprefix("Value error, ")
    return words


def _known(place: list[str]) -> list[str]:
    model: type[BaseModel] = Config
    for part in place:
        kind = model.model_fields[part].annotation if part in model.model_fields else None
        tables = [one for one in (kind, *get_args(kind)) if isinstance(one, type) and issubclass(one, BaseModel)]
        if not tables:
            return []
        model = tables[0]
    return [name for name in model.model_fields if name not in FROM_ENVIRONMENT]


def _line(text: str, place: list[str]) -> int:
    """The line of a key, found below its table's heading: tomllib does not tell."""
    lines = text.splitlines()
    at = 0
    for depth, part in enumerate(place):
        heading = re.compile(rf"\s*\[\s*{re.escape('.'.join(place[:depth + 1]))}\s*\]")
        key = re.compile(rf"\s*[\"']?{re.escape(part)}[\"']?\s*=")
        at = next((n for n in range(at, len(lines)) if heading.match(lines[n]) or key.match(lines[n])), at)
    return at + 1
