"""What people, rules and time do in the account, outside the API: customers write, agents work, tickets are merged."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from connectors.zendesk.standin import writing
from connectors.zendesk.standin.people import change_user, someone
from connectors.zendesk.standin.state import Json, State, Ticket, moment, stamp, via
from connectors.zendesk.standin.writing import Writing


def customer_writes(state: State, given: Json, now: datetime) -> Json:
    """A new ticket, or a reply to `ticket`; a suspended user's mail is only kept aside."""
    author = someone(state, given["email"], given.get("name"), now)
    if state.users[author]["suspended"]:
        return {"suspended": _set_aside(state, given, author, now)}
    replied = state.tickets.get(int(given["ticket"])) if given.get("ticket") else None
    if replied is None or replied.deleted or replied.status == "closed":
        return {"ticket": _open(state, given, author, now, follows=replied).id}
    _reply(state, replied, given, author, now)
    return {"ticket": replied.id}


def _set_aside(state: State, given: Json, author: int, now: datetime) -> int:
    person = state.users[author]
    state.suspended.append({
        "id": state.new_id(), "author": {"id": author, "name": person["name"], "email": person["email"]},
        "cause": "User is suspended", "cause_id": 22, "content": given["body"], "subject": given.get("subject", ""),
        "recipient": _support_address(state), "ticket_id": given.get("ticket"), "created_at": stamp(now)})
    return int(state.suspended[-1]["id"])


def _support_address(state: State) -> str:
    return f"support@{state.subdomain}.zendesk.com"


def channel_via(state: State, given: Json, author: int) -> Json:
    channel = given.get("channel", "email")
    if channel != "email":
        return via(channel)
    sender = {"address": given.get("sender") or given["email"], "name": state.users[author]["name"]}
    return via("email", sender=sender, to={"address": _support_address(state), "name": "Acme"})


def _open(state: State, given: Json, author: int, now: datetime, follows: Ticket | None = None) -> Ticket:
    channel = channel_via(state, given, author)
    if follows:
        channel["source"] |= {"from": channel["source"]["from"] | {"ticket_id": follows.id}, "rel": "follow_up"}
    created = moment(given.get("created_at"), now)
    id = int(given.get("id") or state.next_ticket)
    state.next_ticket = max(state.next_ticket, id + 1)
    fields = {state.ticket_field(name): value for name, value in given.get("custom_fields", {}).items()}
    ticket = Ticket(
        id, given.get("subject", ""), given["body"], author, author, channel, stamp(created), stamp(created),
        state.brand(given.get("brand")), state.form(given.get("form")), tags=sorted(set(given.get("tags", []))),
        group_id=state.group(given["group"]) if given.get("group") else None, custom_fields=fields,
        priority=given.get("priority"), email_cc_ids=[someone(state, cc, None, now) for cc in given.get("ccs", [])],
        recipient=_support_address(state) if channel["channel"] == "email" else None)
    said = {"body": given["body"], "public": given.get("public", True)}
    writing.create(state, ticket, Writing(author, channel, created, comment=said, flags=given.get("flags", [])))
    if follows:
        follows.followup_ids.append(ticket.id)
    return ticket


def _reply(state: State, ticket: Ticket, given: Json, author: int, now: datetime) -> None:
    """A stranger's reply is kept as a private note by an end user, and flagged."""
    taking_part = author in (ticket.requester_id, *ticket.email_cc_ids) or state.is_staff(author)
    flags = given.get("flags", []) if taking_part else [2, *given.get("flags", [])]
    changes = {"status": "open"} if ticket.status in ("pending", "hold", "solved") and taking_part else {}
    for cc in given.get("ccs", []):
        ticket.email_cc_ids.append(someone(state, cc, None, now))
    said = {"body": given["body"], "public": taking_part and given.get("public", True)}
    writing.update(state, ticket, Writing(author, channel_via(state, given, author), now, comment=said,
                                          changes=changes, flags=flags))


def agent_replies(state: State, given: Json, now: datetime) -> Json:
    """A colleague comments in the browser, public unless said otherwise."""
    said = {"body": given["body"], "public": given.get("public", True)}
    changes = {"status": given["status"]} if given.get("status") else {}
    return _done(state, given, now, state.person(given["agent"]), via("web"), comment=said, changes=changes)


def agent_sets(state: State, given: Json, now: datetime) -> Json:
    """A colleague changes status, assignee, group, tags, priority or subject in the browser."""
    return _done(state, given, now, state.person(given["agent"]), via("web"), changes=_changes(state, given))


def _changes(state: State, given: Json) -> Json:
    changes: Json = {key: given[key] for key in ("status", "priority", "subject") if key in given}
    if "assignee" in given:
        changes["assignee_id"] = state.person(given["assignee"]) if given["assignee"] else None
    if "group" in given:
        changes["group_id"] = state.group(given["group"])
    if "tags" in given:
        changes["tags"] = sorted(set(given["tags"]))
    return changes


def trigger_assigns(state: State, given: Json, now: datetime) -> Json:
    """A time-based rule assigns: the audit itself says `rule` and has no person as author."""
    rule = via("rule", sender={"deleted": False, "title": "Assign to the desk", "id": state.new_id()}, rel="automation")
    return _done(state, given, now, -1, rule, changes=_changes(state, given))


def routing_assigns(state: State, given: Json, now: datetime) -> Json:
    """Omnichannel routing assigns: author -1, no rule named (unverified on a real account)."""
    return _done(state, given, now, -1, via("system"), changes=_changes(state, given))


def change_requester(state: State, given: Json, now: datetime) -> Json:
    changes = {"requester_id": someone(state, given["email"], given.get("name"), now)}
    author = state.person(given["agent"]) if given.get("agent") else _any_staff(state)
    return _done(state, given, now, author, via("web"), changes=changes)


def merge(state: State, given: Json, now: datetime) -> Json:
    """`ticket` is closed and merged into `into`; both get a private note."""
    source, target = state.tickets[int(given["ticket"])], state.tickets[int(given["into"])]
    agent = state.person(given["agent"]) if given.get("agent") else _any_staff(state)
    here = {"body": f"This request was closed and merged into request #{target.id} \"{target.subject}\".",
            "public": False}
    there = {"body": f"Request #{source.id} \"{source.subject}\" was closed and merged into this request.",
             "public": False}
    changes = {"status": "closed", "tags": sorted({*source.tags, "closed_by_merge"})}
    merged = via("web", sender={"ticket_id": source.id, "subject": source.subject}, rel="merge")
    writing.update(state, source, Writing(agent, via("web", rel="merge"), now, comment=here, changes=changes))
    writing.tell(state, source, now, agent, "merged", {"target_ticket_id": str(target.id)})
    writing.update(state, target, Writing(agent, merged, now, comment=there))
    return {"ticket": target.id}


def delete(state: State, given: Json, now: datetime) -> Json:
    ticket = state.tickets[int(given["ticket"])]
    ticket.deleted = True
    ticket.generated_at = int(now.timestamp())
    writing.tell(state, ticket, now, _any_staff(state), "soft_deleted", {})
    return {"ticket": ticket.id}


def close(state: State, given: Json, now: datetime) -> Json:
    """Zendesk's own automation closes a solved ticket."""
    rule = via("rule", sender={"deleted": False, "title": "Close ticket 4 days after status is set to solved",
                               "id": state.new_id()}, rel="automation")
    return _done(state, given, now, -1, rule, changes={"status": "closed"})


def suspend_user(state: State, given: Json, now: datetime) -> Json:
    user = state.users[state.person(given["email"])]
    user |= {"suspended": given.get("suspended", True), "updated_at": stamp(now)}
    return {"user": user["id"]}


def add_cc(state: State, given: Json, now: datetime) -> Json:
    ticket = state.tickets[int(given["ticket"])]
    ticket.email_cc_ids.append(someone(state, given["email"], given.get("name"), now))
    return {"ticket": ticket.id}


def _any_staff(state: State) -> int:
    return next(id for id, user in state.users.items() if user["role"] in ("admin", "agent"))


def _done(state: State, given: Json, now: datetime, author: int, channel: Json, **writes: Any) -> Json:
    ticket = state.tickets[int(given["ticket"])]
    audit = writing.update(state, ticket, Writing(author, channel, now, **writes))
    return {"ticket": ticket.id, "audit": audit["id"]}


def load_ticket(state: State, given: Json, now: datetime) -> None:
    """A ticket of a world: its first message, later `comments` (email, body, public, at), then what it was set to."""
    created = moment(given.get("created_at"), now)
    first = {key: value for key, value in given.items() if key not in ("status", "assignee", "created_at")}
    id = customer_writes(state, first, created)["ticket"]
    for said in given.get("comments", []):
        at = moment(said.get("at"), now)
        if state.is_staff(state.by_email.get(said["email"].lower(), 0)):
            agent_replies(state, {"ticket": id, "agent": said["email"], **said}, at)
        else:
            customer_writes(state, {"ticket": id, **said}, at)
    ticket = state.tickets[id]
    if given.get("assignee"):
        ticket.assignee_id = state.person(given["assignee"])
    if given.get("status"):
        ticket.status = given["status"]
    ticket.organization_id = given.get("organization_id")


OPS: dict[str, Callable[[State, Json, datetime], Json]] = {
    "customer_writes": customer_writes, "agent_replies": agent_replies, "agent_sets": agent_sets,
    "trigger_assigns": trigger_assigns, "routing_assigns": routing_assigns, "change_requester": change_requester,
    "merge": merge, "delete": delete, "close": close, "suspend_user": suspend_user, "add_cc": add_cc,
    "change_user": change_user,
}
