"""The one way to the org: simple-salesforce in direct mode, our own tokens, a client per thread, at most one repeat."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote, urlsplit

import requests
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from requests.adapters import BaseAdapter
from simple_salesforce import Salesforce  # type: ignore[attr-defined]
from simple_salesforce.exceptions import SalesforceError, SalesforceExpiredSession

from connectors.contract import Surroundings, Unavailable
from connectors.http import check_address, request_id, session
from connectors.salesforce.endings import VENDOR, first_error, lost, refused, unanswered
from connectors.salesforce.settings import HOSTS, SalesforceSettings

OBJECTS = frozenset(("Contact", "Account", "Task"))
"""simple-salesforce takes any attribute for an object's name; these are the ones we speak of."""


class Grant(BaseModel):
    """The token endpoint's answer ("OAuth 2.0 Client Credentials Flow")."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    access_token: str = Field(min_length=1)
    instance_url: str


class Part(BaseModel):
    """The answer to one subrequest of a composite."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    status: int = Field(alias="httpStatusCode")
    body: Any = None

    def row(self) -> dict[str, Any]:
        """The record, or nothing when this part did not answer one."""
        return self.body if self.status == 200 and isinstance(self.body, dict) else {}

    def rows(self) -> list[dict[str, Any]] | None:
        """The records a query found; None when it did not answer."""
        records = self.body.get("records") if self.status == 200 and isinstance(self.body, dict) else None
        return [r for r in records if isinstance(r, dict)] if isinstance(records, list) else None

    def code(self) -> str:
        return first_error(self.body)[0]


class Parts(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    compositeResponse: tuple[Part, ...]


@dataclass(frozen=True)
class Usage:
    """API calls of the org's rolling 24 hours, as the newest answer told ("Sforce-Limit-Info")."""

    used: int
    total: int


class Elsewhere(BaseAdapter):
    """Sends what the SDK addresses to the org to another base address, scheme and path prefix included."""

    def __init__(self, carrier: BaseAdapter, base: str) -> None:
        super().__init__()
        self.carrier, self.base = carrier, base

    def send(self, request: requests.PreparedRequest, stream: bool = False, timeout: Any = None,
             verify: bool | str = True, cert: Any = None, proxies: Any = None) -> requests.Response:
        parts = urlsplit(request.url or "")
        request.url = self.base + parts.path + (f"?{parts.query}" if parts.query else "")
        return self.carrier.send(request, stream=stream, timeout=timeout, verify=verify, cert=cert, proxies=proxies)

    def close(self) -> None:
        self.carrier.close()


class Wire:
    """Calls to one org. Every call ends in an answer or in one of the contract's errors."""

    def __init__(self, settings: SalesforceSettings, around: Surroundings) -> None:
        self.settings, self.around = settings, around
        self.usage: Usage | None = None
        self._grant: Grant | None = None
        self._granting = threading.Lock()
        self._own: Any = threading.local()

    def composite(self, subs: Sequence[dict[str, Any]], *, writing: bool, whole: bool = False) -> list[Part]:
        """Up to 25 subrequests in one call, in the order given; HTTP 200 says nothing about the parts.

        Collation is off: it may reorder what only seems unrelated, such as a PATCH and the GET that reads it back
        ("Composite Request Body").
        """
        numbered = [{"referenceId": f"r{n}", **sub} for n, sub in enumerate(subs)]
        body = {"allOrNone": whole, "collateSubrequests": False, "compositeRequest": numbered}
        given = self._call(lambda sdk: sdk.restful("composite", method="POST", json=body), writing=writing)
        try:
            parts = Parts.model_validate(given).compositeResponse
        except ValidationError as error:
            raise unanswered(error, writing=writing) from error
        if len(parts) != len(subs):
            raise lost("Salesforce answered another number of parts", writing=writing, reason="unreadable_answer")
        return list(parts)

    def _call(self, ask: Callable[[Salesforce], Any], *, writing: bool) -> Any:
        """One request; with a lapsed session exactly one more, the same in every header, with a new token."""
        grant = self._current()
        try:
            return ask(self._client(grant))
        except SalesforceExpiredSession:
            grant = self._renewed(grant)
        except (SalesforceError, requests.RequestException, ValueError, TypeError, KeyError) as error:
            raise self._ending(error, writing) from error
        try:
            return ask(self._client(grant))
        except (SalesforceError, requests.RequestException, ValueError, TypeError, KeyError) as error:
            raise self._ending(error, writing) from error

    def _ending(self, error: Exception, writing: bool) -> Exception:
        if isinstance(error, SalesforceError):
            return refused(error.status, error.content, writing=writing, request_id=self.request_id())
        return unanswered(error, writing=writing)

    def _client(self, grant: Grant) -> Salesforce:
        """The SDK fixes its addresses when it is made, so a new token makes a new one."""
        if getattr(self._own, "token", None) != grant.access_token:
            self._own.client = Salesforce(session_id=grant.access_token, instance_url=grant.instance_url,
                                          version=self.settings.api_version, session=self._session(),
                                          object_pairs_hook=dict)
            self._own.token = grant.access_token
        client: Salesforce = self._own.client
        return client

    def _session(self) -> requests.Session:
        made: requests.Session | None = getattr(self._own, "session", None)
        if made is None:
            made = session(VENDOR, self.settings.hosts(), self.around)
            if self.settings.url:
                made.mount("https://", Elsewhere(made.get_adapter("https://"), self.settings.url))
            made.hooks["response"].append(self._heard)
            self._own.session = made
        return made

    def _heard(self, response: requests.Response, *more: Any, **options: Any) -> None:
        """Keeps what the SDK loses: usage and request id of every answer, also of refusals."""
        self._own.request_id = request_id(response.headers)
        self._own.date = response.headers.get("Date")
        counted = response.headers.get("Sforce-Limit-Info", "").partition(";")[0].rpartition("api-usage=")[2]
        used, _, total = counted.partition("/")
        if used.isdigit() and total.isdigit():
            self.usage = Usage(int(used), int(total))

    def request_id(self) -> str | None:
        """Of this thread's newest answer."""
        known: str | None = getattr(self._own, "request_id", None)
        return known

    def server_time(self) -> datetime:
        """Salesforce's clock by this thread's newest answer, for it also dates the rows; ours where it says nothing."""
        try:
            return parsedate_to_datetime(getattr(self._own, "date", None) or "")
        except ValueError:
            return self.around.now()

    def _current(self) -> Grant:
        with self._granting:
            self._grant = self._grant or self._granted()
            return self._grant

    def _renewed(self, lapsed: Grant) -> Grant:
        """Another token than the lapsed one; threads that lapsed together ask once."""
        with self._granting:
            if self._grant is None or self._grant.access_token == lapsed.access_token:
                self._grant = None
                self._grant = self._granted()
            return self._grant

    def _granted(self) -> Grant:
        """Asks for a token. Nothing has been written yet, so every failure is Unavailable."""
        problem = Unavailable("SALESFORCE_CLIENT_SECRET is empty", vendor=VENDOR, reason="credentials", lasting=True)
        for secret in self.settings.secrets():
            form = {"grant_type": "client_credentials", "client_id": self.settings.client_id, "client_secret": secret}
            try:
                given = self._session().post(self.settings.home() + "/services/oauth2/token", data=form)
                if given.status_code == 200:
                    grant = Grant.model_validate(given.json())
                    check_address(grant.instance_url, HOSTS)
                    return grant
                problem = self._no_token(given)
            except (requests.RequestException, ValueError) as error:
                raise unanswered(error, writing=False) from error
            if problem.reason != "credentials":
                break
        raise problem

    def _no_token(self, given: requests.Response) -> Unavailable:
        try:
            code, message = first_error(given.json())
        except ValueError:
            code, message = "", ""
        if given.status_code >= 500:
            return Unavailable(f"Salesforce gave no token: {given.status_code}", vendor=VENDOR, reason="no_token")
        return Unavailable(f"Salesforce gives no token ({code or given.status_code}: {message}). Check the settings "
                           "SALESFORCE_DOMAIN, SALESFORCE_CLIENT_ID and _SECRET, and the app's run-as user",
                           vendor=VENDOR, reason="credentials", lasting=True)


def path(version: str, name: str, id: str = "", fields: Sequence[str] = ()) -> str:
    """The address of an object or a row inside a composite; only of objects we know."""
    if name not in OBJECTS:
        raise ValueError(f"{name} is not one of {', '.join(sorted(OBJECTS))}")
    row = f"/{id if id.startswith('@{') else quote(id, safe='')}" if id else ""
    return f"/services/data/v{version}/sobjects/{name}{row}" + (f"?fields={','.join(fields)}" if fields else "")


def asking(version: str, soql: str) -> dict[str, Any]:
    """A query as a subrequest."""
    return {"method": "GET", "url": f"/services/data/v{version}/query?q={quote(soql, safe='')}"}
