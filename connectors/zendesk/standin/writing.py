"""What one write does to a ticket: its events, its audit, its triggers, and what webhooks will hear of it."""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connectors.zendesk.standin import ruling
from connectors.zendesk.standin.reading import ticket_json
from connectors.zendesk.standin.state import (
    NOTIFY,
    NOTIFY_OF_STATUS,
    NOTIFY_WITH_CCS,
    STATUSES,
    Event,
    Json,
    State,
    Ticket,
    stamp,
    via,
)

SYSTEM = {"ip_address": "192.0.2.77", "location": "Exampleville, EX, Exampleland", "latitude": 51.2, "longitude": 3.2}
"""What Zendesk keeps of a writer's machine; personal data that no one downstream may keep."""

LOGGED_FIELDS = ("subject", "requester_id", "priority", "type", "status", "assignee_id", "group_id", "organization_id",
                 "brand_id", "ticket_form_id")
CHANGED_EVENTS = {
    "status": "status_changed", "assignee_id": "agent_assignment_changed", "group_id": "group_assignment_changed",
    "priority": "priority_changed", "subject": "subject_changed", "requester_id": "requester_changed",
    "tags": "tags_changed", "custom_status_id": "custom_status_changed", "brand_id": "brand_changed",
    "ticket_form_id": "form_changed", "organization_id": "organization_changed", "type": "type_changed",
}
BY_TRIGGER = "conditional_ticket_events"
MOST_COMMENTS = 5000


class Invalid(Exception):
    """A write Zendesk refuses with 422; `details` is keyed by field."""

    def __init__(self, field_name: str, description: str, **more: Any) -> None:
        super().__init__(description)
        self.details = {field_name: [{"description": description, **more}]}


@dataclass
class Writing:
    """One write by one author: everything that will stand in one audit."""

    author: int
    via: Json
    now: datetime
    client: str = "Mozilla/5.0"
    comment: Json | None = None
    changes: Json = field(default_factory=dict)
    custom_fields: dict[int, Any] = field(default_factory=dict)
    custom: Json = field(default_factory=dict)
    flags: list[int] = field(default_factory=list)
    rule: Json | None = None
    """The via of a business rule that makes the changes, when the author did not."""


def create(state: State, ticket: Ticket, writing: Writing) -> Json:
    """Files a new ticket with its first comment."""
    state.tickets[ticket.id] = ticket
    events = [_comment(state, ticket, writing)] if writing.comment else []
    logged: list[tuple[str, Any]] = [(name, getattr(ticket, name)) for name in LOGGED_FIELDS
                                     if getattr(ticket, name) is not None or name in ("priority", "type")]
    logged += [("tags", list(ticket.tags))] if ticket.tags else []
    logged += [(str(id), value) for id, value in ticket.custom_fields.items()]
    logged.append(("custom_status_id", state.custom_statuses[ticket.status]))
    events += [{"id": state.new_id(), "type": "Create", "value": _text(value), "field_name": name}
               for name, value in logged]
    ticket.first_public = ticket.is_public = bool(writing.comment is None or events[0]["public"])
    for trigger in state.triggers:
        if trigger.get("kind") == "assign_on_create" and trigger.get("active", True):
            events += _change(state, ticket, _assignment(state, trigger), {}, rule_via(trigger))
    fired = _run_triggers(state, ticket, writing, events, created=True)
    audit = _file(state, ticket, writing, events)
    _tell(state, ticket, writing, "created", {})
    _tell_triggers(state, ticket, writing, fired)
    return audit


def update(state: State, ticket: Ticket, writing: Writing) -> Json:
    """Changes a ticket; an update that changes nothing makes an audit without events, which is not kept."""
    validate(state, ticket, writing)
    events = [_comment(state, ticket, writing)] if writing.comment else []
    if ticket.status == "new" and writing.changes.get("assignee_id") and "status" not in writing.changes:
        writing.changes["status"] = "open"
    events += _change(state, ticket, writing.changes, writing.custom_fields, writing.rule)
    if events:
        events += _notifications(state, ticket, writing, events)
    fired = _run_triggers(state, ticket, writing, events, created=False) if events else []
    audit = _file(state, ticket, writing, events)
    for event in events:
        _tell_of(state, ticket, writing, event)
    if events:
        _tell_triggers(state, ticket, writing, fired)
    return audit


def validate(state: State, ticket: Ticket, writing: Writing) -> None:
    if ticket.status == "closed":
        raise Invalid("status", "Status: closed prevents ticket update")
    status = writing.changes.get("status")
    if status is not None and status not in STATUSES:
        raise Invalid("status", f"Status: {status} is not valid")
    assignee: int | None = writing.changes.get("assignee_id", ticket.assignee_id)
    if assignee and "assignee_id" in writing.changes and not state.is_staff(assignee):
        raise Invalid("assignee", "Assignee is invalid")
    if status == "solved" and ticket.status != "solved":
        _required_to_solve(state, ticket, writing, assignee)
    if writing.comment and ticket.comments >= MOST_COMMENTS:
        raise Invalid("comment", "Comment: this ticket has reached the limit of 5000 comments")


def _required_to_solve(state: State, ticket: Ticket, writing: Writing, assignee: int | None) -> None:
    missing: list[Json] = [] if assignee else [
        {"description": "Assignee: is required when solving a ticket", "error": None, "ticket_field_id": 1,
         "ticket_field_type": "FieldAssignee"}]
    held = ticket.custom_fields | writing.custom_fields
    missing += [{"description": f"{one['title']}: is required when solving a ticket", "error": None,
                 "ticket_field_id": id, "ticket_field_type": "Field" + str(one["type"]).capitalize()}
                for id, one in state.ticket_fields.items() if one["required"] and not held.get(id)]
    if missing:
        refusal = Invalid("base", missing[0]["description"])
        refusal.details = {"base": missing}
        raise refusal


def _comment(state: State, ticket: Ticket, writing: Writing) -> Json:
    given = writing.comment or {}
    body = given.get("body")
    text = body if body is not None else _as_text(given.get("html_body", ""))
    inner = given.get("html_body") or _as_html(text)
    public = ticket.first_public if given.get("public") is None else bool(given["public"])
    if state.users.get(writing.author, {}).get("only_private_comments"):
        public = False
    ticket.comments += 1
    event: Json = {"id": state.new_id(), "type": "Comment", "author_id": int(given.get("author_id") or writing.author),
             "body": text, "html_body": f'<div class="zd-comment" dir="auto">{inner}</div>', "plain_body": text,
             "public": public, "attachments": [], "audit_id": 0}
    ticket.is_public = ticket.is_public or bool(event["public"])
    return event


def _as_text(given: str) -> str:
    spaced = re.sub(r"<br\s*/?>", "\n", re.sub(r"</p>\s*<p[^>]*>", "\n\n", given))
    return html.unescape(re.sub(r"<[^>]+>", "", spaced))


def _as_html(text: str) -> str:
    paragraphs = html.escape(text, quote=False).split("\n\n")
    return "".join('<p dir="auto">' + p.replace("\n", "<br>\n") + "</p>" for p in paragraphs)


def _change(state: State, ticket: Ticket, changes: Json, custom: dict[int, Any], rule: Json | None) -> list[Json]:
    events = []
    for name, value in changes.items():
        before = getattr(ticket, name)
        if before == value:
            continue
        setattr(ticket, name, value)
        events.append(_changed(state, name, value, before))
        if name == "status":
            events.append(_changed(state, "custom_status_id", state.custom_statuses[value],
                                   state.custom_statuses[before]))
    for id, value in custom.items():
        if ticket.custom_fields.get(id) != value:
            events.append(_changed(state, str(id), value, ticket.custom_fields.get(id)))
            ticket.custom_fields[id] = value
    return [event | {"via": rule} for event in events] if rule else events


def _changed(state: State, name: str, value: Any, before: Any) -> Json:
    return {"id": state.new_id(), "type": "Change", "value": _text(value), "field_name": name,
            "previous_value": _text(before)}


def _text(value: Any) -> Any:
    """Audit events hold strings even for ids; tags stay a list (Zendesk docs, "Ticket Audit events reference")."""
    return value if value is None or isinstance(value, list) else str(value)


def rule_via(trigger: Json) -> Json:
    return via("rule", sender={"deleted": False, "title": trigger.get("title") or trigger["kind"], "id": trigger["id"],
                               "revision_id": 1}, rel="trigger")


def _assignment(state: State, given: Json) -> Json:
    changes: Json = {}
    if given.get("group"):
        changes["group_id"] = state.group(given["group"])
    if given.get("assignee"):
        changes |= {"assignee_id": state.person(given["assignee"]), "status": "open"}
    return changes


def _notifications(state: State, ticket: Ticket, writing: Writing, events: list[Json]) -> list[Json]:
    """Mails sent by triggers: for a public comment or a new status by someone else, never for machine-made ones."""
    said = [event["body"] for event in events if event["type"] == "Comment" and event["public"]]
    moved = [event["value"] for event in events if event.get("field_name") == "status"]
    if writing.author == ticket.requester_id or 4 in writing.flags:
        return []
    sent = []
    for trigger in state.triggers:
        with_ccs = trigger.get("kind") == NOTIFY_WITH_CCS
        news = {NOTIFY: said, NOTIFY_WITH_CCS: said, NOTIFY_OF_STATUS: moved}.get(trigger.get("kind", ""))
        recipients = _reachable(state, ticket) + (ticket.email_cc_ids if with_ccs else [])
        if news and recipients and trigger.get("active", True):
            sent.append({"id": state.new_id(), "type": "NotificationWithCcs" if with_ccs else "Notification",
                         "via": rule_via(trigger), "subject": f"[{state.subdomain}] Re: {ticket.subject}",
                         "body": news[0], "recipients": recipients})
    return sent


def _run_triggers(state: State, ticket: Ticket, writing: Writing, events: list[Json], *, created: bool) -> list[Json]:
    """Lets the triggers that admins made act on this update, each once; returns those that fired."""
    public = next((bool(event["public"]) for event in events if event["type"] == "Comment"), None)
    occasion = ruling.Occasion(created, writing.author, state.is_staff(writing.author), public,
                               tuple(str(event["field_name"]) for event in events if event["type"] == "Change"))
    fired = []
    for trigger in state.triggers:
        if not ruling.fires(trigger, ticket, occasion):
            continue
        fired.append(trigger)
        events += _change(state, ticket, ruling.changes(trigger, ticket), {}, rule_via(trigger))
        whom = ruling.mails_requester(trigger)
        recipients = _reachable(state, ticket) + (ticket.email_cc_ids if whom == "requester_and_ccs" else [])
        if whom and recipients and writing.author != ticket.requester_id:
            events.append({"id": state.new_id(), "type": "Notification", "via": rule_via(trigger), "body": "",
                           "subject": f"[{state.subdomain}] Re: {ticket.subject}", "recipients": recipients})
    return fired


def _reachable(state: State, ticket: Ticket) -> list[int]:
    requester = state.users[ticket.requester_id]
    reachable = requester["email"] and requester["active"] and not requester["suspended"]
    return [ticket.requester_id] if reachable else []


def _file(state: State, ticket: Ticket, writing: Writing, events: list[Json]) -> Json:
    automatic = writing.author < 0
    metadata: Json = {"system": {} if automatic else {"client": writing.client, **SYSTEM}, "custom": writing.custom}
    if writing.flags:
        metadata |= {"trusted": False, "flags": writing.flags,
                     "flags_options": {str(flag): {"trusted": False} for flag in writing.flags}}
    audit = {"id": state.new_id(), "ticket_id": ticket.id, "created_at": stamp(writing.now),
             "author_id": writing.author, "metadata": metadata, "events": events, "via": writing.via}
    for event in events:
        if event["type"] == "Comment":
            event["audit_id"] = audit["id"]
    ticket.generated_at = int(writing.now.timestamp())
    if events:
        ticket.updated_at = stamp(writing.now)
        ticket.audits.append(json.dumps(audit))
    return audit


def _tell_triggers(state: State, ticket: Ticket, writing: Writing, fired: list[Json]) -> None:
    """A world's webhook without a trigger of its own hears of every update once, our own included; a webhook that
    was made by the API hears when a trigger calls it."""
    if not state.webhooks:
        return
    called: list[Json] = [{}, *({"webhook": webhook, "body": body} for trigger in fired
                                for webhook, body in ruling.calls(trigger))]
    seen = ticket_json(state, ticket)
    state.fresh_events += [Event(BY_TRIGGER, stamp(writing.now), writing.author, seen, one) for one in called]


def _tell_of(state: State, ticket: Ticket, writing: Writing, event: Json) -> None:
    if event["type"] == "Comment":
        author = state.users.get(event["author_id"], {"name": ""})
        said = {"comment": {"id": str(event["id"]), "body": event["body"], "is_public": event["public"],
                            "author": {"id": str(event["author_id"]), "is_staff": state.is_staff(event["author_id"]),
                                       "name": author["name"]}}}
        _tell(state, ticket, writing, "comment_added", said)
    elif event["type"] == "Change":
        name = CHANGED_EVENTS.get(event["field_name"], "custom_field_changed")
        _tell(state, ticket, writing, name, {"current": event["value"], "previous": event["previous_value"]})


def _tell(state: State, ticket: Ticket, writing: Writing, name: str, event: Json) -> None:
    if state.webhooks:
        state.fresh_events.append(Event("zen:event-type:ticket." + name, stamp(writing.now), writing.author,
                                        ticket_json(state, ticket), event))


def tell(state: State, ticket: Ticket, now: datetime, author: int, name: str, event: Json) -> None:
    """An event that no field change makes: deleted, merged."""
    _tell(state, ticket, Writing(author, via("web"), now), name, event)
