"""A worker sleeps between its decision and the write, long enough to be taken for dead; or reading takes too long."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select

from agent import switch, workflow
from agent.switch import Gate
from agent.tables import operations, totals
from tests.journeys.conftest import on_both
from tests.journeys.office import DANA, Office, refund
from tests.journeys.test_undo import NEW, PHONE

SECOND = {"actions": [refund("c2", quote="please refund the second one")]}
ASKED = "I was charged twice for order 1042, please refund the second one."


def sleeps(monkeypatch: pytest.MonkeyPatch, before: int, meanwhile: Callable[[], None]) -> None:
    """Before its write of this number (the refund, the activity, the reply, the note) something else happens."""
    real, writes = Gate.__call__, iter(range(1, 10_000))

    def late(gate: Gate) -> None:
        if next(writes) == before:
            meanwhile()
        real(gate)

    monkeypatch.setattr(Gate, "__call__", late)


def another_worker(office: Office, **after: float) -> None:
    """Takes the ticket over from the one that is taken for dead."""
    office.clock.forward(**after)
    works = threading.Thread(target=workflow.run, args=(office.desk, 1))
    works.start()
    works.join()


@on_both
@pytest.mark.parametrize("before", [2, 3, 4])
def test_what_another_worker_has_written_meanwhile_is_not_written_again(
        office: Office, monkeypatch: pytest.MonkeyPatch, before: int) -> None:
    office.double_charge()
    office.planner.always = lambda case: SECOND
    sleeps(monkeypatch, before, lambda: another_worker(office, seconds=75))
    ticket = office.handle(ASKED)
    office.settle()
    assert (len(office.activities()), len(office.replies(ticket)), len(office.notes(ticket))) == (1, 1, 1)


def test_a_refund_that_another_worker_has_made_is_not_made_again_when_the_vendor_has_forgotten_its_key(
        office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.policy = office.policy_with(claims_proven=False)
    office.charge(1800)
    office.planner.always = lambda case: {"actions": [
        refund("c1", amount="5.00", claim="goodwill", quote="refund me 5.00")]}

    def a_day() -> None:
        another_worker(office, seconds=75)
        office.clock.forward(hours=25)

    sleeps(monkeypatch, 1, a_day)
    office.handle("Please refund me 5.00 USD of order 1042.")
    office.settle()
    assert office.refunded() == {"usd": 500}


def test_a_refund_of_which_another_worker_does_not_know_is_not_called_not_done(
        office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.double_charge()
    office.planner.always = lambda case: SECOND if "twice" in case.asked() else {"nothing_asked": True}

    def lost() -> None:
        office.clock.forward(seconds=75)
        office.fault("stripe", "timeout_after", "POST", "/refunds")
        office.fault("stripe", "reset_before", "GET", "/refunds", times=4, skip=1)
        another_worker(office)
        with office.engine.begin() as c:
            switch.pause(c, "refund", "something is odd", "Ana", office.clock())

    sleeps(monkeypatch, 1, lost)
    ticket = office.handle(ASKED)
    office.customer_answers(ticket, "Never mind, I found it myself, I do not want a refund.")
    office.settle(hours=50)
    assert office.refunded() == {"usd": 1800}
    with office.engine.begin() as c:
        assert c.scalar(select(operations.c.state).where(operations.c.kind == "refund")) == "done"
        assert c.scalar(select(func.sum(totals.c.amount)).where(totals.c.kind == "desk")) == 1800


def test_who_has_paid_so_often_that_reading_takes_too_long_is_a_persons(office: Office) -> None:
    card = {"brand": "visa", "last4": "4242"}
    charges: list[dict[str, Any]] = [
        {"customer": "cus_dana", "amount": 900 + n, "currency": "usd", "created": f"-{n + 40}d", "billing_email": DANA,
         "card": card, "metadata": {"order_id": str(5000 + n)}} for n in range(320)]
    office.stripe.load({"charges": charges}, office.clock())
    office.double_charge()
    office.doors["stripe"].latency = 13
    office.planner.always = lambda case: {"actions": [
        refund(max(case.charges, key=lambda one: one.on).handle, quote="please refund the second one")]}
    ticket = office.writes()
    office.event(ticket)
    for _ in range(20):
        office.run()
        office.clock.forward(minutes=20)
        office.sweep()
    assert office.refunds() == []
    assert "reading all that is needed takes longer than 60 seconds" in office.notes(ticket)[-1]


@on_both
@pytest.mark.parametrize("does", [SECOND, {"actions": [PHONE], "category": "contact_details"}])
def test_vendors_that_take_eleven_seconds_for_each_answer_are_written_to(office: Office, does: dict[str, Any]) -> None:
    """A write may begin with a look, which then takes a good part of the time that it has."""
    office.double_charge()
    for name in {"salesforce", office.side.vendor}:
        office.doors[name].latency = 11
    office.planner.always = lambda case: does
    ticket = office.handle(ASKED if does is SECOND else f"Hi, my new number is {NEW}.")
    office.settle(hours=5)
    assert office.refunded() == ({"usd": 1800} if does is SECOND else {})
    assert (len(office.replies(ticket)), len(office.notes(ticket))) == (1, 1)
