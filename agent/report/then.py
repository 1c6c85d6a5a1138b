"""A past ticket and its payments as they stood when the customer had written and nobody had answered yet."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from agent import scope
from agent.facts import Facts
from connectors.contract import (
    Change,
    Charge,
    Comment,
    Contact,
    Conversation,
    Dispute,
    Entry,
    Money,
    Role,
    Ticket,
)

TOGETHER = timedelta(minutes=2)
"""Messages of a customer that follow within this are read together, as a pass would find them."""

TEXTS = {"subject": "subject", "status": "status", "requester_id": "requester"}
MAY_BE_EMPTY = {"brand_id": "brand", "ticket_form_id": "form", "group_id": "group", "assignee_id": "assignee",
                "priority": "priority"}
"""The helpdesk's words for what can change → ours."""


@dataclass(frozen=True)
class Moment:
    """Just after the customer wrote, and before anybody answered."""

    conversation: Conversation
    """As it stood then, also the ticket's status, tags and people."""
    seen: str | None
    """The entry up to which a pass had looked before."""

    @property
    def at(self) -> datetime:
        return self.conversation.read_at


def moments(conversation: Conversation, since: datetime, until: datetime) -> list[Moment]:
    """Every time within the period at which the customer had written, oldest first."""
    found, entries, n = [], conversation.entries, 0
    while n < len(entries):
        end = _last_together(conversation, n)
        if end is None:
            n += 1
            continue
        if since <= entries[end].at < until:
            found.append(Moment(as_it_stood(conversation, end + 1), entries[n - 1].id if n else None))
        n = end + 1
    return found


def _last_together(conversation: Conversation, begin: int) -> int | None:
    """Where the customer's messages that begin here end; None when none begins here."""
    entries = conversation.entries
    if not _customer_wrote(entries[begin], conversation):
        return None
    end = begin
    for n in range(begin + 1, len(entries)):
        answered = bool(entries[n].operation) or scope.person_acted(entries[n], conversation)
        if answered or entries[n].at - entries[begin].at > TOGETHER:
            break
        if _customer_wrote(entries[n], conversation):
            end = n
    return end


def _customer_wrote(entry: Entry, conversation: Conversation) -> bool:
    authors = [conversation.users.get(comment.author) for comment in entry.comments if comment.public]
    return not entry.operation and any(author and author.role is Role.CUSTOMER for author in authors)


def as_it_stood(conversation: Conversation, upto: int) -> Conversation:
    """After its first `upto` entries."""
    kept, later = conversation.entries[:upto], conversation.entries[upto:]
    ticket = _rewound(conversation.ticket, [change for entry in later for change in entry.changes])
    at = kept[-1].at if kept else ticket.created_at
    return conversation.model_copy(update={
        "ticket": ticket.model_copy(update={"updated_at": at}), "entries": kept, "read_at": at})


def _rewound(ticket: Ticket, changes: list[Change]) -> Ticket:
    """The ticket before these changes."""
    fields, before = dict(ticket.fields), dict[str, Any]()
    for change in reversed(changes):
        if change.field in TEXTS and change.before is not None:
            before[TEXTS[change.field]] = change.before
        elif change.field in MAY_BE_EMPTY:
            before[MAY_BE_EMPTY[change.field]] = change.before
        elif change.field == "tags":
            before["tags"] = tuple((change.before or "").split())
        elif change.field in fields:
            fields[change.field] = change.before
    merged = ticket.merged and before.get("status", ticket.status) == "closed"
    return ticket.model_copy(update={**before, "fields": fields, "merged": merged})


def open_at(conversation: Conversation, moment: datetime) -> bool:
    """Whether the ticket was neither solved nor closed then."""
    upto = sum(entry.at <= moment for entry in conversation.entries)
    return as_it_stood(conversation, upto).ticket.status not in ("solved", "closed", "deleted")


def facts_then(facts: Facts, new: Iterable[Comment]) -> Facts:
    """What was read now, as it stood when the conversation ends with the customer's new messages."""
    at, asked = facts.conversation.read_at, "\n".join(comment.text for comment in new)
    charges = tuple(charge_then(one, facts.disputes, at) for one in facts.charges if one.created <= at)
    disputes = tuple(one for one in facts.disputes if one.created is None or one.created <= at)
    contacts = facts.contacts and tuple(contact_then(one, asked, at) for one in facts.contacts)
    return facts.model_copy(update={"charges": charges, "disputes": disputes, "contacts": contacts})


def contact_then(contact: Contact, asked: str, at: datetime) -> Contact:
    """A contact changed since is taken not to have held what the customer's message gives; else it stands as it is."""
    if contact.modified_at is not None and contact.modified_at < at:
        return contact
    return contact.model_copy(update={"values": {
        name: None if value is None or isinstance(value, bool) or _stands_in(value, asked) else value
        for name, value in contact.values.items()}})


def _stands_in(value: str, text: str) -> bool:
    digits = re.sub(r"\D", "", value)
    if len(digits) >= 6:
        return digits[-9:] in re.sub(r"\D", "", text)
    return value.casefold() in text.casefold()


def charge_then(charge: Charge, disputes: Iterable[Dispute], at: datetime) -> Charge:
    """Without the refunds and disputes that came later."""
    later = [one for one in charge.refunds if one.created >= at]
    back = sum(one.money.amount for one in later if one.stands)
    refunded = Money(amount=max(0, charge.refunded.amount - back), currency=charge.refunded.currency)
    opened = [one.created for one in disputes if one.charge == charge.id]
    disputed = charge.disputed and (not opened or any(one is None or one <= at for one in opened))
    kept = tuple(one for one in charge.refunds if one.created < at)
    return charge.model_copy(update={"refunds": kept, "refunded": refunded, "disputed": disputed})
