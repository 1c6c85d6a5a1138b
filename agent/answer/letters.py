"""The same words however they are written: capitals, accents, widths, spaces, curly or straight."""

from __future__ import annotations

import re
import unicodedata

Phrase = tuple[str, ...]

WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufe0f\ufeff]")
_APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "`": "'", "´": "'", "ł": "l"})
_STRAY = "\u20e0"
"""Stands for a mark that no letter carries by rights, as in a struck-out word."""
_STRETCHED = (
    (re.compile(r"y+e+s+"), "yes"), (re.compile(r"ja{2,}"), "ja"), (re.compile(r"o+u+i+"), "oui"),
    (re.compile(r"si{2,}"), "si"), (re.compile(r"si{2,}m+|sim{2,}"), "sim"), (re.compile(r"ta{2,}k"), "tak"),
)
"""As Poles write "tak"; "takk" is Norwegian for thanks."""


def plain(text: str) -> str:
    """Compatibility characters as the plain ones they stand for, invisible ones gone, spaces and empty lines single."""
    text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).replace("\r\n", "\n").replace("\r", "\n")
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines))


def folded(text: str) -> str:
    """Without capitals and accents."""
    composed = unicodedata.normalize("NFC", text.translate(_APOSTROPHES))
    bare = "".join(_STRAY if unicodedata.combining(sign) else sign for sign in composed)
    parted = unicodedata.normalize("NFKD", bare.casefold())
    return "".join(sign for sign in parted if not unicodedata.combining(sign)).translate(_APOSTROPHES)


def words(folded_text: str) -> list[str]:
    return [unstretched(word) for word in WORD.findall(folded_text)]


def unstretched(word: str) -> str:
    """ "yesss" is "yes"."""
    return next((base for pattern, base in _STRETCHED if pattern.fullmatch(word)), word)


def phrases(table: str) -> frozenset[Phrase]:
    """The phrases of a table, which "|" or a new line parts."""
    return frozenset(tuple(WORD.findall(folded(phrase))) for phrase in re.split(r"[|\n]", table) if phrase.strip())
