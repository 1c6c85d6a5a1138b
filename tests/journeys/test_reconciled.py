"""Every refund of a month at Stripe is set against the ledger and the tickets, and what does not fit is found."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, text

from agent import erasing, held
from agent.audit.month import Month
from agent.audit.reconcile import Line, Reconciled
from agent.audit.sides import both_sides
from agent.consent import approval, undoing
from agent.consent.approval import Colleague
from agent.consent.waits import of_ticket
from agent.desk import Choices
from agent.rates import Rates
from connectors.contract import Money, RefundReceipt
from tests.journeys.office import CHECKED, Office, loaded, refund

UTC_ZONE = ZoneInfo("UTC")
NOVEMBER = Month(2026, 11, UTC_ZONE)
OPEN_HANDED = """\
policy: open-handed
actions:
  refund:
    mode: execute
    limits:
      USD: {auto: 9000}
      JPY: {auto: 900000}
      KWD: {auto: 9000}
rules: []
"""
RATES = Rates.model_validate({"home": "USD", "JPY": 0.01, "KWD": 3})
MIA = Colleague("7", "Mia", "lead")


class Desk(Office):
    """An office that refunds what it is asked for, each time to another customer."""

    def __init__(self, engine: Engine, helpdesk: str = "zendesk") -> None:
        super().__init__(engine, choices=Choices(senders_checked=CHECKED, rates=RATES), helpdesk=helpdesk)
        self.policy = loaded(OPEN_HANDED)
        self.customers = 0

    def pays(self, amount: int = 1800, currency: str = "usd", **more: Any) -> tuple[str, str]:
        """A new customer with a charge: their address and the charge's id."""
        self.customers += 1
        email, customer = f"p{self.customers}@example.com", f"cus_p{self.customers}"
        self.stripe.load({"customers": [{"id": customer, "email": email}]}, self.clock())
        return email, self.charge(amount, email=email, customer=customer, currency=currency, **more)

    def refunded_one(self, amount: int = 1800, currency: str = "usd", part: str | None = None, **more: Any) -> Any:
        """A customer asks, and is refunded; returns the ticket."""
        email, _ = self.pays(amount, currency, **more)
        self.planner.always = {  # type: ignore[attr-defined]
            "actions": [refund("c1", part, claim="goodwill", quote="my money back")]}
        return self.handle("I want my money back.", email=email)

    def by_hand(self, amount: int = 1800, currency: str = "usd", part: int | None = None, **more: Any) -> str:
        """A colleague refunds in Stripe's dashboard what no ticket asked for; returns the refund's id."""
        _, charge = self.pays(amount, currency)
        asked = {"charge": charge, **({"amount": part} if part else {}), **more}
        return str(self.happens("stripe", "dashboard_refund", **asked)["id"])

    def last(self) -> str:
        return str(self.refunds()[-1]["id"])

    def at_stripe(self, id: str | None = None) -> Any:
        return self.stripe.state.refunds[id or self.last()]

    def looks_again(self) -> None:
        """The day after, when what was refunded is looked at again by itself."""
        self.clock.forward(hours=25)
        self.sweep()
        self.run()

    def changed(self, sql: str, **values: Any) -> None:
        """Somebody changes our rows behind our back."""
        with self.engine.begin() as c:
            c.exec_driver_sql("set local session_replication_role = replica")
            c.execute(text(sql), values)


@pytest.fixture
def desk(engine: Engine) -> Desk:
    return Desk(engine)


def month(desk: Desk, of: Month = NOVEMBER) -> Reconciled:
    return both_sides(desk.desk, of)


def only(desk: Desk, of: Month = NOVEMBER) -> Line:
    (line,) = month(desk, of).lines
    return line


def told(desk: Desk) -> list[tuple[str, str]]:
    """Kind and words of everything, the oldest first."""
    return [(line.kind, line.words) for line in reversed(month(desk).lines)]


def test_a_refund_of_ours_stands_with_its_operation_its_ticket_and_what_was_written_there(desk: Desk) -> None:
    ticket = desk.refunded_one()
    line = only(desk)
    assert (line.kind, line.ticket, line.partial) == ("ours", f"zendesk:acme:{ticket}", False)
    assert line.entry is not None
    assert line.words == f"the helpdesk's record {line.entry.written}"
    made = month(desk)
    assert made.ok
    assert {currency: (one.provider.amount, one.ours.amount, one.difference)
            for currency, one in made.totals().items()} == {"USD": (1800, 1800, 0)}


def test_a_part_of_a_charge_is_said_to_be_one(desk: Desk) -> None:
    desk.refunded_one(1800, part="5.00")
    assert only(desk).partial
    assert month(desk).totals()["USD"].ours.amount == 500


def test_what_is_not_written_on_its_ticket_yet_is_ours_all_the_same(desk: Desk) -> None:
    desk.fault("zendesk", "500_before", "PUT", times=1000)
    desk.refunded_one()
    assert only(desk).kind == "untold"
    assert month(desk).ok


def test_what_waits_for_a_person_is_explained_by_it(desk: Desk) -> None:
    desk.fault("stripe", "timeout_after", "POST", "/refunds")
    desk.fault("stripe", "500_before", "GET", "/v1/refunds", times=10)
    desk.refunded_one()
    desk.doors["stripe"].faults.clear()
    line = only(desk)
    assert (line.kind, line.words.split(":")[0]) == ("waiting", "the ledger says unknown")
    assert month(desk).ok


def test_what_was_sent_and_is_not_at_stripe_is_told_and_in_no_sum(desk: Desk) -> None:
    desk.fault("stripe", "500_before", "POST", "/v1/refunds")
    desk.refunded_one()
    desk.settle(hours=2)
    line = only(desk)
    assert (line.kind, line.refund) == ("not_there_yet", None)
    assert (month(desk).ok, month(desk).totals()) == (True, {})


def _held(desk: Desk) -> str:
    desk.fault("stripe", "500_before", "POST", "/v1/refunds")
    desk.refunded_one()
    desk.settle(hours=2)
    with desk.engine.begin() as c:
        (one,) = held.held(c)
    return one.operation


def test_what_a_person_had_sent_again_is_told_as_that(desk: Desk) -> None:
    held.send_again(desk.desk, _held(desk), "Mia")
    desk.settle(hours=2)
    assert (only(desk).kind, only(desk).words) == ("released", "sending 2")
    assert month(desk).ok


def test_what_a_person_refunded_and_gave_as_found_belongs_to_its_operation(desk: Desk) -> None:
    operation = _held(desk)
    made = desk.happens("stripe", "dashboard_refund", charge="ch_sbx000001")["id"]
    held.found(desk.desk, operation, made, "Mia")
    desk.settle(hours=2)
    line = only(desk)
    assert (line.kind, line.entry and line.entry.operation) == ("adopted", operation)
    assert month(desk).totals()["USD"].ours.amount == 1800


def test_what_fails_later_is_told_with_both_its_entries_before_and_after_it_was_noticed(desk: Desk) -> None:
    desk.refunded_one()
    desk.happens("stripe", "fail_refund", refund=desk.last())
    row = desk.at_stripe()
    both = f"it failed (expired_or_canceled_card), entries {row.balance_transaction} and " \
           f"{row.failure_balance_transaction}"
    assert told(desk) == [("came_back", f"{both}; the ticket is told at the next look")]
    desk.looks_again()
    assert told(desk) == [("came_back", f"{both}; the ticket was told")]
    totals = month(desk).totals()["USD"]
    assert (totals.provider.amount, totals.ours.amount, totals.came_back.amount) == (1800, 1800, 1800)


def test_what_an_undo_cancelled_is_told_as_that(desk: Desk) -> None:
    desk.happens("stripe", "next_refund", status="requires_action")
    desk.refunded_one()
    with desk.engine.begin() as c:
        id = c.execute(text("select id from operations where kind = 'refund'")).scalar_one()
        operation = desk.desk.ledger.operation(c, id)
    assert operation is not None
    assert isinstance(operation.receipt, RefundReceipt)
    undoing.undo(desk.desk, id, undoing.receipt_digest(desk.desk, operation), MIA)
    desk.run()
    assert told(desk) == [("taken_back", "it was cancelled")]
    assert month(desk).ok


def test_a_persons_refund_is_theirs_and_another_systems_says_so_itself(desk: Desk) -> None:
    desk.by_hand(1800)
    desk.by_hand(2500, metadata={"shop_order": "7", "source": "shop"})
    desk.by_hand(700, metadata={"op_id": "return-19"})
    assert told(desk) == [("person", ""), ("system", "its metadata holds shop_order, source"),
                          ("system", "its metadata holds another op_id")]
    totals = month(desk).totals()["USD"]
    assert (totals.people.amount, totals.systems.amount, totals.difference) == (1800, 3200, 0)


def test_a_persons_refund_names_the_ticket_where_it_was_noticed(desk: Desk) -> None:
    ticket = desk.refunded_one(1800, part="5.00")
    desk.clock.forward(minutes=10)
    desk.happens("stripe", "dashboard_refund", charge="ch_sbx000001", amount=300)
    desk.looks_again()
    assert told(desk)[1] == ("noticed", "Deskhand stepped back there")
    assert month(desk).lines[0].ticket == f"zendesk:acme:{ticket}"


def test_of_a_forgotten_customer_the_sums_still_agree(desk: Desk) -> None:
    desk.refunded_one()
    with desk.engine.begin() as c:
        person = c.execute(text("select person_id from tickets")).scalar_one()
        erasing.forget(c, person, by="Ana", now=desk.clock())
    line = only(desk)
    assert line.kind == "ours"
    assert line.entry is not None
    assert line.entry.erased
    assert month(desk).ok
    desk.at_stripe().amount += 1
    assert not month(desk).ok


Fault = Callable[[Desk], None]


def _sql(sql: str) -> Fault:
    return lambda desk: desk.changed(sql)


def _row(**values: Any) -> Fault:
    def change(desk: Desk) -> None:
        for name, value in values.items():
            setattr(desk.at_stripe(), name, value)
    return change


def _twice(desk: Desk, amount: int = 300) -> None:
    first = desk.at_stripe()
    desk.happens("stripe", "dashboard_refund", charge=first.charge, amount=amount, metadata=dict(first.metadata))


def _two_while_unknown(desk: Desk, amount: int = 300) -> None:
    _twice(desk, amount)
    desk.changed("update operations set state = 'unknown', vendor_ids = '{}' where kind = 'refund'")


def _failed_and_forgotten_by_us(desk: Desk) -> None:
    desk.happens("stripe", "fail_refund", refund=desk.last())
    desk.changed("update operations set recheck_at = null")


def _gone_at_stripe(desk: Desk) -> None:
    desk.stripe.state.refunds.pop(desk.last())


def _another_counts_it(desk: Desk) -> None:
    desk.changed("insert into operations select (jsonb_populate_record(o, jsonb_build_object("
                 "'id', 'op-000000000000000000000000'))).* from operations o where kind = 'refund'")


def _a_row_of_ours_is_made_up(desk: Desk) -> None:
    """Who may write to both books gives a refund of theirs the looks of ours."""
    _, charge = desk.pays(1800)
    made = desk.happens("stripe", "dashboard_refund", charge=charge, amount=500,
                        metadata={"op_id": "op-000000000000000000000000"})
    desk.changed("insert into operations select (jsonb_populate_record(o, jsonb_build_object("
                 "'id', 'op-000000000000000000000000', 'target', cast(:charge as text), "
                 "'vendor_ids', jsonb_build_object('id', cast(:made as text))))).* from operations o "
                 "where kind = 'refund'", charge=charge, made=made["id"])


def _done_and_nowhere(desk: Desk) -> None:
    _gone_at_stripe(desk)
    desk.changed("update operations set vendor_ids = '{}' where kind = 'refund'")


PLANTED: dict[str, tuple[Fault, tuple[str, ...]]] = {
    "an operation nobody knows": (
        _row(metadata={"op_id": "op-0123456789abcdef01234567"}),
        ("its metadata names op-0123456789abcdef01234567, which the ledger does not have",)),
    "our mark was taken away": (_row(metadata={}), ("its metadata does not name that any more",)),
    "our row is gone": (
        _sql("delete from operations where kind = 'refund'"), ("which the ledger does not have",)),
    "Stripe has none": (_gone_at_stripe, ("the ledger says done by re_sbx000001, and the provider knows no such "
                                          "refund",)),
    "a cent more": (_row(amount=501), ("it is USD 5.01, and the ledger's is USD 5.00",)),
    "a cent less": (_row(amount=499), ("it is USD 4.99, and the ledger's is USD 5.00",)),
    "another currency": (_row(currency="eur"), ("it is EUR 5.00, and the ledger's is USD 5.00",)),
    "another charge": (_row(charge="ch_sbx000002"),
                       ("it is of charge ch_sbx000002, and the ledger's is of ch_sbx000001",)),
    "two under one id": (_twice, ("a second refund for op-",)),
    "two under one id, and neither known": (_two_while_unknown, ("a second refund for op-", "a second refund for op-")),
    "our totals count another amount": (
        _sql("update operations set reserved = jsonb_set(reserved, '{amount}', '400') where kind = 'refund'"),
        ("our own rows name two amounts, USD 4.00 and USD 5.00",)),
    "our row says it was not done": (
        _sql("update operations set state = 'rejected' where kind = 'refund'"),
        ("the ledger says it was not done (rejected)",)),
    "our row says it was never sent": (
        _sql("update operations set state = 'planned' where kind = 'refund'"),
        ("the ledger says it was not done (planned)",)),
    "our row says it was undone": (
        _sql("update operations set state = 'undone' where kind = 'refund'"),
        ("the ledger says it was cancelled by an undo",)),
    "it failed and nobody looks": (
        _failed_and_forgotten_by_us,
        ("it failed (expired_or_canceled_card) after it was done, and nobody will look again",)),
    "two operations count it": (_another_counts_it, ("both count it as theirs",)),
    "a row of ours is made up": (_a_row_of_ours_is_made_up, ("the trail does not tell that op-000000000000000000000000 "
                                                             "was sent",)),
    "done, by no refund": (_done_and_nowhere, ("the ledger says done, and names no refund",)),
}


@pytest.mark.parametrize("fault", PLANTED)
def test_what_does_not_fit_is_found(desk: Desk, fault: str) -> None:
    desk.refunded_one(1800, part="5.00")
    plant, words = PLANTED[fault]
    assert month(desk).ok
    _, charge = desk.pays(1800)
    assert charge == "ch_sbx000002"
    plant(desk)
    made = month(desk)
    assert not made.ok
    for one in words:
        assert any(one in line.words for line in made.unexplained()), [line.words for line in made.unexplained()]
    assert len(made.unexplained()) == len(words)
    assert all(line.do for line in made.unexplained())


ZONES = [
    ("Europe/Berlin", "2026-10-31T23:00:00", "2026-11-30T23:00:00"),
    ("America/New_York", "2026-11-01T04:00:00", "2026-12-01T05:00:00"),
    ("Pacific/Auckland", "2026-10-31T11:00:00", "2026-11-30T11:00:00"),
    ("America/Havana", "2026-11-01T04:00:00", "2026-12-01T05:00:00"),
]
"""When November 2026 begins and ends there. New York puts its clocks back within it; Havana in its first night, in
which midnight comes twice."""


@pytest.mark.parametrize(("zone", "begins", "ends"), ZONES)
def test_a_month_begins_and_ends_at_the_midnights_of_its_zone(desk: Desk, zone: str, begins: str, ends: str) -> None:
    there = Month(2026, 11, ZoneInfo(zone))
    first, last = (datetime.fromisoformat(one).replace(tzinfo=UTC) for one in (begins, ends))
    assert (there.begins, there.ends) == (first, last)
    moments = [first - timedelta(seconds=1), first, last - timedelta(seconds=1), last]
    ids = []
    for moment in moments:
        desk.clock.moment = moment - timedelta(hours=2)
        _, charge = desk.pays()
        desk.clock.moment = moment
        ids.append(desk.happens("stripe", "dashboard_refund", charge=charge)["id"])
    desk.clock.moment = last + timedelta(days=40)
    made = month(desk, there)
    assert [line.refund and line.refund.id for line in reversed(made.lines)] == ids[1:3]
    for other, id in ((Month(2026, 10, there.zone), ids[0]), (Month(2026, 12, there.zone), ids[3])):
        assert [line.refund and line.refund.id for line in month(desk, other).lines] == [id]


def test_days_follow_each_other_without_a_gap_where_clocks_are_put() -> None:
    for zone in ("Europe/Berlin", "America/New_York", "America/Havana", "Africa/Cairo", "Australia/Lord_Howe"):
        for number in range(1, 13):
            one = Month(2026, number, ZoneInfo(zone))
            days = list(one.days())
            assert (days[0][0], days[-1][1]) == (one.begins, one.ends)
            assert all(left[1] == right[0] for left, right in pairwise(days))


def test_a_refund_sent_before_midnight_and_dated_after_it_belongs_to_stripes_month(desk: Desk) -> None:
    """It is in one month's sums and not in both, and explained in the other."""
    desk.clock.moment = datetime(2026, 11, 30, 23, 59, 59, tzinfo=UTC)
    desk.refunded_one()
    desk.at_stripe().created = int(datetime(2026, 12, 1, tzinfo=UTC).timestamp())
    desk.clock.moment += timedelta(days=2)
    (before,), (after,) = month(desk).lines, month(desk, Month(2026, 12, UTC_ZONE)).lines
    assert (before.kind, before.words) == ("other_month", "the provider dates it 01 Dec 2026 00:00:00 UTC")
    assert after.kind == "ours"
    assert month(desk).totals() == {}
    assert month(desk, Month(2026, 12, UTC_ZONE)).totals()["USD"].ours.count == 1


def test_a_second_refund_in_the_next_month_is_found_there(desk: Desk) -> None:
    desk.refunded_one(1800, part="5.00")
    desk.clock.moment = datetime(2026, 12, 2, tzinfo=UTC)
    _twice(desk)
    assert month(desk).ok
    (line,) = month(desk, Month(2026, 12, UTC_ZONE)).unexplained()
    assert line.words.startswith("a second refund for op-")


def two_around_a_months_end(desk: Desk) -> None:
    """Of one operation, which the ledger does not know to have happened."""
    desk.clock.moment = datetime(2026, 11, 30, 23, 59, 50, tzinfo=UTC)
    desk.refunded_one(1800, part="5.00")
    desk.clock.moment = datetime(2026, 12, 1, 0, 0, 20, tzinfo=UTC)
    _two_while_unknown(desk, 500)


def test_two_refunds_around_a_months_end_are_found_in_both_while_nobody_knows_of_either(desk: Desk) -> None:
    two_around_a_months_end(desk)
    for of in (NOVEMBER, Month(2026, 12, UTC_ZONE)):
        (line,) = month(desk, of).unexplained()
        assert line.words.startswith("a second refund for op-")


def test_one_refund_that_nobody_knows_of_and_another_that_failed_are_explained(desk: Desk) -> None:
    two_around_a_months_end(desk)
    desk.happens("stripe", "fail_refund", refund=desk.last())
    assert month(desk).ok
    assert month(desk, Month(2026, 12, UTC_ZONE)).ok


def test_a_month_of_sixty_refunds_of_all_kinds_agrees_to_the_cent(desk: Desk) -> None:
    """Three currencies with none, two and three decimals; the sums are held against Stripe's own books."""
    amounts = (("usd", 1801, "5.01"), ("jpy", 400, "100"), ("kwd", 12340, "1.230"))
    desk.clock.moment = datetime(2026, 11, 1, 6, tzinfo=UTC)
    for n in range(60):
        currency, amount, part = amounts[n % 3]
        kind = n % 10
        if kind < 4:
            desk.refunded_one(amount, currency, part=part if kind == 3 else None)
        elif kind < 6:
            desk.by_hand(amount, currency)
        elif kind == 6:
            desk.by_hand(amount, currency, metadata={"source": "shop"})
        elif kind == 7:
            desk.happens("stripe", "next_refund", status=("pending", "requires_action")[n % 2])
            desk.by_hand(amount, currency)
        elif kind == 8:
            desk.refunded_one(amount, currency)
            desk.happens("stripe", "fail_refund", refund=desk.last())
        else:
            desk.happens("stripe", "fail_refund", refund=desk.by_hand(amount, currency))
        desk.clock.forward(hours=11)
        desk.run()
    made = month(desk)
    assert [line.words for line in made.unexplained()] == []
    assert made.kinds() == {"ours": 24, "person": 24, "system": 6, "came_back": 6}
    books = desk.refunds()
    for currency, totals in made.totals().items():
        rows = [row for row in books if row["currency"].upper() == currency]
        marked = [row for row in rows if str(row["metadata"].get("op_id", "")).startswith("op-")]
        assert totals.provider.count == len(rows) == 20
        assert totals.provider.amount == sum(row["amount"] for row in rows)
        assert totals.ours.amount == sum(row["amount"] for row in marked)
        assert totals.came_back.amount == sum(row["amount"] for row in rows if row["status"] == "failed")
        assert totals.difference == 0
    assert sorted(made.totals()) == ["JPY", "KWD", "USD"]


def test_a_refund_by_hand_of_what_somebody_is_asked_about_names_that_ticket(desk: Desk) -> None:
    """Seen when the yes came, before anything was done."""
    desk.policy = loaded(OPEN_HANDED.replace("{auto: 9000}", "{auto: 1, approve by agent: 9000}"))
    ticket = desk.refunded_one()
    desk.clock.forward(minutes=10)
    desk.happens("stripe", "dashboard_refund", charge="ch_sbx000001")
    _approved(desk, 1)
    assert (only(desk).kind, only(desk).ticket) == ("noticed", f"zendesk:acme:{ticket}")


def test_less_than_was_asked_for_agrees_with_what_was_approved(desk: Desk) -> None:
    desk.policy = loaded(OPEN_HANDED.replace("{auto: 9000}", "{auto: 1, approve by agent: 9000}"))
    desk.refunded_one()
    _approved(desk, 1, 500)
    desk.customer_answers(1, "YES", "p1@example.com")
    line = only(desk)
    assert (line.kind, line.entry and line.entry.amounts) == ("ours", frozenset({Money(amount=500, currency="USD")}))
    assert line.partial


def _approved(desk: Desk, ticket: int, amount: int | None = None) -> None:
    with desk.engine.begin() as c:
        open_ = [one for one in of_ticket(c, ticket, ("open",)) if one.for_whom != "customer"]
    for wait in open_:
        approval.approve(desk.desk, wait.id, wait.shown, MIA, amount)
    desk.run()


@pytest.mark.parametrize("helpdesk", ["zendesk", "salesforce"])
def test_on_request_what_was_written_is_looked_for_on_the_ticket_itself(engine: Engine, helpdesk: str) -> None:
    desk = Desk(engine, helpdesk)
    ticket = desk.refunded_one()

    def line() -> Line:
        (found,) = both_sides(desk.desk, NOVEMBER, read_tickets=True).lines
        return found

    assert line().kind == "ours"
    desk.changed("update operations set id = 'op-' || md5(id) where role = 'helpdesk'")
    assert (line().kind, line().ticket) == ("unexplained", desk.ref(ticket))
    assert line().words.endswith("was written on the ticket, and the helpdesk has no such record")


def test_a_ticket_that_is_gone_is_told(desk: Desk) -> None:
    ticket = desk.refunded_one()
    desk.at_desk("delete", ticket=ticket)
    (line,) = both_sides(desk.desk, NOVEMBER, read_tickets=True).lines
    assert (line.kind, line.words) == ("untold", "the ticket is gone")


LIVES = int(os.environ.get("DESKHAND_LIVES", "25"))
FAULTS = (
    ("timeout_after", "POST", "/refunds"), ("timeout_before", "POST", "/refunds"), ("500_before", "POST", "/refunds"),
    ("500_after", "POST", "/refunds"), ("500_before", "GET", "/refunds"), ("stale_read", "GET", "/refunds"),
    ("429", "POST", "/refunds"))


def test_after_random_lives_with_faults_and_people_everything_is_explained(desk: Desk) -> None:
    """Lost answers, failures days later, colleagues in the dashboard, approvals of less, yes and no."""
    rng = random.Random(7)
    desk.clock.moment = datetime(2026, 11, 1, 6, tzinfo=UTC)
    for _ in range(LIVES):
        desk.policy = loaded(OPEN_HANDED.replace("{auto: 9000}", rng.choice((
            "{auto: 9000}", "{auto: 9, confirm: 9000}", "{auto: 9, approve by agent: 9000}"))))
        for kind, method, path in rng.sample(FAULTS, rng.randint(0, 2)):
            desk.fault("stripe", kind, method, path, times=rng.randint(1, 3))
        ticket = desk.refunded_one(rng.choice((1000, 1800, 4000)), rng.choice(("usd", "jpy", "kwd")),
                                   part=rng.choice((None, "5")))
        if rng.random() < 0.3:
            desk.by_hand(500)
        if rng.random() < 0.5:
            _approved(desk, ticket, rng.choice((None, None, 500)))
        charge = desk.stripe.books()["charges"][-1]
        if charge["amount"] - charge["amount_refunded"] >= 100 and rng.random() < 0.4:
            desk.happens("stripe", "dashboard_refund", charge=charge["id"], amount=100)
        if rng.random() < 0.5:
            desk.customer_answers(ticket, rng.choice(("YES", "NO")), f"p{desk.customers}@example.com")
        desk.doors["stripe"].faults.clear()
        standing = [row for row in desk.refunds() if row["status"] == "succeeded"]
        if standing and rng.random() < 0.2:
            desk.happens("stripe", "fail_refund", refund=rng.choice(standing)["id"])
        desk.clock.forward(minutes=rng.randint(1, 20 * 60 * 24 // LIVES))
        desk.run()
    made = month(desk)
    assert [(line.words, line.entry) for line in made.unexplained()] == []
    assert sum(one.provider.count for one in made.totals().values()) == len(desk.refunds()) >= LIVES // 2
    assert len(made.kinds()) >= 4
