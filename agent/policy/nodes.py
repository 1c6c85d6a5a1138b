"""YAML as texts with their places: nothing is guessed to be a number, a date or a truth value.

Duplicate keys, anchors, aliases, tags, directives and tabs are refused, since what they mean is not what is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import yaml

from agent.policy.mistakes import Mistake, Mistakes, Place, PolicyUnusable, quoted


@dataclass(frozen=True)
class Text:
    text: str
    place: Place


@dataclass(frozen=True)
class Items:
    items: tuple[Node, ...]
    place: Place


@dataclass(frozen=True)
class Table:
    entries: dict[str, tuple[Text, Node]]
    """Per key: the key with its place, and what stands there."""
    place: Place


Node = Text | Items | Table

DECEIVING: Mapping[type[yaml.Token], str] = {
    yaml.AliasToken: "an alias (*) is not read here; write the value out",
    yaml.AnchorToken: "an anchor (&) is not read here; write the value out, or put the text in quotes",
    yaml.TagToken: "a tag (!) is not read here; leave it out, or put the text in quotes",
    yaml.DirectiveToken: "a directive (%) is not read here; leave the line out",
}

MENDS: Mapping[str, str] = {
    "mapping values are not allowed here":
        "a colon stands inside text without quotes; put the text in quotes (or indent the line as its neighbours)",
    "could not find expected ':'": "a key without a colon; write `key: value`, with the values below indented",
    "found unexpected end of stream": "a quote is opened and not closed; close it",
    "found unexpected ':'": "a colon stands inside text without quotes; put the text in quotes",
    "expected a single document in the stream": "a second document begins (---); keep one",
}
"""PyYAML's words for a problem, by their beginning, in ours."""

BLOCK = "this line does not fit the ones above; check its indentation, and text after a closing bracket or quote"
FLOW = "this does not fit inside the brackets; check commas, colons and the closing bracket, and quote text"


def read(text: str, holds: str = "policy, actions and rules") -> Node:
    """Raises PolicyUnusable with every trap found, or with the one place where reading had to end."""
    mistakes = Mistakes()
    _refuse_tabs(text, mistakes)
    mistakes.stop_if_any()
    node = _compose(text, mistakes)
    mistakes.stop_if_any()
    if node is None:
        raise PolicyUnusable([Mistake(Place(1, 1), f"the file is empty; write {holds}")])
    found = _convert(node, mistakes)
    mistakes.stop_if_any()
    return found


def _refuse_tabs(text: str, mistakes: Mistakes) -> None:
    for number, line in enumerate(text.split("\n"), start=1):
        if "\t" in line:
            mistakes.add(Place(number, line.index("\t") + 1), "a tab; use spaces")


def _compose(text: str, mistakes: Mistakes) -> yaml.Node | None:
    try:
        for token in yaml.scan(text, Loader=yaml.SafeLoader):
            if type(token) in DECEIVING:
                mistakes.add(_place(token.start_mark), DECEIVING[type(token)])
        return None if mistakes.found else yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        mistakes.add(_place(mark) if mark else Place(1, 1), _in_our_words(error))
    except yaml.reader.ReaderError as error:
        before = text[:error.position]
        place = Place(before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1)
        mistakes.add(place, "a character that cannot be printed; delete it")
    except RecursionError:
        mistakes.add(Place(1, 1), "brackets are nested too deeply; write the table as the shipped policy does")
    return None


def _in_our_words(error: yaml.MarkedYAMLError) -> str:
    problem = error.problem or ""
    for beginning, mend in MENDS.items():
        if problem.startswith(beginning) or (error.context or "").startswith(beginning):
            return mend
    return FLOW if "flow" in (error.context or "") else BLOCK


def _place(mark: yaml.Mark) -> Place:
    return Place(mark.line + 1, mark.column + 1)


def _convert(node: yaml.Node, mistakes: Mistakes) -> Node:
    place = _place(node.start_mark)
    if isinstance(node, yaml.MappingNode):
        return _table(node, place, mistakes)
    if isinstance(node, yaml.SequenceNode):
        return Items(tuple(_convert(item, mistakes) for item in node.value), place)
    return Text(str(node.value), place)


def _table(node: yaml.MappingNode, place: Place, mistakes: Mistakes) -> Table:
    entries: dict[str, tuple[Text, Node]] = {}
    for key_node, value_node in node.value:
        key = _convert(key_node, mistakes)
        value = _convert(value_node, mistakes)
        if not isinstance(key, Text):
            mistakes.add(key.place, "a key must be a plain word; write `key: value`")
        elif key.text in entries:
            first = entries[key.text][0].place.line
            mistakes.add(key.place, f"{quoted(key.text)} is written twice, first in line {first}; keep one of them")
        else:
            entries[key.text] = (key, value)
    return Table(entries, place)
