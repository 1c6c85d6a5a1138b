"""An answer is bounded in size and in time at the one HTTP door, and what was sent is never taken for not sent."""

from __future__ import annotations

import os
import socket
import ssl
import threading
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
import requests
from urllib3.exceptions import NewConnectionError, ProtocolError

from connectors.contract import Surroundings
from connectors.http import session, surely_not_sent
from connectors.incoming import Exchange, Limits, Measured
from tests.attack.doors_outgoing import attempted, connectors, watched
from tests.attack.test_doors_outgoing import certified
from tests.connectors.every import SPOILT
from tests.connectors.unruly import DROPS, OK, SIZE, SMALL, TOO_LONG, Sent, fourteen_seconds_later, unruly

Answered = Callable[[], Sent]


def asked(answer: Answered, limits: Limits) -> requests.Response:
    with unruly(answer) as at, session("vendor", ("127.0.0.1",), Surroundings(timeout=(5, 5), limits=limits)) as door:
        return door.post(at.url, data=b"{}")


def of(body: bytes) -> Answered:
    return lambda: iter([OK + b"Content-Length: %d\r\n\r\n" % len(body), body])


@pytest.mark.parametrize("answer", TOO_LONG.values(), ids=TOO_LONG)
def test_an_answer_without_end_is_left_and_the_request_was_sent(answer: Answered) -> None:
    with pytest.raises(requests.RequestException) as raised:
        asked(answer, SMALL)
    assert not surely_not_sent(raised.value)


@pytest.mark.parametrize("answer", DROPS.values(), ids=DROPS)
def test_an_answer_that_comes_drop_by_drop_is_out_of_time(answer: Answered) -> None:
    with pytest.raises(requests.ReadTimeout) as raised:
        asked(answer, fourteen_seconds_later())
    assert not surely_not_sent(raised.value)


def test_an_answer_of_the_whole_size_is_taken_and_of_a_byte_more_is_not() -> None:
    head = len(b"".join(of(b" " * SIZE)())) - SIZE
    assert len(asked(of(b" " * (SIZE - head)), SMALL).content) == SIZE - head
    with pytest.raises(requests.RequestException):
        asked(of(b" " * (SIZE - head + 1)), SMALL)


def test_what_unpacks_to_sixteen_megabytes_never_lies_in_memory_as_a_whole() -> None:
    made = b"".join(TOO_LONG["what is packed"]())
    tracemalloc.start()
    try:
        with pytest.raises(requests.RequestException):
            asked(lambda: iter([made]), SMALL)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 16 * SIZE


@pytest.mark.parametrize(("answer", "limits"), SPOILT)
def test_every_library_ends_in_one_of_our_errors_after_one_call(answer: Answered, limits: Callable[[], Limits]) -> None:
    """The first call of two of them is for an access token; the model's connector has no other test of this."""
    with unruly(answer) as at:
        for vendor in connectors(at.url):
            at.came = 0
            assert attempted(connectors(at.url, limits())[vendor]) != "answered"
            assert (vendor, at.came) == (vendor, 1)


def test_vendors_have_room_for_what_they_really_send() -> None:
    """A page of 1,000 tickets of 8 kB, and a package of several megabytes."""
    body = b"[" + b" " * (20 * 2**20) + b"]"
    assert asked(of(body), Limits()).json() == []


def test_whoever_waits_longer_for_an_answer_has_that_time_in_all() -> None:
    exchange = Exchange(Limits(seconds=60, clock=lambda: 0.0), 123.05)
    assert exchange.left() == 123.05
    assert Exchange(Limits(seconds=60, clock=lambda: 0.0), 18.05).left() == 60


def test_a_silent_vendor_is_waited_for_no_longer_than_the_whole_may_take() -> None:
    ours, theirs = socket.socketpair()
    ours.settimeout(600)
    began = time.monotonic()
    measured = Measured(socket.SocketIO(ours, "r"), ours, Exchange(Limits(seconds=0.05), 0))
    with pytest.raises(TimeoutError):
        measured.readinto(bytearray(10))
    assert time.monotonic() - began < 60
    ours.close()
    theirs.close()


def test_a_connection_serves_the_next_request_after_a_whole_answer() -> None:
    around = Surroundings(timeout=(5, 5))
    with unruly(of(b"{}"), stays=True) as at, session("vendor", ("127.0.0.1",), around) as door:
        assert [door.get(at.url).json() for _ in range(3)] == [{}, {}, {}]
        assert at.came == 1


def test_of_a_name_with_many_addresses_that_are_silent_only_a_few_are_tried() -> None:
    with watched({"api.stripe.com": [[f"93.184.216.{n}" for n in range(1, 200)]]}) as watch, \
            session("stripe", ("api.stripe.com",), Surroundings()) as door, \
            pytest.raises(requests.ConnectionError) as raised:
        door.post("https://api.stripe.com/v1/refunds")
    assert watch.tried == ["93.184.216.1", "93.184.216.2", "93.184.216.3", "93.184.216.4"]
    assert surely_not_sent(raised.value)


def test_words_of_the_vendor_do_not_make_a_request_one_that_was_not_sent() -> None:
    broken = ProtocolError("Connection aborted.", ValueError("NewConnectionError NameResolutionError"))
    assert not surely_not_sent(requests.ConnectionError(broken))
    assert surely_not_sent(requests.ConnectionError(NewConnectionError(None, "refused")))  # type: ignore[arg-type]


def test_what_was_sent_before_tls_broke_may_have_been_done(tmp_path: Path) -> None:
    certificate, key = certified("localhost", tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    listening = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def answers() -> None:
        caller, _ = listening.accept()
        with context.wrap_socket(caller, server_side=True) as secret:
            came = b""
            while not came.endswith(b"{}"):  # closed with something unread, it would be a reset
                came += secret.recv(4096)
            os.write(secret.fileno(), b"HTTP/1.1 200 OK\r\n\r\n{}")
            over.wait(10)

    threading.Thread(target=answers, daemon=True).start()
    with session("vendor", ("localhost",), Surroundings(timeout=(5, 5))) as door, \
            pytest.raises(requests.ConnectionError) as raised:
        door.post(f"https://localhost:{listening.getsockname()[1]}/refunds", data=b"{}", verify=str(certificate))
    over.set()
    listening.close()
    assert isinstance(raised.value.__cause__, requests.exceptions.SSLError)
    assert not surely_not_sent(raised.value)
