"""What a customer answered on the ticket, and what becomes of those who did not answer in time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from agent import audit, evidence
from agent.answer import Answer, only_no, only_thanks, read_answer, without_disclosure
from agent.consent import waits
from agent.consent.states import State
from agent.consent.waits import CUSTOMER, Wait
from agent.desk import Desk
from agent.evidence import Evidence
from agent.facts import Facts
from agent.ledger import TicketRow
from agent.scope import PERSON, Look, mark
from agent.text import NO_REPLY, is_machine_mail, unquoted
from connectors.contract import Comment, Conversation, Role

MOST_SAID = 2
"""An answer that is neither yes nor no is asked about once more; then a person reads it."""
WORST = (Answer.PERSON, Answer.NO, Answer.OTHER, Answer.UNCLEAR, Answer.YES)
"""Of several messages the first of these counts; where it is a no, a person reads what else they wish."""


def heard(c: Connection, desk: Desk, row: TicketRow, conversation: Conversation, look: Look) -> bool:
    """Takes up what was said, in the caller's transaction; True when the plan goes on with it in another pass."""
    waits.alone(c, row.id)
    found = waits.of_ticket(c, row.id)
    if not any(one.state == "open" for one in found):
        return False
    if look.hands_off and (look.person_at is not None or look.silence != PERSON):
        waits.end(c, [one.id for one in found], "away", desk.now())
        return False
    asked = [one for one in found if one.for_whom == CUSTOMER]
    said = _said(desk, conversation, look.new)
    if asked and said:
        if not _take(c, desk, row, conversation, asked, said, "withdrawn"):
            return False
        if comment := to_be_read(desk, conversation, look.new):
            waits.wrote(c, row.id, comment)
    elif said and (state := _called_off(conversation, said)):
        waits.end(c, [one.id for one in found], state, desk.now())
        _note(c, desk, row, found, {"answer": state, "comments": [comment.id for comment in said]})
        desk.ledger.saw(c, row.id, mark(conversation.entries), is_open=True)
    else:
        late = [] if said else waits.due(c, row.id, desk.now())  # what was written is read before anybody is reminded
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


def heard_before_acting(c: Connection, desk: Desk, row: TicketRow, conversation: Conversation, look: Look,
                        otherwise: State) -> bool:
    """As `heard`, for a plan that is under way; `otherwise` is what a yes becomes that other words take back.

    Nobody can know that such words mean nothing but the question: what a colleague has approved beside it, and was not
    begun, is a person's.
    """
    found = waits.of_ticket(c, row.id)
    asked = [wait for wait in found if wait.for_whom == CUSTOMER and wait.said]
    said = _said(desk, conversation, look.new)
    if not (asked and said and _take(c, desk, row, conversation, asked, said, otherwise)):
        return False
    if not changes_nothing(desk, conversation, look.new):
        about = {wait.position for wait in asked}
        beside = [wait.id for wait in found if wait.state == "given" and wait.position not in about]
        waits.end(c, beside, "anew", desk.now())
    return True


def _called_off(conversation: Conversation, said: Sequence[Comment]) -> State | None:
    """How what a colleague is asked ends with these words of the customer's; None where it goes on.

    They were asked nothing, so only a no that stands alone is one: "No, still nothing has come" asks again.
    """
    if any(_words(conversation, one) is Answer.PERSON for one in said):
        return "person"
    name, colleagues = _name(conversation), _colleagues(conversation)
    return "called_off" if any(only_no(one.text, name, colleagues) for one in said) else None


def to_be_read(desk: Desk, conversation: Conversation, new: Sequence[Comment]) -> str | None:
    """The last of these messages that says more than thanks."""
    said = [one for one in _said(desk, conversation, new) if not _only_thanks(conversation, [one])]
    return said[-1].id if said else None


def changes_nothing(desk: Desk, conversation: Conversation, new: Sequence[Comment]) -> bool:
    """What they wrote is another yes, or thanks."""
    said = _said(desk, conversation, new)
    return bool(said) and (_only_thanks(conversation, said) or _answer(desk, conversation, said) is Answer.YES)


def calls_off(desk: Desk, conversation: Conversation, new: Sequence[Comment]) -> bool:
    """One of these messages is, or may be, a no, or asks for a person, whatever the others are.

    By its words alone: a yes that proves nothing calls nothing off.
    """
    return any(not _only_thanks(conversation, [one])
               and _words(conversation, one) in (Answer.NO, Answer.PERSON, Answer.UNCLEAR)
               for one in _said(desk, conversation, new))


def taken_back(desk: Desk, conversation: Conversation, new: Sequence[Comment]) -> bool:
    """A later one of these messages says no to what an earlier one asks for, or asks for a person."""
    later = _said(desk, conversation, new)[1:]
    return bool(later) and _answer(desk, conversation, later) in (Answer.NO, Answer.PERSON)


def _said(desk: Desk, conversation: Conversation, new: Sequence[Comment]) -> list[Comment]:
    return [comment for comment in new if not _machine(desk, conversation, comment)]


def _take(c: Connection, desk: Desk, row: TicketRow, conversation: Conversation, asked: Sequence[Wait],
          said: Sequence[Comment], otherwise: State) -> bool:
    """What they wrote answers what is asked, or takes back a yes that was not used yet; False: it is planned anew."""
    answer, now = _answer(desk, conversation, said), desk.now()
    open_ = [wait for wait in asked if wait.state == "open"]
    given = [wait.id for wait in asked if wait.state == "given"]
    called_off = answer in (Answer.NO, Answer.PERSON)
    if called_off:
        waits.end(c, given, "declined" if answer is Answer.NO else "person", now)
    elif answer is not Answer.YES and not _only_thanks(conversation, said):
        waits.end(c, given, otherwise, now)
    if not called_off and (answer is Answer.OTHER or not open_):
        return False
    _answered(c, open_, answer, now)
    _note(c, desk, row, asked, {"answer": str(answer), "comments": [comment.id for comment in said]})
    desk.ledger.saw(c, row.id, mark(conversation.entries), is_open=True)
    return True


def _answer(desk: Desk, conversation: Conversation, said: Sequence[Comment]) -> Answer:
    """What all new messages together say.

    A yes counts only from the authenticated address of the requester, and after the last of our questions.
    """
    facts = Facts(conversation=conversation, read_at=conversation.read_at)
    after = {comment.id for comment in _after_ours(conversation)}

    def one(comment: Comment) -> Answer:
        answer = _words(conversation, comment)
        sure = evidence.of_sender(facts, comment, desk.choices.senders_checked)[0] is not Evidence.E0
        return Answer.UNCLEAR if answer is Answer.YES and not (sure and comment.id in after) else answer

    answers = {one(comment) for comment in said}
    return next(answer for answer in WORST if answer in answers)


def _words(conversation: Conversation, comment: Comment) -> Answer:
    """What one message says, whoever sent it."""
    ours = [one.text for entry in conversation.entries if entry.operation for one in entry.comments if one.public]
    return read_answer(comment.text, conversation.ticket.subject, _name(conversation), ours[-1] if ours else "",
                       _colleagues(conversation))


def _name(conversation: Conversation) -> str:
    requester = conversation.requester()
    return requester.name if requester else ""


def _colleagues(conversation: Conversation) -> list[str]:
    """Who may be greeted in an answer: those of ours who are on the ticket."""
    return [user.name for user in conversation.users.values() if user.role is Role.AGENT]


def _only_thanks(conversation: Conversation, said: Sequence[Comment]) -> bool:
    return all(only_thanks(comment.text, _name(conversation), _colleagues(conversation)) for comment in said)


def _after_ours(conversation: Conversation) -> list[Comment]:
    """What was written after our last public words, which may have crossed with it; nothing where somebody else has
    written to the customer since: it may answer them."""
    entries, requester = conversation.entries, conversation.ticket.requester
    spoken = [n for n, entry in enumerate(entries) if any(
        comment.public and (entry.operation or comment.author != requester) for comment in entry.comments)]
    if not spoken or not entries[spoken[-1]].operation:
        return []
    return [comment for entry in entries[spoken[-1] + 1:] for comment in entry.comments]


def _answered(c: Connection, asked: Sequence[Wait], answer: Answer, now: datetime) -> None:
    """A yes is one to all that our latest message asked; what was asked in an earlier one is still waited for.

    What is neither yes nor no is asked about once more, unless it may be an answer to one of several.
    """
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
        elif wait.said < MOST_SAID and len(asked) == 1:
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


def _machine(desk: Desk, conversation: Conversation, comment: Comment) -> bool:
    own = without_disclosure(unquoted(comment.text), desk.choices.replies.disclosure.values())
    made = is_machine_mail(conversation.ticket.subject, own, comment.sender, comment.flags, comment.machine_made)
    return made is not None and made != NO_REPLY  # whoever asks from such an address also says no from there
