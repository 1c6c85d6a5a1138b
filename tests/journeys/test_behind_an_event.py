"""An event may come before Zendesk's list of audits shows what it tells of: the look that it causes reads that all the
same, and takes no further call where the list is not behind."""

from __future__ import annotations

import copy
from collections.abc import Callable

import pytest
from sqlalchemy import Engine

from agent.desk import Choices, Scope
from tests.journeys.office import AGENT, CHECKED
from tests.journeys.test_catchup import Reached, the_second

LIST, COMMENTS, TICKET = r"/audits\.json", r"/comments\.json", r"/tickets/\d+\.json"
ASKS = "I was charged twice for order 1042, please refund the second one."


class Behind(Reached):
    """An office whose helpdesk may show old lists."""

    def shows_what_stands_now(self, *lists: str, times: int = 1) -> None:
        """What comes from now on each of these lists lacks so many times."""
        for one in lists:
            self.fault("zendesk", "stale_read", "GET", one, times=times)
        self.doors["zendesk"]._stale = copy.deepcopy(self.zendesk.state)

    def looks(self) -> None:
        """All that was told is looked at, and looked at again where that was due."""
        self.told()
        self.run()

    def read_since(self, calls: int) -> list[str]:
        return [call for call in self.calls()[calls:] if call.startswith("zendesk GET")]


@pytest.fixture
def behind(engine: Engine) -> Callable[..., Behind]:
    def make(amount: int = 1800, **more: object) -> Behind:
        office = Behind(engine, **more)  # type: ignore[arg-type]
        office.double_charge(amount)
        office.script.always = lambda case: (
            the_second(case) if "charged twice" in case.asked() else {"nothing_asked": True})
        return office
    return make


@pytest.fixture
def office(behind: Callable[..., Behind]) -> Behind:
    return behind()


def looked_at(office: Behind, body: str = "How long do you keep my data?") -> int:
    """A ticket that all is known of, half an hour later."""
    ticket = office.writes(body)
    office.looks()
    office.looks()
    office.clock.forward(minutes=2)
    office.run()
    office.caught_up(minutes=30)
    return ticket


def test_a_message_that_the_list_does_not_show_yet_is_answered_at_once(office: Behind) -> None:
    ticket = looked_at(office)
    office.shows_what_stands_now(LIST)
    office.writes(ASKS, ticket=ticket)
    office.looks()

    assert office.refunded() == {"usd": 1800}
    assert len(office.replies(ticket)) == 1


def test_the_first_message_of_a_ticket_that_has_no_list_yet_is_answered(office: Behind) -> None:
    office.shows_what_stands_now(LIST)
    office.writes(ASKS)
    office.looks()
    assert office.refunded() == {"usd": 1800}


def test_a_ticket_that_an_event_tells_of_before_anything_shows_it_is_looked_for_again(office: Behind) -> None:
    office.shows_what_stands_now(LIST, TICKET, times=3)
    office.writes(ASKS)
    office.looks()
    assert office.refunds() == []
    office.settle(hours=1)
    assert office.refunded() == {"usd": 1800}


def test_a_ticket_that_an_event_tells_of_and_nothing_ever_shows_is_not_looked_for_without_end(office: Behind) -> None:
    office.shows_what_stands_now(LIST, TICKET, times=10_000)
    office.writes(ASKS)
    office.looks()
    office.settle(hours=2)
    before = len(office.calls())
    office.settle(hours=10)
    assert len(office.calls()) == before


@pytest.mark.parametrize(("answer", "refunded"), [("YES", {"usd": 4700}), ("NO", {})])
def test_an_answer_that_the_list_does_not_show_yet_is_heard(
        behind: Callable[..., Behind], answer: str, refunded: dict[str, int]) -> None:
    office = behind(4700)
    ticket = looked_at(office, ASKS)
    assert office.states()[0][0] == "parked"
    office.shows_what_stands_now(LIST)
    office.writes(answer, ticket=ticket)
    office.looks()

    assert office.states()[0][0] != "parked"
    assert office.refunded() == refunded


def test_while_nothing_shows_it_the_ticket_is_looked_at_again(office: Behind) -> None:
    ticket = looked_at(office)
    office.shows_what_stands_now(LIST, COMMENTS, times=6)
    office.writes(ASKS, ticket=ticket)
    office.looks()
    assert office.refunds() == []
    office.settle(hours=1, step=5)

    assert office.refunded() == {"usd": 1800}
    assert len(office.replies(ticket)) == 1


def test_what_no_list_ever_shows_is_not_looked_for_without_end(office: Behind) -> None:
    ticket = looked_at(office)
    office.shows_what_stands_now(LIST, COMMENTS, times=10_000)
    office.writes(ASKS, ticket=ticket)
    office.looks()
    office.settle(hours=2)
    before = len(office.calls())
    office.settle(hours=10)
    assert len(office.calls()) == before


def test_a_tag_that_moves_into_scope_counts_although_the_list_shows_the_ticket_without_it(
        behind: Callable[..., Behind]) -> None:
    office = behind(choices=Choices(senders_checked=CHECKED, scope=Scope(tags=("refunds",))))
    ticket = looked_at(office, ASKS)
    office.shows_what_stands_now(LIST)
    office.at_desk("agent_sets", ticket=ticket, agent=AGENT, tags=["refunds"])
    office.event(ticket)
    office.run()
    assert office.refunded() == {"usd": 1800}


def test_a_message_that_nobody_told_of_is_found_although_the_list_does_not_show_it_yet(office: Behind) -> None:
    ticket = looked_at(office)
    office.shows_what_stands_now(LIST, COMMENTS, times=3)
    office.deaf(hours=1)
    office.writes(ASKS, ticket=ticket)
    office.told()
    for _ in range(3):
        office.caught_up()
    assert office.refunded() == {"usd": 1800}


def test_what_the_list_shows_takes_one_call_and_is_looked_at_once(office: Behind) -> None:
    ticket = looked_at(office)
    for happens in (lambda: office.writes("Thank you!", ticket=ticket),
                    lambda: office.at_desk("agent_sets", ticket=ticket, agent=AGENT, status="open")):
        before = len(office.calls())
        happens()
        office.looks()
        office.settle(hours=1)
        assert len(office.read_since(before)) == 1


def test_an_event_of_which_there_is_no_record_takes_one_more_call_and_is_looked_at_once(office: Behind) -> None:
    ticket = looked_at(office)
    before = len(office.calls())
    office.event(ticket)
    office.run()
    office.settle(hours=1)
    assert office.read_since(before) == [f"zendesk GET /api/v2/tickets/{ticket}/audits.json",
                                         f"zendesk GET /api/v2/tickets/{ticket}.json"]
