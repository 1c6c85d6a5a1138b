"""A write that its vendor never allows, while it can be read: tried for some hours, then a person reads of it."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from agent import switch
from agent.tables import totals
from tests.journeys.conftest import on_both
from tests.journeys.office import Office, refund
from tests.journeys.sides import Call
from tests.journeys.test_consent import FINANCE, approve
from tests.journeys.test_consent import asks as asks_for
from tests.journeys.test_undo import NEW, OLD, PHONE, kept, moved, phone, undo

FOREVER = 1_000_000
REFUND = Call("stripe", "POST", "/refunds")
CHANGE = Call("salesforce", "POST", "/composite", "/sobjects/Contact/003")
REFUSED = "the vendor refused it (Stripe answered 403: The provided key"


def asked(office: Office) -> Any:
    office.double_charge()
    office.planner.always = lambda case: {"actions": [refund("c2", quote="please refund the second one")]}
    return office.writes()


def never_allowed(office: Office, call: Call = REFUND, times: int = FOREVER) -> None:
    office.fault_at(call, "auth_lost", times=times, params={"how": "permission"})


def allowed_again(office: Office) -> None:
    for door in office.doors.values():
        door.faults.clear()


def is_made_once_it_is_allowed(office: Office) -> None:
    allowed_again(office)
    office.settle(hours=2)
    assert office.refunded() == {"usd": 1800}


def tries(office: Office) -> int:
    return len([call for call in office.calls() if call == "stripe POST /v1/refunds"])


@on_both
def test_a_refund_reaches_a_person_within_six_hours_and_is_tried_no_more(office: Office) -> None:
    ticket = asked(office)
    never_allowed(office)
    office.event(ticket)
    office.settle(hours=6)
    assert REFUSED in office.notes(ticket)[0]
    assert "Nothing was changed" in office.notes(ticket)[0]
    assert office.states()[0][0] == "handed_over"
    assert 5 < tries(office) < 15

    allowed_again(office)
    before = tries(office)
    office.settle(hours=24 * 30, step=3600)
    assert (tries(office), len(office.notes(ticket)), office.replies(ticket)) == (before, 1, [])
    with office.engine.begin() as c:
        assert c.execute(select(totals.c.amount).where(totals.c.amount > 0)).all() == []


@pytest.mark.parametrize("hours", [0.2, 1, 2.5])
def test_while_a_key_is_changed_a_refund_waits_and_is_made_then(office: Office, hours: float) -> None:
    ticket = asked(office)
    never_allowed(office)
    office.event(ticket)
    office.settle(hours=hours, step=60)
    assert office.notes(ticket) == []
    is_made_once_it_is_allowed(office)
    assert len(office.notes(ticket)) == len(office.replies(ticket)) == 1


def test_much_news_within_an_hour_does_not_end_its_patience(office: Office) -> None:
    ticket = asked(office)
    never_allowed(office)
    for _ in range(30):
        office.event(ticket)
        office.run()
        office.clock.forward(minutes=2)
    assert tries(office) > 20
    assert office.notes(ticket) == []
    is_made_once_it_is_allowed(office)


def test_what_was_refused_a_month_ago_is_waited_for_anew(office: Office) -> None:
    ticket = asked(office)
    never_allowed(office)
    office.event(ticket)
    office.settle(hours=1)
    with office.engine.begin() as c:
        switch.pause(c, "refund", "we change the key", "Ana", office.clock())
    office.settle(hours=24 * 30, step=3600)
    assert office.notes(ticket) == []
    switch.resume(office.engine, "refund", "Ana", office.clock())
    office.run()
    assert office.notes(ticket) == []
    is_made_once_it_is_allowed(office)


def test_what_may_have_been_made_before_is_held_and_not_told_as_refused(office: Office) -> None:
    ticket = asked(office)
    office.fault_at(REFUND, "timeout_before")
    never_allowed(office)
    office.event(ticket)
    office.settle(hours=12)
    assert [one.state for one in kept(office, "refund")] == ["unknown"]
    office.settle(hours=24)
    assert [one.state for one in kept(office, "refund")] == ["held"]
    assert "deskhand held resolve" in office.notes(ticket)[0]


def test_two_refunds_of_one_ticket_reach_a_person_together(office: Office) -> None:
    for order in ("1042", "1043"):
        for ago in ("-2h", "-110m"):
            office.charge(600, ago=ago, order=order)
    both = [refund(one, quote="please refund") for one in ("c3", "c4")]
    office.planner.always = lambda case: {"actions": both}
    ticket = office.writes()
    never_allowed(office)
    office.event(ticket)
    office.settle(hours=6)
    assert [one.state for one in kept(office, "refund")] == ["rejected", "rejected"]
    assert len(office.notes(ticket)) == 1


def test_what_everybody_agreed_to_reaches_a_person_with_who_did(office: Office) -> None:
    ticket = asks_for(office, 18_000)
    never_allowed(office)
    approve(office, FINANCE)
    office.customer_answers(ticket, "YES")
    office.settle(hours=6)
    assert office.refunds() == []
    assert REFUSED in office.notes(ticket)[-1]
    assert "approved by Finn" in office.notes(ticket)[-1]
    assert office.states()[0][0] == "handed_over"


@on_both
def test_a_change_of_contact_details_reaches_a_person(office: Office) -> None:
    office.planner.always = lambda case: {"actions": [PHONE], "category": "contact_details"}
    never_allowed(office, CHANGE)
    ticket = office.handle(f"Hi, my new number is {NEW}.")
    office.settle(hours=6)
    assert phone(office) == OLD
    [note] = office.notes(ticket)
    assert "the vendor refused it (Salesforce answered 401" in note
    assert office.states()[0][0] == "handed_over"


def test_while_the_crm_says_that_it_will_pass_a_change_waits_for_up_to_a_day(office: Office) -> None:
    office.planner.always = lambda case: {"actions": [PHONE], "category": "contact_details"}
    office.fault_at(CHANGE, "429", times=FOREVER)
    ticket = office.handle(f"Hi, my new number is {NEW}.")
    office.settle(hours=20)
    assert office.notes(ticket) == []
    office.settle(hours=6)
    assert "the vendor refused it (Salesforce answered 403 REQUEST_LIMIT_EXCEEDED" in office.notes(ticket)[0]


def test_a_customer_who_asks_for_news_does_not_put_off_that_a_person_reads_of_it(office: Office) -> None:
    ticket = asked(office)
    never_allowed(office)
    office.event(ticket)
    for _ in range(3):
        office.settle(hours=1.5)
        office.customer_answers(ticket, "Any news of my second payment?")
    office.settle(hours=1.5)
    assert [one.state for one in kept(office, "refund")] == ["rejected"]
    assert REFUSED in office.notes(ticket)[0]


@on_both
def test_who_pressed_undo_reads_that_it_was_refused_and_may_press_again(office: Office) -> None:
    ticket = moved(office)
    never_allowed(office, CHANGE)
    undo(office)
    office.settle(hours=6)
    assert office.notes(ticket)[-1].startswith("Deskhand: not undone, as Mia had asked: Salesforce answered 401")
    assert "Next: please put it right by hand if it is needed" in office.notes(ticket)[-1]
    allowed_again(office)
    undo(office)
    assert phone(office) == OLD


def test_words_to_the_customer_are_never_given_up(office: Office) -> None:
    ticket = asked(office)
    never_allowed(office, office.side.reply)
    office.event(ticket)
    office.settle(hours=24 * 3, step=3600)
    assert office.refunded() == {"usd": 1800}
    assert office.replies(ticket) == []
    allowed_again(office)
    office.settle(hours=2)
    assert len(office.replies(ticket)) == len(office.notes(ticket)) == 1
    assert "Customer told: yes" in office.notes(ticket)[0]


def test_the_log_says_from_the_first_time_on_what_is_refused(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    ticket = asked(office)
    never_allowed(office)
    office.event(ticket)
    office.run()
    [operation] = kept(office, "refund")
    assert f"operation {operation.id} is refused: permission: Stripe answered 403" in caplog.text


def test_a_pause_is_no_refusal(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    ticket = asked(office)
    with office.engine.begin() as c:
        switch.pause(c, "refund", "look first", "Ana", office.clock())
    office.event(ticket)
    office.settle(hours=24 * 3, step=3600)
    assert "is refused" not in caplog.text
    switch.resume(office.engine, "refund", "Ana", office.clock())
    office.settle(hours=2)
    assert office.refunded() == {"usd": 1800}
