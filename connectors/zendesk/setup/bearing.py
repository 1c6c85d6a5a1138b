"""Whether a business rule of the account's own bears on what Deskhand writes, judged by its conditions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from connectors.zendesk.setup.api import Json

STATUSES = ("new", "open", "pending", "hold", "solved", "closed")
MAILING = ("notification_user", "notification_group")
CALLING = ("notification_webhook", "notification_target", "notification_zis", "notification_slack")
CLOSING = ("solved", "closed")


class Bears(Enum):
    """What conditions say of one update of ours."""

    NO = "no"
    PERHAPS = "perhaps"
    """Some condition is about what only the ticket of that time tells."""
    SURELY = "surely"


@dataclass(frozen=True)
class Ours:
    """One kind of update that Deskhand makes."""

    words: str
    public: bool | None
    changes_status: bool
    user: str
    admin: bool = False


def updates(user: str) -> tuple[Ours, Ours]:
    """An internal note with tags, and a public reply that may set the status."""
    return Ours("each internal note of Deskhand", False, False, user), Ours("each reply of Deskhand", True, True, user)


def bears(rule: Json, ours: Ours) -> Bears:
    """A switched-off rule bears on nothing."""
    if not rule.get("active", True):
        return Bears.NO
    conditions = rule.get("conditions") or {}
    every = [_met(one, ours) for one in conditions.get("all") or []]
    any_of = [_met(one, ours) for one in conditions.get("any") or []]
    if Bears.NO in every or (any_of and set(any_of) == {Bears.NO}):
        return Bears.NO
    if Bears.PERHAPS in every or (any_of and Bears.SURELY not in any_of):
        return Bears.PERHAPS
    return Bears.SURELY


def _met(condition: Json, ours: Ours) -> Bears:
    field, operator, value = (str(condition.get(key) or "").lower() for key in ("field", "operator", "value"))
    if field == "update_type":
        return _either(value == "change")
    if field == "comment_is_public":
        return _either(value == "not_relevant" or (value in ("true", "requester_can_see_comment")) == bool(ours.public))
    if field in ("role", "current_user") and operator in ("is", "is_not"):
        same = _same_user(value, ours)
        return Bears.PERHAPS if same is None else _either(same == (operator == "is"))
    if operator in ("changed", "changed_to", "value", "not_changed"):
        moved = field == "status" and ours.changes_status
        if operator == "not_changed":
            return Bears.PERHAPS if moved else Bears.SURELY
        return Bears.PERHAPS if moved else Bears.NO
    return Bears.PERHAPS


def _same_user(value: str, ours: Ours) -> bool | None:
    if value.isdigit():
        return value == ours.user
    return {"agent": True, "all_agents": True, "end_user": False, "requester_id": False}.get(value)


def _either(met: bool) -> Bears:
    return Bears.SURELY if met else Bears.NO


def effects(rule: Json, tags: Sequence[str]) -> list[str]:
    """What its actions would do to our work, in words; the mildest things a rule can do are left out."""
    words = []
    for action in rule.get("actions") or []:
        field, value = str(action.get("field")), action.get("value")
        if field == "status" and str(value) in STATUSES:
            words.append(f"sets the status to {value}")
        elif field in MAILING:
            words.append(f"mails {_whom(value)}")
        elif field in CALLING:
            words.append("calls another system")
        elif field in ("group_id", "assignee_id"):
            words.append("assigns the ticket to somebody else")
        elif field == "set_tags":
            words.append("replaces all tags, ours too")
        elif field == "remove_tags" and (lost := _ours(value, tags)):
            words.append(f"takes away our tag {' '.join(lost)}")
        elif field == "current_tags" and (given := _ours(value, tags)):
            words.append(f"sets our tag {' '.join(given)} itself")
        elif field in ("comment_value", "comment_value_html", "side_conversation"):
            words.append("writes a comment")
    return list(dict.fromkeys(words))


def _ours(value: object, tags: Sequence[str]) -> list[str]:
    return [one for one in str(value or "").split() if one in tags]


def _whom(value: object) -> str:
    first = str(value[0]) if isinstance(value, list) and value else str(value)
    return {"requester_id": "the requester", "requester_and_ccs": "the requester and CCs",
            "assignee_id": "the assignee", "group_id": "the group", "all_agents": "all agents",
            "current_user": "Deskhand's own user"}.get(first, "somebody")


def tells_requester(rule: Json) -> bool:
    return any(action.get("field") == "notification_user" and isinstance(action.get("value"), list)
               and action["value"][:1] and action["value"][0] in ("requester_id", "requester_and_ccs")
               for action in rule.get("actions") or [])
