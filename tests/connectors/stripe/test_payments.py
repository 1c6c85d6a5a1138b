"""The connector through the real library against the stand-in: what it reads, does once, and never does."""

from __future__ import annotations

import json
import logging
import re
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
import stripe
from pydantic import ValidationError
from requests.adapters import BaseAdapter

from connectors.contract import (
    Conflict,
    Key,
    LogActivity,
    Money,
    NotFound,
    NotUndoable,
    OutcomeUnknown,
    Refund,
    RefundReceipt,
    Rejected,
    Surroundings,
    Unavailable,
    Undo,
)
from connectors.http import CONNECT, READ
from connectors.mount import Mounted
from connectors.stripe import CONNECTOR, StripePayments, StripeSettings, drawing
from tests.connectors.stripe.shop import KEY, Shop

OP = Key(operation="op-" + "a" * 24)
AGAIN = Key(operation="op-" + "a" * 24, send=2)
OTHER = Key(operation="op-" + "b" * 24)


def reach(door: BaseAdapter, shop: Shop, key: str = KEY) -> StripePayments:
    around = Surroundings(now=lambda: shop.now, transports={"stripe": door})
    return StripePayments(StripeSettings.model_validate({"STRIPE_API_KEY": key}), around)


@pytest.fixture
def payments(shop: Shop) -> StripePayments:
    shop.load(customers=[{"id": "cus_1", "email": "ada@example.com", "name": "Ada", "metadata": {"tier": "gold"}}],
              charges=[{"id": "ch_1", "customer": "cus_1", "amount": 1800, "created": "-2d", "description": "Tea",
                        "metadata": {"order_id": "1042"}, "receipt_email": "ada@work.example"}])
    return reach(Mounted(shop.door), shop)


def refund(amount: int = 1800, charge: str = "ch_1", currency: str = "USD") -> Refund:
    return Refund(charge=charge, money=Money(amount=amount, currency=currency), reason="duplicate")


def made(receipt: Any) -> RefundReceipt:
    assert isinstance(receipt, RefundReceipt)
    return receipt


def test_the_account_is_named_with_its_mode(payments: StripePayments, shop: Shop) -> None:
    assert payments.account().model_dump() == {"id": "acct_sandbox", "live": False}
    live = StripePayments(StripeSettings.model_validate({"STRIPE_API_KEY": "rk_live_x_0001"}),
                          Surroundings(transports={"stripe": Mounted(shop.door)}))
    shop.load(keys={"rk_live_x_0001": "all"})
    assert live.account().live is True


def test_several_customers_with_exactly_one_address_are_all_found(payments: StripePayments, shop: Shop) -> None:
    shop.load(customers=[{"id": "cus_2", "email": "ada@example.com"}, {"id": "cus_3", "email": "Ada@example.com"}])
    assert {payer.id for payer in payments.payers("ada@example.com")} == {"cus_1", "cus_2"}
    assert payments.payers("nobody@example.com") == ()


def test_a_charge_is_read_whole_in_one_call(payments: StripePayments, shop: Shop) -> None:
    payments.perform(refund(500), OP)
    shop.door.calls.clear()
    [charge] = payments.charges("cus_1")
    assert charge.model_dump(include={"id", "payer", "status", "description", "metadata", "billing_email",
                                      "receipt_email", "disputed", "connect", "refunds_complete"}) == {
        "id": "ch_1", "payer": "cus_1", "status": "succeeded", "description": "Tea", "metadata": {"order_id": "1042"},
        "billing_email": "ada@example.com", "receipt_email": "ada@work.example", "disputed": False, "connect": False,
        "refunds_complete": True}
    assert (charge.money, charge.left()) == (Money(amount=1800, currency="USD"), Money(amount=1300, currency="USD"))
    assert charge.method.model_dump() == {"kind": "card", "brand": "visa", "last4": "4242"}
    assert [(each.money.amount, each.operation, each.status) for each in charge.refunds] == [
        (500, OP.operation, "succeeded")]
    assert charge.created == shop.now - timedelta(days=2)
    assert len(shop.door.calls) == 1


def test_what_happened_is_listed_oldest_first_with_its_charge_and_whether_it_was_us(
        payments: StripePayments, shop: Shop) -> None:
    since = shop.now
    payments.perform(refund(500), OP)
    shop.pass_time(minutes=1)
    shop.control("dashboard_refund", charge="ch_1", amount=100)
    shop.pass_time(minutes=1)
    shop.control("dispute", charge="ch_1")
    kinds = ("refund.created", "charge.refunded", "charge.dispute.created")
    assert [(one.kind, one.charge, one.by_us) for one in payments.happened_since(since, kinds)] == [
        ("refund.created", "ch_1", True), ("charge.refunded", "ch_1", True), ("refund.created", "ch_1", False),
        ("charge.refunded", "ch_1", False), ("charge.dispute.created", "ch_1", False)]
    later = payments.happened_since(since + timedelta(seconds=90), kinds)
    assert [(one.kind, one.at) for one in later] == [("charge.dispute.created", shop.now)]
    assert payments.happened_since(shop.now + timedelta(days=1), kinds) == ()


def test_more_than_ten_refunds_are_said_to_be_incomplete(payments: StripePayments, shop: Shop) -> None:
    for _ in range(11):
        shop.control("dashboard_refund", charge="ch_1", amount=1)
    assert payments.charge("ch_1").refunds_complete is False


def test_every_page_of_a_list_is_read(payments: StripePayments, shop: Shop) -> None:
    shop.load(charges=[{"customer": "cus_1", "amount": 100 + n, "created": f"-{n}s"} for n in range(230)])
    amounts = [charge.money.amount for charge in payments.charges("cus_1")]
    assert amounts == [*range(100, 330), 1800]


def test_an_unknown_charge_is_not_found(payments: StripePayments) -> None:
    with pytest.raises(NotFound):
        payments.charge("ch_nope")


@pytest.mark.parametrize("mark", [{"application_fee_amount": 10}, {"transfer_data": {"destination": "acct_2"}},
                                  {"on_behalf_of": "acct_2"}, {"transfer_group": "order 1042"}])
def test_a_charge_of_connect_is_marked(payments: StripePayments, shop: Shop, mark: dict[str, Any]) -> None:
    shop.load(charges=[{"id": "ch_2", "customer": "cus_1", "amount": 900, **mark}])
    assert payments.charge("ch_2").connect is True
    assert payments.charge("ch_1").connect is False


def test_an_uncaptured_charge_has_nothing_left_to_refund(payments: StripePayments, shop: Shop) -> None:
    shop.load(charges=[{"id": "ch_2", "customer": "cus_1", "amount": 900, "captured": False}])
    assert payments.charge("ch_2").left().amount == 0


def test_a_payment_without_card_says_how_it_was_paid(payments: StripePayments, shop: Shop) -> None:
    shop.load(charges=[{"id": "ch_2", "customer": None, "email": "g@example.com", "amount": 900, "last4": "3000",
                        "payment_method_type": "sepa_debit"}])
    charge = payments.charge("ch_2")
    assert charge.method.model_dump() == {"kind": "sepa_debit", "brand": None, "last4": "3000"}
    assert (charge.payer, charge.billing_email) == (None, "g@example.com")


@pytest.mark.parametrize("order", ["1042", 'A"1', "B\\2", "C'3"])
def test_charges_are_found_by_their_order_number_whatever_is_in_it(payments: StripePayments, shop: Shop,
                                                                  order: str) -> None:
    shop.load(charges=[{"id": "ch_2", "amount": 100, "metadata": {"shop_order": order}}])
    assert [charge.id for charge in payments.charges_marked("shop_order", order)] == ["ch_2"]
    assert payments.charges_marked("shop_order", order + "0") == ()


def test_an_invoice_names_the_payment_that_paid_it(payments: StripePayments, shop: Shop) -> None:
    shop.load(subscriptions=[{"id": "sub_1", "customer": "cus_1"}],
              invoices=[{"id": "in_1", "charge": "ch_1", "subscription": "sub_1"}])
    [invoice] = payments.invoices("cus_1")
    assert (invoice.id, invoice.payments, invoice.subscription) == (
        "in_1", (payments.charge("ch_1").payment,), "sub_1")


def test_an_invoice_with_more_payments_than_listed_is_not_half_read(payments: StripePayments, shop: Shop) -> None:
    shop.load(invoices=[{"id": "in_1", "charge": "ch_1"}])
    shop.rules.state.invoice_payments["in_1"] *= 11
    with pytest.raises(Unavailable) as caught:
        payments.invoices("cus_1")
    assert caught.value.reason == "unreadable"


@pytest.mark.parametrize(("status", "still_open", "refundable"), [
    ("needs_response", True, False), ("warning_needs_response", True, True), ("won", False, True),
    ("lost", False, False), ("a_status_of_next_year", True, False)])
def test_disputes_are_open_unless_known_to_be_closed(payments: StripePayments, shop: Shop, status: str,
                                                    still_open: bool, refundable: bool) -> None:
    shop.control("dispute", charge="ch_1", status=status)
    [dispute] = payments.disputes("ch_1")
    assert (dispute.open, dispute.refundable, dispute.charge) == (still_open, refundable, "ch_1")


def test_a_subscription_that_ends_with_its_period_says_when_by_its_items(payments: StripePayments, shop: Shop) -> None:
    shop.load(subscriptions=[{"id": "sub_1", "customer": "cus_1", "current_period_end": "+10d"},
                             {"id": "sub_2", "customer": "cus_1", "status": "canceled", "created": "-1d"}])
    shop.rules.state.subscriptions["sub_1"]["cancel_at_period_end"] = True
    found = {each.id: each for each in payments.subscriptions("cus_1")}
    assert found["sub_1"].ends_at == shop.now + timedelta(days=10)
    assert found["sub_2"].status == "canceled"


def test_a_decimal_that_is_none_is_an_unreadable_answer_and_not_a_crash(payments: StripePayments, shop: Shop) -> None:
    shop.load(subscriptions=[{"id": "sub_1", "customer": "cus_1"}])
    price = shop.rules.state.subscriptions["sub_1"]["items"]["data"][0]["price"]
    price["unit_amount_decimal"] = "twelve"
    with pytest.raises(Unavailable) as caught:
        payments.subscriptions("cus_1")
    assert caught.value.reason == "unreadable"


@pytest.mark.parametrize("fault", ["malformed_200", "truncated_200", "html_200", "empty_200", "500_before",
                                   "timeout_before", "reset_after", "429"])
def test_a_read_without_a_usable_answer_may_simply_be_tried_again(payments: StripePayments, shop: Shop,
                                                                  fault: str) -> None:
    shop.fault(fault)
    with pytest.raises(Unavailable):
        payments.charges("cus_1")
    assert len(shop.door.calls) == 1
    assert len(payments.charges("cus_1")) == 1


def test_a_refund_is_made_marked_and_receipted(payments: StripePayments, shop: Shop) -> None:
    receipt = made(payments.perform(refund(500), OP))
    assert [(row["amount"], row["charge"], row["metadata"]) for row in shop.refunds()] == [
        (500, "ch_1", {"op_id": OP.operation, "op_send": "1"})]
    assert receipt.model_dump() == {
        "kind": "refund", "operation": OP.operation, "vendor": "stripe", "at": shop.now, "id": shop.refunds()[0]["id"],
        "request_id": receipt.request_id, "charge": "ch_1", "money": {"amount": 500, "currency": "USD"},
        "status": "succeeded", "method": {"kind": "card", "brand": "visa", "last4": "4242"}, "reference": None,
        "refunded_in_all": None, "seen": False}
    assert receipt.request_id is not None
    assert receipt.request_id.startswith("req_")


def test_the_same_operation_sent_again_is_one_refund(payments: StripePayments, shop: Shop) -> None:
    first = made(payments.perform(refund(500), OP))
    shop.pass_time(hours=22)
    assert made(payments.perform(refund(500), OP)).id == first.id
    assert len(shop.refunds()) == 1


def test_two_operations_on_one_charge_are_two_refunds_while_enough_is_left(payments: StripePayments,
                                                                          shop: Shop) -> None:
    payments.perform(refund(500), OP)
    payments.perform(refund(500), OTHER)
    assert shop.rules.books()["refunded"] == {"usd": 1000}


@pytest.mark.parametrize("fault", ["timeout_after", "reset_after", "malformed_200", "truncated_200", "html_200",
                                   "empty_200", "500_after"])
def test_a_refund_whose_answer_is_lost_is_unknown_and_then_found(payments: StripePayments, shop: Shop,
                                                                fault: str) -> None:
    shop.fault(fault, "/refunds", "POST")
    with pytest.raises(OutcomeUnknown):
        payments.perform(refund(500), OP)
    assert len(shop.door.calls) == 1
    found = made(payments.find(refund(500), OP))
    assert (found.id, found.money.amount, found.seen) == (shop.refunds()[0]["id"], 500, True)
    assert found.refunded_in_all == Money(amount=500, currency="USD")


@pytest.mark.parametrize("fault", ["timeout_before", "reset_before", "500_before"])
def test_a_request_that_never_arrived_is_unknown_too_and_not_found(payments: StripePayments, shop: Shop,
                                                                  fault: str) -> None:
    shop.fault(fault, "/refunds", "POST")
    with pytest.raises(OutcomeUnknown):
        payments.perform(refund(500), OP)
    assert payments.find(refund(500), OP) is None


def test_a_stored_500_is_named_so_that_nobody_goes_on_asking(payments: StripePayments, shop: Shop) -> None:
    shop.fault("500_before", "/refunds", "POST")
    for reason in ("server_error", "stored_failure"):
        with pytest.raises(OutcomeUnknown) as caught:
            payments.perform(refund(500), OP)
        assert caught.value.reason == reason


def test_the_first_request_still_running_is_unknown_not_refused(payments: StripePayments, shop: Shop) -> None:
    shop.fault("key_in_use", "/refunds")
    with pytest.raises(OutcomeUnknown) as caught:
        payments.perform(refund(500), OP)
    assert caught.value.reason == "idempotency_key_in_use"


def test_a_key_used_for_something_else_is_unknown_and_sends_nothing(payments: StripePayments, shop: Shop) -> None:
    payments.perform(refund(500), OP)
    with pytest.raises(OutcomeUnknown) as caught:
        payments.perform(refund(600), OP)
    assert caught.value.reason == "key_used_otherwise"
    assert [row["amount"] for row in shop.refunds()] == [500]


def test_what_stripes_own_approval_holds_may_still_happen(payments: StripePayments, shop: Shop) -> None:
    shop.fault("approval_required", "/refunds")
    with pytest.raises(OutcomeUnknown) as caught:
        payments.perform(refund(500), OP)
    assert caught.value.reason == "approval_required"


@pytest.mark.parametrize("fault", ["action_blocked", "request_blocked"])
def test_what_stripe_blocks_is_rejected(payments: StripePayments, shop: Shop, fault: str) -> None:
    shop.fault(fault, "/refunds")
    with pytest.raises(Rejected) as caught:
        payments.perform(refund(500), OP)
    assert caught.value.reason == fault
    assert "This request was" in str(caught.value)
    assert re.fullmatch(rf"Stripe answered \d+: {fault}", caught.value.plain)


def test_a_rate_limit_is_obeyed_and_not_retried_here(payments: StripePayments, shop: Shop) -> None:
    shop.fault("429", "/refunds", retry_after=7, should_retry=True)
    with pytest.raises(Unavailable) as caught:
        payments.perform(refund(500), OP)
    assert (caught.value.retry_after, caught.value.lasting, caught.value.reason) == (7.0, False, "rate_limit")
    assert len(shop.door.calls) == 1


def test_a_lock_timeout_is_read_from_the_body_where_the_librarys_code_is_none(payments: StripePayments,
                                                                             shop: Shop) -> None:
    shop.fault("429", "/refunds", code="lock_timeout")
    with pytest.raises(Unavailable) as caught:
        payments.perform(refund(500), OP)
    cause = caught.value.__cause__
    assert isinstance(cause, stripe.RateLimitError)
    assert (cause.code, caught.value.reason) == (None, "lock_timeout")


@pytest.mark.parametrize(("how", "reason"), [("revoked", "credentials"), ("expired", "api_key_expired"),
                                             ("permission", "permission")])
def test_a_key_that_lost_its_rights_did_nothing_and_will_not_recover_now(payments: StripePayments, shop: Shop,
                                                                        how: str, reason: str) -> None:
    shop.fault("auth_lost", "/refunds", how=how)
    with pytest.raises(Unavailable) as caught:
        payments.perform(refund(500), OP)
    assert (caught.value.lasting, caught.value.reason) == (True, reason)
    assert KEY not in str(caught.value)


@pytest.mark.parametrize(("spoil", "reason"), [
    (("dashboard_refund", {"charge": "ch_1"}), "charge_already_refunded"),
    (("dispute", {"charge": "ch_1"}), "charge_disputed"),
    (("dashboard_refund", {"charge": "ch_1", "amount": 1400}), "refused")])
def test_what_stripe_refuses_is_rejected_by_type_and_status(payments: StripePayments, shop: Shop,
                                                           spoil: tuple[str, dict[str, Any]], reason: str) -> None:
    shop.fault("human_between", "/refunds", op=spoil[0], params=spoil[1])
    with pytest.raises(Rejected) as caught:
        payments.perform(refund(500), OP)
    assert (caught.value.reason, type(caught.value)) == (reason, Rejected)
    assert not isinstance(caught.value, Conflict)


@pytest.mark.parametrize("amount", [0, -500])
def test_an_amount_that_is_none_is_never_sent(payments: StripePayments, shop: Shop, amount: int) -> None:
    with pytest.raises(Rejected):
        payments.perform(refund(amount), OP)
    assert shop.door.calls == []


@pytest.mark.parametrize(("currency", "amount", "sent"), [
    ("EUR", 1, True), ("JPY", 1, True), ("ISK", 100, True), ("ISK", 150, False), ("KWD", 10, True), ("KWD", 15, False),
    ("UGX", 100, False)])
def test_each_currency_is_sent_in_its_own_steps(payments: StripePayments, shop: Shop, currency: str, amount: int,
                                               sent: bool) -> None:
    shop.load(charges=[{"id": "ch_2", "customer": "cus_1", "amount": 2000, "currency": currency.lower()}])
    if sent:
        assert made(payments.perform(refund(amount, "ch_2", currency), OP)).money == Money(amount=amount,
                                                                                          currency=currency)
    else:
        with pytest.raises(Rejected):
            payments.perform(refund(amount, "ch_2", currency), OP)
        assert shop.door.calls == []


def test_fraudulent_is_no_reason_anybody_can_give() -> None:
    with pytest.raises(ValidationError):
        Refund(charge="ch_1", money=Money(amount=1, currency="USD"), reason="fraudulent")


def test_an_answer_about_another_currency_is_not_our_refund(payments: StripePayments, shop: Shop) -> None:
    with pytest.raises(OutcomeUnknown) as caught:
        payments.perform(refund(500, currency="EUR"), OP)
    assert caught.value.reason == "unreadable"


def test_stripe_does_no_crm_work(payments: StripePayments, shop: Shop) -> None:
    with pytest.raises(Rejected):
        payments.perform(LogActivity(contact="c", about="x", subject="s", text="t"), OP)
    assert shop.door.calls == []


def test_our_refund_is_found_on_a_later_page_among_others(payments: StripePayments, shop: Shop) -> None:
    shop.load(charges=[{"id": "ch_2", "customer": "cus_1", "amount": 90000}])
    ours = made(payments.perform(refund(500, "ch_2"), OP))
    shop.pass_time(minutes=5)
    for _ in range(130):
        shop.control("dashboard_refund", charge="ch_2", amount=1, metadata={"op_id": OTHER.operation})
    assert made(payments.find(refund(500, "ch_2"), OP)).id == ours.id


def test_a_colleagues_refund_is_not_taken_for_ours(payments: StripePayments, shop: Shop) -> None:
    shop.control("dashboard_refund", charge="ch_1", amount=500)
    assert payments.find(refund(500), OP) is None


def test_a_failed_refund_is_found_for_its_sending_but_not_for_the_next(payments: StripePayments, shop: Shop) -> None:
    first = made(payments.perform(refund(500), OP))
    assert made(payments.find(refund(500), AGAIN)).id == first.id
    shop.control("fail_refund", refund=first.id)
    assert made(payments.find(refund(500), OP)).status == "failed"
    assert payments.find(refund(500), AGAIN) is None
    payments.perform(refund(500), AGAIN)
    assert [row["status"] for row in shop.refunds()] == ["failed", "succeeded"]


def test_a_read_back_shows_status_and_the_charges_total_in_one_call(payments: StripePayments, shop: Shop) -> None:
    payments.perform(refund(300), OTHER)
    receipt = payments.perform(refund(500), OP)
    shop.door.calls.clear()
    seen = made(payments.read_back(refund(500), receipt))
    assert (seen.status, seen.refunded_in_all) == ("succeeded", Money(amount=800, currency="USD"))
    assert seen.seen is True
    assert (seen.operation, seen.request_id) == (receipt.operation, receipt.request_id)
    assert len(shop.door.calls) == 1


def test_an_answer_with_nothing_behind_it_is_noticed_by_the_read_back(payments: StripePayments, shop: Shop) -> None:
    shop.fault("phantom_200", "/refunds", "POST")
    receipt = payments.perform(refund(500), OP)
    with pytest.raises(OutcomeUnknown) as caught:
        payments.read_back(refund(500), receipt)
    assert caught.value.reason == "not_there"
    assert shop.refunds() == []


def test_a_charge_that_does_not_count_the_refund_is_noticed(payments: StripePayments, shop: Shop) -> None:
    receipt = payments.perform(refund(500), OP)
    shop.rules.state.charges["ch_1"].amount_refunded = 0
    with pytest.raises(OutcomeUnknown) as caught:
        payments.read_back(refund(500), receipt)
    assert caught.value.reason == "not_counted"


def test_a_refund_that_fails_after_succeeding_is_read_as_failed(payments: StripePayments, shop: Shop) -> None:
    shop.fault("late_failure", "/refunds", "POST")
    receipt = made(payments.perform(refund(500), OP))
    assert receipt.status == "succeeded"
    seen = made(payments.read_back(refund(500), receipt))
    assert (seen.status, seen.refunded_in_all) == ("failed", Money(amount=0, currency="USD"))


@pytest.mark.parametrize(("status", "pending"), [("pending", "insufficient_funds"), ("requires_action", None)])
def test_a_refund_that_waits_is_neither_failed_nor_done(payments: StripePayments, shop: Shop, status: str,
                                                       pending: str | None) -> None:
    shop.control("next_refund", status=status, **({"pending_reason": pending} if pending else {}))
    receipt = payments.perform(refund(500), OP)
    assert made(payments.read_back(refund(500), receipt)).status == status


def test_a_status_nobody_knows_is_an_unknown_outcome(payments: StripePayments, shop: Shop) -> None:
    shop.control("next_refund", status="on_its_way")
    with pytest.raises(OutcomeUnknown):
        payments.perform(refund(500), OP)


def test_the_trace_number_is_read_once_it_is_there(payments: StripePayments, shop: Shop) -> None:
    receipt = made(payments.perform(refund(500), OP))
    shop.control("refund_reference", refund=receipt.id, reference="74000000001")
    assert made(payments.read_back(refund(500), receipt)).reference == "74000000001"
    assert payments.charge("ch_1").refunds[0].reference == "74000000001"


def test_a_stale_list_does_not_hide_what_the_key_still_knows(payments: StripePayments, shop: Shop) -> None:
    shop.fault("stale_read", "/refunds", "GET")
    shop.fault("reset_after", "/refunds", "POST")
    with pytest.raises(OutcomeUnknown):
        payments.perform(refund(500), OP)
    payments.find(refund(500), OP)
    payments.perform(refund(500), OP)
    assert len(shop.refunds()) == 1


def undo(receipt: RefundReceipt) -> Undo:
    return Undo(of=OP.operation, action=refund(500), receipt=receipt)


def waiting_for_details(payments: StripePayments, shop: Shop) -> RefundReceipt:
    """Stripe has asked the customer for bank details, and may still cancel the refund."""
    shop.control("next_refund", status="requires_action")
    return made(payments.perform(refund(500), OP))


@pytest.mark.parametrize("status", ["succeeded", "pending"])
def test_a_refund_on_its_way_is_not_taken_back_and_nothing_is_sent(payments: StripePayments, shop: Shop,
                                                                   status: str) -> None:
    shop.control("next_refund", status=status)
    receipt = made(payments.perform(refund(500), OP))
    with pytest.raises(NotUndoable, match="cannot be undone"):
        payments.perform(undo(receipt), OTHER)
    assert payments.find(undo(receipt), OTHER) is None
    assert not [call for call in shop.door.calls if call.path.endswith("/cancel")]


def test_a_refund_that_waits_for_bank_details_is_cancelled_once(payments: StripePayments, shop: Shop) -> None:
    receipt = waiting_for_details(payments, shop)
    undone = made(payments.perform(undo(receipt), OTHER))
    assert (undone.operation, undone.id, undone.status, undone.seen) == (OTHER.operation, receipt.id, "canceled", True)
    assert undone.refunded_in_all == Money(amount=0, currency="USD")
    assert made(payments.perform(undo(receipt), OTHER)).status == "canceled"
    assert made(payments.read_back(undo(receipt), undone)).status == "canceled"
    assert len([call for call in shop.door.calls if call.path.endswith("/cancel")]) == 1


@pytest.mark.parametrize("kind", ["reset_after", "500_after", "timeout_after"])
def test_a_cancellation_whose_answer_is_lost_is_found(payments: StripePayments, shop: Shop, kind: str) -> None:
    receipt = waiting_for_details(payments, shop)
    shop.fault(kind, "/cancel", "POST")
    with pytest.raises(OutcomeUnknown):
        payments.perform(undo(receipt), OTHER)
    found = payments.find(undo(receipt), OTHER)
    assert found is not None
    assert (found.operation, made(found).status) == (OTHER.operation, "canceled")


def test_a_cancellation_of_which_nothing_stands_reads_back_as_unknown(payments: StripePayments, shop: Shop) -> None:
    receipt = waiting_for_details(payments, shop)
    with pytest.raises(OutcomeUnknown):
        payments.read_back(undo(receipt), receipt)


class Overheard(Mounted):
    """Keeps what was sent."""

    def __init__(self, shop: Shop) -> None:
        super().__init__(shop.door)
        self.sent: list[requests.PreparedRequest] = []
        self.timeouts: list[Any] = []

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        self.sent.append(request)
        self.timeouts.append(kwargs.get("timeout"))
        return super().send(request, *args, **kwargs)


def test_every_send_of_an_operation_is_the_same_request(payments: StripePayments, shop: Shop) -> None:
    wire = Overheard(shop)
    ours = reach(wire, shop)
    for _ in range(2):
        ours.perform(refund(500), OP)
    assert [request.headers["Idempotency-Key"] for request in wire.sent] == [str(OP), str(OP)]
    assert wire.sent[0].body == wire.sent[1].body
    assert wire.sent[0].headers["Stripe-Version"] == "2026-10-28.endive"


def test_stripe_learns_nothing_about_the_machine(payments: StripePayments, shop: Shop, tmp_path: Path,
                                                monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("OPENCODE", "1")
    wire = Overheard(shop)
    ours = reach(wire, shop)
    ours.account()
    ours.account()
    assert stripe.enable_telemetry is False
    assert "X-Stripe-Client-Telemetry" not in wire.sent[1].headers
    assert wire.sent[1].headers["User-Agent"] == "Deskhand"
    assert json.loads(wire.sent[1].headers["X-Stripe-Client-User-Agent"]) == {"lang": "python"}
    assert list(tmp_path.iterdir()) == []


def test_the_time_a_call_may_take_is_set_and_its_sum_is_under_20_seconds(payments: StripePayments, shop: Shop) -> None:
    wire = Overheard(shop)
    reach(wire, shop).account()
    assert wire.timeouts == [(CONNECT, READ)]
    assert (CONNECT, READ) == (3.05, 15.0)


def test_each_thread_has_its_own_session(payments: StripePayments, shop: Shop) -> None:
    clients: list[int] = []
    kept: list[Any] = []

    def note() -> None:
        services = payments._client.v1
        kept.append(services)
        clients.append(id(services))
        payments.account()

    for _ in range(2):
        thread = threading.Thread(target=note)
        thread.start()
        thread.join()
    note()
    assert len(set(clients)) == 3


def test_bodies_and_keys_are_never_logged(payments: StripePayments, caplog: pytest.LogCaptureFixture,
                                         capfd: pytest.CaptureFixture[str]) -> None:
    with caplog.at_level(logging.DEBUG):
        payments.payers("ada@example.com")
        payments.perform(refund(500), OP)
    written = caplog.text + "".join(capfd.readouterr())
    assert "req_sbx" in written
    assert not any(secret in written for secret in ("ada@example.com", KEY, "4242", OP.operation))


@pytest.fixture
def silent() -> Iterator[int]:
    """A server that takes every connection and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        taken: list[socket.socket] = []
        ended = threading.Event()

        def take() -> None:
            while not ended.is_set():
                try:
                    taken.append(server.accept()[0])
                except OSError:
                    return

        thread = threading.Thread(target=take)
        thread.start()
        yield server.getsockname()[1]
        ended.set()
        server.shutdown(socket.SHUT_RDWR)
        thread.join()
        for each in taken:
            each.close()


def test_a_hung_stripe_call_ends_by_its_timeouts_after_one_try(silent: int) -> None:
    began = datetime.now(UTC)
    settings = StripeSettings.model_validate({"STRIPE_API_KEY": KEY, "STRIPE_URL": f"http://127.0.0.1:{silent}"})
    hung = StripePayments(settings, Surroundings(timeout=(0.1, 0.2)))
    with pytest.raises(OutcomeUnknown) as caught:
        hung.perform(refund(500), OP)
    assert isinstance(caught.value.__cause__, stripe.APIConnectionError)
    with pytest.raises(Unavailable):
        hung.account()
    assert datetime.now(UTC) - began < timedelta(seconds=5)


def test_a_refused_connection_was_surely_not_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    settings = StripeSettings.model_validate({"STRIPE_API_KEY": KEY, "STRIPE_URL": f"http://127.0.0.1:{port}"})
    gone = StripePayments(settings, Surroundings())
    with pytest.raises(Unavailable):
        gone.perform(refund(500), OP)


@pytest.mark.parametrize("settings", [
    {"STRIPE_API_KEY": "pk_live_0001"}, {"STRIPE_API_KEY": KEY, "STRIPE_URL": "https://api.stripe.com.evil.example"},
    {"STRIPE_API_KEY": KEY, "STRIPE_URL": "http://api.stripe.com"}, {"STRIPE_API_KEY": KEY, "STRIPE_LOG": "debug"}, {}])
def test_settings_that_cannot_be_right_are_refused_by_name(settings: dict[str, str]) -> None:
    with pytest.raises(ValidationError) as caught:
        StripeSettings.model_validate(settings)
    assert "STRIPE_" in str(caught.value)


def test_the_key_is_not_shown_with_the_settings() -> None:
    assert KEY not in repr(StripeSettings.model_validate({"STRIPE_API_KEY": KEY}))


def test_the_entry_point_gives_payments(shop: Shop) -> None:
    settings = CONNECTOR.settings.model_validate({"STRIPE_API_KEY": KEY, "STRIPE_URL": "http://127.0.0.1:9/stripe"})
    payments = CONNECTOR.connect(settings, Surroundings(transports={"stripe": Mounted(shop.door, "/stripe")}))
    assert (CONNECTOR.name, CONNECTOR.role, payments.account().id) == ("stripe", "payments", "acct_sandbox")


def test_refunds_are_listed_by_the_second_they_were_made_in(payments: StripePayments, shop: Shop) -> None:
    begin = shop.now + timedelta(minutes=1)
    ids = []
    for second in (-1, 0, 59, 60):
        shop.pass_time(seconds=(begin + timedelta(seconds=second) - shop.now).total_seconds())
        ids.append(shop.control("dashboard_refund", charge="ch_1", amount=100)["id"])
    found = payments.refunds_made(begin, begin + timedelta(minutes=1))
    assert [one.id for one in found] == [ids[2], ids[1]]
    assert payments.refunds_made(begin - timedelta(seconds=0.5), begin + timedelta(seconds=0.5))[0].id == ids[1]


def test_a_refund_in_the_list_says_what_it_was_of_and_what_became_of_it(payments: StripePayments, shop: Shop) -> None:
    payments.perform(refund(500), OP)
    made = shop.control("dashboard_refund", charge="ch_1", amount=100, metadata={"shop": "7", "op_send": "x"})["id"]
    shop.control("fail_refund", refund=made, failure_reason="lost_or_stolen_card")
    by_hand, ours = payments.refunds_made(shop.now - timedelta(days=1), shop.now + timedelta(days=1))
    assert (ours.operation, ours.send, ours.charge, ours.money, ours.status, ours.marks) == (
        OP.operation, 1, "ch_1", Money(amount=500, currency="USD"), "succeeded", ())
    assert ours.captured == Money(amount=1800, currency="USD")
    assert len(ours.entries) == 1
    assert (by_hand.id, by_hand.operation, by_hand.send, by_hand.marks, by_hand.status, by_hand.failure) == (
        made, None, 1, ("shop",), "failed", "lost_or_stolen_card")
    assert len(by_hand.entries) == 2
    assert payments.refund(made) == by_hand


def test_more_refunds_than_a_page_holds_are_all_listed(payments: StripePayments, shop: Shop) -> None:
    for _ in range(205):
        shop.control("dashboard_refund", charge="ch_1", amount=1)
    found = payments.refunds_made(shop.now - timedelta(days=1), shop.now + timedelta(days=1))
    assert len({one.id for one in found}) == 205
    assert [call.query.count("starting_after") for call in shop.door.calls] == [0, 1, 1]


def test_a_refund_that_nobody_knows_is_not_there(payments: StripePayments) -> None:
    with pytest.raises(NotFound):
        payments.refund("re_nobody")


def test_listing_refunds_takes_no_more_than_running_does(payments: StripePayments, shop: Shop) -> None:
    """Refunds and Charges to read; without the first it is said which permission is missing."""
    shop.control("permit", key=KEY, permissions={"account": "read", "refunds": "read", "charges": "read"})
    assert payments.refunds_made(shop.now - timedelta(days=1), shop.now) == ()
    shop.control("permit", key=KEY, permissions={"account": "read", "charges": "read"})
    with pytest.raises(Unavailable, match="refund_read") as refused:
        payments.refunds_made(shop.now - timedelta(days=1), shop.now)
    assert refused.value.lasting


def test_a_refund_of_no_charge_is_drawn_without_one() -> None:
    """As of a customer's cash balance (Stripe docs, "The Refund object": `charge` may be null)."""
    made = drawing.made_refund({"id": "re_1", "amount": 700, "currency": "eur", "status": "succeeded", "created": 1,
                                "charge": None, "metadata": None, "balance_transaction": {"id": "txn_1"}})
    assert (made.charge, made.captured, made.entries, made.marks) == (None, None, ("txn_1",), ())
