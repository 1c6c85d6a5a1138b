"""A colleague takes back what was done: once, only what still stands as it was written, and told to colleagues."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine, select

from agent import held, switch
from agent.consent import approval, undoing
from agent.consent.approval import Colleague, NotAllowed, NotNow
from agent.consent.waits import of_ticket
from agent.ledger import Operation
from agent.policy import load
from agent.tables import audit, operations, proposals, totals
from connectors.contract import ContactChange, ContactField, Method, Money, Refund
from tests.journeys.conftest import on_both
from tests.journeys.dying import Boundary, mortal, run_and_swept
from tests.journeys.office import AGENT, POLICY, Office, execute, refund
from tests.journeys.sides import Call
from tests.webhooks.opened import OpenOffice

OLD, NEW = "+49 30 1234567", "+49 30 7654321"
PHONE = {"kind": "contact_change", "contact": "k1", "field": "phone", "value": NEW, "quote": f"my new number is {NEW}"}
MIA, LENA = Colleague("79", "Mia", "agent"), Colleague("77", "Lena Lead", "lead")


def moved(office: Office, *, settled: bool = True) -> int:
    """A new phone number, written and told."""
    office.planner.always = lambda case: {"actions": [PHONE], "category": "contact_details"} if (
        "new number" in case.asked()) else {"nothing_asked": True}
    ticket = office.handle(f"Hi, my new number is {NEW}.")
    if settled:
        office.settle()
    assert phone(office) == NEW
    return ticket


def phone(office: Office) -> Any:
    return next(iter(office.salesforce.books()["contacts"].values()))["Phone"]


def someone_edits(office: Office, **fields: Any) -> None:
    (id,) = office.salesforce.books()["contacts"]
    office.happens("salesforce", "edit", id=id, fields=fields)


def kept(office: Office, kind: str) -> list[Operation]:
    """Our rows of this kind, oldest first, those of one plan in its order."""
    with office.engine.begin() as c:
        ids = c.execute(select(operations.c.id).where(operations.c.kind == kind).order_by(
            operations.c.created_at, operations.c.position, operations.c.id)).scalars()
        return [one for id in ids if (one := office.desk.ledger.operation(c, id))]


def undo(office: Office, by: Colleague = MIA, kind: str = "contact_change", *, run: bool = True) -> str:
    done = kept(office, kind)[0]
    id = undoing.undo(office.desk, done.id, undoing.receipt_digest(office.desk, done), by)
    if run:
        office.run()
    return id


def approved(office: Office, *, run: bool = True) -> None:
    """What waits for a colleague is approved by the lead."""
    with office.engine.begin() as c:
        (wait,) = of_ticket(c, 1, ("open",))
    approval.approve(office.desk, wait.id, wait.shown, LENA)
    if run:
        office.run()


@on_both
def test_a_contact_change_is_taken_back_once_and_colleagues_read_by_whom(office: Office) -> None:
    ticket = moved(office)
    undo(office)
    assert phone(office) == OLD
    note = office.notes(ticket)[1]
    assert note.startswith(f"Deskhand: undone by Mia: changed the contact's phone from “{NEW}” to “{OLD}”")
    assert "Next: if the customer was told of it, tell them that it was taken back." in note
    assert [one.state for one in kept(office, "contact_change")] == ["undone"]
    assert [one.state for one in kept(office, "undo")] == ["done"]
    assert office.states()[0][0] == "done"

    office.settle()
    assert len(office.notes(ticket)) == 2
    assert len(office.replies(ticket)) == 1
    assert len(office.salesforce.books()["changes"]) == 2
    with pytest.raises(NotNow, match=r"Already undone by Mia\."):
        undo(office, LENA)


def test_the_plan_ends_as_it_had_and_the_customer_may_ask_for_something_else(office: Office) -> None:
    ticket = moved(office)
    undo(office)
    with office.engine.begin() as c:
        assert c.execute(select(proposals.c.ending)).scalars().all() == ["done"]
    office.double_charge()
    office.planner.always = lambda case: {"actions": [refund("c2", quote="the second one")]}
    office.customer_answers(ticket, "I was also charged twice, please refund the second one.")
    assert office.refunded() == {"usd": 1800}
    assert NEW not in office.replies(ticket)[1]


@on_both
def test_what_someone_changed_since_is_left_as_it_is_and_may_be_asked_for_again(office: Office) -> None:
    ticket = moved(office)
    someone_edits(office, Phone="+49 30 999")
    undo(office)
    assert phone(office) == "+49 30 999"
    assert office.notes(ticket)[1].startswith(
        "Deskhand: not undone, as Mia had asked: someone changed the contact since; it is left as it is")
    assert [one.state for one in kept(office, "contact_change")] == ["done"]

    someone_edits(office, Phone=NEW)
    office.clock.forward(minutes=1)
    undo(office, LENA)
    assert phone(office) == OLD
    assert office.notes(ticket)[2].startswith("Deskhand: undone by Lena Lead:")


@on_both
def test_what_deskhand_changed_again_since_is_taken_back_from_the_last_change_on(office: Office) -> None:
    """A, then B by us, C by somebody, and B by us once more: taking the first back would bring A, which C had ended."""
    ticket = moved(office)
    someone_edits(office, Phone="+49 30 999")
    again = {**PHONE, "value": NEW}
    office.planner.always = lambda case: {"actions": [again], "category": "contact_details"}
    office.customer_answers(ticket, f"It was changed back! My new number is {NEW}, please.")
    if phone(office) != NEW:
        approved(office)
        office.settle()
    assert phone(office) == NEW
    first, second = kept(office, "contact_change")
    with pytest.raises(NotNow, match=rf"Deskhand changed it again since \({second.id}\)\. Take that back first\."):
        undo(office)
    assert phone(office) == NEW
    undoing.undo(office.desk, second.id, undoing.receipt_digest(office.desk, second), LENA)
    office.run()
    assert phone(office) == "+49 30 999"
    assert first.state == "done"


def test_a_field_that_was_empty_is_emptied_again(office: Office) -> None:
    someone_edits(office, Phone=None)
    office.clock.forward(minutes=1)
    moved(office)
    undo(office)
    assert phone(office) is None


def test_a_contact_that_is_gone_cannot_be_undone_and_the_note_says_why(office: Office) -> None:
    ticket = moved(office)
    (id,) = office.salesforce.books()["contacts"]
    office.happens("salesforce", "delete", id=id)
    undo(office)
    assert "not undone, as Mia had asked: the contact does not exist any more" in office.notes(ticket)[1]
    assert [one.state for one in kept(office, "undo")] == ["rejected"]


@on_both
def test_an_undo_whose_answer_is_lost_is_looked_for_and_done_once(office: Office) -> None:
    ticket = moved(office)
    office.fault("salesforce", "timeout_after", path=".*composite", skip=1)
    undo(office)
    office.settle()
    assert phone(office) == OLD
    assert len(office.salesforce.books()["changes"]) == 2
    assert "undone by Mia" in office.notes(ticket)[1]


def test_what_was_undone_is_not_told_to_the_customer_when_the_rest_is_done(office: Office) -> None:
    office.charge(1800)
    office.planner.always = lambda case: {"actions": [PHONE, refund("c1", claim="goodwill", quote="some money back")]} \
        if "new number" in case.asked() else {"nothing_asked": True}
    ticket = office.handle(f"My new number is {NEW}, and I want some money back.")
    assert phone(office) == NEW
    assert "your phone number" in office.replies(ticket)[0]
    undo(office)
    assert office.states()[0][0] == "parked"
    approved(office)
    assert office.refunded() == {"usd": 1800}
    assert "We have sent USD 18.00" in office.replies(ticket)[1]
    assert "phone" not in office.replies(ticket)[1]
    assert "undone since" in office.notes(ticket)[-1]


@on_both
def test_a_note_that_was_lost_is_not_sent_again_as_it_was_after_an_undo(office: Office) -> None:
    note = office.side.updates.get("note", Call("zendesk", "PUT", "/tickets/", '"public": false'))
    office.fault_at(note, "timeout_before")
    ticket = moved(office, settled=False)
    undo(office)
    office.settle()
    assert phone(office) == OLD
    told = [note.splitlines()[0] for note in office.notes(ticket) if "undone by Mia" not in note]
    assert len(told) == 1
    assert told[0].endswith("undone since")
    assert "Customer told: yes" in office.notes(ticket)[-1]


def test_what_was_undone_before_its_reply_went_out_is_a_colleagues_to_answer(office: Office) -> None:
    office.planner.always = lambda case: {"actions": [PHONE], "category": "contact_details"} if (
        "new number" in case.asked()) else {"nothing_asked": True}
    office.fault("zendesk", "auth_lost", "PUT", times=2)
    ticket = office.handle(f"Hi, my new number is {NEW}.")
    undo(office)
    office.settle()
    assert phone(office) == OLD
    assert office.replies(ticket) == []
    what, *_, evidence, then = office.notes(ticket)[-1].splitlines()
    assert what.endswith("undone since")
    assert "Customer NOT told" in evidence
    assert "Next: answer the customer, who was told neither that it was done nor that it was undone" in then
    assert "Undo: an undo is not undone" in then


def test_an_undo_of_an_earlier_plan_leaves_what_is_waited_for_as_it_is(office: Office) -> None:
    ticket = moved(office)
    office.double_charge(4700)
    office.planner.always = lambda case: {"actions": [refund("c2", quote="the second one")]} if (
        "charged twice" in case.asked()) else {"nothing_asked": True}
    office.customer_answers(ticket, "I was also charged twice, please refund the second one.")
    assert office.states()[0][0] == "parked"
    undo(office)
    assert phone(office) == OLD
    assert office.states()[0][0] == "parked"
    approved(office)
    office.customer_answers(ticket, "YES")
    assert office.refunded() == {"usd": 4700}


def test_while_another_plan_is_under_way_an_undo_is_asked_for_later(office: Office) -> None:
    ticket = moved(office)
    office.double_charge()
    office.planner.always = lambda case: {"actions": [refund("c2", quote="the second one")]}
    office.customer_answers(ticket, "I was also charged twice, please refund the second one.")
    office.fault("stripe", "timeout_before", "POST", "/refunds", times=3)
    approved(office)
    with pytest.raises(NotNow, match="worked on just now"):
        undo(office)
    assert kept(office, "undo") == []
    office.settle()
    assert office.refunded() == {"usd": 1800}


@on_both
def test_a_colleague_on_the_ticket_does_not_keep_an_undo_away(office: Office) -> None:
    ticket = moved(office)
    office.at_desk("agent_replies", ticket=ticket, agent=AGENT, body="I take care of it.")
    undo(office)
    assert phone(office) == OLD


def test_it_takes_a_colleague_and_the_role_that_the_decision_took(an_office: Callable[..., Office]) -> None:
    rule = """
  - id: phones-by-a-lead
    actions: [contact_change]
    when: {contact_field: {is: [phone]}}
    then: approve by lead
    because: a lead looks at every new number
"""
    office = an_office(policy=POLICY + rule)
    office.planner.always = lambda case: {"actions": [PHONE], "category": "contact_details"} if (
        "new number" in case.asked()) else {"nothing_asked": True}
    office.handle(f"Hi, my new number is {NEW}.")
    approved(office)
    assert phone(office) == NEW
    for nobody in (Colleague("80", "Light", None), MIA):
        with pytest.raises(NotAllowed, match="Only a lead or finance can undo this"):
            undo(office, nobody)
    undo(office, LENA)
    assert phone(office) == OLD


@on_both
def test_nobody_undoes_on_their_own_ticket(office: Office) -> None:
    ticket = moved(office)
    requester = office.desk.helpdesk(office.ref(ticket)).read(office.ref(ticket)).ticket.requester
    with pytest.raises(NotAllowed, match="yourself"):
        undo(office, Colleague(requester, "Dana", "lead"))


def test_what_was_not_seen_and_what_was_not_done_is_not_undone(office: Office) -> None:
    moved(office)
    done = kept(office, "contact_change")[0]
    with pytest.raises(NotNow, match="reads differently"):
        undoing.undo(office.desk, done.id, "0" * 64, MIA)
    with pytest.raises(NotNow, match="no such operation"):
        undoing.undo(office.desk, "op-" + "0" * 24, "", MIA)
    asked = undo(office)
    with pytest.raises(NotNow, match="An undo is not undone"):
        undoing.undo(office.desk, asked, "", MIA)
    note = kept(office, "ticket_update")[0]
    with pytest.raises(NotNow, match="stays as it was written"):
        undoing.undo(office.desk, note.id, undoing.receipt_digest(office.desk, note), MIA)


@pytest.mark.parametrize("mode", ["off", "shadow"])
def test_where_the_admin_took_the_action_from_deskhand_a_person_undoes_by_hand(office: Office, mode: str) -> None:
    moved(office)
    office.policy = load(POLICY.replace("mode: shadow", f"mode: {mode}"))
    with pytest.raises(NotNow, match="does no contact change now"):
        undo(office)
    assert phone(office) == NEW


@on_both
@pytest.mark.parametrize("action", ["contact_change", "all"])
def test_while_paused_an_undo_waits_and_then_goes_on(office: Office, action: str) -> None:
    moved(office)
    with office.engine.begin() as c:
        switch.pause(c, action, "look first", "Ana", office.clock())
    undo(office)
    office.clock.forward(minutes=30)
    office.run()
    assert phone(office) == NEW
    switch.resume(office.engine, action, "Ana", office.clock())
    office.run()
    assert phone(office) == OLD


@pytest.mark.parametrize(("action", "status", "words"), [
    ("contact_change", "paused",
     "Changing contact details has been paused since 20 Nov 2026 09:10 UTC by Ana: “look first”."),
    ("refund", "working", "Deskhand is working on this ticket.")])
def test_the_sidebar_calls_an_undo_paused_with_what_it_would_undo(
        engine: Engine, action: str, status: str, words: str) -> None:
    office = OpenOffice(engine)
    moved(office)
    with engine.begin() as c:
        switch.pause(c, action, "look first", "Ana", office.clock())
    undo(office, run=action == "contact_change")
    state = office.seat().state()
    assert (state["status"], state["words"]) == (status, words)


def test_who_asked_stands_in_the_trail_by_id_and_not_by_name(office: Office) -> None:
    moved(office)
    asked = undo(office)
    with office.engine.begin() as c:
        rows = c.execute(select(audit.c.kind, audit.c.operation_id, audit.c.public).where(
            audit.c.kind.in_(("undo.asked", "operation.undone"))).order_by(audit.c.id)).all()
    changed = kept(office, "contact_change")[0]
    assert [(row.kind, row.operation_id) for row in rows] == [("undo.asked", asked), ("operation.undone", changed.id)]
    assert (rows[0].public["of"], rows[0].public["by"], rows[0].public["role"]) == (changed.id, "79", "agent")
    assert "Mia" not in str(rows[0].public)


def paid_back(office: Office, status: str) -> int:
    office.double_charge()
    office.happens("stripe", "next_refund", status=status)
    office.planner.always = lambda case: {"actions": [refund("c2", quote="please refund the second one")]} if (
        "charged twice" in case.asked()) else {"nothing_asked": True}
    ticket = office.handle()
    assert len(office.refunds()) == 1
    return ticket


def test_a_card_refund_has_no_undo_and_says_so_before(office: Office) -> None:
    paid_back(office, "succeeded")
    done = kept(office, "refund")[0]
    assert undoing.possible(done) == (False, "a card refund cannot be undone")
    with pytest.raises(NotNow, match=r"A card refund cannot be undone\."):
        undo(office, kind="refund")
    assert kept(office, "undo") == []


def test_a_refund_that_waits_for_bank_details_is_cancelled_and_counts_no_longer(office: Office) -> None:
    ticket = paid_back(office, "requires_action")
    undo(office, kind="refund")
    assert [one["status"] for one in office.refunds()] == ["canceled"]
    assert "undone by Mia: cancelled the refund of USD 18.00" in office.notes(ticket)[-1]
    with office.engine.begin() as c:
        assert c.execute(select(totals.c.amount).where(totals.c.amount > 0)).all() == []


def test_a_refund_that_went_out_before_the_pass_is_not_cancelled_and_the_note_says_so(office: Office) -> None:
    ticket = paid_back(office, "requires_action")
    undo(office, kind="refund", run=False)
    office.happens("stripe", "settle_refund", refund=office.refunds()[0]["id"])
    office.run()
    assert "is succeeded and cannot be undone" in office.notes(ticket)[-1]
    assert [one.state for one in kept(office, "refund")] == ["done"]
    assert not [call for call in office.calls() if call.endswith("/cancel")]


def test_before_anybody_approves_it_is_said_whether_it_can_be_undone() -> None:
    back = Refund(charge="ch_1", money=Money(amount=1, currency="USD"), reason="duplicate")
    change = ContactChange(contact="003", changes={ContactField.PHONE: "1"}, expected={ContactField.PHONE: "2"})
    assert undoing.beforehand(change) == (
        True, "can be taken back: the earlier values are written back, unless someone changed them since")
    assert undoing.beforehand(back, Method(kind="card")) == (False, "a card refund cannot be undone")
    assert undoing.beforehand(back, Method(kind="konbini")) == (
        False, "a refund cannot be undone, unless it still waits for the customer's bank details")


@on_both
def test_an_undo_that_nobody_can_look_for_is_held_until_a_person_says_it_was_not_done(office: Office) -> None:
    ticket = moved(office)
    office.fault("salesforce", "timeout_before", path=".*composite", times=200, skip=1,
                 body="/sobjects/Contact/003")
    undo(office)
    office.settle(hours=30)
    assert [one.state for one in kept(office, "undo")] == ["held"]
    assert "whether it is undone is not known yet, as Mia had asked" in office.notes(ticket)[1]
    assert "whether it is undone is NOT known" in office.notes(ticket)[2]
    office.doors["salesforce"].faults.clear()
    held.not_done(office.desk, kept(office, "undo")[0].id, "Ana")
    office.run()
    assert "not undone, as Mia had asked: Ana looked: it was not done" in office.notes(ticket)[3]
    undo(office, LENA)
    assert phone(office) == OLD
    assert len(office.notes(ticket)) == 5


def lived(make: Callable[..., Office], kill_at: int | None) -> tuple[Office, int, Boundary]:
    office = make(policy=execute(POLICY))
    boundary = mortal(office, kill_at)
    ticket = moved(office)
    undo(office, run=False)
    run_and_swept(office, boundary)
    office.settle(step=60, hours=2)
    return office, ticket, boundary


@on_both
def test_without_a_crash_an_undo_passes_some_boundaries(an_office: Callable[..., Office]) -> None:
    _, _, boundary = lived(an_office, None)
    assert 10 < len(boundary.passed) <= 30


@pytest.mark.parametrize(("helpdesk", "kill_at"), [*(("zendesk", n) for n in range(1, 31)),
                                                    *(("salesforce", n) for n in range(1, 31, 2))],
                         indirect=["helpdesk"])
def test_killed_at_any_boundary_there_is_one_undo_and_one_note(an_office: Callable[..., Office], kill_at: int) -> None:
    office, ticket, boundary = lived(an_office, kill_at)
    where = boundary.passed[-1] if boundary.passed else ""
    assert phone(office) == OLD, where
    assert len(office.salesforce.books()["changes"]) == 2, where
    assert [len(office.notes(ticket)), len(office.replies(ticket))] == [2, 1], where
    assert [one.state for one in kept(office, "contact_change")] == ["undone"], where
    assert office.states()[0][0] == "done", where


def test_what_the_helpdesk_lost_of_a_newer_plan_waits_while_an_older_one_is_taken_up(office: Office) -> None:
    """Only one plan of a ticket is under way at a time."""
    def asked(case: Any) -> Any:
        if "charged twice" in case.asked():
            return {"actions": [refund("c2", quote="refund the second one")]}
        return {"actions": [PHONE], "category": "contact_details"} if "new number" in case.asked() else {
            "nothing_asked": True}

    office.planner.always = asked
    office.double_charge(1800)
    ticket = office.handle(f"Hi, my new number is {NEW}.")
    office.settle(hours=1)
    office.fault("zendesk", "phantom_200", "PUT", "/tickets/", skip=1)  # the note
    office.writes("I was charged twice, please refund the second one", ticket=ticket)
    office.event(ticket)
    office.run()
    done = kept(office, "contact_change")[0]
    undoing.undo(office.desk, done.id, undoing.receipt_digest(office.desk, done), MIA)
    office.settle(step=600, hours=6)
    assert phone(office) == OLD
    assert len([one for one in office.notes(ticket) if "refunded USD 18.00" in one]) == 1
    with office.engine.begin() as c:
        assert c.execute(select(proposals.c.id).where(proposals.c.closed_at.is_(None))).all() == []
