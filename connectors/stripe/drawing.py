"""Stripe's objects, as plain dicts, drawn as the contract's views; what must be there and is not raises KeyError."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, get_args

from connectors.contract import (
    Charge,
    Dispute,
    Happened,
    MadeRefund,
    Method,
    Money,
    PaidInvoice,
    PaidRefund,
    Payer,
    RefundReceipt,
    Subscription,
)
from connectors.stripe.told import OUR_KEY

Json = dict[str, Any]

MARK = "op_id"
"""Where our operation id stands in a refund's metadata."""
MARK_SEND = "op_send"

CLOSED_DISPUTES = frozenset({"won", "lost", "prevented", "warning_closed"})
"""Any other status, an unknown one too, counts as open."""

STATUSES = frozenset(get_args(RefundReceipt.model_fields["status"].annotation))


def moment(unix: int) -> datetime:
    return datetime.fromtimestamp(unix, UTC)


def money(amount: int, currency: str) -> Money:
    return Money(amount=amount, currency=currency.upper())


def id_of(value: Any) -> str | None:
    """The id, whether the field holds an id or the expanded object."""
    found: str | None = value["id"] if isinstance(value, dict) else value
    return found


def payer(row: Json) -> Payer:
    return Payer(id=row["id"], email=row.get("email"), name=row.get("name"), metadata=row.get("metadata") or {})


def happened(row: Json) -> Happened:
    """What an event says; of its object only which charge it is about."""
    thing, asked = row["data"]["object"], row.get("request") or {}
    about = thing["id"] if thing.get("object") == "charge" else id_of(thing.get("charge"))
    return Happened(id=row["id"], kind=row["type"], at=moment(row["created"]), charge=about,
                    by_us=bool(OUR_KEY.fullmatch(asked.get("idempotency_key") or "")))


def charge(row: Json) -> Charge:
    currency, billing, refunds = row["currency"], row.get("billing_details") or {}, row.get("refunds") or {}
    return Charge(
        id=row["id"], payer=id_of(row.get("customer")), payment=id_of(row.get("payment_intent")),
        money=money(row["amount"], currency), captured=money(row["amount_captured"], currency),
        refunded=money(row["amount_refunded"], currency), status=row["status"], created=moment(row["created"]),
        method=method(row), description=row.get("description"), metadata=row.get("metadata") or {},
        billing_email=billing.get("email"), receipt_email=row.get("receipt_email"), disputed=row["disputed"],
        connect=_connected(row), refunds=tuple(refund(each) for each in refunds.get("data", [])),
        refunds_complete=_complete(row, refunds),
    )


def _complete(row: Json, refunds: Json) -> bool:
    """Whether every refund was listed; without the list, a charge that had some is not."""
    return not refunds.get("has_more", row["amount_refunded"] > 0)


def _connected(row: Json) -> bool:
    """Carries a transfer or an application fee, or acts for another account (Stripe docs, "Connect").

    A charge whose money is transferred apart from it bears the group alone ("Separate charges and transfers").
    """
    marks = ("transfer", "transfer_data", "transfer_group", "source_transfer", "application", "application_fee",
             "application_fee_amount", "on_behalf_of")
    return any(row.get(mark) for mark in marks)


def method(row: Json) -> Method:
    details = row.get("payment_method_details") or {}
    kind = details.get("type") or "unknown"
    known = details.get(kind) or {}
    return Method(kind=kind, brand=known.get("brand"), last4=known.get("last4"))


def refund(row: Json) -> PaidRefund:
    return PaidRefund(id=row["id"], money=money(row["amount"], row["currency"]), status=row.get("status") or "unknown",
                      created=moment(row["created"]), operation=(row.get("metadata") or {}).get(MARK),
                      reference=reference(row))


def made_refund(row: Json) -> MadeRefund:
    """From a refund with its charge expanded; one of a customer's cash balance has none."""
    paid, marks = row.get("charge"), row.get("metadata") or {}
    send = marks.get(MARK_SEND, "1")
    return MadeRefund(
        **refund(row).model_dump(), charge=id_of(paid),
        captured=money(paid["amount_captured"], paid["currency"]) if isinstance(paid, dict) else None,
        send=int(send) if send.isdecimal() else 1, marks=tuple(sorted(set(marks) - {MARK, MARK_SEND})),
        failure=row.get("failure_reason"),
        entries=tuple(id for name in ("balance_transaction", "failure_balance_transaction")
                      if (id := id_of(row.get(name)))))


def reference(row: Json) -> str | None:
    """The trace number that banks ask for (Stripe docs, "Trace a refund")."""
    card = (row.get("destination_details") or {}).get("card") or {}
    return card.get("reference")


def receipt(row: Json, operation: str, at: datetime, request_id: str | None) -> RefundReceipt:
    """From a refund with its charge expanded. Raises ValueError for a status that has no name here."""
    if row.get("status") not in STATUSES:
        raise ValueError(f"refund {row['id']} has the unknown status {row.get('status')!r}")
    paid = row["charge"]
    return RefundReceipt(operation=operation, vendor="stripe", at=at, request_id=request_id, id=row["id"],
                         charge=paid["id"], money=money(row["amount"], row["currency"]), status=row["status"],
                         method=method(paid), reference=reference(row))


def invoice(row: Json) -> PaidInvoice:
    """A charge names no invoice; the invoice names its payments. Raises ValueError when it does not name them all."""
    if row["payments"]["has_more"]:
        raise ValueError(f"invoice {row['id']} has more payments than were listed")
    parent = (row.get("parent") or {}).get("subscription_details") or {}
    paid = [id_of(each["payment"].get("payment_intent") or each["payment"].get("charge"))
            for each in row["payments"]["data"]]
    return PaidInvoice(id=row["id"], payments=tuple(one for one in paid if one),
                       subscription=id_of(parent.get("subscription")))


def dispute(row: Json) -> Dispute:
    return Dispute(id=row["id"], charge=str(id_of(row["charge"])), status=row["status"],
                   open=row["status"] not in CLOSED_DISPUTES, refundable=row["is_charge_refundable"],
                   created=moment(row["created"]))


def subscription(row: Json) -> Subscription:
    """Period dates stand on the items, not on the subscription (Stripe changelog, 2025-03-31)."""
    ends = row.get("ended_at") or row.get("cancel_at")
    if not ends and row["cancel_at_period_end"]:
        ends = max(item["current_period_end"] for item in row["items"]["data"])
    return Subscription(id=row["id"], payer=str(id_of(row["customer"])), status=row["status"],
                        ends_at=moment(ends) if ends else None, cancel_at_period_end=row["cancel_at_period_end"])
