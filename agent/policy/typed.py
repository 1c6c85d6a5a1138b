"""Facts as people type them become facts as a decision takes them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping

from agent.policy.facts import FACTS, MOST, Fact, FactValue
from agent.policy.mistakes import mend, quoted
from connectors.contract import Money

MONEY = re.compile(r"(?:([A-Za-z]{3})\s*)?(\d{1,13}(?:\.\d{1,9})?)(?:\s*([A-Za-z]{3}))?", re.ASCII)
WHOLE = re.compile(r"\d{1,9}", re.ASCII)
NOT_KNOWN = ("", "unknown")


class FactsUnusable(ValueError):
    """What was typed are not facts; `sentences` says what is wrong with each, and the mend."""

    def __init__(self, sentences: Iterable[str]) -> None:
        self.sentences = tuple(sentences)
        super().__init__("\n".join(self.sentences))


class _Unusable(ValueError):
    """One fact; the message is the sentence."""


def typed(action: str, given: Mapping[str, object]) -> dict[str, FactValue]:
    """Facts as decide() takes them, from texts ("USD 40", "true", "vip, fraud") or from values as the ledger has them.

    Money is a text with its currency, or without one where `currency` is given; a whole number counts minor units.
    "unknown" and None are facts that are not known. Raises FactsUnusable with everything that is wrong.
    """
    reading = _Reading(action, given)
    for name, value in given.items():
        reading.read(name, value)
    if reading.wrong:
        raise FactsUnusable(reading.wrong)
    return reading.facts


class _Reading:
    def __init__(self, action: str, given: Mapping[str, object]) -> None:
        self.action = action
        self.facts: dict[str, FactValue] = {}
        self.wrong: list[str] = []
        named = given.get("currency")
        self.currency = named.strip().upper() if isinstance(named, str) and named not in NOT_KNOWN else None

    def read(self, name: str, value: object) -> None:
        fact = FACTS.get(name)
        if fact is None:
            self.wrong.append(f"{quoted(name)} is not a fact; {mend(name, FACTS)}")
        elif self.action not in fact.actions:
            self.wrong.append(f"{name} is not known for {self.action}, only for {' and '.join(sorted(fact.actions))}; "
                              "leave it out")
        else:
            try:
                self.facts[name] = self.value(fact, value)
            except _Unusable as error:
                self.wrong.append(f"{name}: {error}")

    def value(self, fact: Fact, value: object) -> FactValue:
        text = value.strip() if isinstance(value, str) else None
        if value is None or (text in NOT_KNOWN and fact.kind != "set") or text == "unknown":
            return None
        if fact.kind == "bool":
            return _truth(value if text is None else text)
        if fact.kind == "set":
            return _members(fact, value)
        if fact.kind == "enum":
            return _one(fact, value if text is None else text)
        return self.money(fact, value) if fact.kind == "money" else _whole(fact, value if text is None else text)

    def money(self, fact: Fact, value: object) -> int:
        if isinstance(value, int) and not isinstance(value, bool):
            return _within(fact, value)
        found = MONEY.fullmatch(value.strip()) if isinstance(value, str) else None
        code = (found[1] or found[3] or "").upper() if found else ""
        if found is None or (found[1] and found[3]):
            raise _Unusable(f"{quoted(str(value))} is not an amount; write it as in USD 40 or USD 12.50")
        self._same_currency(code)
        if self.currency is None:
            raise _Unusable(f"{quoted(str(value))} has no currency; write it as in USD {found[2]}")
        try:
            return _within(fact, Money.of(found[2], self.currency).amount)
        except ValueError as error:
            if isinstance(error, _Unusable):
                raise
            raise _Unusable(f"{self.currency} cannot be {found[2]}, that is finer than its smallest unit") from error

    def _same_currency(self, code: str) -> None:
        """All money of one decision is in the refund's currency."""
        domain = FACTS["currency"].domain or frozenset()
        if code and code not in domain:
            raise _Unusable(f"{quoted(code)} is not a currency Deskhand knows; {mend(code, sorted(domain))}")
        if code and self.currency not in (None, code):
            raise _Unusable(f"it is in {code} and the rest in {self.currency}; write all money in one currency")
        if code:
            self.currency = code
            self.facts.setdefault("currency", code)


def _truth(value: object) -> bool:
    if isinstance(value, bool) or value in ("true", "false"):
        return value is True or value == "true"
    raise _Unusable(f"{quoted(str(value))} is neither true nor false; write true or false")


def _one(fact: Fact, value: object) -> str:
    if not isinstance(value, str):
        raise _Unusable("this is not a text; write one of its values")
    if fact.name == "currency":
        value = value.upper()
    if fact.domain is not None and value not in fact.domain:
        raise _Unusable(f"{quoted(value)} is not one of its values; {mend(value, sorted(fact.domain))}")
    return value


def _members(fact: Fact, value: object) -> frozenset[str]:
    """A list, or texts with commas between them; "none" and nothing at all are the empty set."""
    if isinstance(value, str):
        value = [] if value.strip() in ("", "none") else [part.strip() for part in value.split(",")]
    if not isinstance(value, Collection) or not all(isinstance(one, str) for one in value):
        raise _Unusable("this is not a list of texts; write its values with commas between them, or none")
    for member in value:
        if fact.domain is not None and member not in fact.domain:
            raise _Unusable(f"{quoted(member)} is not one of its values; {mend(member, sorted(fact.domain))}")
    return frozenset(value)


def _whole(fact: Fact, value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return _within(fact, value)
    if isinstance(value, str) and WHOLE.fullmatch(value):
        return _within(fact, int(value))
    raise _Unusable(f"{quoted(str(value))} is not a whole number; write digits only, as in 30")


def _within(fact: Fact, number: int) -> int:
    if fact.least <= number <= MOST[fact.kind]:
        return number
    units = " (in minor units)" if fact.kind == "money" else ""
    raise _Unusable(f"{number}{units} is out of range; write one from {fact.least} to {MOST[fact.kind]}")
