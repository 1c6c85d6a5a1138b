"""What no vendor of ours sent is refused, and what one sent is let in: a slice of `scripts/attack --doors`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from random import Random

import pytest

from agent.database import Database
from tests.attack import doors_forged
from tests.attack.doors_forged import measured, mutated, opened, replayed
from tests.attack.doors_vendors import PACKAGE, TRIGGER
from webhooks import delivered
from webhooks.inbox import Event
from webhooks.zendesk import ZendeskDoor


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


def test_the_attack_would_find_a_door_that_goes_by_the_unsigned_id(
        database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = ZendeskDoor.event

    def by_the_header(door: ZendeskDoor, raw: bytes, headers: Mapping[str, str], now: datetime) -> Event:
        event = honest(door, raw, headers, now)
        return replace(event, delivery_id=headers.get("X-Zendesk-Webhook-Invocation-Id", event.delivery_id))

    monkeypatch.setattr(ZendeskDoor, "event", by_the_header)
    doors = opened(database)
    assert replayed(doors, TRIGGER).accepted
    assert replayed(doors, PACKAGE).accepted == []
    doors.inbox.close()
