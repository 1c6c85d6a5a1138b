"""Reads audits into a conversation: who said what, who changed what, oldest first."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from connectors.contract import Change, Comment, Conversation, Entry, Role, Ticket, User
from connectors.zendesk.wire import Audit, Event, WireTicket, WireUser

ROLES = {"end-user": Role.CUSTOMER, "agent": Role.AGENT, "admin": Role.AGENT}
"""A role that is not here counts as the helpdesk itself: neither a customer to serve nor a colleague to trust."""
MACHINE_MADE = 4
"""Flag "the comment was automatically generated" (docs, "Ticket Comments: Comment flags")."""
NOTIFICATIONS = ("Notification", "NotificationWithCcs")
COMMENTS = ("Comment", "VoiceComment")
MERGED = "closed_by_merge"


def user(given: WireUser) -> User:
    return User(id=str(given.id), name=given.name, email=given.email, role=ROLES.get(given.role or "", Role.SYSTEM),
                active=given.active, suspended=given.suspended, tags=given.tags, time_zone=given.iana_time_zone)


def nobody(id: int) -> User:
    """An id below zero is Zendesk itself; any other that Zendesk does not know is a deleted user."""
    return User(id=str(id), name="Zendesk" if id < 0 else "deleted user", email=None, role=Role.SYSTEM,
                active=id < 0)


def people_needed(ticket: WireTicket, audits: Iterable[Audit]) -> set[int]:
    named = {ticket.requester_id, *ticket.email_cc_ids, *ticket.collaborator_ids}
    for audit in audits:
        named.add(audit.author_id)
        named |= {event.author_id for event in audit.events if event.author_id is not None}
    return named | ({ticket.assignee_id} if ticket.assignee_id else set())


def conversation(account: str, given: WireTicket, users: Mapping[int, WireUser], audits: Iterable[Audit],
                 read_at: datetime) -> Conversation:
    ordered = sorted(audits, key=lambda audit: (audit.created_at, audit.id))
    people = {str(id): user(users[id]) if id in users else nobody(id) for id in people_needed(given, ordered)}
    visible = _visibility(ordered)
    entries = tuple(entry(audit, people, visible) for audit in ordered)
    return Conversation(ticket=ticket(account, given, ordered), users=people, entries=entries, read_at=read_at)


def ticket(account: str, given: WireTicket, audits: Iterable[Audit] = ()) -> Ticket:
    merged = MERGED in given.tags or (given.status == "closed" and any(_merged_away(audit) for audit in audits))
    ccs = dict.fromkeys([*given.email_cc_ids, *given.collaborator_ids])
    return Ticket(
        ref=f"zendesk:{account}:{given.id}", id=str(given.id), subject=given.subject or "", status=given.status,
        channel=given.via.channel, requester=str(given.requester_id), brand=_text(given.brand_id),
        form=_text(given.ticket_form_id), group=_text(given.group_id), assignee=_text(given.assignee_id),
        priority=given.priority, tags=given.tags, ccs=tuple(str(id) for id in ccs),
        fields={str(field.id): _text(field.value) for field in given.custom_fields}, merged=merged,
        side_conversation=given.via.channel == "side_conversation", created_at=given.created_at,
        updated_at=given.updated_at)


def _merged_away(audit: Audit) -> bool:
    closed = any(event.field_name == "status" and event.value == "closed" for event in audit.events)
    return closed and audit.via.source.rel == "merge"


def _visibility(audits: Iterable[Audit]) -> dict[int, bool]:
    """Comments whose visibility was changed later, with what it is now."""
    return {event.comment_id: event.public for audit in audits for event in audit.events
            if event.type == "CommentPrivacyChange" and event.comment_id is not None}


def entry(audit: Audit, people: Mapping[str, User], visible: Mapping[int, bool]) -> Entry:
    return Entry(
        id=str(audit.id), at=audit.created_at, author=str(audit.author_id), channel=audit.via.channel,
        operation=operation(audit, people.get(str(audit.author_id))),
        comments=tuple(comment(audit, event, visible) for event in audit.events if event.type in COMMENTS),
        changes=tuple(change(audit, event) for event in audit.events
                      if event.type in ("Change", "Create") and event.field_name),
        notified=notified(audit))


def operation(audit: Audit, author: User | None) -> str | None:
    """Our operation id; a customer cannot pass as us by sending one."""
    return None if author is not None and author.role is Role.CUSTOMER else audit.metadata.custom.deskhand_op


def notified(audit: Audit) -> tuple[str, ...]:
    told = [id for event in audit.events if event.type in NOTIFICATIONS for id in event.recipients]
    return tuple(str(id) for id in dict.fromkeys(told))


def comment(audit: Audit, event: Event, visible: Mapping[int, bool]) -> Comment:
    """A comment with Zendesk's doubts about it: flags may stand on the comment or on its audit."""
    via, flags = event.via or audit.via, (*audit.metadata.flags, *event.metadata.flags)
    trusted = [one.trusted for one in (audit.metadata, event.metadata) if one.trusted is not None]
    return Comment(
        id=str(event.id), author=str(event.author_id if event.author_id is not None else audit.author_id),
        public=visible.get(event.id, event.public), text=event.body or "", channel=via.channel,
        sender=via.source.sender.address, flags=tuple(str(flag) for flag in dict.fromkeys(flags)),
        trusted=all(trusted) if trusted else None, machine_made=MACHINE_MADE in flags,
        attachments=tuple(one.file_name for one in event.attachments))


def change(audit: Audit, event: Event) -> Change:
    """Made by a rule when the event or its audit says so, or when the author is Zendesk itself (routing)."""
    via = event.via or audit.via
    return Change(field=event.field_name or "", value=_text(event.value), before=_text(event.previous_value),
                  by_rule=via.channel == "rule" or audit.author_id < 0)


def _text(value: Any) -> str | None:
    """Zendesk writes most values as text, tags as a list, and a few as objects."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, list):
        return " ".join(str(one) for one in value)
    return json.dumps(value) if isinstance(value, dict) else str(value)
