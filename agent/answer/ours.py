"""Our own sentences, which some mail programs repeat in a reply without any mark."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from agent.answer.letters import folded, words
from agent.phrases import PHRASES, QUESTIONS

_KEYS = ("reply_yes", "yes_to_all", "unclear", "asked_again", "reminder", "person_hint", "disclosure")
"""Without blanks. A sentence with an amount or an address counts as ours only as it was sent."""


def without_ours(folded_text: str, asked: str) -> str:
    """The text without what we asked it with: our "reply YES" is nobody's yes, our "person" nobody's wish."""
    text = _pattern(_sentences(asked)).sub("\n", folded_text) if asked else folded_text
    return _OURS.sub("\n", text)


def without_disclosure(text: str, more: Iterable[str] = ()) -> str:
    """The text without the words that name us as a machine, in any language of ours or an admin's, however wrapped."""
    for one in {*(table["disclosure"] for table in PHRASES.values()), *more}:
        text = re.sub(r"[\s>]+".join(map(re.escape, one.split())), " ", text, flags=re.IGNORECASE)
    return text


def holds_ours(folded_text: str, asked: str) -> bool:
    return without_ours(folded_text, asked) != folded_text


def language_of(asked: str) -> str:
    """The language of ours that this was written in, by its question or else by any sentence; "" where none tells."""
    text = folded(asked)
    for patterns in (_ASKS, _SAYS):
        found = [language for language, pattern in patterns.items() if pattern.search(text)]
        if found:
            return found[0] if len(found) == 1 else ""
    return ""


def asks_otherwise(folded_text: str, asked: str) -> bool:
    """The first question of ours that stands there is another than `asked`: another amount, card or address."""
    first = _ANY_QUESTION.search(folded_text) if asked else None
    return first is not None and _pattern(_sentences(asked)).match(folded_text, first.start()) is None


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


def _with_blanks(template: str) -> str:
    """Matches a sentence whatever its blanks were filled with."""
    parts = re.split(r"{\w+}", template)
    return r"\W.{1,300}?\W".join(_wrapped(tuple(words(folded(part)))) for part in parts)


_ANY_QUESTION = re.compile("|".join(rf"\b{_with_blanks(table[key])}" for table in QUESTIONS.values()
                                    for key in table if key.startswith("ready_")), re.DOTALL)


def _says_any(table: Mapping[str, str]) -> re.Pattern[str]:
    """Matches each sentence with enough words beside its blanks to tell a language by."""
    telling = (text for text in table.values() if len(words(folded(re.sub(r"{\w+}", " ", text)))) > 3)
    return re.compile("|".join(rf"\b{_with_blanks(text)}" for text in telling), re.DOTALL)


_ASKS = {language: _pattern(_sentences(f"{table['reply_yes']} {table['unclear']}"))
         for language, table in QUESTIONS.items()}
_SAYS = {language: _says_any(table) for language, table in QUESTIONS.items()}
