"""The gate before writes: what it raises comes out of every connector as it is, and nothing was asked."""

from __future__ import annotations

import copy
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from connectors.contract import (
    Action,
    ActionBase,
    ContactChange,
    ContactField,
    Key,
    LogActivity,
    Money,
    Refund,
    Surroundings,
    TicketUpdate,
    Unavailable,
    digest,
    operation_id,
    writing,
)
from connectors.http import Guarded
from connectors.mount import Mounted
from connectors.salesforce import CONNECTOR as SALESFORCE
from connectors.salesforce.standin import SalesforceRules
from connectors.standin import Door, Fault
from connectors.stripe import CONNECTOR as STRIPE
from connectors.stripe.standin import StripeRules
from connectors.zendesk import CONNECTOR as ZENDESK
from connectors.zendesk.standin import ZendeskRules
from tests.connectors.salesforce.acme import ANNA, NOW, Time
from tests.connectors.salesforce.acme import WORLD as ORG
from tests.journeys.office import DANA, WORLD

REF = "zendesk:acme:1"


@dataclass
class Vendor:
    """A connector on its stand-in, and one of its actions."""

    door: Door
    connector: Any
    action: ActionBase

    def perform(self) -> Any:
        return self.connector.perform(self.action, Key(operation=operation_id(REF, self.action, digest)))

    def books(self) -> Any:
        return copy.deepcopy(self.door.rules.books())


def vendor(rules: Any, world: Any, of: Any, action: Action, **settings: str) -> Vendor:
    time = Time()
    rules.load(world, NOW)
    door = Door(rules, time, wait=lambda seconds: None)
    around = Surroundings(now=time, sleep=lambda seconds: time.on(seconds=seconds),
                          transports={rules.name: Mounted(door)})
    return Vendor(door, of.connect(of.settings.model_validate(settings), around), action)


def stripe() -> Vendor:
    charge = {"id": "ch_1", "customer": "cus_dana", "amount": 1800, "currency": "usd", "created": "-1h"}
    refund = Refund(charge="ch_1", money=Money(amount=1800, currency="USD"), reason="duplicate")
    world = {**WORLD["stripe"], "charges": [charge]}
    return vendor(StripeRules(), world, STRIPE, refund, STRIPE_API_KEY="rk_test_desk")


def zendesk() -> Vendor:
    note = TicketUpdate(ref=REF, about="d1:note", text="A note.", public=False)
    rules = ZendeskRules()
    made = vendor(rules, WORLD["zendesk"], ZENDESK, note, ZENDESK_SUBDOMAIN="acme",
                  ZENDESK_EMAIL="deskhand@acme.example", ZENDESK_API_TOKEN="zendesk-token")
    ticket = rules.control("customer_writes", {"email": DANA, "subject": "?", "body": "?", "channel": "email"}, NOW)
    assert ticket["ticket"] == 1
    return made


def salesforce(action: Action) -> Vendor:
    return vendor(SalesforceRules(), ORG, SALESFORCE, action, SALESFORCE_DOMAIN="acme",
                  SALESFORCE_CLIENT_ID="deskhand", SALESFORCE_CLIENT_SECRET="s3cret")


def contact_change() -> Vendor:
    return salesforce(ContactChange(contact=ANNA, changes={ContactField.PHONE: "+49 30 2"},
                                    expected={ContactField.PHONE: "+49 30 1"}))


def activity() -> Vendor:
    return salesforce(LogActivity(contact=ANNA, about="op-" + "c" * 24, subject="Refunded", text="By rule r1."))


VENDORS = pytest.mark.parametrize("make", [stripe, zendesk, contact_change, activity])
Make = Callable[[], Vendor]


@dataclass
class Gate:
    """Open for so many requests, then shut; remembers the books at each."""

    at: Vendor
    opens: int = 100
    seen: list[Any] = field(default_factory=list)
    shut: Unavailable = field(default_factory=lambda: Unavailable("shut", vendor="us", reason="shut", lasting=True))

    def __call__(self) -> None:
        self.seen.append(self.at.books())
        if len(self.seen) > self.opens:
            raise self.shut


@VENDORS
def test_a_shut_gate_comes_out_as_it_is_and_nothing_was_written(make: Make) -> None:
    at = make()
    before = at.books()
    gate = Gate(at, opens=0)
    with writing(gate), pytest.raises(Unavailable) as raised:
        at.perform()
    assert raised.value is gate.shut
    assert at.books() == before


@VENDORS
def test_wherever_the_gate_shuts_before_the_last_request_nothing_was_written(make: Make) -> None:
    """So what it stops was surely not done: none of the actions takes more than one write."""
    open_gate = Gate(at := make())
    before = at.books()
    with writing(open_gate):
        at.perform()
    asked = len(open_gate.seen)
    assert asked >= 1
    assert at.books() != before

    for opens in range(asked):
        again = make()
        gate = Gate(again, opens=opens)
        before = again.books()
        with writing(gate), pytest.raises(Unavailable) as raised:
            again.perform()
        assert raised.value is gate.shut
        assert again.books() == before


def test_a_write_that_is_tried_anew_with_a_new_session_passes_the_gate_again() -> None:
    at = contact_change()
    with writing(first := Gate(at)):
        at.connector.contacts("anna@example.com")
    session_and_read = len(first.seen)
    at.door.faults.append(Fault("auth_lost", path="composite", skip=1))
    before = at.books()
    gate = Gate(at, opens=3)  # the read, the write that is refused, the new session
    with writing(gate), pytest.raises(Unavailable) as raised:
        at.perform()
    assert session_and_read >= 1
    assert (raised.value, len(gate.seen)) == (gate.shut, 4)
    assert at.books() == before


@VENDORS
def test_without_a_gate_and_behind_an_open_one_it_is_done_the_same(make: Make) -> None:
    plain, gated = make(), make()
    with writing(gate := Gate(gated)):
        done = gated.perform()
    assert done.model_copy(update={"request_id": None}) == plain.perform().model_copy(update={"request_id": None})
    asked = len(gate.seen)
    gated.connector.find(gated.action, Key(operation=done.operation))
    assert len(gate.seen) == asked


def test_reading_passes_no_gate() -> None:
    at = stripe()
    with writing(Gate(at, opens=0)):
        assert at.connector.charge("ch_1").id == "ch_1"


def test_a_connection_that_took_long_to_make_passes_the_gate_again_before_a_byte_is_sent() -> None:
    pool = Guarded(("vendor.example",), (1.0, 1.0)).poolmanager.connection_from_url("https://vendor.example")
    ours, theirs = socket.socketpair()
    connection = pool.ConnectionCls("vendor.example")
    connection.sock = ours
    theirs.setblocking(False)

    def shut() -> None:
        raise Unavailable("shut", vendor="us")

    with writing(shut), pytest.raises(Unavailable):
        connection.request("POST", "/v1/refunds", body=b"charge=ch_1")
    with pytest.raises(BlockingIOError):
        theirs.recv(1)
    with writing(shut):
        connection.request("GET", "/v1/refunds")
    assert theirs.recv(3) == b"GET"
    ours.close()
    theirs.close()
