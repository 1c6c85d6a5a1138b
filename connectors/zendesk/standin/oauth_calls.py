"""OAuth clients and tokens of the account (Zendesk docs, "OAuth Clients", "OAuth Tokens", "OAuth Tokens for Grant
Types"). What a client gets for itself expires: since 30 April 2026 that is so for every new client."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime, timedelta

from connectors.standin import Answer, Request
from connectors.zendesk.standin import reading
from connectors.zendesk.standin.calls import Calls, Handle, Refused, _body, not_found
from connectors.zendesk.standin.state import Json, State, stamp

GRANT = "/oauth/tokens"
"""Outside /api/v2, and asked without a login."""
SHORTEST, USUAL, LONGEST = 300, 1800, 172_800
"""Seconds an access token may live."""
SHOWN = 10
"""Characters of a secret or token that are shown later."""


def _fresh(state: State, what: str) -> str:
    return hashlib.sha256(f"{what}{state.new_id()}".encode()).hexdigest()


def granted(state: State, request: Request, now: datetime) -> Answer:
    """An access token for the client itself; it speaks for the client's user."""
    try:
        asked = dict(request.json())
    except (ValueError, TypeError):
        return Answer.of(400, {"error": "invalid_request"})
    if asked.get("grant_type") != "client_credentials":
        return Answer.of(400, {"error": "unsupported_grant_type"})
    client = next((one for one in state.oauth_clients.values() if one["identifier"] == asked.get("client_id")), None)
    if client is None or client["_secret"] != asked.get("client_secret") or client["kind"] != "confidential":
        return Answer.of(401, {"error": "invalid_client", "error_description": "Client authentication failed due to "
                               "unknown client, no client authentication included, or unsupported method."})
    seconds = int(asked.get("expires_in") or USUAL)
    if not SHORTEST <= seconds <= LONGEST:
        return Answer.of(400, {"error": "invalid_request", "error_description": "expires_in is out of range"})
    scopes = str(asked.get("scope") or "read").split()
    token = _keep(state, client, scopes, now, seconds)
    return Answer.of(200, {"access_token": token, "token_type": "bearer", "scope": " ".join(scopes),
                           "expires_in": seconds})


def _keep(state: State, client: Json, scopes: list[str], now: datetime, seconds: int) -> str:
    token = _fresh(state, client["identifier"])
    state.oauth[token] = {"email": state.users[client["user_id"]]["email"], "scopes": scopes, "id": state.new_id(),
                          "client_id": client["id"], "created_at": stamp(now),
                          "expires_at": stamp(now + timedelta(seconds=seconds))}
    return token


def _shown(state: State, client: Json) -> Json:
    return {key: value for key, value in client.items() if not key.startswith("_")} | {
        "secret": client["_secret"][:SHOWN]}


def _client(account: Calls, user: int, id: str) -> Json:
    account._admin(user)
    if int(id) not in account.state.oauth_clients:
        raise not_found()
    return account.state.oauth_clients[int(id)]


def list_clients(account: Calls, request: Request, user: int, now: datetime) -> Answer:
    account._admin(user)
    rows = [_shown(account.state, one) for one in account.state.oauth_clients.values()]
    return reading.listing(account.state, request, "clients", rows)


def show_client(account: Calls, request: Request, user: int, now: datetime, id: str) -> Answer:
    return Answer.of(200, {"client": _shown(account.state, _client(account, user, id))})


def create_client(account: Calls, request: Request, user: int, now: datetime) -> Answer:
    """The secret is shown in full this once."""
    account._admin(user)
    given, state = _body(request, "client"), account.state
    for name in ("name", "identifier"):
        if not given.get(name):
            raise _refused(name, "cannot be blank")
    if any(one["identifier"] == given["identifier"] for one in state.oauth_clients.values()):
        raise _refused("identifier", "has already been taken")
    owner = int(given.get("user_id") or user)
    if not state.is_staff(owner):
        raise _refused("user", "is invalid")
    id = state.new_id()
    made = {"id": id, "url": state.url(f"oauth/clients/{id}.json"), "name": given["name"],
            "identifier": given["identifier"], "company": given.get("company"),
            "description": given.get("description"), "kind": given.get("kind", "confidential"), "logo_url": None,
            "redirect_uri": given.get("redirect_uri", []), "global": False, "user_id": owner,
            "created_at": stamp(now), "updated_at": stamp(now), "_secret": _fresh(state, given["identifier"])}
    state.oauth_clients[id] = made
    return Answer.of(201, {"client": _shown(state, made) | {"secret": made["_secret"]}})


def change_client(account: Calls, request: Request, user: int, now: datetime, id: str) -> Answer:
    client, given = _client(account, user, id), _body(request, "client")
    client |= {name: given[name] for name in ("name", "description", "company", "kind", "redirect_uri", "user_id")
               if name in given} | {"updated_at": stamp(now)}
    return Answer.of(200, {"client": _shown(account.state, client)})


def delete_client(account: Calls, request: Request, user: int, now: datetime, id: str) -> Answer:
    """Its tokens go with it."""
    client, state = _client(account, user, id), account.state
    del state.oauth_clients[client["id"]]
    for token in [token for token, one in state.oauth.items() if one.get("client_id") == client["id"]]:
        del state.oauth[token]
    return Answer(204)


def _token(state: State, token: str) -> Json:
    one = state.oauth[token]
    return {"id": one.get("id", 1), "url": state.url(f"oauth/tokens/{one.get('id', 1)}.json"),
            "user_id": state.by_email[one["email"].lower()], "client_id": one.get("client_id"),
            "token": token[:SHOWN], "refresh_token": None, "refresh_token_expires_at": None,
            "scopes": list(one.get("scopes", ["read", "write"])), "created_at": one.get("created_at"),
            "expires_at": one.get("expires_at"), "used_at": None}


def list_tokens(account: Calls, request: Request, user: int, now: datetime) -> Answer:
    state, everyone = account.state, request.arg("all") == "true"
    if everyone:
        account._admin(user)
    rows = [_token(state, token) for token in state.oauth]
    return reading.listing(state, request, "tokens", [one for one in rows if everyone or one["user_id"] == user])


def current_token(account: Calls, request: Request, user: int, now: datetime) -> Answer:
    """Of the request itself; a login that is no OAuth token has none."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise not_found()
    return Answer.of(200, {"token": _token(account.state, token)})


def create_token(account: Calls, request: Request, user: int, now: datetime) -> Answer:
    """For the asking admin, with any scopes; shown in full this once."""
    account._admin(user)
    given, state = _body(request, "token"), account.state
    client = _client(account, user, str(given.get("client_id") or 0)) | {"user_id": user}
    token = _keep(state, client, list(given.get("scopes") or ["read", "write"]), now, USUAL)
    return Answer.of(201, {"token": _token(state, token) | {"full_token": token}})


def revoke_token(account: Calls, request: Request, user: int, now: datetime, id: str) -> Answer:
    state = account.state
    found = next((token for token, one in state.oauth.items() if one.get("id") == int(id)), None)
    if found is None:
        raise not_found()
    del state.oauth[found]
    return Answer(204)


def _refused(name: str, why: str) -> Refused:
    return Refused(422, {"error": "RecordInvalid", "description": "Record validation errors", "details": {
        name: [{"description": f"{name.title()}: {why}"}]}})


_ID = r"(\d{1,19})"
OAUTH_ROUTES: list[tuple[str, re.Pattern[str], str, Handle]] = [
    (method, re.compile(pattern), "oauth", handle) for method, pattern, handle in (
        ("GET", "oauth/clients", list_clients), ("POST", "oauth/clients", create_client),
        ("GET", f"oauth/clients/{_ID}", show_client), ("PUT", f"oauth/clients/{_ID}", change_client),
        ("DELETE", f"oauth/clients/{_ID}", delete_client),
        ("GET", "oauth/tokens", list_tokens), ("POST", "oauth/tokens", create_token),
        ("GET", "oauth/tokens/current", current_token), ("DELETE", f"oauth/tokens/{_ID}", revoke_token),
    )
]
