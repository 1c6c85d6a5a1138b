"""People answer while Deskhand is at work on the same ticket: no answer is lost, and nothing happens twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from agent.consent import approval, taking_over
from agent.consent.approval import Colleague
from agent.consent.waits import of_ticket
from connectors.contract import ActionBase, Key, Receipt, TicketUpdate
from tests.journeys.office import Office, refund

MIA = Colleague("79", "Mia", "agent")


@dataclass
class Interrupted:
    """The helpdesk; before the next update of a ticket somebody does something."""

    helpdesk: Any
    meanwhile: Callable[[], None] | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self.helpdesk, name)

    def perform(self, action: ActionBase, key: Key) -> Receipt:
        act, self.meanwhile = self.meanwhile, None
        if act is not None and isinstance(action, TicketUpdate):
            act()
        receipt: Receipt = self.helpdesk.perform(action, key)
        return receipt


@pytest.fixture
def zendesk(office: Office) -> Interrupted:
    made = Interrupted(office.desk.helpdesks["zendesk"])
    office.desk = replace(office.desk, helpdesks={"zendesk": made})
    office.charge(1800)
    asked = {"actions": [refund("c1", claim="goodwill", quote="my money back")]}
    office.planner.always = lambda case: asked if "charged twice" in case.asked() else {"nothing_asked": True}
    return made


def answer(office: Office, act: Callable[[int, str], None]) -> None:
    with office.engine.begin() as c:
        (wait,) = of_ticket(c, 1, ("open",))
    act(wait.id, wait.shown)


def test_approved_while_the_question_is_still_being_written_it_is_done(office: Office, zendesk: Interrupted) -> None:
    zendesk.meanwhile = lambda: answer(office, lambda id, seen: approval.approve(office.desk, id, seen, MIA))
    ticket = office.handle()
    office.run()
    assert office.refunded() == {"usd": 1800}
    assert "approved by Mia" in office.notes(ticket)[-1]


def test_declined_while_the_question_is_still_being_written_it_is_handed_over(
        office: Office, zendesk: Interrupted) -> None:
    zendesk.meanwhile = lambda: answer(office, lambda id, seen: approval.decline(office.desk, id, seen, MIA, "no"))
    ticket = office.handle()
    office.settle()
    assert office.refunds() == []
    assert "Mia declined it: “no”" in office.notes(ticket)[-1]


def test_taken_over_while_the_question_is_still_being_written_nothing_is_begun(
        office: Office, zendesk: Interrupted) -> None:
    zendesk.meanwhile = lambda: taking_over.take_over(office.desk, "zendesk:acme:1", MIA)
    office.handle()
    office.settle()
    assert office.refunds() == []
    with office.engine.begin() as c:
        assert [wait.state for wait in of_ticket(c, 1, ("open", "away"))] == ["away"]
