"""What Salesforce's package tells of many cases, and what it tells nobody: none is lost, and none worked twice."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from agent.database import Database
from connectors.standin import Delivery
from tests.journeys.office import DANA, refund
from tests.journeys.told import ToldByTheOrg

TWICE = {"actions": [refund("c2", quote="please refund the second one")]}
ASKS = "I was charged twice for order 1042, please refund the second one."
LOADED = {"Description": ASKS, "SuppliedEmail": DANA, "SuppliedName": "Dana Customer"}
FATES = ({"times": 3}, {"delay": 150}, {}, {"crash": True}, {"times": 2}, {"delay": 45}, {})
"""Calls that come doubled, late and so in another order, or of which the org's job dies before it hears the answer."""


@pytest.fixture
def told(database: Database) -> Iterator[Callable[..., ToldByTheOrg]]:
    made: list[ToldByTheOrg] = []

    def make(**more: Any) -> ToldByTheOrg:
        made.append(ToldByTheOrg(database, lambda case: TWICE, **more))
        return made[-1]

    yield make
    for office in made:
        office.close()


def notes(office: ToldByTheOrg, cases: list[str]) -> Counter[int]:
    """How many cases have so many notes."""
    books = office.salesforce.books()["tickets"]
    return Counter(len(books[case]["notes"]) for case in cases)


def kept_events(office: ToldByTheOrg) -> Counter[int]:
    """How many cases were told of so often."""
    with office.engine.begin() as c:
        return Counter(c.exec_driver_sql("select count(*) from events where vendor = 'salesforce' "
                                         "group by ticket_ref").scalars())


def test_200_cases_of_one_load_are_each_told_once_and_worked_once_whatever_becomes_of_the_calls(
        told: Callable[..., ToldByTheOrg]) -> None:
    """Deskhand is away at first; later calls come doubled and disordered, and answers to them are lost.

    Web forms prove nothing of who wrote them, and there is no payment provider: each case is a person's.
    """
    office = told(without=("stripe", "salesforce"))
    chance, back = random.Random(6), office.clock() + timedelta(minutes=9)
    for n in range(70):
        office.at_desk("next_deliveries", **FATES[n % len(FATES)])
    cases = office.at_desk("bulk_cases", count=200, fields=LOADED)["cases"]

    def fate(delivery: Delivery, now: datetime) -> bool:
        return now >= back and chance.random() > 0.1

    office.lives(100, fate, chance)

    assert len(set(cases)) == 200
    assert notes(office, cases) == {1: 200}
    assert kept_events(office) == {1: 200}
    assert office.unsent() == 0
    assert {None, 200, 202} == set(office.statuses)
    assert len(office.script.cases) == 200
    assert office.caught_up().woken == 0


def test_a_call_that_somebody_else_took_is_made_up_for_by_the_next_look(told: Callable[..., ToldByTheOrg]) -> None:
    """The org believes that it has told us; which cases changed stands in their SystemModstamp."""
    office = told(without=("stripe", "salesforce"))
    for _ in range(20):
        office.at_desk("next_deliveries", lost=True)
    cases = office.at_desk("bulk_cases", count=20, fields=LOADED)["cases"]
    office.lives(3)
    assert (office.unsent(), notes(office, cases)) == (0, {0: 20})

    assert office.caught_up().woken == 20
    assert notes(office, cases) == {1: 20}
    assert office.caught_up().woken == 0
