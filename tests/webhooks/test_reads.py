"""Who was shown a person's data stands in the trail: once for a session and ticket, and not for every poll."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select, text

from agent.tables import audit, tickets
from tests.journeys.office import refund
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


def not_looked_at(office: OpenOffice) -> Any:
    """A ticket of which Deskhand has not heard yet."""
    office.double_charge(9000)
    office.script({"actions": [refund("c2", claim="goodwill", quote="please refund the second one")]})
    return office.writes()


def looked_at(office: OpenOffice, ticket: Any) -> None:
    office.event(ticket)
    office.run()


@pytest.mark.parametrize("early", [False, True])
def test_who_opened_a_ticket_before_deskhand_looked_at_it_is_told_of_too(office: OpenOffice, early: bool) -> None:
    ticket = not_looked_at(office)
    seat = office.seat(LEO, ticket) if early else None
    if early:
        assert seat.state()["words"] == "Deskhand has not looked at this ticket yet."
        assert reads(office) == []
    looked_at(office, ticket)
    seat = seat or office.seat(LEO, ticket)
    for _ in range(3):
        office.clock.forward(minutes=2)
        assert seat.state()["customer"]
    assert reads(office) == [("ticket", office.ref(ticket), True)]


def test_two_looks_that_come_at_once_are_told_of_once(office: OpenOffice) -> None:
    ticket = not_looked_at(office)
    seat = office.seat(LEO, ticket)
    seat.state()
    looked_at(office, ticket)
    with ThreadPoolExecutor(4) as at_once:
        assert all(at_once.map(lambda _: seat.state()["customer"], range(4)))
    assert reads(office) == [("ticket", office.ref(ticket), True)]


def test_a_press_shows_the_ticket_and_is_told_of(office: OpenOffice) -> None:
    ticket = not_looked_at(office)
    seat = office.seat(LEO, ticket)
    looked_at(office, ticket)
    refused = seat.post("/api/ticket/take-over", {"digest": "of nothing"})
    assert refused.get_json()["state"]["customer"]
    assert reads(office) == [("ticket", office.ref(ticket), True)]


def test_what_was_told_of_and_has_not_changed_is_not_told_of_again(office: OpenOffice) -> None:
    office.asks(18000)
    seat = office.seat(LEO)
    shown = seat.get("/api/ticket")
    assert seat.get("/api/ticket", **{"If-None-Match": shown.headers["ETag"]}).status_code == 304
    assert len(reads(office)) == 1


@pytest.mark.parametrize("early", [False, True])
def test_where_it_cannot_be_told_of_nothing_is_shown(office: OpenOffice, early: bool) -> None:
    ticket = not_looked_at(office)
    seat = office.seat(LEO, ticket if early else None)
    if early:
        seat.state()
    looked_at(office, ticket)
    with office.engine.begin() as c:
        c.execute(text("alter table audit add constraint full_disk check (kind <> 'read') not valid"))
    try:
        answers = [] if early else [_opens(office, seat, ticket)]
        answers += [seat.get("/api/ticket") for _ in range(2)]
    finally:
        with office.engine.begin() as c:
            c.execute(text("alter table audit drop constraint full_disk"))
    assert [one.status_code for one in answers] == [500] * len(answers)
    assert not any("dana" in one.text.lower() for one in answers)
    assert seat.state()["customer"]
    assert len(reads(office)) == 1


def _opens(office: OpenOffice, seat: Any, ticket: Any) -> Any:
    if office.side.vendor == "zendesk":
        return seat.post("/api/sessions/bind", {"ticket": str(ticket)})
    seat.case = ticket
    return seat.get("/api/ticket")


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
