"""Worlds that are loaded into the org, and what people and time do in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from connectors.salesforce.standin.org import Json, Org, id18, moment
from connectors.salesforce.standin.schema import custom_field


def load(org: Org, world: Json, now: datetime) -> None:
    """Adds a world's clients and rows to what is there; each list of rules or fields it names replaces the former."""
    org.id, org.domain = id18(world.get("org_id", org.id)), world.get("domain", org.domain)
    if world.get("organization") or org.id not in org.tables["Organization"]:
        org.tables["Organization"].clear()
        org.add("Organization", {"Id": org.id, "Name": "Acme", "OrganizationType": "Enterprise Edition",
                                 "InstanceName": "EU42", "IsSandbox": False, **world.get("organization", {})},
                now, _integration(org, now))
    for id, client in world.get("clients", {}).items():
        org.clients[id] = {"permissions": None, "user": _integration(org, now), **client}
    for obj, fields in world.get("custom_fields", {}).items():
        for name, kind in fields.items():
            org.objects[obj] = org.objects[obj].plus(custom_field(name, ":" + kind))
    names = {row["Name"]: row["Id"] for row in org.tables["Account"].values()}
    for given in world.get("accounts", []):
        row = org.add("Account", given, now, _integration(org, now))
        names[row["Name"]] = row["Id"]
    for given in world.get("contacts", []):
        _load_contact(org, given, names, now)
    for given in world.get("tasks", []):
        org.add("Task", {**given}, now, _integration(org, now))
    _load_settings(org, world)


def _load_contact(org: Org, given: Json, accounts: dict[str, str], now: datetime) -> None:
    known = {"AccountId": accounts[given["Account"]]} if given.get("Account") else {}
    row = org.add("Contact", {**given, **known}, now, _integration(org, now))
    for change in given.get("history", []):
        org.add_history(row["Id"], change["Field"], change.get("OldValue"), change.get("NewValue"),
                        moment(change["CreatedDate"], now), row["LastModifiedById"])


def _load_settings(org: Org, world: Json) -> None:
    limits = world.get("limits", {})
    org.daily, org.used = limits.get("daily", org.daily), limits.get("used", org.used)
    org.app_daily = limits.get("app_daily", org.app_daily)
    org.page_size, org.session_seconds = world.get("page_size", org.page_size), world.get(
        "session_seconds", org.session_seconds)
    org.flows = list(world.get("flows", org.flows))
    org.validation_rules = list(world.get("validation_rules", org.validation_rules))
    org.duplicate_rules = list(world.get("duplicate_rules", org.duplicate_rules))
    org.hidden = set(world.get("hidden_fields", org.hidden))
    org.read_only = set(world.get("read_only_fields", org.read_only))
    if "field_history" in world:
        org.history = None if world["field_history"] is None else tuple(world["field_history"])
    for dotted in world.get("encrypted_fields", []):
        obj, _, name = dotted.partition(".")
        org.objects[obj] = org.objects[obj].plus(replace(org.objects[obj].fields[name], encrypted=True))


def edit(org: Org, params: Json, now: datetime) -> Json:
    """A person edits a contact: `id` or `email`, `fields`, and `by` (a name)."""
    found = org.find("Contact", "Email", params["email"]) if "email" in params else [id18(params["id"])]
    by = {"Id": _person(org, params.get("by", "Alex Admin"), now), "Name": params.get("by", "Alex Admin")}
    row = org.update("Contact", found[0], params["fields"], by, now, admin=True)
    return {"id": row["Id"]}


def _delete(org: Org, params: Json, now: datetime) -> Json:
    org.drop(params.get("object", "Contact"), id18(params["id"]))
    return {}


def _merge(org: Org, params: Json, now: datetime) -> Json:
    """A person merges the contact `id` into another: its tasks move, the contact is deleted."""
    loser, master = id18(params["id"]), id18(params["into"])
    for id in list(org.find("Task", "WhoId", loser)):
        org.put("Task", {**org.tables["Task"][id], "WhoId": master})
    org.drop("Contact", loser)
    return {"id": master}


def _expire_tokens(org: Org, params: Json, now: datetime) -> Json:
    count = len(org.tokens)
    org.tokens.clear()
    return {"expired": count}


def _block_client(org: Org, params: Json, now: datetime) -> Json:
    org.tokens.clear()
    for client in org.clients.values():
        client["blocked"] = params.get("blocked", True)
    return {}


def _lock(org: Org, params: Json, now: datetime) -> Json:
    org.locked.add(id18(params["id"]))
    return {}


def _unlock(org: Org, params: Json, now: datetime) -> Json:
    org.locked.discard(id18(params["id"]))
    return {}


def _set_limits(org: Org, params: Json, now: datetime) -> Json:
    _load_settings(org, {"limits": params})
    return {"used": org.used, "daily": org.daily}


def _add_flow(org: Org, params: Json, now: datetime) -> Json:
    org.flows.append(params)
    return {}


def _hide_field(org: Org, params: Json, now: datetime) -> Json:
    dotted = f"{params.get('object', 'Contact')}.{params['field']}"
    (org.hidden.add if params.get("hidden", True) else org.hidden.discard)(dotted)
    return {}


def _person(org: Org, name: str, now: datetime) -> str:
    """The id of the user of that name, who is made when missing."""
    for row in org.tables["User"].values():
        if row["Name"] == name:
            return str(row["Id"])
    first, _, last = name.rpartition(" ")
    id = org.new_id("005")
    org.add("User", {"Id": id, "FirstName": first or None, "LastName": last, "IsActive": True,
                     "Username": f"{name.lower().replace(' ', '.')}@acme.example"}, now, id)
    return id


def _integration(org: Org, now: datetime) -> str:
    """The run-as user of the client credentials flow."""
    return _person(org, "Deskhand Integration", now)


OPERATIONS: dict[str, Callable[[Org, Json, datetime], Json]] = {
    "edit": edit, "delete": _delete, "merge": _merge, "expire_tokens": _expire_tokens, "block_client": _block_client,
    "lock_row": _lock, "unlock_row": _unlock, "limits": _set_limits, "add_flow": _add_flow,
    "hide_field": _hide_field}
