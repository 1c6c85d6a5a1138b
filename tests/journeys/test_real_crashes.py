"""kill -9 of the real process at each point that matters, and a restart: the vendors' books are as without a crash.

`test_crashes` kills at every boundary in one process and virtual time; here nothing is played but the vendors.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.conftest import Server
from tests.journeys.installed import Customer, Installed

REFUNDS, UPDATE, COMPOSITE = "^/v1/refunds$", r"/tickets/\d+\.json$", "/composite$"
NOTHING: dict[str, Any] = {"refunds": 0, "replies": 0, "notes": 0, "refund": None}


@pytest.fixture(scope="module")
def installed(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installed]:
    """Deskhand, running; every test leaves it running."""
    name = server.make()
    made = Installed(server.at(name), tmp_path_factory.mktemp("installed"))
    try:
        made.publish()
        made.start()
        yield made
    finally:
        made.close()
        server.drop(name)


@pytest.fixture(scope="module")
def uncrashed(installed: Installed) -> dict[str, Any]:
    """The books of a customer whose ticket was handled without a crash."""
    who = installed.writes(installed.customer())
    assert installed.until_done(who) == "done"
    return in_general(installed.books(who))


def in_general(books: dict[str, Any]) -> dict[str, Any]:
    """The books of one customer with the ids and numbers taken out that differ from one customer to the next."""
    def plain(value: Any) -> Any:
        if isinstance(value, str):
            return re.sub(r"\bpat\d+|ch_pat\d+|re_sbx\d+|op-[0-9a-f]+|00T\w+|order \d+|tickets/\d+|"
                          r"\d\d \w{3} \d\d:\d\d", "…", value)
        return [plain(one) for one in value] if isinstance(value, list | tuple) else value
    return {name: plain(value) for name, value in books.items()}


def stood(installed: Installed, who: Customer) -> dict[str, Any]:
    """What was in the vendors' books, and the state of the refund in ours, when Deskhand was killed."""
    books = installed.books(who)
    return {**{name: len(books[name]) for name in ("refunds", "replies", "notes")},
            "refund": dict(installed.operations(who)).get("refund")}


def test_without_a_crash_the_books_are_right(uncrashed: dict[str, Any]) -> None:
    counted = {name: len(uncrashed[name]) for name in ("refunds", "notes", "replies", "activities")}
    assert counted == {"refunds": 1, "notes": 1, "replies": 1, "activities": 1}
    assert "We have sent USD 18.00 back to your Visa ending in 4242." in uncrashed["replies"][0]
    assert uncrashed["tags"] == ["deskhand_done"]


Place = Callable[[Installed, Customer], None]
"""Prepares the point at which Deskhand will hang with this customer's ticket, which is not written yet."""


def lost(vendor: str, kind: str, method: str, path: str, skip: int = 0) -> Place:
    """The vendor hangs at a call, with its work done (timeout_after) or not (timeout_before)."""
    def place(installed: Installed, who: Customer) -> None:
        installed.fault(vendor, kind, method, path.replace("NEXT", str(installed.next_ticket())), skip=skip)
    return place


def locked(installed: Installed, who: Customer) -> None:
    """The plan is kept; the transaction that would write the intent hangs at the charge's lock."""
    installed.lock_charge(who.again)


CRASHES: dict[str, tuple[Place, dict[str, Any]]] = {
    "after the event is kept": (
        lost("zendesk", "timeout_before", "GET", "/tickets/NEXT/audits"), NOTHING),
    "after the plan": (
        locked, {**NOTHING, "refund": "planned"}),
    "after the intent": (
        lost("stripe", "timeout_before", "POST", REFUNDS), {**NOTHING, "refund": "sent"}),
    "after the vendor's commit, before its answer": (
        lost("stripe", "timeout_after", "POST", REFUNDS), {**NOTHING, "refund": "sent", "refunds": 1}),
    "after the helpdesk's last update": (
        lost("zendesk", "timeout_after", "PUT", UPDATE, skip=1),
        {"refund": "done", "refunds": 1, "replies": 1, "notes": 1}),
}
ALL_AT_ONCE: dict[str, tuple[Place, dict[str, Any]]] = {
    "before the refund is read back": (
        lost("stripe", "timeout_before", "GET", "^/v1/refunds/re_"), {**NOTHING, "refund": "sent", "refunds": 1}),
    "after the receipt": (
        lost("zendesk", "timeout_before", "PUT", UPDATE), {**NOTHING, "refund": "done", "refunds": 1}),
    "after the activity's commit": (
        lost("salesforce", "timeout_after", "POST", COMPOSITE, skip=1),
        {**NOTHING, "refund": "done", "refunds": 1, "replies": 1}),
    "after the reply, before its answer": (
        lost("zendesk", "timeout_after", "PUT", UPDATE),
        {**NOTHING, "refund": "done", "refunds": 1, "replies": 1}),
    "before the note": (
        lost("zendesk", "timeout_before", "PUT", UPDATE, skip=1),
        {**NOTHING, "refund": "done", "refunds": 1, "replies": 1}),
    "while the model thinks": (  # the last: without an answer in time the ticket is handed over
        lost("openai", "timeout_before", "POST", "completions"), NOTHING),
}


def asked_until(installed: Installed, place: Place, expected: dict[str, Any]) -> Customer:
    """A customer's ticket that hangs at the place, what stood then being as expected. Must be killed next."""
    who, calls = installed.customer(), len(installed.calls())
    place(installed, who)
    who = installed.writes(who)
    if place is locked:
        installed.until_someone_waits_for_a_lock()
    else:
        installed.until_a_call_is_lost(after=calls)
    installed.until(lambda: stood(installed, who) == expected)
    return who


@pytest.mark.parametrize("where", CRASHES)
def test_killed_and_started_again_the_books_are_as_without_a_crash(
        where: str, installed: Installed, uncrashed: dict[str, Any]) -> None:
    who = asked_until(installed, *CRASHES[where])
    installed.kill()
    installed.start()
    assert installed.until_done(who) == "done"
    assert in_general(installed.books(who)) == uncrashed


def test_killed_with_tickets_at_many_places_at_once_the_books_are_as_without_a_crash(
        installed: Installed, uncrashed: dict[str, Any]) -> None:
    at = {where: asked_until(installed, *crash) for where, crash in ALL_AT_ONCE.items()}
    installed.kill()
    installed.start()
    assert {where: installed.until_done(who) for where, who in at.items()} == dict.fromkeys(at, "done")
    assert {where: in_general(installed.books(who)) for where, who in at.items()} == dict.fromkeys(at, uncrashed)


def test_killed_again_while_it_looks_what_became_of_the_refund_the_books_are_the_same(
        installed: Installed, uncrashed: dict[str, Any]) -> None:
    """The second time the dead worker is missed as in production, with nothing sped up."""
    who, calls = installed.customer(), len(installed.calls())
    installed.fault("stripe", "timeout_after", "POST", REFUNDS)
    who = installed.writes(who)
    installed.until_a_call_is_lost(after=calls)
    installed.kill()
    installed.fault("stripe", "timeout_before", "GET", REFUNDS)
    calls = len(installed.calls())
    installed.start()
    installed.until_a_call_is_lost(after=calls)
    installed.kill(missed_at_once=False)
    installed.start()
    assert installed.until_done(who) == "done"
    assert in_general(installed.books(who)) == uncrashed


@pytest.mark.parametrize(("vendor", "method", "path"), [("stripe", "POST", REFUNDS), ("zendesk", "PUT", UPDATE)])
def test_a_call_that_arrives_after_its_caller_was_killed_is_not_made_a_second_time(
        vendor: str, method: str, path: str, installed: Installed, uncrashed: dict[str, Any]) -> None:
    """Stripe is asked again at once, and the same key makes it one refund; Zendesk takes no keys, so there whoever
    comes after waits for what may still be on its way."""
    who, calls = installed.customer(), len(installed.calls())
    installed.fault(vendor, "slow", method, path, seconds=6)
    who = installed.writes(who)
    installed.until_a_call_is_on_its_way()
    installed.kill()
    installed.start()
    assert installed.until_done(who) == "done"
    installed.until(lambda: any(call.fault == "slow" for call in installed.calls()[calls:]))
    assert in_general(installed.books(who)) == uncrashed
