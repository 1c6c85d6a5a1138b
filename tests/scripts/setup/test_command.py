"""`deskhand setup` and `deskhand teardown` as an admin runs them, against the sandbox."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from connectors.parts import MARK
from scripts.cli import main
from scripts.control import AskedFault
from scripts.envfile import EnvFile
from scripts.sandbox import Sandbox
from tests.scripts.setup.admins import ADMIN, ADMIN_KEY, KEY, LEAST, TOKEN
from tests.scripts.setup.conftest import Deskhand

ROOT = Path(__file__).parents[3]


def endpoints(sandbox: Sandbox) -> list[dict[str, Any]]:
    return list(sandbox.doors["stripe"].rules.state.endpoints.values())


def test_the_account_its_mode_and_the_plan_are_shown_before_anything_is_done(as_admin: Deskhand,
                                                                             sandbox: Sandbox) -> None:
    said = as_admin("setup", "stripe", typed="n\n")
    assert said.exit_code == 1
    assert "Stripe: Acme Ltd (acct_acme), US, USD, TEST mode" in said.output
    assert '+  make  webhook endpoint "Deskhand"  tells of refunds that fail later' in said.output
    assert "Do this? [y/N]: n" in said.output
    assert "Nothing was changed." in said.output
    assert endpoints(sandbox) == []


def test_after_a_yes_it_is_made_and_the_secret_stands_in_env_and_on_no_screen(as_admin: Deskhand, sandbox: Sandbox,
                                                                              env: EnvFile) -> None:
    said = as_admin("setup", "stripe", typed="y\n")
    assert said.exit_code == 0
    [made] = endpoints(sandbox)
    assert (made["url"], made["description"]) == ("https://desk.example.com/webhooks/stripe", f"Deskhand. {MARK}")
    assert env.values()["STRIPE_WEBHOOK_SECRET"] == made["secret"]
    assert 'done: make webhook endpoint "Deskhand"' in said.output
    for secret in (made["secret"], KEY, ADMIN_KEY):
        assert secret not in said.output
    assert Path(".env").stat().st_mode & 0o777 == 0o600


def test_the_key_for_setup_is_not_stored(as_admin: Deskhand, env: EnvFile) -> None:
    as_admin("setup", "stripe", "--yes")
    assert ADMIN_KEY not in Path(".env").read_text()
    assert env.values()["STRIPE_API_KEY"] == KEY


def test_the_key_for_setup_may_be_typed_unseen(deskhand: Deskhand, sandbox: Sandbox) -> None:
    said = deskhand("setup", "stripe", typed=f"{ADMIN_KEY}\ny\n")
    assert said.exit_code == 0
    assert len(endpoints(sandbox)) == 1
    assert ADMIN_KEY not in said.output


def test_a_dry_run_shows_the_plan_and_changes_and_writes_nothing(as_admin: Deskhand, sandbox: Sandbox) -> None:
    before = Path(".env").read_bytes()
    said = as_admin("setup", "stripe", "--dry-run")
    assert said.exit_code == 0
    assert "+  make" in said.output
    assert (endpoints(sandbox), Path(".env").read_bytes()) == ([], before)


def test_a_second_run_changes_nothing_and_says_so(as_admin: Deskhand, sandbox: Sandbox) -> None:
    as_admin("setup", "stripe", "--yes")
    stood, written = [dict(one) for one in endpoints(sandbox)], Path(".env").read_bytes()
    said = as_admin("setup", "stripe")
    assert said.exit_code == 0
    assert 'webhook endpoint "Deskhand"  is as it should be' in said.output
    assert "Nothing to do." in said.output
    assert (endpoints(sandbox), Path(".env").read_bytes()) == (stood, written)


def test_what_differs_is_told_before_it_is_mended(as_admin: Deskhand, sandbox: Sandbox) -> None:
    as_admin("setup", "stripe", "--yes")
    endpoints(sandbox)[0]["status"] = "disabled"
    said = as_admin("setup", "stripe", typed="y\n")
    assert '~  change  webhook endpoint "Deskhand"  it is switched off' in said.output
    assert endpoints(sandbox)[0]["status"] == "enabled"


def test_one_json_object_tells_all(as_admin: Deskhand) -> None:
    said = as_admin("setup", "stripe", "--yes", "--json")
    told = json.loads(said.stdout)
    assert told["account"] == "Acme Ltd (acct_acme), US, USD, TEST mode"
    assert [(one["part"], one["verb"]) for one in told["plan"]] == [('webhook endpoint "Deskhand"', "make")]
    assert told["done"] == ['make webhook endpoint "Deskhand"']
    assert told["next"] == ["deskhand setup zendesk", "deskhand policy publish --by NAME", "deskhand serve"]


def test_json_does_not_ask(deskhand: Deskhand) -> None:
    said = deskhand("setup", "stripe", "--json")
    assert said.exit_code == 2
    assert "--json does not ask: add --yes or --dry-run." in said.output


def test_a_missing_and_a_needless_permission_are_told_first(as_admin: Deskhand, sandbox: Sandbox) -> None:
    sandbox.doors["stripe"].rules.state.keys[KEY].permissions = {**LEAST, "events": "none", "payouts": "read"}
    said = as_admin("setup", "stripe", "--dry-run")
    assert "STRIPE_API_KEY lacks the permission Events: Read." in said.output
    assert "STRIPE_API_KEY has the permission Payouts: Read, which Deskhand needs for nothing." in said.output
    assert said.output.index("Payouts") < said.output.index("+  make")


def test_a_key_that_may_not_set_up_is_told_by_the_missing_permission_and_a_mend(deskhand: Deskhand) -> None:
    said = deskhand("setup", "stripe", "--yes")
    assert said.exit_code == 1
    assert "Having the 'webhook_endpoint_read' permission would allow it." in said.output
    assert "Use a login that may do this: STRIPE_SETUP_KEY in the environment, or as asked." in said.output
    assert "Nothing was changed." in said.output


def test_a_failure_half_way_keeps_what_was_done_and_the_same_again_goes_on(as_admin: Deskhand,
                                                                               sandbox: Sandbox) -> None:
    sandbox.control.fault(AskedFault(vendor="stripe", kind="500_before", method="POST", skip=1,
                                     path="webhook_endpoints/we_"))  # the first one asks for permissions
    said = as_admin("setup", "stripe", "--yes")
    assert said.exit_code == 1
    assert "What was done stays. Say the same again to go on." in said.output
    assert as_admin("setup", "stripe", "--yes").exit_code == 0
    assert len(endpoints(sandbox)) == 1


def test_a_teardown_asks_and_leaves_books_and_settings_as_before(as_admin: Deskhand, sandbox: Sandbox) -> None:
    before = Path(".env").read_bytes()
    as_admin("setup", "stripe", "--yes")
    assert as_admin("teardown", "stripe", typed="n\n").exit_code == 1
    said = as_admin("teardown", "stripe", typed="y\n")
    assert said.exit_code == 0
    assert '-  remove  webhook endpoint "Deskhand"' in said.output
    assert (endpoints(sandbox), Path(".env").read_bytes()) == ([], before)
    assert "Nothing to do." in as_admin("teardown", "stripe").output


def test_a_value_in_the_environment_that_counts_before_env_is_told(as_admin: Deskhand) -> None:
    said = as_admin("setup", "stripe", "--yes", STRIPE_WEBHOOK_SECRET="whsec_old")
    assert "The environment holds other values of STRIPE_WEBHOOK_SECRET" in said.output


@pytest.mark.parametrize(("arguments", "words"), [
    (["setup", "github"], "github cannot be set up; there are salesforce, stripe, zendesk."),
    (["setup", "stripe", "--set", "events"], "--set events: write NAME=VALUE")])
def test_what_cannot_be_meant_is_usage(deskhand: Deskhand, arguments: list[str], words: str) -> None:
    said = deskhand(*arguments)
    assert said.exit_code == 2
    assert words in said.output


@pytest.mark.parametrize(("change", "words"), [
    ({"STRIPE_API_KEY": ""}, "set STRIPE_API_KEY"), ({"STRIPE_API_KEY": "pk_live_1"}, "STRIPE_API_KEY: a Stripe key"),
    ({"DESKHAND_PUBLIC_URL": ""}, "DESKHAND_PUBLIC_URL is missing"),
    ({"DESKHAND_PUBLIC_URL": "http://desk.example.com"}, "DESKHAND_PUBLIC_URL: write the address people")])
def test_settings_that_are_missing_or_wrong_are_told_with_where_to_set_them(
        deskhand: Deskhand, env: EnvFile, change: dict[str, str], words: str) -> None:
    env.put({**change, **({"STRIPE_URL": ""} if change.get("STRIPE_API_KEY") == "" else {})})
    said = deskhand("setup", "stripe", "--yes")
    assert said.exit_code == 1
    assert words in said.output
    assert "deskhand init asks for them." in said.output


def test_zendesk_is_set_up_with_an_admins_login_that_is_not_stored(deskhand: Deskhand, env: EnvFile) -> None:
    said = deskhand("setup", "zendesk", typed=f"{ADMIN}\n{TOKEN}\ny\n")
    assert said.exit_code == 0, said.output
    written = env.values()
    assert {"ZENDESK_WEBHOOK_SECRET", "ZENDESK_OAUTH_CLIENT_ID", "ZENDESK_OAUTH_CLIENT_SECRET"} <= set(written)
    assert "ZENDESK_API_TOKEN" not in written
    assert TOKEN not in Path(".env").read_text() + said.output


def test_what_was_made_at_zendesk_is_removed_and_so_is_what_it_gave(deskhand: Deskhand, sandbox: Sandbox) -> None:
    login = {"ZENDESK_ADMIN_EMAIL": ADMIN, "ZENDESK_ADMIN_API_TOKEN": TOKEN}
    zendesk, before = sandbox.doors["zendesk"].rules.state, Path(".env").read_bytes()
    assert deskhand("setup", "zendesk", "--yes", **login).exit_code == 0
    assert (len(zendesk.webhooks), len(zendesk.oauth_clients)) == (1, 1)
    said = deskhand("teardown", "zendesk", "--yes", **login)
    assert said.exit_code == 0, said.output
    assert (zendesk.webhooks, zendesk.oauth_clients) == ({}, {})
    assert Path(".env").read_bytes() == before


def test_where_only_the_admins_own_login_is_left_it_is_stored_and_that_is_said(deskhand: Deskhand,
                                                                               env: EnvFile) -> None:
    said = deskhand("setup", "zendesk", "--set", "login=token", typed=f"{ADMIN}\n{TOKEN}\ny\n")
    assert said.exit_code == 0, said.output
    assert (env.values()["ZENDESK_EMAIL"], env.values()["ZENDESK_API_TOKEN"]) == (ADMIN, TOKEN)
    assert "No login of Deskhand's own was made, so it runs with yours" in said.output
    again = deskhand("setup", "zendesk", "--yes")
    assert (again.exit_code, "Nothing to do." in again.output) == (0, True)


@pytest.mark.parametrize("command", [("setup", "zendesk"), ("teardown", "stripe"), ("rotate", "zendesk")])
def test_no_login_is_asked_for_where_init_was_not_run(bare: Path, command: tuple[str, str]) -> None:
    said = CliRunner().invoke(main, list(command), input="", env={})
    assert said.exit_code == 1
    assert "DESKHAND_SECRET_KEY is missing" in said.output
    assert "deskhand init asks for them." in said.output
    assert "Used now, and not stored" not in said.output


def test_without_a_vendor_it_names_those_there_are(deskhand: Deskhand) -> None:
    assert "Say which: " in (said := deskhand("setup")).output
    assert "zendesk" in said.output
    assert "stripe" in said.output


def test_where_there_is_no_way_to_the_vendor_it_says_where_to_look(deskhand: Deskhand) -> None:
    said = deskhand("setup", "zendesk", typed=f"{ADMIN}\n{TOKEN}\n", ZENDESK_URL="http://127.0.0.1:9")
    assert said.exit_code == 1
    assert "See whether this machine reaches the internet.\nNothing was changed." in said.output


def test_an_admin_who_stops_at_the_login_reads_that_nothing_was_changed(env: EnvFile) -> None:
    screen, terminal = pty.openpty()
    command = subprocess.Popen([sys.executable, "-m", "scripts.cli", "setup", "zendesk"], stdin=terminal,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                               env={**os.environ, "PYTHONPATH": str(ROOT)})
    os.write(screen, b"\x04")  # Ctrl-D
    said, _ = command.communicate(timeout=60)
    os.close(screen)
    os.close(terminal)
    assert command.returncode == 1
    assert said.endswith("Error: Nothing was changed.\n")
    assert "Settings are missing" not in said


def test_a_dry_run_ends_by_saying_that_it_was_one(as_admin: Deskhand) -> None:
    assert as_admin("setup", "stripe", "--dry-run").output.endswith("\nNothing was changed: this is the plan only.\n")


def test_where_all_was_set_up_before_the_running_server_is_to_be_started_again(as_admin: Deskhand, env: EnvFile,
                                                                               sandbox: Sandbox) -> None:
    assert "then deskhand policy publish" in as_admin("setup", "stripe", "--yes").output
    env.put({"ZENDESK_WEBHOOK_SECRET": "a secret for tests"})
    endpoints(sandbox)[0]["status"] = "disabled"
    said = as_admin("setup", "stripe", "--yes").output
    assert said.endswith("\nNext: deskhand serve; where it runs, start it again, so that it reads .env\n")
