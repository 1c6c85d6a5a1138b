"""An ask is the requester's own, and no surer than the least sure message that it is read from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from agent.planner import RulesPlanner
from agent.proposal import Case
from tests.journeys.conftest import on_both
from tests.journeys.office import AGENT, ERIN, Office, refund

ASK = "I was charged twice for order 1042, please refund the second one."
LAMP = "Hello, do you sell this lamp in blue as well?"
UNPROVEN: dict[str, dict[str, Any]] = {"web form": {"channel": "web"}, "flagged": {"flags": [11]},
                                       "foreign From": {"sender": "eve@evil.example"}}
Says = Callable[[Case], Mapping[str, Any]]


def rules(case: Case) -> Mapping[str, Any]:
    return RulesPlanner().plan(case).proposal.model_dump(mode="json")


def asking(quote: str) -> Says:
    """A model that reads the ask wherever it stands, and quotes this."""
    return lambda case: {"actions": [refund("c2", quote=quote)]} if any(
        "charged twice" in one.text for one in case.messages) else {"nothing_asked": True}


READERS: dict[str, Says] = {"rules": rules, "model": asking("please refund the second one"),
                            "a model that quotes the chaser": asking("Any news?")}


def opened(office: Office, says: Says, body: str = LAMP, **more: Any) -> Any:
    office.double_charge()
    office.planner.always = says
    return office.handle(body, **more)


def adds(office: Office, ticket: Any, body: str, **more: Any) -> None:
    office.clock.forward(minutes=5)
    office.writes(body, ticket=ticket, **more)
    office.event(ticket)
    office.run()


@on_both
@pytest.mark.parametrize("chaser", ["Any news?", "Any news about this please?", "It was order 1042"])
def test_what_a_person_in_copy_asked_is_not_asked_by_the_requesters_chaser(office: Office, chaser: str) -> None:
    ticket = opened(office, rules, ccs=[ERIN])
    adds(office, ticket, ASK, email=ERIN)
    office.customer_answers(ticket, chaser)
    office.settle()
    assert office.refunds() == []
    assert office.notes(ticket) == []


def test_a_planner_is_told_who_wrote_what(office: Office) -> None:
    ticket = opened(office, rules, ccs=[ERIN])
    adds(office, ticket, ASK, email=ERIN)
    adds(office, ticket, "I am away until Monday.", flags=[4])
    office.at_desk("agent_replies", ticket=ticket, agent=AGENT, body="The blue one is sold out.", public=False)
    office.customer_answers(ticket, "Any news?")
    assert [(one.who, one.new) for one in office.planner.cases[-1].messages] == [
        ("customer", False), ("someone else", False), ("someone else", False), ("customer", True)]


@pytest.mark.parametrize("unproven", UNPROVEN)
@pytest.mark.parametrize("reader", READERS)
def test_an_ask_in_an_unproven_message_is_no_surer_after_an_authenticated_chaser(
        office: Office, reader: str, unproven: str) -> None:
    ticket = opened(office, READERS[reader])
    adds(office, ticket, ASK, **UNPROVEN[unproven])
    office.customer_answers(ticket, "Any news?")
    office.settle()
    assert office.refunds() == []
    assert office.states()[0][0] in ("refused", "handed_over")


@pytest.mark.parametrize("reader", READERS)
def test_a_ticket_opened_by_form_is_no_surer_after_an_authenticated_chaser(office: Office, reader: str) -> None:
    ticket = opened(office, READERS[reader], ASK, channel="web")
    office.customer_answers(ticket, "Any news?")
    office.settle()
    assert office.refunds() == []


@pytest.mark.parametrize("first", UNPROVEN)
def test_who_asks_anew_in_a_mail_of_their_own_gets_it_whatever_came_before(office: Office, first: str) -> None:
    ticket = opened(office, rules, **UNPROVEN[first])
    office.customer_answers(ticket, ASK)
    office.settle()
    assert office.refunded() == {"usd": 1800}


@on_both
@pytest.mark.parametrize("answer", ["Any news?", "It was order 1042"])
def test_who_asked_in_an_authenticated_mail_gets_it_after_their_next_one(office: Office, answer: str) -> None:
    office.planner.always = lambda case: {"nothing_asked": True}
    ticket = office.handle(ASK)
    office.double_charge()
    office.planner.always = rules
    office.customer_answers(ticket, answer)
    office.settle()
    assert office.refunded() == {"usd": 1800}
    assert "please refund the second one" in office.notes(ticket)[0]


def test_what_an_unproven_message_adds_to_an_authenticated_ask_is_heard_and_not_passed_over(office: Office) -> None:
    """It takes the ask back: a later chaser does not bring it up again as if it were not there."""
    office.planner.always = lambda case: {"nothing_asked": True}
    ticket = office.handle(ASK)
    adds(office, ticket, "The second one was meant after all.", channel="web")
    office.double_charge()
    office.planner.always = asking("please refund the second one")
    office.customer_answers(ticket, "Any news?")
    office.settle()
    assert office.refunds() == []
