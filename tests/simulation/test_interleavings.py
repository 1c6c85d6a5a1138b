"""Whatever people, vendors and time do one after the other, no promise is broken; `--long` plays 2,000 runs."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

import pytest

from tests.conftest import Reused
from tests.simulation.conftest import NEEDED, PROPERTY, RUNS, too_few
from tests.simulation.interleavings import STEPS, desks, play

HELPDESKS = ("zendesk", "salesforce")


class Shard(NamedTuple):
    """Some of the runs, with a seed of their own."""

    helpdesk: str
    number: int
    runs: int

    def __str__(self) -> str:
        return f"{self.helpdesk}-{self.number}"


SHORT = [Shard(helpdesk, 1, 8) for helpdesk in HELPDESKS]
LONG = [Shard(helpdesk, 100 * (1 + place) + n, RUNS // 20) for place, helpdesk in enumerate(HELPDESKS)
        for n in range(10)]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "shard" in metafunc.fixturenames:
        metafunc.parametrize("shard", LONG if metafunc.config.getoption("--long", default=False) else SHORT, ids=str)


def test_whatever_is_done_one_after_the_other_no_promise_is_broken(
        shard: Shard, reused: Reused, record_property: Callable[[str, object], None]) -> None:
    met = play(desks(reused, shard.helpdesk, shard.number), shard.runs)
    record_property(PROPERTY, json.dumps(met))
    assert met["runs"] >= shard.runs
    assert met["steps"] >= shard.runs * STEPS


def test_a_long_run_in_which_something_hardly_happened_shows_too_little() -> None:
    assert too_few(Counter(NEEDED)) == []
    assert too_few(Counter(NEEDED) - Counter({"taken back": 1})) == ["taken back 19 of 20"]
