"""Metadata as files and lists of components: what is zipped, deployed, retrieved and deleted."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from connectors.salesforce.setup.api import METADATA

Files = Mapping[str, bytes]
"""By their path in the zip."""
PACKAGE, DELETED = "package.xml", "destructiveChangesPost.xml"
"""What is deleted is deleted last, when nothing refers to it any more."""
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
LONG_AGO = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Component:
    """One component by the type and name that a manifest gives it, and the file it stands in."""

    type: str
    name: str
    path: str = ""


def manifest(components: Iterable[Component], version: str | None) -> bytes:
    """`package.xml`, or with no version what is to be deleted ("Sample package.xml Manifest Files")."""
    by_type: dict[str, list[str]] = {}
    for one in components:
        by_type.setdefault(one.type, []).append(one.name)
    members = {type: "".join(f"<members>{escape(name)}</members>" for name in names) for type, names in by_type.items()}
    types = "".join(f"<types>{members[type]}<name>{type}</name></types>" for type in sorted(members))
    last = f"<version>{version}</version>" if version else ""
    return f'{HEAD}<Package xmlns="{METADATA}">{types}{last}</Package>\n'.encode()


def listed(package: bytes) -> list[Component]:
    """The components that a manifest names."""
    root = parsed(package)
    return [Component(text(types, "name"), member.text or "") for types in root.findall("{*}types")
            for member in types.findall("{*}members")]


def zipped(files: Files) -> bytes:
    """The same bytes for the same files."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as out:
        for path in sorted(files):
            out.writestr(zipfile.ZipInfo(path, LONG_AGO), files[path])
    return held.getvalue()


def unzipped(raw: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(raw)) as given:
        return {name: given.read(name) for name in given.namelist() if not name.endswith("/")}


def parsed(raw: bytes) -> ElementTree.Element:
    """A metadata file of ours, or one that the org gave us."""
    return ElementTree.fromstring(raw)  # noqa: S314 - our own package, or Salesforce's answer over TLS


def written(root: ElementTree.Element) -> bytes:
    ElementTree.register_namespace("", METADATA)
    return f"{HEAD}{ElementTree.tostring(root, encoding='unicode')}\n".encode()


def text(element: ElementTree.Element, *names: str) -> str:
    """The text below these elements, "" where one is missing."""
    return (element.findtext("/".join("{*}" + name for name in names)) or "").strip()


Inner = str | Sequence[tuple[str, "Inner"]]
"""What an element holds: text, or elements in their order."""


def document(kind: str, *parts: tuple[str, Inner]) -> bytes:
    """A metadata file of this type: each part is an element with its text, or with elements of its own."""
    return f'{HEAD}<{kind} xmlns="{METADATA}">{"".join(_elements(parts))}</{kind}>\n'.encode()


def _elements(parts: Iterable[tuple[str, Inner]]) -> Iterator[str]:
    for name, inner in parts:
        yield f"<{name}>{escape(inner) if isinstance(inner, str) else ''.join(_elements(inner))}</{name}>"
