"""Who resolves a held operation is followed by a note that says what they found, whatever goes on meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent import held, tell
from tests.journeys.conftest import on_both
from tests.journeys.office import Office, refund
from tests.journeys.test_undo import kept
from tests.journeys.test_undo_attacked import meanwhile


def send_again(office: Office) -> None:
    held.send_again(office.desk, kept(office, "refund")[0].id, "Ana")


def found(office: Office) -> None:
    one = kept(office, "refund")[0]
    by_hand = office.happens("stripe", "dashboard_refund", charge=one.target, amount=1800)["id"]
    held.found(office.desk, one.id, by_hand, "Ana")


@on_both
@pytest.mark.parametrize("resolve", [found, send_again])
def test_resolved_while_it_is_told_that_nobody_knows(
        office: Office, monkeypatch: pytest.MonkeyPatch, resolve: Callable[[Office], None]) -> None:
    office.double_charge(1800)
    office.planner.always = lambda case: {"actions": [refund("c2", quote="refund the second one")]} if (  # type: ignore[attr-defined]
        "charged twice" in case.asked()) else {"nothing_asked": True}
    office.fault("stripe", "500_before", "POST", "/v1/refunds")
    meanwhile(monkeypatch, tell, "tell", lambda: resolve(office))
    ticket: Any = office.handle()
    office.settle(hours=3)
    assert "NOT known" in office.notes(ticket)[0]
    assert "refunded USD 18.00" in office.notes(ticket)[-1]
    assert len(office.refunds()) == len(office.replies(ticket)) == 1
