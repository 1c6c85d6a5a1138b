"""The desk is open by the clock on its wall, in the zone the admin named."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from agent.hours import Hours

BERLIN = Hours.model_validate({
    "zone": "Europe/Berlin", "open": ["mon-fri 09:00-18:00", "sat 10:00-14:00"], "closed": ["2026-12-25"]})
NIGHTS = Hours.model_validate({"zone": "UTC", "open": ["fri-sun 22:00-02:00"], "closed": ["2026-11-21"]})


def utc(day: str, time: str) -> datetime:
    return datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=UTC)


@pytest.mark.parametrize(("day", "time", "is_open"), [
    ("2026-11-20", "07:59", False),  # Friday, 08:59 in Berlin
    ("2026-11-20", "08:00", True),
    ("2026-11-20", "16:59:59", True),
    ("2026-11-20", "17:00", False),
    ("2026-11-21", "08:30", False),  # Saturday
    ("2026-11-21", "09:00", True),
    ("2026-11-21", "13:00", False),
    ("2026-11-22", "10:00", False),  # Sunday
    ("2026-12-25", "10:00", False),  # Friday, closed
    ("2026-12-24", "10:00", True),
])
def test_hours_begin_with_their_first_minute_and_end_before_their_last(day: str, time: str, is_open: bool) -> None:
    assert BERLIN.at(utc(day, time)) is is_open


@pytest.mark.parametrize(("day", "time", "is_open"), [
    ("2026-03-27", "07:30", False),  # the Friday before summer time: 08:30 in Berlin
    ("2026-03-30", "07:30", True),  # the Monday after it began: 09:30
    ("2026-03-30", "16:30", False),
    ("2026-10-23", "07:30", True),  # the Friday before it ends: 09:30
    ("2026-10-26", "07:30", False),  # the Monday after: 08:30
    ("2026-10-26", "16:30", True),
])
def test_hours_follow_summer_time(day: str, time: str, is_open: bool) -> None:
    assert BERLIN.at(utc(day, time)) is is_open


@pytest.mark.parametrize(("day", "time", "is_open"), [
    ("2026-11-27", "21:59", False),  # Friday
    ("2026-11-27", "22:00", True),
    ("2026-11-28", "01:59", True),
    ("2026-11-28", "02:00", False),
    ("2026-11-30", "01:00", True),  # Monday, still Sunday's
    ("2026-11-27", "01:00", False),  # Friday, and Thursday has none
    ("2026-11-21", "01:00", True),  # a closed Saturday, still Friday's
    ("2026-11-21", "23:00", False),
    ("2026-11-22", "01:00", False),  # would be the closed Saturday's
])
def test_hours_over_midnight_belong_to_the_day_they_begin_on(day: str, time: str, is_open: bool) -> None:
    assert NIGHTS.at(utc(day, time)) is is_open


def test_a_whole_week_may_be_open() -> None:
    always = Hours.model_validate({"zone": "Asia/Tokyo", "open": ["mon-sun 00:00-24:00"]})
    assert all(always.at(datetime(2026, 11, day, hour, 59, tzinfo=UTC)) for day in range(16, 24) for hour in range(24))


def test_days_may_go_over_the_end_of_the_week() -> None:
    weekend = Hours.model_validate({"zone": "UTC", "open": ["Sat-Mon  08:00-12:00"]})
    assert [weekend.at(datetime(2026, 11, day, 9, 0, tzinfo=UTC)) for day in range(16, 23)] == [
        True, False, False, False, False, True, True]
