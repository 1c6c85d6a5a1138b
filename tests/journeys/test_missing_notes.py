"""A note that the helpdesk confirmed and does not have is written again, also where its plan ended long ago."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from agent import erasing
from agent.tables import operations, tickets
from tests.journeys.conftest import on_both
from tests.journeys.office import AGENT, DANA, ERIN, Office
from tests.journeys.test_kill_switch import pause, resume
from tests.journeys.test_later import befalls_it_and_its_note_is_lost, refunded
from tests.journeys.test_resolved_attacked import found, not_done, one_is_held_and_the_other_withdrawn, send_again
from tests.journeys.test_undo import moved, undo
from tests.journeys.test_unlogged import rests

WORDS = "the customer's bank disputes charge"


def states(office: Office) -> list[tuple[int, str, str]]:
    with office.engine.begin() as c:
        return [(r.position, r.state, r.reason) for r in c.execute(
            select(operations).order_by(operations.c.position, operations.c.id))]


def unsettled(office: Office) -> list[tuple[int, str, str]]:
    return [one for one in states(office) if one[1] in ("planned", "sent", "unknown")]


@on_both
@pytest.mark.parametrize("how", ["merge", "close", "change_requester", "pause", "away", "customer"])
def test_news_that_is_missing_is_there_once_or_held_whatever_befalls_its_ticket(office: Office, how: str) -> None:
    ticket = refunded(office)
    befalls_it_and_its_note_is_lost(office, "dispute")
    if how == "merge":
        office.at_desk("merge", ticket=ticket, into=office.writes("Another matter.", DANA))
    elif how == "close":
        office.at_desk("close", ticket=ticket)
    elif how == "change_requester":
        office.at_desk("change_requester", ticket=ticket, agent=AGENT, email=ERIN)
    elif how == "pause":
        pause(office, "ticket_update")
        office.settle(hours=5)
        resume(office, "ticket_update")
    elif how == "away":
        office.fault(office.side.away[0], "500_before", times=1_000_000)
        office.settle(hours=5)
        office.doors[office.side.away[0]].faults.clear()
    elif how == "customer":
        office.planner.always = lambda case: {"unsure": "a person reads it"}
        office.customer_answers(ticket, "Something else, please help.")
    office.settle(hours=80)
    assert unsettled(office) == []
    if how in ("change_requester", "pause", "away", "customer"):
        assert len([n for n in office.notes(ticket) if WORDS in n]) == 1
    elif office.side.vendor == "zendesk":  # Salesforce takes notes on a closed case, and deletes what is merged
        assert any(one[1] == "held" for one in states(office))
    assert rests(office)


@on_both
def test_where_its_person_is_erased_nobody_looks_for_it_for_ever(office: Office) -> None:
    refunded(office)
    befalls_it_and_its_note_is_lost(office, "dispute")
    with office.engine.begin() as c:
        [who] = c.execute(select(tickets.c.person_id).where(tickets.c.person_id.is_not(None))).scalars()
    erasing.erase(office.desk, who, "Lea", DANA)
    office.settle(hours=80)
    assert unsettled(office) == []
    assert rests(office)


def loses_the_next_note(office: Office) -> None:
    at = office.side.reply if office.side.vendor == "zendesk" else office.side.updates["note"]
    office.fault_at(at, "phantom_200")


@on_both
@pytest.mark.parametrize(("resolve", "words"), [
    (not_done, "NOT done, as Ana found"), (found, "done, as Ana found"), (send_again, "sent again, as Ana had asked")])
def test_a_note_on_what_was_resolved_that_is_not_there_is_written_again(
        office: Office, resolve: Callable[[Office], None], words: str) -> None:
    ticket = one_is_held_and_the_other_withdrawn(office)
    loses_the_next_note(office)
    resolve(office)
    office.settle(hours=30)
    assert len([n for n in office.notes(ticket) if words in n]) == 1


@on_both
@pytest.mark.parametrize("planned_since", [False, True])
def test_a_note_on_what_was_undone_that_is_not_there_is_written_again(office: Office, planned_since: bool) -> None:
    ticket = moved(office)
    if planned_since:
        office.planner.always = lambda case: {"unsure": "a person reads it"}
        office.customer_answers(ticket, "Please send me a new invoice.")
    loses_the_next_note(office)
    undo(office)
    office.settle(hours=30)
    assert len([n for n in office.notes(ticket) if "undone by Mia" in n]) == 1
