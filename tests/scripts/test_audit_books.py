"""`deskhand audit replay` and `deskhand audit reconcile` from the shell, against the sandbox over loopback."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from sqlalchemy import text

from agent import audit
from agent.audit import export
from agent.audit.heads import Signing
from agent.database import Database
from connectors.standin import Json
from scripts.sandbox import Sandbox, settings
from tests.journeys.office import POLICY, Office, execute, refund
from tests.scripts.test_cli import SECRET, run
from tests.scripts.test_report import WORLD

__all__ = ["run"]

LAST = datetime.now(UTC).replace(day=1, hour=12, minute=0, second=0, microsecond=0) - timedelta(days=10)
"""A moment in the last month, whichever that is."""
MONTH = f"{LAST:%Y-%m}"
MADE: dict[str, Any] = {**WORLD, "stripe": {**WORLD["stripe"], "charges": [
    {"customer": "cus_ana", "amount": amount, "currency": currency, "created": (LAST - timedelta(days=1)).isoformat(),
     "refunds": [{"amount": part, "created": LAST.isoformat(), **more}]}
    for amount, part, currency, more in (
        (1800, 1800, "usd", {}), (2500, 700, "eur", {"metadata": {"source": "shop"}}), (400, 400, "jpy", {}))]}}
Books = Callable[..., Result]


@pytest.fixture
def world() -> Json:
    return MADE


@pytest.fixture
def books(run: Callable[..., Result], sandbox: Sandbox, database: Database) -> Books:
    told = {name: value for name, value in settings(sandbox.url, MADE).items() if not name.startswith("OPENAI")}
    told |= {"DESKHAND_SECRET_KEY": SECRET, "DESKHAND_DATABASE_URL": database.url}
    return lambda *arguments: run("audit", *arguments, **told)


def _stripe(sandbox: Sandbox) -> Any:
    return sandbox.doors["stripe"].rules


def test_a_month_that_agrees_says_what_it_comes_to(books: Books) -> None:
    said = books("reconcile", "--month", MONTH)
    assert said.exit_code == 0, said.output
    lines = [" ".join(line.split()) for line in said.stdout.splitlines()]
    assert lines[0] == f"Refunds of {LAST:%B %Y} in UTC, account acct_sandbox"
    assert "EUR 7.00 (1) 0.00 (0) 0.00 (0) 7.00 (1) 0.00 0.00 (0)" in lines
    assert "JPY 400 (1) 0 (0) 400 (1) 0 (0) 0 0 (0)" in lines
    assert "2 made by a person" in lines
    assert "1 made by another system" in lines
    assert "1 of all these gave back only part of a charge" in lines
    assert lines[-1] == "Not explained: 0"


def test_for_machines_and_spreadsheets_each_refund_is_a_line(books: Books, tmp_path: Path) -> None:
    said = books("reconcile", "--month", MONTH, "--zone", "Asia/Tokyo", "--json", "--csv", str(tmp_path / "books.csv"))
    told = json.loads(said.stdout)
    assert (told["refunds"], told["unexplained"], told["ok"], told["zone"]) == (3, 0, True, "Asia/Tokyo")
    assert told["totals"]["EUR"]["systems"] == {"count": 1, "minor_units": 700}
    assert {line["kind"] for line in told["lines"]} == {"person", "system"}
    with (tmp_path / "books.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert sorted((row["minor_units"], row["currency"], row["partial"]) for row in rows) == [
        ("1800", "USD", "False"), ("400", "JPY", "False"), ("700", "EUR", "True")]
    assert rows[0]["created"].endswith("+09:00")


def test_a_table_is_its_owners_alone_and_where_it_cannot_be_written_the_result_is_told_all_the_same(
        books: Books, tmp_path: Path) -> None:
    books("reconcile", "--month", MONTH, "--csv", str(tmp_path / "books.csv"))
    assert (tmp_path / "books.csv").stat().st_mode & 0o077 == 0
    said = books("reconcile", "--month", MONTH, "--csv", str(tmp_path / "missing" / "books.csv"))
    assert said.exit_code == 4
    assert "Not explained: 0" in said.output
    assert "books.csv cannot be written (No such file or directory)." in said.output
    assert "Traceback" not in said.output


def test_what_is_not_explained_is_named_with_what_to_do_and_fails(books: Books, sandbox: Sandbox) -> None:
    row = next(iter(_stripe(sandbox).state.refunds.values()))
    row.metadata = {"op_id": "op-0123456789abcdef01234567"}
    said = books("reconcile", "--month", MONTH)
    assert said.exit_code == 1
    assert "Not explained: 1" in said.stdout
    assert f"  {row.id} of USD 18.00, charge {row.charge}, succeeded\n" in said.stdout
    assert "its metadata names op-0123456789abcdef01234567, which the ledger does not have" in said.stdout
    assert "Do: was a backup put back" in said.stdout


@pytest.mark.parametrize(("arguments", "words"), [
    (("--month", "2026-13"), "write a year and a month, as in 2026-11"),
    (("--month", "November"), "write a year and a month, as in 2026-11"),
    (("--month", "2999-01"), "is still to come"),
    (("--month", MONTH, "--zone", "Berlin"), "write a region and a city, as in Europe/Berlin"),
])
def test_a_month_that_cannot_be_is_wrong_usage(books: Books, arguments: tuple[str, ...], words: str) -> None:
    said = books("reconcile", *arguments)
    assert said.exit_code == 2
    assert words in said.output


def test_a_key_that_may_not_list_refunds_is_told_with_its_mend(books: Books, sandbox: Sandbox) -> None:
    key = next(iter(_stripe(sandbox).state.keys))
    _stripe(sandbox).control("permit", {"key": key, "permissions": {"account": "read"}},
                                            datetime.now(UTC))
    said = books("reconcile", "--month", MONTH)
    assert said.exit_code == 4
    assert "the key must be permitted to read refunds and charges" in " ".join(said.output.split())
    assert "Traceback" not in said.output


@pytest.fixture
def lived(database: Database) -> Office:
    """One refund sent unattended by version 1, and one that waits for a yes."""
    office = Office(database.engine)
    office.publish(execute(POLICY))
    office.planner.always = {"actions": [refund("c2", quote="please refund the second one")]}  # type: ignore[attr-defined]
    for amount, email in ((1800, "dana@example.com"), (4700, "erin@example.com")):
        office.double_charge(amount, email=email)
        office.handle(email=email)
    return office


def exported(office: Office, path: Path) -> Path:
    with office.engine.begin() as c:
        audit.seal_chain(c)
        with path.open("wb") as file:
            export.write(c, file.write, deskhand="1.0", now=office.clock(), part=export.part(c),
                         signing=Signing("a secret"))
    return path


def test_all_decisions_are_made_again_from_the_database(books: Books, lived: Office) -> None:
    said = books("replay")
    assert (said.exit_code, said.stdout) == (0, (
        "3 decisions were made again: 2 of plans and 1 of actions that were sent, by 1 policy.\n"
        "Came out otherwise:      0\n"
        "Could not be made again: 0\n"))


def test_from_an_export_the_same_comes_without_any_settings(run: Callable[..., Result], lived: Office,
                                                            tmp_path: Path) -> None:
    told = json.loads(run("audit", "replay", str(exported(lived, tmp_path / "trail.jsonl")), "--json").stdout)
    assert told == {"decisions": 3, "planned": 2, "sent": 1, "policies": [1], "differences": 0, "not_decidable": 0,
                    "why_not": {}, "found": []}


def test_a_decision_that_comes_out_otherwise_is_named_and_fails(books: Books, lived: Office, tmp_path: Path) -> None:
    with lived.engine.begin() as c:
        c.exec_driver_sql("set local session_replication_role = replica")
        c.execute(text("update decisions set confirm = false where id = 2"))
    words = "confirm is recorded as False, and True comes of its facts and policy"
    said = books("replay")
    assert said.exit_code == 1
    assert f"decision 2 (zendesk:acme:2): {words}" in said.stdout
    of_export = books("replay", str(exported(lived, tmp_path / "trail.jsonl")))
    assert of_export.exit_code == 1
    assert f"decision 2 (zendesk:acme:2): {words}" in of_export.stdout
    assert "Is the export as it was written? deskhand audit verify" in of_export.stdout


@pytest.mark.parametrize(("change", "words"), [
    (lambda lines: lines[:-1], "without its end; it was cut off"),
    (lambda lines: lines[1:], "its first line does not say that it is a deskhand audit export 1"),
    (lambda lines: [*lines[:3], b"{]\n", *lines[3:]], "line 4 is not a line of an export"),
    (lambda lines: [*lines[:-1], b'{"kind":"decision","id":9,"content":"{}"}\n', lines[-1]], "of another shape"),
    (lambda lines: [], "it ends at line 0"),
])
def test_a_file_that_is_no_whole_export_is_refused(run: Callable[..., Result], lived: Office, tmp_path: Path,
                                                   change: Callable[[list[bytes]], list[bytes]], words: str) -> None:
    path = exported(lived, tmp_path / "trail.jsonl")
    path.write_bytes(b"".join(change(path.read_bytes().splitlines(keepends=True))))
    said = run("audit", "replay", str(path))
    assert said.exit_code == 4
    assert words in " ".join(said.output.split())
    assert "Traceback" not in said.output


def test_a_draft_can_be_named_for_decisions_that_were_made_by_it(books: Books, database: Database,
                                                                 tmp_path: Path) -> None:
    office = Office(database.engine)
    office.planner.always = {"actions": [refund("c2", quote="please refund the second one")]}  # type: ignore[attr-defined]
    office.double_charge()
    office.handle()
    assert "it was made by a draft; name its file with --policy (2)" in books("replay").stdout
    (tmp_path / "draft.yaml").write_text(execute(POLICY))
    assert books("replay", "--policy", str(tmp_path / "draft.yaml")).exit_code == 0
