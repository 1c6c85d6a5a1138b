"""The account's apps: uploads, builds, installations (Zendesk docs, "Creating and managing private apps")."""

from __future__ import annotations

import base64
import json
import re
from datetime import datetime

from connectors.standin import Answer, Request
from connectors.zendesk.standin import reading
from connectors.zendesk.standin.app_checks import Refusal, manifest_of, opened, requirements_of
from connectors.zendesk.standin.calls import Calls, Handle, Refused, not_found
from connectors.zendesk.standin.state import Json, State, stamp

MILLISECONDS_TO_WAIT = 1000
KINDS = {"triggers": "Trigger", "ticket_fields": "TicketField", "user_fields": "UserField", "views": "View",
         "organization_fields": "OrganizationField", "webhooks": "Webhook", "macros": "Macro", "targets": "Target",
         "automations": "Automation"}


def validate(account: Calls, request: Request, user: int, now: datetime) -> Answer:
    account._admin(user)
    try:
        manifest_of(_file(request, "file"))
    except Refusal as why:
        raise _invalid(str(why)) from why
    return Answer.of(200, {})


def upload(account: Calls, request: Request, user: int, now: datetime) -> Answer:
    """Nothing is checked yet but the size; the build does it."""
    account._admin(user)
    id = account.state.new_id()
    account.state.app_uploads[id] = base64.b64encode(_file(request, "uploaded_data")).decode()
    return Answer.of(201, {"id": id})


def create(account: Calls, request: Request, user: int, now: datetime) -> Answer:
    account._admin(user)
    given = _object(request)
    if not str(given.get("name") or "").strip():
        raise _invalid("Name can't be blank")
    return _build(account.state, given, now, {"name": given["name"], "app": None})


def update(account: Calls, request: Request, user: int, now: datetime, id: str) -> Answer:
    app = _app(account, user, id)
    return _build(account.state, _object(request), now, {"name": app["name"], "app": app["id"]})


def show_job(account: Calls, request: Request, user: int, now: datetime, id: str) -> Answer:
    """Working at the first look, built or refused at the second."""
    account._admin(user)
    job = account.state.app_jobs.get(id)
    if job is None:
        raise not_found()
    if job["status"] == "working":
        _finish(account.state, job, now)
    elif job["status"] == "queued":
        job["status"] = "working"
    return Answer.of(200, {key: value for key, value in job.items() if not key.startswith("_")})


def list_owned(account: Calls, request: Request, user: int, now: datetime) -> Answer:
    account._admin(user)
    return reading.listing(account.state, request, "apps", [_shown(one) for one in account.state.apps.values()])


def show(account: Calls, request: Request, user: int, now: datetime, id: str) -> Answer:
    return Answer.of(200, _shown(_app(account, user, id)))


def delete(account: Calls, request: Request, user: int, now: datetime, id: str) -> Answer:
    """Its installations go with it."""
    app, state = _app(account, user, id), account.state
    del state.apps[app["id"]]
    for one in [one for one in state.installations.values() if one["app_id"] == app["id"]]:
        del state.installations[one["id"]]
    return Answer(204)


def public_key(account: Calls, request: Request, user: int, now: datetime, id: str) -> Answer:
    pem = account.sidebar.public_key(int(id) if int(id) in account.state.apps else None)
    return Answer(200, pem.encode(), {"Content-Type": "application/x-pem-file"})


def list_installations(account: Calls, request: Request, user: int, now: datetime) -> Answer:
    account._admin(user)
    rows = [_installed(account.state, one) for one in account.state.installations.values()]
    return reading.listing(account.state, request, "installations", rows)


def install(account: Calls, request: Request, user: int, now: datetime) -> Answer:
    account._admin(user)
    given, state = _object(request), account.state
    app = _app(account, user, str(given.get("app_id") or 0))
    if app["_manifest"].get("singleInstall") and any(
            one["app_id"] == app["id"] for one in state.installations.values()):
        raise _invalid("This app can only be installed once")
    one = {"id": state.new_id(), "app_id": app["id"], "product": "support", "enabled": given.get("enabled", True),
           "role_restrictions": given.get("role_restrictions"),
           "group_restrictions": given.get("group_restrictions", []), "created_at": stamp(now),
           "updated_at": stamp(now), "_settings": _settings(app, {}, given), "_requirements": _required(state, app)}
    state.installations[one["id"]] = one
    return Answer.of(201, _installed(state, one))


def show_installation(account: Calls, request: Request, user: int, now: datetime, id: str) -> Answer:
    return Answer.of(200, _installed(account.state, _installation(account, user, id)))


def change_installation(account: Calls, request: Request, user: int, now: datetime, id: str) -> Answer:
    """Settings that are not given stay, secure ones too (unverified)."""
    one, given = _installation(account, user, id), _object(request)
    one["_settings"] = _settings(account.state.apps[one["app_id"]], one["_settings"], given)
    one |= {key: given[key] for key in ("enabled", "role_restrictions", "group_restrictions") if key in given}
    one["updated_at"] = stamp(now)
    return Answer.of(200, _installed(account.state, one))


def uninstall(account: Calls, request: Request, user: int, now: datetime, id: str) -> Answer:
    del account.state.installations[_installation(account, user, id)["id"]]
    return Answer(204)


def list_requirements(account: Calls, request: Request, user: int, now: datetime, id: str) -> Answer:
    rows = _installation(account, user, id)["_requirements"]
    return Answer.of(200, {"requirements": rows, "next_page": None, "previous_page": None, "count": len(rows)})


def _build(state: State, given: Json, now: datetime, job: Json) -> Answer:
    if given.get("upload_id") not in state.app_uploads:
        raise _invalid("Upload not found")
    id = f"{state.new_id():032x}"
    state.app_jobs[id] = {"id": id, "url": state.url(f"apps/job_statuses/{id}.json"), "status": "queued",
                          "message": "", "app_id": job["app"], "created_at": stamp(now),
                          "retry_in": MILLISECONDS_TO_WAIT, "_name": job["name"], "_upload": given["upload_id"]}
    return Answer.of(202, {"job_id": id})


def _finish(state: State, job: Json, now: datetime) -> None:
    package = base64.b64decode(state.app_uploads[job["_upload"]])
    try:
        manifest = manifest_of(package)
    except Refusal as why:
        job |= {"status": "failed", "message": str(why)}
        return
    if job["app_id"] is not None and job["app_id"] not in state.apps:
        job |= {"status": "failed", "message": "App not found"}
        return
    id = job["app_id"] or state.new_id()
    made = state.apps.get(id, {}).get("created_at", stamp(now))
    texts = json.loads(opened(package)[f"translations/{manifest['defaultLocale']}.json"])["app"]
    state.apps[id] = {
        "id": id, "name": job["_name"], "version": manifest.get("version"), "state": "published", "visible": False,
        "author_name": manifest["author"].get("name"), "author_email": manifest["author"].get("email"),
        "default_locale": manifest["defaultLocale"], "framework_version": manifest["frameworkVersion"],
        "single_install": bool(manifest.get("singleInstall")), "installable": True, "owner_id": state.account_id,
        "short_description": texts.get("short_description"), "created_at": made, "updated_at": stamp(now),
        "_package": base64.b64encode(package).decode(), "_manifest": manifest}
    job |= {"status": "completed", "message": f"Completed at {stamp(now)}", "app_id": id}


def _settings(app: Json, kept: Json, given: Json) -> Json:
    """Raises Refused for what is required and missing."""
    said = given.get("settings") or {}
    if not isinstance(said, dict):
        raise _invalid("Settings is invalid")
    settings = kept | said
    for one in app["_manifest"].get("parameters") or []:
        settings.setdefault(one["name"], one.get("default"))
        if one.get("required") and settings[one["name"]] in (None, ""):
            raise _invalid(f"{one['name']} can't be blank")
    if not settings.get("name"):
        raise _invalid("Name can't be blank")
    return settings


def _required(state: State, app: Json) -> list[Json]:
    wanted = requirements_of(base64.b64decode(app["_package"]))
    return [{"identifier": name, "requirement_id": state.new_id(), "requirement_type": KINDS.get(kind, kind),
             "account_id": state.account_id} for kind, listed in wanted.items() for name in listed]


def _app(account: Calls, user: int, id: str) -> Json:
    account._admin(user)
    if not id.isdigit() or int(id) not in account.state.apps:
        raise not_found()
    return account.state.apps[int(id)]


def _installation(account: Calls, user: int, id: str) -> Json:
    account._admin(user)
    if int(id) not in account.state.installations:
        raise not_found()
    return account.state.installations[int(id)]


def _shown(app: Json) -> Json:
    return {key: value for key, value in app.items() if not key.startswith("_")}


def _installed(state: State, one: Json) -> Json:
    """A secure setting is kept and never shown."""
    listed = state.apps[one["app_id"]]["_manifest"].get("parameters") or []
    unseen = {parameter["name"] for parameter in listed if parameter.get("secure")}
    settings = {name: value for name, value in one["_settings"].items() if name not in unseen}
    return _shown(one) | {"settings": settings, "settings_objects": [
        {"name": name, "value": value} for name, value in settings.items()]}


def _object(request: Request) -> Json:
    try:
        given = request.json()
    except ValueError:
        given = None
    if not isinstance(given, dict):
        raise Refused(400, {"error": "InvalidJSON", "description": "The request body is not a JSON object"})
    return given


def _file(request: Request, field: str) -> bytes:
    """The bytes of that field of a multipart form."""
    boundary = re.search(r'multipart/form-data;.*?boundary="?([^";]+)', request.headers.get("content-type", ""))
    for part in request.body.split(b"--" + boundary[1].encode())[1:-1] if boundary else ():
        head, _, content = part.partition(b"\r\n\r\n")
        if re.search(rb'name="%s"' % field.encode(), head):
            return content.removesuffix(b"\r\n")
    raise Refused(400, {"error": "MissingParameter", "description": f"Parameter {field} is required"})


def _invalid(description: str) -> Refused:
    return Refused(422, {"error": "RecordInvalid", "description": description})


_APPS = r"(?:api/)?(?:support/)?apps"
"""Beside /api/v2/apps, Zendesk's own tool calls /api/apps and /api/support/apps."""
_ID = r"(\d{1,19})"
APP_ROUTES: list[tuple[str, re.Pattern[str], str, Handle]] = [
    (method, re.compile(pattern), "apps", handle) for method, pattern, handle in (
        ("POST", f"{_APPS}/validate", validate),
        ("POST", f"{_APPS}/uploads", upload),
        ("POST", _APPS, create),
        ("GET", f"{_APPS}/owned", list_owned),
        ("GET", f"{_APPS}/job_statuses/([0-9a-f]{{32}})", show_job),
        ("GET", f"{_APPS}/{_ID}", show),
        ("PUT", f"{_APPS}/{_ID}", update),
        ("DELETE", f"{_APPS}/{_ID}", delete),
        ("GET", rf"{_APPS}/{_ID}/public_key\.pem", public_key),
        ("GET", f"{_APPS}/installations", list_installations),
        ("POST", f"{_APPS}/installations", install),
        ("GET", f"{_APPS}/installations/{_ID}", show_installation),
        ("PUT", f"{_APPS}/installations/{_ID}", change_installation),
        ("DELETE", f"{_APPS}/installations/{_ID}", uninstall),
        ("GET", f"{_APPS}/installations/{_ID}/requirements", list_requirements),
    )
]
