"""Faults by their general names, in Salesforce's words."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from connectors.salesforce.standin.asking import error
from connectors.salesforce.standin.ids import id18
from connectors.salesforce.standin.org import Json
from connectors.standin import Answer, Request

if TYPE_CHECKING:
    from connectors.salesforce.standin.rules import SalesforceRules


OUTAGE = (b"<html><head><title>We are down for maintenance.</title></head><body>We're sorry. Our servers are "
          b"temporarily unavailable. See trust.salesforce.com.</body></html>")


def fault(rules: SalesforceRules, kind: str, request: Request, now: datetime, params: Json) -> Answer:
    """A refusal as Salesforce words it; unknown kinds answer `status`, `code` and `message` of the params."""
    if kind in ("500_before", "500_after"):
        if kind == "500_after":
            rules.answer(request, now)
        status = int(params.get("status", 500))
        return Answer(status) if params.get("empty") else error(
            status, "UNKNOWN_EXCEPTION", "An unexpected error occurred. Please include this ErrorId if you contact "
            "support: 1234567890-12345 (-1234567890)")
    if kind == "maintenance":
        return Answer(503, OUTAGE, {"Content-Type": "text/html;charset=UTF-8"})
    if kind == "503":
        return error(503, "SERVER_UNAVAILABLE", "The server is temporarily unavailable. Try again later.")
    if kind == "429":
        which = "ConcurrentRequests (Concurrent API Requests)" if params.get("concurrent") else "TotalRequests"
        return error(403, "REQUEST_LIMIT_EXCEEDED", which + " Limit exceeded.")
    if kind == "auth_lost":
        return _auth_lost(rules, request, params)
    if kind in ("lock", "validation", "duplicate", "key_in_use", "key_mismatch"):
        return _refusing(rules, kind, request, now, params)
    if kind == "human_between":
        rules.control(params.get("op", "edit"), params["params"] if "op" in params else params, now)
        return rules.answer(request, now)
    if kind == "late_failure":
        return _reverted_later(rules, request, now, params)
    if kind == "key_expired":
        return rules.answer(request, now)
    return error(int(params.get("status", 400)), params.get("code", kind), params.get("message", kind))


def _auth_lost(rules: SalesforceRules, request: Request, params: Json) -> Answer:
    """The session ends; `lasting` blocks the client too; `body` object or text answers as other doors do."""
    token = request.headers.get("authorization", "").removeprefix("Bearer ")
    session = rules.state.tokens.pop(token, None)
    if params.get("lasting") and session:
        rules.state.clients[session["client"]]["blocked"] = True
    if params.get("body") == "object":
        return Answer.of(401, {"error": "invalid_token", "error_description": "expired"})
    if params.get("body") == "text":
        return Answer(401, b"Bad_OAuth_Token", {"Content-Type": "text/html;charset=UTF-8"})
    return error(401, "INVALID_SESSION_ID", "Session expired or invalid")


def _refusing(rules: SalesforceRules, kind: str, request: Request, now: datetime, params: Json) -> Answer:
    """Answers with every write refused, so that a composite fails inside as Salesforce's does."""
    id = id18(params.get("id", "")) or "the record"
    words = {"lock": ("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record or 1 records: " + id),
             "key_in_use": ("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record"),
             "validation": ("FIELD_CUSTOM_VALIDATION_EXCEPTION", params.get("message", "Ask the back office.")),
             "duplicate": ("DUPLICATES_DETECTED", "Use one of these records?"),
             "key_mismatch": ("DUPLICATE_VALUE", "duplicate value found: " + id)}
    state = rules.state
    kept, state.refusal = state.refusal, words[kind]
    try:
        return rules.answer(request, now)
    finally:
        state.refusal = kept


def _reverted_later(rules: SalesforceRules, request: Request, now: datetime, params: Json) -> Answer:
    flow = {"object": params.get("object", "Contact"), "field": params["field"], "do": "later",
            "seconds": params.get("seconds", 60)}
    rules.state.flows.append(flow)
    try:
        return rules.answer(request, now)
    finally:
        rules.state.flows.remove(flow)
