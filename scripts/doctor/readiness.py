"""How ready an installation is, in five dimensions, judged by what the checks found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from connectors.parts import Dimension, Finding, Level
from scripts.doctor.examining import Result

Rating = Literal["ready", "limited", "not ready"]
RATINGS: dict[Level, Rating] = {"green": "ready", "yellow": "limited", "red": "not ready"}
WORST: tuple[Level, ...] = ("red", "yellow", "green")
ABOUT: dict[Dimension, str] = {
    "CRM access": "reading and answering tickets, and the customer's record",
    "API access": "payments, events, network and database",
    "knowledge": "languages, order numbers, and the model that reads tickets",
    "guardrails": "policy, modes, senders, switch, secrets and accounts",
    "escalation path": "who takes over, approves and settles",
}


@dataclass(frozen=True)
class Rated:
    """One dimension, why it is rated so, and what would raise it."""

    dimension: Dimension
    rating: Rating
    because: str
    next: str = ""


def rate(results: Sequence[Result]) -> list[Rated]:
    """The worst finding of a dimension rates it; nothing found counts as not ready."""
    return [_rated(dimension, [one.finding for one in results if one.finding.dimension == dimension])
            for dimension in get_args(Dimension)]


def _rated(dimension: Dimension, findings: Sequence[Finding]) -> Rated:
    worst = next((level for level in WORST if any(one.level == level for one in findings)), None)
    if worst is None:
        return Rated(dimension, "not ready", "Nothing could be asked.", "Run deskhand init.")
    if worst == "green":
        return Rated(dimension, "ready", f"All {len(findings)} checks are fine: {ABOUT[dimension]}.")
    bad = [one for one in findings if one.level == worst]
    more = f" (and {len(bad) - 1} more)" if len(bad) > 1 else ""
    return Rated(dimension, RATINGS[worst], f"{bad[0].check}: {bad[0].says}{more}", bad[0].mend)
