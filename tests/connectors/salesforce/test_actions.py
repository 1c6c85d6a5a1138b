"""Changing a contact and logging an activity: once, only over what was read, and only told when read back."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.contract import (
    ActivityReceipt,
    Conflict,
    ContactChange,
    ContactField,
    ContactReceipt,
    Key,
    LogActivity,
    Money,
    NotFound,
    NotUndoable,
    OutcomeUnknown,
    Refund,
    Rejected,
    Unavailable,
    Undo,
    VendorError,
)
from tests.connectors.salesforce.acme import ANNA, NOW, Counter, counter

KEY, UNDO = Key(operation="op-" + "a" * 24), Key(operation="op-" + "b" * 24)
PHONE = {ContactField.PHONE: "+49 30 22"}
CHANGE = ContactChange(contact=ANNA, changes=PHONE, expected={ContactField.PHONE: "+49 30 1"})


def undo(receipt: ContactReceipt, action: ContactChange = CHANGE) -> Undo:
    return Undo(of=KEY.operation, action=action, receipt=receipt)


LOG = LogActivity(contact=ANNA, about="op-" + "c" * 24, subject="Refunded 18.00 EUR", text="By rule r1.")


def changed(at: Counter, action: ContactChange = CHANGE) -> ContactReceipt:
    receipt = at.records.perform(action, KEY)
    assert isinstance(receipt, ContactReceipt)
    return receipt


def test_a_change_is_written_and_its_receipt_tells_before_and_after() -> None:
    at = counter()
    receipt = changed(at)
    assert at.contact()["Phone"] == "+49 30 22"
    assert (receipt.before, receipt.after) == ({"phone": "+49 30 1"}, {"phone": "+49 30 22"})
    assert (receipt.operation, receipt.contact, receipt.at) == (KEY.operation, ANNA, NOW)
    assert at.calls() == ["POST composite"] * 2


def test_several_fields_go_in_one_write() -> None:
    at = counter()
    changed(at, ContactChange(contact=ANNA, changes={
        ContactField.STREET: "Ring 1", ContactField.CITY: "Wien", ContactField.OPT_OUT: True}, expected={}))
    assert (at.contact()["MailingStreet"], at.contact()["MailingCity"]) == ("Ring 1", "Wien")
    assert at.contact()["HasOptedOutOfEmail"] is True
    assert {change["at"] for change in at.rules.books()["changes"]} == {"2026-11-21T04:00:00+00:00"}


def test_a_field_that_holds_something_else_than_was_read_is_a_conflict() -> None:
    at = counter()
    at.rules.control("edit", {"id": ANNA, "fields": {"Phone": "+49 30 9"}}, NOW)
    with pytest.raises(Conflict):
        changed(at)
    assert at.contact()["Phone"] == "+49 30 9"


def test_an_edit_between_our_read_and_our_write_is_not_overwritten() -> None:
    at = counter()
    at.meets("human_between", skip=1, id=ANNA, fields={"MobilePhone": "7"})
    with pytest.raises(Conflict):
        changed(at)
    assert (at.contact()["Phone"], at.contact()["MobilePhone"]) == ("+49 30 1", "7")


def test_an_edit_within_the_same_second_cannot_slip_through() -> None:
    at = counter()
    at.rules.control("edit", {"id": ANNA, "fields": {"MobilePhone": "7"}}, NOW)
    with pytest.raises(Unavailable) as wait:
        changed(at)
    assert (wait.value.reason, wait.value.retry_after, wait.value.lasting) == ("just_changed", 2.0, False)
    at.time.on(seconds=2)
    assert changed(at).after == {"phone": "+49 30 22"}


def test_what_stands_there_already_is_not_written_again() -> None:
    at = counter()
    changed(at)
    at.time.on(minutes=1)
    with pytest.raises(Conflict) as conflict:
        changed(at)
    assert conflict.value.reason == "already"
    assert len(at.rules.books()["changes"]) == 1


def test_a_flow_that_puts_the_value_back_leaves_us_without_a_receipt() -> None:
    at = counter({"flows": [{"field": "Phone", "do": "revert"}]})
    with pytest.raises(Rejected) as refusal:
        changed(at)
    assert refusal.value.reason == "reverted"


def test_a_flow_that_makes_something_else_of_the_value_leaves_the_outcome_unknown() -> None:
    at = counter({"flows": [{"field": "Phone", "do": "set", "value": "+1 555"}]})
    with pytest.raises(OutcomeUnknown) as unknown:
        changed(at)
    assert unknown.value.reason == "altered"


def test_a_flow_that_comes_later_is_seen_by_the_read_back() -> None:
    at = counter({"flows": [{"field": "Phone", "do": "later", "seconds": 5}]})
    receipt = changed(at)
    assert not receipt.seen
    assert at.records.read_back(CHANGE, receipt).after == receipt.after
    at.time.on(seconds=6)
    with pytest.raises(OutcomeUnknown):
        at.records.read_back(CHANGE, receipt)


def test_an_answer_without_the_deed_is_seen_by_the_read_back() -> None:
    at = counter()
    at.meets("phantom_200", skip=1)
    receipt = changed(at)
    assert at.contact()["Phone"] == "+49 30 1"
    with pytest.raises(OutcomeUnknown):
        at.records.read_back(CHANGE, receipt)


@pytest.mark.parametrize(("kind", "params"), [
    ("500_after", {}), ("500_after", {"empty": True}), ("timeout_after", {}), ("reset_after", {}),
    ("malformed_200", {}), ("truncated_200", {}), ("html_200", {}), ("empty_200", {})])
def test_a_write_whose_answer_is_lost_is_unknown_and_then_found(kind: str, params: dict[str, Any]) -> None:
    at = counter()
    at.meets(kind, skip=1, **params)
    with pytest.raises(OutcomeUnknown):
        changed(at)
    found = at.records.find(CHANGE, KEY)
    assert isinstance(found, ContactReceipt)
    assert (found.before, found.after) == ({"phone": "+49 30 1"}, {"phone": "+49 30 22"})
    assert len(at.rules.books()["changes"]) == 1


@pytest.mark.parametrize("kind", ["500_before", "timeout_before", "reset_before"])
def test_a_write_that_never_arrived_is_unknown_and_not_found(kind: str) -> None:
    at = counter()
    at.meets(kind, skip=1)
    with pytest.raises(OutcomeUnknown):
        changed(at)
    assert at.records.find(CHANGE, KEY) is None


@pytest.mark.parametrize("kind", ["500_before", "timeout_before", "reset_after", "html_200", "empty_200"])
def test_a_lost_read_before_the_write_has_surely_done_nothing(kind: str) -> None:
    at = counter()
    at.meets(kind)
    with pytest.raises(Unavailable):
        changed(at)
    assert at.rules.books()["changes"] == []


def test_a_change_is_undone_while_it_is_still_ours() -> None:
    at = counter()
    receipt = changed(at)
    at.time.on(minutes=5)
    undone = at.records.perform(undo(receipt), UNDO)
    assert isinstance(undone, ContactReceipt)
    assert (undone.operation, undone.before, undone.after) == (UNDO.operation, receipt.after, receipt.before)
    assert at.contact()["Phone"] == "+49 30 1"
    assert at.records.perform(undo(receipt), UNDO).operation == UNDO.operation
    assert len(at.rules.books()["changes"]) == 2


def test_a_change_someone_changed_since_is_not_undone() -> None:
    at = counter()
    receipt = changed(at)
    at.time.on(minutes=5)
    at.rules.control("edit", {"id": ANNA, "fields": {"Phone": "+49 30 9"}}, at.time())
    with pytest.raises(Conflict):
        at.records.perform(undo(receipt), UNDO)
    assert at.contact()["Phone"] == "+49 30 9"


def test_undo_brings_an_empty_field_back() -> None:
    at = counter()
    action = ContactChange(contact=ANNA, changes={ContactField.MOBILE: "7"}, expected={ContactField.MOBILE: None})
    receipt = changed(at, action)
    at.time.on(minutes=5)
    at.records.perform(undo(receipt, action), UNDO)
    assert at.contact()["MobilePhone"] is None


@pytest.mark.parametrize("kind", ["500_after", "timeout_after", "truncated_200", "empty_200"])
def test_an_undo_whose_answer_is_lost_is_found_by_the_values_that_stood_before(kind: str) -> None:
    at = counter()
    receipt = changed(at)
    at.time.on(minutes=5)
    assert at.records.find(undo(receipt), UNDO) is None
    at.meets(kind, skip=1)
    with pytest.raises(OutcomeUnknown):
        at.records.perform(undo(receipt), UNDO)
    found = at.records.find(undo(receipt), UNDO)
    assert isinstance(found, ContactReceipt)
    assert (found.operation, found.before, found.after) == (UNDO.operation, receipt.after, receipt.before)
    assert at.records.read_back(undo(receipt), found).seen


def test_an_undo_that_was_overwritten_reads_back_as_unknown() -> None:
    at = counter()
    receipt = changed(at)
    at.time.on(minutes=5)
    undone = at.records.perform(undo(receipt), UNDO)
    at.rules.control("edit", {"id": ANNA, "fields": {"Phone": "+49 30 9"}}, at.time())
    with pytest.raises(OutcomeUnknown):
        at.records.read_back(undo(receipt), undone)


def test_a_change_of_which_the_earlier_value_is_not_known_is_not_undone() -> None:
    at = counter()
    receipt = changed(at).model_copy(update={"before": {}})
    with pytest.raises(NotUndoable):
        at.records.perform(undo(receipt), UNDO)
    assert at.contact()["Phone"] == "+49 30 22"


def test_a_contact_that_is_gone_cannot_be_undone_and_was_not_changed() -> None:
    at = counter()
    receipt = changed(at)
    at.rules.control("delete", {"id": ANNA}, NOW)
    with pytest.raises(NotUndoable):
        at.records.perform(undo(receipt), UNDO)
    with pytest.raises(NotFound):
        changed(at)
    assert at.records.find(CHANGE, KEY) is None


@pytest.mark.parametrize("contact", ["003' OR", "../Account/0015e00000000AC", "5005e00000000A1", "", "003"])
def test_what_is_no_contact_id_never_leaves_the_house(contact: str) -> None:
    at = counter()
    with pytest.raises(Rejected) as refusal:
        at.records.perform(CHANGE.model_copy(update={"contact": contact}), KEY)
    assert (refusal.value.reason, at.calls()) == ("malformed_id", [])


@pytest.mark.parametrize(("kind", "params", "ending", "reason"), [
    ("validation", {}, Rejected, "field_custom_validation_exception"),
    ("duplicate", {}, Rejected, "duplicates_detected"),
    ("key_mismatch", {}, Rejected, "duplicate_value"),
    ("lock", {}, Unavailable, "row_locked"),
    ("429", {}, Unavailable, "daily_limit"),
    ("429", {"concurrent": True}, Unavailable, "concurrent_limit"),
    ("some", {"status": 429}, Unavailable, "too_many"),
    ("moved", {"status": 302}, Unavailable, "redirected"),
    ("INSUFFICIENT_ACCESS_OR_READONLY", {"status": 403}, Rejected, "insufficient_access_or_readonly"),
    ("NOT_FOUND", {"status": 404}, NotFound, "not_found"),
    ("SERVER_UNAVAILABLE", {"status": 503}, OutcomeUnknown, "status_503"),
])
def test_each_refusal_has_its_ending(kind: str, params: dict[str, Any], ending: type[VendorError],
                                     reason: str) -> None:
    at = counter()
    at.meets(kind, skip=1, **params)
    with pytest.raises(ending) as met:
        changed(at)
    assert (met.value.reason, met.value.vendor) == (reason, "salesforce")
    assert at.rules.books()["changes"] == []


@pytest.mark.parametrize("permissions", [["Contact:read"], ["Contact:read", "Task:read"]])
def test_without_permission_nothing_is_changed_and_the_admin_is_told(permissions: list[str]) -> None:
    at = counter({"clients": {"deskhand": {"secret": "s3cret", "permissions": permissions}}})
    with pytest.raises(Rejected, match="permission set"):
        changed(at)


def test_the_end_of_the_daily_calls_lasts_and_the_usage_is_known_before() -> None:
    at = counter({"limits": {"daily": 2}})
    changed(at)
    assert at.records.usage is not None
    assert (at.records.usage.used, at.records.usage.total) == (2, 2)
    with pytest.raises(Unavailable) as end:
        at.records.contacts("anna@example.com")
    assert (end.value.reason, end.value.lasting, end.value.retry_after) == ("daily_limit", True, 900.0)


def test_what_is_not_for_a_crm_is_refused() -> None:
    with pytest.raises(Rejected):
        counter().records.perform(Refund(charge="ch_1", money=Money(amount=1, currency="EUR"), reason="duplicate"), KEY)


def logged(at: Counter, action: LogActivity = LOG) -> ActivityReceipt:
    receipt = at.records.perform(action, KEY)
    assert isinstance(receipt, ActivityReceipt)
    return receipt


def test_an_activity_is_one_call_with_its_read_back_in_it() -> None:
    at = counter()
    receipt = logged(at)
    assert receipt.seen
    assert at.calls() == ["POST composite"]
    (task,) = at.rules.books()["activities"]
    assert (task["Id"], task["WhoId"], task["Status"]) == (receipt.id, ANNA, "Completed")
    assert (task["Subject"], task["Description"]) == ("Refunded 18.00 EUR op-" + "a" * 24, "By rule r1.")


@pytest.mark.parametrize("subject", ["x" * 400, "", "two\nlines  and\tblanks"])
def test_a_subject_ends_in_the_operation_id_and_fits(subject: str) -> None:
    at = counter()
    logged(at, LOG.model_copy(update={"subject": subject}))
    (task,) = at.rules.books()["activities"]
    assert len(task["Subject"]) <= 255
    assert "\n" not in task["Subject"]
    assert task["Subject"].endswith(KEY.operation)


@pytest.mark.parametrize("kind", [
    "500_after", "timeout_after", "reset_after", "truncated_200", "html_200", "empty_200"])
def test_an_activity_whose_answer_is_lost_is_found_by_its_operation_id(kind: str) -> None:
    at = counter()
    at.meets(kind)
    with pytest.raises(OutcomeUnknown):
        logged(at)
    found = at.records.find(LOG, KEY)
    (task,) = at.rules.books()["activities"]
    assert found is not None
    assert (found.operation, getattr(found, "id", None)) == (KEY.operation, task["Id"])


def test_another_operations_activity_is_not_taken_for_ours() -> None:
    at = counter()
    logged(at)
    assert at.records.find(LOG, UNDO) is None
    other = at.records.find(LOG.model_copy(update={"contact": "0035e00000000B2AAI"}), KEY)
    assert other is None


def test_an_activity_that_a_flow_rewrites_has_no_receipt() -> None:
    at = counter({"flows": [{"object": "Task", "field": "Subject", "do": "set", "value": "Call"}]})
    with pytest.raises(OutcomeUnknown) as unknown:
        logged(at)
    assert unknown.value.reason == "altered"


def test_after_a_merge_of_the_contact_no_second_activity_is_written() -> None:
    at = counter()
    at.meets("timeout_after")
    with pytest.raises(OutcomeUnknown):
        logged(at)
    at.rules.control("merge", {"id": ANNA, "into": "0035e00000000B2AAI"}, NOW)
    assert at.records.find(LOG, KEY) is None
    with pytest.raises(NotFound):
        logged(at)
    assert [task["WhoId"] for task in at.rules.books()["activities"]] == ["0035e00000000B2AAI"]


def test_an_activity_that_cannot_be_read_back_is_not_written() -> None:
    at = counter({"hidden_fields": ["Task.CreatedDate"]})
    with pytest.raises(Rejected):
        logged(at)
    assert at.rules.books()["activities"] == []
    with pytest.raises(Unavailable):
        at.records.find(LOG, KEY)


def test_an_activity_that_vanished_is_noticed_when_looked_at_again() -> None:
    at = counter()
    receipt = logged(at)
    assert at.records.read_back(LOG, receipt).seen
    at.rules.control("delete", {"object": "Task", "id": receipt.id}, NOW)
    with pytest.raises(OutcomeUnknown):
        at.records.read_back(LOG, receipt)
