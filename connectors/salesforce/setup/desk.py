"""The switch that makes the org's cases Deskhand's tickets: its id in our settings, the last of all."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.parts import Found, House, Known
from connectors.salesforce.setup.choices import HELD, Choices


class DeskPart:
    """Nothing of it stands in the org."""

    name = "setting \"the org's cases are tickets\""
    why = "Deskhand works on cases"
    marks: Mapping[str, str] = {}

    def __init__(self, house: House, choices: Choices, org: str) -> None:
        self._held = house.settings.get(HELD, "")
        self._org = org
        self.wanted = choices.desk == "yes"

    def look(self, known: Known) -> Found | None:
        if not self._held:
            return None
        differs = () if self._held == self._org else (f"{HELD} is {self._held}, and this org is {self._org}",)
        return Found(self._org, differs, {HELD: self._held})

    def make(self, known: Known) -> Found:
        return Found(self._org, (), {HELD: self._org})

    def change(self, found: Found, known: Known) -> Found:
        return self.make(known)

    def remove(self, found: Found) -> None:
        """Our settings forget it."""
