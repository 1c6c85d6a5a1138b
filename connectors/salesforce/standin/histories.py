"""The rows that tell what was changed, by whom and when (Object Reference, "CaseHistory")."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from connectors.salesforce.standin.ids import spoken
from connectors.salesforce.standin.org import Org, Row

DERIVED = ("LastModifiedDate", "SystemModstamp", "LastModifiedById", "Name", "IsEmailBounced")
SPOKEN_OF = {"OwnerId": "Owner", "ContactId": "Contact", "RecordTypeId": "RecordType", "AccountId": "Account"}
"""How a history row names a reference."""


def remember(org: Org, obj: str, before: Row, after: Row, by: Row, at: datetime) -> None:
    """Writes the history of a contact or case."""
    if obj == "Contact" and before:
        _contact(org, before, after, by, at)
    if obj == "Case":
        _case(org, before, after, by, at)


def _contact(org: Org, before: Row, after: Row, by: Row, at: datetime) -> None:
    for name, value in after.items():
        if name in DERIVED or before.get(name) == value:
            continue
        org.changes.append({"contact": after["Id"], "field": name, "old": before.get(name), "new": value,
                            "by": by["Name"], "at": at.isoformat()})
        if org.history is not None and name in org.history:
            contact_history(org, after["Id"], name, before.get(name), value, at, by["Id"])


def contact_history(org: Org, contact: str, name: str, old: Any, new: Any, at: datetime, by: str) -> None:
    org.insert("ContactHistory", {"ContactId": contact, "Field": name, "DataType": "Text", "OldValue": old,
                                  "NewValue": new, "CreatedDate": at}, by, at)


def _case(org: Org, before: Row, after: Row, by: Row, at: datetime) -> None:
    if not before:
        _row(org, after["Id"], "created", None, None, "Text", by, at)
        return
    for name in org.case_history:
        if name not in after or before.get(name) == after.get(name):
            continue
        old, new = before.get(name), after.get(name)
        if name not in SPOKEN_OF:
            _row(org, after["Id"], name, spoken(old), spoken(new), "Text", by, at)
            continue
        _row(org, after["Id"], SPOKEN_OF[name], _called(org, old), _called(org, new), "Text", by, at)
        _row(org, after["Id"], SPOKEN_OF[name], old, new, "EntityId", by, at)


def _called(org: Org, id: str | None) -> str | None:
    found = org.any(id) if id else None
    return found[1].get("Name") if found else None


def _row(org: Org, case: str, name: str, old: Any, new: Any, kind: str, by: Row, at: datetime) -> None:
    cut = [value[:255] if isinstance(value, str) else value for value in (old, new)]
    org.insert("CaseHistory", {"CaseId": case, "Field": name, "DataType": kind, "OldValue": cut[0],
                               "NewValue": cut[1]}, by["Id"], at)
