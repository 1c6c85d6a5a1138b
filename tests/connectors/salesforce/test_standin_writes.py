"""The stand-in keeps, refuses and takes back writes as Salesforce does."""

from __future__ import annotations

import copy
import json
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from connectors.standin import Answer, Door, Fault, Request
from tests.connectors.salesforce.acme import ANNA, BEN, NOW, Org, acme, recorded, sub
from tests.connectors.salesforce.standin_desk import happens, rows, service_desk, ticket, writes

KEY = generate_private_key(65537, 2048)
PUBLIC = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
RECEIPT = "/sobjects/Deskhand_Action__c"
RULE = {"assignment_rule": {"owner": "Refunds"}}


@pytest.fixture
def org() -> Org:
    return service_desk()


def note(case: str, op: str = "op-1", **headers: str) -> tuple[dict[str, Any], ...]:
    """What the connector writes: receipt, case, comment."""
    return (sub("POST", RECEIPT, {"Key__c": op, "Case__c": case}),
            sub("PATCH", "/sobjects/Case/" + case, {"Status": "Working"}, **headers),
            sub("POST", "/sobjects/CaseComment", {"ParentId": case, "CommentBody": "Done", "IsPublished": False}))


def test_a_receipt_is_taken_once_in_the_documented_words(org: Org) -> None:
    wanted = recorded("synthetic/receipt_insert_duplicate_400.json")
    case = writes(org)
    first = org.ask("POST", RECEIPT, {"Key__c": "op-1", "Case__c": case}).json()["id"]
    again = org.ask("POST", RECEIPT, {"Key__c": "op-1", "Case__c": case})
    [refused], [theirs] = again.json(), wanted["body"]
    assert (again.status, refused["errorCode"], set(refused)) == (400, theirs["errorCode"], set(theirs))
    assert refused["message"] == theirs["message"].replace("a00000000000001AAA", first)
    assert org.ask("POST", RECEIPT, {"Key__c": "OP-1", "Case__c": case}).status == 201


def test_a_second_note_is_an_error_and_leaves_nothing(org: Org) -> None:
    wanted = recorded("synthetic/composite_all_or_none_duplicate_rolled_back_200.json")["body"]["compositeResponse"]
    case = writes(org)
    assert [a["httpStatusCode"] for a in org.composite(*note(case), whole=True)] == [201, 204, 201]
    books = copy.deepcopy(org.rules.books())
    given = org.composite(*note(case), whole=True)
    assert [a["httpStatusCode"] for a in given] == [a["httpStatusCode"] for a in wanted]
    assert given[1]["body"] == wanted[1]["body"]
    assert org.rules.books() == books


def test_what_was_taken_back_told_nobody(org: Org) -> None:
    org.rules.load({"clients": {"other": {"secret": "s", "user": "mia@acme.example"}}}, NOW)
    org.sign_in(client_id="other", client_secret="s")
    case = writes(org)
    before = len(org.rules.books()["outbox"])
    org.composite(sub("PATCH", "/sobjects/Case/" + case, {"Status": "Working"}),
                  sub("POST", "/sobjects/CaseComment", {"ParentId": case, "CommentBody": "x" * 4001}), whole=True)
    assert len(org.rules.books()["outbox"]) == before
    org.composite(sub("PATCH", "/sobjects/Case/" + case, {"Status": "Working"}))
    assert [row["Kind__c"] for row in org.rules.books()["outbox"][before:]] == ["case_updated"]


def test_upsert_makes_then_changes_and_names_several_matches(org: Org) -> None:
    path = RECEIPT + "/Key__c/op-1"
    made, changed = org.ask("PATCH", path, {"Kind__c": "note"}), org.ask("PATCH", path, {"Kind__c": "reply"})
    assert (made.status, changed.status) == (201, 200)
    for name, given in (("upsert_created_201", made), ("upsert_updated_200", changed)):
        wanted = recorded(f"synthetic/{name}.json")["body"]
        assert (set(given.json()), given.json()["created"]) == (set(wanted), wanted["created"])
    assert org.ask("GET", path + "?fields=Kind__c").json()["Kind__c"] == "reply"
    happens(org, "edit", id=BEN, fields={"Email": "anna@example.com"})
    several = org.ask("PATCH", "/sobjects/Contact/Email/anna@example.com", {"Phone": "1"})
    assert several.status == recorded("recorded/upsert_300_multiple_matches.json")["status"] == 300
    assert [path.rpartition("/")[2] for path in several.json()] == [ANNA, BEN]
    assert org.ask("PATCH", "/sobjects/Contact/Phone/1", {}).status == 404


def test_collections_answer_row_by_row_as_recorded(org: Org) -> None:
    def typed(**fields: Any) -> dict[str, Any]:
        return {"attributes": {"type": "Contact"}, **fields}

    made = org.ask("POST", "/composite/sobjects", {"records": [typed(LastName="One"), typed(FirstName="Two")]}).json()
    wanted = recorded("recorded/collections_insert_200.json")["body"]
    assert set(made[0]) == set(wanted[0])
    assert (made[0]["success"], made[1]["success"], made[1]["errors"][0]["statusCode"]) == (
        True, False, "REQUIRED_FIELD_MISSING")
    changed = org.ask("PATCH", "/composite/sobjects", {"records": [typed(Id=made[0]["id"], Phone="1")]}).json()
    assert set(changed[0]) == set(recorded("recorded/collections_update_200.json")["body"][0])
    upserted = org.ask("PATCH", "/composite/sobjects/Contact/Email", {
        "records": [typed(LastName="New", Email="new@example.com"), typed(LastName="B", Email="anna@example.com")]})
    assert [(r["success"], r["created"]) for r in upserted.json()] == [(True, True), (True, False)]
    assert org.ask("POST", "/composite/sobjects", {"records": [typed(LastName="x")] * 201}).status == 400


def test_a_collection_of_all_or_none_keeps_none(org: Org) -> None:
    before = len(org.rules.books()["contacts"])
    given = org.ask("POST", "/composite/sobjects", {"allOrNone": True, "records": [
        {"attributes": {"type": "Contact"}, "LastName": "One"}, {"attributes": {"type": "Contact"}}]}).json()
    assert [r["errors"][0]["statusCode"] for r in given] == ["ALL_OR_NONE_OPERATION_ROLLED_BACK",
                                                             "REQUIRED_FIELD_MISSING"]
    assert len(org.rules.books()["contacts"]) == before


@pytest.mark.parametrize(("desk", "header", "owner"), [
    (RULE, {}, "Refunds"), (RULE, {"Sforce_Auto_Assign": "FALSE"}, "Support"),
    (RULE, {"Sforce_Auto_Assign": "false"}, "Support"),
    ({"assignment_rule": {"owner": "Refunds", "active": False}, "default_owner": "Lena Lead"}, {}, "Lena Lead"),
    ({}, {}, "Support")])
def test_an_update_by_api_reassigns_the_case_unless_the_header_says_no(
        desk: dict[str, Any], header: dict[str, str], owner: str) -> None:
    org = service_desk()
    case = writes(org)
    happens(org, "agent_edits", case=case, owner="Support")
    happens(org, "desk", **desk)
    assert org.ask("PATCH", "/sobjects/Case/" + case, {"Status": "Working"}, **header).status == 204
    assert ticket(org, case)["owner"] == owner


def test_each_part_of_a_composite_bears_its_own_header(org: Org) -> None:
    case = writes(org)
    happens(org, "agent_edits", case=case, owner="Support")
    happens(org, "desk", **RULE)
    change = {"Status": "Working"}
    org.ask("POST", "/composite", {"compositeRequest": [
        {"referenceId": "a", **sub("PATCH", "/sobjects/Case/" + case, change, Sforce_Auto_Assign="FALSE")}]})
    assert ticket(org, case)["owner"] == "Support"
    org.ask("POST", "/composite", {"compositeRequest": [
        {"referenceId": "a", **sub("PATCH", "/sobjects/Case/" + case, change)}]}, Sforce_Auto_Assign="FALSE")
    assert ticket(org, case)["owner"] == "Refunds"


def test_conditions_on_a_case_have_one_second_grain(org: Org) -> None:
    case = writes(org)
    read = org.ask("GET", "/sobjects/Case/" + case).headers["Last-Modified"]
    assert read == "Sat, 21 Nov 2026 04:00:00 GMT"
    happens(org, "agent_edits", case=case, priority="High")
    answers = org.composite(*note(case, If_Unmodified_Since=read), whole=True)
    assert [a["httpStatusCode"] for a in answers] == [201, 204, 201]
    org.time.on(seconds=1)
    happens(org, "agent_edits", case=case, priority="Low")
    answers = org.composite(*note(case, "op-2", If_Unmodified_Since=read), whole=True)
    assert [a["httpStatusCode"] for a in answers] == [400, 412, 400]
    assert answers[1]["body"][0]["errorCode"] == "PRECONDITION_FAILED"
    assert len(ticket(org, case)["notes"]) == 1


def test_what_has_not_changed_is_304_in_a_composite_as_recorded(org: Org) -> None:
    wanted = recorded("recorded/composite_inner_conditional_304.json")
    given = org.ask("POST", "/composite", wanted["request_body"]).json()
    assert given == wanted["body"]


def test_a_lock_on_the_case_stops_its_comments_too(org: Org) -> None:
    case = writes(org)
    happens(org, "lock_row", id=case)
    given = org.ask("POST", "/sobjects/CaseComment", {"ParentId": case, "CommentBody": "x"})
    assert given.json()[0]["errorCode"] == "UNABLE_TO_LOCK_ROW"
    happens(org, "unlock_row", id=case)
    assert org.ask("POST", "/sobjects/CaseComment", {"ParentId": case, "CommentBody": "x"}).status == 201


def test_a_flow_writes_the_case_after_us_at_once_or_later(org: Org) -> None:
    case = writes(org)
    happens(org, "add_flow", object="Case", field="Status", do="set", value="Escalated")
    org.ask("PATCH", "/sobjects/Case/" + case, {"Status": "Working"})
    assert ticket(org, case)["status"] == "Escalated"
    happens(org, "add_flow", object="Case", field="Priority", do="later", value="High", seconds=30)
    org.ask("PATCH", "/sobjects/Case/" + case, {"Priority": "Low"})
    assert ticket(org, case)["priority"] == "Low"
    org.time.on(seconds=31)
    org.query("SELECT Id FROM Case")
    assert ticket(org, case)["priority"] == "High"


def test_a_flow_changes_a_new_case_after_it_was_made(org: Org) -> None:
    happens(org, "add_flow", object="Case", field="Priority", do="later", value="High", seconds=0)
    case = writes(org)
    assert ticket(org, case)["priority"] == "Medium"
    org.query("SELECT Id FROM Case")
    assert ticket(org, case)["priority"] == "High"


def test_a_validation_rule_of_the_desk_refuses(org: Org) -> None:
    case = writes(org)
    org.rules.load({"validation_rules": [{"object": "Case", "field": "Status", "pattern": "New|Working",
                                          "message": "Ask your lead first."}]}, NOW)
    given = org.ask("PATCH", "/sobjects/Case/" + case, {"Status": "Closed"}).json()
    assert (given[0]["errorCode"], given[0]["message"]) == ("FIELD_CUSTOM_VALIDATION_EXCEPTION", "Ask your lead first.")


def test_the_whole_org_is_out_and_comes_back(org: Org) -> None:
    happens(org, "outage", seconds=60)
    given = org.ask("GET", "/sobjects/Contact/" + ANNA)
    assert (given.status, given.headers["Content-Type"]) == (503, "text/html;charset=UTF-8")
    assert org.rules.answer(Request.to("POST", "/services/oauth2/token"), org.time()).status == 503
    org.time.on(seconds=61)
    assert org.ask("GET", "/sobjects/Contact/" + ANNA).status == 200


@pytest.mark.parametrize(("kind", "status", "words"), [
    ("maintenance", 503, b"maintenance"), ("503", 503, b"SERVER_UNAVAILABLE")])
def test_faults_of_the_whole_org(org: Org, kind: str, status: int, words: bytes) -> None:
    door = Door(org.rules, org.time, wait=lambda seconds: None)
    door.faults.append(Fault(kind))
    given = door.answer(Request.to("GET", "/services/data"))
    assert isinstance(given, Answer)
    assert given.status == status
    assert words in given.body


def assertion(org: Org, key: Any = KEY, **claims: Any) -> Answer:
    said = {"iss": "jwt-app", "sub": "mia@acme.example", "aud": "https://login.salesforce.com",
            "exp": int((NOW + timedelta(minutes=3)).timestamp()), **claims}
    form = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
            "assertion": jwt.encode(said, key, algorithm="RS256")}
    return org.rules.answer(Request.to("POST", "/services/oauth2/token", {}, urlencode(form).encode()), NOW)


def test_a_signed_assertion_gets_a_token_of_its_user() -> None:
    org = service_desk()
    org.rules.load({"clients": {"jwt-app": {"certificate": PUBLIC}}}, NOW)
    given = assertion(org)
    assert given.status == 200
    assert "refresh_token" not in given.json()
    org.token = given.json()["access_token"]
    [mia] = rows(org, "SELECT Id FROM User WHERE Username = 'mia@acme.example'")
    assert given.json()["id"].endswith("/" + mia["Id"])


@pytest.mark.parametrize(("claims", "words"), [
    ({"aud": "https://acme.example"}, "audience is invalid"),
    ({"exp": int((NOW - timedelta(seconds=1)).timestamp())}, "expired authorization code"),
    ({"exp": int((NOW + timedelta(minutes=6)).timestamp())}, "expired authorization code"),
    ({"sub": "nobody@acme.example"}, "user hasn't approved this consumer"),
    ({"sub": "lena@acme.example"}, "user hasn't approved this consumer"),
    ({"iss": "other"}, "client identifier invalid"),
    ({"key": generate_private_key(65537, 2048)}, "invalid assertion")])
def test_an_assertion_is_checked(claims: dict[str, Any], words: str) -> None:
    org = service_desk()
    org.rules.load({"clients": {"jwt-app": {"certificate": PUBLIC, "users": ["mia@acme.example"]}}}, NOW)
    given = assertion(org, **claims)
    assert given.status == 400
    assert given.json()["error_description"] == words


def test_a_user_who_was_switched_off_has_no_session() -> None:
    org = service_desk()
    happens(org, "deactivate_user", user="Deskhand Integration")
    assert org.ask("GET", "/sobjects/Contact/" + ANNA).status == 401


def test_setup_rows_need_the_right_to_view_setup() -> None:
    org = acme(clients={"deskhand": {"secret": "s3cret", "permissions": ["Case:read", "User:read"]}})
    assert org.query("SELECT Id FROM PermissionSet")[0]["errorCode"] == "INVALID_TYPE"
    happens(org, "permit", client="deskhand", permissions=["Case:read", "ViewSetup"])
    assert org.query("SELECT Id FROM PermissionSet")["totalSize"] > 0
    assert json.loads(org.ask("POST", "/sobjects/PermissionSetAssignment", {}).body)[0]["errorCode"] == \
        "INSUFFICIENT_ACCESS_OR_READONLY"
