"""Deskhand's package in the org: what its triggers write when people save (manifests/salesforce)."""

from __future__ import annotations

import hashlib
from datetime import datetime

from connectors.salesforce.standin.ids import stamp
from connectors.salesforce.standin.org import Org, Row


def saved(org: Org, obj: str, before: Row, after: Row, by: Row, now: datetime) -> None:
    """An outbox row in the same transaction, and a wake that is heard when it commits."""
    if org.package is None or not org.package.get("triggers", True) or ours(org, by["Id"]):
        return
    kind, case = _told(obj, before, after)
    if kind is None or case is None:
        return
    number = org.counters["event"] = org.counters["event"] + 1
    event = hashlib.sha256(f"{org.id} {number} {case} {kind}".encode()).hexdigest()[:32]
    org.insert("Deskhand_Outbox__c", {
        "Name": f"O-{number:06d}", "Event_Id__c": event, "Case_Id__c": case, "Kind__c": kind, "Attempts__c": 0,
        "Occurred_At__c": stamp(now), "Status__c": "Waiting", "Next_Try__c": stamp(now)}, by["Id"], now)
    org.wakes.append(stamp(now))


def _told(obj: str, before: Row, after: Row) -> tuple[str | None, str | None]:
    if obj == "Case" and not before:
        return "case_created", after["Id"]
    if obj == "Case" and any(before.get(n) != after.get(n) for n in ("Status", "OwnerId")):
        return "case_updated", after["Id"]
    if obj == "CaseComment" and not before:
        return "case_comment_added", after["ParentId"]
    if obj == "EmailMessage" and not before and after["Incoming"]:
        return "email_received", after.get("ParentId")
    return None, None


def ours(org: Org, user: str) -> bool:
    """The running user has the integration permission set, so the row is our own write."""
    ours = org.named("PermissionSet", "Deskhand_Integration")
    given = {r["PermissionSetId"] for r in org.children("PermissionSetAssignment", "AssigneeId", user)}
    return user in {c.get("user") for c in org.clients.values()} if ours is None else ours["Id"] in given
