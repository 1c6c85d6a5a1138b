"""Access tokens that Deskhand gets for itself with an OAuth client, and renews before they end."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import requests
from requests.auth import AuthBase

from connectors.contract import Surroundings, Unavailable, VendorError
from connectors.http import session
from connectors.zendesk.settings import VENDOR, ZendeskSettings

SCOPES = ("read", "tickets:write")
"""All that running needs. Audits and the incremental export are readable with the global `read` alone."""
LIFE = 172_800
"""Seconds: the longest that Zendesk grants (help centre, "Announcing the required expiration of … tokens")."""
EARLY = timedelta(minutes=2)


class Granted(AuthBase):
    """The client credentials grant (docs, "OAuth Tokens for Grant Types"): no browser, no refresh token. One token
    serves all threads; it is asked for when it is first needed."""

    def __init__(self, settings: ZendeskSettings, around: Surroundings, scopes: tuple[str, ...] = SCOPES) -> None:
        self._settings = settings
        self._around = around
        self._scopes = scopes
        self._lock = threading.Lock()
        self._token = ""
        self._until: datetime | None = None

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self.token()}"
        return request

    def token(self) -> str:
        """Raises Unavailable: whatever was to be sent with it has not been sent."""
        with self._lock:
            if self._until is None or self._around.now() >= self._until - EARLY:
                self._ask()
            return self._token

    def forget(self, refused: str) -> None:
        """A token that was refused is not used again, and no newer one is lost."""
        with self._lock:
            if self._token == refused:
                self._until = None

    def _ask(self) -> None:
        given = self._settings
        secret = given.oauth_secret.get_secret_value() if given.oauth_secret else ""
        asked = {"grant_type": "client_credentials", "client_id": given.oauth_client, "client_secret": secret,
                 "scope": " ".join(self._scopes), "expires_in": LIFE}
        now = self._around.now()
        try:
            with session(VENDOR, given.hosts(), self._around) as door:
                answer = door.post(f"{given.address()}/oauth/tokens", json=asked, timeout=self._around.timeout)
        except requests.RequestException as error:
            raise Unavailable(f"Zendesk could not be asked for an access token: {type(error).__name__}", vendor=VENDOR,
                              reason="no answer") from error
        self._token, life = _read(answer)
        self._until = now + timedelta(seconds=life)


def _read(answer: requests.Response) -> tuple[str, float]:
    try:
        body = answer.json()
    except (ValueError, RecursionError):
        body = {}
    body = body if isinstance(body, dict) else {}
    if answer.status_code == 200 and body.get("access_token"):
        return str(body["access_token"]), _life(body.get("expires_in"))
    raise refused(answer.status_code, str(body.get("error_description") or body.get("error") or "no reason given"))


def _life(said: object) -> float:
    """Seconds; what cannot be one is taken for the longest: a token that ended early is renewed when it is refused."""
    return float(said) if isinstance(said, int | float) and 0 < said <= LIFE else float(LIFE)


def refused(status: int, why: str) -> VendorError:
    lasting = 400 <= status < 500 and status != 429
    plain = f"Zendesk gave no access token to our OAuth client: {status}"
    return Unavailable(f"{plain}: {why[:300]}", vendor=VENDOR, reason="credentials" if lasting else "server error",
                       lasting=lasting, plain=plain)
