"""The batch resource: subrequests one after the other, each for itself, all in one answer ("Composite Batch")."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from connectors.salesforce.standin.asking import Asked, error
from connectors.salesforce.standin.org import Json, Org
from connectors.standin import Answer

MOST = 25
TAKEN = ("limits", "sobjects", "query", "queryAll", "search", "connect", "chatter", "actions")
HALTED = [{"errorCode": "BATCH_PROCESSING_HALTED", "message": "Batch processing halted because a subrequest failed"}]
"""Of what comes after a failure, where the batch is to halt; the words are unverified."""


def answer(org: Org, asked: Asked, now: datetime, resource: Callable[[Org, Asked, datetime], Answer]) -> Answer:
    """HTTP 200 around whatever became of the parts; what one has committed stays when a later one fails."""
    body = asked.body if isinstance(asked.body, dict) else {}
    subs = body.get("batchRequests")
    if not isinstance(subs, list) or not 0 < len(subs) <= MOST or not all(_well_formed(one) for one in subs):
        return error(400, "JSON_PARSER_ERROR", "The batchRequests list is missing, too long, or badly formed")
    org.used += len(subs) - 1  # each subrequest counts against the limit
    given: list[Json] = []
    for sub in subs:
        if body.get("haltOnError") and any(one["statusCode"] >= 400 for one in given):
            given.append({"statusCode": 412, "result": HALTED})
            continue
        told = resource(org, asked.to(sub["method"].upper(), "/services/data/" + sub["url"], {}, sub.get("richInput")),
                        now)
        given.append({"statusCode": told.status, "result": told.json() if told.body else None})
    return Answer.of(200, {"hasErrors": any(one["statusCode"] >= 400 for one in given), "results": given})


def _well_formed(sub: Any) -> bool:
    """A method, and an address that begins with the version and names a resource that may be batched."""
    if not isinstance(sub, dict) or not isinstance(sub.get("method"), str) or not isinstance(sub.get("url"), str):
        return False
    version, _, rest = sub["url"].partition("/")
    return version.startswith("v") and rest.split("?")[0].split("/")[0] in TAKEN
