"""SIGTERM to the real process: what runs ends or is left to the next start, and nothing is taken half way."""

from __future__ import annotations

import signal
import socket
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from tests.conftest import Server
from tests.journeys.installed import Customer, Installed

REFUNDS = "^/v1/refunds$"
SLOW = 4.0


@pytest.fixture(scope="module")
def installed(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installed]:
    """Deskhand, running; every test leaves it running."""
    name = server.make()
    made = Installed(server.at(name), tmp_path_factory.mktemp("installed"))
    try:
        made.publish()
        made.app.arguments += ["--patience", "8"]
        made.start()
        yield made
    finally:
        made.close()
        server.drop(name)


def told_to_stop(installed: Installed) -> float:
    """SIGTERM; returns the seconds until it ended by itself."""
    running, began = installed.app.running, time.monotonic()
    assert running is not None
    running.send_signal(signal.SIGTERM)
    assert running.wait(40) == 0
    installed.app.running = None
    return time.monotonic() - began


def slow_refund(installed: Installed) -> Customer:
    """A customer whose refund Stripe is working on just now."""
    who = installed.customer()
    installed.fault("stripe", "slow", "POST", REFUNDS, seconds=SLOW)
    who = installed.writes(who)
    installed.until_a_call_is_on_its_way()
    return who


def test_a_ticket_that_is_being_worked_on_is_finished_first(installed: Installed) -> None:
    who = slow_refund(installed)
    told_to_stop(installed)
    books = installed.books(who)
    assert [amount for _, amount in books["refunds"]] == [1800]
    assert (len(books["replies"]), len(books["notes"])) == (1, 1)
    installed.start()
    assert installed.until_done(who) == "done"
    assert installed.books(who)["refunds"] == books["refunds"]


def test_a_ticket_that_does_not_end_is_left_to_the_next_start(installed: Installed) -> None:
    who = installed.customer()
    installed.lock_charge(who.again)
    who = installed.writes(who)
    installed.until_someone_waits_for_a_lock()
    assert told_to_stop(installed) < 8 + 15
    assert "A ticket did not end in time" in installed.app.tail(5)
    assert installed.books(who)["refunds"] == []
    installed.kill()  # lets go of the lock; the process has ended
    installed.start()
    assert installed.until_done(who) == "done"
    assert [amount for _, amount in installed.books(who)["refunds"]] == [1800]


def test_an_event_that_comes_while_tickets_end_is_not_taken_half_way(installed: Installed) -> None:
    """Connections that are open are closed and no new one is taken, so the vendor's delivery fails and is repeated."""
    who = slow_refund(installed)
    address = urlsplit(installed.url)
    with socket.create_connection((address.hostname or "", address.port or 0), timeout=5) as kept:
        kept.sendall(b"GET /healthz HTTP/1.1\r\nHost: deskhand\r\n\r\n")
        assert kept.recv(4096).startswith(b"HTTP/1.1 200")
        running = installed.app.running
        assert running is not None
        running.send_signal(signal.SIGTERM)
        began = time.monotonic()
        while kept.recv(4096):  # the rest of the answer, then the end of the connection
            pass
        assert time.monotonic() - began < SLOW + 4
        assert running.poll() is None or running.returncode == 0
        with pytest.raises(OSError, match="refused"):
            socket.create_connection((address.hostname or "", address.port or 0), timeout=5)
    assert running.wait(40) == 0
    installed.app.running = None
    late = installed.writes(installed.customer())
    assert installed.books(late)["refunds"] == []
    installed.start()
    assert installed.until_done(who) == "done"
    assert installed.until_done(late) == "done"
    assert [amount for _, amount in installed.books(late)["refunds"]] == [1800]
