"""What a customer answered on the ticket, and what becomes of those who did not answer in time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from agent import audit, evidence
from agent.answer import Answer, read_answer
from agent.consent import waits
from agent.consent.waits import CUSTOMER, Wait
from agent.desk import Desk
from agent.evidence import Evidence
from agent.facts import Facts
from agent.ledger import TicketRow
from agent.scope import PERSON, Look, mark
from agent.text import is_machine_mail
from connectors.contract import Comment, Conversation

MOST_SAID = 2
"""An answer that is neither yes nor no is asked about once more; then a person reads it."""
WORST = (Answer.PERSON, Answer.OTHER, Answer.NO, Answer.UNCLEAR, Answer.YES)
"""Of several messages the first of these counts."""


def heard(c: Connection, desk: Desk, row: TicketRow, conversation: Conversation, look: Look) -> bool:
    """Takes up what was said, in the caller's transaction; True when the plan goes on with it in another pass."""
    waits.alone(c, row.id)
    found = waits.of_ticket(c, row.id, ("open",))
    if not found:
        return False
    if look.hands_off and (look.person_at is not None or look.silence != PERSON):
        waits.end(c, [one.id for one in found], "away", desk.now())
        return False
    asked = [one for one in found if one.for_whom == CUSTOMER]
    said = [comment for comment in look.new if not _machine(conversation, comment)]
    if asked and said:
        answer = _answer(desk, conversation, said)
        if answer is Answer.OTHER:
            return False
        _take(c, asked, answer, desk.now())
        _note(c, desk, row, asked, {"answer": str(answer), "comments": [comment.id for comment in said]})
        desk.ledger.saw(c, row.id, mark(conversation.entries), is_open=True)
    else:
        late = waits.due(c, row.id, desk.now())
        if not late:
            return False
        _time_is_up(c, late, desk.now())
    desk.ledger.reopen(c, found[-1].proposal_id)
    return True


def moved(c: Connection, desk: Desk, row: TicketRow) -> bool:
    """The ticket has another requester: nobody's yes for the earlier one counts, and a person is told so."""
    found = waits.of_ticket(c, row.id)
    waits.end(c, [one.id for one in found], "moved", desk.now())
    if found:
        desk.ledger.reopen(c, found[-1].proposal_id)
    return bool(found)


def heard_before_acting(c: Connection, desk: Desk, row: TicketRow, conversation: Conversation, look: Look) -> bool:
    """As `heard`, for a plan that is under way: a no, or the wish for a person, also takes back a yes not yet used."""
    asked = [wait for wait in waits.of_ticket(c, row.id) if wait.for_whom == CUSTOMER and wait.said]
    said = [comment for comment in look.new if not _machine(conversation, comment)]
    if not (asked and said):
        return False
    answer, still = _answer(desk, conversation, said), [wait for wait in asked if wait.state == "open"]
    if answer in (Answer.NO, Answer.PERSON):
        given = [wait.id for wait in asked if wait.state == "given"]
        waits.end(c, given, "declined" if answer is Answer.NO else "person", desk.now())
    elif answer is Answer.OTHER or not still:
        return False
    _take(c, still, answer, desk.now())
    _note(c, desk, row, asked, {"answer": str(answer), "comments": [comment.id for comment in said]})
    desk.ledger.saw(c, row.id, mark(conversation.entries), is_open=True)
    return True


def _answer(desk: Desk, conversation: Conversation, said: Sequence[Comment]) -> Answer:
    """What all new messages together say.

    A yes counts only from the authenticated address of the requester, and after the last of our questions.
    """
    facts = Facts(conversation=conversation, read_at=conversation.read_at)
    requester = conversation.requester()
    ours = [comment.text for entry in conversation.entries if entry.operation for comment in entry.comments
            if comment.public]
    after = {comment.id for comment in _after_ours(conversation)}

    def one(comment: Comment) -> Answer:
        answer = read_answer(comment.text, conversation.ticket.subject, requester.name if requester else "",
                             ours[-1] if ours else "")
        sure = evidence.of_sender(facts, comment, desk.choices.senders_checked)[0] is not Evidence.E0
        return Answer.UNCLEAR if answer is Answer.YES and not (sure and comment.id in after) else answer

    answers = {one(comment) for comment in said}
    return next(answer for answer in WORST if answer in answers)


def _after_ours(conversation: Conversation) -> list[Comment]:
    """What was written after our last public words: they may have crossed with it."""
    entries = conversation.entries
    last = max((n for n, entry in enumerate(entries) if entry.operation and any(
        comment.public for comment in entry.comments)), default=-1)
    return [comment for entry in entries[last + 1:] for comment in entry.comments]


def _take(c: Connection, asked: Sequence[Wait], answer: Answer, now: datetime) -> None:
    """A yes is one to what our latest question named; what was asked in an earlier message is still waited for."""
    latest = max((wait.said_at for wait in asked if wait.said_at), default=None)
    for wait in asked:
        if answer is Answer.YES:
            if wait.said_at is None or wait.said_at != latest:
                continue
            waits.answer(c, wait, "given", CUSTOMER, now)
        elif answer is Answer.NO:
            waits.answer(c, wait, "declined", CUSTOMER, now)
        elif answer is Answer.PERSON:
            waits.end(c, [wait.id], "person", now)
        elif wait.said < MOST_SAID:
            waits.say(c, wait, "clarify")
        else:
            waits.end(c, [wait.id], "unclear", now)


def _time_is_up(c: Connection, late: Sequence[Wait], now: datetime) -> None:
    for wait in late:
        if wait.expires_at <= now:
            waits.end(c, [wait.id], "expired", now)
        else:
            waits.say(c, wait, "remind")


def _note(c: Connection, desk: Desk, row: TicketRow, asked: Sequence[Wait], public: dict[str, object]) -> None:
    audit.record(c, kind="wait.answered", ticket=row.id, operation=None, at=desk.now(),
                 public={**public, "waits": [wait.id for wait in asked]})


def _machine(conversation: Conversation, comment: Comment) -> bool:
    return is_machine_mail(conversation.ticket.subject, comment.text, comment.sender, comment.flags,
                           comment.machine_made) is not None
