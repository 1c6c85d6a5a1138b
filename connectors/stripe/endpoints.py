"""The account's webhook endpoints: listed, made with our mark, corrected, deleted.

A signing secret is shown by the answer that makes an endpoint and never again (Stripe docs, "Create a webhook
endpoint"), so the endpoint's metadata keep a short digest of it: by that we know whose secret `.env` holds.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import stripe

from connectors.contract import Rejected
from connectors.parts import MARK, House
from connectors.stripe.client import Client
from connectors.stripe.told import DOOR, TOLD

SECRET = "STRIPE_WEBHOOK_SECRET"  # noqa: S105 - the name of a variable
OURS = "deskhand"
"""Metadata key of what we made; its value is the mark."""
DIGEST = "deskhand_secret"
MOST = 16
"""Webhook endpoints of one account and mode (Stripe docs, "Webhook endpoints")."""
SMALL = {"limit": 100}


def address(house: House) -> str:
    """Where Stripe is to deliver."""
    return house.public_url + DOOR


def digest_of(secret: str) -> str:
    """Tells secrets apart and tells nothing of them: they are random."""
    return hashlib.sha256(f"deskhand endpoint\0{secret}".encode()).hexdigest()[:16]


def known_digests(house: House) -> list[str]:
    """Of the secrets in `.env`, newest first."""
    return [digest_of(one.strip()) for one in house.settings.get(SECRET, "").split(",") if one.strip()]


@dataclass(frozen=True)
class Endpoint:
    """One webhook endpoint as it stands."""

    id: str
    url: str
    events: frozenset[str]
    version: str | None
    enabled: bool
    ours: bool
    digest: str
    created: int


class Endpoints:
    """The account's webhook endpoints, of one mode."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def all(self) -> tuple[Endpoint, ...]:
        """Newest first."""
        return self._client.read_all(lambda v1: v1.webhook_endpoints.list(SMALL), _endpoint)

    def ours(self) -> tuple[Endpoint, ...]:
        return tuple(one for one in self.all() if one.ours)

    def make(self, url: str) -> tuple[Endpoint, str]:
        """A new endpoint and its secret. Killed between the two calls, it is one of ours whose secret is not known."""
        asked = {"url": url, "enabled_events": list(TOLD), "api_version": stripe.api_version,
                 "description": f"Deskhand. {MARK}", "metadata": {OURS: MARK}}
        made, secret = self._client.write(lambda v1: v1.webhook_endpoints.create(asked),
                                          lambda row, _: (_endpoint(row), str(row["secret"])))
        mark = {"metadata": {DIGEST: digest_of(secret)}}
        return self._update(made.id, mark), secret

    def correct(self, id: str, url: str) -> Endpoint:
        return self._update(id, {"url": url, "enabled_events": list(TOLD), "disabled": False})

    def delete(self, id: str) -> None:
        """Gone already counts as deleted."""
        try:
            self._client.write(lambda v1: v1.webhook_endpoints.delete(id), lambda row, _: None)
        except Rejected as no:
            if no.reason != "resource_missing":
                raise

    def _update(self, id: str, change: Mapping[str, Any]) -> Endpoint:
        return self._client.write(lambda v1: v1.webhook_endpoints.update(id, change), lambda row, _: _endpoint(row))


def _endpoint(row: Mapping[str, Any]) -> Endpoint:
    metadata = row.get("metadata") or {}
    return Endpoint(row["id"], row["url"], frozenset(row["enabled_events"]), row.get("api_version"),
                    row["status"] == "enabled", metadata.get(OURS) == MARK, metadata.get(DIGEST, ""), row["created"])
