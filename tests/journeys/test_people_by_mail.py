"""A yes counts only from the verified author, above the quote, after the question: every other yes moves nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from agent.consent import approval, taking_over
from tests.journeys.office import AGENT as AGENT_MAIL
from tests.journeys.office import DANA, ERIN, Office, refund
from tests.journeys.test_consent import LEAD, asks, waiting
from tests.journeys.test_people_at_once import Interrupted

OURS = ("We’re ready to send USD {amount} back to your Visa ending in 4242. We do this only with your yes. Please "
        "reply YES to go ahead or NO to decline.")
QUOTED = "On Fri, 20 Nov 2026 at 09:00 Acme <support@acme.zendesk.com> wrote:\n> " + OURS


def writes(office: Office, ticket: int, body: str = "YES", email: str = DANA, **more: Any) -> None:
    office.clock.forward(minutes=5)
    office.writes(body, email, ticket=ticket, **more)
    office.event(ticket)
    office.run()


BY_NOBODY_WE_KNOW: dict[str, dict[str, Any]] = {
    "someone else": {"email": ERIN},
    "the same name at another address": {"email": "dana@evil.example", "name": "Dana Customer"},
    "the same address with a tag": {"email": "dana+yes@example.com", "name": "Dana Customer"},
    "a look-alike letter in the address": {"email": "d\u0430na@example.com", "name": "Dana Customer"},
    "a look-alike host": {"email": "dana@examp1e.com", "name": "Dana Customer"},
    "the requester's account from another address": {"sender": "dana@evil.example"},
    "the requester's account from a tagged address": {"sender": "dana+x@example.com"},
    "the requester's account from a look-alike address": {"sender": "d\u0430na@example.com"},
    "flagged by the helpdesk": {"flags": [11]},
    "in a chat": {"channel": "chat"},
    "by text message": {"channel": "sms"},
    "through the API": {"channel": "api"},
    "in the help centre": {"channel": "web"},
    "by messaging": {"channel": "native_messaging"},
    "in private": {"public": False},
}


@pytest.mark.parametrize("how", BY_NOBODY_WE_KNOW)
def test_a_yes_that_is_not_the_customers_own_mail_moves_nothing(office: Office, how: str) -> None:
    ticket = asks(office, 4700)
    writes(office, ticket, **BY_NOBODY_WE_KNOW[how])
    office.settle(hours=1)
    assert office.refunds() == []
    writes(office, ticket, "person")
    assert office.states()[0][0] == "handed_over"


def test_a_yes_by_an_agent_for_the_customer_moves_nothing(office: Office) -> None:
    ticket = asks(office, 4700)
    office.clock.forward(minutes=5)
    office.at_desk("agent_replies", ticket=ticket, agent=AGENT_MAIL, body="YES")
    office.event(ticket)
    office.settle(hours=80, step=7200)
    assert office.refunds() == []


def test_a_yes_of_a_customer_who_was_suspended_moves_nothing(office: Office) -> None:
    ticket = asks(office, 4700)
    office.clock.forward(minutes=5)
    office.writes("YES", ticket=ticket)
    office.at_desk("suspend_user", email=DANA)
    office.event(ticket)
    office.settle(hours=80, step=7200)
    assert office.refunds() == []


def test_a_yes_on_a_ticket_that_was_merged_into_this_one_moves_nothing(office: Office) -> None:
    ticket = asks(office, 4700)
    office.clock.forward(minutes=5)
    other = office.writes("YES")
    office.at_desk("merge", ticket=other, into=ticket, agent=AGENT_MAIL)
    office.event(ticket)
    office.settle(hours=80, step=7200)
    assert office.refunds() == []


NOT_READ_AS_YES = {
    "forwarded": "---------- Forwarded message ---------\nFrom: Dana <dana@example.com>\n\nYES",
    "forwarded with a yes above": "YES\n\n---------- Forwarded message ---------\nFrom: Erin\n\nShall I?",
    "only in an attachment": "",
    "only in the quote": f"{QUOTED.format(amount='47.00')}\n> YES",
    "automatic": "YES\n\nThis is an automatic reply: I am out of the office until Monday.",
    "out of office": "I am currently out of the office and will return on Monday. YES",
    "above an older question": f"YES\n\n{QUOTED.format(amount='180.00')}",
    "above a question in another currency": f"YES\n\n{QUOTED.format(amount='47.00').replace('USD', 'EUR')}",
    "above a question for another card": f"YES\n\n{QUOTED.format(amount='47.00').replace('4242', '1881')}",
}


@pytest.mark.parametrize("how", NOT_READ_AS_YES)
def test_a_yes_to_something_else_moves_nothing(office: Office, how: str) -> None:
    ticket = asks(office, 4700)
    writes(office, ticket, NOT_READ_AS_YES[how])
    office.settle(hours=1)
    assert office.refunds() == []


def test_a_yes_above_the_question_itself_counts(office: Office) -> None:
    ticket = asks(office, 4700)
    writes(office, ticket, f"YES\n\n{QUOTED.format(amount='47.00')}")
    assert office.refunds() != []


@pytest.mark.parametrize("subject", ["Fwd: A question", "WG: A question", "Automatic reply: A question"])
def test_a_yes_under_a_subject_that_was_changed_to_a_forwarded_one_moves_nothing(office: Office, subject: str) -> None:
    ticket = asks(office, 4700)
    office.at_desk("agent_sets", ticket=ticket, agent=AGENT_MAIL, subject=subject)
    writes(office, ticket)
    office.settle(hours=1)
    assert office.refunds() == []


def test_a_yes_written_before_the_question_came_is_no_answer_to_it(office: Office) -> None:
    zendesk = Interrupted(office.desk.helpdesks["zendesk"])
    office.desk = replace(office.desk, helpdesks={"zendesk": zendesk})

    def before_the_question() -> None:
        office.writes("Yes", ticket=1)
        office.event(1)
    zendesk.meanwhile = before_the_question
    ticket = asks(office, 4700)
    assert zendesk.meanwhile is None
    office.settle(hours=1)
    assert office.refunds() == []
    writes(office, ticket)
    assert office.refunded() == {"usd": 4700}


def test_a_yes_to_the_amount_asked_first_is_none_to_the_lower_one_asked_meanwhile(office: Office) -> None:
    ticket = asks(office, 4700)
    writes(office, ticket, "No, leave it.")
    taking_over.give_back(office.desk, f"zendesk:acme:{ticket}", LEAD)
    half = {"actions": [refund("c2", amount="27.00", quote="half of it would be fine")]}
    office.planner.always = lambda _: half  # type: ignore[attr-defined]
    writes(office, ticket, "I was charged twice, half of it would be fine.")
    (card,) = waiting(office)
    zendesk = Interrupted(office.desk.helpdesks["zendesk"])
    office.desk = replace(office.desk, helpdesks={"zendesk": zendesk})

    def before_the_question() -> None:
        office.writes("YES", ticket=ticket)
        office.event(ticket)
    zendesk.meanwhile = before_the_question
    approval.approve(office.desk, card.id, card.shown, LEAD)
    office.run()
    assert zendesk.meanwhile is None
    office.settle(hours=1)
    assert ([wait.for_whom for wait in waiting(office)], office.refunds()) == (["customer"], [])
    writes(office, ticket)
    assert office.refunded() == {"usd": 2700}
