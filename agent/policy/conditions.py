"""What stands under `actions:` and `when:`: which actions, and the tests of facts that must all hold."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from agent.policy.draft import Draft, stray
from agent.policy.facts import FACTS, Fact, fold
from agent.policy.mistakes import mend, quoted
from agent.policy.nodes import Node, Table, Text
from agent.policy.table import ActionRow, Among, Amounts, Number, Test, Truth

ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)

TESTS: Mapping[str, Mapping[str, str]] = {
    "enum": {"is": "{is: [value]}", "is_not": "{is_not: [value]}"},
    "set": {"any_of": "{any_of: [value]}"},
    "int": {"over": "{over: 3}", "under": "{under: 3}"},
    "money": {"over": "{over: {USD: 50}}", "up_to": "{up_to: {USD: 50}}"},
}
"""How each kind of fact is tested. True and false stand by themselves; `amount: {up_to: auto}` follows the limits."""

KINDS = {"enum": "one of a list of values", "set": "a set of values", "bool": "true or false", "int": "a whole number",
         "money": "money"}


class Conditions(Draft):
    """Reads conditions against the actions the policy has; an action whose row could not be read is None."""

    an_action = "an action of this policy"

    def __init__(self, actions: Mapping[str, ActionRow | None]) -> None:
        super().__init__()
        self.actions = dict(actions)

    def id(self, node: Node | None, what: str) -> str | None:
        word = self.word(node, "id")
        if word is None or node is None or ID.fullmatch(word):
            return word
        self.wrong(node, f"{quoted(word)} cannot be a {what} id; "
                         "use small letters, digits and hyphens, as in `desk-budget`")
        return None

    def ids_differ(self, items: Iterable[Node], what: str) -> bool:
        first: dict[str, int] = {}
        differ = True
        for item in items:
            id = item.entries["id"][1] if isinstance(item, Table) and "id" in item.entries else None
            if not isinstance(id, Text):
                continue
            if id.text in first:
                self.wrong(id, f"the {what} id {quoted(id.text)} is used in line {first[id.text]} already; rename one")
                differ = False
            first.setdefault(id.text, id.place.line)
        return differ

    def which_actions(self, node: Node | None) -> tuple[str, ...]:
        if isinstance(node, Text) and node.text == "all":
            return tuple(self.actions)
        found = []
        for text in self.texts(node, "actions"):
            if text.text in self.actions:
                found.append(text.text)
            else:
                self.wrong(text, f"{quoted(text.text)} is not {self.an_action}; "
                                 f"{mend(text.text, [*self.actions, 'all'])}")
        return tuple(dict.fromkeys(found))

    def tests(self, node: Node | None, actions: tuple[str, ...]) -> tuple[Test, ...]:
        if node is None:
            return ()
        if not isinstance(node, Table) or not node.entries:
            self.wrong(node, "when holds no test; write at least one, as in `{evidence: {is: [E0]}}`")
            return ()
        found: list[Test] = []
        for name, (key, value) in node.entries.items():
            fact = FACTS.get(name)
            if fact is None:
                self.wrong(key, f"{quoted(name)} is not a fact; {mend(name, FACTS)}")
            elif strangers := [action for action in actions if action not in fact.actions]:
                self.wrong(key, f"{name} is not known for {' or '.join(strangers)}; "
                                f"write `actions: [{', '.join(sorted(fact.actions))}]`, or test another fact")
            else:
                found += self.fact_tests(fact, key, value, actions)
        return tuple(found)

    def fact_tests(self, fact: Fact, key: Text, node: Node, actions: tuple[str, ...]) -> list[Test]:
        if fact.kind == "bool":
            return self.truth(fact, node)
        ways = TESTS[fact.kind]
        if not isinstance(node, Table) or not node.entries:
            self.wrong(node, f"{fact.name} is {KINDS[fact.kind]}; "
                             f"write {' or '.join(f'`{fact.name}: {way}`' for way in ways.values())}")
            return []
        found: list[Test | None] = []
        for op, (op_key, value) in node.entries.items():
            if op not in ways:
                self.wrong(op_key, f"{fact.name} is {KINDS[fact.kind]} and cannot be tested with {stray(op)}; "
                                   f"{mend(op, ways)}")
            elif fact.kind == "int":
                found.append(self.number(fact, op, value))
            elif fact.kind == "money":
                found.append(self.amounts(fact, op, key, value, actions))
            else:
                found.append(self.among(fact, op, value))
        return [test for test in found if test]

    def truth(self, fact: Fact, node: Node) -> list[Test]:
        if isinstance(node, Text) and node.text in ("true", "false"):
            return [Truth.model_validate({"fact": fact.name, "op": node.text})]
        said = quoted(node.text) if isinstance(node, Text) else "that"
        self.wrong(node, f"{fact.name} is true or false, not {said}; write `{fact.name}: true` or `{fact.name}: false`")
        return []

    def number(self, fact: Fact, op: str, node: Node) -> Test | None:
        number = self.whole(node, fact.name, most=fact.most)
        return None if number is None else Number.model_validate({"fact": fact.name, "op": op, "number": number})

    def amounts(self, fact: Fact, op: str, key: Text, node: Node, actions: tuple[str, ...]) -> Test | None:
        if fact.name == "amount" and op == "up_to" and isinstance(node, Text) and node.text == "auto":
            return Amounts(fact="amount", op="up_to", amounts=self.auto_limits(actions))
        if not isinstance(node, Table) or not node.entries:
            self.wrong(node, f"{fact.name} needs an amount per currency; write `{fact.name}: {{{op}: {{USD: 50}}}}`")
            return None
        money = {currency: self.amount(value, currency)
                 for currency, (name, value) in node.entries.items() if self.is_currency(name)}
        for action in actions:
            row = self.actions.get(action)
            absent = [currency for currency in (row.limits or {} if row else {}) if currency not in node.entries]
            if absent:
                self.wrong(key, f"{fact.name} has no amount for {' and '.join(absent)}, which {action} allows; add "
                                + " and ".join(f"`{currency}: ...`" for currency in absent))
                return None
        amounts = {currency: one.amount for currency, one in money.items() if one}
        return Amounts.model_validate({"fact": fact.name, "op": op, "amounts": amounts})

    def auto_limits(self, actions: tuple[str, ...]) -> dict[str, int]:
        """The highest `auto` per currency; 0 where nothing goes out unattended."""
        found: dict[str, int] = {}
        for action in actions:
            row = self.actions.get(action)
            for currency, steps in (row.limits or {} if row else {}).items():
                auto = max((step.up_to.amount for step in steps if step.name == "auto"), default=0)
                found[currency] = max(auto, found.get(currency, 0))
        return found

    def among(self, fact: Fact, op: str, node: Node) -> Test | None:
        texts = self.texts(node, fact.name)
        for text in texts:
            if fact.domain is None:
                self.free(fact, text)
            elif text.text not in fact.domain:
                self.wrong(text, f"{fact.name}: {quoted(text.text)} is not one of its values; "
                                 f"{mend(text.text, sorted(fact.domain))}")
        if not texts:
            return None
        values = frozenset(fold(text.text) if fact.domain is None else text.text for text in texts)
        return Among.model_validate({"fact": fact.name, "op": op, "values": values})

    def free(self, fact: Fact, text: Text) -> None:
        if not text.text.strip() or (fact.pattern and not re.fullmatch(fact.pattern, text.text)):
            wanted = "two small letters, as in `en`" if fact.pattern else "a text"
            self.wrong(text, f"{fact.name}: {quoted(text.text)} is not one of its values; write {wanted}")
