"""How Salesforce's answers end for us, by error code and HTTP status ("Status Codes and Error Responses")."""

from __future__ import annotations

import re
from typing import Any

import requests

from connectors.contract import Conflict, NotFound, OutcomeUnknown, Rejected, Unavailable, VendorError
from connectors.http import ForbiddenAddress, surely_not_sent

VENDOR = "salesforce"

PARKED = 900.0
"""Seconds. Nothing tells when calls are free again or a maintenance is over; asking more often costs calls."""
LASTING = {
    "INVALID_SESSION_ID": "credentials", "INVALID_AUTH_HEADER": "credentials", "API_DISABLED_FOR_ORG": "api_disabled",
    "API_CURRENTLY_DISABLED": "api_disabled"}
"""Nothing happened, and trying again is useless until an admin mends it."""
SHUT = {"REQUEST_LIMIT_EXCEEDED": "daily_limit", "ORG_LOCKED": "org_locked",
        "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE": "maintenance"}
"""Nothing happened, and trying again within minutes is useless."""
PASSING = {"UNABLE_TO_LOCK_ROW": "row_locked", "ROW_LOCK": "row_locked"}
"""Nothing happened: somebody wrote the row for ten seconds and more."""
UNCERTAIN = ("REQUEST_RUNNING_TOO_LONG", "QUERY_TIMEOUT", "SERVER_UNAVAILABLE", "UNKNOWN_EXCEPTION")
"""Whatever status they come with, they say nothing about what was done."""
GONE = ("NOT_FOUND", "ENTITY_IS_DELETED", "INVALID_CROSS_REFERENCE_KEY")
FIELD = re.compile(r"[A-Za-z]\w{0,79}")
"""An API name; what else an error may call a field could be anybody's words."""
ADVICE = {
    "INSUFFICIENT_ACCESS": "the integration user may not do this; see its permission set",
    "INSUFFICIENT_FIELD_ACCESS": "the integration user may not write this field; see its permission set",
    "INVALID_FIELD_FOR_INSERT_UPDATE": "the integration user may not write this field; see its permission set",
    "FIELD_CUSTOM_VALIDATION_EXCEPTION": "a validation rule of the org refuses the value",
    "FIELD_FILTER_VALIDATION_EXCEPTION": "a lookup filter of the org refuses the value",
    "FIELD_INTEGRITY_EXCEPTION": "the value does not fit the other fields of the record",
    "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST": "the value is not in the field's list",
    "STRING_TOO_LONG": "the value is too long for the field",
    "REQUIRED_FIELD_MISSING": "the org requires a field that is empty",
    "DUPLICATES_DETECTED": "a duplicate rule of the org refuses the value",
    "ENTITY_IS_LOCKED": "the record is locked while an approval of the org is under way",
    "CANNOT_EXECUTE_FLOW_TRIGGER": "a flow of the org refuses the change",
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY": "a trigger of the org refuses the change",
}


def first_error(body: Any) -> tuple[str, str]:
    """Code and message: REST answers an array of errors, the token endpoint an object, an action a list of runs each
    with its own errors ("Invocable Actions")."""
    if isinstance(body, list) and body and isinstance(body[0], dict):
        if isinstance(errors := body[0].get("errors"), list) and errors and isinstance(errors[0], dict):
            return str(errors[0].get("statusCode", "")), str(errors[0].get("message", ""))
        return str(body[0].get("errorCode", "")), str(body[0].get("message", ""))
    if isinstance(body, dict):
        return str(body.get("error") or body.get("errorCode") or ""), str(
            body.get("error_description") or body.get("message") or "")
    return "", ""


def _fields(body: Any) -> str:
    """A clause with the fields that the first error names; "" where it names none."""
    named = body[0].get("fields") if isinstance(body, list) and body and isinstance(body[0], dict) else None
    found = [one for one in named if isinstance(one, str) and FIELD.fullmatch(one)] if isinstance(named, list) else []
    return f"; fields: {', '.join(found)}" if found else ""


def refused(status: int, body: Any, *, writing: bool, request_id: str | None = None) -> VendorError:
    """The ending of an answer that is not a success; in plain it is told by its code and its fields alone."""
    code, message = first_error(body)
    plain = f"Salesforce answered {status}: {code}".rstrip(": ") + _fields(body)
    about: dict[str, Any] = {"vendor": VENDOR, "request_id": request_id, "plain": plain}
    words = f"Salesforce answered {status} {code}: {message[:300]}".rstrip(": ")
    if status == 412:
        return Conflict("someone changed the record since it was read", vendor=VENDOR, reason="changed",
                        request_id=request_id)
    if code == "REQUEST_LIMIT_EXCEEDED" and "Concurrent" in message:
        return Unavailable(words, reason="concurrent_limit", retry_after=20, **about)
    if code in LASTING or status == 401:
        return Unavailable(words, reason=LASTING.get(code, "credentials"), lasting=True, **about)
    if code in SHUT:
        return Unavailable(words, reason=SHUT[code], retry_after=PARKED, lasting=True, **about)
    if status == 429:
        return Unavailable(words, reason="too_many", retry_after=20, **about)
    if locked := next((reason for one, reason in PASSING.items() if one in (code, *_wrapped(code, message))), None):
        return Unavailable(words, reason=locked, retry_after=2, **about)
    if status >= 500 or status < 300 or code in UNCERTAIN:
        return lost(words, writing=writing, reason=f"status_{status}", request_id=request_id, plain=plain)
    if status < 400:
        elsewhere = "the org lives elsewhere; check SALESFORCE_DOMAIN"
        return Unavailable(f"{words}: {elsewhere}", reason="redirected", lasting=True, **{
            **about, "plain": f"{plain}: {elsewhere}"})
    if code in GONE or status == 404:
        return NotFound(words, reason=code.lower() or "not_found", **about)
    advice = next((why for start, why in ADVICE.items() if code.startswith(start)), None)
    reason = code.lower() or f"status_{status}"
    if advice is None:
        return Rejected(words, reason=reason, **about)
    return Rejected(f"{advice}: {message[:300]}", reason=reason, **{**about, "plain": f"{advice}{_fields(body)}"})


def cannot_read(what: str, why: VendorError, reason: str) -> Unavailable:
    """Not being able to look is never "nothing there": `why` itself where it says that, else that it is so for now."""
    return why if isinstance(why, Unavailable) else Unavailable(
        f"{what} cannot be read: {why}", vendor=VENDOR, reason=reason, lasting=True,
        plain=f"{what} cannot be read: {why.plain}")


def _wrapped(code: str, message: str) -> tuple[str, ...]:
    """The codes that a trigger's own error carries in its words, as of a lock that its code met."""
    return tuple(one for one in PASSING if one in message) if code.startswith("CANNOT_") else ()


def lost(words: str, *, writing: bool, reason: str, request_id: str | None = None, plain: str = "") -> VendorError:
    """No usable answer: a write may have happened, a read surely changed nothing."""
    ending = OutcomeUnknown if writing else Unavailable
    return ending(words, vendor=VENDOR, reason=reason, request_id=request_id, plain=plain)


def unanswered(error: Exception, *, writing: bool) -> VendorError:
    """The ending of a request that got no HTTP answer, or none that can be read."""
    if isinstance(error, ForbiddenAddress):
        return Unavailable(str(error), vendor=VENDOR, reason="address", lasting=True)
    if isinstance(error, requests.exceptions.JSONDecodeError) or not isinstance(error, requests.RequestException):
        return lost("Salesforce's answer cannot be read", writing=writing, reason="unreadable_answer")
    if surely_not_sent(error):
        return Unavailable("Salesforce cannot be reached", vendor=VENDOR, reason="unreachable")
    what = "no answer in time" if isinstance(error, requests.Timeout) else "the connection was lost"
    return lost(f"Salesforce: {what}", writing=writing, reason="timeout" if "time" in what else "connection_lost")
