"""What may stand around an answer without being part of it: a greeting with a name, a signature, a phone's line."""

from __future__ import annotations

import re

from agent.answer import vocabulary
from agent.answer.letters import WORD, folded, plain, words
from agent.text.newest import NOTICE, SENT_FROM

_MOST_LINES = 10
_MOST_WORDS_OF_A_NAME = 5
_LONGEST_LINE = 80
_FEWEST_DIGITS = 7
"""Of a telephone number; fewer may be an amount."""
_MARKS = re.compile(r"[\w\s.,:'*–—|/@+()&•·\"-]*")
_NAME_MARKS = re.compile(r"[\w .,'–—-]*")
_SECOND_THOUGHTS = re.compile(r"\.\s?\.|:-?[()/|]|/s\b")
_CONFIDENTIAL = re.compile(
    r"confiden|privileg|recipient|addressee|vertraulich|empfänger|destinataire|destinatari|riservat|vertrouwelijk|poufn",
    re.IGNORECASE,
)
_DEVICE = re.compile(
    r"i-?phone|i-?pad|android|samsung|galaxy|outlook|gmail|gmx|web\.de|mail|yahoo|huawei|xiaomi|pixel|phone|handy|mobil|"
    r"telefon|tel[ée]fono|t[ée]l[ée]phone|blackberry|proton|windows|tablet",
    re.IGNORECASE,
)
_OF_DEVICES = frozenset({"my", "mi", "mio", "meu", "mijn", "mon", "for", "do", "on", "in", "voor", "per"})
_TITLES = frozenset({"dr", "prof", "mr", "mrs", "ms", "hr", "fr", "mme", "sr", "sra", "srta", "sig", "dhr", "mevr"})
_TITLE = re.compile(rf"\b({'|'.join(sorted(_TITLES))})\.")
_GREETS = re.compile(r"[\w\s.,:;!¡'–—👋🙂😊-]*")
"""Signs that mean nothing in a greeting."""
_DOTS = re.compile(r"\.\s?\.")
_CONTACT = re.compile(r"\d\D{0,3}\d\D{0,3}\d|@|www\.|\b(?:ltd|gmbh|inc|llc|plc|sarl|sas|srl|spa|lda|bv|nv|sp z o)\b")
"""Without one of these, lines under a name may be words of their own."""


def names_of(requester: str) -> frozenset[str]:
    """The words of a name that say nothing else."""
    return frozenset(words(folded(plain(requester)))) - vocabulary.NO_NAMES


def above_signature(own: str, names: frozenset[str]) -> str | None:
    """What stands above "--" and legal notices; None when the words under "--" are no signature."""
    lines = [line for line in own.split("\n") if not _names_a_device(line)]
    notice = next((at for at, line in enumerate(lines) if _is_notice(line)), len(lines))
    rule = next((at for at, line in enumerate(lines[:notice]) if line == "--"), None)
    if rule is None:
        return "\n".join(lines[:notice])
    signed = folded("\n".join(lines[rule + 1 : notice]))
    return "\n".join(lines[:rule]) if is_signature(signed, names) else None


def _names_a_device(line: str) -> bool:
    """ "Sent from my iPhone", and nothing that qualifies an answer behind it."""
    return (len(line) <= 120 and SENT_FROM.match(line) is not None and _DEVICE.search(line) is not None
            and vocabulary.NO_NAMES.isdisjoint(set(words(folded(line))) - _OF_DEVICES))


def _is_notice(line: str) -> bool:
    return NOTICE.match(line) is not None and _CONFIDENTIAL.search(line) is not None


def is_signature(text: str, names: frozenset[str]) -> bool:
    """A name, and lines with a telephone number or an address under it; no word that is known to qualify a yes.

    Where the requester's names are known, the first line holds nothing but them, titles and initials.
    """
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    return (
        len(lines) <= _MOST_LINES
        and all(_may_be_name(line, names) for line in lines[:1])
        and (len(lines) < 2 or _CONTACT.search(text) is not None)
        and _MARKS.fullmatch(text) is not None
        and _SECOND_THOUGHTS.search(text) is None
        and not any(len(line) > _LONGEST_LINE or 0 < len(re.findall(r"\d", line)) < _FEWEST_DIGITS for line in lines)
        and vocabulary.NO_NAMES.isdisjoint(words(text))
    )


def _may_be_name(line: str, names: frozenset[str]) -> bool:
    spoken = words(line)
    if not spoken or _NAME_MARKS.fullmatch(line) is None:
        return False
    if names:
        return not names.isdisjoint(spoken) and all(
            word in names or word in _TITLES or re.fullmatch(r"[^\W\d]", word) for word in spoken)
    return len(spoken) <= _MOST_WORDS_OF_A_NAME and not re.search(r"\d", line)


def after_greeting(text: str) -> str:
    """What follows "Dear Ms Example,": a greeting and up to three words of a name before a comma or a line's end."""
    text = _TITLE.sub(r"\1", text)
    found = list(WORD.finditer(text[:300]))
    spoken = [word[0] for word in found]
    at = 0
    while phrase := vocabulary.phrase_at(spoken, at, vocabulary.GREETINGS):
        at += len(phrase)
    if not 0 < at < len(found):
        return text
    for end in range(at, min(at + 3, len(spoken) - 1)):
        if spoken[end] in vocabulary.NEVER_GREETED or _is_pause(text[found[end - 1].end() : found[end].start()]):
            break
        if _is_pause(text[found[end].end() : found[end + 1].start()]):
            return text[found[end + 1].start() :]
    return text[found[at].start() :]


def after_plain_greeting(text: str) -> str:
    """As `after_greeting`; all of it where a sign that may mean something stands in the greeting, as in "? Hi"."""
    text = _TITLE.sub(r"\1", text)
    rest = after_greeting(text)
    greeting = text[:len(text) - len(rest)]
    return rest if _GREETS.fullmatch(greeting) and not _DOTS.search(greeting) else text


def _is_pause(between: str) -> bool:
    return re.search(r"[,.!:;\n]", between) is not None
