"""What was done on a ticket, and none of the replies that the helpdesk says the customer was notified of tells of."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from agent import replying
from agent.ledger import Ledger, ToBeTold
from agent.plan import AWAITING, Plan
from agent.statements import FOR_THE_CUSTOMER


def told_of_all(done: ToBeTold) -> bool:
    """Such replies tell of all that the plan has answered, and changed so that it stands; a question is no such
    reply."""
    plan = Plan.model_validate(done.plan)
    places = [n for n, item in enumerate(plan.items) if item.how != "repeat"]
    told = {places[n] for n in replying.told_before(done.operations, "").told}
    return done.changed() | _answered(plan, done.ending) <= told


def _answered(plan: Plan, ending: str | None) -> set[int]:
    """The items that were answered where the money is; while something waits yet, those that needed nobody's yes."""
    hows = ("answer",) if ending == "parked" else ("answer", *AWAITING)
    return {n for n, item in enumerate(plan.items) if ending in FOR_THE_CUSTOMER and item.how in hows
            and item.summary and not item.summary.changes_something}


def handed_over(c: Connection, ledger: Ledger, ticket_id: int, before: int) -> datetime | None:
    """Since when a person has what plans `before` this one left to them to do or to tell, or what became of refunds of
    theirs.

    None where there is nothing of that since a colleague gave the ticket back or had it run again.
    """
    at, to_be_told = ledger.handed_over(c, ticket_id, before)
    left = [one.at for one in ledger.to_be_told(c, ticket_id, before) if one.ending in FOR_THE_CUSTOMER
            and not one.returned and not told_of_all(one)] if to_be_told else []
    return min((one for one in (at, *left) if one), default=None)
