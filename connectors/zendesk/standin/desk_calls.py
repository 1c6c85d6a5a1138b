"""What an admin makes for the desk: colleagues, groups, ticket fields."""

from __future__ import annotations

import re
from datetime import datetime

from connectors.standin import Answer, Request
from connectors.zendesk.standin import reading
from connectors.zendesk.standin.calls import Calls, Handle, Refused, _body, not_found
from connectors.zendesk.standin.people import _group, _ticket_field, add_user, change_user
from connectors.zendesk.standin.state import Json, stamp


def search_users(account: Calls, request: Request, user: int, now: datetime) -> Answer:
    """By address, in `query=email:...` or as the whole query."""
    asked = request.arg("query").removeprefix("email:").strip('"').lower()
    rows = [one for one in account.state.users.values() if (one["email"] or "").lower() == asked]
    return reading.listing(account.state, request, "users", rows)


def create_user(account: Calls, request: Request, user: int, now: datetime) -> Answer:
    account._admin(user)
    given = _body(request, "user")
    if str(given.get("email") or "").lower() in account.state.by_email:
        raise Refused(422, {"error": "RecordInvalid", "description": "Record validation errors", "details": {
            "email": [{"description": f"Email: {given['email']} is already being used by another user"}]}})
    return Answer.of(201, {"user": account.state.users[add_user(account.state, given, now)]})


def update_user(account: Calls, request: Request, user: int, now: datetime, id: str) -> Answer:
    account._admin(user)
    if int(id) not in account.state.users:
        raise not_found()
    held = account.state.users[int(id)]
    change_user(account.state, {"email": held["email"]} | _body(request, "user"), now)
    return Answer.of(200, {"user": held})


def create_group(account: Calls, request: Request, user: int, now: datetime) -> Answer:
    account._admin(user)
    given, state = _body(request, "group"), account.state
    if not given.get("name"):
        raise Refused(422, {"error": "RecordInvalid", "description": "Record validation errors", "details": {
            "name": [{"description": "Name: cannot be blank"}]}})
    id = state.new_id()
    state.groups[id] = _group(state, id, given, stamp(now)) | {"description": given.get("description") or ""}
    return Answer.of(201, {"group": state.groups[id]})


def _held(account: Calls, user: int, kept: dict[int, Json], id: str) -> Json:
    account._admin(user)
    if int(id) not in kept:
        raise not_found()
    return kept[int(id)]


def change_group(account: Calls, request: Request, user: int, now: datetime, id: str) -> Answer:
    group, given = _held(account, user, account.state.groups, id), _body(request, "group")
    group |= {name: given[name] for name in ("name", "description", "is_public") if name in given}
    return Answer.of(200, {"group": group | {"updated_at": stamp(now)}})


def delete_group(account: Calls, request: Request, user: int, now: datetime, id: str) -> Answer:
    del account.state.groups[_held(account, user, account.state.groups, id)["id"]]
    return Answer(204)


def create_field(account: Calls, request: Request, user: int, now: datetime) -> Answer:
    account._admin(user)
    given, state = _body(request, "ticket_field"), account.state
    id = state.new_id()
    state.ticket_fields[id] = _ticket_field(state, id, given, stamp(now))
    return Answer.of(201, {"ticket_field": state.ticket_fields[id]})


def delete_field(account: Calls, request: Request, user: int, now: datetime, id: str) -> Answer:
    del account.state.ticket_fields[_held(account, user, account.state.ticket_fields, id)["id"]]
    return Answer(204)


_ID = r"(\d{1,19})"
DESK_ROUTES: list[tuple[str, re.Pattern[str], str, Handle]] = [
    (method, re.compile(pattern), pattern.split("/")[0], handle) for method, pattern, handle in (
        ("GET", "users/search", search_users), ("POST", "users", create_user), ("PUT", f"users/{_ID}", update_user),
        ("POST", "groups", create_group), ("PUT", f"groups/{_ID}", change_group),
        ("DELETE", f"groups/{_ID}", delete_group), ("POST", "ticket_fields", create_field),
        ("DELETE", f"ticket_fields/{_ID}", delete_field),
    )
]
