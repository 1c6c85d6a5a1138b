"""A note that the helpdesk refuses is a person's: `deskhand held` lists it, and each way to resolve it ends it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from agent import held
from agent.endings import NOTE_REFUSED
from agent.tables import audit
from tests.journeys.conftest import on_both
from tests.journeys.office import Office, refund
from tests.journeys.test_consent import waiting
from tests.journeys.test_undo import approved

TWICE = {"actions": [refund("c2", quote="refund the second one")]}


def refuses_notes(office: Office) -> None:
    """A required field, or a rule of the org, that no note meets."""
    if office.side.vendor == "zendesk":
        office.fault("zendesk", "key_mismatch", "PUT", r"/tickets/\d+", body='"public": false', times=10_000)
    else:
        office.fault_at(office.side.updates["note"], "validation", times=10_000)


def takes_notes(office: Office) -> None:
    office.doors[office.side.vendor].faults.clear()


def holds(office: Office) -> list[held.Held]:
    with office.engine.begin() as c:
        return held.held(c)


def said(office: Office) -> list[tuple[str, str]]:
    """By whom and how the held ones were resolved, as the audit has it."""
    with office.engine.begin() as c:
        return [(row["by"], row["as"]) for row in c.execute(select(audit.c.public).where(
            audit.c.kind == "operation.resolved", audit.c.public["action"].astext == "ticket_update",
        ).order_by(audit.c.id)).scalars()]


def a_refund_is_told(office: Office) -> Any:
    office.double_charge()
    office.planner.always = lambda case: TWICE if "twice" in case.asked() else {"nothing_asked": True}  # type: ignore[attr-defined]
    refuses_notes(office)
    ticket = office.handle()
    office.settle(hours=2)
    return ticket


@on_both
def test_of_a_refund_it_is_resolved_as_not_done_once_and_for_all(office: Office) -> None:
    ticket = a_refund_is_told(office)
    [one] = holds(office)
    held.not_done(office.desk, one.operation, "Ana")
    office.settle(hours=2)
    assert holds(office) == []
    assert said(office) == [("Ana", "not_done")]
    assert office.states() == [("done", "")]
    assert (office.refunded(), len(office.replies(ticket)), office.notes(ticket)) == ({"usd": 1800}, 1, [])

    office.customer_answers(ticket, "Any news?")
    office.settle(hours=30)
    assert holds(office) == []


def test_on_a_closed_ticket_it_is_held_until_a_person_says_that_it_will_not_be_written(office: Office) -> None:
    office.double_charge()
    office.planner.always = lambda case: TWICE if "twice" in case.asked() else {"nothing_asked": True}  # type: ignore[attr-defined]
    office.fault("stripe", "timeout_after", "POST", "/refunds")
    office.fault("stripe", "500_before", "GET", "/refunds", times=9)
    ticket = office.handle()
    office.at_desk("close", ticket=ticket)
    office.settle(hours=20)
    assert office.refunded() == {"usd": 1800}
    [one] = holds(office)
    held.send_again(office.desk, one.operation, "Ana")
    office.settle(hours=2)
    [again] = holds(office)
    assert again.operation == one.operation
    assert again.reason.startswith(NOTE_REFUSED)
    state = office.states()

    held.not_done(office.desk, again.operation, "Ana")
    office.settle(hours=2)
    assert holds(office) == []
    assert said(office) == [("Ana", "send_again"), ("Ana", "not_done")]
    assert (office.states(), office.notes(ticket)) == (state, [])


@on_both
def test_what_is_waited_for_goes_on_beside_it_and_is_told_in_a_note_of_its_own(office: Office) -> None:
    office.charge(2000)
    asked = {"actions": [refund("c1", claim="goodwill", quote="money back")]}
    office.planner.always = lambda case: asked if "money back" in case.asked() else {"nothing_asked": True}  # type: ignore[attr-defined]
    refuses_notes(office)
    ticket = office.handle("I want my money back, please.")
    [one] = holds(office)
    held.not_done(office.desk, one.operation, "Ana")
    office.settle(hours=1)
    assert (holds(office), len(waiting(office)), office.states()[0][0]) == ([], 1, "parked")
    takes_notes(office)
    approved(office)
    assert office.refunded() == {"usd": 2000}
    assert "refunded USD 20.00" in office.notes(ticket)[0]
