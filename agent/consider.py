"""What the customer asks: a fixed filter for what surely asks nothing, then the planner's proposal, or why none."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import timedelta

from agent.answer import without_disclosure
from agent.case import Handles, show
from agent.consent import answering
from agent.desk import Desk
from agent.facts import Facts
from agent.own_words import words_of
from agent.proposal import Planned, PlannerUnsure, Signal
from agent.text import is_machine_mail, is_small_talk, unquoted
from connectors.contract import Comment, Conversation, Unavailable

log = logging.getLogger("deskhand.consider")

MOST_REPLIES_A_DAY = 3
GOES_ROUND = "Deskhand has answered here several times today; a machine may be answering back"
GRAVE = (Signal.SELF_HARM, Signal.LEGAL_THREAT, Signal.CHARGEBACK_THREAT, Signal.FRAUD, Signal.ASKS_FOR_PERSON)


@dataclass(frozen=True)
class Considered:
    """A proposal with what its handles mean, or why there is none."""

    planned: Planned | None
    handles: Handles = field(default_factory=dict)
    unsure: str = ""
    away: bool = False
    """The model could not be reached."""

    def nothing_asked(self) -> bool:
        return self.planned is not None and not (self.planned.proposal.actions or self.planned.proposal.unsure)


def surely_nothing(desk: Desk, conversation: Conversation, new: tuple[Comment, ...]) -> str | None:
    """The fixed filter: its name when every new message is machine-made mail or asks for nothing."""
    subject = conversation.ticket.subject
    own = [without_disclosure(unquoted(one.text), desk.choices.replies.disclosure.values()) for one in new]
    names = [is_machine_mail(subject, text, comment.sender, comment.flags, comment.machine_made)
             or is_small_talk(words_of(comment, conversation), subject) for text, comment in zip(own, new, strict=True)]
    return names[0] if all(names) else None


def consider(desk: Desk, facts: Facts, new: tuple[Comment, ...]) -> Considered:
    """Asks the planner; whatever goes wrong there is a reason for a person to read the ticket."""
    case, handles = show(facts, new, desk.choices.payments.order_metadata_key)
    try:
        if _answered_today(facts.conversation) >= MOST_REPLIES_A_DAY:
            raise PlannerUnsure(GOES_ROUND)
        planned = desk.planner.plan(case)
        if planned.proposal.nothing_asked and planned.proposal.actions:
            raise PlannerUnsure("the planner says that nothing is asked, and yet proposes something")
        if planned.proposal.actions and answering.taken_back(desk, facts.conversation, new):
            raise PlannerUnsure("a later message says no to what an earlier one asks for, or asks for a person")
    except PlannerUnsure as unsure:
        return Considered(None, unsure=str(unsure))
    except Unavailable as away:
        return Considered(None, unsure=f"the model could not be reached: {away}", away=True)
    except ValueError as error:
        # Trying again would only ask the model again; a person reads what it could not say.
        log.warning("ticket %s: the planner's answer cannot be used: %s", facts.conversation.ticket.ref,
                    type(error).__name__)
        return Considered(None, unsure="the planner's answer could not be used")
    return Considered(_grave(planned), handles)


def _answered_today(conversation: Conversation) -> int:
    day = conversation.read_at - timedelta(days=1)
    return sum(comment.public for entry in conversation.entries if entry.operation and entry.at > day
               for comment in entry.comments)


def _grave(planned: Planned) -> Planned:
    """Some signals need a person even where nothing is asked that we do, and are told where it is not clear what is."""
    said = planned.proposal
    grave = [signal.replace("_", " ") for signal in said.signals if signal in GRAVE]
    if said.actions or not grave:
        return planned
    unclear = f"{said.unsure.rstrip('.')}; " if said.unsure else ""
    return planned.model_copy(update={"proposal": said.model_copy(update={
        "unsure": f"{unclear}the message needs a person: {', '.join(grave)}"})})
