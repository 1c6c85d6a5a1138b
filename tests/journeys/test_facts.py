"""What the policy is told of a ticket: every fact of the catalogue, and each of them true."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.desk import Choices, Flags, PaymentChoices
from agent.hours import Hours
from agent.policy import FACTS
from agent.rates import Rates
from tests.journeys.conftest import on_both
from tests.journeys.office import AGENT, CHECKED, DANA, ERIN, POLICY, WORLD, Office, refund, without_rule

BERLIN = Hours.model_validate({"zone": "Europe/Berlin", "open": ["mon-fri 09:00-18:00"]})
CHOICES = Choices(senders_checked=CHECKED, hours=BERLIN)
SECOND = {"actions": [refund("c2", quote="refund the second one")]}
WHERE = {"actions": [{"kind": "status_answer", "charge": "c1", "quote": "where is my refund?"}]}


def new_number(office: Office, number: str = "+49 30 7654321") -> int:
    """Dana asks for a new telephone number."""
    quote = f"my new number is {number}"
    change = {"kind": "contact_change", "contact": "k1", "field": "phone", "value": number, "quote": quote}
    office.planner.next = [{"category": "contact_details", "actions": [change]}]
    return office.handle(f"Hi, {quote}.")


def decided(office: Office) -> list[dict[str, Any]]:
    """The facts of every decision in order, as they were recorded."""
    with office.engine.begin() as connection:
        return [row.facts for row in connection.exec_driver_sql("select facts from decisions order by id")]


def given(office: Office) -> set[str]:
    [facts] = decided(office)
    return {name for name, value in facts.items() if value is not None}


def catalogue(action: str) -> set[str]:
    return {fact.name for fact in FACTS.values() if action in fact.actions}


@on_both
def test_for_a_plain_refund_every_fact_is_given(an_office: Callable[..., Office]) -> None:
    office = an_office(choices=CHOICES)
    office.double_charge()
    office.planner.next = [SECOND]
    office.handle()
    assert given(office) == catalogue("refund")


@on_both
def test_for_a_contact_change_every_fact_is_given(an_office: Callable[..., Office]) -> None:
    office = an_office(choices=CHOICES)
    new_number(office)
    assert given(office) == catalogue("contact_change")


@on_both
def test_for_a_status_answer_every_fact_is_given(an_office: Callable[..., Office]) -> None:
    office = an_office(choices=CHOICES)
    charge = office.charge(3000, ago="-9d")
    office.happens("stripe", "dashboard_refund", charge=charge, amount=3000)
    office.planner.next = [WHERE]
    office.handle("where is my refund?")
    assert given(office) == catalogue("status_answer")


def test_without_opening_hours_they_are_all_that_is_missing(office: Office) -> None:
    office.double_charge()
    office.planner.next = [SECOND]
    office.handle()
    assert catalogue("refund") - given(office) == {"business_hours"}


def test_opening_hours_are_those_of_the_moment_of_deciding(an_office: Callable[..., Office]) -> None:
    office = an_office(choices=CHOICES)
    new_number(office)  # Friday, 10:00 in Berlin
    office.clock.forward(hours=8)
    new_number(office, "+49 30 5555555")
    assert [facts["business_hours"] for facts in decided(office)] == [True, False]


def two_refunds(office: Office, second: str = "usd", hours: float = 0) -> list[dict[str, Any]]:
    """What is decided on a refund of 18.00 for Dana and, after these hours, on one of 18.00 for Erin."""
    office.double_charge()
    office.planner.next = [SECOND, SECOND]
    office.handle()
    office.clock.forward(hours=hours)
    for ago in ("-2h", "-110m"):
        office.charge(1800, email=ERIN, ago=ago, currency=second)
    office.handle(email=ERIN)
    return decided(office)


def test_the_desks_day_counts_all_currencies_at_the_admins_rates(an_office: Callable[..., Office]) -> None:
    rates = Rates.model_validate({"home": "USD", "EUR": "1.05"})
    office = an_office(choices=CHOICES.model_copy(update={"rates": rates}))
    first, second = two_refunds(office, "eur")
    assert (first["desk_day_home"], second["desk_day_home"]) == (18, 37)  # 18.00 and 18.90
    assert (first["desk_day_total"], second["desk_day_total"]) == (1800, 1800)
    assert office.refunded() == {"usd": 1800, "eur": 1800}


def test_the_desks_day_begins_anew_each_day(an_office: Callable[..., Office]) -> None:
    assert [facts["desk_day_home"] for facts in two_refunds(an_office(), hours=24)] == [18, 18]


def test_above_the_home_budget_a_lead_decides_whatever_the_currency(an_office: Callable[..., Office]) -> None:
    office = an_office(policy=POLICY.replace("desk_day_home: {over: 2000}", "desk_day_home: {over: 35}"))
    two_refunds(office, "eur")
    assert office.refunded() == {"usd": 1800}
    assert [state for state, _ in office.states()] == ["done", "parked"]


def test_money_without_a_rate_leaves_the_home_total_unknown_and_a_lead_decides(
        an_office: Callable[..., Office]) -> None:
    office = an_office(choices=CHOICES.model_copy(update={"rates": Rates.model_validate({"home": "USD"})}))
    first, second = two_refunds(office, "eur")
    assert (first["desk_day_home"], second["desk_day_home"]) == (18, None)
    assert office.refunded() == {"usd": 1800}


def test_refunds_of_a_customer_are_counted_by_the_day_and_by_thirty_days(
        an_office: Callable[..., Office]) -> None:
    office = an_office(policy=without_rule(POLICY, "older-money-ticket"))
    for n, hours in enumerate((0, 30, 1)):
        office.clock.forward(hours=hours)
        for ago in ("-2h", "-110m"):
            office.charge(500, ago=ago, order=f"order-{n}")
        office.planner.next = [{"actions": [refund(f"c{2 * n + 2}", quote="refund the second one")]}]
        office.handle()
    assert [(facts["customer_day_refunds"], facts["customer_30d_refunds"]) for facts in decided(office)] == [
        (1, 1), (1, 2), (2, 3)]


def test_a_refund_that_could_not_be_asked_for_was_tried(office: Office) -> None:
    office.double_charge()
    office.planner.next = [SECOND]
    office.fault("stripe", "429", "POST", "/refunds", times=20, params={"retry_after": 30})
    office.handle()
    office.settle(step=60, hours=2)
    with office.engine.begin() as connection:
        tried = [row.public["facts"]["attempts"] for row in connection.exec_driver_sql(
            "select public from audit where kind = 'operation.sent' and public ->> 'action' = 'refund' order by id")]
    assert tried[0] == 0
    assert tried == sorted(set(tried))
    assert len(tried) > 1


def test_another_refund_on_the_ticket_counts_what_was_tried_before(office: Office) -> None:
    office.double_charge()
    office.planner.next = [{"actions": [refund("c2", "4.00", quote="refund the second one")]},
                           {"actions": [refund("c2", "5.00", quote="Make it 5")]}]
    office.policy = office.policy_with(claims_proven=False)
    ticket = office.handle()
    office.customer_answers(ticket, "Make it 5, please.")
    assert [facts["attempts"] for facts in decided(office)] == [0, 1]


@on_both
def test_other_open_tickets_are_the_requesters_own_whatever_they_are_about(office: Office) -> None:
    new_number(office)
    solved = new_number(office, "+49 30 5555555")
    office.at_desk("agent_sets", ticket=solved, agent=AGENT, assignee=AGENT, status="solved")
    office.event(solved)
    office.run()
    dana, erin = two_refunds(office)[2:]
    assert (dana["other_open_tickets"], erin["other_open_tickets"]) == (1, 0)


def test_an_address_changed_of_late_in_the_crm_is_a_change_of_contact_details(an_office: Callable[..., Office]) -> None:
    def crm(changed: str) -> dict[str, Any]:
        [dana] = WORLD["salesforce"]["contacts"]
        history = [{"Field": "Email", "OldValue": "old@example.com", "NewValue": DANA, "CreatedDate": changed}]
        return {**WORLD, "salesforce": {**WORLD["salesforce"], "contacts": [{**dana, "history": history}]}}

    office = an_office(world=crm("-5d"))
    office.double_charge()
    office.planner.next = [SECOND]
    office.handle()
    assert decided(office)[0]["recent_contact_change"] is True
    assert office.refunds() == []


@on_both
def test_our_own_change_of_contact_details_is_one_for_every_action_after_it(office: Office) -> None:
    new_number(office)
    new_number(office, "+49 30 5555555")
    assert [facts["recent_contact_change"] for facts in decided(office)] == [False, True]


@pytest.mark.parametrize(("confidence", "refunded"), [("high", {"usd": 1800}), ("medium", {"usd": 1800}), ("low", {})])
def test_what_the_planner_is_not_sure_of_waits_for_a_colleague(
        office: Office, confidence: str, refunded: dict[str, int]) -> None:
    office.double_charge()
    office.planner.next = [{**SECOND, "confidence": confidence}]
    office.handle()
    assert office.refunded() == refunded
    assert decided(office)[0]["planner_confidence"] == confidence


@pytest.mark.parametrize(("customer", "flags"), [("cus_erin", None), (None, [])], ids=["of a customer", "of a guest"])
def test_flags_that_stand_on_a_payer_who_was_not_read_are_not_known(
        an_office: Callable[..., Office], customer: str | None, flags: list[str] | None) -> None:
    """A charge found by its order number may belong to a customer record under another address."""
    office = an_office(choices=Choices(
        senders_checked=CHECKED, flags=Flags(fraud="stripe:metadata:fraud"),
        payments=PaymentChoices(order_pattern=r"order (\d+)")))
    office.charge(1800, email="finn@example.com", order="7777", customer=customer)
    office.planner.next = [{"actions": [refund("c1", claim="goodwill", quote="refund")]}]
    office.handle("Please refund order 7777.", email="finn@example.com")
    assert [(facts["match"], facts.get("flags")) for facts in decided(office)] == [("by_order", flags)]
