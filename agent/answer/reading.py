"""Reads an answer strictly, so that no yes is made up."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from agent.answer import vocabulary
from agent.answer.letters import WORD, Phrase, folded, plain, unstretched, words
from agent.answer.ours import asks_otherwise, holds_ours, language_of, without_ours
from agent.answer.signature import (
    above_signature,
    after_greeting,
    after_known_greeting,
    names_of,
    names_of_colleagues,
    signs,
)
from agent.text import is_machine_mail
from agent.text.newest import around_quotes


class Answer(StrEnum):
    YES = "yes"
    NO = "no"
    PERSON = "person"
    """They ask for a person, whatever else they say."""
    UNCLEAR = "unclear"
    """About the question, but neither yes nor no."""
    OTHER = "other"
    """Another message, or a machine's: to be planned anew."""


_LONGEST = 4_000
"""Nobody needs more characters of their own for a yes or a no."""
_LONGEST_MAIL = 65_536
"""No helpdesk takes longer comments; what lies behind is not read, so that a yes in front may not be all."""
_MOST_WORDS_OF_NO = 30
_MOST_WORDS_OF_UNCLEAR = 16

_FORWARDED_SUBJECT = re.compile(r"^\s*(?:fwd?|wg|tr|rv|i|enc|doorst|pd)\s*:", re.IGNORECASE)
_FORWARDED = re.compile(
    r"forwarded message|forwarded by|weitergeleitete\w* nachricht|message (?:transféré|réexpédié)|mensaje reenviado|"
    r"messaggio inoltrato|mensagem (?:re)?encaminhada|doorgestuurd bericht|"
    r"(?:przekazana|przekazanej|przekazywanej) wiadomo",
    re.IGNORECASE,
)
_HISTORY = re.compile(r"@|^>|\b\d{1,2}:\d{2}\b", re.MULTILINE)
_FACES = re.compile(r"(?<!\S)(?::-?[)d]|<3)(?!\S)|[👍👌🙂😊😀😃😄😁☺🙏❤✅✔🎉💪🤝💚💙😍🤗👏🙌✨🌸🏻🏼🏽🏾🏿]")
"""Friendly without a second meaning; any other sign than these and plain punctuation casts doubt on a yes."""
_PLAIN_MARKS = re.compile(r"[\w\s.,!¡'–—-]*")
_HESITATION = re.compile(r"\.\s?\.|[,–—-]\s*$")
_SET_OFF = re.compile(r"^\s*([\"“„«*'])\s*([^\"“”„«»'*]+?)\s*[\"“”»*']+\s*[.!]*\s*$")

_NEARLY = re.compile(r"\b(?:já|ouï)\b", re.IGNORECASE)
"""Accents alone tell these from a yes: Portuguese for "already", French for "heard"."""


def read_answer(text: str, subject: str = "", name: str = "", asked: str = "",
                colleagues: Collection[str] = ()) -> Answer:
    """Says what the words above the quote answer; YES only when each of them is an unconditional yes or courtesy.

    A bare ok, a thumb or praise may only mean "read" and is unclear. Words between or under quotes can take a yes away
    and never give one. `name` is the requester's, who may sign with it; `asked` the question as it was sent: a yes must
    be in its language, or "yes", and where its language is not known it must be "yes". `colleagues` are the names of
    those who may be greeted before a yes.
    """
    mail = plain(text)
    above, between = ("\n".join(lines) for lines in around_quotes(mail))
    own = f"{above}\n{between}"
    if _by_machine(subject, own):
        return Answer.OTHER
    if len(own) > _LONGEST:
        return Answer.PERSON if _asks_person(folded(own[:_LONGEST])) else Answer.OTHER
    said = after_greeting(without_ours(folded(own), asked))
    if _asks_person(said):
        return Answer.PERSON
    rest = mail[len(above) :]
    alone = (not words(without_ours(folded(between), asked)) and _is_history(rest, asked)
             and not asks_otherwise(folded(rest[:_LONGEST]), asked))
    if (alone and len(text) <= _LONGEST_MAIL and not _forwarded(mail, subject)
            and _is_yes(above, names_of(name), asked, names_of_colleagues(colleagues))):
        return Answer.YES
    return Answer.NO if _is_no(said) else _unclear_or_other(said)


def only_thanks(text: str, name: str = "", colleagues: Collection[str] = ()) -> bool:
    """Nothing but thanks, courtesy and a farewell: words that change no answer given before."""
    names = names_of(name)
    said = _all_that_is_said(text, names, colleagues)
    return said is not None and _read(said).only_thanks(names)


def only_no(text: str, name: str = "", colleagues: Collection[str] = ()) -> bool:
    """Nothing but a no and courtesy: one that needs no question before it. "No, still nothing has come" is none."""
    names = names_of(name)
    spoken = words(_all_that_is_said(text, names, colleagues) or "")
    at, found = 0, False
    while at < len(spoken):
        phrase = vocabulary.phrase_at(spoken, at, vocabulary.NO, vocabulary.COURTESY, vocabulary.FAREWELLS)
        found = found or phrase in vocabulary.NO
        if not phrase and not {spoken[at]} & (vocabulary.REFUSED | names):
            return False
        at += len(phrase) or 1
    return found


def _all_that_is_said(text: str, names: frozenset[str], colleagues: Collection[str]) -> str | None:
    """Without greeting and signature; None where something stands between quotes, or below what ends a mail."""
    above, between = around_quotes(plain(text))
    body = above_signature("\n".join(above), names)
    if body is None or any(between):
        return None
    return after_known_greeting(folded(body), names_of_colleagues(colleagues))


def _by_machine(subject: str, own: str) -> bool:
    """By the subject alone whatever the text asks; by the text unless it asks for something."""
    return (is_machine_mail(subject.rstrip("? \t"), "", None) or is_machine_mail("", own, None)) is not None


def _forwarded(mail: str, subject: str) -> bool:
    return _FORWARDED_SUBJECT.match(subject) is not None or _FORWARDED.search(mail) is not None


def _is_history(rest: str, asked: str) -> bool:
    """True unless what was taken for an older message may be a condition: "On 3 conditions, as my lawyer wrote:"."""
    return not rest.strip() or _HISTORY.search(rest) is not None or holds_ours(folded(rest), asked)


def _is_yes(above: str, names: frozenset[str], asked: str, colleagues: frozenset[str]) -> bool:
    body = above_signature(above, names)
    if body is None or _NEARLY.search(body):
        return False
    text = after_known_greeting(without_ours(folded(body), asked), colleagues)
    if whole := _SET_OFF.match(text):
        text = whole[2]
    return _read(text).says_yes(names, language_of(asked))


@dataclass(frozen=True)
class _Reading:
    phrases: tuple[Phrase, ...]
    """Yes, agreement, courtesy and farewell from the front on."""
    text: str
    """What they were read in."""
    left: str
    """What begins with a word that is none of these."""
    signing: bool
    """A farewell came last, or thanks and a new line: a signature may follow."""

    def says_yes(self, names: frozenset[str], language: str) -> bool:
        return (
            self._agrees_in(language)
            and not self._is_ironic()
            and _PLAIN_MARKS.fullmatch(_FACES.sub(" ", self.text)) is not None
            and (_HESITATION.search(self.text) is None or (self.left != "" and ".." not in self.text))
            and (not self.left or self._is_signed(names))
        )

    def only_thanks(self, names: frozenset[str]) -> bool:
        return (not any(phrase in vocabulary.YES for phrase in self.phrases)
                and any(phrase in vocabulary.SIGN_OFFS for phrase in self.phrases)
                and _PLAIN_MARKS.fullmatch(_FACES.sub(" ", self.text)) is not None
                and (not self.left or self._is_signed(names)))

    def _agrees_in(self, language: str) -> bool:
        """With a yes of this language or the one of everywhere, and beside it nothing of a third."""
        said = {phrase for phrase in self.phrases if phrase in vocabulary.YES}
        return (bool(said) and (said <= vocabulary.YES_EVERYWHERE
                                or all(language in vocabulary.YES[phrase] for phrase in said))
                and all({language, "en"} & vocabulary.BESIDE_YES.get(phrase, {"en"}) for phrase in self.phrases))

    def _is_ironic(self) -> bool:
        """ "Yeah, sure" and "ja ja" wave away; only a "yes" may be said twice."""
        said = [phrase[0] for phrase in self.phrases if phrase in vocabulary.YES and phrase != ("yes",)]
        spoken = {" ".join(phrase) for phrase in self.phrases}
        return len(said) != len(set(said)) or any(set(pair) <= spoken for pair in vocabulary.DOUBTFUL_PAIRS)

    def _is_signed(self, names: frozenset[str]) -> bool:
        by_name = (names.issuperset(words(self.left)) and _PLAIN_MARKS.fullmatch(self.left) is not None
                   and _HESITATION.search(self.left) is None)
        return by_name or (self.signing and signs(self.left, names))


def _read(text: str) -> _Reading:
    found = list(WORD.finditer(text))
    spoken = [unstretched(word[0]) for word in found]
    phrases: list[Phrase] = []
    at = 0
    while phrase := vocabulary.phrase_at(spoken, at, vocabulary.YES, vocabulary.BESIDE_YES, vocabulary.COURTESY,
                                         vocabulary.FAREWELLS):
        phrases.append(phrase)
        at += len(phrase)
    if at == len(found):
        return _Reading(tuple(phrases), text, "", signing=False)
    end = found[at].start()
    new_line = at > 0 and "\n" in text[found[at - 1].end() : end]
    last = phrases[-1] if phrases else ()
    signing = last in vocabulary.FAREWELLS or (last in vocabulary.SIGN_OFFS and new_line)
    return _Reading(tuple(phrases), text[:end], text[end:], signing)


def _asks_person(text: str) -> bool:
    if vocabulary.ASKS_PERSON.search(" ".join(words(text))):
        return True
    return any(_is_only_person(words(line)) for line in text.split("\n"))


def _is_only_person(line: list[str]) -> bool:
    left = [word for word in line if word not in vocabulary.AROUND_PERSON]
    return 0 < len(left) <= 2 and vocabulary.PERSONS.issuperset(left)


def _is_no(text: str) -> bool:
    """It refuses in its first words after courtesy, and says yes nowhere; whatever it asks besides, a person reads."""
    spoken = words(text)
    at = 0
    while phrase := vocabulary.phrase_at(spoken, at, vocabulary.COURTESY):
        at += len(phrase)
    if not vocabulary.phrase_at(spoken, at, vocabulary.NO) or vocabulary.phrase_at(spoken, at, vocabulary.NOT_A_NO):
        return False
    first = re.split(r"[.!\n]", text, maxsplit=1)[0]
    return len(spoken) <= _MOST_WORDS_OF_NO and "?" not in first and not _says_yes_somewhere(spoken[at:])


def _says_yes_somewhere(spoken: list[str]) -> bool:
    at = 0
    while at < len(spoken):
        phrase = vocabulary.phrase_at(spoken, at, vocabulary.YES, vocabulary.NO)
        if phrase in vocabulary.YES and phrase not in vocabulary.NO:
            return True
        at += len(phrase) or 1
    return False


def _unclear_or_other(text: str) -> Answer:
    """UNCLEAR when it speaks to the question without answering it; what may be a wish of its own is OTHER."""
    spoken = words(text)
    if not vocabulary.WISHES.isdisjoint(spoken) or len(spoken) > _MOST_WORDS_OF_UNCLEAR:
        return Answer.OTHER
    if len(spoken) <= 1 or spoken[0] in vocabulary.NO_WORDS or not vocabulary.HEDGES.isdisjoint(spoken):
        return Answer.UNCLEAR
    return Answer.OTHER if "?" in text or not vocabulary.KNOWN.issuperset(spoken) else Answer.UNCLEAR
