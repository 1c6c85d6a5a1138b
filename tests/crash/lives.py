"""The tickets of a crash run: who writes what, what colleagues and rules do beside it, and what must come of it.

A life follows from its number and the run's seed alone. Its customer, order and charges are its own, so that the books
can be told apart; nothing in a life depends on when Deskhand comes to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.crash.books import Due

Json = dict[str, Any]

COLLEAGUE = "mia@acme.example"
OFF = "no_deskhand"
"""The tag of tickets that are not Deskhand's."""
OLD_PHONE = "+1 212 555 0000"
NOTHING = Due()
KINDS = {"paid twice": 44, "new phone": 8, "paid twice, a colleague answered": 8, "not ours": 28, "only thanks": 12}
"""In a hundred. All but the last two ask for something; of those a colleague answered, Deskhand keeps away."""
HELPDESKS = {"zendesk": 70, "salesforce": 30}
LONGEST = 8.0
"""Seconds after a ticket's first message in which others do something on it."""


@dataclass(frozen=True)
class Step:
    """Something that happens on the ticket `after` so many seconds: an operation of the stand-in and what it takes."""

    after: float
    op: str
    told: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Life:
    number: int
    kind: str
    helpdesk: str
    amount: int
    """Cents of each of the customer's two charges; so little that thousands of them stay within the budget of a day."""
    letter: Json
    at_once: tuple[Step, ...]
    """What stands on the ticket before anybody hears of it."""
    later: tuple[Step, ...]

    @property
    def email(self) -> str:
        return f"pat{self.number}@customer.example"

    @property
    def first_name(self) -> str:
        return first_name(self.number)

    @property
    def again(self) -> str:
        """The charge made in error."""
        return f"ch_pat{self.number}_again"

    @property
    def new_phone(self) -> str:
        return new_phone(self.number)

    def due(self) -> Due:
        """What must stand in the vendors' books when all is quiet."""
        if self.kind == "paid twice":
            return Due(refunds={self.again: self.amount}, notes=1, replies=1, activities=1)
        if self.kind == "new phone":
            return Due(notes=1, replies=1, activities=1, phone=self.new_phone)
        return NOTHING

    def world(self) -> Json:
        """The customer, as the vendors know them before they write."""
        id, name = f"cus_pat{self.number}", f"{self.first_name} Doe"
        charge = {"customer": id, "amount": self.amount, "currency": "usd", "card": {"brand": "visa", "last4": "4242"},
                  "metadata": {"order_id": str(100_000 + self.number)}, "billing_email": self.email}
        return {
            "zendesk": {"users": [{"name": name, "email": self.email, "created_at": "-300d"}]},
            "stripe": {"customers": [{"id": id, "email": self.email, "name": name, "created": "-300d"}],
                       "charges": [{"id": f"ch_pat{self.number}_first", "created": "-26h", **charge},
                                   {"id": self.again, "created": "-25h", **charge}]},
            "salesforce": {"contacts": [{"FirstName": self.first_name, "LastName": f"Doe {self.number}",
                                         "Email": self.email, "Phone": OLD_PHONE}]},
        }


def first_name(number: int) -> str:
    """A name of their own, in letters alone, as names are: Patb, Patc, Patba."""
    letters = ""
    while number:
        number, last = divmod(number, 26)
        letters = chr(ord("a") + last) + letters
    return f"Pat{letters}"


def new_phone(number: int) -> str:
    return f"+1 212 555 {number % 9_999 + 1:04d}"


def life(number: int, seed: int) -> Life:
    by = Random(f"{seed} {number}")
    kind, helpdesk = _one_of(by, KINDS), _one_of(by, HELPDESKS)
    letter: Json = {"email": f"pat{number}@customer.example", "name": f"{first_name(number)} Doe",
                    "channel": "email", "subject": "A question", "body": _words(kind, number)}
    if kind == "not ours":
        letter |= {"tags": [OFF]} if helpdesk == "zendesk" else {"fields": {"Deskhand_Tags__c": f" {OFF} "}}
    answered = (Step(0, "agent_replies", {"agent": COLLEAGUE, "body": "I am on it."}),) \
        if kind == "paid twice, a colleague answered" else ()
    return Life(number, kind, helpdesk, by.randint(50, 250), letter, answered, _beside(by, helpdesk))


def _words(kind: str, number: int) -> str:
    if kind == "new phone":
        return f"Hello, my phone number has changed. My new phone number is {new_phone(number)}. Thank you!"
    if kind == "only thanks":
        return "Thank you very much for your help!"
    return (f"Hi, I was charged twice for order {100_000 + number}. Please refund the second one. Thank you, "
            f"{first_name(number)}")


def _beside(by: Random, helpdesk: str) -> tuple[Step, ...]:
    """What happens on the ticket meanwhile, some of it at one moment, and changes nothing about what is asked or who
    works on it."""
    moments = [by.uniform(0, LONGEST) for _ in range(by.randint(2, 4))]
    steps = [Step(at, *by.choice(BESIDE[helpdesk])) for at in moments for _ in range(by.randint(1, 5))]
    return tuple(sorted(steps, key=lambda step: step.after))


BESIDE: dict[str, tuple[tuple[str, Json], ...]] = {
    "zendesk": (
        ("agent_replies", {"agent": COLLEAGUE, "public": False, "body": "Seen, and left to the others."}),
        ("agent_sets", {"agent": COLLEAGUE, "priority": "low"}),
        ("agent_sets", {"agent": COLLEAGUE, "priority": "high"}),
        ("adds_tag", {"tag": "billing"}), ("adds_tag", {"tag": "seen"}), ("adds_tag", {"tag": "europe"}),
        ("routing_assigns", {"group": "Support"}), ("routing_assigns", {"group": "Team leads"}),
        ("routing_assigns", {"assignee": COLLEAGUE}),
    ),
    "salesforce": (
        ("agent_comments", {"agent": COLLEAGUE, "body": "Seen, and left to the others."}),
        ("agent_comments", {"agent": COLLEAGUE, "body": "The order was paid by card."}),
        ("routing_assigns", {"group": "Support"}), ("routing_assigns", {"group": "Team leads"}),
    ),
}


def _one_of(by: Random, shares: Mapping[str, int]) -> str:
    return by.choices(list(shares), list(shares.values()))[0]
