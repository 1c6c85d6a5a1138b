"""What an object and its fields are, and how the tables of them are read."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True)
class Field:
    """One field; `createable`/`updateable` are what the vendor allows before anybody's permissions."""

    name: str
    type: str
    length: int = 0
    createable: bool = True
    updateable: bool = True
    nillable: bool = True
    picklist: tuple[str, ...] = ()
    restricted: bool = False
    refers_to: tuple[str, ...] = ()
    """Names of objects; several for a polymorphic reference."""
    relationship: str = ""
    children: str = ""
    """What the parent calls its rows of this object."""
    encrypted: bool = False
    defaulted: bool = False
    """The platform fills it on create when it is not given."""
    unique: bool = False
    external: bool = False

    @property
    def custom(self) -> bool:
        return self.name.endswith("__c")

    @property
    def long(self) -> bool:
        return self.type == "textarea" and self.length > 255

    @property
    def filterable(self) -> bool:
        """Long text, address compounds and encrypted fields cannot stand in a WHERE (SOQL and SOSL Reference)."""
        return not self.encrypted and self.type not in ("address", "anyType") and not self.long

    @property
    def calculated(self) -> bool:
        return self.type == "address" or (self.name == "Name" and not self.createable)


@dataclass(frozen=True)
class SObject:
    name: str
    prefix: str
    fields: dict[str, Field] = field(default_factory=dict)

    def __deepcopy__(self, memo: Json) -> SObject:
        """Never changed, only replaced; so copies of an org share it."""
        return self

    @cached_property
    def below(self) -> tuple[Field, ...]:
        """Fields by which parents find rows of this object."""
        return tuple(f for f in self.fields.values() if f.children)

    def find(self, name: str) -> Field | None:
        """Field names do not care about case."""
        return self.fields.get(name) or self._by_name.get(name.lower())

    def following(self, relationship: str) -> Field | None:
        return self._by_relationship.get(relationship.lower())

    @cached_property
    def _by_name(self) -> dict[str, Field]:
        return {f.name.lower(): f for f in reversed(self.fields.values())}

    @cached_property
    def _by_relationship(self) -> dict[str, Field]:
        return {f.relationship.lower(): f for f in reversed(self.fields.values())}

    def plus(self, more: Field) -> SObject:
        return replace(self, fields={**self.fields, more.name: more})

    def without(self, name: str) -> SObject:
        return replace(self, fields={n: f for n, f in self.fields.items() if n != name})

    def indexed(self) -> tuple[str, ...]:
        """Fields by which rows are found quickly: references, external ids, addresses."""
        return tuple(f.name for f in self.fields.values() if f.refers_to or f.external or f.type == "email")


SYSTEM = """
Id id 18 -; IsDeleted boolean -; CreatedDate datetime - !; CreatedById reference 18 > User CreatedBy - !;
LastModifiedDate datetime - !; LastModifiedById reference 18 > User LastModifiedBy - !; SystemModstamp datetime - !;
"""


def read_field(line: str) -> Field:
    """Reads `name type [length] [> Target/Other Relationship [< Children]] [a|b] [restricted]` and the marks.

    `!` is required, `-` read only, `+` can only be given on create, `=` defaulted; `unique` and `external` as words.
    """
    before, _, listed = line.partition("[")
    values, _, after = listed.partition("]")
    words = [*before.split(), *after.split()]
    name, kind, marks = words[0], words[1], set(words[2:])
    length = int(words[2]) if len(words) > 2 and words[2].isdigit() else 0
    targets, relationship = words[words.index(">") + 1: words.index(">") + 3] if ">" in words else ("", "")
    children = words[words.index("<") + 1] if "<" in words else ""
    writable, defaulted = "-" not in marks, "=" in marks
    nillable = "!" not in marks and not defaulted and kind not in ("id", "boolean")
    picklist = tuple(value.strip() for value in values.split("|")) if values else ()
    return Field(name, kind, length, writable, writable and "+" not in marks, nillable, picklist,
                 "restricted" in marks, tuple(t for t in targets.split("/") if t), relationship, children,
                 defaulted=defaulted, unique="unique" in marks, external="external" in marks)


def read_object(name: str, prefix: str, text: str, *, system: str = SYSTEM) -> SObject:
    """An object of a table of fields; the system fields come first unless the table names them itself."""
    lines = [" ".join(line.split()) for line in (system + text).split(";")]
    return SObject(name, prefix, {f.name: f for f in (read_field(line) for line in lines if line)})


def custom_field(name: str, sample: Any) -> Field:
    """A custom field whose type follows the value it was loaded with, or the type named by a string such as `:date`."""
    if isinstance(sample, str) and sample.startswith(":"):
        return Field(name, sample[1:], 255 if sample[1:] in ("string", "email", "phone") else 0)
    if isinstance(sample, bool):
        return Field(name, "boolean", nillable=False)
    if isinstance(sample, int | float):
        return Field(name, "double")
    return Field(name, "string", 255)
