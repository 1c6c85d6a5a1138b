"""The small race; `scripts/simulate --race` is the whole one."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from functools import reduce
from typing import Any

import pytest

from agent.database import Database
from tests.journeys.office import without_rule
from tests.simulation import race
from tests.simulation.race import CUSTOMER_DAY, CUSTOMER_MONTH, QUICK, Size, a_storm, raced, the_policy, wrongly_told


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


def test_without_the_rule_that_stops_the_second_ticket_the_race_fails(
        database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """And only what was asked tells: Stripe never gives back more than was paid."""
    def lax(size: Size) -> str:
        rules = ("same-again", "customer-day-budget", "customer-month-budget", "desk-day-budget")
        return reduce(without_rule, rules, the_policy(size))

    monkeypatch.setattr(race, "the_policy", lax)
    reached = {line.name: line.reached for line in raced(database, QUICK).lines}
    assert reached["cents by Deskhand over what was asked"] != 0
    assert reached["cents over a charge"] == 0


def test_what_had_room_and_was_not_paid_is_seen(database: Database) -> None:
    with a_storm(database, QUICK) as storm:
        lying, without_room = storm.left_lying()
        assert lying > 0.9 * CUSTOMER_MONTH
        assert without_room > 0


def told(amount: str, refund: str, charge: str) -> dict[str, Any]:
    return {"notes": [{"body": f"Deskhand: refunded USD {amount} to Visa ending in 4242 ({refund}, succeeded, charge "
                               f"{charge})"}],
            "replies": [{"body": f"Hello, We have sent USD {amount} back to your Visa ending in 4242."}]}


ASKING = {"1": "ch_1", "2": "ch_1", "3": "ch_3"}
OURS = [{"id": "re_1", "charge": "ch_1", "amount": 531}, {"id": "re_3", "charge": "ch_3", "amount": 604}]
TOLD = {"1": told("5.31", "re_1", "ch_1"), "3": told("6.04", "re_3", "ch_3"),
        "2": {"notes": [{"body": "Deskhand hands this over to you."}], "replies": []}}


def test_what_is_told_once_where_it_was_asked_for_is_right() -> None:
    assert wrongly_told(TOLD, OURS, ASKING) == []


def exchanged(what: str) -> Callable[[dict[str, Any]], None]:
    def exchange(books: dict[str, Any]) -> None:
        books["1"][what], books["3"][what] = books["3"][what], books["1"][what]

    return exchange


@pytest.mark.parametrize("wrong", [
    exchanged("notes"), exchanged("replies"),
    lambda books: books["1"]["notes"].clear(), lambda books: books["1"]["replies"].clear(),
    lambda books: books.update({"2": books["1"]}), lambda books: books["3"]["replies"].extend(books["3"]["replies"]),
    lambda books: books.update({"3": told("6.04", "re_9", "ch_3")}),
    lambda books: books.update({"3": told("6.03", "re_3", "ch_3")})])
def test_what_is_told_to_another_twice_or_not_is_seen(wrong: Callable[[dict[str, Any]], None]) -> None:
    books = deepcopy(TOLD)
    wrong(books)
    assert wrongly_told(books, OURS, ASKING)
