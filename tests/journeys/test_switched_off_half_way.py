"""An admin switches something off while a ticket is half done: the note says that, and no other reason."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agent.policy import load
from tests.journeys.office import POLICY, Office, execute, without_rule
from tests.journeys.test_consent_bound import BOTH, PHONE, contact, two_asks

REFUND_IN = "  refund:\n    mode: {}\n    rollout_percent: {}"


def half_done(office: Office) -> int:
    """The number is changed; the refund has to wait for the payment provider."""
    two_asks(office, PHONE)
    office.fault("stripe", "429", "POST", "/refunds", times=3, params={"retry_after": 600})
    ticket = office.handle(BOTH)
    assert contact(office)["Phone"] == "+49 30 7654321"
    return ticket


def switched(office: Office, mode: str, rollout: int = 100) -> None:
    text = execute(POLICY).replace(REFUND_IN.format("execute", 100), REFUND_IN.format(mode, rollout))
    office.policy = load(without_rule(without_rule(text, "details-just-changed"), "contact-address-with-order"))


def note_on(office: Office, ticket: int) -> str:
    office.settle(hours=30, step=3600)
    assert office.refunds() == []
    (note,) = office.notes(ticket)
    return note


@pytest.mark.parametrize("mode", ["off", "shadow"])
def test_an_action_that_was_switched_off(office: Office, mode: str) -> None:
    ticket = half_done(office)
    switched(office, mode)
    assert "this action was switched off meanwhile" in note_on(office, ticket)


@pytest.mark.parametrize("mode", ["off", "shadow"])
def test_every_action_was_switched_off(office: Office, mode: str) -> None:
    ticket = half_done(office)
    office.policy = load(POLICY.replace("mode: shadow", f"mode: {mode}"))
    assert "this action was switched off meanwhile" in note_on(office, ticket)


@pytest.mark.parametrize(("mode", "rollout"), [("draft", 100), ("execute", 0)])
def test_an_action_that_a_colleague_must_press_by_now(office: Office, mode: str, rollout: int) -> None:
    ticket = half_done(office)
    switched(office, mode, rollout)
    assert "it is not done without a colleague any more" in note_on(office, ticket)


def test_a_live_key_was_put_beside_a_sandbox(office: Office) -> None:
    ticket = half_done(office)
    office.desk = replace(office.desk, crossed_modes="a live stripe key stands beside a sandbox zendesk account")
    assert ("nothing is executed here: a live stripe key stands beside a sandbox zendesk account"
            in note_on(office, ticket))
