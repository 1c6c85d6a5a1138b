"""The composite resource: up to 25 subrequests, one API call, HTTP 200 around inner errors ("Composite")."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from connectors.salesforce.standin.asking import Asked
from connectors.salesforce.standin.org import Org
from connectors.standin import Answer

Json = dict[str, Any]
Resource = Callable[[Org, Asked, datetime], Answer]
REFERENCE = re.compile(r"@\{([^}]*)\}")
HALTED = "The transaction was rolled back since another operation in the same transaction failed."
INHERITED = ("accept", "authorization", "content-type")


MOST_QUERIES = 5
"""Queries and collections among them ("Composite")."""
REFUSED = ("actions", "metadata", "tooling")


class Failed(Exception):
    """One of all-or-none failed."""


class Missing(Exception):
    """A reference to an earlier answer that has no such value."""


def _bad(message: str) -> Answer:
    return Answer.of(400, [{"message": message, "errorCode": "JSON_PARSER_ERROR"}])


class Composite:
    def __init__(self, org: Org, asked: Asked, now: datetime, resource: Resource) -> None:
        self.org, self.asked, self.now, self.resource = org, asked, now, resource
        self.bodies: dict[str, Any] = {}

    def answer(self) -> Answer:
        """Runs the subrequests in the order given; with allOrNone one failure takes all of them back."""
        body = self.asked.body
        subs = body.get("compositeRequest") if isinstance(body, dict) else None
        problem = self._problem(subs)
        if problem or subs is None:
            return _bad(problem)
        if not body.get("allOrNone", False):
            return Answer.of(200, {"compositeResponse": [self._one(sub) for sub in subs]})
        given: list[Json] = []
        try:
            with self.org.transaction():
                for sub in subs:
                    given.append(self._one(sub))
                    if given[-1]["httpStatusCode"] >= 400:
                        raise Failed
        except Failed:
            given = self._halted(subs, given)
        return Answer.of(200, {"compositeResponse": given})

    def _problem(self, subs: Any) -> str:
        """Why the whole request is refused; these words are unverified."""
        if not isinstance(subs, list) or not subs or not all(isinstance(s, dict) for s in subs):
            return "The compositeRequest list is missing"
        if len(subs) > 25:
            return "Limit of 25 subrequests exceeded"
        ids = [s.get("referenceId") for s in subs]
        if not all(isinstance(i, str) and re.fullmatch(r"\w+", i) for i in ids) or len(set(ids)) != len(ids):
            return "Each subrequest needs its own referenceId of letters, digits and underscores"
        kinds = [_kind(str(s.get("url", ""))) for s in subs]
        if sum(kind in ("query", "queryAll", "composite/sobjects") for kind in kinds) > MOST_QUERIES:
            return f"Limit of {MOST_QUERIES} query and sObject Collections subrequests exceeded"
        if any(kind.split("/")[0] in REFUSED for kind in kinds):
            return "The resource of a subrequest is not supported in a composite request"
        if any(h.lower() in INHERITED for s in subs for h in s.get("httpHeaders") or {}):
            return "Accept, Authorization and Content-Type are inherited and must not be given"
        return ""

    def _one(self, sub: Json) -> Json:
        try:
            url, body = self._filled(sub.get("url", "")), self._filled(sub.get("body"))
        except Missing as missing:
            answer = Answer.of(400, [{"errorCode": "PROCESSING_HALTED", "message": str(missing)}])
        else:
            headers = {k.lower(): v for k, v in (sub.get("httpHeaders") or {}).items()}
            answer = self.resource(self.org, self.asked.to(sub.get("method", "GET"), url, headers, body), self.now)
        content = answer.json() if answer.body else None
        if answer.status < 300:
            self.bodies[sub["referenceId"]] = content
        shown = {k: v for k, v in answer.headers.items() if k in ("Location", "Last-Modified", "ETag")}
        return {"body": content, "httpHeaders": shown, "httpStatusCode": answer.status,
                "referenceId": sub["referenceId"]}

    def _filled(self, value: Any) -> Any:
        """The value with each `@{id.field}` replaced by what that earlier answer holds."""
        if isinstance(value, str):
            return REFERENCE.sub(lambda found: str(self._referred(found[1])), value)
        if isinstance(value, dict):
            return {k: self._filled(v) for k, v in value.items()}
        return [self._filled(v) for v in value] if isinstance(value, list) else value

    def _referred(self, path: str) -> Any:
        name, _, rest = path.partition(".")
        value: Any = self.bodies.get(name)
        for step in re.findall(r"[^.\[\]]+", rest):
            try:
                value = value[int(step)] if isinstance(value, list) else value[step]
            except (KeyError, IndexError, TypeError, ValueError):
                value = None
        if value is None:
            raise Missing(f"Invalid reference specified. No value for {path} found in {name}")
        return value if isinstance(value, str) else json.dumps(value)

    def _halted(self, subs: list[Json], given: list[Json]) -> list[Json]:
        """What everything but the failed one answers when all of it was taken back."""
        halted = [{"errorCode": "PROCESSING_HALTED", "message": HALTED}]
        return [given[-1] if place == len(given) - 1 else
                {"body": halted, "httpHeaders": {}, "httpStatusCode": 400, "referenceId": sub["referenceId"]}
                for place, sub in enumerate(subs)]


def _kind(url: str) -> str:
    """Which resource a subrequest asks for."""
    path = re.sub(r"^/services/data/v\d+\.\d/", "", url).split("?")[0].split("/")
    return "composite/sobjects" if path[:2] == ["composite", "sobjects"] else path[0]
