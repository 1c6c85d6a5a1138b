"""Killed anywhere, the books end as without a crash: at every commit, and before and after every vendor call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests
from sqlalchemy import event

from connectors.mount import Mounted
from tests.journeys.conftest import on_both
from tests.journeys.office import Office, refund

LAST = 42
PLACES = [*(("zendesk", n) for n in range(1, LAST)), *(("salesforce", n) for n in range(1, LAST, 3))]
"""Of the second helpdesk a third: the engine's part is the same, and scripts/simulate kills it everywhere, too."""


class Killed(BaseException):
    """kill -9, as far as one process can play it: nothing between here and the top may catch it."""


class Boundary:
    """Counts the places a crash can fall between, and kills at the one it was told."""

    def __init__(self, kill_at: int | None) -> None:
        self.kill_at = kill_at
        self.passed: list[str] = []
        self.on = False

    def __call__(self, where: str) -> None:
        if not self.on:
            return
        self.passed.append(where)
        if len(self.passed) == self.kill_at:
            self.on = False
            raise Killed(where)


class Dying(Mounted):
    """Carries requests to a stand-in, and may be killed on the way there or back."""

    def __init__(self, mounted: Mounted, boundary: Boundary) -> None:
        super().__init__(mounted.door, mounted.prefix)
        self.boundary = boundary

    def send(self, request: requests.PreparedRequest, *args: Any, **more: Any) -> requests.Response:
        name = f"{request.method} {request.path_url.split('?')[0]}"
        self.boundary(f"before {name}")
        response = super().send(request, *args, **more)
        self.boundary(f"after {name}")
        return response


def lived(make: Callable[..., Office], kill_at: int | None) -> tuple[Office, int, Boundary]:
    office = make()
    boundary = Boundary(kill_at)
    for name, adapter in list(office.around.transports.items()):
        office.around.transports[name] = Dying(adapter, boundary)
    office.desk = office._desk()
    event.listen(office.engine, "commit", lambda connection: boundary("before a commit"))
    office.double_charge()
    office.planner.always = lambda case: {"actions": [refund("c2", quote="please refund the second one")]} if any(
        m.new for m in case.messages) else {"nothing_asked": True}
    ticket = office.writes()
    office.event(ticket)
    boundary.on = True
    try:
        office.run()
    except Killed:
        office.desk = office._desk()
        office.clock.forward(seconds=30)
        office.sweep()
    boundary.on = False
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
