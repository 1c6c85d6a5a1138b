"""The main journey: charged twice, refunded once, told truthfully."""

from tests.journeys.conftest import on_both
from tests.journeys.office import Office, refund
from tests.journeys.test_consent import waiting

pytestmark = on_both


def test_a_proven_duplicate_is_refunded_once_and_told(office: Office) -> None:
    _, second = office.double_charge(1800)
    office.planner.next = [{"actions": [refund("c2", quote="please refund the second one")]}]
    ticket = office.handle()

    assert [(r["charge"], r["amount"]) for r in office.refunds()] == [(second, 1800)]
    assert office.refunded() == {"usd": 1800}
    assert len(office.replies(ticket)) == 1
    assert "USD 18.00 back to your Visa ending in 4242" in office.replies(ticket)[0]
    assert len(office.notes(ticket)) == 1
    assert len(office.activities()) == 1
    assert office.states() == [("done", "")]


CHARGED_TWICE = {"actions": [refund("c2", quote="charged twice")]}


def test_the_same_bought_twice_is_a_colleagues_to_look_at(office: Office) -> None:
    for ago in ("-20h", "-10h"):
        office.charge(2400, ago=ago, order=None, description="Online purchase")
    office.planner.always = lambda case: CHARGED_TWICE
    ticket = office.handle("I was charged twice, please refund.")
    assert office.refunds() == []
    assert "could not be checked" in office.notes(ticket)[0]
    assert [wait.for_whom for wait in waiting(office)] == ["agent"]


def test_one_order_split_between_two_cards_is_a_colleagues_to_look_at(office: Office) -> None:
    for ago, card in (("-2h", ("visa", "4242")), ("-119m", ("mastercard", "5555"))):
        office.charge(2400, ago=ago, card=dict(zip(("brand", "last4"), card, strict=True)))
    office.planner.always = lambda case: CHARGED_TWICE
    office.handle("I was charged twice, please refund.")
    assert office.refunds() == []
    assert [wait.for_whom for wait in waiting(office)] == ["agent"]
