"""The org's books: rows, indexes, ids, history, and what happens when a row is saved.

Every save runs in Salesforce's order of execution as far as it is modelled: locks, field checks, validation rules,
duplicate rules, before-save flows, write, history, flows that come later ("Triggers and Order of Execution").
"""

from __future__ import annotations

import copy
import re
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from connectors.salesforce.standin.schema import Field, SObject, custom_field, standard_objects

Json = dict[str, Any]
Row = dict[str, Any]
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
INDEXED = {"Contact": ("Email", "AccountId"), "Task": ("WhoId",), "ContactHistory": ("ContactId",)}
HISTORY_TRACKED = ("Email", "Phone", "MobilePhone", "FirstName", "LastName")


class Refused(Exception):
    """A save or read that Salesforce refuses, with the body it answers."""

    def __init__(self, code: str, message: str, fields: list[str] | None = None, status: int = 400,
                 more: Json | None = None) -> None:
        super().__init__(message)
        body: Json = {"message": message, "errorCode": code}
        if fields is not None:
            body["fields"] = fields
        self.status, self.body = status, [{**body, **(more or {})}]


def checksum(id15: str) -> str:
    """The three characters that make a 15-character id safe where case is lost ("ID Field Type")."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
    chunks = (id15[i: i + 5] for i in (0, 5, 10))
    return "".join(letters[sum(1 << i for i, c in enumerate(chunk) if "A" <= c <= "Z")] for chunk in chunks)


def id18(given: str) -> str:
    """The 18-character form of an id; text that is no id comes back as it is."""
    return given + checksum(given) if re.fullmatch(r"[0-9A-Za-z]{15}", given) else given


def is_id(given: str) -> bool:
    return re.fullmatch(r"[0-9A-Za-z]{18}", given) is not None and checksum(given[:15]) == given[15:]


def stamp(at: datetime) -> datetime:
    """Salesforce keeps whole seconds."""
    return at.astimezone(UTC).replace(microsecond=0)


def moment(given: Any, now: datetime) -> datetime:
    """A time of a world: ISO text, or an offset from now such as "-2d", "-90m", "-10s"."""
    if isinstance(given, datetime):
        return stamp(given)
    offset = re.fullmatch(r"([+-]?\d+)([smhd])", str(given))
    if offset:
        unit = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}[offset[2]]
        return stamp(now + timedelta(**{unit: int(offset[1])}))
    at = datetime.fromisoformat(str(given).replace("+0000", "+00:00"))
    return stamp(at if at.tzinfo else at.replace(tzinfo=UTC))


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
    rows: dict[tuple[str, str], Row | None] = field(default_factory=dict)
    changes: int = 0
    later: int = 0


@dataclass
class Org:
    """All books of one org; a deep copy is another org."""

    id: str = "00D5e000000DHskEAG"
    domain: str = "acme"
    clients: dict[str, Json] = field(default_factory=dict)
    tokens: dict[str, Json] = field(default_factory=dict)
    session_seconds: int = 7200
    objects: dict[str, SObject] = field(default_factory=standard_objects)
    tables: dict[str, dict[str, Row]] = field(default_factory=lambda: defaultdict(dict))
    indexes: dict[tuple[str, str], dict[str, list[str]]] = field(default_factory=lambda: defaultdict(dict))
    changes: list[Json] = field(default_factory=list)
    history: tuple[str, ...] | None = HISTORY_TRACKED
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
    savepoint: Savepoint | None = None
    refusal: tuple[str, str] | None = None
    """Code and message every write meets while it is set."""

    def new_id(self, prefix: str) -> str:
        self.counters[prefix] += 1
        number, digits = self.counters[prefix], ""
        while number:
            number, rest = divmod(number, 62)
            digits = ALPHABET[rest] + digits
        plain = f"{prefix}5e{digits.rjust(10, '0')}"
        return plain + checksum(plain)

    def row(self, obj: str, id: str) -> Row | None:
        return self.tables[obj].get(id18(id))

    def find(self, obj: str, name: str, value: str) -> list[str]:
        """Ids of the rows whose indexed field holds this value; text without case."""
        return self.indexes[(obj, name)].get(value.casefold(), [])

    def _index(self, obj: str, row: Row, add: bool) -> None:
        for name in INDEXED.get(obj, ()):
            value = row.get(name)
            if value is None:
                continue
            ids = self.indexes[(obj, name)].setdefault(str(value).casefold(), [])
            ids.append(row["Id"]) if add else ids.remove(row["Id"])

    def put(self, obj: str, row: Row) -> None:
        """Writes a row as it stands, indexes it, and remembers what stood there while a savepoint is open."""
        before = self.tables[obj].get(row["Id"])
        if self.savepoint is not None:
            self.savepoint.rows.setdefault((obj, row["Id"]), copy.copy(before))
        if before is not None:
            self._index(obj, before, add=False)
        self.tables[obj][row["Id"]] = row
        self._index(obj, row, add=True)

    def drop(self, obj: str, id: str) -> None:
        before = self.tables[obj].pop(id)
        if self.savepoint is not None:
            self.savepoint.rows.setdefault((obj, id), copy.copy(before))
        self._index(obj, before, add=False)

    def open_savepoint(self) -> None:
        self.savepoint = Savepoint(changes=len(self.changes), later=len(self.later))

    def close_savepoint(self, keep: bool) -> None:
        """Ends the transaction; without `keep` every row is as it was."""
        point, self.savepoint = self.savepoint, None
        if point is None or keep:
            return
        for (obj, id), row in reversed(point.rows.items()):
            if row is None:
                self.drop(obj, id)
            else:
                self.put(obj, row)
        del self.changes[point.changes:]
        del self.later[point.later:]

    def create(self, obj: str, values: Row, by: Row, now: datetime, *, allow_duplicates: bool = False) -> Row:
        """A new row after all checks; raises Refused."""
        self._open()
        values = self._accepted(obj, values, creating=True, closed=self.hidden | self.read_only)
        needed = [f.name for f in self.objects[obj].fields.values()
                  if f.createable and f.type != "boolean" and not (f.nillable or f.defaulted)]
        missing = [name for name in needed if values.get(name) is None]
        if missing:
            raise Refused("REQUIRED_FIELD_MISSING", f"Required fields are missing: [{', '.join(missing)}]", missing)
        row = {**self._blank(obj), **values}
        self._check_rules(obj, row, set(values), allow_duplicates)
        self._run_flows(obj, row, {}, by, now)
        return self._finish(obj, {**row, "Id": self.new_id(self.objects[obj].prefix)}, by, now, created=True)

    def update(self, obj: str, id: str, values: Row, by: Row, now: datetime, *, allow_duplicates: bool = False,
               admin: bool = False) -> Row:
        """The row with these fields changed, after all checks; raises Refused. An `admin` sees every field."""
        before = self.tables[obj][id]
        self._open(id)
        values = self._accepted(obj, values, creating=False, closed=set() if admin else self.hidden | self.read_only)
        row = {**before, **values}
        self._check_rules(obj, row, set(values), allow_duplicates)
        self._run_flows(obj, row, before, by, now)
        return self._finish(obj, row, by, now, created=False)

    def _open(self, id: str = "") -> None:
        if self.refusal is not None:
            raise Refused(*self.refusal, [])
        if id in self.locked:
            raise Refused("UNABLE_TO_LOCK_ROW",
                          f"unable to obtain exclusive access to this record or 1 records: {id}", [])

    def _blank(self, obj: str) -> Row:
        values: Row = {f.name: False if f.type == "boolean" else None for f in self.objects[obj].fields.values()}
        defaults: dict[str, Row] = {"Task": {"Status": "Not Started", "Priority": "Normal", "TaskSubtype": "Task"},
                    "User": {"IsActive": True, "UserType": "Standard"}}
        return {**values, **defaults.get(obj, {})}

    def _accepted(self, obj: str, values: Row, *, creating: bool, closed: set[str]) -> Row:
        """The values as they would be kept: known, writable, of their type; raises Refused at the first that is not."""
        schema, kept = self.objects[obj], {}
        for name, value in values.items():
            if name == "attributes":
                continue
            found = schema.find(name)
            if found is None or f"{obj}.{found.name}" in closed & self.hidden:
                raise Refused("INVALID_FIELD", f"No such column '{name}' on sobject of type {obj}")
            if not (found.createable if creating else found.updateable) or f"{obj}.{found.name}" in closed:
                raise Refused("INVALID_FIELD_FOR_INSERT_UPDATE",
                              f"Unable to create/update fields: {found.name}. Please check the security settings of "
                              "this field and verify that it is read/write for your profile or permission set.",
                              [found.name])
            kept[found.name] = self._typed(found, value)
        return kept

    def _typed(self, f: Field, value: Any) -> Any:
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
        if f.length and len(value) > f.length:
            raise Refused("STRING_TOO_LONG", f"{f.name}: data value too large: {value} (max length={f.length})",
                          [f.name])
        if f.type == "email" and not re.fullmatch(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>.]+", value):
            raise Refused("INVALID_EMAIL_ADDRESS", f"{f.name}: invalid email address: {value}", [f.name])
        if f.restricted and value not in f.picklist:
            raise Refused("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
                          f"{f.name}: bad value for restricted picklist field: {value}", [f.name])
        return self._referred(f, value) if f.type == "reference" else self._dated(f, value)

    def _referred(self, f: Field, value: str) -> str:
        id = id18(value)
        target = self.objects.get(f.refers_to)
        if not is_id(id):
            raise Refused("MALFORMED_ID", f"{f.name}: id value of incorrect type: {value}", [f.name])
        if target and (not id.startswith(target.prefix) or id not in self.tables[f.refers_to]):
            raise Refused("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", [])
        return id

    def _dated(self, f: Field, value: Any) -> Any:
        if f.type not in ("date", "datetime"):
            return value
        try:
            return date.fromisoformat(value) if f.type == "date" else moment(value, datetime.now(UTC))
        except ValueError:
            raise Refused("JSON_PARSER_ERROR", f"Cannot deserialize instance of {f.type} from VALUE_STRING value "
                          f"{value} or request may be missing a required field at [line:1, column:2]") from None

    def _check_rules(self, obj: str, row: Row, written: set[str], allow_duplicates: bool) -> None:
        for rule in self.validation_rules:
            name = rule["field"]
            if rule.get("object", "Contact") == obj and name in written and not re.fullmatch(
                    rule["pattern"], str(row.get(name) or "")):
                raise Refused("FIELD_CUSTOM_VALIDATION_EXCEPTION", rule["message"], [name])
        for rule in self.duplicate_rules:
            name = rule["field"]
            if rule.get("object", "Contact") == obj and name in written and not allow_duplicates:
                self._check_duplicate(obj, name, row)

    def _check_duplicate(self, obj: str, name: str, row: Row) -> None:
        twins = [r["Id"] for r in self.tables[obj].values()
                 if r.get(name) is not None and r.get(name) == row.get(name) and r["Id"] != row.get("Id")]
        if twins:
            found = {"allowSave": True, "duplicateRule": f"Standard_{obj}_Duplicate_Rule", "duplicateRuleEntityType":
                     obj, "errorMessage": "Use one of these records?", "matchResults": [{"entityType": obj, "errors":
                     [], "matchEngine": "ExactMatchEngine", "matchRecords": [{"record": {"attributes": {"type": obj},
                                                                                        "Id": id}} for id in twins],
                      "rule": f"Standard_{obj}_Match_Rule", "size": len(twins), "success": True}]}
            raise Refused("DUPLICATES_DETECTED", "Use one of these records?", more={"duplicateResult": found})

    def _run_flows(self, obj: str, row: Row, before: Row, by: Row, now: datetime) -> None:
        """Flows of the world: `do` is revert, set, fail, or later (the old value comes back after `seconds`)."""
        for flow in self.flows:
            name = flow["field"]
            if flow.get("object", "Contact") != obj or row.get(name) == before.get(name):
                continue
            if flow["do"] == "fail":
                raise Refused("CANNOT_EXECUTE_FLOW_TRIGGER",
                              f"We can't save this record because the “{flow.get('name', 'Contact Check')}” process "
                              "failed. Give your Salesforce admin these details.", [])
            if flow["do"] == "later":
                due = stamp(now + timedelta(seconds=flow.get("seconds", 60)))
                self.later.append(Later(due, obj, row.get("Id", ""), {name: before.get(name)}, flow.get("by", "Flow")))
            else:
                row[name] = before.get(name) if flow["do"] == "revert" else flow.get("value")

    def _finish(self, obj: str, row: Row, by: Row, now: datetime, *, created: bool) -> Row:
        at, before = stamp(now), self.tables[obj].get(row["Id"], {})
        if created:
            row |= {"CreatedDate": at, "CreatedById": by["Id"], "OwnerId": row.get("OwnerId") or by["Id"]}
        row |= {"LastModifiedDate": at, "SystemModstamp": at, "LastModifiedById": by["Id"]}
        self.derive(obj, row)
        self.put(obj, row)
        if not created and obj == "Contact":
            self._remember(before, row, by["Name"], by["Id"], at)
        return row

    def derive(self, obj: str, row: Row) -> None:
        """Fills the fields the platform computes itself."""
        if obj in ("Contact", "User"):
            row["Name"] = " ".join(p for p in (row.get("FirstName"), row.get("LastName")) if p)
        if obj == "Contact":
            row["IsEmailBounced"] = row.get("EmailBouncedDate") is not None
        if obj == "Task":
            who = self.tables["Contact"].get(row.get("WhoId") or "", {})
            row["AccountId"] = row.get("AccountId") or who.get("AccountId")
            row["IsClosed"], row["IsHighPriority"] = row["Status"] == "Completed", row["Priority"] == "High"
            row["CompletedDateTime"] = row.get("CompletedDateTime") or (
                row["LastModifiedDate"] if row["IsClosed"] else None)

    def _remember(self, before: Row, after: Row, by: str, by_id: str, at: datetime) -> None:
        system = ("LastModifiedDate", "SystemModstamp", "LastModifiedById", "Name", "IsEmailBounced")
        for name, value in after.items():
            if name in system or before.get(name) == value:
                continue
            self.changes.append({"contact": after["Id"], "field": name, "old": before.get(name), "new": value,
                                 "by": by, "at": at.isoformat()})
            if self.history is not None and name in self.history:
                self.add_history(after["Id"], name, before.get(name), value, at, by_id)

    def add_history(self, contact: str, name: str, old: Any, new: Any, at: datetime, by: str) -> None:
        self.put("ContactHistory", {
            **self._blank("ContactHistory"), "Id": self.new_id("017"), "ContactId": contact, "Field": name,
            "DataType": "Text", "OldValue": old, "NewValue": new, "CreatedDate": at, "CreatedById": by})

    def run_due(self, now: datetime) -> None:
        """Lets scheduled flow paths write whose time has come."""
        due = [each for each in self.later if each.due <= now]
        self.later = [each for each in self.later if each.due > now]
        for each in due:
            row = self.tables[each.object].get(each.id)
            if row is not None:
                by = {"Id": row["LastModifiedById"], "Name": each.by}
                self._finish(each.object, {**row, **each.values}, by, each.due, created=False)

    def add(self, obj: str, given: Json, now: datetime, by: str) -> Row:
        """A row of a world as it is given: no checks but ids, types of custom fields, times as offsets allowed."""
        for name, value in given.items():
            if name.endswith("__c") and name not in self.objects[obj].fields:
                self.objects[obj] = self.objects[obj].plus(custom_field(name, value))
        row = {**self._blank(obj), **{k: v for k, v in given.items() if k in self.objects[obj].fields}}
        unknown = set(given) - set(self.objects[obj].fields) - {"history", "Account"}
        if unknown:
            raise ValueError(f"{obj} has no field {', '.join(sorted(unknown))}")
        row["Id"] = self._given_id(given.get("Id") or self.new_id(self.objects[obj].prefix), obj)
        for name in ("AccountId", "WhoId", "WhatId", "OwnerId"):
            if row.get(name):
                row[name] = id18(row[name])
        for name in ("CreatedDate", "LastModifiedDate", "EmailBouncedDate"):
            if row.get(name):
                row[name] = moment(row[name], now)
        row["CreatedDate"] = row["CreatedDate"] or stamp(now - timedelta(days=365))
        row["LastModifiedDate"] = row["LastModifiedDate"] or row["CreatedDate"]
        row["SystemModstamp"] = row["LastModifiedDate"]
        for name in ("CreatedById", "LastModifiedById", "OwnerId"):
            if name in row and not row[name]:
                row[name] = by
        self.derive(obj, row)
        self.put(obj, row)
        return row

    def _given_id(self, given: str, obj: str) -> str:
        id = id18(given)
        if not is_id(id) or not id.startswith(self.objects[obj].prefix):
            right = given[:15] + checksum(given[:15]) if len(given) >= 15 else "15 or 18 characters"
            raise ValueError(f"{given} is not the id of a {obj}: {right}, beginning with {self.objects[obj].prefix}")
        return id
