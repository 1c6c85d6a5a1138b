"""What was changed on a case, in the contract's words ("CaseHistory": tracked fields, and two rows for a reference)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from connectors.contract import Change, Entry
from connectors.salesforce import words
from connectors.salesforce.people import People
from connectors.salesforce.rows import CaseRow, HistoryRow

TRANSACTION = timedelta(seconds=10)
"""What the user of a customer's row changes within this time, the org's rules changed in that user's name."""
USER, QUEUE = "005", "00G"
ID = re.compile(r"[0-9a-zA-Z]{15}(?:[0-9a-zA-Z]{3})?")
REFERENCES = {"Owner": "assignee_id", "ownerAssignment": "assignee_id", "ownerEscalated": "assignee_id",
              "Contact": "requester_id", "Account": "account_id"}
"""Fields of which a second row holds the ids; the one with the names is left out."""
MADE = ("created", "feedEvent", "locked", "unlocked")
"""Rows that tell of no change."""


@dataclass(frozen=True)
class Moment:
    """When somebody's row was made: of a customer's mail or web form, by whoever the org lets make those."""

    by: str
    at: datetime

    def covers(self, by: str, at: datetime) -> bool:
        return by == self.by and self.at - timedelta(seconds=1) <= at <= self.at + TRANSACTION


def entries(case: CaseRow, rows: Sequence[HistoryRow], people: People, moments: Iterable[Moment],
            own: Mapping[str, str | None]) -> list[Entry]:
    """One for all that somebody changed at once."""
    begun = list(moments)
    changed = (row for row in rows if row.field not in MADE)
    ordered = sorted(changed, key=lambda row: (row.created, row.created_by, row.id))
    found = []
    for (at, by), group in groupby(ordered, key=lambda row: (row.created, row.created_by)):
        together = list(group)
        author = people.user(by)
        by_rule = not people.is_colleague(author) or any(one.covers(by, at) for one in begun)
        changes = [change for row in together for change in _changes(case, row, by_rule, own)]
        if changes:
            found.append(Entry(id=min(row.id for row in together), at=at, author=author, channel="web",
                               changes=tuple(changes)))
    return found


def _changes(case: CaseRow, row: HistoryRow, by_rule: bool, own: Mapping[str, str | None]) -> list[Change]:
    if row.field == "ownerAccepted":
        return [Change(field="assignee_id", value=row.created_by, by_rule=by_rule)]
    if row.field in REFERENCES:
        return _reference(row, by_rule)
    if row.field == "Status":
        value, before = (words.past_status(one, now=case.status, closed=case.closed, own=own)
                         for one in (row.new, row.old))
        return [Change(field="status", value=value, before=before, by_rule=by_rule)]
    if row.field == "Priority":
        return [Change(field="priority", value=words.priority(row.new), before=words.priority(row.old),
                       by_rule=by_rule)]
    return [Change(field=row.field, value=row.new, before=row.old, by_rule=by_rule)]


def _reference(row: HistoryRow, by_rule: bool) -> list[Change]:
    """An owner is a user, whom we call assignee, or a queue, which we call group."""
    old, new = (value if value and ID.fullmatch(value) else None for value in (row.old, row.new))
    if old is None and new is None:
        return []
    field = REFERENCES[row.field]
    if field != "assignee_id":
        return [Change(field=field, value=new, before=old, by_rule=by_rule)]
    found = []
    for name, prefix in (("assignee_id", USER), ("group_id", QUEUE)):
        before, value = (one if one and one.startswith(prefix) else None for one in (old, new))
        if before != value:
            found.append(Change(field=name, value=value, before=before, by_rule=by_rule))
    return found
