"""Writes a case: a note, fields and our receipt together or not at all, and nothing over what people changed."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from simple_salesforce import format_soql  # type: ignore[attr-defined]

from connectors.contract import (
    Conflict,
    Key,
    OutcomeUnknown,
    Rejected,
    TicketUpdate,
    Unavailable,
    UpdateReceipt,
    VendorError,
)
from connectors.salesforce.basis import LATE, PEOPLES, Basis, same
from connectors.salesforce.desk import CaseDesk
from connectors.salesforce.endings import VENDOR, lost, refused
from connectors.salesforce.history import QUEUE
from connectors.salesforce.reading import when
from connectors.salesforce.records import SETTLED
from connectors.salesforce.wire import Part, asking, changing_case, path

log = logging.getLogger("deskhand.salesforce")

LONGEST = 4_000
"""Bytes that a comment holds (Object Reference, "CaseComment")."""
RECEIPT = "Deskhand_Action__c"
TAGS = "Deskhand_Tags__c"
LONGEST_TAGS = 255
HALTED = "PROCESSING_HALTED"
COMMENT = ("Id", "ParentId", "IsPublished", "CreatedDate")
Subs = dict[str, dict[str, Any]]


class CaseWriter:
    def __init__(self, desk: CaseDesk) -> None:
        self._desk = desk

    def write(self, id: str, update: TicketUpdate, key: Key) -> UpdateReceipt:
        """One call where the case was read before, else two; more only when the one before surely did nothing.

        What people change, too, is written a moment after it was changed last, and only while it still holds what it
        held. Raises Conflict when the case changed after `unless_changed_since`, the customer wrote since, or a person
        changed since the last look what would be written.
        """
        seen = self._stands_on(id, update)
        given = self._sent(seen, update, key)
        if update.unless_changed_since is None and _moved_on(given):
            seen = self._stands_on(id, update, again=True)
            given = self._sent(seen, update, key)
        return self._written(seen, update, key, given)

    def _stands_on(self, id: str, update: TicketUpdate, *, again: bool = False) -> Basis:
        """The last look at the case; another one where fields are to be written that no query can compare."""
        seen = self._desk.look(id) if again else self._desk.seen(id)
        fields = _peoples(update)
        if not fields and not _retags(seen, update):
            return seen
        if update.fields and not seen.settled():
            seen = self._desk.look(id)
        if fields and seen.moved(fields):
            raise Conflict("somebody changed the case since it was read", vendor=VENDOR, reason="changed")
        if update.fields and not seen.settled():
            raise Unavailable("the case was changed a moment ago", vendor=VENDOR, reason="just_changed",
                              retry_after=SETTLED.total_seconds())
        if wait := seen.settles_in(self._desk.around.now()):
            self._desk.around.sleep(wait)
        return seen

    def _sent(self, seen: Basis, update: TicketUpdate, key: Key) -> dict[str, Part]:
        subs = self._subs(seen, update, key)
        asked = [{"referenceId": name, **sub} for name, sub in subs.items()]
        return dict(zip(subs, self._desk.wire.composite(asked, writing=True, whole=True), strict=True))

    def _subs(self, seen: Basis, update: TicketUpdate, key: Key) -> Subs:
        version, since, subs = self._desk.version, update.unless_changed_since, Subs()
        fields, condition = self._fields(seen, update), self._condition(seen, update)
        case = seen.id
        if since is not None or condition:
            subs["guard"] = asking(version, guard(seen, since, compared=bool(condition)))
            case = "@{guard.records[0].Id}"
        subs["receipt"] = receipt_of(version, case, update, key)
        if fields:
            subs["case"] = changing_case(version, seen.id, fields, condition)
        if update.text:
            body = {"ParentId": seen.id, "CommentBody": cut(update.text, self._desk.link(seen.id)),
                    "IsPublished": False}
            subs["note"] = {"method": "POST", "url": path(version, "CaseComment"), "body": body}
            subs["named"] = {"method": "PATCH", "url": path(version, RECEIPT, "@{receipt.id}"),
                             "body": {"Record__c": "@{note.id}"}}
            subs["stands"] = {"method": "GET", "url": path(version, "CaseComment", "@{note.id}", COMMENT)}
        subs["after"] = {"method": "GET", "url": path(version, "Case", seen.id)}
        return subs

    def _condition(self, seen: Basis, update: TicketUpdate) -> Mapping[str, str]:
        """Conditions compare whole seconds of LastModifiedDate ("Conditional Request Headers"). Tags stand in one field
        with those of people and flows."""
        if update.unless_changed_since is None and not _peoples(update) and not _retags(seen, update):
            return {}
        return {"If-Unmodified-Since": format_datetime(seen.modified.astimezone(UTC), usegmt=True)}

    def _fields(self, seen: Basis, update: TicketUpdate) -> dict[str, Any]:
        body: dict[str, Any] = {}
        if _retags(seen, update):
            body[TAGS] = as_tags(_tags(seen, update))
        for name, value in update.fields.items():
            if not re.fullmatch(r"[A-Za-z]\w*__c", name, re.ASCII) or name == TAGS:
                raise Rejected(f"{name} is not one of the org's own case fields", vendor=VENDOR, reason="no_field")
            body[name] = value
        if update.status:
            body["Status"] = self._desk.words.status(update.status, seen.record_type)
        if update.priority:
            body["Priority"] = self._desk.words.priority(update.priority, seen.record_type)
        if update.group:
            if not re.fullmatch(QUEUE + r"[0-9A-Za-z]{12}([0-9A-Za-z]{3})?", update.group, re.ASCII):
                raise Rejected(f"{update.group} is not the id of a queue", vendor=VENDOR, reason="no_queue")
            body["OwnerId"] = update.group
        return body

    def _written(self, seen: Basis, update: TicketUpdate, key: Key, given: Mapping[str, Part]) -> UpdateReceipt:
        if _refusal(given) is not None:
            return self._refused(seen, update, key, given)
        after = self._desk.after(seen, given["after"], _peoples(update))
        if not update.text:
            self._check_fields(seen, update, after)
        made = given["stands" if update.text else "receipt"].body
        try:
            entry = str(made["Id"] if update.text else made["id"])
            at = when(made["CreatedDate"]) if update.text else after.modified
        except (KeyError, TypeError, ValueError) as error:
            raise lost("the case was written, but not read back", writing=True, reason="not_read_back") from error
        shown = bool(update.text and made.get("IsPublished")) and not self._hidden(entry)
        return UpdateReceipt(operation=key.operation, vendor=VENDOR, at=at, seen=True, entry=entry, public=shown,
                             request_id=self._desk.wire.request_id(), comment=entry if update.text else None,
                             notified=False, updated_at=max(after.modified, at))

    def _hidden(self, comment: str) -> bool:
        """Takes back from customers a note that the org's own automation published; False where it stays public."""
        log.error("the org published an internal note of ours, %s; a flow or trigger of CaseComment does that", comment)
        address = path(self._desk.version, "CaseComment", comment)
        with suppress(VendorError):
            _, stands = self._desk.wire.composite([
                {"method": "PATCH", "url": address, "body": {"IsPublished": False}},
                {"method": "GET", "url": path(self._desk.version, "CaseComment", comment, COMMENT)}], writing=True)
            return stands.row().get("IsPublished") is False
        return False

    def _refused(self, seen: Basis, update: TicketUpdate, key: Key, given: Mapping[str, Part]) -> UpdateReceipt:
        """Nothing was written: all or none. What failed is the one part that does not say that another one did."""
        failed = next((part for part in given.values() if part.status >= 300 and part.code() != HALTED), None)
        if failed is None:
            if "guard" in given:
                raise Conflict("the case changed, or the customer wrote, since it was read", vendor=VENDOR,
                               reason="changed", request_id=self._desk.wire.request_id())
            raise lost("Salesforce wrote nothing and does not say why", writing=True, reason="halted")
        if failed.code() == "DUPLICATE_VALUE" and failed is given["receipt"]:
            found = self._desk.find(seen.id, update, key)
            if found is not None:
                return found
            raise OutcomeUnknown("the case bears our receipt, and what it stands for is not there", vendor=VENDOR,
                                 reason="receipt_alone", request_id=self._desk.wire.request_id())
        raise refused(failed.status, failed.body, writing=True, request_id=self._desk.wire.request_id())

    def _check_fields(self, seen: Basis, update: TicketUpdate, after: Basis) -> None:
        """Compared again after the write: a flow may have put back what was there."""
        wanted = {name: value for name, value in self._fields(seen, update).items() if name != TAGS}
        kept = all(same(after.held.get(name), seen.held.get(name)) for name in wanted)
        if kept and not all(same(after.held.get(name), value) for name, value in wanted.items()):
            raise Rejected("the org took the change and put the earlier values back at once, as a flow does",
                           vendor=VENDOR, reason="reverted", request_id=self._desk.wire.request_id())


def receipt_of(version: str, case: str, update: TicketUpdate, key: Key, record: str | None = None) -> dict[str, Any]:
    """Our receipt, whose unique key makes a repeat an error and not a second note."""
    kind = "fields" if not update.text else "reply" if update.public else "note"
    body = {"Key__c": str(key), "Case__c": case, "Kind__c": kind, **({"Record__c": record} if record else {})}
    return {"method": "POST", "url": path(version, RECEIPT), "body": body}


def guard(seen: Basis, since: datetime | None, *, compared: bool) -> str:
    """A query that finds the case only while it may be written. What it does not find, nothing after it in the same
    composite can refer to.

    `since`: nobody changed it, and the customer has not written, after that moment. `compared`: what people change,
    too, holds what it held, for a condition cannot tell changes within one second apart; but a letter's case.
    """
    whole = unchanged(seen, since) if since is not None else format_soql("SELECT Id FROM Case WHERE Id = {}", seen.id)
    held = {**{name: seen.held.get(name) for name in PEOPLES}, TAGS: seen.tagged} if compared else {}
    tests = ("NULL" if value is None else format_soql("{}", value) for value in held.values())
    return whole + "".join(f" AND {name} = {test}" for name, test in zip(held, tests, strict=True))


def unchanged(seen: Basis, since: datetime) -> str:
    """A query that finds the case only while nobody changed it, and the customer has not written, after that moment.

    Rows that became visible only after the look are found by not being among those that were seen.
    """
    begin, known = since - LATE, seen.known_since(since - LATE)
    beside = format_soql(" AND Id NOT IN {known}", known=known) if known else ""
    soql: str = format_soql(
        "SELECT Id FROM Case WHERE Id = {case} AND LastModifiedDate <= {since} "
        "AND Id NOT IN (SELECT ParentId FROM EmailMessage WHERE ParentId = {case} AND Incoming = TRUE "
        "AND CreatedDate >= {begin}{beside:literal}) "
        "AND Id NOT IN (SELECT ParentId FROM CaseComment WHERE ParentId = {case} AND IsPublished = TRUE "
        "AND CreatedDate >= {begin}{beside:literal})", case=seen.id, since=since.astimezone(UTC),
        begin=begin.astimezone(UTC), beside=beside)
    return soql


def as_tags(tags: Sequence[str]) -> str | None:
    """Words between blanks, with one before and one after, so that each is found as ' word '."""
    text = f" {' '.join(tags)} " if tags else None
    if text and len(text) > LONGEST_TAGS:
        raise Rejected("the case's tags are too long", vendor=VENDOR, reason="tags_too_long")
    return text


def cut(text: str, link: str) -> str:
    """What a comment holds of a note: cut at a word, with the place at its end where all of it stands."""
    clean = text.encode("utf-8", "replace").decode()
    if len(clean.encode()) <= LONGEST:
        return clean
    end = f" …\n{link}"
    kept = clean.encode()[:LONGEST - len(end.encode())].decode("utf-8", "ignore")
    at = max(kept.rfind(" "), kept.rfind("\n"))
    return (kept[:at] if at > 0 else kept).rstrip() + end


def _peoples(update: TicketUpdate) -> tuple[str, ...]:
    """Fields to be written that people change, too."""
    named = {"Status": update.status, "Priority": update.priority, "OwnerId": update.group}
    return (*(name for name, value in named.items() if value), *update.fields)


def _tags(seen: Basis, update: TicketUpdate) -> tuple[str, ...]:
    kept = [one for one in seen.tags if one not in update.remove_tags]
    return (*kept, *(one for one in dict.fromkeys(update.add_tags) if one not in kept))


def _retags(seen: Basis, update: TicketUpdate) -> bool:
    return _tags(seen, update) != seen.tags


def _moved_on(given: Mapping[str, Part]) -> bool:
    """Nothing was written, because the case was changed since it was looked at."""
    bad = [part for part in given.values() if part.status >= 300]
    return _refusal(given) == 412 or ("guard" in given and bool(bad) and all(part.code() == HALTED for part in bad))


def _refusal(given: Mapping[str, Part]) -> int | None:
    """The status of the part that stopped all others; None when every part went well."""
    bad = [part for part in given.values() if part.status >= 300]
    return next((part.status for part in bad if part.code() != HALTED), bad[0].status if bad else None)
