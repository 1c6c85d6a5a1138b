"""What belongs to which customer, and whether some of it stands in a text, however it is written there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache

from tests.journeys.office import DANA, ERIN

GUS = "gus@example.com"
MALLORY = "mallory@evil.example"
"""Somebody who is no customer, and would like to read along."""
BELONGS: Mapping[str, tuple[str, ...]] = {
    DANA: ("Dana", DANA, "4242", "1042", "1043", "1044", "+49 30 1234567"),
    ERIN: ("Erin", ERIN, "9911", "7777", "+49 40 555 7777"),
    GUS: ("Gus", GUS, "5454", "2051", "2052", "2053", "+49 89 3332222"),
    MALLORY: ("Mallory", MALLORY)}
"""By address: name, address, last four digits, order numbers and telephone, of each customer their own."""
CARDS: Mapping[str, Mapping[str, str]] = {DANA: {"brand": "visa", "last4": "4242"},
                                          ERIN: {"brand": "amex", "last4": "9911"},
                                          GUS: {"brand": "mastercard", "last4": "5454"}}
FOREIGN: Mapping[str, tuple[str, ...]] = {
    email: tuple(mark for other, marks in BELONGS.items() if other != email for mark in marks) for email in BELONGS}
"""By requester: what belongs to everybody else."""
ENOUGH_OF_A_NUMBER = 7
"""So many of a telephone number's last digits tell whose it is."""


def found(marks: Iterable[str], text: str, own: str = "") -> list[str]:
    """Those that stand in a text, unless they stand in `own`, which was written there by others."""
    return [mark for mark in marks if stands(mark, text) and not stands(mark, own)]


def stands(mark: str, text: str) -> bool:
    """As a word of its own in capitals or small; a number neither within another one nor within an amount of money; a
    telephone number with any signs between its digits."""
    return bool(_looked_for(mark).search(text))


@cache
def _looked_for(mark: str) -> re.Pattern[str]:
    digits = re.sub(r"\D", "", mark)
    if re.search(r"[^\W\d]", mark):
        return re.compile(rf"(?<!\w){re.escape(mark)}(?!\w)", re.IGNORECASE)
    if len(digits) >= ENOUGH_OF_A_NUMBER:
        return re.compile(r"[\s()./-]*".join(digits[-ENOUGH_OF_A_NUMBER:]) + r"(?!\d)")
    return re.compile(rf"(?<!\w)(?<!\d[.,]){digits}(?!\w)(?![.,]\d)")
