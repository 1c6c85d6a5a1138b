"""What may stand around an answer without being part of it: a greeting with a name, a signature, a phone's line."""

from __future__ import annotations

import re
from collections.abc import Iterable

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
_OF_DEVICES = frozenset({"my", "mi", "mio", "meu", "mijn", "mon", "for", "desde", "do", "on", "in", "voor", "per"})
_TITLES = frozenset({"dr", "prof", "mr", "mrs", "ms", "hr", "fr", "mme", "sr", "sra", "srta", "sig", "dhr", "mevr"})
_TITLE = re.compile(rf"\b({'|'.join(sorted(_TITLES))})\.")
_GREETS = re.compile(r"[\w\s.,:;!¡'–—👋🙂😊-]*")
"""Signs that mean nothing in a greeting."""
_DOTS = re.compile(r"\.\s?\.")
_WAYS_TO_REACH = re.compile(
    r"(?<![\w.@+-])(?:[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}|www(?:\.[\w-]{1,63}){2,4}|"
    r"\+?\d(?:[ ()./-]{0,2}\d){6,14}|"
    r"(?:tel|telephone|phone|mobile|mob|cell|fax|t|m|f|e|mail|e-mail|email|telefon|handy|mobil|telefono|telefone|"
    r"movil|telemovel|cellulare|telefoon|komorka)(?=[.:]))(?![\w@])"
)
"""A number, an address or what it is called, over words without accents and capitals."""
_CONTACT = re.compile(r"\d\D{0,3}\d\D{0,3}\d|@|www\.|\b(?:ltd|gmbh|inc|llc|plc|sarl|sas|srl|spa|lda|bv|nv|sp z o)\b")
"""Without one of these, lines under a name may be words of their own."""


def names_of(requester: str) -> frozenset[str]:
    """The words of a name that say nothing else; a number may be an amount, also in "Caller +1 555 0100"."""
    spoken = words(folded(plain(requester)))
    return frozenset(word for word in spoken if not re.search(r"\d", word)) - vocabulary.NO_NAMES


def names_of_colleagues(colleagues: Iterable[str]) -> frozenset[str]:
    """The words that may follow a greeting because a colleague on the ticket is called so."""
    return frozenset[str]().union(*map(names_of, colleagues)) - vocabulary.OF_PAYMENT


def above_signature(own: str, names: frozenset[str]) -> str | None:
    """What stands above "--" and legal notices; None when the words under "--" are no signature."""
    lines = [line for line in own.split("\n") if not names_a_device(line)]
    notice = next((at for at, line in enumerate(lines) if is_notice(line)), len(lines))
    rule = next((at for at, line in enumerate(lines[:notice]) if line == "--"), None)
    if rule is None:
        return "\n".join(lines[:notice])
    signed = folded("\n".join(lines[rule + 1 : notice]))
    return "\n".join(lines[:rule]) if signs(signed, names) else None


def names_a_device(line: str) -> bool:
    """ "Sent from my iPhone", and nothing that qualifies an answer behind it."""
    return (len(line) <= 120 and SENT_FROM.match(line) is not None and _DEVICE.search(line) is not None
            and (vocabulary.NO_NAMES | vocabulary.OF_PAYMENT).isdisjoint(set(words(folded(line))) - _OF_DEVICES))


def is_notice(line: str) -> bool:
    return NOTICE.match(line) is not None and _CONFIDENTIAL.search(line) is not None


def signs(text: str, names: frozenset[str]) -> bool:
    """A signature that can be nothing else: no word of payment, and contact details alone of whom we know no name."""
    if not names:
        return (len(text) <= _MOST_LINES * _LONGEST_LINE and not words(_WAYS_TO_REACH.sub(" ", text))
                and _MARKS.fullmatch(text) is not None and _SECOND_THOUGHTS.search(text) is None)
    return is_signature(text, names) and vocabulary.OF_PAYMENT.isdisjoint(set(words(text)) - names)


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
    """What follows "Dear Ms Example,": a greeting and up to three words of a name before a comma or a line's end.

    The three may be other words: for what asks for a person or says no, never for a yes.
    """
    text = _TITLE.sub(r"\1", text)
    found = list(WORD.finditer(text[:300]))
    spoken = [word[0] for word in found]
    at = 0
    while phrase := vocabulary.phrase_at(spoken, at, vocabulary.GREETINGS):
        at += len(phrase)
    if not 0 < at < len(found):
        return text
    for end in range(at, min(at + 3, len(spoken) - 1)):
        if (spoken[end] in vocabulary.NEVER_GREETED or vocabulary.phrase_at(spoken, end, vocabulary.NO)
                or _is_pause(text[found[end - 1].end() : found[end].start()])):
            break
        if _is_pause(text[found[end].end() : found[end + 1].start()]):
            return text[found[end + 1].start() :]
    return text[found[at].start() :]


def after_known_greeting(text: str, colleagues: frozenset[str]) -> str:
    """What follows a greeting of words we know and names of colleagues; any other word, as in "Hi voucher, yes", stays.

    All of it stays where a sign that may mean something stands in the greeting, as in "? Hi".
    """
    text = _TITLE.sub(r"\1", text)
    found = list(WORD.finditer(text[:300]))
    spoken = [word[0] for word in found]
    named = {(word,) for word in colleagues | _TITLES}
    at = len(vocabulary.phrase_at(spoken, 0, vocabulary.GREETINGS))
    while at and (phrase := vocabulary.phrase_at(spoken, at, vocabulary.GREETINGS, vocabulary.ADDRESSED, named)):
        at += len(phrase)
    if not 0 < at < len(found):
        return text
    greeting, rest = text[:found[at].start()], text[found[at].start():]
    return rest if _GREETS.fullmatch(greeting) and not _DOTS.search(greeting) else text


def _is_pause(between: str) -> bool:
    return re.search(r"[,.!:;\n]", between) is not None
