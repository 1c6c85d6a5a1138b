"""What a customer writes after their yes, before it was used: what is no yes takes it back, however it comes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.consent import approval, taking_over, undoing
from tests.journeys.conftest import on_both
from tests.journeys.dying import mortal, run_and_swept
from tests.journeys.office import AGENT as AGENT_MAIL
from tests.journeys.office import Office, above_a_quote, refund
from tests.journeys.test_consent import AGENT, LEAD, approve, asks, waiting
from tests.journeys.test_consent_attacked import paused
from tests.journeys.test_consent_bound import in_mode
from tests.journeys.test_told_once import one_is_done_and_one_is_asked_for
from tests.journeys.test_undo import NEW, PHONE, kept

SIGNED = ("No.\n\nKind regards,\nDana Customer\nHead of Purchasing\nExample Ltd, 12 Long Street, London\n"
          "Tel. +44 20 7946 0000\nThis e-mail is confidential and intended only for the recipient named above.")
CALLED_OFF = ["No", "person", "No. What is your address?", "No, please don't. Can I get a voucher instead?",
              "Please cancel the refund", "Never mind.", "Not yet", "Please wait", SIGNED]
MOST_PLACES = 60
"""Where the pass that takes a yes back may be killed: there are fewer."""


def goes_on(office: Office) -> None:
    paused(office, on=False)
    office.settle(hours=5)


def said_yes_while_paused(office: Office) -> Any:
    ticket = asks(office, 4700)
    paused(office, on=True)
    office.customer_answers(ticket, "YES")
    return ticket


@pytest.mark.parametrize("words", ["No", "person", "No. What is your address?", "No, please stop it."])
def test_before_anything_was_read(office: Office, words: str) -> None:
    """A planner that reads over it can cause nothing."""
    office.double_charge()
    office.planner.always = lambda case: {"actions": [refund("c2", quote="refund the second one")]}  # type: ignore[attr-defined]
    ticket = office.writes()
    office.handle(words, ticket=ticket)
    office.settle(hours=1)
    assert office.refunds() == []
    note = office.notes(ticket)[0]
    assert note.startswith("Deskhand hands this over to you.")
    assert f"please refund the second one. … {words}" in note


def test_more_that_was_written_before_anything_was_read(office: Office) -> None:
    office.double_charge()
    office.planner.always = lambda case: {"actions": [refund("c2", quote="refund the second one")]}  # type: ignore[attr-defined]
    ticket = office.writes()
    office.handle("I forgot to say that it is the one of yesterday, and the Visa. Thanks!", ticket=ticket)
    assert office.refunded() == {"usd": 1800}


@on_both
def test_what_is_dropped_for_something_that_was_told_before_is_told(office: Office) -> None:
    """The same handing over a second time is another note: it leaves something else behind."""
    office.double_charge(1800)
    office.charge(900, order="7")
    twice = {"actions": [refund("c2", quote="the second one")]}
    favour = {"actions": [refund("c3", claim="goodwill", quote="money back")]}
    office.planner.always = lambda case: (  # type: ignore[attr-defined]
        favour if "money back" in case.asked() else twice if "twice" in case.asked() else {"nothing_asked": True})
    ticket = office.handle("I was charged twice, please refund the second one.")
    assert office.refunded() == {"usd": 1800}
    for words in ("I was charged twice!", "And I want some money back for order 7.", "I was charged twice, I said."):
        office.clock.forward(minutes=30)
        office.customer_answers(ticket, words)
    assert "USD 9.00" in office.notes(ticket)[-1]
    assert "the customer wrote again before a colleague had answered" in office.notes(ticket)[-1]


@pytest.mark.parametrize("words", CALLED_OFF)
def test_while_it_is_paused(office: Office, words: str) -> None:
    office.customer_answers(said_yes_while_paused(office), words)
    goes_on(office)
    assert office.refunds() == []


@pytest.mark.parametrize("words", CALLED_OFF)
def test_while_a_colleague_is_asked_again(office: Office, words: str) -> None:
    ticket = asks(office, 4700)
    in_mode(office, "draft")
    office.customer_answers(ticket, "YES")
    office.customer_answers(ticket, words)
    for wait in waiting(office):
        if wait.for_whom != "customer":
            approval.approve(office.desk, wait.id, wait.shown, LEAD)
    office.settle(hours=5)
    assert office.refunds() == []


@on_both
def test_a_no_in_a_pass_after_a_question_of_theirs(office: Office) -> None:
    ticket = said_yes_while_paused(office)
    office.customer_answers(ticket, "What is your address, by the way?")
    office.customer_answers(ticket, "No")
    goes_on(office)
    assert office.refunds() == []
    assert "the customer said no" in office.notes(ticket)[-1]


def test_a_no_to_a_colleague_who_gave_the_ticket_back(office: Office) -> None:
    ticket = said_yes_while_paused(office)
    office.customer_answers(ticket, "What is your address, by the way?")
    colleague_writes(office, ticket, "Would you still want it?")
    office.customer_answers(ticket, "No")
    paused(office, on=False)
    gives_back(office, ticket)
    assert office.refunds() == []


@on_both
def test_a_yes_to_what_a_colleague_asked_is_none_to_our_question(office: Office) -> None:
    ticket = asks(office, 4700)
    taking_over.take_over(office.desk, office.ref(ticket), AGENT)
    office.run()
    colleague_writes(office, ticket, "Would you rather have a voucher of USD 60 instead of the money?")
    office.customer_answers(ticket, "Yes please")
    gives_back(office, ticket)
    assert office.refunds() == []
    office.customer_answers(ticket, "YES")
    assert office.refunded() == {"usd": 4700}


def colleague_writes(office: Office, ticket: Any, body: str) -> None:
    office.clock.forward(minutes=5)
    office.at_desk("agent_replies", ticket=ticket, agent=AGENT_MAIL, body=body)
    office.event(ticket)
    office.run()


def gives_back(office: Office, ticket: Any) -> None:
    office.settle(hours=2)
    taking_over.give_back(office.desk, office.ref(ticket), AGENT)
    office.run()
    office.settle(hours=2)


@on_both
@pytest.mark.parametrize(("word", "said"), [("YES", ""), ("No", "the customer said no"),
                                            ("person", "the customer asks for a person")])
def test_an_answer_above_our_whole_message_is_theirs_and_no_machines(office: Office, word: str, said: str) -> None:
    ticket = asks(office, 4700)
    office.customer_answers(ticket, above_a_quote(word, office.replies(ticket)[0]))
    assert office.refunded() == ({} if said else {"usd": 4700})
    assert said in office.notes(ticket)[-1]


def test_a_no_above_our_whole_message_takes_a_yes_back(office: Office) -> None:
    ticket = said_yes_while_paused(office)
    office.customer_answers(ticket, above_a_quote("No", office.replies(ticket)[0]))
    goes_on(office)
    assert office.refunds() == []


@pytest.mark.parametrize("words", ["YES", "Thank you!", "Thanks, Dana", "Yes please"])
def test_thanks_and_another_yes_take_nothing_back(office: Office, words: str) -> None:
    ticket = said_yes_while_paused(office)
    office.customer_answers(ticket, words)
    goes_on(office)
    assert office.refunded() == {"usd": 4700}


def test_what_was_taken_back_by_other_words_is_asked_for_again(office: Office) -> None:
    ticket = said_yes_while_paused(office)
    office.customer_answers(ticket, "What is your address, by the way?")
    goes_on(office)
    assert office.refunds() == []
    assert ("You said yes and then wrote to us again, so we ask once more. We’re ready to send USD 47.00"
            in office.replies(ticket)[-1])
    assert "clear yes or no" not in office.replies(ticket)[-1]
    assert "(asked once more, since they wrote more than their yes)" in office.notes(ticket)[-1]
    office.customer_answers(ticket, "YES")
    assert office.refunded() == {"usd": 4700}


@on_both
def test_a_no_that_asks_something_is_read_by_a_person(office: Office) -> None:
    ticket = asks(office, 4700)
    office.customer_answers(ticket, "No. What is your address?")
    assert "the customer said no" in office.notes(ticket)[-1]
    assert office.states()[0][0] == "handed_over"


def test_an_approval_while_something_else_of_the_plan_is_undone_is_not_lost(
        office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.charge(1800)
    both = {"actions": [refund("c1", claim="goodwill", quote="money back"), PHONE]}
    office.planner.always = lambda case: both if "new number" in case.asked() else {"nothing_asked": True}  # type: ignore[attr-defined]
    office.handle(f"Could I get my money back? And my new number is {NEW}.")
    done = kept(office, "contact_change")[0]
    undoing.undo(office.desk, done.id, undoing.receipt_digest(office.desk, done), LEAD)
    monkeypatch.setattr(undoing, "carry_out", approving_meanwhile(office, undoing.carry_out))
    office.run()
    office.settle(hours=2)
    assert office.refunded() == {"usd": 1800}


def approving_meanwhile(office: Office, carry_out: Callable[..., bool]) -> Callable[..., bool]:
    def carried_out(*asked: Any) -> bool:
        found = carry_out(*asked)
        if waiting(office):
            approve(office, LEAD)
        return found

    return carried_out


def test_a_no_above_our_message_in_a_quote_that_nobody_marks(office: Office) -> None:
    """A mail program whose language we do not know: our own "automatic reply" is nobody's machine."""
    ticket = said_yes_while_paused(office)
    header = "Från: Acme Support\nSkickat: den 20 november\nÄmne: Re: A question"
    office.customer_answers(ticket, f"No\n\n{header}\n\n{office.replies(ticket)[0]}")
    goes_on(office)
    assert office.refunds() == []


def test_a_yes_does_not_outlive_what_a_colleague_declined(office: Office) -> None:
    ticket = asks(office, 4700)
    in_mode(office, "draft")
    office.customer_answers(ticket, "YES")
    for wait in waiting(office):
        if wait.for_whom != "customer":
            approval.decline(office.desk, wait.id, wait.shown, LEAD, "not this one")
    office.run()
    assert waiting(office, ("open", "given")) == []


def test_what_was_asked_again_and_done_is_never_noted_as_not_done(office: Office) -> None:
    ticket = asks(office, 4700)
    in_mode(office, "draft")
    office.customer_answers(ticket, "YES")
    office.customer_answers(ticket, "What is your address, by the way?")
    for wait in waiting(office):
        approval.approve(office.desk, wait.id, wait.shown, LEAD)
    office.run()
    office.customer_answers(ticket, "YES")
    assert office.refunded() == {"usd": 4700}
    office.clock.forward(days=2)
    in_mode(office, "execute")
    wishes_for_a_new_number(office, ticket)
    assert "NOT done" not in office.notes(ticket)[-1]
    assert office.states()[0][0] == "done"


def test_a_question_is_not_forgotten_over_two_messages_while_all_is_paused(office: Office) -> None:
    ticket = asks(office, 4700)
    with office.engine.begin() as c:
        c.exec_driver_sql("insert into switches (action, paused, by, at) values ('all', true, 'Ana', now())")
    wishes_for_a_new_number(office, ticket)
    office.customer_answers(ticket, "It would be nice to have it soon.")
    with office.engine.begin() as c:
        c.exec_driver_sql("update switches set paused = false where action = 'all'")
    office.settle(hours=5)
    assert "NOT done: refund USD 47.00" in office.notes(ticket)[-1]
    assert office.states()[0][0] == "handed_over"


def wishes_for_a_new_number(office: Office, ticket: Any) -> None:
    said = {"actions": [PHONE], "category": "contact_details"}
    office.planner.always = lambda case: said if "new number" in case.asked() else {"nothing_asked": True}  # type: ignore[attr-defined]
    office.customer_answers(ticket, f"My new number is {NEW}.")


def test_a_yes_that_was_taken_back_by_a_wish_for_nothing_of_ours_is_told_to_a_person(office: Office) -> None:
    ticket = said_yes_while_paused(office)
    office.planner.always = lambda case: {"nothing_asked": True}  # type: ignore[attr-defined]
    office.customer_answers(ticket, "Actually keep the money and send me a voucher")
    goes_on(office)
    assert office.refunds() == []
    assert "refund USD 47.00" in office.notes(ticket)[-1]
    assert "since then the customer wrote" in office.notes(ticket)[-1]
    assert office.states()[0][0] == "handed_over"
    notes = len(office.notes(ticket))
    office.customer_answers(ticket, "Thank you!")
    assert len(office.notes(ticket)) == notes


def test_who_is_unclear_again_after_being_asked_once_more_is_told_so(office: Office) -> None:
    ticket = said_yes_while_paused(office)
    office.customer_answers(ticket, "What is your address, by the way?")
    goes_on(office)
    before = len(office.replies(ticket))
    office.customer_answers(ticket, "hmm maybe")
    assert len(office.replies(ticket)) == before + 1
    assert "We could not read a clear yes or no in your reply." in office.replies(ticket)[-1]


@pytest.mark.parametrize(("word", "refunded"), [("YES", {"usd": 4700}), ("No", {})])
def test_above_the_question_that_was_asked_once_more_only_their_own_yes_is_one(
        office: Office, word: str, refunded: dict[str, int]) -> None:
    ticket = said_yes_while_paused(office)
    office.customer_answers(ticket, "What is your address, by the way?")
    goes_on(office)
    office.customer_answers(ticket, above_a_quote(word, office.replies(ticket)[-1]))
    assert office.refunded() == refunded


def test_our_own_you_said_yes_that_a_mail_program_repeats_is_no_yes(office: Office) -> None:
    ticket = said_yes_while_paused(office)
    office.customer_answers(ticket, "What is your address, by the way?")
    goes_on(office)
    office.customer_answers(ticket, f"Hm\n\n{office.replies(ticket)[-1]}")
    assert office.refunds() == []


def test_a_plain_yes_that_the_policy_voided_is_asked_for_as_at_first(office: Office) -> None:
    ticket = asks(office, 4700)
    in_mode(office, "off")
    office.customer_answers(ticket, "YES")
    in_mode(office, "execute")
    taking_over.run_again(office.desk, office.ref(ticket), AGENT)
    office.run()
    office.settle(hours=1)
    assert not any("clear yes or no" in reply for reply in office.replies(ticket))


@pytest.mark.parametrize("words", ["Thank you!", "YES"])
def test_where_a_part_was_done_thanks_and_another_yes_take_nothing_back(office: Office, words: str) -> None:
    ticket = one_is_done_and_one_is_asked_for(office)
    paused(office, on=True)
    office.customer_answers(ticket, "YES")
    office.customer_answers(ticket, words)
    goes_on(office)
    assert office.refunded() == {"usd": 6500}


@pytest.mark.parametrize("kill_at", range(MOST_PLACES))
def test_killed_anywhere_while_a_yes_is_taken_back_it_is_asked_for_once_more_and_no_oftener(
        office: Office, kill_at: int) -> None:
    ticket = said_yes_while_paused(office)
    boundary = mortal(office, kill_at or None)
    office.clock.forward(minutes=5)
    office.writes("Never mind.", ticket=ticket)
    office.event(ticket)
    run_and_swept(office, boundary)
    office.settle(step=60, hours=1)
    goes_on(office)
    if not kill_at:
        assert 10 < len(boundary.passed) < MOST_PLACES
    where = f"killed {boundary.passed[-1]}" if kill_at else ""
    assert len(office.replies(ticket)) == 2, where
    assert [wait.said for wait in waiting(office)] == [1], where
    assert office.refunds() == [], where
