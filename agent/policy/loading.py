"""From the text of policy.yaml to a Policy, or to every mistake in it with its line and its mend."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import get_args

import manifests
from agent.policy.conditions import Conditions
from agent.policy.draft import stray
from agent.policy.facts import ACTIONS
from agent.policy.mistakes import Mistake, Place, PolicyUnusable, close, mend, quoted
from agent.policy.nodes import Items, Node, Table, Text, read, text_digest
from agent.policy.table import EFFECTS, STEPS, ActionRow, Effect, Mode, Policy, Rule, Step


def shipped_policy_path() -> Path:
    """The policy that comes with Deskhand."""
    return Path(manifests.__path__[0]) / "policy" / "policy.yaml"


def load_file(path: Path) -> Policy:
    """Raises PolicyUnusable, or OSError when the file cannot be read at all."""
    return load(read_text(path))


def read_text(path: Path) -> str:
    """What stands in a file of the policy folder. Raises as `load_file`."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = error.object[:error.start]
        place = Place(before.count(b"\n") + 1, error.start - before.rfind(b"\n"))
        raise PolicyUnusable([Mistake(place, "the file is not UTF-8; save it as UTF-8")]) from error


@lru_cache(maxsize=8)  # a publication, and each look of the doctor, reads the same few texts again and again
def load(text: str, version: int = 0) -> Policy:
    """A draft, or with its number a published version. Raises PolicyUnusable with all mistakes; never partly read."""
    draft = _Draft(version)
    policy = draft.policy(read(text), text_digest(text))
    draft.mistakes.stop_if_any()
    assert policy is not None, "what is not read has its mistake noted"  # noqa: S101
    _ = policy.ready  # now, so that no decision waits for it
    return policy


class _Draft(Conditions):
    """policy.yaml while it is being read."""

    def __init__(self, version: int) -> None:
        super().__init__({})
        self.version = version

    def policy(self, root: Node, digest: str) -> Policy | None:
        if isinstance(root, Table) and "version" in root.entries:
            self.wrong(root.entries["version"][0], "a version is given by publishing; leave this line out")
            root = Table({key: entry for key, entry in root.entries.items() if key != "version"}, root.place)
        parts = self.parts(root, "a policy", ("policy", "actions", "rules"))
        if parts is None:
            return None
        name = self.word(parts.get("policy"), "policy")
        self.actions = self.action_rows(parts.get("actions"))
        rules = self.rules(parts.get("rules"))
        if self.mistakes.found or name is None:
            return None
        actions = {action: row for action, row in self.actions.items() if row}
        return Policy(policy=name, version=self.version, actions=actions, rules=rules, digest=digest)

    def action_rows(self, node: Node | None) -> dict[str, ActionRow | None]:
        if node is None:
            return {}
        if not isinstance(node, Table) or not node.entries:
            self.wrong(node, f"actions names no action; write `{next(iter(ACTIONS))}:` and its limits below it")
            return {}
        rows: dict[str, ActionRow | None] = {}
        for name, (key, value) in node.entries.items():
            if name in ACTIONS:
                rows[name] = self.action_row(name, key, value)
            else:
                self.wrong(key, f"{quoted(name)} is not an action Deskhand has; {mend(name, ACTIONS)}")
                rows[close(name, ACTIONS) or name] = None
        return rows

    def action_row(self, name: str, key: Text, node: Node) -> ActionRow | None:
        grant, other = ("limits", "allow") if ACTIONS[name] else ("allow", "limits")
        if isinstance(node, Table) and other in node.entries:
            why = "has an amount" if ACTIONS[name] else "has no amount"
            self.wrong(node.entries[other][0], f"{name} {why}; write `{grant}` instead of `{other}`")
            return None
        parts = self.parts(node, name, ("mode", grant), ("rollout_percent",), key)
        if parts is None:
            return None
        mode = self.one_of(parts.get("mode"), get_args(Mode), "mode")
        percent = self.whole(parts.get("rollout_percent", Text("100", key.place)), "rollout_percent", most=100)
        limits = self.limits(parts.get("limits"))
        allow = self.effect(parts.get("allow"), "allow", EFFECTS)
        if mode is None or percent is None or (limits is None and allow is None):
            return None
        return ActionRow.model_validate(
            {"mode": mode, "rollout_percent": percent, "limits": limits, "allow": allow, "line": key.place.line})

    def limits(self, node: Node | None) -> dict[str, tuple[Step, ...]] | None:
        if node is None:
            return None
        if not isinstance(node, Table) or not node.entries:
            self.wrong(node, "limits names no currency; write for example `USD: {auto: 25, confirm: 100}`")
            return None
        found = {}
        for currency, (key, steps) in node.entries.items():
            if self.is_currency(key):
                found[currency] = self.steps(currency, steps)
        return found

    def steps(self, currency: str, node: Node) -> tuple[Step, ...]:
        if not isinstance(node, Table) or not node.entries:
            self.wrong(node, f"{currency} has no steps; write for example `{{auto: 25, confirm: 100}}`")
            return ()
        found = []
        for name, (key, value) in node.entries.items():
            money = self.amount(value, currency) if name in STEPS else None
            if name not in STEPS:
                self.wrong(key, f"{stray(name)} is not a limit step; {mend(name, STEPS)}")
            elif money is not None:
                found.append((Step(name=name, up_to=money, line=key.place.line), value))
        found.sort(key=lambda step: list(STEPS).index(step[0].name))
        if len(found) == len(node.entries):
            self.check_rising(found)
        return tuple(step for step, _ in found)

    def check_rising(self, steps: list[tuple[Step, Node]]) -> None:
        for (lower, _), (upper, place) in pairwise(steps):
            if upper.up_to.amount <= lower.up_to.amount:
                self.wrong(place, f"limits must rise: {upper.name} {upper.up_to} is not above {lower.name} "
                                  f"{lower.up_to}; raise {upper.name} or lower {lower.name}")

    def rules(self, node: Node | None) -> tuple[Rule, ...]:
        if node is None:
            return ()
        if not isinstance(node, Items):
            self.wrong(node, "rules is not a list; begin each rule with `- id:`, or write `rules: []`")
            return ()
        found = [rule for item in node.items if (rule := self.rule(item))]
        return tuple(found) if self.ids_differ(node.items, "rule") else ()

    def rule(self, node: Node) -> Rule | None:
        parts = self.parts(node, "a rule", ("id", "actions", "when", "then", "because"))
        if parts is None:
            return None
        id = self.id(parts.get("id"), "rule")
        actions = self.which_actions(parts.get("actions"))
        tests = self.tests(parts.get("when"), actions)
        adds = {words: effect for words, effect in EFFECTS.items() if effect != Effect()}
        then = self.effect(parts.get("then"), "then", adds)
        because = self.word(parts.get("because"), "because")
        if id is None or then is None or because is None or not actions or not tests:
            return None
        return Rule(id=id, actions=actions, when=tests, then=then, because=because, line=node.place.line)

    def effect(self, node: Node | None, what: str, choices: Mapping[str, Effect]) -> Effect | None:
        words = self.one_of(node, choices, what)
        return None if words is None else choices[words]
