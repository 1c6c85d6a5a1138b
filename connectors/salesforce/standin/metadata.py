"""Deployments ("Deploy Metadata with Apex Testing Using REST") and retrievals (SOAP retrieve)."""

from __future__ import annotations

from datetime import datetime

from connectors.salesforce.standin.asking import GONE, Asked, error
from connectors.salesforce.standin.org import Org
from connectors.standin import Answer, Request


def deploy(org: Org, asked: Asked, rest: list[str], now: datetime) -> Answer:
    """Answers `metadata/deployRequest`."""
    return error(404, "NOT_FOUND", GONE)


def soap(org: Org, request: Request, now: datetime) -> Answer:
    """Answers `/services/Soap/m/<version>`; the session stands in the envelope."""
    return Answer(404)
