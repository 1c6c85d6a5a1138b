"""A German colleague reads no English that Deskhand wrote, whatever the ticket."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine

from tests.browser.conftest import Opened
from tests.browser.served import Scripted
from tests.browser.tickets import bring_about
from webhooks.translated import STATE, translated

ENGLISH = re.compile(r"\b(the|is|are|were|and|must|of|to|with|by|this|that|who|nothing|customer|colleague|refund)\b",
                     re.IGNORECASE)
"""Words that no German sentence has."""
NOT_OURS = "blockquote, .letter, .whose, .notice, .facts[lang=en]"
"""What the customer wrote or would get, and the trail's facts, which stand as they were written down."""


@pytest.mark.parametrize("name", [
    "small_unproven", "proven_duplicate", "new_address", "sender_of_another_address", "disputed",
    "customer_asked_after_a_lead", "held", "shadow_would_ask", "wrote_again", "done_with_undo", "customer_said_no",
    "waiting_while_paused", "nothing_asked",
])
def test_the_german_sidebar_holds_no_english(name: str, engine: Engine, desk: Scripted,
                                             sidebar: Callable[..., Opened]) -> None:
    state, _ = bring_about(engine, name)
    german = translated(state, STATE, "de")
    assert german["untranslated"] == []
    opened = sidebar(german, locale="de-DE")
    opened.app.locator("footer").wait_for()
    opened.until("document.documentElement.lang === 'de'")
    assert [line for line in _shown(opened).split("\n") if ENGLISH.search(line)] == []
    assert opened.wrong == []


def _shown(opened: Opened) -> str:
    """Every text of the page, folded away or not, without what is not ours."""
    text: Any = opened.frame.evaluate("""(others) => {
        const page = document.getElementById('deskhand').cloneNode(true);
        page.querySelectorAll(others).forEach((one) => one.remove());
        return [...page.querySelectorAll('*')].flatMap((one) => [...one.childNodes])
            .filter((one) => one.nodeType === 3).map((one) => one.data).join('\\n');
    }""", NOT_OURS)
    return re.sub("“[^”]*”|Dana Customer", "", str(text))


def test_what_stays_english_is_marked_for_a_screen_reader(desk: Scripted, sidebar: Callable[..., Opened],
                                                          engine: Engine) -> None:
    state, _ = bring_about(engine, "small_unproven")
    state["cards"][0]["risk"] = "The moon is full."
    opened = sidebar(translated(state, STATE, "de"), locale="de-DE")
    opened.sees("The moon is full.")
    opened.until("document.documentElement.lang === 'de'")
    opened.until("[...document.querySelectorAll('[lang=en]')].some((one) => one.textContent === 'The moon is full.')")


def test_the_page_asks_in_the_helpdesks_language(desk: Scripted, sidebar: Callable[..., Opened],
                                                 engine: Engine) -> None:
    state, _ = bring_about(engine, "small_unproven")
    opened = sidebar(state, locale="de-CH")
    opened.app.locator("footer").wait_for()
    opened.until("document.documentElement.lang === 'de'")
    with opened.page.expect_request(lambda one: one.url.endswith("/api/ticket")) as last:
        pass
    assert last.value.headers["accept-language"] == "de"
