"""Two tickets ask for each charge, and a person refunds it in Stripe's dashboard, all at once: never a cent too much.

Real workers' threads run real passes on one database, on two days in a row. What is counted is in Stripe's books, and
in the helpdesk's what was told of it: each refund stands in one note and one reply, on a ticket that asked for it. Of
every second charge of a customer only a part is asked: Stripe itself would make that refund twice.
"""

from __future__ import annotations

import random
import re
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from agent import workflow
from agent.database import Database, open_database
from agent.engine import Worker
from agent.proposal import Case
from connectors.stripe.standin.refusals import Refusal
from tests.conftest import a_server
from tests.figures import Figures
from tests.journeys.office import refund, without_rule
from tests.journeys.racing import Racing, at_once
from tests.journeys.test_races import small_limits, the_second

VAST = 10**9
CHARGES_OF_A_CUSTOMER = 10
CUSTOMER_DAY, CUSTOMER_MONTH = 2_000, 3_200
DESK_DAY_PER_CUSTOMER = 1_500
AMOUNTS = (200, 1_000)
"""Cents, from and to."""
TIMES_A_PART = 3
"""A charge of which a part is asked is so many times that part."""
BY_HAND = 0.4
"""The part of the charges that a person refunds, at some moment of the storm, whole or a part of it."""
MADE = re.compile(r"refunded USD ([\d.]+) to [^()]*\((re_\w+), \w+, charge (ch_\w+)\)")
"""What a note says of a refund that Deskhand made."""
SENT = re.compile(r"We have sent USD ([\d.]+) back")
PAID_AT_LEAST = 90.0
LONGEST = 420.0
"""Seconds that one of the two days may take."""


@dataclass(frozen=True)
class Size:
    charges: int
    threads: int

    @property
    def customers(self) -> int:
        return max(1, self.charges // CHARGES_OF_A_CUSTOMER)

    @property
    def desk_day(self) -> int:
        return DESK_DAY_PER_CUSTOMER * self.customers


WHOLE, QUICK = Size(500, 64), Size(20, 8)


@dataclass
class Charge:
    """What two tickets ask back."""

    id: str
    who: int
    amount: int
    order: str
    day: int
    part: bool = False
    """More was paid than is asked back."""

    @property
    def paid(self) -> int:
        return self.amount * (TIMES_A_PART if self.part else 1)

    def words(self) -> str:
        if self.part:
            return f"Could I get {self.amount / 100:.2f} back for the scratched box of order {self.order}?"
        return f"I was charged twice for order {self.order}, please refund the second one."


@dataclass
class Storm:
    """One race: an office, its charges, and who gets in first."""

    office: Racing
    size: Size
    chance: random.Random
    charges: dict[str, Charge] = field(default_factory=dict)
    asking: dict[str, str] = field(default_factory=dict)
    """Which charge each ticket asks for."""
    days: list[date] = field(default_factory=list)
    drawn: int = 0
    """Refunds that a person tried to make by hand."""
    refused: int = 0
    """Those of them that came too late: Stripe had not so much left to give back."""

    def load(self) -> None:
        """Every charge and the one it repeats, the customers' five for each day."""
        now = self.office.clock()
        self.office.zendesk.load({"limits": {"account": VAST, "updates": VAST, "per_ticket": VAST}}, now)
        self.office.salesforce.load({"limits": {"daily": VAST, "app_daily": VAST}}, now)
        for n in range(self.size.customers):
            self.office.stripe.load({"customers": [{"id": f"cus_{n}", "email": address(n)}]}, self.office.clock())
        for n in range(self.size.charges):
            one = Charge(f"ch_{n}_again", n % self.size.customers, self.chance.randint(*AMOUNTS), str(5_000 + n),
                         day=0 if n < self.size.charges / 2 else 1, part=n // self.size.customers % 2 == 1)
            both = [{"id": id, "customer": f"cus_{one.who}", "amount": one.paid, "currency": "usd",
                     "created": ago, "billing_email": address(one.who), "card": {"brand": "visa", "last4": "4242"},
                     "metadata": {"order_id": one.order}} for id, ago in ((f"ch_{n}_first", "-2h"), (one.id, "-110m"))]
            self.office.stripe.load({"charges": both}, self.office.clock())
            self.charges[one.id] = one

    def rages(self, day: int) -> None:
        """All that is asked on this day is asked at once, and people refund by hand meanwhile."""
        self.days.append(self.office.clock().date())
        mine = [one for one in self.charges.values() if one.day == day]
        asking = {self.office.writes(one.words(), address(one.who)): one.id for one in mine for _ in range(2)}
        self.asking |= {str(ticket): charge for ticket, charge in asking.items()}
        tickets = list(asking)
        self.chance.shuffle(tickets)
        by_hand = [one for one in mine if self.chance.random() < BY_HAND]
        self.drawn += len(by_hand)
        started = threading.Event()
        with ThreadPoolExecutor(1) as people:
            refunding = people.submit(self._by_hand, by_hand, started)
            try:
                for share in range(0, len(tickets), 64):
                    at_once([partial(self.office.event, ticket) for ticket in tickets[share:share + 64]])
                    started.set()
            finally:
                started.set()
            refunding.result()
        self.office.until_quiet(LONGEST)

    def _by_hand(self, charges: list[Charge], started: threading.Event) -> None:
        """Spread over the time in which half of this day's tickets are worked on."""
        started.wait()
        for one in charges:
            part = self.chance.choice([one.paid, one.paid, max(1, one.amount // 3)])
            already = len(self.office.refunds())
            deadline = time.monotonic() + 0.5
            while time.monotonic() < deadline and len(self.office.refunds()) == already:
                threading.Event().wait(0.01)  # the next one comes when Deskhand has refunded one, so that they meet
            try:
                self.office.happens("stripe", "dashboard_refund", charge=one.id, amount=part)
            except Refusal:
                self.refused += 1

    # What Stripe's books say.

    def ours(self) -> list[dict[str, Any]]:
        return [made for made in self.office.refunds() if made["metadata"].get("op_id")]

    def parts(self) -> list[dict[str, Any]]:
        """Ours by which something is left on the charge, so that Stripe would make them again."""
        return [made for made in self.ours() if made["charge"] in self.charges and self.charges[made["charge"]].part]

    def by_hand(self) -> set[str]:
        return {made["charge"] for made in self.office.refunds() if not made["metadata"].get("op_id")}

    def over_the_charge(self) -> int:
        """Cents refunded, by us and by people, beyond what was paid."""
        paid: dict[str, int] = {one["id"]: one["amount"] for one in self.office.stripe.books()["charges"]}
        return sum(max(0, cents - paid[charge]) for charge, cents in by_charge(self.office.refunds()).items())

    def over_what_was_asked(self) -> int:
        """Cents refunded by us beyond what both tickets asked."""
        return sum(max(0, cents - self.asked(charge)) for charge, cents in by_charge(self.ours()).items())

    def asked(self, charge: str) -> int:
        return self.charges[charge].amount if charge in self.charges else 0

    def by_customer(self, *days: int) -> dict[int, int]:
        """Cents that we paid for what was asked on these days."""
        found: dict[int, int] = dict.fromkeys(range(self.size.customers), 0)
        for made in self.ours():
            one = self.charges[made["charge"]]
            found[one.who] += made["amount"] if one.day in days else 0
        return found

    def over_a_limit(self) -> dict[str, int]:
        """Cents beyond each limit."""
        daily = [self.by_customer(day) for day in (0, 1)]
        return {"customer's day": sum(max(0, cents - CUSTOMER_DAY) for day in daily for cents in day.values()),
                "customer's 30 days": sum(max(0, cents - CUSTOMER_MONTH) for cents in self.by_customer(0, 1).values()),
                "desk's day": sum(max(0, sum(day.values()) - self.size.desk_day) for day in daily)}

    def left_lying(self) -> tuple[int, int]:
        """Cents that nobody was paid although every limit had room for them, and how many charges had none.

        The room is used up as it is counted.
        """
        paid, lying, without_room = {made["charge"] for made in self.ours()}, 0, 0
        month = self.by_customer(0, 1)
        for day in (0, 1):
            today = self.by_customer(day)
            desk = sum(today.values())
            for one in sorted(self.charges.values(), key=lambda one: one.amount):
                if one.day != day or one.id in paid or one.id in self.by_hand():
                    continue
                room = min(CUSTOMER_DAY - today[one.who], CUSTOMER_MONTH - month[one.who], self.size.desk_day - desk)
                without_room += one.amount > room
                if one.amount <= room:
                    lying += one.amount
                    desk += one.amount
                    today[one.who] += one.amount
                    month[one.who] += one.amount
        return lying, without_room


def wrongly_told(books: Mapping[str, Mapping[str, Any]], ours: Iterable[Mapping[str, Any]],
                 asking: Mapping[str, str]) -> list[str]:
    """What is told on another ticket than one that asked for it, or not once; each note of a refund has its reply."""
    due = {(f"{made['amount'] / 100:.2f}", made["id"], made["charge"]) for made in ours}
    told: Counter[tuple[str, str, str]] = Counter()
    wrong = []
    for id, book in books.items():
        noted = [found for note in book["notes"] for found in MADE.findall(note["body"])]
        sent = [amount for reply in book["replies"] for amount in SENT.findall(reply["body"])]
        told.update(noted)
        if sent != [amount for amount, _, _ in noted]:
            wrong.append(f"ticket {id} was told of {sent}, and noted is {noted}")
        wrong += [f"ticket {id} has the note of {one}, and asked for {asking[id]}" for one in noted
                  if one[2] != asking[id]]
    return wrong + [f"{one} stands in {told[one]} notes" for one in sorted(due | told.keys())
                    if told[one] != (one in due)]


def by_charge(refunds: Iterable[Mapping[str, Any]]) -> Mapping[str, int]:
    """Cents."""
    found: dict[str, int] = defaultdict(int)
    for made in refunds:
        found[made["charge"]] += made["amount"]
    return found


def a_part_or_the_second(case: Case) -> dict[str, Any]:
    """The planner: what the customer names as a part is asked as goodwill, all else as a duplicate."""
    named = re.search(r"get (\d+\.\d\d) back .* order (\d+)", case.asked())
    if not named:
        return the_second(case)
    handle = [charge.handle for charge in case.charges if charge.order == named[2]][-1]
    return {"actions": [refund(handle, amount=named[1], claim="goodwill", quote=f"{named[1]} back")]}


def the_policy(size: Size) -> str:
    """Small limits; a part needs no proof, and what Stripe says was refunded before hinders nothing: only what the
    ledger knows of the other ticket does."""
    policy = small_limits(customer_day=CUSTOMER_DAY, customer_month=CUSTOMER_MONTH, desk_day=size.desk_day)
    for rule in ("desk-day-home-budget", "claim-unproven", "charge-part-refunded"):
        policy = without_rule(policy, rule)
    return policy


def address(n: int) -> str:
    return f"customer{n}@example.com"


@contextmanager
def a_database(pool: int) -> Iterator[Database]:
    with a_server() as server:
        opened = open_database(server.at(server.make()), Path("unused"), pool=pool, migrate=False)
        yield opened
        opened.close()


@contextmanager
def a_storm(database: Database, size: Size, seed: int = 7) -> Iterator[Storm]:
    """An office under `size.threads` threads of up to four workers."""
    office = Racing(database, a_part_or_the_second, policy=the_policy(size))
    for door in office.doors.values():
        door.latency = 0.001
    storm = Storm(office, size, random.Random(seed))
    storm.load()
    workers = min(4, size.threads)
    with ExitStack() as ending:
        ending.callback(office.inbox.close)
        for _ in range(workers):
            worker = Worker(database.url, lambda id, why: workflow.run(office.desk, id, why),
                            concurrency=size.threads // workers, sweep_every=5)
            worker.start()
            ending.callback(worker.stop)
        yield storm


def raced(database: Database, size: Size) -> Figures:
    """Both days, and what Stripe's books say afterwards."""
    figures, began = Figures("race"), time.monotonic()
    with a_storm(database, size) as storm:
        for day in (0, 1):
            storm.rages(day)
            storm.office.clock.forward(days=1)
        paid, (lying, without_room) = sum(made["amount"] for made in storm.ours()), storm.left_lying()
        figures.add("threads that run passes", size.threads)
        figures.add("charges, each asked for on two tickets", len(storm.charges), at_least=size.charges)
        figures.add("refunds by Deskhand", len(storm.ours()), at_least=size.charges // 5)
        figures.add("of these of a part, which Stripe would make again", len(storm.parts()),
                    at_least=size.charges // 10)
        figures.add("refunds by hand meanwhile", len(storm.by_hand()), at_least=size.charges // 20)
        figures.add("refunds by hand that came too late", storm.refused)
        figures.add("refunds by hand, made or too late", len(storm.by_hand()) + storm.refused, equal=storm.drawn)
        figures.add("cents over a charge", storm.over_the_charge(), equal=0)
        figures.add("cents by Deskhand over what was asked", storm.over_what_was_asked(), equal=0)
        for limit, cents in storm.over_a_limit().items():
            figures.add(f"cents over a {limit}", cents, equal=0)
        books = storm.office.zendesk.books()["tickets"]
        figures.add("tickets without a note", sum(not book["notes"] for book in books.values()), equal=0)
        figures.add("what was not told once, on a ticket that asked for it",
                    len(wrongly_told(books, storm.ours(), storm.asking)), equal=0)
        figures.add("charges that a limit left no room for", without_room, at_least=1)
        figures.add("per cent paid of what was allowed", 100 * paid / max(1, paid + lying), at_least=PAID_AT_LEAST)
        figures.add("seconds", time.monotonic() - began)
    return figures


def main(quick: bool) -> Figures:
    """`scripts/simulate --race`."""
    size = QUICK if quick else WHOLE
    with a_database(min(64, size.threads)) as database:
        return raced(database, size)
