"""A counterexample in words and money: what would be done, on which facts, and what should have been asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from agent.policy.decide import Decision
from agent.policy.facts import FACTS, INCLUDES, Fact, FactValue
from agent.policy.proof.calm import calm
from connectors.contract import Money

ASKS: Mapping[str, str] = {"refund": "a refund", "contact_change": "a contact change",
                           "status_answer": "a status answer"}

EITHER: Mapping[str, tuple[str, str]] = {
    "claim_proven": ("with a proven claim", "with a claim that is not proven"),
    "other_payer": ("on a charge someone else paid", "on a charge the requester paid"),
    "pays_invoice": ("on a charge that pays an invoice", "on a charge that pays no invoice"),
    "connect": ("on a charge of a connected account", "on a charge of no connected account"),
    "exceeds_remaining": ("that is more than what is left on the charge", "that is left on the charge"),
    "same_again": ("that was done before", "that was not done before"),
    "older_money_ticket": ("beside an older open ticket about money", "without an older ticket about money"),
    "order_mentioned": ("with an order mentioned", "with no order mentioned"),
    "recent_contact_change": ("soon after contact details changed", "without a recent change of contact details"),
    "several_asks": ("among several asks", "as the only ask"),
    "business_hours": ("within opening hours", "out of hours"),
}
"""A fact that is true, or false."""

VALUES: Mapping[str, Mapping[FactValue, str]] = {
    "charge_state": {"paid": "on a paid charge", "part_refunded": "on a partly refunded charge",
                     "refunded": "on a refunded charge", "disputed": "on a disputed charge",
                     "uncaptured": "on a charge that is not captured", "failed": "on a failed charge"},
    "payment_kind": {"card": "paid by card", "other": "not paid by card"},
    "match": {"ambiguous": "with an unclear payer", "none": "with no payer found"},
    "crm_match": {"match": "with a CRM record that agrees", "mismatch": "with a CRM record that disagrees",
                  "none": "with no CRM record"},
    "contact_field": {"phone": "of the phone number", "name": "of the name", "opt_out": "of the opt-out",
                      "postal_address": "of the postal address", "email": "of the e-mail address"},
}

SIGNS: Mapping[str, str] = {
    "asks_for_manager": "a wish for a manager", "asks_for_person": "a wish for a person", "self_harm": "self-harm",
    "legal_threat": "a legal threat", "chargeback_threat": "a chargeback threat", "minor": "a minor",
    "press": "a mention of the press", "medical": "a medical matter", "bereavement": "a bereavement",
}

SHAPES: Mapping[str, str] = {
    "evidence": "with evidence {} of who is asking", "claim": "claimed as {}", "channel": "by {}",
    "language": "in the language {}", "flags": "for a customer flagged {}",
    "signals": "after a message that shows {}", "tags": "on a ticket tagged {}", "planner": "read by the {} planner",
    "charge_age_days": "on a charge {} days old", "attempts": "after {} attempts",
    "customer_30d_refunds": "as this customer's unattended refund number {} in 30 days",
    "customer_day_refunds": "as this customer's unattended refund number {} today",
    "desk_day_home": "with {} of the home currency from the desk today",
    "planner_confidence": "read with {} confidence",
    "other_open_tickets": "beside {} other open tickets",
    "customer_day_total": "with {} for this customer today",
    "customer_30d_total": "with {} for this customer in 30 days", "desk_day_total": "with {} from the desk today",
}


def ask_in_words(action: str, facts: Mapping[str, FactValue], tested: Iterable[str] = ()) -> str:
    """The ask with every fact that is tested or not calm: "a refund of USD 40.00 on a disputed charge"."""
    told = set(tested)
    phrases = [fact_in_words(fact, facts) for name, fact in FACTS.items()
               if name in facts and name not in ("amount", "currency")
               and (name in told or not _is_calm(fact, facts))]
    ask = ASKS.get(action, action.replace("_", " ")) + (_of(facts) if "amount" in facts else "")
    if not phrases:
        return ask
    return f"{ask} {', '.join(phrases)}{',' if len(phrases) > 1 else ''}"


def done_in_words(decision: Decision) -> str:
    """What would happen: "would be done without anyone"."""
    if decision.outcome != "go_ahead":
        return "would be refused" if decision.outcome == "refuse" else "would be handed to people"
    if decision.unattended:
        return "would be done without anyone"
    both = decision.confirm and decision.approve_by
    return f"would be done with {'' if both else 'only '}{decision.asked()}"


def fact_in_words(fact: Fact, facts: Mapping[str, FactValue]) -> str:
    """One fact beside an ask: "on a disputed charge", "with charge state not known"."""
    value = facts[fact.name]
    name = fact.name.replace("_", " ")
    if value is None:
        return f"with {name} not known"
    if isinstance(value, bool):
        true, false = EITHER.get(fact.name, (f"with {name}", f"without {name}"))
        return true if value else false
    if isinstance(value, frozenset | set | tuple | list):
        return _shaped(fact, " and ".join(sorted(map(_plain, value)))) if value else f"without {name}"
    if value in VALUES.get(fact.name, {}):
        return VALUES[fact.name][value]
    return _shaped(fact, _money(value, facts) if fact.kind == "money" else _plain(value))


def _shaped(fact: Fact, value: str) -> str:
    return SHAPES.get(fact.name, f"with {fact.name.replace('_', ' ')} {{}}").format(value)


def _plain(value: object) -> str:
    return SIGNS.get(str(value)) or str(value).replace("_", " ")


def _of(facts: Mapping[str, FactValue]) -> str:
    if facts["amount"] is None:
        return " of an amount that is not known"
    return f" of {_money(facts['amount'], facts)}"


def _money(value: FactValue, facts: Mapping[str, FactValue]) -> str:
    currency = facts.get("currency")
    if not isinstance(value, int) or not isinstance(currency, str):
        return f"{value} in a currency that is not known"
    return Money(amount=value, currency=currency).words()


def _is_calm(fact: Fact, facts: Mapping[str, FactValue]) -> bool:
    """A total that counts only the request is calm."""
    value = facts[fact.name]
    if fact.name in INCLUDES:
        return value == max(fact.least, *(_number(facts.get(part)) for part in INCLUDES[fact.name]))
    return value == calm(fact)


def _number(value: FactValue) -> int:
    return value if isinstance(value, int) else 0
