"""Every state has a design: it renders narrow and wide, light and dark, and a picture of it is kept to be looked at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.browser.conftest import Opened
from tests.browser.states import STATES

LOOKS = [(320, "light"), (320, "dark"), (400, "light"), (400, "dark")]


@pytest.mark.parametrize("name", STATES)
def test_each_state_fits_its_frame_light_and_dark(name: str, sidebar: Callable[..., Opened]) -> None:
    for width, scheme in LOOKS:
        opened = sidebar(STATES[name], width=width, scheme=scheme)
        opened.app.locator("footer").wait_for()
        opened.frame.wait_for_function("innerHeight >= document.getElementById('deskhand').scrollHeight")
        wide: Any = opened.frame.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert wide[0] <= wide[1]
        opened.picture(f"{name}-{width}-{scheme}")
        assert opened.wrong == []
        opened.page.context.close()
