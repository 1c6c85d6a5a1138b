"""The fields the platform computes itself."""

from __future__ import annotations

from connectors.salesforce.standin.org import Org, Row


def derive(org: Org, obj: str, row: Row) -> None:
    """Fills them in a row that is about to be kept."""
    if obj in DERIVED:
        DERIVED[obj](org, row)


def _named(org: Org, row: Row) -> None:
    row["Name"] = " ".join(p for p in (row.get("FirstName"), row.get("LastName")) if p)


def _contact(org: Org, row: Row) -> None:
    _named(org, row)
    row["IsEmailBounced"] = row.get("EmailBouncedDate") is not None


def _account(org: Org, row: Row) -> None:
    """A person account is named by its person."""
    if row.get("LastName"):
        _named(org, row)
        row["IsPersonAccount"] = True


def _task(org: Org, row: Row) -> None:
    who = org.tables["Contact"].get(row.get("WhoId") or "", {})
    row["AccountId"] = row.get("AccountId") or who.get("AccountId")
    row["IsClosed"], row["IsHighPriority"] = row["Status"] == "Completed", row["Priority"] == "High"
    row["CompletedDateTime"] = row.get("CompletedDateTime") or (row["LastModifiedDate"] if row["IsClosed"] else None)


def _case(org: Org, row: Row) -> None:
    """Closed by its status, the contact's ways to be reached, the account of the contact."""
    closed = {s["ApiName"] for s in org.tables["CaseStatus"].values() if s["IsClosed"]} or {"Closed"}
    row["IsClosed"] = row.get("Status") in closed
    row["ClosedDate"] = (row.get("ClosedDate") or row["LastModifiedDate"]) if row["IsClosed"] else None
    contact = org.tables["Contact"].get(row.get("ContactId") or "", {})
    row |= {"ContactEmail": contact.get("Email"), "ContactPhone": contact.get("Phone"),
            "ContactMobile": contact.get("MobilePhone"), "ContactFax": contact.get("Fax")}
    row["AccountId"] = row.get("AccountId") or contact.get("AccountId")
    row["Comments"] = None


def _email(org: Org, row: Row) -> None:
    row["Name"] = (row.get("Subject") or "")[:255] or None
    row["RelatedToId"] = row.get("RelatedToId") or row.get("ParentId")
    row["MessageDate"] = row.get("MessageDate") or row.get("CreatedDate")


DERIVED = {"Contact": _contact, "User": _named, "Account": _account, "Task": _task, "Case": _case,
           "EmailMessage": _email}
