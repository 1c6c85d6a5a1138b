"""The Salesforce package keeps to the platform's limits and opens no org further: what its sources show of that."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest

from connectors.salesforce.setup.bundle import Bundle, shipped
from connectors.salesforce.standin import outbox
from connectors.salesforce.standin.objects import own_objects
from connectors.salesforce.standin.objects.own import OWN_OBJECTS

PACKAGE = Path(__file__).parents[2] / "manifests" / "salesforce"
APP, AFTER = (PACKAGE / folder / "main" / "default" for folder in ("force-app", "post-install"))
SOURCES = {path.stem: path.read_text() for path in sorted(APP.glob("classes/*.cls"))}
TRIGGERS = {path.stem: " ".join(path.read_text().split()) for path in APP.glob("triggers/*.trigger")}
SCRIPTS = {path.name: path.read_text() for path in sorted(APP.glob("lwc/*/*.js"))}
KINDS = {
    "cls", "customPermission", "eca", "ecaOauth", "ecaOauthPlcy", "externalCredential", "field", "flexipage", "js",
    "labels", "listView", "namedCredential", "object", "permissionset", "platformEventSubscriberConfig", "translation",
    "trigger"}
"""Of metadata in it. No profile, no connected app, no trusted or remote site, no secret of an app."""
TYPES = {"Text": "string", "LongTextArea": "textarea", "Lookup": "reference", "DateTime": "datetime",
         "Number": "double", "Picklist": "picklist"}
"""What describe calls a field's type."""
CALLS = r"\bfetch\b|XMLHttpRequest|WebSocket|EventSource|sendBeacon|importScripts|postMessage|\bimport\s*\(|https?:"


def constant(name: str, of: str) -> str:
    (said,) = re.findall(rf"\b{of} = ([^;]+);", SOURCES[name])
    return " ".join(str(said).split())


def metadata(path: Path) -> dict[str, str]:
    """The elements of the first level, by name."""
    root = ElementTree.parse(path).getroot()  # noqa: S314 - ours
    return {one.tag.rpartition("}")[2]: (one.text or "").strip() for one in root}


def body_of(name: str, method: str) -> str:
    """What stands between the braces of a method of a class."""
    (found,) = re.findall(rf"^    (?:@TestVisible\s+)?\w[\w<>, ]* {method}\([^)]*\) \{{(.*?)^    \}}", SOURCES[name],
                          re.DOTALL | re.MULTILINE)
    return " ".join(str(found).split())


def test_a_sender_makes_at_most_fifty_calls_and_waits_at_most_eighty_seconds_for_answers() -> None:
    """A transaction may make 100 and wait 120 seconds ("Callout Limits and Limitations")."""
    assert (constant("DeskhandSender", "MOST"), constant("DeskhandSender", "LONGEST")) == ("50", "60000")
    assert constant("DeskhandSigned", "TIMEOUT") == "20000"


def test_senders_that_fail_follow_one_another_five_times_and_within_ten_minutes() -> None:
    """More is not taken ("Transaction Finalizers", "Queueable Apex")."""
    assert constant("DeskhandOutbox", "PAUSES") == "new List<Integer>{ 1, 2, 4, 8, 10 }"
    assert constant("DeskhandSenderFinalizer", "LONGEST_DELAY") == "10"
    assert "failures <= PAUSES.size()" in body_of("DeskhandOutbox", "pauseAfter")


def test_one_job_starts_at_most_one_other_and_none_that_waits_already() -> None:
    """A job may start one ("Queueable Apex"); a second of the same signature is refused with an exception."""
    starting = {name: said.count("System.enqueueJob(") for name, said in SOURCES.items() if not name.endswith("Test")}
    assert {name: times for name, times in starting.items() if times} == {"DeskhandSender": 1}
    assert "catch (DuplicateMessageException already)" in SOURCES["DeskhandSender"]
    assert "DeskhandSender.start(" not in body_of("DeskhandSender", "send")
    branches = re.findall(r"(DeskhandSender\.start|DeskhandOutbox\.wake)\(", body_of("DeskhandSenderFinalizer", "goOn"))
    assert branches == ["DeskhandOutbox.wake", "DeskhandSender.start"]


def test_the_stand_in_sends_as_the_package_does() -> None:
    numbers = {"MOST": str(outbox.MOST), "ENOUGH_FAILURES": str(outbox.ENOUGH_FAILURES),
               "LONGEST": str(outbox.LONGEST // timedelta(milliseconds=1))}
    assert {name: constant("DeskhandSender", name) for name in numbers} == numbers
    waits = {"PAUSES": f"new List<Integer>{{ {', '.join(map(str, outbox.PAUSES))} }}",
             "PAUSE_UNTIL_SWEEP": str(outbox.PAUSE_UNTIL_SWEEP), "DAYS_TO_KEEP": str(outbox.TIDY.days),
             "HOURS_TO_TRY": str(outbox.GIVE_UP // timedelta(hours=1))}
    assert {name: constant("DeskhandOutbox", name) for name in waits} == waits
    assert constant("DeskhandSenderFinalizer", "LONGEST_DELAY") == str(outbox.LONGEST_DELAY)
    assert constant("DeskhandSweep", "HOURLY") == f"'0 {outbox.SWEEP_MINUTE} * * * ?'"
    assert constant("DeskhandSender", "PATH") == f"'{outbox.PATH}'"


def test_all_calls_of_a_sender_come_before_its_one_change() -> None:
    """After an uncommitted change the platform refuses to call out ("Callout Limits and Limitations")."""
    send = body_of("DeskhandSender", "send")
    assert send.index("sent(together)") < send.index("DeskhandOutbox.save(tried);")
    assert SOURCES["DeskhandSender"].count("DeskhandOutbox.save(") == 1
    assert not re.search(r"\b(Database\.|insert |update |upsert |delete )", send.replace("DeskhandOutbox", ""))


def test_each_try_of_an_event_is_signed_anew_under_the_events_own_id() -> None:
    assert "callOf(row).request()" in body_of("DeskhandSender", "problemWith")
    made = body_of("DeskhandSender", "callOf")
    assert "new DeskhandSigned('POST', PATH)" in made
    assert "callId = row.Event_Id__c" in made
    assert "this.timestamp = DeskhandClock.now().getTime() / 1000;" in SOURCES["DeskhandSigned"]


def test_triggers_hand_over_and_do_nothing_else() -> None:
    """The trigger of a platform event may not call out, and one of a case must not, for it would hold up the save."""
    assert {name: re.findall(r"\b(\w+\.\w+)\(", said.partition("{")[2]) for name, said in TRIGGERS.items()} == {
        "DeskhandCaseTrigger": ["DeskhandEvents.casesCreated", "DeskhandEvents.casesUpdated"],
        "DeskhandCaseCommentTrigger": ["DeskhandEvents.commentsAdded"],
        "DeskhandEmailMessageTrigger": ["DeskhandEvents.emailsReceived"],
        "DeskhandWakeTrigger": ["DeskhandSender.start"]}
    assert all(re.search(r"\(after insert(, after update)?\)", said) for said in TRIGGERS.values())


@pytest.mark.parametrize("method", ["casesCreated", "casesUpdated", "commentsAdded"])
def test_what_the_integration_user_saves_raises_no_event(method: str) -> None:
    assert body_of("DeskhandEvents", method).startswith("if (ours()) { return; }")
    assert "FeatureManagement.checkPermission('Deskhand_Integration')" in body_of("DeskhandEvents", "ours")


def test_a_mail_that_the_desk_sends_is_no_event_and_one_without_a_case_neither() -> None:
    """What comes in is never Deskhand's own, whoever receives it: so nothing else is asked."""
    assert "if (one.Incoming && one.ParentId != null) { rows.add(" in body_of("DeskhandEvents", "emailsReceived")


@pytest.mark.parametrize("name", ["DeskhandEvents", "DeskhandOutbox"])
def test_nothing_is_remembered_between_the_runs_of_a_trigger(name: str) -> None:
    """Of a bulk save that fails in part the triggers run twice ("Bulk DML Exception Handling")."""
    field = r"^    (?:public|private) static (?!final)[\w<>, ]+ \w+(?: =[^;]*)?;"
    assert re.findall(field, SOURCES[name], re.MULTILINE) == []


def test_a_wake_is_told_after_the_commit_and_to_a_user_whom_the_setup_names() -> None:
    """Mail and forms save as users who may not call out; an upgrade must not put another user's name in the place."""
    assert metadata(APP / "objects/Deskhand_Wake__e/Deskhand_Wake__e.object-meta.xml")["publishBehavior"] \
        == "PublishAfterCommit"
    (config,) = PACKAGE.rglob("*.platformEventSubscriberConfig-meta.xml")
    assert AFTER in config.parents
    said = metadata(config)
    assert (said["platformEventConsumer"], said["user"]) == ("DeskhandWakeTrigger", "deskhand.integration@example.com")


def test_what_holds_an_address_or_a_user_of_the_org_is_no_part_of_an_upgrade() -> None:
    for kind in ("namedCredential", "platformEventSubscriberConfig", "eca", "ecaOauth", "ecaOauthPlcy"):
        assert list(APP.rglob(f"*.{kind}-meta.xml")) == []


@pytest.mark.parametrize(("object", "field"), [
    ("Deskhand_Action__c", "Key__c"), ("Deskhand_Outbox__c", "Event_Id__c"), ("Deskhand_Head__c", "Digest__c")])
def test_a_key_is_unique_to_the_letter_and_at_least_as_long_as_ours(object: str, field: str) -> None:
    said = metadata(APP / "objects" / object / "fields" / f"{field}.field-meta.xml")
    assert (said["unique"], said["externalId"], said["caseSensitive"], said["required"], said["length"]) == (
        "true", "true", "true", "true", "64")


@pytest.mark.parametrize("name", OWN_OBJECTS)
def test_the_stand_ins_objects_hold_what_the_packages_hold(name: str) -> None:
    there = {path.name.partition(".")[0]: metadata(path) for path in APP.glob(f"objects/{name}/fields/*")}
    plays = {field.name: field for field in own_objects()[name].fields.values() if field.custom}
    assert {field: TYPES[said["type"]] for field, said in there.items()} == {
        field: said.type for field, said in plays.items()}
    assert {field: (said["length"], said.get("unique", "false")) for field, said in there.items() if "length" in said} \
        == {field: (str(said.length), str(said.unique).lower()) for field, said in plays.items()
            if "length" in there[field]}


@pytest.mark.parametrize("name", SCRIPTS)
def test_the_component_asks_apex_and_never_a_server(name: str) -> None:
    assert re.findall(CALLS, SCRIPTS[name]) == []
    assert "@salesforce/user" not in SCRIPTS[name]


def test_nothing_in_it_opens_an_org_further_than_its_permission_sets_do() -> None:
    kinds = {path.name.removesuffix("-meta.xml").rpartition(".")[2] for path in PACKAGE.rglob("*-meta.xml")
             if "node_modules" not in path.parts}
    assert kinds == KINDS


def test_all_of_it_is_of_one_version() -> None:
    said = {version for path in PACKAGE.rglob("*-meta.xml") if "node_modules" not in path.parts
            for version in re.findall(r"<apiVersion>([\d.]+)</apiVersion>", path.read_text())}
    assert said == {"66.0"}
    assert '"sourceApiVersion": "66.0"' in (PACKAGE / "sfdx-project.json").read_text()


def test_the_page_says_first_that_the_apex_tests_were_never_run() -> None:
    assert "**The Apex tests have never been run.**" in (PACKAGE / "README.md").read_text()[:800]


def test_the_page_runs_every_apex_test_that_a_deployment_to_production_runs() -> None:
    named = re.findall(r"--class-names (\w+)", (PACKAGE / "README.md").read_text())
    assert sorted(named) == sorted(Bundle.of(shipped()).tests())
