"""How many vendor calls a ticket takes, and how many of them wait for one another; counted, not timed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from tests.journeys.conftest import on_both
from tests.journeys.office import Office, refund


class Counting:
    """Runs reads one by one and counts as if they ran side by side: of each group only the longest."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.saved = 0

    def __call__(self, reads: Sequence[Callable[[], Any]]) -> list[Any]:
        results, lengths = [], []
        for read in reads:
            before = self.one_after_the_other()
            results.append(read())
            lengths.append(self.one_after_the_other() - before)
        self.saved += sum(lengths) - max(lengths, default=0)
        return results

    def one_after_the_other(self) -> int:
        return len(self.office.calls()) - self.saved


@on_both
def test_one_refund_takes_eleven_calls_seven_of_them_one_after_the_other(office: Office) -> None:
    """With CRM activity, note and reply, and one call of the model."""
    counting = Counting(office)
    office.desk = replace(office.desk, together=counting)
    office.double_charge()
    office.planner.next = [{"actions": [refund("c2", quote="please refund the second one")]}]
    office.handle()

    assert office.refunded() == {"usd": 1800}
    assert len(office.calls()) <= 11, office.calls()
    assert counting.one_after_the_other() <= 7
    assert len(office.planner.cases) == 1


@on_both
def test_a_ticket_that_is_not_ours_takes_one_call_and_no_model(office: Office) -> None:
    office.handle("Thanks for the newsletter!", subject="Re: Our autumn news")

    assert len(office.calls()) == 1
    assert office.planner.cases == []
