"""Zendesk's JSON of tickets, comments and audits, and its two ways of paging."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlencode

from connectors.standin import Answer, Request
from connectors.zendesk.standin.state import Json, State, Ticket

LARGEST_PAGE = 100


def ticket_json(state: State, ticket: Ticket) -> Json:
    fields = [{"id": id, "value": ticket.custom_fields.get(id)} for id in state.ticket_fields]
    return {
        "url": state.url(f"tickets/{ticket.id}.json"), "id": ticket.id, "external_id": ticket.external_id,
        "via": ticket.via, "created_at": ticket.created_at, "updated_at": ticket.updated_at, "type": ticket.type,
        "subject": ticket.subject, "raw_subject": ticket.subject, "description": ticket.description,
        "priority": ticket.priority, "status": ticket.status, "recipient": ticket.recipient,
        "requester_id": ticket.requester_id, "submitter_id": ticket.submitter_id, "assignee_id": ticket.assignee_id,
        "organization_id": ticket.organization_id, "group_id": ticket.group_id,
        "collaborator_ids": list(ticket.email_cc_ids), "follower_ids": [], "email_cc_ids": list(ticket.email_cc_ids),
        "forum_topic_id": None, "problem_id": None, "has_incidents": False, "is_public": ticket.is_public,
        "due_at": None, "tags": list(ticket.tags), "custom_fields": fields, "satisfaction_rating": None,
        "sharing_agreement_ids": [], "custom_status_id": state.custom_statuses.get(ticket.status), "fields": fields,
        "followup_ids": list(ticket.followup_ids), "ticket_form_id": ticket.ticket_form_id,
        "brand_id": ticket.brand_id, "allow_channelback": False, "allow_attachments": True,
        "from_messaging_channel": ticket.via["channel"] in ("chat", "messaging", "native_messaging"),
    }


def audits(ticket: Ticket) -> list[Json]:
    return [json.loads(text) for text in ticket.audits]


def comments(ticket: Ticket) -> list[Json]:
    """Comments as the Ticket Comments page lists them: with the via, time and metadata of their audit."""
    listed = []
    for audit in audits(ticket):
        for event in audit["events"]:
            if event["type"] == "Comment":
                listed.append(event | {"via": audit["via"], "created_at": audit["created_at"],
                                       "metadata": audit["metadata"]})
    return listed


def people_of(state: State, ticket: Ticket, rows: Sequence[Json] = ()) -> list[Json]:
    """Requester, submitter, assignee, CCs, and the authors of these audits or comments."""
    ids: list[int | None] = [ticket.requester_id, ticket.submitter_id, ticket.assignee_id, *ticket.email_cc_ids]
    for row in rows:
        ids.append(row["author_id"])
        ids += [event.get("author_id") for event in row.get("events", [])]
    return [state.users[id] for id in dict.fromkeys(ids) if id in state.users]


def included(request: Request) -> set[str]:
    return {name for name in request.arg("include").split(",") if name}


def listing(state: State, request: Request, name: str, rows: Sequence[Any],
            beside: Callable[[Sequence[Any]], Json] | None = None) -> Answer:
    """One page, by cursor when `page[size]` or a cursor is asked for, else by offset, with what is side-loaded."""
    asked = request.args()
    more = beside or (lambda page: {})
    if any(key.startswith("page[") for key in asked):
        return _by_cursor(state, request, name, rows, more)
    size, number = int(request.arg("per_page", "100")), int(request.arg("page", "1"))
    page = list(rows[(number - 1) * size: number * size])
    following = _url(state, request, {"page": str(number + 1)}) if number * size < len(rows) else None
    previous = _url(state, request, {"page": str(number - 1)}) if number > 1 else None
    return Answer.of(200, {name: page, **more(page), "next_page": following, "previous_page": previous,
                           "count": len(rows)})


def _by_cursor(state: State, request: Request, name: str, rows: Sequence[Any],
               more: Callable[[Sequence[Any]], Json]) -> Answer:
    size = int(request.arg("page[size]", "100"))
    if not 1 <= size <= LARGEST_PAGE:
        return Answer.of(400, {"errors": [{"code": "InvalidPaginationParameter", "title": "page[size] is invalid"}]})
    begin = _position(request.arg("page[after]"))
    page = list(rows[begin: begin + size])
    after, before = _cursor(begin + len(page)), _cursor(begin)
    body = {name: page, **more(page),
            "meta": {"has_more": begin + size < len(rows), "after_cursor": after if page else None,
                     "before_cursor": before if page else None},
            "links": {"prev": _url(state, request, {"page[before]": before}) if page else None,
                      "next": _url(state, request, {"page[after]": after}) if page else None}}
    return Answer.of(200, body)


def _cursor(position: int) -> str:
    return base64.b64encode(json.dumps({"o": "created_at,id", "v": position}).encode()).decode()


def _position(cursor: str) -> int:
    return int(json.loads(base64.b64decode(cursor))["v"]) if cursor else 0


def _url(state: State, request: Request, changed: dict[str, str]) -> str:
    kept = [(key, value) for key, value in request.pairs()
            if key not in changed and not (key.startswith("page[") and key != "page[size]")]
    path = request.path.removeprefix("/api/v2/")
    return state.url(path) + "?" + urlencode([*kept, *changed.items()])
