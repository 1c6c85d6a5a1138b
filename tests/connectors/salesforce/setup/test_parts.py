"""What the setup makes in an org: made once, compared, changed, removed; an admin's own stays."""

from __future__ import annotations

from typing import Any

import pytest

from tests.connectors.salesforce.setup.conftest import ORG, URL, USER, Admin, Killed, package

PACKAGE, ACCESS, APP = ('package "Deskhand"', 'permission set "Deskhand_Integration" of the integration user',
                        'external client app "Deskhand"')
CERTIFICATE, CREDENTIAL = 'certificate "Deskhand_Signing"', 'named credential "Deskhand"'
SUBSCRIBER, SWEEP = 'user of the event trigger "DeskhandWakeTrigger"', 'scheduled job "Deskhand sweep"'
OUTBOUND, DESK = 'outbound message "Deskhand"', "cases of this org as tickets"
WHOLE = [PACKAGE, ACCESS, APP, CERTIFICATE, CREDENTIAL, SUBSCRIBER, DESK, SWEEP]
CHOICES: list[dict[str, Any]] = [{}, {"apex": "no"}, {"desk": "no"}]
NAMES = ["whole", "without Apex", "CRM alone"]
KILLS: list[tuple[dict[str, Any], bool]] = [({}, False), ({}, True), ({"apex": "no"}, True)]
"""Choices, and whether the call that the process is killed at was still answered by the org."""


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
    return {"installed": sorted(admin.org.installed), "jobs": len(admin.org.tables["CronTrigger"]),
            "given": len(admin.org.tables["PermissionSetAssignment"]), "env": sorted(admin.env)}


@pytest.mark.parametrize(("choices", "after"), KILLS, ids=["before", "after", "after, without Apex"])
def test_killed_at_any_call_and_run_again_the_end_is_the_same(choices: dict[str, Any], after: bool) -> None:
    whole = calls_of(choices, teardown=False)
    assert whole > 20
    straight = Admin()
    straight.run(**choices)
    wanted = ended(straight)
    for calls in range(whole):
        admin = Admin()
        admin.transport.left, admin.transport.after = calls, after
        with pytest.raises(Killed):
            admin.run(**choices)
        admin.transport.left = None
        admin.run(**choices)
        assert ended(admin) == wanted, f"killed at call {calls}"
        assert admin.run(**choices) == [], f"killed at call {calls}"


@pytest.mark.parametrize(("choices", "after"), KILLS, ids=["before", "after", "after, without Apex"])
def test_a_teardown_killed_at_any_call_goes_on(choices: dict[str, Any], after: bool) -> None:
    for calls in range(calls_of(choices, teardown=True)):
        admin = Admin()
        before = admin.books()
        admin.run(**choices)
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
POLICY = "extlClntAppOauthPolicies/Deskhand_OAuth_Policy.ecaOauthPlcy"


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
    ("flows/Deskhand_Tell.flow", "Active", "Draft", "its flow is switched off"),
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
