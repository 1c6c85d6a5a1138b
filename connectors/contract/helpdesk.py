"""Tickets, the people on them, and what a helpdesk must offer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable

from pydantic import Field

from connectors.contract.actions import Performs
from connectors.contract.frozen import Frozen


class Role(StrEnum):
    CUSTOMER = "customer"
    AGENT = "agent"
    SYSTEM = "system"
    """The helpdesk itself: triggers, routing, deleted users."""


class User(Frozen):
    id: str
    name: str
    email: str | None
    role: Role
    active: bool = True
    suspended: bool = False
    tags: tuple[str, ...] = ()
    time_zone: str | None = None


class Standing(StrEnum):
    """What a user is in the helpdesk's own terms; which role a colleague plays for us is the admin's choice."""

    CUSTOMER = "customer"
    LIGHT = "light"
    """May read tickets and leave internal notes, and decides nothing."""
    AGENT = "agent"
    ADMIN = "admin"


class Reach(StrEnum):
    """Which tickets a colleague may see."""

    ALL = "all"
    GROUPS = "groups"
    PUBLIC_GROUPS = "public groups"
    """Their own groups' tickets, and all that are not in a private group."""
    ORGANIZATION = "organization"
    ASSIGNED = "assigned"
    SHARED = "shared"
    """What the helpdesk's own sharing rules let them see, ticket by ticket."""
    NONE = "none"


class Group(Frozen):
    id: str
    name: str


class Agent(Frozen):
    """A user as the helpdesk describes a colleague, read anew."""

    id: str
    name: str
    standing: Standing
    active: bool
    suspended: bool
    groups: tuple[Group, ...] = ()
    reach: Reach = Reach.NONE
    organization: str | None = None

    def works(self) -> bool:
        """A colleague who may use the helpdesk now."""
        return self.active and not self.suspended and self.standing is not Standing.CUSTOMER


class Identity(Frozen):
    """One address of a user. `verification`: none, low, sso, embed or full (Zendesk docs, "User Identities")."""

    kind: str
    value: str
    primary: bool
    verification: str
    verified_at: datetime | None = None


class Comment(Frozen):
    id: str
    author: str
    public: bool
    text: str
    """Plain text, without the helpdesk's HTML; quotes and signatures still in it."""
    channel: str
    sender: str | None = None
    """The address a mail claimed to come from."""
    flags: tuple[str, ...] = ()
    """The helpdesk's own doubts about this comment, by its numbers or names; empty proves nothing."""
    trusted: bool | None = None
    machine_made: bool = False
    attachments: tuple[str, ...] = ()


class Change(Frozen):
    field: str
    value: str | None
    before: str | None = None
    by_rule: bool = False
    """A trigger, automation or routing did it, not the author of the entry."""


class Entry(Frozen):
    """One update of the ticket as the helpdesk recorded it: who, when, what."""

    id: str
    at: datetime
    author: str
    channel: str
    operation: str | None = None
    """Our operation id, when the update carries one."""
    comments: tuple[Comment, ...] = ()
    changes: tuple[Change, ...] = ()
    notified: tuple[str, ...] = ()
    """Ids of the users the helpdesk sent a notification to."""


class Ticket(Frozen):
    ref: str
    id: str
    subject: str
    status: str
    """new, open, pending, hold, solved, closed, deleted; vendor words mapped by the connector."""
    channel: str
    """email, web, api, chat, …: the vendor's word."""
    requester: str
    brand: str | None = None
    form: str | None = None
    group: str | None = None
    assignee: str | None = None
    priority: str | None = None
    tags: tuple[str, ...] = ()
    ccs: tuple[str, ...] = ()
    fields: dict[str, str | None] = Field(default_factory=dict)
    """Custom fields by id."""
    merged: bool = False
    side_conversation: bool = False
    created_at: datetime
    updated_at: datetime

    def vendor(self) -> str:
        """The helpdesk this ticket lives in."""
        return self.ref.partition(":")[0]


class Conversation(Frozen):
    """Everything one look at a ticket gives: the ticket, its people, and who changed what, oldest first."""

    ticket: Ticket
    users: dict[str, User]
    entries: tuple[Entry, ...]
    read_at: datetime

    def requester(self) -> User | None:
        return self.users.get(self.ticket.requester)

    def comments(self) -> list[Comment]:
        return [comment for entry in self.entries for comment in entry.comments]


class Changed(Frozen):
    """Some of the tickets that changed, by their latest change, the oldest first."""

    refs: tuple[str, ...]
    after: str | None
    """Where the next page begins, or a later look goes on."""
    last: bool
    """Nothing more has changed by now."""


class Changes(Frozen):
    """One page of the tickets that changed, by their latest change, the oldest first."""

    tickets: tuple[Ticket, ...]
    """As they stand now; of a deleted one little more than its name may be left. One ticket may come again."""
    after: str | None
    """Where the next page begins, or a later look goes on."""
    last: bool
    """Nothing more has changed by now."""
    upto: datetime | None = None
    """When the last of them changed, in any way; None for an empty page."""
    said: Mapping[str, Mapping[str, datetime]] = {}
    """By ticket, entries that were listed with their times, where a helpdesk may show them later than the time they
    bear; empty where it never does."""


class Helpdesk(Performs, Protocol):
    """Where tickets live. Performs TicketUpdate."""

    vendor: str
    account: str
    production: bool
    """False for a helpdesk sandbox."""

    def read(self, ref: str, *, upto: datetime | None = None) -> Conversation:
        """With every message of until then, where `upto` is given, although a list may not show it yet.

        Raises NotFound for a ticket that is gone, Unavailable when it cannot be read.
        """

    def identities(self, user: str) -> tuple[Identity, ...]: ...

    def agent(self, user: str) -> Agent:
        """Never from a cache. Raises NotFound for a user that is not there, Unavailable when it cannot be read."""

    def may_see(self, agent: Agent, ref: str) -> bool:
        """Whether the helpdesk lets this colleague see this ticket; a ticket that is not there is seen by nobody."""

    def seen_of(self, agent: Agent, refs: Sequence[str]) -> set[str]:
        """Those of at most 50 tickets that `may_see` is true of; one call where the helpdesk tells of several."""

    def past(self, since: datetime, until: datetime, *, after: str | None = None) -> Changed:
        """Tickets changed since `since` and made before `until`, deleted ones left out: one page, from `after` on.

        Raises Unavailable, with `retry_after` when the vendor says how long to wait.
        """

    def changed_since(self, since: datetime, *, after: str | None = None, most: int = 1000) -> Changes:
        """At most so many tickets changed since then, deleted ones too: from `after` on, which then counts alone.

        Raises Unavailable, with `retry_after` when the vendor says how long to wait; Rejected for an `after` that the
        vendor does not know any more.
        """

    def link(self, ref: str) -> str:
        """Where a colleague opens this ticket."""


@runtime_checkable
class KeepsHeads(Protocol):
    """A helpdesk that also keeps the heads of our audit, as small records that nobody is notified of."""

    def keep_head(self, line: str) -> None:
        """Keeps this line, and has read it back as it is; the same once more changes nothing.

        Raises Rejected, also where something else stands in its place, Unavailable, OutcomeUnknown.
        """

    def kept_heads(self) -> Sequence[str]:
        """Every line that it holds. Raises Unavailable."""
