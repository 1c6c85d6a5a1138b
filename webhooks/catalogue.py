"""What our sentences are in another language.

The catalogues are gettext files; their msgids are whole sentences and clauses with named holes. A text is read as one
of them, or clause by clause where our own code joins them. What stands in a hole is translated only where the hole's
name says that these are our words; every piece is turned where it stands, so that the translation says what the
English says and never more. What no msgid knows stays English.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import NamedTuple

from babel.dates import format_date
from babel.messages.pofile import read_po

FOLDER = Path(__file__).parent / "translations"
WRITTEN_IN = "en"
LANGUAGES = (WRITTEN_IN, *sorted(path.stem for path in FOLDER.glob("*.po")))
LONGEST = 8_000
"""Characters; a longer text is no sentence of ours."""
MOST_CLAUSES = 24
DEEPEST = 6
QUOTES = frozenset("“”")
SENTENCES = re.compile(r"(?<=[.”]) (?=[A-Z])")
"""Between two of them."""
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Kind(NamedTuple):
    """What may stand in a hole of this name."""

    pattern: str
    ours: bool = False
    """It is words of ours, to be translated in turn; otherwise it is copied."""
    joint: str = ""
    """Between several of them."""
    strict: bool = False
    """It must be known, or the sentence is another one."""
    free: bool = False
    """It may also be somebody else's word, such as the name of a card."""


DAY = r"\d{1,2} [A-Z][a-z]{2} \d{4}"
KINDS: Mapping[str, Kind] = {
    "money": Kind(r"-?[A-Z]{3} [\d,]+(?:\.\d+)?(?: \(minor units\))?"), "day": Kind(DAY),
    "moment": Kind(DAY + r" \d{2}:\d{2} UTC"),
    "n": Kind(r"\d+"), "id": Kind(r"[\w.:@/-]+"), "quoted": Kind(r"[^“”]*"),
    "brand": Kind(r"[^“”;:,()]{1,40}"), "file": Kind(r"[^“”;]+"), "apart": Kind(r"\d+ (?:min|h)"),
    # Five letters and a full stop end a sentence, which no name goes over; "Dr." and "Prof." do not.
    "who": Kind(r"(?:(?!\S{5}\. )[^“”;:\n]){1,100}", ours=True, free=True),
    "said": Kind(r".*"),
    "clause": Kind(r".+", ours=True, joint="; "), "changes": Kind(r".+", ours=True, joint=", "),
    "because": Kind(r"(?:(?! \(rule ).)+", ours=True),
    **{name: Kind(r"[^“”;:]+", ours=True, strict=True) for name in (
        "duty", "action", "answer", "ending", "then", "wish", "how")},
    "asks": Kind(r"[^“”;:]+", ours=True, joint=", ", strict=True),
    "asking": Kind(r"[^“”;:]+", ours=True, joint=", then ", strict=True),
    "reasons": Kind(r".+", ours=True, joint=", "),
    "asked": Kind(r"[^“”;:]+", ours=True, joint=" and ", strict=True),
    "roles": Kind(r"[^“”;:.]+", ours=True, joint=" or ", strict=True),
    "fields": Kind(r"[^“”;:]+", ours=True, joint=", ", strict=True),
    "facts": Kind(r"[^“”;:]+", ours=True, joint=", "),
    "signals": Kind(r"[^“”;:]+", ours=True, joint=", "),
    "method": Kind(r"[^“”;:,()]{1,60}", ours=True, free=True),
    "state": Kind(r"[\w ]+", ours=True, free=True),
    "by": Kind(r".*", ours=True, free=True), "payment": Kind(r".*", ours=True, free=True),
    "value": Kind(r"“[^“”]*”|empty|yes|no", ours=True, free=True),
}
"""By the name of a hole, without the number behind it. `said` is people's own words to the very end of the text."""
ABOUT = {"asks": "ask", "roles": "role", "fields": "field", "facts": "fact", "signals": "signal", "changes": "change"}
"""The msgctxt of what stands in such a hole, where it is not the hole's own name."""
PLAIN = ("clause", "because", "reasons")
"""Holes whose words stand in the catalogue without a msgctxt."""


@dataclass(frozen=True)
class Said:
    """A text in another language; `unknown` are the parts of ours that stayed as they were."""

    words: str
    unknown: tuple[str, ...] = ()

    @property
    def cost(self) -> int:
        return sum(len(part) for part in self.unknown)


@dataclass(frozen=True)
class Sentence:
    """One msgid with holes, and how it is said."""

    parts: tuple[str, ...]
    """Its own words, between the holes."""
    readings: tuple[re.Pattern[str], re.Pattern[str]]
    """With as little as can be in each hole, and with as much."""
    translation: str

    @classmethod
    def of(cls, msgid: str, translation: str) -> Sentence:
        own = re.split(r"\{\w+\}", msgid)
        holes = re.findall(r"\{(\w+)\}", msgid)
        if any(kind_of(hole) == "said" for hole in holes[:-1]) or (holes and kind_of(holes[-1]) == "said" and own[-1]):
            raise ValueError(f"people's words stand last: {msgid}")
        return cls(tuple(own), (_pattern(own, holes, "?"), _pattern(own, holes, "")), translation)

    def may_be(self, text: str) -> bool:
        return text.startswith(self.parts[0]) and text.endswith(self.parts[-1]) and all(
            part in text for part in self.parts)

    @property
    def own(self) -> int:
        """How many characters of it are its own."""
        return sum(len(part) for part in self.parts)


def kind_of(hole: str) -> str:
    return hole.rstrip("0123456789")


def _pattern(own: Sequence[str], holes: Sequence[str], shortest: str) -> re.Pattern[str]:
    written = re.escape(own[0])
    for hole, after in zip(holes, own[1:], strict=True):
        pattern = KINDS[kind_of(hole)].pattern
        written += f"(?P<{hole}>{pattern}{shortest if pattern[-1] in '+*}' else ''}){re.escape(after)}"
    return re.compile(written, re.DOTALL)


@dataclass
class Catalogue:
    """All sentences of one language."""

    language: str
    tag: str
    """Names the language and this edition of its words."""
    entries: list[tuple[str, str, str]] = field(default_factory=list)
    """msgctxt, msgid and translation, as the file has them."""
    _exact: dict[tuple[str, str], str] = field(default_factory=dict)
    _sentences: dict[tuple[str, str], list[Sentence]] = field(default_factory=dict)

    def add(self, about: str, msgid: str, translation: str) -> None:
        self.entries.append((about, msgid, translation))
        if "{" not in msgid:
            self._exact[about, msgid] = translation
            return
        sentence = Sentence.of(msgid, translation)
        self._sentences.setdefault((about, sentence.parts[0][:1]), []).append(sentence)

    def say(self, text: str, about: str = "") -> Said:
        """The text in this language. `about` is the msgctxt, for words that mean something else elsewhere.

        Where quoted words are in what was not understood, all of it stays: nobody can tell whose words the rest are.
        """
        if not text or len(text) > LONGEST:
            return Said(text, (text,) if text else ())
        said = self._best(text, about, "; ", DEEPEST)
        if said.unknown and about in KINDS and KINDS[about].free:
            return Said(text)
        return Said(text, (text,)) if any(QUOTES & set(part) for part in said.unknown) else said

    def _best(self, text: str, about: str, joint: str, deep: int) -> Said:
        """Read in whole where that leaves nothing unknown; else sentence by sentence or clause by clause."""
        whole = self._whole(text, about, deep)
        if whole is not None and not whole.unknown:
            return whole
        ways = [whole] if whole else []
        for pieces, between in ((SENTENCES.split(text), " "), (text.split(joint) if joint else [text], joint)):
            if 1 < len(pieces) <= MOST_CLAUSES and deep:
                ways.append(self._row(pieces, between, about, joint, deep))
        return min([*ways, Said(text, (text,))], key=lambda one: one.cost)

    def _whole(self, text: str, about: str, deep: int) -> Said | None:
        best: tuple[int, int] | None = None
        said = None
        for form, ends, begins in _forms(text):
            for own, one in self._readings(form, about, deep, anew=begins):
                rank = (one.cost, -own)
                if best is None or rank < best:
                    best, said = rank, Said(_capital(one.words, begins) + ends, one.unknown)
        return said

    def _readings(self, text: str, about: str, deep: int, *, anew: bool) -> Iterator[tuple[int, Said]]:
        """`anew`: its first letter is not as it was written, so no hole may begin it."""
        if (exact := self._exact.get((about, text))) is not None:
            yield len(text), Said(exact)
        if deep == 0:
            return
        starts = (text[:1],) if anew else (text[:1], "")
        for sentence in (one for start in starts for one in self._sentences.get((about, start), ())):
            if sentence.may_be(text) and (said := self._as(sentence, text, deep)) is not None:
                yield sentence.own, said

    def _as(self, sentence: Sentence, text: str, deep: int) -> Said | None:
        """The text read as this sentence. One that can be read in two ways, to different ends, is not read at all."""
        matches = [match for reading in sentence.readings if (match := reading.fullmatch(text))]
        ways = list({tuple(match.groupdict().items()): None for match in matches})
        found = {said: None for way in ways if (said := self._filled(sentence, dict(way), deep)) is not None}
        if not found:
            return None
        least = min(said.cost for said in found)
        best = [said for said in found if said.cost == least]
        return best[0] if len(best) == 1 else None

    def _filled(self, sentence: Sentence, holes: Mapping[str, str], deep: int) -> Said | None:
        words: dict[str, str] = {}
        unknown: list[str] = []
        for hole, text in holes.items():
            one = self._hole(kind_of(hole), text, deep - 1)
            if one is None:
                return None
            words[hole] = one.words
            unknown += one.unknown
        return Said(re.sub(r"\{(\w+)\}", lambda hole: words[hole[1]], sentence.translation), tuple(unknown))

    def _hole(self, name: str, text: str, deep: int) -> Said | None:
        kind = KINDS[name]
        if not kind.ours:
            return Said(self._day(text) if name in ("day", "moment") else text)
        about = "" if name in PLAIN else ABOUT.get(name, name)
        said = self._best(text.replace("_", " ") if name == "facts" else text, about, kind.joint, deep)
        if said.unknown and kind.free:
            return Said(text)
        return None if said.unknown and kind.strict else said

    def _row(self, pieces: Sequence[str], joint: str, about: str, inner: str, deep: int) -> Said:
        """Piece by piece; pieces that are one sentence together are read together, and best as many as can be."""
        rest: list[Said] = [Said("")]
        for start in reversed(range(len(pieces))):
            ways = []
            for end in range(len(pieces), start, -1):
                one = self._whole(joint.join(pieces[start:end]), about, deep)
                if one is None and end == start + 1:
                    one = self._best(pieces[start], about, inner, deep - 1)
                if one is not None:
                    ways.append(_before(one, rest[len(pieces) - end], self._joint(joint)))
            rest.append(min(ways, key=lambda way: way.cost))
        return rest[-1]

    def _joint(self, joint: str) -> str:
        return self._exact.get(("joint", joint), joint)

    def _day(self, text: str) -> str:
        day, month, rest = text.split(" ", 2)
        year, *time = rest.split(" ")
        try:
            written = format_date(date(int(year), MONTHS.index(month) + 1, int(day)), "medium", locale=self.language)
        except ValueError:
            return text
        return " ".join([written, *time])


def _forms(text: str) -> Iterator[tuple[str, str, bool]]:
    """The text, what ends it, and whether its first letter was made small: clauses also begin and end sentences."""
    for form, ends in ((text, ""), *(((text[:-1], "."),) if text.endswith(".") else ())):
        yield form, ends, False
        if form[:1].isupper():
            yield form[:1].lower() + form[1:], ends, True


def _capital(words: str, begins: bool) -> str:
    return words[:1].upper() + words[1:] if begins else words


def _before(first: Said, rest: Said, joint: str) -> Said:
    return Said(first.words + joint + rest.words if rest.words else first.words, first.unknown + rest.unknown)


@cache
def catalogue(language: str) -> Catalogue | None:
    """The words of a language, read once; None for the one that everything is written in."""
    if language == WRITTEN_IN:
        return None
    text = (FOLDER / f"{language}.po").read_bytes()
    found = Catalogue(language, f"{language}-{hashlib.sha256(text).hexdigest()[:8]}")
    with (FOLDER / f"{language}.po").open("rb") as file:
        for message in read_po(file):
            if message.id and isinstance(message.id, str) and isinstance(message.string, str):
                found.add(message.context or "", message.id, message.string)
    return found
