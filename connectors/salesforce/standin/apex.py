"""The package's Apex actions over REST ("Invocable Actions Custom")."""

from __future__ import annotations

from datetime import datetime

from connectors.salesforce.standin.asking import GONE, Asked, error
from connectors.salesforce.standin.org import Org
from connectors.standin import Answer


def custom(org: Org, asked: Asked, rest: list[str], now: datetime) -> Answer:
    """Answers `actions/custom/apex/<name>`."""
    return error(404, "NOT_FOUND", GONE)
