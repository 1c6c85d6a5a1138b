"""What the server writes, in the language of the colleague who looks.

Most of it is written down long before anyone knows who will look, so it is translated at the door.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from flask import Request

from webhooks.catalogue import LANGUAGES, WRITTEN_IN, Catalogue, catalogue


def language_of(request: Request) -> str:
    """As the sidebar asks, which knows the helpdesk's locale of the colleague; else what everything is written in."""
    return wanted(request, LANGUAGES) or WRITTEN_IN


def wanted(request: Request, known: Collection[str]) -> str | None:
    """The first of these languages that is asked for, whatever its region; None when none is."""
    asked = (language.split("-")[0].lower() for language, quality in request.accept_languages if quality > 0)
    return next((language for language in asked if language in known), None)


def in_language(language: str) -> dict[str, str]:
    """The headers of an answer in this language."""
    return {"Content-Language": language, "Vary": "Accept-Language"}


Words = Mapping[str, Any]
CARD: Words = {
    "title": "", "details": "", "claim": "claim", "why_proven": "", "evidence": "", "missing": "fact", "rule": "",
    "risk": "", "undo": "", "on_no": "", "on_timeout": "", "for_whom_words": "", "why_not": "", "approved_by": "who"}
STATE: Words = {
    "words": "", "paused": "", "cards": CARD,
    "done": {"title": "", "words": "", "by": "by", "undo": {"words": ""}},
    "customer": {"match_words": "", "payments": {"state": "payment", "method": "method"}},
    "trail": {"words": ""},
    "shadow": {"title": "", "words": "", "rule": "", "claim": "claim", "why_proven": ""}}
WAITING: Words = {"items": {"title": "", "for_whom_words": ""}}
PAUSED: Words = {"paused": "", "still": ""}
PROBLEM: Words = {"detail": "", "state": STATE}
"""Every other text is somebody's own words, a name, an address, an id or a word for programs: it is never touched."""


def translated(told: Mapping[str, Any], words: Words, language: str) -> dict[str, Any]:
    """The answer in this language; its `untranslated`, where it has such a field, lists what stayed English whole."""
    known = catalogue(language)
    if known is None:
        return dict(told)
    stayed: list[str] = []
    said = {name: _turned(value, words[name], known, stayed) if name in words else value
            for name, value in told.items()}
    if "untranslated" in said:
        said["untranslated"] = list(dict.fromkeys(stayed))
    return said


def _turned(value: Any, words: Any, known: Catalogue, stayed: list[str]) -> Any:
    if isinstance(value, str):
        said = known.say(value, words)
        if said.words == value and said.unknown:
            stayed.append(value)
        return said.words
    if isinstance(value, list | tuple):
        return [_turned(one, words, known, stayed) for one in value]
    if isinstance(value, Mapping) and "untranslated" in value:
        return translated(value, words, known.language)
    if isinstance(value, Mapping):
        return {name: _turned(one, words[name], known, stayed) if name in words else one
                for name, one in value.items()}
    return value
