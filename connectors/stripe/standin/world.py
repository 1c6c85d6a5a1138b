"""A world in short form → full books: customers, charges, invoices, disputes, subscriptions, keys, endpoints."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from connectors.stripe.standin import refunding
from connectors.stripe.standin.books import Books, Charge, Customer, Intent, Key, Refund
from connectors.stripe.standin.calls import endpoint_row

Json = dict[str, Any]

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
CARD = {"brand": "visa", "last4": "4242", "exp_month": 12, "exp_year": 2030, "funding": "credit", "country": "US"}
PARTS = dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"))
CONNECT = ("application_fee_amount", "transfer", "transfer_data", "transfer_group", "on_behalf_of", "source_transfer")


def moment(value: Any, now: datetime) -> int:
    """Unix time of `-2d`, `-90m`, `+10s`, an ISO time, a unix time, or nothing (now)."""
    if value is None:
        return int(now.timestamp())
    if isinstance(value, int):
        return value
    offset = re.fullmatch(r"([+-])(\d+)([smhd])", value)
    if not offset:
        return int(datetime.fromisoformat(value).timestamp())
    span = timedelta(**{UNITS[offset[3]]: int(offset[2])})
    return int((now + span if offset[1] == "+" else now - span).timestamp())


def load(books: Books, world: Json, now: datetime) -> None:
    """Adds a world to the books; what is already there stays."""
    books.account |= {name: value for name, value in world.get("account", {}).items() if name != "livemode"}
    books.livemode = bool(world.get("account", {}).get("livemode", books.livemode))
    books.search_lag = int(world.get("search_lag", books.search_lag))
    for secret, may in world.get("keys", {}).items():
        books.keys[secret] = Key(secret, everything=may == "all", permissions={} if may == "all" else dict(may))
    for currency, amount in world.get("balance", {}).items():
        books.available[currency] = amount
    for short in world.get("webhook_endpoints", []):
        endpoint_row(books, {"enabled_events": ["*"], **short}, moment(short.get("created"), now))
    for kind, add in ADD.items():
        for short in world.get(kind, []):
            add(books, short, now)


def add_customer(books: Books, short: Json, now: datetime) -> Customer:
    taken = ("email", "name", "phone", "description", "shipping", "currency")
    row = Customer(short.get("id") or books.new_id("cus"), moment(short.get("created"), now),
                   **{name: short.get(name) for name in taken}, metadata=_strings(short.get("metadata")),
                   address={**PARTS, **short["address"]} if short.get("address") else None,
                   balance=short.get("balance", 0), deleted=short.get("deleted", False))
    books.keep_customer(row)
    return row


def _strings(metadata: Json | None) -> dict[str, str]:
    return {key: str(value) for key, value in (metadata or {}).items()}


def add_charge(books: Books, short: Json, now: datetime) -> Charge:
    """A payment with its payment intent. `email` without `customer` is a guest checkout that made its own customer;
    `"customer": null` beside it is one that made none."""
    payer = _payer(books, short, now)
    created, worked = moment(short.get("created"), now), short.get("status", "succeeded") == "succeeded"
    captured = short.get("captured", worked)
    amount, currency = int(short["amount"]), str(short.get("currency", "usd")).lower()
    method = short.get("payment_method_type", "card")
    row = Charge(short.get("id") or books.new_id("ch"), created, amount, currency, customer=payer.id if payer else None,
                 status=short.get("status", "succeeded"), captured=captured,
                 amount_captured=int(short.get("amount_captured", amount)) if captured and worked else 0,
                 description=short.get("description"), metadata=_strings(short.get("metadata")),
                 billing=_billing(short, payer), receipt_email=short.get("receipt_email"), method=method,
                 method_details=_details(method, short), more=_more(books, short))
    if short.get("payment_intent", "") is not None:
        row.payment_intent = short.get("payment_intent") or books.new_id("pi")
        books.keep_intent(_intent(row))
    books.keep_charge(row)
    if worked and captured:
        books.available[currency] = books.available.get(currency, 0) + row.amount_captured
    for refund in short.get("refunds", []):
        _add_refund(books, row, refund, now)
    if short.get("dispute"):
        refunding.open_dispute(books, row, short["dispute"], now)
    return row


def _payer(books: Books, short: Json, now: datetime) -> Customer | None:
    if short.get("customer"):
        return books.customers[short["customer"]]
    if "customer" in short or not short.get("email"):
        return None
    guest = {"email": short["email"], "name": short.get("name"), "created": moment(short.get("created"), now)}
    return add_customer(books, guest, now)


def _billing(short: Json, payer: Customer | None) -> Json:
    email = short.get("billing_email", short.get("email") or (payer.email if payer else None))
    given = {"email": email, "name": short.get("name") or (payer.name if payer else None),
             "phone": short.get("phone"), "address": short.get("billing_address")}
    return {name: value for name, value in given.items() if value is not None}


def _details(method: str, short: Json) -> Json:
    if method not in ("card", "card_present"):
        return {"last4": short["last4"]} if short.get("last4") else {}
    return _card(tuple(sorted({**CARD, **short.get("card", {})}.items())))


@cache
def _card(given: tuple[tuple[str, Any], ...]) -> Json:
    """One card, shared by all its charges: a hundred thousand equal ones would fill the memory."""
    card = dict(given)
    checks = {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass"}
    return {"checks": checks, "fingerprint": f"fp_{card['brand']}{card['last4']}", "network": card["brand"],
            "installments": None, "mandate": None, "three_d_secure": None, "wallet": None, **card}


def _more(books: Books, short: Json) -> Json:
    more = {name: short[name] for name in (*CONNECT, "failure_code", "failure_message") if short.get(name) is not None}
    if isinstance(more.get("transfer"), bool):
        more["transfer"] = books.new_id("tr")
    if more.get("transfer_data") and not more.get("transfer"):
        more["transfer"] = books.new_id("tr")
    if more.get("application_fee_amount"):
        more["application_fee"] = short.get("application_fee") or books.new_id("fee")
    return more


def _intent(charge: Charge) -> Intent:
    status = {"succeeded": "succeeded" if charge.captured else "requires_capture", "pending": "processing",
              "failed": "requires_payment_method"}[charge.status]
    return Intent(str(charge.payment_intent), charge.created, charge.amount, charge.currency, status, charge.id,
                  charge.customer, charge.description, dict(charge.metadata), charge.receipt_email, charge.method,
                  "automatic_async" if charge.captured else "manual")


def _add_refund(books: Books, charge: Charge, short: Json, now: datetime) -> None:
    amount, created = int(short.get("amount", charge.left)), moment(short.get("created"), now)
    row = Refund(short.get("id") or books.new_id("re"), created, charge.id, charge.payment_intent, amount,
                 charge.currency, short.get("status", "succeeded"), charge.method, short.get("reason"),
                 _strings(short.get("metadata")), pending_reason=short.get("pending_reason"),
                 failure_reason=short.get("failure_reason"), reference=short.get("reference"))
    row.balance_transaction = refunding.take(books, -amount, charge.currency, "refund", row.id, now)
    if row.status not in ("failed", "canceled"):
        charge.amount_refunded += amount
    books.keep_refund(row)


def add_dispute(books: Books, short: Json, now: datetime) -> None:
    refunding.open_dispute(books, books.charges[short["charge"]], short, now)


def add_subscription(books: Books, short: Json, now: datetime) -> None:
    """One item at `unit_amount` per `interval`."""
    id_ = short.get("id") or books.new_id("sub")
    created, end = moment(short.get("created"), now), moment(short.get("current_period_end", "+20d"), now)
    currency, interval = short.get("currency", "usd"), short.get("interval", "month")
    price_id, amount = short.get("price") or books.new_id("price"), int(short.get("unit_amount", 1000))
    shared = {"id": price_id, "active": True, "billing_scheme": "per_unit", "created": created, "currency": currency,
              "livemode": books.livemode, "metadata": {}, "product": short.get("product") or books.new_id("prod")}
    recurring = {"interval": interval, "interval_count": 1, "meter": None, "trial_period_days": None,
                 "usage_type": "licensed"}
    price = {**shared, "object": "price", "nickname": short.get("name"), "type": "recurring", "unit_amount": amount,
             "unit_amount_decimal": str(amount), "recurring": recurring, "tax_behavior": "unspecified"}
    plan = {**shared, **recurring, "object": "plan", "nickname": short.get("name"), "amount": amount,
            "amount_decimal": str(amount)}
    item: Json = {
            "id": books.new_id("si"), "object": "subscription_item", "created": created, "current_period_end": end,
            "current_period_start": end - 30 * 86400, "discounts": [], "metadata": {}, "plan": plan, "price": price,
            "quantity": 1, "subscription": id_, "tax_rates": []}
    row = {"id": id_, "object": "subscription", "automatic_tax": {"disabled_reason": None, "enabled": False,
                                                                   "liability": None},
           "billing_cycle_anchor": created, "billing_mode": {"type": "classic"}, "billing_schedules": [],
           "cancel_at": None, "cancel_at_period_end": False, "canceled_at": None,
           "collection_method": "charge_automatically", "created": created, "currency": currency,
           "customer": short["customer"], "discounts": [], "ended_at": None,
           "invoice_settings": {"account_tax_ids": None, "issuer": {"type": "self"}},
           "items": {"object": "list", "data": [item], "has_more": False,
                     "url": f"/v1/subscription_items?subscription={id_}"},
           "latest_invoice": short.get("latest_invoice"), "livemode": books.livemode,
           "metadata": _strings(short.get("metadata")), "pause_collection": short.get("pause_collection"),
           "start_date": created, "status": short.get("status", "active"), "trial_end": None, "trial_start": None}
    books.subscriptions[id_] = row
    books.file("subscription.customer", row["customer"], id_)


def add_invoice(books: Books, short: Json, now: datetime) -> None:
    """A bill, by default paid by `charge`'s payment intent; a charge itself never names its invoice."""
    charge = books.charges.get(short.get("charge", ""))
    id_, created = short.get("id") or books.new_id("in"), moment(short.get("created"), now)
    amount = int(short.get("amount", charge.amount if charge else 0))
    currency = short.get("currency", charge.currency if charge else "usd")
    paid = short.get("status", "paid") == "paid"
    owner = short.get("customer") or (charge.customer if charge else None)
    intent = short.get("payment_intent") or (charge.payment_intent if charge else None)
    subscription = short.get("subscription")
    line = {"id": books.new_id("il"), "object": "line_item", "amount": amount, "currency": currency,
            "description": short.get("description"), "discountable": True, "discounts": [], "livemode": books.livemode,
            "metadata": {}, "period": {"end": created, "start": created}, "subtotal": amount, "quantity": 1}
    row = {"id": id_, "object": "invoice", "amount_due": amount, "amount_overpaid": 0,
           "amount_paid": amount if paid else 0, "amount_remaining": 0 if paid else amount, "amount_shipping": 0,
           "attempt_count": 1, "attempted": True, "collection_method": "charge_automatically", "created": created,
           "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None, "provider": None,
                             "status": None},
           "currency": currency, "customer": owner, "customer_email": books.customers[owner].email if owner else None,
           "default_tax_rates": [], "discounts": [], "issuer": {"type": "self"},
           "lines": {"object": "list", "data": [line], "has_more": False, "url": f"/v1/invoices/{id_}/lines"},
           "livemode": books.livemode, "metadata": _strings(short.get("metadata")),
           "number": short.get("number") or f"SBX-{id_[-4:]}", "parent": _parent(subscription),
           "payment_settings": {"default_mandate": None, "payment_method_options": None, "payment_method_types": None},
           "period_end": created, "period_start": created, "post_payment_credit_notes_amount": 0,
           "pre_payment_credit_notes_amount": 0, "starting_balance": 0, "status": short.get("status", "paid"),
           "status_transitions": {"finalized_at": created, "marked_uncollectible_at": None,
                                  "paid_at": created if paid else None, "voided_at": None},
           "subtotal": amount, "total": amount}
    books.invoices[id_] = row
    books.file("invoice.customer", owner, id_)
    books.file("invoice.subscription", subscription, id_)
    payment = _payment(intent, charge)
    if payment:
        books.invoice_payments[id_] = [{
            "id": books.new_id("inpay"), "object": "invoice_payment", "amount_paid": amount if paid else None,
            "amount_requested": amount, "created": created, "currency": currency, "invoice": id_, "is_default": True,
            "livemode": books.livemode, "payment": payment, "status": "paid" if paid else "open",
            "status_transitions": {"canceled_at": None, "paid_at": created if paid else None}}]


def _parent(subscription: str | None) -> Json | None:
    if not subscription:
        return None
    return {"quote_details": None, "type": "subscription_details",
            "subscription_details": {"metadata": {}, "subscription": subscription}}


def _payment(intent: str | None, charge: Charge | None) -> Json | None:
    if intent:
        return {"type": "payment_intent", "payment_intent": intent}
    return {"type": "charge", "charge": charge.id} if charge else None


ADD: dict[str, Any] = {"customers": add_customer, "charges": add_charge, "invoices": add_invoice,
                       "disputes": add_dispute, "subscriptions": add_subscription}
"""World part → how one entry of it is added, in this order."""
