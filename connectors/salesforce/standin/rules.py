"""The org over HTTP: tokens, sessions, limits, faults; what people and time do; what its package sends."""

from __future__ import annotations

import re
import threading
from datetime import datetime
from email.utils import format_datetime

from connectors.salesforce.standin import metadata, outbox, sessions
from connectors.salesforce.standin.asking import GONE, Asked, error, permissions
from connectors.salesforce.standin.books import books
from connectors.salesforce.standin.calls import resource
from connectors.salesforce.standin.faults import OUTAGE, fault
from connectors.salesforce.standin.happenings import OPERATIONS
from connectors.salesforce.standin.ids import stamp
from connectors.salesforce.standin.org import Json, Org
from connectors.salesforce.standin.saving import run_due
from connectors.salesforce.standin.worlds import load
from connectors.standin import Answer, Delivery, Request

VERSIONS = {"66.0": "Spring ’26", "67.0": "Summer ’26", "68.0": "Winter ’27"}
PLAIN = ("application/json", "multipart/form-data")


class SalesforceRules:
    """A Salesforce org with its contacts, its service desk and, when it is installed, Deskhand's package.

    `due` and `settled` are the side of the package's callouts; `control` is what people and time do.
    """

    name = "salesforce"

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._open()

    def _open(self) -> None:
        self.state = Org()
        self.sender = outbox.Sender()

    def answer(self, request: Request, now: datetime) -> Answer:
        with self._lock:
            run_due(self.state, now)
            given = self._route(request, now)
            given.headers.setdefault("Date", format_datetime(stamp(now), usegmt=True))
            return given

    def _route(self, request: Request, now: datetime) -> Answer:
        path = request.path.rstrip("/")
        if self.state.outage_until is not None and now < self.state.outage_until:
            return Answer(503, OUTAGE, {"Content-Type": "text/html;charset=UTF-8"})
        if path == "/services/oauth2/token":
            return sessions.token(self.state, request, now)
        if path.startswith("/services/Soap/m/"):
            return metadata.soap(self.state, request, now)
        if path == "/services/data":
            return Answer.of(200, [{"label": label, "url": f"/services/data/v{v}", "version": v}
                                   for v, label in VERSIONS.items()])
        found = re.fullmatch(r"/services/data/v(\d+\.\d)((?:/[^/]*)*)", path)
        if not found or not 31 <= float(found[1]) <= 68:
            return error(404, "NOT_FOUND", GONE)
        session = sessions.session(self.state, request, now)
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
        body, kind = None, request.headers.get("content-type", "")
        if request.method in ("POST", "PATCH", "PUT"):
            if not kind.startswith(PLAIN) and "json" not in kind:
                return error(415, "UNSUPPORTED_MEDIA_TYPE",
                             "Content-Type header specified in HTTP request is not supported: " + kind)
            try:
                body = request.body if kind.startswith("multipart/") else request.json()
            except ValueError:
                return error(400, "JSON_PARSER_ERROR", "Unexpected character at [line:1, column:1]")
        client = self.state.clients[session["client"]]
        path = tuple(part for part in rest.split("/") if part)
        return resource(self.state, Asked(
            request.method, "v" + version, path, request.args(), request.headers, body,
            self.state.tables["User"][session["user"]], permissions(self.state, client)), now)

    def fault(self, kind: str, request: Request, now: datetime, params: Json) -> Answer:
        with self._lock:
            given = fault(self, kind, request, now, params)
            given.headers.setdefault("Date", format_datetime(stamp(now), usegmt=True))
            return given

    def load(self, world: Json, now: datetime) -> None:
        """Adds a world's clients and rows; each list of rules or fields it names replaces the former one."""
        with self._lock:
            load(self.state, world, now)

    def books(self) -> Json:
        with self._lock:
            return books(self.state)

    def reset(self) -> None:
        with self._lock:
            self._open()

    def control(self, op: str, params: Json, now: datetime) -> Json:
        """What people and time do in the org; raises KeyError for an unknown operation."""
        with self._lock:
            run_due(self.state, now)
            if op in outbox.OPERATIONS:
                return outbox.OPERATIONS[op](self.state, self.sender, params, now)
            return OPERATIONS[op](self.state, params, now)

    def due(self, now: datetime) -> list[Delivery]:
        """Callouts and outbound messages to attempt now; each is handed out once per attempt."""
        with self._lock:
            return self.sender.due(self.state, now)

    def settled(self, delivery: Delivery, status: int | None, now: datetime) -> None:
        with self._lock:
            self.sender.settled(self.state, delivery, status, now)
