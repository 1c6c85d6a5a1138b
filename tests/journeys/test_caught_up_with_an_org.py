"""What an org told nobody is found by its rows' SystemModstamp, with one result however often it is told or found."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from agent.database import Database
from agent.proposal import Case
from tests.journeys.office import AGENT, refund
from tests.journeys.told import ToldByTheOrg

TWICE = {"actions": [refund("c2", quote="please refund the second one")]}


def the_second(case: Case) -> dict[str, Any]:
    return TWICE if "charged twice" in case.asked() else {"nothing_asked": True}


@pytest.fixture
def office(database: Database) -> Iterator[ToldByTheOrg]:
    made = ToldByTheOrg(database, the_second)
    made.double_charge()
    yield made
    made.close()


def is_lost(office: ToldByTheOrg, calls: int = 1) -> None:
    """What is told next goes to somebody else, and the org hears a yes."""
    for _ in range(calls):
        office.at_desk("next_deliveries", lost=True)
    office.arrives()


def refunded_and_told_once(office: ToldByTheOrg, case: str) -> bool:
    return (office.refunded(), len(office.notes(case)), len(office.replies(case))) == ({"usd": 1800}, 1, 1)


def test_what_was_told_is_not_woken_again(office: ToldByTheOrg) -> None:
    case = office.writes()
    office.lives(3)
    assert refunded_and_told_once(office, case)
    assert [office.caught_up().woken for _ in range(3)] == [0, 0, 0]


def test_a_case_that_nobody_told_of_is_found_and_our_own_writes_wake_nothing(office: ToldByTheOrg) -> None:
    case = office.writes()
    is_lost(office, calls=3)
    assert [office.caught_up().woken for _ in range(8)] == [1, 0, 0, 0, 0, 0, 0, 0]
    assert refunded_and_told_once(office, case)


def test_an_answer_by_mail_is_found_although_it_leaves_the_case_as_it_is(office: ToldByTheOrg) -> None:
    """A mail is a row of its own: the case's own SystemModstamp tells nothing of it ("EmailMessage")."""
    case = office.writes("Hello, how long do you keep my data?")
    office.lives(3)
    stamp = office.ticket(case)["fields"]["SystemModstamp"]
    office.clock.forward(minutes=20)
    office.caught_up()
    office.writes("I was charged twice, please refund the second one.", ticket=case)
    is_lost(office)
    assert office.ticket(case)["fields"]["SystemModstamp"] == stamp

    assert office.caught_up().woken == 1
    assert refunded_and_told_once(office, case)


def test_told_after_it_was_found_nothing_is_done_again(office: ToldByTheOrg) -> None:
    case = office.writes()
    assert office.caught_up().woken == 1
    office.lives(3)
    assert refunded_and_told_once(office, case)


def test_told_and_found_before_anyone_has_looked_gives_one_result(office: ToldByTheOrg) -> None:
    case = office.writes()
    office.clock.forward(minutes=6)
    office.poll.look()
    office.lives(3)
    assert refunded_and_told_once(office, case)


def test_a_case_that_is_gone_or_a_colleagues_is_left_alone_when_it_is_found(office: ToldByTheOrg) -> None:
    gone, taken = office.writes(), office.writes()
    office.at_desk("delete", ticket=gone)
    office.at_desk("agent_replies", ticket=taken, agent=AGENT, body="I look into it.", public=True)
    is_lost(office, calls=5)
    office.caught_up()
    assert office.refunds() == office.notes(taken) == office.notes(gone) == []


def test_a_case_that_fails_at_each_look_is_left_to_its_own_pass_and_the_others_are_found(office: ToldByTheOrg) -> None:
    broken, case = office.writes("How are you?"), office.writes()
    is_lost(office, calls=5)
    office.fault("salesforce", "500_before", "POST", "/composite", times=1000, body=f"CaseHistory.*{broken}")
    office.caught_up()
    assert office.refunds() == []
    office.caught_up()
    assert refunded_and_told_once(office, case)
