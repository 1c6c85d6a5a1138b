"""Cases of the stand-in are those of Service Cloud; where there is a recording, its facts are the measure."""

from __future__ import annotations

from typing import Any

import pytest

from tests.connectors.salesforce.acme import ANNA, BEN, Org, acme, recorded
from tests.connectors.salesforce.standin_desk import happens, rows, service_desk, ticket, writes

FACTS = ("type", "length", "createable", "updateable", "nillable", "relationshipName", "referenceTo", "filterable",
         "restrictedPicklist", "defaultedOnCreate")


@pytest.fixture
def org() -> Org:
    return service_desk()


def described(org: Org, name: str) -> dict[str, Any]:
    given: dict[str, Any] = org.ask("GET", f"/sobjects/{name}/describe").json()
    return given


def comment(org: Org, case: str, body: str, **fields: Any) -> Any:
    return org.ask("POST", "/sobjects/CaseComment", {"ParentId": case, "CommentBody": body, **fields})


def test_describe_of_case_has_the_recorded_fields_in_their_order() -> None:
    wanted = recorded("recorded/describe_Case_200.json")["body"]
    given = described(acme(package=False), "Case")
    assert [f["name"] for f in given["fields"]] == [f["name"] for f in wanted["fields"]]
    mine = {f["name"]: f for f in given["fields"]}
    kept = set(FACTS) - {"defaultedOnCreate"}
    for field in wanted["fields"]:
        assert {k: mine[field["name"]][k] for k in kept} == {k: field[k] for k in kept}, field["name"]
        assert [p["value"] for p in mine[field["name"]]["picklistValues"]] == [
            p["value"] for p in field["picklistValues"]], field["name"]


def test_describe_of_case_names_the_recorded_children_and_record_types() -> None:
    wanted = recorded("recorded/describe_Case_200.json")["body"]
    given = described(acme(package=False), "Case")
    named = {(c["childSObject"], c["field"], c["relationshipName"]) for c in given["childRelationships"]}
    missing = {(c["childSObject"], c["field"], c["relationshipName"]) for c in wanted["childRelationships"]} - named
    assert missing == {("CaseFeed", "ParentId", "Feeds")}
    [master], [theirs] = given["recordTypeInfos"], wanted["recordTypeInfos"]
    assert set(master) == set(theirs)
    assert (master["recordTypeId"], master["developerName"]) == (theirs["recordTypeId"], theirs["developerName"])


def test_the_package_brings_its_objects_and_a_field_on_case() -> None:
    with_it, without = service_desk(), acme(package=False)
    assert "Deskhand_Tags__c" in {f["name"] for f in described(with_it, "Case")["fields"]}
    assert "Deskhand_Tags__c" not in {f["name"] for f in described(without, "Case")["fields"]}
    assert with_it.ask("GET", "/sobjects/Deskhand_Action__c/describe").status == 200
    assert without.ask("GET", "/sobjects/Deskhand_Action__c/describe").status == 404
    assert rows(without, "SELECT Name FROM PermissionSet WHERE IsOwnedByProfile = FALSE") == []


def test_a_customers_mail_becomes_a_case_with_an_incoming_mail_by_the_automated_user(org: Org) -> None:
    case = writes(org)
    [row] = rows(org, "SELECT CaseNumber, Status, Origin, ContactId, ContactEmail, CreatedBy.Name, "
                      "(SELECT Incoming, FromAddress, TextBody FROM EmailMessages) FROM Case WHERE Id = '{case}'",
                 case=case)
    [mail] = row.pop("EmailMessages")["records"]
    assert (row["Status"], row["Origin"], row["ContactId"]) == ("New", "Email", ANNA)
    assert row["ContactEmail"] == "anna@example.com"
    assert row["CreatedBy"]["Name"] == "Support Automation"
    assert (mail["Incoming"], mail["FromAddress"], mail["TextBody"]) == (
        True, "anna@example.com", "I was charged twice.")
    assert row["CaseNumber"] == "00001001"


def test_a_form_becomes_a_case_without_mail_and_an_unknown_sender_has_no_contact(org: Org) -> None:
    case = writes(org, email="nobody@example.com", name="No Body", channel="web")
    [row] = rows(org, "SELECT ContactId, SuppliedEmail, SuppliedName, Origin, Description, "
                      "(SELECT Id FROM EmailMessages) FROM Case WHERE Id = '{case}'", case=case)
    assert row == {"ContactId": None, "SuppliedEmail": "nobody@example.com", "SuppliedName": "No Body",
                   "Origin": "Web", "Description": "I was charged twice.", "EmailMessages": None}


def test_an_answer_threads_onto_its_case_and_changes_no_status_unless_the_desk_does_so(org: Org) -> None:
    case = writes(org)
    happens(org, "close", case=case)
    assert writes(org, "Thanks", case=case) == case
    assert ticket(org, case)["status"] == "Closed"
    happens(org, "desk", closed_answer="Working")
    writes(org, "One more thing", case=case)
    assert ticket(org, case)["status"] == "Working"


def test_an_answer_to_a_deleted_case_opens_a_new_one(org: Org) -> None:
    case = writes(org)
    happens(org, "delete", case=case)
    assert writes(org, "Hello?", case=case) != case


def test_what_is_written_to_comments_becomes_an_unpublished_comment_and_reads_as_nothing(org: Org) -> None:
    case = writes(org)
    assert org.ask("PATCH", "/sobjects/Case/" + case, {"Comments": "Looked at it"}).status == 204
    [row] = rows(org, "SELECT Comments, (SELECT CommentBody, IsPublished FROM CaseComments) FROM Case")
    assert row["Comments"] is None
    [said] = row["CaseComments"]["records"]
    assert (said["CommentBody"], said["IsPublished"]) == ("Looked at it", False)


@pytest.mark.parametrize(("body", "status"), [
    ("x" * 4000, 201), ("x" * 4001, 400), ("ä" * 2000, 201), ("ä" * 2001, 400)])
def test_a_comment_is_measured_in_bytes(org: Org, body: str, status: int) -> None:
    given = comment(org, writes(org), body)
    assert given.status == status
    if status == 400:
        assert given.json()[0]["errorCode"] == "STRING_TOO_LONG"


def test_a_comment_answers_as_documented_and_only_its_publication_can_change(org: Org) -> None:
    wanted = recorded("synthetic/case_comment_create_201.json")
    given = comment(org, writes(org), "First")
    assert (given.status, set(given.json())) == (wanted["status"], set(wanted["body"]))
    path = "/sobjects/CaseComment/" + given.json()["id"]
    assert org.ask("PATCH", path, {"CommentBody": "Second"}).json()[0]["errorCode"] == "INVALID_FIELD_FOR_INSERT_UPDATE"
    assert org.ask("PATCH", path, {"IsPublished": True}).status == 204


def test_a_mail_that_was_sent_keeps_what_it_says(org: Org) -> None:
    case = writes(org)
    [mail] = rows(org, "SELECT Id FROM EmailMessage WHERE ParentId = '{case}'", case=case)
    given = org.ask("PATCH", "/sobjects/EmailMessage/" + mail["Id"], {"TextBody": "other"})
    assert given.json()[0]["errorCode"] == "INSUFFICIENT_ACCESS_OR_READONLY"
    draft = org.ask("POST", "/sobjects/EmailMessage", {"ParentId": case, "Status": "5", "TextBody": "a"}).json()["id"]
    assert org.ask("PATCH", "/sobjects/EmailMessage/" + draft, {"TextBody": "b"}).status == 204
    wrong = org.ask("POST", "/sobjects/EmailMessage", {"ParentId": case, "Status": "9"})
    assert wrong.json()[0]["errorCode"] == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"


def test_history_names_owners_twice_once_for_people_and_once_by_id(org: Org) -> None:
    case = writes(org)
    happens(org, "agent_takes", case=case, agent="mia@acme.example")
    happens(org, "agent_edits", case=case, agent="mia@acme.example", status="Working")
    told = rows(org, "SELECT Field, OldValue, NewValue, DataType, CreatedBy.Name FROM CaseHistory WHERE "
                     "CaseId = '{case}' ORDER BY Id", case=case)
    [mia] = rows(org, "SELECT Id FROM User WHERE Email = 'mia@acme.example'")
    assert [(r["Field"], r["DataType"]) for r in told] == [
        ("created", "Text"), ("Owner", "Text"), ("Owner", "EntityId"), ("Status", "Text")]
    assert (told[1]["NewValue"], told[2]["NewValue"]) == ("Mia Agent", mia["Id"])
    assert (told[3]["OldValue"], told[3]["NewValue"], told[3]["CreatedBy"]["Name"]) == ("New", "Working", "Mia Agent")


def test_statuses_say_which_of_them_close(org: Org) -> None:
    assert rows(org, "SELECT ApiName, IsClosed, IsDefault FROM CaseStatus ORDER BY SortOrder") == [
        {"ApiName": "New", "IsClosed": False, "IsDefault": True},
        {"ApiName": "Working", "IsClosed": False, "IsDefault": False},
        {"ApiName": "Waiting on Customer", "IsClosed": False, "IsDefault": False},
        {"ApiName": "Closed", "IsClosed": True, "IsDefault": False}]
    case = writes(org)
    org.ask("PATCH", "/sobjects/Case/" + case, {"Status": "Closed"})
    row = org.ask("GET", f"/sobjects/Case/{case}?fields=IsClosed,ClosedDate").json()
    assert (row["IsClosed"], row["ClosedDate"]) == (True, "2026-11-21T04:00:00.000+0000")


def test_layouts_say_which_values_a_record_type_offers_and_a_restricted_picklist_takes_no_other() -> None:
    org = service_desk(restricted=["Case.Status"], record_types=[{"Name": "Refunds", "Status": ["New", "Closed"]}])
    mappings = org.ask("GET", "/sobjects/Case/describe/layouts").json()["recordTypeMappings"]
    offered = {m["developerName"]: [v["value"] for p in m["picklistsForRecordType"] if p["picklistName"] == "Status"
                                    for v in p["picklistValues"]] for m in mappings}
    assert offered == {"Refunds": ["New", "Closed"], "Master": ["New", "Working", "Waiting on Customer", "Closed"]}
    [kind] = rows(org, "SELECT Id, DeveloperName FROM RecordType WHERE SobjectType = 'Case'")
    case = writes(org)
    assert org.ask("PATCH", "/sobjects/Case/" + case, {"RecordTypeId": kind["Id"]}).status == 204
    refused = org.ask("PATCH", "/sobjects/Case/" + case, {"Status": "Working"}).json()
    assert refused[0]["errorCode"] == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
    assert org.ask("PATCH", "/sobjects/Case/" + case, {"Status": "Closed"}).status == 204


def test_an_unrestricted_picklist_takes_any_word_as_it_does_by_api(org: Org) -> None:
    assert org.ask("PATCH", "/sobjects/Case/" + writes(org), {"Status": "Made up"}).status == 204


def test_queues_groups_and_permission_sets_say_who_may_what(org: Org) -> None:
    [mia] = rows(org, "SELECT Id FROM User WHERE Username = 'mia@acme.example'")
    granted = rows(org, "SELECT PermissionSet.Name, PermissionSet.Label FROM PermissionSetAssignment WHERE "
                        "AssigneeId = '{mia}' AND PermissionSet.IsOwnedByProfile = FALSE", mia=mia["Id"])
    assert [row["PermissionSet"]["Name"] for row in granted] == ["Deskhand_Agent"]
    groups = rows(org, "SELECT Group.Name, Group.Type FROM GroupMember WHERE UserOrGroupId = '{mia}'", mia=mia["Id"])
    assert [(r["Group"]["Name"], r["Group"]["Type"]) for r in groups] == [("Support", "Queue")]
    assert rows(org, "SELECT SobjectType FROM QueueSobject WHERE Queue.Name = 'Support'") == [{"SobjectType": "Case"}]
    happens(org, "revoke", user="mia@acme.example", permission_set="Deskhand_Agent")
    assert rows(org, "SELECT Id FROM PermissionSetAssignment WHERE AssigneeId = '{mia}' AND "
                     "PermissionSet.Name = 'Deskhand_Agent'", mia=mia["Id"]) == []


def test_a_permission_set_is_assigned_once_and_taken_away_by_api(org: Org) -> None:
    [lena] = rows(org, "SELECT Id FROM User WHERE Username = 'lena@acme.example'")
    [agent] = rows(org, "SELECT Id FROM PermissionSet WHERE Name = 'Deskhand_Agent'")
    wanted = {"AssigneeId": lena["Id"], "PermissionSetId": agent["Id"]}
    made = org.ask("POST", "/sobjects/PermissionSetAssignment", wanted)
    assert made.status == 201
    again = org.ask("POST", "/sobjects/PermissionSetAssignment", wanted)
    assert again.json()[0]["errorCode"] == "DUPLICATE_VALUE"
    assert org.ask("DELETE", "/sobjects/PermissionSetAssignment/" + made.json()["id"]).status == 204
    assert rows(org, "SELECT Id FROM PermissionSetAssignment WHERE AssigneeId = '{lena}' AND PermissionSetId = "
                     "'{agent}'", lena=lena["Id"], agent=agent["Id"]) == []


def access(org: Org, user: str, case: str) -> dict[str, Any]:
    [row] = rows(org, "SELECT RecordId, HasReadAccess, HasEditAccess, MaxAccessLevel FROM UserRecordAccess WHERE "
                      "UserId = '{user}' AND RecordId = '{case}'", user=user, case=case)
    return row


def test_sharing_decides_who_sees_a_case(org: Org) -> None:
    case = writes(org)
    users = {r["Name"]: r["Id"] for r in rows(org, "SELECT Id, Name FROM User")}
    assert access(org, users["Mia Agent"], case)["MaxAccessLevel"] == "Edit"
    happens(org, "private", objects=["Case"])
    assert access(org, users["Mia Agent"], case) == {
        "RecordId": case, "HasReadAccess": False, "HasEditAccess": False, "MaxAccessLevel": "None"}
    happens(org, "share", user="lena@acme.example", id=case)
    assert access(org, users["Lena Lead"], case)["HasReadAccess"] is True
    assert access(org, users["Lena Lead"], case)["HasEditAccess"] is False
    happens(org, "agent_edits", case=case, owner="Support")
    assert access(org, users["Mia Agent"], case)["HasEditAccess"] is True
    happens(org, "deactivate_user", user="mia@acme.example")
    assert access(org, users["Mia Agent"], case)["HasReadAccess"] is False


def test_access_is_asked_for_one_user_and_named_records(org: Org) -> None:
    assert org.query("SELECT RecordId FROM UserRecordAccess")[0]["errorCode"] == "MALFORMED_QUERY"


def test_an_owner_is_a_queue_or_a_user_and_is_seen_as_a_name(org: Org) -> None:
    case = writes(org)
    happens(org, "agent_edits", case=case, owner="Refunds")
    [row] = rows(org, "SELECT OwnerId, Owner.Name, Owner.Type FROM Case WHERE Id = '{case}'", case=case)
    assert row["OwnerId"].startswith("00G")
    assert (row["Owner"]["Name"], row["Owner"]["Type"], row["Owner"]["attributes"]["type"]) == (
        "Refunds", "Group", "Name")
    assert rows(org, "SELECT Id FROM Case WHERE Owner.Name = 'Refunds'") == [{"Id": case}]


def test_a_person_account_has_a_contact_of_its_own() -> None:
    org = service_desk(person_accounts=True, accounts=[
        {"LastName": "Lind", "FirstName": "Pia", "PersonEmail": "pia@example.com"}, {"Name": "Acme & Söhne",
                                                                                    "Id": "0015e00000000ACAAY"}])
    [row] = rows(org, "SELECT Id, Name, PersonEmail, PersonContactId FROM Account WHERE IsPersonAccount = TRUE")
    assert (row["Name"], row["PersonEmail"]) == ("Pia Lind", "pia@example.com")
    case = writes(org, email="pia@example.com")
    [made] = rows(org, "SELECT ContactId, AccountId, Account.PersonEmail FROM Case WHERE Id = '{case}'", case=case)
    assert (made["ContactId"], made["AccountId"]) == (row["PersonContactId"], row["Id"])


def test_a_merged_case_goes_to_the_bin_naming_its_master_and_its_mails_move(org: Org) -> None:
    first, second = writes(org), writes(org, "Again", email="ben@example.com")
    happens(org, "merge", case=first, into=second)
    assert rows(org, "SELECT Id FROM Case") == [{"Id": second}]
    gone = org.ask("GET", "/queryAll?q=SELECT+Id,MasterRecordId+FROM+Case+WHERE+IsDeleted=TRUE").json()["records"]
    assert [(r["Id"], r["MasterRecordId"]) for r in gone] == [(first, second)]
    assert len(rows(org, "SELECT Id FROM EmailMessage WHERE ParentId = '{second}'", second=second)) == 2
    assert org.ask("GET", "/sobjects/Case/" + first).status == 404
    assert org.ask("PATCH", "/sobjects/Case/" + first, {"Status": "New"}).json()[0]["errorCode"] == "ENTITY_IS_DELETED"


def test_books_tell_our_notes_from_those_of_colleagues(org: Org) -> None:
    case = writes(org)
    comment(org, case, "Ours", IsPublished=False)
    happens(org, "agent_comments", case=case, agent="mia@acme.example", body="Hers")
    happens(org, "agent_replies", case=case, agent="mia@acme.example", body="Dear Anna")
    book = ticket(org, case)
    assert [n["body"] for n in book["notes"]] == ["Ours"]
    assert [c["body"] for c in book["comments"]] == ["Ours", "Hers"]
    assert (book["replies"], book["customer_comments"]) == ([], 1)
    assert (org.rules.books()["notes"], org.rules.books()["replies"]) == (1, 0)


def test_merged_contacts_take_their_cases_along(org: Org) -> None:
    case = writes(org)
    happens(org, "merge", id=ANNA, into=BEN)
    assert ticket(org, case)["contact_id"] == BEN


@pytest.mark.parametrize(("domain", "sandbox", "edition"), [
    ("acme", False, "Enterprise Edition"), ("acme--uat.sandbox", True, "Enterprise Edition"),
    ("acme-dev-ed.develop", False, "Developer Edition")])
def test_an_orgs_domain_and_its_own_row_agree_on_what_it_is(domain: str, sandbox: bool, edition: str) -> None:
    org = acme(domain=domain)
    assert rows(org, "SELECT IsSandbox, OrganizationType FROM Organization") == [
        {"IsSandbox": sandbox, "OrganizationType": edition}]


def test_where_cases_have_a_feed_comments_and_mails_stand_in_it_once_more(org: Org) -> None:
    case = writes(org)
    comment(org, case, "Ours")
    happens(org, "agent_posts", case=case, agent="mia@acme.example", body="Look at this")
    assert rows(org, "SELECT Type, Body, Visibility FROM FeedItem ORDER BY Id") == [
        {"Type": "EmailMessageEvent", "Body": "I was charged twice.", "Visibility": "InternalUsers"},
        {"Type": "CaseCommentPost", "Body": "Ours", "Visibility": "InternalUsers"},
        {"Type": "TextPost", "Body": "Look at this", "Visibility": "InternalUsers"}]
    assert ticket(org, case)["posts"] == ["Look at this"]


def test_where_sharing_binds_the_caller_too_unshared_cases_are_not_there() -> None:
    org = service_desk(sharing={"private": ["Case"], "callers": True})
    shared, other = writes(org), writes(org, "Not for you")
    happens(org, "share", user="Deskhand Integration", id=shared, level="Read")
    assert rows(org, "SELECT Id FROM Case") == [{"Id": shared}]
    assert rows(org, "SELECT TextBody FROM EmailMessage") == [{"TextBody": "I was charged twice."}]
    assert org.ask("GET", "/sobjects/Case/" + other).status == 404
    assert org.ask("PATCH", "/sobjects/Case/" + other, {"Status": "Working"}).status == 404
    assert org.ask("PATCH", "/sobjects/Case/" + shared, {"Status": "Working"}).status == 403
    happens(org, "share", user="Deskhand Integration", id=shared, level="Edit")
    assert org.ask("PATCH", "/sobjects/Case/" + shared, {"Status": "Working"}).status == 204


def test_a_receipts_key_is_described_as_the_unique_external_id_that_it_is(org: Org) -> None:
    [key] = [f for f in described(org, "Deskhand_Action__c")["fields"] if f["name"] == "Key__c"]
    assert {name: key[name] for name in ("externalId", "unique", "caseSensitive", "idLookup", "length", "custom")} == {
        "externalId": True, "unique": True, "caseSensitive": True, "idLookup": True, "length": 64, "custom": True}
