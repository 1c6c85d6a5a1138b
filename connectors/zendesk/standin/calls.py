"""What the API answers, call by call; one method per endpoint."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from connectors.standin import Answer, Request
from connectors.zendesk.standin import exporting, happenings, hooks, reading, ruling, writing
from connectors.zendesk.standin.apps import App
from connectors.zendesk.standin.people import someone
from connectors.zendesk.standin.state import Json, State, Ticket, stamp, via
from connectors.zendesk.standin.writing import Invalid, Writing

TICKET_WINDOW = 600.0
KEY_LIFE = timedelta(hours=2)
LARGEST_ID = 2**63 - 1
SETTABLE = ("subject", "status", "priority", "type", "assignee_id", "group_id", "requester_id", "external_id",
            "brand_id", "ticket_form_id")
NOT_FOUND = {"error": "RecordNotFound", "description": "Not found"}
NO_ACCESS = {"error": {"title": "Forbidden", "message": "You do not have access to this page. Please contact the "
                       "account owner of this help desk for further help."}}
UPDATED_MEANWHILE = {"description": "Safe Update prevented the update due to outdated ticket data. Please fetch the "
                     "latest ticket data and try again.", "error": "UpdateConflict"}


class Refused(Exception):
    """An answer other than what was asked for."""

    def __init__(self, status: int, body: Json, headers: dict[str, str] | None = None) -> None:
        super().__init__(str(body))
        self.answer = Answer.of(status, body, headers)


def not_found() -> Refused:
    return Refused(404, NOT_FOUND)


def too_many(seconds: int, headers: dict[str, str] | None = None) -> Refused:
    body = {"error": "TooManyRequests", "description": "Rate limit reached"}
    return Refused(429, body, {**(headers or {}), "Retry-After": str(seconds)})


class Calls:
    """The endpoints. Each takes the request, the asking user, the time, and the ids in the path."""

    state: State
    sender: hooks.Sender
    sidebar: App
    reach: Callable[[str, Mapping[str, str], bytes], tuple[int, str]]
    """Sends a webhook's test call; status and body of the target."""

    def _count(self, name: str, now: datetime, limit: int) -> tuple[int, int]:
        """Calls left in this minute after this one (below zero: refused), and seconds until the next."""
        minute, second = divmod(int(now.timestamp()), 60)
        began, used = self.state.windows.get(name, (minute, 0))
        used = used + 1 if began == minute else 1
        self.state.windows[name] = (minute, used)
        return limit - used, 60 - second

    def _ticket(self, id: str) -> Ticket:
        ticket = self.state.tickets.get(int(id))
        if ticket is None or ticket.deleted:
            raise not_found()
        return ticket

    def show_ticket(self, request: Request, user: int, now: datetime, id: str) -> Answer:
        ticket = self._ticket(id)
        body = {"ticket": reading.ticket_json(self.state, ticket)}
        wanted = reading.included(request)
        if "comment_count" in wanted and self.state.counts_comments:
            body["ticket"]["comment_count"] = ticket.comments
        return Answer.of(200, body | self._beside([ticket], wanted))

    def _beside(self, tickets: list[Ticket], wanted: set[str]) -> Json:
        """Side-loads of tickets (Zendesk docs, "Side-loading")."""
        more: Json = {}
        if "users" in wanted:
            people = [user for ticket in tickets for user in reading.people_of(self.state, ticket)]
            more["users"] = list({user["id"]: user for user in people}.values())
        if "groups" in wanted:
            ids = {ticket.group_id for ticket in tickets if ticket.group_id}
            more["groups"] = [self.state.groups[id] for id in sorted(ids)]
        if "organizations" in wanted:
            more["organizations"] = []
        return more

    def show_many(self, request: Request, user: int, now: datetime) -> Answer:
        ids = [int(id) for id in request.arg("ids").split(",") if id.isdigit()]
        if len(ids) > reading.LARGEST_PAGE:
            raise Refused(400, {"error": "TooManyValues", "description":
                                "Parameter ids cannot specify more than 100 values", "max_count": 100})
        tickets = [self.state.tickets[id] for id in ids if id in self.state.tickets
                   and not self.state.tickets[id].deleted]
        rows = [reading.ticket_json(self.state, ticket) for ticket in tickets]
        return Answer.of(200, {"tickets": rows, **self._beside(tickets, reading.included(request)),
                               "next_page": None, "previous_page": None, "count": len(rows)})

    def list_audits(self, request: Request, user: int, now: datetime, id: str) -> Answer:
        ticket = self._ticket(id)
        wanted = reading.included(request) & set(self.state.audit_sideloads)

        def beside(page: Any) -> Json:
            more: Json = {}
            if "users" in wanted:
                more["users"] = reading.people_of(self.state, ticket, page)
            if "tickets" in wanted:
                more["tickets"] = [reading.ticket_json(self.state, ticket)]
            return more

        return reading.listing(self.state, request, "audits", reading.audits(ticket), beside)

    def show_audit(self, request: Request, user: int, now: datetime, id: str, audit: str) -> Answer:
        found = next((one for one in reading.audits(self._ticket(id)) if one["id"] == int(audit)), None)
        if found is None:
            raise not_found()
        return Answer.of(200, {"audit": found})

    def list_comments(self, request: Request, user: int, now: datetime, id: str) -> Answer:
        ticket = self._ticket(id)
        rows = reading.comments(ticket)
        if request.arg("sort") == "-created_at":
            rows.reverse()
        users = "users" in reading.included(request)
        return reading.listing(self.state, request, "comments", rows, lambda page: {
            "users": reading.people_of(self.state, ticket, page)} if users else {})

    def create_ticket(self, request: Request, user: int, now: datetime) -> Answer:
        given = _body(request, "ticket")
        key, digest = request.headers.get("idempotency-key"), hashlib.sha256(request.body).hexdigest()
        known = self.state.created_by_key.get(key or "")
        if known and now - known["at"] < KEY_LIFE:
            if known["digest"] != digest:
                raise Refused(400, {"error": "IdempotentRequestError", "description":
                                    "Request parameters differ from the first use of this key"})
            return Answer(201, known["body"], {"Content-Type": "application/json; charset=utf-8",
                                               "x-idempotency-lookup": "hit"})
        answer = self._create(given, user, now, _client(request))
        if key:
            self.state.created_by_key[key] = {"at": now, "digest": digest, "body": answer.body}
            answer.headers["x-idempotency-lookup"] = "miss"
        return answer

    def _create(self, given: Json, user: int, now: datetime, client: str) -> Answer:
        state = self.state
        comment = given.get("comment") or {"body": given.get("description")}
        if not (comment.get("body") or comment.get("html_body")):
            raise Invalid("base", "Description: cannot be blank", error="BlankValue")
        asker = given.get("requester") or {}
        requester = int(given.get("requester_id") or (someone(
            state, asker["email"], asker.get("name"), now) if asker else user))
        id, state.next_ticket = state.next_ticket, state.next_ticket + 1
        said = comment.get("body") or ""
        ticket = Ticket(id, given.get("subject") or said[:80], said, requester, int(given.get("submitter_id") or user),
                        via("api"), stamp(now), stamp(now), state.brand(given.get("brand_id")),
                        state.form(given.get("ticket_form_id")), status=given.get("status", "new"),
                        type=given.get("type"), priority=given.get("priority"),
                        assignee_id=given.get("assignee_id"), group_id=given.get("group_id"),
                        tags=_tags(given.get("tags", [])), custom_fields=_custom(given, state))
        author = {"author_id": requester} if "author_id" not in comment else {}
        audit = writing.create(state, ticket, Writing(user, via("api"), now, client, comment=comment | author,
                                                      custom=given.get("metadata") or {}))
        location = {"location": state.url(f"tickets/{id}.json")}
        return Answer.of(201, {"ticket": reading.ticket_json(state, ticket), "audit": audit}, location)

    def update_ticket(self, request: Request, user: int, now: datetime, id: str) -> Answer:
        ticket = self._ticket(id)
        headers = self._count_updates(ticket, user, now)
        given = _body(request, "ticket")
        if "safe_update" in given:
            _check_unchanged(ticket, given)
        changes = {name: given[name] for name in SETTABLE if name in given}
        for name in ("assignee_id", "group_id", "requester_id", "brand_id", "ticket_form_id"):
            if changes.get(name) is not None:
                changes[name] = int(changes[name])
        if {"tags", "additional_tags", "remove_tags"} & given.keys():
            kept = given["tags"] if given.get("tags") is not None else ticket.tags
            changes["tags"] = _tags({*kept, *given.get("additional_tags", [])} - set(given.get("remove_tags", [])))
        comment = given.get("comment") or {}
        audit = writing.update(self.state, ticket, Writing(
            user, via("api"), now, _client(request), changes=changes, custom_fields=_custom(given, self.state),
            comment=comment if comment.get("body") or comment.get("html_body") else None,
            custom=given.get("metadata") or {}))
        body = {"ticket": reading.ticket_json(self.state, ticket), "audit": audit}
        return Answer.of(200, body, headers)

    def _count_updates(self, ticket: Ticket, user: int, now: datetime) -> dict[str, str]:
        """30 updates in 10 minutes per user and ticket, 100 a minute in the account (Zendesk docs, "Rate limits")."""
        at, limit = now.timestamp(), int(self.state.limits["per_ticket"])
        recent = [one for one in ticket.updates.get(user, []) if one > at - TICKET_WINDOW]
        resets = int(TICKET_WINDOW - (at - recent[0])) + 1 if recent else int(TICKET_WINDOW)
        total, left = int(self.state.limits["updates"]), limit - len(recent) - 1
        name = "zendesk-ratelimit-per-ticket-updates"
        if left < 0:
            raise too_many(resets, {name: f"total={limit}; remaining=0; resets={resets}"})
        ticket.updates[user] = [*recent, at]
        in_account, second = self._count("updates", now, total)
        headers = {name: f"total={limit}; remaining={left}; resets={resets}", "zendesk-ratelimit-tickets-update":
                   f"total={total}; remaining={max(in_account, 0)}; resets={second}"}
        if in_account < 0:
            raise too_many(second, headers)
        return headers

    def delete_ticket(self, request: Request, user: int, now: datetime, id: str) -> Answer:
        happenings.delete(self.state, {"ticket": self._ticket(id).id}, now)
        return Answer(204)

    def export(self, request: Request, user: int, now: datetime) -> Answer:
        """Admins only, 10 calls a minute (docs, "Incremental Exports"); 30 with the High Volume API add-on."""
        self._admin(user)
        left, reset = self._count("export", now, int(self.state.limits["export"]))
        if left < 0:
            raise too_many(reset)
        try:
            return exporting.page(self.state, request, now)
        except exporting.BadRequest as refusal:
            raise Refused(refusal.status, refusal.body) from refusal

    def me(self, request: Request, user: int, now: datetime) -> Answer:
        token = hashlib.sha256(str(user).encode()).hexdigest()
        return Answer.of(200, {"user": self.state.users[user] | {"authenticity_token": token}})

    def show_user(self, request: Request, user: int, now: datetime, id: str) -> Answer:
        if int(id) not in self.state.users:
            raise not_found()
        return Answer.of(200, {"user": self.state.users[int(id)]})

    def show_users(self, request: Request, user: int, now: datetime) -> Answer:
        ids = [int(id) for id in request.arg("ids").split(",") if id.isdigit()]
        rows = [self.state.users[id] for id in ids if id in self.state.users]
        return Answer.of(200, {"users": rows, "next_page": None, "previous_page": None, "count": len(rows)})

    def list_identities(self, request: Request, user: int, now: datetime, id: str) -> Answer:
        if int(id) not in self.state.users:
            raise not_found()
        return reading.listing(self.state, request, "identities", self.state.identities[int(id)])

    def groups_of(self, request: Request, user: int, now: datetime, id: str) -> Answer:
        if int(id) not in self.state.users:
            raise not_found()
        held = [self.state.groups[one] for one in self.state.members[int(id)]]
        return reading.listing(self.state, request, "groups", held)

    def list_custom_roles(self, request: Request, user: int, now: datetime) -> Answer:
        """All of them at once; any agent may read the list (docs, "Custom Agent Roles")."""
        roles = list(self.state.custom_roles.values())
        return Answer.of(200, {"custom_roles": roles, "next_page": None, "previous_page": None, "count": len(roles)})

    def list_groups(self, request: Request, user: int, now: datetime) -> Answer:
        return reading.listing(self.state, request, "groups", list(self.state.groups.values()))

    def list_brands(self, request: Request, user: int, now: datetime) -> Answer:
        return reading.listing(self.state, request, "brands", list(self.state.brands.values()))

    def list_forms(self, request: Request, user: int, now: datetime) -> Answer:
        return reading.listing(self.state, request, "ticket_forms", list(self.state.forms.values()))

    def list_fields(self, request: Request, user: int, now: datetime) -> Answer:
        return reading.listing(self.state, request, "ticket_fields", list(self.state.ticket_fields.values()))

    # webhooks: admins only

    def _admin(self, user: int) -> None:
        if self.state.users[user]["role"] != "admin":
            raise Refused(403, NO_ACCESS)

    def _webhook(self, user: int, id: str) -> Json:
        self._admin(user)
        if id not in self.state.webhooks:
            raise not_found()
        return self.state.webhooks[id]

    def list_webhooks(self, request: Request, user: int, now: datetime) -> Answer:
        self._admin(user)
        return Answer.of(200, {"meta": {"has_more": False}, "webhooks": [
            hooks.shown(one) for one in reversed(self.state.webhooks.values())]})

    def create_webhook(self, request: Request, user: int, now: datetime) -> Answer:
        self._admin(user)
        if id := request.arg("clone_webhook_id"):
            model = self._webhook(user, id)
            given = {**hooks.shown(model), "name": f"{model['name']} (copy)", "id": None}
        else:
            given = _body(request, "webhook")
            self._check_webhook(given)
        made = hooks.shown(hooks.add_webhook(self.state, given, now, user, by_api=True))
        return Answer.of(201, {"webhook": made | {"created_at": made["created_at"][:-1] + ".498166385Z"}})

    def _check_webhook(self, given: Json) -> None:
        """Raises Refused for what Zendesk does not connect."""

    def show_webhook(self, request: Request, user: int, now: datetime, id: str) -> Answer:
        return Answer.of(200, {"webhook": hooks.shown(self._webhook(user, id))})

    def delete_webhook(self, request: Request, user: int, now: datetime, id: str) -> Answer:
        """One that a trigger calls stays (unverified)."""
        self._webhook(user, id)
        if any(webhook == id for one in self.state.triggers if "actions" in one for webhook, _ in ruling.calls(one)):
            raise Refused(400, {"error": "WebhookInUse", "description": "The webhook is connected to a trigger"})
        del self.state.webhooks[id]
        return Answer(204)

    def show_secret(self, request: Request, user: int, now: datetime, id: str) -> Answer:
        secret = self._webhook(user, id)["_secret"]
        return Answer.of(200, {"signing_secret": {"secret": secret, "algorithm": "SHA256"}})

    def reset_secret(self, request: Request, user: int, now: datetime, id: str) -> Answer:
        webhook = self._webhook(user, id)
        fresh = hashlib.sha256(f"{id}{self.state.new_id()}".encode()).digest()
        webhook["_secret"] = base64.b64encode(fresh).decode()
        return Answer.of(201, {"signing_secret": {"secret": webhook["_secret"], "algorithm": "SHA256"}})

    def list_invocations(self, request: Request, user: int, now: datetime, id: str) -> Answer:
        self._webhook(user, id)
        lines = [hooks.shown(one) for one in self.sender.invocations.get(id, ())]
        begin = next((n + 1 for n, one in enumerate(lines) if one["id"] == request.arg("page[after]")), 0)
        page = lines[begin: begin + reading.LARGEST_PAGE]
        more: Json = {"has_more": begin + len(page) < len(lines)}
        links = {}
        if more["has_more"]:
            more["after_cursor"] = page[-1]["id"]
            links["next"] = (f"https://{self.state.subdomain}.zendesk.com:443/api/v2/webhooks/{id}/invocations"
                             f"?page[after]={page[-1]['id']}")
        return Answer.of(200, {"meta": more, "links": links, "invocations": page})


def _body(request: Request, name: str) -> Json:
    try:
        given = request.json()
        return dict(given[name])
    except (ValueError, KeyError, TypeError) as error:
        raise Refused(400, {"error": {"title": "Invalid attribute", "message":
                                      f"You passed an invalid value for the {name} attribute."}}) from error


def _client(request: Request) -> str:
    return request.headers.get("user-agent", "")


def _tags(given: Any) -> list[str]:
    return sorted({str(tag).lower() for tag in given})


def _custom(given: Json, state: State) -> dict[int, Any]:
    """Unknown fields are ignored, as Zendesk ignores them."""
    listed = [*given.get("custom_fields", []), *given.get("fields", [])]
    return {int(one["id"]): one["value"] for one in listed if int(one["id"]) in state.ticket_fields}


def _check_unchanged(ticket: Ticket, given: Json) -> None:
    """`safe_update` of any value protects the update (docs, "Protecting against ticket update collisions")."""
    seen = given.get("updated_stamp")
    if not seen:
        raise Refused(400, {"error": {"title": "Invalid attribute", "message":
                                      "You passed an invalid value for the updated_stamp attribute."}})
    if datetime.fromisoformat(ticket.updated_at) > datetime.fromisoformat(str(seen)):
        raise Refused(409, UPDATED_MEANWHILE)


Handle = Callable[..., Answer]
_ID = r"(\d{1,19})"
_HOOK = r"([0-9A-Z]{26})"
ROUTES: list[tuple[str, re.Pattern[str], str, Handle]] = [
    (method, re.compile(pattern), scope, handle) for method, pattern, scope, handle in (
        ("GET", "tickets/show_many", "tickets", Calls.show_many),
        ("GET", f"tickets/{_ID}", "tickets", Calls.show_ticket),
        ("PUT", f"tickets/{_ID}", "tickets", Calls.update_ticket),
        ("DELETE", f"tickets/{_ID}", "tickets", Calls.delete_ticket),
        ("POST", "tickets", "tickets", Calls.create_ticket),
        ("GET", f"tickets/{_ID}/audits", "", Calls.list_audits),
        ("GET", f"tickets/{_ID}/audits/{_ID}", "", Calls.show_audit),
        ("GET", f"tickets/{_ID}/comments", "tickets", Calls.list_comments),
        ("GET", "incremental/tickets/cursor", "", Calls.export),
        ("GET", "users/me", "users", Calls.me),
        ("GET", "users/show_many", "users", Calls.show_users),
        ("GET", f"users/{_ID}", "users", Calls.show_user),
        ("GET", f"users/{_ID}/identities", "users", Calls.list_identities),
        ("GET", f"users/{_ID}/groups", "users", Calls.groups_of),
        ("GET", "custom_roles", "users", Calls.list_custom_roles),
        ("GET", "groups", "groups", Calls.list_groups),
        ("GET", "brands", "brands", Calls.list_brands),
        ("GET", "ticket_forms", "ticket_forms", Calls.list_forms),
        ("GET", "ticket_fields", "ticket_fields", Calls.list_fields),
        ("GET", "webhooks", "webhooks", Calls.list_webhooks),
        ("POST", "webhooks", "webhooks", Calls.create_webhook),
        ("GET", f"webhooks/{_HOOK}", "webhooks", Calls.show_webhook),
        ("DELETE", f"webhooks/{_HOOK}", "webhooks", Calls.delete_webhook),
        ("GET", f"webhooks/{_HOOK}/signing_secret", "webhooks", Calls.show_secret),
        ("POST", f"webhooks/{_HOOK}/signing_secret", "webhooks", Calls.reset_secret),
        ("GET", f"webhooks/{_HOOK}/invocations", "webhooks", Calls.list_invocations),
    )
]
