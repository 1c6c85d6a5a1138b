"""Every state has a design: it renders narrow and wide, light and dark, and a picture of it is kept to be looked at."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine

from agent.consent.shown import State
from tests.browser.conftest import Opened
from tests.browser.states import STATES, card
from tests.browser.tickets import bring_about

LOOKS = [(320, "light"), (320, "dark"), (400, "light"), (400, "dark")]


@pytest.mark.parametrize("name", STATES)
def test_the_states_shown_here_are_states_of_the_api(name: str) -> None:
    State.model_validate_json(json.dumps(STATES[name]))


def test_the_card_made_by_hand_says_what_the_product_says(engine: Engine) -> None:
    (real,) = bring_about(engine, "planner_unsure")[0]["cards"]
    words = ("claim", "why_proven", "evidence", "rule", "risk", "undo", "on_no", "on_timeout", "for_whom_words")
    assert {name: card()[name] for name in words} == {name: real[name] for name in words}


@pytest.mark.parametrize("name", STATES)
def test_each_state_fits_its_frame_light_and_dark(name: str, sidebar: Callable[..., Opened]) -> None:
    opened = sidebar(STATES[name])
    opened.app.locator("footer").wait_for()
    for width, scheme in LOOKS:
        opened.looks(width, scheme)
        wide: Any = opened.frame.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert wide == [width, width]
        opened.picture(f"{name}-{width}-{scheme}")
    assert opened.wrong == []
