"""The seven customers of the demo: what each writes, and what the vendors' books must say in the end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Story:
    letter: str
    title: str
    email: str
    subject: str
    body: str
    outcome: str
    """What must become of it, in the words of a ticket's outcome."""

    @property
    def name(self) -> str:
        return self.email.partition("@")[0].capitalize()


ANA = Story(
    "a", "Charged twice, 18 dollars", "ana@customer.example", "Charged twice",
    "Hi, I was charged twice for order 1042. Please refund the second one. Thank you, Ana", "done")
BEN = Story(
    "b", "A new phone number", "ben@customer.example", "My phone number",
    "Hello, I have a new phone number: +1 646 555 0123. Please update it. Ben", "done")
CARLA = Story(
    "c", "Where is my refund?", "carla@customer.example", "My refund",
    "Hi, where is my refund? Carla", "answered")
DAVID = Story(
    "d", "Charged twice, 180 dollars: a lead approves, and David says yes", "david@customer.example", "Paid twice",
    "Hello, I was charged twice for order 1077. Please refund the second one. David", "done")
LEAD = "lena@acme.example"
"""Who approves it."""
EVA = Story(
    "e", "Furious, and a lawyer", "eva@customer.example", "Last warning",
    "This is outrageous. Order 1081 never arrived and nobody answers. I want my money back now. "
    "The next letter will come from my lawyer. Eva", "handed_over")
FRANK = Story(
    "f", "A kind word on the newsletter", "frank@customer.example", "Re: Our autumn colours are here",
    "Thanks for the newsletter, I love the photos of the new autumn colours!\n\nFrank", "ignored")
GINA = Story(
    "g", "Charged twice, and Deskhand is killed", "gina@customer.example", "Charged twice",
    "Hi, I was charged twice for order 1102. Please refund the second one. Thanks, Gina", "done")

STORIES = (ANA, BEN, CARLA, DAVID, EVA, FRANK, GINA)

BOOKS: dict[str, Any] = {"refunds": 3, "refunded": {"usd": 21950}, "notes": 8, "replies": 6, "activities": 4}
"""18.00 for Ana, 180.00 for David and 21.50 for Gina; a note on every ticket but Frank's, on David's one for each step;
Ana, Ben, Carla and Gina were answered, David was asked and answered; what was done for Ana, Ben, David and Gina stands
on their contacts."""

REFUNDED = [("ch_ana_again", 1800), ("ch_david_again", 18000), ("ch_gina_again", 2150)]
"""The later charge of each pair, in cents, each once."""

BENS_NUMBER = "+16465550123"
"""Ben's new number, compared by its digits."""
