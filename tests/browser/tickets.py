"""Tickets as a desk meets them, each brought about by the product itself: what its sidebar then shows is real."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine

from agent import switch
from agent.desk import Choices, Flags
from tests.journeys.office import CHECKED, DANA, refund
from tests.webhooks.opened import ADA, FAY, KIM, LEO, LOU, OpenOffice

VIP = Choices(senders_checked=CHECKED, flags=Flags(vip="zendesk:tag:vip"))
TWICE = "Hello, I was charged twice for my order 1042. Could you please refund the second payment?"
NEVER_CAME = "My parcel of order 1042 never came, I want my money back, please."


@dataclass(frozen=True)
class Brought:
    """How a ticket came to be as it is, and who looks at it."""

    about: Callable[[OpenOffice], object]
    who: str = KIM
    how: Mapping[str, Any] | None = None
    """What the office is made with, where it is not as shipped."""


def asks_for(office: OpenOffice, *actions: dict[str, Any], body: str, **more: Any) -> int:
    """The planner reads this message as asking for these; what comes later asks for nothing new."""
    first = body[:20]
    said: dict[str, Any] = {name: more.pop(name) for name in ("language", "confidence") if name in more}
    said["actions"] = list(actions)
    office.script(lambda case: said if first in case.asked() else {"nothing_asked": True})
    return office.handle(body, **more)


def never_came(office: OpenOffice) -> int:
    office.charge(1800, ago="-12d", description="Desk lamp")
    return asks_for(office, refund("c1", claim="not_received", quote="My parcel of order 1042 never came"),
                    body=NEVER_CAME)


def twice(amount: int = 4700, **more: Any) -> Callable[[OpenOffice], int]:
    def about(office: OpenOffice) -> int:
        office.charge(amount, ago="-2h", description="Order 1042")
        office.charge(amount, ago="-110m", description="Order 1042")
        return asks_for(office, refund("c2", quote="I was charged twice for my order 1042"), body=TWICE, **more)
    return about


def moves(office: OpenOffice) -> int:
    new = {"street": "New Street 5", "city": "Berlin", "postal_code": "10115"}
    return asks_for(office, *({"kind": "contact_change", "contact": "k1", "field": name, "value": value,
                               "quote": "I moved to New Street 5, 10115 Berlin"} for name, value in new.items()),
                    body="I moved to New Street 5, 10115 Berlin. Where is my order 1042?")


def of_another_address(office: OpenOffice) -> int:
    office.charge(1800, billing_email=None, ago="-2h")
    office.charge(1800, billing_email=None, ago="-110m")
    return asks_for(office, refund("c2", quote="I was charged twice for my order 1042"), body=TWICE)


def disputed(office: OpenOffice) -> int:
    _, second = office.double_charge(4700)
    office.happens("stripe", "dispute", charge=second)
    return asks_for(office, refund("c2", quote="I was charged twice for my order 1042"), body=TWICE)


def part_refunded(office: OpenOffice) -> int:
    office.charge(12900, ago="-9d", description="Office chair", refunds=[{"amount": 2900, "created": "-3d"}])
    return asks_for(office, refund("c1", amount="20.00", claim="damaged", quote="one armrest is scratched"),
                    body="The chair came and one armrest is scratched. Could I have 20 dollars back?")


def asks_again(office: OpenOffice) -> None:
    office.charge(6000, ago="-5d", description="Bookshelf")
    body = "Two boards of the shelf are bent, can I have 15 back?"
    ticket = asks_for(office, refund("c1", amount="15.00", claim="damaged", quote="Two boards of the shelf are bent"),
                      body=body)
    office.seat().approve()
    office.run()
    again = refund("c1", amount="15.00", claim="damaged", quote="15 back for the shelf")
    office.script(lambda case: {"actions": [again]})
    office.customer_answers(ticket, "So when do I get my 15 back for the shelf?")


def in_german(office: OpenOffice) -> int:
    office.charge(3900, ago="-12d", currency="eur", description="Schreibtischlampe")
    return asks_for(office, refund("c1", claim="not_received", quote="mein Paket ist nie angekommen"), language="de",
                    body="Guten Tag, mein Paket ist nie angekommen. Ich möchte bitte mein Geld zurück.")


def asked_after_a_lead(office: OpenOffice) -> None:
    twice(18000)(office)
    office.seat(LEO).approve()
    office.run()


def held(office: OpenOffice) -> None:
    office.double_charge(1800)
    office.fault("stripe", "timeout_before", "POST", "/refunds", times=1000)
    asks_for(office, refund("c2", quote="I was charged twice for my order 1042"), body=TWICE)
    office.settle(hours=40)


def paid(office: OpenOffice) -> None:
    never_came(office)
    office.seat().approve()
    office.run()


def new_number(office: OpenOffice) -> int:
    change = {"kind": "contact_change", "contact": "k1", "field": "phone", "value": "+49 30 7654321",
              "quote": "My new number is +49 30 7654321"}
    return asks_for(office, change, body="My new number is +49 30 7654321, please change it.")


def number_taken_back(office: OpenOffice) -> None:
    new_number(office)
    (done,) = office.seat().state()["done"]
    office.seat().post(f"/api/operations/{done['operation']}/undo", {"digest": done["undo"]["digest"]})
    office.run()


def where_is_it(office: OpenOffice) -> int:
    office.charge(4700, ago="-9d", refunds=[{"amount": 4700, "created": "-4d"}])
    return asks_for(office, {"kind": "status_answer", "charge": "c1", "quote": "where is my refund"},
                    body="Hello, where is my refund of last week?")


def declined(office: OpenOffice) -> None:
    never_came(office)
    office.seat().decline("The carrier says that it was handed to a neighbour.")
    office.run()


def unanswered(office: OpenOffice) -> None:
    never_came(office)
    office.settle(hours=100)


def customer_says_no(office: OpenOffice) -> None:
    office.customer_answers(twice()(office), "No, leave it.")


def taken_over(office: OpenOffice) -> None:
    never_came(office)
    office.seat().ticket("take-over")


def paused(office: OpenOffice) -> None:
    with office.engine.begin() as c:
        switch.pause(c, "all", "checking a wrong refund", "Ada", office.clock())
    twice(1800)(office)


def waiting_while_paused(office: OpenOffice) -> None:
    never_came(office)
    with office.engine.begin() as c:
        switch.pause(c, "refund", "checking a wrong refund", "Ada", office.clock())


def two_things(office: OpenOffice) -> int:
    office.charge(1800, ago="-12d", description="Desk lamp")
    address = {"kind": "contact_change", "contact": "k1", "field": "street", "value": "New Street 5",
               "quote": "my street is New Street 5 now"}
    return asks_for(office, refund("c1", claim="not_received", quote="My parcel of order 1042 never came"), address,
                    body=f"{NEVER_CAME} By the way, my street is New Street 5 now.")


def writes_again(office: OpenOffice) -> None:
    ticket = never_came(office)
    office.script(lambda case: {"actions": [refund("c1", claim="not_received", quote="any news")]})
    office.customer_answers(ticket, "Hi, any news about it?")


def just_arrived(office: OpenOffice) -> None:
    office.event(office.writes(NEVER_CAME))


def not_ours(office: OpenOffice) -> None:
    office.script(lambda case: {"nothing_asked": True})
    office.handle("Thank you, the lamp is lovely.")


WATCHING = {"watching": True}
TICKETS: dict[str, Brought] = {
    "small_unproven": Brought(never_came),
    "proven_duplicate": Brought(twice()),
    "for_the_lead": Brought(twice(18000), LEO),
    "for_the_lead_seen_by_an_agent": Brought(twice(18000)),
    "for_finance": Brought(twice(90000), FAY),
    "for_finance_seen_by_a_lead": Brought(twice(90000), LEO),
    "new_address": Brought(moves),
    "sender_of_another_address": Brought(of_another_address),
    "sender_unknown": Brought(twice(1800), how={"choices": Choices(senders_checked=frozenset())}),
    "disputed": Brought(disputed),
    "part_refunded": Brought(part_refunded),
    "planner_unsure": Brought(twice(1800, confidence="low")),
    "asked_again": Brought(asks_again, LEO),
    "vip": Brought(twice(1800, tags=["vip"]), LEO, {"choices": VIP}),
    "german_customer": Brought(in_german),
    "customer_asked_after_a_lead": Brought(asked_after_a_lead, LEO),
    "held": Brought(held),
    "shadow": Brought(twice(1800), how=WATCHING),
    "shadow_would_ask": Brought(never_came, how=WATCHING),
    "two_things": Brought(two_things),
    "wrote_again": Brought(writes_again),
    "seen_by_a_light_agent": Brought(never_came, LOU),
    "done": Brought(paid),
    "done_with_undo": Brought(new_number),
    "undone": Brought(number_taken_back),
    "answered": Brought(where_is_it),
    "declined": Brought(declined),
    "expired": Brought(unanswered),
    "customer_said_no": Brought(customer_says_no),
    "taken_over": Brought(taken_over),
    "paused": Brought(paused, ADA),
    "waiting_while_paused": Brought(waiting_while_paused),
    "just_arrived": Brought(just_arrived),
    "nothing_asked": Brought(not_ours),
    "never_seen": Brought(lambda office: office.writes("Hello?", DANA)),
}


def bring_about(engine: Engine, name: str) -> tuple[dict[str, Any], datetime]:
    """What the sidebar of this ticket is told, and when, after it was brought about in an office of its own."""
    brought = TICKETS[name]
    how = dict(brought.how or {})
    watching = how.pop("watching", False)
    office = OpenOffice(engine, **how)
    if watching:
        office.policy = office.policy.model_copy(update={"actions": {
            name: row.model_copy(update={"mode": "shadow"}) for name, row in office.policy.actions.items()}})
    brought.about(office)
    return office.seat(brought.who).state(), office.clock()
