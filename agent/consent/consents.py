"""What the answers to one ask allow: who has agreed, and who is to be asked next."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from agent.consent.waits import COUNTING, CUSTOMER, Wait, Whom
from agent.policy import ROLES, Decision, Role


@dataclass(frozen=True)
class Consents:
    """Who has agreed to one ask."""

    customer: Wait | None = None
    colleague: Wait | None = None
    decided: Decision | None = None
    """The decision that they were compared with; what it does not say was not weighed."""

    @classmethod
    def of(cls, given: Iterable[Wait]) -> Consents:
        """From the waits of one item of one plan."""
        standing = [wait for wait in given if wait.state in COUNTING]
        return cls(customer=next((one for one in standing if one.for_whom == CUSTOMER), None),
                   colleague=max((one for one in standing if one.for_whom != CUSTOMER),
                                 key=lambda one: rank(one.role), default=None))

    def ids(self) -> tuple[int, ...]:
        return tuple(one.id for one in (self.colleague, self.customer) if one)

    def told(self) -> dict[str, Any]:
        """For the audit: who agreed, by our row and the helpdesk's id."""
        agreed = [{"wait": one.id, "by": one.by, "role": one.role} for one in (self.colleague, self.customer) if one]
        return {"agreed": agreed} if agreed else {}

    @property
    def any(self) -> bool:
        return self.customer is not None or self.colleague is not None

    def still_needed(self, decision: Decision, *, switched_on: bool) -> Whom | None:
        """Whom to ask next: a colleague first, then the customer; None when everybody has agreed.

        `switched_on`: the action is in execute mode and the customer within its rollout; else a colleague presses.
        """
        wanted: Role | None = decision.approve_by or (None if switched_on else "agent")
        if wanted is not None and rank(self.colleague.role if self.colleague else None) < rank(wanted):
            return wanted
        return "customer" if decision.confirm and self.customer is None else None


def rank(role: str | None) -> int:
    """0 for nobody, then the roles as they rise."""
    return ROLES.index(role) + 1 if role in ROLES else 0
