"""What this org shows of our unverified sentences; nothing is written."""

from __future__ import annotations

from collections.abc import Iterator

from connectors.contract import Surroundings
from connectors.parts import House, Seen
from connectors.salesforce.settings import SalesforceSettings
from connectors.salesforce.wire import Wire, asking

QUERIES = {
    "field-definition-by-query": "SELECT QualifiedApiName FROM FieldDefinition WHERE EntityDefinitionId = 'Contact' "
                                 "AND QualifiedApiName = 'Email' AND IsFieldHistoryTracked = TRUE",
    "history-by-contact-email": "SELECT ContactId FROM ContactHistory WHERE Field = 'Email' AND Contact.Email = "
                                "'deskhand-rehearsal@example.com' LIMIT 1",
}
"""Each by the id of its fact; that it is answered is what shows it."""


class SalesforceRehearsal:
    """Implements the Rehearsal of connectors.parts."""

    def __init__(self, settings: SalesforceSettings, around: Surroundings, house: House) -> None:
        self._wire = Wire(settings, around)
        self._version = settings.api_version

    def begin(self) -> str:
        return ""

    def end(self, made: str) -> None:
        """Nothing was made."""

    def look(self, made: str) -> Iterator[Seen]:
        parts = self._wire.composite([asking(self._version, soql) for soql in QUERIES.values()], writing=False)
        for fact, part in zip(QUERIES, parts, strict=True):
            answered = part.rows() is not None
            yield Seen(fact, "true" if answered else "false",
                       "the query was answered" if answered else f"the query was refused: {part.status} {part.code()}")
