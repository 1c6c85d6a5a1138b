"""What a call that did its work ends in, and the key it was sent with."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from connectors.contract.frozen import Frozen
from connectors.money import Money

GIVEN_BACK_NO_LONGER = ("failed", "canceled")
"""States of a refund that gives nothing back (Stripe docs, "The Refund object")."""


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

    @property
    def stands(self) -> bool:
        """The money went, or is on its way, as far as is known then."""
        return self.status not in GIVEN_BACK_NO_LONGER


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
