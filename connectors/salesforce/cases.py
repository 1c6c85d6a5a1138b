"""Reads all rows of one case in one call; what the org does not have or does not show is left out, once it is known."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from simple_salesforce import format_soql  # type: ignore[attr-defined]

from connectors.contract import NotFound, Unavailable
from connectors.salesforce.conversation import Rows
from connectors.salesforce.endings import VENDOR, cannot_read, lost, refused
from connectors.salesforce.rows import (
    CaseRow,
    CommentRow,
    HistoryRow,
    MailRow,
    MergedRow,
    PersonRow,
    PostRow,
    ReceiptRow,
    UserRow,
)
from connectors.salesforce.wire import Part, Wire, asking, path

FORGET = timedelta(hours=1)
"""How long we believe what the org does not show, and what a user is."""
MOST_TRIES = 2
"""One for the fields that are not shown, one for what may not be asked across objects."""
BY = ("CreatedBy.Name", "CreatedBy.UserType", "CreatedBy.ContactId")
"""Who made a row, where the org lets it be asked with the row; else the users are asked of their own."""
FILES = ("(SELECT Name FROM Attachments)",
         "(SELECT ContentDocument.Title, ContentDocument.FileExtension FROM ContentDocumentLinks)")
POSTS = "Type IN ('TextPost', 'LinkPost', 'ContentPost')"
"""What people write; other posts repeat mails, comments and changes."""
NOT_TO_BE_ASKED = ("INVALID_TYPE", "INSUFFICIENT_ACCESS", "MALFORMED_QUERY", "NOT_FOUND")
M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True)
class Wanted:
    """One of the queries of a case: at most five of them go in one composite ("Composite")."""

    object: str
    of_case: str
    """The field that names the case."""
    needed: tuple[str, ...]
    extra: tuple[str, ...] = ()
    """Left out where the org does not have or show it."""
    where: str = ""
    ordered: str = "ORDER BY CreatedDate, Id"
    optional: bool = False
    """Not every org has this object, or lets it be asked for."""

    def soql(self, case: str, closed: frozenset[str]) -> str:
        fields = [*self.needed, *(one for one in self.extra if one not in closed)]
        more = f" AND {self.where}" if self.where else ""
        soql: str = format_soql("SELECT {fields:literal} FROM {object:literal} WHERE {of:literal} = {case}"
                                "{more:literal} {ordered:literal}", fields=", ".join(fields), case=case,
                                object=self.object, of=self.of_case, more=more, ordered=self.ordered)
        return soql


MADE = ("Id", "CreatedDate", "CreatedById")
NEWEST = "ORDER BY CreatedDate DESC, Id DESC LIMIT 1000"
"""Of a feed; an older post changes nothing any more."""
OWN = "Own"
RECEIPTS = ("SELECT Id, CreatedDate, SystemModstamp, (SELECT Id, CreatedDate, CreatedById, Key__c, Kind__c, Record__c "
            "FROM Deskhand_Actions__r ORDER BY CreatedDate) FROM Case WHERE Id = {case} OR MasterRecordId = {case}")
"""Our receipts of the case, and the cases that were merged into it, which are deleted ("QueryAll")."""
QUERIES = (
    Wanted("CaseComment", "ParentId", (*MADE, "CommentBody", "IsPublished"), BY),
    Wanted("EmailMessage", "ParentId", (*MADE, "Incoming", "Status", "TextBody", "FromAddress", "ToAddress"), (
        "HtmlBody", "Subject", "FromName", "CcAddress", "Headers", "IsBounced", *BY, *FILES)),
    Wanted("CaseHistory", "CaseId", (*MADE, "Field", "OldValue", "NewValue"), BY),
    Wanted("FeedItem", "ParentId", (*MADE, "Body"), ("Visibility", *BY), POSTS, NEWEST, optional=True))
MODELS: Sequence[type[BaseModel]] = (CommentRow, MailRow, HistoryRow, PostRow)
USER_FIELDS = "Id, Name, Email, UserType, IsActive, ContactId, TimeZoneSidKey"


class CaseReader:
    """What of a case's rows can be read in this org is found out once and believed for an hour."""

    def __init__(self, wire: Wire, version: str, now: Callable[[], datetime]) -> None:
        self._wire, self._version, self._now = wire, version, now
        self._closed: dict[str, frozenset[str]] = {}
        self._absent: frozenset[str] = frozenset()
        self._since: datetime | None = None
        self._users: dict[str, tuple[datetime, UserRow]] = {}
        self._lock = threading.Lock()

    def read(self, id: str) -> Rows:
        """One call for most cases. Raises NotFound, and Unavailable where a part of the case cannot be read."""
        closed, absent = self._known()
        parts = self._ask(id, closed, absent)
        for _ in range(MOST_TRIES):
            if not any(part.code() in ("INVALID_FIELD", "INVALID_TYPE") for name, part in parts.items() if name != OWN):
                break
            closed, absent = self._find_closed(parts, closed, absent)
            parts = self._ask(id, closed, absent)
        heard = self._wire.server_time()
        case = self._case(parts["Case"])
        receipts, merged = self._own(id, parts[OWN])
        found = [self._rows(wanted, parts[wanted.object], model) if wanted.object not in absent else ()
                 for wanted, model in zip(QUERIES, MODELS, strict=True)]
        form = parts["RecordType"].row().get("DeveloperName")
        return Rows(case, heard, self._person(case, parts["Contact"]), form, receipts, merged,
                    *found)  # type: ignore[arg-type]  # as MODELS say

    def users(self, ids: Sequence[str]) -> dict[str, UserRow]:
        """What is known of these users, and by one call what is not; a user that is gone is left out."""
        now = self._now()
        with self._lock:
            known = {id: row for id in ids if (kept := self._users.get(id)) and now - kept[0] < FORGET
                     for row in (kept[1],)}
        missing = [id for id in ids if id not in known]
        if missing:
            soql = format_soql("SELECT {fields:literal} FROM User WHERE Id IN {ids}", fields=USER_FIELDS, ids=missing)
            (part,) = self._wire.composite([asking(self._version, soql)], writing=False)
            rows = [read_row(UserRow, row) for row in self._answered(part, "User")]
            with self._lock:
                self._users |= {row.id: (now, row) for row in rows}
            known |= {row.id: row for row in rows}
        return known

    def known_users(self) -> dict[str, UserRow]:
        now = self._now()
        with self._lock:
            return {id: row for id, (at, row) in self._users.items() if now - at < FORGET}

    def _ask(self, id: str, closed: Mapping[str, frozenset[str]], absent: frozenset[str]) -> dict[str, Part]:
        """A case without a contact or a record type has no such part; that is no error of the others."""
        subs: dict[str, dict[str, Any]] = {
            "Case": {"method": "GET", "url": path(self._version, "Case", id)},
            "Contact": {"method": "GET", "url": path(self._version, "Contact", "@{Case.ContactId}",
                                                     ("Id", "Name", "Email"))},
            "RecordType": {"method": "GET", "url": path(self._version, "RecordType", "@{Case.RecordTypeId}",
                                                        ("DeveloperName",))},
            OWN: asking(self._version, format_soql(RECEIPTS, case=id), deleted_too=True)}
        for wanted in QUERIES:
            if wanted.object not in absent:
                soql = wanted.soql(id, closed.get(wanted.object, frozenset()))
                subs[wanted.object] = asking(self._version, soql)
        asked = [{"referenceId": name, **sub} for name, sub in subs.items()]
        return dict(zip(subs, self._wire.composite(asked, writing=False), strict=True))

    def _case(self, part: Part) -> CaseRow:
        if part.status != 200:
            why = refused(part.status, part.body, writing=False, request_id=self._wire.request_id())
            raise why if isinstance(why, NotFound) else cannot_read("cases", why, "cases_unreadable")
        return read_row(CaseRow, part.row())

    def _own(self, id: str, part: Part) -> tuple[tuple[ReceiptRow, ...], tuple[MergedRow, ...]]:
        if part.code() in ("INVALID_FIELD", "INVALID_TYPE"):
            raise Unavailable("Deskhand's package is not in the org, or the integration user lacks the permission set "
                              "Deskhand Integration", vendor=VENDOR, reason="package_missing", lasting=True)
        rows = self._answered(part, "Case")
        kept = [one for row in rows if row.get("Id") == id
                for one in (row.get("Deskhand_Actions__r") or {}).get("records", [])]
        return (tuple(read_row(ReceiptRow, one) for one in kept),
                tuple(read_row(MergedRow, row) for row in rows if row.get("Id") != id))

    def _person(self, case: CaseRow, contact: Part) -> PersonRow | None:
        """The contact, or what the case says of one that is gone or not shared; where there is none, the account when
        it is a person's ("Person Account Record Types")."""
        if case.contact:
            if contact.status == 200:
                return _read_person(contact.row())
            why = refused(contact.status, contact.body, writing=False, request_id=self._wire.request_id())
            if isinstance(why, NotFound):
                return PersonRow(id=case.contact, name=case.supplied_name,
                                 email=case.contact_email or case.supplied_email)
            raise cannot_read("the case's contact", why, "contacts_unreadable")
        if not case.account or case.supplied_email:
            return None
        fields = ("Id", "Name", "IsPersonAccount", "PersonEmail")
        (account,) = self._wire.composite(
            [{"method": "GET", "url": path(self._version, "Account", case.account, fields)}], writing=False)
        return _read_person(account.row()) if account.row().get("IsPersonAccount") else None

    def _rows(self, wanted: Wanted, part: Part, model: type[M]) -> tuple[M, ...]:
        if wanted.optional and part.code().startswith(NOT_TO_BE_ASKED):
            return ()
        return tuple(read_row(model, row) for row in self._answered(part, wanted.object))

    def _answered(self, part: Part, object: str) -> list[dict[str, Any]]:
        rows = self._wire.all_rows(part)
        if rows is not None:
            return rows
        why = refused(part.status, part.body, writing=False, request_id=self._wire.request_id())
        raise cannot_read(object, why, "cases_unreadable")

    def _known(self) -> tuple[Mapping[str, frozenset[str]], frozenset[str]]:
        with self._lock:
            if self._since is not None and self._now() - self._since > FORGET:
                self._closed, self._absent, self._since = {}, frozenset(), None
            return dict(self._closed), self._absent

    def _find_closed(self, parts: Mapping[str, Part], closed: Mapping[str, frozenset[str]], absent: frozenset[str],
                     ) -> tuple[Mapping[str, frozenset[str]], frozenset[str]]:
        """By describe; where that shows every field, what is asked across objects is what the org refuses."""
        gone = {wanted.object for wanted in QUERIES
                if wanted.optional and parts.get(wanted.object) and parts[wanted.object].code() == "INVALID_TYPE"}
        refusing = [wanted for wanted in QUERIES
                    if wanted.object in parts and parts[wanted.object].code() == "INVALID_FIELD"]
        described = self._wire.composite(
            [{"method": "GET", "url": path(self._version, wanted.object) + "/describe"} for wanted in refusing],
            writing=False) if refusing else []
        found = dict(closed)
        for wanted, part in zip(refusing, described, strict=True):
            seen = {one["name"] for one in part.row().get("fields", []) if isinstance(one, dict) and "name" in one}
            before = found.get(wanted.object, frozenset())
            hidden = {one for one in wanted.extra if one.isidentifier() and one not in seen} - before
            across = {one for one in wanted.extra if not one.isidentifier()}
            found[wanted.object] = before | (hidden or across)
        with self._lock:
            self._closed, self._absent, self._since = found, absent | gone, self._now()
            return dict(found), self._absent


def read_row(model: type[M], row: Mapping[str, Any]) -> M:
    try:
        return model.model_validate(row)
    except ValidationError as error:
        raise lost("Salesforce's answer is not as documented", writing=False, reason="unreadable") from error


def _read_person(row: Mapping[str, Any]) -> PersonRow:
    try:
        return PersonRow.of(row)
    except (KeyError, ValidationError) as error:
        raise lost("Salesforce's contact cannot be read", writing=False, reason="unreadable") from error
