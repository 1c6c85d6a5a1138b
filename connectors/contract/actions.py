"""What a connector can be asked to do, how an ask is named, and what every connector that acts must offer."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Literal, Protocol, Self

from pydantic import Field, model_validator

from connectors.contract.frozen import Frozen
from connectors.contract.receipts import ContactReceipt, Key, Receipt, RefundReceipt
from connectors.money import Money


class ActionBase(Frozen):
    """One typed thing a connector can do. Its identity, with ticket and repeat number, names the operation."""

    role: ClassVar[str]
    """Which kind of connector performs it: payments, records or helpdesk."""
    proof: ClassVar[str]
    """What is read back before it counts as done, in words for people."""
    undo: ClassVar[str]
    """How it can be taken back, in words for people; "" when it cannot."""

    def target(self) -> str:
        """The vendor object it touches."""
        raise NotImplementedError

    def identity(self) -> Mapping[str, Any]:
        """The arguments that make two asks the same ask."""
        raise NotImplementedError


class Refund(ActionBase):
    kind: Literal["refund"] = "refund"
    role: ClassVar[str] = "payments"
    proof: ClassVar[str] = "the refund's status, amount, currency and charge, and the charge's new total"
    undo: ClassVar[str] = ""

    charge: str
    money: Money
    reason: Literal["duplicate", "requested_by_customer"]

    def target(self) -> str:
        return self.charge

    def identity(self) -> Mapping[str, Any]:
        return {"amount": self.money.amount, "currency": self.money.currency}


class ContactField(StrEnum):
    """A field of a contact in our words; each records connector maps it to its own."""

    PHONE = "phone"
    MOBILE = "mobile"
    FIRST_NAME = "first_name"
    LAST_NAME = "last_name"
    OPT_OUT = "opt_out"
    STREET = "street"
    CITY = "city"
    POSTAL_CODE = "postal_code"
    STATE = "state"
    COUNTRY = "country"
    EMAIL = "email"


class ContactChange(ActionBase):
    kind: Literal["contact_change"] = "contact_change"
    role: ClassVar[str] = "records"
    proof: ClassVar[str] = "the contact's fields hold the new values"
    undo: ClassVar[str] = "the earlier values are written back, unless someone changed them since"

    contact: str
    changes: dict[ContactField, str | bool]
    expected: dict[ContactField, str | bool | None]
    """What was read before; the change is refused with Conflict when a field holds something else by then."""

    def target(self) -> str:
        return self.contact

    def identity(self) -> Mapping[str, Any]:
        return {str(field): value for field, value in sorted(self.changes.items())}


class LogActivity(ActionBase):
    kind: Literal["log_activity"] = "log_activity"
    role: ClassVar[str] = "records"
    proof: ClassVar[str] = "the task on the contact ends in our operation id"
    undo: ClassVar[str] = ""

    contact: str
    about: str
    """Id of the operation this activity tells of."""
    subject: str
    text: str

    def target(self) -> str:
        return self.contact

    def identity(self) -> Mapping[str, Any]:
        return {"about": self.about}


class TicketUpdate(ActionBase):
    """One update of a ticket with at most one comment (Zendesk docs, "Update Ticket": `comment` is one object)."""

    kind: Literal["ticket_update"] = "ticket_update"
    role: ClassVar[str] = "helpdesk"
    proof: ClassVar[str] = "the helpdesk's record of the update carries our operation id and the comment"
    undo: ClassVar[str] = ""

    ref: str
    about: str
    """What is told: the decision's digest and "note" or "reply"; the same decision is told once."""
    text: str
    public: bool
    tells: tuple[int, ...] = ()
    """Places in the plan of what is told here as done; no later reply tells it again."""
    asks: tuple[int, ...] = ()
    """Rows of the waits whose yes is asked for here; no later reply asks the same again."""
    add_tags: tuple[str, ...] = ()
    remove_tags: tuple[str, ...] = ()
    fields: dict[str, str] = Field(default_factory=dict)
    status: Literal["open", "pending", "solved"] | None = None
    group: str | None = None
    """The id of the group that takes over."""
    priority: Literal["low", "normal", "high", "urgent"] | None = None
    unless_changed_since: datetime | None = None
    """Refused with Conflict when the ticket changed after this moment."""

    def target(self) -> str:
        return self.ref

    def identity(self) -> Mapping[str, Any]:
        return {"about": self.about, "public": self.public}


class Undo(ActionBase):
    """Takes one finished action back: earlier values stand again, or a refund is cancelled."""

    kind: Literal["undo"] = "undo"
    proof: ClassVar[str] = "what stood before stands again, or the refund's status is canceled"
    undo: ClassVar[str] = ""

    of: str = Field(pattern=r"^op-[0-9a-f]{24}$")
    """The operation that is taken back."""
    action: Annotated[Refund | ContactChange, Field(discriminator="kind")]
    receipt: Annotated[RefundReceipt | ContactReceipt, Field(discriminator="kind")]

    @model_validator(mode="after")
    def _of_one_kind(self) -> Self:
        if self.action.kind != self.receipt.kind:
            raise ValueError(f"a {self.receipt.kind} receipt does not tell of a {self.action.kind}")
        return self

    @property
    def role(self) -> str:  # type: ignore[override]  # whoever did it takes it back
        return self.action.role

    def target(self) -> str:
        return self.action.target()

    def identity(self) -> Mapping[str, Any]:
        return {"of": self.of}


Action = Annotated[Refund | ContactChange | LogActivity | TicketUpdate | Undo, Field(discriminator="kind")]


def digest(value: Any) -> str:
    """SHA-256 over canonical JSON, hexadecimal; who knows all but one number of it can count that out."""
    canonical = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()


def operation_id(ticket: str, action: ActionBase, digest: Callable[[Any], str], repeat: int = 1) -> str:
    """Names what is asked, not the delivery or the pass: the same ask on the same ticket has the same id.

    The id is read by many: with a keyed `digest` nobody counts a person's new number out of it.
    """
    kind = action.model_dump()["kind"]
    return "op-" + digest([ticket, kind, action.target(), action.identity(), repeat])[:24]


class Performs(Protocol):
    """What every connector that acts can do with each of its actions."""

    def perform(self, action: ActionBase, key: Key) -> Receipt:
        """Does it once. Raises Rejected, Conflict, Unavailable or OutcomeUnknown; never retries by itself.

        Of an Undo also NotUndoable, before anything is written; Conflict when someone changed it since.

        Where it takes more than one write, what stops a later one, the gate of `writing` too, is OutcomeUnknown.
        """

    def find(self, action: ActionBase, key: Key) -> Receipt | None:
        """Looks for our operation id at the vendor, through all pages. Raises Unavailable when it cannot look."""

    def read_back(self, action: ActionBase, receipt: Receipt) -> Receipt:
        """Reads what now stands at the vendor. Raises OutcomeUnknown when that is not what the receipt says."""
