"""Events and their signed delivery (Stripe docs: Webhooks, Verify signatures; Process undelivered events)."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from connectors.standin import Delivery
from connectors.stripe.standin import render
from connectors.stripe.standin.books import Books, Event
from connectors.stripe.standin.delivering import arrived

Json = dict[str, Any]


def emit(books: Books, kind: str, subject: Json, now: datetime, *, previous: Json | None = None,
         request: str | None = None, key: str | None = None) -> Event:
    """Writes an event about `subject` as it is now, and hands it to every endpoint that asked for this type."""
    row = Event(books.new_id("evt"), int(now.timestamp()), kind, json.dumps(subject).encode(), previous, request, key)
    books.events[row.id] = row
    plan = books.next_deliveries.pop(0) if books.next_deliveries else {}
    if not plan.get("lost"):
        deliver(books, row, now, times=int(plan.get("times", 1)), delay=float(plan.get("delay", 0)))
    return row


def deliver(books: Books, row: Event, now: datetime, *, times: int = 1, delay: float = 0) -> None:
    for endpoint in books.endpoints.values():
        if endpoint["status"] != "enabled" or not {"*", row.type} & set(endpoint["enabled_events"]):
            continue
        body = json.dumps(render.event(books, row, pending=1)).encode()
        sign = partial(signature, endpoint["secret"], body)
        books.deliveries += [Delivery(row.id, endpoint["url"], body, now + timedelta(seconds=delay), sign)
                             for _ in range(times)]


def signature(secret: str, body: bytes, now: datetime) -> dict[str, str]:
    """HMAC-SHA256 of `<unix time>.<raw body>` under the endpoint's secret."""
    stamp = str(int(now.timestamp()))
    digest = hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return {"Stripe-Signature": f"t={stamp},v1={digest}", "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)"}


def undelivered(books: Books, row: Event) -> int:
    """How many endpoints have not taken it yet, or never did."""
    return sum(not arrived(delivery) for delivery in books.deliveries if delivery.id == row.id)


def shown(books: Books, row: Event) -> Json:
    return render.event(books, row, undelivered(books, row))
