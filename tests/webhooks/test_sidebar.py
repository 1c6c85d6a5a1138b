"""The sidebar's page: opened by Zendesk's own token, framed by that one account, and kept by nobody."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sqlalchemy import Engine

from agent.database import Database
from tests.webhooks.forging import Forge
from tests.webhooks.opened import HAL, KIM, LOU, OpenOffice
from webhooks.app import install
from webhooks.settings import SettingsUnusable, load_settings
from webhooks.sidebar import SDK


@pytest.fixture
def office(engine: Engine) -> OpenOffice:
    return OpenOffice(engine)


def test_zendesks_token_opens_the_page_with_a_session(office: OpenOffice) -> None:
    page = office.sidebar(KIM)
    assert page.status_code == 200
    bearer = re.search(r'name="deskhand-session" content="([A-Za-z0-9_-]{43})"', page.text)
    assert bearer is not None
    assert SDK in page.text
    assert "Set-Cookie" not in page.headers
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"


def test_only_this_accounts_pages_frame_it_and_only_zendesks_script_comes_from_elsewhere(office: OpenOffice) -> None:
    page = office.sidebar()
    assert page.headers["Content-Security-Policy"] == (
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors https://acme.zendesk.com; "
        f"style-src 'self'; script-src 'self' {SDK}; connect-src 'self'; img-src 'self'")
    assert "X-Frame-Options" not in page.headers
    elsewhere = [url for url in re.findall(r'(?:src|href)="([^"]+)"', page.text) if not url.startswith("/static/")]
    assert elsewhere == [SDK]
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\son\w+=|\sstyle=", page.text)


def test_all_that_the_page_loads_is_there_and_kept_by_its_content(office: OpenOffice) -> None:
    found = re.findall(r'(?:src|href)="(/static/[^"]+)"', office.sidebar().text)
    assert found
    for url in found:
        answer = office.client.get(url)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["Cache-Control"]


def test_a_token_opens_one_page(office: OpenOffice) -> None:
    token = office.opens(KIM)["token"]
    assert office.client.post("/sidebar/zendesk", data={"token": token}).status_code == 200
    again = office.client.post("/sidebar/zendesk", data={"token": token})
    assert again.status_code == 401
    assert "Open the ticket again to sign in." in again.text
    assert "deskhand-session" not in again.text


@pytest.mark.parametrize("data", [{}, {"token": ""}, {"token": "a.b.c"}, {"token": "<script>alert(1)</script>"},
                                  {"token": ["one", "two"]}])
def test_without_a_token_that_proves_who_it_is_nothing_opens(office: OpenOffice, data: dict[str, str]) -> None:
    page = office.client.post("/sidebar/zendesk", data=data)
    assert page.status_code == 401
    assert "<script" not in page.text


def test_a_token_in_the_address_is_refused(office: OpenOffice) -> None:
    token = office.opens(KIM)["token"]
    assert office.client.post(f"/sidebar/zendesk?token={token}", data={"token": token}).status_code == 401


def test_an_expired_token_opens_nothing(office: OpenOffice) -> None:
    token = office.opens(KIM)["token"]
    office.clock.forward(hours=2)
    assert office.client.post("/sidebar/zendesk", data={"token": token}).status_code == 401


def test_a_token_that_another_key_signed_opens_nothing(office: OpenOffice) -> None:
    claims = {"aud": office.frame.app.audience, "iat": int(office.clock().timestamp()),
              "exp": int(office.clock().timestamp()) + 300, "nbf": None}
    assert office.client.post("/sidebar/zendesk", data={"token": Forge.new().token(**claims)}).status_code == 401


@pytest.mark.parametrize("who", [LOU, HAL])
def test_who_may_only_look_may_open_it(office: OpenOffice, who: str) -> None:
    assert office.sidebar(who).status_code == 200


def test_a_suspended_colleague_is_told_so_and_gets_no_session(office: OpenOffice) -> None:
    token = office.opens(KIM)["token"]
    office.at_desk("change_user", email=KIM, suspended=True)
    page = office.client.post("/sidebar/zendesk", data={"token": token})
    assert page.status_code == 403
    assert "You are suspended in the helpdesk." in page.text
    assert "deskhand-session" not in page.text


def test_it_is_not_opened_by_looking(office: OpenOffice) -> None:
    assert office.client.get("/sidebar/zendesk").status_code == 405


def test_german_is_for_who_asks_for_it(office: OpenOffice) -> None:
    assert '<html lang="de">' in office.sidebar(**{"Accept-Language": "de-DE,de;q=0.9"}).text
    assert '<html lang="en">' in office.sidebar(**{"Accept-Language": "pl"}).text


ENOUGH = {"DESKHAND_SECRET_KEY": "a secret of our own that is long enough", "ZENDESK_SUBDOMAIN": "acme",
          "ZENDESK_EMAIL": "us@acme.example", "ZENDESK_API_TOKEN": "0123456789",
          "ZENDESK_WEBHOOK_SECRET": "hook-secret-1"}


@pytest.mark.parametrize(("name", "value"), [
    ("DESKHAND_PUBLIC_URL", "http://deskhand.example.com"), ("DESKHAND_PUBLIC_URL", "https://deskhand.example.com/app"),
    ("DESKHAND_PUBLIC_URL", "https://us:secret@deskhand.example.com"), ("DESKHAND_PUBLIC_URL", "deskhand"),
    ("ZENDESK_APP_ORIGIN", "https://evil.example"), ("ZENDESK_APP_ORIGIN", "https://acme.zendesk.com.evil.example"),
    ("ZENDESK_SDK_URL", "https://evil.example/zaf_sdk.js"), ("ZENDESK_SDK_URL", "http://127.0.0.1; script-src *"),
])
def test_an_address_that_would_let_others_in_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(SettingsUnusable, match=f"^{name}: "):
        load_settings({**ENOUGH, name: value})


def test_a_public_address_is_read_without_its_last_slash() -> None:
    own = load_settings({**ENOUGH, "DESKHAND_PUBLIC_URL": "https://Deskhand.example.com:443/"}).own
    assert own.public_url == "https://deskhand.example.com"


def test_installed_with_its_key_it_is_served_and_without_it_is_not(database: Database, tmp_path: Path) -> None:
    public = {**ENOUGH, "DESKHAND_DATABASE_URL": database.url, "DESKHAND_PUBLIC_URL": "http://localhost"}
    app_set = {"ZENDESK_APP_PUBLIC_KEY": Forge.new().pem, "ZENDESK_APP_INSTALLATION_ID": "42"}
    for env, sidebar in ((public, 404), ({**public, **app_set}, 401)):
        installed = install(tmp_path, env)
        try:
            client = installed.app(lambda: "elsewhere").test_client()
            assert client.post("/sidebar/zendesk").status_code == sidebar
            assert client.get(f"/confirm/{'A' * 43}").status_code == 404
            assert "We do not know this page." in client.get(f"/confirm/{'A' * 43}").text
        finally:
            installed.database.close()
    with pytest.raises(SettingsUnusable, match="DESKHAND_PUBLIC_URL is missing"):
        load_settings({**ENOUGH, **app_set})
