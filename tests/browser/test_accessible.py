"""Nobody is shut out: axe-core finds nothing serious, light or dark, in any state and in each step."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.conftest import Opened
from tests.browser.states import STATES

axe = pytest.importorskip("axe_playwright_python.base", reason="axe-core is not installed: uv sync")
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "rules": {"region": {"enabled": False}},
}  # a panel in a frame is part of the helpdesk's page
LOUD = ("serious", "critical")


def problems(opened: Opened) -> list[str]:
    opened.page.wait_for_timeout(0)
    opened.frame.evaluate(axe.AXE_FILE_PATH.read_text())
    found = opened.frame.evaluate("rules => axe.run(document, rules)", RULES)
    return [
        f"{one['id']}: {node['html']}" for one in found["violations"] if one["impact"] in LOUD for node in one["nodes"]
    ]


@pytest.mark.parametrize("name", STATES)
def test_no_state_shuts_anybody_out(name: str, sidebar: Callable[..., Opened]) -> None:
    opened = sidebar(STATES[name])
    opened.app.locator("footer").wait_for()
    for summary in opened.app.locator("details.section > summary").all():
        summary.click()
    for scheme in ("light", "dark"):
        opened.looks(320, scheme)
        assert problems(opened) == []


@pytest.mark.parametrize(
    ("name", "button"),
    [
        ("waiting_for_me", "Approve…"),
        ("waiting_for_me", "Approve less…"),
        ("waiting_for_me", "Decline…"),
        ("done_with_undo", "Undo…"),
    ],
)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_step_shuts_anybody_out(name: str, button: str, scheme: str, sidebar: Callable[..., Opened]) -> None:
    opened = sidebar(STATES[name], scheme=scheme)
    opened.press(button)
    opened.app.locator(".step").wait_for()
    assert problems(opened) == []
