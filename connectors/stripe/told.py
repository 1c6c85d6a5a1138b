"""What Stripe is asked to tell, and what the door acts upon: one list for both."""

from __future__ import annotations

import re

DOOR = "/webhooks/stripe"
TOLD = ("refund.created", "refund.updated", "refund.failed", "charge.refunded", "charge.refund.updated",
        "charge.dispute.created", "charge.dispute.updated", "charge.dispute.closed")
"""Only these are of interest; the object is read anew, for events come twice, late and in any order."""
OUR_KEY = re.compile(r"op-[0-9a-f]{24}\.\d{1,9}", re.ASCII)
"""The idempotency key of a request that we made: what is told of it is an echo."""
