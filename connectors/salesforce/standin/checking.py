"""Whether given values may be kept: known, writable, of their type ("Status Codes and Error Responses")."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Any

from connectors.salesforce.standin.ids import id18, is_id, moment
from connectors.salesforce.standin.org import Org, Refused, Row
from connectors.salesforce.standin.schema import Field

ADDRESS = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>.]+")
IN_BYTES = {"CaseComment.CommentBody"}
"""Fields whose length counts bytes, not characters (Object Reference, "CaseComment")."""


def accepted(org: Org, obj: str, values: Row, *, creating: bool, closed: set[str]) -> Row:
    """The values as they would be kept; raises Refused at the first that is not."""
    schema, kept = org.objects[obj], {}
    for name, value in values.items():
        if name == "attributes":
            continue
        found = schema.find(name)
        if found is None or f"{obj}.{found.name}" in closed & org.hidden:
            raise Refused("INVALID_FIELD", f"No such column '{name}' on sobject of type {obj}")
        if not (found.createable if creating else found.updateable) or f"{obj}.{found.name}" in closed:
            raise Refused("INVALID_FIELD_FOR_INSERT_UPDATE",
                          f"Unable to create/update fields: {found.name}. Please check the security settings of "
                          "this field and verify that it is read/write for your profile or permission set.",
                          [found.name])
        kept[found.name] = typed(org, obj, found, value)
    return kept


def typed(org: Org, obj: str, f: Field, value: Any) -> Any:
    if value is None or value == "":
        if f.type == "boolean":
            raise Refused("INVALID_TYPE_ON_FIELD_IN_RECORD", f"{f.name}: value not of required type: ", [f.name])
        return None
    if (f.type == "boolean" and not isinstance(value, bool)) or (f.type not in (
            "boolean", "double", "int") and not isinstance(value, str)):
        kind = {bool: "VALUE_TRUE" if value is True else "VALUE_FALSE", str: "VALUE_STRING", int:
                "VALUE_NUMBER_INT", float: "VALUE_NUMBER_FLOAT"}.get(type(value), "START_OBJECT")
        raise Refused("JSON_PARSER_ERROR", f"Cannot deserialize instance of {f.type} from {kind} value {value} or "
                      "request may be missing a required field at [line:1, column:2]")
    if isinstance(value, str):
        _short_enough(obj, f, value)
    if f.type == "email" and not ADDRESS.fullmatch(value):
        raise Refused("INVALID_EMAIL_ADDRESS", f"{f.name}: invalid email address: {value}", [f.name])
    if f.restricted and value not in f.picklist:
        raise Refused("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
                      f"{f.name}: bad value for restricted picklist field: {value}", [f.name])
    return _referred(org, f, value) if f.type == "reference" else _dated(f, value)


def _short_enough(obj: str, f: Field, value: str) -> None:
    size = len(value.encode()) if f"{obj}.{f.name}" in IN_BYTES else len(value)
    if f.length and f.type not in ("reference", "id") and size > f.length:
        raise Refused("STRING_TOO_LONG", f"{f.name}: data value too large: {value} (max length={f.length})", [f.name])


def _referred(org: Org, f: Field, value: str) -> str:
    id = id18(value)
    if not is_id(id):
        raise Refused("MALFORMED_ID", f"{f.name}: id value of incorrect type: {value}", [f.name])
    targets = [org.objects[name] for name in f.refers_to if name in org.objects]
    if targets and not any(id.startswith(t.prefix) and id in org.tables[t.name] for t in targets):
        gone = any(id in org.bin[t.name] for t in targets)
        raise Refused("ENTITY_IS_DELETED", "entity is deleted", []) if gone else Refused(
            "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", [])
    return id


def _dated(f: Field, value: Any) -> Any:
    if f.type not in ("date", "datetime"):
        return value
    try:
        return date.fromisoformat(value) if f.type == "date" else moment(value, datetime.now(UTC))
    except ValueError:
        raise Refused("JSON_PARSER_ERROR", f"Cannot deserialize instance of {f.type} from VALUE_STRING value "
                      f"{value} or request may be missing a required field at [line:1, column:2]") from None


def fits_the_record_type(org: Org, row: Row, written: set[str]) -> None:
    """A restricted picklist takes only what the case's record type offers."""
    offered = org.desk.get("record_types", {}).get(row.get("RecordTypeId") or "", {})
    for name, values in offered.items():
        found = org.objects["Case"].fields.get(name)
        if found and found.restricted and name in written and row.get(name) not in (None, *values):
            raise Refused("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
                          f"{name}: bad value for restricted picklist field: {row[name]}", [name])


ONCE = {"PermissionSetAssignment": ("AssigneeId", "PermissionSetId"), "GroupMember": ("UserOrGroupId", "GroupId")}
"""Who is assigned to what, which can be so only once."""


def one_of_a_kind(org: Org, obj: str, row: Row, written: set[str]) -> None:
    """Unique fields; the words name the row that has the value already."""
    if obj in ONCE:
        who, what = ONCE[obj]
        if any(each[what] == row[what] for each in org.children(obj, who, row[who]) if each["Id"] != row.get("Id")):
            raise Refused("DUPLICATE_VALUE", f"Duplicate {obj}. {who}: {row[who]}; {what}: {row[what]}", [who, what])
    for f in org.objects[obj].fields.values():
        if not f.unique or f.name not in written or row.get(f.name) is None:
            continue
        twins = [id for id in org.find(obj, f.name, str(row[f.name]))
                 if id != row.get("Id") and org.tables[obj][id][f.name] == row[f.name]]
        if twins:
            raise Refused("DUPLICATE_VALUE",
                          f"duplicate value found: {f.name} duplicates value on record with id: {twins[0]}", [])
