"""What is planted: secrets of every kind, and card numbers everywhere a person or a vendor can write one."""

from __future__ import annotations

import base64
import json
import random
import re
import string
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import ceil
from urllib.parse import quote

CODE = "917"
"""A security code. So short that it is only looked for where it is called one, in texts."""
ENOUGH_OF_BASE64 = 8
"""Characters; fewer stand in other things by chance."""
_CALLED_A_CODE = re.compile(rb"(?i)(?:cvv2?|cvc2?|security code|pr\xc3\xbcfnummer)\W{0,4}" + CODE.encode())


@dataclass(frozen=True)
class Canary:
    """Something that must be found nowhere, and how it may be written."""

    name: str
    value: str
    is_card: bool = False
    is_personal: bool = False
    """People write it as they like: in small letters or capitals, and a number with anything between its digits."""

    def forms(self) -> frozenset[bytes]:
        """Every writing that is looked for; none of it is taken from the product."""
        if self.is_personal:
            return frozenset(_personal(self.value))
        plain = [self.value]
        if self.is_card:
            groups = [self.value[at : at + 4] for at in range(0, len(self.value), 4)]
            plain += [between.join(groups) for between in (" ", "-", ".", "\u00a0", "%20", "+")]
            plain.append("".join(chr(0xFF10 + int(digit)) for digit in self.value))
        else:
            plain += [quote(self.value, safe=""), json.dumps(self.value)[1:-1], self.value[::-1]]
        found = {one.encode() for one in plain}
        raw = self.value.encode()
        found |= {raw.hex().encode(), raw.hex().upper().encode(), self.value.encode("utf-16-le")}
        found |= {_encoded(raw, shift, altchars) for shift in range(3) for altchars in (b"+/", b"-_")}
        if not self.is_card and len(self.value) > 24:
            found |= {raw[:20], raw[-20:]}
        return frozenset(found)


def _personal(value: str) -> Iterator[bytes]:
    """In small letters, as what is looked through is read; but base64, which knows none, as people write it."""
    small = value.lower()
    yield from (small.encode(), json.dumps(small)[1:-1].encode(), small.encode("utf-16-le"),
                quote(small, safe="").lower().encode(), small.encode().hex().encode(), value.encode().hex().encode())
    coded = (_encoded(one.encode(), shift, altchars) for one in (value, small, value.upper()) for shift in range(3)
             for altchars in (b"+/", b"-_"))
    yield from (one for one in coded if len(one) >= ENOUGH_OF_BASE64)


def _encoded(raw: bytes, shift: int, altchars: bytes) -> bytes:
    """The characters of its base64 that nothing around it changes."""
    whole = base64.b64encode(b"\0" * shift + raw, altchars)
    return whole[ceil(shift * 8 / 6) : (shift + len(raw)) * 8 // 6]


class Search:
    """Looks for all canaries in whatever it is given."""

    def __init__(self, canaries: Iterable[Canary]) -> None:
        self._forms: dict[bytes, str] = {}
        self._small: dict[bytes, str] = {}
        self._numbers: dict[re.Pattern[bytes], str] = {}
        for one in canaries:
            for form in one.forms():
                (self._small if one.is_personal and form == form.lower() else self._forms)[form] = one.name
            if one.is_personal and one.value.isdigit():
                self._numbers[re.compile(rb"[ ()./-]{0,3}".join(one.value.encode()[at:at + 1] for at in range(
                    len(one.value))))] = one.name

    def of(self, held: bytes, *, text: bool = True) -> set[str]:
        """The names of what is in it; a security code only where it is text."""
        small = held.lower() if self._small else b""
        found = {name for form, name in self._forms.items() if form in held}
        found |= {name for form, name in self._small.items() if form in small}
        found |= {name for form, name in self._numbers.items() if form.search(held)}
        return found | ({"security code"} if text and _CALLED_A_CODE.search(held) else set())


class Drawing:
    """Draws values that nobody has by chance."""

    def __init__(self, seed: int) -> None:
        self._draw = random.Random(seed)

    def secret(self, begins: str = "", length: int = 40) -> str:
        return begins + "".join(self._draw.choice(string.ascii_letters + string.digits) for _ in range(length))

    def card(self) -> str:
        """A Visa number that passes every check."""
        begun = "4" + "".join(self._draw.choice(string.digits) for _ in range(14))
        doubled = sum(sum(divmod(int(one) * 2, 10)) for one in begun[0::2]) + sum(map(int, begun[1::2]))
        return f"{begun}{-doubled % 10}"


SETTINGS: Mapping[str, str] = {
    "DESKHAND_SECRET_KEY": "", "ZENDESK_API_TOKEN": "", "ZENDESK_WEBHOOK_SECRET": "", "STRIPE_API_KEY": "rk_test_",
    "STRIPE_WEBHOOK_SECRET": "whsec_", "SALESFORCE_CLIENT_SECRET": "", "SALESFORCE_OUTBOUND_TOKEN": "",
    "SALESFORCE_ADMIN_TOKEN": "00D000000000001!", "OPENAI_API_KEY": "sk-", "DESKHAND_DATABASE_PASSWORD": "",
}
"""Each secret of the settings, and how its vendor lets it begin. The last one stands in the database's address."""
CARDS = ("body", "subject", "name", "full-width digits", "later message", "tags between", "colleague comment",
         "payment description", "payment metadata", "contact phone", "quoted history", "ticket of nobody",
         "decline reason", "pause reason", "what is typed", "a command")


def planted(seed: int) -> dict[str, Canary]:
    """By name: all secrets of the settings, and a card for each place."""
    draw = Drawing(seed)
    made = {name: Canary(name, draw.secret(begins)) for name, begins in SETTINGS.items()}
    return made | {f"card in {place}": Canary(f"card in {place}", draw.card(), is_card=True) for place in CARDS}


MARKS: Mapping[str, str] = {
    "name": "Zebulonia Quarkwitz", "address": "zebulonia.q@customer.example", "phone": "+49 30 55512987",
    "words": "my grandmother's tortoise swallowed the receipt", "subject": "Tortoise trouble in Wanne-Eickel",
    "later words": "the tortoise is called Hannibal", "decline words": "nothing but trouble with that reptile",
}
"""What one customer says of themselves. Models, notes and colleagues may see it; nothing that is kept or logged may."""


def marks() -> list[Canary]:
    """Each as it is; and each name by itself, and the telephone number however its digits are written, with its
    country or without."""
    first, last = MARKS["name"].split()
    at_home = re.sub(r"\D", "", MARKS["phone"])[2:]
    told = {**MARKS, "first name": first, "last name": last, "number": at_home}
    return [Canary(f"{name} of a person", value, is_personal=True) for name, value in told.items()]
