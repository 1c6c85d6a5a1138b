"""A part of SOQL, parsed as Salesforce parses it: conditions, literals, order, limit (SOQL and SOSL Reference).

Mixing AND and OR without parentheses is refused, text compares without case, ids with it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any


class Malformed(Exception):
    """The query does not parse: errorCode MALFORMED_QUERY."""

    def __init__(self, message: str, at: int, code: str = "MALFORMED_QUERY") -> None:
        super().__init__(message)
        self.message, self.at, self.code = message, at, code

    def worded(self, text: str) -> str:
        """The message with the place, as Salesforce draws it."""
        return f"\n{text}\n{' ' * self.at}^\nERROR at Row:1:Column:{self.at + 1}\n{self.message}"


TOKEN = re.compile(r"""\s*(?:
    (?P<string>'(?:[^'\\]|\\.)*')
  | (?P<datetime>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d))
  | (?P<date>\d{4}-\d\d-\d\d)
  | (?P<number>[+-]?\d+(?:\.\d+)?)
  | (?P<word>[A-Za-z_][\w.]*(?::\d+)?)
  | (?P<mark><=|>=|!=|<>|[=<>(),])
)""", re.VERBOSE | re.DOTALL)
ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", '"': '"', "'": "'", "\\": "\\", "%": "%", "_": "_"}


@dataclass(frozen=True)
class Token:
    kind: str
    text: str
    at: int


@dataclass(frozen=True)
class Value:
    """A literal: `kind` string, number, boolean, null, date, datetime or range (a named date literal)."""

    kind: str
    raw: str
    at: int


@dataclass(frozen=True)
class Test:
    """One comparison of a field path with one value, or with several for IN."""

    path: str
    operator: str
    values: tuple[Value, ...]
    at: int


@dataclass(frozen=True)
class Group:
    """Conditions joined by AND, OR, or negated (NOT, one part)."""

    joined: str
    parts: tuple[Condition, ...]


Condition = Test | Group


@dataclass
class Query:
    fields: list[tuple[str, int]]
    source: str
    source_at: int
    where: Condition | None = None
    order: list[tuple[str, bool, bool]] = field(default_factory=list)  # path, descending, nulls first
    limit: int | None = None
    offset: int = 0
    count: bool = False


def tokens(text: str) -> list[Token]:
    found, at = [], 0
    while text[at:].strip():
        match = TOKEN.match(text, at)
        if not match or match.lastgroup is None:
            start = at + len(text[at:]) - len(text[at:].lstrip())
            raise Malformed(f"unexpected token: '{text[start]}'", start)
        found.append(Token(match.lastgroup, match[match.lastgroup], match.start(match.lastgroup)))
        at = match.end()
    return found


def parse(text: str) -> Query:
    return _Parser(text).query()


class _Parser:
    def __init__(self, text: str) -> None:
        self.tokens, self.place, self.end = tokens(text), 0, len(text)

    def peek(self) -> Token:
        return self.tokens[self.place] if self.place < len(self.tokens) else Token("end", "<EOF>", self.end)

    def take(self) -> Token:
        token = self.peek()
        self.place += 1
        return token

    def word(self, *wanted: str) -> bool:
        """Takes the next token when it is one of these words."""
        if self.peek().kind in ("word", "mark") and self.peek().text.upper() in wanted:
            self.place += 1
            return True
        return False

    def need(self, wanted: str) -> None:
        if not self.word(wanted):
            raise self.unexpected()

    def unexpected(self) -> Malformed:
        return Malformed(f"unexpected token: '{self.peek().text}'", self.peek().at)

    def name(self) -> Token:
        if self.peek().kind != "word":
            raise self.unexpected()
        return self.take()

    def query(self) -> Query:
        self.need("SELECT")
        count, fields = self.selected()
        self.need("FROM")
        source = self.name()
        made = Query(fields, source.text, source.at, count=count)
        if self.word("WHERE"):
            made.where = self.condition()
        if self.word("ORDER"):
            self.need("BY")
            made.order = self.ordered()
        made.limit = self.number() if self.word("LIMIT") else None
        made.offset = self.number() if self.word("OFFSET") else 0
        if self.peek().kind != "end":
            raise self.unexpected()
        return made

    def selected(self) -> tuple[bool, list[tuple[str, int]]]:
        first = self.name()
        if first.text.upper() == "COUNT" and self.word("("):
            self.need(")")
            return True, []
        fields = [(first.text, first.at)]
        while self.word(","):
            each = self.name()
            fields.append((each.text, each.at))
        return False, fields

    def ordered(self) -> list[tuple[str, bool, bool]]:
        order = []
        while True:
            path = self.name().text
            descending = self.word("DESC")
            if not descending:
                self.word("ASC")
            nulls_first = not descending
            if self.word("NULLS"):
                nulls_first = self.word("FIRST")
                if not nulls_first:
                    self.need("LAST")
            order.append((path, descending, nulls_first))
            if not self.word(","):
                return order

    def number(self) -> int:
        token = self.take()
        if token.kind != "number" or not token.text.isdigit():
            raise Malformed(f"unexpected token: '{token.text}'", token.at)
        return int(token.text)

    def condition(self) -> Condition:
        parts = [self.single()]
        joined = ""
        while self.peek().kind == "word" and self.peek().text.upper() in ("AND", "OR"):
            word = self.peek().text.upper()
            if joined and word != joined:
                raise self.unexpected()
            joined = word
            self.take()
            parts.append(self.single())
        return Group(joined, tuple(parts)) if joined else parts[0]

    def single(self) -> Condition:
        if self.word("NOT"):
            return Group("NOT", (self.single(),))
        if self.word("("):
            inside = self.condition()
            self.need(")")
            return inside
        return self.test()

    def test(self) -> Test:
        path = self.name()
        if self.word("NOT"):
            self.need("IN")
            return Test(path.text, "NOT IN", self.listed(), path.at)
        if self.word("IN"):
            return Test(path.text, "IN", self.listed(), path.at)
        if self.word("LIKE"):
            return Test(path.text, "LIKE", (self.value(),), path.at)
        for mark in ("=", "!=", "<>", "<=", ">=", "<", ">"):
            if self.word(mark):
                return Test(path.text, "!=" if mark == "<>" else mark, (self.value(),), path.at)
        raise self.unexpected()

    def listed(self) -> tuple[Value, ...]:
        self.need("(")
        values = [self.value()]
        while self.word(","):
            values.append(self.value())
        self.need(")")
        return tuple(values)

    def value(self) -> Value:
        token = self.take()
        if token.kind == "string":
            return Value("string", token.text[1:-1], token.at)
        if token.kind in ("number", "date", "datetime"):
            return Value(token.kind, token.text, token.at)
        upper = token.text.upper()
        if upper in ("TRUE", "FALSE"):
            return Value("boolean", upper, token.at)
        if upper == "NULL":
            return Value("null", "", token.at)
        if token.kind == "word" and re.fullmatch(r"TODAY|YESTERDAY|TOMORROW|(LAST|NEXT)_N_DAYS:\d+", upper):
            return Value("range", upper, token.at)
        raise Malformed(f"unexpected token: '{token.text}'", token.at)


def unescaped(raw: str, at: int) -> str:
    """The text of a quoted string; an unknown escape is refused (Quoted String Escape Sequences)."""
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
    return _ordered(test.operator, _sortable(actual), _bound(test.operator, value, now))


def _equal(value: Value, kind: str, actual: Any, now: datetime, id18: Callable[[str], str]) -> bool:
    if value.kind == "null" or actual is None:
        return value.kind == "null" and actual is None
    if value.kind == "range":
        start, end = day_range(value.raw, now)
        return bool(start <= _sortable(actual) < end)
    plain = literal(value)
    if kind in ("id", "reference"):
        return bool(id18(plain) == actual)
    return bool(_sortable(plain) == _sortable(actual))


def _bound(operator: str, value: Value, now: datetime) -> Any:
    if value.kind != "range":
        return _sortable(literal(value))
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


def _sortable(value: Any) -> Any:
    if isinstance(value, str):
        return value.casefold()
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime.combine(value, time(), UTC)
    return value


def _ordered(operator: str, left: Any, right: Any) -> bool:
    return bool({"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[operator])
