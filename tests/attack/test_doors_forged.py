"""What no vendor of ours sent is refused, and what one sent is let in: a slice of `scripts/attack --doors`."""

from __future__ import annotations

from random import Random

import pytest

from agent.database import Database
from tests.attack import doors_forged
from tests.attack.doors_forged import measured, mutated, opened
from webhooks import delivered


def test_no_forged_delivery_is_kept_and_every_genuine_one_is(database: Database) -> None:
    figures = measured(database, quick=True, seed=11)
    assert figures.ok, figures.as_json()


@pytest.mark.parametrize("at", [0, 1])
def test_the_attack_would_find_a_door_that_looks_at_no_age(
        database: Database, monkeypatch: pytest.MonkeyPatch, at: int) -> None:
    module = (doors_forged.ZendeskDoor, doors_forged.StripeDoor)[at].__module__
    monkeypatch.setattr(f"{module}.TOO_OLD", delivered.TOO_OLD * 10_000)
    doors = opened(database)
    assert mutated(doors, doors.vendors()[at], 300, Random(2)).accepted
    doors.inbox.close()
