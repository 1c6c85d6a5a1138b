"""Who must be asked, and how much: the two scales on which decisions are compared, and what they come to in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from agent.policy.decide import Decision
from agent.policy.table import Effect

Scale = Literal["customer", "colleague"]

SCALES: Mapping[Scale, tuple[str, ...]] = {
    "customer": ("none", "confirm", "refuse", "escalate"),
    "colleague": ("none", "agent", "lead", "finance", "refuse", "escalate"),
}
"""What each duty can come to, rising; a rank is a place in here."""


def rank(strictness: Effect | Decision, scale: Scale) -> int:
    """How strict it is towards one duty; refuse and escalate are above every duty on both scales."""
    names = SCALES[scale]
    if strictness.outcome != "go_ahead":
        return names.index(strictness.outcome)
    if scale == "customer":
        return int(strictness.confirm)
    return names.index(strictness.approve_by or "none")


def looser(now: Decision, before: Decision) -> bool:
    """Whether any duty falls away or becomes weaker, whatever else is added."""
    return any(rank(now, scale) < rank(before, scale) for scale in SCALES)


def duties(decision: Decision) -> str:
    """Who must be asked, as a table cell says it: "nobody", "the customer's yes and a lead's approval", "refused"."""
    if decision.outcome != "go_ahead":
        return "refused" if decision.outcome == "refuse" else "handed to a person"
    return decision.asked() or "nobody"
