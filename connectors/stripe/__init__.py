"""Stripe: where the money is. What is done there, and why so, stands in README.md."""

from __future__ import annotations

from connectors.contract import Connector
from connectors.stripe.payments import StripePayments
from connectors.stripe.settings import HOSTS, StripeSettings
from connectors.stripe.setup import StripeSetup

CONNECTOR = Connector(name="stripe", role="payments", settings=StripeSettings, connect=StripePayments,
                      production_hosts=HOSTS, setup=StripeSetup)

__all__ = ["CONNECTOR", "StripePayments", "StripeSettings"]
