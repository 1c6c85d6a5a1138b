"""Order numbers in what a customer wrote, by the admin's pattern."""

from __future__ import annotations

import re


def order_numbers(text: str, pattern: str) -> tuple[str, ...]:
    """All different matches in reading order: the pattern's first group where it has one, else the whole match."""
    found = (match.group(match.re.groups and 1) for match in re.finditer(pattern, text))
    return tuple(dict.fromkeys(number for number in found if number))


def order_number(text: str, pattern: str) -> str | None:
    """The one order number in the text; None where there is none or more than one."""
    numbers = order_numbers(text, pattern)
    return numbers[0] if len(numbers) == 1 else None
