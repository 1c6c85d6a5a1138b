"""One row over REST: create, read, change, delete, upsert ("sObject Rows", "Conditional Request Headers")."""

from __future__ import annotations

from datetime import datetime
from email.utils import format_datetime, parsedate_to_datetime

from connectors.salesforce.standin import saving
from connectors.salesforce.standin.access import hidden_from, level
from connectors.salesforce.standin.asking import GONE, Asked, error
from connectors.salesforce.standin.ids import id18, is_id
from connectors.salesforce.standin.org import Json, Org, Refused, Row
from connectors.salesforce.standin.reading import SEEN_WITH, Reader
from connectors.salesforce.standin.schema import Field, SObject
from connectors.standin import Answer

NO_ACCESS = "insufficient access rights on object id"
RIGHT = {"CaseComment": "Case:read", "EmailMessage": "Case:edit", "FeedItem": "Case:read", "Attachment": "Case:edit",
         "ContentDocumentLink": "Case:edit"}
"""What it takes to write an object that has no permission of its own."""
ASSIGNING = ("PermissionSetAssignment", "GroupMember")


def right(obj: str, what: str) -> str:
    return "AssignPermissionSets" if obj in ASSIGNING else RIGHT.get(obj, f"{obj}:{what}")


def save(asked: Asked, now: datetime) -> saving.Save:
    return saving.Save(asked.user, now, asked.allows_duplicates, asked.assigns)


def create(org: Org, asked: Asked, obj: SObject, now: datetime) -> Answer:
    asked.need(right(obj.name, "create"), f"entity type cannot be inserted: {obj.name}")
    row = saving.create(org, obj.name, asked.fields(), save(asked, now))
    return Answer.of(201, made(row), {"Location": f"/services/data/{asked.version}/sobjects/{obj.name}/{row['Id']}"})


def made(row: Row, **more: bool) -> Json:
    return {"id": row["Id"], "success": True, "errors": [], **more}


def get(org: Org, asked: Asked, reader: Reader, obj: SObject, id: str) -> Answer:
    row = _row(org, asked, obj, id)
    refused = _condition(asked, row)
    if refused:
        return refused
    names = [n.strip() for n in asked.args.get("fields", [""])[0].split(",") if n.strip()]
    fields = []
    for name in names:
        found = reader.field(obj, name)
        if found is None:
            return error(400, "INVALID_FIELD", f"No such column '{name}' on sobject of type {obj.name}")
        fields.append(found)
    body = reader.record(obj, row, fields or reader.visible(obj))
    return Answer.of(200, {**body, "Id": row["Id"]}, _last_modified(row))


def get_by_key(org: Org, asked: Asked, reader: Reader, obj: SObject, name: str, value: str) -> Answer:
    found = _by_key(org, obj, name, value)
    if len(found) > 1:
        return _several(asked, obj, found)
    if not found:
        return error(404, "NOT_FOUND", GONE)
    return get(org, asked, reader, obj, found[0])


def patch(org: Org, asked: Asked, obj: SObject, id: str, now: datetime) -> Answer:
    if id18(id) in org.bin[obj.name]:
        return error(404, "ENTITY_IS_DELETED", "entity is deleted")
    row = _row(org, asked, obj, id)
    asked.need(right(obj.name, "edit"), NO_ACCESS)
    if org.sharing.get("callers") and level(org, asked.user["Id"], row["Id"]) == "Read":
        return error(403, "INSUFFICIENT_ACCESS_OR_READONLY", NO_ACCESS)
    refused = _condition(asked, row)
    if refused:
        return refused
    saving.update(org, obj.name, row["Id"], asked.fields(), save(asked, now))
    return Answer(204)


def delete(org: Org, asked: Asked, obj: SObject, id: str, now: datetime) -> Answer:
    if id18(id) in org.bin[obj.name]:
        return error(404, "ENTITY_IS_DELETED", "entity is deleted")
    row = _row(org, asked, obj, id)
    asked.need("AssignPermissionSets" if obj.name in ASSIGNING else f"{SEEN_WITH.get(obj.name, obj.name)}:delete",
               NO_ACCESS)
    saving.delete(org, obj.name, row["Id"], save(asked, now))
    return Answer(204)


def upsert(org: Org, asked: Asked, obj: SObject, name: str, value: str, now: datetime) -> Answer:
    """201 made, 200 changed, 300 when several rows have the key ("Insert or Update (Upsert) a Record")."""
    found = _by_key(org, obj, name, value)
    if len(found) > 1:
        return _several(asked, obj, found)
    row, new = upserted(org, asked, obj, name, value, found, now)
    return Answer.of(201 if new else 200, made(row, created=new))


def upserted(org: Org, asked: Asked, obj: SObject, name: str, value: str, found: list[str], now: datetime, *,
             fields: Row | None = None) -> tuple[Row, bool]:
    """The row with this key, changed or made, and whether it was made."""
    given = asked.fields() if fields is None else fields
    if name in given and "Id" in given:
        raise Refused("INVALID_FIELD", f"The {name} field should not be specified in the sobject data.", [name])
    if found:
        asked.need(right(obj.name, "edit"), NO_ACCESS)
        return saving.update(org, obj.name, found[0], given, save(asked, now)), False
    asked.need(right(obj.name, "create"), f"entity type cannot be inserted: {obj.name}")
    return saving.create(org, obj.name, {**given, key(obj, name).name: value}, save(asked, now)), True


def key(obj: SObject, name: str) -> Field:
    """The field of that name if rows may be named by it."""
    found = obj.find(name)
    if found is None or not (found.external or found.type in ("email", "id")):
        raise Refused("NOT_FOUND", "Provided external ID field does not exist or is not accessible: " + name,
                      status=404)
    return found


def _by_key(org: Org, obj: SObject, name: str, value: str) -> list[str]:
    found = key(obj, name)
    if found.type == "id":
        return [id18(value)] if id18(value) in org.tables[obj.name] else []
    return [id for id in org.find(obj.name, found.name, value)
            if not found.unique or org.tables[obj.name][id][found.name] == value]


def _several(asked: Asked, obj: SObject, ids: list[str]) -> Answer:
    return Answer.of(300, [f"/services/data/{asked.version}/sobjects/{obj.name}/{id}" for id in ids])


def _row(org: Org, asked: Asked, obj: SObject, id: str) -> Row:
    row = org.row(obj.name, id)
    if row is None or hidden_from(org, asked.user["Id"], obj.name, row):
        words = GONE if is_id(id18(id)) else "Provided external ID field does not exist or is not accessible: " + id
        raise Refused("NOT_FOUND", words, status=404)
    return row


def _condition(asked: Asked, row: Row) -> Answer | None:
    """Weak validation by LastModifiedDate, to the second ("Conditional Request Headers").

    The words of a 412 are unverified.
    """
    until, since = asked.headers.get("if-unmodified-since"), asked.headers.get("if-modified-since")
    at, headers = row.get("LastModifiedDate"), _last_modified(row)
    if at is None:
        return None
    try:
        if until and at > parsedate_to_datetime(until):
            return Answer.of(412, [{"errorCode": "PRECONDITION_FAILED",
                                    "message": "The record was modified after the given date."}], headers)
        if since and at <= parsedate_to_datetime(since):
            return Answer.of(304, None, headers)
    except (ValueError, TypeError):
        return error(400, "INVALID_HEADER_VALUE", f"Invalid date in header: {until or since}")
    return None


def _last_modified(row: Row) -> dict[str, str]:
    at = row.get("LastModifiedDate")
    return {"Last-Modified": format_datetime(at, usegmt=True)} if at else {}
