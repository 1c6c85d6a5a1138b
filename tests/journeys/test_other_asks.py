"""Contact changes, status questions, several asks, and what goes to people."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.desk import Choices, Flags, PaymentChoices
from agent.planner import RulesPlanner
from tests.journeys.conftest import on_both
from tests.journeys.office import CHECKED, DANA, Office, refund

PHONE = {"kind": "contact_change", "contact": "k1", "field": "phone", "value": "+49 30 7654321",
         "quote": "my new number is +49 30 7654321"}


@on_both
def test_a_new_phone_number_is_written_and_told(office: Office) -> None:
    office.planner.next = [{"actions": [PHONE], "category": "contact_details"}]
    ticket = office.handle("Hi, my new number is +49 30 7654321.")
    office.settle()

    contact = next(iter(office.salesforce.books()["contacts"].values()))
    assert contact["Phone"] == "+49 30 7654321"
    assert "from “+49 30 1234567” to “+49 30 7654321”" in office.notes(ticket)[0]
    assert "your phone number to +49 30 7654321" in office.replies(ticket)[0]
    assert office.states()[0][0] == "done"


@on_both
def test_an_email_change_goes_to_a_person_and_nothing_is_written(office: Office) -> None:
    change = {**PHONE, "field": "email", "value": "new@example.com", "quote": "use new@example.com"}
    office.planner.next = [{"actions": [change], "category": "contact_details"}]
    ticket = office.handle("Please use new@example.com from now on.")
    office.settle()

    assert next(iter(office.salesforce.books()["contacts"].values()))["Email"] == DANA
    assert office.replies(ticket) == []
    assert len(office.notes(ticket)) == 1
    assert office.states()[0][0] == "handed_over"


@on_both
def test_a_postal_address_waits_for_the_customers_yes(office: Office) -> None:
    fields = [("street", "Neue Str. 5"), ("city", "Berlin"), ("postal_code", "10115")]
    office.planner.next = [{"category": "contact_details", "actions": [
        {**PHONE, "field": name, "value": value, "quote": "I moved to Neue Str. 5, 10115 Berlin"}
        for name, value in fields]}]
    ticket = office.handle("I moved to Neue Str. 5, 10115 Berlin")
    office.settle()

    assert "customer's yes" in office.notes(ticket)[0]
    assert len(office.notes(ticket)) == 1
    assert office.salesforce.books()["changes"] == []
    assert office.states()[0][0] == "parked"


@on_both
def test_where_is_my_refund_is_answered_from_stripe(office: Office) -> None:
    charge = office.charge(3000, ago="-9d")
    office.happens("stripe", "dashboard_refund", charge=charge, amount=3000)
    office.planner.next = [{"actions": [{"kind": "status_answer", "charge": "c1", "quote": "where is my refund?"}]}]
    ticket = office.handle("where is my refund?")
    office.settle()

    assert "Your refund of USD 30.00 was sent to your Visa ending in 4242" in office.replies(ticket)[0]
    assert len(office.refunds()) == 1
    assert office.states()[0][0] == "answered"


def test_that_no_refund_was_found_is_never_told(office: Office) -> None:
    office.charge(3000)
    office.planner.next = [{"actions": [{"kind": "status_answer", "charge": None, "quote": "where is my refund?"}]}]
    ticket = office.handle("where is my refund?")
    office.settle()

    assert office.replies(ticket) == []
    assert len(office.notes(ticket)) == 1
    assert office.states()[0][0] == "handed_over"


def asks_where_it_is(office: Office, **more: Any) -> list[str]:
    """The five lines of the note, where the planner names no payment."""
    office.planner.next = [{"actions": [{"kind": "status_answer", "charge": None, "quote": "where is my refund"}]}]
    ticket = office.handle("Hi, where is my refund for order 1042?", **more)
    office.settle()
    assert office.replies(ticket) == []
    assert office.states()[0][0] == "handed_over"
    return office.notes(ticket)[-1].splitlines()


def test_who_asks_after_a_refund_that_nobody_made_is_looked_up_by_their_one_payment(office: Office) -> None:
    charge = office.charge(4700)
    wants, _, found, then, why = asks_where_it_is(office)
    assert wants.endswith(f"“where is my refund” (say where the money of charge {charge} is)")
    assert found.startswith("Found: evidence: an authenticated mail from the address that the charge itself names")
    assert then.startswith("Next: see whether this money is to go back; answer the customer "
                           f"(see https://dashboard.stripe.com/test/payments/{charge})")
    assert "I have found your payment, and no money has gone back to you on it so far." in then
    assert why.startswith(f"Why it stopped: no refund was ever made on USD 47.00 {charge}. Nothing was changed")


@pytest.mark.parametrize(("status", "how", "step"), [
    ("failed", "failed", "agree with the customer on another way to give this money back; never pay it twice"),
    ("requires_action", "waits for the customer's bank details", "help the customer to give their bank details")])
def test_of_a_refund_that_did_not_arrive_a_colleague_reads_so(office: Office, status: str, how: str, step: str) -> None:
    charge = office.charge(4700, ago="-9d")
    office.happens("stripe", "next_refund", status="succeeded" if status == "failed" else status)
    made = office.happens("stripe", "dashboard_refund", charge=charge, amount=4700)["id"]
    if status == "failed":
        office.happens("stripe", "fail_refund", refund=made)
    _, read, found, then, why = asks_where_it_is(office)
    assert f"refund {made} of USD 47.00 {status.replace('_', ' ')})" in read
    assert found.startswith("Found: evidence: ")
    assert then.startswith(f"Next: {step} (see https://dashboard.stripe.com/test/payments/{charge})")
    assert ("sending your money back did not work" in then) is (status == "failed")
    assert why.startswith(f"Why it stopped: refund {made} of USD 47.00, made on 20 Nov 2026, {how}. ")


def test_who_nobody_knows_learns_nothing_of_a_payment_by_asking_after_a_refund(office: Office) -> None:
    office.charge(4700)
    *_, then, _ = asks_where_it_is(office, channel="web")
    assert then.startswith("Next: make sure that it is the customer who asks")
    assert "To protect your account" in then
    assert "payment, and" not in then


def test_of_several_payments_without_a_refund_it_stays_unclear_which_is_meant(office: Office) -> None:
    office.double_charge(4700)
    *_, then, why = asks_where_it_is(office)
    assert "it is not clear which payment is meant" in why
    assert "I have not found the payment that you mean." in then


@pytest.mark.parametrize(("refunded", "why"), [("1041", "no refund was ever made on USD 47.00 "), ("1042", "")])
def test_the_order_that_the_customer_names_tells_which_refund_is_meant(
        an_office: Callable[..., Office], refunded: str, why: str) -> None:
    by_order = PaymentChoices(order_pattern=r"order (\d{4})")
    office = an_office(choices=Choices(senders_checked=CHECKED, payments=by_order))
    paid = {order: office.charge(amount, order=order) for order, amount in (("1041", 3000), ("1042", 4700))}
    office.happens("stripe", "dashboard_refund", charge=paid[refunded])
    office.planner.next = [{"actions": [{"kind": "status_answer", "charge": None, "quote": "where is my refund"}]}]
    ticket = office.handle("where is my refund for order 1042?")
    office.settle()
    assert (why or "answered where the money is") in office.notes(ticket)[-1]
    assert any("USD 47.00" in reply for reply in office.replies(ticket)) is not bool(why)


@on_both
def test_a_large_duplicate_is_parked_with_a_note_and_no_reply(office: Office) -> None:
    office.double_charge(18000)
    office.planner.next = [{"actions": [refund("c2", quote="refund the second one")]}]
    ticket = office.handle()
    office.settle()

    assert office.refunds() == []
    assert office.replies(ticket) == []
    assert "a lead's approval" in office.notes(ticket)[0]
    assert len(office.notes(ticket)[0].splitlines()) == 5
    assert office.states()[0][0] == "parked"
    assert office.ticket(ticket)["status"] == "new"


@on_both
def test_an_angry_customer_with_a_lawyer_is_handed_over_in_five_lines(office: Office) -> None:
    office.double_charge()
    office.planner.next = [{"actions": [refund("c2", quote="refund me")], "signals": ["anger", "legal_threat"]}]
    ticket = office.handle("This is outrageous, refund me or you hear from my lawyer!")
    office.settle()

    assert office.refunds() == []
    assert office.replies(ticket) == []
    assert len(office.notes(ticket)[0].splitlines()) == 5
    assert office.states()[0][0] == "handed_over"


@on_both
def test_two_asks_are_two_actions_and_what_is_not_covered_is_said(office: Office) -> None:
    office.double_charge()
    office.planner.next = [{"actions": [refund("c2", quote="refund the second")],
                            "uncovered": ["change the delivery slot"]}]
    ticket = office.handle("I was charged twice, refund the second. And please change the delivery slot.")
    office.settle()

    assert office.refunded() == {"usd": 1800}
    assert "A colleague will get back to you about the rest" in office.replies(ticket)[0]
    assert office.ticket(ticket)["status"] != "solved"
    assert "delivery slot" in office.notes(ticket)[0]
    assert office.states()[0][0] == "handed_over"


def test_what_the_rules_read_is_not_set_down_as_the_customers_own_words(an_office: Callable[..., Office]) -> None:
    office = an_office(planner=RulesPlanner())
    office.charge(4700)
    lines = office.notes(office.handle("Where is my refund for order 1042?"))[0].splitlines()
    assert "no refund was ever made on USD 47.00" in lines[4]
    assert "parcel" not in "".join(lines)
    second = office.handle("Where is my refund for order 1042? And where is my parcel?")
    assert "also asked, and not something Deskhand does: asks where the parcel is" in office.notes(second)[0]


@on_both
def test_an_installation_without_salesforce_refunds_all_the_same(an_office: Callable[..., Office]) -> None:
    office = an_office(without=["salesforce"])
    office.double_charge()
    office.planner.next = [{"actions": [refund("c2", quote="refund the second one")]}]
    ticket = office.handle()
    office.settle()

    assert office.refunded() == {"usd": 1800}
    assert len(office.replies(ticket)) == 1
    assert office.activities() == []


@on_both
def test_without_a_notification_trigger_a_colleague_is_asked_to_tell(an_office: Callable[..., Office]) -> None:
    office = an_office()
    office.side.tells_nobody()
    office.double_charge()
    office.planner.next = [{"actions": [refund("c2", quote="refund the second one")]}]
    ticket = office.handle()
    office.settle()

    assert office.refunded() == {"usd": 1800}
    assert "Customer NOT told" in office.notes(ticket)[0]
    assert len(office.notes(ticket)) == 1


@on_both
def test_with_another_customer_in_copy_nobody_is_answered(office: Office) -> None:
    office.double_charge()
    office.planner.next = [{"actions": [refund("c2", quote="refund the second one")]}]
    ticket = office.handle(ccs=["erin@example.com"])
    office.settle()

    assert office.refunded() == {"usd": 1800}
    assert office.replies(ticket) == []
    assert "other people are in copy" in office.notes(ticket)[0]


def test_a_draft_that_promises_is_replaced_and_noted(office: Office) -> None:
    office.double_charge()
    office.planner.next = [{"actions": [refund("c2", quote="refund the second one")],
                            "reply": "You will also get a free month, and 50.00 more!"}]
    ticket = office.handle()
    office.settle()

    assert "free month" not in office.replies(ticket)[0]
    assert "own words were not used" in office.notes(ticket)[0]


def test_a_disputed_charge_is_a_persons_and_the_note_tells_of_the_dispute(office: Office) -> None:
    _, second = office.double_charge()
    office.happens("stripe", "dispute", charge=second)
    office.planner.next = [{"actions": [refund("c2", quote="refund the second one")]}]
    ticket = office.handle()

    assert office.refunds() == []
    assert f"on {second}: needs response" in office.notes(ticket)[0]


@on_both
def test_who_asks_to_cancel_as_well_is_shown_the_subscription(office: Office) -> None:
    office.stripe.load({"subscriptions": [{"customer": "cus_dana", "status": "active"}]}, office.clock())
    office.double_charge(18000)
    office.planner.next = [{"actions": [refund("c2", quote="refund it")], "uncovered": ["cancel the subscription"],
                            "signals": ["anger"]}]
    ticket = office.handle()

    assert ": active" in office.notes(ticket)[0]


@on_both
def test_a_flag_that_stands_in_a_crm_that_is_not_there_counts_as_set(an_office: Callable[..., Office]) -> None:
    office = an_office(without=["salesforce"], choices=Choices(
        senders_checked=CHECKED, flags=Flags(legal_hold="salesforce:Legal_Hold__c")))
    office.double_charge()
    office.planner.next = [{"actions": [refund("c2", quote="refund the second one")]}]
    ticket = office.handle()

    assert office.refunds() == []
    assert "stop-flags" in office.notes(ticket)[0]


@pytest.mark.parametrize("named", ["fraud", "Fraud", "FRAUD"])
def test_a_customer_flagged_by_tag_is_a_persons_however_the_admin_writes_it(
        an_office: Callable[..., Office], named: str) -> None:
    office = an_office(choices=Choices(senders_checked=CHECKED, flags=Flags(fraud=f"zendesk:tag:{named}")))
    office.double_charge()
    office.planner.next = [{"actions": [refund("c2", quote="refund the second one")]}]
    office.handle(tags=["fraud"])

    assert office.refunds() == []


@on_both
def test_an_answer_that_no_longer_stands_after_a_crash_is_not_called_answered(office: Office) -> None:
    """The reply was refused for a while, and the refund it told of has failed by then."""
    charge = office.charge(3000, ago="-9d")
    paid = office.happens("stripe", "dashboard_refund", charge=charge, amount=3000)
    office.planner.next = [{"actions": [{"kind": "status_answer", "charge": "c1", "quote": "where is my refund?"}]}]
    office.fault_at(office.side.reply, "429", params={"retry_after": 300})
    ticket = office.handle("where is my refund?")
    office.happens("stripe", "fail_refund", refund=paid["id"])
    office.settle()

    assert office.replies(ticket) == []
    assert "answered where the money is" not in office.notes(ticket)[0]
    assert office.states()[0][0] == "handed_over"
