"""Calls a door over connections that stay open, each with one request under way, from one thread."""

from __future__ import annotations

import json
import selectors
import socket
import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from scripts.benches.doors import ACCOUNT_ID, PATH, SIGNATURE, STAMP, sign
from scripts.benches.rows import NotMeasured

PATIENCE = 30.0
"""Seconds without any answer after which a door counts as stuck."""


def signed(body: bytes, delivery: str) -> bytes:
    """A whole request, signed now; a door accepts it for five minutes."""
    stamp = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    head = (f"POST {PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json; charset=utf-8\r\n"
            f"User-Agent: Zendesk Webhook\r\nX-Zendesk-Account-Id: {ACCOUNT_ID}\r\n"
            f"X-Zendesk-Webhook-Id: 01HAN000000000000000000001\r\nX-Zendesk-Webhook-Invocation-Id: {delivery}\r\n"
            f"{STAMP}: {stamp}\r\n{SIGNATURE}: {sign(stamp, body)}\r\nContent-Length: {len(body)}\r\n\r\n")
    return head.encode() + body


def events(count: int, first_ticket: int) -> list[bytes]:
    """Signed ticket events, each new and each of a ticket of its own."""
    return [signed(_event(first_ticket + n), uuid.uuid4().hex) for n in range(count)]


def _event(ticket: int) -> bytes:
    """An event subscription's body in Zendesk's own form and length (Zendesk docs, "Ticket events")."""
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    detail = {
        "actor_id": "36000000000011", "assignee_id": "0", "brand_id": "36000000000002", "created_at": now,
        "custom_status": "36000000000004", "description": "I was charged twice, please refund the second one.",
        "external_id": "", "form_id": "36000000000003", "group_id": "0", "id": str(ticket), "is_public": True,
        "organization_id": "0", "priority": "", "requester_id": "36000000000011", "status": "NEW",
        "subject": "Charged twice", "submitter_id": "36000000000011", "tags": [], "type": "", "updated_at": now,
        "via": {"channel": "email"}}
    return json.dumps({
        "account_id": ACCOUNT_ID, "detail": detail, "event": {"comment": {"id": "1", "is_public": True}},
        "id": str(uuid.uuid4()), "subject": f"zen:ticket:{ticket}", "time": now,
        "type": "zen:event-type:ticket.comment_added", "zendesk_event_version": "2022-11-06"}, indent=3).encode()


@dataclass
class Heard:
    """What a door answered."""

    seconds: float
    statuses: dict[int, int] = field(default_factory=dict)
    took: list[float] = field(default_factory=list)
    """Milliseconds of each request."""


class _Line:
    """One connection, opened anew when the door closes it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.socket = self._open()
        self._got = b""
        self.sent = 0.0

    def _open(self) -> socket.socket:
        made = socket.create_connection(("127.0.0.1", self._port))
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return made

    def send(self, request: bytes) -> None:
        self._got, self.sent = b"", time.perf_counter()
        self.socket.sendall(request)

    def receive(self) -> int | None:
        """The status once the whole answer is there."""
        more = self.socket.recv(65536)
        if not more:
            raise NotMeasured("the door closed a connection without an answer")
        self._got += more
        head, end, body = self._got.partition(b"\r\n\r\n")
        if not end or len(body) < _length(head):
            return None
        return int(self._got[9:12])

    def closing(self) -> bool:
        return b"connection: close" in self._got.lower()

    def reopen(self) -> None:
        self.socket.close()
        self.socket = self._open()

    def close(self) -> None:
        self.socket.close()


def _length(head: bytes) -> int:
    lowered = head.lower()
    at = lowered.find(b"content-length:")
    return int(lowered[at + 15:].split(b"\r\n", 1)[0]) if at >= 0 else 0


def call(port: int, requests: Sequence[bytes], connections: int) -> Heard:
    """Sends every request once, one under way per connection."""
    waiting = iter(requests)
    heard = Heard(0.0)
    began = time.perf_counter()
    with selectors.DefaultSelector() as watching:
        lines = [_Line(port) for _ in range(min(connections, len(requests)))]
        try:
            for line in lines:
                line.send(next(waiting))
                watching.register(line.socket, selectors.EVENT_READ, line)
            while watching.get_map():
                ready = watching.select(PATIENCE)
                if not ready:
                    raise NotMeasured(f"the door gave no answer for {PATIENCE:.0f} s")
                for key, _ in ready:
                    _go_on(watching, key.data, waiting, heard)
        finally:
            for line in lines:
                line.close()
    heard.seconds = time.perf_counter() - began
    return heard


def _go_on(watching: selectors.BaseSelector, line: _Line, waiting: Iterator[bytes], heard: Heard) -> None:
    status = line.receive()
    if status is None:
        return
    heard.took.append((time.perf_counter() - line.sent) * 1000)
    heard.statuses[status] = heard.statuses.get(status, 0) + 1
    following = next(waiting, None)
    if following is None or line.closing():
        watching.unregister(line.socket)
    if following is None:
        return
    if line.closing():
        line.reopen()
        watching.register(line.socket, selectors.EVENT_READ, line)
    line.send(following)
