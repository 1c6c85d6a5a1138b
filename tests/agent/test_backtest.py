"""Recorded decisions are replayed in their order, with totals that come of each policy; all numbers counted by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from agent.backtest import Backtest, Sum, replay
from agent.policy import FactValue, Policy, decide, load
from agent.recorded import Recorded
from connectors.contract import Money

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)

POLICY = """\
policy: small
actions:
  refund:
    mode: MODE
    limits:
      USD: {auto: 30, confirm: 100}
      EUR: {auto: 30, confirm: 100}
  status_answer: {mode: execute, allow: go ahead}
rules:
  - id: customer-day
    actions: [refund]
    when: {customer_day_total: {over: {USD: CUSTOMER, EUR: CUSTOMER}}, amount: {up_to: auto}}
    then: approve by lead
    because: the customer's day is used up
  - id: desk-day
    actions: [refund]
    when: {desk_day_total: {over: {USD: DESK, EUR: DESK}}, amount: {up_to: auto}}
    then: approve by finance
    because: the desk's day is used up
"""


def policy(customer: int = 60, desk: int = 100, *, mode: str = "shadow", more: str = "", auto: int = 30) -> Policy:
    text = POLICY.replace("CUSTOMER", str(customer)).replace("DESK", str(desk)).replace("MODE", mode)
    return load(text.replace("auto: 30", f"auto: {auto}") + more)


class Log:
    """Decisions as they were recorded, a minute apart; recorded totals are those of shadow, where nothing adds up."""

    def __init__(self) -> None:
        self.rows: list[Recorded] = []

    def refund(self, customer: str, amount: int, *, currency: str = "USD", days_ago: int = 0, operation: str = "",
               ticket: str = "", **more: FactValue) -> None:
        facts: dict[str, Any] = {
            "amount": amount, "currency": currency, "customer_day_total": amount, "customer_30d_total": amount,
            "customer_30d_refunds": 1, "desk_day_total": amount, **more}
        self.add("refund", customer, facts, operation or f"op-{len(self.rows)}", ticket, days_ago)

    def add(self, action: str, customer: str, facts: dict[str, Any], operation: str, ticket: str,
            days_ago: int) -> None:
        number = len(self.rows) + 1
        self.rows.append(Recorded(
            ticket=ticket or f"zendesk:acme:{number}", customer=customer, operation=operation, action=action,
            facts=facts, decision=decide(action, facts, None), at=NOON - timedelta(days=days_ago, minutes=-number)))

    def replayed(self, old: Policy, new: Policy, **more: Any) -> Backtest:
        return replay(self.rows, old, new, **more)


def moved(found: Backtest) -> list[tuple[str, str, int, dict[str, int], tuple[str, ...]]]:
    return [(one.was, one.becomes, one.sum.count, dict(one.sum.money), one.tickets) for one in found.moved]


def test_what_went_out_counts_for_what_comes_later_under_each_policy() -> None:
    log = Log()
    for _ in range(5):
        log.refund("dana", 2500)
    found = log.replayed(policy(customer=60), policy(customer=80))
    # 25, 50 | 75 is over 60, and over 60 it stays: nothing more goes out. With 80 the third goes out as well.
    assert moved(found) == [("a lead's approval", "nobody", 1, {"USD": 2500}, ("zendesk:acme:3",))]
    assert (found.unattended_old, found.unattended_new) == (Sum(2, {"USD": 5000}), Sum(3, {"USD": 7500}))
    assert (found.decisions, found.operations) == (5, 5)


def test_a_larger_customer_budget_uses_up_the_desks_sooner() -> None:
    log = Log()
    for customer in ("dana", "dana", "dana", "erin", "erin"):
        log.refund(customer, 2500)
    found = log.replayed(policy(customer=50, desk=100), policy(customer=100, desk=100))
    # Old: 25 50 | dana's third needs the lead | erin 75 100. New: 25 50 75 | erin 100 | erin's second would be 125.
    assert moved(found) == [
        ("a lead's approval", "nobody", 1, {"USD": 2500}, ("zendesk:acme:3",)),
        ("nobody", "finance's approval", 1, {"USD": 2500}, ("zendesk:acme:5",)),
    ]
    assert [one.looser for one in found.moved] == [True, False]
    assert found.unattended_old == found.unattended_new == Sum(4, {"USD": 10000})


def test_each_currency_and_each_day_has_its_own_totals() -> None:
    log = Log()
    log.refund("dana", 3000, days_ago=1)
    log.refund("dana", 3000, days_ago=1)
    log.refund("dana", 3000, currency="EUR")
    log.refund("dana", 3000)
    log.refund("dana", 3000)
    found = log.replayed(policy(customer=60), policy(customer=50))
    assert moved(found) == [
        ("nobody", "a lead's approval", 2, {"USD": 6000}, ("zendesk:acme:2", "zendesk:acme:5"))]
    assert found.unattended_new == Sum(3, {"USD": 6000, "EUR": 3000})


def test_an_operation_that_was_decided_twice_counts_once() -> None:
    log = Log()
    for _ in range(3):
        log.refund("dana", 3000, operation="op-same", ticket="zendesk:acme:7")
    log.refund("dana", 3000)
    found = log.replayed(policy(customer=60), policy(customer=50))
    assert (found.decisions, found.operations) == (4, 2)
    assert moved(found) == [("nobody", "a lead's approval", 1, {"USD": 3000}, ("zendesk:acme:4",))]
    assert found.unattended_old == Sum(2, {"USD": 6000})


def test_an_operation_is_done_at_the_first_time_when_nobody_needs_to_be_asked() -> None:
    log = Log()
    log.refund("dana", 3000, operation="op-1", claim_proven=False)
    log.refund("dana", 3000, operation="op-1", claim_proven=True)
    unproven = policy(more="""\
  - {id: unproven, actions: [refund], when: {claim_proven: false}, then: approve by agent, because: not proven}
""")
    found = log.replayed(unproven, policy())
    assert moved(found) == []
    assert found.unattended_old == found.unattended_new == Sum(1, {"USD": 3000})


def test_a_month_of_a_customer_reaches_back_thirty_days_with_today() -> None:
    month = """\
  - {id: month, actions: [refund], when: {customer_30d_refunds: {over: 1}}, then: approve by lead, because: a second}
"""
    log = Log()
    log.refund("dana", 1000, days_ago=30)
    log.refund("dana", 1000, days_ago=29)
    log.refund("dana", 1000)
    found = log.replayed(policy(), policy(more=month))
    # 29 days before the 2nd are one day after the 1st; on the last day the 1st is out of reach, and the 2nd did not go.
    assert moved(found) == [("nobody", "a lead's approval", 1, {"USD": 1000}, ("zendesk:acme:2",))]


def test_what_came_before_the_time_asked_for_fills_the_totals_and_is_not_told() -> None:
    log = Log()
    for days_ago in (1, 1, 0, 0):
        log.refund("dana", 3000, days_ago=days_ago)
    month = """\
  - {id: month, actions: [refund], when: {customer_30d_total: {over: {USD: 90, EUR: 90}}}, then: approve by lead,
     because: the month is used up}
"""
    found = log.replayed(policy(), policy(more=month), since=NOON - timedelta(hours=12))
    assert moved(found) == [("nobody", "a lead's approval", 1, {"USD": 3000}, ("zendesk:acme:4",))]
    assert (found.decisions, found.first) == (2, log.rows[2].at)
    assert found.unattended_old == Sum(2, {"USD": 6000})


def test_modes_make_no_difference_and_answers_count_once_per_ticket() -> None:
    log = Log()
    log.refund("dana", 2000)
    log.add("status_answer", "dana", {}, "", "zendesk:acme:9", 0)
    log.add("status_answer", "dana", {}, "", "zendesk:acme:9", 0)
    found = log.replayed(policy(mode="off"), policy(mode="execute"))
    assert (moved(found), found.operations) == ([], 2)
    assert found.unattended_new == Sum(1, {"USD": 2000})


def test_refunds_of_all_currencies_count_in_the_home_currency() -> None:
    home = """\
  - {id: home, actions: [refund], when: {desk_day_home: {over: 50}}, then: approve by lead, because: the desk's day}
"""
    log = Log()
    log.refund("dana", 3000, desk_day_home=30)
    log.refund("erin", 2500, currency="EUR", desk_day_home=25)
    found = log.replayed(policy(), policy(more=home), home=lambda all: sum(one.amount for one in all) // 100)
    assert moved(found) == [("nobody", "a lead's approval", 1, {"EUR": 2500}, ("zendesk:acme:2",))]


def test_a_fact_that_was_not_recorded_then_counts_as_a_match_and_is_named() -> None:
    sure = """\
  - {id: unsure, actions: [refund], when: {planner_confidence: {is: [low]}}, then: approve by agent, because: unsure}
"""
    log = Log()
    log.refund("dana", 2000)
    log.refund("dana", 2000, planner_confidence="high")
    found = log.replayed(policy(), policy(more=sure))
    assert moved(found) == [("nobody", "a colleague's approval", 1, {"USD": 2000}, ("zendesk:acme:1",))]
    assert found.unrecorded == {"planner_confidence": 1}


def test_a_fact_that_is_no_longer_in_the_catalogue_does_not_stop_the_replay() -> None:
    log = Log()
    log.refund("dana", 2000, identity="verified")
    assert log.replayed(policy(), policy()).unattended_new == Sum(1, {"USD": 2000})


def test_sums_are_told_per_currency() -> None:
    total = Sum().plus(Money(amount=41000, currency="USD")).plus(None).plus(Money(amount=5, currency="JPY"))
    assert (total.count, total.in_words()) == (3, "JPY 5, USD 410.00")
