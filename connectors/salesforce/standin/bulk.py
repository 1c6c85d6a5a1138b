"""Up to 200 rows in one call ("sObject Collections")."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from connectors.salesforce.standin import rows, saving
from connectors.salesforce.standin.asking import GONE, Asked, error
from connectors.salesforce.standin.ids import id18
from connectors.salesforce.standin.org import Json, Org, Refused, Row
from connectors.salesforce.standin.reading import Reader
from connectors.salesforce.standin.schema import SObject
from connectors.standin import Answer

MOST = 200
ROLLED_BACK = "Record rolled back because not all records were valid and the request was using AllOrNone header"


class NotAll(Exception):
    """One of all-or-none failed."""


def collection(org: Org, asked: Asked, reader: Reader, rest: list[str], now: datetime) -> Answer:
    """POST inserts, PATCH updates or, with an object and a key, upserts; a result per row in the order given."""
    body = asked.body if isinstance(asked.body, dict) else {}
    records = body.get("records")
    if asked.method not in ("POST", "PATCH") or len(rest) not in (0, 2):
        return error(404, "NOT_FOUND", GONE)
    if not isinstance(records, list) or not all(isinstance(r, dict) for r in records):
        return error(400, "JSON_PARSER_ERROR", "The records list is missing")
    if len(records) > MOST:
        return error(400, "EXCEEDED_MAX_SIZE_REQUEST", f"record limit reached. cannot submit more than {MOST} records")
    whole = bool(body.get("allOrNone", False))
    given: list[Json] = []
    try:
        with org.transaction():
            for record in records:
                given.append(_one(org, asked, reader, rest, record, now))
            if whole and not all(one["success"] for one in given):
                raise NotAll
    except NotAll:
        given = [one if not one["success"] else _failed("ALL_OR_NONE_OPERATION_ROLLED_BACK", ROLLED_BACK)
                 for one in given]
    return Answer.of(200, given)


def _one(org: Org, asked: Asked, reader: Reader, rest: list[str], record: Row, now: datetime) -> Json:
    obj = reader.object(rest[0] if rest else str(record.get("attributes", {}).get("type", "")))
    if obj is None:
        return _failed("INVALID_TYPE", "sObject type is missing or not supported")
    try:
        return _saved(org, asked, obj, rest, record, now)
    except Refused as no:
        first: Any = no.body[0]
        return _failed(first["errorCode"], first["message"], first.get("fields", []))


def _saved(org: Org, asked: Asked, obj: SObject, rest: list[str], record: Row, now: datetime) -> Json:
    fields = {n: v for n, v in record.items() if n not in ("attributes", "Id", "id")}
    if rest:
        value = str(record.get(rest[1], ""))
        found = list(org.find(obj.name, rows.key(obj, rest[1]).name, value))
        row, new = rows.upserted(org, asked, obj, rest[1], value, found, now, fields=fields)
        return rows.made(row, created=new)
    if asked.method == "POST":
        asked.need(rows.right(obj.name, "create"), f"entity type cannot be inserted: {obj.name}")
        return rows.made(saving.create(org, obj.name, fields, rows.save(asked, now)))
    asked.need(rows.right(obj.name, "edit"), rows.NO_ACCESS)
    id = id18(str(record.get("Id") or record.get("id") or ""))
    if id not in org.tables[obj.name]:
        return _failed("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
    return rows.made(saving.update(org, obj.name, id, fields, rows.save(asked, now)))


def _failed(code: str, message: str, fields: list[str] | None = None) -> Json:
    return {"success": False, "errors": [{"statusCode": code, "message": message, "fields": fields or []}]}
