"""The group that takes tickets over, made only where the admin named one."""

from __future__ import annotations

from collections.abc import Sequence

from connectors.parts import MARK, Known
from connectors.zendesk.setup.api import Api, Json
from connectors.zendesk.setup.choices import Choices
from connectors.zendesk.setup.listed import Listed


class GroupPart(Listed):
    """A group of the admin's own may be named in deskhand.toml instead, and needs no making."""

    path, one, many = "groups", "group", "groups"
    called, what = "name", "group"
    why = "takes over what Deskhand hands to people"

    def __init__(self, api: Api, name: str) -> None:
        super().__init__(api)
        self.title = name

    @classmethod
    def chosen(cls, api: Api, choices: Choices) -> Sequence[GroupPart]:
        """The named one, and any that a former run made: it stays until a teardown."""
        names = [str(one["name"]) for one in made(api)]
        if choices.handoff_group and choices.handoff_group not in names:
            names.append(choices.handoff_group)
        return [cls(api, name) for name in names]

    def body(self, known: Known) -> Json:
        return {"name": self.title, "description": f"Takes over what Deskhand hands to people. {MARK}"}

    def differences(self, thing: Json, known: Known) -> tuple[str, ...]:
        return ()


def made(api: Api) -> list[Json]:
    return [one for one in api.every("groups", "groups")
            if MARK in str(one.get("description") or "") and not one.get("deleted")]
