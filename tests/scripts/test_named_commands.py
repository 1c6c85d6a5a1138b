"""What notes, the sidebar and the doctor tell people to type can be typed: the real command line takes it."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from sqlalchemy import Engine

from agent.database import Database
from scripts.cli import main
from scripts.doctor.running import held_operations
from tests.webhooks.opened import OpenOffice
from tests.webhooks.situations import stored_failure

ROOT = Path(__file__).parents[2]
NAMED = re.compile(r"\bdeskhand ((?:[a-z-]+ )*)((?:[\[(]?--[a-z-]+[\])]?|[A-Z][A-Z-]*|op-\w+|\{\}|\|| )+)")
RESOLVES = re.compile(r"deskhand held resolve (op-[0-9a-f]+) \(([^)]+)\) (--by NAME)")


def note(office: OpenOffice) -> str:
    return str(office.notes(1)[-1])


def sidebar(office: OpenOffice) -> str:
    return str(office.seat().state()["words"])


def doctor(office: OpenOffice) -> str:
    return " ".join(one.mend for one in held_operations(Database(office.engine, "", None)))


@pytest.mark.parametrize("told", [note, sidebar, doctor])
def test_the_command_that_settles_what_is_held_can_be_typed_as_it_stands(
        engine: Engine, told: Callable[[OpenOffice], str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    office = OpenOffice(engine)
    stored_failure(office)
    found = RESOLVES.search(told(office))
    assert found, told(office)
    operation, ways, by = found.groups()
    monkeypatch.chdir(tmp_path)
    for way in ways.split(" | "):
        said = CliRunner().invoke(main, ["held", "resolve", operation, *way.split(), *by.split()])
        assert said.exit_code == 1, said.output  # it was understood, and there is no installation here


@pytest.mark.parametrize("command", [["held"], ["held", "resolve"]])
def test_what_the_exit_codes_of_the_held_commands_mean_stands_in_their_help(command: list[str]) -> None:
    assert "Exit codes: 0 " in CliRunner().invoke(main, [*command, "--help"]).output


def texts() -> Iterator[tuple[str, str]]:
    """Each text in our code, with {} for what is filled in, and where it stands."""
    for path in (path for folder in ("agent", "scripts", "webhooks") for path in sorted((ROOT / folder).rglob("*.py"))):
        for node in ast.walk(ast.parse(path.read_text())):
            where = f"{path.name}:{getattr(node, 'lineno', 0)}"
            if isinstance(node, ast.JoinedStr):
                yield where, "".join(
                    str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield where, node.value


def named(words: str) -> click.Command | None:
    at: click.Command = main
    for word in words.split():
        found = at.get_command(click.Context(at), word) if isinstance(at, click.Group) else None
        if found is None:
            return None
        at = found
    return at


def test_a_command_that_our_code_writes_with_an_option_has_every_option_that_it_needs() -> None:
    wrong, seen = [], 0
    for where, text in texts():
        for words, options in NAMED.findall(text):
            said = set(re.findall(r"--[a-z-]+", options))
            command = named(words)
            if not said or command is None:
                continue
            seen += 1
            known = {opt for param in command.params for opt in param.opts}
            needed = {param.opts[0] for param in command.params if param.required and param.param_type_name == "option"}
            wrong += [f"{where}: {words}{option}" for option in (said - known - {"--help"}) | (needed - said)]
    assert wrong == []
    assert seen > 5
