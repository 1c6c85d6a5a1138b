"""What one user sees of the org: objects, fields, related rows, and values as Salesforce renders them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from connectors.salesforce.standin import soql
from connectors.salesforce.standin.ids import spoken
from connectors.salesforce.standin.objects import NAME
from connectors.salesforce.standin.org import Json, Org, Row
from connectors.salesforce.standin.schema import Field, SObject

NO_COLUMN = ("No such column '{0}' on entity '{1}'. If you are attempting to use a custom field, be sure to append "
             "the '__c' after the custom field name. Please reference your WSDL or the describe call for the "
             "appropriate names.")
NO_TYPE = ("sObject type '{0}' is not supported. If you are attempting to use a custom object, be sure to append the "
           "'__c' after the entity name. Please reference your WSDL or the describe call for the appropriate names.")
NO_RELATION = ("Didn't understand relationship '{0}' in {1}. If you are attempting to use a custom relationship, be "
               "sure to append the '__r' after the custom relationship name.")
SEEN_WITH = {"ContactHistory": "Contact", "FieldDefinition": "Contact", "CaseHistory": "Case", "CaseStatus": "Case",
             "CaseComment": "Case", "EmailMessage": "Case", "FeedItem": "Case", "Attachment": "Case",
             "ContentDocument": "Case", "ContentDocumentLink": "Case"}
"""Whose permission opens an object that has none of its own."""
ANYBODYS = frozenset({"Group", "GroupMember", "QueueSobject", "RecordType", "Profile", "UserLicense",
                      "UserRecordAccess"})


class Reader:
    """Answers reads as one user: objects and fields that user cannot see do not exist for it."""

    def __init__(self, org: Org, readable: frozenset[str], version: str, now: datetime, *,
                 user: str = "", deleted: bool = False) -> None:
        self.org, self.readable, self.version, self.now = org, readable, version, now
        self.user, self.deleted = user, deleted

    def object(self, name: str) -> SObject | None:
        found = self.org.objects.get(name) or next(
            (o for o in self.org.objects.values() if o.name.lower() == name.lower()), None)
        if found is None or (found.name == "ContactHistory" and self.org.history is None):
            return None
        seen = SEEN_WITH.get(found.name, found.name)
        return found if seen in self.readable or seen in ANYBODYS else None

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
            target = self._target(step) if step else None
            if step is None or target is None or f"{obj.name}.{step.name}" in self.org.hidden:
                raise soql.Malformed(NO_RELATION.format(name, "field path"), at, "INVALID_FIELD")
            steps.append(step)
            obj = target
        found = self.field(obj, last)
        if found is None:
            raise soql.Malformed(NO_COLUMN.format(last, obj.name), at, "INVALID_FIELD")
        return steps, found, obj

    def _target(self, step: Field) -> SObject | None:
        """A reference to one of several objects is seen as a Name."""
        return NAME if len(step.refers_to) > 1 else self.object(step.refers_to[0])

    def children(self, parent: SObject, relationship: str, at: int) -> tuple[SObject, Field]:
        """The object and the field by which a sub-query's rows refer to their parent."""
        for candidate in self.org.objects.values():
            for f in candidate.below:
                if f.children.lower() == relationship.lower() and parent.name in f.refers_to and self.object(
                        candidate.name):
                    return candidate, f
        raise soql.Malformed(NO_RELATION.format(relationship, "FROM part of query call"), at, "INVALID_TYPE")

    def follow(self, row: Row | None, steps: list[Field]) -> Row | None:
        for step in steps:
            row = self.related(row, step)
        return row

    def related(self, row: Row | None, step: Field) -> Row | None:
        id = row.get(step.name) if row is not None else None
        if not id:
            return None
        for name in step.refers_to:
            found = self.org.tables[name].get(id)
            if found is not None:
                return {**found, "Type": name} if len(step.refers_to) > 1 else found
        return None

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

    def place(self, into: Json, row: Row, steps: list[Field], found: Field) -> None:
        """Puts a value where its path says, nested in the rows it goes through."""
        if not steps:
            into[found.name] = self.value(row, found)
            return
        step, *rest = steps
        target = self.related(row, step)
        if target is None:
            into[step.relationship] = None
            return
        inner = into.setdefault(step.relationship, {"attributes": self._related_attributes(step, target)})
        self.place(inner, target, rest, found)

    def _related_attributes(self, step: Field, target: Row) -> Json:
        if len(step.refers_to) == 1:
            return self.attributes(step.refers_to[0], target["Id"])
        return {**self.attributes(target["Type"], target["Id"]), "type": "Name"}
