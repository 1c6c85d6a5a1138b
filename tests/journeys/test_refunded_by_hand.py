"""A colleague refunds in Stripe's dashboard what somebody is still asked about here: Deskhand steps back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Engine

from agent.consent import taking_over
from agent.consent.approval import Colleague
from agent.desk import Choices, Handoff
from tests.journeys.office import CHECKED, refund
from tests.webhooks.opened import KIM, LEO, OpenOffice
from webhooks.inbox import About, keep_about

BY_HAND = "a colleague refunded USD {} of charge ch_sbx000002 by hand at the payment provider (re_sbx000001)"


@pytest.fixture
def office(engine: Engine) -> OpenOffice:
    return OpenOffice(engine)


def told(office: OpenOffice, kind: str = "refund.created", id: str = "evt_1", charge: str = "ch_sbx000002") -> str:
    """The door keeps an event of Stripe's, as after its signature held."""
    about = About(delivery_id=id, kind=kind, target=charge, vendor="stripe", account="acct_sandbox",
                  occurred_at=office.clock(), sha256=b"\0" * 32)
    with office.engine.begin() as connection:
        return keep_about(connection.connection.driver_connection, about, office.clock())  # type: ignore[arg-type]


def by_hand(office: OpenOffice, **more: Any) -> None:
    office.clock.forward(minutes=10)
    office.happens("stripe", "dashboard_refund", charge="ch_sbx000002", **more)


def states(office: OpenOffice) -> list[str]:
    with office.engine.begin() as c:
        return list(c.exec_driver_sql("select state from waits order by id").scalars())


def test_the_wait_ends_the_note_says_so_and_nobody_is_asked_any_more(office: OpenOffice) -> None:
    office.asks(18000)
    card = office.seat(LEO).card()
    by_hand(office)
    assert told(office) == "kept"
    office.run()

    assert states(office) == ["elsewhere"]
    note = office.notes(1)[-1]
    assert note.startswith(f"Deskhand: {BY_HAND.format('180.00')} while somebody was asked for a yes here")
    assert "Deskhand steps back from this ticket; give it back in the sidebar" in note
    assert office.states() == [("handed_over", "a colleague refunded this charge by hand")]
    state = office.seat(LEO).state()
    assert (state["status"], state["cards"]) == ("taken_over", [])
    assert state["words"] == ("A colleague refunded it by hand at the payment provider. Deskhand does nothing here "
                              "until the ticket is given back.")
    answer = office.seat(LEO).post(f"/api/approvals/{card['wait']}", {"digest": card["digest"], "amount": None})
    assert answer.status_code == 409
    assert answer.get_json()["detail"] == (
        "A colleague refunded it by hand at the payment provider; nobody is asked any more.")
    assert office.refunded() == {"usd": 18000}


def test_a_customer_who_was_asked_is_not_reminded_and_their_yes_moves_nothing(office: OpenOffice) -> None:
    office.asks(4700)
    asked = len(office.replies(1))
    by_hand(office)
    told(office)
    office.run()
    office.settle(hours=80)
    office.customer_answers(1, "YES")
    office.settle(hours=10)
    assert len(office.replies(1)) == asked
    assert len(office.notes(1)) == 2
    assert office.refunded() == {"usd": 4700}


def test_a_part_refunded_by_hand_is_taking_over_too(office: OpenOffice) -> None:
    office.asks(18000)
    by_hand(office, amount=500)
    told(office)
    office.run()
    assert states(office) == ["elsewhere"]
    assert BY_HAND.format("5.00") in office.notes(1)[-1]


def test_who_has_taken_the_ticket_and_refunds_by_hand_finds_no_card_any_more(office: OpenOffice) -> None:
    office.asks(18000)
    office.at_desk("agent_sets", ticket=1, agent=KIM, assignee=KIM)
    office.event(1)
    office.run()
    assert states(office) == ["open"]
    by_hand(office)
    told(office)
    office.run()
    assert states(office) == ["elsewhere"]
    assert BY_HAND.format("180.00") in office.notes(1)[-1]


def test_a_dispute_has_it_decided_anew_while_somebody_is_asked(office: OpenOffice) -> None:
    office.asks(18000)
    office.happens("stripe", "dispute", charge="ch_sbx000002")
    told(office, "charge.dispute.created")
    office.run()
    assert states(office) == ["void"]
    assert "the charge is disputed" in office.notes(1)[-1]
    assert office.states()[0][0] == "handed_over"


def test_an_event_that_changes_nothing_leaves_the_card_and_writes_nothing(office: OpenOffice) -> None:
    office.asks(18000)
    card, notes = office.seat(LEO).card(), office.notes(1)
    told(office, "charge.dispute.closed")
    office.run()
    assert (office.seat(LEO).card()["wait"], office.seat(LEO).card()["digest"]) == (card["wait"], card["digest"])
    assert office.notes(1) == notes
    assert office.seat(LEO).approve().status_code == 200
    office.run()
    office.customer_answers(1, "YES")
    assert office.refunded() == {"usd": 18000}


def test_an_event_about_another_charge_concerns_nobody(office: OpenOffice) -> None:
    office.asks(18000)
    assert told(office, charge="ch_other") == "not ours"
    assert office.seat(LEO).decline("no").status_code == 200
    office.run()
    assert told(office) == "not ours"


def test_the_same_event_twice_wakes_once_and_is_told_once(office: OpenOffice) -> None:
    office.asks(18000)
    by_hand(office)
    assert [told(office), told(office)] == ["kept", "seen"]
    office.run()
    told(office, "charge.refunded", "evt_2")
    office.settle(hours=5)
    assert len(office.notes(1)) == 2


def test_while_stripe_is_away_the_look_is_made_later(office: OpenOffice) -> None:
    office.asks(18000)
    by_hand(office)
    told(office)
    office.fault("stripe", "500_before", "GET", "/charges/ch_.*", times=9)
    office.run()
    assert states(office) == ["open"]
    office.settle(hours=5)
    assert states(office) == ["elsewhere"]


@pytest.mark.parametrize("amount", [None, 500])
def test_approved_without_any_event_it_is_seen_before_anything_is_done(office: OpenOffice, amount: int | None) -> None:
    office.unproven()
    office.clock.forward(minutes=10)
    office.happens("stripe", "dashboard_refund", charge="ch_sbx000001", **({"amount": amount} if amount else {}))
    assert office.seat().approve().status_code == 200
    office.run()
    assert office.refunded() == {"usd": amount or 1800}
    lines = office.notes(1)[-1].splitlines()
    assert "Why it stopped: a colleague refunded USD" in lines[4]
    assert "Deskhand changed nothing" in lines[4]
    assert "approved by Kim but not done" in lines[2]
    assert lines[3].startswith("Next: see whether that refund is what the customer asked for")
    assert "Your refund of USD" in lines[3]
    assert office.states() == [("handed_over", "a colleague refunded this charge by hand")]
    assert office.seat().state()["status"] == "taken_over"


def test_a_ticket_settled_by_hand_is_not_moved_to_another_group(office: OpenOffice) -> None:
    office.unproven()
    before = office.ticket(1)
    handoff = Handoff(group=str(office.zendesk.state.group("Finance")), priority="urgent", tags=("tier_2",))
    office.desk = replace(office.desk, choices=Choices(senders_checked=CHECKED, handoff=handoff))
    office.clock.forward(minutes=10)
    office.happens("stripe", "dashboard_refund", charge="ch_sbx000001")
    assert office.seat().approve().status_code == 200
    office.run()
    after = office.ticket(1)
    assert office.states() == [("handed_over", "a colleague refunded this charge by hand")]
    assert (after["group_id"], after["priority"]) == (before["group_id"], None)
    assert "tier_2" not in after["tags"]


def test_given_back_nothing_is_asked_again_and_a_new_message_is_read(office: OpenOffice) -> None:
    office.asks(18000)
    by_hand(office)
    told(office)
    office.run()
    taking_over.give_back(office.desk, "zendesk:acme:1", Colleague("7", "Kim", "agent"))
    office.settle(hours=80)
    assert states(office) == ["elsewhere"]
    office.script(lambda _: {"actions": [refund("c1", claim="goodwill", quote="the first one too")]})
    office.customer_answers(1, "Please refund the first one too.")
    assert states(office) == ["elsewhere", "open"]
