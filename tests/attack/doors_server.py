"""The real server, as `deskhand serve` starts it, over real sockets: what is no HTTP, and what will not end."""

from __future__ import annotations

import re
import secrets
import select
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from agent.database import Database
from scripts.processes import Process, free_port
from tests.attack.doors_vendors import ENDPOINT, TOKEN, zendesk_sent
from tests.figures import Figures
from tests.journeys.sides import ORG
from tests.webhooks.forging import Forge
from tests.webhooks.org import pem
from tests.webhooks.signing import SECRET

PATIENCE = 5.0
"""Seconds in which a whole request must be answered, or its connection closed."""
QUIET = 0.12
"""Seconds without a byte after which no second answer is expected."""
SLOW = 240
"""Connections that never end their request."""
MORE_MEMORY = 64 * 1024
"""kB that all attacks together may add."""

SMUGGLED = b"GET /healthz?smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
HEAD = b"POST /webhooks/zendesk HTTP/1.1\r\nHost: x\r\n"
GET = b"GET /healthz HTTP/1.1\r\nHost: x\r\n"


@dataclass(frozen=True)
class Tried:
    """Bytes for one connection, and how often the server may answer them."""

    name: str
    sent: bytes
    most: int = 1
    waits: bool = False
    """The request is not whole, or refused by closing: no answer is fine."""


def _framed(name: str, headers: bytes, body: bytes, most: int = 1, *, waits: bool = False) -> Tried:
    return Tried(name, HEAD + headers + b"\r\n" + body, most, waits)


LONG = str(len(b"0\r\n\r\n" + SMUGGLED)).encode()
CHUNKED = b"Transfer-Encoding: chunked\r\n"
ENDED = b"0\r\n\r\n"


def smuggling() -> Iterator[Tried]:
    """Bodies that two readers would end at different places; behind each stands a request of its own."""
    behind = ENDED + SMUGGLED
    yield _framed("length and chunked", b"Content-Length: " + LONG + b"\r\n" + CHUNKED, behind)
    yield _framed("chunked and length", CHUNKED + b"Content-Length: " + LONG + b"\r\n", behind)
    yield _framed("length of nothing and chunked", b"Content-Length: 0\r\n" + CHUNKED, behind)
    yield _framed("short length and chunked", b"Content-Length: 5\r\n" + CHUNKED, behind)
    for one, other in ((b"0", LONG), (LONG, b"0"), (b"5", b"6"), (b"0", b"0")):
        yield _framed(f"two lengths {one.decode()} {other.decode()}",
                      b"Content-Length: " + one + b"\r\nContent-Length: " + other + b"\r\n", behind)
    for odd in (b"+5", b"-1", b"0x5", b"5,5", b"5, 5", b"5 5", b"", b"1e1", b"5.0", b"\xef\xbc\x95", b"05", b"5\x00",
                b"5;", b"9" * 40, b"NaN", b"\t\x0b5", b"_5", b"5_0"):
        yield _framed(f"length {odd!r:.30}", b"Content-Length: " + odd + b"\r\n", behind)
    for odd in (b"xchunked", b"chunked, identity", b"identity", b"identity, chunked", b"gzip, chunked",
                b"chunked, chunked", b"\x0bchunked", b"chunked\x00", b"chun\x00ked", b"'chunked'", b"\"chunked\"",
                b"chunked;q=1", b"", b"chunked,", b",chunked", b"chunked x", b"\xc3\xa7hunked", b"cow", b"deflate"):
        yield _framed(f"encoding {odd!r}", b"Content-Length: " + LONG + b"\r\nTransfer-Encoding: " + odd + b"\r\n",
                      behind)
        yield _framed(f"only encoding {odd!r}", b"Transfer-Encoding: " + odd + b"\r\n", behind)
    for header in (b"Transfer-Encoding : chunked", b"Transfer-Encoding\t: chunked", b" Transfer-Encoding: chunked",
                   b"X: y\r\n Transfer-Encoding: chunked", b"Transfer-Encoding:\r\n chunked",
                   b"Transfer_Encoding: chunked",
                   b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", b"X: y\nTransfer-Encoding: chunked",
                   b"X: y\rTransfer-Encoding: chunked", b"Transfer-Encoding\x00: chunked",
                   b"X: \nTransfer-Encoding: chunked",
                   b"Transfer-Encoding: identity\r\nTransfer-Encoding: chunked", b"TE: chunked\r\nFoo\x0b: x",
                   b"Content-Length : 5", b"Content_Length: 5", b"Content-Length\x00: 5", b"X: y\rContent-Length: 5"):
        yield _framed(f"header {header!r}", b"Content-Length: " + LONG + b"\r\n" + header + b"\r\n", behind)
    for size in (b"0x0", b"-1", b"+0", b"00000000000000000", b"0 ", b" 0", b"0;x", b"0;x=\r", b"f" * 17, b"g", b"",
                 b"0\x00",
                 b"0\n", b"5\n12345\n0", b"0_0", b"\xef\xbc\x90", b"1\r\nxx\r\n0", b"5\r\n123\r\n0", b"0\r",
                 b"ffffffff"):
        yield _framed(f"chunk {size!r}", CHUNKED, size + b"\r\n\r\n" + SMUGGLED,
                      2 if size in (b"0;x", b"00000000000000000") else 1, waits=True)
    yield _framed("a trailer that is a length", CHUNKED, b"0\r\nContent-Length: 60\r\n\r\n", waits=True)
    yield _framed("a trailer without an end", CHUNKED, b"0\r\nX: " + b"x" * 300_000, waits=True)
    yield Tried("a body behind GET", GET + b"Content-Length: " + str(len(SMUGGLED)).encode() + b"\r\n\r\n" + SMUGGLED)
    yield Tried("lines that end with a line feed", b"POST /webhooks/zendesk HTTP/1.1\nHost: x\nContent-Length: 60\n\n"
                + SMUGGLED, waits=True)
    yield Tried("lines that end with a carriage return", b"GET /healthz HTTP/1.1\rHost: x\r\r" + SMUGGLED, waits=True)
    yield Tried("a space before the first header", b"GET /healthz HTTP/1.1\r\n Host: x\r\n\r\n")


def requests() -> Iterator[Tried]:
    """First lines and headers as no browser sends them."""
    for target in (b"http://evil.example/healthz", b"http://evil.example:99999/healthz", b"//evil.example/healthz",
                   b"*",
                   b"http://", b"http://[::1/healthz", b"/healthz#x", b"/%00", b"/%ff%fe", b"/%0d%0aSet-Cookie:x=1",
                   b"/..",
                   b"/../../etc/passwd", b"/static/%2e%2e/%2e%2e/app.py", b"/confirm/%00", b"/confirm/" + b"A" * 5000,
                   b"/\xff\xfe", b"/\xc3\x28", b"/api/ticket?" + b"x=1&" * 2000, b"/healthz?" + b"%" * 500,
                   b"javascript:x",
                   b"/" + b"a" * 300_000, b"/healthz?" + b"a" * 300_000, b"x", b"", b"?", b"/;/;", b"/healthz\\..\\",
                   b"http://x/\xe2\x80\xae", b"/api/approvals/" + b"9" * 5000, b"/healthz\t", b"http:///healthz"):
        for method in (b"GET", b"POST"):
            yield Tried(f"{method.decode()} {target!r:.40}", method + b" " + target
                        + b" HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
    for line in (b"GET /healthz HTTP/2.0", b"GET /healthz HTTP/1.10", b"GET /healthz http/1.1",
                 b"GET  /healthz HTTP/1.1",
                 b"GET\t/healthz\tHTTP/1.1", b"GET /healthz", b"get /healthz HTTP/1.1", b"G\x00T /healthz HTTP/1.1",
                 b"PRI * HTTP/2.0", b"CONNECT evil.example:443 HTTP/1.1", b"TRACE / HTTP/1.1", b"OPTIONS * HTTP/1.1",
                 b"GET /healthz HTTP/1.1 x", b"GET /healthz HTTP/", b"GET /healthz HTTP/9.9",
                 b"\x16\x03\x01\x02\x00\x01",
                 b"A" * 5000 + b" /healthz HTTP/1.1", b"GET /health\rz HTTP/1.1", b"\xff\xfe\x00",
                 b"GET /healthz XTTP/1.1"):
        yield Tried(f"line {line!r:.50}", line + b"\r\nHost: x\r\n\r\n", waits=True)
    for header in (b"X: a\x00b", b"X\x00: a", b"X: \xff\xfe", b"X\xff: a", b": a", b"X", b"X Y: a", b"X: a\rb",
                   b"Host: \x00",
                   b"Host: x\r\nHost: y", b"Host: evil.example\r\nX-Forwarded-Host: y", b"X: " + b"x" * 250_000,
                   b"Content-Type: application/json; charset=\xff", b"Content-Type: multipart/form-data; boundary=",
                   b"Content-Type: multipart/form-data; boundary=" + b"x" * 300, b"Authorization: Bearer \xff",
                   b"Cookie: " + b"a=b; " * 9000, b"Accept-Language: " + b"de;q=0.1," * 9000,
                   b"If-None-Match: " + b"\"" * 999,
                   b"Range: bytes=" + b"0-," * 9000, b"Content-Encoding: gzip", b"Upgrade: h2c\r\nConnection: Upgrade",
                   b"Expect: 200-ok", b"Expect: x\x00", b"Connection: " + b"close, " * 9000, b"Origin: " + b"x" * 9000,
                   b"\r\n".join(b"X-%d: y" % n for n in range(2_000)), b"X-Forwarded-For: " + b"1.1.1.1," * 9000,
                   b"Forwarded: for=\"[\"", b"X-Forwarded-Proto: \xff", b"Accept-Language: \xff\xfe"):
        for path in (b"GET /api/ticket", b"POST /sidebar/zendesk", b"GET /healthz", b"POST /confirm/x"):
            yield Tried(f"header {header!r:.40} at {path.decode()}",
            path + b" HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n"
                        + header + b"\r\n\r\n")


@dataclass
class Seen:
    sent: int = 0
    broken: list[str] = field(default_factory=list)
    hung: list[str] = field(default_factory=list)
    smuggled: list[str] = field(default_factory=list)


@dataclass
class Served:
    """A `deskhand serve` that listens."""

    process: Process
    port: int

    def connected(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), PATIENCE)

    def answers(self, sent: bytes, most: int = 1, patience: float = PATIENCE) -> tuple[list[int], bool]:
        """The statuses that came back, and whether the connection was closed."""
        with self.connected() as line:
            with suppress(OSError):  # refused before all was sent
                line.sendall(sent)
            return read(line, most, patience)

    def alive(self, within: float = PATIENCE) -> bool:
        """Whether a good request is answered, on a connection of its own."""
        began = time.monotonic()
        try:
            statuses, _ = self.answers(GET + b"Connection: close\r\n\r\n")
        except OSError:
            return False
        return statuses == [200] and time.monotonic() - began < within

    def memory(self) -> int:
        """kB that the process has at most held until now."""
        running = self.process.running
        told = Path(f"/proc/{running.pid}/status").read_text() if running else ""
        found = re.search(r"VmHWM:\s+(\d+) kB", told)
        return int(found[1]) if found else 0


def read(line: socket.socket, most: int, patience: float = PATIENCE) -> tuple[list[int], bool]:
    """Reads until as many answers came as may, one more would have come, or nothing comes any more."""
    got, until = b"", time.monotonic() + patience
    while time.monotonic() < until:
        ready, _, _ = select.select([line], [], [], QUIET if statuses(got) else patience)
        if not ready:
            return statuses(got), False
        try:
            more = line.recv(65536)
        except OSError:
            more = b""
        if not more:
            return statuses(got), True
        got += more
        if len(statuses(got)) > most:
            break
    return statuses(got), False


def statuses(got: bytes) -> list[int]:
    """Of every answer in a stream; "100 Continue" is none."""
    found = [int(one) for one in re.findall(rb"HTTP/1\.[01] (\d{3}) ", got)]
    return [one for one in found if one != 100]


def malformed(served: Served, every: int = 1) -> Seen:
    seen = Seen()
    for one in (*smuggling(), *requests())[::every]:
        came, closed = served.answers(one.sent, one.most, 0.5 if one.waits else PATIENCE)
        seen.sent += 1
        seen.broken += [f"{one.name}: {came}"] if any(status >= 500 for status in came) else []
        seen.smuggled += [f"{one.name}: {came}"] if len(came) > one.most else []
        seen.hung += [one.name] if not (came or closed or one.waits) else []
    return seen


def pipelined(served: Served, count: int = 20) -> list[int]:
    came, _ = served.answers((GET + b"\r\n") * count, count)
    return came


def expecting(served: Served) -> list[int]:
    """Says what it will send, waits to be asked on, and sends it."""
    with served.connected() as line:
        line.sendall(HEAD + b"Content-Length: 2\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n")
        asked_on = line.recv(64)
        line.sendall(b"{}")
        came, _ = read(line, 1)
    return came if asked_on.startswith(b"HTTP/1.1 100") else []


BOMBS = {
    "300 kB": b"Content-Length: 300000\r\n\r\n" + b"[" * 300_000,
    "a length of 100 GB": b"Content-Length: 100000000000\r\n\r\n" + b"x" * 70_000,
    "chunks without an end": CHUNKED + b"\r\n" + (b"10000\r\n" + b"x" * 65536 + b"\r\n") * 64,
    "chunks of one byte": CHUNKED + b"\r\n" + b"1\r\nx\r\n" * 300_000,
    "200 kB of brackets": b"Content-Length: 200000\r\n\r\n" + b"[" * 200_000}


def bombs(served: Served) -> Seen:
    """Bodies that are too long, by what they say or by never ending. Each ends with a refusal."""
    seen = Seen()
    paths = (b"/webhooks/zendesk", b"/webhooks/stripe", b"/webhooks/salesforce", b"/webhooks/salesforce/x",
             b"/sidebar/zendesk", b"/confirm/x", b"/api/pause")
    for path in paths:
        head = b"POST " + path + b" HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        for name, rest in BOMBS.items():
            came, closed = served.answers(head + rest)
            seen.sent += 1
            what = f"{name} at {path.decode()}"
            seen.broken += [f"{what}: {came}"] if any(one >= 500 for one in came) else []
            seen.hung += [what] if not (came or closed) else []
            seen.smuggled += [f"{what}: {came}"] if len(came) > 1 or 202 in came else []
    return seen


@contextmanager
def slow(served: Served, count: int) -> Iterator[list[socket.socket]]:
    """So many connections with requests that are not whole: some wait for a header, some for the body."""
    lines: list[socket.socket] = []
    try:
        for n in range(count):
            line = served.connected()
            line.sendall(GET + b"X-" if n % 2 else HEAD + b"Content-Length: 100\r\n\r\n{")
            lines.append(line)
        yield lines
    finally:
        for line in lines:
            line.close()


def slowly(served: Served, count: int = SLOW) -> tuple[int, int]:
    """Of ten good requests between drops of slow ones, how many are answered within two seconds."""
    answered = 0
    with slow(served, count) as lines:
        for _ in range(10):
            for line in lines:
                try:
                    line.send(b"a")
                except OSError:
                    continue  # it was closed, which is fine
            answered += served.alive(within=2.0)
    return answered, len(lines)


@contextmanager
def serving(database: Database, folder: Path) -> Iterator[Served]:
    """The real process with every door open, its database ours, and no vendor to be reached."""
    port = free_port()
    nobody = f"http://127.0.0.1:{free_port()}"
    process = Process("deskhand", ["serve", "--no-worker", "--port", str(port)], folder, {
        "PYTHONPATH": str(Path(__file__).parents[2]), "DESKHAND_DATABASE_URL": database.url,
        "DESKHAND_SECRET_KEY": secrets.token_urlsafe(36),
        "DESKHAND_PUBLIC_URL": f"http://127.0.0.1:{port}", "ZENDESK_SUBDOMAIN": "acme", "ZENDESK_SANDBOX": "on",
        "ZENDESK_OAUTH_TOKEN": "t" * 20, "ZENDESK_WEBHOOK_SECRET": SECRET, "ZENDESK_URL": f"{nobody}/zendesk",
        "ZENDESK_APP_PUBLIC_KEY": Forge.new().pem, "ZENDESK_APP_INSTALLATION_ID": "42",
        "STRIPE_API_KEY": "rk_test_desk", "STRIPE_WEBHOOK_SECRET": ENDPOINT, "STRIPE_ACCOUNT_ID": "acct_sandbox",
        "STRIPE_URL": f"{nobody}/stripe", "SALESFORCE_DOMAIN": "acme--uat.sandbox", "SALESFORCE_CLIENT_ID": "deskhand",
        "SALESFORCE_CLIENT_SECRET": "s" * 20, "SALESFORCE_ORG_ID": ORG, "SALESFORCE_OUTBOUND_TOKEN": TOKEN,
        "SALESFORCE_URL": f"{nobody}/salesforce", "SALESFORCE_CERTIFICATE": pem()})
    served = Served(process, port)
    process.start()
    try:
        process.until(lambda: served.alive() or None)
        yield served
    finally:
        process.stop()


def delivered(served: Served) -> list[int]:
    """A genuine delivery, signed now, on a connection that had nothing wrong before it."""
    asked = zendesk_sent(b'{"ticket_id": "35", "event": "comment"}', datetime.now(UTC))
    lines = "".join(f"{name}: {said}\r\n" for name, said in asked.headers.items())
    came, _ = served.answers(HEAD + lines.encode() + b"Content-Length: " + str(len(asked.body)).encode() + b"\r\n\r\n"
                             + asked.body)
    return came


def measured(database: Database, folder: Path, quick: bool) -> Figures:
    figures = Figures("Server")
    with serving(database, folder) as served:
        before, first = served.memory(), delivered(served)
        odd, bombed = malformed(served, 8 if quick else 1), bombs(served)
        in_line, on = pipelined(served), expecting(served)
        answered, slow_ones = slowly(served, 120 if quick else SLOW)
        last, after, up = delivered(served), served.memory(), served.alive()
    figures.add("requests that do not keep to HTTP", odd.sent, at_least=35 if quick else 300)
    figures.add("oversized and endless bodies", bombed.sent, at_least=35)
    figures.add("second answers to one request, or a bomb taken", len(odd.smuggled) + len(bombed.smuggled), equal=0)
    figures.add("5xx", len(odd.broken) + len(bombed.broken), equal=0)
    figures.add("hangs", len(odd.hung) + len(bombed.hung), equal=0)
    figures.add("pipelined requests answered, of 20", in_line.count(200), equal=20)
    figures.add("asked on, and answered (Expect)", len(on), equal=1)
    figures.add(f"good requests answered in 2 s beside {slow_ones} slow ones, of 10", answered, equal=10)
    figures.add("genuine deliveries kept, before and after", [*first, *last].count(202) + [*first, *last].count(200),
    equal=2)
    figures.add("memory that all this added, in kB", after - before, at_most=MORE_MEMORY)
    figures.add("a good request afterwards", int(up), equal=1)
    figures.also["wrong"] = [*odd.smuggled, *bombed.smuggled, *odd.broken, *bombed.broken, *odd.hung, *bombed.hung][:40]
    return figures
