"""POST /sidebar/zendesk: Zendesk says who is looking, and the page comes back with a session of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, Response, request

from webhooks.pages import Pages
from webhooks.problems import Refused
from webhooks.sessions import Sessions, not_signed_in, posted_token
from webhooks.tokens import NotVerified, SignedApp, verify
from webhooks.translated import PROBLEM, language_of, translated

SDK = "https://static.zdassets.com/zendesk_app_framework_sdk/2.0/zaf_sdk.min.js"
"""Zendesk asks that its app script come from its own address, and nowhere else from (Zendesk docs, "Using the SDK")."""
LARGEST_BODY = 16 * 1024


@dataclass(frozen=True)
class ZendeskFrame:
    """The one account whose pages may show ours, and the address of its app script."""

    app: SignedApp
    origin: str
    sdk_url: str = SDK

    def lets(self) -> dict[str, str]:
        """What the page may load, and who may frame it."""
        return {"script-src": f"'self' {self.sdk_url}", "connect-src": "'self'", "img-src": "'self'",
                "frame-ancestors": self.origin}


def sidebar_door(frame: ZendeskFrame, sessions: Sessions, pages: Pages, now: Callable[[], datetime]) -> Blueprint:
    """200 with the page and its session; 401 for a token that proves nothing, 403 for who is no agent."""
    door = Blueprint("sidebar", __name__)

    @door.post("/sidebar/zendesk")
    def opened() -> Response:
        request.max_content_length = LARGEST_BODY
        locale = language_of(request)
        try:
            bearer, _ = sessions.open(verify(posted_token(request), frame.app, now()))
        except NotVerified:
            return _refusal(not_signed_in(), locale)
        except Refused as why:
            return _refusal(why, locale)
        return pages.show("sidebar.html", lets=frame.lets(), locale=locale, bearer=bearer, origin=frame.origin,
                          sdk_url=frame.sdk_url)

    def _refusal(why: Refused, locale: str) -> Response:
        told = translated({"detail": why.problem.detail}, PROBLEM, locale)
        answer = pages.show("message.html", why.problem.status, lets={"frame-ancestors": frame.origin}, locale=locale,
                            title="Deskhand", text=told["detail"])
        answer.headers.update(why.headers)
        return answer

    return door
