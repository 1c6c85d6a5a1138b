"""What a policy makes of facts, with everything that explains it: duties, deciding rules, weaker hits, gaps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agent.policy.decide import Decision, decide
from agent.policy.duties import duties
from agent.policy.facts import FACTS, FactValue, plain
from agent.policy.table import Policy


@dataclass(frozen=True)
class Explained:
    """One decision with everything that explains it."""

    action: str
    facts: Mapping[str, FactValue]
    decision: Decision

    @property
    def duties(self) -> str:
        return duties(self.decision)

    def not_given(self) -> tuple[str, ...]:
        """The facts of this action that were not known, whether or not a rule asked for them."""
        return tuple(name for name, fact in FACTS.items()
                     if self.action in fact.actions and self.facts.get(name) in (None, "unknown"))

    def as_json(self) -> dict[str, Any]:
        decision = self.decision
        return {
            "action": self.action, "outcome": decision.outcome, "confirm": decision.confirm,
            "approve_by": decision.approve_by, "unattended": decision.unattended, "mode": decision.mode,
            "words": decision.in_words(), "by": [hit.model_dump() for hit in decision.by],
            "also": [hit.model_dump() for hit in decision.also], "missing": list(decision.missing),
            "not_given": list(self.not_given()),
            "facts": plain(self.facts), "policy": decision.policy, "version": decision.version,
            "digest": decision.digest,
        }


def explain(action: str, facts: Mapping[str, FactValue], policy: Policy | None) -> Explained:
    return Explained(action, facts, decide(action, facts, policy))
