"""Reads what Zendesk recorded of a ticket: the list of its audits, one audit by its id, and the people in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from pydantic import ValidationError

from connectors.contract import NotFound, Unavailable
from connectors.zendesk.client import Client
from connectors.zendesk.conversation import COMMENTS
from connectors.zendesk.settings import VENDOR
from connectors.zendesk.wire import Audit, Listed, WireTicket, WireUser

MOST_AT_ONCE = 100
GRAIN = timedelta(seconds=2)
"""An event may bear a time so much later than the audit that it tells of, which bears whole seconds."""
T = TypeVar("T")


@dataclass(frozen=True)
class Recorded:
    """A ticket with audits of it, and those of the people in them that came along."""

    ticket: WireTicket
    audits: tuple[Audit, ...]
    users: dict[int, WireUser]


class Audits:
    """Reads through one client."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def listed(self, id: int) -> Recorded:
        """The list, with the ticket and users beside it (docs, "Side-loading"), or by a call of their own."""
        audits: dict[int, Audit] = {}
        tickets: dict[int, WireTicket] = {}
        users: dict[int, WireUser] = {}
        for page in self._client.pages(f"tickets/{id}/audits", include="users,tickets"):
            if not isinstance(page.get("audits"), list):
                raise Unavailable("Zendesk's answer has no audits", vendor=VENDOR, reason="unreadable")
            audits |= {one.id: one for one in all_readable(Audit.model_validate, page["audits"])}
            tickets |= {one.id: one for one in all_readable(WireTicket.model_validate, page.get("tickets") or [])}
            users |= _users(page)
        if id not in tickets:
            tickets[id], more = self._shown(id, "users")
            users |= more
        return Recorded(tickets[id], tuple(audits.values()), users)

    def listed_upto(self, id: int, moment: datetime) -> Recorded:
        """As `listed`; where nothing as new as that moment is listed, or not even the ticket, as `all_of`."""
        try:
            found = self.listed(id)
        except NotFound:
            ticket, users = self._shown(id, "users")
            found = Recorded(ticket, (), users)
        is_behind = all(audit.created_at < moment - GRAIN for audit in found.audits)
        return self._all_of(id, found) if is_behind else found

    def all_of(self, id: int) -> Recorded:
        """As `listed`, with the ticket as it is now and the comments that the list does not hold yet, as its own count
        tells.

        Without a count the list of comments tells. Raises NotFound where the ticket is not there; Unavailable where
        the list of comments lacks them, too, or a 404 meets what Zendesk has just listed.
        """
        return self._all_of(id, self.listed(id))

    def _all_of(self, id: int, found: Recorded) -> Recorded:
        try:
            return self._completed(id, found)
        except NotFound as error:
            raise Unavailable("Zendesk does not show all of the ticket yet", vendor=VENDOR,
                              reason="lagging") from error

    def _completed(self, id: int, found: Recorded) -> Recorded:
        ticket, _ = self._shown(id, "comment_count")
        counted, held = ticket.comment_count, sum(e.type in COMMENTS for audit in found.audits for e in audit.events)
        if counted is not None and counted <= held:
            return replace(found, ticket=ticket)
        missing = self._commented(id, counted or 0) - {audit.id for audit in found.audits}
        return replace(found, ticket=ticket, audits=(*found.audits, *(self._audit(id, one) for one in sorted(missing))))

    def _commented(self, id: int, counted: int) -> set[int]:
        """The audits of all comments."""
        pages = self._client.pages(f"tickets/{id}/comments")
        comments = [one for page in pages for one in all_readable(Listed.model_validate, page.get("comments") or [])]
        if len(comments) < counted:
            raise Unavailable(f"Zendesk lists {len(comments)} of the ticket's {counted} comments", vendor=VENDOR,
                              reason="lagging")
        return {one.audit_id for one in comments}

    def one_of(self, id: int, audit: str) -> Recorded:
        """One audit by its id (docs, "Show Audit"). Raises NotFound."""
        if not audit.isdecimal():  # a person may have typed it
            raise NotFound(f"{audit[:40]} is not an audit's id", vendor=VENDOR, reason="not an id")
        shown = self._audit(id, int(audit))
        ticket, users = self._shown(id, "users")
        return Recorded(ticket, (shown,), users)

    def people(self, ids: list[int]) -> dict[int, WireUser]:
        """Those of them that Zendesk knows."""
        users: dict[int, WireUser] = {}
        for begin in range(0, len(ids), MOST_AT_ONCE):
            wanted = ",".join(str(id) for id in ids[begin: begin + MOST_AT_ONCE])
            users |= _users(self._client.get("users/show_many", ids=wanted))
        return users

    def _audit(self, ticket: int, id: int) -> Audit:
        return readable(Audit.model_validate, self._client.get(f"tickets/{ticket}/audits/{id}").get("audit"))

    def _shown(self, id: int, include: str) -> tuple[WireTicket, dict[int, WireUser]]:
        shown = self._client.get(f"tickets/{id}", include=include)
        return readable(WireTicket.model_validate, shown.get("ticket")), _users(shown)


def _users(body: Mapping[str, Any]) -> dict[int, WireUser]:
    return {one.id: one for one in all_readable(WireUser.model_validate, body.get("users") or [])}


def readable(read: Callable[[Any], T], given: Any) -> T:
    try:
        return read(given)
    except ValidationError as error:
        raise Unavailable(f"Zendesk's answer is not as documented: {error.error_count()} problems", vendor=VENDOR,
                          reason="unreadable") from error


def all_readable(read: Callable[[Any], T], given: list[Any]) -> list[T]:
    return [readable(read, one) for one in given]
