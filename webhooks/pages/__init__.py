"""Our pages: rendered here, styled and scripted from our own addresses, and let into no frame unless it is named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from webhooks.assets import Assets

_SHUT = {"default-src": "'none'", "base-uri": "'none'", "form-action": "'none'", "frame-ancestors": "'none'",
         "style-src": "'self'"}


class Pages:
    """Renders the templates beside this file; whatever is put into one is escaped."""

    def __init__(self, assets: Assets) -> None:
        self.assets = assets
        self._templates = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True,
                                      undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)

    def show(self, name: str, status: int = 200, *, lets: dict[str, str] | None = None, locale: str = "en",
             **values: Any) -> Response:
        """A page that nobody keeps and that tells no address; `lets` opens the policy where the page needs it."""
        body = self._templates.get_template(name).render(static=self.assets.url, locale=locale, **values)
        policy = "; ".join(f"{what} {whom}" for what, whom in (_SHUT | (lets or {})).items())
        return Response(body, status, content_type="text/html; charset=utf-8", headers={
            "Content-Security-Policy": policy, "Cache-Control": "no-store", "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff", "X-Robots-Tag": "noindex, nofollow"})
