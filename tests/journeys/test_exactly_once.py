"""One asked-for action happens once at the vendor, whatever repeats or races."""

from concurrent.futures import ThreadPoolExecutor

from tests.journeys.conftest import on_both
from tests.journeys.office import Office, refund

pytestmark = on_both

TWICE = {"actions": [refund("c2", quote="please refund the second one")]}


def test_the_same_event_delivered_twenty_times_at_once_refunds_once(office: Office) -> None:
    office.double_charge()
    office.planner.always = lambda case: TWICE
    ticket = office.writes()
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: office.event(ticket, "one-delivery"), range(20)))
    office.settle()

    assert sorted(answers) == ["kept"] + ["seen"] * 19
    assert office.refunded() == {"usd": 1800}
    assert len(office.notes(ticket)) == len(office.replies(ticket)) == 1


def test_twenty_different_events_at_once_for_one_ticket_refund_once(office: Office) -> None:
    office.double_charge()
    office.planner.always = lambda case: TWICE
    ticket = office.writes()
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda n: office.event(ticket, f"delivery-{n}-of-20"), range(20)))
    office.settle()

    assert answers == ["kept"] * 20
    assert office.refunded() == {"usd": 1800}
    assert len(office.notes(ticket)) == len(office.replies(ticket)) == 1


def test_two_tickets_asking_for_the_same_charge_refund_it_once(office: Office) -> None:
    office.double_charge()
    office.planner.always = lambda case: TWICE
    first, second = office.handle(), office.handle("Hello?? I was charged twice for order 1042! Refund it please.")
    office.settle()

    assert office.refunded() == {"usd": 1800}
    assert len(office.replies(first)) == 1
    assert office.replies(second) == []


def test_any_news_after_a_partial_refund_does_not_refund_again(office: Office) -> None:
    """The model repeats its proposal for a nudge: a person decides, and no money moves."""
    office.charge(5000)
    office.policy = office.policy_with(claims_proven=False)
    office.planner.always = lambda case: {"actions": [refund("c1", amount="5.00", claim="goodwill", quote="5 back")]}
    ticket = office.handle("Could I get 5 back for the scratched box?")
    office.customer_answers(ticket, "Any news?")
    office.settle()

    assert office.refunded() == {"usd": 500}


def test_a_second_equal_partial_refund_asked_for_on_purpose_goes_to_a_person(office: Office) -> None:
    office.charge(5000)
    office.policy = office.policy_with(claims_proven=False)
    office.planner.always = lambda case: {"actions": [refund("c1", amount="5.00", claim="goodwill", quote="5 back")]}
    ticket = office.handle("Could I get 5 back for the scratched box?")
    office.customer_answers(ticket, "The second box was scratched as well, 5 back for that one too please.")
    office.settle(hours=3)

    assert office.refunded() == {"usd": 500}
    assert len(office.notes(ticket)) == 2
    assert "approval" in office.notes(ticket)[1]
    assert "5 back" in office.notes(ticket)[1]


def test_two_equal_partial_refunds_asked_for_in_one_message_go_to_a_person(office: Office) -> None:
    """Two things or one said twice: nobody but a reader can tell, and the second never vanishes."""
    office.charge(5000)
    office.policy = office.policy_with(claims_proven=False)
    office.planner.always = lambda case: {"actions": [
        refund("c1", amount="5.00", claim="goodwill", quote="5 back for the box"),
        refund("c1", amount="5.00", claim="goodwill", quote="5 back for the lid")]}
    ticket = office.handle("The box was scratched, 5 back for the box please. And 5 back for the lid.")
    office.settle()

    assert office.refunded() == {}
    (note,) = office.notes(ticket)
    assert "5 back for the box" in note
    assert "5 back for the lid" in note
    assert "asked for twice in one message" in note


def test_one_thing_proposed_twice_with_the_same_words_is_done_once(office: Office) -> None:
    office.charge(5000)
    office.policy = office.policy_with(claims_proven=False)
    office.planner.always = lambda case: {"actions": 2 * [
        refund("c1", amount="5.00", claim="goodwill", quote="5 back")]}
    ticket = office.handle("Could I get 5 back for the scratched box?")
    office.settle()

    assert office.refunded() == {"usd": 500}
    assert len(office.replies(ticket)) == 1
