"""When a delivery is made, tried again and given up (Stripe docs, "Receive Stripe events in your webhook endpoint")."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from connectors.standin import Delivery
from connectors.stripe.standin.books import Books

TEST_PAUSES = (timedelta(hours=1), timedelta(hours=3))
"""In a sandbox an event is tried three times over a few hours."""
LIVE_FOR = timedelta(days=3)
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=12)
"""In live mode with growing pauses; Stripe says how long at most, and not how they grow."""
SILENCE = 504


def due(books: Books, now: datetime) -> list[Delivery]:
    """What is to be attempted now; what its endpoint does not want any more is given up."""
    wanted = {row["url"] for row in books.endpoints.values() if row["status"] == "enabled"}
    ready = [one for one in books.deliveries if not one.done and one.due <= now]
    for one in ready:
        one.done = one.url not in wanted
    return [one for one in ready if not one.done]


def settled(books: Books, delivery: Delivery, status: int | None, now: datetime) -> None:
    """After an attempt; `status` is None for no answer. Only a 2xx is a delivery, a redirect is none."""
    delivery.attempts += 1
    delivery.statuses.append(status or SILENCE)
    pause = None if arrived(delivery) else _pause(books, delivery, now)
    delivery.done = pause is None
    delivery.due = now + (pause or timedelta())


def arrived(delivery: Delivery) -> bool:
    """Taken by its endpoint; not one that was given up."""
    return bool(delivery.statuses) and delivery.statuses[-1] // 100 == 2


def _pause(books: Books, delivery: Delivery, now: datetime) -> timedelta | None:
    """Until the next attempt; None when Stripe gives up."""
    if not books.livemode:
        return TEST_PAUSES[delivery.attempts - 1] if delivery.attempts <= len(TEST_PAUSES) else None
    pause = min(FIRST_PAUSE * 2 ** (delivery.attempts - 1), LONGEST_PAUSE)
    happened = datetime.fromtimestamp(books.events[delivery.id].created, UTC)
    return pause if now + pause <= happened + LIVE_FOR else None
