"""Stripe's books: every object the stand-in keeps, as small rows with the indexes the list calls need.

Rows hold only what differs from object to object; `render` writes the full API shape, so 100,000 charges stay small.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from connectors.standin import Delivery

Json = dict[str, Any]


@dataclass(slots=True)
class Customer:
    id: str
    created: int
    email: str | None = None
    name: str | None = None
    phone: str | None = None
    description: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)
    address: Json | None = None
    shipping: Json | None = None
    currency: str | None = None
    balance: int = 0
    deleted: bool = False


@dataclass(slots=True)
class Charge:
    id: str
    created: int
    amount: int
    currency: str
    payment_intent: str | None = None
    customer: str | None = None
    status: str = "succeeded"
    captured: bool = True
    amount_captured: int = 0
    amount_refunded: int = 0
    disputed: bool = False
    description: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)
    billing: Json = field(default_factory=dict)
    receipt_email: str | None = None
    method: str = "card"
    method_details: Json = field(default_factory=dict)
    more: Json = field(default_factory=dict)

    @property
    def left(self) -> int:
        return self.amount_captured - self.amount_refunded


@dataclass(slots=True)
class Intent:
    id: str
    created: int
    amount: int
    currency: str
    status: str
    latest_charge: str | None = None
    customer: str | None = None
    description: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)
    receipt_email: str | None = None
    method: str = "card"
    capture_method: str = "automatic_async"


@dataclass(slots=True)
class Refund:
    id: str
    created: int
    charge: str
    payment_intent: str | None
    amount: int
    currency: str
    status: str
    method: str = "card"
    reason: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)
    balance_transaction: str | None = None
    pending_reason: str | None = None
    failure_reason: str | None = None
    failure_balance_transaction: str | None = None
    instructions_email: str | None = None
    reference: str | None = None


@dataclass(slots=True)
class Transaction:
    """A line of the account's balance; charges' own lines are drawn from the charge."""

    id: str
    created: int
    amount: int
    currency: str
    kind: str
    source: str


@dataclass(slots=True)
class Event:
    id: str
    created: int
    type: str
    snapshot: bytes
    previous: Json | None
    request: str | None
    idempotency_key: str | None


@dataclass(slots=True)
class Stored:
    """What is remembered of one idempotency key; without an answer the first request still runs."""

    fingerprint: str
    at: int
    request_id: str
    status: int | None = None
    body: bytes = b""


@dataclass(slots=True)
class Key:
    """An API key: `everything`, or read/write per resource; `ended` is how it ended, if it did."""

    secret: str
    everything: bool = False
    permissions: dict[str, str] = field(default_factory=dict)
    ended: str | None = None

    def may(self, resource: str, write: bool) -> bool:
        return self.everything or self.permissions.get(resource, "none") in (("write",) if write else ("read", "write"))


@dataclass
class Books:
    """One Stripe account and everything in it."""

    account: Json = field(default_factory=lambda: {"id": "acct_sandbox"})
    livemode: bool = False
    keys: dict[str, Key] = field(default_factory=dict)
    counters: dict[str, int] = field(default_factory=dict)
    customers: dict[str, Customer] = field(default_factory=dict)
    charges: dict[str, Charge] = field(default_factory=dict)
    intents: dict[str, Intent] = field(default_factory=dict)
    refunds: dict[str, Refund] = field(default_factory=dict)
    transactions: dict[str, Transaction] = field(default_factory=dict)
    disputes: dict[str, Json] = field(default_factory=dict)
    invoices: dict[str, Json] = field(default_factory=dict)
    invoice_payments: dict[str, list[Json]] = field(default_factory=dict)
    subscriptions: dict[str, Json] = field(default_factory=dict)
    credits: dict[str, Json] = field(default_factory=dict)
    events: dict[str, Event] = field(default_factory=dict)
    endpoints: dict[str, Json] = field(default_factory=dict)
    deliveries: list[Delivery] = field(default_factory=list)
    remembered: dict[str, Stored] = field(default_factory=dict)
    index: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    available: dict[str, int] = field(default_factory=dict)
    next_refunds: list[Json] = field(default_factory=list)
    next_deliveries: list[Json] = field(default_factory=list)
    search_lag: int = 0

    def new_id(self, prefix: str) -> str:
        self.counters[prefix] = self.counters.get(prefix, 0) + 1
        return f"{prefix}_sbx{self.counters[prefix]:06d}"

    def found(self, name: str, value: str) -> list[str]:
        """Ids filed under one index, for instance `charge.customer`."""
        return self.index.get((name, value), [])

    def file(self, name: str, value: str | None, id_: str) -> None:
        if value:
            self.index.setdefault((name, value), []).append(id_)

    def unfile(self, name: str, value: str | None, id_: str) -> None:
        if value and id_ in self.index.get((name, value), []):
            self.index[(name, value)].remove(id_)

    def keep_customer(self, customer: Customer) -> None:
        self.customers[customer.id] = customer
        self.file("customer.email", customer.email, customer.id)

    def move_email(self, customer: Customer, email: str | None) -> None:
        self.unfile("customer.email", customer.email, customer.id)
        customer.email = email
        self.file("customer.email", email, customer.id)

    def keep_charge(self, charge: Charge) -> None:
        self.charges[charge.id] = charge
        self.file("charge.customer", charge.customer, charge.id)
        self.file("charge.payment_intent", charge.payment_intent, charge.id)
        for key, value in charge.metadata.items():
            self.file(f"charge.metadata.{key}", value, charge.id)

    def keep_intent(self, intent: Intent) -> None:
        self.intents[intent.id] = intent
        self.file("payment_intent.customer", intent.customer, intent.id)
        for key, value in intent.metadata.items():
            self.file(f"payment_intent.metadata.{key}", value, intent.id)

    def keep_refund(self, refund: Refund) -> None:
        self.refunds[refund.id] = refund
        self.file("refund.charge", refund.charge, refund.id)
        self.file("refund.payment_intent", refund.payment_intent, refund.id)

    def keep_dispute(self, dispute: Json) -> None:
        self.disputes[dispute["id"]] = dispute
        self.file("dispute.charge", dispute["charge"], dispute["id"])
        self.file("dispute.payment_intent", dispute["payment_intent"], dispute["id"])

    def disputes_of(self, charge: str) -> Iterable[Json]:
        return [self.disputes[id_] for id_ in self.found("dispute.charge", charge)]

    def refunds_of(self, charge: str) -> list[Refund]:
        """Refunds of one charge, newest first."""
        rows = [self.refunds[id_] for id_ in self.found("refund.charge", charge)]
        return sorted(rows, key=lambda r: (r.created, r.id), reverse=True)
