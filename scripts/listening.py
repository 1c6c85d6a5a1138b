"""The HTTP server of `deskhand serve`: waitress, stricter about what one request is and how long it may take.

Where a proxy in front and a server behind it end a request at different places, a second one hides in the first (RFC
9112, "Request Smuggling"). So whatever leaves room for two readings is refused, and its connection closed.
"""

from __future__ import annotations

import re
import time
from typing import Any

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError, TransferEncodingNotImplemented
from waitress.receiver import ChunkedReceiver
from waitress.server import create_server
from waitress.utilities import BadRequest

from webhooks.delivered import LARGEST_BODY

THREADS = 8
CONNECTIONS = 800
"""Open at a time; most processes may hold 1,024 files, and the database's connections are among them."""
LONGEST_REQUEST = 30.0
"""Seconds from a request's first byte to its last. Vendors give up on us after ten."""
_LENGTH = re.compile(rb"0|[1-9][0-9]{0,15}")
_ONCE = (b"content-length", b"transfer-encoding", b"host")


def listening(app: Any, host: str, port: int) -> Any:
    """The server, bound and not yet running. Raises OSError."""
    server = create_server(app, host=host, port=port, threads=THREADS, ident=None, clear_untrusted_proxy_headers=True,
                           max_request_body_size=LARGEST_BODY + 1, connection_limit=CONNECTIONS,
                           asyncore_use_poll=True)  # select() knows no file above 1,023
    for one in [server, *(getattr(server, "map", None) or {}).values()]:  # a name may have two addresses
        if hasattr(one, "channel_class"):
            one.channel_class = Connection
    return server


class Request(HTTPRequestParser):  # type: ignore[misc]  # waitress has no types
    """A request that can be read in one way only."""

    body_rcv: Any

    def parse_header(self, header_plus: bytes) -> None:
        """Raises ParsingError, which is answered with 400."""
        _check(header_plus)
        try:
            super().parse_header(header_plus)
        except TransferEncodingNotImplemented:
            raise ParsingError("The transfer encoding is none that is known here.") from None
        except ValueError:  # the library's own for an address with half a bracket
            raise ParsingError("The address cannot be read.") from None
        if self.chunked:
            self.body_rcv = Chunks(self.body_rcv.buf)


class Chunks(ChunkedReceiver):  # type: ignore[misc]  # as above
    """A chunked body in which a line ends with carriage return and line feed, and with nothing less."""

    def received(self, given: bytes) -> int:
        """How many of these bytes belong to the body."""
        used = 0
        while used < len(given) and not self.completed and self.error is None:
            piece = self._next(given[used:])
            taken = super().received(piece) if piece else 0
            used += taken
            if taken < len(piece):
                break
        return used if self.error is None else len(given)

    def _next(self, given: bytes) -> bytes:
        """As much as belongs to one chunk, one line, or the end."""
        if self.chunk_remainder:
            return given[:self.chunk_remainder]
        if self.validate_chunk_end:
            return given[:2 - len(self.chunk_end)]
        if self.all_chunks_received:
            return given
        whole = self.control_line + given
        end = whole.find(b"\r\n")
        line = whole if end < 0 else whole[:end]
        if b"\n" in line:
            self.error = BadRequest("A chunk's size is not on a line of its own.")
            return b""
        return given if end < 0 else given[:end + 2 - len(self.control_line)]


class Connection(HTTPChannel):  # type: ignore[misc]  # as above
    """Is closed when one request takes too long to come, however busily it drips."""

    parser_class = Request
    _began = 0.0

    def received(self, data: bytes) -> bool:
        before = self.request
        taken: bool = super().received(data)
        if self.request is not before or before is None:
            self._began = time.monotonic()
        return taken

    def readable(self) -> bool:
        """Asked for each connection at least once a second."""
        if self.request is not None and time.monotonic() - self._began > LONGEST_REQUEST:
            self.will_close = True
        ready: bool = super().readable()
        return ready


def _check(head: bytes) -> None:
    first, *lines = head.split(b"\r\n")
    found: dict[bytes, list[bytes]] = {name: [] for name in _ONCE}
    for line in lines:
        if line[:1] in (b" ", b"\t"):
            raise ParsingError("A header goes on in the next line.")
        name, _, said = line.partition(b":")
        if name.lower() in found:
            found[name.lower()].append(said.strip(b" \t"))
    lengths, encodings = found[b"content-length"], found[b"transfer-encoding"]
    if any(len(said) > 1 for said in found.values()) or (lengths and encodings):
        raise ParsingError("The body's length, its encoding or the host is said twice.")
    if lengths and not _LENGTH.fullmatch(lengths[0]):
        raise ParsingError("The body's length is no number.")
    if encodings and (encodings[0].lower() != b"chunked" or not first.endswith(b"HTTP/1.1")):
        raise ParsingError("The transfer encoding is none that is known here.")
