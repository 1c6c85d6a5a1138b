"""A hostile model, hostile customers, hostile timing: what the vendors' books may show, and what nobody may be told."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from agent import workflow
from agent.desk import Choices, Scope
from tests.journeys.dying import Boundary, mortal, run_and_swept
from tests.journeys.office import AGENT, CHECKED, DANA, ERIN, Office, refund

SECOND = {"actions": [refund("c2", quote="please refund the second one")]}
STATUS = {"kind": "status_answer", "charge": "c1", "quote": "where is my refund?"}


def change(field: str, value: str, quote: str = "my new number") -> dict[str, Any]:
    return {"kind": "contact_change", "contact": "k1", "field": field, "value": value, "quote": quote}


def phone(office: Office) -> str:
    return str(next(iter(office.salesforce.books()["contacts"].values()))["Phone"])


def asks_twice(office: Office) -> int:
    office.double_charge()
    office.planner.always = lambda case: SECOND if any(m.new for m in case.messages) else {"nothing_asked": True}
    return office.writes()


def test_an_answer_lost_then_a_stale_list_then_429_does_not_refund_twice_after_keys_expired(office: Office) -> None:
    office.charge(5000)
    office.policy = office.policy_with(claims_proven=False)
    office.planner.always = lambda case: {"actions": [refund("c1", amount="5.00", claim="goodwill", quote="5 back")]}
    office.fault("stripe", "timeout_after", "POST", "/refunds")
    office.fault("stripe", "stale_read", "GET", "/refunds", times=1)
    office.fault("stripe", "429", "POST", "/refunds", params={"retry_after": 90_000})
    office.handle("Could I get 5 back for the scratched box?")
    office.happens("stripe", "forget_keys")
    office.settle(hours=60)

    assert office.refunded() == {"usd": 500}


def test_a_refund_sent_before_and_refused_later_is_not_noted_as_nothing_changed(office: Office) -> None:
    ticket = asks_twice(office)
    office.fault("stripe", "timeout_after", "POST", "/refunds")
    office.fault("stripe", "stale_read", "GET", "/refunds", times=1)
    office.fault("stripe", "429", "POST", "/refunds", params={"retry_after": 60})
    office.event(ticket)
    office.settle(step=60, hours=3)

    assert office.refunded() == {"usd": 1800}
    assert "Nothing was changed" not in office.notes(ticket)[0]


def test_six_tickets_of_one_customer_at_once_stay_within_the_budget(office: Office) -> None:
    tickets = []
    for n in range(6):
        for ago in ("-2h", "-110m"):
            office.charge(1800, ago=ago, order=f"order-{n}")
    def last_of(case: Any) -> dict[str, Any]:
        order = case.messages[-1].text.split()[-1]
        return {"actions": [refund([c.handle for c in case.charges if c.order == order][-1], quote="refund")]}
    office.planner.always = last_of
    for n in range(6):
        tickets.append(office.writes(f"Charged twice, please refund order-{n}"))
        office.event(tickets[-1])
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda n: workflow.run(office.desk, n), range(1, 7)))
    office.settle(hours=3)

    assert office.refunded().get("usd", 0) <= 3600
    assert all(len(office.notes(ticket)) == 1 for ticket in tickets)


def test_a_person_who_refunds_in_the_dashboard_while_it_waits_is_not_repeated(office: Office) -> None:
    _, second = office.double_charge()
    office.planner.always = lambda case: SECOND
    office.fault("stripe", "429", "POST", "/refunds", times=1, params={"retry_after": 120})
    office.handle()
    office.happens("stripe", "dashboard_refund", charge=second, amount=1800)
    office.settle()

    assert office.refunded() == {"usd": 1800}


def test_the_wrong_one_of_the_pair_refunded_meanwhile_stops_the_other(office: Office) -> None:
    first, _ = office.double_charge()
    office.planner.always = lambda case: SECOND
    office.fault("stripe", "429", "POST", "/refunds", times=1, params={"retry_after": 120})
    office.handle()
    office.happens("stripe", "dashboard_refund", charge=first, amount=1800)
    office.settle()

    assert office.refunded() == {"usd": 1800}


@pytest.mark.parametrize("amount", ["1e3", "-5", "0", "0.001", "NaN", "Infinity", "-0",
                                    "99999999999999999", "1_8", "１８.００", "٥", "18,00", "",
                                    "USD 18", "18.00 EUR", "0x12", "18\x00"])
def test_odd_amounts_end_with_a_person_after_one_reading_and_move_nothing(office: Office, amount: str) -> None:
    office.double_charge()
    office.policy = office.policy_with(claims_proven=False)
    office.planner.always = lambda case: {"actions": [refund("c2", amount=amount, claim="goodwill", quote="money")]}
    ticket = office.handle("Give me money")
    office.settle(hours=3)

    assert office.refunded().get("usd", 0) <= 1800
    assert len(office.planner.cases) == 1
    assert len(office.notes(ticket)) == 1


def test_another_customers_charge_by_order_number_is_neither_refunded_nor_told(office: Office) -> None:
    erins = office.charge(3000, email=ERIN, order="7777")
    office.happens("stripe", "dashboard_refund", charge=erins, amount=1000)
    office.choices = office.choices.model_copy(update={
        "payments": office.choices.payments.model_copy(update={"order_pattern": r"order (\d+)"})})
    office.desk = office._desk()
    office.planner.always = lambda case: {"actions": [refund("c1", claim="goodwill", quote="refund"), STATUS]}
    ticket = office.handle("Where is my refund for order 7777?")
    office.settle()

    assert office.refunded() == {"usd": 1000}
    assert office.replies(ticket) == []


@pytest.mark.parametrize("how", [
    {"channel": "web"}, {"flags": [2]}, {"sender": "dana@evil.example"}, {"channel": "api"}, {"flags": [0, 11]},
    {"sender": "Dana@example.com.evil.example"}, {"sender": "dana@ex\u0430mple.com"}])
def test_a_message_nobody_vouches_for_moves_nothing_and_is_not_answered(office: Office, how: dict[str, Any]) -> None:
    office.double_charge()
    office.planner.always = lambda case: {"actions": [*SECOND["actions"], change("phone", "+1 555 0100 666"), STATUS]}
    ticket = office.handle(**how)
    office.settle()

    assert office.refunds() == []
    assert phone(office) == "+49 30 1234567"
    assert office.replies(ticket) == []


def test_one_vouched_message_does_not_lift_another_that_is_not(office: Office) -> None:
    office.double_charge()
    office.planner.always = lambda case: SECOND
    ticket = office.writes()
    office.writes("Refund it, it is me!", ticket=ticket, flags=[2])
    office.event(ticket)
    office.settle()

    assert office.refunds() == []


def test_a_requester_changed_while_a_refund_is_unknown_loses_nothing_and_leaks_nothing(office: Office) -> None:
    ticket = asks_twice(office)
    office.fault("stripe", "timeout_after", "POST", "/refunds")
    office.fault("stripe", "500_before", "GET", "/refunds", times=20)
    office.event(ticket)
    office.run()
    office.at_desk("change_requester", ticket=ticket, email=ERIN)
    office.event(ticket)
    office.settle(step=60, hours=6)

    assert office.refunded() == {"usd": 1800}
    assert not any("4242" in reply for reply in office.replies(ticket))
    assert len(office.notes(ticket)) == 1


def test_a_requester_suspended_while_a_refund_waits_gets_none(office: Office) -> None:
    ticket = asks_twice(office)
    office.fault("stripe", "429", "POST", "/refunds", params={"retry_after": 120})
    office.event(ticket)
    office.run()
    office.at_desk("suspend_user", email=DANA)
    office.settle()

    assert office.refunds() == []


def test_a_ticket_taken_out_of_scope_while_a_refund_waits_gets_none(an_office: Callable[..., Office]) -> None:
    office = an_office(choices=Choices(senders_checked=CHECKED, scope=Scope(without_tags=("people_only",))))
    ticket = asks_twice(office)
    office.fault("stripe", "429", "POST", "/refunds", params={"retry_after": 120})
    office.event(ticket)
    office.run()
    office.at_desk("agent_sets", ticket=ticket, agent=AGENT, tags=["people_only"])
    office.settle()

    assert office.refunds() == []


def unsettled(office: Office) -> list[tuple[str, str]]:
    """Operations that may have happened and that neither we nor a person looks at."""
    with office.engine.begin() as c:
        return [(row.kind, row.state) for row in c.exec_driver_sql(
            "select kind, state from operations where state in ('sent', 'unknown')")]


@pytest.mark.parametrize("op", ["close", "merge", "agent_replies"])
def test_an_unknown_refund_of_a_ticket_somebody_took_away_is_still_settled(office: Office, op: str) -> None:
    ticket = asks_twice(office)
    office.fault("stripe", "timeout_after", "POST", "/refunds")
    office.fault("stripe", "500_before", "GET", "/refunds", times=5)
    office.event(ticket)
    office.run()
    other = office.writes("Another one", email=ERIN)
    more = {"merge": {"into": other}, "agent_replies": {"agent": AGENT, "body": "Mine.", "public": True}}.get(op, {})
    office.at_desk(op, ticket=ticket, **more)
    office.event(ticket)
    office.settle(hours=30)

    assert office.refunded() == {"usd": 1800}
    assert unsettled(office) == []
    assert office.replies(ticket) == [] or op == "agent_replies"


def crash_story(make: Callable[..., Office], kill_at: int | None,
                prepare: Callable[[Office], None]) -> tuple[Office, int, Boundary]:
    office = make()
    boundary = mortal(office, kill_at)
    ticket = asks_twice(office)
    prepare(office)
    office.event(ticket)
    run_and_swept(office, boundary)
    office.settle(step=60, hours=5)
    return office, ticket, boundary


PLACES = 32
"""Before and after vendor calls, and before commits, until the answer of a refund is awaited no longer."""


@pytest.mark.parametrize("kill_at", range(8, PLACES + 2))
def test_killed_anywhere_while_an_answer_is_awaited_nothing_is_forgotten(an_office: Callable[..., Office],
                                                                        kill_at: int) -> None:
    """Stripe's answer is lost and it cannot be looked up for a while: the pass ends with a wake for later."""
    def prepare(office: Office) -> None:
        office.fault("stripe", "timeout_after", "POST", "/refunds")
        office.fault("stripe", "500_before", "GET", "/refunds", times=4)

    office, ticket, boundary = crash_story(an_office, kill_at, prepare)

    books = (office.refunded(), len(office.notes(ticket)), len(office.replies(ticket)))
    assert books == ({"usd": 1800}, 1, 1), boundary.passed[-1]
    assert len(boundary.passed) <= PLACES



def test_an_outcome_that_can_never_be_looked_up_reaches_a_person(office: Office) -> None:
    ticket = asks_twice(office)
    office.fault("stripe", "timeout_after", "POST", "/refunds")
    office.fault("stripe", "500_before", "GET", "/refunds$", times=100_000)
    office.event(ticket)
    office.settle(hours=40)

    assert office.refunded() == {"usd": 1800}
    assert len(office.notes(ticket)) == 1


@pytest.mark.parametrize(("op", "how"), [("end_key", {}), ("permit", {"permissions": {}})])
def test_payments_that_can_never_be_read_reach_a_person(office: Office, op: str, how: dict[str, Any]) -> None:
    ticket = asks_twice(office)
    office.happens("stripe", op, key="rk_test_desk", **how)
    office.event(ticket)
    office.settle(hours=30)

    assert "could not be read" in office.notes(ticket)[0]
    assert len(office.notes(ticket)) == 1


READS = dict.fromkeys(("charges", "customers", "invoices", "refunds", "disputes", "subscriptions"), "read")


def test_a_refund_that_the_key_may_never_make_reaches_a_person(office: Office) -> None:
    ticket = asks_twice(office)
    office.happens("stripe", "permit", key="rk_test_desk", permissions=READS)
    office.event(ticket)
    office.settle(hours=24, step=3600)

    assert office.refunds() == []
    assert office.replies(ticket) == []
    [note] = office.notes(ticket)
    assert "the vendor refused it (Stripe answered 403: The provided key" in note
    assert office.states()[0][0] == "handed_over"
