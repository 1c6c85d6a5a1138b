"""The one catalogue of facts a policy can test: name, kind, values, and a sentence for people.

Money is whole minor units of the fact `currency`. A fact that is not given, None, or the word "unknown" is missing, and
a missing fact counts as a match: every test on it holds. Each fact says here when it is missing. In general: vendor
facts are missing when the vendor could not be read; what was read and found absent is known (`crm_match` is "none" in
an installation without a CRM, `flags` is empty for a customer without flags); a set is known whole or not at all.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping
from enum import StrEnum
from typing import Any, Literal

from babel.numbers import list_currencies
from pydantic import BaseModel, ConfigDict

from agent.proposal import Category, Claim, Confidence, Signal
from connectors.contract import ContactField
from connectors.money import REFUSED

FactValue = str | int | bool | Collection[str] | None
Kind = Literal["enum", "set", "bool", "int", "money"]

ACTIONS: Mapping[str, bool] = {"refund": True, "contact_change": False, "status_answer": False}
"""The actions a policy decides about, and whether they have an amount (then `limits` grant, otherwise `allow`)."""

MOST: Mapping[Kind, int] = {"money": 10**13, "int": 10**6}
"""Above this a number is usually a mistake of ours or of a vendor, and no fact."""

INCLUDES: Mapping[str, tuple[str, ...]] = {
    "customer_day_total": ("amount",), "customer_30d_total": ("amount", "customer_day_total"),
    "desk_day_total": ("amount", "customer_day_total"), "customer_30d_refunds": ("customer_day_refunds",),
}
"""Per total, what it includes and so cannot be smaller than; every total includes the refund being decided."""


class ContactDetail(StrEnum):
    """The values of `contact_field`."""

    PHONE = "phone"
    NAME = "name"
    OPT_OUT = "opt_out"
    POSTAL_ADDRESS = "postal_address"
    EMAIL = "email"


class Fact(BaseModel):
    """One thing known about a ticket when it is decided."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    kind: Kind
    words: str
    missing: str
    """When it is not known, in words."""
    domain: frozenset[str] | None = None
    """The values of an enum or set; None when any text may stand there (compared as `fold` has it)."""
    pattern: str | None = None
    """What a text in the policy must look like, where there is no domain."""
    actions: frozenset[str] = frozenset(ACTIONS)
    """The actions it is known for; a rule about another action cannot test it."""
    least: int = 0
    most: int = 0
    """Of a number: above this it is a mistake."""


class NotThisFact(ValueError):
    """A value that this fact cannot have; the message names the fact and never the value."""


REFUND = frozenset({"refund"})
PAYMENT = frozenset({"refund", "status_answer"})
CHANGES = frozenset({"refund", "contact_change"})
CONTACT = frozenset({"contact_change"})

NEVER = "never: Deskhand knows it by itself"
NO_CHARGE = "the charge could not be read, or it is not clear which one is meant"
NO_LEDGER = "the ledger's counters could not be read"
NO_PLAN = "the planner gave none"


def _enum(name: str, values: Iterable[str] | None, words: str, missing: str, **more: Any) -> Fact:
    return Fact(name=name, kind="enum", domain=_domain(values), words=words, missing=missing, **more)


def _set(name: str, values: Iterable[str] | None, words: str, missing: str) -> Fact:
    return Fact(name=name, kind="set", domain=_domain(values), words=words, missing=missing)


def _domain(values: Iterable[str] | None) -> frozenset[str] | None:
    return None if values is None else frozenset(str(value) for value in values)


def _bool(name: str, words: str, missing: str, **more: Any) -> Fact:
    return Fact(name=name, kind="bool", words=words, missing=missing, **more)


def _int(name: str, words: str, missing: str, **more: Any) -> Fact:
    return Fact(name=name, kind="int", words=words, missing=missing, **{"most": MOST["int"], **more})


def _money(name: str, words: str, missing: str, **more: Any) -> Fact:
    return Fact(name=name, kind="money", words=words, missing=missing, actions=REFUND, most=MOST["money"], **more)


FACTS: Mapping[str, Fact] = {fact.name: fact for fact in (
    _enum("currency", set(list_currencies()) - REFUSED, "The currency of the refund.", NO_CHARGE, actions=REFUND),
    _money("amount", "What would be refunded.", "the ask names no amount that could be read", least=1),
    _enum("claim", Claim, "Why the customer says the money is owed.", NO_PLAN, actions=REFUND),
    _bool("claim_proven", "The payment provider's own books prove the claim.",
          "the charges it would be proven from could not all be read", actions=REFUND),
    _enum("evidence", ("E0", "E1", "E2", "E3", "E4"), "How sure we are who is asking, E0 to E4.",
          "a record the level rests on could not be read"),
    _enum("match", ("by_order", "by_email", "guest_checkouts", "ambiguous", "none"),
          "How the payer was found.", "the payment provider could not be read", actions=PAYMENT),
    _money("customer_day_total", "Unattended refunds to this customer today, this one included.", NO_LEDGER),
    _money("customer_30d_total", "Unattended refunds to this customer in 30 days, this one included.", NO_LEDGER),
    _int("customer_day_refunds", "How many unattended refunds this customer had today, this one included.",
         NO_LEDGER, actions=REFUND, least=1),
    _int("customer_30d_refunds", "How many unattended refunds this customer had in 30 days, this one included.",
         NO_LEDGER, actions=REFUND, least=1),
    _money("desk_day_total", "All unattended refunds of the desk today, this one included.", NO_LEDGER),
    _int("desk_day_home", "All unattended refunds of the desk today in any currency, this one included, in whole units "
         "of the home currency, rounded up.", NO_LEDGER + ", or deskhand.toml has no rate for a currency among them",
         actions=REFUND, least=1, most=MOST["money"]),
    _int("charge_age_days", "Whole days since the charge was made.", NO_CHARGE, actions=PAYMENT),
    _enum("charge_state", ("paid", "part_refunded", "refunded", "disputed", "uncaptured", "failed"),
          "What became of the charge.", NO_CHARGE, actions=PAYMENT),
    _enum("payment_kind", ("card", "other"), "How the charge was paid.", NO_CHARGE, actions=PAYMENT),
    _bool("other_payer", "Someone else than the requester paid the charge.", NO_CHARGE, actions=PAYMENT),
    _bool("pays_invoice", "The charge pays an invoice.", "the invoices could not be read", actions=PAYMENT),
    _bool("connect", "The charge carries a transfer or fee of a connected account.", NO_CHARGE, actions=PAYMENT),
    _bool("exceeds_remaining", "More is asked than is left on the charge.", NO_CHARGE, actions=REFUND),
    _bool("same_again", "The same was done on this ticket already, or another ticket refunded this charge within "
          "30 days.", "the ledger could not be read", actions=CHANGES),
    _bool("older_money_ticket", "The requester has an older open ticket about money.", "the ledger could not be read"),
    _int("other_open_tickets", "How many other open tickets the requester has in scope.", NO_LEDGER),
    _set("flags", ("vip", "fraud", "legal_hold"), "What the company's records say about the customer.",
         "a place where flags stand could not be read"),
    _set("signals", Signal, "What in the message calls for a person.", NO_PLAN),
    _enum("channel", ("email", "web", "api", "chat", "phone", "social", "other"), "How the ticket came in.",
          NEVER + "; a channel without a name here is other"),
    _enum("brand", None, "The helpdesk brand of the ticket.", NEVER + "; without brands it is none"),
    _set("tags", None, "The ticket's tags.", "the helpdesk did not say"),
    _enum("language", None, "The customer's language, a two-letter ISO code.", NO_PLAN, pattern=r"[a-z]{2}"),
    _enum("category", Category, "What the ticket is about.", NO_PLAN),
    _enum("contact_field", ContactDetail, "Which contact detail would be changed.",
          "one change touches several of them", actions=CONTACT),
    _bool("order_mentioned", "The ticket mentions an order or a parcel.", NEVER),
    _bool("recent_contact_change", "Contact details changed within 30 days, or would on this ticket beside a refund.",
          "the records could not be read; a CRM that keeps no field history counts as unchanged"),
    _enum("crm_match", ("match", "mismatch", "none"), "Whether the CRM's contact agrees with the payer.",
          "the CRM could not be read"),
    _enum("planner", ("model", "rules"), "Who read the ticket.", NEVER),
    _enum("planner_confidence", Confidence, "How sure the planner is that it read the message rightly.", NO_PLAN),
    _int("attempts", "How often Deskhand has tried an action of this kind on this ticket before.",
         "the ledger could not be read", actions=CHANGES),
    _bool("several_asks", "The ticket asks for more than one thing.", NO_PLAN),
    _bool("business_hours", "It is within the desk's opening hours.", "no opening hours are set"),
)}


CONTACT_DETAILS: Mapping[ContactField, ContactDetail] = {
    ContactField.PHONE: ContactDetail.PHONE,
    ContactField.MOBILE: ContactDetail.PHONE,
    ContactField.FIRST_NAME: ContactDetail.NAME,
    ContactField.LAST_NAME: ContactDetail.NAME,
    ContactField.OPT_OUT: ContactDetail.OPT_OUT,
    ContactField.STREET: ContactDetail.POSTAL_ADDRESS,
    ContactField.CITY: ContactDetail.POSTAL_ADDRESS,
    ContactField.POSTAL_CODE: ContactDetail.POSTAL_ADDRESS,
    ContactField.STATE: ContactDetail.POSTAL_ADDRESS,
    ContactField.COUNTRY: ContactDetail.POSTAL_ADDRESS,
    ContactField.EMAIL: ContactDetail.EMAIL,
}


def contact_detail(fields: Iterable[ContactField]) -> ContactDetail | None:
    """The fact `contact_field` of one change; None (missing, so every rule on it holds) when it touches several."""
    details = {CONTACT_DETAILS[field] for field in fields}
    return details.pop() if len(details) == 1 else None


Known = dict[str, Any]
"""Facts that are known, by name: str, int, bool or frozenset."""


MISSING = "unknown"
"""The word for a fact that is missing, however it is written: so a brand of that name is never known."""


def fold(text: str) -> str:
    """A free text as it is compared: without regard to case, to width, and to how an accent was typed."""
    if text.isascii():
        return text.casefold()
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def known(facts: Mapping[str, FactValue]) -> Known:
    """The facts that are not missing, checked. Raises NotThisFact for an unknown name, a wrong type or range."""
    found: Known = {}
    for name, value in facts.items():
        read = _READ.get(name)
        if read is None:
            raise NotThisFact("a fact was given that is not in the catalogue")
        if value is not None and value != MISSING and (said := read(value)) != MISSING:
            found[name] = said
    _count_this_one(found)
    return found


def _count_this_one(found: Known) -> None:
    """A total smaller than something it includes is read as that."""
    for total, parts in INCLUDES.items():
        if total in found:
            for part in parts:
                if part in found and found[part] > found[total]:
                    found[total] = found[part]


def plain(facts: Mapping[str, FactValue]) -> dict[str, Any]:
    """Facts as JSON can hold them: a set as a sorted list."""
    return {name: sorted(value) if isinstance(value, set | frozenset) else value for name, value in facts.items()}


def _reader(fact: Fact) -> Callable[[Any], Any]:
    return {"enum": _text_reader, "set": _set_reader, "bool": _bool_reader, "int": _number_reader,
            "money": _number_reader}[fact.kind](fact)


def _text_reader(fact: Fact) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if not isinstance(value, str):
            raise NotThisFact(f"{fact.name} is not a text")
        if fact.domain is None:
            return fold(value)
        if value not in fact.domain:
            raise NotThisFact(f"{fact.name} has a value it cannot have")
        return value
    return read


def _set_reader(fact: Fact) -> Callable[[Any], frozenset[str]]:
    def read(value: Any) -> frozenset[str]:
        if not isinstance(value, frozenset | set | tuple | list) or not all(isinstance(one, str) for one in value):
            raise NotThisFact(f"{fact.name} is not a set of texts")
        if fact.domain is None:
            return frozenset(fold(one) for one in value)
        members = frozenset(value)
        if not members <= fact.domain:
            raise NotThisFact(f"{fact.name} has a value it cannot have")
        return members
    return read


def _bool_reader(fact: Fact) -> Callable[[Any], bool]:
    def read(value: Any) -> bool:
        if value is True or value is False:
            return bool(value)
        raise NotThisFact(f"{fact.name} is neither true nor false")
    return read


def _number_reader(fact: Fact) -> Callable[[Any], int]:
    least, most = fact.least, fact.most

    def read(value: Any) -> int:
        if type(value) is int:
            if least <= value <= most:
                return value
            raise NotThisFact(f"{fact.name} is out of range")
        raise NotThisFact(f"{fact.name} is not a whole number")
    return read


_READ: Mapping[str, Callable[[Any], Any]] = {name: _reader(fact) for name, fact in FACTS.items()}
