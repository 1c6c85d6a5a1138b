"""The word tables as sets of phrases."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from agent.answer import words as table
from agent.answer.letters import Phrase, phrases


def _of_one_word(found: Iterable[Phrase]) -> frozenset[str]:
    return frozenset(phrase[0] for phrase in found if len(phrase) == 1)


def _all_words(found: Iterable[Phrase]) -> frozenset[str]:
    return frozenset(word for phrase in found for word in phrase)


def _with_languages(tables: Mapping[str, str]) -> dict[Phrase, frozenset[str]]:
    known = {language: phrases(text) for language, text in tables.items()}
    return {phrase: frozenset(language for language in known if phrase in known[language])
            for phrase in frozenset().union(*known.values())}


YES = _with_languages(table.YES)
"""With the languages each says yes in."""
YES_EVERYWHERE = phrases(table.YES_EVERYWHERE)
BESIDE_YES = _with_languages(table.BESIDE_YES)
"""With the languages each agrees in."""
AGREEMENT = frozenset(YES) | frozenset(BESIDE_YES)
DOUBTFUL_PAIRS = frozenset((first, second) for first in table.CASUAL_YES.split() for second in table.IRONIC.split())
SIGN_OFFS = phrases(table.THANKS)
COURTESY = phrases(table.COURTESY) | SIGN_OFFS
GREETINGS = phrases(table.GREETINGS)
ADDRESSED = phrases(table.ADDRESSED)
FAREWELLS = phrases(table.FAREWELLS)
NO = phrases(table.NO)
NOT_A_NO = phrases(table.NOT_A_NO)
PERSONS = _of_one_word(phrases(table.PERSONS))
WISHES = _of_one_word(phrases(table.WISHES))
ASKS_PERSON = re.compile("|".join(table.ASKS_PERSON))

YES_WORDS = _of_one_word(YES)
REFUSED = _all_words(phrases(table.REFUSED))
NO_WORDS = _of_one_word(NO)
HEDGES = _of_one_word(phrases(table.HEDGES)) | YES_WORDS
NO_NAMES = _of_one_word(phrases(table.QUALIFIERS)) | HEDGES | NO_WORDS
"""Cannot stand in a signature nor be the name behind a greeting."""
OF_PAYMENT = _of_one_word(phrases(table.OF_PAYMENT))
NEVER_GREETED = NO_NAMES | _of_one_word(frozenset(BESIDE_YES) | COURTESY | GREETINGS | FAREWELLS)
KNOWN = NO_NAMES | _all_words(phrases(table.HEDGES) | AGREEMENT | COURTESY | GREETINGS | FAREWELLS | NO | NOT_A_NO)
AROUND_PERSON = _all_words(phrases(table.BESIDE_PERSON) | COURTESY | GREETINGS) | YES_WORDS | NO_WORDS


def phrase_at(words: list[str], at: int, *tables: Iterable[Phrase]) -> Phrase:
    """The longest phrase of these tables that begins there; empty when there is none."""
    for length in range(min(_LONGEST, len(words) - at), 0, -1):
        phrase = tuple(words[at : at + length])
        if any(phrase in known for known in tables):
            return phrase
    return ()


_LONGEST = 6
