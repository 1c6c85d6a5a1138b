"""`deskhand report` from the shell, against the sandbox over loopback."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from agent.database import Database
from agent.policy import shipped_policy_path
from connectors.standin import Json
from scripts.sandbox import Sandbox, settings
from tests.scripts.test_cli import COMPLETE, SECRET, run

__all__ = ["run"]

ANA, BO = "ana@customer.example", "bo@customer.example"
WORLD: dict[str, Any] = {
    "zendesk": {
        "subdomain": "acme", "tokens": {"deskhand@acme.example/token": "zendesk-token"},
        "users": [{"name": "Deskhand", "email": "deskhand@acme.example", "role": "admin"},
                  {"name": "Ana", "email": ANA}, {"name": "Bo", "email": BO}],
        "webhooks": [{"endpoint": "http://127.0.0.1:9/webhooks/zendesk", "secret": "hook-secret",
                      "subscriptions": []}],
        "tickets": [{"email": who, "subject": "Charged twice", "created_at": "-9d",
                     "body": "I was charged twice for order 1042, please refund the second one."} for who in (ANA, BO)],
    },
    "stripe": {
        "account": {"id": "acct_sandbox"}, "keys": {"rk_test_desk": "all"},
        "customers": [{"id": "cus_ana", "email": ANA}, {"id": "cus_bo", "email": BO}],
        "charges": [{"customer": who, "amount": 1800, "currency": "usd", "created": created,
                     "metadata": {"order_id": "1042"}, "refunds": refunds}
                    for who, refunds in (("cus_ana", [{"amount": 1800, "created": "-8d"}]), ("cus_bo", []))
                    for created, refunds in (("-218h", []), ("-217h", refunds))],
    },
    "salesforce": {"domain": "acme", "clients": {"deskhand": {"secret": "salesforce-secret"}}},
    "openai": {"keys": ["sk-sandbox"]},
}
Report = Callable[..., Result]


@pytest.fixture
def world() -> Json:
    return WORLD


@pytest.fixture
def report(run: Callable[..., Result], sandbox: Sandbox, database: Database) -> Report:
    told = {name: value for name, value in settings(sandbox.url, WORLD).items() if not name.startswith("OPENAI")}
    told |= {"DESKHAND_SECRET_KEY": SECRET, "DESKHAND_DATABASE_URL": database.url}
    return lambda *arguments: run("report", *arguments, **told)


DRAFT = ("--policy", str(shipped_policy_path()), "--per-minute", "600")


def test_past_tickets_are_reported_for_machines(report: Report) -> None:
    said = report("--past", "14d", "--json", *DRAFT)
    assert said.exit_code == 0, said.output
    told = json.loads(said.stdout)
    assert (told["source"], told["tickets"], told["stopped_early"]) == ("past", 2, None)
    assert [(line["would"], line["people"]) for line in told["lines"]] == [("done", "same"), ("done", "nothing")]


def test_past_tickets_are_reported_for_people_and_on_a_page(report: Report, tmp_path: Path, sandbox: Sandbox) -> None:
    said = report("--past", "14d", "--html", str(tmp_path / "report.html"), *DRAFT)
    assert said.exit_code == 0, said.output
    assert "Deskhand would have paid; people did not, or paid less: 1" in said.stdout
    assert f"{sandbox.url}/zendesk/agent/tickets/2" in said.stdout
    assert "The page is in" in said.stdout
    page = (tmp_path / "report.html").read_text()
    assert f"the draft {shipped_policy_path()}" in page
    assert ANA not in page
    assert BO not in page


def test_the_page_can_be_read_by_its_owner_alone_also_where_another_stood_there(report: Report, tmp_path: Path) -> None:
    at = tmp_path / "report.html"
    at.write_text("an older one")
    at.chmod(0o644)
    assert report("--html", str(at)).exit_code == 0
    assert stat.S_IMODE(at.stat().st_mode) == 0o600
    assert "an older one" not in at.read_text()
    assert [one.name for one in tmp_path.iterdir() if "report.html" in one.name] == ["report.html"]


@pytest.mark.parametrize("more", [[], ["--json"]])
def test_where_the_page_cannot_be_written_the_report_is_told_all_the_same(
        report: Report, tmp_path: Path, more: list[str]) -> None:
    at = tmp_path / ("r" * 250 + ".html")
    said = report("--past", "14d", "--html", str(at), *more, *DRAFT)
    assert said.exit_code == 1
    assert said.stderr.endswith(f"Error: {at} cannot be written (File name too long).\n")
    assert json.loads(said.stdout)["tickets"] == 2 if more else "Deskhand would have paid" in said.stdout
    assert "The page is in" not in said.stdout
    assert not at.exists()


def test_live_tickets_of_an_installation_that_saw_none_are_reported_as_none(report: Report) -> None:
    said = report()
    assert said.exit_code == 0
    assert "there is nothing to compare" in " ".join(said.stdout.split())
    assert "disagree" not in said.stdout


@pytest.mark.parametrize("columns", ["40", "60", "200"])
def test_a_disagreement_can_be_read_and_its_ticket_opened_in_a_terminal_of_any_width(
        report: Report, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, columns: str) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    said = report("--past", "14d", *DRAFT).stdout
    assert f"  {sandbox.url}/zendesk/agent/tickets/2\n" in said
    assert ("duplicate; Deskhand: USD 18.00: do it without asking; people: nothing within 7 days; decided by "
            "limit.refund.auto") in " ".join(said.split())


def test_a_page_that_has_no_folder_is_refused_before_anything_is_read(report: Report, sandbox: Sandbox,
                                                                      tmp_path: Path) -> None:
    said = report("--past", "14d", "--html", str(tmp_path / "nowhere" / "report.html"), *DRAFT)
    assert said.exit_code == 2
    assert "There is no folder" in said.output
    assert not sandbox.doors["zendesk"].calls


def test_a_day_that_is_still_to_come_is_refused(report: Report) -> None:
    said = report("--since", "9999-12-31")
    assert said.exit_code == 2
    assert "31 Dec 9999 is still to come" in said.output


def test_without_a_policy_in_force_it_says_what_to_do(report: Report) -> None:
    said = report("--past", "14d")
    assert said.exit_code == 1
    assert "deskhand policy publish" in said.output
    assert "--policy FILE" in said.output


def test_a_helpdesk_that_does_not_let_us_in_is_told_in_a_sentence(report: Report, sandbox: Sandbox) -> None:
    sandbox.doors["zendesk"].rules.state.tokens.clear()
    said = report("--past", "14d", *DRAFT)
    assert said.exit_code == 1
    assert "Zendesk answered 401" in said.output
    assert "Nothing was written; check this vendor's settings" in said.output
    assert "Traceback" not in said.output


@pytest.mark.parametrize(("arguments", "words"), [
    (["--past", "soon"], "write days, as in 30d"),
    (["--past", "14d", "--since", "3d"], "Say one of --past and --since."),
    (["--policy", "policy.yaml"], "--policy goes with --past"),
    (["--since", "yesterday"], "yesterday"),
])
def test_options_that_make_no_sense_are_refused(run: Callable[..., Result], arguments: list[str],
                                                words: str) -> None:
    said = run("report", *arguments, **COMPLETE)
    assert said.exit_code == 2
    assert words in said.output
