"""The oracle can fail: every class of broken promise, written into the books by hand, is found and named."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from tests.journeys.office import DANA, ERIN
from tests.simulation.history import History, must_not_be
from tests.simulation.lives import DONE, LIVES, NEW, NEWER, OLD, Came, Right
from tests.simulation.oracle import UNEXPLAINED, Books, Held, Verdict, judge
from tests.simulation.stage import Act, People, Said

CHARGE, TICKET = "ch_2", "1"
AT = datetime(2026, 11, 20, 9, tzinfo=UTC)
REFUND = {"id": "re_1", "charge": CHARGE, "amount": 1800, "currency": "usd", "status": "succeeded",
          "metadata": {"op_id": "op-1"}}
WAITS = ("Deskhand: waiting to refund USD 18.00 of charge ch_2 (Visa ending in 4242). Next: the customer was "
         "asked for a yes. If no answer comes by 23 Nov 2026 09:00 UTC, a person takes over. Undo: nothing was changed")
OVER = ("Deskhand hands this over to you. The customer wants: “please” (refund USD 18.00 of charge ch_2 (Visa)). "
        "Why it stopped: the customer did not answer in time.")
NOTE = "Deskhand: refunded USD 18.00 to Visa ending in 4242 (re_1, succeeded, charge ch_2)"
REPLY = "Hello Dana,\n\nWe have sent USD 18.00 back to your Visa ending in 4242."
HELD = ("Deskhand hands this over to you. The customer wants: “please” (refund USD 18.00 of charge ch_2). "
        "Next: release it with `deskhand held resolve op-1`. "
        "Why it stopped: sent more than 23 hours ago, and nothing found at the vendor. Whether it is done …")
GOOD = Books(refunds=(REFUND,), notes={TICKET: (NOTE,)}, replies={TICKET: (REPLY,)},
             activities=({"Subject": "Deskhand: refunded USD 18.00 (re_1) op-9"},), phone=OLD,
             writable=frozenset((TICKET,)))
WRITTEN = {"field": "Phone", "old": OLD, "new": NEW}
CHANGED = Right(phone=NEW, changes=1)
MOVED = f"We have changed your phone number to {NEW}."
MOVED_NOTE = f"Deskhand: changed the contact's phone from “{OLD}” to “{NEW}”"
NUMBER = replace(GOOD, refunds=(), notes={TICKET: (MOVED_NOTE,)}, replies={TICKET: (MOVED,)}, phone=NEW,
                 changes=(WRITTEN,), activities=({"Subject": f"{MOVED_NOTE} op-9"},))
BACK = {"field": "Phone", "old": NEW, "new": OLD}
UNDONE = f"Deskhand: undone by Mia: changed the contact's phone from “{NEW}” to “{OLD}”"
NOTHING = replace(GOOD, refunds=(), notes={TICKET: ()}, replies={TICKET: ()}, activities=())
RIGHT = Right({CHARGE: 1800})
FAILURE = "Deskhand: the refund of USD 18.00 to Visa failed after it had been sent (re_1, charge ch_2)"
WAS_TOLD = "Customer told, the helpdesk recorded the notification"
SAID = Said(TICKET, REPLY, AT, (REFUND,), (OLD,))


def judged(books: Books, right: Right = RIGHT, said: tuple[Said, ...] = (SAID,), people: People | None = None,
           **more: Any) -> Verdict:
    return judge(books, right, said, people or People(), **more)


def classes(verdict: Verdict) -> set[str]:
    return {kind for kind, _ in verdict.broken}


def test_what_is_right_is_right() -> None:
    assert judged(GOOD) == Verdict((), "done", "")


def test_a_refund_that_was_allowed_and_never_made_is_lost() -> None:
    assert classes(judged(NOTHING, said=())) == {"lost"}


def test_a_new_number_that_was_never_written_is_lost() -> None:
    assert classes(judged(NOTHING, Right(phone=NEW, changes=1), said=())) == {"lost"}


def test_a_life_that_ends_with_a_person_of_whom_nobody_told_them_is_lost() -> None:
    assert classes(judged(NOTHING, Right(person="the customer said no"), said=())) == {"lost"}


@pytest.mark.parametrize("twice", [
    {"refunds": (REFUND, {**REFUND, "id": "re_2"})},
    {"notes": {TICKET: (NOTE, NOTE)}},
    {"replies": {TICKET: (REPLY, REPLY)}},
    {"replies": {TICKET: (f"{MOVED} We’re ready to send USD 18.00 back.", f"{MOVED} {REPLY}")}},
    {"activities": tuple({"Subject": f"Deskhand: refunded USD 18.00 (re_1) op-{n}"} for n in (7, 9))},
    {"changes": (WRITTEN,)},
])
def test_what_is_there_twice_is_doubled(twice: dict[str, Any]) -> None:
    assert "doubled" in classes(judged(replace(GOOD, **twice)))


@pytest.mark.parametrize("stuck", [{"notes": {TICKET: ()}}, {"replies": {TICKET: ()}}])
def test_money_that_went_back_and_was_told_to_nobody_is_stuck(stuck: dict[str, Any]) -> None:
    assert "stuck" in classes(judged(replace(GOOD, **stuck), said=()))


def test_pass_after_pass_without_end_is_stuck() -> None:
    assert classes(judged(GOOD, spins=True)) == {"stuck"}


def test_an_undo_that_took_nothing_back_is_stuck() -> None:
    assert classes(judged(NUMBER, Right(phone=OLD, changes=2), said=())) == {"stuck"}
    undone = replace(NUMBER, phone=OLD, changes=(WRITTEN, BACK), notes={TICKET: (MOVED_NOTE, UNDONE)})
    assert judged(undone, Right(phone=OLD, changes=2), said=()) == Verdict((), "done", "")


def test_a_new_number_is_written_noted_told_and_logged() -> None:
    assert judged(NUMBER, CHANGED, said=()) == Verdict((), "done", "")
    for missing in ({"notes": {TICKET: ()}}, {"replies": {TICKET: ()}}):
        assert "stuck" in classes(judged(replace(NUMBER, **missing), CHANGED, said=()))
    assert classes(judged(replace(NUMBER, activities=()), CHANGED, said=())) == {"lost"}
    assert judged(replace(NUMBER, activities=()), CHANGED, said=(), phantoms=(f"“{OLD}” to “{NEW}”",)).ok


@pytest.mark.parametrize("wrong", [{"new": ""}, {"new": "+49 30 0000000"}, {"field": "Email"}])
def test_what_nobody_asked_to_be_written_is_beyond(wrong: dict[str, Any]) -> None:
    assert "beyond" in classes(judged(replace(NUMBER, changes=({**WRITTEN, **wrong},)), CHANGED, said=()))


def test_what_an_undo_must_write_is_what_was_there() -> None:
    blank = replace(NUMBER, phone="", changes=(WRITTEN, {**BACK, "new": ""}), notes={TICKET: (MOVED_NOTE, UNDONE)})
    assert "beyond" in classes(judged(blank, Right(phone=OLD, changes=2), said=()))
    before, theirs = {**WRITTEN, "old": "+49 30 555"}, {**BACK, "new": "+49 30 555"}
    edited = replace(NUMBER, phone="+49 30 555", changes=(before, theirs), notes={TICKET: (MOVED_NOTE, UNDONE)})
    assert "beyond" not in classes(judged(edited, Right(phone=OLD, changes=2), said=()))


def test_an_undo_that_was_never_offered_is_lost() -> None:
    short = replace(CHANGED, short="and nothing could be undone")
    assert judged(NUMBER, short, said=()).ok
    assert classes(judged(NUMBER, short, said=(), must_do=True)) == {"lost"}


@pytest.mark.parametrize("late", [{"refunds": ()}, {"notes": {TICKET: ()}}, {"replies": {TICKET: ()}},
                                  {"activities": ()}])
def test_what_is_only_done_once_a_late_truth_has_woken_it_was_lost_or_stuck(late: dict[str, Any]) -> None:
    """The customer asks again after two days, and then it is done: too late."""
    assert judged(GOOD, then=GOOD).ok
    verdict = judged(GOOD, then=replace(GOOD, **late))
    assert classes(verdict) <= {"lost", "stuck"}
    assert verdict.broken
    assert all(words.endswith("when it was due") for _, words in verdict.broken)


def test_what_had_to_be_done_had_to_be_done_when_it_was_due() -> None:
    waiting = replace(NOTHING, notes={TICKET: (OVER,)})
    assert classes(judged(GOOD, then=waiting, must_do=True)) == {"lost"}


@pytest.mark.parametrize("then", [(), ({**REFUND, "amount": 1700},), ({**REFUND, "status": "pending"},)])
def test_told_of_money_before_the_books_show_it_is_a_false_done(then: tuple[Any, ...]) -> None:
    assert classes(judged(GOOD, said=(replace(SAID, refunds=then),))) == {"false_done"}


def test_a_refund_that_stands_in_no_activity_is_lost_unless_the_crm_had_told_of_one() -> None:
    bare = replace(GOOD, activities=())
    assert classes(judged(bare)) == {"lost"}
    assert judged(bare, phantoms=("refunded USD 18.00 (re_1)",)).ok
    assert classes(judged(bare, phantoms=("refunded USD 18.00 (re_7)",))) == {"lost"}


def test_a_ticket_that_nobody_was_told_anything_about_is_lost() -> None:
    two = replace(GOOD, writable=frozenset((TICKET, "2")), notes={TICKET: (NOTE,), "2": ()})
    assert classes(judged(two)) == {"lost"}


@pytest.mark.parametrize("body", [NOTE, f"Deskhand: changed the contact's phone from “{OLD}” to “{NEW}”"])
def test_a_note_of_what_the_books_do_not_show_is_a_false_done(body: str) -> None:
    assert classes(judged(GOOD, said=(Said(TICKET, body, AT, (), (OLD,), "colleagues"),))) == {"false_done"}


def test_told_of_a_number_that_is_not_in_the_record_is_a_false_done() -> None:
    said = Said(TICKET, f"We have changed your phone number to {NEW}.", AT, (), (OLD,), wrote=(NEW,))
    assert classes(judged(GOOD, said=(said,))) == {"false_done"}


def test_a_refund_that_fell_through_later_and_was_never_taken_back_in_words_is_a_false_done() -> None:
    assert "false_done" in classes(judged(replace(GOOD, refunds=({**REFUND, "status": "failed"},))))


@pytest.mark.parametrize("corrected", [
    {"replies": {TICKET: (REPLY, "Unfortunately your refund of USD 18.00 did not go through.")}},
    {"notes": {TICKET: (NOTE, f"{FAILURE}. Customer NOT told")}},
])
def test_what_is_corrected_is_no_false_done(corrected: dict[str, Any]) -> None:
    assert judged(replace(GOOD, refunds=({**REFUND, "status": "failed"},), **corrected)).ok


def test_a_note_alone_does_not_take_back_what_the_customer_was_told() -> None:
    fell = replace(GOOD, refunds=({**REFUND, "status": "failed"},))
    for note in (FAILURE, f"{FAILURE}. {WAS_TOLD}"):
        assert classes(judged(replace(fell, notes={TICKET: (NOTE, note)}))) == {"false_done"}


@pytest.mark.parametrize("status", ["succeeded", "pending"])
def test_told_to_be_on_its_way_it_must_be_and_that_it_failed_must_be_told(status: str) -> None:
    on_its_way = "Your refund of USD 18.00 to your Visa ending in 4242 is on its way and not yet complete."
    asked_for = "Your refund of USD 18.00 to your Visa was started on November 20, 2026 and is still on its way."
    for words in (on_its_way, asked_for):
        books = replace(GOOD, refunds=({**REFUND, "status": status},), replies={TICKET: (words,)})
        said = replace(SAID, body=words, refunds=books.refunds)
        assert judged(books, said=(said,)).ok
        failed = ({**REFUND, "status": "failed"},)
        assert classes(judged(books, said=(replace(said, refunds=failed),))) == {"false_done"}
        assert classes(judged(replace(books, refunds=failed), said=(said,))) == {"false_done"}


@pytest.mark.parametrize(("replies", "right"), [
    ((), False), ((REPLY,), True), (("Hello Dana,",), False), ((REPLY.replace("18.00", "19.00"),), False)])
def test_a_note_that_the_customer_was_told_needs_a_reply_that_told_them(replies: tuple[str, ...], right: bool) -> None:
    note = replace(SAID, body=f"{NOTE}\nEvidence: E2. Customer told: yes, the helpdesk", to="colleagues")
    said = tuple(replace(SAID, body=reply, refunds=(REFUND, {**REFUND, "id": "re_3", "amount": 1900}))
                 for reply in replies)
    assert judged(GOOD, said=(*said, note)).ok == right
    if replies:
        assert not judged(GOOD, said=(*(replace(one, heard=False) for one in said), note)).ok
        assert not judged(GOOD, said=(note, *said)).ok
    assert judged(GOOD, said=(note,), phantoms=replies).ok == right


def test_a_note_that_the_customer_was_told_of_a_failure_or_a_number_needs_a_reply_that_told_them() -> None:
    failed = ({**REFUND, "status": "failed"},)
    for note, told in ((f"{FAILURE}. {WAS_TOLD}", "Unfortunately your refund of USD 18.00 did not go through."),
                       (f"{MOVED_NOTE}. Customer told: yes", MOVED)):
        noted = replace(SAID, body=note, refunds=failed, to="colleagues", phones=(NEW,))
        reply = replace(SAID, body=told, phones=(NEW,), wrote=(NEW,))
        assert "false_done" not in classes(judged(GOOD, said=(SAID, reply, noted)))
        assert "false_done" in classes(judged(GOOD, said=(SAID, noted)))


def test_a_reply_that_was_mailed_to_nobody_tells_nothing() -> None:
    unheard = replace(GOOD, unheard={TICKET: (REPLY,)})
    assert classes(judged(unheard)) == {"stuck"}
    assert judged(replace(unheard, notes={TICKET: (f"{NOTE}. Customer NOT told",)})).ok


@pytest.mark.parametrize("said", [
    replace(SAID, requester=ERIN, readers=(ERIN,)), replace(SAID, readers=(DANA, ERIN)),
    replace(SAID, body=MOVED, phones=(NEW,), wrote=("I have paid twice.",)),
    replace(SAID, body="We’re ready to send USD 18.00 back.", requester=ERIN)])
def test_what_is_told_to_somebody_whose_it_is_not_is_leaked(said: Said) -> None:
    assert classes(judged(GOOD, said=(SAID, said))) == {"leaked"}
    assert judged(GOOD, said=(SAID, replace(said, body="A colleague will write to you.", requester=DANA))).ok


@pytest.mark.parametrize("status", ["solved", "pending"])
@pytest.mark.parametrize("act", ["agent_sets", "close"])
def test_what_was_handed_over_does_not_stand_as_settled_unless_a_person_set_it_so(act: str, status: str) -> None:
    noted = replace(SAID, body=OVER, to="colleagues")
    books = replace(NOTHING, notes={TICKET: (OVER,)}, statuses={TICKET: status})
    assert classes(judged(books, said=(noted,))) == {"stuck"}
    assert judged(replace(books, statuses={TICKET: "open"}), said=(noted,)).ok
    assert judged(replace(books, writable=frozenset()), said=(noted,)).ok
    before, after = (did(act, at=AT + timedelta(hours=hours)) for hours in (-1, 1))
    assert "stuck" in classes(judged(books, said=(noted,), people=before))
    assert judged(books, said=(noted,), people=after).ok


ASKED_LATER = Came(number=NEWER, ticket=TICKET, at=AT)
LATER_ON = {"field": "Phone", "old": OLD, "new": NEWER}
LATER_NOTE = f"Deskhand: changed the contact's phone from “{OLD}” to “{NEWER}”"


def test_what_is_asked_for_later_is_done_or_handed_over_after_that() -> None:
    assert classes(judged(GOOD, came=ASKED_LATER)) == {"lost"}
    over = OVER.replace("refund USD 18.00 of charge ch_2 (Visa)", f"phone to “{NEWER}”")
    noted = replace(SAID, body=over, to="colleagues")
    assert judged(GOOD, said=(SAID, noted), came=ASKED_LATER).ok
    assert classes(judged(GOOD, said=(SAID, replace(noted, at=AT - timedelta(hours=1))), came=ASKED_LATER)) == {"lost"}
    done = replace(GOOD, changes=(LATER_ON,), notes={TICKET: (NOTE, LATER_NOTE)}, replies={TICKET: (
        REPLY, MOVED.replace(NEW, NEWER))}, activities=(*GOOD.activities, {"Subject": f"{LATER_NOTE} op-3"}))
    assert judged(done, came=ASKED_LATER).ok
    assert classes(judged(replace(done, replies=GOOD.replies), came=ASKED_LATER)) == {"stuck"}
    assert classes(judged(replace(done, activities=GOOD.activities), came=ASKED_LATER)) == {"lost"}
    assert "doubled" in classes(judged(replace(done, changes=(LATER_ON, LATER_ON)), came=ASKED_LATER))


def test_a_person_on_the_ticket_excuses_what_is_asked_later_only_where_something_disturbed_it() -> None:
    assert judged(GOOD, people=did("agent_sets"), came=ASKED_LATER).ok
    assert classes(judged(GOOD, people=did("agent_sets"), came=ASKED_LATER, calm=True)) == {"lost"}
    assert judged(GOOD, replace(RIGHT, off=True), came=ASKED_LATER, calm=True).ok
    back = replace(GOOD, notes={TICKET: (NOTE, "Next: give the ticket back in Deskhand's sidebar if …")})
    assert judged(back, came=ASKED_LATER, calm=True).ok


def test_a_refund_that_a_note_names_as_failed_need_not_have_been_told_of_as_sent() -> None:
    failed = {**REFUND, "id": "re_2", "charge": "ch_4", "amount": 1900, "status": "failed"}
    noted = f"{NOTE}; NOT done: refund USD 19.00 of charge ch_4, made as re_2: it failed. Customer told: yes"
    books = replace(GOOD, refunds=(REFUND, failed), notes={TICKET: (noted,)})
    after = replace(SAID, to="colleagues", body=noted, refunds=(REFUND, failed))
    assert "false_done" not in classes(judged(books, said=(SAID, after)))
    both = noted.replace("NOT done: refund USD 19.00 of charge ch_4, made as re_2: it failed",
                         "refunded USD 19.00 to Visa (re_2, pending, charge ch_4)")
    assert "false_done" in classes(judged(books, said=(SAID, replace(after, body=both))))


def test_a_dispute_of_what_was_refunded_is_told_to_a_person() -> None:
    came = Came(disputed=CHARGE)
    assert classes(judged(GOOD, came=came)) == {"lost"}
    told = "Deskhand: the customer's bank disputes charge ch_2 (dp_1), of which Deskhand had refunded USD 18.00"
    assert judged(replace(GOOD, notes={TICKET: (NOTE, told)}), came=came).ok
    assert classes(judged(replace(GOOD, notes={TICKET: (NOTE, told.replace("ch_2", "ch_1"))}), came=came)) == {"lost"}
    assert judged(replace(GOOD, notes={TICKET: (NOTE, HELD)}), came=came).ok  # that person is to look at the charge


def test_where_nothing_stands_in_the_way_the_customer_is_told() -> None:
    untold = replace(GOOD, notes={TICKET: (f"{NOTE}. Customer NOT told (no)",)}, replies={TICKET: ()})
    assert judged(untold, said=()).ok
    assert classes(judged(untold, said=(), must_do=True)) == {"stuck"}


def test_more_than_was_allowed_is_beyond() -> None:
    assert classes(judged(GOOD, Right({CHARGE: 1000}))) == {"beyond"}
    assert "beyond" in classes(judged(GOOD, Right(person="declined")))


def test_what_was_never_allowed_is_beyond_even_where_it_fell_through_later() -> None:
    failed = replace(GOOD, refunds=({**REFUND, "status": "failed"},))
    assert "beyond" in classes(judged(failed, Right(person="declined")))


def test_what_is_written_over_a_colleagues_edit_of_a_moment_before_is_beyond() -> None:
    over = ({**WRITTEN, "old": "+49 30 555"},)
    assert classes(judged(replace(NUMBER, changes=over, written_over=over), CHANGED, said=())) == {"beyond"}


def test_held_is_no_broken_promise_and_is_counted_with_its_reason() -> None:
    verdict = judged(replace(NOTHING, notes={TICKET: (HELD,)}), said=())
    assert verdict == Verdict((), "held", "sent more than 23 hours ago, and nothing found at the vendor")


def test_a_change_that_a_note_tells_as_undone_is_not_told_as_done() -> None:
    change = f"changed the contact's phone from “{OLD}” to “{NEW}”"
    told = replace(SAID, to="colleagues", body=f"Deskhand: {change}", phones=(OLD,))
    undone = f"Deskhand: {change}, undone since\nNext: tell the customer that this was undone: {change}"
    assert "false_done" in classes(judged(GOOD, said=(SAID, told)))
    assert judged(GOOD, said=(SAID, replace(told, body=undone))).ok


def test_a_refund_may_be_noted_as_pending_that_arrived_since_and_not_the_other_way_round() -> None:
    arrived, pending = ({**one, "status": status} for one, status in ((SAID.refunds[0], "succeeded"),
                                                                     (SAID.refunds[0], "pending")))
    def noted(status: str, stands: dict[str, Any]) -> Said:
        body = f"Deskhand: refunded USD 18.00 to Visa ({stands['id']}, {status}, charge {CHARGE})"
        return replace(SAID, to="colleagues", body=body, refunds=(stands,))
    assert judged(GOOD, said=(SAID, noted("pending", arrived))).ok
    assert "false_done" in classes(judged(GOOD, said=(SAID, noted("succeeded", pending))))


def did(what: str, about: str = TICKET, at: datetime = AT) -> People:
    return People([Act(what, about, at)])


def test_a_colleague_who_has_it_in_hand_explains_that_nothing_was_done() -> None:
    assert judged(NOTHING, said=(), people=did("agent_replies")).ok


@pytest.mark.parametrize("act", ["edit", "dispute", "add_cc"])
def test_what_takes_nothing_over_explains_nothing(act: str) -> None:
    assert classes(judged(NOTHING, said=(), people=did(act))) == {"lost"}


def test_a_refund_by_hand_explains_that_this_charge_was_not_refunded_and_no_other() -> None:
    noted = replace(NOTHING, notes={TICKET: (WAITS,)})
    assert judged(noted, said=(), people=did("refund", CHARGE)).ok
    assert classes(judged(noted, said=(), people=did("refund", "ch_1"))) == {"lost"}


def test_a_refund_by_hand_hands_over_nothing_else_of_the_ticket() -> None:
    both = Right({CHARGE: 1800}, phone=NEW, changes=1)
    verdict = judged(replace(NOTHING, notes={TICKET: (WAITS,)}), both, said=(), people=did("refund", CHARGE))
    assert verdict.broken == (("lost", "the new number was not written, and no person was told"),)


@pytest.mark.parametrize("act", ["agent_replies", "agent_sets", "merge", "close", "delete", "change_requester"])
def test_a_person_who_has_one_ticket_has_no_other(act: str) -> None:
    two = replace(NOTHING, notes={TICKET: (), "2": ()}, replies={}, writable=frozenset((TICKET, "2")))
    assert classes(judged(two, said=(), people=did(act))) == {"lost"}
    told = replace(two, notes={TICKET: (), "2": (OVER,)})
    assert judged(told, said=(), people=did(act)).ok


def test_what_a_person_did_after_all_was_due_explains_nothing() -> None:
    later = did("agent_replies", at=AT + timedelta(days=3))
    assert classes(judged(NOTHING, said=(), people=later, due=AT + timedelta(hours=6))) == {"lost"}
    assert judged(NOTHING, said=(), people=later, due=AT + timedelta(days=4)).ok


@pytest.mark.parametrize("missing", [{"notes": {TICKET: ()}}, {"replies": {TICKET: ()}}])
def test_a_refund_of_ours_is_noted_and_told_whoever_has_the_ticket(missing: dict[str, Any]) -> None:
    for act in (did("agent_replies"), did("refund", CHARGE), did("dispute", CHARGE)):
        assert classes(judged(replace(GOOD, **missing), said=(), people=act)) >= {"stuck"}


def test_that_a_person_would_take_over_later_is_no_handing_over() -> None:
    parked = replace(NOTHING, notes={TICKET: (WAITS,)})
    assert classes(judged(parked, said=())) == {"lost"}
    assert classes(judged(parked, Right(person="nobody answered"), said=())) == {"lost"}
    assert judged(replace(NOTHING, notes={TICKET: (WAITS, OVER)}), said=()).ok


def test_handing_over_one_charge_hands_over_no_other() -> None:
    noted = replace(NOTHING, notes={TICKET: (OVER.replace("ch_2", "ch_1"),)})
    assert classes(judged(noted, said=())) == {"lost"}
    assert classes(judged(replace(GOOD, notes={TICKET: (NOTE,)}), Right({CHARGE: 1800}, left=("ch_4",)))) == {"lost"}


def test_handing_over_money_hands_over_no_new_number() -> None:
    noted = replace(NOTHING, notes={TICKET: (OVER,)})
    assert classes(judged(noted, Right(phone=NEW, changes=1), said=())) == {"lost"}


def test_a_new_number_that_was_written_before_a_colleague_wrote_another_is_not_lost() -> None:
    assert judged(replace(NUMBER, phone="+49 30 555"), CHANGED, said=()).ok


def test_a_held_operation_explains_only_its_own_refund() -> None:
    other = replace(GOOD, notes={TICKET: (NOTE, HELD.replace("op-1", "op-2"))}, replies={TICKET: ()})
    assert classes(judged(other, said=())) == {"stuck"}
    assert judged(replace(other, notes={TICKET: (NOTE, HELD)}), said=()).ok


def test_a_correction_of_one_refund_corrects_no_other() -> None:
    fell = {**REFUND, "status": "failed"}
    noted = f"{FAILURE.replace('re_1', 're_7')}. Customer NOT told"
    assert "false_done" in classes(judged(replace(GOOD, refunds=(fell,), notes={TICKET: (NOTE, noted)})))


def test_a_reply_about_another_amount_tells_nothing_of_this_refund() -> None:
    other = REPLY.replace("18.00", "19.00")
    assert "stuck" in classes(judged(replace(GOOD, replies={TICKET: (other,)}), said=()))
    fell = replace(GOOD, refunds=({**REFUND, "status": "failed"},))
    sorry = "Unfortunately your refund of USD {} to your Visa ending in 4242 did not go through."
    assert judged(replace(fell, replies={TICKET: (REPLY, sorry.format("18.00"))})).ok
    assert "false_done" in classes(judged(replace(fell, replies={TICKET: (REPLY, sorry.format("19.00"))})))


def test_a_note_that_is_held_is_counted_with_its_reason() -> None:
    held = replace(NOTHING, held={TICKET: Held("sent more than 23 hours ago", OVER)})
    assert judged(held, said=()) == Verdict((), "held", "a note or reply, sent more than 23 hours ago")


def test_a_note_that_is_held_hands_over_nothing_but_what_it_names() -> None:
    for text in (NOTE, OVER.replace("ch_2", "ch_1")):
        assert classes(judged(replace(NOTHING, held={TICKET: Held("refused", text)}), said=())) == {"lost"}


def test_a_note_that_is_held_for_no_reason_is_lost() -> None:
    verdict = judged(replace(NOTHING, held={TICKET: Held("", OVER)}), said=())
    assert (verdict.end, verdict.why, classes(verdict)) == ("held", UNEXPLAINED, {"lost"})


def test_a_polite_word_alone_hands_nothing_over() -> None:
    noted = replace(NOTHING, notes={TICKET: ("Deskhand read this ticket. Please wait.",)})
    assert classes(judged(noted, said=())) == {"lost"}


def test_told_of_a_refund_that_a_person_made_is_a_false_done() -> None:
    theirs = {**REFUND, "id": "re_7", "metadata": {}}
    assert classes(judged(GOOD, said=(replace(SAID, refunds=(theirs,)),))) == {"false_done"}
    where_it_is = replace(SAID, body="Your refund of USD 18.00 was sent to Visa on 20 Nov.", refunds=(theirs,))
    assert judged(GOOD, said=(where_it_is,)).ok


def test_where_a_refund_is_may_be_told_as_the_provider_showed_it_and_that_it_was_sent_may_not() -> None:
    failed = ({**REFUND, "status": "failed"},)
    where_it_is = replace(SAID, body="Your refund of USD 18.00 was sent to Visa on 20 Nov.", refunds=failed)
    assert classes(judged(GOOD, said=(where_it_is,))) == {"false_done"}
    assert judged(GOOD, said=(where_it_is,), lagged=True).ok
    assert classes(judged(GOOD, said=(replace(SAID, refunds=failed),), lagged=True)) == {"false_done"}


OTHER = "2"
KEPT = Held("sent more than 23 hours ago", OVER)
TWO = replace(GOOD, notes={TICKET: (NOTE,), OTHER: ()}, replies={TICKET: (), OTHER: ()},
              writable=frozenset((TICKET, OTHER)))


def test_a_note_that_is_held_on_another_ticket_explains_no_untold_refund() -> None:
    assert "stuck" in classes(judged(replace(TWO, held={OTHER: KEPT}), said=()))
    assert judged(replace(TWO, held={TICKET: KEPT}, notes={TICKET: (NOTE,), OTHER: (OVER,)}),
                  said=()).ok


def test_a_refund_that_stands_in_no_note_is_of_the_ticket_that_the_crm_names() -> None:
    logged = {"Subject": "Deskhand: refunded USD 18.00 (re_1)", "Description": "Refunded\nTicket zendesk:1:1\nRule 2"}
    told = replace(TWO, notes={TICKET: (OVER,), OTHER: (OVER,)}, activities=(logged,))
    assert "stuck" in classes(judged(replace(told, held={OTHER: KEPT}), said=()))
    assert judged(replace(told, held={TICKET: KEPT}), said=()).ok
    unlogged = replace(told, activities=())
    assert "stuck" in classes(judged(replace(unlogged, held={OTHER: KEPT}), said=()))
    assert judged(replace(unlogged, held={TICKET: KEPT, OTHER: KEPT}), said=()).ok


def test_what_is_held_on_another_ticket_explains_no_missing_activity() -> None:
    bare = replace(TWO, activities=(), replies={TICKET: (REPLY,), OTHER: ()})
    elsewhere = replace(bare, notes={TICKET: (NOTE,), OTHER: (HELD.replace("op-1", "op-2"),)})
    assert classes(judged(elsewhere)) == {"lost"}
    assert "lost" not in classes(judged(replace(bare, notes={TICKET: (NOTE, HELD), OTHER: (OVER,)})))


def asked_twice(ticket: str = TICKET) -> People:
    people = People()
    people.asked[ticket, "please refund the second one"] = 2
    return people


def test_asked_twice_only_handing_over_may_be_noted_twice() -> None:
    twice = replace(GOOD, notes={TICKET: (NOTE, OVER, OVER)})
    assert judged(twice, people=asked_twice()).ok
    assert classes(judged(replace(GOOD, notes={TICKET: (NOTE, NOTE)}), people=asked_twice())) == {"doubled"}


def test_what_was_asked_twice_on_another_ticket_allows_nothing_twice() -> None:
    assert classes(judged(replace(GOOD, notes={TICKET: (NOTE, OVER, OVER)}), people=asked_twice(OTHER))) == {"doubled"}


def test_what_is_held_for_no_reason_that_was_told_is_lost() -> None:
    verdict = judged(replace(NOTHING, notes={TICKET: (HELD.partition("Why it stopped")[0],)}), said=())
    assert (verdict.end, verdict.why) == ("held", UNEXPLAINED)
    assert classes(verdict) == {"lost"}


def test_handing_everything_over_is_not_enough_where_nothing_stands_in_the_way() -> None:
    given_up = replace(NOTHING, notes={TICKET: (OVER,)})
    assert judged(given_up, said=()).ok
    assert classes(judged(given_up, said=(), must_do=True)) == {"lost"}
    assert judged(GOOD, must_do=True).ok


def test_only_undisturbed_lives_in_which_all_is_allowed_must_be_done() -> None:
    assert LIVES.keys() >= DONE
    assert History.of("auto/zendesk/any_news/-/k0/k0/-").must_do
    for key in ("no_answer/zendesk/any_news/-/k0/k0/-", "auto/zendesk/any_news/-/k1/k0/-",
                "auto/zendesk/any_news/-/k0/k0/0:late", "auto/zendesk/any_news/3:slow/k0/k0/-"):
        assert not History.of(key).must_do


@pytest.mark.parametrize(("key", "end", "why", "expected"), [
    ("auto/zendesk/any_news/-/k0/k0/-", "handed over", "", (1, 0)),
    ("auto/zendesk/any_news/-/k0/k0/-", "fell through", "", (0, 0)),
    ("decline/zendesk/any_news/-/k0/k0/-", "handed over", "declined", (0, 0)),
    ("auto/zendesk/any_news/-/k3/k0/-", "held", UNEXPLAINED, (0, 1)),
    ("auto/zendesk/any_news/-/k3/k0/-", "held", "sent more than 23 hours ago", (0, 0)),
])
def test_what_must_not_be_is_counted(key: str, end: str, why: str, expected: tuple[int, int]) -> None:
    assert tuple(must_not_be([SimpleNamespace(key=key, end=end, why=why)]).values()) == expected
