"""The stand-in answers as Salesforce does; where there is a recording, its keys and types are the measure."""

from __future__ import annotations

import copy
from typing import Any
from urllib.parse import quote

import pytest

from connectors.salesforce.standin import SalesforceRules
from connectors.standin import Answer, Door, Fault, Request
from tests.connectors.salesforce.acme import ANNA, BEN, CARL, NOW, Org, acme, recorded, sub

UNMODIFIED = "If-Unmodified-Since"


@pytest.fixture
def org() -> Org:
    return acme()


def shape(value: Any) -> Any:
    """Keys and types, with lists told by their first item."""
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return type(value).__name__


def test_a_token_has_the_recorded_keys(org: Org) -> None:
    given = org.sign_in().json()
    assert {**shape(recorded("recorded/oauth_token_200.json")["body"]), "scope": "str"} == shape(given)


def test_an_oauth_error_is_an_object(org: Org) -> None:
    given = org.sign_in(client_secret="wrong")
    assert given.status == 400
    assert shape(given.json()) == shape(recorded("recorded/oauth_error_400_object_body.json")["body"])


@pytest.mark.parametrize(("name", "path"), [
    ("recorded/error_401_invalid_session.json", None), ("recorded/composite_200_with_inner_404.json", "/sobjects/Foo")])
def test_rest_errors_are_the_recorded_arrays(org: Org, name: str, path: str | None) -> None:
    body = recorded(name)["body"]
    if path is None:
        org.token = "stale"
        assert org.ask("GET", "/sobjects/Contact/" + ANNA).json() == body
    else:
        assert org.ask("GET", path).json() == body["compositeResponse"][0]["body"]


def test_an_unknown_field_is_named_as_recorded(org: Org) -> None:
    wanted = recorded("recorded/error_400_invalid_field.json")
    given = org.ask("PATCH", "/sobjects/Contact/" + ANNA, {"foo": 1})
    assert (given.status, given.json()[0]["errorCode"]) == (400, "INVALID_FIELD")
    assert given.json()[0]["message"] == wanted["body"][0]["message"].replace("Bar", "Contact")


def test_describe_has_the_recorded_keys_types_and_fields(org: Org) -> None:
    wanted = recorded("recorded/describe_Contact_200.json")["body"]
    given = org.ask("GET", "/sobjects/Contact/describe").json()
    assert set(given) == set(wanted)
    ours = {f["name"]: f for f in given["fields"]}
    for field in wanted["fields"]:
        if field["name"] not in ours:
            continue
        mine = ours[field["name"]]
        assert set(mine) == set(field), field["name"]
        facts = ("type", "length", "createable", "updateable", "nillable", "relationshipName", "referenceTo")
        assert {k: mine[k] for k in facts} == {k: field[k] for k in facts}, field["name"]


def test_query_rows_have_the_recorded_shape(org: Org) -> None:
    wanted = recorded("recorded/query_accounts_200.json")["body"]
    assert shape(org.query("SELECT Id, Name FROM Account")) == shape(wanted)


def test_an_unknown_object_is_drawn_as_recorded_inside_a_composite(org: Org) -> None:
    wanted = recorded("recorded/composite_200_with_inner_400_invalid_type.json")
    subs = [{**s, "referenceId": s["referenceId"]} for s in wanted["request_body"]["compositeRequest"]]
    given = org.ask("POST", "/composite", {"compositeRequest": subs}).json()
    assert given["compositeResponse"][1] == wanted["body"]["compositeResponse"][1]
    assert shape(given) == shape(wanted["body"])


def test_paging_has_the_recorded_shape() -> None:
    org = acme(page_size=2)
    first = org.query("SELECT Email FROM Contact")
    assert shape(first) == {**shape(recorded("recorded/query_page1_not_done.json")["body"]),
                            "records": [{"attributes": {"type": "str", "url": "str"}, "Email": "str"}]}
    second = org.ask("GET", first["nextRecordsUrl"]).json()
    assert (first["totalSize"], len(first["records"]), len(second["records"]), second["done"]) == (3, 2, 1, True)
    assert "nextRecordsUrl" not in second


def test_a_created_row_answers_as_recorded(org: Org) -> None:
    given = org.ask("POST", "/sobjects/Task", {"WhoId": ANNA, "Subject": "Call"})
    assert given.status == 201
    assert shape(given.json()) == shape(recorded("recorded/record_create_201.json")["body"])


def test_the_organization_row_has_recorded_keys_and_types(org: Org) -> None:
    wanted = recorded("recorded/organization_row_200.json")["body"]
    given = org.ask("GET", "/sobjects/Organization/00D5e000000DHskEAG").json()
    for key in ("Id", "Name", "IsSandbox", "OrganizationType", "InstanceName", "attributes", "LastModifiedDate"):
        assert shape(given[key]) == shape(wanted[key]), key


@pytest.mark.parametrize("name", ["conditional_patch_412", "unable_to_lock_row_400", "request_limit_exceeded_403"])
def test_refusals_written_from_the_documentation_have_their_shape(org: Org, name: str) -> None:
    wanted = recorded(f"synthetic/{name}.json")
    if name.startswith("unable"):
        org.rules.control("lock_row", {"id": ANNA}, NOW)
    if name.startswith("request_limit"):
        org.rules.control("limits", {"daily": 1}, NOW)
        org.query("SELECT Id FROM Contact")
    given = org.ask("PATCH", "/sobjects/Contact/" + ANNA, {"Phone": "2"},
                    If_Unmodified_Since="Sat, 21 Nov 2020 04:00:00 GMT")
    if name.startswith("unable"):
        given = org.ask("PATCH", "/sobjects/Contact/" + ANNA, {"Phone": "2"})
    assert given.status == wanted["status"]
    assert given.json()[0]["errorCode"] == wanted["body"][0]["errorCode"]
    assert "Retry-After" not in given.headers


@pytest.mark.parametrize(("form", "code"), [
    ({"grant_type": "password"}, "unsupported_grant_type"), ({"client_id": "x"}, "invalid_client_id"),
    ({"client_secret": "x"}, "invalid_client")])
def test_only_a_known_client_with_its_secret_gets_a_token(org: Org, form: dict[str, str], code: str) -> None:
    given = org.sign_in(**form)
    assert (given.status, given.json()["error"]) == (400, code)


def test_a_session_ends_on_demand_and_with_time(org: Org) -> None:
    assert org.ask("GET", "/sobjects/Contact/" + ANNA).status == 200
    org.time.on(hours=3)
    assert org.ask("GET", "/sobjects/Contact/" + ANNA).status == 401
    org.sign_in()
    org.rules.control("expire_tokens", {}, NOW)
    assert org.ask("GET", "/sobjects/Contact/" + ANNA).status == 401


def test_permissions_are_those_of_the_client() -> None:
    org = acme(clients={"deskhand": {"secret": "s3cret", "permissions": ["Contact:read"]}})
    assert org.ask("GET", "/sobjects/Contact/" + ANNA).status == 200
    given = org.ask("PATCH", "/sobjects/Contact/" + ANNA, {"Phone": "2"})
    assert (given.status, given.json()[0]["errorCode"]) == (403, "INSUFFICIENT_ACCESS_OR_READONLY")
    assert org.ask("GET", "/sobjects/Task/describe").status == 404
    assert org.query("SELECT Id FROM Task")[0]["errorCode"] == "INVALID_TYPE"


def test_fifteen_and_eighteen_characters_name_the_same_row(org: Org) -> None:
    assert org.ask("GET", "/sobjects/Contact/" + ANNA[:15]).json()["Id"] == ANNA
    assert org.emails("Id = '" + ANNA[:15] + "'") == ["anna"]


def test_a_world_with_a_wrong_id_is_refused() -> None:
    with pytest.raises(ValueError, match="0035e00000000A1AAI"):
        SalesforceRules().load({"contacts": [{"Id": "0035e00000000A1AAA", "LastName": "X"}]}, NOW)


@pytest.mark.parametrize(("where", "found"), [
    ("Email = 'ANNA@Example.com'", ["anna"]),
    ("Email != 'anna@example.com'", ["ben", "carl"]),
    ("Email IN ('anna@example.com', 'CARL@example.com')", ["anna", "carl"]),
    ("Email NOT IN ('anna@example.com')", ["ben", "carl"]),
    ("LastName = 'O\\'Hara'", ["ben"]),
    ("LastName LIKE '100\\%\\_\\\\%'", ["carl"]),
    ("LastName LIKE 'o_hara'", ["ben"]),
    ("VIP__c = TRUE", ["anna"]),
    ("Phone = null", ["ben", "carl"]),
    ("Account.Name LIKE 'acme%'", ["anna"]),
    ("CreatedDate < 2026-01-01T00:00:00Z", ["anna", "ben", "carl"]),
    ("LastModifiedDate = LAST_N_DAYS:100", ["anna"]),
    ("(VIP__c = TRUE OR LastName = 'O\\'Hara') AND Email LIKE 'b%'", ["ben"]),
    ("NOT (VIP__c = TRUE)", ["ben", "carl"]),
    ("Email = 'x\\' OR Name LIKE \\'%'", []),
])
def test_conditions_find_what_they_say(org: Org, where: str, found: list[str]) -> None:
    assert org.emails(where) == found


@pytest.mark.parametrize(("soql", "code", "words"), [
    ("SELECT Id FROM Contact WHERE VIP__c = TRUE AND Email = 'a' OR Email = 'b'", "MALFORMED_QUERY", "unexpected"),
    ("SELECT Id FROM Contact WHERE Email = anna", "MALFORMED_QUERY", "unexpected token: 'anna'"),
    ("SELECT Id FROM Contact WHERE Email = 'a\\qb'", "MALFORMED_QUERY", "Illegal character sequence"),
    ("SELECT Id FROM Contact WHERE Email = 1", "INVALID_FIELD", "enclosed in quotes"),
    ("SELECT Id FROM Contact WHERE Description = 'x'", "INVALID_FIELD", "can not be filtered"),
    ("SELECT Nope FROM Contact", "INVALID_FIELD", "No such column 'Nope' on entity 'Contact'"),
    ("SELECT Boss.Name FROM Contact", "INVALID_FIELD", "Didn't understand relationship 'Boss'"),
    ("SELECT Id, Id FROM Contact", "INVALID_FIELD", "duplicate field selected"),
    ("DELETE FROM Contact", "MALFORMED_QUERY", "unexpected token: 'DELETE'"),
    ("SELECT Id FROM Contact LIMIT x", "MALFORMED_QUERY", "unexpected token: 'x'"),
])
def test_what_is_not_soql_is_refused_with_the_place(org: Org, soql: str, code: str, words: str) -> None:
    given = org.ask("GET", "/query?q=" + quote(soql))
    assert (given.status, given.json()[0]["errorCode"]) == (400, code)
    assert words in given.json()[0]["message"]
    assert "ERROR at Row:1:Column:" in given.json()[0]["message"]


def test_related_fields_are_nested_and_null_where_nothing_is_related(org: Org) -> None:
    rows = org.query("SELECT Id, Account.Name, Account.Id FROM Contact ORDER BY Email LIMIT 2")["records"]
    assert rows[0]["Account"]["Name"] == "Acme & Söhne"
    assert rows[0]["Account"]["attributes"]["type"] == "Account"
    assert rows[1]["Account"] is None


def test_order_and_limit(org: Org) -> None:
    rows = org.query("SELECT Email FROM Contact ORDER BY Phone NULLS LAST, Email DESC LIMIT 2")["records"]
    assert [row["Email"] for row in rows] == ["anna@example.com", "carl@example.com"]


def test_a_hidden_field_does_not_exist_for_us_but_a_person_can_edit_it() -> None:
    org = acme(hidden_fields=["Contact.Phone"])
    assert org.query("SELECT Phone FROM Contact")[0]["errorCode"] == "INVALID_FIELD"
    assert "Phone" not in {f["name"] for f in org.ask("GET", "/sobjects/Contact/describe").json()["fields"]}
    assert org.ask("PATCH", "/sobjects/Contact/" + ANNA, {"Phone": "1"}).json()[0]["errorCode"] == "INVALID_FIELD"
    org.rules.control("edit", {"id": ANNA, "fields": {"Phone": "7"}}, NOW)
    assert org.rules.books()["contacts"][ANNA]["Phone"] == "7"


def test_an_encrypted_field_can_be_read_but_not_filtered() -> None:
    org = acme(encrypted_fields=["Contact.Email"])
    assert org.query("SELECT Email FROM Contact LIMIT 1")["totalSize"] == 1
    assert "can not be filtered" in org.query("SELECT Id FROM Contact WHERE Email = 'a@b.cd'")[0]["message"]


def test_field_history_tells_when_an_address_changed(org: Org) -> None:
    org.rules.control("edit", {"email": "anna@example.com", "fields": {"Email": "anna@new.example"}}, NOW)
    rows = org.query("SELECT ContactId, OldValue, CreatedDate FROM ContactHistory WHERE Field = 'Email' "
                     "AND Contact.Email IN ('anna@new.example', 'ben@example.com') ORDER BY CreatedDate DESC")
    assert [(r["ContactId"], r["OldValue"], r["CreatedDate"]) for r in rows["records"]] == [
        (ANNA, "anna@example.com", "2026-11-21T04:00:00.000+0000"),
        (BEN, "old@example.com", "2026-11-18T04:00:00.000+0000")]


def test_an_org_without_field_history_has_no_such_object() -> None:
    org = acme(field_history=None)
    assert org.query("SELECT Id FROM ContactHistory")[0]["errorCode"] == "INVALID_TYPE"


def test_a_patch_is_204_and_dated_to_the_second(org: Org) -> None:
    given = org.ask("PATCH", "/sobjects/Contact/" + ANNA, {"Phone": "2", "MailingCity": ""})
    assert (given.status, given.body) == (204, b"")
    row = org.ask("GET", f"/sobjects/Contact/{ANNA}?fields=Phone,MailingCity,LastModifiedDate").json()
    assert (row["Phone"], row["MailingCity"], row["LastModifiedDate"]) == ("2", None, "2026-11-21T04:00:00.000+0000")
    assert org.rules.books()["changes"] == [
        {"contact": ANNA, "field": "Phone", "old": "+49 30 1", "new": "2", "by": "Deskhand Integration",
         "at": "2026-11-21T04:00:00+00:00"}]


def test_a_condition_compares_whole_seconds(org: Org) -> None:
    org.ask("PATCH", "/sobjects/Contact/" + ANNA, {"Phone": "2"})
    same = org.ask("PATCH", "/sobjects/Contact/" + ANNA, {"Phone": "3"},
                   If_Unmodified_Since="Sat, 21 Nov 2026 04:00:00 GMT")
    before = org.ask("PATCH", "/sobjects/Contact/" + ANNA, {"Phone": "4"},
                     If_Unmodified_Since="Sat, 21 Nov 2026 03:59:59 GMT")
    assert (same.status, before.status) == (204, 412)
    assert org.ask("PATCH", "/sobjects/Contact/" + ANNA, {"Phone": "5"}, If_Unmodified_Since="soon").status == 400
    assert org.ask("GET", "/sobjects/Contact/" + ANNA, If_Modified_Since="Sat, 21 Nov 2026 04:00:00 GMT").status == 304
    assert org.rules.books()["contacts"][ANNA]["Phone"] == "3"


@pytest.mark.parametrize(("values", "code"), [
    ({"Email": "nobody"}, "INVALID_EMAIL_ADDRESS"), ({"Phone": "1" * 41}, "STRING_TOO_LONG"),
    ({"Name": "X"}, "INVALID_FIELD_FOR_INSERT_UPDATE"), ({"HasOptedOutOfEmail": "yes"}, "JSON_PARSER_ERROR"),
    ({"AccountId": ANNA}, "INVALID_CROSS_REFERENCE_KEY"), ({"AccountId": "x"}, "MALFORMED_ID")])
def test_values_that_do_not_fit_are_refused(org: Org, values: dict[str, Any], code: str) -> None:
    given = org.ask("PATCH", "/sobjects/Contact/" + ANNA, values)
    assert (given.status, given.json()[0]["errorCode"]) == (400, code)
    assert org.rules.books()["changes"] == []


def test_picklists_are_enforced_and_required_fields_missed(org: Org) -> None:
    given = org.ask("POST", "/sobjects/Task", {"WhoId": ANNA, "Status": "Done"}).json()
    assert given[0]["errorCode"] == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
    assert org.ask("POST", "/sobjects/Contact", {"FirstName": "X"}).json()[0] == {
        "message": "Required fields are missing: [LastName]", "errorCode": "REQUIRED_FIELD_MISSING",
        "fields": ["LastName"]}


def test_validation_and_duplicate_rules_refuse(org: Org) -> None:
    org.rules.load({"validation_rules": [{"field": "Phone", "pattern": r"\+.*", "message": "With country code"}],
                    "duplicate_rules": [{"field": "MobilePhone"}]}, NOW)
    given = org.ask("PATCH", "/sobjects/Contact/" + ANNA, {"Phone": "030"}).json()[0]
    assert given == {"message": "With country code", "errorCode": "FIELD_CUSTOM_VALIDATION_EXCEPTION",
                     "fields": ["Phone"]}
    assert org.ask("PATCH", "/sobjects/Contact/" + ANNA, {"MobilePhone": "1"}).status == 204
    assert org.ask("PATCH", "/sobjects/Contact/" + BEN, {"MobilePhone": "1"}).json()[0]["errorCode"] == \
        "DUPLICATES_DETECTED"
    assert org.ask("PATCH", "/sobjects/Contact/" + BEN, {"MobilePhone": "1"},
                   Sforce_Duplicate_Rule_Header="allowSave=true").status == 204


def test_a_flow_changes_the_value_back_at_once_or_later(org: Org) -> None:
    org.rules.control("add_flow", {"field": "Phone", "do": "revert"}, NOW)
    org.rules.control("add_flow", {"field": "MobilePhone", "do": "later", "seconds": 60}, NOW)
    assert org.ask("PATCH", "/sobjects/Contact/" + ANNA, {"Phone": "2", "MobilePhone": "3"}).status == 204
    row = org.ask("GET", f"/sobjects/Contact/{ANNA}?fields=Phone,MobilePhone").json()
    assert (row["Phone"], row["MobilePhone"]) == ("+49 30 1", "3")
    org.time.on(seconds=61)
    assert org.ask("GET", f"/sobjects/Contact/{ANNA}?fields=MobilePhone").json()["MobilePhone"] is None


def test_a_second_world_adds_rows_and_replaces_rules(org: Org) -> None:
    org.rules.load({"flows": [{"field": "Phone", "do": "revert"}]}, NOW)
    org.rules.load({"contacts": [{"LastName": "More", "Email": "more@example.com"}]}, NOW)
    assert (org.emails("Email LIKE '%@example.com'"), len(org.rules.state.flows)) == (
        ["anna", "ben", "carl", "more"], 1)
    org.rules.load({"flows": []}, NOW)
    assert org.rules.state.flows == []


def test_a_later_subrequest_uses_what_an_earlier_one_made(org: Org) -> None:
    made, read = org.composite(sub("POST", "/sobjects/Task", {"WhoId": ANNA, "Subject": "Call"}),
                               sub("GET", "/sobjects/Task/@{r0.id}?fields=Subject,WhoId"))
    assert (made["httpStatusCode"], read["body"]["Subject"], read["body"]["Id"]) == (201, "Call", made["body"]["id"])


def test_all_or_none_takes_everything_back(org: Org) -> None:
    wanted = recorded("synthetic/composite_all_or_none_duplicate_rolled_back_200.json")
    books = copy.deepcopy(org.rules.books())
    answers = org.composite(sub("POST", "/sobjects/Task", {"WhoId": ANNA, "Subject": "Call"}),
                            sub("PATCH", "/sobjects/Contact/" + ANNA, {"Phone": "2", "Email": "a@new.example"}),
                            sub("PATCH", "/sobjects/Contact/" + BEN, {"Email": "broken"}), whole=True)
    assert [a["httpStatusCode"] for a in answers] == [400, 400, 400]
    assert answers[0]["body"] == wanted["body"]["compositeResponse"][1]["body"]
    assert answers[2]["body"][0]["errorCode"] == "INVALID_EMAIL_ADDRESS"
    assert org.rules.books() == books
    assert org.emails("Email = 'anna@example.com'") == ["anna"]


def test_without_all_or_none_the_others_stand_and_dependents_are_halted(org: Org) -> None:
    answers = org.composite(sub("POST", "/sobjects/Task", {"Status": "?"}),
                            sub("GET", "/sobjects/Task/@{r0.id}"),
                            sub("PATCH", "/sobjects/Contact/" + ANNA, {"Phone": "2"}))
    assert [a["httpStatusCode"] for a in answers] == [400, 400, 204]
    assert answers[1]["body"][0]["errorCode"] == "PROCESSING_HALTED"


def test_subrequests_carry_their_own_conditions(org: Org) -> None:
    stale, today = "Sat, 21 Nov 2020 04:00:00 GMT", "Sat, 21 Nov 2026 04:00:00 GMT"
    patch, get = org.composite(sub("PATCH", "/sobjects/Contact/" + ANNA, {"Phone": "2"}, If_Unmodified_Since=stale),
                               sub("GET", "/sobjects/Contact/" + ANNA, If_Modified_Since=today))
    assert (patch["httpStatusCode"], get["httpStatusCode"], get["body"]) == (412, 304, None)
    whole = org.ask("POST", "/composite", {"compositeRequest": [
        {**sub("GET", "/sobjects/Contact/" + ANNA, Authorization="x"), "referenceId": "a"}]})
    assert whole.status == 400


def test_a_composite_costs_one_call_of_the_daily_many(org: Org) -> None:
    before = org.rules.state.used
    org.composite(*[sub("GET", "/sobjects/Contact/" + ANNA)] * 25)
    assert org.rules.state.used == before + 1
    assert org.ask("POST", "/composite", {"compositeRequest": []}).status == 400


def test_every_answer_tells_the_usage_and_the_end_is_403(org: Org) -> None:
    org.rules.control("limits", {"daily": 3, "used": 1}, NOW)
    given = [org.ask("GET", "/sobjects/Contact/" + ANNA) for _ in range(3)]
    assert [g.status for g in given] == [200, 200, 403]
    assert [g.headers["Sforce-Limit-Info"] for g in given] == ["api-usage=2/3", "api-usage=3/3", "api-usage=3/3"]
    assert given[2].json() == [{"message": "TotalRequests Limit exceeded.", "errorCode": "REQUEST_LIMIT_EXCEEDED"}]
    assert given[0].headers["Date"] == "Sat, 21 Nov 2026 04:00:00 GMT"


def faulty(org: Org, fault: Fault) -> Door:
    door = Door(org.rules, org.time, wait=lambda seconds: None)
    door.faults.append(fault)
    return door


def patch(org: Org, door: Door) -> Answer:
    sent = {"Authorization": "Bearer " + org.token, "Content-Type": "application/json"}
    given = door.answer(Request.to("PATCH", "/services/data/v66.0/sobjects/Contact/" + ANNA, sent, b'{"Phone": "2"}'))
    assert isinstance(given, Answer)
    return given


@pytest.mark.parametrize(("kind", "status", "done"), [
    ("500_before", 500, False), ("500_after", 500, True), ("429", 403, False), ("auth_lost", 401, False),
    ("lock", 400, False), ("validation", 400, False), ("phantom_200", 204, False), ("empty_200", 200, True)])
def test_faults_say_and_do_what_they_are_named(org: Org, kind: str, status: int, done: bool) -> None:
    given = patch(org, faulty(org, Fault(kind)))
    assert given.status == status
    assert (org.rules.books()["contacts"][ANNA]["Phone"] == "2") is done


def test_a_person_comes_in_between(org: Org) -> None:
    door = faulty(org, Fault("human_between", params={"id": ANNA, "fields": {"Phone": "9"}, "by": "Grace Hopper"}))
    patch(org, door)
    assert [(c["old"], c["new"], c["by"]) for c in org.rules.books()["changes"]] == [
        ("+49 30 1", "9", "Grace Hopper"), ("9", "2", "Deskhand Integration")]


def test_books_name_what_was_made(org: Org) -> None:
    org.ask("POST", "/sobjects/Task", {"WhoId": CARL, "Subject": "Refund", "Status": "Completed", "Description": "x"})
    (task,) = org.rules.books()["activities"]
    assert {**task, "Id": ""} == {"Id": "", "WhoId": CARL, "Subject": "Refund", "Description": "x",
                                  "Status": "Completed", "CreatedDate": "2026-11-21T04:00:00.000+0000"}
