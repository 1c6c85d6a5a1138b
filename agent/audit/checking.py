"""Whether the trail in the database is what was written: chain, heads, decisions, policies."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from sqlalchemy import Connection, func, or_, select

from agent.audit import bound, chain
from agent.audit.heads import EVERY_ROWS, Head, compare, kept
from agent.policy.nodes import text_digest
from agent.tables import audit, policies

PUBLISHED = "policy.published"
LATE = timedelta(days=1)
"""A row gets its place within seconds, and a keeper a head of it within minutes: after so long somebody holds it up."""
WIDE = timedelta(hours=1)
"""A gap of this, and of more rows than go without a head. What a keeper missed while it was away is no gap: it gets
each head of that time later."""


@dataclass(frozen=True)
class Checked:
    """What was looked at, and what is wrong, in words."""

    problems: tuple[str, ...]
    rows: int
    loose: int
    """Rows that have no place in the chain yet; a running worker gives them one every few seconds."""
    left: int
    """Of these, such as have had none for a day or are dated ahead."""
    heads: int
    """Signed with a key known here, and compared."""
    unknown: int
    """Signed with another key: they were left out."""
    upto: int
    """The last row that a head vouches for."""
    outside: int
    """The last row that a head kept elsewhere vouches for."""
    behind: bool
    """Rows stand behind the newest head that is kept elsewhere, and it is a day old, by now or by what they say."""
    quiet_since: str
    """When that head was made, where it is as old and nothing stands behind it: none came since, or it was cut off."""
    decisions: int
    unbound: int
    """Decisions older than the rows that bind them."""
    policies: int
    gaps: tuple[str, ...]
    """Where heads are missing among those kept elsewhere, in words: until the later head the rows could be changed."""
    restored: tuple[str, ...]
    """When a backup was put back, as the trail tells."""


def check(c: Connection, elsewhere: Sequence[Head], keys: Iterable[str], now: datetime,
          heads_since: datetime | None = None) -> Checked:
    """Against the heads that were made here and those kept elsewhere, older ones than `heads_since` left out.

    A head that was made here alone proves little: who owns the database can build the chain anew, and has it signed.

    The connection must see one moment (REPEATABLE READ).
    """
    problems = chain.verify(c)
    known = list(keys)
    there = {head.line() for head in elsewhere}
    given = [*(head for _, head in kept(c)), *elsewhere]
    heads = {head.line(): head for head in given if heads_since is None or head.at >= heads_since}
    compared = compare(c, heads.values(), known)
    outside = [head for line, head in heads.items() if line in there and head.signed_by(known)]
    newest = max(outside, key=lambda head: head.at, default=None)
    after = _newest_after(c, newest) if newest else None
    late = newest is not None and max(now, after or now) - newest.at >= LATE
    of_decisions, decided, unbound = bound.check(c)
    of_policies, published = check_policies(c)
    loose, left = c.execute(select(func.count(), func.count().filter(
        or_(audit.c.at <= now - LATE, audit.c.at > now + LATE))).where(audit.c.position.is_(None))).one()
    restored = c.execute(select(audit.c.at).where(audit.c.kind == "database.restored").order_by(audit.c.id)).scalars()
    quiet = _told(newest.at) if newest and late and after is None else ""
    return Checked((*problems, *compared.problems, *of_decisions, *of_policies), chain.head(c)[0], loose, left,
                   compared.used, compared.unknown, compared.upto, max((head.position for head in outside), default=0),
                   late and after is not None, quiet, decided, unbound, published, tuple(_gaps(outside)),
                   tuple(map(_told, restored)))


def _newest_after(c: Connection, head: Head) -> datetime | None:
    """Of the rows that this head does not vouch for. Heads made since count for nothing: who owns the database can have
    them come to nothing."""
    newest: datetime | None = c.execute(select(func.max(audit.c.at)).where(
        or_(audit.c.position > head.position, audit.c.position.is_(None)))).scalar()
    return newest


def _gaps(outside: Iterable[Head]) -> Iterable[str]:
    for before, after in pairwise(sorted(outside, key=lambda head: (head.at, head.position))):
        if after.at - before.at >= WIDE and after.position - before.position > EVERY_ROWS:
            yield (f"rows {before.position + 1} to {after.position}: no head from between "
                   f"{before.at.astimezone(UTC):%d %b %Y %H:%M} and {_told(after.at)} is kept elsewhere")


def _told(at: datetime) -> str:
    return f"{at.astimezone(UTC):%d %b %Y %H:%M} UTC"


def check_policies(c: Connection) -> tuple[list[str], int]:
    """What is wrong with the published policies, in words, and how many were looked at."""
    said: dict[int, tuple[object, ...]] = {}
    problems = []
    for public, at in c.execute(select(audit.c.public, audit.c.at).where(audit.c.kind == PUBLISHED)
                                .order_by(audit.c.id)):
        told = (*(public.get(name) for name in ("digest", "never", "digest", "by", "second", "rolled_back_to")), at)
        if said.setdefault(public["version"], told) != told:
            problems.append(f"policy version {public['version']} is named by two rows, and they differ")
    there = {row.version: (text_digest(row.text), text_digest(row.never), row.digest, row.published_by, row.second,
                           row.rolled_back_to, row.published_at)
             for row in c.execute(select(policies).order_by(policies.c.version))}
    for version, told in said.items():
        found = there.get(version)
        if found is None or found[:2] != told[:2]:
            problems.append(f"the text of policy version {version} is not the one that was published")
        elif found != told:
            problems.append(f"how policy version {version} was published (by whom, who agreed, when) is not what the "
                            "audit says")
    problems += [f"policy version {version} is not in the audit" for version in there if version not in said]
    return problems, len(there)
