"""Sends a reply to whoever asks, by the action that integrations may use, and proves it by the org's own record
("Simple Email Actions", "EmailMessage")."""

from __future__ import annotations

from typing import Any

from simple_salesforce import format_soql  # type: ignore[attr-defined]

from connectors.contract import Conflict, Key, OutcomeUnknown, Rejected, TicketUpdate, UpdateReceipt, VendorError
from connectors.salesforce import mail
from connectors.salesforce.basis import FRESH, Basis
from connectors.salesforce.cases import read_row
from connectors.salesforce.desk import MAILED, CaseDesk
from connectors.salesforce.endings import VENDOR, refused
from connectors.salesforce.rows import MailRow
from connectors.salesforce.wire import Part, asking, path
from connectors.salesforce.writing import receipt_of

ACTION = "emailSimple"
RECIPIENTS_SINCE = 65.0
"""From this version on the input is called recipientAddresses."""
SUBJECT = 3_000


class ReplyWriter:
    def __init__(self, desk: CaseDesk) -> None:
        self._desk = desk

    def send(self, id: str, update: TicketUpdate, key: Key) -> UpdateReceipt:
        """Two calls, and one before them where the case was not looked at within the last seconds.

        A mail cannot be sent on a condition: Conflict comes of the look before. What fails after the mail was taken
        is OutcomeUnknown; the line at its end is then found.
        """
        seen = self._stands_on(id, update)
        if not self._desk.settings.sender:
            raise Rejected("SALESFORCE_SENDER is not set, so nothing is sent to the customer", vendor=VENDOR,
                           reason="no_sender")
        if not seen.asks.email:
            raise Rejected("the case has no e-mail address to answer to", vendor=VENDOR, reason="no_address")
        self._desk.wire.act(ACTION, self._mail(seen, update, key))
        try:
            return self._proven(seen, update, key)
        except OutcomeUnknown:
            raise
        except VendorError as stopped:
            raise OutcomeUnknown(f"the mail was taken; what became of it is not known: {stopped}", vendor=VENDOR,
                                 reason=stopped.reason, request_id=stopped.request_id) from stopped

    def _stands_on(self, id: str, update: TicketUpdate) -> Basis:
        """The last look, if it was a moment ago; else another, which shows what the customer wrote meanwhile."""
        before, since = self._desk.memory.of(id), update.unless_changed_since
        recent = before is not None and self._desk.around.now() - before.looked <= FRESH
        now = before if before is not None and recent else self._desk.look(id)
        unseen = now.said.keys() - before.said.keys() if before is not None else set()
        if since is not None and (now.changed > since or unseen):
            raise Conflict("the case changed, or the customer wrote, since it was read", vendor=VENDOR,
                           reason="changed")
        return now

    def _mail(self, seen: Basis, update: TicketUpdate, key: Key) -> dict[str, Any]:
        recipients = "recipientAddresses" if float(self._desk.version) >= RECIPIENTS_SINCE else "emailAddresses"
        subject = seen.subject if seen.subject.lower().startswith("re:") else f"Re: {seen.subject}"
        return {recipients: seen.asks.email, "emailSubject": " ".join(subject.split())[:SUBJECT],
                "emailBody": f"{update.text}\n\nRef: {key.operation}", "senderType": "OrgWideEmailAddress",
                "senderAddress": self._desk.settings.sender, "relatedRecordId": seen.id, "logEmailOnSend": True,
                "addThreadingTokenToBody": True}

    def _proven(self, seen: Basis, update: TicketUpdate, key: Key) -> UpdateReceipt:
        """The mail in the case's books and our receipt of it; where the org logged none, a receipt that says so."""
        version, ours = self._desk.version, self._desk.ours()
        mails, receipt, after = self._desk.wire.composite([
            {"referenceId": "mails", **asking(version, format_soql(
                "SELECT {fields:literal} FROM EmailMessage WHERE ParentId = {case} AND Incoming = FALSE "
                "AND CreatedById = {ours} ORDER BY CreatedDate DESC, Id DESC LIMIT 5", fields=MAILED, case=seen.id,
                ours=ours))},
            receipt_of(version, seen.id, update, key, "@{mails.records[0].Id}"),
            {"method": "GET", "url": path(version, "Case", seen.id)}], writing=True)
        sent = [read_row(MailRow, row) for row in self._desk.answered(mails, "mails")]
        found = next((one for one in sent if mail.operation(one) == key.operation), None)
        kept = self._receipt_kept(seen, update, key, found, receipt)
        self._desk.after(seen, after)
        if found is None:
            return self._unproven(seen, key, kept)
        return self._desk.replied(seen.id, key, None, found)

    def _receipt_kept(self, seen: Basis, update: TicketUpdate, key: Key, found: MailRow | None, first: Part) -> str:
        """Its id. Without a mail in the books the first attempt could name none; a repeat is no error."""
        part = first
        if first.status >= 300 and first.code() != "DUPLICATE_VALUE":
            (part,) = self._desk.wire.composite(
                [receipt_of(self._desk.version, seen.id, update, key, found.id if found else None)], writing=True)
        if part.status >= 300 and part.code() != "DUPLICATE_VALUE":
            raise refused(part.status, part.body, writing=True, request_id=self._desk.wire.request_id())
        return str(part.body["id"]) if isinstance(part.body, dict) and "id" in part.body else str(key)

    def _unproven(self, seen: Basis, key: Key, receipt: str) -> UpdateReceipt:
        """Salesforce took the mail and has no record of it: it is not sent again, and nobody is said to be told."""
        return UpdateReceipt(operation=key.operation, vendor=VENDOR, at=self._desk.wire.server_time(), seen=True,
                             entry=receipt, comment=None, public=True, notified=False, updated_at=seen.modified,
                             request_id=self._desk.wire.request_id())
