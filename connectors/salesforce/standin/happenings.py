"""What people and time do in the org: colleagues edit contacts, admins grant and lock, sessions end, mail stops."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from connectors.salesforce.standin import desk, people, saving, worlds
from connectors.salesforce.standin.ids import id18
from connectors.salesforce.standin.org import Json, Org
from connectors.salesforce.standin.saving import Save


def edit(org: Org, params: Json, now: datetime) -> Json:
    """A person edits a row, a contact unless `object` says otherwise: `id` or `email`, `fields`, `by` (a name)."""
    obj = params.get("object", "Contact")
    found = org.find(obj, "Email", params["email"]) if "email" in params else [id18(params["id"])]
    by = people.person(org, params.get("by", "Alex Admin"), now)
    row = saving.update(org, obj, found[0], params["fields"], Save(by, now, admin=True))
    return {"id": row["Id"]}


def _delete(org: Org, params: Json, now: datetime) -> Json:
    """Deletes a case into the bin, any other row for good."""
    if "case" in params or "ticket" in params or params.get("object") == "Case":
        return desk.delete(org, {"case": params.get("case") or params.get("ticket") or params["id"], **params}, now)
    org.drop(params.get("object", "Contact"), id18(params["id"]))
    return {}


def _merge(org: Org, params: Json, now: datetime) -> Json:
    """A person merges the contact `id`, or the case `case`, into another: what belonged to it moves."""
    if "case" in params or "ticket" in params:
        return desk.merge(org, params, now)
    loser, master = id18(params["id"]), id18(params["into"])
    for obj, name in (("Task", "WhoId"), ("Case", "ContactId")):
        for id in list(org.find(obj, name, loser)):
            org.put(obj, {**org.tables[obj][id], name: master})
    org.drop("Contact", loser)
    return {"id": master}


def _expire_tokens(org: Org, params: Json, now: datetime) -> Json:
    """Ends every session."""
    count = len(org.tokens)
    org.tokens.clear()
    return {"expired": count}


def _block_client(org: Org, params: Json, now: datetime) -> Json:
    """Ends every session and gives no new one; `blocked` false gives them again."""
    org.tokens.clear()
    for client in org.clients.values():
        client["blocked"] = params.get("blocked", True)
    return {}


def _permit(org: Org, params: Json, now: datetime) -> Json:
    """Changes what a client may: `client`, and `permissions` or None for everything."""
    org.clients[params["client"]]["permissions"] = params.get("permissions")
    return {}


def _lock(org: Org, params: Json, now: datetime) -> Json:
    """Somebody holds the row `id`, so that every save of it fails."""
    org.locked.add(id18(params["id"]))
    return {}


def _unlock(org: Org, params: Json, now: datetime) -> Json:
    """Lets go of the row `id`."""
    org.locked.discard(id18(params["id"]))
    return {}


def _set_limits(org: Org, params: Json, now: datetime) -> Json:
    """`daily`, `used`, `app_daily` API calls, and `mail_left`."""
    worlds.set_limits(org, params)
    return {"used": org.used, "daily": org.daily}


def _add_flow(org: Org, params: Json, now: datetime) -> Json:
    """Adds a flow: `object`, `field`, `do` (revert, set, fail, later), `value`, `seconds`, `by`, `on` (create)."""
    org.flows.append(params)
    return {}


def _hide_field(org: Org, params: Json, now: datetime) -> Json:
    """Takes `field` of `object` from the API; `hidden` false gives it back."""
    dotted = f"{params.get('object', 'Contact')}.{params['field']}"
    (org.hidden.add if params.get("hidden", True) else org.hidden.discard)(dotted)
    return {}


def _outage(org: Org, params: Json, now: datetime) -> Json:
    """The whole org answers 503 with a page for people, for `seconds`."""
    org.outage_until = now + timedelta(seconds=float(params.get("seconds", 60)))
    return {}


def _deliverability(org: Org, params: Json, now: datetime) -> Json:
    """Which mail may leave: `level` all, system or no."""
    org.deliverability = params["level"]
    return {}


def _desk(org: Org, params: Json, now: datetime) -> Json:
    """An admin changes how the desk works; see the world's `desk`."""
    org.desk |= params
    return {}


def _share(org: Org, params: Json, now: datetime) -> Json:
    """Gives a user a look at one row: `user`, `id`, `level` (Read, Edit, All; None takes it back)."""
    given = org.sharing.setdefault("given", {}).setdefault(id18(params["id"]), {})
    given[people.person(org, params["user"], now)["Id"]] = params.get("level", "Read")
    return {}


def _private(org: Org, params: Json, now: datetime) -> Json:
    """From now on only owners and those it is shared with see the rows of `objects`."""
    org.sharing["private"] = list(params.get("objects", ["Case"]))
    return {}


def _grant(org: Org, params: Json, now: datetime) -> Json:
    """Assigns `permission_set` to `user`."""
    user = people.person(org, params["user"], now)
    people.grant(org, user, params["permission_set"], now)
    return {"user": user["Id"]}


def _revoke(org: Org, params: Json, now: datetime) -> Json:
    """Takes `permission_set` from `user`."""
    user = people.person(org, params["user"], now)
    people.revoke(org, user, params["permission_set"])
    return {"user": user["Id"]}


def _join(org: Org, params: Json, now: datetime) -> Json:
    """`user` comes into the queue `group`."""
    user = people.person(org, params["user"], now)
    people.join(org, user, params["group"], now)
    return {"user": user["Id"]}


def _leave(org: Org, params: Json, now: datetime) -> Json:
    """`user` leaves the queue `group`."""
    user = people.person(org, params["user"], now)
    people.leave(org, user, params["group"])
    return {"user": user["Id"]}


def _change_user(org: Org, params: Json, now: datetime) -> Json:
    """An admin switches a user off (`active`), or gives them another `profile` or `type`."""
    user = people.person(org, params.get("user") or params["email"], now)
    changes = {"IsActive": params.get("active", user["IsActive"]), "UserType": params.get("type", user["UserType"])}
    if params.get("profile"):
        profile = org.named("Profile", params["profile"]) or people.add_profile(org, params["profile"], now)
        changes["ProfileId"] = profile["Id"]
    org.put("User", {**user, **changes})
    return {"user": user["Id"]}


def _deactivate_user(org: Org, params: Json, now: datetime) -> Json:
    """Switches `user` off."""
    return _change_user(org, {**params, "active": False}, now)


OPERATIONS: dict[str, Callable[[Org, Json, datetime], Json]] = {
    **desk.CASE_OPERATIONS, "edit": edit, "delete": _delete, "merge": _merge, "expire_tokens": _expire_tokens,
    "block_client": _block_client, "permit": _permit, "lock_row": _lock, "unlock_row": _unlock, "limits": _set_limits,
    "add_flow": _add_flow, "hide_field": _hide_field, "outage": _outage, "deliverability": _deliverability,
    "desk": _desk, "share": _share, "private": _private, "grant": _grant, "revoke": _revoke, "join": _join,
    "leave": _leave, "change_user": _change_user, "deactivate_user": _deactivate_user}
