"""A few of the 2,640 orders; `scripts/simulate --disorder` lives them all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest

from tests.conftest import Server
from tests.simulation.disorder import SENT, Disordered, differs, end_of, every, told_of
from tests.simulation.history import Place


@pytest.fixture(scope="module")
def place(server: Server) -> Iterator[Place]:
    made = Place(server)
    yield made
    made.close()


@pytest.mark.parametrize("one", list(every())[7::331], ids=str)
def test_in_any_order_lost_or_doubled_it_ends_the_same(place: Place, one: Disordered) -> None:
    assert differs(end_of(place, one)) == {}


REFUND = {"id": "re_1", "charge": "ch_sbx000002", "amount": 1800, "status": "succeeded"}
TICKET: Mapping[str, Any] = {
    "notes": [{"body": "Deskhand: refunded USD 18.00 (re_1, succeeded)"}], "replies": [{"body": f"Hello! {SENT}"}],
    "status": "new", "tags": ["deskhand_done"]}


def ended(refunds: Sequence[Mapping[str, Any]] = (REFUND,), **other: Any) -> dict[str, Any]:
    """How this end differs from the right one."""
    return differs(told_of({**TICKET, **other}, refunds, [{}], []))


def test_the_right_end_does_not_differ() -> None:
    assert ended() == {}


@pytest.mark.parametrize(("other", "differing"), [
    ({"refunds": []}, {"refunds", "notes of the refund"}),
    ({"status": "solved"}, {"status"}), ({"tags": ["deskhand_handoff", "deskhand_done"]}, {"tags"}),
    ({"notes": [{"body": "Deskhand: refunded USD 18.00 (re_9, succeeded)"}]}, {"notes of the refund"}),
    ({"replies": [{"body": "Somebody will look at it."}]}, {"replies that say it"}),
    ({"replies": TICKET["replies"] * 2}, {"replies", "replies that say it"})])
def test_another_end_is_seen(other: dict[str, Any], differing: set[str]) -> None:
    assert ended(**other).keys() == differing


def test_every_order_is_there_with_each_event_lost_and_doubled() -> None:
    assert len({str(one) for one in every()}) == 2 * 120 * 11
