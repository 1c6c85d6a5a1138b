"""Which cases changed: the case itself, its comments and its mails, by SystemModstamp, in order and page by page.

A row may become visible later than the time it bears. Each look begins ten minutes before the last one ended; what it
lists again is told apart by its time.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from simple_salesforce import format_soql  # type: ignore[attr-defined]

from connectors.contract import Changes, Rejected, Ticket
from connectors.salesforce import conversation
from connectors.salesforce.basis import LATE
from connectors.salesforce.cases import read_row
from connectors.salesforce.desk import CaseDesk
from connectors.salesforce.endings import VENDOR
from connectors.salesforce.people import requester
from connectors.salesforce.reading import when
from connectors.salesforce.rows import CaseRow, PersonRow
from connectors.salesforce.wire import asking

MOST = 500
"""Rows of each kind on a page."""
CASE = ("Id", "CaseNumber", "Subject", "Status", "IsClosed", "Origin", "Priority", "OwnerId", "ContactId", "AccountId",
        "SuppliedEmail", "SuppliedName", "Deskhand_Tags__c", "CreatedDate", "CreatedById", "LastModifiedDate",
        "SystemModstamp", "IsDeleted", "Contact.Name", "Contact.Email")
FORM = "RecordType.DeveloperName"
"""An org whose cases are all of one kind has no such field."""
AT_ONCE = 200
PARENTS = {"Case": "Id", "CaseComment": "ParentId", "EmailMessage": "ParentId"}
"""What is watched, and the field that names the case."""


@dataclass(frozen=True)
class Place:
    """Up to where each kind of row was listed; rows of one second are told apart by their id."""

    at: datetime
    id: str = ""

    def soql(self) -> str:
        at = self.at.astimezone(UTC)
        if not self.id:
            said: str = format_soql("SystemModstamp >= {at}", at=at)
        else:
            said = format_soql("(SystemModstamp > {at} OR (SystemModstamp = {at} AND Id > {id}))", at=at, id=self.id)
        return said


def changes(desk: CaseDesk, since: datetime, after: str | None, most: int) -> Changes:
    """One page, from the cursor `after` on, or of what changed at `since` or later; two calls, or one where nothing
    changed. Raises Rejected for a cursor that is not ours, Unavailable also while few calls of the day are left."""
    places = _places(since, after)
    size = min(most, MOST)
    parts = desk.wire.composite([asking(desk.version, _listing(kind, places[kind], size), deleted_too=kind == "Case")
                                 for kind in PARENTS], writing=False, optional=True)
    listed = {kind: desk.answered(part, kind) for kind, part in zip(PARENTS, parts, strict=True)}
    ends = {kind: when(rows[-1]["SystemModstamp"]) for kind, rows in listed.items() if len(rows) >= size}
    until = min(ends.values(), default=None)
    kept = {kind: [row for row in rows if until is None or when(row["SystemModstamp"]) <= until]
            for kind, rows in listed.items()}
    latest: dict[str, datetime] = {}
    for kind, rows in kept.items():
        for row in rows:
            id, at = str(row[PARENTS[kind]]), when(row["SystemModstamp"])
            latest[id] = max(at, latest.get(id, at))
    upto = max(latest.values(), default=None)
    return Changes(tickets=tuple(_tickets(desk, latest)), after=_cursor(places, kept, upto, last=until is None),
                   last=until is None, upto=upto)


def _listing(kind: str, place: Place, most: int) -> str:
    fields = dict.fromkeys(("Id", PARENTS[kind], "SystemModstamp"))
    of_cases = " AND ParentId != NULL" if kind == "EmailMessage" else ""
    return (f"SELECT {', '.join(fields)} FROM {kind} WHERE {place.soql()}{of_cases} "  # noqa: S608  # our own names
            f"ORDER BY SystemModstamp, Id LIMIT {most}")


def _tickets(desk: CaseDesk, latest: Mapping[str, datetime]) -> Sequence[Ticket]:
    """The cases as they stand now, by their latest change; one that is gone for good is left out."""
    if not latest:
        return []
    found: dict[str, Ticket] = {}
    ids = sorted(latest)
    for begin in range(0, len(ids), AT_ONCE):
        for row in _cases(desk, ids[begin: begin + AT_ONCE]):
            case = read_row(CaseRow, row)
            contact = {**(row.get("Contact") or {}), "Id": case.contact}
            who = requester(case, PersonRow.of(contact) if case.contact else None)
            found[case.id] = conversation.ticket(
                desk.org, case, updated=max(case.modified, latest[case.id]), who=who.id, own=desk.own,
                form=(row.get("RecordType") or {}).get("DeveloperName"))
    return [found[id] for id in sorted(found, key=lambda id: (latest[id], id))]


def _cases(desk: CaseDesk, ids: Sequence[str]) -> list[dict[str, Any]]:
    for fields in ((*CASE, FORM), CASE):
        (part,) = desk.wire.composite([asking(desk.version, format_soql(
            "SELECT {fields:literal} FROM Case WHERE Id IN {ids}", fields=", ".join(fields), ids=list(ids)),
            deleted_too=True)], writing=False, optional=True)
        if part.code() != "INVALID_FIELD":
            break
    return desk.answered(part, "cases")


def _places(since: datetime, after: str | None) -> dict[str, Place]:
    if after is None:
        return {kind: Place(since) for kind in PARENTS}
    try:
        given = json.loads(after)
        return {kind: Place(datetime.fromisoformat(given[kind][0]), str(given[kind][1])) for kind in PARENTS}
    except (ValueError, TypeError, KeyError, IndexError) as error:
        raise Rejected("the place to go on from is not one of ours", vendor=VENDOR, reason="cursor") from error


def _cursor(places: Mapping[str, Place], kept: Mapping[str, Sequence[Mapping[str, Any]]], upto: datetime | None, *,
            last: bool) -> str:
    """Where the next page begins; after the last one, where a later look begins."""
    if last:
        ends = [upto - LATE] if upto else []
        again = {kind: Place(max([place.at, *ends])) for kind, place in places.items()}
    else:
        again = {kind: Place(when(rows[-1]["SystemModstamp"]), str(rows[-1]["Id"])) if (rows := kept[kind]) else place
                 for kind, place in places.items()}
    return json.dumps({kind: [place.at.isoformat(), place.id] for kind, place in again.items()})
