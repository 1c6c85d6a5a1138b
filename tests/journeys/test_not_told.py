"""Where something was done and nothing proves that the customer was told, a person tells them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine

from agent.consent import taking_over
from agent.desk import Choices, Handoff
from tests.journeys.conftest import on_both
from tests.journeys.office import AGENT, CHECKED, DANA, Office, refund
from tests.journeys.test_consent import LEAD, asks
from tests.journeys.test_undo import NEW, PHONE
from tests.webhooks.opened import OpenOffice

MOVING = Choices(senders_checked=CHECKED, handoff=Handoff(priority="high", tags=("tier_2",)))
TELL = "Next: tell the customer what was done. Undo"
STILL = "still with you: what was handed over on 20 Nov 09:05 UTC"


def done_and_not_told(office: Office) -> Any:
    """Asked for a yes, which reached them; what was done on it did not. Later replies do."""
    return says_yes_and_is_not_told(office, asks(office, 4700), 4700)


def says_yes_and_is_not_told(office: Office, ticket: Any, then: int) -> Any:
    """Of what is done on it nothing reaches them; so much is refunded `then`."""
    office.side.tells_nobody()
    office.customer_answers(ticket, "YES")
    assert office.refunded() == {"usd": then}
    assert "Customer NOT told" in office.notes(ticket)[-1]
    office.side.tells_again()
    return ticket


def ours(office: Office, ticket: Any) -> set[str]:
    return {tag for tag in office.ticket(ticket)["tags"] if tag.startswith("deskhand") or tag == "tier_2"}


@on_both
def test_the_ticket_goes_to_a_person_whose_first_step_is_to_tell_them(an_office: Callable[..., Office]) -> None:
    office = an_office(choices=MOVING)
    ticket = done_and_not_told(office)
    assert TELL in office.notes(ticket)[-1]
    assert ours(office, ticket) == {"deskhand_handed_over", "tier_2"}
    assert office.ticket(ticket)["priority"] == "high"
    assert office.states()[0][0] == "done"


def test_a_colleague_who_is_on_the_ticket_already_sees_it_there(an_office: Callable[..., Office]) -> None:
    office = an_office(choices=MOVING)
    ticket = asks(office, 4700)
    office.fault("zendesk", "500_before", "PUT", "/tickets/", times=4)
    office.customer_answers(ticket, "YES")
    assert office.refunded() == {"usd": 4700}
    office.at_desk("agent_replies", ticket=ticket, agent=AGENT, body="I take it.")
    office.event(ticket)
    office.settle(hours=1)
    assert "Customer NOT told (a colleague is on the ticket)" in office.notes(ticket)[-1]
    assert TELL in office.notes(ticket)[-1]
    assert ours(office, ticket) == {"deskhand_done"}


def test_it_stays_with_the_person_when_the_customer_asks_for_something_else(office: Office) -> None:
    ticket = in_copy(office)
    assert TELL in office.notes(ticket)[-1]
    office.at_desk("agent_sets", ticket=ticket, agent=AGENT, ccs=[])
    office.planner.always = lambda case: {"actions": [PHONE], "category": "contact_details"}  # type: ignore[attr-defined]
    office.customer_answers(ticket, f"My new number is {NEW}.")
    assert "still with you: what was handed over on 20 Nov 09:00 UTC" in office.notes(ticket)[-1]
    assert ours(office, ticket) == {"deskhand_handed_over"}


@on_both
def test_a_question_that_reached_them_does_not_take_it_out_of_the_persons_hands(office: Office) -> None:
    ticket = done_and_not_told(office)
    assert STILL in a_new_number(office, ticket)
    assert ours(office, ticket) == {"deskhand_handed_over"}
    assert office.states()[0][0] == "handed_over"


@on_both
def test_nor_does_a_reply_that_tells_of_the_other_of_two(office: Office) -> None:
    ticket = one_of_two_told(office)
    assert STILL in a_new_number(office, ticket)
    assert ours(office, ticket) == {"deskhand_handed_over"}


@on_both
def test_what_a_reply_to_their_yes_has_told_is_with_nobody(office: Office) -> None:
    ticket = asks(office, 4700)
    office.customer_answers(ticket, "YES")
    assert "still with you" not in a_new_number(office, ticket)
    assert ours(office, ticket) == {"deskhand_done"}


@on_both
def test_given_back_by_who_told_them_it_is_with_nobody(office: Office) -> None:
    ticket = done_and_not_told(office)
    office.clock.forward(minutes=5)
    taking_over.give_back(office.desk, office.ref(ticket), LEAD)
    office.run()
    assert "still with you" not in a_new_number(office, ticket)
    assert ours(office, ticket) == {"deskhand_done"}


@on_both
@pytest.mark.parametrize("beside", [[], [refund("c1", claim="goodwill", quote="and the first one")]])
def test_an_answer_that_nobody_got_stays_with_who_is_to_answer(office: Office, beside: list[dict[str, Any]]) -> None:
    ticket = answered(office, beside)
    assert ours(office, ticket) == {"deskhand_handed_over"}
    assert STILL in a_new_number(office, ticket)
    assert ours(office, ticket) == {"deskhand_handed_over"}


@on_both
def test_an_answer_that_they_got_is_with_nobody(office: Office) -> None:
    ticket = answered(office, [], unheard=False)
    assert "still with you" not in a_new_number(office, ticket)
    assert ours(office, ticket) == {"deskhand_done"}


def answered(office: Office, beside: list[dict[str, Any]], *, unheard: bool = True) -> Any:
    """After a refund they were told of they ask where it is, and maybe for one that a colleague must approve."""
    office.double_charge()
    where = {"kind": "status_answer", "charge": "c2", "quote": "where is my money"}
    office.planner.always = lambda case: {"actions": [where, *beside]} if "where" in case.asked() else {  # type: ignore[attr-defined]
        "actions": [refund("c2", quote="refund the second one")]}
    ticket = office.handle()
    if unheard:
        office.side.tells_nobody()
    office.customer_answers(ticket, "So where is my money?")
    assert ("Customer NOT told" in office.notes(ticket)[-1]) == unheard
    if unheard:
        office.side.tells_again()
    return ticket


def a_new_number(office: Office, ticket: Any) -> str:
    """Asked for five minutes later, done, and told; the note on it."""
    office.planner.always = lambda case: {"actions": [PHONE], "category": "contact_details"} if (  # type: ignore[attr-defined]
        "new number" in case.asked()) else {"nothing_asked": True}
    office.customer_answers(ticket, f"My new number is {NEW}.")
    note = office.notes(ticket)[-1]
    assert NEW in office.replies(ticket)[-1]
    assert "Customer told: yes" in note
    return note


def one_of_two_told(office: Office) -> Any:
    """Two refunds of one plan: the reply that asks for a yes to the second tells of the first, and none of that."""
    office.double_charge(1800)
    for ago in ("-100m", "-90m"):
        office.charge(4700, email=DANA, ago=ago)
    both = {"actions": [refund("c2", quote="refund the second one"), refund("c4", quote="refund the second one")]}
    office.planner.always = lambda case: both if "charged twice" in case.asked() else {"nothing_asked": True}  # type: ignore[attr-defined]
    ticket = office.handle()
    assert "We have sent USD 18.00 back" in office.replies(ticket)[-1]
    return says_yes_and_is_not_told(office, ticket, 6500)


def in_copy(office: Office) -> Any:
    office.double_charge()
    office.planner.always = lambda case: {"actions": [refund("c2", quote="refund the second one")]}  # type: ignore[attr-defined]
    return office.handle(ccs=["erin@example.com"])


def test_a_question_alone_that_reached_them_is_not_told_in_the_sidebar_as_having_told_them(engine: Engine) -> None:
    office = OpenOffice(engine)
    ticket = done_and_not_told(office)
    state = office.seat(ticket=ticket).state()
    assert (state["status"], state["words"]) == ("done", "Done. The customer was not told.")


def test_in_the_sidebar_it_is_still_with_the_person_after_another_request(engine: Engine) -> None:
    office = OpenOffice(engine)
    ticket = done_and_not_told(office)
    a_new_number(office, ticket)
    state = office.seat(ticket=ticket).state()
    assert (state["status"], state["words"]) == (
        "handed_over", "Still with you: what was handed over on 20 Nov 2026 09:05 UTC. Please answer the customer.")


def test_told_of_the_latest_alone_is_not_told_of_all_that_the_sidebar_lists(engine: Engine) -> None:
    office = OpenOffice(engine)
    ticket = done_and_not_told(office)
    office.clock.forward(minutes=5)
    taking_over.give_back(office.desk, office.ref(ticket), LEAD)
    office.run()
    a_new_number(office, ticket)
    state = office.seat(ticket=ticket).state()
    assert len(state["done"]) == 2
    assert (state["status"], state["words"]) == ("done", "Done. The customer was not told.")


def test_the_sidebar_calls_no_question_answered_whose_answer_nobody_got(engine: Engine) -> None:
    office = OpenOffice(engine)
    ticket = answered(office, [])
    state = office.seat(ticket=ticket).state()
    assert (state["status"], state["words"]) == ("handed_over", "Please answer the customer.")


def test_the_sidebar_calls_a_question_answered_whose_answer_they_got(engine: Engine) -> None:
    office = OpenOffice(engine)
    ticket = answered(office, [], unheard=False)
    state = office.seat(ticket=ticket).state()
    assert (state["status"], state["words"]) == ("answered", "The customer’s question was answered.")


@pytest.mark.parametrize("times", [1, 2])
def test_who_was_told_of_all_that_was_done_is_called_told(engine: Engine, times: int) -> None:
    """The same asked twice takes a place in the plan, and none among what is told."""
    office = OpenOffice(engine)
    office.double_charge(1800)
    for ago in ("-100m", "-90m"):
        office.charge(1900, ago=ago)
    asked = [*[refund("c2", quote="the second one")] * times, refund("c4", quote="the second one")]
    office.script(lambda case: {"actions": asked} if "charged twice" in case.asked() else {"nothing_asked": True})
    office.handle()
    assert office.refunded() == {"usd": 3700}
    assert office.seat().state()["words"] == "Done, and the customer was told."


def test_what_one_reply_tells_is_not_all_that_was_done(engine: Engine) -> None:
    office = OpenOffice(engine)
    office.double_charge(1800)
    for ago in ("-100m", "-90m"):
        office.charge(4700, ago=ago)
    both = {"actions": [refund("c2", quote="the second one"), refund("c4", quote="the second one")]}
    office.script(lambda case: both if "charged twice" in case.asked() else {"nothing_asked": True})
    ticket = office.handle()
    office.side.tells_nobody()
    office.customer_answers(ticket, "YES")
    assert office.refunded() == {"usd": 6500}
    assert office.seat(ticket=ticket).state()["words"] == "Done. The customer was not told."
