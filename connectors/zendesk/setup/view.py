"""The view in which colleagues find what waits for their yes."""

from __future__ import annotations

from connectors.parts import MARK, House, Known
from connectors.zendesk.setup.api import Api, Json
from connectors.zendesk.setup.listed import NAME, Listed, condition, same

COLUMNS = ("status", "subject", "requester", "updated", "group", "assignee")
TITLE = f"{NAME}: waiting for approval"


def waiting_tag(prefix: str) -> str:
    return f"{prefix}_waiting"


class ViewPart(Listed):
    """By the tag of waiting tickets. Tags need no making: Zendesk has them from their first use."""

    path, one, many = "views", "view", "views"
    title, what = TITLE, "view"
    why = "shows colleagues the tickets that wait for a yes"

    def __init__(self, api: Api, house: House) -> None:
        super().__init__(api)
        self._tag = waiting_tag(house.tag_prefix)

    def _conditions(self) -> Json:
        return {"all": [condition("current_tags", "includes", self._tag), condition("status", "less_than", "closed")],
                "any": []}

    def body(self, known: Known) -> Json:
        return {"title": self.title, "description": f"Tickets Deskhand waits on. {MARK}", "active": True,
                **self._conditions(), "output": {"columns": list(COLUMNS), "sort_by": "updated", "sort_order": "asc"}}

    def differences(self, thing: Json, known: Known) -> tuple[str, ...]:
        words = []
        if not thing.get("active"):
            words.append("it is switched off")
        if not same(thing.get("conditions") or {}, self._conditions()):
            words.append(f"it does not show the tickets with the tag {self._tag}")
        return tuple(words)
