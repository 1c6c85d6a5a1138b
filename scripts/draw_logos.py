"""Draws the Zendesk app's logos from manifests/zendesk/logo.svg: `uv run python -m scripts.draw_logos`.

A browser draws them (Playwright, of the developers' tools), because no other drawer of SVG is among our dependencies.
"""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from typing import Any

from connectors.zendesk.package import shipped

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
GROUND = '<rect id="ground"'


@dataclass(frozen=True)
class Logo:
    """One picture: how wide it is, and how round its corners are, in the drawing's units of 320."""

    path: str
    side: int
    round: int


LOGOS = (Logo("assets/logo.png", 320, 0), Logo("assets/logo-small.png", 128, 56))
"""Zendesk docs, "Create brand assets": the large one without rounded corners, the small one with transparency."""


def draw(logo: Logo, browser: Any) -> bytes:
    """The picture as PNG."""
    drawing = (shipped() / "logo.svg").read_text(encoding="utf-8")
    page = browser.new_page(viewport={"width": logo.side, "height": logo.side})
    page.set_content(f"<style>*{{margin:0}}svg{{display:block;width:{logo.side}px;height:{logo.side}px}}</style>"
                     + drawing.replace(GROUND, f'{GROUND} rx="{logo.round}"'))
    picture: bytes = page.screenshot(omit_background=True)
    page.close()
    return picture


def main() -> int:
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - a tool of developers, not in an installation

    browser_at = next((found for name in CHROMIUM if (found := shutil.which(name))), None)
    if browser_at is None:
        print("There is no Chromium on this machine: apt-get install chromium", file=sys.stderr)
        return 1
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=browser_at, args=["--no-sandbox"])
        for logo in LOGOS:
            picture = draw(logo, browser)
            (shipped() / logo.path).write_bytes(picture)
            print(f"{logo.path}: {len(picture):,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
