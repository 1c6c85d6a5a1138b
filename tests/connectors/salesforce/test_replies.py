"""Replies by mail: sent once, proven by the org's own record, and never across a customer's message unseen."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.contract import Conflict, OutcomeUnknown, Rejected, VendorError
from connectors.salesforce.settings import SalesforceSettings
from connectors.salesforce.wire import Part
from tests.connectors.salesforce.acme import ANNA
from tests.connectors.salesforce.service import REPLY_KEY, SENDER, SETTINGS, Service, reply, service
from tests.connectors.salesforce.test_notes import KIM, later

BATCH = "composite/batch"


def answered(at: Service, ref: str, **more: Any) -> Any:
    return at.performs(reply(ref, **more), REPLY_KEY)


def test_a_reply_is_mailed_from_the_desks_address_and_its_record_proves_it() -> None:
    at, ref = later()
    at.door.calls.clear()
    receipt = answered(at, ref, unless_changed_since=at.helpdesk.desk.seen(ref.rpartition(":")[2]).changed)
    assert at.calls() == ["POST batch"]
    (sent,) = at.sent()
    assert (sent["to"], sent["from"], sent["subject"]) == (["anna@example.com"], SENDER, "Re: Charged twice")
    assert sent["body"].startswith(f"We refunded 18.00 EUR.\n\nRef: {REPLY_KEY.operation}")
    assert "thread::" in sent["body"]
    mail = at.rows("EmailMessage")[-1]
    (kept,) = at.rows("Deskhand_Action__c")
    assert (kept["Kind__c"], kept["Key__c"]) == ("reply", str(REPLY_KEY))
    assert (receipt.entry, receipt.public, receipt.notified, receipt.seen) == (mail["Id"], True, True, True)


def test_the_case_is_looked_at_again_where_the_last_look_is_more_than_seconds_ago() -> None:
    at, ref = later()
    at.time.on(seconds=6)
    at.door.calls.clear()
    answered(at, ref)
    assert at.calls() == ["POST composite", "POST batch"]


@pytest.mark.parametrize("channel", ["email", "web"])
def test_a_reply_does_not_cross_a_message_of_the_customer(channel: str) -> None:
    at, ref = later()
    since = at.read(ref).ticket.updated_at
    at.does("customer_writes", email="anna@example.com", body="Stop!", channel=channel, ticket=ref.rpartition(":")[2])
    at.time.on(seconds=6)
    with pytest.raises(Conflict):
        answered(at, ref, unless_changed_since=since)
    assert at.sent() == []


def test_a_mail_that_becomes_visible_late_is_not_crossed_either() -> None:
    at = service()
    ref = at.case()
    at.time.on(minutes=15)
    since = at.read(ref).ticket.updated_at
    at.does("customer_writes", email="anna@example.com", body="Stop!", ticket=ref.rpartition(":")[2])
    at.rules.state.put("EmailMessage", {**at.rows("EmailMessage")[-1], "CreatedDate": since})
    at.time.on(seconds=6)
    with pytest.raises(Conflict):
        answered(at, ref, unless_changed_since=since)
    assert at.sent() == []


def test_a_colleague_who_changed_the_case_meanwhile_is_a_conflict() -> None:
    at, ref = later()
    since = at.read(ref).ticket.updated_at
    at.time.on(seconds=6)
    at.does("agent_edits", ticket=ref.rpartition(":")[2], agent=KIM, status="Working")
    with pytest.raises(Conflict):
        answered(at, ref, unless_changed_since=since)


def test_without_an_address_to_send_from_nothing_is_sent() -> None:
    at, ref = later(SALESFORCE_SENDER="")
    assert at.helpdesk.desk.settings.sender in (None, "")
    with pytest.raises(Rejected) as refusal:
        answered(at, ref)
    assert refusal.value.reason == "no_sender"
    assert at.sent() == []


def test_a_case_without_an_address_is_not_answered() -> None:
    at = service({"contacts": [{"Id": ANNA, "LastName": "Beck", "Email": None}]})
    at.does("bulk_cases", agent=KIM, count=1, fields={"ContactId": ANNA})
    with pytest.raises(Rejected) as refusal:
        answered(at, at.ref(at.rows("Case")[-1]["Id"]))
    assert refusal.value.reason == "no_address"


@pytest.mark.parametrize(("world", "ending"), [
    ({"senders": [{"Address": SENDER, "IsVerified": False}]}, Rejected),
    ({"senders": [{"Address": "other@acme.example"}]}, Rejected),
    ({"limits": {"mail_left": 0}}, Rejected)])
def test_an_org_that_is_not_ready_for_replies_refuses_and_nothing_is_sent(world: dict[str, Any],
                                                                          ending: type[VendorError]) -> None:
    at, ref = later(world=world)
    with pytest.raises(ending) as refusal:
        answered(at, ref)
    assert refusal.value.reason in ("invalid_email_address", "single_email_limit_exceeded")
    assert at.sent() == []
    assert at.helpdesk.find(reply(ref), REPLY_KEY) is None


@pytest.mark.parametrize("level", ["system", "none"])
def test_where_deliverability_is_off_nobody_is_said_to_be_told_and_nothing_is_sent_again(level: str) -> None:
    at, ref = later()
    at.does("deliverability", level=level)
    receipt = answered(at, ref)
    assert (receipt.notified, receipt.comment, receipt.public) == (False, None, True)
    assert at.sent() == []
    found = at.helpdesk.find(reply(ref), REPLY_KEY)
    assert found is not None
    assert at.helpdesk.read_back(reply(ref), receipt) == found
    (kept,) = at.rows("Deskhand_Action__c")
    assert kept["Record__c"] is None
    assert [entry.operation for entry in at.read(ref).entries if entry.operation] == [REPLY_KEY.operation]


@pytest.mark.parametrize("kind", ["timeout_after", "reset_after", "500_after", "malformed_200", "truncated_200",
                                  "html_200", "empty_200"])
def test_a_mail_whose_answer_is_lost_is_unknown_and_then_found_by_its_line(kind: str) -> None:
    at, ref = later()
    at.meets(kind, path=BATCH)
    with pytest.raises(OutcomeUnknown):
        answered(at, ref)
    assert len(at.sent()) == 1
    found = at.helpdesk.find(reply(ref), REPLY_KEY)
    assert found is not None
    assert found.notified  # type: ignore[union-attr]
    assert [e.operation for e in at.read(ref).entries if e.operation] == [REPLY_KEY.operation]


@pytest.mark.parametrize("kind", ["timeout_before", "reset_before", "500_before"])
def test_a_mail_that_was_never_taken_is_unknown_and_not_found(kind: str) -> None:
    at, ref = later()
    at.meets(kind, path=BATCH)
    with pytest.raises(OutcomeUnknown):
        answered(at, ref)
    assert at.sent() == []
    assert at.helpdesk.find(reply(ref), REPLY_KEY) is None


@pytest.mark.parametrize(("refusal", "ending"), [
    ({"limits": {"mail_left": 0}}, Rejected), ({"senders": [{"Address": SENDER, "IsVerified": False}]}, Rejected)])
def test_a_mail_that_was_refused_may_be_sent_under_the_same_key_once_the_org_is_ready(
        refusal: dict[str, Any], ending: type[VendorError]) -> None:
    at, ref = later(world=refusal)
    with pytest.raises(ending):
        answered(at, ref)
    assert [row["Kind__c"] for row in at.rows("Deskhand_Action__c")] == ["refused"]
    assert [entry.operation for entry in at.read(ref).entries if entry.operation] == []
    at.does("limits", mail_left=10)
    for row in at.rows("OrgWideEmailAddress"):
        at.rules.state.put("OrgWideEmailAddress", {**row, "IsVerified": True})
    assert answered(at, ref).notified
    assert len(at.sent()) == 1


def test_a_second_mail_under_the_same_key_is_not_sent_and_the_first_is_found() -> None:
    at, ref = later()
    first = answered(at, ref)
    assert answered(at, ref).entry == first.entry
    assert len(at.sent()) == 1


def test_an_action_that_ends_unknown_is_not_sent_again_while_its_receipt_stands(
        monkeypatch: pytest.MonkeyPatch) -> None:
    at, ref = later()
    batch = at.helpdesk.desk.wire.batch

    def broken(subs: Any) -> Any:
        receipt, _, *rest = batch(subs)
        return [receipt, Part(httpStatusCode=500, body=None), *rest]

    monkeypatch.setattr(at.helpdesk.desk.wire, "batch", broken)
    with pytest.raises(OutcomeUnknown):
        answered(at, ref)
    monkeypatch.undo()
    assert answered(at, ref).notified
    assert len(at.sent()) == 1


def test_the_receipt_and_the_mail_are_one_entry_of_the_conversation() -> None:
    at, ref = later()
    receipt = answered(at, ref)
    told = [entry for entry in at.read(ref).entries if entry.operation]
    assert [(entry.id, entry.operation) for entry in told] == [(receipt.entry, REPLY_KEY.operation)]


def test_a_colleagues_mail_of_the_same_moment_is_not_taken_for_ours() -> None:
    at, ref = later()
    at.does("agent_replies", ticket=ref.rpartition(":")[2], agent=KIM, body="I write, too.")
    receipt = answered(at, ref)
    ours = next(row for row in at.rows("EmailMessage") if "Ref: " in (row["TextBody"] or ""))
    assert receipt.entry == ours["Id"]


def test_a_mail_that_comes_back_later_told_nobody_and_the_read_back_says_so() -> None:
    at, ref = later()
    receipt = answered(at, ref)
    at.does("bounce", ticket=ref.rpartition(":")[2])
    again = at.helpdesk.read_back(reply(ref), receipt)
    assert not again.notified  # type: ignore[union-attr]


def test_an_older_version_of_the_api_names_the_recipients_otherwise() -> None:
    at, ref = later(SALESFORCE_API_VERSION="62.0")
    answered(at, ref)
    assert [one["to"] for one in at.sent()] == [["anna@example.com"]]


def test_a_subject_is_one_line_and_is_not_answered_twice_in_words() -> None:
    at = service()
    ref = at.case(subject="RE: Charged\ntwice")
    answered(at, ref)
    assert at.sent()[0]["subject"] == "RE: Charged twice"


def test_the_sender_is_a_setting_of_the_org() -> None:
    assert SalesforceSettings.model_validate(SETTINGS).sender == SENDER
