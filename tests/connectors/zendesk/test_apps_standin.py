"""The stand-in takes an app as Zendesk does: upload, build, install, change, remove; admins only."""

from __future__ import annotations

import base64
import io
import json
import uuid
import zipfile
from collections.abc import Mapping
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from connectors.standin import Answer, Request
from connectors.zendesk.package import build
from tests.connectors.zendesk.conftest import MIA, SECRET, US, Account

URL = "https://deskhand.acme.example"
GOOD: dict[str, Any] = {
    "author": {"name": "Acme", "email": "it@acme.example"}, "defaultLocale": "en", "frameworkVersion": "2.0",
    "location": {"support": {"ticket_sidebar": {"url": "https://{{setting.host}}/sidebar"}}},
    "parameters": [{"name": "host", "required": True}, {"name": "pass_phrase", "secure": True, "scopes": ["header"]}]}
TEXTS = {"app": {"name": "Acme", "parameters": {"host": {"label": "Host"}, "pass_phrase": {"label": "Phrase"}}}}


def packed(files: Mapping[str, Any]) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as package:
        for path, content in files.items():
            package.writestr(path, content if isinstance(content, bytes) else json.dumps(content))
    return whole.getvalue()


def package(**changes: Any) -> bytes:
    return packed({"manifest.json": GOOD | changes, "translations/en.json": TEXTS})


def send(account: Account, path: str, field: str, file: bytes, user: str = US) -> Answer:
    """A multipart upload, as curl -F sends it."""
    basic = base64.b64encode(f"{user}/token:{SECRET}".encode()).decode()
    edge = uuid.uuid4().hex
    body = (f'--{edge}\r\nContent-Disposition: form-data; name="{field}"; filename="app.zip"\r\n'
            "Content-Type: application/zip\r\n\r\n").encode() + file + f"\r\n--{edge}--\r\n".encode()
    answer = account.door.answer(Request.to("POST", f"/api/v2/{path}", {
        "Authorization": f"Basic {basic}", "Content-Type": f"multipart/form-data; boundary={edge}"}, body))
    assert isinstance(answer, Answer)
    return answer


def built(account: Account, file: bytes, method: str = "POST", path: str = "apps.json") -> Any:
    """Uploads and builds; the job as it stands when it ended."""
    upload = send(account, "apps/uploads.json", "uploaded_data", file).json()["id"]
    job = account.ask(method, path, {"upload_id": upload, "name": "Deskhand"}).json()["job_id"]
    account.ask("GET", f"apps/job_statuses/{job}.json")
    account.ask("GET", f"apps/job_statuses/{job}.json")
    return account.ask("GET", f"apps/job_statuses/{job}.json").json()


def installed(account: Account, app: int, **settings: str) -> Answer:
    return account.ask("POST", "apps/installations.json", {"app_id": app, "settings": {"name": "Deskhand", **settings}})


def test_our_package_is_validated_built_and_installed(account: Account) -> None:
    ours = build(URL, "1.2.3")
    assert send(account, "apps/validate", "file", ours).status == 200
    job = built(account, ours)
    assert job["status"] == "completed"
    (app,) = account.ask("GET", "apps/owned.json").json()["apps"]
    assert (app["id"], app["name"], app["version"], app["single_install"]) == (job["app_id"], "Deskhand", "1.2.3", True)
    answer = installed(account, app["id"])
    assert answer.status == 201
    (one,) = account.ask("GET", "apps/installations.json").json()["installations"]
    assert (one["app_id"], one["product"], one["enabled"], one["settings"]) == (
        app["id"], "support", True, {"name": "Deskhand"})


def test_the_uploaded_bytes_are_kept_as_they_came(account: Account) -> None:
    ours = build(URL, "1.2.3")
    app = built(account, ours)["app_id"]
    assert base64.b64decode(account.rules.state.apps[app]["_package"]) == ours


def test_a_build_takes_its_time(account: Account) -> None:
    upload = send(account, "apps/uploads.json", "uploaded_data", package()).json()["id"]
    answer = account.ask("POST", "apps.json", {"upload_id": upload, "name": "Acme"})
    job = f"apps/job_statuses/{answer.json()['job_id']}.json"
    assert answer.status == 202
    assert account.ask("GET", "apps/owned.json").json()["apps"] == []
    assert account.ask("GET", job).json()["status"] == "working"
    done = account.ask("GET", job).json()
    assert done["status"] == "completed"
    assert account.ask("GET", job).json() == done


def test_the_paths_of_zendesks_own_tool_answer_too(account: Account) -> None:
    upload = send(account, "apps/uploads.json", "uploaded_data", package()).json()["id"]
    basic = base64.b64encode(f"{US}/token:{SECRET}".encode()).decode()

    def asks(path: str, said: Any) -> Any:
        answer = account.door.answer(Request.to("POST", path, {"Authorization": f"Basic {basic}"},
                                                json.dumps(said).encode()))
        assert isinstance(answer, Answer)
        return answer.json()

    job = asks("/api/apps.json", {"upload_id": upload, "name": "Acme"})["job_id"]
    account.ask("GET", f"apps/job_statuses/{job}")
    app = account.ask("GET", f"apps/job_statuses/{job}").json()["app_id"]
    made = asks("/api/support/apps/installations.json", {"app_id": str(app), "settings": {"name": "A", "host": "h"}})
    assert made["app_id"] == app


def test_an_update_changes_the_app_in_place_and_leaves_its_installation(account: Account) -> None:
    app = built(account, build(URL, "1.0.0"))["app_id"]
    before = installed(account, app).json()
    job = built(account, build(URL, "1.1.0"), "PUT", f"apps/{app}.json")
    assert (job["status"], job["app_id"]) == ("completed", app)
    assert [one["version"] for one in account.ask("GET", "apps/owned.json").json()["apps"]] == ["1.1.0"]
    assert account.ask("GET", "apps/installations.json").json()["installations"] == [before]


def test_a_secure_setting_is_kept_and_never_shown(account: Account) -> None:
    app = built(account, package())["app_id"]
    one = installed(account, app, host="a.example", pass_phrase="open sesame").json()
    path = f"apps/installations/{one['id']}.json"
    changed = account.ask("PUT", path, {"settings": {"host": "b.example"}})
    assert changed.json()["settings"] == {"name": "Deskhand", "host": "b.example"}
    everything = changed.body + account.ask("GET", path).body + account.ask("GET", "apps/installations.json").body
    assert b"sesame" not in everything
    assert account.rules.state.installations[one["id"]]["_settings"]["pass_phrase"] == "open sesame"


def test_an_installation_without_a_required_setting_is_refused(account: Account) -> None:
    app = built(account, package())["app_id"]
    answer = installed(account, app)
    assert (answer.status, answer.json()["description"]) == (422, "host can't be blank")


def test_an_app_for_one_installation_is_not_installed_twice(account: Account) -> None:
    app = built(account, build(URL, "1.0.0"))["app_id"]
    assert installed(account, app).status == 201
    assert installed(account, app).status == 422


def test_what_is_removed_is_gone(account: Account) -> None:
    app = built(account, build(URL, "1.0.0"))["app_id"]
    first = installed(account, app).json()["id"]
    assert account.ask("DELETE", f"apps/installations/{first}.json").status == 204
    assert account.ask("GET", f"apps/installations/{first}.json").status == 404
    installed(account, app)
    assert account.ask("DELETE", f"apps/{app}.json").status == 204
    assert account.ask("GET", "apps/owned.json").json()["apps"] == []
    assert account.ask("GET", "apps/installations.json").json()["installations"] == []


def test_what_the_app_requires_is_listed_with_its_ids(account: Account) -> None:
    wants = {"ticket_fields": {"deskhand_order": {"type": "text", "title": "Order"}}}
    app = built(account, packed({"manifest.json": GOOD, "translations/en.json": TEXTS, "requirements.json": wants}))
    one = installed(account, app["app_id"], host="a.example").json()["id"]
    (required,) = account.ask("GET", f"apps/installations/{one}/requirements.json").json()["requirements"]
    assert (required["identifier"], required["requirement_type"]) == ("deskhand_order", "TicketField")
    assert required["requirement_id"] > 2**32


def test_each_app_signs_with_its_own_key_for_its_own_installation(account: Account) -> None:
    app = built(account, build(URL, "1.0.0"))["app_id"]
    number = installed(account, app).json()["id"]
    opened = account.happens("opens_sidebar", email=MIA)
    pem = account.ask("GET", f"apps/{app}/public_key.pem").body
    claims = jwt.decode(opened["token"], load_pem_public_key(pem), algorithms=["RS256"],  # type: ignore[arg-type]
                        audience=f"https://acme.zendesk.com/api/v2/apps/installations/{number}.json",
                        options={"verify_exp": False, "verify_iat": False, "verify_nbf": False})
    assert claims["sub"].endswith(f"/users/{account.id_of(MIA)}.json")
    assert opened["url"] == "https://deskhand.acme.example/sidebar/zendesk"
    assert pem != account.ask("GET", "apps/360000000007/public_key.pem").body


def test_a_setting_becomes_part_of_the_address(account: Account) -> None:
    installed(account, built(account, package())["app_id"], host="a.example")
    assert account.happens("opens_sidebar", email=MIA)["url"] == "https://a.example/sidebar"


@pytest.mark.parametrize(("method", "path"), [
    ("GET", "apps/owned.json"), ("POST", "apps.json"), ("GET", "apps/installations.json"),
    ("POST", "apps/installations.json"), ("DELETE", "apps/1.json"), ("PUT", "apps/installations/1.json"),
    ("GET", "apps/job_statuses/" + "0" * 32), ("GET", "apps/installations/1/requirements.json")])
def test_an_agent_may_do_none_of_it(account: Account, method: str, path: str) -> None:
    account.rules.load({"tokens": {f"{MIA}/token": SECRET}}, account.clock())
    assert account.ask(method, path, {}, user=f"{MIA}/token").status == 403


@pytest.mark.parametrize(("path", "field"), [("apps/validate", "file"), ("apps/uploads.json", "uploaded_data")])
def test_an_agent_may_not_upload(account: Account, path: str, field: str) -> None:
    account.rules.load({"tokens": {f"{MIA}/token": SECRET}}, account.clock())
    assert send(account, path, field, package(), MIA).status == 403


@pytest.mark.parametrize("path", ["apps/77.json", "apps/installations/77.json", "apps/job_statuses/" + "0" * 32])
def test_what_is_not_there_is_not_found(account: Account, path: str) -> None:
    assert account.ask("GET", path).status == 404


@pytest.mark.parametrize(("file", "says"), [
    (b"no zip", "not a valid zip file"),
    (packed({"translations/en.json": TEXTS}), "Could not find manifest.json"),
    (packed({"manifest.json": b"{", "translations/en.json": TEXTS}), "not proper JSON"),
    (package(author=None), "Missing required fields in manifest: author"),
    (package(frameworkVersion="1.0"), "1.0 is not a valid framework version"),
    (package(defaultLocale="fr"), "Missing translation file for locale 'fr'"),
    (package(signedUrls="yes"), "signedUrls must be a boolean"),
    (package(location={}), "Missing required field in manifest: location"),
    (package(location={"desk": {"ticket_sidebar": "https://a.example"}}), "desk is an invalid host"),
    (package(location={"support": {"cellar": "https://a.example"}}), "cellar is an invalid location"),
    (package(location={"support": {"ticket_sidebar": "http://a.example"}}), "not using https"),
    (package(location={"support": {"ticket_sidebar": "assets/iframe.html"}}), "refers to a missing asset"),
    (package(parameters=[{"name": "name"}]), "Can't call a parameter 'name'"),
    (package(parameters=[{"name": "a"}, {"name": "a"}]), "Duplicate app parameters"),
    (package(parameters=[{"name": "a", "type": "password"}]), "password is an invalid parameter type"),
    (package(parameters=[{"name": "a", "type": "hidden", "required": True}]), "a is set to hidden"),
    (package(private=False), "Missing required key(s) in translations/en.json"),
    (packed({"manifest.json": GOOD, "translations/en.json": {"app": {"name": "A", "parameters": {"host": {}}}}}),
     "Missing required key 'label' on 'host'"),
    (packed({"manifest.json": GOOD, "translations/en.json": TEXTS, "assets/a.pdf": b"x"}), "Unsupported MIME type"),
    (packed({"manifest.json": GOOD, "translations/en.json": TEXTS, "requirements.json": {"wishes": {}}}),
     "invalid type: wishes"),
    (packed({"manifest.json": GOOD, "translations/en.json": TEXTS, "requirements.json": {"webhooks": {"w": {}}}}),
     '"endpoint" is required in "w"'),
    (packed({"manifest.json": GOOD, "translations/en.json": TEXTS, "assets/a.png": b"x" * 2_200_000}), "2 MB"),
])
def test_a_package_against_the_published_rules_is_told_why_and_never_becomes_an_app(
        account: Account, file: bytes, says: str) -> None:
    refused = send(account, "apps/validate", "file", file)
    assert refused.status == 422
    assert says in refused.json()["description"]
    job = built(account, file)
    assert job["status"] == "failed"
    assert says in job["message"]
    assert account.ask("GET", "apps/owned.json").json()["apps"] == []


def test_a_symbolic_link_is_refused(account: Account) -> None:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as made:
        made.writestr("manifest.json", json.dumps(GOOD))
        link = zipfile.ZipInfo("translations/en.json")
        link.external_attr = 0o120777 << 16
        made.writestr(link, "/etc/passwd")
    assert "Symlinks" in send(account, "apps/validate", "file", whole.getvalue()).json()["description"]


def test_emptied_books_hold_no_app(account: Account) -> None:
    built(account, build(URL, "1.0.0"))
    account.rules.reset()
    assert (account.rules.state.apps, account.rules.state.installations) == ({}, {})
