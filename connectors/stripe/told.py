"""What Stripe is asked to tell, and what the door acts upon: one list for both."""

from __future__ import annotations

DOOR = "/webhooks/stripe"
TOLD = ("refund.created", "refund.updated", "refund.failed", "charge.refunded", "charge.refund.updated",
        "charge.dispute.created", "charge.dispute.updated", "charge.dispute.closed")
"""Only these are of interest; the object is read anew, for events come twice, late and in any order."""
