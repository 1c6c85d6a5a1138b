"""Where requests may go: to hosts that are listed, and of those only to addresses that anybody could reach.

A name is resolved once for each connection, every address that it has is looked at, and one of these very addresses is
connected to. So no second answer of the resolver, and no name that leads inside, brings a request anywhere else.
"""

from __future__ import annotations

import ipaddress
import logging
import socket
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias
from urllib.parse import urlsplit

log = logging.getLogger("deskhand.outgoing")

IPv4: TypeAlias = ipaddress.IPv4Address
IPv6: TypeAlias = ipaddress.IPv6Address
Address: TypeAlias = IPv4 | IPv6
Found: TypeAlias = tuple[socket.AddressFamily, socket.SocketKind, int, tuple[Any, ...]]
"""How to make one connection: family, kind, protocol, and the address with its port."""

CARRIES_IPV4 = tuple((ipaddress.IPv6Network(net), shift) for net, shift in (
    ("::/96", 0), ("::ffff:0:0/96", 0), ("::ffff:0:0:0/96", 0), ("64:ff9b::/96", 0), ("2002::/16", 80)))
"""Networks whose addresses hold an IPv4 one (RFC 4291, 2765, 6052, 3056), and how many bits stand behind it."""
TEREDO = ipaddress.IPv6Network("2001::/32")
NEVER = (ipaddress.IPv4Network("192.88.99.0/24"), ipaddress.IPv4Network("192.0.0.0/24"),
         ipaddress.IPv6Network("64:ff9b:1::/48"), ipaddress.IPv6Network("100::/64"), ipaddress.IPv6Network("5f00::/16"))
"""Special purposes that not every Python release knows (IANA's special-purpose address registries)."""

TRIED = 4
"""Of a name's addresses; each may take the whole time that connecting has."""
OWN = tuple(ipaddress.ip_network(net) for net in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"))
"""Of one's own network (RFC 1918, 4193)."""


class ForbiddenAddress(ValueError):
    """The address is neither one of the listed hosts (https) nor loopback."""


class NotPublic(OSError):
    """The name leads to an address that only this machine or its own network can reach; nothing was connected."""


def is_loopback(host: str) -> bool:
    """Whether it says so itself, as localhost, 127.0.0.1 or ::1 do; no resolver is asked."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def check_address(url: str, hosts: Sequence[str]) -> str:
    """What an admin may set: https to one of `hosts` (a name or ".suffix"), or loopback. Without a trailing slash."""
    host, scheme = _parts(url)
    if not ((scheme == "https" and listed(host, hosts)) or (scheme in ("http", "https") and is_loopback(host))):
        raise ForbiddenAddress(f"{url}: allowed are https to {', '.join(hosts)}, and loopback")
    return url.rstrip("/")


def check_request(url: str, hosts: Sequence[str]) -> None:
    """Where a request may go: to one of `hosts` with https; to loopback only where it is one of them itself."""
    host, scheme = _parts(url)
    if not listed(host, hosts) or not (scheme == "https" or (scheme == "http" and is_loopback(host))):
        raise ForbiddenAddress(f"{scheme}://{host} is not allowed; allowed is https to {', '.join(hosts) or 'nowhere'}")


def listed(host: str, hosts: Sequence[str]) -> bool:
    return any(host == one or (one.startswith(".") and host.endswith(one) and len(host) > len(one)) for one in hosts)


def host_of(url: str) -> str:
    """The host as `hosts` name it; "" where the address has none."""
    return (urlsplit(url).hostname or "").lower()


def _parts(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    if parts.username is not None or parts.password is not None or not host or "\\" in url:
        raise ForbiddenAddress("an address has no user name in it and does have a host")
    return host, parts.scheme


def is_public(address: Address) -> bool:
    """Whether anybody on the internet may have it: not private, shared, local to a link, reserved, or for many."""
    if any(address in net for net in NEVER if net.version == address.version):
        return False
    inside = list(_inside(address)) if isinstance(address, IPv6) else []
    if inside:
        return all(is_public(one) for one in inside)
    special = (address.is_multicast, address.is_reserved, address.is_unspecified, address.is_loopback,
               address.is_link_local, address.is_private, isinstance(address, IPv6) and address.is_site_local)
    return address.is_global and not any(special)


def _inside(address: IPv6) -> Iterator[IPv4]:
    """IPv4 addresses that a packet may be handed on to."""
    if address in TEREDO:
        yield from address.teredo or ()
    for net, shift in CARRIES_IPV4:
        if address in net:
            yield IPv4((int(address) >> shift) & 0xFFFFFFFF)


@dataclass(frozen=True)
class Bounds:
    """Whom one connector may reach."""

    hosts: tuple[str, ...]
    private: bool = False
    """An admin says that these hosts stand inside: addresses of the own network will do."""

    def found(self, host: str, port: int) -> list[Found]:
        """Every way to this host, resolved once. Raises ForbiddenAddress, NotPublic, or what the resolver does."""
        if not listed(host, self.hosts):
            raise ForbiddenAddress(f"{host} is not one of {', '.join(self.hosts) or 'no hosts'}")
        ways: list[Any] = socket.getaddrinfo(host, port, socket.AF_UNSPEC, socket.SOCK_STREAM)
        for *_, address in ways:
            if not self._lets(host, _read(address[0])):
                log.warning("nothing is sent to %s: it leads to an address that is not on the internet", host)
                raise NotPublic(f"{host} leads to an address that is not on the internet")
        return [(family, kind, protocol, address) for family, kind, protocol, _, address in ways]

    def _lets(self, host: str, address: Address | None) -> bool:
        if address is None:
            return False
        if is_loopback(host):
            return address.is_loopback
        return is_public(address) or (self.private and any(address in net for net in OWN if net.version ==
                                                           address.version))

    def connected(self, host: str, port: int, timeout: Any, options: Iterable[Any] = ()) -> socket.socket:
        """A connection to the first address that takes one, of the first few. Raises as `found` does, or OSError."""
        failed: OSError = OSError(f"{host} has no address")
        for way in self.found(host, port)[:TRIED]:
            try:
                return dial(way, timeout, options)
            except OSError as error:
                failed = error
        raise failed


def dial(way: Found, timeout: Any, options: Iterable[Any]) -> socket.socket:
    """Connects to exactly this address. `timeout` in seconds; None waits for ever."""
    family, kind, protocol, address = way
    made = socket.socket(family, kind, protocol)
    try:
        for option in options:
            made.setsockopt(*option)
        if timeout is None or isinstance(timeout, int | float):
            made.settimeout(timeout)
        made.connect(address)
    except OSError:
        made.close()
        raise
    return made


def _read(said: str) -> Address | None:
    try:
        return ipaddress.ip_address(said.partition("%")[0])
    except ValueError:
        return None
