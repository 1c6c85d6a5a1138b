"""One asked-for action happens once at the vendor, whatever repeats or races."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from agent.consent import approval
from tests.journeys.conftest import on_both
from tests.journeys.office import POLICY, Office, execute, loaded, refund
from tests.journeys.test_consent import LEAD, waiting

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


@pytest.mark.parametrize("quotes", [
    ("5 back for the box", "5 back for the lid"), 2 * ("5 back for the box please. And 5 back for the lid",),
    ("$5 box", "$5 lid")], ids=["apart", "one for both", "not theirs"])
@pytest.mark.parametrize("claims", [("goodwill", "goodwill"), ("damaged", "not_received")])
def test_two_equal_partial_refunds_asked_for_in_one_message_go_to_a_person(
        office: Office, quotes: tuple[str, str], claims: tuple[str, str]) -> None:
    """Two things or one said twice: nobody but a reader can tell, however it is quoted, and the second never
    vanishes."""
    office.charge(5000)
    office.policy = office.policy_with(claims_proven=False)
    office.planner.always = lambda case: {"actions": [
        refund("c1", amount="5.00", claim=claim, quote=quote) for claim, quote in zip(claims, quotes, strict=True)]}
    ticket = office.handle("The box was scratched, 5 back for the box please. And 5 back for the lid.")
    office.settle()

    assert office.refunded() == {}
    (note,) = office.notes(ticket)
    assert "5 back for the box" in note
    assert "5 back for the lid" in note
    assert "asked for twice in one message" in note


@pytest.mark.parametrize("amounts", [(None, None), ("50.00", "50.00"), (None, "50.00")])
def test_a_whole_charge_proposed_twice_is_refunded_once(office: Office, amounts: tuple[str | None, str | None]) -> None:
    """It cannot be meant twice, whatever words are quoted for it."""
    office.charge(5000)
    office.policy = office.policy_with(claims_proven=False, auto=60)
    office.planner.always = lambda case: {"actions": [
        refund("c1", amount=amount, claim="damaged", quote=quote)
        for amount, quote in zip(amounts, ("my money back", "all of it"), strict=True)]}
    ticket = office.handle("The box of order 1042 broke: my money back, all of it.")
    office.settle()

    assert office.refunded() == {"usd": 5000}
    assert len(office.replies(ticket)) == 1


def test_a_part_proposed_twice_of_what_is_switched_off_leaves_the_ticket_alone(office: Office) -> None:
    office.charge(5000)
    office.policy = loaded(execute(POLICY).replace("refund:\n    mode: execute", "refund:\n    mode: off"))
    office.planner.always = lambda case: {"actions": 2 * [refund("c1", amount="5.00", claim="damaged", quote="5 back")]}
    ticket = office.handle("The box was scratched, 5 back for it please, and 5 back for the lid.")

    assert office.notes(ticket) == []


def two_parts(office: Office, charge: int, first: str, second: str | None) -> int:
    """Of one charge these amounts wait for a colleague's approval; None is the rest of it."""
    office.charge(charge)
    both = {"actions": [refund("c1", amount=first, claim="damaged", quote="the cup broke"),
                        refund("c1", amount=second, claim="not_received", quote="the bowl never came")]}
    office.planner.always = lambda case: both if "cup" in case.asked() else {"nothing_asked": True}
    return office.handle("From order 1042 the cup broke and the bowl never came, please refund both.")


def approved(office: Office, part: int, amount: int | None = None) -> None:
    """By the lead, and once more where they are asked again."""
    while found := next((wait for wait in waiting(office) if wait.position == part), None):
        approval.approve(office.desk, found.id, found.shown, LEAD, amount)
        office.run()


def both_are_paid_and_told(office: Office, ticket: int) -> None:
    office.settle(hours=10)
    assert [one["amount"] for one in office.refunds()] == [1000, 1000]
    assert len(office.replies(ticket)) == 2
    assert all(one["id"] in office.notes(ticket)[-1] for one in office.refunds())


@pytest.mark.parametrize("lowered", ["first", "second"])
def test_a_part_that_is_lowered_to_what_another_part_comes_to_is_a_refund_besides(office: Office, lowered: str) -> None:
    ticket = two_parts(office, 6000, "20.00", "10.00")
    for part in (0, 1) if lowered == "first" else (1, 0):
        approved(office, part, None if part else 1000)
    both_are_paid_and_told(office, ticket)


def test_the_rest_of_a_charge_that_comes_to_what_was_refunded_before_is_a_refund_besides(office: Office) -> None:
    ticket = two_parts(office, 2000, "10.00", None)
    approved(office, 0)
    approved(office, 1)
    both_are_paid_and_told(office, ticket)
