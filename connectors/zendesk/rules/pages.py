"""Pages and scripts that lie in the package itself; ours comes from the server and brings none."""

from __future__ import annotations

import re
from collections.abc import Iterator

from connectors.zendesk.rules.app import App, Rule, extension

_PLAIN = re.compile(r"\bhttp://(?!localhost\b|127\.0\.0\.1\b|www\.w3\.org/)[^\s\"'<>]+")


def nothing_is_fetched_in_plain(app: App) -> Iterator[str]:
    """zendesk_apps_support, validations/requests."""
    for path, text in app.text_files():
        if extension(path) in ("js", "jsx", "html", "htm") and (found := _PLAIN.search(text)):
            yield f"{path} asks {found[0]} without encryption: write https."


RULES: tuple[Rule, ...] = (nothing_is_fetched_in_plain,)
