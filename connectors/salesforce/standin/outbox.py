"""The package's callouts, which carry what the outbox holds to Deskhand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from connectors.salesforce.standin.org import Json, Org
from connectors.standin import Delivery


class Sender:
    def due(self, org: Org, now: datetime) -> list[Delivery]:
        org.wakes.clear()
        return []

    def settled(self, org: Org, delivery: Delivery, status: int | None, now: datetime) -> None:
        return None


OPERATIONS: dict[str, Callable[[Org, Sender, Json, datetime], Json]] = {}
