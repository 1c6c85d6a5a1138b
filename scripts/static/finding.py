"""A place that a tool points at, and the comments beside the code that say why a finding is none."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

PRODUCT = ("agent", "connectors", "webhooks", "scripts", "manifests")
SEEN = (".py", ".js", ".html")
FEWEST_WORDS = 2
COMMENT = re.compile(r"(?:#|//|<!--)\s*(?P<kind>noqa|nosec|nosemgrep|zizmor)\b(?P<told>[^#]*(?:#[^#]*)?)")
CODES = {
    "noqa": re.compile(r"[A-Z]+[0-9]+"),
    "nosec": re.compile(r"B[0-9]{3}"),
    "nosemgrep": re.compile(r"[a-z]+(?:-[a-z]+)+"),
    "zizmor": re.compile(r"[a-z]+(?:-[a-z]+)+"),
}
OPENS = re.compile(r"^\s*:?\s*(?:ignore\[)?\s*")
BETWEEN = re.compile(r"\s*,\s*")
REASONED = ("S", "BLE", "DTZ")
"""Of ruff's rules, those whose exceptions need a reason: security, blind excepts, and clocks without a zone."""


@dataclass(frozen=True)
class Finding:
    """One place that a tool points at, from the first to the last line of its statement, and what may excuse it."""

    path: str
    line: int
    last: int
    rule: str
    words: str
    known_as: frozenset[str]

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.rule}: {self.words}"


@dataclass(frozen=True)
class Excuse:
    """A comment that lets something pass: which rules, and why."""

    path: str
    line: int
    kind: str
    rules: frozenset[str]
    reason: str

    @property
    def needs_a_reason(self) -> bool:
        return self.kind != "noqa" or not self.rules or any(rule.startswith(REASONED) for rule in self.rules)

    @property
    def has_a_reason(self) -> bool:
        return bool(self.rules) and len(self.reason.split()) >= FEWEST_WORDS


class Excuses:
    """All comments of the product, workflows included, that let something pass."""

    def __init__(self, root: Path, folders: Sequence[str] = PRODUCT) -> None:
        self.root, self.folders = root, folders

    @cached_property
    def all(self) -> Sequence[Excuse]:
        found = [one for path in files(self.root, self.folders) for one in excuses_of(path, self.root)]
        return found + [one for path in workflows(self.root) for one in excuses_of(path, self.root)]

    @cached_property
    def _by_path(self) -> Mapping[str, Sequence[Excuse]]:
        return {path: [one for one in self.all if one.path == path] for path in {one.path for one in self.all}}

    def of(self, finding: Finding) -> Excuse | None:
        """The comment within the finding's lines that names its rule."""
        return next((one for one in self._by_path.get(finding.path, ())
                     if finding.line <= one.line <= finding.last and one.rules & finding.known_as), None)

    def unsaid(self) -> Iterator[Excuse]:
        return (one for one in self.all if one.needs_a_reason and not one.has_a_reason)


def files(root: Path, folders: Iterable[str] = PRODUCT, kinds: Sequence[str] = SEEN) -> list[Path]:
    return sorted(path for folder in folders for path in (root / folder).rglob("*")
                  if path.suffix in kinds and path.is_file() and "node_modules" not in path.parts)


def workflows(root: Path) -> list[Path]:
    return sorted((root / ".github" / "workflows").glob("*.y*ml"))


def excuses_of(path: Path, root: Path) -> Iterator[Excuse]:
    name, text = str(path.relative_to(root)), path.read_text()
    for line, comment, code in _comments(path, text):
        for told in COMMENT.finditer(comment):
            rules, reason = _read(told["kind"], told["told"])
            yield Excuse(name, line, told["kind"], rules, reason or _said_by_assert(code))


def _comments(path: Path, text: str) -> Iterator[tuple[int, str, str]]:
    if path.suffix == ".py":
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT:
                yield token.start[0], token.string, token.line
    else:
        for number, line in enumerate(text.splitlines(), 1):
            yield number, line, ""


def _read(kind: str, told: str) -> tuple[frozenset[str], str]:
    """Its rules first, apart by commas, then the reason."""
    rules, rest = [], told[OPENS.match(told).end():]  # type: ignore[union-attr]
    while one := CODES[kind].match(rest):
        rules.append(one[0])
        rest = rest[one.end():]
        comma = BETWEEN.match(rest)
        if comma is None:
            break
        rest = rest[comma.end():]
    return frozenset(rules), rest.strip(" -#:]\t>")


def _said_by_assert(code: str) -> str:
    """What an assertion says when it fails is its reason."""
    said = re.match(r"\s*assert .*, \"(.+)\"", code)
    return said[1] if said else ""
