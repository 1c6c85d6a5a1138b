"""Backups that were cut, changed or locked, and databases that hold more than ours: all or nothing, said in words."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from agent import audit
from agent.database import Database
from agent.policy.nodes import text_digest
from tests.journeys.office import POLICY, Office, execute
from tests.scripts.test_backup import Run, elsewhere, office, run, value

__all__ = ["elsewhere", "office", "run"]
LIVE = execute(POLICY)
Change = Callable[[dict[str, bytes], dict[str, Any]], None]


def changed(change: Change) -> Path:
    """The backup, with its manifest made to fit."""
    with zipfile.ZipFile("saved.zip") as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(members.pop("manifest.json"))
    change(members, manifest)
    for name, table in manifest["tables"].items():
        table["sha256"] = hashlib.sha256(members[f"tables/{name}.copy"]).hexdigest()
    with zipfile.ZipFile("changed.zip", "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
        archive.writestr("manifest.json", json.dumps(manifest))
    return Path("changed.zip")


def without_operations(members: dict[str, bytes], manifest: dict[str, Any]) -> None:
    """As if nothing had ever been done."""
    del members["tables/operations.copy"], manifest["tables"]["operations"]


def without_tickets(members: dict[str, bytes], manifest: dict[str, Any]) -> None:
    for name in list(manifest["tables"]):
        if name not in ("audit", "people"):
            del members[f"tables/{name}.copy"], manifest["tables"][name]
    manifest["tables"]["audit"]["rows"] = manifest["audit_rows"] = 0
    members["tables/audit.copy"] = b""
    manifest["audit_head"] = ""


def with_no_numbers(members: dict[str, bytes], manifest: dict[str, Any]) -> None:
    members["tables/totals.copy"] = b"\t".join(b"x" for _ in manifest["tables"]["totals"]["columns"]) + b"\n"
    manifest["tables"]["totals"]["rows"] = 1


def with_a_head_that_is_none(members: dict[str, bytes], manifest: dict[str, Any]) -> None:
    manifest["audit_head"] = "no hash"


@pytest.mark.parametrize("change", [without_operations, without_tickets, with_no_numbers, with_a_head_that_is_none])
def test_a_backup_that_was_changed_is_refused_in_words_and_nothing_is_put_back(
        run: Run, office: Office, elsewhere: str, change: Change) -> None:
    assert run("backup", "saved.zip").exit_code == 0
    said = run("restore", str(changed(change)), url=elsewhere)
    assert (said.exit_code, type(said.exception)) == (1, SystemExit), said.output
    assert said.output.startswith("Error: ")
    assert value(elsewhere, "select count(*) from pg_tables where schemaname = 'public'") == 0


def the_policy(members: dict[str, bytes], manifest: dict[str, Any]) -> None:
    """USD 90 go out unattended; its digest fits."""
    members["tables/policies.copy"] = (
        members["tables/policies.copy"].replace(b"auto: 25", b"auto: 90").replace(
            text_digest(LIVE).encode(), text_digest(LIVE.replace("auto: 25", "auto: 90")).encode()))


def who_agreed(members: dict[str, bytes], manifest: dict[str, Any]) -> None:
    members["tables/policies.copy"] = members["tables/policies.copy"].replace(b"\tAna\t", b"\tEve\t")


def a_decision(members: dict[str, bytes], manifest: dict[str, Any]) -> None:
    members["tables/decisions.copy"] = members["tables/decisions.copy"].replace(b"1800", b"9000")


@pytest.mark.parametrize(("change", "found"), [
    (the_policy, "the text of policy version 1 is not the one that was published"),
    (who_agreed, "how policy version 1 was published (by whom, who agreed, when) is not what the audit says"),
    (a_decision, "decision 1 was changed")])
def test_a_backup_is_refused_whose_policies_or_decisions_are_not_those_that_the_audit_names(
        run: Run, office: Office, elsewhere: str, change: Change, found: str) -> None:
    office.publish(LIVE)
    with office.engine.begin() as c:
        audit.seal_chain(c)
    office.engine.dispose()
    assert run("backup", "saved.zip").exit_code == 0
    said = run("restore", str(changed(change)), url=elsewhere)
    assert (said.exit_code, type(said.exception)) == (1, SystemExit), said.output
    assert said.output == (f"Error: This backup was changed, or was made of a database that was: {found}. Nothing was "
                           "put back; take an earlier backup.\n")
    assert value(elsewhere, "select count(*) from pg_tables where schemaname = 'public'") == 0


def test_a_backup_from_before_the_audit_named_decisions_is_put_back(run: Run, office: Office, elsewhere: str) -> None:
    with office.engine.begin() as c:
        c.execute(text("set local session_replication_role = replica"))
        c.execute(text("delete from audit where kind = 'decision.made'"))
        audit.seal_chain(c)
    office.engine.dispose()
    assert run("backup", "saved.zip").exit_code == 0
    said = run("restore", "saved.zip", url=elsewhere)
    assert said.exit_code == 0, said.output


def test_a_locked_zip_is_no_backup(run: Run, office: Office, elsewhere: str) -> None:
    assert run("backup", "saved.zip").exit_code == 0
    content = bytearray(Path("saved.zip").read_bytes())
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = content.find(mark)
        while place >= 0:
            content[place + at] |= 1
            place = content.find(mark, place + 4)
    Path("locked.zip").write_bytes(bytes(content))
    said = run("restore", "locked.zip", url=elsewhere)
    assert (said.exit_code, type(said.exception)) == (1, SystemExit), said.output
    assert "is no whole backup of Deskhand" in said.output


@pytest.mark.parametrize("part", [0.1, 0.5, 0.99])
def test_a_backup_that_was_cut_off_is_refused(run: Run, office: Office, elsewhere: str, part: float) -> None:
    assert run("backup", "saved.zip").exit_code == 0
    content = Path("saved.zip").read_bytes()
    Path("saved.zip").write_bytes(content[:int(len(content) * part)])
    said = run("restore", "saved.zip", url=elsewhere)
    assert said.exit_code == 1
    assert "is no whole backup of Deskhand" in said.output


def test_what_others_keep_in_the_same_database_is_neither_saved_nor_in_the_way(
        run: Run, office: Office, own_database: Database, elsewhere: str) -> None:
    with own_database.engine.begin() as c:
        c.execute(text("create table wages (name text)"))
        c.execute(text("insert into wages values ('Mia, 4200')"))
    own_database.engine.dispose()
    made = json.loads(run("backup", "saved.zip", "--json").output)
    assert "wages" not in made["rows"]
    said = run("restore", "saved.zip", url=elsewhere)
    assert said.exit_code == 0, said.output
    assert run("restore", "saved.zip", "--replace").exit_code == 0
    assert value(own_database.url, "select name from wages") == "Mia, 4200"


@pytest.mark.parametrize("name", ["policy/../../outside.yaml", "policy/..", "../outside.yaml", "/outside.yaml"])
def test_no_file_of_a_backup_is_written_elsewhere_than_beside_the_policy_and_the_config(
        run: Run, office: Office, elsewhere: str, name: str, tmp_path: Path) -> None:
    def outside(members: dict[str, bytes], manifest: dict[str, Any]) -> None:
        members[f"files/{name}"] = b"from outside"
        manifest["files"][name] = hashlib.sha256(b"from outside").hexdigest()

    Path("here").mkdir()
    Path("here/drafts").mkdir()
    assert run("backup", "saved.zip").exit_code == 0
    run("restore", str(changed(outside)), url=elsewhere, DESKHAND_POLICY="here/drafts",
        DESKHAND_CONFIG="here/deskhand.toml")
    written = [one for one in tmp_path.rglob("*") if one.is_file() and one.suffix != ".zip"]
    assert {one.relative_to(tmp_path).parts[0] for one in written} <= {"here"}
    assert not Path("/outside.yaml").exists()
