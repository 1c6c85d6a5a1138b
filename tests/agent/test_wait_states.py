"""The states of a wait: each has its meaning, and whoever goes on from one finds words for it."""

from __future__ import annotations

from typing import get_args

import pytest

from agent.consent.states import ENDINGS, STATES, State
from agent.consent.waits import COUNTING, STANDING
from agent.prepared import SAME, WORDS

SAID_BY = {"declined": ("customer_no", "colleague_no"), "expired": ("customer_silent", "colleague_silent"),
           "late": ("late", "colleague_late"), "called_off": ("customer_no",)}


def test_every_state_stands_in_the_table_once() -> None:
    assert list(STATES) == list(get_args(State))


def test_what_still_stands_or_counts_ends_nothing() -> None:
    assert not {*STANDING, *COUNTING} & ENDINGS.keys()


@pytest.mark.parametrize("state", ENDINGS)
def test_what_ends_an_ask_says_why(state: State) -> None:
    assert STATES[state].why


@pytest.mark.parametrize("state", [state for state in ENDINGS if state != "away"])
def test_whoever_takes_over_finds_a_reply_that_fits(state: State) -> None:
    """Who is on the ticket already needs none."""
    causes = SAID_BY.get(state, (state,))
    assert {SAME.get(cause, cause) for cause in causes} <= WORDS["en"].keys()
