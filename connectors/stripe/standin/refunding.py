"""Refunds and what may become of them (Stripe docs: Refunds, Cancel a refund, Disputes)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.stripe.standin import events, render
from connectors.stripe.standin.books import Books, Charge, Refund, Transaction
from connectors.stripe.standin.refusals import Refusal, no_such
from connectors.stripe.standin.wire import merged

Json = dict[str, Any]

AT_ONCE = {"card", "card_present", "link", "paypal", "klarna", "amazon_pay", "cashapp"}
BY_EMAIL = {"boleto", "customer_balance", "konbini", "multibanco", "oxxo"}
"""Methods whose refund asks the customer for bank details by e-mail; every other method's refund is first pending."""

CREATE = {"charge": "id", "payment_intent": "id", "amount": "int", "metadata": "map", "expand": "list",
          "reason": "duplicate|fraudulent|requested_by_customer", "reverse_transfer": "bool",
          "refund_application_fee": "bool", "instructions_email": "str", "origin": "customer_balance", "customer": "id",
          "currency": "str"}

THREE_DECIMALS = {"bhd", "jod", "kwd", "omr", "tnd"}
INQUIRY = {"warning_needs_response", "warning_under_review", "warning_closed"}


@dataclass(frozen=True)
class Asked:
    """Which request asked for it, as the event will tell."""

    request: str | None = None
    key: str | None = None


def create(books: Books, args: Json, now: datetime, asked: Asked) -> Refund:
    """One transaction: dispute, then what is left, then refund, charge totals, balance line and events."""
    if "origin" in args:
        raise Refusal(400, "This sandbox keeps no customer cash balances to refund from.", param="origin")
    charge = _charge(books, args)
    amount = _amount(books, charge, args)
    _refuse_connect(charge, args)
    row = _new(books, charge, amount, args, now)
    charge.amount_refunded += amount
    books.keep_refund(row)
    shown = render.refund(books, row)
    events.emit(books, "refund.created", shown, now, request=asked.request, key=asked.key)
    events.emit(books, "charge.refunded", render.charge(books, charge), now, request=asked.request, key=asked.key,
                previous={"amount_refunded": charge.amount_refunded - amount})
    _close_inquiries(books, charge, now)
    return row


def _charge(books: Books, args: Json) -> Charge:
    if ("charge" in args) == ("payment_intent" in args):
        raise Refusal(400, "One of the following params should be provided for this request: payment_intent or charge.")
    if "charge" in args:
        if args["charge"] not in books.charges:
            raise no_such("charge", args["charge"], param="charge")
        return books.charges[args["charge"]]
    intent = books.intents.get(args["payment_intent"])
    if intent is None:
        raise no_such("payment_intent", args["payment_intent"], param="payment_intent")
    if not intent.latest_charge:
        raise Refusal(400, f"This PaymentIntent ({intent.id}) does not have a successful charge to refund.")
    return books.charges[intent.latest_charge]


def _amount(books: Books, charge: Charge, args: Json) -> int:
    """What to send back; refused when disputed, never captured, already refunded, or more than is left."""
    if charge.status != "succeeded" or not charge.captured:
        raise Refusal(400, f"Charge {charge.id} has no captured payment to refund.", code="charge_not_refundable")
    if any(not dispute["is_charge_refundable"] for dispute in books.disputes_of(charge.id)):
        raise Refusal(400, f"Charge {charge.id} has been charged back; cannot issue a refund.", code="charge_disputed")
    if charge.left == 0:
        raise Refusal(400, f"Charge {charge.id} has already been refunded.", code="charge_already_refunded")
    amount = int(args.get("amount", charge.left))
    if amount < 1:
        raise Refusal(400, "Invalid positive integer", code="parameter_invalid_integer", param="amount")
    if (charge.currency == "isk" and amount % 100) or (charge.currency in THREE_DECIMALS and amount % 10):
        raise Refusal(400, f"Invalid amount for {charge.currency}.", code="invalid_charge_amount", param="amount")
    if amount > charge.left:
        raise Refusal(400, f"Refund amount ({amount}) is greater than unrefunded amount on charge ({charge.left})",
                      param="amount")
    return amount


def _refuse_connect(charge: Charge, args: Json) -> None:
    if args.get("reverse_transfer") and not charge.more.get("transfer"):
        raise Refusal(400, "This charge has no transfer to reverse.", param="reverse_transfer")
    if args.get("refund_application_fee") and not charge.more.get("application_fee"):
        raise Refusal(400, "This charge has no application fee to refund.", param="refund_application_fee")


def _new(books: Books, charge: Charge, amount: int, args: Json, now: datetime) -> Refund:
    plan = books.next_refunds.pop(0) if books.next_refunds else {}
    row = Refund(books.new_id("re"), int(now.timestamp()), charge.id, charge.payment_intent, amount, charge.currency,
                 str(plan.get("status") or first_status(charge.method)), charge.method, args.get("reason"),
                 merged({}, args.get("metadata", {})),
                 instructions_email=args.get("instructions_email") or charge.billing.get("email"))
    if row.status == "pending":
        row.pending_reason = str(plan.get("pending_reason", "processing"))
    if row.status == "failed":
        raise ValueError("a refund fails after it was made: use fail_refund")
    if row.status == "succeeded" or row.pending_reason == "processing":
        row.balance_transaction = take(books, -amount, charge.currency, "refund", row.id, now)
    return row


def first_status(method: str) -> str:
    if method in AT_ONCE:
        return "succeeded"
    return "requires_action" if method in BY_EMAIL else "pending"


def take(books: Books, amount: int, currency: str, kind: str, source: str, now: datetime) -> str:
    """A line of the account's balance; negative takes money out."""
    line = Transaction(books.new_id("txn"), int(now.timestamp()), amount, currency, kind, source)
    books.transactions[line.id] = line
    books.available[currency] = books.available.get(currency, 0) + amount
    return line.id


def update(books: Books, row: Refund, args: Json, now: datetime, asked: Asked) -> Refund:
    if "metadata" in args:
        before = dict(row.metadata)
        row.metadata = merged(row.metadata, args["metadata"])
        events.emit(books, "refund.updated", render.refund(books, row), now, previous={"metadata": before},
                    request=asked.request, key=asked.key)
    return row


def cancel(books: Books, row: Refund, now: datetime, asked: Asked) -> Refund:
    """Only out of `requires_action`; the money stays with the charge."""
    if row.status != "requires_action":
        raise Refusal(400, f"Refund {row.id} has a status of {row.status} and cannot be canceled.",
                      code="status_transition_invalid")
    books.charges[row.charge].amount_refunded -= row.amount
    move(books, row, "canceled", now, asked)
    return row


def move(books: Books, row: Refund, status: str, now: datetime, asked: Asked | None = None) -> None:
    asked = asked or Asked()
    before, row.status = row.status, status
    events.emit(books, "refund.updated", render.refund(books, row), now, previous={"status": before},
                request=asked.request, key=asked.key)


def fail(books: Books, row: Refund, reason: str, now: datetime) -> None:
    """The money is back in the balance and its amount is refundable again."""
    if row.status in ("failed", "canceled"):
        raise ValueError(f"{row.id} is already {row.status}")
    row.failure_reason = reason
    row.failure_balance_transaction = take(books, row.amount, row.currency, "refund_failure", row.id, now)
    books.charges[row.charge].amount_refunded -= row.amount
    move(books, row, "failed", now)
    events.emit(books, "refund.failed", render.refund(books, row), now)


def settle(books: Books, row: Refund, now: datetime) -> None:
    """A pending or waiting refund reaches the customer's bank."""
    if row.status not in ("pending", "requires_action"):
        raise ValueError(f"{row.id} is {row.status}, not pending")
    row.pending_reason = None
    row.balance_transaction = row.balance_transaction or take(books, -row.amount, row.currency, "refund", row.id, now)
    move(books, row, "succeeded", now)


def open_dispute(books: Books, charge: Charge, args: Json, now: datetime) -> Json:
    """The customer's bank questions a payment; pending refunds of it fail (Stripe docs: Refunds)."""
    status = str(args.get("status", "needs_response"))
    created = int(now.timestamp())
    row: Json = {
        "id": str(args.get("id") or books.new_id("dp")), "object": "dispute",
        "amount": int(args.get("amount", charge.amount)), "balance_transactions": [], "charge": charge.id,
        "created": created, "currency": charge.currency, "enhanced_eligibility_types": [],
        "evidence": {"enhanced_evidence": {}},
        "evidence_details": {"due_by": created + 7 * 86400, "enhanced_eligibility": {}, "has_evidence": False,
                             "past_due": False, "submission_count": 0, "submission_method": "not_submitted"},
        "is_charge_refundable": status in INQUIRY or status == "won", "livemode": books.livemode, "metadata": {},
        "payment_intent": charge.payment_intent,
        "payment_method_details": {"type": "card", "card": {
            "brand": "visa", "network": "visa", "case_type": "inquiry" if status in INQUIRY else "chargeback",
            "network_reason_code": "10.4"}},
        "reason": str(args.get("reason", "fraudulent")), "status": status,
    }
    charge.disputed = True
    books.keep_dispute(row)
    for refund in books.refunds_of(charge.id):
        if refund.status == "pending" and status not in INQUIRY:
            fail(books, refund, "charge_for_pending_refund_disputed", now)
    events.emit(books, "charge.dispute.created", dict(row), now)
    return row


def close_dispute(books: Books, row: Json, status: str, now: datetime) -> None:
    before, row["status"] = row["status"], status
    row["is_charge_refundable"] = status in ("won", "warning_closed")
    events.emit(books, "charge.dispute.closed", dict(row), now, previous={"status": before})


def _close_inquiries(books: Books, charge: Charge, now: datetime) -> None:
    for dispute in books.disputes_of(charge.id):
        if charge.left == 0 and dispute["status"] in ("warning_needs_response", "warning_under_review"):
            close_dispute(books, dispute, "warning_closed", now)
