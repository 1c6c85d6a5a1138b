"""The customer's own words in a mail, as planners and people are shown them: without quotes and without a signature."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agent.answer.letters import folded, words
from agent.answer.signature import is_notice, is_signature, names_a_device, names_of
from agent.answer.vocabulary import NO_NAMES
from agent.text.newest import around_quotes
from connectors.contract import Comment, Conversation

_FAREWELL = re.compile(
    r"^\W{0,3}(?:(?:many |with |kind |best |warm |kindest |warmest )*(?:regards|wishes)|thanks(?: and regards)?|"
    r"thank you|"
    r"many thanks|cheers|sincerely|yours(?: \w+)?|best|thx|(?:mit )?(?:freundlichen|besten|lieben|vielen|herzlichen|"
    r"schönen|freundliche|viele|liebe|beste|schöne) (?:grüßen?|gruß|gruss|grüssen?|dank)|mfg|vg|lg|gruß|grüße|danke|"
    r"(?:bien )?cordialement|cdlt|bien à vous|salutations(?: \w+)?|merci|(?:un )?(?:cordial )?saludos?(?: \w+)?|"
    r"atentamente|gracias|(?:cordiali |distinti )?saluti|grazie|(?:com os melhores )?cumprimentos|atenciosamente|"
    r"obrigad[oa]|met vriendelijke groet(?:en)?|mvg|groet(?:en|jes)?|bedankt|z poważaniem|pozdrawiam|dziękuję)"
    r"\s*(?:[,.!-]\s*[\w. ]{0,30})?\s*$",
    re.IGNORECASE,
)
_POSTSCRIPT = re.compile(r"^\W{0,3}p\.? ?s\.?\b", re.IGNORECASE)
_LABELLED = re.compile(
    r"^\W{0,3}(?:(?:new|neue\w?|nouve\w+|nuev\w) )?(?:\w{1,15} )?(?:address|office|phone|telephone|mobile|tel|cell|"
    r"fax|anschrift|adresse|mobil|handy|telefon|portable|direccion|telefono|movil|[tmfpo])\b[^:\n]{0,10}:(?P<value>.*\d.*)$",
)
"""A line of a signature under the name, without accents: "New office address: 3 Station Road"."""
_RULE = "--"
_MOST_WORDS = 12
_PARTICLES = frozenset({"and", "und", "et", "en", "of", "for", "the", "von", "van", "der", "den", "de", "del", "di",
                        "da", "dos", "la", "le", "du", "zu", "für"})
"""Written small in names."""
TAKES_BACK = re.compile(
    r"\b(?:solved|sorted|resolved|fixed|settled|done|found|forget|ignore\w*|disregard|cancel\w*|stop|wait|edit|update|"
    r"no|nope|not|never|nvm|voucher\w*|only|otherwise|erledigt|geklärt|gelöst|vergessen|ignorier\w*|nein|nicht|nur|sonst|"
    r"gutschein\w*|résolu\w*|réglé\w*|annul\w*|oubliez|laissez|non|pas|sinon|resuelto|solucionado|olvid\w+|no|risolto|"
    r"resolvido|opgelost|laat|nee|rozwiązane|nie)\b", re.IGNORECASE)
"""No line of a signature has such a word, however it is written."""
_SPEAKS = re.compile(
    r"\b(?:"
    r"i|i'?m|my|me|we|you|he|she|they|this|that|actually|changed|mind|keep\w*|want|please|already|has|have|arrived|"
    r"came|ich|mein\w{0,2}|mir|wir|es|sie|behalte\w*|doch|hat|habe|ist|alles|gut|schon|bitte|je|mon|ma|mes|nous|"
    r"garde|déjà|quiero|ya|mi|lo|voglio|già|tengo|quero|já|ik|mijn|houd|już|mam|jednak)\b", re.IGNORECASE)
"""Nor has a title of more than one word one of these."""
_MOST_LINES, _FAR_ENOUGH = 10, 40
_LONGEST_LINE = 80
"""Of a signature."""
_LINES_OF_A_NOTICE = 3
"""Over which mail programs wrap its first sentence."""


def words_of(comment: Comment, conversation: Conversation) -> str:
    """What the author of this message adds to the conversation."""
    author = conversation.users.get(comment.author)
    return own_words(comment.text, author.name if author else "")


def own_words(text: str, name: str) -> str:
    """What this message adds to the thread; "" when it only quotes or forwards. `name` is its author's.

    Under a farewell or "--" nothing goes but a signature that begins with that name and holds nothing beside it but
    lines with a telephone number or an address: whoever takes something back there is heard.
    """
    above, between = around_quotes(text)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(_unsigned([*above, *between], names_of(name)))).strip()


def under_farewell(own: str) -> list[str]:
    """Of words that `own_words` gave, the lines under the first farewell or "--": perhaps a signature."""
    lines = [line for line in own.split("\n") if line.strip()]
    above = next((at for at, line in enumerate(lines) if _is_farewell(line)), len(lines))
    return lines[above + 1 :]


def _is_farewell(line: str) -> bool:
    return line == _RULE or (len(line) < 60 and _FAREWELL.match(line) is not None)


def _unsigned(lines: Sequence[str], names: frozenset[str]) -> list[str]:
    kept: list[str] = []
    for at, line in enumerate(lines):
        if _notice_begins(lines, at):
            return kept + _postscript(lines[at:])
        if names_a_device(line):
            continue
        signed = _is_farewell(line) and _signed(lines, at + 1, names)
        kept += [] if signed and line == _RULE else [line]
        if signed:
            return kept + _postscript(lines[at:])
    return kept


def _notice_begins(lines: Sequence[str], at: int) -> bool:
    return is_notice("\n".join(lines[at : at + _LINES_OF_A_NOTICE]))


def _signed(lines: Sequence[str], at: int, names: frozenset[str]) -> bool:
    """All from there to a postscript, a legal notice or the end is a signature with one of these names."""
    signature: list[str] = []
    for place in range(at, len(lines)):
        if place - at > _FAR_ENOUGH:
            return False
        line = lines[place]
        if _POSTSCRIPT.match(line) or _notice_begins(lines, place):
            break
        if not line.strip() or line == _RULE or names_a_device(line):
            continue
        signature.append(folded(line) if signature else _as_known(folded(line), names))
        known = _may_stand(signature[0], line=signature[-1], names=names)
        titled = len(signature) > 1 and is_title(line) and len(line.split()) > 1 and not TAKES_BACK.search(line)
        if len(signature) > _MOST_LINES or not (known or titled):
            return False
    return bool(signature)


def _may_stand(first: str, line: str, names: frozenset[str]) -> bool:
    """The name alone, or under it a line that would be a signature with it; whose name is not known signs nothing."""
    if not names or not is_signature(first, names):
        return False
    return is_signature(line, names) or is_signature(f"{first}\n{line}", names) or _is_labelled(line)


def _as_known(line: str, names: frozenset[str]) -> str:
    """The name as the helpdesk writes it, which may have made it of an address: oneill for O'Neill, h for Hamid."""
    def known(word: re.Match[str]) -> str:
        joined = word[0].replace("'", "")
        return next((name for name in (joined, word[0][:1]) if name in names and word[0] not in NO_NAMES), word[0])

    return re.sub(r"[\w']+", known, line)


def is_title(line: str) -> bool:
    """A name, a title, a company with its street: words with capital letters, or one word alone."""
    spoken = re.findall(r"[^\W\d_]+", line)
    return len(spoken) <= 1 or (len(spoken) <= _MOST_WORDS and not _SPEAKS.search(line) and all(
        word[0].isupper() or len(word) == 1 or word in _PARTICLES for word in spoken))


def _is_labelled(line: str) -> bool:
    found = _LABELLED.match(line) if len(line) <= _LONGEST_LINE else None
    return found is not None and NO_NAMES.isdisjoint(words(found["value"]))


def _postscript(lines: Sequence[str]) -> list[str]:
    return next((list(lines[at:]) for at, line in enumerate(lines) if _POSTSCRIPT.match(line)), [])
