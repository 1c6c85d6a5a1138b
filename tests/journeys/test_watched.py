"""Where Deskhand only watches, it says what would have become of each ask by its own mode and rollout."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from agent.desk import Choices, Shadow
from agent.policy import load
from agent.report.lines import Would
from agent.report.live import LiveTickets
from tests.journeys.office import CHECKED, POLICY, without_rule
from tests.journeys.test_consent_bound import BOTH, PHONE, two_asks
from tests.webhooks.opened import OpenOffice

LOOSE = without_rule(without_rule(POLICY, "details-just-changed"), "contact-address-with-order")
CHANGE = "change the contact's phone to “+49 30 7654321”"
SET = "set for every contact change (rule allow.contact_change)"
DRAFTED = "Would need nobody, but this {}, so a colleague approves it: " + SET


def mode(action: str, mode: str, rollout: int = 100) -> str:
    """The shipped policy in shadow, but for one action."""
    was, now = f"  {action}:\n    mode: shadow\n    rollout_percent: 100", f"  {action}:\n    mode: {mode}\n"
    assert was in LOOSE
    return LOOSE.replace(was, f"{now}    rollout_percent: {rollout}")


def watched(engine: Engine, policy: str, amount: int = 1800) -> OpenOffice:
    """A refund and a new number are asked for, where a note says what would have been done."""
    office = OpenOffice(engine, choices=Choices(senders_checked=CHECKED, shadow=Shadow(notes=True)))
    two_asks(office, PHONE, amount)
    office.policy = load(policy)
    office.handle(BOTH)
    assert (office.refunds(), office.replies(1)) == ([], [])
    return office


def reported(office: OpenOffice) -> list[Would]:
    now = office.clock()
    live = LiveTickets(office.desk, now - timedelta(days=1), now + timedelta(days=1))
    with office.engine.begin() as c:
        recorded = live.recorded(c)
    return [line.would for line in live.lines(recorded)]


@pytest.mark.parametrize(("policy", "would", "rule", "words", "rules", "counted"), [
    (mode("contact_change", "off"), f"left this alone (switched off): {CHANGE}", "This action is switched off",
     "It would have left this alone: this action is switched off.", [], Would.SILENT),
    (mode("contact_change", "draft"), f"prepared this for a colleague: {CHANGE}",
     DRAFTED.format("action is in draft"), "It would have prepared this for a colleague to approve.",
     ["This action is in draft: a colleague must approve",
      "Set for every contact change: nobody would need to be asked"], Would.DRAFT),
    (mode("contact_change", "execute", 0), f"prepared this for a colleague: {CHANGE}",
     DRAFTED.format("customer is outside the rollout"), "It would have prepared this for a colleague to approve.",
     ["This customer is outside the rollout: a colleague must approve",
      "Set for every contact change: nobody would need to be asked"], Would.DRAFT),
    (mode("contact_change", "execute"), f"done this: {CHANGE}", f"Would be done without asking: {SET}",
     "It would have done this without asking anybody.",
     ["Set for every contact change: nobody needs to be asked"], Would.DONE),
], ids=["off", "draft", "outside the rollout", "execute"])
def test_beside_what_is_watched_stands_what_would_have_become_of_the_rest(
        engine: Engine, policy: str, would: str, rule: str, words: str, rules: list[str], counted: Would) -> None:
    office = watched(engine, policy)
    (note,) = office.notes(1)
    first, ruled, *_ = note.splitlines()
    assert re.sub(r" of charge \S+ \(.*?\)", "", first) == (
        f"Deskhand only watches here and did nothing. It would have done this: refund USD 18.00; {would}")
    assert ruled == ("Rule: Would be done without asking: up to USD 25.00, the claim is proven "
                     f"(rule limit.refund.auto); {rule}")
    told = office.seat().state()["shadow"]
    assert [one["words"] for one in told] == ["It would have done this without asking anybody.", words]
    assert told[1]["rule"] == rules
    assert reported(office) == [Would.DONE, counted]


def test_where_the_customer_would_be_asked_a_colleague_is_asked_before_in_draft(engine: Engine) -> None:
    office = watched(engine, mode("refund", "draft"), 4700)
    told = office.seat().state()["shadow"][0]
    assert told["words"] == "It would have asked a colleague, then the customer."
    assert told["rule"][0] == "This action is in draft: a colleague must approve"
    assert reported(office) == [Would.BOTH, Would.DONE]
    assert office.notes(1)[0].splitlines()[1].startswith(
        "Rule: Needs the customer's yes, and this action is in draft, so a colleague approves it: above USD 25.00")


@pytest.mark.parametrize(("charge", "rule"), [
    ({"disputed": True}, "Would not be done, a person would answer: "),
    ({"amount": 4700}, "Would need the customer's yes: "),
])
def test_a_rule_of_what_is_watched_is_told_as_what_would_be(
        engine: Engine, charge: dict[str, object], rule: str) -> None:
    office = OpenOffice(engine, policy=POLICY, choices=Choices(senders_checked=CHECKED, shadow=Shadow(notes=True)))
    office.policy = load(POLICY)
    amount = charge.get("amount", 1800)
    assert isinstance(amount, int)
    _, second = office.double_charge(amount)
    if "disputed" in charge:
        office.happens("stripe", "dispute", charge=second)
    office.script(lambda _: {"actions": [{"kind": "refund", "charge": "c2", "amount": None, "claim": "duplicate",
                                          "quote": "please refund the second one"}]})
    office.handle()
    assert office.notes(1)[0].splitlines()[1].startswith(f"Rule: {rule}")
