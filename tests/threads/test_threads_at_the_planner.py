"""Every written thread at the rules planner: no wrong action, and what can honestly be done is proposed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from agent.masking import mask_cards
from agent.own_words import own_words
from agent.planner.rules import RulesPlanner
from agent.proposal import Case, PlannerUnsure, Proposal, SeenCharge, SeenContact, SeenMessage, SeenRefund
from agent.text import is_machine_mail, is_small_talk
from tests.threads.threads import DOABLE, ENDS, Thread, moment, threads

NOW = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)
THREADS = threads()
Action = tuple[Any, ...]


def units(minor: int) -> str:
    return str(Decimal(minor).scaleb(-2))


def case_of(thread: Thread) -> tuple[Case, Mapping[str, str]]:
    """The thread as a planner sees it, and each charge handle's id."""
    rows = sorted(thread.world["stripe"]["charges"], key=lambda row: moment(row["created"], NOW))
    handles = {f"c{at}": row["id"] for at, row in enumerate(rows, 1)}
    people = thread.world["salesforce"]["contacts"]
    name = name_of(thread)
    last = max(at for at, message in enumerate(thread.messages) if message.who == "customer")
    case = Case(
        subject=thread.subject, today=NOW,
        charges=tuple(charge(handle, row) for handle, row in zip(handles, rows, strict=True)),
        contacts=tuple(contact(f"k{at}", row) for at, row in enumerate(people, 1)),
        messages=tuple(SeenMessage(who="customer" if message.who == "customer" else "colleague",
                                   at=moment(message.at, NOW), text=mask_cards(own_words(message.text, name)),
                                   new=at == last)
                       for at, message in enumerate(thread.messages)),
    )
    return case, handles


def name_of(thread: Thread) -> str:
    """As the helpdesk knows them."""
    return next((contact("", row).name for row in thread.world["salesforce"]["contacts"]), thread.requester)


def contact(handle: str, row: Mapping[str, Any]) -> SeenContact:
    return SeenContact(handle=handle, name=f"{row['FirstName']} {row['LastName']}", phone=row.get("Phone"),
                       mobile=row.get("MobilePhone"))


def charge(handle: str, row: Mapping[str, Any]) -> SeenCharge:
    refunds = row.get("refunds", [])
    return SeenCharge(
        handle=handle, amount=units(row["amount"]), currency=row["currency"].upper(), on=moment(row["created"], NOW),
        refundable=units(row["amount"] - sum(refund["amount"] for refund in refunds)), status="succeeded",
        paid_with=f"{row['card']['brand']} ending in {row['card']['last4']}", description=row["description"],
        order=row["metadata"].get("order_id"),
        refunds=tuple(SeenRefund(amount=units(refund["amount"]), status="succeeded", on=moment(refund["created"], NOW))
                      for refund in refunds),
    )


def proposed(proposal: Proposal, handles: Mapping[str, str]) -> set[Action]:
    found: set[Action] = set()
    for action in proposal.actions:
        if action.kind == "refund":
            found.add(("refund", handles[action.charge], action.amount))
        elif action.kind == "contact_change":
            found.add(("contact", str(action.field), action.value))
        else:
            found.add(("status", handles[action.charge] if action.charge else None))
    return found


def expected(thread: Thread) -> set[Action]:
    return {
        ("refund", action["refund"], action.get("amount")) if "refund" in action
        else ("contact", action["contact"], action["value"]) if "contact" in action
        else ("status", action["status"])
        for action in thread.actions
    }


def read(thread: Thread) -> Proposal | str | None:
    """The proposal; the name of the filter that passed it over; None when the planner refused to read."""
    text = thread.messages[-1].text
    passed_over = (is_machine_mail(thread.subject, text, thread.requester, (), thread.machine)
                   or is_small_talk(own_words(text, name_of(thread)), thread.subject))
    if passed_over:
        return passed_over
    try:
        return RulesPlanner().plan(case_of(thread)[0]).proposal
    except PlannerUnsure:
        return None


def wrong_actions(thread: Thread) -> set[Action]:
    proposal = read(thread)
    if not isinstance(proposal, Proposal) or proposal.unsure:
        return set()
    return proposed(proposal, case_of(thread)[1]) - expected(thread)


def done_right(thread: Thread) -> bool:
    proposal = read(thread)
    if not isinstance(proposal, Proposal) or proposal.unsure or proposal.nothing_asked:
        return False
    return proposed(proposal, case_of(thread)[1]) == expected(thread)


@pytest.mark.parametrize("thread", THREADS, ids=lambda thread: thread.id)
def test_no_action_is_proposed_that_the_thread_does_not_ask_for(thread: Thread) -> None:
    assert wrong_actions(thread) == set()


@pytest.mark.parametrize("thread", [t for t in THREADS if t.end == "ignored"], ids=lambda thread: thread.id)
def test_a_thread_that_asks_nothing_of_us_is_passed_over(thread: Thread) -> None:
    proposal = read(thread)
    assert isinstance(proposal, str) or (proposal is not None and not proposal.actions and not proposal.unsure)


@pytest.mark.parametrize("thread", [t for t in THREADS if t.end == "handed_over"], ids=lambda thread: thread.id)
def test_a_thread_for_a_person_is_not_passed_over(thread: Thread) -> None:
    proposal = read(thread)
    assert proposal is None or (isinstance(proposal, Proposal) and bool(proposal.actions or proposal.unsure))


def test_nine_in_ten_of_the_doable_threads_are_proposed_as_asked() -> None:
    doable = [thread for thread in THREADS if thread.end in DOABLE]
    missed = [thread.id for thread in doable if not done_right(thread)]
    assert len(missed) <= len(doable) // 10, missed


@pytest.mark.parametrize("thread", [t for t in THREADS if t.end in DOABLE], ids=lambda thread: thread.id)
def test_the_claim_proposed_is_the_one_the_customer_makes(thread: Thread) -> None:
    claims = {action["refund"]: action["claim"] for action in thread.actions if "claim" in action}
    proposal, handles = read(thread), case_of(thread)[1]
    if not isinstance(proposal, Proposal) or proposal.unsure:
        pytest.skip("the planner is unsure of this thread")
    for action in proposal.actions:
        if action.kind == "refund" and handles[action.charge] in claims:
            assert str(action.claim) == claims[handles[action.charge]]


@pytest.mark.parametrize("thread", THREADS, ids=lambda thread: thread.id)
def test_every_quote_is_the_customers_own(thread: Thread) -> None:
    proposal = read(thread)
    words = " ".join(" ".join([thread.subject, *(m.text for m in thread.messages)]).replace("’", "'").split())
    for action in proposal.actions if isinstance(proposal, Proposal) else ():
        assert action.quote
        assert " ".join(action.quote.split()) in words


def test_there_are_enough_threads_of_every_kind() -> None:
    assert len({thread.id for thread in THREADS}) == len(THREADS) >= 150
    assert {thread.end for thread in THREADS} == ENDS
    assert sum(thread.end in DOABLE for thread in THREADS) >= 50
