"""What was done beside something that still waits is told to the customer once, by whichever reply comes first."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Engine

from agent.consent import approval, taking_over, undoing
from agent.policy import load
from agent.proposal import Case
from tests.journeys.conftest import on_both
from tests.journeys.office import AGENT, DANA, POLICY, Office, execute, refund
from tests.journeys.test_consent import AGENT as MIA
from tests.journeys.test_consent import LEAD, approve, waiting
from tests.journeys.test_consent_attacked import paused
from tests.journeys.test_consent_bound import BOTH, STREET, two_asks
from tests.journeys.test_undo import NEW, PHONE, kept
from tests.webhooks.opened import OpenOffice

SMALL, LARGE = "We have sent USD 18.00 back", "We have sent USD 47.00 back"
QUESTION = "We’re ready to send USD 47.00 back"
PERSON = "A colleague will "
QUOTE = "please refund the second one"
ABOUT_IT = "back to your Visa ending in 4242{}. A colleague will write to you about it."


def one_is_done_and_one_is_asked_for(office: Office) -> Any:
    office.double_charge(1800)
    for ago in ("-100m", "-90m"):
        office.charge(4700, email=DANA, ago=ago)
    both = {"actions": [refund("c2", quote="please refund the second one"),
                        refund("c4", quote="please refund the second one")]}
    office.planner.always = lambda case: both if "charged twice" in case.asked() else {"nothing_asked": True}
    ticket = office.handle()
    (first,) = office.replies(ticket)
    assert SMALL in first
    assert QUESTION in first
    return ticket


@on_both
def test_the_reply_to_a_yes_tells_what_the_yes_did(office: Office) -> None:
    ticket = one_is_done_and_one_is_asked_for(office)
    office.customer_answers(ticket, "YES")
    _, second = office.replies(ticket)
    assert LARGE in second
    assert SMALL not in second
    assert PERSON not in second
    assert "refunded USD 18.00" in office.notes(ticket)[-1]
    assert "Customer told: yes" in office.notes(ticket)[-1]


@on_both
def test_neither_a_reminder_nor_the_end_of_the_wait_tells_it_again(office: Office) -> None:
    ticket = one_is_done_and_one_is_asked_for(office)
    office.settle(hours=200, step=3600)
    _, reminder, end = office.replies(ticket)
    assert QUESTION in reminder
    assert SMALL not in reminder + end
    assert "We have not sent USD 47.00 " + ABOUT_IT.format(", as we had no answer from you") in end
    assert "the customer was told that someone will" in office.notes(ticket)[-1]


def test_a_no_leaves_the_rest_to_a_colleague(office: Office) -> None:
    ticket = one_is_done_and_one_is_asked_for(office)
    office.customer_answers(ticket, "No")
    _, second = office.replies(ticket)
    assert SMALL not in second
    assert "As you asked, we have not sent USD 47.00 " + ABOUT_IT.format("") in second
    assert "the customer was told that someone will" in office.notes(ticket)[-1]


def test_a_no_to_less_than_was_asked_for_names_what_they_were_asked(office: Office) -> None:
    office.double_charge(1800)
    for ago in ("-100m", "-90m"):
        office.charge(18000, email=DANA, ago=ago)
    both = {"actions": [refund("c2", quote=QUOTE), refund("c4", quote=QUOTE)]}
    office.planner.always = lambda case: both if "charged twice" in case.asked() else {"nothing_asked": True}
    ticket = office.handle()
    approve(office, LEAD, 9000)
    office.customer_answers(ticket, "No")
    assert not any("USD 180.00 back" in reply for reply in office.replies(ticket))
    assert "refund USD 90.00 of charge" in office.notes(ticket)[-1]
    assert "less than the USD 180.00 asked for" in office.notes(ticket)[-1]


def test_a_change_that_was_declined_is_named(office: Office) -> None:
    two_asks(office, STREET)
    ticket = office.handle(BOTH)
    assert "We’re ready to change your postal code to 10115." in office.replies(ticket)[0]
    office.customer_answers(ticket, "No")
    assert ("As you asked, we have not changed your postal code to 10115. A colleague will write to you about it."
            in office.replies(ticket)[1])


def test_a_refund_that_a_person_is_asked_about_is_named(office: Office) -> None:
    ticket = one_is_done_and_one_is_asked_for(office)
    office.customer_answers(ticket, "person")
    assert ("A colleague will write to you about your request for a refund of USD 47.00."
            in office.replies(ticket)[1])


@on_both
def test_what_a_lost_reply_had_told_is_told_by_the_next_one(office: Office) -> None:
    office.double_charge(1800)
    office.charge(6000, email=DANA, ago="-100m")
    both = {"actions": [refund("c2", quote="please refund the second one"),
                        refund("c3", amount="15.00", claim="goodwill", quote="please refund the second one")]}
    office.planner.always = lambda _: both
    method, path = ("PUT", "/tickets/") if office.side.vendor == "zendesk" else ("POST", "/composite/batch")
    office.fault(office.side.vendor, "phantom_200", method, path)
    ticket = office.handle()
    approve(office, MIA)
    office.settle(step=60, hours=2)
    told = "\n".join(office.replies(ticket))
    assert told.count(SMALL) == 1
    assert told.count("We have sent USD 15.00 back") == 1
    assert "Customer told: yes" in office.notes(ticket)[-1]


def loses_the_answer_to_its_reply(office: Office) -> None:
    """The customer has it, and for two minutes the helpdesk cannot be asked whether they do."""
    if office.side.vendor == "zendesk":
        office.fault("zendesk", "timeout_after", "PUT", "/tickets/")
        office.fault("zendesk", "503", "GET", "/tickets/", times=8)
    else:
        office.fault("salesforce", "timeout_after", "POST", "/composite/batch")
        office.fault("salesforce", "503", "GET", ".*", times=8)


def a_goodwill_is_asked_for_beside(office: Office, amount: int) -> Any:
    """A duplicate, and USD 15.00 that a colleague must approve; the answer to the first reply is lost."""
    office.double_charge(amount)
    office.charge(6000, email=DANA, ago="-100m")
    both = {"actions": [refund("c2", quote=QUOTE), refund("c3", amount="15.00", claim="goodwill", quote=QUOTE)]}

    def plan(case: Case) -> dict[str, Any]:
        if "charged twice" not in case.asked():
            return {"nothing_asked": True}
        loses_the_answer_to_its_reply(office)
        return both
    office.planner.always = plan  # type: ignore[attr-defined]
    ticket = office.handle()
    assert len(office.replies(ticket)) == 1
    return ticket


def approves_the_goodwill(office: Office) -> None:
    (wait,) = (one for one in waiting(office) if one.for_whom != "customer")
    approval.approve(office.desk, wait.id, wait.shown, MIA)


@on_both
def test_what_a_reply_told_whose_answer_was_lost_is_not_told_by_the_next_one(office: Office) -> None:
    ticket = a_goodwill_is_asked_for_beside(office, 1800)
    approves_the_goodwill(office)
    office.settle(step=60, hours=4)
    told = "\n".join(office.replies(ticket))
    assert told.count(SMALL) == 1
    assert told.count("We have sent USD 15.00 back") == 1
    assert "Customer told: yes" in office.notes(ticket)[-1]


@on_both
def test_what_a_reply_asked_whose_answer_was_lost_is_not_asked_by_the_next_one(office: Office) -> None:
    ticket = a_goodwill_is_asked_for_beside(office, 4700)
    approves_the_goodwill(office)
    office.settle(step=60, hours=4)
    told = "\n".join(office.replies(ticket))
    assert told.count(QUESTION) == 1
    assert told.count("We have sent USD 15.00 back") == 1
    office.settle(hours=30)
    assert "\n".join(office.replies(ticket)).count(QUESTION) == 2  # the one reminder
    office.customer_answers(ticket, "YES")
    assert office.refunded() == {"usd": 6200}


@on_both
def test_who_was_asked_before_a_colleague_took_over_is_not_asked_again(office: Office) -> None:
    ticket = a_goodwill_is_asked_for_beside(office, 4700)
    taking_over.take_over(office.desk, office.ref(ticket), MIA)
    office.settle(step=60, hours=2)
    taking_over.give_back(office.desk, office.ref(ticket), MIA)
    office.settle(step=60, hours=2)
    assert "\n".join(office.replies(ticket)).count(QUESTION) == 1
    office.customer_answers(ticket, "YES")
    assert office.refunded() == {"usd": 4700}


def three_are_asked_for(office: Office) -> Any:
    """USD 18 is done, USD 47 is the customer's to answer, USD 15 a colleague's."""
    office.double_charge(1800)
    for ago in ("-100m", "-90m"):
        office.charge(4700, email=DANA, ago=ago)
    office.charge(6000, email=DANA, ago="-80m")
    asked = {"actions": [refund("c2", quote=QUOTE), refund("c4", quote=QUOTE),
                         refund("c5", amount="15.00", claim="goodwill", quote=QUOTE)]}
    office.planner.always = lambda case: asked if "charged twice" in case.asked() else {"nothing_asked": True}
    return office.handle()


@pytest.mark.parametrize("approves", [True, False])
def test_what_the_customer_is_asked_for_is_no_colleagues_to_write_about(office: Office, approves: bool) -> None:
    ticket = three_are_asked_for(office)
    assert PERSON in office.replies(ticket)[0]
    (wait,) = (one for one in waiting(office) if one.for_whom != "customer")
    if approves:
        approval.approve(office.desk, wait.id, wait.shown, LEAD)
    else:
        approval.decline(office.desk, wait.id, wait.shown, LEAD, "not this one")
    office.run()
    later = office.replies(ticket)[1:]
    assert ["We have sent USD 15.00" in reply for reply in later] == [True] * approves
    assert not any(PERSON in reply for reply in later)
    office.customer_answers(ticket, "YES")
    assert LARGE in office.replies(ticket)[-1]


@on_both
def test_a_refund_that_fell_through_while_something_waits_is_handed_over_once(office: Office) -> None:
    """Whoever paid it another way since would pay it twice."""
    ticket = one_is_done_and_one_is_asked_for(office)
    office.happens("stripe", "fail_refund", refund=office.refunds()[0]["id"])
    office.days_pass(1)
    assert ["pay it by hand" in note for note in office.notes(ticket)].count(True) == 1
    office.customer_answers(ticket, "YES")
    note, reply = office.notes(ticket)[-1], office.replies(ticket)[-1]
    assert "made as re_sbx000001: it failed after it was done, which was handed over then" in note
    assert "see in the note of that day whether the customer has got this money another way by now" in note
    assert "do it by hand" not in note
    assert "refused it" not in note
    assert LARGE in reply
    assert PERSON not in reply


def test_what_was_undone_is_for_a_colleague_to_tell_and_no_promise(office: Office) -> None:
    office.charge(1800)
    both = {"actions": [PHONE, refund("c1", claim="goodwill", quote="money back")]}
    office.planner.always = lambda case: both if "new number" in case.asked() else {"nothing_asked": True}
    ticket = office.handle(f"My new number is {NEW}. Could I get my money back?")
    assert NEW in office.replies(ticket)[0]
    done = kept(office, "contact_change")[0]
    undoing.undo(office.desk, done.id, undoing.receipt_digest(office.desk, done), LEAD)
    office.run()
    approve(office, LEAD)
    office.settle(hours=1)
    assert SMALL in office.replies(ticket)[1]
    assert PERSON not in office.replies(ticket)[1]
    assert "Next: tell the customer, who was told of it, that this was undone: changed the contact's phone" in \
        office.notes(ticket)[-1]


def test_one_answer_for_two_questions_is_said_so_and_an_unclear_one_is_for_a_person(office: Office) -> None:
    for ago in ("-120m", "-110m", "-100m", "-90m"):
        office.charge(4700 if ago in ("-120m", "-110m") else 4900, email=DANA, ago=ago)
    asked = {"actions": [refund("c2", quote=QUOTE), refund("c4", quote=QUOTE)]}
    office.planner.always = lambda case: asked if "charged twice" in case.asked() else {"nothing_asked": True}
    ticket = office.handle()
    (question,) = office.replies(ticket)
    assert question.count("Please reply YES") == 1
    assert "One YES is a yes to all of this; if you want only a part of it, please tell us which." in question
    office.customer_answers(ticket, "Yes to the first, no to the second")
    assert office.refunds() == []
    assert office.states()[0][0] == "handed_over"
    assert "since then the customer wrote “Yes to the first, no to the second”" in office.notes(ticket)[-1]
    assert not any("clear yes or no" in reply for reply in office.replies(ticket))


@on_both
def test_what_was_told_is_not_called_untold_where_a_colleague_answers(office: Office) -> None:
    ticket = one_is_done_and_one_is_asked_for(office)
    paused(office, on=True)
    office.customer_answers(ticket, "YES")
    office.clock.forward(minutes=5)
    office.at_desk("agent_replies", ticket=ticket, agent=AGENT, body="I take over the rest.")
    office.event(ticket)
    office.run()
    assert "Customer NOT told" not in office.notes(ticket)[-1]
    assert "Customer told: yes, the helpdesk recorded the notification on 20 Nov 09:00 UTC" in office.notes(ticket)[-1]


def test_a_colleague_reads_what_a_customer_wrote_beside_their_no(office: Office) -> None:
    ticket = one_is_done_and_one_is_asked_for(office)
    office.customer_answers(ticket, "No. Please change the other one instead")
    assert "; since then the customer wrote “No. Please change the other one instead”" in office.notes(ticket)[-1]


@on_both
def test_a_handoff_says_that_the_customer_was_told_of_a_colleague(office: Office) -> None:
    """Whoever believes that nobody was told anything leaves a promise to wait."""
    office.double_charge(1800)
    for ago in ("-100m", "-90m"):
        office.charge(4700, ago=ago)
    office.happens("stripe", "dispute", charge="ch_sbx000002")
    asked = {"actions": [refund("c2", quote=QUOTE), refund("c4", quote=QUOTE)]}
    office.planner.always = lambda case: asked if "charged twice" in case.asked() else {"nothing_asked": True}
    ticket = office.handle()
    office.settle(hours=200, step=3600)
    assert all(PERSON in reply for reply in office.replies(ticket))
    assert len(office.replies(ticket)) == 2
    note = office.notes(ticket)[-1]
    assert note.startswith("Deskhand hands this over to you.")
    assert ("; the customer was told on 20 Nov 09:00 UTC that a colleague will write; they have not been told that "
            "this stopped") in note
    assert "the customer was not told" not in note


def test_the_sidebar_names_why_each_was_not_done(engine: Engine) -> None:
    office = OpenOffice(engine)
    office.double_charge(1800)
    for ago in ("-100m", "-90m"):
        office.charge(4700, email=DANA, ago=ago)
    office.happens("stripe", "dispute", charge="ch_sbx000002")
    asked = {"actions": [refund("c2", quote=QUOTE), refund("c4", quote=QUOTE)]}
    office.script(lambda case: asked if "charged twice" in case.asked() else {"nothing_asked": True})
    ticket = office.handle()
    assert "NOT done: refund USD 18.00" in office.notes(ticket)[-1]
    office.customer_answers(ticket, "No")
    words = office.seat(ticket=ticket).state()["words"]
    assert "isput" in words
    assert "customer said no" in words


def test_what_is_switched_off_beside_what_is_done_is_a_persons_and_never_told_as_done(office: Office) -> None:
    head, _, contact = execute(POLICY).partition("  contact_change:")
    office.policy = load(f"{head}  contact_change:{contact.replace('mode: execute', 'mode: off', 1)}")
    office.double_charge()
    office.planner.always = lambda case: {"actions": [refund("c2", quote="refund the second one"), PHONE]}
    ticket = office.handle(f"I was charged twice, please refund the second one. My new number is {NEW}.")
    approve(office, LEAD)
    assert office.refunded() == {"usd": 1800}
    assert "NOT done: change the contact's phone" in office.notes(ticket)[-1]
    assert "nothing to do" not in office.notes(ticket)[-1]
    assert "A colleague" in office.replies(ticket)[0]
    assert office.states()[0][0] == "handed_over"
