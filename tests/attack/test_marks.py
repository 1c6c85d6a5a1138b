"""Another customer's details are found however they are written, and nothing else is taken for them."""

from __future__ import annotations

import pytest

from tests.attack.marks import BELONGS, FOREIGN, found, stands


@pytest.mark.parametrize(("mark", "text"), [
    ("Erin", "ask ERIN, please"), ("erin@example.com", "by Erin@Example.com"), ("9911", "Amex ending in 9911, paid"),
    ("7777", "order #7777."), ("+49 40 555 7777", "0049-40/555 7777"), ("+49 40 555 7777", "call 04 05557777 now")])
def test_a_mark_is_found_in_other_writings(mark: str, text: str) -> None:
    assert stands(mark, text)


@pytest.mark.parametrize(("mark", "text"), [
    ("Erin", "catering"), ("9911", "ch_99110"), ("1042", "USD 1042.00"), ("1042", "USD 1,042"), ("1042", "3.1042"),
    ("7777", "17777"), ("+49 40 555 7777", "55577771")])
def test_what_only_looks_like_it_is_not_taken_for_it(mark: str, text: str) -> None:
    assert not stands(mark, text)


def test_what_others_wrote_there_is_no_finding() -> None:
    assert found(("Erin", "9911"), "Erin paid with 9911", own="I am writing for erin") == ["9911"]


def test_no_two_customers_share_a_mark() -> None:
    marks = [mark for own in BELONGS.values() for mark in own]
    assert len(set(marks)) == len(marks)
    for email, own in BELONGS.items():
        assert found(FOREIGN[email], " ; ".join(own)) == []
