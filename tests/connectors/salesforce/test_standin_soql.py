"""The stand-in answers the SOQL of a service desk as Salesforce does, and refuses what Salesforce refuses."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from tests.connectors.salesforce.acme import ANNA, Org, sub
from tests.connectors.salesforce.standin_desk import happens, rows, service_desk, writes


@pytest.fixture
def org() -> Org:
    return service_desk()


def refusal(org: Org, soql: str) -> tuple[str, str]:
    given = org.ask("GET", "/query?q=" + quote(soql))
    assert given.status == 400, given.body
    return given.json()[0]["errorCode"], given.json()[0]["message"]


def test_children_come_as_a_result_of_their_own(org: Org) -> None:
    case = writes(org)
    happens(org, "agent_edits", case=case, agent="mia@acme.example", status="Working", priority="High")
    [row] = rows(org, "SELECT Id, (SELECT Field, NewValue, CreatedBy.Name FROM Histories WHERE DataType = 'Text' "
                      "ORDER BY Field DESC LIMIT 2) FROM Case")
    below = row["Histories"]
    assert (below["totalSize"], below["done"], set(below)) == (2, True, {"totalSize", "done", "records"})
    assert [(r["Field"], r["CreatedBy"]["Name"]) for r in below["records"]] == [
        ("Status", "Mia Agent"), ("Priority", "Mia Agent")]


def test_own_children_are_named_with_their_suffix(org: Org) -> None:
    case = writes(org)
    org.ask("POST", "/sobjects/Deskhand_Action__c", {"Key__c": "op-1", "Case__c": case, "Kind__c": "note"})
    [row] = rows(org, "SELECT Id, (SELECT Key__c, Case__r.CaseNumber FROM Deskhand_Actions__r) FROM Case")
    [receipt] = row["Deskhand_Actions__r"]["records"]
    assert (receipt["Key__c"], receipt["Case__r"]["CaseNumber"]) == ("op-1", "00001001")


def test_parents_are_followed_over_several_steps(org: Org) -> None:
    writes(org)
    [row] = rows(org, "SELECT Parent.Contact.Account.Name FROM EmailMessage")
    assert row["Parent"]["Contact"]["Account"]["Name"] == "Acme & Söhne"


def test_a_semi_join_finds_the_cases_of_newer_mails(org: Org) -> None:
    first, second = writes(org), writes(org, email="ben@example.com")
    org.time.on(minutes=5)
    writes(org, "Any news?", case=first)
    since = "2026-11-21T04:01:00Z"
    found = rows(org, "SELECT Id FROM Case WHERE SystemModstamp >= {since} OR Id = '{second}'", since=since,
                 second=second)
    assert found == [{"Id": second}]
    joined = "SELECT Id FROM Case WHERE Id IN (SELECT ParentId FROM EmailMessage WHERE SystemModstamp >= {since})"
    assert rows(org, joined, since=since) == [{"Id": first}]
    assert rows(org, joined.replace(" IN ", " NOT IN "), since=since) == [{"Id": second}]


@pytest.mark.parametrize(("soql", "code", "words"), [
    ("SELECT Id FROM Case WHERE Status = 'New' OR Id IN (SELECT ParentId FROM EmailMessage)", "MALFORMED_QUERY",
     "Semi join"),
    ("SELECT Id FROM Case WHERE Id IN (SELECT Subject FROM EmailMessage)", "MALFORMED_QUERY", "inner select field"),
    ("SELECT Id FROM EmailMessage WHERE TextBody LIKE '%op-1%'", "INVALID_FIELD", "can not be filtered"),
    ("SELECT Id FROM CaseComment WHERE CommentBody = 'x'", "INVALID_FIELD", "can not be filtered"),
    ("SELECT Id FROM CaseHistory WHERE NewValue = 'Closed'", "INVALID_FIELD", "can not be filtered"),
    ("SELECT Id, (SELECT Id FROM Nonsense) FROM Case", "INVALID_TYPE", "Didn't understand relationship 'Nonsense'"),
    ("SELECT Id, (SELECT Id FROM CaseComments FROM Case", "MALFORMED_QUERY", "unexpected token"),
    ("SELECT Id, COUNT(Id) FROM Case", "MALFORMED_QUERY", "grouped or aggregated"),
    ("SELECT Owner.Nope FROM Case", "INVALID_FIELD", "No such column 'Nope' on entity 'Name'"),
    ("SELECT Id FROM Case LIMIT 1 OFFSET 2001", "NUMBER_OUTSIDE_VALID_RANGE", "2000"),
])
def test_what_salesforce_refuses_is_refused(org: Org, soql: str, code: str, words: str) -> None:
    given, message = refusal(org, soql)
    assert given == code
    assert words in message


def test_aggregates_are_named_expr_or_by_their_alias(org: Org) -> None:
    writes(org)
    writes(org, email="ben@example.com", priority="High")
    assert rows(org, "SELECT COUNT(Id), MAX(CreatedDate) newest FROM Case") == [
        {"expr0": 2, "newest": "2026-11-21T04:00:00.000+0000"}]
    assert rows(org, "SELECT Priority, COUNT(Id) FROM Case GROUP BY Priority") == [
        {"Priority": "Medium", "expr0": 1}, {"Priority": "High", "expr0": 1}]
    assert org.query("SELECT COUNT() FROM Case") == {"totalSize": 2, "done": True, "records": []}


@pytest.mark.parametrize(("where", "count"), [
    ("Status IN ('New', 'Working') AND (Priority = 'High' OR Origin = 'Web')", 1),
    ("NOT (Priority = 'High')", 1),
    ("CreatedDate >= 2026-11-21T04:00:00Z AND CreatedDate <= 2026-11-21T04:00:00.000+0000", 2),
    ("Subject LIKE 'a ques%'", 2), ("Contact.Email = 'ANNA@example.com'", 1), ("IsClosed = FALSE", 2),
    ("ContactId = '" + ANNA[:15] + "'", 1), ("LastModifiedDate > 2026-11-21T04:00:00Z", 0)])
def test_cases_are_found_by_what_is_known_of_them(org: Org, where: str, count: int) -> None:
    writes(org)
    writes(org, email="ben@example.com", priority="High")
    assert len(rows(org, "SELECT Id FROM Case WHERE {where}", where=where)) == count


def test_a_long_result_goes_on_page_by_page_and_ends(org: Org) -> None:
    for _ in range(5):
        writes(org)
    org.rules.load({"page_size": 2}, org.time())
    seen: list[Any] = []
    given = org.query("SELECT Id FROM Case ORDER BY SystemModstamp, Id")
    seen += given["records"]
    while not given["done"]:
        given = org.ask("GET", given["nextRecordsUrl"]).json()
        seen += given["records"]
    assert len({row["Id"] for row in seen}) == given["totalSize"] == 5
    assert org.ask("GET", "/query/01gNONE-2").json()[0]["errorCode"] == "INVALID_QUERY_LOCATOR"


def test_a_composite_holds_at_most_five_queries(org: Org) -> None:
    asked = [sub("GET", "/query?q=SELECT%20Id%20FROM%20Case")] * 5
    assert {a["httpStatusCode"] for a in org.composite(*asked)} == {200}
    numbered = [{"referenceId": f"r{n}", **s} for n, s in enumerate([*asked, asked[0]])]
    assert org.ask("POST", "/composite", {"compositeRequest": numbered}).status == 400


def test_a_composite_holds_no_actions(org: Org) -> None:
    asked = {"referenceId": "mail", **sub("POST", "/actions/standard/emailSimple", {"inputs": []})}
    assert org.ask("POST", "/composite", {"compositeRequest": [asked]}).status == 400
