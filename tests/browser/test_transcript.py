"""The README's picture of an install: what the commands printed in the journey, as a terminal shows it."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any

from tests.browser.conftest import PICTURES

PRINTED = Path(__file__).parents[1] / "journeys" / "installed.txt"
COLOURS = {"!": "#e3b341", "$": "#ffffff", "  done": "#7ee787"}


def test_the_readmes_picture_of_an_install_is_what_was_printed(chromium: Any) -> None:
    """`scripts/pictures` puts what this leaves in var/pictures beside the README."""
    _, _, rest = PRINTED.read_text().partition("Used now, and not stored:\n")
    setup, _, _ = rest.partition("\nUsed now, and not stored:\n")
    assert "Do this? [y/N]: y" in setup
    shown = "\n".join(_line(line) for line in ["$ deskhand setup zendesk", *setup.rstrip().splitlines()])
    page = chromium.new_page(viewport={"width": 980, "height": 100})
    page.set_content('<body style="margin:0;background:#0d1117"><pre style="margin:18px;color:#c9d1d9;font:13px/1.45 '
                     f'monospace;white-space:pre-wrap">{shown}</pre>')
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / "setup.png", full_page=True)
    page.close()
    assert (PICTURES / "setup.png").stat().st_size < 150_000


def _line(line: str) -> str:
    colour = next((colour for start, colour in COLOURS.items() if line.startswith(start)), None)
    return f'<span style="color:{colour}">{escape(line)}</span>' if colour else escape(line)
