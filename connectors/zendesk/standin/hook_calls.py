"""Webhooks beside creating and listing them: changed, cloned, tested, and what became of each delivery."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlsplit

from connectors.standin import Answer, Request
from connectors.zendesk.standin import hooks
from connectors.zendesk.standin.calls import Calls, Handle, Refused, _body, not_found
from connectors.zendesk.standin.state import Json, State, stamp
from connectors.zendesk.standin.writing import BY_TRIGGER

TEST_SECRET = "dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ=="  # noqa: S105 - published by Zendesk
PATIENCE = 10.0
NEEDED = ("name", "endpoint", "http_method", "request_format", "status")
LOOPBACK = ("127.0.0.1", "localhost", "::1")
SETTABLE = ("name", "description", "status", "endpoint", "http_method", "request_format", "subscriptions",
            "authentication")


def refused(why: str) -> Refused:
    return Refused(400, {"errors": [{"code": "InvalidWebhook", "title": why, "detail": why}], "error": "InvalidWebhook",
                         "description": why})


def check(state: State, webhook: Json) -> None:
    """Events and triggers exclude each other, and events come by POST as JSON (docs, "Webhooks")."""
    wanted = webhook.get("subscriptions") or []
    if BY_TRIGGER in wanted and len(wanted) > 1:
        raise refused("a webhook connected to triggers cannot subscribe to events")
    if BY_TRIGGER in wanted or not wanted:
        return
    if (webhook.get("http_method", "POST"), webhook.get("request_format", "json")) != ("POST", "json"):
        raise refused("a webhook subscribed to events uses POST and json")
    if not state.ticket_events and any(".ticket." in f".{one.rpartition(':')[2]}" for one in wanted):
        raise refused("subscriptions contains an unknown event type")


def change(account: Calls, request: Request, user: int, now: datetime, id: str) -> Answer:
    given = _body(request, "webhook")
    if request.method == "PUT" and (missing := [name for name in NEEDED if not given.get(name)]):
        raise refused(f"{', '.join(missing)} is missing")
    webhook = account._webhook(user, id)
    told = {name: given[name] for name in SETTABLE if name in given}
    if "subscriptions" in told and (BY_TRIGGER in told["subscriptions"]) != (BY_TRIGGER in webhook["subscriptions"]):
        raise refused("the connection method of a webhook cannot be changed")
    check(account.state, webhook | told)
    webhook |= told | {"updated_at": stamp(now), "updated_by": str(user)}
    return Answer(204, b"", {"Content-Type": "application/json"})


def test(account: Calls, request: Request, user: int, now: datetime) -> Answer:
    """Really sends; answers 200 whatever the target said. Signed with the webhook's own secret, or the public one."""
    account._admin(user)
    given, id = _body(request, "request"), request.arg("webhook_id")
    if id and id not in account.state.webhooks:
        raise not_found()
    webhook = account.state.webhooks.get(id, {"id": "", "endpoint": "", "_secret": TEST_SECRET})
    body = str(given.get("payload") or json.dumps({"ticket_id": "12345"})).encode()
    stamped = stamp(now)
    headers = {"X-Zendesk-Webhook-Signature-Timestamp": stamped, "X-Zendesk-Webhook-Id": webhook["id"],
               "X-Zendesk-Webhook-Signature": hooks.signature(webhook["_secret"], stamped, body),
               "X-Zendesk-Account-Id": str(account.state.account_id), "User-Agent": "Zendesk Webhook",
               "X-Zendesk-Webhook-Invocation-Id": hooks.ulid(account.state.new_id()),
               "Content-Type": "application/json; charset=utf-8"}
    status, said = account.reach(str(given.get("endpoint") or webhook["endpoint"]), headers, body)
    return Answer.of(200, {"response": {"headers": [{"key": "Content-Type", "value": "application/json"}],
                                        "status_code": status, "payload": said}})


test.__test__ = False  # type: ignore[attr-defined]


def reach(url: str, headers: Mapping[str, str], body: bytes) -> tuple[int, str]:
    """Status and body of the target, on this machine only; 504 without an answer."""
    if urlsplit(url).scheme != "http" or urlsplit(url).hostname not in LOOPBACK:
        return 502, "host not found"
    asked = urllib.request.Request(url, data=body, headers=dict(headers), method="POST")  # noqa: S310 - http only
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(asked, timeout=PATIENCE) as answer:
            return int(answer.status), answer.read(4096).decode("utf-8", "replace")
    except urllib.error.HTTPError as error:
        return error.code, error.read(4096).decode("utf-8", "replace")
    except OSError as error:
        return 504, str(error)


def list_attempts(account: Calls, request: Request, user: int, now: datetime, id: str, invocation: str) -> Answer:
    """Requests and answers of one invocation; one that was never sent has neither."""
    account._webhook(user, id)
    line = next((one for one in account.sender.invocations.get(id, ()) if one["id"] == invocation), None)
    if line is None:
        raise not_found()
    rows = [{"id": id, "invocation_id": invocation, "status": line["status"] if last else "failed",
             "completed_at": line["latest_completed_at"], **_exchange(line, status)}
            for status, last in _sent(line)]
    return Answer.of(200, {"attempts": rows})


def _sent(line: Json) -> list[tuple[int | None, bool]]:
    statuses = line.get("_statuses") or [None]
    return [(status, n == len(statuses) - 1) for n, status in enumerate(statuses)]


def _exchange(line: Json, status: int | None) -> Json:
    if status is None:
        return {}
    return {"status_code": status, "request": {
        "headers": [{"key": name, "value": value} for name, value in line["_headers"].items()],
        "payload": line["_payload"]}, "response": {"headers": [], "payload": ""}}


_HOOK = r"([0-9A-Z]{26})"
HOOK_ROUTES: list[tuple[str, re.Pattern[str], str, Handle]] = [
    (method, re.compile(pattern), "webhooks", handle) for method, pattern, handle in (
        ("POST", "webhooks/test", test), ("PUT", f"webhooks/{_HOOK}", change), ("PATCH", f"webhooks/{_HOOK}", change),
        ("GET", f"webhooks/{_HOOK}/invocations/{_HOOK}/attempts", list_attempts),
    )
]
