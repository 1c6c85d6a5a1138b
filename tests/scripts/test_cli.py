"""What the commands say to people: what is missing or wrong, and what to do; never a traceback, never a secret."""

from __future__ import annotations

import json
import signal
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
import requests
from click.testing import CliRunner, Result
from sqlalchemy import text

from agent.database import Database
from scripts.cli import COMMANDS, main
from scripts.processes import Process, free_port
from tests.journeys.office import Office, refund
from webhooks.settings import load_settings

SECRET = "a secret for tests that is long enough"
COMPLETE = {
    "DESKHAND_SECRET_KEY": SECRET, "ZENDESK_SUBDOMAIN": "acme", "ZENDESK_EMAIL": "deskhand@acme.example",
    "ZENDESK_API_TOKEN": "zendesk-token", "ZENDESK_WEBHOOK_SECRET": "hook-secret", "ZENDESK_SANDBOX": "on",
    "ZENDESK_URL": "http://127.0.0.1:9/zendesk", "STRIPE_API_KEY": "rk_test_desk",
    "STRIPE_URL": "http://127.0.0.1:9/stripe",
}
Run = Callable[..., Result]


@pytest.fixture
def run(bare: Path) -> Run:
    """Runs a command in an empty folder with exactly these settings."""
    def invoke(*arguments: str, **settings: str) -> Result:
        return CliRunner().invoke(main, list(arguments), env=settings)
    return invoke


def test_every_command_says_what_it_is_for(run: Run) -> None:
    said = run("--help")
    assert said.exit_code == 0
    for command in COMMANDS:
        assert command in said.output
        assert run(command, "--help").exit_code == 0


def test_without_settings_serve_says_what_is_missing_and_how_to_set_it(run: Run) -> None:
    said = run("serve")
    assert said.exit_code == 1
    for words in ("DESKHAND_SECRET_KEY is missing", "openssl rand -base64 36", ".env", "ZENDESK_SUBDOMAIN",
                  "ZENDESK_OAUTH_CLIENT_SECRET", "ZENDESK_WEBHOOK_SECRET", "SALESFORCE_DOMAIN", "SALESFORCE_ORG_ID",
                  "DESKHAND_PUBLIC_URL", "STRIPE_API_KEY", "deskhand demo"):
        assert words in said.output
    assert "Traceback" not in said.output


@pytest.mark.parametrize("command", [["serve"], ["work"], ["held"],
                                     ["held", "resolve", "op-1", "--not-done", "--by", "Mia"]])
def test_every_command_that_needs_settings_says_so(run: Run, command: list[str]) -> None:
    said = run(*command)
    assert said.exit_code == 1
    assert "DESKHAND_SECRET_KEY is missing" in said.output


def test_the_database_can_be_stopped_without_any_settings(run: Run) -> None:
    said = run("stop-database")
    assert said.exit_code == 0
    assert "No database is running" in said.output


@pytest.mark.parametrize(("name", "value", "words"), [
    ("STRIPE_API_KEY", "pk_live_1234567890", "STRIPE_API_KEY"),
    ("ZENDESK_SUBDOMAIN", "https://acme.zendesk.com", "ZENDESK_SUBDOMAIN"),
    ("ZENDESK_WEBHOOK_SECRET", "dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ==", "ZENDESK_WEBHOOK_SECRET"),
    ("DESKHAND_SECRET_KEY", "too-short", "DESKHAND_SECRET_KEY"),
    ("STRIPE_URL", "https://stripe.example", "STRIPE_URL"),
    ("DESKHAND_DATABASE_URL", "mysql://localhost/x", "DESKHAND_DATABASE_URL"),
    ("DESKHAND_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/x", "DESKHAND_DATABASE_URL"),
])
def test_a_wrong_setting_is_named_and_its_value_is_not_shown(run: Run, name: str, value: str, words: str) -> None:
    said = run("serve", **{**COMPLETE, name: value})
    assert said.exit_code == 1
    assert words in said.output
    assert "Traceback" not in said.output
    assert value not in said.output or name in ("STRIPE_URL", "DESKHAND_DATABASE_URL")


def test_a_mistake_in_deskhand_toml_names_its_line(run: Run) -> None:
    Path("deskhand.toml").write_text("[scope]\nbrand = ['Acme']\n")
    said = run("serve", **COMPLETE)
    assert said.exit_code == 1
    assert "deskhand.toml, line 2" in said.output
    assert "did you mean brands?" in said.output


def test_a_port_that_is_taken_is_named(run: Run, database: Database) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        serve = run("serve", "--port", port, "--no-worker", **COMPLETE, DESKHAND_DATABASE_URL=database.url)
        sandbox = run("sandbox", "--port", port)
    assert (serve.exit_code, sandbox.exit_code) == (1, 1)
    assert f"Port {port} on 127.0.0.1 cannot be used" in serve.output
    assert f"Port {port} cannot be used" in sandbox.output


@pytest.mark.parametrize(("text", "words"), [
    (None, "The world nowhere.json cannot be read"),
    ("[]", "no object with one part per vendor"),
    ('{"stripe": {"charges": [{}]}}', "The world's part for stripe cannot be loaded"),
    ('{"paypal": {}}', "There is no vendor 'paypal'"),
])
def test_a_world_that_cannot_be_used_is_told(run: Run, text: str | None, words: str) -> None:
    if text is not None:
        Path("nowhere.json").write_text(text)
    said = run("sandbox", "--port", "0", "--world", "nowhere.json")
    assert said.exit_code == 1
    assert words in said.output
    assert "Traceback" not in said.output


def test_a_database_of_your_own_is_not_stopped(run: Run) -> None:
    said = run("stop-database", **COMPLETE, DESKHAND_DATABASE_URL="postgresql://db.example/x")
    assert said.exit_code == 1
    assert "DESKHAND_DATABASE_URL names a database of your own" in said.output


def test_where_no_database_runs_none_is_stopped(run: Run) -> None:
    said = run("stop-database", "--json", **COMPLETE)
    assert said.exit_code == 0
    assert json.loads(said.output)["stopped"] is False


@pytest.fixture
def held_refund(database: Database) -> tuple[Office, str]:
    """An office where one refund is held."""
    office = Office(database.engine)
    office.double_charge(1800)
    office.planner.next = [{"actions": [refund("c2", quote="please refund the second one")]}]  # type: ignore[attr-defined]
    office.fault("stripe", "500_before", "POST", "/v1/refunds")
    office.handle()
    office.settle(hours=2)
    with database.engine.connect() as c:
        return office, str(c.execute(text("select id from operations where state = 'held'")).scalar_one())


def test_what_is_held_is_listed_for_people_and_machines(
        run: Run, database: Database, held_refund: tuple[Office, str]) -> None:
    _, operation = held_refund
    settings = {**COMPLETE, "DESKHAND_DATABASE_URL": database.url}
    for_people, for_machines = run("held", **settings), run("held", "--json", **settings)
    assert operation in for_people.output
    assert "deskhand held resolve" in for_people.output
    [one] = json.loads(for_machines.output)["held"]
    assert (one["operation"], one["kind"], one["send"]) == (operation, "refund", 1)


def test_nothing_held_is_said(run: Run, database: Database) -> None:
    said = run("held", **COMPLETE, DESKHAND_DATABASE_URL=database.url)
    assert (said.exit_code, said.output) == (0, "Nothing is held.\n")


def test_said_not_done_it_is_held_no_longer(run: Run, database: Database, held_refund: tuple[Office, str]) -> None:
    settings = {**COMPLETE, "DESKHAND_DATABASE_URL": database.url}
    said = run("held", "resolve", held_refund[1], "--not-done", "--by", "Mia", **settings)
    assert said.exit_code == 0
    assert "counts as not done" in said.output
    assert run("held", **settings).output == "Nothing is held.\n"


@pytest.mark.parametrize(("arguments", "words"), [
    (["--by", "Mia"], "Say one of --found ID, --not-done or --send-again."),
    (["--not-done", "--send-again", "--by", "Mia"], "Say one of"),
    (["--not-done"], "Missing option '--by'"),
    (["--not-done", "--by", " "], "--by needs a name"),
])
def test_resolving_needs_one_answer_and_a_name(run: Run, arguments: list[str], words: str) -> None:
    said = run("held", "resolve", "op-1", *arguments)
    assert said.exit_code == 2
    assert words in said.output


def test_what_cannot_be_resolved_is_told(run: Run, database: Database) -> None:
    said = run("held", "resolve", "op-1", "--send-again", "--by", "Mia", **COMPLETE, DESKHAND_DATABASE_URL=database.url)
    assert said.exit_code == 1
    assert "There is no operation op-1" in said.output


def test_told_to_stop_serve_ends_by_itself(database: Database, tmp_path: Path) -> None:
    port = free_port()
    serve = Process("deskhand", ["serve", "--port", str(port), "--json"], tmp_path,
                    {**COMPLETE, "DESKHAND_DATABASE_URL": database.url})
    serve.start()
    running = serve.running
    assert running is not None
    try:
        serve.until(lambda: ready(port))
        running.send_signal(signal.SIGTERM)
        assert running.wait(30) == 0
    finally:
        serve.stop()
    listening = json.loads(next(line for line in serve.log.read_text().splitlines() if line.startswith("{")))
    assert listening["url"] == f"http://127.0.0.1:{port}"
    assert set(listening["off"]) == {"openai", "salesforce"}
    assert "Traceback" not in serve.log.read_text()
    assert SECRET not in serve.log.read_text()


def test_told_to_stop_a_worker_ends_by_itself(database: Database, tmp_path: Path) -> None:
    worker = Process("worker", ["work", "--json"], tmp_path, {**COMPLETE, "DESKHAND_DATABASE_URL": database.url})
    worker.start()
    running = worker.running
    assert running is not None
    try:
        worker.until(lambda: '{"ready": true}' in worker.log.read_text() or None)
        running.send_signal(signal.SIGTERM)
        assert running.wait(30) == 0
    finally:
        worker.stop()
    assert "Traceback" not in worker.log.read_text()


def test_the_sandbox_prints_settings_that_serve_takes(run: Run) -> None:
    printed = run("sandbox", "--settings", "--port", "8090").output
    given = dict(line.split("=", 1) for line in printed.splitlines())
    read = load_settings({**given, "DESKHAND_SECRET_KEY": SECRET})
    assert sorted(read.connectors) == ["openai", "salesforce", "stripe", "zendesk"]
    assert given["ZENDESK_URL"] == "http://127.0.0.1:8090/zendesk"


def ready(port: int) -> bool | None:
    try:
        return requests.get(f"http://127.0.0.1:{port}/readyz", timeout=5).status_code == 200 or None
    except requests.ConnectionError:
        return None


def test_what_each_command_does_is_said_whole() -> None:
    said = CliRunner().invoke(main, ["--help"], env={"COLUMNS": "80"}).output
    assert "deskhand.toml and the policy folder of an installation" in " ".join(said.split())
    assert "..." not in said.partition("Commands:")[2]
