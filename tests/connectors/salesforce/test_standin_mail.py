"""The stand-in's e-mail action sends, logs and refuses as the documentation of Simple Email Actions says."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connectors.standin import Answer, Door, Fault, Lost, Request
from tests.connectors.salesforce.acme import Org
from tests.connectors.salesforce.standin_desk import happens, rows, service_desk, ticket, writes

ACTION = "/actions/standard/emailSimple"


@pytest.fixture
def org() -> Org:
    return service_desk()


def mail(org: Org, case: str, **more: Any) -> Answer:
    given = {"recipientAddresses": "anna@example.com", "senderType": "OrgWideEmailAddress",
             "senderAddress": "support@acme.example", "emailSubject": "Re: A question",
             "emailBody": "Refunded.\nRef: op-1", "relatedRecordId": case, "logEmailOnSend": True,
             "addThreadingTokenToBody": True, **more}
    return org.ask("POST", ACTION, {"inputs": [{k: v for k, v in given.items() if v is not None}]})


def test_a_mail_leaves_and_is_logged_on_its_case(org: Org) -> None:
    case = writes(org)
    given = mail(org, case)
    assert given.status == 200
    [answer] = given.json()
    assert {k: answer[k] for k in ("actionName", "errors", "isSuccess", "outputValues")} == {
        "actionName": "emailSimple", "errors": None, "isSuccess": True, "outputValues": None}
    [sent] = org.rules.books()["sent"]
    assert (sent["to"], sent["from"], sent["case"]) == (["anna@example.com"], "support@acme.example", case)
    [row] = rows(org, "SELECT Id, ParentId, Status, Incoming, ToAddress, FromAddress, TextBody, CreatedBy.Name FROM "
                      "EmailMessage WHERE Incoming = FALSE")
    assert (row["ParentId"], row["Status"], row["ToAddress"]) == (case, "3", "anna@example.com")
    assert row["CreatedBy"]["Name"] == "Deskhand Integration"
    body, _, token = row["TextBody"].rpartition("\n\n")
    assert body == "Refunded.\nRef: op-1"
    assert token.startswith("thread::")
    [reply] = ticket(org, case)["replies"]
    assert (reply["id"], reply["notified"]) == (row["Id"], True)


def test_without_logging_the_mail_leaves_and_no_row_tells_of_it(org: Org) -> None:
    case = writes(org)
    assert mail(org, case, logEmailOnSend=False).status == 200
    assert (len(org.rules.books()["sent"]), ticket(org, case)["replies"]) == (1, [])


@pytest.mark.parametrize(("given", "code"), [
    ({"senderAddress": "new@acme.example"}, "INVALID_EMAIL_ADDRESS"),
    ({"senderAddress": "other@acme.example"}, "INVALID_EMAIL_ADDRESS"),
    ({"recipientAddresses": "anna@"}, "INVALID_EMAIL_ADDRESS"),
    ({"recipientAddresses": None}, "REQUIRED_FIELD_MISSING"), ({"emailBody": None}, "REQUIRED_FIELD_MISSING"),
    ({"relatedRecordId": None}, "REQUIRED_FIELD_MISSING"),
    ({"relatedRecordId": "500000000000001AAA"}, "INVALID_CROSS_REFERENCE_KEY"),
    ({"recipientAddresses": ["a@example.com"] * 151}, "LIMIT_EXCEEDED"), ({"to": "x"}, "INVALID_API_INPUT")])
def test_a_mail_that_cannot_be_sent_is_refused_and_nothing_happens(org: Org, given: dict[str, Any], code: str) -> None:
    case = writes(org)
    answer = mail(org, case, **given)
    assert answer.status == 400
    assert answer.json()[0]["isSuccess"] is False
    assert answer.json()[0]["errors"][0]["statusCode"] == code
    assert (org.rules.books()["sent"], ticket(org, case)["replies"]) == ([], [])


def test_a_user_without_the_permission_sends_nothing(org: Org) -> None:
    case = writes(org)
    happens(org, "permit", client="deskhand", permissions=["Case:read", "Case:edit"])
    assert mail(org, case).json()[0]["errors"][0]["statusCode"] == "INSUFFICIENT_ACCESS_OR_READONLY"


def test_an_address_is_only_for_the_profiles_that_may_use_it() -> None:
    org = service_desk(senders=[{"Address": "support@acme.example", "profiles": ["System Administrator"]}])
    assert mail(org, writes(org)).json()[0]["errors"][0]["statusCode"] == "INSUFFICIENT_ACCESS_OR_READONLY"


def test_the_days_mails_are_counted(org: Org) -> None:
    case = writes(org)
    happens(org, "limits", mail_left=1)
    assert mail(org, case).status == 200
    assert mail(org, case).json()[0]["errors"][0]["statusCode"] == "SINGLE_EMAIL_LIMIT_EXCEEDED"
    assert org.ask("GET", "/limits").json()["SingleEmail"]["Remaining"] == 0


@pytest.mark.parametrize("level", ["no", "system"])
def test_where_mail_may_not_leave_the_action_says_yes_and_nothing_is_sent_or_logged(org: Org, level: str) -> None:
    case = writes(org)
    happens(org, "deliverability", level=level)
    assert mail(org, case).json()[0]["isSuccess"] is True
    assert (org.rules.books()["sent"], ticket(org, case)["replies"]) == ([], [])


def test_a_mail_that_comes_back_is_marked(org: Org) -> None:
    case = writes(org)
    mail(org, case)
    happens(org, "bounce", case=case)
    assert rows(org, "SELECT IsBounced FROM EmailMessage WHERE Incoming = FALSE") == [{"IsBounced": True}]
    assert ticket(org, case)["replies"][0]["notified"] is False


def test_older_versions_do_not_know_the_newer_inputs(org: Org) -> None:
    case = writes(org)
    path = "/services/data/v64.0" + ACTION
    new = {"recipientAddresses": "anna@example.com", "emailSubject": "a", "emailBody": "b"}
    old = {"emailAddresses": "anna@example.com", "emailSubject": "a", "emailBody": "b", "relatedRecordId": case}
    assert org.ask("POST", path, {"inputs": [new]}).json()[0]["errors"][0]["statusCode"] == "INVALID_API_INPUT"
    assert org.ask("POST", path, {"inputs": [old]}).status == 200


@pytest.mark.parametrize(("kind", "left"), [
    ("500_before", 0), ("500_after", 1), ("timeout_before", 0), ("timeout_after", 1), ("reset_after", 1),
    ("phantom_200", 0), ("html_200", 1), ("empty_200", 1), ("maintenance", 0), ("429", 0), ("auth_lost", 0)])
def test_whatever_the_caller_hears_the_books_say_whether_the_mail_left(org: Org, kind: str, left: int) -> None:
    case = writes(org)
    door = Door(org.rules, org.time, wait=lambda seconds: None)
    door.faults.append(Fault(kind, path="emailSimple"))
    body = {"inputs": [{"recipientAddresses": "anna@example.com", "emailSubject": "a", "emailBody": "b",
                        "relatedRecordId": case, "logEmailOnSend": True}]}
    given = door.answer(Request.to("POST", "/services/data/v66.0" + ACTION, {
        "Authorization": "Bearer " + org.token, "Content-Type": "application/json"}, json.dumps(body).encode()))
    assert isinstance(given, Lost) == kind.startswith(("timeout", "reset"))
    assert (len(org.rules.books()["sent"]), len(ticket(org, case)["replies"])) == (left, left)


def test_the_actions_are_listed(org: Org) -> None:
    assert [a["name"] for a in org.ask("GET", "/actions/standard").json()["actions"]] == ["emailSimple"]


def test_an_answering_machine_and_attachments_show_in_the_mail(org: Org) -> None:
    case = writes(org, auto=True, attachments=["bill.pdf"])
    [row] = rows(org, "SELECT Headers, HasAttachment, (SELECT ContentDocument.Title, ContentDocument.FileExtension "
                      "FROM ContentDocumentLinks) FROM EmailMessage WHERE ParentId = '{case}'", case=case)
    assert "Auto-Submitted: auto-replied" in row["Headers"]
    [link] = row["ContentDocumentLinks"]["records"]
    assert (link["ContentDocument"]["Title"], link["ContentDocument"]["FileExtension"]) == ("bill", "pdf")


def test_a_customer_of_the_portal_comments_as_a_user_of_their_own(org: Org) -> None:
    case = writes(org)
    writes(org, "From the portal", case=case, channel="web")
    [row] = rows(org, "SELECT IsPublished, CreatedBy.UserType, CreatedBy.ContactId FROM CaseComment")
    assert (row["IsPublished"], row["CreatedBy"]["UserType"]) == (True, "CSPLitePortal")


def test_a_world_brings_cases_with_what_was_said() -> None:
    org = service_desk(cases=[{"email": "anna@example.com", "subject": "Old", "body": "Hi", "created_at": "-2d",
                               "status": "Working", "comments": [
                                   {"agent": "mia@acme.example", "body": "Hello Anna", "at": "-1d"},
                                   {"email": "anna@example.com", "body": "Thanks", "at": "-2h"}]}])
    [book] = org.rules.books()["tickets"].values()
    assert (book["status"], [m["body"] for m in book["emails"]]) == ("Working", ["Hi", "Hello Anna", "Thanks"])
    assert rows(org, "SELECT CreatedDate FROM Case") == [{"CreatedDate": "2026-11-19T04:00:00.000+0000"}]
