"""`deskhand policy explain`, of a ticket that was decided."""

from __future__ import annotations

import json

import pytest

from tests.journeys.office import Office, refund
from tests.scripts.policy.drafts import Say, asks_for, edit, flat


@pytest.fixture(autouse=True)
def in_force(admin: Say) -> None:
    assert admin("publish", "--by", "Ana").exit_code == 0


@pytest.mark.parametrize("name", ["{}", "#{}", "zendesk:acme:{}"])
def test_a_ticket_is_explained_by_what_was_decided(admin: Say, office: Office, name: str) -> None:
    ticket = asks_for(office, 4000)
    said = admin("explain", name.format(ticket))
    assert said.exit_code == 0, said.output
    assert f"zendesk:acme:{ticket} was planned last on 20 Nov 2026" in flat(said)
    assert "refund of USD 40.00: needs the customer's yes (deskhand version 1, mode execute)" in flat(said)
    assert "decides limit.refund.confirm confirm above USD 25.00, up to USD 100.00, the claim is proven" in flat(said)
    assert "By the policy in force (version 1) it would be the same on these facts." in flat(said)


def test_a_ticket_is_also_explained_by_what_is_in_force_today(admin: Say, office: Office) -> None:
    ticket = asks_for(office, 4000)
    edit("auto: 25", "auto: 50", times=3)
    assert admin("publish", "--by", "Ana", "--second", "Bo").exit_code == 0
    said = admin("explain", str(ticket))
    assert "needs the customer's yes (deskhand version 1, mode execute)" in flat(said)
    assert "By the policy in force (version 2): Done without asking: up to USD 50.00" in flat(said)
    [told] = json.loads(admin("explain", str(ticket), "--json").output)["decisions"]
    assert (told["then"]["confirm"], told["then"]["version"]) == (True, 1)
    assert (told["now"]["unattended"], told["now"]["version"]) == (True, 2)
    assert told["then"]["facts"]["amount"] == 4000
    [old] = json.loads(admin("explain", str(ticket), "--policy", "1", "--json").output)["decisions"]
    assert old["now"]["confirm"] is True


def test_deciding_and_weaker_rules_of_a_ticket_are_told_apart(admin: Say, office: Office) -> None:
    office.charge(4000)
    office.planner.always = lambda case: {  # type: ignore[attr-defined]
        "actions": [refund("c1", claim="damaged", quote="refund")]}
    [one] = json.loads(admin("explain", str(office.handle()), "--json").output)["decisions"]
    assert [hit["id"] for hit in one["then"]["by"]] == ["limit.refund.confirm", "claim-unproven"]
    assert one["then"]["by"] == one["now"]["by"]
    assert one["then"]["also"] == one["now"]["also"]


def test_facts_of_a_ticket_stand_in_their_usual_order(admin: Say, office: Office) -> None:
    said = flat(admin("explain", str(asks_for(office, 4000))))
    facts = ["currency USD", "amount USD 40.00", "claim duplicate", "evidence E2", "charge_state paid"]
    assert sorted(facts, key=said.index) == facts


def test_what_became_of_a_ticket_is_told_in_words(admin: Say, office: Office) -> None:
    assert "UTC; it waits for someone." in flat(admin("explain", str(asks_for(office, 4000))))


def test_a_ticket_nobody_has_seen_is_told(admin: Say) -> None:
    said = admin("explain", "4711")
    assert said.exit_code == 1
    assert "Deskhand has not seen a ticket 4711" in flat(said)


def test_a_ticket_on_which_nothing_was_asked_says_so(admin: Say, office: Office) -> None:
    office.planner.always = lambda case: {"nothing_asked": True}  # type: ignore[attr-defined]
    said = admin("explain", str(office.handle("Thank you, all is well.")))
    assert said.exit_code == 0
    assert "othing was" in said.output
