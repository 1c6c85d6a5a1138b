"""Which tickets are ours, what is new on them, and when to keep silent."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from agent.desk import Scope
from agent.policy.facts import fold
from connectors.contract import Change, Comment, Conversation, Entry, Role, Ticket

PERSON = "a person is on it"
LATE = timedelta(minutes=10)
"""A helpdesk may show a record so long after the time it bears: until then its transaction had not ended."""


BESIDE = "|"
"""Parts the last entry of a mark from those beside it; without it nothing is known of those."""


@dataclass(frozen=True)
class Look:
    """What a look at a ticket found: either a named reason for silence, or the customer's new messages."""

    silence: str | None
    new: tuple[Comment, ...] = ()
    hands_off: bool = False
    """The ticket is not ours, or a person is on it: what was not begun is not begun any more."""
    person_at: datetime | None = None
    """When a person last answered in public or changed the status; taking the ticket alone is not yet working on it."""

    @property
    def unread(self) -> bool:
        """The ticket is not ours, or nobody's whom we serve: what is written on it is read once that has changed."""
        return self.hands_off and self.silence != PERSON


def look(conversation: Conversation, scope: Scope, seen: str | None, given_back: str | None = None,
         taken_at: datetime | None = None) -> Look:
    """Says whether the ticket is ours and what the customer wrote since it was `seen` (None: never looked).

    What people did up to the entry `given_back` does not count: they gave the ticket back. `taken_at` is when a
    colleague took it over by the button, and has not given it back.
    """
    if reason := not_ours(conversation.ticket, scope):
        return Look(reason, hands_off=True)
    requester = conversation.requester()
    if requester is None or requester.suspended or not requester.active:
        return Look("the requester is suspended or gone", hands_off=True)
    if requester.role is not Role.CUSTOMER:
        return Look("the requester is a colleague", hands_off=True)
    news = since(conversation.entries, seen)
    if taken_at is not None:
        return Look(PERSON, _asked(news, requester.id), hands_off=True, person_at=taken_at)
    later = since(news, given_back) if given_back else news
    if any(person_acted(entry, conversation) for entry in later):
        worked = [entry.at for entry in later if _worked(entry, conversation)]
        return Look(PERSON, _asked(news, requester.id), hands_off=True, person_at=max(worked, default=None))
    comments = [comment for entry in news if not entry.operation for comment in entry.comments]
    asked = _asked(news, requester.id)
    return Look(None, asked) if asked else Look(_nothing_new(news, comments))


def _asked(news: tuple[Entry, ...], requester: str) -> tuple[Comment, ...]:
    return tuple(comment for entry in news if not entry.operation for comment in entry.comments
                 if by_requester(comment, requester))


def by_requester(comment: Comment, requester: str) -> bool:
    """The requester wrote it, in public: nobody else's words, and no machine's, ask for anything."""
    return comment.author == requester and comment.public and not comment.machine_made


def asked_until(conversation: Conversation, new: Collection[Comment]) -> tuple[Comment, ...]:
    """All that the requester wrote up to the last of these, and these: what a plan for them may be read from."""
    ids = {comment.id for comment in new}
    written = [comment for entry in conversation.entries if not entry.operation for comment in entry.comments]
    last = max((at for at, comment in enumerate(written) if comment.id in ids), default=-1)
    earlier = (comment for comment in written[:last + 1] if comment.id not in ids)
    return (*(one for one in earlier if by_requester(one, conversation.ticket.requester)), *new)


def since_a_colleague(conversation: Conversation, new: Collection[Comment],
                      given_back: str | None) -> tuple[Comment, ...] | None:
    """What the requester wrote after a colleague last worked on the ticket or took it, up to the last of these, and
    these; None where no colleague did before that, or gave it back since."""
    ids = {comment.id for comment in new}
    entries = since(conversation.entries, given_back) if given_back else conversation.entries
    last = max((n for n, entry in enumerate(entries) if any(one.id in ids for one in entry.comments)),
               default=len(entries))
    acted = max((n for n, entry in enumerate(entries[:last]) if person_acted(entry, conversation)), default=None)
    if acted is None:
        return None
    later = {comment.id for entry in entries[acted + 1:] for comment in entry.comments} | ids
    return tuple(comment for comment in asked_until(conversation, new) if comment.id in later)


def subject(conversation: Conversation) -> str:
    """What the ticket is about; "" where somebody else than the requester or a colleague opened it."""
    first = next(iter(conversation.comments()), None)
    author = conversation.users.get(first.author) if first else None
    others = author is not None and author.role is Role.CUSTOMER and author.id != conversation.ticket.requester
    return "" if others else conversation.ticket.subject


def written_since(conversation: Conversation, moment: datetime) -> tuple[Comment, ...]:
    """What the customer wrote at that moment or later, looked at or not."""
    later = tuple(entry for entry in conversation.entries if entry.at >= moment)
    return _asked(later, conversation.ticket.requester)


def person_since(conversation: Conversation, moment: datetime, given_back: str | None,
                 taken_at: datetime | None) -> bool:
    """Whether a colleague took or worked on the ticket after that moment, or in its second, which is all that helpdesks
    tell, and has not given it back."""
    entries = since(conversation.entries, given_back) if given_back else conversation.entries
    return bool(taken_at and taken_at > moment) or any(
        entry.at >= moment.replace(microsecond=0) and person_acted(entry, conversation) for entry in entries)


def not_ours(ticket: Ticket, scope: Scope) -> str | None:
    """The name of the reason, or None when the ticket is ours."""
    if ticket.merged:
        return "merged"
    if ticket.status in ("closed", "deleted"):
        return ticket.status
    if ticket.side_conversation:
        return "side conversation"
    wanted = [("brand", scope.brands, ticket.brand), ("form", scope.forms, ticket.form),
              ("group", scope.groups, ticket.group), ("channel", scope.channels, ticket.channel)]
    for name, allowed, has in wanted:
        if allowed and has not in allowed:
            return f"out of scope by {name}"
    wrong = (scope.tags and not tagged(ticket.tags, scope.tags)) or tagged(ticket.tags, scope.without_tags)
    return "out of scope by tags" if wrong else None


def tagged(tags: Iterable[str], wanted: Iterable[str]) -> bool:
    """Whether one of the wanted tags is there, compared as the policy compares tags: Zendesk keeps them in small
    letters, whatever an admin writes."""
    return not {fold(tag) for tag in tags}.isdisjoint(fold(tag) for tag in wanted)


def mark(entries: tuple[Entry, ...]) -> str | None:
    """What was looked at: the last entry, beside it those of the minutes before, by which a later look knows what was
    not to be seen yet, and its time, by which that look goes on where the entry is gone."""
    if not entries:
        return None
    last = entries[-1]
    beside = (entry.id for entry in entries[:-1] if last.at - entry.at <= LATE)
    return BESIDE.join((last.id, " ".join(beside), last.at.isoformat()))


def last_of(seen: str) -> str:
    """The last entry that was looked at."""
    return seen.partition(BESIDE)[0]


def was_seen(id: str, seen: str | None) -> bool:
    """The mark names this entry: of the last ten minutes before it, it names every one."""
    last, *told = (seen or "").split(BESIDE)
    return id == last or (bool(told) and id in told[0].split())


def since(entries: tuple[Entry, ...], seen: str | None) -> tuple[Entry, ...]:
    """The entries after the one already looked at, and what came to light late before it; where that one is gone, those
    after its time, or else after the last that is known; all when nothing of it is known."""
    last, *told = (seen or "").split(BESIDE)
    known = {last, *(told[0].split() if told else ())}
    places = [index for index, entry in enumerate(entries) if entry.id in known]
    if told[1:] and not any(entry.id == last for entry in entries):
        at = datetime.fromisoformat(told[1])
        place = sum(entry.at <= at for entry in entries)
    elif places:
        at, place = entries[places[-1]].at, places[-1] + 1
    else:
        return entries
    late = [entry for entry in entries[:place] if at - entry.at <= LATE and entry.id not in known] if told else []
    return (*late, *entries[place:])


def person_acted(entry: Entry, conversation: Conversation) -> bool:
    """A colleague answered in public, changed the status or took the ticket; rules and our own updates do not count."""
    author = conversation.users.get(entry.author)
    if entry.operation or author is None or author.role is not Role.AGENT:
        return False
    answered = any(c.public and c.author == entry.author for c in entry.comments)
    return answered or any(_by_hand(change, entry) for change in entry.changes)


def _worked(entry: Entry, conversation: Conversation) -> bool:
    """More than taking the ticket, which also opens a new one: a public answer, or a status that is not open."""
    if not person_acted(entry, conversation):
        return False
    status = [change.value for change in entry.changes if change.field == "status" and not change.by_rule]
    other = [change for change in entry.changes if change.field == "custom_status_id" and _by_hand(change, entry)]
    return any(c.public for c in entry.comments) or (any(one != "open" for one in status) if status else bool(other))


def _by_hand(change: Change, entry: Entry) -> bool:
    if change.by_rule:
        return False
    if change.field == "assignee_id":
        return change.value == entry.author
    return change.field in ("status", "custom_status_id") and change.before is not None


def _nothing_new(news: tuple[Entry, ...], comments: list[Comment]) -> str:
    if any(c.machine_made for c in comments):
        return "machine-made mail"
    if any(not c.public for c in comments):
        return "internal note"
    if comments:
        return "written by somebody else"
    if any(entry.operation for entry in news):
        return "our own update"
    return "no new message"
