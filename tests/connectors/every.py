"""What every connector that acts must keep, whatever its vendor: subclass it, and say how to `make` one.

`tests/connectors/test_every.py` does so for the connectors that come with Deskhand, docs/connector.md for a new one.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import requests
from requests.adapters import BaseAdapter
from urllib3.exceptions import NewConnectionError

from connectors.contract import (
    ActionBase,
    Charge,
    ContactChange,
    ContactField,
    Key,
    Money,
    NotFound,
    OutcomeUnknown,
    Receipt,
    Refund,
    Rejected,
    TicketUpdate,
    Unavailable,
    digest,
    operation_id,
    writing,
)
from connectors.incoming import Limits
from connectors.standin import Door, Fault
from tests.connectors.unruly import (
    DROPS,
    MANNERS,
    NO_ANSWERS,
    SMALL,
    TOO_LONG,
    Beyond,
    Sent,
    Unruly,
    fourteen_seconds_later,
    unruly,
)

REF = "zendesk:acme:1"
WRITES = "POST|PUT|PATCH|DELETE"
OTHERS: tuple[ActionBase, ...] = (
    Refund(charge="ch_1", money=Money(amount=100, currency="USD"), reason="duplicate"),
    ContactChange(contact="003000000000001AAA", changes={ContactField.PHONE: "1"}, expected={}),
    TicketUpdate(ref=REF, about="d1:note", text="A note.", public=False),
)
"""One action of each role."""
SPOILT = [*(pytest.param(TOO_LONG[name], lambda: SMALL, id=f"{name} without end") for name in MANNERS),
          *(pytest.param(answer, fourteen_seconds_later, id=f"{name} by drops") for name, answer in DROPS.items()),
          *(pytest.param(answer, lambda: SMALL, id=name) for name, answer in NO_ANSWERS.items())]
Carry = Callable[[BaseAdapter], BaseAdapter]


@dataclass
class Vendor:
    """A connector on its stand-in, one of its actions, and which request of the stand-in carries that out."""

    door: Door
    connector: Any
    action: ActionBase
    write: str = ".*"
    """Part of that request's path, as a regular expression."""
    before: int = 0
    """How many requests like it come first: some vendors are read by POST, too."""

    def key(self, send: int = 1) -> Key:
        return Key(operation=operation_id(REF, self.action, digest), send=send)

    def perform(self) -> Receipt:
        done: Receipt = self.connector.perform(self.action, self.key())
        return done

    def find(self) -> Receipt | None:
        found: Receipt | None = self.connector.find(self.action, self.key())
        return found

    def fault_the_write(self, kind: str, **params: Any) -> None:
        """The one request that carries the action out meets this."""
        self.door.faults.append(Fault(kind, WRITES, self.write, skip=self.before, params=params))

    def fault_all(self, kind: str) -> None:
        self.door.faults.append(Fault(kind, times=100))

    def books(self) -> Any:
        return copy.deepcopy(self.door.rules.books())


class Line(BaseAdapter):
    """What lies between us and the vendor, and may be cut."""

    def __init__(self, through: BaseAdapter) -> None:
        super().__init__()
        self.through = through
        self.cut = False

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        if self.cut:
            raise requests.ConnectionError(NewConnectionError(None, "refused"), request=request)  # type: ignore[arg-type]
        return self.through.send(request, *args, **kwargs)

    def close(self) -> None:
        self.through.close()


class EveryConnectorThatActs:
    """A call ends in a receipt or in one of the four errors, and the right one; the stand-in's books say so."""

    def make(self, carry: Carry = lambda adapter: adapter) -> Vendor:
        """A connector on a fresh stand-in; `carry` is put around what carries its requests there."""
        raise NotImplementedError

    def test_it_is_done_and_the_receipt_names_operation_and_vendor(self) -> None:
        at = self.make()
        before = at.books()
        done = at.perform()
        assert (done.operation, done.vendor) == (at.key().operation, at.connector.vendor)
        assert at.books() != before

    def test_it_is_found_when_it_was_done_and_only_then(self) -> None:
        at = self.make()
        assert at.find() is None
        done = at.perform()
        found = at.find()
        assert found is not None
        assert _names(found) == _names(done)
        assert found.seen

    def test_looking_changes_nothing(self) -> None:
        at = self.make()
        done = at.perform()
        before = at.books()
        at.find()
        at.connector.read_back(at.action, done)
        assert at.books() == before

    def test_what_was_done_is_read_back(self) -> None:
        at = self.make()
        done = at.perform()
        seen = at.connector.read_back(at.action, done)
        assert seen.seen
        assert _names(seen) == _names(done)

    @pytest.mark.parametrize("how", ["timeout_after", "reset_after", "500_after", "malformed_200", "truncated_200",
                                     "html_200", "empty_200"])
    def test_done_and_the_answer_lost_is_unknown_and_then_found(self, how: str) -> None:
        at = self.make()
        at.fault_the_write(how)
        with pytest.raises(OutcomeUnknown):
            at.perform()
        assert at.find() is not None

    @pytest.mark.parametrize("how", ["timeout_before", "reset_before", "500_before"])
    def test_nothing_done_and_the_answer_lost_is_unknown_and_not_found(self, how: str) -> None:
        at = self.make()
        before = at.books()
        at.fault_the_write(how)
        with pytest.raises(OutcomeUnknown):
            at.perform()
        assert at.books() == before
        assert at.find() is None

    def test_a_vendor_that_was_never_reached_did_nothing_for_certain(self) -> None:
        lines: list[Line] = []

        def carry(adapter: BaseAdapter) -> BaseAdapter:
            lines.append(Line(adapter))
            return lines[0]

        at = self.make(carry)
        before = at.books()
        lines[0].cut = True
        with pytest.raises(Unavailable):
            at.perform()
        assert at.books() == before

    @pytest.mark.parametrize(("answer", "limits"), SPOILT)
    def test_done_and_answered_with_what_is_no_answer_is_unknown_and_then_found(
            self, answer: Callable[[], Sent], limits: Callable[[], Limits]) -> None:
        with unruly(answer) as other:
            at, line = self._beyond(other, limits())
            before = at.books()
            line.spoilt = lambda: bool(at.books() != before)
            with pytest.raises(OutcomeUnknown):
                at.perform()
            line.spoilt = lambda: False
            assert other.came == 1
            assert at.find() is not None

    @pytest.mark.parametrize(("answer", "limits"), SPOILT)
    def test_who_looks_and_is_answered_with_what_is_no_answer_does_not_say_that_nothing_is_there(
            self, answer: Callable[[], Sent], limits: Callable[[], Limits]) -> None:
        with unruly(answer) as other:
            at, line = self._beyond(other, limits())
            at.perform()
            line.spoilt = lambda: True
            with pytest.raises(Unavailable):
                at.find()

    def _beyond(self, other: Unruly, limits: Limits) -> tuple[Vendor, Beyond]:
        lines: list[Beyond] = []

        def carry(adapter: BaseAdapter) -> BaseAdapter:
            lines.append(Beyond(adapter, other, limits))
            return lines[-1]

        at = self.make(carry)
        return at, lines[0]

    def test_too_many_requests_are_tried_again_later_with_the_same_key(self) -> None:
        at = self.make()
        before = at.books()
        at.fault_the_write("429", retry_after=7)
        with pytest.raises(Unavailable):
            at.perform()
        assert at.books() == before
        at.perform()

    def test_lost_credentials_are_no_refusal_and_waiting_does_not_help(self) -> None:
        at = self.make()
        before = at.books()
        at.fault_all("auth_lost")
        with pytest.raises(Unavailable) as raised:
            at.perform()
        assert raised.value.lasting
        assert at.books() == before

    def test_it_sends_once_and_never_tries_again_by_itself(self) -> None:
        at = self.make()
        at.fault_the_write("500_before")
        with pytest.raises(OutcomeUnknown):
            at.perform()
        writes = [call for call in at.door.calls if call.fault]
        assert len(writes) == 1
        assert at.door.calls[-1] is writes[0]

    def test_what_is_another_vendors_work_is_refused(self) -> None:
        at = self.make()
        before = at.books()
        for other in (one for one in OTHERS if one.role != at.action.role):
            with pytest.raises(Rejected):
                at.connector.perform(other, Key(operation=operation_id(REF, other, digest)))
        assert at.books() == before

    @pytest.mark.parametrize("how", ["timeout_before", "reset_before", "500_before", "429", "auth_lost",
                                     "malformed_200", "truncated_200", "html_200"])
    def test_who_cannot_look_does_not_say_that_nothing_is_there(self, how: str) -> None:
        at = self.make()
        at.perform()
        at.fault_all(how)
        with pytest.raises(Unavailable):
            at.find()

    def test_a_shut_gate_comes_out_as_it_is_and_nothing_was_written(self) -> None:
        at = self.make()
        before = at.books()
        shut = Unavailable("paused", vendor="us", reason="paused", lasting=True)

        def gate() -> None:
            raise shut

        with writing(gate), pytest.raises(Unavailable) as raised:
            at.perform()
        assert raised.value is shut
        assert at.books() == before


class EveryPayments(EveryConnectorThatActs):
    """Moreover, of a payment provider; its action is a refund of a part of what was paid, or of all."""

    def _charge(self, at: Vendor) -> Charge:
        assert isinstance(at.action, Refund)
        charge: Charge = at.connector.charge(at.action.charge)
        return charge

    def test_the_receipt_says_exactly_what_was_asked_and_the_charge_counts_it(self) -> None:
        at = self.make()
        before = self._charge(at)
        done = at.connector.read_back(at.action, at.perform())
        after = self._charge(at)
        assert (done.charge, done.money) == (at.action.charge, at.action.money)  # type: ignore[attr-defined]
        assert before.left().amount - after.left().amount == done.money.amount
        assert done.refunded_in_all == after.refunded
        assert [one.operation for one in after.refunds if one.id == done.id] == [at.key().operation]

    def test_more_than_is_left_is_refused_and_nothing_happened(self) -> None:
        at = self.make()
        left = self._charge(at).left()
        before = at.books()
        too_much = at.action.model_copy(update={"money": Money(amount=left.amount + 1000, currency=left.currency)})
        with pytest.raises(Rejected):
            at.connector.perform(too_much, at.key())
        assert at.books() == before

    def test_the_same_key_sent_twice_refunds_once(self) -> None:
        at = self.make()
        first, again = at.perform(), at.perform()
        assert _names(first) == _names(again)
        assert len(self._charge(at).refunds) == 1

    def test_a_receipt_of_what_is_not_there_is_an_unknown_outcome(self) -> None:
        at = self.make()
        done = at.perform()
        with pytest.raises(OutcomeUnknown):
            at.connector.read_back(at.action, done.model_copy(update={"id": "nobody_knows_this"}))

    def test_a_charge_that_is_not_there_is_not_found(self) -> None:
        with pytest.raises(NotFound):
            self.make().connector.charge("nobody_knows_this")

    def test_an_address_that_nobody_has_pays_nothing(self) -> None:
        assert self.make().connector.payers("nobody@nowhere.example") == ()

    def test_its_account_is_of_the_mode_that_its_key_says(self) -> None:
        payments = self.make().connector
        assert payments.account().live is payments.live


def _names(receipt: Receipt) -> tuple[str, ...]:
    """The vendor's own names of what was made, which do not change when it is read again."""
    names = ("kind", "operation", "id", "entry", "contact", "charge")
    return tuple(str(getattr(receipt, name)) for name in names if hasattr(receipt, name))
