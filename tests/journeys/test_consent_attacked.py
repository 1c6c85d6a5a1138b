"""Attacks on the customer's yes and a colleague's approval: money moves on exactly the yes that was wanted, or not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from sqlalchemy import Engine

from agent.consent import approval, taking_over
from agent.consent.approval import NotNow
from agent.policy import load
from agent.proposal import Case
from tests.journeys.office import AGENT as AGENT_MAIL
from tests.journeys.office import POLICY, Office, Scripted, refund
from tests.journeys.test_consent import AGENT, LEAD, TWICE, approve, asks, small_needs_agent, waiting
from tests.webhooks.opened import OpenOffice


def says(office: Office, always: Callable[[Case], Mapping[str, Any]]) -> None:
    assert isinstance(office.planner, Scripted)
    office.planner.always = always


def paused(office: Office, on: bool) -> None:
    with office.engine.begin() as c:
        c.exec_driver_sql("insert into switches (action, paused, by, at) values ('refund', %s, 'Ana', now()) "
                          "on conflict (action) do update set paused = excluded.paused", (on,))


@pytest.mark.parametrize("words", [["No"], ["person"], ["No", "What is your address, by the way?"]])
def test_a_no_after_the_yes_counts_while_refunds_are_paused(office: Office, words: list[str]) -> None:
    ticket = asks(office, 4700)
    paused(office, on=True)
    office.customer_answers(ticket, "YES")
    for word in words:
        office.clock.forward(minutes=1)
        office.writes(word, ticket=ticket)
    office.event(ticket)
    office.run()
    paused(office, on=False)
    office.settle(hours=5)
    assert office.refunds() == []
    assert office.states()[0][0] == "handed_over"


def test_a_customer_who_writes_anew_before_the_approval_is_used_is_read_first(office: Office) -> None:
    ticket = small_needs_agent(office)
    says(office, lambda case: {"unsure": "the customer takes it back"})
    office.clock.forward(minutes=5)
    office.writes("I found the parcel, please do not send the money back.", ticket=ticket)
    office.event(ticket)
    approve(office, AGENT)
    office.settle(hours=5)
    assert office.refunds() == []


def test_a_customer_who_writes_anew_while_an_approved_refund_is_paused_is_read_first(office: Office) -> None:
    ticket = small_needs_agent(office)
    paused(office, on=True)
    approve(office, AGENT)
    says(office, lambda case: {"unsure": "the customer takes it back"})
    office.customer_answers(ticket, "I found the parcel, please do not send the money back.")
    paused(office, on=False)
    office.settle(hours=5)
    assert office.refunds() == []


def test_a_nudge_before_the_approval_is_used_does_not_lose_it(office: Office) -> None:
    ticket = small_needs_agent(office)
    says(office, lambda case: {"actions": [refund("c1", claim="goodwill", quote="my money back")]})
    office.clock.forward(minutes=5)
    office.writes("Any news about the money for order 1042 please?", ticket=ticket)
    office.event(ticket)
    approve(office, AGENT)
    office.settle(hours=5)
    assert office.refunded() == {"usd": 1800}


def test_a_yes_that_comes_with_an_approval_of_something_else_is_not_lost_nor_taken_for_it(office: Office) -> None:
    ticket = both(office)
    (question,) = office.replies(ticket)
    assert "10115" in question
    office.clock.forward(minutes=5)
    office.writes("YES", ticket=ticket)
    office.event(ticket)
    approve_lead(office)
    office.run()
    office.settle(hours=2)
    assert office.refunds() == []
    assert contact(office)["MailingPostalCode"] == "10115"
    office.customer_answers(ticket, "YES")
    assert office.refunded() == {"usd": 18000}


def test_a_yes_answers_the_latest_question_and_not_one_asked_before_it(office: Office) -> None:
    ticket = both(office)
    approve_lead(office)
    office.clock.forward(minutes=5)
    office.run()
    office.customer_answers(ticket, "YES")
    assert office.refunded() == {"usd": 18000}
    assert "MailingPostalCode" not in {k: v for k, v in contact(office).items() if v}
    office.settle(hours=30)
    office.customer_answers(ticket, "YES")
    assert contact(office)["MailingPostalCode"] == "10115"
    assert office.refunded() == {"usd": 18000}


def test_after_a_part_was_done_a_customer_who_writes_anew_is_read_by_a_person(office: Office) -> None:
    ticket = both(office)
    office.customer_answers(ticket, "YES")
    assert contact(office)["MailingPostalCode"] == "10115"
    office.clock.forward(minutes=5)
    office.writes("The shop has paid me in the meantime, so the money is not needed any more.", ticket=ticket)
    office.event(ticket)
    approve_lead(office)
    office.run()
    office.settle(hours=80)
    assert office.refunds() == []
    assert any("the customer wrote again before it was done" in note for note in office.notes(ticket))


@pytest.mark.parametrize("word", ["No", "person"])
def test_a_no_counts_while_the_payments_are_away(office: Office, word: str) -> None:
    ticket = asks(office, 4700)
    office.fault("stripe", "429", "POST", "/refunds", times=40, params={"retry_after": 600})
    office.customer_answers(ticket, "YES")
    office.customer_answers(ticket, word)
    office.doors["stripe"].faults.clear()
    office.settle(hours=5)
    assert office.refunds() == []
    assert office.states()[0][0] == "handed_over"


def contact(office: Office) -> dict[str, object]:
    return dict(next(iter(office.salesforce.books()["contacts"].values())))


def both(office: Office) -> int:
    office.double_charge(18000)
    change = {"kind": "contact_change", "contact": "k1", "field": "postal_code", "value": "10115", "quote": "10115"}
    says(office, lambda case: {"actions": [*TWICE["actions"], change]} if "charged twice" in case.asked() else {
        "nothing_asked": True})
    return office.handle("I was charged twice, please refund the second one. My new postal code is 10115.")


def approve_lead(office: Office) -> None:
    (wait,) = [w for w in waiting(office) if w.for_whom == "lead"]
    approval.approve(office.desk, wait.id, wait.shown, LEAD)


def test_public_replies_to_a_nasty_customer_are_bounded(office: Office) -> None:
    ticket = asks(office, 4700)
    for n in range(40):
        office.customer_answers(ticket, ["yes but only if it is quick", "hm?", "what", "Any news on my ticket?"][n % 4])
        office.settle(hours=6)
    assert len(office.replies(ticket)) <= 3
    assert len(office.notes(ticket)) <= 3


def test_approved_and_then_switched_off_nothing_is_done(office: Office) -> None:
    small_needs_agent(office)
    (wait,) = waiting(office)
    approval.approve(office.desk, wait.id, wait.shown, AGENT)
    office.policy = load(POLICY.replace("mode: shadow", "mode: off"))
    office.run()
    office.settle(hours=3)
    assert office.refunds() == []


def test_approved_and_then_in_shadow_nothing_is_done(office: Office) -> None:
    small_needs_agent(office)
    (wait,) = waiting(office)
    approval.approve(office.desk, wait.id, wait.shown, AGENT)
    office.policy = load(POLICY)
    office.run()
    office.settle(hours=3)
    assert office.refunds() == []




def test_a_yes_on_the_page_is_no_order_to_go_on_where_a_colleague_has_answered(engine: Engine) -> None:
    office = OpenOffice(engine)
    ticket = office.asks(4700)
    link = office.link(ticket)
    office.clock.forward(minutes=5)
    office.at_desk("agent_replies", ticket=ticket, agent=AGENT_MAIL, body="I send it by bank transfer.")
    office.clock.forward(minutes=5)
    assert office.client.post(link, data={"typed": "4242"}).status_code == 200
    office.event(ticket)
    office.run()
    office.settle(hours=80)
    assert office.refunds() == []


def test_what_was_given_back_is_only_what_the_latest_plan_waits_for(office: Office) -> None:
    ticket = small_needs_agent(office)
    office.at_desk("agent_replies", ticket=ticket, agent=AGENT_MAIL, body="One moment please.")
    office.event(ticket)
    office.run()
    says(office, lambda case: {"actions": [refund("c1", amount="9.00", claim="goodwill", quote="half")]})
    office.customer_answers(ticket, "I was charged twice, half of it would be fine too.")
    (newer,) = waiting(office)
    taking_over.take_over(office.desk, office.ref(ticket), AGENT)
    office.run()
    taking_over.give_back(office.desk, office.ref(ticket), AGENT)
    office.run()
    assert [wait.id for wait in waiting(office)] == [newer.id]


def test_nobody_approves_for_a_customer_who_was_erased(office: Office) -> None:
    small_needs_agent(office)
    (wait,) = waiting(office)
    with office.engine.begin() as c:
        person = c.exec_driver_sql("select person_id from tickets").scalar_one()
        office.vault.erase(c, person, office.clock())
    with pytest.raises(NotNow):
        approval.approve(office.desk, wait.id, wait.shown, AGENT)
    with pytest.raises(NotNow):
        approval.decline(office.desk, wait.id, wait.shown, AGENT, "gone")
    office.settle(hours=80)
    assert office.refunds() == []


def test_a_yes_that_could_not_be_used_until_its_time_was_up_is_for_a_person(office: Office) -> None:
    ticket = asks(office, 4700)
    paused(office, on=True)
    office.customer_answers(ticket, "YES")
    office.settle(hours=80, step=14_400)
    paused(office, on=False)
    office.settle(hours=3)
    assert office.refunds() == []
    assert "the yes was too old by the time it could be done" in office.notes(ticket)[-1]
    assert office.states()[0][0] == "handed_over"
