"""Every written thread through the whole house, rules planner and shipped limits; the vendors' books tell.

The desk is in shadow until the last message, as an admin would begin; then it is live.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import Engine

from agent.planner import RulesPlanner
from tests.journeys.office import AGENT, POLICY, US, WORLD, Office, loaded
from tests.threads.threads import DOABLE, Thread, threads

THREADS = threads()
MISSES = frozenset({
    "blind-debited-again", "blind-phone-form", "blind-opt-in-again", "blind4-02", "blind2-grace-status-short",
    "blind2-ulrich-belastet", "dup-10", "dup-27", "ita-01", "por-01", "dut-01", "sta-08", "sta-12", "sto-15", "sto-31",
})
"""Doable, and yet not ended as asked: a person does them."""
PROVEN = frozenset({
    "blind-both-refunded", "blind-raj-refund-and-phone", "blind4-40", "blind2-grace-both", "blind3-09", "sto-28",
})
"""For a person, and yet done as far as the books prove it."""
FIELDS = {"phone": "Phone", "mobile": "MobilePhone", "first_name": "FirstName", "last_name": "LastName",
          "opt_out": "HasOptedOutOfEmail", "email": "Email", "street": "MailingStreet", "city": "MailingCity",
          "postal_code": "MailingPostalCode", "state": "MailingState", "country": "MailingCountry"}


def lived(thread: Thread, engine: Engine) -> tuple[Office, int]:
    people = [{"name": "Deskhand", "email": US, "role": "admin"}, {"name": "Mia", "email": AGENT, "role": "agent"}]
    world = {
        "zendesk": {**WORLD["zendesk"], "users": people},
        "stripe": {**WORLD["stripe"], "customers": [], **thread.world["stripe"]},
        "salesforce": {**WORLD["salesforce"], **thread.world["salesforce"]},
    }
    office = Office(engine, world=world, planner=RulesPlanner())
    live, office.policy = office.policy, loaded(POLICY)
    ticket = 0
    *earlier, last = thread.messages
    for message in earlier:
        ticket = said(office, thread, message.who, message.text, ticket)
    office.policy = live
    ticket = said(office, thread, last.who, last.text, ticket)
    office.settle(hours=3)  # before anybody is reminded
    return office, ticket


def said(office: Office, thread: Thread, who: str, text: str, ticket: int) -> int:
    more: dict[str, Any] = {"ticket": ticket} if ticket else {}
    if who == "agent":
        office.happens("zendesk", "agent_replies", ticket=ticket, agent=AGENT, body=text, public=True)
    else:
        ticket = office.writes(text, thread.requester, subject=thread.subject, channel=thread.channel,
                               flags=[4] if thread.machine else [], **more)
    office.event(ticket)
    office.run()
    return ticket


def effects(office: Office, ticket: int) -> set[tuple[Any, ...]]:
    """What really happened: money back, fields changed, and status answers given."""
    money = {("refund", r["charge"], r["amount"]) for r in office.refunds() if r["metadata"].get("op_id")}
    changed = {("contact", c["field"]) for c in office.salesforce.books()["changes"]}
    answered = {("status",)} if any("refund of" in one or "Rückzahlung von" in one or "remboursement de" in one
                                    or "reembolso de" in one for one in office.replies(ticket)) else set()
    return money | changed | answered


def listed(thread: Thread) -> set[tuple[Any, ...]]:
    """What the thread asks for; in a thread for a person, what may be done if the books prove it."""
    amounts = {charge["id"]: charge["amount"] for charge in thread.world["stripe"]["charges"]}
    return {_effect(action, amounts) for action in thread.actions}


def _effect(action: Mapping[str, Any], amounts: Mapping[str, int]) -> tuple[Any, ...]:
    if "refund" in action:
        given = action.get("amount")
        return ("refund", action["refund"], round(float(given) * 100) if given else amounts[action["refund"]])
    return ("contact", FIELDS[action["contact"]]) if "contact" in action else ("status",)


@pytest.mark.parametrize("thread", THREADS, ids=lambda thread: thread.id)
def test_what_the_thread_asks_for_is_done_and_nothing_else(thread: Thread, engine: Engine) -> None:
    office, ticket = lived(thread, engine)
    book, done = office.ticket(ticket), effects(office, ticket)

    assert done <= listed(thread)
    assert len(book["notes"]) <= 1
    if thread.end == "ignored":
        assert (book["notes"], book["replies"], book["ops"]) == ([], [], [])
    else:
        assert len(book["notes"]) == 1
    if thread.end == "parked":
        assert done == set()
    as_asked = done == (listed(thread) if thread.end == "done" else set())
    assert as_asked == (thread.id not in MISSES | PROVEN)


def test_nine_in_ten_of_the_doable_threads_end_as_asked() -> None:
    doable = {thread.id for thread in THREADS if thread.end in DOABLE}
    assert doable > MISSES
    assert len(MISSES) <= len(doable) // 10
