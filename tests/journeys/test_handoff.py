"""Who takes a ticket over reads five lines, each said once, and a reply that fits why it stopped."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import Engine

from agent.phrases import PHRASES
from agent.prepared import SAME, WORDS, prepared
from agent.reply import Reply
from tests.journeys.handoffs import SITUATIONS
from tests.journeys.office import refund
from tests.webhooks.opened import OpenOffice


@pytest.fixture
def office(engine: Engine) -> OpenOffice:
    return OpenOffice(engine)


def handed_over(office: OpenOffice, situation: str) -> list[str]:
    SITUATIONS[situation](office)
    return office.notes(1)[-1].splitlines()


def reply_in(line: str) -> str:
    found = re.search(r"A reply to begin with: “(.*)”", line)
    assert found is not None
    return found[1]


@pytest.mark.parametrize("situation", SITUATIONS)
def test_the_five_lines_come_in_one_order_and_say_nothing_twice(office: OpenOffice, situation: str) -> None:
    lines = handed_over(office, situation)
    assert [line.split(":")[0] for line in lines] == [
        "Deskhand hands this over to you. The customer wants", "Read", "Found", "Next", "Why it stopped"]
    action = re.search(r"\((refund USD [\d.]+)", lines[0])
    if action:
        assert "".join(lines[2:]).count(action[1]) == 0
    why = lines[4].removeprefix("Why it stopped: ").split(". ")[0]
    assert why not in lines[2]
    assert lines[4].count("the customer was not told that it stopped") == 1


@pytest.mark.parametrize(("situation", "why", "step", "reply"), [
    ("customer_says_no", "the customer said no", "do not do it; answer the customer, and ask what they want instead",
     "We have not gone ahead, as you asked."),
    ("customer_is_silent", "the customer did not answer in time", "ask the customer once more yourself",
     "We asked you to confirm your request and have not heard from you yet"),
    ("customer_is_unclear", "the customer answered neither yes nor no", "read the customer's answer",
     "Could you tell me in your own words what you would like?"),
    ("customer_wants_a_person", "the customer asks for a person", "answer the customer, who asks for a person",
     "You asked for a person: here I am."),
    ("colleague_declines", "Kim declined it: “no damage is visible”", "do not do it; answer the customer in your own",
     "We have looked at your request, and this is our answer:"),
    ("colleague_is_silent", "a lead did not answer in time", "look at the payment (see https://dashboard.stripe.com/test/"
     "payments/ch_sbx000002); do it by hand, or decline", "I am sorry that you had to wait."),
    ("approved_and_then_no", "the customer said no", "do not do it", "We have not gone ahead, as you asked."),
    ("disputed", "the charge is disputed", "do it by hand only if what stopped it no longer holds",
     "Your request needs a closer look"),
    ("held", "nothing was found", "look at the vendor whether it happened (see https://dashboard.stripe.com/test/payments/",
     "I am checking where your request stands"),
    ("refused_by_stripe", "the vendor refused it (Stripe answered 400: This request was stopped by the account's "
     "approval rules)", "see there why it was refused",
     "I am checking where your request stands"),
    ("no_such_payment", "no payment of this customer that was read fits", "look for the payment by the order number",
     "I have not found the payment that you mean."),
    ("web_form", "we do not know who is asking", "make sure that it is the customer who asks",
     "To protect your account"),
    ("waits_at_stripe", "the payment provider waits for the customer's bank details", "help the customer to give",
     "I am checking where your request stands"),
    ("german_no", "the customer said no", "do not do it", "Wir haben, wie gewünscht, nichts unternommen."),
])
def test_why_it_stopped_decides_the_next_step_and_the_reply_to_begin_with(
        office: OpenOffice, situation: str, why: str, step: str, reply: str) -> None:
    lines = handed_over(office, situation)
    assert why in lines[4]
    assert lines[3].startswith(f"Next: {step}")
    assert reply in reply_in(lines[3])


def test_what_was_tried_is_told_with_what_was_found(office: OpenOffice) -> None:
    lines = handed_over(office, "approved_and_then_no")
    assert lines[2].endswith("approved by Leo but not done, the customer was asked for a yes on 20 Nov 09:00 UTC")


def test_a_refund_that_waits_at_the_payment_provider_is_not_called_nothing(office: OpenOffice) -> None:
    lines = handed_over(office, "waits_at_stripe")
    assert "refunded USD 18.00 to Visa ending in 4242 (re_sbx000001, requires_action" in lines[2]
    assert "Nothing was changed" not in lines[4]


def test_two_asks_are_told_side_by_side_and_the_reply_fits_both(office: OpenOffice) -> None:
    office.double_charge()
    office.happens("stripe", "dispute", charge="ch_sbx000002")
    office.script(lambda _: {"actions": [refund("c2", quote="the second one"), refund("c9", quote="and the other")]})
    office.handle()
    lines = office.notes(1)[-1].splitlines()
    assert lines[0].endswith("“the second one” (refund USD 18.00 of charge ch_sbx000002 (Visa ending in 4242, "
                             "20 Nov 2026))")
    assert "the charge is disputed" in lines[4]
    assert "no payment of this customer that was read fits the request" in lines[4]


def two_are_asked_back(office: OpenOffice, kind: str, body: str) -> None:
    """USD 18 and USD 19, each paid twice; the refund of one of them meets a fault."""
    office.double_charge(1800)
    for ago in ("-100m", "-90m"):
        office.charge(1900, ago=ago)
    office.fault("stripe", kind, "POST", "/v1/refunds", body=body)
    office.script(lambda _: {"actions": [refund("c2", quote="the second one"), refund("c4", quote="the second one")]})


def test_a_refund_that_failed_beside_one_that_was_done_is_named_as_it_stands_at_the_payment_provider(
        office: OpenOffice) -> None:
    two_are_asked_back(office, "late_failure", "ch_sbx000004")
    office.handle()
    assert "refunded USD 18.00 to Visa ending in 4242 (re_sbx000001, succeeded" in office.notes(1)[-1]
    assert ("made as re_sbx000002: the payment provider says that the refund failed"
            in office.notes(1)[-1].splitlines()[0])


@pytest.mark.parametrize(("vendor", "path", "name"), [
    ("stripe", "/customers", "Stripe"), ("salesforce", "", "Salesforce")])
def test_where_nothing_could_be_read_nobody_is_told_that_nothing_was_found(
        office: OpenOffice, vendor: str, path: str, name: str) -> None:
    office.double_charge(1800)
    office.fault(vendor, "500_before", path=path, times=10_000)
    office.script(lambda _: {"actions": [refund("c2", quote="please refund the second one")]})
    office.handle()
    office.settle(step=60, hours=3)
    lines = office.notes(1)[-1].splitlines()
    assert "please refund the second one" in lines[0]
    assert lines[1].startswith(f"Read: requester dana@example.com; nothing else: {name}: ")
    assert "look at the customer's payments and details yourself" in lines[3]
    assert "I have not found" not in lines[3]
    assert f"could not be read: {name}: " in lines[4]
    assert office.refunds() == []


def test_where_nothing_could_be_read_a_note_that_was_refused_at_first_is_still_written(office: OpenOffice) -> None:
    office.double_charge(1800)
    office.fault("stripe", "500_before", path="/customers", times=10_000)
    office.fault("zendesk", "500_before", "PUT", "/tickets/", times=4)
    office.script(lambda _: {"actions": [refund("c2", quote="please refund the second one")]})
    office.handle()
    office.settle(step=60, hours=5)
    assert "could not be read: Stripe: " in office.notes(1)[-1]
    with office.engine.begin() as c:
        assert c.exec_driver_sql("select count(*) from proposals where closed_at is null").scalar() == 0


def test_a_refund_of_which_nobody_knows_beside_one_that_was_done_is_to_be_looked_for_and_released(
        office: OpenOffice) -> None:
    """Somebody who was only asked to take it over would refund it a second time."""
    two_are_asked_back(office, "timeout_after", "ch_sbx000002")
    office.fault("stripe", "500_before", "GET", r"/v1/refunds$", times=10_000)
    office.handle()
    office.settle(step=3600, hours=30)
    note = office.notes(1)[-1]
    assert "refunded USD 19.00 to Visa ending in 4242 (re_sbx000002, succeeded" in note
    assert re.search(r"look at the vendor whether it happened.*`deskhand held resolve op-[0-9a-f]{24} \(.*`", note)
    assert "whether it happened is NOT known: do not do it again before you have looked" in note


def test_what_a_yes_was_waited_for_is_told_when_an_unclear_message_came_instead(office: OpenOffice) -> None:
    ticket = office.asks(4700)
    office.script(lambda _: {"unsure": "It is not clear what is asked."})
    office.customer_answers(ticket, "Hi, how is it going with this?")
    lines = office.notes(ticket)[-1].splitlines()
    assert "(refund USD 47.00 of charge ch_sbx000002 (Visa ending in 4242, 20 Nov 2026))" in lines[0]
    assert "the customer was asked for a yes on 20 Nov 09:00 UTC" in lines[2]
    assert "read what the customer wrote since: it may be their answer" in lines[3]
    assert "It is not clear what is asked; the customer wrote more than a yes or no. Nothing" in lines[4]
    office.script(lambda _: {"unsure": "What the customer means is not clear."})
    office.customer_answers(ticket, "Hello?? How is it going?")
    assert "What the customer means" in office.notes(ticket)[-1]
    assert "waited for" not in office.notes(ticket)[-1]


def test_a_threat_is_told_even_where_it_is_not_clear_what_is_asked(office: OpenOffice) -> None:
    office.double_charge()
    office.script(lambda _: {"unsure": "Which payment is meant is not clear.", "signals": ["legal_threat"]})
    office.handle("My money back, or my lawyer writes the next letter.")
    assert ("Why it stopped: Which payment is meant is not clear; the message needs a person: legal threat. "
            in office.notes(1)[-1])


def test_every_language_has_every_reply_and_none_promises_money() -> None:
    wanted = set(WORDS["en"])
    for language, words in WORDS.items():
        assert set(words) == wanted, language
        assert not any(re.search(r"\d|[$€£]|refund|rückzahl|erstatt|rembours|reembols|rimbors|zwrot|terugbetal", text)
                       for text in words.values()), language
    assert set(SAME.values()) <= wanted


def test_a_cause_without_words_of_its_own_is_answered_with_what_is_always_true() -> None:
    assert prepared(Reply("en", "Dana", {}), "uncovered") == f"Hello Dana, {PHRASES['en']['looking']}"
