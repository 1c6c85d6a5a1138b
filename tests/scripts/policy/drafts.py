"""Drafts that are edited, and what is said of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from click.testing import Result

from agent.policy import shipped_policy_path
from tests.journeys.office import DANA, Office

SHIPPED = shipped_policy_path()
Say = Callable[..., Result]


def edit(old: str, new: str, name: str = "policy/policy.yaml", *, times: int = 1) -> int:
    """Changes a draft; returns the line where it does so first."""
    text = Path(name).read_text()
    assert old in text
    Path(name).write_text(text.replace(old, new, times))
    return text[:text.index(old)].count("\n") + 1


def flat(said: Result) -> str:
    """What was printed, as one line without the lines of tables."""
    return " ".join(said.output.replace("│", " ").split())


def asks_for(office: Office, amount: int, email: str = DANA) -> int:
    """A customer was charged twice; the ticket."""
    office.double_charge(amount, email)
    return office.handle(email=email)
