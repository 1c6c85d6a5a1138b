"""Makes the people and things of an account, in Zendesk's own shapes."""

from __future__ import annotations

from datetime import datetime

from connectors.zendesk.standin.state import NOTIFY, STATUSES, Json, State, moment, stamp

ROLE_TYPES = {"admin": 4, "agent": 0, "end-user": None}
SEEN_AND_DONE = ("suspended", "active", "role", "role_type", "ticket_restriction", "organization_id", "shared_agent")
"""What an admin may set about a user that decides what the user may see and do."""


def add_user(state: State, given: Json, now: datetime) -> int:
    id = int(given.get("id") or state.new_id())
    email, role = given.get("email"), given.get("role", "end-user")
    at = stamp(moment(given.get("created_at"), now))
    staff = role != "end-user"
    state.users[id] = {
        "id": id, "url": state.url(f"users/{id}.json"), "name": given.get("name") or (email or "").split("@")[0],
        "email": email, "created_at": at, "updated_at": at, "time_zone": given.get("time_zone", "Etc/UTC"),
        "iana_time_zone": given.get("time_zone", "Etc/UTC"), "phone": given.get("phone"),
        "shared_phone_number": None, "photo": None, "locale_id": 1, "locale": given.get("locale", "en-US"),
        "organization_id": given.get("organization_id"), "role": role, "verified": bool(given.get("verified", staff)),
        "external_id": given.get("external_id"), "tags": list(given.get("tags", [])), "alias": None,
        "active": given.get("active", True), "shared": False, "last_login_at": None,
        "shared_agent": given.get("shared_agent", False),
        "two_factor_auth_enabled": None if staff else False, "signature": None, "details": None, "notes": None,
        "role_type": given.get("role_type", ROLE_TYPES[role]), "moderator": staff,
        "custom_role_id": state.custom_role(given["custom_role"]) if given.get("custom_role") else None,
        "ticket_restriction": given.get("ticket_restriction", None if staff else "requested"),
        "only_private_comments": given.get("only_private_comments", False),
        "restricted_agent": not staff, "suspended": given.get("suspended", False), "default_group_id": None,
        "report_csv": role == "admin", "user_fields": {},
    }
    state.members[id] = [state.group(name) for name in given.get("groups", [])]
    add_identities(state, id, given, at)
    return id


def change_user(state: State, given: Json, now: datetime) -> Json:
    """An admin changes what a user may see and do: suspended, role, restriction, custom role, groups."""
    id = state.person(given["email"])
    user = state.users[id]
    user |= {key: given[key] for key in SEEN_AND_DONE if key in given} | {"updated_at": stamp(now)}
    if "custom_role" in given:
        user["custom_role_id"] = state.custom_role(given["custom_role"]) if given["custom_role"] else None
    if "groups" in given:
        state.members[id] = [state.group(name) for name in given["groups"]]
    return {"user": id}


def add_identities(state: State, user: int, given: Json, at: str) -> None:
    email, verified = given.get("email"), state.users[user]["verified"]
    first = {"value": email, "verification_method": "full" if verified else "none"}
    listed = given.get("identities", [first] if email else [])
    state.identities[user] = [_identity(state, user, one, at, primary=n == 0) for n, one in enumerate(listed)]
    for one in state.identities[user]:
        if one["type"] == "email":
            state.by_email.setdefault(one["value"].lower(), user)
    state.users[user]["verified"] = verified or any(one["verified"] for one in state.identities[user])


def _identity(state: State, user: int, given: Json, at: str, *, primary: bool) -> Json:
    id = state.new_id()
    method = given.get("verification_method", "none")
    verified = bool(given.get("verified", method != "none"))
    return {
        "id": id, "user_id": user, "type": given.get("type", "email"), "value": given["value"],
        "primary": given.get("primary", primary), "verified": verified, "verification_method": method,
        "verified_at": given.get("verified_at", at if verified else None), "deliverable_state": "deliverable",
        "undeliverable_count": 0, "created_at": at, "updated_at": at,
        "url": state.url(f"users/{user}/identities/{id}.json"),
    }


def someone(state: State, email: str, name: str | None, now: datetime) -> int:
    """The user with this address; a new, unverified end user when there is none."""
    known = state.by_email.get(email.lower())
    return known if known is not None else add_user(state, {"email": email, "name": name}, now)


DEFAULTS: Json = {"groups": [{"name": "Support"}], "forms": [{"name": "Default ticket form"}],
                  "brands": [{"name": "Acme"}], "ticket_fields": [], "triggers": [{"kind": NOTIFY}]}


def furnish(state: State, world: Json, now: datetime) -> None:
    """Groups, roles, forms, brands, fields and triggers; each kind that the world names replaces what was there."""
    at, make = stamp(now), {"groups": _group, "forms": _form, "brands": _brand, "ticket_fields": _ticket_field,
                             "custom_roles": _custom_role}
    for kind, made in make.items():
        if kind in world:
            setattr(state, kind, {})
            for given in world[kind]:
                id = int(given.get("id") or state.new_id())
                getattr(state, kind)[id] = made(state, id, given, at)
    if "triggers" in world:
        state.triggers = [{"id": state.new_id(), **given} for given in world["triggers"]]
    state.custom_statuses = state.custom_statuses or {status: state.new_id() for status in STATUSES}


def _group(state: State, id: int, given: Json, at: str) -> Json:
    return {"url": state.url(f"groups/{id}.json"), "id": id, "name": given["name"],
            "is_public": given.get("is_public", True), "description": "", "default": not state.groups,
            "deleted": False, "created_at": at, "updated_at": at}


def _custom_role(state: State, id: int, given: Json, at: str) -> Json:
    allowed = {"ticket_access": "all", "ticket_comment_access": "public", "ticket_editing": True, "light_agent": False}
    return {"id": id, "name": given["name"], "description": "", "role_type": 0, "team_member_count": 0,
            "configuration": allowed | given.get("configuration", {}), "created_at": at, "updated_at": at}


def _form(state: State, id: int, given: Json, at: str) -> Json:
    return {"url": state.url(f"ticket_forms/{id}.json"), "id": id, "name": given["name"], "active": True,
            "default": not state.forms}


def _ticket_field(state: State, id: int, given: Json, at: str) -> Json:
    return {"url": state.url(f"ticket_fields/{id}.json"), "id": id, "type": given.get("type", "text"),
            "title": given["title"], "required": given.get("required", False), "active": True, "created_at": at,
            "updated_at": at}


def _brand(state: State, id: int, given: Json, at: str) -> Json:
    return {
        "url": state.url(f"brands/{id}.json"), "id": id, "name": given["name"],
        "brand_url": f"https://{state.subdomain}.zendesk.com", "subdomain": state.subdomain, "host_mapping": None,
        "has_help_center": True, "help_center_state": "enabled", "active": True, "default": not state.brands,
        "is_deleted": False, "logo": None, "ticket_form_ids": list(state.forms),
        "signature_template": "{{agent.signature}}", "created_at": at, "updated_at": at,
    }
