"""A customer's no to one thing that was asked is read by a person before anything else of that plan is begun, or begun
once more."""

from __future__ import annotations

from typing import Any

import pytest

from agent.consent import approval
from tests.journeys.conftest import on_both
from tests.journeys.office import Office, refund
from tests.journeys.test_consent import LEAD, waiting
from tests.journeys.test_consent_attacked import paused
from tests.journeys.test_sent_again import holds

CALLED_OFF = ["No, stop, please do not refund it!", "No", "person"]


def lost_on_its_way(office: Office) -> None:
    """The request never arrives, and afterwards nothing can be looked up for a while."""
    office.fault("stripe", "timeout_before", "POST", "/refunds", times=2)
    office.fault("stripe", "500_before", "GET", "/refunds", times=40)


def turned_away(office: Office) -> None:
    office.fault("stripe", "429", "POST", "/refunds", times=3, params={"retry_after": 3600})


def both_on_their_yes(office: Office) -> Any:
    """Two refunds are asked about in one message."""
    office.double_charge(4700)
    office.double_charge(6000)
    both = {"actions": [refund(one, quote="refund the second ones") for one in ("c3", "c4")]}
    office.planner.always = lambda case: both if "charged twice" in case.asked() else {"nothing_asked": True}  # type: ignore[attr-defined]
    ticket = office.handle("I was charged twice for both orders, please refund the second ones.")
    assert len(waiting(office)) == 2
    return ticket


def one_on_a_colleagues(office: Office) -> Any:
    """A favour that a colleague alone agrees to, and a refund that the customer is asked about."""
    office.double_charge(4700)
    office.charge(1800, order="1043")
    both = {"actions": [refund("c3", claim="goodwill", quote="a favour"), refund("c2", quote="refund the second one")]}
    office.planner.always = lambda case: both if "charged twice" in case.asked() else {"nothing_asked": True}  # type: ignore[attr-defined]
    ticket = office.handle("I was charged twice, please refund the second one. And the other one as a favour.")
    assert sorted(wait.for_whom for wait in waiting(office)) == ["agent", "customer"]
    return ticket


def approved(office: Office) -> None:
    (wait,) = [wait for wait in waiting(office) if wait.for_whom == "agent"]
    approval.approve(office.desk, wait.id, wait.shown, LEAD)
    office.run()


@on_both
@pytest.mark.parametrize("words", CALLED_OFF)
def test_what_was_lost_is_not_sent_again_where_both_were_agreed_to(office: Office, words: str) -> None:
    ticket = both_on_their_yes(office)
    lost_on_its_way(office)
    office.customer_answers(ticket, "YES")
    assert [wait.state for wait in waiting(office, ("given", "used"))] == ["used", "given"]
    office.customer_answers(ticket, words)
    office.settle(hours=20)
    assert office.refunds() == []
    (held,) = holds(office)
    assert "the customer has called it off" in held
    assert "NOT known" in office.notes(ticket)[-1]


@on_both
@pytest.mark.parametrize("words", [*CALLED_OFF, "yes but only if it is quick"])
def test_what_was_lost_is_not_sent_again_where_the_other_is_asked_about(office: Office, words: str) -> None:
    ticket = one_on_a_colleagues(office)
    lost_on_its_way(office)
    approved(office)
    office.customer_answers(ticket, words)
    office.settle(hours=20)
    assert office.refunds() == []
    (held,) = holds(office)
    assert "the customer has called it off" in held


@on_both
@pytest.mark.parametrize("words", ["YES", "Thank you!"])
def test_a_yes_to_the_other_calls_nothing_off(office: Office, words: str) -> None:
    ticket = one_on_a_colleagues(office)
    lost_on_its_way(office)
    approved(office)
    office.customer_answers(ticket, words)
    office.settle(hours=20)
    assert office.refunded() == {"usd": 6500 if words == "YES" else 1800}
    assert holds(office) == []


@on_both
@pytest.mark.parametrize("words", ["No, please refund nothing.", "person"])
@pytest.mark.parametrize("waits_for", ["the vendor", "a resume"])
def test_what_was_not_begun_is_not_begun(office: Office, words: str, waits_for: str) -> None:
    ticket = one_on_a_colleagues(office)
    if waits_for == "the vendor":
        turned_away(office)
    else:
        paused(office, on=True)
    approved(office)
    office.customer_answers(ticket, words)
    paused(office, on=False)
    office.settle(hours=20)
    assert office.refunds() == []
    note = office.notes(ticket)[-1]
    assert note.startswith("Deskhand hands this over to you.")
    assert "refund USD 18.00" in note
    assert ("the customer said no" if words != "person" else "the customer asks for a person") in note
    assert office.states()[0][0] == "handed_over"


@on_both
@pytest.mark.parametrize("words", CALLED_OFF)
def test_what_needed_nobodys_yes_and_only_waits_is_not_begun_either(office: Office, words: str) -> None:
    office.double_charge(4700)
    office.double_charge(1800)
    asks = {"refund the large one": refund("c3", quote="refund the large one"),
            "refund the small one": refund("c4", quote="refund the small one")}
    office.planner.always = lambda case: {"actions": [one for quote, one in asks.items() if quote in case.asked()]}  # type: ignore[attr-defined]
    ticket = office.handle("I was charged twice, please refund the large one.")
    turned_away(office)
    office.customer_answers(ticket, "Once more: refund the large one, and also refund the small one.")
    office.customer_answers(ticket, words)
    office.settle(hours=20)
    assert office.refunds() == []
    note = office.notes(ticket)[-1]
    assert "the customer wrote again before it was done" in note
    assert "read what the customer wrote since" in note
    assert f"“{words}”" in note
    assert office.states()[0][0] == "handed_over"
