"""How sure we are who is asking, by a table: E0 a claim in text, E1 an authenticated sender, E2 known to the vendor."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from enum import StrEnum

from agent.facts import Facts
from connectors.contract import Charge, Comment, Contact, Role

UNCHANGED = timedelta(days=30)
"""A contact's address younger than this is no evidence for changing the record."""


class Evidence(StrEnum):
    E0 = "E0"
    E1 = "E1"
    E2 = "E2"
    E3 = "E3"
    E4 = "E4"


WHY = {
    "no address": "the requester has no e-mail address in the helpdesk",
    "not mail": "the message did not come by e-mail, so nothing shows who wrote it",
    "senders not authenticated": "no admin has attested that the helpdesk authenticates senders",
    "requester changed": "the ticket's requester was changed to someone else",
    "flagged": "the helpdesk flagged the message",
    "not the requester": "the message is not by the requester, or came from another address",
    "authenticated sender": "an authenticated mail from the address on file",
    "same address paid": "an authenticated mail from the address that the charge itself names",
    "same address in the CRM": "an authenticated mail from the contact's address, unchanged for 30 days",
}


def of_sender(facts: Facts, comment: Comment, checked: frozenset[str]) -> tuple[Evidence, str]:
    """E0 or E1, with the name of the reason in WHY; `checked`: the helpdesks that authenticate senders, by vendor."""
    requester = facts.conversation.requester()
    if not requester or not requester.email:
        return Evidence.E0, "no address"
    if comment.channel != "email":
        return Evidence.E0, "not mail"
    if comment.flags or comment.trusted is False:
        return Evidence.E0, "flagged"
    if _requester_changed(facts):
        return Evidence.E0, "requester changed"
    if comment.author != requester.id or requester.role is not Role.CUSTOMER:
        return Evidence.E0, "not the requester"
    if not comment.sender or comment.sender.lower() != requester.email.lower():
        return Evidence.E0, "not the requester"
    if facts.conversation.ticket.vendor() not in checked:
        return Evidence.E0, "senders not authenticated"
    return Evidence.E1, "authenticated sender"


def weakest(facts: Facts, comments: Iterable[Comment], checked: frozenset[str]) -> tuple[Evidence, str]:
    """Of several messages the least, as `of_sender` gives it; E0 of none."""
    return min((of_sender(facts, one, checked) for one in comments), key=lambda found: found[0],
               default=(Evidence.E0, "not the requester"))


def _requester_changed(facts: Facts) -> bool:
    return any(change.field == "requester_id" and change.before is not None
               for entry in facts.conversation.entries for change in entry.changes)


def for_refund(facts: Facts, charge: Charge, sender: tuple[Evidence, str]) -> tuple[Evidence, str]:
    """E2 when the charge was paid under the requester's address and no CRM record disagrees."""
    if sender[0] is not Evidence.E1 or crm_match(facts) == "mismatch":
        return sender
    email = (facts.email() or "").lower()
    named = {address.lower() for address in (charge.billing_email, charge.receipt_email) if address}
    if named and named == {email}:
        return Evidence.E2, "same address paid"
    return sender


def for_contact(facts: Facts, contact: Contact, sender: tuple[Evidence, str]) -> tuple[Evidence, str]:
    """E2 when the contact's own address is the requester's and has not changed of late, as far as history tells."""
    email = (facts.email() or "").lower()
    if sender[0] is not Evidence.E1 or (contact.email or "").lower() != email:
        return sender
    if _changed_of_late(facts, contact):
        return sender
    return Evidence.E2, "same address in the CRM"


def address_changed(facts: Facts) -> bool:
    """A contact with the requester's address has had it for less than 30 days, as far as history tells."""
    return any(_changed_of_late(facts, contact) for contact in facts.contacts or ())


def _changed_of_late(facts: Facts, contact: Contact) -> bool:
    return contact.email_changed_at is not None and facts.read_at - contact.email_changed_at < UNCHANGED


def crm_match(facts: Facts) -> str | None:
    """match, mismatch or none; None (unknown) where there is no CRM to ask.

    Several contacts under one address in different accounts disagree about who this is.
    """
    if facts.contacts is None:
        return "none"
    if not facts.contacts:
        return "none"
    if len(facts.contacts) == 1:
        return "match"
    return "mismatch"
