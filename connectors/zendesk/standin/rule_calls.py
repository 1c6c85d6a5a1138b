"""The account's business rules: triggers, automations, macros, SLA policies, views (Zendesk docs, "Business rules")."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.standin import Answer, Request
from connectors.zendesk.standin import reading, ruling
from connectors.zendesk.standin.calls import Calls, Handle, Refused, _body, not_found
from connectors.zendesk.standin.state import Json, State, stamp

CATEGORY = "9000000000074"


@dataclass(frozen=True)
class Kind:
    """One kind of rule: where it lies, what it is called, and what it must have."""

    path: str
    one: str
    many: str
    needs: tuple[str, ...]
    defaults: Callable[[], Json]
    agents_read: bool = True


KINDS = (
    Kind("automations", "automation", "automations", ("title", "actions"), lambda: {
        "active": True, "conditions": {"all": [], "any": []}, "actions": []}),
    Kind("macros", "macro", "macros", ("title", "actions"), lambda: {
        "active": True, "actions": [], "description": None, "restriction": None}),
    Kind("slas/policies", "sla_policy", "sla_policies", ("title", "filter"), lambda: {
        "description": None, "filter": {"all": [], "any": []}, "policy_metrics": []}, agents_read=False),
    Kind("views", "view", "views", ("title",), lambda: {
        "active": True, "description": None, "conditions": {"all": [], "any": []}, "restriction": None,
        "execution": {"group_by": None, "sort_by": "nice_id", "group_order": "asc", "sort_order": "desc",
                      "columns": []}}),
)


def kept(state: State, kind: Kind) -> dict[int, Json]:
    return state.rules[kind.many]


def add(state: State, kind: Kind, given: Json, now: datetime) -> Json:
    """Raises Refused where it lacks what Zendesk asks for."""
    for name in kind.needs:
        if not given.get(name):
            raise _invalid(name)
    id = int(given.get("id") or state.new_id())
    rule = {"url": state.url(f"{kind.path}/{id}.json"), "id": id, "position": len(kept(state, kind)),
            "default": False, "created_at": stamp(now), "updated_at": stamp(now), **kind.defaults(), **_told(given)}
    kept(state, kind)[id] = rule
    return rule


def _told(given: Json) -> Json:
    """Conditions may come in `conditions` or, as the docs prefer for writing, as `all` and `any`."""
    told = {name: value for name, value in given.items() if name not in ("all", "any", "id", "output")}
    if "all" in given or "any" in given:
        told["conditions"] = {"all": given.get("all") or [], "any": given.get("any") or []}
    if "output" in given:
        columns = [{"id": name, "title": str(name).title()} for name in given["output"].get("columns", [])]
        told["execution"] = {"group_by": None, "group_order": "asc", "sort_by": given["output"].get("sort_by"),
                             "sort_order": given["output"].get("sort_order", "asc"), "columns": columns}
    return told


def _invalid(name: str) -> Refused:
    return Refused(422, {"error": "RecordInvalid", "description": "Record validation errors", "details": {
        name: [{"description": f"{name.title()}: cannot be blank", "error": "BlankValue"}]}})


def _may_read(account: Calls, kind: Kind, user: int) -> None:
    if not kind.agents_read:
        account._admin(user)


def _rule(account: Calls, kind: Kind, id: str) -> Json:
    if int(id) not in kept(account.state, kind):
        raise not_found()
    return kept(account.state, kind)[int(id)]


def _endpoints(kind: Kind) -> list[tuple[str, str, Handle]]:
    def listed(account: Calls, request: Request, user: int, now: datetime) -> Answer:
        _may_read(account, kind, user)
        return reading.listing(account.state, request, kind.many, list(kept(account.state, kind).values()))

    def show(account: Calls, request: Request, user: int, now: datetime, id: str) -> Answer:
        _may_read(account, kind, user)
        return Answer.of(200, {kind.one: _rule(account, kind, id)})

    def create(account: Calls, request: Request, user: int, now: datetime) -> Answer:
        account._admin(user)
        return Answer.of(201, {kind.one: add(account.state, kind, _body(request, kind.one), now)})

    def change(account: Calls, request: Request, user: int, now: datetime, id: str) -> Answer:
        account._admin(user)
        rule = _rule(account, kind, id)
        rule |= _told(_body(request, kind.one)) | {"updated_at": stamp(now)}
        return Answer.of(200, {kind.one: rule})

    def remove(account: Calls, request: Request, user: int, now: datetime, id: str) -> Answer:
        account._admin(user)
        _rule(account, kind, id)
        del kept(account.state, kind)[int(id)]
        return Answer(204)

    one = kind.path + r"/(\d{1,19})"
    return [("GET", kind.path, listed), ("GET", one, show), ("POST", kind.path, create), ("PUT", one, change),
            ("DELETE", one, remove)]


# triggers stand apart: they run, and their order matters


def list_triggers(account: Calls, request: Request, user: int, now: datetime) -> Answer:
    rows = [ruling.shown(account.state, one, n) for n, one in enumerate(account.state.triggers)]
    return reading.listing(account.state, request, "triggers", rows)


def _trigger(account: Calls, id: str) -> Json:
    found = next((one for one in account.state.triggers if one["id"] == int(id)), None)
    if found is None:
        raise not_found()
    return found


def show_trigger(account: Calls, request: Request, user: int, now: datetime, id: str) -> Answer:
    one = _trigger(account, id)
    return Answer.of(200, {"trigger": ruling.shown(account.state, one, account.state.triggers.index(one))})


def create_trigger(account: Calls, request: Request, user: int, now: datetime) -> Answer:
    account._admin(user)
    given, state = _body(request, "trigger"), account.state
    for name in ("title", "actions"):
        if not given.get(name):
            raise _invalid(name)
    made = {"id": state.new_id(), "created_at": stamp(now), "conditions": {"all": [], "any": []}, **_told(given)}
    _check_calls(state, made)
    state.triggers.append(made)
    return Answer.of(201, {"trigger": ruling.shown(state, made, len(state.triggers) - 1)})


def change_trigger(account: Calls, request: Request, user: int, now: datetime, id: str) -> Answer:
    """A built-in trigger whose conditions or actions are changed is an admin's own from then on."""
    account._admin(user)
    one, told, state = _trigger(account, id), _told(_body(request, "trigger")), account.state
    if {"conditions", "actions"} & told.keys():
        before = ruling.shown(state, one, 0)
        one |= {name: before[name] for name in ("title", "conditions", "actions", "active")}
        one.pop("kind", None)
    one |= told | {"updated_at": stamp(now)}
    _check_calls(state, one)
    return Answer.of(200, {"trigger": ruling.shown(state, one, state.triggers.index(one))})


def remove_trigger(account: Calls, request: Request, user: int, now: datetime, id: str) -> Answer:
    account._admin(user)
    account.state.triggers.remove(_trigger(account, id))
    return Answer(204)


def _check_calls(state: State, trigger: Json) -> None:
    """Only a webhook that is connected to triggers can be called by one (docs, "Webhooks")."""
    for webhook, _ in ruling.calls(trigger) if "actions" in trigger else []:
        if "conditional_ticket_events" not in state.webhooks.get(webhook, {}).get("subscriptions", ()):
            raise Refused(422, {"error": "RecordInvalid", "description": "Record validation errors", "details": {
                "base": [{"description": "Actions: the webhook is not connected to triggers"}]}})


def list_categories(account: Calls, request: Request, user: int, now: datetime) -> Answer:
    rows = [{"id": CATEGORY, "name": "Initial category", "position": 0, "created_at": "2025-01-01T00:00:00Z",
             "updated_at": "2025-01-01T00:00:00Z"}]
    return reading.listing(account.state, request, "trigger_categories", rows)


def load(state: State, world: Json, now: datetime) -> None:
    """A world's automations, macros, SLA policies and views."""
    for kind in KINDS:
        for given in world.get(kind.many, []):
            add(state, kind, given, now)


def _scope(path: str) -> str:
    return path.split("/")[0]


_ID = r"(\d{1,19})"
_ROUTES: list[tuple[str, str, Any]] = [
    ("GET", "triggers", list_triggers), ("POST", "triggers", create_trigger),
    ("GET", f"triggers/{_ID}", show_trigger), ("PUT", f"triggers/{_ID}", change_trigger),
    ("DELETE", f"triggers/{_ID}", remove_trigger), ("GET", "trigger_categories", list_categories),
    *(endpoint for kind in KINDS for endpoint in _endpoints(kind)),
]
RULE_ROUTES: list[tuple[str, re.Pattern[str], str, Handle]] = [
    (method, re.compile(pattern), _scope(pattern), handle) for method, pattern, handle in _ROUTES]
