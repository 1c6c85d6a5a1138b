"""What is missing or wrong in the environment is said by the variable's name, with what to do, and without secrets."""

from __future__ import annotations

from pathlib import Path

import pytest

from webhooks.settings import Settings, SettingsUnusable, environment, load_settings
from webhooks.zendesk import TEST_SECRET

ZENDESK = {"ZENDESK_SUBDOMAIN": "acme", "ZENDESK_EMAIL": "bot@acme.example", "ZENDESK_API_TOKEN": "token-token",
           "ZENDESK_WEBHOOK_SECRET": "QFofQx8saTT6E0Ej9nh2Ri0JBDmEt0+elTzRFkgPV3s="}
ENOUGH = {"DESKHAND_SECRET_KEY": "a" * 12 + "b" * 36, **ZENDESK}


def problems(env: dict[str, str]) -> list[str]:
    with pytest.raises(SettingsUnusable) as told:
        load_settings(env)
    return str(told.value).splitlines()


def on(env: dict[str, str]) -> list[str]:
    settings: Settings = load_settings(env)
    return sorted(settings.connectors)


def test_with_nothing_set_it_says_what_is_missing_and_how_to_get_it() -> None:
    said = problems({})
    assert any(line.startswith("DESKHAND_SECRET_KEY is missing") and "openssl rand" in line for line in said)
    assert any("ZENDESK_SUBDOMAIN" in line for line in said)


@pytest.mark.parametrize("crm", [{}, {"SALESFORCE_DOMAIN": "acme", "SALESFORCE_CLIENT_ID": "3MVG9",
                                      "SALESFORCE_CLIENT_SECRET": "secret-of-the-app"}])
def test_without_a_helpdesk_it_says_how_to_get_either(crm: dict[str, str]) -> None:
    assert problems({"DESKHAND_SECRET_KEY": ENOUGH["DESKHAND_SECRET_KEY"], **crm}) == [
        "no helpdesk is configured: set ZENDESK_SUBDOMAIN, or SALESFORCE_DOMAIN and run deskhand setup salesforce, "
        "which writes SALESFORCE_ORG_ID"]


def test_a_helpdesk_is_enough_and_every_other_vendor_is_off_with_what_to_set() -> None:
    settings = load_settings(ENOUGH)
    assert sorted(settings.connectors) == ["zendesk"]
    assert sorted(settings.off) == ["openai", "salesforce", "stripe"]
    assert "STRIPE_API_KEY" in settings.off["stripe"]


def test_a_vendor_is_on_once_its_settings_are_there() -> None:
    assert on({**ENOUGH, "STRIPE_API_KEY": "rk_test_1234567890"}) == ["stripe", "zendesk"]


def test_a_vendor_half_set_names_what_is_missing() -> None:
    said = problems({**ENOUGH, "SALESFORCE_DOMAIN": "acme.my.salesforce.com", "SALESFORCE_CLIENT_ID": "3MVG9"})
    assert said == ["SALESFORCE_CLIENT_SECRET is missing"]


def test_an_empty_value_counts_as_none() -> None:
    assert on({**ENOUGH, "STRIPE_API_KEY": "  "}) == ["zendesk"]


def test_every_mistake_is_told_at_once() -> None:
    said = problems({**ENOUGH, "DESKHAND_SECRET_KEY": "short", "SALESFORCE_CLIENT_ID": "3MVG9", "OPENAI_TIMEOUT": "x"})
    assert {"DESKHAND_SECRET_KEY", "SALESFORCE_CLIENT_SECRET", "OPENAI_API_KEY"} <= {
        line.split(":")[0].split(" ")[0] for line in said}


@pytest.mark.parametrize("key", ["short", "change-me-change-me-change-me-change-me", "x" * 40 + ",short"])
def test_a_weak_or_example_secret_is_refused(key: str) -> None:
    [said] = problems({**ENOUGH, "DESKHAND_SECRET_KEY": key})
    assert said.startswith("DESKHAND_SECRET_KEY: ")
    assert key not in said


@pytest.mark.parametrize("secret", [TEST_SECRET, f"{ZENDESK['ZENDESK_WEBHOOK_SECRET']}, {TEST_SECRET}"])
def test_the_public_test_secret_is_refused(secret: str) -> None:
    [said] = problems({**ENOUGH, "ZENDESK_WEBHOOK_SECRET": secret})
    assert said.startswith("ZENDESK_WEBHOOK_SECRET: this is Zendesk's public test secret")


def test_a_helpdesk_without_its_webhooks_secret_is_refused() -> None:
    [said] = problems({name: value for name, value in ENOUGH.items() if name != "ZENDESK_WEBHOOK_SECRET"})
    assert said.startswith("ZENDESK_WEBHOOK_SECRET is missing")


def test_two_webhook_secrets_are_read_newest_first() -> None:
    assert load_settings({**ENOUGH, "ZENDESK_WEBHOOK_SECRET": "new-secret, old-secret"}).own.webhook_secrets() == (
        "new-secret", "old-secret")


@pytest.mark.parametrize(("name", "value"), [
    ("ZENDESK_ACCOUNT_ID", "acme"), ("ZENDESK_SENDER_AUTH", "perhaps"), ("ZENDESK_SUBDOMAIN", "https://acme.zendesk.com"),
])
def test_a_wrong_value_is_named_by_its_variable(name: str, value: str) -> None:
    [said] = problems({**ENOUGH, name: value})
    assert said.startswith(f"{name}: ")


@pytest.mark.parametrize("name", ["ZENDESK_URL", "STRIPE_URL", "SALESFORCE_URL", "OPENAI_BASE_URL"])
def test_an_address_elsewhere_is_refused_by_its_variable_and_without_its_password(name: str) -> None:
    others = {"STRIPE_API_KEY": "rk_test_1234567890", "OPENAI_API_KEY": "sk-1234567890",
              "SALESFORCE_DOMAIN": "acme.my.salesforce.com", "SALESFORCE_CLIENT_ID": "3MVG9",
              "SALESFORCE_CLIENT_SECRET": "cs-1234567890"}
    said = "\n".join(problems({**ENOUGH, **others, name: "https://root:hunter2hunter2@evil.example/x"}))
    assert name in said
    assert "hunter2" not in said


def test_no_secret_is_shown_by_settings_or_mistakes() -> None:
    env = {**ENOUGH, "STRIPE_API_KEY": "rk_test_1234567890", "OPENAI_API_KEY": "sk-1234567890"}
    shown = repr(load_settings(env)) + "\n".join(problems({**env, "ZENDESK_SUBDOMAIN": "not a subdomain"}))
    for name in ("DESKHAND_SECRET_KEY", "ZENDESK_API_TOKEN", "ZENDESK_WEBHOOK_SECRET", "STRIPE_API_KEY",
                 "OPENAI_API_KEY"):
        assert env[name] not in shown


def test_a_password_in_the_databases_address_is_not_shown() -> None:
    shown = repr(load_settings({**ENOUGH, "DESKHAND_DATABASE_URL": "postgresql://us:hunter2hunter2@db/x"}))
    assert "hunter2" not in shown


def test_the_environment_goes_before_the_env_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("DESKHAND_TEST_A=file\nDESKHAND_TEST_B='file'  # why\n")
    monkeypatch.setenv("DESKHAND_TEST_A", "process")
    read = environment(tmp_path)
    assert (read["DESKHAND_TEST_A"], read["DESKHAND_TEST_B"]) == ("process", "file")


def test_stripes_events_are_taken_with_the_endpoints_own_secret_or_two() -> None:
    assert load_settings(ENOUGH).own.stripe_webhook_secrets() == ()
    both = load_settings({**ENOUGH, "STRIPE_WEBHOOK_SECRET": "whsec_new, whsec_old"})
    assert both.own.stripe_webhook_secrets() == ("whsec_new", "whsec_old")
    [said] = problems({**ENOUGH, "STRIPE_WEBHOOK_SECRET": "rk_live_not_this"})
    assert said == "STRIPE_WEBHOOK_SECRET: copy the signing secret of the webhook endpoint; it starts with whsec_"
