"""When a trigger of the account fires, and what it does (Zendesk docs, "Conditions reference", "Actions reference")."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from connectors.zendesk.standin.state import NOTIFY, NOTIFY_OF_STATUS, NOTIFY_WITH_CCS, STATUSES, Json, State, Ticket

REQUESTER = ("requester_id", "requester_and_ccs")
CHANGING = ("status", "priority", "group_id", "assignee_id", "type")


@dataclass(frozen=True)
class Occasion:
    """One update of a ticket, as conditions see it."""

    created: bool
    author: int
    staff: bool
    public: bool | None
    """None: without a comment."""
    changed: tuple[str, ...]


def fires(trigger: Json, ticket: Ticket, occasion: Occasion) -> bool:
    """The account's built-in triggers (`kind`) fire elsewhere."""
    if "kind" in trigger or not trigger.get("active", True):
        return False
    every, any_of = trigger["conditions"]["all"], trigger["conditions"]["any"]
    met = [_met(one, ticket, occasion) for one in every]
    return all(met) and (not any_of or any(_met(one, ticket, occasion) for one in any_of))


def _met(condition: Json, ticket: Ticket, occasion: Occasion) -> bool:
    name, operator, value = condition["field"], condition.get("operator", "is"), condition.get("value")
    if name in SPECIAL:
        return SPECIAL[name](operator, str(value), ticket, occasion)
    if operator in ("changed", "not_changed"):
        return bool((name in occasion.changed) == (operator == "changed"))
    held = getattr(ticket, name, None)
    if operator in ("less_than", "greater_than") and name == "status":
        below = STATUSES.index(str(held)) < STATUSES.index(str(value))
        return below if operator == "less_than" else STATUSES.index(str(held)) > STATUSES.index(str(value))
    if operator == "value":
        return name in occasion.changed and str(held) == str(value)
    return bool((str(held or "") == str(value or "")) == (operator == "is"))


def _update_type(operator: str, value: str, ticket: Ticket, occasion: Occasion) -> bool:
    return (value.lower() == "create") == occasion.created


def _comment(operator: str, value: str, ticket: Ticket, occasion: Occasion) -> bool:
    if occasion.public is None:
        return False
    return {"true": occasion.public, "false": not occasion.public, "not_relevant": True,
            "requester_can_see_comment": occasion.public}.get(value.lower(), False)


def _role(operator: str, value: str, ticket: Ticket, occasion: Occasion) -> bool:
    same = {"agent": occasion.staff, "end_user": not occasion.staff,
            "requester_id": occasion.author == ticket.requester_id}.get(value, str(occasion.author) == value)
    return same == (operator == "is")


def _tags(operator: str, value: str, ticket: Ticket, occasion: Occasion) -> bool:
    return bool(set(value.split()) & set(ticket.tags)) == (operator == "includes")


SPECIAL: dict[str, Callable[[str, str, Ticket, Occasion], bool]] = {
    "update_type": _update_type, "comment_is_public": _comment, "role": _role, "current_tags": _tags}


def changes(trigger: Json, ticket: Ticket) -> Json:
    """What its actions set on the ticket."""
    set_to: Json = {}
    tags = set(ticket.tags)
    for action in trigger["actions"]:
        name, words = action["field"], str(action.get("value") or "").split()
        if name in CHANGING:
            value = action["value"]
            set_to[name] = int(value) if name.endswith("_id") and str(value).isdigit() else value
        tags = {"set_tags": set(words), "current_tags": tags | set(words), "remove_tags": tags - set(words)}.get(
            name, tags)
    return set_to | ({"tags": sorted(tags)} if tags != set(ticket.tags) else {})


def mails_requester(trigger: Json) -> str | None:
    """"requester_id" or "requester_and_ccs"; None when it mails nobody or somebody else."""
    for action in trigger["actions"]:
        value = action.get("value")
        if action["field"] == "notification_user" and isinstance(value, list) and value[0] in REQUESTER:
            return str(value[0])
    return None


def calls(trigger: Json) -> list[tuple[str, str]]:
    """Webhooks it calls, each with the body to send."""
    return [(str(one["value"][0]), str(one["value"][1])) for one in trigger["actions"]
            if one["field"] == "notification_webhook"]


_MAIL = {"field": "notification_user", "value": ["requester_id", "Re: {{ticket.title}}", "{{ticket.comments}}"]}
_CHANGE = {"field": "update_type", "operator": "is", "value": "Change"}
_PUBLIC = {"field": "comment_is_public", "operator": "is", "value": "true"}
BUILT_IN: dict[str, tuple[str, list[Json], list[Json]]] = {
    NOTIFY: ("Notify requester of comment update", [_CHANGE, _PUBLIC], [_MAIL]),
    NOTIFY_WITH_CCS: ("Notify requester and CCs of comment update", [_CHANGE, _PUBLIC],
                      [_MAIL | {"value": ["requester_and_ccs", "Re: {{ticket.title}}", "{{ticket.comments}}"]}]),
    NOTIFY_OF_STATUS: ("Notify requester of status", [_CHANGE, {"field": "status", "operator": "changed", "value": ""}],
                       [_MAIL]),
    "assign_on_create": ("Assign new tickets", [_CHANGE | {"value": "Create"}],
                         [{"field": "status", "value": "open"}]),
}


def shown(state: State, trigger: Json, position: int) -> Json:
    """As the API shows it; a built-in one with the conditions it stands for."""
    title, every, actions = BUILT_IN.get(trigger.get("kind", ""), ("", [], []))
    title = trigger.get("title") or title
    at = trigger.get("created_at", "2025-01-01T00:00:00Z")
    return {"url": state.url(f"triggers/{trigger['id']}.json"), "id": trigger["id"], "title": title,
            "active": trigger.get("active", True), "updated_at": trigger.get("updated_at", at), "created_at": at,
            "default": "kind" in trigger, "actions": trigger.get("actions", actions),
            "conditions": trigger.get("conditions", {"all": every, "any": []}),
            "description": trigger.get("description"), "position": position, "raw_title": title,
            "category_id": trigger.get("category_id", "9000000000074")}
