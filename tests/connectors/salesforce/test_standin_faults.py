"""Each fault that every stand-in must know ends as its name says, and what it left is in the org's books."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from connectors.contract import OutcomeUnknown, Unavailable
from connectors.standin import Answer, Door, Fault, Lost, Request
from tests.connectors.salesforce.acme import ANNA, Org, acme
from tests.connectors.salesforce.service import NOTE_KEY, note, service
from tests.connectors.salesforce.test_notes import later

PHONES = quote("SELECT Phone FROM Contact WHERE Email = 'anna@example.com'")


def asked(door: Door, org: Org, method: str, path: str, body: bytes = b"") -> Answer | Lost:
    sent = {"Authorization": "Bearer " + org.token, "Content-Type": "application/json"}
    return door.answer(Request.to(method, "/services/data/v66.0" + path, sent, body))


def opened(org: Org, *faults: Fault) -> Door:
    door = Door(org.rules, org.time, wait=lambda seconds: None)
    door.faults += faults
    return door


def phone(org: Org) -> str:
    return str(org.rules.books()["contacts"][ANNA]["Phone"])


@pytest.mark.parametrize(("kind", "ends", "phone_then"), [
    ("timeout_before", "timeout", "+49 30 1"), ("timeout_after", "timeout", "2"), ("reset_before", "reset", "+49 30 1"),
    ("reset_after", "reset", "2"), ("500_before", 500, "+49 30 1"), ("500_after", 500, "2"), ("429", 403, "+49 30 1"),
    ("malformed_200", 200, "2"), ("truncated_200", 200, "2"), ("html_200", 200, "2"), ("empty_200", 200, "2"),
    ("phantom_200", 204, "+49 30 1"), ("slow", 204, "2"), ("key_expired", 204, "2"), ("key_mismatch", 400, "+49 30 1"),
    ("key_in_use", 400, "+49 30 1"), ("auth_lost", 401, "+49 30 1"), ("maintenance", 503, "+49 30 1"),
    ("503", 503, "+49 30 1")])
def test_a_write_ends_as_its_fault_is_named(kind: str, ends: str | int, phone_then: str) -> None:
    org = acme()
    given = asked(opened(org, Fault(kind)), org, "PATCH", f"/sobjects/Contact/{ANNA}", b'{"Phone": "2"}')
    assert (given.how if isinstance(given, Lost) else given.status) == ends
    assert phone(org) == phone_then


def test_a_stale_read_lacks_what_was_written_just_before() -> None:
    org = acme()
    door = opened(org, Fault("stale_read", path="query"))
    asked(door, org, "PATCH", f"/sobjects/Contact/{ANNA}", b'{"Phone": "2"}')
    said = [asked(door, org, "GET", f"/query?q={PHONES}") for _ in range(2)]
    assert [one.json()["records"][0]["Phone"] for one in said if isinstance(one, Answer)] == ["+49 30 1", "2"]


def test_a_late_failure_is_a_success_that_is_taken_back() -> None:
    org = acme()
    given = asked(opened(org, Fault("late_failure", params={"field": "Phone", "seconds": 60})), org, "PATCH",
                  f"/sobjects/Contact/{ANNA}", b'{"Phone": "2"}')
    assert isinstance(given, Answer)
    assert (given.status, phone(org)) == (204, "2")
    org.time.on(seconds=61)
    assert org.ask("GET", f"/sobjects/Contact/{ANNA}?fields=Phone").json()["Phone"] == "+49 30 1"


def test_a_jump_of_the_clock_ends_a_session() -> None:
    org = acme(session_seconds=3600)
    org.time.on(hours=25)
    assert org.ask("GET", f"/sobjects/Contact/{ANNA}").status == 401


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_5xx_without_a_body_leaves_a_note_unknown_and_it_is_written_once(status: int) -> None:
    at, ref = later()
    at.meets("500_after", status=status, empty=True)
    with pytest.raises(OutcomeUnknown):
        at.performs(note(ref))
    assert at.helpdesk.find(note(ref), NOTE_KEY) is not None
    assert at.notes() == ["A note."]


def test_a_5xx_without_a_body_only_delays_a_read() -> None:
    at = service()
    ref = at.case()
    at.meets("500_before", empty=True)
    with pytest.raises(Unavailable):
        at.read(ref)
    assert at.read(ref).ticket.ref == ref
