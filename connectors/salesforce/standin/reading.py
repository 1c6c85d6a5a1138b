"""Reading the org: SOQL over the books, and rows as Salesforce renders them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from connectors.salesforce.standin import soql
from connectors.salesforce.standin.org import Json, Org, Row, id18
from connectors.salesforce.standin.schema import Field, SObject

NO_COLUMN = ("No such column '{0}' on entity '{1}'. If you are attempting to use a custom field, be sure to append "
             "the '__c' after the custom field name. Please reference your WSDL or the describe call for the "
             "appropriate names.")
NO_TYPE = ("sObject type '{0}' is not supported. If you are attempting to use a custom object, be sure to append the "
           "'__c' after the entity name. Please reference your WSDL or the describe call for the appropriate names.")


def spoken(value: Any) -> Any:
    """A value as the REST API writes it."""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S.000+0000")
    return value.isoformat() if isinstance(value, date) else value


class Reader:
    """Answers reads as one user: objects and fields that user cannot see do not exist for it."""

    def __init__(self, org: Org, readable: frozenset[str], version: str, now: datetime) -> None:
        self.org, self.readable, self.version, self.now = org, readable, version, now

    def object(self, name: str) -> SObject | None:
        found = next((o for o in self.org.objects.values() if o.name.lower() == name.lower()), None)
        if found is None or (found.name == "ContactHistory" and self.org.history is None):
            return None
        seen = {"ContactHistory": "Contact", "FieldDefinition": "Contact"}.get(found.name, found.name)
        return found if seen in self.readable else None

    def field(self, obj: SObject, name: str) -> Field | None:
        found = obj.find(name)
        return None if found is None or f"{obj.name}.{found.name}" in self.org.hidden else found

    def visible(self, obj: SObject) -> list[Field]:
        return [f for f in obj.fields.values() if f"{obj.name}.{f.name}" not in self.org.hidden]

    def path(self, obj: SObject, dotted: str, at: int) -> tuple[list[Field], Field, SObject]:
        """The relationships a path follows, and the field it ends in; raises INVALID_FIELD as SOQL does."""
        steps: list[Field] = []
        *relations, last = dotted.split(".")
        if relations and relations[0].lower() == obj.name.lower():
            relations = relations[1:]
        for name in relations:
            step = obj.following(name)
            target = self.object(step.refers_to) if step else None
            if step is None or target is None or f"{obj.name}.{step.name}" in self.org.hidden:
                raise soql.Malformed(f"Didn't understand relationship '{name}' in field path. If you are attempting "
                                     "to use a custom relationship, be sure to append the '__r' after the custom "
                                     "relationship name.", at, "INVALID_FIELD")
            steps.append(step)
            obj = target
        found = self.field(obj, last)
        if found is None:
            raise soql.Malformed(NO_COLUMN.format(last, obj.name), at, "INVALID_FIELD")
        return steps, found, obj

    def record(self, obj: SObject, row: Row, fields: Iterable[Field]) -> Json:
        return {"attributes": self.attributes(obj.name, row["Id"]), **{f.name: self.value(row, f) for f in fields}}

    def attributes(self, name: str, id: str) -> Json:
        return {"type": name, "url": f"/services/data/{self.version}/sobjects/{name}/{id}"}

    def value(self, row: Row, f: Field) -> Any:
        if f.type != "address":
            return spoken(row.get(f.name))
        prefix = f.name.removesuffix("Address")
        parts = {"city": "City", "country": "Country", "postalCode": "PostalCode", "state": "State",
                 "street": "Street"}
        address: Json = {key: row.get(prefix + name) for key, name in parts.items()}
        address |= {"geocodeAccuracy": None, "latitude": None, "longitude": None}
        return dict(sorted(address.items())) if any(address.values()) else None

    def query(self, text: str) -> tuple[int, list[Json]]:
        """Count and rendered rows of a SOQL query; raises soql.Malformed."""
        asked = soql.parse(text)
        obj = self.object(asked.source)
        if obj is None:
            raise soql.Malformed(NO_TYPE.format(asked.source), asked.source_at, "INVALID_TYPE")
        chosen = self._chosen(obj, asked)
        if asked.where is not None:
            self._check(obj, asked.where)
        rows = [row for row in self._candidates(obj, asked.where) if self._shown(obj, row)
                and (asked.where is None or self._meets(obj, row, asked.where))]
        for dotted, descending, nulls_first in reversed(asked.order):
            self._sort(obj, rows, dotted, descending, nulls_first)
        rows = rows[asked.offset:][: asked.limit] if asked.limit is not None else rows[asked.offset:]
        return len(rows), [] if asked.count else [self._rendered(obj, row, chosen) for row in rows]

    def _chosen(self, obj: SObject, asked: soql.Query) -> list[tuple[list[Field], Field]]:
        seen: set[str] = set()
        chosen = []
        for dotted, at in asked.fields:
            steps, found, _ = self.path(obj, dotted, at)
            if dotted.lower() in seen:
                raise soql.Malformed(f"duplicate field selected: {dotted}", at, "INVALID_FIELD")
            seen.add(dotted.lower())
            chosen.append((steps, found))
        return chosen

    def _shown(self, obj: SObject, row: Row) -> bool:
        return obj.name != "ContactHistory" or f"Contact.{row['Field']}" not in self.org.hidden

    def _check(self, obj: SObject, where: soql.Condition) -> None:
        if isinstance(where, soql.Group):
            for part in where.parts:
                self._check(obj, part)
            return
        _, found, _ = self.path(obj, where.path, where.at)
        if not found.filterable:
            raise soql.Malformed(f"field '{where.path}' can not be filtered in a query call", where.at,
                                 "INVALID_FIELD")
        soql.checked(where, found.type)
        for value in where.values:
            if value.kind == "string":
                soql.unescaped(value.raw, value.at)

    def _meets(self, obj: SObject, row: Row, where: soql.Condition) -> bool:
        if isinstance(where, soql.Test):
            steps, found, _ = self.path(obj, where.path, where.at)
            end = self._follow(row, steps)
            actual = end.get(found.name) if end is not None else None
            return soql.matches(where, found.type, actual, self.now, id18)
        if where.joined == "NOT":
            return not self._meets(obj, row, where.parts[0])
        either = any if where.joined == "OR" else all
        return either(self._meets(obj, row, part) for part in where.parts)

    def _follow(self, row: Row | None, steps: list[Field]) -> Row | None:
        for step in steps:
            row = self.org.tables[step.refers_to].get(row.get(step.name) or "") if row is not None else None
        return row

    def _candidates(self, obj: SObject, where: soql.Condition | None) -> list[Row]:
        if obj.name == "FieldDefinition":
            return self._definitions()
        table = self.org.tables[obj.name]
        ids = self._indexed(obj, where) if where is not None else None
        return list(table.values()) if ids is None else [table[id] for id in ids if id in table]

    def _definitions(self) -> list[Row]:
        """The fields of Contact as rows (Tooling API, "FieldDefinition")."""
        return [{"Id": f"Contact.{f.name}", "DurableId": f"Contact.{f.name}", "EntityDefinitionId": "Contact",
                 "QualifiedApiName": f.name, "Label": f.name, "DataType": f.type,
                 "IsFieldHistoryTracked": f.name in (self.org.history or ())}
                for f in self.visible(self.org.objects["Contact"])]

    def _indexed(self, obj: SObject, where: soql.Condition) -> list[str] | None:
        """Ids that may meet the condition, from an index; None when there is none to use."""
        if isinstance(where, soql.Group):
            found = [self._indexed(obj, part) for part in where.parts]
            if where.joined == "AND":
                return min((ids for ids in found if ids is not None), key=len, default=None)
            if where.joined == "OR" and all(ids is not None for ids in found):
                return list(dict.fromkeys(id for ids in found for id in ids or []))
            return None
        if where.operator not in ("=", "IN") or any(v.kind != "string" for v in where.values):
            return None
        return self._looked_up(obj.name, where.path, [id18(str(soql.literal(v))) for v in where.values])

    def _looked_up(self, name: str, dotted: str, values: list[str]) -> list[str] | None:
        relation, _, rest = dotted.partition(".")
        if rest:
            step = self.org.objects[name].following(relation)
            targets = self._looked_up(step.refers_to, rest, values) if step else None
            return None if step is None or targets is None else self._looked_up(name, step.name, targets)
        if dotted.lower() == "id":
            return [v for v in values if v in self.org.tables[name]]
        known = next((n for o, n in self.org.indexes if o == name and n.lower() == dotted.lower()), None)
        return None if known is None else list(dict.fromkeys(
            id for v in values for id in self.org.find(name, known, v)))

    def _sort(self, obj: SObject, rows: list[Row], dotted: str, descending: bool, nulls_first: bool) -> None:
        steps, found, _ = self.path(obj, dotted, 0)
        values = {row["Id"]: (self._follow(row, steps) or {}).get(found.name) for row in rows}
        filled = [r for r in rows if values[r["Id"]] is not None]
        empty = [r for r in rows if values[r["Id"]] is None]

        def key(row: Row) -> Any:
            value = values[row["Id"]]
            return value.casefold() if isinstance(value, str) else value

        filled.sort(key=key, reverse=descending)
        rows[:] = empty + filled if nulls_first else filled + empty

    def _rendered(self, obj: SObject, row: Row, chosen: list[tuple[list[Field], Field]]) -> Json:
        made: Json = {"attributes": self.attributes(obj.name, row["Id"])}
        for steps, found in chosen:
            self._place(made, row, steps, found)
        return made

    def _place(self, into: Json, row: Row, steps: list[Field], found: Field) -> None:
        if not steps:
            into[found.name] = self.value(row, found)
            return
        step, *rest = steps
        target = self._follow(row, [step])
        if target is None:
            into[step.relationship] = None
            return
        inner = into.setdefault(step.relationship, {"attributes": self.attributes(step.refers_to, target["Id"])})
        self._place(inner, target, rest, found)
