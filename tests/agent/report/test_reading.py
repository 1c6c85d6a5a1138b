"""Vendors as a report sees them."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from agent.report.past import PastTickets
from agent.report.reading import gently, only_reading
from connectors.contract import Unavailable
from tests.agent.report.things import DAY
from tests.journeys.office import Office


def away(seconds: float | None, *, lasting: bool = False) -> Unavailable:
    return Unavailable("slow down", vendor="zendesk", retry_after=seconds, lasting=lasting)


def test_a_limit_is_waited_for_as_long_as_the_vendor_says() -> None:
    answers: list[Unavailable | str] = [away(60.0), away(21.0), "read"]
    slept: list[float] = []

    def read() -> str:
        answer = answers.pop(0)
        if isinstance(answer, Unavailable):
            raise answer
        return answer

    assert gently(read, slept.append) == "read"
    assert slept == [60.0, 21.0]


@pytest.mark.parametrize("error", [away(None), away(3600.0), away(21.0, lasting=True)])
def test_what_waiting_does_not_mend_is_not_waited_for(error: Unavailable) -> None:
    def read() -> str:
        raise error

    slept: list[float] = []
    with pytest.raises(Unavailable):
        gently(read, slept.append)
    assert sum(slept) < 5


def test_a_desk_that_only_reads_has_no_way_to_write(engine: Engine) -> None:
    desk = only_reading(Office(engine).desk)
    assert desk.payments is not None
    assert desk.records is not None
    for vendor in (desk.payments, desk.records, *desk.helpdesks.values()):
        assert not hasattr(vendor, "perform")


def test_a_customer_with_two_tickets_is_read_once(engine: Engine) -> None:
    office = Office(engine)
    office.double_charge()
    office.writes("Refund me, please.")
    office.writes("Refund me, please.")
    office.clock.forward(days=1)
    reading = PastTickets(office.desk, office.clock() - 2 * DAY, office.clock())
    list(reading.read_all(reading.refs()))
    assert sum("/v1/customers" in call for call in office.calls()) == 1
    assert sum("/v1/charges" in call for call in office.calls()) == 1


def test_no_more_tickets_a_minute_are_read_than_allowed(engine: Engine) -> None:
    office = Office(engine)
    for _ in range(6):
        office.writes("Thank you!")
    office.clock.forward(days=1)
    reading = PastTickets(office.desk, office.clock() - 2 * DAY, office.clock(), per_minute=3)
    refs, began = reading.refs(), office.clock()
    list(reading.read_all(refs))
    assert (office.clock() - began).total_seconds() == 120


def test_a_ticket_that_cannot_be_read_is_named_and_the_others_are_read(engine: Engine) -> None:
    office = Office(engine)
    for _ in range(3):
        office.writes("Thank you!")
    office.clock.forward(days=1)
    reading = PastTickets(office.desk, office.clock() - 2 * DAY, office.clock())
    refs = reading.refs()
    office.fault("zendesk", "500_before", "GET", "/tickets/2/audits", times=3)
    office.happens("zendesk", "delete", ticket=3)
    list(reading.read_all(refs))
    assert set(reading.unread) == {"zendesk:acme:2", "zendesk:acme:3"}
    assert reading.unread["zendesk:acme:3"] == "it was deleted"
    assert reading.read == 1


def test_lost_credentials_end_the_report_at_once(engine: Engine) -> None:
    office = Office(engine)
    office.writes("Thank you!")
    office.clock.forward(days=1)
    reading = PastTickets(office.desk, office.clock() - 2 * DAY, office.clock())
    refs = reading.refs()
    office.fault("zendesk", "auth_lost", times=9)
    with pytest.raises(Unavailable):
        list(reading.read_all(refs))
