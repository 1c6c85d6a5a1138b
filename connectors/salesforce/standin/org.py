"""The org's books: rows, indexes, ids, the recycle bin, and transactions that can be taken back."""

from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connectors.salesforce.standin.ids import id18, numbered, stamp
from connectors.salesforce.standin.objects import own_objects, standard_objects
from connectors.salesforce.standin.schema import SObject

Json = dict[str, Any]
Row = dict[str, Any]
HISTORY_TRACKED = ("Email", "Phone", "MobilePhone", "FirstName", "LastName")
CASE_TRACKED = ("Status", "OwnerId", "Priority", "ContactId", "Subject", "RecordTypeId")


class Refused(Exception):
    """A save or read that Salesforce refuses, with the body it answers."""

    def __init__(self, code: str, message: str, fields: list[str] | None = None, status: int = 400,
                 more: Json | None = None) -> None:
        super().__init__(message)
        body: Json = {"message": message, "errorCode": code}
        if fields is not None:
            body["fields"] = fields
        self.status, self.body = status, [{**body, **(more or {})}]


@dataclass
class Later:
    """A flow's scheduled path: writes `values` when its time comes."""

    due: datetime
    object: str
    id: str
    values: Row
    by: str


@dataclass
class Savepoint:
    rows: dict[tuple[str, str], Row | None]
    lengths: dict[str, int]


GROWING = ("changes", "later", "sent", "wakes", "messages")
"""Lists that a transaction only adds to."""


@dataclass
class Org:
    """All books of one org; a deep copy is another org."""

    id: str = "00D5e000000DHskEAG"
    domain: str = "acme"
    clients: dict[str, Json] = field(default_factory=dict)
    tokens: dict[str, Json] = field(default_factory=dict)
    session_seconds: int = 7200
    objects: dict[str, SObject] = field(default_factory=lambda: {**standard_objects(), **own_objects()})
    tables: dict[str, dict[str, Row]] = field(default_factory=lambda: defaultdict(dict))
    bin: dict[str, dict[str, Row]] = field(default_factory=lambda: defaultdict(dict))
    indexes: dict[tuple[str, str], dict[str, list[str]]] = field(default_factory=lambda: defaultdict(dict))
    indexed: dict[str, tuple[str, ...]] = field(default_factory=dict)
    changes: list[Json] = field(default_factory=list)
    history: tuple[str, ...] | None = HISTORY_TRACKED
    case_history: tuple[str, ...] = CASE_TRACKED
    hidden: set[str] = field(default_factory=set)
    read_only: set[str] = field(default_factory=set)
    flows: list[Json] = field(default_factory=list)
    validation_rules: list[Json] = field(default_factory=list)
    duplicate_rules: list[Json] = field(default_factory=list)
    later: list[Later] = field(default_factory=list)
    locked: set[str] = field(default_factory=set)
    counters: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    cursors: dict[str, Json] = field(default_factory=dict)
    page_size: int = 2000
    used: int = 0
    daily: int = 15000
    app_daily: int | None = None
    savepoints: list[Savepoint] = field(default_factory=list)
    refusal: tuple[str, str] | None = None
    """Code and message every write meets while it is set."""
    outage_until: datetime | None = None
    desk: Json = field(default_factory=dict)
    """How the service desk is set up: assignment rule, default owner, what a reply does to a case."""
    sharing: Json = field(default_factory=dict)
    """Objects that are private, and who was given a look at which row."""
    deliverability: str = "all"
    """no, system or all e-mail ("Configure Email Deliverability Settings")."""
    mail_left: int = 5000
    sent: list[Json] = field(default_factory=list)
    """Mails that left the org."""
    package: Json | None = None
    """How Deskhand's package is set up; None where it is not installed."""
    wakes: list[datetime] = field(default_factory=list)
    """Platform events published by transactions that are not yet heard."""
    messages: list[Json] = field(default_factory=list)
    """Outbound messages that were not acknowledged yet."""
    deploys: dict[str, Json] = field(default_factory=dict)
    installed: set[str] = field(default_factory=set)
    """Components that deployments made, as `Type:name`."""
    files: dict[str, bytes] = field(default_factory=dict)
    """Their files, as a retrieval shows them."""
    flow_versions: dict[str, Json] = field(default_factory=dict)
    """By flow: `numbers` of its versions, and the `active` one, 0 for none."""

    def new_id(self, prefix: str) -> str:
        self.counters[prefix] += 1
        return numbered(prefix, self.counters[prefix])

    def row(self, obj: str, id: str) -> Row | None:
        return self.tables[obj].get(id18(id))

    def find(self, obj: str, name: str, value: str) -> list[str]:
        """Ids of the rows whose indexed field holds this value; text without case."""
        return self.indexes[(obj, name)].get(value.casefold(), [])

    def children(self, obj: str, name: str, parent: str) -> list[Row]:
        """Rows of `obj` that refer to the parent, in the order they were made."""
        return [self.tables[obj][id] for id in self.find(obj, name, parent)]

    def any(self, id: str) -> tuple[str, Row] | None:
        """The object and row an id names, whatever object it is."""
        found = next((name for name, schema in self.objects.items() if schema.prefix and id.startswith(schema.prefix)
                      and id in self.tables[name]), None)
        return (found, self.tables[found][id]) if found else None

    def named(self, obj: str, name: str, by: str = "Name") -> Row | None:
        """The row of that name, without case."""
        wanted = name.casefold()
        return next((r for r in self.tables[obj].values() if str(r.get(by) or "").casefold() == wanted), None)

    def _index(self, obj: str, row: Row, add: bool) -> None:
        names = self.indexed.get(obj)
        if names is None:
            names = self.indexed[obj] = self.objects[obj].indexed() if obj in self.objects else ()
        for name in names:
            value = row.get(name)
            if value is None:
                continue
            ids = self.indexes[(obj, name)].setdefault(str(value).casefold(), [])
            ids.append(row["Id"]) if add else ids.remove(row["Id"])

    def put(self, obj: str, row: Row) -> None:
        """Writes a row as it stands, indexes it, and remembers what stood there while a transaction is open."""
        before = self.tables[obj].get(row["Id"])
        self._remember(obj, row["Id"], before)
        if before is not None:
            self._index(obj, before, add=False)
        self.tables[obj][row["Id"]] = row
        self._index(obj, row, add=True)

    def drop(self, obj: str, id: str) -> None:
        before = self.tables[obj].pop(id)
        self._remember(obj, id, before)
        self._index(obj, before, add=False)

    def clear(self, obj: str) -> None:
        for id in list(self.tables[obj]):
            self.drop(obj, id)

    def _remember(self, obj: str, id: str, before: Row | None) -> None:
        if self.savepoints:
            self.savepoints[-1].rows.setdefault((obj, id), copy.copy(before))

    def schema(self, made: SObject) -> None:
        """Puts an object, new or with other fields; its indexes are built anew."""
        self.objects[made.name] = made
        self.indexed.pop(made.name, None)
        for key in [k for k in self.indexes if k[0] == made.name]:
            self.indexes[key].clear()
        for row in self.tables[made.name].values():
            self._index(made.name, row, add=True)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything or nothing: an exception inside takes back every row and what was to be told."""
        self.savepoints.append(Savepoint({}, {name: len(getattr(self, name)) for name in GROWING}))
        try:
            yield
        except BaseException:
            self._take_back(self.savepoints.pop())
            raise
        done = self.savepoints.pop()
        if self.savepoints:
            for key, row in done.rows.items():
                self.savepoints[-1].rows.setdefault(key, row)

    def _take_back(self, point: Savepoint) -> None:
        around, self.savepoints = self.savepoints, []
        for (obj, id), row in reversed(point.rows.items()):
            if row is not None:
                self.bin[obj].pop(id, None)
                self.put(obj, row)
            elif id in self.tables[obj]:
                self.drop(obj, id)
        for name, length in point.lengths.items():
            del getattr(self, name)[length:]
        self.savepoints = around

    def blank(self, obj: str) -> Row:
        """A row of the object's defaults."""
        values: Row = {f.name: False if f.type == "boolean" else None for f in self.objects[obj].fields.values()}
        return {**values, **DEFAULTS.get(obj, {}), **self.desk.get("defaults", {}).get(obj, {})}

    def insert(self, obj: str, values: Row, by: str, now: datetime) -> Row:
        """A new row as the platform itself makes it: no checks, no automation; `by` is a user's id."""
        at = stamp(now)
        row = {**self.blank(obj), **values, "Id": values.get("Id") or self.new_id(self.objects[obj].prefix)}
        for name, value in (("CreatedDate", at), ("LastModifiedDate", at), ("SystemModstamp", at),
                            ("CreatedById", by), ("LastModifiedById", by)):
            if name in self.objects[obj].fields:
                row[name] = row.get(name) or value
        self.put(obj, row)
        return row


DEFAULTS: dict[str, Row] = {
    "Task": {"Status": "Not Started", "Priority": "Normal", "TaskSubtype": "Task"},
    "User": {"IsActive": True, "UserType": "Standard", "LanguageLocaleKey": "en_US", "LocaleSidKey": "en_US",
             "TimeZoneSidKey": "Europe/Berlin", "EmailEncodingKey": "UTF-8"},
    "Case": {"Status": "New", "Priority": "Medium"},
    "FeedItem": {"Type": "TextPost", "Visibility": "AllUsers", "Status": "Published", "CommentCount": 0,
                 "LikeCount": 0},
    "PermissionSetAssignment": {"IsActive": True}, "RecordType": {"IsActive": True},
    "PermissionSet": {"IsCustom": True, "Type": "Regular"}, "Group": {"Type": "Regular"},
    "ContentDocumentLink": {"ShareType": "V", "Visibility": "AllUsers"}}
