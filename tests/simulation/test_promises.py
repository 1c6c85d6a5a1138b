"""What the interleavings promise can be broken: by books in which an ask was answered too early, by another, or not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.conftest import Reused
from tests.journeys.office import DANA
from tests.simulation.interleavings import Desks, desks
from tests.simulation.promises import Ask, is_told
from tests.simulation.test_oracle import HELD, NOTE, OVER, REPLY, WAITS

ASK = Ask("1", DANA, charge="ch_2", amount=1_800, proven=True)
NUMBER = Ask("1", DANA, phone="+49 30 9000001")
ASKED = "We’re ready to send USD 18.00 back to your Visa ending in 4242."
FAILED = "Unfortunately your refund of USD 18.00 to Visa ending in 4242 did not go through."
CHANGED = "We have changed your phone number to +49 30 9000001."


def book(*notes: str, replies: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"notes": [{"body": one} for one in notes], "replies": [{"body": one} for one in replies]}


@pytest.mark.parametrize(("ask", "told"), [
    (ASK, book(OVER)), (ASK, book(HELD)), (ASK, book(replies=(REPLY,))), (ASK, book(replies=(FAILED,))),
    (NUMBER, book(replies=(CHANGED,))), (NUMBER, book(OVER.replace("refund", "+49 30 9000001"))),
])
def test_who_is_told_what_became_of_it_is_answered(ask: Ask, told: dict[str, Any]) -> None:
    assert is_told(ask, told)


@pytest.mark.parametrize(("ask", "told"), [
    (ASK, book()), (ASK, book(WAITS)), (ASK, book(NOTE)), (ASK, book(replies=(ASKED,))),
    (ASK, book(OVER.replace("18.00", "19.00").replace("ch_2", "ch_4"))),
    (ASK, book(replies=(REPLY.replace("18.00", "19.00"),))),
    (NUMBER, book(OVER)), (NUMBER, book(replies=(REPLY, CHANGED.replace("9000001", "9000002")))),
])
def test_a_question_or_words_about_something_else_are_no_answer(ask: Ask, told: dict[str, Any]) -> None:
    assert not is_told(ask, told)


def test_what_was_said_before_an_ask_does_not_answer_it() -> None:
    again = Ask("1", DANA, charge="ch_2", amount=1_800, said_before=(1, 1))
    assert not is_told(again, {**book(OVER, replies=(REPLY,)), "tags": ["deskhand_done"]})
    assert is_told(again, book(OVER, OVER, replies=(REPLY,)))
    assert is_told(again, book(OVER, replies=(REPLY, REPLY)))


def test_what_is_written_on_a_ticket_that_a_person_has_as_a_whole_is_theirs() -> None:
    again = Ask("1", DANA, charge="ch_4", amount=1_900, said_before=(1, 0))
    for whole in (f"{OVER} · no plan was made", f"{OVER} Next: give the ticket back."):
        stands = {**book(whole), "tags": ["deskhand_handed_over"]}
        assert is_told(again, stands)
        assert not is_told(again, {**stands, "tags": ["deskhand_done"]})
        assert not is_told(replace(again, said_before=(2, 0)), {**stands, **book(whole, NOTE)})


def test_the_same_that_a_person_has_already_is_told_them_once() -> None:
    over = {**book(OVER), "tags": ["deskhand_handed_over"]}
    assert is_told(Ask("1", DANA, charge="ch_2", amount=1_800, said_before=(1, 0)), over)
    assert not is_told(Ask("1", DANA, charge="ch_4", amount=1_900, said_before=(1, 0)), over)


@pytest.fixture
def desk(reused: Reused) -> Desks:
    return desks(reused, "zendesk", 1)()


def asked(desk: Desks) -> Ask:
    """The customer asks on a ticket of which Deskhand hears nothing."""
    ticket = desk.office.writes()
    desk.promises.step += 1
    charge, amount = desk.charges["1011"], 1_800
    desk.promises.asked(Ask(ticket, DANA, charge=charge, amount=amount, proven=True))
    return desk.promises.asks[-1]


def is_lost(desk: Desks) -> bool:
    return "nobody told on ticket" in desk.promises.unanswered()


def by_hand(desk: Desks, amount: int) -> None:
    desk.office.happens("stripe", "dashboard_refund", charge=desk.charges["1011"], amount=amount)


def test_a_part_of_the_money_that_a_person_sent_back_is_no_answer(desk: Desks) -> None:
    asked(desk)
    by_hand(desk, 300)
    assert is_lost(desk)


def test_money_that_went_back_settles_an_ask_and_what_fell_through_does_not(desk: Desks) -> None:
    asked(desk)
    assert is_lost(desk)
    by_hand(desk, 1_800)
    assert not is_lost(desk)
    desk.office.happens("stripe", "fail_refund", refund=desk.office.refunds()[-1]["id"])
    assert is_lost(desk)


def test_money_that_had_gone_back_before_it_was_asked_for_is_no_answer(desk: Desks) -> None:
    by_hand(desk, 1_800)
    desk.office.clock.forward(minutes=1)
    asked(desk)
    assert is_lost(desk)


@pytest.mark.parametrize(("works", "lost"), [
    (lambda promises, ticket: promises.worked_on(ticket), False),
    (lambda promises, ticket: promises.taken.update({ticket: promises.step}), False),
    (lambda promises, ticket: promises.ends(ticket), False),
    (lambda promises, ticket: promises.worked_on("another"), True),
])
def test_a_person_who_has_it_since_answers_it(desk: Desks, works: Callable[..., None], lost: bool) -> None:
    ask = asked(desk)
    works(desk.promises, ask.ticket)
    assert is_lost(desk) is lost


def test_what_a_colleague_did_before_excuses_only_what_deskhand_could_not_tell_apart(desk: Desks) -> None:
    first = asked(desk)
    desk.promises.worked_on(first.ticket)
    desk.promises.step += 1
    desk.promises.asked(Ask(first.ticket, DANA, charge=first.charge, amount=first.amount))
    assert not is_lost(desk)
    desk.promises.looked_at(first.ticket)
    desk.promises.step += 1
    desk.promises.asked(Ask(first.ticket, DANA, charge=first.charge, amount=first.amount))
    assert is_lost(desk)


def test_a_ticket_that_was_given_back_is_not_passed_over_in_silence(desk: Desks) -> None:
    ask = asked(desk)
    desk.promises.taken[ask.ticket] = 1
    assert not is_lost(desk)
    desk.promises.given_back(ask.ticket)
    assert is_lost(desk)


@pytest.mark.parametrize(("taken_back", "right"), [(2, False), (3, True)])
def test_a_refund_rests_on_a_policy_of_the_step_in_which_it_is_sent(
        reused: Reused, taken_back: int, right: bool) -> None:
    promises = desks(reused, "zendesk", 1)().promises
    charge = next(iter(promises.pairs))
    promises.asks = [Ask("1", DANA, 0, charge, 4_700, proven=True)]
    promises.step = 3
    promises.policies += [(1, "looser"), (taken_back, "shipped")]
    promises.begins({"metadata[op_id]": "op-1", "charge": charge, "amount": "4700", "key": "op-1:1"})
    assert (promises.broken == []) is right
