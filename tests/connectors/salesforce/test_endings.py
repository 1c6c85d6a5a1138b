"""How Salesforce's answers end: a refusal is not an outage, and an outage is not a refusal."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.contract import Conflict, NotFound, OutcomeUnknown, Rejected, Unavailable
from connectors.salesforce.endings import cannot_read, refused


def no(status: int, code: str, message: str = "", *, writing: bool = True) -> Any:
    return refused(status, [{"errorCode": code, "message": message}], writing=writing)


@pytest.mark.parametrize(("code", "tells"), [
    ("FIELD_CUSTOM_VALIDATION_EXCEPTION", "a validation rule"), ("DUPLICATES_DETECTED", "a duplicate rule"),
    ("FIELD_INTEGRITY_EXCEPTION", "does not fit"), ("STRING_TOO_LONG", "too long"),
    ("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "not in the field's list"), ("ENTITY_IS_LOCKED", "an approval"),
    ("REQUIRED_FIELD_MISSING", "requires a field"), ("CANNOT_EXECUTE_FLOW_TRIGGER", "a flow"),
    ("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "a trigger"), ("FIELD_FILTER_VALIDATION_EXCEPTION", "a lookup filter"),
    ("INSUFFICIENT_ACCESS_OR_READONLY", "permission set"), ("INSUFFICIENT_FIELD_ACCESS", "permission set"),
    ("INVALID_FIELD_FOR_INSERT_UPDATE", "permission set"), ("SOMETHING_NEW", "SOMETHING_NEW")])
def test_a_refusal_says_who_refuses_and_nothing_happened(code: str, tells: str) -> None:
    said = no(400, code, "Ask the back office.")
    assert type(said) is Rejected
    assert said.reason == code.lower()
    assert tells in str(said)
    assert "Ask the back office." in str(said)


@pytest.mark.parametrize("code", ["STRING_TOO_LONG", "INVALID_EMAIL_ADDRESS", "MALFORMED_QUERY", "NOT_FOUND",
                                  "UNABLE_TO_LOCK_ROW", "REQUEST_LIMIT_EXCEEDED", "INVALID_SESSION_ID", "ORG_LOCKED"])
@pytest.mark.parametrize("status", [302, 400, 404, 429, 500])
def test_in_plain_the_code_and_the_field_are_told_and_not_what_the_vendor_quotes(status: int, code: str) -> None:
    error = {"errorCode": code, "message": "Kastanienallee 7", "fields": ["MailingStreet", "Kastanienallee 7"]}
    said = refused(status, [error], writing=True)
    assert "Kastanienallee" in str(said)
    assert "Kastanienallee" not in said.plain
    assert "MailingStreet" in said.plain
    assert "Kastanienallee" not in cannot_read("contacts", said, "contacts_unreadable").plain


@pytest.mark.parametrize(("status", "code", "message"), [
    (400, "UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record"),
    (400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "CaseTrigger: execution of AfterUpdate caused by: Update failed. "
     "first error: UNABLE_TO_LOCK_ROW, unable to obtain exclusive access")])
def test_a_locked_row_is_tried_again_soon_also_where_a_trigger_met_the_lock(status: int, code: str, message: str,
                                                                            ) -> None:
    said = no(status, code, message)
    assert type(said) is Unavailable
    assert (said.reason, said.retry_after, said.lasting) == ("row_locked", 2, False)


@pytest.mark.parametrize(("status", "code", "reason"), [
    (403, "REQUEST_LIMIT_EXCEEDED", "daily_limit"), (400, "ORG_LOCKED", "org_locked"),
    (400, "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE", "maintenance")])
def test_what_ends_by_itself_some_time_is_asked_again_in_a_quarter_of_an_hour(status: int, code: str,
                                                                              reason: str) -> None:
    said = no(status, code)
    assert type(said) is Unavailable
    assert (said.reason, said.retry_after, said.lasting) == (reason, 900.0, True)


def test_too_many_at_once_is_not_too_many_a_day() -> None:
    said = no(403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API Requests) Limit exceeded.")
    assert (said.reason, said.retry_after, said.lasting) == ("concurrent_limit", 20, False)


@pytest.mark.parametrize(("status", "code"), [
    (500, "UNKNOWN_EXCEPTION"), (503, "SERVER_UNAVAILABLE"), (400, "REQUEST_RUNNING_TOO_LONG"), (502, ""),
    (400, "QUERY_TIMEOUT"), (400, "UNKNOWN_EXCEPTION")])
def test_an_outage_says_nothing_about_a_write_and_a_read_is_asked_again(status: int, code: str) -> None:
    assert type(no(status, code)) is OutcomeUnknown
    assert type(no(status, code, writing=False)) is Unavailable


def test_a_maintenance_page_is_no_answer_about_a_write() -> None:
    page = "<html><body>We are down for maintenance</body></html>"
    assert type(refused(503, page, writing=True)) is OutcomeUnknown
    assert type(refused(503, page, writing=False)) is Unavailable


@pytest.mark.parametrize(("status", "code", "ending"), [
    (412, "PRECONDITION_FAILED", Conflict), (404, "NOT_FOUND", NotFound), (400, "ENTITY_IS_DELETED", NotFound),
    (400, "INVALID_CROSS_REFERENCE_KEY", NotFound)])
def test_what_changed_or_went_away_is_told_apart(status: int, code: str, ending: type[Exception]) -> None:
    assert type(no(status, code)) is ending


@pytest.mark.parametrize("status", [301, 302, 307])
def test_an_org_that_moved_is_an_admins_work(status: int) -> None:
    said = refused(status, "", writing=True)
    assert type(said) is Unavailable
    assert said.lasting
    assert "SALESFORCE_DOMAIN" in str(said)
