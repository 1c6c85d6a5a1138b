"""Money goes out on a yes to the question that was sent, and on nothing that only looks like one."""

from __future__ import annotations

from datetime import datetime

import pytest

from agent.consent import approval
from tests.journeys.office import AGENT, Clock, Office, refund
from tests.journeys.test_consent import LEAD, waiting


def asked(office: Office, language: str = "en") -> int:
    """A ticket on which the customer was asked for a yes to USD 47.00."""
    office.double_charge(4700)
    office.planner.always = lambda case: {"actions": [refund("c2", quote="charged twice")], "language": language}
    ticket: int = office.handle("I was charged twice, please refund the second one.")
    for wait in waiting(office):
        if wait.for_whom != "customer":  # A language we do not write in is looked at by a colleague first.
            approval.approve(office.desk, wait.id, wait.shown, LEAD)
    office.run()
    assert "47" in office.replies(ticket)[-1]
    return ticket


@pytest.mark.parametrize(("language", "word"), [("da", "Tak"), ("nb", "Takk"), ("pl", "Tak"), ("de", "Oui")])
def test_a_word_of_another_language_than_the_questions_sends_nothing(office: Office, language: str, word: str) -> None:
    ticket = asked(office, language)
    office.customer_answers(ticket, word)
    assert office.refunded() == {}
    office.customer_answers(ticket, "YES")
    assert office.refunded() == {"usd": 4700}


@pytest.mark.parametrize(("language", "word"), [("de", "Ja, bitte"), ("fr", "Oui merci"), ("es", "Sí"), ("es", "yes")])
def test_a_yes_in_the_questions_language_sends_it(office: Office, language: str, word: str) -> None:
    ticket = asked(office, language)
    office.customer_answers(ticket, word)
    assert office.refunded() == {"usd": 4700}


@pytest.mark.parametrize("words", [
    "Hello account closed, yes", "Hi store credit, yes", "Dear voucher. Yes", "Hi different IBAN, yes",
    "Hello paypal, yes", "Yes, thanks\nStore credit"])
def test_words_in_a_greeting_or_a_signature_that_take_the_yes_back_send_nothing(office: Office, words: str) -> None:
    ticket = asked(office)
    office.customer_answers(ticket, words)
    assert office.refunded() == {}
    assert "YES" in office.replies(ticket)[-1]


@pytest.mark.parametrize("words", [
    "Hi, yes please", "Hello Mia, yes", "Dear support team, yes", "Hi Deskhand team,\n\nYES\n\nBest regards\nDana",
    "Yes\nDana Customer"])
def test_who_greets_a_colleague_and_signs_with_their_own_name_says_yes(office: Office, words: str) -> None:
    ticket = asked(office)
    office.happens("zendesk", "agent_replies", ticket=ticket, agent=AGENT, body="I have seen this.", public=False)
    office.customer_answers(ticket, words)
    assert office.refunded() == {"usd": 4700}


def test_one_yes_is_one_to_all_that_a_message_asked(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also on a clock that no two readings of are the same."""
    def ticks(clock: Clock) -> datetime:
        clock.forward(microseconds=700)
        return clock.moment

    monkeypatch.setattr(Clock, "__call__", ticks)
    for order, amount in (("1042", 4700), ("1043", 3900)):
        office.charge(amount, ago="-2h", order=order)
        office.charge(amount, ago="-110m", order=order)
    office.planner.always = lambda case: {"actions": [refund("c3", quote="charged twice"),
                                                      refund("c4", quote="charged twice")]} if (
        "twice" in case.asked()) else {"nothing_asked": True}
    ticket = office.handle("I was charged twice for orders 1042 and 1043, please refund the second ones.")
    assert "47.00" in office.replies(ticket)[0]
    assert "39.00" in office.replies(ticket)[0]
    office.customer_answers(ticket, "YES")
    assert office.refunded() == {"usd": 8600}
