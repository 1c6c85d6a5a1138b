"""The org's daily calls: spaced before they end, kept for tickets, and never hammered once they are used up."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import pytest

from connectors.contract import Unavailable
from connectors.salesforce.wire import Wire, asking
from tests.connectors.salesforce.acme import Counter, counter

ORG = asking("66.0", "SELECT Id FROM Organization LIMIT 1")


def used(calls: int, of: int = 1000, **limits: Any) -> Counter:
    """A connection that has heard how much is used, by its first call."""
    at = counter({"limits": {"daily": of, "used": calls - 1, **limits}})
    at.records.wire.composite([ORG], writing=False)
    return at


def waited(at: Counter, calls: int = 2) -> float:
    before = at.time()
    for _ in range(calls):
        at.records.wire.composite([ORG], writing=False)
    return (at.time() - before).total_seconds()


def standing_still(calls: int) -> tuple[Wire, list[float]]:
    """A connection whose waiting is written down and takes no time."""
    at, pauses = counter({"limits": {"daily": 1000, "used": calls - 1}}), list[float]()
    wire = Wire(at.records.settings, replace(at.records.around, sleep=pauses.append))
    wire.composite([ORG], writing=False)
    return wire, pauses


def test_below_eight_tenths_nobody_waits() -> None:
    assert waited(used(700)) == 0.0


def test_from_eight_tenths_on_calls_are_spaced_and_the_more_the_fewer_are_left() -> None:
    assert waited(used(800)) == pytest.approx(0.25, abs=0.01)
    assert waited(used(900)) == pytest.approx(1.125, abs=0.01)
    assert waited(used(998)) == pytest.approx(2.0, abs=0.05)


def test_the_apps_own_limit_counts_where_it_is_the_tighter_one() -> None:
    assert waited(used(100, app_daily=1)) > 0
    usage = used(100, app_daily=1).records.usage
    assert usage is not None
    assert (usage.used, usage.total) == (100, 1000)


def test_from_nine_tenths_on_what_can_wait_is_not_asked() -> None:
    at = used(900)
    before = len(at.calls())
    with pytest.raises(Unavailable) as spared:
        at.records.wire.composite([ORG], writing=False, optional=True)
    assert (spared.value.reason, spared.value.retry_after, spared.value.lasting) == ("calls_spared", 900.0, True)
    assert len(at.calls()) == before


def test_what_can_wait_asks_again_after_a_while_for_else_nothing_would_be_heard_any_more() -> None:
    at = used(900)
    at.time.on(seconds=901)
    at.rules.state.used = 10
    at.records.wire.composite([ORG], writing=False, optional=True)
    at.records.wire.composite([ORG], writing=False, optional=True)
    assert at.records.usage is not None
    assert at.records.usage.used == 12


def test_at_the_end_of_the_calls_everything_rests_and_goes_on_afterwards() -> None:
    at = used(1000)
    with pytest.raises(Unavailable) as end:
        at.records.wire.composite([ORG], writing=True)
    assert (end.value.reason, end.value.retry_after, end.value.lasting) == ("daily_limit", 900.0, True)
    at.rules.state.used = 0
    at.time.on(seconds=900)
    assert at.records.wire.composite([ORG], writing=False)[0].rows()


def test_a_queue_of_more_than_five_seconds_sends_the_next_one_to_sleep() -> None:
    wire, pauses = standing_still(991)
    for _ in range(3):
        wire.composite([ORG], writing=False)
    with pytest.raises(Unavailable) as queued:
        wire.composite([ORG], writing=False)
    assert pauses == pytest.approx([1.9, 3.8], abs=0.1)
    assert queued.value.reason == "calls_spaced"
    assert queued.value.retry_after == pytest.approx(5.8, abs=0.1)


def test_threads_take_turns() -> None:
    wire, pauses = standing_still(900)
    threads = [threading.Thread(target=wire.composite, args=([ORG],), kwargs={"writing": False}) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(pauses) == pytest.approx([1.1, 2.2, 3.4], abs=0.1)
