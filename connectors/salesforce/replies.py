"""Sends a reply to whoever asks, by the action that integrations may use, and proves it by the org's own record
("Simple Email Actions", "EmailMessage")."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from simple_salesforce import format_soql  # type: ignore[attr-defined]

from connectors.contract import Conflict, Key, OutcomeUnknown, Rejected, TicketUpdate, UpdateReceipt, VendorError
from connectors.salesforce import mail
from connectors.salesforce.basis import FRESH, Basis
from connectors.salesforce.cases import read_row
from connectors.salesforce.desk import MAILED, CaseDesk
from connectors.salesforce.endings import VENDOR, refused
from connectors.salesforce.rows import REFUSED, MailRow
from connectors.salesforce.wire import Part, asking, path
from connectors.salesforce.writing import RECEIPT, receipt_of

ACTION = "emailSimple"
RECIPIENTS_SINCE = 65.0
"""From this version on the input is called recipientAddresses."""
SUBJECT = 3_000


class ReplyWriter:
    def __init__(self, desk: CaseDesk) -> None:
        self._desk = desk

    def send(self, id: str, update: TicketUpdate, key: Key) -> UpdateReceipt:
        """One call, and one before it where the case was not looked at within the last seconds.

        A mail cannot be sent on a condition: Conflict comes of the look before. Our receipt comes first, so that a
        repeat halts before the mail; what the org's books then hold is read in the same call.
        """
        seen = self._stands_on(id, update)
        if not self._desk.settings.sender:
            raise Rejected("SALESFORCE_SENDER is not set, so nothing is sent to the customer", vendor=VENDOR,
                           reason="no_sender")
        if not seen.asks.email:
            raise Rejected("the case has no e-mail address to answer to", vendor=VENDOR, reason="no_address")
        receipt, sent, mails, after = self._desk.wire.batch(self._parts(seen, update, key))
        if receipt.status >= 300:
            return self._repeated(seen, update, key, receipt)
        if not _taken(sent):
            no = refused(sent.status, sent.body, writing=True, request_id=self._desk.wire.request_id())
            if not isinstance(no, OutcomeUnknown):
                self._set_aside(receipt, key)
            raise no
        try:
            return self._proven(seen, key, receipt, mails, after)
        except OutcomeUnknown:
            raise
        except VendorError as stopped:
            taken = "the mail was taken; what became of it is not known"
            raise OutcomeUnknown(f"{taken}: {stopped}", vendor=VENDOR, reason=stopped.reason,
                                 request_id=stopped.request_id, plain=f"{taken}: {stopped.plain}") from stopped

    def _parts(self, seen: Basis, update: TicketUpdate, key: Key) -> list[dict[str, Any]]:
        version = self._desk.version
        books = format_soql(
            "SELECT {fields:literal} FROM EmailMessage WHERE ParentId = {case} AND Incoming = FALSE "
            "AND CreatedById = {ours} ORDER BY CreatedDate DESC, Id DESC LIMIT 5", fields=MAILED, case=seen.id,
            ours=self._desk.ours())
        return [receipt_of(version, seen.id, update, key),
                {"method": "POST", "url": f"/services/data/v{version}/actions/standard/{ACTION}",
                 "body": {"inputs": [self._mail(seen, update, key)]}},
                asking(version, books), {"method": "GET", "url": path(version, "Case", seen.id)}]

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

    def _proven(self, seen: Basis, key: Key, receipt: Part, mails: Part, after: Part) -> UpdateReceipt:
        """The mail in the case's books; where the org logged none, it is not sent again and nobody is said to be told.
        """
        sent = [read_row(MailRow, row) for row in self._desk.answered(mails, "mails")]
        found = next((one for one in sent if mail.operation(one) == key.operation), None)
        now = self._desk.after(seen, after)
        if found is not None:
            return self._desk.replied(seen.id, key, None, found)
        return UpdateReceipt(operation=key.operation, vendor=VENDOR, at=self._desk.wire.server_time(), seen=True,
                             entry=_made(receipt) or str(key), comment=None, public=True, notified=False,
                             updated_at=now.modified, request_id=self._desk.wire.request_id())

    def _repeated(self, seen: Basis, update: TicketUpdate, key: Key, receipt: Part) -> UpdateReceipt:
        """The receipt was refused, so nothing was sent; under this key it may have been sent before."""
        if receipt.code() != "DUPLICATE_VALUE":
            raise refused(receipt.status, receipt.body, writing=True, request_id=self._desk.wire.request_id())
        found = self._desk.find(seen.id, update, key)
        if found is None:
            raise OutcomeUnknown("the case bears our receipt, and what it stands for is not there", vendor=VENDOR,
                                 reason="receipt_alone", request_id=self._desk.wire.request_id())
        return found

    def _set_aside(self, receipt: Part, key: Key) -> None:
        """The mail was surely not taken, so its key is free again. Where even that fails, a person sends it."""
        body = {"Key__c": f"{key}:{_made(receipt)}", "Kind__c": REFUSED}
        with suppress(VendorError):
            self._desk.wire.composite([{"method": "PATCH", "url": path(self._desk.version, RECEIPT, _made(receipt)),
                                        "body": body}], writing=True)


def _taken(sent: Part) -> bool:
    """The action says so of its one run ("Invocable Actions")."""
    return (sent.status < 300 and isinstance(sent.body, list) and bool(sent.body)
            and isinstance(sent.body[0], dict) and sent.body[0].get("isSuccess") is True)


def _made(receipt: Part) -> str:
    return str(receipt.body.get("id") or "") if isinstance(receipt.body, dict) else ""
