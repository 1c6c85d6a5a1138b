"""The Salesforce package's Apex and rights, held against the server that it talks to and the rules of the house."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

from connectors.salesforce.catching import CASE
from connectors.salesforce.reading import FIELDS
from connectors.salesforce.setup import LOOKED_AT
from webhooks.api import ROUTES
from webhooks.salesforce import DOOR
from webhooks.signed import text

APP = Path(__file__).parents[2] / "manifests" / "salesforce" / "force-app" / "main" / "default"
SOURCES = {path.stem: path.read_text() for path in sorted(APP.glob("classes/*.cls"))}
CLASSES = [name for name in SOURCES if not name.endswith("Test") and name != "DeskhandTestOffice"]
RIGHTS = ["Deskhand_Admin", "Deskhand_Agent", "Deskhand_Approver", "Deskhand_Integration"]
NAME_FIELDS = {"FirstName", "LastName"}
"""Parts of a contact's name, to which every reader of contacts has access."""


WITH_THE_CASE = {"Id", "CaseNumber", "Status", "IsClosed", "IsDeleted", "OwnerId", "CreatedDate", "CreatedById",
                 "LastModifiedDate", "SystemModstamp"}
"""Fields of a case, to which every reader of cases has access."""


def rights(name: str) -> ElementTree.Element:
    root = ElementTree.parse(APP / "permissionsets" / f"{name}.permissionset-meta.xml").getroot()  # noqa: S314 - ours
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    return root


def fields(name: str) -> dict[str, bool]:
    """Which fields the permission set opens, and whether for writing."""
    return {one.findtext("field", ""): one.findtext("editable") == "true"
            for one in rights(name).findall("fieldPermissions")}


def expected_texts() -> Iterator[str]:
    """What the Apex test says is signed: the text with `<org>` for the org's id."""
    source = SOURCES["DeskhandSignedTest"]
    for block in re.findall(r"'deskhand-v1\\n' \+(.*?),\s*call", source, re.DOTALL):
        told = "".join(("<org>" if org else one) for one, org in re.findall(r"'((?:[^'\\]|\\.)*)'|\b(ORG)\b", block))
        yield "deskhand-v1\n" + told.replace("\\n", "\n")


def test_what_apex_signs_is_byte_for_byte_what_the_server_checks() -> None:
    org = "00D000000000001AAA"
    press, look = [told.replace("<org>", org).encode() for told in expected_texts()]
    assert press == text("POST", "/api/approvals/17", '{"a":"é"}'.encode(), timestamp="1795233600", id="event-0001",
                         org=org, user="005000000000001AAA", case="500000000000001AAA")
    assert look == text("GET", "/api/waiting", b"", timestamp="1795233600", id="3f1c9a52-0d6e-4b1f-9f5e-1f6a1a3e9d10",
                        org=org, user="-", case="-")


def test_the_class_that_signs_joins_these_nine_lines_in_this_order() -> None:
    """The test in Apex says which bytes; only an org can run it."""
    (lines,) = re.findall(r"String\.join\(\s*new List<String>\{(.*?)\},\s*'\\n'", SOURCES["DeskhandSigned"], re.DOTALL)
    assert [" ".join(line.split()) for line in lines.split(",\n")] == [
        "VERSION", "method", "path", "String.valueOf(timestamp)", "callId", "orgId", "userId", "caseId",
        "EncodingUtil.convertToHex(Crypto.generateDigest('SHA-256', Blob.valueOf(body)))"]
    assert "VERSION = 'deskhand-v1'" in SOURCES["DeskhandSigned"]
    assert "Crypto.signWithCertificate('RSA-SHA256', text, SIGNED_WITH)" in SOURCES["DeskhandSigned"]


def test_the_component_reaches_every_route_of_the_api_but_the_binding() -> None:
    said = re.findall(r"'(/api/[^']*)'(?: \+ \w+(?:\(\w+\))?(?: \+ '([^']*)')?)?", SOURCES["DeskhandPanel"])
    asked = {(start + ("{}" + end if start.endswith("/") else "")) for start, end in said}
    offered = {re.sub(r"\{\w+\}", "{}", route.path) for route in ROUTES}
    assert asked == offered - {"/api/sessions/bind"}


def test_events_go_to_the_door() -> None:
    assert f"PATH = '{DOOR}'" in SOURCES["DeskhandSender"]


def test_who_asks_is_the_running_user_and_never_an_argument() -> None:
    source = SOURCES["DeskhandPanel"]
    assert source.count("userId =") == 1
    assert "call.userId = Id.valueOf(UserInfo.getUserId());" in source
    taken = {name for arguments in re.findall(r"@AuraEnabled\s+public static \w+ \w+\(([^)]*)\)", source)
             for name in re.findall(r"\w+ (\w+)(?:,|$)", arguments)}
    assert taken == {"caseId", "etag", "digest", "waitId", "amount", "reason", "operation", "action"}


@pytest.mark.parametrize("name", SOURCES)
def test_every_object_and_field_of_ours_that_apex_names_exists(name: str) -> None:
    """apex-ls does not look into queries."""
    objects = {path.name for path in APP.glob("objects/*")}
    known = objects | {path.name.partition(".")[0] for path in APP.glob("objects/*/fields/*")}
    assert set(re.findall(r"\b\w+__[ce]\b", SOURCES[name])) <= known


@pytest.mark.parametrize("name", CLASSES)
def test_a_class_keeps_to_the_sharing_of_whoever_runs_it(name: str) -> None:
    declared = re.findall(r"^ *(?:public|private|global) ([\w ]*)class (\w+)", SOURCES[name], re.MULTILINE)
    assert declared
    assert all("with sharing" in how or inner == "Outcome" for how, inner in declared), declared


@pytest.mark.parametrize("name", CLASSES)
def test_where_rights_are_not_asked_the_reason_is_written_above(name: str) -> None:
    for found in re.finditer("SYSTEM_MODE", SOURCES[name]):
        above = SOURCES[name][: found.start()].rpartition("/**")[2]
        assert "In system mode, because" in above, f"{name} at {found.start()}"
    for query in re.findall(r"\[\s*SELECT.*?\]", SOURCES[name], re.DOTALL):
        assert "WITH USER_MODE" in query or "WITH SYSTEM_MODE" in query, query
    assert not re.search(r"^\s*(insert|update|upsert|delete) ", SOURCES[name], re.MULTILINE)


@pytest.mark.parametrize("name", CLASSES)
def test_every_public_method_is_called_by_a_test(name: str) -> None:
    tests = "".join(source for file, source in SOURCES.items() if file not in CLASSES)
    declared = re.findall(r"^ {4}public (?:static )?[\w<>, .]+ (\w+)\(", SOURCES[name], re.MULTILINE)
    public = {method for method in declared if method != name}
    called = {method for method in public if re.search(rf"\b{method}\(", tests)}
    enqueued = {"execute"} if f"enqueueJob(new {name}(" in tests else set()
    assert public == called | (public & enqueued)
    assert f"{name}Test" in SOURCES


@pytest.mark.parametrize("name", RIGHTS)
def test_nobody_sees_or_changes_every_record(name: str) -> None:
    for one in rights(name).findall("objectPermissions"):
        assert one.findtext("viewAllRecords") == one.findtext("modifyAllRecords") == "false"


@pytest.mark.parametrize("name", ["Deskhand_Admin", "Deskhand_Agent", "Deskhand_Approver"])
def test_people_get_the_component_and_no_record_besides(name: str) -> None:
    assert [one.findtext("object") for one in rights(name).findall("objectPermissions")] == ["UserExternalCredential"]
    assert [one.findtext("apexClass") for one in rights(name).findall("classAccesses")] == ["DeskhandPanel"]
    assert fields(name) == {"Case.Deskhand_Tags__c": False}
    assert rights(name).findall("userPermissions") == []


def test_only_the_integration_user_is_taken_for_deskhand_itself() -> None:
    having = [name for name in RIGHTS if any(one.findtext("name") == "Deskhand_Integration"
                                             for one in rights(name).findall("customPermissions"))]
    assert having == ["Deskhand_Integration"]


def test_the_integration_user_may_write_what_the_connector_writes_and_no_address_that_identifies() -> None:
    opened = fields("Deskhand_Integration")
    wanted = {name for name in FIELDS.values() if not name.startswith("Mailing")} - NAME_FIELDS
    assert wanted <= {name.removeprefix("Contact.") for name in opened if name.startswith("Contact.")}
    assert opened["Contact.MailingAddress"]
    assert not opened["Contact.Email"]


def test_the_integration_user_reads_of_a_case_what_the_connector_reads_and_no_more() -> None:
    opened = {name.removeprefix("Case.") for name in fields("Deskhand_Integration") if name.startswith("Case.")}
    assert opened == {one for one in CASE if "." not in one} - WITH_THE_CASE | {"Description"}


def test_the_integration_user_deletes_nothing_but_old_events() -> None:
    deleted = [one.findtext("object") for one in rights("Deskhand_Integration").findall("objectPermissions")
               if one.findtext("allowDelete") == "true"]
    assert deleted == ["Deskhand_Outbox__c"]


def test_the_integration_user_adds_heads_of_the_audit_and_changes_none() -> None:
    """Nor may anybody else whom a permission set of ours names; by sharing every user may read them."""
    (given,) = [one for name in RIGHTS for one in rights(name).findall("objectPermissions")
                if one.findtext("object") == "Deskhand_Head__c"]
    assert {one.tag for one in given if one.text == "true"} == {"allowCreate", "allowRead"}
    of_it = (APP / "objects" / "Deskhand_Head__c" / "Deskhand_Head__c.object-meta.xml").read_text()
    assert "<sharingModel>Read</sharingModel>" in of_it


def test_what_names_an_org_is_a_placeholder_in_the_files_for_installing_by_hand() -> None:
    told = {path.name.removesuffix("-meta.xml"): re.findall(r">(\S*example\.com)<", path.read_text())
            for path in sorted(APP.parents[2].glob("post-install/**/*-meta.xml"))}
    assert told == {
        "Deskhand.eca": ["deskhand.admin@example.com"],
        "Deskhand.namedCredential": ["https://deskhand.example.com"],
        "Deskhand_oauth.ecaOauth": [],
        "Deskhand_oauthPlcy.ecaOauthPlcy": ["deskhand.integration@example.com"],
        "Deskhand_Wake.platformEventSubscriberConfig": ["deskhand.integration@example.com"]}
    assert not any("example.com" in path.read_text() for path in APP.rglob("*-meta.xml"))


def test_what_is_installed_by_hand_has_the_names_that_the_setup_gives() -> None:
    files = APP.parents[2] / "post-install" / "main" / "default"
    by_hand = {path.relative_to(files).as_posix().removesuffix("-meta.xml") for path in files.glob("*/*-meta.xml")}
    assert len(by_hand) == 5
    assert by_hand <= {one.path for one in LOOKED_AT}


def test_the_page_of_the_package_names_everything_in_it() -> None:
    page = (APP.parents[2] / "README.md").read_text()
    parts = [*CLASSES, *RIGHTS, *(path.stem for path in APP.glob("triggers/*.trigger")),
             *(path.name for path in APP.glob("objects/Deskhand_*")),
             *(path.name.partition(".")[0] for path in APP.glob("customPermissions/*"))]
    assert [one for one in parts if f"`{one}`" not in page] == []


def test_no_secret_and_no_session_leaves_by_the_sources() -> None:
    everything = "".join(path.read_text() for path in APP.parents[2].rglob("*-meta.xml"))
    everything += "".join(SOURCES[name] for name in CLASSES)
    for word in ("getSessionId", "consumerSecret", "consumerKey", "BEGIN PRIVATE", "http://"):
        assert word not in everything.replace("http://soap.sforce.com/2006/04/metadata", "").replace(
            "http://www.w3.org/2001/XMLSchema-instance", ""), word
