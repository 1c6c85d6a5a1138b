"""Rows as the API shows them at version 2026-10-28.endive, and ids replaced by objects (Stripe docs: Expanding)."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

from connectors.stripe.standin.books import Books, Charge, Customer, Event, Intent, Refund, Transaction
from connectors.stripe.standin.refusals import Refusal

Json = dict[str, Any]
VERSION = "2026-10-28.endive"


def listed(url: str, data: list[Json], has_more: bool = False) -> Json:
    return {"object": "list", "data": data, "has_more": has_more, "url": url}


def customer(books: Books, row: Customer) -> Json:
    if row.deleted:
        return {"id": row.id, "object": "customer", "deleted": True}
    return {
        "id": row.id, "object": "customer", "address": row.address, "balance": row.balance, "business_name": None,
        "created": row.created, "currency": row.currency, "default_source": None, "delinquent": False,
        "description": row.description, "discount": None, "email": row.email, "individual_name": None,
        "invoice_prefix": row.id[-8:].upper(),
        "invoice_settings": {"custom_fields": None, "default_payment_method": None, "footer": None,
                             "rendering_options": None},
        "livemode": books.livemode, "metadata": dict(row.metadata), "name": row.name, "next_invoice_sequence": 1,
        "phone": row.phone, "preferred_locales": [], "shipping": row.shipping, "tax_exempt": "none", "test_clock": None,
    }


def billing(row: Charge) -> Json:
    address = dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"))
    return {"address": {**address, **(row.billing.get("address") or {})}, "email": row.billing.get("email"),
            "name": row.billing.get("name"), "phone": row.billing.get("phone"), "tax_id": None}


def charge(books: Books, row: Charge) -> Json:
    worked, more = row.status == "succeeded", row.more
    return {
        "id": row.id, "object": "charge", "amount": row.amount, "amount_captured": row.amount_captured,
        "amount_refunded": row.amount_refunded, "application": None, "application_fee": more.get("application_fee"),
        "application_fee_amount": more.get("application_fee_amount"),
        "balance_transaction": f"txn_{row.id}" if worked and row.captured else None, "billing_details": billing(row),
        "calculated_statement_descriptor": "SANDBOX SHOP", "captured": row.captured, "created": row.created,
        "currency": row.currency, "customer": row.customer, "description": row.description, "disputed": row.disputed,
        "failure_balance_transaction": None, "failure_code": more.get("failure_code"),
        "failure_message": more.get("failure_message"), "fraud_details": {}, "livemode": books.livemode,
        "metadata": dict(row.metadata), "on_behalf_of": more.get("on_behalf_of"), "outcome": _outcome(row),
        "paid": worked, "payment_intent": row.payment_intent, "payment_method": f"pm_{row.id}",
        "payment_method_details": {"type": row.method, row.method: row.method_details}, "radar_options": {},
        "receipt_email": row.receipt_email, "receipt_number": None,
        "receipt_url": f"https://pay.stripe.com/receipts/{row.id}",
        "refunded": row.amount_captured > 0 and row.left == 0, "review": None, "shipping": None, "source": None,
        "source_transfer": more.get("source_transfer"), "statement_descriptor": None,
        "statement_descriptor_suffix": None, "status": row.status, "transfer_data": more.get("transfer_data"),
        "transfer_group": more.get("transfer_group"),
        **({"transfer": more["transfer"]} if more.get("transfer") else {}),
    }


def _outcome(row: Charge) -> Json:
    if row.status == "failed":
        return {"advice_code": "try_again_later", "network_advice_code": None, "network_decline_code": "05",
                "network_status": "declined_by_network", "reason": "generic_decline", "risk_level": "normal",
                "seller_message": "The bank did not return any further details with this decline.",
                "type": "issuer_declined"}
    return {"advice_code": None, "network_advice_code": None, "network_decline_code": None,
            "network_status": "approved_by_network", "reason": None, "risk_level": "normal", "risk_score": 12,
            "seller_message": "Payment complete.", "type": "authorized"}


def intent(books: Books, row: Intent) -> Json:
    taken = row.amount if row.status == "succeeded" else 0
    return {
        "id": row.id, "object": "payment_intent", "amount": row.amount,
        "amount_capturable": row.amount if row.status == "requires_capture" else 0, "amount_details": {"tip": {}},
        "amount_received": taken, "application": None, "application_fee_amount": None,
        "automatic_payment_methods": None, "canceled_at": None, "cancellation_reason": None,
        "capture_method": row.capture_method, "client_secret": f"{row.id}_secret_sandbox",
        "confirmation_method": "automatic", "created": row.created,
        "currency": row.currency, "customer": row.customer, "description": row.description, "last_payment_error": None,
        "latest_charge": row.latest_charge, "livemode": books.livemode, "metadata": dict(row.metadata),
        "next_action": None, "on_behalf_of": None,
        "payment_method": f"pm_{row.latest_charge}" if row.latest_charge else None,
        "payment_method_configuration_details": None, "payment_method_options": {},
        "payment_method_types": [row.method], "processing": None, "receipt_email": row.receipt_email, "review": None,
        "setup_future_usage": None, "shipping": None, "source": None, "statement_descriptor": None,
        "statement_descriptor_suffix": None, "status": row.status, "transfer_data": None, "transfer_group": None,
    }


def refund(books: Books, row: Refund) -> Json:
    shown: Json = {
        "id": row.id, "object": "refund", "amount": row.amount, "balance_transaction": row.balance_transaction,
        "charge": row.charge, "created": row.created, "currency": row.currency, "metadata": dict(row.metadata),
        "payment_intent": row.payment_intent, "reason": row.reason, "receipt_number": None,
        "source_transfer_reversal": None, "status": row.status, "transfer_reversal": None,
        "destination_details": _destination(row),
    }
    if row.pending_reason and row.status == "pending":
        shown["pending_reason"] = row.pending_reason
    if row.status == "failed":
        shown |= {"failure_reason": row.failure_reason, "failure_balance_transaction": row.failure_balance_transaction}
    if row.status == "requires_action":
        shown |= {"instructions_email": row.instructions_email, "next_action": _next_action(row)}
    return shown


def _destination(row: Refund) -> Json:
    if row.method != "card":
        return {"type": row.method, row.method: {}}
    known = "available" if row.reference else "pending"
    return {"type": "card", "card": {"reference": row.reference, "reference_status": known,
                                     "reference_type": "acquirer_reference_number", "type": "refund"}}


def _next_action(row: Refund) -> Json:
    sent = {"email_sent_at": row.created, "email_sent_to": row.instructions_email or ""}
    return {"type": "display_details", "display_details": {"email_sent": sent, "expires_at": row.created + 45 * 86400}}


def transaction(books: Books, row: Transaction) -> Json:
    return {
        "id": row.id, "object": "balance_transaction", "amount": row.amount, "available_on": row.created,
        "balance_type": "payments", "created": row.created, "currency": row.currency, "description": None,
        "exchange_rate": None, "fee": 0, "fee_details": [], "net": row.amount, "reporting_category": row.kind,
        "source": row.source, "status": "available", "type": row.kind,
    }


def charge_transaction(books: Books, row: Charge) -> Json:
    line = Transaction(f"txn_{row.id}", row.created, row.amount_captured, row.currency, "charge", row.id)
    return transaction(books, line)


def event(books: Books, row: Event, pending: int) -> Json:
    data: Json = {"object": json.loads(row.snapshot)}
    if row.previous is not None:
        data["previous_attributes"] = row.previous
    return {"id": row.id, "object": "event", "api_version": VERSION, "created": row.created, "data": data,
            "livemode": books.livemode, "pending_webhooks": pending,
            "request": {"id": row.request, "idempotency_key": row.idempotency_key}, "type": row.type}


def plain(books: Books, row: Json) -> Json:
    """Objects that are kept as they are shown: disputes, invoices, subscriptions, credits."""
    return copy.deepcopy(row)


def endpoint(books: Books, row: Json) -> Json:
    """Without its secret, which only the creating answer shows (Stripe docs: Webhook endpoints)."""
    return {name: value for name, value in row.items() if name != "secret"}


def _customer_of(books: Books, shown: Json) -> Json:
    return customer(books, books.customers[shown["customer"]])


def _charge_of(books: Books, shown: Json) -> Json:
    return charge(books, books.charges[shown.get("charge") or shown["latest_charge"]])


def _intent_of(books: Books, shown: Json) -> Json:
    return intent(books, books.intents[shown["payment_intent"]])


def _refunds_of(books: Books, shown: Json) -> Json:
    rows = books.refunds_of(shown["id"])
    return listed(f"/v1/charges/{shown['id']}/refunds", [refund(books, row) for row in rows[:10]], len(rows) > 10)


def _payments_of(books: Books, shown: Json) -> Json:
    rows = books.invoice_payments.get(shown["id"], [])
    return listed("/v1/invoice_payments", copy.deepcopy(rows[:10]), len(rows) > 10)


def _line_of_charge(books: Books, shown: Json) -> Json:
    return charge_transaction(books, books.charges[shown["id"]])


def _line(name: str) -> Callable[[Books, Json], Json]:
    return lambda books, shown: transaction(books, books.transactions[shown[name]])


def _latest_invoice(books: Books, shown: Json) -> Json:
    return plain(books, books.invoices[shown["latest_invoice"]])


EXPANDS: dict[tuple[str, str], Callable[[Books, Json], Json]] = {
    ("charge", "customer"): _customer_of,
    ("charge", "payment_intent"): _intent_of,
    ("charge", "balance_transaction"): _line_of_charge,
    ("charge", "refunds"): _refunds_of,
    ("refund", "charge"): _charge_of,
    ("refund", "payment_intent"): _intent_of,
    ("refund", "balance_transaction"): _line("balance_transaction"),
    ("refund", "failure_balance_transaction"): _line("failure_balance_transaction"),
    ("payment_intent", "latest_charge"): _charge_of,
    ("payment_intent", "customer"): _customer_of,
    ("dispute", "charge"): _charge_of,
    ("dispute", "payment_intent"): _intent_of,
    ("invoice", "customer"): _customer_of,
    ("invoice", "payments"): _payments_of,
    ("invoice_payment.payment", "payment_intent"): _intent_of,
    ("invoice_payment.payment", "charge"): _charge_of,
    ("subscription", "customer"): _customer_of,
    ("subscription", "latest_invoice"): _latest_invoice,
}
"""What can be expanded here: (object, field) → the object that replaces the id, or the list that is added."""

ADDED = {("charge", "refunds"), ("invoice", "payments")}
"""Fields that are not in the answer at all unless asked for."""


def expanded(books: Books, shown: Json, paths: list[str]) -> Json:
    for path in paths:
        if path.count(".") > 3:
            raise Refusal(400, "You cannot expand more than 4 levels of a property.", param="expand")
        _expand(books, shown, str(shown["object"]), path.split("."), path)
    return shown


def _expand(books: Books, shown: Json, kind: str, steps: list[str], path: str) -> None:
    if not steps:
        return
    field, rest = steps[0], steps[1:]
    if kind in ("list", "search_result"):
        for each in shown["data"] if field == "data" else _cannot(path):
            _expand(books, each, str(each.get("object")), rest, path)
        return
    draw = EXPANDS.get((kind, field))
    if draw and (shown.get(field) is None) == ((kind, field) in ADDED) and not isinstance(shown.get(field), dict):
        shown[field] = draw(books, shown)
    value = shown.get(field)
    if isinstance(value, dict):
        _expand(books, value, str(value.get("object") or f"{kind}.{field}"), rest, path)
    elif draw is None:
        _cannot(path)


def _cannot(path: str) -> list[Json]:
    raise Refusal(400, f"This property cannot be expanded ({path}).", param="expand")
