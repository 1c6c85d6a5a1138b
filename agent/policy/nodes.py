"""YAML as texts with their places: nothing is guessed to be a number, a date or a truth value.

Duplicate keys, anchors, aliases, tags, directives, tabs and characters that do not show are refused, since what they
mean is not what is read: by who agrees to a draft, in an editor or in a terminal.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

import yaml
from yaml.composer import Composer
from yaml.parser import Parser
from yaml.resolver import Resolver

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

OPEN_QUOTE = "found unexpected end of stream"
"""Noticed at the end of the file; its place is where the quote was opened."""
MENDS: Mapping[str, str] = {
    "mapping values are not allowed here":
        "a colon stands inside text without quotes; put the text in quotes (or indent the line as its neighbours)",
    "could not find expected ':'": "a key without a colon; write `key: value`, with the values below indented",
    OPEN_QUOTE: "a quote is opened and not closed; close it",
    "found unexpected ':'": "a colon stands inside text without quotes; put the text in quotes",
    "expected a single document in the stream": "a second document begins (---); keep one",
    "found character '>'": "a comparison is written as in `{over: 30}`; or put the text in quotes",
    "found character": "text cannot begin with this character; put the text in quotes",
    "while scanning an alias": "a star (*) alone is not read here; write `all` for all actions, or put text in quotes",
    "while scanning a block scalar": "> and | begin a block of text; put the text in quotes",
}
"""PyYAML's words for a problem, by their beginning, in ours."""

DEEPEST = 20
"""How many brackets and indentations may lie within each other; a policy has 6."""

UNSEEN = ("Cc", "Cf", "Cs", "Zl", "Zp")
"""Categories of characters that show as nothing, or move or hide what stands beside them."""

WITHOUT_COLON = re.compile(r"[ -]*(?P<key>[a-z_]+)(?P<between> *:| +)(?P<value>[^ :{\[][^:]*)", re.ASCII)

OPENING = (yaml.BlockMappingStartToken, yaml.BlockSequenceStartToken, yaml.FlowMappingStartToken,
           yaml.FlowSequenceStartToken)
CLOSING = (yaml.BlockEndToken, yaml.FlowMappingEndToken, yaml.FlowSequenceEndToken)
TOO_DEEP = "this is nested too deeply; write the table as the shipped policy does"

BLOCK = "this line does not fit the ones above; check its indentation, and text after a closing bracket or quote"
FLOW = "this does not fit inside the brackets; check commas, colons and the closing bracket, and quote text"


def text_digest(text: str) -> str:
    """SHA-256, by which a version of a file is known for ever."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def read(text: str, holds: str = "policy, actions and rules") -> Node:
    """Raises PolicyUnusable with every trap found, or with the one place where reading had to end."""
    mistakes = Mistakes()
    _refuse_odd_spaces(text, mistakes)
    mistakes.stop_if_any()
    _refuse_unseen(text.removeprefix("\ufeff"), mistakes)
    mistakes.stop_if_any()
    node = _compose(text, mistakes)
    mistakes.stop_if_any()
    if node is None:
        raise PolicyUnusable([Mistake(Place(1, 1), f"the file is empty; write {holds}")])
    found = _convert(node, mistakes)
    mistakes.stop_if_any()
    return found


def _refuse_odd_spaces(text: str, mistakes: Mistakes) -> None:
    """Tabs anywhere; at the beginning of a line also spaces that only look like some, as copied from a web page."""
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), start=1):
        indent = line[:len(line) - len(line.lstrip())].rstrip("\r")
        if "\t" in line:
            mistakes.add(Place(number, line.index("\t") + 1), "a tab; use spaces")
        elif odd := indent.strip(" "):
            mistakes.add(Place(number, indent.index(odd[0]) + 1), "a no-break or other odd space; use plain spaces")


def _refuse_unseen(text: str, mistakes: Mistakes) -> None:
    """Also in remarks: there one could turn the direction of writing, or begin a line that no editor shows as one."""
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.isascii() or not line.isprintable():
            for column, character in enumerate(line.removesuffix("\r"), start=1):
                if unicodedata.category(character) in UNSEEN:
                    mistakes.add(Place(number, column), _unseen(character))


def _unseen(character: str) -> str:
    return f"a character that does not show (U+{ord(character):04X}); delete it"


def _compose(text: str, mistakes: Mistakes) -> yaml.Node | None:
    tokens: deque[yaml.Token] = deque()
    try:
        deep = 0
        for token in yaml.scan(text, Loader=yaml.SafeLoader):
            tokens.append(token)
            if type(token) in DECEIVING:
                mistakes.add(_place(token.start_mark), DECEIVING[type(token)])
            deep += isinstance(token, OPENING) - isinstance(token, CLOSING)
            if deep > DEEPEST:
                mistakes.add(_place(token.start_mark), TOO_DEEP)
                break
        return None if mistakes.found else _Scanned(tokens).get_single_node()
    except yaml.MarkedYAMLError as error:
        mark = error.context_mark if error.problem == OPEN_QUOTE else error.problem_mark or error.context_mark
        place = _place(mark) if mark else Place(1, 1)
        mistakes.add(*(_without_colon(text, place, error) or (place, _in_our_words(error))))
    except yaml.reader.ReaderError as error:
        before = text[:error.position]
        place = Place(before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1)
        mistakes.add(place, "a character that cannot be printed; delete it")
    except RecursionError:
        mistakes.add(Place(1, 1), TOO_DEEP)
    return None


class _Scanned(Parser, Composer, Resolver):
    """PyYAML from the tokens on: scanning is most of the work, and is done once."""

    def __init__(self, tokens: deque[yaml.Token]) -> None:
        Parser.__init__(self)
        Composer.__init__(self)
        Resolver.__init__(self)
        self.tokens = tokens

    def check_token(self, *choices: type[yaml.Token]) -> bool:
        return bool(self.tokens) and (not choices or isinstance(self.tokens[0], choices))

    def peek_token(self) -> yaml.Token | None:
        return self.tokens[0] if self.tokens else None

    def get_token(self) -> yaml.Token | None:
        return self.tokens.popleft() if self.tokens else None


def _without_colon(text: str, place: Place, error: yaml.MarkedYAMLError) -> tuple[Place, str] | None:
    """A key without its colon, or without the space after it, is noticed only in a line below."""
    lines, problem = text.split("\n"), error.problem or ""
    number = place.line - 1
    if problem.startswith("could not find expected ':'") and error.context_mark:
        number = error.context_mark.line + 1
    elif not problem.startswith("mapping values are") or lines[place.line - 1].find(":") != place.column - 1:
        return None
    while number > 0 and (not lines[number - 1].strip() or lines[number - 1].lstrip().startswith("#")):
        number -= 1
    found = WITHOUT_COLON.fullmatch(lines[number - 1]) if number else None
    if found is None:
        return None
    written, meant = found["key"] + found["between"] + found["value"], f"{found['key']}: {found['value']}"
    return Place(number, found.start("key") + 1), (
        f"{quoted(written)} has no colon with a space after it; write `{meant}`")


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
    text = str(node.value)
    if unseen := [one for one in text if one != "\n" and unicodedata.category(one) in UNSEEN]:
        mistakes.add(place, _unseen(unseen[0]))  # written with a backslash
    return Text(text, place)


def _table(node: yaml.MappingNode, place: Place, mistakes: Mistakes) -> Table:
    entries: dict[str, tuple[Text, Node]] = {}
    for key_node, value_node in node.value:
        key = _convert(key_node, mistakes)
        value = _convert(value_node, mistakes)
        if not isinstance(key, Text):
            mistakes.add(key.place, "a key must be a plain word; write `key: value`")
        elif key.text in entries:
            first = entries[key.text][0].place.line
            mistakes.add(key.place, f"{quoted(key.text)} is written twice, first in line {first}; keep one of them"
                                    + (", or begin the next entry with `- id:`" if key.text == "id" else ""))
            if key.text == "id":
                break  # what follows is the rest of that entry
        else:
            entries[key.text] = (key, value)
    return Table(entries, place)
