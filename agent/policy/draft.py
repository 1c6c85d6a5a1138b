"""The small parts of a policy file: tables with known keys, words, whole numbers, amounts, one of several words."""

from __future__ import annotations

import re
from collections.abc import Iterable

from agent.policy.facts import FACTS
from agent.policy.mistakes import Mistakes, close, mend, quoted
from agent.policy.nodes import Items, Node, Table, Text
from connectors.contract import Money
from connectors.money import exponent

AMOUNT = re.compile(r"\d{1,13}(\.\d{1,9})?", re.ASCII)
WHOLE = re.compile(r"\d{1,9}", re.ASCII)
USUAL = ("USD", "EUR", "GBP", "JPY", "CHF")


class Draft:
    """A file while it is being read. What cannot be read is None (or empty), and its mistake is noted."""

    def __init__(self) -> None:
        self.mistakes = Mistakes()

    def wrong(self, at: Node, sentence: str) -> None:
        self.mistakes.add(at.place, sentence)

    def parts(self, node: Node, what: str, needed: tuple[str, ...], optional: tuple[str, ...] = (),
              key: Text | None = None) -> dict[str, Node] | None:
        keys = (*needed, *optional)
        if not isinstance(node, Table):
            self.wrong(node, f"{what} is not a table; write `key: value` with the keys {', '.join(needed)}")
            return None
        meant = set(node.entries)
        for name, (word, _) in node.entries.items():
            if name not in keys:
                self.wrong(word, f"{stray(name)} is not a key of {what}; {mend(name, keys)}")
                meant.add(close(name, keys) or "")
        absent = [name for name in needed if name not in meant]
        if absent:
            self.wrong(key or node, f"{what} has no {' and no '.join(absent)}; "
                                    f"add {' and '.join(f'`{name}:`' for name in absent)}")
        return {name: value for name, (_, value) in node.entries.items() if name in keys}

    def word(self, node: Node | None, what: str) -> str | None:
        if node is None:
            return None
        if isinstance(node, Text) and node.text.strip():
            return " ".join(node.text.split())
        self.wrong(node, f"{what} is not a text; write some words (in quotes where they hold a colon, a # or "
                         "brackets)")
        return None

    def texts(self, node: Node | None, what: str) -> tuple[Text, ...]:
        """A list of texts; one text alone is a list of one."""
        if node is None:
            return ()
        items = node.items if isinstance(node, Items) else (node,)
        texts = tuple(item for item in items if isinstance(item, Text))
        if not texts or len(texts) < len(items):
            self.wrong(node, f"{what} is not a list of values; write it as `[one, another]`")
            return ()
        return texts

    def one_of(self, node: Node | None, choices: Iterable[str], what: str) -> str | None:
        choices = tuple(choices)
        if node is None or (isinstance(node, Text) and node.text in choices):
            return node.text if isinstance(node, Text) else None
        said = node.text if isinstance(node, Text) else ""
        problem = f"{what}: {quoted(said)} is not possible" if said else (
            f"{what} is empty" if isinstance(node, Text) else f"{what} is a list or a table, and must be one value")
        self.wrong(node, f"{problem}; {mend(said, choices)}")
        return None

    def whole(self, node: Node | None, what: str, *, least: int = 0, most: int = 10**6) -> int | None:
        if node is None:
            return None
        text = node.text if isinstance(node, Text) else ""
        if WHOLE.fullmatch(text) and least <= int(text) <= most:
            return int(text)
        self.wrong(node, f"{what}: {quoted(text)} is not a whole number from {least} to {most}; "
                         "write digits only, as in `30`")
        return None

    def amount(self, node: Node, currency: str) -> Money | None:
        text = node.text if isinstance(node, Text) else ""
        if not AMOUNT.fullmatch(text):
            self.wrong(node, f"{quoted(text)} is not an amount of {currency}; write the number alone, as in `25` or "
                             "`12.50`, without currency, words or separators")
            return None
        whole, _, part = text.partition(".")
        try:
            money = Money.of(text, currency)
            if len(part) <= exponent(currency):
                return money
            self.wrong(node, f"{text} can be read in two ways; write {whole}{part} or {money.decimal()}")
            return None
        except ValueError:
            self.wrong(node, f"{currency} cannot be {text}, that is finer than its smallest unit; write {whole}"
                       if part.strip("0") else f"{text} is more {currency} than can be counted; write less")
            return None

    def is_currency(self, key: Text) -> bool:
        known = FACTS["currency"].domain or frozenset()
        if key.text in known:
            return True
        near = close(key.text.upper(), USUAL) or close(key.text.upper(), known)
        hint = f"did you mean {quoted(near)}?" if near else "write its ISO code, as in USD"
        self.wrong(key, f"{stray(key.text)} is not a currency Deskhand knows; {hint}")
        return False


def stray(name: str) -> str:
    """A key that should not be there; one of digits comes from a number written 1,000 or 12,50."""
    return f"{quoted(name)} (write 1000 and 12.50, not 1,000 and 12,50)" if name.isdigit() else quoted(name)
