"""What the org's books say, for tests and demos: contacts and tasks, and case by case what we and others wrote."""

from __future__ import annotations

from connectors.salesforce.standin.ids import spoken
from connectors.salesforce.standin.org import Json, Org, Row
from connectors.salesforce.standin.package import ours

TASK = ("Id", "WhoId", "Subject", "Description", "Status", "CreatedDate")
HISTORY = ("Field", "OldValue", "NewValue", "DataType", "CreatedById", "CreatedDate")


def books(org: Org) -> Json:
    """`tickets` by case id, deleted ones too; `notes` and `replies` count what our user wrote."""
    left = {one["email"] for one in org.sent}
    us = {client["user"] for client in org.clients.values() if ours(org, client["user"])}
    cases = {**org.tables["Case"], **org.bin["Case"]}
    tickets = {id: _case(org, row, us, left) for id, row in cases.items()}
    return {"contacts": {id: _spoken(row) for id, row in org.tables["Contact"].items()},
            "activities": [{n: spoken(row.get(n)) for n in TASK} for row in org.tables["Task"].values()],
            "changes": [dict(change) for change in org.changes], "tickets": tickets,
            "notes": sum(len(one["notes"]) for one in tickets.values()),
            "replies": sum(len(one["replies"]) for one in tickets.values()),
            "sent": [dict(mail) for mail in org.sent],
            "receipts": [_spoken(row) for row in org.tables["Deskhand_Action__c"].values()],
            "outbox": [_spoken(row) for row in org.tables["Deskhand_Outbox__c"].values()]}


def _spoken(row: Row) -> Json:
    return {name: spoken(value) for name, value in row.items()}


def _case(org: Org, row: Row, us: set[str], left: set[str]) -> Json:
    """`notified` says whether a mail really left, which its row alone does not prove."""
    id, by = row["Id"], row["OwnerId"] or ""
    children = {obj: [*org.children(obj, "ParentId", id),
                      *(r for r in org.bin[obj].values() if row["IsDeleted"] and r["ParentId"] == id)]
                for obj in ("CaseComment", "EmailMessage", "FeedItem")}
    comments = [{"id": r["Id"], "body": r["CommentBody"], "author_id": r["CreatedById"], "public": r["IsPublished"],
                 "ours": r["CreatedById"] in us} for r in children["CaseComment"]]
    mails = [{"id": r["Id"], "body": r["TextBody"] or r["HtmlBody"], "author_id": r["CreatedById"],
              "to": r["ToAddress"], "incoming": r["Incoming"], "bounced": r["IsBounced"],
              "notified": r["Id"] in left and not r["IsBounced"], "ours": r["CreatedById"] in us}
             for r in children["EmailMessage"]]
    history = [{n: spoken(r[n]) for n in HISTORY} for r in org.children("CaseHistory", "CaseId", id)]
    receipts = [r["Key__c"] for r in org.children("Deskhand_Action__c", "Case__c", id)]
    return {
        "number": row["CaseNumber"], "status": row["Status"], "closed": row["IsClosed"], "priority": row["Priority"],
        "tags": (row.get("Deskhand_Tags__c") or "").split(), "owner_id": by, "deleted": row["IsDeleted"],
        "assignee_id": by if by.startswith("005") else None, "group_id": by if by.startswith("00G") else None,
        "owner": (org.any(by) or ("", {}))[1].get("Name"), "contact_id": row["ContactId"],
        "notes": [c for c in comments if c["ours"] and not c["public"]],
        "replies": [m for m in mails if m["ours"] and not m["incoming"]]
        + [c for c in comments if c["ours"] and c["public"]],
        "comments": comments, "emails": mails,
        "posts": [r["Body"] for r in children["FeedItem"] if r["RelatedRecordId"] is None],
        "customer_comments": sum(m["incoming"] for m in mails) or int(bool(row["Description"])),
        "updates": len({(h["CreatedDate"], h["CreatedById"]) for h in history
                        if h["CreatedById"] in us and h["Field"] != "created"}),
        "ops": receipts, "receipts": receipts, "history": history, "fields": _spoken(row)}
