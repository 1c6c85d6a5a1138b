"""`deskhand pause`, `resume` and `pauses`: what they do, and what they say when something is in the way."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from agent import switch
from agent.database import Database
from agent.published import Published
from scripts.cli import main
from tests.scripts.test_cli import COMPLETE
from webhooks.app import Health, create_app, install

NOBODY_THERE = "postgresql://nobody@127.0.0.1:1/x"
NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
Run = Callable[..., Result]


@pytest.fixture
def run(bare: Path, database: Database) -> Run:
    """Runs a command in an empty folder, with no setting but where the database is."""
    def invoke(*arguments: str, url: str = database.url, **settings: str) -> Result:
        return CliRunner().invoke(main, list(arguments), env={"DESKHAND_DATABASE_URL": url, **settings})
    return invoke


def rows(database: Database) -> list[tuple[str, bool, str, str]]:
    with database.engine.begin() as c:
        return [tuple(row) for row in c.execute(text(
            'select action, paused, reason, "by" from switches order by action'))]


def test_everything_is_paused_and_goes_on_again(run: Run, database: Database) -> None:
    said = run("pause", "--reason", "wrong refunds", "--by", "Lea")
    assert said.exit_code == 0
    assert said.output == "Everything is paused on all machines.\nTo go on: deskhand resume --by NAME\n"
    assert rows(database) == [("all", True, "wrong refunds", "Lea")]

    said = run("resume", "--by", "Mia")
    assert said.exit_code == 0
    assert "by Lea: wrong refunds. That has ended." in said.output
    assert rows(database) == [("all", False, "", "Mia")]


def test_one_action_is_paused_by_name(run: Run, database: Database) -> None:
    said = run("pause", "--action", "refund", "--by", "Lea")
    assert said.output == ("The action refund is paused on all machines.\n"
                           "To go on: deskhand resume --action refund --by NAME\n")
    assert rows(database) == [("refund", True, "", "Lea")]


def test_what_is_paused_already_is_told_with_who_and_why_and_stays(run: Run, database: Database) -> None:
    run("pause", "--reason", "wrong refunds", "--by", "Lea")
    said = run("pause", "--reason", "another", "--by", "Mia")
    assert said.exit_code == 0
    assert said.output.startswith("Everything has been paused since ")
    assert said.output.endswith(" UTC by Lea: wrong refunds + Mia: another.\n")
    assert rows(database) == [("all", True, "wrong refunds + Mia: another", "Lea")]


def test_resuming_everything_names_what_stays_paused_by_name(run: Run, database: Database) -> None:
    run("pause", "--action", "refund", "--by", "Lea")
    said = run("resume", "--by", "Mia")
    assert said.exit_code == 0
    assert said.output.startswith("Nothing changed: no such pause was on.\nThe action refund has been paused since ")
    assert said.output.endswith(" by Lea. To go on: deskhand resume --action refund --by NAME\n")
    assert rows(database) == [("refund", True, "", "Lea")]


def test_pauses_lists_rows_and_file_and_its_exit_code_tells(run: Run) -> None:
    nothing = run("pauses")
    assert (nothing.exit_code, nothing.output) == (0, "Nothing is paused.\n")
    run("pause", "--action", "refund", "--reason", "month end", "--by", "Lea")
    Path("var").mkdir()
    Path("var/paused").touch()
    said = run("pauses")
    assert said.exit_code == 1
    first, second = said.output.splitlines()
    assert first == ("Everything is paused on this machine by the file var/paused: no reason was given. "
                     "To go on: deskhand resume --by NAME")
    assert second.endswith(" by Lea: month end. To go on: deskhand resume --action refund --by NAME")


def test_each_prints_one_json_object(run: Run) -> None:
    paused = json.loads(run("pause", "--by", "Lea", "--reason", "why", "--json").output)
    assert {"action": "all", "paused": True, "everywhere": True, "new": True, "by": "Lea",
            "reason": "why"}.items() <= paused.items()
    assert [one["by"] for one in json.loads(run("pauses", "--json").output)["paused"]] == ["Lea"]
    resumed = json.loads(run("resume", "--by", "Lea", "--json").output)
    assert (len(resumed["ended"]), resumed["problems"], resumed["still"]) == (1, [], [])


@pytest.mark.parametrize("arguments", [
    ["pause"], ["resume"], ["pause", "--by", " "], ["pause", "--by", "Lea", "--action", "everything"]])
def test_without_a_name_or_with_an_unknown_action_nothing_happens(
        run: Run, database: Database, arguments: list[str]) -> None:
    assert run(*arguments).exit_code == 2
    assert rows(database) == []


@pytest.mark.parametrize(("command", "words", "code"), [
    (["pause", "--by", "Lea"], "Nothing was changed", 1), (["resume", "--by", "Lea"], "Nothing was changed", 1),
    (["database", "upgrade"], "Nothing was changed", 1), (["pauses"], "No pause could be looked for", 1),
    (["backup", "kept.zip"], "No backup was made", 1), (["audit", "replay"], "No decision could be read", 4),
    (["database", "status"], "No tables could be looked at", 1)])
def test_in_a_folder_without_deskhand_nothing_is_pretended(run: Run, command: list[str], words: str,
                                                           code: int) -> None:
    said = run(*command, url="")
    assert said.exit_code == code
    assert f"Error: {words}: there is no Deskhand in " in said.output
    assert not Path("var").exists()


def test_without_the_database_the_file_stops_this_machine_and_it_says_so(run: Run) -> None:
    said = run("pause", "--action", "refund", "--reason", "wrong refunds", "--by", "Lea", url=NOBODY_THERE)
    assert said.exit_code == 1
    assert "The database does not answer" in said.output
    assert "So everything is paused on this machine only, by the file var/paused." in said.output
    assert "Traceback" not in said.output
    assert switch.on_file(Path("var/paused")) == "Lea: wrong refunds"


def test_where_not_even_the_file_can_be_written_it_says_to_stop_the_processes(run: Run) -> None:
    Path("var").write_text("not a folder")
    said = run("pause", "--by", "Lea", url=NOBODY_THERE)
    assert said.exit_code == 1
    assert "Nothing is paused." in said.output
    assert "Stop deskhand serve and work." in said.output


def test_resume_removes_the_file_and_the_row_and_audits_both(run: Run, database: Database) -> None:
    run("pause", "--by", "Lea", url=NOBODY_THERE)
    run("pause", "--by", "Lea")
    said = run("resume", "--by", "Mia")
    assert said.exit_code == 0
    assert not Path("var/paused").exists()
    assert rows(database) == [("all", False, "", "Mia")]
    with database.engine.begin() as c:
        told = c.execute(text("select public from audit where kind = 'switch.resumed' order by id")).scalars().all()
    assert told == [{"action": "all", "by": "Mia"}, {"action": "all", "by": "Mia", "file": "paused"}]


def test_a_file_that_cannot_be_removed_is_named(run: Run, database: Database) -> None:
    run("pause", "--by", "Lea")
    Path("var/paused").mkdir(parents=True)
    said = run("resume", "--by", "Mia")
    assert said.exit_code == 1
    assert "var/paused could not be removed" in said.output
    assert "Everything is paused on this machine by the file var/paused" in said.output
    assert rows(database) == [("all", False, "", "Mia")]


def test_resume_without_the_database_removes_the_file_and_says_what_stays(run: Run) -> None:
    run("pause", "--by", "Lea", url=NOBODY_THERE)
    said = run("resume", "--by", "Lea", url=NOBODY_THERE)
    assert said.exit_code == 1
    assert "The file var/paused is removed." in said.output
    assert "What is paused in the database stays paused." in said.output
    assert not Path("var/paused").exists()


def test_without_the_database_resume_does_not_pretend_to_know_that_nothing_was_paused(run: Run) -> None:
    Path("var").mkdir()
    said = run("resume", "--action", "refund", "--by", "Lea", url=NOBODY_THERE)
    assert said.exit_code == 1
    assert "Nothing changed" not in said.output


def test_resuming_one_action_leaves_the_file_and_says_so(run: Run, database: Database) -> None:
    run("pause", "--action", "refund", "--by", "Lea")
    Path("var").mkdir()
    Path("var/paused").write_text("wrong refunds\n")
    said = run("resume", "--action", "refund", "--by", "Mia")
    assert said.exit_code == 0
    assert "Everything is paused on this machine by the file var/paused: wrong refunds." in said.output
    assert Path("var/paused").exists()


def test_the_file_lies_where_serve_looks_for_it(tmp_path: Path, database: Database) -> None:
    """`install` is what serve and work start from."""
    installed = install(tmp_path, {**COMPLETE, "DESKHAND_DATABASE_URL": database.url, "DESKHAND_DATA": "data"})
    try:
        assert installed.desk.stop_file == tmp_path / "data" / "paused"
        assert not any("is paused" in words for words in installed.worries())
        switch.pause_on_file(tmp_path / "data" / "paused", "wrong refunds")
        assert any("is paused on this machine" in words for words in installed.worries())
    finally:
        installed.database.close()


def test_readyz_stays_ready_and_tells_every_pause_without_names_or_what_people_wrote(
        database: Database, tmp_path: Path) -> None:
    (tmp_path / "paused").write_text("disk trouble\n")
    with database.engine.begin() as c:
        switch.pause(c, "refund", "USD 1,020 would go out", switch.BREAKER, NOW)
        switch.pause(c, "contact_change", "Mrs Smith was changed twice", "Lea", NOW)
    health = Health(database.engine, lambda: "running", Published(), stop_file=tmp_path / "paused")
    answer = create_app(health).test_client().get("/readyz")
    assert answer.status_code == 200
    told = json.loads(answer.data)
    assert told["ready"] is True
    assert sorted(told["problems"][-3:]) == [
        "Everything is paused on this machine by a file; deskhand pauses says more",
        "The action contact_change has been paused since 21 Nov 2026 09:00 UTC by a person; deskhand pauses says more",
        "The action refund has been paused since 21 Nov 2026 09:00 UTC by circuit breaker: USD 1,020 would go out"]


def test_metrics_tell_what_is_paused_and_by_what_without_names(database: Database, tmp_path: Path) -> None:
    (tmp_path / "paused").touch()
    with database.engine.begin() as c:
        switch.pause(c, "refund", "", switch.BREAKER, NOW)
        switch.pause(c, "contact_change", "", "Lea", NOW)
    health = Health(database.engine, lambda: "running", Published(), stop_file=tmp_path / "paused")
    lines = health.metrics().decode().splitlines()
    assert {line for line in lines if line.startswith("deskhand_paused{")} == {
        'deskhand_paused{action="all",by="file"} 1.0', 'deskhand_paused{action="refund",by="breaker"} 1.0',
        'deskhand_paused{action="contact_change",by="person"} 1.0'}
