"""Rows of a case that become visible late, or one by one: nothing that was written is lost, and nothing read twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from agent.catchup import Catching
from agent.polling import Poll
from agent.proposal import Case
from connectors.stripe.told import TOLD
from tests.journeys.office import DANA, Office, refund
from webhooks.hearing import Hearing

pytestmark = pytest.mark.parametrize("helpdesk", ["salesforce"], indirect=True)
ASKS = "I was charged twice for order 1042, please refund the second one."


def the_second(case: Case) -> dict[str, Any]:
    return {"actions": [refund("c2", quote="please refund the second one")]} if "charged twice" in case.asked() else {
        "nothing_asked": True}


def comes_to_light(office: Office, body: str, ago: float, ticket: Any = None) -> Any:
    """A customer's mail whose transaction began so many seconds ago and has just ended ("SystemModstamp")."""
    told = {"email": DANA, "subject": "A question", "body": body, "channel": "email", "ticket": ticket}
    return office.salesforce.control("customer_writes", told, office.clock() - timedelta(seconds=ago))["ticket"]


@pytest.mark.parametrize("by_event", [True, False], ids=["told", "found by the next look"])
def test_a_mail_that_bears_a_time_before_our_own_note_is_read_all_the_same(office: Office, by_event: bool) -> None:
    office.double_charge()
    office.planner.always = the_second  # type: ignore[attr-defined]
    poll = Poll(office.desk, Hearing(office.engine, office.clock, lambda: "acct_sandbox"), Catching(), TOLD)
    poll.look()
    office.clock.forward(minutes=5)
    ticket = office.handle("Hello, how long do you keep my data?")
    assert office.states() == [("ignored", "nothing is asked that we do")]
    office.clock.forward(minutes=3)
    poll.look()
    comes_to_light(office, ASKS, 170, ticket)
    if by_event:
        office.event(ticket)
    else:
        office.clock.forward(minutes=6)
        assert poll.look().woken == 1
    office.run()

    assert office.refunded() == {"usd": 1800}
    assert len(office.notes(ticket)) == len(office.replies(ticket)) == 1


def test_a_mail_that_comes_to_light_behind_one_that_was_told_is_found_by_the_next_look(office: Office) -> None:
    office.double_charge()
    office.planner.always = the_second  # type: ignore[attr-defined]
    poll = Poll(office.desk, Hearing(office.engine, office.clock, lambda: "acct_sandbox"), Catching(), TOLD)
    ticket = office.handle("Hello, how long do you keep my data?")
    office.clock.forward(minutes=8)
    poll.look()
    office.writes("Any news?", ticket=ticket)
    office.event(ticket)
    office.run()
    case = dict(office.salesforce.state.tables["Case"][ticket])
    comes_to_light(office, ASKS, 170, ticket)
    office.salesforce.state.put("Case", case)
    office.clock.forward(minutes=6)
    assert poll.look().woken == 1
    office.run()

    assert office.refunded() == {"usd": 1800}
    office.clock.forward(minutes=6)
    assert poll.look().woken == 0


def test_a_mail_from_before_our_reply_is_read_after_it(office: Office) -> None:
    office.double_charge()
    office.planner.always = the_second  # type: ignore[attr-defined]
    ticket = office.handle(ASKS)
    assert len(office.replies(ticket)) == 1
    number = {"actions": [{"kind": "contact_change", "contact": "k1", "field": "phone", "value": "+49 30 7654321",
                           "quote": "my new number is +49 30 7654321"}], "category": "contact_details"}
    office.planner.always = lambda case: (  # type: ignore[attr-defined]
        number if "new number" in case.asked() else {"nothing_asked": True})
    office.clock.forward(minutes=2)
    comes_to_light(office, "Oh, and my new number is +49 30 7654321.", 125, ticket)
    office.event(ticket)
    office.run()

    assert office.refunded() == {"usd": 1800}
    assert next(iter(office.salesforce.books()["contacts"].values()))["Phone"] == "+49 30 7654321"
    assert len(office.notes(ticket)) == len(office.replies(ticket)) == 2


@pytest.mark.parametrize("seconds", [0, 1, 45])
def test_a_case_and_its_first_mail_are_one_message_also_when_the_mail_comes_to_light_later(
        office: Office, seconds: int) -> None:
    """Email-to-Case writes the mail's text as the case's Description, too, and the case first ("Email-to-Case")."""
    office.double_charge()
    office.planner.always = the_second  # type: ignore[attr-defined]
    ticket = office.writes(ASKS, channel="web", fields={"Origin": "Email"})
    office.event(ticket)
    office.run()
    office.clock.forward(seconds=seconds)
    comes_to_light(office, ASKS, seconds, ticket)
    office.event(ticket)
    office.settle(hours=1, step=15)

    assert office.refunded() == {"usd": 1800}
    assert len(office.notes(ticket)) == len(office.replies(ticket)) == 1
    assert len(office.planner.cases) == 1  # type: ignore[attr-defined]


def test_a_first_mail_that_comes_to_light_after_minutes_is_not_read_as_another_one(office: Office) -> None:
    """By then the description was a person's: nothing bore out who wrote it."""
    office.double_charge()
    office.planner.always = the_second  # type: ignore[attr-defined]
    ticket = office.writes(ASKS, channel="web", fields={"Origin": "Email"})
    office.event(ticket)
    office.settle(hours=1, step=15)
    office.clock.forward(minutes=5)
    ago = (office.clock() - datetime(2026, 11, 20, 9, 0, tzinfo=UTC)).total_seconds()
    comes_to_light(office, ASKS, ago, ticket)
    office.event(ticket)
    office.settle(hours=1)

    assert office.refunds() == office.replies(ticket) == []
    assert len(office.notes(ticket)) == len(office.planner.cases) == 1  # type: ignore[attr-defined]
    assert office.states()[0][0] == "refused"


def test_another_mail_in_the_cases_first_minute_is_a_message_of_its_own(office: Office) -> None:
    office.double_charge()
    office.planner.always = the_second  # type: ignore[attr-defined]
    ticket = office.handle("Hello, how long do you keep my data?")
    office.clock.forward(seconds=20)
    office.writes(ASKS, ticket=ticket)
    office.event(ticket)
    office.run()

    assert office.refunded() == {"usd": 1800}
    assert len(office.replies(ticket)) == 1


def test_where_a_person_deletes_what_was_looked_at_last_nothing_is_planned_anew(office: Office) -> None:
    office.double_charge()
    office.planner.always = the_second  # type: ignore[attr-defined]
    ticket = office.handle(ASKS)
    office.clock.forward(minutes=30)
    office.writes("Thank you!", ticket=ticket)
    office.event(ticket)
    office.run()
    planned = len(office.planner.cases)  # type: ignore[attr-defined]
    rows = office.salesforce.state.tables["EmailMessage"]
    del rows[max(rows)]
    office.event(ticket)
    office.run()

    assert len(office.planner.cases) == planned  # type: ignore[attr-defined]
    assert office.refunded() == {"usd": 1800}
