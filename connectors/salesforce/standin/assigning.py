"""Who gets a case: the assignment rule, and the default owner where none is active."""

from __future__ import annotations

from connectors.salesforce.standin.org import Org, Row


def owner_named(org: Org, name: str) -> str:
    """The id of a queue or user of that name; KeyError when there is none."""
    for obj in ("Group", "User"):
        found = org.named(obj, name) or (org.tables[obj].get(name))
        if found:
            return str(found["Id"])
    raise KeyError(f"no queue or user named {name}")


def assigned(org: Org, row: Row, assign: bool) -> None:
    """Moves the case as the rule says, on insert and update alike ("Assignment Rule Header").

    A rule that is there but not active gives the case to the default owner (Salesforce Help 000395506).
    """
    rule = org.desk.get("assignment_rule")
    if not rule or not assign:
        return
    to = rule["owner"] if rule.get("active", True) else org.desk.get("default_owner")
    if to:
        row["OwnerId"] = owner_named(org, to)
