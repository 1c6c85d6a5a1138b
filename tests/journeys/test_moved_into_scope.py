"""What was written while a ticket was not ours is read once it is, and what a colleague has dealt with is theirs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.desk import Choices, Scope
from agent.proposal import Case
from tests.journeys.conftest import on_both
from tests.journeys.office import AGENT, CHECKED, DANA, Office, refund
from tests.journeys.test_catchup import Reached, the_second

ASKED = {"tags": ("refunds",)}
TWICE = {"actions": [refund("c2", quote="please refund the second one")]}


def asks_for_the_second(case: Case) -> dict[str, Any]:
    return TWICE if "charged twice" in case.asked() else {"nothing_asked": True}


@pytest.fixture
def office(an_office: Callable[..., Office]) -> Office:
    """Only what triage has tagged is Deskhand's."""
    office = an_office(choices=Choices(senders_checked=CHECKED, scope=Scope(**ASKED)))
    office.double_charge()
    office.planner.always = asks_for_the_second  # type: ignore[attr-defined]
    return office


def moved_into_scope(office: Office, ticket: Any) -> None:
    office.clock.forward(minutes=3)
    office.at_desk("agent_sets", ticket=ticket, agent=AGENT, tags=["refunds"])
    office.event(ticket)
    office.run()


@on_both
def test_what_was_seen_out_of_scope_is_answered_once_it_is_moved_into_scope(office: Office) -> None:
    ticket = office.handle()
    assert office.states() == [("ignored", "out of scope by tags")]
    moved_into_scope(office, ticket)

    assert office.refunded() == {"usd": 1800}
    assert len(office.notes(ticket)) == len(office.replies(ticket)) == 1


@on_both
def test_what_a_colleague_answered_out_of_scope_is_theirs_and_what_the_customer_writes_next_is_not(
        office: Office) -> None:
    ticket = office.handle()
    office.clock.forward(days=2)
    office.at_desk("agent_replies", ticket=ticket, agent=AGENT, body="I look into it.", public=True)
    moved_into_scope(office, ticket)
    assert office.states() == [("ignored", "a person is on it")]
    assert office.refunds() == office.notes(ticket) == office.replies(ticket) == []

    office.customer_answers(ticket, "I was charged twice for order 1042, please refund the second one.")
    assert office.refunded() == {"usd": 1800}


@on_both
def test_what_was_read_before_the_ticket_left_the_scope_is_not_read_again(office: Office) -> None:
    ticket = office.writes()
    moved_into_scope(office, ticket)
    assert office.refunded() == {"usd": 1800}
    office.clock.forward(minutes=3)
    office.at_desk("agent_sets", ticket=ticket, agent=AGENT, tags=[])
    office.customer_answers(ticket, "How long do you keep my data?")
    assert len(office.planner.cases) == 1  # type: ignore[attr-defined]
    moved_into_scope(office, ticket)

    assert "charged twice" not in office.planner.cases[-1].asked()  # type: ignore[attr-defined]
    assert len(office.planner.cases) == 2  # type: ignore[attr-defined]
    assert office.refunded() == {"usd": 1800}


def test_what_a_suspended_customer_wrote_is_answered_once_they_are_not(office: Office) -> None:
    ticket = office.writes(tags=["refunds"])
    office.at_desk("suspend_user", email=DANA)
    office.event(ticket)
    office.run()
    assert office.states() == [("ignored", "the requester is suspended or gone")]
    office.at_desk("suspend_user", email=DANA, suspended=False)
    moved_into_scope(office, ticket)

    assert office.refunded() == {"usd": 1800}


@pytest.fixture
def caught_up(engine: Any) -> Reached:
    office = Reached(engine, choices=Choices(senders_checked=CHECKED, scope=Scope(**ASKED)))
    office.double_charge()
    office.script.always = the_second
    return office


def test_what_a_tag_alone_moves_into_scope_is_found_by_the_catch_up(caught_up: Reached) -> None:
    """No account need tell of a changed tag."""
    ticket = caught_up.writes()
    assert caught_up.told() == 1
    caught_up.run()
    caught_up.clock.forward(minutes=3)
    caught_up.at_desk("agent_sets", ticket=ticket, agent=AGENT, tags=["refunds"])
    assert caught_up.told() == 0

    assert [caught_up.caught_up().woken for _ in range(3)] == [1, 0, 0]
    assert caught_up.refunded() == {"usd": 1800}


def test_a_ticket_out_of_scope_is_looked_at_once_for_each_event_and_by_no_catch_up(caught_up: Reached) -> None:
    ticket = caught_up.writes()
    caught_up.told()
    caught_up.run()
    for _ in range(3):
        caught_up.at_desk("agent_sets", ticket=ticket, agent=AGENT, priority="high")
        assert caught_up.caught_up().woken == 0
    assert not caught_up.sweep().woken
    assert (caught_up.run(), caught_up.reads()) == (0, 1)
