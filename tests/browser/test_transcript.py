"""The README's picture of an install: what the commands printed in the journey, as a terminal shows it."""

from __future__ import annotations

import os
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import PICTURES

PRINTED = Path(__file__).parents[1] / "journeys" / "installed.txt"
README = Path(__file__).parents[2] / ".github"
COLOURS = {"!": "#e3b341", "$": "#ffffff", "  done": "#7ee787"}


def test_the_readmes_picture_of_an_install_is_of_what_was_printed(request: pytest.FixtureRequest) -> None:
    """Once something else is printed, `scripts/pictures` takes it anew, and notes beside it what it was taken of."""
    folder = README
    if os.environ.get("DESKHAND_PICTURES"):
        folder = PICTURES
        _take(request.getfixturevalue("chromium"))
    assert (folder / "setup.sha256").read_text() == _of(folder / "setup.png"), "run scripts/pictures"
    assert (folder / "setup.png").stat().st_size < 150_000


def _take(chromium: Any) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    page = chromium.new_page(viewport={"width": 980, "height": 100})
    page.set_content(_page())
    page.screenshot(path=PICTURES / "setup.png", full_page=True)
    page.close()
    (PICTURES / "setup.sha256").write_text(_of(PICTURES / "setup.png"))


def _of(picture: Path) -> str:
    """A picture, and the page that it is said to be of."""
    return f"{sha256(picture.read_bytes()).hexdigest()}  setup.png\n{sha256(_page().encode()).hexdigest()}  its page\n"


def _page() -> str:
    _, _, rest = PRINTED.read_text().partition("Used now, and not stored:\n")
    setup, _, _ = rest.partition("\nUsed now, and not stored:\n")
    assert "Do this? [y/N]: y" in setup
    shown = "\n".join(_line(line) for line in ["$ deskhand setup zendesk", *setup.rstrip().splitlines()])
    return ('<body style="margin:0;background:#0d1117"><pre style="margin:18px;color:#c9d1d9;font:13px/1.45 '
            f'monospace;white-space:pre-wrap">{shown}</pre>')


def _line(line: str) -> str:
    colour = next((colour for start, colour in COLOURS.items() if line.startswith(start)), None)
    return f'<span style="color:{colour}">{escape(line)}</span>' if colour else escape(line)
