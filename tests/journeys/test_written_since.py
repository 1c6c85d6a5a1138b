"""What a customer writes while a colleague is asked: a no ends it, and all else is read before anybody presses."""

from __future__ import annotations

from typing import Any

import pytest

from agent.case import Case
from agent.consent import approval, taking_over
from agent.consent.approval import Colleague, NotNow
from agent.consent.waits import Wait, of_ticket
from tests.journeys.conftest import on_both
from tests.journeys.office import AGENT, Office, refund

LEAD = Colleague("77", "Lena Lead", "lead")
CALLED_OFF = {
    "No": "the customer said no meanwhile",
    "Stop": "the customer said no meanwhile",
    "No refund needed, thanks": "the customer said no meanwhile",
    "person": "the customer asks for a person",
}
TO_BE_READ = ["Never mind, it arrived today.", "It arrived today, thanks!", "Hat sich erledigt, danke!", "Ok",
              "Forget it, all good now.", "Any news?", "Found it! It was at my neighbour's. Have a nice day"]


def asks(office: Office) -> int:
    """A refund that a colleague must approve; whatever is written later asks for nothing that we do."""
    office.charge(1800)
    office.planner.always = lambda case: {"actions": [refund("c1", claim="not_received", quote="never arrived")]} if (
        "never arrived" in case.asked()) else {"nothing_asked": True}
    ticket = office.handle("My lamp never arrived, please refund it.")
    (wait,) = waiting(office)
    assert wait.for_whom == "agent"
    return ticket


def waiting(office: Office) -> list[Wait]:
    with office.engine.begin() as c:
        return of_ticket(c, 1, ("open",))


@on_both
@pytest.mark.parametrize("words", CALLED_OFF)
def test_a_no_ends_what_a_colleague_is_asked(office: Office, words: str) -> None:
    ticket = asks(office)
    (wait,) = waiting(office)
    office.customer_answers(ticket, words)
    assert waiting(office) == []
    with pytest.raises(NotNow):
        approval.approve(office.desk, wait.id, wait.shown, LEAD)
    office.settle(hours=5)
    assert office.refunds() == []
    assert CALLED_OFF[words] in office.notes(ticket)[-1]
    assert "hands this over to you" in office.notes(ticket)[-1]


def says_yes_before_it_is_heard(office: Office, ticket: int, words: str, wait: Wait) -> None:
    """What the customer writes comes first, its event last."""
    office.writes(words, ticket=ticket)
    office.clock.forward(seconds=5)
    approval.approve(office.desk, wait.id, wait.shown, LEAD)
    office.run()
    office.event(ticket)


@on_both
@pytest.mark.parametrize("words", CALLED_OFF)
def test_a_no_that_comes_just_before_the_press_is_read_before_anything_is_sent(office: Office, words: str) -> None:
    ticket = asks(office)
    (wait,) = waiting(office)
    office.clock.forward(minutes=5)
    says_yes_before_it_is_heard(office, ticket, words, wait)
    office.settle(hours=5)
    assert office.refunds() == []
    assert "hands this over to you" in office.notes(ticket)[-1]


@pytest.mark.parametrize("words", TO_BE_READ)
def test_what_may_matter_is_read_before_a_press(office: Office, words: str) -> None:
    ticket = asks(office)
    (before,) = waiting(office)
    office.customer_answers(ticket, words)
    with pytest.raises(NotNow, match="Look at it again"):
        approval.approve(office.desk, before.id, before.shown, LEAD)
    (wait,) = waiting(office)
    assert wait.id == before.id
    approval.approve(office.desk, wait.id, wait.shown, LEAD)
    office.settle(hours=5)
    assert office.refunded() == {"usd": 1800}


@pytest.mark.parametrize("words", ["Thanks", "Thank you very much!"])
def test_thanks_alone_change_nothing(office: Office, words: str) -> None:
    ticket = asks(office)
    (before,) = waiting(office)
    office.customer_answers(ticket, words)
    approval.approve(office.desk, before.id, before.shown, LEAD)
    office.settle(hours=5)
    assert office.refunded() == {"usd": 1800}


@on_both
def test_a_no_from_an_address_that_looks_like_a_machines_is_heard(office: Office) -> None:
    mine = "marketing@bigco.example"
    for ago in ("-2h", "-110m"):
        office.charge(1800, email=mine, ago=ago, customer=None)
    office.planner.always = {"actions": [refund("c2", quote="please refund the second one")]}
    ticket = office.writes("I was charged twice for order 1042, please refund the second one.", mine)
    office.clock.forward(minutes=2)
    office.writes("No, please stop it.", mine, ticket=ticket)
    office.event(ticket)
    office.settle(hours=5)
    assert office.refunds() == []
    assert "hands this over to you" in office.notes(ticket)[-1]


CHASERS = ["Don't forget my refund please", "Never got the parcel, please refund me.", "No, still nothing has arrived.",
           "No 1001 is the order", "Do not worry, take your time", "Nie otrzymałem jeszcze pieniędzy, proszę o zwrot",
           "No he recibido la lámpara, por favor devuélvanme el dinero.", "Não recebi o reembolso."]


@pytest.mark.parametrize("words", CHASERS)
def test_who_asks_again_with_a_no_in_front_has_called_nothing_off(office: Office, words: str) -> None:
    ticket = asks(office)
    (before,) = waiting(office)
    office.customer_answers(ticket, words)
    (wait,) = waiting(office)
    assert (wait.id, wait.shown != before.shown) == (before.id, True)
    assert "said no" not in office.notes(ticket)[-1]


def test_pressed_while_what_they_wrote_is_read_it_is_read_first(office: Office) -> None:
    ticket = asks(office)
    (wait,) = waiting(office)
    plans = office.planner.always

    def pressed_meanwhile(case: Case) -> dict[str, Any]:
        if waiting(office):
            approval.approve(office.desk, wait.id, wait.shown, LEAD)
        return {"nothing_asked": True} if "neighbour" in case.asked() else plans(case)  # type: ignore[operator]

    office.planner.always = pressed_meanwhile  # type: ignore[assignment]
    office.customer_answers(ticket, "Found it! It was at my neighbour's.")
    office.settle(hours=5)
    assert office.refunds() == []
    assert "the customer wrote again before a colleague had answered" in office.notes(ticket)[-1]
    assert "hands this over to you" in office.notes(ticket)[-1]


def test_a_no_to_their_own_question_stands_on_the_card_of_a_colleague_too(office: Office) -> None:
    office.double_charge(4700)
    office.charge(900, order="7")
    both = {"actions": [refund("c2", quote="the second one"),
                        refund("c3", claim="goodwill", quote="some money back for order 7")]}
    office.planner.always = lambda case: both if "charged twice" in case.asked() else {"nothing_asked": True}
    ticket = office.handle("I was charged twice, refund the second one, and some money back for order 7.")
    (before,) = [one for one in waiting(office) if one.for_whom != "customer"]
    office.customer_answers(ticket, "No, leave it all, the lamp has come too")
    with pytest.raises(NotNow, match="Look at it again"):
        approval.approve(office.desk, before.id, before.shown, LEAD)
    office.settle(hours=5)
    assert office.refunds() == []


TAKES: dict[str, dict[str, Any]] = {
    "agent_sets": {"assignee": AGENT}, "agent_replies": {"body": "I look into it.", "public": True}}


@on_both
@pytest.mark.parametrize("words", ["Please do not refund it any more, the lamp has arrived.",
                                   "Never mind, it arrived today.", "No, leave it all, the lamp has come."])
def test_it_is_read_before_a_press_also_where_a_colleague_has_taken_the_ticket(office: Office, words: str) -> None:
    ticket = asks(office)
    (before,) = waiting(office)
    office.clock.forward(minutes=5)
    office.at_desk("agent_sets", ticket=ticket, agent=AGENT, **TAKES["agent_sets"])
    office.customer_answers(ticket, words)
    with pytest.raises(NotNow):
        approval.approve(office.desk, before.id, before.shown, LEAD)
    office.settle(hours=5)
    assert office.refunds() == []


@on_both
@pytest.mark.parametrize("does", TAKES)
@pytest.mark.parametrize("words", ["By the way, what is your postal address?", "No",
                                   "Please do not refund it any more, the lamp has arrived."])
def test_a_yes_just_after_a_colleague_took_the_ticket_and_the_customer_wrote_is_told_of(
        office: Office, does: str, words: str) -> None:
    ticket = asks(office)
    (wait,) = waiting(office)
    office.clock.forward(minutes=5)
    office.at_desk(does, ticket=ticket, agent=AGENT, **TAKES[does])
    office.clock.forward(seconds=20)
    says_yes_before_it_is_heard(office, ticket, words, wait)
    office.settle(hours=200)
    assert office.refunds() == []
    assert "hands this over to you" in office.notes(ticket)[-1]
    assert words in office.notes(ticket)[-1]


@on_both
@pytest.mark.parametrize("how", ["taken", "give_back", "run_again"])
def test_who_asks_for_news_takes_back_nothing_that_a_colleague_is_asked(office: Office, how: str) -> None:
    """Whoever has the ticket, or gave it back."""
    office.charge(1800)
    office.planner.always = lambda case: {"actions": [refund("c1", claim="not_received", quote="never arrived")]}
    ticket = office.handle("My lamp never arrived, please refund it.")
    office.clock.forward(minutes=5)
    does = "agent_sets" if how == "taken" else "agent_replies"
    office.at_desk(does, ticket=ticket, agent=AGENT, **TAKES[does])
    office.event(ticket)
    office.run()
    if how != "taken":
        assert waiting(office) == []
        office.clock.forward(minutes=5)
        getattr(taking_over, how)(office.desk, office.ref(ticket), Colleague("79", "Mia", "agent"))
        office.run()
    (before,) = waiting(office)
    office.customer_answers(ticket, "Any news?")
    (wait,) = waiting(office)
    assert wait.id == before.id
