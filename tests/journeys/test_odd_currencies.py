"""One payment in a currency that Deskhand does not count in: it is shown and named, a person does what is asked of it,
and what is asked of other payments goes its way."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from rich.console import Console
from sqlalchemy import Engine

from agent.audit.month import Month
from agent.audit.sides import both_sides
from agent.planner import RulesPlanner
from agent.report.page import page
from scripts.report import read_past, show
from tests.journeys.office import refund
from tests.journeys.test_reconciled import UTC_ZONE
from tests.journeys.test_refunded_by_hand import told
from tests.webhooks.opened import LEO, OpenOffice

SECOND = {"actions": [refund("c3", quote="please refund the second one")]}
OLDER = {"actions": [refund("c1", claim="not_received", quote="the parcel never came")]}
NOT_COUNTED = "Deskhand does not count in UGX, in which ch_sbx000001 was paid"


@pytest.fixture
def office(engine: Engine) -> OpenOffice:
    made = OpenOffice(engine)
    made.charge(500000, ago="-40d", order="77", currency="ugx")
    return made


@pytest.mark.parametrize("currency", ["ugx", "isk", "huf", "kwd", "jpy", "xxq"])
def test_the_refund_of_another_payment_is_done(engine: Engine, currency: str) -> None:
    office = OpenOffice(engine)
    office.charge(500000, ago="-40d", order="77", currency=currency)
    office.double_charge()
    office.script(lambda _: SECOND)
    ticket = office.handle()
    office.settle()
    assert (office.refunded(), office.states()) == ({"usd": 1800}, [("done", "")])
    assert len(office.replies(ticket)) == 1


def test_what_is_asked_of_it_is_a_persons_who_reads_why(office: OpenOffice) -> None:
    office.double_charge()
    office.script(lambda _: OLDER)
    ticket = office.handle("For order 77 the parcel never came, please refund it.")
    office.settle()
    assert (office.refunds(), office.states()) == ([], [("handed_over", "")])
    [note] = office.notes(ticket)
    assert f"Why it stopped: {NOT_COUNTED}. Nothing was changed" in note
    assert "UGX 500000 (minor units)" in note
    assert office.seat(LEO).state()["status"] == "handed_over"


@pytest.mark.parametrize("amount", [None, "5000.00"])
def test_no_amount_of_it_is_believed(office: OpenOffice, amount: str | None) -> None:
    office.script(lambda _: {"actions": [refund("c1", amount, "goodwill", "a bit of it back")]})
    ticket = office.handle("I would like a bit of it back.")
    assert NOT_COUNTED in office.notes(ticket)[0]


def test_where_its_refund_is_nobody_tells_the_customer_in_an_amount_that_may_be_wrong(office: OpenOffice) -> None:
    office.happens("stripe", "dashboard_refund", charge="ch_sbx000001", amount=200000)
    office.script(lambda _: {"actions": [{"kind": "status_answer", "charge": "c1", "quote": "where is my money"}]})
    ticket = office.handle("Where is my money?")
    office.settle()
    assert office.replies(ticket) == []
    assert NOT_COUNTED in office.notes(ticket)[0]


def test_the_planner_without_a_model_reads_beside_it(engine: Engine) -> None:
    office = OpenOffice(engine, planner=RulesPlanner())
    office.charge(500000, ago="-40d", order="77", currency="ugx", refunds=[{"amount": 1000, "created": "-1d"}])
    office.double_charge()
    office.handle()
    office.settle()
    assert office.refunded()["usd"] == 1800


def test_it_is_refunded_by_hand_while_a_colleague_is_asked_about_another(office: OpenOffice) -> None:
    office.double_charge(18000)
    office.script(lambda _: SECOND)
    office.handle()
    office.clock.forward(minutes=10)
    office.happens("stripe", "dashboard_refund", charge="ch_sbx000001", amount=200000)
    told(office, charge="ch_sbx000001")
    office.run()
    assert office.seat(LEO).card()["wait"]


def test_the_books_of_the_month_and_the_report_name_it(office: OpenOffice) -> None:
    office.script(lambda _: OLDER)
    office.handle("For order 77 the parcel never came, please refund it.")
    office.happens("stripe", "dashboard_refund", charge="ch_sbx000001", amount=200000)
    made = both_sides(office.desk, Month(2026, 11, UTC_ZONE))
    assert {code: one.provider.amount for code, one in made.totals().items()} == {"UGX": 200000}
    since = office.clock() - timedelta(days=1)
    office.clock.forward(days=1)
    report, shown = read_past(office.desk, office.policy, "policy.yaml", since, 60), Console(file=StringIO(), width=200)
    show(report, shown)
    assert "UGX 200000 (minor units)" in shown.file.getvalue() + page(report)  # type: ignore[attr-defined]
