"""Turns a proposal into typed actions on records that were really read, with the facts the policy decides on."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ConfigDict

from agent import claims, evidence, mailings
from agent.case import Handles, paid_with
from agent.claims import Proof
from agent.desk import Choices
from agent.evidence import Evidence
from agent.facts import Facts
from agent.own_words import words_of
from agent.parcels import of_a_parcel
from agent.planner.rules import Reading, read
from agent.planner.rules.amounts import Amount, amounts
from agent.policy.facts import CONTACT_DETAILS, ContactDetail
from agent.proposal import Claim, Proposal, ProposedContactChange, ProposedRefund, ProposedStatusAnswer
from agent.scope import asked_until, since_a_colleague, subject, tagged
from connectors.contract import (
    ActionBase,
    Charge,
    Comment,
    Contact,
    ContactChange,
    ContactField,
    Money,
    PaidRefund,
    Refund,
    flagged,
)

LONGEST_VALUE = {ContactField.STREET: 255, ContactField.EMAIL: 80, ContactField.LAST_NAME: 80}
LONGEST_BEGINNING = 160
LONGEST_READ = 20_000
"""Characters of the customer's that are searched for orders and amounts."""
UNWRITABLE = re.compile(r"[<>{}\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]|://")
"""What no detail of a person holds: markup, addresses of pages, and characters that nobody sees."""
DIRECTION = re.compile(r"[\u200e\u200f\u202a-\u202d\u2066-\u2069]")
"""What telephones and address books put around a number or a name that is copied from them. Without them it is the
same; U+202E is not among them, which shows what is written backwards."""
WITH_SEPARATORS = re.compile(r"\d[\d \t\u00a0\u202f()./\u2010-\u2013-]*")
"""A number as telephone numbers are written, in one go."""
PLAIN_AMOUNT = re.compile(r"-?[0-9]{1,16}(\.[0-9]{1,4})?")
"""Not 1e3, 1_800 or another script's digits, which a decimal number may be written with, too."""
UNREAD = "what the requester paid and what is kept of them could not be read: "
SEEN_TO = "a colleague has worked on this ticket, and what the customer wrote since asks for no refund by itself"
NO_PAYMENT = "no payment of this customer that was read fits the request"
WHICH_REFUND = "the customer asks where the money is, and it is not clear which payment is meant"
NOT_ARRIVED = {"failed": ("failed", "not_arrived"), "canceled": ("was cancelled", "not_arrived"),
               "requires_action": ("waits for the customer's bank details", "bank_details")}
"""How a refund stands that the customer does not have, and the cause by a name; by its status."""


class Summary(BaseModel):
    """What a note says of an ask; kept with the plan."""

    model_config = ConfigDict(frozen=True)

    kind: str
    words: str
    quote: str
    claim: Claim | None
    proof: Proof
    evidence: Evidence
    evidence_why: str
    changes_something: bool


class Found(BaseModel):
    """What an ask was matched to that Deskhand can do nothing about; kept with the plan."""

    model_config = ConfigDict(frozen=True)

    ask: Summary
    charge: str
    cause: str
    """Why it stops there, by a name: what a colleague does next follows from it."""


class Ungrounded(Exception):
    """The proposal names something that was not read, or cannot be; the message says what, for a colleague."""

    def __init__(self, why: str, found: Found | None = None) -> None:
        super().__init__(why)
        self.found = found


@dataclass(frozen=True)
class Ask:
    """One thing the customer asks for, resolved: what would be done, why, and the facts to decide on."""

    kind: str
    words: str
    """What it is, for a colleague: "refund USD 18.00 of charge ch_1 (visa ending in 4242)"."""
    quote: str
    action: ActionBase | None
    """None for an answer that changes nothing."""
    proof: Proof
    claim: Claim | None
    evidence: Evidence
    evidence_why: str
    facts: dict[str, Any] = field(default_factory=dict)
    charge: Charge | None = None
    contact: Contact | None = None

    def summary(self) -> Summary:
        return Summary(kind=self.kind, words=self.words, quote=self.quote, claim=self.claim, proof=self.proof,
                       evidence=self.evidence, evidence_why=self.evidence_why,
                       changes_something=self.action is not None)

    def of_a_part(self) -> bool:
        """Less than is left of the charge, so that the same may be asked for twice."""
        return isinstance(self.action, Refund) and self.charge is not None and (
            self.action.money.amount < self.charge.left().amount)

    def identity(self) -> list[Any]:
        """What makes two asks the same ask."""
        done = self.action.model_dump(mode="json") if self.action else [self.kind, self.charge and self.charge.id]
        return [done, self.claim]


def ground(proposal: Proposal, handles: Handles, facts: Facts, new: tuple[Comment, ...], planner: str,
           choices: Choices, given_back: str | None = None) -> list[Ask | Ungrounded]:
    """For each thing proposed, in a fixed order: the ask that stands on what was read, or why there is none.

    Up to the entry `given_back` what colleagues did does not count, as in `scope.look`.
    """
    if facts.unread:
        return [Ungrounded(UNREAD + facts.unread) for _ in _merged(proposal)]
    grounding = _Grounding(proposal, handles, facts, new, planner, choices, given_back)
    return [grounding.ask_or_why(proposed) for proposed in _merged(proposal)]


Proposed = ProposedRefund | ProposedStatusAnswer | list[ProposedContactChange]


def _merged(proposal: Proposal) -> list[Proposed]:
    """Changes of one contact and one kind (street, city, …) are one ask; anything else stands alone."""
    merged: list[Proposed] = []
    changes: dict[tuple[str, str], list[ProposedContactChange]] = {}
    for action in proposal.actions:
        if not isinstance(action, ProposedContactChange):
            merged.append(action)
            continue
        place = (action.contact, str(CONTACT_DETAILS[action.field]))
        if place not in changes:
            merged.append(changes.setdefault(place, []))
        changes[place].append(action)
    return merged


class _Grounding:
    def __init__(self, proposal: Proposal, handles: Handles, facts: Facts, new: tuple[Comment, ...], planner: str,
                 choices: Choices, given_back: str | None) -> None:
        self.proposal, self.handles, self.facts, self.choices = proposal, handles, facts, choices
        self.new, self.given_back = new, given_back
        self.sender = evidence.weakest(facts, new, choices.senders_checked)
        self.asked = asked_until(facts.conversation, new)
        self.text = "\n".join([facts.conversation.ticket.subject, *(comment.text for comment in new)])
        self.new_words = [words_of(comment, facts.conversation) for comment in new]
        self.subject = subject(facts.conversation)
        opening = next(iter(facts.conversation.comments()), None)
        self.own = [*self.new_words, "" if opening in self.asked and opening not in new else self.subject]
        refunds = [a for a in proposal.actions if isinstance(a, ProposedRefund)]
        changes = [a for a in proposal.actions if isinstance(a, ProposedContactChange)]
        ticket = facts.conversation.ticket
        self.common: dict[str, Any] = {
            "signals": frozenset(str(s) for s in proposal.signals),
            "channel": _known(ticket.channel, {"email", "web", "api", "chat", "phone", "social"}),
            "brand": ticket.brand or "none",
            "tags": frozenset(ticket.tags),
            "category": str(proposal.category),
            "planner": planner,
            "planner_confidence": str(proposal.confidence),
            "several_asks": len(_merged(proposal)) + len(proposal.uncovered) > 1,
            "order_mentioned": bool(facts.order) or of_a_parcel(self.text[:LONGEST_READ]),
            "crm_match": evidence.crm_match(facts),
            "recent_contact_change": bool(refunds and changes) or evidence.address_changed(facts),
        }
        language = proposal.language.split("-")[0].lower()
        if len(language) == 2:
            self.common["language"] = language
        if (flags := self._flags()) is not None:
            self.common["flags"] = flags

    def ask_or_why(self, proposed: Proposed) -> Ask | Ungrounded:
        try:
            return self.ask(proposed)
        except Ungrounded as why:
            return why

    def ask(self, proposed: Proposed) -> Ask:
        if isinstance(proposed, ProposedRefund):
            return self._refund(proposed)
        if isinstance(proposed, ProposedStatusAnswer):
            return self._status(proposed)
        return self._contact_change(proposed)

    def _sender(self, by_itself: Callable[[Reading], object]) -> tuple[Evidence, str]:
        """Of the new messages where they ask for it by themselves; else the least of all that it may be read from."""
        whole = evidence.weakest(self.facts, self.asked, self.choices.senders_checked)
        if whole[0] >= self.sender[0] or by_itself(read("\n\n".join(self.new_words))):
            return self.sender
        return whole

    def _quote(self, quote: str) -> str:
        """The customer's own words: those proposed where they wrote them, else how their new message begins."""
        words = _plain(quote)
        written = (words_of(comment, self.facts.conversation) for comment in self.asked)
        if words and any(words in _plain(text) for text in (*self.own, self.subject, *written)):
            return quote
        return " ".join(self.own[0].split())[:LONGEST_BEGINNING]

    def _asked_of_us(self) -> bool:
        """What they asked for before a colleague worked on the ticket is that colleague's, who may have paid it."""
        since = since_a_colleague(self.facts.conversation, self.new, self.given_back)
        if since is None:
            return True
        return read("\n\n".join(words_of(comment, self.facts.conversation) for comment in since)).asks_refund

    def _refund(self, proposed: ProposedRefund) -> Ask:
        if not self._asked_of_us():
            raise Ungrounded(SEEN_TO)
        charge = _counted(self._charge(proposed.charge))
        money = self._amount(proposed, charge)
        proof = claims.unproven(proposed.claim)
        if proposed.claim is Claim.DUPLICATE:
            proof = claims.duplicate(self.facts, charge, self.choices.payments)
            if proof.proven and money != charge.captured:
                proof = Proof(proven=False, words="only a part of the repeated charge is asked for")
        if not proof.rests_on:
            proof = proof.model_copy(update={"rests_on": (charge.id,)})
        level, why = evidence.for_refund(self.facts, charge, self._sender(lambda new: new.asks_refund))
        action = Refund(charge=charge.id, money=money,
                        reason="duplicate" if proposed.claim is Claim.DUPLICATE else "requested_by_customer")
        facts = {
            **self.common, **self._charge_facts(charge), "currency": money.currency, "amount": money.amount,
            "claim": str(proposed.claim), "evidence": str(level),
            "exceeds_remaining": money.amount > charge.left().amount,
        }
        if proof.proven is not None:
            facts["claim_proven"] = proof.proven
        return Ask("refund", f"refund {money} of charge {charge.id} ({paid_with(charge.method)}, "
                             f"{charge.created:%d %b %Y})", self._quote(proposed.quote), action, proof, proposed.claim,
                   level, why, facts, charge=charge, contact=self.facts.contact())

    def _charge(self, handle: str) -> Charge:
        charge = self.facts.charge(self.handles.get(handle, ""))
        if charge is None:
            raise Ungrounded(NO_PAYMENT)
        return charge

    def _amount(self, proposed: ProposedRefund, charge: Charge) -> Money:
        named = amounts("\n".join(self.own)[:LONGEST_READ])
        self._same_currency(proposed.currency, named, charge)
        if proposed.amount is None:
            left = charge.left()
            return left if left.amount > 0 else charge.captured if charge.captured.amount > 0 else charge.money
        if not PLAIN_AMOUNT.fullmatch(proposed.amount):
            raise Ungrounded("the amount asked for cannot be read: it is not written in plain digits")
        try:
            money = Money.of(proposed.amount, charge.money.currency)
        except ValueError as error:
            raise Ungrounded(f"the amount asked for cannot be read: {error}") from error
        if money.amount <= 0:
            raise Ungrounded(f"the amount asked for, {money}, is not above zero")
        same = [one for one in named if one.value == money.decimal()]
        if same and not any(one.fits(money.currency) for one in same):
            raise Ungrounded(f"the customer names the amount in another currency than {money.currency}, in which "
                             f"{charge.id} was paid")
        return money

    def _same_currency(self, code: str | None, named: list[Amount], charge: Charge) -> None:
        """Raises Ungrounded for a code that is not the charge's, unless the customer's own sign stands for both."""
        paid = charge.money.currency
        if code is None or code.upper() == paid or any({code.upper(), paid} <= one.currencies for one in named):
            return
        raise Ungrounded(f"the customer asks for {code.upper()}, in which {charge.id} was not paid")

    def _charge_facts(self, charge: Charge) -> dict[str, Any]:
        facts: dict[str, Any] = {
            "match": self.facts.match,
            "charge_age_days": max(0, (self.facts.read_at - charge.created).days),
            "charge_state": _state(charge),
            "payment_kind": "card" if charge.method.kind == "card" else "other",
            "other_payer": not self._paid_by_requester(charge),
            "connect": charge.connect,
        }
        if self.facts.match != "by_order":
            facts["pays_invoice"] = self.facts.invoice_of(charge) is not None
        return facts

    def _paid_by_requester(self, charge: Charge) -> bool:
        email = (self.facts.email() or "").lower()
        named = {address.lower() for address in (charge.billing_email, charge.receipt_email) if address}
        if named - {email}:
            return False
        if charge.payer and charge.payer in {payer.id for payer in self.facts.payers}:
            return self.facts.match in ("by_email", "guest_checkouts")
        return bool(email) and email in named

    def _contact_change(self, proposed: list[ProposedContactChange]) -> Ask:
        contact = self.facts.contact()
        if contact is None or self.handles.get(proposed[0].contact) != contact.id:
            raise Ungrounded("a change of contact details was asked for, but no single contact with this address "
                             "was found")
        changes = {one.field: _value(one) for one in proposed}
        if len(changes) < len(proposed):
            raise Ungrounded("two different values are given for the same detail")
        if foreign := [one.field for one in proposed if not self._said(one)]:
            named = ", ".join(name.replace("_", " ") for name in foreign)
            raise Ungrounded(f"the new {named} does not stand in the customer's own new message")
        if unreadable := set(changes) & set(contact.unreadable):
            raise Ungrounded(f"the contact's {', '.join(sorted(unreadable))} cannot be read, so it is not changed")
        if all(contact.values.get(name) == value for name, value in changes.items()):
            raise Ungrounded(f"the contact's {', '.join(changes)} already stand as asked")
        level, why = evidence.for_contact(self.facts, contact, self.sender)
        kind = str(CONTACT_DETAILS[proposed[0].field])
        action = ContactChange(contact=contact.id, changes=changes,
                               expected={name: contact.values.get(name) for name in changes})
        facts = {**self.common, "contact_field": kind, "evidence": str(level)}
        words = ", ".join(f"{name.replace('_', ' ')} to “{value}”" for name, value in changes.items())
        return Ask("contact_change", f"change the contact's {words}", self._quote(proposed[0].quote), action,
                   Proof(proven=None, words="the customer's own details"), None, level, why, facts, contact=contact)

    def _said(self, proposed: ProposedContactChange) -> bool:
        """The value stands in what the requester newly wrote: not in a quote, and not in anybody else's message.

        A yes or no to our mailings has no such value: there their own words must ask for it.
        """
        value = _value(proposed)
        if isinstance(value, bool):
            return self._asks_of_mailings(value, proposed.quote)
        said = "\n".join(self.new_words)
        if CONTACT_DETAILS[proposed.field] is ContactDetail.PHONE and _numbered(value, said):
            return True
        words = _plain(value)
        return bool(words) and re.search(rf"(?<!\w){re.escape(words)}(?!\w)", _plain(said)) is not None

    def _asks_of_mailings(self, none: bool, quote: str) -> bool:
        """The quote is the customer's and asks for it, and nothing else that they newly wrote says otherwise."""
        words, asks = _plain(quote), mailings.OPT_OUT if none else mailings.OPT_IN
        own = any(words in _plain(text) for text in self.own)
        return bool(words) and own and bool(asks.search(quote)) and mailings.spared("\n".join(self.own)) is none

    def _status(self, proposed: ProposedStatusAnswer) -> Ask:
        charge = _counted(self._charge(proposed.charge) if proposed.charge else self._asked_after())
        sender = self._sender(lambda new: new.status or new.payment_status)
        level, why = evidence.for_refund(self.facts, charge, sender)
        facts = {**self.common, **self._charge_facts(charge), "evidence": str(level)}
        ask = Ask("status_answer", f"say where the money of charge {charge.id} is", self._quote(proposed.quote), None,
                  Proof(proven=None, words="nothing is claimed"), None, level, why, facts, charge=charge,
                  contact=self.facts.contact())
        _under_way(charge, ask.summary())
        return ask

    def _asked_after(self) -> Charge:
        """The payment meant where none is named: of the order in question, with a refund before one without."""
        order, key = self.facts.order, self.choices.payments.order_metadata_key
        fitting = [one for one in self.facts.charges if not order or one.metadata.get(key, order) == order]
        candidates = [one for one in fitting if one.refunds] or fitting
        if len(candidates) != 1:
            raise Ungrounded(WHICH_REFUND)
        return candidates[0]

    def _flags(self) -> frozenset[str] | None:
        """vip, fraud, legal_hold where the admin says they stand; None (unknown) when a place could not be read."""
        flags: set[str] = set()
        contacts = self.facts.contacts or ()
        read = {payer.id for payer in self.facts.payers}
        for name, place in self.choices.flags.model_dump().items():
            if not place:
                continue
            vendor, _, where = place.partition(":")
            if vendor == "zendesk":
                if self.facts.conversation.ticket.vendor() != vendor:
                    return None  # such a flag stands on Zendesk's tickets alone
                tag = where.removeprefix("tag:")
                requester = self.facts.conversation.requester()
                has = tagged((*self.facts.conversation.ticket.tags, *(requester.tags if requester else ())), [tag])
            elif vendor == "stripe":
                if any(charge.payer and charge.payer not in read for charge in self.facts.charges):
                    return None  # found by its order number, under a customer record that was not read
                has = any(flagged(p.metadata.get(where.removeprefix("metadata:"))) for p in self.facts.payers)
            else:
                if self.facts.contacts is None or any(contact.flags_unreadable for contact in contacts):
                    return None
                has = any(name in contact.flags for contact in contacts)
            if has:
                flags.add(name)
        return frozenset(flags)


def _counted(charge: Charge) -> Charge:
    """Raises Ungrounded where nothing is sent, or told to a customer, in the charge's currency."""
    if not charge.money.counted:
        raise Ungrounded(f"Deskhand does not count in {charge.money.currency}, in which {charge.id} was paid")
    return charge


def latest_refund(charge: Charge) -> PaidRefund | None:
    return max(charge.refunds, key=lambda refund: refund.created, default=None)


def _under_way(charge: Charge, ask: Summary) -> None:
    """Raises Ungrounded where no refund of this charge has gone or is going to the customer."""
    last = latest_refund(charge)
    if last is None and charge.refunds_complete:
        raise Ungrounded(f"no refund was ever made on {charge.money} {charge.id}",
                         Found(ask=ask, charge=charge.id, cause="not_refunded"))
    if last is None or last.status not in ("succeeded", "pending", *NOT_ARRIVED):
        raise Ungrounded("the customer asks where the money is, and no refund is under way that could be told of")
    if last.status in NOT_ARRIVED:
        how, cause = NOT_ARRIVED[last.status]
        raise Ungrounded(f"refund {last.id} of {last.money}, made on {last.created:%d %b %Y}, {how}",
                         Found(ask=ask, charge=charge.id, cause=cause))


def _state(charge: Charge) -> str:
    if charge.disputed:
        return "disputed"
    if charge.status != "succeeded":
        return "failed"
    if charge.captured.amount == 0:
        return "uncaptured"
    if charge.refunded.amount >= charge.captured.amount:
        return "refunded"
    return "part_refunded" if charge.refunded.amount or charge.refunds else "paid"


def _plain(text: str) -> str:
    """The words alone, an accent as one sign with its letter, however it was typed."""
    composed = unicodedata.normalize("NFC", DIRECTION.sub("", text).casefold())
    return " ".join(re.sub(r"[^\w@.+]+", " ", composed).split())


def _numbered(value: str, said: str) -> bool:
    """The same digits were written as one number, however it was separated; "+49" and "0049" are the same."""
    digits = re.sub(r"\D", "", value)
    if any(sign.isalpha() for sign in value) or len(digits) < 6:
        return False
    wanted = {digits, f"00{digits}"} if value.startswith("+") else {digits}
    written = WITH_SEPARATORS.findall(DIRECTION.sub("", said))
    return any(_joined(re.findall(r"\d+", number), wanted) for number in written)


def _joined(parts: list[str], wanted: set[str]) -> bool:
    """Some of these parts, one after the other and each whole, make a number that is wanted."""
    longest = max(map(len, wanted))
    for first in range(len(parts)):
        joined = ""
        for part in parts[first:]:
            joined += part
            if joined in wanted:
                return True
            if len(joined) > longest:
                break
    return False


def _known(value: str, words: set[str]) -> str:
    return value if value in words else "other"


def _value(proposed: ProposedContactChange) -> str | bool:
    text = " ".join(DIRECTION.sub("", proposed.value).split())
    if proposed.field is ContactField.OPT_OUT:
        if text.lower() not in ("yes", "no"):
            raise Ungrounded("it is not clear whether the customer wants our mail or not")
        return text.lower() == "yes"
    if not text or len(text) > LONGEST_VALUE.get(proposed.field, 40) or UNWRITABLE.search(text):
        raise Ungrounded(f"the new {proposed.field} cannot be used as it was written")
    digits = sum(ch.isdigit() for ch in text)
    if CONTACT_DETAILS[proposed.field] is ContactDetail.PHONE and not 6 <= digits <= 15:
        raise Ungrounded(f"“{text}” does not look like a telephone number")
    return text
