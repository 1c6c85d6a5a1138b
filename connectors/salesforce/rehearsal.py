"""What this org shows of our unverified sentences; nothing is written."""

from __future__ import annotations

from collections.abc import Iterator

from connectors.contract import Surroundings
from connectors.parts import House, Seen
from connectors.salesforce.settings import SalesforceSettings
from connectors.salesforce.wire import Wire, asking

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
        self._wire = Wire(settings, around)
        self._version = settings.api_version
        self._with_cases = settings.org_id is not None

    def begin(self) -> str:
        return ""

    def end(self, made: str) -> None:
        """Nothing was made."""

    def look(self, made: str) -> Iterator[Seen]:
        for fact, queries in {**QUERIES, **(OF_CASES if self._with_cases else {})}.items():
            parts = self._wire.composite([asking(self._version, soql) for soql in queries], writing=False)
            refused = next((part for part in parts if part.rows() is None), None)
            if refused is None:
                yield Seen(fact, "true", "what was asked was answered")
            else:
                yield Seen(fact, "false", f"a query was refused: {refused.status} {refused.code()}")
