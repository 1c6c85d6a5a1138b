"""Who is looking at the sidebar: bearer sessions of colleagues, and what each of them may do."""

from __future__ import annotations

import hashlib
import logging
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NoReturn
from urllib.parse import urlsplit

from flask import Request
from sqlalchemy import Engine, Row, delete, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from agent.policy import Role
from agent.tables import sessions
from connectors.contract import Agent, Group, Helpdesk, NotFound, Standing, Unavailable
from webhooks.config import Roles
from webhooks.problems import Refused, refused
from webhooks.tokens import Claims, NotVerified, use_once

log = logging.getLogger("deskhand.sidebar")

LONGEST = timedelta(hours=8)
IDLE = timedelta(hours=1)
RECHECK = timedelta(minutes=5)
"""How old the helpdesk's word on a colleague may be for looking; for a press it is asked anew."""
GRAIN = timedelta(minutes=1)
"""A use within this time of the last one noted is not written down."""
KEPT = timedelta(days=1)
"""How long a session's row stays after its longest life."""

_ID = re.compile(r"[0-9]+|0[0-9A-Z][0-9A-Z][0-9A-Za-z]{15}", re.ASCII)
"""A group's: Zendesk's are numbers, Salesforce's have 18 characters."""
_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="deskhand"'}


@dataclass(frozen=True)
class Session:
    """A colleague who is looking, as far as the helpdesk last said."""

    id: int
    account: str
    installation: str
    user: str
    """The helpdesk's id of the colleague."""
    name: str
    standing: Standing
    role: Role | None
    """What the colleague may approve; None for who may only look."""
    ticket: str | None
    """The one ticket this session is for, once checked."""
    opened_at: datetime
    """Tells it from an earlier one of the same id: one that the org vouches for is opened anew under its old id."""

    @property
    def may_pause(self) -> bool:
        return self.standing is Standing.ADMIN


def role_of(agent: Agent, roles: Roles) -> Role | None:
    """The highest role whose groups the colleague is in. Being an admin of the helpdesk is no role by itself."""
    if not agent.works() or agent.standing is Standing.LIGHT:
        return None
    rising: dict[Role, tuple[str, ...]] = {"agent": roles.agent, "lead": roles.lead, "finance": roles.finance}
    held = [role for role, named in rising.items() if _in_one(agent.groups, named)]
    return held[-1] if held else None


def _in_one(groups: tuple[Group, ...], named: tuple[str, ...]) -> bool:
    """What looks like an id names a group by its id only, so that no group can be called like another's id."""
    ids = {one for one in named if _ID.fullmatch(one)}
    names = {one.strip().casefold() for one in named} - ids
    return any(group.id in ids or group.name.strip().casefold() in names for group in groups)


def over(opened_at: datetime, used_at: datetime, now: datetime) -> str | None:
    """Why a session is over by its age; None while it is not."""
    if now - opened_at >= LONGEST:
        return "eight hours have passed"
    return "an hour without use has passed" if now - used_at >= IDLE else None


GONE = "not a user of the helpdesk any more"


def unfit(agent: Agent) -> str | None:
    """Why a user may not look; None for a colleague who may."""
    if not agent.active:
        return GONE
    if agent.suspended:
        return "suspended in the helpdesk"
    return "not an agent in the helpdesk" if agent.standing is Standing.CUSTOMER else None


class Sessions:
    """The sessions of one helpdesk account. Raises `Refused` with a problem that says what to do."""

    def __init__(self, engine: Engine, helpdesk: Helpdesk, roles: Roles, now: Callable[[], datetime],
                 fresh: Callable[[], str] = lambda: secrets.token_urlsafe(32), installation: str | None = None) -> None:
        """`installation`: of our app there; bearers of an earlier one, or of another account, count no more."""
        self._engine = engine
        self._helpdesk = helpdesk
        self._roles = roles
        self._now = now
        self._fresh = fresh
        self._installation = installation
        self._lately: dict[str, tuple[Agent, datetime]] = {}
        """What the helpdesk said of users for whom it vouches, and when."""

    @property
    def account(self) -> str:
        return self._helpdesk.account

    def open(self, claims: Claims) -> tuple[str, Session]:
        """A bearer for the user of a verified token, given out once. The token is used up even when this is refused."""
        now = self._now()
        try:
            with self._engine.begin() as c:
                c.execute(delete(sessions).where(sessions.c.opened_at < now - LONGEST - KEPT))
                use_once(c, claims, now)
        except NotVerified:
            raise not_signed_in() from None
        agent = self._fit(claims.user)
        bearer = self._fresh()
        row = {**self._opened(agent, now), "bearer_sha256": _sha256(bearer), "account": claims.account,
               "installation": claims.installation}
        with self._engine.begin() as c:
            return bearer, _session(c.execute(insert(sessions).values(row).returning(*sessions.c)).one())

    def current(self, bearer: str, *, acting: bool = False) -> Session:
        """Whose bearer this is, slid on. The helpdesk is asked again after five minutes, and for each press."""
        now = self._now()
        row = self._row(sessions.c.bearer_sha256 == _sha256(bearer))
        if row is None or row.account != self.account or self._installation not in (None, row.installation):
            raise not_signed_in()
        if why := over(row.opened_at, row.used_at, now):
            self._end(row.id, why, now)
            raise session_ended()
        return self._slid(row, now, acting)

    def vouched(self, user: str, ref: str | None, *, acting: bool = False) -> Session:
        """Of a colleague for whom the helpdesk itself vouches with each request: for this one ticket, or for none.

        It is opened where there is none, and the helpdesk is asked as for `current`; for looks at many tickets, once.
        """
        now, account = self._now(), self._helpdesk.account
        key = _sha256("\n".join(("vouched", account, user, ref or "")))
        row = self._row(sessions.c.bearer_sha256 == key)
        if row is not None and not over(row.opened_at, row.used_at, now):
            return self._slid(row, now, acting, lately=not acting)
        agent, said_at = self._word(user, row.id if row else None, lately=not acting)
        if ref is not None and not self._sees(agent, ref):
            log.warning("user %s may not see %s", user, ref[:100])
            raise not_your_ticket()
        fresh = {**self._opened(agent, now), "checked_at": said_at, "bearer_sha256": key, "account": account,
                 "installation": account, "ticket_ref": ref, "ended_at": None, "ended_why": ""}
        with self._engine.begin() as c:
            c.execute(delete(sessions).where(sessions.c.opened_at < now - LONGEST - KEPT))
            return _session(c.execute(upsert(sessions).values(fresh).on_conflict_do_update(
                index_elements=[sessions.c.bearer_sha256], set_=fresh).returning(*sessions.c)).one())

    def _slid(self, row: Row[Any], now: datetime, acting: bool, *, lately: bool = False) -> Session:
        if acting or now - row.checked_at >= RECHECK:
            row = self._checked_again(row, now, lately)
        elif now - row.used_at >= GRAIN:
            row = self._noted(row, {"used_at": now})
        return _session(row)

    def bind(self, session: Session, ref: str) -> Session:
        """The session for this one ticket, once the helpdesk lets the colleague see it; never for another one later."""
        if session.ticket == ref:
            return session
        now = self._now()
        agent = self._fit(session.user, session.id)
        if not self._sees(agent, ref):
            log.warning("user %s may not see %s", session.user, ref[:100])
            raise not_your_ticket()
        row = self._noted(self._row_of(session.id), {"ticket_ref": ref, "used_at": now})
        if row.ticket_ref != ref:
            raise other_ticket()
        return _session(row)

    def _opened(self, agent: Agent, now: datetime) -> dict[str, Any]:
        return {"user_id": agent.id, "name": agent.name, "standing": agent.standing,
                "role": role_of(agent, self._roles), "opened_at": now, "used_at": now, "checked_at": now}

    def end(self, session: Session, why: str = "signed out") -> None:
        self._end(session.id, why, self._now())

    def _checked_again(self, row: Row[Any], now: datetime, lately: bool) -> Row[Any]:
        agent, said_at = self._word(row.user_id, row.id, lately=lately)
        if row.ticket_ref is not None and not self._sees(agent, row.ticket_ref):
            self._end(row.id, "may no longer see the ticket", now)
            raise not_your_ticket()
        return self._noted(row, {"used_at": now, "checked_at": said_at, "name": agent.name, "standing": agent.standing,
                                 "role": role_of(agent, self._roles)})

    def _word(self, user: str, session: int | None, *, lately: bool) -> tuple[Agent, datetime]:
        """The colleague, and when the helpdesk said so: now, or `lately`, as for another ticket of theirs."""
        now = self._now()
        fresh = {one: said for one, said in dict(self._lately).items() if now - said[1] < RECHECK}
        if lately and user in fresh:
            return fresh[user]
        self._lately = {one: said for one, said in fresh.items() if one != user}
        said = self._fit(user, session), now
        self._lately = {**self._lately, user: said}
        return said

    def _fit(self, user: str, session: int | None = None) -> Agent:
        """The colleague as the helpdesk says now; the session of one who is none any more ends."""
        try:
            agent = self._helpdesk.agent(user)
            why = unfit(agent)
        except NotFound:
            why = GONE
        except Unavailable as error:
            _away(error)
        if why is None:
            return agent
        if session is not None:
            self._end(session, why, self._now())
        log.warning("user %s may not look: %s", user, why)
        raise _no_agent(why)

    def _sees(self, agent: Agent, ref: str) -> bool:
        try:
            return self._helpdesk.may_see(agent, ref)
        except Unavailable as error:
            _away(error)

    def _row(self, condition: Any) -> Row[Any] | None:
        with self._engine.connect() as c:
            return c.execute(select(sessions).where(condition, sessions.c.ended_at.is_(None))).one_or_none()

    def _row_of(self, id: int) -> Row[Any]:
        row = self._row(sessions.c.id == id)
        if row is None:
            raise session_ended()
        return row

    def _noted(self, row: Row[Any], values: dict[str, Any]) -> Row[Any]:
        """Writes unless the session ended, was bound elsewhere, or was checked later by someone else meanwhile."""
        conditions = [sessions.c.id == row.id, sessions.c.ended_at.is_(None)]
        if "checked_at" in values:
            conditions.append(sessions.c.checked_at <= values["checked_at"])
        if "ticket_ref" in values:
            conditions.append(or_(sessions.c.ticket_ref.is_(None), sessions.c.ticket_ref == values["ticket_ref"]))
        with self._engine.begin() as c:
            written = c.execute(update(sessions).where(*conditions).values(values).returning(*sessions.c)).one_or_none()
        return written or self._row_of(row.id)

    def _end(self, id: int, why: str, now: datetime) -> None:
        log.info("session %s ends: %s", id, why)
        with self._engine.begin() as c:
            c.execute(update(sessions).where(sessions.c.id == id, sessions.c.ended_at.is_(None)).values(
                ended_at=now, ended_why=why))


def _session(row: Row[Any]) -> Session:
    return Session(id=row.id, account=row.account, installation=row.installation, user=row.user_id, name=row.name,
                   standing=Standing(row.standing), role=row.role, ticket=row.ticket_ref,
                   opened_at=row.opened_at)


def _sha256(bearer: str) -> bytes:
    return hashlib.sha256(bearer.encode()).digest()


def not_signed_in() -> Refused:
    return refused(401, "not-signed-in", "Open the ticket again to sign in.", _CHALLENGE)


def session_ended() -> Refused:
    return refused(401, "session-ended", "This session has ended. Open the ticket again to sign in.", _CHALLENGE)


def _no_agent(why: str) -> Refused:
    return refused(403, "not-an-agent", f"Only active agents may use this. You are {why}.")


def not_your_ticket() -> Refused:
    return refused(403, "not-your-ticket", "The helpdesk does not let you see this ticket.")


def other_ticket() -> Refused:
    return refused(403, "other-ticket", "This session is for another ticket. Open this ticket in a sidebar of its own.")


def wrong_origin() -> Refused:
    return refused(403, "wrong-origin", "This request does not come from Deskhand's own page.")


def _away(error: Unavailable) -> NoReturn:
    pause = {"Retry-After": str(max(1, round(error.retry_after)))} if error.retry_after else {"Retry-After": "5"}
    raise refused(503, "helpdesk-away", "The helpdesk does not answer, so we cannot check who you are. Try again.",
                  pause) from error


def posted_token(request: Request) -> str:
    """The token Zendesk posts as a form field, and nothing that came in the address, which ends in logs."""
    given = request.form.getlist("token")
    if len(given) != 1 or "token" in request.args:
        raise not_signed_in()
    return given[0]


def origin_of(url: str) -> str:
    """The origin of an address as browsers write it (RFC 6454, section 6.2): without the scheme's own port."""
    parts = urlsplit(url)
    own = {"https": 443, "http": 80}.get(parts.scheme)
    port = f":{parts.port}" if parts.port not in (None, own) else ""
    return f"{parts.scheme}://{parts.hostname}{port}"
