"""Which rows a user may see and change (Object Reference, "UserRecordAccess")."""

from __future__ import annotations

from connectors.salesforce.standin import soql
from connectors.salesforce.standin.comparing import literal
from connectors.salesforce.standin.ids import id18
from connectors.salesforce.standin.org import Org, Row

MOST = 200
"""Records asked for at once."""
LEVELS = ("None", "Read", "Edit", "Delete", "Transfer", "All")


def access_rows(org: Org, where: soql.Condition | None) -> list[Row]:
    """Rows made for the one user and the records that the query names; it must name both."""
    tests = [t for t in (where.parts if isinstance(where, soql.Group) and where.joined == "AND" else (where,))
             if isinstance(t, soql.Test)]
    users = _named(tests, "userid")
    records = _named(tests, "recordid")
    if len(users) != 1 or not records:
        raise soql.Malformed("Can select only RecordId, a Has*Access field, and MaxAccessLevel; the query needs one "
                             "UserId and the RecordIds it is about", 0, "MALFORMED_QUERY")
    if len(records) > MOST:
        raise soql.Malformed("Too many records: at most 200 can be asked for", 0, "MALFORMED_QUERY")
    return [_row(users[0], record, LEVELS.index(level(org, users[0], record))) for record in records]


def _named(tests: list[soql.Test], path: str) -> list[str]:
    return [id18(str(literal(v))) for t in tests if t.path.lower() == path and t.operator in ("=", "IN")
            for v in t.values if v.kind == "string"]


def _row(user: str, record: str, reach: int) -> Row:
    return {"Id": record, "UserId": user, "RecordId": record, "HasReadAccess": reach >= 1, "HasEditAccess": reach >= 2,
            "HasDeleteAccess": reach >= 3, "HasTransferAccess": reach >= 4, "HasAllAccess": reach >= 5,
            "MaxAccessLevel": LEVELS[reach]}


def level(org: Org, user: str, record: str) -> str:
    """How far a user reaches; a public object is everybody's who works here, a private one its owner's."""
    person, found = org.tables["User"].get(user), org.any(record)
    if person is None or found is None or not person["IsActive"] or person["UserType"] != "Standard":
        return "None"
    obj, row = found
    profile = org.tables["Profile"].get(person.get("ProfileId") or "", {})
    if profile.get("PermissionsModifyAllData") or row.get("OwnerId") == user:
        return "All"
    shared = org.sharing.get("given", {}).get(record, {}).get(user)
    if shared or obj not in org.sharing.get("private", ()):
        return str(shared or "Edit")
    return "Edit" if row.get("OwnerId") in groups_of(org, user) else "None"


def hidden_from(org: Org, user: str, obj: str, row: Row) -> bool:
    """Whether sharing keeps this row from a caller of the API; the world says if the integration user is so kept."""
    if not org.sharing.get("callers") or not org.sharing.get("private"):
        return False
    case = row["Id"] if obj == "Case" else row.get(OF_CASE.get(obj, ""))
    return bool(case) and case in org.tables["Case"] and level(org, user, case) == "None"


OF_CASE = {"CaseComment": "ParentId", "EmailMessage": "ParentId", "FeedItem": "ParentId", "CaseHistory": "CaseId"}
"""What is seen by whoever sees its case."""


def groups_of(org: Org, user: str) -> set[str]:
    """Queues and groups the user is in, through groups within groups too."""
    found: set[str] = set()
    waiting = [user]
    while waiting:
        for member in org.children("GroupMember", "UserOrGroupId", waiting.pop()):
            if member["GroupId"] not in found:
                found.add(member["GroupId"])
                waiting.append(member["GroupId"])
    return found
