"""Stripe: where the money is. What is done there, and why so, stands in README.md."""

from __future__ import annotations

from connectors.contract import Connector
from connectors.parts import AdminValue
from connectors.stripe.checks import checks
from connectors.stripe.payments import StripePayments
from connectors.stripe.rehearsal import StripeRehearsal
from connectors.stripe.rotation import EndpointRotation
from connectors.stripe.settings import HOSTS, StripeSettings
from connectors.stripe.setup import StripeSetup

ADMIN = (AdminValue("STRIPE_SETUP_KEY", "STRIPE_API_KEY", "A key that may write Webhook Endpoints and read Account "
                    "(Enter: the key that Deskhand runs with)"),)

CONNECTOR = Connector(name="stripe", role="payments", settings=StripeSettings, connect=StripePayments,
                      production_hosts=HOSTS, setup=StripeSetup, admin=ADMIN,
                      rotation=EndpointRotation, checks=checks, rehearsal=StripeRehearsal)

__all__ = ["CONNECTOR", "StripePayments", "StripeSettings"]
