"""What a colleague reads on the card and in the notes is true, and names no inner words."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from sqlalchemy import Engine

from agent import held
from agent.desk import Choices, Flags
from tests.journeys.office import CHECKED, POLICY, execute, loaded, refund
from tests.webhooks.opened import LEO, OpenOffice
from tests.webhooks.situations import SITUATIONS


@pytest.fixture
def office(engine: Engine) -> OpenOffice:
    return OpenOffice(engine)


def test_a_rule_reads_as_a_sentence_and_a_limit_that_allows_is_not_told_beside_it(office: OpenOffice) -> None:
    office.unproven()
    assert office.seat().card()["rule"] == [
        "The claim is not proven by the payment provider's books: a colleague must approve"]


def test_the_approver_reads_that_the_customer_is_asked_next(office: OpenOffice) -> None:
    office.asks(18000)
    assert office.seat(LEO).card()["for_whom_words"] == "A lead must approve it, then the customer is asked"
    office.seat(LEO).approve()
    office.run()
    card = office.seat(LEO).card()
    assert card["for_whom_words"] == "The customer was asked for a yes"
    assert "We have sent USD 180.00 back" in card["reply_preview"]


def test_no_risk_is_called_low_where_a_rule_has_a_worry(engine: Engine) -> None:
    office = OpenOffice(engine, choices=Choices(senders_checked=CHECKED, flags=Flags(vip="zendesk:tag:vip")))
    office.double_charge()
    office.script(lambda _: {"actions": [refund("c2", quote="please refund the second one")]})
    office.handle(tags=["vip"])
    assert office.seat().card()["risk"] == "The payments prove it, but VIP customers are seen by a lead."


def test_an_earlier_refund_on_the_ticket_is_told_on_the_card_and_the_note_does_not_deny_its_reply(
        office: OpenOffice) -> None:
    office.asks(1800)
    office.script(lambda _: {"actions": [refund("c1", claim="goodwill", quote="please refund it again")]})
    office.customer_answers(1, "please refund it again")
    assert office.seat().card()["details"][-1] == "Refunded on this ticket before: USD 18.00"
    assert "Customer not told of this yet" in office.notes(1)[-1]


def says_no(office: OpenOffice) -> None:
    office.asks(4700)
    office.customer_answers(1, "No")


def wants_a_person(office: OpenOffice) -> None:
    office.asks(4700)
    office.customer_answers(1, "person")


def is_declined(office: OpenOffice) -> None:
    office.unproven()
    office.seat().decline("no damage is visible")
    office.run()


def is_disputed(office: OpenOffice) -> None:
    _, second = office.double_charge()
    office.happens("stripe", "dispute", charge=second)
    office.script(lambda _: {"actions": [refund("c2", quote="please refund the second one")]})
    office.handle()


@pytest.mark.parametrize(("ends", "step"), [
    (says_no, "do not do it; answer the customer, and ask what they want instead"),
    (is_declined, "do not do it; answer the customer in your own words"),
    (wants_a_person, "answer the customer, who asks for a person"),
    (is_disputed, "do it by hand only if what stopped it no longer holds; answer the customer"),
])
def test_a_handoff_never_advises_what_was_just_declined_or_refused(
        office: OpenOffice, ends: Callable[[OpenOffice], None], step: str) -> None:
    ends(office)
    lines = office.notes(1)[-1].splitlines()
    assert lines[3].startswith(f"Next: {step} (see https://dashboard.stripe.com/")
    assert ". A reply to begin with: “" in lines[3]


def test_a_handoff_does_not_deny_that_the_customer_was_asked(office: OpenOffice) -> None:
    says_no(office)
    note = office.notes(1)[-1]
    assert "was told nothing" not in note
    assert "the customer was not told that it stopped" in note
    assert "payer matched by e-mail only" in note


def test_a_reminder_says_that_it_is_one(office: OpenOffice) -> None:
    office.unproven()
    office.clock.forward(hours=25)
    office.sweep()
    office.run()
    first, second = office.notes(1)
    assert first.startswith("Deskhand: waiting to refund USD 18.00")
    assert second.startswith("Deskhand reminds you: waiting to refund USD 18.00")


def moves(office: OpenOffice, body: str) -> None:
    new = {"street": "New Street 5", "city": "Berlin", "postal_code": "10115"}
    office.script(lambda case: {"category": "contact_details", "actions": [
        {"kind": "contact_change", "contact": "k1", "field": field, "value": value, "quote": "I moved"}
        for field, value in new.items()]} if "moved" in case.asked() else {"nothing_asked": True})
    office.handle(body)


def test_an_address_is_read_in_its_order_and_called_neither_proven_nor_unproven(office: OpenOffice) -> None:
    moves(office, "I moved to New Street 5, 10115 Berlin. What about order 1042?")
    card = office.seat().card()
    assert card["title"] == "Change the contact’s postal address"
    assert card["details"] == ["Street: empty → “New Street 5”", "City: empty → “Berlin”",
                               "Postal code: empty → “10115”"]
    assert "change your postal address to New Street 5, Berlin, 10115." in card["reply_preview"]
    assert card["risk"] == "The earlier values are kept, but an order may be on its way to the old address."
    assert (card["claim"], card["proven"], card["why_proven"]) == (None, None, "")


def test_a_changed_address_is_told_in_one_sentence(office: OpenOffice) -> None:
    moves(office, "I moved to New Street 5, 10115 Berlin.")
    office.customer_answers(1, "YES")
    assert "We have changed your postal address to New Street 5, Berlin, 10115." in office.replies(1)[-1]
    assert "your city" not in office.replies(1)[-1]
    assert "postal code from empty to “10115”" in office.notes(1)[-1]


PRESSED = pytest.mark.parametrize(("policy", "why"), [
    (POLICY.replace("mode: shadow", "mode: draft"), "this action is in draft"),
    (execute(POLICY).replace("rollout_percent: 100", "rollout_percent: 0"), "this customer is outside the rollout"),
], ids=["draft", "outside the rollout"])


def asks_under(office: OpenOffice, policy: str, amount: int) -> None:
    office.policy = loaded(policy)
    office.asks(amount)


def rule_told(office: OpenOffice) -> str:
    return str(office.notes(1)[-1].splitlines()[1])


@PRESSED
def test_a_note_and_a_card_say_why_a_colleague_approves_what_the_rules_ask_nobody_about(
        office: OpenOffice, policy: str, why: str) -> None:
    asks_under(office, policy, 1800)
    limit = "p to USD 25.00, the claim is proven"
    would = (f"Rule: Would need nobody, but {why}, so a colleague approves it: u{limit} (rule limit.refund.auto)")
    assert rule_told(office) == would
    assert office.seat().card()["rule"] == [
        f"{why.capitalize()}: a colleague must approve", f"U{limit}: nobody would need to be asked"]
    office.seat().approve()
    office.run()
    assert office.refunded() == {"usd": 1800}
    assert rule_told(office) == would


@PRESSED
def test_a_note_and_a_card_say_why_a_colleague_approves_what_the_rules_ask_the_customer_about(
        office: OpenOffice, policy: str, why: str) -> None:
    asks_under(office, policy, 4700)
    limit = "bove USD 25.00, up to USD 100.00, the claim is proven"
    assert rule_told(office) == (f"Rule: Needs the customer's yes, and {why}, so a colleague approves it: a{limit} "
                                 "(rule limit.refund.confirm)")
    assert office.seat().card()["rule"] == [
        f"{why.capitalize()}: a colleague must approve", f"A{limit}: the customer must say yes"]
    office.seat().approve()
    office.run()
    assert office.seat().card()["rule"] == [f"A{limit}: the customer must say yes"]


@PRESSED
def test_where_a_rule_asks_a_colleague_the_card_names_that_rule_alone(
        office: OpenOffice, policy: str, why: str) -> None:
    office.policy = loaded(policy)
    office.unproven()
    assert rule_told(office).startswith("Rule: Needs a colleague's approval: ")
    assert office.seat().card()["rule"] == [
        "The claim is not proven by the payment provider's books: a colleague must approve"]


def test_the_trail_says_that_a_draft_was_prepared_for_a_colleague(office: OpenOffice) -> None:
    asks_under(office, POLICY.replace("mode: shadow", "mode: draft"), 1800)
    assert office.seat().state()["trail"][0]["words"] == (
        "The customer’s message was read: a refund (prepared for a colleague to approve)")


@pytest.mark.parametrize(("happens", "words"), [
    ("dispute", "The charge is disputed. Answer the dispute in the payment provider's dashboard, and refund no more of "
                "this charge before."),
    ("fail_refund", "A refund fell through after it was done. Agree with the customer on another way, and pay it by "
                    "hand."),
])
def test_what_happened_to_a_refund_later_is_told_in_the_sidebar_with_the_step_of_the_note(
        office: OpenOffice, happens: str, words: str) -> None:
    SITUATIONS[{"dispute": "disputed_later", "fail_refund": "fell_through_later"}[happens]].about(office)
    assert office.seat().state()["words"] == words
    step = office.notes(1)[-1].splitlines()[2].removeprefix("Next: ")
    assert words.lower().split(". ")[1].rstrip(".") in step.lower()


def test_of_a_note_that_was_refused_the_sidebar_says_that_it_was_not_written(office: OpenOffice) -> None:
    SITUATIONS["note_refused"].about(office)
    assert (office.refunded(), office.notes(1)) == ({"usd": 1800}, [])
    state = office.seat().state()
    assert state["status"] == "held"
    assert re.fullmatch(
        r"The helpdesk refused Deskhand’s note, so what happened stands only below\. An administrator then "
        r"settles it with “deskhand held resolve op-[0-9a-f]{24} \(--found ID \| --not-done \| --send-again\) "
        r"--by NAME”\.", state["words"])
    (waiting,) = office.seat().get("/api/waiting").get_json()["items"]
    assert waiting["for_whom_words"] == "The helpdesk refused this note: it was not written"


def test_a_note_that_was_refused_is_written_once_somebody_has_it_sent_again(office: OpenOffice) -> None:
    SITUATIONS["note_refused"].about(office)
    with office.engine.begin() as c:
        (one,) = held.held(c)
    office.doors["zendesk"].faults.clear()
    held.send_again(office.desk, one.operation, "Ana")
    office.settle(hours=2)
    (note,) = office.notes(1)
    assert "refunded USD 18.00" in note
    assert office.refunded() == {"usd": 1800}
    assert office.seat().state()["status"] == "done"
