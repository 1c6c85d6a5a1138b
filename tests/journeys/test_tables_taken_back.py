"""Tables go back to an earlier revision and up again, in the middle of the work: no money moves twice or unasked."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from agent import switch
from agent.consent import approval
from agent.consent.approval import Colleague
from agent.consent.waits import of_ticket
from agent.database import Database, downgrade, revisions, upgrade
from tests.journeys.office import Office, refund

EARLIER = list(revisions())[:-1]
LEAD = Colleague("77", "Lena Lead", "lead")
TWICE = {"actions": [refund("c2", quote="please refund the second one")]}


@pytest.fixture
def office(own_database: Database) -> Office:
    made = Office(own_database.engine)
    made.planner.always = (  # type: ignore[attr-defined]
        lambda case: TWICE if "charged twice" in case.asked() else {"nothing_asked": True})
    return made


def back_and_up(office: Office, earlier: str) -> None:
    office.engine.dispose()
    downgrade(office.engine, earlier)
    upgrade(office.engine)
    office.engine.dispose()


def approve(office: Office, amount: int | None = None) -> None:
    with office.engine.begin() as c:
        (wait,) = of_ticket(c, 1, ("open",))
    approval.approve(office.desk, wait.id, wait.shown, LEAD, amount)


def pause(office: Office) -> None:
    with office.engine.begin() as c:
        switch.pause(c, "refund", "a look first", "Lea", office.clock())


def resume(office: Office, ticket: int) -> None:
    """Whatever became of the pause, and whatever is told anew."""
    switch.resume(office.engine, "refund", "Lea", office.clock())
    office.event(ticket)
    office.settle(hours=100)


@pytest.mark.parametrize("earlier", EARLIER)
def test_of_what_a_colleague_lowered_not_more_is_paid(office: Office, earlier: str) -> None:
    office.double_charge(18000)
    ticket = office.handle()
    pause(office)
    approve(office, 4000)
    office.run()
    office.customer_answers(ticket, "YES")
    assert office.refunds() == []
    back_and_up(office, earlier)
    resume(office, ticket)
    assert sum(one["amount"] for one in office.refunds()) in (0, 4000)


@pytest.mark.parametrize("earlier", EARLIER)
def test_what_nobody_has_said_yes_to_is_not_paid(office: Office, earlier: str) -> None:
    office.double_charge(18000)
    ticket = office.handle()
    back_and_up(office, earlier)
    resume(office, ticket)
    assert office.refunds() == []


@pytest.mark.parametrize("earlier", EARLIER)
def test_what_was_done_is_not_done_again(office: Office, earlier: str) -> None:
    office.double_charge(1800)
    ticket = office.handle()
    office.settle()
    stood = office.refunds(), office.replies(ticket)
    assert len(stood[0]) == 1
    back_and_up(office, earlier)
    resume(office, ticket)
    assert (office.refunds(), office.replies(ticket)) == stood


@pytest.mark.parametrize("earlier", EARLIER)
def test_what_was_sent_without_an_answer_is_looked_up(office: Office, earlier: str) -> None:
    office.fault("stripe", "timeout_after", "POST", "^/v1/refunds$")
    office.fault("stripe", "500_before", "GET", "^/v1/refunds", times=20)
    office.double_charge(1800)
    ticket = office.handle()
    with office.engine.begin() as c:
        assert c.execute(text("select state from operations where kind = 'refund'")).scalar_one() in ("sent", "unknown")
    office.doors["stripe"].faults.clear()
    back_and_up(office, earlier)
    resume(office, ticket)
    assert [one["amount"] for one in office.refunds()] == [1800]
