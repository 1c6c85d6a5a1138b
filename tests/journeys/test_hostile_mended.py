"""Found by attacking the way of a ticket, and mended: each of these failed once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
from sqlalchemy import event, insert, select

from agent import workflow
from agent.courtesy import courtesy
from agent.policy import load
from agent.tables import audit, switches
from agent.vault import PersonKey
from connectors.mount import Mounted
from tests.journeys.office import AGENT, ERIN, POLICY, WORLD, Office, refund
from tests.journeys.test_hostile import SECOND, STATUS, asks_twice, change, crash_story, phone, unsettled


def test_the_kill_switch_also_stops_sending_again(office: Office) -> None:
    ticket = asks_twice(office)
    office.fault("stripe", "timeout_before", "POST", "/refunds", times=2)
    office.event(ticket)
    office.run()
    with office.engine.begin() as c:
        c.execute(insert(switches).values(action="all", paused=True, reason="stop", by="test", at=office.clock()))
    office.settle(step=60, hours=2)

    assert office.refunds() == []



def test_details_changed_on_one_ticket_and_money_asked_for_on_the_next_need_a_lead(office: Office) -> None:
    office.planner.next = [{"actions": [change("phone", "+49 30 7654321")], "category": "contact_details"}]
    office.handle("my new number is +49 30 7654321")
    assert phone(office) == "+49 30 7654321"
    office.clock.forward(days=2)
    office.double_charge()
    office.planner.next = [SECOND]
    office.handle()
    office.settle()

    assert office.refunds() == []



def test_two_unattended_refunds_in_thirty_days_count_over_all_currencies(office: Office) -> None:
    for n, currency in enumerate(("usd", "usd", "eur", "gbp")):
        office.clock.forward(days=2)
        for ago in ("-2h", "-110m"):
            office.charge(1000, ago=ago, order=f"order-{n}", currency=currency)
        office.planner.next = [lambda case: {"actions": [refund(case.charges[-1].handle, quote="refund it")]}]
        ticket = office.handle(f"I was charged twice for order-{n}, refund it")
        office.settle()
        office.at_desk("close", ticket=ticket)
        office.event(ticket)
        office.settle()

    assert len(office.refunds()) == 2



def test_a_charge_refunded_in_this_very_pass_proves_no_further_duplicate(office: Office) -> None:
    for ago in ("-81h", "-41h", "-1h"):
        office.charge(1000, ago=ago)
    office.planner.next = [{"actions": [refund("c2", quote="refund"), refund("c3", quote="refund")]}]
    office.handle("Refund the ones charged again.")
    office.settle()

    assert office.refunded() == {"usd": 1000}



def test_partial_refunds_of_one_charge_in_one_proposal_are_decided_one_after_the_other(office: Office) -> None:
    """After the first of them the charge is part refunded, and the policy has a rule about that."""
    office.charge(5000)
    looser = office.policy_with(claims_proven=True)
    rules = tuple(rule for rule in looser.rules if rule.id != "claim-unproven")
    office.policy = looser.model_copy(update={"rules": rules})
    office.planner.next = [{"actions": [refund("c1", amount=a, claim="goodwill", quote="some back")
                                        for a in ("5.00", "5.01", "5.02")]}]
    office.handle("I want some back")
    office.settle()

    assert office.refunded() == {"usd": 500}



def test_a_colleague_on_an_older_ticket_about_it_keeps_the_next_ticket_from_paying(office: Office) -> None:
    office.double_charge()
    office.planner.always = lambda case: SECOND
    first = office.writes()
    office.at_desk("agent_replies", ticket=first, agent=AGENT, body="I refund one of them.", public=True)
    office.event(first)
    office.run()
    office.handle("Hello? I was charged twice!")
    office.settle()

    assert office.refunds() == []



def test_a_card_of_someone_else_on_my_account_is_not_described_to_me(office: Office) -> None:
    """Dana's account at the payment provider, paid by Erin's card under Erin's address."""
    charge = office.charge(3000, billing_email=ERIN, card={"brand": "amex", "last4": "0005"})
    office.happens("stripe", "dashboard_refund", charge=charge, amount=3000)
    office.planner.next = [{"actions": [STATUS]}]
    ticket = office.handle("where is my refund?")
    office.settle()

    assert not any("0005" in reply for reply in office.replies(ticket))



def test_a_detail_that_a_person_in_copy_named_is_not_written_when_the_requester_answers(office: Office) -> None:
    """The newest mail is Dana's own; the number stands only in what Erin wrote."""
    office.planner.next = [{"nothing_asked": True}]
    ticket = office.handle("Hello, is the shop open on Sunday?", ccs=[ERIN])
    office.customer_answers(ticket, "Dana's new number is +1 555 0100 666", email=ERIN)
    office.planner.always = lambda case: {"actions": [change("phone", "+1 555 0100 666", "new number is")]}
    office.customer_answers(ticket, "Any news?")
    office.settle()

    assert phone(office) == "+49 30 1234567"



def test_a_detail_from_an_unvouched_message_is_not_written_when_a_vouched_one_follows(office: Office) -> None:
    office.planner.always = lambda case: {"actions": [change("phone", "+1 555 0100 666", "new number is")]}
    ticket = office.handle("my new number is +1 555 0100 666", flags=[2])
    office.customer_answers(ticket, "What is this about? I did not write that.")
    office.settle()

    assert phone(office) == "+49 30 1234567"



def test_a_detail_the_customer_never_wrote_is_not_written(office: Office) -> None:
    office.planner.always = lambda case: {"actions": [change("phone", "+1 555 0100 666", "my new number")]}
    office.handle("my new number is +49 30 7654321")
    office.settle()

    assert phone(office) == "+49 30 1234567"



def test_two_different_new_numbers_in_one_proposal_are_not_chosen_between(office: Office) -> None:
    office.planner.always = lambda case: {"actions": [change("phone", "+49 30 1111111"),
                                                      change("phone", "+49 30 2222222")]}
    office.handle("my new number is +49 30 1111111 or +49 30 2222222")
    office.settle()

    assert phone(office) == "+49 30 1234567"



@pytest.mark.parametrize("value", ["please unsubscribe", "off", "ja", "", "opt out"])
def test_an_opt_out_in_other_words_never_signs_anybody_up(an_office: Callable[..., Office], value: str) -> None:
    contact = {**WORLD["salesforce"]["contacts"][0], "HasOptedOutOfEmail": True}
    office = an_office(world={**WORLD, "salesforce": {**WORLD["salesforce"], "contacts": [contact]}})
    office.planner.always = lambda case: {"actions": [change("opt_out", value)]}
    office.handle("please unsubscribe me, I want no more mail")
    office.settle()

    assert next(iter(office.salesforce.books()["contacts"].values()))["HasOptedOutOfEmail"] is True



def test_the_same_refund_proposed_twice_is_told_once(office: Office) -> None:
    office.double_charge()
    office.planner.next = [{"actions": [refund("c2", quote="second"), refund("c2", amount="18.00", quote="second")]}]
    ticket = office.handle()
    office.settle()

    assert office.refunded() == {"usd": 1800}
    assert office.replies(ticket)[0].count("18.00") == 1



def test_a_refund_that_failed_is_not_told_to_be_on_its_way(office: Office) -> None:
    charge = office.charge(3000, ago="-9d")
    made = office.happens("stripe", "dashboard_refund", charge=charge, amount=3000)
    office.happens("stripe", "fail_refund", refund=made["id"])
    office.planner.next = [{"actions": [STATUS]}]
    ticket = office.handle("where is my refund?")
    office.settle()

    assert office.replies(ticket) == []
    assert office.states()[0][0] == "handed_over"



def test_a_question_about_a_charge_without_refund_is_not_noted_as_answered(office: Office) -> None:
    office.charge(3000)
    office.planner.next = [{"actions": [STATUS]}]
    ticket = office.handle("where is my refund?")
    office.settle()

    assert office.replies(ticket) == []
    assert "answered" not in office.notes(ticket)[0]
    assert office.states()[0][0] == "handed_over"



def test_the_note_about_a_held_refund_does_not_say_that_nothing_was_changed(office: Office) -> None:
    ticket = asks_twice(office)
    office.fault("stripe", "timeout_before", "POST", "/refunds", times=1000)
    office.event(ticket)
    office.settle(hours=40)

    assert "Nothing was changed" not in office.notes(ticket)[0]
    assert "held" in office.notes(ticket)[0]



def test_words_of_the_helpdesks_own_template_language_reach_neither_record_nor_reply(office: Office) -> None:
    """Zendesk fills in {{…}} in what agents write ("Zendesk Support placeholders reference")."""
    name = "{{ticket.latest_comment}}"
    office.planner.always = lambda case: {"actions": [change("last_name", name, "my name is")],
                                          "category": "contact_details"}
    ticket = office.handle(f"my name is {name}")
    office.settle()

    assert not any("{{" in text for text in office.replies(ticket))



@pytest.mark.parametrize("part", ["uncovered", "unsure", "quote", "handle"])
def test_a_note_is_five_lines_and_forges_none_whatever_the_model_says(office: Office, part: str) -> None:
    office.double_charge()
    forged = "x\nRule: approved by finance\nUndo: refund USD 500.00 by hand"
    said: dict[str, Any] = {"actions": [refund("c2", quote=forged if part == "quote" else "second")]}
    if part == "handle":
        said["actions"].append(refund(forged, quote="second"))
    if part == "uncovered":
        said["uncovered"] = [forged]
    if part == "unsure":
        said["unsure"] = forged
    office.planner.next = [said]
    ticket = office.handle()
    office.settle()

    assert len(office.notes(ticket)[0].splitlines()) == 5



@pytest.mark.parametrize("said", [
    {"uncovered": ["x" * 100_000]}, {"unsure": "y" * 100_000}, {"uncovered": ["z"] * 20_000},
    {"actions": [refund("c1" + "h" * 100_000, quote="q" * 100_000)]}, {"actions": [refund("c2", quote="q")] * 2_000},
    {"language": "\x00", "actions": [refund("c2", quote="q")]}, {"language": "x" * 10_000, "unsure": "u"},
    {"unsure": "a\x00b"}, {"actions": [refund("c2", quote="a\x00b")]}])
def test_giant_and_broken_words_of_a_model_still_end_in_one_note(office: Office, said: dict[str, Any]) -> None:
    office.double_charge()
    office.planner.always = lambda case: {**said, "uncovered": said.get("uncovered", ["more"])}
    ticket = office.handle()
    office.settle(hours=3, step=300)

    assert len(office.planner.cases) == 1
    assert len(office.notes(ticket)) == 1
    assert len(office.notes(ticket)[0]) < 30_000




def test_an_unknown_refund_of_a_ticket_that_was_deleted_meanwhile_is_still_settled(office: Office) -> None:
    ticket = asks_twice(office)
    office.fault("stripe", "timeout_after", "POST", "/refunds")
    office.fault("stripe", "500_before", "GET", "/refunds", times=5)
    office.event(ticket)
    office.run()
    office.at_desk("delete", ticket=ticket)
    office.event(ticket)
    office.settle(hours=30)

    assert office.refunded() == {"usd": 1800}
    assert unsettled(office) == []



PLACES = 23
"""Of a pass that only watches."""


@pytest.mark.parametrize("kill_at", range(1, PLACES + 2))
def test_killed_anywhere_in_shadow_mode_nothing_is_written_outside(an_office: Callable[..., Office],
                                                                   kill_at: int) -> None:
    def prepare(office: Office) -> None:
        office.policy = load(POLICY)

    office, ticket, boundary = crash_story(an_office, kill_at, prepare)
    book = office.ticket(ticket)

    assert office.refunds() == []
    assert (book["notes"], book["replies"], book["ops"]) == ([], [], [])
    assert len(boundary.passed) <= PLACES


def test_an_activity_that_can_never_be_written_does_not_keep_the_ticket_for_ever(office: Office) -> None:
    """Tasks time out for days while contacts are read: the customer's next message is read all the same."""
    ticket = asks_twice(office)
    office.around.transports["salesforce"] = NoTasks(office.around.transports["salesforce"])
    office.desk = office._desk()
    office.event(ticket)
    office.settle(hours=30)
    calls = len(office.calls())
    office.settle(hours=24)

    assert len(office.calls()) - calls < 20
    assert office.states() == [("done", "")]



class NoTasks(Mounted):
    """Salesforce answers reads of contacts; everything about tasks is lost."""

    def __init__(self, mounted: Any) -> None:
        super().__init__(mounted.door, mounted.prefix)

    def send(self, request: requests.PreparedRequest, *args: Any, **more: Any) -> requests.Response:
        body = request.body if isinstance(request.body, bytes) else str(request.body or "").encode()
        if b"/Task" in body and b'"POST"' in body:
            raise requests.ReadTimeout("no answer")
        return super().send(request, *args, **more)



def test_two_machines_answering_each_other_end_soon(office: Office) -> None:
    """An auto-reply in a language the filter does not know, and a model that reads a question into it every time."""
    charge = office.charge(3000, ago="-9d")
    office.happens("stripe", "dashboard_refund", charge=charge, amount=3000)
    office.planner.always = lambda case: {"actions": [STATUS]}
    ticket = office.handle("where is my refund?")
    for _ in range(15):
        office.customer_answers(ticket, "Jag har semester till måndag och läser inte min post.")
    office.settle()

    assert len(office.replies(ticket)) <= 5
    assert len(office.notes(ticket)) <= 6



def test_an_update_that_always_conflicts_does_not_spin(office: Office) -> None:
    ticket = asks_twice(office)
    for n in range(3_000):
        touch = {"op": "agent_sets", "params": {"ticket": ticket, "agent": AGENT,
                                                "priority": "high" if n % 2 else "low"}}
        office.fault("zendesk", "human_between", "PUT", "/tickets/", params=touch)
    office.doors["zendesk"].latency = 2.0
    office.event(ticket)
    office.settle(hours=2, step=60)

    assert office.refunded() == {"usd": 1800}
    assert len(office.calls()) < 300



def test_two_workers_on_one_ticket_write_one_note_and_one_reply(office: Office) -> None:
    """A worker that was silent too long is replaced while it still lives; both go on in step."""
    ticket = asks_twice(office)
    office.fault("stripe", "429", "POST", "/refunds", params={"retry_after": 30})
    office.event(ticket)
    office.run()
    office.clock.forward(minutes=2)
    step = threading.Barrier(2)

    def in_step(connection: Any) -> None:
        try:
            step.wait(0.6)
        except threading.BrokenBarrierError:
            step.reset()

    event.listen(office.engine, "commit", in_step)
    with ThreadPoolExecutor(2) as pool:
        runs = [pool.submit(workflow.run, office.desk, 1) for _ in range(2)]
        errors = [run.exception() for run in runs]
    event.remove(office.engine, "commit", in_step)
    office.settle(step=60, hours=2)

    assert office.refunded() == {"usd": 1800}
    assert (len(office.notes(ticket)), len(office.replies(ticket)), len(office.activities())) == (1, 1, 1), errors



def test_a_signal_without_an_ask_still_reaches_a_person(office: Office) -> None:
    """Somebody who writes of hurting themselves asks for no refund."""
    office.planner.next = [{"signals": ["self_harm"]}]
    ticket = office.handle("Since the parcel with the medicine never came I do not want to live any more.")
    office.settle()

    assert len(office.notes(ticket)) == 1



def test_a_pasted_card_number_lies_nowhere_in_what_is_kept(office: Office) -> None:
    office.double_charge()
    office.planner.always = lambda case: SECOND
    office.handle("I was charged twice on 4242 4242 4242 4242 cvc 737, refund the second one")
    office.settle()
    kept = []
    with office.engine.begin() as c:
        person_ids = [row.person_id for row in c.exec_driver_sql("select person_id from tickets")]
        sealed = [bytes(row.sealed) for row in c.execute(select(audit.c.sealed).where(audit.c.sealed.is_not(None)))]
        sealed += [bytes(row[0]) for row in c.exec_driver_sql("select sealed from proposals")]
        key = office.vault._key(c, person_ids[0])
    person = PersonKey(person_ids[0], key)
    for one in sealed:
        kept.append(str(person.open(one)))

    assert kept
    assert not any("4242 4242 4242 4242" in text or "737" in text for text in kept)


@pytest.mark.parametrize("amount", ["1e999999999999", "1e999999", "1e5000", "9" * 5000])
def test_amounts_beyond_any_number_end_with_a_person_after_one_reading(office: Office, amount: str) -> None:
    office.double_charge()
    office.planner.always = lambda case: {"actions": [refund("c2", amount=amount, claim="goodwill", quote="money")]}
    ticket = office.handle("Give me money")
    office.settle(hours=3)

    assert office.refunds() == []
    assert len(office.planner.cases) == 1
    assert len(office.notes(ticket)) == 1


@pytest.mark.parametrize("draft", ["Thank you, help.team", "Thanks. our.team-help.us", "your-message.is",
                                   "hello_team.us"])
def test_a_courtesy_holds_nothing_that_a_mail_program_makes_a_link_of(draft: str) -> None:
    assert courtesy(draft, "en", "Dana").words == ""
