"""What people did about each ask, and where that differs from what Deskhand would have done."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from agent.report.answered import compared
from agent.report.lines import Disagreement, Kind, Line, People, Would, one_per_ask
from connectors.contract import Charge
from tests.agent.report.things import BEGIN, DAY, HOUR, charge, refund, usd

LONG_AFTER = BEGIN + 30 * DAY


def ask(ref: str, *books: Charge, after: timedelta = 0 * HOUR, kind: Kind = "refund", would: Would = Would.DONE,
        of: str | None = "ch_1", amount: int = 1800, name: str = "op") -> Line:
    named = kind == "refund"
    return Line(ref, BEGIN + after, kind, name, would, charge=of if named else None,
                money=usd(amount) if named else None, books=books)


def people(*lines: Line) -> list[People]:
    return [line.people for line in compared(lines, LONG_AFTER)]


@pytest.mark.parametrize(("refunds", "said"), [
    ((refund("re_1", HOUR),), People.SAME),
    ((refund("re_1", HOUR, 800), refund("re_2", DAY, 1000)), People.SAME),
    ((refund("re_1", HOUR, 900),), People.OTHER_AMOUNT),
    ((refund("re_1", 7 * DAY),), People.SAME),
    ((refund("re_1", 7 * DAY + HOUR / 3600),), People.NOTHING),
    ((refund("re_1", -HOUR / 3600),), People.NOTHING),
    ((refund("re_1", HOUR, status="failed"),), People.NOTHING),
    ((refund("re_1", HOUR, operation="op-1"),), People.BY_DESKHAND),
    ((refund("re_1", HOUR, 800, operation="op-1"), refund("re_2", HOUR, 1000)), People.OTHER_AMOUNT),
    ((), People.NOTHING),
])
def test_what_people_refunded_within_seven_days_is_named(refunds: tuple, said: People) -> None:  # type: ignore[type-arg]
    assert people(ask("t1", charge("ch_1", *refunds))) == [said]


def test_before_the_seven_days_are_over_nothing_is_not_yet_an_answer() -> None:
    [line] = compared([ask("t1", charge("ch_1"))], BEGIN + 6 * DAY)
    assert line.people is People.NOT_YET
    assert line.disagreement() is None


def test_without_a_payment_provider_nothing_is_said_of_people() -> None:
    [line] = compared([replace(ask("t1"), books=None)], LONG_AFTER)
    assert line.people is People.NOT_KNOWN


def test_one_refund_answers_one_ticket_only() -> None:
    books = charge("ch_1", refund("re_1", 2 * DAY))
    assert people(ask("t1", books), ask("t2", books, after=DAY)) == [People.SAME, People.NOTHING]


def test_two_parts_asked_for_on_two_tickets_are_told_apart_by_their_amounts() -> None:
    books = charge("ch_1", refund("re_1", 2 * DAY, 700), refund("re_2", 3 * DAY, 500))
    assert people(ask("t1", books, amount=500), ask("t2", books, after=DAY, amount=700)) == [People.SAME, People.SAME]


def test_a_refund_of_another_charge_answers_the_newest_ask_before_it() -> None:
    first, second = charge("ch_1"), charge("ch_2", refund("re_1", 3 * DAY))
    lines = compared([ask("t1", first, second), ask("t2", first, second, after=DAY),
                      ask("t3", first, second, after=4 * DAY)], LONG_AFTER)
    assert [line.people for line in lines] == [People.NOTHING, People.OTHER_CHARGE, People.NOTHING]
    assert (lines[1].paid, lines[1].paid_on, lines[1].took) == (usd(1800), "ch_2", 2 * DAY)


def test_a_refund_of_the_charge_that_another_ticket_names_is_that_tickets() -> None:
    books = charge("ch_1"), charge("ch_2", refund("re_1", 3 * DAY))
    assert people(ask("t1", *books), ask("t2", *books, of="ch_2")) == [People.NOTHING, People.SAME]


def test_a_strangers_refund_answers_nobody_else() -> None:
    assert people(ask("t1", charge("ch_1")), ask("t2", charge("ch_9", refund("re_1", DAY)), of="ch_9")) == [
        People.NOTHING, People.SAME]


def test_the_same_ask_counts_once_as_it_would_have_been_done_with_least_supervision() -> None:
    lines = one_per_ask([ask("t1", would=Would.APPROVE), ask("t1", after=HOUR), ask("t1", after=DAY),
                         ask("t1", after=DAY, would=Would.REFUSED), ask("t2", would=Would.REFUSED)])
    assert [(line.ref, line.would, line.asked_at - BEGIN) for line in lines] == [
        ("t1", Would.DONE, HOUR), ("t2", Would.REFUSED, 0 * HOUR)]


def test_what_was_unclear_or_silent_at_first_goes_once_a_refund_is_asked_for() -> None:
    quiet = ask("t1", kind="none", would=Would.SILENT, name="none")
    unclear = ask("t1", kind="unclear", would=Would.HANDED_OVER, name="unclear", after=HOUR)
    assert one_per_ask([quiet, unclear]) == [unclear]
    assert one_per_ask([quiet, unclear, ask("t1", after=DAY)]) == [ask("t1", after=DAY)]
    assert one_per_ask([quiet]) == [quiet]


@pytest.mark.parametrize(("would", "said", "paid", "differs"), [
    (Would.DONE, People.SAME, 1800, None),
    (Would.DONE, People.NOTHING, None, Disagreement.WOULD_PAY),
    (Would.DONE, People.OTHER_AMOUNT, 900, Disagreement.WOULD_PAY),
    (Would.DONE, People.OTHER_AMOUNT, 2000, Disagreement.DIFFERS),
    (Would.DONE, People.OTHER_CHARGE, 1800, Disagreement.WOULD_PAY),
    (Would.DONE, People.BY_DESKHAND, None, None),
    (Would.DONE, People.NOT_KNOWN, None, None),
    (Would.CONFIRM, People.SAME, 1800, Disagreement.HELD_BACK),
    (Would.REFUSED, People.SAME, 1800, Disagreement.HELD_BACK),
    (Would.APPROVE, People.OTHER_AMOUNT, 900, Disagreement.DIFFERS),
    (Would.REFUSED, People.OTHER_CHARGE, 900, Disagreement.DIFFERS),
    (Would.APPROVE, People.NOTHING, None, None),
    (Would.REFUSED, People.NOTHING, None, None),
])
def test_who_disagrees_is_told_by_a_table(would: Would, said: People, paid: int | None,
                                          differs: Disagreement | None) -> None:
    line = replace(ask("t1", would=would), people=said, paid=usd(paid) if paid else None)
    assert line.disagreement() is differs


@pytest.mark.parametrize(("kind", "would"), [("none", Would.SILENT), ("unclear", Would.HANDED_OVER)])
def test_a_refund_on_a_ticket_where_none_was_seen_is_a_disagreement(kind: Kind, would: Would) -> None:
    [line] = compared([ask("t1", charge("ch_1", refund("re_1", HOUR)), kind=kind, would=would)], LONG_AFTER)
    assert line.disagreement() is Disagreement.HELD_BACK
