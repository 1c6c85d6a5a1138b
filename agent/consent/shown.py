"""What a colleague sees of a ticket: these models are the API's answers, and its written contract."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from agent.consent.waits import Whom
from agent.policy import Role
from connectors.contract import Money

Status = Literal["idle", "shadow", "waiting", "working", "done", "answered", "handed_over", "refused", "paused", "held",
                 "taken_over"]


class Shown(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Sum(Shown):
    """An amount of money."""

    minor: int = Field(description="In the currency's smallest unit.")
    currency: str
    words: str = Field(description="As people write it: USD 47.00.")

    @classmethod
    def of(cls, money: Money) -> Sum:
        return cls(minor=money.amount, currency=money.currency, words=str(money))


class Me(Shown):
    """Who is looking, as the helpdesk last said."""

    name: str
    role: Role | None = Field(description="What they may approve; null for who may only look.")
    admin: bool = Field(description="May pause and resume.")


class Card(Shown):
    """One action that waits for somebody's yes."""

    wait: int
    digest: str = Field(description="Of exactly what is shown; an answer must name it.")
    kind: str
    title: str
    details: tuple[str, ...] = Field(description="What would be done, to what.")
    charge: str | None = Field(description="The payment it is about, by the vendor's number.")
    whose: str = Field(description="The customer, with their e-mail address masked.")
    amount: Sum | None
    lowest: Sum | None = Field(description="The least and the most that I may approve of it; null for nothing.")
    highest: Sum | None
    claim: str | None
    proven: bool | None
    why_proven: str
    quote: str = Field(description="The customer's own words.")
    evidence: str = Field(description="How sure it is who asks, and why.")
    missing: tuple[str, ...] = Field(description="What was not known, and so counted as a match.")
    rule: tuple[str, ...] = Field(description="The rules that decided, the strictest first.")
    risk: str
    can_be_undone: bool
    undo: str
    on_no: str
    on_timeout: str
    reply_preview: str
    for_whom: Whom
    for_whom_words: str
    approved_by: str | None = Field(description="Who has approved it already, where a second yes is needed.")
    wrote_again: bool = Field(description="The customer has written since, without asking for anything else.")
    may_i: bool = Field(description="I may approve the whole of it; for less, see `highest`.")
    may_decline: bool
    why_not: str | None
    expires_at: datetime
    waiting_since: datetime


class Undoing(Shown):
    possible: bool
    words: str
    digest: str | None = Field(description="Of the receipt; an undo must name it.")


class Done(Shown):
    """One thing that was done, as its receipt says."""

    operation: str
    title: str
    words: str
    state: Literal["done", "undone"]
    at: datetime
    by: tuple[str, ...] = Field(description="Who agreed; empty when nobody had to.")
    receipt: str | None = Field(description="What proves it, by the vendor's number.")
    undo: Undoing


class Payment(Shown):
    charge: str
    amount: Sum
    date: datetime
    state: str
    refunded: Sum | None
    method: str


class CrmContact(Shown):
    id: str
    name: str
    account: str | None
    phone: str | None
    mobile: str | None


class Customer(Shown):
    """The requester, as the vendors' books had them when the ticket was last planned."""

    name: str
    email: str | None
    match_words: str
    payments: tuple[Payment, ...]
    contact: CrmContact | None
    read_at: datetime


class TrailEntry(Shown):
    at: datetime
    words: str
    facts: dict[str, Any] | None
    step: bool = Field(description="A machine's step on the way, for who wants to know everything.")
    times: int = Field(description="How often in a row; `at` is the last time.")


class ShadowItem(Shown):
    """What Deskhand would have done where it only watches."""

    title: str
    words: str
    quote: str
    rule: tuple[str, ...] = Field(description="The rules that decided.")
    claim: str | None
    proven: bool | None
    why_proven: str


class State(Shown):
    """One ticket at a glance."""

    ticket: str
    link: str
    status: Status
    words: str = Field(description="The status in a sentence; what cards, done and shadow tell is not said again.")
    mode: str
    taken: datetime | None = Field(None, description="Since when a colleague has it who took it over here.")
    paused: str | None
    paused_digest: str | None = Field(None, description="Of what is paused; resume must name it.")
    me: Me
    cards: tuple[Card, ...] = ()
    done: tuple[Done, ...] = ()
    customer: Customer | None = None
    trail: tuple[TrailEntry, ...] = ()
    shadow: tuple[ShadowItem, ...] = ()
    untranslated: tuple[str, ...] = Field((), description="Texts above that stand in English where another language "
                                                          "was asked for.")
    digest: str = Field("", description="Of all the rest: run, take over and give back must name it; also the ETag.")


class WaitingItem(Shown):
    """An approval that is waited for, or an operation that a person must look at."""

    what: Literal["approval", "held"]
    ticket: str
    link: str
    title: str
    for_whom_words: str
    may_i: bool
    since: datetime
    expires_at: datetime | None


class Waiting(Shown):
    items: tuple[WaitingItem, ...]
    more: bool = Field(description="There are more than are listed, or than this colleague's sight was asked for.")
    untranslated: tuple[str, ...] = ()
