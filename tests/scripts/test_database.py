"""`deskhand database`: says where the tables are, and brings them up or down without surprising anybody."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from agent.database import connect_engine, revision, revisions, upgrade
from scripts.cli import main
from tests.scripts.test_cli import COMPLETE

NEWEST = list(revisions())[-1]
Run = Callable[..., Result]


@pytest.fixture
def run(bare: Path, empty_database_url: str) -> Run:
    """Runs a command in an empty folder, with no setting but where the database is."""
    def invoke(*arguments: str, **settings: str) -> Result:
        return CliRunner().invoke(main, list(arguments), env={"DESKHAND_DATABASE_URL": empty_database_url, **settings})
    return invoke


def at(url: str) -> str | None:
    engine = connect_engine(url)
    try:
        with engine.connect() as c:
            return revision(c)
    finally:
        engine.dispose()


def test_an_empty_database_is_said_to_be_empty_and_then_brought_up(run: Run, empty_database_url: str) -> None:
    said = run("database", "status")
    assert said.exit_code == 1
    assert "There are no tables yet" in said.output
    assert run("database", "upgrade").output == f"The tables are at {NEWEST}; they were at none.\n"
    assert run("database", "upgrade").output == f"The tables were at {NEWEST} already.\n"
    assert run("database", "status").output == f"The tables are at {NEWEST}, the newest.\n"
    assert run("database", "status").exit_code == 0


def test_what_is_still_to_come_is_listed_with_what_it_brings(run: Run, empty_database_url: str) -> None:
    engine = connect_engine(empty_database_url)
    upgrade(engine, "0008")
    engine.dispose()
    said = run("database", "status")
    assert said.exit_code == 1
    assert said.output.startswith("The tables are at 0008; still to come:\n  0009  A refund says when ")
    assert said.output.endswith("To bring them up to date: deskhand database upgrade\n")
    told = json.loads(run("database", "status", "--json").output)
    assert (told["revision"], told["to_come"][0], told["newer_than_this_version"]) == ("0008", "0009", False)


def test_going_down_names_what_goes_and_wants_a_yes(run: Run, empty_database_url: str) -> None:
    run("database", "upgrade")
    said = run("database", "downgrade", "--to", "0009")
    assert said.exit_code == 1
    assert "0010  How far was looked for what no event told" in said.output
    assert "Make a backup, and say it again with --yes." in said.output
    assert at(empty_database_url) == NEWEST
    said = run("database", "downgrade", "--to", "0009", "--yes")
    assert said.exit_code == 0
    assert at(empty_database_url) == "0009"


def test_nothing_goes_down_under_a_running_deskhand(run: Run, empty_database_url: str) -> None:
    run("database", "upgrade")
    worker, pages = (connect_engine(empty_database_url, application=f"deskhand {part}") for part in ("worker", "serve"))
    with worker.connect(), pages.connect():  # of one process
        said = run("database", "downgrade", "--to", "0009", "--yes")
    worker.dispose()
    pages.dispose()
    assert said.exit_code == 1
    assert "Stop Deskhand first: it is at work on this database." in said.output
    assert at(empty_database_url) == NEWEST


@pytest.mark.parametrize(("target", "code", "words"), [
    ("9999", 2, "There is no revision 9999; there are 0001, "), ("base", 2, "There is no revision base"),
])
def test_an_unknown_revision_is_refused(run: Run, target: str, code: int, words: str) -> None:
    said = run("database", "downgrade", "--to", target)
    assert said.exit_code == code
    assert words in said.output


def test_tables_of_a_newer_deskhand_are_refused_by_every_command_in_words(
        run: Run, empty_database_url: str) -> None:
    run("database", "upgrade")
    engine = connect_engine(empty_database_url)
    with engine.begin() as c:
        c.execute(text("update alembic_version set version_num = '9999'"))
    engine.dispose()
    for command, settings in ((("database", "status"), {}), (("database", "upgrade"), {}), (("serve",), COMPLETE)):
        said = run(*command, **{**settings, "DESKHAND_DATABASE_URL": empty_database_url})
        assert said.exit_code == 1
        assert "Start the newest version you have used with this database." in " ".join(said.output.split())
        assert "Traceback" not in said.output
