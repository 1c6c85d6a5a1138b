"""What was read for a ticket, each with its source and time; read side by side, never guessed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict

from agent.desk import Desk
from agent.patience import patiently
from agent.text import order_number
from connectors.contract import (
    Charge,
    Contact,
    Conversation,
    Dispute,
    Identity,
    PaidInvoice,
    Payer,
    Subscription,
)

T = TypeVar("T")

LONGEST_READ = 20_000
"""Characters searched for an order number."""
MOST_PAYERS = 10
"""More guest checkouts than this under one address are not read one by one; a person looks."""

Match = Literal["by_email", "guest_checkouts", "by_order", "ambiguous", "none"]


class Facts(BaseModel):
    """Everything known about one ticket at one time."""

    model_config = ConfigDict(frozen=True)

    conversation: Conversation
    identities: tuple[Identity, ...] = ()
    order: str | None = None
    match: Match = "none"
    payers: tuple[Payer, ...] = ()
    charges: tuple[Charge, ...] = ()
    invoices: tuple[PaidInvoice, ...] = ()
    disputes: tuple[Dispute, ...] = ()
    """Of the disputed charges among these; read only when there are any."""
    contacts: tuple[Contact, ...] | None = None
    """None: this installation has no CRM."""
    read_at: datetime
    sources: dict[str, datetime] = {}
    """When each source was read, by name: "zendesk ticket", "stripe charges", …"""
    unread: str = ""
    """Why nothing but the ticket could be read, however often it was tried."""

    def contact(self) -> Contact | None:
        """The one contact with the requester's address; None when there is none or more than one."""
        return self.contacts[0] if self.contacts and len(self.contacts) == 1 else None

    def charge(self, id: str) -> Charge | None:
        return next((charge for charge in self.charges if charge.id == id), None)

    def invoice_of(self, charge: Charge) -> PaidInvoice | None:
        names = {charge.id, charge.payment}
        return next((invoice for invoice in self.invoices if names & set(invoice.payments)), None)

    def email(self) -> str | None:
        requester = self.conversation.requester()
        return requester.email if requester else None


def read_facts(desk: Desk, conversation: Conversation) -> Facts:
    """Reads identities, payments and contacts of the ticket's requester. Raises Unavailable when a vendor is away."""
    requester = conversation.requester()
    email = requester.email if requester else None
    order = _order_of(conversation, desk.choices.payments.order_field, desk.choices.payments.order_pattern)
    helpdesk, payments, records = desk.helpdesk(conversation.ticket.ref), desk.payments, desk.records

    spellings = list(dict.fromkeys([email, email.lower()])) if email else []
    first: list[Callable[[], Any]] = [_asking(desk, helpdesk.identities, conversation.ticket.requester)]
    if payments:
        first += [_asking(desk, payments.payers, address) for address in spellings]
    if records and email:
        first.append(_asking(desk, records.contacts, email))
    answers = desk.together(first)
    identities = answers.pop(0)
    contacts = answers.pop() if records and email else (() if records else None)
    found = answers if payments else []
    match, payers = _one_payer(found)

    charges, invoices = _payments_of(desk, payers)
    if payments and match == "none" and order:
        charges = tuple(_asking(desk, payments.charges_marked, desk.choices.payments.order_metadata_key, order)())
        match = "by_order" if charges else "none"
    disputed = [_asking(desk, payments.disputes, one.id) for one in charges if one.disputed] if payments else []
    disputes = tuple(dispute for group in desk.together(disputed) for dispute in group)
    return Facts(conversation=conversation, identities=identities, order=order, match=match, payers=payers,
                 charges=charges, disputes=disputes, invoices=invoices, contacts=contacts, read_at=conversation.read_at,
                 sources=_sources(desk, conversation))


def read_subscriptions(desk: Desk, facts: Facts) -> tuple[Subscription, ...]:
    """The payer's subscriptions; read when a ticket speaks of one, for the colleague who takes over."""
    if desk.payments is None:
        return ()
    found = desk.together([_asking(desk, desk.payments.subscriptions, payer.id) for payer in facts.payers])
    return tuple(one for group in found for one in group)


def _asking(desk: Desk, read: Callable[..., T], *args: str) -> Callable[[], T]:
    return lambda: patiently(lambda: read(*args), desk.sleep)


PAYER = {"by_email": "matched by e-mail only", "guest_checkouts": "several guest checkouts under this address",
         "by_order": "found by the order number only", "ambiguous": "not clear: several customers under this address",
         "none": "not found"}


def words(facts: Facts, subscriptions: tuple[Subscription, ...] = ()) -> str:
    """What was read, for a colleague who takes over."""
    if facts.unread:
        return f"requester {facts.email() or 'without address'}; nothing else: {facts.unread}"
    charges = [f"{c.money} {c.created:%d %b} {c.id}{_gone_back(c)}" for c in facts.charges[:5]]
    parts = [f"requester {facts.email() or 'without address'}", f"payer {PAYER.get(facts.match, 'not clear')}",
             f"charges: {', '.join(charges) if charges else 'none seen'}"]
    parts += [f"dispute {d.id} on {d.charge}: {d.status.replace('_', ' ')}" for d in facts.disputes]
    parts += [f"subscription {s.id}: {s.status}" for s in subscriptions]
    if facts.contacts is not None:
        parts.append(f"CRM contacts: {', '.join(c.name for c in facts.contacts) if facts.contacts else 'none seen'}")
    return "; ".join(parts)


def _gone_back(charge: Charge) -> str:
    """What was refunded, and each refund that has not arrived."""
    parts = [f"refunded {charge.refunded}"] if charge.refunded.amount else []
    parts += [f"refund {one.id} of {one.money} {one.status.replace('_', ' ')}" for one in charge.refunds
              if one.status != "succeeded"]
    return f" ({', '.join(parts)})" if parts else ""


def _sources(desk: Desk, conversation: Conversation) -> dict[str, datetime]:
    now = desk.now()
    read = {f"{desk.helpdesk(conversation.ticket.ref).vendor} ticket": conversation.read_at}
    if desk.payments:
        read[f"{desk.payments.vendor} payments"] = now
    if desk.records:
        read[f"{desk.records.vendor} contacts"] = now
    return read


def _one_payer(found: list[tuple[Payer, ...]]) -> tuple[Match, tuple[Payer, ...]]:
    """Several customer records with exactly one address are one payer; two spellings of it are not."""
    groups = [group for group in found if group]
    payers = tuple({payer.id: payer for group in groups for payer in group}.values())
    if not payers:
        return "none", ()
    if len(groups) > 1 or len(payers) > MOST_PAYERS:
        return "ambiguous", payers[:MOST_PAYERS]
    return ("by_email" if len(payers) == 1 else "guest_checkouts"), payers


def _payments_of(desk: Desk, payers: tuple[Payer, ...]) -> tuple[tuple[Charge, ...], tuple[PaidInvoice, ...]]:
    if not desk.payments or not payers:
        return (), ()
    reads: list[Callable[[], Any]] = [_asking(desk, desk.payments.charges, payer.id) for payer in payers]
    reads += [_asking(desk, desk.payments.invoices, payer.id) for payer in payers]
    answers = desk.together(reads)
    half = len(payers)
    charges = [charge for group in answers[:half] for charge in group]
    charges.sort(key=lambda charge: charge.created, reverse=True)
    return tuple(charges), tuple(invoice for group in answers[half:] for invoice in group)


def _order_of(conversation: Conversation, field: str | None, pattern: str | None) -> str | None:
    """The order number from the admin-named ticket field, else by the admin's pattern in the customer's words."""
    if field and (value := conversation.ticket.fields.get(field)):
        return value.strip() or None
    if not pattern:
        return None
    said = [c.text for c in conversation.comments() if c.author == conversation.ticket.requester]
    return order_number("\n".join([conversation.ticket.subject, *said])[:LONGEST_READ], pattern)
