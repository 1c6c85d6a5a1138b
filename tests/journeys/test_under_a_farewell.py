"""What a customer takes back, or asks besides, under "Thanks" or "Regards" is read before money moves."""

from __future__ import annotations

import pytest

from agent.planner import RulesPlanner
from tests.journeys.conftest import on_both
from tests.journeys.office import Office

ASK = "I was charged twice for order 1042, please refund the second one."


def asks(office: Office, ending: str) -> int:
    office.double_charge()
    rules = RulesPlanner()
    office.planner.always = lambda case: rules.plan(case).proposal.model_dump(mode="json")
    ticket: int = office.handle(f"{ASK}\n\n{ending}")
    office.settle()
    return ticket


@on_both
@pytest.mark.parametrize("ending", [
    "Thank you\nActually don't, found the reason.", "Thanks\nWait, forget it, it was two different lamps.",
    "Regards\nDana\nNo need to do it, just tell us why", "Best\nOnly a voucher, not cash",
    "Thanks,\nDana\nEdit: solved, ignore this.", "Thanks\nDana\nOtherwise my lawyer will write to you",
    "--\nForget it, it was two different lamps."])
def test_what_is_taken_back_under_a_farewell_is_a_persons_to_read(office: Office, ending: str) -> None:
    ticket = asks(office, ending)
    (said,) = office.planner.cases[-1].messages
    assert said.text == f"{ASK}\n\n{ending}"
    assert office.refunds() == []
    assert office.states()[0][0] == "handed_over"
    assert len(office.notes(ticket)) == 1


@on_both
@pytest.mark.parametrize("ending", [
    "Thanks", "Thanks,\nDana", "Best regards,\nDana Customer\nTel. +49 30 1234567\nExample Ltd",
    "Thanks,\nDana\n\nSent from my iPhone", "--\nDana Customer\ndana@example.com"])
def test_who_only_signs_is_served_as_before(office: Office, ending: str) -> None:
    asks(office, ending)
    assert office.refunded() == {"usd": 1800}
