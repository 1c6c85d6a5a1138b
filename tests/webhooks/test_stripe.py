"""Only what this account's Stripe signed lately is let in, and of that only which charge it is about."""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine

from agent.database import Database
from connectors.contract import PaymentAccount, Unavailable, digest
from connectors.stripe.standin import StripeRules
from tests.journeys.office import Office, refund
from webhooks.delivered import NotThem, Unreadable
from webhooks.inbox import About, Inbox
from webhooks.stripe import OwnAccount, StripeDoor, stripe_door

NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
OURS = "acct_of_this_desk"
SECRET, OLD = "whsec_of_this_endpoint", "whsec_before_the_rotation"


def signed(body: bytes, at: datetime = NOW, *secrets: str) -> str:
    stamp = int(at.timestamp())
    marks = [hmac.new(one.encode(), f"{stamp}.".encode() + body, "sha256").hexdigest() for one in secrets or (SECRET,)]
    return ",".join([f"t={stamp}", *(f"v1={mark}" for mark in marks)])


def event(kind: str = "refund.failed", **more: Any) -> bytes:
    thing = {"id": "re_1", "object": "refund", "charge": "ch_1"}
    return json.dumps({"id": "evt_1", "object": "event", "type": kind, "created": 1795234944, "livemode": False,
                       "request": {"id": None, "idempotency_key": None}, "data": {"object": thing}, **more}).encode()


def read(body: bytes, header: str | None = None, *, live: bool = False,
         secrets: tuple[str, ...] = (SECRET,)) -> About | None:
    return StripeDoor(live, secrets, lambda: OURS).about(body, signed(body) if header is None else header, NOW)


def test_a_signed_event_says_which_charge_it_is_about_and_nothing_more() -> None:
    body = event()
    assert read(body) == About(
        delivery_id="evt_1", kind="refund.failed", target="ch_1", vendor="stripe", account=OURS,
        occurred_at=datetime.fromtimestamp(1795234944, UTC), sha256=sha256(body).digest())


@pytest.mark.parametrize("header", [
    "", "t=1", "v1=abc", "t=x,v1=abc", signed(event(), NOW, "whsec_other"), signed(event() + b" "),
    signed(event()).replace("v1=", "v0="), signed(event()) + ",t=1", "t=" + "9" * 30 + ",v1=ab",
    f"t={int(NOW.timestamp())}" + ",v1=ab" * 40])
def test_what_is_not_signed_by_this_endpoint_is_not_them(header: str) -> None:
    with pytest.raises(NotThem):
        read(event(), header)


@pytest.mark.parametrize("seconds", [-301, 301, 86400, -86400])
def test_what_is_older_or_newer_than_five_minutes_is_not_them(seconds: int) -> None:
    body = event()
    with pytest.raises(NotThem, match="five minutes"):
        read(body, signed(body, NOW + timedelta(seconds=seconds)))


@pytest.mark.parametrize("seconds", [-300, 0, 300])
def test_five_minutes_are_let_in(seconds: int) -> None:
    body = event()
    assert read(body, signed(body, NOW + timedelta(seconds=seconds))) is not None


def test_during_a_rotation_either_secret_and_either_signature_will_do() -> None:
    body = event()
    assert read(body, signed(body, NOW, OLD), secrets=(SECRET, OLD)) is not None
    assert read(body, signed(body, NOW, "whsec_next", SECRET)) is not None


@pytest.mark.parametrize(("more", "why"), [
    ({"livemode": True}, "the event is of live mode, and the key is not"),
    ({"account": "acct_of_someone_else"}, "the event is of account acct_of_someone_else, and the key is not"),
    ({"context": "org_ours/acct_of_someone_else"}, "the event is of account acct_of_someone_else, and the key is not"),
    ({"account": "acct_of_someone_else", "context": OURS}, "acct_of_someone_else")])
def test_the_other_mode_and_another_account_are_not_ours(more: dict[str, Any], why: str) -> None:
    with pytest.raises(NotThem, match=why):
        read(event(**more))


@pytest.mark.parametrize("more", [{}, {"account": None, "context": None}, {"account": OURS}, {"context": OURS}])
def test_an_event_is_kept_under_our_own_account_whether_it_names_it_or_not(more: dict[str, Any]) -> None:
    about = read(event(**more))
    assert about is not None
    assert about.account == OURS


def test_the_account_is_read_once_and_an_admins_word_spares_the_look() -> None:
    looks = []

    def read_it() -> PaymentAccount:
        looks.append("look")
        return PaymentAccount(id=OURS, live=False)

    account = OwnAccount(read_it)
    assert (account(), account(), OwnAccount(read_it, "acct_said")(), looks) == (OURS, OURS, "acct_said", ["look"])


def test_a_key_that_may_not_read_its_account_keeps_events_without_one() -> None:
    assert OwnAccount(unable(lasting=True))() == ""


def unable(*, lasting: bool) -> Callable[[], PaymentAccount]:
    def read_it() -> PaymentAccount:
        raise Unavailable("no", vendor="stripe", lasting=lasting)
    return read_it


@pytest.mark.parametrize(("kind", "thing"), [
    ("refund.updated", {"id": "re_1", "object": "refund", "charge": "ch_1"}),
    ("charge.refunded", {"id": "ch_1", "object": "charge"}),
    ("charge.dispute.created", {"id": "dp_1", "object": "dispute", "charge": "ch_1"})])
def test_refunds_charges_and_disputes_name_their_charge(kind: str, thing: dict[str, Any]) -> None:
    about = read(event(kind, data={"object": thing}))
    assert about is not None
    assert (about.kind, about.target) == (kind, "ch_1")


@pytest.mark.parametrize("body", [
    event("customer.updated"), event("charge.dispute.funds_withdrawn"),
    event(data={"object": {"id": "re_1", "object": "refund", "charge": None}}),
    event("refund.created", request={"id": "req_1", "idempotency_key": "op-" + "a" * 24 + ".1"})])
def test_other_events_and_echoes_of_our_own_requests_concern_nothing(body: bytes) -> None:
    assert read(body) is None


@pytest.mark.parametrize("body", [
    b"", b"[]", b"{", b'{"object": "v2.core.event", "id": "evt_1"}', b"[" * 20_000, b"\xff{}",
    event(id="evt_" + "x" * 200), event(created="soon"), event(data={})])
def test_what_is_signed_and_yet_no_event_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable):
        read(body)


@pytest.fixture
def inbox(database: Database) -> Iterator[Inbox]:
    opened = Inbox(database.url, digest)
    yield opened
    opened.close()


def a_door(inbox: Inbox, now: Callable[[], datetime], secret: str = SECRET,
           account: Callable[[], str] | None = None) -> FlaskClient:
    app = Flask(__name__)
    app.register_blueprint(stripe_door(StripeDoor(False, (secret,), account or (lambda: OURS)), inbox, now))
    return app.test_client()


def send(door: FlaskClient, body: bytes, header: str) -> tuple[int, str]:
    answer = door.post("/webhooks/stripe", data=body, headers={"Stripe-Signature": header})
    told = answer.get_json()
    return answer.status_code, told.get("event") or told["error"]


def test_each_delivery_has_its_answer(inbox: Inbox) -> None:
    door = a_door(inbox, lambda: NOW)
    assert send(door, event(), "") == (401, "the signature header is missing or not in Stripe's format")
    assert send(door, b"{", signed(b"{")) == (400, "not JSON: JSONDecodeError")
    assert send(door, event(), signed(event())) == (200, "not ours")
    large = b"{" + b" " * 300_000
    assert send(door, large, signed(large)) == (413, "too big")


def test_while_the_database_is_away_stripe_is_asked_to_tell_again(inbox: Inbox) -> None:
    door = a_door(inbox, lambda: NOW)
    inbox.close()
    answer = door.post("/webhooks/stripe", data=event(), headers={"Stripe-Signature": signed(event())})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")


def test_while_the_account_cannot_be_read_stripe_is_asked_to_tell_again(inbox: Inbox) -> None:
    door = a_door(inbox, lambda: NOW, account=OwnAccount(unable(lasting=False)))
    assert send(door, event(), signed(event())) == (503, "not now")
    assert send(door, event("customer.updated"), signed(event("customer.updated"))) == (200, "not ours")


def test_from_stripes_own_delivery_to_the_corrected_ticket(engine: Engine, inbox: Inbox) -> None:
    office = Office(engine)
    office.stripe.load({"webhook_endpoints": [{"url": "https://deskhand.example/webhooks/stripe", "secret": SECRET}]},
                       office.clock())
    assert office.desk.payments is not None
    door = a_door(inbox, office.clock, account=OwnAccount(office.desk.payments.account))
    office.double_charge()
    office.planner.always = lambda case: {"actions": [refund("c2", quote="the second one")]}
    ticket = office.handle()
    office.settle()
    assert delivered(door, office.stripe, office.clock()) == {(200, "not ours")}

    office.clock.forward(days=3)
    office.happens("stripe", "fail_refund", refund=office.refunds()[0]["id"])
    assert delivered(door, office.stripe, office.clock()) == {(202, "kept")}
    office.run()
    assert "did not go through" in office.replies(ticket)[1]
    with engine.begin() as c:
        assert set(c.exec_driver_sql("select account from events where vendor = 'stripe'").scalars()) == {
            "acct_sandbox"}


def delivered(door: FlaskClient, stripe: StripeRules, now: datetime) -> set[tuple[int, str]]:
    """What the door answered to everything that was waiting to be delivered."""
    answers = set()
    for delivery in stripe.deliveries:
        if not delivery.done:
            answers.add(send(door, delivery.body, delivery.sign(now)["Stripe-Signature"]))
            delivery.done = True
    return answers
