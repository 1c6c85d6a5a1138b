"""What to do next on the way from nothing to the first tickets."""

from __future__ import annotations

from collections.abc import Mapping

MADE_BY_SETUP = {"zendesk": ("ZENDESK_SUBDOMAIN", "ZENDESK_WEBHOOK_SECRET"),
                 "salesforce": ("SALESFORCE_DOMAIN", "SALESFORCE_CLIENT_ID"),
                 "stripe": ("STRIPE_API_KEY", "STRIPE_WEBHOOK_SECRET")}
"""Vendor → the setting that switches it on, and the one that its setup writes."""
LAST = ["deskhand policy publish --by NAME", "deskhand serve"]


def following(settings: Mapping[str, str], *, moved: bool = False) -> list[str]:
    """The commands that are still to come. Where Deskhand has moved, the vendors hold its old address."""
    setups = [f"deskhand setup {vendor}" for vendor, (on, made) in MADE_BY_SETUP.items()
              if settings.get(on) and (moved or not settings.get(made))]
    return [*setups, *LAST]


def after(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """The commands that are still to come after a setup; where all was set up before, a server may run already."""
    if following(before) == LAST:
        return ["deskhand serve; where it runs, start it again, so that it reads .env"]
    return following(now)
