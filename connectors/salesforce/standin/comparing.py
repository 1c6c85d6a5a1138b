"""Comparing a row's value with what a query asks for; text compares without case, ids with it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from connectors.salesforce.standin.soql import Malformed, Test, Value

ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", '"': '"', "'": "'", "\\": "\\", "%": "%", "_": "_"}


def unescaped(raw: str, at: int) -> str:
    """The text of a quoted string; an unknown escape is refused (Quoted String Escape Sequences)."""
    if "\\" not in raw:
        return raw
    out, place = [], 0
    while place < len(raw):
        if raw[place] != "\\":
            out.append(raw[place])
            place += 1
            continue
        kind = raw[place + 1]
        if kind == "u":
            out.append(chr(int(raw[place + 2: place + 6], 16)))
            place += 6
            continue
        if kind not in ESCAPES:
            raise Malformed(f"invalid string literal '{raw}'. Illegal character sequence '\\{kind}' in string "
                            "literal", at)
        out.append(ESCAPES[kind])
        place += 2
    return "".join(out)


def like(raw: str, at: int) -> re.Pattern[str]:
    """A LIKE pattern: `%` any text, `_` one character, both literal behind a backslash; no case."""
    out = []
    for piece in re.findall(r"\\.|[^\\]", raw, re.DOTALL):
        if piece == "%":
            out.append(".*")
        elif piece == "_":
            out.append(".")
        else:
            out.append(re.escape(unescaped(piece, at)))
    return re.compile("".join(out), re.IGNORECASE | re.DOTALL)


def day_range(literal: str, now: datetime) -> tuple[datetime, datetime]:
    """Start and end (exclusive) of a named date literal, in UTC (Date Formats and Date Literals)."""
    today = datetime.combine(now.astimezone(UTC).date(), time(), UTC)
    one = timedelta(days=1)
    name, _, count = literal.partition(":")
    spans: dict[str, Callable[[int], tuple[datetime, datetime]]] = {
        "TODAY": lambda _: (today, today + one), "YESTERDAY": lambda _: (today - one, today),
        "TOMORROW": lambda _: (today + one, today + 2 * one),
        "LAST_N_DAYS": lambda n: (today - n * one, today + one),
        "NEXT_N_DAYS": lambda n: (today + one, today + (n + 1) * one)}
    return spans[name](int(count or 0))


TYPES = {"string": "string", "number": "double", "boolean": "boolean", "date": "date", "datetime": "dateTime"}


def checked(test: Test, kind: str) -> None:
    """Refuses a literal that does not fit the field's type, as Salesforce does with INVALID_FIELD."""
    wanted = {"boolean": ("boolean",), "double": ("number",), "int": ("number",), "datetime": ("datetime", "range"),
              "date": ("date", "range")}.get(kind, ("string",))
    for value in test.values:
        if value.kind != "null" and value.kind not in wanted:
            quoted = " and should be enclosed in quotes" if wanted == ("string",) else \
                " and should not be enclosed in quotes"
            raise Malformed(f"value of filter criterion for field '{test.path}' must be of type "
                            f"{TYPES.get(wanted[0], wanted[0])}{quoted}", test.at, "INVALID_FIELD")
    if test.operator == "LIKE" and wanted != ("string",):
        raise Malformed("invalid operator", test.at, "INVALID_QUERY_FILTER_OPERATOR")


def matches(test: Test, kind: str, actual: Any, now: datetime, id18: Callable[[str], str]) -> bool:
    """Whether the field's value meets the comparison."""
    if test.operator in ("IN", "NOT IN"):
        among = any(_equal(value, kind, actual, now, id18) for value in test.values)
        return among == (test.operator == "IN")
    value = test.values[0]
    if test.operator in ("=", "!="):
        return _equal(value, kind, actual, now, id18) == (test.operator == "=")
    if actual is None or value.kind == "null":
        return False
    if test.operator == "LIKE":
        return like(value.raw, value.at).fullmatch(str(actual)) is not None
    return _ordered(test.operator, sortable(actual), _bound(test.operator, value, now))


def _equal(value: Value, kind: str, actual: Any, now: datetime, id18: Callable[[str], str]) -> bool:
    if value.kind == "null" or actual is None:
        return value.kind == "null" and actual is None
    if value.kind == "range":
        start, end = day_range(value.raw, now)
        return bool(start <= sortable(actual) < end)
    plain = literal(value)
    if kind in ("id", "reference"):
        return bool(id18(plain) == actual)
    return bool(sortable(plain) == sortable(actual))


def _bound(operator: str, value: Value, now: datetime) -> Any:
    if value.kind != "range":
        return sortable(literal(value))
    start, end = day_range(value.raw, now)
    return start if operator in (">=", "<") else end - timedelta(microseconds=1)


def literal(value: Value) -> Any:
    if value.kind == "string":
        return unescaped(value.raw, value.at)
    if value.kind == "number":
        return float(value.raw)
    if value.kind == "boolean":
        return value.raw == "TRUE"
    return datetime.fromisoformat(value.raw) if value.kind == "datetime" else date.fromisoformat(value.raw)


def sortable(value: Any) -> Any:
    if isinstance(value, str):
        return value.casefold()
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime.combine(value, time(), UTC)
    return value


def _ordered(operator: str, left: Any, right: Any) -> bool:
    return bool({"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[operator])
