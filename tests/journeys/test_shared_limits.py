"""Sixteen workers, hundreds of tickets, many customers, one budget: never a cent over, and little of it unused.

With `--whole` there are a hundred customers and a thousand tickets.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import product

import pytest

from agent import workflow
from agent.database import Database
from agent.engine import Worker
from tests.journeys.office import without_rule
from tests.journeys.racing import Racing
from tests.journeys.test_races import small_limits, the_second

CUSTOMERS, A_FEW, TICKETS_EACH, WORKERS = 100, 25, 10, 16
CUSTOMER_DAY, SHARE = 5_000, 4_000
"""What a customer may get in a day, and what there is for each where all draw on the desk's budget."""
VAST = 10**9
"""Calls the vendors take: the office's clock stands still, so a limit by the minute would never be lifted."""
LONGEST = 240.0
"""Seconds the storm may take on a slow machine."""


@pytest.fixture
def customers(is_whole: bool) -> int:
    return CUSTOMERS if is_whole else A_FEW


@pytest.fixture
def office(database: Database, customers: int) -> Iterator[Racing]:
    """An office whose own worker is joined by fifteen more, each with one pass at a time."""
    limits = small_limits(customer_day=CUSTOMER_DAY, desk_day=customers * SHARE, customer_month=10 * CUSTOMER_DAY)
    made = Racing(database, the_second, policy=without_rule(limits, "desk-day-home-budget"))
    workers = [Worker(database.url, lambda id, why: workflow.run(made.desk, id, why), concurrency=1, sweep_every=5)
               for _ in range(WORKERS)]
    with ExitStack() as ending:
        ending.callback(made.inbox.close)
        for worker in workers:
            worker.start()
            ending.callback(worker.stop)
        yield made


def test_many_tickets_never_go_a_cent_over_a_shared_limit_and_use_nearly_all_of_it(
        office: Racing, customers: int) -> None:
    for door in office.doors.values():
        door.latency = 0.0
    office.zendesk.load({"limits": {"account": VAST, "updates": VAST, "per_ticket": VAST}}, office.clock())
    office.salesforce.load({"limits": {"daily": VAST, "app_daily": VAST}}, office.clock())
    chance = random.Random(3)
    asked: dict[str, tuple[str, int]] = {}
    tickets = []
    for n, k in product(range(customers), range(TICKETS_EACH)):
        who, order, amount = f"customer{n}@example.com", str(5_000 + TICKETS_EACH * n + k), chance.randint(100, 1200)
        if k == 0:
            office.stripe.load({"customers": [{"id": f"cus_{n}", "email": who}]}, office.clock())
        charges = [{"id": f"ch_{order}_{ago}", "customer": f"cus_{n}", "amount": amount, "currency": "usd",
                    "created": ago, "billing_email": who, "card": {"brand": "visa", "last4": "4242"},
                    "metadata": {"order_id": order}} for ago in ("-2h", "-110m")]
        office.stripe.load({"charges": charges}, office.clock())
        asked[f"ch_{order}_-110m"] = (who, amount)
        tickets.append(office.writes(f"I was charged twice for order {order}, please refund the second one.", who))
    chance.shuffle(tickets)
    for ticket in tickets:
        office.event(ticket)
    office.until_quiet(LONGEST)

    made = office.refunds()
    assert len({one["charge"] for one in made}) == len(made)
    assert all(asked[one["charge"]][1] == one["amount"] for one in made)
    by_customer: dict[str, int] = defaultdict(int)
    for one in made:
        by_customer[asked[one["charge"]][0]] += one["amount"]
    assert max(by_customer.values()) <= CUSTOMER_DAY
    assert customers * SHARE * 0.95 <= sum(by_customer.values()) <= customers * SHARE
    kept = office.zendesk.books()["tickets"]
    assert [ticket for ticket in tickets if len(kept[str(ticket)]["notes"]) != 1] == []
