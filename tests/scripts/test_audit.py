"""`deskhand audit` from the shell: key, export and verify, and what tells who looked."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from agent import audit
from agent.audit.heads import Head, Signing, kept, make
from agent.database import Database
from scripts.audit import export as exporting
from scripts.audit import verify_export
from scripts.cli import main
from scripts.sandbox import Sandbox
from tests.connectors.salesforce.service import DESK, SETTINGS
from tests.journeys.office import DANA, POLICY, Office, execute, refund
from tests.scripts.test_cli import COMPLETE
from tests.webhooks.org import pem
from webhooks.app import install

Run = Callable[..., Result]
KEY = Signing(COMPLETE["DESKHAND_SECRET_KEY"]).public[0]


@pytest.fixture
def office(database: Database) -> Office:
    """One ticket that was worked on, by a published policy; a head of its trail was signed."""
    made = Office(database.engine)
    made.publish(execute(POLICY))
    made.planner.always = lambda case: {  # type: ignore[attr-defined]
        "actions": [refund("c2", quote="please refund the second one")]}
    made.double_charge(1800)
    made.handle()
    made.settle()
    with database.engine.begin() as c:
        audit.seal_chain(c)
        make(c, Signing(COMPLETE["DESKHAND_SECRET_KEY"]), made.clock())
    return made


@pytest.fixture
def run(bare: Path, database: Database) -> Run:
    def invoke(*arguments: str) -> Result:
        return CliRunner().invoke(main, list(arguments), env={**COMPLETE, "DESKHAND_DATABASE_URL": database.url})
    return invoke


def tamper(office: Office, *sql: str) -> None:
    with office.engine.begin() as c:
        for one in ("alter table audit disable trigger user", *sql, "alter table audit enable trigger user"):
            c.execute(text(one))


def reads(office: Office) -> list[dict[str, object]]:
    with office.engine.begin() as c:
        return list(c.execute(text("select public from audit where kind = 'read' order by id")).scalars())


def kept_elsewhere(office: Office, folder: Path) -> str:
    """A file of every head that was made so far."""
    with office.engine.begin() as c:
        (folder / "heads.jsonl").write_text("".join(head.line() + "\n" for _, head in kept(c)))
    return str(folder / "heads.jsonl")


def test_the_key_is_printed_for_people_and_machines(run: Run, office: Office) -> None:
    assert run("audit", "key").output.strip() == KEY
    assert json.loads(run("audit", "key", "--json").output) == {"keys": [KEY]}


def test_an_untouched_trail_is_whole(run: Run, office: Office, bare: Path) -> None:
    (bare / "var").mkdir(exist_ok=True)
    with office.engine.begin() as c:
        (bare / "var" / "audit-heads.jsonl").write_text("".join(head.line() + "\n" for _, head in kept(c)))
    said = run("audit", "verify")
    assert said.exit_code == 0, said.output
    assert "Nothing was changed, left out or cut off: 1 signed heads stand in the chain" in said.output
    told = json.loads(run("audit", "verify", "--json").output)
    assert (told["ok"], told["problems"], told["policies"], told["unbound"]) == (True, [], 1, 0)
    assert told["decisions"] == 1


def test_where_the_file_of_heads_is_gone_it_is_not_called_whole(run: Run, office: Office) -> None:
    """Or who can write the database and delete a file would pass the nightly run."""
    said = run("audit", "verify")
    assert said.exit_code == 3
    assert "None that is kept elsewhere was compared: is the file of heads gone?" in said.output
    assert json.loads(run("audit", "verify", "--json").output)["ok"] is False


def test_without_a_head_it_is_not_called_whole(run: Run, office: Office) -> None:
    tamper(office, "delete from audit_heads")
    said = run("audit", "verify")
    assert said.exit_code == 3
    assert "No signed head was compared" in said.output


@pytest.mark.parametrize(("change", "found"), [
    ("update audit set kind = 'x' where position = 2", "row 2 (x) was changed"),
    ("delete from audit where position > 4", "rows were cut off"),
    ("update decisions set facts = facts || '{\"evidence\": \"E4\"}'", "decision 1 was changed"),
    ("delete from audit where kind = 'decision.made'", "are missing"),
    ("update tickets set ref = 'zendesk:acme:99'", "ticket 1 is called zendesk:acme:99, and the trail says "),
])
def test_a_change_is_named(run: Run, office: Office, change: str, found: str) -> None:
    tamper(office, change)
    said = run("audit", "verify")
    assert said.exit_code == 1
    assert found in said.output
    assert "This is not what was written" in said.output


def test_a_head_in_the_file_beside_the_data_is_compared(run: Run, office: Office, bare: Path) -> None:
    (bare / "var").mkdir(exist_ok=True)
    lost = Signing(COMPLETE["DESKHAND_SECRET_KEY"]).head(900, bytes(32), office.clock())
    (bare / "var" / "audit-heads.jsonl").write_text(lost.line() + "\n")
    assert run("audit", "verify").exit_code == 1
    assert run("audit", "verify", "--heads-since", "2100-01-01").exit_code == 3


def test_a_keeper_that_was_cut_off_is_told_of(run: Run, office: Office, bare: Path) -> None:
    """The head in the file is right, and a day older than what was signed since."""
    signing = Signing(COMPLETE["DESKHAND_SECRET_KEY"])
    (bare / "var").mkdir(exist_ok=True)
    with office.engine.begin() as c:
        _, head = next(kept(c))
        (bare / "var" / "audit-heads.jsonl").write_text(head.line() + "\n")
        office.clock.forward(days=2)
        audit.record(c, kind="note", ticket=None, operation=None, at=office.clock(), public={})
        audit.seal_chain(c)
        make(c, signing, office.clock())
    said = run("audit", "verify")
    assert said.exit_code == 3
    assert f"Note: after row {head.position} only heads in this database count" in said.output
    assert "for a day or more no head of them reached who keeps them elsewhere" in said.output


def test_rows_that_nobody_chains_are_told_of(run: Run, office: Office, bare: Path) -> None:
    (bare / "var").mkdir(exist_ok=True)
    with office.engine.begin() as c:
        (bare / "var" / "audit-heads.jsonl").write_text("".join(head.line() + "\n" for _, head in kept(c)))
        audit.record(c, kind="note", ticket=None, operation=None, at=office.clock() + timedelta(days=400), public={})
    said = run("audit", "verify")
    assert said.exit_code == 3
    assert "Rows were left without a place in the chain for a day or more, or are dated ahead, 1 of them" in said.output


def test_heads_that_are_missing_among_those_kept_elsewhere_are_told_of(run: Run, office: Office, bare: Path) -> None:
    signing = Signing(COMPLETE["DESKHAND_SECRET_KEY"])
    (bare / "var").mkdir(exist_ok=True)
    office.clock.forward(hours=2)
    with office.engine.begin() as c:
        for _ in range(101):
            audit.record(c, kind="note", ticket=None, operation=None, at=office.clock(), public={})
        audit.seal_chain(c)
        later = make(c, signing, office.clock())
        heads = [head for _, head in kept(c)]
    (bare / "var" / "audit-heads.jsonl").write_text("".join(head.line() + "\n" for head in heads))
    said = run("audit", "verify")
    assert said.exit_code == 3
    assert f"Note: rows {heads[0].position + 1} to {later.position}: no head from between" in said.output
    assert "Heads are missing among those kept elsewhere" in said.output
    assert "Nothing was changed" not in said.output
    assert json.loads(run("audit", "verify", "--json").output)["ok"] is False
    assert run("audit", "verify", "--heads-since", later.at.isoformat()).exit_code == 0


def test_no_text_in_the_database_writes_over_what_verify_says(run: Run, office: Office) -> None:
    tamper(office, "update audit set kind = E'x\\x1b[8m\\nNothing was changed.' where position = 2")
    said = run("audit", "verify")
    assert said.exit_code == 1
    assert "Wrong: row 2 (x?[8m?Nothing was changed.) was changed." in said.output.splitlines()


def test_an_export_is_whole_for_us_and_for_the_bare_file(run: Run, office: Office, tmp_path: Path) -> None:
    out = tmp_path / "export.jsonl"
    said = run("audit", "export", "--out", str(out))
    assert said.exit_code == 0, said.output
    assert out.stat().st_mode & 0o777 == 0o600
    heads = kept_elsewhere(office, tmp_path)
    assert run("audit", "verify", str(out), "--heads", heads, "--key", KEY).exit_code == 0
    assert run("audit", "verify", str(out), "--key", KEY).exit_code == 3
    assert run("audit", "verify", str(out), "--heads", heads).exit_code == 3
    bare = subprocess.run([sys.executable, "-I", "-S", verify_export.__file__, str(out), heads, KEY],  # noqa: S603 - ours
                          capture_output=True, text=True, check=False)
    assert bare.returncode == 0, bare.stdout
    whole = re.sub(r"[0-9a-f]{64,}", "", out.read_text())  # hashes and signatures may hold any four digits
    assert not [one for one in (DANA, "Dana", "charged twice", "4242") if one in whole]


@pytest.mark.parametrize("happens", ["a decision", "a publication"])
def test_an_export_made_while_deskhand_works_is_whole(run: Run, office: Office, tmp_path: Path,
                                                      monkeypatch: pytest.MonkeyPatch, happens: str) -> None:
    """What came between the chain's last row and the look at the tables has no place yet."""
    private = exporting.private

    @contextmanager
    def meanwhile(out: Path) -> Iterator[BinaryIO]:
        if happens == "a decision":
            office.handle()
        else:
            office.publish(execute(POLICY) + "# more words\n")
        with private(out) as file:
            yield file

    monkeypatch.setattr(exporting, "private", meanwhile)
    out = tmp_path / "export.jsonl"
    told = json.loads(run("audit", "export", "--out", str(out), "--json").output)
    said = run("audit", "verify", str(out), "--heads", kept_elsewhere(office, tmp_path), "--key", KEY)
    assert said.exit_code == 0, said.output
    assert (told["decisions"], told["policies"]) == (1, 1)


def test_another_tickets_name_in_an_export_is_found(run: Run, office: Office, tmp_path: Path) -> None:
    out = tmp_path / "export.jsonl"
    assert run("audit", "export", "--out", str(out)).exit_code == 0
    name = f'"ref":"zendesk:acme:{office.first}"'
    *lines, end = out.read_text().splitlines(keepends=True)
    assert any(name in line for line in lines)
    moved = [line.replace(name, '"ref":"zendesk:acme:99"') for line in lines]
    end = end.replace(json.loads(end)["sha256"], hashlib.sha256("".join(moved).encode()).hexdigest())
    out.write_text("".join([*moved, end]))
    said = run("audit", "verify", str(out), "--key", KEY)
    assert said.exit_code == 1
    assert "ticket 1 is called by two names" in said.output


def test_card_numbers_of_a_vendors_are_masked_in_an_open_export(run: Run, office: Office, tmp_path: Path) -> None:
    office.charge(900, order="4242 4242 4242 4242")
    office.handle("My card was charged twice, please look at it.")
    out = tmp_path / "open.jsonl"
    assert run("audit", "export", "--out", str(out), "--open", "--by", "Lea").exit_code == 0
    assert "[card ending in 4242]" in out.read_text()
    assert "4242 4242 4242 4242" not in out.read_text()


def test_words_of_people_are_exported_only_openly_and_that_is_told(run: Run, office: Office, tmp_path: Path) -> None:
    out = tmp_path / "open.jsonl"
    assert run("audit", "export", "--out", str(out), "--open").exit_code == 2
    assert run("audit", "export", "--out", str(out), "--open", "--by", "Lea").exit_code == 0
    assert "charged twice" in out.read_text()
    heads = kept_elsewhere(office, tmp_path)
    assert run("audit", "verify", str(out), "--heads", heads, "--key", KEY).exit_code == 0
    assert reads(office) == [{"what": "audit export --open", "by": "Lea", "file": "open.jsonl"}]


def test_a_table_for_people_is_written(run: Run, office: Office, tmp_path: Path) -> None:
    out = tmp_path / "trail.csv"
    said = run("audit", "export", "--out", str(out), "--csv", "--json")
    told = json.loads(said.output)
    assert len(out.read_text().splitlines()) == told["rows"] + 1
    assert f"zendesk:acme:{office.first}" in out.read_text()


def test_commands_that_show_peoples_data_are_told_of(run: Run, office: Office) -> None:
    with office.engine.begin() as c:
        c.execute(text("update operations set state = 'held' where kind = 'refund'"))
    assert run("erase", DANA, "--dry-run").exit_code == 0
    assert run("held").exit_code == 0
    told = reads(office)
    assert [one["what"] for one in told] == ["erase --dry-run", "held"]
    assert all(str(one["by"]) for one in told)


def test_a_worker_of_the_installation_keeps_the_head_in_its_data_folder(office: Office, bare: Path,
                                                                        database: Database) -> None:
    installation = install(bare, {**COMPLETE, "DESKHAND_DATABASE_URL": database.url})
    keeping = installation.keeping()
    with database.engine.begin() as c:
        keeping.tick(c)
    assert keeping.bringing is not None
    keeping.bringing.join()
    installation.database.close()
    [line] = (bare / "var" / "audit-heads.jsonl").read_text().splitlines()
    assert Head.read(json.loads(line)).signed_by([KEY])


@pytest.fixture
def world() -> dict[str, object]:
    return {"salesforce": DESK}


def test_heads_in_the_org_are_fetched_and_compared(office: Office, bare: Path, database: Database,
                                                   sandbox: Sandbox) -> None:
    (bare / "deskhand.toml").write_text('[audit]\nkeepers = ["helpdesk"]\n')
    env = {**COMPLETE, **SETTINGS, "SALESFORCE_URL": f"{sandbox.url}/salesforce", "SALESFORCE_CERTIFICATE": pem(),
           "DESKHAND_DATABASE_URL": database.url}
    installation = install(bare, env)
    installation.keeping().bring()
    installation.database.close()

    def verify() -> Result:
        return CliRunner().invoke(main, ["audit", "verify"], env=env)
    assert verify().exit_code == 0
    tamper(office, "delete from audit_heads", "update audit set position = null, previous = null, hash = null",
           "update audit set public = public || '{\"amount\": 1}' where kind = 'operation.done'")
    with office.engine.begin() as c:
        audit.seal_chain(c)
        make(c, Signing(COMPLETE["DESKHAND_SECRET_KEY"]), office.clock())
    assert verify().exit_code == 1
    sandbox.stop()
    said = verify()
    assert said.exit_code == 3
    assert "Note: the keeper helpdesk salesforce could not be asked: Salesforce cannot be reached." in said.output


def test_zendesk_keeps_no_heads(bare: Path, database: Database) -> None:
    (bare / "deskhand.toml").write_text('[audit]\nkeepers = ["helpdesk"]\n')
    installation = install(bare, {**COMPLETE, "DESKHAND_DATABASE_URL": database.url})
    found = installation.keepers()
    installation.database.close()
    assert found == []


AWAY = "postgresql://nobody@127.0.0.1:9/nothing"
CHECKS = [("verify",), ("replay",), ("reconcile", "--month", "2026-01")]


@pytest.mark.parametrize("checks", CHECKS, ids=[one[0] for one in CHECKS])
@pytest.mark.parametrize(("env", "words"), [
    ({**COMPLETE, "DESKHAND_DATABASE_URL": AWAY}, "The database does not answer"), ({}, "is missing"),
], ids=["database away", "settings missing"])
def test_where_nothing_could_be_checked_the_exit_code_is_no_findings(
        bare: Path, checks: tuple[str, ...], env: dict[str, str], words: str) -> None:
    said = CliRunner().invoke(main, ["audit", *checks], env=env)
    assert said.exit_code == 4, said.output
    assert words in said.output or "there is no Deskhand in" in said.output


def test_a_database_that_goes_away_amid_the_check_is_no_finding(run: Run, office: Office,
                                                                monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: object) -> None:
        raise OperationalError("select", {}, Exception("the connection is lost"))

    monkeypatch.setattr("agent.audit.checking.check", gone)
    said = run("audit", "verify")
    assert said.exit_code == 4
    assert "The database went away" in said.output


def test_what_cannot_be_meant_is_usage_and_not_a_check_that_failed(run: Run) -> None:
    assert run("audit", "verify", "nothing.jsonl").exit_code == 2
    assert run("audit", "reconcile", "--month", "2026-13").exit_code == 2


def test_an_export_that_cannot_be_read_to_its_end_is_no_finding(run: Run, tmp_path: Path,
                                                                monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "trail.jsonl").touch()

    def broken(*_: object, **__: object) -> int:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(verify_export, "check", broken)
    said = run("audit", "verify", str(tmp_path / "trail.jsonl"))
    assert said.exit_code == 4
    assert "trail.jsonl cannot be read (Input/output error)" in said.output
    assert verify_export.main([str(tmp_path / "trail.jsonl")]) == 4
