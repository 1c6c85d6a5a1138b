"""The app's pictures: their sizes, and that a drawing only draws."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from html.parser import HTMLParser

from connectors.zendesk.rules.app import App, Rule

PNG = b"\x89PNG\r\n\x1a\n"
LARGE, SMALL, BANNER = "assets/logo.png", "assets/logo-small.png", "assets/banner.png"
LOGOS = {LARGE: 320, SMALL: 128}
BANNERS = ((830, 200), (1660, 400))
SEE_THROUGH = (4, 6)
"""PNG colour types that carry transparency."""
UNSAFE = ("script", "foreignobject", "iframe", "embed", "object", "image", "animate", "set", "handler", "use", "a")
LEADS_OUT = ("javascript:", "data:", "http:", "https:", "//", "url(")


def logos_are_there(app: App) -> Iterator[str]:
    """Zendesk docs, "Styles and assets": logo.png and logo-small.png."""
    for path, side in LOGOS.items():
        if path not in app.files:
            yield f"There is no {path}: add it, a PNG of {side} by {side} pixels."


def logos_have_their_size(app: App) -> Iterator[str]:
    """Zendesk docs, "Create brand assets"."""
    for path, side in LOGOS.items():
        if path in app.files and _size(app.files[path]) != (side, side):
            yield f"{path} is no PNG of {side} by {side} pixels: draw it in that size."


def the_small_logo_is_see_through(app: App) -> Iterator[str]:
    """Zendesk docs, "Create brand assets": PNG-24 with transparency."""
    small = app.files.get(SMALL, b"")
    if _size(small) is not None and small[25] not in SEE_THROUGH:
        yield f"{SMALL} has no transparency: save it as PNG-24 with transparency."


def a_banner_has_its_size(app: App) -> Iterator[str]:
    """zendesk_apps_support, validations/banner."""
    if BANNER in app.files and _size(app.files[BANNER]) not in BANNERS:
        yield f"{BANNER} is no PNG of 830 by 200 pixels, or twice that: draw it in that size, or remove it."


def drawings_only_draw(app: App) -> Iterator[str]:
    """Zendesk rewrites an SVG that holds more than a drawing, and puts its own in the place of one with a bitmap
    (zendesk_apps_support, validations/svg)."""
    for path, content in app.files.items():
        if path.endswith(".svg"):
            drawing = _Drawing()
            drawing.feed(content.decode("utf-8", "replace"))
            drawing.close()
            for what in dict.fromkeys(drawing.wrong):
                yield f"{path} holds {what}, which Zendesk takes out: remove it."


def drawings_have_a_view_box(app: App) -> Iterator[str]:
    """Zendesk docs, "Styles and assets": an icon's svg or symbol needs its viewBox."""
    for path, content in app.files.items():
        if path.endswith(".svg") and b"viewBox" not in content:
            yield f'{path} has no viewBox: add one, such as viewBox="0 0 18 18".'


class _Drawing(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in UNSAFE:
            self.wrong.append(f"<{tag}>")
        for name, value in attrs:
            told = "".join((value or "").split()).lower()
            if name.startswith("on"):
                self.wrong.append(f"the handler {name}")
            elif not name.startswith("xmlns") and any(one in told for one in LEADS_OUT) and "url(#" not in told:
                self.wrong.append(f"an address in {name}")

    def handle_decl(self, decl: str) -> None:
        self.wrong.append("a document type")


def _size(content: bytes) -> tuple[int, int] | None:
    if not content.startswith(PNG) or content[12:16] != b"IHDR" or len(content) < 26:
        return None
    width, height = struct.unpack(">II", content[16:24])
    return width, height


RULES: tuple[Rule, ...] = (logos_are_there, logos_have_their_size, the_small_logo_is_see_through,
                           a_banner_has_its_size, drawings_only_draw, drawings_have_a_view_box)
