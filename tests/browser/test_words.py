"""Every word of the page stands in every language, and none is left over."""

from __future__ import annotations

import json
import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / "webhooks" / "pages" / "static" / "sidebar"


def words(language: str) -> dict[str, str]:
    text = (PAGE / f"words.{language}.js").read_text()
    return {name: json.loads(said) for name, said in re.findall(r'\b(\w+): ("(?:[^"\\]|\\.)*")', text)}


def test_german_has_the_words_of_english_with_the_same_places_to_fill() -> None:
    english, german = words("en"), words("de")
    assert english.keys() == german.keys()
    for name, said in english.items():
        assert set(re.findall(r"\{\w+\}", said)) == set(re.findall(r"\{\w+\}", german[name])), name


def test_every_name_the_page_asks_for_has_words() -> None:
    asked = {name for path in PAGE.glob("*.js") if not path.name.startswith("words.")
             for name in re.findall(r'\bt\("(\w+)"', path.read_text())}
    assert len(asked) > 60
    assert asked <= words("en").keys()


def test_the_page_never_takes_markup() -> None:
    takes_markup = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|DOMParser")
    assert [path.name for path in PAGE.glob("*.js") if takes_markup.search(path.read_text())] == []
