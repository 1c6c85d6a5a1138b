"""What is kept goes when its time is up, and not a day before; in virtual time, on whole lives of tickets."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import text

from agent import audit
from agent.database import Database
from agent.retention import PEOPLE, Retention, Sweep, Swept, overdue, sweep
from agent.vault import Erased
from tests.journeys.office import ERIN, Office, refund

DUPLICATE = {"actions": [refund("c2", quote="please refund the second one")]}
PERIODS = Retention()


@pytest.fixture
def office(database: Database) -> Office:
    made = Office(database.engine)
    made.planner.always = lambda case: DUPLICATE  # type: ignore[attr-defined]
    return made


def swept(office: Office, periods: Retention = PERIODS) -> Swept:
    with office.engine.begin() as c:
        return sweep(c, periods, office.clock())


def ask(office: Office, sql: str) -> Any:
    with office.engine.begin() as c:
        return c.execute(text(sql)).scalar()


def readable(office: Office) -> int:
    """How many sealed plans can still be opened."""
    opened = 0
    with office.engine.begin() as c:
        for person, sealed in c.execute(text("select proposals.person_id, sealed from proposals join tickets "
                                             "on tickets.id = ticket_id")).all():
            try:
                opened += office.vault.person_by_id(c, person).read(sealed) is not None
            except Erased:
                continue
    return opened


def finished(office: Office) -> Any:
    """A refund that was made, told and looked at again for the last time."""
    office.double_charge()
    ticket = office.handle()
    office.settle()
    for days in (2, 4, 6):
        office.clock.forward(days=days)
        office.sweep()
        office.run()
    assert office.refunded() != {}
    assert ask(office, "select count(*) from operations where recheck_at is not null") == 0
    return ticket


def test_what_a_finished_ticket_said_goes_after_its_time_and_not_before(office: Office) -> None:
    finished(office)
    worked = ask(office, "select greatest(max(last_pass_at), (select max(changed_at) from operations)) from tickets")
    office.clock.moment = worked + timedelta(days=400, minutes=-1)
    assert swept(office).people == 0
    assert readable(office) == 1
    office.clock.forward(minutes=2)
    assert swept(office).people == 1
    assert readable(office) == 0
    assert ask(office, "select count(*) from people where wrapped is not null and id <> 'installation'") == 0


def test_what_stays_is_enough_for_the_accounts(office: Office) -> None:
    finished(office)
    operations = "select string_agg(id || state || target || vendor_ids::text, ',' order by id) from operations"
    facts = "select string_agg(facts::text, ',' order by id) from decisions"
    before = ask(office, operations), ask(office, facts)
    office.clock.forward(days=401)
    swept(office)
    assert (ask(office, operations), ask(office, facts)) == before
    with office.engine.begin() as c:
        audit.seal_chain(c)
        assert audit.verify(c) == []


def test_the_audit_says_what_went(office: Office) -> None:
    finished(office)
    office.clock.forward(days=401)
    swept(office)
    assert ask(office, "select public from audit where kind = 'retention.swept'") == {
        "people": 1, "events": 1, "sums": 1}
    assert ask(office, "select public ->> 'by' from audit where kind = 'person.erased'") == "retention"
    assert swept(office) == Swept()
    assert ask(office, "select count(*) from audit where kind = 'retention.swept'") == 1


def test_nothing_is_looked_at_again_because_of_it(office: Office) -> None:
    """A desk of years would otherwise read all its old tickets anew."""
    finished(office)
    office.clock.forward(days=401)
    calls = len(office.calls())
    swept(office)
    office.sweep()
    assert office.run() == 0
    assert len(office.calls()) == calls


def test_a_customer_who_still_writes_keeps_their_text(office: Office) -> None:
    finished(office)
    office.clock.forward(days=390)
    office.handle("And now for something new")
    office.clock.forward(days=20)
    assert swept(office).people == 0


@pytest.mark.parametrize("held", [
    "update operations set state = 'held'", "update operations set state = 'unknown'",
    "update operations set recheck_at = now()", "update tickets set wanted = served + 1",
    "update proposals set closed_at = null"])
def test_what_is_not_finished_stays_however_old(office: Office, held: str) -> None:
    finished(office)
    with office.engine.begin() as c:
        c.execute(text(held))
    office.clock.forward(days=4_000)
    assert swept(office).people == 0


def test_a_customer_who_is_asked_keeps_their_text(office: Office) -> None:
    office.charge(18_000)
    office.planner.always = lambda case: {  # type: ignore[attr-defined]
        "actions": [refund("c1", quote="please refund the second one")]}
    office.handle()
    assert ask(office, "select count(*) from waits where state = 'open'") == 1
    office.clock.forward(days=4_000)
    assert swept(office).people == 0


def test_who_writes_again_after_it_is_served_as_somebody_new(office: Office) -> None:
    ticket = finished(office)
    office.clock.forward(days=401)
    swept(office)
    office.double_charge(900, ERIN)
    office.handle(email=ERIN)
    office.customer_answers(ticket, "Thank you, and is there any news?")
    office.settle()
    assert len(office.refunds()) == 2
    assert ask(office, "select count(*) from tickets where state = 'failed'") == 0


def test_who_writes_in_that_very_moment_keeps_their_text(office: Office) -> None:
    """Their message is being noted while the sweep looks: nobody waits for the other, and nothing of it is lost."""
    finished(office)
    office.clock.forward(days=401)
    with office.engine.begin() as noting, office.engine.begin() as c:
        noting.execute(text("update tickets set wanted = wanted + 1"))
        c.execute(text("set local lock_timeout = '1s'"))
        assert sweep(c, PERIODS, office.clock()).people == 0
    assert readable(office) == 1


def test_many_go_in_small_batches(office: Office) -> None:
    with office.engine.begin() as c:
        for number in range(PEOPLE + 5):
            office.vault.person(c, "acme", str(number))
        c.execute(text("update people set created_at = now() - interval '3000 days' where id <> 'installation'"))
    assert [swept(office).people for _ in range(3)] == [PEOPLE, 5, 0]


def test_events_and_sums_go_after_their_own_time(office: Office) -> None:
    finished(office)
    office.clock.forward(days=60)
    assert swept(office) == Swept()
    office.clock.forward(days=61)
    assert swept(office) == Swept(people=0, events=1, sums=1)
    assert ask(office, "select count(*) from totals where kind = 'charge'") > 0
    assert readable(office) == 1


def test_with_zero_all_is_kept(office: Office) -> None:
    finished(office)
    office.clock.forward(days=10_000)
    assert swept(office, Retention(texts_days=0, events_days=0, sums_days=0)) == Swept()


def test_the_chore_looks_once_an_hour_and_each_minute_while_there_is_more(office: Office) -> None:
    with office.engine.begin() as c:
        for number in range(PEOPLE + 5):
            office.vault.person(c, "acme", str(number))
        c.execute(text("update people set created_at = now() - interval '3000 days' where id <> 'installation'"))
    chore, left = Sweep(PERIODS, office.clock), []
    for minutes in (0, 0.5, 0.6, 5, 60):
        office.clock.forward(minutes=minutes)
        with office.engine.begin() as c:
            chore.tick(c)
        left.append(ask(office, "select count(*) from people where wrapped is not null and id <> 'installation'"))
    assert left == [5, 5, 0, 0, 0]


def test_once_a_clock_that_was_ahead_is_set_right_the_chore_looks_as_before(office: Office) -> None:
    chore = Sweep(PERIODS, office.clock)
    for days in (30, -30):
        office.clock.forward(days=days)
        with office.engine.begin() as c:
            chore.tick(c)
    with office.engine.begin() as c:
        office.vault.person(c, "acme", "7")
        c.execute(text("update people set created_at = now() - interval '3000 days' where id <> 'installation'"))
    office.clock.forward(hours=1)
    with office.engine.begin() as c:
        chore.tick(c)
    assert ask(office, "select count(*) from people where wrapped is not null and id <> 'installation'") == 0


def test_what_is_overdue_is_counted_for_the_doctor(office: Office) -> None:
    finished(office)
    office.clock.forward(days=401)
    with office.engine.begin() as c:
        assert overdue(c, PERIODS, office.clock()) == 0
        assert overdue(c, PERIODS, office.clock() + timedelta(days=3)) == 1


@pytest.mark.parametrize(("name", "days"), [("texts_days", 199), ("events_days", 90), ("sums_days", 30)])
def test_a_period_that_would_break_a_promise_is_refused(name: str, days: int) -> None:
    with pytest.raises(ValidationError, match=f"write {days + 1} or more"):
        Retention.model_validate({name: days})
