"""Names what is told on a ticket: the same is told once, whatever crashes or comes again, and another thing as well."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from agent import replying
from agent.act import Actor
from agent.consent.waits import CUSTOMER, Wait
from agent.consider import GOES_ROUND
from agent.endings import DONE, NOT_MADE, STILL, Ending
from agent.ledger import Operation
from agent.plan import Open
from agent.scope import person_acted
from agent.statements import ASKED_ANEW
from connectors.contract import Conversation, TicketUpdate, digest


def answered(actor: Actor, conversation: Conversation, open_: Open) -> str:
    """What a plan answers: the customer's first message in it, each time that a colleague had it looked at anew.

    A plan made anew of the same answers the same, after a conflict or news, and after a backup was put back. Whatever
    comes back to one word of ours, where two machines may be answering each other, is one thing.
    """
    asked = next(iter(open_.plan.comments), "")
    if any(item.words == GOES_ROUND for item in open_.plan.items):
        asked = _last_word_before(conversation, asked)
    return digest([asked, _times(actor, open_)])[:8]


def _times(actor: Actor, open_: Open) -> int:
    if open_.generation == 1:
        return 0
    with actor.ledger.begin() as c:
        return int(ASKED_ANEW.one(c, ticket=actor.ticket_id, generation=open_.generation)["times"])


def _last_word_before(conversation: Conversation, comment: str) -> str:
    """The last entry before this comment by which we, or a colleague, turned to the customer."""
    last = ""
    for entry in conversation.entries:
        if any(one.id == comment for one in entry.comments):
            break
        ours = entry.operation and any(one.public for one in entry.comments)
        last = entry.id if ours or person_acted(entry, conversation) else last
    return last


def noted(open_: Open, answers: str, endings: list[Ending], operations: Iterable[Operation], *, behind: bool) -> str:
    """What colleagues are told: more when a person's answer or release moved the same plan on.

    Where it only waits it is told once, also in a newer plan that waits for the same; unless it also tells what plans
    before left (`behind`). What was undone while the answer to a note was lost is told by another one: the words of the
    first, which may yet arrive, tell it as done.
    """
    anew = behind or any(e.how != "parked" and e.cause != STILL for e in endings)
    name = _name(open_, answers if anew else "", endings, [
        _stands(n, e, saying=False) for n, e in enumerate(endings) if _moved_on(e)])
    written = {one.action.about: one.state for one in operations if isinstance(one.action, TicketUpdate)}
    lost = written.get(f"{name}:note") in ("sent", "unknown") or f"{name}:undone:note" in written
    return f"{name}:undone" if lost and any(e.how == "undone" for e in endings) else name


def said(open_: Open, answers: str, endings: list[Ending]) -> str:
    """What a customer is told: a question makes another reply, and so does one more answer; how a colleague's approval
    stands does not."""
    questions, anew = replying.to_ask(endings), any(e.how in (*DONE, "undone") for e in endings)
    told = [_stands(n, e, saying=True) for n, e in enumerate(endings) if e.waiting in questions or e.how == "answered"]
    return f"{_name(open_, answers if anew else '', endings, told)}:reply"


def _moved_on(ending: Ending) -> bool:
    """By a person: their answer, or what they said became of it or had sent again."""
    released = ending.operation is not None and ending.operation.released
    return ending.agreed or ending.cause == NOT_MADE or released


def _name(open_: Open, answers: str, endings: list[Ending], stands: list[list[Any]]) -> str:
    done = sorted(e.operation.id for e in endings if e.operation and e.how in ("done", "undone"))
    return f"{open_.digest}:{answers}:{digest([*done, *stands])[:8]}"


def _stands(position: int, ending: Ending, *, saying: bool) -> list[Any]:
    """Where one ending stands, never in words: a pass that is taken up after a crash may word the same otherwise."""
    return [position, "done" if ending.how == "undone" else ending.how, ending.cause,
            ending.waiting.id if ending.waiting else ending.ended_by, _mark(ending.waiting, saying=saying),
            ending.operation.send if ending.operation else None,
            *([ending.waiting.said] if saying and ending.waiting else [])]


def _mark(wait: Wait | None, *, saying: bool) -> str | None:
    """A reminder of a colleague is a note of its own; a customer's questions are replies."""
    if wait is None or not (saying or wait.for_whom != CUSTOMER):
        return None
    return "asked again" if wait.to_say == "clarify" and not wait.said else wait.to_say
