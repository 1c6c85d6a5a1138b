"""Zendesk's JSON as models that keep only what Deskhand may know: IP addresses and places have no field here."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator


class Wire(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)


class Sender(Wire):
    address: str | None = None


class Source(Wire):
    sender: Sender = Field(Sender(), alias="from")
    rel: str | None = None

    @field_validator("sender", mode="before")
    @classmethod
    def of_mail(cls, given: Any) -> Any:
        """Other channels put other things here."""
        return given if isinstance(given, dict) and isinstance(given.get("address"), str) else {}


class Via(Wire):
    channel: str = "unknown"
    source: Source = Source(**{"from": {}})

    @field_validator("channel", mode="before")
    @classmethod
    def by_name(cls, given: Any) -> str:
        return str(given)


class Ours(Wire):
    """What we left in an update's custom metadata."""

    deskhand_op: str | None = None


class Metadata(Wire):
    custom: Ours = Ours()
    flags: tuple[int, ...] = ()
    trusted: bool | None = None

    @field_validator("custom", mode="before")
    @classmethod
    def ours_or_nothing(cls, given: Any) -> Any:
        mark = given.get("deskhand_op") if isinstance(given, dict) else None
        return {"deskhand_op": mark} if isinstance(mark, str) else {}

    @field_validator("flags", mode="before")
    @classmethod
    def none_is_empty(cls, given: Any) -> Any:
        return given or ()


class Attachment(Wire):
    file_name: str = ""


class Event(Wire):
    """One event of an audit (docs, "Ticket Audit events reference"); unknown types are kept and ignored."""

    id: int
    type: str
    field_name: str | None = None
    value: Any = None
    previous_value: Any = None
    author_id: int | None = None
    body: str | None = None
    public: bool = False
    attachments: tuple[Attachment, ...] = ()
    recipients: tuple[int, ...] = ()
    comment_id: int | None = None
    via: Via | None = None
    metadata: Metadata = Metadata()

    @field_validator("recipients", mode="before")
    @classmethod
    def user_ids(cls, given: Any) -> Any:
        return [one for one in given if isinstance(one, int)] if isinstance(given, list) else ()

    @field_validator("attachments", mode="before")
    @classmethod
    def listed(cls, given: Any) -> Any:
        return given or ()

    @field_validator("public", mode="before")
    @classmethod
    def private_unless_said(cls, given: Any) -> bool:
        return given is True


class Audit(Wire):
    """One update of a ticket (docs, "Ticket Audits")."""

    id: int
    ticket_id: int
    created_at: datetime
    author_id: int
    events: tuple[Event, ...]
    via: Via = Via()
    metadata: Metadata = Metadata()


class Listed(Wire):
    """A comment as the list of comments has it (docs, "Ticket Comments")."""

    audit_id: int


class FieldValue(Wire):
    id: int
    value: Any = None


class WireTicket(Wire):
    """A ticket (docs, "Tickets")."""

    id: int
    subject: str | None = None
    status: str
    via: Via
    requester_id: int
    assignee_id: int | None = None
    group_id: int | None = None
    organization_id: int | None = None
    brand_id: int | None = None
    ticket_form_id: int | None = None
    priority: str | None = None
    tags: tuple[str, ...] = ()
    email_cc_ids: tuple[int, ...] = ()
    collaborator_ids: tuple[int, ...] = ()
    follower_ids: tuple[int, ...] = ()
    custom_fields: tuple[FieldValue, ...] = ()
    comment_count: int | None = None
    """Only where it was asked for."""
    created_at: datetime
    updated_at: datetime


class ExportedTicket(WireTicket):
    """A ticket as the export lists it; of a deleted one much may be missing."""

    via: Via = Via()
    requester_id: int = 0
    generated_timestamp: int = 0
    """When it last changed in any way; `updated_at` moves only with an update that makes a ticket event."""

    @field_validator("requester_id", mode="before")
    @classmethod
    def nobody_is_zero(cls, given: Any) -> Any:
        return given or 0

    @field_validator("via", "tags", "custom_fields", "email_cc_ids", "collaborator_ids", "follower_ids", mode="before")
    @classmethod
    def none_is_empty(cls, given: Any, info: ValidationInfo) -> Any:
        return given if given is not None else {} if info.field_name == "via" else ()


class Exported(Wire):
    """One page of tickets by their latest change (docs, "Incremental Ticket Export, Cursor Based")."""

    tickets: tuple[ExportedTicket, ...]
    after_cursor: str | None = None
    end_of_stream: bool


class WireUser(Wire):
    """A user (docs, "Users")."""

    id: int
    name: str = ""
    email: str | None = None
    role: str | None = None
    active: bool = True
    suspended: bool = False
    tags: tuple[str, ...] = ()
    iana_time_zone: str | None = None


class Colleague(WireUser):
    """A user with what decides what a colleague may see and do (docs, "Users")."""

    role_type: int | None = None
    custom_role_id: int | None = None
    ticket_restriction: str | None = None
    organization_id: int | None = None
    shared_agent: bool = False


class WireGroup(Wire):
    """A group (docs, "Groups")."""

    id: int
    name: str
    is_public: bool = False
    deleted: bool = False


class RoleRights(Wire):
    light_agent: bool = False
    ticket_access: str | None = None


class CustomRole(Wire):
    """A role of the account's own (docs, "Custom Agent Roles"); plans without them have none."""

    id: int
    configuration: RoleRights = RoleRights()


class WireIdentity(Wire):
    """An address of a user (docs, "User Identities"); `verified` is deprecated and not read."""

    type: str
    value: str
    primary: bool = False
    verification_method: str = "none"
    verified_at: datetime | None = None

    @field_validator("verification_method", mode="before")
    @classmethod
    def unknown_is_none(cls, given: Any) -> str:
        return given if isinstance(given, str) and given else "none"
