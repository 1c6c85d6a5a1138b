"""One org's cases: looks at them, remembers the last look, and finds again what was written there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from simple_salesforce import format_soql  # type: ignore[attr-defined]

from connectors.contract import Conversation, Key, Surroundings, TicketUpdate, Unavailable, UpdateReceipt
from connectors.salesforce import conversation as conversations
from connectors.salesforce import mail
from connectors.salesforce.basis import Basis, Memory, basis, held_by
from connectors.salesforce.cases import CaseReader, read_row
from connectors.salesforce.endings import VENDOR, cannot_read, lost, refused
from connectors.salesforce.people import told_by
from connectors.salesforce.rows import REFUSED, CaseRow, CommentRow, MailRow, ReceiptRow
from connectors.salesforce.settings import SalesforceSettings
from connectors.salesforce.statuses import Words
from connectors.salesforce.wire import Part, Wire, asking

MAILED = ("Id, CreatedDate, CreatedById, Incoming, Status, TextBody, HtmlBody, ToAddress, CcAddress, FromAddress, "
          "IsBounced")
"""What proves a reply."""
MAIL_SOON = 15.0
"""Seconds until a case is looked at again whose mail is not to be seen yet; that there are such cases is unverified."""


class CaseDesk:
    """What reading and writing share."""

    def __init__(self, org: str, settings: SalesforceSettings, around: Surroundings) -> None:
        self.org, self.settings, self.around = org, settings, around
        self.wire = Wire(settings, around)
        self.version = settings.api_version
        self.own = {"pending": settings.pending_status, "open": settings.open_status,
                    "solved": settings.solved_status}
        self.words = Words(self.wire, self.version, self.own, around.now)
        self.memory = Memory()
        self._reader = CaseReader(self.wire, self.version, around.now)

    def ours(self) -> str:
        """The integration user; Unavailable where the login leads to another org than the tickets name."""
        grant = self.wire.tokens.current()
        if not grant.user():
            raise lost("Salesforce does not say whose token it gave", writing=False, reason="unreadable_answer")
        if grant.org() not in ("", self.org):
            raise Unavailable(f"the login leads to the org {grant.org()}; check SALESFORCE_ORG_ID and "
                              "SALESFORCE_DOMAIN", vendor=VENDOR, reason="other_org", lasting=True)
        return grant.user()

    def conversation(self, id: str) -> Conversation:
        looked, ours = self.around.now(), self.ours()
        rows = self._reader.read(id)
        if rows.awaits_mail(rows.heard):
            raise Unavailable("the mail that made the case is not to be seen yet", vendor=VENDOR, reason="mail_not_yet",
                              retry_after=MAIL_SOON, lasting=True)
        self.memory.keep(basis(rows, looked, self.around.now()))
        known = {**told_by(rows.spoken()), **self._reader.known_users()}
        if unknown := sorted(rows.makers() - {"", ours, *known}):
            known |= self._reader.users(unknown)
        return conversations.conversation(self.org, rows, known, ours, self.own, self.settings.sender, looked)

    def look(self, id: str) -> Basis:
        """The case as it is now; one call. What was decided on is what was read before."""
        looked, before = self.around.now(), self.memory.of(id)
        self.ours()
        rows = self._reader.read(id)
        return self.memory.keep(basis(rows, looked, self.around.now(), before))

    def seen(self, id: str) -> Basis:
        return self.memory.of(id) or self.look(id)

    def after(self, seen: Basis, part: Part, wrote: Iterable[str] = ()) -> Basis:
        """The case as it was read in the call that wrote these of its fields."""
        try:
            case = read_row(CaseRow, part.row())
        except Unavailable as unreadable:
            self.memory.drop(seen.id)
            raise lost("the case was written, but not read back", writing=True, reason="not_read_back") from unreadable
        held = held_by(case)
        return self.memory.keep(replace(
            seen, held=held, shown={**seen.shown, **{name: held.get(name) for name in wrote}}, modified=case.modified,
            tagged=case.tags, heard=self.wire.server_time(), told=self.around.now(),
            changed=max(seen.changed, case.modified)))

    def link(self, id: str) -> str:
        return f"{self.settings.url or self.settings.home()}/{id}"

    def find(self, id: str, update: TicketUpdate, key: Key) -> UpdateReceipt | None:
        """By our receipt, else by the line in a mail of ours; a case that is gone holds nothing. One call.

        A receipt that somebody else made proves nothing.
        """
        ours = self.ours()
        receipts, comments, mails = self.wire.composite([
            asking(self.version, format_soql(
                "SELECT Id, CreatedDate, CreatedById, Key__c, Kind__c, Record__c FROM Deskhand_Action__c "
                "WHERE Case__c = {case} AND CreatedById = {ours} AND Key__c LIKE '{operation:like}.%' "
                "ORDER BY CreatedDate", case=id, ours=ours, operation=key.operation)),
            asking(self.version, format_soql(
                "SELECT Id, CreatedDate, CreatedById, CommentBody, IsPublished FROM CaseComment "
                "WHERE ParentId = {case} AND CreatedById = {ours}", case=id, ours=ours)),
            asking(self.version, format_soql(
                "SELECT {fields:literal} FROM EmailMessage WHERE ParentId = {case} AND Incoming = FALSE "
                "AND CreatedById = {ours}", fields=MAILED, case=id, ours=ours))], writing=False)
        kept = [one for row in self.answered(receipts, "our receipts")
                if (one := read_row(ReceiptRow, row)).kind != REFUSED]
        said = {row["Id"]: read_row(CommentRow, row) for row in self.answered(comments, "comments")}
        sent = [read_row(MailRow, row) for row in self.answered(mails, "mails")]
        receipt = next(iter(kept), None)
        if update.public and update.text:
            mailed = next((one for one in sent if mail.operation(one) == key.operation), None)
            return self.replied(id, key, receipt, mailed) if receipt or mailed else None
        if receipt is None:
            return None
        comment = said.get(receipt.record or "")
        return UpdateReceipt(
            operation=key.operation, vendor=VENDOR, at=comment.created if comment else receipt.created, seen=True,
            entry=comment.id if comment else receipt.id, comment=comment.id if comment else None, notified=False,
            public=bool(comment and comment.published), request_id=self.wire.request_id(), updated_at=receipt.created)

    def replied(self, id: str, key: Key, receipt: ReceiptRow | None, mailed: MailRow | None) -> UpdateReceipt:
        """What stands of a reply: the mail in the helpdesk's books is the proof that it was sent, and to whom."""
        seen = self.seen(id)
        wanted = [seen.asks.email] if seen.asks.email else []
        if mailed is None and receipt is not None:
            return UpdateReceipt(operation=key.operation, vendor=VENDOR, at=receipt.created, seen=True, public=True,
                                 entry=receipt.id, comment=None, notified=False, updated_at=receipt.created,
                                 request_id=self.wire.request_id())
        if mailed is None:
            raise lost("nothing stands of the reply", writing=True, reason="not_there")
        return UpdateReceipt(operation=key.operation, vendor=VENDOR, at=mailed.created, seen=True, entry=mailed.id,
                             comment=mailed.id, public=True, notified=mail.went_to(mailed, wanted),
                             updated_at=max(seen.modified, mailed.created), request_id=self.wire.request_id())

    def answered(self, part: Part, what: str) -> list[dict[str, Any]]:
        """Not being able to look is never "nothing there"."""
        rows = self.wire.all_rows(part)
        if rows is not None:
            return rows
        why = refused(part.status, part.body, writing=False, request_id=self.wire.request_id())
        raise cannot_read(what, why, "cases_unreadable")
