"""Without a mouse, without sight, without motion: the order of things, where the focus goes, and what is said aloud."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.browser.conftest import Opened
from tests.browser.served import Scripted
from tests.browser.states import STATES

playwright = pytest.importorskip("playwright.sync_api", reason="Playwright, and so Chromium, is absent: uv sync")
expect = playwright.expect
Sidebar = Callable[..., Opened]
MINE = STATES["waiting_for_me"]


def focused(opened: Opened) -> str:
    found: Any = opened.frame.evaluate("(document.activeElement.textContent || document.activeElement.tagName).trim()")
    return str(found)


def test_the_card_is_walked_through_in_the_order_it_is_read(sidebar: Sidebar) -> None:
    opened = sidebar(MINE)
    opened.app.get_by_text("More about this").focus()
    walked = []
    for _ in range(8):
        opened.page.keyboard.press("Tab")
        walked.append(focused(opened))
    assert walked[:5] == ["Approve…", "Decline…", "Approve less…", "Take over", "Run again"]
    assert [one[:8] for one in walked[5:]] == ["Customer", "What hap", "Waiting "]


@pytest.mark.parametrize(("button", "tag"), [("Decline…", "TEXTAREA"), ("Approve less…", "INPUT"), ("Approve…", "DIV")])
def test_what_is_begun_has_the_focus_and_going_back_returns_it_to_the_card(
        button: str, tag: str, sidebar: Sidebar) -> None:
    opened = sidebar(MINE)
    opened.app.get_by_role("button", name=button, exact=True).press("Enter")
    assert opened.frame.evaluate("document.activeElement.tagName") == tag
    opened.press("Back")
    assert focused(opened) == "Refund USD 47.00"


def test_after_the_press_the_result_is_said_and_the_status_has_the_focus(sidebar: Sidebar, desk: Scripted) -> None:
    opened = sidebar(MINE)
    desk.after = lambda _: STATES["done_without_undo"]
    opened.press("Approve…")
    opened.press("Approve: Refund USD 47.00")
    expect(opened.app.locator(".notice[role=status][aria-live=polite]")).to_contain_text("Approved.")
    assert focused(opened) == "Done"


def test_who_wants_no_motion_sees_none(sidebar: Sidebar, desk: Scripted) -> None:
    desk.answering.clear()
    opened = sidebar(MINE)
    opened.page.emulate_media(reduced_motion="reduce")
    opened.sees("Reading the ticket…")
    moving = "getComputedStyle(document.querySelector('.bone')).animationName"
    assert opened.frame.evaluate(moving) == "none"
    desk.answering.set()
