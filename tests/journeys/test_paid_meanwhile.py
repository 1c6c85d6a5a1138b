"""A refund whose answer was lost is not sent again where its charge has been refunded otherwise since, or where it
needs by now what nobody was shown."""

from __future__ import annotations

from typing import Any

from agent.consent import approval
from agent.consent.waits import of_ticket
from agent.policy import load
from tests.journeys.conftest import on_both
from tests.journeys.office import POLICY, Office, execute, refund
from tests.journeys.test_consent import AGENT, LEAD
from tests.journeys.test_sent_again import holds

PART = {"actions": [refund("c1", "10", claim="goodwill", quote="ten dollars")]}


def approve(office: Office, ticket: int, by: Any) -> None:
    with office.engine.begin() as c:
        (wait,) = of_ticket(c, ticket, ("open",))
    approval.approve(office.desk, wait.id, wait.shown, by)
    office.run()


def a_part_is_lost(office: Office, asked: str = "agent") -> Any:
    """A favour of 10 of 40 that a colleague approved; it never arrives, and for an hour nothing can be looked up."""
    office.charge(4000)
    office.planner.always = lambda case: PART if "ten dollars" in case.asked() else {"nothing_asked": True}  # type: ignore[attr-defined]
    ticket = office.handle("I want ten dollars back for this, please.")
    office.fault("stripe", "timeout_before", "POST", "/refunds", times=2)
    office.fault("stripe", "500_before", "GET", "/v1/refunds", times=40)
    approve(office, 1, AGENT if asked == "agent" else LEAD)
    assert office.refunds() == []
    return ticket


def asks_once_more(office: Office) -> Any:
    return office.handle("Once more: I want ten dollars back for this, please.")


@on_both
def test_on_another_ticket(office: Office) -> None:
    a_part_is_lost(office)
    asks_once_more(office)
    office.clock.forward(seconds=5)
    office.doors["stripe"].faults.clear()
    approve(office, 2, LEAD)
    office.settle(hours=20)
    assert office.refunded() == {"usd": 1000}
    (held,) = holds(office)
    assert "of this charge was refunded" in held


@on_both
def test_on_another_ticket_where_that_one_is_lost_as_well(office: Office) -> None:
    """A lead has agreed to it there, and nobody but an agent here."""
    a_part_is_lost(office)
    asks_once_more(office)
    approve(office, 2, LEAD)
    office.settle(hours=20)
    assert office.refunded() == {"usd": 1000}
    assert len(holds(office)) == 1


def test_by_hand_and_that_one_failed(office: Office) -> None:
    """It does not stand, so nothing was paid."""
    a_part_is_lost(office)
    office.clock.forward(minutes=1)
    charge = office.stripe.books()["charges"][0]["id"]
    made = office.happens("stripe", "dashboard_refund", charge=charge, amount=500)["id"]
    office.happens("stripe", "fail_refund", refund=made)
    office.settle(hours=20)
    assert not any("by hand" in why for why in holds(office))


@on_both
def test_a_rule_that_the_colleague_was_not_shown(office: Office) -> None:
    a_part_is_lost(office, "lead")
    office.policy = load(execute(POLICY).replace("rules:\n", """rules:
  - id: counted
    actions: [refund]
    when: {claim: {is: [goodwill]}}
    then: approve by agent
    because: the till is being counted
""", 1))
    office.settle(hours=20)
    assert office.refunds() == []
    (held,) = holds(office)
    assert "another rule applies: the till is being counted" in held
