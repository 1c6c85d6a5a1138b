"""A service desk to test the stand-in against: its queues, people, statuses and one case."""

from __future__ import annotations

from typing import Any

from tests.connectors.salesforce.acme import ANNA, NOW, Org, acme

DESK: dict[str, Any] = {
    "groups": [{"Name": "Support"}, {"Name": "Refunds"}],
    "users": [{"Name": "Mia Agent", "Email": "mia@acme.example", "groups": ["Support"],
               "permission_sets": ["Deskhand_Agent"]},
              {"Name": "Lena Lead", "Email": "lena@acme.example", "permission_sets": ["Deskhand_Approver"]}],
    "statuses": ["New", "Working", "Waiting on Customer", {"name": "Closed", "closed": True}],
    "senders": [{"Address": "support@acme.example"}, {"Address": "new@acme.example", "IsVerified": False}]}


def service_desk(**world: Any) -> Org:
    return acme(**{**DESK, **world})


def writes(org: Org, body: str = "I was charged twice.", **more: Any) -> str:
    """Anna writes; the id of the case."""
    told = {"email": "anna@example.com", "subject": "A question", "body": body, **more}
    return str(org.rules.control("customer_writes", told, org.time())["case"])


def happens(org: Org, op: str, **params: Any) -> Any:
    return org.rules.control(op, params, org.time())


def rows(org: Org, soql: str, **values: str) -> list[dict[str, Any]]:
    """The rows of a query, in which {names} stand for values, without their attributes."""
    given = org.query(soql.format(**values))
    assert isinstance(given, dict), given
    return [{k: v for k, v in row.items() if k != "attributes"} for row in given["records"]]


def ticket(org: Org, case: str) -> dict[str, Any]:
    found: dict[str, Any] = org.rules.books()["tickets"][case]
    return found


__all__ = ["ANNA", "DESK", "NOW", "Org", "happens", "rows", "service_desk", "ticket", "writes"]
