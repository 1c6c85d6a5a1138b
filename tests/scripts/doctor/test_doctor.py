"""The doctor's page: what it says, to whom it ends how, and what it never prints or does."""

from __future__ import annotations

import copy
import io
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from rich.console import Console
from sqlalchemy import text

from agent.database import Database, downgrade, revisions
from connectors.contract import Rejected
from connectors.parts import Finding, Question
from scripts.cli import main
from scripts.doctor.database import pooled
from scripts.doctor.examining import Asked, examine
from scripts.doctor.page import Hiding, as_json, show, summary
from scripts.doctor.readiness import rate
from tests.scripts.doctor.clinic import SECRET_KEY, Clinic

Run = Callable[..., Result]


@pytest.fixture
def run(bare: Path) -> Run:
    """Runs the command in an empty folder with exactly these settings."""
    def invoke(*arguments: str, **settings: str) -> Result:
        return CliRunner().invoke(main, ["doctor", *arguments], env=settings)
    return invoke


def test_in_an_empty_folder_it_says_what_is_missing_first_and_makes_nothing(run: Run, tmp_path: Path) -> None:
    said = run()
    assert said.exit_code == 1
    first = next(line for line in said.output.splitlines() if line.strip().startswith("mend"))
    assert "DESKHAND_SECRET_KEY is missing" in first
    for words in ("Run deskhand init", "To switch it on, set STRIPE_API_KEY", "No policy is in force"):
        assert words in " ".join(said.output.split())
    assert list(tmp_path.iterdir()) == []


def test_json_is_one_object_with_findings_and_readiness(run: Run) -> None:
    said = run("--json")
    told = json.loads(said.output)
    assert (said.exit_code, told["ok"]) == (1, False)
    assert told["counts"]["red"] == sum(one["level"] == "red" for one in told["findings"]) > 0
    assert [one["dimension"] for one in told["readiness"]] == [
        "CRM access", "API access", "knowledge", "guardrails", "escalation path"]


def test_a_mistake_in_the_command_ends_with_2(run: Run) -> None:
    assert run("--seconds", "0").exit_code == 2
    assert run("--all").exit_code == 2


def test_a_database_without_tables_is_told_and_stays_empty(clinic: Clinic, empty_database_url: str) -> None:
    clinic.env["DESKHAND_DATABASE_URL"] = empty_database_url
    assert ("yellow", "tables", "The database holds no tables yet.",
            "deskhand serve or deskhand policy publish makes them at its first start.") in clinic.wrong()


def test_a_pending_migration_is_told_with_what_to_run(clinic: Clinic, own_database: Database) -> None:
    newest, before = list(revisions())[-1], list(revisions())[-2]
    downgrade(own_database.engine, before)
    clinic.env["DESKHAND_DATABASE_URL"] = own_database.url
    assert ("yellow", "tables", f"The tables are 1 migration behind ({before}, newest is {newest}).",
            "Run deskhand backup FILE, then deskhand database upgrade; deskhand serve does that by itself when it "
            "starts.") in clinic.wrong()


def test_tables_of_a_newer_deskhand_are_left_alone_and_told(clinic: Clinic, own_database: Database) -> None:
    with own_database.engine.begin() as c:
        c.execute(text("update alembic_version set version_num = '9999'"))
    clinic.env["DESKHAND_DATABASE_URL"] = own_database.url
    assert ("red", "tables", "The tables were made by a newer Deskhand (revision 9999).",
            "Install the newest version you have used with this database, and start that one.") in clinic.wrong()


def test_a_pooler_before_the_database_is_told() -> None:
    assert pooled(4711, 4711).level == "green"
    assert pooled(1806513, 4711).level == "yellow"


def _asked(*asks: Callable[[], Iterator[Finding]]) -> list[Asked]:
    return [Asked("Stripe", Question(f"check {n}", ask)) for n, ask in enumerate(asks)]


def test_a_check_that_does_not_answer_in_time_is_red_and_holds_up_no_other() -> None:
    never = threading.Event()

    def hangs() -> Iterator[Finding]:
        never.wait(30)
        yield Finding("late", "green", "late")

    found = examine(_asked(hangs, lambda: iter([Finding("quick", "green", "fine")])), seconds=0.2)
    never.set()
    assert [(one.finding.level, one.finding.says) for one in found] == [
        ("red", "did not answer within 0.2 seconds"), ("green", "fine")]


def test_a_check_that_fails_is_red_without_the_words_of_its_error() -> None:
    def breaks() -> Iterator[Finding]:
        raise ValueError("the key is rk_live_secret")

    [one] = examine(_asked(breaks))
    assert (one.finding.level, one.finding.says) == ("red", "ended in an error of its own (ValueError)")


def test_the_same_trouble_of_several_checks_is_told_once() -> None:
    def refused() -> Iterator[Finding]:
        raise Rejected("no", vendor="stripe")

    [one] = examine(_asked(refused, refused))
    assert (one.finding.check, one.finding.says) == ("check 0, check 1", "could not be asked: no")


LOGINS_AND_COUNTS = {"zendesk": {"oauth", "next_id", "windows"}, "salesforce": {"tokens", "counters", "used"},
                     "stripe": {"counters", "remembered"}}
"""What any call leaves: an access token, how many calls there were, and that a refused write was refused."""


def _held(clinic: Clinic) -> dict[str, dict[str, object]]:
    """All that the vendors hold: tickets and money, and triggers, webhooks, apps and endpoints too."""
    return {vendor: {name: copy.deepcopy(value) for name, value in vars(clinic.books(vendor)).items()
                     if name not in left} for vendor, left in LOGINS_AND_COUNTS.items()}


def test_looking_changes_nothing_at_the_vendors(clinic: Clinic) -> None:
    before = _held(clinic)
    clinic.results()
    assert _held(clinic) == before


def _page(clinic: Clinic) -> str:
    results = clinic.results()
    console = Console(width=100, record=True, file=io.StringIO())
    show(console, results, rate(results), Hiding(clinic.env))
    return console.export_text() + json.dumps(as_json(results, rate(results), Hiding(clinic.env)))


def test_no_secret_is_printed_not_even_one_in_a_vendors_answer(clinic: Clinic) -> None:
    clinic.books("zendesk").triggers[0]["title"] = f"Tell {clinic.env['STRIPE_API_KEY']} of it"
    clinic.books("zendesk").triggers[0]["active"] = False
    clinic.books("openai").keys.clear()
    said = _page(clinic)
    for name, value in clinic.env.items():
        if name.endswith(("_KEY", "_SECRET", "_TOKEN")) and name != "ZENDESK_APP_PUBLIC_KEY":
            assert value not in said, name
    assert SECRET_KEY not in said
    assert clinic.database.url not in said


def test_the_page_is_grouped_and_ends_with_what_counts(clinic: Clinic) -> None:
    said = _page(clinic)
    order = [said.index(f"\n{title}") for title in ("This machine", "Database", "Policy", "Work", "Zendesk", "Stripe",
                                                    "Salesforce", "Model", "Readiness")]
    assert order == sorted(order)
    assert "mode of refund: Decided and recorded, nothing is written (shadow)." in said
    results = clinic.results()
    assert summary(results) == f"All {len(results)} checks are fine."


def test_one_red_finding_makes_a_dimension_not_ready_and_says_the_next_step(clinic: Clinic) -> None:
    results = clinic.results()
    assert {one.rating for one in rate(results)} == {"ready"}
    del clinic.env["ZENDESK_SENDER_AUTH"]
    clinic.sql("insert into switches (action, paused, reason, by, at) values ('refund', true, '', 'circuit breaker', "
               ":now)", now=clinic.now)
    rails = next(one for one in rate(clinic.results()) if one.dimension == "guardrails")
    assert rails.rating == "not ready"
    assert rails.next.endswith("deskhand resume --action refund --by NAME.")
