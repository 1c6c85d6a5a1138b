"""Real tickets, each as its sidebar shows it: nothing is cut off, no inner word is shown, and nobody is shut out."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.browser.conftest import Opened
from tests.browser.test_accessible import problems
from tests.browser.tickets import TICKETS

LOOKS = [(320, "light"), (320, "dark"), (400, "light"), (400, "dark")]
INNER = re.compile(r"\b(E[0-4]|[a-z]+_[a-z]\w*|op-\w+|rule [a-z]+[.-][\w.-]+)\b")
"""Words of ours that mean nothing to a colleague: evidence levels, names with underscores, operations, rules' ids."""
NUMBERS = re.compile(r"\b(re|ch)_\w+")
"""What the payment provider calls a payment or a refund: a colleague searches for it there."""
COMMANDS = re.compile(r"“deskhand [^”]*”")
"""Whole, for the administrator to whom a colleague sends it."""


@pytest.mark.parametrize("name", TICKETS)
def test_each_ticket_fits_its_frame_and_shuts_nobody_out(name: str, beside: Callable[..., Opened]) -> None:
    opened = beside(name)
    opened.app.locator("footer").wait_for()
    for width, scheme in LOOKS:
        opened.looks(width, scheme)
        wide: Any = opened.frame.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert wide == [width, width]
        opened.picture(f"ticket-{name}-{width}-{scheme}")
        if width == 320:
            assert problems(opened) == []
    words = opened.app.locator("#deskhand").inner_text()
    assert INNER.findall(COMMANDS.sub("", NUMBERS.sub("", words))) == []
    assert opened.wrong == []


def test_nothing_is_cut_off_at_twice_the_size(beside: Callable[..., Opened]) -> None:
    """A browser at 200 % gives the frame half as many pixels of its own."""
    opened = beside("asked_again")
    opened.app.locator("footer").wait_for()
    opened.looks(160, "light")
    assert opened.frame.evaluate("document.documentElement.scrollWidth") == 160
    opened.picture("ticket-asked_again-160-light")


def test_the_customers_payments_say_when_they_were_read_and_which_one_it_is_about(
        beside: Callable[..., Opened]) -> None:
    opened = beside("proven_duplicate")
    opened.app.get_by_text("Customer", exact=True).click()
    opened.sees("As of 9:00 AM, when Deskhand read them.")
    (about,) = opened.app.locator(".payments .about").all()
    assert about.inner_text().startswith("This payment")
    opened.fits()
    opened.picture("ticket-customer-320-light")


def test_the_trail_tells_what_people_want_to_know_and_folds_the_rest(beside: Callable[..., Opened]) -> None:
    opened = beside("done")
    opened.app.get_by_text("What happened").click()
    told = opened.app.locator("details.section > ol.trail > li > div > .said").all_inner_texts()
    assert told == ["The customer’s message was read: a refund (needs a yes first)",
                    "Written on the ticket: waiting for an answer", "Kim approved it", "Done and read back: the refund",
                    "Written on the ticket: done"]
    opened.fits()
    opened.picture("ticket-trail-320-light")


def test_what_was_tried_all_night_is_one_line(beside: Callable[..., Opened]) -> None:
    opened = beside("held")
    opened.app.get_by_text("What happened").click()
    opened.app.locator(".steps > summary").click()
    assert opened.app.locator(".steps li").count() < 12
    assert re.search(r"Not known whether it happened: .*\(\d+ times\)", opened.app.locator(".steps").inner_text())
    opened.fits()
    opened.picture("ticket-trail-held-320-light")
