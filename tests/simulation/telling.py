"""Lives in which telling the customer is not simple: nobody is mailed, somebody else is in copy, or the money takes its
time."""

from __future__ import annotations

from tests.journeys.office import ERIN
from tests.simulation.lives import CHARGED_TWICE, TWICE, Right, a_life, asks, duplicate, ours
from tests.simulation.stage import Stage


@a_life
def nobody_is_mailed(stage: Stage) -> Right:
    """The helpdesk mails nobody any more: the triggers that did are gone, or the org sends no mail."""
    stage.side.tells_nobody()
    _, second = duplicate(stage, 1800)
    stage.passes(hours=1)
    return Right({second: 1800})


@a_life
def in_copy(stage: Stage) -> Right:
    """Somebody else is in copy, and would read what is told to the customer."""
    _, second = stage.double_charge(1800)
    stage.at_stake = (second, 1800)
    asks(stage, [TWICE], CHARGED_TWICE, "charged twice", ccs=[ERIN])
    stage.passes(hours=1)
    return Right({second: 1800})


@a_life
def pending(stage: Stage) -> Right:
    """The refund is under way at the payment provider for a day."""
    stage.happens("stripe", "next_refund", status="pending")
    _, second = duplicate(stage, 1800)
    stage.passes(hours=25)
    for one in ours(stage):
        if one["status"] == "pending":
            stage.happens("stripe", "settle_refund", refund=one["id"])
            stage.payments_tell("refund.updated", one["charge"])
    stage.passes(hours=1)
    return Right({second: 1800})
