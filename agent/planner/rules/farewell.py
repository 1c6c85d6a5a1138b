"""What stands under a farewell and no phrase explains: whether somebody signs there, or says something more."""

from __future__ import annotations

import re

from agent.answer import only_thanks
from agent.own_words import TAKES_BACK, is_title, under_farewell
from agent.planner.rules.reading import read

_DETAIL = re.compile(r"\d{3}|@|www\.|https?:")
"""An order, a telephone, an address: what a phrase reads by itself, or part of a signature."""
_WAITS = re.compile(
    r"\b(?:look\w* forward|hop(?:e|ing) to hear|await\w*|waiting for (?:your|a) (?:reply|answer)|"
    r"freue(?:n)? (?:mich|uns)|in erwartung|dans l['’]attente|quedo a la espera|in attesa|fico a aguardar|hoor graag|"
    r"sent from|gesendet|envoyé|enviado|get outlook)\b", re.IGNORECASE)


def speaks_under_farewell(own: str) -> bool:
    """A line there is neither a signature's, as far as can be seen, nor courtesy, nor anything that phrases explain."""
    return any(_speaks(line.strip()) for line in under_farewell(own))


def _speaks(line: str) -> bool:
    if TAKES_BACK.search(line) and read(line).asks_nothing_we_do:
        return True
    if _DETAIL.search(line) or _WAITS.search(line) or only_thanks(f"Thanks. {line}") or is_title(line):
        return False
    return read(line).asks_nothing_we_do
