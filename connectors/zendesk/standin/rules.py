"""The door's rules of a Zendesk account: who asks, how often, for what, and the answer."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import threading
from datetime import datetime, timedelta

from connectors.standin import Answer, Delivery, Request
from connectors.zendesk.standin import happenings, hook_calls, hooks, oauth_calls, reading, rule_calls
from connectors.zendesk.standin.app_calls import APP_ROUTES
from connectors.zendesk.standin.apps import App
from connectors.zendesk.standin.calls import NO_ACCESS, ROUTES, Calls, Handle, Refused, not_found, too_many
from connectors.zendesk.standin.desk_calls import DESK_ROUTES
from connectors.zendesk.standin.people import DEFAULTS, add_user, furnish
from connectors.zendesk.standin.state import Json, State, Ticket, moment
from connectors.zendesk.standin.writing import Invalid

ALL_ROUTES: list[tuple[str, re.Pattern[str], str, Handle]] = [
    *ROUTES, *APP_ROUTES, *hook_calls.HOOK_ROUTES, *rule_calls.RULE_ROUTES, *oauth_calls.OAUTH_ROUTES, *DESK_ROUTES]


def invalid(refusal: Invalid) -> Refused:
    return Refused(422, {"error": "RecordInvalid", "description": "Record validation errors",
                         "details": refusal.details})


class ZendeskRules(Calls):
    """One Zendesk account. `due` and `settled` are the sender's side; `control` is what people and time do."""

    name = "zendesk"

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self.sidebar = App()
        self.reach = hook_calls.reach
        self._open()

    def _open(self) -> None:
        self.state = State()
        self.sender = hooks.Sender()
        furnish(self.state, DEFAULTS, datetime.fromisoformat("2025-01-01T00:00:00Z"))

    # what Door asks for

    def answer(self, request: Request, now: datetime) -> Answer:
        with self._lock:
            if (request.method, request.path) == ("POST", oauth_calls.GRANT):
                return oauth_calls.granted(self.state, request, now)
            try:
                user, scopes = self._who(request, now)
                headers = self._count_account(now)
            except Refused as refusal:
                return refusal.answer
            try:
                given = self._route(request, user, scopes, now)
            except Refused as refusal:
                given = refusal.answer
            except Invalid as refusal:
                given = invalid(refusal).answer
            if given.status == 200 and request.method == "GET":
                given.headers["etag"] = f'W/"{hashlib.sha256(given.body).hexdigest()[:32]}"'
            given.headers |= headers | {"X-Request-Id": f"zd-{self.state.new_id()}"}
            return given

    def fault(self, kind: str, request: Request, now: datetime, params: Json) -> Answer:
        if kind == "500_after":
            self.answer(request, now)
        if kind in ("500_before", "500_after"):
            return Answer.of(500, {"error": "InternalError", "description": "Something went wrong"})
        if kind == "503":
            return Answer.of(503, {"error": "DatabaseError"}, {"Retry-After": str(params.get("retry_after", 5))})
        if kind == "429":
            return too_many(int(params.get("retry_after", 21))).answer
        if kind == "auth_lost":
            return Answer.of(401, {"error": "Couldn't authenticate you"})
        if kind == "403":
            return Answer.of(403, NO_ACCESS)
        if kind == "404":
            return not_found().answer
        if kind == "key_mismatch":
            return Answer.of(400, {"error": "IdempotentRequestError", "description":
                                   "Request parameters differ from the first use of this key"})
        if kind == "human_between":
            self.control(params["op"], params["params"], now)
            return self.answer(request, now)
        raise ValueError(f"Zendesk has no fault {kind!r}")

    def load(self, world: Json, now: datetime) -> None:
        """Adds this world's people, things and tickets to the account; webhooks do not hear of them."""
        with self._lock:
            state = self.state
            for key in ("account_id", "subdomain", "audit_sideloads", "counts_comments", "ticket_events"):
                setattr(state, key, world.get(key, getattr(state, key)))
            state.limits |= world.get("limits", {})
            furnish(state, world, now)
            for given in world.get("users", []):
                add_user(state, given, now)
            state.tokens |= world.get("tokens", {})
            state.oauth |= world.get("oauth", {})
            for email in [name.removesuffix("/token") for name in state.tokens] + [
                    one["email"] for one in state.oauth.values()]:
                if email.lower() not in state.by_email:
                    add_user(state, {"email": email, "role": "agent"}, now)
            for given in sorted(world.get("tickets", []), key=lambda one: moment(one.get("created_at"), now)):
                happenings.load_ticket(state, given, now)
            rule_calls.load(state, world, now)
            for given in world.get("webhooks", []):
                hooks.add_webhook(state, given, now, next(iter(state.users), -1))
            state.fresh_events.clear()

    def books(self) -> Json:
        """What our API user wrote, ticket by ticket."""
        with self._lock:
            ours = self.state.api_users()
            tickets = {str(id): _book(ticket, ours) for id, ticket in self.state.tickets.items()}
            return {"tickets": tickets, "notes": sum(len(one["notes"]) for one in tickets.values()),
                    "replies": sum(len(one["replies"]) for one in tickets.values())}

    def reset(self) -> None:
        with self._lock:
            self._open()

    # what people and time do, and the sender's side

    def control(self, op: str, params: Json, now: datetime) -> Json:
        with self._lock:
            if op == "webhook_fault":
                self.sender.faults.append({"times": 1, **params})
                return {}
            if op == "breaker_opens":
                self.sender.breaker_until = now + timedelta(minutes=float(params["minutes"]))
                return {}
            if op == "opens_sidebar":
                return self.sidebar.opened(self.state, params, now)
            if op not in happenings.OPS:
                raise ValueError(f"no such happening in Zendesk: {op}; there are {', '.join(sorted(happenings.OPS))}")
            return happenings.OPS[op](self.state, params, now)

    def due(self, now: datetime) -> list[Delivery]:
        with self._lock:
            return self.sender.due(self.state, now)

    def settled(self, delivery: Delivery, status: int | None, now: datetime) -> None:
        with self._lock:
            self.sender.settled(delivery, status, now)

    # who asks, and how often

    def _check_webhook(self, given: Json) -> None:
        hook_calls.check(self.state, given)

    def _who(self, request: Request, now: datetime) -> tuple[int, list[str]]:
        scheme, _, credential = request.headers.get("authorization", "").partition(" ")
        state = self.state
        if scheme.lower() == "basic":
            try:
                name, _, secret = base64.b64decode(credential).decode().partition(":")
            except (binascii.Error, UnicodeDecodeError):
                name, secret = "", ""
            if secret and state.tokens.get(name) == secret:
                return state.by_email[name.removesuffix("/token").lower()], ["read", "write"]
        elif scheme.lower() == "bearer" and credential in state.oauth:
            one = state.oauth[credential]
            if one.get("expires_at") and datetime.fromisoformat(one["expires_at"]) <= now:
                raise Refused(401, {"error": "invalid_token", "error_description": "The access token expired"})
            return state.by_email[one["email"].lower()], list(one.get("scopes", ["read", "write"]))
        raise Refused(401, {"error": "Couldn't authenticate you"})

    def _count_account(self, now: datetime) -> dict[str, str]:
        left, reset = self._count("account", now, int(self.state.limits["account"]))
        limit = str(self.state.limits["account"])
        headers = {"x-rate-limit": limit, "x-rate-limit-remaining": str(max(left, 0)), "ratelimit-limit": limit,
                   "ratelimit-remaining": str(max(left, 0)), "ratelimit-reset": str(reset)}
        if left < 0:
            raise too_many(reset, headers)
        return headers

    # routes

    def _route(self, request: Request, user: int, scopes: list[str], now: datetime) -> Answer:
        path = request.path.removeprefix("/api/v2/").removesuffix(".json").strip("/")
        if not self.state.is_staff(user) or self.state.users[user]["suspended"]:
            raise Refused(403, NO_ACCESS)
        for method, pattern, scope, handle in ALL_ROUTES:
            found = pattern.fullmatch(path)
            if found and method == request.method:
                kind = "read" if method == "GET" else "write"
                if kind not in scopes and f"{scope}:{kind}" not in scopes:
                    raise Refused(403, {"error": "Forbidden", "description":
                                        f"You are missing the following required scopes: {kind}"})
                return handle(self, request, user, now, *found.groups())
        raise Refused(404, {"error": "InvalidEndpoint", "description": "Not found"})


def _book(ticket: Ticket, ours: set[int]) -> Json:
    book: Json = {"status": ticket.status, "tags": list(ticket.tags), "assignee_id": ticket.assignee_id,
                  "group_id": ticket.group_id, "priority": ticket.priority, "deleted": ticket.deleted, "notes": [],
                  "replies": [], "customer_comments": 0, "updates": 0, "ops": []}
    for audit in reading.audits(ticket):
        by_us = audit["author_id"] in ours and audit["via"]["channel"] == "api"
        book["updates"] += by_us
        if by_us and "deskhand_op" in audit["metadata"]["custom"]:
            book["ops"].append(audit["metadata"]["custom"]["deskhand_op"])
        told = [id for event in audit["events"] for id in event.get("recipients", [])]
        for event in audit["events"]:
            if event["type"] != "Comment":
                continue
            line = {"id": event["id"], "body": event["body"], "author_id": event["author_id"]}
            if by_us and event["public"]:
                book["replies"].append(line | {"notified": ticket.requester_id in told})
            elif by_us:
                book["notes"].append(line)
            elif event["author_id"] == ticket.requester_id:
                book["customer_comments"] += 1
    return book
