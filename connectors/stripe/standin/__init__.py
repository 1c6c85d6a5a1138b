"""Stripe's stand-in: stateful rules that answer as Stripe does, with no line shared with the connector."""

from connectors.stripe.standin.rules import StripeRules

__all__ = ["StripeRules"]
