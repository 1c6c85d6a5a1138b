"""`deskhand backup` and `restore`: what they write, what they put back, what they refuse, and what they say."""

from __future__ import annotations

import json
import os
import stat
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from agent import saving
from agent.database import Database, connect_engine, downgrade, open_database, revisions, stop_server
from agent.vault import Vault
from scripts.cli import main
from tests.conftest import Server
from tests.journeys.office import Office, refund

SECRET = "a secret for tests that is long enough"
Run = Callable[..., Result]


@pytest.fixture
def run(bare: Path, own_database: Database) -> Run:
    """Runs a command in an empty folder, with no setting but where the database is, and its secret."""
    def invoke(*arguments: str, url: str = own_database.url, **settings: str) -> Result:
        return CliRunner().invoke(main, list(arguments),
                                  env={"DESKHAND_DATABASE_URL": url, "DESKHAND_SECRET_KEY": SECRET, **settings})
    return invoke


@pytest.fixture
def office(own_database: Database) -> Office:
    """One refund done, with its notes and rows."""
    made = Office(own_database.engine)
    made.double_charge(1800)
    made.planner.next = [{"actions": [refund("c2", quote="please refund the second one")]}]  # type: ignore[attr-defined]
    made.handle()
    made.settle()
    own_database.engine.dispose()
    return made


@pytest.fixture
def elsewhere(server: Server) -> Iterator[str]:
    """Another database, empty."""
    name = server.make("template0")
    yield server.at(name)
    server.drop(name)


def value(url: str, sql: str) -> object:
    engine = connect_engine(url)
    try:
        with engine.connect() as c:
            return c.execute(text(sql)).scalar()
    finally:
        engine.dispose()


def test_a_backup_goes_into_another_database_with_all_its_rows_and_files(
        run: Run, office: Office, elsewhere: str, tmp_path: Path) -> None:
    Path("drafts").mkdir()
    Path("drafts/policy.yaml").write_text("a draft")
    Path("deskhand.toml").write_text("[scope]\n")
    made = run("backup", "saved.zip", DESKHAND_POLICY="drafts")
    assert made.exit_code == 0, made.output
    assert " of 1 ticket as of " in made.output
    assert "DESKHAND_SECRET_KEY is not in it." in made.output

    Path("drafts/policy.yaml").unlink()
    said = run("restore", "saved.zip", url=elsewhere, DESKHAND_POLICY="drafts")
    assert said.exit_code == 0, said.output
    assert "1 ticket, the audit's chain holds" in said.output
    assert "Everything is paused." in said.output
    assert "the policy is the one that counted then" in said.output
    assert said.output.endswith("deskhand resume --by NAME\n")
    assert Path("drafts/policy.yaml").read_text() == "a draft"
    assert not Path("deskhand.toml.restored").exists()
    assert value(elsewhere, "select state from operations where kind = 'refund'") == "done"
    assert run("pauses", url=elsewhere).exit_code == 1


def test_a_draft_that_was_edited_since_stays_and_the_older_one_is_put_beside_it(
        run: Run, office: Office, elsewhere: str) -> None:
    Path("deskhand.toml").write_text("[scope]\n")
    run("backup", "saved.zip")
    Path("deskhand.toml").write_text("[scope]\ntags = ['a']\n")
    said = run("restore", "saved.zip", url=elsewhere)
    assert "Written: deskhand.toml.restored." in said.output
    assert Path("deskhand.toml").read_text() == "[scope]\ntags = ['a']\n"
    assert Path("deskhand.toml.restored").read_text() == "[scope]\n"


def test_a_file_that_cannot_be_written_is_named_and_everything_else_is_told(
        run: Run, office: Office, elsewhere: str) -> None:
    Path("drafts").mkdir()
    Path("drafts/policy.yaml").write_text("a draft")
    Path("deskhand.toml").write_text("[scope]\n")
    run("backup", "saved.zip", DESKHAND_POLICY="drafts")
    Path("deskhand.toml").unlink()
    Path("taken").write_text("a file where the folder should be")
    said = run("restore", "saved.zip", url=elsewhere, DESKHAND_POLICY="taken")
    assert said.exit_code == 1
    assert "NOT written: taken/policy.yaml (" in said.output
    assert "Written: deskhand.toml." in said.output
    assert said.output.endswith("deskhand resume --by NAME\n")
    assert value(elsewhere, "select state from operations where kind = 'refund'") == "done"
    told = json.loads(run("restore", "saved.zip", "--replace", "--json", url=elsewhere, DESKHAND_POLICY="taken").output)
    assert list(told["not_written"]) == ["taken/policy.yaml"]


def test_only_its_owner_may_read_a_backup_and_no_secret_is_in_it(run: Run, office: Office, tmp_path: Path) -> None:
    Path(".env").write_text(f"DESKHAND_SECRET_KEY={SECRET}\nSTRIPE_API_KEY=rk_test_a_key_of_stripe\n")
    run("backup", "saved.zip")
    assert stat.S_IMODE(Path("saved.zip").stat().st_mode) == 0o600
    with zipfile.ZipFile("saved.zip") as archive:
        names = archive.namelist()
        everything = b"".join(archive.read(name) for name in names)
    assert "tables/operations.copy" in names
    assert not [name for name in names if "procrastinate" in name or "sessions" in name or ".env" in name]
    for secret in (SECRET, "rk_test_a_key_of_stripe", "charged twice", "Dana Customer", "dana@example.com"):
        assert secret.encode() not in everything


def test_an_older_file_is_not_written_over_unasked(run: Run, office: Office) -> None:
    Path("saved.zip").write_text("mine")
    said = run("backup", "saved.zip")
    assert (said.exit_code, Path("saved.zip").read_text()) == (1, "mine")
    assert "saved.zip is there already" in said.output
    assert run("backup", "saved.zip", "--replace").exit_code == 0


def test_a_backup_is_of_one_moment_while_deskhand_goes_on_writing(run: Run, office: Office, elsewhere: str) -> None:
    with office.engine.begin() as c:
        c.execute(text("update tickets set state = 'acting'"))  # not committed yet
        made = run("backup", "saved.zip")
    assert made.exit_code == 0
    run("restore", "saved.zip", url=elsewhere)
    assert value(elsewhere, "select state from tickets") == "done"


def test_with_another_secret_nothing_is_put_back(run: Run, office: Office, elsewhere: str) -> None:
    run("backup", "saved.zip")
    said = run("restore", "saved.zip", url=elsewhere, DESKHAND_SECRET_KEY="another secret that is long enough")
    assert said.exit_code == 1
    assert "DESKHAND_SECRET_KEY is not the one these rows were written with." in said.output
    assert value(elsewhere, "select count(*) from pg_tables where schemaname = 'public'") == 0


def test_a_database_in_use_is_only_replaced_when_told_so(run: Run, office: Office, own_database: Database) -> None:
    run("backup", "saved.zip")
    said = run("restore", "saved.zip")
    assert said.exit_code == 1
    assert "This database is not empty." in said.output
    assert run("restore", "saved.zip", "--replace").exit_code == 0


def test_nothing_is_put_back_under_a_running_deskhand(run: Run, office: Office, own_database: Database) -> None:
    run("backup", "saved.zip")
    with own_database.engine.connect():
        said = run("restore", "saved.zip", "--replace")
    assert said.exit_code == 1
    assert "Stop Deskhand first" in said.output


def test_a_deskhand_that_starts_while_the_rows_are_put_back_is_noticed(
        run: Run, office: Office, elsewhere: str, monkeypatch: pytest.MonkeyPatch) -> None:
    run("backup", "saved.zip")
    started = connect_engine(elsewhere)
    put_back = saving._put_back

    def and_a_start(*given: Any) -> None:
        put_back(*given)
        with started.connect():
            pass

    monkeypatch.setattr(saving, "_put_back", and_a_start)
    said = run("restore", "saved.zip", url=elsewhere)
    started.dispose()
    assert said.exit_code == 1
    assert "Stop Deskhand first" in said.output
    assert value(elsewhere, "select count(*) from pg_tables where schemaname = 'public'") == 0


def test_a_backup_of_an_older_version_is_brought_up_to_date(
        run: Run, office: Office, own_database: Database, elsewhere: str) -> None:
    downgrade(own_database.engine, "0009")
    own_database.engine.dispose()
    made = json.loads(run("backup", "saved.zip", "--json").output)
    assert made["revision"] == "0009"
    put_back = json.loads(run("restore", "saved.zip", "--json", url=elsewhere).output)
    assert put_back["revision"] == list(revisions())[-1]
    assert put_back["rows"] == made["rows"]
    assert value(elsewhere, "select count(*) from operations") == made["rows"]["operations"]


def test_a_backup_of_a_newer_version_is_refused(run: Run, office: Office, elsewhere: str) -> None:
    run("backup", "saved.zip")
    with zipfile.ZipFile("saved.zip") as archive, zipfile.ZipFile("newer.zip", "w") as newer:
        for name in archive.namelist():
            content = archive.read(name)
            newer.writestr(name, content.replace(list(revisions())[-1].encode(), b"9999") if "manifest" in name
                           else content)
    said = run("restore", "newer.zip", url=elsewhere)
    assert said.exit_code == 1
    assert "which is newer than this one. Install that version first." in said.output


def test_what_is_no_backup_is_refused(run: Run, office: Office, elsewhere: str) -> None:
    Path("saved.zip").write_text("no zip")
    said = run("restore", "saved.zip", url=elsewhere)
    assert said.exit_code == 1
    assert "saved.zip is no whole backup of Deskhand" in said.output


def test_a_backup_goes_into_an_embedded_database_that_is_not_there_yet(run: Run, office: Office) -> None:
    run("backup", "saved.zip")
    folder = Path("/tmp") / f"deskhand-{os.getpid()}-restored"  # noqa: S108 - a socket's name has a length limit
    try:
        said = run("restore", "saved.zip", url="", DESKHAND_DATA=str(folder))
        assert said.exit_code == 0, said.output
        opened = open_database(None, folder)
        Vault(SECRET).prepare(opened.engine)
        assert value(opened.url, "select count(*) from tickets") == 1
        opened.close()
        assert run("backup", "again.zip", url="", DESKHAND_DATA=str(folder)).exit_code == 0
    finally:
        stop_server(folder / "postgres")


def test_where_there_is_no_deskhand_nothing_is_backed_up(run: Run, elsewhere: str) -> None:
    said = run("backup", "saved.zip", url=elsewhere)
    assert said.exit_code == 1
    assert "deskhand database status" in said.output
    assert not Path("saved.zip").exists()
    assert not list(Path().glob(".saved*"))
