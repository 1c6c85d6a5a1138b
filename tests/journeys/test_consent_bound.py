"""A yes is used only for exactly what was agreed to, and only while what made it safe to ask still holds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy import Engine

from agent import held
from agent.consent import approval, taking_over
from agent.consent.bound import recorded
from agent.desk import Choices
from agent.hours import Hours
from agent.policy import load
from tests.journeys.conftest import on_both
from tests.journeys.office import AGENT as AGENT_MAIL
from tests.journeys.office import CHECKED, DANA, ERIN, POLICY, Office, execute, refund, without_rule
from tests.journeys.test_consent import AGENT, FINANCE, LEAD, TWICE, approve, asks, small_needs_agent, waiting
from tests.journeys.test_consent_attacked import paused, says
from tests.webhooks.opened import OpenOffice

NEW_ADDRESS = "dana.private@example.com"


def primary_moves(office: Office) -> None:
    """The customer's primary address becomes another one; the one on the ticket stays as a second address."""
    state = office.zendesk.state
    dana = state.by_email[DANA]
    for one in state.identities[dana]:
        one["primary"] = False
    state.identities[dana].append({**state.identities[dana][0], "id": state.new_id(), "value": NEW_ADDRESS,
                                   "primary": True})


def copied(office: Office, ticket: int) -> None:
    office.at_desk("add_cc", ticket=ticket, email=ERIN)


@pytest.mark.parametrize("helpdesk", ["salesforce"], indirect=True)
@pytest.mark.parametrize("answers", ["YES", None])
def test_a_contact_whose_address_became_another_one_is_asked_no_more(office: Office, answers: str | None) -> None:
    """A contact has one address only (Object Reference, "Contact"): the former one is nobody's then."""
    ticket = asks(office, 4700)
    office.happens("salesforce", "edit", email=DANA, fields={"Email": NEW_ADDRESS})
    if answers:
        office.customer_answers(ticket, answers)
    office.settle(hours=80, step=7200)
    assert office.refunds() == []
    assert len(office.replies(ticket)) == 1
    assert office.states()[0][0] == "handed_over"


def other_requester(office: Office, ticket: int) -> None:
    office.at_desk("change_requester", ticket=ticket, agent=AGENT_MAIL, email=ERIN)


@pytest.mark.parametrize("change", [copied, lambda office, ticket: primary_moves(office)],
                         ids=["copied", "primary moved"])
def test_a_reply_of_yes_is_not_used_when_the_customer_could_not_be_asked_any_more(
        office: Office, change: Callable[[Office, int], None]) -> None:
    ticket = asks(office, 4700)
    change(office, ticket)
    office.customer_answers(ticket, "YES")
    office.settle(hours=80, step=7200)
    assert office.refunds() == []
    assert "the customer said yes, and it is not used: " in office.notes(ticket)[-1]
    assert office.states()[0][0] == "handed_over"
    assert len(office.replies(ticket)) == 1


@on_both
def test_a_yes_that_puts_somebody_in_copy_itself_is_not_used(office: Office) -> None:
    ticket = asks(office, 4700)
    office.clock.forward(minutes=5)
    office.writes("YES", ticket=ticket, ccs=[ERIN])
    office.event(ticket)
    office.settle(hours=80, step=7200)
    assert office.refunds() == []
    assert "it is not used: other people are in copy" in office.notes(ticket)[-1]


@pytest.mark.parametrize("change", [copied, lambda office, ticket: primary_moves(office)],
                         ids=["copied", "primary moved"])
def test_a_yes_on_the_page_is_not_used_when_the_customer_could_not_be_asked_any_more(
        engine: Engine, change: Callable[[Office, int], None]) -> None:
    office = OpenOffice(engine)
    ticket = office.asks(4700)
    link = office.link(ticket)
    change(office, ticket)
    assert office.client.post(link, data={"typed": "4242"}).status_code == 200
    office.settle(hours=80, step=7200)
    assert office.refunds() == []
    assert "the customer said yes, and it is not used: " in office.notes(ticket)[-1]
    assert "it is not used" in office.seat().state()["words"]


def test_a_yes_that_was_not_used_stays_unused_when_nobody_is_in_copy_any_more(office: Office) -> None:
    ticket = asks(office, 4700)
    copied(office, ticket)
    office.customer_answers(ticket, "YES")
    office.zendesk.state.tickets[ticket].email_cc_ids.clear()
    with office.engine.begin() as c:
        proposal = c.exec_driver_sql("select max(id) from proposals").scalar_one()
        office.desk.ledger.reopen(c, proposal)
    notes = len(office.notes(ticket))
    office.sweep()
    office.run()
    office.settle(hours=80, step=7200)
    assert office.refunds() == []
    assert len(office.notes(ticket)) == notes


@pytest.mark.parametrize("change", [copied, lambda office, ticket: primary_moves(office)],
                         ids=["copied", "primary moved"])
@pytest.mark.parametrize("answer", [None, "yes but only if it is quick"], ids=["reminder", "asked once more"])
def test_nobody_is_reminded_or_asked_once_more_where_a_yes_would_prove_nothing(
        office: Office, change: Callable[[Office, int], None], answer: str | None) -> None:
    ticket = asks(office, 4700)
    change(office, ticket)
    if answer:
        office.customer_answers(ticket, answer)
    office.settle(hours=80, step=7200)
    assert len(office.replies(ticket)) == 1
    assert "the customer cannot be asked any more: " in office.notes(ticket)[-1]
    assert office.states()[0][0] == "handed_over"


@on_both
def test_with_another_requester_neither_may_say_yes_and_a_person_is_told(office: Office) -> None:
    ticket = asks(office, 4700)
    other_requester(office, ticket)
    office.customer_answers(ticket, "YES", email=ERIN)
    office.customer_answers(ticket, "YES", email=DANA)
    office.settle(hours=80, step=7200)
    assert office.refunds() == []
    assert len(office.replies(ticket)) == 1
    assert "the requester was changed" in office.notes(ticket)[-1]
    assert office.states()[0][0] == "handed_over"
    assert waiting(office, ("open", "given")) == []


def test_a_yes_on_the_page_after_the_requester_was_changed_is_for_a_person(engine: Engine) -> None:
    office = OpenOffice(engine)
    ticket = office.asks(4700)
    link = office.link(ticket)
    other_requester(office, ticket)
    assert office.client.post(link, data={"typed": "4242"}).status_code == 200
    office.settle(hours=80, step=7200)
    assert office.refunds() == []
    assert "the requester was changed" in office.notes(ticket)[-1]
    assert len(office.replies(ticket)) == 1


@pytest.mark.parametrize("tells", [True, False])
def test_a_yes_after_the_ticket_was_merged_does_nothing(engine: Engine, tells: bool) -> None:
    office = OpenOffice(engine)
    ticket = office.asks(4700)
    link = office.link(ticket)
    other = office.writes("Another matter.")
    office.at_desk("merge", ticket=ticket, into=other)
    if tells:
        office.event(ticket)
        office.run()
    assert office.client.post(link, data={"typed": "4242"}).status_code == (410 if tells else 200)
    office.settle(hours=80, step=7200)
    assert office.refunds() == []
    assert office.states()[0] == (("parked", "") if tells else ("ignored", "merged"))
    assert len(office.notes(ticket)) == 1
    assert office.waits(("open", "given")) == []


@on_both
def test_an_approval_after_the_ticket_was_merged_does_nothing(office: Office) -> None:
    ticket = small_needs_agent(office)
    office.at_desk("merge", ticket=ticket, into=office.writes("Another matter."))
    approve(office, AGENT)
    office.settle(hours=80, step=7200)
    assert office.refunds() == []
    assert office.states()[0] == ("ignored", office.side.merged)
    assert waiting(office, ("open", "given")) == []


def in_mode(office: Office, mode: str, rollout: int = 100) -> None:
    text = POLICY.replace("mode: shadow", f"mode: {mode}")
    office.policy = load(text.replace("rollout_percent: 100", f"rollout_percent: {rollout}"))


@pytest.mark.parametrize("mode", ["off", "shadow"])
@pytest.mark.parametrize("answer", ["YES", None])
def test_switched_off_after_the_question_nothing_is_done_and_a_person_goes_on(
        office: Office, mode: str, answer: str | None) -> None:
    ticket = asks(office, 4700)
    in_mode(office, mode)
    if answer:
        office.customer_answers(ticket, answer)
    office.settle(hours=80, step=7200)
    assert office.refunds() == []
    assert "this action was switched off meanwhile" in office.notes(ticket)[-1]
    assert office.states()[0][0] == "handed_over"


@pytest.mark.parametrize(("mode", "rollout"), [("draft", 100), ("execute", 0)])
def test_a_yes_where_a_colleague_must_press_by_now_waits_for_one(office: Office, mode: str, rollout: int) -> None:
    ticket = asks(office, 4700)
    in_mode(office, mode, rollout)
    office.customer_answers(ticket, "YES")
    assert office.refunds() == []
    assert [wait.for_whom for wait in waiting(office)] == ["agent"]
    approve(office, AGENT)
    assert office.refunded() == {"usd": 4700}


@pytest.mark.parametrize(("mode", "rollout"), [("draft", 100), ("execute", 0)])
def test_a_yes_where_nobody_presses_ends_with_a_person(office: Office, mode: str, rollout: int) -> None:
    ticket = asks(office, 4700)
    in_mode(office, mode, rollout)
    office.customer_answers(ticket, "YES")
    office.settle(hours=80, step=7200)
    assert office.refunds() == []
    assert "a colleague did not answer in time" in office.notes(ticket)[-1]
    assert office.states()[0][0] == "handed_over"


@pytest.mark.parametrize("answered", [False, True], ids=["before the yes", "after the yes"])
def test_with_a_live_key_beside_a_sandbox_by_now_a_yes_does_nothing(office: Office, answered: bool) -> None:
    ticket = asks(office, 4700)
    if answered:
        paused(office, on=True)
        office.customer_answers(ticket, "YES")
        paused(office, on=False)
    office.desk = replace(office.desk, crossed_modes="a live key beside a sandbox")
    if not answered:
        office.customer_answers(ticket, "YES")
    office.settle(hours=80, step=7200)
    assert office.refunds() == []
    assert "switched off" in office.notes(ticket)[-1]
    assert office.states()[0][0] == "handed_over"


def test_with_a_live_key_beside_a_sandbox_by_now_nothing_that_was_planned_is_begun(office: Office) -> None:
    two_asks(office, PHONE)
    office.fault("stripe", "429", "POST", "/refunds", times=3, params={"retry_after": 600})
    office.handle(BOTH)
    assert contact(office)["Phone"] == "+49 30 7654321"
    office.desk = replace(office.desk, crossed_modes="a live key beside a sandbox")
    office.settle(hours=30, step=3600)
    assert office.refunds() == []
    assert office.states()[0][0] == "handed_over"


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_clock_that_jumps_an_hour_neither_loses_nor_doubles_anything(office: Office, hours: int) -> None:
    ticket = asks(office, 4700)
    office.clock.forward(hours=hours)
    office.settle(hours=26, step=3600)
    assert len(office.replies(ticket)) == 2
    office.clock.forward(hours=hours)
    office.settle(hours=3)
    office.customer_answers(ticket, "YES")
    office.clock.forward(hours=hours)
    office.settle(hours=80, step=7200)
    assert office.refunded() == {"usd": 4700}
    assert len(office.replies(ticket)) == 3


def test_a_clock_that_jumps_back_after_the_reminder_sends_no_second_one(office: Office) -> None:
    ticket = asks(office, 4700)
    office.settle(hours=24.5)
    assert len(office.replies(ticket)) == 2
    office.clock.forward(hours=-2)
    office.settle(hours=60, step=7200)
    assert len(office.replies(ticket)) == 2


def test_a_clock_that_jumps_four_days_ends_the_question_and_a_later_yes_does_nothing(office: Office) -> None:
    ticket = asks(office, 4700)
    office.clock.forward(days=4)
    office.customer_answers(ticket, "YES")
    office.settle(hours=80, step=7200)
    assert office.refunds() == []
    assert "in time" in office.notes(ticket)[-1] or "too old" in office.notes(ticket)[-1]
    assert len(office.replies(ticket)) == 1


def test_a_clock_that_jumps_four_days_and_back_leaves_what_ended_ended(office: Office) -> None:
    ticket = asks(office, 4700)
    office.clock.forward(days=4)
    office.sweep()
    office.run()
    office.clock.forward(days=-4)
    office.customer_answers(ticket, "YES")
    office.settle(hours=80, step=7200)
    assert office.refunds() == []
    assert office.states()[0][0] == "handed_over"


def test_four_days_between_the_yes_and_its_use_are_too_many(office: Office) -> None:
    ticket = asks(office, 4700)
    office.clock.forward(minutes=5)
    office.writes("YES", ticket=ticket)
    office.fault("stripe", "429", "POST", "/refunds", times=2, params={"retry_after": 600})
    office.event(ticket)
    office.run()
    office.clock.forward(days=4)
    office.settle(hours=80, step=7200)
    assert office.refunds() == []
    assert office.states()[0][0] == "handed_over"


def second_contact(office: Office) -> None:
    """The CRM gets another customer with this address: who is asking is less sure than it was."""
    office.salesforce.load({"contacts": [{"FirstName": "Dan", "LastName": "Other", "Email": DANA}]}, office.clock())


def test_evidence_that_got_weaker_since_the_card_was_shown_asks_the_colleague_anew(engine: Engine) -> None:
    office = OpenOffice(engine)
    ticket = office.unproven()
    second_contact(office)
    assert office.seat().approve().status_code == 200
    office.run()
    assert office.refunds() == []
    assert "Kim approved it, and something changed since: it is less sure who asks" in office.notes(ticket)[-1]
    card = office.seat().card()
    assert card["details"][0].startswith("Kim approved it, and something changed since: it is less sure who asks")
    assert card["approved_by"] is None
    assert office.seat().approve().status_code == 200
    office.run()
    assert office.refunded() == {"usd": 1800}


def test_a_proof_that_got_weaker_since_the_card_was_shown_asks_the_lead_anew(office: Office) -> None:
    ticket = asks(office, 18000)
    first = min(office.stripe.books()["charges"], key=lambda charge: str(charge["created"]))
    office.happens("stripe", "dashboard_refund", charge=first["id"], amount=18000)
    approve(office, LEAD)
    assert office.replies(ticket) == []
    assert "the claim is not proven any more" in office.notes(ticket)[-1]
    approve(office, LEAD)
    office.customer_answers(ticket, "YES")
    assert office.refunded() == {"usd": 36000}


def test_evidence_that_got_better_since_the_card_was_shown_is_acted_on(office: Office) -> None:
    second_contact(office)
    small_needs_agent(office)
    (other,) = [id for id, row in office.salesforce.books()["contacts"].items() if row["LastName"] == "Other"]
    office.happens("salesforce", "edit", id=other, fields={"Email": "dan@example.com"})
    approve(office, AGENT)
    assert office.refunded() == {"usd": 1800}


STRICTER = """
  - id: new-rule
    actions: [refund]
    when: {claim: {is: [goodwill]}}
    then: approve by agent
    because: favours are looked at twice
"""


def test_under_another_policy_the_press_is_refused_and_the_new_card_is_shown(engine: Engine) -> None:
    office = OpenOffice(engine)
    office.unproven()
    office.policy = load(execute(POLICY) + STRICTER)
    refused = office.seat().approve()
    assert refused.status_code == 409
    assert "another rule applies: favours are looked at twice" in refused.get_json()["detail"]
    assert office.refunds() == []
    office.run()
    assert any("Favours are looked at twice" in rule for rule in office.seat().card()["rule"])
    assert office.seat().approve().status_code == 200
    office.run()
    assert office.refunded() == {"usd": 1800}


def test_a_looser_policy_does_not_ask_again(engine: Engine) -> None:
    office = OpenOffice(engine)
    office.unproven()
    office.policy = load(execute(POLICY).replace("over: 30}", "over: 60}"))
    assert office.seat().approve().status_code == 200
    office.run()
    assert office.refunded() == {"usd": 1800}


def test_what_was_asked_is_asked_anew_when_a_nudge_brings_up_weaker_evidence(office: Office) -> None:
    ticket = small_needs_agent(office)
    second_contact(office)
    (before,) = waiting(office)
    says(office, lambda case: {"actions": [refund("c1", claim="goodwill", quote="my money back")]})
    office.customer_answers(ticket, "Any news about the money for order 1042 please?")
    (after,) = waiting(office)
    assert after.id != before.id


def question(office: Office, amount: int = 4700) -> int:
    """A proven duplicate of which the customer is asked, whatever else of theirs is open."""
    office.policy = load(without_rule(execute(POLICY), "older-money-ticket"))
    office.double_charge(amount)
    newest = refund(f"c{len(office.stripe.books()['charges'])}")
    says(office, lambda case: {"actions": [newest]} if "charged twice" in case.asked() else {"nothing_asked": True})
    return office.handle()


def test_three_questions_a_day_go_to_one_address_and_no_fourth(office: Office) -> None:
    tickets = [question(office, 4700 + n) for n in range(4)]
    assert [len(office.replies(ticket)) for ticket in tickets] == [1, 1, 1, 0]
    assert "the customer was asked 3 times today" in office.notes(tickets[3])[-1]


def test_asking_once_more_counts_and_is_left_to_a_person_when_the_day_is_used_up(office: Office) -> None:
    tickets = [question(office, 4700 + n) for n in range(3)]
    office.customer_answers(tickets[0], "yes but only if it is quick")
    assert len(office.replies(tickets[0])) == 1
    assert "neither yes nor no" in office.notes(tickets[0])[-1]


def test_a_question_asked_twice_is_two_of_the_three(office: Office) -> None:
    first = question(office)
    office.customer_answers(first, "yes but only if it is quick")
    assert len(office.replies(first)) == 2
    tickets = [question(office, 4800), question(office, 4900)]
    assert [len(office.replies(ticket)) for ticket in tickets] == [1, 0]


@on_both
def test_a_question_that_was_never_sent_does_not_count(office: Office) -> None:
    office.side.tells_nobody()
    unsent = question(office)
    assert "the customer could not be asked" in office.notes(unsent)[-1]
    office.side.tells_again()
    tickets = [question(office, 4800 + n) for n in range(4)]
    assert [len(office.replies(ticket)) for ticket in tickets] == [1, 1, 1, 0]


def test_a_reminder_is_no_question(office: Office) -> None:
    tickets = [question(office, 4700 + n) for n in range(3)]
    office.settle(hours=25, step=3600)
    assert [len(office.replies(ticket)) for ticket in tickets] == [2, 2, 2]
    assert len(office.replies(question(office, 4900))) == 1


@pytest.mark.parametrize(("zone", "at", "asked"), [
    (None, "2026-11-20T23:59:00+00:00", 0), (None, "2026-11-21T00:00:00+00:00", 1),
    ("America/New_York", "2026-11-21T00:00:00+00:00", 0), ("America/New_York", "2026-11-21T04:59:00+00:00", 0),
    ("America/New_York", "2026-11-21T05:00:00+00:00", 1), ("Pacific/Auckland", "2026-11-20T10:59:00+00:00", 0),
    ("Pacific/Auckland", "2026-11-20T11:00:00+00:00", 1)])
def test_the_day_ends_at_the_desks_own_midnight(an_office: Callable[..., Office], zone: str | None, at: str,
                                                asked: int) -> None:
    hours = Hours.model_validate({"zone": zone, "open": ["mon-sun 00:00-24:00"]}) if zone else None
    office = an_office(choices=Choices(senders_checked=CHECKED, hours=hours))
    for n in range(3):
        question(office, 4700 + n)
    office.clock.moment = datetime.fromisoformat(at)
    assert len(office.replies(question(office, 4900))) == asked


def test_another_customers_questions_do_not_count(office: Office) -> None:
    for n in range(3):
        question(office, 4700 + n)
    office.double_charge(4700, ERIN)
    says(office, lambda case: {"actions": [refund("c2")]})
    assert len(office.replies(office.handle(email=ERIN))) == 1


def erase(office: Office) -> None:
    with office.engine.begin() as c:
        office.vault.erase(c, c.exec_driver_sql("select person_id from tickets where id = 1").scalar_one(),
                           office.clock())


def rests(office: Office) -> None:
    """Nothing is under way, and no sweep finds anything to wake for."""
    office.settle(hours=100, step=7200)
    office.clock.forward(days=5)
    assert office.sweep().woken == 0
    with office.engine.begin() as c:
        assert c.exec_driver_sql("select count(*) from proposals where closed_at is null").scalar_one() == 0
    assert waiting(office, ("open", "given")) == []
    assert office.states()[0] == ("ignored", "the requester was erased")


def test_an_erased_customer_is_not_waited_for(office: Office) -> None:
    ticket = asks(office, 4700)
    erase(office)
    office.customer_answers(ticket, "YES")
    rests(office)
    assert office.refunds() == []
    assert (len(office.replies(ticket)), len(office.notes(ticket))) == (1, 1)


def test_for_an_erased_customer_no_colleague_is_waited_for(office: Office) -> None:
    ticket = small_needs_agent(office)
    erase(office)
    rests(office)
    assert office.refunds() == []
    assert len(office.notes(ticket)) == 1


def test_what_was_not_sent_for_an_erased_customer_is_never_sent(office: Office) -> None:
    paused(office, on=True)
    office.double_charge(1800)
    says(office, lambda case: TWICE)
    ticket = office.handle()
    erase(office)
    paused(office, on=False)
    rests(office)
    assert office.refunds() == []
    assert (office.replies(ticket), office.notes(ticket)) == ([], [])


@pytest.mark.parametrize(("fault", "state"), [("timeout_after", "done"), ("timeout_before", "held")])
def test_what_was_sent_for_an_erased_customer_is_looked_up_by_its_operation(office: Office, fault: str,
                                                                            state: str) -> None:
    office.double_charge(1800)
    says(office, lambda case: TWICE)
    office.fault("stripe", fault, "POST", "/refunds")
    office.fault("stripe", "500_before", "GET", "/refunds", times=20)
    ticket = office.handle()
    office.doors["stripe"].faults.clear()
    erase(office)
    rests(office)
    with office.engine.begin() as c:
        assert c.exec_driver_sql("select state from operations where kind = 'refund'").scalars().all() == [state]
    assert len(office.refunds()) == (1 if state == "done" else 0)
    assert (office.replies(ticket), office.notes(ticket)) == ([], [])


def test_a_colleague_sees_that_the_customer_was_erased(engine: Engine) -> None:
    office = OpenOffice(engine)
    office.asks(4700)
    erase(office)
    rests(office)
    state = office.seat().state()
    assert (state["status"], state["cards"]) == ("idle", [])
    assert "erased" in state["words"]


def test_a_rule_that_applies_no_more_by_the_next_look_keeps_nobody_from_approving(engine: Engine) -> None:
    office = OpenOffice(engine)
    office.charge(1800)
    office.script(lambda case: {"actions": [refund("c1", claim="goodwill", quote="my money back")]})
    ticket = office.handle(tags=["parcel"])
    office.at_desk("agent_sets", ticket=ticket, agent=AGENT_MAIL, tags=["deskhand_waiting"])
    office.policy = load(execute(POLICY) + STRICTER.replace("claim: {is: [goodwill]}", "tags: {any_of: [parcel]}"))
    assert office.seat().approve().status_code == 409
    office.run()
    assert office.seat().approve().status_code == 200
    office.run()
    assert office.refunded() == {"usd": 1800}


def test_what_is_held_for_an_erased_customer_can_be_settled_and_never_sent_again(office: Office) -> None:
    office.double_charge(1800)
    says(office, lambda case: TWICE)
    office.fault("stripe", "timeout_before", "POST", "/refunds")
    office.fault("stripe", "500_before", "GET", "/refunds", times=20)
    office.handle()
    office.doors["stripe"].faults.clear()
    erase(office)
    rests(office)
    with office.engine.begin() as c:
        (one,) = held.held(c)
    with pytest.raises(held.CannotResolve, match="nothing is sent for them any more"):
        held.send_again(office.desk, one.operation, "Ana")
    held.not_done(office.desk, one.operation, "Ana")
    rests(office)
    with office.engine.begin() as c:
        assert held.held(c) == []
    assert office.refunds() == []


PHONE = {"kind": "contact_change", "contact": "k1", "field": "phone", "value": "+49 30 7654321",
         "quote": "+49 30 7654321"}
STREET = {"kind": "contact_change", "contact": "k1", "field": "postal_code", "value": "10115", "quote": "10115"}
BOTH = "I was charged twice, please refund the second one. My new number is +49 30 7654321, my postal code 10115."


def two_asks(office: Office, change: dict[str, str], amount: int = 1800) -> None:
    office.policy = load(without_rule(without_rule(execute(POLICY), "details-just-changed"),
                                      "contact-address-with-order"))
    office.double_charge(amount)
    says(office, lambda case: {"actions": [refund("c2", quote="the second one"), change]} if "twice" in case.asked()
         else {"nothing_asked": True})


def contact(office: Office) -> dict[str, object]:
    return dict(next(iter(office.salesforce.books()["contacts"].values())))


def test_what_cannot_be_taken_back_comes_last_and_when_it_is_refused_the_note_says_what_stands(office: Office) -> None:
    two_asks(office, PHONE)
    office.fault("stripe", "human_between", "POST", "/refunds", params={
        "op": "dashboard_refund", "params": {"charge": second_charge(office), "amount": 1800}})
    ticket = office.handle(BOTH)
    office.settle(hours=30, step=3600)
    assert [call for call in office.calls() if "PATCH" in call or "POST /v1/refunds" in call][-1:] == [
        "stripe POST /v1/refunds"]
    assert contact(office)["Phone"] == "+49 30 7654321"
    note = office.notes(ticket)[-1]
    assert "changed the contact's phone from “+49 30 1234567” to “+49 30 7654321”" in note
    assert "refund USD 18.00" in note
    assert "refunded USD 18.00" not in note
    assert office.refunded() == {"usd": 1800}
    assert "We have changed your phone number" in office.replies(ticket)[-1]
    assert "We have sent" not in office.replies(ticket)[-1]
    assert office.states()[0][0] == "handed_over"


def test_a_change_that_is_refused_before_the_refund_is_told_beside_it(engine: Engine) -> None:
    office = OpenOffice(engine)
    two_asks(office, PHONE)
    office.fault("salesforce", "validation", ".*", "composite", times=50)
    ticket = office.handle(BOTH)
    office.settle(hours=30, step=3600)
    assert half_done(office, ticket)
    assert contact(office)["Phone"] == "+49 30 1234567"


def test_a_change_that_is_refused_after_the_refund_is_told_beside_it(engine: Engine) -> None:
    office = OpenOffice(engine)
    two_asks(office, STREET)
    ticket = office.handle(BOTH)
    assert office.refunded() == {"usd": 1800}
    office.fault("salesforce", "validation", ".*", "composite", times=50)
    office.customer_answers(ticket, "YES")
    office.settle(hours=30, step=3600)
    assert half_done(office, ticket)
    assert not contact(office).get("MailingPostalCode")


def half_done(office: OpenOffice, ticket: int) -> bool:
    """The refund stands, the change was refused, and note, reply and state say exactly that."""
    note, state = office.notes(ticket)[-1], office.seat(ticket=ticket).state()
    assert "refunded USD 18.00 to Visa ending in 4242" in note
    assert "the vendor refused it" in note
    assert sum("We have sent USD 18.00" in reply for reply in office.replies(ticket)) == 1
    assert "We have changed" not in office.replies(ticket)[-1]
    assert "A colleague will get back to you about" in office.replies(ticket)[-1]
    assert (state["status"], [done["title"] for done in state["done"]]) == ("handed_over", ["Refund USD 18.00"])
    assert "efused" in state["words"]
    return office.refunded() == {"usd": 1800}


def second_charge(office: Office) -> str:
    return str(max(office.stripe.books()["charges"], key=lambda charge: int(charge["created"]))["id"])


@pytest.mark.parametrize("same_ticket", [True, False])
def test_the_other_one_of_a_refunded_pair_is_no_duplicate_any_more(engine: Engine, same_ticket: bool) -> None:
    office = OpenOffice(engine)
    office.double_charge(1800)
    office.script(lambda case: {"actions": [refund("c2")]} if "charged twice" in case.asked() else {
        "actions": [refund("c1", quote="the first one too")]})
    ticket = office.handle()
    assert office.refunded() == {"usd": 1800}
    office.clock.forward(minutes=5)
    text = "Please refund the first one too, it was double."
    second = office.writes(text, ticket=ticket) if same_ticket else office.writes(text)
    office.event(second)
    office.run()
    card = office.seat(ticket=second).card()
    assert card["proven"] is False
    assert "the other one of the pair, was refunded already" in card["why_proven"]
    office.settle(hours=100, step=7200)
    assert office.refunded() == {"usd": 1800}


def test_a_card_shown_before_its_pair_was_refunded_says_so_before_it_is_approved(engine: Engine) -> None:
    office = OpenOffice(engine)
    office.double_charge(1800)
    office.script(lambda case: {"actions": [refund("c2"), refund("c1", quote="both")]})
    office.handle()
    assert office.refunded() == {"usd": 1800}
    assert office.seat().approve().status_code == 200
    office.run()
    assert office.refunded() == {"usd": 1800}
    assert "the books say something else by now" in office.seat().card()["details"][0]


WHERE = {"language": "it", "actions": [{"kind": "status_answer", "charge": "c1", "quote": "where is my money"}]}
"""In a language of which a colleague reads each answer first."""


def asks_where(office: Office) -> tuple[int, str]:
    charge = office.charge(3000)
    office.happens("stripe", "dashboard_refund", charge=charge, amount=1000)
    says(office, lambda case: WHERE)
    return office.handle("Where is my money?"), charge


@on_both
@pytest.mark.parametrize("days", [1, 5])
@pytest.mark.parametrize("more", [0, 500])
def test_an_approval_of_an_answer_lets_no_later_answer_go_out(office: Office, days: int, more: int) -> None:
    ticket, charge = asks_where(office)
    approve(office, AGENT)
    assert len(office.replies(ticket)) == 1
    assert waiting(office, ("open", "given")) == []

    office.clock.forward(days=days)
    if more:
        office.happens("stripe", "dashboard_refund", charge=charge, amount=more)
    office.customer_answers(ticket, "And where is my money now?")
    assert len(office.replies(ticket)) == 1
    assert "waiting to say where the money" in office.notes(ticket)[-1]
    approve(office, AGENT)
    assert len(office.replies(ticket)) == 2


@on_both
@pytest.mark.parametrize("sent", [True, False])
def test_an_approval_of_an_answer_counts_once_where_the_customer_writes_before_the_helpdesk_is_back(
        office: Office, sent: bool) -> None:
    """Only what did not go out yet may go out on it."""
    ticket, _ = asks_where(office)
    note = office.side.updates.get("note")
    office.fault_at((note or office.side.reply) if sent else office.side.reply, "429", times=9, skip=sent and not note)
    approve(office, AGENT)
    assert len(office.replies(ticket)) == sent
    office.doors[office.side.vendor].faults.clear()
    office.customer_answers(ticket, "And where is my money now?")
    office.settle(hours=1)
    assert len(office.replies(ticket)) == 1
    assert len(waiting(office)) == sent


@on_both
def test_a_yes_to_an_answer_that_never_went_out_is_asked_for_again_when_the_ticket_is_given_back(
        office: Office) -> None:
    ticket, _ = asks_where(office)
    office.fault_at(office.side.reply, "429", times=9)
    approve(office, AGENT)
    office.doors[office.side.vendor].faults.clear()
    office.clock.forward(seconds=1)
    taking_over.take_over(office.desk, office.ref(ticket), AGENT)
    office.run()
    taking_over.give_back(office.desk, office.ref(ticket), AGENT)
    office.run()
    assert office.replies(ticket) == []
    approve(office, AGENT)
    office.settle(hours=1)
    assert len(office.replies(ticket)) == 1


@on_both
@pytest.mark.parametrize("first", [0, 1])
def test_an_answer_that_is_approved_after_another_goes_out_as_well(office: Office, first: int) -> None:
    for amount in (3000, 5000):
        charge = office.charge(amount)
        office.happens("stripe", "dashboard_refund", charge=charge, amount=amount // 10)
    says(office, lambda case: {"language": "it", "actions": [
        {"kind": "status_answer", "charge": charge, "quote": "where is my money"} for charge in ("c1", "c2")]})
    ticket = office.handle("Where is my money, of both?")
    waits_ = waiting(office)
    for one in (waits_[first], waits_[1 - first]):
        approval.approve(office.desk, one.id, one.shown, AGENT, None)
        office.run()
    assert len(office.replies(ticket)) == 2
    assert sorted("USD 3.00" in text for text in office.replies(ticket)) == [False, True]
    assert sorted("USD 5.00" in text for text in office.replies(ticket)) == [False, True]
    assert "NOT told" not in office.notes(ticket)[-1]


def lowered(office: Office) -> int:
    """180.00 asked for; the lead approves 90.00, and the customer is asked for a yes to those."""
    ticket = asks(office, 18000)
    says(office, lambda case: TWICE)
    approve(office, LEAD, 9000)
    return ticket


@on_both
@pytest.mark.parametrize("taken_back", [False, True])
def test_whoever_is_asked_about_less_goes_on_being_asked_when_they_write_something_else(
        office: Office, taken_back: bool) -> None:
    """Once more only where they had said yes, which was not used yet."""
    ticket = lowered(office)
    paused(office, taken_back)
    if taken_back:
        office.customer_answers(ticket, "YES")
    office.customer_answers(ticket, "By the way, I was charged twice within a minute, which is odd.")
    assert "waiting to refund USD 90.00" in office.notes(ticket)[-1]
    assert "nobody is asked any more" not in office.notes(ticket)[-1]
    assert [wait.for_whom for wait in waiting(office)] == ["customer"]
    assert len(office.replies(ticket)) == 1 + taken_back
    paused(office, False)
    office.customer_answers(ticket, "YES")
    office.settle(hours=3)
    assert office.refunded() == {"usd": 9000}


@on_both
def test_each_of_two_approvals_stands_on_the_facts_of_its_own_charge_and_may_be_lowered_from_its_own_amount(
        office: Office) -> None:
    for order, amount in (("1", 15000), ("2", 40000)):
        office.charge(amount, order=order)
    says(office, lambda case: {"actions": [refund(one, claim="damaged", quote="refund both") for one in ("c1", "c2")]})
    ticket = office.handle("Both were damaged, please refund both.")
    with office.engine.begin() as c:
        shown = [(wait, recorded(c, wait)["facts"]["amount"]) for wait in waiting(office)]
    assert sorted(amount for _, amount in shown) == [15000, 40000]
    for wait, amount in shown:
        approval.approve(office.desk, wait.id, wait.shown, FINANCE, amount - 1000)
        office.run()
    assert "waiting to refund USD 140.00" in office.notes(ticket)[-1]
    assert "waiting to refund USD 390.00" in office.notes(ticket)[-1]


@on_both
def test_each_of_two_answers_that_wait_stands_on_the_facts_of_its_own_charge(office: Office) -> None:
    for ago in ("-40d", "-1d"):
        office.happens("stripe", "dashboard_refund", charge=office.charge(3000, ago=ago), amount=1000)
    says(office, lambda case: {"language": "it", "actions": [
        {"kind": "status_answer", "charge": one, "quote": "where is"} for one in ("c1", "c2")]})
    office.handle("Where is my money, of both?")
    with office.engine.begin() as c:
        assert sorted(recorded(c, wait)["facts"]["charge_age_days"] for wait in waiting(office)) == [1, 40]
