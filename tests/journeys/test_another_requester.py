"""A ticket gets another requester: what was done for the earlier one is still looked after, and told to nobody else."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from agent import aftermath, erasing, held, retention
from agent.consent import undoing
from agent.consent.approval import Colleague
from agent.consent.state import State, Viewer, state_of
from tests.journeys.conftest import on_both
from tests.journeys.office import AGENT, DANA, ERIN, Office, refund
from tests.journeys.test_undo_attacked import meanwhile

OLD, NEW = "+49 30 1234567", "+49 30 7654321"
PHONE = {"kind": "contact_change", "contact": "k1", "field": "phone", "value": NEW, "quote": f"my new number is {NEW}"}
MIA = Colleague("79", "Mia", "agent")


def is_erins_now(office: Office, ticket: Any) -> None:
    """A colleague gives the ticket to Erin, who writes on it."""
    office.at_desk("change_requester", ticket=ticket, agent=AGENT, email=ERIN)
    office.customer_answers(ticket, "Hello, this is Erin now.", email=ERIN)
    office.settle()


def refunded(office: Office) -> Any:
    office.double_charge()
    office.planner.always = lambda case: {"actions": [refund("c2", quote="please refund the second one")]} if (
        "charged twice" in case.asked()) else {"nothing_asked": True}
    ticket = office.handle()
    office.settle()
    assert office.refunded() == {"usd": 1800}
    return ticket


@on_both
def test_a_refund_that_falls_through_later_is_told_to_colleagues_alone(office: Office) -> None:
    ticket = refunded(office)
    replies = office.replies(ticket)
    is_erins_now(office, ticket)
    office.happens("stripe", "fail_refund", refund=office.refunds()[0]["id"])
    office.days_pass(4)

    note = office.notes(ticket)[-1]
    assert "the refund of USD 18.00 to Visa ending in 4242 failed after it had been sent" in note
    assert "Customer NOT told (the ticket has another requester by now): please tell them" in note
    assert office.replies(ticket) == replies
    assert office.states() == [("handed_over", "a refund fell through after it was done")]


@on_both
def test_who_becomes_the_requester_before_the_correction_is_sent_does_not_read_it(
        office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    ticket = refunded(office)
    replies = office.replies(ticket)
    office.happens("stripe", "fail_refund", refund=office.refunds()[0]["id"])

    def changed() -> None:
        office.clock.forward(minutes=1)
        office.at_desk("change_requester", ticket=ticket, agent=AGENT, email=ERIN)

    meanwhile(monkeypatch, aftermath, "language_for", changed)
    office.days_pass(4)
    assert office.replies(ticket) == replies
    assert "Customer NOT told (the ticket has another requester by now): please tell them" in office.notes(ticket)[-1]


@on_both
def test_what_was_done_for_the_earlier_one_is_not_logged_on_the_other_ones_contact(office: Office) -> None:
    office.salesforce.load({"contacts": [{"FirstName": "Erin", "LastName": "Else", "Email": ERIN}]}, office.clock())
    office.double_charge()
    office.planner.always = lambda case: {"actions": [refund("c2", quote="please refund the second one")]} if (
        "charged twice" in case.asked()) else {"nothing_asked": True}
    office.fault("stripe", "timeout_after", "POST", "/refunds", times=2)
    office.fault("stripe", "500_before", "GET", "/refunds", times=4)
    ticket = office.handle()
    is_erins_now(office, ticket)
    assert office.refunded() == {"usd": 1800}
    assert office.salesforce.books()["activities"] == []
    assert "The CRM activity is not written, as the ticket has another requester by now" in office.notes(ticket)[-1]


@on_both
def test_what_was_done_is_still_shown_and_can_be_taken_back(office: Office) -> None:
    office.planner.always = lambda case: {"actions": [PHONE], "category": "contact_details"} if (
        "new number" in case.asked()) else {"nothing_asked": True}
    ticket = office.handle(f"Hi, my new number is {NEW}.")
    office.settle()
    replies = office.replies(ticket)
    is_erins_now(office, ticket)

    (done,) = shown(office, ticket).done
    assert done.undo.digest is not None
    undoing.undo(office.desk, done.operation, done.undo.digest, MIA)
    office.run()
    office.settle()

    dana, = (one for one in office.salesforce.books()["contacts"].values() if one["Email"] == "dana@example.com")
    assert dana["Phone"] == OLD
    assert "undone by Mia" in office.notes(ticket)[-1]
    assert office.replies(ticket) == replies


def nobody_knows(office: Office) -> Any:
    """Stripe's answer to the refund was lost, and it could not be looked for in time; then the ticket is Erin's."""
    office.double_charge()
    office.planner.always = lambda case: {"actions": [refund("c2", quote="please refund the second one")]} if (
        "charged twice" in case.asked()) else {"nothing_asked": True}
    office.fault("stripe", "timeout_after", "POST", "/refunds")
    office.fault("stripe", "500_before", "GET", "/refunds", times=10_000)
    ticket = office.handle()
    office.settle(step=3600, hours=60)
    is_erins_now(office, ticket)
    office.doors["stripe"].faults.clear()
    return ticket


@on_both
def test_a_refund_of_which_nobody_knows_is_shown_and_settled_as_before(office: Office) -> None:
    ticket = nobody_knows(office)
    (held_one,) = held_refunds(office)
    assert "USD 18.00" in shown(office, ticket).words
    held.found(office.desk, held_one, office.refunds()[0]["id"], "Lea")
    office.settle()
    assert held_refunds(office) == []
    assert office.refunded() == {"usd": 1800}


def test_a_list_that_lags_after_the_change_of_hands_stops_nothing(office: Office) -> None:
    """Zendesk does not list the note that was confirmed for the earlier requester."""
    ticket = refunded(office)
    is_erins_now(office, ticket)
    notes, replies = office.notes(ticket), office.replies(ticket)
    office.fault("zendesk", "stale_read", "GET", r"/audits\.json", times=3)
    office.customer_answers(ticket, "Any news?", email=ERIN)
    office.settle()

    assert (office.notes(ticket), office.replies(ticket)) == (notes, replies)


@pytest.mark.parametrize("which", [0, 1], ids=["reply", "note"])
def test_of_what_the_helpdesk_lost_no_reply_is_written_again(office: Office, which: int) -> None:
    """It was for somebody else; the note that says they were told is written anew."""
    office.double_charge()
    office.planner.always = lambda case: {"actions": [refund("c2", quote="please refund the second one")]} if (
        "charged twice" in case.asked()) else {"nothing_asked": True}
    office.fault("zendesk", "phantom_200", "PUT", "/tickets/", skip=which)
    ticket = office.handle()
    office.at_desk("change_requester", ticket=ticket, agent=AGENT, email=ERIN)
    office.customer_answers(ticket, "Hello, this is Erin now.", email=ERIN)
    office.settle()

    assert len(office.replies(ticket)) == which
    told = [one for one in office.notes(ticket) if "refunded USD 18.00" in one]
    assert ["Customer NOT told" in one for one in told] == ([False, True] if which == 0 else [False])
    assert office.refunded() == {"usd": 1800}


def told_of_no_plan(office: Office) -> None:
    """As a database that was made before plans knew for whom they were made."""
    with office.engine.begin() as c:
        c.execute(text("update proposals set person_id = t.person_id from tickets t where t.id = ticket_id"))


def test_of_a_plan_made_before_the_upgrade_the_right_one_is_erased(office: Office) -> None:
    is_erins_now(office, refunded(office))
    dana, _ = both(office)
    told_of_no_plan(office)
    with office.engine.begin() as c:
        assert erasing.by_email(c, office.desk, DANA) == [dana]


@on_both
def test_who_was_only_handed_over_is_found_by_their_address_whosever_the_ticket_is(office: Office) -> None:
    office.planner.always = lambda case: {"unsure": "It is not clear what is asked."}
    is_erins_now(office, office.handle("Something is wrong with my order, I think."))
    dana, erin = both(office)
    with office.engine.begin() as c:
        assert c.execute(text("select count(*) from decisions")).scalar_one() == 0
        assert (erasing.by_email(c, office.desk, DANA), erasing.by_email(c, office.desk, ERIN)) == ([dana], [erin])


def test_a_plan_made_before_the_upgrade_that_is_taken_up_again_stops_nothing(office: Office) -> None:
    nobody_knows(office)
    told_of_no_plan(office)
    (held_one,) = held_refunds(office)
    held.found(office.desk, held_one, office.refunds()[0]["id"], "Lea")
    office.settle()
    assert open_plans(office) == 0
    assert office.notes(1)[-1].startswith("Deskhand cannot read any more what it had planned on this ticket")
    assert office.refunded() == {"usd": 1800}


def test_a_plan_that_somebody_changed_in_the_database_is_let_go_and_a_person_is_told(office: Office) -> None:
    office.double_charge()
    office.planner.always = lambda case: {"actions": [refund("c2", quote="please refund the second one")]}
    office.fault("stripe", "429", "POST", "/refunds", params={"retry_after": 120}, times=3)
    ticket = office.handle()
    with office.engine.begin() as c:
        c.execute(text("update proposals set sealed = set_byte(sealed, 40, (get_byte(sealed, 40) + 1) % 256)"))
    office.settle(step=60, hours=2)
    assert office.refunds() == []
    assert office.notes(ticket) == [office.notes(ticket)[0]]
    assert "please read the ticket and answer the customer" in office.notes(ticket)[0]
    assert office.states() == [("handed_over", "what was planned cannot be read any more")]
    with office.engine.begin() as c:
        assert c.execute(text("select count(*) from audit where kind = 'plan.unreadable'")).scalar() == 1


def test_the_same_words_for_somebody_else_are_a_note_of_their_own(office: Office) -> None:
    office.planner.always = lambda case: {"unsure": "It is not clear what is asked."}
    ticket = office.handle("Something is wrong with my order, I think.")
    office.settle()
    assert len(office.notes(ticket)) == 1
    erasing.erase(office.desk, both(office)[0], "Lea", DANA)
    office.at_desk("change_requester", ticket=ticket, agent=AGENT, email=ERIN)
    office.customer_answers(ticket, "Mine is wrong, too, I think.", email=ERIN)
    office.settle()
    assert open_plans(office) == 0
    assert len(office.notes(ticket)) == 2


def test_a_list_that_lags_after_the_new_requester_was_erased_loses_no_new_message(office: Office) -> None:
    ticket = refunded(office)
    is_erins_now(office, ticket)
    erasing.erase(office.desk, both(office)[1], "Lea", ERIN)
    office.settle()
    office.planner.always = lambda case: {"unsure": "It is not clear what is asked."}
    office.fault("zendesk", "stale_read", "GET", r"/audits\.json")
    office.customer_answers(ticket, "Hello, I have another question about this order.", email=ERIN)
    office.settle(hours=2)
    assert "It is not clear what is asked" in office.notes(ticket)[-1]


def test_erasing_the_earlier_requester_looks_up_what_was_sent_for_them_and_leaves_the_ticket_alone(
        office: Office) -> None:
    nobody_knows(office)
    (held_one,) = held_refunds(office)
    held.send_again(office.desk, held_one, "Lea")
    dana, erin = both(office)
    with office.engine.begin() as c:
        assert [one.operation for one in erasing.found(c, erin).kept] == []
        assert erasing.found(c, dana).under_way == (held_one,)
    erasing.erase(office.desk, dana, "Lea", DANA)
    assert kept(office, "refund") == [("done", True)]
    office.settle(hours=3)
    assert office.states() != [("ignored", "the requester was erased")]
    assert open_plans(office) == 0


def test_what_is_to_be_undone_for_an_erased_earlier_requester_is_not_done(office: Office) -> None:
    office.planner.always = lambda case: {"actions": [PHONE], "category": "contact_details"} if (
        "new number" in case.asked()) else {"nothing_asked": True}
    ticket = office.handle(f"Hi, my new number is {NEW}.")
    office.settle()
    is_erins_now(office, ticket)
    (done,) = shown(office, ticket).done
    undoing.undo(office.desk, done.operation, str(done.undo.digest), MIA)
    states = office.states()
    erasing.erase(office.desk, both(office)[0], "Lea", DANA)
    office.settle()
    assert kept(office, "undo") == [("dropped", False)]
    assert (office.states(), open_plans(office)) == (states, 0)


def test_erasing_the_new_requester_does_not_end_the_care_for_the_earlier_ones_refund(office: Office) -> None:
    ticket = refunded(office)
    is_erins_now(office, ticket)
    erasing.erase(office.desk, both(office)[1], "Lea", ERIN)
    office.happens("stripe", "fail_refund", refund=office.refunds()[0]["id"])
    office.days_pass(4)
    assert "failed after it had been sent" in office.notes(ticket)[-1]


def test_an_earlier_requester_is_kept_as_long_as_something_happens_on_their_ticket(office: Office) -> None:
    is_erins_now(office, refunded(office))
    dana, _ = both(office)
    periods = retention.Retention(texts_days=200)
    with office.engine.begin() as c:
        c.execute(text("update people set created_at = created_at - interval '300 days' where id = :id"), {"id": dana})
        assert retention.sweep(c, periods, office.clock()).people == 0
    office.days_pass(20)
    office.clock.forward(days=210)
    with office.engine.begin() as c:
        assert retention.sweep(c, periods, office.clock()).people > 0
        assert c.execute(text("select count(*) from people where id = :id"), {"id": dana}).scalar() == 0


@on_both
def test_what_waits_for_a_colleague_ends_when_the_ticket_changes_hands(office: Office) -> None:
    office.double_charge(30_000)
    office.planner.always = lambda case: {"actions": [refund("c2", quote="please refund the second one")]} if (
        "charged twice" in case.asked()) else {"nothing_asked": True}
    ticket = office.handle()
    office.settle(hours=1)
    assert len(shown(office, ticket).cards) == 1
    is_erins_now(office, ticket)
    assert shown(office, ticket).cards == ()
    assert "see who asks now; what the earlier requester agreed to is not done" in office.notes(ticket)[-1]
    with office.engine.begin() as c:
        assert c.execute(text("select distinct state from waits")).scalars().all() == ["moved"]


def both(office: Office) -> tuple[str, str]:
    """The ids on our rows of whoever it was, and whoever it is."""
    with office.engine.begin() as c:
        return (c.execute(text("select person_id from proposals order by id limit 1")).scalar_one(),
                c.execute(text("select person_id from tickets order by id limit 1")).scalar_one())


def kept(office: Office, kind: str) -> list[tuple[str, bool]]:
    """The state of what was done, and whether the vendor's id of it is known."""
    with office.engine.begin() as c:
        return [(row.state, bool(row.vendor_ids)) for row in c.execute(
            text("select state, vendor_ids from operations where kind = :kind"), {"kind": kind})]


def open_plans(office: Office) -> int:
    with office.engine.begin() as c:
        return int(c.execute(text("select count(*) from proposals where closed_at is null")).scalar_one())


def shown(office: Office, ticket: Any) -> State:
    return state_of(office.desk, office.ref(ticket), Viewer(MIA, admin=False))


def held_refunds(office: Office) -> list[str]:
    with office.engine.begin() as c:
        return [one.operation for one in held.held(c) if one.kind == "refund"]
