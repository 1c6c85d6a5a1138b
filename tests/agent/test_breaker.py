"""The circuit breaker: what counts by the hour, when it trips, and what follows when a person resumes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, insert, text

from agent import breaker, switch
from agent.breaker import Breaker
from agent.desk import Choices
from agent.rates import Rates
from agent.tables import spending
from connectors.contract import Money
from tests.journeys.office import CHECKED, Office, refund
from webhooks.config import ConfigUnusable, load_config, read_config

NOW = datetime(2026, 11, 20, 9, 40, tzinfo=UTC)
HOUR = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
RATES = Rates.model_validate({"home": "USD", "EUR": "1.10"})
CAREFUL = Breaker(most_an_hour=1000, times_usual=5, never_below=250)


def spent(engine: Engine, hour: datetime, cents: int, currency: str = "USD") -> None:
    with engine.begin() as c:
        c.execute(insert(spending).values(action="refund", hour=hour, currency=currency, amount=cents, count=1))


def why(engine: Engine, cents: int, currency: str = "USD", rule: Breaker = CAREFUL, now: datetime = NOW) -> str | None:
    with engine.begin() as c:
        return breaker.trips(c, rule, RATES, Money(amount=cents, currency=currency), now)


@pytest.mark.parametrize(("hour", "usual", "words"), [
    (250, 0, None),
    (251, 0, "USD 251 would go out in this hour, more than 5 times the usual USD 0"),
    (1000, 200, None),
    (1001, 200, "USD 1,001 would go out in this hour, more than the cap of USD 1,000 an hour"),
    (900, 180, None),
    (901, 180, "USD 901 would go out in this hour, more than 5 times the usual USD 180"),
    (200, 1, None),
    (1001, 5000, "USD 1,001 would go out in this hour, more than the cap of USD 1,000 an hour"),
])
def test_an_hour_is_too_much_over_the_cap_or_over_the_usual_and_never_below_a_floor(
        hour: int, usual: int, words: str | None) -> None:
    assert CAREFUL.why(hour, usual, "USD") == words


def test_the_refund_that_would_exceed_the_cap_trips_it_to_the_cent(engine: Engine) -> None:
    spent(engine, HOUR, 990_00)
    spent(engine, HOUR - timedelta(weeks=1), 990_00)
    assert why(engine, 10_00) is None
    assert why(engine, 10_01) == "USD 1,001 would go out in this hour, more than the cap of USD 1,000 an hour"


def test_the_hour_before_and_the_hour_after_do_not_count(engine: Engine) -> None:
    spent(engine, HOUR - timedelta(hours=1), 990_00)
    spent(engine, HOUR + timedelta(hours=1), 990_00)
    assert why(engine, 200_00) is None


def test_usual_is_the_most_of_the_same_hour_in_the_last_four_weeks(engine: Engine) -> None:
    for weeks, dollars in ((1, 60), (2, 100), (3, 10), (5, 900)):
        spent(engine, HOUR - timedelta(weeks=weeks), dollars * 100)
    assert why(engine, 500_00) is None
    assert why(engine, 501_00) == "USD 501 would go out in this hour, more than 5 times the usual USD 100"


def test_currencies_count_together_at_the_admins_rates(engine: Engine) -> None:
    spent(engine, HOUR - timedelta(weeks=1), 900_00)
    spent(engine, HOUR, 500_00, "EUR")
    assert why(engine, 450_00) is None
    assert why(engine, 451_00) == "USD 1,001 would go out in this hour, more than the cap of USD 1,000 an hour"
    assert why(engine, 410_00, "EUR") == "USD 1,001 would go out in this hour, more than the cap of USD 1,000 an hour"


def test_a_currency_without_a_rate_trips_it_and_the_words_say_what_to_write_down(engine: Engine) -> None:
    mend = "cannot be counted in USD; write down the rate in [rates] of deskhand.toml"
    assert why(engine, 1, "JPY") == f"JPY {mend}"
    spent(engine, HOUR, 5, "CHF")
    assert why(engine, 1, "JPY") == f"CHF and JPY {mend}"
    assert why(engine, 1) == f"CHF {mend}"


def test_money_of_past_weeks_that_cannot_be_counted_makes_nothing_usual(engine: Engine) -> None:
    spent(engine, HOUR - timedelta(weeks=1), 900_000, "JPY")
    assert why(engine, 251_00) == "USD 251 would go out in this hour, more than 5 times the usual USD 0"


def written(tmp_path: Path, table: str) -> Breaker:
    (tmp_path / "deskhand.toml").write_text(f"[breaker]\n{table}\n")
    return load_config(tmp_path / "deskhand.toml").breaker


def test_without_a_table_it_is_careful(tmp_path: Path) -> None:
    assert read_config({}, tmp_path).breaker == Breaker(most_an_hour=1000, times_usual=5, never_below=250)


def test_an_admin_writes_down_other_figures(tmp_path: Path) -> None:
    assert written(tmp_path, "most_an_hour = 5000\nnever_below = 0") == Breaker(
        most_an_hour=5000, times_usual=5, never_below=0)


@pytest.mark.parametrize(("table", "words"), [
    ("most_an_hour = 10.5", "line 2: breaker.most_an_hour: write a whole number of home units: 1000"),
    ('most_an_hour = "much"', "line 2: breaker.most_an_hour: write a whole number of home units: 1000"),
    ("times_usual = 0", "line 2: breaker.times_usual: Input should be greater than or equal to 1"),
    ("most_a_day = 5", "line 2: breaker.most_a_day is not a setting; did you mean most_an_hour?"),
])
def test_a_mistake_is_told_with_its_line_and_its_mend(tmp_path: Path, table: str, words: str) -> None:
    with pytest.raises(ConfigUnusable) as told:
        written(tmp_path, table)
    assert str(told.value).removeprefix("deskhand.toml, ") == words


TWICE = {"actions": [refund("c2", quote="please refund the second one")]}


@pytest.fixture
def office(engine: Engine) -> Office:
    choices = Choices(senders_checked=CHECKED, breaker=Breaker(most_an_hour=50, times_usual=5, never_below=250))
    made = Office(engine, choices=choices)
    made.planner.always = lambda case: TWICE  # type: ignore[attr-defined]
    return made


def asks(office: Office, cents: int) -> int:
    """A new customer was charged twice; their ticket, with everything done that is due."""
    n = len(office.stripe.books()["charges"])
    who = f"customer{n}@example.com"
    office.stripe.load({"customers": [{"id": f"cus_{n}", "email": who}]}, office.clock())
    for ago in ("-2h", "-110m"):
        office.charge(cents, email=who, customer=f"cus_{n}", ago=ago)
    return office.handle(email=who)


def rows(office: Office, sql: str) -> list[Any]:
    with office.engine.begin() as c:
        return [tuple(row) for row in c.execute(text(sql))]


BY_HOUR = "select hour, currency, amount, count from spending where action = 'refund' order by hour"


def test_a_refund_counts_in_its_hour_with_the_totals(office: Office) -> None:
    asks(office, 1800)
    office.clock.forward(minutes=30)
    asks(office, 1200)
    office.clock.forward(minutes=31)
    asks(office, 700)
    assert rows(office, BY_HOUR) == [(HOUR, "USD", 3000, 2), (HOUR + timedelta(hours=1), "USD", 700, 1)]


def test_a_refund_that_is_rejected_stops_counting_in_the_hour_it_was_counted_in(office: Office) -> None:
    """A colleague is faster while Stripe takes its time, into the next hour."""
    _, second = office.double_charge()
    office.clock.forward(minutes=59, seconds=50)
    office.fault("stripe", "slow", "POST", "/refunds")

    def meanwhile(seconds: float) -> None:
        assert rows(office, BY_HOUR) == [(HOUR, "USD", 1800, 1)]
        office.clock.forward(minutes=1)
        office.happens("stripe", "dashboard_refund", charge=second, amount=1800)

    office.doors["stripe"].wait = meanwhile
    office.handle()
    assert len(office.refunds()) == 1
    assert rows(office, BY_HOUR) == [(HOUR, "USD", 0, 0)]


def test_the_refund_that_would_exceed_is_held_back_and_refunds_are_paused(office: Office) -> None:
    for _ in range(2):
        asks(office, 2000)
    third = asks(office, 1200)

    assert office.refunded() == {"usd": 4000}
    assert office.ticket(third)["updates"] == 0
    words = "USD 52 would go out in this hour, more than the cap of USD 50 an hour"
    assert rows(office, "select action, paused, by, reason from switches") == [
        ("refund", True, "circuit breaker", words)]
    assert rows(office, "select kind, public ->> 'by', public ->> 'reason', operation_id is not null from audit "
                        "where kind like 'switch%'") == [("switch.paused", "circuit breaker", words, True)]
    assert rows(office, BY_HOUR) == [(HOUR, "USD", 4000, 2)]
    assert rows(office, "select sum(amount) from totals where kind = 'desk'") == [(4000,)]


def test_it_stays_paused_in_the_next_hour_until_a_person_resumes(office: Office) -> None:
    for cents in (2000, 2000, 1200):
        asks(office, cents)
    office.clock.forward(hours=3)
    office.sweep()
    office.run()
    assert office.refunded() == {"usd": 4000}

    assert switch.resume(office.engine, "refund", "Lea", office.clock()) is not None
    office.run()
    assert office.refunded() == {"usd": 5200}


def test_resumed_in_the_same_hour_the_cap_counts_anew(office: Office) -> None:
    for cents in (2000, 2000, 1200):
        asks(office, cents)
    switch.resume(office.engine, "refund", "Lea", office.clock())
    office.run()
    assert office.refunded() == {"usd": 5200}

    asks(office, 2400)
    asks(office, 2400)
    assert office.refunded() == {"usd": 10000}
    asks(office, 500)
    assert office.refunded() == {"usd": 10000}
    assert rows(office, "select paused, reason from switches") == [
        (True, "USD 53 would go out in this hour since refunds were resumed, more than the cap of USD 50 an hour")]

    switch.resume(office.engine, "refund", "Lea", office.clock())
    office.run()
    assert office.refunded() == {"usd": 10500}


@pytest.mark.parametrize("hours", [0, 3])
def test_a_refund_that_is_alone_above_the_cap_goes_out_once_a_person_resumed(engine: Engine, hours: int) -> None:
    office = Office(engine, choices=Choices(senders_checked=CHECKED, breaker=Breaker(most_an_hour=10)))
    office.planner.always = lambda case: TWICE  # type: ignore[attr-defined]
    asks(office, 1800)
    assert office.refunds() == []

    office.clock.forward(hours=hours)
    switch.resume(office.engine, "refund", "Lea", office.clock())
    office.run()
    assert office.refunded() == {"usd": 1800}
    assert rows(office, "select paused from switches") == [(False,)]

    asks(office, 1100)
    assert office.refunded() == {"usd": 1800}
    assert rows(office, "select paused from switches") == [(True,)]


def test_a_currency_without_a_rate_goes_out_once_a_person_resumed(engine: Engine) -> None:
    with engine.begin() as c:
        breaker.throw(c, "no rate", Money(amount=500, currency="JPY"), NOW, ticket=None, operation="op-1")
    assert why(engine, 500, "JPY") is not None
    switch.resume(engine, "refund", "Lea", NOW)
    assert why(engine, 500, "JPY") is None
    assert why(engine, 501, "JPY") is not None


def test_what_a_person_paused_and_resumed_counts_on(office: Office) -> None:
    asks(office, 2000)
    asks(office, 2000)
    with office.engine.begin() as c:
        switch.pause(c, "refund", "month end", "Lea", office.clock())
    switch.resume(office.engine, "refund", "Lea", office.clock())
    asks(office, 1200)
    assert office.refunded() == {"usd": 4000}


def test_while_a_person_paused_everything_the_breaker_adds_no_pause_of_its_own(office: Office) -> None:
    asks(office, 2000)
    asks(office, 2000)
    with office.engine.begin() as c:
        switch.pause(c, switch.ALL, "month end", "Lea", office.clock())
    asks(office, 1200)
    assert rows(office, "select action, by from switches") == [("all", "Lea")]


def test_the_breaker_pauses_no_contact_change(office: Office) -> None:
    for cents in (2000, 2000, 1200):
        asks(office, cents)
    office.planner.next = [{"actions": [  # type: ignore[attr-defined]
        {"kind": "contact_change", "contact": "k1", "field": "phone", "value": "+49 30 7654321",
         "quote": "my number is +49 30 7654321"}], "category": "contact_details"}]
    ticket = office.handle("my number is +49 30 7654321")
    assert len(office.notes(ticket)) == 1
    assert next(iter(office.salesforce.books()["contacts"].values()))["Phone"] == "+49 30 7654321"


def test_what_was_counted_before_hours_were_is_released_without_harm(office: Office) -> None:
    _, second = office.double_charge()
    office.fault("stripe", "slow", "POST", "/refunds")

    def meanwhile(seconds: float) -> None:
        with office.engine.begin() as c:
            c.execute(text("update operations set reserved = reserved - 'hour' where kind = 'refund'"))
        office.happens("stripe", "dashboard_refund", charge=second, amount=1800)

    office.doors["stripe"].wait = meanwhile
    ticket = office.handle()
    assert rows(office, "select sum(amount) from totals where kind = 'desk'") == [(0,)]
    assert len(office.notes(ticket)) == 1
