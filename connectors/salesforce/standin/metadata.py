"""Deployments over REST ("Deploy Metadata with Apex Testing Using REST")."""

from __future__ import annotations

from datetime import datetime

from connectors.salesforce.standin.asking import GONE, Asked, error
from connectors.salesforce.standin.org import Org
from connectors.standin import Answer


def deploy(org: Org, asked: Asked, rest: list[str], now: datetime) -> Answer:
    return error(404, "NOT_FOUND", GONE)


def execute(org: Org, asked: Asked, now: datetime) -> Answer:
    return error(404, "NOT_FOUND", GONE)
