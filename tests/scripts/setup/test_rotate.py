"""`deskhand rotate` as an admin runs it, against the sandbox."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from agent.database import Database
from agent.vault import Vault, WrongSecret
from connectors.parts import CHANGING
from scripts.envfile import EnvFile
from scripts.sandbox import Sandbox
from tests.scripts.setup.admins import ADMIN, TOKEN
from tests.scripts.setup.conftest import Deskhand

HOOK = "STRIPE_WEBHOOK_SECRET"


def endpoints(sandbox: Sandbox) -> list[dict[str, Any]]:
    return list(sandbox.doors["stripe"].rules.state.endpoints.values())


@pytest.fixture
def with_stripe(as_admin: Deskhand) -> Deskhand:
    as_admin("setup", "stripe", "--yes")
    return as_admin


def test_a_second_secret_counts_beside_the_first_until_it_is_finished(with_stripe: Deskhand, env: EnvFile,
                                                                      sandbox: Sandbox) -> None:
    old = env.values()[HOOK]
    said = with_stripe("rotate", "stripe", typed="y\n")
    assert said.exit_code == 0, said.output
    assert "Stripe gets a new signing secret; the old one goes on counting." in said.output
    assert "In an hour or later: deskhand rotate stripe --finish" in said.output
    new, kept = env.values()[HOOK].split(",")
    assert kept == old
    said = with_stripe("rotate", "stripe", "--finish", typed="y\n")
    assert said.exit_code == 0, said.output
    assert env.values()[HOOK] == new
    assert [one["secret"] for one in endpoints(sandbox)] == [new]
    assert not [secret for secret in (old, new) if secret in said.output]


def test_a_no_changes_nothing(with_stripe: Deskhand, sandbox: Sandbox) -> None:
    before = Path(".env").read_bytes()
    said = with_stripe("rotate", "stripe", typed="n\n")
    assert said.exit_code == 1
    assert "Nothing was changed." in said.output
    assert (len(endpoints(sandbox)), Path(".env").read_bytes()) == (1, before)


def test_a_second_rotation_waits_for_the_end_of_the_first(with_stripe: Deskhand, sandbox: Sandbox) -> None:
    with_stripe("rotate", "stripe", "--yes")
    said = with_stripe("rotate", "stripe", "--yes")
    assert said.exit_code == 1
    assert "Two secrets count already." in said.output
    assert len(endpoints(sandbox)) == 2


def test_with_one_secret_there_is_nothing_to_finish(with_stripe: Deskhand) -> None:
    said = with_stripe("rotate", "stripe", "--finish", "--yes", "--json")
    assert said.exit_code == 0
    assert json.loads(said.stdout) == {"rotated": "stripe", "finish": True, "done": False}


def test_the_secret_of_zendesk_is_changed_in_place(deskhand: Deskhand, env: EnvFile, sandbox: Sandbox) -> None:
    login = {"ZENDESK_ADMIN_EMAIL": ADMIN, "ZENDESK_ADMIN_API_TOKEN": TOKEN}
    assert deskhand("setup", "zendesk", "--yes", **login).exit_code == 0
    old = env.values()["ZENDESK_WEBHOOK_SECRET"]
    said = deskhand("rotate", "zendesk", "--yes", **login)
    assert said.exit_code == 0, said.output
    new, kept = env.values()["ZENDESK_WEBHOOK_SECRET"].split(",")
    [hook] = sandbox.doors["zendesk"].rules.state.webhooks.values()
    assert (hook["_secret"], kept) == (new, old)
    assert deskhand("rotate", "zendesk", "--finish", "--yes", **login).exit_code == 0
    assert env.values()["ZENDESK_WEBHOOK_SECRET"] == new


def test_half_way_there_is_nothing_to_finish_yet(deskhand: Deskhand, env: EnvFile) -> None:
    env.put({"ZENDESK_WEBHOOK_SECRET": f"{CHANGING},old-secret", "ZENDESK_EMAIL": ADMIN, "ZENDESK_API_TOKEN": TOKEN})
    said = deskhand("rotate", "zendesk", "--finish", "--yes")
    assert said.exit_code == 1
    assert "The new secret is not known yet: run deskhand rotate zendesk first." in said.output


@pytest.mark.parametrize(("what", "code", "words"), [
    ("stripe", 1, "STRIPE_WEBHOOK_SECRET is not set: run deskhand setup stripe first."),
    ("openai", 2, "openai has no secret to rotate; there are salesforce, stripe, zendesk, secret-key.")])
def test_where_there_is_no_secret_that_is_said(as_admin: Deskhand, what: str, code: int, words: str) -> None:
    said = as_admin("rotate", what, "--yes")
    assert (said.exit_code, words in said.output) == (code, True)


def test_a_value_that_stands_in_the_environment_cannot_be_changed_here(with_stripe: Deskhand) -> None:
    said = with_stripe("rotate", "stripe", "--yes", STRIPE_WEBHOOK_SECRET="whsec_elsewhere")
    assert said.exit_code == 1
    assert "STRIPE_WEBHOOK_SECRET stands in the environment, which counts before .env" in said.output


def test_our_own_key_is_changed_and_what_was_sealed_stays_readable(deskhand: Deskhand, env: EnvFile,
                                                                   database: Database) -> None:
    env.put({"DESKHAND_DATABASE_URL": database.url, "ZENDESK_EMAIL": ADMIN, "ZENDESK_API_TOKEN": TOKEN,
             "ZENDESK_WEBHOOK_SECRET": "hook-secret"})
    old = env.values()["DESKHAND_SECRET_KEY"]
    with database.engine.begin() as c:
        sealed = Vault(old).person(c, "acme", "7").seal({"said": "hello"})
    assert deskhand("rotate", "secret-key", "--yes").exit_code == 0
    new = env.values()["DESKHAND_SECRET_KEY"].split(",")[0]
    assert env.values()["DESKHAND_SECRET_KEY"] == f"{new},{old}"
    said = deskhand("rotate", "secret-key", "--finish", "--yes")
    assert said.exit_code == 0, said.output
    assert env.values()["DESKHAND_SECRET_KEY"] == new
    with database.engine.begin() as c:
        assert Vault(new).person(c, "acme", "7").open(sealed) == {"said": "hello"}
        with pytest.raises(WrongSecret):
            Vault(old).person(c, "acme", "7")
        assert c.execute(text("select count(*) from people")).scalar() == 2
    assert not [key for key in (old, new) if key in said.output]


def test_our_own_key_is_not_dropped_in_a_folder_that_has_no_database(deskhand: Deskhand, env: EnvFile) -> None:
    """The people's keys lie in another one: they could not be opened any more."""
    env.put({"ZENDESK_EMAIL": ADMIN, "ZENDESK_API_TOKEN": TOKEN, "ZENDESK_WEBHOOK_SECRET": "hook-secret"})
    assert deskhand("rotate", "secret-key", "--yes").exit_code == 0
    before = Path(".env").read_bytes()
    said = deskhand("rotate", "secret-key", "--finish", "--yes")
    assert said.exit_code == 1
    assert "Nothing was changed: there is no Deskhand in" in said.output
    assert (Path(".env").read_bytes(), Path("var").exists()) == (before, False)
