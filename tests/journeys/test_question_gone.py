"""A question that the helpdesk confirmed and does not have was asked of nobody."""

from __future__ import annotations

from collections.abc import Callable

from tests.journeys.conftest import on_both
from tests.journeys.office import Office, refund


@on_both
def test_a_question_that_is_not_on_the_ticket_goes_to_a_person_and_no_note_says_that_it_was_asked(
        an_office: Callable[..., Office]) -> None:
    office = an_office()
    office.double_charge(4700)
    office.planner.always = lambda case: {"actions": [refund()]}  # type: ignore[attr-defined]
    office.fault_at(office.side.reply, "phantom_200")
    ticket = office.handle()
    office.settle(hours=2)
    assert office.replies(ticket) == []
    assert "the customer could not be asked" in office.notes(ticket)[-1]
    assert "hands this over to you" in office.notes(ticket)[-1]
    assert "asked before" not in "".join(office.notes(ticket))
    assert office.refunded() == {}


@on_both
def test_a_yes_after_such_a_question_is_a_yes_to_nothing(an_office: Callable[..., Office]) -> None:
    """Also where an earlier reply of ours stands before it."""
    office = an_office()
    office.double_charge()
    office.planner.always = lambda case: {"actions": [refund("c2")]}  # type: ignore[attr-defined]
    ticket = office.handle()
    office.double_charge(4700)
    office.planner.always = lambda case: {"actions": [refund("c4")]}  # type: ignore[attr-defined]
    office.fault_at(office.side.reply, "phantom_200")
    office.customer_answers(ticket, "I was charged twice for the other one, too, please refund it.")
    assert len(office.replies(ticket)) == 1
    office.customer_answers(ticket, "Yes please")
    office.settle(hours=2)
    assert office.refunded() == {"usd": 1800}
    assert "the customer could not be asked" in office.notes(ticket)[-1]
