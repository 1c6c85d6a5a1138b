"""The Metadata API's WSDL, read for one question: may this element hold that?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from xml.etree import ElementTree

XSD = "{http://www.w3.org/2001/XMLSchema}"
METADATA = "http://soap.sforce.com/2006/04/metadata"
PLAIN: Mapping[str, re.Pattern[str]] = {
    "xsd:boolean": re.compile(r"true|false"),
    "xsd:int": re.compile(r"-?\d+"),
    "xsd:double": re.compile(r"-?\d+(\.\d+)?"),
    "xsd:date": re.compile(r"\d{4}-\d\d-\d\d"),
}


HOLDS_MARKUP = ("LightningComponentBundle.targetConfigs",)
"""Said by the WSDL to be text."""


@dataclass(frozen=True)
class Part:
    """An element that a type may hold."""

    type: str
    needed: bool


@dataclass(frozen=True)
class Wsdl:
    """The types by name: what each holds, and the words an enumeration knows."""

    holds: Mapping[str, Mapping[str, Part]]
    words: Mapping[str, frozenset[str]]

    @staticmethod
    @lru_cache(maxsize=1)
    def of(at: Path) -> Wsdl:
        schema = ElementTree.parse(at).getroot()  # noqa: S314 - from an installed package
        complexes = {one.get("name", ""): one for one in schema.iter(f"{XSD}complexType")
                     if one.get("name")}
        simple = {one.get("name", ""): one for one in schema.iter(f"{XSD}simpleType")}
        return Wsdl({name: _parts(name, complexes) for name in complexes},
                    {name: frozenset(word.get("value", "") for word in one.iter(f"{XSD}enumeration"))
                     for name, one in simple.items()})

    def faults(self, root: ElementTree.Element) -> Iterator[str]:
        """What of a metadata file the API does not know."""
        name = without_namespace(root.tag)
        if root.tag != f"{{{METADATA}}}{name}":
            yield f"{name} is not in the namespace {METADATA}"
        if name not in self.holds:
            yield f"{name} is no type of the Metadata API"
        else:
            yield from self._within(root, name, name)

    def _within(self, element: ElementTree.Element, type_: str, path: str) -> Iterator[str]:
        parts = self.holds[type_]
        for child in element:
            name = without_namespace(child.tag)
            if name not in parts:
                yield f"{path} holds no {name}"
            else:
                yield from self._value(child, parts[name].type, f"{path}.{name}")
        there = {without_namespace(child.tag) for child in element}
        yield from (f"{path} lacks {name}" for name, part in parts.items() if part.needed and name not in there)

    def _value(self, element: ElementTree.Element, type_: str, path: str) -> Iterator[str]:
        text, ours = (element.text or "").strip(), type_.removeprefix("tns:")
        if ours in self.holds:
            yield from self._within(element, ours, path)
        elif len(element) and path not in HOLDS_MARKUP:
            yield f"{path} holds no elements"
        elif not self._may_be(type_, text):
            yield f"{path} cannot be {text!r}"

    def _may_be(self, type_: str, text: str) -> bool:
        if words := self.words.get(type_.removeprefix("tns:")):
            return text in words
        return type_ not in PLAIN or bool(PLAIN[type_].fullmatch(text))


def _parts(name: str, complexes: Mapping[str, ElementTree.Element]) -> dict[str, Part]:
    """Its own elements and those of what it extends."""
    one = complexes[name]
    base = next((found.get("base", "") for found in one.iter(f"{XSD}extension")), "").removeprefix("tns:")
    ours = {part.get("name", ""): Part(part.get("type", ""), part.get("minOccurs") != "0")
            for part in one.iter(f"{XSD}element")}
    return {**(_parts(base, complexes) if base in complexes else {}), **ours}


def without_namespace(tag: str) -> str:
    return tag.rpartition("}")[2]
