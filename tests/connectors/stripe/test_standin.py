"""Stripe's stand-in keeps Stripe's own rules, so that what is proven against it means something."""

from __future__ import annotations

import base64
import copy
import json
import sys
import threading
from itertools import pairwise
from typing import Any

import pytest
import stripe

from connectors.standin import Answer, Lost, Request
from tests.connectors.stripe.shop import KEY, Checked, Shop

PAID = {"id": "ch_1", "customer": "cus_1", "amount": 1800, "currency": "usd", "created": "-2d",
        "metadata": {"order_id": "1042"}}


@pytest.fixture
def paid(shop: Shop) -> Shop:
    shop.load(customers=[{"id": "cus_1", "email": "ada@example.com", "name": "Ada"}], charges=[PAID])
    return shop


def error(given: Answer) -> dict[str, Any]:
    found: dict[str, Any] = given.json()["error"]
    return found


def test_of_two_racing_refunds_of_the_whole_charge_one_wins(paid: Shop) -> None:
    answers: list[Answer] = []

    def refund(key: str) -> None:
        answers.append(paid.post("/v1/refunds", {"charge": "ch_1"}, once=key))

    threads = [threading.Thread(target=refund, args=(f"key-{n}",)) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(given.status for given in answers) == [200, 400]
    assert [row["amount"] for row in paid.refunds()] == [1800]


def test_its_books_are_read_whole_while_others_write_in_them(paid: Shop) -> None:
    """As a person's tally is, beside sixty-four workers."""
    made = [{**PAID, "id": f"ch_{n}_again"} for n in range(300)]
    writing = threading.Thread(target=lambda: [paid.load(charges=[one]) for one in made])
    often = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        writing.start()
        while writing.is_alive():
            paid.rules.books()
    finally:
        writing.join()
        sys.setswitchinterval(often)
    assert len(paid.rules.books()["charges"]) == 301


def test_the_same_key_twice_makes_one_refund(paid: Shop) -> None:
    first = paid.post("/v1/refunds", {"charge": "ch_1", "amount": 500}, once="op-1")
    again = paid.post("/v1/refunds", {"amount": 500, "charge": "ch_1"}, once="op-1")
    assert (again.status, again.body) == (200, first.body)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.headers["Original-Request"] == first.headers["Request-Id"]
    assert len(paid.refunds()) == 1


def test_a_lost_answer_sent_again_makes_one_refund(paid: Shop) -> None:
    paid.fault("reset_after", "/refunds")
    assert paid.raw("POST", "/v1/refunds", {"charge": "ch_1", "amount": 500}, once="op-1") == Lost("reset")
    assert paid.post("/v1/refunds", {"charge": "ch_1", "amount": 500}, once="op-1").status == 200
    assert [row["amount"] for row in paid.refunds()] == [500]


def test_a_lost_answer_sent_again_25_hours_later_makes_a_second_refund(paid: Shop) -> None:
    paid.fault("timeout_after", "/refunds")
    paid.raw("POST", "/v1/refunds", {"charge": "ch_1", "amount": 500}, once="op-1")
    paid.pass_time(hours=25)
    paid.post("/v1/refunds", {"charge": "ch_1", "amount": 500}, once="op-1")
    assert [row["amount"] for row in paid.refunds()] == [500, 500]


def test_an_unknown_key_is_refused_and_stores_nothing(paid: Shop) -> None:
    refused = paid.post("/v1/refunds", {"charge": "ch_1"}, key="rk_test_somebody_else", once="op-1")
    assert refused.status == 401
    assert "somebody_else" not in refused.body.decode()
    assert paid.post("/v1/refunds", {"charge": "ch_1"}, once="op-1").headers.get("Idempotent-Replayed") is None


def test_no_key_at_all_is_refused(paid: Shop) -> None:
    assert paid.door.answer(Request.to("GET", "/v1/account")).status == 401  # type: ignore[union-attr]


def test_an_expired_key_is_named_as_such(paid: Shop) -> None:
    paid.control("end_key", key=KEY, how="expired")
    assert error(paid.get("/v1/account"))["code"] == "api_key_expired"


def test_the_key_may_come_as_basic_user(paid: Shop) -> None:
    basic = base64.b64encode(f"{KEY}:".encode()).decode()
    assert paid.get("/v1/account", headers={"Authorization": f"Basic {basic}"}).json()["id"] == "acct_sandbox"


def test_a_key_that_only_reads_refunds_may_not_write_them(paid: Shop) -> None:
    paid.load(keys={"rk_test_reader_0001": {"refunds": "read"}})
    assert paid.get("/v1/refunds", key="rk_test_reader_0001").status == 200
    assert paid.post("/v1/refunds", {"charge": "ch_1"}, key="rk_test_reader_0001", once="op-1").status == 403
    assert paid.get("/v1/customers", key="rk_test_reader_0001").status == 403
    assert paid.post("/v1/refunds", {"charge": "ch_1"}, once="op-1").status == 200


def test_another_api_version_is_refused(paid: Shop) -> None:
    assert paid.get("/v1/account", headers={"Stripe-Version": "2020-08-27"}).status == 400


@pytest.mark.parametrize(("fields", "code", "param"), [
    ({"charge": "ch_1", "amont": "5"}, "parameter_unknown", "amont"),
    ({"charge": "ch_1", "amount": "5.00"}, "parameter_invalid_integer", "amount"),
    ({"charge": "ch_1", "amount": "0"}, "parameter_invalid_integer", "amount"),
    ({"charge": "ch_1", "amount": "-5"}, "parameter_invalid_integer", "amount"),
    ({"charge": ""}, "parameter_invalid_empty", "charge"),
    ({"charge": "ch_1", "reason": "because"}, None, "reason"),
    ({"charge": "ch_1", "metadata[op]": "x" * 501}, None, "metadata"),
    ({"charge": "ch_1", "payment_intent": "pi_1"}, None, None),
    ({}, None, None),
])
def test_a_bad_parameter_is_refused(paid: Shop, fields: dict[str, str], code: str | None, param: str | None) -> None:
    refused = paid.post("/v1/refunds", fields, once="op-1")
    assert refused.status == 400
    assert (error(refused).get("code"), error(refused).get("param")) == (code, param)
    assert paid.refunds() == []


def test_a_validation_failure_is_not_stored_under_the_key(paid: Shop) -> None:
    paid.post("/v1/refunds", {"charge": "ch_1", "amount": "x"}, once="op-1")
    assert paid.post("/v1/refunds", {"charge": "ch_1", "amount": "5"}, once="op-1").status == 200


def test_a_json_body_is_refused(paid: Shop) -> None:
    assert paid.post("/v1/refunds", {"charge": "ch_1"}, headers={"Content-Type": "application/json"}).status == 400


def test_a_missing_webhook_url_is_named(paid: Shop) -> None:
    refused = paid.post("/v1/webhook_endpoints", {"enabled_events[0]": "*"}, key="sk_test_everything_1")
    assert (error(refused)["code"], error(refused)["param"]) == ("parameter_missing", "url")


def test_an_unknown_route_is_404(paid: Shop) -> None:
    assert paid.get("/v1/refunds/search").status == 404
    assert paid.get("/v1/nonsense").status == 404


def test_the_same_key_with_other_parameters_is_an_idempotency_error(paid: Shop) -> None:
    paid.post("/v1/refunds", {"charge": "ch_1", "amount": 500}, once="op-1")
    refused = paid.post("/v1/refunds", {"charge": "ch_1", "amount": 600}, once="op-1")
    assert (refused.status, error(refused)["type"]) == (400, "idempotency_error")
    assert len(paid.refunds()) == 1


def test_a_key_is_kept_for_23_hours_and_59_minutes(paid: Shop) -> None:
    paid.post("/v1/refunds", {"charge": "ch_1", "amount": 500}, once="op-1")
    paid.pass_time(hours=23, minutes=59)
    assert "Idempotent-Replayed" in paid.post("/v1/refunds", {"charge": "ch_1", "amount": 500}, once="op-1").headers


def test_a_business_refusal_is_replayed(paid: Shop) -> None:
    paid.post("/v1/refunds", {"charge": "ch_1"}, once="op-1")
    refused = paid.post("/v1/refunds", {"charge": "ch_1"}, once="op-2")
    again = paid.post("/v1/refunds", {"charge": "ch_1"}, once="op-2")
    assert error(refused)["code"] == "charge_already_refunded"
    assert (again.body, again.headers["Idempotent-Replayed"]) == (refused.body, "true")


@pytest.mark.parametrize(("fault", "refunds"), [("500_before", 0), ("500_after", 1)])
def test_a_500_is_replayed_whether_or_not_the_refund_exists(paid: Shop, fault: str, refunds: int) -> None:
    paid.fault(fault, "/refunds")
    first = paid.post("/v1/refunds", {"charge": "ch_1", "amount": 500}, once="op-1")
    again = paid.post("/v1/refunds", {"charge": "ch_1", "amount": 500}, once="op-1")
    assert (first.status, again.status, again.headers["Idempotent-Replayed"]) == (500, 500, "true")
    assert len(paid.refunds()) == refunds


def test_a_500_fault_does_not_undo_what_the_key_already_answered(paid: Shop) -> None:
    paid.post("/v1/refunds", {"charge": "ch_1", "amount": 500}, once="op-1")
    paid.fault("500_before", "/refunds")
    assert paid.post("/v1/refunds", {"charge": "ch_1", "amount": 500}, once="op-1").status == 200


@pytest.mark.parametrize(("fault", "status", "code"), [
    ("key_in_use", 409, "idempotency_key_in_use"), ("429", 429, "rate_limit"), ("key_mismatch", 400, None),
    ("auth_lost", 401, None), ("approval_required", 403, "approval_required"),
    ("action_blocked", 400, "action_blocked"),
])
def test_a_refused_request_may_be_sent_again_under_its_key(paid: Shop, fault: str, status: int,
                                                           code: str | None) -> None:
    paid.fault(fault, "/refunds")
    refused = paid.post("/v1/refunds", {"charge": "ch_1", "amount": 500}, once="op-1")
    assert (refused.status, error(refused).get("code")) == (status, code)
    assert paid.refunds() == []
    assert paid.post("/v1/refunds", {"charge": "ch_1", "amount": 500}, once="op-1").status == 200


def test_a_429_says_when_and_whether_to_retry(paid: Shop) -> None:
    paid.fault("429", code="lock_timeout", retry_after=7, should_retry=False)
    refused = paid.get("/v1/account")
    assert (refused.headers["Retry-After"], refused.headers["Stripe-Should-Retry"]) == ("7", "false")
    assert error(refused)["code"] == "lock_timeout"


def test_a_pruned_key_runs_again(paid: Shop) -> None:
    paid.post("/v1/refunds", {"charge": "ch_1", "amount": 500}, once="op-1")
    paid.fault("key_expired", "/refunds")
    paid.post("/v1/refunds", {"charge": "ch_1", "amount": 500}, once="op-1")
    assert len(paid.refunds()) == 2


def test_a_get_needs_and_keeps_no_key(paid: Shop) -> None:
    first = paid.get("/v1/charges/ch_1", once="op-1")
    paid.post("/v1/refunds", {"charge": "ch_1"})
    assert paid.get("/v1/charges/ch_1", once="op-1").body != first.body


def test_a_refund_moves_the_charges_totals_and_makes_a_balance_line(paid: Shop) -> None:
    given = paid.post("/v1/refunds", {"charge": "ch_1", "amount": 500, "metadata[op_id]": "op-1",
                                      "reason": "duplicate", "expand[0]": "charge",
                                      "expand[1]": "balance_transaction"}).json()
    assert (given["status"], given["amount"], given["currency"]) == ("succeeded", 500, "usd")
    assert (given["metadata"], given["reason"]) == ({"op_id": "op-1"}, "duplicate")
    assert (given["charge"]["amount_refunded"], given["charge"]["refunded"]) == (500, False)
    assert (given["balance_transaction"]["amount"], given["balance_transaction"]["type"]) == (-500, "refund")
    assert given["destination_details"]["card"]["reference_status"] == "pending"


def test_without_an_amount_everything_left_goes_back(paid: Shop) -> None:
    paid.post("/v1/refunds", {"charge": "ch_1", "amount": 500})
    assert paid.post("/v1/refunds", {"charge": "ch_1"}).json()["amount"] == 1300
    assert paid.get("/v1/charges/ch_1").json()["refunded"] is True


def test_more_than_is_left_is_refused_without_a_code(paid: Shop) -> None:
    paid.post("/v1/refunds", {"charge": "ch_1", "amount": 1700})
    refused = paid.post("/v1/refunds", {"charge": "ch_1", "amount": 101})
    assert (refused.status, error(refused)["type"], error(refused).get("code")) == (400, "invalid_request_error", None)
    assert paid.rules.books()["refunded"] == {"usd": 1700}


def test_a_refund_by_payment_intent_hits_its_charge(paid: Shop) -> None:
    intent = paid.get("/v1/charges/ch_1").json()["payment_intent"]
    given = paid.post("/v1/refunds", {"payment_intent": intent}).json()
    assert (given["charge"], given["payment_intent"]) == ("ch_1", intent)


def test_an_unknown_charge_is_resource_missing(paid: Shop) -> None:
    refused = paid.post("/v1/refunds", {"charge": "ch_nope"})
    assert (refused.status, error(refused)["code"], error(refused)["param"]) == (404, "resource_missing", "charge")


@pytest.mark.parametrize(("short", "code"), [
    ({"captured": False}, "charge_not_refundable"),
    ({"status": "failed"}, "charge_not_refundable"),
    ({"dispute": {"status": "needs_response"}}, "charge_disputed"),
])
def test_a_charge_that_cannot_be_refunded_is_refused(paid: Shop, short: dict[str, Any], code: str) -> None:
    paid.load(charges=[{"id": "ch_2", "customer": "cus_1", "amount": 900, **short}])
    assert error(paid.post("/v1/refunds", {"charge": "ch_2"}))["code"] == code


def test_an_inquiry_can_be_refunded_and_a_full_refund_closes_it(paid: Shop) -> None:
    paid.control("dispute", charge="ch_1", status="warning_needs_response")
    assert paid.post("/v1/refunds", {"charge": "ch_1"}).status == 200
    assert paid.rules.books()["disputes"][0]["status"] == "warning_closed"


@pytest.mark.parametrize(("currency", "amount", "status"), [("isk", 150, 400), ("isk", 100, 200), ("kwd", 5, 400),
                                                            ("kwd", 10, 200), ("jpy", 1, 200)])
def test_amounts_follow_the_currency(paid: Shop, currency: str, amount: int, status: int) -> None:
    paid.load(charges=[{"id": "ch_2", "customer": "cus_1", "amount": 2000, "currency": currency}])
    assert paid.post("/v1/refunds", {"charge": "ch_2", "amount": amount}).status == status


@pytest.mark.parametrize(("method", "status"), [("card", "succeeded"), ("sepa_debit", "pending"),
                                                ("customer_balance", "requires_action")])
def test_how_the_customer_paid_says_how_the_refund_starts(paid: Shop, method: str, status: str) -> None:
    paid.load(charges=[{"id": "ch_2", "customer": "cus_1", "amount": 900, "payment_method_type": method}])
    assert paid.post("/v1/refunds", {"charge": "ch_2"}).json()["status"] == status


def test_a_card_refund_cannot_be_cancelled_but_one_that_waits_for_the_customer_can(paid: Shop) -> None:
    card = paid.post("/v1/refunds", {"charge": "ch_1", "amount": 500}).json()["id"]
    paid.control("next_refund", status="requires_action")
    waiting = paid.post("/v1/refunds", {"charge": "ch_1", "amount": 500}).json()["id"]
    assert paid.post(f"/v1/refunds/{card}/cancel").status == 400
    assert paid.post(f"/v1/refunds/{waiting}/cancel").json()["status"] == "canceled"
    assert paid.rules.books()["refunded"] == {"usd": 500}


def test_a_succeeded_refund_may_fail_days_later_and_gives_its_amount_back(paid: Shop) -> None:
    made = paid.post("/v1/refunds", {"charge": "ch_1"}).json()["id"]
    paid.pass_time(days=3)
    paid.control("fail_refund", refund=made, failure_reason="lost_or_stolen_card")
    given = paid.get(f"/v1/refunds/{made}", {"expand[0]": "failure_balance_transaction"}).json()
    assert (given["status"], given["failure_reason"]) == ("failed", "lost_or_stolen_card")
    assert given["failure_balance_transaction"]["amount"] == 1800
    assert paid.get("/v1/charges/ch_1").json()["amount_refunded"] == 0


def test_a_refund_without_cover_waits_for_a_top_up(paid: Shop) -> None:
    paid.control("next_refund", status="pending", pending_reason="insufficient_funds")
    made = paid.post("/v1/refunds", {"charge": "ch_1"}).json()
    assert (made["status"], made["pending_reason"]) == ("pending", "insufficient_funds")
    assert paid.control("top_up", currency="usd", amount=5000) == {"settled": [made["id"]]}
    assert paid.get(f"/v1/refunds/{made['id']}").json()["status"] == "succeeded"


def test_a_dispute_fails_a_pending_refund(paid: Shop) -> None:
    paid.control("next_refund", status="pending")
    made = paid.post("/v1/refunds", {"charge": "ch_1"}).json()["id"]
    paid.control("dispute", charge="ch_1")
    assert paid.get(f"/v1/refunds/{made}").json()["failure_reason"] == "charge_for_pending_refund_disputed"
    assert paid.get("/v1/charges/ch_1").json()["disputed"] is True


def test_metadata_merges_and_an_empty_value_deletes(paid: Shop) -> None:
    made = paid.post("/v1/refunds", {"charge": "ch_1", "metadata[a]": "1", "metadata[b]": "2"}).json()["id"]
    changed = paid.post(f"/v1/refunds/{made}", {"metadata[b]": "", "metadata[c]": "3"}).json()
    assert changed["metadata"] == {"a": "1", "c": "3"}


def test_a_colleague_refunds_in_the_dashboard_just_before_us(paid: Shop) -> None:
    paid.fault("human_between", "/refunds", op="dashboard_refund", params={"charge": "ch_1", "amount": 1000})
    assert paid.post("/v1/refunds", {"charge": "ch_1"}).json()["amount"] == 800


def test_customers_are_found_by_the_exact_address_only(paid: Shop) -> None:
    paid.load(customers=[{"id": "cus_2", "email": "Ada@example.com"}, {"id": "cus_3", "email": "ada@example.com"}])
    found = paid.get("/v1/customers", {"email": "ada@example.com"}).json()["data"]
    assert {row["id"] for row in found} == {"cus_1", "cus_3"}
    assert paid.get("/v1/customers", {"email": "ADA@example.com"}).json()["data"] == []


def test_a_changed_address_is_found_and_the_old_one_is_not(paid: Shop) -> None:
    paid.post("/v1/customers/cus_1", {"email": "new@example.com"})
    assert paid.get("/v1/customers", {"email": "ada@example.com"}).json()["data"] == []
    assert [row["id"] for row in paid.get("/v1/customers", {"email": "new@example.com"}).json()["data"]] == ["cus_1"]


def test_a_deleted_customer_is_shown_as_deleted_and_not_listed(paid: Shop) -> None:
    paid.control("delete_customer", customer="cus_1")
    assert paid.get("/v1/customers/cus_1").json() == {"id": "cus_1", "object": "customer", "deleted": True}
    assert paid.get("/v1/customers").json()["data"] == []


def test_an_empty_string_clears_a_field(paid: Shop) -> None:
    paid.post("/v1/customers/cus_1", {"phone": "+1 555 0100"})
    assert paid.post("/v1/customers/cus_1", {"phone": ""}).json()["phone"] is None


def test_a_guest_checkout_makes_its_own_customer_or_none(shop: Shop) -> None:
    shop.load(charges=[{"id": "ch_g", "email": "g@example.com", "amount": 100},
                       {"id": "ch_h", "email": "g@example.com", "amount": 100},
                       {"id": "ch_n", "email": "g@example.com", "amount": 100, "customer": None}])
    assert len(shop.get("/v1/customers", {"email": "g@example.com"}).json()["data"]) == 2
    bare = shop.get("/v1/charges/ch_n").json()
    assert (bare["customer"], bare["billing_details"]["email"]) == (None, "g@example.com")


def test_lists_are_newest_first_and_paged(paid: Shop) -> None:
    paid.load(charges=[{"id": f"ch_p{n}", "customer": "cus_1", "amount": 100, "created": f"-{n}m"}
                       for n in range(1, 13)])
    first = paid.get("/v1/charges", {"customer": "cus_1"}).json()
    rest = paid.get("/v1/charges", {"customer": "cus_1", "starting_after": first["data"][-1]["id"]}).json()
    assert [row["id"] for row in first["data"]] == [f"ch_p{n}" for n in range(1, 11)]
    assert ([row["id"] for row in rest["data"]], first["has_more"], rest["has_more"]) == (
        ["ch_p11", "ch_p12", "ch_1"], True, False)
    back = paid.get("/v1/charges", {"customer": "cus_1", "ending_before": "ch_p3", "limit": 1}).json()
    assert ([row["id"] for row in back["data"]], back["has_more"]) == (["ch_p2"], True)


@pytest.mark.parametrize("limit", ["0", "101", "ten"])
def test_a_limit_outside_1_to_100_is_refused(paid: Shop, limit: str) -> None:
    assert error(paid.get("/v1/charges", {"limit": limit}))["param"] == "limit"


def test_created_bounds_narrow_a_list(paid: Shop) -> None:
    now = int(paid.now.timestamp())
    paid.load(charges=[{"id": "ch_new", "customer": "cus_1", "amount": 100, "created": "-1h"}])
    found = paid.get("/v1/charges", {"created[gte]": str(now - 7200)}).json()["data"]
    assert [row["id"] for row in found] == ["ch_new"]


def test_refunds_show_on_a_charge_only_when_asked_for(paid: Shop) -> None:
    paid.post("/v1/refunds", {"charge": "ch_1", "amount": 500})
    plain = paid.get("/v1/charges", {"customer": "cus_1"}).json()["data"][0]
    full = paid.get("/v1/charges", {"customer": "cus_1", "expand[0]": "data.refunds"}).json()["data"][0]
    assert "refunds" not in plain
    assert [row["amount"] for row in full["refunds"]["data"]] == [500]


def test_only_ten_refunds_are_expanded(paid: Shop) -> None:
    for _ in range(11):
        paid.post("/v1/refunds", {"charge": "ch_1", "amount": 1})
    shown = paid.get("/v1/charges/ch_1", {"expand[]": "refunds"}).json()["refunds"]
    assert (len(shown["data"]), shown["has_more"]) == (10, True)
    assert len(paid.get("/v1/refunds", {"charge": "ch_1", "limit": 100}).json()["data"]) == 11


@pytest.mark.parametrize("path", ["data.nothing", "refunds", "data.amount", "data.customer.default_source.a.b"])
def test_what_cannot_be_expanded_is_refused(paid: Shop, path: str) -> None:
    assert paid.get("/v1/charges", {"customer": "cus_1", "expand[0]": path}).status == 400


def test_a_charge_names_no_invoice_and_the_invoice_names_its_payments(paid: Shop) -> None:
    paid.load(subscriptions=[{"id": "sub_1", "customer": "cus_1"}],
              invoices=[{"id": "in_1", "charge": "ch_1", "subscription": "sub_1"}])
    charge = paid.get("/v1/charges/ch_1").json()
    bills = paid.get("/v1/invoices", {"customer": "cus_1", "expand[]": "data.payments"}).json()["data"]
    assert "invoice" not in charge
    assert bills[0]["payments"]["data"][0]["payment"] == {"type": "payment_intent",
                                                         "payment_intent": charge["payment_intent"]}
    assert "payments" not in paid.get("/v1/invoices/in_1").json()


def test_cancelled_subscriptions_show_only_when_asked_for(paid: Shop) -> None:
    paid.load(subscriptions=[{"id": "sub_1", "customer": "cus_1"},
                             {"id": "sub_2", "customer": "cus_1", "status": "canceled"}])
    listed = {how: {row["id"] for row in paid.get("/v1/subscriptions", {"customer": "cus_1", **how_}).json()["data"]}
              for how, how_ in {"plain": {}, "all": {"status": "all"}, "ended": {"status": "ended"}}.items()}
    assert listed == {"plain": {"sub_1"}, "all": {"sub_1", "sub_2"}, "ended": {"sub_2"}}


def test_a_subscriptions_period_stands_on_its_items(paid: Shop) -> None:
    paid.load(subscriptions=[{"id": "sub_1", "customer": "cus_1", "current_period_end": "+10d"}])
    shown = paid.get("/v1/subscriptions/sub_1").json()
    assert shown["items"]["data"][0]["current_period_end"] == int(paid.now.timestamp()) + 864000
    assert "current_period_end" not in shown


def test_payments_are_searched_by_metadata_after_a_lag(paid: Shop) -> None:
    query = {"query": "metadata['order_id']:'1042' AND status:'succeeded'"}
    assert [row["id"] for row in paid.get("/v1/charges/search", query).json()["data"]] == ["ch_1"]
    paid.control("search_lag", seconds=3600)
    paid.control("charge", id="ch_9", customer="cus_1", amount=5, metadata={"order_id": "1042"})
    assert [row["id"] for row in paid.get("/v1/charges/search", query).json()["data"]] == ["ch_1"]
    assert error(paid.get("/v1/charges/search", {"query": "order=1042"}))["param"] == "query"


def test_every_kind_of_charge_has_the_contracts_shape(shop: Shop) -> None:
    assert isinstance(shop.rules, Checked)
    if shop.rules.contract is None:
        pytest.skip("the shared contract/stripe.json is not beside the repository")
    shop.load(customers=[{"id": "cus_1", "email": "a@example.com", "address": {"city": "Graz", "country": "AT"}}],
              charges=[{"customer": "cus_1", "amount": 100, **short} for short in (
                  {"card": {"brand": "mastercard", "last4": "1111"}, "receipt_email": "r@example.com"},
                  {"payment_method_type": "sepa_debit", "last4": "3000"}, {"payment_method_type": "paypal"},
                  {"captured": False}, {"status": "failed", "failure_code": "card_declined"},
                  {"status": "pending", "payment_method_type": "sepa_debit"},
                  {"application_fee_amount": 10, "transfer_data": {"destination": "acct_2"}},
                  {"payment_intent": None}, {"refunds": [{"amount": 10}, {"amount": 5, "status": "failed"}]},
                  {"dispute": {"status": "under_review"}})])
    every = {"limit": 100, "expand[0]": "data.customer", "expand[1]": "data.balance_transaction",
             "expand[2]": "data.payment_intent.latest_charge", "expand[3]": "data.refunds.data.balance_transaction"}
    assert len(shop.get("/v1/charges", every).json()["data"]) == 10
    for path in ("/v1/balance", "/v1/disputes", "/v1/events", "/v1/payment_intents", "/v1/refunds"):
        assert shop.get(path, {"limit": 100} if path != "/v1/balance" else {}).status == 200
    assert shop.rules.checked == 6


def test_a_goodwill_credit_lowers_the_balance(paid: Shop) -> None:
    given = paid.post("/v1/customers/cus_1/balance_transactions", {"amount": -500, "currency": "usd"}).json()
    assert (given["type"], given["amount"], given["ending_balance"]) == ("adjustment", -500, -500)
    listed = paid.get("/v1/customers/cus_1/balance_transactions").json()["data"]
    assert [row["id"] for row in listed] == [given["id"]]


def test_events_are_signed_so_that_the_sdk_believes_them(paid: Shop) -> None:
    paid.load(webhook_endpoints=[{"url": "http://127.0.0.1/hook", "secret": "whsec_x", "enabled_events": ["*"]}])
    paid.post("/v1/refunds", {"charge": "ch_1"}, once="op-1")
    deliveries = paid.rules.deliveries
    header = deliveries[0].sign(paid.now)["Stripe-Signature"]
    stripe.WebhookSignature.verify_header(deliveries[0].body.decode(), header, "whsec_x")
    event = json.loads(deliveries[0].body)
    assert [json.loads(each.body)["type"] for each in deliveries] == ["refund.created", "charge.refunded"]
    assert event["request"]["idempotency_key"] == "op-1"


def test_an_event_can_be_lost_doubled_late_and_asked_for(paid: Shop) -> None:
    paid.load(webhook_endpoints=[{"url": "http://127.0.0.1/hook", "enabled_events": ["refund.created"]}])
    for plan in ({"lost": True}, {}, {"times": 3, "delay": 60}):
        paid.control("next_deliveries", **plan)
    paid.post("/v1/refunds", {"charge": "ch_1", "amount": 1})
    assert paid.rules.deliveries == []
    paid.post("/v1/refunds", {"charge": "ch_1", "amount": 1})
    assert [(each.due - paid.now).total_seconds() for each in paid.rules.deliveries] == [60, 60, 60]
    waiting = paid.get("/v1/events", {"delivery_success": "false", "types[0]": "refund.created"}).json()["data"]
    assert len(waiting) == 1
    paid.control("deliver", event=waiting[0]["id"])
    assert len(paid.rules.deliveries) == 4


def test_an_endpoints_secret_is_shown_once(paid: Shop) -> None:
    every = "sk_test_everything_1"
    made = paid.post("/v1/webhook_endpoints", {"url": "https://desk.example/stripe", "metadata[desk]": "1",
                                               "enabled_events[0]": "refund.failed"}, key=every).json()
    assert made["secret"].startswith("whsec_")
    assert "secret" not in paid.get(f"/v1/webhook_endpoints/{made['id']}", key=every).json()
    deleted = paid.raw("DELETE", f"/v1/webhook_endpoints/{made['id']}", key=every)
    assert deleted.json() == {"id": made["id"], "object": "webhook_endpoint", "deleted": True}  # type: ignore[union-attr]


def made_endpoint(shop: Shop, **more: str) -> Any:
    return shop.post("/v1/webhook_endpoints", {"url": "http://127.0.0.1/hook", "enabled_events[0]": "refund.created",
                                               **more}, key="sk_test_everything_1")


def test_an_endpoint_is_listed_changed_and_switched_off(paid: Shop) -> None:
    every = "sk_test_everything_1"
    id = made_endpoint(paid, **{"metadata[desk]": "1", "api_version": stripe.api_version}).json()["id"]
    [listed] = paid.get("/v1/webhook_endpoints", key=every).json()["data"]
    assert (listed["id"], listed["metadata"], listed["status"], listed["api_version"]) == (
        id, {"desk": "1"}, "enabled", stripe.api_version)
    changed = paid.post(f"/v1/webhook_endpoints/{id}", {"enabled_events[0]": "refund.failed", "disabled": "true",
                                                        "url": "http://127.0.0.1/other"}, key=every).json()
    assert (changed["enabled_events"], changed["status"], changed["url"]) == (
        ["refund.failed"], "disabled", "http://127.0.0.1/other")
    assert "secret" not in changed
    refused = paid.post(f"/v1/webhook_endpoints/{id}", {"api_version": stripe.api_version}, key=every)
    assert (refused.status, refused.json()["error"]["code"]) == (400, "parameter_unknown")


def test_an_account_has_sixteen_endpoints_and_no_more(paid: Shop) -> None:
    assert [made_endpoint(paid).status for _ in range(16)] == [200] * 16
    refused = made_endpoint(paid)
    assert (refused.status, refused.json()["error"]) == (400, {
        "type": "invalid_request_error", "message": "You have reached the maximum of 16 test webhook endpoints."})


@pytest.mark.parametrize(("wrong", "param"), [
    ({"url": "desk.example/hook"}, "url"), ({"enabled_events[0]": "Refund failed"}, "enabled_events[0]"),
    ({"api_version": "2019-01-01"}, "api_version")])
def test_an_endpoint_that_could_not_be_served_is_refused(paid: Shop, wrong: dict[str, str], param: str) -> None:
    refused = made_endpoint(paid, **wrong)
    assert (refused.status, refused.json()["error"]["param"]) == (400, param)


def test_what_a_key_may_not_do_with_endpoints_is_refused(paid: Shop) -> None:
    assert paid.get("/v1/webhook_endpoints").status == 403


def attempts(shop: Shop, hours: int, *statuses: int | None) -> list[float]:
    """After how many hours each attempt was made, while time passes; the endpoint answers with these in turn."""
    began, made, answers = shop.now, [], list(statuses)
    for _ in range(hours * 60):
        for delivery in shop.rules.due(shop.now):
            made.append((shop.now - began).total_seconds() / 3600)
            shop.rules.settled(delivery, answers.pop(0) if answers else 500, shop.now)
        shop.pass_time(seconds=60)
    return made


def test_in_a_sandbox_an_event_is_tried_three_times_and_then_stays_undelivered(paid: Shop) -> None:
    paid.load(webhook_endpoints=[{"url": "http://127.0.0.1/hook", "enabled_events": ["refund.created"]}])
    paid.post("/v1/refunds", {"charge": "ch_1", "amount": 1})
    assert attempts(paid, 100, None, 302, 500) == [0, 1, 4]
    waiting = paid.get("/v1/events", {"delivery_success": "false"}).json()["data"]
    assert [event["type"] for event in waiting] == ["refund.created"]


def test_an_event_that_was_taken_is_not_sent_again(paid: Shop) -> None:
    paid.load(webhook_endpoints=[{"url": "http://127.0.0.1/hook", "enabled_events": ["refund.created"]}])
    paid.post("/v1/refunds", {"charge": "ch_1", "amount": 1})
    assert attempts(paid, 10, 503, 202) == [0, 1]
    assert paid.get("/v1/events", {"delivery_success": "false"}).json()["data"] == []


def test_in_live_mode_the_pauses_grow_and_after_three_days_stripe_gives_up(paid: Shop) -> None:
    paid.load(account={"livemode": True},
              webhook_endpoints=[{"url": "http://127.0.0.1/hook", "enabled_events": ["refund.created"]}])
    paid.post("/v1/refunds", {"charge": "ch_1", "amount": 1})
    made = attempts(paid, 100)
    pauses = [round(later - before, 3) for before, later in pairwise(made)]
    assert pauses == sorted(pauses)
    assert (round(pauses[0] * 60), round(pauses[-1]), 48 < made[-1] <= 72) == (1, 12, True)


def test_an_endpoint_that_was_deleted_or_switched_off_gets_nothing_more(paid: Shop) -> None:
    id = made_endpoint(paid).json()["id"]
    paid.post("/v1/refunds", {"charge": "ch_1", "amount": 1})
    paid.post(f"/v1/webhook_endpoints/{id}", {"disabled": "true"}, key="sk_test_everything_1")
    assert attempts(paid, 10) == []


def test_the_books_survive_a_copy(paid: Shop) -> None:
    before = copy.deepcopy(paid.rules.state)
    paid.post("/v1/refunds", {"charge": "ch_1"})
    assert (before.charges["ch_1"].amount_refunded, len(before.refunds)) == (0, 0)


def test_a_phantom_answer_leaves_the_books_alone(paid: Shop) -> None:
    paid.fault("phantom_200", "/refunds")
    assert paid.post("/v1/refunds", {"charge": "ch_1"}).json()["status"] == "succeeded"
    assert (paid.refunds(), paid.get("/v1/charges/ch_1").json()["amount_refunded"]) == ([], 0)


def test_the_books_say_what_went_back(paid: Shop) -> None:
    paid.post("/v1/refunds", {"charge": "ch_1", "metadata[op_id]": "op-1"})
    books = paid.rules.books()
    assert books["refunded"] == {"usd": 1800}
    assert books["refunds"][0]["metadata"] == {"op_id": "op-1"}
    assert (books["customers"], books["charges"][0]["id"]) == (1, "ch_1")


def test_a_reset_leaves_nothing(paid: Shop) -> None:
    paid.door.reset()
    assert paid.rules.books() == {"refunds": [], "refunded": {}, "customers": 0, "charges": [], "disputes": []}
