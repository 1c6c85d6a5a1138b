"""Exactly what somebody is asked to agree to, kept with the wait: what is shown is what the digest stands for."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from agent.consent.waits import Wait
from agent.ground import Ask, Summary
from agent.vault import PersonKey
from connectors.contract import Charge, ContactChange, Money, Refund

PLACE = "asked"


class Asked(BaseModel):
    """One ask as it was put to somebody."""

    model_config = ConfigDict(frozen=True)

    summary: Summary
    action: Refund | ContactChange | None
    """None for an answer that changes nothing."""
    charge: Charge | None
    changed: str = ""
    """Why it is asked once more, after something had changed since it was shown."""

    @classmethod
    def of(cls, ask: Ask, changed: str = "") -> Asked:
        action = ask.action if isinstance(ask.action, Refund | ContactChange) else None
        return cls(summary=ask.summary(), action=action, charge=ask.charge, changed=changed)

    def sealed(self, person: PersonKey) -> bytes:
        return person.seal(self.model_dump(mode="json"), PLACE)


def asked_of(wait: Wait, person: PersonKey) -> Asked | None:
    """What this wait asks; None where it was kept under another person's key, or by an older release."""
    found = person.read(wait.asked, PLACE)
    return Asked.model_validate(found) if found else None


def asked_for(approved: Wait | None, person: PersonKey) -> Money | None:
    """The whole amount that was asked for, where a colleague approved less of it; None where they did not."""
    if approved is None or approved.amount is None:
        return None
    asked = asked_of(approved, person)
    whole = asked.action.money if asked and isinstance(asked.action, Refund) else None
    return whole if whole and approved.amount < whole.amount else None
