"""What is planted: secrets of every kind, and card numbers everywhere a person or a vendor can write one."""

from __future__ import annotations

import base64
import json
import random
import re
import string
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import ceil
from urllib.parse import quote

CODE = "917"
"""A security code. So short that it is only looked for where it is called one, in texts."""
_CALLED_A_CODE = re.compile(rb"(?i)(?:cvv2?|cvc2?|security code|pr\xc3\xbcfnummer)\W{0,4}" + CODE.encode())


@dataclass(frozen=True)
class Canary:
    """Something that must be found nowhere, and how it may be written."""

    name: str
    value: str
    is_card: bool = False

    def forms(self) -> frozenset[bytes]:
        """Every writing that is looked for; none of it is taken from the product."""
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


def _encoded(raw: bytes, shift: int, altchars: bytes) -> bytes:
    """The characters of its base64 that nothing around it changes."""
    whole = base64.b64encode(b"\0" * shift + raw, altchars)
    return whole[ceil(shift * 8 / 6) : (shift + len(raw)) * 8 // 6]


class Search:
    """Looks for all canaries in whatever it is given."""

    def __init__(self, canaries: Iterable[Canary]) -> None:
        self._forms: Mapping[bytes, str] = {form: one.name for one in canaries for form in one.forms()}

    def of(self, held: bytes, *, text: bool = True) -> set[str]:
        """The names of what is in it; a security code only where it is text."""
        found = {name for form, name in self._forms.items() if form in held}
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
         "payment description", "payment metadata", "contact phone", "quoted history", "ticket of nobody")


def planted(seed: int) -> dict[str, Canary]:
    """By name: all secrets of the settings, and a card for each place."""
    draw = Drawing(seed)
    made = {name: Canary(name, draw.secret(begins)) for name, begins in SETTINGS.items()}
    return made | {f"card in {place}": Canary(f"card in {place}", draw.card(), is_card=True) for place in CARDS}


MARKS: Mapping[str, str] = {
    "name": "Zebulonia Quarkwitz", "address": "zebulonia.q@customer.example", "phone": "+49 30 55512987",
    "words": "my grandmother's tortoise swallowed the receipt", "subject": "Tortoise trouble in Wanne-Eickel",
    "later words": "the tortoise is called Hannibal",
}
"""What one customer says of themselves. Models, notes and colleagues may see it; nothing that is kept or logged may."""


def marks() -> list[Canary]:
    return [Canary(f"{name} of a person", value) for name, value in MARKS.items()]
