"""The REST resources, alone or inside a composite; errors as arrays."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

from connectors.salesforce.standin import actions, apex, batch, bulk, metadata, rows, soql
from connectors.salesforce.standin.asking import GONE, Asked, error, own_permissions, readable
from connectors.salesforce.standin.composite import Composite
from connectors.salesforce.standin.describing import describe, layouts
from connectors.salesforce.standin.org import Json, Org, Refused
from connectors.salesforce.standin.querying import query
from connectors.salesforce.standin.reading import Reader
from connectors.standin import Answer

MENU = ("actions", "composite", "limits", "metadata", "query", "queryAll", "sobjects", "tooling")


def resource(org: Org, asked: Asked, now: datetime) -> Answer:
    reader = Reader(org, readable(asked.may), asked.version, now, user=asked.user["Id"],
                    deleted=asked.path[:1] == ("queryAll",))
    try:
        match asked.path:
            case ():
                return Answer.of(200, {n: f"/services/data/{asked.version}/{n}" for n in MENU})
            case ("limits",):
                return Answer.of(200, _limits(org))
            case ("query",) | ("queryAll",) | ("tooling", "query"):
                return _query(org, asked, reader)
            case ("query", cursor) | ("queryAll", cursor):
                return _more(org, asked, cursor)
            case ("composite",) if asked.method == "POST":
                return Composite(org, asked, now, resource).answer()
            case ("composite", "batch") if asked.method == "POST":
                return batch.answer(org, asked, now, resource)
            case ("composite", "sobjects", *rest):
                return bulk.collection(org, asked, reader, rest, now)
            case ("actions", "standard", *rest):
                return actions.standard(org, asked, rest, now)
            case ("metadata", "deployRequest", *rest):
                return metadata.deploy(org, asked, rest, now)
            case ("actions", "custom", *rest) if asked.method == "POST":
                return apex.custom(org, asked, rest, now)
            case ("sobjects",) if "if-modified-since" in asked.headers:
                return Answer.of(304, None, {"ETag": '"baf7f695"', "Last-Modified": "Fri, 14 Aug 2020 20:53:02 GMT"})
            case ("sobjects",):
                return Answer.of(200, {"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": [
                    {"name": o.name, "keyPrefix": o.prefix} for o in org.objects.values() if reader.object(o.name)]})
            case ("sobjects", name, *rest) | ("tooling", "sobjects", name, *rest):
                return _object(org, asked, reader, name, rest, now)
    except Refused as no:
        return Answer.of(no.status, no.body)
    return error(404, "NOT_FOUND", GONE)


def _limits(org: Org) -> Json:
    return {"DailyApiRequests": {"Max": org.daily, "Remaining": org.daily - org.used},
            "SingleEmail": {"Max": 5000, "Remaining": org.mail_left}}


def _query(org: Org, asked: Asked, reader: Reader) -> Answer:
    if asked.method != "GET":
        return error(405, "METHOD_NOT_ALLOWED", f"HTTP Method '{asked.method}' not allowed. Allowed are HEAD,GET")
    text = asked.args.get("q", [""])[0]
    if not text:
        return error(400, "MALFORMED_QUERY", "A query string has to be specified")
    if "FROM UserPermissionAccess" in text:
        return Answer.of(200, {"totalSize": 1, "done": True, "records": [own_permissions(text, asked.may)]})
    if asked.path[0] == "tooling" and (flow := re.search(r"FROM Flow WHERE Definition.DeveloperName = '(\w+)'", text)):
        numbers = org.flow_versions.get(flow[1], {}).get("numbers", [])
        return _page(org, asked, {"total": len(numbers), "records": [{"VersionNumber": one} for one in numbers]}, 0)
    try:
        total, records = query(reader, text)
    except soql.Malformed as no:
        return error(400, no.code, no.worded(text))
    return _page(org, asked, {"total": total, "records": records}, 0)


def _page(org: Org, asked: Asked, cursor: Json, start: int) -> Answer:
    wanted = re.search(r"batchSize=(\d+)", asked.headers.get("sforce-query-options", ""))
    size = min(max(int(wanted[1]), 200), 2000) if wanted else org.page_size
    records, end = cursor["records"], start + size
    body: Json = {"totalSize": cursor["total"], "done": end >= len(records)}
    if end < len(records):
        id = cursor.get("id") or org.new_id("01g")
        org.cursors[id] = {**cursor, "id": id}
        body["nextRecordsUrl"] = f"/services/data/{asked.version}/query/{id}-{end}"
    return Answer.of(200, {**body, "records": records[start:end]})


def _more(org: Org, asked: Asked, cursor: str) -> Answer:
    id, _, start = cursor.partition("-")
    known = org.cursors.get(id)
    if known is None or not start.isdigit():
        return error(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
    return _page(org, asked, known, int(start))


def _object(org: Org, asked: Asked, reader: Reader, name: str, rest: list[str], now: datetime) -> Answer:
    obj = reader.object(name)
    if obj is None:
        return error(404, "NOT_FOUND", GONE)
    if rest == ["describe"]:
        editable = {f.name for f in obj.fields.values() if f"{obj.name}.{f.name}" not in org.read_only}
        return Answer.of(200, describe(org, obj, reader.visible(obj), editable, asked.may))
    if rest[:2] == ["describe", "layouts"]:
        return Answer.of(200, layouts(org, obj))
    table: dict[tuple[str, int], Callable[[], Answer]] = {
        ("POST", 0): lambda: rows.create(org, asked, obj, now),
        ("GET", 1): lambda: rows.get(org, asked, reader, obj, rest[0]),
        ("PATCH", 1): lambda: rows.patch(org, asked, obj, rest[0], now),
        ("DELETE", 1): lambda: rows.delete(org, asked, obj, rest[0], now),
        ("GET", 2): lambda: rows.get_by_key(org, asked, reader, obj, rest[0], rest[1]),
        ("PATCH", 2): lambda: rows.upsert(org, asked, obj, rest[0], rest[1], now)}
    does = table.get((asked.method, len(rest)))
    if does is None and len(rest) > 1:
        return error(404, "NOT_FOUND", GONE)
    allowed = "HEAD,GET,PATCH,DELETE" if rest else "HEAD,GET,POST"
    return does() if does else error(405, "METHOD_NOT_ALLOWED",
                                     f"HTTP Method '{asked.method}' not allowed. Allowed are {allowed}")
