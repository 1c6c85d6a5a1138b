"""Shows a ticket to a planner: what was read, behind handles, with card numbers masked and quotes cut off."""

from __future__ import annotations

from agent.facts import Facts
from agent.masking import mask_cards
from agent.methods import ACCOUNTS, BRANDS, NAMES, is_card
from agent.own_words import words_of
from agent.proposal import Case, SeenCharge, SeenContact, SeenMessage, SeenRefund, Who
from agent.scope import by_requester, subject
from connectors.contract import Charge, Comment, Contact, ContactField, Conversation, Entry, Method, Money, Role

MOST_CHARGES = 20
MOST_MESSAGES = 12
LONGEST_MESSAGE = 4_000
"""Characters of one message shown to a planner; what is longer is cut, and the planner is told."""

Handles = dict[str, str]
"""Handle → the vendor's id of the record it stands for."""


def show(facts: Facts, new: tuple[Comment, ...], order_key: str) -> tuple[Case, Handles]:
    """The case for a planner, and what its handles mean."""
    charges = sorted(facts.charges, key=lambda c: (c.created, c.id))[-MOST_CHARGES:]
    contacts = facts.contacts if facts.contacts and len(facts.contacts) == 1 else ()
    handles = {f"c{n}": charge.id for n, charge in enumerate(charges, 1)}
    handles |= {f"k{n}": contact.id for n, contact in enumerate(contacts, 1)}
    case = Case(
        subject=subject(facts.conversation)[:500],
        messages=_messages(facts, {comment.id for comment in new}),
        charges=tuple(_charge(f"c{n}", charge, order_key) for n, charge in enumerate(charges, 1)),
        contacts=tuple(_contact(f"k{n}", contact) for n, contact in enumerate(contacts, 1)),
        order=facts.order,
        today=facts.read_at,
    )
    return case, handles


def without_cards(conversation: Conversation) -> Conversation:
    """The conversation with every pasted card number and security code masked: nothing else is kept or shown."""
    entries = tuple(entry.model_copy(update={"comments": tuple(
        comment.model_copy(update={"text": mask_cards(comment.text)}) for comment in entry.comments)})
        if entry.comments else entry for entry in conversation.entries)
    ticket = conversation.ticket.model_copy(update={"subject": mask_cards(conversation.ticket.subject)})
    users = {id: user.model_copy(update={"name": mask_cards(user.name)}) for id, user in conversation.users.items()}
    return conversation.model_copy(update={"ticket": ticket, "entries": entries, "users": users})


def _messages(facts: Facts, new: set[str]) -> tuple[SeenMessage, ...]:
    seen = [_message(facts, entry, comment, comment.id in new)
            for entry in facts.conversation.entries for comment in entry.comments if comment.public]
    return tuple(seen[-MOST_MESSAGES:])


def _message(facts: Facts, entry: Entry, comment: Comment, new: bool) -> SeenMessage:
    text = words_of(comment, facts.conversation)
    if len(text) > LONGEST_MESSAGE:
        text = text[:LONGEST_MESSAGE] + " [cut]"
    return SeenMessage(who=_who(facts.conversation, entry, comment), at=entry.at, text=text, new=new)


def _who(conversation: Conversation, entry: Entry, comment: Comment) -> Who:
    if entry.operation:
        return "us"
    if by_requester(comment, conversation.ticket.requester):
        return "customer"
    author = conversation.users.get(comment.author)
    return "someone else" if author is not None and author.role is Role.CUSTOMER else "colleague"


def _charge(handle: str, charge: Charge, order_key: str) -> SeenCharge:
    return SeenCharge(
        handle=handle, amount=_amount(charge.money), refundable=_amount(charge.left()),
        currency=charge.money.currency, on=charge.created, paid_with=paid_with(charge.method),
        description=_seen((charge.description or "")[:200] or None),
        order=_seen(charge.metadata.get(order_key)), status=charge.status,
        refunds=tuple(SeenRefund(amount=_amount(r.money), status=r.status, on=r.created) for r in charge.refunds),
    )


def _amount(money: Money) -> str:
    """In the currency's own units; what is not counted is proposed by nobody and shown in minor ones."""
    return str(money.decimal() if money.counted else money.amount)


def paid_with(method: Method) -> str:
    """For a colleague: "Visa ending in 4242", "SEPA bank account ending in 3000", or the name of the service."""
    name = _method_name(method)
    return f"{name} ending in {method.last4}" if method.last4 else name


def _method_name(method: Method) -> str:
    if is_card(method):
        brand = method.brand or "unknown"
        return BRANDS.get(brand, "card" if brand == "unknown" else brand.replace("_", " "))
    if scheme := ACCOUNTS.get(method.kind):
        return f"{scheme} bank account"
    return NAMES.get(method.kind, method.kind.replace("_", " "))


def _contact(handle: str, contact: Contact) -> SeenContact:
    phone, mobile = (contact.values.get(f) for f in (ContactField.PHONE, ContactField.MOBILE))
    return SeenContact(handle=handle, name=mask_cards(contact.name), phone=_seen(phone), mobile=_seen(mobile))


def _seen(value: str | bool | None) -> str | None:
    return mask_cards(value) if isinstance(value, str) else None
