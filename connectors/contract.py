"""What a vendor can do for a ticket: the views it gives, the actions it takes, the receipts it returns.

The agent knows this page and no vendor. A call ends in a receipt or in one of four errors.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Literal, Protocol, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from connectors.http import Surroundings, writing
from connectors.money import Money, UnknownCurrency
from connectors.parts import AdminValue, Check, House, Rehearsal, Rotation, Setup

__all__ = ["Money", "Surroundings", "UnknownCurrency", "writing"]


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


# ---------------------------------------------------------------- how a call can fail


class VendorError(Exception):
    """A vendor call did not end in a receipt. `reason` is a short word for tables, the message is for people."""

    def __init__(self, message: str, *, vendor: str, reason: str = "", request_id: str | None = None) -> None:
        super().__init__(message)
        self.vendor = vendor
        self.reason = reason
        self.request_id = request_id


class Rejected(VendorError):
    """The vendor said no, and nothing happened."""


class Conflict(Rejected):
    """Nothing happened, because someone changed the record since it was read: read again, decide again."""


class Unavailable(VendorError):
    """The vendor was surely not asked, or surely did nothing: try again with the same key."""

    def __init__(self, message: str, *, vendor: str, reason: str = "", request_id: str | None = None,
                 retry_after: float | None = None, lasting: bool = False) -> None:
        super().__init__(message, vendor=vendor, reason=reason, request_id=request_id)
        self.retry_after = retry_after
        self.lasting = lasting
        """True when trying again within this pass is useless (credentials lost, daily limit reached)."""


class OutcomeUnknown(VendorError):
    """It may have happened: look before anything else."""


class NotUndoable(VendorError):
    """What was done cannot be taken back, and the message says why; surely nothing happened."""


class NotFound(Rejected):
    """The record does not exist, or not any more."""


class ModelUnusable(VendorError):
    """The model answered, but not with something that can be used: refusal, truncation, not the schema."""


# ---------------------------------------------------------------- operations and receipts


class Key(Frozen):
    """Names one sending of one operation; the vendor's idempotency key is the same for ever for a send number."""

    operation: str = Field(pattern=r"^op-[0-9a-f]{24}$")
    send: int = 1

    def __str__(self) -> str:
        return f"{self.operation}.{self.send}"


class ReceiptBase(Frozen):
    operation: str
    vendor: str
    at: datetime
    request_id: str | None = None
    seen: bool = False
    """What stands at the vendor was read for this receipt; without it, only a read-back makes it proof."""


class Method(Frozen):
    """How the customer paid, as far as it may be told: "Visa ending in 4242"."""

    kind: str
    """Stripe's payment method type: card, sepa_debit, paypal, …; "unknown" when the vendor does not say."""
    brand: str | None = None
    last4: str | None = None


class RefundReceipt(ReceiptBase):
    kind: Literal["refund"] = "refund"
    id: str
    charge: str
    money: Money
    status: Literal["pending", "requires_action", "succeeded", "failed", "canceled"]
    method: Method
    reference: str | None = None
    """The trace number banks ask for, once known."""
    refunded_in_all: Money | None = None
    """The charge's total after this refund, set by the read-back."""


class ContactReceipt(ReceiptBase):
    kind: Literal["contact_change"] = "contact_change"
    contact: str
    before: dict[str, str | bool | None]
    after: dict[str, str | bool | None]


class ActivityReceipt(ReceiptBase):
    kind: Literal["log_activity"] = "log_activity"
    id: str
    contact: str


class UpdateReceipt(ReceiptBase):
    kind: Literal["ticket_update"] = "ticket_update"
    entry: str
    """Id of the helpdesk's own record (Zendesk: audit) of this update."""
    comment: str | None
    public: bool
    notified: bool
    """The helpdesk recorded that the requester was notified of the public comment."""
    updated_at: datetime


Receipt = Annotated[RefundReceipt | ContactReceipt | ActivityReceipt | UpdateReceipt, Field(discriminator="kind")]


# ---------------------------------------------------------------- actions


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
    add_tags: tuple[str, ...] = ()
    remove_tags: tuple[str, ...] = ()
    fields: dict[str, str] = {}
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
    """SHA-256 over canonical JSON, hexadecimal."""
    canonical = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()


def operation_id(ticket: str, action: ActionBase, repeat: int = 1) -> str:
    """Names what is asked, not the delivery or the pass: the same ask on the same ticket has the same id."""
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


# ---------------------------------------------------------------- helpdesk


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
    fields: dict[str, str | None] = {}
    """Custom fields by id."""
    merged: bool = False
    side_conversation: bool = False
    created_at: datetime
    updated_at: datetime


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


class Helpdesk(Performs, Protocol):
    """Where tickets live. Performs TicketUpdate."""

    vendor: str
    account: str
    production: bool
    """False for a helpdesk sandbox."""

    def read(self, ref: str) -> Conversation:
        """Raises NotFound for a ticket that is gone, Unavailable when it cannot be read."""

    def identities(self, user: str) -> tuple[Identity, ...]: ...

    def agent(self, user: str) -> Agent:
        """Never from a cache. Raises NotFound for a user that is not there, Unavailable when it cannot be read."""

    def may_see(self, agent: Agent, ref: str) -> bool:
        """Whether the helpdesk lets this colleague see this ticket; a ticket that is not there is seen by nobody."""

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


# ---------------------------------------------------------------- payments


class Payer(Frozen):
    """One customer record at the payment provider; several may share an address."""

    id: str
    email: str | None
    name: str | None = None
    metadata: dict[str, str] = {}


class PaidRefund(Frozen):
    id: str
    money: Money
    status: str
    created: datetime
    operation: str | None = None
    """Our operation id, when we made it."""
    reference: str | None = None


class Charge(Frozen):
    id: str
    payer: str | None
    payment: str | None
    """The payment intent, where there is one."""
    money: Money
    captured: Money
    refunded: Money
    status: Literal["succeeded", "pending", "failed"]
    created: datetime
    method: Method
    description: str | None = None
    metadata: dict[str, str] = {}
    billing_email: str | None = None
    receipt_email: str | None = None
    disputed: bool = False
    connect: bool = False
    """Carries a Connect transfer, an application fee or acts on behalf of another account."""
    refunds: tuple[PaidRefund, ...] = ()
    refunds_complete: bool = True
    """False when the provider listed only some of the refunds."""

    def left(self) -> Money:
        return Money(amount=self.captured.amount - self.refunded.amount, currency=self.captured.currency)


class PaidInvoice(Frozen):
    id: str
    payments: tuple[str, ...]
    """Ids of the payment intents and charges that paid it."""
    subscription: str | None = None


class Dispute(Frozen):
    id: str
    charge: str
    status: str
    open: bool
    refundable: bool
    created: datetime | None = None


class Subscription(Frozen):
    id: str
    payer: str
    status: str
    ends_at: datetime | None = None
    cancel_at_period_end: bool = False


class PaymentAccount(Frozen):
    id: str
    live: bool


class Happened(Frozen):
    """Something the payment provider recorded and may have told us."""

    id: str
    """The same that its event carries."""
    kind: str
    """The vendor's word."""
    at: datetime
    charge: str | None
    by_us: bool
    """An echo of our own request."""


class Payments(Performs, Protocol):
    """Where the money is. Performs Refund and its Undo. All lists are complete: every page is read."""

    vendor: str
    live: bool
    """Real money, as its key says."""

    def account(self) -> PaymentAccount: ...
    def payers(self, email: str) -> tuple[Payer, ...]:
        """Customer records with exactly this address, as written (case-sensitive)."""

    def charges(self, payer: str) -> tuple[Charge, ...]:
        """All charges of one customer record, newest first, with their refunds."""

    def charge(self, id: str) -> Charge: ...
    def charges_marked(self, key: str, value: str) -> tuple[Charge, ...]:
        """Charges whose metadata holds this order number; may lag behind by minutes."""

    def invoices(self, payer: str) -> tuple[PaidInvoice, ...]: ...
    def disputes(self, charge: str) -> tuple[Dispute, ...]: ...
    def subscriptions(self, payer: str) -> tuple[Subscription, ...]: ...
    def link(self, charge: str) -> str:
        """Where people see this charge; "" where no page shows it."""
    def happened_since(self, since: datetime, kinds: Sequence[str]) -> tuple[Happened, ...]:
        """All of these kinds, in the vendor's words, the oldest first; only as far back as the vendor keeps them."""


# ---------------------------------------------------------------- records (CRM)


class Contact(Frozen):
    id: str
    name: str
    email: str | None
    values: dict[ContactField, str | bool | None]
    """What the fields hold; a field that cannot be read is missing here and named in `unreadable`."""
    unreadable: frozenset[ContactField] = frozenset()
    account: str | None = None
    account_name: str | None = None
    flags: frozenset[str] = frozenset()
    """vip, fraud, legal_hold, where the admin named a field for them."""
    flags_unreadable: bool = False
    email_changed_at: datetime | None = None
    """When the e-mail last changed, from field history."""
    email_history_known: bool = False
    modified_at: datetime | None = None


class Records(Performs, Protocol):
    """Who the customer is to the company. Performs ContactChange, its Undo, and LogActivity."""

    vendor: str
    production: bool

    def contacts(self, email: str) -> tuple[Contact, ...]:
        """Contacts with this e-mail address, whatever its case; one call."""

    def link(self, contact: str) -> str:
        """Where people see this contact; "" where no page shows it."""


# ---------------------------------------------------------------- the model


class Completion(Frozen):
    answer: dict[str, Any]
    model: str
    tokens_in: int
    tokens_out: int
    request_id: str | None = None


class Model(Protocol):
    """A language model that answers in a given JSON schema."""

    vendor: str
    name: str

    def complete(self, instructions: str, text: str, *, schema: Mapping[str, Any], title: str) -> Completion:
        """One call. Raises Unavailable (timeout, 429, 5xx) or ModelUnusable (refusal, truncated, not JSON)."""


# ---------------------------------------------------------------- how a vendor is found


@dataclass(frozen=True)
class Connector:
    """What a vendor's folder offers; found by its entry point in the group `deskhand.connectors`.

    `settings` is a model whose fields carry environment variable names as aliases. With none of them set the vendor
    is off; `connect` turns settings into the connector and makes no call.
    """

    name: str
    role: Literal["helpdesk", "payments", "records", "model"]
    settings: type[BaseModel]
    connect: Callable[[Any, Surroundings], Any]
    production_hosts: Sequence[str] = ()
    """Host names or ".suffix" the connector may speak to; loopback is allowed for stand-ins."""
    setup: Callable[[Any, Surroundings, House], Setup] | None = None
    """What `deskhand setup` makes there, from settings that hold an admin's login."""
    admin: Sequence[AdminValue] = ()
    """That login, where it is more than what running takes."""
    rotation: Callable[[Any, Surroundings, House], Rotation] | None = None
    """How its webhook gets a new signing secret; the same settings as `setup`."""
    checks: Callable[[Any, Surroundings, House], Sequence[Check]] | None = None
    """What `deskhand doctor` asks there."""
    rehearsal: Callable[[Any, Surroundings, House], Rehearsal] | None = None
    """Its part in `deskhand doctor --rehearse`."""
