"""Lives in which the request for a refund never arrives, or is turned away for now, and somebody acts before it is sent
again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from agent.policy import load
from tests.journeys.office import POLICY
from tests.simulation.lives import (
    MIA,
    Right,
    a_life,
    a_refund_is_sent,
    approves,
    duplicate,
    goodwill,
    ours,
    patiently,
)
from tests.simulation.stage import Stage


def lost(stage: Stage, then: Callable[[Any, str], None], why: str) -> Right:
    """Both sendings of the first pass are lost, and then this happens."""
    stage.fault("stripe", "timeout_before", "POST", "/refunds", times=2)
    return happens(stage, then, why, *duplicate(stage, 1800))


def happens(stage: Stage, then: Callable[[Any, str], None], why: str, ticket: Any, charge: str) -> Right:
    """Ten seconds later, or as soon as it was tried; what was paid until then is right, and nothing after it."""
    stage.passes(seconds=10)
    patiently(stage, lambda: any(a_refund_is_sent(call) for call in stage.places.calls))
    done = bool(ours(stage))
    then(ticket, charge)
    stage.passes(hours=30)
    return Right({charge: 1800}) if done else Right(person=why)


@a_life
def lost_and_taken(stage: Stage) -> Right:
    """A colleague answers the customer."""
    return lost(stage, lambda ticket, _: stage.colleague("agent_replies", ticket, body="I take care of it."),
                "a colleague is on it")


@a_life
def lost_and_by_hand(stage: Stage) -> Right:
    """A colleague refunds a part of it in the dashboard, which the payment provider would not keep from us."""
    return lost(stage, lambda _, charge: stage.by_hand(charge, 500), "refunded by hand")


@a_life
def lost_and_called_off(stage: Stage) -> Right:
    """The customer calls it off."""
    return lost(stage, lambda ticket, _: stage.customer("No, please stop it.", ticket), "the customer said no")


@a_life
def lost_and_switched_off(stage: Stage) -> Right:
    """Refunds are switched off in the policy."""
    def off(_: Any, __: str) -> None:
        stage.places.say("refunds are switched off")
        stage.policy = load(POLICY.replace("mode: shadow", "mode: off"))

    right = lost(stage, off, "switched off")
    return replace(right, off=True) if right.refunds or may_be_sent(stage) else Right(silent=True, off=True)


def may_be_sent(stage: Stage) -> bool:
    """A request for a refund was not surely turned away: then nobody but a person can say that it was not made."""
    return any(a_refund_is_sent(call) and not 400 <= status < 500 for call, status in stage.places.answers)


@a_life
def lost_and_disputed(stage: Stage) -> Right:
    """The customer's bank asks about the charge, which could be refunded all the same."""
    def dispute(_: Any, charge: str) -> None:
        stage.places.say(f"the bank asks about {charge}")
        stage.happens("stripe", "dispute", charge=charge, status="warning_needs_response")
        stage.payments_tell("charge.dispute.created", charge)

    return lost(stage, dispute, "disputed")


def busy(stage: Stage, then: Callable[[Any, str], None], why: str) -> Right:
    """A colleague approves it, the payment provider is too busy, and then this happens."""
    ticket, charge = goodwill(stage)
    stage.passes(hours=1)
    stage.fault("stripe", "429", "POST", "/refunds", times=3, params={"retry_after": 600})
    patiently(stage, lambda: approves(stage, MIA))
    return happens(stage, then, why, ticket, charge)


@a_life
def busy_and_by_hand(stage: Stage) -> Right:
    """A colleague refunds a part of it in the dashboard."""
    return busy(stage, lambda _, charge: stage.by_hand(charge, 500), "refunded by hand")


@a_life
def busy_and_taken(stage: Stage) -> Right:
    """Another colleague answers the customer."""
    return busy(stage, lambda ticket, _: stage.colleague("agent_replies", ticket, body="I take care of it."),
                "a colleague is on it")
