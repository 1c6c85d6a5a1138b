"""When the customer may be asked for a yes, and when a person must do it instead."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection, func, select

from agent.act import Actor
from agent.evidence import Evidence
from agent.facts import Facts
from agent.ground import Ask
from agent.tables import tickets, waits
from connectors.contract import Conversation, Role

CHANNELS = ("email", "web")
MOST_A_DAY = 3
"""Questions to one address within 24 hours, over all its tickets."""


def why_not_ask(c: Connection, actor: Actor, ask: Ask, facts: Facts) -> str:
    """Why the customer cannot be asked, or an empty text.

    Only the address on file is asked, where nobody else reads along: a yes from anywhere else proves nothing.
    """
    ticket = facts.conversation.ticket
    if ticket.channel not in CHANNELS:
        return f"Deskhand does not ask on {ticket.channel}"
    if others_in_copy(facts.conversation):
        return "the customer cannot be asked: other people are in copy"
    if ask.evidence not in (Evidence.E2, Evidence.E3, Evidence.E4):
        return "the customer cannot be asked: their address is not the one on file"
    primary = [one.value for one in facts.identities if one.kind == "email" and one.primary]
    if [one.lower() for one in primary] != [(facts.email() or "").lower()]:
        return "the customer cannot be asked: the ticket's address is not their primary one"
    if _asked_of_late(c, actor) >= MOST_A_DAY:
        return f"the customer was asked {MOST_A_DAY} times within a day"
    return ""


def others_in_copy(conversation: Conversation) -> bool:
    """An end user in copy would read what is meant for the requester."""
    people = [conversation.users.get(id) for id in conversation.ticket.ccs if id != conversation.ticket.requester]
    return any(user is None or user.role is not Role.AGENT for user in people)


def _asked_of_late(c: Connection, actor: Actor) -> int:
    day = actor.desk.now() - timedelta(days=1)
    return int(c.execute(select(func.count()).select_from(waits.join(tickets, tickets.c.id == waits.c.ticket_id)).where(
        tickets.c.person_id == actor.person.id, waits.c.for_whom == "customer", waits.c.said_at > day)).scalar_one())
