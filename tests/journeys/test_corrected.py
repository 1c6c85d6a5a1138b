"""Whether the customer was told that a refund fell through is known also where a colleague came before its note."""

from __future__ import annotations

from typing import Any

from tests.journeys.conftest import on_both
from tests.journeys.office import AGENT, Office
from tests.journeys.test_later import fails, refunded, told
from tests.journeys.test_missing_notes import unsettled

pytestmark = on_both


def test_where_the_reply_was_written_before_a_colleague_came_the_note_does_not_ask_them_to_tell_it(
        office: Office) -> None:
    ticket = refunded(office)
    office.clock.forward(days=3)
    fails(office)
    if office.side.vendor == "zendesk":
        office.fault_at(office.side.reply, "429", skip=1, times=3, params={"retry_after": 600})
    else:
        office.fault_at(office.side.updates["note"], "429", times=3, params={"retry_after": 600})
    told(office)
    office.run()
    assert "did not go through" in office.replies(ticket)[1]
    assert len(office.notes(ticket)) == 1
    office.clock.forward(minutes=2)
    office.at_desk("agent_replies", ticket=ticket, agent=AGENT, body="I look into it.")
    office.event(ticket)
    office.settle(hours=3)
    assert "Customer told, the helpdesk recorded the notification" in office.notes(ticket)[-1]


def test_where_the_replys_answer_was_lost_before_a_colleague_came(office: Office) -> None:
    ticket = refunded(office)
    office.clock.forward(days=3)
    fails(office)
    office.fault_at(office.side.reply, "timeout_after")
    reads, door = office.side.away, office.doors[office.side.away[0]]
    under = door._under

    def then_it_cannot_be_read(fault: Any, request: Any) -> Any:
        given = under(fault, request)
        if fault.kind == "timeout_after":
            office.fault(reads[0], "500_before", *reads[1:], times=4)
        return given

    door._under = then_it_cannot_be_read  # type: ignore[method-assign]
    told(office)
    office.run()
    assert [one[:2] for one in unsettled(office)] == [(700, "unknown")]
    door.faults.clear()
    office.at_desk("agent_replies", ticket=ticket, agent=AGENT, body="I look into it.")
    office.event(ticket)
    office.settle(hours=30)
    assert "did not go through" in office.replies(ticket)[1]
    assert "Customer told, the helpdesk recorded the notification" in office.notes(ticket)[-1]
    assert unsettled(office) == []
