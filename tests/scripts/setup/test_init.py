"""`deskhand init` at a scripted terminal: what it asks, checks, writes, and never shows."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from agent.policy import load_file
from scripts.cli import main
from scripts.envfile import EnvFile
from scripts.sandbox import Sandbox
from tests.scripts.setup.admins import KEY, LEAST
from webhooks.config import Config, load_config

Init = Callable[..., Result]
URL = "https://desk.example.com"


@pytest.fixture
def init(bare: Path, sandbox: Sandbox) -> Init:
    """In an empty folder; vendors are at the sandbox."""
    outside = {"STRIPE_URL": f"{sandbox.url}/stripe", "ZENDESK_URL": f"{sandbox.url}/zendesk"}

    def invoke(*arguments: str, typed: str = "", **more: str) -> Result:
        return CliRunner().invoke(main, ["init", *arguments], input=typed, env={**outside, **more})

    return invoke


def answers(*, stripe: str = f"y\n{KEY}\n", url: str = URL, rest: str = "n\nn\n") -> str:
    """Address, subdomain, no OAuth client, sandbox, senders checked, then Stripe, Salesforce and a model."""
    return f"{url}\nacme\n\ny\ny\n{stripe}{rest}"


def env() -> dict[str, str]:
    return EnvFile(Path(".env")).values()


def test_what_is_typed_is_written_so_that_only_its_owner_can_read_it(init: Init) -> None:
    said = init(typed=answers())
    assert said.exit_code == 0, said.output
    written = env()
    assert [written[name] for name in ("DESKHAND_PUBLIC_URL", "ZENDESK_SUBDOMAIN", "STRIPE_API_KEY")] == [
        URL, "acme", KEY]
    assert (written["ZENDESK_SANDBOX"], written["ZENDESK_SENDER_AUTH"]) == ("on", "on")
    assert Path(".env").stat().st_mode & 0o777 == 0o600


def test_each_question_says_where_to_find_the_answer(init: Init) -> None:
    said = init(typed=answers()).output
    for words in ("as in https://deskhand.example.com", "acme for acme.zendesk.com", "Sender authentication",
                  "Stripe's Dashboard, Developers, API keys"):
        assert words in said


def test_no_secret_is_ever_shown(init: Init) -> None:
    said = init(typed=answers()).output + init(typed="\n" * 13).output
    assert KEY not in said
    assert env()["DESKHAND_SECRET_KEY"] not in said


def test_the_login_is_checked_when_it_is_typed_and_the_account_is_told(init: Init) -> None:
    assert "Acme Ltd (acct_acme), US, USD, TEST mode" in init(typed=answers()).output


def test_a_key_that_stripe_does_not_know_is_asked_for_again(init: Init) -> None:
    said = init(typed=answers(stripe=f"y\nrk_test_mistyped\ny\n{KEY}\n"))
    assert "Invalid API Key" in said.output
    assert "Type it again?" in said.output
    assert "rk_test_mistyped" not in said.output
    assert env()["STRIPE_API_KEY"] == KEY


def test_what_cannot_be_a_value_is_told_at_once_and_asked_again(init: Init) -> None:
    said = init(typed=f"http://desk.example.com\n{answers(stripe=f'y{chr(10)}pk_live_12345678{chr(10)}{KEY}{chr(10)}')}")
    assert "write the address people reach Deskhand at" in said.output
    assert "a Stripe key starts with rk_live_ or rk_test_" in said.output
    assert env()["DESKHAND_PUBLIC_URL"] == URL


def test_permissions_that_are_missing_or_needless_are_told_when_the_key_is_typed(init: Init, sandbox: Sandbox) -> None:
    sandbox.doors["stripe"].rules.state.keys[KEY].permissions = {**LEAST, "disputes": "none", "customers": "write"}
    said = init(typed=answers()).output
    assert "STRIPE_API_KEY lacks the permission Disputes: Read." in said
    assert "STRIPE_API_KEY has the permission Customers: Write, which Deskhand needs for nothing." in said


def test_a_strong_secret_key_is_made(init: Init) -> None:
    init(typed=answers())
    assert len(env()["DESKHAND_SECRET_KEY"]) >= 40


def test_the_policy_folder_holds_what_is_shipped_in_shadow_mode(init: Init) -> None:
    said = init(typed=answers())
    policy = load_file(Path(env()["DESKHAND_POLICY"]) / "policy.yaml")
    assert {row.mode for row in policy.actions.values()} == {"shadow"}
    assert (Path("policy") / "never.yaml").exists()
    assert "The policy is in shadow mode" in said.output


def test_deskhand_toml_is_written_with_the_defaults_explained(init: Init) -> None:
    init(typed=answers())
    assert load_config(Path("deskhand.toml")) == Config()


def test_every_line_of_deskhand_toml_that_is_switched_off_may_be_switched_on(init: Init, tmp_path: Path) -> None:
    init(typed=answers())
    lines = Path("deskhand.toml").read_text().splitlines()
    on = [line[2:] if line.startswith("# ") and ("=" in line or line.startswith("# [")) else line for line in lines]
    everything = tmp_path / "all.toml"
    everything.write_text("\n".join(on))
    told = tomllib.loads(everything.read_text())
    assert (told["hours"]["zone"], told["scope"]["channels"]) == ("Europe/Berlin", ["email", "web"])
    load_config(everything)


def test_what_comes_next_is_told(init: Init) -> None:
    said = init(typed=answers()).output
    assert "Next: deskhand setup zendesk, then deskhand setup stripe, then deskhand policy publish" in said


def test_a_second_run_with_enter_everywhere_changes_nothing(init: Init) -> None:
    init(typed=answers())
    Path("deskhand.toml").write_text("# mine\n")
    before = {path: path.read_bytes() for path in Path().rglob("*") if path.is_file()}
    said = init(typed="\n" * 13)
    assert said.exit_code == 0, said.output
    assert "Written: nothing, all is as it was" in said.output
    assert {path: path.read_bytes() for path in Path().rglob("*") if path.is_file()} == before


def test_a_second_run_shows_what_is_there_and_of_secrets_the_end(init: Init) -> None:
    init(typed=answers())
    said = init(typed="\n" * 13).output
    assert "[https://desk.example.com]" in said
    assert f"(kept, ends in …{KEY[-2:]})" in said


def test_a_second_run_changes_only_what_is_typed(init: Init) -> None:
    init(typed=answers())
    before = env()
    init(typed="https://new.example.com\n" + "\n" * 12)
    assert env() == {**before, "DESKHAND_PUBLIC_URL": "https://new.example.com"}


def test_a_vendor_that_is_declined_is_not_asked_about(init: Init) -> None:
    said = init(typed=answers(stripe="n\n"))
    assert said.exit_code == 0
    assert "STRIPE_API_KEY" not in env()
    assert "Dashboard" not in said.output


def test_broken_off_at_the_terminal_nothing_is_written(init: Init) -> None:
    assert init(typed=f"{URL}\nacme\n").exit_code == 1
    assert list(Path().iterdir()) == []


def test_without_a_terminal_all_that_is_missing_is_told_at_once(init: Init) -> None:
    said = init("--non-interactive")
    assert said.exit_code == 1
    for words in ("Nothing was written", "DESKHAND_PUBLIC_URL is missing: The address at which",
                  "ZENDESK_SUBDOMAIN is missing", "STRIPE_API_KEY is missing"):
        assert words in said.output
    assert not Path(".env").exists()


def test_without_a_terminal_all_comes_from_options_and_the_environment(init: Init) -> None:
    said = init("--non-interactive", "--set", f"DESKHAND_PUBLIC_URL={URL}", "--set", "ZENDESK_SUBDOMAIN=acme",
                STRIPE_API_KEY=KEY)
    assert said.exit_code == 0, said.output
    assert (env()["STRIPE_API_KEY"], env()["ZENDESK_SUBDOMAIN"]) == (KEY, "acme")
    assert KEY not in said.output


def test_without_a_terminal_a_login_that_is_refused_writes_nothing(init: Init) -> None:
    said = init("--non-interactive", DESKHAND_PUBLIC_URL=URL, ZENDESK_SUBDOMAIN="acme", STRIPE_API_KEY="rk_test_wrong")
    assert said.exit_code == 1
    assert "Invalid API Key" in said.output
    assert not Path(".env").exists()


def test_one_json_object_tells_what_was_written_and_no_secret(init: Init) -> None:
    said = init("--json", DESKHAND_PUBLIC_URL=URL, ZENDESK_SUBDOMAIN="acme", STRIPE_API_KEY=KEY)
    told = json.loads(said.stdout)
    assert told["written"] == [".env", "deskhand.toml", "policy/policy.yaml", "policy/never.yaml"]
    assert told["accounts"] == {"stripe": "Acme Ltd (acct_acme), US, USD, TEST mode"}
    assert KEY not in said.output


@pytest.mark.parametrize(("pair", "words"), [
    ("STRIPE_API_KEY=rk_test_1", "a secret on the command line can be read by others"),
    ("ZENDESK_WEBHOOK_SECRET=x", "a secret on the command line can be read by others"),
    ("STRIPE_COLOUR=blue", "write NAME=VALUE with a setting of Deskhand's"), ("ZENDESK_SUBDOMAIN", "write NAME=VALUE")])
def test_a_secret_or_a_stranger_as_an_option_is_refused(init: Init, pair: str, words: str) -> None:
    said = init("--set", pair)
    assert said.exit_code == 2
    assert words in " ".join(said.output.split())


def test_an_oauth_client_that_zendesk_does_not_know_is_told_at_once_and_kept_only_if_wanted(init: Init) -> None:
    said = init(typed=f"{URL}\nacme\nby-hand\na-secret-of-a-client\ny\ny\nn\nn\nn\nn\n")
    assert "Zendesk gave no access token to our OAuth client" in said.output
    assert env()["ZENDESK_OAUTH_CLIENT_ID"] == "by-hand"
    assert "a-secret-of-a-client" not in said.output


def test_an_address_pasted_for_the_subdomain_is_asked_for_again_in_words_that_say_how(init: Init) -> None:
    said = init(typed=f"{URL}\nacme.zendesk.com\nacme\n\ny\ny\ny\n{KEY}\nn\nn\n")
    assert said.exit_code == 0
    assert "    write acme for acme.zendesk.com" in said.output


def test_an_admin_who_stops_in_between_reads_that_nothing_was_written(init: Init) -> None:
    said = init(typed=f"{URL}\nacme\n")
    assert (said.exit_code, Path(".env").exists()) == (1, False)
    assert "Error: Nothing was written.\n" in said.output


def test_who_moves_deskhand_is_told_that_the_vendors_hold_the_old_address(init: Init) -> None:
    init(typed=answers())
    EnvFile(Path(".env")).put({"ZENDESK_WEBHOOK_SECRET": "one-secret", "STRIPE_WEBHOOK_SECRET": "whsec_one"})
    moved = ["--json", "--set", "DESKHAND_PUBLIC_URL=https://moved.example.com"]
    assert json.loads(init(*moved).stdout)["next"] == [
        "deskhand setup zendesk", "deskhand setup stripe", "deskhand policy publish --by NAME", "deskhand serve"]
    assert json.loads(init(*moved).stdout)["next"] == ["deskhand policy publish --by NAME", "deskhand serve"]


def test_where_the_tickets_are_in_salesforce_zendesk_is_not_needed(init: Init) -> None:
    said = init(typed=f"{URL}\n\ny\n{KEY}\nacme\n\ny\nn\n", ZENDESK_URL="")
    assert said.exit_code == 0, said.output
    assert "Salesforce, where the tickets are" in said.output
    assert "Next: deskhand setup salesforce, then deskhand setup stripe" in said.output
    written = env()
    assert (written["SALESFORCE_DOMAIN"], written["SALESFORCE_SENDER_AUTH"]) == ("acme", "on")
    assert not [name for name in written if name.startswith("ZENDESK")]


def test_a_desk_somewhere_is_needed(init: Init) -> None:
    said = init(typed=f"{URL}\n\ny\n{KEY}\n\nacme\n\ny\nn\n", ZENDESK_URL="")
    assert "It is needed." in said.output
    assert env()["SALESFORCE_DOMAIN"] == "acme"


def test_without_a_terminal_either_desk_is_enough(init: Init) -> None:
    given = ("--non-interactive", "--set", f"DESKHAND_PUBLIC_URL={URL}")
    without = init(*given, ZENDESK_URL="", STRIPE_URL="")
    assert (without.exit_code, "ZENDESK_SUBDOMAIN is missing" in without.output) == (1, True)
    said = init(*given, "--set", "SALESFORCE_DOMAIN=acme", ZENDESK_URL="", STRIPE_URL="")
    assert said.exit_code == 0, said.output
