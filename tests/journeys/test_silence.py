"""A ticket outside scope or competence gets no note, no tag, no reply, no model call."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from agent.consent import taking_over
from agent.consent.approval import Colleague
from agent.desk import Choices, Scope
from tests.journeys.conftest import on_both
from tests.journeys.office import AGENT, CHECKED, Office, refund

pytestmark = on_both

TWICE = {"actions": [refund("c2", quote="refund the second one")]}


def silent(office: Office, ticket: int) -> bool:
    book = office.ticket(ticket)
    return not (book["notes"] or book["replies"] or book["ops"]) and office.refunds() == []


@pytest.mark.parametrize("body", [
    "Thanks a lot!", "Vielen Dank, alles bestens!",
    "I am out of office until Monday and will answer then.",
    "Your message could not be delivered: 550 no such user",
])
def test_thanks_and_machine_mail_cost_one_call_and_no_model(office: Office, body: str) -> None:
    office.planner.always = lambda case: TWICE
    subject = "Undeliverable: your order" if "550" in body else "Automatic reply" if "office" in body else "Re: order"
    ticket = office.handle(body, subject=subject)

    assert silent(office, ticket)
    assert len(office.calls()) == 1
    assert office.planner.cases == []
    assert office.states()[0][0] == "ignored"


def test_a_ticket_of_another_brand_costs_one_call(an_office: Callable[..., Office]) -> None:
    office = an_office(choices=Choices(senders_checked=CHECKED, scope=Scope(brands=("999",))))
    ticket = office.handle()

    assert silent(office, ticket)
    assert len(office.calls()) == 1
    assert office.states() == [("ignored", "out of scope by brand")]


def tagged(office: Office, tag: str) -> int:
    """A ticket that a colleague has tagged before Deskhand looks at it."""
    ticket: int = office.writes()
    office.at_desk("agent_sets", ticket=ticket, agent=AGENT, tags=[tag])
    office.event(ticket)
    office.run()
    return ticket


@pytest.mark.parametrize("scope", [Scope(without_tags=("No_Deskhand",)), Scope(tags=("Billing",))])
@pytest.mark.parametrize("tag", ["no_deskhand", "NO_Deskhand"])
def test_a_tag_keeps_a_ticket_out_however_the_admin_and_the_helpdesk_write_it(
        an_office: Callable[..., Office], scope: Scope, tag: str) -> None:
    office = an_office(choices=Choices(senders_checked=CHECKED, scope=scope))
    ticket = tagged(office, tag)

    assert silent(office, ticket)
    assert office.states() == [("ignored", "out of scope by tags")]


def test_a_tag_that_the_admin_writes_with_a_capital_letter_takes_a_ticket_in(an_office: Callable[..., Office]) -> None:
    office = an_office(choices=Choices(senders_checked=CHECKED, scope=Scope(tags=("Billing",))))
    tagged(office, "billing")

    assert office.states() != [("ignored", "out of scope by tags")]


def test_nothing_asked_that_we_do_is_ignored(office: Office) -> None:
    office.planner.next = [{"nothing_asked": True}]
    ticket = office.handle("How tall is the blue lamp?")

    assert silent(office, ticket)
    assert office.states() == [("ignored", "nothing is asked that we do")]


def test_a_person_who_answered_first_keeps_the_ticket(office: Office) -> None:
    office.double_charge()
    office.planner.always = lambda case: TWICE
    ticket = office.writes()
    office.at_desk("agent_replies", ticket=ticket, agent=AGENT, body="I look into it.", public=True)
    office.event(ticket)
    office.run()

    assert silent(office, ticket)
    assert office.states() == [("ignored", "a person is on it")]


def test_a_person_who_takes_the_ticket_keeps_it(office: Office) -> None:
    office.double_charge()
    office.planner.always = lambda case: TWICE
    ticket = office.writes()
    office.at_desk("agent_sets", ticket=ticket, agent=AGENT, assignee=AGENT)
    office.event(ticket)
    office.run()

    assert silent(office, ticket)


def by_a_colleague(office: Office, ticket: int, does: str) -> None:
    """They have it, and Deskhand has seen so."""
    office.clock.forward(minutes=5)
    if does == "takes":
        office.at_desk("agent_sets", ticket=ticket, agent=AGENT, assignee=AGENT)
    else:
        office.at_desk("agent_replies", ticket=ticket, agent=AGENT, public=True,
                       body="This is Mia. I have sent you the USD 18.00 by bank transfer today.")
    office.event(ticket)
    office.run()
    assert office.states() == [("ignored", "a person is on it")]
    office.clock.forward(days=2)


@pytest.mark.parametrize("does", ["takes", "answers"])
def test_what_was_asked_before_a_colleague_worked_on_the_ticket_is_theirs(office: Office, does: str) -> None:
    """They may have paid it by another way."""
    office.double_charge()
    office.planner.always = lambda case: TWICE
    ticket = office.writes()
    by_a_colleague(office, ticket, does)
    office.customer_answers(ticket, "Any news? I still wait for it.")
    office.settle(hours=2)

    assert office.refunds() == []
    assert "what the customer wrote since asks for no refund by itself" in office.notes(ticket)[-1]


@pytest.mark.parametrize("does", ["takes", "answers"])
def test_what_is_asked_after_a_colleague_worked_on_the_ticket_is_done(office: Office, does: str) -> None:
    office.double_charge()
    office.planner.always = lambda case: TWICE
    ticket = office.writes("Do you open on Sundays?")
    by_a_colleague(office, ticket, does)
    office.customer_answers(ticket, "I was charged twice for order 1042, please refund the second one.")
    office.settle(hours=2)

    assert office.refunded() == {"usd": 1800}


def test_who_has_the_ticket_may_have_it_run_again(office: Office) -> None:
    office.double_charge()
    office.planner.always = lambda case: {"unsure": "I do not know."}
    ticket = office.handle()
    office.clock.forward(minutes=5)
    office.at_desk("agent_sets", ticket=ticket, agent=AGENT, assignee=AGENT)
    office.event(ticket)
    office.run()
    office.planner.always = lambda case: TWICE
    taking_over.run_again(office.desk, office.ref(ticket), Colleague("79", "Mia", "agent"))
    office.run()

    assert office.refunded() == {"usd": 1800}


@pytest.mark.parametrize("op", ["trigger_assigns", "routing_assigns"])
def test_assignment_by_a_rule_is_no_person(office: Office, op: str) -> None:
    office.double_charge()
    office.planner.always = lambda case: TWICE
    ticket = office.writes()
    office.at_desk(op, ticket=ticket, agent=AGENT)
    office.event(ticket)
    office.run()

    assert office.refunded() == {"usd": 1800}


def test_an_internal_note_of_an_agent_is_no_message(office: Office) -> None:
    office.double_charge()
    office.planner.always = lambda case: TWICE
    ticket = office.handle()
    office.at_desk("agent_replies", ticket=ticket, agent=AGENT, body="Looks fine.", public=False)
    office.event(ticket)
    office.settle()

    assert len(office.notes(ticket)) == len(office.replies(ticket)) == 1
    assert len(office.planner.cases) == 1


def test_our_own_update_comes_back_as_an_event_and_is_ignored(office: Office) -> None:
    office.double_charge()
    office.planner.always = lambda case: TWICE
    ticket = office.handle()
    for _ in range(5):
        office.event(ticket)
        office.run()

    assert len(office.notes(ticket)) == len(office.replies(ticket)) == 1
    assert len(office.planner.cases) == 1


@pytest.mark.parametrize("op", ["close", "merge", "delete"])
def test_a_ticket_that_is_gone_is_left_alone(office: Office, op: str) -> None:
    office.double_charge()
    office.planner.always = lambda case: TWICE
    ticket, other = office.writes(), office.writes("Another one", email="erin@example.com")
    office.at_desk(op, ticket=ticket, **({"into": other} if op == "merge" else {}))
    office.event(ticket)
    office.run()

    assert office.refunds() == []
    assert office.planner.cases == []


def test_a_person_who_steps_in_while_it_waits_stops_the_refund(office: Office) -> None:
    """Paused work goes on with what then stands: a colleague has answered in the meantime."""
    office.double_charge()
    office.planner.always = lambda case: TWICE
    office.fault("stripe", "429", "POST", "/refunds", times=3, params={"retry_after": 120})
    ticket = office.handle()
    office.at_desk("agent_replies", ticket=ticket, agent=AGENT, body="On it.", public=True)
    office.settle()

    assert office.refunds() == []
    assert office.replies(ticket) == []


def test_the_requester_may_also_be_somebody_else(office: Office) -> None:
    """A message by another end user on the ticket asks for nothing of ours."""
    office.double_charge()
    office.planner.always = lambda case: TWICE
    ticket = office.handle()
    office.customer_answers(ticket, "And I want my money, too!", email="erin@example.com")
    office.settle()

    assert office.refunded() == {"usd": 1800}
    assert len(office.notes(ticket)) == 1
