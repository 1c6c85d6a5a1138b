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
from itertools import accumulate
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
MOST_STEPS = 1_500
"""Parts of a text, and sentences that they are held against, before it stays English; ours take some hundred."""
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
        try:
            said = Reading(self).best(text, about, "; ", DEEPEST)
        except TooMuch:
            return Said(text, (text,))
        if said.unknown and about in KINDS and KINDS[about].free:
            return Said(text)
        return Said(text, (text,)) if any(QUOTES & set(part) for part in said.unknown) else said

    def readings(self, text: str, about: str, *, anew: bool) -> Iterator[Sentence]:
        """The sentences with holes that this text may be. `anew`: its first letter is not as it was written, so no
        hole may begin it."""
        starts = (text[:1],) if anew else (text[:1], "")
        return (one for start in starts for one in self._sentences.get((about, start), ()) if one.may_be(text))

    def exact(self, about: str, text: str) -> str | None:
        return self._exact.get((about, text))


class TooMuch(Exception):
    """The text can be read in more ways than anyone has time for."""


@dataclass
class Reading:
    """One text being read. No part of it is read twice, and what takes more than `left` steps is not read at all."""

    known: Catalogue
    left: int = MOST_STEPS
    _read: dict[tuple[str, str, str, int], Said] = field(default_factory=dict)
    _wholes: dict[tuple[str, str, int], Said | None] = field(default_factory=dict)

    def best(self, text: str, about: str, joint: str, deep: int) -> Said:
        """Read in whole where that leaves nothing unknown; else sentence by sentence or clause by clause."""
        key = (text, about, joint, deep)
        if key not in self._read:
            self._read[key] = self._best(*key)
        return self._read[key]

    def _best(self, text: str, about: str, joint: str, deep: int) -> Said:
        whole = self._whole(text, about, deep)
        if whole is not None and not whole.unknown:
            return whole
        ways = [whole] if whole else []
        for pieces, between in ((_apart(text, SENTENCES), " "), (_apart(text, _joints(joint)), joint)):
            if 1 < len(pieces) <= MOST_CLAUSES and deep:
                ways.append(self._row(pieces, between, about, joint, deep))
        return min([*ways, Said(text, (text,))], key=lambda one: one.cost)

    def _whole(self, text: str, about: str, deep: int) -> Said | None:
        key = (text, about, deep)
        if key not in self._wholes:
            self._wholes[key] = self._as_one(*key)
        return self._wholes[key]

    def _as_one(self, text: str, about: str, deep: int) -> Said | None:
        """As the one sentence of ours that leaves the least unknown; of these, the one with most words of its own."""
        self._step()
        said = None
        for _, form, ends, begins, sentence in sorted(self._ways(text, about, deep), key=lambda way: -way[0]):
            one = self._as(sentence, form, deep) if isinstance(sentence, Sentence) else Said(sentence)
            if one is not None and (said is None or one.cost < said.cost):
                said = Said(_capital(one.words, begins) + ends, one.unknown)
            if said is not None and not said.unknown:
                break
        return said

    def _ways(self, text: str, about: str, deep: int) -> Iterator[tuple[int, str, str, bool, Sentence | str]]:
        for form, ends, begins in _forms(text):
            if (exact := self.known.exact(about, form)) is not None:
                yield len(form), form, ends, begins, exact
            for sentence in self.known.readings(form, about, anew=begins) if deep else ():
                yield sentence.own, form, ends, begins, sentence

    def _as(self, sentence: Sentence, text: str, deep: int) -> Said | None:
        """The text read as this sentence. One that can be read in two ways, to different ends, is not read at all."""
        self._step()
        matches = [match for reading in sentence.readings if (match := reading.fullmatch(text))]
        ways = list({tuple(match.groupdict().items()): None for match in matches})
        found = {said: None for way in ways if (said := self._filled(sentence, dict(way), deep)) is not None}
        if not found:
            return None
        least = min(said.cost for said in found)
        best = [said for said in found if said.cost == least]
        return best[0] if len(best) == 1 else None

    def _step(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise TooMuch

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
        said = self.best(text.replace("_", " ") if name == "facts" else text, about, kind.joint, deep)
        if said.unknown and kind.free:
            return Said(text)
        return None if said.unknown and kind.strict else said

    def _row(self, pieces: Sequence[str], joint: str, about: str, inner: str, deep: int) -> Said:
        """Piece by piece; pieces that are one sentence together are read together, and best as many as can be."""
        rest: list[Said] = [Said("")]
        for start in reversed(range(len(pieces))):
            ways: list[Said] = []
            for end in range(len(pieces), start, -1):
                one = self._whole(joint.join(pieces[start:end]), about, deep)
                if one is None and end == start + 1:
                    one = self.best(pieces[start], about, inner, deep - 1)
                if one is not None:
                    ways.append(_before(one, rest[len(pieces) - end], self._joint(joint)))
                if ways and not ways[-1].unknown:
                    break
            rest.append(min(ways, key=lambda way: way.cost))
        return rest[-1]

    def _joint(self, joint: str) -> str:
        return self.known.exact("joint", joint) or joint

    def _day(self, text: str) -> str:
        day, month, rest = text.split(" ", 2)
        year, *time = rest.split(" ")
        try:
            written = format_date(date(int(year), MONTHS.index(month) + 1, int(day)), "medium",
                                  locale=self.known.language)
        except ValueError:
            return text
        return " ".join([written, *time])


@cache
def _joints(joint: str) -> re.Pattern[str]:
    return re.compile(re.escape(joint) if joint else r"(?!)")


def _apart(text: str, between: re.Pattern[str]) -> list[str]:
    """What stands between these, none of which is looked for inside “…”: that is somebody's words."""
    pieces, begin = [], 0
    quoted = [0, *accumulate((letter == "“") - (letter == "”") for letter in text)]
    for found in between.finditer(text):
        if quoted[found.start()] <= 0:
            pieces.append(text[begin:found.start()])
            begin = found.end()
    return [*pieces, text[begin:]]


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
