"""The trail as a file that outsiders can check and read: JSON lines, and for people a table (CSV).

Lines of JSON, one object each, by `kind`: one `header`; each `row` of the audit with its place in the chain and its
canonical content; each `policy` that was published, in full; each `decision` with its facts, as canonical content;
each `head` that was signed; one `end` with the counts, the SHA-256 of all lines before it, and signatures over that:
nothing else vouches for what stands in no row, such as words in clear. `ref` is the ticket.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TextIO

from sqlalchemy import ColumnElement, Connection, exists, false, func, or_, select

from agent.audit import bound, chain, heads
from agent.audit.checking import PUBLISHED
from agent.masking import mask_cards
from agent.tables import audit, decisions, policies, tickets
from agent.vault import Vault, VaultError

FORMAT = "deskhand audit export 1"
_BATCH = 1000
COLUMNS = ("row", "at", "what", "ticket", "operation", "details")


@dataclass(frozen=True)
class Part:
    """Which rows: from the first to the last place, both in it. Empty when `last` is less than `first`."""

    first: int
    last: int
    whole: bool
    """All rows there are."""


@dataclass
class Written:
    """What an export came to."""

    rows: int = 0
    policies: int = 0
    decisions: int = 0
    heads: int = 0
    part: Part = field(default_factory=lambda: Part(1, 0, True))


def part(c: Connection, since: datetime | None = None, until: datetime | None = None) -> Part:
    """The places of the rows from `since` on and before `until`."""
    end, _ = chain.head(c)
    if since is None and until is None:
        return Part(1, end, True)
    within: list[ColumnElement[bool]] = [audit.c.position.is_not(None)]
    within += [audit.c.at >= since] if since else []
    within += [audit.c.at < until] if until else []
    row = c.execute(select(func.min(audit.c.position).label("first"), func.max(audit.c.position).label("last")).where(
        *within)).one()
    return Part(1 if since is None else row.first or end + 1, row.last or 0, False)


def write(c: Connection, out: Callable[[bytes], object], *, deskhand: str, now: datetime, part: Part,
          signing: heads.Signing, opened: Vault | None = None) -> Written:
    """Writes the lines of this part. `opened`: whose keys open what is sealed; without it nobody's words are in it.

    The connection must see one moment (REPEATABLE READ).
    """
    sum, written = hashlib.sha256(), Written(part=part)

    def line(kind: str, **told: Any) -> None:
        said = (json.dumps({"kind": kind, **told}, ensure_ascii=True, separators=(",", ":")) + "\n").encode("ascii")
        sum.update(said)
        out(said)

    line("header", format=FORMAT, deskhand=deskhand, made_at=_moment(now), first=part.first, partial=not part.whole,
         open=opened is not None)
    for row in rows(c, part):
        written.rows += 1
        line("row", position=row["position"], ref=row["ref"], previous=row["previous"].hex(), hash=row["hash"].hex(),
             content=chain.content(row["position"], row).decode("utf-8", "surrogatepass"),
             **({"opened": _opened(c, opened, row)} if opened and row["sealed"] is not None else {}))
    for policy in c.execute(select(policies).where(_placed(PUBLISHED, "version", policies.c.version)).order_by(
            policies.c.version)).mappings():
        written.policies += 1
        line("policy", **{**policy, "published_at": _moment(policy["published_at"])})
    for decision in _decisions(c, part):
        written.decisions += 1
        line("decision", id=decision["id"], ref=decision["ref"],
             content=bound.content(decision).decode("utf-8", "surrogatepass"))
    for _, head in heads.kept(c):
        if part.first <= head.position <= part.last or part.whole:
            written.heads += 1
            line("head", **json.loads(head.line()))
    counts = {"rows": written.rows, "policies": written.policies, "decisions": written.decisions,
              "heads": written.heads}
    end = {"kind": "end", **counts, "sha256": sum.hexdigest(), "signatures": signing.file(sum.hexdigest())}
    out((json.dumps(end) + "\n").encode("ascii"))
    return written


def write_table(c: Connection, out: TextIO, part: Part) -> int:
    """The same rows for people, in a table that spreadsheets read; says how many."""
    made, count = csv.writer(out), 0
    made.writerow(COLUMNS)
    for row in rows(c, part):
        details = json.dumps(row["public"], ensure_ascii=False, sort_keys=True)
        made.writerow([_harmless(value) for value in (
            str(row["position"]), _moment(row["at"]), row["kind"], row["ref"] or "", row["operation_id"] or "",
            details)])
        count += 1
    return count


def rows(c: Connection, part: Part) -> Iterator[Mapping[Any, Any]]:
    """The audit's rows, each with its ticket's reference and whose it is."""
    yield from c.execute(
        select(audit, tickets.c.ref, tickets.c.person_id).outerjoin(tickets, tickets.c.id == audit.c.ticket_id).where(
            audit.c.position.between(part.first, part.last)).order_by(audit.c.position)
        .execution_options(yield_per=_BATCH)).mappings()


def _decisions(c: Connection, part: Part) -> Iterator[Mapping[Any, Any]]:
    """All, or those that the part's rows name; in a part that begins with the first row also those from before."""
    asked = select(decisions, tickets.c.ref).join(tickets, tickets.c.id == decisions.c.ticket_id).where(
        _placed(bound.MADE, "decision", decisions.c.id)).order_by(decisions.c.id)
    if not part.whole:
        named = audit.c.public["decision"].as_integer()
        first = select(func.min(named)).where(audit.c.kind == bound.MADE).scalar_subquery()
        within = select(named).where(audit.c.kind == bound.MADE, audit.c.position.between(part.first, part.last))
        asked = asked.where(or_(decisions.c.id.in_(within), decisions.c.id < first if part.first == 1 else false()))
    yield from c.execute(asked.execution_options(yield_per=_BATCH)).mappings()


def _placed(kind: str, name: str, id: ColumnElement[int]) -> ColumnElement[bool]:
    """Not what a running Deskhand made just now: the row that names it has no place yet, and so is not in the file."""
    return ~exists().where(audit.c.kind == kind, audit.c.position.is_(None), audit.c.public[name].as_integer() == id)


def _opened(c: Connection, vault: Vault, row: Mapping[Any, Any]) -> dict[str, Any] | None:
    """With card numbers masked; None for what was forgotten, or was sealed for somebody else than who is the ticket's
    requester now."""
    try:
        found = vault.person_by_id(c, row["person_id"]).read(row["sealed"])
    except (VaultError, KeyError):
        return None
    return {name: _without_cards(value) for name, value in found.items()} if found is not None else None


def _without_cards(value: Any) -> Any:
    """In whatever it holds: vendors' texts are kept as they were read, for deciding."""
    if isinstance(value, str):
        return mask_cards(value)
    if isinstance(value, dict):
        return {name: _without_cards(one) for name, one in value.items()}
    return [_without_cards(one) for one in value] if isinstance(value, list) else value


def _harmless(value: str) -> str:
    """A spreadsheet takes what begins so for a formula."""
    return f"'{value}" if value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()
