"""A part that stands in the org's metadata: found again by name and mark, compared, deployed, deleted."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from xml.etree import ElementTree

from connectors.parts import MARK, Found, Known, Taken
from connectors.salesforce.setup.deploying import Deployer
from connectors.salesforce.setup.metadata import Component, Files, parsed

NAME = "Deskhand"


class Deployed(ABC):
    """Its first component tells whether it stands, and bears our mark in its description or its label."""

    name: str
    why: str
    components: Sequence[Component]
    wanted: bool = True
    marks: Mapping[str, str] = {}

    def __init__(self, deployer: Deployer) -> None:
        self.deployer = deployer

    def look(self, known: Known) -> Found | None:
        held = self.deployer.files()
        raw = held.get(self.sign)
        if raw is None:
            return None
        if not self.is_ours(raw):
            if self.wanted:
                raise Taken(f"There is already a {self.name} in the org that deskhand setup did not make. "
                            + self.instead)
            return None
        return self.found(held, self.differences(parsed(raw), held))

    def make(self, known: Known) -> Found:
        self.deployer.deploy(self.files(), self.components)
        return self.found(self.deployer.files(), ())

    def change(self, found: Found, known: Known) -> Found:
        return self.make(known)

    def remove(self, found: Found) -> None:
        self.deployer.delete(self.components[::-1])

    @property
    def sign(self) -> str:
        """The file that bears the mark."""
        return self.components[0].path

    @property
    def instead(self) -> str:
        """What to do about an admin's own thing of that name."""
        return "Rename or delete it in Setup, and run this again."

    def is_ours(self, raw: bytes) -> bool:
        return MARK.encode() in raw

    def found(self, held: Files, differs: tuple[str, ...]) -> Found:
        return Found(self.components[0].name, differs)

    @abstractmethod
    def files(self) -> Files:
        """As they are to be."""

    @abstractmethod
    def differences(self, one: ElementTree.Element, held: Files) -> tuple[str, ...]:
        """What is not so, in words."""
