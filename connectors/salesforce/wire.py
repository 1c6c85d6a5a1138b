"""The one way to the org: simple-salesforce in direct mode, our own tokens, a client per thread, at most one repeat."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote, urlsplit

import requests
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from requests.adapters import BaseAdapter
from simple_salesforce import Salesforce  # type: ignore[attr-defined]
from simple_salesforce.exceptions import SalesforceError, SalesforceExpiredSession

from connectors.contract import Surroundings
from connectors.http import request_id, session
from connectors.salesforce.endings import VENDOR, first_error, lost, refused, unanswered
from connectors.salesforce.pace import Pace
from connectors.salesforce.settings import SalesforceSettings
from connectors.salesforce.tokens import Grant, Tokens

ANSWERED_BADLY = (SalesforceError, requests.RequestException, ValueError, TypeError, KeyError, RecursionError)
"""What the SDK ends in beside an answer: the last four where it cannot read one."""
AS_IT_IS = {"Sforce-Auto-Assign": "FALSE"}
"""Cases stay with whom they are with."""
OBJECTS = frozenset((
    "Account", "Case", "CaseComment", "CaseHistory", "Contact", "Deskhand_Action__c", "Deskhand_Head__c",
    "EmailMessage", "FeedItem", "RecordType", "Task", "User"))
"""simple-salesforce takes any attribute for an object's name; these are the ones we speak of."""


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

    def next_page(self) -> str | None:
        """Where the rest of a query's rows is, below the version's own path; None on the last page."""
        url = self.body.get("nextRecordsUrl") if isinstance(self.body, dict) and not self.body.get("done") else None
        return "query/" + str(url).rpartition("/")[2] if url else None

    def code(self) -> str:
        return first_error(self.body)[0]


class Parts(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    compositeResponse: tuple[Part, ...]


class BatchedPart(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    statusCode: int
    result: Any = None


class Batched(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    results: tuple[BatchedPart, ...]


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
        self.pace = Pace(around)
        self._own: Any = threading.local()
        self.tokens = Tokens(settings, self._session, around.now, self.server_time)

    def composite(self, subs: Sequence[dict[str, Any]], *, writing: bool, whole: bool = False,
                  optional: bool = False) -> list[Part]:
        """Up to 25 subrequests in one call, in the order given; HTTP 200 says nothing about the parts.

        `optional`: a look that can wait is not made while few calls are left. Collation is off: it may reorder what
        only seems unrelated, such as a PATCH and the GET that reads it back ("Composite Request Body").
        """
        numbered = [{"referenceId": f"r{n}", **sub} for n, sub in enumerate(subs)]
        body = {"allOrNone": whole, "collateSubrequests": False, "compositeRequest": numbered}
        given = self._call(lambda sdk: sdk.restful("composite", method="POST", json=body), writing=writing,
                           optional=optional)
        try:
            parts = Parts.model_validate(given).compositeResponse
        except ValidationError as error:
            raise unanswered(error, writing=writing) from error
        if len(parts) != len(subs):
            raise lost("Salesforce answered another number of parts", writing=writing, reason="unreadable_answer")
        return list(parts)

    def batch(self, subs: Sequence[dict[str, Any]]) -> list[Part]:
        """Subrequests one after the other in one call, actions too; each commits for itself, and a failure halts what
        comes after it ("Composite Batch")."""
        asked = [{"method": one["method"], "url": str(one["url"]).removeprefix("/services/data/"),
                  **({"richInput": one["body"]} if "body" in one else {})} for one in subs]
        body = {"haltOnError": True, "batchRequests": asked}
        given = self._call(lambda sdk: sdk.restful("composite/batch", method="POST", json=body), writing=True)
        try:
            parts = Batched.model_validate(given).results
        except ValidationError as error:
            raise unanswered(error, writing=True) from error
        if len(parts) != len(subs):
            raise lost("Salesforce answered another number of parts", writing=True, reason="unreadable_answer")
        return [Part(httpStatusCode=one.statusCode, body=one.result) for one in parts]

    def all_rows(self, part: Part) -> list[dict[str, Any]] | None:
        """What a query found, its further pages too; None when it did not answer."""
        rows = part.rows()
        while rows is not None and (page := part.next_page()):
            part = Part(httpStatusCode=200, body=self._page(page))
            more = part.rows()
            if more is None:
                raise lost("a page of Salesforce's answer cannot be read", writing=False, reason="unreadable_answer")
            rows += more
        return rows

    def _page(self, address: str) -> Any:
        return self._call(lambda sdk: sdk.restful(address, method="GET"), writing=False)

    def _call(self, ask: Callable[[Salesforce], Any], *, writing: bool, optional: bool = False) -> Any:
        """One request; with a lapsed session exactly one more, the same in every header, with a new token."""
        self.pace.wait(optional=optional)
        grant = self.tokens.current()
        try:
            return ask(self._client(grant))
        except SalesforceExpiredSession:
            grant = self.tokens.renewed(grant)
        except ANSWERED_BADLY as error:
            raise self._ending(error, writing) from error
        try:
            return ask(self._client(grant))
        except ANSWERED_BADLY as error:
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
            made.headers.update(AS_IT_IS)
            made.hooks["response"].append(self._heard)
            self._own.session = made
        return made

    def _heard(self, response: requests.Response, *more: Any, **options: Any) -> None:
        """Keeps what the SDK loses: usage and request id of every answer, also of refusals."""
        self._own.request_id = request_id(response.headers)
        self._own.date = response.headers.get("Date")
        self.pace.heard(response.headers)

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


def path(version: str, name: str, id: str = "", fields: Sequence[str] = ()) -> str:
    """The address of an object or a row inside a composite; only of objects we know."""
    if name not in OBJECTS:
        raise ValueError(f"{name} is not one of {', '.join(sorted(OBJECTS))}")
    row = f"/{id if id.startswith('@{') else quote(id, safe='')}" if id else ""
    return f"/services/data/v{version}/sobjects/{name}{row}" + (f"?fields={','.join(fields)}" if fields else "")


def changing_case(version: str, id: str, body: dict[str, Any], headers: Mapping[str, str] | None = None,
                  ) -> dict[str, Any]:
    """A case's update as a subrequest. Without the header an assignment rule of the org would move the case
    ("Assignment Rule Header")."""
    return {"method": "PATCH", "url": path(version, "Case", id), "httpHeaders": {**AS_IT_IS, **(headers or {})},
            "body": body}


def asking(version: str, soql: str, *, deleted_too: bool = False) -> dict[str, Any]:
    """A query as a subrequest."""
    resource = "queryAll" if deleted_too else "query"
    return {"method": "GET", "url": f"/services/data/v{version}/{resource}?q={quote(soql, safe='')}"}
