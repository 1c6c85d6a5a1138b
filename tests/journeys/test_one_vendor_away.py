"""One vendor is away for long: what was sent to another is settled and told, and nothing is begun on unread facts."""

from __future__ import annotations

from typing import Any

import pytest

from agent import held
from connectors.standin import Fault
from tests.journeys.office import Office, refund
from tests.journeys.test_consent import AGENT, approve, asks, small_needs_agent, waiting
from tests.journeys.test_undo import kept
from webhooks.inbox import About, keep_about

SECOND = refund("c2", quote="please refund the second one")


def answer_is_lost(office: Office, *actions: dict[str, Any], kind: str = "timeout_after", times: int = 1) -> Any:
    """The customer asks for these; the first refund is sent, and whether it was made is not known."""
    office.planner.always = lambda case: {"actions": list(actions)} if "charged twice" in case.asked() else {
        "nothing_asked": True}
    office.fault("stripe", kind, "POST", "/refunds", times=times)
    office.fault("stripe", "500_before", "GET", "/refunds", times=3)
    ticket = office.handle()
    assert "unknown" in states(office)
    return ticket


def states(office: Office) -> list[str]:
    return [one.state for one in kept(office, "refund")]


def crm_is_away(office: Office, kind: str = "500_before") -> None:
    office.doors["salesforce"].faults.append(Fault(kind, times=1_000_000))


def crm_is_back(office: Office) -> None:
    office.doors["salesforce"].faults.clear()


@pytest.mark.parametrize("kind", ["500_before", "auth_lost"])
def test_money_that_was_sent_is_found_at_once_and_told_soon(office: Office, kind: str) -> None:
    office.double_charge(600)
    ticket = answer_is_lost(office, SECOND)
    crm_is_away(office, kind)
    office.settle(step=60, hours=0.1)
    assert states(office) == ["done"]

    office.settle(step=60, hours=2)
    assert office.refunded() == {"usd": 600}
    assert "We have sent USD 6.00" in office.replies(ticket)[0]
    assert "Customer told: yes" in office.notes(ticket)[0]
    assert "Rule: " in office.notes(ticket)[0]
    assert "The CRM activity is not written, as the customer's contact could not be read" in office.notes(ticket)[0]
    assert office.states() == [("done", "")]


def test_money_that_is_not_found_for_a_day_is_held_and_told(office: Office) -> None:
    office.double_charge(600)
    ticket = answer_is_lost(office, SECOND, kind="timeout_before", times=1000)
    crm_is_away(office)
    office.settle(hours=40)
    with office.engine.begin() as c:
        assert len(held.held(c)) == 1
    assert "deskhand held resolve" in office.notes(ticket)[0]
    assert office.replies(ticket) == []


def test_what_was_not_sent_yet_is_not_sent_unread_and_a_person_reads_why(office: Office) -> None:
    for order in ("1042", "1043"):
        for ago in ("-2h", "-110m"):
            office.charge(600, ago=ago, order=order)
    both = [refund(one, quote="please refund") for one in ("c3", "c4")]
    ticket = answer_is_lost(office, *both)
    assert states(office) == ["unknown", "planned"]
    crm_is_away(office)
    office.settle(step=60, hours=2)
    crm_is_back(office)
    office.settle(step=60, hours=30)
    assert office.refunded() == {"usd": 600}
    assert "We have sent USD 6.00" in office.replies(ticket)[0]
    [note] = office.notes(ticket)
    assert "what the requester paid and what is kept of them could not be read: Salesforce: " in note
    assert "look at the customer's payments and details yourself, since Deskhand could not" in note
    assert office.states()[0][0] == "handed_over"


def test_who_was_asked_goes_on_being_asked(office: Office) -> None:
    office.double_charge(600)
    office.charge(900, order="7")
    ticket = answer_is_lost(office, SECOND, refund("c3", claim="goodwill", quote="money back"))
    office.settle(hours=0.01)
    crm_is_away(office)
    office.settle(step=60, hours=2)
    assert "We have sent USD 6.00" in office.replies(ticket)[0]
    assert office.states()[0][0] == "parked"
    crm_is_back(office)
    approve(office, AGENT)
    assert office.refunded() == {"usd": 1500}
    assert len(office.replies(ticket)) == 2


def test_what_somebody_agreed_to_waits_for_hours_and_is_done_then(office: Office) -> None:
    ticket = asks(office, 4700)
    crm_is_away(office)
    office.customer_answers(ticket, "YES")
    office.settle(hours=8)
    assert (office.refunds(), len(office.notes(ticket))) == ([], 1)
    crm_is_back(office)
    office.settle(hours=1)
    assert office.refunded() == {"usd": 4700}
    assert len(office.notes(ticket)) == 2


def test_what_somebody_agreed_to_is_for_a_person_after_a_day(office: Office) -> None:
    ticket = asks(office, 4700)
    crm_is_away(office)
    office.customer_answers(ticket, "YES")
    office.settle(hours=48)
    assert "what the requester paid and what is kept of them could not be read" in office.notes(ticket)[1]
    assert office.states()[0][0] == "handed_over"
    crm_is_back(office)
    office.customer_answers(ticket, "Thank you! Any news?")
    office.settle(hours=80)
    assert office.refunds() == []
    assert waiting(office, ("open", "given")) == []


def test_a_no_reaches_a_person_soon(office: Office) -> None:
    ticket = asks(office, 4700)
    crm_is_away(office)
    office.customer_answers(ticket, "No")
    office.settle(step=60, hours=1)
    assert "the customer said no" in office.notes(ticket)[-1]
    assert office.states()[0][0] == "handed_over"


def due_while_stripe_is_away(office: Office, kind: str = "500_before") -> Any:
    """A refund was made and told; a day later it is time to look at it again, and the charge cannot be read."""
    office.double_charge(600)
    office.planner.always = lambda case: {"actions": [SECOND]} if "charged twice" in case.asked() else {
        "unsure": "a person is asked for", "actions": []}
    ticket = office.handle()
    assert office.refunded() == {"usd": 600}
    office.settle(hours=1)
    office.clock.forward(days=1)
    office.fault("stripe", kind, times=1_000_000)
    return ticket


@pytest.mark.parametrize("kind", ["500_before", "auth_lost"])
def test_a_customer_is_heard_while_what_was_done_cannot_be_looked_at_again(office: Office, kind: str) -> None:
    ticket = due_while_stripe_is_away(office, kind)
    office.customer_answers(ticket, "I want to speak to a person.")
    office.settle(hours=2)
    assert len(office.notes(ticket)) == 2
    assert office.states()[0][0] == "handed_over"

    office.doors["stripe"].faults.clear()
    office.happens("stripe", "fail_refund", refund=office.refunds()[0]["id"])
    office.settle(hours=1)
    assert "failed after it had been sent" in office.notes(ticket)[2]


def test_a_look_that_cannot_be_had_is_tried_again_now_and_then(office: Office) -> None:
    due_while_stripe_is_away(office)
    office.sweep()
    before = len([call for call in office.calls() if "stripe GET" in call])
    office.settle(hours=10)
    looks = len([call for call in office.calls() if "stripe GET" in call]) - before
    assert 20 <= looks <= 150
    assert office.states() == [("done", "")]


def test_a_charge_that_is_not_there_any_more_is_told_once(office: Office) -> None:
    """As with another account, or another mode, behind the key."""
    office.double_charge(600)
    office.planner.always = lambda case: {"actions": [SECOND]} if "charged twice" in case.asked() else {
        "nothing_asked": True}
    ticket = office.handle()
    office.stripe.state.charges.pop(office.refunds()[0]["charge"])
    office.days_pass(12)
    [_, note] = office.notes(ticket)
    assert "does not read any more as it was made" in note
    assert office.states() == [("handed_over", "a refund cannot be found any more")]


def test_a_customer_is_heard_while_what_a_colleague_is_asked_about_cannot_be_looked_at(office: Office) -> None:
    """The payment provider told of the charge, and cannot be read now."""
    ticket = small_needs_agent(office)
    charge = office.stripe.books()["charges"][0]["id"]
    about = About(delivery_id="evt_1", kind="charge.updated", target=charge, vendor="stripe", account="",
                  occurred_at=office.clock(), sha256=b"\0" * 32)
    with office.engine.begin() as connection:
        keep_about(connection.connection.driver_connection, about, office.clock())  # type: ignore[arg-type]
    office.planner.always = lambda case: {"unsure": "a person is asked for"}
    office.fault("stripe", "500_before", times=1_000_000)
    office.run()
    office.customer_answers(ticket, "I want to speak to a person.")
    office.settle(hours=2)
    assert len(office.notes(ticket)) == 2
    assert office.states()[0][0] == "handed_over"
    assert waiting(office) == []
