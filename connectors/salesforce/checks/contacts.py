"""Which org it is, and what the run-as user may see and change of its contacts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from connectors.contract import Surroundings, Unavailable
from connectors.parts import Check, Finding, Level, Question
from connectors.salesforce.endings import VENDOR
from connectors.salesforce.reading import ALWAYS, FIELDS
from connectors.salesforce.records import SalesforceRecords
from connectors.salesforce.settings import SalesforceSettings
from connectors.salesforce.wire import Part, asking, path

PERMISSIONS = "the run-as user's permission set (Setup, Permission Sets)"
TASK = ("WhoId", "Subject", "Description", "Status", "ActivityDate")
NAMED_BY_RULE = ("Id", "CreatedDate", "LastModifiedDate")
"""Every user who sees a row sees these."""
BUSY, FULL = 0.8, 0.95
"""Shares of the org's API calls of a day."""
Fields = Mapping[str, Mapping[str, Any]]


def checks(settings: SalesforceSettings, around: Surroundings) -> Sequence[Check]:
    asked = _Asked(settings, around)
    return (Question("org", asked.org), Question("permissions", asked.permissions),
            Question("field history", asked.history))


class _Asked:
    def __init__(self, settings: SalesforceSettings, around: Surroundings) -> None:
        self._settings = settings
        self._records = SalesforceRecords(settings, around)

    def org(self) -> Iterator[Finding]:
        """One call: it proves the login."""
        row, production = self._records.reader.organization.read(), self._records.production
        kind = "production" if production else "not production"
        yield _finding("org", "green", f"The login works; the org is {row['Id']}, {kind}.")
        if (usage := self._records.usage) and usage.used > usage.total * BUSY:
            level: Level = "red" if usage.used > usage.total * FULL else "yellow"
            yield _finding("org", level, f"{usage.used} of the org's {usage.total} API calls of the last 24 hours are "
                           "used.", "Find out what else calls Salesforce (Setup, API Usage), or buy more calls.")

    def permissions(self) -> Iterator[Finding]:
        """As describe says for the run-as user: objects, fields to read, fields to change, and what is needless."""
        version = self._settings.api_version
        contact, account, task = self._records.wire.composite(
            [{"method": "GET", "url": path(version, name) + "/describe"} for name in ("Contact", "Account", "Task")],
            writing=False)
        found = [*self._of_contact(contact), *self._of_account(account), *_of_task(task)]
        fine = _finding("permissions", "green", "The run-as user may do what is needed and nothing more.")
        yield from found or [fine]

    def _of_contact(self, part: Part) -> Iterator[Finding]:
        row, fields = _described(part)
        if not row.get("queryable"):
            yield _lacks("Contact: read", "nobody can be found")
            return
        if not row.get("updateable"):
            yield _lacks("Contact: edit", "nothing can be changed")
        wanted = [*(one for one in ALWAYS if one not in NAMED_BY_RULE), *FIELDS.values(), "AccountId",
                  *(name for name in self._settings.flags.values() if "." not in name)]
        for name in dict.fromkeys(wanted):
            if name not in fields:
                yield _lacks(f"Contact.{name}: read", _without(name), "red" if name == "Email" else "yellow")
        if "Email" in fields and not fields["Email"].get("filterable"):
            yield _finding("permissions", "red", "Contact.Email cannot be searched, so nobody can be found.",
                           "Use deterministic encryption for it (Setup, Encryption Settings), or none.")
        if row.get("updateable"):
            yield from _changeable(fields)
        if row.get("deletable"):
            yield _needless("Contact: delete")

    def _of_account(self, part: Part) -> Iterator[Finding]:
        row, fields = _described(part)
        if not row.get("queryable"):
            yield _lacks("Account: read", "nobody sees which company a contact is of", "yellow")
            return
        for name in ("Name", *(one.removeprefix("Account.") for one in self._settings.flags.values() if "." in one)):
            if name not in fields:
                yield _lacks(f"Account.{name}: read", _without(name), "yellow")
        for right, words in (("createable", "create"), ("updateable", "edit"), ("deletable", "delete")):
            if row.get(right):
                yield _needless(f"Account: {words}")

    def history(self) -> Iterator[Finding]:
        version = self._settings.api_version
        (tracked,) = self._records.wire.composite(
            [asking(version, "SELECT QualifiedApiName FROM FieldDefinition WHERE EntityDefinitionId = 'Contact' AND "
                             "QualifiedApiName = 'Email' AND IsFieldHistoryTracked = TRUE")], writing=False)
        if tracked.rows():
            yield _finding("field history", "green", "Changes of a contact's e-mail address are recorded.")
        elif tracked.rows() is None:
            yield _lacks("FieldDefinition: read", "how long an e-mail address has stood is not known", "yellow")
        else:
            yield _finding("field history", "yellow", "Changes of a contact's e-mail address are not recorded, so how "
                           "long it has stood is not known.",
                           "Turn field history on for Contact.Email (Setup, Object Manager, Contact, Fields).")


def _described(part: Part) -> tuple[Mapping[str, Any], Fields]:
    """What describe says of an object; nothing where the user may not see it at all."""
    if part.status not in (200, 403, 404):
        raise Unavailable(f"describe answered {part.status} {part.code()}", vendor=VENDOR, reason="unreadable_answer")
    row = part.row()
    return row, {one["name"]: one for one in row.get("fields", []) if isinstance(one, dict) and "name" in one}


def _changeable(fields: Fields) -> Iterator[Finding]:
    for name in FIELDS.values():
        may = bool(fields.get(name, {}).get("updateable"))
        if name == "Email" and may:
            yield _needless("Contact.Email: edit")
        elif name != "Email" and name in fields and not may:
            yield _lacks(f"Contact.{name}: edit", "a person changes it", "yellow")


def _of_task(part: Part) -> Iterator[Finding]:
    row, fields = _described(part)
    if not row.get("queryable"):
        yield _lacks("Task: read", "what was logged cannot be found again")
        return
    if not row.get("createable"):
        yield _lacks("Task: create", "nothing is logged on contacts")
    for name in TASK:
        if name not in fields:
            yield _lacks(f"Task.{name}: read and edit", "nothing is logged on contacts")
        elif row.get("createable") and not fields[name].get("createable"):
            yield _lacks(f"Task.{name}: edit", "nothing is logged on contacts")
    if row.get("deletable"):
        yield _needless("Task: delete")


def _without(name: str) -> str:
    return "nobody can be found" if name == "Email" else "what it holds is not known, and a person looks"


def _lacks(right: str, so: str, level: Level = "red") -> Finding:
    return _finding("permissions", level, f"The run-as user lacks the right {right}: {so}.",
                    f"Give it in {PERMISSIONS}.")


def _needless(right: str) -> Finding:
    return _finding("permissions", "yellow", f"The run-as user has the right {right}, which Deskhand does not need.",
                    f"Take it away in {PERMISSIONS}.")


def _finding(check: str, level: Level, says: str, mend: str = "") -> Finding:
    return Finding(check, level, says, mend, "CRM access")
