"""Whatever comes at once, with the real worker's eight passes side by side: one refund, and never over a limit."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from agent.database import Database
from agent.proposal import Case
from tests.journeys.conftest import on_both
from tests.journeys.office import POLICY, refund, without_rule
from tests.journeys.racing import Racing, at_once

Make = Callable[..., Racing]


@pytest.fixture
def racing(database: Database, helpdesk: str) -> Iterator[Make]:
    """Makes an office whose worker runs until the test ends."""
    made: list[Racing] = []

    def make(**more: Any) -> Racing:
        made.append(Racing(database, the_second, helpdesk=helpdesk, **more))
        made[-1].worker.start()
        return made[-1]

    yield make
    for office in made:
        assert office.close()


def the_second(case: Case) -> dict[str, Any]:
    """The later charge of the order that the customer names is a duplicate; without a new message nothing is asked."""
    named = re.search(r"order (\d+)", case.asked())
    if not named:
        return {"nothing_asked": True}
    handle = [charge.handle for charge in case.charges if charge.order == named[1]][-1]
    return {"actions": [refund(handle, quote=named[0])]}


@on_both
def test_twenty_different_events_at_once_for_one_ticket_are_kept_and_refund_once(racing: Make) -> None:
    office = racing()
    office.double_charge()
    ticket = office.writes()
    answers = at_once([partial(office.knocks, ticket, f"event-{n}") for n in range(20)])
    office.until_quiet()

    assert answers == [202] * 20
    assert office.refunded() == {"usd": 1800}
    assert len(office.notes(ticket)) == len(office.replies(ticket)) == len(office.activities()) == 1


@on_both
def test_the_same_event_twenty_times_at_once_is_kept_once_and_refunds_once(racing: Make) -> None:
    office = racing()
    office.double_charge()
    ticket = office.writes()
    answers = at_once([partial(office.knocks, ticket, "event-1")] * 20)
    office.until_quiet()

    assert sorted(answers) == [200] * 19 + [202]
    assert office.refunded() == {"usd": 1800}
    assert len(office.notes(ticket)) == len(office.replies(ticket)) == len(office.activities()) == 1


@on_both
def test_a_customer_who_writes_again_and_again_while_the_refund_is_made_gets_it_once(racing: Make) -> None:
    office = racing()
    office.double_charge()
    ticket = office.writes()

    def nudged(n: int) -> int:
        office.writes(f"Hello? Number {n}: I was charged twice for order 1042, refund it.", ticket=ticket)
        return office.knocks(ticket, f"event-{n}")

    assert at_once([partial(nudged, n) for n in range(12)]) == [202] * 12
    office.until_quiet()

    assert office.refunded() == {"usd": 1800}


OLDER_TICKETS_ALLOWED = without_rule(POLICY, "older-money-ticket")


@on_both
@pytest.mark.parametrize("policy", [POLICY, OLDER_TICKETS_ALLOWED], ids=["as shipped", "older tickets allowed"])
def test_sixteen_tickets_that_ask_for_the_same_charge_at_once_refund_it_once(policy: str, racing: Make) -> None:
    office = racing(policy=policy)
    _, second = office.double_charge()
    tickets = [office.writes() for _ in range(16)]
    at_once([partial(office.knocks, ticket, f"event-{ticket}") for ticket in tickets])
    office.until_quiet()

    assert [(made["charge"], made["amount"]) for made in office.refunds()] == [(second, 1800)]
    assert sum(len(office.replies(ticket)) for ticket in tickets) == 1
    assert all(len(office.notes(ticket)) == 1 for ticket in tickets)


def test_sixteen_tickets_that_ask_for_the_same_part_of_a_charge_at_once_refund_it_once(racing: Make) -> None:
    """Stripe itself would make each of these refunds: 16 times 3 dollars are left on the charge."""
    policy = without_rule(without_rule(OLDER_TICKETS_ALLOWED, "claim-unproven"), "charge-part-refunded")
    office = racing(policy=policy)
    office.charge(5000)
    office.script.always = lambda case: {"actions": [
        refund("c1", amount="3.00", claim="goodwill", quote="3.00 back")]} if case.asked() else {"nothing_asked": True}
    tickets = [office.writes("Could I get 3.00 back for the scratched box of order 1042?") for _ in range(16)]
    at_once([partial(office.knocks, ticket, f"event-{ticket}") for ticket in tickets])
    office.until_quiet()

    assert office.refunded() == {"usd": 300}
    assert len(office.refunds()) == 1
    assert sum(len(office.replies(ticket)) for ticket in tickets) == 1


@on_both
def test_passes_of_one_ticket_that_overlap_write_everything_once(racing: Make) -> None:
    """As when a worker slept so long that others took over its ticket, and then woke up in the middle of its pass."""
    office = racing()
    office.double_charge()
    ticket = office.writes()
    assert office.knocks(ticket, "event-1") == 202
    at_once([partial(office.pass_over, office.ref(ticket))] * 6)
    office.until_quiet()

    assert office.refunded() == {"usd": 1800}
    assert len(office.refunds()) == len(office.notes(ticket)) == len(office.replies(ticket)) == 1
    assert len(office.activities()) == 1


@on_both
def test_passes_that_overlap_in_carrying_out_a_plan_write_everything_once(racing: Make) -> None:
    """The kill switch lets the plan be kept and nothing be sent; then six passes find it at once."""
    office = racing()
    office.double_charge()
    office.paused(True)
    ticket = office.writes()
    assert office.knocks(ticket, "event-1") == 202
    office.until_parked_by_the_switch()
    assert office.refunds() == []
    office.paused(False)
    ref = office.ref(ticket)
    at_once([partial(office.pass_over, ref)] * 6)
    office.pass_over(ref)  # which finishes what each of the six left to the others
    office.until_quiet()

    assert office.refunded() == {"usd": 1800}
    assert len(office.refunds()) == len(office.notes(ticket)) == len(office.replies(ticket)) == 1
    assert len(office.activities()) == 1


CUSTOMERS = range(10)
CUSTOMER_DAY, DESK_DAY = 3_000, 16_000
AMOUNTS = [999, 1_250, 1_777, 401]
"""Cents asked for by each customer, one ticket each: together 44.27, of which at most 30.00 may go out."""


def small_limits(*, customer_day: int = CUSTOMER_DAY, customer_month: int = 100_000, month_count: int = 100,
                 desk_day: int = DESK_DAY) -> str:
    """The shipped policy with other limits, in cents, and without the rule that keeps to one ticket a customer."""
    def limit(policy: str, fact: str, cents: str) -> str:
        changed, times = re.subn(fact + r": \{over: [^\n]*", f"{fact}: {{over: {cents}", policy)
        assert times == 1, fact
        return changed

    def money(cents: int) -> str:
        return "{" + ", ".join(f"{currency}: {cents / 100:.2f}" for currency in ("USD", "EUR", "GBP")) + "}}"

    policy = limit(OLDER_TICKETS_ALLOWED, "customer_day_total", money(customer_day))
    policy = limit(policy, "customer_30d_total", money(customer_month))
    policy = limit(policy, "customer_30d_refunds", f"{month_count}}}")
    return limit(policy, "desk_day_total", money(desk_day))


def storm(office: Racing) -> dict[str, tuple[int, int]]:
    """Ten customers ask on four tickets each for a proven duplicate, all at once; whose and how much, by charge."""
    asked: dict[str, tuple[int, int]] = {}
    tickets = []
    for n in CUSTOMERS:
        who = f"customer{n}@example.com"
        office.stripe.load({"customers": [{"id": f"cus_{n}", "email": who}]}, office.clock())
        for amount in AMOUNTS:
            order = str(5_000 + len(asked))
            for ago in ("-2h", "-110m"):
                charge = office.charge(amount, customer=f"cus_{n}", order=order, ago=ago, billing_email=who)
            asked[charge] = (n, amount)
            tickets.append(office.writes(f"I was charged twice for order {order}, please refund the second one.", who))
    at_once([partial(office.knocks, ticket, f"event-{ticket}") for ticket in tickets])
    office.until_quiet()
    assert all(len(office.notes(ticket)) == 1 for ticket in tickets)
    return asked


def paid(office: Racing, asked: dict[str, tuple[int, int]]) -> dict[int, list[int]]:
    """The refunds in Stripe's books by customer; each is one that was asked for, whole, and made once."""
    charges = [made["charge"] for made in office.refunds()]
    assert len(charges) == len(set(charges))
    assert {made["charge"]: made["amount"] for made in office.refunds()} == {c: asked[c][1] for c in charges}
    return {n: [asked[charge][1] for charge in charges if asked[charge][0] == n] for n in CUSTOMERS}


def unpaid(office: Racing, asked: dict[str, tuple[int, int]]) -> list[tuple[int, int]]:
    made = {refund["charge"] for refund in office.refunds()}
    return [what for charge, what in asked.items() if charge not in made]


def test_forty_tickets_at_once_never_go_a_cent_over_a_customers_day_or_the_desks_day(racing: Make) -> None:
    """And none is parked that would have fitted."""
    office = racing(policy=small_limits())
    asked = storm(office)
    refunds = paid(office, asked)
    desk = sum(map(sum, refunds.values()))

    assert max(map(sum, refunds.values())) <= CUSTOMER_DAY
    assert desk <= DESK_DAY
    for n, amount in unpaid(office, asked):
        assert sum(refunds[n]) + amount > CUSTOMER_DAY or desk + amount > DESK_DAY


def test_forty_tickets_at_once_never_go_a_cent_over_a_customers_month(racing: Make) -> None:
    month = 2_650
    office = racing(policy=small_limits(customer_day=100_000, customer_month=month, desk_day=1_000_000))
    asked = storm(office)
    refunds = paid(office, asked)

    assert max(map(sum, refunds.values())) <= month
    assert all(sum(refunds[n]) + amount > month for n, amount in unpaid(office, asked))


def test_forty_tickets_at_once_never_make_a_customers_third_refund_unattended(racing: Make) -> None:
    office = racing(policy=small_limits(customer_day=100_000, month_count=2, desk_day=1_000_000))
    refunds = paid(office, storm(office))

    assert [len(each) for each in refunds.values()] == [2] * 10
