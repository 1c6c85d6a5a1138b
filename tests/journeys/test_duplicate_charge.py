"""The main journey: charged twice, refunded once, told truthfully."""

from tests.journeys.conftest import on_both
from tests.journeys.office import Office, refund

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
