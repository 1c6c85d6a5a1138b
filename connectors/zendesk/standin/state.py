"""The books of a Zendesk account: people, tickets, their audits, and what is still to be told to webhooks."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

Json = dict[str, Any]

STATUSES = ("new", "open", "pending", "hold", "solved", "closed")
NOTIFY = "notify_requester_on_public_comment"
NOTIFY_OF_STATUS = "notify_requester_on_status"
NOTIFY_WITH_CCS = "notify_requester_and_ccs_on_public_comment"
_OFFSET = re.compile(r"-(\d+)([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def stamp(moment: datetime) -> str:
    """ISO-8601 with one-second grain, as Zendesk writes times."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment(text: str | None, now: datetime) -> datetime:
    """A world's time: ISO-8601, or an offset such as "-2d" from now; `now` when not given."""
    if not text:
        return now
    if offset := _OFFSET.fullmatch(text):
        return now - timedelta(**{_UNITS[offset[2]]: int(offset[1])})
    return datetime.fromisoformat(text)


def via(channel: str, *, sender: Json | None = None, to: Json | None = None, rel: str | None = None) -> Json:
    return {"channel": channel, "source": {"from": sender or {}, "to": to or {}, "rel": rel}}


@dataclass(slots=True)
class Ticket:
    """One ticket. Audits are kept as JSON text, so that 100,000 tickets stay small."""

    id: int
    subject: str
    description: str
    requester_id: int
    submitter_id: int
    via: Json
    created_at: str
    updated_at: str
    brand_id: int
    ticket_form_id: int
    status: str = "new"
    type: str | None = None
    priority: str | None = None
    assignee_id: int | None = None
    group_id: int | None = None
    organization_id: int | None = None
    external_id: str | None = None
    recipient: str | None = None
    tags: list[str] = field(default_factory=list)
    custom_fields: dict[int, Any] = field(default_factory=dict)
    email_cc_ids: list[int] = field(default_factory=list)
    first_public: bool = True
    is_public: bool = True
    deleted: bool = False
    followup_ids: list[int] = field(default_factory=list)
    generated_at: int = 0
    comments: int = 0
    audits: list[str] = field(default_factory=list)
    updates: dict[int, list[float]] = field(default_factory=dict)
    """Times of each user's updates within the window of the per-ticket limit."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something webhooks may have subscribed to; `ticket` is a picture of the ticket at that time."""

    type: str
    time: str
    actor: int
    ticket: Json
    event: Json


@dataclass
class State:
    """All books. A deep copy is a whole account."""

    account_id: int = 10000001
    subdomain: str = "acme"
    next_id: int = 36000000000001
    next_ticket: int = 1
    tokens: dict[str, str] = field(default_factory=dict)
    oauth: dict[str, Json] = field(default_factory=dict)
    users: dict[int, Json] = field(default_factory=dict)
    by_email: dict[str, int] = field(default_factory=dict)
    identities: dict[int, list[Json]] = field(default_factory=dict)
    groups: dict[int, Json] = field(default_factory=dict)
    members: dict[int, list[int]] = field(default_factory=dict)
    """Each colleague's groups."""
    custom_roles: dict[int, Json] = field(default_factory=dict)
    brands: dict[int, Json] = field(default_factory=dict)
    forms: dict[int, Json] = field(default_factory=dict)
    ticket_fields: dict[int, Json] = field(default_factory=dict)
    custom_statuses: dict[str, int] = field(default_factory=dict)
    triggers: list[Json] = field(default_factory=list)
    webhooks: dict[str, Json] = field(default_factory=dict)
    app_uploads: dict[int, str] = field(default_factory=dict)
    """Packages as base64, by upload."""
    app_jobs: dict[str, Json] = field(default_factory=dict)
    apps: dict[int, Json] = field(default_factory=dict)
    installations: dict[int, Json] = field(default_factory=dict)
    oauth_clients: dict[int, Json] = field(default_factory=dict)
    rules: dict[str, dict[int, Json]] = field(default_factory=lambda: {
        kind: {} for kind in ("automations", "macros", "sla_policies", "views")})
    """Automations, macros, SLA policies and views, by kind."""
    ticket_events: bool = True
    """Some accounts know no event subscriptions for tickets."""
    tickets: dict[int, Ticket] = field(default_factory=dict)
    suspended: list[Json] = field(default_factory=list)
    created_by_key: dict[str, Json] = field(default_factory=dict)
    limits: Json = field(default_factory=lambda: {"account": 700, "updates": 100, "per_ticket": 30,
                                                      "export": 10})
    windows: dict[str, tuple[int, int]] = field(default_factory=dict)
    audit_sideloads: list[str] = field(default_factory=lambda: ["users", "tickets"])
    counts_comments: bool = True
    """Whether a ticket shows `comment_count` where that is asked for."""
    fresh_events: list[Event] = field(default_factory=list)
    """Not yet handed to the sender."""

    def new_id(self) -> int:
        self.next_id += 1
        return self.next_id

    def url(self, path: str) -> str:
        return f"https://{self.subdomain}.zendesk.com/api/v2/{path}"

    def api_users(self) -> set[int]:
        """Users an API token or OAuth token speaks for."""
        emails = [name.removesuffix("/token") for name in self.tokens] + [o["email"] for o in self.oauth.values()]
        return {self.by_email[email.lower()] for email in emails}

    def person(self, who: str | int) -> int:
        """Id of a user named by id or by e-mail address; KeyError when there is none."""
        return int(who) if str(who).lstrip("-").isdigit() else self.by_email[str(who).lower()]

    def is_staff(self, user: int) -> bool:
        return user in self.users and self.users[user]["role"] in ("agent", "admin")

    def group(self, who: str | int) -> int:
        return _named(self.groups, who)

    def custom_role(self, who: str | int) -> int:
        return _named(self.custom_roles, who)

    def brand(self, who: str | int | None) -> int:
        return _named(self.brands, who) if who else next(iter(self.brands))

    def form(self, who: str | int | None) -> int:
        return _named(self.forms, who) if who else next(iter(self.forms))

    def ticket_field(self, who: str | int) -> int:
        return _named(self.ticket_fields, who, title="title")


def _named(things: dict[int, Json], who: str | int, title: str = "name") -> int:
    if str(who).isdigit():
        return int(who)
    return next(id for id, thing in things.items() if thing[title] == who)
