"""Whatever people, vendors and time do one after the other, no promise is broken; `--long` plays 2,000 runs."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable

import pytest

from tests.conftest import Reused
from tests.simulation.conftest import NEEDED, PROPERTY
from tests.simulation.interleavings import RULES, STEPS, desks, play

HELPDESKS = ("zendesk", "salesforce")
SHARDS = 10
SHORT, LONG = 8, NEEDED["runs"] // (len(HELPDESKS) * SHARDS)
HAPPENS = ("refunds unattended", "refunds that somebody agreed to", "approved", "approved less", "declined", "yes",
           "no", "yes on the page", "numbers changed", "taken back", "taken over", "given back", "run again",
           "refunded by hand", "disputed", "failed later", "paused", "published", "forgotten", "our clock jumped",
           "a pass was killed", "something happened during a pass", "found by catching up", "all wakes lost",
           "event: lost", "event: twice", "event: later")
"""What must have happened at all for a long shard to show anything."""


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
def test_in_thousands_of_runs_no_promise_is_broken_and_everything_has_happened(
        helpdesk: str, shard: int, reused: Reused, is_long: bool,
        record_property: Callable[[str, object], None]) -> None:
    if not is_long:
        pytest.skip("only with --long")
    met = play(desks(reused, helpdesk, 100 + shard), LONG)
    check(met, LONG, record_property)
    assert [name for name in HAPPENS if not met[name]] == []
    assert [name for name in RULES if met[f"rule: {name}"] < LONG / 4] == []
