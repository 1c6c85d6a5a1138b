"""Stripe: where the money is. What is done there, and why so, stands in README.md."""

from __future__ import annotations

from connectors.contract import Connector
from connectors.stripe.payments import StripePayments
from connectors.stripe.settings import HOSTS, StripeSettings

CONNECTOR = Connector(name="stripe", role="payments", settings=StripeSettings, connect=StripePayments,
                      production_hosts=HOSTS)

__all__ = ["CONNECTOR", "StripePayments", "StripeSettings"]
