"""never.yaml: what no policy may ever allow, and the proof before each publication goes by.

Each entry says how strict a decision must be at least, wherever its tests hold or cannot be told: a missing fact counts
as a match, and so does money in a currency that the test does not name, however small. So a policy that takes up a new
currency is proven only once never.yaml says what holds for it.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import manifests
from agent.policy.conditions import Conditions
from agent.policy.facts import ACTIONS, Fact
from agent.policy.nodes import Items, Node, Text, read, text_digest
from agent.policy.table import EFFECTS, Effect, Strict, Test

SOMEONE = "someone"
"""Never unattended: the customer's yes or a colleague's approval, whichever the policy asks for."""

AT_LEAST = (SOMEONE, *(words for words, effect in EFFECTS.items() if effect != Effect()))
"""What an entry may demand, in an admin's words."""


class NeverEntry(Strict):
    """Where all of its tests hold, or cannot be told, no decision may be weaker than `at_least`."""

    id: str
    actions: tuple[str, ...]
    when: tuple[Test, ...]
    """Empty: always."""
    at_least: str
    """One of AT_LEAST."""
    because: str
    line: int = 0


class Never(Strict):
    """What may never happen, complete and checked."""

    entries: tuple[NeverEntry, ...]
    digest: str
    """SHA-256 of the text it was loaded from."""


def shipped_never_path() -> Path:
    """The never-file that comes with Deskhand."""
    return Path(manifests.__path__[0]) / "policy" / "never.yaml"


@lru_cache(maxsize=8)  # as a policy is read
def load_never(text: str) -> Never:
    """Raises PolicyUnusable with every mistake, its line and its mend."""
    draft = _NeverDraft()
    entries = draft.entries(read(text, "never"))
    draft.mistakes.stop_if_any()
    return Never(entries=entries, digest=text_digest(text))


class _NeverDraft(Conditions):
    """never.yaml while it is being read. It stands apart from any policy: its actions are all that Deskhand has."""

    an_action = "an action Deskhand has"

    def __init__(self) -> None:
        super().__init__(dict.fromkeys(ACTIONS))

    def entries(self, root: Node) -> tuple[NeverEntry, ...]:
        parts = self.parts(root, "a never-file", ("never",))
        node = parts.get("never") if parts else None
        if node is None:
            return ()
        if not isinstance(node, Items):
            self.wrong(node, "never is not a list; begin each entry with `- id:`, or write `never: []`")
            return ()
        found = tuple(entry for item in node.items if (entry := self.entry(item)))
        self.ids_differ(node.items, "never")
        return found

    def entry(self, node: Node) -> NeverEntry | None:
        parts = self.parts(node, "an entry", ("id", "actions", "at_least", "because"), ("when",))
        if parts is None:
            return None
        id = self.id(parts.get("id"), "never")
        actions = self.which_actions(parts.get("actions"))
        tests = self.tests(parts.get("when"), actions)
        at_least = self.one_of(parts.get("at_least"), AT_LEAST, "at_least")
        because = self.word(parts.get("because"), "because")
        if id is None or at_least is None or because is None or not actions:
            return None
        return NeverEntry(id=id, actions=actions, when=tests, at_least=at_least, because=because,
                          line=node.place.line)

    def amounts(self, fact: Fact, op: str, key: Text, node: Node, actions: tuple[str, ...]) -> Test | None:
        if isinstance(node, Text) and node.text == "auto":
            self.wrong(node, f"{fact.name}: the word auto stands for a policy's own limits, which may change; "
                             f"write amounts here, as in `{{{op}: {{USD: 25}}}}`")
            return None
        return super().amounts(fact, op, key, node, actions)
