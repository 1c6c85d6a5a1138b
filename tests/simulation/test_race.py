"""The small race; `scripts/simulate --race` is the whole one."""

from __future__ import annotations

from agent.database import Database
from tests.simulation.race import CUSTOMER_DAY, CUSTOMER_MONTH, QUICK, a_storm, raced


def test_two_tickets_and_a_person_at_each_charge_at_once_pay_no_cent_too_much_and_nearly_all_that_was_allowed(
        database: Database) -> None:
    figures = raced(database, QUICK)
    assert figures.ok, figures.as_json()


def test_a_cent_over_a_charge_or_a_limit_is_seen(database: Database) -> None:
    """The counting can fail."""
    with a_storm(database, QUICK) as storm:
        theirs = [one for one in storm.charges.values() if one.who == 0 and one.day == 0]
        for one in theirs:
            storm.office.happens("stripe", "dashboard_refund", charge=one.id, amount=one.amount,
                                 metadata={"op_id": f"op-{one.id}"})
        assert storm.over_a_limit()["customer's day"] == sum(one.amount for one in theirs) - CUSTOMER_DAY > 0
        assert (storm.over_the_charge(), storm.over_what_was_asked()) == (0, 0)
        theirs[0].amount -= 1
        assert storm.over_what_was_asked() == 1


def test_a_part_that_deskhand_refunds_twice_is_seen(database: Database) -> None:
    """Stripe lets it pass: there is enough left on the charge."""
    with a_storm(database, QUICK) as storm:
        one = next(one for one in storm.charges.values() if one.part)
        for n in range(2):
            storm.office.happens("stripe", "dashboard_refund", charge=one.id, amount=one.amount,
                                 metadata={"op_id": f"op-{n}"})
        assert (storm.over_the_charge(), storm.over_what_was_asked()) == (0, one.amount)


def test_what_had_room_and_was_not_paid_is_seen(database: Database) -> None:
    with a_storm(database, QUICK) as storm:
        lying, without_room = storm.left_lying()
        assert lying > 0.9 * CUSTOMER_MONTH
        assert without_room > 0
