"""Which cases changed: the case itself, its comments, mails and posts, by SystemModstamp, in order and page by page.

A row may become visible later than the time it bears. Each look begins ten minutes before the last one did, by
Salesforce's clock; what it lists again is told apart by time and id.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError
from simple_salesforce import format_soql  # type: ignore[attr-defined]

from connectors.contract import Changes, Rejected, Ticket
from connectors.salesforce import conversation
from connectors.salesforce.basis import LATE
from connectors.salesforce.cases import NOT_TO_BE_ASKED, POSTS, read_row
from connectors.salesforce.desk import CaseDesk
from connectors.salesforce.endings import VENDOR
from connectors.salesforce.people import requester
from connectors.salesforce.reading import when
from connectors.salesforce.rows import CaseRow, PersonRow
from connectors.salesforce.wire import Part, asking

MOST = 500
"""Rows of each kind on a page."""
CASE = ("Id", "CaseNumber", "Subject", "Status", "IsClosed", "Origin", "Priority", "OwnerId", "ContactId", "AccountId",
        "SuppliedEmail", "SuppliedName", "Deskhand_Tags__c", "CreatedDate", "CreatedById", "LastModifiedDate",
        "SystemModstamp", "IsDeleted", "Contact.Name", "Contact.Email")
FORM = "RecordType.DeveloperName"
"""An org whose cases are all of one kind has no such field."""
AT_ONCE = 200
PARENTS = {"Case": "Id", "CaseComment": "ParentId", "EmailMessage": "ParentId", "FeedItem": "ParentId"}
"""What is watched, and the field that names the case."""
WHERE = {"EmailMessage": " AND ParentId != NULL", "FeedItem": f" AND {POSTS}"}
A_CASE = "500"
"""How the id of a case begins; posts stand on all kinds of things."""


class Place(BaseModel):
    """Up to where a kind of row was listed; rows of one second are told apart by their id."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    at: AwareDatetime
    id: str = ""

    def soql(self) -> str:
        at = self.at.astimezone(UTC)
        if not self.id:
            said: str = format_soql("SystemModstamp >= {at}", at=at)
        else:
            said = format_soql("(SystemModstamp > {at} OR (SystemModstamp = {at} AND Id > {id}))", at=at, id=self.id)
        return said


class Cursor(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    places: Mapping[str, Place]
    look: AwareDatetime | None = None
    """When the look began whose next page this is: what comes to light while it goes on is listed by the next one."""


def changes(desk: CaseDesk, since: datetime, after: str | None, most: int) -> Changes:
    """One page, from the cursor `after` on, or of what changed at `since` or later; two calls, or one where nothing
    changed since ten minutes before the last look. Raises Rejected for a cursor that is not ours, Unavailable also
    while few calls of the day are left."""
    begun = _begun(since, after)
    places, size, asked = begun.places, min(most, MOST), desk.around.now()
    parts = desk.wire.composite([asking(desk.version, _listing(kind, places[kind], size), deleted_too=kind == "Case")
                                 for kind in PARENTS], writing=False, optional=True)
    listed = {kind: _listed(desk, kind, part) for kind, part in zip(PARENTS, parts, strict=True)}
    look = begun.look or desk.wire.server_time() - (desk.around.now() - asked)
    ends = {kind: when(rows[-1]["SystemModstamp"]) for kind, rows in listed.items() if len(rows) >= size}
    until = min(ends.values(), default=None)
    kept = {kind: [row for row in rows if until is None or when(row["SystemModstamp"]) <= until]
            for kind, rows in listed.items()}
    latest: dict[str, datetime] = {}
    said: dict[str, dict[str, datetime]] = {}
    for kind, rows in kept.items():
        for row in rows:
            id, at = str(row[PARENTS[kind]]), when(row["SystemModstamp"])
            if not id.startswith(A_CASE):
                continue
            latest[id] = max(at, latest.get(id, at))
            if kind != "Case":
                said.setdefault(f"{VENDOR}:{desk.org}:{id}", {})[str(row["Id"])] = at
    last = until is None
    return Changes(tickets=tuple(_tickets(desk, latest)), after=_next(places, kept, look, last=last).model_dump_json(),
                   last=last, upto=max(latest.values(), default=None), said=said)


def _listing(kind: str, place: Place, most: int) -> str:
    fields = dict.fromkeys(("Id", PARENTS[kind], "SystemModstamp"))
    where = place.soql() + WHERE.get(kind, "")
    return (f"SELECT {', '.join(fields)} FROM {kind} WHERE {where} "  # noqa: S608  # our own names
            f"ORDER BY SystemModstamp, Id LIMIT {most}")


def _listed(desk: CaseDesk, kind: str, part: Part) -> list[dict[str, Any]]:
    """Not every org has posts, or lets them be asked for: then none are read from a case, either."""
    return [] if kind == "FeedItem" and part.code().startswith(NOT_TO_BE_ASKED) else desk.answered(part, kind)


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


def _begun(since: datetime, after: str | None) -> Cursor:
    if after is None:
        return Cursor(places={kind: Place(at=since) for kind in PARENTS})
    try:
        given = Cursor.model_validate_json(after)
    except ValidationError as error:
        raise Rejected("the place to go on from is not one of ours", vendor=VENDOR, reason="cursor") from error
    if set(given.places) != set(PARENTS):
        raise Rejected("the place to go on from is of another version", vendor=VENDOR, reason="cursor")
    return given


def _next(places: Mapping[str, Place], kept: Mapping[str, Sequence[Mapping[str, Any]]], look: datetime, *,
          last: bool) -> Cursor:
    """Where the next page begins; after the last one, where a later look begins."""
    if last:
        return Cursor(places={kind: Place(at=look - LATE) for kind in places})
    return Cursor(look=look, places={
        kind: Place(at=when(rows[-1]["SystemModstamp"]), id=str(rows[-1]["Id"])) if (rows := kept[kind]) else place
        for kind, place in places.items()})
