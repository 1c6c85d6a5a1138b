"""The trigger that calls our webhook, for accounts that know no event subscriptions for tickets."""

from __future__ import annotations

import json

from connectors.parts import MARK, Found, Known
from connectors.zendesk.setup.api import Api, Json
from connectors.zendesk.setup.choices import Choices
from connectors.zendesk.setup.listed import NAME, Listed, condition, same
from connectors.zendesk.setup.login import LoginPart

WEBHOOK = f'webhook "{NAME}"'
BODY = json.dumps({"ticket_id": "{{ticket.id}}", "updated_at": "{{ticket.updated_at_with_timestamp}}",
                   "current_user_id": "{{current_user.id}}"})
"""Ids only: a placeholder with text is not safe inside JSON. The door reads the rest of the ticket itself."""
OCCASIONS = (
    condition("update_type", "is", "Create"), condition("comment_is_public", "is", "not_relevant"),
    condition("status", "changed", ""), condition("requester_id", "changed", ""),
    condition("assignee_id", "changed", ""), condition("group_id", "changed", ""), condition("brand_id", "changed", ""),
)
"""`not_relevant`: any comment, public or not (docs, "Conditions reference")."""


class TriggerPart(Listed):
    """Guarded against loops: what Deskhand's own user does never fires it."""

    path, one, many = "triggers", "trigger", "triggers"
    title, what = f"{NAME}: tell of tickets", "trigger"
    why = "calls the webhook for each update that is not our own"

    def __init__(self, api: Api, choices: Choices, login: LoginPart) -> None:
        super().__init__(api)
        self._choices = choices
        self._login = login

    @property
    def wanted(self) -> bool:
        return self._choices.events == "trigger"

    def body(self, known: Known) -> Json:
        return {"title": self.title, "description": f"Its first condition keeps Deskhand from hearing itself. {MARK}",
                "active": True, "conditions": self._conditions(),
                "actions": [{"field": "notification_webhook", "value": [_webhook(known), BODY]}]}

    def _conditions(self) -> Json:
        return {"all": [condition("role", "is_not", self._login.speaks_as())], "any": list(OCCASIONS)}

    def differences(self, thing: Json, known: Known) -> tuple[str, ...]:
        if not self.wanted:
            return ()
        words = []
        if not thing.get("active"):
            words.append("it is switched off")
        held = thing.get("conditions") or {}
        if self._conditions()["all"][0] not in (held.get("all") or []):
            words.append("it lacks the condition that keeps Deskhand from hearing itself")
        elif not same(held, self._conditions()):
            words.append("its conditions are others")
        actions = [one for one in thing.get("actions") or [] if one.get("field") == "notification_webhook"]
        if [one.get("value") for one in actions] != [[_webhook(known), BODY]]:
            words.append("it does not call our webhook with our text")
        return tuple(words)

    def found(self, thing: Json, differs: tuple[str, ...]) -> Found:
        return Found(str(thing["id"]), differs)


def _webhook(known: Known) -> str:
    return known[WEBHOOK].id if WEBHOOK in known else ""
