"""Whatever was decided comes out the same when it is decided again from what was recorded."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Engine, text

from agent.audit.replay import Replay, kept_in, replayed, texts_of
from agent.breaker import Breaker
from agent.consent import approval
from agent.consent.approval import Colleague, NotAllowed, NotNow
from agent.consent.waits import of_ticket
from agent.desk import Choices
from tests.journeys.office import CHECKED, POLICY, Office, execute, refund
from tests.webhooks.opened import OpenOffice

LIVES = int(os.environ.get("DESKHAND_LIVES", "100"))
"""How many random lives are replayed; a thousand take some minutes."""
NEVER_TRIPS = Breaker(most_an_hour=10**9, never_below=10**9)
LEE = Colleague("7", "Lee", "finance")
CLAIMS = ("duplicate", "duplicate", "goodwill", "not_received", "cancelled")
MESSAGE = ("I was charged twice for order 1042, please refund the second one. My number is +49 30 7654321 now. "
           "Where is my refund?")
AMOUNTS = (1, 500, 1800, 2500, 2501, 9000, 40000, 180000, 900000)


def again(office: Office, *drafts: str) -> Replay:
    with office.engine.begin() as c:
        return replayed(texts_of(c, drafts), kept_in(c))


def differences(office: Office) -> list[str]:
    return [one.in_words() for one in again(office).differences]


@pytest.fixture
def office(engine: Engine) -> Office:
    """With a published policy, one refund sent unattended, and one that waits for the customer's yes."""
    made = Office(engine)
    made.publish(execute(POLICY))
    made.planner.always = {"actions": [refund("c2", quote="please refund the second one")]}  # type: ignore[attr-defined]
    made.double_charge(1800)
    made.handle()
    made.double_charge(4700, email="erin@example.com")
    made.handle(email="erin@example.com")
    assert made.refunded() == {"usd": 1800}
    return made


def test_plans_and_what_was_sent_are_both_decided_again(office: Office) -> None:
    made = again(office)
    assert (made.planned, made.sent, made.versions) == (2, 1, {1})
    assert made.ok


def test_what_a_colleague_pressed_in_draft_is_decided_again_in_the_same_words(engine: Engine) -> None:
    office = OpenOffice(engine)
    office.publish(POLICY.replace("mode: shadow", "mode: draft"))
    office.asks(1800)
    office.seat().approve()
    office.run()
    made = again(office)
    assert (made.planned, made.sent) == (1, 1)
    assert made.ok


@pytest.mark.parametrize(("change", "words"), [
    ("confirm = false", "confirm is recorded as False, and True comes"),
    ("outcome = 'refuse'", "outcome is recorded as refuse, and go_ahead comes"),
    ("approve_by = 'lead'", "approve_by is recorded as lead, and nobody comes"),
    ("mode = 'draft'", "mode is recorded as draft, and execute comes"),
    ("missing = '[\"flags\"]'", "missing is recorded as flags, and none comes"),
])
def test_a_decision_changed_by_hand_is_reported(office: Office, change: str, words: str) -> None:
    with office.engine.begin() as c:
        c.execute(text(f"update decisions set {change} where id = 2"))  # noqa: S608  the changes are listed above
    assert differences(office) == [f"decision 2 (zendesk:acme:2): {words} of its facts and policy"]


def test_facts_changed_by_hand_are_reported_where_they_would_have_mattered(office: Office) -> None:
    with office.engine.begin() as c:
        c.execute(text("update decisions set facts = jsonb_set(facts, '{amount}', '90000') where id = 1"))
    found = again(office)
    assert found.differing == 1
    assert [one.what for one in found.differences] == ["confirm", "approve_by", "rules"]
    assert {one.where for one in found.differences} == {"decision 1"}


def test_what_the_audit_says_something_was_sent_on_is_decided_again_too(office: Office) -> None:
    with office.engine.begin() as c:
        c.exec_driver_sql("set local session_replication_role = replica")  # the audit's triggers off
        c.execute(text("update audit set public = jsonb_set(public, '{facts,claim_proven}', 'false')"
                       " where kind = 'operation.sent' and public ? 'facts'"))
    found = again(office)
    assert [one.what for one in found.differences] == ["decided by", "in words"]


@pytest.mark.parametrize(("change", "why"), [
    ("update policies set text = replace(text, 'auto: 25', 'auto: 250')",
     "version 1 of the policy was changed since it was published"),
    ("delete from policies", "version 1 of the policy is not there"),
    ("update decisions set policy_version = 2 where id = 2", "version 2 of the policy is not there"),
    ("update decisions set policy_digest = 'feed' where id = 2",
     "version 1 of the policy was published with another digest than the decision names"),
    ("update decisions set policy_version = 0 where id = 2",
     "it was made by a draft; name its file with --policy"),
])
def test_a_decision_whose_policy_cannot_be_had_counts_as_not_made_again(office: Office, change: str,
                                                                       why: str) -> None:
    with office.engine.begin() as c:
        c.exec_driver_sql("set local session_replication_role = replica")  # the triggers that refuse it off
        c.execute(text(change))
    found = again(office)
    assert not found.ok
    assert {one.why for one in found.undecidable} == {why}
    assert found.differences == []


def test_a_decision_without_any_policy_is_made_again_without_one(engine: Engine) -> None:
    office = Office(engine)
    office.desk = _without_policy(office)
    office.planner.always = {"actions": [refund("c2", quote="please refund the second one")]}  # type: ignore[attr-defined]
    office.double_charge()
    office.handle()
    made = again(office)
    assert (made.planned, made.sent, made.versions, made.ok) == (1, 0, {0}, True)


def test_each_is_decided_by_the_version_it_was_made_under(office: Office) -> None:
    office.publish(execute(POLICY).replace("auto: 25", "auto: 50"))
    email = _customer(office, 0)
    for ago in ("-2h", "-110m"):
        office.charge(2800, email=email, customer="cus_p0", ago=ago)
    office.handle(email=email)
    made = again(office)
    assert office.refunded() == {"usd": 1800 + 2800}
    assert (made.versions, made.ok) == ({1, 2}, True)


def test_a_draft_is_decided_by_when_its_text_is_given(engine: Engine) -> None:
    office = Office(engine)
    office.planner.always = {"actions": [refund("c2", quote="please refund the second one")]}  # type: ignore[attr-defined]
    office.double_charge()
    office.handle()
    assert len(again(office).undecidable) == 2
    assert again(office, execute(POLICY)).ok


def test_random_lives_are_decided_again_without_a_difference(engine: Engine) -> None:
    """Refunds, contact changes and answers in three currencies, confirmed and approved or not, by changing policies."""
    rng, office = random.Random(71), Office(engine, choices=Choices(senders_checked=CHECKED, breaker=NEVER_TRIPS))
    for number in range(LIVES):
        if number % (LIVES // 8 or 1) == 0:
            office.publish(_some_policy(rng))
        _life(office, rng, number)
    made = again(office)
    assert [one.in_words() for one in made.differences] == []
    assert made.undecidable == []
    assert made.planned >= LIVES
    assert made.sent >= LIVES // 10
    assert len(made.versions) >= min(LIVES, 8)


def _without_policy(office: Office) -> Any:
    return replace(office.desk, policy=lambda c: None)


def _some_policy(rng: random.Random) -> str:
    """Limits that are always others, so that each publication is a new one."""
    auto = rng.randint(5, 99)
    return execute(POLICY).replace("auto: 25", f"auto: {auto}").replace("confirm: 100", f"confirm: {auto + 100}")


def _customer(office: Office, number: int) -> str:
    email = f"p{number}@example.com"
    office.stripe.load({"customers": [{"id": f"cus_p{number}", "email": email}]}, office.clock())
    office.salesforce.load({"contacts": [{"LastName": f"P{number}", "Email": email}]}, office.clock())
    return email


def _life(office: Office, rng: random.Random, number: int) -> None:
    """One customer's ticket from the first message to whatever becomes of it within a day."""
    email, customer = _customer(office, number), f"cus_p{number}"
    amount, currency = rng.choice(AMOUNTS) // 10 * 10 or 10, rng.choice(("usd", "usd", "eur", "jpy"))
    charges = rng.choice((1, 2, 2))
    for ago in ("-2h", "-110m")[:charges]:
        office.charge(amount, email=email, customer=customer, currency=currency, ago=ago)
    office.planner.always = {"actions": list(_asks(rng, f"c{rng.randint(1, charges)}")),  # type: ignore[attr-defined]
                             "signals": rng.choice(([], [], [], ["legal_threat"])),
                             "confidence": rng.choice(("high", "high", "low"))}
    ticket = office.handle(MESSAGE, email=email)
    if rng.random() < 0.5:
        _approve_all(office, number + 1)
    if rng.random() < 0.5:
        office.planner.always = {"nothing_asked": True}  # type: ignore[attr-defined]
        office.customer_answers(ticket, rng.choice(("YES", "No, thank you", "What?")), email=email)
    office.clock.forward(minutes=rng.randint(1, 300))


def _asks(rng: random.Random, charge: str) -> Iterator[dict[str, Any]]:
    kind = rng.choice(("refund", "refund", "refund", "phone", "status", "both"))
    if kind in ("refund", "both"):
        yield refund(charge, rng.choice((None, None, None, "5")), rng.choice(CLAIMS), "please refund the second one")
    if kind in ("phone", "both"):
        yield {"kind": "contact_change", "contact": "k1", "field": rng.choice(("phone", "mobile")),
               "value": "+49 30 7654321", "quote": "My number is +49 30 7654321 now"}
    if kind == "status":
        yield {"kind": "status_answer", "charge": charge, "quote": "Where is my refund?"}


def _approve_all(office: Office, ticket: int) -> None:
    with office.engine.begin() as c:
        open_ = [one for one in of_ticket(c, ticket, ("open",)) if one.for_whom != "customer"]
    for wait in open_:
        try:
            approval.approve(office.desk, wait.id, wait.shown, LEE)
        except (NotNow, NotAllowed):
            continue
        office.run()
