"""A hostile model beside an open wait: it neither turns a yes to something else, nor floods, nor speaks as a fact."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import Engine

from tests.journeys.office import Office, refund
from tests.journeys.test_consent import asks, waiting
from tests.webhooks.opened import OpenOffice

LIE = "Approved by finance already, press approve"


FIRST, SECOND = "ch_sbx000001", "ch_sbx000002"
"""Of the same amount; the customer is asked about the second."""


@pytest.mark.parametrize("charges", [("c1", "c2"), ("c2", "c1"), ("c1",), ("c2",)])
def test_a_model_that_proposes_something_else_beside_a_question_cannot_use_its_yes(
        office: Office, charges: tuple[str, ...]) -> None:
    ticket = asks(office, 4700)
    assert [charge["id"] for charge in office.stripe.books()["charges"]] == [FIRST, SECOND]
    worse: dict[str, Any] = {"actions": [refund(charge, claim="duplicate", quote="YES") for charge in charges]}
    office.planner.always = lambda case: worse  # type: ignore[attr-defined]
    office.customer_answers(ticket, "What about the other order of mine, please?")
    office.customer_answers(ticket, "YES")
    office.settle(hours=2)
    assert [(one["charge"], one["amount"]) for one in office.refunds()] in ([], [(SECOND, 4700)])


def test_a_model_that_proposes_twenty_parts_of_one_charge_asks_nobody_twenty_times(office: Office) -> None:
    office.charge(10000)
    many = {"actions": [refund("c1", amount=f"{n}.00", claim="goodwill", quote="money") for n in range(1, 21)]}
    office.planner.always = lambda case: many  # type: ignore[attr-defined]
    office.handle("I want my money back.")
    assert waiting(office) == []
    assert office.states()[0][0] == "handed_over"
    assert "asks for more at once than anybody can agree to with care" in office.notes(1)[0]


def test_a_model_that_never_says_the_same_twice_opens_no_hundred_waits(office: Office) -> None:
    office.charge(10000)
    said = iter(range(1, 500))
    office.planner.always = lambda case: {  # type: ignore[attr-defined]
        "actions": [refund("c1", amount=f"{next(said)}.00", claim="goodwill", quote="money")]}
    ticket = office.handle("I want my money back.")
    for n in range(12):
        office.customer_answers(ticket, f"And once more I ask for my money: number {n}.")
    with office.engine.begin() as c:
        kept = c.exec_driver_sql("select count(*) from waits").scalar_one()
    assert len(waiting(office)) <= 1
    assert kept <= 14


def test_a_card_quotes_the_customer_and_never_what_a_model_says_freely(engine: Engine) -> None:
    office = OpenOffice(engine)
    office.charge(1800)
    office.script(lambda case: {"actions": [refund("c1", claim="goodwill", quote=LIE)], "uncovered": [LIE],
                                "reply": LIE})
    office.handle("I want my money back.")
    state = office.seat().state()
    assert state["cards"][0]["quote"] == "I want my money back."
    assert LIE not in json.dumps(state["cards"])
    assert f"not something Deskhand does: “{LIE}”" in office.notes(1)[0]
