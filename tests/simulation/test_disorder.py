"""A few of the 2,640 orders; `scripts/simulate --disorder` lives them all."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conftest import Server
from tests.simulation.disorder import Disordered, differs, end_of, every
from tests.simulation.history import Place


@pytest.fixture(scope="module")
def place(server: Server) -> Iterator[Place]:
    made = Place(server)
    yield made
    made.close()


@pytest.mark.parametrize("one", list(every())[7::331], ids=str)
def test_in_any_order_lost_or_doubled_it_ends_the_same(place: Place, one: Disordered) -> None:
    assert differs(end_of(place, one)) == {}


def test_another_end_is_seen() -> None:
    assert differs({"refunds": [], "notes": 1, "replies": 1, "activities": 1, "errors": 0}) == {"refunds": []}


def test_every_order_is_there_with_each_event_lost_and_doubled() -> None:
    assert len({str(one) for one in every()}) == 2 * 120 * 11
