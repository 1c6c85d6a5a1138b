"""What people and time do at Stripe, as control operations: `control(op, params)` looks here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from connectors.stripe.standin import events, refunding, render, world
from connectors.stripe.standin.books import Books, Refund
from connectors.stripe.standin.refunding import Asked

Json = dict[str, Any]


def dashboard_refund(books: Books, params: Json, now: datetime) -> Json:
    """A colleague refunds in Stripe's Dashboard: {charge, amount?, reason?, metadata?}."""
    return render.refund(books, refunding.create(books, params, now, Asked()))


def fail_refund(books: Books, params: Json, now: datetime) -> Json:
    """The bank sends the money back, perhaps days later: {refund, failure_reason?}."""
    row = books.refunds[params["refund"]]
    refunding.fail(books, row, params.get("failure_reason", "expired_or_canceled_card"), now)
    return render.refund(books, row)


def settle_refund(books: Books, params: Json, now: datetime) -> Json:
    row = books.refunds[params["refund"]]
    refunding.settle(books, row, now)
    return render.refund(books, row)


def refund_reference(books: Books, params: Json, now: datetime) -> Json:
    """The trace number customers ask for arrives: {refund, reference}."""
    row = books.refunds[params["refund"]]
    row.reference = params["reference"]
    shown = render.refund(books, row)
    events.emit(books, "refund.updated", shown, now, previous={"destination_details": {"card": {"reference": None}}})
    return shown


def next_refund(books: Books, params: Json, now: datetime) -> Json:
    """The next refund starts as `status` (pending, requires_action, succeeded), with `pending_reason`."""
    books.next_refunds.append(params)
    return {"queued": len(books.next_refunds)}


def top_up(books: Books, params: Json, now: datetime) -> Json:
    """Money is added; refunds that waited for it go out: {currency, amount}."""
    books.available[params["currency"]] = books.available.get(params["currency"], 0) + int(params["amount"])
    waiting = [row for row in books.refunds.values() if _waits_for(row, params["currency"])]
    for row in waiting:
        refunding.settle(books, row, now)
    return {"settled": [row.id for row in waiting]}


def _waits_for(row: Refund, currency: str) -> bool:
    return row.status == "pending" and row.pending_reason == "insufficient_funds" and row.currency == currency


def dispute(books: Books, params: Json, now: datetime) -> Json:
    """A bank questions a payment: {charge, status?, reason?, amount?}."""
    return refunding.open_dispute(books, books.charges[params["charge"]], params, now)


def close_dispute(books: Books, params: Json, now: datetime) -> Json:
    row = books.disputes[params["dispute"]]
    refunding.close_dispute(books, row, params["status"], now)
    return dict(row)


def charge(books: Books, params: Json, now: datetime) -> Json:
    """A customer pays: a charge in the short form of a world."""
    return render.charge(books, world.add_charge(books, params, now))


def edit_customer(books: Books, params: Json, now: datetime) -> Json:
    """A colleague edits a customer: {customer, email?, name?, phone?}."""
    row = books.customers[params["customer"]]
    if "email" in params:
        books.move_email(row, params["email"])
    for name in ("name", "phone", "description"):
        setattr(row, name, params.get(name, getattr(row, name)))
    shown = render.customer(books, row)
    events.emit(books, "customer.updated", shown, now, previous={})
    return shown


def delete_customer(books: Books, params: Json, now: datetime) -> Json:
    row = books.customers[params["customer"]]
    row.deleted = True
    books.move_email(row, None)
    return render.customer(books, row)


def end_key(books: Books, params: Json, now: datetime) -> Json:
    """A key stops working: {key, how: revoked | expired}; {key, how: null} brings it back."""
    books.keys[params["key"]].ended = params.get("how", "revoked")
    return {"key": params["key"], "ended": books.keys[params["key"]].ended}


def permit(books: Books, params: Json, now: datetime) -> Json:
    """Sets what a key may do: {key, permissions}."""
    books.keys[params["key"]].permissions = dict(params["permissions"])
    books.keys[params["key"]].everything = False
    return asdict(books.keys[params["key"]])


def forget_keys(books: Books, params: Json, now: datetime) -> Json:
    """Stripe prunes idempotency keys early: {key} or all."""
    gone = [key for key in books.remembered if params.get("key") in (None, key)]
    for key in gone:
        del books.remembered[key]
    return {"forgotten": gone}


def search_lag(books: Books, params: Json, now: datetime) -> Json:
    books.search_lag = int(params["seconds"])
    return {"seconds": books.search_lag}


def deliver(books: Books, params: Json, now: datetime) -> Json:
    """Sends an event again: {event, times?, delay?}."""
    row = books.events[params["event"]]
    events.deliver(books, row, now, times=int(params.get("times", 1)), delay=float(params.get("delay", 0)))
    return {"event": row.id, "type": row.type}


def next_deliveries(books: Books, params: Json, now: datetime) -> Json:
    """How the next event is delivered: {lost: true}, {times: 3} or {delay: 60}; later ones queue up behind it."""
    books.next_deliveries.append(params)
    return {"queued": len(books.next_deliveries)}


OPS: dict[str, Callable[[Books, Json, datetime], Json]] = {op.__name__: op for op in (
    dashboard_refund, fail_refund, settle_refund, refund_reference, next_refund, top_up, dispute, close_dispute, charge,
    edit_customer, delete_customer, end_key, permit, forget_keys, search_lag, deliver, next_deliveries)}
"""Operation name → what happens; parameters as each one says."""
