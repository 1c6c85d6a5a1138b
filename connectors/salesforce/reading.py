"""Who the contacts under an address are, with what cannot be read named as unknown."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from simple_salesforce import format_soql  # type: ignore[attr-defined]

from connectors.contract import Contact, ContactField, Surroundings, Unavailable, flagged
from connectors.salesforce.endings import VENDOR, cannot_read, lost, refused
from connectors.salesforce.org import Organization
from connectors.salesforce.settings import SalesforceSettings
from connectors.salesforce.wire import Part, Wire, asking, path

FIELDS: dict[ContactField, str] = {
    ContactField.PHONE: "Phone", ContactField.MOBILE: "MobilePhone", ContactField.FIRST_NAME: "FirstName",
    ContactField.LAST_NAME: "LastName", ContactField.OPT_OUT: "HasOptedOutOfEmail",
    ContactField.STREET: "MailingStreet", ContactField.CITY: "MailingCity",
    ContactField.POSTAL_CODE: "MailingPostalCode", ContactField.STATE: "MailingState",
    ContactField.COUNTRY: "MailingCountry", ContactField.EMAIL: "Email"}
"""Our words for a contact's fields, and Salesforce's (Object Reference, "Contact")."""

ALWAYS = ("Id", "Name", "CreatedDate", "LastModifiedDate")
MOST = 200
"""More contacts than this under one address are not told apart anyway."""
LONGEST = 80
"""Characters an e-mail field holds."""
FORGET = timedelta(hours=1)
"""How long we believe what describe said about readable fields."""


def when(text: Any) -> datetime:
    """A time as the REST API writes it; raises ValueError."""
    return datetime.strptime(str(text), "%Y-%m-%dT%H:%M:%S.%f%z")


class ContactReader:
    def __init__(self, wire: Wire, settings: SalesforceSettings, around: Surroundings) -> None:
        self.wire, self.settings, self.around = wire, settings, around
        self.organization = Organization(wire, settings.api_version)
        self._closed: frozenset[str] = frozenset()
        self._described: datetime | None = None
        self._describing = threading.Lock()

    def contacts(self, email: str) -> tuple[Contact, ...]:
        """Contacts under this address whatever its case, oldest first; one call, two more when a field is closed."""
        wanted = email.strip()
        if not wanted or len(wanted) > LONGEST or not wanted.isprintable():
            return ()
        closed = self._known_closed()
        found, history, tracked = self._ask(wanted, closed)
        if found.code() == "INVALID_FIELD":
            closed = self._describe()
            found, history, tracked = self._ask(wanted, closed)
        rows = found.rows()
        if rows is None:
            raise self._unreadable(found)
        known = bool(tracked.rows()) and history.rows() is not None
        changed = _newest(history.rows() or []) if known else {}
        try:
            return tuple(self._contact(row, closed, changed, known) for row in rows
                         if str(row.get("Email") or "").casefold() == wanted.casefold())
        except (KeyError, ValueError) as error:
            raise lost("Salesforce's contact cannot be read", writing=False, reason="unreadable_answer") from error

    def _ask(self, email: str, closed: frozenset[str]) -> tuple[Part, Part, Part]:
        """The contacts, when their address last changed, and whether the org records that; with the org, until known.

        Rows of ContactHistory prove nothing when there are none: the field may not be tracked. FieldDefinition tells
        (Tooling API, "FieldDefinition").
        """
        if "Email" in closed:
            raise Unavailable("the contact's Email cannot be read or searched by the integration user, so nobody can "
                              "be found; give it read access, or use deterministic encryption", vendor=VENDOR,
                              reason="email_unreadable", lasting=True)
        chosen = [name for name in self._selected() if name not in closed]
        version = self.settings.api_version
        subs = [
            asking(version, format_soql(
                "SELECT {fields:literal} FROM Contact WHERE Email = {email} ORDER BY CreatedDate LIMIT {most}",
                fields=", ".join(chosen), email=email, most=MOST)),
            asking(version, format_soql(
                "SELECT ContactId, CreatedDate FROM ContactHistory WHERE Field = 'Email' AND Contact.Email = {email} "
                "ORDER BY CreatedDate DESC LIMIT {most}", email=email, most=MOST)),
            asking(version, "SELECT QualifiedApiName FROM FieldDefinition WHERE EntityDefinitionId = 'Contact' AND "
                            "QualifiedApiName = 'Email' AND IsFieldHistoryTracked = TRUE")]
        if self.organization.row is None:
            subs.append(self.organization.query())
        found, history, tracked, *org = self.wire.composite(subs, writing=False)
        for part in org:
            self.organization.keep(part)
        return found, history, tracked

    def _selected(self) -> list[str]:
        return list(dict.fromkeys([*ALWAYS, *FIELDS.values(), "AccountId", "Account.Name",
                                   *self.settings.flags.values()]))

    def _unreadable(self, part: Part) -> Unavailable:
        """Not being able to look is never "no match"."""
        why = refused(part.status, part.body, writing=False, request_id=self.wire.request_id())
        return cannot_read("contacts", why, "contacts_unreadable")

    def _contact(self, row: Mapping[str, Any], closed: frozenset[str], changed: Mapping[str, datetime],
                 history_known: bool) -> Contact:
        account = row.get("Account") or {}
        flags = {flag: name for flag, name in self.settings.flags.items() if name not in closed}
        return Contact(
            id=row["Id"], name=row.get("Name") or "", email=row["Email"],
            values={field: row[name] for field, name in FIELDS.items() if name not in closed},
            unreadable=frozenset(field for field, name in FIELDS.items() if name in closed),
            account=row.get("AccountId"), account_name=account.get("Name"),
            flags=frozenset(flag for flag, name in flags.items() if flagged(_value(row, name))),
            flags_unreadable=len(flags) < len(self.settings.flags),
            email_changed_at=changed.get(row["Id"]) or when(row["CreatedDate"]),
            email_history_known=history_known, modified_at=when(row["LastModifiedDate"]))

    def _known_closed(self) -> frozenset[str]:
        with self._describing:
            if self._described is not None and self.around.now() - self._described > FORGET:
                self._closed, self._described = frozenset(), None
            return self._closed

    def _describe(self) -> frozenset[str]:
        """Which of the selected fields describe does not show; asked only when SOQL refused one."""
        version = self.settings.api_version
        contact, account = self.wire.composite(
            [{"method": "GET", "url": path(version, name) + "/describe"} for name in ("Contact", "Account")],
            writing=False)
        if contact.status != 200:
            raise self._unreadable(contact)
        seen = {f["name"]: f for f in contact.row().get("fields", [])}
        account_seen = {f["name"] for f in account.row().get("fields", [])} if "AccountId" in seen else set()
        closed = {name for name in self._selected() if not _open(name, seen, account_seen)}
        if not seen.get("Email", {}).get("filterable"):
            closed.add("Email")
        with self._describing:
            self._closed, self._described = frozenset(closed), self.around.now()
            return self._closed


def _open(name: str, contact: Mapping[str, Any], account: set[str]) -> bool:
    parent, _, own = name.rpartition(".")
    return own in account if parent else name in contact


def _value(row: Mapping[str, Any], name: str) -> Any:
    parent, _, own = name.rpartition(".")
    return ((row.get(parent) or {}) if parent else row).get(own)


def _newest(rows: Sequence[Mapping[str, Any]]) -> dict[str, datetime]:
    """The last change per contact, from rows newest first."""
    newest: dict[str, datetime] = {}
    for row in rows:
        newest.setdefault(str(row.get("ContactId")), when(row.get("CreatedDate")))
    return newest
