"""What the doctor finds in an org that was set up, and what it says to do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.contract import Surroundings
from connectors.parts import MARK, Finding, House
from connectors.salesforce import CONNECTOR
from connectors.salesforce.settings import SalesforceSettings
from connectors.salesforce.setup.bundle import shipped
from connectors.salesforce.standin.ids import stamp
from connectors.salesforce.standin.rights import FILE, rights
from tests.connectors.salesforce.setup.conftest import URL, USER, VERSION, Admin, standing
from tests.webhooks.org import pem

ROLES = {"agent": ("Deskhand_Agent",), "lead": ("Team leads",)}


def findings(admin: Admin, *, roles: dict[str, Any] | None = None, watching: bool = False,
             **settings: str) -> list[Finding]:
    """What all checks find with the running login; `watching` with an admin's as well."""
    env = {**admin.env, **settings}
    login = admin.login if watching else {"SALESFORCE_DOMAIN": "acme"}
    around = Surroundings(now=admin.time, sleep=lambda seconds: admin.time.on(seconds=seconds),
                          transports={"salesforce": admin.transport})
    assert CONNECTOR.checks is not None
    house = House(URL, VERSION, env, roles=ROLES if roles is None else roles)
    checks = CONNECTOR.checks(SalesforceSettings.model_validate({**env, **login}), around, house)
    return [found for check in checks for found in check.run()]


def of(found: list[Finding], check: str) -> list[tuple[str, str]]:
    return [(one.level, one.says) for one in found if one.check == check]


@pytest.fixture
def desk() -> Admin:
    """Set up, with people, an address and a running job."""
    admin = standing(shipped())
    admin.keep({"SALESFORCE_SENDER": "help@acme.example"})
    admin.rules.load({"package": None, "users": [
        {"Name": "Kim Agent", "Email": "kim@acme.example", "permission_sets": ["Deskhand_Agent"]}],
        "groups": [{"Name": "Team leads"}], "organization": {"IsSandbox": False},
        "read_only_fields": ["Contact.Email"], "field_history": ["Email"]}, admin.time())
    return admin


def test_in_an_org_as_it_should_be_everything_is_green(desk: Admin) -> None:
    found = findings(desk)
    assert [(one.check, one.level, one.says) for one in found if one.level != "green"] == []
    assert {"cases", "org id", "package", "replies", "people", "roles", "certificate", "scheduled job", "outbox",
            "round trip"} <= {one.check for one in found}


def test_no_check_changes_the_org(desk: Admin) -> None:
    before = desk.books()
    findings(desk, watching=True)
    assert desk.books() == before


def outboxed(admin: Admin, status: str, hours: float, why: str) -> None:
    admin.org.insert("Deskhand_Outbox__c", {
        "Event_Id__c": f"event-{status}", "Status__c": status, "Last_Error__c": why, "Attempts__c": 3,
        "CreatedDate": stamp(admin.time() - timedelta(hours=hours))}, "", admin.time())


def ran(admin: Admin, hours: float) -> None:
    [row] = admin.org.tables["CronTrigger"].values()
    row["PreviousFireTime"] = stamp(admin.time() - timedelta(hours=hours))


def grant(admin: Admin, who: str, name: str) -> None:
    admin.rules.control("grant", {"user": who, "permission_set": name}, admin.time())


def lose(right: str) -> Callable[[Admin], None]:
    def taken(admin: Admin) -> None:
        [app] = [one for one in admin.org.clients.values() if one.get("app")]
        app["permissions"] = rights(admin.org.files[FILE]) - {right}

    return taken


def hold(right: str) -> Callable[[Admin], None]:
    def given(admin: Admin) -> None:
        [app] = [one for one in admin.org.clients.values() if one.get("app")]
        app["permissions"] = rights(admin.org.files[FILE]) | {right}

    return given


def senders(admin: Admin, **fields: Any) -> None:
    for row in admin.org.tables["OrgWideEmailAddress"].values():
        row |= fields


@pytest.mark.parametrize(("harm", "check", "level", "says", "mend"), [
    (lose("CaseComment:create"), "cases", "red", "lacks the right CaseComment: create", "deskhand setup salesforce"),
    (lose("Deskhand_Action__c:read"), "cases", "red", "lacks the right Deskhand_Action__c: read", "setup"),
    (lose("Deskhand_Head__c:create"), "cases", "red", "lacks the right Deskhand_Head__c: create", "setup"),
    (hold("Deskhand_Head__c:edit"), "cases", "yellow", "has the right Deskhand_Head__c: edit, which Deskhand does not "
     "need", "Take it away"),
    (lambda admin: admin.org.hidden.add("Case.Description"), "cases", "red", "lacks the right Case.Description: read",
     "deskhand setup salesforce"),
    (lambda admin: admin.org.read_only.add("Case.Priority"), "cases", "red", "lacks the right Case.Priority: edit",
     "deskhand setup salesforce"),
    (lambda admin: setattr(admin.org, "case_history", ("Status", "ContactId")), "case history", "red",
     "Changes of Case.OwnerId are not recorded: a colleague who takes a case is not noticed", "Set History Tracking"),
    (lambda admin: senders(admin, IsVerified=False), "replies", "red", "is not verified", "Confirm the mail"),
    (lambda admin: senders(admin, Address="other@acme.example"), "replies", "red",
     "no org-wide address help@acme.example, so no reply can be sent; there are other@acme.example",
     "Organization-Wide Addresses"),
    (lambda admin: senders(admin, IsAllowAllProfiles=False), "replies", "yellow", "Only some profiles", "profile"),
    (lambda admin: grant(admin, "kim@acme.example", "Deskhand_Integration"), "people", "red",
     f"2 users have the permission set Deskhand_Integration, and what they save is taken for Deskhand's own: {USER}, "
     "kim@acme.example", "Take it from all but one"),
    (lambda admin: admin.rules.control("revoke", {"user": "kim@acme.example", "permission_set": "Deskhand_Agent"},
                                       admin.time()), "people", "yellow", "nobody can approve", "Give people"),
    (lambda admin: outboxed(admin, "Failed", 30, "HTTP 401"), "outbox", "red", "1 events of the last week were given "
     "up: HTTP 401", "it reads the certificate again. Then run deskhand catchup --since 2d"),
    (lambda admin: outboxed(admin, "Waiting", 1, "System.CalloutException: no access"), "outbox", "red",
     "1 events wait for more than half an hour: System.CalloutException: no access", "named credential"),
    (lambda admin: ran(admin, 3), "scheduled job", "yellow", "ran last at 21 November, 01:00 UTC", "Scheduled Jobs"),
    (lambda admin: admin.org.desk.update(test_call={"status": 401, "problem": None}), "round trip", "red",
     "Deskhand refused its signature", "server's clock"),
    (lambda admin: admin.org.desk.update(test_call={"status": 404, "problem": None}), "round trip", "red",
     "something answered 404", "proxy"),
    (lambda admin: admin.org.desk.update(test_call={"status": 0, "problem": "System.CalloutException: Read timed out"}),
     "round trip", "red", "cannot call https://deskhand.acme.example: System.CalloutException: Read timed out",
     "open to the internet"),
    (lambda admin: admin.time.on(days=30 * 365), "certificate", "red", "ended on 01 January 2055",
     "deskhand rotate salesforce"),
])
def test_what_is_wrong_is_named_with_its_mend(desk: Admin, harm: Callable[[Admin], object], check: str, level: str,
                                              says: str, mend: str) -> None:
    harm(desk)
    hit = [one for one in findings(desk) if one.check == check and says in one.says]
    assert [one.level for one in hit] == [level], [(one.check, one.says) for one in findings(desk)]
    assert mend in hit[0].mend


def test_a_package_of_before_is_said(admin: Admin) -> None:
    admin.run(version="1.0.0")
    assert of(findings(admin), "package") == [("yellow", "The package is of Deskhand 1.0.0, and this is 1.2.3.")]
    admin.run()
    [row] = [one for one in admin.org.tables["PermissionSet"].values() if one["Name"] == "Deskhand_Integration"]
    row["Description"] = "Deployed by hand"
    assert of(findings(admin), "package") == [
        ("yellow", "The package was deployed by other means, so its version is not known.")]


def test_a_certificate_in_a_file_or_amid_a_rotation_is_read(desk: Admin, tmp_path: Path) -> None:
    pem = desk.env["SALESFORCE_CERTIFICATE"]
    (tmp_path / "org.pem").write_text(pem)
    for held in (str(tmp_path / "org.pem"), f"changing,{pem}", pem.replace("\n", "\\n")):
        assert of(findings(desk, SALESFORCE_CERTIFICATE=held), "certificate") == [
            ("green", "The org's certificate is good until 01 January 2055.")]


def test_a_job_that_is_gone_is_said(desk: Admin) -> None:
    desk.org.tables["CronTrigger"].clear()
    assert of(findings(desk), "scheduled job") == [
        ("red", "The hourly job is not scheduled: what could not be sent is not sent again.")]


def test_roles_that_the_org_does_not_have_are_named(desk: Admin) -> None:
    found = of(findings(desk, roles={"lead": ("Team heads",), "agent": ("Deskhand Agent",)}), "roles")
    assert found == [("red", "deskhand.toml names Team heads for lead, and the org has no permission set, group or "
                             "queue of that name.")]


def test_roles_are_named_in_any_case_and_not_by_a_group_that_somebody_made_for_themselves(desk: Admin) -> None:
    [kim] = [one["Id"] for one in desk.org.tables["User"].values() if one["Name"] == "Kim Agent"]
    desk.org.insert("Group", {"Name": "Finance", "DeveloperName": "Finance1", "Type": "Regular", "OwnerId": kim}, kim,
                    desk.time())
    assert [one[0] for one in of(findings(desk, roles={"lead": ("team LEADS ",)}), "roles")] == ["green"]
    assert [one[0] for one in of(findings(desk, roles={"finance": ("Finance",)}), "roles")] == ["red"]


def test_beside_zendesk_a_role_may_also_name_a_group_of_zendesks(desk: Admin) -> None:
    both = {"lead": ("Team heads", "Team leads"), "agent": ("Support",)}
    found = of(findings(desk, roles=both, ZENDESK_SUBDOMAIN="acme"), "roles")
    assert [(level, says.partition(",")[0]) for level, says in found] == [
        ("yellow", "deskhand.toml names Support for agent")]


def test_another_org_than_the_one_set_is_said(desk: Admin) -> None:
    [found] = of(findings(desk, SALESFORCE_ORG_ID="00D000000000001EAA"), "org id")
    assert found[0] == "red"
    assert "every event is refused" in found[1]


def test_without_a_sender_nobody_is_replied_to_and_that_is_said(desk: Admin) -> None:
    desk.keep({"SALESFORCE_SENDER": ""})
    [(level, says)] = of(findings(desk), "replies")
    assert (level, "tickets are handed over" in says) == ("yellow", True)


def test_with_an_admins_login_what_was_changed_in_setup_is_seen(desk: Admin) -> None:
    path = "namedCredentials/Deskhand.namedCredential"
    desk.org.files[path] = desk.org.files[path].replace(URL.encode(), b"https://old.example.com")
    assert ("red", 'The named credential "Deskhand" is not as made: it calls https://old.example.com.') in of(
        findings(desk, watching=True), "setup")


def test_a_certificate_that_an_admin_made_is_as_it_should_be(desk: Admin) -> None:
    path = "certs/Deskhand_Signing.crt-meta.xml"
    desk.org.files[path] = desk.org.files[path].replace(MARK.encode(), b"")
    assert of(findings(desk, watching=True), "setup") == [("green", "Everything stands as it was made.")]
    [(level, says)] = of(findings(desk, watching=True, SALESFORCE_CERTIFICATE=pem()), "setup")
    assert (level, "that deskhand setup did not make" in says) == ("red", True)


def test_a_crm_alone_is_asked_nothing_about_cases(admin: Admin) -> None:
    admin.run(desk="no")
    assert {one.check for one in findings(admin)} == {"org", "permissions", "field history"}


def test_without_apex_no_certificate_and_no_call_is_asked_for(admin: Admin) -> None:
    admin.run(apex="no")
    assert not {"certificate", "scheduled job", "outbox", "round trip"} & {one.check for one in findings(admin)}
