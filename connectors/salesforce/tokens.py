"""The org's access tokens, ours alone: the SDK never signs in, threads ask once, and nothing is written meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import jwt
import requests
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from connectors.contract import Unavailable
from connectors.http import ForbiddenAddress
from connectors.salesforce.endings import VENDOR, first_error, unanswered
from connectors.salesforce.settings import SalesforceSettings

ENDPOINT = "/services/oauth2/token"
BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
ASSERTED = timedelta(minutes=3)
"""How long an assertion holds; Salesforce takes no longer ones ("OAuth 2.0 JWT Bearer Flow")."""
LOGIN, TEST = "https://login.salesforce.com", "https://test.salesforce.com"
"""Whom an assertion is for: sandboxes and scratch orgs are signed in to at the second."""
SKEW = timedelta(seconds=30)
"""A clock that differs by less is not the reason why an assertion was refused."""


class Grant(BaseModel):
    """The token endpoint's answer ("OAuth 2.0 Client Credentials Flow")."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    access_token: str = Field(min_length=1, repr=False)
    instance_url: str
    id: str = ""
    """The identity URL, which ends in the user's id."""

    def org(self) -> str:
        """Of which org the token is, by its 18 characters; "" where the answer does not say."""
        part = self.id.rstrip("/").split("/")[-2:][0]
        return part if part.startswith("00D") and len(part) == 18 else ""

    def user(self) -> str:
        """Whom the token speaks for; "" where the answer does not say."""
        last = self.id.rpartition("/")[2]
        return last if last.startswith("005") else ""


class Tokens:
    """One token for all threads until Salesforce does not take it any more; neither flow brings a refresh token."""

    def __init__(self, settings: SalesforceSettings, session: Callable[[], requests.Session],
                 now: Callable[[], datetime], heard: Callable[[], datetime]) -> None:
        """`session` is the asking thread's own; `heard` is Salesforce's clock by its newest answer."""
        self._settings, self._session, self._now, self._heard = settings, session, now, heard
        self._grant: Grant | None = None
        self._asking = threading.Lock()

    def current(self) -> Grant:
        with self._asking:
            self._grant = self._grant or self._granted()
            return self._grant

    def renewed(self, lapsed: Grant) -> Grant:
        """Another token than the lapsed one; threads that lapsed together ask once."""
        with self._asking:
            if self._grant is None or self._grant.access_token == lapsed.access_token:
                self._grant = None
                self._grant = self._granted()
            return self._grant

    def _granted(self) -> Grant:
        """Asks for a token. Nothing has been written yet, so every failure is Unavailable."""
        problem = Unavailable("no way to sign in to Salesforce is set", vendor=VENDOR, reason="credentials",
                              lasting=True)
        for form in self._forms():
            try:
                given = self._session().post(self._settings.home() + ENDPOINT, data=form)
                if given.status_code == 200:
                    grant = Grant.model_validate(given.json())
                    self._at_home(grant)
                    return grant
                problem = self._refused(given)
            except (requests.RequestException, ValueError, RecursionError) as error:
                raise unanswered(error, writing=False) from error
            if problem.reason != "credentials":
                break
        raise problem

    def _at_home(self, grant: Grant) -> None:
        """A token is used at the host that gave it out and nowhere else. Raises ForbiddenAddress."""
        home = self._settings.home()
        if grant.instance_url.lower().rstrip("/") != home:
            raise ForbiddenAddress(f"the org's token is for {grant.instance_url[:200]}, and SALESFORCE_DOMAIN leads to "
                                   f"{home}: write the org's My Domain name to it (Setup, My Domain)")

    def _forms(self) -> Iterator[dict[str, str]]:
        """What to ask with, the best first; each further one only when the one before was refused."""
        key = self._settings.jwt_key
        if key is None:
            for secret in self._settings.secrets():
                yield {"grant_type": "client_credentials", "client_id": self._settings.client_id,
                       "client_secret": secret}
            return
        ours = self._now()
        yield self._asserted(key, ours)
        if abs(self._heard() - ours) > SKEW:  # the refusal was dated: ours is the clock that is wrong
            yield self._asserted(key, self._heard())

    def _asserted(self, key: SecretStr, at: datetime) -> dict[str, str]:
        claims = {"iss": self._settings.client_id, "sub": self._settings.username, "aud": self._audience(),
                  "exp": int((at + ASSERTED).timestamp())}
        return {"grant_type": BEARER, "assertion": jwt.encode(claims, key.get_secret_value(), algorithm="RS256")}

    def _audience(self) -> str:
        return TEST if self._settings.domain.endswith((".sandbox", ".scratch")) else LOGIN

    def _refused(self, given: requests.Response) -> Unavailable:
        """OAuth errors are objects, where REST errors are arrays."""
        try:
            code, message = first_error(given.json())
        except (ValueError, RecursionError):
            code, message = "", ""
        if given.status_code >= 500:
            return Unavailable(f"Salesforce gave no token: {given.status_code}", vendor=VENDOR, reason="no_token")
        look_at = "SALESFORCE_JWT_KEY, SALESFORCE_USERNAME and the app's policy for that user" \
            if self._settings.jwt_key else "SALESFORCE_CLIENT_SECRET and the app's run-as user"
        why, check = code or given.status_code, f"Check the settings SALESFORCE_DOMAIN, SALESFORCE_CLIENT_ID, {look_at}"
        return Unavailable(f"Salesforce gives no token ({why}: {message}). {check}", vendor=VENDOR, lasting=True,
                           reason="credentials", plain=f"Salesforce gives no token ({why}). {check}")
