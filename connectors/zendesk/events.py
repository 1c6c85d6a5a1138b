"""Which news of a ticket Deskhand acts upon: the webhook is subscribed to these, and its door wakes the ticket."""

from __future__ import annotations

PREFIX = "zen:event-type:ticket."
ACTED_UPON = (
    "created", "comment_added", "status_changed", "requester_changed", "merged", "soft_deleted", "undeleted",
    "marked_as_spam", "agent_assignment_changed", "group_assignment_changed", "brand_changed", "form_changed",
    "custom_field_changed",
)
"""A new message, an answer, who asks, who works on it, whether it is still there, and what decides our scope.
`tags_changed` is not among the documented types of every account: a tag alone is noticed by the catch-up."""
SUBSCRIPTIONS = tuple(PREFIX + one for one in ACTED_UPON)
BY_TRIGGER = "conditional_ticket_events"
"""The subscription of a webhook that triggers call."""
DOOR = "/webhooks/zendesk"
