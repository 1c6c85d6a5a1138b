"""Stripe as the place where the money is: reads whole lists, refunds once, and reads back what it did."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from math import ceil
from typing import Any

from connectors.contract import (
    ActionBase,
    Charge,
    Dispute,
    Happened,
    Key,
    MadeRefund,
    NotUndoable,
    OutcomeUnknown,
    PaidInvoice,
    Payer,
    PaymentAccount,
    Receipt,
    Refund,
    RefundReceipt,
    Rejected,
    Subscription,
    Surroundings,
    Undo,
    UnknownCurrency,
)
from connectors.contract import NotFound as NotThere
from connectors.money import exponent, step
from connectors.stripe import drawing
from connectors.stripe.client import VENDOR, Client
from connectors.stripe.settings import StripeSettings

Json = dict[str, Any]

MOST_AT_ONCE = 100
"""The largest page of Stripe's lists (docs, "Pagination")."""
CANCELABLE, CANCELED = "requires_action", "canceled"
GIVEN_BACK_NO_LONGER = frozenset({"failed", CANCELED})


class StripePayments:
    """Implements the contract's Payments for one Stripe account."""

    vendor = VENDOR

    def __init__(self, settings: StripeSettings, around: Surroundings) -> None:
        self._client = Client(settings, around)
        self._settings = settings
        self.live = settings.live()
        self._now = around.now

    def account(self) -> PaymentAccount:
        return self._client.read(lambda v1: v1.accounts.retrieve_current(),
                                 lambda row: PaymentAccount(id=row["id"], live=self.live))

    def payers(self, email: str) -> tuple[Payer, ...]:
        """Exact, case-sensitive and fresh, unlike search (docs, "List all customers")."""
        return self._client.read_all(lambda v1: v1.customers.list({"email": email, "limit": MOST_AT_ONCE}),
                                     drawing.payer)

    def charges(self, payer: str) -> tuple[Charge, ...]:
        asked = {"customer": payer, "limit": MOST_AT_ONCE, "expand": ["data.refunds"]}
        return self._client.read_all(lambda v1: v1.charges.list(asked), drawing.charge)

    def charge(self, id: str) -> Charge:
        return self._client.read(lambda v1: v1.charges.retrieve(id, {"expand": ["refunds"]}), drawing.charge)

    def charges_marked(self, key: str, value: str) -> tuple[Charge, ...]:
        """By search, whose index lags: normally under a minute, in an outage up to an hour (docs, "Search")."""
        query = f'metadata["{_quoted(key)}"]:"{_quoted(value)}"'
        asked = {"query": query, "limit": MOST_AT_ONCE, "expand": ["data.refunds"]}
        return self._client.read_all(lambda v1: v1.charges.search(asked), drawing.charge)

    def invoices(self, payer: str) -> tuple[PaidInvoice, ...]:
        asked = {"customer": payer, "limit": MOST_AT_ONCE, "expand": ["data.payments"]}
        return self._client.read_all(lambda v1: v1.invoices.list(asked), drawing.invoice)

    def disputes(self, charge: str) -> tuple[Dispute, ...]:
        return self._client.read_all(lambda v1: v1.disputes.list({"charge": charge, "limit": MOST_AT_ONCE}),
                                     drawing.dispute)

    def subscriptions(self, payer: str) -> tuple[Subscription, ...]:
        asked = {"customer": payer, "status": "all", "limit": MOST_AT_ONCE}
        return self._client.read_all(lambda v1: v1.subscriptions.list(asked), drawing.subscription)

    def link(self, charge: str) -> str:
        mode = "" if self.live else "test/"
        return f"https://dashboard.stripe.com/{mode}payments/{charge}" if self._settings.is_stripe() else ""

    def happened_since(self, since: datetime, kinds: Sequence[str]) -> tuple[Happened, ...]:
        """Stripe keeps events for 30 days (docs, "List all events"). All of them are asked for, not only those with
        `delivery_success=false`: an endpoint that was removed or disabled leaves nothing undelivered."""
        asked = {"types": list(kinds), "created": {"gte": int(since.timestamp())}, "limit": MOST_AT_ONCE}
        newest_first = self._client.read_all(lambda v1: v1.events.list(asked), drawing.happened)
        return newest_first[::-1]

    def refund(self, id: str) -> MadeRefund:
        return self._client.read(lambda v1: v1.refunds.retrieve(id, {"expand": ["charge"]}), drawing.made_refund)

    def refunds_made(self, since: datetime, until: datetime) -> tuple[MadeRefund, ...]:
        """By `created`, in whole seconds (docs, "List all refunds")."""
        bounds = {"gte": ceil(since.timestamp()), "lt": ceil(until.timestamp())}
        asked = {"created": bounds, "limit": MOST_AT_ONCE, "expand": ["data.charge"]}
        return self._client.read_all(lambda v1: v1.refunds.list(asked), drawing.made_refund)

    def perform(self, action: ActionBase, key: Key) -> Receipt:
        """Sends the refund once under the key; the same action and key always make the same request."""
        if isinstance(action, Undo):
            return self._cancel(action, key)
        refund = _refund(action)
        _refuse_odd_amounts(refund)
        asked = {"charge": refund.charge, "amount": refund.money.amount, "reason": refund.reason, "expand": ["charge"],
                 "metadata": {drawing.MARK: key.operation, drawing.MARK_SEND: str(key.send)}}
        return self._client.write(lambda v1: v1.refunds.create(asked, {"idempotency_key": str(key)}),
                                  lambda row, trace: self._receipt(row, refund, key.operation, trace))

    def find(self, action: ActionBase, key: Key) -> Receipt | None:
        """Our refund by the operation id in its metadata, through all pages. A later sending ignores an earlier one
        that failed, because that one is why a person sent again."""
        if isinstance(action, Undo):
            return self._find_canceled(action, key)
        refund = _refund(action)
        asked = {"charge": refund.charge, "limit": MOST_AT_ONCE, "expand": ["data.charge"]}
        ours = [row for row in self._client.read_all(lambda v1: v1.refunds.list(asked), dict)
                if (row.get("metadata") or {}).get(drawing.MARK) == key.operation]
        sent_now = [row for row in ours if row["metadata"].get(drawing.MARK_SEND, "1") == str(key.send)]
        standing = [row for row in ours if row.get("status") not in GIVEN_BACK_NO_LONGER]
        for row in [*sent_now, *standing]:
            return self._seen(row, refund, key.operation, None)
        return None

    def read_back(self, action: ActionBase, receipt: Receipt) -> Receipt:
        """One call: the refund as it now stands, with its charge's total. A refund that failed meanwhile is a receipt
        that says so; one that is not there, or is another, is an unknown outcome."""
        if isinstance(action, Undo):
            return self._reread_canceled(action, receipt)
        refund = _refund(action)
        made = _refund_receipt(receipt)
        try:
            row = self._refund_row(made.id)
        except NotThere as error:
            raise OutcomeUnknown(f"Stripe answered with refund {made.id}, and does not know it.", vendor=VENDOR,
                                 reason="not_there", request_id=error.request_id) from error
        return self._seen(row, refund, made.operation, made.request_id)

    def _seen(self, row: Json, refund: Refund, operation: str, trace: str | None) -> RefundReceipt:
        """A refund that was read, with its charge's total; OutcomeUnknown when either is not as it should be."""
        try:
            seen = self._receipt(row, refund, operation, trace)
            total = drawing.money(row["charge"]["amount_refunded"], row["charge"]["currency"])
        except (KeyError, TypeError, ValueError) as error:
            raise OutcomeUnknown(f"Refund {row.get('id')} is not what was asked for: {error}", vendor=VENDOR,
                                 reason="differs") from error
        if seen.status not in GIVEN_BACK_NO_LONGER and total.amount < seen.money.amount:
            raise OutcomeUnknown(f"Charge {seen.charge} does not count refund {seen.id}.", vendor=VENDOR,
                                 reason="not_counted")
        return seen.model_copy(update={"refunded_in_all": total, "seen": True})

    def _receipt(self, row: Json, refund: Refund, operation: str, trace: str | None) -> RefundReceipt:
        """Raises ValueError when this is not our refund of that charge and amount."""
        made = drawing.receipt(row, operation, self._now(), trace)
        mark = (row.get("metadata") or {}).get(drawing.MARK)
        if (made.charge, made.money, mark) != (refund.charge, refund.money, operation):
            raise ValueError(f"{made.id} is a refund of {made.money} of {made.charge} for {mark}")
        return made


    def _cancel(self, undo: Undo, key: Key) -> Receipt:
        """Cancels the refund while Stripe waits for the customer's bank details (docs, "Cancel a refund")."""
        made = _refund_receipt(undo.receipt)
        row = self._refund_row(made.id)
        if row.get("status") == CANCELED:
            return self._canceled(row, made, key.operation, None)
        if row.get("status") != CANCELABLE:
            raise NotUndoable(f"Refund {made.id} is {row.get('status')} and cannot be undone.", vendor=VENDOR,
                              reason="refund")
        return self._client.write(
            lambda v1: v1.refunds.cancel(made.id, {"expand": ["charge"]}, {"idempotency_key": str(key)}),
            lambda row, trace: self._canceled(row, made, key.operation, trace))

    def _find_canceled(self, undo: Undo, key: Key) -> Receipt | None:
        made = _refund_receipt(undo.receipt)
        try:
            row = self._refund_row(made.id)
        except NotThere:
            return None
        return self._canceled(row, made, key.operation, None) if row.get("status") == CANCELED else None

    def _reread_canceled(self, undo: Undo, receipt: Receipt) -> Receipt:
        made = _refund_receipt(undo.receipt)
        try:
            return self._canceled(self._refund_row(made.id), made, receipt.operation, receipt.request_id)
        except (NotThere, KeyError, TypeError, ValueError) as error:
            raise OutcomeUnknown(f"Refund {made.id} does not read as canceled: {error}", vendor=VENDOR,
                                 reason="differs") from error

    def _refund_row(self, id: str) -> Json:
        return self._client.read(lambda v1: v1.refunds.retrieve(id, {"expand": ["charge"]}), dict)

    def _canceled(self, row: Json, made: RefundReceipt, operation: str, trace: str | None) -> RefundReceipt:
        """Raises ValueError when this is not that refund, canceled."""
        found = drawing.receipt(row, operation, self._now(), trace)
        if (found.id, found.charge, found.money, found.status) != (made.id, made.charge, made.money, CANCELED):
            raise ValueError(f"{found.id} is a refund of {found.money} of {found.charge}, {found.status}")
        total = drawing.money(row["charge"]["amount_refunded"], row["charge"]["currency"])
        return found.model_copy(update={"refunded_in_all": total, "seen": True})


def _refund(action: ActionBase) -> Refund:
    if not isinstance(action, Refund):
        raise Rejected(f"Stripe does not do {type(action).__name__}.", vendor=VENDOR, reason="not_ours")
    return action


def _refund_receipt(receipt: Receipt) -> RefundReceipt:
    if not isinstance(receipt, RefundReceipt):
        raise Rejected(f"{type(receipt).__name__} is not a receipt of Stripe.", vendor=VENDOR, reason="not_ours")
    return receipt


def _refuse_odd_amounts(refund: Refund) -> None:
    """Amounts that Stripe cannot send are refused before anything is sent."""
    try:
        exponent(refund.money.currency)
    except UnknownCurrency as error:
        raise Rejected(f"Deskhand does not count in {refund.money.currency}.", vendor=VENDOR,
                       reason="currency") from error
    if refund.money.amount < 1 or refund.money.amount % step(refund.money.currency):
        raise Rejected(f"{refund.money.amount} {refund.money.currency} is not an amount Stripe can refund.",
                       vendor=VENDOR, reason="amount")


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
