"""What the interleavings promise can be broken: by books in which an ask was answered too early, by another, or not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.conftest import Reused
from tests.journeys.office import DANA, ERIN
from tests.simulation.asks import Ask, Failure, is_told
from tests.simulation.interleavings import Desks, desks
from tests.simulation.mailed import misdirected
from tests.simulation.test_oracle import HELD, NOTE, OVER, REPLY, WAITS

ASK = Ask("1", DANA, charge="ch_2", amount=1_800, proven=True)
NUMBER = Ask("1", DANA, phone="+49 30 9000001")
ASKED = "We’re ready to send USD 18.00 back to your Visa ending in 4242."
FAILED = "Unfortunately your refund of USD 18.00 to Visa ending in 4242 did not go through."
CHANGED = "We have changed your phone number to +49 30 9000001."


def book(*notes: str, replies: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"notes": [{"id": f"note {n}", "body": one} for n, one in enumerate(notes)],
            "replies": [{"id": f"reply {n}", "body": one} for n, one in enumerate(replies)]}


SENT = {"id": "re_1", "charge": "ch_2", "amount": 1_800, "status": "succeeded", "metadata": {"op_id": "op-1"}}
FELL = {**SENT, "status": "failed"}


@pytest.mark.parametrize(("ask", "told"), [
    (ASK, book(OVER)), (ASK, book(HELD)), (NUMBER, book(replies=(CHANGED,))),
    (NUMBER, book(OVER.replace("refund", "+49 30 9000001"))),
])
def test_who_is_told_what_became_of_it_is_answered(ask: Ask, told: dict[str, Any]) -> None:
    assert is_told(ask, told)


@pytest.mark.parametrize(("reply", "refunds", "told"), [
    (REPLY, [SENT], True), (REPLY, [FELL], False), (REPLY, [FELL, SENT], True), (REPLY, [], False),
    (REPLY, [{**SENT, "amount": 300}], False), (FAILED, [FELL], True), (FAILED, [SENT], False), (FAILED, [], False),
    ("Your refund of USD 18.00 was sent to your Visa.", [SENT], True),
    ("Your refund of USD 18.00 was sent to your Visa.", [FELL], False)])
def test_a_reply_tells_of_money_that_is_as_it_says(reply: str, refunds: list[dict[str, Any]], told: bool) -> None:
    assert is_told(ASK, book(replies=(reply,)), refunds) is told


FELL_NOTE = ("Deskhand: the refund of USD 18.00 to Visa failed after it had been sent: the customer does not have this "
             "money (re_1, charge ch_2). Customer {told}")
FELL_TOLD, FELL_UNTOLD = FELL_NOTE.format(told="told"), FELL_NOTE.format(told="NOT told")


@pytest.mark.parametrize(("after", "told"), [
    (book(NOTE, FELL_TOLD, replies=(REPLY, FAILED)), True), (book(NOTE, FELL_UNTOLD, replies=(REPLY,)), True),
    (book(NOTE, FELL_TOLD), True), (book(NOTE, replies=(REPLY,)), False), (book(NOTE, replies=(REPLY, FAILED)), False),
    (book(NOTE, FELL_TOLD, replies=(REPLY,)), False), (book(NOTE, NOTE, replies=(REPLY, REPLY)), False),
    (book(NOTE, FELL_UNTOLD.replace("re_1", "re_2"), replies=(REPLY,)), False), (book(NOTE, replies=()), False)])
def test_a_refund_that_failed_is_told_by_its_name_and_to_whom_it_was_told_as_sent(
        after: dict[str, Any], told: bool) -> None:
    failure = Failure(SENT, {"note 0", "reply 0"})
    assert failure.is_told(after) is told


def test_what_was_written_before_a_refund_failed_does_not_tell_of_it() -> None:
    told = book(NOTE, FELL_UNTOLD, replies=(REPLY, FAILED))
    assert Failure(SENT, {"note 0", "reply 0"}).is_told(told)
    assert not Failure(SENT, {"note 0", "note 1", "reply 0", "reply 1"}).is_told(told)


@pytest.mark.parametrize(("body", "to", "wrong"), [
    (REPLY, [DANA], ""), (REPLY, [ERIN], "went to"), (REPLY, [DANA, ERIN], "went to"), (REPLY, [], "went to"),
    (REPLY.replace("Dana", "Erin"), [DANA], "greets"), (CHANGED, [ERIN], ""), (CHANGED, [DANA], "went to"),
    ("A colleague will write.", [DANA], ""), ("A colleague will write.", ["mia@acme.example"], "went to")])
def test_a_reply_goes_to_the_customer_of_whose_ask_it_tells(body: str, to: list[str], wrong: str) -> None:
    asks = [ASK, replace(NUMBER, who=ERIN)]
    assert wrong in misdirected(body, frozenset(to), asks)
    assert bool(wrong) is bool(misdirected(body, frozenset(to), asks))


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
    assert is_told(again, book(OVER, replies=(REPLY, REPLY)), [SENT])


def test_what_is_written_on_a_ticket_that_a_person_has_as_a_whole_is_theirs() -> None:
    again = Ask("1", DANA, charge="ch_4", amount=1_900, said_before=(1, 0))
    whole = f"{OVER} · no plan was made"
    stands = {**book(whole), "tags": ["deskhand_handed_over"]}
    assert is_told(again, stands)
    assert not is_told(again, {**stands, "tags": ["deskhand_done"]})
    assert not is_told(replace(again, said_before=(2, 0)), {**stands, **book(whole, NOTE)})
    undo = "Deskhand: not undone, as Mia had asked"
    assert is_told(replace(again, said_before=(2, 0)), {**stands, **book(whole, undo)})


@pytest.mark.parametrize("about_another", ["Next: give the ticket back.", "Deskhand steps back from this ticket"])
def test_what_a_note_says_of_another_ask_hands_over_no_other(about_another: str) -> None:
    other, told = Ask("1", DANA, charge="ch_4", amount=1_900), book(f"{OVER} {about_another}")
    assert not is_told(other, told)
    assert not is_told(replace(other, said_before=(1, 0)), {**told, "tags": ["deskhand_handed_over"]})


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
    (lambda promises, ticket: promises.touched(ticket), False),
    (lambda promises, ticket: (promises.looked_at(ticket), promises.touched(ticket)), True),
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


@pytest.mark.parametrize(("days", "looked", "lost"), [(6, False, True), (8, False, False), (8, True, True)])
def test_what_is_found_more_than_a_week_late_is_left_to_people(
        desk: Desks, days: int, looked: bool, lost: bool) -> None:
    ask = asked(desk)
    if looked:
        desk.promises.looked_at(ask.ticket)
    desk.office.clock.forward(days=days)
    desk.promises.is_looked_for()
    assert is_lost(desk) is lost


@pytest.mark.parametrize(("away", "told"), [("", False), ("moved", False), ("merged", True), ("deleted", True)])
def test_a_failed_refund_is_told_wherever_its_ticket_still_stands(desk: Desks, away: str, told: bool) -> None:
    ask = asked(desk)
    by_hand(desk, 1_800)
    desk.promises.fails({**desk.office.refunds()[-1], "metadata": {"op_id": "op-1"}})
    if away:
        desk.promises.excused[ask.ticket] = away
    assert (desk.promises.untold() == "") is told


def test_deskhand_keeps_off_a_ticket_it_stepped_back_from_until_it_is_given_back(
        desk: Desks, monkeypatch: pytest.MonkeyPatch) -> None:
    ask = asked(desk)
    monkeypatch.setattr(desk.promises, "_books", lambda: {
        "1": book("Next: Deskhand steps back from this ticket; give it back in the sidebar if it is to go on")})
    assert not is_lost(desk)
    desk.promises.given[str(ask.ticket)] = 1
    assert is_lost(desk)


@pytest.mark.parametrize(("who", "right"), [(DANA, True), (ERIN, False)])
def test_a_number_is_for_whose_contact_it_was_asked(desk: Desks, who: str, right: bool) -> None:
    promises, ticket = desk.promises, desk.office.writes()
    promises.asked(replace(NUMBER, ticket=ticket))
    contact = next(id for id, email in promises.addresses().items() if email == who)
    desk.office.happens("salesforce", "edit", id=contact, fields={"Phone": NUMBER.phone})
    promises.written()
    assert (promises.broken == []) is right


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
