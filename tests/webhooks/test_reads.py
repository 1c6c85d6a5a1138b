"""Who was shown a person's data stands in the trail: once for a session and ticket, and not for every poll."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select

from agent.tables import audit, tickets
from tests.webhooks.opened import KIM, LEO, OpenOffice


@pytest.fixture(params=["zendesk", "salesforce"])
def office(engine: Engine, request: pytest.FixtureRequest) -> OpenOffice:
    return OpenOffice(engine, helpdesk=request.param)


def reads(office: OpenOffice) -> list[tuple[str, str | None, bool]]:
    """What was shown, on which ticket, and whether a user is named."""
    with office.engine.connect() as c:
        rows = c.execute(select(audit.c.public, tickets.c.ref).outerjoin(
            tickets, tickets.c.id == audit.c.ticket_id).where(audit.c.kind == "read").order_by(audit.c.id)).all()
    return [(row.public["what"], row.ref, bool(row.public["user"])) for row in rows]


def test_a_ticket_that_is_opened_is_told_of_once_however_often_it_polls(office: OpenOffice) -> None:
    office.asks(18000)
    seat = office.seat(LEO)
    for _ in range(5):
        assert seat.get("/api/ticket").status_code == 200
        office.clock.forward(seconds=30)
    assert reads(office) == [("ticket", office.ref(office.first), True)]


def test_each_colleague_and_each_session_is_told_of(office: OpenOffice) -> None:
    office.asks(18000)
    office.seat(LEO).state()
    office.seat(KIM).state()
    office.clock.moment += timedelta(hours=9)
    office.seat(KIM).state()
    assert len(reads(office)) == 3


def test_who_is_refused_has_read_nothing(office: OpenOffice) -> None:
    office.asks(18000)
    office.side.hides_tickets(KIM)
    seat: Any = office.seat(KIM, None)
    if office.side.vendor == "zendesk":
        assert seat.post("/api/sessions/bind", {"ticket": str(office.first)}).status_code == 403
    else:
        seat.case = office.first
        assert seat.get("/api/ticket").status_code == 403
    assert reads(office) == []


def test_the_list_of_what_waits_is_told_of_once_a_day_and_session(office: OpenOffice) -> None:
    office.asks(18000)
    seat = office.seat(LEO, None)
    for _ in range(3):
        assert seat.get("/api/waiting").status_code == 200
    assert reads(office) == [("waiting", None, True)]


def test_the_ticket_shows_nothing_of_who_looked(office: OpenOffice) -> None:
    office.asks(18000)
    before = office.seat(LEO).state()
    after = office.seat(KIM).state()
    assert [one["words"] for one in before["trail"]] == [one["words"] for one in after["trail"]]
