"""The ready-built package (manifests/salesforce): whole, or without Apex; marked, so that it is found again."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import manifests
from connectors.contract import Rejected
from connectors.parts import MARK
from connectors.salesforce.endings import VENDOR
from connectors.salesforce.setup.metadata import PACKAGE, Component, Files, listed, parsed, text, unzipped, written

ZIP = "salesforce/deskhand.zip"
MARKED = "permissionsets/Deskhand_Integration.permissionset"
"""Whose description bears the mark."""
NEEDS_APEX = ("classes/", "triggers/", "lwc/", "flexipages/", "externalCredentials/", "namedCredentials/",
              "objects/Deskhand_Outbox__c.object", "objects/Deskhand_Wake__e.object")
APEX_TYPES = ("ApexClass", "ApexTrigger", "LightningComponentBundle", "FlexiPage", "ExternalCredential",
              "NamedCredential")
APEX_OBJECTS = ("Deskhand_Outbox__c", "Deskhand_Wake__e")
APEX_RIGHTS = ("classAccesses", "externalCredentialPrincipalAccesses")
OURS = ("__c", "__e", "__mdt")
STAMP = re.compile(rf"{re.escape(MARK)} Package (\S+) \((\w+)\)")


def shipped() -> bytes:
    """Raises Rejected where this installation was built without it."""
    path = Path(manifests.__path__[0]) / ZIP
    if not path.is_file():
        raise Rejected(f"This installation lacks manifests/{ZIP}: build it with scripts/check-salesforce --zip.",
                       vendor=VENDOR, reason="no package")
    return path.read_bytes()


@dataclass(frozen=True)
class Bundle:
    """The files of one package, its manifest taken out, and the components they are."""

    contents: Files
    components: tuple[Component, ...]

    @classmethod
    def of(cls, raw: bytes) -> Bundle:
        files = unzipped(raw)
        return cls({path: held for path, held in files.items() if path != PACKAGE}, tuple(listed(files[PACKAGE])))

    def without_apex(self) -> Bundle:
        """What an org takes that may not deploy Apex: the receipts, the tags, the permission sets."""
        kept = {path: _without_apex(held) if path.startswith("permissionsets/") else held
                for path, held in self.contents.items() if not path.startswith(NEEDS_APEX)}
        return Bundle(kept, tuple(one for one in self.components if not _needs_apex(one)))

    def stamp(self, version: str) -> str:
        """What the mark says of this package."""
        digest = hashlib.sha256()
        for path in sorted(self.contents):
            digest.update(path.encode() + b"\0" + hashlib.sha256(self.contents[path]).digest())
        return f"{MARK} Package {version} ({digest.hexdigest()[:12]})"

    def marked(self, version: str) -> Files:
        """The files to deploy, with the stamp in the description that is looked at."""
        root = parsed(self.contents[MARKED])
        description = root.find("{*}description")
        if description is None:
            raise Rejected(f"{MARKED} in the package has no description to mark.", vendor=VENDOR, reason="package")
        description.text = f"{description.text or ''} {self.stamp(version)}".strip()
        return {**self.contents, MARKED: written(root)}

    def tests(self) -> list[str]:
        return [one.name for one in self.components if one.type == "ApexClass" and one.name.endswith("Test")]

    def permission_sets(self) -> list[str]:
        return [one.name for one in self.components if one.type == "PermissionSet"]

    def objects(self) -> Mapping[str, str]:
        """Its own objects that hold rows, with the label of many."""
        found = {path.removeprefix("objects/").removesuffix(".object"): held for path, held in self.contents.items()
                 if path.startswith("objects/") and path.endswith("__c.object")}
        return {name: text(parsed(held), "pluralLabel") or name for name, held in found.items()}

    def deletable(self) -> tuple[Component, ...]:
        """What a teardown deletes, each before what it refers to; a standard object and what goes with its own object
        are not among it."""
        return tuple(sorted(self._deletable(), key=lambda one: _last(one.type)))

    def _deletable(self) -> Iterator[Component]:
        for one in self.components:
            if one.type == "CustomLabels":
                root = parsed(self.contents["labels/CustomLabels.labels"])
                yield from (Component("CustomLabel", text(each, "fullName")) for each in root.findall("{*}labels"))
            elif one.type == "CustomObject":
                if one.name.endswith(OURS):
                    yield one
            elif one.type != "CustomLabel" and not one.name.partition(".")[0].endswith(OURS):
                yield one


def _last(kind: str) -> int:
    order = ("FlexiPage", "LightningComponentBundle", "PermissionSet", "ApexTrigger", "ApexClass", "ListView",
             "CustomField", "CustomObject", "CustomPermission", "ExternalCredential", "CustomLabel")
    return order.index(kind) if kind in order else len(order)


def _needs_apex(one: Component) -> bool:
    return one.type in APEX_TYPES or one.name.partition(".")[0] in APEX_OBJECTS


def _without_apex(raw: bytes) -> bytes:
    """A permission set without the rights on what is left out."""
    root = parsed(raw)
    for one in list(root):
        if _of_apex(one):
            root.remove(one)
    return written(root)


def _of_apex(right: ElementTree.Element) -> bool:
    kind = right.tag.rpartition("}")[2]
    about = text(right, "field").partition(".")[0] or text(right, "object")
    return kind in APEX_RIGHTS or about in (*APEX_OBJECTS, "UserExternalCredential")
