"""Our own sentences, which some mail programs repeat in a reply without any mark."""

from __future__ import annotations

import re
from collections.abc import Iterable

from agent.answer.letters import folded, words
from agent.phrases import QUESTIONS

_KEYS = ("reply_yes", "unclear", "reminder", "person_hint", "disclosure")
"""Without blanks. A sentence with an amount or an address counts as ours only as it was sent."""


def without_ours(folded_text: str, asked: str) -> str:
    """The text without what we asked it with: our "reply YES" is nobody's yes, our "person" nobody's wish."""
    text = _pattern(_sentences(asked)).sub("\n", folded_text) if asked else folded_text
    return _OURS.sub("\n", text)


def holds_ours(folded_text: str, asked: str) -> bool:
    return without_ours(folded_text, asked) != folded_text


def _sentences(text: str) -> list[str]:
    return re.split(r"(?<=[.!])\s+|\n", text)


def _pattern(sentences: Iterable[str]) -> re.Pattern[str]:
    """Matches these sentences however they are wrapped; what has three words or more."""
    parts = {tuple(words(folded(one))) for one in sentences}
    longest_first = sorted((part for part in parts if len(part) > 2), key=len, reverse=True)
    return re.compile("|".join(rf"\b{_wrapped(part)}\b" for part in longest_first) or r"(?!)")


def _wrapped(part: tuple[str, ...]) -> str:
    return r"\W+".join(map(re.escape, part))


_OURS = _pattern(one for table in QUESTIONS.values() for key in _KEYS for one in _sentences(table.get(key, "")))
