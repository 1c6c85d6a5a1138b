"""A yes whose one operation was not begun after all counts for exactly what it was given for, or not at all."""

from __future__ import annotations

from typing import Any

from agent.consent import approval, taking_over
from agent.policy import load
from tests.journeys.conftest import on_both
from tests.journeys.office import POLICY, Office, refund
from tests.journeys.test_consent import AGENT, LEAD, waiting
from tests.journeys.test_undo import NEW, PHONE

GOODWILL = {"actions": [refund("c1", claim="goodwill", quote="money back")]}


def approved_while_stripe_is_busy(office: Office, said: Any = GOODWILL) -> Any:
    """A lead approves a refund that nobody else must agree to, and the payment provider takes no more requests."""
    office.planner.always = lambda case: said if "money back" in case.asked() else {"nothing_asked": True}
    ticket = office.handle("I want my money back, please.")
    office.fault("stripe", "429", "POST", "/refunds", times=3, params={"retry_after": 600})
    (wait,) = waiting(office)
    approval.approve(office.desk, wait.id, wait.shown, LEAD)
    office.run()
    assert waiting(office, ("used",)) == []
    return ticket


def test_a_refund_by_hand_meanwhile_ends_it(office: Office) -> None:
    charge = office.charge(2000)
    approved_while_stripe_is_busy(office)
    office.happens("stripe", "dashboard_refund", charge=charge, amount=1000)
    office.settle(hours=3)
    assert office.refunded() == {"usd": 1000}


def test_more_than_was_agreed_to_is_asked_for_again(office: Office) -> None:
    charge = office.charge(2000)
    by_hand = office.happens("stripe", "dashboard_refund", charge=charge, amount=1000)
    approved_while_stripe_is_busy(office)
    office.happens("stripe", "fail_refund", refund=by_hand["id"])
    office.settle(hours=3)
    assert office.refunded() == {}
    assert [wait.for_whom for wait in waiting(office)] == ["agent"]


@on_both
def test_a_colleague_who_takes_over_takes_it_back(office: Office) -> None:
    office.charge(2000)
    ticket = approved_while_stripe_is_busy(office)
    office.clock.forward(minutes=1)
    taking_over.take_over(office.desk, office.ref(ticket), AGENT)
    office.settle(hours=1)
    taking_over.give_back(office.desk, office.ref(ticket), AGENT)
    office.settle(hours=3)
    assert office.refunds() == []


@on_both
def test_a_value_that_a_colleague_wrote_meanwhile_is_not_written_over(office: Office) -> None:
    office.policy = load(POLICY.replace("mode: shadow", "mode: draft"))
    office.planner.always = lambda case: {"actions": [PHONE], "category": "contact_details"}
    office.handle(f"Hi, my new number is {NEW}.")
    contact = next(iter(office.salesforce.books()["contacts"]))
    office.fault("salesforce", "human_between", "POST", "/composite", skip=0,
                 params={"id": contact, "fields": {"Phone": "+49 30 555"}, "by": "Mia"}, body="7654321")
    (wait,) = waiting(office)
    approval.approve(office.desk, wait.id, wait.shown, AGENT)
    office.settle(hours=3)
    assert office.salesforce.books()["contacts"][contact]["Phone"] == "+49 30 555"
    assert [wait.for_whom for wait in waiting(office)] == ["agent"]
