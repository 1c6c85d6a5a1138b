"""Days after it was done: a refund falls through, is disputed, or someone refunds by hand; each is told once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from agent.desk import Choices, Handoff, Replies
from agent.retention import Retention, sweep
from agent.tables import operations, totals
from tests.journeys.conftest import on_both
from tests.journeys.dying import Killed
from tests.journeys.office import AGENT, CHECKED, DANA, Office, refund
from webhooks.inbox import About, keep_about

SOLVING = Choices(senders_checked=CHECKED, replies=Replies(solve_when_done=True))


pytestmark = on_both


def refunded(office: Office) -> Any:
    """A duplicate that was refunded and told; later messages ask for nothing."""
    office.double_charge()
    office.planner.always = lambda case: {"actions": [refund("c2", quote="please refund the second one")]} if (
        "charged twice" in case.asked()) else {"nothing_asked": True}
    ticket = office.side.solvable(
        AGENT, email=DANA, subject="A question", channel="email",
        body="I was charged twice for order 1042, please refund the second one.")
    office.event(ticket)
    office.settle()
    assert office.refunded() == {"usd": 1800}
    return ticket


def fails(office: Office) -> str:
    id = str(office.refunds()[0]["id"])
    office.happens("stripe", "fail_refund", refund=id)
    return id


def befalls(office: Office, op: str) -> None:
    """What may befall a refund."""
    charge, refund = kept(office)["target"], office.refunds()[0]["id"]
    if op == "dashboard_refund":
        office.stripe.state.charges[charge].amount_captured += 500
        office.happens("stripe", op, charge=charge, amount=500)
    else:
        office.happens("stripe", op, **({"refund": refund} if op == "fail_refund" else {"charge": charge}))


def told(office: Office, kind: str = "refund.failed", id: str = "evt_1") -> str:
    """The door keeps an event of Stripe's about the refunded charge, as after its signature held."""
    about = About(delivery_id=id, kind=kind, target=kept(office)["target"], vendor="stripe", account="",
                  occurred_at=office.clock(), sha256=b"\0" * 32)
    with office.engine.begin() as connection:
        return keep_about(connection.connection.driver_connection, about, office.clock())  # type: ignore[arg-type]


def kept(office: Office) -> dict[str, Any]:
    with office.engine.begin() as c:
        return dict(c.execute(select(operations).where(operations.c.kind == "refund")).mappings().one())


def counted(office: Office) -> int:
    with office.engine.begin() as c:
        return sum(c.execute(select(totals.c.amount).where(totals.c.kind == "desk")).scalars())


def test_a_refund_that_fails_days_later_is_corrected_for_the_customer_and_told_to_colleagues(
        an_office: Callable[..., Office]) -> None:
    office = an_office(choices=SOLVING)
    ticket = refunded(office)
    assert office.ticket(ticket)["status"] == "solved"
    assert counted(office) == 1800
    office.clock.forward(days=3)
    fails(office)
    assert told(office) == "kept"
    office.run()

    assert "your refund of USD 18.00 to your Visa ending in 4242 did not go through" in office.replies(ticket)[1]
    note = office.notes(ticket)[1]
    assert "the refund of USD 18.00 to Visa ending in 4242 failed after it had been sent" in note
    assert "Customer told, the helpdesk recorded the notification" in note
    assert office.ticket(ticket)["status"] == "open"
    assert "deskhand_handed_over" in office.ticket(ticket)["tags"]
    assert office.states() == [("handed_over", "a refund fell through after it was done")]
    assert (kept(office)["state"], kept(office)["recheck_at"]) == ("rejected", None)
    assert counted(office) == 0

    told(office, "refund.updated", "evt_2")
    office.days_pass(12)
    assert [len(office.notes(ticket)), len(office.replies(ticket))] == [2, 2]


def test_without_any_event_it_is_noticed_by_looking_again(office: Office) -> None:
    ticket = refunded(office)
    office.days_pass(2)
    fails(office)
    office.days_pass(4)
    assert "did not go through" in office.replies(ticket)[1]


def test_a_refund_that_stands_is_looked_at_three_times_and_nobody_is_told(office: Office) -> None:
    ticket = refunded(office)
    before = len([call for call in office.calls() if "stripe GET /v1/charges/" in call])
    office.days_pass(20)
    assert len([call for call in office.calls() if "stripe GET /v1/charges/" in call]) == before + 3
    assert kept(office)["recheck_at"] is None
    assert [len(office.notes(ticket)), len(office.replies(ticket))] == [1, 1]
    assert office.states() == [("done", "")]


def test_it_is_not_reopened_where_the_admin_does_not_want_it(an_office: Callable[..., Office]) -> None:
    office = an_office(choices=SOLVING.model_copy(update={"replies": Replies(solve_when_done=True,
                                                                             reopen_on_failure=False)}))
    ticket = refunded(office)
    fails(office)
    told(office)
    office.run()
    assert office.ticket(ticket)["status"] == "solved"
    assert len(office.notes(ticket)) == 2


def test_where_a_colleague_answers_already_they_tell_the_customer(office: Office) -> None:
    ticket = refunded(office)
    office.at_desk("agent_replies", ticket=ticket, agent=AGENT, body="I look into it.")
    fails(office)
    told(office)
    office.run()
    assert not [reply for reply in office.replies(ticket) if "did not go through" in reply]
    assert "NOT told (a colleague is on the ticket): please tell them" in office.notes(ticket)[-1]


def test_the_same_asked_again_needs_a_person(office: Office) -> None:
    ticket = refunded(office)
    fails(office)
    told(office)
    office.run()
    office.customer_answers(ticket, "I was charged twice, please refund the second one.")
    office.settle(hours=1)
    assert office.refunded() == {}


@pytest.mark.parametrize(("op", "acted"), [("fail_refund", True), ("dispute", True), ("dashboard_refund", False)])
def test_the_ticket_goes_to_those_who_take_over_where_somebody_must_act(
        an_office: Callable[..., Office], op: str, acted: bool) -> None:
    office = an_office()
    tier_2 = office.side.group("Tier 2")
    office.choices = SOLVING.model_copy(update={"handoff": Handoff(group=tier_2, priority="high", tags=("tier_2",))})
    office.desk = office._desk()
    ticket = refunded(office)
    before = office.ticket(ticket)["priority"]
    assert before != "high"
    office.clock.forward(hours=2)
    befalls(office, op)
    told(office)
    office.run()
    after = office.ticket(ticket)
    assert (after["priority"], str(after["group_id"]) == tier_2, "tier_2" in after["tags"]) == (
        "high" if acted else before, acted, acted)
    assert "deskhand_handed_over" in after["tags"]


def test_a_dispute_is_told_once(office: Office) -> None:
    ticket = refunded(office)
    office.happens("stripe", "dispute", charge=kept(office)["target"])
    told(office, "charge.dispute.created")
    office.run()
    told(office, "charge.dispute.updated", "evt_2")
    office.days_pass(12)
    (_, note) = office.notes(ticket)
    assert "the customer's bank disputes charge" in note
    assert "needs response" in note
    assert len(office.replies(ticket)) == 1
    assert office.states()[0] == ("handed_over", "the charge is disputed")
    assert kept(office)["state"] == "done"


def test_a_refund_by_hand_of_the_same_charge_makes_deskhand_step_back(office: Office) -> None:
    charge = office.charge(3000)
    part = {"actions": [refund("c1", amount="18.00", claim="goodwill", quote="back")]}
    office.planner.always = lambda case: part if "charged twice" in case.asked() else {"nothing_asked": True}
    office.policy = office.policy_with(claims_proven=False)
    ticket = office.handle()
    assert office.refunded() == {"usd": 1800}
    office.clock.forward(hours=2)
    office.happens("stripe", "dashboard_refund", charge=charge, amount=500)
    told(office, "refund.created")
    office.run()
    assert "someone refunded USD 5.00 of charge" in office.notes(ticket)[1]
    office.customer_answers(ticket, "I was charged twice, the rest please too.")
    assert office.refunded() == {"usd": 2300}
    assert len(office.notes(ticket)) == 2


def test_an_event_about_a_charge_that_nobody_refunded_here_is_not_kept(office: Office) -> None:
    refunded(office)
    about = About("evt_9", "refund.created", "ch_other", "stripe", "", office.clock(), b"\0" * 32)
    with office.engine.begin() as connection:
        found = keep_about(connection.connection.driver_connection, about, office.clock())  # type: ignore[arg-type]
        assert connection.exec_driver_sql("select count(*) from events where vendor = 'stripe'").scalar() == 0
    assert found == "not ours"


def test_the_same_event_twice_is_kept_once(office: Office) -> None:
    refunded(office)
    assert [told(office), told(office)] == ["kept", "seen"]


def test_while_the_provider_is_away_it_is_looked_at_later(office: Office) -> None:
    ticket = refunded(office)
    fails(office)
    office.fault("stripe", "500_before", "GET", "/charges/.*", times=6)
    told(office)
    office.settle(hours=20)
    assert "did not go through" in office.replies(ticket)[1]


def test_a_ticket_that_is_gone_is_looked_at_no_more(office: Office) -> None:
    ticket = refunded(office)
    office.at_desk("delete", ticket=ticket)
    told(office)
    office.run()
    assert kept(office)["recheck_at"] is None


@pytest.mark.parametrize("at", ["ledger.fell_through", "ledger.ended", "audit"])
def test_killed_before_it_is_written_down_it_is_told_once(office: Office, monkeypatch: pytest.MonkeyPatch,
                                                           at: str) -> None:
    ticket = refunded(office)
    fails(office)
    told(office)

    def killed(*_: Any, **__: Any) -> None:
        raise Killed(at)

    with monkeypatch.context() as patch:
        if at == "audit":
            patch.setattr("agent.aftermath.audit.record", killed)
        else:
            patch.setattr(type(office.desk.ledger), at.removeprefix("ledger."), killed)
        with pytest.raises(Killed):
            office.run()
    office.clock.forward(seconds=30)
    office.sweep()
    office.settle(step=60, hours=2)
    assert [len(office.notes(ticket)), len(office.replies(ticket))] == [2, 2]
    assert counted(office) == 0


def test_an_event_that_comes_during_the_look_has_it_looked_at_again(office: Office) -> None:
    ticket = refunded(office)
    told(office, "refund.updated")
    charge = office.desk.payments.charge  # type: ignore[union-attr]

    def meanwhile(id: str) -> Any:
        found = charge(id)
        if office.refunds()[0]["status"] == "succeeded":
            office.clock.forward(seconds=1)
            fails(office)
            told(office, "refund.failed", "evt_2")
        return found

    office.desk.payments.charge = meanwhile  # type: ignore[union-attr, method-assign]
    office.settle(hours=1)
    assert "did not go through" in office.replies(ticket)[1]


def test_a_refund_that_falls_through_after_its_days_sums_were_swept_is_heard_of(office: Office) -> None:
    for order in ("1042", "1043"):
        office.charge(600, ago="-2h", order=order)
        office.charge(600, ago="-110m", order=order)
    office.planner.always = lambda case: {"actions": [refund("c3", quote="charged twice"),
                                                      refund("c4", quote="charged twice")]} if (
        "charged twice" in case.asked()) else {"unsure": "read it"}
    ticket = office.handle("I was charged twice for orders 1042 and 1043.")
    office.settle(hours=1)
    assert office.refunded() == {"usd": 1200}
    office.days_pass(40)
    with office.engine.begin() as c:
        sweep(c, Retention(sums_days=31), office.clock())
    for n, made in enumerate(office.refunds()):
        office.happens("stripe", "fail_refund", refund=made["id"])
        about = About(f"evt_{n}", "refund.failed", made["charge"], "stripe", "acct_sandbox", office.clock(), b"\0" * 32)
        with office.engine.begin() as c:
            keep_about(c.connection.driver_connection, about, office.clock())
        office.settle(hours=2)
    told = len(office.notes(ticket))
    office.customer_answers(ticket, "I still have no money, please let a person call me!")
    with office.engine.begin() as c:
        assert c.scalars(select(operations.c.state).where(operations.c.kind == "refund")).all() == ["rejected"] * 2
    assert len(office.notes(ticket)) == told + 1


@pytest.mark.parametrize("planned_since", [True, False])
def test_a_reply_that_the_helpdesk_confirmed_and_does_not_have_is_not_called_told(
        office: Office, planned_since: bool) -> None:
    ticket = refunded(office)
    if planned_since:
        office.planner.always = lambda case: {"unsure": "a person reads it"}
        office.customer_answers(ticket, "Please send me a new invoice.")
    before = len(office.notes(ticket)), len(office.replies(ticket))
    office.clock.forward(days=3)
    id = fails(office)
    office.fault_at(office.side.reply, "phantom_200")
    told(office)
    office.run()
    office.settle(hours=3)
    notes, replies = office.notes(ticket)[before[0]:], office.replies(ticket)[before[1]:]
    assert any("failed after it had been sent" in note and id in note for note in notes)
    assert any("NOT told" in note for note in notes) or any("USD 18.00" in reply for reply in replies)


@pytest.mark.parametrize("planned_since", [True, False])
@pytest.mark.parametrize(("op", "words"), [
    ("fail_refund", "failed after it had been sent"), ("dispute", "the customer's bank disputes charge"),
    ("dashboard_refund", "by hand")])
def test_a_note_of_it_that_the_helpdesk_confirmed_and_does_not_have_is_written_again(
        office: Office, op: str, words: str, planned_since: bool) -> None:
    ticket = refunded(office)
    if planned_since:
        office.planner.always = lambda case: {"unsure": "a person reads it"}
        office.customer_answers(ticket, "Please send me a new invoice.")
    before = len(office.notes(ticket))
    befalls_it_and_its_note_is_lost(office, op)
    office.settle(hours=3)
    [again] = [note for note in office.notes(ticket)[before:] if words in note]
    assert again


def befalls_it_and_its_note_is_lost(office: Office, op: str) -> None:
    office.clock.forward(days=3)
    befalls(office, op)
    if office.side.vendor == "zendesk":
        office.fault_at(office.side.reply, "phantom_200", skip=int(op == "fail_refund"))
    else:
        office.fault_at(office.side.updates["note"], "phantom_200")
    told(office)
    office.run()


def test_on_a_ticket_that_was_deleted_meanwhile_it_is_not_written_for_ever(office: Office) -> None:
    ticket = refunded(office)
    befalls_it_and_its_note_is_lost(office, "dispute")
    office.at_desk("delete", ticket=ticket)
    office.settle(hours=48)
    before = len(office.calls())
    office.settle(hours=24)
    assert len(office.calls()) == before


def test_what_keeps_being_confirmed_and_never_there_is_not_written_for_ever(office: Office) -> None:
    refunded(office)
    office.clock.forward(days=3)
    befalls(office, "dispute")
    office.fault_at(office.side.reply if office.side.vendor == "zendesk" else office.side.updates["note"],
                    "phantom_200", times=1_000_000)
    told(office)
    office.run()
    office.settle(hours=48)
    before = len(office.calls())
    office.settle(hours=24)
    assert len(office.calls()) == before


@pytest.mark.parametrize("does", ["agent_replies", "agent_sets"])
def test_it_is_written_again_also_where_a_colleague_has_the_ticket_by_then(office: Office, does: str) -> None:
    ticket = refunded(office)
    befalls_it_and_its_note_is_lost(office, "dispute")
    more = {"body": "I look into it."} if does == "agent_replies" else {"status": "open"}
    office.at_desk(does, ticket=ticket, agent=AGENT, **more)
    office.event(ticket)
    office.settle(hours=3)
    assert len([note for note in office.notes(ticket) if "the customer's bank disputes charge" in note]) == 1


def test_it_is_written_again_also_where_its_wake_was_lost(office: Office) -> None:
    ticket = refunded(office)
    befalls_it_and_its_note_is_lost(office, "dispute")
    with office.engine.begin() as c:
        assert c.exec_driver_sql("delete from procrastinate_jobs where status = 'todo'").rowcount
    office.clock.forward(minutes=10)
    office.sweep()
    office.run()
    assert len([note for note in office.notes(ticket) if "the customer's bank disputes charge" in note]) == 1
