"""The policy that comes with Deskhand decides as the design page says. Expectations are written by hand."""

from __future__ import annotations

import pytest

from agent.policy import FACTS, FactValue, Policy, decide
from tests.agent.policy.calm import CALM

GO, REFUSE, ESCALATE = "go ahead", "refuse", "escalate"
AGENT, LEAD, CONFIRM = "approve by agent", "approve by lead", "confirm"
YES_LEAD, YES_FINANCE, YES_AGENT = "confirm and approve by lead", "confirm and approve by finance", \
    "confirm and approve by agent"


def supervision(action: str, facts: dict[str, FactValue], policy: Policy) -> tuple[str, set[str]]:
    """The decision in the policy's words, and the rules that made it."""
    decision = decide(action, facts, policy)
    duties = ["confirm"] if decision.confirm else []
    duties += [f"approve by {decision.approve_by}"] if decision.approve_by else []
    words = decision.outcome if decision.outcome != "go_ahead" else " and ".join(duties) or GO
    return words, {hit.id for hit in decision.by}


REFUNDS: list[tuple[dict[str, FactValue], str, set[str]]] = [
    ({}, GO, {"limit.refund.auto"}),
    ({"amount": 1}, GO, {"limit.refund.auto"}),
    ({"amount": 2500}, GO, {"limit.refund.auto"}),
    ({"amount": 2501}, CONFIRM, {"limit.refund.confirm"}),
    ({"amount": 10000}, CONFIRM, {"limit.refund.confirm"}),
    ({"amount": 10001}, YES_LEAD, {"limit.refund.lead"}),
    ({"amount": 50000}, YES_LEAD, {"limit.refund.lead"}),
    ({"amount": 50001}, YES_FINANCE, {"limit.refund.finance"}),
    ({"amount": 200000}, YES_FINANCE, {"limit.refund.finance"}),
    ({"amount": 200001}, REFUSE, {"limit.refund.above"}),
    ({"currency": "EUR", "amount": 2500}, GO, {"limit.refund.auto"}),
    ({"currency": "GBP", "amount": 2501}, CONFIRM, {"limit.refund.confirm"}),
    ({"currency": "JPY"}, REFUSE, {"limit.currency"}),
    ({"claim_proven": False}, AGENT, {"claim-unproven"}),
    ({"claim_proven": False, "amount": 6000}, YES_AGENT, {"claim-unproven", "limit.refund.confirm"}),
    ({"claim_proven": False, "amount": 18000}, YES_LEAD, {"limit.refund.lead"}),
    ({"evidence": "E0"}, REFUSE, {"sender-unknown"}),
    ({"evidence": "E1"}, AGENT, {"sender-not-on-record"}),
    ({"evidence": "E3"}, GO, {"limit.refund.auto"}),
    ({"other_payer": True}, REFUSE, {"other-payer"}),
    ({"match": "by_order"}, GO, {"limit.refund.auto"}),
    ({"match": "guest_checkouts"}, GO, {"limit.refund.auto"}),
    ({"match": "ambiguous"}, AGENT, {"payer-unclear"}),
    ({"match": "none"}, AGENT, {"payer-unclear"}),
    ({"crm_match": "none"}, GO, {"limit.refund.auto"}),
    ({"crm_match": "mismatch"}, AGENT, {"crm-disagrees"}),
    ({"crm_match": "unknown"}, AGENT, {"crm-disagrees"}),
    ({"recent_contact_change": True}, LEAD, {"details-just-changed"}),
    ({"flags": {"vip"}}, LEAD, {"vip"}),
    ({"flags": {"fraud"}}, ESCALATE, {"stop-flags"}),
    ({"flags": {"vip", "legal_hold"}}, ESCALATE, {"stop-flags"}),
    ({"signals": ["anger"]}, ESCALATE, {"anger"}),
    ({"signals": ["legal_threat"]}, ESCALATE, {"legal-threat"}),
    ({"signals": ["chargeback_threat"]}, ESCALATE, {"legal-threat"}),
    ({"signals": ["press", "anger"]}, ESCALATE, {"press", "anger"}),
    ({"signals": ["medical"]}, ESCALATE, {"care"}),
    ({"signals": ["self_harm"]}, ESCALATE, {"care"}),
    ({"signals": ["bereavement"]}, ESCALATE, {"care"}),
    ({"signals": ["minor"]}, ESCALATE, {"care"}),
    ({"signals": ["fraud"]}, ESCALATE, {"fraud-mentioned"}),
    ({"signals": ["asks_for_person"]}, ESCALATE, {"wants-a-person"}),
    ({"signals": ["asks_for_manager"]}, ESCALATE, {"wants-a-person"}),
    ({"language": "de"}, GO, {"limit.refund.auto"}),
    ({"language": "no"}, AGENT, {"language"}),
    ({"charge_age_days": 30}, GO, {"limit.refund.auto"}),
    ({"charge_age_days": 31}, LEAD, {"refund-window"}),
    ({"charge_state": "disputed"}, REFUSE, {"charge-disputed"}),
    ({"charge_state": "refunded"}, REFUSE, {"nothing-to-refund"}),
    ({"charge_state": "failed"}, REFUSE, {"nothing-to-refund"}),
    ({"charge_state": "uncaptured"}, AGENT, {"charge-uncaptured"}),
    ({"charge_state": "part_refunded"}, AGENT, {"charge-part-refunded"}),
    ({"exceeds_remaining": True}, REFUSE, {"more-than-is-left"}),
    ({"pays_invoice": True}, LEAD, {"pays-invoice"}),
    ({"connect": True}, LEAD, {"connect"}),
    ({"payment_kind": "other"}, AGENT, {"not-a-card"}),
    ({"same_again": True}, LEAD, {"same-again"}),
    ({"older_money_ticket": True}, AGENT, {"older-money-ticket"}),
    ({"customer_day_total": 5000}, GO, {"limit.refund.auto"}),
    ({"customer_day_total": 5001}, LEAD, {"customer-day-budget"}),
    ({"customer_30d_total": 10000}, GO, {"limit.refund.auto"}),
    ({"customer_30d_total": 10001}, LEAD, {"customer-month-budget"}),
    ({"customer_30d_refunds": 2}, GO, {"limit.refund.auto"}),
    ({"customer_30d_refunds": 3}, LEAD, {"customer-month-count"}),
    ({"desk_day_total": 100000}, GO, {"limit.refund.auto"}),
    ({"desk_day_total": 100001}, LEAD, {"desk-day-budget"}),
    ({"desk_day_home": 2000}, GO, {"limit.refund.auto"}),
    ({"desk_day_home": 2001}, LEAD, {"desk-day-home-budget"}),
    ({"desk_day_home": None}, LEAD, {"desk-day-home-budget"}),
    ({"desk_day_home": 2001, "amount": 6000}, CONFIRM, {"limit.refund.confirm"}),
    ({"planner_confidence": "medium"}, GO, {"limit.refund.auto"}),
    ({"planner_confidence": "low"}, AGENT, {"planner-not-sure"}),
    ({"other_open_tickets": 9}, GO, {"limit.refund.auto"}),
    ({"business_hours": False}, GO, {"limit.refund.auto"}),
    ({"business_hours": None}, GO, {"limit.refund.auto"}),
    ({"amount": 2500, "customer_day_total": 5001}, LEAD, {"customer-day-budget"}),
    ({"currency": "EUR", "customer_30d_total": 10001}, LEAD, {"customer-month-budget"}),
    ({"currency": "GBP", "desk_day_total": 100001}, LEAD, {"desk-day-budget"}),
    ({"amount": 6000, "customer_day_total": 7800}, CONFIRM, {"limit.refund.confirm"}),
    ({"flags": {"vip"}, "amount": 6000}, YES_LEAD, {"vip", "limit.refund.confirm"}),
    ({"flags": {"vip"}, "charge_state": "disputed"}, REFUSE, {"charge-disputed"}),
    ({"evidence": "E0", "signals": ["anger"]}, ESCALATE, {"anger"}),
]

CONTACT_CHANGES: list[tuple[dict[str, FactValue], str, set[str]]] = [
    ({}, GO, {"allow.contact_change"}),
    ({"contact_field": "name"}, GO, {"allow.contact_change"}),
    ({"contact_field": "opt_out"}, GO, {"allow.contact_change"}),
    ({"contact_field": "postal_address"}, CONFIRM, {"contact-address"}),
    ({"contact_field": "postal_address", "order_mentioned": True}, YES_AGENT,
     {"contact-address", "contact-address-with-order"}),
    ({"contact_field": "phone", "order_mentioned": True}, GO, {"allow.contact_change"}),
    ({"contact_field": "email"}, ESCALATE, {"contact-email"}),
    ({"contact_field": None}, ESCALATE, {"contact-email"}),
    ({"evidence": "E0"}, REFUSE, {"sender-unknown"}),
    ({"evidence": "E1"}, AGENT, {"sender-not-on-record"}),
    ({"crm_match": "mismatch"}, AGENT, {"crm-disagrees"}),
    ({"same_again": True}, LEAD, {"same-again"}),
    ({"language": "ja"}, AGENT, {"language"}),
    ({"planner_confidence": "low"}, AGENT, {"planner-not-sure"}),
    ({"signals": ["asks_for_person"]}, ESCALATE, {"wants-a-person"}),
]

STATUS_ANSWERS: list[tuple[dict[str, FactValue], str, set[str]]] = [
    ({}, GO, {"allow.status_answer"}),
    ({"evidence": "E1"}, GO, {"allow.status_answer"}),
    ({"evidence": "E0"}, REFUSE, {"sender-unknown"}),
    ({"other_payer": True}, REFUSE, {"other-payer"}),
    ({"match": "ambiguous"}, AGENT, {"payer-unclear"}),
    ({"planner_confidence": "low"}, AGENT, {"planner-not-sure"}),
    ({"charge_state": "refunded", "charge_age_days": 90}, GO, {"allow.status_answer"}),
    ({"flags": {"vip"}}, LEAD, {"vip"}),
    ({"signals": ["legal_threat"]}, ESCALATE, {"legal-threat"}),
]


@pytest.mark.parametrize(("action", "changed", "expected", "rules"), [
    *(("refund", *row) for row in REFUNDS),
    *(("contact_change", *row) for row in CONTACT_CHANGES),
    *(("status_answer", *row) for row in STATUS_ANSWERS),
])
def test_the_shipped_policy_decides_as_written(
        shipped: Policy, action: str, changed: dict[str, FactValue], expected: str, rules: set[str]) -> None:
    assert supervision(action, {**CALM[action], **changed}, shipped) == (expected, rules)


def test_the_table_above_shows_every_shipped_rule_deciding(shipped: Policy) -> None:
    shown = {id for rows in (REFUNDS, CONTACT_CHANGES, STATUS_ANSWERS) for _, _, rules in rows for id in rules}
    assert {rule.id for rule in shipped.rules} - shown == set()


def test_every_shipped_rule_fires_for_each_of_its_actions_when_nothing_is_known(shipped: Policy) -> None:
    for action in CALM:
        decision = decide(action, {}, shipped)
        fired = {hit.id for hit in (*decision.by, *decision.also)}
        assert fired >= {rule.id for rule in shipped.rules if action in rule.actions}


def test_nothing_known_is_never_done_unattended(shipped: Policy) -> None:
    assert {action: decide(action, {}, shipped).outcome for action in CALM} == dict.fromkeys(CALM, "escalate")


@pytest.mark.parametrize("action", CALM)
def test_as_shipped_every_action_only_shadows(shipped: Policy, action: str) -> None:
    assert decide(action, CALM[action], shipped).mode == "shadow"


@pytest.mark.parametrize("action", CALM)
def test_calm_facts_are_complete_for_their_action(action: str) -> None:
    assert set(CALM[action]) == {fact.name for fact in FACTS.values() if action in fact.actions}
