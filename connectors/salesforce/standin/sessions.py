"""Tokens: client credentials, JWT bearer, and the sessions they open ("OAuth Authorization Flows")."""

from __future__ import annotations

import base64
from datetime import datetime, timedelta
from typing import Any

import jwt
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from cryptography.x509 import load_pem_x509_certificate

from connectors.salesforce.standin.org import Json, Org
from connectors.standin import Answer, Request

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
LONGEST = timedelta(minutes=5)
"""An assertion that is good for longer is refused ("OAuth 2.0 JWT Bearer Flow")."""


class NoToken(Exception):
    """A refusal, as the object the token endpoint answers."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(words)
        self.answer = Answer.of(400, {"error": code, "error_description": words})


def token(org: Org, request: Request, now: datetime) -> Answer:
    """Answers `POST /services/oauth2/token`."""
    form = dict(request.form())
    if request.headers.get("authorization", "").startswith("Basic "):
        id, _, secret = base64.b64decode(request.headers["authorization"][6:]).decode().partition(":")
        form |= {"client_id": id, "client_secret": secret}
    grants = {"client_credentials": _by_secret, JWT_BEARER: _by_assertion}
    try:
        if form.get("grant_type") not in grants:
            raise NoToken("unsupported_grant_type", "grant type not supported")
        client, user = grants[form["grant_type"]](org, form, request.headers.get("host", ""), now)
    except NoToken as no:
        return no.answer
    return _issued(org, client, user, now)


def _by_secret(org: Org, form: dict[str, str], host: str, now: datetime) -> tuple[str, str]:
    if host.split(".")[0] in ("login", "test"):
        raise NoToken("invalid_grant", "request not supported on this domain")
    client = org.clients.get(form.get("client_id", ""))
    if client is None:
        raise NoToken("invalid_client_id", "client identifier invalid")
    if not client.get("secret") or client["secret"] != form.get("client_secret"):
        raise NoToken("invalid_client", "invalid client credentials")
    if client.get("blocked"):
        raise NoToken("invalid_grant", "no client credentials user enabled")
    return form["client_id"], client["user"]


def _by_assertion(org: Org, form: dict[str, str], host: str, now: datetime) -> tuple[str, str]:
    """The client's certificate signed it, for a user who approved the client, for this login host, not too long."""
    given = form.get("assertion", "")
    try:
        client = org.clients.get(jwt.decode(given, options={"verify_signature": False}).get("iss", ""))
        if client is None:
            raise NoToken("invalid_client_id", "client identifier invalid")
        said = jwt.decode(given, _public_key(client.get("certificate", "")), algorithms=["RS256"],
                          options={"verify_exp": False, "verify_aud": False, "verify_iat": False})
    except (jwt.PyJWTError, ValueError):
        raise NoToken("invalid_grant", "invalid assertion") from None
    homes = ("https://login.salesforce.com", "https://test.salesforce.com",
             f"https://{org.domain}.my.salesforce.com")
    if said.get("aud") not in homes:
        raise NoToken("invalid_grant", "audience is invalid")
    until = float(said.get("exp", 0))
    if not now.timestamp() < until <= (now + LONGEST).timestamp():
        raise NoToken("invalid_grant", "expired authorization code")
    user = org.named("User", str(said.get("sub", "")), "Username")
    approved = client.get("users")
    if user is None or client.get("blocked") or (approved is not None and user["Username"] not in approved):
        raise NoToken("invalid_grant", "user hasn't approved this consumer")
    if not user["IsActive"]:
        raise NoToken("invalid_grant", "authentication failure")
    return str(said["iss"]), str(user["Id"])


def _public_key(pem: str) -> Any:
    if "CERTIFICATE" in pem:
        return load_pem_x509_certificate(pem.encode()).public_key()
    return load_pem_public_key(pem.encode())


def _issued(org: Org, client: str, user: str, now: datetime) -> Answer:
    org.counters["token"] += 1
    made = f"{org.id[:15]}!AQ{org.counters['token']:06d}.made.up.token"
    org.tokens[made] = {"client": client, "user": user, "seen": now, "calls": 0}
    return Answer.of(200, {
        "access_token": made, "instance_url": f"https://{org.domain}.my.salesforce.com", "token_type": "Bearer",
        "signature": "bWFkZSB1cA==", "id": f"https://login.salesforce.com/id/{org.id}/{user}", "scope": "api",
        "issued_at": str(int(now.timestamp() * 1000))})


def session(org: Org, request: Request, now: datetime) -> Json | None:
    """The session of this request's token; none when it is unknown, stale, or of a user who was switched off."""
    found = org.tokens.get(request.headers.get("authorization", "").removeprefix("Bearer "))
    if found is None or now - found["seen"] > timedelta(seconds=org.session_seconds):
        return None
    if not org.tables["User"][found["user"]]["IsActive"]:
        return None
    found["seen"] = now
    return found
