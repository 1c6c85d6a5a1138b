"""Killed anywhere between question, approval, yes and refund: each is asked once, and the refund is made once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from agent.consent import approval
from agent.consent.waits import CUSTOMER, Wait, of_ticket
from tests.journeys.conftest import on_both
from tests.journeys.dying import Boundary, mortal, survived
from tests.journeys.office import Office
from tests.journeys.test_consent import LEAD, TWICE

LAST = 115
KILLS = [*(("zendesk", n) for n in range(1, LAST, 6)), *(("salesforce", n) for n in range(4, LAST, 6))]
"""Every sixth place with each, in turn; scripts/simulate kills such a life at every one."""


def lived(make: Callable[..., Office], kill_at: int | None) -> tuple[Office, int, Boundary]:
    """180.00 charged twice: a lead approves, the customer says yes, it is refunded; a killed pass is taken up again."""
    office = make()
    boundary = mortal(office, kill_at)
    office.double_charge(18000)
    office.planner.always = lambda case: (  # type: ignore[attr-defined]
        TWICE if "charged twice" in case.asked() else {"nothing_asked": True})
    ticket = office.writes()
    office.event(ticket)
    run(office, boundary)
    for wait in waiting(office):
        approval.approve(office.desk, wait.id, wait.shown, LEAD)
    run(office, boundary)
    office.clock.forward(minutes=5)
    office.writes("Yes", ticket=ticket)
    office.event(ticket)
    run(office, boundary)
    office.settle(step=60, hours=1)
    return office, ticket, boundary


def run(office: Office, boundary: Boundary) -> None:
    survived(office, boundary)
    for _ in range(4):
        office.clock.forward(seconds=40)
        office.sweep()
        office.run()


def waiting(office: Office) -> list[Wait]:
    with office.engine.begin() as c:
        return [wait for wait in of_ticket(c, 1, ("open",)) if wait.for_whom != CUSTOMER]


@on_both
def test_without_a_crash_two_replies_and_three_notes(an_office: Callable[..., Office]) -> None:
    office, ticket, boundary = lived(an_office, None)
    assert office.refunded() == {"usd": 18000}
    assert len(office.replies(ticket)) == 2
    assert len(office.notes(ticket)) == 3
    assert 60 < len(boundary.passed) < LAST


@pytest.mark.parametrize(("helpdesk", "kill_at"), KILLS, indirect=["helpdesk"])
def test_killed_at_any_boundary_the_customer_is_asked_and_refunded_once(an_office: Callable[..., Office],
                                                                        kill_at: int) -> None:
    office, ticket, boundary = lived(an_office, kill_at)
    where = boundary.passed[-1] if len(boundary.passed) == kill_at else "nowhere"
    assert office.refunded() == {"usd": 18000}, where
    assert len(office.refunds()) == 1, where
    assert len(office.replies(ticket)) == 2, where
    assert max(Counter(office.notes(ticket)).values()) == 1, where
    assert len(office.notes(ticket)) == 3, where
