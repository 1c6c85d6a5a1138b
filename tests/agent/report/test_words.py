"""What a report says to people, in sentences that read well for none, one and many."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from agent.report import words
from agent.report.lines import Line, People, Would
from agent.report.making import in_force_then
from agent.report.summary import Report
from connectors.contract import Money

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def report(*lines: Line, tickets: int) -> Report:
    return Report("live", NOW - timedelta(days=30), NOW, NOW, "the policy", lines, tickets)


def ask(people: People, took: timedelta | None = None) -> Line:
    return Line("zendesk:acme:1", NOW, "refund", "refund", Would.DONE, claim="not_received",
                money=Money(amount=1800, currency="USD"), people=people, took=took)


@pytest.mark.parametrize(("made", "said"), [
    (report(tickets=0), "No customer wrote on a ticket of Deskhand's in this time, so there is nothing to compare."),
    (report(tickets=1), "Customers wrote on 1 ticket; none asked for a refund."),
    (report(ask(People.NOT_YET), tickets=1), "Customers wrote on 1 ticket and asked for 1 refund (USD 18.00). People "
                                             "refunded nothing that was asked for."),
    (report(ask(People.SAME, timedelta(hours=5)), ask(People.SAME, timedelta(hours=7)), tickets=3),
     "Customers wrote on 3 tickets and asked for 2 refunds (USD 36.00). People answered 2 asks with a refund: half "
     "within 6 h, the slowest after 7 h."),
])
def test_what_was_asked_is_told_in_sentences(made: Report, said: str) -> None:
    assert words.asked(made) == said


def test_what_people_still_have_time_for_is_not_told_as_agreement() -> None:
    assert "some are still open" in words.agreement(report(ask(People.NOT_YET), tickets=1))
    assert words.agreement(report(ask(People.SAME), tickets=1)) == "Nowhere do the two disagree."


def test_the_policy_of_live_tickets_is_named_by_its_versions() -> None:
    assert [in_force_then(found) for found in ((), (3,), (1, 3))] == [
        "no policy yet", "the policy in force at the time (version 3)",
        "the policy in force at the time (versions 1, 3)"]


def test_a_claim_is_told_in_words() -> None:
    assert (words.claim("not_received"), words.claim(None)) == ("not received", "no claim")
