"""One request is one request, whoever reads it, and nobody keeps the server from others."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.database import open_database
from scripts import listening
from scripts.listening import Chunks, Request
from tests.attack.doors_server import (
    SLOW,
    Served,
    bombs,
    delivered,
    expecting,
    malformed,
    pipelined,
    serving,
    slowly,
)
from tests.conftest import Server


@pytest.fixture(scope="module")
def served(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One process for all that is tried on it, as in an installation."""
    name = server.make()
    database = open_database(server.at(name), Path("unused"), pool=2, migrate=False)
    with serving(database, tmp_path_factory.mktemp("served")) as made:
        yield made
    database.close()
    server.drop(name)


def test_a_body_without_end_is_refused_and_fills_no_memory(served: Served) -> None:
    """The first: what a process once held, it is not seen to take again."""
    before, seen = served.memory(), bombs(served)
    assert (seen.smuggled, seen.broken, seen.hung) == ([], [], [])
    assert served.memory() - before < 64 * 1024


def test_what_is_no_http_ends_in_one_refusal_and_the_server_goes_on(served: Served) -> None:
    first, seen = delivered(served), malformed(served, 4)
    assert (seen.smuggled, seen.broken, seen.hung) == ([], [], [])
    assert (first, delivered(served), seen.sent >= 70) == ([202], [202], True)


def test_good_requests_are_answered_beside_slow_ones_in_line_and_when_asked_on(served: Served) -> None:
    assert slowly(served) == (10, SLOW)
    assert pipelined(served) == [200] * 20
    assert expecting(served) == [401]


class Adjusted:
    """What waitress asks of its settings while it reads a request."""

    max_request_header_size = 262_144
    max_request_body_size = 262_145
    inbuf_overflow = 524_288
    url_scheme = "http"


HEAD = b"POST /x HTTP/1.1\r\nHost: x\r\n"


@pytest.mark.parametrize("headers", [
    b"Content-Length: 5\r\nTransfer-Encoding: chunked", b"Content-Length: 5\r\nContent-Length: 5",
    b"Content-Length: 05",
    b"Content-Length: +5", b"Transfer-Encoding: chunked, chunked", b"Transfer-Encoding: ,chunked",
    b"Transfer-Encoding: identity", b"Transfer-Encoding:", b"Transfer-Encoding:\r\n chunked", b"Host: y",
    b"X: y\r\n z"])
def test_headers_that_two_readers_would_read_otherwise_are_refused(headers: bytes) -> None:
    request = Request(Adjusted())
    request.received(HEAD + headers + b"\r\n\r\n")
    assert (request.completed, request.error.code) == (True, 400)


CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


def heard(sent: bytes, step: int = 8192) -> tuple[Request, bytes]:
    """The request that comes of these bytes, piece by piece, and what is left of them."""
    request, at = Request(Adjusted()), 0
    while not request.completed and at < len(sent):
        at += request.received(sent[at:at + step])
    return request, sent[at:]


@pytest.mark.parametrize("step", [1, 2, 3, 7, 1000])
def test_a_chunked_body_is_read_whole_in_pieces_of_any_length(step: int) -> None:
    request, left = heard(CHUNKED + b"4;a=b\r\nab\n\r\r\n3\r\ncde\r\n0\r\n\r\nNEXT", step)
    assert (request.error, request.get_body_stream().read(), left) == (None, b"ab\n\rcde", b"NEXT")


@pytest.mark.parametrize("body", [
    b"0\n\r\n\r\n", b"5\n12345\r\n0\r\n\r\n", b"4\r\nabcd\n0\r\n\r\n", b"1;a\nb\r\nx\r\n0\r\n\r\n",
    b"0x1\r\na\r\n0\r\n\r\n", b"-1\r\n\r\n"])
def test_a_chunk_whose_size_two_readers_would_read_otherwise_is_refused(body: bytes) -> None:
    request, _ = heard(CHUNKED + body)
    assert isinstance(request.body_rcv, Chunks)
    assert (request.completed, request.error.code) == (True, 400)


def test_who_drips_a_request_for_too_long_is_hung_up_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "LONGEST_REQUEST", -1.0)
    server = listening.listening(lambda environ, start: start("200 OK", []) or [b""], "127.0.0.1", 0)
    running = threading.Thread(target=server.run, daemon=True)
    running.start()
    with Served(None, server.effective_port).connected() as line:  # type: ignore[arg-type]
        line.sendall(b"GET / HTTP/1.1\r\nX")
        assert line.recv(10) == b""
    server.close()
    server.task_dispatcher.shutdown()
