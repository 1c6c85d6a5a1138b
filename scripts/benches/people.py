"""How long a colleague waits: from a customer's mail to the card in the sidebar, and from approving to done.

Real processes, the rules planner, and vendors that answer at once.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from scripts.benches.rows import NotMeasured, Row, Say, centile, middle
from scripts.homes import Seat
from scripts.office import Office
from scripts.processes import DidNotStart, wait_for
from scripts.stories import LEAD

Json = dict[str, Any]
LOOKS_EVERY = 0.01
"""Seconds between two looks of the bench; a sidebar looks every few seconds."""


def measure(quick: bool, say: Say) -> list[Row]:
    office = Office(without=("OPENAI",))
    try:
        say("people: starting the processes")
        office.open()
        office.control("latency", {"seconds": 0})
        shown, done = [], []
        for n in range(5 if quick else 30):
            say(f"people: ticket {n + 1}")
            one, other = _one(office, n)
            shown.append(one)
            done.append(other)
    except (DidNotStart, TimeoutError) as error:
        raise NotMeasured(str(error)) from error
    finally:
        office.close()
    return [Row("from the mail to the card in the sidebar, p50", middle(shown), "ms", 2000, "at most",
                more={"p99 ms": centile(shown, 0.99)}),
            Row("from approving to done, p50", middle(done), "ms", 1000, "at most",
                more={"p99 ms": centile(done, 0.99)})]


def _one(office: Office, n: int) -> tuple[float, float]:
    """A duplicate of 18 dollars, paid 40 days ago, which a lead approves."""
    email, order = f"pat{n}@customer.example", str(7000 + n)
    office.control("world", _customer(email, order, n))
    began = time.perf_counter()
    ticket = office.writes(email, "Charged twice", f"Hi, I was charged twice for order {order}. Please refund the "
                                                   "second one. Thank you, Pat")
    seat = wait_for("the ticket in the ledger", lambda: _seat(office, ticket), 30, LOOKS_EVERY)
    card = wait_for("the card", lambda: _card(seat), 30, LOOKS_EVERY)
    shown = time.perf_counter() - began
    began = time.perf_counter()
    seat.approve(card)
    wait_for("the end", _is(seat, "done"), 30, LOOKS_EVERY)
    return shown * 1000, (time.perf_counter() - began) * 1000


def _customer(email: str, order: str, n: int) -> Json:
    card = {"customer": f"cus_pat{n}", "amount": 1800, "currency": "usd", "metadata": {"order_id": order},
            "card": {"brand": "visa", "last4": "4242"}, "billing_email": email}
    return {
        "zendesk": {"users": [{"name": "Pat Doe", "email": email, "created_at": "-300d"}]},
        "stripe": {"customers": [{"id": f"cus_pat{n}", "email": email, "name": "Pat Doe", "created": "-300d"}],
                   "charges": [{"id": f"ch_pat{n}_first", "created": "-40d", **card},
                               {"id": f"ch_pat{n}_again", "created": "-57590m", **card}]}}


def _seat(office: Office, ticket: str) -> Seat | None:
    return office.sidebar(LEAD, ticket)


def _card(seat: Seat) -> Json | None:
    cards = seat.state()["cards"]
    return dict(cards[0]) if cards else None


def _is(seat: Seat, status: str) -> Callable[[], bool | None]:
    return lambda: True if seat.state()["status"] == status else None
