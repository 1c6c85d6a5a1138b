"""What was done on a ticket, and none of the replies that the helpdesk says the customer was notified of tells of."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from agent import replying
from agent.ledger import Ledger, ToBeTold
from agent.plan import Plan
from agent.statements import FOR_THE_CUSTOMER


def told_of_all(done: ToBeTold) -> bool:
    """Such replies tell of all that the plan has changed and that stands; a question is no such reply."""
    places = [n for n, item in enumerate(Plan.model_validate(done.plan).items) if item.how != "repeat"]
    told = {places[n] for n in replying.told_before(done.operations, "").told}
    return {one.item for one in done.operations if one.item is not None} <= told


def handed_over(c: Connection, ledger: Ledger, ticket_id: int, before: int) -> datetime | None:
    """Since when a person has what plans `before` this one left to them to do or to tell, or what became of refunds of
    theirs.

    None where there is nothing of that since a colleague gave the ticket back or had it run again.
    """
    at, to_be_told = ledger.handed_over(c, ticket_id, before)
    left = [one.at for one in ledger.to_be_told(c, ticket_id, before) if one.ending in FOR_THE_CUSTOMER
            and not one.returned and not told_of_all(one)] if to_be_told else []
    return min((one for one in (at, *left) if one), default=None)
