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
from agent.tables import policies

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
            self._read = (row, *_usable(version(c, row["version"]))) if row else (None, None, NONE_YET)
        return self._read


def _usable(published: Version | None) -> tuple[Policy | None, str | None]:
    """What was published long ago may name what this Deskhand no longer has, or may have been tampered with."""
    if published is None:
        return None, NONE_YET
    name = f"version {published.version} of the policy"
    if text_digest(published.text) != published.digest:
        problem = f"{name} was changed in the database since it was published; publish it again"
    else:
        try:
            return load(published.text, published.version), None
        except PolicyUnusable as error:
            problem = f"{name} cannot be read by this Deskhand ({error.mistakes[0]}); mend the draft and publish it"
    log.error("no policy is in force: %s", problem)
    return None, problem


def version(c: Connection, number: int) -> Version | None:
    row = c.execute(select(policies).where(policies.c.version == number)).mappings().first()
    return Version(**row) if row else None


def newest_version(c: Connection) -> Version | None:
    row = c.execute(select(policies).order_by(policies.c.version.desc()).limit(1)).mappings().first()
    return Version(**row) if row else None


def versions(c: Connection) -> list[Version]:
    """All publications, newest first."""
    return [Version(**row) for row in c.execute(select(policies).order_by(policies.c.version.desc())).mappings()]
