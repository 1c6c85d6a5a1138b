"""A refund whose answer was lost, and that is not at the payment provider, is decided anew before it is sent again."""

from __future__ import annotations

from typing import Any

import pytest

from agent import held
from agent.consent import approval, taking_over
from agent.policy import load
from tests.journeys.conftest import on_both
from tests.journeys.office import AGENT as AGENT_MAIL
from tests.journeys.office import POLICY, Office, refund
from tests.journeys.test_consent import AGENT, LEAD, asks, waiting
from tests.journeys.test_undo import NEW, PHONE

TWICE = {"actions": [refund("c2", quote="refund the second one")]}


def lost(office: Office, *said: str) -> Any:
    """The request never arrived, and afterwards nothing can be looked up for a while."""
    office.planner.always = lambda case: TWICE if "twice" in case.asked() else {"nothing_asked": True}
    office.fault("stripe", "timeout_before", "POST", "/refunds", times=2)
    office.fault("stripe", "500_before", "GET", "/refunds", times=40)
    ticket = office.handle(*said)
    assert office.refunds() == []
    return ticket


def holds(office: Office) -> list[str]:
    with office.engine.begin() as c:
        return [one.reason for one in held.held(c) if one.kind == "refund"]


@on_both
def test_with_nothing_against_it_it_is_sent_again(office: Office) -> None:
    office.double_charge()
    lost(office)
    office.settle(hours=20)
    assert office.refunded() == {"usd": 1800}
    assert holds(office) == []


def test_the_words_that_asked_for_it_do_not_call_it_off(office: Office) -> None:
    office.double_charge()
    lost(office, "No! I was charged twice. Please refund the second one.")
    office.settle(hours=20)
    assert office.refunded() == {"usd": 1800}


def test_a_yes_is_no_calling_off_although_somebody_else_has_written_after_it(office: Office) -> None:
    ticket = asks(office, 4700)
    office.fault("stripe", "timeout_before", "POST", "/refunds", times=2)
    office.fault("stripe", "500_before", "GET", "/refunds", times=40)
    office.customer_answers(ticket, "YES")
    office.writes("We have received your message.", "robot@example.com", ticket=ticket)
    office.settle(hours=20)
    assert office.refunded() == {"usd": 4700}


@pytest.mark.parametrize("words", ["Thank you!", "Any news?"])
def test_what_calls_nothing_off_does_not_stop_it(office: Office, words: str) -> None:
    office.double_charge()
    ticket = lost(office)
    office.customer_answers(ticket, words)
    office.settle(hours=20)
    assert office.refunded() == {"usd": 1800}


@on_both
def test_a_person_on_the_ticket(office: Office) -> None:
    office.double_charge()
    ticket = lost(office)
    office.clock.forward(minutes=1)
    taking_over.take_over(office.desk, office.ref(ticket), AGENT)
    office.settle(hours=20)
    assert office.refunds() == []
    assert "a person is on the ticket" in holds(office)[0]
    assert "NOT known" in office.notes(ticket)[-1]


def test_a_colleague_who_answered_the_customer(office: Office) -> None:
    office.double_charge()
    ticket = lost(office)
    office.clock.forward(minutes=1)
    office.at_desk("agent_replies", ticket=ticket, agent=AGENT_MAIL, body="I take care of it.")
    office.settle(hours=20)
    assert office.refunds() == []


def test_a_refund_by_hand(office: Office) -> None:
    _, second = office.double_charge()
    lost(office)
    office.happens("stripe", "dashboard_refund", charge=second, amount=500)
    office.settle(hours=20)
    assert office.refunded() == {"usd": 500}
    assert len(holds(office)) == 1


@pytest.mark.parametrize("mode", ["off", "shadow", "draft"])
def test_switched_off_meanwhile(office: Office, mode: str) -> None:
    office.double_charge()
    lost(office)
    office.policy = load(POLICY.replace("mode: shadow", f"mode: {mode}"))
    office.settle(hours=20)
    assert office.refunds() == []
    assert len(holds(office)) == 1


def test_a_dispute(office: Office) -> None:
    _, second = office.double_charge()
    lost(office)
    office.happens("stripe", "dispute", charge=second, status="warning_needs_response")
    office.settle(hours=20)
    assert office.refunds() == []
    assert "disput" in holds(office)[0]


def test_a_customer_who_is_gone_at_the_payment_provider(office: Office) -> None:
    """There is nothing to decide on any more, and nobody waits a day for that."""
    office.double_charge()
    ticket = lost(office)
    office.happens("stripe", "delete_customer", customer="cus_dana")
    office.settle(hours=20)
    assert office.refunds() == []
    assert "what it stood on is no longer there" in holds(office)[0]
    assert "NOT known" in office.notes(ticket)[-1]


@on_both
@pytest.mark.parametrize("words", ["No, stop, please do not refund it!", "Never mind.", "person"])
def test_a_customer_who_calls_it_off(office: Office, words: str) -> None:
    office.double_charge()
    ticket = lost(office)
    office.customer_answers(ticket, words)
    office.settle(hours=20)
    assert office.refunds() == []
    assert len(holds(office)) == 1


def test_a_customer_who_calls_it_off_and_asks_something_else(office: Office) -> None:
    office.double_charge()
    ticket = lost(office)
    office.customer_answers(ticket, "No, stop, please do not refund it!")
    office.customer_answers(ticket, "By the way, my order number is 1042, is it on the way?")
    office.settle(hours=20)
    assert office.refunds() == []
    assert len(holds(office)) == 1


def test_a_ticket_that_is_deleted(office: Office) -> None:
    office.double_charge()
    ticket = lost(office)
    office.at_desk("delete", ticket=ticket)
    office.event(ticket)
    office.settle(hours=20)
    assert office.refunds() == []
    assert len(holds(office)) == 1


def test_limits_count_it_once(office: Office) -> None:
    """A refund that fits the limit of a day fits it still when it is decided anew."""
    office.policy = load(POLICY.replace("mode: shadow", "mode: execute"))
    office.double_charge(2400)
    lost(office)
    office.settle(hours=20)
    assert office.refunded() == {"usd": 2400}


@on_both
def test_what_somebody_agreed_to_is_sent_again_on_that_yes(office: Office) -> None:
    office.charge(2000)
    said = {"actions": [refund("c1", claim="goodwill", quote="money back")]}
    office.planner.always = lambda case: said if "money back" in case.asked() else {"nothing_asked": True}
    office.handle("I want my money back, please.")
    (wait,) = waiting(office)
    office.fault("stripe", "timeout_before", "POST", "/refunds", times=2)
    office.fault("stripe", "500_before", "GET", "/refunds", times=6)
    approval.approve(office.desk, wait.id, wait.shown, LEAD)
    office.settle(hours=20)
    assert office.refunded() == {"usd": 2000}
    assert holds(office) == []


def test_an_earlier_refund_of_ours_hides_no_dispute(office: Office) -> None:
    charge = office.charge(5000)
    small = {"actions": [refund("c1", "10", claim="goodwill", quote="ten dollars")]}
    more = {"actions": [refund("c1", "12", claim="goodwill", quote="twelve dollars")]}
    office.planner.always = lambda case: more if "twelve" in case.asked() else small
    ticket = office.handle("I want ten dollars back for this, please.")
    (wait,) = waiting(office)
    approval.approve(office.desk, wait.id, wait.shown, LEAD)
    office.run()
    assert office.refunded() == {"usd": 1000}
    office.happens("stripe", "dispute", charge=charge, status="warning_needs_response")
    office.customer_answers(ticket, "And twelve dollars more, please.")
    assert waiting(office) == []
    assert "disput" in office.notes(ticket)[-1]


def test_an_approval_of_an_earlier_plan_is_no_order_to_go_on_with_a_later_one(office: Office) -> None:
    office.policy = load(POLICY.replace("mode: shadow", "mode: draft"))
    office.planner.always = lambda case: {"actions": [PHONE], "category": "contact_details"}
    ticket = office.handle(f"Hi, my new number is {NEW}.")
    (wait,) = waiting(office)
    approval.approve(office.desk, wait.id, wait.shown, AGENT)
    office.settle(hours=1)
    office.policy = load(POLICY.replace("mode: shadow", "mode: execute"))
    other = {**PHONE, "value": "+49 30 999888", "quote": "it is +49 30 999888"}
    office.planner.always = lambda case: {"actions": [other], "category": "contact_details"}
    with office.engine.begin() as c:
        c.exec_driver_sql("insert into switches (action, paused, by, at) values ('contact_change', true, 'Ana', now())")
    office.customer_answers(ticket, "Sorry, it is +49 30 999888.")
    office.at_desk("agent_sets", ticket=ticket, agent=AGENT_MAIL, assignee=AGENT_MAIL)
    with office.engine.begin() as c:
        c.exec_driver_sql("update switches set paused = false")
    office.settle(hours=2)
    contact = next(iter(office.salesforce.books()["contacts"].values()))
    assert contact["Phone"] == NEW
