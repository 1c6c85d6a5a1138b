"""Whatever people, vendors and time do one after the other, no promise is broken; `--long` plays 2,000 runs."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable

import pytest

from tests.conftest import Reused
from tests.simulation.conftest import NEEDED, PROPERTY, RUNS, too_few
from tests.simulation.interleavings import STEPS, desks, play

HELPDESKS = ("zendesk", "salesforce")
SHARDS = 10
SHORT, LONG = 8, RUNS // (len(HELPDESKS) * SHARDS)


def check(met: Counter[str], runs: int, record: Callable[[str, object], None]) -> None:
    record(PROPERTY, json.dumps(met))
    assert met["runs"] >= runs
    assert met["steps"] >= runs * STEPS


@pytest.mark.parametrize("helpdesk", HELPDESKS)
def test_in_a_few_runs_no_promise_is_broken(
        helpdesk: str, reused: Reused, is_long: bool, record_property: Callable[[str, object], None]) -> None:
    if is_long:
        pytest.skip("the long ones show it")
    check(play(desks(reused, helpdesk, 1), SHORT), SHORT, record_property)


@pytest.mark.parametrize("shard", range(SHARDS))
@pytest.mark.parametrize("helpdesk", HELPDESKS)
def test_in_thousands_of_runs_no_promise_is_broken(
        helpdesk: str, shard: int, reused: Reused, is_long: bool,
        record_property: Callable[[str, object], None]) -> None:
    if not is_long:
        pytest.skip("only with --long")
    number = 100 * (1 + HELPDESKS.index(helpdesk)) + shard
    check(play(desks(reused, helpdesk, number), LONG), LONG, record_property)


def test_a_long_run_in_which_something_hardly_happened_shows_too_little() -> None:
    assert too_few(Counter(NEEDED)) == []
    assert too_few(Counter(NEEDED) - Counter({"taken back": 1})) == ["taken back 19 of 20"]
