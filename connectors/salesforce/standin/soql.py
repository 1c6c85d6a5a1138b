"""A part of SOQL, parsed as Salesforce parses it (SOQL and SOSL Reference).

Fields, paths, sub-queries of children, aggregates, conditions, semi-joins, literals, order, limit. Mixing AND and OR
without parentheses is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache


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
    inner: Query | None = None
    """What a semi-join selects (IN or NOT IN)."""


@dataclass(frozen=True)
class Group:
    """Conditions joined by AND, OR, or negated (NOT, one part)."""

    joined: str
    parts: tuple[Condition, ...]


Condition = Test | Group
AGGREGATES = ("COUNT", "COUNT_DISTINCT", "MAX", "MIN", "SUM")


@dataclass(frozen=True)
class Aggregate:
    """COUNT(Id), MAX(CreatedDate) and their like; `alias` is expr0 and so on when none is given."""

    function: str
    path: str
    alias: str
    at: int


@dataclass
class Query:
    fields: list[tuple[str, int]]
    source: str
    source_at: int
    children: list[Query] = field(default_factory=list)
    aggregates: list[Aggregate] = field(default_factory=list)
    grouped: list[tuple[str, int]] = field(default_factory=list)
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


@lru_cache(maxsize=1000)
def parse(text: str) -> Query:
    """The same object for the same text: nobody changes it."""
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

    def query(self, *, inside: bool = False) -> Query:
        """One SELECT; `inside` ends at the bracket that closes it."""
        self.need("SELECT")
        made = Query([], "", 0)
        self.selected(made)
        self.need("FROM")
        source = self.name()
        made.source, made.source_at = source.text, source.at
        if self.word("WHERE"):
            made.where = self.condition()
        if self.word("GROUP"):
            self.need("BY")
            made.grouped = self.listed_names()
        if self.word("ORDER"):
            self.need("BY")
            made.order = self.ordered()
        made.limit = self.number() if self.word("LIMIT") else None
        made.offset = self.number() if self.word("OFFSET") else 0
        if inside:
            self.need(")")
        elif self.peek().kind != "end":
            raise self.unexpected()
        return made

    def selected(self, made: Query) -> None:
        if self.upcoming("COUNT", "(", ")"):
            self.place += 3
            made.count = True
            return
        while True:
            self.one_selected(made)
            if not self.word(","):
                return

    def one_selected(self, made: Query) -> None:
        if self.word("("):
            made.children.append(self.query(inside=True))
            return
        named = self.name()
        if named.text.upper() not in AGGREGATES or not self.word("("):
            made.fields.append((named.text, named.at))
            return
        path = self.name()
        self.need(")")
        alias = self.take().text if self.peek().kind == "word" and self.peek().text.upper() != "FROM" else \
            f"expr{len(made.aggregates)}"
        made.aggregates.append(Aggregate(named.text.upper(), path.text, alias, path.at))

    def upcoming(self, *wanted: str) -> bool:
        there = self.tokens[self.place: self.place + len(wanted)]
        return [token.text.upper() for token in there] == list(wanted)

    def listed_names(self) -> list[tuple[str, int]]:
        found = [self.name()]
        while self.word(","):
            found.append(self.name())
        return [(each.text, each.at) for each in found]

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
            return self.among(path, "NOT IN")
        if self.word("IN"):
            return self.among(path, "IN")
        if self.word("LIKE"):
            return Test(path.text, "LIKE", (self.value(),), path.at)
        for mark in ("=", "!=", "<>", "<=", ">=", "<", ">"):
            if self.word(mark):
                return Test(path.text, "!=" if mark == "<>" else mark, (self.value(),), path.at)
        raise self.unexpected()

    def among(self, path: Token, operator: str) -> Test:
        self.need("(")
        if self.upcoming("SELECT"):
            return Test(path.text, operator, (), path.at, self.query(inside=True))
        values = [self.value()]
        while self.word(","):
            values.append(self.value())
        self.need(")")
        return Test(path.text, operator, tuple(values), path.at)

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
