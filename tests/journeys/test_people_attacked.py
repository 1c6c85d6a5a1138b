"""People press at the same moment, in threads of their own on the real database: one action or none, nothing hangs."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from sqlalchemy import Engine, event

from agent.compiled import Statement
from agent.consent import approval, taking_over
from agent.consent.approval import Colleague, NotNow
from tests.journeys.office import Office
from tests.journeys.racing import at_once
from tests.journeys.test_consent import AGENT, LEAD, small_needs_agent, waiting

REF = "zendesk:acme:1"


class Crossing:
    """Two who work on one ticket meet in the worst moment: each stops a little, once, after a statement it names.

    So each would hold what its statement locked while it goes on to what the other holds.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch, engine: Engine, *words: str) -> None:
        self.words, self.met, self.stopped = words, threading.Barrier(2), set[int]()
        event.listen(engine, "after_cursor_execute", lambda c, cursor, sql, *more: self.ran(sql))
        run = Statement._run

        def compiled(statement: Statement, connection: Any, values: dict[str, Any]) -> Any:
            cursor = run(statement, connection, values)
            self.ran(statement.sql)
            return cursor
        monkeypatch.setattr(Statement, "_run", compiled)

    def ran(self, sql: str) -> None:
        me = threading.get_ident()
        if me in self.stopped or not any(word in sql for word in self.words):
            return
        self.stopped.add(me)
        with suppress(threading.BrokenBarrierError):
            self.met.wait(2.0)


def said(act: Callable[[], object]) -> Callable[[], str]:
    """What the one who presses is told: "done", or the refusal in words."""
    def press() -> str:
        try:
            act()
        except NotNow as no:
            return str(no)
        return "done"
    return press


def approves(office: Office, by: Colleague = AGENT, amount: int | None = None) -> Callable[[], str]:
    (wait,) = waiting(office)
    return said(lambda: approval.approve(office.desk, wait.id, wait.digest, by, amount))


def declines(office: Office, by: Colleague = LEAD) -> Callable[[], str]:
    (wait,) = waiting(office)
    return said(lambda: approval.decline(office.desk, wait.id, wait.digest, by, "no"))


def takes_over(office: Office, by: Colleague = LEAD) -> Callable[[], str]:
    return said(lambda: taking_over.take_over(office.desk, REF, by))



def test_taking_over_while_another_approves_neither_waits_for_the_other_for_ever(
        office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    small_needs_agent(office)
    steps = [approves(office), takes_over(office)]
    Crossing(monkeypatch, office.engine, "UPDATE waits", "FOR UPDATE", "FOR NO KEY UPDATE")
    told = at_once(steps)
    office.settle(hours=3)
    assert told in (["done", "done"], ["Somebody else answered a moment ago.", "done"],
                    ["A person has taken the ticket over.", "done"])
    assert office.refunds() == []


def test_approving_while_what_the_customer_wrote_anew_is_planned_neither_waits_for_the_other_for_ever(
        office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    ticket = small_needs_agent(office)
    office.clock.forward(minutes=5)
    office.writes("I was charged twice, and now for the second time I ask.", ticket=ticket)
    office.event(ticket)
    approve = approves(office)
    Crossing(monkeypatch, office.engine, "UPDATE waits", "INSERT INTO proposals")
    told, _ = at_once([approve, lambda: str(office.run())])
    office.settle(hours=3)
    assert told == "done"
    assert office.refunded() == {"usd": 1800}
