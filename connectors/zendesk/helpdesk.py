"""Zendesk as a helpdesk: one read gives the whole conversation, one update carries at most one comment."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError
from zenpy.lib.api_objects import Comment as ZenpyComment
from zenpy.lib.api_objects import Ticket as ZenpyTicket

from connectors.contract import (
    ActionBase,
    Agent,
    Changed,
    Changes,
    Conversation,
    Identity,
    Key,
    NotFound,
    OutcomeUnknown,
    Reach,
    Receipt,
    Rejected,
    Surroundings,
    TicketUpdate,
    UpdateReceipt,
)
from connectors.zendesk import agents, incremental
from connectors.zendesk import conversation as conversations
from connectors.zendesk.audits import Audits, all_readable, readable
from connectors.zendesk.client import Client
from connectors.zendesk.settings import VENDOR, ZendeskSettings
from connectors.zendesk.wire import (
    Audit,
    Colleague,
    CustomRole,
    WireGroup,
    WireIdentity,
    WireTicket,
    WireUser,
)

MARK = "deskhand_op"
"""Where our operation id stands in an update's metadata; it ends in `audit.metadata.custom`."""


class ZendeskHelpdesk:
    """Implements the contract's Helpdesk for one Zendesk account."""

    vendor = VENDOR

    def __init__(self, settings: ZendeskSettings, around: Surroundings) -> None:
        self.account = settings.subdomain
        self.production = not settings.sandbox
        self._client = Client(settings, around)
        self._audits = Audits(self._client)
        self._now = around.now

    def read(self, ref: str, *, upto: datetime | None = None) -> Conversation:
        """One call for most tickets: audits with users and ticket beside them (docs, "Side-loading").

        A second one where no audit is as new as `upto`, and more where the list then proves to lack something.
        """
        id, read_at = self._id(ref), self._now()
        found = self._audits.listed_upto(id, upto) if upto else self._audits.listed(id)
        missing = {one for one in conversations.people_needed(found.ticket, found.audits) if one > 0}
        users = found.users | self._audits.people(sorted(missing - found.users.keys()))
        return conversations.conversation(self.account, found.ticket, users, found.audits, read_at)

    def identities(self, user: str) -> tuple[Identity, ...]:
        """Read anew each time: zenpy would keep them for the life of the process."""
        if not user.isdigit():
            return ()
        try:
            found = [one.to_dict() for one in self._client.zenpy().users.identities(id=int(user))]
        except NotFound:
            return ()
        read = [readable(WireIdentity.model_validate, one) for one in found]
        return tuple(Identity(kind=one.type, value=one.value, primary=one.primary,
                              verification=one.verification_method, verified_at=one.verified_at) for one in read)

    def agent(self, user: str) -> Agent:
        """The user, the groups, and the custom role where the user has one: two calls or three."""
        if not user.isdigit():
            raise NotFound(f"{user} is no user's id", vendor=VENDOR, reason="not an id")
        given = readable(Colleague.model_validate, self._client.get(f"users/{user}").get("user"))
        if not agents.is_staff(given):
            return agents.agent(given, [], None)
        pages = self._client.pages(f"users/{user}/groups")
        groups = [one for page in pages for one in all_readable(WireGroup.model_validate, page.get("groups") or [])]
        return agents.agent(given, groups, self._custom_role(given))

    def _custom_role(self, given: Colleague) -> CustomRole | None:
        if not agents.has_custom_role(given):
            return None
        listed = self._client.get("custom_roles").get("custom_roles") or []
        roles = all_readable(CustomRole.model_validate, listed)
        return next((one for one in roles if one.id == given.custom_role_id), None)

    def may_see(self, agent: Agent, ref: str) -> bool:
        """By the ticket as it is now, read in one call; without a call where it makes no difference."""
        if not agent.works() or agent.reach is Reach.NONE:
            return False
        try:
            shown = self._client.get(f"tickets/{self._id(ref)}", include="groups")
        except NotFound:
            return False
        ticket = readable(WireTicket.model_validate, shown.get("ticket"))
        groups = all_readable(WireGroup.model_validate, shown.get("groups") or [])
        return agents.sees(agent, ticket, groups)

    def seen_of(self, agent: Agent, refs: Sequence[str]) -> set[str]:
        """One call for each."""
        return {ref for ref in refs if self.may_see(agent, ref)}

    def past(self, since: datetime, until: datetime, *, after: str | None = None) -> Changed:
        """One page of the incremental export, as `changed_since`."""
        page = self.changed_since(since, after=after)
        refs = [one.ref for one in page.tickets if one.status != incremental.DELETED and one.created_at < until]
        return Changed(refs=tuple(refs), after=page.after, last=page.last)

    def changed_since(self, since: datetime, *, after: str | None = None,
                      most: int = incremental.LARGEST_PAGE) -> Changes:
        """For admins only, 10 calls a minute, without what changed in the last minute (docs, "Incremental Exports")."""
        return incremental.changes(self._client, self.account, since, after, most)

    def link(self, ref: str) -> str:
        return f"{self._client.site}/agent/tickets/{self._id(ref)}"

    def _id(self, ref: str) -> int:
        vendor, _, rest = ref.partition(":")
        account, _, id = rest.partition(":")
        if vendor != VENDOR or account != self.account or not id.isdigit():
            raise NotFound(f"{ref} is not a ticket of {self.account}", vendor=VENDOR, reason="foreign ticket")
        return int(id)

    def perform(self, action: ActionBase, key: Key) -> Receipt:
        """One update (docs, "Update Ticket"), sent once; the audit in its answer is what was recorded.

        Zendesk keeps no idempotency key for updates: `find` before sending again.
        """
        update = _update(action)
        answer = self._client.zenpy().tickets.update(_sent(self._id(update.ref), update, key))
        try:
            audit = Audit.model_validate(answer.audit.to_dict())
            ticket = WireTicket.model_validate(answer.ticket.to_dict())
        except (AttributeError, ValidationError) as error:
            raise OutcomeUnknown("Zendesk's answer to an update cannot be read", vendor=VENDOR,
                                 reason="unreadable") from error
        receipt = _receipt(key.operation, audit, ticket)
        if update.text and receipt.comment is None:
            raise OutcomeUnknown("Zendesk confirmed the update without our comment", vendor=VENDOR, reason="no comment")
        return receipt.model_copy(update={"request_id": self._client.session().trace})

    def find(self, action: ActionBase, key: Key) -> Receipt | None:
        """Looks for our operation id in all audits of the ticket; a ticket that is gone holds nothing."""
        try:
            found = self._audits.all_of(self._id(_update(action).ref))
        except NotFound:
            return None
        ours = next((audit for audit in found.audits if self._is_ours(audit, key.operation, found.users)), None)
        return _receipt(key.operation, ours, found.ticket) if ours else None

    def read_back(self, action: ActionBase, receipt: Receipt) -> Receipt:
        """Shows our update by its id, which the list may not hold yet, and who was notified of it by now.

        Two calls, and one for the update's author.
        """
        id = self._id(_update(action).ref)
        if not isinstance(receipt, UpdateReceipt):
            raise TypeError(f"not the receipt of a ticket update: {receipt.kind}")
        try:
            shown = self._audits.one_of(id, receipt.entry)
        except NotFound as gone:
            raise _not_there() from gone
        [audit] = shown.audits
        found = _receipt(receipt.operation, audit, shown.ticket)
        same = (found.entry, found.comment, found.public) == (receipt.entry, receipt.comment, receipt.public)
        if not same or not self._is_ours(audit, receipt.operation, shown.users):
            raise _not_there()
        return found

    def _is_ours(self, audit: Audit, operation: str, users: Mapping[int, WireUser]) -> bool:
        """By our mark and by who wrote it: an author who did not come along is asked for."""
        if conversations.operation(audit, None) != operation:
            return False
        if audit.author_id > 0 and audit.author_id not in users:
            users = self._audits.people([audit.author_id])
        author = users.get(audit.author_id)
        return conversations.operation(audit, conversations.user(author) if author else None) == operation


def _not_there() -> OutcomeUnknown:
    return OutcomeUnknown("Zendesk does not hold the update it confirmed", vendor=VENDOR, reason="not there")


def _receipt(operation: str, audit: Audit, ticket: WireTicket) -> UpdateReceipt:
    """What the audit says, even where it is not what was sent: some agents' public replies become private."""
    said = next((event for event in audit.events if event.type == "Comment"), None)
    public = bool(said and said.public)
    told = public and str(ticket.requester_id) in conversations.notified(audit)
    return UpdateReceipt(operation=operation, vendor=VENDOR, at=audit.created_at, seen=True, entry=str(audit.id),
                         comment=str(said.id) if said else None, public=public, notified=told,
                         updated_at=ticket.updated_at)


def _update(action: ActionBase) -> TicketUpdate:
    if not isinstance(action, TicketUpdate):
        raise Rejected(f"Zendesk does not perform {type(action).__name__}", vendor=VENDOR, reason="not ours")
    return action


def _sent(id: int, update: TicketUpdate, key: Key) -> ZenpyTicket:
    """Says `public` always, because Zendesk else takes what the first comment was; adjusts tags, replaces none."""
    told: dict[str, Any] = {"metadata": {MARK: key.operation, "deskhand_send": key.send}}
    if update.text:
        told["comment"] = ZenpyComment(html_body=_as_html(update.text), public=update.public)
    if update.add_tags:
        told["additional_tags"] = list(update.add_tags)
    if update.remove_tags:
        told["remove_tags"] = list(update.remove_tags)
    if update.fields:
        told["custom_fields"] = [{"id": int(field), "value": value} for field, value in update.fields.items()]
    if update.status:
        told["status"] = update.status
    if update.group:
        told["group_id"] = int(update.group)
    if update.priority:
        told["priority"] = update.priority
    if update.unless_changed_since:
        told |= {"safe_update": True, "updated_stamp": _stamp(update.unless_changed_since)}
    return ZenpyTicket(id=id, **told)


def _stamp(moment: datetime) -> str:
    """As text: zenpy would send a datetime as a bare date, and every update would conflict."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _as_html(text: str) -> str:
    """Plain `body` would be rendered as markdown, quoted customer text with it; this shows the text as it is."""
    paragraphs = html.escape(text, quote=False).split("\n\n")
    return "".join("<p>" + one.replace("\n", "<br>") + "</p>" for one in paragraphs)
