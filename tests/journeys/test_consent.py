"""The customer's yes and a colleague's approval: asked for, answered, lowered, declined, late, and used once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from agent.consent import approval
from agent.consent.approval import Colleague, NotAllowed, NotNow
from agent.consent.waits import Wait, of_ticket
from agent.desk import Choices, Handoff, Replies
from agent.policy import load
from agent.report.live import LiveTickets
from agent.report.making import live_report
from agent.report.page import page
from agent.tables import operations, totals
from tests.journeys.conftest import on_both
from tests.journeys.office import AGENT as AGENT_MAIL
from tests.journeys.office import CHECKED, POLICY, Office, refund

TWICE = {"actions": [refund("c2", quote="please refund the second one")]}
LEAD = Colleague("77", "Lena Lead", "lead")
FINANCE = Colleague("78", "Finn", "finance")
AGENT = Colleague("79", "Mia", "agent")
CARD = "4242 4242 4242 4242"


def asks(office: Office, amount: int) -> int:
    """A proven duplicate of this amount; later messages ask for nothing new."""
    office.double_charge(amount)
    office.planner.always = lambda case: TWICE if "charged twice" in case.asked() else {"nothing_asked": True}
    return office.handle()


def waiting(office: Office, states: tuple[str, ...] = ("open",)) -> list[Wait]:
    with office.engine.begin() as c:
        return of_ticket(c, 1, states)


def approve(office: Office, by: Colleague, amount: int | None = None) -> None:
    (wait,) = waiting(office)
    approval.approve(office.desk, wait.id, wait.shown, by, amount)
    office.run()


@on_both
def test_above_auto_the_customer_is_asked_for_exactly_this_and_their_yes_does_it(office: Office) -> None:
    ticket = asks(office, 4700)
    assert office.refunds() == []
    (question,) = office.replies(ticket)
    assert "We’re ready to send USD 47.00 back to your Visa ending in 4242." in question
    assert "Please reply YES" in question
    assert "We wait for your answer until November 23, 2026, 09:00 UTC." in question
    assert "the customer was asked for a yes" in office.notes(ticket)[0]
    assert ". Customer asked: yes, the helpdesk recorded the notification" in office.notes(ticket)[0]
    assert office.states()[0][0] == "parked"

    office.customer_answers(ticket, "YES")
    assert office.refunded() == {"usd": 4700}
    assert "We have sent USD 47.00" in office.replies(ticket)[1]
    assert office.states()[0][0] == "done"
    office.settle(hours=80)
    assert len(office.replies(ticket)) == 2
    assert office.refunded() == {"usd": 4700}


def test_a_yes_counts_as_attended_money(office: Office) -> None:
    ticket = asks(office, 4700)
    office.customer_answers(ticket, "Yes please")
    with office.engine.begin() as c:
        rows = c.execute(select(totals.c.attended, totals.c.amount).where(
            totals.c.kind == "desk", totals.c.amount > 0)).all()
    assert [tuple(row) for row in rows] == [(True, 4700)]


@on_both
def test_a_no_ends_it_and_a_person_reads_why(office: Office) -> None:
    ticket = asks(office, 4700)
    office.customer_answers(ticket, "No")
    office.settle(hours=80)
    assert office.refunds() == []
    assert "the customer said no" in office.notes(ticket)[-1]
    assert office.states()[0][0] == "handed_over"
    assert len(office.replies(ticket)) == 1


@on_both
@pytest.mark.parametrize("also", ["One more thing: thank you.", "What is your address, by the way?"])
def test_a_no_counts_whatever_else_they_write_before_it_is_read(office: Office, also: str) -> None:
    ticket = asks(office, 4700)
    office.clock.forward(minutes=5)
    office.writes("No", ticket=ticket)
    office.customer_answers(ticket, also)
    assert "the customer said no" in office.notes(ticket)[-1]
    office.customer_answers(ticket, "YES")
    office.settle(hours=80)
    assert office.refunds() == []


@on_both
def test_person_reaches_one_at_once(office: Office) -> None:
    ticket = asks(office, 4700)
    office.customer_answers(ticket, "person")
    assert "the customer asks for a person" in office.notes(ticket)[-1]
    assert office.refunds() == []


@on_both
def test_an_unclear_answer_is_asked_about_once_and_then_for_a_person(office: Office) -> None:
    ticket = asks(office, 4700)
    office.customer_answers(ticket, "yes but only if it is quick")
    assert len(office.replies(ticket)) == 2
    assert "could not read a clear yes or no" in office.replies(ticket)[1]
    office.customer_answers(ticket, "yes maybe, whatever")
    assert len(office.replies(ticket)) == 2
    assert "neither yes nor no" in office.notes(ticket)[-1]
    assert office.refunds() == []


def test_a_yes_after_the_clarification_does_it(office: Office) -> None:
    ticket = asks(office, 4700)
    office.customer_answers(ticket, "yes but only if it is quick")
    office.customer_answers(ticket, "YES")
    assert office.refunded() == {"usd": 4700}


@on_both
def test_without_an_answer_there_is_one_reminder_and_then_a_person(office: Office) -> None:
    ticket = asks(office, 4700)
    office.settle(hours=80)
    assert len(office.replies(ticket)) == 2
    assert "A reminder: we are still waiting for your answer." in office.replies(ticket)[1]
    assert "did not answer in time" in office.notes(ticket)[-1]
    assert office.states()[0][0] == "handed_over"
    office.customer_answers(ticket, "YES")
    office.settle()
    assert office.refunds() == []


@on_both
def test_a_lost_timer_is_found_by_the_sweep(office: Office) -> None:
    ticket = asks(office, 4700)
    office.clock.forward(minutes=2)
    office.run()
    with office.engine.begin() as c:
        c.exec_driver_sql("delete from procrastinate_events")
        c.exec_driver_sql("delete from procrastinate_jobs")
    office.clock.forward(hours=73)
    office.sweep()
    office.run()
    assert "did not answer in time" in office.notes(ticket)[-1]


@on_both
def test_a_yes_of_somebody_else_is_no_yes(office: Office) -> None:
    ticket = asks(office, 4700)
    office.customer_answers(ticket, "YES", email="erin@example.com")
    office.settle(hours=3)
    assert office.refunds() == []


@on_both
def test_a_nudge_keeps_the_wait_and_asks_nobody_again(office: Office) -> None:
    ticket = asks(office, 4700)
    office.customer_answers(ticket, "Hello, any news about this ticket of mine please?")
    office.settle(hours=3)
    assert len(office.replies(ticket)) == 1
    assert [wait.state for wait in waiting(office)] == ["open"]
    office.customer_answers(ticket, "yes")
    assert office.refunded() == {"usd": 4700}


@on_both
def test_with_someone_in_copy_nobody_is_asked_and_a_person_does_it(office: Office) -> None:
    office.double_charge(4700)
    office.planner.always = lambda case: TWICE
    ticket = office.handle(ccs=["erin@example.com"])
    assert office.replies(ticket) == []
    assert "other people are in copy" in office.notes(ticket)[0]
    assert office.states()[0][0] == "handed_over"


def small_needs_agent(office: Office) -> int:
    """An unproven claim of 18.00: a colleague approves, the customer need not."""
    office.charge(1800)
    office.planner.always = lambda case: {"actions": [refund("c1", claim="goodwill", quote="my money back")]} if (
        "charged twice" in case.asked()) else {"nothing_asked": True}
    return office.handle()


@on_both
def test_a_colleague_approves_and_it_is_done_and_told(office: Office) -> None:
    ticket = small_needs_agent(office)
    assert office.refunds() == []
    assert "a colleague approves or declines it in Deskhand's sidebar" in office.notes(ticket)[0]
    approve(office, AGENT)
    assert office.refunded() == {"usd": 1800}
    assert "approved by Mia" in office.notes(ticket)[-1]
    assert len(office.replies(ticket)) == 1


@on_both
def test_an_approval_is_for_one_sending_and_is_not_given_twice(office: Office) -> None:
    small_needs_agent(office)
    (wait,) = waiting(office)
    approve(office, AGENT)
    with pytest.raises(NotNow, match="Already approved by Mia"):
        approval.approve(office.desk, wait.id, wait.shown, LEAD)
    office.settle()
    assert office.refunded() == {"usd": 1800}


@on_both
def test_both_duties_ask_the_colleague_first_and_the_customer_second(office: Office) -> None:
    ticket = asks(office, 18000)
    assert office.replies(ticket) == []
    approve(office, LEAD)
    assert office.refunds() == []
    assert "USD 180.00" in office.replies(ticket)[0]
    assert "Lena Lead approved it; the customer was asked for a yes" in office.notes(ticket)[-1]
    office.customer_answers(ticket, "yes")
    assert office.refunded() == {"usd": 18000}


def test_a_lesser_role_is_refused_and_told_who_can(office: Office) -> None:
    asks(office, 18000)
    (wait,) = waiting(office)
    for nobody in (AGENT, Colleague("80", "Light", None)):
        with pytest.raises(NotAllowed, match="Only a lead or finance can approve this"):
            approval.approve(office.desk, wait.id, wait.shown, nobody)
    assert waiting(office)[0].state == "open"


def test_a_lesser_amount_may_be_approved_within_the_lesser_role(office: Office) -> None:
    ticket = asks(office, 18000)
    with pytest.raises(NotAllowed):
        approve(office, AGENT, 15000)
    with pytest.raises(NotNow, match="not raised"):
        approve(office, LEAD, 18001)
    approve(office, LEAD, 12000)
    assert "USD 120.00" in office.replies(ticket)[0]
    office.customer_answers(ticket, "yes")
    assert office.refunded() == {"usd": 12000}


@on_both
def test_less_than_was_asked_for_is_told_as_a_part_of_it_and_a_colleague_says_why(
        an_office: Callable[..., Office]) -> None:
    office = an_office(choices=Choices(senders_checked=CHECKED, replies=Replies(solve_when_done=True)))
    ticket = small_needs_agent(office)
    approve(office, AGENT, 500)
    assert office.refunded() == {"usd": 500}
    assert ("We have sent USD 5.00 back to your Visa ending in 4242. This is part of the USD 18.00 you asked for."
            in office.replies(ticket)[-1])
    note = office.notes(ticket)[-1]
    assert note.startswith("Deskhand: refunded USD 5.00 of the USD 18.00 asked for, to Visa ending in 4242 (re_")
    assert "Next: tell the customer why it is less than they asked for" in note
    assert office.ticket(ticket)["status"] != "solved"


@on_both
def test_a_question_about_less_names_what_was_asked_for(office: Office) -> None:
    ticket = asks(office, 18000)
    approve(office, LEAD, 9000)
    assert ("We’re ready to send USD 90.00 back to your Visa ending in 4242. This is part of the USD 180.00 you asked "
            "for." in office.replies(ticket)[0])
    assert "refund USD 90.00 of charge ch_sbx000002" in office.notes(ticket)[-1]
    assert "less than the USD 180.00 asked for" in office.notes(ticket)[-1]
    assert "why it is less" not in office.notes(ticket)[-1]
    office.customer_answers(ticket, "YES")
    assert "This is part of the USD 180.00 you asked for." in office.replies(ticket)[1]
    assert "Next: tell the customer why it is less than they asked for" in office.notes(ticket)[-1]


@on_both
def test_declined_with_a_reason_it_is_a_note_and_nothing_happens(office: Office) -> None:
    ticket = small_needs_agent(office)
    (wait,) = waiting(office)
    with pytest.raises(NotNow, match="Say why"):
        approval.decline(office.desk, wait.id, wait.shown, AGENT, "  ")
    approval.decline(office.desk, wait.id, wait.shown, AGENT, "no damage is visible")
    office.run()
    assert office.refunds() == []
    assert "Mia declined it: “no damage is visible”" in office.notes(ticket)[-1]
    assert office.states()[0][0] == "handed_over"


@on_both
@pytest.mark.parametrize("before", ["", "x" * 488])
def test_a_card_number_in_the_reason_of_a_decline_is_kept_nowhere(office: Office, before: str) -> None:
    ticket = small_needs_agent(office)
    (wait,) = waiting(office)
    approval.decline(office.desk, wait.id, wait.shown, AGENT, f"{before} {CARD} cvv 917, he told me on the phone")
    office.run()
    with office.engine.begin() as c:
        made = live_report(c, LiveTickets(office.desk, office.clock() - timedelta(days=1), office.clock()))
    told = "\n".join([*office.notes(ticket), *(one.reason for one in made.lessons), page(made)])
    assert f"Mia declined it: “{before + ' ' if before else ''}[card end" in told
    assert CARD[:9] not in told
    assert "917" not in told


@on_both
@pytest.mark.parametrize("fault", ["timeout_before", "timeout_after"])
def test_a_note_whose_answer_was_lost_does_not_stay_unknown_when_a_colleague_declines_before_it_was_looked_for(
        office: Office, fault: str) -> None:
    office.fault_at([*office.side.updates.values()][-1], fault)
    ticket = small_needs_agent(office)
    (wait,) = waiting(office)
    approval.decline(office.desk, wait.id, wait.shown, AGENT, "no damage is visible")
    office.settle(hours=80)
    with office.engine.begin() as c:
        states = c.execute(select(operations.c.state).where(operations.c.kind == "ticket_update")).scalars().all()
    assert sorted(states) == ["done", {"timeout_before": "dropped", "timeout_after": "done"}[fault]]
    assert len(office.notes(ticket)) == {"timeout_before": 1, "timeout_after": 2}[fault]
    assert "Mia declined it" in office.notes(ticket)[-1]


def test_what_was_declined_and_why_is_a_lesson_in_the_report(office: Office) -> None:
    small_needs_agent(office)
    (wait,) = waiting(office)
    approval.decline(office.desk, wait.id, wait.shown, AGENT, "no damage is visible")
    office.run()
    with office.engine.begin() as c:
        made = live_report(c, LiveTickets(office.desk, office.clock() - timedelta(days=1), office.clock.moment))
        assert made.lessons == ()
        office.clock.forward(minutes=1)
        made = live_report(c, LiveTickets(office.desk, office.clock() - timedelta(days=1), office.clock()))
    (lesson,) = made.lessons
    assert (lesson.action, lesson.by, lesson.reason) == ("refund", "Mia", "no damage is visible")
    assert "claim-unproven" in lesson.rules
    assert "no damage is visible" in page(made)


@on_both
def test_switched_off_after_the_approval_nothing_is_done_and_the_note_says_so(office: Office) -> None:
    ticket = small_needs_agent(office)
    office.policy = load(POLICY)
    approve(office, AGENT)
    assert office.refunds() == []
    assert "approved by Mia but not done" in office.notes(ticket)[-1]
    assert "Why it stopped: this action was switched off meanwhile" in office.notes(ticket)[-1]


def test_what_was_not_seen_is_not_approved(office: Office) -> None:
    asks(office, 18000)
    (wait,) = waiting(office)
    with pytest.raises(NotNow, match="changed"):
        approval.approve(office.desk, wait.id, "0" * 64, LEAD)


@on_both
@pytest.mark.parametrize("approved", [True, False])
def test_what_was_done_at_once_is_told_once_however_long_a_colleague_is_waited_for(
        office: Office, approved: bool) -> None:
    """A reminder of the colleague, or that none answered, is no news for the customer; the refund is."""
    office.charge(1800)
    phone = {"kind": "contact_change", "contact": "k1", "field": "phone", "value": "+49 30 7654321",
             "quote": "my number"}
    office.planner.always = lambda case: {"actions": [refund("c1", claim="goodwill", quote="money back"), phone]} if (
        "my number" in case.asked()) else {"nothing_asked": True}
    ticket = office.handle("Could I get my money back? And my number is +49 30 7654321 now.")
    (told,) = office.replies(ticket)
    assert "We have changed your phone number to +49 30 7654321." in told
    office.settle(hours=6)
    assert office.notes(ticket)[-1].startswith("Deskhand reminds you: ")
    if approved:
        approve(office, LEAD)
    office.settle(hours=80)
    assert office.refunded() == ({"usd": 1800} if approved else {})
    assert [("We have sent USD 18.00" in reply) for reply in office.replies(ticket)] == [False, True][:1 + approved]


@on_both
def test_too_late_it_is_for_a_person(office: Office) -> None:
    ticket = small_needs_agent(office)
    (wait,) = waiting(office)
    office.settle(hours=80)
    with pytest.raises(NotNow, match="time to answer is up"):
        approval.approve(office.desk, wait.id, wait.shown, LEAD)
    assert sum(note.startswith("Deskhand reminds you: waiting to ") for note in office.notes(ticket)) == 1
    assert "did not answer in time" in office.notes(ticket)[-1]


@on_both
def test_approved_after_someone_refunded_by_hand_nothing_is_refunded_again(office: Office) -> None:
    ticket = small_needs_agent(office)
    charge = office.stripe.books()["charges"][0]["id"]
    office.happens("stripe", "dashboard_refund", charge=charge, amount=1800)
    approve(office, AGENT)
    assert office.refunded() == {"usd": 1800}
    assert "approved by Mia but not done" in office.notes(ticket)[-1]


@on_both
def test_approved_while_paused_it_waits_and_goes_on(office: Office) -> None:
    small_needs_agent(office)
    with office.engine.begin() as c:
        c.exec_driver_sql("insert into switches (action, paused, by, at) values ('refund', true, 'Ana', now())")
    approve(office, AGENT)
    assert office.refunds() == []
    with office.engine.begin() as c:
        c.exec_driver_sql("update switches set paused = false")
    office.settle(hours=2)
    assert office.refunded() == {"usd": 1800}


@on_both
def test_the_customer_writes_something_else_and_what_was_asked_of_a_colleague_is_void(office: Office) -> None:
    ticket = small_needs_agent(office)
    (wait,) = waiting(office)
    office.planner.always = lambda case: {"actions": [refund("c1", amount="9.00", claim="goodwill", quote="half")]}
    office.customer_answers(ticket, "I was charged twice, half of it would be fine too.")
    with pytest.raises(NotNow, match="no longer waited for"):
        approval.approve(office.desk, wait.id, wait.shown, LEAD)
    approve(office, AGENT)
    assert office.refunded() == {"usd": 900}


def test_in_draft_mode_a_colleague_presses(an_office: Callable[..., Office]) -> None:
    office = an_office(policy=POLICY.replace("mode: shadow", "mode: draft"))
    ticket = asks(office, 1800)
    assert office.refunds() == []
    approve(office, AGENT)
    assert office.refunded() == {"usd": 1800}
    assert "approved by Mia" in office.notes(ticket)[-1]


@on_both
def test_taking_the_ticket_does_not_take_the_card_away_but_answering_does(office: Office) -> None:
    ticket = small_needs_agent(office)
    office.at_desk("agent_sets", ticket=ticket, agent=AGENT_MAIL, assignee=AGENT_MAIL)
    office.event(ticket)
    office.run()
    assert [wait.state for wait in waiting(office)] == ["open"]
    office.at_desk("agent_replies", ticket=ticket, agent=AGENT_MAIL, body="I take care of it.")
    office.event(ticket)
    office.run()
    assert [wait.state for wait in waiting(office, ("open", "away"))] == ["away"]


@on_both
def test_a_handoff_has_a_reply_to_begin_with_and_moves_the_ticket_only_where_the_admin_says(
        an_office: Callable[..., Office]) -> None:
    office = an_office(choices=Choices(senders_checked=CHECKED, handoff=Handoff(priority="high", tags=("tier_2",))))
    ticket = asks(office, 4700)
    office.customer_answers(ticket, "no")
    assert "A reply to begin with: “Hello Dana, Thank you for your answer. We have not gone ahead" in (
        office.notes(ticket)[-1])
    assert office.ticket(ticket)["priority"] == "high"
    assert "tier_2" in office.ticket(ticket)["tags"]
