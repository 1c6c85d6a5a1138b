"""The incremental export by cursor (Zendesk docs, "Incremental Exports", "Using the incremental export API")."""

from __future__ import annotations

import base64
import binascii
import heapq
from datetime import datetime

from connectors.standin import Answer, Request
from connectors.zendesk.standin import reading
from connectors.zendesk.standin.state import Json, State, Ticket

LAG = 60
"""Seconds before a request of which nothing is told."""
LARGEST_PAGE = 1000

Place = tuple[int, int]
"""When a ticket changed, and its id."""


class BadRequest(Exception):
    """A status and a body other than the page."""

    def __init__(self, status: int, body: Json) -> None:
        super().__init__(str(body))
        self.status, self.body = status, body


def page(state: State, request: Request, now: datetime) -> Answer:
    """Tickets in the order of their latest change, system updates and deletions counted. Raises BadRequest."""
    after = _place(request.arg("cursor")) if request.arg("cursor") else _beginning(request, now)
    size = min(max(int(request.arg("per_page", str(LARGEST_PAGE))), 1), LARGEST_PAGE)
    settled, kept = int(now.timestamp()) - LAG, request.arg("exclude_deleted") != "true"
    changed = (one for one in state.tickets.values()
               if after < (one.generated_at, one.id) and one.generated_at <= settled and (kept or not one.deleted))
    found = heapq.nsmallest(size + 1, changed, key=lambda one: (one.generated_at, one.id))
    shown, ended = found[:size], len(found) <= size
    cursor = _cursor((shown[-1].generated_at, shown[-1].id) if shown else after)
    return Answer.of(200, {
        "tickets": [_shown(state, one) for one in shown],
        "after_url": state.url(f"incremental/tickets/cursor.json?cursor={cursor.replace('=', '%3D')}&per_page={size}"),
        "before_url": None, "after_cursor": cursor, "before_cursor": None, "end_of_stream": ended})


def _beginning(request: Request, now: datetime) -> Place:
    start = request.arg("start_time")
    if not start.lstrip("-").isdigit():
        raise BadRequest(400, {"error": "StartTimeMissing", "description": "Missing start_time parameter"})
    if int(start) > int(now.timestamp()) - LAG:
        raise BadRequest(422, {"error": "InvalidValue", "description":
                               "Too recent start_time. Use a start_time older than 60 seconds"})
    return int(start), -1


def _place(cursor: str) -> Place:
    try:
        moment, _, id, _ = base64.b64decode(cursor, validate=True).decode().split("|")
        return int(float(moment)), int(id)
    except (binascii.Error, UnicodeDecodeError, ValueError):
        raise BadRequest(400, {"error": "InvalidPaginationParameter", "description": "Invalid cursor"}) from None


def _cursor(place: Place) -> str:
    return base64.b64encode(f"{place[0]}.0||{place[1]}|".encode()).decode()


def _shown(state: State, ticket: Ticket) -> Json:
    shown = reading.ticket_json(state, ticket) | {"generated_timestamp": ticket.generated_at}
    return shown | {"status": "deleted"} if ticket.deleted else shown
