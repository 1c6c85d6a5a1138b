"""The one door through which logs, errors and traces leave: what is secret, or a person's, stays inside.

Secrets are known by value, in every writing in which they may turn up, and by their shape. `install` stands the door in
front of all that this process writes to its log and to standard error, whichever library writes it.
"""

from __future__ import annotations

import base64
import html
import json
import logging
import re
import sys
import threading
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any
from urllib.parse import quote, quote_plus, unquote

Mask = Callable[[str], str]

HIDDEN = "(secret)"
SHORTEST = 6
"""Characters from which a value is taken for a secret: shorter ones stand in every other line by chance."""
LONGEST = 20_000
"""Characters of one record; the rest is cut off."""
QUIET = frozenset(("zenpy", "simple_salesforce", "stripe", "openai", "httpx", "httpx2", "httpcore", "httpcore2",
                   "urllib3", "requests", "sqlalchemy"))
"""Libraries whose words below WARNING hold bodies, questions, queries or rows, so that they are not written."""
OURS = frozenset(("agent", "connectors", "webhooks", "scripts"))
"""Packages whose errors say what to do; the words of any other error may be what a customer wrote."""

_SECRET_NAMES = re.compile(r"SECRET|TOKEN|PASSW|DATABASE_URL|(?<!PUBLIC)_KEY\b")
_PASSWORD = re.compile(r"://[^\s:/@]*:([^\s@]+)@")


class Known:
    """The secrets of this process, in all their writings, the longest first."""

    def __init__(self) -> None:
        self._secrets: set[str] = set()
        self._writings: tuple[str, ...] = ()
        self._learning = threading.Lock()

    def learn(self, secrets: Iterable[str]) -> None:
        """From now on none of these values is written."""
        with self._learning:
            new = {one for secret in secrets for one in _parts(secret) if len(one) >= SHORTEST} - self._secrets
            if new:
                self._secrets |= new
                made = {writing for one in self._secrets for writing in writings(one)}
                self._writings = tuple(sorted(made, key=lambda one: (-len(one), one)))

    def hide(self, text: str) -> str:
        """The text without any of them."""
        for writing in self._writings:
            if writing in text:
                text = text.replace(writing, HIDDEN)
        return text


KNOWN = Known()


def learn_settings(environment: Mapping[str, str]) -> None:
    """Every variable whose name says that it is a secret; of a database's address the password."""
    KNOWN.learn(value for name, value in environment.items() if is_secret(name))


def is_secret(name: str) -> bool:
    """Whether a variable of this name holds a secret."""
    return _SECRET_NAMES.search(name.upper()) is not None


def _parts(secret: str) -> Iterator[str]:
    """What of a setting is secret: each of two values during a rotation, each line of a key, an address's password."""
    if "://" in secret:
        for password in _PASSWORD.findall(secret):
            yield from (password, unquote(password))
        return
    yield secret.strip()
    if "PRIVATE KEY" in secret:
        yield from (line for line in re.split(r"\s+|\\n", secret) if len(line) >= 24)
    elif "," in secret:
        yield from (one.strip() for one in secret.split(","))


def writings(secret: str) -> set[str]:
    """The value as it stands, and as URLs, JSON, Python, HTML, hexadecimal and base64 (at any place in it) write it."""
    raw = secret.encode("utf-8", "surrogatepass")
    escaped = {quote(raw, safe=""), quote(raw), quote_plus(raw), quote(raw, safe="!*'()"),
               json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1], repr(secret)[1:-1],
               json.dumps(json.dumps(secret))[3:-3], html.escape(secret), raw.hex(), raw.hex().upper()}
    escaped |= {re.sub(r"%[0-9A-F]{2}", lambda found: found[0].lower(), one) for one in escaped}
    encoded = {one for shift in range(3) for one in _base64(raw, shift)}
    return {one for one in (secret, *escaped, *encoded) if len(one) >= SHORTEST}


def _base64(raw: bytes, shift: int) -> Iterator[str]:
    """The characters that this value alone decides, when `shift` bytes stand before it."""
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        yield encode(b"\0" * shift + raw).decode()[ceil(shift * 8 / 6) : (shift + len(raw)) * 8 // 6]


_NAMED = r"(?:passw(?:or)?d|secret|api[_-]?key|token|assertion|authorization|signature|cookie|session[_-]?id|sid)"
_NAMES = ("passw", "secret", "key", "token", "assertion", "authorization", "signature", "cookie", "sid", "session")


@dataclass(frozen=True)
class _Shape:
    hints: tuple[str, ...]
    """Without any of them, in lower case, the pattern is not tried."""
    pattern: re.Pattern[str]
    instead: str = HIDDEN


_SHAPES = (
    _Shape(("-----begin",), re.compile(r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----"
                                       r"(?:.*?-----END [A-Z ]{0,30}PRIVATE KEY-----|.*)", re.DOTALL)),
    _Shape(("eyj",), re.compile(r"(?<![\w-])eyJ[\w-]{8,4000}\.[\w-]{4,4000}(?:\.[\w-]*)?")),
    _Shape(("_live_", "_test_", "whsec_"), re.compile(r"\b(?:[srp]k_(?:test|live)_\w{4,}|whsec_[\w+/=-]{4,})")),
    _Shape(("sk-",), re.compile(r"\bsk-[\w-]{16,}")),
    _Shape(("00d",), re.compile(r"\b00D\w{12,15}![\w.]{16,}")),
    _Shape(("bearer",), re.compile(r"\b(bearer[ \t]{1,9})[\w.~+/=!-]{6,}", re.IGNORECASE), rf"\1{HIDDEN}"),
    _Shape(("basic",), re.compile(r"\b(basic[ \t]{1,9})(?=[a-z+/]*[\d=A-Z])[A-Za-z0-9+/]{6,}={0,2}"), rf"\1{HIDDEN}"),
    _Shape(("basic",), re.compile(r"\b(Basic[ \t]{1,9})[A-Za-z0-9+/]{6,}={0,2}"), rf"\1{HIDDEN}"),
    _Shape(("://",), re.compile(r"(://[^\s:/@]{0,100}:)[^\s@]{1,200}(?=@)"), rf"\1{HIDDEN}"),
    _Shape(_NAMES, re.compile(rf"""(["'][\w-]{{0,40}}{_NAMED}(?:_key)?["']\s{{0,3}}:\s{{0,3}})"""
                              r"""(?:"[^"]*"|b?'[^']*')""", re.IGNORECASE), rf'\1"{HIDDEN}"'),
    _Shape(_NAMES, re.compile(rf"({_NAMED}(?:_key)?=)(?:\"[^\"]*\"|'[^']*'|[^\s,;&\"')}}]{{4,}})", re.IGNORECASE),
           rf"\1{HIDDEN}"),
    _Shape(("authorization:", "cookie:", "-signature:"),
           re.compile(r"((?:authorization|cookie|-signature): ?)[^\r\n]+", re.IGNORECASE), rf"\1{HIDDEN}"),
    _Shape(("/confirm/",), re.compile(r"(/confirm/)[\w-]{16,}"), rf"\1{HIDDEN}"),
)

_ADDRESS = re.compile(r"(?:[^\s@<>()\[\]:;,\"'=?&/%]|%(?:2B|5F)){1,64}(?:@|%40)[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}",
                      re.IGNORECASE)
_PHONE = re.compile(
    r"(?<![\w.:+-])(?:(?:\+|00)[1-9](?:[ ()./-]{0,3}\d){6,14}|\(?0[1-9]\d{1,4}\)?[ /-]{1,3}\d{3,}(?:[ -]\d{2,}){0,4}"
    r"|\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4})(?![\w:])")


def without_secrets(text: str) -> str:
    """The text without what opens anything: values of the settings, and whatever looks like a key, token or login."""
    text = KNOWN.hide(text)
    lower = text.lower()
    for shape in _SHAPES:
        if any(hint in lower for hint in shape.hints):
            text = shape.pattern.sub(shape.instead, text)
    return text


def clean(text: str, masks: Sequence[Mask] = ()) -> str:
    """The text as a log may hold it: no secret, no address or number of a person, and what `masks` know.

    Whatever was too long for a line is cut.
    """
    text = without_secrets(text[:LONGEST + LONGEST // 10])
    for mask in masks:
        text = mask(text)
    if "@" in text or "%40" in text:
        text = _ADDRESS.sub("(address)", text)
    text = _PHONE.sub("(phone)", text)
    return text if len(text) <= LONGEST else text[:LONGEST] + " (cut)"


def trace(error: BaseException, masks: Sequence[Mask] = ()) -> str:
    """Where it went wrong, with the errors that led to it; what was said, only by errors that are our own."""
    told = []
    for one in _chain(error):
        told += ["Traceback (most recent call last):\n", *traceback.format_tb(one.__traceback__), f"{_named(one)}\n"]
    return clean("".join(told), masks)


def _chain(error: BaseException) -> list[BaseException]:
    """The first cause first."""
    found: list[BaseException] = []
    one: BaseException | None = error
    while one is not None and one not in found:
        found.insert(0, one)
        one = one.__cause__ or (None if one.__suppress_context__ else one.__context__)
    return found


def _named(error: BaseException) -> str:
    kind = type(error)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    says = kind.__module__.partition(".")[0] in OURS or isinstance(error, OSError)
    return f"{name}: {getattr(error, 'plain', error)}" if says else name


def install(masks: Sequence[Mask] = ()) -> None:
    """From now on all of this process's log records, uncaught errors and standard error pass the door."""
    logging.setLogRecordFactory(_cleaned(logging.LogRecord, masks))
    sys.excepthook = lambda kind, error, tb: _uncaught(error, masks)
    sys.unraisablehook = lambda told: _uncaught(told.exc_value, masks)
    threading.excepthook = lambda told: _uncaught(told.exc_value, masks)
    sys.stderr = Outgoing(sys.stderr)


def _uncaught(error: BaseException | None, masks: Sequence[Mask]) -> None:
    if error is not None and not isinstance(error, KeyboardInterrupt | SystemExit) and sys.stderr is not None:
        sys.stderr.write(trace(error, masks))
        sys.stderr.flush()


def _cleaned(make: Callable[..., logging.LogRecord], masks: Sequence[Mask]) -> Callable[..., logging.LogRecord]:
    """Records come to every handler with their words put together and cleaned."""
    def record(*args: Any, **more: Any) -> logging.LogRecord:
        made = make(*args, **more)
        words = _words(made)
        if made.exc_info and (error := made.exc_info[1]) is not None:
            words = _without_its_words(words, error)
            made.exc_text = trace(error, masks).rstrip("\n")
        made.msg, made.args = clean(words, masks), ()
        if made.stack_info:
            made.stack_info = clean(made.stack_info, masks)
        return made
    return record


def _without_its_words(text: str, error: BaseException) -> str:
    """What asyncio and others say of an error before its trace, which tells as much as may be told."""
    for one in _chain(error):
        for said in (str(one), repr(str(one))[1:-1]):
            text = text.replace(said, "...") if len(said) >= SHORTEST else text
    return text


def _words(record: logging.LogRecord) -> str:
    library = record.name.partition(".")[0]
    if library in QUIET and record.levelno < logging.WARNING:
        return f"(what {library} says below WARNING is not written)"
    try:
        return record.getMessage()
    except (TypeError, ValueError, KeyError):
        return f"{record.msg} (with words that do not fit)"


class Outgoing:
    """A text stream that lets no secret out; else the stream it stands before.

    An open line waits for its end, so that no secret passes in two halves; whoever wants it seen flushes. Each thread
    has an open line of its own: another's line, or flush, lets none of it out.
    Its bytes have no door of their own, so it offers none: click would write to them where the locale is ASCII.
    """

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._held: dict[int, str] = {}
        """By thread."""
        self._one_by_one = threading.RLock()

    def write(self, text: str) -> int:
        with self._one_by_one:
            line = self._held.pop(threading.get_ident(), "") + text
            if line.endswith("\n") or len(line) > LONGEST:
                self._stream.write(without_secrets(line))
            elif line:
                self._held[threading.get_ident()] = line
        return len(text)

    def flush(self) -> None:
        with self._one_by_one:
            if line := self._held.pop(threading.get_ident(), ""):
                self._stream.write(without_secrets(line))
            self._stream.flush()

    def writelines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        if name == "buffer":
            raise AttributeError(name)
        return getattr(self._stream, name)
