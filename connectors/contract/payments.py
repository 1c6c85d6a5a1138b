"""Charges, their payers, and what a payment provider must offer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, Protocol, runtime_checkable

from pydantic import Field

from connectors.contract.actions import Performs
from connectors.contract.frozen import Frozen
from connectors.contract.receipts import GIVEN_BACK_NO_LONGER, Method
from connectors.money import Money


class Payer(Frozen):
    """One customer record at the payment provider; several may share an address."""

    id: str
    email: str | None
    name: str | None = None
    metadata: dict[str, str] = Field(default_factory=dict)


class PaidRefund(Frozen):
    id: str
    money: Money
    status: str
    created: datetime
    operation: str | None = None
    """Our operation id, when we made it."""
    reference: str | None = None

    @property
    def stands(self) -> bool:
        """The money went, or is on its way, as far as is known now."""
        return self.status not in GIVEN_BACK_NO_LONGER


class MadeRefund(PaidRefund):
    """One refund as the provider's own list tells of it, whoever made it."""

    charge: str | None
    """None where it gives back something else than a charge."""
    captured: Money | None
    """What of that charge was taken."""
    send: int = 1
    """Which sending of our operation made it."""
    marks: tuple[str, ...] = ()
    """What its metadata holds beside our marks, by key."""
    failure: str | None = None
    """Why it came back, in the vendor's word."""
    entries: tuple[str, ...] = ()
    """The lines of the account's balance it stands in: out, and back when it failed."""


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
    metadata: dict[str, str] = Field(default_factory=dict)
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


@runtime_checkable
class ListsRefunds(Protocol):
    """A payment provider that can say which refunds it made, so that its books can be set against ours."""

    def refund(self, id: str) -> MadeRefund:
        """Raises NotFound."""

    def refunds_made(self, since: datetime, until: datetime) -> tuple[MadeRefund, ...]:
        """Every refund made from then on and before `until`, whatever became of it, newest first."""
