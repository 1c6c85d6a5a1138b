"""Facts on which nothing calls for anyone: a proven duplicate of USD 18.00, a new phone number, a question."""

from __future__ import annotations

from agent.policy import FactValue

SENDER: dict[str, FactValue] = {
    "evidence": "E2", "flags": frozenset(), "signals": frozenset(), "channel": "email", "brand": "main",
    "tags": frozenset(), "language": "en", "category": "billing", "crm_match": "match", "planner": "model",
    "planner_confidence": "high", "several_asks": False, "business_hours": True, "order_mentioned": False,
    "recent_contact_change": False, "older_money_ticket": False, "other_open_tickets": 0,
}
PAYMENT: dict[str, FactValue] = {
    "match": "by_email", "other_payer": False, "charge_age_days": 3, "charge_state": "paid", "payment_kind": "card",
    "pays_invoice": False, "connect": False,
}
REFUND: dict[str, FactValue] = {
    **SENDER, **PAYMENT, "currency": "USD", "amount": 1800, "claim": "duplicate", "claim_proven": True,
    "customer_day_total": 1800, "customer_30d_total": 1800, "customer_day_refunds": 1,
    "customer_30d_refunds": 1, "desk_day_total": 1800, "desk_day_home": 18, "exceeds_remaining": False, "attempts": 0,
    "same_again": False,
}
CONTACT_CHANGE: dict[str, FactValue] = {
    **SENDER, "contact_field": "phone", "category": "contact_details", "attempts": 0,
    "same_again": False,
}
STATUS_ANSWER: dict[str, FactValue] = {**SENDER, **PAYMENT}

CALM: dict[str, dict[str, FactValue]] = {
    "refund": REFUND, "contact_change": CONTACT_CHANGE, "status_answer": STATUS_ANSWER,
}
