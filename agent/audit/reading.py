"""Who read what: a row in the trail for each time somebody was shown a person's data."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from agent.audit.chain import record

READ = "read"


def by_colleague(c: Connection, what: str, ticket: int | None, account: str, user: str, now: datetime) -> None:
    """A colleague, by the helpdesk's id, was shown what is kept of a ticket."""
    record(c, kind=READ, ticket=ticket, operation=None, at=now,
           public={"what": what, "account": account, "user": user})


def by_command(c: Connection, what: str, who: str, now: datetime, **public: str | int) -> None:
    """Somebody ran a command that shows people's data; `who` is the name they gave, or the machine's user."""
    record(c, kind=READ, ticket=None, operation=None, at=now, public={"what": what, "by": who, **public})
