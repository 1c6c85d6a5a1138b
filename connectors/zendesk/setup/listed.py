"""A part that Zendesk lists by name: found again by name and mark, compared, made, changed and removed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping

from connectors.contract import NotFound
from connectors.parts import MARK, Found, Known, Taken
from connectors.zendesk.setup.api import Api, Json

NAME = "Deskhand"


class Listed(ABC):
    """Of several with our name and mark, the first stays: a lost answer may have let two be made."""

    path: str
    one: str
    many: str
    title: str
    called = "title"
    """Under which key Zendesk has the name."""
    what: str
    """As a person calls the kind of thing."""

    def __init__(self, api: Api) -> None:
        self.api = api

    @property
    def name(self) -> str:
        return f'{self.what} "{self.title}"'

    @property
    @abstractmethod
    def why(self) -> str: ...

    @property
    def wanted(self) -> bool:
        return True

    @property
    def marks(self) -> Mapping[str, str]:
        return {}

    def look(self, known: Known) -> Found | None:
        named = [one for one in self.api.every(self.path, self.many) if self.has_our_name(one)]
        ours = [one for one in named if self.is_ours(one)]
        if ours:
            spare = (f"it is there {len(ours)} times",) if len(ours) > 1 else ()
            return self.found(ours[0], spare + self.differences(ours[0], known))
        if named and self.wanted:
            raise Taken(f"There is already a {self.name} that deskhand setup did not make. "
                        "Rename or delete it in Admin Center, and run this again.")
        return None

    def make(self, known: Known) -> Found:
        return self.found(self.api.post(self.path, {self.one: self.body(known)})[self.one], ())

    def change(self, found: Found, known: Known) -> Found:
        self.clear(but=found.id)
        self.api.put(f"{self.path}/{found.id}", {self.one: self.body(known)})
        return self.found(self.api.get(f"{self.path}/{found.id}")[self.one], ())

    def remove(self, found: Found) -> None:
        self.clear()

    def clear(self, but: str | None = None) -> None:
        """Removes every one of ours."""
        for one in self.api.every(self.path, self.many):
            if self.has_our_name(one) and self.is_ours(one) and str(one["id"]) != but:
                self.take_away(str(one["id"]))

    def take_away(self, id: str) -> None:
        gone(self.api, f"{self.path}/{id}")

    def has_our_name(self, thing: Json) -> bool:
        return bool(thing.get(self.called) == self.title)

    def is_ours(self, thing: Json) -> bool:
        return MARK in str(thing.get("description") or "")

    def found(self, thing: Json, differs: tuple[str, ...]) -> Found:
        return Found(str(thing["id"]), differs, self.settings(thing))

    def settings(self, thing: Json) -> Mapping[str, str]:
        return {}

    @abstractmethod
    def body(self, known: Known) -> Json:
        """As it is to be."""

    @abstractmethod
    def differences(self, thing: Json, known: Known) -> tuple[str, ...]:
        """What is not so, in words."""


def gone(api: Api, path: str) -> None:
    """Gone already counts as removed."""
    try:
        api.delete(path)
    except NotFound:
        return


def condition(field: str, operator: str, value: str) -> Json:
    return {"field": field, "operator": operator, "value": value}


def same(left: Json, right: Json) -> bool:
    """Two sets of conditions; their order does not matter."""
    return all(_sorted(left.get(which)) == _sorted(right.get(which)) for which in ("all", "any"))


def _sorted(conditions: list[Json] | None) -> list[tuple[str, str, str]]:
    return sorted((str(one.get("field")), str(one.get("operator")), str(one.get("value") or ""))
                  for one in conditions or [])
