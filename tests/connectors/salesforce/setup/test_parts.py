"""What the setup makes in an org: made once, compared, changed, removed; an admin's own stays."""

from __future__ import annotations

import re
from typing import Any

import pytest

from connectors.contract import Rejected
from connectors.parts import Taken
from connectors.salesforce.setup.bundle import Bundle, shipped
from connectors.salesforce.standin import signing
from scripts.setup.steps import plan
from tests.connectors.salesforce.setup.conftest import ORG, URL, USER, Admin, Killed, package, standing

PACKAGE, ACCESS, APP = ('package "Deskhand"', 'permission set "Deskhand_Integration" of the integration user',
                        'external client app "Deskhand"')
CERTIFICATE, CREDENTIAL = 'certificate "Deskhand_Signing"', 'named credential "Deskhand"'
SUBSCRIBER, SWEEP = 'user of the event trigger "DeskhandWakeTrigger"', 'scheduled job "Deskhand sweep"'
OUTBOUND, DESK = 'outbound message "Deskhand"', "setting \"the org's cases are tickets\""
WHOLE = [PACKAGE, ACCESS, APP, CERTIFICATE, CREDENTIAL, SUBSCRIBER, DESK, SWEEP]
CHOICES: list[dict[str, Any]] = [{}, {"apex": "no"}, {"desk": "no"}]
NAMES = ["whole", "without Apex", "CRM alone"]
KILLS: list[tuple[dict[str, Any], bool, int]] = [({}, False, 3), ({}, True, 1), ({"apex": "no"}, True, 2)]
"""Choices, whether the call that the process is killed at was still answered by the org, and at which calls: every
third before, since there an earlier answer was also kept, and every second where there are fewer parts."""


def test_all_is_made_and_the_settings_hold_what_it_gives(admin: Admin) -> None:
    assert admin.run() == [f"make {name}" for name in WHOLE]
    [(key, client)] = [(key, one) for key, one in admin.org.clients.items() if one.get("app")]
    assert admin.env.pop("SALESFORCE_CERTIFICATE").startswith("-----BEGIN CERTIFICATE-----")
    assert admin.env == {"SALESFORCE_CLIENT_ID": key, "SALESFORCE_CLIENT_SECRET": client["secret"],
                         "SALESFORCE_ORG_ID": ORG}
    assert admin.org.tables["User"][client["user"]]["Username"] == USER


@pytest.mark.parametrize("choices", CHOICES, ids=NAMES)
def test_a_second_run_changes_nothing(admin: Admin, choices: dict[str, Any]) -> None:
    admin.run(**choices)
    stood, env = admin.books(), dict(admin.env)
    admin.time.on(days=3)
    assert admin.run(**choices) == []
    assert (admin.books(), admin.env) == (stood, env)


@pytest.mark.parametrize("choices", CHOICES, ids=NAMES)
def test_a_teardown_leaves_the_books_as_before(admin: Admin, choices: dict[str, Any]) -> None:
    admin.env["OTHER"] = "stays"
    before = admin.books()
    admin.run(**choices)
    assert admin.books() != before
    admin.run(teardown=True)
    assert admin.books() == before
    assert admin.env == {"OTHER": "stays"}
    assert admin.run(teardown=True) == []


def calls_of(choices: dict[str, Any], *, teardown: bool) -> int:
    """How many calls a whole run makes."""
    admin = Admin()
    admin.run(**choices)
    if not teardown:
        return admin.transport.calls
    before = admin.transport.calls
    admin.run(teardown=True)
    return admin.transport.calls - before


def ended(admin: Admin) -> dict[str, Any]:
    """The end state: what is in the org and in the settings, with the settings being those of the org."""
    apps = {key: one for key, one in admin.org.clients.items() if one.get("app")}
    [(key, client)] = apps.items()
    assert (admin.env["SALESFORCE_CLIENT_ID"], admin.env["SALESFORCE_CLIENT_SECRET"]) == (key, client["secret"])
    if "SALESFORCE_CERTIFICATE" in admin.env:
        assert admin.env["SALESFORCE_CERTIFICATE"] in admin.org.files["certs/Deskhand_Signing.crt"].decode()
    if token := admin.env.get("SALESFORCE_OUTBOUND_TOKEN"):
        assert f"{URL}/webhooks/salesforce/{token}<".encode() in admin.org.files["workflows/Case.workflow"]
    made = {re.sub(r"^(Flow:\w+)-\d+", r"\1", one) for one in admin.org.installed}
    return {"installed": sorted(made), "jobs": len(admin.org.tables["CronTrigger"]),
            "given": len(admin.org.tables["PermissionSetAssignment"]), "env": sorted(admin.env)}


@pytest.mark.parametrize(("choices", "after", "every"), KILLS, ids=["before", "after", "after, without Apex"])
def test_killed_at_any_call_and_run_again_the_end_is_the_same(
        choices: dict[str, Any], after: bool, every: int) -> None:
    whole = calls_of(choices, teardown=False)
    assert whole > 20
    straight = Admin()
    straight.run(**choices)
    wanted = ended(straight)
    for calls in range(0, whole, every):
        admin = Admin()
        admin.transport.left, admin.transport.after = calls, after
        with pytest.raises(Killed):
            admin.run(**choices)
        admin.transport.left = None
        admin.run(**choices)
        assert ended(admin) == wanted, f"killed at call {calls}"
        assert admin.run(**choices) == [], f"killed at call {calls}"


@pytest.mark.parametrize(("choices", "after", "every"), KILLS, ids=["before", "after", "after, without Apex"])
def test_a_teardown_killed_at_any_call_goes_on(choices: dict[str, Any], after: bool, every: int) -> None:
    before = Admin().books()
    for calls in range(0, calls_of(choices, teardown=True), every):
        admin = standing(**choices)
        admin.transport.left, admin.transport.after = calls, after
        with pytest.raises(Killed):
            admin.run(teardown=True)
        admin.transport.left = None
        admin.run(teardown=True)
        assert admin.books() == before, f"killed at call {calls}"
        assert admin.env == {}, f"killed at call {calls}"


def edited(admin: Admin, path: str, old: str, new: str) -> None:
    """An admin changes something in Setup."""
    assert old.encode() in admin.org.files[path]
    admin.org.files[path] = admin.org.files[path].replace(old.encode(), new.encode())


NAMED = "namedCredentials/Deskhand.namedCredential"
EVENTS = "PlatformEventSubscriberConfigs/Deskhand_Wake.platformEventSubscriberConfig"
POLICY = "extlClntAppOauthPolicies/Deskhand_oauthPlcy.ecaOauthPlcy"


@pytest.mark.parametrize(("path", "old", "new", "part", "words"), [
    (NAMED, URL, "https://old.example.com", CREDENTIAL, "it calls https://old.example.com"),
    (NAMED, "Enabled", "Disabled", CREDENTIAL, "it is switched off"),
    (NAMED, "<externalCredential>Deskhand<", "<externalCredential>Other<", CREDENTIAL,
     "it uses another external credential"),
    (EVENTS, USER, "ada@acme.example", SUBSCRIBER, "it runs as ada@acme.example"),
    (POLICY, USER, "ada@acme.example", APP, "it runs as ada@acme.example"),
    (POLICY, "FlowEnabled>true", "FlowEnabled>false", APP, "its client credentials flow is switched off"),
])
def test_each_difference_is_said_and_mended(admin: Admin, path: str, old: str, new: str, part: str, words: str) -> None:
    admin.run()
    before, env = admin.org.files[path], dict(admin.env)
    edited(admin, path, old, new)
    assert admin.words() == {part: (words,)}
    assert admin.run() == [f"change {part}"]
    assert (admin.org.files[path], admin.env) == (before, env)


@pytest.mark.parametrize(("path", "old", "new", "words"), [
    ("workflows/Case.workflow", f"{URL}/webhooks", "https://old.example.com/webhooks",
     "it calls https://old.example.com/webhooks/salesforce"),
])
def test_each_difference_of_the_outbound_message_is_said_and_mended(admin: Admin, path: str, old: str, new: str,
                                                                    words: str) -> None:
    admin.run(apex="no")
    before, env = admin.org.files[path], dict(admin.env)
    edited(admin, path, old, new)
    assert admin.words(apex="no") == {OUTBOUND: (words,)}
    assert admin.run(apex="no") == [f"change {OUTBOUND}"]
    assert (admin.org.files[path], admin.env) == (before, env)


def test_a_newer_deskhand_brings_its_package_although_the_job_is_scheduled(admin: Admin) -> None:
    admin.run()
    admin.package = package("\n")
    assert admin.words(version="1.3.0") == {PACKAGE: ("it is version 1.2.3, and Deskhand is 1.3.0",)}
    assert admin.run(version="1.3.0") == [f"change {PACKAGE}", f"make {SWEEP}"]
    assert admin.run(version="1.3.0") == []


def test_the_same_package_of_another_version_stays(admin: Admin) -> None:
    admin.run()
    assert admin.run(version="1.3.0") == []


def test_without_apex_none_is_deployed_and_no_permission_set_speaks_of_it(admin: Admin) -> None:
    admin.run(apex="no")
    assert [one for one in admin.org.installed if one.startswith(("Apex", "ExternalC", "NamedC"))] == [
        "ExternalClientApplication:Deskhand"]
    assert "CustomObject:Deskhand_Outbox__c" not in admin.org.installed
    sets = b"".join(held for path, held in admin.org.files.items() if path.startswith("permissionsets/"))
    assert b"Deskhand_Action__c" in sets
    assert not [word for word in (b"classAccesses", b"externalCredential", b"Outbox", b"Wake__e") if word in sets]


def test_what_another_choice_had_brought_is_taken_away(admin: Admin) -> None:
    admin.run()
    done = admin.run(apex="no")
    assert done == [f"change {PACKAGE}", f"remove {CERTIFICATE}", f"remove {CREDENTIAL}", f"remove {SUBSCRIBER}",
                    f"make {OUTBOUND}"]
    assert not [one for one in admin.org.installed if one.startswith(("ApexClass", "ApexTrigger", "NamedCredential"))]
    assert sorted(admin.env) == ["SALESFORCE_CLIENT_ID", "SALESFORCE_CLIENT_SECRET", "SALESFORCE_ORG_ID",
                                 "SALESFORCE_OUTBOUND_TOKEN"]


def test_a_newer_token_of_the_outbound_message_goes_into_its_address(admin: Admin) -> None:
    admin.run(apex="no")
    old = admin.env["SALESFORCE_OUTBOUND_TOKEN"]
    admin.env["SALESFORCE_OUTBOUND_TOKEN"] = f"{'n' * 40},{old}"
    assert admin.run(apex="no") == [f"change {OUTBOUND}"]
    assert f"/salesforce/{'n' * 40}<".encode() in admin.org.files["workflows/Case.workflow"]
    assert admin.env["SALESFORCE_OUTBOUND_TOKEN"] == f"{'n' * 40},{old}"


def test_the_package_that_comes_with_deskhand_is_deployed_and_leaves_nothing_behind(admin: Admin) -> None:
    admin.package = shipped()
    before = admin.books()
    assert admin.run() == [f"make {name}" for name in WHOLE]
    assert "LightningComponentBundle:deskhandPanel" in admin.org.installed
    assert admin.run() == []
    admin.run(teardown=True)
    assert admin.books() == before


def test_the_package_without_apex_leaves_nothing_behind_either(admin: Admin) -> None:
    admin.package = shipped()
    before = admin.books()
    admin.run(apex="no")
    assert not [one for one in admin.org.installed if one.startswith(("Apex", "Lightning", "FlexiPage"))]
    admin.run(teardown=True)
    assert admin.books() == before


def test_how_far_a_deployment_is_is_told_while_it_runs(admin: Admin) -> None:
    admin.run()
    count = len(Bundle.of(admin.package).components)
    assert admin.told[:2] == [f"{count // 2} of {count} components", f"{count} of {count} components"]


def test_what_the_org_refuses_is_named_and_nothing_is_changed(admin: Admin) -> None:
    admin.org.desk["deploy_failures"] = [{"type": "ApexClass", "name": "DeskhandSigned",
                                          "problem": "Variable does not exist: Crypto"}]
    before = admin.books()
    with pytest.raises(Rejected, match=r"nothing was changed:\n  ApexClass DeskhandSigned: Variable does not exist"):
        admin.run()
    assert admin.books() == before


def test_an_upgrade_that_the_org_refuses_leaves_the_hourly_job_on(admin: Admin) -> None:
    admin.run()
    admin.package = package("\n")
    admin.org.desk["deploy_failures"] = [{"type": "ApexClass", "name": "DeskhandEvents", "problem": "Invalid type"}]
    with pytest.raises(Rejected, match="The hourly job was stopped for it and is scheduled again"):
        admin.run(version="2.0.0")
    assert len(admin.org.tables["CronTrigger"]) == 1


def test_where_the_hourly_job_cannot_be_scheduled_again_the_refused_upgrade_says_so(admin: Admin) -> None:
    admin.run()
    admin.package = package("\n")
    admin.org.desk["deploy_failures"] = [{"type": "ApexClass", "name": "DeskhandEvents", "problem": "Invalid type"}]
    admin.env["SALESFORCE_CLIENT_SECRET"] = "another"
    with pytest.raises(Rejected, match=r"Invalid type\nThe hourly job .* could not be scheduled again"):
        admin.run(version="2.0.0")


def test_a_teardown_says_how_many_rows_go_with_the_package(admin: Admin) -> None:
    admin.run()
    for number in range(1_204):
        admin.org.insert("Deskhand_Action__c", {"Key__c": f"op-{number}"}, "", admin.time())
    assert admin.words(teardown=True)[PACKAGE] == ("with it go 1,204 rows of Deskhand Actions",)


def test_a_permission_set_that_somebody_else_deployed_stays(admin: Admin) -> None:
    admin.org.insert("PermissionSet", {"Name": "Deskhand_Integration", "Label": "Mine", "Description": "By hand"}, "",
                     admin.time())
    before = admin.books()
    with pytest.raises(Taken, match="Delete what was deployed by hand"):
        admin.run()
    admin.run(teardown=True)
    assert admin.books() == before


@pytest.mark.parametrize(("path", "held", "part"), [
    (NAMED, b"<NamedCredential><label>Mine</label></NamedCredential>", CREDENTIAL),
    ("externalClientApps/Deskhand.eca", b"<ExternalClientApplication/>", APP),
])
def test_an_admins_own_of_that_name_is_never_touched(admin: Admin, path: str, held: bytes, part: str) -> None:
    admin.org.files[path] = held
    with pytest.raises(Taken, match=part):
        admin.run()
    admin.run(teardown=True)
    assert admin.org.files[path] == held


def test_an_app_of_the_admins_own_whose_key_is_in_the_settings_is_used(admin: Admin) -> None:
    user = next(row["Id"] for row in admin.org.tables["User"].values() if row["Username"] == USER)
    admin.org.clients["their.key"] = {"secret": "their secret", "user": user, "permissions": None}
    admin.env |= {"SALESFORCE_CLIENT_ID": "their.key", "SALESFORCE_CLIENT_SECRET": "their secret"}
    assert f"make {APP}" not in admin.run()
    assert admin.env["SALESFORCE_CLIENT_SECRET"] == "their secret"
    admin.run(teardown=True)
    assert "their.key" in admin.org.clients


def test_a_secret_that_salesforce_does_not_take_makes_the_app_anew(admin: Admin) -> None:
    admin.run()
    admin.env["SALESFORCE_CLIENT_SECRET"] = "stale"
    assert admin.words() == {APP: ("Salesforce does not take the secret in .env: it is made anew",)}
    assert admin.run() == [f"change {APP}"]
    assert ended(admin)
    assert admin.run() == []


def test_an_app_whose_secret_is_lost_is_made_anew(admin: Admin) -> None:
    admin.run()
    admin.env.pop("SALESFORCE_CLIENT_SECRET")
    assert admin.run() == [f"make anew {APP}"]
    assert ended(admin)


def test_a_certificate_made_by_hand_is_read_and_stays(admin: Admin) -> None:
    admin.org.files["certs/Deskhand_Signing.crt"] = signing.certificate(admin.org).encode()
    admin.org.files["certs/Deskhand_Signing.crt-meta.xml"] = b"<Certificate><masterLabel>Mine</masterLabel>" \
        b"</Certificate>"
    with pytest.raises(Taken, match="--set certificate=own"):
        admin.run()
    admin.run(certificate="own")
    assert admin.env["SALESFORCE_CERTIFICATE"] == signing.certificate(admin.org).strip()
    assert admin.run(certificate="own") == []
    assert admin.run() == []
    admin.run(teardown=True)
    assert "certs/Deskhand_Signing.crt" in admin.org.files
    assert admin.env == {}


def test_where_no_certificate_was_made_by_hand_the_clicks_are_said(admin: Admin) -> None:
    with pytest.raises(Rejected, match="Certificate and Key Management choose Create Self-Signed Certificate"):
        admin.run(certificate="own")


def test_nobody_to_act_as_is_said_with_the_clicks_before_anything_is_made(admin: Admin) -> None:
    before = admin.books()
    with pytest.raises(Rejected, match=r"Say who Deskhand is to act as\. In Setup > Users > New User"):
        admin.notices()
    with pytest.raises(Rejected, match=r"There is no user nobody@acme\.example in this org"):
        admin.notices(user="nobody@acme.example")
    assert admin.books() == before


def test_the_user_is_chosen_once(admin: Admin) -> None:
    admin.run()
    assert [step.verb for step in plan(admin.setup(), admin.env)] == ["keep"] * 6 + ["nothing"] + ["keep"] * 2
    assert admin.notices()


def test_a_login_that_is_no_admins_is_refused(admin: Admin) -> None:
    admin.org.clients["PlatformCLI"] |= {"permissions": ["Organization:read"], "admin": False}
    with pytest.raises(Rejected, match=r"lacks the permissions ModifyMetadata, Custom.*AuthorApex"):
        admin.setup().account()


def test_whose_org_it_is_is_said(admin: Admin) -> None:
    assert admin.setup().account() == f"Acme ({ORG}, acme.my.salesforce.com), PRODUCTION"


@pytest.mark.parametrize(("choices", "words"), [
    ({"apex": "maybe"}, "apex: input should be 'yes' or 'no'"),
    ({"colour": "blue"}, "colour: is no choice of Salesforce's setup; there are user, desk, apex, certificate"),
    ({"user": "x' OR"}, "user: write a user name"),
])
def test_a_choice_that_is_none_is_named(admin: Admin, choices: dict[str, str], words: str) -> None:
    with pytest.raises(Rejected, match=words):
        admin.setup(**choices)


def test_beside_zendesk_the_org_is_the_crm_alone_unless_it_is_chosen(admin: Admin) -> None:
    admin.env["ZENDESK_SUBDOMAIN"] = "acme"
    admin.run()
    assert "SALESFORCE_ORG_ID" not in admin.env
    admin.run(desk="yes")
    assert admin.env["SALESFORCE_ORG_ID"] == ORG
    assert admin.run() == []


def test_a_flow_that_an_admin_switched_off_is_switched_on(admin: Admin) -> None:
    admin.run(apex="no")
    edited(admin, "flows/Deskhand_Tell.flow", "Active", "Draft")
    admin.org.flow_versions["Deskhand_Tell"]["active"] = 0
    assert admin.words(apex="no") == {OUTBOUND: ("its flow is switched off",)}
    assert admin.run(apex="no") == [f"change {OUTBOUND}"]
    assert admin.org.flow_versions["Deskhand_Tell"]["active"] == 1
    assert admin.run(apex="no") == []


def test_in_production_only_the_packages_own_tests_are_run(admin: Admin) -> None:
    admin.run()
    first, *others = [one["options"] for one in admin.org.deploys.values() if "options" in one]
    assert first["testLevel"] == "RunSpecifiedTests"
    assert "DeskhandSignedTest" in first["runTests"]
    assert "DeskhandTestOffice" not in first["runTests"]
    assert not [one for one in others if "testLevel" in one]


def test_elsewhere_no_test_is_asked_for(admin: Admin) -> None:
    admin.rules.load({"package": False, "organization": {"IsSandbox": True}}, admin.time())
    admin.run()
    assert not [one for one in admin.org.deploys.values() if "testLevel" in one.get("options", {})]


def test_an_org_without_apex_stays_so_without_saying_it_again(admin: Admin) -> None:
    admin.run(apex="no")
    assert admin.run() == []


def test_the_apps_secret_is_never_read_back(admin: Admin) -> None:
    admin.run()
    asked = [one["asked"] for one in admin.org.deploys.values() if "asked" in one]
    assert asked
    assert not [kind for one in asked for kind, _ in one if kind == "ExtlClntAppGlobalOauthSettings"]


def test_an_org_that_tells_users_by_their_id_is_as_it_should_be(admin: Admin) -> None:
    admin.run()
    user = next(row["Id"] for row in admin.org.tables["User"].values() if row["Username"] == USER)
    edited(admin, EVENTS, USER, user)
    edited(admin, POLICY, USER, user)
    assert admin.run() == []
