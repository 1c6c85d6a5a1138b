"""Deskhand's package in the org: what its triggers write when people save (manifests/salesforce, DeskhandEvents)."""

from __future__ import annotations

import hashlib
from datetime import datetime

from connectors.salesforce.standin.ids import stamp
from connectors.salesforce.standin.org import Org, Row

MARK = 16
"""Letters of the digest that tells two changes of one case apart."""


def saved(org: Org, obj: str, before: Row, after: Row, by: Row, now: datetime) -> None:
    """An outbox row in the same transaction, and a wake that is heard when it commits."""
    came_in = obj == "EmailMessage" and after["Incoming"]
    if org.package is None or not org.package.get("triggers", True) or (ours(org, by["Id"]) and not came_in):
        return
    event, kind, case = _told(org, obj, before, after, now)
    if case is None or org.find("Deskhand_Outbox__c", "Event_Id__c", event):
        return
    org.counters["outbox name"] += 1
    org.insert("Deskhand_Outbox__c", {
        "Name": f"DE-{org.counters['outbox name']:08d}", "Event_Id__c": event, "Case_Id__c": case, "Kind__c": kind,
        "Occurred_At__c": stamp(now), "Status__c": "Waiting", "Attempts__c": 0, "Next_Try__c": stamp(now)},
        by["Id"], now)
    org.wakes.append(stamp(now))


def _told(org: Org, obj: str, before: Row, after: Row, now: datetime) -> tuple[str, str, str | None]:
    """Id and kind of the event, and its case; no case when nothing is told."""
    id = after["Id"]
    if obj == "Case" and not before:
        return f"created-{id}", "case_created", id
    if obj == "Case" and any(before.get(n) != after.get(n) for n in ("Status", "OwnerId")):
        org.counters["request"] += 1
        what = f"{org.counters['request']}|{now}|{after['Status']}|{after['OwnerId']}"
        return f"updated-{id}-{hashlib.sha256(what.encode()).hexdigest()[:MARK]}", "case_updated", id
    if obj == "CaseComment" and not before:
        return f"comment-{id}", "case_comment_added", after["ParentId"]
    if obj == "EmailMessage" and not before and after["Incoming"]:
        return f"email-{id}", "email_received", after.get("ParentId")
    return "", "", None


def ours(org: Org, user: str) -> bool:
    """The running user has the integration permission set, so the row is our own write."""
    wanted = org.named("PermissionSet", "Deskhand_Integration")
    if wanted is None:
        return user in {client.get("user") for client in org.clients.values()}
    return wanted["Id"] in {r["PermissionSetId"] for r in org.children("PermissionSetAssignment", "AssigneeId", user)}
