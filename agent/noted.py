"""A note for the colleagues is written, or held for a person: none is lost because the helpdesk refuses it."""

from __future__ import annotations

import logging

from agent.act import Actor
from agent.endings import NOTE_REFUSED
from agent.ledger import LOOKED, Operation
from connectors.contract import TicketUpdate

log = logging.getLogger("deskhand.noted")


def write(actor: Actor, note: TicketUpdate, proposal_id: int, position: int) -> Operation:
    """As `write_down`; what is refused ends in held. Raises Later and NewsCame as the actor does."""
    return or_held(actor, actor.write_down(note, proposal_id, position))


def or_held(actor: Actor, carried_out: Operation) -> Operation:
    """The operation as it ended, held where it is words that the helpdesk refused.

    Not again once a person has looked at it: then it is known to be missing, and nobody waits for it.
    """
    refused = carried_out.kind == "ticket_update" and carried_out.state == "rejected"
    if not refused or carried_out.reason.endswith(LOOKED):
        return carried_out
    why = f"{NOTE_REFUSED}: {carried_out.reason}"
    log.error("operation %s is held: %s", carried_out.id, why)
    with actor.ledger.begin() as c:
        return actor.ledger.unknown(c, carried_out, "held", why, actor.desk.now())
