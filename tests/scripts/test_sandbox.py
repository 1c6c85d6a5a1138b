"""The sandbox over real connections: vendors, faults that really drop and hang, control, books and webhooks."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from connectors.standin import Call, Json
from connectors.zendesk.standin.hooks import signature
from scripts.control import longest_chain
from scripts.sandbox import Sandbox, settings
from scripts.sandbox import world as demo
from webhooks.stripe import verify

STRIPE = {"Authorization": "Bearer rk_test_sandbox"}
ZENDESK = ("deskhand@acme.example/token", "sandbox-zendesk-token")


class Caller:
    """Speaks to a running sandbox."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.url = sandbox.url
        self.http = requests.Session()
        self.http.trust_env = False

    def control(self, name: str, body: Any) -> dict[str, Any]:
        answered = self.http.post(f"{self.url}/_control/{name}", json=body, timeout=5)
        assert answered.status_code == 200, answered.text
        return dict(answered.json())

    def refused(self, name: str, body: bytes) -> str:
        answered = self.http.post(f"{self.url}/_control/{name}", data=body, timeout=5)
        assert answered.status_code == 400
        return str(answered.json()["error"])

    def seen(self, name: str) -> dict[str, Any]:
        return dict(self.http.get(f"{self.url}/_control/{name}", timeout=5).json())

    def refund(self, timeout: float = 5) -> requests.Response:
        return self.http.post(f"{self.url}/stripe/v1/refunds", data={"charge": "ch_ana_again", "amount": "1800"},
                              headers={**STRIPE, "Idempotency-Key": "op-1.1"}, timeout=timeout)

    def refunds(self) -> list[int]:
        made = self.seen("books")["stripe"]["refunds"]
        return [refund["amount"] for refund in made if refund["charge"] == "ch_ana_again"]


@pytest.fixture
def world() -> Json:
    """The demo's, in which nobody is told of anything."""
    told = demo()
    return {**told, "zendesk": {**told["zendesk"], "webhooks": []},
            "stripe": {**told["stripe"], "webhook_endpoints": []}}


@pytest.fixture
def caller(sandbox: Sandbox) -> Iterator[Caller]:
    made = Caller(sandbox)
    yield made
    made.http.close()


def test_each_vendor_answers_under_its_own_prefix(caller: Caller) -> None:
    get = caller.http.get
    me = get(f"{caller.url}/zendesk/api/v2/users/me.json", auth=ZENDESK, timeout=5).json()
    charge = get(f"{caller.url}/stripe/v1/charges/ch_ben", headers=STRIPE, timeout=5).json()
    versions = get(f"{caller.url}/salesforce/services/data", timeout=5).json()
    model = get(f"{caller.url}/openai/v1/models", timeout=5)
    assert (me["user"]["email"], charge["amount"], versions[0]["version"]) == ("deskhand@acme.example", 3900, "66.0")
    assert model.json()["error"]["code"] == "invalid_api_key"


def test_a_connection_stays_open_for_the_next_request(caller: Caller) -> None:
    first = caller.http.get(f"{caller.url}/_control/books", timeout=5, stream=True)
    port = first.raw.connection.sock.getsockname()[1]
    first.content  # noqa: B018 - reading the body gives the connection back
    second = caller.http.get(f"{caller.url}/_control/books", timeout=5, stream=True)
    assert second.raw.connection.sock.getsockname()[1] == port
    second.close()


def test_a_reset_after_the_work_drops_the_connection_and_leaves_the_refund(caller: Caller) -> None:
    caller.control("faults", [{"vendor": "stripe", "kind": "reset_after", "method": "POST", "path": "/v1/refunds"}])
    with pytest.raises(requests.ConnectionError, match="reset by peer"):
        caller.refund()
    assert caller.refunds() == [1800]
    assert caller.refund().json()["amount"] == 1800
    assert caller.refunds() == [1800]


@pytest.mark.parametrize("sent", ["", "charge=ch_ana_again"])
def test_a_request_whose_sender_died_before_its_end_was_never_made(caller: Caller, sent: str) -> None:
    """So a killed process that sends again under its key finds no other parameters kept there."""
    address = urlsplit(caller.url)
    with socket.create_connection((str(address.hostname), address.port or 0), timeout=5) as dying:
        dying.sendall((f"POST /stripe/v1/refunds HTTP/1.1\r\nHost: {address.netloc}\r\nIdempotency-Key: op-1.1\r\n"
                       f"Authorization: {STRIPE['Authorization']}\r\nContent-Length: 40\r\n"
                       f"Content-Type: application/x-www-form-urlencoded\r\n\r\n{sent}").encode())
        dying.shutdown(socket.SHUT_WR)
        assert dying.recv(100) == b""
    assert caller.refund().json()["amount"] == 1800
    assert caller.refunds() == [1800]


def test_a_hung_call_is_silent_until_the_caller_gives_up(caller: Caller) -> None:
    caller.control("faults", [{"vendor": "stripe", "kind": "timeout_before", "method": "POST"}])
    with pytest.raises(requests.ReadTimeout):
        caller.refund(timeout=0.2)
    assert caller.refunds() == []
    assert caller.refund().status_code == 200


def test_while_one_call_hangs_others_are_answered(caller: Caller) -> None:
    caller.control("faults", [{"vendor": "stripe", "kind": "timeout_after", "method": "POST"}])
    with pytest.raises(requests.ReadTimeout):
        caller.refund(timeout=0.2)
    assert caller.http.get(f"{caller.url}/stripe/v1/charges/ch_ben", headers=STRIPE, timeout=5).status_code == 200
    assert caller.refunds() == [1800]


def test_a_fault_waits_for_its_turn_and_meets_only_what_it_names(caller: Caller) -> None:
    caller.control("faults", [{"vendor": "stripe", "kind": "500_before", "path": "/v1/charges", "skip": 1, "times": 2}])
    statuses = [caller.http.get(f"{caller.url}/stripe/v1/{path}", headers=STRIPE, timeout=5).status_code
                for path in ("charges/ch_ben", "customers/cus_ben", "charges/ch_ben", "charges/ch_ben",
                             "charges/ch_ben")]
    assert statuses == [200, 200, 500, 500, 200]


def test_calls_are_logged_with_their_times_and_the_longest_chain(caller: Caller) -> None:
    for _ in range(3):
        caller.http.get(f"{caller.url}/stripe/v1/charges/ch_ben", headers=STRIPE, timeout=5)
    told = caller.seen("calls")
    assert [(call["vendor"], call["method"], call["path"], call["status"]) for call in told["calls"]] == [
        ("stripe", "GET", "/v1/charges/ch_ben", 200)] * 3
    assert all(call["began"] <= call["ended"] for call in told["calls"])
    assert told["sequential"] == 3


def call(began: float, ended: float) -> Call:
    return Call("stripe", "GET", "/", "", began, ended, 200, None)


def test_calls_side_by_side_count_once_in_the_chain() -> None:
    assert longest_chain([call(0, 1), call(0, 2), call(0.5, 1.5), call(2, 3), call(2.5, 4), call(4, 5)]) == 3
    assert longest_chain([]) == 0


def test_latency_is_what_every_answer_takes(caller: Caller) -> None:
    caller.control("latency", {"vendor": "stripe", "seconds": 0.05})
    caller.http.get(f"{caller.url}/stripe/v1/charges/ch_ben", headers=STRIPE, timeout=5)
    [logged] = caller.seen("calls")["calls"]
    assert logged["ended"] - logged["began"] >= 0.05


def test_the_clock_goes_where_it_is_told(caller: Caller) -> None:
    assert caller.control("clock", {"to": "2031-05-04T10:00:00Z"})["now"].startswith("2031-05-04T10:00:0")
    caller.refund()
    [made] = [r for r in caller.seen("books")["stripe"]["refunds"] if r["charge"] == "ch_ana_again"]
    assert made["created"] == pytest.approx(1935655200, abs=10)
    assert caller.control("clock", {"ahead_seconds": 0})["ahead_seconds"] == 0


def test_a_world_is_added_and_a_reset_goes_back_to_the_first(caller: Caller) -> None:
    caller.control("world", {"stripe": {"charges": [{"id": "ch_new", "email": "zoe@customer.example", "amount": 700}]}})
    caller.refund()
    caller.control("reset", {})
    books = caller.seen("books")["stripe"]
    assert "ch_new" not in [charge["id"] for charge in books["charges"]]
    assert [refund["id"] for refund in books["refunds"]] == ["re_carla"]
    assert caller.seen("calls")["calls"] == []


def test_a_customer_writes_and_a_colleague_acts(caller: Caller) -> None:
    ticket = caller.control("tickets", {"email": "ana@customer.example", "subject": "Hello", "body": "Hi"})["ticket"]
    caller.control("zendesk/agent_sets", {"ticket": ticket, "agent": "mia@acme.example", "status": "pending"})
    shown = caller.http.get(f"{caller.url}/zendesk/api/v2/tickets/{ticket}.json", auth=ZENDESK, timeout=5).json()
    assert (shown["ticket"]["subject"], shown["ticket"]["status"]) == ("Hello", "pending")


def test_the_model_says_what_was_queued(caller: Caller) -> None:
    caller.control("model", [{"text": "as queued"}])
    said = caller.http.post(f"{caller.url}/openai/v1/chat/completions", timeout=5,
                            headers={"Authorization": "Bearer sk-sandbox"},
                            json={"model": "m", "messages": [{"role": "user", "content": "Hi"}]}).json()
    assert said["choices"][0]["message"]["content"] == "as queued"


@pytest.mark.parametrize(("name", "body", "words"), [
    ("faults", b"[{", "The body is not understood"),
    ("faults", b'[{"vendor": "stripe"}]', "0.kind: Field required"),
    ("faults", b'[{"vendor": "strip", "kind": "slow"}]', "There is no vendor 'strip'; there are"),
    ("faults", b'[{"vendor": "stripe", "kind": "sloow"}]', "stripe has no fault 'sloow'"),
    ("faults", b'[{"vendor": "zendesk", "kind": "slow", "tiems": 2}]', "0.tiems: Extra inputs are not permitted"),
    ("clock", b"{}", 'Give either {"ahead_seconds": 3600} or'),
    ("clock", b'{"to": "2031-05-04T10:00:00"}', "give the time with its zone"),
    ("world", b'{"stripe": {"charges": [{"id": "ch_x"}]}}', "The world's part for stripe cannot be loaded"),
    ("tickets", b'{"body": "Hi"}', "email: Field required"),
    ("latency", b'{"seconds": -1}', "greater than or equal to 0"),
    ("stripe/dashboard_refund", b'{"charge": "ch_nobody"}', "No such charge: 'ch_nobody'"),
    ("zendesk/dance", b"{}", "no such happening in Zendesk: dance"),
])
def test_a_control_request_that_cannot_be_done_says_what_to_do(
        caller: Caller, name: str, body: bytes, words: str) -> None:
    assert words in caller.refused(name, body)


def test_what_there_is_not_is_answered_with_what_there_is(caller: Caller) -> None:
    answered = caller.http.get(f"{caller.url}/_control/book", timeout=5)
    assert answered.status_code == 404
    assert "/_control/books" in answered.json()["GET"]


class Listener:
    """An endpoint that answers with the statuses it is given, then 200, and keeps what came."""

    def __init__(self, *statuses: int) -> None:
        self.statuses = list(statuses)
        self.came: list[tuple[dict[str, str], bytes]] = []
        self.enough = threading.Semaphore(0)
        listener = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                listener.came.append((dict(self.headers.items()), body))
                self.send_response(listener.statuses.pop(0) if listener.statuses else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()
                listener.enough.release()

            def log_message(self, format: str, *args: Any) -> None:
                """Silent."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def wait(self, deliveries: int) -> None:
        for _ in range(deliveries):
            assert self.enough.acquire(timeout=10), f"only {len(self.came)} deliveries came"

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()


def zendesk_hook(url: str) -> dict[str, Any]:
    return {"zendesk": {"webhooks": [{"endpoint": url, "secret": "hook-secret",
                                      "subscriptions": ["zen:event-type:ticket.created"]}]}}


def test_a_webhook_is_delivered_signed(caller: Caller) -> None:
    listener = Listener()
    try:
        caller.control("world", zendesk_hook(listener.url))
        ticket = caller.control("tickets", {"email": "ana@customer.example", "subject": "Hi", "body": "Hi"})["ticket"]
        listener.wait(1)
        [(headers, body)] = listener.came
        assert json.loads(body)["detail"]["id"] == str(ticket)
        assert headers["X-Zendesk-Webhook-Signature"] == signature(
            "hook-secret", headers["X-Zendesk-Webhook-Signature-Timestamp"], body)
    finally:
        listener.stop()


def test_a_webhook_that_met_a_500_is_delivered_again(caller: Caller) -> None:
    listener = Listener(500)
    try:
        caller.control("world", zendesk_hook(listener.url))
        caller.control("tickets", {"email": "ana@customer.example", "subject": "Hi", "body": "Hi"})
        listener.wait(1)
        caller.control("clock", {"ahead_seconds": 3})
        listener.wait(1)
        invocations = [headers["X-Zendesk-Webhook-Invocation-Id"] for headers, _ in listener.came]
        assert len(invocations) == 2
        assert len(set(invocations)) == 1
    finally:
        listener.stop()


def test_stripes_events_are_delivered_until_they_are_taken(caller: Caller) -> None:
    listener = Listener(503)
    try:
        caller.control("world", {"stripe": {"webhook_endpoints": [{"url": listener.url}]}})
        caller.control("stripe/dashboard_refund", {"charge": "ch_ben", "amount": 100})
        listener.wait(1)
        caller.control("clock", {"ahead_seconds": 3700})
        listener.wait(1)
        assert all("Stripe-Signature" in headers for headers, _ in listener.came)
    finally:
        listener.stop()


def test_the_sandboxes_settings_hold_the_secret_that_stripes_events_are_signed_with(caller: Caller) -> None:
    listener = Listener()
    try:
        made = demo()
        made["stripe"]["webhook_endpoints"][0]["url"] = listener.url
        caller.control("world", {"stripe": {"webhook_endpoints": made["stripe"]["webhook_endpoints"]}})
        refund = caller.control("stripe/dashboard_refund", {"charge": "ch_ben", "amount": 100})["id"]
        caller.control("stripe/fail_refund", {"refund": refund})
        caller.control("stripe/dispute", {"charge": "ch_ben"})
        listener.wait(5)
        secret = settings(caller.url, made)["STRIPE_WEBHOOK_SECRET"]
        for headers, body in listener.came:
            verify((secret,), headers["Stripe-Signature"], body, datetime.now(UTC))
        assert sorted(json.loads(body)["type"] for _, body in listener.came) == [
            "charge.dispute.created", "charge.refunded", "refund.created", "refund.failed", "refund.updated"]
    finally:
        listener.stop()


def test_events_can_be_doubled_and_lost(caller: Caller) -> None:
    listener = Listener()
    try:
        caller.control("world", zendesk_hook(listener.url))
        caller.control("faults", [{"vendor": "zendesk", "kind": "dup_event"}])
        caller.control("tickets", {"email": "ana@customer.example", "subject": "Twice", "body": "Hi"})
        listener.wait(2)
        caller.control("faults", [{"vendor": "zendesk", "kind": "lost_event"}])
        caller.control("tickets", {"email": "ben@customer.example", "subject": "Lost", "body": "Hi"})
        caller.control("tickets", {"email": "ben@customer.example", "subject": "Found", "body": "Hi"})
        listener.wait(1)
        assert [json.loads(body)["detail"]["subject"] for _, body in listener.came] == ["Twice", "Twice", "Found"]
    finally:
        listener.stop()


def test_nothing_is_delivered_to_another_machine(sandbox: Sandbox, caller: Caller) -> None:
    caller.control("world", zendesk_hook("https://deskhand.example/webhooks/zendesk"))
    caller.control("tickets", {"email": "ana@customer.example", "subject": "Hi", "body": "Hi"})
    rules: Any = sandbox.doors["zendesk"].rules
    for _ in range(200):
        logged = [line for lines in rules.sender.invocations.values() for line in lines]
        if logged:
            break
        threading.Event().wait(0.02)
    assert [(line["status"], line["status_code"]) for line in logged] == [("terminated", 403)]
