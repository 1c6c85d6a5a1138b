"""Who read what: a row in the trail for each time somebody was shown a person's data."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Connection, select

from agent.audit.chain import record
from agent.tables import audit, sessions

READ = "read"


def of_ticket(c: Connection, ticket: int, account: str, user: str, session: int, opened_at: datetime,
              now: datetime) -> None:
    """A colleague, by the helpdesk's id, was shown what is kept of a ticket: told once for a session and ticket."""
    public = {"what": "ticket", "account": account, "user": user, "session": session,
              "opened": opened_at.astimezone(UTC).isoformat()}
    told = select(audit.c.id).where(audit.c.ticket_id == ticket, audit.c.kind == READ,
                                    audit.c.public.contains(public)).limit(1)
    if c.execute(told).first() is not None:
        return
    c.execute(select(sessions.c.id).where(sessions.c.id == session).with_for_update())  # two looks may come at once
    if c.execute(told).first() is None:
        record(c, kind=READ, ticket=ticket, operation=None, at=now, public=public)


def of_list(c: Connection, account: str, user: str, now: datetime) -> None:
    """A colleague, by the helpdesk's id, was shown what waits over all tickets."""
    record(c, kind=READ, ticket=None, operation=None, at=now,
           public={"what": "waiting", "account": account, "user": user})


def by_command(c: Connection, what: str, who: str, now: datetime, **public: str | int) -> None:
    """Somebody ran a command that shows people's data; `who` is the name they gave, or the machine's user."""
    record(c, kind=READ, ticket=None, operation=None, at=now, public={"what": what, "by": who, **public})
