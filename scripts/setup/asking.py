"""What an admin is asked for: the described fields of the settings models, typed once, checked as they are typed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import get_args

import click
from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

SHORTEST_SHOWN = 12
"""Characters from which the last two of a secret may be shown."""

Mistake = Callable[[str, str], str]
"""Of a variable and the value given: what is wrong with it and how it should be, "" for nothing."""


@dataclass(frozen=True)
class Question:
    variable: str
    text: str
    """What it is and where to find it."""
    needed: bool
    secret: bool
    yes_or_no: bool
    default: str
    only_with: str = ""
    """The variable without which it is not asked."""


def questions(model: type[BaseModel], prefix: str = "") -> list[Question]:
    """Of every field that is described and whose variable begins so."""
    return [_question(name, field) for name, field in model.model_fields.items()
            if field.description and (field.alias or name).startswith(prefix)]


def variables(model: type[BaseModel]) -> dict[str, bool]:
    """Every variable it reads, and whether that is a secret."""
    return {field.alias or name: _secret(field) for name, field in model.model_fields.items()}


def _question(name: str, field: FieldInfo) -> Question:
    default = field.default if isinstance(field.default, str) and not field.is_required() else ""
    extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
    return Question(field.alias or name, field.description or "", field.is_required(), _secret(field),
                    field.annotation is bool, default, str(extra.get("only_with", "")))


def _secret(field: FieldInfo) -> bool:
    """Also what may hold a password, and so is never shown."""
    return SecretStr in (field.annotation, *get_args(field.annotation)) or not field.repr


def kept(question: Question, value: str) -> str:
    """How a value that is there already is shown."""
    if not question.secret:
        return value
    return f"(kept, ends in …{value[-2:]})" if len(value) >= SHORTEST_SHOWN else "(kept)"


def ask(question: Question, held: Mapping[str, str], wrong: Mistake) -> str:
    """Asks until it fits; Enter keeps what is there. "" for what is left out."""
    now = held.get(question.variable, "").strip()
    if question.yes_or_no:
        on = now.lower() in ("on", "1", "true", "yes")
        return "on" if click.confirm(f"  {question.text}", default=on) else "off"
    while True:
        typed = _typed(question, now)
        if not typed and question.needed:
            click.echo("    It is needed.")
        elif typed and (mistake := wrong(question.variable, typed)):
            click.echo(f"    {mistake}")
        else:
            return typed


def _typed(question: Question, now: str) -> str:
    shown = kept(question, now) if now else question.default
    tail = f" [{shown}]" if shown and not question.secret else f" {shown}" if shown else ""
    typed: str = click.prompt(f"  {question.text}{tail}", default="", show_default=False, hide_input=question.secret)
    return typed.strip() or now or question.default
