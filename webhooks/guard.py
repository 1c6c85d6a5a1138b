"""Who stands before every route of `/api`: a session's bearer, or an org that signs each request."""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask import Request
from sqlalchemy import Engine

from connectors.contract import Helpdesk
from webhooks.delivered import AGAIN_AFTER, TOO_OLD, NotThem, NotYet
from webhooks.problems import Refused, refused
from webhooks.sessions import Session, Sessions, not_signed_in, wrong_origin
from webhooks.signed import Signed, SignedOrg, verified
from webhooks.tokens import once

log = logging.getLogger("deskhand.guard")

LARGEST_BODY = 16 * 1024
_BEARER = re.compile(r"bearer ([A-Za-z0-9_-]{43})", re.IGNORECASE | re.ASCII)
_SAFE = ("GET", "HEAD")
_SIGNATURE = "X-Deskhand-Signature"


@dataclass(frozen=True)
class Vouching:
    """Colleagues for whom their own org vouches: it signs each request, and says in it who presses on which case."""

    org: SignedOrg
    helpdesk: Helpdesk
    sessions: Sessions
    engine: Engine
    now: Callable[[], datetime]

    def current(self, request: Request, *, acting: bool) -> Session:
        """Raises Refused: 401 for what our org did not sign, or sent before; 403 for who may not.

        503, ask again, for a look that came before, as by a proxy that repeats it, and while the org's certificate is
        being changed.
        """
        told = self._told(request, acting)
        if told.user is None:
            raise not_signed_in()
        ref = f"{self.helpdesk.vendor}:{self.helpdesk.account}:{told.case}" if told.case else None
        return self.sessions.vouched(told.user, ref, acting=acting)

    def _told(self, request: Request, acting: bool) -> Signed:
        request.max_content_length = LARGEST_BODY
        query = request.query_string.decode("ascii", "replace")
        try:
            told = verified(self.org, request.method, request.path + (f"?{query}" if query else ""),
                            dict(request.headers), request.get_data(), self.now())
        except NotThem as why:
            log.warning("a signed call is refused: %s", why)
            raise not_signed_in() from None
        except NotYet:
            raise _not_now("certificate-changing", CHANGING_NOW) from None
        seen = hashlib.sha256(f"{told.org}\n{told.id}".encode()).digest()
        with self.engine.begin() as c:
            if not once(c, seen, self.now() + 2 * TOO_OLD, self.now()):
                log.warning("a signed call is refused: it was sent before")
                raise not_signed_in() if acting else _not_now("came-before", CAME_BEFORE)
        return told


CHANGING_NOW = "Salesforce's signing certificate is being changed. Try again in a moment."
CAME_BEFORE = "This request came before, and each one counts once. Try again."


def _not_now(name: str, detail: str) -> Refused:
    return refused(503, name, detail, {"Retry-After": AGAIN_AFTER})


@dataclass(frozen=True)
class Guard:
    """No cookie is read or set, and no other origin is let in (no CORS)."""

    sessions: Sessions | None
    """Of bearers; None where no sidebar of ours gives any out."""
    origins: tuple[str, ...]
    """Whose pages may write, as `origin_of` gives them."""
    vouching: Vouching | None = None

    def current(self, request: Request) -> Session:
        """Whose request this is. Raises Refused: 401 without a live session, 403 for a write from elsewhere."""
        acting = request.method not in _SAFE
        if self.vouching is not None and _SIGNATURE in request.headers:
            return self.vouching.current(request, acting=acting)
        if acting:
            self._check_origin(request)
        bearer = _BEARER.fullmatch(request.headers.get("Authorization", ""))
        if self.sessions is None or bearer is None:
            raise not_signed_in()
        return self.sessions.current(bearer[1], acting=acting)

    def bind(self, session: Session, ref: str) -> Session:
        """The bearer's session for this one ticket. A signed request names its own and is bound already."""
        if self.sessions is None or session.account != self.sessions.account:
            raise refused(400, "bound", "A signed request names its ticket itself.")
        return self.sessions.bind(session, ref)

    def _check_origin(self, request: Request) -> None:
        if request.headers.get("Origin") not in self.origins:
            log.warning("a write is refused: it comes from another origin")
            raise wrong_origin()
