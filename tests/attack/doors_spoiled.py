"""What may be done to any signed delivery, whoever sends it."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from random import Random

from tests.attack.doors_wire import Asked

LOOKALIKES = str.maketrans("0123456789abcdefTZ=,.", "０１２３４５６７８９аЬсdеfТZ＝，．")


@dataclass(frozen=True)
class Vendor:
    """How one vendor delivers, and what only its deliveries can be spoiled by."""

    name: str
    genuine: Callable[[int, datetime], Asked]
    """The delivery with this number, rightly signed at this moment."""
    signs: tuple[str, ...]
    """The headers that a signature is made of, the signature last."""
    own: tuple[Callable[[Asked, int, datetime, Random], Asked], ...]
    authentic: Callable[[Asked, Asked], bool]
    """Whether a mutation says, by our own reading, nothing but what the genuine one did."""
    common: bool = True


def flipped(raw: bytes, chance: Random) -> bytes:
    at = chance.randrange(len(raw))
    return raw[:at] + bytes([raw[at] ^ 1 << chance.randrange(8)]) + raw[at + 1:]


def _cut(raw: bytes, chance: Random) -> bytes:
    return raw[:chance.randrange(len(raw))]


def _dropped(raw: bytes, chance: Random) -> bytes:
    at = chance.randrange(len(raw))
    return raw[:at] + raw[at + 1:]


def _added(raw: bytes, chance: Random) -> bytes:
    at = chance.randrange(len(raw) + 1)
    more = chance.choice((b" ", b"\n", b"\0", b"\r\n", b"{", b"}", b",", b"\xff", b"\xe2\x80\x8b"))
    return raw[:at] + more + raw[at:]


def _moved(raw: bytes, chance: Random) -> bytes:
    at = chance.randrange(1, len(raw))
    return raw[at:] + raw[:at]


BODIES: tuple[Callable[[bytes, Random], bytes], ...] = (
    flipped, flipped, flipped, _cut, _dropped, _added, _moved, lambda raw, _: raw + raw, lambda raw, _: b"",
    lambda raw, _: b"\xef\xbb\xbf" + raw, lambda raw, _: raw.decode().encode("utf-16"), lambda raw, _: raw[::-1],
    lambda raw, _: gzip.compress(raw, mtime=0), lambda raw, _: raw.swapcase(), lambda raw, _: raw + b" ",
    lambda raw, chance: raw.replace(b"1", str(chance.randrange(2, 10)).encode(), 1),
    lambda raw, _: raw.replace(b":", b" :", 1), lambda raw, _: raw[:-1] + b',"id":"x"}' if raw else b"x")


def _character(said: str, chance: Random) -> str:
    at = chance.randrange(len(said)) if said else 0
    return said[:at] + chance.choice("0123456789abcdefABCXYZ+/=-_ ,.\n\r\0\té\u202e") + said[at + 1:]


SAID: tuple[Callable[[str, Random], str], ...] = (
    _character, _character, _character, lambda said, _: "", lambda said, _: said + said, lambda said, _: said[::-1],
    lambda said, chance: said[:chance.randrange(len(said) or 1)], lambda said, _: said.translate(LOOKALIKES),
    lambda said, _: said.upper(), lambda said, _: said.lower(), lambda said, _: said.swapcase(),
    lambda said, _: f'"{said}"', lambda said, _: f"sha256={said}", lambda said, _: f"v1={said}",
    lambda said, _: f"v0={said}", lambda said, _: f"HMAC-SHA256 {said}", lambda said, _: f"none,{said}x",
    lambda said, _: said.rstrip("=") + "x", lambda said, _: said.replace("+", "-").replace("/", "_") + "=",
    lambda said, chance: f"{said}{chance.randrange(10)}", lambda said, _: "null", lambda said, _: "undefined",
    lambda said, _: "[object Object]", lambda said, _: "x" * 9000, lambda said, _: said + ";" + said,
    lambda said, _: base64.b64encode(said.encode()).decode(), lambda said, _: said.encode().hex())


def spoiled(good: Asked, other: Asked, vendor: Vendor, chance: Random) -> Asked:
    """The body, a header, or how they belong together is another."""
    name = chance.choice(vendor.signs)
    way = chance.randrange(12)
    if way < 4:
        return replace(good, body=chance.choice(BODIES)(good.body, chance))
    if way < 8:
        return good.saying(name, chance.choice(SAID)(good.headers[name], chance))
    if way == 8:
        return good.without(name)
    if way == 9:
        return good.saying(name, other.headers[name]) if chance.random() < 0.5 else replace(good, body=other.body)
    if way == 10:  # a server joins what stands twice
        false = chance.choice(SAID)(good.headers[name], chance)
        both = [good.headers[name], false] if chance.random() < 0.5 else [false, good.headers[name]]
        return good.saying(name, ", ".join(both))
    hidden = f"{name}={good.headers[name]}"
    return chance.choice((replace(good.without(name), query=hidden), good.without(name).saying("Cookie", hidden),
                          good.without(name).saying(f"X-Original-{name}", good.headers[name]),
                          good.without(name).saying("Authorization", f"Bearer {good.headers[name]}")))
