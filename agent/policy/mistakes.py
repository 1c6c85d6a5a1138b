"""What is wrong with a policy file: each mistake one sentence with its place and what to do about it."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable
from typing import NamedTuple


class Place(NamedTuple):
    """Both counted from 1, as editors do."""

    line: int
    column: int


class Mistake(NamedTuple):
    place: Place
    sentence: str

    def __str__(self) -> str:
        return f"line {self.place.line}, column {self.place.column}: {self.sentence}"


class PolicyUnusable(ValueError):
    """The text is not a policy; `mistakes` says why, in the order of the lines. What is in force stays in force."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = tuple(sorted(mistakes))
        super().__init__("\n".join(str(mistake) for mistake in self.mistakes))


class Mistakes:
    """Collects mistakes, so that an admin sees all of them at once."""

    def __init__(self) -> None:
        self.found: list[Mistake] = []

    def add(self, place: Place, sentence: str) -> None:
        self.found.append(Mistake(place, sentence))

    def stop_if_any(self) -> None:
        if self.found:
            raise PolicyUnusable(self.found)


def quoted(text: str) -> str:
    """An admin's own words, short enough for one sentence."""
    shown = " ".join(text.split())
    return f'"{shown[:57]}..."' if len(shown) > 60 else f'"{shown}"'


def close(wrong: str, choices: Collection[str]) -> str | None:
    """The choice that was probably meant: one that is written alike, or that has the word in it."""
    word = wrong[:200].casefold()
    near = difflib.get_close_matches(word, {choice.casefold(): choice for choice in choices}, n=1)
    part_of = sorted((choice for choice in choices if word and word in choice.casefold().split()), key=len)
    return next((choice for choice in choices if [choice.casefold()] == near), next(iter(part_of), None))


def mend(wrong: str, choices: Collection[str]) -> str:
    """What to write instead: the near choice as a question, else all there are, unless they fill a page."""
    near = close(wrong, choices)
    if near:
        return f"did you mean {quoted(near)}?"
    return f"write {_either(list(choices))}" if len(choices) <= 40 else "check its spelling"


def _either(choices: list[str]) -> str:
    return choices[0] if len(choices) == 1 else f"{', '.join(choices[:-1])} or {choices[-1]}"
