"""Salesforce as the record of customers: contacts are read, changed with care, and told what was done for them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any

from simple_salesforce import format_soql  # type: ignore[attr-defined]

from connectors.contract import (
    ActionBase,
    ActivityReceipt,
    Altered,
    Conflict,
    Contact,
    ContactChange,
    ContactField,
    ContactReceipt,
    Key,
    LogActivity,
    NotFound,
    NotUndoable,
    OutcomeUnknown,
    Receipt,
    Rejected,
    Surroundings,
    Unavailable,
    Undo,
)
from connectors.salesforce.endings import VENDOR, cannot_read, lost, refused
from connectors.salesforce.pace import Usage
from connectors.salesforce.reading import FIELDS, ContactReader, when
from connectors.salesforce.settings import SalesforceSettings
from connectors.salesforce.wire import Part, Wire, asking, path

Values = dict[str, str | bool | None]
"""Field values under our words, as receipts keep them."""
Table = Mapping[type[Any], Callable[..., Any]]
SUBJECT, DESCRIPTION = 255, 32000
"""Characters a task's Subject and Description hold (Object Reference, "Task")."""
SETTLED = timedelta(seconds=2)
"""A row changed less than this ago may change again within the second that conditions cannot tell apart."""
TASK_FIELDS = ("Id", "WhoId", "Subject", "CreatedDate")


class SalesforceRecords:
    """The contract's Records for one org."""

    vendor = VENDOR

    def __init__(self, settings: SalesforceSettings, around: Surroundings) -> None:
        self.settings, self.around = settings, around
        self.wire = Wire(settings, around)
        self.reader = ContactReader(self.wire, settings, around)

    @property
    def production(self) -> bool:
        """False for sandboxes, scratch orgs and Developer Editions; asks the org once."""
        return self.reader.organization.production()

    @property
    def usage(self) -> Usage | None:
        return self.wire.pace.usage

    def contacts(self, email: str) -> tuple[Contact, ...]:
        """Contacts under this address; Unavailable when their addresses cannot be read, for that is not "none"."""
        return self.reader.contacts(email)

    def link(self, contact: str) -> str:
        return f"{self.settings.home()}/{contact}" if self.settings.url is None else ""

    def perform(self, action: ActionBase, key: Key) -> Receipt:
        """An activity is read in the call that writes it; a contact change is proof only after a read-back of its own,
        because a flow may change the value after the write was answered."""
        does: Table = {ContactChange: self._change, LogActivity: self._log, Undo: self._restore}
        done: Receipt = _one_of(does, action)(action, key)
        return done

    def find(self, action: ActionBase, key: Key) -> Receipt | None:
        looks: Table = {ContactChange: self._find_change, LogActivity: self._find_activity, Undo: self._find_restored}
        found: Receipt | None = _one_of(looks, action)(action, key)
        return found

    def read_back(self, action: ActionBase, receipt: Receipt) -> Receipt:
        rereads: Table = {ContactChange: self._reread_change, LogActivity: self._reread_activity,
                          Undo: self._reread_change}
        seen: Receipt = _one_of(rereads, action)(action, receipt)
        return seen

    def _change(self, action: ContactChange, key: Key) -> ContactReceipt:
        """Compare and set: read, compare with what was expected, write unless changed since, read in the same call."""
        wanted: Values = {str(field): value for field, value in action.changes.items()}
        row = self._contact_row(action.contact, wanted)
        held = _values(row, wanted)
        if _same(held, wanted):
            raise Conflict("the contact already holds these values", vendor=VENDOR, reason="already")
        expected: Values = {str(field): value for field, value in action.expected.items() if str(field) in wanted}
        if not _same({name: held[name] for name in expected}, expected):
            raise Conflict("someone changed the contact since it was read", vendor=VENDOR, reason="changed")
        return self._set(row, held, wanted, key)

    def _set(self, row: Mapping[str, Any], held: Values, wanted: Values, key: Key) -> ContactReceipt:
        modified = when(row["LastModifiedDate"])
        if self.wire.server_time() - modified < SETTLED:
            raise Unavailable("the contact was changed a moment ago", vendor=VENDOR, reason="just_changed",
                              retry_after=SETTLED.total_seconds())
        version, id = self.settings.api_version, str(row["Id"])
        write, read = self.wire.composite([
            {"method": "PATCH", "url": path(version, "Contact", id),
             "httpHeaders": {"If-Unmodified-Since": format_datetime(modified, usegmt=True)},
             "body": {_theirs(name): value for name, value in wanted.items()}},
            {"method": "GET", "url": path(version, "Contact", id, _fields_for(wanted))}], writing=True)
        if write.status not in (200, 204):
            raise refused(write.status, write.body, writing=True, request_id=self.wire.request_id())
        return self._receipt_of_change(id, held, wanted, self._after(read, wanted), key.operation)

    def _after(self, read: Part, wanted: Values) -> tuple[Values, datetime]:
        row = read.row()
        try:
            return _values(row, wanted), when(row["LastModifiedDate"])
        except (KeyError, ValueError) as error:
            raise lost("the contact was written, but not read back", writing=True, reason="not_read_back") from error

    def _receipt_of_change(self, id: str, held: Values, wanted: Values, after: tuple[Values, datetime],
                           operation: str) -> ContactReceipt:
        """The receipt when the org holds what was wanted; a flow may have put it back, or made something else of it."""
        values, at = after
        if _same(values, held):
            raise Rejected("the org took the change and put the earlier values back at once, as a flow or trigger does",
                           vendor=VENDOR, reason="reverted", request_id=self.wire.request_id())
        receipt = ContactReceipt(operation=operation, vendor=VENDOR, at=at, request_id=self.wire.request_id(),
                                 contact=id, before=held, after=values)
        if not _same(values, wanted):
            raise Altered("it was written, and the org made something else of it, as a flow or trigger does",
                          vendor=VENDOR, receipt=receipt, reason="altered", request_id=self.wire.request_id())
        return receipt

    def _find_change(self, action: ContactChange, key: Key) -> ContactReceipt | None:
        """A contact carries no mark of ours: the change is done when all its values stand there together."""
        wanted: Values = {str(field): value for field, value in action.changes.items()}
        try:
            row = self._looked_at(action.contact, wanted)
        except NotFound:
            return None
        held = _values(row, wanted)
        if not _same(held, wanted):
            return None
        expected: Values = {str(field): value for field, value in action.expected.items() if str(field) in wanted}
        return ContactReceipt(operation=key.operation, vendor=VENDOR, at=when(row["LastModifiedDate"]), seen=True,
                              request_id=self.wire.request_id(), contact=str(row["Id"]), before=expected, after=held)

    def _reread_change(self, action: ContactChange | Undo, receipt: ContactReceipt) -> ContactReceipt:
        row = self._looked_at(receipt.contact, receipt.after)
        if not _same(_values(row, receipt.after), receipt.after):
            raise OutcomeUnknown("the contact does not hold what was written", vendor=VENDOR, reason="differs",
                                 request_id=self.wire.request_id())
        return receipt.model_copy(update={"seen": True})

    def _restore(self, undo: Undo, key: Key) -> ContactReceipt:
        """Writes the earlier values back, an empty one too, only while every field still holds what we wrote."""
        changed = _undone(undo)
        try:
            row = self._contact_row(changed.contact, changed.after)
        except NotFound as gone:
            raise NotUndoable("the contact does not exist any more", vendor=VENDOR, reason="gone") from gone
        held = _values(row, changed.after)
        if _same(held, changed.before):
            return self._restored(row, changed, held, key)
        if not _same(held, changed.after):
            raise Conflict("someone changed the contact since; it is left as it is", vendor=VENDOR, reason="changed")
        return self._set(row, held, changed.before, key)

    def _find_restored(self, undo: Undo, key: Key) -> ContactReceipt | None:
        """A contact carries no mark of ours: it is undone when all earlier values stand there together."""
        changed = _undone(undo)
        try:
            row = self._looked_at(changed.contact, changed.after)
        except NotFound:
            return None
        held = _values(row, changed.after)
        return self._restored(row, changed, held, key) if _same(held, changed.before) else None

    def _restored(self, row: Mapping[str, Any], changed: ContactReceipt, held: Values, key: Key) -> ContactReceipt:
        return ContactReceipt(operation=key.operation, vendor=VENDOR, at=when(row["LastModifiedDate"]), seen=True,
                              request_id=self.wire.request_id(), contact=changed.contact, before=changed.after,
                              after=held)

    def _looked_at(self, contact: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """As `_contact_row`, but not being allowed to look says nothing about what happened: Unavailable."""
        try:
            return self._contact_row(contact, values)
        except NotFound:
            raise
        except Rejected as no:
            raise Unavailable(str(no), vendor=VENDOR, reason=no.reason, lasting=True, plain=no.plain) from no

    def _contact_row(self, contact: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """The contact's fields for these values with LastModifiedDate. Raises NotFound, Rejected, Unavailable."""
        if not re.fullmatch(r"003[0-9A-Za-z]{12}([0-9A-Za-z]{3})?", contact):
            raise Rejected(f"{contact[:40]} is not the id of a contact", vendor=VENDOR, reason="malformed_id")
        (read,) = self.wire.composite(
            [{"method": "GET", "url": path(self.settings.api_version, "Contact", contact, _fields_for(values))}],
            writing=False)
        if read.status != 200:
            raise refused(read.status, read.body, writing=False, request_id=self.wire.request_id())
        row = read.row()
        if not {"Id", *_fields_for(values)} <= row.keys():
            raise lost("Salesforce's contact cannot be read", writing=False, reason="unreadable_answer")
        return row

    def _log(self, action: LogActivity, key: Key) -> ActivityReceipt:
        """A completed Task on the contact, written and read in one transaction."""
        version = self.settings.api_version
        task = {"WhoId": action.contact, "Subject": _subject(action.subject, key.operation),
                "Description": action.text[:DESCRIPTION], "Status": "Completed",
                "ActivityDate": self.around.now().date().isoformat()}
        made, read = self.wire.composite([
            {"method": "POST", "url": path(version, "Task"), "body": task},
            {"method": "GET", "url": path(version, "Task", "@{r0.id}", TASK_FIELDS)}], writing=True, whole=True)
        for part in (made, read):
            if part.status >= 300 and part.code() != "PROCESSING_HALTED":
                raise refused(part.status, part.body, writing=True, request_id=self.wire.request_id())
        receipt = self._receipt_of_activity(read.row(), action, key)
        if receipt is None:
            raise OutcomeUnknown("the activity was written, but does not read as it was written", vendor=VENDOR,
                                 reason="altered", request_id=self.wire.request_id())
        return receipt

    def _find_activity(self, action: LogActivity, key: Key) -> ActivityReceipt | None:
        """Our operation id at the end of a Subject among the contact's tasks (WhoId is indexed, Subject is not)."""
        (found,) = self.wire.composite([asking(self.settings.api_version, format_soql(
            "SELECT {fields:literal} FROM Task WHERE WhoId = {contact} AND Subject LIKE '%{operation:like}' "
            "ORDER BY CreatedDate LIMIT 10", fields=", ".join(TASK_FIELDS), contact=action.contact,
            operation=key.operation))], writing=False)
        rows = found.rows()
        if rows is None:
            raise self._cannot_look(found)
        receipts = (self._receipt_of_activity(row, action, key) for row in rows)
        return next((receipt for receipt in receipts if receipt is not None), None)

    def _cannot_look(self, part: Part) -> Unavailable:
        why = refused(part.status, part.body, writing=False, request_id=self.wire.request_id())
        return cannot_read("activities", why, "tasks_unreadable")

    def _receipt_of_activity(self, row: Mapping[str, Any], action: LogActivity, key: Key) -> ActivityReceipt | None:
        if not str(row.get("Subject") or "").endswith(key.operation):
            return None
        if str(row.get("WhoId") or "")[:15] != action.contact[:15]:
            return None
        try:
            return ActivityReceipt(operation=key.operation, vendor=VENDOR, at=when(row["CreatedDate"]), seen=True,
                                   request_id=self.wire.request_id(), id=str(row["Id"]), contact=action.contact)
        except (KeyError, ValueError):
            return None

    def _reread_activity(self, action: LogActivity, receipt: ActivityReceipt) -> ActivityReceipt:
        """The task as it stands now; recheck only, for an activity's receipt is proof from the start."""
        version = self.settings.api_version
        (read,) = self.wire.composite(
            [{"method": "GET", "url": path(version, "Task", receipt.id, TASK_FIELDS)}], writing=False)
        if read.status not in (200, 404):
            raise self._cannot_look(read)
        seen = self._receipt_of_activity(read.row(), action, Key(operation=receipt.operation))
        if seen is None:
            raise OutcomeUnknown("the activity does not stand there as it was written", vendor=VENDOR,
                                 reason="differs", request_id=self.wire.request_id())
        return seen


def connect(settings: SalesforceSettings, around: Surroundings) -> SalesforceRecords:
    """Makes no call."""
    return SalesforceRecords(settings, around)


def _one_of(table: Table, action: ActionBase) -> Callable[..., Any]:
    try:
        return table[type(action)]
    except KeyError:
        raise Rejected(f"Salesforce does not do {type(action).__name__}", vendor=VENDOR, reason="not_ours") from None


def _undone(undo: Undo) -> ContactReceipt:
    if not isinstance(undo.receipt, ContactReceipt):
        raise Rejected("Salesforce takes back no refund", vendor=VENDOR, reason="not_ours")
    if undo.receipt.after.keys() - undo.receipt.before.keys():
        raise NotUndoable("what stood there before is not known", vendor=VENDOR, reason="not_known")
    return undo.receipt


def _theirs(name: str) -> str:
    return FIELDS[ContactField(name)]


def _fields_for(values: Mapping[str, Any]) -> list[str]:
    return [*(_theirs(name) for name in values), "LastModifiedDate"]


def _values(row: Mapping[str, Any], names: Mapping[str, Any]) -> Values:
    """Raises KeyError when the row lacks one."""
    return {name: row[_theirs(name)] for name in names}


def _same(one: Values, other: Values) -> bool:
    """Salesforce keeps an empty text as none, and no blanks around a text."""
    return all(_kept(one[name]) == _kept(other[name]) for name in one)


def _kept(value: str | bool | None) -> str | bool | None:
    return value.strip().replace("\r\n", "\n") or None if isinstance(value, str) else value


def _subject(words: str, operation: str) -> str:
    """One line that ends in the operation id, however long the words are."""
    line = " ".join(words.split())
    return f"{line[: SUBJECT - len(operation) - 1].rstrip()} {operation}".lstrip()
