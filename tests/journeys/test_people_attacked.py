"""People press at the same moment, in threads of their own on the real database: one action or none, nothing hangs."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from sqlalchemy import Engine, event

from agent import switch
from agent.compiled import Statement
from agent.consent import approval, taking_over, undoing
from agent.consent.approval import Colleague, NotNow
from tests.journeys.office import Office, Scripted, refund
from tests.journeys.racing import at_once
from tests.journeys.test_consent import AGENT, FINANCE, LEAD, asks, small_needs_agent, waiting
from tests.webhooks.opened import OpenOffice

REF = "zendesk:acme:1"
OLD, NEW = "+49 30 1234567", "+49 30 7654321"


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
    return said(lambda: approval.approve(office.desk, wait.id, wait.shown, by, amount))


def declines(office: Office, by: Colleague = LEAD) -> Callable[[], str]:
    (wait,) = waiting(office)
    return said(lambda: approval.decline(office.desk, wait.id, wait.shown, by, "no"))


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


BUSY = "The ticket is being worked on just now. Try again in a moment."
TAKEN = "A person has taken the ticket over."
SECOND = ("Already approved by ", "Already declined by ", TAKEN)


def test_of_eight_who_approve_and_eight_who_decline_at_once_one_is_heard(office: Office) -> None:
    small_needs_agent(office)
    told = at_once([approves(office)] * 8 + [declines(office)] * 8)
    office.settle(hours=3)
    assert told.count("done") == 1
    assert all(one == "done" or one.startswith(SECOND[:2]) for one in told)
    assert office.refunded() == ({"usd": 1800} if told.index("done") < 8 else {})


def test_lowered_and_approved_at_once_it_is_one_of_the_two_amounts(office: Office) -> None:
    ticket = asks(office, 18000)
    told = at_once([approves(office, LEAD), approves(office, LEAD, 9900), approves(office, FINANCE, 100)])
    office.run()
    office.customer_answers(ticket, "YES")
    office.settle(hours=3)
    assert sorted(one.split(" by ")[0] for one in told) == ["Already approved", "Already approved", "done"]
    assert office.refunded() == {"usd": (18000, 9900, 100)[told.index("done")]}


def test_taken_over_given_back_and_approved_at_once_it_is_done_once_or_rests(office: Office) -> None:
    ticket = small_needs_agent(office)
    gives_back = said(lambda: taking_over.give_back(office.desk, REF, LEAD))
    told = at_once([approves(office), takes_over(office), gives_back, takes_over(office, FINANCE), gives_back])
    office.settle(hours=3)
    assert len(office.refunds()) <= 1
    assert told[0] in ("done", TAKEN)
    assert len(office.notes(ticket)) <= 4
    if office.refunds():
        assert told[0] == "done"


def a_new_phone_and_then_money(office: Office) -> int:
    """The phone is changed without anybody, so it can be undone; the money waits for a lead."""
    office.charge(1800)
    change = {"kind": "contact_change", "contact": "k1", "field": "phone", "value": NEW, "quote": "number"}
    money = refund("c1", claim="goodwill", quote="my money back")
    assert isinstance(office.planner, Scripted)
    office.planner.always = lambda case: (
        {"actions": [change]} if NEW in case.asked() else {"actions": [money]} if case.asked() else
        {"nothing_asked": True})
    ticket = office.handle(f"My new number is {NEW}.")
    assert phone(office) == NEW
    office.customer_answers(ticket, "And I want my money back, please.")
    return ticket


def undoes(office: Office, by: Colleague = LEAD) -> Callable[[], str]:
    with office.engine.begin() as c:
        (done,) = [one for one, _ in office.desk.ledger.done_on(c, 1) if one.kind == "contact_change"]
    return said(lambda: undoing.undo(office.desk, done.id, undoing.receipt_digest(office.desk, done), by))


def phone(office: Office) -> str:
    return str(next(iter(office.salesforce.books()["contacts"].values()))["Phone"])


def test_of_four_who_undo_at_once_one_is_heard_and_it_is_undone_once(office: Office) -> None:
    ticket = a_new_phone_and_then_money(office)
    told = at_once([undoes(office)] * 4)
    office.settle(hours=3)
    assert sorted(told) == ["An undo was already asked for by Lena Lead."] * 3 + ["done"]
    assert phone(office) == OLD
    assert sum("undone by Lena Lead" in note for note in office.notes(ticket)) == 1


def test_undone_and_approved_at_once_both_happen_once_or_one_is_told_to_try_again(office: Office) -> None:
    a_new_phone_and_then_money(office)
    told = at_once([undoes(office), approves(office, LEAD)])
    office.settle(hours=3)
    assert set(told) <= {"done", BUSY}
    assert "done" in told
    assert phone(office) == (OLD if told[0] == "done" else NEW)
    assert office.refunded() == ({"usd": 1800} if told[1] == "done" else {})
    again = [undoes(office)] if told[0] == BUSY else [approves(office, LEAD)] if told[1] == BUSY else []
    assert [one() for one in again] == ["done"] * len(again)
    office.settle(hours=3)
    assert (phone(office), office.refunded()) == (OLD, {"usd": 1800})


def test_confirmed_on_the_page_and_by_reply_at_once_it_is_one_refund(engine: Engine) -> None:
    office = OpenOffice(engine)
    ticket = office.asks(4700)
    link = office.link(ticket)
    office.clock.forward(minutes=5)
    office.writes("YES", ticket=ticket)
    office.event(ticket)
    page, _ = at_once([lambda: office.app.test_client().post(link, data={"typed": "4242"}).text,
                       lambda: str(office.run())])
    office.settle(hours=3)
    assert "Thank you" in page or "answered already" in page or "try again in a minute" in page
    assert office.refunded() == {"usd": 4700}
    assert len(office.replies(ticket)) == 2


def test_paused_between_the_press_and_the_refund_nothing_goes_out_until_it_is_resumed(office: Office) -> None:
    small_needs_agent(office)
    approve = approves(office)

    def pauses() -> str:
        with office.engine.begin() as c:
            switch.pause(c, "refund", "a look first", "Ada", office.clock())
        return "done"
    assert at_once([approve, pauses]) == ["done", "done"]
    office.run()
    assert office.refunds() == []
    switch.resume(office.engine, "refund", "Ada", office.clock())
    office.settle(hours=3)
    assert office.refunded() == {"usd": 1800}



def test_what_was_approved_before_another_took_the_ticket_is_approved_anew_once_it_is_given_back(
        office: Office) -> None:
    ticket = small_needs_agent(office)
    switch_refunds(office, on=False)
    approves(office)()
    office.run()
    office.clock.forward(minutes=5)
    takes_over(office)()
    office.run()
    switch_refunds(office, on=True)
    office.settle(hours=1)
    taking_over.give_back(office.desk, REF, LEAD)
    assert isinstance(office.planner, Scripted)
    office.planner.always = lambda case: {"actions": [refund("c1", claim="goodwill", quote="my money back")]}
    office.customer_answers(ticket, "Any news about the money for order 1042 please?")
    office.settle(hours=1)
    assert office.refunds() == []
    assert approves(office)() == "done"
    office.settle(hours=1)
    assert office.refunded() == {"usd": 1800}


def switch_refunds(office: Office, *, on: bool) -> None:
    if on:
        switch.resume(office.engine, "refund", "Ada", office.clock())
        return
    with office.engine.begin() as c:
        switch.pause(c, "refund", "a look first", "Ada", office.clock())
