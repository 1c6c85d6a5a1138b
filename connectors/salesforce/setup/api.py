"""An admin's calls to the org: queries to their end, rows, Apex actions, deployments and retrievals."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree
from xml.sax.saxutils import escape

import requests
from simple_salesforce.format import format_soql

from connectors.contract import Rejected, Surroundings
from connectors.http import CONNECT, READ, Session, request_id, session
from connectors.salesforce.endings import VENDOR, refused, unanswered
from connectors.salesforce.settings import SalesforceSettings
from connectors.salesforce.wire import AS_IT_IS, Elsewhere

Json = dict[str, Any]
METADATA = "http://soap.sforce.com/2006/04/metadata"
UPLOAD = (CONNECT, 8 * READ)
"""Seconds; a package is some hundred kilobytes."""


def opened(settings: SalesforceSettings, around: Surroundings) -> Session:
    """A session to the org, or to what stands in for it."""
    made = session(VENDOR, settings.hosts(), around)
    if settings.url:
        made.mount("https://", Elsewhere(made.get_adapter("https://"), settings.url))
    return made


class Api:
    """One login, as its access token; `token` is asked for when the first call is made."""

    def __init__(self, settings: SalesforceSettings, around: Surroundings, token: Callable[[], str]) -> None:
        self.settings = settings
        self.around = around
        self._token = token
        self._session = opened(settings, around)

    def rows(self, fields: str, name: str, where: Mapping[str, str | Sequence[str]] | None = None, *,
             tooling: bool = False) -> list[Json]:
        """Every row of an object, or of one of the Tooling API, whose fields have these values, or one of these."""
        said = [format_soql(f"{field} {'=' if isinstance(value, str) else 'IN'} {{}}", value)
                for field, value in (where or {}).items()]
        return self._query(" ".join(("SELECT", fields, "FROM", name, *(["WHERE", " AND ".join(said)] if said else []))),
                           "tooling/query" if tooling else "query")

    def _query(self, soql: str, resource: str) -> list[Json]:
        """Over all pages."""
        answer = self._json("GET", f"{resource}?q={quote(soql, safe='')}")
        rows: list[Json] = list(answer["records"])
        while not answer.get("done", True):
            answer = self._json("GET", f"{resource}/" + str(answer["nextRecordsUrl"]).rpartition("/")[2])
            rows += answer["records"]
        return rows

    def count(self, name: str) -> int:
        """The rows of an object; 0 where there is no such object."""
        try:
            soql = " ".join(("SELECT COUNT() FROM", name))
            return int(self._json("GET", f"query?q={quote(soql, safe='')}")["totalSize"])
        except Rejected as error:
            if error.reason == "invalid_type":
                return 0
            raise

    def create(self, name: str, fields: Mapping[str, Any]) -> str:
        return str(self._json("POST", f"sobjects/{name}", json=dict(fields))["id"])

    def delete(self, name: str, id: str) -> None:
        self._ask("DELETE", f"sobjects/{name}/{id}")

    def act(self, name: str, inputs: Mapping[str, Any]) -> Json:
        """What one of the package's Apex actions answers ("Invocable Actions Custom")."""
        answer = self._json("POST", f"actions/custom/apex/{name}", json={"inputs": [dict(inputs)]})
        first: Json = answer[0] if isinstance(answer, list) and answer else {}
        if first.get("isSuccess") is not True:
            words = "; ".join(str(one.get("message")) for one in first.get("errors") or []) or "it did not say why"
            raise Rejected(f"Salesforce did not run {name}: {words}", vendor=VENDOR, reason="action")
        return first.get("outputValues") or {}

    def get(self, path: str) -> Any:
        return self._json("GET", path)

    def deploy(self, package: bytes, options: Mapping[str, Any]) -> str:
        """Returns the deployment's id ("Deploy Metadata with Apex Testing Using REST")."""
        given = {"json": (None, json.dumps({"deployOptions": dict(options)}), "application/json"),
                 "file": ("deploy.zip", package, "application/zip")}
        return str(self._json("POST", "metadata/deployRequest", files=given, timeout=UPLOAD)["id"])

    def deployment(self, id: str) -> Json:
        answer = self._json("GET", f"metadata/deployRequest/{id}?includeDetails=true")
        result: Json = answer["deployResult"]
        return result

    def soap(self, call: str, body: str) -> ElementTree.Element:
        """The result of a call of the Metadata API that REST does not have; `body` is its XML, escaped."""
        envelope = (f'<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns="{METADATA}"><e:Header>'
                    f"<SessionHeader><sessionId>{escape(self._token())}</sessionId></SessionHeader></e:Header>"
                    f"<e:Body><{call}>{body}</{call}></e:Body></e:Envelope>")
        url = f"{self.settings.home()}/services/Soap/m/{self.settings.api_version}"
        answer = self._send("POST", url, data=envelope.encode(), timeout=UPLOAD, headers={
            "Content-Type": "text/xml; charset=UTF-8", "SOAPAction": call})
        try:
            root = ElementTree.fromstring(answer.content)  # noqa: S314 - Salesforce's own answer, over TLS
        except ElementTree.ParseError as error:
            raise unanswered(error, writing=False) from error
        fault = root.find(".//{*}Fault")
        if fault is not None:
            code = (fault.findtext("faultcode") or "").rpartition(":")[2]
            told = [{"errorCode": code, "message": fault.findtext("faultstring") or ""}]
            raise refused(401 if code == "INVALID_SESSION_ID" else 400, told, writing=False)
        result = root.find(".//{*}result")
        if result is None:
            raise unanswered(ValueError("no result"), writing=False)
        return result

    def _json(self, method: str, path: str, **content: Any) -> Any:
        answer = self._ask(method, path, **content)
        try:
            return answer.json()
        except (ValueError, RecursionError) as error:
            raise unanswered(error, writing=method != "GET") from error

    def _ask(self, method: str, path: str, **content: Any) -> requests.Response:
        url = f"{self.settings.home()}/services/data/v{self.settings.api_version}/{path}"
        answer = self._send(method, url, headers={"Authorization": f"Bearer {self._token()}", **AS_IT_IS}, **content)
        if answer.status_code >= 300:
            raise refused(answer.status_code, _body(answer), writing=method != "GET",
                          request_id=request_id(answer.headers))
        return answer

    def _send(self, method: str, url: str, **content: Any) -> requests.Response:
        try:
            return self._session.request(method, url, **{"timeout": self.around.timeout, **content})
        except requests.RequestException as error:
            raise unanswered(error, writing=method != "GET") from error


def _body(answer: requests.Response) -> Any:
    try:
        return answer.json()
    except (ValueError, RecursionError):
        return None
