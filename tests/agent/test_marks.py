"""What was looked at is remembered so that a record which comes to light late, before one already seen, is not lost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from agent.scope import last_of, mark, since
from connectors.contract import Entry

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def entry(id: str, seconds: float) -> Entry:
    return Entry(id=id, at=NOON + timedelta(seconds=seconds), author="u", channel="email")


def ids(entries: tuple[Entry, ...]) -> list[str]:
    return [one.id for one in entries]


A, B, C, D = entry("a", 0), entry("b", 5), entry("c", 700), entry("d", 705)


def test_what_comes_after_the_last_one_seen_is_new() -> None:
    assert ids(since((A, B, C), mark((A, B)))) == ["c"]
    assert since((A, B), mark((A, B))) == ()


@pytest.mark.parametrize("late", [entry("x", 4), entry("x", 5), entry("x", -590)])
def test_what_comes_to_light_before_the_last_one_seen_is_new_too(late: Entry) -> None:
    seen = mark((A, B))
    now = tuple(sorted((A, B, C, late), key=lambda one: (one.at, one.id)))
    assert set(ids(since(now, seen))) == {"x", "c"}


def test_it_is_new_once() -> None:
    late = entry("x", 4)
    assert since((A, late, B), mark((A, late, B))) == ()


def test_nothing_comes_to_light_more_than_ten_minutes_late() -> None:
    assert since((entry("x", 90), C), mark((C,))) == ()
    assert ids(since((entry("x", 110), C), mark((C,)))) == ["x"]


def test_what_lies_further_back_is_not_listed_and_not_new() -> None:
    seen = mark((A, B, C, D))
    assert seen == "d|c|2026-11-21T12:11:45+00:00"
    assert since((A, B, C, D), seen) == ()


def test_of_a_mark_without_a_list_nothing_before_it_is_new() -> None:
    assert ids(since((A, B, C), "b")) == ["c"]


@pytest.mark.parametrize("seen", [None, "", "gone", "gone|", "gone|lost"])
def test_where_the_last_one_seen_is_not_known_everything_is_new(seen: str | None) -> None:
    assert ids(since((A, B), seen)) == ["a", "b"]


def test_where_the_last_one_seen_was_deleted_nothing_before_it_is_new() -> None:
    assert since((A, B, C), mark((A, B, C, D))) == ()
    assert ids(since((A, C, entry("e", 720)), mark((A, B, C, D)))) == ["e"]


def test_where_all_that_were_seen_are_gone_what_came_later_is_new() -> None:
    assert ids(since((A, entry("e", 706)), mark((B, C, D)))) == ["e"]


def test_what_comes_to_light_late_is_new_also_where_the_last_one_seen_is_gone() -> None:
    assert ids(since((A, B, entry("x", 702)), mark((A, B, C, D)))) == ["x"]
    assert ids(since((A, B, entry("x", 104)), mark((A, B, C, D)))) == []


def test_one_that_was_seen_under_another_id_takes_nothing_else_with_it() -> None:
    assert ids(since((A, B, C, entry("mail", 706)), mark((A, B, C, D)))) == ["mail"]


def test_an_earlier_mark_without_a_time_goes_on_after_the_last_that_is_known() -> None:
    assert ids(since((A, B, C), "gone|a b")) == ["c"]


def test_a_mark_names_the_last_one() -> None:
    assert mark(()) is None
    assert mark((A,)) == "a||2026-11-21T12:00:00+00:00"
    assert [last_of(seen) for seen in ("a||2026-11-21T12:00:00+00:00", "b|a", "b")] == ["a", "b", "b"]
