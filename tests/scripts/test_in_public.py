"""A Deskhand that others can reach does not start unfit for it; on one's own machine it does."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from agent.database import Database
from scripts.cli import main
from scripts.in_public import EXAMPLES, SECRETS, is_public, refusals
from scripts.sandbox import settings
from tests.scripts.test_cli import COMPLETE

PUBLIC = "https://deskhand.example.com"
OWN = {name: f"a value of our own for {name}" for name in SECRETS}
Run = Callable[..., Result]


@pytest.fixture
def run(bare: Path, database: Database) -> Run:
    def invoke(*arguments: str, **settings: str) -> Result:
        return CliRunner().invoke(main, ["serve", "--no-worker", "--port", "0", *arguments],
                                  env={**COMPLETE, "DESKHAND_DATABASE_URL": database.url, **settings})
    return invoke


@pytest.mark.parametrize(("public_url", "host", "public"), [
    (None, "127.0.0.1", False), ("http://127.0.0.1:8080", "127.0.0.1", False), (None, "::1", False),
    (PUBLIC, "127.0.0.1", True), (None, "0.0.0.0", True), (None, "192.0.2.7", True),  # noqa: S104 - not listened on
    ("http://localhost:8080", "::", True),
])
def test_it_is_public_where_others_can_reach_it(public_url: str | None, host: str, public: bool) -> None:
    assert is_public(public_url, host) is public


def test_debugging_is_refused_in_public(run: Run) -> None:
    said = run(DESKHAND_PUBLIC_URL=PUBLIC, FLASK_DEBUG="1")
    assert said.exit_code == 1
    assert "FLASK_DEBUG is on: errors would be shown to callers. Unset it." in said.output
    assert "Traceback" not in said.output
    assert refusals({"FLASK_DEBUG": "0"}, OWN, PUBLIC, "127.0.0.1") == []


@pytest.mark.parametrize("name", ["ZENDESK_API_TOKEN", "ZENDESK_WEBHOOK_SECRET", "STRIPE_API_KEY",
                                  "STRIPE_WEBHOOK_SECRET"])
def test_the_sandboxs_secrets_are_refused_in_public(run: Run, name: str) -> None:
    value = settings("http://127.0.0.1:8090", json.loads(EXAMPLES.read_text()))[name]
    said = run(DESKHAND_PUBLIC_URL=PUBLIC, **{name: value})
    assert said.exit_code == 1
    assert f"{name} is the sandbox's, which everybody can read: set your own." in said.output
    assert value not in said.output
    assert refusals({}, {**OWN, name: f"{OWN[name]},{value}"}, PUBLIC, "127.0.0.1") != []


def test_every_secret_that_the_sandbox_prints_is_known() -> None:
    printed = settings("http://127.0.0.1:8090", json.loads(EXAMPLES.read_text()))
    names = {name for name in printed if name.endswith(("_TOKEN", "_SECRET", "_KEY"))}
    assert names <= set(SECRETS)
    assert len(refusals({}, printed, PUBLIC, "127.0.0.1")) == len(names)


def test_the_sandboxs_secrets_are_fine_on_ones_own_machine() -> None:
    printed = settings("http://127.0.0.1:8090", json.loads(EXAMPLES.read_text()))
    assert refusals({"FLASK_DEBUG": "1"}, printed, "http://127.0.0.1:8080", "127.0.0.1") == []


def test_an_address_without_https_is_refused_in_public(run: Run) -> None:
    said = run(DESKHAND_PUBLIC_URL="http://deskhand.example.com")
    assert said.exit_code == 1
    assert "DESKHAND_PUBLIC_URL" in said.output
    [words] = refusals({}, OWN, "http://localhost:8080", "0.0.0.0")  # noqa: S104 - not listened on
    assert words.startswith("DESKHAND_PUBLIC_URL is http://localhost:8080, and --host 0.0.0.0 listens to others")


@pytest.mark.parametrize(("name", "value", "words"), [
    ("ZENDESK_WEBHOOK_SECRET", "", "ZENDESK_WEBHOOK_SECRET is missing"),
    ("ZENDESK_WEBHOOK_SECRET", "dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ==", "Zendesk's public test secret"),
    ("DESKHAND_SECRET_KEY", "change-me-please-change-me", "characters of your own"),
])
def test_a_missing_or_well_known_secret_is_refused_everywhere(run: Run, name: str, value: str, words: str) -> None:
    said = run(**{name: value})
    assert said.exit_code == 1
    assert words in said.output
