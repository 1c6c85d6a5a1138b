"""What a person is to go on with does not stand as if there were nothing to do."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from agent.consent import confirming
from tests.journeys.conftest import on_both
from tests.journeys.office import AGENT, Office, refund


def solved(office: Office) -> Any:
    """A ticket that a colleague has settled, of which Deskhand has read all that is on it."""
    ticket = office.handle("Hello, is the shop open on Sunday?")
    office.at_desk("agent_sets", ticket=ticket, agent=AGENT, assignee=AGENT, status="solved")
    office.event(ticket)
    office.settle(hours=1)
    return ticket


@on_both
def test_what_is_handed_over_on_a_solved_ticket_opens_it(an_office: Callable[..., Office]) -> None:
    office = an_office()
    ticket = solved(office)
    notes = len(office.notes(ticket))
    office.customer_answers(ticket, "I want my money back for order 1042.")
    assert len(office.notes(ticket)) == notes + 1
    assert "hands this over to you" in office.notes(ticket)[-1]
    assert office.ticket(ticket)["status"] == "open"


@on_both
def test_where_nothing_is_asked_a_solved_ticket_is_left_as_it_is(an_office: Callable[..., Office]) -> None:
    office = an_office()
    ticket = solved(office)
    before = office.ticket(ticket)["notes"]
    office.customer_answers(ticket, "Thank you very much!")
    assert office.ticket(ticket)["notes"] == before


@on_both
def test_a_ticket_that_a_colleague_has_settled_meanwhile_stays_so(an_office: Callable[..., Office]) -> None:
    office = an_office()
    ticket = office.writes("I want my money back for order 1042.")
    office.event(ticket)
    office.at_desk("agent_replies", ticket=ticket, agent=AGENT, body="It is on its way.")
    office.at_desk("agent_sets", ticket=ticket, agent=AGENT, assignee=AGENT, status="solved")
    office.settle(hours=1)
    assert office.ticket(ticket)["status"] == "solved"


@on_both
def test_a_yes_on_the_page_after_a_colleague_has_settled_it_opens_it(an_office: Callable[..., Office]) -> None:
    """Nobody heard that it was settled when the page took the yes, and the customer waits for what it promises."""
    office = an_office()
    office.desk = replace(office.desk, public_url="https://deskhand.example.com")
    office.double_charge(4700)
    office.planner.always = lambda case: {"actions": [refund("c2", quote="please refund the second one")]}
    ticket = office.handle()
    (link,) = re.findall(r"/confirm/([A-Za-z0-9_-]{43})", office.replies(ticket)[0])
    office.clock.forward(hours=1)
    office.at_desk("agent_sets", ticket=ticket, agent=AGENT, assignee=AGENT, status="solved")
    office.clock.forward(minutes=10)
    confirming.confirm(office.desk, link, "4242")
    office.run()
    assert office.refunded() == {}
    assert "a person is on the ticket" in office.notes(ticket)[-1]
    assert office.ticket(ticket)["status"] == "open"
