"""When the customer may be asked for a yes, and when a person must do it instead."""

from __future__ import annotations

from datetime import UTC, date
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql import Executable

from agent.act import Actor
from agent.consent.waits import CUSTOMER, Wait
from agent.desk import Desk
from agent.evidence import Evidence
from agent.facts import Facts
from agent.ground import Ask
from agent.tables import decisions, totals, waits
from connectors.contract import Conversation, Role

CHANNELS = ("email", "web")
QUESTIONS = ("question", "again", "clarify")
"""What counts as a question. A reminder is none: there is one at most for each question, and it asks nothing new."""
MOST_A_DAY = 3
"""Questions really sent to one address on one day, over all its tickets."""


def why_not_ask(c: Connection, actor: Actor, ask: Ask, facts: Facts) -> str:
    """Why the customer cannot be asked, or an empty text."""
    ticket = facts.conversation.ticket
    if ticket.channel not in CHANNELS:
        return f"Deskhand does not ask on {ticket.channel}"
    if why := why_no_yes(ask, facts):
        return f"the customer cannot be asked: {why}"
    if asked_enough(c, actor):
        return f"the customer was asked {MOST_A_DAY} times today"
    return ""


def why_no_yes(ask: Ask, facts: Facts) -> str:
    """Why a yes here would prove nothing, or an empty text; judged before it is asked for, and before it is used.

    Only the address on file is asked, where nobody else reads along: a yes from anywhere else proves nothing.
    """
    if others_in_copy(facts.conversation):
        return "other people are in copy"
    if ask.evidence not in (Evidence.E2, Evidence.E3, Evidence.E4):
        return "their address is not the one on file"
    primary = [one.value for one in facts.identities if one.kind == "email" and one.primary]
    if [one.lower() for one in primary] != [(facts.email() or "").lower()]:
        return "the ticket's address is not their primary one"
    return ""


def others_in_copy(conversation: Conversation) -> bool:
    """An end user in copy would read what is meant for the requester."""
    people = [conversation.users.get(id) for id in conversation.ticket.ccs if id != conversation.ticket.requester]
    return any(user is None or user.role is not Role.AGENT for user in people)


def asked_enough(c: Connection, actor: Actor, wait: Wait | None = None) -> bool:
    """No further question may go to this address today; `wait` is the one that would be asked about.

    What is about to be asked counts with what was sent. The row stays locked until the transaction ends, so that two
    tickets do not both ask the last one.
    """
    sent = int(c.execute(_counted(actor.customer, _day(actor.desk), 0)).scalar_one())
    about_to = c.execute(select(func.count()).select_from(waits.join(decisions)).where(
        decisions.c.customer == actor.customer, waits.c.for_whom == CUSTOMER, waits.c.state == "open",
        waits.c.to_say.in_(QUESTIONS), waits.c.id != (wait.id if wait else 0))).scalar_one()
    return sent + int(about_to) >= MOST_A_DAY


def was_asked(c: Connection, desk: Desk, wait: Wait) -> None:
    """Counts what was really sent, where it was a question."""
    if wait.to_say in QUESTIONS:
        customer = c.execute(select(decisions.c.customer).where(decisions.c.id == wait.decision_id)).scalar_one()
        c.execute(_counted(customer, _day(desk), 1))


def _day(desk: Desk) -> date:
    """The desk's own day where the admin named its zone, else UTC's."""
    zone = ZoneInfo(desk.choices.hours.zone) if desk.choices.hours else UTC
    return desk.now().astimezone(zone).date()


def _counted(customer: str, day: date, more: int) -> Executable:
    row = insert(totals).values(kind="questions", subject=customer, day=day, currency="", attended=False, count=more)
    return row.on_conflict_do_update(index_elements=[*totals.primary_key.columns], set_={
        "count": totals.c["count"] + more}).returning(totals.c["count"])
