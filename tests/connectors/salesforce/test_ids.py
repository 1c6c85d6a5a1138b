"""Ids have fifteen characters or eighteen and name the same row; letters of another case name another one."""

from __future__ import annotations

import random

import pytest

from connectors.contract import ContactChange, ContactField, Key, LogActivity, NotFound
from connectors.salesforce.standin import ids
from tests.connectors.salesforce.acme import ANNA, counter
from tests.connectors.salesforce.service import service
from webhooks.salesforce import id18

KEY = Key(operation="op-" + "a" * 24)
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


@pytest.mark.parametrize(("short", "long"), [
    ("0035e00000000A1", "0035e00000000A1AAI"), ("0035e00000000a1", "0035e00000000a1AAA"),
    ("001000000000ZZZ", "001000000000ZZZAA2"), (ANNA, ANNA)])
def test_the_last_three_characters_follow_from_the_case_of_the_others(short: str, long: str) -> None:
    assert id18(short) == long


def test_the_door_and_the_stand_in_know_the_same_rule() -> None:
    chance = random.Random(15)
    for _ in range(500):
        short = "".join(chance.choice(LETTERS) for _ in range(15))
        assert id18(short) == ids.id18(short)


def test_a_contact_named_by_fifteen_characters_is_changed_and_its_receipt_names_eighteen() -> None:
    at = counter()
    receipt = at.records.perform(ContactChange(
        contact=ANNA[:15], changes={ContactField.PHONE: "2"}, expected={ContactField.PHONE: "+49 30 1"}), KEY)
    assert receipt.contact == ANNA  # type: ignore[union-attr]
    assert at.contact()["Phone"] == "2"


def test_an_activity_on_a_contact_of_fifteen_characters_is_found_again() -> None:
    at = counter()
    logged = LogActivity(contact=ANNA[:15], about="d1:log", subject="Refund", text="18.00 EUR")
    done = at.records.perform(logged, KEY)
    assert at.records.find(logged, KEY) == done.model_copy(update={"request_id": at.records.wire.request_id()})


def test_a_colleague_of_fifteen_characters_is_the_one_of_eighteen() -> None:
    at = service()
    kim = at.id_of("User", "Kim Agent")
    assert at.helpdesk.agent(kim[:15]).id == kim


def test_a_ticket_has_one_name_so_that_its_locks_and_rows_are_one() -> None:
    at = service()
    ref = at.case()
    at.door.calls.clear()
    with pytest.raises(NotFound):
        at.read(ref[:-3])
    assert at.calls() == []
