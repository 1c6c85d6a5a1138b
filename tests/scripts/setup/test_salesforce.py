"""`deskhand setup salesforce` and what follows, as an admin types it, on the sandbox's org over HTTP."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connectors.standin import Json
from scripts.envfile import EnvFile
from scripts.sandbox import Sandbox
from tests.scripts.setup.admins import WORLD
from tests.scripts.setup.conftest import Deskhand

TOKEN, USER = "00D000000000001!an.admins.session", "deskhand@acme.example"
SALESFORCE: dict[str, Any] = {
    "package": False, "sessions": {TOKEN: "ada@acme.example"},
    "users": [{"Name": "Ada Admin", "Email": "ada@acme.example", "Profile": "System Administrator"},
              {"Name": "Deskhand Integration", "Email": USER, "Profile": "Minimum Access - API Only Integrations"}]}
CHOSEN = ("--set", f"user={USER}", "--set", "desk=yes")


@pytest.fixture
def world() -> Json:
    return {**WORLD, "salesforce": SALESFORCE}


@pytest.fixture
def org(env: EnvFile, sandbox: Sandbox) -> Any:
    env.put({"SALESFORCE_DOMAIN": "acme", "SALESFORCE_URL": f"{sandbox.url}/salesforce"})
    return sandbox.doors["salesforce"].rules


def test_a_dry_run_shows_the_plan_and_changes_nothing(deskhand: Deskhand, org: Any, env: EnvFile) -> None:
    before = env.values()
    said = deskhand("setup", "salesforce", "--dry-run", *CHOSEN, SALESFORCE_ADMIN_TOKEN=TOKEN)
    assert said.exit_code == 0, said.output
    assert "acme.my.salesforce.com" in said.output
    assert '+ make package "Deskhand"' in " ".join(said.output.split())
    assert "Nothing was changed: this is the plan only." in said.output
    assert (env.values(), org.state.installed) == (before, set())


def test_it_is_made_with_progress_and_the_admins_token_is_not_stored(deskhand: Deskhand, org: Any,
                                                                     env: EnvFile) -> None:
    said = deskhand("setup", "salesforce", *CHOSEN, typed=f"{TOKEN}\ny\n")
    assert said.exit_code == 0, said.output
    assert " components\n" in said.output
    assert 'done: make package "Deskhand"' in said.output
    held = env.values()
    assert {"SALESFORCE_CLIENT_ID", "SALESFORCE_CLIENT_SECRET", "SALESFORCE_CERTIFICATE",
            "SALESFORCE_ORG_ID"} <= set(held)
    assert TOKEN not in env.path.read_text() + said.output
    again = json.loads(deskhand("setup", "salesforce", "--yes", "--json", "--set", "desk=yes",
                                SALESFORCE_ADMIN_TOKEN=TOKEN).stdout)
    assert (again["done"], {one["verb"] for one in again["plan"]}) == ([], {"keep", "nothing"})
    turned = deskhand("rotate", "salesforce", "--yes", SALESFORCE_ADMIN_TOKEN=TOKEN)
    assert turned.exit_code == 0, turned.output
    assert env.values()["SALESFORCE_CERTIFICATE"].count("BEGIN CERTIFICATE") == 2
    finished = deskhand("rotate", "salesforce", "--finish", "--yes", SALESFORCE_ADMIN_TOKEN=TOKEN)
    assert finished.exit_code == 0, finished.output
    assert env.values()["SALESFORCE_CERTIFICATE"].count("BEGIN CERTIFICATE") == 1
    gone = deskhand("teardown", "salesforce", "--yes", "--set", "desk=yes", SALESFORCE_ADMIN_TOKEN=TOKEN)
    assert gone.exit_code == 0, gone.output
    assert org.state.installed == set()
    assert not [name for name in env.values() if name.startswith("SALESFORCE") and name not in (
        "SALESFORCE_DOMAIN", "SALESFORCE_URL")]


def test_a_token_that_has_ended_is_said_with_what_to_give(deskhand: Deskhand, org: Any) -> None:
    said = deskhand("setup", "salesforce", "--yes", *CHOSEN, SALESFORCE_ADMIN_TOKEN="00D!old")
    assert said.exit_code == 1
    assert "SALESFORCE_ADMIN_TOKEN in the environment, or as asked" in said.output


def test_without_a_token_it_is_said_which_one_is_needed(deskhand: Deskhand, org: Any) -> None:
    said = deskhand("setup", "salesforce", "--yes", *CHOSEN)
    assert said.exit_code == 1
    assert "deskhand setup salesforce makes them with an admin's SALESFORCE_ADMIN_TOKEN" in said.output
