"""What no webhook told is found, goes the way of an event, and has one result however often it is told or found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Engine, text

from agent.catchup import Catching, Found, Happenings, Heard, Overtaken, Tally, Tickets
from agent.database import Database
from agent.desk import Choices, Scope
from agent.places import Places
from agent.polling import Poll
from agent.proposal import Case
from connectors.stripe.told import TOLD
from tests.journeys.office import AGENT, DANA, ERIN, WORLD, Office, Scripted, refund
from tests.journeys.racing import NO_BREAKER, Racing, at_once
from webhooks.hearing import Hearing
from webhooks.inbox import keep
from webhooks.zendesk import ZendeskDoor

SECRET = "hook-secret"
HOOK = {"endpoint": "http://127.0.0.1:9/webhooks/zendesk", "secret": SECRET, "subscriptions": [
    "zen:event-type:ticket.created", "zen:event-type:ticket.comment_added", "zen:event-type:ticket.status_changed"]}
HOOKED = {**WORLD, "zendesk": {**WORLD["zendesk"], "webhooks": [HOOK]}}


def the_second(case: Case) -> dict[str, Any]:
    """The later charge is a duplicate."""
    return {"actions": [refund()]}


class Killed(BaseException):
    """The process is gone."""


class Reached(Office):
    """An office that Zendesk tells by webhook, through the door's own reading, and that catches up."""

    def __init__(self, engine: Engine, *, catching: Catching | None = None, **more: Any) -> None:
        self.script = Scripted()
        super().__init__(engine, **{"world": HOOKED, "planner": self.script, **more})
        self.door = ZendeskDoor("acme", (SECRET,), 10000001)
        self.catching = catching or Catching()
        self.poll = self.a_poll()
        self.poll.look()
        self.clock.forward(minutes=5)

    def hearing(self, *, keeps: bool = True) -> Hearing:
        return Hearing(self.engine, self.clock, lambda: "acct_sandbox", keeps)

    def a_poll(self) -> Poll:
        return Poll(self.desk, self.hearing(), self.catching, TOLD)

    def told(self) -> int:
        """What Zendesk has to tell arrives at the door; how much of it was new."""
        new = 0
        for delivery in self.zendesk.due(self.clock()):
            event = self.door.event(delivery.body, delivery.sign(self.clock()), self.clock())
            with self.engine.begin() as c:
                driver: Any = c.connection.driver_connection
                new += keep(driver, event, self.clock()) == "kept"
            self.zendesk.settled(delivery, 202, self.clock())
        return new

    def deaf(self, **span: float) -> None:
        """Zendesk's breaker opens: what happens meanwhile is told to nobody."""
        self.at_desk("breaker_opens", minutes=timedelta(**span).total_seconds() / 60)

    def caught_up(self, **after: float) -> Tally:
        """The next poll and all that it wakes; `after` so much time, by default when it is due."""
        self.clock.forward(**(after or {"minutes": 6}))
        tally = self.poll.look()
        self.run()
        return tally

    def asked(self, since: datetime, *, dry: bool = False) -> Tally:
        """As `deskhand catchup --since` looks through the helpdesk."""
        looking = self.asking(since, dry=dry)
        for _ in looking.look():
            pass
        return looking.tally

    def asking(self, since: datetime, *, dry: bool = False) -> Tickets:
        places = Places(self.desk.ledger, self.clock, timedelta())
        place, _ = places.asked("zendesk:acme asked", since, keep=not dry)
        return Tickets(self.desk, self.desk.helpdesks["zendesk"], self.hearing(keeps=not dry), self.catching,
                       places, place)

    def asked_of_payments(self, since: datetime, *, dry: bool) -> Tally:
        places = Places(self.desk.ledger, self.clock, timedelta())
        place, _ = places.asked("stripe asked", since, keep=not dry)
        assert self.desk.payments
        looking = Happenings(self.desk, self.desk.payments, TOLD, self.hearing(keeps=not dry), places, place)
        for _ in looking.look():
            pass
        return looking.tally

    def exports(self) -> list[str]:
        return [call for call in self.calls() if "incremental" in call]

    def reads(self) -> int:
        return len([call for call in self.calls() if call.endswith("/audits.json")])


@pytest.fixture
def reached(engine: Engine) -> Callable[..., Reached]:
    def make(**more: Any) -> Reached:
        return Reached(engine, **more)
    return make


@pytest.fixture
def office(reached: Callable[..., Reached]) -> Reached:
    office = reached()
    office.script.always = the_second
    return office


def test_a_database_that_refuses_what_was_found_ends_the_look_and_the_next_one_finds_it(office: Reached) -> None:
    """What is found is kept past SQLAlchemy, so that its errors are the driver's own."""
    office.double_charge()
    office.deaf(hours=1)
    office.writes()
    office.clock.forward(minutes=6)
    with office.engine.begin() as c:
        c.execute(text("alter table events rename to lost"))
    try:
        office.poll.look()
    finally:
        with office.engine.begin() as c:
            c.execute(text("alter table lost rename to events"))
    assert office.caught_up().woken == 1
    assert len(office.refunds()) == 1


LARGE = {"account": 2500, "updates": 300, "export": 30}
"""The limits of an account with the High Volume API add-on."""


def many(count: int) -> dict[str, Any]:
    """A large account with so many customers, each charged twice for one order."""
    people = [f"pat{n}@customer.example" for n in range(count)]
    card = {"amount": 100, "currency": "usd", "card": {"brand": "visa", "last4": "4242"}}
    return {
        "zendesk": {**HOOKED["zendesk"], "limits": LARGE,
                    "users": [*WORLD["zendesk"]["users"], *({"name": "Pat", "email": one} for one in people)]},
        "stripe": {**WORLD["stripe"], "customers": [{"id": f"cus_{n}", "email": one, "name": "Pat"}
                                                    for n, one in enumerate(people)],
                   "charges": [{"id": f"ch_{n}_{which}", "customer": f"cus_{n}", "created": ago, **card,
                                "metadata": {"order_id": str(n)}} for n in range(count)
                               for which, ago in (("first", "-26h"), ("again", "-25h"))]},
        "salesforce": WORLD["salesforce"],
    }


def hour_of_silence(office: Reached, count: int) -> tuple[list[int], int]:
    """So many customers write while the breaker is open; their tickets, and how many of them the polls have woken."""
    office.deaf(minutes=60)
    tickets, woken = [], 0
    for n in range(count):
        tickets.append(office.writes(f"I was charged twice for order {n}.", email=f"pat{n}@customer.example"))
        assert office.told() == 0
        if n % 100 == 99:
            woken += office.caught_up().woken
    for _ in range(3):
        woken += office.caught_up().woken
    return tickets, woken


def test_500_events_lost_while_the_breaker_is_open_are_found_and_each_is_handled_once(
        reached: Callable[..., Reached]) -> None:
    """Without a payment provider each of them is a person's, who reads of it in one note."""
    office = reached(world=many(500), choices=NO_BREAKER, without=("stripe", "salesforce"))
    office.script.always = the_second
    tickets, woken = hour_of_silence(office, 500)

    assert woken == len(tickets) == 500
    books = office.zendesk.books()["tickets"]
    assert Counter(len(books[str(id)]["notes"]) for id in tickets) == {1: 500}
    assert office.caught_up().woken == 0
    assert office.zendesk.books()["notes"] == 500


def test_40_lost_asks_for_a_refund_are_found_and_each_is_refunded_once(reached: Callable[..., Reached]) -> None:
    office = reached(world=many(40), choices=NO_BREAKER)
    office.script.always = the_second
    tickets, _ = hour_of_silence(office, 40)

    assert Counter(one["charge"] for one in office.refunds()) == {f"ch_{n}_again": 1 for n in range(40)}
    books = office.zendesk.books()["tickets"]
    assert {(len(books[str(id)]["notes"]), len(books[str(id)]["replies"])) for id in tickets} == {(1, 1)}
    assert office.caught_up().woken == 0
    assert len(office.refunds()) == 40


def test_what_a_webhook_told_is_neither_read_nor_woken_again(office: Reached) -> None:
    office.double_charge()
    ticket = office.writes()
    assert office.told() == 1
    office.run()
    office.told()
    office.clock.forward(minutes=2)
    office.run()
    before = office.reads()
    tally = office.caught_up()
    assert (tally.woken, office.reads()) == (0, before)
    assert office.refunded() == {"usd": 1800}
    assert len(office.notes(ticket)) == 1


def test_a_webhook_that_arrives_after_the_poll_changes_nothing(office: Reached) -> None:
    office.double_charge()
    ticket = office.writes()
    assert office.caught_up().woken == 1
    assert office.refunded() == {"usd": 1800}
    assert office.told() > 0
    office.run()
    office.clock.forward(minutes=2)
    office.run()
    assert office.refunded() == {"usd": 1800}
    assert (len(office.notes(ticket)), len(office.replies(ticket))) == (1, 1)


def test_told_and_found_before_anyone_has_looked_gives_one_result(office: Reached) -> None:
    office.double_charge()
    ticket = office.writes()
    office.clock.forward(minutes=6)
    office.poll.look()
    office.told()
    office.run()
    assert office.refunded() == {"usd": 1800}
    assert (len(office.notes(ticket)), len(office.replies(ticket))) == (1, 1)


def test_an_older_message_whose_event_was_lost_is_read_with_the_one_that_was_told(office: Reached) -> None:
    office.double_charge()
    office.deaf(minutes=1)
    ticket = office.writes()
    office.told()
    office.clock.forward(minutes=2)
    office.writes("Any news?", ticket=ticket)
    assert office.told() == 1
    office.run()
    assert office.caught_up().woken == 0
    assert office.refunded() == {"usd": 1800}


def test_our_own_writes_wake_a_ticket_at_most_once_each(office: Reached) -> None:
    office.double_charge()
    office.deaf(hours=10)
    ticket = office.writes()
    office.told()
    assert [office.caught_up().woken for _ in range(8)] == [1, 0, 0, 0, 0, 0, 0, 0]
    assert (len(office.notes(ticket)), len(office.replies(ticket))) == (1, 1)


def test_the_place_is_kept_and_a_change_is_read_once(office: Reached) -> None:
    """An agent's change that no webhook tells of costs one look, and not one at every poll."""
    office.deaf(hours=10)
    ticket = office.writes("Thank you!")
    office.told()
    office.caught_up()
    office.at_desk("agent_sets", ticket=ticket, agent=AGENT, priority="high")
    office.told()
    before = office.reads()
    assert [office.caught_up().woken for _ in range(3)] == [0, 0, 0]
    assert office.reads() == before + 1


def lost(office: Reached, *bodies: str) -> list[int]:
    """Tickets that nobody is told of."""
    office.deaf(hours=1)
    tickets = [office.writes(body) for body in bodies]
    office.told()
    office.clock.forward(minutes=2)
    return tickets


def killed_after(office: Reached, monkeypatch: pytest.MonkeyPatch, kept: int) -> None:
    """The next look ends with the process, once so many were kept."""
    left = iter(range(kept))
    honest = Hearing.ticket

    def dies(self: Hearing, found: Found) -> Heard:
        if next(left, None) is None:
            raise Killed
        return honest(self, found)

    monkeypatch.setattr(Hearing, "ticket", dies)


def test_killed_half_way_the_next_look_goes_on_and_nothing_is_doubled(
        office: Reached, monkeypatch: pytest.MonkeyPatch) -> None:
    office.double_charge()
    tickets = lost(office, *["I was charged twice, please refund the second one."] * 5)
    office.clock.forward(minutes=6)
    with monkeypatch.context() as broken:
        killed_after(office, broken, 3)
        with pytest.raises(Killed):
            office.poll.look()
    office.run()
    office.poll = office.a_poll()
    assert office.caught_up().woken == 2
    assert office.refunded() == {"usd": 1800}
    assert [len(office.notes(ticket)) for ticket in tickets] == [1] * 5


def test_a_catchup_that_was_stopped_goes_on_after_the_pages_it_had_looked_at(
        reached: Callable[..., Reached], monkeypatch: pytest.MonkeyPatch) -> None:
    office = reached(world=many(1), choices=NO_BREAKER)
    since = office.clock()
    office.deaf(hours=10)
    for _ in range(120):
        office.writes("Thank you!")
        office.clock.forward(seconds=1)
    office.told()
    office.clock.forward(minutes=2)
    with monkeypatch.context() as broken:
        killed_after(office, broken, 110)
        with pytest.raises(Killed):
            office.asked(since)
    office.clock.forward(minutes=1)
    again = office.asked(since + timedelta(seconds=30))
    assert (again.looked, again.woken, again.known) == (20, 10, 10)


def test_a_refusal_in_the_middle_is_waited_for(office: Reached) -> None:
    office.double_charge()
    lost(office, "I was charged twice, please refund the second one.")
    office.fault("zendesk", "429", path="incremental", params={"retry_after": 40})
    office.fault("zendesk", "429", path="audits", params={"retry_after": 30})
    assert office.caught_up().woken == 1
    assert [seconds for seconds in office.slept if seconds >= 30] == [40, 30]
    assert office.refunded() == {"usd": 1800}


def test_more_pages_than_the_export_answers_in_a_minute_are_all_looked_at(reached: Callable[..., Reached]) -> None:
    office = reached(catching=Catching(per_minute=2000), choices=NO_BREAKER, without=("stripe", "salesforce"))
    for n in range(1150):
        office.zendesk.load({"tickets": [{"id": 1000 + n, "email": DANA, "subject": "Old", "body": "Thank you!",
                                          "status": "closed"}]}, office.clock())
    tally = office.caught_up()
    assert (tally.looked, tally.woken, tally.not_ours) == (1150, 0, 1150)
    assert len(office.exports()) > 12
    assert any(seconds > 0 for seconds in office.slept)


def test_while_the_helpdesk_is_away_the_place_stays_and_the_next_poll_finds_it(office: Reached) -> None:
    office.double_charge()
    lost(office, "I was charged twice, please refund the second one.")
    office.fault("zendesk", "reset_before", path="incremental", times=3)
    assert office.caught_up().woken == 0
    assert office.caught_up().woken == 1
    assert office.refunded() == {"usd": 1800}


def test_of_two_workers_one_looks_and_the_other_does_not_ask(office: Reached) -> None:
    office.double_charge()
    lost(office, "I was charged twice, please refund the second one.")
    other = office.a_poll()
    office.clock.forward(minutes=6)
    before = len(office.exports())
    assert [office.poll.look().woken, other.look().woken] == [1, 0]
    assert len(office.exports()) == before + 1
    office.run()
    assert office.refunded() == {"usd": 1800}


def test_of_two_that_look_from_the_same_place_the_slower_one_gives_up(office: Reached) -> None:
    office.double_charge()
    since = office.clock()
    lost(office, "I was charged twice, please refund the second one.")
    first, second = office.asking(since), office.asking(since)
    looking = first.look()
    next(looking)
    for _ in second.look():
        pass
    with pytest.raises(Overtaken):
        list(looking)
    assert (first.tally.woken, second.tally.woken) == (1, 0)
    office.run()
    assert office.refunded() == {"usd": 1800}


def test_webhooks_and_two_polls_at_once_refund_each_charge_once(database: Database) -> None:
    """Through the real door and the real worker, while two processes look for the same."""
    office = Racing(database, the_second)
    office.worker.start()
    try:
        hearing = Hearing(office.engine, office.clock, str)
        polls = [Poll(office.desk, hearing, Catching(per_minute=2000), ()) for _ in range(2)]
        polls[0].look()
        office.double_charge()
        office.double_charge(email=ERIN)
        tickets = [office.writes(), office.writes(email=ERIN)]
        office.clock.forward(minutes=6)
        steps: list[Callable[[], object]] = [polls[0].look, polls[1].look]
        steps += [partial(office.knocks, ticket, f"event-{n}-{ticket}") for n in range(3) for ticket in tickets]
        at_once(steps)
        office.until_quiet()
    finally:
        assert office.close()
    assert len(office.refunds()) == 2
    kept = office.zendesk.books()["tickets"]
    assert {len(kept[str(ticket)]["notes"]) for ticket in tickets} == {1}


def test_the_first_look_does_not_take_up_what_was_there_before(reached: Callable[..., Reached]) -> None:
    """Not even when an admin changes all old tickets just after the installation."""
    world = {**HOOKED, "zendesk": {**HOOKED["zendesk"], "tickets": [
        {"id": 7, "email": DANA, "subject": "Old", "body": "I was charged twice, refund it.", "created_at": "-2d"}]}}
    office = reached(world=world)
    office.script.always = the_second
    office.double_charge()
    office.deaf(hours=1)
    office.at_desk("agent_sets", ticket=7, agent=AGENT, tags=["spring"])
    office.told()
    assert office.caught_up().woken == 0
    assert office.asked(office.clock() - timedelta(days=3)).woken == 1


def test_after_three_days_of_standing_still_a_message_is_answered_on_fresh_facts(office: Reached) -> None:
    _, again = office.double_charge()
    ticket = office.writes("I was charged twice, please refund the second one.")
    office.deaf(days=3)
    office.zendesk.due(office.clock())
    office.clock.forward(days=3)
    office.happens("stripe", "dashboard_refund", charge=again)
    office.poll = office.a_poll()
    assert office.caught_up().woken == 1
    assert len(office.refunds()) == 1, "a colleague had refunded it meanwhile"
    assert len(office.notes(ticket)) == 1


def test_a_message_older_than_the_admin_allows_is_left_to_people_and_named(
        office: Reached, caplog: pytest.LogCaptureFixture) -> None:
    office.double_charge()
    since = office.clock()
    [ticket] = lost(office, "I was charged twice, please refund the second one.")
    office.clock.forward(days=8)
    tally = office.asked(since)
    office.run()
    assert (tally.woken, tally.too_old) == (0, [office.ref(ticket)])
    office.poll.look()
    assert f"left to people, found more than 7 days late: zendesk:acme:{ticket}" in caplog.messages
    assert (office.refunds(), office.notes(ticket)) == ([], [])


def test_a_cursor_that_zendesk_has_forgotten_costs_a_second_look_and_no_ticket(office: Reached) -> None:
    office.double_charge()
    with office.engine.begin() as c:
        c.execute(text("update catchups set cursor = 'forgotten' where name = 'zendesk:acme'"))
    lost(office, "I was charged twice, please refund the second one.")
    assert office.caught_up().woken == 1
    assert office.refunded() == {"usd": 1800}


def test_tickets_out_of_scope_closed_merged_or_deleted_are_not_even_read(reached: Callable[..., Reached]) -> None:
    office = reached(choices=Choices(scope=Scope(channels=("email",))))
    chat, closed, gone, one, two = (office.writes("Refund me.", channel=channel)
                                    for channel in ("chat", "email", "email", "email", "email"))
    office.deaf(hours=1)
    office.at_desk("agent_sets", ticket=closed, agent=AGENT, assignee=AGENT, status="solved")
    office.at_desk("close", ticket=closed)
    office.at_desk("merge", ticket=one, into=two)
    office.at_desk("delete", ticket=gone)
    office.at_desk("delete", ticket=two)
    office.told()
    tally = office.caught_up()
    assert (tally.looked, tally.woken, tally.not_ours) == (5, 0, 5)
    assert office.reads() == 0
    assert chat != two


def test_a_ticket_that_cannot_be_read_does_not_stop_the_others(office: Reached) -> None:
    office.double_charge()
    first, second = lost(office, "Where is my parcel?", "I was charged twice, please refund the second one.")
    office.fault("zendesk", "malformed_200", path=f"tickets/{first}/audits", times=3)
    assert office.caught_up().woken == 2
    office.settle(hours=1)
    assert [len(office.notes(first)), len(office.notes(second))] == [1, 1]


AWAY = ("500_before", "timeout_before", "429")
"""As one ticket may be for long, and a whole helpdesk."""


@pytest.mark.parametrize("fault", AWAY)
def test_a_ticket_that_fails_at_each_look_is_left_to_its_own_pass_and_the_others_are_found(
        office: Reached, fault: str) -> None:
    office.double_charge()
    broken, *others = lost(office, "Where is my parcel?", "How are you?", "I was charged twice, please refund it.")
    office.fault("zendesk", fault, "GET", f"/tickets/{broken}/", times=1000, params={"retry_after": 400})
    assert [office.caught_up().woken for _ in range(3)] == [1, 2, 0]
    assert office.refunded() == {"usd": 1800}

    office.doors["zendesk"].faults.clear()
    office.settle(hours=1)
    assert [len(office.notes(ticket)) for ticket in (broken, *others)] == [1, 1, 1]


def test_several_tickets_that_fail_at_each_look_keep_the_others_waiting_for_one_look_each(office: Reached) -> None:
    office.double_charge()
    *broken, last = lost(office, "One", "Two", "Three", "I was charged twice, please refund the second one.")
    for one in broken:
        office.fault("zendesk", "500_before", "GET", f"/tickets/{one}/", times=1000)
    assert [office.caught_up().woken for _ in range(5)] == [1, 1, 1, 1, 0]
    assert len(office.notes(last)) == 1


@pytest.mark.parametrize("fault", AWAY)
def test_while_no_ticket_can_be_read_the_place_stays_and_all_are_found_once_they_can(
        office: Reached, fault: str) -> None:
    tickets = lost(office, *["I was charged twice, please refund the second one."] * 5)
    office.double_charge()
    office.fault("zendesk", fault, "GET", "/audits", times=1000, params={"retry_after": 400})
    assert [office.caught_up().woken for _ in range(2)] == [1, 1]
    office.doors["zendesk"].faults.clear()
    assert office.caught_up().woken == 3
    office.settle(hours=1)
    assert [len(office.notes(ticket)) for ticket in tickets] == [1] * 5


def test_a_ticket_that_fails_and_has_changed_too_long_ago_keeps_nothing_waiting(office: Reached) -> None:
    since = office.clock()
    broken, _ = lost(office, "Where is my parcel?", "I was charged twice, please refund the second one.")
    office.clock.forward(days=8)
    late = office.writes(email=ERIN)
    office.told()
    office.clock.forward(minutes=2)
    office.fault("zendesk", "500_before", "GET", f"/tickets/{broken}/", times=1000)
    assert office.ref(broken) in office.asked(since).too_old
    office.run()
    assert len(office.notes(late)) == 1


def test_a_key_that_may_not_export_is_said_once(office: Reached, caplog: pytest.LogCaptureFixture) -> None:
    office.fault("zendesk", "403", path="incremental", times=10)
    for _ in range(3):
        office.caught_up()
    said = [one for one in caplog.messages if "not caught up" in one]
    assert len(said) == 1
    assert "zendesk:acme: not caught up: Zendesk answered 403" in said[0]


def refunded(office: Reached) -> int:
    office.double_charge()
    ticket = office.writes()
    office.told()
    office.run()
    assert office.refunded() == {"usd": 1800}
    return ticket


def test_a_refund_that_failed_and_that_stripe_told_nobody_of_is_found(office: Reached) -> None:
    ticket = refunded(office)
    office.caught_up()
    office.happens("stripe", "fail_refund", refund=office.refunds()[0]["id"])
    office.caught_up()
    assert "did not go through" in office.replies(ticket)[-1]
    assert (len(office.notes(ticket)), len(office.replies(ticket))) == (2, 2)


def test_what_stripe_tells_and_what_is_found_is_kept_once(office: Reached) -> None:
    refunded(office)
    office.caught_up()
    office.happens("stripe", "fail_refund", refund=office.refunds()[0]["id"])
    payments = office.desk.payments
    assert payments
    told = payments.happened_since(office.clock() - timedelta(hours=1), TOLD)
    [event] = [one for one in told if one.kind == "refund.failed"]
    assert [office.hearing().payment(event), office.hearing().payment(event)] == ["kept", "seen"]


def test_the_chore_looks_when_it_is_time_and_never_where_it_is_switched_off(reached: Callable[..., Reached]) -> None:
    off, on = reached(catching=Catching(every_minutes=0)), reached()
    before = len(off.exports()), len(on.exports())
    for office in (off, on):
        for minutes in (6, 1, 6):
            office.clock.forward(minutes=minutes)
            with office.engine.begin() as c:
                office.poll.tick(c)
            if office.poll.looking is not None:
                office.poll.looking.join(20)
    assert (len(off.exports()), len(on.exports())) == (before[0], before[1] + 2)


def test_once_a_clock_that_was_ahead_is_set_right_it_looks_as_before(office: Reached) -> None:
    """And not only when that clock's next look would have been due."""
    office.double_charge()
    office.clock.forward(hours=3)
    with office.engine.begin() as c:
        office.poll.tick(c)
    assert office.poll.looking
    office.poll.looking.join(20)
    office.clock.forward(hours=-3)
    lost(office, "I was charged twice, please refund the second one.")
    office.clock.forward(minutes=6)
    with office.engine.begin() as c:
        office.poll.tick(c)
    office.poll.looking.join(20)
    office.run()
    assert office.refunded() == {"usd": 1800}


def test_a_dry_run_keeps_wakes_and_moves_nothing(office: Reached) -> None:
    since = office.clock()
    lost(office, "I was charged twice, please refund the second one.")
    assert office.asked(since, dry=True).woken == 1
    assert office.asked(since, dry=True).woken == 1
    assert office.run() == 0
    assert office.asked(since).woken == 1


def test_a_dry_run_says_of_payments_what_the_real_one_finds(office: Reached) -> None:
    """A refund made by hand concerns no ticket; one of ours that failed concerns one; what was told is known."""
    since = office.clock()
    refunded(office)
    other = office.charge(900, order="7")
    office.happens("stripe", "dashboard_refund", charge=other)
    office.happens("stripe", "fail_refund", refund=office.refunds()[0]["id"])
    first, real, after = (office.asked_of_payments(since, dry=dry) for dry in (True, False, True))
    assert first == real
    assert (real.woken >= 1, real.known, real.not_ours >= 1) == (True, 0, True)
    assert (after.woken, after.known, after.not_ours) == (0, real.woken, real.not_ours)
