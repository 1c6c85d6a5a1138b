"""Ids and times as Salesforce writes them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def checksum(id15: str) -> str:
    """The three characters that make a 15-character id safe where case is lost ("ID Field Type")."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
    chunks = (id15[i: i + 5] for i in (0, 5, 10))
    return "".join(letters[sum(1 << i for i, c in enumerate(chunk) if "A" <= c <= "Z")] for chunk in chunks)


def id18(given: str) -> str:
    """The 18-character form of an id; text that is no id comes back as it is."""
    return given + checksum(given) if re.fullmatch(r"[0-9A-Za-z]{15}", given) else given


def is_id(given: str) -> bool:
    return re.fullmatch(r"[0-9A-Za-z]{18}", given) is not None and checksum(given[:15]) == given[15:]


def numbered(prefix: str, number: int) -> str:
    """The id of the so manyth row of an object."""
    digits = ""
    while number:
        number, rest = divmod(number, 62)
        digits = ALPHABET[rest] + digits
    plain = f"{prefix}5e{digits.rjust(10, '0')}"
    return plain + checksum(plain)


def stamp(at: datetime) -> datetime:
    """Salesforce keeps whole seconds."""
    return at.astimezone(UTC).replace(microsecond=0)


def moment(given: Any, now: datetime) -> datetime:
    """A time of a world: ISO text, or an offset from now such as "-2d", "-90m", "-10s"."""
    if isinstance(given, datetime):
        return stamp(given)
    offset = re.fullmatch(r"([+-]?\d+)([smhd])", str(given))
    if offset:
        unit = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}[offset[2]]
        return stamp(now + timedelta(**{unit: int(offset[1])}))
    at = datetime.fromisoformat(str(given).replace("+0000", "+00:00"))
    return stamp(at if at.tzinfo else at.replace(tzinfo=UTC))


def spoken(value: Any) -> Any:
    """A value as the REST API writes it."""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S.000+0000")
    return value.isoformat() if isinstance(value, date) else value
