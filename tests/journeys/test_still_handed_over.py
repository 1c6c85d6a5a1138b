"""What was handed over stays with the person until a colleague acts, whatever the customer asks for next."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine

from agent.consent import taking_over
from agent.desk import Choices, Handoff, Replies
from tests.journeys.conftest import on_both
from tests.journeys.office import AGENT, CHECKED, DANA, Office, refund
from tests.journeys.test_consent import LEAD, approve
from tests.journeys.test_later import fails
from tests.journeys.test_undo import NEW, PHONE
from tests.webhooks.opened import OpenOffice

SOLVING = Choices(senders_checked=CHECKED, replies=Replies(solve_when_done=True),
                  handoff=Handoff(priority="high", tags=("tier_2",)))
ASKED = "I was charged twice for order 1042, please refund the second one. And change the delivery slot."
STILL = "still with you: what was handed over on 20 Nov 09:00 UTC"
REST = {"actions": [refund("c2", quote="please refund the second one")], "uncovered": ["change the delivery slot"]}
THREAT = {"actions": [refund("c2", quote="please refund the second one")], "signals": ["legal_threat"]}


def handed_over(office: Office, first: dict[str, Any] = REST) -> Any:
    """The customer's first mail leaves something to a person; what they may ask for later is a new phone number."""
    office.double_charge()
    number = {"actions": [PHONE], "category": "contact_details"}
    office.planner.always = lambda case: number if "new number" in case.asked() else (  # type: ignore[attr-defined]
        first if "charged twice" in case.asked() else {"nothing_asked": True})
    ticket = office.side.solvable(AGENT, email=DANA, subject="A question", channel="email", body=ASKED)
    office.first = ticket
    office.event(ticket)
    office.run()
    assert office.states()[0][0] == "handed_over"
    return ticket


def a_new_number(office: Office, ticket: Any) -> str:
    """Asked for five minutes later, and done; the note that tells of it."""
    office.customer_answers(ticket, f"One more thing: my new number is {NEW}.")
    note = office.notes(ticket)[-1]
    assert f"changed the contact's phone from “+49 30 1234567” to “{NEW}”" in note
    assert NEW in office.replies(ticket)[-1]
    return note


def is_with_a_person(office: Office, ticket: Any) -> bool:
    after = office.ticket(ticket)
    tags = {tag for tag in after["tags"] if tag.startswith("deskhand")}
    return (tags, office.states()[0][0]) == ({"deskhand_handed_over"}, "handed_over") and after["status"] != "solved"


@on_both
@pytest.mark.parametrize("first", [REST, THREAT])
def test_a_later_small_request_leaves_the_ticket_with_the_person(
        an_office: Callable[..., Office], first: dict[str, Any]) -> None:
    office = an_office(choices=SOLVING)
    ticket = handed_over(office, first)
    note = a_new_number(office, ticket)
    office.settle()
    assert is_with_a_person(office, ticket)
    assert note.splitlines()[0].endswith(f"; {STILL}")
    assert "Next: see the note of that day, and go on with what was handed over then. Undo" in note
    assert "NOT done" not in note
    assert "A colleague will get back to you" not in office.replies(ticket)[-1]
    assert len(office.notes(ticket)) == 2


def test_it_is_not_moved_to_a_group_or_priority_again(an_office: Callable[..., Office]) -> None:
    office = an_office(choices=SOLVING)
    ticket = handed_over(office)
    assert (office.ticket(ticket)["priority"], "tier_2" in office.ticket(ticket)["tags"]) == ("high", True)
    office.at_desk("agent_sets", ticket=ticket, agent=AGENT, priority="low")
    a_new_number(office, ticket)
    assert office.ticket(ticket)["priority"] == "low"


def test_a_third_request_still_names_the_first_handoff(office: Office) -> None:
    ticket = handed_over(office)
    a_new_number(office, ticket)
    office.planner.always = lambda case: {"actions": [refund("c1", claim="goodwill", quote="the first one too")]}  # type: ignore[attr-defined]
    office.customer_answers(ticket, "Could I get the first one too?")
    approve(office, LEAD)
    assert len(office.refunds()) == 2
    assert STILL in office.notes(ticket)[-1]
    assert is_with_a_person(office, ticket)


def test_what_waits_beside_it_is_asked_and_the_handoff_told(office: Office) -> None:
    ticket = handed_over(office, THREAT)
    office.planner.always = lambda case: {"actions": [refund("c2", claim="goodwill", quote="the second one")]}  # type: ignore[attr-defined]
    office.customer_answers(ticket, "Sorry for that. Could I please get the second one back?")
    note = office.notes(ticket)[-1]
    assert "approves or declines it in Deskhand's sidebar" in note
    assert STILL in note
    assert "the customer was told that someone will" not in note
    assert is_with_a_person(office, ticket)


def test_another_handoff_says_that_the_first_one_stands_too(office: Office) -> None:
    ticket = handed_over(office)
    office.happens("stripe", "dispute", charge="ch_sbx000001")
    office.planner.always = lambda case: {"actions": [refund("c1", quote="the first one too")]}  # type: ignore[attr-defined]
    office.customer_answers(ticket, "Refund the first one too.")
    lines = office.notes(ticket)[-1].splitlines()
    assert lines[0].startswith("Deskhand hands this over to you.")
    assert "test/payments/ch_sbx000001); see the note of that day, and go on with what was handed over" in lines[3]
    assert STILL in lines[4]
    assert "Your request needs a closer look" in lines[3]


def test_what_fell_through_later_stays_with_the_person_as_well(an_office: Callable[..., Office]) -> None:
    office = an_office(choices=SOLVING)
    ticket = refunded(office)
    fails(office)
    office.days_pass(1)
    assert "pay it by hand" in office.notes(ticket)[-1]
    office.planner.always = lambda case: {"actions": [PHONE], "category": "contact_details"}  # type: ignore[attr-defined]
    assert "still with you: what was handed over on 21 Nov" in a_new_number(office, ticket)
    assert is_with_a_person(office, ticket)


def refunded(office: Office) -> Any:
    office.double_charge()
    office.planner.always = lambda case: {"actions": REST["actions"]}  # type: ignore[attr-defined]
    return office.handle()


@on_both
@pytest.mark.parametrize("pressed", [taking_over.give_back, taking_over.run_again])
def test_after_a_colleague_gave_it_back_or_had_it_run_again_it_is_theirs_no_more(
        office: Office, pressed: Callable[..., None]) -> None:
    ticket = handed_over(office, THREAT)
    office.clock.forward(minutes=5)
    calm = {"actions": THREAT["actions"]}
    office.planner.always = lambda case: calm if "charged twice" in case.asked() else {  # type: ignore[attr-defined]
        "actions": [PHONE], "category": "contact_details"}
    pressed(office.desk, office.ref(ticket), LEAD)
    office.run()
    assert "still with you" not in a_new_number(office, ticket)
    assert office.states()[0][0] == "done"
    assert "deskhand_handed_over" not in office.ticket(ticket)["tags"]


def test_an_undo_of_what_was_given_back_hands_nothing_over_anew(office: Office) -> None:
    ticket = handed_over(office, THREAT)
    taking_over.give_back(office.desk, office.ref(ticket), LEAD)
    office.run()
    with office.engine.begin() as c:  # as an undo closes its plan once more
        c.exec_driver_sql("update proposals set closed_at = closed_at + interval '10 minutes'")
    assert "still with you" not in a_new_number(office, ticket)


def test_the_sidebar_says_what_is_still_with_the_person(engine: Engine) -> None:
    office = OpenOffice(engine)
    ticket = handed_over(office)
    a_new_number(office, ticket)
    state = office.seat(ticket=ticket).state()
    assert (state["status"], state["words"]) == (
        "handed_over", "Still with you: what was handed over on 20 Nov 2026 09:00 UTC. Please answer the customer.")
