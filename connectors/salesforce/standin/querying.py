"""SOQL over the books, as one user sees them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from connectors.salesforce.standin import soql
from connectors.salesforce.standin.access import access_rows, hidden_from
from connectors.salesforce.standin.comparing import checked, literal, matches, sortable, unescaped
from connectors.salesforce.standin.ids import id18, spoken
from connectors.salesforce.standin.org import Json, Row
from connectors.salesforce.standin.reading import NO_TYPE, Reader
from connectors.salesforce.standin.schema import Field, SObject

MOST_OFFSET = 2000


def query(reader: Reader, text: str) -> tuple[int, list[Json]]:
    """Count and rendered rows of a SOQL query; raises soql.Malformed."""
    asked = soql.parse(text)
    obj = reader.object(asked.source)
    if obj is None:
        raise soql.Malformed(NO_TYPE.format(asked.source), asked.source_at, "INVALID_TYPE")
    if asked.offset > MOST_OFFSET:
        raise soql.Malformed("Maximum SOQL offset allowed is 2000", asked.source_at, "NUMBER_OUTSIDE_VALID_RANGE")
    return Asking(reader, obj, asked).answer()


class Asking:
    """One query of one object: the top one, or the rows below one parent."""

    def __init__(self, reader: Reader, obj: SObject, asked: soql.Query) -> None:
        self.reader, self.org, self.obj, self.asked = reader, reader.org, obj, asked
        self.chosen = self._chosen()
        self.below = [Below(reader, obj, child) for child in asked.children]
        self.inner: dict[int, set[str]] = {}
        self.paths: dict[int, tuple[list[Field], Field]] = {}
        """Of each test, by its `id`."""
        if asked.where is not None:
            self._check(asked.where, alone=True)

    def answer(self) -> tuple[int, list[Json]]:
        rows = self.rows(self._candidates())
        if self.asked.aggregates or self.asked.grouped:
            made = self._aggregated(rows)
            return len(made), made
        return len(rows), [] if self.asked.count else [self.rendered(row) for row in rows]

    def rows(self, candidates: Iterable[Row]) -> list[Row]:
        """Those that meet the conditions, in the order and number asked for."""
        asked = self.asked
        rows = [row for row in candidates
                if self._shown(row) and (asked.where is None or self._meets(row, asked.where))]
        for dotted, descending, nulls_first in reversed(asked.order):
            self._sort(rows, dotted, descending, nulls_first)
        return rows[asked.offset:][: asked.limit] if asked.limit is not None else rows[asked.offset:]

    def rendered(self, row: Row) -> Json:
        made: Json = {"attributes": self.reader.attributes(self.obj.name, row["Id"])}
        for steps, found in self.chosen:
            self.reader.place(made, row, steps, found)
        for below in self.below:
            made[below.name] = below.of(row)
        return made

    def _chosen(self) -> list[tuple[list[Field], Field]]:
        seen: set[str] = set()
        chosen = []
        for dotted, at in self.asked.fields:
            steps, found, _ = self.reader.path(self.obj, dotted, at)
            if dotted.lower() in seen:
                raise soql.Malformed(f"duplicate field selected: {dotted}", at, "INVALID_FIELD")
            seen.add(dotted.lower())
            chosen.append((steps, found))
        return chosen

    def _shown(self, row: Row) -> bool:
        if hidden_from(self.org, self.reader.user, self.obj.name, row):
            return False
        parent = {"ContactHistory": "Contact", "CaseHistory": "Case"}.get(self.obj.name)
        return parent is None or f"{parent}.{row['Field']}" not in self.org.hidden

    def _check(self, where: soql.Condition, *, alone: bool) -> None:
        """Refuses what SOQL refuses before it looks at any row; `alone` says that no OR stands around."""
        if isinstance(where, soql.Group):
            for part in where.parts:
                self._check(part, alone=alone and where.joined != "OR")
            return
        steps, found, _ = self.reader.path(self.obj, where.path, where.at)
        self.paths[id(where)] = steps, found
        if not found.filterable:
            raise soql.Malformed(f"field '{where.path}' can not be filtered in a query call", where.at,
                                 "INVALID_FIELD")
        if where.inner is not None:
            self._join(where, found, alone)
            return
        checked(where, found.type)
        for value in where.values:
            if value.kind == "string":
                unescaped(value.raw, value.at)

    def _join(self, where: soql.Test, found: Field, alone: bool) -> None:
        """Runs a semi-join once ("Comparison Operators", semi-joins and anti-joins)."""
        inner = where.inner
        if inner is None:
            return
        if not alone:
            raise soql.Malformed("Semi join sub-selects are only allowed at the top level WHERE expressions and not in "
                                 "nested WHERE expressions.", where.at)
        source = self.reader.object(inner.source)
        if source is None:
            raise soql.Malformed(NO_TYPE.format(inner.source), inner.source_at, "INVALID_TYPE")
        if found.type not in ("id", "reference") or len(inner.fields) != 1:
            raise soql.Malformed("The left operand and the inner select field must be ids or references", where.at)
        asking = Asking(self.reader, source, inner)
        [(steps, wanted)] = asking.chosen
        if wanted.type not in ("id", "reference"):
            raise soql.Malformed("The inner select field must be an id or a reference", where.at)
        ends = (self.reader.follow(row, steps) for row in asking.rows(asking._candidates()))
        self.inner[id(where)] = {str(end[wanted.name]) for end in ends if end is not None and end.get(wanted.name)}
        if len(self.inner) > 2:
            raise soql.Malformed("Maximum 2 semi join sub-selects are allowed", where.at)

    def _meets(self, row: Row, where: soql.Condition) -> bool:
        if isinstance(where, soql.Test):
            steps, found = self.paths[id(where)]
            end = self.reader.follow(row, steps)
            actual = end.get(found.name) if end is not None else None
            if where.inner is not None:
                return (actual in self.inner[id(where)]) == (where.operator == "IN")
            return matches(where, found.type, actual, self.reader.now, id18)
        if where.joined == "NOT":
            return not self._meets(row, where.parts[0])
        either = any if where.joined == "OR" else all
        return either(self._meets(row, part) for part in where.parts)

    def _candidates(self) -> list[Row]:
        name = self.obj.name
        if name == "FieldDefinition":
            return self._definitions()
        if name == "UserRecordAccess":
            return access_rows(self.org, self.asked.where)
        table, bin = self.org.tables[name], list(self.org.bin[name].values()) if self.reader.deleted else []
        ids = self._indexed(self.asked.where) if self.asked.where is not None else None
        return (list(table.values()) if ids is None else [table[id] for id in ids if id in table]) + bin

    def _definitions(self) -> list[Row]:
        """The fields of Contact and Case as rows (Tooling API, "FieldDefinition")."""
        kept = {"Contact": self.org.history or (), "Case": self.org.case_history}
        return [{"Id": f"{name}.{f.name}", "DurableId": f"{name}.{f.name}", "EntityDefinitionId": name,
                 "QualifiedApiName": f.name, "Label": f.name, "DataType": f.type,
                 "IsFieldHistoryTracked": f.name in tracked}
                for name, tracked in kept.items() for f in self.reader.visible(self.org.objects[name])]

    def _indexed(self, where: soql.Condition) -> list[str] | None:
        """Ids that may meet the condition, from an index; None when there is none to use."""
        if isinstance(where, soql.Group):
            found = [self._indexed(part) for part in where.parts]
            if where.joined == "AND":
                return min((ids for ids in found if ids is not None), key=len, default=None)
            if where.joined == "OR" and all(ids is not None for ids in found):
                return list(dict.fromkeys(id for ids in found for id in ids or []))
            return None
        if where.inner is not None:
            return self._looked_up(self.obj.name, where.path, sorted(self.inner[id(where)])) \
                if where.operator == "IN" else None
        if where.operator not in ("=", "IN") or any(v.kind != "string" for v in where.values):
            return None
        return self._looked_up(self.obj.name, where.path, [id18(str(literal(v))) for v in where.values])

    def _looked_up(self, name: str, dotted: str, values: list[str]) -> list[str] | None:
        relation, _, rest = dotted.partition(".")
        if rest:
            step = self.org.objects[name].following(relation)
            if step is None or len(step.refers_to) != 1:
                return None
            targets = self._looked_up(step.refers_to[0], rest, values)
            return None if targets is None else self._looked_up(name, step.name, targets)
        if dotted.lower() == "id":
            return [v for v in values if v in self.org.tables[name]]
        known = next((n for n in self.org.objects[name].indexed() if n.lower() == dotted.lower()), None)
        return None if known is None else list(dict.fromkeys(
            id for v in values for id in self.org.find(name, known, v)))

    def _sort(self, rows: list[Row], dotted: str, descending: bool, nulls_first: bool) -> None:
        steps, found, _ = self.reader.path(self.obj, dotted, 0)
        values = {row["Id"]: (self.reader.follow(row, steps) or {}).get(found.name) for row in rows}
        filled = [r for r in rows if values[r["Id"]] is not None]
        empty = [r for r in rows if values[r["Id"]] is None]
        filled.sort(key=lambda row: sortable(values[row["Id"]]), reverse=descending)
        rows[:] = empty + filled if nulls_first else filled + empty

    def _aggregated(self, rows: list[Row]) -> list[Json]:
        """One row per group; their attributes bear no address ("GROUP BY")."""
        paths = [self.reader.path(self.obj, dotted, at) for dotted, at in self.asked.grouped]
        if len(self.asked.fields) > len(paths):
            raise soql.Malformed(f"Field must be grouped or aggregated: {self.asked.fields[0][0]}",
                                 self.asked.fields[0][1])
        groups: dict[tuple[Any, ...], list[Row]] = {} if paths else {(): rows}
        for row in rows if paths else ():
            key = tuple((self.reader.follow(row, steps) or {}).get(f.name) for steps, f, _ in paths)
            groups.setdefault(key, []).append(row)
        return [{"attributes": {"type": "AggregateResult"},
                 **{f.name: spoken(value) for (_, f, _), value in zip(paths, key, strict=True)},
                 **{a.alias: self._aggregate(a, members) for a in self.asked.aggregates}}
                for key, members in groups.items()]

    def _aggregate(self, wanted: soql.Aggregate, rows: list[Row]) -> Any:
        steps, found, _ = self.reader.path(self.obj, wanted.path, wanted.at)
        values = [v for row in rows if (v := (self.reader.follow(row, steps) or {}).get(found.name)) is not None]
        does: dict[str, Any] = {"COUNT": len, "COUNT_DISTINCT": lambda v: len(set(v)), "SUM": sum,
                                "MAX": lambda v: max(v, default=None), "MIN": lambda v: min(v, default=None)}
        return spoken(does[wanted.function](values))


class Below:
    """A sub-query of children: rows of one parent, as a result of their own, null when there are none."""

    def __init__(self, reader: Reader, parent: SObject, asked: soql.Query) -> None:
        self.obj, self.by = reader.children(parent, asked.source, asked.source_at)
        self.name, self.org = self.by.children, reader.org
        self.asking = Asking(reader, self.obj, asked)

    def of(self, parent: Row) -> Json | None:
        rows = self.asking.rows(self.org.children(self.obj.name, self.by.name, parent["Id"]))
        if not rows:
            return None
        return {"totalSize": len(rows), "done": True, "records": [self.asking.rendered(row) for row in rows]}
