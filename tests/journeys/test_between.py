"""Something happens between two steps: a person, a new message, a changed record, another requester."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from agent.ledger import Ledger
from agent.policy import load
from agent.proposal import Case
from agent.tables import totals
from tests.journeys.conftest import on_both
from tests.journeys.office import AGENT, DANA, ERIN, POLICY, Office, refund
from tests.journeys.test_consent import AGENT as MIA
from tests.journeys.test_consent import LEAD, approve, waiting

TWICE = {"actions": [refund("c2", quote="refund the second one")]}
PHONE = {"actions": [{"kind": "contact_change", "contact": "k1", "field": "phone", "value": "+49 30 7654321",
                      "quote": "my number"}], "category": "contact_details"}


@on_both
def test_a_message_that_comes_while_the_refund_is_unsure_is_read_after_it(office: Office) -> None:
    office.double_charge()
    office.planner.next = [TWICE, {"nothing_asked": True}]
    office.fault("stripe", "timeout_before", "POST", "/refunds", times=3)
    ticket = office.handle()
    office.customer_answers(ticket, "By the way, my order number is 1042, is it on the way?")
    office.settle()

    assert office.refunded() == {"usd": 1800}
    assert len(office.replies(ticket)) == len(office.notes(ticket)) == 1
    assert len(office.planner.cases) == 2


def test_a_message_that_comes_before_the_refund_began_is_planned_with_the_first(office: Office) -> None:
    office.double_charge()
    office.planner.next = [TWICE, {"actions": [], "unsure": "the customer took it back"}]
    office.fault("stripe", "429", "POST", "/refunds", times=3, params={"retry_after": 300})
    ticket = office.handle()
    office.customer_answers(ticket, "Wait, please do not refund anything, my bank has done it.")
    office.settle()

    assert office.refunds() == []
    assert len(office.planner.cases[1].asked().split("\n\n")) == 2


@on_both
def test_beside_a_phone_number_that_a_colleague_changes_meanwhile_the_refund_still_waits(office: Office) -> None:
    charge = office.charge(1800)
    both = [refund("c1", claim="goodwill", quote="some money back"), *PHONE["actions"]]
    office.planner.next = [{"actions": both}]
    contact = next(iter(office.salesforce.books()["contacts"]))
    office.fault("salesforce", "human_between", "POST", "/composite", skip=1,
                 params={"id": contact, "fields": {"Phone": "+49 30 555"}, "by": "Mia"})
    ticket = office.handle("I want some money back, and my number is +49 30 7654321")
    office.settle(hours=1)
    assert office.notes(ticket)[0].count("from “+49 30 555”") == 1
    assert f"waiting to refund USD 18.00 of charge {charge}" in office.notes(ticket)[0]
    approve(office, LEAD)
    assert office.refunded() == {"usd": 1800}


@on_both
def test_a_phone_number_that_a_colleague_changes_meanwhile_is_not_written_over_unread(office: Office) -> None:
    """The change is tried again on what the contact then holds, and the note tells that value as the one before."""
    office.planner.next = [PHONE]
    contact = next(iter(office.salesforce.books()["contacts"]))
    office.fault("salesforce", "human_between", "POST", "/composite", skip=1,
                 params={"id": contact, "fields": {"Phone": "+49 30 555"}, "by": "Mia"})
    ticket = office.handle("my number is +49 30 7654321")
    office.settle()

    assert office.salesforce.books()["contacts"][contact]["Phone"] == "+49 30 7654321"
    assert "from “+49 30 555”" in office.notes(ticket)[0]
    assert len(office.notes(ticket)) == 1


@on_both
@pytest.mark.parametrize("mode", ["execute", "draft"])
def test_a_contact_that_changes_at_each_try_is_tried_a_few_times_and_then_a_persons(office: Office, mode: str) -> None:
    """Also where a colleague has approved it, who is not asked again."""
    office.policy = load(POLICY.replace("mode: shadow", f"mode: {mode}"))
    office.planner.always = lambda case: PHONE
    contact = next(iter(office.salesforce.books()["contacts"]))
    office.fault("salesforce", "human_between", "POST", "/composite", times=2_000, body=r'"Phone": ?"\+49',
                 params={"id": contact, "fields": {"Title": "Dr."}, "by": "Mia"})
    ticket = office.handle("my number is +49 30 7654321")
    if mode == "draft":
        approve(office, MIA)
    office.settle(hours=2, step=60)

    assert 2_000 - sum(fault.times for fault in office.doors["salesforce"].faults) == 4
    assert office.salesforce.books()["contacts"][contact]["Phone"] == "+49 30 1234567"
    assert "someone changed the record since it was read" in office.notes(ticket)[-1]
    assert len(office.notes(ticket)) == (2 if mode == "draft" else 1)
    assert office.states()[0][0] == "handed_over"
    assert waiting(office, ("open", "given")) == []


@on_both
def test_a_ticket_whose_requester_was_changed_is_a_persons(office: Office) -> None:
    office.double_charge()
    office.double_charge(email=ERIN)
    office.planner.always = lambda case: TWICE
    ticket = office.writes(email=ERIN)
    office.at_desk("change_requester", ticket=ticket, agent=AGENT, email=DANA)
    office.customer_answers(ticket, "Refund the second one please", email=DANA)
    office.settle()

    assert office.refunds() == []
    assert office.replies(ticket) == []


@pytest.mark.parametrize("helpdesk", ["salesforce"], indirect=True)
def test_a_contact_that_a_colleague_makes_for_who_asks_changes_nobody(office: Office) -> None:
    """Email-to-Case leaves the contact empty for an address that it does not know; a colleague fills it in."""
    office.double_charge(email=ERIN)
    office.planner.always = lambda case: TWICE
    ticket = office.writes(email=ERIN)
    office.at_desk("change_requester", ticket=ticket, agent=AGENT, email=ERIN)
    office.event(ticket)
    office.settle()

    assert office.refunded() == {"usd": 1800}
    assert len(office.replies(ticket)) == 1


def test_a_nudge_while_it_waits_for_a_colleague_writes_no_second_note(office: Office) -> None:
    office.double_charge(18000)
    office.planner.always = lambda case: TWICE
    ticket = office.handle()
    office.customer_answers(ticket, "Any news on this?")
    office.settle(hours=3)

    assert len(office.notes(ticket)) == 1
    assert office.states()[0][0] == "parked"
    with office.engine.begin() as c:
        assert c.exec_driver_sql("select state from waits").scalars().all() == ["open"]


def test_a_charge_refunded_by_a_person_meanwhile_is_not_refunded_again(office: Office) -> None:
    _, second = office.double_charge()
    office.planner.always = lambda case: TWICE
    office.fault("stripe", "429", "POST", "/refunds", times=3, params={"retry_after": 300})
    ticket = office.handle()
    office.happens("stripe", "dashboard_refund", charge=second, amount=1800)
    office.settle()

    assert office.refunded() == {"usd": 1800}
    assert office.replies(ticket) == []
    assert len(office.notes(ticket)) == 1


def test_in_shadow_nothing_is_written_and_all_is_decided(office: Office) -> None:
    office.policy = load(POLICY)
    office.double_charge()
    office.planner.always = lambda case: TWICE
    ticket = office.handle()
    office.settle()

    assert office.refunds() == []
    assert office.ticket(ticket)["updates"] == 0
    assert office.states() == [("done", "shadow: nothing was written")]


def test_a_lost_timer_of_a_plan_under_way_is_found_by_the_sweep(office: Office) -> None:
    office.double_charge()
    office.planner.always = lambda case: TWICE
    office.fault("stripe", "429", "POST", "/refunds", params={"retry_after": 300})
    office.handle()
    with office.engine.begin() as c:
        c.exec_driver_sql("delete from procrastinate_jobs")
    office.sweep()
    office.run()

    assert office.refunded() == {"usd": 1800}


def test_a_paused_refund_waits_and_goes_on_afterwards(office: Office) -> None:
    office.double_charge()
    office.planner.always = lambda case: TWICE
    with office.engine.begin() as c:
        c.exec_driver_sql("insert into switches (action, paused, reason, by, at) "
                          "values ('refund', true, 'audit day', 'Mia', now())")
    ticket = office.handle()
    office.clock.forward(hours=1)
    office.run()
    assert (office.refunds(), office.ticket(ticket)["updates"]) == ([], 0)

    with office.engine.begin() as c:
        c.exec_driver_sql("delete from switches")
    office.clock.forward(minutes=2)
    office.settle()
    assert office.refunded() == {"usd": 1800}


def test_a_second_send_passes_the_kill_switch_too(office: Office) -> None:
    office.double_charge()
    office.planner.always = lambda case: TWICE
    office.fault("stripe", "timeout_before", "POST", "/refunds", times=2)
    office.handle()
    with office.engine.begin() as c:
        c.exec_driver_sql("insert into switches (action, paused, reason, by, at) "
                          "values ('all', true, '', 'Mia', now())")
    office.clock.forward(hours=2)
    office.run()

    assert office.refunds() == []


def test_facts_older_than_a_minute_are_read_again_before_anything_is_begun(office: Office) -> None:
    """The model took its time, and a person refunded the charge meanwhile."""
    _, second = office.double_charge()

    def slow(case: Case) -> dict[str, Any]:
        office.pass_time(90)
        office.happens("stripe", "dashboard_refund", charge=second, amount=1800)
        return TWICE

    office.planner.next = [slow]
    ticket = office.handle()
    office.settle()

    assert office.refunded() == {"usd": 1800}
    assert office.replies(ticket) == []
    assert sum("stripe GET /v1/charges" in call for call in office.calls()) == 2


@on_both
def test_a_reply_that_the_helpdesk_lost_once_a_colleague_was_on_it_is_noted_as_not_told(office: Office) -> None:
    """It had been confirmed, and the note before says that the customer was told."""
    office.double_charge()
    office.planner.always = lambda case: TWICE
    method, path = ("PUT", "/tickets/") if office.side.vendor == "zendesk" else ("POST", "/composite/batch")
    office.fault(office.side.vendor, "phantom_200", method, path)
    ticket = office.handle()
    assert "Customer told: yes" in office.notes(ticket)[0]
    office.at_desk("agent_replies", ticket=ticket, agent=AGENT, body="I take care of it.")
    office.settle(step=60, hours=2)

    assert "Customer NOT told (a colleague is on the ticket): please tell them" in office.notes(ticket)[-1]
    assert len(office.notes(ticket)) == 2
    assert not any("We have sent" in reply for reply in office.replies(ticket))
    assert office.refunded() == {"usd": 1800}


def test_a_refund_that_waited_over_midnight_counts_on_the_day_it_was_decided_on(
        office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.clock.moment = datetime(2026, 11, 20, 23, 59, 57, tzinfo=UTC)
    office.double_charge()
    office.planner.always = lambda case: TWICE
    lock = Ledger.lock_totals

    def slowly(self: Ledger, *given: Any) -> None:
        lock(self, *given)
        office.clock.forward(seconds=5)

    monkeypatch.setattr(Ledger, "lock_totals", slowly)
    office.handle()
    with office.engine.begin() as c:
        days = c.scalars(select(totals.c.day).where(totals.c.kind.in_(("customer", "desk")), totals.c.amount > 0))
        assert set(days) == {datetime(2026, 11, 21, tzinfo=UTC).date()}
