"""Notes and fields on a case: once, all or nothing, and never over what a person changed."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from requests.adapters import BaseAdapter

from connectors.contract import Conflict, Key, OutcomeUnknown, Rejected, TicketUpdate, Unavailable
from connectors.salesforce.writing import LONGEST, cut
from connectors.standin import Answer, Lost, Request
from tests.connectors.salesforce.acme import NOW
from tests.connectors.salesforce.service import NOTE_KEY, Overheard, Service, note, service

KIM = "kim@acme.example"
SOLVED = TicketUpdate(ref="", about="d1:solve", text="", public=False, status="solved")


def solved(ref: str, **more: Any) -> TicketUpdate:
    return SOLVED.model_copy(update={"ref": ref, **more})


def later(**settings: Any) -> tuple[Service, str]:
    """A case of a minute ago, read just now."""
    at = service(**settings)
    ref = at.case()
    at.time.on(minutes=1)
    at.read(ref)
    return at, ref


def edits(at: Service, ref: str, **fields: Any) -> None:
    at.does("agent_edits", ticket=ref.rpartition(":")[2], agent=KIM, **fields)


def test_a_note_is_an_unpublished_comment_in_one_call_with_its_receipt() -> None:
    at, ref = later()
    at.door.calls.clear()
    receipt = at.performs(note(ref, add_tags=("deskhand_done",)))
    assert at.calls() == ["POST composite"]
    (comment,) = at.rows("CaseComment")
    assert (comment["CommentBody"], comment["IsPublished"]) == ("A note.", False)
    (kept,) = at.rows("Deskhand_Action__c")
    assert (kept["Key__c"], kept["Kind__c"], kept["Record__c"]) == (str(NOTE_KEY), "note", comment["Id"])
    assert at.row(ref)["Deskhand_Tags__c"] == " deskhand_done "
    assert (receipt.entry, receipt.comment, receipt.public, receipt.notified) == (
        comment["Id"], comment["Id"], False, False)
    assert receipt.seen
    assert receipt.at == NOW + timedelta(minutes=1)


def test_what_was_not_read_before_is_looked_at_first() -> None:
    at = service()
    ref = at.case()
    at.performs(note(ref))
    assert at.calls() == ["POST composite"] * 2


def test_a_second_note_under_the_same_key_is_not_written_and_the_first_is_found() -> None:
    at, ref = later()
    first = at.performs(note(ref, add_tags=("a",)))
    at.time.on(minutes=1)
    again = at.performs(note(ref, add_tags=("b",)))
    assert at.notes() == ["A note."]
    assert again.entry == first.entry
    assert at.row(ref)["Deskhand_Tags__c"] == " a "


def test_what_a_person_releases_is_sent_once_more_and_either_is_found() -> None:
    at, ref = later()
    at.performs(note(ref))
    at.performs(note(ref), Key(operation=NOTE_KEY.operation, send=2))
    assert at.notes() == ["A note."] * 2
    assert at.helpdesk.find(note(ref), NOTE_KEY) is not None


def test_our_writes_leave_the_case_with_whom_it_is() -> None:
    at, ref = later(world={"desk": {"assignment": [{"owner": "Refunds"}]}})
    owner = at.row(ref)["OwnerId"]
    at.performs(note(ref, add_tags=("deskhand_done",), priority="high"))
    assert at.row(ref)["OwnerId"] == owner


def test_every_write_to_a_case_says_that_no_rule_may_assign_it() -> None:
    lines: list[Overheard] = []

    def carry(adapter: BaseAdapter) -> BaseAdapter:
        lines.append(Overheard(adapter))
        return lines[0]

    at = service(carry=carry)
    ref = at.case()
    at.time.on(minutes=1)
    at.performs(note(ref, add_tags=("deskhand_done",), group=at.id_of("Group", "Refunds")))
    sent = lines[0].sent[-1]
    assert sent.headers["Sforce-Auto-Assign"] == "FALSE"
    (patch,) = [one for one in json.loads(sent.body or b"")["compositeRequest"] if one["referenceId"] == "case"]
    assert patch["httpHeaders"]["Sforce-Auto-Assign"] == "FALSE"


def test_tags_are_added_and_removed_and_nothing_else_of_the_case_is_touched() -> None:
    at, ref = later()
    before = at.row(ref)
    at.performs(note(ref, add_tags=("deskhand_waiting", "vip")))
    at.time.on(minutes=1)
    at.performs(note(ref, add_tags=("deskhand_done",), remove_tags=("deskhand_waiting",)),
                Key(operation="op-" + "c" * 24))
    assert at.row(ref)["Deskhand_Tags__c"] == " vip deskhand_done "
    assert at.read(ref).ticket.tags == ("vip", "deskhand_done")
    same = ("Status", "OwnerId", "Priority", "Subject", "Description")
    assert {name: at.row(ref)[name] for name in same} == {name: before[name] for name in same}


def test_group_priority_status_and_the_orgs_own_fields_are_written_in_the_orgs_words() -> None:
    at, ref = later(world={"custom_fields": {"Case": {"Order__c": "Text"}}})
    queue = at.id_of("Group", "Refunds")
    at.performs(note(ref, group=queue, priority="urgent", fields={"Order__c": "4711"}, status="open"))
    row = at.row(ref)
    assert (row["OwnerId"], row["Priority"], row["Order__c"], row["Status"]) == (queue, "High", "4711", "Working")


@pytest.mark.parametrize(("update", "reason"), [
    ({"group": "123"}, "no_queue"), ({"group": "0055e0000000001AAA"}, "no_queue"), ({"fields": {"Status": "x"}},
    "no_field"), ({"fields": {"Deskhand_Tags__c": "x"}}, "no_field"), ({"status": "pending"}, "no_status"),
    ({"add_tags": ("x" * 300,)}, "tags_too_long")])
def test_what_the_org_has_no_place_for_is_refused_before_anything_is_written(update: dict[str, Any],
                                                                             reason: str) -> None:
    at, ref = later()
    with pytest.raises(Rejected) as refusal:
        at.performs(note(ref, **update))
    assert refusal.value.reason == reason
    assert (at.notes(), at.rows("Deskhand_Action__c")) == ([], [])


def test_the_setting_names_the_orgs_word_for_waiting() -> None:
    at, ref = later(world={"statuses": ["New", "Bei Kunde", {"name": "Closed", "closed": True}]},
                    SALESFORCE_PENDING_STATUS="Bei Kunde")
    at.performs(note(ref, status="pending"))
    assert at.row(ref)["Status"] == "Bei Kunde"


def test_statuses_are_those_of_the_cases_record_type() -> None:
    at = service({"statuses": ["New", "Working", "Open", {"name": "Closed", "closed": True},
                               {"name": "Resolved", "closed": True}],
                  "record_types": [{"Name": "Returns", "Status": ["New", "Open", "Resolved"]}]})
    ref = at.case()
    returns = next(one["Id"] for one in at.rows("RecordType"))
    at.rules.state.put("Case", {**at.row(ref), "RecordTypeId": returns})
    at.time.on(minutes=1)
    at.performs(solved(ref))
    assert at.row(ref)["Status"] == "Resolved"
    assert at.read(ref).ticket.form == "Returns"


def test_a_case_that_changed_after_the_moment_is_a_conflict_and_nothing_is_written() -> None:
    at, ref = later()
    since = at.read(ref).ticket.updated_at
    edits(at, ref, subject="Changed")
    with pytest.raises(Conflict):
        at.performs(note(ref, add_tags=("x",), unless_changed_since=since))
    assert (at.notes(), at.rows("Deskhand_Action__c"), at.row(ref)["Deskhand_Tags__c"]) == ([], [], None)


@pytest.mark.parametrize("channel", ["email", "web"])
def test_a_customer_who_wrote_after_the_moment_is_a_conflict_though_the_case_did_not_change(channel: str) -> None:
    at, ref = later()
    since = at.read(ref).ticket.updated_at
    at.does("customer_writes", email="anna@example.com", body="Stop!", channel=channel, ticket=ref.rpartition(":")[2])
    at.rules.state.put("Case", {**at.row(ref), "LastModifiedDate": NOW, "SystemModstamp": NOW})
    with pytest.raises(Conflict):
        at.performs(note(ref, unless_changed_since=since))
    assert at.notes() in ([], ["Stop!"])


@pytest.mark.parametrize("seconds", [0, 30, 599])
def test_a_mail_that_becomes_visible_later_than_the_time_it_bears_is_a_conflict_too(seconds: int) -> None:
    at = service()
    ref = at.case()
    at.time.on(minutes=15)
    at.does("customer_writes", email="anna@example.com", body="More.", ticket=ref.rpartition(":")[2])
    since = at.read(ref).ticket.updated_at
    late = at.does("customer_writes", email="anna@example.com", body="Stop!", ticket=ref.rpartition(":")[2])
    mail = at.rows("EmailMessage")[-1]
    at.rules.state.put("EmailMessage", {**mail, "CreatedDate": since - timedelta(seconds=seconds)})
    assert late
    with pytest.raises(Conflict):
        at.performs(note(ref, unless_changed_since=since))


def test_without_news_the_moment_is_no_hindrance() -> None:
    at, ref = later()
    at.performs(note(ref, add_tags=("x",), unless_changed_since=at.read(ref).ticket.updated_at))
    assert at.notes() == ["A note."]


def test_an_internal_note_of_a_colleague_is_no_news_of_the_customer() -> None:
    at, ref = later()
    since = at.read(ref).ticket.updated_at
    at.does("agent_comments", ticket=ref.rpartition(":")[2], agent=KIM, body="Hm.", public=False)
    at.rules.state.put("Case", {**at.row(ref), "LastModifiedDate": NOW, "SystemModstamp": NOW})
    at.performs(note(ref, unless_changed_since=since))
    assert at.notes() == ["Hm.", "A note."]


def test_a_field_that_a_person_changed_since_the_look_is_not_overwritten() -> None:
    at, ref = later()
    edits(at, ref, status="Escalated")
    at.time.on(seconds=10)
    with pytest.raises(Conflict):
        at.performs(solved(ref))
    assert at.row(ref)["Status"] == "Escalated"
    assert at.rows("Deskhand_Action__c") == []


def test_another_change_since_the_look_is_looked_at_and_then_written_beside() -> None:
    at, ref = later()
    edits(at, ref, subject="A better subject")
    at.time.on(seconds=10)
    at.performs(solved(ref))
    assert (at.row(ref)["Status"], at.row(ref)["Subject"]) == ("Closed", "A better subject")


def test_a_case_changed_a_moment_ago_is_not_written_over_within_that_second() -> None:
    """The moment is waited for, and the case need not be looked at again."""
    at = service()
    ref = at.case()
    made = at.row(ref)["LastModifiedDate"]
    at.read(ref)
    before = len(at.door.calls)
    at.performs(note(ref, add_tags=("deskhand_done",)))
    assert at.row(ref)["LastModifiedDate"] - made == timedelta(seconds=2)
    assert [call.path.rpartition("/")[2] for call in at.door.calls[before:]] == ["composite"]
    at.performs(solved(ref), Key(operation="op-" + "c" * 24))
    assert (at.row(ref)["Status"], at.row(ref)["LastModifiedDate"] - made) == ("Closed", timedelta(seconds=4))


def test_what_a_person_changed_within_the_second_of_the_look_is_not_written_over() -> None:
    """Salesforce's own condition compares whole seconds and would let it pass."""
    at = service()
    ref = at.case()
    at.read(ref)
    edits(at, ref, status="Escalated")
    with pytest.raises(Conflict):
        at.performs(solved(ref))
    assert (at.row(ref)["Status"], at.rows("Deskhand_Action__c")) == ("Escalated", [])


def test_a_tag_set_within_the_second_of_the_look_stands_beside_ours() -> None:
    at = service()
    ref = at.case()
    at.read(ref)
    edits(at, ref, tags=["no_deskhand"])
    at.performs(note(ref, add_tags=("deskhand_done",)))
    assert at.row(ref)["Deskhand_Tags__c"].split() == ["no_deskhand", "deskhand_done"]
    assert at.notes() == ["A note."]


def test_the_orgs_own_field_of_a_case_changed_a_moment_ago_waits_for_another_look() -> None:
    """A long text cannot stand in the query that compares."""
    at = service({"custom_fields": {"Case": {"Order__c": "string"}}})
    ref = at.case()
    at.read(ref)
    with pytest.raises(Unavailable) as wait:
        at.performs(note(ref, text="", fields={"Order__c": "1042"}))
    assert (wait.value.reason, wait.value.retry_after) == ("just_changed", 2.0)


def test_a_change_while_the_rest_of_the_case_was_read_is_not_written_over() -> None:
    at = service({"person_accounts": True, "contacts": [], "accounts": [
        {"FirstName": "Pia", "LastName": "Person", "IsPersonAccount": True, "PersonEmail": "pia@example.com"}]})
    ref = at.case(email="pia@example.com")
    pia = next(one for one in at.rows("Account") if one.get("IsPersonAccount"))
    at.rules.state.put("Case", {**at.row(ref), "ContactId": None, "SuppliedEmail": None, "SuppliedName": None,
                                "AccountId": pia["Id"]})
    answer = at.door.answer

    def slow(request: Request) -> Answer | Lost:
        if b"/sobjects/Account/" in request.body:
            edits(at, ref, status="Working")
            at.time.on(seconds=5)
        return answer(request)

    at.door.answer = slow  # type: ignore[method-assign]
    at.read(ref)
    at.door.answer = answer  # type: ignore[method-assign]
    with pytest.raises(Conflict):
        at.performs(solved(ref))
    assert at.row(ref)["Status"] == "Working"


def test_a_flow_that_puts_a_field_back_leaves_us_without_a_receipt() -> None:
    at, ref = later()
    at.does("add_flow", object="Case", field="Status", do="revert")
    with pytest.raises(Rejected) as refusal:
        at.performs(solved(ref))
    assert refusal.value.reason == "reverted"


@pytest.mark.parametrize(("kind", "ending", "reason"), [
    ("lock", Unavailable, "row_locked"), ("validation", Rejected, "field_custom_validation_exception"),
    ("duplicate", Rejected, "duplicates_detected")])
def test_a_refused_part_takes_everything_back(kind: str, ending: type[Exception], reason: str) -> None:
    at, ref = later()
    at.meets(kind, id=ref.rpartition(":")[2])
    with pytest.raises(ending) as refusal:
        at.performs(note(ref, add_tags=("x",)))
    assert refusal.value.reason == reason  # type: ignore[attr-defined]
    assert (at.notes(), at.rows("Deskhand_Action__c"), at.row(ref)["Deskhand_Tags__c"]) == ([], [], None)


def test_a_locked_case_is_tried_again_and_then_written_once() -> None:
    at, ref = later()
    at.does("lock_row", id=ref.rpartition(":")[2])
    with pytest.raises(Unavailable):
        at.performs(note(ref, add_tags=("x",)))
    at.does("unlock_row", id=ref.rpartition(":")[2])
    at.performs(note(ref, add_tags=("x",)))
    assert at.notes() == ["A note."]


def test_an_org_that_is_away_leaves_a_write_unknown() -> None:
    at, ref = later()
    at.does("outage", seconds=60)
    with pytest.raises(OutcomeUnknown):
        at.performs(note(ref))
    with pytest.raises(Unavailable):
        at.helpdesk.find(note(ref), NOTE_KEY)
    at.time.on(seconds=61)
    assert at.helpdesk.find(note(ref), NOTE_KEY) is None


def test_a_case_that_is_gone_takes_no_note() -> None:
    at, ref = later()
    at.does("delete", ticket=ref.rpartition(":")[2])
    with pytest.raises(Rejected):
        at.performs(note(ref))
    assert at.helpdesk.find(note(ref), NOTE_KEY) is None


def test_what_was_confirmed_and_is_not_there_is_an_unknown_outcome() -> None:
    at, ref = later()
    at.meets("phantom_200")
    receipt = at.performs(note(ref))
    assert at.notes() == []
    with pytest.raises(OutcomeUnknown):
        at.helpdesk.read_back(note(ref), receipt)


def test_a_status_alone_is_kept_by_its_receipt() -> None:
    at, ref = later()
    receipt = at.performs(solved(ref))
    (kept,) = at.rows("Deskhand_Action__c")
    assert (receipt.entry, receipt.comment, kept["Kind__c"]) == (kept["Id"], None, "fields")
    assert at.helpdesk.read_back(solved(ref), receipt) == receipt
    assert [entry.operation for entry in at.read(ref).entries if entry.operation] == [NOTE_KEY.operation]


@pytest.mark.parametrize("text", ["word " * 2_000, "ü" * 5_000, "🙂 " * 1_500, "x" * 9_000, "\ud800 lone " * 900])
def test_a_long_note_is_cut_at_a_word_and_ends_where_all_of_it_stands(text: str) -> None:
    kept = cut(text, "https://acme.my.salesforce.com/500")
    assert len(kept.encode()) <= LONGEST
    assert kept.endswith(" …\nhttps://acme.my.salesforce.com/500")
    if " " in text.strip():
        assert text.encode("utf-8", "replace").decode().startswith(kept.partition(" …\n")[0] + " ")


def test_a_note_that_just_fits_is_left_as_it_is_and_the_org_takes_it() -> None:
    at, ref = later()
    text = "ü" * 2_000
    at.performs(note(ref, text=text))
    assert at.notes() == [text]


def test_a_note_of_any_length_is_taken_by_the_org() -> None:
    at, ref = later()
    at.performs(note(ref, text="größer " * 3_000))
    (kept,) = at.notes()
    assert len(kept.encode()) <= 4_000
    assert kept.endswith(at.helpdesk.link(ref))
