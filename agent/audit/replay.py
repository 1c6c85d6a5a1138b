"""Every recorded decision made again, on the facts recorded with it and by the policy of its day: the same must come
of it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from agent.audit.export import FORMAT
from agent.policy import Decision, Policy, PolicyUnusable, decide, load
from agent.policy.nodes import text_digest
from agent.published import versions
from agent.tables import audit, decisions, tickets

BATCH = 2000

SENT = "operation.sent"
UNNAMED = "a ticket whose name is not in the export"
PLANNED = ("outcome", "confirm", "approve_by", "mode", "rules", "missing", "policy")
"""What the ledger keeps of a decision when something is planned or asked about."""


@dataclass(frozen=True)
class Kept:
    """One decision, as it was recorded."""

    where: str
    """"decision 12" in the ledger, "audit 55" for one that something was sent on."""
    ticket: str
    action: str
    at: datetime | str
    facts: Mapping[str, Any]
    said: Mapping[str, Any]
    """What was recorded of it, by name."""
    version: int
    digest: str
    pressed: bool = False
    """A colleague had to press whatever the rules said; the words say so."""


@dataclass(frozen=True)
class Difference:
    """What was recorded, and what comes of the same facts and policy now."""

    where: str
    ticket: str
    what: str
    recorded: Any
    again: Any

    def in_words(self) -> str:
        return (f"{self.where} ({self.ticket}): {self.what} is recorded as {_told(self.recorded)}, and "
                f"{_told(self.again)} comes of its facts and policy")


@dataclass(frozen=True)
class Undecidable:
    where: str
    ticket: str
    why: str


@dataclass
class Replay:
    """How many decisions were made again, and which did not come out the same."""

    planned: int = 0
    sent: int = 0
    versions: set[int] = field(default_factory=set)
    differences: list[Difference] = field(default_factory=list)
    undecidable: list[Undecidable] = field(default_factory=list)

    @property
    def decisions(self) -> int:
        return self.planned + self.sent

    @property
    def differing(self) -> int:
        """Decisions with at least one difference."""
        return len({one.where for one in self.differences})

    def reasons(self) -> Counter[str]:
        return Counter(one.why for one in self.undecidable)

    @property
    def ok(self) -> bool:
        return not self.differences and not self.undecidable


class Texts:
    """The policies to decide by: every version as it was published, and texts that never were."""

    def __init__(self, published: Iterable[tuple[int, str, str]], drafts: Iterable[str] = ()) -> None:
        """`published`: version, digest and text of each."""
        self._published = {version: (digest, text) for version, digest, text in published}
        self._drafts = {text_digest(text): text for text in drafts}
        self._read: dict[tuple[int, str], Policy | str | None] = {}

    def policy(self, version: int, digest: str) -> Policy | str | None:
        """None where no policy was in force; in words why it cannot be had."""
        key = (version, digest)
        if key not in self._read:
            self._read[key] = self._policy(version, digest)
        return self._read[key]

    def _policy(self, version: int, digest: str) -> Policy | str | None:
        if not version:
            return self._draft(digest) if digest else None
        name = f"version {version} of the policy"
        if version not in self._published:
            return f"{name} is not there"
        published, text = self._published[version]
        if digest != published:
            return f"{name} was published with another digest than the decision names"
        if text_digest(text) != digest:
            return f"{name} was changed since it was published"
        try:
            return load(text, version)
        except PolicyUnusable as error:
            return f"{name} cannot be read by this Deskhand ({error.mistakes[0]})"

    def _draft(self, digest: str) -> Policy | str:
        """No installation decides by a draft; the stand-ins' offices of tests do."""
        text = self._drafts.get(digest)
        return "it was made by a draft; name its file with --policy" if text is None else load(text)


def replayed(texts: Texts, kept: Iterable[Kept]) -> Replay:
    """Makes every one of them again; nothing is written, and no vendor is asked."""
    made = Replay()
    for one in kept:
        if one.where.startswith("audit"):
            made.sent += 1
        else:
            made.planned += 1
        made.versions.add(one.version)
        policy = texts.policy(one.version, one.digest)
        if isinstance(policy, str):
            made.undecidable.append(Undecidable(one.where, one.ticket, policy))
            continue
        again = _as_recorded(decide(one.action, one.facts, policy), pressed=one.pressed)
        made.differences += [Difference(one.where, one.ticket, name, said, again[name])
                             for name, said in one.said.items() if said != again[name]]
    return made


def _as_recorded(decision: Decision, *, pressed: bool) -> dict[str, Any]:
    """By the names under which a row of `decisions`, or an intent in the audit, tells of it."""
    return {
        "outcome": decision.outcome, "confirm": decision.confirm, "approve_by": decision.approve_by,
        "mode": decision.mode, "rules": [hit.model_dump(mode="json") for hit in (*decision.by, *decision.also)],
        "missing": list(decision.missing), "policy": decision.policy,
        "decided by": [hit.id for hit in decision.by], "in words": decision.in_words(pressed=pressed)}


def texts_of(c: Connection, drafts: Iterable[str] = ()) -> Texts:
    return Texts(((one.version, one.digest, one.text) for one in versions(c)), drafts)


def kept_in(c: Connection) -> Iterator[Kept]:
    """Every decision that the ledger and the audit tell of, in the order they were made."""
    for row in c.execute(_PLANNED).mappings():
        yield planned(row["id"], row["ref"], row["decided_at"], row)
    for row in c.execute(_BEGUN).mappings():
        yield begun(row["id"], row["ref"], row["at"], row["public"])


_PLANNED = (select(decisions, tickets.c.ref).join(tickets, tickets.c.id == decisions.c.ticket_id)
            .order_by(decisions.c.id).execution_options(yield_per=BATCH))
_BEGUN = (select(audit.c.id, audit.c.at, audit.c.public, tickets.c.ref)
         .join(tickets, tickets.c.id == audit.c.ticket_id)
         .where(audit.c.kind == SENT, audit.c.public.has_key("facts"))
         .order_by(audit.c.id).execution_options(yield_per=BATCH))


class NotAnExport(ValueError):
    """The file cannot be read as one; the message says where."""


def texts_in(export: Path, drafts: Iterable[str] = ()) -> Texts:
    """Raises NotAnExport, also for one that does not reach its end."""
    published = [(line["version"], line["digest"], line["text"]) for line in _lines(export) if line["kind"] == "policy"]
    return Texts(published, drafts)


def exported(export: Path) -> Iterator[Kept]:
    """Every decision that an export tells of, in its order: those that something was sent on first."""
    for line in _lines(export):
        if line["kind"] == "decision":
            row = json.loads(line["content"])
            yield planned(line["id"], line["ref"] or UNNAMED, row["decided_at"], row)
        elif line["kind"] == "row":
            row = json.loads(line["content"])
            if row["kind"] == SENT and "facts" in row["public"]:
                yield begun(row["id"], line["ref"] or UNNAMED, row["at"], row["public"])


def _lines(export: Path) -> Iterator[dict[str, Any]]:
    kind, number = "", 0
    with export.open(encoding="utf-8", errors="replace") as file:
        for number, line in enumerate(file, start=1):
            try:
                read = json.loads(line)
                kind = str(read["kind"])
            except (ValueError, TypeError, KeyError) as error:
                raise NotAnExport(f"line {number} is not a line of an export") from error
            if number == 1 and (kind != "header" or read.get("format") != FORMAT):
                raise NotAnExport(f"its first line does not say that it is a {FORMAT}")
            yield read
    if kind != "end":
        raise NotAnExport(f"it ends at line {number} without its end; it was cut off")


def planned(id: int, ticket: str, at: datetime | str, row: Mapping[Any, Any]) -> Kept:
    """From a row of `decisions`."""
    return Kept(f"decision {id}", ticket, row["action"], at, row["facts"], {name: row[name] for name in PLANNED},
                row["policy_version"], row["policy_digest"])


def begun(id: int, ticket: str, at: datetime | str, public: Mapping[str, Any]) -> Kept:
    """From what the audit says of an operation that was sent."""
    return Kept(f"audit {id}", ticket, public["action"], at, public["facts"],
                {"decided by": public["rules"], "in words": public["rule"]}, public["version"], public["policy"],
                public.get("pressed") is True)


def _told(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(str(one["id"] if isinstance(one, Mapping) else one) for one in value) or "none"
    return "nobody" if value is None else str(value)
