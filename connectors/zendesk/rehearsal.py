"""A throwaway ticket for `deskhand doctor --rehearse`, and what this account shows of our unverified sentences."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from connectors.contract import NotFound, Surroundings, VendorError
from connectors.parts import House, Seen, Verdict
from connectors.zendesk.client import Client
from connectors.zendesk.settings import VENDOR, ZendeskSettings
from connectors.zendesk.setup.api import Json

TAGS = ("deskhand_rehearsal", "no_deskhand")
SAID = "This ticket was made by deskhand doctor --rehearse to try the connection. It asks for nothing and is deleted."
FEW = 2
"""Tickets asked for in one page of the export."""


class ZendeskRehearsal:
    """Implements the Rehearsal of connectors.parts. Without `requester` Deskhand's own user asks: such tickets are left
    alone by a running Deskhand, and nobody is mailed."""

    def __init__(self, settings: ZendeskSettings, around: Surroundings, house: House) -> None:
        self._client = Client(settings, around)
        self._settings = settings
        self._requester = house.choices.get("requester", "")
        self._now = around.now

    def begin(self) -> str:
        asker = {"requester": {"email": self._requester, "name": "Deskhand rehearsal"}} if self._requester else {}
        body = {"ticket": {"subject": "Deskhand rehearsal", "comment": {"body": SAID, "public": True},
                           "tags": list(TAGS), **asker}}
        made = self._client.session().post(f"{self._client.root}/tickets.json", json=body).json()["ticket"]
        return f"{VENDOR}:{self._settings.subdomain}:{made['id']}"

    def end(self, made: str) -> None:
        try:
            self._client.session().delete(f"{self._client.root}/tickets/{_id(made)}.json")
        except NotFound:
            return

    def look(self, made: str) -> Iterator[Seen]:
        audits = self._client.get(f"tickets/{_id(made)}/audits", include="users,tickets")
        beside = isinstance(audits.get("tickets"), list)
        yield Seen("audits-bring-tickets", _verdict(beside),
                   f"the audits of the ticket came {'with' if beside else 'without'} tickets beside them")
        if self._requester:
            mailed = any(event.get("type") == "Notification" for one in audits.get("audits") or []
                         for event in one.get("events") or [])
            yield Seen("audit-holds-notification", _verdict(mailed),
                       f"the audits {'hold' if mailed else 'hold no'} Notification right after the reply")
        yield from self._asked("export-page-size", self._page_size)
        yield from self._asked("custom-roles-readable", self._custom_roles)
        if self._settings.has_client():
            yield from self._asked("token-speaks-for-user", self._speaks)

    def _asked(self, fact: str, ask: Callable[[], tuple[bool | None, str]]) -> Iterator[Seen]:
        try:
            holds, because = ask()
        except VendorError as error:
            yield Seen(fact, "false" if fact == "custom-roles-readable" else "not seen", str(error))
            return
        yield Seen(fact, _verdict(holds), because)

    def _page_size(self) -> tuple[bool | None, str]:
        begin = str(int(self._now().timestamp()) - 30 * 86_400)
        count = len(self._client.get("incremental/tickets/cursor", start_time=begin, per_page=str(FEW))["tickets"])
        return None if count < FEW else count == FEW, f"asked for {FEW} tickets a page, {count} came"

    def _custom_roles(self) -> tuple[bool, str]:
        count = len(self._client.get("custom_roles").get("custom_roles") or [])
        return True, f"the list of custom roles was answered, with {count}"

    def _speaks(self) -> tuple[bool, str]:
        me: Json = self._client.get("users/me").get("user") or {}
        token: Json = self._client.get("oauth/tokens/current").get("token") or {}
        holds = bool(me.get("id")) and token.get("user_id") in (None, me.get("id")) and bool(token.get("expires_at"))
        return holds, f"the token speaks for {me.get('email')} and ends at {token.get('expires_at')}"


def _id(made: str) -> str:
    return made.rpartition(":")[2]


def _verdict(holds: bool | None) -> Verdict:
    """None: nobody could tell."""
    return "not seen" if holds is None else "true" if holds else "false"
