"""What stands under a farewell and no phrase explains: whether somebody signs there, or says something more."""

from __future__ import annotations

import re

from agent.answer import only_thanks
from agent.own_words import under_farewell
from agent.planner.rules.reading import read

_MOST_WORDS = 12
_DETAIL = re.compile(r"\d{3}|@|www\.|https?:")
"""An order, a telephone, an address: what a phrase reads by itself, or part of a signature."""
_PARTICLES = frozenset({"and", "und", "et", "en", "of", "for", "the", "von", "van", "der", "den", "de", "del", "di",
                        "da", "dos", "la", "le", "du", "zu", "für"})
"""Written small in names."""
_TAKES_BACK = re.compile(
    r"\b(?:solved|sorted|resolved|fixed|settled|done|found|forget|ignore\w*|disregard|cancel\w*|stop|wait|edit|update|"
    r"no|nope|not|never|nvm|voucher\w*|only|otherwise|erledigt|geklärt|gelöst|vergessen|ignorier\w*|nein|nicht|nur|sonst|"
    r"gutschein\w*|résolu\w*|réglé\w*|annul\w*|oubliez|laissez|non|pas|sinon|resuelto|solucionado|olvid\w+|no|risolto|"
    r"resolvido|opgelost|laat|nee|rozwiązane|nie)\b", re.IGNORECASE)
"""No line of a signature has such a word, however it is written."""
_WAITS = re.compile(
    r"\b(?:look\w* forward|hop(?:e|ing) to hear|await\w*|waiting for (?:your|a) (?:reply|answer)|"
    r"freue(?:n)? (?:mich|uns)|in erwartung|dans l['’]attente|quedo a la espera|in attesa|fico a aguardar|hoor graag|"
    r"sent from|gesendet|envoyé|enviado|get outlook)\b", re.IGNORECASE)


def speaks_under_farewell(own: str) -> bool:
    """A line there is neither a signature's, as far as can be seen, nor courtesy, nor anything that phrases explain."""
    return any(_speaks(line.strip()) for line in under_farewell(own))


def _speaks(line: str) -> bool:
    if _TAKES_BACK.search(line) and read(line).asks_nothing_we_do:
        return True
    if _DETAIL.search(line) or _WAITS.search(line) or only_thanks(f"Thanks. {line}") or _may_name(line):
        return False
    return read(line).asks_nothing_we_do


def _may_name(line: str) -> bool:
    """A name, a title, a company with its street: words with capital letters, or one word alone."""
    spoken = re.findall(r"[^\W\d_]+", line)
    return len(spoken) <= 1 or (len(spoken) <= _MOST_WORDS and all(
        word[0].isupper() or len(word) == 1 or word in _PARTICLES for word in spoken))
