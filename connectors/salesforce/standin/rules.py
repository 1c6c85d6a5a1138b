"""The org over HTTP: token endpoint, REST resources, composite, limits, faults, and what people do in the org."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from connectors.salesforce.standin import soql
from connectors.salesforce.standin.composite import Composite
from connectors.salesforce.standin.faults import error, fault
from connectors.salesforce.standin.org import Json, Org, Refused, Row, id18, is_id, stamp
from connectors.salesforce.standin.people import OPERATIONS, load
from connectors.salesforce.standin.reading import Reader, spoken
from connectors.salesforce.standin.schema import SObject, describe
from connectors.standin import Answer, Request

GONE = "The requested resource does not exist"
EVERYTHING = frozenset(f"{name}:{what}" for name in ("Contact", "Account", "Task", "User", "Organization")
                       for what in ("read", "create", "edit"))
VERSIONS = {"66.0": "Spring ’26", "67.0": "Summer ’26", "68.0": "Winter ’27"}


@dataclass(frozen=True)
class Asked:
    """One REST call or one subrequest of a composite, after authentication."""

    method: str
    version: str
    path: tuple[str, ...]
    args: dict[str, list[str]]
    headers: dict[str, str]
    body: Any
    user: Row
    may: frozenset[str]

    def to(self, method: str, url: str, headers: dict[str, str], body: Any) -> Asked:
        """The same user asking something else; `url` is a subrequest's."""
        parts = urlsplit(url)
        found = re.fullmatch(r"/services/data/(v\d+\.\d)((?:/[^/]*)*)", unquote(parts.path))
        version, rest = (found[1], found[2]) if found else (self.version, "/?")
        return replace(self, method=method, version=version, path=tuple(p for p in rest.split("/") if p),
                       args=parse_qs(parts.query, keep_blank_values=True), headers=headers, body=body)


class SalesforceRules:
    """A Salesforce org with contacts, accounts and tasks."""

    name = "salesforce"

    def __init__(self) -> None:
        self.state = Org()

    def answer(self, request: Request, now: datetime) -> Answer:
        self.state.run_due(now)
        given = self._route(request, now)
        given.headers.setdefault("Date", format_datetime(stamp(now), usegmt=True))
        return given

    def _route(self, request: Request, now: datetime) -> Answer:
        path = request.path.rstrip("/")
        if path == "/services/oauth2/token":
            return self._token(request, now)
        if path == "/services/data":
            return Answer.of(200, [{"label": label, "url": f"/services/data/v{v}", "version": v}
                                   for v, label in VERSIONS.items()])
        found = re.fullmatch(r"/services/data/v(\d+\.\d)((?:/[^/]*)*)", path)
        if not found or not 31 <= float(found[1]) <= 68:
            return error(404, "NOT_FOUND", GONE)
        session = self._session(request, now)
        if session is None:
            return error(401, "INVALID_SESSION_ID", "Session expired or invalid")
        return self._counted(request, found[1], found[2], session, now)

    def _counted(self, request: Request, version: str, rest: str, session: Json, now: datetime) -> Answer:
        """One API call of the org's daily many; at the end of them 403 and no Retry-After (API Request Limits)."""
        if self.state.used >= self.state.daily:
            given = error(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
        else:
            self.state.used += 1
            session["calls"] += 1
            given = self._asked(request, version, rest, session, now)
        usage = f"api-usage={self.state.used}/{self.state.daily}"
        if self.state.app_daily:
            usage += f"; per-app-api-usage={session['calls']}/{self.state.app_daily}(appName=Deskhand)"
        given.headers["Sforce-Limit-Info"] = usage
        return given

    def _asked(self, request: Request, version: str, rest: str, session: Json, now: datetime) -> Answer:
        body = None
        if request.method in ("POST", "PATCH", "PUT"):
            if "json" not in request.headers.get("content-type", ""):
                return error(415, "UNSUPPORTED_MEDIA_TYPE", "Content-Type header specified in HTTP request is not "
                                                            "supported: " + request.headers.get("content-type", ""))
            try:
                body = request.json()
            except ValueError:
                return error(400, "JSON_PARSER_ERROR", "Unexpected character at [line:1, column:1]")
        client = self.state.clients[session["client"]]
        user = self.state.tables["User"][session["user"]]
        may = EVERYTHING if client.get("permissions") is None else frozenset(client["permissions"])
        path = tuple(part for part in rest.split("/") if part)
        return self.resource(Asked(request.method, "v" + version, path, request.args(), request.headers, body, user,
                                   may), now)

    def _token(self, request: Request, now: datetime) -> Answer:
        form = dict(request.form())
        if request.headers.get("authorization", "").startswith("Basic "):
            id, _, secret = base64.b64decode(request.headers["authorization"][6:]).decode().partition(":")
            form |= {"client_id": id, "client_secret": secret}
        client = self.state.clients.get(form.get("client_id", ""))
        if request.headers.get("host", "").split(".")[0] in ("login", "test"):
            return self._no_token("invalid_grant", "request not supported on this domain")
        if form.get("grant_type") != "client_credentials":
            return self._no_token("unsupported_grant_type", "grant type not supported")
        if client is None:
            return self._no_token("invalid_client_id", "client identifier invalid")
        if client.get("secret") != form.get("client_secret"):
            return self._no_token("invalid_client", "invalid client credentials")
        if client.get("blocked"):
            return self._no_token("invalid_grant", "no client credentials user enabled")
        return self._issue(form["client_id"], client["user"], now)

    def _no_token(self, code: str, words: str) -> Answer:
        return Answer.of(400, {"error": code, "error_description": words})

    def _issue(self, client: str, user: str, now: datetime) -> Answer:
        self.state.counters["token"] += 1
        token = f"{self.state.id[:15]}!AQ{self.state.counters['token']:06d}.made.up.token"
        self.state.tokens[token] = {"client": client, "user": user, "seen": now, "calls": 0}
        home = f"https://{self.state.domain}.my.salesforce.com"
        return Answer.of(200, {
            "access_token": token, "instance_url": home, "token_type": "Bearer", "signature": "bWFkZSB1cA==",
            "id": f"https://login.salesforce.com/id/{self.state.id}/{user}", "scope": "api",
            "issued_at": str(int(now.timestamp() * 1000))})

    def _session(self, request: Request, now: datetime) -> Json | None:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        session = self.state.tokens.get(token)
        if session is None or now - session["seen"] > timedelta(seconds=self.state.session_seconds):
            return None
        session["seen"] = now
        return session

    def resource(self, asked: Asked, now: datetime) -> Answer:
        """One resource, alone or inside a composite; errors as arrays."""
        reader = Reader(self.state, frozenset(p.removesuffix(":read") for p in asked.may if p.endswith(":read")),
                        asked.version, now)
        try:
            match asked.path:
                case ():
                    return Answer.of(200, {n: f"/services/data/{asked.version}/{n}"
                                           for n in ("composite", "limits", "query", "sobjects")})
                case ("limits",):
                    return Answer.of(200, {"DailyApiRequests": {
                        "Max": self.state.daily, "Remaining": self.state.daily - self.state.used}})
                case ("query",):
                    return self._query(asked, reader)
                case ("query", cursor):
                    return self._more(asked, cursor)
                case ("composite",) if asked.method == "POST":
                    return Composite(self, asked, now).answer()
                case ("sobjects", name, *rest):
                    return self._object(asked, reader, name, rest, now)
        except Refused as no:
            return Answer.of(no.status, no.body)
        return error(404, "NOT_FOUND", GONE)

    def _query(self, asked: Asked, reader: Reader) -> Answer:
        if asked.method != "GET":
            return error(405, "METHOD_NOT_ALLOWED", f"HTTP Method '{asked.method}' not allowed. Allowed are HEAD,GET")
        text = asked.args.get("q", [""])[0]
        if not text:
            return error(400, "MALFORMED_QUERY", "A query string has to be specified")
        try:
            total, records = reader.query(text)
        except soql.Malformed as no:
            return error(400, no.code, no.worded(text))
        return self._page(asked, {"total": total, "records": records}, 0)

    def _page(self, asked: Asked, cursor: Json, start: int) -> Answer:
        wanted = re.search(r"batchSize=(\d+)", asked.headers.get("sforce-query-options", ""))
        size = min(max(int(wanted[1]), 200), 2000) if wanted else self.state.page_size
        records, end = cursor["records"], start + size
        body: Json = {"totalSize": cursor["total"], "done": end >= len(records)}
        if end < len(records):
            id = cursor.get("id") or self.state.new_id("01g")
            self.state.cursors[id] = {**cursor, "id": id}
            body["nextRecordsUrl"] = f"/services/data/{asked.version}/query/{id}-{end}"
        return Answer.of(200, {**body, "records": records[start:end]})

    def _more(self, asked: Asked, cursor: str) -> Answer:
        id, _, start = cursor.partition("-")
        known = self.state.cursors.get(id)
        if known is None or not start.isdigit():
            return error(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
        return self._page(asked, known, int(start))

    def _object(self, asked: Asked, reader: Reader, name: str, rest: list[str], now: datetime) -> Answer:
        obj = reader.object(name)
        if obj is None:
            return error(404, "NOT_FOUND", GONE)
        if rest == ["describe"]:
            editable = {f.name for f in obj.fields.values() if f"{obj.name}.{f.name}" not in self.state.read_only}
            return Answer.of(200, describe(obj, reader.visible(obj), editable, asked.may))
        if len(rest) > 1:
            return error(404, "NOT_FOUND", GONE)
        table: dict[tuple[str, bool], Callable[[], Answer]] = {
            ("POST", False): lambda: self._create(asked, obj, now),
            ("GET", True): lambda: self._get(asked, reader, obj, rest[0]),
            ("PATCH", True): lambda: self._patch(asked, obj, rest[0], now),
            ("DELETE", True): lambda: error(403, "INSUFFICIENT_ACCESS_OR_READONLY",
                                            "insufficient access rights on object id")}
        does = table.get((asked.method, bool(rest)))
        allowed = "HEAD,GET,PATCH,DELETE" if rest else "HEAD,GET,POST"
        return does() if does else error(405, "METHOD_NOT_ALLOWED",
                                         f"HTTP Method '{asked.method}' not allowed. Allowed are {allowed}")

    def _create(self, asked: Asked, obj: SObject, now: datetime) -> Answer:
        if f"{obj.name}:create" not in asked.may:
            return error(403, "INSUFFICIENT_ACCESS_OR_READONLY", f"entity type cannot be inserted: {obj.name}")
        row = self.state.create(obj.name, _fields(asked.body), asked.user, now, allow_duplicates=_allowed(asked))
        return Answer.of(201, {"id": row["Id"], "success": True, "errors": []},
                         {"Location": f"/services/data/{asked.version}/sobjects/{obj.name}/{row['Id']}"})

    def _get(self, asked: Asked, reader: Reader, obj: SObject, id: str) -> Answer:
        row = self._row(obj, id)
        refused = self._condition(asked, row)
        if refused:
            return refused
        names = [n.strip() for n in asked.args.get("fields", [""])[0].split(",") if n.strip()]
        fields = []
        for name in names:
            found = reader.field(obj, name)
            if found is None:
                return error(400, "INVALID_FIELD", f"No such column '{name}' on sobject of type {obj.name}")
            fields.append(found)
        body = reader.record(obj, row, fields or reader.visible(obj))
        return Answer.of(200, {**body, "Id": row["Id"]}, self._last_modified(row))

    def _patch(self, asked: Asked, obj: SObject, id: str, now: datetime) -> Answer:
        row = self._row(obj, id)
        if f"{obj.name}:edit" not in asked.may:
            return error(403, "INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id")
        refused = self._condition(asked, row)
        if refused:
            return refused
        self.state.update(obj.name, row["Id"], _fields(asked.body), asked.user, now, allow_duplicates=_allowed(asked))
        return Answer(204)

    def _row(self, obj: SObject, id: str) -> Row:
        row = self.state.row(obj.name, id)
        if row is None:
            words = GONE if is_id(id18(id)) else "Provided external ID field does not exist or is not accessible: " + id
            raise Refused("NOT_FOUND", words, status=404)
        return row

    def _condition(self, asked: Asked, row: Row) -> Answer | None:
        """Weak validation by LastModifiedDate, to the second ("Conditional Request Headers").

        The words of a 412 are unverified.
        """
        until, since = asked.headers.get("if-unmodified-since"), asked.headers.get("if-modified-since")
        at, headers = row["LastModifiedDate"], self._last_modified(row)
        try:
            if until and at > parsedate_to_datetime(until):
                return Answer.of(412, [{"errorCode": "PRECONDITION_FAILED",
                                        "message": "The record was modified after the given date."}], headers)
            if since and at <= parsedate_to_datetime(since):
                return Answer.of(304, None, headers)
        except (ValueError, TypeError):
            return error(400, "INVALID_HEADER_VALUE", f"Invalid date in header: {until or since}")
        return None

    def _last_modified(self, row: Row) -> dict[str, str]:
        return {"Last-Modified": format_datetime(row["LastModifiedDate"], usegmt=True)}

    def fault(self, kind: str, request: Request, now: datetime, params: Json) -> Answer:
        given = fault(self, kind, request, now, params)
        given.headers.setdefault("Date", format_datetime(stamp(now), usegmt=True))
        return given

    def load(self, world: Json, now: datetime) -> None:
        """Adds a world's clients and rows; each list of rules or fields it names replaces the former one."""
        load(self.state, world, now)

    def books(self) -> Json:
        contacts = {id: {k: spoken(v) for k, v in row.items()} for id, row in self.state.tables["Contact"].items()}
        shown = ("Id", "WhoId", "Subject", "Description", "Status", "CreatedDate")
        tasks = [{name: spoken(row.get(name)) for name in shown} for row in self.state.tables["Task"].values()]
        return {"contacts": contacts, "activities": tasks, "changes": [dict(change) for change in self.state.changes]}

    def reset(self) -> None:
        self.state = Org()

    def control(self, op: str, params: Json, now: datetime) -> Json:
        """What people and time do in the org; raises KeyError for an unknown operation."""
        self.state.run_due(now)
        return OPERATIONS[op](self.state, params, now)


def _fields(body: Any) -> Row:
    if not isinstance(body, dict):
        raise Refused("JSON_PARSER_ERROR", f"Cannot deserialize instance of sobject from {json.dumps(body)[:40]}")
    return body


def _allowed(asked: Asked) -> bool:
    return "allowsave=true" in asked.headers.get("sforce-duplicate-rule-header", "").lower().replace(" ", "")
