"""Killed anywhere, the books end as without a crash: at every commit, and before and after every vendor call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.journeys.conftest import on_both
from tests.journeys.dying import Boundary, mortal, run_and_swept
from tests.journeys.office import Office, refund

LAST = 42
PLACES = [*(("zendesk", n) for n in range(1, LAST)), *(("salesforce", n) for n in range(1, LAST, 3))]
"""Of the second helpdesk a third: the engine's part is the same, and scripts/simulate kills it everywhere, too."""


def lived(make: Callable[..., Office], kill_at: int | None) -> tuple[Office, int, Boundary]:
    office = make()
    boundary = mortal(office, kill_at)
    office.double_charge()
    office.planner.always = lambda case: {"actions": [refund("c2", quote="please refund the second one")]} if any(
        m.new for m in case.messages) else {"nothing_asked": True}
    ticket = office.writes()
    office.event(ticket)
    run_and_swept(office, boundary)
    office.settle(step=60, hours=2)
    return office, ticket, boundary


def books(office: Office, ticket: int) -> dict[str, Any]:
    return {"refunded": office.refunded(), "refunds": len(office.refunds()), "notes": len(office.notes(ticket)),
            "replies": len(office.replies(ticket)), "activities": len(office.activities()),
            "state": office.states()}


RIGHT = {"refunded": {"usd": 1800}, "refunds": 1, "notes": 1, "replies": 1, "activities": 1, "state": [("done", "")]}


@on_both
def test_without_a_crash_the_books_are_right(an_office: Callable[..., Office]) -> None:
    office, ticket, boundary = lived(an_office, None)
    assert books(office, ticket) == RIGHT
    assert 20 < len(boundary.passed) < LAST


@pytest.mark.parametrize(("helpdesk", "kill_at"), PLACES, indirect=["helpdesk"])
def test_killed_at_any_boundary_the_books_are_the_same(an_office: Callable[..., Office], kill_at: int) -> None:
    office, ticket, boundary = lived(an_office, kill_at)
    if len(boundary.passed) < kill_at:
        assert books(office, ticket) == RIGHT
        return
    assert books(office, ticket) == RIGHT, f"killed {boundary.passed[-1]}"
