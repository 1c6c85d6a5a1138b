"""The policy in force is the newest one published in the ledger, and nothing else; files are drafts of the next."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from agent.compiled import Row
from agent.policy import Policy, PolicyUnusable, load
from agent.policy.nodes import text_digest
from agent.statements import NEWEST_POLICY
from agent.tables import audit, policies

log = logging.getLogger("deskhand.policy")

NONE_YET = "no policy is published; publish one with: deskhand policy publish --by NAME"


@dataclass(frozen=True)
class Version:
    """One publication, as the ledger keeps it."""

    version: int
    digest: str
    text: str
    never: str
    """The text of never.yaml it was proven against."""
    published_by: str
    second: str | None
    published_at: datetime
    rolled_back_to: int | None
    """The earlier version whose text it took up again."""


class Published:
    """The policy in force, read once per version."""

    def __init__(self) -> None:
        self._read: tuple[Row | None, Policy | None, str | None] = (None, None, NONE_YET)

    def newest(self, c: Connection) -> Policy | None:
        """The policy that decisions of this transaction go by; None when there is none that can be used."""
        return self._current(c)[1]

    def problem(self, c: Connection) -> str | None:
        """Why no policy is in force, and what to do."""
        return self._current(c)[2]

    def _current(self, c: Connection) -> tuple[Row | None, Policy | None, str | None]:
        row = NEWEST_POLICY.first(c)
        if row != self._read[0]:  # by digest too: a database that was restored may use a number again
            self._read = (row, *_usable(c, version(c, row["version"]))) if row else (None, None, NONE_YET)
        return self._read


def _usable(c: Connection, published: Version | None) -> tuple[Policy | None, str | None]:
    """What was published long ago may name what this Deskhand no longer has, or may have been tampered with."""
    if published is None:
        return None, NONE_YET
    name = f"version {published.version} of the policy"
    if not as_published(c, published):
        problem = f"{name} is not the one that was published: the database was changed; publish it again"
    else:
        try:
            return load(published.text, published.version), None
        except PolicyUnusable as error:
            problem = f"{name} cannot be read by this Deskhand ({error.mistakes[0]}); mend the draft and publish it"
    log.error("no policy is in force: %s", problem)
    return None, problem


def as_published(c: Connection, one: Version) -> bool:
    """Whether both texts are those that the audit tells of: else whoever changed them chooses what is obeyed, and what
    a draft is compared with."""
    told = c.execute(select(audit.c.public).where(  # those of no ticket are few, and found by their index
        audit.c.ticket_id.is_(None), audit.c.kind == "policy.published",
        audit.c.public["version"].as_integer() == one.version)).scalars().all()
    found = {"digest": text_digest(one.text), "never": text_digest(one.never)}
    return one.digest == found["digest"] and [{name: row.get(name) for name in found} for row in told] == [found]


def version(c: Connection, number: int) -> Version | None:
    row = c.execute(select(policies).where(policies.c.version == number)).mappings().first()
    return Version(**row) if row else None


def newest_version(c: Connection) -> Version | None:
    row = c.execute(select(policies).order_by(policies.c.version.desc()).limit(1)).mappings().first()
    return Version(**row) if row else None


def versions(c: Connection) -> list[Version]:
    """All publications, newest first."""
    return [Version(**row) for row in c.execute(select(policies).order_by(policies.c.version.desc())).mappings()]
