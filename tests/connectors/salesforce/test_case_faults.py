"""Every fault at every write and read of a case: one note, one field change, at most one mail, and no false receipt."""

from __future__ import annotations

import pytest

from connectors.contract import Key, OutcomeUnknown, TicketUpdate, Unavailable, UpdateReceipt
from tests.connectors.salesforce.acme import NOW
from tests.connectors.salesforce.service import Service, note, reply, service
from tests.connectors.salesforce.test_notes import later

AT_A_WRITE = ("timeout_before", "timeout_after", "reset_before", "reset_after", "500_before", "500_after",
              "malformed_200", "truncated_200", "html_200", "empty_200", "phantom_200", "429", "auth_lost")
AT_A_READ = ("timeout_after", "reset_before", "500_before", "html_200", "429")
KEY = Key(operation="op-" + "d" * 24)


def done(at: Service, update: TicketUpdate) -> UpdateReceipt:
    """As the agent sees to it: what is unknown is looked for before it is sent again with the same key."""
    sure = True
    for _ in range(20):
        try:
            found = None if sure else at.helpdesk.find(update, KEY)
            sure = False
            receipt = at.helpdesk.perform(update, KEY) if found is None else found
            seen = at.helpdesk.read_back(update, receipt)
            assert isinstance(seen, UpdateReceipt)
            return seen
        except Unavailable as away:
            at.time.on(seconds=away.retry_after or 60)
        except OutcomeUnknown:
            at.time.on(seconds=60)
    raise AssertionError("it never ended")


@pytest.mark.parametrize("kind", AT_A_WRITE)
def test_a_fault_at_a_note_leaves_one_note_in_the_end(kind: str) -> None:
    at, ref = later()
    at.meets(kind, retry_after=30)
    receipt = done(at, note(ref, add_tags=("deskhand_done",)))
    assert at.notes() == ["A note."]
    assert receipt.comment == at.rows("CaseComment")[0]["Id"]
    assert at.row(ref)["Deskhand_Tags__c"] == " deskhand_done "
    assert len(at.rows("Deskhand_Action__c")) == 1


@pytest.mark.parametrize("kind", AT_A_WRITE)
def test_a_fault_at_a_status_leaves_one_change_in_the_end(kind: str) -> None:
    at, ref = later()
    at.helpdesk.desk.words.status("solved", None)
    at.meets(kind, retry_after=30)
    done(at, note(ref, text="", status="solved"))
    assert at.row(ref)["Status"] == "Closed"
    assert len([row for row in at.rows("CaseHistory") if row["NewValue"] == "Closed"]) == 1


@pytest.mark.parametrize("kind", AT_A_WRITE)
def test_a_fault_at_a_mail_sends_it_once_and_tells_the_truth_about_it(kind: str) -> None:
    at, ref = later()
    at.meets(kind, path="batch", retry_after=30)
    receipt = done(at, reply(ref))
    assert (len(at.sent()), receipt.notified) == (1, True)
    assert len([row for row in at.rows("Deskhand_Action__c") if row["Kind__c"] == "reply"]) == 1


@pytest.mark.parametrize("kind", AT_A_READ)
def test_a_fault_at_a_read_only_delays(kind: str) -> None:
    at = service()
    ref = at.case()
    at.meets(kind)
    with pytest.raises(Unavailable):
        at.read(ref)
    assert len(at.read(ref).comments()) == 1


@pytest.mark.parametrize("kind", AT_A_READ)
def test_a_fault_at_the_look_for_changes_only_delays(kind: str) -> None:
    at = service()
    ref = at.case()
    at.meets(kind)
    with pytest.raises(Unavailable):
        at.helpdesk.changed_since(NOW)
    assert [one.ref for one in at.helpdesk.changed_since(NOW).tickets] == [ref]


@pytest.mark.parametrize("kind", AT_A_READ)
def test_a_fault_where_rights_are_asked_gives_nobody_any(kind: str) -> None:
    at = service()
    ref, kim = at.case(), at.id_of("User", "Kim Agent")
    colleague = at.helpdesk.agent(kim)
    at.meets(kind, times=2)
    with pytest.raises(Unavailable):
        at.helpdesk.agent(kim)
    with pytest.raises(Unavailable):
        at.helpdesk.may_see(colleague, ref)
