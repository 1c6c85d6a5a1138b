"""A throwaway case for `deskhand doctor --rehearse`, and what this org shows of our unverified sentences.

Deskhand's own login may not make cases, so the case is made and deleted with an admin's.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime

from connectors.contract import (
    Conflict,
    Key,
    NotFound,
    Rejected,
    Surroundings,
    TicketUpdate,
    VendorError,
    digest,
    operation_id,
)
from connectors.parts import MARK, House, Seen
from connectors.salesforce.endings import VENDOR
from connectors.salesforce.helpdesk import connect_helpdesk
from connectors.salesforce.settings import SalesforceSettings
from connectors.salesforce.setup.admin import VARIABLE, Admin
from connectors.salesforce.setup.app import DRAWN
from connectors.salesforce.setup.certificate import ABOUT, BEGINNING, CERTIFICATE
from connectors.salesforce.setup.deploying import Deployer
from connectors.salesforce.wire import Wire, asking
from connectors.salesforce.writing import RECEIPT, TAGS

MARKS = ("deskhand_rehearsal", "no_deskhand")
SAID = "This case was made by deskhand doctor --rehearse to try the connection. It asks for nothing and is deleted."
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)

QUERIES = {
    "field-definition-by-query": ("SELECT QualifiedApiName FROM FieldDefinition WHERE EntityDefinitionId = 'Contact' "
                                  "AND QualifiedApiName = 'Email' AND IsFieldHistoryTracked = TRUE",),
    "history-by-contact-email": ("SELECT ContactId FROM ContactHistory WHERE Field = 'Email' AND Contact.Email = "
                                 "'deskhand-rehearsal@example.com' LIMIT 1",),
}
OF_CASES = {
    "anti-joins-on-case": (
        "SELECT Id FROM Case WHERE Id NOT IN (SELECT ParentId FROM EmailMessage WHERE Incoming = TRUE) "
        "AND Id NOT IN (SELECT ParentId FROM CaseComment WHERE IsPublished = TRUE) LIMIT 1",),
    "created-by-user-type": (
        "SELECT CreatedBy.UserType FROM CaseComment WHERE ParentId = '500000000000000AAA' LIMIT 1",
        "SELECT CreatedBy.UserType FROM CaseHistory WHERE CaseId = '500000000000000AAA' LIMIT 1",
        "SELECT CreatedBy.UserType FROM FeedItem WHERE ParentId = '500000000000000AAA' LIMIT 1"),
    "files-of-a-mail": (
        "SELECT Id, (SELECT Name FROM Attachments), (SELECT ContentDocument.Title FROM ContentDocumentLinks) "
        "FROM EmailMessage WHERE ParentId = '500000000000000AAA' LIMIT 1",),
    "permission-sets-readable": (
        "SELECT PermissionSet.Name FROM PermissionSetAssignment WHERE AssigneeId = '005000000000000AAA' LIMIT 1",
        "SELECT Group.Name FROM GroupMember WHERE UserOrGroupId = '005000000000000AAA' LIMIT 1"),
    "frozen-readable": ("SELECT IsFrozen FROM UserLogin WHERE UserId = '005000000000000AAA' LIMIT 1",),
}
"""Each by the id of its fact; that all of its queries are answered is what shows it. These only where cases are read,
and about rows that nobody has."""


class SalesforceRehearsal:
    """Implements the Rehearsal of connectors.parts."""

    def __init__(self, settings: SalesforceSettings, around: Surroundings, house: House) -> None:
        """Without `requester` the case is of Deskhand's own user, and nobody else is mailed."""
        self._settings, self._around = settings, around
        self._wire = Wire(settings, around)
        self._version = settings.api_version
        self._with_cases = settings.org_id is not None
        self._requester = house.choices.get("requester", "")
        self._admin = Admin(settings, around).api

    def begin(self) -> str:
        """"" where cases are not the tickets."""
        if not self._with_cases:
            return ""
        if self._settings.admin_token is None:
            raise Rejected(f"Deskhand's login may not make a case: put an admin's {VARIABLE} into the environment",
                           vendor=VENDOR, reason="no admin")
        made = self._admin.create("Case", {
            "Subject": "Deskhand rehearsal", "Description": SAID, "Origin": "Web", "SuppliedEmail": self._asker(),
            "SuppliedName": "Deskhand rehearsal", TAGS: f" {' '.join(MARKS)} "})
        return f"{VENDOR}:{self._settings.org_id}:{made}"

    def _asker(self) -> str:
        if self._requester:
            return self._requester
        [row] = self._admin.rows("Email", "User", {"Id": self._wire.tokens.current().user()})
        return str(row["Email"])

    def end(self, made: str) -> None:
        """The case goes with its comments and mails; our receipts on it go first."""
        if not made:
            return
        for row in self._admin.rows("Id", RECEIPT, {"Case__c": _id(made)}):
            self._admin.delete(RECEIPT, row["Id"])
        with suppress(NotFound):
            self._admin.delete("Case", _id(made))

    def look(self, made: str) -> Iterator[Seen]:
        yield self._signed_in()
        yield from self._queries()
        yield from self._set_up()
        if made:
            yield from self._of_case(_id(made))
            yield self._as_if_changed(made)

    def _signed_in(self) -> Seen:
        grant = self._wire.tokens.current()  # which it would not be, were it for another host
        return Seen("token-for-my-domain", "true", f"the token is for {grant.instance_url}")

    def _set_up(self) -> Iterator[Seen]:
        """What the setup made, as far as it can be told from what works."""
        if self._settings.client_id.startswith(DRAWN):
            yield Seen("consumer-key-of-ours", "true", "Deskhand is signed in with the key and secret that it drew")
        if self._settings.admin_token is not None and self._with_cases:
            held = Deployer(self._admin, lambda words: None, (CERTIFICATE,)).files()
            if MARK.encode() in held.get(ABOUT, b""):
                shown = BEGINNING in held.get(CERTIFICATE.path, b"")
                yield Seen("certificate-made-by-the-org", "true" if shown else "false",
                           f"the org {'shows' if shown else 'does not show'} the certificate that it was asked for")

    def _of_case(self, id: str) -> Iterator[Seen]:
        """What note and reply left on the case."""
        [case] = self._admin.rows("CreatedDate, LastModifiedDate", "Case", {"Id": id})
        comments = self._admin.rows("Id", "CaseComment", {"ParentId": id})
        if comments:
            stays = case["LastModifiedDate"] == case["CreatedDate"]
            yield Seen("comment-and-last-modified", "true" if stays else "false",
                       f"after the note the case was last modified at {case['LastModifiedDate']}")
        mails = [row for row in self._admin.rows("CreatedDate, Incoming", "EmailMessage", {"ParentId": id})
                 if not row["Incoming"]]
        receipts = self._admin.rows("CreatedDate", RECEIPT, {"Case__c": id, "Kind__c": "reply"})
        if mails and receipts:  # the receipt is written when the answer is there
            first = mails[0]["CreatedDate"] <= receipts[0]["CreatedDate"]
            yield Seen("mail-logged-before-answer", "true" if first else "false",
                       f"the mail was logged at {mails[0]['CreatedDate']}, the receipt at {receipts[0]['CreatedDate']}")

    def _as_if_changed(self, made: str) -> Seen:
        """A note that must not be written, because the case is said to have changed since long ago."""
        desk = connect_helpdesk(self._settings, self._around)
        action = TicketUpdate(ref=made, about="rehearsal:changed", public=False, text=SAID,
                              unless_changed_since=LONG_AGO)
        try:
            if desk is not None:
                desk.perform(action, Key(operation=operation_id(made, action, digest)))
        except Conflict:
            return Seen("missing-reference-refuses", "true", "the note was refused as a whole")
        except VendorError as error:
            return Seen("missing-reference-refuses", "not seen", str(error))
        return Seen("missing-reference-refuses", "false", "the note was written")

    def _queries(self) -> Iterator[Seen]:
        for fact, queries in {**QUERIES, **(OF_CASES if self._with_cases else {})}.items():
            parts = self._wire.composite([asking(self._version, soql) for soql in queries], writing=False)
            refused = next((part for part in parts if part.rows() is None), None)
            if refused is None:
                yield Seen(fact, "true", "what was asked was answered")
            else:
                yield Seen(fact, "false", f"a query was refused: {refused.status} {refused.code()}")


def _id(made: str) -> str:
    return made.rpartition(":")[2]
