"""What plans before left to a person: what they still waited for when the customer wrote again, or handed over."""

from __future__ import annotations

from agent import untold
from agent.act import Actor
from agent.consent import waits
from agent.consent.asked import Asked, asked_of
from agent.consent.waits import CUSTOMER, WHO, Wait
from agent.desk import Desk
from agent.ended import asked_on
from agent.endings import STILL, Ending
from agent.ground import Ask
from agent.plan import Open
from connectors.contract import ActionBase, ContactChange


def left_behind(actor: Actor, open_: Open, endings: list[Ending], asks: list[Ask | None]) -> tuple[list[Ending], str]:
    """What the plan before still waited for when the customer wrote something else, and is not asked for again.

    It is for a person, who reads whether that was an answer; in words, where this plan asks for other than that of the
    same payment or contact.
    """
    if open_.generation == 1:
        return [], ""
    with actor.ledger.begin() as c:
        dropped = waits.dropped_by(c, actor.ticket_id, open_.proposal_id)
    still = {one.words for one in (*(e.ask for e in endings), *asks) if one}
    before = {one.summary.words: (wait, one) for wait in dropped if (one := asked_of(wait, actor.person))}
    left = {words: found for words, found in before.items() if words not in still}
    replaced = [words for words, (_, one) in left.items()
                if any(_the_same_thing(one.action, ask.action) for ask in asks if ask)]
    words = f"a yes was waited for until the customer wrote again: {', '.join(replaced)}; nobody is asked any more"
    return [_unanswered(actor.desk, wait, one) for words, (wait, one) in left.items() if words not in replaced], \
        words if replaced else ""


def still_handed_over(actor: Actor, open_: Open) -> list[Ending]:
    """What was handed over before this plan and no colleague has acted on since: whatever is done now, it is theirs."""
    if open_.generation == 1:
        return []
    with actor.ledger.begin() as c:
        at = untold.handed_over(c, actor.ledger, actor.ticket_id, open_.proposal_id)
    return [Ending("escalated", f"still with you: what was handed over on {at:%d %b %H:%M} UTC", cause=STILL)] \
        if at else []


def _the_same_thing(one: ActionBase | None, other: ActionBase | None) -> bool:
    """They change the same payment, or the same field of a contact."""
    if one is None or other is None or type(one) is not type(other) or one.target() != other.target():
        return False
    return not isinstance(one, ContactChange) or not isinstance(other, ContactChange) or bool(
        one.changes.keys() & other.changes.keys())


def _unanswered(desk: Desk, wait: Wait, asked: Asked) -> Ending:
    link = desk.payments.link(asked.charge.id) if asked.charge and desk.payments else ""
    why = ("the customer wrote more than a yes or no" if wait.for_whom == CUSTOMER else
           f"the customer wrote again before {WHO[wait.for_whom]} had answered")
    return Ending("escalated", asked.summary.words, asked.summary, cause="anew", tried=asked_on(wait), link=link,
                  why=why, ended_by=wait.id)
