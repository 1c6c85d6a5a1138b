"""Addresses that lead inside, in every writing: nothing of ours may connect to them.

The resolver is a made-up one, for which every name that it does not know leads to the trap; what is counted is who
comes to the trap, and whom anybody tried to reach.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

import requests
from pydantic import ValidationError

from connectors.contract import Connector, Surroundings, VendorError
from connectors.http import ForbiddenAddress, host_of, is_loopback, session
from connectors.incoming import Limits
from connectors.openai import CONNECTOR as OPENAI
from connectors.salesforce import CONNECTOR as SALESFORCE
from connectors.stripe import CONNECTOR as STRIPE
from connectors.zendesk import CONNECTOR as ZENDESK
from tests.figures import Figures
from tests.loopback import Listener

PUBLIC, OTHER_PUBLIC = "93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946"
"""Addresses that anybody could have."""
HOSTS = {"stripe": ("api.stripe.com",), "zendesk": ("acme.zendesk.com",), "salesforce": ("acme.my.salesforce.com",)}
NAMES = ("api.stripe.com", "acme.zendesk.com", "acme.my.salesforce.com", "api.openai.com")

INSIDE = (
    "127.0.0.1", "127.0.0.2", "127.255.255.254", "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255",  # noqa: S104 - nobody listens there
    "172.16.0.1", "172.31.255.254", "192.168.0.1", "192.168.255.1", "169.254.169.254", "169.254.170.2",
    "100.64.0.1", "100.127.255.1", "100.100.100.200", "192.0.0.1", "192.0.0.192", "192.0.2.1", "198.18.0.1",
    "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
    "192.88.99.1", "::1", "::", "fe80::1", "fec0::1", "fc00::1", "fd00:ec2::254", "ff02::1", "100::1",
    "2001:db8::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1",
    "::ffff:0:127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2002:7f00:1::",
    "2002:a00:1::1", "2002:a9fe:a9fe::", "2001:0:4136:e378:8000:63bf:80ff:fffe", "2001:0:7f00:1:0:0:0:1",
    "5f00::1")
"""Addresses for this machine, its network, its cloud's secrets, or nobody."""

LOOPBACKS = (
    "2130706433", "0177.0.0.1", "0177.0.0.01", "017700000001", "0x7f.0.0.1", "0x7f.0x0.0x0.0x1", "0x7f000001",
    "127.1", "127.0.1", "0x7f.1", "0", "0.0.0.0", "00000177.0.0.1", "127.000.000.001", "127.0.0.1.", "[::1]",  # noqa: S104 - nobody listens there
    "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:7f00:1]", "[0:0:0:0:0:0:0:1]",
    "[::127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[::1%25lo]", "[::1%lo]", "localhost",
    "localhost.", "LOCALHOST", "localhost.localdomain", "ip6-localhost", "127.0.0.1.nip.io", "①②⑦.⓪.⓪.①",
    "１２７.０.０.１", "127。0。0。1", "127．0．0．1", "127.0.0.1%00", "127.0.0.1%2f", "①27.0.0.1", "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ",
    "0x7f.0.0.0x1", "127.0.0.1")
OTHERS = (
    "169.254.169.254", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "169.254.43518",
    "[::ffff:169.254.169.254]", "[fd00:ec2::254]", "metadata.google.internal", "10.0.0.1", "0x0a000001",
    "167772161", "012.0.0.1", "192.168.1.1", "3232235777", "172.16.0.1", "100.100.100.200", "[fe80::1%25eth0]",
    "[fc00::1]")
BESIDE = (
    "{name}@{trap}", "{name}:443@{trap}", "{name}%40{trap}", "{trap}#@{name}", "{trap}?@{name}",
    "{trap}\\@{name}", "{name}\\@{trap}", "{name};@{trap}", "@{trap}", ":@{trap}", "user:secret@{name}",
    "{name}@", "{name}#@{trap}@{name}", "{name}&@{trap}#@{name}", "{trap}/{name}", "{trap}\t.{name}",
    "{trap}%2f.{name}", "{trap}%23.{name}", "{trap}%00.{name}", "{name}.evil.example", "{name}.", "evil{name}",
    "x.{name}", "{name}%2eevil.example", "{name}%20.evil.example", "{name}。evil.example", "{name}..", ".{name}",
    "-{name}", "{name},{trap}", "{name}{trap}", "xn--{name}", "{name}-evil.example", "{odd}", "{dashed}",
    "{name}:99999", "{name}:-1", "{name}:0x1bb")
"""What stands beside, before or behind a vendor's own name."""
SCHEMES = ("http://", "ftp://", "file://", "gopher://", "dict://", "ldap://", "ws://", "wss://", "javascript://",
           "data:", "unix:", "http+unix://", "jar:https://", "view-source:https://", "httpss://", "h2://", "//", "")
STATUSES = (301, 302, 303, 307, 308)


class Trap(Listener):
    """Gives every caller the same answer."""

    def __init__(self, answer: bytes = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}") -> None:
        self.answer = answer
        super().__init__(self._answer)

    def _answer(self, caller: socket.socket) -> None:
        caller.recv(65536)
        caller.sendall(self.answer)


@dataclass
class Watch:
    """Every connection that was tried, and every name that was resolved."""

    tried: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)


@contextmanager
def watched(names: Mapping[str, Sequence[Sequence[str]]]) -> Iterator[Watch]:
    """`names` says what the resolver answers for a name, each time; the last answer stays. Beyond loopback nobody is
    reached."""
    watch, real, connect = Watch(), socket.getaddrinfo, socket.socket.connect

    def resolve(host: Any, port: Any, *more: Any, **named: Any) -> list[Any]:
        said = host.decode() if isinstance(host, bytes) else str(host)
        watch.asked.append(said)
        answers = names.get(said)
        found = answers[min(watch.asked.count(said), len(answers)) - 1] if answers else _numeric(real, said)
        return [_way(one, port) for one in found]

    def reach(self: socket.socket, address: Any) -> None:
        if isinstance(address, tuple):
            watch.tried.append(str(address[0]))
            if not ipaddress.ip_address(str(address[0]).partition("%")[0]).is_loopback:
                raise ConnectionRefusedError("nobody is there")
        connect(self, address)

    with patch("socket.getaddrinfo", resolve), patch.object(socket.socket, "connect", reach):
        yield watch


def _numeric(real: Callable[..., Any], host: str) -> list[str]:
    """As the system reads a number in any writing; every other name leads to the trap."""
    try:
        return [str(way[4][0]) for way in real(host, 0, 0, socket.SOCK_STREAM, 0, socket.AI_NUMERICHOST)]
    except OSError:
        return ["127.0.0.1"]


def _way(address: str, port: Any) -> Any:
    six = ":" in address
    return (socket.AF_INET6 if six else socket.AF_INET, socket.SOCK_STREAM, 6, "",
            (address, int(port or 0), 0, 0) if six else (address, int(port or 0)))


def addresses(name: str, port: int) -> list[str]:
    """Addresses of which none may be reached by a connector that belongs to `name`."""
    trap = f"127.0.0.1:{port}"
    said = {"name": name, "trap": trap, "odd": name.replace("a", "а", 1), "dashed": name.replace(".", "-", 1)}
    made = [f"{scheme}://{host}:{port}/v1/x" for host in (*LOOPBACKS, *OTHERS) for scheme in ("https", "http")]
    made += [f"https://{beside.format(**said)}/v1/x" for beside in BESIDE]
    return made + [f"{scheme}{name}/v1/x" for scheme in SCHEMES]


def asked_for(url: str, vendor: str) -> str | None:
    """What came of it; None when something answered."""
    with session(vendor, HOSTS[vendor], Surroundings(timeout=(0.3, 0.3))) as door:
        try:
            door.get(url)
        except (requests.RequestException, ValueError) as error:
            return type(error).__name__
    return None


SETTINGS: tuple[tuple[Connector, str, dict[str, str]], ...] = (
    (STRIPE, "STRIPE_URL", {"STRIPE_API_KEY": "rk_test_x"}),
    (ZENDESK, "ZENDESK_URL", {"ZENDESK_SUBDOMAIN": "acme", "ZENDESK_OAUTH_TOKEN": "t" * 20}),
    (SALESFORCE, "SALESFORCE_URL", {"SALESFORCE_DOMAIN": "acme", "SALESFORCE_CLIENT_ID": "c",
                                             "SALESFORCE_CLIENT_SECRET": "s"}))


def taken_by_settings(url: str) -> list[str]:
    """The variables that would take this address although it is neither the vendor's own nor literally loopback."""
    taken = []
    for which, name, enough in SETTINGS:
        try:
            which.settings.model_validate({**enough, name: url})
        except (ValidationError, ForbiddenAddress):
            continue
        host = host_of(url)
        if not is_loopback(host) and host not in NAMES:
            taken.append(name)
    return taken


def connectors(url: str = "", limits: Limits | None = None) -> dict[str, Callable[[], object]]:
    """A read of each vendor by its real SDK: at the vendor's own address, or at another one."""
    around = Surroundings(timeout=(1, 2), limits=limits or Limits())

    def connected(which: Connector, name: str, enough: dict[str, str], path: str = "") -> Any:
        return which.connect(which.settings.model_validate({**enough, **({name: url + path} if url else {})}), around)

    stripe, zendesk, salesforce = (connected(*one) for one in SETTINGS)
    granted = connected(ZENDESK, "ZENDESK_URL", {"ZENDESK_SUBDOMAIN": "acme", "ZENDESK_OAUTH_CLIENT_ID": "c",
                                                 "ZENDESK_OAUTH_CLIENT_SECRET": "s"})
    model = connected(OPENAI, "OPENAI_BASE_URL", {"OPENAI_API_KEY": "k"}, "/v1")
    return {"stripe": lambda: stripe.charge("ch_1"), "zendesk": lambda: zendesk.read("zendesk:acme:1"),
            "zendesk by OAuth": lambda: granted.read("zendesk:acme:1"),
            "salesforce": lambda: salesforce.contacts("dana@example.com"),
            "openai": lambda: model.complete("x", "y", schema={"type": "object"}, title="t")}


def attempted(read: Callable[[], object]) -> str:
    try:
        read()
    except (VendorError, ForbiddenAddress) as error:
        return type(error).__name__
    return "answered"


@dataclass
class Counted:
    """What an attack tried, and what came of it."""

    tried: int = 0
    wrong: list[str] = field(default_factory=list)


def urls(trap: Trap, vendors: int = 3) -> Counted:
    """Each address, asked for through each vendor's session, and offered to its settings."""
    counted = Counted()
    known = {name: [["127.0.0.1"]] for name in NAMES}
    for vendor, name in list(zip(HOSTS, NAMES, strict=False))[:vendors]:
        for url in addresses(name, trap.port):
            with watched(known) as watch:
                came, said = trap.came, asked_for(url, vendor)
                if said is None or trap.came != came or watch.tried:
                    counted.wrong.append(f"{vendor}: {url!r} reached {watch.tried}")
            counted.wrong += [f"{name} takes {url!r}" for name in taken_by_settings(url)]
            counted.tried += 1
    return counted


def rebound(every: int = 1) -> Counted:
    """A vendor's own name that leads inside: at once, beside a public address, or when it is asked again."""
    counted = Counted()
    reads = connectors()
    for address in INSIDE[::every]:
        for answers in ([[address]], [[PUBLIC, address]], [[address, OTHER_PUBLIC]]):
            for vendor, read in reads.items() if answers == [[address]] else [("stripe", reads["stripe"])]:
                with watched(dict.fromkeys(NAMES, answers)) as watch:
                    said = attempted(read)
                if watch.tried or said == "answered":
                    counted.wrong.append(f"{vendor}: {answers} was tried: {watch.tried}, {said}")
                counted.tried += 1
        for vendor, read in reads.items():
            with watched({name: [[PUBLIC], [address]] for name in NAMES}) as watch:
                attempted(read)
            if watch.tried != [PUBLIC] or len(watch.asked) != 1:
                counted.wrong.append(f"{vendor}: rebinding to {address}: {watch.asked} {watch.tried}")
            counted.tried += 1
    return counted


def redirected(trap: Trap, statuses: Sequence[int] = STATUSES) -> Counted:
    """Each SDK is told to go elsewhere, by each status and in each writing."""
    counted = Counted()
    for status in statuses:
        for to in ("http://127.0.0.1:{port}/x", "//127.0.0.1:{port}/x", "http://localhost:{port}/v1/x", "/x"):
            where = to.format(port=trap.port)
            first = Trap(f"HTTP/1.1 {status} Moved\r\nLocation: {where}\r\nContent-Length: 0\r\n"
                         "Connection: close\r\n\r\n".encode())
            for vendor, read in connectors(f"http://127.0.0.1:{first.port}").items():
                first.came, came = 0, trap.came
                said = attempted(read)
                if trap.came != came or first.came != 1 or said == "answered":
                    counted.wrong.append(f"{vendor}: {status} to {where}: {first.came} calls, {said}")
                counted.tried += 1
            first.stop()
    return counted


def reached_where_allowed(trap: Trap) -> int:
    """How many of these reach the trap: a literal loopback address that is configured. So that the trap can be shown
    to work."""
    came = trap.came
    for read in connectors(f"http://127.0.0.1:{trap.port}").values():
        attempted(read)
    return trap.came - came


def measured(quick: bool) -> Figures:
    figures = Figures("Outgoing addresses")
    with ExitStack() as stack:
        trap = Trap()
        stack.callback(trap.stop)
        working = reached_where_allowed(trap)
        parts = {"addresses": urls(trap, 1 if quick else 3), "names that lead inside": rebound(4 if quick else 1),
                 "redirects": redirected(trap, STATUSES[1:2] if quick else STATUSES)}
    figures.add("vendors that reach the trap where its address is set", working, at_least=5)
    for name, counted in parts.items():
        figures.add(f"{name}, tried", counted.tried, at_least=20 if name == "redirects" else 120)
        figures.add(f"{name}, connected", len(counted.wrong), equal=0)
    figures.also["connected"] = [one for counted in parts.values() for one in counted.wrong][:20]
    return figures
