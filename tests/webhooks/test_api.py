"""What colleagues see and press: exactly what was shown, once, by those who may, and refused with what stands now."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from agent import switch
from agent.consent import taking_over
from agent.consent.approval import Colleague, NotNow
from agent.consent.state import still_paused
from agent.consent.waiting import waiting
from agent.policy import load
from agent.tables import tickets, waits
from tests.journeys.office import POLICY, refund
from tests.webhooks.opened import ADA, FAY, HAL, KIM, LEO, LOU, OpenOffice, Seat


@pytest.fixture(params=["zendesk", "salesforce"])
def office(engine: Engine, request: pytest.FixtureRequest) -> OpenOffice:
    return OpenOffice(engine, helpdesk=request.param)


def test_the_card_says_all_that_the_decision_needs(office: OpenOffice) -> None:
    office.asks(18000)
    state = office.seat(LEO).state()
    card = state["cards"][0]
    assert (state["status"], state["words"]) == ("waiting",
        "A lead must approve it, then the customer is asked.")
    assert state["me"] == {"name": "Leo", "role": "lead", "admin": False}
    assert (card["title"], card["whose"]) == ("Refund USD 180.00", "Dana Customer (d•••@example.com)")
    assert card["amount"] == card["highest"] == {"minor": 18000, "currency": "USD", "words": "USD 180.00"}
    assert (card["claim"], card["proven"], card["quote"]) == ("charged twice", True, "please refund the second one")
    assert card["why_proven"] == "The same payer paid the same amount for order 1042, 10 min earlier."
    assert card["details"][0] == "Payment: USD 180.00 paid with Visa ending in 4242 on 20 Nov 2026"
    assert card["evidence"] == "They wrote from the e-mail address that this payment was made with."
    assert card["rule"] == ["Above USD 100.00, up to USD 500.00, the claim is proven: "
                            "a lead must approve, then the customer must say yes"]
    assert card["undo"] == "A card refund cannot be undone."
    assert (card["on_timeout"], card["expires_at"]) == (
        "If nobody answers in time, nothing is done and a person takes over.", "2026-11-23T09:00:00Z")
    assert "We’re ready to send USD 180.00 back to your Visa ending in 4242." in card["reply_preview"]
    assert (card["may_i"], card["why_not"]) == (True, None)
    assert state["customer"]["match_words"] == "Matched by e-mail only: not verified"
    assert card["charge"] == state["customer"]["payments"][0]["charge"]
    assert [one["amount"]["words"] for one in state["customer"]["payments"]] == ["USD 180.00", "USD 180.00"]
    assert state["customer"]["contact"]["phone"] == "+49 30 1234567"


def test_an_unproven_claim_says_what_is_lost_if_it_is_wrong(office: OpenOffice) -> None:
    office.unproven()
    card = office.seat().card()
    assert (card["proven"], card["claim"]) == (False, "a favour")
    assert card["risk"] == "If it is not true, USD 18.00 is lost."
    assert "We have sent USD 18.00" in card["reply_preview"]


def test_looking_asks_no_vendor(office: OpenOffice) -> None:
    office.asks(18000)
    seat = office.seat()
    seat.state()
    before = len(office.calls())
    for _ in range(5):
        seat.state()
    assert len(office.calls()) == before


def test_what_has_not_changed_is_not_sent_again(office: OpenOffice) -> None:
    office.unproven()
    seat = office.seat()
    first = seat.get("/api/ticket")
    again = seat.get("/api/ticket", **{"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    seat.approve()
    assert seat.get("/api/ticket", **{"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_a_ticket_never_seen_is_idle(office: OpenOffice) -> None:
    ticket = office.writes()
    state = office.seat(ticket=ticket).state()
    assert (state["status"], state["words"], state["cards"]) == (
        "idle", "Deskhand has not looked at this ticket yet.", [])


def test_where_several_things_wait_for_different_people_each_card_says_for_whom(office: OpenOffice) -> None:
    office.charge(1800)
    street = {"kind": "contact_change", "contact": "k1", "field": "street", "value": "New Street 5",
              "quote": "my street is New Street 5 now"}
    office.script(lambda _: {"actions": [refund("c1", claim="goodwill", quote="my money back"), street]})
    office.handle("I want my money back, and my street is New Street 5 now.")
    state = office.seat().state()
    assert state["words"] == "2 things wait for an answer; each card says whose."
    assert {one["for_whom_words"] for one in state["cards"]} == {
        "A lead must approve it", "The customer was asked for a yes"}


@pytest.mark.parametrize(("body", "words"), [
    ("Thank you!", "The customer says thank you and asks for nothing."),
    ("Thanks for the newsletter, I love the photos!", "The customer answers a newsletter and asks for nothing."),
])
def test_why_a_ticket_is_left_alone_is_a_sentence(office: OpenOffice, body: str, words: str) -> None:
    office.handle(body)
    state = office.seat().state()
    assert (state["status"], state["words"]) == ("idle", words)


def test_a_customers_answer_is_told_without_numbers_for_machines(office: OpenOffice) -> None:
    office.customer_answers(office.asks(4700), "Yes")
    said = [one for one in office.seat().state()["trail"] if one["words"] == "The customer said yes"]
    assert [(one["step"], one["facts"]) for one in said] == [(False, None)]


def test_in_shadow_it_says_what_it_would_have_done(engine: Engine) -> None:
    office = OpenOffice(engine)
    office.policy = load(POLICY)
    office.asks(1800)
    state = office.seat().state()
    assert state["status"] == "shadow"
    assert state["mode"] == "shadow"
    assert state["words"] == "Deskhand only watches here, and did nothing."
    (one,) = state["shadow"]
    assert (one["title"], one["words"]) == ("Refund USD 18.00 (Visa ending in 4242, 20 Nov 2026)",
                                            "It would have done this without asking anybody.")
    assert office.refunds() == []


def test_what_was_done_says_who_agreed_and_whether_it_can_be_undone(office: OpenOffice) -> None:
    office.asks(18000)
    office.seat(LEO).approve()
    office.run()
    office.customer_answers(office.first, "yes")
    state = office.seat().state()
    assert state["status"] == "done"
    (done,) = state["done"]
    assert (done["title"], done["by"], done["state"]) == ("Refund USD 180.00", ["Leo", "the customer"], "done")
    assert done["undo"] == {"possible": False, "words": "A card refund cannot be undone.", "digest": None}
    assert "Leo approved it" in [one["words"] for one in state["trail"]]
    assert "The customer said yes" in [one["words"] for one in state["trail"]]


def test_of_an_erased_requester_nothing_is_shown(office: OpenOffice) -> None:
    office.unproven()
    seat = office.seat()
    with office.engine.begin() as c:
        person = c.exec_driver_sql("select person_id from tickets").scalar_one()
        office.vault.erase(c, person, office.clock())
    state = seat.state()
    assert state["words"].startswith("The requester was erased.")
    assert (state["cards"], state["customer"], state["done"]) == ([], None, [])
    assert "dana" not in seat.get("/api/ticket").text.lower()


def test_what_nobody_knows_is_said_first_and_found_without_the_ticket(office: OpenOffice) -> None:
    office.double_charge(1800)
    office.script(lambda case: {"actions": [refund("c2", quote="please refund the second one")]})
    office.fault("stripe", "500_before", "POST", "refunds")
    office.event(office.writes())
    office.settle(step=60, hours=2)
    seat = office.seat()
    state = seat.state()
    assert state["status"] == "held"
    assert state["words"].startswith(
        "Nobody knows whether this happened: refund USD 18.00. Look where it would have been")
    assert [(one["what"], one["title"]) for one in seat.get("/api/waiting").get_json()["items"]] == [("held", "Refund")]


def test_a_refund_that_falls_through_later_is_said(office: OpenOffice) -> None:
    office.asks(1800)
    (made,) = office.refunds()
    office.happens("stripe", "fail_refund", refund=made["id"])
    office.clock.forward(days=1)
    office.sweep()
    office.run()
    state = office.seat().state()
    assert state["words"] == (
        "A refund fell through after it was done. Agree with the customer on another way, and pay it by hand.")
    assert state["done"] == []
    assert "Seen where the money is: the refund fell through" in [one["words"] for one in state["trail"]]


def test_a_newer_message_that_changes_nothing_is_said_on_the_card(office: OpenOffice) -> None:
    ticket = office.unproven()
    first = office.seat().card()
    office.customer_answers(ticket, "I was charged twice, please look at it soon")
    again = office.seat().card()
    assert (first["wrote_again"], again["wrote_again"]) == (False, True)
    assert (again["wait"], again["digest"]) == (first["wait"], first["digest"])


def test_what_was_seen_before_the_customer_asked_for_less_is_refused(office: OpenOffice) -> None:
    ticket = office.unproven()
    seat = office.seat()
    seen = seat.card()
    office.script(lambda case: {"actions": [refund("c1", amount="9.00", claim="goodwill", quote="half")]})
    office.customer_answers(ticket, "I was charged twice, half of it would be fine too.")
    answer = seat.post(f"/api/approvals/{seen['wait']}", {"digest": seen["digest"]})
    assert (answer.status_code, answer.get_json()["name"]) == (409, "answered")
    assert answer.get_json()["state"]["cards"][0]["title"] == "Refund USD 9.00"
    seat.approve()
    office.run()
    assert office.refunded() == {"usd": 900}


def test_a_change_of_details_is_undone_from_the_sidebar(office: OpenOffice) -> None:
    office.script(lambda case: {"actions": [{
        "kind": "contact_change", "contact": "k1", "field": "phone", "value": "+49 30 7654321", "quote": "my number"}]}
        if "number" in case.asked() else {"nothing_asked": True})
    ticket = office.handle("My new number is +49 30 7654321, please change it.")
    seat = office.seat()
    (done,) = seat.state()["done"]
    assert done["undo"]["possible"] is True
    stale = seat.post(f"/api/operations/{done['operation']}/undo", {"digest": "0" * 64})
    assert (stale.status_code, stale.get_json()["name"]) == (409, "changed")
    answer = seat.post(f"/api/operations/{done['operation']}/undo", {"digest": done["undo"]["digest"]})
    assert answer.status_code == 200, answer.text
    office.run()
    (done,) = seat.state()["done"]
    assert (done["state"], done["undo"]["possible"]) == ("undone", False)
    assert "undone by Kim" in office.notes(ticket)[-1]


def test_text_of_the_ticket_is_data_and_never_markup(office: OpenOffice) -> None:
    office.charge(1800)
    office.script(lambda case: {"actions": [refund("c1", claim="goodwill", quote="<script>alert(1)</script>")]})
    office.handle("I want my money back. <script>alert(1)</script>")
    answer = office.seat().get("/api/ticket")
    assert answer.get_json()["cards"][0]["quote"] == "<script>alert(1)</script>"
    assert answer.content_type == "application/json"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_approved_it_is_done_and_the_state_says_so(office: OpenOffice) -> None:
    office.unproven()
    seat = office.seat()
    answer = seat.approve()
    assert (answer.status_code, answer.get_json()["status"]) == (200, "working")
    office.run()
    assert office.refunded() == {"usd": 1800}
    assert seat.state()["status"] == "done"


def test_lowered_and_approved_in_one_press(office: OpenOffice) -> None:
    office.asks(18000)
    seat = office.seat(KIM)
    card = seat.card()
    assert (card["may_i"], card["why_not"], card["highest"]["words"]) == (
        False, "Only a lead or finance can approve this.", "USD 100.00")
    assert seat.approve("100.01").status_code == 403
    assert seat.approve("100.00").status_code == 200
    office.run()
    assert "USD 100.00" in office.replies(office.first)[0]


@pytest.mark.parametrize("amount", ["0.00", "18.01", "1.234", "-1", "x", "1e3", "٣"])
def test_an_amount_that_is_none_is_refused(office: OpenOffice, amount: str) -> None:
    office.unproven()
    assert office.seat().approve(amount).status_code == 400
    assert [wait.state for wait in office.waits()] == ["open"]


def test_declined_with_a_reason_nothing_happens(office: OpenOffice) -> None:
    office.unproven()
    seat = office.seat()
    assert seat.decline("  ").get_json()["name"] == "reason"
    assert seat.decline("no damage is visible").status_code == 200
    office.run()
    state = seat.state()
    assert (state["status"], office.refunds()) == ("handed_over", [])
    assert state["words"] == (
        "Not done: refund USD 18.00 (Visa ending in 4242, 20 Nov 2026). Kim declined it: “no damage is visible”. "
        "Please answer the customer.")


def test_a_digest_of_something_else_is_refused_with_what_stands(office: OpenOffice) -> None:
    office.unproven()
    seat = office.seat()
    wait = seat.card()["wait"]
    for path, more in ((f"/api/approvals/{wait}", {}), (f"/api/approvals/{wait}/decline", {"reason": "no"}),
                       ("/api/ticket/run", {}), ("/api/ticket/take-over", {}), ("/api/ticket/give-back", {})):
        answer = seat.post(path, {"digest": "0" * 64, **more})
        assert (answer.status_code, answer.content_type) == (409, "application/problem+json")
        assert answer.get_json()["name"] == "changed"
        assert answer.get_json()["state"]["cards"][0]["wait"] == wait
    assert [one.state for one in office.waits()] == ["open"]


def test_every_write_needs_its_digest(office: OpenOffice) -> None:
    office.unproven()
    seat = office.seat()
    wait = seat.card()["wait"]
    for path in (f"/api/approvals/{wait}", f"/api/approvals/{wait}/decline", "/api/operations/op-1/undo",
                 "/api/ticket/run", "/api/ticket/take-over", "/api/ticket/give-back"):
        assert (seat.post(path).status_code, seat.post(path).get_json()["name"]) == (400, "not-readable")


def test_approved_by_two_at_once_it_happens_once_and_one_is_told_by_whom(office: OpenOffice) -> None:
    office.unproven()
    seats = [office.seat(KIM), office.seat(LEO), office.seat(FAY)] * 2
    card = seats[0].card()

    def press(seat: Any) -> Any:
        own = replace(seat, client=office.app.test_client())
        return own.post(f"/api/approvals/{card['wait']}", {"digest": card["digest"]})

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(press, seats))
    assert sorted(one.status_code for one in answers) == [200, 409, 409, 409, 409, 409]
    told = {one.get_json()["detail"] for one in answers if one.status_code == 409}
    assert all(words.startswith(("Already approved by ", "Somebody else answered")) for words in told)
    office.run()
    office.settle()
    assert office.refunded() == {"usd": 1800}


def test_a_wait_of_another_ticket_is_out_of_reach(office: OpenOffice) -> None:
    office.unproven()
    card = office.seat().card()
    other = office.writes("Hello, is anybody there?")
    answer = office.seat(ticket=other).post(f"/api/approvals/{card['wait']}", {"digest": card["digest"]})
    assert (answer.status_code, answer.get_json()["name"]) == (403, "other-ticket")
    assert [one.state for one in office.waits()] == ["open"]


def test_roles_rise_and_who_may_not_is_told_who_can(office: OpenOffice) -> None:
    office.asks(18000)
    for who in (KIM, LOU, HAL):
        answer = office.seat(who).approve()
        assert (answer.status_code, answer.get_json()["detail"]) == (403, "Only a lead or finance can approve this.")
    assert [one.state for one in office.waits()] == ["open"]
    assert office.seat(FAY).approve().status_code == 200


@pytest.mark.parametrize("who", [LOU, HAL])
def test_without_a_role_one_may_only_look(office: OpenOffice, who: str) -> None:
    office.unproven()
    seat = office.seat(who)
    state = seat.state()
    assert (state["me"]["role"], state["cards"][0]["may_i"], state["cards"][0]["may_decline"]) == (None, False, False)
    assert state["cards"][0]["highest"] is None
    assert seat.approve().status_code == 403
    assert seat.decline("no").status_code == 403
    for what in ("run", "take-over", "give-back"):
        assert seat.ticket(what).status_code == 403
    assert [one.state for one in office.waits()] == ["open"]


def test_suspended_meanwhile_one_may_nothing_any_more(office: OpenOffice) -> None:
    office.unproven()
    seat = office.seat()
    card = seat.card()
    office.side.shuts_out(KIM)
    answer = seat.post(f"/api/approvals/{card['wait']}", {"digest": card["digest"]})
    assert (answer.status_code, answer.get_json()["name"]) == (403, "not-an-agent")
    assert seat.get("/api/ticket").status_code in (401, 403)
    assert [one.state for one in office.waits()] == ["open"]


def test_moved_out_of_the_group_one_approves_no_more(office: OpenOffice) -> None:
    office.unproven()
    seat = office.seat()
    card = seat.card()
    office.side.moves(KIM, "Support", "HR")
    answer = seat.post(f"/api/approvals/{card['wait']}", {"digest": card["digest"]})
    assert (answer.status_code, answer.get_json()["name"]) == (403, "role")


def test_without_a_session_or_from_elsewhere_nothing_is_told_or_done(engine: Engine) -> None:
    office = OpenOffice(engine)
    office.unproven()
    seat = office.seat()
    card = seat.card()
    assert office.client.get("/api/ticket").status_code == 401
    assert Seat(office.client, "x" * 43).get("/api/ticket").status_code == 401
    answer = seat.post(f"/api/approvals/{card['wait']}", {"digest": card["digest"]}, origin="https://evil.example")
    assert (answer.status_code, answer.get_json()["name"]) == (403, "wrong-origin")


def test_unbound_there_is_no_ticket(office: OpenOffice) -> None:
    office.unproven()
    answer = office.seat(ticket=None).get("/api/ticket")
    assert (answer.status_code, answer.get_json()["name"]) == (403, "no-ticket")


def test_taken_over_deskhand_keeps_off_and_given_back_it_goes_on(office: OpenOffice) -> None:
    ticket = office.unproven()
    seat = office.seat()
    assert seat.ticket("take-over").get_json()["status"] == "taken_over"
    office.run()
    assert seat.state()["cards"] == []
    office.customer_answers(ticket, "I was charged twice, please hurry")
    assert office.refunds() == []
    assert len(office.notes(ticket)) == 1
    assert seat.ticket("take-over").get_json()["name"] == "taken_over"

    assert seat.ticket("give-back").status_code == 200
    office.run()
    assert seat.state()["status"] == "waiting"
    assert seat.approve().status_code == 200
    office.run()
    assert office.refunded() == {"usd": 1800}
    words = [one["words"] for one in seat.state()["trail"]]
    assert "Kim took the ticket over" in words
    assert "Kim gave the ticket back" in words


def test_a_ticket_that_another_colleague_has_by_now_is_not_given_back(office: OpenOffice) -> None:
    office.unproven()
    ref = office.ref(office.first)
    kim, leo = office.seat(), office.seat(LEO)
    kim.ticket("take-over")
    seen, digest = taking_over.taken(office.desk, ref), kim.state()["digest"]
    kim.ticket("give-back")
    office.clock.forward(minutes=1)
    leo.ticket("take-over")
    assert kim.post("/api/ticket/give-back", {"digest": digest}).status_code == 409
    with pytest.raises(NotNow, match="Something has changed on this ticket"):
        taking_over.give_back(office.desk, ref, Colleague("7", "Kim", "agent"), seen)
    assert leo.state()["status"] == "taken_over"
    assert leo.ticket("give-back").status_code == 200


def test_given_back_after_a_public_answer_by_hand_the_wait_goes_on(office: OpenOffice) -> None:
    ticket = office.unproven()
    office.at_desk("agent_replies", ticket=ticket, agent=KIM, body="I take care of it.")
    office.event(ticket)
    office.run()
    seat = office.seat()
    assert seat.state()["status"] == "taken_over"
    assert seat.ticket("give-back").get_json()["status"] == "waiting"
    office.run()
    assert seat.state()["status"] == "waiting"
    seat.approve()
    office.run()
    assert office.refunded() == {"usd": 1800}


def test_given_back_a_ticket_that_a_person_had_from_the_start_is_worked_on(office: OpenOffice) -> None:
    office.double_charge(1800)
    office.script(lambda case: {"actions": [refund("c2", quote="please refund the second one")]})
    ticket = office.writes()
    office.at_desk("agent_replies", ticket=ticket, agent=KIM, body="I take care of it.")
    office.event(ticket)
    office.run()
    seat = office.seat()
    assert (seat.state()["status"], office.refunds()) == ("taken_over", [])
    seat.ticket("give-back")
    office.run()
    assert office.refunded() == {"usd": 1800}


def test_while_the_helpdesk_is_away_giving_back_is_put_off(office: OpenOffice) -> None:
    office.unproven()
    seat = office.seat()
    seat.ticket("take-over")
    seen = seat.state()["digest"]
    vendor, method, path = office.side.away
    office.fault(vendor, "500_before", method, path, times=20)
    answer = seat.post("/api/ticket/give-back", {"digest": seen})
    away = {"zendesk": "vendor-away", "salesforce": "helpdesk-away"}[vendor]
    assert (answer.status_code, answer.get_json()["name"]) == (503, away)
    assert seat.state()["status"] == "taken_over"


def test_what_expired_meanwhile_is_waited_for_again_as_long_as_at_first(office: OpenOffice) -> None:
    office.unproven()
    office.seat().ticket("take-over")
    office.clock.forward(hours=80)
    office.seat().ticket("give-back")
    [again] = office.waits(("away", "open"))
    assert again.state == "open"
    assert again.expires_at - office.clock() == timedelta(hours=office.desk.choices.approvals.expire_after)


def test_run_again_after_a_no_asks_once_more(office: OpenOffice) -> None:
    office.unproven()
    seat = office.seat()
    seat.decline("not sure")
    office.run()
    assert seat.ticket("run").status_code == 200
    office.run()
    assert seat.state()["status"] == "waiting"
    assert office.refunds() == []


def test_run_again_after_it_was_done_does_nothing_twice(office: OpenOffice) -> None:
    office.asks(1800)
    assert office.refunded() == {"usd": 1800}
    office.seat().ticket("run")
    office.run()
    office.settle()
    assert office.refunded() == {"usd": 1800}


def test_an_administrator_pauses_and_resumes_and_nobody_else(office: OpenOffice) -> None:
    office.unproven()
    assert office.seat(LEO).post("/api/pause", {"action": "refund"}).get_json()["name"] == "admins-only"
    ada = office.seat(ADA)
    (held,) = ada.post("/api/pause", {"action": "refund", "reason": "checking"}).get_json()["paused"]
    assert held == "The action refund has been paused since 20 Nov 2026 09:00 UTC by Ada: checking"
    ada.approve()
    office.run()
    assert office.refunds() == []
    state = ada.state()
    assert (state["status"], state["paused"]) == (
        "paused", "Refunding has been paused since 20 Nov 2026 09:00 UTC by Ada: “checking”.")
    assert ada.post("/api/resume", {"digest": state["paused_digest"]}).get_json() == {"paused": [], "still": ""}
    office.run()
    assert office.refunded() == {"usd": 1800}


@pytest.mark.parametrize("reason", ["", " \n", "x" * 301, "x" * 500, "wrong refunds " * 600, "a\0b", "“”;:"])
def test_a_stop_never_fails_on_its_reason(office: OpenOffice, reason: str) -> None:
    office.unproven()
    answer = office.seat(ADA).post("/api/pause", {"action": "refund", "reason": reason})
    assert answer.status_code == 200
    with office.engine.begin() as c:
        (pause,) = switch.pauses(c)
    assert pause.reason == " ".join(reason.replace("\0", " ").split())[:300]


@pytest.mark.parametrize("words", ["", "x" * 290])
def test_a_card_number_in_the_reason_of_a_stop_is_shown_to_nobody(office: OpenOffice, words: str) -> None:
    office.unproven()
    ada = office.seat(ADA)
    reason = f"{words} 4242 4242 4242 4242 is tried again and again"
    (held,) = ada.post("/api/pause", {"action": "refund", "reason": reason}).get_json()["paused"]
    told = [held, ada.state()["paused"]]
    assert all("[card end" in one for one in told)
    assert not any("4242 4" in one for one in told)


def test_who_resumes_everything_reads_what_stays_paused_and_how_it_is_lifted(office: OpenOffice) -> None:
    office.unproven()
    ada = office.seat(ADA)
    ada.post("/api/pause", {"reason": "checking"})
    with office.engine.begin() as c:
        switch.pause(c, "contact_change", "a look first", "Ana", office.clock())
    assert ada.post("/api/resume", {"digest": ada.state()["paused_digest"]}).get_json() == {
        "paused": ["The action contact_change has been paused since 20 Nov 2026 09:00 UTC by Ana: a look first"],
        "still": "Not everything goes on. Changing contact details has been paused since 20 Nov 2026 09:00 UTC by Ana: "
                 "“a look first”. On the server “deskhand resume --action contact_change --by NAME” lifts it."}
    assert ada.post("/api/resume", {"action": "contact_change", "digest": ada.state()["paused_digest"]}).get_json() == {
        "paused": [], "still": ""}
    assert ada.state()["paused_digest"] is None


@pytest.mark.parametrize(("before", "action"), [("refund", "all"), ("all", "refund"), ("all", "all"),
                                                ("refund", "refund")])
def test_a_pause_that_was_not_seen_is_not_lifted(office: OpenOffice, before: str, action: str) -> None:
    office.unproven()
    ada = office.seat(ADA)
    ada.post("/api/pause", {"action": before, "reason": "month end"})
    seen = ada.state()["paused_digest"]
    with office.engine.begin() as c:
        switch.pause(c, action, "fraud is running", "Bob", office.clock())
    answer = ada.post("/api/resume", {"digest": seen})
    assert (answer.status_code, answer.get_json()["name"]) == (409, "changed")
    stands = ada.state()
    assert "Bob" in stands["paused"]
    assert "fraud is running" in stands["paused"]
    with office.engine.begin() as c:
        assert {one.action for one in switch.pauses(c)} == {before, action}
    assert ada.post("/api/resume", {"digest": stands["paused_digest"]}).get_json() == {"paused": [], "still": ""}


def test_what_somebody_else_has_resumed_already_is_not_resumed_again(office: OpenOffice) -> None:
    office.unproven()
    ada = office.seat(ADA)
    ada.post("/api/pause", {"reason": "month end"})
    seen = {"digest": ada.state()["paused_digest"]}
    assert ada.post("/api/resume", seen).status_code == 200
    assert ada.post("/api/resume", seen).status_code == 409
    assert ada.post("/api/resume").status_code == 400


def test_a_pause_by_file_is_lifted_on_its_machine(tmp_path: Path) -> None:
    (tmp_path / "paused").write_text("the books are closed")
    assert still_paused(switch.of_file(tmp_path / "paused")) == (
        f"Not everything goes on. Everything is paused on this machine by the file {tmp_path / 'paused'}: “the books "
        "are closed”. On the server “deskhand resume --by NAME” lifts it.")


@pytest.mark.parametrize("reason", ["a look first", ""])
def test_what_stays_paused_is_told_in_german(office: OpenOffice, reason: str) -> None:
    office.unproven()
    with office.engine.begin() as c:
        for action in ("contact_change", "log_activity"):
            switch.pause(c, action, reason, "Ana", office.clock())
    ada = office.seat(ADA)
    seen = {"digest": ada.state()["paused_digest"]}
    still = ada.post("/api/resume", seen, **{"Accept-Language": "de"}).get_json()["still"]
    assert still.startswith("Nicht alles geht weiter. Kontaktänderungen sind seit ")
    assert "Auf dem Server hebt “deskhand resume --action log_activity --by NAME” das auf." in still
    assert not re.search(r"\b(the|lifts|paused)\b", still)


def test_what_waits_is_found_without_opening_tickets(office: OpenOffice) -> None:
    office.asks(18000)
    kim, leo = office.seat(KIM), office.seat(LEO)
    (item,) = leo.get("/api/waiting").get_json()["items"]
    ref = office.ref(office.first)
    assert (item["title"], item["ticket"], item["may_i"]) == ("Refund USD 180.00", ref, True)
    assert item["link"] == office.desk.helpdesk(ref).link(ref) != ""
    assert kim.get("/api/waiting").get_json()["items"][0]["may_i"] is False


def test_what_one_may_not_see_is_not_among_what_waits(office: OpenOffice) -> None:
    office.asks(18000)
    office.side.hides_tickets(LEO)
    seat = office.seat(LEO, ticket=None)
    assert seat.get("/api/waiting").get_json()["items"] == []


@pytest.mark.parametrize(("hidden", "titles", "more"), [(60, ["Refund USD 180.00"], False), (200, [], True)])
def test_what_waits_is_found_behind_what_one_may_not_see(office: OpenOffice, hidden: int, titles: list[str],
                                                         more: bool) -> None:
    """And where so much is before it that nobody looked further, it is not said that nothing waits."""
    office.asks(18000)
    ref = office.ref(office.first)
    _older_ones(office, hidden)
    asked: list[str] = []

    def sees(refs: list[str]) -> set[str]:
        asked.extend(refs)
        return {ref} & set(refs)

    found = waiting(office.desk, office.desk.helpdesk(ref), Colleague("1", "Leo", "lead"), sees)
    assert ([one.title for one in found.items], found.more) == (titles, more)
    assert len(asked) == len(set(asked)) == min(hidden + 1, 150)


def _older_ones(office: OpenOffice, many: int) -> None:
    with office.engine.begin() as c:
        ticket = dict(c.execute(select(tickets)).mappings().one())
        wait = dict(c.execute(select(waits)).mappings().one())
        del ticket["id"], wait["id"]
        for number in range(many):
            (other,) = c.execute(tickets.insert().values(ticket | {"ref": f"{ticket['ref']}{number:04}"}).returning(
                tickets.c.id)).one()
            c.execute(waits.insert().values(wait | {"ticket_id": other, "token_hash": None,
                                                    "created_at": wait["created_at"] - timedelta(hours=1)}))


def test_the_contract_is_openapi_and_names_every_route(office: OpenOffice) -> None:
    told = office.client.get("/api/openapi.json").get_json()
    assert told["openapi"] == "3.1.0"
    served = {rule.rule.replace("<int:wait>", "{wait}").replace("<id>", "{id}")
              for rule in office.app.url_map.iter_rules() if rule.rule.startswith("/api/")}
    assert set(told["paths"]) == served - {"/api/openapi.json", "/api/docs"}
    assert told["paths"]["/api/approvals/{wait}"]["post"]["requestBody"]["required"] is True


def test_answers_are_as_the_contract_says(office: OpenOffice) -> None:
    validators = pytest.importorskip("openapi_schema_validator")
    office.asks(18000)
    told = office.client.get("/api/openapi.json").get_json()
    schema = {"$ref": "#/components/schemas/State", "components": told["components"]}
    validators.OAS31Validator(schema).validate(office.seat().state())


def test_the_apis_page_loads_nothing_from_elsewhere(office: OpenOffice) -> None:
    answer = office.client.get("/api/docs")
    assert answer.status_code == 200
    assert "POST /api/approvals/{wait}" in answer.text
    assert "http" not in answer.text.replace("http-equiv", "")
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_a_wrong_address_is_told_as_everything_else(office: OpenOffice) -> None:
    answer = office.client.put("/api/ticket")
    assert (answer.status_code, answer.content_type) == (405, "application/problem+json")
